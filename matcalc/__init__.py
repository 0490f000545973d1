"""Matrix calculus in both layouts: derive, order, verify."""

from matcalc.derivation import Derivation, derive, gradients
from matcalc.language.building import (
    commutation, det, diag, function, identity, inv, kron, let, logdet, matrix, norm, ones, outer, row, scalar, softmax, sum,
    trace, vec, vector, zeros,
)  # fmt: skip
from matcalc.language.elementwise import known_function
from matcalc.language.expression import Expr
from matcalc.language.operators import METHODS, register_lazy
from matcalc.language.sizes import Dim, dims
from matcalc.networks import Network
from matcalc.orders import orders
from matcalc.second_derivative import hessian

__all__ = [
    "Derivation", "Dim", "Expr", "Network", "abs", "commutation", "cos", "derive", "det", "diag", "dims", "exp", "function",
    "gelu", "gradients", "hessian", "identity", "inv", "kron", "leaky_relu", "let", "log", "logdet", "matrix", "norm",
    "ones", "orders", "outer", "relu", "row", "scalar", "sigmoid", "sin", "softmax", "softplus", "sqrt", "square", "sum",
    "tanh", "trace", "vec", "vector", "zeros",
]  # fmt: skip

__version__ = "0.1.0"

sigmoid, tanh, relu, leaky_relu = map(known_function, ("sigmoid", "tanh", "relu", "leaky_relu"))
softplus, gelu, exp, log, sqrt = map(known_function, ("softplus", "gelu", "exp", "log", "sqrt"))
square, sin, cos, abs = map(known_function, ("square", "sin", "cos", "abs"))

register_lazy(
    METHODS,
    {
        "text": "matcalc.printing.text",
        "latex": "matcalc.printing.latex",
        "index_text": "matcalc.printing.index_sums",
        "index_latex": "matcalc.printing.index_sums",
        "evaluate": "matcalc.numeric.evaluation",
        "index_evaluate": "matcalc.verification",
        "verify": "matcalc.verification",
        "verify_step": "matcalc.verification",
        "verify_recursion": "matcalc.network_verification",
        "delta": "matcalc.recursion",
        "recursion": "matcalc.recursion",
    },
)
del METHODS, known_function, register_lazy
