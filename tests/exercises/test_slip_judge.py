"""Naming the line of a slip, its kind, and the line as it should be."""

from __future__ import annotations

from typing import Any

import pytest

from matcalc.exercises import task
from matcalc.exercises.tasks import Task

LAYER, LAYERS, STEPS = task("10.1"), task("10.2"), task("10.4")


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (LAYER, 2), (LAYER, "2"), (LAYER, "Line 2"), (LAYER, 2.0), (LAYER, (2, "transpose")), (LAYER, [2, None]),
        (LAYER, {"line": 2, "kind": "transpose", "repaired": r"W^\top \frac{\partial C}{\partial z}"}),
        (LAYER, (2, None, r"\frac{\partial C}{\partial x} = W^\top (z - y)")), (LAYERS, (2, "derivative-of-function")), (STEPS, 3),
        (STEPS, (3, None, r"f'(z^{(1)}) \odot ((W^{(2)})^\top (f'(z^{(2)}) \odot \frac{\partial C}{\partial a^{(2)}}))")),
        (LAYER, (2, None, r"\nabla_x C = W^\top \frac{\partial C}{\partial z} = W^⊤ (z − y)")),
    ],
)  # fmt: skip
def test_right_answers_are_taken(given: Task, answer: Any) -> None:
    assert given.check(answer).ok, given.check(answer)


@pytest.mark.parametrize(
    ("given", "answer", "kind", "message"),
    [
        (LAYER, 3, "wrong-line", "Line 3 holds"),
        (STEPS, 4, "wrong-line", "Line 4 follows from the line before it"),
        (LAYER, 5, "unreadable", "1 to 4"),
        (LAYER, 0, "unreadable", "1 to 4"),
        (LAYER, "second", "unreadable", "1 to 4"),
        (LAYER, None, "unreadable", "1 to 4"),
        (LAYER, True, "unreadable", "1 to 4"),
        (LAYER, (2, 3), "unreadable", "1 to 4"),
        (LAYER, (2, "sign"), "wrong-kind", "the kind of the slip is not"),
        (LAYER, (2, "typo"), "wrong-kind", "Kinds are order"),
        (LAYER, (3, "transpose"), "wrong-line", "Line 3 holds"),
        (LAYER, (2, None, r"W \frac{\partial C}{\partial z}"), "transpose", "W is (m, n)"),
        (LAYER, (2, None, r"\frac{\partial C}{\partial x}"), "unsolved", "has yet to be worked out"),
        (LAYER, (2, None, "q"), "unknown-symbol", "q"),
        (LAYER, (2, "transpose", r"\frac{\partial C}{\partial W} = W^\top (z-y)"), "left-side", "That of the line is dC/dx"),
        (LAYER, (2, "transpose", r"W (z-y) = W^\top (z-y)"), "left-side", "That of the line is dC/dx"),
        (LAYER, (2, "transpose", r"\frac{\partial C}{\partial x} = W (z-y) = W^\top (z-y)"), "transpose", "W is (m, n)"),
        (LAYER, (2, "transpose", r"\frac{\partial C}{\partial x} = W^\top (z-y) = W (z-y)"), "transpose", "W is (m, n)"),
        (LAYER, (2, "transpose", r"2\nabla_x C-\nabla_x C"), "unsolved", "has yet to be worked out"),
        (LAYER, (2, "transpose", r"\frac{\partial C}{\partial x} + 0 x"), "unsolved", "has yet to be worked out"),
        (LAYER, (2, None, "W ⊗ W ⊗ W ⊗ W ⊗ W"), "unreadable", "more than 3 Kronecker products"),
        (LAYER, (2, None, "W" * 100), "unreadable", "at most 40 are read"),
        (LAYER, (2, None, r"W^\top W " * 13 + "x"), "wrong-value", "value is another one"),
    ],
)
def test_wrong_answers_are_refused_with_their_kind(given: Task, answer: Any, kind: str, message: str) -> None:
    found = given.check(answer)
    assert (found.ok, found.kind) == (False, kind), found
    assert message in found.message
