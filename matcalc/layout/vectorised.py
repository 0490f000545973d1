"""Derivatives by vec: forms whose rows and columns are made of several indices, as Kronecker products.

After the reduction of `matcalc.layout.network` a term is a graph on the indices that make up rows and columns. A matrix that joins two row
indices acts entry by entry and is peeled off as diag(vec .). Each remaining component with one row and one column index is a matrix;
the term is their Kronecker product, with a commutation matrix where rows and columns pair crosswise. A term that is not reduced so far is
cut where it narrows to one matrix (`matcalc.layout.waists`), which stands as diag(vec .) between what is before and behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby, islice, product, zip_longest
from typing import final

from matcalc.errors import NoMatrixFormError
from matcalc.index.form import Form, Term
from matcalc.language.building import commutation, diag, identity, kron, vec, zeros
from matcalc.language.expressions import Expr, Identity
from matcalc.language.sizes import Size, size_product
from matcalc.layout.matrix_form import Writer
from matcalc.layout.network import Network
from matcalc.layout.pieces import Piece, merged, operations, with_identities, written_sum
from matcalc.layout.range_sums import gathered
from matcalc.layout.strings import String, assembled, flipped, item
from matcalc.layout.waists import Waist, waists

Indices = tuple[int, ...]
MOST_CHOICES = 16  # of sides for commutation matrices, in all terms together


def vec_expression(writer: Writer, form: Form, rows: Indices, columns: Indices) -> Expr:
    """The form as a matrix whose row index is the composite of ``rows``, the first counting slowest, likewise its columns.

    Raises:
        NoMatrixFormError: more than matrices, Kronecker products, diag, vec and commutation matrices would be needed.
    """
    if len(rows) <= 1 and len(columns) <= 1:
        return writer.expression(form, rows, columns)
    if not form.terms:
        return zeros(_total(form.axes, rows), _total(form.axes, columns))
    ways = [_pieces(writer, term, form.axes, rows, columns) for term in form.terms]
    sizes = (_total(form.axes, rows), _total(form.axes, columns))
    choices = islice(product(*ways), MOST_CHOICES)
    written = [written_sum(with_identities(merged(gathered(chosen, sizes))), sizes) for chosen in choices]
    return min(written, key=operations)


def _total(axes: Sequence[Size], chosen: Indices) -> Size:
    result: Size = 1
    for axis in chosen:
        result = size_product(result, axes[axis])
    return result


def _pieces(writer: Writer, term: Term, axes: tuple[Size, ...], rows: Indices, columns: Indices) -> list[Piece]:
    """The term laid out, in the ways that differ in where commutation matrices stand."""
    try:
        return _whole(writer, term, axes, rows, columns)
    except NoMatrixFormError:
        for pair in waists(term, axes, rows, columns):
            cut = [piece for waist in pair if (piece := _through(writer, waist, len(rows), len(columns))) is not None]
            if cut:
                return [min(cut, key=lambda piece: operations(assembled(piece.string)))]
        raise


def _through(writer: Writer, waist: Waist, rows: int, columns: int) -> Piece | None:
    """A term cut at a matrix; None where a part of it has no matrix form."""
    middle = tuple(range(2))
    try:
        before = vec_expression(writer, waist.before, tuple(range(rows)), tuple(rows + i for i in middle))
        after = vec_expression(writer, waist.after, middle, tuple(2 + i for i in range(columns)))
        matrix = writer.expression(waist.matrix, (0,), (1,))
        network, _ = writer.network(waist.rest.terms[0], ())
        network.reduce()
        network.require_reduced()
    except NoMatrixFormError:
        return None
    string = tuple(entry for part in (before, diag(vec(matrix)), after) if not isinstance(part, Identity) for entry in item(part))
    return Piece(waist.rest.terms[0].coefficient, tuple(network.scalars), string)


def _whole(writer: Writer, term: Term, axes: tuple[Size, ...], rows: Indices, columns: Indices) -> list[Piece]:
    """The term laid out in one, with commutation matrices on the right or on the left of Kronecker products."""
    network, deltas = writer.network(term, axes)
    network.reduce()
    network.require_reduced()
    for axis in rows + columns:
        network.meet(axis)
    same = {second: first for first, second in deltas}
    left = _peeled(network, rows, same)
    right = _peeled(network, columns, same)
    components = [_component(network, members, rows, columns, same) for members in _groups(network, rows + columns, same)]
    pieces: list[Piece] = []
    for ordered in _orders(components, rows, columns):
        middle = _kronecker(ordered, rows, columns, axes)
        if (left or right) and len(middle) == 1 and isinstance(middle[0][0], Identity):
            middle = ()
        pieces.append(Piece(term.coefficient, tuple(network.scalars), left + middle + flipped(right), network.ranges))
    return pieces


def _peeled(network: Network, ends: Indices, same: dict[int, int]) -> String:
    """Take off the matrix that joins two row ends (or two column ends), as diag(vec M), where other factors stand there too."""
    if len(ends) != 2 or any(end in same or end in same.values() for end in ends) and _joined_by_delta(ends, same):
        return ()
    slow, fast = (same.get(end, end) for end in ends)
    edge = network.edge_between(fast, slow) if slow != fast else None
    if edge is None:
        return ()
    elsewhere = any(len(network.edges[end]) > 1 or _has_twin(end, same) for end in (slow, fast))
    if not elsewhere:
        return ()
    network.edges[edge.first].remove(edge)
    network.edges[edge.second].remove(edge)
    return item(diag(vec(assembled(edge.read_from(fast, network.as_rows)))))


def _joined_by_delta(ends: Indices, same: dict[int, int]) -> bool:
    return same.get(ends[1], ends[1]) == same.get(ends[0], ends[0])


def _has_twin(vertex: int, same: dict[int, int]) -> bool:
    return vertex in same or vertex in same.values()


def _groups(network: Network, ends: Indices, same: dict[int, int]) -> list[Indices]:
    """The ends that are joined by matrices and deltas, in order."""
    group = {end: end for end in ends}

    def root(end: int) -> int:
        while group[end] != end:
            end = group[end]
        return end

    for second, first in same.items():
        group[root(second)] = root(first)
    for end in ends:
        for edge in network.edges[end]:
            group[root(edge.first)] = root(edge.second)
    found: dict[int, list[int]] = {}
    for end in ends:
        found.setdefault(root(end), []).append(end)
    return [tuple(members) for members in found.values()]


@final
@dataclass(frozen=True, slots=True)
class _Block:
    """A component: its row ends, its column ends, and the string of its matrix."""

    rows: Indices
    columns: Indices
    string: String


def _component(network: Network, members: Indices, rows: Indices, columns: Indices, same: dict[int, int]) -> _Block:
    row_ends = tuple(m for m in rows if m in members)
    column_ends = tuple(m for m in columns if m in members)
    if len(members) == 1:
        vector = network.vector(members[0])
        return _Block(row_ends, column_ends, vector if row_ends else flipped(vector))
    if len(members) == 2:
        if len(row_ends) == 1:
            return _Block(row_ends, column_ends, _matrix(network, row_ends[0], column_ends[0], same))
        slow, fast = row_ends or column_ends
        stacked = item(vec(assembled(_matrix(network, fast, slow, same))))
        return _Block(row_ends, column_ends, stacked if row_ends else flipped(stacked))
    raise NoMatrixFormError(
        f"{len(row_ends)} row and {len(column_ends)} column indices are tied together here; matrices, Kronecker products, diag, vec "
        "and commutation matrices do not untie them. The derivative exists: take .tensor or .index_form."
    )


def _matrix(network: Network, row: int, column: int, same: dict[int, int]) -> String:
    """The matrix between two ends, with the labels at both."""
    if same.get(column) == row or same.get(row) == column:
        vertex = min(row, column)
        if not network.labels[vertex]:
            return item(identity(network.sizes[vertex]))
        return item(diag(assembled(network.entrywise_vector(vertex))))
    edge = network.edge_between(row, column)
    assert edge is not None
    return network.between(row) + edge.read_from(row, network.as_rows) + network.between(column)


def _kronecker(ordered: list[_Block], rows: Indices, columns: Indices, axes: tuple[Size, ...]) -> String:
    """The Kronecker product of the blocks, its rows and columns brought into the order asked for by commutation matrices."""
    found = tuple(c for block in ordered for c in block.columns)
    factors: list[Expr] = []
    for factor in map(assembled, _with_outer_products(ordered)):
        if factors and isinstance(last := factors[-1], Identity) and isinstance(factor, Identity):
            factors[-1] = identity(size_product(last.size, factor.size))
        else:
            factors.append(factor)
    whole = reduce(kron, factors)
    above = tuple(r for block in ordered for r in block.rows)
    left = [_exchange(above_axes, place, axes, rows=True) for above_axes, place in _exchanges(above, rows)][::-1]
    right = [_exchange(below, place, axes, rows=False) for below, place in _exchanges(found, columns)]
    middle = [] if isinstance(whole, Identity) and (left or right) else [whole]
    return tuple(entry for factor in (*left, *middle, *right) for entry in item(factor))


def _with_outer_products(blocks: list[_Block]) -> list[String]:
    """The strings of the blocks, columns and rows side by side as outer products: a ⊗ b^T = b^T ⊗ a = a b^T."""
    strings: list[String] = []
    for pure, run in groupby(blocks, key=lambda block: not (block.rows and block.columns)):
        members = list(run)
        if not pure:
            strings += [block.string for block in members]
            continue
        columns, rows = [b.string for b in members if b.rows], [b.string for b in members if not b.rows]
        strings += [column + row for column, row in zip_longest(columns, rows, fillvalue=())]
    return strings


def _exchanges(found: Indices, wanted: Indices) -> list[tuple[Indices, int]]:
    """The exchanges of neighbours that bring the indices into the order wanted: the order before each, and its place."""
    exchanges: list[tuple[Indices, int]] = []
    current = list(found)
    for place, index in enumerate(wanted):
        for at in range(current.index(index), place, -1):
            exchanges.append((tuple(current), at - 1))
            current[at - 1], current[at] = current[at], current[at - 1]
    return exchanges


def _exchange(order: Indices, place: int, axes: tuple[Size, ...], *, rows: bool) -> Expr:
    """I ⊗ K ⊗ I, which exchanges the indices at ``place`` and the next: of rows from the left, of columns from the right."""
    first, second = axes[order[place]], axes[order[place + 1]]
    result = commutation(second, first) if rows else commutation(first, second)
    before, after = _total(axes, order[:place]), _total(axes, order[place + 2 :])
    if before != 1:
        result = kron(identity(before), result)
    return result if after == 1 else kron(result, identity(after))


def _orders(blocks: list[_Block], rows: Indices, columns: Indices) -> list[list[_Block]]:
    """The blocks in the order that agrees with rows and with columns; where there is none, with the rows alone and with the columns."""
    waiting, ordered = list(blocks), list[_Block]()
    while waiting:
        done_rows = sum(len(b.rows) for b in ordered)
        done_columns = sum(len(b.columns) for b in ordered)
        for block in waiting:
            fits_rows = rows[done_rows : done_rows + len(block.rows)] == block.rows
            fits_columns = columns[done_columns : done_columns + len(block.columns)] == block.columns
            if fits_rows and fits_columns:
                break
        else:
            by_rows = sorted(blocks, key=lambda b: (rows.index(b.rows[0]) if b.rows else len(rows), b.columns))
            by_columns = sorted(blocks, key=lambda b: (columns.index(b.columns[0]) if b.columns else len(columns), b.rows))
            return [by_rows] if by_rows == by_columns else [by_rows, by_columns]
        waiting.remove(block)
        ordered.append(block)
    return [ordered]
