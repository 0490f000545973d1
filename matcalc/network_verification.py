"""The recursion of backpropagation, checked layer by layer on networks of several depths."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import Dim
from matcalc.language.traversal import named
from matcalc.networks import Network
from matcalc.numeric.data import Array, Data, Orders, size_names, unknown_functions
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.functions import elementwise_value
from matcalc.numeric.layouts import laid_out
from matcalc.numeric.tape import jacobian
from matcalc.language.traversal import postorder, with_definition
from matcalc.printing.notebook import checks
from matcalc.recursion import Equation, Recursion
from matcalc.verification import EXACT_TOLERANCE, relative_error

WIDTHS = (5, 3, 7, 2, 11, 13, 17, 19, 23)
_LAYER = re.compile(r"(?P<base>.+?)(\^|_)\(?(?P<layer>L|l(?P<offset>[+-]\d+)?)\)?")


@final
@dataclass(frozen=True, slots=True)
class LayerCheck:
    """One equation at one layer of one network: its error relative to the largest entry.

    Attributes:
        equation: its name in the recursion.
        depth, layer: of the network, and the layer in it.
        error: relative to the largest entry.
    """

    equation: str
    depth: int
    layer: int
    error: float


@final
@dataclass(frozen=True, slots=True)
class RecursionReport:
    """All checks of a recursion.

    Attributes:
        checks: one for each equation, depth and layer.
        tolerance: the largest error that passes, relative to the largest entry.
        seed: of the random data.
    """

    checks: tuple[LayerCheck, ...]
    tolerance: float
    seed: int

    @property
    def ok(self) -> bool:
        """Whether every equation holds at every layer."""
        return bool(self.checks) and all(check.error <= self.tolerance for check in self.checks)

    def worst(self, equation: str) -> float:
        """The largest error of an equation."""
        return max(check.error for check in self.checks if check.equation == equation)

    def _repr_html_(self) -> str:
        counts = Counter(check.equation for check in self.checks)
        found = (
            (name, f"{count} layers", self.worst(name) <= self.tolerance, f"error {self.worst(name):.1e}") for name, count in counts.items()
        )
        return checks(f"recursion {'verified' if self.ok else 'NOT verified'}", self.ok, found, {}, self.seed)

    def __repr__(self) -> str:
        counts = Counter(check.equation for check in self.checks)
        lines = [f"  {name:<12} {count:>3} layers, error {self.worst(name):.1e}" for name, count in counts.items()]
        return "\n".join([f"recursion {'verified' if self.ok else 'NOT verified'} (tolerance {self.tolerance:.0e})", *lines])


def verify_recursion(recursion: Recursion, *, depths: tuple[int, ...] = (2, 3, 4), seed: int = 0) -> RecursionReport:
    """Check every equation at every layer it holds for, in networks of the given depths with distinct widths.

    The truth is the derivative of the cost by reverse mode in NumPy; delta on the right side is that truth too, as the recursion
    says.
    """
    found: list[LayerCheck] = []
    for depth in depths:
        network = _of_depth(recursion.network, depth)
        data = draw([network.cost, *network.parameters.values()], np.random.default_rng(seed))
        for equation in recursion.equations:
            for layer in _layers(equation, depth):
                found.append(LayerCheck(equation.name, depth, layer, _error(equation, network, layer, data)))
    return RecursionReport(tuple(found), EXACT_TOLERANCE, seed)


def _of_depth(network: Network, depth: int) -> Network:
    """A network of that depth with the activations of the given one."""
    last = network.activations[-1]
    hidden = network.activations[:-1] or (last if isinstance(last, ElementwiseFunction) else ElementwiseFunction("f"),)
    names = [hidden[k % len(hidden)] for k in range(depth - 1)] + ([last] if isinstance(last, ElementwiseFunction) else [])
    return Network(WIDTHS[: depth + 1], names, network.loss, network.bias, network.batch)


def _layers(equation: Equation, depth: int) -> Iterator[int]:
    first, last = (end if end >= 0 else depth + 1 + end for end in (equation.first, equation.last))
    yield from range(first, last + 1)


def _error(equation: Equation, network: Network, layer: int, data: Data) -> float:
    by = _quantity(network, equation.variable, layer)
    truth = laid_out(jacobian(network.cost, by, data), (), [by.shape], equation.left.layout)
    found = value(equation.right, _at_layer(equation, network, layer, data))
    return relative_error(found, truth)


def _quantity(network: Network, letter: str, layer: int) -> Expr:
    tables = {"W": network.W, "b": network.b, "z": network.z, "Z": network.z, "a": network.a, "A": network.a}
    table = tables["z" if letter == "delta" else letter]
    if layer not in table:
        raise EvaluationError(f"There is no {letter}^({layer}) in {network!r}.")
    return table[layer]


def _at_layer(equation: Equation, network: Network, layer: int, data: Data) -> Data:
    """The values that the names of an equation have at one layer of a network."""

    def number(found: re.Match[str]) -> int:
        return network.depth if found["layer"] == "L" else layer + int(found["offset"] or 0)

    values: dict[str, Array] = {}
    for name, node in named([equation.right]).items():
        if not isinstance(node, Symbol):
            continue
        found = _LAYER.fullmatch(name)
        if found is None:
            values[name] = data.values[name]
            continue
        quantity = _quantity(network, found["base"], number(found))
        if found["base"] == "delta":
            values[name] = laid_out(jacobian(network.cost, quantity, data), (), [quantity.shape], equation.left.layout)
        else:
            values[name] = value(quantity, data)
    nodes = list(postorder([equation.right], with_definition))
    sizes = {n: _size(n, number, network, data) for node in nodes for n in size_names(node)}
    functions = dict(data.functions)
    for name in unknown_functions(nodes):
        if name not in functions:
            functions[name] = _as_orders(network, layer, data)
    return Data(values, sizes, functions)


def _size(name: str, number: Callable[[re.Match[str]], int], network: Network, data: Data) -> int:
    found = _LAYER.fullmatch(name)
    dim = network.dims[number(found)] if found is not None else Dim((name,))
    return data.extent(dim)


def _as_orders(network: Network, layer: int, data: Data) -> Orders:
    """The activation of a layer as callables of its value and first derivatives."""
    activation = network.activations[layer - 1]
    assert isinstance(activation, ElementwiseFunction)

    def order(function: ElementwiseFunction) -> Callable[[Any], Any]:
        return lambda z: elementwise_value(function, z, data)

    return (order(activation), order(activation.prime), order(activation.prime.prime))


register(METHODS, "verify_recursion", verify_recursion)
