"""The question itself: a person's code, the derivative it is meant to compute, and the layout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.gradient_check.report import GradientReport, GradientReports
from matcalc.language.asked import Declarations, quantity_and_variables
from matcalc.language.expressions import Expr
from matcalc.language.operators import METHODS
from matcalc.layout.conventions import Style, layout_named

if TYPE_CHECKING:
    from matcalc.language.reading.scope import FunctionLike, Names, ShapeLike

VECTORS = ("columns", "flat")


def check_gradient(
    function: Callable[..., Any],
    of: Expr | str,
    wrt: Expr | str | Iterable[Expr | str],
    *,
    layout: str | None = None,
    shapes: Mapping[str, ShapeLike] | None = None,
    functions: Mapping[str, FunctionLike] | None = None,
    names: Names | None = None,
    vectors: str = "columns",
    sizes: Mapping[str, int] | None = None,
    assume: Mapping[str, str] | None = None,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> Any:  # a GradientReport, or GradientReports where wrt is a list
    """Judge a person's own NumPy code for a derivative.

    The code is run at random data of several sizes, all different, and compared with reverse mode in NumPy. If it is right there, it
    is tried with larger entries and with entries close to 0, with sizes that are equal, large, or 1, and again at the same data; a
    point at which the derivative is not finite or is badly conditioned is left out (``confirmed`` lists the others). Its parameters are
    given what their names say: a quantity (``W1`` or ``W_1`` for ``W^(1)``; quantities that `let` names too), a size, or a function
    (``f``; ``f_prime`` or ``df`` for its derivative; ``u`` and ``du`` for a map). A single parameter with a name of its own gets a
    dict of all of them, and so does ``**kwargs``.

    Shapes: as for `derive`: scalar by p x q matrix: q x p in numerator layout, p x q in denominator layout. A 1-D result is taken for
    a row or a column of either layout. With three or four axes: (output..., input...) in numerator layout, (input..., output...)
    in denominator layout, or the derivative by vec.

    Args:
        function: a callable of arrays that returns an array; with several variables a tuple of arrays in their order, or a dict.
        of: what is differentiated: an expression, or a formula in LaTeX, whose names are declared by the arguments below.
        wrt: a variable or its plain name; or a list of them.
        layout: ``numerator`` or ``denominator``; there is no default.
        shapes, functions, names: of the names in a formula, as `parse` takes them.
        vectors: ``columns``: vectors are given as (n, 1), rows as (1, n); ``flat``: both as (n,). Scalars are numbers.
        sizes: values of sizes by name; without them, pairwise different ones that change from one run to the next.
        assume: what holds of data, by plain name: ``symmetric``, ``columns sum to 1``, ``rows sum to 1`` (as of one-hot labels),
            ``positive``; without it, data are random, and a code that is right only for some is wrong. It is about the data, other
            than ``assume`` of `parse` and `derive`, which says how a formula is to be read: such a formula is read by `parse` first.
        tolerance: the largest error of an entry that passes, relative to the largest entry.
        seed: of the random data.

    Returns:
        A report with ``verdict``, ``message``, ``diagnosis``, ``where``, ``factor`` and ``right_form``; for a list of variables a
        collection with one report for each.

    Raises:
        LayoutError: no layout, or one that does not exist.
        UnknownNameError: a parameter of the code is no quantity, size or function; or nothing in ``of`` has the name ``wrt``.
        ReadError: the text is no formula.

    Example:
        >>> import matcalc as mc
        >>> W, x, y = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("y", "m")
        >>> C = mc.let("C", mc.sum((W @ x - y) ** 2) / 2)
        >>> mc.check_gradient(lambda W, x, y: (W @ x - y) @ x.T, C, W, layout="denominator").ok
        True
        >>> mc.check_gradient(lambda W, x, y: x @ (W @ x - y).T, C, W, layout="denominator").verdict.value
        'other-layout'
        >>> report = mc.check_gradient(lambda W, x, y, m: (W @ x - y) @ x.T / m, C, W, layout="denominator")
        >>> report.verdict.value, report.factor
        ('wrong-value', 1/m)
        >>> shapes = {"x": "n", "A": "m n"}
        >>> mc.check_gradient(lambda A, x: 2 * A.T @ A @ x, r"\\|A x\\|^2", "x", shapes=shapes, layout="denominator").ok
        True
        >>> print(mc.check_gradient(lambda A, x: A.T @ A @ x, r"\\|A x\\|^2", "x", shapes=shapes, layout="denominator").message)
        It is 1/2 times what is right: the factor 2 is missing.
    """
    if not callable(function):
        raise MatcalcError(f"{function!r:.60} is not callable: check_gradient takes the function itself, not its result.")
    if vectors not in VECTORS:
        raise MatcalcError(f"vectors={vectors!r}: it is 'columns', shape (n, 1), or 'flat', shape (n,).")
    if not isinstance(tolerance, int | float) or not 0 < tolerance < 1:
        raise MatcalcError(f"tolerance={tolerance!r}: it is a number between 0 and 1, relative to the largest entry.")
    single = isinstance(wrt, Expr | str)
    if not isinstance(wrt, Expr | str | Iterable):
        raise MatcalcError(f"wrt is a variable, its plain name, or a list of them; {wrt!r:.60} was given.")
    asked = [wrt] if isinstance(wrt, Expr | str) else list(wrt)
    if not asked:
        raise MatcalcError("wrt is an empty list: give the variables whose derivatives the code returns.")
    chosen = layout_named(layout)
    quantity, variables = quantity_and_variables(of, asked, Declarations(shapes, functions, names), chosen.value)
    wanted = [Derivation(quantity, variable, chosen, Style.HADAMARD) for variable in variables]
    reports: tuple[GradientReport, ...] = METHODS["check_gradient"](
        function, wanted, single=single, vectors=vectors, sizes=sizes, assume=assume, tolerance=float(tolerance), seed=seed
    )
    return reports[0] if single else GradientReports(reports)
