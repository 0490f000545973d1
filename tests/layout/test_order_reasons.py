"""Why an arrangement that fits is wrong: what is said, and that it is so."""

from __future__ import annotations

import re
from typing import Any

import pytest

import matcalc as mc
from matcalc.layout.order_report import OrdersReport

ABC = [("A", "n", "n"), ("B", "n", "n"), ("C", "n", "n", "symmetric"), ("g", "n", 1)]
OF_3 = [("A", 3, 3), ("B", 3, 3), ("g", 3, 1)]


def chain(sizes: dict[str, int] | None) -> OrdersReport:
    net = mc.Network(widths=(3, 3, 3), activation="sigmoid", loss="half_mse")
    return mc.orders(net.cost, net.x, layout="denominator", sizes=sizes)


def reason(factors: list[Any], target: tuple[Any, Any], order: list[Any], **sizes: int) -> str:
    row = mc.orders(factors, target=target, layout="numerator", sizes=sizes).row(order)
    assert row.verdict.value == "wrong value"
    return row.reason


# ---- sizes that coincide ---------------------------------------------------------------------------------------------


def test_the_first_joint_where_names_of_sizes_differ_is_told() -> None:
    report = chain({"n_0": 3, "n_1": 3, "n_2": 3})
    swapped = report.row(["dz^(1)/dx", "(dz^(2)/da^(1))^T", "da^(1)/dz^(1)", "da^(2)/dz^(2)", "dC/da^(2)"])
    assert swapped.reason == (
        "It fits only because n_1 = n_2 = 3: dz^(1)/dx ends in n_1, (dz^(2)/da^(1))^T begins with n_2."
    )
    turned = report.row(["(dz^(1)/dx)^T", 1, 2, 3, 4])
    assert turned.reason == "It fits only because n_0 = n_1 = 3: (dz^(1)/dx)^T ends in n_0, da^(1)/dz^(1) begins with n_1."


@pytest.mark.parametrize(
    ("factors", "target", "order", "sizes", "told"),
    [
        ([("A", "m", "n"), ("B", "n", "m")], ("m", "m"), ["B", "A"], {"m": 2, "n": 2},
         "It fits only because n = m = 2: B begins with n, the right product with m."),
        ([("A", "m", "n"), ("B", "n", "k")], ("m", "k"), ["A", "B^T"], {"m": 4, "n": 2, "k": 2},
         "It fits only because n = k = 2: A ends in n, B^T begins with k."),
        ([("A", "m", 3), ("B", 3, "k")], ("m", "k"), ["A^T", "B"], {"m": 3},
         "It fits only because m = 3: A^T ends in m, B begins with 3."),
        ([("A", "m", "n"), ("B", "n", "n")], ("m", "n"), ["A^T", "B"], {"m": 2, "n": 2},
         "It fits only because m = n = 2: A^T ends in m, B begins with n."),
    ],
    ids=["an end", "a joint", "a name and a number", "a transpose"],
)  # fmt: skip
def test_names_of_sizes(factors: list[Any], target: tuple[Any, Any], order: list[Any], sizes: dict[str, int], told: str) -> None:
    assert reason(factors, target, order, **sizes) == told


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (["B", "A", "g"], "the joint of B and g and the product's rows are both 3: B ends in the one, A begins with the other."),
        (["A^T", "B", "g"], "the product's rows and the joint of A and B are both 3: A^T ends in the one, B begins with the other."),
        (["A", "B^T", "g"],
         "the joint of A and B and the joint of B and g are both 3: A ends in the one, B^T begins with the other."),
    ],
)  # fmt: skip
def test_numbers_without_names(order: list[str], told: str) -> None:
    assert reason(OF_3, (3, 1), order) == f"It fits only because {told}"


def test_the_end_of_numbers_without_names() -> None:
    assert reason([("A", 3, 2), ("B", 2, 3)], (3, 3), ["B^T", "A^T"]) == (
        "It fits only because the product's columns and the product's rows are both 3: "
        "B^T begins with the one, the right product with the other."
    )
    assert reason([("A", 3, 3), ("B", 3, 3)], (3, 3), ["B", "A"]) == (
        "It fits only because the product's columns and the product's rows are both 3: "
        "B ends in the one, A begins with the other."
    )


