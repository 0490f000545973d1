"""An index form written as a matrix expression, by a walk from the row end.

The two layouts are two calls with rows and columns exchanged: each reduces the index network anew and reads it from its own end;
neither is made by transposing the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import final

from matcalc.errors import NoMatrixFormError
from matcalc.index.form import Atom, AtomKind, Factor, Form, PowerOf, Rational, Term, nested_forms
from matcalc.language.building import det, diag, divide, identity, inv, logdet, norm, softmax, zeros
from matcalc.language.building import sum as total
from matcalc.language.elementwise import MapFunction, known_function
from matcalc.language.expressions import ApplyMap, Expr, MapDerivative, Number, SizeNumber
from matcalc.language.matrix_operations import pinv
from matcalc.language.sizes import Shape, Size, ndim, rows_and_columns
from matcalc.layout.along_diagonals import summed_diagonals
from matcalc.layout.conventions import Layout, Style, derivative_shape
from matcalc.layout.map_derivatives import closed_derivatives, is_wide
from matcalc.layout.network import Edge, Label, Network
from matcalc.layout.pieces import Piece, merged, written_sum
from matcalc.layout.range_sums import add_power, gathered, numbers_first, power_string, ranges_of
from matcalc.layout.strings import Power, String, assembled, flipped, item, kept_together, own_transpose


@final
class Writer:
    """Lays forms out in one layout and style; parts that occur twice are laid out once."""

    def __init__(self, layout: Layout, style: Style) -> None:
        self.layout = layout
        self.style = style
        self._made: dict[tuple[bytes, int, int], Expr] = {}

    def expression(self, form: Form, rows: tuple[int, ...], columns: tuple[int, ...]) -> Expr:
        """The form as a matrix expression, its rows and columns given by at most one axis each.

        Raises:
            NoMatrixFormError: no string of matrices writes it.
        """
        for inner in nested_forms([form]):
            if inner is not form and len(inner.axes) <= 2:
                count = len(inner.axes)
                self._oriented(inner, 0 if count else -1, 1 if count == 2 else -1)
        return self._oriented(form, rows[0] if rows else -1, columns[0] if columns else -1)

    def _oriented(self, form: Form, row: int, column: int) -> Expr:
        key = (form.key, row, column)
        if key not in self._made:
            self._made[key] = self._sum(form, row, column)
        return self._made[key]

    def inner(self, form: Form, rows: Sequence[int], columns: Sequence[int]) -> Expr:
        """A form inside an atom, laid out; more than one index to an axis has no matrix form here."""
        if len(rows) > 1 or len(columns) > 1:
            raise NoMatrixFormError(
                f"An axis made of {max(len(rows), len(columns))} indices (by vec or a Kronecker product) stands inside a function or an "
                "inverse here; no string of matrices writes it. Take .tensor or .index_form."
            )
        return self._oriented(form, rows[0] if rows else -1, columns[0] if columns else -1)

    # ---- sums --------------------------------------------------------------------------------------------------------

    def _sum(self, form: Form, row: int, column: int) -> Expr:
        sizes = [form.axes[axis] if axis >= 0 else 1 for axis in (row, column)]
        if not form.terms:
            return Number(Fraction(0)) if sizes == [1, 1] else zeros(*sizes)
        pieces = [self._piece(term, form.axes, row, column) for term in form.terms]
        return written_sum(merged(gathered(pieces, sizes)), sizes)

    def _piece(self, term: Term, axes: tuple[Size, ...], row: int, column: int) -> Piece:
        network, deltas = self.network(term, axes)
        network.reduce()
        network.require_reduced()
        return Piece(term.coefficient, tuple(network.scalars), _string(network, deltas, row, column), network.ranges)

    def network(self, term: Term, axes: tuple[Size, ...]) -> tuple[Network, list[tuple[int, int]]]:
        """The index network of a term, its factors laid out, and its deltas between free indices."""
        sizes = dict(enumerate(axes + term.bound))
        network = Network(frozenset(range(len(axes))), sizes, self.style, self.layout is Layout.NUMERATOR)
        deltas: list[tuple[int, int]] = []
        factors, closed = closed_derivatives(self, term, axes) if any(map(is_wide, term.factors)) else (term.factors, ())
        for indices, derivative in closed:
            label = Label(item(derivative, transposed=_is_turned((), derivative.by.shape, self.layout)))
            if len(indices) == 1:
                network.add_label(indices[0], label)
            else:
                network.add_edge(Edge(indices[0], indices[1], (label,)))
        apart = {*range(len(axes)), *(index for indices, _ in closed for index in indices)}
        factors, sums = summed_diagonals(self, list(factors), axes + term.bound, apart)
        for indices, matrix in sums:
            network.add_edge(Edge(indices[0], indices[1], (Label(item(matrix)),)))
        ranges = ranges_of(term, factors)
        network.ranges = tuple(ranges.values())
        for factor in numbers_first(factors):
            atom, indices, exponent = factor
            if atom.kind is AtomKind.MATRIX_POWER:
                add_power(self.inner, network, factor, ranges)
            elif atom.kind is AtomKind.DELTA:
                deltas.append((indices[0], indices[1]))
            elif not indices:
                network.scalars.append(self._scalar(atom, exponent))
            elif len(indices) == 1:
                network.add_label(indices[0], Label(ATOMS[atom.kind](self, atom), exponent))
            elif len(indices) == 2:
                string = ATOMS[atom.kind](self, atom)
                string = own_transpose(string) if atom.symmetric else string
                network.add_edge(Edge(indices[0], indices[1], (Label(string, exponent),)))
            else:
                raise NoMatrixFormError(_too_many_axes(factor))
        return network, deltas

    def atom(self, atom: Atom) -> Expr:
        """An atom by itself, laid out."""
        return assembled(ATOMS[atom.kind](self, atom))

    def map_value(self, function: MapFunction, forms: Sequence[Form]) -> ApplyMap:
        """An unknown map at its arguments."""
        return ApplyMap(function, _arguments(self, function, forms), function.shape)

    def _scalar(self, atom: Atom, exponent: Rational) -> Power:
        """A scalar atom to a power; the root of a sum of squares is a norm."""
        if atom.kind is AtomKind.BRACKET and isinstance(exponent, Fraction) and exponent.denominator == 2:
            terms = atom.payload[0].terms
            if len(terms) == 1 and terms[0].coefficient == 1 and len(terms[0].factors) == 1:
                inner, indices, power = terms[0].factors[0]
                if power == 2 and len(set(indices)) == len(indices) and len(indices) in (1, 2):
                    return norm(assembled(ATOMS[inner.kind](self, inner))), exponent * 2
        return assembled(ATOMS[atom.kind](self, atom)), exponent


def _too_many_axes(factor: Factor) -> str:
    atom, indices, _ = factor
    name = {AtomKind.MAP: "a derivative of an unknown map", AtomKind.VARIABLE: "a named array"}.get(atom.kind, f"a {atom.kind.value}")
    if atom.kind is AtomKind.FRECHET:
        return (
            f"No string of matrices writes this: the derivative of a {_function_words(atom)} along a matrix that is not shown to commute "
            "with its argument stands in it. Where it does, write the argument without a name between; else take .tensor or .index_form, "
            "which exist always."
        )
    return (
        f"No string of matrices writes this: {name} with {len(indices)} axes stands in it. "
        "The derivative exists: take .tensor or .index_form, or .vec_form."
    )


def _string(network: Network, deltas: Sequence[tuple[int, int]], row: int, column: int) -> String:
    """What is left between the row end and the column end, read from the row end."""
    touched = network.edges
    if row < 0 or column < 0:
        end = max(row, column)
        if end < 0 or end not in touched:
            return ()
        vector = network.vector(end)
        return vector if column < 0 else flipped(vector)
    if deltas:
        end = min(row, column)
        return item(diag(assembled(network.entrywise_vector(end))) if end in touched else identity(network.sizes[end]))
    if row not in touched and column not in touched:
        return ()
    for end in (row, column):
        network.meet(end)
    edge = network.edge_between(row, column)
    if edge is not None:
        return network.between(row) + edge.read_from(row, network.as_rows) + network.between(column)
    return network.vector(row) + flipped(network.vector(column))


# ---- atoms -----------------------------------------------------------------------------------------------------------


def _variable(writer: Writer, atom: Atom) -> String:
    (node,) = atom.payload
    axes = [entry for entry in rows_and_columns(node.shape) if entry != 1]
    if len(axes) != len(atom.sizes):
        raise NoMatrixFormError(
            f"{node!r} is a name for stacked columns (vec) or a Kronecker product, and here its matrix would be needed. "
            "Write it without a name, or take .tensor."
        )
    return item(node, transposed=len(node.shape) == 2 and node.shape[0] == 1)


def _size(writer: Writer, atom: Atom) -> String:
    return item(SizeNumber(atom.payload[0]))


def _inside(writer: Writer, atom: Atom) -> Expr:
    form = atom.payload[0]
    if len(form.axes) > 2:
        raise NoMatrixFormError(
            f"A sum or function of an array with {len(form.axes)} axes (a Kronecker product) has no matrix form here. Take .tensor."
        )
    return writer.inner(form, (0,) if form.axes else (), (1,) if len(form.axes) == 2 else ())


def _function(writer: Writer, atom: Atom) -> String:
    form, function = atom.payload
    if function.name == "log" and function.known and not function.order:
        inside = _single_determinant(form)
        if inside is not None:
            return item(logdet(_determined(writer, inside)))
    return item(function(_inside(writer, atom)))


def _single_determinant(form: Form) -> Atom | None:
    if len(form.terms) != 1 or form.terms[0].coefficient != 1 or len(form.terms[0].factors) != 1:
        return None
    atom, _, exponent = form.terms[0].factors[0]
    return atom if atom.kind is AtomKind.DETERMINANT and exponent == 1 else None


def _bracket(writer: Writer, atom: Atom) -> String:
    """A sum, or a product that was kept together because it stands in several places."""
    inside = _inside(writer, atom)
    return item(inside) if len(atom.payload[0].terms) > 1 else kept_together(inside)


def _determined(writer: Writer, atom: Atom) -> Expr:
    form, rows = atom.payload[:2]
    return writer.inner(form, range(rows), range(rows, len(form.axes)))


def _inverse(writer: Writer, atom: Atom) -> String:
    string = item(_determined(writer, atom))
    if len(string) == 1 and string[0][1]:
        return item(inv(string[0][0]), transposed=True)
    return item(inv(assembled(string)))


def _determinant(writer: Writer, atom: Atom) -> String:
    return item(det(_determined(writer, atom)))


def _softmax(writer: Writer, atom: Atom) -> String:
    form, along = atom.payload
    inside = _inside(writer, atom)
    if len(along) > 1:  # over all entries of a matrix, as vec makes it
        powers = known_function("exp")(inside)
        return item(divide(powers, total(powers)))
    axis = None if len(form.axes) < 2 else "rows" if along == (1,) else "columns"
    return item(softmax(inside, axis=axis))


def _map(writer: Writer, atom: Atom) -> String:
    function, forms, wrt = atom.payload
    if not wrt:
        return item(writer.map_value(function, forms), transposed=len(function.shape) == 2 and function.shape[0] == 1)
    arguments = _arguments(writer, function, forms)
    arrays = [shape for shape in (function.argument_shapes[k] for k in wrt) if ndim(shape)]
    if len(arrays) > 1:  # the Hessian of a scalar: rows by the first, columns by the second
        return item(MapDerivative(function, arguments, wrt, writer.layout.value, atom.sizes))
    by = arrays[0] if arrays else ()
    node = MapDerivative(function, arguments, wrt, writer.layout.value, derivative_shape(function.shape, by, writer.layout))
    return item(node, transposed=_is_turned(function.shape, by, writer.layout))


def _is_turned(of: Shape, by: Shape, layout: Layout) -> bool:
    """Whether the matrix of a map's derivative has its second axis along the rows, or is a row where it has one axis."""
    of_count, by_count = ndim(of), ndim(by)
    if by_count == 0:
        row = len(of) == 2 and of_count == 1
        return (layout is Layout.DENOMINATOR) != row if of_count == 1 else layout is Layout.DENOMINATOR
    if of_count == 0:
        return layout is Layout.NUMERATOR
    return layout is Layout.DENOMINATOR


