"""The matrices that heat maps show: the factors of a derivation and what they make, at drawn or given data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, final

import numpy as np

from matcalc.derivation import Derivation
from matcalc.errors import EvaluationError, MatcalcError, NoMatrixFormError
from matcalc.figures.typeset import Formula, formula
from matcalc.figures.vec_names import name_by_vec
from matcalc.index.index_form import IndexForm
from matcalc.language.building import vec
from matcalc.language.expressions import Apply, Derivative, Expr, Symbol, Vec
from matcalc.language.sizes import Shape, ndim
from matcalc.language.traversal import postorder, with_definition
from matcalc.layout.conventions import Layout, vec_shape
from matcalc.layout.factors import Factor
from matcalc.numeric.arrays import Array
from matcalc.numeric.data import Data, bind, size_names
from matcalc.numeric.drawing import draw, given_sizes
from matcalc.numeric.elementwise import KNOWN_VALUES
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.layouts import laid_out
from matcalc.second_derivative import SecondDerivative
from matcalc.verification import stacked

MOST_CELLS = 20_000  # of one matrix
MOST_PATHS = 3
SMALLEST = 3  # size where none is given
# So many draws in a row must leave the entries zero that are zero at all data: one, or more where a kink or an assumption, such as
# one-hot, makes entries zero at some data only.
DRAWS, DRAWS_WITH_CASES, MOST_DRAWS = 2, 24, 200
ROUNDING = 1e-12  # of the largest entry: what cancels leaves some 1e-16 of it

Computed = Callable[[Data], Array]
Derived = Derivation | SecondDerivative


@final
@dataclass(frozen=True, slots=True)
class Wanted:
    """A matrix that is to be computed.

    Attributes:
        sign: what stands in front of it.
        derivative: what is derived by what, written.
        matrix: what it is; "" where that says no more than its name.
        computed: its entries at data.
    """

    sign: str
    derivative: Derivative
    matrix: Formula
    computed: Computed

    @property
    def name(self) -> Formula:
        """The derivative as a formula."""
        of, by = (each.argument if isinstance(each, Vec) else each for each in (self.derivative.of, self.derivative.by))
        if (of, by) == (self.derivative.of, self.derivative.by):
            return formula(self.derivative)
        return name_by_vec(of, by, Layout(self.derivative.layout))

    @property
    def shape(self) -> Shape:
        """Rows and columns, with names of sizes."""
        return self.derivative.shape


@final
@dataclass(frozen=True, slots=True)
class JacobianMap:
    """A matrix, its entries at the data, and which of them are zero for all data."""

    wanted: Wanted
    values: Array
    always_zero: Array


@final
@dataclass(frozen=True, slots=True)
class JacobianMaps:
    """The matrices in their order, the data at which they were computed, and how many paths are left out."""

    maps: tuple[JacobianMap, ...]
    data: Data
    paths_left_out: int


def jacobian_maps(
    d: Derived, *, sizes: Mapping[str, int] | None, values: Mapping[str, Any] | None, functions: Mapping[str, Any] | None, seed: int
) -> JacobianMaps:
    """The matrices of a derivation at data that are given, or drawn where neither values nor functions are.

    Raises:
        MatcalcError: a matrix has too many entries to be seen.
        EvaluationError: values are missing or do not fit, or none were found by drawing.
    """
    roots = [d.of, d.wrt] if isinstance(d, Derivation) else [d.of, d.x, d.y]
    if values is None and functions is None:
        data = _drawn(roots, sizes, seed)
    else:
        data = bind(roots, values or {}, sizes=sizes, functions=functions)
    wanted = tuple(_wanted(d))
    for each in wanted:
        _check_count(each, data)
    found = [each.computed(data) for each in wanted]
    zeros = _zeros(wanted, found, roots, data, seed)
    maps = tuple(JacobianMap(*each) for each in zip(wanted, found, zeros, strict=True))
    left_out = max(0, len(d.paths) - MOST_PATHS) if isinstance(d, Derivation) and d.structured is None else 0
    return JacobianMaps(maps, data, left_out)


def _drawn(roots: Sequence[Expr], sizes: Mapping[str, int] | None, seed: int) -> Data:
    """Random data; sizes that are not given are 3, 4, 5, ..., where what is assumed allows that."""
    nodes = list(postorder(roots, with_definition))
    given = given_sizes(nodes, sizes or {})
    numbers = (number for number in count(SMALLEST) if number not in given.values())
    names = [name for name in dict.fromkeys(name for node in nodes for name in size_names(node)) if name not in given]
    try:
        return draw(roots, np.random.default_rng(seed), sizes={**given, **dict(zip(names, numbers))})  # noqa: B905
    except EvaluationError:
        return draw(roots, np.random.default_rng(seed), sizes=given)


def _check_count(wanted: Wanted, data: Data) -> None:
    rows, columns = data.extents(wanted.shape)
    if rows * columns > MOST_CELLS:
        raise MatcalcError(
            f"{wanted.derivative!r} is {rows} x {columns} at these sizes; a heat map shows at most {MOST_CELLS:,} entries. "
            f"Give smaller sizes=, a number for each of {', '.join(data.sizes) or 'its sizes'}."
        )


def _zeros(wanted: Sequence[Wanted], found: Sequence[Array], roots: Sequence[Expr], data: Data, seed: int) -> list[Array]:
    """Which entries are zero at all data: at these, and at others drawn until they change nothing."""
    zeros = [nearly_zero(array) for array in found]
    nodes = list(postorder(roots, with_definition))
    kinked = any(isinstance(n, Apply) and n.function.known and KNOWN_VALUES[n.function.name].kink for n in nodes)
    assumed = any(isinstance(n, Symbol) and n.assumed for n in nodes)
    unchanged, enough = 0, DRAWS_WITH_CASES if kinked or assumed else DRAWS
    for attempt in range(MOST_DRAWS):
        if unchanged == enough or not any(zero.any() for zero in zeros):
            break
        other = draw(roots, np.random.default_rng((seed, attempt)), sizes=data.sizes)
        before = sum(int(zero.sum()) for zero in zeros)
        zeros = [zero & nearly_zero(each.computed(other)) if zero.any() else zero for zero, each in zip(zeros, wanted, strict=True)]
        unchanged = unchanged + 1 if sum(int(zero.sum()) for zero in zeros) == before else 0
    return zeros


def nearly_zero(array: Array) -> Array:
    """Which entries are zero, or the rounding noise of what cancels, at one draw.

    Example:
        >>> nearly_zero(np.array([[2.0, 1e-17], [0.0, -1e-3]])).tolist()
        [[False, True], [True, False]]
    """
    sizes = np.abs(array)
    return np.asarray(sizes <= ROUNDING * sizes.max(initial=0.0))


# ---- what is wanted of a derivation ----------------------------------------------------------------------------------


def _wanted(d: Derived) -> Iterator[Wanted]:
    """The factors of each path in the layout's order, and what they make; where there is one factor, that alone."""
    if isinstance(d, SecondDerivative):
        yield Wanted("", d.name, formula(d.result), partial(value, d.result))
        return
    paths = d.paths if d.structured is None else ()
    by_vec = len(d.shape) > 2
    chain = any(len(path) > 1 for path in paths)
    for number, path in enumerate(paths[:MOST_PATHS] if chain else ()):
        ordered = path if d.layout is Layout.NUMERATOR else path[::-1]
        for place, factor in enumerate(ordered):
            yield _of_factor(factor, d.layout, "+" if number and not place else "")
    if by_vec or chain and ndim(d.wrt.shape) + ndim(d.of.shape) > 1 and _is_by_matrix(d):
        yield _by_vec(d, "=" if chain else "")
    if not by_vec:
        name = Derivative(d.of, d.wrt, d.layout.value, False, d.shape)
        matrix = _other_than(name, lambda: d.result, d.index_form)
        sign = "" if not chain else "i.e." if _is_by_matrix(d) else "="
        yield Wanted(sign, name, matrix, partial(_laid_out, d))


