"""Values over a finite field, found one after the other and kept: many formulas over the same quantities share what they need.

Written derivatives have values as well: each is the Jacobian between its two quantities by dual numbers, whatever lies between them,
so that a chain of derivatives is judged by local Jacobians and no rule of `matcalc.index` takes part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import prod
from operator import add
from typing import final

from matcalc.errors import EvaluationError, UnsupportedError
from matcalc.exact.arrangement import Index, cell, indices
from matcalc.exact.assumed_data import chosen_values
from matcalc.exact.duals import Along
from matcalc.exact.evaluation import VALUES, entry_position, has_exp, value_operands
from matcalc.exact.field import CHAIN, Matrix, entrywise, filled, flat, product, transposed, unit
from matcalc.exact.place import Place, Point, extent
from matcalc.language.expressions import Derivative, Entry, Expr, Let, Symbol, Vec
from matcalc.language.sizes import Size, ndim
from matcalc.language.traversal import postorder
from matcalc.language.unrolling import at_indices, free_indices, written_out

MOST_SEEDS = 8


@final
class Bench:
    """The values of expressions at one random point.

    Args:
        roots: the quantities that have to have values at the point, such as all that a model defines.
        sizes: an int for each named size.
        seed: of the data.
        configuration: of the symbols that take finitely many values.

    Raises:
        EvaluationError: no point was found at which the roots have values.
    """

    def __init__(self, roots: Iterable[Expr], sizes: Mapping[str, int], seed: str = "bench", configuration: int = 0) -> None:
        self.sizes = sizes
        self._written: dict[Expr, Expr] = {}
        self._roots = written_out(roots, partial(extent, sizes), self._written)
        symbols = [node for node in postorder(self._roots, _below) if isinstance(node, Symbol)]
        fault = EvaluationError("no point was tried")
        for number in range(MOST_SEEDS):
            point = Point(f"{seed} {number}", sizes, configuration=configuration)
            which = chosen_values(symbols, point.extents, configuration)
            self.places: list[Place] = []
            below: Mapping[Expr, Matrix] = {}
            for level in range(len(CHAIN) - 1, -1, -1):
                self.places.insert(0, Place(point, level, below, which))
                below = self.places[0].values
            self._jacobians: dict[tuple[int, Expr, Expr, bool], Matrix] = {}
            try:
                for root in self._roots:
                    self.value(root)
                return
            except EvaluationError as error:
                if isinstance(error, UnsupportedError):
                    raise
                fault = error
        raise fault

    @property
    def prime(self) -> int:
        return self.places[0].p

    def value(self, root: Expr) -> Matrix:
        """The value of an expression without free indices.

        Raises:
            EvaluationError: it has none here.
            UnsupportedError: it has none over any finite field.
        """
        (written,) = written_out([root], partial(extent, self.sizes), self._written)
        return self._filled(0, written)

    def all_values(self, root: Expr, sizes: Mapping[str, Size] | None = None) -> dict[tuple[int, ...], Matrix]:
        """The values of an expression at all values of the indices that it leaves free, these in the order of their names.

        Args:
            sizes: how far letters run; without it as far as the axes that they stand at.
        """
        free = {index.name: index for index in free_indices([root])}
        runs = sizes or {name: index.size for name, index in free.items() if index.size is not None}
        found: dict[tuple[int, ...], Matrix] = {}
        choices: list[tuple[int, ...]] = [()]
        for letter in sorted({*free, *runs}):
            if letter not in runs:
                raise UnsupportedError(f"Nothing tells how far {letter} runs.")
            choices = [(*chosen, k) for chosen in choices for k in range(1, extent(self.sizes, runs[letter]) + 1)]
        letters = sorted({*free, *runs})
        for chosen in choices:
            numbers = dict(zip(letters, chosen, strict=True))
            found[chosen] = self.value(at_indices(root, {index: numbers[name] for name, index in free.items()}))
        return found

    def _filled(self, level: int, root: Expr) -> Matrix:
        place = self.places[level]
        if root in place.values:
            return place.values[root]
        for node in postorder([root], lambda node: () if node in place.values else _below(node)):
            if node not in place.values:
                place.values[node] = self._of_node(level, node)
        return place.values[root]

    def _of_node(self, level: int, node: Expr) -> Matrix:
        place = self.places[level]
        if isinstance(node, Derivative):
            return self._derivative(level, node)
        if has_exp(node) and level + 1 < len(self.places):
            self._filled(level + 1, node.operands[0])
        missed = len(place.missed)
        value = VALUES[type(node)](node, [place.values[operand] for operand in value_operands(node)], place)
        if len(place.missed) > missed:
            raise EvaluationError(f"{node!r} takes an even root of what is no square here.")
        return value

    # ---- written derivatives -----------------------------------------------------------------------------------------

    def _derivative(self, level: int, node: Derivative) -> Matrix:
        """The Jacobian between two quantities, laid out; of entries and of vecs that of the arrays."""
        place = self.places[level]
        of, by = _array(node.of), _array(node.by)
        raw = self._jacobian(level, of, by, node.direct)
        outputs = indices(of.shape, *place.point.extents(of.shape))
        inputs = indices(by.shape, *place.point.extents(by.shape))
        row_of, column_of = (self._positions(level, each) for each in (node.of, node.by))
        rows, columns = place.point.extents(node.shape)
        made = filled(rows, columns, 0)
        of_shape, by_shape = node.of.shape, node.by.shape
        for o, output in enumerate(outputs):
            if (at := row_of(output)) is None:
                continue
            for i, index in enumerate(inputs):
                if (by_at := column_of(index)) is None:
                    continue
                row, column = cell(of_shape, [by_shape], node.layout, at, [by_at])
                made[row][column] = raw[o][i]
        return made

    def _positions(self, level: int, quantity: Expr) -> Callable[[Index], Index | None]:
        """From the index of an entry of the array to that of the quantity; None where it is no part of it."""
        place = self.places[level]
        if isinstance(quantity, Entry):
            row, column = entry_position(quantity, place)
            only = (row, column) if ndim(quantity.base.shape) == 2 else (row + column,)
            return lambda index: () if index == only else None
        if isinstance(quantity, Vec):
            rows = place.point.extents(quantity.argument.shape)[0]
            return lambda index: (index[0] + rows * index[1],) if len(index) == 2 else index
        return lambda index: index

    def _jacobian(self, level: int, of: Expr, by: Expr, direct: bool) -> Matrix:
        """A row for each entry of the output, a column for each entry of the variable: products of the local ones between names."""
        key = (level, of, by, direct)
        if key in self._jacobians:
            return self._jacobians[key]
        if any(isinstance(node, Derivative) for node in postorder([of], value_operands)):
            raise UnsupportedError(f"{of!r} holds derivatives that are only written; derive them first.")
        for each in (of, by):
            self._filled(level, each)
        if direct:
            self._jacobians[key] = self._local(level, of, by)
            return self._jacobians[key]
        below = postorder([of], lambda node: () if node == by else value_operands(node))
        names = [node for node in below if isinstance(node, Let) or node == of]
        for name in names:
            if (level, name, by, False) not in self._jacobians:
                self._jacobians[level, name, by, False] = self._through_names(level, name, by)
        return self._jacobians[key]

    def _through_names(self, level: int, of: Expr, by: Expr) -> Matrix:
        """The Jacobian, from those of the names that the definition is made of."""
        place = self.places[level]
        rows, columns = (prod(place.point.extents(each.shape)) for each in (of, by))
        if of == by:
            return unit(rows)
        total = filled(rows, columns, 0)
        for leaf in _names_in(of, by):
            if leaf == by:
                total = entrywise(add, total, self._local(level, of, by), place.p)
                continue
            inner = self._jacobians[level, leaf, by, False]
            if any(map(any, inner)):
                total = entrywise(add, total, product(self._local(level, of, leaf), inner, place.p), place.p)
        return total

    def _local(self, level: int, of: Expr, leaf: Expr) -> Matrix:
        """The Jacobian by a name that the definition is made of itself, all other names held."""
        key = (level, of, leaf, True)
        if key not in self._jacobians:
            place = self.places[level]
            held = set(_names_in(of, leaf)) - {leaf}
            along = Along(of, leaf, place, held)
            rows, columns = place.point.extents(leaf.shape)
            lines: list[list[int]] = []
            for i in range(rows):
                for j in range(columns):
                    direction = filled(rows, columns, 0)
                    direction[i][j] = 1
                    lines.append(flat(along.part(direction)))
            self._jacobians[key] = transposed(lines)
        return self._jacobians[key]


def _names_in(of: Expr, by: Expr) -> list[Expr]:
    """The named quantities, and the variable, that the definition of a quantity is made of without another name between."""
    return [
        node for node in postorder([of], lambda node: () if node != of and (isinstance(node, Let) or node == by) else value_operands(node))
        if node != of and (isinstance(node, Let) or node == by)
    ]  # fmt: skip


def _below(node: Expr) -> tuple[Expr, ...]:
    """What a value rests on: of a derivative both arrays."""
    if isinstance(node, Derivative):
        return (_array(node.of), _array(node.by))
    return value_operands(node)


def _array(quantity: Expr) -> Expr:
    if isinstance(quantity, Entry):
        return quantity.base
    return quantity.argument if isinstance(quantity, Vec) else quantity
