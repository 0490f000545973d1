"""A seeded generator of random expressions over all operations of `matcalc.language.building`.

Sizes are four different names, so that a slip in a shape shows; symbols are few, so that they occur several times. Arguments of
logarithms, roots and inverses are built so that finite data exist.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from matcalc.language import building as mc
from matcalc.language.elementwise import ElementwiseFunction, known_function
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.sizes import Dim, Shape, Size, ndim, rows_and_columns, shape_of, size_product, transposed
from matcalc.language.traversal import postorder, with_definition

Production: TypeAlias = Callable[["Generator", Shape, int], Expr]

N, M, P, Q = (Dim((name,)) for name in "nmpq")
SIZES: tuple[Size, ...] = (N, M, P, Q)
SMOOTH = ("sigmoid", "tanh", "softplus", "gelu", "exp", "square", "sin", "cos", "normal_cdf", "normal_pdf", "identity")
KINKED = ("relu", "leaky_relu", "abs", "sign", "step")
NUMBERS = (Fraction(2), Fraction(-3), Fraction(1, 2), Fraction(-3, 4), Fraction(5))
SHAPES: tuple[Shape, ...] = ((), (), (), (N,), (M,), (1, P), (N, M), (M, P), (N, N), (Q, N))


class Generator:
    """Random expressions from one seed.

    Args:
        seed: of the random choices.
        structured: whether vec, Kronecker products and commutation matrices are used.
        maps: whether unknown maps are used.
        named: whether parts are named by `let`.
    """

    def __init__(self, seed: int, *, structured: bool = True, maps: bool = True, named: bool = True) -> None:
        self.rng = np.random.default_rng(seed)
        self.structured = structured
        self.maps = maps
        self.named = named
        self.lets: list[Let] = []
        self.functions = [mc.function("f"), mc.function("g")]
        self.map_count = 0

    # ---- choices -----------------------------------------------------------------------------------------------------

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def choice(self, options: Any) -> Any:
        return options[int(self.rng.integers(len(options)))]

    def size(self) -> Size:
        return self.choice(SIZES)  # type: ignore[no-any-return]

    def number(self) -> Fraction:
        return self.choice(NUMBERS)  # type: ignore[no-any-return]

    # ---- expressions -------------------------------------------------------------------------------------------------

    def expression(self, shape: Shape | None = None, depth: int = 4) -> Expr:
        """A random expression of a shape, or of a random one."""
        chosen = self.choice(SHAPES) if shape is None else shape
        node = self._expression(chosen, depth)
        assert node.shape == chosen, (node, node.shape, chosen)
        return node

    def _expression(self, shape: Shape, depth: int) -> Expr:
        known = [node for node in self.lets if node.shape == shape]
        if known and self.chance(0.3):
            return self.choice(known)  # type: ignore[no-any-return]
        if depth <= 0 or self.chance(0.1):
            return self.leaf(shape)
        node = self.choice(self._productions(shape))(self, shape, depth - 1)
        if self.named and self.chance(0.2) and not isinstance(node, Symbol | Let):
            named = mc.let(f"z_{len(self.lets)}", node)
            assert isinstance(named, Let)
            self.lets.append(named)
            return named
        return node  # type: ignore[no-any-return]

    def leaf(self, shape: Shape) -> Expr:
        """A symbol of the shape, two to choose from, or now and then a constant."""
        rows, columns = rows_and_columns(shape)
        if self.chance(0.08):
            return mc.lift(self.choice((*NUMBERS, N))) if not shape else mc.ones(rows, columns)
        if rows == columns and shape and self.chance(0.1):
            return mc.identity(rows)
        names = "".join(map(str, shape)).replace(" ", "")
        if any(isinstance(s, Dim) and len(s.names) > 1 for s in shape):
            return self.composite_leaf(shape)
        kind = "c" if not shape else "A" if ndim(shape) == 2 else "x" if len(shape) == 1 else "r"
        return Symbol(f"{kind}{self.choice('12')}_{names}", shape)

    def regular_symbol(self, n: Size) -> Expr:
        """A square matrix whose data are drawn with a positive determinant."""
        return Symbol(f"S{self.choice('12')}_{n}", (n, n))

    def composite_leaf(self, shape: Shape) -> Expr:
        """An array of a shape that vec makes, made by vec."""
        rows, columns = rows_and_columns(shape)
        if columns == 1 and isinstance(rows, Dim):
            first, second = (Dim((name,)) for name in rows.names)
            return mc.vec(self.leaf((first, second)))
        return self.composite_leaf(transposed(shape)).T if rows == 1 else mc.ones(rows, columns)

    def _productions(self, shape: Shape) -> list[Production]:
        found = list(ANY)
        if not shape:
            found += SCALAR
            found += [vec_inner, kron_total] if self.structured else []
        else:
            found += ARRAY
        if ndim(shape) == 1:
            found += VECTOR
        if ndim(shape) == 2:
            found += MATRIX
            found += SQUARE if shape[0] == shape[1] else []
        if self.maps:
            found.append(unknown_map)
        return found


# ---- any shape -------------------------------------------------------------------------------------------------------


def add(g: Generator, shape: Shape, depth: int) -> Expr:
    return g._expression(shape, depth) + g._expression(shape, depth)


def subtract(g: Generator, shape: Shape, depth: int) -> Expr:
    return g._expression(shape, depth) - g._expression(shape, depth)


def spread(g: Generator, shape: Shape, depth: int) -> Expr:
    scalar = g._expression((), depth) if g.chance(0.6) else mc.lift(g.number())
    made: Expr = g.choice((lambda a: scalar + a, lambda a: a - scalar, lambda a: scalar - a))(g._expression(shape, depth))
    return made


def negate(g: Generator, shape: Shape, depth: int) -> Expr:
    return -g._expression(shape, depth)


def entrywise_product(g: Generator, shape: Shape, depth: int) -> Expr:
    return g._expression(shape, depth) * g._expression(shape, depth)


def scale(g: Generator, shape: Shape, depth: int) -> Expr:
    scalar = g._expression((), depth) if g.chance(0.6) else mc.lift(g.number())
    array = g._expression(shape, depth)
    return scalar * array if g.chance(0.5) else array * scalar


def positive(g: Generator, shape: Shape, depth: int) -> Expr:
    """An expression whose values are positive."""
    inside = g._expression(shape, depth)
    ways: list[Callable[[Expr], Expr]] = [lambda e: 1 + e**2, known_function("exp"), known_function("sigmoid"), lambda e: 2 + e * e]
    made: Expr = g.choice(ways)(inside)
    return made


def divide(g: Generator, shape: Shape, depth: int) -> Expr:
    bottom = positive(g, shape if g.chance(0.5) else (), depth - 1)
    top = mc.lift(g.number()) if g.chance(0.2) and bottom.shape == shape else g._expression(shape, depth)
    return top / bottom


def divide_plain(g: Generator, shape: Shape, depth: int) -> Expr:
    return g._expression(shape, depth) / g.leaf(shape if g.chance(0.5) else ())


def whole_power(g: Generator, shape: Shape, depth: int) -> Expr:
    return mc.power(g._expression(shape, depth), g.choice((2, 3, 1, 0)))


def other_power(g: Generator, shape: Shape, depth: int) -> Expr:
    exponent = g.choice((Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), -1, -2, Fraction(1, 3)))
    return mc.power(positive(g, shape, depth), exponent)



def known(g: Generator, shape: Shape, depth: int) -> Expr:
    return known_function(g.choice(SMOOTH if g.chance(0.8) else KINKED))(g._expression(shape, depth))


def primed(g: Generator, shape: Shape, depth: int) -> Expr:
    return known_function(g.choice((*SMOOTH, "relu"))).prime(g._expression(shape, depth))


def unknown(g: Generator, shape: Shape, depth: int) -> Expr:
    f = g.choice(g.functions)
    assert isinstance(f, ElementwiseFunction)
    return (f.prime if g.chance(0.2) else f)(g._expression(shape, depth))


def of_positive(g: Generator, shape: Shape, depth: int) -> Expr:
    return known_function(g.choice(("log", "sqrt")))(positive(g, shape, depth))


def transpose(g: Generator, shape: Shape, depth: int) -> Expr:
    turned: Expr = g._expression(transposed(shape), depth).T
    return turned


def unknown_map(g: Generator, shape: Shape, depth: int) -> Expr:
    kinds: tuple[Shape, ...] = ((), (g.size(),), (1, g.size()), (g.size(), g.size()))
    shapes = [g.choice(kinds) for _ in range(g.choice((1, 1, 2)))]
    g.map_count += 1
    arguments = [g._expression(inner, min(depth, 1)) for inner in shapes]
    made = mc.function(f"u_{g.map_count}", of=arguments, shape=shape)
    assert isinstance(made, Expr)
    return made


ANY: tuple[Production, ...] = (
    add, subtract, spread, negate, entrywise_product, scale, divide, divide_plain, whole_power, other_power, known, known, primed,
    unknown, unknown, of_positive, transpose,
)  # fmt: skip


# ---- scalars ---------------------------------------------------------------------------------------------------------


def total(g: Generator, shape: Shape, depth: int) -> Expr:
    return mc.sum(g._expression(g.choice(((g.size(),), (1, g.size()), (g.size(), g.size()))), depth))


def norm(g: Generator, shape: Shape, depth: int) -> Expr:
    node = mc.norm(g._expression(g.choice(((g.size(),), (g.size(), g.size()))), depth))
    return node**2 if g.chance(0.3) else node


def trace(g: Generator, shape: Shape, depth: int) -> Expr:
    n = g.size()
    return mc.trace(g._expression((n, n), depth))


def trace_of_product(g: Generator, shape: Shape, depth: int) -> Expr:
    n, m = g.size(), g.size()
    return mc.trace(g._expression((n, m), depth) @ g._expression((m, n), depth))


def inner(g: Generator, shape: Shape, depth: int) -> Expr:
    n = g.size()
    return g._expression((n,), depth).T @ g._expression((n,), depth)


def quadratic(g: Generator, shape: Shape, depth: int) -> Expr:
    n, m = g.size(), g.size()
    return g._expression((n,), depth).T @ g._expression((n, m), depth) @ g._expression((m,), depth)


def regular(g: Generator, n: Size, depth: int) -> Expr:
    """A square matrix with positive determinant, well conditioned."""
    if g.chance(0.5):
        return g.regular_symbol(n)
    other = g._expression((n, g.size()), depth - 1)
    spd = 2 * mc.identity(n) + other @ other.T
    return spd if g.chance(0.7) else spd @ Symbol(f"S1_{n}", (n, n))


def determinant(g: Generator, shape: Shape, depth: int) -> Expr:
    matrix = regular(g, g.size(), depth)
    return mc.det(matrix) if g.chance(0.4) else mc.logdet(matrix)


def vec_inner(g: Generator, shape: Shape, depth: int) -> Expr:
    n, m = g.size(), g.size()
    left, right = g._expression((n, m), depth), g._expression((n, m), depth)
    return mc.vec(left).T @ mc.vec(right) if g.chance(0.5) else mc.sum(mc.softmax(mc.vec(left)) * mc.vec(right))


def kron_total(g: Generator, shape: Shape, depth: int) -> Expr:
    n, m, p, q = g.size(), g.size(), g.size(), g.size()
    product = mc.kron(g._expression((n, m), depth), g._expression((p, q), depth))
    made: Expr = mc.vec(g._expression((q, m), depth))
    return mc.norm(product @ made) if g.chance(0.7) else mc.sum(product)


SCALAR: tuple[Production, ...] = (total, total, norm, trace, trace_of_product, inner, inner, quadratic, determinant)


# ---- arrays ----------------------------------------------------------------------------------------------------------


def product(g: Generator, shape: Shape, depth: int) -> Expr:
    rows, columns = rows_and_columns(shape)
    middle = g.size()
    return g._expression(shape_of(rows, middle), depth) @ g._expression(shape_of(middle, columns), depth)


def softmax(g: Generator, shape: Shape, depth: int) -> Expr:
    axis = g.choice(("rows", "columns")) if ndim(shape) == 2 else None
    return mc.softmax(g._expression(shape, depth), axis=axis)


ARRAY: tuple[Production, ...] = (product, product, softmax)


def diagonal(g: Generator, shape: Shape, depth: int) -> Expr:
    n = size_product(*rows_and_columns(shape))
    node = mc.diag(g._expression((n, n), depth))
    return node.T if len(shape) == 2 else node


def solved(g: Generator, shape: Shape, depth: int) -> Expr:
    n = size_product(*rows_and_columns(shape))
    node = mc.inv(regular(g, n, depth)) @ g._expression((n,), depth)
    return node.T if len(shape) == 2 else node


def row_sums(g: Generator, shape: Shape, depth: int) -> Expr:
    n, m = size_product(*rows_and_columns(shape)), g.size()
    node = g._expression((n, m), depth) @ mc.ones(m)
    return node.T if len(shape) == 2 else node


VECTOR: tuple[Production, ...] = (diagonal, solved, row_sums)


def outer(g: Generator, shape: Shape, depth: int) -> Expr:
    return mc.outer(g._expression((shape[0],), depth), g._expression((shape[1],), depth))


def through_diagonal(g: Generator, shape: Shape, depth: int) -> Expr:
    middle = g.size()
    left, right = g._expression((shape[0], middle), depth), g._expression((middle, shape[1]), depth)
    return left @ mc.diag(g._expression(g.choice(((middle,), (1, middle))), depth)) @ right


def repeated_column(g: Generator, shape: Shape, depth: int) -> Expr:
    return g._expression((shape[0],), depth) @ mc.ones(1, shape[1])


MATRIX: tuple[Production, ...] = (outer, through_diagonal, repeated_column)


def diagonal_matrix(g: Generator, shape: Shape, depth: int) -> Expr:
    return mc.diag(g._expression((shape[0],), depth))


def gram(g: Generator, shape: Shape, depth: int) -> Expr:
    factor = g._expression((shape[0], g.size()), depth)
    return factor @ factor.T


def inverse(g: Generator, shape: Shape, depth: int) -> Expr:
    return mc.inv(regular(g, shape[0], depth))


SQUARE: tuple[Production, ...] = (diagonal_matrix, gram, inverse)


def variables(of: Expr) -> list[Symbol | Let]:
    """The symbols and named quantities that an expression rests on, itself left out."""
    nodes = postorder([of], with_definition)
    return [node for node in nodes if isinstance(node, Symbol | Let) and node != of]



