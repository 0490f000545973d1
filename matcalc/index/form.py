"""The index form: sums of products of atoms with indices, where no order of factors and no layout exists.

A `Form` has free axes 0..k-1 and is a sum of `Term`. A term is a rational coefficient times atoms, each with its indices and a
rational exponent; indices from k on are summed. Exponents give quotients, roots, norms and entrywise powers without rules of
their own. A sum inside a product stays a factor, the atom `BRACKET`.

Atoms, terms and forms are identified by a digest of what they hold, so that comparing two deep forms costs one comparison. The
labels of summed indices are canonical; the order of terms and factors stays that in which they were written, for display.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from hashlib import blake2b
from typing import Any, TypeAlias, final

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


Factor: TypeAlias = tuple[Atom, Indices, Rational]
OpenTerm: TypeAlias = tuple[Rational, list[Factor]]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One product: its factors in the order written; ``bound`` holds the sizes of the summed indices k, k+1, ..."""

    coefficient: Rational
    factors: tuple[Factor, ...]
    bound: tuple[Size, ...]
    key: bytes


@final
class Form:
    """A sum of terms with free axes 0..k-1 of the given sizes."""

    __slots__ = ("axes", "key", "names", "terms")

    def __init__(self, axes: tuple[Size, ...], terms: tuple[Term, ...]) -> None:
        self.axes = axes
        self.terms = terms
        self.key = digest((repr(axes), sorted((t.key, str(t.coefficient)) for t in terms)))
        names: frozenset[str] = frozenset()
        for term in terms:
            for atom, _, _ in term.factors:
                if not atom.names <= names:
                    names |= atom.names
        self.names = names

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def is_zero(self) -> bool:
        return not self.terms


def digest(content: object) -> bytes:
    """A key of 16 bytes; two contents share one with a chance below 1e-20 even among a billion."""
    return blake2b(repr(content).encode(), digest_size=16).digest()


_NO_NAMES: frozenset[str] = frozenset()


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
    """Every different form inside the given ones, those inside first, without recursion."""
    done: dict[bytes, Form] = {}
    stack: list[tuple[Form, bool]] = [(form, False) for form in roots]
    while stack:
        form, expanded = stack.pop()
        if form.key in done:
            continue
        if expanded:
            done[form.key] = form
            continue
        stack.append((form, True))
        for term in form.terms:
            for atom, _, _ in term.factors:
                stack.extend((inner, False) for inner in atom.forms if inner.key not in done)
    return list(done.values())
