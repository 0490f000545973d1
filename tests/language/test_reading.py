"""Formulas in LaTeX: what they are read as."""

from __future__ import annotations

from typing import Any

import pytest

from matcalc.language import building as mc
from matcalc.language.elementwise import ElementwiseFunction, known_function
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.matrix_operations import matrix_function, matrix_power, pinv
from matcalc.language.reading.formula import parse
from matcalc.language.reading.names import plain_of
from matcalc.language.sizes import Dim

SHAPES: dict[str, Any] = {
    "c": "", r"\lambda": "", "x": "n", r"\mathbf{y}": ("m",), "r": "1 n", "A": ("n", "n"), "W": "m n", "b": "m", "V": "n m",
    r"\mathbf{W}^{(2)}": "m n", r"\boldsymbol{\delta}^{(l)}": "m", "W_{hh}": "n n", "a^{[1]}": "n", r"\mathbf{h}_{t-1}": "n",
    r"\hat{\mathbf{x}}": "n", "v_1": "n_1", "dZ": "m n", "X1": "n n", "dC/dz^(1)": "1 n",
}  # fmt: skip
FUNCTIONS: dict[str, Any] = {
    "f": "elementwise", "f^1": "elementwise", r"\phi": "relu", "u": {"of": "x", "shape": "m"}, "L": {"shape": ""},
    r"\mathbf{G}": "matrix", r"\mathbf{g}": {"of": "u", "shape": ("p",)}, "q": {"of": ["x", "y"], "shape": ""},
}  # fmt: skip

n, m, p, n_1 = (Dim((name,)) for name in ("n", "m", "p", "n_1"))
c, lam = mc.scalar("c"), mc.scalar("lambda")
x, y, b, r = mc.vector("x", n), mc.vector("y", m), mc.vector("b", m), mc.row("r", n)
A, W, V, W2 = mc.matrix("A", n, n), mc.matrix("W", m, n), mc.matrix("V", n, m), mc.matrix("W^(2)", m, n)
delta, xhat, X1, dZ = mc.vector("delta^(l)", m), mc.vector("xhat", n), mc.matrix("X1", n, n), mc.matrix("dZ", m, n)
Whh, a1, h, v1 = mc.matrix("W_hh", n, n), mc.vector("a^[1]", n), mc.vector("h_{t-1}", n), mc.vector("v_1", n_1)
f, f1 = ElementwiseFunction("f"), ElementwiseFunction("f^1")
expm = matrix_function("exp")
relu, exp, log, sigmoid, tanh = map(known_function, ("relu", "exp", "log", "sigmoid", "tanh"))
u = mc.function("u", of=x, shape=(m,))
g = mc.function("g", of=u, shape=(p,))
L = mc.function("L", of=y, shape=())
q = mc.function("q", of=(x, y), shape=())
assert isinstance(u, Expr) and isinstance(g, Expr) and isinstance(L, Expr) and isinstance(q, Expr)
Ax = A @ x


def reading(latex: str, **more: Any) -> Expr:
    return parse(latex, shapes=SHAPES, functions=FUNCTIONS, **more)


