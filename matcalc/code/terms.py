"""What an expression is before it becomes code: a number, scalars, and a string of factors whose product is not carried out yet.

A factor is a product of codes entry by entry, spread over the axes that they lack: a column that stands for b 1^T, a scalar for
all entries. A diagonal factor holds its diagonal as a column; none of its codes makes it the identity, of a factor that is not
diagonal all ones. So no diagonal matrix, identity or array of ones is formed unless something needs its entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias, final

from matcalc.code.codes import Codes, is_function, is_number, looked_through, spread_shape
from matcalc.code.instructions import Code
from matcalc.language.sizes import Shape, Size

Powers: TypeAlias = tuple[tuple[Code, Fraction], ...]

ONE = Fraction(1)


@final
@dataclass(frozen=True, slots=True)
class Entries:
    """A matrix as a product of powers of codes, entry by entry; ``rows`` and ``columns`` are those of the matrix itself."""

    powers: Powers
    rows: Size
    columns: Size
    diagonal: bool = False

    @property
    def actual(self) -> Shape:
        """The shape that the codes have together; none where no array is among them."""
        return spread_shape(code.shape for code, _ in self.powers)

    @property
    def is_ones(self) -> bool:
        return not self.powers and not self.diagonal

    @property
    def is_full(self) -> bool:
        """Whether the codes have every entry of the matrix."""
        return not self.diagonal and (self.actual or (1, 1)) == (self.rows, self.columns)


@final
@dataclass(frozen=True, slots=True)
class Term:
    """A number times powers of scalars times a product of factors; a scalar has no factors."""

    coefficient: Fraction
    scalars: Powers
    string: tuple[Entries, ...]
    rows: Size = 1
    columns: Size = 1

    @property
    def is_scalar(self) -> bool:
        return self.rows == 1 and self.columns == 1


def of_entries(factor: Entries) -> Term:
    return Term(ONE, (), (factor,), factor.rows, factor.columns)


def of_code(code: Code, rows: Size = 1, columns: Size = 1) -> Term:
    """The term of a code that gives a scalar or an array of so many rows and columns, or one that is spread over them."""
    if rows == 1 and columns == 1:
        return Term(code.data, (), ()) if is_number(code) else Term(ONE, ((code, ONE),), ())
    if is_number(code):
        return Term(code.data, (), (Entries((), rows, columns),), rows, columns)
    if not code.shape:
        return Term(ONE, ((code, ONE),), (Entries((), rows, columns),), rows, columns)
    return of_entries(Entries(((code, ONE),), rows, columns))


def of_number(value: Fraction, rows: Size = 1, columns: Size = 1) -> Term:
    return Term(value, (), () if rows == 1 and columns == 1 else (Entries((), rows, columns),), rows, columns)


def merged(*powers: Powers) -> Powers:
    """The product of powers: each code once, in the order written, with its exponents added."""
    found: dict[Code, Fraction] = {}
    for code, exponent in (each for part in powers for each in part):
        found[code] = found.get(code, Fraction(0)) + exponent
    return tuple((code, exponent) for code, exponent in found.items() if exponent)


def raised(powers: Powers, exponent: Fraction) -> Powers:
    return tuple((code, old * exponent) for code, old in powers)


def scaled(term: Term, coefficient: Fraction, scalars: Powers = ()) -> Term:
    return replace(term, coefficient=term.coefficient * coefficient, scalars=merged(term.scalars, scalars))


# ---- to codes --------------------------------------------------------------------------------------------------------


def power_product(codes: Codes, powers: Powers, start: Code | None = None) -> Code:
    """The product of powers as a code: what is above the line in the order written, then divided by what is below."""
    above = [codes.power(code, exponent) for code, exponent in powers if exponent > 0]
    below = [codes.power(code, -exponent) for code, exponent in powers if exponent < 0]
    made = start
    for code in above:
        made = code if made is None else codes.multiply(made, code)
    if not below:
        return codes.number(1) if made is None else made
    bottom = below[0]
    for code in below[1:]:
        bottom = codes.multiply(bottom, code)
    return codes.divide(codes.number(1) if made is None else made, bottom)


def entries_code(codes: Codes, coefficient: Fraction, powers: Powers) -> Code:
    """The product of a number and powers of codes, those of fewer entries multiplied first."""
    folded = _logistic_parts(codes, merged(powers))
    groups: dict[int, list[tuple[Code, Fraction]]] = {0: [], 1: [], 2: [], 3: []}
    for code, exponent in folded:
        groups[_group(code.shape)].append((code, exponent))
    start: Code | None = codes.number(coefficient) if coefficient != 1 else None
    if start is not None and groups[0]:
        start = _scalar_code(codes, coefficient, tuple(groups[0]))
    elif groups[0]:
        start = power_product(codes, tuple(groups[0]))
    made = start
    for number in (1, 2, 3):
        if not groups[number]:
            continue
        if made is not None and made.shape and number == 2:  # the row by itself, before it makes a matrix of the column
            row = _times(codes, None, tuple(groups[number]))
            shape = spread_shape((made.shape, row.shape))
            made = codes.multiply(made, row) if groups[3] else codes.helper("outer", made, row, shape=shape)
        else:
            made = _times(codes, made, tuple(groups[number]))
    return codes.number(1) if made is None else made


def _scalar_code(codes: Codes, coefficient: Fraction, powers: Powers) -> Code:
    """The number over the line and under it, as in n / (2 m): fewer operations than a fraction in front."""
    top = power_product(codes, tuple((c, e) for c, e in powers if e > 0), codes.number(coefficient.numerator))
    bottom = tuple((c, -e) for c, e in powers if e < 0)
    if not bottom and coefficient.denominator == 1:
        return top
    return codes.divide(top, power_product(codes, bottom, codes.number(coefficient.denominator)))


def _group(shape: Shape) -> int:
    """0 for a scalar, 1 for a column, 2 for a row, 3 for a matrix."""
    rows, columns = shape or (1, 1)
    return (rows != 1) + 2 * (columns != 1) if rows == 1 or columns == 1 else 3


def _times(codes: Codes, start: Code | None, powers: Powers) -> Code:
    """The product of a group of one shape and what was made of the smaller ones; transposes of all are taken once, of the product."""
    turned = [code for code, _ in powers if code.operation == "transpose" and code.operands[0].operation != "argument"]
    if len(powers) > 1 and len(turned) == len(powers):
        inner = power_product(codes, tuple((codes.transpose(code), exponent) for code, exponent in powers))
        product = codes.transpose(inner)
        return product if start is None else codes.multiply(start, product)
    return power_product(codes, powers, start)


def _logistic_parts(codes: Codes, powers: Powers) -> Powers:
    """Quotients e^(au)/(1 + e^u)^b as powers of sigmoid(u) and sigmoid(-u), which do not overflow."""
    made = dict(powers)
    for code, exponent in powers:
        inner = _one_plus_exponential(code)
        if inner is None or exponent >= 0 or exponent.denominator != 1:
            continue
        top = next((c for c in made if is_function(c, "exp") and c.operands[0] is inner), None)
        above = made.get(top, Fraction(0)) if top is not None else Fraction(0)
        if not 0 <= above <= -exponent:
            continue
        del made[code]
        if top is not None:
            del made[top]
        for argument, times in ((inner, above), (codes.negate(inner), -exponent - above)):
            if times:
                sigmoid = codes.helper("sigmoid", argument)
                made[sigmoid] = made.get(sigmoid, Fraction(0)) + times
    return tuple(made.items())


def _one_plus_exponential(code: Code) -> Code | None:
    """u where a code is 1 + exp(u)."""
    code = looked_through(code)
    if code.operation != "add":
        return None
    for one, other in (code.operands, code.operands[::-1]):
        if is_number(one, 1) and is_function(other, "exp"):
            return other.operands[0]
    return None


def transposed_entries(codes: Codes, factor: Entries) -> Entries:
    """The transpose of a factor; a diagonal one is its own."""
    if factor.diagonal:
        return factor
    return Entries(tuple((codes.transpose(code), exponent) for code, exponent in factor.powers), factor.columns, factor.rows)


def transposed_term(codes: Codes, term: Term) -> Term:
    string = tuple(transposed_entries(codes, factor) for factor in reversed(term.string))
    return Term(term.coefficient, term.scalars, string, term.columns, term.rows)


def diagonal_of(codes: Codes, factor: Entries) -> Entries:
    """A factor that is a row or column, as the diagonal matrix of its entries."""
    turned = transposed_entries(codes, factor) if factor.rows == 1 else factor
    return Entries(turned.powers, turned.rows, turned.rows, diagonal=True)


def softmax_folded(codes: Codes, scalars: Powers, string: Sequence[Entries]) -> tuple[Powers, tuple[Entries, ...]]:
    """exp(u) over the sum of exp(u), wherever in the string it stands, as softmax(u), which does not overflow."""
    left, factors = list(scalars), list(string)
    for number, (scalar, _) in enumerate(scalars):
        total = looked_through(scalar)
        inside = looked_through(total.operands[0]) if is_function(total, "sum") and not total.data[1] else None
        if inside is None or not is_function(inside, "exp"):
            continue
        for place, factor in enumerate(factors):
            for code, times in factor.powers:
                turned = code.operation == "transpose"
                plain = looked_through(code.operands[0] if turned else code)
                if plain is not inside or times < 1 or left[number][1] > -1:
                    continue
                moved = Fraction(int(min(times, -left[number][1])))
                soft = codes.helper("softmax_of_all", inside.operands[0])
                powers = merged(factor.powers, ((code, -moved), (codes.transpose(soft) if turned else soft, moved)))
                factor = replace(factor, powers=powers)
                left[number] = (left[number][0], left[number][1] + moved)
            factors[place] = factor
    return tuple((code, exponent) for code, exponent in left if exponent), tuple(factors)
