"""Sums: like terms collected, diagonals of one product joined, common factors taken out, and what is left added in the order written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import final

from matcalc.code.codes import Codes
from matcalc.code.instructions import Code
from matcalc.code.products import Products
from matcalc.code.terms import ONE, Entries, Powers, Term, entries_code, merged, of_code, scaled, transposed_term
from matcalc.language.sizes import Size

_NEW_ARRAYS = ("add", "subtract", "multiply", "divide", "matmul", "negate")


@final
class Sums:
    """How sums become codes; it remembers the terms of each, so that a sum inside another is opened where that shortens it."""

    def __init__(self, codes: Codes, products: Products) -> None:
        self._codes = codes
        self._products = products
        self._terms: dict[Code, tuple[Term, ...]] = {}
        self._strings: dict[Code, tuple[Term, ...]] = {}  # the same before products in them were carried out
        products.distributed = self.distributed

    def opened(self, term: Term) -> tuple[Term, ...]:
        """The terms of a sum that stands alone, else the term itself."""
        if term.is_scalar and len(term.scalars) == 1 and not term.string:
            (code, exponent), = term.scalars
        elif len(term.string) == 1 and not term.scalars and len(term.string[0].powers) == 1 and not term.string[0].diagonal:
            (code, exponent), = term.string[0].powers
        else:
            return (term,)
        if exponent != 1 or code not in self._terms:
            return (term,)
        return tuple(scaled(inner, term.coefficient) for inner in self._terms[code])

    def total(self, terms: Sequence[Term], rows: Size, columns: Size) -> Term:
        """The sum of terms of one shape; a scalar or what is spread may stand beside an array."""
        left = self._with_diagonals_joined(_collected([_spread(term, rows, columns) for term in terms]))
        if not left:
            return Term(Fraction(0), (), () if rows == 1 and columns == 1 else (Entries((), rows, columns),), rows, columns)
        if len(left) == 1:
            return left[0]
        settled = [self._products.settled(term) for term in left]
        if all(term.string and term.string[0].diagonal for term in settled):
            columns_of = [self._column(term) for term in settled]
            inner = self.total(columns_of, rows, 1)
            (factor,) = inner.string
            return replace(inner, string=(replace(factor, columns=columns, diagonal=True),), columns=columns)
        common = self._common_factor(settled, rows, columns)
        if common is not None:
            return common
        made = self._added(settled, rows, columns)
        if made.string and made.string[0].powers:
            self._strings[made.string[0].powers[0][0]] = tuple(left)
        return made

    def _column(self, term: Term) -> Term:
        """The diagonal of a diagonal term as a column."""
        (factor,) = term.string
        return replace(term, string=(replace(factor, columns=1, diagonal=False),), columns=1)

    def _added(self, terms: list[Term], rows: Size, columns: Size) -> Term:
        """The sum of settled terms; the diagonal ones are one diagonal."""
        diagonal = [term for term in terms if term.string and term.string[0].diagonal]
        if len(diagonal) > 1:
            joined = self.total(diagonal, rows, columns)
            terms = [joined if term is diagonal[0] else term for term in terms if term is diagonal[0] or term not in diagonal]
        one = [term for term in terms if term.string and term.string[0].diagonal]
        if one and (written := self._on_diagonal(one[0], [term for term in terms if term is not one[0]])) is not None:
            self._terms[written] = tuple(terms)
            return of_code(written, rows, columns)
        made = self._in_order(terms)
        self._terms[made] = tuple(terms)
        return of_code(made, rows, columns)

    def _on_diagonal(self, diagonal: Term, others: list[Term]) -> Code | None:
        """A diagonal matrix added to a sum that is a new array of every entry: to its diagonal only, in place where that is possible."""
        made, size = self._in_order(others), diagonal.rows
        is_new = made.operation in _NEW_ARRAYS or (made.operation, made.data) == ("helper", "outer")
        if made.shape != (size, size) or not is_new:
            return None
        alone = Code(made.operation, made.operands, made.data, made.shape)  # of its own, so that nothing else holds the array
        return self._codes.helper("plus_diagonal", alone, self._code(self._column(diagonal)))

    def _in_order(self, terms: list[Term]) -> Code:
        """The sum term by term, a positive one first."""
        ordered = sorted(terms, key=lambda term: term.coefficient < 0) if terms[0].coefficient < 0 else terms
        made: Code | None = None
        for term in ordered:
            if made is None:
                made = self._code(term)
            elif term.coefficient < 0:
                made = self._codes.subtract(made, self._code(scaled(term, Fraction(-1))))
            else:
                made = self._codes.add(made, self._code(term))
        assert made is not None
        return made

    def _code(self, term: Term) -> Code:
        """A settled term as a code, an array that is not diagonal as small as its entries allow."""
        powers = term.scalars
        if term.string:
            (factor,) = term.string
            powers = (*powers, *(((self._products.array(factor), ONE),) if factor.diagonal else factor.powers))
        return entries_code(self._codes, term.coefficient, powers)

    def distributed(self, term: Term) -> Term | None:
        """B^T (diag(p) - p p^T) B as B^T diag(p) B - B^T p p^T B, (a b^T + b a^T) x as a (b^T x) + b (a^T x): a product with a sum
        inside as a sum of products, where that takes less."""
        count = self._products.multiplications
        for place, factor in enumerate(term.string):
            inside = self._inside(factor)
            if not inside:
                continue
            strings = [(*term.string[:place], *_unmerged(inner), *term.string[place + 1 :]) for inner in inside]
            extent = self._products.extent
            together = count(term.string) + self._formed(factor, inside)
            apart = sum(map(count, strings)) + (len(inside) - 1) * extent(term.rows) * extent(term.columns)
            if apart >= together:
                continue
            terms = [
                replace(scaled(inner, term.coefficient, term.scalars), string=string, rows=term.rows, columns=term.columns)
                for inner, string in zip(inside, strings, strict=True)
            ]
            return self.total(terms, term.rows, term.columns)
        return None

    def _inside(self, factor: Entries) -> tuple[Term, ...]:
        """The terms of a factor that is a sum, or the transpose of one; none of another."""
        if factor.diagonal or len(factor.powers) != 1 or factor.powers[0][1] != 1:
            return ()
        code = factor.powers[0][0]
        if code.operation == "transpose":
            return tuple(transposed_term(self._codes, term) for term in self._strings.get(code.operands[0], ()))
        return self._strings.get(code, ())

    def _formed(self, factor: Entries, inside: Sequence[Term]) -> int:
        """How many multiplications and additions it takes to form a sum."""
        entries = self._products.extent(factor.rows) * self._products.extent(factor.columns)
        taken = (len(inside) - 1) * entries
        for term in inside:
            if len(term.string) > 1:
                taken += self._products.multiplications(term.string)
            elif len(term.string[0].powers) > 1 or term.scalars or abs(term.coefficient) != 1:
                taken += entries
        return taken

    # ---- what shortens a sum -----------------------------------------------------------------------------------------

    def _with_diagonals_joined(self, terms: list[Term]) -> list[Term]:
        """Products that differ in one diagonal factor, such as B^T diag(u) B and B^T diag(v) B, as one with the sum of these."""
        groups: dict[object, list[tuple[Term, int]]] = {}
        for term in terms:
            places = [k for k, factor in enumerate(term.string) if factor.diagonal]
            if len(term.string) < 2 or len(places) != 1:
                continue
            (place,) = places
            groups.setdefault((place, term.string[:place], term.string[place + 1 :]), []).append((term, place))
        for group in groups.values():
            if len(group) < 2:
                continue
            first, place = group[0]
            size = first.string[place].rows
            parts = [self._column(Term(t.coefficient, t.scalars, (t.string[place],), size, size)) for t, _ in group]
            inner = self.total(parts, size, 1)
            (column,) = inner.string
            middle = replace(column, columns=size, diagonal=True)
            string = (*first.string[:place], middle, *first.string[place + 1 :])
            joined = replace(first, coefficient=inner.coefficient, scalars=inner.scalars, string=string)
            members = [term for term, _ in group]
            terms = [joined if term is first else term for term in terms if term is first or term not in members]
        return terms

    def _common_factor(self, terms: list[Term], rows: Size, columns: Size) -> Term | None:
        """p ⊙ u + p ⊙ v as p ⊙ (u + v), where the sum in the brackets then gets shorter."""
        if any(len(term.string) > 1 or (term.string and term.string[0].diagonal) for term in terms):
            return None
        all_powers = [dict((*term.scalars, *(term.string[0].powers if term.string else ()))) for term in terms]
        shared = [
            (code, min(powers[code] for powers in all_powers))
            for code in all_powers[0]
            if all(powers.get(code, 0) >= 1 for powers in all_powers)
        ]
        if not shared:
            return None
        rest = [self._without(term, tuple(shared)) for term in terms]
        opened = [inner for term in rest for inner in self.opened(term)]
        collected = _collected([_spread(term, rows, columns) for term in opened])
        if len(collected) >= len(terms):
            return None
        inner = self.total(collected, rows, columns)
        scalars = tuple((code, e) for code, e in shared if not code.shape)
        arrays = tuple((code, e) for code, e in shared if code.shape)
        string = tuple(replace(factor, powers=merged(arrays, factor.powers)) for factor in inner.string)
        return replace(inner, scalars=merged(scalars, inner.scalars), string=string)

    def _without(self, term: Term, shared: Powers) -> Term:
        taken: Powers = tuple((code, -exponent) for code, exponent in shared)
        scalars = tuple((code, e) for code, e in taken if not code.shape)
        arrays = tuple((code, e) for code, e in taken if code.shape)
        string = tuple(replace(factor, powers=merged(factor.powers, arrays)) for factor in term.string)
        return replace(term, scalars=merged(term.scalars, scalars), string=string)


def _spread(term: Term, rows: Size, columns: Size) -> Term:
    """A scalar beside an array, as the array that has it at every entry."""
    if not term.is_scalar or (rows == 1 and columns == 1):
        return term
    return Term(term.coefficient, term.scalars, (Entries((), rows, columns),), rows, columns)


def _collected(terms: Sequence[Term]) -> list[Term]:
    """Like terms added; those that cancel are left out."""
    found: dict[object, Term] = {}
    for term in terms:
        if not term.coefficient:
            continue
        key = (frozenset(term.scalars), tuple((frozenset(f.powers), f.diagonal, f.rows, f.columns) for f in term.string))
        old = found.get(key)
        found[key] = term if old is None else replace(old, coefficient=old.coefficient + term.coefficient)
    return [term for term in found.values() if term.coefficient]


def _unmerged(term: Term) -> tuple[Entries, ...]:
    """The factors of a term, an outer product parted into its column and its row."""
    if len(term.string) > 1:
        return term.string
    (factor,) = term.string
    if factor.diagonal or factor.rows == 1 or factor.columns == 1:
        return (factor,)
    column = tuple((code, e) for code, e in factor.powers if not code.shape or code.shape[1] == 1)
    row = tuple((code, e) for code, e in factor.powers if code.shape and code.shape[1] != 1 and code.shape[0] == 1)
    if len(column) + len(row) < len(factor.powers):
        return (factor,)
    return Entries(column, factor.rows, 1), Entries(row, 1, factor.columns)
