"""Random expressions over every node of the language, written derivatives and sums over indices included, under names of every form.

What it adds to `Generator`: matrix powers and functions, pseudo-inverses, entries and sums over indices, derivatives that are written,
commutation matrices, and names with scripts, accents, primes and Greek letters. `written_and_read` is the round trip through LaTeX.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from matcalc.errors import EvaluationError, MatcalcError
from matcalc.language import building as mc
from matcalc.language.elementwise import ElementwiseFunction, MatrixFunction
from matcalc.language.expressions import (
    Apply, ApplyMap, ApplyMatrixFunction, Derivative, Entry, Expr, Index, Let, MapDerivative, SizeNumber, Symbol, Vec,
)  # fmt: skip
from matcalc.language.matrix_operations import (
    diagonal_sums, entry, index, indexed_sum, matrix_function, matrix_power, pinv, written_derivative,
)  # fmt: skip
from matcalc.language.reading.formula import parse
from matcalc.language.sizes import Dim, Shape, Size, ndim, rows_and_columns, transposed
from matcalc.language.traversal import postorder
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.printing.latex import latex
from tests.random_expressions import SIZES, Generator, M, N, P, Production, Q, unknown_map

FREE = {N: "r", M: "s", P: "t", Q: "v"}  # an index of each size that no sum binds
BOUND = ("i", "j", "w", "o", "iota")
NAMES: dict[int, tuple[str, ...]] = {
    0: ("c", "lambda", "c_1", "c^(2)", "chat", "eta_t", "c'", "L_{t-1}", "beta^*", "d", "e", "gamma''"),
    1: ("x", "y_2", "x^(1)", "xhat", "theta", "a^[l]", "h_{t-1}", "thetabar_1", "x'", "mu^{(l)}", "deltatilde^(1)", "b_{hh}^(2)"),
    2: ("A", "W_1", "W^(2)", "Xhat", "Sigma", "A^{[l]}", "W_{hh}", "Ahat_1^(2)", "A'", "Theta^*", "B_{t-1}", "U_3^(L)"),
}
EXPONENTS = (0, 2, 3, -2, -3)


@final
class Notation(Generator):
    """Random expressions from one seed, in which all derivatives have one layout."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.layout: str = self.choice(("numerator", "denominator"))
        self.bound: list[Index] = []
        self.series = [matrix_function(name) for name in ("exp", "sin", "cos", "G", "Phi_1")]
        self.names: dict[tuple[Shape, int], str] = {}
        self.left = {axes: list(names) for axes, names in NAMES.items()}
        self.functions = [mc.function(name) for name in ("f", "g^(1)", "psi_2")]

    def leaf(self, shape: Shape) -> Expr:
        if not shape and self.chance(0.2):
            return a_position(self, shape, 0) if self.chance(0.5) else an_entry(self, shape, 0)
        if shape and self.chance(0.04):
            return mc.zeros(*rows_and_columns(shape))
        found = super().leaf(shape)
        return self.named_symbol(found.shape, self.choice((0, 1))) if isinstance(found, Symbol) else found

    def named_symbol(self, shape: Shape, which: int) -> Symbol:
        """The first or second symbol of a shape, under the next name that is left."""
        key = shape, which
        if key not in self.names:
            left = self.left[ndim(shape)]
            plain = f"{'cxA'[ndim(shape)]}_{{{len(self.names)},0}}"
            self.names[key] = left.pop(int(self.rng.integers(len(left)))) if left else plain
        return Symbol(self.names[key], shape)

    def position(self, size: Size) -> Expr:
        """A position along an axis: an index of its size, bound if there is one, or a number."""
        bound = [each for each in self.bound if each.size == size]
        if bound and self.chance(0.7):
            return self.choice(bound)  # type: ignore[no-any-return]
        if self.chance(0.3):
            return mc.lift(self.choice((1, 2)))
        if self.chance(0.1) and isinstance(size, Dim):
            return SizeNumber(size)
        return index(FREE[size], size) if size in FREE else mc.lift(1)  # type: ignore[index]

    def _productions(self, shape: Shape) -> list[Production]:
        found = [a_map if each is unknown_map else each for each in super()._productions(shape)]
        found += [a_sum, a_sum, a_derivative]
        if not shape:
            found += [an_entry, an_entry, a_map_derivative, a_position, a_commutation]
        elif all(isinstance(s, int) or len(s.names) == 1 for s in shape):
            found += [a_pseudo_inverse, a_map_derivative]
        if ndim(shape) == 2:
            found.append(sums_along_diagonals)
        if len(shape) == 2 and shape[0] == shape[1]:
            found += [a_power, a_power, a_symbolic_power, a_series, a_series, a_sum_of_powers]
        return found


# ---- productions -----------------------------------------------------------------------------------------------------


