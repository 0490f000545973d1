"""Right lines of derivations, in the notations of textbooks, courses and notes: none of them may be called wrong.

They stand in ``right_lines.txt``, by what they are about. Each is checked by `tests.check.worlds`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import final

from tests.check.settings import Setting

LAYOUTS = {"n": "numerator", "d": "denominator", "m": "mixed", "i": None}


@final
@dataclass(frozen=True)
class RightLine:
    """A right line.

    Attributes:
        setting: what it is about.
        layout: of its derivatives; None where it does not depend on one.
        latex: a chain of equalities.
    """

    setting: Setting
    layout: str | None
    latex: str

    def __str__(self) -> str:
        return f"{self.setting.name}, {self.layout}: {self.latex}"


NETWORK = Setting("network", network={"widths": (5, 4, 3, 2), "activation": "f", "loss": "half_mse"})

UNKNOWN_COST = Setting(
    "layers without biases", network={"widths": (5, 4, 3, 2), "activation": ["f^1", "f^2", "f^3"], "loss": "C", "bias": False},
    bare_layers=True,
)  # fmt: skip

ROWS = Setting("samples as rows", network={"widths": (5, 4, 3, 2), "activation": "f", "loss": "squared_error", "batch": "rows"})

COLUMNS = Setting("samples as columns", network={"widths": (5, 4, 3, 2), "activation": "sigmoid", "loss": "half_mse", "batch": "columns"})

LEAST_SQUARES = Setting(
    "least squares", shapes={"X": "N d", "w": "d", "y": "N", "lambda": "", "A": "m d", "b": "m"},
    definitions=(
        r"\mathbf{r} = \mathbf{X} \mathbf{w} - \mathbf{y}", r"J = \frac{1}{2} \|\mathbf{r}\|^2",
        r"E = \frac{1}{2N} \|\mathbf{X}\mathbf{w} - \mathbf{y}\|_2^2 + \frac{\lambda}{2} \mathbf{w}^\top \mathbf{w}",
    ),
)  # fmt: skip

LOGISTIC = Setting(
    "logistic regression", shapes={"X": "N d", "w": "d", "y": "N", "lambda": ""}, functions={r"\sigma": "sigmoid"},
    definitions=(
        r"\mathbf{z} = \mathbf{X} \mathbf{w}", r"\mathbf{p} = \sigma(\mathbf{z})",
        r"\mathcal{L} = -\mathbf{y}^\top \log \mathbf{p} - (1 - \mathbf{y})^\top \log(1 - \mathbf{p})",
    ),
)  # fmt: skip

SOFTMAX = Setting(
    "softmax cross entropy", shapes={"W": "m n", "x": "n", "b": "m", "y": "m"}, assume=("y one-hot",),
    definitions=(
        r"\mathbf{z} = \mathbf{W} \mathbf{x} + \mathbf{b}", r"\mathbf{p} = \operatorname{softmax}(\mathbf{z})",
        r"L = -\mathbf{y}^\top \log \mathbf{p}",
    ),
)  # fmt: skip

MATRICES = Setting(
    "matrices", shapes={"A": "m n", "B": "n m", "X": "n p", "S": "n n", "x": "n", "a": "n", "b": "p", "c": "m", "Y": "n n", "alpha": ""},
    assume=("Y invertible", "det(Y) > 0"),
)  # fmt: skip

ATTENTION = Setting(
    "attention", shapes={"Q": "n d", "K": "m d", "V": "m p"}, functions={"L": {"of": "O", "shape": ""}},
    definitions=(
        r"\mathbf{S} = \frac{1}{\sqrt{d}} \mathbf{Q} \mathbf{K}^\top", r"\mathbf{P} = \operatorname{softmax}_{\mathrm{row}}(\mathbf{S})",
        r"\mathbf{O} = \mathbf{P} \mathbf{V}",
    ),
)  # fmt: skip

RECURRENT = Setting(
    "a recurrent net", running={"t": (1, 3)}, last="T", functions={"f": "elementwise"},
    shapes={"W": "m m", "U": "m n", "b": "m", "h_0": "m", "x_1": "n", "x_2": "n", "x_3": "n", "y": "m"},
    definitions=(
        *(f"a_{t} = W h_{t - 1} + U x_{t} + b" for t in (1, 2, 3)), *(f"h_{t} = f(a_{t})" for t in (1, 2, 3)),
        r"\mathcal{L} = \frac{1}{2} \|h_3 - y\|^2",
    ),
)  # fmt: skip

SUBSCRIPTS = Setting(
    "layers as subscripts", deltas="z_{}", functions={"f": "elementwise", "g": "elementwise"},
    shapes={"W_1": "h d", "W_2": "k h", "b_1": "h", "b_2": "k", "x": "d", "y": "k"},
    definitions=(
        "z_1 = W_1 x + b_1", "h = f(z_1)", "z_2 = W_2 h + b_2", r"\hat{y} = g(z_2)", r"J = \frac{1}{2} (\hat{y} - y)^\top (\hat{y} - y)",
    ),
)  # fmt: skip

BRACKETS = Setting(
    "layers in square brackets", deltas="z^({})", functions={"g": "elementwise", r"\sigma": "sigmoid"},
    shapes={"W^{[1]}": "h d", "W^{[2]}": "k h", "b^{[1]}": "h", "b^{[2]}": "k", "x": "d", "y": "k"},
    definitions=(
        "z^{[1]} = W^{[1]} x + b^{[1]}", "a^{[1]} = g(z^{[1]})", "z^{[2]} = W^{[2]} a^{[1]} + b^{[2]}", r"a^{[2]} = \sigma(z^{[2]})",
        r"J = \frac{1}{2} \|a^{[2]} - y\|^2",
    ),
)  # fmt: skip

ROW_SAMPLES = Setting(
    "samples as rows, weights on the right", functions={"f": "elementwise"},
    shapes={"X": "N d", "W_1": "d h", "W_2": "h k", "b": "k", "Y": "N k"},
    definitions=(
        "Z = X W_1", "H = f(Z)", r"S = H W_2 + \mathbf{1}_N b^\top", "E = S - Y", r"L = \frac{1}{2N} \|E\|_F^2",
    ),
)  # fmt: skip

GAUSSIAN = Setting(
    "a Gaussian", shapes={"Sigma": "n n", "mu": "n", "x": "n"}, assume=("Sigma positive definite",),
    definitions=(
        (
            r"\ell = -\frac{1}{2} \ln \det \Sigma"
            r" - \frac{1}{2} (\mathbf{x} - \boldsymbol{\mu})^\top \Sigma^{-1} (\mathbf{x} - \boldsymbol{\mu})"
        ),
    ),
)  # fmt: skip

AUTOENCODER = Setting(
    "an autoencoder", shapes={"W": "k n", "x": "n"}, functions={"f": "elementwise"},
    definitions=("h = f(W x)", r"\hat{x} = W^\top h", r"L = \frac{1}{2} \|\hat{x} - x\|^2", "z = W x"),
)  # fmt: skip

CENTRED = Setting(
    "centring and projections", shapes={"x": "n", "A": "n n", "S": "n n", "v": "n", "u": "m", "B": "m n"}, assume=("S symmetric",),
    definitions=(
        r"\mathbf{c} = \mathbf{x} - \frac{1}{n} \mathbf{1}_n \mathbf{1}_n^\top \mathbf{x}", r"V = \frac{1}{n} \mathbf{c}^\top \mathbf{c}",
        r"R = \frac{\mathbf{v}^\top \mathbf{S} \mathbf{v}}{\mathbf{v}^\top \mathbf{v}}",
    ),
)  # fmt: skip

GATES = Setting(
    "a cell with gates", functions={r"\sigma": "sigmoid"},
    shapes={"U_i": "m n", "U_o": "m n", "U_g": "m n", "x": "n", "s": "m", "y": "m", "r": "m"},
    definitions=(
        r"\mathbf{i} = \sigma(\mathbf{U}_i \mathbf{x})", r"\mathbf{o} = \sigma(\mathbf{U}_o \mathbf{x})",
        r"\mathbf{g} = \tanh(\mathbf{U}_g \mathbf{x})", r"\mathbf{c} = \mathbf{r} \odot \mathbf{s} + \mathbf{i} \odot \mathbf{g}",
        r"\mathbf{q} = \tanh(\mathbf{c})", r"\mathbf{h} = \mathbf{o} \odot \mathbf{q}", r"E = \frac{1}{2} \|\mathbf{h} - \mathbf{y}\|^2",
    ),
)  # fmt: skip

DERIVATIVES = Setting(
    "a net of two functions", functions={"f": "elementwise", r"\phi": "elementwise"},
    shapes={"V": "k h", "W": "h d", "x": "d", "t": "k", "M": "d d"},
    definitions=(
        r"\mathbf{u} = \mathbf{W} \mathbf{x}", r"\mathbf{h} = \phi(\mathbf{u})", r"\mathbf{v} = \mathbf{V} \mathbf{h}",
        r"\mathbf{o} = f(\mathbf{v})", r"\mathbf{e} = \mathbf{o} - \mathbf{t}", r"E = \frac{1}{2} \mathbf{e}^\top \mathbf{e}",
    ),
)  # fmt: skip

SETTINGS = (
    NETWORK, UNKNOWN_COST, ROWS, COLUMNS, LEAST_SQUARES, LOGISTIC, SOFTMAX, MATRICES, ATTENTION, RECURRENT, SUBSCRIPTS, BRACKETS,
    ROW_SAMPLES, GAUSSIAN, AUTOENCODER, CENTRED, GATES, DERIVATIVES,
)  # fmt: skip


def _listed() -> Iterator[RightLine]:
    """The lines of the file, of which each section has the name of its setting."""
    by_name = {setting.name: setting for setting in SETTINGS}
    setting = None
    for text in (Path(__file__).parent / "right_lines.txt").read_text(encoding="utf-8").splitlines()[1:]:
        if text.startswith("["):
            setting = by_name.pop(text[1:-1])
        elif text and setting is not None:
            yield RightLine(setting, LAYOUTS[text[0]], text[2:])
    assert not by_name, by_name


RIGHT_LINES = tuple(_listed())
