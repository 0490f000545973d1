"""Networks: a way to write the expressions of fully connected layers.

    z^(l) = W^(l) a^(l-1) + b^(l),   a^(l) = f(z^(l)),   a^(0) = x,   C = loss(a^(L), y)

With ``batch="rows"`` the samples are the rows of X, Z = A W^T + 1 b^T; with ``"columns"`` its columns, Z = W A + b 1^T. The
expressions are on the symbolic sizes n_0 .. n_L; nothing here knows of derivatives or layouts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, final

from matcalc.errors import NetworkError, near_name
from matcalc.language.building import function, let, matrix, ones, softmax, vector
from matcalc.language.building import sum as total
from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, known_function
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.by_name import ByName
from matcalc.language.operators import METHODS, Drawable, Tabled
from matcalc.language.sizes import Dim
from matcalc.language.text_rows import filled

if TYPE_CHECKING:
    from matcalc.language.model import Model

ACTIVATIONS: tuple[str, ...] = tuple(
    name for name in KNOWN_FUNCTIONS if name not in ("step", "sign", "normal_cdf", "normal_pdf")
)
BATCHES = ("rows", "columns")
SOFTMAX = "softmax"

Activation: TypeAlias = ElementwiseFunction | str  # the string is SOFTMAX, of the last layer only

_log = known_function("log")


@final
@dataclass(frozen=True, slots=True)
class LossRow:
    """A known loss: what it is of a and y, and what it needs of the last activation.

    Attributes:
        of: the loss of all entries, before the division by N.
        text: as a student reads it.
        low, high: the open interval in which the activation of the last layer must have its values.
        last: an activation of the last layer that the loss brings along.
    """

    of: Callable[[Expr, Expr, Dim], Expr]
    text: str
    low: int | None = None
    high: int | None = None
    last: str | None = None


LOSSES: Mapping[str, LossRow] = MappingProxyType(
    {
        "half_mse": LossRow(lambda a, y, n: 1 / n * total(Fraction(1, 2) * (a - y) ** 2), "1/n_L sum 1/2 (a - y)^2"),
        "squared_error": LossRow(lambda a, y, n: Fraction(1, 2) * total((a - y) ** 2), "1/2 sum (a - y)^2"),
        "cross_entropy": LossRow(lambda a, y, n: -total(y * _log(a)), "-sum y ln a", low=0),
        "binary_cross_entropy": LossRow(
            lambda a, y, n: -total(y * _log(a) + (1 - y) * _log(1 - a)), "-sum(y ln a + (1 - y) ln(1 - a))", low=0, high=1
        ),
        "softmax_cross_entropy": LossRow(lambda a, y, n: -total(y * _log(a)), "-sum y ln a, a = softmax(z)", last=SOFTMAX),
    }
)


# ---- one layer, shared by networks and by the recursion --------------------------------------------------------------


def pre_activation(W: Expr, a: Expr, b: Expr | None, batch: str | None, samples: Dim) -> Expr:
    """W a + b, or its form for a batch."""
    product = a @ W.T if batch == "rows" else W @ a
    if b is None:
        return product
    if batch is None:
        return product + b
    return product + (ones(samples) @ b.T if batch == "rows" else b @ ones(samples).T)


def activated(activation: Activation, z: Expr, batch: str | None) -> Expr:
    """The activation of a layer."""
    if isinstance(activation, ElementwiseFunction):
        return activation(z)
    return softmax(z, axis=batch or "columns")


def cost_of(loss: str, a: Expr, y: Expr, n: Dim, batch: str | None, samples: Dim) -> Expr:
    """The cost of the last activation: a known loss, averaged over the batch, or an unknown function of a and y."""
    if loss not in LOSSES:
        applied = function(loss, of=(a, y), shape=())
        assert isinstance(applied, Expr)
        return applied
    value = LOSSES[loss].of(a, y, n)
    return value if batch is None else 1 / samples * value


def array(name: str, n: Dim, batch: str | None, samples: Dim) -> Expr:
    """The values of one layer: a column, or for a batch a matrix with the samples as rows or columns."""
    if batch is None:
        return vector(name, n)
    return matrix(name.upper() if len(name) == 1 else name, *((samples, n) if batch == "rows" else (n, samples)))


# ---- what was asked for ----------------------------------------------------------------------------------------------

_UNKNOWN = re.compile(r"(?P<stem>[A-Za-z]|\\[A-Za-z]+)(\^(\{(?P<braced>[^{}]+)\}|(?P<bare>\w|\(\w+\))))?")


def activation_named(name: object) -> ElementwiseFunction:
    """A known activation, or an unknown f: one letter or a LaTeX command, with a superscript if you like."""
    if isinstance(name, ElementwiseFunction):
        return name
    if isinstance(name, str) and name in ACTIVATIONS:
        return known_function(name)
    found = _UNKNOWN.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        hint = "softmax belongs to loss='softmax_cross_entropy'." if name == SOFTMAX else near_name(str(name), ACTIVATIONS)
        raise NetworkError(
            f"{name!r} is not an activation. {hint} Known: {', '.join(ACTIVATIONS)}; an unknown one is a single letter or a LaTeX "
            "command, like 'f' or 'f^1'."
        )
    script = found["braced"] or found["bare"]
    return ElementwiseFunction(found["stem"].lstrip("\\") + (f"^{script}" if script else ""))


def _activations(given: object, depth: int, loss: str) -> tuple[Activation, ...]:
    """One activation a layer; the loss may bring the last one."""
    last = LOSSES[loss].last if loss in LOSSES else None
    own = depth - 1 if last else depth
    if isinstance(given, str | ElementwiseFunction):
        names: Sequence[object] = [given] * own
    elif isinstance(given, Sequence):
        names = list(given[:-1]) if last and len(given) == depth and given[-1] == last else list(given)
    else:
        raise NetworkError(f"activation={given!r}: a name, or a list with one name a layer.")
    if len(names) != own:
        more = f" ({loss} brings {last} for the last one)" if last else ""
        raise NetworkError(f"{len(names)} activations for {own} layers{more}: give one name for all, or one a layer.")
    checked: list[Activation] = [activation_named(name) for name in names]
    return (*checked, last) if last else tuple(checked)


def _check_pair(activation: Activation, loss: str) -> None:
    """The logarithm of a loss must be defined on every value of the last activation."""
    row = LOSSES.get(loss)
    if row is None or (row.low is None and row.high is None) or isinstance(activation, str):
        return
    values = KNOWN_FUNCTIONS.get(activation.name) if activation.known else None
    low, high = (values.low, values.high) if values else (None, None)
    fits = row.low is None or (low is not None and low >= row.low)
    fits = fits and (row.high is None or (high is not None and high <= row.high))
    if fits:
        return
    needed = f"between {row.low} and {row.high}" if row.high is not None else f"above {row.low}"
    valid = [n for n in ACTIVATIONS if _lies_within(n, row)]
    raise NetworkError(
        f"loss {loss!r} ({row.text}) takes logarithms of values {needed}, and {activation.name} has others or is unknown. "
        f"For the last layer take {', '.join(valid)}; or the loss half_mse, squared_error, softmax_cross_entropy or an unknown 'C'."
    )


def _lies_within(name: str, loss: LossRow) -> bool:
    values = KNOWN_FUNCTIONS[name]
    above = loss.low is None or (values.low is not None and values.low >= loss.low)
    return above and (loss.high is None or (values.high is not None and values.high <= loss.high))


def _check_widths(widths: object) -> tuple[int, ...]:
    if not isinstance(widths, Sequence) or isinstance(widths, str) or len(widths) < 2:
        raise NetworkError(f"widths={widths!r}: at least two positive ints are needed, input first, like (3, 4, 2).")
    for width in widths:
        if isinstance(width, bool) or not isinstance(width, int) or width < 1:
            raise NetworkError(f"widths={widths!r}: {width!r} is not a positive int.")
    return tuple(widths)


@final
class Network(Tabled, Drawable):
    """A fully connected network, written as named expressions on the symbolic sizes n_0 .. n_L.

    Shapes: x, a^(l), z^(l), b^(l) are columns, W^(l) is n_l x n_{l-1}; with a batch of N samples X, Z^(l), A^(l), Y have them as
    rows (N x n_l) or as columns (n_l x N).

    Args:
        widths: input width first.
        activation: a known name (``sigmoid``, ``tanh``, ``relu`` ...), an unknown f, or a list with one a layer.
        loss: ``half_mse``, ``squared_error``, ``cross_entropy``, ``binary_cross_entropy``, ``softmax_cross_entropy``, or a single
            capital letter for an unknown function of a and y.
        bias: whether layers have a bias.
        batch: None for one sample, ``rows`` or ``columns``.

    Attributes:
        x, y: input and label; X and Y of a batch.
        W, b, z, a: of each layer, by its number from 1 on; ``a[0]`` is the input. By plain name, as ``W["W^(1)"]``, too.
        cost: the quantity to derive, a scalar.
        widths, loss, bias, batch: as given.
        activations: the function of each layer.
        dims, samples: the sizes n_0 .. n_L, and N.

    Raises:
        NetworkError: any of them is not possible, or loss and last activation do not go together.

    Example:
        >>> import matcalc as mc
        >>> net = mc.Network(widths=(3, 4, 2), activation="sigmoid", loss="half_mse")
        >>> net.z[2].definition
        W^(2) a^(1) + b^(2)
        >>> list(net.parameters)
        ['W^(1)', 'b^(1)', 'W^(2)', 'b^(2)']
        >>> mc.derive(net.cost, net.b[2], layout="denominator").result
        (1/n_2) (a^(2) ⊙ (1 - a^(2)) ⊙ (a^(2) - y))
    """

    def __init__(
        self,
        widths: Sequence[int] = (3, 4, 2),
        activation: str | ElementwiseFunction | Sequence[str | ElementwiseFunction] = "sigmoid",
        loss: str = "half_mse",
        bias: bool = True,
        batch: str | None = None,
    ) -> None:
        self.widths = _check_widths(widths)
        if not isinstance(loss, str) or (loss not in LOSSES and not re.fullmatch("[A-Z]", loss)):
            known = ", ".join(LOSSES)
            raise NetworkError(f"{loss!r} is not a loss. {near_name(str(loss), LOSSES)} Known: {known}; 'C' is an unknown C(a, y).")
        if batch is not None and batch not in BATCHES:
            raise NetworkError(f"batch={batch!r}: it is None, 'rows' or 'columns' (where the samples stand).")
        if not isinstance(bias, bool):
            raise NetworkError(f"bias={bias!r}: it is True or False.")
        self.loss, self.bias, self.batch = loss, bias, batch
        self.activations = _activations(activation, self.depth, loss)
        _check_pair(self.activations[-1], loss)
        self.dims = tuple(Dim((f"n_{k}",)) for k in range(self.depth + 1))
        self.samples = Dim(("N",))
        self._write()

    @property
    def depth(self) -> int:
        """The number L of layers."""
        return len(self.widths) - 1

    @property
    def cost_name(self) -> str:
        """The name of the cost: C, or the letter of an unknown loss."""
        return "C" if self.loss in LOSSES else self.loss

    @property
    def sizes(self) -> dict[str, int]:
        """The widths by the names of their sizes."""
        return {dim.names[0]: width for dim, width in zip(self.dims, self.widths, strict=True)}

    def _write(self) -> None:
        z_name, a_name = ("z", "a") if self.batch is None else ("Z", "A")
        self.x = array("x", self.dims[0], self.batch, self.samples)
        self.y = array("y", self.dims[-1], self.batch, self.samples)
        self.W: dict[int, Expr] = ByName({})
        self.b: dict[int, Expr] = ByName({})
        self.z: dict[int, Expr] = ByName({})
        self.a: dict[int, Expr] = ByName({0: self.x})
        for k in range(1, self.depth + 1):
            self.W[k] = matrix(f"W^({k})", self.dims[k], self.dims[k - 1])
            if self.bias:
                self.b[k] = vector(f"b^({k})", self.dims[k])
            written = pre_activation(self.W[k], self.a[k - 1], self.b.get(k), self.batch, self.samples)
            self.z[k] = let(f"{z_name}^({k})", written)
            self.a[k] = let(f"{a_name}^({k})", activated(self.activations[k - 1], self.z[k], self.batch))
        value = cost_of(self.loss, self.a[self.depth], self.y, self.dims[-1], self.batch, self.samples)
        self.cost = let(self.cost_name, value)

    @property
    def parameters(self) -> dict[str, Expr]:
        """Weights and biases by plain name, from the first layer on."""
        found: dict[str, Expr] = {}
        for k in self.W:
            for parameter in (self.W[k], self.b.get(k)):
                if isinstance(parameter, Symbol):
                    found[parameter.name] = parameter
        return ByName(found)

    def model(self) -> Model:
        """The network as a model: its quantities, functions and sizes by name, with a^(0) as another name of the input.

        Example:
            >>> import matcalc as mc
            >>> model = mc.Network(widths=(3, 4, 2)).model()
            >>> model.read(r"\\mathbf{W}^{(1)} \\mathbf{a}^{(0)}"), model.sizes
            (W^(1) x, {'n_0': 3, 'n_1': 4, 'n_2': 2})
        """
        return METHODS["network_model"](self)  # type: ignore[no-any-return]

    def delta(self, layer: int, *, layout: str | None = None) -> Expr:
        """The derivative of the cost by z^(layer), in a layout.

        Shapes: 1 x n_l in numerator layout, n_l x 1 in denominator layout; with a batch that of the derivative by Z^(layer).

        Raises:
            NetworkError: there is no such layer.
            LayoutError: no layout, or one that does not exist.

        Example:
            >>> import matcalc as mc
            >>> net = mc.Network(widths=(3, 4, 2), activation="f")
            >>> net.delta(2, layout="denominator")
            (1/n_2) (f'(z^(2)) ⊙ (a^(2) - y))
        """
        if layer not in self.z:
            raise NetworkError(f"There is no layer {layer}: layers are 1 to {self.depth}.")
        return METHODS["delta"](self, layer, layout=layout)  # type: ignore[no-any-return]

    def recursion(self, *, layout: str | None = None, style: str = "hadamard") -> Any:
        """The recursion of backpropagation for a general layer: see `Recursion`.

        Args:
            layout: ``numerator`` or ``denominator``; there is no default.
            style: ``hadamard`` or ``diag``.

        Raises:
            LayoutError: no layout, or one that does not exist.

        Example:
            >>> import matcalc as mc
            >>> mc.Network(widths=(3, 4, 2)).recursion(layout="numerator")["dC/dW^(l)"]
            dC/dW^(l) = a^(l-1) delta^(l)   (l = 1, ..., L)
        """
        return METHODS["recursion"](self, layout=layout, style=style)

    def __repr__(self) -> str:
        listed = [a if isinstance(a, str) else a.name for a in self.activations]
        names = listed[0] if len(set(listed)) == 1 else listed
        batch = "" if self.batch is None else f", batch={self.batch!r}"
        return "\n".join(filled(f"Network(widths={self.widths}, activation={names!r}, loss={self.loss!r}, bias={self.bias}{batch})"))
