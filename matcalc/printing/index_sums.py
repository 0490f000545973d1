"""Index forms as sums over indices, in LaTeX and in plain text: ``(1/m) Σ_k W_ki x_k``.

The free axes are i, j, k, p, q, ... in order, the summed indices of a term the letters that follow, those of a sum inside a
product the letters after these; a letter that is the name of something in the form, or that stands in the script of a name, is
passed over. A sum sign reaches to the end of its term, so a sum that is a factor stands in brackets. A summed index
that no factor shows, as in f(c) for every entry, is written as its size.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, count, islice
from typing import Any, TypeAlias, cast, final

from matcalc.index.canonical import size_factors
from matcalc.index.exponents import Exponent, Range
from matcalc.index.form import Atom, AtomKind, Factor, Form, PowerOf, Rational, Term, nested_forms
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import Dim, Size
from matcalc.printing.index_atoms import ATOMS, ENTRYWISE, Inside
from matcalc.printing.index_dialects import LATEX_SUMS, TEXT_SUMS, Letters, SumDialect
from matcalc.printing.names import COMMANDS, plain_name, quotient_parts
from matcalc.printing.pieces import Level, Piece, Rope, at_least, flattened, scripted

INDICES = "ijkpqrstuvwghabcdxyz"
ARRAY_INDICES = "abcdghijkpqrstuvwxyz"

Names: TypeAlias = frozenset[str]
Writing: TypeAlias = Generator[Any, Piece, Piece]  # yields the writing of a form inside and is sent its piece


def index_text(form: Form) -> str:
    """The index form in plain text.

    Example:
        >>> import matcalc as mc
        >>> from matcalc.index.engine import Engine
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> index_text(Engine().lowered(W.T @ W @ x / mc.dims("m")).form)
        '(1/m) Σ_{j,k} W_ji W_jk x_k'
    """
    return _printed(form, TEXT_SUMS)


def index_latex(form: Form) -> str:
    """The index form in LaTeX.

    Example:
        >>> import matcalc as mc
        >>> from matcalc.index.engine import Engine
        >>> W, x, f = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.function("f")
        >>> print(index_latex(Engine().lowered(f(W @ x) / mc.sum(x)).form))
        \\frac{f\\left(\\sum_j W_{ij} x_j\\right)}{\\sum_j x_j}
    """
    return _printed(form, LATEX_SUMS)


def free_letters(form: Form) -> Letters:
    """The letters of the free axes, as a printed form has them.

    Example:
        >>> import matcalc as mc
        >>> from matcalc.index.engine import Engine
        >>> free_letters(Engine().lowered(mc.outer(mc.vector("x", 3), mc.vector("j", 2))).form)
        ('i', 'k')
    """
    return _fresh(len(form.axes), INDICES, _taken_names(form))


def _printed(form: Form, dialect: SumDialect) -> str:
    """The form, each writing of a form inside resumed when that is done: a stack of its own, so that any depth prints."""
    used = _taken_names(form)
    letters = free_letters(form)
    stack: list[Writing] = [_sum(form, letters, used.union(letters), _Page(dialect, _seen_axes(form)))]
    done: Piece | None = None
    while True:
        try:
            inside = next(stack[-1]) if done is None else stack[-1].send(done)
        except StopIteration as end:
            stack.pop()
            if not stack:
                return flattened(end.value.rope)
            done = end.value
        else:
            stack.append(inside)
            done = None


# ---- letters ---------------------------------------------------------------------------------------------------------


def _taken_names(form: Form) -> Names:
    """What no index may be called: names in the form and of its sizes, and the short words in their scripts, which look like indices."""
    ranges = (size for inner in nested_forms([form]) for size in chain(inner.axes, *(term.bound for term in inner.terms)))
    names = {name for size in ranges if isinstance(size, Dim) for name in size.names}
    atoms = (atom for inner in nested_forms([form]) for term in inner.terms for atom, _, _ in term.factors)
    for atom in atoms:
        match atom.kind:
            case AtomKind.VARIABLE:
                name = atom.payload[0].name
                names.update(quotient_parts(name) or (name,))
            case AtomKind.SIZE:
                names.update(atom.payload[0].names)
            case AtomKind.FUNCTION:
                names.add(atom.payload[1].name)
            case AtomKind.MAP:
                names.add(atom.payload[0].name)
            case AtomKind.MATRIX_FUNCTION:
                names.add(atom.payload[2].name)
            case AtomKind.FRECHET | AtomKind.MATRIX_POWER:
                names.update(atom.payload[2].names if isinstance(atom.payload[2], PowerOf) else (atom.payload[2].name,))
    scripts = [held for name in names for _, held in plain_name(name).scripts]
    words = (word for held in scripts for word in re.findall(r"[^\W\d_]+", held) if len(word) < 3 and word not in COMMANDS)
    return frozenset(names).union(*words)


def _fresh(number: int, letters: str, used: Names) -> Letters:
    """So many letters that are not in use; when they run out, the first one with numbers."""
    candidates = chain(letters, (f"{letters[0]}_{n}" for n in count(1)))
    return tuple(islice((letter for letter in candidates if letter not in used), number))


@final
@dataclass(frozen=True, slots=True)
class _Page:
    """The notation, and for each form the axes whose indices are seen in it."""

    dialect: SumDialect
    seen: Mapping[bytes, frozenset[int]]

    def indices(self, factor: Factor) -> Iterable[int]:
        """The indices of a factor that are seen: the function of a constant shows none."""
        return _seen_indices(factor, self.seen)


def _seen_axes(form: Form) -> dict[bytes, frozenset[int]]:
    seen: dict[bytes, frozenset[int]] = {}
    for inner in nested_forms([form]):
        indices = (i for term in inner.terms for factor in term.factors for i in _seen_indices(factor, seen))
        seen[inner.key] = frozenset(i for i in indices if i < len(inner.axes))
    return seen


def _seen_indices(factor: Factor, seen: Mapping[bytes, frozenset[int]]) -> Iterable[int]:
    atom, indices, _ = factor
    return (indices[axis] for axis in sorted(seen[atom.forms[0].key])) if atom.kind in ENTRYWISE else indices


# ---- sums and products -----------------------------------------------------------------------------------------------


def _sum(form: Form, letters: Letters, used: Names, page: _Page) -> Writing:
    """The terms with their signs."""
    if form.is_zero:
        return Piece("0", Level.WHOLE, numeral=True)
    written: list[Piece] = []
    for term in form.terms:
        written.append((yield from _term(term, letters, used, page)))
    if len(written) == 1 and form.terms[0].coefficient > 0:
        return written[0]
    rope: list[Rope] = []
    for term, piece in zip(form.terms, written, strict=True):
        sign = "-" if term.coefficient < 0 else "+"
        rope.append(f" {sign} " if rope else sign.strip("+"))
        rope.append(at_least(piece, Level.BLEND, page.dialect.expressions.brackets).rope)
    return Piece(tuple(rope), Level.SUM, any(piece.tall for piece in written))


def _term(term: Term, letters: Letters, used: Names, page: _Page) -> Writing:
    """A term without its sign: number and sizes, sum sign, deltas, factors over those of negative exponent."""
    factors = [factor for factor in term.factors if factor[0].kind is not AtomKind.SIZE]
    factors.sort(key=lambda factor: (factor[2] < 0, factor[0].kind is not AtomKind.DELTA))
    free = len(letters)
    bound = tuple(dict.fromkeys(i for factor in factors for i in page.indices(factor) if i >= free))
    summed = _fresh(len(bound), INDICES, used)
    names = dict(enumerate(letters)) | dict(zip(bound, summed, strict=True))
    coefficient, sizes = _in_front(term, [size for i, size in enumerate(term.bound, free) if i not in bound])
    above, below = ([_number(n)] if n > 1 else [] for n in coefficient.as_integer_ratio())
    front, body = _Quotient(above, below), _Quotient([], [])
    for part, group in ((front, sizes), (body, factors)):
        for factor in group:
            piece = yield from _factor(factor, names, used.union(summed), page)
            part.side(factor[2]).append(piece)
    ranges = {names[i]: term.bound[i - free] for i in bound}
    return _assembled(front, ranges, body, page.dialect)


def _in_front(term: Term, idle: Iterable[Size]) -> tuple[Fraction, list[Factor]]:
    """The number and the sizes before a term: its own, and those of the summed indices that nothing in it shows."""
    coefficient = abs(Fraction(term.coefficient))
    exponents: dict[Atom, Rational] = {atom: e for atom, _, e in term.factors if atom.kind is AtomKind.SIZE}
    for number, sizes in map(size_factors, idle):
        coefficient *= number
        for atom, _, exponent in sizes:
            exponents[atom] = exponents.get(atom, 0) + exponent
    return coefficient, [(atom, (), exponent) for atom, exponent in exponents.items() if exponent]


@final
@dataclass(frozen=True, slots=True)
class _Quotient:
    """The factors above and below a line."""

    above: list[Piece]
    below: list[Piece]

    def side(self, exponent: Rational) -> list[Piece]:
        return self.below if exponent < 0 else self.above

    def piece(self, write: Callable[[Piece, Piece], Piece], d: SumDialect) -> Piece | None:
        """The product above over the product below; None where there is no factor."""
        if self.below:
            return write(_product(self.above, d), _product(self.below, d))
        return _product(self.above, d) if self.above else None


def _signs(summed: Mapping[str, Size], d: SumDialect) -> Rope:
    """The sum signs: one for each index that counts powers, and one for all others."""
    ranges = {letter: cast(Range, size).count for letter, size in summed.items() if isinstance(size, Range)}
    signs = [(d.range_sign(letter, d.scalar((count - Exponent(1)).expression())), " ") for letter, count in ranges.items()]
    others = tuple((letter,) for letter in summed if letter not in ranges)
    return (*signs, (d.sum_sign, d.subscript(*others), " ")) if others else tuple(signs)


def _assembled(front: _Quotient, summed: Mapping[str, Size], body: _Quotient, d: SumDialect) -> Piece:
    """Number and sizes, sum sign and factors one behind the other; one quotient where nothing but denominators follows."""
    if not summed and not body.above:
        whole = _Quotient(front.above, front.below + body.below).piece(d.front, d)
        return whole or _number(1)
    factors, before = body.piece(d.quotient, d), front.piece(d.front, d)
    assert factors is not None, "a term that sums has factors"
    brackets = d.expressions.brackets
    if summed:
        inside = at_least(factors, Level.BLEND, brackets)
        factors = Piece((_signs(summed, d), inside.rope), Level.BLEND, tall=True)
    if before is None:
        return factors
    after = _as_factor(factors, d) if factors.numeral else at_least(factors, Level.BLEND, brackets)
    first = at_least(before, Level.PRODUCT, brackets)
    level = Level.PRODUCT if factors.level > Level.BLEND else Level.BLEND
    return Piece((first.rope, " ", after.rope), level, first.tall or after.tall, numeral=before.numeral)


def _number(value: int) -> Piece:
    return Piece(str(value), Level.WHOLE, numeral=True)


def _product(pieces: Sequence[Piece], d: SumDialect) -> Piece:
    """The pieces one behind the other, sums among them bracketed; 1 where there are none."""
    if len(pieces) < 2:
        return pieces[0] if pieces else _number(1)
    factors = [pieces[0] if pieces[0].numeral and pieces[0].level > Level.PRODUCT else _as_factor(pieces[0], d)]
    factors += [_as_factor(piece, d) for piece in pieces[1:]]
    rope = tuple(part for factor in factors for part in (" ", factor.rope))[1:]
    return Piece(rope, Level.PRODUCT, any(factor.tall for factor in factors), numeral=pieces[0].numeral)


def _as_factor(piece: Piece, d: SumDialect) -> Piece:
    """The piece so that it may stand behind a factor."""
    if piece.numeral:
        return Piece(d.expressions.brackets(piece), Level.WHOLE, piece.tall)
    return at_least(piece, Level.FRACTION, d.expressions.brackets)


# ---- factors ---------------------------------------------------------------------------------------------------------


def _factor(factor: Factor, names: Mapping[int, str], used: Names, page: _Page) -> Writing:
    """An atom at its indices with its exponent, whose sign is left to the caller."""
    atom, indices, exponent = factor
    at = tuple(names.get(i, "") for i in indices)  # an index without a letter is not seen
    inside: list[Inside] = []
    for form in atom.forms:
        letters = at if atom.kind in ENTRYWISE else _fresh(len(form.axes), ARRAY_INDICES, used)
        piece = yield _sum(form, letters, used.union(letters), page)
        inside.append(Inside(form, letters, piece))
    d = page.dialect
    base = ATOMS[atom.kind](atom, at, tuple(inside), d)
    power = -exponent if exponent < 0 else exponent
    if power == 1:
        return base
    return d.root(base) if power == Fraction(1, 2) else scripted(base, d.power(power), d.expressions.brackets)


register(METHODS, "index_text", index_text)
register(METHODS, "index_latex", index_latex)
