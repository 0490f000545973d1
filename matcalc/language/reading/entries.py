"""Index notation: subscripts that no declared name has are the positions of an entry, and sums bind the letters in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import final

from matcalc.errors import LetterError
from matcalc.language import building, matrix_operations
from matcalc.language.expressions import Expr, Identity, Index, Number
from matcalc.language.reading import names
from matcalc.language.reading.frames import integer, only_factor, only_name
from matcalc.language.reading.lexer import Tokens
from matcalc.language.reading.names import Key
from matcalc.language.reading.operations import Operations
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.sizing import Sizing, stand_in
from matcalc.language.reading.source import Span
from matcalc.language.reading.syntax import Name, Over, Sum, Summation
from matcalc.language.sizes import Size, ndim, rows_and_columns, shape_text

FREE = "free"


@final
@dataclass(frozen=True, slots=True)
class Bound:
    """A letter that a sum around the place binds, and the name under which the size of its axes is sought."""

    letter: str
    sought: str


@final
class Entries:
    """The entries, indices and sums of one text.

    Attributes:
        bound: the letters that are bound where the text is read now, the innermost last.
        free: the letters that stand where no sum binds them.
        summed_over: the letters of all sums, and where they are.
    """

    def __init__(self, tokens: Tokens, scope: Scope, do: Operations) -> None:
        self.tokens = tokens
        self.source = tokens.source
        self.scope = scope
        self.do = do
        self.sizing: Sizing = do.sizing
        self.bound: tuple[Bound, ...] = ()
        self.free: set[str] = set()
        self.summed_over: dict[str, Span] = {}

    # ---- indices -----------------------------------------------------------------------------------------------------

    def is_bound(self, letter: str) -> bool:
        """Whether a sum around the place binds a letter."""
        return any(each.letter == letter for each in self.bound)

    def index(self, letter: str) -> Index:
        """The index that a letter is here; one that no sum binds is free."""
        size = self._sought(letter)
        if not self.is_bound(letter):
            self.free.add(letter)
        return Index(letter, size if self.sizing.is_known(size) else None)

    def _sought(self, letter: str) -> Size:
        return self.sizing.of_index(self._sought_name(letter))

    def _sought_name(self, letter: str) -> str:
        return next((each.sought for each in reversed(self.bound) if each.letter == letter), f"{letter}@{FREE}")

    def refuse_hidden(self, key: Key, span: Span) -> None:
        """Refuse a declared name whose subscript holds a letter that a sum around it binds."""
        letters = {each.letter for each in self.bound} & set(names.letters_of(key.below))
        if letters:
            name = key.plain
            raise self.source.unreadable(
                span, f"{name} is declared as one name, so the sum over {min(letters)} does not reach into it.",
                f"Sum over another letter, or declare {key._replace(below='').plain} instead.",
            )  # fmt: skip

    # ---- entries -----------------------------------------------------------------------------------------------------

    def entry(self, value: Expr, place: tuple[int, int], span: Span) -> Expr:
        """The entry of an array at the positions that a subscript tells."""
        axes = ndim(value.shape)
        positions = self._positions(place, axes)
        if not axes or len(positions) != axes:
            shown = self.source.piece(self.tokens.span(*place))
            what = "a scalar" if not axes else f"{shape_text(value.shape)} and has {axes} ax{'i' if axes == 1 else 'e'}s"
            raise self.source.unreadable(
                span, f"{self.source.piece(span)}: the subscript {shown} is part of no declared name, and what it stands at is {what}.",
                "Declare the name with its subscript, or write one index for each axis.",
            )  # fmt: skip
        rows, columns = rows_and_columns(value.shape)
        sizes = [rows, columns] if axes == 2 else [rows if columns == 1 else columns]
        for (position, letter), size in zip(positions, sizes, strict=True):
            if letter is not None and isinstance(position, Index) and not self.sizing.fit(self._sought(letter), size):
                known = self.sizing.known(self._sought(letter))
                claim = f"{letter} runs to {known}, but stands at an axis of size {self.sizing.known(size)} of {self.source.piece(span)}."
                self.do.fault(span, claim, "Use another letter, or declare sizes that agree.", value)
                return stand_in((), sure=False)
        found = [self.index(letter) if isinstance(position, Index) and letter else position for position, letter in positions]
        if any(isinstance(p, Index) and p.size not in (None, size) for p, size in zip(found, sizes, strict=True)):
            return stand_in(())
        return self.do.made(span, lambda: matrix_operations.entry(value, *found))

    def kronecker_delta(self, place: tuple[int, int]) -> Expr | None:
        """``\\delta_{ij}``, an entry of the identity matrix; None where the subscript is not two letters.

        Where nothing tells the size, as beside free indices that stand nowhere else, it is 1 - sign|i - j|.
        """
        if not all(t.kind == "letter" or t.text == "," or t.text[1:] in names.GREEK for t in self.tokens.list[slice(*place)]):
            return None
        positions = self._positions(place, 2)
        if len(positions) != 2 or not all(isinstance(position, Index) for position, _ in positions):
            return None
        (_, first), (_, second) = positions
        assert first is not None and second is not None
        span = self.tokens.span(*place)
        if not self.sizing.fit(self._sought(first), self._sought(second)):
            self.do.fault(span, f"{first} and {second} run over different sizes.", "Declare sizes that agree.")
            return stand_in((), sure=False)
        size = self.sizing.known(self._sought(first))
        if not self.sizing.is_known(size):
            apart = building.known_elementwise("abs")(self.index(first) - self.index(second))
            return 1 - building.known_elementwise("sign")(apart)
        return matrix_operations.entry(Identity(size, (size, size)), self.index(first), self.index(second))

    def _positions(self, place: tuple[int, int], axes: int) -> list[tuple[Expr, str | None]]:
        """The positions in a subscript, each with its letter if it is one."""
        parts = list(self._parts(*place))
        if len(parts) == 1 and (axes == 2 or self._is_word(*place)):
            parts = self._side_by_side(*place)
        first = self.tokens.list[place[0]].text
        if axes == 2 and len(parts) == 1 and place[1] == place[0] + 1 and len(first) == 2 and first.isdecimal():
            return [(building.lift(int(digit)), None) for digit in first]  # W_{12}
        return [self._position(*part) for part in parts]

    def _parts(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        first = start
        for i in range(start, end):
            if self.tokens.list[i].text == ",":
                yield first, i
                first = i + 1
        yield first, end

    def _side_by_side(self, start: int, end: int) -> list[tuple[int, int]]:
        """Letters and digits without a comma between them, each a position."""
        if any(self.tokens.list[i].text in "+-" for i in range(start, end)):
            return [(start, end)]
        return [(i, i + 1) for i in range(start, end) if self.tokens.list[i].text not in "{}"]

    def _is_word(self, start: int, end: int) -> bool:
        """Whether letters stand side by side, which are several positions."""
        return end - start > 1 and all(self.tokens.list[i].kind == "letter" for i in range(start, end))

    def _position(self, start: int, end: int) -> tuple[Expr, str | None]:
        """A number, a letter, or a sum of them."""
        start, end = names.unbraced(self.tokens, start, end)
        signs = [i for i in range(start, end) if self.tokens.list[i].text in "+-"]
        if not signs:
            return self._one_position(start, end)
        made = self._one_position(start, signs[0])[0]
        for i, stop in zip(signs, [*signs[1:], end], strict=True):
            following = self._one_position(i + 1, stop)[0]
            make = building.add if self.tokens.list[i].text == "+" else building.subtract
            made = make(made, following)
        return made, None

    def _one_position(self, start: int, end: int) -> tuple[Expr, str | None]:
        span = self.tokens.span(start, end)
        if end == start + 1 and self.tokens.list[start].text.isdecimal() and len(self.tokens.list[start].text) < 10:
            return building.lift(int(self.tokens.list[start].text)), None
        key = names.key_of_tokens(self.tokens, start, end) if start < end else None
        if key is None:
            raise self.source.unreadable(span, "This is no position of an entry: a number or a letter is.", r"Write x_i, or A_{ij}.")
        if not (key.below or key.above or key.primes) and self.is_bound(key.stem):
            return self.index(key.stem), key.stem
        size = self.scope.size_at(key)
        if size is not None:
            return building.lift(size), None
        quantity = self.scope.quantities.get(key)
        if isinstance(quantity, Index):
            if quantity.size is not None:
                self.sizing.tell(self._sought_name(key.stem), quantity.size)
            return self.index(key.stem), key.stem
        if quantity is not None and not quantity.shape:
            return quantity, None
        if key.below or key.above or key.primes or len(key.stem) > 1 and key.stem not in names.GREEK:
            raise self.source.unreadable(span, f"{key.plain} is no index: a letter is.", r"Write x_i, or A_{ij}.")
        return self.index(key.stem), key.stem

    # ---- sums --------------------------------------------------------------------------------------------------------

    def note_sizes(self, node: Summation) -> None:
        """An index that runs from 1 to a declared size runs along axes of that size."""
        for over, bound in zip(node.over, bound_by(node), strict=True):
            high = only_factor(over.high) if over.high is not None else None
            if high is None or over.low is None or integer(over.low) != 1 or not isinstance(high.base, Name) or len(high.scripts) > 1:
                continue
            scripts = high.scripts[0] if high.scripts else None
            if scripts is not None and (scripts.below is None or scripts.above is not None or scripts.primes):
                continue
            below = names.script_text(self.tokens, *scripts.below) if scripts is not None and scripts.below else ""
            key = Key(high.base.stem, below)
            size = self.scope.size_at(key)
            if size is not None and key not in self.scope.quantities:
                self.sizing.tell(bound.sought, size)

    def check_free_letters(self) -> None:
        """Refuse a letter that a sum binds and that stands outside of that sum as well: brackets around its term are missing.

        Raises:
            ReadError: there is one.
        """
        for letter in sorted(self.free & set(self.summed_over)):
            claim = f"The sum over {letter} reaches to the next + or -, and {letter} stands outside of it as well."
            way_out = "Write brackets around its term, or use another letter."
            place = self.summed_over[letter]
            raise self.source.placed(LetterError(self.source.message(place, claim, way_out)), place)

    def check_letter(self, over: Over) -> None:
        """Refuse a letter that stands for something else already."""
        if Key(over.letter) in self.scope.quantities or self.is_bound(over.letter):
            claim = f"{over.letter} has a meaning already, so a sum cannot run over it."
            raise self.source.unreadable(over.span, claim, "Sum over another letter.")

    def summed(self, body: Expr, over: Over, low: Expr | None, high: Expr | None, span: Span) -> Expr:
        """The sum of a body over an index that was bound while it was read."""
        found = self.index(over.letter)
        if low is None and high is None and found.size is None:
            self.sizing.sought(over.span, f"{over.letter}@")
            return stand_in(body.shape)
        if high is None and found.size is None:
            raise self.source.unreadable(over.span, "The upper bound of the sum is missing.", r"Write \sum_{i=1}^{n}.")
        first = building.lift(1) if low is None else low
        for bound in (first, high):
            if bound is not None and bound.shape:
                raise self.source.unreadable(span, "A bound of a sum is a number, a size or a scalar.", r"Write \sum_{i=1}^{n}.")
        if isinstance(first, Number) and isinstance(high, Number) and high.value < first.value - 1:
            raise self.source.unreadable(over.span, f"The sum runs from {first.value} down to {high.value}.", "Exchange the bounds.")
        return self.do.made(span, lambda: matrix_operations.indexed_sum(found, body, first, high))

    def summation(self, node: Summation, inside: Callable[[Sum], Expr]) -> Expr:
        """A written sum over its indices, the last one first; ``inside`` gives what was read of a part."""
        value, around = inside(node.body), self.bound
        bound = (*around, *bound_by(node))
        for k in range(len(node.over) - 1, -1, -1):
            over = node.over[k]
            low, high = (None if part is None else self._bound(part, inside) for part in (over.low, over.high))
            self.bound = bound[: len(around) + k]
            self.check_letter(over)
            self.summed_over.setdefault(over.letter, over.span)
            self.bound = bound[: len(around) + k + 1]
            value = self.summed(value, over, low, high, node.span)
        self.bound = around
        return value

    def _bound(self, part: Sum, inside: Callable[[Sum], Expr]) -> Expr:
        """A bound of a sum; a name that is a size and a quantity is the size there."""
        key = _lone_key(part)
        size = self.scope.size_at(key) if key is not None else None
        return inside(part) if size is None else building.lift(size)


def _lone_key(part: Sum) -> Key | None:
    name = only_name(part)
    return Key(name.stem) if name is not None else None


def bound_by(node: Summation) -> tuple[Bound, ...]:
    """The letters that a written sum binds."""
    return tuple(Bound(over.letter, f"{over.letter}@{over.span.start}") for over in node.over)
