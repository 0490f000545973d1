"""The operations of a text on expressions: shapes checked at their place, every fault collected, sizes left out found."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import final

from matcalc.errors import MatcalcError, ShapeError
from matcalc.language import building, matrix_operations
from matcalc.language.elementwise import ElementwiseFunction, MapFunction, MatrixFunction
from matcalc.language.expressions import ApplyMap, Expr, Number
from matcalc.language.reading.scope import Head, OpenMap
from matcalc.language.reading.sizing import Sizing, is_unsure, stand_in
from matcalc.language.reading.source import Source, Span
from matcalc.language.reading.superscripts import MOST_EXPONENT
from matcalc.language.reading.vocabulary import MATRIX_FUNCTIONS, Operation
from matcalc.language.sizes import Dim, Shape, Size, ndim, rows_and_columns, shape_of, shape_text
from matcalc.language.traversal import postorder

MOST_FAULTS = 20
MOST_NAMES_OF_A_SIZE = 32


@final
class Operations:
    """Builds nodes for one text."""

    def __init__(self, source: Source, sizing: Sizing) -> None:
        self.source = source
        self.sizing = sizing
        self.powers_of_vectors = False  # whether a power of a vector is one entry by entry; of no other kind is there one
        self.faults: list[str] = []
        self.first_fault: Span | None = None
        self.maps: dict[str, MapFunction] = {}
        self.unapplied: dict[str, Span] = {}

    # ---- shapes ------------------------------------------------------------------------------------------------------

    def fault(self, span: Span, claim: str, way_out: str, *operands: Expr) -> None:
        """Note a fault of shapes, unless an operand has one already; all are raised together."""
        if any(is_unsure(node) for node in postorder(operands)):
            return
        self.faults.append(self.source.message(span, claim, way_out))
        self.first_fault = self.first_fault or span
        if len(self.faults) == MOST_FAULTS:
            self.raise_faults()

    def bounded(self, value: Expr, span: Span) -> Expr:
        """The value, if its sizes are products of not too many."""
        if any(isinstance(entry, Dim) and len(entry.names) > MOST_NAMES_OF_A_SIZE for entry in value.shape):
            raise self.source.unsupported(span, f"A size that is a product of more than {MOST_NAMES_OF_A_SIZE} sizes is not read.")
        return value

    def made(self, span: Span, make: Callable[[], Expr]) -> Expr:
        """What a constructor makes; its error is shown at its place."""
        try:
            return make()
        except MatcalcError as error:
            raise self.source.at(span, error) from None

    def _described(self, value: Expr, span: Span) -> str:
        return f"{self.source.piece(span)} is {self.sizing.shown(value.shape)}"

    def _misfit(self, left: Expr, ls: Span, right: Expr, rs: Span, differing: list[tuple[Size, Size]], way_out: str) -> None:
        whole = ls.to(rs)
        sizes = ", ".join(f"{self.sizing.known(a)} and {self.sizing.known(b)} differ" for a, b in differing)
        claim = f"{self.source.piece(whole)} does not conform: {self._described(left, ls)}, {self._described(right, rs)}; {sizes}."
        self.fault(whole, claim, way_out, left, right)

    # ---- two operands ------------------------------------------------------------------------------------------------

    def entrywise(self, make: Callable[[Expr, Expr], Expr], left: Expr, ls: Span, right: Expr, rs: Span) -> Expr:
        """A sum, difference, product or quotient entry by entry; a scalar is spread."""
        if not left.shape or not right.shape or left.shape == right.shape:
            return make(left, right)
        pairs = list(zip(rows_and_columns(left.shape), rows_and_columns(right.shape), strict=True))
        differing = [(a, b) for a, b in pairs if not self.sizing.fit(a, b)]
        if differing:
            way_out = "Both sides need one shape; only a scalar is spread over an array."
            if rows_and_columns(left.shape) == rows_and_columns(right.shape)[::-1]:
                way_out = rf"One is the transpose of the other: write ^\top at one of them. {way_out}"
            self._misfit(left, ls, right, rs, differing, way_out)
        return stand_in(left.shape, sure=not differing)

    def product(self, left: Expr, ls: Span, right: Expr, rs: Span) -> Expr:
        """Juxtaposition: scaling if one side is a scalar, else the matrix product."""
        if not left.shape or not right.shape:
            return building.times(left, right)
        (rows, inner), (found, columns) = rows_and_columns(left.shape), rows_and_columns(right.shape)
        if inner == found:
            return building.matmul(left, right)
        fits = self.sizing.fit(inner, found)
        if not fits:
            self._misfit(left, ls, right, rs, [(inner, found)], self._way_out_of_product(left, ls, right, rs))
        return stand_in(shape_of(rows, columns), sure=fits)

    def _way_out_of_product(self, left: Expr, ls: Span, right: Expr, rs: Span) -> str:
        first, second = self.source.piece(ls), self.source.piece(rs)
        (rows, inner), (found, columns) = rows_and_columns(left.shape), rows_and_columns(right.shape)
        if len(left.shape) == 1 and left.shape == right.shape:
            inner_product, outer_product = rf"({first})^\top {second}", rf"{first} ({second})^\top"
            return rf"For the inner product write {inner_product}, for the outer product {outer_product}, entry by entry \odot."
        if len(left.shape) == 1 and columns == 1:
            return rf"Two columns have no product; the outer product is {first} ({second})^\top."
        if rows == found:
            return rf"If the rows of {first} were meant, write ({first})^\top {second}; else declare sizes that agree."
        if inner == columns:
            return rf"If {second} transposed was meant, write {first} ({second})^\top; else declare sizes that agree."
        if rows == columns:
            return f"In the other order they fit: {second} {first}."
        return f"{second} needs rows of size {inner}, or {first} columns of size {found}."

    def dot(self, left: Expr, ls: Span, right: Expr, rs: Span) -> Expr:
        """``\\cdot``: the inner product of two columns, else a product."""
        if len(left.shape) == len(right.shape) == 1:
            return self.product(left.T, ls, right, rs)
        return self.product(left, ls, right, rs)

    def quotient(self, left: Expr, ls: Span, right: Expr, rs: Span) -> Expr:
        """A fraction, or ``/``: division by a scalar, or entry by entry by a column where that may be read."""
        if isinstance(right, Number) and not right.value:
            raise self.source.unreadable(ls.to(rs), "A division by zero.", "Write another number below the line.")
        if self.powers_of_vectors and len(right.shape) == 1 and left.shape in ((), right.shape):
            return building.divide(left, right)
        if right.shape:
            claim = f"A division by an array: {self._described(right, rs)}."
            self.fault(ls.to(rs), claim, r"Entry by entry write \oslash; for an inverse write ^{-1}.", left, right)
            return stand_in(left.shape or right.shape, sure=False)
        return building.divide(left, right)

    # ---- one operand -------------------------------------------------------------------------------------------------

    def square(self, value: Expr, span: Span, what: str, way_out: str, whole: Span) -> bool:
        """Whether the value at ``span`` is a square matrix, which ``whole`` needs; a fault is noted if not."""
        rows, columns = rows_and_columns(value.shape)
        if self.sizing.fit(rows, columns):
            return True
        rows, columns = self.sizing.known(rows), self.sizing.known(columns)
        claim = f"{what} needs a square matrix: {self._described(value, span)}; {rows} and {columns} differ."
        self.fault(whole, claim, way_out or "Declare it square, or take another operation.", value)
        return False

    def _of_square(self, value: Expr, span: Span, what: str, way_out: str, whole: Span, make: Callable[[], Expr], shape: Shape) -> Expr:
        rows, columns = rows_and_columns(value.shape)
        fits = self.square(value, span, what, way_out, whole)
        return make() if fits and rows == columns else stand_in(shape, sure=fits)

    def inverse(self, value: Expr, span: Span, whole: Span) -> Expr:
        """X^{-1}, of a scalar its reciprocal."""
        if not value.shape:
            return building.power(value, -1)
        way_out = r"Entry by entry write ^{\odot -1}."
        return self._of_square(value, span, "An inverse", way_out, whole, lambda: building.inv(value), value.shape)

    def general_power(self, value: Expr, exponent: Expr, span: Span, whole: Span) -> Expr:
        """A power whose exponent is no number: of a square matrix."""
        if ndim(value.shape) != 2:
            way_out = r"Only numbers are read as exponents of scalars and vectors; write \exp(p \ln(x))."
            raise self.source.unsupported(whole, f"The exponent of {self.source.piece(span)} is not a number.", way_out)
        if exponent.shape:
            raise self.source.unreadable(whole, "An exponent is a scalar.", "Write a number or a scalar.")
        make = lambda: matrix_operations.matrix_power(value, exponent)  # noqa: E731
        return self._of_square(value, span, "A power", "Declare it square.", whole, make, value.shape)

    def pseudo_inverse(self, value: Expr, span: Span) -> Expr:
        """X^+."""
        return self.made(span, lambda: matrix_operations.pinv(value))

    def power(self, value: Expr, exponent: Fraction, span: Span, whole: Span, *, entrywise: bool) -> Expr:
        """A power: of a scalar, entry by entry, or a repeated matrix product."""
        if abs(exponent.numerator) > MOST_EXPONENT or exponent.denominator > MOST_EXPONENT:
            raise self.source.unreadable(whole, f"An exponent beyond {MOST_EXPONENT:,} is not read.", "Write a smaller one.")
        if entrywise or not value.shape or (self.powers_of_vectors and ndim(value.shape) == 1):
            return building.power(value, exponent)
        if exponent == -1:
            return self.inverse(value, span, whole)
        way_out = rf"Entry by entry write ^{{\odot {exponent}}}."
        if ndim(value.shape) == 2 and exponent.denominator != 1:
            raise self.source.unsupported(whole, f"The power {exponent} of a matrix is not read.", way_out)
        make = lambda: matrix_operations.matrix_power(value, exponent)  # noqa: E731
        return self._of_square(value, span, f"The power {exponent}", way_out, whole, make, value.shape)

    def root(self, value: Expr, span: Span) -> Expr:
        """The square root of a scalar or of each entry of a vector; that of a matrix reads in two ways."""
        if ndim(value.shape) == 2:
            way_out = r"Entry by entry write \operatorname{sqrt}(X)."
            raise self.source.unreadable(span, "The root of a matrix: entry by entry, or the matrix whose square it is?", way_out)
        return building.known_elementwise("sqrt")(value)

    def bars(self, value: Expr, span: Span) -> Expr:
        """|x|: the absolute value of a scalar, the determinant of a square matrix."""
        if not value.shape:
            return building.known_elementwise("abs")(value)
        if ndim(value.shape) == 2 and rows_and_columns(value.shape)[0] == rows_and_columns(value.shape)[1]:
            return building.det(value)
        way_out = r"For the length of a vector write \|x\|_2, entry by entry \operatorname{abs}(x)."
        return self._of_square(value, span, "A determinant", way_out, span, lambda: building.det(value), ())

    def norm(self, value: Expr, which: str, span: Span) -> Expr:
        """A norm with its subscript, empty where there is none."""
        axes = ndim(value.shape)
        if which not in ("", "1", "2", "F", "rmF"):
            raise self.source.unsupported(span, f"The norm with the subscript {which} is not read.", r"Write \|x\|_2 or \|X\|_F.")
        if axes == 2 and which == "":
            raise self.source.unreadable(span, "The norm of a matrix needs its name.", r"Write \|X\|_F for the Frobenius norm.")
        if axes == 2 and which == "2":
            raise self.source.unsupported(span, "The spectral norm is not read.", r"Write \|X\|_F for the Frobenius norm.")
        return building.sum(building.known_elementwise("abs")(value)) if which == "1" else building.norm(value)

    def exponential(self, value: Expr, span: Span) -> Expr:
        """e^{x} of a scalar or vector."""
        if ndim(value.shape) == 2:
            return self._matrix_function(MATRIX_FUNCTIONS["expm"], value, span, span)
        return building.known_elementwise("exp")(value)

    # ---- functions ---------------------------------------------------------------------------------------------------

    def applied(self, head: Head, arguments: list[tuple[Expr, Span]], head_span: Span, span: Span) -> Expr:
        """A function or operation at its arguments."""
        name = self.source.piece(head_span)
        values = [value for value, _ in arguments]
        match head:
            case MapFunction():
                return self._map(head, values, span)
            case OpenMap():
                shapes = tuple(self.sizing.shape(value.shape) for value in values)
                made = self.maps.setdefault(head.name, MapFunction(head.name, head.shape, shapes))
                value = self._map(made, values, span)
                if isinstance(value, ApplyMap):
                    self.sizing.apply(head.name, value)
                return value
        if len(values) != 1:
            raise self.source.unreadable(span, f"{name} takes one argument, {len(values)} were given.", "Write one.")
        argument, place = arguments[0]
        match head:
            case MatrixFunction():
                return self._matrix_function(head, argument, place, span)
            case ElementwiseFunction():
                return building.apply(head, argument)
            case Operation():
                return self._operation(head, argument, place, span)

    def without_argument(self, function: OpenMap, span: Span) -> Expr:
        """A map without its argument: its value where the text applies it."""
        value = self.sizing.applications.get(function.name)
        if value is None:
            self.unapplied.setdefault(function.name, span)
            return stand_in(function.shape)
        return value

    def _matrix_function(self, function: MatrixFunction, value: Expr, span: Span, whole: Span) -> Expr:
        way_out = "Entry by entry write \\exp(X), \\sin(X), or declare the function as elementwise."
        return self._of_square(value, span, f"The matrix function {function.name}", way_out, whole, lambda: function(value), value.shape)

    def _operation(self, operation: Operation, value: Expr, span: Span, whole: Span) -> Expr:
        square = "A diagonal" if operation.name == "diag" and ndim(value.shape) == 2 else operation.square
        if not square:
            return self.bounded(self.made(whole, lambda: operation.made(value)), whole)
        column: Shape = value.shape[:1]
        shape = value.shape if operation.name == "inv" else column if operation.name == "diag" else ()
        return self._of_square(value, span, square, "", whole, lambda: operation.made(value), shape)

    def _map(self, function: MapFunction, values: list[Expr], span: Span) -> Expr:
        if len(values) != len(function.argument_shapes):
            raise self.source.unreadable(
                span, f"{function.name} takes {len(function.argument_shapes)} arguments, {len(values)} were given.", "Write as many."
            )
        fits = True
        for value, shape in zip(values, function.argument_shapes, strict=True):
            pairs = zip(rows_and_columns(value.shape), rows_and_columns(shape), strict=True)
            differing = [(a, b) for a, b in pairs if not self.sizing.fit(a, b)]
            if differing:
                sizes = ", ".join(f"{a} and {b} differ" for a, b in differing)
                claim = f"{function.name} takes {shape_text(shape)}, its argument is {shape_text(self.sizing.shape(value.shape))}; {sizes}."
                self.fault(span, claim, "A map has one shape of each argument.", value)
            fits = fits and value.shape == shape
        return building.apply_map(function, tuple(values)) if fits else stand_in(function.shape)

    def raise_faults(self) -> None:
        """Raise every fault that was noted."""
        if self.faults:
            error = ShapeError(*self.faults)
            raise error if self.first_fault is None else self.source.placed(error, self.first_fault)
