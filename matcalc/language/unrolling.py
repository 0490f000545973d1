"""Written sums, term by term: what a sum over an index is at given sizes, and which indices an expression leaves free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache, reduce

from matcalc.errors import EvaluationError
from matcalc.language.expressions import (
    Add, Derivative, Divide, Expr, Index, IndexedSum, Let, MatrixPower, Negate, Number, Scale, SizeNumber, Subtract, Symbol, Zeros,
)  # fmt: skip
from matcalc.language.indexed import Entry
from matcalc.language.operators import METHODS
from matcalc.language.sizes import Dim
from matcalc.language.traversal import postorder, with_definition, with_operands

MOST_TERMS = 10_000


def free_indices(roots: Iterable[Expr]) -> list[Index]:
    """The indices that no sum of the expressions binds, in the order of their first occurrence."""
    roots = list(roots)
    free: dict[Expr, dict[Index, None]] = {}
    for node in postorder(roots, with_definition):
        found = {node: None} if isinstance(node, Index) else {i: None for part in with_definition(node) for i in free[part]}
        if isinstance(node, IndexedSum):
            found.pop(node.index, None)
        free[node] = found
    return list(dict.fromkeys(i for root in roots for i in free[root]))


def whole_names(nodes: Iterable[Expr]) -> set[str]:
    """The names of the scalars that stand in an exponent of a matrix, a bound of a sum or a position, so that they are whole."""
    roots = [part for node in nodes for part in _whole_parts(node)]
    return {node.name for node in postorder(roots, with_definition) if isinstance(node, Symbol)}


def _whole_parts(node: Expr) -> tuple[Expr, ...]:
    match node:
        case MatrixPower(exponent=exponent):
            return (exponent,)
        case IndexedSum(low=low, high=high):
            return low, high
        case Entry(row=row, column=column):
            return row, column
        case _:
            return ()


def whole_value(expr: Expr, size: Callable[[Dim], int], value: Callable[[Symbol], Fraction]) -> int:
    """The whole number that a scalar expression of numbers, sizes and scalars is.

    Raises:
        EvaluationError: it is none, or something else stands in it.
    """
    made: dict[Expr, Fraction] = {}
    for node in postorder([expr], with_definition):
        parts = [made[part] for part in with_definition(node)]
        match node:
            case Number(value=number):
                made[node] = number
            case SizeNumber(size=dim):
                made[node] = Fraction(size(dim))
            case Symbol(shape=()):
                made[node] = value(node)
            case Let():
                made[node] = parts[0]
            case Negate():
                made[node] = -parts[0]
            case Add():
                made[node] = parts[0] + parts[1]
            case Subtract():
                made[node] = parts[0] - parts[1]
            case Scale():
                made[node] = parts[0] * parts[1]
            case Divide() if parts[1]:
                made[node] = parts[0] / parts[1]
            case Index(name=name):
                raise EvaluationError(f"The index {name} stands outside its sum, in {METHODS['text'](expr)}. Give it a value by its name.")
            case _:
                raise EvaluationError(f"{METHODS['text'](expr)} is no whole number: {METHODS['text'](node)} is no number, size or scalar.")
    found = made[expr]
    if found.denominator != 1:
        raise EvaluationError(f"{METHODS['text'](expr)} is {found}; an exponent of a matrix, a bound or a position is a whole number.")
    return int(found)


NEGATIVE_RANGE = (
    "{!r} has {} terms here, for its bounds run downwards. The derivative of a power is a sum of powers for exponents 0, 1, 2, ...; "
    "for a negative exponent write the power of the inverse."
)


@lru_cache(maxsize=4096)
def unrolled(node: IndexedSum, low: int, high: int) -> Expr:
    """The terms of a sum, added one by one; zero if there are none.

    Raises:
        EvaluationError: more terms than `MOST_TERMS`, or bounds that run downwards.
    """
    if high < low - 1:
        raise EvaluationError(NEGATIVE_RANGE.format(node, high - low + 1))
    if high - low + 1 > MOST_TERMS:
        raise EvaluationError(f"A sum over {node.index!r} of {high - low + 1:,} terms; at most {MOST_TERMS:,} are added.")
    terms = [_at(node.body, node.index, Number(Fraction(r))) for r in range(low, high + 1)]
    if not terms:
        return Zeros(node.shape) if node.shape else Number(Fraction(0))
    return reduce(lambda left, right: Add(left, right, node.shape), terms)


def _open_parts(node: Expr) -> tuple[Expr, ...]:
    """The parts of a node, a named quantity counting as made of its definition where that leaves indices free."""
    if isinstance(node, Let):
        return (node.definition,) if _leaves_indices_free(node) else ()
    return with_definition(node)


@lru_cache(maxsize=4096)
def _leaves_indices_free(node: Let) -> bool:
    return bool(free_indices([node]))


def _at(body: Expr, index: Index, number: Number) -> Expr:
    """The body at one value of an index; a named quantity that depends on the index gives way to its definition."""
    depends: dict[Expr, bool] = {}
    made: dict[Expr, Expr] = {}
    for node in postorder([body], _open_parts):
        inner = isinstance(node, IndexedSum) and node.index == index
        depends[node] = node == index or (not inner and any(depends[part] for part in _open_parts(node)))
        if not depends[node]:
            made[node] = node
        elif isinstance(node, Let | Index):
            made[node] = made[node.definition] if isinstance(node, Let) else number
        else:
            made[node] = _with_parts(node, made)
    return made[body]


def at_indices(root: Expr, numbers: Mapping[Index, int]) -> Expr:
    """The expression at values of indices that it leaves free."""
    for index, number in numbers.items():
        root = _at(root, index, Number(Fraction(number)))
    return root


def _with_parts(node: Expr, made: Mapping[Expr, Expr]) -> Expr:
    """The same node of other parts, those of a written derivative too."""
    if isinstance(node, Derivative):
        return replace(node, of=made[node.of], by=made[node.by])
    return with_operands(node, tuple(made[part] for part in node.operands))


def at_whole_numbers(roots: Iterable[Expr], numbers: Mapping[str, int]) -> list[Expr]:
    """The expressions with numbers in place of scalar symbols, in the definitions of named quantities as well.

    Example:
        >>> import matcalc as mc
        >>> k = mc.scalar("k")
        >>> at_whole_numbers([k * mc.matrix_power(mc.matrix("X", "n", "n"), k - 1)], {"k": 3})
        [3 X^(3 - 1)]
    """
    roots = list(roots)
    made: dict[Expr, Expr] = {}
    for node in postorder(roots, with_definition):
        match node:
            case Symbol(name=name, shape=()) if name in numbers:
                made[node] = Number(Fraction(numbers[name]))
            case Let(name=name, definition=definition, shape=shape):
                made[node] = node if made[definition] == definition else Let(name, made[definition], shape)
            case _:
                made[node] = _with_parts(node, made)
    return [made[root] for root in roots]


def written_out(roots: Iterable[Expr], size: Callable[[Dim], int], known: dict[Expr, Expr] | None = None) -> list[Expr]:
    """The expressions with every sum written term by term at given sizes, in the definitions of named quantities as well.

    ``known`` holds what named quantities were found to be at these sizes, and is filled with those that are met.

    Raises:
        EvaluationError: a bound is no whole number of sizes and numbers.
    """
    roots = list(roots)
    known = {} if known is None else known
    order = list(postorder(roots, lambda node: () if node in known else with_definition(node)))
    if not any(isinstance(node, IndexedSum) or known.get(node, node) is not node for node in order):
        known.update((node, node) for node in order if isinstance(node, Let))
        return roots
    made: dict[Expr, Expr] = {}
    for node in order:
        if node in known:
            made[node] = known[node]
            continue
        match node:
            case Let(name=name, definition=definition, shape=shape):
                made[node] = known[node] = node if made[definition] == definition else Let(name, made[definition], shape)
            case IndexedSum(low=low, high=high) if not free_indices([low, high]):  # else it is written out with the sum around it
                made[node] = _terms_of(replace(node, body=made[node.body]), size)
            case _:
                made[node] = _with_parts(node, made)
    return [made[root] for root in roots]


def _terms_of(node: IndexedSum, size: Callable[[Dim], int]) -> Expr:
    """A sum term by term; sums inside it, whose bounds may hold its index, after it."""
    low, high = (whole_value(bound, size, lambda symbol: _not_known(node, symbol)) for bound in (node.low, node.high))
    return written_out([unrolled(node, low, high)], size)[0]


def _not_known(node: IndexedSum, symbol: Symbol) -> Fraction:
    raise EvaluationError(f"{METHODS['text'](node)} is written out for known bounds only; {symbol.name} has no value here.")
