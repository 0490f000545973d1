"""Conditions on layers, as ``l < L``, ``1 \\le l \\le L`` or ``l = L-1, \\ldots, 1``, read by a grammar of comparisons only."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import final

from matcalc.derivation_check.document_parts import Comparison, Condition, LayerNumber
from matcalc.derivation_check.environments import SPACES

LONGEST = 300  # characters; nothing longer is a condition
MOST_BRANCHES = 12  # that "otherwise" may stand for
LAYER_LETTERS = frozenset((*"ijklmntKLMNT", "ell"))
_INDICES = frozenset((*"ijklt", "ell"))  # two of them compared say something of indices, and nothing of layers

_TEXT = re.compile(r"\\(?:text|textrm|textnormal|textit|mathrm|mbox|hbox|operatorname)\s*\{([^{}]*)\}")
_SYMBOL = re.compile(r"\\[A-Za-z]+|\\.|\d+|[A-Za-z]{2,}|[A-Za-z]|\.{2,3}|:?=|[<>]=|!=|\S", re.DOTALL)
_NO_SYMBOLS = r"\( \) \left \right \big \bigl \bigr \Big \textstyle { } ~ $ & ."
_SPACING = SPACES.union(_NO_SYMBOLS.split())
_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "=": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "!=": "!=", r"\lt": "<", r"\gt": ">", r"\le": "<=", r"\leq": "<=",
        r"\leqslant": "<=", r"\leqq": "<=", r"\ge": ">=", r"\geq": ">=", r"\geqslant": ">=", r"\geqq": ">=", r"\ne": "!=",
        r"\neq": "!=", "≤": "<=", "≥": ">=", "≠": "!=", r"\in": "in", "∈": "in", "from": "=", "in": "in",
    }
)  # fmt: skip
_DOTS = frozenset((r"\ldots", r"\dots", r"\cdots", r"\dotsc", r"\dotsb", "..", "...", "…", "⋯", "to", "until", ":"))
_QUANTIFIERS = frozenset((r"\forall", "∀", "all", "any", "every", "each", "for"))
_NO_CONDITION = """if for when whenever where all any every each layer layers the with is on a an general hidden final last first output
    provided that case cases of other"""
_PASSED_OVER = frozenset(_NO_CONDITION.split())
_OPPOSITE: Mapping[str, str] = MappingProxyType({"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"})
_OTHERWISE = re.compile(r"\b(otherwise|else|(all )?other (cases|layers)|default)\b")
_OPEN, _CLOSE = frozenset("[(]"), frozenset("])[")


def condition(text: str, *, quantified: bool = False) -> Condition | None:
    """The condition on layers that a text is; None where it is none.

    With ``quantified``, or behind "for all", a lone letter is the condition that is always met.

    >>> condition(r"1 \\le l < L").comparisons
    (Comparison(left=LayerNumber(letter='', offset=1), sign='<=', right=LayerNumber(letter='l', offset=0)),
     Comparison(left=LayerNumber(letter='l', offset=0), sign='<', right=LayerNumber(letter='L', offset=0)))
    """
    if len(text) > LONGEST:
        return None
    symbols = [symbol for symbol in _SYMBOL.findall(_TEXT.sub(r" \1 ", text)) if symbol not in _SPACING]
    quantified = quantified or any(symbol in _QUANTIFIERS for symbol in symbols)
    kept = ["," if s in ("and", r"\land", r"\wedge", ";") else s for s in symbols if s not in _PASSED_OVER and s not in (r"\forall", "∀")]
    while kept and kept[-1] in (",", ":"):
        kept.pop()
    while kept and kept[0] == ",":
        kept.pop(0)
    if not kept:
        return None
    if len(kept) >= 2 and kept[0] == "(" and kept[-1] == ")":
        kept = kept[1:-1]
    reading = _Reading(kept)
    found = reading.comparisons()
    if found is None or not reading.done or not all(_is_layer(n) for c in found for n in (c.left, c.right)):
        return None
    return Condition(tuple(found)) if found or quantified else None


def is_otherwise(text: str) -> bool:
    """Whether the text of a branch says that it is for all other cases."""
    return len(text) <= LONGEST and bool(_OTHERWISE.search(_TEXT.sub(r" \1 ", text).lower()))


def otherwise(others: Sequence[Condition]) -> tuple[Condition, ...] | None:
    """The conditions, any of which is met where none of the others is; None where they are too many."""
    if not others or any(not other.comparisons for other in others):
        return None
    if math.prod(len(other.comparisons) for other in others) > MOST_BRANCHES:
        return None
    opposed = [[Comparison(c.left, _OPPOSITE[c.sign], c.right) for c in other.comparisons] for other in others]
    return tuple(Condition(tuple(dict.fromkeys(choice))) for choice in itertools.product(*opposed))


def subjects(found: Condition) -> frozenset[str]:
    """The letters that a condition is about: small ones, or else the large ones."""
    letters = {n.letter for c in found.comparisons for n in (c.left, c.right) if n.letter}
    return frozenset(letter for letter in letters if letter.islower()) or frozenset(letters)


def both(first: Condition, second: Condition) -> Condition:
    """The second condition, with what the first says of other letters; the second alone where it is for all layers."""
    if not second.comparisons:
        return second
    about = subjects(second)
    kept = [c for c in first.comparisons if not about & subjects(Condition((c,)))]
    return Condition((*kept, *second.comparisons))


def on_indices(found: Condition) -> bool:
    """Whether it compares two letters that are rather indices of entries than layers, as ``i = j``."""
    return any(c.left.letter != c.right.letter and {c.left.letter, c.right.letter} <= _INDICES for c in found.comparisons)


def lone_layer(text: str) -> LayerNumber | None:
    """The layer that a text is, as ``L-1``; None where it is none."""
    if len(text) > LONGEST:
        return None
    reading = _Reading([symbol for symbol in _SYMBOL.findall(text) if symbol not in _SPACING])
    found = reading.layer()
    return found if found is not None and reading.done and _is_layer(found) else None


def between(first: LayerNumber, last: LayerNumber, middle: LayerNumber) -> tuple[Comparison, Comparison]:
    """The comparisons of a range, whose ends are given in either order."""
    low, high = _ordered(first, last)
    return Comparison(low, "<=", middle), Comparison(middle, "<=", high)


def _is_layer(number: LayerNumber) -> bool:
    return not number.letter or number.letter in LAYER_LETTERS


def _ordered(first: LayerNumber, last: LayerNumber) -> tuple[LayerNumber, LayerNumber]:
    if first.letter == last.letter:
        return (first, last) if first.offset <= last.offset else (last, first)
    return (last, first) if not last.letter else (first, last)


@final
class _Reading:
    """Symbols of a condition, read from left to right."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self.symbols = symbols
        self.place = 0

    @property
    def done(self) -> bool:
        return self.place >= len(self.symbols)

    @property
    def next(self) -> str:
        return "" if self.done else self.symbols[self.place]

    def layer(self) -> LayerNumber | None:
        """A letter, a number, or a letter with a number added; nothing is taken where it is none of them."""
        start, letter, offset, sign = self.place, "", 0, 1
        if self.next == "-":
            sign, self.place = -1, self.place + 1
        for part in range(2):
            symbol = self.next.removeprefix("\\") if self.next == r"\ell" else self.next
            if symbol.isascii() and symbol.isdigit() and len(symbol) < 10:
                offset += sign * int(symbol)
            elif symbol and sign > 0 and not letter and ((len(symbol) == 1 and symbol.isascii() and symbol.isalpha()) or symbol == "ell"):
                letter = symbol
            else:
                self.place = start
                return None
            self.place += 1
            if part or self.next not in ("+", "-"):
                break
            sign = 1 if self.next == "+" else -1
            self.place += 1
        return LayerNumber(letter, offset)

    def comparisons(self) -> list[Comparison] | None:
        """Chains of comparisons parted by commas; an empty list for a lone layer letter."""
        found: list[Comparison] = []
        while True:
            middle = self.layer()
            if middle is None:
                return None
            if self.next not in _SIGNS:
                return found if self.done and not found and middle.letter and not middle.offset else None
            while self.next in _SIGNS:
                sign = _SIGNS[self.next]
                self.place += 1
                more = self._member(middle) if sign == "in" else self._compared(middle, sign)
                if more is None:
                    return None
                found += more
                middle = more[-1].right if sign not in ("in", "=") else middle
            if self.next != ",":
                return found
            self.place += 1

    def _compared(self, middle: LayerNumber, sign: str) -> list[Comparison] | None:
        if sign == "=":
            entries = self._entries()
            return None if entries is None else self._one_of(middle, *entries)
        right = self.layer()
        return None if right is None else [Comparison(middle, sign, right)]

    def _entries(self) -> tuple[list[LayerNumber], bool] | None:
        """Layers parted by commas and dots, and whether there are dots; a comma before another comparison is left."""
        first = self.layer()
        if first is None:
            return None
        entries, dots = [first], False
        while self.next == "," or self.next in _DOTS:
            start, dotted = self.place, dots
            while self.next == "," or self.next in _DOTS:
                dotted = dotted or self.next in _DOTS
                self.place += 1
            entry = self.layer()
            if entry is None or self.next in _SIGNS:
                self.place = start
                break
            entries.append(entry)
            dots = dotted
        return entries, dots

    def _one_of(self, middle: LayerNumber, entries: list[LayerNumber], dots: bool) -> list[Comparison] | None:
        if len(entries) == 1 and not dots:
            return [Comparison(middle, "=", entries[0])]
        low, high = _ordered(entries[0], entries[-1])
        if not dots:
            offsets = sorted(entry.offset for entry in entries)
            if len({entry.letter for entry in entries}) > 1 or offsets != list(range(offsets[0], offsets[0] + len(offsets))):
                return None
        return list(between(low, high, middle))

    def _member(self, middle: LayerNumber) -> list[Comparison] | None:
        opened = self.next
        self.place += 1
        if opened in (r"\{", r"\lbrace"):
            entries = self._entries()
            if entries is None or self.next not in (r"\}", r"\rbrace"):
                return None
            self.place += 1
            return self._one_of(middle, *entries)
        if opened not in _OPEN:
            return None
        low = self.layer()
        if self.next in _CLOSE and low is not None and opened == "[":  # [L] is short for 1, ..., L
            self.place += 1
            return list(between(LayerNumber("", 1), low, middle))
        if self.next not in (",", ":", *_DOTS) or low is None:
            return None
        while self.next == "," or self.next in _DOTS:
            self.place += 1
        high = self.layer()
        if high is None or self.next not in _CLOSE:
            return None
        closed = self.next
        self.place += 1
        return [Comparison(low, "<=" if opened == "[" else "<", middle), Comparison(middle, "<=" if closed == "]" else "<", high)]