def new_index(g: Notation, size: Size | None) -> Index | None:
    """An index that no sum around binds; None if none is left."""
    left = [letter for letter in BOUND if letter not in {each.name for each in g.bound}]
    return index(left[0], size) if left else None


def a_sum(g: Generator, shape: Shape, depth: int) -> Expr:
    """A written sum, of entries most of the time."""
    assert isinstance(g, Notation)
    size = g.size()
    over = new_index(g, size)
    if over is None:
        return g.leaf(shape)
    named, g.named = g.named, False  # a name would carry the index out of its sum
    g.bound.append(over)
    body = g._expression(shape, depth)
    if not any(isinstance(node, Entry) and over in (node.row, node.column) for node in postorder([body], shown)):
        body = entry(g.leaf((size,)), over) * body if g.chance(0.5) else body * entry(g.leaf((1, size)), over)
    g.bound.pop()
    g.named = named
    bounds: tuple[dict[str, Any], ...] = ({}, {}, {"low": 2}, {"high": 2}, {"low": 1, "high": mc.lift(size) - 1})
    return indexed_sum(over, body, **g.choice(bounds))


def a_sum_of_powers(g: Generator, shape: Shape, depth: int) -> Expr:
    """A sum whose index runs along no axis."""
    assert isinstance(g, Notation)
    over = new_index(g, None)
    if over is None:
        return g.leaf(shape)
    high = g.choice((2, g.named_symbol((), 0) - 1))
    named, g.named = g.named, False
    g.bound.append(over)
    body = matrix_power(g._expression(shape, depth), over) @ matrix_power(g.leaf(shape), high - over)
    g.bound.pop()
    g.named = named
    return indexed_sum(over, body, 0, high)


def a_position(g: Generator, shape: Shape, depth: int) -> Expr:
    """A bound index as a number."""
    assert isinstance(g, Notation)
    return g.choice(g.bound) if g.bound else mc.lift(g.number())


def a_map(g: Generator, shape: Shape, depth: int) -> Expr:
    """An unknown map of one to three arguments, under a name of its own."""
    kinds: tuple[Shape, ...] = ((), (g.size(),), (1, g.size()), (g.size(), g.size()))
    g.map_count += 1
    name = f"u_{g.map_count}"
    arguments = [g._expression(g.choice(kinds), min(depth, 1)) for _ in range(g.choice((1, 1, 2, 3)))]
    made = mc.function(name, of=arguments, shape=shape)
    assert isinstance(made, Expr)
    return made


def an_entry(g: Generator, shape: Shape, depth: int) -> Expr:
    assert isinstance(g, Notation)
    kinds: tuple[Shape, ...] = ((g.size(),), (1, g.size()), (g.size(), g.size()), (g.size(), g.size()))
    array = g._expression(g.choice(kinds), depth)
    rows, columns = rows_and_columns(array.shape)
    if ndim(array.shape) == 2:
        return entry(array, g.position(rows), g.position(columns))
    return entry(array, g.position(rows if columns == 1 else columns))


def a_commutation(g: Generator, shape: Shape, depth: int) -> Expr:
    n, m = g.size(), g.size()
    return mc.vec(g._expression((n, m), depth)).T @ mc.commutation(m, n) @ mc.vec(g._expression((m, n), depth))


def a_pseudo_inverse(g: Generator, shape: Shape, depth: int) -> Expr:
    return pinv(g._expression(transposed(shape), depth))


def sums_along_diagonals(g: Generator, shape: Shape, depth: int) -> Expr:
    return diagonal_sums(g._expression(shape, depth))


def a_power(g: Generator, shape: Shape, depth: int) -> Expr:
    return matrix_power(g._expression(shape, depth), g.choice(EXPONENTS))


def a_symbolic_power(g: Generator, shape: Shape, depth: int) -> Expr:
    assert isinstance(g, Notation)
    k = g.named_symbol((), 0)
    exponent = g.choice((k, k - 1, 2 * k + 1, mc.lift(N), mc.lift(M) - 1, (k + 1) * (k + 2), -k))
    return matrix_power(g._expression(shape, depth), exponent)


def a_series(g: Generator, shape: Shape, depth: int) -> Expr:
    assert isinstance(g, Notation)
    function = g.choice(g.series)
    return (function.prime if g.chance(0.2) else function)(g._expression(shape, depth))  # type: ignore[no-any-return]


def derivative_parts(g: Notation, shape: Shape) -> tuple[Shape, Shape]:
    """Shapes of what is derived and of the variable, whose derivative has this shape in the layout of the text."""
    numerator = shape if g.layout == "numerator" else transposed(shape)
    rows, columns = rows_and_columns(numerator)
    ways: list[tuple[Shape, Shape]] = [(shape, ())] if g.layout == "numerator" else [(transposed(shape), ())]
    if shape:
        ways.append(((), transposed(numerator)))
    if len(numerator) == 2 and 1 not in (rows, columns):
        ways.append(((rows,), (columns,)))
    return ways[int(g.rng.integers(len(ways)))]


