"""The named operations that a text may use, and what each makes of its argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

from matcalc.language import building
from matcalc.language.elementwise import KNOWN_FUNCTIONS, known_function
from matcalc.language.expressions import Expr


@final
@dataclass(frozen=True, slots=True)
class Operation:
    """A named operation of one argument.

    Attributes:
        name: as it is written.
        made: the expression of the argument.
        square: what needs a square matrix, for the error; empty where any shape will do.
    """

    name: str
    made: Callable[[Expr], Expr]
    square: str = ""


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "tr": Operation("tr", building.trace, "A trace"),
        "det": Operation("det", building.det, "A determinant"),
        "inv": Operation("inv", building.inv, "An inverse"),
        "sum": Operation("sum", building.sum),
        "vec": Operation("vec", building.vec),
        "diag": Operation("diag", building.diag),
        "softmax": Operation("softmax", building.softmax),
    }
)
AXES: Mapping[str, str] = MappingProxyType({"row": "rows", "rows": "rows", "col": "columns", "cols": "columns", "columns": "columns"})

_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "Tr": "tr", "trace": "tr", "Trace": "tr", "Diag": "diag", "Vec": "vec", "Softmax": "softmax", "ln": "log", "ReLU": "relu",
        "Relu": "relu", "leakyrelu": "leaky_relu", "LeakyReLU": "leaky_relu", "GELU": "gelu", "id": "identity", "sgn": "sign",
        "logistic": "sigmoid", "Sigmoid": "sigmoid", "Softplus": "softplus", "expit": "sigmoid",
    }
)  # fmt: skip
COMMANDS = frozenset((r"\ln", r"\exp", r"\tanh", r"\sin", r"\cos", r"\det", r"\tr", r"\Tr", r"\diag", r"\trace", r"\sigmoid", r"\softmax"))
WORDS = frozenset({*OPERATIONS, *KNOWN_FUNCTIONS, *_SPELLINGS})


def operation_named(word: str) -> str | None:
    """The one name of an operation or known function that may be written in several ways; None where there is none."""
    name = _SPELLINGS.get(word, word)
    return name if name in OPERATIONS or name in KNOWN_FUNCTIONS else None


def operation(name: str) -> Operation:
    """The operation of that name; a known elementwise function is one too."""
    return OPERATIONS.get(name) or Operation(name, known_function(name))
