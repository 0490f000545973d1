"""Indices, entries and written sums: what is refused, which indices are free, and sums term by term."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import matcalc as mc
from matcalc.errors import EvaluationError, MatcalcError, ShapeError
from matcalc.language.expressions import Derivative, Entry, Expr, Index, IndexedSum, Let, Number, SizeNumber
from matcalc.language.matrix_operations import written_derivative
from matcalc.language.sizes import Dim
from matcalc.language.traversal import postorder, with_definition
from matcalc.language.unrolling import MOST_TERMS, free_indices, unrolled, whole_names, whole_value, written_out

n, m = mc.dims("n m")
x, y, r, A = mc.vector("x", n), mc.vector("y", n), mc.row("r", n), mc.matrix("A", m, n)
S, k, c = mc.matrix("S", n, n), mc.scalar("k"), mc.scalar("c")
i, j, p = mc.index("i", n), mc.index("j", m), mc.index("p")


def size(dim: Dim) -> int:
    number = dim.coefficient
    for name in dim.names:
        number *= {"n": 3, "m": 2}[name]
    return number


# ---- entries ---------------------------------------------------------------------------------------------------------


def test_an_entry_of_a_column_or_row_has_one_position() -> None:
    one = Number(Fraction(1))
    assert mc.entry(x, i) == Entry(x, i, one)
    assert mc.entry(r, i) == Entry(r, one, i)
    assert mc.entry(A, j, i) == Entry(A, j, i)
    assert mc.entry(A, 2, i).shape == ()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: mc.entry(A, 1), ShapeError, r"A is \(m, n\); a single position tells an entry of a column or a row only"),
        (lambda: mc.entry(c, 1), ShapeError, r"c is scalar; a single position"),
        (lambda: mc.entry(x, 0), MatcalcError, "x has no entry at 0; positions are counted from 1"),
        (lambda: mc.entry(x, Fraction(3, 2)), MatcalcError, "x has no entry at 3/2"),
        (lambda: mc.entry(x, y), ShapeError, r"y is \(n,\), a position in x is a scalar"),
        (lambda: mc.entry(mc.vector("v", 3), 4), ShapeError, r"v is \(3,\); it has no entry at 4"),
        (lambda: mc.entry(A, i, j), ShapeError, "i runs to n, but stands at an axis of size m of A"),
        (lambda: mc.entry(x, 1, 2), ShapeError, r"x is \(n,\); it has no entry at 2"),
        (lambda: mc.indexed_sum(p, mc.entry(x, p)), MatcalcError, "The sum over p has no upper bound: give high=, or the index a size"),
        (lambda: mc.indexed_sum(i, c, 1, x), ShapeError, r"x is \(n,\), a bound of a sum is a scalar"),
        (
            lambda: mc.indexed_sum(i, mc.indexed_sum(i, mc.entry(x, i))), MatcalcError,
            "A sum over i stands in a sum over i. Rename one of the two indices",
        ),
        (lambda: mc.index("2i"), MatcalcError, "'2i' is not a plain name"),
    ],
)  # fmt: skip
def test_what_is_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_a_sum_has_the_shape_of_its_body_and_the_bounds_of_its_index() -> None:
    total = mc.indexed_sum(i, mc.entry(x, i) * A)
    assert isinstance(total, IndexedSum)
    assert total.shape == (m, n)
    assert (total.low, total.high) == (Number(Fraction(1)), SizeNumber(n))
    assert repr(mc.indexed_sum(p, mc.entry(x, p), 2, k - 1)) == "sum_{p=2}^{k - 1} (x)_p"


# ---- which indices are free ------------------------------------------------------------------------------------------

FREE: list[tuple[Expr, list[Index]]] = [
    (mc.entry(x, i), [i]),
    (mc.entry(A, j, i) * mc.entry(x, p), [j, i, p]),
    (mc.indexed_sum(i, mc.entry(A, j, i)), [j]),
    (mc.indexed_sum(i, mc.entry(x, i)) * mc.entry(y, i), [i]),
    (mc.indexed_sum(i, mc.entry(x, i), 1, p), [p]),
    (mc.let("z", mc.entry(x, i)) + c, [i]),
    (mc.indexed_sum(i, mc.let("z", mc.entry(x, i))), []),
    (written_derivative(mc.sum(x**2), mc.entry(x, i), None), [i]),
    (mc.indexed_sum(i, written_derivative(mc.sum(x**2), mc.entry(x, i), None)), []),
    (A @ x, []),
]


@pytest.mark.parametrize(("expr", "wanted"), FREE, ids=[repr(expr) for expr, _ in FREE])
def test_free_indices(expr: Expr, wanted: list[Index]) -> None:
    assert free_indices([expr]) == wanted


def test_names_of_whole_numbers() -> None:
    roots = [mc.matrix_power(S, k - 1) * c, mc.indexed_sum(p, mc.entry(x, p) * c, mc.scalar("a"), mc.let("h", mc.scalar("b") + 1))]
    nodes = list(postorder([*roots, mc.entry(x, mc.scalar("d"))], with_definition))
    assert whole_names(nodes) == {"k", "a", "b", "d"}


# ---- values of bounds ------------------------------------------------------------------------------------------------


def test_whole_values() -> None:
    at = {"k": Fraction(5)}
    for expr, wanted in (
        (k - 1, 4), (n * k, 15), (mc.let("h", 2 * k) / 5, 2), (-k, -5), (mc.dims("n") + k, 8), (1 - n * m * k, -29),
    ):  # fmt: skip
        assert whole_value(expr, size, lambda symbol: at[symbol.name]) == wanted
    for expr, message in (
        (k / 2, "k/2 is 5/2; an exponent of a matrix, a bound or a position is a whole number"),
        (mc.exp(k), r"exp\(k\) is no whole number: exp\(k\) is no number, size or scalar"),
        (k / (k - 5), r"k/\(k - 5\) is no whole number"),
        (i + 1, "The index i stands outside its sum, in i \\+ 1. Give it a value by its name"),
    ):
        with pytest.raises(EvaluationError, match=message):
            whole_value(expr, size, lambda symbol: at[symbol.name])


# ---- term by term ----------------------------------------------------------------------------------------------------


def terms(body: Expr, over: Index, low: int, high: int) -> Expr:
    total = mc.indexed_sum(over, body, low, high)
    assert isinstance(total, IndexedSum)
    return unrolled(total, low, high)


def test_terms_are_added_in_order() -> None:
    assert repr(terms(mc.entry(x, p) ** 2, p, 1, 3)) == "(x)_1^2 + (x)_2^2 + (x)_3^2"
    assert repr(terms(mc.entry(x, p + 1) * p, p, 0, 1)) == "(x)_{0 + 1} * 0 + (x)_{1 + 1} * 1"
    assert terms(mc.entry(x, p), p, 3, 2) == Number(Fraction(0))
    assert terms(mc.entry(x, p) * A, p, 3, 2) == mc.zeros(m, n)


def test_the_index_is_replaced_where_it_is_free_and_nowhere_else() -> None:
    inner = mc.indexed_sum(j, mc.entry(A, j, p))
    assert repr(terms(inner, p, 2, 2)) == "sum_{j=1}^{m} (A)_{j,2}"
    own = mc.let("q", mc.indexed_sum(p, mc.entry(y, p), 1, 3))
    assert terms(mc.entry(x, p) * own, p, 2, 2) == mc.entry(x, 2) * own
    assert terms(mc.let("q", mc.entry(y, p) * c) ** 2, p, 2, 2) == (mc.entry(y, 2) * c) ** 2
    slope = terms(written_derivative(mc.sum(x * y), mc.entry(x, p), None), p, 3, 3)
    assert isinstance(slope, Derivative)
    assert slope.by == mc.entry(x, 3)


def test_too_many_terms_are_refused() -> None:
    with pytest.raises(EvaluationError, match=f"A sum over p of 1,000,000,000 terms; at most {MOST_TERMS:,} are added"):
        terms(mc.entry(x, p), p, 1, 10**9)
    with pytest.raises(EvaluationError, match="of 1,000,000 terms"):
        mc.indexed_sum(p, c * p, 1, 10**6).evaluate({"c": 1})


def test_written_out_at_sizes() -> None:
    total = mc.indexed_sum(j, mc.indexed_sum(i, mc.entry(A, j, i)))
    (out,) = written_out([total], size)
    assert repr(out) == "(A)_{1,1} + (A)_{1,2} + (A)_{1,3} + ((A)_{2,1} + (A)_{2,2} + (A)_{2,3})"
    (triangle,) = written_out([mc.indexed_sum(i, mc.indexed_sum(p, mc.entry(S, p, i), 1, i))], size)
    assert triangle.evaluate({"S": [[1, 2, 4], [8, 16, 32], [64, 128, 256]]}) == 1 + 2 + 16 + 4 + 32 + 256
    assert written_out([A @ x, x], size) == [A @ x, x]


def test_named_quantities_stay_one_in_all_roots() -> None:
    z = mc.let("z", mc.indexed_sum(i, mc.entry(x, i) ** 2))
    w = mc.let("w", A @ x)
    roots = [z * c + mc.sum(w), z, mc.let("v", z + 1), written_derivative(z, x, "numerator"), w]
    first, named_z, v, slope, same = written_out(roots, size)
    assert isinstance(named_z, Let)
    assert named_z != z
    assert not any(isinstance(node, IndexedSum) for root in (first, v, slope) for node in postorder([root], with_definition))
    assert named_z in set(postorder([first])) and named_z in set(postorder([v], with_definition))
    assert isinstance(slope, Derivative) and slope.of == named_z
    assert same == w


def test_bounds_without_a_value_are_told() -> None:
    with pytest.raises(EvaluationError, match=r"sum_\{p=1\}\^\{k\} \(x\)_p is written out for known bounds only; k has no value here"):
        written_out([mc.indexed_sum(p, mc.entry(x, p), 1, k)], size)
