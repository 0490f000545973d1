"""Heat maps show the factors as they are, and tell what is zero for all data from what is zero at some."""

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import EvaluationError, MatcalcError
from matcalc.figures.drawing import Drawing, Mark
from matcalc.figures.heat_maps import ZERO, jacobian_heat_maps
from matcalc.figures.jacobian_data import jacobian_maps
from matcalc.figures.style import BLUE, VERMILLION, WHITE
from matcalc.layout.products import Reading, product_of
from tests.figures.derivations import CASES, SHAPES, network_case
from tests.figures.marks_apart import assert_apart, assert_on_the_page

TEXTS = ("label", "heading", "sign", "tick")


def cells(drawing: Drawing, matrix: Mark) -> dict[tuple[int, int], Mark]:
    """The cells of a matrix by row and column."""
    left, bottom, right, top = matrix.box
    found = {}
    for mark in drawing.with_role("cell"):
        x, y = (mark.box[0] + mark.box[2]) / 2, (mark.box[1] + mark.box[3]) / 2
        if left < x < right and bottom < y < top:
            row, column = map(int, mark.text.split(","))
            found[row, column] = mark
    return found


def zero_pattern(drawing: Drawing, place: int) -> list[str]:
    """The rows of a matrix, 0 for an entry that is zero for all data."""
    found = cells(drawing, drawing.with_role("matrix")[place])
    rows, columns = (max(key[k] for key in found) + 1 for k in (0, 1))
    return ["".join("0" if found[i, j].verdict == ZERO else "x" for j in range(columns)) for i in range(rows)]


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_the_derivative_by_weights_has_the_pattern_of_a_kronecker_product(layout: str) -> None:
    W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
    drawing = jacobian_heat_maps(mc.derive(mc.let("z", W @ x), W, layout=layout), sizes={"m": 2, "n": 3})
    (matrix,) = drawing.with_role("matrix")
    by_rows = ["x0x0x0", "0x0x0x"]
    assert zero_pattern(drawing, 0) == (by_rows if layout == "numerator" else ["".join(row) for row in zip(*by_rows, strict=True)])
    assert matrix.text == (r"\mathbf{x}^\top \otimes \mathbf{I}_m" if layout == "numerator" else r"\mathbf{x} \otimes \mathbf{I}_m")


def test_factors_stand_in_the_order_of_the_layout_and_activations_are_diagonal() -> None:
    d, sizes = network_case((2, 3, 5), "denominator", "x")
    drawing = jacobian_heat_maps(d, sizes=sizes)
    shapes = [mark.text for mark in drawing.with_role("matrix")]
    assert shapes[:2] == [r"\mathbf{W}^{(1)\top}", r"\operatorname{diag}(f'(\mathbf{z}^{(1)}))"]
    assert zero_pattern(drawing, 0) == ["xxx", "xxx"]
    assert zero_pattern(drawing, 1) == ["x00", "0x0", "00x"]
    assert [mark.text for mark in drawing.with_role("sign")] == ["="]


@pytest.mark.parametrize("name", ["small", "by x", "relu", "batch", "wide"])
def test_the_matrices_are_the_factors_and_multiply_to_the_derivative_by_vec(name: str) -> None:
    d, sizes = CASES[name]
    found = jacobian_maps(d, sizes=sizes, values=None, functions=None, seed=3)
    product = product_of(d.factors, d.layout, Reading.JACOBIAN)
    values = [each.values for each in found.maps]
    for part, each in zip(product.parts, found.maps, strict=False):
        wanted = part.evaluate(found.data.values, sizes=found.data.sizes, functions=found.data.functions)
        np.testing.assert_allclose(each.values, wanted, rtol=1e-12, atol=1e-12)
    multiplied = np.linalg.multi_dot(values[: len(product.parts)])
    np.testing.assert_allclose(multiplied, values[len(product.parts)], rtol=1e-9, atol=1e-12)


def test_a_kink_that_is_zero_at_these_data_is_not_zero_for_all() -> None:
    z = mc.let("z", mc.vector("x", "n") * 1)
    d = mc.derive(mc.relu(z), z, layout="numerator")
    drawing = jacobian_heat_maps(d, values={"x": [-2, 3, 5]})
    (matrix,) = drawing.with_role("matrix")
    found = cells(drawing, matrix)
    assert found[0, 0].verdict == "" and found[0, 0].colour not in (WHITE, VERMILLION)
    assert (found[0, 1].verdict, found[0, 1].colour) == (ZERO, WHITE)
    assert found[1, 1].colour == VERMILLION


def test_one_hot_data_are_zero_at_some_data_only() -> None:
    y, x = mc.vector("y", "n", assume="one-hot"), mc.vector("x", "n")
    found = jacobian_maps(mc.derive(y.T @ mc.tanh(x), x, layout="denominator"), sizes={"n": 5}, values=None, functions=None, seed=0)
    (column,) = found.maps
    assert (column.values == 0).sum() == 4
    assert not column.always_zero.any()


def test_a_diagonal_matrix_is_zero_off_its_diagonal() -> None:
    D, x = mc.matrix("D", "n", "n", assume="diagonal"), mc.vector("x", "n")
    drawing = jacobian_heat_maps(mc.derive(D @ x, x, layout="numerator"), sizes={"n": 3})
    assert zero_pattern(drawing, 0) == ["x00", "0x0", "00x"]


