"""Matrix calculus in both layouts: read, derive, order, verify."""

from typing import TYPE_CHECKING

from matcalc.derivation import Derivation, derive
from matcalc.errors import MatcalcError
from matcalc.gradient_sweep import gradients
from matcalc.language.building import (
    commutation, det, diag, function, identity, inv, kron, let, logdet, matrix, norm, ones, outer, row, scalar, softmax, sum, trace, vec,
    vector, zeros,
)  # fmt: skip
from matcalc.language.elementwise import known_function
from matcalc.language.expression import Expr
from matcalc.language.matrix_operations import (
    cofactor, diagonal_sums, entry, index, indexed_sum, logsumexp, matrix_function, matrix_power, pinv,
)  # fmt: skip
from matcalc.language.operators import METHODS, register_lazy
from matcalc.language.operators import module_named as _module_named
from matcalc.language.operators import named_in as _named_in
from matcalc.language.sizes import Dim, dims
from matcalc.networks import Network
from matcalc.orders import orders
from matcalc.second_derivative import SecondDerivative, hessian, second_derivative

if TYPE_CHECKING:
    from matcalc.carrying_out import carried_out
    from matcalc.chain_costs import costs
    from matcalc.checking import check, detect_layout
    from matcalc.comparison import compare_layouts
    from matcalc.differentials import Differential, differential
    from matcalc.equality import prove_equal
    from matcalc.explanation import explain
    from matcalc.generated_code import numpy_source, to_numpy
    from matcalc.gradient_check.asked import check_gradient
    from matcalc.language.model import Model
    from matcalc.language.reading.formula import parse
    from matcalc.layout_claims import convert, identify_layout
    from matcalc.misprints.report import errata
    from matcalc.sympy_bridge.reading import from_sympy

__all__ = [
    "Derivation", "Differential", "Dim", "Expr", "MatcalcError", "Model", "Network", "SecondDerivative", "abs", "carried_out",
    "check", "check_gradient", "cofactor", "commutation", "compare_layouts", "convert", "cos", "costs", "derive", "det",
    "detect_layout", "diag", "diagonal_sums", "differential", "dims", "entry", "errata", "exp", "explain", "expm", "from_sympy",
    "function", "gelu", "gradients", "hessian", "identify_layout", "identity", "index", "indexed_sum", "inv", "kron", "leaky_relu",
    "let", "log", "logdet", "logsumexp", "matrix", "matrix_function", "matrix_power", "norm", "numpy_source", "ones", "orders",
    "outer", "parse", "pinv", "prove_equal", "relu", "row", "scalar", "second_derivative", "sigmoid", "sin", "softmax", "softplus",
    "sqrt", "square", "sum", "tanh", "to_numpy", "trace", "vec", "vector", "zeros",
]  # fmt: skip

__version__ = "0.1.0"

sigmoid, tanh, relu, leaky_relu = map(known_function, ("sigmoid", "tanh", "relu", "leaky_relu"))
softplus, gelu, exp, log, sqrt = map(known_function, ("softplus", "gelu", "exp", "log", "sqrt"))
square, sin, cos, abs = map(known_function, ("square", "sin", "cos", "abs"))
expm = matrix_function("exp")

register_lazy(
    METHODS,
    {
        "text": "matcalc.printing.text",
        "latex": "matcalc.printing.latex",
        "typeset": "matcalc.printing.line_breaks",
        "pretty": "matcalc.printing.line_breaks",
        "size_latex": "matcalc.printing.names",
        "html": "matcalc.display",
        "figure": "matcalc.figures.asked",
        "index_text": "matcalc.printing.index_sums",
        "index_latex": "matcalc.printing.index_sums",
        "evaluate": "matcalc.numeric.evaluation",
        "index_evaluate": "matcalc.verification",
        "prove_equal": "matcalc.proving",
        "check_gradient": "matcalc.gradient_check.judging",
        "measure_costs": "matcalc.cost_measuring",
        "verify": "matcalc.verification",
        "verify_second": "matcalc.second_verification",
        "verify_step": "matcalc.verification",
        "verify_recursion": "matcalc.network_verification",
        "numpy_source": "matcalc.generated_code",
        "to_numpy": "matcalc.generated_code",
        "parse": "matcalc.language.reading.formula",
        "read_quantity": "matcalc.language.reading.quantities",
        "network_model": "matcalc.network_models",
        "delta": "matcalc.recursion",
        "recursion": "matcalc.recursion",
        "to_sympy": "matcalc.sympy_bridge.writing",
        "link_notebook": "matcalc.derivation_check.report_notebook",
        "repair_notebook": "matcalc.derivation_check.report_notebook",
        "report_data": "matcalc.derivation_check.report_data",
        "report_html": "matcalc.derivation_check.report_html",
        "report_notebook": "matcalc.derivation_check.report_notebook",
        "report_shown": "matcalc.derivation_check.report_terminal",
        "report_text": "matcalc.derivation_check.report_lines",
        "stand_in": "matcalc.carrying_out",
    },
)
del METHODS, TYPE_CHECKING, known_function, register_lazy

_WHEN_FIRST_USED = {
    "Model": "matcalc.language.model",
    "check": "matcalc.checking",
    "detect_layout": "matcalc.checking",
    "compare_layouts": "matcalc.comparison",
    "convert": "matcalc.layout_claims",
    "costs": "matcalc.chain_costs",
    "identify_layout": "matcalc.layout_claims",
    "carried_out": "matcalc.carrying_out",
    "Differential": "matcalc.differentials",
    "differential": "matcalc.differentials",
    "check_gradient": "matcalc.gradient_check.asked",
    "errata": "matcalc.misprints.report",
    "explain": "matcalc.explanation",
    "from_sympy": "matcalc.sympy_bridge.reading",
    "numpy_source": "matcalc.generated_code",
    "parse": "matcalc.language.reading.formula",
    "to_numpy": "matcalc.generated_code",
    "prove_equal": "matcalc.equality",
}


_MODULES = ("exercises", "figures")


def __getattr__(name: str) -> object:
    """What is imported when it is first used, so that ``import matcalc`` stays quick."""
    if name in _MODULES:
        return _module_named(f"matcalc.{name}")
    if name not in _WHEN_FIRST_USED:
        raise AttributeError(f"module 'matcalc' has no attribute {name!r}")
    globals()[name] = _named_in(_WHEN_FIRST_USED[name], name)
    return globals()[name]


def __dir__() -> list[str]:
    return [*globals(), *_WHEN_FIRST_USED, *_MODULES]