def test_numbers_tied_by_a_factor_do_not_coincide_by_chance() -> None:
    symmetric = [("A", 3, 3, "symmetric"), ("D", 3, 3, "diagonal"), ("g", 3, 1)]
    assert reason(symmetric, (3, 1), ["D", "A", "g"]) == (
        "Every joint fits, but D and A are exchanged: both are 3 x 3, but they do not commute."
    )
    assert reason([("A", 3, 3), ("A", 3, 3)], (3, 3), ["A", "A^T"]) == (
        "Every joint fits, but A stands transposed, and it is not symmetric."
    )


# ---- what fits for all sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (["A", "B^T", "C", "g"], "B stands transposed, and it is not symmetric."),
        (["A^T", "B^T", "C^T", "g"], "A and B stand transposed, and they are not symmetric."),
        (["B", "A", "C^T", "g"], "B and A are exchanged: both are n x n, but they do not commute."),
        (["A", "C^T", "B", "g"], "C and B are exchanged: both are n x n, but they do not commute."),
        (["C", "B", "A", "g"], "C and A are exchanged: both are n x n, but the product depends on their places."),
        (["B^T", "A", "C", "g"], "B and A are exchanged, and B stands transposed."),
        (["C", "B^T", "A", "g"], "C and A are exchanged, and B stands transposed."),
        (["B", "C", "A^T", "g"], "B, C and A stand in another order, and A stands transposed. Right is A B C g."),
    ],
)
@pytest.mark.parametrize("sizes", [{}, {"n": 3}], ids=["general", "3"])
def test_exchanged_and_transposed_factors(order: list[str], told: str, sizes: dict[str, int]) -> None:
    assert reason(ABC, ("n", 1), order, **sizes) == f"Every joint fits, but {told}"


def test_a_chain_with_a_jacobian_that_is_not_symmetric() -> None:
    x = mc.vector("x", "m")
    z = mc.let("z", mc.matrix("W", "n", "m") @ x)
    C = mc.let("C", mc.sum(mc.let("a", mc.function("u", of=z, shape=("n",))) ** 2))
    row = mc.orders(C, x, layout="denominator").row(["dz/dx", "(da/dz)^T", "dC/da"])
    assert row.reason == "Every joint fits, but da/dz stands transposed, and it is not symmetric."


def test_a_transpose_may_be_missing_where_the_whole_is_transposed() -> None:
    factors = [("g", 1, "n"), ("A", "n", "n"), ("h", "n", 1)]
    assert reason(factors, (1, 1), ["h^T", "A", "g^T"]) == (
        "Every joint fits, but A stands without a transpose, and it is not symmetric. Right is h^T A^T g^T."
    )


def test_the_product_of_the_other_layout_is_known() -> None:
    assert reason(ABC[:3], ("n", "n"), ["C", "B^T", "A^T"]) == (
        "Every joint fits, but this is the transpose of the right product: it belongs to denominator layout."
    )


# ---- every row -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factors", "target"),
    [
        ([("A", "m", "n"), ("D", "n", "n", "diagonal"), ("B", "n", "n"), ("g", "n", 1)], ("m", 1)),
        ([("W^T", "n", "m"), ("S", "m", "m", "symmetric"), ("V", "m", "m"), ("W", "m", "n")], ("n", "n")),
        ([("x", "n", 1), ("g", 1, "m"), ("W", "m", "k"), ("E", "k", "k")], ("n", "k")),
    ],
    ids=["a chain", "a matrix and its transpose", "an outer product"],
)
def test_a_reason_agrees_with_the_same_arrangement_at_general_sizes(factors: list[Any], target: tuple[Any, Any]) -> None:
    names = {"m", "n", "k"} & {str(size) for _, *sizes in factors for size in sizes}
    general = mc.orders(factors, target=target, layout="numerator")
    equal = mc.orders(factors, target=target, layout="numerator", sizes=dict.fromkeys(names, 3))
    wrong = [row for row in equal.rows if row.verdict.value == "wrong value"]
    verdicts = {row.reason.split(",")[0].split(" because")[0]: general.row(row.factors).verdict.value for row in wrong}
    for row in wrong:
        expected = "does not fit" if row.reason.startswith("It fits only because ") else "wrong value"
        assert general.row(row.factors).verdict.value == expected
        assert len(re.findall(r"\.( |$)", row.reason)) <= 2
    assert verdicts == {"It fits only": "does not fit", "Every joint fits": "wrong value"}
