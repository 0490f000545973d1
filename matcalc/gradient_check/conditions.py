"""What may be assumed of data: a code that is right only where a matrix is symmetric, or where labels sum to 1.

A condition is imposed on random data. It is assumed where a user says so, and tried where a code is wrong without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, final

import numpy as np

from matcalc.errors import EvaluationError, UnknownNameError, near_names
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.sizes import Shape, ndim, rows_and_columns
from matcalc.numeric.data import Array, Data


@final
@dataclass(frozen=True, slots=True)
class Condition:
    """Something that may hold of a declared quantity.

    Attributes:
        applies: whether a quantity of a shape may have it.
        imposed: makes an array that has it, out of a random one.
        text: the condition in a sentence on a name.
    """

    applies: Callable[[Shape], bool]
    imposed: Callable[[Array], Array]
    text: str


def _is_square(shape: Shape) -> bool:
    return len(shape) == 2 and shape[0] == shape[1]


CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "symmetric": Condition(_is_square, lambda array: (array + array.T) / 2.0, "{0} is symmetric"),
        "positive": Condition(lambda shape: True, np.abs, "the entries of {0} are positive"),
        "columns sum to 1": Condition(
            lambda shape: rows_and_columns(shape)[0] != 1,
            lambda array: np.abs(array) / np.abs(array).sum(axis=0, keepdims=True),
            "the columns of {0} sum to 1, as those of one-hot labels do",
        ),
        "rows sum to 1": Condition(
            lambda shape: rows_and_columns(shape)[1] != 1,
            lambda array: np.abs(array) / np.abs(array).sum(axis=1, keepdims=True),
            "the rows of {0} sum to 1, as those of one-hot labels do",
        ),
    }
)


def with_condition(data: Data, name: str, condition: str) -> Data:
    """The data with one quantity changed so that the condition holds."""
    return replace(data, values={**data.values, name: CONDITIONS[condition].imposed(data.values[name])})


def assuming(data: Data, assumed: Mapping[str, str]) -> Data:
    """The data with all that is assumed."""
    for name, condition in assumed.items():
        data = with_condition(data, name, condition)
    return data


def sentence(node: Expr, name: str, condition: str) -> str:
    """The condition in words; a vector has entries, not columns of one entry or rows of one."""
    text = CONDITIONS[condition].text.format(name)
    return f"the entries of {name} sum to 1, as those of a one-hot label do" if "sum to 1" in text and ndim(node.shape) == 1 else text


def tried(quantities: Mapping[str, Expr], assumed: Mapping[str, str], variable: str) -> Iterator[tuple[str, str]]:
    """Declared quantities of which nothing is assumed, and what may hold of each; the variable is no label, which sums to 1."""
    for name, node in quantities.items():
        for condition, row in CONDITIONS.items():
            label = name != variable or "sum to 1" not in condition
            if isinstance(node, Symbol) and row.applies(node.shape) and name not in assumed and label:
                yield name, condition


def checked_assumptions(given: Mapping[Any, str] | None, quantities: Mapping[str, Expr]) -> dict[str, str]:
    """What is assumed, by plain name.

    Raises:
        UnknownNameError: a name is no declared quantity, or there is no such condition.
        EvaluationError: a quantity of that shape cannot have it.
    """
    assumed: dict[str, str] = {}
    symbols = {name: node for name, node in quantities.items() if isinstance(node, Symbol)}
    for key, condition in (given or {}).items():
        name = key.name if isinstance(key, Symbol) else str(key)
        if name not in symbols:
            raise UnknownNameError(f"assume names {name!r}, which is no declared quantity here. {near_names(name, symbols)}")
        if condition not in CONDITIONS:
            known = ", ".join(repr(each) for each in CONDITIONS)
            raise UnknownNameError(f"assume says {condition!r} of {name}; what can be assumed is: {known}.")
        if not CONDITIONS[condition].applies(symbols[name].shape):
            raise EvaluationError(f"assume says {condition!r} of {name}, whose shape is {symbols[name].shape}: it cannot have it.")
        assumed[name] = condition
    return assumed