READINGS: list[tuple[str, Expr]] = [
    # styles, spacing, brackets
    (r"\mathbf{x}", x),
    ("x", x),
    (r"\boldsymbol{x}", x),
    (r"\bm x", x),
    (r"\vec{x}", x),
    (r"\mathrm{x}", x),
    (r"$\mathbf{x}$", x),
    (r"\[ x \]", x),
    (r"\left( x \right)", x),
    (r"\bigl[ x \bigr]", x),
    (r"\{x\}", x),
    (r"\mathbf{A x}", Ax),
    (r"A\,\mathbf{x}", Ax),
    (r"A \cdot x", Ax),
    ("Ax", Ax),
    (r"\left(A\right)\left[x\right]", Ax),
    # names with scripts
    (r"\mathbf{W}^{(2)} x", W2 @ x),
    ("W^{(2)}x", W2 @ x),
    (r"\delta^{(l)}", delta),
    (r"\mathbf{W}_{hh} x", Whh @ x),
    ("a^{[1]}", a1),
    ("h_{t-1}", h),
    (r"\mathbf{h}_{t - 1}", h),
    (r"\hat{x}", xhat),
    (r"\hat{\mathbf{x}}", xhat),
    (r"\mathbf{\hat x}", xhat),
    (r"\widehat{\mathbf x}", xhat),
    (r"\mathbf{X}_1 x", X1 @ x),
    ("X_1 x", X1 @ x),
    (r"\mathbf{v}_1", v1),
    (r"\frac{\partial C}{\partial \mathbf{z}^{(1)}} x", mc.row("dC/dz^(1)", n) @ x),
    # transposes
    (r"x^T A x", x.T @ A @ x),
    (r"x^\top A x", x.T @ A @ x),
    (r"x^{\top} A x", x.T @ A @ x),
    (r"x^{\mathsf T} A x", x.T @ A @ x),
    (r"x^{\mathsf{T}} A x", x.T @ A @ x),
    (r"x^{\mathrm T} A x", x.T @ A @ x),
    (r"x^\mathrm{T} A x", x.T @ A @ x),
    (r"x{}^T A x", x.T @ A @ x),
    (r"x^\intercal A x", x.T @ A @ x),
    (r"\mathbf{W}^{(2)\top} y", W2.T @ y),
    (r"(W^{(2)})^T y", W2.T @ y),
    (r"W^{(2)T} y", W2.T @ y),
    (r"W^{(2)}{}^\top y", W2.T @ y),
    (r"W^T{}^T x", W.T.T @ x),
    (r"a^{[1]\mathsf{T}} x", a1.T @ x),
    (r"\mathbf{A}^{-\top} x", mc.inv(A).T @ x),
    (r"(A^{-1})^\top x", mc.inv(A).T @ x),
    # inverses and powers
    ("A^{-1}", mc.inv(A)),
    ("A^{-1} x", mc.inv(A) @ x),
    ("A^2", matrix_power(A, 2)),
    ("A^3 x", matrix_power(A, 3) @ x),
    ("A^{-2}", matrix_power(A, -2)),
    ("A^0", matrix_power(A, 0)),
    ("A^c x", matrix_power(A, c) @ x),
    ("A^{c-1}", matrix_power(A, c - 1)),
    (r"A^{2\lambda\top}", matrix_power(A, mc.times(2, lam)).T),
    ("A^{-c}", matrix_power(A, -c)),
    ("A^+", pinv(A)),
    (r"\mathbf{W}^{+} y", pinv(W) @ y),
    (r"W^{+\top} x", pinv(W).T @ x),
    (r"W^\dagger y", pinv(W) @ y),
    (r"e^{\mathbf{A}}", expm(A)),
    ("e^{c A} x", expm(c * A) @ x),
    (r"\operatorname{sinm}(A)", matrix_function("sin")(A)),
    (r"\sin(A)", known_function("sin")(A)),
    (r"\mathbf{G}(A)", matrix_function("G")(A)),
    (r"\mathbf{G}'(c A)", matrix_function("G").prime(c * A)),
    (r"\|x\|_1", mc.sum(known_function("abs")(x))),
    (r"\operatorname{logsumexp}(x)", log(mc.sum(exp(x)))),
    (r"\operatorname{cofactor}(A)", mc.det(A) * mc.inv(A).T),
    (r"{c \over 2} x", c / 2 * x),
    (r"{1 \over {c \over 2}}", 1 / (c / 2)),
    ("c^2", c**2),
    ("c^{-1}", c**-1),
    ("c^{1/2}", mc.power(c, 0.5)),
    (r"c^{\frac{1}{2}}", mc.power(c, 0.5)),
    (r"c^\frac12", mc.power(c, 0.5)),
    (r"x^{\odot 2}", x**2),
    (r"A^{\odot -1}", A**-1),
    (r"\tanh^2(x)", tanh(x) ** 2),
    ("2^3", mc.lift(2) ** 3),
    # numbers and sizes
    (r"\frac12 x", mc.lift(0.5) * x),
    (r"\tfrac{1}{2} x", mc.lift(0.5) * x),
    (r"\frac1{2} x", mc.lift(0.5) * x),
    ("0.25 x", mc.lift(0.25) * x),
    (r"1/2 x", mc.lift(0.5) * x),
    (r"\frac{1}{n} x", 1 / n * x),
    (r"1/n", 1 / n),
    (r"\frac{c}{2 n}", c / (2 * n)),
    ("{m n} c", mc.lift(Dim(("m", "n"))) * c),
    ("-2 x", mc.lift(-2) * x),
    ("-x", -x),
    ("-(2 x)", -(2 * x)),
    ("-3^2", -(mc.lift(3) ** 2)),
    ("x - 2", x - 2),
    ("+x", x),
    (r"-\frac{1}{2} c", mc.lift(-0.5) * c),
    (r"-\frac{c}{2}", -(c / 2)),
    ("n_1 c", mc.lift(n_1) * c),
    ("N_1 c", mc.lift(n_1) * c),
    # precedence
    (r"A x \odot x + x", Ax * x + x),
    (r"x \odot (x + x)", x * (x + x)),
    (r"-x \odot x", -(x * x)),
    (r"x \circ x \odot x", x * x * x),
    (r"x - x - x", x - x - x),
    (r"A A x", A @ A @ x),
    (r"A (A x)", A @ (A @ x)),
    (r"2 \oslash x", 2 / x),
    (r"A \otimes A", mc.kron(A, A)),
    (r"W x \otimes y", mc.kron(W @ x, y)),
    (r"c \cdot 2", c * 2),
    (r"x \cdot x", x.T @ x),
    (r"\lambda x^T x", lam * x.T @ x),
    # operations
    (r"\operatorname{tr}(A)", mc.trace(A)),
    (r"\mathrm{tr}(A)", mc.trace(A)),
    (r"\text{tr}\left(A\right)", mc.trace(A)),
    (r"\operatorname{tr} A", mc.trace(A)),
    (r"\det A", mc.det(A)),
    (r"\det(A) x", mc.det(A) * x),
    (r"|A|", mc.det(A)),
    (r"\left|A\right|", mc.det(A)),
    (r"\ln \det A", mc.logdet(A)),
    (r"\log\det(A)", mc.logdet(A)),
    (r"\ln|A|", mc.logdet(A)),
    (r"\ln(\det(A))", log(mc.det(A))),
    (r"|c|", known_function("abs")(c)),
    (r"\lvert c \rvert", known_function("abs")(c)),
    (r"|c||c|", known_function("abs")(c) * known_function("abs")(c)),
    (r"\|x\|", mc.norm(x)),
    (r"\|x\|_2^2", mc.norm(x) ** 2),
    (r"\|W\|_F^2", mc.norm(W) ** 2),
    (r"\lVert x \rVert^2_2", mc.norm(x) ** 2),
    (r"\left\| W \right\|_{\mathrm{F}}", mc.norm(W)),
    (r"\operatorname{diag}(x)", mc.diag(x)),
    (r"\operatorname{diag}(A)", mc.diag(A)),
    (r"\operatorname{vec}(W)", mc.vec(W)),
    (r"\vec(W)", mc.vec(W)),
    (r"\operatorname{sum}(x)^2", mc.sum(x) ** 2),
    (r"\operatorname{inv}(A)", mc.inv(A)),
    (r"\operatorname{softmax}(x)", mc.softmax(x)),
    (r"\operatorname{softmax}_{\mathrm{row}}(W)", mc.softmax(W, axis="rows")),
    (r"\sqrt{c}", known_function("sqrt")(c)),
    (r"\sqrt 2", known_function("sqrt")(2)),
    (r"e^{c}", exp(c)),
    (r"e^{-c^2}", exp(-(c**2))),
    (r"e^x", exp(x)),
    (r"\mathrm{e}^{c}", exp(c)),
    (r"\exp(x)", exp(x)),
    (r"\sin c + c", known_function("sin")(c) + c),
    (r"\ln(\mathbf{1}^\top \exp(\mathbf{x}))", log(mc.ones(n).T @ exp(x))),
    (r"\mathbb{1}[x > 0]", known_function("step")(x)),
    (r"\underbrace{W x}_{z} + b", W @ x + b),
    (r"\underbrace{W x}_{z}^T y", (W @ x).T @ y),
    (r"\operatorname{leakyrelu}_{1/5}(x)", known_function("leaky_relu").with_parameter("1/5")(x)),
    # functions
    ("f(x)", f(x)),
    ("f'(x)", f.prime(x)),
    ("f''(x)", f.prime.prime(x)),
    (r"f^{\prime}(x)", f.prime(x)),
    (r"\mathbf{f}(x)", f(x)),
    ("f^{1}(x)", f1(x)),
    ("{f^{1}}'(x)", f1.prime(x)),
    ("f^{(4)}(x)", f.prime.prime.prime.prime(x)),
    (r"\sigma(x)", sigmoid(x)),
    (r"\sigma'(x)", sigmoid.prime(x)),
    (r"\phi(x)", relu(x)),
    (r"\operatorname{ReLU}(x)", relu(x)),
    (r"\tanh'(x)", tanh.prime(x)),
    (r"f(x)^\top x", f(x).T @ x),
    ("c (c + c)", c * (c + c)),
    (r"\mathbf{u}", u),
    (r"\mathbf{u}(\mathbf{x})", u),
    (r"u^\top u", u.T @ u),
    (r"\mathbf{g}(\mathbf{u}(\mathbf{x}))", g),
    (r"\mathbf{g}", g),
    ("L(y)", L),
    ("q", q),
    ("q(x, y)", q),
    # constants
    (r"\mathbf{1}_n^\top x", mc.ones(n).T @ x),
    (r"\mathbf{1}_{m \times n} x", mc.ones(m, n) @ x),
    (r"\mathbf{1}^\top x", mc.ones(n).T @ x),
    (r"x \mathbf{1}^\top y", x @ mc.ones(m).T @ y),
    (r"\mathbf{I}_n x", mc.identity(n) @ x),
    (r"(A + \lambda \mathbf{I})^{-1}", mc.inv(A + lam * mc.identity(n))),
    (r"I x", mc.identity(n) @ x),
    (r"x + \mathbf{0}", x + mc.zeros(n)),
    (r"\mathbf{0}_{m \times n} x", mc.zeros(m, n) @ x),
    (r"\mathbf{I}_3", mc.identity(3)),
    (r"\mathbf{K}_{m,n} \operatorname{vec}(W)", mc.commutation(m, n) @ mc.vec(W)),
    (r"\mathbf{I}_{mn} \operatorname{vec}(W)", mc.identity(Dim(("m", "n"))) @ mc.vec(W)),
    (r"\mathbf{1}^\top W \mathbf{1}", mc.ones(m).T @ W @ mc.ones(n)),
    (r"\mathbf{1}_{n_1}", mc.ones(n_1)),
]


