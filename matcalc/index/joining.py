"""Powers, and derivatives of matrix functions, joined with what they are multiplied by.

    U^a U^b                       = U^(a+b)
    U^a M U^b                     = M U^(a+b)       where M commutes with U
    tr(M L(U, E))                 = tr(M g'(U) E)   where M commutes with U; L is the derivative of g at U along E
    L(U, E)                       = E g'(U)         where E commutes with U

That two matrices commute is shown and never guessed: both are made, by sums of powers, inverses and functions, of one and the same matrix.

The last two rows are Higham, "Functions of Matrices" (2008), chapter 3, with the power series of g derived term by term.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias, final

from matcalc.index.commuting import Generator, Letter, atom_generator, commute, generator
from matcalc.index.exponents import Exponent, Range
from matcalc.index.form import (
    Atom, AtomKind, Factor, Form, Indices, PowerOf, Rational, Term, bracket, delta, frechet_atom, inverse_atom, matrix_function_atom,
    power_atom, rational, size_atom, variable,
)  # fmt: skip
from matcalc.language.elementwise import MatrixFunction
from matcalc.language.expressions import Let, SizeNumber, Symbol
from matcalc.language.sizes import Dim

JOINING = frozenset({AtomKind.MATRIX_POWER, AtomKind.FRECHET})

Joined: TypeAlias = tuple[Rational, list[Factor], list[int]]  # coefficient, factors, indices that stand in none of them any more
Weights: TypeAlias = Mapping[int, tuple[Range, Rational]]  # of each index in an exponent its range and its multiple


def joined(coefficient: Rational, factors: Sequence[Factor], free: Container[int]) -> Joined | None:
    """The product with two of its factors joined; None where no rule applies.

    Args:
        coefficient, factors: the product.
        free: the indices that are not summed.
    """
    chains = _Chains(factors, free)
    for place, (atom, _, exponent) in enumerate(factors):
        if exponent != 1 or atom.kind not in JOINING or _rows(atom) > 1:
            continue
        found = (_power_joined if atom.kind is AtomKind.MATRIX_POWER else _frechet_joined)(chains, place)
        if found is not None:
            return rational(coefficient * found[0]), found[1], found[2]
    return None


def _rows(atom: Atom) -> int:
    return int(atom.payload[1])


# ---- chains of matrices ----------------------------------------------------------------------------------------------


@final
class _Chains:
    """The factors of a product, and which matrix goes on where another ends."""

    def __init__(self, factors: Sequence[Factor], free: Container[int]) -> None:
        self.factors = list(factors)
        self.free = free
        self.stands = Counter(i for _, indices, _ in factors for i in indices)
        self.ends: dict[int, list[tuple[int, bool]]] = {}  # the matrices at an index, each with whether it ends there
        for place, factor in enumerate(self.factors):
            for turned, i in enumerate(ends_of(factor) or ()):
                self.ends.setdefault(i, []).append((place, bool(turned)))

    def is_joint(self, index: int) -> bool:
        """Whether a summed index joins two ends and nothing else."""
        return index not in self.free and self.stands[index] == 2

    def walk(self, start: int, origin: int, stops: Callable[[int, int], bool], base: Generator | None) -> tuple[list[int], int] | None:
        """The matrices from an index on, whose product commutes with the base, and where the walk stopped.

        Args:
            start: the index.
            origin: the place of the factor from which the walk comes.
            stops: told an index and the place of the matrix that begins there, or -1.
            base: the generator of the base.

        Returns:
            The places of the matrices, and that of the one at which it stopped; None where it does not come to that.
        """
        chain: list[int] = []
        letters: list[Letter] = []
        at = start
        while True:
            onward = [entry for entry in self.ends.get(at, ()) if entry[0] != origin and entry[0] not in chain]
            place, turned = onward[0] if onward and self.is_joint(at) else (-1, True)
            if stops(at, -1 if turned else place):
                return (chain, place) if commute(letters, base) else None
            if place < 0:
                return None
            atom, indices, _ = self.factors[place]
            chain.append(place)
            letters.append((atom_generator(atom), turned and not atom.symmetric))
            at = indices[0] if turned else indices[1]

    def renamed(self, old: int, new: int, without: int) -> list[Factor]:
        """The factors but for one, an index called otherwise."""
        kept = self.factors[:without] + self.factors[without + 1 :]
        return [(atom, tuple([new if i == old else i for i in indices]), e) for atom, indices, e in kept]


def ends_of(factor: Factor) -> Indices | None:
    """The row and the column index of a factor that is a matrix."""
    atom, indices, exponent = factor
    if exponent != 1 or atom.kind in (AtomKind.DELTA, AtomKind.FRECHET):
        return None
    count = 2 * _rows(atom) if atom.kind is AtomKind.MATRIX_POWER else len(indices)
    return indices[:2] if count == 2 else None


# ---- powers ----------------------------------------------------------------------------------------------------------


def _power_joined(chains: _Chains, place: int) -> Joined | None:
    """A power with another of the same base before or behind it; of scalars with another anywhere."""
    form, rows, _ = chains.factors[place][0].payload
    if not rows:
        others = [k for k, factor in enumerate(chains.factors) if k != place and _power_of(factor, form, 0) is not None]
        return _as_one(chains, place, others[0], form, 0, ()) if others else None
    base = generator(form)
    powers = {k for k, factor in enumerate(chains.factors) if _power_of(factor, form, rows) is not None}
    for first in sorted(powers):
        ends = ends_of(chains.factors[first])
        if ends is None or ends[0] == ends[1] or not chains.is_joint(ends[1]):
            continue
        found = chains.walk(ends[1], first, lambda _, there, but=first: there in powers - {but}, base)  # type: ignore[misc]
        if found is None or AtomKind.MATRIX_POWER not in (chains.factors[k][0].kind for k in (first, found[1])):
            continue
        last = ends_of(chains.factors[found[1]])
        assert last is not None
        number, factors, idle = _as_one(chains, first, found[1], form, rows, last if found[0] else (ends[0], last[1]))
        return number, [(a, tuple([ends[0] if i == ends[1] else i for i in ix]), e) for a, ix, e in factors], idle
    return None


def _power_of(factor: Factor, form: Form, rows: int) -> tuple[Exponent, Weights] | None:
    """The exponent if a factor is a power of that matrix, the matrix itself or its inverse."""
    atom, indices, exponent = factor
    if exponent != 1:
        return None
    if atom.kind is AtomKind.MATRIX_POWER and atom.payload[:2] == (form, rows):
        power = atom.payload[2]
        weights = zip(indices[2 * rows :], power.ranges, power.weights, strict=True)
        return power.exponent, {i: (span, weight) for i, span, weight in weights}
    if rows and atom.kind is AtomKind.INVERSE:
        inner = lone_atom(atom.payload[0])
        if inner is not None and inner.kind is AtomKind.MATRIX_POWER and inner.payload[:2] == (form, rows):
            return inner.payload[2].exponent.times(-1), {}
        return (Exponent(-1), {}) if atom.payload == (form, rows) else None
    if rows and (atom.kind is AtomKind.BRACKET and atom.payload[0] == form or lone_atom(form) == atom):
        return Exponent(1), {}
    return None


def lone_atom(form: Form) -> Atom | None:
    """The atom that is all of a form, its axes in order."""
    if len(form.terms) != 1 or form.terms[0].coefficient != 1 or len(form.terms[0].factors) != 1:
        return None
    atom, indices, exponent = form.terms[0].factors[0]
    return atom if exponent == 1 and indices == tuple(range(len(form.axes))) else None


def _as_one(chains: _Chains, first: int, second: int, form: Form, rows: int, at: Indices) -> Joined:
    """The two powers as one at the given ends, in the place of the second."""
    one, other = (_power_of(chains.factors[k], form, rows) for k in (first, second))
    assert one is not None and other is not None
    weights = dict(one[1])
    for i, (span, weight) in other[1].items():
        weights[i] = span, rational(weights.get(i, (span, 0))[1] + weight)
    kept = {i: entry for i, entry in weights.items() if entry[1] != 0}
    coefficient, made = power_factors(form, rows, one[0] + other[0], at, kept)
    factors: list[Factor] = []
    for place, factor in enumerate(chains.factors):
        factors += made if place == second else [] if place == first else [factor]
    idle = [i for i in weights if i not in kept and i not in chains.free and not any(i in ix for _, ix, _ in factors)]
    return coefficient, factors, idle


def power_factors(form: Form, rows: int, exponent: Exponent, at: Indices, weights: Weights | None = None) -> tuple[Rational, list[Factor]]:
    """A power of a matrix as coefficient and factors: the identity, the matrix itself, its inverse, or an atom.

    Args:
        form, rows: the matrix, its first ``rows`` axes those of the rows.
        exponent: the exponent without its indices.
        at: the indices of rows and columns.
        weights: the indices in the exponent.
    """
    weights = weights or {}
    if rows and not weights and not exponent.multiples:
        if exponent.constant == 0:
            return 1, [(delta(size), (i, j), 1) for size, i, j in zip(form.axes, at[:rows], at[rows:], strict=False)]
        if exponent.constant == 1:
            return _opened(form, at)
        if exponent.constant == -1:
            return 1, [(inverse_atom(form, rows), at, 1)]
    power = PowerOf(exponent, tuple(weight for _, weight in weights.values()), tuple(span for span, _ in weights.values()))
    return 1, [(power_atom(form, rows, power), at + tuple(weights), 1)]


def _opened(form: Form, at: Indices) -> tuple[Rational, list[Factor]]:
    """A form at indices as one product."""
    if len(form.terms) == 1 and not form.terms[0].bound:
        term = form.terms[0]
        return term.coefficient, [(atom, tuple([at[i] for i in indices]), e) for atom, indices, e in term.factors]
    return 1, [(bracket(form), at, 1)]


def count_factors(span: Range) -> tuple[Rational, list[Factor]]:
    """How many values an index has, as coefficient and factors: k, or a sum as k - 1 in brackets."""
    terms: list[Term] = []
    for unit, factor in span.count.multiples:
        number, atoms = _unit_atoms(unit)
        terms.append(Term(rational(factor * number), tuple((atom, (), 1) for atom in atoms), ()))
    if span.count.constant or not terms:
        terms.append(Term(span.count.constant, (), ()))
    if len(terms) == 1:
        return terms[0].coefficient, list(terms[0].factors)
    return 1, [(bracket(Form((), tuple(terms))), (), 1)]


def _unit_atoms(unit: Symbol | Let | SizeNumber) -> tuple[int, list[Atom]]:
    if not isinstance(unit, SizeNumber):
        return 1, [variable(unit, ())]
    if isinstance(unit.size, Dim):
        return unit.size.coefficient, [size_atom(name) for name in unit.size.names]
    return unit.size, []


# ---- derivatives of matrix functions ---------------------------------------------------------------------------------


def _frechet_joined(chains: _Chains, place: int) -> Joined | None:
    """The derivative of a function closed over its value, or along what commutes; that of a power with an index stays."""
    form, _, function, order = chains.factors[place][0].payload
    if not isinstance(function, MatrixFunction):
        return None
    found = _closed(chains, place, form, function, order)
    return _moved_out(chains, place, form, function) if found is None and order == 1 else found


def _closed(chains: _Chains, place: int, form: Form, function: MatrixFunction, order: int) -> Joined | None:
    """The trace of the value, or of its product with what commutes: tr(M L(U, E)) = tr(M g'(U) E)."""
    indices = chains.factors[place][1]
    row, column = indices[:2]
    first, last = indices[2 * order : 2 * order + 2]
    number, slope = slope_of(function)
    if not chains.is_joint(column):
        return None
    if row == column:
        made = frechet_atom(slope, form, 1, order - 1) if order > 1 else matrix_function_atom(slope, form, 1)
        return number, [*chains.renamed(row, row, place), (made, (last, first, *indices[2 : 2 * order]), 1)], []
    if order > 1 or not chains.is_joint(row) or chains.walk(column, place, lambda at, _: at == row, generator(form)) is None:
        return None
    return number, [*chains.renamed(column, last, place), (matrix_function_atom(slope, form, 1), (row, first), 1)], []


def _moved_out(chains: _Chains, place: int, form: Form, function: MatrixFunction) -> Joined | None:
    """The derivative along what commutes: L(U, E) = E g'(U)."""
    row, column, first, last = chains.factors[place][1]
    number, slope = slope_of(function)
    made = matrix_function_atom(slope, form, 1)
    if not (chains.is_joint(first) and chains.is_joint(last)):
        return None
    if first == last:
        return number, [*chains.renamed(first, first, place), (made, (row, column), 1)], []
    if chains.walk(first, place, lambda at, _: at == last, generator(form)) is None:
        return None
    return number, [*chains.renamed(first, row, place), (made, (last, column), 1)], []


def slope_of(function: MatrixFunction) -> tuple[int, MatrixFunction]:
    """The derivative of a series, term by term, as a number times a function, without primes where that is known."""
    return plain_series(function.prime)


def plain_series(function: MatrixFunction) -> tuple[int, MatrixFunction]:
    """A function as a number times one without primes where it is known: sin'' = - sin."""
    if not function.known:
        return 1, function
    number, name = 1, function.name
    for _ in range(function.order):
        sign, name = SLOPES[name]
        number *= sign
    return number, MatrixFunction(name, known=True)


SLOPES: Mapping[str, tuple[int, str]] = MappingProxyType({"exp": (1, "exp"), "sin": (1, "cos"), "cos": (-1, "sin")})
