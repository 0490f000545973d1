"""How the names of a formula are written: their style, what stands behind them, and which of them are sizes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import final

from matcalc.language.mentions import named_factors
from matcalc.language.reading import names
from matcalc.language.reading.entries import Bound
from matcalc.language.reading.frames import only_factor
from matcalc.language.reading.grammar import Parser
from matcalc.language.reading.lexer import Tokens, lexed
from matcalc.language.reading.names import Key, letters_of, script_text
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.superscripts import Superscript, superscript
from matcalc.language.reading.syntax import Base, Factor, Group, Name, Quotient, Ratio, Sum, Summation

BOLD, PLAIN, SCRIPT = "bold", "plain", "script"
_CONSTANTS = frozenset(("1", "0", "I"))
_SIZE = re.compile(r"(?:[A-Za-z]|[a-zA-Z]_\{?\w+\}?)")
_BOUND = re.compile(
    r"\\sum\s*(?:\\limits)?\s*_\s*\{\s*[A-Za-z]\s*=\s*1\s*\}\s*\^\s*(?:\{\s*(?P<size>[A-Za-z](?:_(?:\{\w+\}|\w))?)\s*\}|(?P<one>[A-Za-z]))"
)
_CONSTANT = re.compile(
    r"(?:\\(?:mathbf|boldsymbol|bm|mathbb)\s*\{?\s*[01]\s*\}?|(?<![A-Za-z\\])(?:\\mathbf\s*\{\s*I\s*\}|I))"
    r"\s*_\s*(?:\{(?P<sizes>[^{}]*(?:\{\w+\}[^{}]*)*)\}|(?P<one>[A-Za-z]))"
)


@final
@dataclass(frozen=True, slots=True)
class Use:
    """A name at one place.

    Attributes:
        key: of the name with its scripts, without primes, a power, a transpose and the subscript of an entry.
        style: ``bold``, ``plain`` or ``script``.
        arguments: how many stand in brackets behind it; 0 where there are none.
        primed: whether primes stand at it, as at a function.
    """

    key: Key
    style: str
    arguments: int
    primed: bool


@final
@dataclass(frozen=True, slots=True)
class Written:
    """A formula in its syntax tree, with the names in it."""

    tokens: Tokens
    tree: Sum
    uses: tuple[Use, ...]


def written(text: str, words: frozenset[str], letters: frozenset[str], numbered: frozenset[str] = frozenset()) -> Written:
    """The tree of a formula and the names in it; ``numbered`` are those whose superscripts are layers without brackets, and no powers.

    Raises:
        MatcalcError: it is no formula.
    """
    tokens = lexed(text)
    tree = Parser(tokens, words, letters).parsed()
    return Written(tokens, tree, tuple(_uses(tokens, tree, numbered)))


def _uses(tokens: Tokens, tree: Sum, numbered: frozenset[str]) -> Iterator[Use]:
    for factor, following, bound in named_factors(tree, tokens, Scope()):
        base = factor.base
        assert isinstance(base, Name)
        if base.stem in _CONSTANTS and (base.styled or base.stem == "I"):
            continue
        if not base.styled and any(each.letter == base.stem for each in bound):
            continue
        key, primes = _key(tokens, factor, bound, numbered)
        count = 0
        if following is not None and not following.sign and isinstance(following.base, Group) and following.base.kind in ("(", "[", r"\{"):
            count = len(following.base.parts)
        yield Use(key, _style(tokens, base), count, primes > 0)


def _key(tokens: Tokens, factor: Factor, bound: tuple[Bound, ...], numbered: frozenset[str]) -> tuple[Key, int]:
    """The key of a name, and how many primes stand at it."""
    assert isinstance(factor.base, Name)
    stem, digits = names.letters_and_digits(factor.base.stem)
    if not factor.scripts:
        return Key(stem, digits), 0
    first = factor.scripts[0]
    below = script_text(tokens, *first.below) if first.below else ""
    letters = letters_of(below)
    if below and letters and all(any(each.letter == letter for each in bound) for letter in letters):
        below = ""
    sign = superscript(tokens, *first.above) if first.above else None
    held = sign.held if sign is not None and stem in numbered and sign.held.isdecimal() else _held(sign)
    return Key(stem, digits or below, held), first.primes


def _held(sign: Superscript | None) -> str:
    if sign is None or sign.exponent is not None or sign.negated or sign.pseudo:
        return ""
    return sign.held


def _style(tokens: Tokens, base: Name) -> str:
    if base.styled:
        return BOLD
    written = tokens.source.text[base.span.start : base.span.end]
    return SCRIPT if written.startswith((r"\mathcal", r"\mathscr", r"\ell", r"\mathfrak")) else PLAIN


def is_name(part: Sum) -> bool:
    """Whether all of a part is a name, maybe with scripts."""
    factor = only_factor(part)
    return factor is not None and isinstance(factor.base, Name)


def derived_in(found: Written) -> Iterator[str]:
    """What derivatives are of, where it is more than a name, as texts."""
    text = found.tokens.source.text
    waiting = [found.tree]
    while waiting:
        part = waiting.pop()
        for each in (each for _, blend in part.terms for each in blend.products):
            for k, factor in enumerate(each.factors):
                base = factor.base
                if isinstance(base, Quotient) and base.of is not None and not is_name(base.of):
                    yield text[base.of.span.start : base.of.span.end]
                elif isinstance(base, Quotient) and base.of is None and k + 1 < len(each.factors):
                    rest = each.factors[k + 1 :]
                    last = rest[0] if isinstance(rest[0].base, Group) else rest[-1]
                    yield text[rest[0].span.start : last.span.end]
                waiting += _sums_in(base)


def _sums_in(base: Base) -> list[Sum]:
    match base:
        case Group(parts=parts):
            return list(parts)
        case Ratio(above=above, below=below):
            return [above, below]
        case Quotient(of=of):
            return [] if of is None else [of]
        case Summation(body=body):
            return [body]
        case _:
            return []


def sizes_in(texts: Iterable[str]) -> dict[str, None]:
    """The names that stand where only sizes do: as the last number of a sum, and below ones and identities."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _BOUND.finditer(text):
            found.setdefault(_plain(match["size"] or match["one"]))
        for match in _CONSTANT.finditer(text):
            for part in re.split(r"\\times|,", match["sizes"] or match["one"]):
                if _SIZE.fullmatch(part.strip()):
                    found.setdefault(_plain(part.strip()))
    return found


def _plain(size: str) -> str:
    return re.sub(r"[{}\s]", "", size)