def _is_by_matrix(d: Derivation) -> bool:
    """Whether the factors make the derivative by a vec, which is another matrix than the derivative."""
    return ndim(d.wrt.shape) == 2 or ndim(d.of.shape) == 2


def _of_factor(factor: Factor, layout: Layout, sign: str) -> Wanted:
    name = _name(factor.of, factor.by, layout, factor.direct)
    matrix = _other_than(name, lambda: factor.vec_form(layout), factor.index_form)
    return Wanted(sign, name, matrix, partial(_stacked, factor.index_form, factor.of, layout))


def _by_vec(d: Derivation, sign: str) -> Wanted:
    name = _name(d.of, d.wrt, d.layout, False)
    matrix = _other_than(name, lambda: d.vec_form, d.index_form)
    return Wanted(sign, name, matrix, partial(_stacked, d.index_form, d.of, d.layout))


def _name(of: Expr, by: Expr, layout: Layout, direct: bool) -> Derivative:
    """The derivative by vec, written; of vectors the derivative itself."""
    column_of, column_by = (vec(each) if ndim(each.shape) == 2 else each for each in (of, by))
    return Derivative(column_of, column_by, layout.value, direct, vec_shape(of.shape, by.shape, layout))


def _other_than(name: Expr, matrix: Callable[[], Expr], summed: IndexForm) -> Formula:
    """What a derivative is: its matrix, or the sum over indices where none writes it; nothing where that is its name."""
    try:
        found = matrix().latex()
    except NoMatrixFormError:
        found = summed.latex()
    return Formula("" if found == name.latex() else found)


def _stacked(form: IndexForm, of: Expr, layout: Layout, data: Data) -> Array:
    return stacked(_summed(form, data), of, layout.value)


def _laid_out(d: Derivation, data: Data) -> Array:
    return laid_out(_summed(d.index_form, data), d.of.shape, [d.wrt.shape], d.layout.value)


def _summed(form: IndexForm, data: Data) -> Array:
    return index_sum(form.form, data).reshape([data.extent(size) for size in form.shape])
