"""Sums over layers or times, as ``\\sum_{t=1}^{T}``, where the letter counts names and no entries: written out term by term."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from matcalc.derivation_check.dots import pattern_at
from matcalc.derivation_check.layers import layer_number, letter_of
from matcalc.errors import MatcalcError
from matcalc.language.mentions import named_factors
from matcalc.language.reading.grammar import Parser
from matcalc.language.reading.lexer import Tokens, lexed
from matcalc.language.reading.names import script_text
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.syntax import Base, Group, Name, Ratio, Sum, Summation

MOST_SUMS = 8
MOST_TERMS = 40


def without_layer_sums(text: str, letters: Mapping[str, int], depth: int, scope: Scope, layered: Container[tuple[str, str]]) -> str:
    """The text with each sum over layers written out; a capital that is no letter of the formula is the last layer."""
    for _ in range(MOST_SUMS):
        made = _first_written_out(text, letters, depth, scope, layered)
        if made is None:
            return text
        text = made
    return text


def _first_written_out(
    text: str, letters: Mapping[str, int], depth: int, scope: Scope, layered: Container[tuple[str, str]]
) -> str | None:
    try:
        tokens = lexed(text)
        tree = Parser(tokens, scope.words, scope.letters).parsed()
    except MatcalcError:
        return None
    for node in _summations(tree):
        over = node.over[0]
        if len(node.over) > 1:
            continue
        if (over.low is None or over.high is None) and not _stands_at_layers(tokens, node, scope, layered):
            continue
        low, high = 1, depth  # without bounds over all
        if over.low is not None and over.high is not None:
            texts = (tokens.source.text[part.span.start : part.span.end] for part in (over.low, over.high))
            ends = [_number(each, letters, depth) for each in texts]
            if None in ends:
                continue
            low, high = (each or 0 for each in ends)
        if high - low >= MOST_TERMS or not _counts_layers(tokens, node, over.letter):
            continue
        terms = [pattern_at(tokens, node.body.span, {over.letter: k}).text for k in range(low, high + 1)]
        inside = " + ".join(terms) if terms else "0"
        return f"{text[: node.span.start]}({inside}){text[node.span.end :]}"
    return None


def _stands_at_layers(tokens: Tokens, node: Summation, scope: Scope, layered: Container[tuple[str, str]]) -> bool:
    """Whether the letter of a sum stands nowhere in its term but in the layers of names that have some."""
    letter = node.over[0].letter
    for factor, _, _ in named_factors(node.body, tokens, scope):
        assert isinstance(factor.base, Name)
        first = factor.scripts[0] if factor.scripts else None
        below = script_text(tokens, *first.below) if first and first.below else ""
        if letter in below and ((factor.base.stem, "below") not in layered or letter_of(below) != letter):
            return False
    return True


def _counts_layers(tokens: Tokens, node: Summation, letter: str) -> bool:
    """Whether the letter stands in scripts of names in the term, as a layer does."""
    one, other = (pattern_at(tokens, node.body.span, {letter: k}).layers for k in (1, 2))
    return one != other


def _number(text: str, letters: Mapping[str, int], depth: int) -> int | None:
    bare = "".join(text.split())
    capital = bare[:1]
    known = {capital: depth, **letters} if capital.isupper() else letters
    return layer_number(bare, known)


def _summations(tree: Sum) -> Iterator[Summation]:
    """The sums of a tree, outer ones first."""
    stack: list[Sum] = [tree]
    while stack:
        part = stack.pop()
        for base in (factor.base for _, blend in part.terms for product in blend.products for factor in product.factors):
            if isinstance(base, Summation):
                yield base
            stack += _inside(base)


def _inside(base: Base) -> list[Sum]:
    match base:
        case Group(parts=parts):
            return list(parts)
        case Ratio(above=above, below=below):
            return [above, below]
        case Summation(body=body):
            return [body]
        case _:
            return []

