"""Data over a finite field of which something is assumed: the algebra of a property holds, whatever real numbers make of it.

Squares play the positive numbers (see `matcalc.exact.field`). What takes finitely many values, as a one-hot vector, runs through all of
them, one configuration after another, where these are few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from types import MappingProxyType
from typing import TypeAlias

from matcalc.errors import EvaluationError
from matcalc.exact.field import Matrix, inverse, product, reciprocal, transposed
from matcalc.language.assumed import properties_of
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.sizes import Shape
from matcalc.language.traversal import postorder, with_definition

Entry: TypeAlias = Callable[[int, int], int]
Extents: TypeAlias = Callable[[Shape], tuple[int, int]]
MOST_CONFIGURATIONS = 64
FINITE = ("one-hot", "rows one-hot", "columns one-hot", "in {0,1}", "in {-1,1}")


# ---- finitely many values --------------------------------------------------------------------------------------------


def _finite_kind(symbol: Symbol) -> str | None:
    properties = properties_of(symbol) if symbol.assumed else frozenset()
    return next((kind for kind in FINITE if kind in properties), None)


def _count(kind: str, rows: int, columns: int) -> int:
    match kind:
        case "one-hot":
            return rows * columns
        case "rows one-hot":
            return int(columns**rows)
        case "columns one-hot":
            return int(rows**columns)
        case _:
            return int(2 ** (rows * columns))


def _finite_symbols(roots: Iterable[Expr], extents: Extents) -> dict[str, int]:
    """How many values each symbol takes that takes finitely many."""
    symbols = dict.fromkeys(n for n in postorder(roots, with_definition) if isinstance(n, Symbol) and n.assumed)
    kinds = {symbol: kind for symbol in symbols if (kind := _finite_kind(symbol)) is not None}
    return {symbol.name: _count(kind, *extents(symbol.shape)) for symbol, kind in kinds.items()}


def configurations(roots: Iterable[Expr], extents: Extents) -> int:
    """How many values the symbols that take finitely many take together."""
    return prod(_finite_symbols(roots, extents).values())


def chosen_values(roots: Iterable[Expr], extents: Extents, number: int) -> dict[str, int]:
    """Which of its values each of these symbols has in the configuration of that number."""
    found: dict[str, int] = {}
    for name, count in _finite_symbols(roots, extents).items():
        number, found[name] = divmod(number, count)
    return found


def _finite(kind: str, which: int, rows: int, columns: int, p: int) -> Matrix:
    match kind:
        case "one-hot":
            return [[int(which == i * columns + j) for j in range(columns)] for i in range(rows)]
        case "rows one-hot":
            return [[int(which // columns**i % columns == j) for j in range(columns)] for i in range(rows)]
        case "columns one-hot":
            return [[int(which // rows**j % rows == i) for j in range(columns)] for i in range(rows)]
        case _:
            bits = [[which >> (i * columns + j) & 1 for j in range(columns)] for i in range(rows)]
            return bits if kind == "in {0,1}" else [[(2 * bit - 1) % p for bit in row] for row in bits]


# ---- algebra ---------------------------------------------------------------------------------------------------------


def _gram(matrix: Matrix, p: int) -> Matrix:
    return product(matrix, transposed(matrix), p)


def _square(matrix: Matrix, p: int) -> Matrix:
    return product(matrix, matrix, p)


def _cayley(rows: int, columns: int, entry: Entry, p: int) -> Matrix:
    """(I - S)(I + S)^-1 of a skew S is orthogonal; its first columns, of a wide one the first rows."""
    size = max(rows, columns)
    skew = [[0 if i == j else entry(i, j) if i > j else -entry(j, i) for j in range(size)] for i in range(size)]
    minus = [[(int(i == j) - v) % p for j, v in enumerate(row)] for i, row in enumerate(skew)]
    plus = [[(int(i == j) + v) % p for j, v in enumerate(row)] for i, row in enumerate(skew)]
    whole = product(minus, inverse(plus, p), p)
    return [row[:columns] for row in whole[:rows]]


def _scaled_to_one(vector: list[int], p: int) -> list[int]:
    """The last entry makes the sum one."""
    return [*vector[:-1], (1 - sum(vector[:-1])) % p]


def _squares_to_one(vector: list[int], p: int) -> list[int]:
    """The squares of the entries of a vector of length one: the point of the unit sphere that a line through its pole leads to."""
    *slopes, _ = vector
    total = sum(v * v for v in slopes) % p
    scale = reciprocal((1 + total) % p, p)
    point = [*(2 * v * scale % p for v in slopes), (1 - total) * scale % p]
    return [v * v % p for v in point]


def _of_rows(made: Callable[[list[int], int], list[int]]) -> Callable[[Matrix, int], Matrix]:
    return lambda matrix, p: [made(row, p) for row in matrix]


def _of_columns(made: Callable[[list[int], int], list[int]]) -> Callable[[Matrix, int], Matrix]:
    return lambda matrix, p: transposed([made(row, p) for row in transposed(matrix)])


def _of_all(made: Callable[[list[int], int], list[int]]) -> Callable[[Matrix, int], Matrix]:
    def whole(matrix: Matrix, p: int) -> Matrix:
        flat, columns = made([v for row in matrix for v in row], p), len(matrix[0])
        return [flat[k : k + columns] for k in range(0, len(flat), columns)]

    return whole


# Which entry stands at a place, for matrices some of whose entries are the same.
PLACES: Mapping[str, Callable[[int, int], tuple[int, int]]] = MappingProxyType(
    {
        "symmetric toeplitz": lambda i, j: (abs(i - j), 0),
        "toeplitz": lambda i, j: (i - j, 0) if i >= j else (0, j - i),
        "symmetric": lambda i, j: (max(i, j), min(i, j)),
        "skew-symmetric": lambda i, j: (max(i, j), min(i, j)),
    }
)
ZERO: Mapping[str, Callable[[int, int], bool]] = MappingProxyType(
    {
        "diagonal": lambda i, j: i != j,
        "lower triangular": lambda i, j: i < j,
        "upper triangular": lambda i, j: i > j,
        "skew-symmetric": lambda i, j: i == j,
    }
)
WHOLE: Mapping[str, Callable[[Matrix, int], Matrix]] = MappingProxyType(
    {
        "positive semidefinite": _gram,
        "det > 0": _square,
        "sums to one": _of_all(_scaled_to_one),
        "rows sum to one": _of_rows(_scaled_to_one),
        "columns sum to one": _of_columns(_scaled_to_one),
    }
)
# The same where the entries are positive too, so that they are squares.
SHARES: Mapping[str, Callable[[Matrix, int], Matrix]] = MappingProxyType(
    {
        "sums to one": _of_all(_squares_to_one),
        "rows sum to one": _of_rows(_squares_to_one),
        "columns sum to one": _of_columns(_squares_to_one),
    }
)
# Degrees of the entries in the unknowns that they are made of: of the numerators, and of the common denominator.
DEGREES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"positive semidefinite": (2, 0), "det > 0": (2, 0), "positive": (2, 0), "nonnegative": (2, 0), "negative": (2, 0)}
)


def assumed_matrix(symbol: Symbol, rows: int, columns: int, entry: Entry, p: int, which: Mapping[str, int]) -> Matrix:
    """The value of a symbol of which something is assumed: of finitely many the one told, else made of random elements."""
    kind = _finite_kind(symbol)
    if kind is not None:
        return _checked(symbol, _finite(kind, which[symbol.name], rows, columns, p), p)
    properties = properties_of(symbol)
    if "orthogonal" in properties:
        return _checked(symbol, _cayley(rows, columns, entry, p), p)
    places = [rule for name, rule in PLACES.items() if name in properties][:1] or [lambda i, j: (i, j)]
    zero = [rule for name, rule in ZERO.items() if name in properties]
    positive = bool(properties & {"positive", "nonnegative"})
    shared = positive and bool(SHARES.keys() & properties)
    power = 2 if (positive and not shared) or "negative" in properties else 1

    def value(i: int, j: int) -> int:
        if any(rule(i, j) for rule in zero):
            return 0
        drawn = pow(entry(*places[0](i, j)), power, p)
        turned = "negative" in properties or ("skew-symmetric" in properties and i < j)
        return -drawn % p if turned else drawn

    matrix = [[value(i, j) for j in range(columns)] for i in range(rows)]
    for name, made in {**WHOLE, **(SHARES if shared else {})}.items():
        if name in properties:
            matrix = made(matrix, p)
    return _checked(symbol, matrix, p)


def _checked(symbol: Symbol, matrix: Matrix, p: int) -> Matrix:
    """The value, if the entries that are assumed to be the same are, and those that are assumed to be zero.

    Raises:
        EvaluationError: of two things that are assumed, as symmetric and orthogonal, the one that was made later undid the other.
    """
    properties = properties_of(symbol)
    zero = [rule for name, rule in ZERO.items() if name in properties]
    places = [(rule, -1 if name == "skew-symmetric" else 1) for name, rule in PLACES.items() if name in properties]
    for i, row in enumerate(matrix):
        for j, found in enumerate(row):
            vanishes = any(rule(i, j) for rule in zero)
            same = all((sign if i < j else 1) * matrix[k][h] % p == found % p for rule, sign in places for k, h in [rule(i, j)])
            if not same or (vanishes and found % p):
                raise EvaluationError(f"No data over a finite field were found for {symbol.name} that are {' and '.join(symbol.assumed)}.")
    return matrix


def assumed_degrees(symbol: Symbol, rows: int, columns: int) -> tuple[int, int]:
    """A bound of the degrees of the entries of a symbol."""
    properties = properties_of(symbol)
    if _finite_kind(symbol) is not None:
        return 0, 0
    if "orthogonal" in properties:
        size = max(rows, columns)
        return 2 * size, 2 * size
    if properties & {"positive", "nonnegative"} and SHARES.keys() & properties:
        lines = 1 if "sums to one" in properties else rows if "rows sum to one" in properties else columns
        return 4 * lines, 4 * lines
    return max((DEGREES[name] for name in properties if name in DEGREES), default=(1, 0))


