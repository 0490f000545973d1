"""How the matrices of a product are related: which are one matrix or its transpose, which are symmetric or diagonal.

All is read off index forms: a transpose is an exchange of axes, a diagonal matrix has a delta between its row and its column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.engine import Engine
from matcalc.index.form import AtomKind, Form, Term, rational
from matcalc.index.lowering import Lowered
from matcalc.language.expressions import Expr, Let, Transpose, transpose
from matcalc.language.sizes import rows_and_columns
from matcalc.layout.arrangements import Kind, Letter, Matrix, Word

Key: TypeAlias = tuple[int, bytes]


def related(parts: Sequence[Expr]) -> tuple[tuple[Matrix, ...], Word]:
    """The different matrices of a product, and the product as a word of them.

    Two parts are one matrix if they are equal, or each other's transpose, up to a number: every arrangement holds each part once,
    so a number changes nothing.
    """
    engine = Engine()
    matrices: list[Matrix] = []
    letters: dict[Key, Letter] = {}
    word: list[Letter] = []
    for part in parts:
        lowered = _upright(engine, part)
        key = _key(lowered, _monic(lowered.form))
        if key not in letters:
            rows, columns = rows_and_columns(part.shape)
            turned = _turned(lowered)
            letters[key] = (len(matrices), False)
            letters.setdefault(_key(turned, _monic(turned.form)), (len(matrices), True))
            matrices.append(Matrix(rows, columns, _kind_of(engine, part)))
        word.append(letters[key])
    return tuple(matrices), tuple(word)


def _upright(engine: Engine, part: Expr) -> Lowered:
    """The index form of a part, in which a named quantity stays a name."""
    return _turned(engine.lowered(transpose(part)))


def _turned(lowered: Lowered) -> Lowered:
    """The index form of the transpose."""
    scope = Scope()
    free = scope.fresh_all(lowered.form.axes)
    terms = scope.opened(lowered.form, free)
    return Lowered(close(terms, free[lowered.rows :] + free[: lowered.rows], scope.sizes), len(free) - lowered.rows)


def _key(lowered: Lowered, form: Form) -> Key:
    return lowered.rows, form.key


def _monic(form: Form) -> Form:
    """The form divided by the coefficient of one of its terms, the same one in whatever order they stand."""
    if form.is_zero:
        return form
    leading = Fraction(min(form.terms, key=lambda term: term.key(len(form.axes))).coefficient)
    return Form(form.axes, tuple(replace(term, coefficient=rational(term.coefficient / leading)) for term in form.terms))


def _kind_of(engine: Engine, part: Expr) -> Kind:
    """The kind of a matrix; for a named quantity also by its definition."""
    kind = _kind(_upright(engine, part))
    root = part.argument if isinstance(part, Transpose) else part
    return _kind(engine.lowered(root)) if kind is Kind.GENERAL and isinstance(root, Let) else kind


def _kind(lowered: Lowered) -> Kind:
    form, rows = lowered.form, lowered.rows
    if form.is_zero:
        return Kind.ZERO
    pairs = [{i, i + rows} for i in range(rows)]
    if form.axes and lowered.row_sizes == lowered.column_sizes:
        if all(_holds_deltas(term, pairs) for term in form.terms):
            return Kind.IDENTITY if all(_deltas_only(term, pairs) for term in form.terms) else Kind.DIAGONAL
        if _turned(lowered).form == form:
            return Kind.SYMMETRIC
    return Kind.GENERAL


def _holds_deltas(term: Term, pairs: Sequence[set[int]]) -> bool:
    """Whether a term has a delta between each row index and its column index."""
    deltas = [set(indices) for atom, indices, _ in term.factors if atom.kind is AtomKind.DELTA]
    return all(pair in deltas for pair in pairs)


def _deltas_only(term: Term, pairs: Sequence[set[int]]) -> bool:
    """Whether nothing but these deltas depends on row and column: the matrix is a multiple of the identity."""
    free = set().union(*pairs)
    others = [indices for atom, indices, _ in term.factors if not (atom.kind is AtomKind.DELTA and set(indices) in pairs)]
    return all(free.isdisjoint(indices) for indices in others)
