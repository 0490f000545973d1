"""Products carried out: the cheapest bracketing, and of each two neighbours what needs least: a scaling where one is diagonal, sums
where one is all ones, one row of products for an outer product, a solution for an inverse, and no Kronecker product beside a vector.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import final

from matcalc.code.codes import Codes, is_function, is_helper
from matcalc.code.instructions import Code
from matcalc.code.signs import is_nonnegative
from matcalc.code.terms import (
    ONE, Entries, Powers, Term, entries_code, merged, softmax_folded, transposed_entries,
)  # fmt: skip
from matcalc.language.sizes import Size
from matcalc.layout.arrangements import Kind, Matrix
from matcalc.layout.bracketing import Bracketing, best, pairs_inside_out

Extent = Callable[[Size], int]


@final
@dataclass(slots=True)
class Products:
    """How products become codes.

    Attributes:
        codes: of the program.
        extent: the number that is taken for a size when bracketings are compared.
        scalars: what came out of a product as a scalar, with its exponent.
        distributed: a product with a sum inside as the sum of products, where that takes less; set by `Sums`.
    """

    codes: Codes
    extent: Extent
    scalars: list[tuple[Code, Fraction]] = field(default_factory=list)
    distributed: Callable[[Term], Term | None] = field(default=lambda term: None)

    # ---- terms and factors as codes ----------------------------------------------------------------------------------

    def settled(self, term: Term) -> Term:
        """The term with its product carried out: one factor at most."""
        if len(term.string) < 2:
            scalars, string = softmax_folded(self.codes, term.scalars, term.string)
            return replace(term, scalars=scalars, string=string)
        if not term.coefficient:
            return replace(term, scalars=(), string=(Entries((), term.rows, term.columns),) if not term.is_scalar else ())
        scalars, factors = softmax_folded(self.codes, term.scalars, term.string)
        if (distributed := self.distributed(replace(term, scalars=scalars, string=factors))) is not None:
            return distributed
        outer, self.scalars = self.scalars, []
        made = self._product(factors)
        scalars = merged(scalars, tuple(self.scalars))
        self.scalars = outer
        return replace(term, scalars=scalars, string=() if made is None else (made,))

    def array(self, factor: Entries) -> Code:
        """Every entry of a factor, as a code of its own shape."""
        shape = (factor.rows, factor.columns)
        if factor.diagonal:
            if factor.powers and factor.actual and factor.actual[0] == factor.rows:
                return self.codes.helper("diagonal_matrix", entries_code(self.codes, ONE, factor.powers), shape=shape)
            unit = self.codes.made("eye", shape)
            return entries_code(self.codes, ONE, (*factor.powers, (unit, ONE)))
        if factor.is_full:
            return entries_code(self.codes, ONE, factor.powers)
        return entries_code(self.codes, ONE, (*factor.powers, (self.codes.made("ones", shape), ONE)))

    # ---- a string of factors -----------------------------------------------------------------------------------------

    def _product(self, factors: Sequence[Entries]) -> Entries | None:
        """The product of factors as one; None where it is a scalar, which is then among the scalars."""
        parts = self._weighted(self._parted(factors))
        if len(parts) == 1:
            return self._left(parts[0])
        return self._left(self.bracketed(parts, self.bracketing(parts)))

    def _left(self, made: Entries | None) -> Entries | None:
        if made is not None and made.rows == 1 and made.columns == 1:
            self._take_scalar(made)
            return None
        return made

    def _take_scalar(self, factor: Entries) -> None:
        for code, exponent in factor.powers:
            self.scalars.append((self.codes.item(code, 0, 0) if code.shape else code, exponent))

    def bracketing(self, parts: Sequence[Entries]) -> Bracketing:
        """The bracketing with the fewest multiplications."""
        kinds = [Kind.DIAGONAL if part.diagonal else Kind.GENERAL for part in parts]
        return best([Matrix(part.rows, part.columns, kind) for part, kind in zip(parts, kinds, strict=True)], self.extent)

    def multiplications(self, parts: Sequence[Entries]) -> int:
        """How many multiplications the best bracketing takes."""
        bracketing = self.bracketing(parts)
        done: dict[int, tuple[Size, Size, bool]] = {}
        count = 0
        for pair in pairs_inside_out(bracketing):
            (p, q, first), (_, s, second) = (
                (parts[side].rows, parts[side].columns, parts[side].diagonal) if isinstance(side, int) else done[id(side)] for side in pair
            )
            count += self.extent(p) * self.extent(s) * (1 if first or second else self.extent(q))
            done[id(pair)] = (p, s, first and second)
        return count

    def bracketed(self, parts: Sequence[Entries], bracketing: Bracketing) -> Entries | None:
        """The product in that bracketing; None where it is a scalar."""
        done: dict[int, Entries | None] = {}
        made: Entries | None = None
        for pair in pairs_inside_out(bracketing):
            left, right = (parts[side] if isinstance(side, int) else done[id(side)] for side in pair)
            made = self.joined(left, right)
            done[id(pair)] = made
        return made

    def _parted(self, factors: Sequence[Entries]) -> list[Entries]:
        """The factors with identities left out, diagonals side by side merged, and what is spread parted: b 1^T is two factors."""
        found: list[Entries] = []
        for factor in factors:
            if factor.diagonal:
                scalar = tuple((code, e) for code, e in factor.powers if not code.shape)
                self.scalars.extend(scalar)
                rest = tuple((code, e) for code, e in factor.powers if code.shape)
                if found and found[-1].diagonal:
                    found[-1] = replace(found[-1], powers=merged(found[-1].powers, rest))
                elif rest:
                    found.append(replace(factor, powers=rest))
                continue
            found.extend(self._unspread(factor))
        rows, columns = factors[0].rows, factors[-1].columns
        return found or [Entries((), rows, columns, diagonal=True)]

    def _unspread(self, factor: Entries) -> list[Entries]:
        actual = factor.actual or (1, 1)
        if factor.is_full and factor.rows != 1 and factor.columns != 1:
            return [factor]
        arrays = tuple((code, e) for code, e in factor.powers if code.shape)
        self.scalars.extend((code, e) for code, e in factor.powers if not code.shape)
        if actual == (factor.rows, factor.columns) and arrays:
            return [replace(factor, powers=arrays)]
        if factor.rows == 1 or factor.columns == 1:
            return [Entries((), factor.rows, factor.columns)]
        if actual[0] == factor.rows:
            return [Entries(arrays, factor.rows, 1), Entries((), 1, factor.columns)]
        return [Entries((), factor.rows, 1), Entries(arrays, 1, factor.columns)]

    def _weighted(self, parts: list[Entries]) -> list[Entries]:
        """B^T diag(w) B with w >= 0 as S^T S with S = sqrt(w) B, which array libraries take half the work for."""
        if len(parts) != 3 or not parts[1].diagonal or parts[0] != transposed_entries(self.codes, parts[2]):
            return parts
        weights, base = parts[1], parts[2]
        if base.columns == 1 or not all(is_nonnegative(code) or exponent % 2 == 0 for code, exponent in weights.powers):
            return parts
        root = entries_code(self.codes, ONE, ((entries_code(self.codes, ONE, weights.powers), Fraction(1, 2)), *base.powers))
        half = Entries(((root, ONE),), base.rows, base.columns)
        return [transposed_entries(self.codes, half), half]

    # ---- two factors -------------------------------------------------------------------------------------------------

    def joined(self, left: Entries | None, right: Entries | None) -> Entries | None:
        """The product of two factors; None stands for a scalar that was taken out."""
        if left is None or right is None:
            return right if left is None else left
        rows, columns = left.rows, right.columns
        if left.diagonal:
            return Entries(merged(left.powers, right.powers), rows, columns, right.diagonal)
        if right.diagonal:
            turned = tuple((self.codes.transpose(code), e) for code, e in right.powers)
            return Entries(merged(left.powers, turned), rows, columns)
        if left.columns == 1:
            if left.rows == 1 or right.columns == 1:
                scalar, rest = (left, right) if left.rows == 1 else (right, left)
                self._take_scalar(scalar)
                return rest
            return Entries(merged(left.powers, right.powers), rows, columns)
        for spread, is_left in ((left, True), (right, False)):
            parts = self._unspread(spread)
            if len(parts) == 2:
                near, far = parts if is_left else parts[::-1]
                return self.joined(near, self.joined(far, right)) if is_left else self.joined(self.joined(left, far), near)
        if left.is_ones or right.is_ones:
            return self._summed(left, right)
        return self._matrix_product(left, right)

    def _summed(self, left: Entries, right: Entries) -> Entries | None:
        """A product with a row or column of ones."""
        if left.is_ones and right.is_ones:
            self.scalars.append((self.codes.size(left.columns), ONE))
            return None
        other = right if left.is_ones else left
        code = entries_code(self.codes, ONE, other.powers)
        if left.rows == 1 and right.columns == 1:
            self.scalars.append((self.codes.total(code), ONE))
            return None
        return self._found(self.codes.total(code, 0 if left.is_ones else 1), left.rows, right.columns)

    def _found(self, code: Code, rows: Size, columns: Size) -> Entries:
        return Entries(((code, ONE),), rows, columns)

    def _matrix_product(self, left: Entries, right: Entries) -> Entries | None:
        codes = self.codes
        a, b = self.array(left), self.array(right)
        rows, columns = left.rows, right.columns
        if columns == 1 and (found := self._structured(a, b)) is not None:
            code = found
        elif rows == 1 and (found := self._structured(codes.transpose(a), codes.transpose(b), swapped=True)) is not None:
            code = codes.transpose(found)
        elif (inner := _inverted(codes, a)) is not None:
            code = codes.function("linalg.solve", inner, b, shape=(rows, columns))
        elif (inner := _inverted(codes, b)) is not None:
            solved = codes.function("linalg.solve", codes.transpose(inner), codes.transpose(a), shape=(columns, rows))
            code = codes.transpose(solved)
        elif is_helper(a, "commutation"):
            code = codes.make("helper", (*a.operands[:2], b), "commuted", (rows, columns))
        elif is_helper(b, "commutation"):
            code = codes.transpose(codes.make("helper", (*b.operands[1::-1], codes.transpose(a)), "commuted", (columns, rows)))
        else:
            code = codes.matmul(a, b)
        if rows == 1 and columns == 1:
            self.scalars.append((codes.item(code, 0, 0), ONE))
            return None
        return self._found(code, rows, columns)

    def _structured(self, matrix: Code, column: Code, swapped: bool = False) -> Code | None:
        """A Kronecker product times a column, (A kron B) vec(X) = vec(B X A^T); with ``swapped`` the operands come as b, a."""
        if swapped:
            matrix, column = column, matrix
        turned = matrix.operation == "transpose"
        product = matrix.operands[0] if turned else matrix
        if not is_helper(product, "kron"):
            return None
        codes = self.codes
        a, b = (codes.transpose(part) if turned else part for part in product.operands)
        rows = codes.reshape(column, (a.shape[1], b.shape[1]))
        parts = [self._found(a, *_two(a)), self._found(rows, *_two(rows)), self._found(codes.transpose(b), b.shape[1], b.shape[0])]
        outer, self.scalars = self.scalars, []
        made = self._product(parts)
        assert made is not None
        powers: Powers = (*tuple(self.scalars), *made.powers)
        self.scalars = outer
        return codes.reshape(entries_code(codes, ONE, powers), (matrix.shape[0], 1), rest=0)

    # ---- traces and diagonals ----------------------------------------------------------------------------------------

    def trace(self, term: Term) -> Term:
        """The trace of a product: the sum of products of entries of its two halves, so that the product itself is not formed."""
        if term.is_scalar or not term.coefficient:
            return Term(term.coefficient, term.scalars, ())
        outer, self.scalars = self.scalars, []
        scalars, factors = softmax_folded(self.codes, term.scalars, term.string)
        self._trace(self._parted(factors))
        made = Term(term.coefficient, merged(scalars, tuple(self.scalars)), ())
        self.scalars = outer
        return made

    def _trace(self, parts: list[Entries]) -> None:
        codes = self.codes
        if len(parts) == 1:
            (only,) = parts
            code = self._diagonal_entries(only)
            size = only.rows
            if code is None or not code.shape:
                self.scalars.append((codes.size(size), ONE))
            if code is not None:
                self.scalars.append((codes.total(code), ONE))
            return
        left, right = (self._folded(half) for half in self._halves(parts))
        if left is None or right is None:
            return
        if left.columns == 1 or left.rows == 1:
            first, second = (right, left) if left.columns == 1 else (left, right)
            self._left(self.joined(first, second))
            return
        if left.diagonal or right.diagonal:
            diagonal, other = (left, right) if left.diagonal else (right, left)
            inner = self._diagonal_entries(other)
            powers = (*diagonal.powers, *(((inner, ONE),) if inner is not None else ()))
        else:
            powers = ((self.array(left), ONE), (codes.transpose(self.array(right)), ONE))
        code = entries_code(codes, ONE, powers)
        self.scalars.append((codes.total(code), ONE))

    def _folded(self, parts: Sequence[Entries]) -> Entries | None:
        return parts[0] if len(parts) == 1 else self.bracketed(parts, self.bracketing(parts))

    def _halves(self, parts: list[Entries]) -> tuple[list[Entries], list[Entries]]:
        """The two halves of a closed string, over all places to cut it, that take the fewest multiplications."""
        count = len(parts)
        cuts = [(i, j) for i in range(count) for j in range(i + 1, count + (i > 0)) if j - i < count] if count <= 8 else [(0, 1)]
        choices = []
        for i, j in cuts:
            first, second = parts[i:j], parts[j:] + parts[:i]
            taken = self.multiplications(first) + self.multiplications(second)
            choices.append((taken + self.extent(first[0].rows) * self.extent(first[-1].columns), i, j))
        _, i, j = min(choices)
        return parts[i:j], parts[j:] + parts[:i]

    def _diagonal_entries(self, factor: Entries) -> Code | None:
        """The diagonal of a square factor as a column, or a scalar that stands for each entry; None for ones."""
        if not factor.powers:
            return None
        if factor.diagonal:
            return entries_code(self.codes, ONE, factor.powers)
        powers = tuple((self._diagonal_code(code), exponent) for code, exponent in factor.powers)
        return entries_code(self.codes, ONE, powers)

    def _diagonal_code(self, code: Code) -> Code:
        if not code.shape or code.shape[1] == 1:
            return code
        if code.shape[0] == 1:
            return self.codes.transpose(code)
        flat = self.codes.function("linalg.diagonal", code, shape=(code.shape[0],))
        return self.codes.reshape(flat, (code.shape[0], 1), rest=0)

    def diagonal_part(self, term: Term) -> Term:
        """The diagonal of a product as a column: sums along the rows of the products of entries of its two halves."""
        if not term.coefficient:
            return replace(term, scalars=(), string=(Entries((), term.rows, 1),), columns=1)
        outer, self.scalars = self.scalars, []
        scalars, factors = softmax_folded(self.codes, term.scalars, term.string)
        parts = self._parted(factors)
        if len(parts) == 1:
            code = self._diagonal_entries(parts[0])
            powers: Powers = () if code is None else ((code, ONE),)
        else:
            powers = self._row_sums(parts)
        made = Term(term.coefficient, merged(scalars, tuple(self.scalars)), (Entries(powers, term.rows, 1),), term.rows, 1)
        self.scalars = outer
        return made

    def _row_sums(self, parts: list[Entries]) -> Powers:
        cut = min(range(1, len(parts)), key=lambda k: self.multiplications(parts[:k]) + self.multiplications(parts[k:]))
        left, right = (self._folded(half) for half in (parts[:cut], parts[cut:]))
        assert left is not None and right is not None
        joined = self.joined(left, right) if left.diagonal or right.diagonal or left.columns == 1 else None
        if joined is not None:
            code = self._diagonal_entries(joined)
            return () if code is None else ((code, ONE),)
        product = entries_code(self.codes, ONE, ((self.array(left), ONE), (self.codes.transpose(self.array(right)), ONE)))
        return ((self.codes.total(product, 1), ONE),)


def _two(code: Code) -> tuple[Size, Size]:
    return code.shape[0], code.shape[1]


def _inverted(codes: Codes, code: Code) -> Code | None:
    """The matrix whose inverse a code is."""
    if is_function(code, "linalg.inv"):
        return code.operands[0]
    if code.operation == "transpose" and is_function(code.operands[0], "linalg.inv"):
        return codes.transpose(code.operands[0].operands[0])
    return None
