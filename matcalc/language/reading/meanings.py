"""What a name with its scripts means: the longest declared name first, the rest of the scripts left to act on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import final

from matcalc.language import building
from matcalc.language.elementwise import known_function
from matcalc.language.expressions import Expr, Number, SizeNumber
from matcalc.language.reading import names
from matcalc.language.reading.entries import Entries
from matcalc.language.reading.lexer import Tokens
from matcalc.language.reading.names import Key, NameKey
from matcalc.language.reading.scope import Head, Scope
from matcalc.language.reading.sizing import Sizing
from matcalc.language.reading.source import Span
from matcalc.language.reading.superscripts import Superscript, superscript
from matcalc.language.reading.syntax import Name, Scripts
from matcalc.language.reading.vocabulary import WORDS
from matcalc.language.sizes import Dim, Size, ndim, size_product

MOST_SIZE_EXPONENT = 8


@final
@dataclass(frozen=True, slots=True)
class Marks:
    """Scripts that are left to act on a base: a subscript, a superscript, primes."""

    below: tuple[int, int] | None
    above: Superscript | None
    primes: int
    span: Span


@final
@dataclass(frozen=True, slots=True)
class Meaning:
    """What a base stands for: a value, something to apply, or either; and the scripts that are not part of its name.

    ``called`` holds the arguments that the value was defined with, which may be written behind it; None where it was defined without.
    """

    value: Expr | None
    head: Head | None
    marks: tuple[Marks, ...]
    called: tuple[NameKey, ...] | None = None


@final
class Names:
    """The names of one text."""

    def __init__(self, tokens: Tokens, scope: Scope, sizing: Sizing, entries: Entries) -> None:
        self.tokens = tokens
        self.source = tokens.source
        self.scope = scope
        self.sizing = sizing
        self.entries = entries
        self.has_bold = any(token.text in names.BOLD for token in tokens.list)

    def marks(self, scripts: Scripts) -> Marks:
        """Scripts, the superscript taken apart."""
        above = superscript(self.tokens, *scripts.above) if scripts.above else None
        return Marks(scripts.below, above, scripts.primes, scripts.span)

    def meaning(self, name: Name, scripts: tuple[Scripts, ...]) -> Meaning:
        """What a name with scripts means.

        Raises:
            UnknownNameError: nothing of that name is declared.
        """
        all_marks = tuple(self.marks(each) for each in scripts)
        first, rest = (all_marks[0], all_marks[1:]) if all_marks else (None, ())
        readings = () if self._is_bound_letter(name, first) else self._readings(name.stem, first)
        for key, left in readings:
            value, head = self._declared(key, name)
            if isinstance(value, SizeNumber) and left is not None and left.below is not None:
                continue  # a size has no entries: another name is meant
            if value is not None or head is not None:
                kronecker = self._kronecker(name, value, left)
                if kronecker is not None:
                    return Meaning(kronecker, None, rest)
                self.entries.refuse_hidden(key, name.span)
                self._refuse_commutation(name, left)
                return Meaning(value, head, (left, *rest) if left else rest, self.scope.called.get(key))
        if self.entries.is_bound(name.stem) and not name.styled:
            return Meaning(self.entries.index(name.stem), None, all_marks)
        if name.stem == "delta" and not name.styled and first is not None and first.below is not None:
            delta = self.entries.kronecker_delta(first.below)
            if delta is not None:
                return Meaning(delta, None, (replace(first, below=None), *rest))
        constant = self._constant(name, first)
        if constant is not None:
            return Meaning(constant, None, (replace(first, below=None), *rest) if first else rest)
        if name.is_sigmoid:
            return Meaning(None, known_function("sigmoid"), all_marks)
        raise self._unknown(name, first)

    def _kronecker(self, name: Name, value: Expr | None, left: Marks | None) -> Expr | None:
        """The entry of the identity that delta_ij is where delta is declared as a vector, which has no such entry."""
        if name.stem != "delta" or name.styled or value is None or ndim(value.shape) != 1 or left is None or left.below is None:
            return None
        return self.entries.kronecker_delta(left.below)

    def _refuse_commutation(self, name: Name, left: Marks | None) -> None:
        """Refuse K_{m,n} where K is declared and m and n are sizes: a commutation matrix, or the last entry of K."""
        if name.stem != "K" or not name.styled or left is None or left.below is None:
            return
        start, end = left.below
        commas = [i for i in range(start, end) if self.tokens.list[i].text == ","]
        parts = [(start, commas[0]), (commas[0] + 1, end)] if len(commas) == 1 else []
        keys = [names.key_of_tokens(self.tokens, *part) if part[0] < part[1] else None for part in parts]
        if keys and all(key is not None and self.scope.size_at(key) is not None for key in keys):
            claim = f"{self.source.piece(name.span.to(left.span))} is the commutation matrix, and an entry of K, which is declared."
            raise self.source.unreadable(name.span.to(left.span), claim, "Give the declared matrix another name.")

    def _is_bound_letter(self, name: Name, first: Marks | None) -> bool:
        """Whether a bare letter is the index of a sum, which goes before a size of the same name."""
        return first is None and not name.styled and self.entries.is_bound(name.stem)

    def _readings(self, stem: str, marks: Marks | None) -> Iterator[tuple[Key, Marks | None]]:
        """The names that may be meant, the longest first, each with the scripts that it leaves."""
        letters, digits = names.letters_and_digits(stem)
        if marks is None:
            yield Key(letters, digits), None
            return
        sub = names.script_text(self.tokens, *marks.below) if marks.below else ""
        if digits and not sub:
            yield from ((key._replace(stem=letters, below=digits), left) for key, left in self._readings(letters, marks))
            return
        above = marks.above
        for primes in (marks.primes, 0) if marks.primes else (0,):
            left = replace(marks, primes=marks.primes - primes)
            for below in (sub, "") if sub else ("",):
                left_below = left.below if not below else None
                if above is not None:
                    yield Key(stem, below, above.text, primes), replace(left, below=left_below, above=None)
                    if above.transposed and above.held:
                        sign = replace(above, text="", held="", exponent=None, entrywise=False, negated=False, unsupported="")
                        yield Key(stem, below, above.held, primes), replace(left, below=left_below, above=sign)
                yield Key(stem, below, "", primes), replace(left, below=left_below)

    def _declared(self, key: Key, name: Name) -> tuple[Expr | None, Head | None]:
        scope = self.scope
        value: Expr | None = scope.quantities.get(key)
        head: Head | None = scope.functions.get(key)
        if value is None:
            value = scope.applied.get(key)
        if not name.styled and (value is None and head is None or value is not None and value.shape and self.has_bold):
            size = scope.size_at(key)
            if size is not None:
                value = building.lift(size)
        return value, head

    # ---- constants and sizes -----------------------------------------------------------------------------------------

    def _constant(self, name: Name, marks: Marks | None) -> Expr | None:
        """Ones, zeros, an identity or a commutation matrix; sizes that are left out are sought."""
        below = marks.below if marks else None
        place, sizing = name.span, self.sizing
        if name.stem == "1" and name.styled:
            return building.ones(*(self._sizes(*below, most=2) if below else [sizing.sought(place, "n")]))
        if name.stem == "0" and name.styled:
            sizes = self._sizes(*below, most=2) if below else [sizing.sought(place, "m"), sizing.sought(place, "n")]
            return building.zeros(*sizes)
        if name.stem == "I":
            sizes = self._sizes(*below, most=2) if below else [sizing.sought(place, "n")]
            if sizes[-1] != sizes[0]:
                raise self.source.unreadable(place, "An identity matrix is square.", "Give one size.")
            return building.identity(sizes[0])
        if name.stem == "K" and name.styled and below:
            sizes = self._sizes(*below, most=2)
            if len(sizes) == 2:
                return building.commutation(*sizes)
        return None

    def _sizes(self, start: int, end: int, *, most: int) -> list[Size]:
        """The sizes in a subscript, with ``\\times`` or a comma between them."""
        bounds = [start - 1, *(i for i in range(start, end) if self.tokens.list[i].text in (r"\times", ",")), end]
        if len(bounds) - 1 > most:
            raise self.source.unreadable(self.tokens.span(start, end), f"At most {most} sizes can stand here.", r"Write m \times n.")
        return [self._size(first + 1, last) for first, last in pairwise(bounds)]

    def _size(self, start: int, end: int) -> Size:
        """A size: a number, a declared name, or a product of them."""
        start, end = names.unbraced(self.tokens, start, end)
        whole = names.key_of_tokens(self.tokens, start, end) if start < end else None
        found = self.scope.size_at(whole) if whole else None
        if found is not None:
            return found
        made: Size = 1
        i = start
        if start >= end:
            raise self.source.unreadable(self.tokens.span(start - 1, end), "A size is missing.", "Write it.")
        while i < end:
            part, i = self._size_factor(i, end)
            made = size_product(made, part)
        return made

    def _size_factor(self, i: int, end: int) -> tuple[Size, int]:
        token = self.tokens.list[i]
        if token.kind == "number" and token.text.isdecimal() and int(token.text):
            return int(token.text), i + 1
        stop, power = i + 1, 1
        if stop < end and self.tokens.list[stop].text == "_":
            script = names.argument(self.tokens, stop + 1, end)
            stop = script[1] if script else stop
        if stop + 1 < end and self.tokens.list[stop].text == "^" and self.tokens.list[stop + 1].kind == "number":
            power = int(float(self.tokens.list[stop + 1].text[:3]))
        key = names.key_of_tokens(self.tokens, i, stop)
        size = self.scope.size_at(key) if key else None
        span = self.tokens.span(i, end)
        if size is None:
            name = key.plain if key else self.source.piece(span)
            raise self.source.unknown(span, f"{name} is no size that is declared.", name, [each.plain for each in self._size_keys()])
        if not 0 < power <= MOST_SIZE_EXPONENT:
            raise self.source.unreadable(span, "This power of a size is not read.", "Write a small whole number.")
        made: Size = 1
        for _ in range(power):
            made = size_product(made, size)
        return made, stop + 2 if power > 1 else stop

    def _size_keys(self) -> list[Key]:
        return [key for key in self.scope.sizes if isinstance(key, Key)]

    # ---- what is not declared ----------------------------------------------------------------------------------------

    def _unknown(self, name: Name, marks: Marks | None) -> Exception:
        below = names.script_text(self.tokens, *marks.below) if marks and marks.below else ""
        above = marks.above.held if marks and marks.above and marks.above.exponent is None and not marks.above.negated else ""
        plain = Key(name.stem, below, above).plain
        known = self.scope.plain_names()
        rest = self.source.text[name.span.start : name.span.start + 20]
        word = next((word for word in sorted(WORDS, key=len, reverse=True) if len(word) > 1 and rest.startswith(word)), None)
        if word:
            claim = rf"{plain} is not declared; the operation is written \operatorname{{{word}}}."
        elif name.stem in ("1", "0"):
            claim = f"{plain} is no constant that is read here."
        else:
            claim = f"{plain} is not declared."
        return self.source.unknown(name.span, claim, plain, known)


def size_number(values: list[Expr]) -> Expr | None:
    """One size that is the product of sizes and whole numbers; None if anything else stands there."""
    made: Size = 1
    for value in values:
        match value:
            case SizeNumber(size=part):
                made = size_product(made, part)
            case Number(value=number) if number.denominator == 1 and number > 0:
                made = size_product(made, int(number))
            case _:
                return None
    return SizeNumber(made) if isinstance(made, Dim) else None
