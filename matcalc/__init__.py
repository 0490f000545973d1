"""Matrix calculus in both layouts: derive, order, verify."""

from matcalc.derivation import Derivation, derive, gradients
from matcalc.language.building import (
    commutation, det, diag, function, identity, inv, kron, let, logdet, matrix, norm, ones, outer, row, scalar, softmax, sum, trace,
    vec, vector, zeros,
)  # fmt: skip
from matcalc.language.elementwise import known_function as _known
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Dim, dims
from matcalc.printing import latex as _latex, text as _text
from matcalc import verification as _verification

sigmoid, tanh, relu, leaky_relu, softplus, gelu = map(_known, ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "gelu"))
exp, log, sqrt, square, sin, cos, abs = map(_known, ("exp", "log", "sqrt", "square", "sin", "cos", "abs"))