def test_colours_tell_the_sign_and_the_bar_its_numbers() -> None:
    A, x = mc.matrix("A", "m", "n"), mc.vector("x", "n")
    drawing = jacobian_heat_maps(mc.derive(A @ x, x, layout="numerator"), values={"A": [[4, -4], [1, -1], [0.25, 2]], "x": [1, 1]})
    found = cells(drawing, drawing.with_role("matrix")[0])
    assert (found[0, 0].colour, found[0, 1].colour) == (VERMILLION, BLUE)
    assert found[1, 0].colour != found[2, 0].colour
    assert [mark.text for mark in drawing.with_role("tick")] == ["−4", "−1", "0", "1", "4"]


def test_matrices_of_very_different_magnitude_have_scales_of_their_own() -> None:
    A, x = mc.matrix("A", "m", "n"), mc.vector("x", "n")
    z = mc.let("z", A @ x)
    d = mc.derive(mc.sum(1000 * z**2), x, layout="numerator")
    drawing = jacobian_heat_maps(d, values={"A": [[1, 2, 3], [2, 1, 1]], "x": [1, 2, 5]})
    assert [mark.text for mark in drawing.with_role("tick")] == ["−max", "−max/4", "0", "max/4", "max"]
    assert any("up to ±3" in mark.text for mark in drawing.with_role("label"))


def test_the_pattern_alone_has_one_colour() -> None:
    d, sizes = CASES["small"]
    drawing = jacobian_heat_maps(d, sizes=sizes, pattern=True)
    assert {mark.colour for mark in drawing.with_role("cell")} == {BLUE, WHITE}
    assert drawing.with_role("tick") == ()


def test_given_values_are_shown_and_missing_ones_refused() -> None:
    A, x = mc.matrix("A", "m", "n"), mc.vector("x", "n")
    d = mc.derive(A @ x, x, layout="denominator")
    found = jacobian_maps(d, sizes=None, values={"A": [[1, 2, 3], [4, 5, 6]], "x": [0, 0, 1]}, functions=None, seed=0)
    np.testing.assert_array_equal(found.maps[0].values, [[1, 4], [2, 5], [3, 6]])
    with pytest.raises(EvaluationError, match="There is no value for A"):
        jacobian_heat_maps(d, values={"x": [0, 0, 1]})


def test_what_is_too_large_to_be_seen_is_refused() -> None:
    d, _ = network_case((2, 3), "numerator")
    told = r"^da\^\(1\)/dz\^\(1\) is 200 x 200 at these sizes; a heat map shows at most 20,000 entries. Give smaller sizes="
    with pytest.raises(MatcalcError, match=told):
        jacobian_heat_maps(d, sizes={"n_0": 200, "n_1": 200})


def test_several_paths_are_added_and_a_second_derivative_is_a_matrix() -> None:
    d, _ = CASES["residual"]
    assert [mark.text for mark in jacobian_heat_maps(d).with_role("sign")] == ["+", "="]
    x, A = mc.vector("x", "n"), mc.matrix("A", "n", "n")
    second = mc.second_derivative(mc.sum(mc.exp(x)) + x.T @ A @ x, x)
    (matrix,) = jacobian_heat_maps(second, sizes={"n": 3}).with_role("matrix")
    assert matrix.text == second.result.latex()


def test_sizes_that_are_not_given_start_at_three() -> None:
    d, _ = CASES["quadratic form"]
    assert len(jacobian_heat_maps(d).with_role("cell")) == 3


@pytest.mark.parametrize("style", ["paper", "slide"])
@pytest.mark.parametrize("name", CASES)
def test_nothing_overlaps(name: str, style: str) -> None:
    d, sizes = CASES[name]
    assert_apart(jacobian_heat_maps(d, sizes=sizes, style=style), texts=TEXTS, shapes=("matrix", "bar", "key"))


@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_nothing_overlaps_in_networks_of_any_shape(widths: tuple[int, ...]) -> None:
    d, sizes = network_case(widths, "denominator")
    drawing = jacobian_heat_maps(d, sizes=sizes)
    assert_apart(drawing, texts=TEXTS, shapes=("matrix", "key"))
    assert_on_the_page(drawing)


def test_the_same_figure_has_the_same_bytes() -> None:
    d, sizes = CASES["small"]
    first, second = (jacobian_heat_maps(d, sizes=sizes).as_bytes("svg") for _ in range(2))
    assert first == second


@pytest.mark.parametrize("seed", range(6))
def test_entries_that_cancel_are_zero_for_all_data_whatever_is_drawn(seed: int) -> None:
    n = mc.dims("n")
    X, A = mc.matrix("X", n, n), mc.matrix("A", n, n)
    d = mc.derive(mc.trace(X @ X @ A), X, layout="denominator", structured="skew-symmetric")
    drawn = jacobian_heat_maps(d, sizes={"n": 5}, seed=seed)
    assert zero_pattern(drawn, 0) == ["0xxxx", "x0xxx", "xx0xx", "xxx0x", "xxxx0"]
