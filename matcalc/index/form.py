"""The index form: sums of products of atoms with indices, where no order of factors and no layout exists.

A `Form` has free axes 0..k-1 and is a sum of `Term`. A term is a rational coefficient times atoms, each with its indices and a
rational exponent; indices from k on are summed. Exponents give quotients, roots, norms and entrywise powers without rules of
their own. A sum inside a product stays a factor, the atom `BRACKET`.

Atoms, terms and forms are identified by keys, digests of what they hold (see `matcalc.index.keys`). The order of terms and
factors stays that in which they were written, for display.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeAlias, cast, final

from matcalc.index.exponents import Exponent, Range
from matcalc.index.keys import digest, joined_key, term_key
from matcalc.language.building import lift, times
from matcalc.language.elementwise import ElementwiseFunction, MapFunction, MatrixFunction
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.sizes import Dim, Size

Rational: TypeAlias = int | Fraction
Indices: TypeAlias = tuple[int, ...]


class AtomKind(StrEnum):
    """What an atom is; the tables of derivatives, layouts and index sums are keyed by it."""

    VARIABLE = "variable"
    SIZE = "size"
    DELTA = "delta"
    FUNCTION = "function"
    BRACKET = "bracket"
    INVERSE = "inverse"
    DETERMINANT = "determinant"
    SOFTMAX = "softmax"
    DIAGONALS = "diagonals"
    MAP = "map"
    PSEUDO_INVERSE = "pseudo-inverse"
    MATRIX_POWER = "matrix power"
    MATRIX_FUNCTION = "matrix function"
    FRECHET = "derivative of a matrix function"


@final
class Atom:
    """A tensor that the form does not look into.

    Attributes:
        kind: what it is.
        key: digest of its content; equal atoms have equal keys.
        sizes: the size of each axis.
        names: the symbols and named quantities that it rests on.
        payload: the node, function, forms and numbers that make it; see the functions below.
        assumed: what is assumed of it, in forms that are finished (see `matcalc.index.finishing`); nothing is while deriving.
        symmetric: whether its two axes may be exchanged, known of finished forms only.
    """

    __slots__ = ("assumed", "key", "kind", "names", "payload", "sizes", "symmetric")

    def __init__(
        self,
        kind: AtomKind,
        identity: object,
        sizes: tuple[Size, ...],
        names: frozenset[str],
        payload: Any,
        assumed: frozenset[str] = frozenset(),
        symmetric: bool = False,
    ) -> None:
        self.kind = kind
        self.key = digest((kind.value, identity, sorted(assumed), symmetric) if assumed or symmetric else (kind.value, identity))
        self.sizes = sizes
        self.names = names
        self.payload = payload
        self.assumed = assumed
        self.symmetric = symmetric

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms inside the atom."""
        if self.kind is AtomKind.MAP:
            return self.payload[1]  # type: ignore[no-any-return]
        if self.kind in (AtomKind.VARIABLE, AtomKind.SIZE, AtomKind.DELTA, AtomKind.DIAGONALS):
            return ()
        return (self.payload[0],)


_NO_NAMES: frozenset[str] = frozenset()

