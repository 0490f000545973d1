"""The index form: sums of products of atoms with indices, where no order of factors and no layout exists.

A `Form` has free axes 0..k-1 and is a sum of `Term`. A term is a rational coefficient times atoms, each with its indices and a
rational exponent; indices from k on are summed. Exponents give quotients, roots, norms and entrywise powers without rules of
their own. A sum inside a product stays a factor, the atom `BRACKET`.

Atoms, terms and forms are identified by keys, digests of what they hold (see `matcalc.index.keys`). The order of terms and
factors stays that in which they were written, for display.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeAlias, final

from matcalc.index.keys import digest, joined_key, term_key
from matcalc.language.elementwise import ElementwiseFunction, MapFunction
from matcalc.language.expressions import Let, Symbol
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
    MAP = "map"


@final
class Atom:
    """A tensor that the form does not look into.

    Attributes:
        kind: what it is.
        key: digest of its content; equal atoms have equal keys.
        sizes: the size of each axis.
        names: the symbols and named quantities that it rests on.
        payload: the node, function, forms and numbers that make it; see the functions below.
    """

    __slots__ = ("key", "kind", "names", "payload", "sizes")

    def __init__(self, kind: AtomKind, identity: object, sizes: tuple[Size, ...], names: frozenset[str], payload: Any) -> None:
        self.kind = kind
        self.key = digest((kind.value, identity))
        self.sizes = sizes
        self.names = names
        self.payload = payload

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms inside the atom."""
        if self.kind is AtomKind.MAP:
            return self.payload[1]  # type: ignore[no-any-return]
        if self.kind in (AtomKind.VARIABLE, AtomKind.SIZE, AtomKind.DELTA):
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


def size_atom(name: str) -> Atom:
    """A named size as a number; payload (Dim,)."""
    return Atom(AtomKind.SIZE, name, (), _NO_NAMES, (Dim((name,)),))


def delta(size: Size) -> Atom:
    """Kronecker's delta; no payload."""
    return Atom(AtomKind.DELTA, repr(size), (size, size), _NO_NAMES, ())


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
