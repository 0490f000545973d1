"""The named operations that a text may use, and what each makes of its argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

from matcalc.language import building, matrix_operations
from matcalc.language.elementwise import KNOWN_FUNCTIONS, KNOWN_MATRIX_FUNCTIONS, MatrixFunction, known_function
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
        "logdet": Operation("logdet", building.logdet, "A determinant"),
        "norm": Operation("norm", building.norm),
        "logsumexp": Operation("logsumexp", matrix_operations.logsumexp),
        "pinv": Operation("pinv", matrix_operations.pinv),
        "diagsums": Operation("diagsums", matrix_operations.diagonal_sums),
        "cofactor": Operation("cofactor", matrix_operations.cofactor, "A cofactor matrix"),
    }
)
AXES: Mapping[str, str] = MappingProxyType({"row": "rows", "rows": "rows", "col": "columns", "cols": "columns", "columns": "columns"})

MATRIX_FUNCTIONS: Mapping[str, MatrixFunction] = MappingProxyType(
    {f"{name}m": matrix_operations.matrix_function(name) for name in KNOWN_MATRIX_FUNCTIONS}
)  # expm, sinm, cosm

_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "Tr": "tr", "trace": "tr", "Trace": "tr", "Diag": "diag", "Vec": "vec", "Softmax": "softmax", "ln": "log", "ReLU": "relu",
        "Relu": "relu", "leakyrelu": "leaky_relu", "LeakyReLU": "leaky_relu", "GELU": "gelu", "id": "identity", "sgn": "sign",
        "lse": "logsumexp", "LSE": "logsumexp", "LogSumExp": "logsumexp", "cof": "cofactor", "Cof": "cofactor",
        "logistic": "sigmoid", "Sigmoid": "sigmoid", "Softplus": "softplus", "expit": "sigmoid",
    }
)  # fmt: skip
COMMANDS = frozenset((r"\ln", r"\exp", r"\tanh", r"\sin", r"\cos", r"\det", r"\tr", r"\Tr", r"\diag", r"\trace", r"\sigmoid", r"\softmax"))
WORDS = frozenset({*OPERATIONS, *KNOWN_FUNCTIONS, *_SPELLINGS, *MATRIX_FUNCTIONS})


def operation_named(word: str) -> str | None:
    """The one name of an operation or known function that may be written in several ways; None where there is none."""
    name = _SPELLINGS.get(word, word)
    return name if name in OPERATIONS or name in KNOWN_FUNCTIONS or name in MATRIX_FUNCTIONS else None


def operation(name: str) -> Operation | MatrixFunction:
    """The operation of that name; a known elementwise function is one too."""
    if name in MATRIX_FUNCTIONS:
        return MATRIX_FUNCTIONS[name]
    return OPERATIONS.get(name) or Operation(name, known_function(name))