def a_derivative(g: Generator, shape: Shape, depth: int) -> Expr:
    """A derivative of an expression by a symbol, an entry or a vec."""
    assert isinstance(g, Notation)
    of_shape, by_shape = derivative_parts(g, shape)
    of, by = g._expression(of_shape, depth), g.leaf(by_shape)
    while isinstance(by, Vec):
        by = by.argument
    entry_of = g.named_symbol((M, N), 0)
    variable: Expr = by if isinstance(by, Symbol) and by.shape == by_shape else g.named_symbol(by_shape, 0)
    if not by_shape and g.chance(0.3):
        variable = entry(entry_of, g.position(M), g.position(N))
    if of_shape and ndim(of.shape) + ndim(variable.shape) > 2:
        return g.leaf(shape)
    made = written_derivative(of, variable, g.layout)
    return made if made.shape == shape else g.leaf(shape)


def a_map_derivative(g: Generator, shape: Shape, depth: int) -> Expr:
    """A derivative of an unknown map by one of its arguments, once or, by scalars, twice."""
    assert isinstance(g, Notation)
    of_shape, by_shape = derivative_parts(g, shape)
    g.map_count += 1
    name = f"u_{g.map_count}"
    variable = g.named_symbol(by_shape, 1) if g.chance(0.7) else g._expression(by_shape, 1)
    others = [g.leaf(()), g.leaf((g.size(),))][: int(g.rng.integers(3))]
    arguments = [variable, *(other for other in others if other != variable)]
    mapped = mc.function(name, of=arguments, shape=of_shape)
    assert isinstance(mapped, Expr)
    made = written_derivative(mapped, variable, g.layout)
    if not by_shape and isinstance(variable, Symbol) and g.chance(0.4):
        made = written_derivative(made, variable, "numerator")
    indexed = any(isinstance(node, Index) for node in postorder(arguments, written))  # a map is declared outside of every sum
    return made if made.shape == shape and not indexed else g.leaf(shape)


# ---- the round trip --------------------------------------------------------------------------------------------------


def written(node: Expr) -> tuple[Expr, ...]:
    """The operands of a node, a written derivative counting as made of its two quantities."""
    return (node.of, node.by) if isinstance(node, Derivative) else node.operands


def shown(node: Expr) -> tuple[Expr, ...]:
    """The same without the arguments of a map that its derivative does not show."""
    return tuple(node.arguments[k] for k in node.wrt) if isinstance(node, MapDerivative) else written(node)


def declarations(e: Expr) -> dict[str, Any]:
    """The names and functions of an expression, as `parse` takes them."""
    names: list[Expr | Dim] = [size for size in SIZES if isinstance(size, Dim)]
    functions: dict[str, Any] = {r"\Phi": "normal_cdf", r"\varphi": "normal_pdf"}
    for node in postorder([e], written):
        match node:
            case Symbol() | Let():
                names.append(node)
            case Apply(function=ElementwiseFunction(known=False, name=name)):
                functions[name] = ElementwiseFunction(name)
            case ApplyMatrixFunction(function=MatrixFunction(known=False, name=name)):
                functions[name] = MatrixFunction(name)
            case ApplyMap():
                functions.setdefault(node.function.name, node.function)
            case MapDerivative():
                functions[node.function.name] = {"of": node.arguments, "shape": node.function.shape}
    return {"names": names, "functions": functions}


@final
@dataclass(frozen=True, slots=True)
class RoundTrip:
    """What became of one expression that was written in LaTeX and read again.

    Attributes:
        outcome: ``same``, ``same, with values`` where both have the same values at random data, or ``wrong``.
        fault: what is wrong, in words; empty if nothing is.
    """

    outcome: str
    fault: str = ""


def written_and_read(e: Expr, layout: str | None, rng: np.random.Generator, *, values: bool) -> RoundTrip:
    """Write an expression in LaTeX and read it; with ``values`` evaluate both where data for it are found."""
    text = latex(e)
    try:
        found = parse(text, layout=layout, **declarations(e))
    except MatcalcError as error:
        return RoundTrip("wrong", f"{text}: {error}")
    if found != e:
        return RoundTrip("wrong", f"{text} is read as {found}, it was written of {e}")
    if not values:
        return RoundTrip("same")
    try:
        data = draw([e], rng)
    except (EvaluationError, MatcalcError):
        return RoundTrip("same")
    if not np.array_equal(value(e, data), value(found, data), equal_nan=True):
        return RoundTrip("wrong", f"{text} has other values than what was written")
    return RoundTrip("same, with values")


def round_trip(seed: int) -> RoundTrip:
    """The round trip of the random expression of a seed; every fourth one is evaluated too."""
    g = Notation(seed)
    e = g.expression(depth=1 + seed % 5)
    return written_and_read(e, g.layout, np.random.default_rng(seed), values=seed % 4 == 0)
