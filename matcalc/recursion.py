"""Backpropagation for a general layer, derived on symbolic layers l-1, l, l+1.

What lies behind layer l+1 is an unknown function of z^(l+1), whose derivative is delta^(l+1); nothing is assumed of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

from matcalc.derivation import derive
from matcalc.errors import UnknownNameError, near_names
from matcalc.language.building import function, let, matrix, vector
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import Derivative, Expr, Let, MapDerivative, Symbol
from matcalc.language.operators import METHODS, Typeset, register
from matcalc.language.sizes import Dim
from matcalc.language.traversal import postorder, replaced
from matcalc.layout.conventions import Layout, derivative_shape, layout_named, style_named
from matcalc.printing.line_breaks import text_lines
from matcalc.networks import Activation, Network, activated, array, cost_of, pre_activation


@final
@dataclass(frozen=True, slots=True)
class Equation(Typeset):
    """One line of the recursion.

    Shapes: as for `Recursion`.

    Example:
        >>> import matcalc as mc
        >>> equation = mc.Network(widths=(3, 4, 2)).recursion(layout="numerator")["dC/da^(l)"]
        >>> equation
        dC/da^(l) = delta^(l+1) W^(l+1)   (l = 0, ..., L-1)

    Attributes:
        name: plain name of the left side: ``delta^(L)``, ``delta^(l)``, ``dC/dW^(l)``, ``dC/db^(l)``, ``dC/da^(l)``.
        left: the derivative that it is.
        right: what it equals, in delta of the same or of the next layer.
        variable: the letter of the quantity that the cost is differentiated by.
        first, last: the layers it holds for, counted from the end where negative: -1 is L, -2 is L-1.
    """

    name: str
    left: Derivative
    right: Expr
    variable: str
    first: int
    last: int

    @property
    def condition(self) -> str:
        """For which layers it holds, in words."""
        if self.first == self.last == -1:
            return "l = L"
        return f"l = {self.first}, ..., {'L' if self.last == -1 else 'L-1'}"

    @property
    def condition_latex(self) -> str:
        """For which layers it holds, in LaTeX."""
        return self.condition.replace("...", r"\ldots")

    def __repr__(self) -> str:
        return "\n".join(text_lines(f"{self.name} = {self.right!r}   ({self.condition})"))

    def latex(self) -> str:
        """The equation in LaTeX."""
        return f"{self.left_latex} = {self.right.latex()}"

    @property
    def left_latex(self) -> str:
        """The left side in LaTeX; delta by its name."""
        if self.name.startswith("delta"):
            return Symbol(self.name, self.left.shape).latex()
        return self.left.latex()


@final
@dataclass(frozen=True, slots=True)
class Recursion(Typeset):
    """The equations of backpropagation for general l, in a layout.

    Shapes: delta^(l) is the row 1 x n_l in numerator layout, the column n_l x 1 in denominator layout; dC/dW^(l) is n_{l-1} x n_l, n_l x
    n_{l-1}.

    Attributes:
        network: whose depth and widths do not matter here.
        layout: ``numerator`` or ``denominator``.
        equations: the lines, from the last layer to the first.

    Raises:
        UnknownNameError: no equation has that name.

    Example:
        >>> import matcalc as mc
        >>> net = mc.Network(widths=(3, 4, 2), activation="f", loss="half_mse")
        >>> for equation in net.recursion(layout="denominator"):
        ...     print(equation)
        delta^(L) = (1/n_L) (f'(z^(L)) ⊙ (a^(L) - y))   (l = L)
        delta^(l) = f'(z^(l)) ⊙ W^(l+1)^T delta^(l+1)   (l = 1, ..., L-1)
        dC/dW^(l) = delta^(l) a^(l-1)^T   (l = 1, ..., L)
        dC/db^(l) = delta^(l)   (l = 1, ..., L)
        dC/da^(l) = W^(l+1)^T delta^(l+1)   (l = 0, ..., L-1)
    """

    network: Network
    layout: Layout
    equations: tuple[Equation, ...]

    def __iter__(self) -> Iterator[Equation]:
        return iter(self.equations)

    def __getitem__(self, name: str) -> Equation:
        """The equation of that name."""
        found = {equation.name: equation for equation in self.equations}
        if name not in found:
            raise UnknownNameError(f"The recursion has no equation {name!r}. {near_names(str(name), found)}")
        return found[name]

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.equations))

    def latex(self) -> str:
        """The equations in LaTeX, aligned."""
        lines = [f"{e.left_latex} &= {e.right.latex()} && {e.condition_latex}" for e in self.equations]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def verify(self, *, depths: tuple[int, ...] = (2, 3, 4), seed: int = 0) -> Any:
        """Check every equation at every layer of networks of several depths, against a reverse sweep in NumPy."""
        return METHODS["verify_recursion"](self, depths=depths, seed=seed)


@final
class _Layers:
    """Symbolic layers of a network: the last one, and a general one with its neighbours."""

    def __init__(self, network: Network, layout: Layout, style: str) -> None:
        self.network, self.layout, self.style = network, layout, style
        self.batch, self.samples = network.batch, network.samples

    def values(self, letter: str, layer: str) -> Expr:
        name = letter if self.batch is None else letter.upper()
        return array(f"{name}^({layer})", Dim((f"n_{layer}",)), self.batch, self.samples)

    def layer(self, layer: str, before: str, a: Expr) -> tuple[Expr, Expr | None, Expr]:
        """W, b and z of a layer."""
        W = matrix(f"W^({layer})", Dim((f"n_{layer}",)), Dim((f"n_{before}",)))
        b = vector(f"b^({layer})", Dim((f"n_{layer}",))) if self.network.bias else None
        return W, b, let(self.letter("z") + f"^({layer})", pre_activation(W, a, b, self.batch, self.samples))

    def letter(self, letter: str) -> str:
        return letter if self.batch is None else letter.upper()

    def delta(self, layer: str, z: Expr) -> Expr:
        return Symbol(f"delta^({layer})", derivative_shape((), z.shape, self.layout))

    def derived(self, cost: Expr, by: Expr, deltas: dict[str, Expr]) -> Expr:
        """The derivative, in which that of the unknown rest by z is written as delta."""
        result = derive(cost, by, layout=self.layout.value, style=self.style).result
        known: dict[Expr, Expr] = {}
        for node in postorder([result]):
            if isinstance(node, MapDerivative) and node.function.name == self.network.cost_name and isinstance(node.arguments[0], Let):
                known[node] = deltas.get(node.arguments[0].name, node)
        return replaced(result, known)


def _general_activation(network: Network) -> Activation:
    """The activation of a general layer before the last: the common one, or an unknown f^(l) where they differ."""
    hidden = set(network.activations[:-1]) or {network.activations[-1]}
    if len(hidden) == 1:
        (only,) = hidden
        if isinstance(only, ElementwiseFunction):
            return only
    return ElementwiseFunction("f^(l)")


def recursion(network: Network, *, layout: str | None = None, style: str = "hadamard") -> Recursion:
    """The equations of backpropagation of a network for general l.

    Shapes: in denominator layout delta^(l) is a column and dC/dW^(l) has the shape of W^(l); in numerator layout delta^(l) is a row
    and dC/dW^(l) has the shape of W^(l) transposed. For a batch delta^(l) has the shape of Z^(l), or its transpose.

    Args:
        network: tells activation, loss, bias and batch; its widths do not matter.
        layout: ``numerator`` or ``denominator``.
        style: as in `derive`.
    """
    chosen = layout_named(layout)
    layers = _Layers(network, chosen, style_named(style).value)
    return Recursion(network, chosen, (_last(layers), *_general(layers)))


def _equation(layers: _Layers, name: str, by: Expr, right: Expr, holds: tuple[int, int]) -> Equation:
    cost = Symbol(layers.network.cost_name, ())
    left = Derivative(cost, by, layers.layout.value, False, derivative_shape((), by.shape, layers.layout))
    assert isinstance(by, Symbol | Let)
    return Equation(name, left, right, by.name.split("^")[0], *holds)


def _last(layers: _Layers) -> Equation:
    network = layers.network
    n = Dim(("n_L",))
    z = layers.values("z", "L")
    a = let(layers.letter("a") + "^(L)", activated(network.activations[-1], z, network.batch))
    y = array("y", n, network.batch, network.samples)
    cost = cost_of(network.loss, a, y, n, network.batch, network.samples)
    return _equation(layers, "delta^(L)", z, layers.derived(cost, z, {}), (-1, -1))


def _general(layers: _Layers) -> list[Equation]:
    before = layers.values("a", "l-1")
    W, b, z = layers.layer("l", "l-1", before)
    a = let(layers.letter("a") + "^(l)", activated(_general_activation(layers.network), z, layers.batch))
    _, _, after = layers.layer("l+1", "l", a)
    deltas = {node.name: layers.delta(layer, node) for layer, node in (("l", z), ("l+1", after)) if isinstance(node, Let)}
    here, behind = (function(layers.network.cost_name, of=node, shape=()) for node in (z, after))
    assert isinstance(here, Expr) and isinstance(behind, Expr)
    equations = [_equation(layers, "delta^(l)", z, layers.derived(behind, z, deltas), (1, -2))]
    for parameter in (W, b):
        if isinstance(parameter, Symbol):
            right = layers.derived(here, parameter, deltas)
            equations.append(_equation(layers, f"d{layers.network.cost_name}/d{parameter.name}", parameter, right, (1, -1)))
    name = a.name if isinstance(a, Let) else ""
    equations.append(_equation(layers, f"d{layers.network.cost_name}/d{name}", a, layers.derived(behind, a, deltas), (0, -2)))
    return equations


def delta(network: Network, layer: int, *, layout: str | None = None) -> Expr:
    """The derivative of the cost by z of a layer, in a layout."""
    return derive(network.cost, network.z[layer], layout=layout).result


register(METHODS, "recursion", recursion)
register(METHODS, "delta", delta)
