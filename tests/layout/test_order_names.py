"""The names of factors: what an order may be written with, and what is said of all else."""

from __future__ import annotations

import re
from typing import Any

import pytest

import matcalc as mc
from matcalc.errors import MatcalcError, UnknownNameError
from matcalc.layout.order_names import without_transpose
from matcalc.layout.order_report import OrdersReport

NET = mc.Network(widths=(3, 3, 3), activation="sigmoid", loss="half_mse")
D = mc.derive(NET.cost, NET.W[1], layout="denominator")
REPORT = mc.orders(NET.cost, NET.W[1], layout="denominator")
TRUE = ["da^(1)/dz^(1)", "dz^(2)/da^(1)", "da^(2)/dz^(2)", "dC/da^(2)", "dz^(1)/dW^(1)"]
ACCEPTED = (
    "An order is a list of all factors from left to right: each a name ('da^(1)/dz^(1)'), its transpose ('(da^(1)/dz^(1))^T' or "
    "('da^(1)/dz^(1)', True)), a Factor, or its position in the true product (0 to 4)."
)
FACTORS = (
    "The factors are da^(1)/dz^(1) (= diag(a^(1) ⊙ (1 - a^(1)))), dz^(2)/da^(1) (= W^(2)^T), "
    "da^(2)/dz^(2) (= diag(a^(2) ⊙ (1 - a^(2)))), dC/da^(2) (= (1/n_2) (a^(2) - y)), dz^(1)/dW^(1) (= x^T)."
)


@pytest.mark.parametrize(
    "order",
    [
        TRUE, tuple(TRUE), D.product.factors, [0, 1, 2, 3, 4], [0, "W^(2)^T", D.product.factors[2], "(1/n_2) (a^(2) - y)", " x^T "],
        [0, ("W^(2)", True), 2, "((1/n_2) (a^(2) - y))", "x.T"], [(0, True), (1, False), 2, 3, (("x"), True)],
        ["diag(a^(1) ⊙ (1 - a^(1)))", "W^(2)^\\top", 2, 3, "(x)^T"],
    ],
    ids=["names", "tuple", "Factor objects", "positions", "matrices", "transposes", "pairs", "LaTeX"],
)  # fmt: skip
def test_the_true_order_is_read(order: Any) -> None:
    row = REPORT.row(order)
    assert row.verdict.value == "right"
    assert [name for name, _ in row.factors] == TRUE


def test_factors_of_the_chain_stand_from_the_output() -> None:
    row = REPORT.row(D.factors)
    assert row.product == "dC/da^(2) da^(2)/dz^(2) dz^(2)/da^(1) da^(1)/dz^(1) dz^(1)/dW^(1)"
    assert row.verdict.value == "does not fit"


def test_a_matrix_without_its_transpose_is_the_transposed_factor() -> None:
    assert REPORT.row([0, "W^(2)", 2, 3, 4]).factors[1] == ("dz^(2)/da^(1)", True)
    assert REPORT.row([0, "(W^(2)^T)^T", 2, 3, 4]).product == REPORT.row([0, ("W^(2)^T", True), 2, 3, 4]).product


@pytest.mark.parametrize("order", [5, None, {"da^(1)/dz^(1)": 1}, D.product, 2.5], ids=repr)
def test_what_is_no_order(order: Any) -> None:
    with pytest.raises(MatcalcError, match="^" + re.escape(f"{order!r} is not an order. {ACCEPTED}")):
        REPORT.row(order)


@pytest.mark.parametrize("entry", [5, -1, True, None, 1.5, [0, 1], ("W^(2)", 1), ((0, True), True), NET.x], ids=repr)
def test_what_is_no_factor(entry: Any) -> None:
    with pytest.raises(MatcalcError, match="^" + re.escape(f"{entry!r} is not a factor. {ACCEPTED}")):
        REPORT.row([entry, 1, 2, 3, 4])


def test_an_unknown_name_lists_the_factors_with_their_matrices() -> None:
    with pytest.raises(UnknownNameError, match="^" + re.escape(f"No factor is named 'q'. {FACTORS}") + "$"):
        REPORT.row(["q", 1, 2, 3, 4])
    told = f"No factor is named 'W^(1)'. Did you mean W^(2)^T or dz^(1)/dW^(1)? {FACTORS}"
    with pytest.raises(UnknownNameError, match="^" + re.escape(told) + "$"):
        REPORT.row(["W^(1)^T", 1, 2, 3, 4])
    with pytest.raises(UnknownNameError, match=r"^No factor is named ''\. "):
        REPORT.row(["", 1, 2, 3, 4])


def test_what_is_missing_or_stands_too_often() -> None:
    with pytest.raises(MatcalcError, match=re.escape(f"dz^(2)/da^(1) stands too often, the product holds 1 of it. {FACTORS}")):
        REPORT.row([0, 1, "W^(2)^T", 3, 4])
    with pytest.raises(MatcalcError, match=re.escape(f"Missing: dC/da^(2). An arrangement holds every factor. {FACTORS}")):
        REPORT.row([0, 1, 2, 4])


def test_a_matrix_that_stands_twice() -> None:
    W, A, x = mc.matrix("W", "n", "n"), mc.matrix("A", "n", "n"), mc.vector("x", "n")
    z = mc.let("z", W.T @ mc.let("t", A @ mc.let("u", W @ x)))
    report = mc.orders(z, x, layout="numerator")
    assert report.factors == ("dz/dt", "dt/du", "du/dx")
    orders: list[list[Any]] = [["W^T", "A", "W"], ["(W)^T", 1, "W"], [("W", True), "dt/du", 2]]
    for order in orders:
        assert report.row(order).verdict.value == "right"
    assert [report.row(order).verdict.value for order in (["W", "A", "W^T"], ["W", "A", "W"])] == ["wrong value"] * 2


def listed(*factors: tuple[str, int, int]) -> OrdersReport:
    return mc.orders(list(factors), target=(3, 3), layout="numerator")


def test_a_list_with_a_matrix_and_its_transpose() -> None:
    report = listed(("W^T", 3, 3), ("A", 3, 3), ("W", 3, 3))
    assert [report.row(order).product for order in (["W", "A", "W"], ["W^T", "A", "W^T"])] == ["W A W", "W^T A W^T"]
    assert report.row([2, 1, 0]).product == "W A W^T"
    with pytest.raises(MatcalcError, match=r"W\^T stands too often, the product holds 2 of it\. The factors are W\^T, A, W\."):
        report.row(["W^T", "W^T", "W^T"])
    twice = listed(("A", 3, 3), ("A", 3, 3), ("B", 3, 3))
    assert twice.row(["A", 0, "B"]).verdict.value == "right"
    with pytest.raises(MatcalcError, match=r"^Position 0, A, stands too often\. The factors are A, A, B\."):
        twice.row([0, 0, "B"])


@pytest.mark.parametrize(
    ("text", "name", "turned"),
    [
        ("W", "W", False), ("W^T", "W", True), ("W.T", "W", True), ("W^{T}", "W", True), ("W^\\top", "W", True), ("(W^T)^T", "W", False),
        ("(dz/da)^T", "dz/da", True), ("dC/da^T", "dC/da^T", False), ("(a)(b)", "(a)(b)", False), ("(a) (b)^T", "(a) (b)^T", False),
        ("^T", "^T", False), ("W^(2)^T", "W^(2)", True), ("T", "T", False),
    ],
)  # fmt: skip
def test_a_transpose_is_taken_off_a_name(text: str, name: str, turned: bool) -> None:
    assert without_transpose(text) == (name, turned)