@pytest.mark.parametrize(("latex", "expected"), READINGS, ids=[latex for latex, _ in READINGS])
def test_formula_is_read(latex: str, expected: Expr) -> None:
    assert reading(latex) == expected


MISREADINGS: list[tuple[str, Expr]] = [
    (r"\frac12 x", mc.lift(0.5) * x),  # not x/12
    (r"\delta^{(l)T} b", delta.T @ b),  # not a power
    (r"\mathbf{W}^{\mathrm T} y", W.T @ y),  # not a power
    ("dZ x", dZ @ x),  # not d times Z
]


@pytest.mark.parametrize(("latex", "expected"), MISREADINGS, ids=[latex for latex, _ in MISREADINGS])
def test_what_others_misread_is_read_right(latex: str, expected: Expr) -> None:
    assert reading(latex) == expected


def test_superscript_in_square_brackets_with_a_transpose() -> None:
    made = parse("W^{[2]T} y", shapes={"W^{[2]}": "m n", "y": "m"})
    assert made == mc.matrix("W^[2]", m, n).T @ y


def test_named_quantities_are_read_as_they_are() -> None:
    z = mc.let("z", W @ x + b)
    cost = mc.let("C", z.T @ y)
    assert isinstance(z, Let)
    assert parse("f(z)", names=[z], functions={"f": "elementwise"}) == f(z)
    assert parse(r"2 C(\mathbf{z}, \mathbf{y})", names={"C": cost, "z": z, "y": y}) == 2 * cost
    assert parse(r"\mathbf{s}^\top z", names={"s": y, "z": z}) == y.T @ z


