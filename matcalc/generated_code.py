"""Generated code: the text of a function that computes a result, and the function, for NumPy, JAX and PyTorch arrays alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcalc.carrying_out import carried_out
from matcalc.code.building import program_of
from matcalc.code.index_programs import index_program
from matcalc.code.program import Program
from matcalc.derivation import Derivation
from matcalc.errors import EvaluationError, MatcalcError, NoMatrixFormError
from matcalc.index.index_form import IndexForm
from matcalc.language.expressions import Derivative, Expr, Let
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import Dim
from matcalc.language.traversal import postorder
from matcalc.second_derivative import SecondDerivative


def numpy_source(what: Any, *, name: str | None = None, sizes: Mapping[Any, int] | None = None) -> str:
    """The text of a function that computes a result: a `Program` as text, see `to_numpy`.

    Shapes: as for `to_numpy`: columns are (n, 1), rows (1, n); a result in numerator layout has the shape of that layout.

    Raises:
        MatcalcError: nothing that can become code.
        UnsupportedError: a part has no code.

    Example:
        >>> import matcalc as mc
        >>> W, x, y = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("y", "m")
        >>> print(mc.numpy_source(mc.trace(W @ x @ y.T), name="cost"))
        def cost(W, x, y):
            \"\"\"tr(W x y^T)
        <BLANKLINE>
            W: an array of shape (m, n)
            x: an array of shape (n, 1)
            y: an array of shape (m, 1)
        <BLANKLINE>
            Returns a number or an array without axes.
            \"\"\"
            return (y.T @ (W @ x))[0, 0]
        <BLANKLINE>
    """
    return to_numpy(what, name=name, sizes=sizes).source


def to_numpy(what: Any, *, name: str | None = None, sizes: Mapping[Any, int] | None = None) -> Program:
    """The function of arrays that computes a result.

    What several parts need is computed once, products are bracketed by counted cost, and no matrix is formed where a vector
    does. It takes NumPy, JAX and PyTorch arrays, and others that follow the array API standard.

    Shapes: columns are (n, 1) arrays, rows (1, n), matrices (m, n), scalars numbers or arrays without axes; results likewise. A
    derivative without a matrix form gives an array with one axis for each free index, output first.

    Args:
        what: an expression, a derivation (the first or the second), an index form; or a dict of expressions such as `gradients`
            returns, for a function that returns a dict.
        name: of the function.
        sizes: numbers by the names of sizes, where known: the cheapest brackets depend on them. They bind nothing; other arrays fit.

    Raises:
        EvaluationError: ``sizes`` is no dict of ints.
        UnsupportedError: a part has no code.

    Example:
        >>> import matcalc as mc, numpy as np
        >>> W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
        >>> C = mc.let("C", mc.sum((W @ x - b) ** 2))
        >>> gradients = mc.to_numpy(mc.gradients(C, [x, b], layout="denominator"))
        >>> found = gradients(W=np.array([[1.0, 2, 3], [4, 5, 6]]), x=np.ones((3, 1)), b=np.zeros((2, 1)))
        >>> found["b"].tolist()
        [[-12.0], [-30.0]]
    """
    numbers = _numbers(sizes)
    if isinstance(what, Derivation | SecondDerivative):
        return _of_derivation(what, name, numbers)
    if isinstance(what, IndexForm):
        return index_program(what, name or "tensor", repr(what), numbers)
    results = dict(what) if isinstance(what, Mapping) else {None: what}
    if not results or not all(isinstance(expr, Expr) for expr in results.values()):
        raise MatcalcError(f"{what!r:.80} cannot become code: an expression, a derivation, an index form or a dict of expressions can.")
    ready = {None if key is None else str(key): _carried_out(expr) for key, expr in results.items()}
    if isinstance(what, Mapping):
        return program_of(ready, name or "values", ", ".join(str(key) for key in results), numbers)
    return program_of(ready, name or "value", _title(what), numbers)


def _title(expr: Expr) -> str:
    text = repr(expr.definition) if isinstance(expr, Let) else repr(expr)
    shown = f"{expr.name} = {text}" if isinstance(expr, Let) else text
    shown = shown.replace("\\", "/").replace('"', "'")
    return shown if len(shown) <= 100 else f"{shown[:97]}..."


def _of_derivation(derivation: Derivation | SecondDerivative, name: str | None, numbers: Mapping[str, int]) -> Program:
    """The matrix in its layout; where there is none, the array with an axis for each free index."""
    title = repr(derivation)
    try:
        result = derivation.result
    except NoMatrixFormError:
        return index_program(derivation.tensor, name or "derivative", f"{title.partition(' in ')[0]}, axes of the output first", numbers)
    return program_of({None: _carried_out(result)}, name or "derivative", title, numbers)


def _carried_out(expr: Expr) -> Expr:
    return carried_out(expr) if any(isinstance(node, Derivative) for node in postorder([expr])) else expr


def _numbers(sizes: Mapping[Any, int] | None) -> dict[str, int]:
    if sizes is None:
        return {}
    if not isinstance(sizes, Mapping) or not all(isinstance(number, int) and number > 0 for number in sizes.values()):
        raise EvaluationError(f'sizes is a dict of positive ints by name, like {{"n": 3}}; {sizes!r:.80} was given.')
    return {repr(key) if isinstance(key, Dim) else str(key): number for key, number in sizes.items()}


register(METHODS, "numpy_source", numpy_source)
register(METHODS, "to_numpy", to_numpy)
