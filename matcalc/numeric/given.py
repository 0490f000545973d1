"""What a user gives: dicts by name, sizes, and the callables of an unknown function; and the sentences on what does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from matcalc.errors import near_names
from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, MapFunction, MatrixFunction, known_function
from matcalc.language.sizes import Dim, shape_text
from matcalc.numeric.arrays import Array, Orders
from matcalc.numeric.elementwise import KNOWN_VALUES, known_value

UnknownFunction: TypeAlias = ElementwiseFunction | MapFunction | MatrixFunction


def kind_of(function: UnknownFunction) -> str:
    """What an unknown function is, as a message says it."""
    if isinstance(function, ElementwiseFunction):
        return "one applied to each entry"
    if isinstance(function, MatrixFunction):
        return "a function of a square matrix"
    return f"a map from {', '.join(shape_text(s) for s in function.argument_shapes)} to {shape_text(function.shape)}"


# ---- dicts by name ---------------------------------------------------------------------------------------------------


def dict_fault(what: str, given: object, example: str) -> str | None:
    """The fault of an argument that is no dict by name; ``example`` shows one."""
    if isinstance(given, Mapping):
        return None
    return f"{what} is a dict by name, like {example}; {_described(given)} was given."


def sizes_fault(given: object, names: Iterable[str]) -> str | None:
    """The fault of sizes that are no dict by name; its example is for the first of the names that occur."""
    return dict_fault("sizes", given, f'{{"{next(iter(names), "n")}": 3}}')


def same(left: Any, right: Any) -> bool:
    """Whether two things that were given are equal, so that either may be left out."""
    if left is right:
        return True
    try:
        return bool(np.array_equal(left, right))
    except (TypeError, ValueError):
        return False


def unused(name: str, missing: Iterable[str], superfluous: Iterable[str], what: str) -> str:
    """The sentence on what was given under names that do not occur, where ``name`` was wanted; empty where nothing was.

    Args:
        name: what is missing.
        missing: all that is missing; a given name that is near to another of them is left to that one.
        superfluous: the names that do not occur.
        what: ``value`` or ``function``.
    """
    names = sorted(set(superfluous))
    nearest = {wanted: difflib.get_close_matches(wanted, names, n=1, cutoff=0.5) for wanted in missing}
    if nearest[name]:
        return f"A {what} is given for {nearest[name][0]}, which does not occur: was {name} meant?"
    rest = [given for given in names if [given] not in nearest.values()]
    if len(rest) == 1:
        return f"A {what} is given for {rest[0]}, which does not occur."
    return f"{what.capitalize()}s are given for {', '.join(rest)}, which do not occur." if rest else ""


def _described(given: object) -> str:
    if isinstance(given, np.ndarray):
        return f"an array of shape {given.shape}"
    if isinstance(given, bool | int | float | complex | str | np.generic | None):
        return f"{given!r:.60}"
    if isinstance(given, list | tuple | set | frozenset):
        return f"a {type(given).__name__} of {len(given)}"
    if callable(given):
        return f"the function {getattr(given, '__name__', None) or getattr(given, 'name', None) or repr(given)}"
    return f"{given!r:.60}"


# ---- sizes -----------------------------------------------------------------------------------------------------------


def size_name(key: Any) -> str:
    """The name under which a size is given, by name or by `Dim`."""
    return repr(key) if isinstance(key, Dim) else str(key)


def size_fault(name: str, number: Any, source: str) -> str | None:
    """The fault of what is no size, with who tells it."""
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
        return f"{name} is {number} by {source}; a size is an int of at least 1."
    return None


# ---- functions -------------------------------------------------------------------------------------------------------


def form_of(function: UnknownFunction, order: int) -> str:
    """How a function is given with its derivatives up to an order, such as ``functions={"f": (f, f1)}``."""
    name = function.name
    if isinstance(function, MapFunction):
        letter = name if name.isidentifier() else "u"
        letters = [letter, *(f"d{k if k > 1 else ''}{letter}" for k in range(1, order + 1))]
    else:
        letter = name if name.isidentifier() else "f"
        letters = [letter, *(f"{letter}{k}" for k in range(1, order + 1))]
    if order == 0:
        return f'functions={{"{name}": {letter}}}'
    several = f"s of order {', '.join(map(str, range(1, order + 1)))}" if order > 1 else ""
    axes = ", raw axes (output..., input...)" if isinstance(function, MapFunction) else ""
    return f'functions={{"{name}": ({", ".join(letters)})}} with {", ".join(letters[1:])} the derivative{several}{axes}'


def given_orders(function: UnknownFunction, entry: object, faults: list[str]) -> Orders | None:
    """The callables that a user gives for an unknown function, itself and its derivatives, or None and a fault.

    A known elementwise function, itself or by name, gives all orders that the table of known values has.
    """
    parts = tuple(entry) if isinstance(entry, tuple | list) else (entry,)
    named = [_as_known(part) for part in parts]
    fault = _fault_of(function, entry, parts, named)
    if fault:
        faults.append(fault)
        return None
    if not isinstance(entry, tuple | list) and isinstance(named[0], ElementwiseFunction):
        return _orders_of(named[0])
    return tuple(_orders_of(part)[0] if isinstance(part, ElementwiseFunction) else part for part in named)


def _as_known(part: Any) -> Any:
    """The known function that a string names; else the part itself."""
    return known_function(part) if isinstance(part, str) and part in KNOWN_FUNCTIONS else part


def _fault_of(function: UnknownFunction, entry: object, parts: tuple[Any, ...], named: list[Any]) -> str | None:
    name = function.name
    for part, meant in zip(parts, named, strict=True):
        if isinstance(meant, str):
            return f"{name} is given as {meant!r:.60}, which is no known function. {near_names(meant, KNOWN_FUNCTIONS)}"
        if isinstance(meant, MapFunction) or (isinstance(meant, ElementwiseFunction) and not meant.known):
            return f"{name} is given as {_primed(meant)}, itself an unknown function. {_instead(function)}"
        if isinstance(meant, ElementwiseFunction) and not isinstance(function, ElementwiseFunction):
            return f"{name} is {kind_of(function)}, {_primed(meant)} is applied to each entry. {_instead(function)}"
        if isinstance(meant, ElementwiseFunction) and meant.order >= len(KNOWN_VALUES[meant.name].orders):
            last = len(KNOWN_VALUES[meant.name].orders) - 1
            return f"{name} is given as {_primed(meant)}; {meant.name} is known here up to its derivative of order {last}."
        if not callable(meant):
            return f"{name} needs a callable or a tuple of them, itself and its derivatives; {_described(part)} was given."
    return None if parts else f"{name} needs a callable or a tuple of them, itself and its derivatives; {entry!r} was given."


def _instead(function: UnknownFunction) -> str:
    form = f"Give {form_of(function, 1)}"
    return f"{form}." if not isinstance(function, ElementwiseFunction) else f'{form}, or a known function, such as "tanh".'


def _primed(function: UnknownFunction) -> str:
    return function.name + "'" * (function.order if isinstance(function, ElementwiseFunction) else 0)


def _orders_of(function: ElementwiseFunction) -> tuple[Callable[[Array], Array], ...]:
    """A known function and its derivatives as far as the table goes."""
    count = len(KNOWN_VALUES[function.name].orders)
    found = []
    while function.order < count:
        found.append(partial(known_value, function))
        function = function.prime
    return tuple(found)
