"""In which layout SymPy's answer to a derivative is, judged by numbers against reverse mode in NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp
from sympy.tensor.array.array_derivatives import ArrayDerivative

import matcalc as mc
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.sizes import ndim
from matcalc.numeric.data import Array, Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.tape import jacobian
from tests.oracle import error, laid_out_by_definition, vec_by_definition
from tests.sympy_cases import Case
from tests.sympy_values import array_value

LAYOUTS = ("numerator", "denominator")
SIZES = "mnpq"
TOLERANCE = 1e-8


@dataclass(frozen=True)
class Verdict:
    """What SymPy answers, and what that is: a layout, an order of axes, ``wrong``, ``unevaluated`` or ``raises``."""

    answer: str
    layout: str


def read(case: Case) -> tuple[Expr, Symbol]:
    """The expression and the variable of a case in matcalc."""
    of, by = mc.from_sympy(case.expr, sizes=SIZES), mc.from_sympy(case.variable)
    assert isinstance(by, Symbol)
    return of, by


def drawn(case: Case) -> Data:
    """Data at which the expression and the derivative are finite, all sizes different."""
    return draw(read(case), np.random.default_rng(11))


def verdict(case: Case) -> Verdict:
    """SymPy's answer to a case, and its layout."""
    try:
        answer = case.expr.diff(case.variable)
    except Exception as fault:  # whatever SymPy raises is its answer
        return Verdict("", f"raises {type(fault).__name__}")
    if answer.has(sp.Derivative) or answer.has(ArrayDerivative):
        return Verdict(str(answer), "unevaluated")
    of, by = read(case)
    data = drawn(case)
    try:
        found = array_value(answer, data.values, data.sizes)
    except Exception as fault:  # SymPy's shapes do not conform
        return Verdict(str(answer), f"wrong: no value ({type(fault).__name__})")
    return Verdict(str(answer), layout_of(found, jacobian(of, by, data), of, by))


def layout_of(found: Array, raw: Array, of: Expr, by: Symbol) -> str:
    """What an array is, told by the raw derivative, which has the axes of the output first."""
    if not raw.ndim:
        return "scalar" if error(found.reshape(-1), raw.reshape(-1)) <= TOLERANCE else "wrong"
    if found.ndim == 2:
        layouts = [layout for layout in LAYOUTS if error(found, _matrix(raw, of, by, layout)) <= TOLERANCE]
        prefix = "by vec, " if raw.ndim > 2 else ""
        return (prefix + ("the same in both" if len(layouts) == 2 else layouts[0])) if layouts else "wrong"
    few = found.reshape([length for length in found.shape if length > 1])
    outputs = ndim(of.shape)
    turned = raw.transpose([*range(outputs, raw.ndim), *range(outputs)])
    orders = [name for name, wanted in (("output", raw), ("variable", turned)) if error(few, wanted) <= TOLERANCE]
    if not outputs:
        return "array, axes of the variable" if orders else "wrong"
    return f"array, {f'{orders[0]} first' if len(orders) == 1 else 'the same in both orders'}" if orders else "wrong"


def _matrix(raw: Array, of: Expr, by: Symbol, layout: str) -> Array:
    place = vec_by_definition if raw.ndim > 2 else laid_out_by_definition
    return place(raw, of.shape, by.shape, layout)
