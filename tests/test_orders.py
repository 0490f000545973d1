"""`orders`: the counts that must come out, in both forms, and every refusal."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise, permutations, product
from itertools import islice
from typing import Any

import numpy as np
import pytest

from matcalc.derivation import derive
from matcalc.errors import (
    DefinitionClashError, LayoutError, MatcalcError, SeveralPathsError, ShapeError, UnknownNameError,
)  # fmt: skip
from matcalc.language import building as mc
from matcalc.language.elementwise import known_function
from matcalc.language.expressions import Expr
from matcalc.networks import Network
from matcalc.orders import OrdersReport, orders

TRUTH = {
    "2, 3, 5": ({"n_0": 2, "n_1": 3, "n_2": 5}, (4, 4, 1)),
    "2, 3, 3": ({"n_0": 2, "n_1": 3, "n_2": 3}, (48, 4, 8)),
    "3, 3, 3": ({"n_0": 3, "n_1": 3, "n_2": 3}, (384, 4, 72)),
    "general": (None, (4, 4, 1)),
}


def two_layers(hidden: Callable[[Expr], Expr]) -> tuple[Expr, dict[str, Expr]]:
    """C = half mse(f(W2 hidden(W1 x + b1) + b2))."""
    x, y, b1, b2 = (mc.vector(name, n) for name, n in (("x", "n_0"), ("y", "n_2"), ("b^(1)", "n_1"), ("b^(2)", "n_2")))
    W1, W2 = mc.matrix("W^(1)", "n_1", "n_0"), mc.matrix("W^(2)", "n_2", "n_1")
    z1 = mc.let("z^(1)", W1 @ x + b1)
    a1 = mc.let("a^(1)", hidden(z1))
    z2 = mc.let("z^(2)", W2 @ a1 + b2)
    a2 = mc.let("a^(2)", known_function("sigmoid")(z2))
    return mc.let("C", mc.sum((a2 - y) ** 2) / 2), {"x": x, "W1": W1, "W2": W2, "b1": b1}


def elementwise(z: Expr) -> Expr:
    return mc.function("f")(z)


def unknown_map(z: Expr) -> Expr:
    return mc.function("u", of=z, shape=("n_1",))


def counted(report: OrdersReport) -> tuple[int, int, int]:
    return report.shape_consistent, report.right, report.distinct_values


# ---- the truths ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize(("sizes", "truth"), TRUTH.values(), ids=TRUTH)
def test_the_gradient_of_two_layers(sizes: dict[str, int] | None, truth: tuple[int, int, int], layout: str) -> None:
    C, v = two_layers(elementwise)
    report = orders(C, v["x"], layout=layout, sizes=sizes)
    assert report.arrangements == 3840
    assert counted(report) == truth
    verdicts = [row.verdict.value for row in report.rows]
    assert verdicts == ["right"] * truth[1] + ["wrong value"] * (truth[0] - truth[1])
    assert len({row.factors for row in report.rows}) == truth[0]


@pytest.mark.parametrize(("sizes", "truth"), TRUTH.values(), ids=TRUTH)
def test_the_same_from_a_list(sizes: dict[str, int] | None, truth: tuple[int, int, int]) -> None:
    D, E = ("D", "n_1", "n_1", "diagonal"), ("E", "n_2", "n_2", "diagonal")
    factors = [("A", "n_0", "n_1"), D, ("B", "n_1", "n_2"), E, ("g", "n_2", 1)]
    assert counted(orders(factors, target=("n_0", 1), layout="denominator", sizes=sizes)) == truth


def test_a_hidden_jacobian_that_is_not_symmetric() -> None:
    C, v = two_layers(unknown_map)
    assert counted(orders(C, v["x"], layout="denominator", sizes=TRUTH["2, 3, 5"][0])) == (4, 2, 2)


def test_a_hidden_softmax_has_a_symmetric_jacobian() -> None:
    C, v = two_layers(lambda z: mc.softmax(z))
    assert counted(orders(C, v["x"], layout="denominator", sizes=TRUTH["2, 3, 5"][0])) == (4, 4, 1)
    assert counted(orders(C, v["x"], layout="denominator", sizes=TRUTH["3, 3, 3"][0])) == (384, 4, 96)


def test_sizes_given_in_part_leave_the_others_general() -> None:
    C, v = two_layers(elementwise)
    assert counted(orders(C, v["x"], layout="denominator", sizes={"n_1": 3})) == (4, 4, 1)
    assert counted(orders(C, v["x"], layout="denominator", sizes={"n_1": 3, "n_2": 3})) == (48, 4, 8)
    assert counted(orders(C, v["W2"], layout="denominator", sizes={"n_0": 4})) == (2, 2, 1)


# ---- against floats --------------------------------------------------------------------------------------------------


def enumerated(parts: Sequence[np.ndarray]) -> tuple[int, int, int]:
    """What fits, what is right, and how many values, by multiplying every arrangement out."""
    truth = np.linalg.multi_dot(list(parts)) if len(parts) > 1 else parts[0]
    values: list[np.ndarray] = []
    fitting = right = 0
    for order in permutations(parts):
        for turns in product((False, True), repeat=len(parts)):
            tables = [table.T if turned else table for table, turned in zip(order, turns, strict=True)]
            if any(a.shape[1] != b.shape[0] for a, b in pairwise(tables)):
                continue
            found = tables[0]
            for table in tables[1:]:
                found = found @ table
            if found.shape == truth.shape:
                fitting += 1
                right += np.allclose(found, truth, rtol=1e-9, atol=1e-12)
                if not any(np.allclose(found, value, rtol=1e-9, atol=1e-12) for value in values):
                    values.append(found)
    return fitting, right, len(values)


def chains() -> dict[str, tuple[Expr, Expr]]:
    """Chains whose factors have something to do with each other."""
    x, c = mc.vector("x", "n"), mc.vector("c", "n")
    W, X, A = mc.matrix("W", "n", "n"), mc.matrix("X", "m", "n"), mc.matrix("A", "n", "n")
    u = mc.let("u", W @ x)
    G, K = mc.let("G", X.T @ X), mc.let("K", W - W.T)
    h = mc.let("h", mc.function("f")(u))
    return {
        "the same matrix twice": (mc.let("C", c.T @ mc.let("v", W @ mc.let("t", A @ u))), x),
        "a matrix and its transpose": (mc.let("C", c.T @ mc.let("v", W.T @ mc.let("t", A @ u))), x),
        "a matrix and its negative": (mc.let("C", c.T @ mc.let("v", -(W @ u))), x),
        "a symmetric named matrix": (mc.let("C", c.T @ mc.let("v", G @ u)), x),
        "an antisymmetric matrix": (mc.let("C", c.T @ mc.let("v", A @ mc.let("t", K @ x))), x),
        "an antisymmetric sum": (mc.let("C", c.T @ mc.let("v", A @ mc.let("t", (W - W.T) @ x))), x),
        "a sum and its transpose": (mc.let("C", c.T @ mc.let("v", (A + W).T @ mc.let("t", (W + A) @ x))), x),
        "a multiple of the identity": (mc.let("C", c.T @ mc.let("v", W @ mc.let("t", 3 * h))), x),
        "a stand-in": (mc.let("C", c.T @ mc.let("v", A @ mc.let("t", W @ x))), W),
        "two scalars": (mc.let("C", mc.let("q", mc.let("r", c.T @ x) ** 2) ** 3), x),
    }


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize("name", chains())
def test_related_factors_against_floats(name: str, layout: str, rng: np.random.Generator) -> None:
    C, wrt = chains()[name]
    d = derive(C, wrt, layout=layout)
    shapes = {"x": (3, 1), "c": (3, 1), "W": (3, 3), "A": (3, 3), "X": (2, 3)}
    values = {name: rng.uniform(0.5, 2.0, shape) for name, shape in shapes.items()}
    parts = [
        part.evaluate(values, sizes={"n": 3, "m": 2}, functions={"f": (np.sin, np.cos)}) for part in d.product.parts
    ]
    assert counted(orders(C, wrt, layout=layout, sizes={"n": 3, **({"m": 2} if "named" in name else {})})) == enumerated(parts)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def test_a_product_of_named_sizes_in_the_jacobian_reading() -> None:
    C, v = two_layers(elementwise)
    report = orders(C, v["W1"], layout="numerator", reading="jacobian")
    assert (report.reading.value, [repr(size) for size in report.target]) == ("jacobian", ["1", "n_0*n_1"])
    assert counted(report) == (4, 4, 1)
    at = orders(C, v["W1"], layout="numerator", reading="jacobian", sizes={"n_0": 2, "n_1": 3, "n_2": 6})
    assert at.target == (1, 6)  # n_0 n_1 = n_2: W^(2) and dz/dW may change places, the Jacobian of the output may go to the end
    assert counted(at) == (16, 4, 4)
    stand_in = orders(C, v["W1"], layout="numerator")
    assert stand_in.reading.value == "stand-in"
    assert stand_in.factors[0] == "dz^(1)/dW^(1)"


def test_without_a_stand_in_the_jacobian_is_taken() -> None:
    W, X = mc.matrix("W", "m", "n"), mc.matrix("X", "n", "k")
    z = mc.let("z", mc.let("Z", W @ X) @ mc.vector("c", "k"))
    report = orders(z, W, layout="numerator")
    assert report.reading.value == "jacobian"
    assert [repr(size) for size in report.target] == ["m", "m*n"]


# ---- single arrangements ---------------------------------------------------------------------------------------------

LIST = [("W", "m", "n"), ("D", "n", "n", "diagonal"), ("V", "n", "n"), ("g", "n", 1)]


@pytest.mark.parametrize(
    ("order", "verdict", "reason"),
    [
        (["W", "D", "V", "g"], "right", "It has the value of the true product for all entries."),
        (["W", "D^T", "V", "g"], "right", "It has the value of the true product for all entries."),
        (["W", "V", ("D", True), "g"], "wrong value",
         "Every joint fits, but V and D are exchanged: both are n x n, but they do not commute."),
        (["W", "D", "V.T", "g"], "wrong value", "Every joint fits, but V stands transposed, and it is not symmetric."),
        (["D", "W", "V", "g"], "does not fit",
         "D and W do not join: D has n = 3 columns, W has m = 2 rows; D leaves n = 3 rows, the target has 2."),
        (["W", "D", "V", "(g)^T"], "does not fit",
         "V and g^T do not join: V has n = 3 columns, g^T has 1 row; g^T leaves n = 3 columns, the target has 1."),
    ],
)  # fmt: skip
def test_one_arrangement_is_judged(order: list[Any], verdict: str, reason: str) -> None:
    row = orders(LIST, target=("m", 1), layout="numerator", sizes={"m": 2, "n": 3}).row(order)
    assert (row.verdict.value, row.reason) == (verdict, reason)
    assert all(joint.fits for joint in row.joints) == (verdict != "does not fit")


def test_general_sizes_are_named_in_the_reason() -> None:
    row = orders(LIST, target=("m", 1), layout="numerator").row(["V", "W", "D", "g"])
    assert row.reason == "V and W do not join: V has n columns, W has m rows; V leaves n rows, the target has m."
    assert [repr(joint) for joint in row.joints] == ["n ≠ m", "n = n", "n = n"]


def test_names_of_derivatives_take_brackets_before_a_transpose() -> None:
    C, v = two_layers(elementwise)
    report = orders(C, v["b1"], layout="denominator")
    assert counted(report) == (16, 16, 1)  # dz/db is the identity, it commutes with the diagonal beside it
    row = report.row(["dz^(1)/db^(1)", "(da^(1)/dz^(1))^T", "dz^(2)/da^(1)", "da^(2)/dz^(2)", "dC/da^(2)"])
    assert row.product == "dz^(1)/db^(1) (da^(1)/dz^(1))^T dz^(2)/da^(1) da^(2)/dz^(2) dC/da^(2)"
    assert row.verdict.value == "right"


def test_a_repeated_factor_is_taken_as_often_as_it_stands() -> None:
    report = orders([("A", 3, 3), ("A", 3, 3), ("B", 3, 3)], target=(3, 3), layout="numerator")
    assert counted(report) == (48, 2, 24)
    assert report.row(["A", "A", "B"]).verdict.value == "right"
    with pytest.raises(MatcalcError, match=r"A stands too often, the product holds 2 of it\. The factors are A, A, B\."):
        report.row(["A", "A", "A"])
    with pytest.raises(MatcalcError, match=r"Missing: B\. An arrangement holds every factor"):
        report.row(["A", "A"])
    with pytest.raises(UnknownNameError, match=r"No factor is named 'a'\. (Did you mean|Known names)"):
        report.row(["a", "A", "B"])
    with pytest.raises(MatcalcError, match=r"'A A B' is one text; an order is a list of names, like \['A', 'A', 'B'\]"):
        report.row("A A B")


def test_a_scalar_stands_only_beside_size_one() -> None:
    report = orders([("W", "m", "n"), ("g", "n", 1), ("c", 1, 1, "scalar")], target=("m", 1), layout="numerator")
    assert counted(report) == (2, 2, 1)
    reason = report.row(["c", "W", "g"]).reason
    assert reason == "c and W do not join: c has 1 column, W has m rows; c leaves 1 row, the target has m."


def test_the_rows_come_one_by_one_and_the_true_one_first() -> None:
    report = orders([(f"A{k}", 3, 3) for k in range(6)], target=(3, 3), layout="numerator")
    assert next(report.rows).product == "A0 A1 A2 A3 A4 A5"


def test_the_report_stays_within_80_columns() -> None:
    C, v = two_layers(elementwise)
    report = orders(C, v["x"], layout="denominator", sizes=TRUTH["2, 3, 3"][0])
    assert max(map(len, repr(report).splitlines())) <= 80
    assert repr(report).endswith("3840 arrangements\n    48 fit in shape, with 8 different values\n     4 right")
    assert "n_0 = 2, n_1 = 3, n_2 = 3" in re.sub(r"\s+", " ", repr(report))
    assert max(len(line) for row in report.rows for line in repr(row).splitlines()) <= 80


# ---- refusals --------------------------------------------------------------------------------------------------------


N = "numerator"


def refused(error: type[Exception], match: str, *args: Any, **keywords: Any) -> None:
    with pytest.raises(error, match=match):
        orders(*args, **keywords)


def test_a_layout_is_needed() -> None:
    C, v = two_layers(elementwise)
    refused(LayoutError, "needs a layout: layout='numerator'", C, v["x"])
    refused(LayoutError, "needs a layout: layout='numerator'", LIST, target=("m", 1))
    refused(LayoutError, "'rows' is not a layout", LIST, target=("m", 1), layout="rows")
    refused(LayoutError, "'vec' is not a reading", C, v["x"], layout=N, reading="vec")


def test_several_paths_have_no_one_product() -> None:
    x = mc.vector("x", "n")
    C = mc.let("C", mc.let("r", mc.sum(x)) * mc.let("s", mc.sum(x**2)))
    refused(
        SeveralPathsError,
        r"2 paths lead from C to x: dC/dr · dr/dx; dC/ds · ds/dx\. orders counts the arrangements of one product: "
        r"give the factors of one path as a list, .* or derive by a quantity behind which there is one path\.$",
        C, x, layout=N,
    )  # fmt: skip


def test_a_list_that_does_not_conform() -> None:
    refused(
        ShapeError,
        r"The product g W does not conform: g and W do not join: g has 1 column, W has m rows; g leaves n rows, the target has m"
        r"; W leaves n columns, the target has 1\. The order given",
        [("g", "n", 1), ("W", "m", "n")], target=("m", 1), layout=N,
    )  # fmt: skip
    refused(
        ShapeError, r"W leaves n = 3 columns, the target has 4", [("W", "m", "n")], target=("m", 4), layout=N,
        sizes={"n": 3},
    )  # fmt: skip
    refused(ShapeError, "D is m x n, but what is diagonal is square", [("D", "m", "n", "diagonal")], target=("m", "n"), layout=N)
    refused(ShapeError, "c is 1 x n, but a scalar is 1 x 1", [("c", 1, "n", "scalar")], target=(1, "n"), layout=N)


def test_one_name_is_one_matrix() -> None:
    twice = [("A", "n", "n"), ("A", "n", "n", "symmetric")]
    refused(DefinitionClashError, "A has two meanings: n x n, general, and n x n, symmetric", twice, target=("n", "n"), layout=N)
    sizes = [("A", "m", "n"), ("A", "n", "m")]
    refused(DefinitionClashError, "A has two meanings: m x n, general, and n x m", sizes, target=("m", "m"), layout=N)


def test_sizes_are_known_and_positive() -> None:
    C, v = two_layers(elementwise)
    refused(UnknownNameError, r"No size is named 'n_3' here\. Did you mean n_2 or n_1", C, v["x"], layout=N, sizes={"n_3": 2})
    refused(UnknownNameError, "No size is named 'k' here", LIST, target=("m", 1), layout=N, sizes={"k": 2})
    refused(MatcalcError, "n = 0: a size is a positive int", LIST, target=("m", 1), layout=N, sizes={"n": 0})
    for wrong in [3, 0, "n", (("n", 2),)]:
        told = re.escape(f'sizes = {wrong!r}: sizes is a dict with a number for each name of a size, like {{"n_0": 2}}.')
        refused(MatcalcError, told, LIST, target=("m", 1), layout=N, sizes=wrong)
        refused(MatcalcError, told, C, v["x"], layout=N, sizes=wrong)
    refused(MatcalcError, r"n = 2\.0: a size is a positive int", LIST, target=("m", 1), layout=N, sizes={"n": 2.0})


def test_what_is_asked_must_be_complete() -> None:
    C, v = two_layers(elementwise)
    refused(MatcalcError, "needs wrt, the variable, and no target", C, layout=N)
    refused(MatcalcError, "needs wrt, the variable, and no target", C, v["x"], layout=N, target=(1, "n_0"))
    refused(MatcalcError, r"A list of factors needs target=", LIST, layout=N)
    refused(MatcalcError, r"A list of factors needs target=.* and no wrt", LIST, v["x"], target=("m", 1), layout=N)
    refused(MatcalcError, "The list of factors is empty", [], target=(), layout=N)
    refused(MatcalcError, r"\('W', 'm'\) is not a factor: write", [("W", "m")], target=("m", 1), layout=N)
    refused(MatcalcError, "W: 'diag' is not a kind. Did you mean diagonal", [("W", 2, 2, "diag")], target=(2, 2), layout=N)
    refused(MatcalcError, "'m n' is not a shape", LIST, target="m n", layout=N)
    refused(MatcalcError, "has no factors", C, mc.vector("absent", "k"), layout=N)


def test_many_factors_are_counted() -> None:
    sizes = [1, 3, 3, 2, 2, 3, 3, 2, 2, 3, 3, 2]
    listed = [(f"A{k}", a, b) for k, (a, b) in enumerate(zip(sizes, [*sizes[1:], 5], strict=True))]
    report = orders([(name, b, a) for name, a, b in reversed(listed)], target=(5, 1), layout=N)
    assert report.shape_consistent == 2_764_800
    square = orders([(f"A{k}", 3, 3) for k in range(12)], target=(3, 3), layout=N)
    assert square.distinct_values == 1_961_990_553_600
    assert [row.verdict.value for row in islice(square.rows, 3)] == ["right", "wrong value", "wrong value"]


def test_a_list_that_never_fits_names_the_sizes_without_a_partner() -> None:
    refused(ShapeError, r"No order and no transposes fit: k stands once", [("A", "m", "n"), ("B", "n", "k")], target=("m", "n"), layout=N)


def test_relations_that_nobody_declared_are_found() -> None:
    A, x = mc.matrix("A", "n", "n"), mc.vector("x", "n")
    y = mc.let("y", mc.inv(A) @ x)
    z = mc.let("z", A @ y)
    report = orders(mc.sum(z**2), x, layout=N)
    assert report.probed
    assert report.right == 4
    commuting = mc.let("w", (A + mc.identity("n")) @ mc.let("v", A @ x))
    assert orders(mc.sum(commuting**2), x, layout=N).right == 2


def test_a_list_may_be_read_from_its_end() -> None:
    listed = orders([("g", "m", 1), ("D", "m", "m", "diagonal"), ("V", "n", "m")], target=("n", 1), layout="denominator")
    assert listed.factors == ("V", "D", "g")
    assert (listed.shape_consistent, listed.right, listed.distinct_values) == (2, 2, 1)


def test_a_list_may_have_its_transpose_as_target() -> None:
    sizes = [1, 3, 2, 5]
    chain = [(name, rows, columns) for name, rows, columns in zip("gAB", sizes, sizes[1:], strict=False)]
    as_row = orders(chain, target=(1, 5), layout="numerator")
    as_column = orders(chain, target=(5, 1), layout="denominator")
    assert (as_row.shape_consistent, as_row.right) == (as_column.shape_consistent, as_column.right) == (1, 1)
    assert as_column.factors == ("B^T", "A^T", "g^T")
    assert as_column.row(["B^T", "A^T", "g^T"]).verdict.value == "right"
    reason = as_column.row(["B", "A", "g"]).reason
    assert reason.startswith("B and A do not join: B has 5 columns, A has 3 rows")


def test_the_heading_shows_the_transposes_of_the_true_product() -> None:
    listed = [("D2", "n2", "n2", "diagonal"), ("W", "n2", "n1")]
    report = orders(listed, target=("n1", "n2"), layout="denominator")
    assert repr(report).startswith("W^T · D2, denominator layout, general sizes")
    assert [row.product for row in report.rows] == ["W^T D2", "W^T D2^T"]
    assert next(report.rows).factors == (("W", True), ("D2", False))
    assert report.row(["W", "D2"]).reason == (
        "W and D2 do not join: W has n1 columns, D2 has n2 rows; W leaves n2 rows, the target has n1."
    )


def test_a_transpose_in_a_list_is_the_transpose_of_that_matrix() -> None:
    factors = [("W^T", "n", "m"), ("D", "m", "m", "diagonal"), ("W", "m", "n")]
    report = orders(factors, target=("n", "n"), layout="numerator")
    assert report.factors == ("W^T", "D", "W")
    assert counted(report) == (4, 4, 1)  # either W may be the first, D may be transposed
    assert counted(report) == counted(orders([("W.T", "n", "m"), *factors[1:]], target=("n", "n"), layout="numerator"))
    clash = [("W^T", "n", "m"), ("W", "n", "m")]
    refused(DefinitionClashError, "W has two meanings: m x n, general, and n x m", clash, target=("n", "m"), layout=N)


@pytest.mark.parametrize(
    ("layout", "order", "stand_in", "jacobian"),
    [  # the four orders of the seed's dC/dW^(L-1), with the readings that tests/data/seed_equations.toml says
        ("denominator", "az za az2 Ca zW", "right", "does not fit"),
        ("denominator", "za az2 Ca zW az", "does not fit", "does not fit"),
        ("numerator", "zW Ca az2 za az", "right", "does not fit"),
        ("numerator", "Ca az2 za az zW", "does not fit", "right"),
    ],
)
def test_orders_of_the_seed_under_both_readings(layout: str, order: str, stand_in: str, jacobian: str) -> None:
    names = {"Ca": "dC/da^(3)", "az2": "da^(3)/dz^(3)", "za": "dz^(3)/da^(2)", "az": "da^(2)/dz^(2)", "zW": "dz^(2)/dW^(2)"}
    net = Network(widths=(5, 4, 3, 2), activation="f", loss="half_mse")
    written = [names[name] for name in order.split()]
    for reading, verdict in (("stand-in", stand_in), ("jacobian", jacobian)):
        report = orders(net.cost, net.W[2], layout=layout, reading=reading)
        assert report.row(written).verdict.value == verdict