def test_sizes_and_quantities_of_one_name() -> None:
    hidden = mc.vector("h", "h")
    shapes = {"h": "h"}
    assert parse(r"\frac{1}{h} \mathbf{h}", shapes=shapes) == 1 / Dim(("h",)) * hidden
    assert parse("h", shapes=shapes) == hidden


def test_a_map_without_of_takes_its_argument_from_the_text() -> None:
    made = parse(r"L(\mathbf{W} \mathbf{x})", shapes={"W": "m n", "x": "n"}, functions={"L": {"shape": ""}})
    assert made == mc.function("L", of=W @ x, shape=())


def test_assumptions_name_what_is_declared() -> None:
    for assumption in ("A symmetric", "det(A) > 0", "m > n", r"\mathbf{A} invertible", "u smooth"):
        read = reading("x", assume=[assumption])
        assert isinstance(read, Symbol) and (read.name, read.shape) == ("x", x.shape)


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\mathbf{W}^{(1)}", "W^(1)"),
        (r"\boldsymbol{\theta}_k", "theta_k"),
        (r"\hat{\mathbf{x}}", "xhat"),
        (r"\hat{x}_1", "xhat_1"),
        ("a^{[1]}", "a^[1]"),
        ("h_{t-1}", "h_{t-1}"),
        ("W_{hh}", "W_hh"),
        (r"x_{\mathrm{max}}", "x_max"),
        (r"\mathbf{W}_1^{(2)}", "W_1^(2)"),
        (r"\frac{\partial C}{\partial \mathbf{z}^{(1)}}", "dC/dz^(1)"),
        ("W1", "W1"),
        (r"\mathit{loss}", "loss"),
        (r"\mathbf{x}'", "x'"),
        (r"\mathit{c1\_}", "c1_"),
    ],
)
def test_plain_name_of_a_name_in_latex(latex: str, plain: str) -> None:
    assert plain_of(latex) == plain
