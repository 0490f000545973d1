"""The two layouts by their definitions: shapes of every kind of derivative, from one table written by hand."""

from __future__ import annotations

import pytest

import matcalc as mc
from matcalc.errors import LayoutError, MatcalcError, NoMatrixFormError
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Dim, Shape
from matcalc.layout.conventions import Layout, derivative_shape, layout_named, style_named, vec_shape

n, m, p, q = (Dim((name,)) for name in "nmpq")
OPERANDS: dict[str, Expr] = {
    "scalar": mc.scalar("c"), "vector": mc.vector("v", n), "row": mc.row("r", n), "matrix": mc.matrix("A", p, q),
}  # fmt: skip
KINDS: dict[str, Shape] = {"scalar": (), "vector": (m,), "row": (1, m), "matrix": (m, p)}
TABLE: list[tuple[str, str, Shape, Shape]] = [
    ("scalar", "scalar", (), ()),
    ("scalar", "vector", (1, n), (n,)),
    ("scalar", "row", (1, n), (n,)),
    ("scalar", "matrix", (q, p), (p, q)),
    ("vector", "scalar", (m,), (1, m)),
    ("vector", "vector", (m, n), (n, m)),
    ("vector", "row", (m, n), (n, m)),
    ("row", "scalar", (1, m), (m,)),
    ("row", "vector", (m, n), (n, m)),
    ("row", "row", (m, n), (n, m)),
    ("matrix", "scalar", (m, p), (p, m)),
]
MANY: list[tuple[str, str, Shape, Shape]] = [
    ("vector", "matrix", (m, p, q), (p, q, m)),
    ("row", "matrix", (m, p, q), (p, q, m)),
    ("matrix", "vector", (m, p, n), (n, m, p)),
    ("matrix", "matrix", (m, p, p, q), (p, q, m, p)),
]


def derived(of: str, by: str, layout: str) -> mc.Derivation:
    operand = OPERANDS[by]
    made = mc.function("u", of=operand, shape=KINDS[of])
    assert isinstance(made, Expr)
    return mc.derive(mc.let("y", made), operand, layout=layout)


@pytest.mark.parametrize(("of", "by", "numerator", "denominator"), TABLE, ids=[f"{a} by {b}" for a, b, _, _ in TABLE])
def test_the_shape_of_a_derivative_with_a_matrix(of: str, by: str, numerator: Shape, denominator: Shape) -> None:
    for layout, wanted in (("numerator", numerator), ("denominator", denominator)):
        d = derived(of, by, layout)
        assert d.shape == d.result.shape == wanted
        assert derivative_shape(KINDS[of], OPERANDS[by].shape, Layout(layout)) == wanted
        assert d.verify().ok


@pytest.mark.parametrize(("of", "by", "numerator", "denominator"), MANY, ids=[f"{a} by {b}" for a, b, _, _ in MANY])
def test_the_shape_of_a_derivative_with_more_axes(of: str, by: str, numerator: Shape, denominator: Shape) -> None:
    for layout, wanted in (("numerator", numerator), ("denominator", denominator)):
        d = derived(of, by, layout)
        assert d.shape == wanted
        assert d.tensor.shape == numerator
        with pytest.raises(NoMatrixFormError, match=f"dy/d. has {len(wanted)} axes.*\\.vec_form"):
            _ = d.result
        assert d.verify().ok


@pytest.mark.parametrize(
    ("of", "by", "rows", "columns"),
    [("matrix", "matrix", Dim(("m", "p")), Dim(("p", "q"))), ("row", "vector", m, n)],
    ids=["matrix", "row"],
)
def test_the_shape_of_a_derivative_by_vec(of: str, by: str, rows: Dim, columns: Dim) -> None:
    assert vec_shape(KINDS[of], OPERANDS[by].shape, Layout.NUMERATOR) == (rows, columns)
    assert vec_shape(KINDS[of], OPERANDS[by].shape, Layout.DENOMINATOR) == (columns, rows)


def test_each_layout_is_the_other_of_the_other() -> None:
    assert [layout.other for layout in Layout] == [Layout.DENOMINATOR, Layout.NUMERATOR]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (None, "needs a layout: layout='numerator' or layout='denominator'"),
        ("numarator", "'numarator' is not a layout. Did you mean numerator"),
    ],
    ids=["missing", "unknown"],
)
def test_a_layout_that_is_missing_or_unknown_is_refused(name: str | None, message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        layout_named(name)


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(MatcalcError, match="'matrix' is not a style"):
        style_named("matrix")
