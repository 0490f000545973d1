"""Names, products, sums and quotients of expressions as terms: one function for each type of node."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from matcalc.code.codes import is_function
from matcalc.code.instructions import Code
from matcalc.code.terms import ONE, Entries, Term, entries_code, merged, of_code, of_entries, of_number, raised, scaled
from matcalc.code.translation import Translation
from matcalc.language.expressions import (
    Add, Commutation, Divide, Expr, Identity, Index, Let, MatMul, Negate, Power, Scale, Subtract, Symbol,
)  # fmt: skip
from matcalc.language.sizes import Size, rows_and_columns

# ---- leaves and names ------------------------------------------------------------------------------------------------


def symbol(t: Translation, node: Symbol | Index) -> Term:
    if isinstance(node, Index) and node not in t.names.arguments:
        return of_code(t.codes.argument(t.names.of_index(node), ()))
    return of_code(t.symbol_code(node), *rows_and_columns(node.shape))


def let(t: Translation, node: Let) -> Term:
    """A named quantity; of a diagonal matrix the name is that of its diagonal, of a spread row that of the row."""
    made = t.products.settled(t.of(node.definition))
    if made.is_scalar:
        return of_code(t.named(t.small(made), node.name))
    (factor,) = made.string
    code = entries_code(t.codes, made.coefficient, (*made.scalars, *factor.powers))
    if not code.shape:
        return made
    powers = ((t.named(code, node.name), ONE),)
    return of_entries(Entries(powers, factor.rows, factor.columns, factor.diagonal))


def identity(t: Translation, node: Identity) -> Term:
    return of_entries(Entries((), *rows_and_columns(node.shape), diagonal=True)) if node.shape else of_number(ONE)


def commutation(t: Translation, node: Commutation) -> Term:
    if not node.shape:
        return of_number(ONE)
    m, n = t.codes.size(node.rows), t.codes.size(node.columns)
    unit = t.codes.made("eye", node.shape)
    return of_code(t.codes.make("helper", (m, n, unit), "commutation", node.shape), *node.shape)


# ---- products and sums -----------------------------------------------------------------------------------------------


def matmul(t: Translation, node: MatMul) -> Term:
    left, right = t.of(node.left), t.of(node.right)
    rows, columns = left.rows, right.columns
    if left.is_scalar or right.is_scalar:  # sizes of 1 met
        return scaled_by(left, right)
    string = left.string + right.string
    made = Term(left.coefficient * right.coefficient, merged(left.scalars, right.scalars), string, rows, columns)
    return t.products.settled(made) if rows == 1 and columns == 1 else made


def scaled_by(left: Term, right: Term) -> Term:
    scalar, other = (left, right) if left.is_scalar else (right, left)
    return scaled(other, scalar.coefficient, scalar.scalars)


def entrywise(t: Translation, left: Term, right: Term) -> Term:
    """The product entry by entry."""
    if left.is_scalar or right.is_scalar:
        return scaled_by(left, right)
    a, b = t.products.settled(left), t.products.settled(right)
    (first,), (second,) = a.string, b.string
    coefficient, scalars = a.coefficient * b.coefficient, merged(a.scalars, b.scalars)
    if first.diagonal != second.diagonal:
        diagonal, other = (first, second) if first.diagonal else (second, first)
        entries = t.products.diagonal_part(of_entries(other))
        assert len(entries.string) == 1
        powers = merged(diagonal.powers, entries.scalars, entries.string[0].powers)
    else:
        powers = merged(first.powers, second.powers)
    diagonal_made = first.diagonal or second.diagonal
    return Term(coefficient, scalars, (Entries(powers, a.rows, a.columns, diagonal_made),), a.rows, a.columns)


def divide(t: Translation, node: Divide) -> Term:
    """A quotient, by a scalar or entry by entry, as a product with the inverse powers of what divides."""
    left, right = t.of(node.left), t.of(node.right)
    below = t.products.settled(right)
    if below.coefficient == 0 or (below.string and below.string[0].diagonal):
        return _quotient(t, left, right)
    inverse = Term(1 / below.coefficient, raised(below.scalars, -ONE), below.string, below.rows, below.columns)
    if right.is_scalar:
        return scaled(left, inverse.coefficient, inverse.scalars)
    (factor,) = below.string
    inverse = replace(inverse, string=(replace(factor, powers=raised(factor.powers, -ONE)),))
    above = t.products.settled(left)
    if above.string and above.string[0].diagonal:
        return _quotient(t, left, right)
    return entrywise(t, above, inverse)


def _quotient(t: Translation, left: Term, right: Term) -> Term:
    """A quotient of what has entries 0 apart from a diagonal, entry by entry as it stands."""
    code = t.codes.divide(t.full(left), t.full(right))
    rows, columns = (right.rows, right.columns) if left.is_scalar else (left.rows, left.columns)
    return of_code(code, rows, columns)


def added(t: Translation, node: Add | Subtract) -> Term:
    rows, columns = rows_and_columns(node.shape)
    left, right = t.of(node.left), t.of(node.right)
    second = [scaled(term, Fraction(-1)) for term in _terms_in(t, node.right, right)] if isinstance(node, Subtract) else None
    return t.sums.total([*_terms_in(t, node.left, left), *(second or _terms_in(t, node.right, right))], rows, columns)


def _terms_in(t: Translation, node: Expr, term: Term) -> tuple[Term, ...]:
    """The terms of an operand that is a sum which nothing else needs."""
    return t.sums.opened(term) if t.uses[node] < 2 and isinstance(node, Add | Subtract | Negate | Scale) else (term,)


def power(t: Translation, node: Power) -> Term:
    """An entrywise power; the square of a root of a sum of squares is that sum."""
    base = t.products.settled(t.of(node.base))
    rows, columns = base.rows, base.columns
    exponent = node.exponent
    if exponent == 0:
        return of_number(ONE, rows, columns)
    if (base.string and base.string[0].diagonal) or base.coefficient == 0:
        base = of_code(t.full(base), rows, columns)
    if exponent == 2 and base.is_scalar and (norm := _square_of_norm(t, base)) is not None:
        return norm
    if exponent.denominator == 1:
        string = tuple(replace(factor, powers=raised(factor.powers, exponent)) for factor in base.string)
        return Term(base.coefficient**exponent.numerator, raised(base.scalars, exponent), string, rows, columns)
    code = t.small(base)
    return _raised_code(t, code, exponent, rows, columns)


def _raised_code(t: Translation, code: Code, exponent: Fraction, rows: Size, columns: Size) -> Term:
    if not code.shape or (rows, columns) == (1, 1):
        ones = () if (rows, columns) == (1, 1) else (Entries((), rows, columns),)
        return Term(ONE, ((code, exponent),), ones, rows, columns)
    return of_entries(Entries(((code, exponent),), rows, columns))


def _square_of_norm(t: Translation, base: Term) -> Term | None:
    """The square of a norm as the sum of squares."""
    if len(base.scalars) != 1 or base.scalars[0][1] != 1 or not is_function(base.scalars[0][0], "linalg.vector_norm"):
        return None
    (array,) = base.scalars[0][0].operands
    return Term(base.coefficient**2, ((t.codes.total(t.codes.power(array, Fraction(2))), ONE),), ())
