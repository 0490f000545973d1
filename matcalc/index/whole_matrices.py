"""Lowering of what acts on a whole matrix: inverses, pseudo-inverses, powers, and functions given by power series."""

from __future__ import annotations

from matcalc.index.applied import applied
from matcalc.index.assembly import inverted
from matcalc.index.exponents import Exponent, exponent_of
from matcalc.index.form import AtomKind, Form, Term, inverse_atom, matrix_function_atom, pseudo_inverse_atom
from matcalc.index.joining import lone_atom, plain_series, power_factors
from matcalc.index.parts import Lowering, Part
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import ApplyMatrixFunction, Expr, Inverse, MatrixPower, PseudoInverse

MOST_MATRIX_POWER = 20  # a higher one stays a power and is not written factor by factor


def multiplied(run: Lowering, left: Part, right: Part, node: Expr) -> Part:
    """The product of two matrices."""
    right_terms = run.renamed(right, right.rows, left.columns, node)
    terms = run.scope.product(left.terms, left.free, right_terms, left.columns + right.columns)
    return Part(left.rows, right.columns, run.scope.summed(terms, left.columns))


def inverse_of(run: Lowering, part: Part) -> Part:
    """The inverse of a matrix, or 1 over a scalar; of a power it is a power."""
    if not part.free:
        return Part((), (), inverted(run.scope, part.terms, ()))
    lowered = run.closed(part)
    at = part.columns + part.rows
    inner = lone_atom(lowered.form)
    if inner is not None and inner.kind is AtomKind.MATRIX_POWER and not inner.payload[2].ranges:
        form, rows, power = inner.payload
        coefficient, factors = power_factors(form, rows, power.exponent.times(-1), at)
        return Part(part.columns, part.rows, [(coefficient, factors)])
    return Part(part.columns, part.rows, [(1, [(inverse_atom(lowered.form, lowered.rows), at, 1)])])


def pseudo_inverse(run: Lowering, node: PseudoInverse) -> Part:
    """The Moore-Penrose inverse."""
    part = run.take(node.argument)
    lowered = run.closed(part)
    return Part(part.columns, part.rows, [(1, [(pseudo_inverse_atom(lowered.form, lowered.rows), part.columns + part.rows, 1)])])


def matrix_power(run: Lowering, node: MatrixPower) -> Part:
    """A small whole power, factor by factor, each with summed indices of its own; any other as a power of the matrix."""
    exponent = exponent_of(node.exponent, node)
    if exponent.multiples or not -MOST_MATRIX_POWER <= exponent.constant <= MOST_MATRIX_POWER:
        return _power(run, run.take(node.base), exponent)
    count = int(exponent.constant)
    if not count:
        rows, columns = run.axes(node.shape)
        return Part(rows, columns, run.delta_terms(rows, columns))
    factor: Expr = node.base
    if count < 0:
        factor = Inverse(node.base, node.shape)
        run.parts[factor] = inverse_of(run, run.take(node.base))
    made = run.take(factor)
    for _ in range(abs(count) - 1):
        made = multiplied(run, made, run.take(factor), node)
    return made


def _power(run: Lowering, base: Part, exponent: Exponent) -> Part:
    """A power of a matrix; of an inverse it is a negative one of the matrix, of a transpose the transposed power."""
    lowered = run.closed(base)
    form, rows, turned = _upright(lowered.form, lowered.rows)
    inner = lone_atom(form)
    if inner is not None and inner.kind is AtomKind.INVERSE:
        form, rows, again = _upright(*inner.payload)
        turned, exponent = turned != again, exponent.times(-1)
    coefficient, factors = power_factors(form, rows, exponent, base.columns + base.rows if turned else base.free)
    return Part(base.rows, base.columns, [(coefficient, factors)])


def matrix_function(run: Lowering, node: ApplyMatrixFunction) -> Part:
    """A power series of a matrix; of a transpose it is the transposed value."""
    part = run.take(node.argument)
    if not part.free:  # a series of a number is a function of it
        function = ElementwiseFunction(node.function.name, node.function.order, node.function.known)
        return applied(run, part, function)
    lowered = run.closed(part)
    form, rows, turned = _upright(lowered.form, lowered.rows)
    number, function_used = plain_series(node.function)
    atom = matrix_function_atom(function_used, form, rows)
    return Part(part.rows, part.columns, [(number, [(atom, part.columns + part.rows if turned else part.free, 1)])])


def _upright(form: Form, rows: int) -> tuple[Form, int, bool]:
    """The matrix without a transpose that is all there is to it, and whether there was one."""
    if rows != 1 or len(form.axes) != 2 or len(form.terms) != 1 or len(form.terms[0].factors) != 1:
        return form, rows, False
    (term,) = form.terms
    atom, indices, exponent = term.factors[0]
    if indices != (1, 0) or exponent != 1:
        return form, rows, False
    return Form(form.axes[::-1], (Term(term.coefficient, ((atom, (0, 1), 1),), ()),)), rows, True
