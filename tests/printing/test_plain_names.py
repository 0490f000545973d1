"""Plain names in LaTeX."""

from __future__ import annotations

import pytest

from matcalc.language.sizes import Dim, Shape
from matcalc.printing.names import COMMANDS, latex_name, latex_size, latex_transposed_name, plain_name

N = Dim(("n",))
SCALAR: Shape = ()
VECTOR: Shape = (N,)
ROW: Shape = (1, N)
MATRIX: Shape = (Dim(("m",)), N)

NAMES = [
    ("a", SCALAR, "a"),
    ("x", VECTOR, r"\mathbf{x}"),
    ("r", ROW, r"\mathbf{r}"),
    ("W", MATRIX, r"\mathbf{W}"),
    ("W^(1)", MATRIX, r"\mathbf{W}^{(1)}"),
    ("W^(l+1)", MATRIX, r"\mathbf{W}^{(l+1)}"),
    ("a^[1]", VECTOR, r"\mathbf{a}^{[1]}"),
    ("f^1", SCALAR, "f^{1}"),
    ("W_1^(2)", MATRIX, r"\mathbf{W}_1^{(2)}"),
    ("W^(2)_1", MATRIX, r"\mathbf{W}^{(2)}_1"),
    ("W_1_2", MATRIX, r"\mathbf{W}_{1_2}"),
    ("h_t-1", VECTOR, r"\mathbf{h}_{t-1}"),
    ("h_{t-1}", VECTOR, r"\mathbf{h}_{t-1}"),
    ("n_0", SCALAR, "n_0"),
    ("n_L-1", SCALAR, "n_{L-1}"),
    ("W_xh", MATRIX, r"\mathbf{W}_{xh}"),
    ("x_max", SCALAR, r"x_{\mathrm{max}}"),
    ("x_theta", SCALAR, r"x_{\theta}"),
    ("W1", MATRIX, r"\mathbf{W}_1"),
    ("W12", MATRIX, r"\mathbf{W}_{12}"),
    ("W1^(2)", MATRIX, r"\mathbf{W}_1^{(2)}"),
    ("W1_2", MATRIX, r"\mathbf{W1}_2"),
    ("lambda", SCALAR, r"\lambda"),
    ("lam", SCALAR, r"\lambda"),
    ("eps", SCALAR, r"\epsilon"),
    ("theta_k", VECTOR, r"\boldsymbol{\theta}_k"),
    ("delta^(l)", VECTOR, r"\boldsymbol{\delta}^{(l)}"),
    ("Sigma", MATRIX, r"\boldsymbol{\Sigma}"),
    ("Alpha", SCALAR, r"\mathit{Alpha}"),
    ("xhat", VECTOR, r"\hat{\mathbf{x}}"),
    ("xhat", SCALAR, r"\hat{x}"),
    ("xbar_1", VECTOR, r"\bar{\mathbf{x}}_1"),
    ("xtilde1", VECTOR, r"\tilde{\mathbf{x}}_1"),
    ("xdot", SCALAR, r"\dot{x}"),
    ("thetahat", VECTOR, r"\hat{\boldsymbol{\theta}}"),
    ("bar", SCALAR, r"\mathit{bar}"),
    ("rebar", SCALAR, r"\mathit{rebar}"),
    ("beta", SCALAR, r"\beta"),
    ("loss", SCALAR, r"\mathit{loss}"),
    ("loss", VECTOR, r"\mathbf{loss}"),
    ("x'", VECTOR, r"\mathbf{x}'"),
    ("x'_1^(2)", VECTOR, r"\mathbf{x}_1'^{(2)}"),
    ("x_", SCALAR, r"\mathit{x\_}"),
    ("x%", SCALAR, r"\mathit{x\%}"),
    ("dC/dz", VECTOR, r"\frac{\partial C}{\partial \mathbf{z}}"),
    ("dC/dz^(l)", VECTOR, r"\frac{\partial C}{\partial \mathbf{z}^{(l)}}"),
    ("dC/dc", SCALAR, r"\frac{\partial C}{\partial c}"),
    ("dloss/dW_1", MATRIX, r"\frac{\partial \mathit{loss}}{\partial \mathbf{W}_1}"),
]


@pytest.mark.parametrize(("name", "shape", "expected"), NAMES, ids=[f"{name}-{len(shape)}" for name, shape, _ in NAMES])
def test_name_in_latex(name: str, shape: Shape, expected: str) -> None:
    assert latex_name(name, shape) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", r"\mathbf{x}^\top"),
        ("x_1", r"\mathbf{x}_1^\top"),
        ("W^(1)", r"\mathbf{W}^{(1)\top}"),
        ("W_1^(2)", r"\mathbf{W}_1^{(2)\top}"),
        ("W^(2)_1", r"\mathbf{W}^{(2)\top}_1"),
        ("x'", r"\mathbf{x}'^\top"),
        ("x'_1", r"\mathbf{x}_1'^\top"),
    ],
)
def test_transposed_name_has_one_superscript(name: str, expected: str) -> None:
    assert latex_transposed_name(name, VECTOR) == expected


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("accent", ["hat", "bar", "tilde", "dot"])
def test_greek_name_is_itself_and_takes_every_accent(name: str, accent: str) -> None:
    assert latex_name(name, SCALAR) == COMMANDS[name]
    assert latex_name(name + accent, SCALAR) == rf"\{accent}{{{COMMANDS[name]}}}"


def test_signs_in_brackets_begin_no_script() -> None:
    assert plain_name("a^(l_1)").scripts == (("^", "(l_1)"),)


@pytest.mark.parametrize(
    ("size", "expected"),
    [(3, "3"), (N, "n"), (Dim(("n_0",)), "n_0"), (Dim(("m", "n"), 2), "2 m n"), (Dim(("batch",)), r"\mathit{batch}")],
    ids=str,
)
def test_size_in_latex(size: Dim | int, expected: str) -> None:
    assert latex_size(size) == expected


@pytest.mark.parametrize("name", [name for name, _, _ in NAMES])
@pytest.mark.parametrize("write", [latex_name, latex_transposed_name], ids=["plain", "transposed"])
def test_mathtext_reads_the_name(name: str, write) -> None:  # type: ignore[no-untyped-def]
    mathtext = pytest.importorskip("matplotlib.mathtext")
    if write is latex_name or "/" not in name:
        mathtext.MathTextParser("path").parse(f"${write(name, VECTOR)}$")
