"""What a person's function is given: its parameters matched by name with the quantities, sizes and functions of an expression."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, final

import numpy as np

from matcalc.errors import MatcalcError, UnknownNameError, near_name, near_names
from matcalc.language.elementwise import ElementwiseFunction, MapFunction
from matcalc.language.expressions import Apply, ApplyMap, Expr
from matcalc.language.sizes import Shape, ndim
from matcalc.language.traversal import named, postorder, with_definition
from matcalc.numeric.data import Array, Data
from matcalc.numeric.elementwise import KNOWN_VALUES, known_value
from matcalc.numeric.evaluation import values_of

MOST_PRIMES = 3


def key_of(name: str) -> str:
    """A name without what no identifier holds, and without underscores: ``W^(1)``, ``W_1`` and ``W1`` have one key."""
    return re.sub(r"[\W_]", "", name.replace("'", "prime"))


@final
class Names:
    """Plain names, each found by itself or by its key where only one has it."""

    def __init__(self, names: Mapping[str, tuple[str, ...]]) -> None:
        self.plain = tuple(names)
        self._by_key: dict[str, list[str]] = {}
        for name, others in names.items():
            for key in dict.fromkeys((key_of(name), *others)):
                self._by_key.setdefault(key, []).append(name)

    def find(self, name: str) -> str | None:
        """The plain name that ``name`` is or stands for; None where there is none.

        Raises:
            UnknownNameError: it stands for several.
        """
        if name in self.plain:
            return name
        found = self._by_key.get(key_of(name), [])
        if len(found) > 1:
            raise UnknownNameError(f"{name!r} may be {' or '.join(found)}: rename one of them, or take a dict of all quantities.")
        return found[0] if found else None

    def readable(self) -> list[str]:
        """The names as a parameter may be called."""
        return [name if name.isidentifier() else key_of(name) for name in self.plain]


@final
class Inputs(dict[str, Any]):
    """All that is given, by plain name; ``inputs["W1"]`` finds ``W^(1)``."""

    def __init__(self, items: Mapping[str, Any], names: Names) -> None:
        super().__init__(items)
        self._names = names

    def __missing__(self, name: str) -> Any:
        found = self._names.find(str(name))
        if found is None:
            raise KeyError(f"{name}. {near_names(str(name), self)}")
        return self[found]


# ---- what there is ---------------------------------------------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class Offer:
    """What an expression has to give.

    Attributes:
        quantities: symbols and named quantities by plain name.
        sizes: names of sizes.
        functions: known and unknown functions by name, without primes.
    """

    quantities: Mapping[str, Expr]
    sizes: tuple[str, ...]
    functions: Mapping[str, ElementwiseFunction | MapFunction]

    def names(self) -> Names:
        """All names; where two things have one name, quantities come before sizes and these before functions."""
        found: dict[str, tuple[str, ...]] = dict.fromkeys([*self.quantities, *self.sizes, *self.functions], ())
        for name, function in self.functions.items():
            for order in range(1, self.most_primes(function) + 1):
                others = tuple(way.format(key_of(name)) for way in _WAYS[order])
                plain = _primed(name, function, order)
                if plain not in found and not any(key_of(other) in others for other in found):
                    found[plain] = others
        return Names(found)

    @staticmethod
    def most_primes(function: ElementwiseFunction | MapFunction) -> int:
        if isinstance(function, ElementwiseFunction) and function.known:
            return min(MOST_PRIMES, len(KNOWN_VALUES[function.name].orders) - 1)
        return MOST_PRIMES


_WAYS = {1: ("{}prime", "d{}"), 2: ("{}primeprime", "dd{}", "d2{}"), 3: ("{}primeprimeprime", "ddd{}", "d3{}")}


def _primed(name: str, function: ElementwiseFunction | MapFunction, order: int) -> str:
    if isinstance(function, MapFunction):
        return f"{'d' if order == 1 else f'd{order}'}{name}"
    return name + "'" * order


def offered(roots: Iterable[Expr], sizes: Iterable[str]) -> Offer:
    """What these expressions have to give a function."""
    nodes = list(postorder(list(roots), with_definition))
    functions: dict[str, ElementwiseFunction | MapFunction] = {}
    for node in nodes:
        if isinstance(node, Apply):
            function = node.function
            functions.setdefault(function.name, ElementwiseFunction(function.name, 0, function.known, function.parameter))
        elif isinstance(node, ApplyMap):
            functions.setdefault(node.function.name, node.function)
    return Offer(named(nodes), tuple(sizes), functions)


def given_values(offer: Offer, names: Names, data: Data, vectors: str) -> dict[str, Any]:
    """All that is given at some data, by plain name: arrays, numbers and callables."""
    values = values_of(offer.quantities.values(), data)
    given: dict[str, Any] = {name: _arranged(values[node], node.shape, vectors) for name, node in offer.quantities.items()}
    for name in offer.sizes:
        given.setdefault(name, data.sizes[name])
    for name, function in offer.functions.items():
        for order in range(offer.most_primes(function) + 1):
            plain = _primed(name, function, order) if order else name
            if plain in names.plain:
                given.setdefault(plain, _callable(function, order, data, vectors))
    return given


def _arranged(array: Array, shape: Shape, vectors: str) -> Any:
    if not shape:
        return np.float64(array[0, 0])
    return array.ravel() if vectors == "flat" and ndim(shape) < 2 else array


def _callable(function: ElementwiseFunction | MapFunction, order: int, data: Data, vectors: str) -> Callable[..., Any]:
    if isinstance(function, MapFunction):
        own = data.functions[function.name][order]
        return own if order else lambda *arguments: _arranged(own(*arguments), function.shape, vectors)
    primed = function
    for _ in range(order):
        primed = primed.prime
    own = partial(known_value, primed) if function.known else data.functions[function.name][order]
    return lambda z: own(np.asarray(z))[()]


# ---- what the function wants -----------------------------------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class Plan:
    """How a function is called.

    Attributes:
        positional: plain names of the arguments by position.
        keywords: plain names of those by keyword.
        whole: the parameter that takes a dict of everything, where it is the only one.
        rest: whether everything else is given by keyword.
    """

    positional: tuple[str, ...]
    keywords: Mapping[str, str]
    whole: str | None
    rest: bool

    def arguments(self, given: Mapping[str, Any], names: Names) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of one call."""
        if self.whole is not None:
            return [Inputs(given, names)], {}
        positional = [given[name] for name in self.positional]
        keywords = {parameter: given[name] for parameter, name in self.keywords.items()}
        if self.rest:
            used = {*self.positional, *self.keywords.values()}
            others = zip(names.plain, names.readable(), strict=True)
            keywords = {**{key: given[name] for name, key in others if name not in used}, **keywords}
        return positional, keywords


