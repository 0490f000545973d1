"""Orders of factors under letters."""

from __future__ import annotations

from functools import reduce
from itertools import permutations, product
from operator import matmul
from typing import Any

import pytest

import matcalc as mc
from matcalc.exercises.asked import Asked
from matcalc.exercises.making import letters_of
from matcalc.exercises.order_judge import OrderJudge
from matcalc.networks import Network

NET = Network(widths=(2, 3, 5), activation="f")
ASKED = Asked(NET.cost, NET.a[1], "denominator")  # dz^(2)/da^(1) · da^(2)/dz^(2) · dC/da^(2)
SAME = OrderJudge(ASKED, letters_of(ASKED, ["denominator"] * 3, [1, 2, 0]))
SQUARE = mc.matrix("S", "n", "n")
OTHER = OrderJudge(ASKED, letters_of(ASKED, ["numerator", "denominator", "numerator"], [1, 2, 0]))


@pytest.mark.parametrize(
    ("judge", "answer"),
    [
        (SAME, "F_2 F_1 F_3"), (SAME, "F2 @ F1 @ F3"), (SAME, ["F_2", "F_1", "F_3"]), (SAME, "F_2 F_1^T F_3"),
        (SAME, r"\mathbf{F}_2 \mathbf{F}_1^{\top} \mathbf{F}_3"), (SAME, "(F_3^T F_1 F_2^T)^T"),
        (SAME, [("F_2", False), ("F_1", True), "F_3"]),
        (SAME, r"\frac{\partial C}{\partial a^{(1)}} = F_{2} \cdot F_{1} \cdot F_{3}"), (SAME, ("F_2", "F_1.T", "F_3")),
        (SAME, SAME.names["F_2"] @ SAME.names["F_1"] @ SAME.names["F_3"]),
        (SAME, "F_2 F_1' F_3"), (SAME, "(F_3' F_1 F_2')'"), (SAME, "['F_2', 'F_1', 'F_3']"), (SAME, "'F_2', \"F_1'\", 'F_3'"),
        (SAME, "F_2''F_1F_3"), (SAME, ["F_2", "F_1'", "F_3"]), (SAME, "F₂ F₁ᵀ F₃"), (SAME, "(" * 30 + "F_2 F_1 F_3" + ")" * 30),
        (SAME, r"F_2 F_1 F_3 = F_2 F_1^T F_3 = \frac{\partial C}{\partial a^{(1)}}"), (OTHER, "F_2' F_1 F_3'"),
        (OTHER, "F_2^T F_1 F_3^T"), (OTHER, (OTHER.names["F_3"] @ OTHER.names["F_1"] @ OTHER.names["F_2"]).T),
    ],
)  # fmt: skip
def test_every_right_order_is_taken(judge: OrderJudge, answer: Any) -> None:
    assert judge.judged(answer).ok, judge.judged(answer)


@pytest.mark.parametrize(
    ("judge", "answer", "kind", "message"),
    [
        (SAME, "F_1 F_2 F_3", "order", "F_1 has n_2 columns, F_2 has n_1 rows"),
        (SAME, "F_2^T F_1 F_3", "transpose", "F_2^T has n_1 columns, F_1 has n_2 rows"),
        (SAME, "F_3^T F_1 F_2^T", "other-layout", "1 x n_1, asked for is n_1 x 1"),
        (SAME, "F_2 F_1", "missing-factor", "2 of 3"),
        (SAME, "F_2 F_1 F_1 F_3", "extra-factor", "F_1 stands there more than once"),
        (SAME, "F_2 G F_3", "unknown-symbol", "F_1, F_2, F_3"),
        (SAME, "F_2 + F_1 F_3", "unreadable", "spaces between them"),
        (SAME, "(F_2 F_1 F_3", "unreadable", "never closed"),
        (SAME, "F_2' F_1 F_3", "transpose", "F_2^T has n_1 columns, F_1 has n_2 rows"),
        (SAME, "['F_1', 'F_2', 'F_3']", "order", "F_1 has n_2 columns"),
        (SAME, "F_1 F_2 F_3 = F_2 F_1 F_3", "left-side", "asked for is dC/da^(1)"),
        (SAME, "banana = F_2 F_1 F_3", "left-side", "asked for is dC/da^(1)"),
        (SAME, r"\frac{\partial C}{\partial z^{(1)}} = F_2 F_1 F_3", "left-side", "asked for is dC/da^(1)"),
        (SAME, r"\frac{\partial C}{\partial a^{(1)}} = F_1 F_2 F_3 = F_2 F_1 F_3", "order", "F_1 has n_2 columns"),
        (SAME, r"\frac{\partial C}{\partial a^{(1)}}", "unsolved", "has yet to be worked out"),
        (SAME, "F_2 × F_1 × F_3", "unreadable", "more than one product"),
        (SAME, "(" * 1500 + "F_2 F_1 F_3" + ")" * 1500, "unreadable", "at most 1000"),
        (SAME, "(" * 450 + "F_2 F_1 F_3" + ")" * 450, "unreadable", "in more than 40 others"),
        (SAME, ["(" * 450 + "F_2 F_1 F_3" + ")" * 450], "unreadable", "in more than 40 others"),
        (SAME, "[" * 450 + "]" * 450, "unreadable", "in more than 40 others"),
        (SAME, ["F_1"] * 10**6, "extra-factor", "More than 60 factors"),
        (SAME, reduce(matmul, [SQUARE] * 2000), "unreadable", "more than 60 factors"),
        (SAME, "", "unreadable", "empty"),
        (SAME, 7, "unreadable", "of the type int"),
        (SAME, [3, 1], "unreadable", "is no factor"),
        (SAME, SAME.names["F_2"] + SAME.names["F_2"], "unreadable", "no product"),
        (OTHER, "F_2 F_1 F_3", "transpose", "no product"),
    ],
)
def test_wrong_orders_are_refused_with_their_kind(judge: OrderJudge, answer: Any, kind: str, message: str) -> None:
    found = judge.judged(answer)
    assert (found.ok, found.kind) == (False, kind), found
    assert message in found.message


def test_what_fits_is_not_right_by_that() -> None:
    square = Network(widths=(3, 3, 3), activation="f")
    asked = Asked(square.cost, square.a[1], "denominator")
    judge = OrderJudge(asked, letters_of(asked, ["denominator"] * 3, [1, 2, 0]))
    right = judge.report.right
    assert sum(judge.judged(order).ok for order in _all_orders()) == right


def _all_orders() -> list[list[tuple[str, bool]]]:
    return [
        list(zip(names, turned, strict=True))
        for names in permutations(("F_1", "F_2", "F_3"))
        for turned in product((False, True), repeat=3)
    ]
