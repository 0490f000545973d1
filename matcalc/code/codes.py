"""Codes made of codes: equal ones are one object, and what needs no operation gets none (1 x, x + 0, (A^T)^T)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any, final

from matcalc.code.instructions import Code
from matcalc.errors import ShapeError
from matcalc.language.sizes import Shape, Size

PROMPT = ("number", "argument", "integer", "extent")  # what costs nothing to write again


def is_number(code: Code, value: int | None = None) -> bool:
    """Whether a code is a number, and that number."""
    return code.operation == "number" and (value is None or code.data == value)


def is_function(code: Code, name: str) -> bool:
    """Whether a code is that function of the namespace."""
    return code.operation == "function" and code.data[0] == name


def is_helper(code: Code, name: str) -> bool:
    return code.operation == "helper" and code.data == name


def looked_through(code: Code) -> Code:
    """The definition of a named code."""
    while code.operation == "named":
        (code,) = code.operands
    return code


def spread_shape(shapes: Iterable[Shape]) -> Shape:
    """The shape of arrays combined entry by entry, axes of size 1 being spread."""
    made: Shape = ()
    for shape in shapes:
        if not made or not shape:
            made = made or shape
            continue
        for a, b in zip(made, shape, strict=True):
            if a != b and a != 1 and b != 1:
                raise ShapeError(f"Arrays of shapes {made} and {shape} cannot be combined entry by entry.")
        made = tuple(b if a == 1 else a for a, b in zip(made, shape, strict=True))
    return made


@final
class Codes:
    """The codes of one program; ``size_names`` tells the identifier of each named size."""

    def __init__(self, size_names: Mapping[str, str]) -> None:
        self._size_names = size_names
        self.model: Code | None = None  # what new arrays are like
        self._made: dict[tuple[Any, ...], Code] = {}

    def make(self, operation: str, operands: tuple[Code, ...], data: Any, shape: Shape) -> Code:
        """The code of an operation; the same object for the same operation on the same codes."""
        key = (operation, tuple(map(id, operands)), data, shape)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Code(operation, operands, data, shape)
        return found

    # ---- leaves ------------------------------------------------------------------------------------------------------

    def number(self, value: int | Fraction) -> Code:
        return self.make("number", (), Fraction(value), ())

    def integer(self, value: int) -> Code:
        return self.make("integer", (), value, ())

    def argument(self, name: str, shape: Shape) -> Code:
        return self.make("argument", (), name, shape)

    def size(self, size: Size) -> Code:
        """A size as an int: a number, or arguments multiplied."""
        if isinstance(size, int):
            return self.integer(size)
        parts = [self.make("size", (), self._size_names[name], ()) for name in size.names]
        if size.coefficient != 1:
            parts.insert(0, self.integer(size.coefficient))
        return reduce(lambda a, b: self.make("multiply", (a, b), None, ()), parts)

    # ---- entry by entry ----------------------------------------------------------------------------------------------

    def binary(self, operation: str, left: Code, right: Code) -> Code:
        return self.make(operation, (left, right), None, spread_shape((left.shape, right.shape)))

    def add(self, left: Code, right: Code) -> Code:
        return self.binary("add", left, right)

    def subtract(self, left: Code, right: Code) -> Code:
        return self.binary("subtract", left, right)

    def multiply(self, left: Code, right: Code) -> Code:
        if is_number(left) and is_number(right):
            return self.number(left.data * right.data)
        if is_number(left, -1):
            return self.negate(right)
        return right if is_number(left, 1) else left if is_number(right, 1) else self.binary("multiply", left, right)

    def divide(self, left: Code, right: Code) -> Code:
        if is_number(left) and is_number(right) and right.data:
            return self.number(left.data / right.data)
        return left if is_number(right, 1) else self.binary("divide", left, right)

    def negate(self, code: Code) -> Code:
        if code.operation == "negate":
            return code.operands[0]
        return self.number(-code.data) if is_number(code) else self.make("negate", (code,), None, code.shape)

    def power(self, base: Code, exponent: Fraction) -> Code:
        """A positive power: small whole ones by products, a half by the root."""
        if exponent == 1:
            return base
        if exponent.denominator == 2 and exponent < 3:
            root, whole = self.function("sqrt", base), Fraction(int(exponent))
            return self.multiply(self.power(base, whole), root) if whole else root
        if exponent in (3, 4):
            square = self.power(base, Fraction(2))
            return self.multiply(square, base) if exponent == 3 else self.power(square, Fraction(2))
        plain = int(exponent) if exponent.denominator == 1 else float(exponent)
        return self.make("power", (base,), plain, base.shape)

    # ---- functions ---------------------------------------------------------------------------------------------------

    def function(self, name: str, *operands: Code, shape: Shape | None = None, **options: Any) -> Code:
        """A function of the namespace; of one array and of its shape where no other is told."""
        data = (name, tuple(options.items()))
        return self.make("function", self._arrays(operands), data, operands[0].shape if shape is None else shape)

    def helper(self, name: str, *operands: Code, shape: Shape | None = None) -> Code:
        return self.make("helper", self._arrays(operands), name, operands[0].shape if shape is None else shape)

    def _arrays(self, operands: tuple[Code, ...]) -> tuple[Code, ...]:
        """What a function is given: a plain number or size made an array without axes."""
        return tuple(
            self.make("function", (code,), ("asarray", ()), ()) if code.operation in ("number", "size") else code for code in operands
        )

    def item(self, code: Code, *key: Any, shape: Shape = ()) -> Code:
        return self.make("item", (code,), key, shape)

    def total(self, code: Code, axis: int | None = None) -> Code:
        """The sum of all entries, or along an axis that keeps its place."""
        if axis is None:
            while code.operation == "transpose" or (is_function(code, "sum") and code.shape):
                (code,) = code.operands
            return self.function("sum", code, shape=()) if code.shape else code
        if code.operation == "transpose":
            return self.transpose(self.total(code.operands[0], 1 - axis))
        rows, columns = code.shape
        return self.function("sum", code, shape=(1, columns) if axis == 0 else (rows, 1), axis=axis, keepdims=True)

    def made(self, name: str, shape: Shape, model: Code | None = None) -> Code:
        """Ones, zeros or eye of that shape, like the first array among the arguments."""
        model = self.model if model is None else model
        sizes = tuple(self.size(size) for size in (shape[:1] if name == "eye" else shape))
        return self.make("made", sizes if model is None else (*sizes, model), (name, model is not None), shape)

    # ---- matrices ----------------------------------------------------------------------------------------------------

    def transpose(self, code: Code) -> Code:
        if not code.shape or code.shape == (1, 1):
            return code
        if code.operation == "transpose":
            return code.operands[0]
        return self.make("transpose", (code,), None, code.shape[::-1])

    def matmul(self, left: Code, right: Code) -> Code:
        """The product; where that of the transposes is there already, its transpose."""
        shape = (left.shape[0], right.shape[1])
        factors = (self.transpose(right), self.transpose(left))
        if factors != (left, right) and (turned := self._made.get(("matmul", tuple(map(id, factors)), None, shape[::-1]))) is not None:
            return self.transpose(turned)
        return self.make("matmul", (left, right), None, shape)

    def reshape(self, code: Code, shape: Shape, rest: int | None = None) -> Code:
        """The entries read row by row into another shape; the axis ``rest`` is left to be found."""
        if code.shape == shape:
            return code
        if code.operation == "reshape" and code.operands[0].shape == shape:
            return code.operands[0]
        data = tuple(-1 if k == rest else size if isinstance(size, int) else None for k, size in enumerate(shape))
        sizes = tuple(self.size(size) for size, entry in zip(shape, data, strict=True) if entry is None)
        return self.make("reshape", (code, *sizes), data, shape)
