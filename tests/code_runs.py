"""Generated code run in both ways, as a function and as text, at data, and held against the value that evaluating gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from matcalc.code.program import Program
from matcalc.numeric.data import Array, Data
from tests.oracle import close


def given(program: Program, data: Data, convert: Callable[[Array], Any] = np.asarray) -> dict[str, Any]:
    """What a program takes, of data: arrays, scalars without axes, sizes, functions."""
    found: dict[str, Any] = {}
    for argument in program.arguments:
        plain = argument.name.rstrip("'")
        match argument.kind:
            case "array":
                found[argument.identifier] = convert(data.values[argument.name])
            case "scalar":
                found[argument.identifier] = convert(data.values[argument.name][0, 0])
            case "size":
                found[argument.identifier] = data.sizes[argument.name]
            case _:
                found[argument.identifier] = data.functions[plain][len(argument.name) - len(plain)]
    return found


def function_of(source: str) -> Callable[..., Any]:
    """The last function that a text defines."""
    names: dict[str, Any] = {}
    exec(compile(source, "generated", "exec"), names)  # noqa: S102 -- the text is what is tested
    function: Callable[..., Any] = [value for key, value in names.items() if key != "__builtins__" and callable(value)][-1]
    return function


def as_matrix(found: Any) -> Array:
    """A result as evaluating gives it: a scalar as a 1 x 1 array."""
    array = np.asarray(found, dtype=np.float64)
    return array.reshape(1, 1) if array.ndim == 0 else array


def check(program: Program, data: Data, wanted: Array, tolerance: float = 1e-8) -> None:
    """Assert that the function and its text give the array that is wanted."""
    arguments = given(program, data)
    with np.errstate(all="ignore"):
        for found in (program(**arguments), function_of(program.source)(**arguments)):
            close(as_matrix(found) if wanted.ndim == 2 else np.asarray(found), wanted, tolerance)


def check_each(program: Program, data: Data, wanted: Mapping[str, Array]) -> None:
    """The same for a program with several results."""
    arguments = given(program, data)
    for found in (program(**arguments), function_of(program.source)(**arguments)):
        assert list(found) == list(wanted)
        for name, array in wanted.items():
            close(as_matrix(found[name]), array)
