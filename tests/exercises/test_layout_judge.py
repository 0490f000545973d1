"""Naming the layout of a text."""

from __future__ import annotations

from typing import Any

import pytest

from matcalc.exercises import for_notebook
from matcalc.exercises.tasks import Task

ONE, TWO, *_, MIXED = for_notebook("00")


@pytest.mark.parametrize(
    ("task", "answer"),
    [(ONE, "numerator"), (ONE, "Numerator layout"), (ONE, ' "numerator-layout".'), (TWO, "denominator"), (MIXED, "MIXED")],
)
def test_the_right_word_is_taken(task: Task, answer: str) -> None:
    assert task.check(answer).ok


@pytest.mark.parametrize(
    ("task", "answer", "kind", "message"),
    [
        (ONE, "denominator", "other-layout", "2 fail in denominator layout"),
        (ONE, "mixed", "wrong-layout", "1 fails in mixed layout"),
        (ONE, "contradictory", "wrong-layout", "every line holds"),
        (TWO, "numerator", "other-layout", "2 fail in numerator layout"),
        (MIXED, "denominator", "wrong-layout", "1 fails in denominator layout"),
        (ONE, "numerator and denominator", "unreadable", "one of the words"),
        (ONE, "", "empty", "Write an answer"),
        (ONE, 1, "unreadable", "one of the words"),
    ],
)
def test_other_words_are_refused_with_their_kind(task: Task, answer: Any, kind: str, message: str) -> None:
    found = task.check(answer)
    assert (found.ok, found.kind) == (False, kind), found
    assert message in found.message
