"""Random expressions over all operations that have a derivative, with symbols of which something is assumed.

What it adds to `Generator`: powers and functions of matrices, pseudo-inverses, sums along diagonals, written sums, entries, norms of
every order, maps of three arguments, and symbols that are symmetric, orthogonal, one-hot, positive and so on. `Listed` makes scalars
of the few operations of which a matrix form is promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import matcalc as mc
from matcalc.language.assumed import with_assumed
from matcalc.language.elementwise import known_function
from matcalc.language.expressions import Expr, Index, Let, Symbol
from matcalc.language.sizes import Dim, Shape, Size, ndim, rows_and_columns, transposed
from matcalc.language.traversal import postorder, with_definition
from tests import random_expressions as plain
from tests.random_expressions import SHAPES, SIZES, Generator, M, N, P, Production

DET = ("det > 0",)
OF_SCALARS: tuple[tuple[str, ...], ...] = (("positive",), ("negative",), ("nonzero",), ("in {-1,1}",), ("positive integer",))
OF_VECTORS: tuple[tuple[str, ...], ...] = (
    ("positive",), ("negative",), ("nonzero",), ("nonnegative",), ("one-hot",), ("probability vector",), ("sums to one",), ("in {0,1}",),
    ("in {-1,1}",), ("positive", "sums to one"),
)  # fmt: skip
OF_MATRICES: tuple[tuple[str, ...], ...] = (
    ("positive",), ("nonzero",), ("diagonal",), ("rows one-hot",), ("columns one-hot",), ("rows sum to one",), ("columns sum to one",),
    ("in {0,1}",), ("in {-1,1}",), ("orthogonal",), ("full column rank",), ("full row rank",), ("sums to one",), ("one-hot",),
)  # fmt: skip
OF_SQUARES: tuple[tuple[str, ...], ...] = (
    ("symmetric",), ("skew-symmetric",), ("lower triangular",), ("upper triangular",), ("toeplitz",), ("symmetric toeplitz",),
    ("positive definite",), ("positive semidefinite",), ("invertible",), DET, ("symmetric", "invertible"),
    ("positive", "symmetric"), ("diagonal", "positive definite"), ("invertible", "lower triangular"),
)  # fmt: skip
REGULAR: tuple[tuple[str, ...], ...] = (
    ("positive definite",), DET, ("invertible", "symmetric"), ("invertible", "lower triangular"), ("invertible", "toeplitz"),
    ("orthogonal",), ("diagonal", "positive definite"),
)  # fmt: skip
SERIES = ("exp", "sin", "cos", "G", "H")
BOUND = "ijuvw"
ASSUMED = 0.3  # of the symbols


def symbol(name: str, shape: Shape, assume: Sequence[str]) -> Expr:
    """A declared symbol of a shape, under a name that tells what is assumed."""
    mark = "".join(letter for each in assume for letter in each if letter.isalnum()) or "any"
    full = f"{name}_{mark}_{''.join(map(str, shape))}"
    if not shape:
        return mc.scalar(full, assume=assume)
    rows, columns = rows_and_columns(shape)
    if assume == DET:  # it is written with the name, det(X) > 0
        return with_assumed(Symbol(full, shape), DET)
    return mc.matrix(full, rows, columns, assume=assume)


class Operations(Generator):
    """Random expressions from one seed.

    Args:
        seed: of the random choices.
        assumed: whether something is assumed of some of the symbols.
        structured, maps, named: as for `Generator`.
    """

    def __init__(
        self, seed: int, *, assumed: bool = True, structured: bool = True, maps: bool = True, named: bool = True
    ) -> None:
        super().__init__(seed, structured=structured, maps=maps, named=named)
        self.assumed = assumed
        self.index_count = 0
        self.series = [mc.matrix_function(name) for name in SERIES]
        self.exponent = mc.scalar("k", assume="positive integer")

    def expression(self, shape: Shape | None = None, depth: int = 4) -> Expr:
        """A random expression; where no shape is given, now and then one of a shape that only vec and Kronecker products have."""
        if shape is None and self.structured and self.chance(0.06):
            return self.choice((stacked, kronecker))(self, (), depth - 1)  # type: ignore[no-any-return]
        return super().expression(shape, depth)

    def new_index(self) -> Index:
        """An index under a name of its own."""
        self.index_count += 1
        return mc.index(f"i_{self.index_count}", self.choice(SIZES))

    def leaf(self, shape: Shape) -> Expr:
        named_once = all(isinstance(s, int) or len(s.names) == 1 for s in shape)
        if self.assumed and named_once and self.chance(ASSUMED):
            options = OF_SCALARS if not shape else OF_VECTORS if ndim(shape) == 1 else OF_MATRICES
            if len(shape) == 2 and shape[0] == shape[1]:
                options = (*OF_SQUARES, *OF_SQUARES, *OF_MATRICES)
            return symbol("cxA"[ndim(shape)], shape, self.choice(options))
        return super().leaf(shape)

    def regular_symbol(self, n: Size) -> Expr:
        """A square matrix with an inverse, of which something is assumed every other time."""
        if self.assumed and isinstance(n, Dim) and len(n.names) == 1 and self.chance(0.5):
            return symbol("S", (n, n), self.choice(REGULAR))
        return super().regular_symbol(n)

    def _productions(self, shape: Shape) -> list[Production]:
        found = [several_arguments if each is plain.unknown_map else each for each in super()._productions(shape)]
        named_once = all(isinstance(s, int) or len(s.names) == 1 for s in shape)
        if named_once:
            found += [worth_folding] if len(shape) < 2 or shape[0] != shape[1] else [worth_folding, *[worth_folding_square] * 3]
        if not shape:
            found += [a_written_sum, log_sum_exp, other_norm, total_of_a_power, indicated]
        elif named_once:
            found += [with_pseudo_inverse]
        if ndim(shape) == 2 and named_once:
            found += [pseudo_inverse, sums_along_diagonals]
            found += [power, power, symbolic_power, series, series, high_power] if shape[0] == shape[1] else []
        return found


# ---- any shape -------------------------------------------------------------------------------------------------------


def several_arguments(g: Generator, shape: Shape, depth: int) -> Expr:
    """An unknown map of one to three arguments."""
    kinds: tuple[Shape, ...] = ((), (g.size(),), (1, g.size()), (g.size(), g.size()))
    g.map_count += 1
    name = f"u_{g.map_count}"
    arguments = [g._expression(g.choice(kinds), min(depth, 1)) for _ in range(g.choice((1, 1, 2, 3)))]
    made = mc.function(name, of=arguments, shape=shape)
    assert isinstance(made, Expr)
    return made


def stacked(g: Generator, shape: Shape, depth: int) -> Expr:
    return mc.vec(g._expression((N, g.choice((M, P))), depth))


def kronecker(g: Generator, shape: Shape, depth: int) -> Expr:
    left, right = g.choice((((N,), (M,)), ((N, M), (P,)), ((1, N), (M, P)), ((N, M), (N, M))))
    return mc.kron(g._expression(left, depth), g._expression(right, depth))


def assumed_leaf(g: Generator, shape: Shape) -> Expr:
    """A symbol, of which something is assumed more often than elsewhere."""
    made = [g.leaf(shape) for _ in range(3)]
    return next((leaf for leaf in made if isinstance(leaf, Symbol) and leaf.assumed), made[0])


def worth_folding(g: Generator, shape: Shape, depth: int) -> Expr:
    """What is shorter than it is written: a softmax, a sigmoid, a square, a value that is known not to be negative."""
    a = assumed_leaf(g, shape) if g.chance(0.6) else g._expression(shape, min(depth, 1))
    b = assumed_leaf(g, shape)
    exp, relu, step = (known_function(name) for name in ("exp", "relu", "step"))
    total = mc.sum if shape else lambda e: e
    rows, _ = rows_and_columns(shape)

    def square() -> Expr:
        return g.leaf(() if rows == 1 else (rows, rows))

    ways = (
        lambda: exp(a) / total(exp(a)), lambda: 1 / (1 + exp(-a)), lambda: a * a, lambda: a**3, lambda: known_function("abs")(a) * b,
        lambda: mc.sqrt(a**2) + b, lambda: relu(a) * step(a), lambda: (a - b) * (a - b), lambda: a / mc.norm(a), lambda: a / total(a),
        lambda: a * (1 - a), lambda: a * b / a, lambda: total(a) * b, lambda: mc.log(exp(a) * exp(b)), lambda: a**2 * b - a * b**2,
        lambda: mc.norm(a - b) ** 2 * a, lambda: square() @ a + square() @ a,
    )  # fmt: skip
    return g.choice(ways)()  # type: ignore[no-any-return]


def worth_folding_square(g: Generator, shape: Shape, depth: int) -> Expr:
    """A square matrix that is symmetric, or the identity, or simpler than it is written, by what is assumed."""
    n, m = shape[0], g.size()
    a, b = assumed_leaf(g, shape), g.leaf(shape)
    tall, wide, x = assumed_leaf(g, (m, n)), assumed_leaf(g, (n, m)), assumed_leaf(g, (n,))
    r, s = plain.regular(g, n, depth), plain.regular(g, n, depth)
    ways = (
        lambda: tall.T @ tall, lambda: wide @ wide.T, lambda: wide @ tall, lambda: a + a.T, lambda: a - a.T, lambda: a @ b @ a.T,
        lambda: mc.inv(r) @ r @ a, lambda: mc.inv(r @ s), lambda: mc.inv(2 * r.T) @ a, lambda: mc.pinv(tall) @ tall,
        lambda: mc.inv(mc.inv(r) @ s), lambda: tall.T @ mc.diag(g.leaf((m,))) @ tall, lambda: mc.outer(x, x),
        lambda: mc.diag(x) @ mc.diag(x), lambda: a.T @ mc.inv(r) @ a, lambda: mc.det(r) * mc.inv(r), lambda: a @ a,
        lambda: mc.diag(mc.diag(a)), lambda: a * mc.identity(n),
        lambda: r @ a @ mc.inv(r) - r.T @ b @ mc.inv(r.T), lambda: a @ mc.ones(n, n), lambda: mc.ones(n, n) @ a,
    )  # fmt: skip
    return g.choice(ways)()  # type: ignore[no-any-return]


# ---- scalars ---------------------------------------------------------------------------------------------------------


def some_array(g: Generator, depth: int) -> Expr:
    return g._expression(g.choice(((g.size(),), (1, g.size()), (g.size(), g.size()))), depth)


def log_sum_exp(g: Generator, shape: Shape, depth: int) -> Expr:
    return mc.logsumexp(some_array(g, depth))


def other_norm(g: Generator, shape: Shape, depth: int) -> Expr:
    """The 1-norm of a vector, the sum of the absolute entries of a matrix, the Frobenius norm of a matrix, the 2-norm of a row."""
    array = some_array(g, depth)
    if g.chance(0.5):
        return mc.norm(array)
    return mc.norm(array, 1) if ndim(array.shape) == 1 else mc.sum(known_function("abs")(array))


def a_written_sum(g: Generator, shape: Shape, depth: int) -> Expr:
    """A written sum over the whole of one axis, or of two, of scalars made of entries."""
    assert isinstance(g, Operations)
    outer, inner = g.new_index(), g.new_index()
    if g.chance(0.4):
        return mc.indexed_sum(outer, made_of_entries(g, (outer,), depth))
    body = mc.indexed_sum(inner, made_of_entries(g, (outer, inner), depth))
    return mc.indexed_sum(outer, made_of_entries(g, (outer,), 0) * body if g.chance(0.5) else g.choice(g.functions)(body / 3))


def made_of_entries(g: Operations, bound: Sequence[Index], depth: int) -> Expr:
    """A scalar under sums: an entry, or something made of two such scalars."""
    if depth <= 0 or g.chance(0.3):
        return an_entry(g, bound, depth)
    first = made_of_entries(g, bound, depth - 1)
    second = g._expression((), depth - 1) if g.chance(0.2) else made_of_entries(g, bound, depth - 1)
    function = g.choice((*g.functions, *map(known_function, ("tanh", "sin", "sigmoid", "square"))))
    ways = (
        lambda: first + second, lambda: first - second, lambda: first * second, lambda: first * second, lambda: function(first) * second,
        lambda: first / (2 + second**2), lambda: -(first**3), lambda: function(first - second),
    )  # fmt: skip
    return g.choice(ways)()  # type: ignore[no-any-return]


def an_entry(g: Operations, bound: Sequence[Index], depth: int) -> Expr:
    """An entry of an array at the indices of sums around it."""
    row, column = g.choice(bound), g.choice(bound)
    shape = g.choice(((row.size,), (1, row.size), (row.size, column.size), (row.size, column.size)))
    array = g._expression(shape, min(depth, 1))
    return mc.entry(array, row) if ndim(shape) == 1 else mc.entry(array, row, column)


def total_of_a_power(g: Generator, shape: Shape, depth: int) -> Expr:
    """What a scalar is often made of a power or a function of a matrix."""
    n = g.size()
    made = g.choice((power, symbolic_power, series))(g, (n, n), depth)
    return g.choice((mc.trace, mc.sum, lambda e: g.leaf((n,)).T @ e @ g.leaf((n,))))(made)  # type: ignore[no-any-return]


def indicated(g: Generator, shape: Shape, depth: int) -> Expr:
    """The entries that are positive, summed."""
    array = some_array(g, depth)
    return mc.sum(known_function("step")(array) * array)


# ---- arrays ----------------------------------------------------------------------------------------------------------


def with_pseudo_inverse(g: Generator, shape: Shape, depth: int) -> Expr:
    rows, columns = rows_and_columns(shape)
    middle = g.size()
    return pseudo_inverse(g, (rows, middle), 0) @ g._expression((middle, columns) if columns != 1 else (middle,), depth)


def pseudo_inverse(g: Generator, shape: Shape, depth: int) -> Expr:
    """Of a matrix of full rank: a symbol, or a symbol times a regular matrix."""
    turned = transposed(shape)
    columns = rows_and_columns(turned)[1]
    assumed: Sequence[str] = g.choice(((), (), ("full column rank",), ("full row rank",), ("orthogonal",)))
    array = symbol("F", turned, assumed if isinstance(g, Operations) and g.assumed and ndim(turned) == 2 else ())
    return mc.pinv(array @ plain.regular(g, columns, depth) if g.chance(0.2) and columns != 1 else array)


def sums_along_diagonals(g: Generator, shape: Shape, depth: int) -> Expr:
    return mc.diagonal_sums(g._expression(shape, depth))


def power(g: Generator, shape: Shape, depth: int) -> Expr:
    exponent = g.choice((2, 2, 3, 0, 4, -2))
    base = plain.regular(g, shape[0], depth) if exponent < 0 else g._expression(shape, min(depth, 2))
    return mc.matrix_power(base, exponent)


def symbolic_power(g: Generator, shape: Shape, depth: int) -> Expr:
    assert isinstance(g, Operations)
    k = g.exponent
    return mc.matrix_power(g._expression(shape, min(depth, 1)), g.choice((k, k, k - 1, 2 * k, k + 1)))


def high_power(g: Generator, shape: Shape, depth: int) -> Expr:
    """A power that is not written out."""
    exponent = g.choice((21, 23)) if g.chance(0.2) else 2
    return mc.matrix_power(g.leaf(shape) / 4 if exponent > 2 else g._expression(shape, min(depth, 1)), exponent)


def series(g: Generator, shape: Shape, depth: int) -> Expr:
    assert isinstance(g, Operations)
    function = g.choice(g.series)
    return (function.prime if g.chance(0.1) else function)(g._expression(shape, min(depth, 2)))  # type: ignore[no-any-return]


# ---- what a matrix form is promised of -------------------------------------------------------------------------------


def listed_function(g: Generator, shape: Shape, depth: int) -> Expr:
    f = g.choice((*g.functions, *map(known_function, plain.SMOOTH)))
    return f(g._expression(shape, depth))  # type: ignore[no-any-return]


def softmax_of_rows(g: Generator, shape: Shape, depth: int) -> Expr:
    return mc.softmax(g._expression(shape, depth), axis="rows" if ndim(shape) == 2 else None)


def through_diag(g: Generator, shape: Shape, depth: int) -> Expr:
    rows, columns = rows_and_columns(shape)
    if rows == 1 or (columns != 1 and g.chance(0.5)):
        return g._expression(shape, depth) @ mc.diag(g._expression((columns,), depth))
    return mc.diag(g._expression((rows,), depth)) @ g._expression(shape, depth)


def regular_inverse(g: Generator, shape: Shape, depth: int) -> Expr:
    return mc.inv(g._expression(shape, depth))


def plain_det(g: Generator, shape: Shape, depth: int) -> Expr:
    n = g.size()
    return mc.det(g._expression((n, n), depth))


@final
class Listed(Generator):
    """Random expressions of @, ⊙, diag, tr, sum, functions entry by entry, inv, det and softmax of rows, with sums of two."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, structured=False, maps=False)

    def _productions(self, shape: Shape) -> list[Production]:
        found: list[Production] = [plain.entrywise_product, listed_function, listed_function, plain.add, plain.transpose]
        if not shape:
            return [*found, plain.total, plain.total, plain.trace, plain.trace_of_product, plain_det, plain.inner, plain.quadratic]
        found += [plain.product, plain.product, through_diag, softmax_of_rows]
        if ndim(shape) == 1:
            found.append(plain.diagonal)
        if len(shape) == 2 and shape[0] == shape[1]:
            found += [regular_inverse, plain.diagonal_matrix]
        return found


def derivable(of: Expr) -> list[Symbol | Let]:
    """The symbols and named quantities by which an expression may be derived: whole numbers are none."""
    nodes = postorder([of], with_definition)
    return [n for n in nodes if isinstance(n, Let) and n != of or isinstance(n, Symbol) and "positive integer" not in n.assumed]


__all__ = ["SHAPES", "SIZES", "Listed", "Operations", "derivable"]