def plan_of(function: Callable[..., Any], names: Names) -> Plan:
    """How the function is called, by the names of its parameters.

    Raises:
        UnknownNameError: parameters that are no quantity, size or function; all are listed.
        MatcalcError: the parameters cannot be read.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise MatcalcError(
            f"The parameters of {function!r:.60} cannot be read, and they tell what it is given. Wrap it: lambda W, x: ..."
        ) from None
    single = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    rest = any(p.kind is p.VAR_KEYWORD for p in parameters)
    required = [p for p in single if p.default is p.empty]
    if len(required) == 1 and not rest and required[0].kind is not required[0].KEYWORD_ONLY:
        parameter = required[0]
        if not _is_a_slip(parameter.name, names) and all(names.find(p.name) is None for p in single):
            return Plan((), {}, parameter.name, False)
    positional: list[str] = []
    keywords: dict[str, str] = {}
    faults: list[str] = []
    for parameter, found in _found(single, names, faults):
        if parameter.kind is parameter.POSITIONAL_ONLY:
            positional.append(found)
        else:
            keywords[parameter.name] = found
    if faults:
        there = f"There are: {', '.join(names.readable())}. Or take one parameter, a dict of them all."
        raise UnknownNameError("\n".join([*faults, there]))
    return Plan(tuple(positional), keywords, None, rest)


def _found(parameters: Iterable[inspect.Parameter], names: Names, faults: list[str]) -> Iterator[tuple[inspect.Parameter, str]]:
    for parameter in parameters:
        try:
            found = names.find(parameter.name)
        except UnknownNameError as error:
            faults.append(str(error))
            continue
        if found is not None:
            yield parameter, found
        elif parameter.default is parameter.empty:
            same = [name for name in names.readable() if name.lower() == parameter.name.lower()]
            hint = f"Did you mean {' or '.join(same)}?" if same else near_name(parameter.name, names.readable())
            faults.append(f"The parameter {parameter.name!r} is no quantity, size or function here. {hint}".rstrip())


def _is_a_slip(parameter: str, names: Names) -> bool:
    """Whether the name of the only parameter is a known name but for its case, so that no dict is meant."""
    return key_of(parameter).lower() in {key_of(name).lower() for name in names.plain}