def _arguments(writer: Writer, function: MapFunction, forms: Sequence[Form]) -> tuple[Expr, ...]:
    return tuple(_argument(writer, form, shape) for form, shape in zip(forms, function.argument_shapes, strict=True))


def _argument(writer: Writer, form: Form, shape: Shape) -> Expr:
    if len(shape) == 2 and shape[0] == 1:
        return writer.inner(form, (), (0,))
    return writer.inner(form, (0,) if shape else (), (1,) if len(shape) == 2 else ())


def _pseudo_inverse(writer: Writer, atom: Atom) -> String:
    """Of a transpose it is the transpose; that of a column is a row."""
    form, rows = atom.payload
    string = item(_determined(writer, atom))
    if len(form.axes) == 1:
        return item(pinv(assembled(string)), transposed=rows == 1)
    if len(string) == 1 and string[0][1]:
        return item(pinv(string[0][0]), transposed=True)
    return item(pinv(assembled(string)))


def _matrix_power(writer: Writer, atom: Atom) -> String:
    return power_string(_determined(writer, atom), atom.payload[2])


def _matrix_function(writer: Writer, atom: Atom) -> String:
    return item(atom.payload[2](_determined(writer, atom)))


def _frechet(writer: Writer, atom: Atom) -> String:
    raise NoMatrixFormError(_too_many_axes((atom, (), 1)))


def _function_words(atom: Atom) -> str:
    return "power of a matrix" if isinstance(atom.payload[2], PowerOf) else "function of a matrix"


def _delta(writer: Writer, atom: Atom) -> String:
    return item(identity(atom.sizes[0]))


def _diagonals(writer: Writer, atom: Atom) -> String:
    raise NoMatrixFormError("Sums along the diagonals of an array that is no matrix have no matrix form. Take .tensor or .index_form.")


ATOMS: Mapping[AtomKind, Callable[[Writer, Atom], String]] = MappingProxyType(
    {
        AtomKind.VARIABLE: _variable, AtomKind.SIZE: _size, AtomKind.DELTA: _delta, AtomKind.DIAGONALS: _diagonals,
        AtomKind.FUNCTION: _function,
        AtomKind.BRACKET: _bracket, AtomKind.INVERSE: _inverse, AtomKind.DETERMINANT: _determinant,
        AtomKind.SOFTMAX: _softmax, AtomKind.MAP: _map, AtomKind.PSEUDO_INVERSE: _pseudo_inverse,
        AtomKind.MATRIX_POWER: _matrix_power, AtomKind.MATRIX_FUNCTION: _matrix_function, AtomKind.FRECHET: _frechet,
    }
)  # fmt: skip