Factor: TypeAlias = tuple[Atom, Indices, Rational]
OpenTerm: TypeAlias = tuple[Rational, list[Factor]]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One product: its factors in the order written; ``bound`` holds the sizes of the summed indices k, k+1, ..."""

    coefficient: Rational
    factors: tuple[Factor, ...]
    bound: tuple[Size, ...]

    def key(self, free: int) -> bytes:
        """The key of the product without its coefficient, in a form with so many free indices."""
        return term_key(self.factors, free, len(self.bound))


@final
class Form:
    """A sum of terms with free axes 0..k-1 of the given sizes."""

    __slots__ = ("_key", "axes", "names", "terms")

    def __init__(self, axes: tuple[Size, ...], terms: tuple[Term, ...]) -> None:
        self.axes = axes
        self.terms = terms
        self._key: bytes | None = None
        names = _NO_NAMES
        for term in terms:
            for atom, _, _ in term.factors:
                if not atom.names <= names:
                    names |= atom.names
        self.names = names

    @property
    def key(self) -> bytes:
        """The digest by which equal forms are recognised; taken when it is first asked for."""
        if self._key is None:
            count = len(self.axes)
            terms = sorted([term.key(count) + str(term.coefficient).encode() for term in self.terms])
            self._key = joined_key([repr(self.axes).encode(), *terms])
        return self._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def is_zero(self) -> bool:
        return not self.terms


def variable(node: Symbol | Let, sizes: tuple[Size, ...]) -> Atom:
    """The atom of a symbol or a named quantity; payload (node,)."""
    kind = "let" if isinstance(node, Let) else "symbol"
    return Atom(AtomKind.VARIABLE, (kind, node.name, repr(sizes)), sizes, frozenset((node.name,)), (node,))


def assumed_atom(atom: Atom, assumed: frozenset[str], symmetric: bool) -> Atom:
    """The atom with what is assumed of it."""
    return Atom(atom.kind, ("known", atom.key), atom.sizes, atom.names, atom.payload, assumed, symmetric)


def size_atom(name: str) -> Atom:
    """A named size as a number; payload (Dim,)."""
    return Atom(AtomKind.SIZE, name, (), _NO_NAMES, (Dim((name,)),))


def delta(size: Size) -> Atom:
    """Kronecker's delta; no payload."""
    return Atom(AtomKind.DELTA, repr(size), (size, size), _NO_NAMES, ())


def same_diagonal(rows: Size, columns: Size) -> Atom:
    """1 where two entries of a matrix stand on one diagonal: i - j = k - l for (i, j) and (k, l), else 0; no payload."""
    return Atom(AtomKind.DIAGONALS, (repr(rows), repr(columns)), (rows, columns, rows, columns), _NO_NAMES, ())


def function_atom(function: ElementwiseFunction, form: Form) -> Atom:
    """f applied to every entry of a form; payload (form, function)."""
    identity = (function.name, function.order, function.known, str(function.parameter), form.key)
    return Atom(AtomKind.FUNCTION, identity, form.axes, form.names, (form, function))


def bracket(form: Form) -> Atom:
    """A sum that stays one factor; payload (form,)."""
    return Atom(AtomKind.BRACKET, form.key, form.axes, form.names, (form,))


def inverse_atom(form: Form, rows: int) -> Atom:
    """The inverse of a matrix whose first ``rows`` axes are its row axes; its axes are columns then rows; payload (form, rows)."""
    return Atom(AtomKind.INVERSE, (form.key, rows), form.axes[rows:] + form.axes[:rows], form.names, (form, rows))


def determinant_atom(form: Form, rows: int) -> Atom:
    """The determinant of a matrix whose first ``rows`` axes are its row axes; payload (form, rows)."""
    return Atom(AtomKind.DETERMINANT, (form.key, rows), (), form.names, (form, rows))


def softmax_atom(form: Form, along: tuple[int, ...]) -> Atom:
    """Softmax of a form along some of its axes; payload (form, along)."""
    return Atom(AtomKind.SOFTMAX, (form.key, along), form.axes, form.names, (form, along))


def map_atom(function: MapFunction, arguments: tuple[Form, ...], wrt: tuple[int, ...]) -> Atom:
    """An unknown map, or a derivative of it by the arguments ``wrt``; its axes are those of the value, then of each argument
    differentiated by; payload (function, arguments, wrt)."""
    output = tuple(entry for entry in function.shape if entry != 1)
    sizes = sum((arguments[k].axes for k in wrt), output)
    names = frozenset().union(*(a.names for a in arguments))
    identity = (function.name, repr(function.shape), tuple(a.key for a in arguments), wrt)
    return Atom(AtomKind.MAP, identity, sizes, names, (function, arguments, wrt))


