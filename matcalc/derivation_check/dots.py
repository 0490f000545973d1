"""Products that leave factors out, as ``a \\cdots b``: written out at one depth, by the regularity of what stands at both ends.

Each factor is a text with places for layers. The factors at an end repeat after a period with every layer moved by one; what was left
out continues that until the first factor of the other end is reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import final

from matcalc.derivation_check.applied import is_applied
from matcalc.derivation_check.instances import DOTS
from matcalc.derivation_check.layers import layer_number
from matcalc.language.reading import names
from matcalc.language.reading.grammar import Parser
from matcalc.language.reading.lexer import Tokens, lexed
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.source import Span
from matcalc.language.reading.syntax import Factor

MOST_LEFT_OUT = 60
_AROUND = frozenset((r"\cdot", r"\times"))
_ENDS = frozenset(("+", "-", "=", ",", r"\odot", r"\otimes"))
_OPENING, _CLOSING = frozenset(("(", "[", "{")), frozenset((")", "]", "}"))


@final
@dataclass(frozen=True, slots=True)
class Pattern:
    """A factor with the places of its layers taken out.

    Attributes:
        pieces: the text before, between and behind the layers.
        layers: the number of each.
    """

    pieces: tuple[str, ...]
    layers: tuple[int, ...]

    def moved(self, by: int) -> Pattern:
        return Pattern(self.pieces, tuple(number + by for number in self.layers))

    @property
    def text(self) -> str:
        before = zip(self.pieces, self.layers, strict=False)
        numbered = [f"{piece}{{{number}}}" if piece[-1:] in ("^", "_") else f"{piece}{number}" for piece, number in before]
        return "".join([*numbered, self.pieces[-1]])

    def matches(self, other: Pattern) -> bool:
        return self.layers == other.layers and self.has_form_of(other)

    def has_form_of(self, other: Pattern) -> bool:
        """Whether both are the same but for their layers, spaces and braces."""
        return self._bare == other._bare

    @property
    def _bare(self) -> tuple[str, ...]:
        return tuple("".join(piece.split()).replace("{", "").replace("}", "") for piece in self.pieces)


def written_out(text: str, letters: Mapping[str, int], scope: Scope) -> str | None:
    """The text with the factors that dots stand for at this depth; None where the ends that are written overlap.

    Raises:
        ReadError: what the dots stand for does not follow from the ends.
    """
    for _ in range(MOST_LEFT_OUT):
        tokens = lexed(text)
        place = next((i for i, token in enumerate(tokens.list) if token.text in DOTS), None)
        if place is None:
            return text
        left, right = _factors(tokens, place, -1, letters, scope), _factors(tokens, place, 1, letters, scope)
        span = tokens.list[place].span
        if not left or not right:
            way_out = r"Write a sum with \sum, or the factors at both ends of the dots."
            raise tokens.source.unreadable(span, "Dots are read between the factors of a product only.", way_out)
        made = _between(left, right)
        if made is None and (turned := _between(right[::-1], left[::-1])) is not None:
            made = turned[::-1]
        if made is None:
            if _overlap(left, right):
                return None
            claim = "What the dots stand for does not follow from both ends."
            raise tokens.source.unreadable(span, claim, "Write one factor more at each end.")
        inside = "".join(rf" \cdot {pattern.text}" for pattern in made)
        text = rf"{text[: span.start]}{inside} \cdot {text[span.end :]}"
        text = _without_stray_signs(text)
    raise tokens.source.unreadable(span, "So many dots are not read.", "Write them out.")


def _without_stray_signs(text: str) -> str:
    """The text with one sign where two stand side by side, as in a \\cdot \\cdots \\cdot b with nothing left out."""
    tokens = lexed(text)
    for first, second in zip(tokens.list, tokens.list[1:], strict=False):
        if first.text in _AROUND and second.text in _AROUND:
            return _without_stray_signs(text[: second.start] + " " * (second.end - second.start) + text[second.end :])
    return text


def _between(near: Sequence[Pattern], far: Sequence[Pattern]) -> list[Pattern] | None:
    """What continues one end until the other is reached; None where no period does."""
    for period, step in _periods(near):
        group = near[-period:]
        sequence = [pattern.moved(step * n) for n in range(1, MOST_LEFT_OUT) for pattern in group]
        for count in range(MOST_LEFT_OUT):
            following = list(islice(sequence, count, count + min(period, len(far))))
            if any(number < 0 for pattern in following for number in pattern.layers):
                break
            if following and following[0].matches(far[0]) and all(_regular(a, b) for a, b in zip(following, far, strict=False)):
                return sequence[:count]
    return None


def _periods(near: Sequence[Pattern]) -> list[tuple[int, int]]:
    """The periods of an end, each with how many layers it moves: the shortest that is seen twice, else all that may be."""
    possible: list[tuple[int, int]] = []
    for period in range(1, len(near) + 1):
        if not any(pattern.layers for pattern in near[-period:]):
            continue
        pairs = [(a, b) for a, b in zip(near, near[period:], strict=False) if a.has_form_of(b) and a.layers]
        for step in (-1, 1):
            if all(a.moved(step).matches(b) for a, b in pairs):
                if pairs:
                    return [(period, step)]
                possible.append((period, step))
    return possible


def _regular(expected: Pattern, found: Pattern) -> bool:
    """Whether a factor is the expected one, or one of another form, as at the irregular end of a chain."""
    return expected.matches(found) or not expected.has_form_of(found)


def _overlap(left: Sequence[Pattern], right: Sequence[Pattern]) -> bool:
    """Whether a factor of one end stands in the other, or its layers do not exist, so that the depth is too small for what is written."""
    numbers = [number for pattern in (*left, *right) for number in pattern.layers]
    return any(a.matches(b) for a in left for b in right) or any(number < 1 for number in numbers)


# ---- factors ---------------------------------------------------------------------------------------------------------


def _factors(tokens: Tokens, place: int, step: int, letters: Mapping[str, int], scope: Scope) -> list[Pattern]:
    """The factors before or behind the dots, in the order of the text."""
    first = last = place
    depth, i = 0, place + step
    opening, closing = (_OPENING, _CLOSING) if step > 0 else (_CLOSING, _OPENING)
    while 0 <= i < len(tokens.list):
        text = tokens.list[i].text
        depth += (text in opening) - (text in closing)
        if depth < 0 or (depth == 0 and (text in _ENDS or text in DOTS)):
            break
        first, last = min(first, i), max(last, i)
        i += step
    start, end = (first, place) if step < 0 else (place + 1, last + 1)
    while start < end and tokens.list[start].text in _AROUND:
        start += 1
    while start < end and tokens.list[end - 1].text in _AROUND:
        end -= 1
    if start >= end:
        return []
    tree = Parser(tokens, scope.words, scope.letters, (start, end)).parsed()
    (_, blend), *others = tree.terms
    if others or len(blend.products) > 1:
        return []
    return [pattern_at(tokens, span, letters) for span in _with_arguments(blend.products[0].factors, tokens, scope)]


def _with_arguments(factors: Sequence[Factor], tokens: Tokens, scope: Scope) -> list[Span]:
    """Where the factors stand, a function or an operator with its argument."""
    spans: list[Span] = []
    waiting: Span | None = None
    for factor, following in zip(factors, [*factors[1:], None], strict=True):
        span = factor.span if waiting is None else waiting.to(factor.span)
        if following is not None and is_applied(factor, following, tokens, scope):
            waiting = span
        else:
            spans.append(span)
            waiting = None
    return spans


def pattern_at(tokens: Tokens, span: Span, letters: Mapping[str, int]) -> Pattern:
    """What stands at a place, with the layers that are numbers or these letters taken out."""
    text, at = tokens.source.text, span.start
    pieces: list[str] = []
    layers: list[int] = []
    for i, token in enumerate(tokens.list):
        if not span.start <= token.start < span.end or token.text not in "^_":
            continue
        script = names.argument(tokens, i + 1, len(tokens.list))
        if script is None:
            continue
        start, end = names.unbraced(tokens, *script)
        if end - start > 1 and tokens.list[end - 1].text in ("T", r"\top", r"\intercal"):
            end -= 1
        if end - start > 2 and tokens.list[start].text in "([" and tokens.list[end - 1].text in ")]":
            start, end = start + 1, end - 1
        number = layer_number(names.script_text(tokens, start, end), letters) if start < end else None
        if number is None:
            continue
        inside = tokens.span(start, end)
        pieces.append(text[at : inside.start])
        layers.append(number)
        at = inside.end
    return Pattern((*pieces, text[at : span.end]), tuple(layers))

