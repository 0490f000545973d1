"""When a wrong link would be right: where sizes coincide, or where a matrix is symmetric."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import chain, combinations
from typing import Any

from matcalc.derivation_check.instances import Instance
from matcalc.derivation_check.judging import Fault, Judge, Pair
from matcalc.derivation_check.wording import general
from matcalc.derivation_check.worlds import Subject
from matcalc.errors import MatcalcError
from matcalc.language.assumed import changed_symbols, with_assumed
from matcalc.language.elementwise import MapFunction
from matcalc.language.expressions import Expr, Softmax, Symbol
from matcalc.language.sizes import Dim, size_product
from matcalc.language.traversal import postorder, with_definition

MOST_SIZES = 5
MOST_SYMBOLS = 4


def conditions(judge: Judge, pairs: Sequence[Pair], layout: str | None, verdict: str) -> str:
    """A sentence on when a wrong link would be right; empty where nothing that is tried makes it so."""
    try:
        at = judge.instances(pairs[0])[0]
    except (MatcalcError, IndexError):
        return ""
    tried = [_sizes(judge, pairs, at, layout), *([_symmetries(judge, pairs, at, layout)] if verdict != "ill-shaped" else [])]
    for other, words in chain.from_iterable(tried):
        if other.holds(pairs, layout):
            return f"It would be right {words}."
    return ""


# ---- sizes -----------------------------------------------------------------------------------------------------------


def _sizes(judge: Judge, pairs: Sequence[Pair], at: Instance, layout: str | None) -> Iterator[tuple[Judge, str]]:
    """The subject with sizes made one: two of them, where all made one are enough."""
    named: dict[str, None] = {}
    for node in postorder(at.world.roots, with_definition):
        for size in node.shape:
            named.update(dict.fromkeys(size.names if isinstance(size, Dim) else ()))
    names = list(named)
    if len(names) < 2:
        return
    together = _merged(judge, dict.fromkeys(names, names[0]))
    if not together.holds(pairs, layout):
        return
    for first, second in combinations(names[:MOST_SIZES], 2):
        yield _merged(judge, {second: first}), general(f"if {first} and {second} were equal", at)
    yield together, "if all sizes were equal"


def _merged(judge: Judge, names: Mapping[str, str]) -> Judge:
    """The judge of the same subject with sizes under other names."""
    return judge.other(("sizes", *names.items()), lambda: _with_sizes(judge.subject, names))


def _with_sizes(subject: Subject, names: Mapping[str, str]) -> Subject:
    """The subject with sizes under other names."""

    def size(value: Any) -> Any:
        made: Any = value.coefficient
        for name in value.names:
            made = size_product(made, Dim((names.get(name, name),)))
        return made

    def value_of(value: Any, made: Mapping[Expr, Expr]) -> Any:
        match value:
            case Expr():
                return made[value]
            case Dim():
                return size(value)
            case tuple():
                return tuple(value_of(each, made) for each in value)
            case MapFunction():
                shapes = tuple(value_of(each, made) for each in value.argument_shapes)
                return replace(value, shape=value_of(value.shape, made), argument_shapes=shapes)
            case _:
                return value

    def changed(roots: Sequence[Expr]) -> list[Expr]:
        made: dict[Expr, Expr] = {}
        for node in postorder(roots, with_definition):
            made[node] = type(node)(**{f.name: value_of(getattr(node, f.name), made) for f in fields(node)})  # type: ignore[arg-type]
        return [made[root] for root in roots]

    return subject.changed(changed, lambda value: value_of(value, {}))


# ---- symmetric matrices ----------------------------------------------------------------------------------------------


def _symmetries(judge: Judge, pairs: Sequence[Pair], at: Instance, layout: str | None) -> Iterator[tuple[Judge, str]]:
    """The subject with one square matrix that stands in the link made symmetric."""
    sides = [judge.read(text, at, layout or "denominator", None) for pair in pairs for text in (pair.left, pair.right)]
    known = [side for side in sides if not isinstance(side, Fault)]
    square = [
        node for node in dict.fromkeys(postorder(known, with_definition))
        if isinstance(node, Symbol) and len(node.shape) == 2 and node.shape[0] == node.shape[1] and "symmetric" not in node.assumed
    ]  # fmt: skip
    yield from _sums_to_one(judge, known, at)
    for symbol in square[:MOST_SYMBOLS]:

        def symmetric(node: Symbol, name: str = symbol.name) -> Symbol:
            return with_assumed(node, ("symmetric",)) if node.name == name else node

        words = general(f"if {symbol.name} were symmetric", at)
        yield judge.other(("symmetric", symbol.name), lambda change=symmetric: _with_symbols(judge.subject, change)), words  # type: ignore[misc]


def _sums_to_one(judge: Judge, sides: Sequence[Expr], at: Instance) -> Iterator[tuple[Judge, str]]:
    """The subject with one vector whose entries sum to one, as labels do that are one-hot."""
    vectors = [
        node for node in dict.fromkeys(postorder(sides, with_definition))
        if isinstance(node, Symbol) and len(node.shape) == 1 and not node.assumed
    ]  # fmt: skip
    if not any(isinstance(node, Softmax) for node in postorder(sides, with_definition)):
        return
    for symbol in vectors[:MOST_SYMBOLS]:

        def normed(node: Symbol, name: str = symbol.name) -> Symbol:
            return with_assumed(node, ("sums to one",)) if node.name == name else node

        words = general(f"if the entries of {symbol.name} summed to one, as of a one-hot {symbol.name}", at)
        yield judge.other(("sums to one", symbol.name), lambda change=normed: _with_symbols(judge.subject, change)), words  # type: ignore[misc]


def _with_symbols(subject: Subject, change: Callable[[Symbol], Symbol]) -> Subject:
    return subject.changed(lambda roots: changed_symbols(roots, change), lambda value: value)