def pseudo_inverse_atom(form: Form, rows: int) -> Atom:
    """The Moore-Penrose inverse, with the axes of an inverse; payload (form, rows)."""
    return Atom(AtomKind.PSEUDO_INVERSE, (form.key, rows), form.axes[rows:] + form.axes[:rows], form.names, (form, rows))


@final
@dataclass(frozen=True, slots=True)
class PowerOf:
    """Which power of a matrix: an exponent plus multiples of indices that count powers.

    Attributes:
        exponent: the part without indices.
        weights: the multiple of each index.
        ranges: the values of each index.
    """

    exponent: Exponent
    weights: tuple[Rational, ...] = ()
    ranges: tuple[Range, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The scalars in the exponent and in the ends of the ranges."""
        return frozenset(self.exponent.names).union(*(each.count.names for each in self.ranges))

    @property
    def sizes(self) -> tuple[Size, ...]:
        """One axis for each index: its range stands there as the size of other axes does, and is handed on like one."""
        return cast("tuple[Size, ...]", self.ranges)


def exponent_expression(power: PowerOf, indices: Sequence[Expr] = ()) -> Expr:
    """The exponent as it is written, its indices behind the rest: k - 1 - r."""
    made: Expr | None = power.exponent.expression() if power.exponent != Exponent(0) or not indices else None
    for index, weight in zip(indices, power.weights, strict=True):
        size = abs(Fraction(weight))
        term = index if size == 1 else times(lift(size), index)
        if made is None:
            made = -term if weight < 0 else term
        else:
            made = made - term if weight < 0 else made + term
    assert made is not None
    return made


def power_atom(form: Form, rows: int, power: PowerOf) -> Atom:
    """A power of a square matrix whose first ``rows`` axes are its row axes; its axes are those of the matrix, then one for each
    index in the exponent; payload (form, rows, power)."""
    identity = (form.key, rows, repr(power))
    return Atom(AtomKind.MATRIX_POWER, identity, form.axes + power.sizes, form.names | power.names, (form, rows, power))


def matrix_function_atom(function: MatrixFunction, form: Form, rows: int) -> Atom:
    """A power series of a square matrix whose first ``rows`` axes are its row axes; payload (form, rows, function)."""
    identity = (function.name, function.order, function.known, form.key, rows)
    return Atom(AtomKind.MATRIX_FUNCTION, identity, form.axes, form.names, (form, rows, function))


def frechet_atom(function: MatrixFunction | PowerOf, form: Form, rows: int, order: int = 1) -> Atom:
    """The derivative of a function, or power, of a square matrix by its entries, so many times: its axes are those of the value, then
    for each time those of the matrix, then one for each index in an exponent; payload (form, rows, function, order)."""
    indexed = function.sizes if isinstance(function, PowerOf) else ()
    names = form.names | function.names if isinstance(function, PowerOf) else form.names
    identity = (repr(function), form.key, rows, order)
    return Atom(AtomKind.FRECHET, identity, form.axes * (order + 1) + indexed, names, (form, rows, function, order))


def rational(value: Rational) -> Rational:
    """An int where the value is whole: arithmetic of ints is much quicker."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def nested_forms(roots: Iterable[Form]) -> list[Form]:
    """Every different form inside the given ones, those inside first, then the given ones; without recursion."""
    done: dict[bytes, Form] = {}
    outer = list(roots)
    stack: list[tuple[Form, bool]] = [(inner, False) for form in outer for inner in _inside(form)]
    while stack:
        form, expanded = stack.pop()
        if form.key in done:
            continue
        if expanded:
            done[form.key] = form
        else:
            stack.append((form, True))
            stack.extend([(inner, False) for inner in _inside(form) if inner.key not in done])
    return [*done.values(), *outer]


def _inside(form: Form) -> list[Form]:
    return [inner for term in form.terms for atom, _, _ in term.factors for inner in atom.forms]
