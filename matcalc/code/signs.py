"""What is never negative, told from the operations alone."""

from __future__ import annotations

from matcalc.code.codes import is_number, looked_through
from matcalc.code.instructions import Code

NEVER_NEGATIVE = ("exp", "abs", "sqrt", "linalg.vector_norm")
HELPERS_NEVER_NEGATIVE = (
    "sigmoid", "softplus", "softmax_of_rows", "softmax_of_columns", "softmax_of_all", "normal_pdf", "normal_cdf",
)  # fmt: skip
AT_MOST_ONE = ("sigmoid", "softmax_of_rows", "softmax_of_columns", "softmax_of_all", "normal_cdf")


def is_nonnegative(code: Code) -> bool:
    """Whether every entry is known to be at least 0; False where it is not known.

    Example:
        >>> from matcalc.code.codes import Codes
        >>> codes = Codes({})
        >>> x = codes.argument("x", (3, 1))
        >>> is_nonnegative(codes.function("exp", x)), is_nonnegative(x)
        (True, False)
    """
    code = looked_through(code)
    match code.operation:
        case "number":
            return bool(code.data >= 0)
        case "function":
            return code.data[0] in NEVER_NEGATIVE or (code.data[0] == "sum" and is_nonnegative(code.operands[0]))
        case "helper":
            return code.data in HELPERS_NEVER_NEGATIVE
        case "power":
            return (isinstance(code.data, int) and code.data % 2 == 0) or is_nonnegative(code.operands[0])
        case "add" | "multiply" | "divide":
            return all(is_nonnegative(part) for part in code.operands)
        case "subtract":
            one, other = code.operands
            found = looked_through(other)
            return is_number(one, 1) and found.operation == "helper" and found.data in AT_MOST_ONE
        case "transpose" | "reshape" | "item":
            return is_nonnegative(code.operands[0])
        case "size":
            return True
        case _:
            return False
