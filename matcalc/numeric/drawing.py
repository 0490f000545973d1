"""Random data for expressions: sizes, entries and functions at which every part of them is finite."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, cycle, islice, product
from typing import Any, final

import numpy as np

from matcalc.errors import EvaluationError, near_names
from matcalc.language.assumed import properties_of, relations_of, sizes_fit, unified
from matcalc.language.assumptions import Assumption
from matcalc.language.elementwise import ElementwiseFunction, MatrixFunction
from matcalc.language.expressions import (
    Apply, Derivative, Determinant, Expr, Index, Inverse, LogDeterminant, MatrixPower, PseudoInverse, Symbol,
)  # fmt: skip
from matcalc.language.naming import Lookup, by_known_name
from matcalc.language.traversal import named, postorder, with_definition
from matcalc.language.unrolling import free_indices, whole_names
from matcalc.numeric.assumed_data import broken, determinants, imposed
from matcalc.numeric.data import Array, Data, Orders, Point, UnknownFunction, axes, short_text, size_names, unknown_functions
from matcalc.numeric.drawn_functions import drawn_elementwise, drawn_map, drawn_series
from matcalc.numeric.elementwise import KNOWN_VALUES
from matcalc.numeric.evaluation import value_operands, values_in_order
from matcalc.numeric.given import same, size_fault, size_name, sizes_fault

WIDE = 7  # a row with more entries is scaled to the length that so many have
DRAWS = 4
MOST_DIFFERENT = 16  # names of sizes with primes of their own: 2 to 53
LARGEST = 1e8
KINK_MARGIN = 0.02
MOST_ENTRIES = 1_000_000  # of one symbol
MOST_CONDITION = 1e10  # of a matrix whose determinant is taken
SINGULAR = 1_000  # how weak data are at which it is singular
SOME_ORDERS = 4  # of sizes, after those as they come and in reverse
MOST_TRIES = 400  # for sizes or numbers between which relations hold
SMALL_PRIMES = (2, 3, 5, 7, 11, 13)
WHOLE = 2, 5  # whole numbers are drawn from the first to before the second


@final
@dataclass(frozen=True, slots=True)
class Strategy:
    """How entries are drawn.

    Attributes:
        low, high: bounds of the magnitudes.
        signs: the signs to draw from for each entry; with ``one_sign`` one for each symbol.
        one_sign: whether all entries of a symbol have one sign.
        dominant: whether square matrices get a dominant positive diagonal, so a positive determinant and a good condition.
        damped: whether matrices are divided by the square root of their number of columns.
    """

    low: float = 0.3
    high: float = 1.3
    signs: tuple[float, ...] = (-1.0, 1.0)
    one_sign: bool = False
    dominant: bool = False
    damped: bool = False

    @property
    def positive(self) -> bool:
        return self.signs == (1.0,)


STRATEGIES = (
    Strategy(),
    Strategy(signs=(1.0,)),
    Strategy(low=1.0, high=2.0, signs=(1.0,)),
    Strategy(low=0.05, high=0.3),
    Strategy(low=0.05, high=0.3, signs=(1.0,)),
    Strategy(one_sign=True),
    Strategy(signs=(-1.0,)),
    Strategy(damped=True),
)
STRATEGIES_FOR_INVERSES = (
    Strategy(dominant=True),
    Strategy(signs=(1.0,), dominant=True),
    Strategy(low=1.0, high=2.0, signs=(1.0,), dominant=True),
    *STRATEGIES,
)


def draw(roots: Iterable[Expr], rng: np.random.Generator, *, sizes: Mapping[Any, int] | None = None) -> Data:
    """Random data at which every part of the expressions is finite, away from kinks, and at most 1e8 in magnitude.

    Sizes are pairwise different primes (see `drawn_sizes`), in the order in which their names appear, unless ``sizes`` gives
    them; where no values fit these (the inverse of X^T X for a wide X), or a determinant is that of a singular matrix, other orders of
    the primes are tried. Unknown functions
    are drawn with their derivatives up to order 3 and take complex numbers. Of finite draws one is preferred at which no relu is
    all zero, or all on one side of its kink, since such data do not tell a right derivative from a wrong one.

    Raises:
        EvaluationError: a given size does not occur or is no size; or no draw was finite, with the part that was not.
    """
    roots = list(roots)
    nodes = list(postorder(roots, with_definition))
    symbols = [node for node in named(unified(nodes)).values() if isinstance(node, Symbol)]
    relations = relations_of(symbols)
    functions = unknown_functions(nodes)
    inverses = any(isinstance(node, Inverse | Determinant | LogDeterminant | PseudoInverse | MatrixPower) for node in nodes)
    whole, indices = sorted(whole_names(nodes)), free_indices(roots)
    strategies = STRATEGIES_FOR_INVERSES if inverses else STRATEGIES
    last: _Judgement | None = None
    best: tuple[int, Data] | None = None
    choices = _size_choices(nodes, given_sizes(nodes, {} if sizes is None else sizes), rng, MOST_TRIES if relations else SOME_ORDERS)
    for chosen in _fitting(symbols, relations, choices):
        for strategy, attempt in product(strategies, range(DRAWS)):
            data = _drawn(symbols, functions, chosen, strategy, rng)
            data = replace(data, values={**data.values, **_whole_values(whole, indices, data, rng)})
            related = _related(symbols, relations, data, frozenset(whole), rng)
            if related is None:
                continue
            data = related
            order = list(postorder(roots, partial(_below, data=data)))
            last = _judged(order, data, KINK_MARGIN / 4**attempt)
            if last.node is None and (best is None or last.weakness < best[0]):
                best = last.weakness, data
            if last.node is None and last.weakness == 0:
                break
        if best is not None and best[0] < SINGULAR:
            return best[1]
    if best is not None:
        return best[1]  # a determinant that vanishes at all sizes
    if last is None:
        told = " and ".join(repr(relation.text) for relation in relations)
        raise EvaluationError(f"No random data were found for which {told} holds.")
    assert last.node is not None, "a failing search ends with a fault"
    raise EvaluationError(f"No random data were found for these expressions: {short_text(last.node)} {last.fault}.")


def is_singular(roots: Iterable[Expr], data: Data) -> bool:
    """Whether a determinant in the expressions is that of a singular matrix at these data."""
    arguments = [n.argument for n in postorder(roots, with_definition) if isinstance(n, Determinant | LogDeterminant)]
    values = values_in_order(list(postorder(arguments, partial(_below, data=data))), Point(data))
    return any(np.linalg.cond(values[each]) > MOST_CONDITION for each in arguments)


def given_sizes(nodes: Sequence[Expr], sizes: Mapping[Any, int]) -> dict[str, int]:
    """The sizes that a user gives, by name, checked against those that occur.

    Raises:
        EvaluationError: the sizes are no dict, one is no int of at least 1, or a name does not occur or has two values.
    """
    names = dict.fromkeys(name for node in nodes for name in size_names(node))
    fault = sizes_fault(sizes, names)
    if fault:
        raise EvaluationError(fault)
    given, faults = by_known_name(sizes, Lookup(names, sizes=True), size_name, same)
    for name, number in given.items():
        if name not in names:
            hint = near_names(name, names) if names else "No size occurs in them."
            faults.append(f"sizes gives {name}, which does not occur in these expressions. {hint}")
        elif fault := size_fault(name, number, "sizes="):
            faults.append(fault)
    if faults:
        raise EvaluationError(*faults)
    return {name: int(number) for name, number in given.items()}


def drawn_sizes(nodes: Iterable[Expr], given: Mapping[str, int]) -> dict[str, int]:
    """Pairwise different primes for the names of sizes in the order of their appearance, but for those that are given.

    With more than `MOST_DIFFERENT` names, as in a deep network, the primes come round again, so that only neighbours differ.
    """
    nodes = list(nodes)
    taken = {*given.values(), *(entry for node in nodes for entry in node.shape if isinstance(entry, int))}
    free: Iterator[int] = (prime for prime in _primes() if prime not in taken)
    names = [name for name in dict.fromkeys(name for node in nodes for name in size_names(node)) if name not in given]
    if len(names) > MOST_DIFFERENT:
        free = cycle(list(islice(free, MOST_DIFFERENT)))
    return {**given, **{name: next(free) for name in names}}


def _primes() -> Iterator[int]:
    found: list[int] = []
    for number in count(2):
        if all(number % prime for prime in found):
            found.append(number)
            yield number


def _size_choices(nodes: Sequence[Expr], given: Mapping[str, int], rng: np.random.Generator, orders: int) -> Iterator[dict[str, int]]:
    """The sizes as they come, then, where there is a choice, in the reverse and in so many random orders."""
    first = drawn_sizes(nodes, given)
    yield first
    names = [name for name in first if name not in given]
    primes = [first[name] for name in names]
    if len(names) > 1:
        yield {**first, **dict(zip(names, reversed(primes), strict=True))}
    for _ in range(orders if len(names) > 2 else 0):
        yield {**first, **dict(zip(names, (int(p) for p in rng.permutation(primes)), strict=True))}
    for _ in range(orders if orders == MOST_TRIES and names else 0):
        yield {**first, **dict(zip(names, (int(p) for p in rng.choice(SMALL_PRIMES, len(names))), strict=True))}


def _fitting(symbols: Sequence[Symbol], relations: Sequence[Assumption], choices: Iterable[dict[str, int]]) -> Iterator[dict[str, int]]:
    """The sizes that what is assumed allows.

    Raises:
        EvaluationError: there are none among them.
    """
    found = False
    for sizes in choices:
        if sizes_fit(symbols, relations, sizes):
            found = True
            yield sizes
    if not found:
        told = ", ".join(dict.fromkeys(text for symbol in symbols for text in symbol.assumed))
        raise EvaluationError(f"No sizes were found that fit what is assumed ({told}). Give sizes that do.")


def _related(
    symbols: Sequence[Symbol], relations: Sequence[Assumption], data: Data, whole: Container[str], rng: np.random.Generator
) -> Data | None:
    """The data with scalars drawn again until the relations between them hold; None where one of a determinant does not."""
    by_name = {symbol.name: symbol for symbol in symbols}
    scalars = {name: float(array[0, 0]) for name, array in data.values.items() if name in by_name and not by_name[name].shape}
    known = determinants(relations, data.values)
    wanted = [r for r in relations if r.holds({**data.sizes, **scalars}, known) is not None]
    names = list(dict.fromkeys(name for relation in wanted for name in relation.subjects if name in scalars))
    integers = [name for name in names if name in whole or "integer" in properties_of(by_name[name])]
    for attempt in range(MOST_TRIES if names else 1):
        values = {name: np.array([[scalars[name]]]) for name in names}
        have = all(broken(by_name[name], array) is None for name, array in values.items())
        if have and all(relation.holds({**data.sizes, **scalars}, known) for relation in wanted):
            return replace(data, values={**data.values, **values})
        reach, wider = 1.5 * 2 ** (attempt % 6), attempt // 20
        for name in names:
            number = rng.integers(WHOLE[0] - wider, WHOLE[1] + wider) if name in integers else rng.uniform(-reach, reach)
            scalars[name] = float(number)
    return None


def _drawn(
    symbols: Iterable[Symbol],
    functions: Mapping[str, UnknownFunction],
    sizes: Mapping[str, int],
    strategy: Strategy,
    rng: np.random.Generator,
) -> Data:
    data = Data(sizes=sizes)
    for symbol in symbols:
        rows, columns = data.extents(symbol.shape)
        if rows * columns > MOST_ENTRIES:
            raise EvaluationError(f"{symbol.name} has {rows * columns:,} entries; at most {MOST_ENTRIES:,} are drawn. Give smaller sizes.")
    drawn = {symbol: _drawn_values(symbol, data.extents(symbol.shape), strategy, rng) for symbol in symbols}
    values = {symbol.name: imposed(symbol, array, rng) if symbol.assumed else array for symbol, array in drawn.items()}
    return Data(values, sizes, {name: _drawn_function(f, data, strategy.positive, rng) for name, f in functions.items()})


def _drawn_values(symbol: Symbol, extents: tuple[int, int], strategy: Strategy, rng: np.random.Generator) -> Array:
    signs = rng.choice(strategy.signs, () if strategy.one_sign else extents)
    array = np.asarray(rng.uniform(strategy.low, strategy.high, extents) * signs)
    if strategy.dominant and len(symbol.shape) == 2 and extents[0] == extents[1]:
        return np.asarray(0.4 / (strategy.high * extents[0]) * array + np.diag(rng.uniform(1.0, 2.0, extents[0])))
    if strategy.damped and len(symbol.shape) == 2:
        return np.asarray(array / np.sqrt(extents[1]))
    if len(symbol.shape) == 2 and extents[1] > WIDE:
        return np.asarray(array * np.sqrt(WIDE / extents[1]))
    return array


def _whole_values(names: Sequence[str], indices: Sequence[Index], data: Data, rng: np.random.Generator) -> dict[str, Array]:
    """Whole numbers for what stands in exponents, bounds and positions; an index that no sum binds counts along its axis."""
    ranges = dict.fromkeys(names, WHOLE)
    ranges |= {index.name: (1, 3 if index.size is None else data.extent(index.size) + 1) for index in indices}
    return {name: np.array([[float(rng.integers(low, high))]]) for name, (low, high) in ranges.items()}


def _drawn_function(function: UnknownFunction, data: Data, positive: bool, rng: np.random.Generator) -> Orders:
    if isinstance(function, ElementwiseFunction):
        return drawn_elementwise(rng, positive)
    if isinstance(function, MatrixFunction):
        return drawn_series(rng)
    extents = data.extents(function.shape)
    inputs = [axes(shape, data.extents(shape)) for shape in function.argument_shapes]
    return drawn_map(rng, extents, axes(function.shape, extents), inputs, positive)


def _below(node: Expr, data: Data) -> tuple[Expr, ...]:
    """What has to be finite for a node to be."""
    return with_definition(node) if isinstance(node, Derivative) else value_operands(node, data)


@final
@dataclass(frozen=True, slots=True)
class _Judgement:
    """What is wrong with drawn data: a node and its fault, or no node and how little the data tell right from wrong."""

    node: Expr | None
    fault: str = ""
    weakness: int = 0


def _judged(order: Sequence[Expr], data: Data, margin: float) -> _Judgement:
    """The first node that has no value, is not finite, too large or too near its kink; else the number of weak nodes."""
    try:
        values = values_in_order(order, Point(data))
    except EvaluationError as error:
        return _Judgement(order[-1], f"has no value: {error}")
    weakness = 0
    for node in order:
        array = values[node]
        if not np.all(np.isfinite(array)):
            return _Judgement(node, "stays non-finite")
        if np.abs(array).max() > LARGEST:
            return _Judgement(node, f"stays above {LARGEST:g} in magnitude")
        if isinstance(node, Apply) and node.function.known and KNOWN_VALUES[node.function.name].kink:
            z = values[node.argument]
            if np.any((z != 0.0) & (np.abs(z) < margin)):  # an entry that is exactly 0, as off a diagonal, stays there
                return _Judgement(node, f"stays within {margin:g} of its kink")
            weakness += _weakness(z, array)
        if isinstance(node, Determinant | LogDeterminant) and np.linalg.cond(values[node.argument]) > MOST_CONDITION:
            weakness += SINGULAR
    return _Judgement(None, weakness=weakness)


def _weakness(z: Array, result: Array) -> int:
    """How little a function with a kink shows: much too little if all it gives is 0, a bit too little on one side of the kink."""
    if not result.any():
        return 100
    return int(z.size > 1 and (np.all(z > 0.0) or not np.any(z > 0.0)))
