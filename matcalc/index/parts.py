"""Parts of an expression under lowering: their row and column indices, their terms, and the indices that sums around them bind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from matcalc.errors import UnsupportedError
from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.form import Form, Indices, OpenTerm, delta
from matcalc.language.expressions import Expr, Index, Let
from matcalc.language.sizes import Shape, Size, rows_and_columns


@final
@dataclass(frozen=True, slots=True)
class Lowered:
    """A form together with how its axes make up rows and columns: the first ``rows`` axes are the row axis."""

    form: Form
    rows: int

    @property
    def row_sizes(self) -> tuple[Size, ...]:
        return self.form.axes[: self.rows]

    @property
    def column_sizes(self) -> tuple[Size, ...]:
        return self.form.axes[self.rows :]


@final
@dataclass(slots=True)
class Part:
    """A part under construction: its row and column indices and its terms.

    A scalar that depends on the index of a written sum has that index among its rows.
    """

    rows: Indices
    columns: Indices
    terms: list[OpenTerm]
    taken: bool = False

    @property
    def free(self) -> Indices:
        return self.rows + self.columns


@final
class Lowering:
    """One call of `lower`: the scope of all its indices, and what the parts became."""

    def __init__(self, axes_of: Callable[[Let], Lowered]) -> None:
        self.scope = Scope()
        self.parts: dict[Expr, Part] = {}
        self.bound: dict[Index, int] = {}
        self.indexed = False  # whether an index stands in the expression
        self.axes_of = axes_of

    def take(self, node: Expr) -> Part:
        """The part of an operand; a second use gets indices of its own."""
        part = self.parts[node]
        if not part.taken:
            part.taken = True
            return part
        sizes = self.scope.sizes
        names = {i: i for i in self.bound.values()}  # the index of a sum around the part stays what it is

        def renamed(i: int) -> int:
            if i not in names:
                names[i] = self.scope.fresh(sizes[i])
            return names[i]

        rows, columns = tuple(map(renamed, part.rows)), tuple(map(renamed, part.columns))
        terms: list[OpenTerm] = [(c, [(a, tuple(map(renamed, ix)), e) for a, ix, e in f]) for c, f in part.terms]
        return Part(rows, columns, terms)

    def delta_terms(self, rows: Indices, columns: Indices) -> list[OpenTerm]:
        """The terms of an identity matrix."""
        return [(1, [(delta(self.scope.sizes[rows[0]]), rows + columns, 1)] if rows else [])]

    def closed(self, part: Part) -> Lowered:
        return Lowered(close(part.terms, part.free, self.scope.sizes), len(part.rows))

    def axes(self, shape: Shape) -> tuple[Indices, Indices]:
        """New row and column indices of a declared shape."""
        rows, columns = rows_and_columns(shape)
        fresh = self.scope.fresh
        return (() if rows == 1 else (fresh(rows),)), (() if columns == 1 else (fresh(columns),))

    def renamed(self, part: Part, old: Indices, new: Indices, what: Expr) -> list[OpenTerm]:
        """The terms with indices exchanged; both lists must have the same sizes one by one."""
        if old == new:
            return part.terms
        sizes = self.scope.sizes
        if [sizes[i] for i in old] != [sizes[i] for i in new]:
            raise UnsupportedError(
                f"{what!r} joins an axis made of sizes {[sizes[i] for i in old]} to one made of {[sizes[i] for i in new]}. "
                "Declare the second so that it is made in the same way, for instance as vec of a matrix."
            )
        names = dict(zip(old, new, strict=True))
        return [(c, [(a, tuple([names.get(i, i) for i in ix]), e) for a, ix, e in f]) for c, f in part.terms]
