"""Derivatives by the free entries of a matrix with a structure: symmetric, skew-symmetric, diagonal, Toeplitz.

Entry (i, j) of the answer is the derivative by the free parameter that sits at (i, j), which may stand at other places too. The
derivative by independent entries, G, is summed over the places where the parameter stands, with the signs that it has there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, final

from matcalc.errors import MatcalcError, NoMatrixFormError, UnsupportedError, near_names
from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.form import Form, OpenTerm, delta, rational, same_diagonal
from matcalc.index.index_form import IndexForm
from matcalc.language.assumed import assuming
from matcalc.language.building import commutation, diag, identity, let, times, trace, vec
from matcalc.language.expressions import Diag, Expr, Identity, Let, Negate, Scale, Symbol, Transpose, Zeros
from matcalc.language.matrix_operations import diagonal_sums
from matcalc.language.renaming import exchanged_names
from matcalc.language.sizes import Size, ndim, shape_text, size_product
from matcalc.layout.conventions import Layout

if TYPE_CHECKING:
    from matcalc.derivation import Derivation


class Structure(StrEnum):
    """Which entries of a matrix are free; of a Toeplitz matrix one for each diagonal."""

    SYMMETRIC = "symmetric"
    SKEW_SYMMETRIC = "skew-symmetric"
    DIAGONAL = "diagonal"
    TOEPLITZ = "toeplitz"
    SYMMETRIC_TOEPLITZ = "symmetric toeplitz"


def _symmetric(free: Expr) -> Expr:
    return free + free.T - times(free, identity(free.shape[0]))


def _skew_symmetric(free: Expr) -> Expr:
    return free - free.T


def _diagonal(free: Expr) -> Expr:
    return times(free, identity(free.shape[0]))


def _symmetric_toeplitz(free: Expr) -> Expr:
    return _symmetric(diagonal_sums(free))


@final
@dataclass(frozen=True, slots=True)
class StructureRule:
    """How the derivative by free entries is made of that by independent entries, G.

    Attributes:
        words: the rule, as a student would say it.
        statement: the rule in LaTeX, in entries.
        source: where it stands.
        made: the matrix, made of one whose entries are all free: the parameter that sits at (i, j) is entry (i, j) of that.
        transposed: the sign with which the entry at the transposed place is added; 0 where it is not free with it.
        only_diagonal: whether nothing but the diagonal is left; else it is counted once.
        along_diagonals: whether the parameter stands on all of its diagonal.
    """

    words: str
    statement: str
    source: str
    made: Callable[[Expr], Expr]
    transposed: int
    only_diagonal: bool = False
    along_diagonals: bool = False

    @property
    def same_in_both_layouts(self) -> bool:
        """Whether the answer of a scalar is a symmetric matrix."""
        return self.only_diagonal or self.transposed > 0


COOKBOOK = "Petersen & Pedersen, The Matrix Cookbook, 2012, section 2.8, {}"
STRUCTURES: Mapping[Structure, StructureRule] = MappingProxyType(
    {
        Structure.SYMMETRIC: StructureRule(
            "X symmetric: the parameter at (i, j) stands at (j, i) too, on the diagonal once: G + G^T - G ⊙ I",
            r"\frac{\mathrm{d} f}{\mathrm{d} X_{ij}} = G_{ij} + G_{ji} - \delta_{ij} G_{ij}",
            COOKBOOK.format("(138)"),
            _symmetric,
            1,
        ),
        Structure.SKEW_SYMMETRIC: StructureRule(
            "X skew-symmetric: the parameter at (i, j) stands at (j, i) with the other sign: G - G^T",
            r"\frac{\mathrm{d} f}{\mathrm{d} X_{ij}} = G_{ij} - G_{ji}",
            COOKBOOK.format("(137), the chain rule by the structure matrix"),
            _skew_symmetric,
            -1,
        ),
        Structure.DIAGONAL: StructureRule(
            "X diagonal: only the diagonal is free: G ⊙ I",
            r"\frac{\mathrm{d} f}{\mathrm{d} X_{ij}} = \delta_{ij} G_{ij}",
            COOKBOOK.format("(142)"),
            _diagonal,
            0,
            only_diagonal=True,
        ),
        Structure.TOEPLITZ: StructureRule(
            "X Toeplitz: the parameter at (i, j) stands on all of its diagonal: G summed along its diagonals",
            r"\frac{\mathrm{d} f}{\mathrm{d} X_{ij}} = \sum_{k - l = i - j} G_{kl}",
            COOKBOOK.format("(143)"),
            diagonal_sums,
            0,
            along_diagonals=True,
        ),
        Structure.SYMMETRIC_TOEPLITZ: StructureRule(
            "X symmetric and Toeplitz: the parameter at (i, j) stands on its diagonal and that of (j, i): both summed, the main one once",
            r"\frac{\mathrm{d} f}{\mathrm{d} X_{ij}} = \sum_{k - l = i - j} (G_{kl} + G_{lk}) - \delta_{ij} \sum_{k} G_{kk}",
            COOKBOOK.format("(144)"),
            _symmetric_toeplitz,
            1,
            along_diagonals=True,
        ),
    }
)


def structure_named(name: str | None, wrt: Symbol | Let) -> Structure | None:
    """The structure of that name, where the variable may have it.

    Raises:
        MatcalcError: there is none of that name, or the variable is no square matrix.
    """
    if name is None:
        return None
    if name not in list(Structure):
        raise UnsupportedError(
            f"structured={name!r}: there are derivatives by the free entries of matrices that are {', '.join(Structure)}. "
            f"{near_names(str(name), list(Structure))}"
        )
    if ndim(wrt.shape) != 2 or wrt.shape[0] != wrt.shape[1]:
        raise MatcalcError(f"{wrt.name} is {shape_text(wrt.shape)}; structured={name!r} is for a square matrix.")
    return Structure(name)


def with_structure(of: Expr, wrt: Symbol | Let, structure: Structure) -> tuple[Expr, Symbol | Let]:
    """The quantity and the variable, a symbol assumed to have the structure, so that answers are written with it."""
    if isinstance(wrt, Let):
        return of, wrt
    made, variable = assuming([of, wrt], [f"{wrt.name} {structure.value}"])
    assert isinstance(variable, Symbol)
    return made, variable


def by_free_entries(form: Form, structure: Structure, row: int, column: int) -> Form:
    """The derivative by the free entries of that by independent entries, whose axes ``row`` and ``column`` are those of the matrix."""
    rule = STRUCTURES[structure]
    form = _summed_along_diagonals(form, row, column) if rule.along_diagonals else form
    scope = Scope()
    free = scope.fresh_all(form.axes)
    turned = list(free)
    turned[row], turned[column] = free[column], free[row]
    on_diagonal = (delta(form.axes[row]), (free[row], free[column]), 1)
    terms: list[OpenTerm] = []
    if not rule.only_diagonal:
        terms += scope.opened(form, free)
    if rule.transposed:
        terms += [(rational(c * rule.transposed), f) for c, f in scope.opened(form, tuple(turned))]
    if rule.only_diagonal or rule.transposed > 0:
        sign = 1 if rule.only_diagonal else -1
        terms += [(rational(c * sign), [*f, on_diagonal]) for c, f in scope.opened(form, free)]
    return close(terms, free, scope.sizes)


def _summed_along_diagonals(form: Form, row: int, column: int) -> Form:
    scope = Scope()
    inside = list(scope.fresh_all(form.axes))
    free = list(inside)
    free[row], free[column] = scope.fresh_all((form.axes[row], form.axes[column]))
    atom = same_diagonal(form.axes[row], form.axes[column])
    match = (atom, (free[row], free[column], inside[row], inside[column]), 1)
    terms = [(c, [match, *f]) for c, f in scope.bracketed(scope.opened(form, tuple(inside)), tuple(inside))]
    return close(scope.summed(terms, [inside[row], inside[column]]), free, scope.sizes)


def matrix_by_free_entries(form: Form, structure: Structure, write: Callable[[Form], Expr]) -> Expr:
    """The matrix of a scalar's derivative by the free entries, with G ⊙ I for what is on the diagonal of G.

    Args:
        form: the derivative by independent entries, with the axes of the matrix.
        structure: of the matrix.
        write: lays a form of these axes out.
    """
    rule = STRUCTURES[structure]
    scope = Scope()
    free = scope.fresh_all(form.axes)
    terms = scope.opened(form, free)
    if rule.along_diagonals:
        whole = _along_diagonals(write(form))
        if rule.transposed == 0 or isinstance(whole, Zeros):
            return whole
        both = write(close([*terms, *scope.opened(form, free[::-1])], free, scope.sizes))
        return _along_diagonals(both) - times(_scalars_in_front(trace, write(form)), identity(form.axes[0]))
    negative = bool(terms) and all(c < 0 for c, _ in terms)
    diagonal = _on_diagonal(write(close([(-c, f) for c, f in terms], free, scope.sizes) if negative else form))
    if rule.only_diagonal:
        return -diagonal if negative else diagonal
    terms += [(rational(c * rule.transposed), f) for c, f in scope.opened(form, free[::-1])]
    both = write(close(terms, free, scope.sizes))
    if rule.transposed < 0 or isinstance(both, Zeros):
        return both
    return both + diagonal if negative else both - diagonal


def _along_diagonals(matrix: Expr) -> Expr:
    return matrix if isinstance(matrix, Zeros) else _scalars_in_front(diagonal_sums, matrix)


def _scalars_in_front(operation: Callable[[Expr], Expr], matrix: Expr) -> Expr:
    """A linear operation of a matrix, a scalar and a sign taken out."""
    match matrix:
        case Negate(argument=argument):
            return -_scalars_in_front(operation, argument)
        case Scale(left=left, right=right) if not left.shape:
            return times(left, _scalars_in_front(operation, right))
        case _:
            return operation(matrix)


def vec_by_free_entries(by_vec: Expr, structure: Structure, size: Size, layout: Layout) -> Expr:
    """The derivative by vec of that by independent entries: J (I + K - diag(vec I)) where the matrix is symmetric."""
    rule = STRUCTURES[structure]
    if rule.along_diagonals:
        raise NoMatrixFormError(f"By the entries of a {structure.value} matrix there is no form by vec. Take .tensor, a sum over indices.")
    diagonal = diag(vec(identity(size)))
    if rule.only_diagonal:
        places: Expr = diagonal
    else:
        whole, turned = identity(size_product(size, size)), commutation(size, size)
        places = whole + turned - diagonal if rule.transposed > 0 else whole - turned
    return by_vec @ places if layout is Layout.NUMERATOR else places @ by_vec


def shortest(candidates: Iterable[Expr]) -> Expr:
    """The matrix of those that are equal which is written with the fewest signs."""
    return min(candidates, key=lambda each: (len(repr(each)), repr(each)))


def _on_diagonal(matrix: Expr) -> Expr:
    """The diagonal of a matrix as a matrix."""
    while isinstance(matrix, Transpose):
        matrix = matrix.argument
    if isinstance(matrix, Diag | Identity | Zeros):
        return matrix
    return times(matrix, identity(matrix.shape[0]))


# ---- the same as a derivative by independent entries -----------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class FreeEntries:
    """A derivative by free entries as one by the independent entries of another matrix, of which the structured one is made.

    Oracles judge it that know neither the structure nor the rules. Everything is written with the name of the structured matrix.

    Attributes:
        structured: the derivative by free entries.
        inside: the same by the structured matrix as a named quantity.
        wrt: the matrix of independent entries.
    """

    structured: Derivation
    inside: Derivation
    wrt: Symbol

    def __repr__(self) -> str:
        return repr(self.structured)

    @property
    def of(self) -> Expr:
        """What is derived, in terms of the independent entries."""
        return self.inside.of

    @property
    def layout(self) -> Layout:
        """The layout."""
        return self.structured.layout

    @property
    def result(self) -> Expr:
        """The matrix."""
        return self._renamed(self.structured.result)

    @property
    def vec_form(self) -> Expr:
        """The derivative by vec."""
        return self._renamed(self.structured.vec_form)

    @property
    def index_form(self) -> IndexForm:
        """The sum over indices."""
        return IndexForm(self.inside.index_form.form, self.inside.index_form.groups, (self.inside.of, self.wrt))

    def _renamed(self, expression: Expr) -> Expr:
        return exchanged_names([expression], {self.structured.wrt.name: self.inside.wrt})[0]


def free_entries_of(wrt: Symbol | Let, structure: Structure, taken: Iterable[str]) -> tuple[Symbol, Let]:
    """A matrix of independent entries with a name that is not taken, and the structured matrix made of it."""
    name, names = f"{wrt.name}_free", set(taken)
    while name in names:
        name += "e"
    free = Symbol(name, wrt.shape)
    made = let(wrt.name, STRUCTURES[structure].made(free))
    assert isinstance(made, Let)
    return free, made
