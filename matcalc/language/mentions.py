"""Which declared names a text holds, and which names in it nothing declares: looked up in its syntax tree, without reading it.

Reading stops at the first name that is not declared; this is for telling all of them at once. Scripts are not looked into.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar, final

from matcalc.errors import MatcalcError, UnknownNameError
from matcalc.language.reading.ambiguities import BRACKETS
from matcalc.language.reading.entries import Bound, Entries, bound_by
from matcalc.language.reading.grammar import Parser
from matcalc.language.reading.lexer import Tokens, lexed
from matcalc.language.reading.meanings import Names
from matcalc.language.reading.names import Key, NameKey, key_of_tokens, letters_of, script_text
from matcalc.language.reading.operations import Operations
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.sizing import Sizing
from matcalc.language.reading.syntax import Base, Factor, Group, Name, Quotient, Ratio, Sum, Summation

V = TypeVar("V")


@final
@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that nothing declares.

    Attributes:
        name: plain.
        applied: whether brackets follow it, so that a function may be meant.
        error: what the reader says of it.
    """

    name: str
    applied: bool
    error: UnknownNameError


@final
@dataclass(frozen=True, slots=True)
class Mentions:
    """The names in a text: the keys of what is declared, and what is not declared; each once."""

    declared: tuple[NameKey, ...]
    unknown: tuple[Unknown, ...]


@final
class _Noted(dict[NameKey, V]):
    """A table that notes what was found in it."""

    def __init__(self, table: dict[NameKey, V], found: dict[NameKey, None]) -> None:
        super().__init__(table)
        self._found = found

    def get(self, key: NameKey, default: Any = None) -> Any:
        value = super().get(key, default)
        if value is not None:
            self._found[key] = None
        return value


def mentions(text: str, scope: Scope) -> Mentions:
    """The names that a text holds.

    Raises:
        MatcalcError: the text is no formula.

    Example:
        >>> from matcalc.language.reading.scope import declared
        >>> made = mentions(r"f(\\mathbf{W} \\mathbf{x}) + b", declared({"x": "n"}, None, None, ()))
        >>> [key.plain for key in made.declared], [(each.name, each.applied) for each in made.unknown]
        (['x'], [('f', True), ('W', False), ('b', False)])
    """
    tokens = lexed(text)
    tree = Parser(tokens, scope.words, scope.letters).parsed()
    found: dict[NameKey, None] = {}
    noting = replace(
        scope,
        quantities=_Noted(scope.quantities, found), functions=_Noted(scope.functions, found), applied=_Noted(scope.applied, found),
    )  # fmt: skip
    sizing = Sizing()
    entries = Entries(tokens, noting, Operations(tokens.source, sizing))
    names = Names(tokens, noting, sizing, entries)
    unknown: dict[str, Unknown] = {}
    for factor, following, bound in named_factors(tree, tokens, noting):
        entries.bound = bound
        assert isinstance(factor.base, Name)
        try:
            names.meaning(factor.base, factor.scripts)
        except UnknownNameError as error:
            name = _plain(names, factor)
            unknown.setdefault(name, Unknown(name, following is not None and _is_bracket(following), error))
        except MatcalcError:
            continue  # the reader tells what is wrong with it
    return Mentions(tuple(found), tuple(unknown.values()))


def is_formula(text: str) -> bool:
    """Whether a text is read as a formula, whatever its names mean."""
    try:
        Parser(lexed(text), frozenset(), frozenset()).parsed()
    except MatcalcError:
        return False
    return True


def named_factors(tree: Sum, tokens: Tokens, scope: Scope) -> Iterator[tuple[Factor, Factor | None, tuple[Bound, ...]]]:
    """The names in a tree in the order of the text, each with what stands behind it and the letters that are bound around it."""
    stack: list[tuple[Sum, tuple[Bound, ...]] | tuple[Factor, Factor | None, tuple[Bound, ...]]] = [(tree, ())]
    while stack:
        item = stack.pop()
        if len(item) == 3:
            yield item
            continue
        part, bound = item
        inner: list[Any] = []
        for product in (product for _, blend in part.terms for product in blend.products):
            for i, factor in enumerate(product.factors):
                if isinstance(factor.base, Name):
                    following = product.factors[i + 1] if i + 1 < len(product.factors) else None
                    inner.append((factor, following, bound))
                else:
                    inner += [(each, (*bound, *more)) for each, more in _inside(factor.base, tokens, scope)]
        stack += reversed(inner)


def _inside(base: Base, tokens: Tokens, scope: Scope) -> Iterator[tuple[Sum, tuple[Bound, ...]]]:
    """The sums inside a base; of a derivative that is a declared name, none."""
    match base:
        case Group(parts=parts):
            yield from ((part, ()) for part in parts)
        case Ratio(above=above, below=below):
            yield from ((above, ()), (below, ()))
        case Quotient(of=of, by=by):
            keys = [key_of_tokens(tokens, *base.of_place), *(key_of_tokens(tokens, *each.place) for each in by)] if of else []
            if len(keys) == 2 and keys[0] and keys[1] and scope.quantities.get((keys[0], keys[1])) is not None:
                return
            yield from ((part, ()) for part in (of, *(each.part for each in by)) if part is not None)
        case Summation(over=over):
            yield from ((bound, ()) for each in over for bound in (each.low, each.high) if bound is not None)
            yield base.body, bound_by(base)
        case _:
            return


def _is_bracket(factor: Factor) -> bool:
    return not factor.sign and isinstance(factor.base, Group) and factor.base.kind in BRACKETS


def _plain(names: Names, factor: Factor) -> str:
    """The plain name that a declaration would give: with its scripts, but for a power, a transpose and the indices of an entry."""
    assert isinstance(factor.base, Name)
    marks = names.marks(factor.scripts[0]) if factor.scripts else None
    below = script_text(names.tokens, *marks.below) if marks and marks.below else ""
    if below and all(map(names.entries.is_bound, letters_of(below))):
        below = ""  # an entry
    above = marks.above.held if marks and marks.above and marks.above.exponent is None and not marks.above.negated else ""
    return Key(factor.base.stem, below, above).plain
