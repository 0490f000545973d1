"""Every node in both notations, and where brackets stand."""

from __future__ import annotations

import typing
from fractions import Fraction

import pytest

from matcalc.language import building as mc
from matcalc.language import expressions as nodes
from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, MapFunction
from matcalc.language.expressions import ApplyMap, Derivative, Expr, MapDerivative
from matcalc.language.matrix_operations import (
    diagonal_sums, entry, index, indexed_sum, matrix_function, matrix_power, pinv, written_derivative,
)  # fmt: skip
from matcalc.language.operators import METHODS
from matcalc.language.sizes import Dim, Shape, size_product
from matcalc.language.traversal import postorder
from matcalc.printing.latex import FUNCTIONS, latex, latex_lines
from matcalc.printing.text import text

N, M = Dim(("n",)), Dim(("m",))
c, d, s1 = mc.scalar("c"), mc.scalar("d"), mc.scalar("s^(1)")
x, y = mc.vector("x", N), mc.vector("y", N)
A, B, W, V = mc.matrix("A", N, N), mc.matrix("B", N, N), mc.matrix("W", M, N), mc.matrix("W^(1)", N, N)
f, f1 = ElementwiseFunction("f"), ElementwiseFunction("f^1")
half, two = mc.lift(Fraction(1, 2)), mc.lift(2)
z = mc.let("z", W @ x)
adjoint = mc.let("dC/dz^(1)", A @ x)


def known(name: str, argument: Expr) -> Expr:
    return mc.known_elementwise(name)(argument)


def applied(name: str, *arguments: Expr, shape: Shape = ()) -> ApplyMap:
    return ApplyMap(MapFunction(name, shape, tuple(a.shape for a in arguments)), arguments, shape)


def derivative(of: ApplyMap, *wrt: int) -> Expr:
    return MapDerivative(of.function, of.arguments, wrt, "numerator", (M, N) if len(wrt) == 1 else (N, N))


def u_of(argument: Expr) -> ApplyMap:
    return applied("u", argument, shape=(M,))


def by(of: Expr, variable: Expr, layout: str | None = None) -> Expr:
    return written_derivative(of, variable, layout)


i, j, h, k = index("i", N), index("j", M), index("h", N), index("k")
let_f = mc.let("f", c * d * s1 * mc.sum(x * y))
expm = matrix_function("exp")
C_xy = applied("C", x, y)
slope = mc.known_elementwise("leaky_relu").with_parameter("1/5")

LEAVES = [
    ("integer", two, "2", "2"),
    ("negative", mc.lift(-2), "-2", "-2"),
    ("fraction", half, "1/2", r"\frac{1}{2}"),
    ("negative-fraction", mc.lift(Fraction(-1, 2)), "-1/2", r"-\frac{1}{2}"),
    ("size", mc.lift(N), "n", "n"),
    ("size-product", mc.lift(size_product(N, M)) * c, "m*n c", "{m n} c"),
    ("symbol", V, "W^(1)", r"\mathbf{W}^{(1)}"),
    ("let", z, "z", r"\mathbf{z}"),
    ("let-derivative", adjoint, "dC/dz^(1)", r"\frac{\partial C}{\partial \mathbf{z}^{(1)}}"),
    ("ones", mc.ones(N), "1_n", r"\mathbf{1}_n"),
    ("ones-row", mc.ones(1, N), "1_{1 x n}", r"\mathbf{1}_{1 \times n}"),
    ("ones-transposed", mc.ones(N).T, "1_n^T", r"\mathbf{1}_n^\top"),
    ("ones-matrix", mc.ones(M, N), "1_{m x n}", r"\mathbf{1}_{m \times n}"),
    ("ones-of-named-size", mc.ones("n_0"), "1_{n_0}", r"\mathbf{1}_{n_0}"),
    ("zeros", mc.zeros(3), "0_3", r"\mathbf{0}_3"),
    ("zeros-matrix", mc.zeros(3, 12), "0_{3 x 12}", r"\mathbf{0}_{3 \times 12}"),
    ("identity", mc.identity(N), "I_n", r"\mathbf{I}_n"),
    ("identity-of-product", mc.identity(size_product(N, M)), "I_{m*n}", r"\mathbf{I}_{m n}"),
    ("commutation", mc.commutation(M, N), "K_{m,n}", r"\mathbf{K}_{m,n}"),
]
SIGNS = [
    ("product-left", A @ B @ x, "A B x", r"\mathbf{A} \mathbf{B} \mathbf{x}"),
    ("product-right", A @ (B @ x), "A (B x)", r"\mathbf{A} (\mathbf{B} \mathbf{x})"),
    ("scale-right", 2 * (A @ B), "2 (A B)", r"2 (\mathbf{A} \mathbf{B})"),
    ("scale-left", 2 * A @ B, "2 A B", r"2 \mathbf{A} \mathbf{B}"),
    ("two-numbers", two * 3, "2 * 3", r"2 \cdot 3"),
    ("number-behind", c * 2, "c * 2", r"c \cdot 2"),
    ("number-power-behind", c * two**3, "c * 2^3", r"c \cdot 2^3"),
    ("number-in-brackets-behind", c * (2 * d), "c (2 d)", "c (2 d)"),
    ("negative-behind", c * -2, "c (-2)", "c (-2)"),
    ("negative-before", -2 * x, "-2 x", r"-2 \mathbf{x}"),
    ("negated-number", -two, "-(2)", "-(2)"),
    ("negated-scaled", -(2 * x), "-(2 x)", r"-(2 \mathbf{x})"),
    ("negated-product", -(A @ x), "-A x", r"-\mathbf{A} \mathbf{x}"),
    ("product-of-negated", (-A) @ x, "(-A) x", r"(-\mathbf{A}) \mathbf{x}"),
    ("negated-hadamard", -(x * y), "-x ⊙ y", r"-\mathbf{x} \odot \mathbf{y}"),
    ("negated-sum", -(x + y), "-(x + y)", r"-(\mathbf{x} + \mathbf{y})"),
    ("negated-twice", mc.negate(-x), "-(-x)", r"-(-\mathbf{x})"),
    ("sum-left", x + y - x, "x + y - x", r"\mathbf{x} + \mathbf{y} - \mathbf{x}"),
    ("sum-right", x - (y + x), "x - (y + x)", r"\mathbf{x} - (\mathbf{y} + \mathbf{x})"),
    ("sum-negated-left", -x + y, "-x + y", r"-\mathbf{x} + \mathbf{y}"),
    ("sum-negated-right", x + (-y), "x + (-y)", r"\mathbf{x} + (-\mathbf{y})"),
    ("sum-negative-right", x + -2 * y, "x + (-2 y)", r"\mathbf{x} + (-2 \mathbf{y})"),
    ("product-of-sum", A @ (x + y), "A (x + y)", r"\mathbf{A} (\mathbf{x} + \mathbf{y})"),
    ("hadamard-of-products", A @ x * (B @ y), "A x ⊙ B y", r"\mathbf{A} \mathbf{x} \odot \mathbf{B} \mathbf{y}"),
    ("product-of-hadamard", A @ (x * y), "A (x ⊙ y)", r"\mathbf{A} (\mathbf{x} \odot \mathbf{y})"),
    ("hadamard-left", x * y * x, "x ⊙ y ⊙ x", r"\mathbf{x} \odot \mathbf{y} \odot \mathbf{x}"),
    ("hadamard-right", x * (y * x), "x ⊙ (y ⊙ x)", r"\mathbf{x} \odot (\mathbf{y} \odot \mathbf{x})"),
    ("kron", mc.kron(A, B), "A ⊗ B", r"\mathbf{A} \otimes \mathbf{B}"),
    ("kron-of-hadamard", mc.kron(A * B, B), "(A ⊙ B) ⊗ B", r"(\mathbf{A} \odot \mathbf{B}) \otimes \mathbf{B}"),
    ("quotient", x / N, "x/n", r"\frac{\mathbf{x}}{n}"),
    ("quotient-of-sum", (x - y) / (2 * N), "(x - y)/(2 n)", r"\frac{\mathbf{x} - \mathbf{y}}{2 n}"),
    ("quotient-scales", (2 / N) * x, "(2/n) x", r"\frac{2}{n} \mathbf{x}"),
    ("quotient-of-numbers", mc.lift(1) / 2, "(1)/2", r"\frac{(1)}{2}"),
    ("quotient-negated", -(2 / N), "-(2/n)", r"-\frac{2}{n}"),
    ("quotient-of-arrays", x / y, "x/y", r"\mathbf{x} \oslash \mathbf{y}"),
    ("quotient-of-quotient", (x / y) / y, "(x/y)/y", r"(\mathbf{x} \oslash \mathbf{y}) \oslash \mathbf{y}"),
    ("hadamard-of-quotient", x * (y / x), "x ⊙ (y/x)", r"\mathbf{x} \odot (\mathbf{y} \oslash \mathbf{x})"),
    ("fraction-in-brackets", c * (d + 1 / c), "c (d + 1/c)", r"c \left(d + \frac{1}{c}\right)"),
]
SCRIPTS = [
    ("transpose", W.T, "W^T", r"\mathbf{W}^\top"),
    ("transpose-of-scripted", V.T, "W^(1)^T", r"\mathbf{W}^{(1)\top}"),
    ("transpose-twice", W.T.T, "(W^T)^T", r"(\mathbf{W}^\top)^\top"),
    ("transpose-of-product", (W @ x).T, "(W x)^T", r"(\mathbf{W} \mathbf{x})^\top"),
    ("transpose-of-call", f.prime(x).T, "f'(x)^T", r"f'(\mathbf{x})^\top"),
    ("transpose-of-quotient", (x / N).T, "(x/n)^T", r"\left(\frac{\mathbf{x}}{n}\right)^\top"),
    ("transpose-of-derivative", adjoint.T, "(dC/dz^(1))^T", r"\left(\frac{\partial C}{\partial \mathbf{z}^{(1)}}\right)^\top"),
    ("inverse", mc.inv(A), "A^-1", r"\mathbf{A}^{-1}"),
    ("inverse-of-scripted", mc.inv(V), "(W^(1))^-1", r"(\mathbf{W}^{(1)})^{-1}"),
    ("inverse-transposed", mc.inv(A).T, "(A^-1)^T", r"(\mathbf{A}^{-1})^\top"),
    ("inverse-of-scalar", mc.inv(c), "inv(c)", r"\operatorname{inv}(c)"),
    ("power", c**2, "c^2", "c^2"),
    ("power-10", c**10, "c^10", "c^{10}"),
    ("power-fraction", c ** Fraction(1, 2), "c^(1/2)", "c^{1/2}"),
    ("power-negative", c**-1, "c^(-1)", "c^{-1}"),
    ("power-of-scripted", s1**2, "(s^(1))^2", "(s^{(1)})^2"),
    ("power-of-array", x**2, "x^2", r"\mathbf{x}^{\odot 2}"),
    ("power-of-array-negative", x**-1, "x^(-1)", r"\mathbf{x}^{\odot -1}"),
    ("power-of-negative", mc.lift(-2) ** 2, "(-2)^2", "(-2)^2"),
    ("power-negated", -(two**2), "-(2^2)", "-(2^2)"),
    ("power-of-quotient", (c / d) ** 2, "(c/d)^2", r"\left(\frac{c}{d}\right)^2"),
    ("power-of-norm", mc.norm(x) ** 2, "norm(x)^2", r"\|\mathbf{x}\|_2^2"),
]
CALLS = [
    ("sum", mc.sum(x * y), "sum(x ⊙ y)", r"\operatorname{sum}(\mathbf{x} \odot \mathbf{y})"),
    ("diag", mc.diag(x), "diag(x)", r"\operatorname{diag}(\mathbf{x})"),
    ("diagonal-part", mc.diag(A), "diag(A)", r"\operatorname{diag}(\mathbf{A})"),
    ("diagonal-sums", diagonal_sums(A @ B), "diagsums(A B)", r"\operatorname{diagsums}(\mathbf{A} \mathbf{B})"),
    ("trace", mc.trace(A @ B), "tr(A B)", r"\operatorname{tr}(\mathbf{A} \mathbf{B})"),
    ("trace-of-quotient", mc.trace(A / c), "tr(A/c)", r"\operatorname{tr}\left(\frac{\mathbf{A}}{c}\right)"),
    ("vec", mc.vec(A).T, "vec(A)^T", r"\operatorname{vec}(\mathbf{A})^\top"),
    ("norm-of-matrix", mc.norm(W), "norm(W)", r"\|\mathbf{W}\|_F"),
    ("norm-of-row", mc.norm(x.T), "norm(x^T)", r"\|\mathbf{x}^\top\|_2"),
    ("norm-of-quotient", mc.norm(x / c), "norm(x/c)", r"\left\|\frac{\mathbf{x}}{c}\right\|_2"),
    ("det", mc.det(A) ** 2, "det(A)^2", r"\det(\mathbf{A})^2"),
    ("logdet", c + mc.logdet(A), "c + logdet(A)", r"c + \ln \det(\mathbf{A})"),
    ("logdet-scales", mc.logdet(A) * x, "logdet(A) x", r"(\ln \det(\mathbf{A})) \mathbf{x}"),
    ("log-of-det", known("log", mc.det(A)), "log(det(A))", r"\ln(\det(\mathbf{A}))"),
    ("softmax", mc.softmax(x), "softmax(x)", r"\operatorname{softmax}(\mathbf{x})"),
    ("softmax-of-row", mc.softmax(x.T), "softmax(x^T)", r"\operatorname{softmax}(\mathbf{x}^\top)"),
    ("softmax-rows", mc.softmax(W, axis="rows"), "softmax_rows(W)", r"\operatorname{softmax}_{\mathrm{row}}(\mathbf{W})"),
    (
        "softmax-columns",
        mc.softmax(W, axis="columns"),
        "softmax_columns(W)",
        r"\operatorname{softmax}_{\mathrm{col}}(\mathbf{W})",
    ),
    ("sigmoid", known("sigmoid", x), "sigmoid(x)", r"\sigma(\mathbf{x})"),
    ("sqrt", known("sqrt", c / d), "sqrt(c/d)", r"\sqrt{\frac{c}{d}}"),
    ("sqrt-prime", mc.known_elementwise("sqrt").prime(x), "sqrt'(x)", r"\operatorname{sqrt}'(\mathbf{x})"),
    ("abs", known("abs", c), "abs(c)", r"\left|c\right|"),
    ("abs-of-array", known("abs", x), "abs(x)", r"\operatorname{abs}(\mathbf{x})"),
    ("abs-prime", mc.known_elementwise("abs").prime(x), "abs'(x)", r"\operatorname{abs}'(\mathbf{x})"),
    ("usual-slope", known("leaky_relu", x), "leaky_relu(x)", r"\operatorname{leakyrelu}(\mathbf{x})"),
    ("other-slope", slope.prime(x), "leaky_relu[1/5]'(x)", r"\operatorname{leakyrelu}_{1/5}'(\mathbf{x})"),
    ("unknown", f(x + y), "f(x + y)", r"f(\mathbf{x} + \mathbf{y})"),
    ("three-primes", f.prime.prime.prime(x), "f'''(x)", r"f'''(\mathbf{x})"),
    ("four-primes", f.prime.prime.prime.prime(x), "f^(4)(x)", r"f^{(4)}(\mathbf{x})"),
    ("scripted", f1(x), "f^1(x)", r"f^{1}(\mathbf{x})"),
    ("scripted-prime", f1.prime(x), "f^1'(x)", r"{f^{1}}'(\mathbf{x})"),
]
MAPS = [
    ("map", u_of(W @ x), "u(W x)", r"\mathbf{u}(\mathbf{W} \mathbf{x})"),
    ("map-of-two", C_xy, "C(x, y)", r"C(\mathbf{x}, \mathbf{y})"),
    ("map-derivative", derivative(u_of(x), 0), "du/dx", r"\frac{\partial \mathbf{u}}{\partial \mathbf{x}}"),
    (
        "by-expression",
        derivative(u_of(A @ x), 0),
        "du/d(A x)",
        r"\frac{\partial \mathbf{u}}{\partial (\mathbf{A} \mathbf{x})}",
    ),
    ("by-call", derivative(u_of(f(x)), 0), "du/d(f(x))", r"\frac{\partial \mathbf{u}}{\partial (f(\mathbf{x}))}"),
    ("by-second", derivative(C_xy, 1), "dC/dy", r"\frac{\partial C}{\partial \mathbf{y}}"),
    ("by-both", derivative(C_xy, 0, 1), "d2C/dx dy", r"\frac{\partial^2 C}{\partial \mathbf{x} \partial \mathbf{y}}"),
    ("twice-by-one", derivative(C_xy, 0, 0), "d2C/dx dx", r"\frac{\partial^2 C}{\partial \mathbf{x}^2}"),
    (
        "twice-by-scripted",
        derivative(applied("C", V), 0, 0),
        "d2C/dW^(1) dW^(1)",
        r"\frac{\partial^2 C}{\partial {\mathbf{W}^{(1)}}^2}",
    ),
    (
        "derivative",
        Derivative(z, x, "numerator", False, (M, N)) @ x,
        "dz/dx x",
        r"\frac{\partial \mathbf{z}}{\partial \mathbf{x}} \mathbf{x}",
    ),
    (
        "derivative-of-expression",
        Derivative(A @ x, x, "numerator", False, (N, N)) @ x,
        "d(A x)/dx x",
        r"\left(\frac{\partial}{\partial \mathbf{x}} (\mathbf{A} \mathbf{x})\right) \mathbf{x}",
    ),
]
CUBE = c**3 * d**2
WRITTEN = [
    (
        "hessian",
        by(by(let_f, x, "denominator"), x, "numerator"),
        "d2f/dx dx^T",
        r"\frac{\partial^2 f}{\partial \mathbf{x} \partial \mathbf{x}^\top}",
    ),
    (
        "hessian-by-two",
        by(by(let_f, x, "denominator"), y, "numerator"),
        "d2f/dx dy^T",
        r"\frac{\partial^2 f}{\partial \mathbf{x} \partial \mathbf{y}^\top}",
    ),
    (
        "hessian-of-expression",
        by(by(x.T @ A @ x, x, "denominator"), x, "numerator"),
        "d2(x^T A x)/dx dx^T",
        r"\frac{\partial^2}{\partial \mathbf{x} \partial \mathbf{x}^\top} (\mathbf{x}^\top \mathbf{A} \mathbf{x})",
    ),
    (
        "not-a-hessian",
        by(by(let_f, x, "numerator"), x, "numerator"),
        "d(df/dx)/dx",
        r"\frac{\partial}{\partial \mathbf{x}} \left(\frac{\partial f}{\partial \mathbf{x}}\right)",
    ),
    ("mixed", by(by(CUBE, c), d), "d2(c^3 d^2)/dc dd", r"\frac{\partial^2}{\partial c \partial d} (c^3 d^2)"),
    ("mixed-of-named", by(by(let_f, c), d), "d2f/dc dd", r"\frac{\partial^2 f}{\partial c \partial d}"),
    ("twice", by(by(let_f, c), c), "d2f/dc dc", r"\frac{\partial^2 f}{\partial c^2}"),
    ("twice-by-scripted", by(by(let_f, s1), s1), "d2f/ds^(1) ds^(1)", r"\frac{\partial^2 f}{\partial {s^{(1)}}^2}"),
    (
        "three-times",
        by(by(by(let_f, c), d), c),
        "d2(df/dc)/dd dc",
        r"\frac{\partial^2}{\partial d \partial c} \left(\frac{\partial f}{\partial c}\right)",
    ),
    ("by-entry", by(let_f, entry(x, i)), "df/d(x)_i", r"\frac{\partial f}{\partial (\mathbf{x})_{i}}"),
    (
        "by-entries",
        by(by(let_f, entry(x, i)), entry(x, h)),
        "d2f/d(x)_i d(x)_h",
        r"\frac{\partial^2 f}{\partial (\mathbf{x})_{i} \partial (\mathbf{x})_{h}}",
    ),
    (
        "twice-by-entry",
        by(by(let_f, entry(x, i)), entry(x, i)),
        "d2f/d(x)_i d(x)_i",
        r"\frac{\partial^2 f}{\partial (\mathbf{x})_{i}^2}",
    ),
    (
        "entry-by-entry",
        by(entry(z, j), entry(W, j, i)),
        "d(z)_j/d(W)_{ji}",
        r"\frac{\partial (\mathbf{z})_{j}}{\partial (\mathbf{W})_{ji}}",
    ),
    (
        "vec-by-vec",
        by(mc.vec(W), mc.vec(W), "numerator"),
        "dvec(W)/dvec(W)",
        r"\frac{\partial \operatorname{vec}(\mathbf{W})}{\partial \operatorname{vec}(\mathbf{W})}",
    ),
    ("power-of-derivative", by(let_f, c) ** 2, "(df/dc)^2", r"\left(\frac{\partial f}{\partial c}\right)^2"),
]
MATRICES = [
    ("pseudo-inverse", pinv(W), "W^+", r"\mathbf{W}^{+}"),
    ("pseudo-inverse-of-transpose", pinv(W.T), "(W^T)^+", r"(\mathbf{W}^\top)^{+}"),
    ("pseudo-inverse-of-sum", pinv(W + W), "(W + W)^+", r"(\mathbf{W} + \mathbf{W})^{+}"),
    ("matrix-power", matrix_power(A, 3) @ x, "A^3 x", r"\mathbf{A}^{3} \mathbf{x}"),
    ("matrix-power-negative", matrix_power(A, -3), "A^(-3)", r"\mathbf{A}^{-3}"),
    ("matrix-power-symbol", matrix_power(A, c), "A^c", r"\mathbf{A}^{c}"),
    ("matrix-power-sum", matrix_power(A + B, c - 1), "(A + B)^(c - 1)", r"(\mathbf{A} + \mathbf{B})^{c - 1}"),
    ("matrix-power-of-scripted", matrix_power(V, 2), "(W^(1))^2", r"(\mathbf{W}^{(1)})^{2}"),
    ("matrix-exponential", expm(A + B), "expm(A + B)", r"e^{\mathbf{A} + \mathbf{B}}"),
    ("matrix-exponential-transposed", expm(A).T, "expm(A)^T", r"(e^{\mathbf{A}})^\top"),
    ("matrix-sine", matrix_function("sin")(A), "sinm(A)", r"\operatorname{sinm}(\mathbf{A})"),
    ("matrix-sine-prime", matrix_function("sin").prime(A), "sinm'(A)", r"\operatorname{sinm}'(\mathbf{A})"),
    ("matrix-unknown", matrix_function("g").prime(A / c), "g'(A/c)", r"\mathbf{g}'\left(\frac{\mathbf{A}}{c}\right)"),
]
INDEXED = [
    ("entry", entry(x, i), "(x)_i", r"(\mathbf{x})_{i}"),
    ("entry-number", entry(x, 12), "(x)_12", r"(\mathbf{x})_{12}"),
    ("entry-of-row", entry(x.T, i), "(x^T)_i", r"(\mathbf{x}^\top)_{i}"),
    ("entry-of-matrix", entry(W, j, i), "(W)_{ji}", r"(\mathbf{W})_{ji}"),
    ("entry-numbers", entry(W, 1, 2), "(W)_{1,2}", r"(\mathbf{W})_{1, 2}"),
    ("entry-mixed", entry(W, j, i + 1), "(W)_{j,i + 1}", r"(\mathbf{W})_{j, i + 1}"),
    ("entry-of-product", entry(W @ x, j), "(W x)_j", r"(\mathbf{W} \mathbf{x})_{j}"),
    ("entry-squared", entry(x, i) ** 2, "(x)_i^2", r"(\mathbf{x})_{i}^2"),
    ("index", i * c, "i c", "i c"),
    (
        "indexed-sum",
        indexed_sum(i, entry(x, i) * entry(y, i)),
        "sum_{i=1}^{n} (x)_i (y)_i",
        r"\sum_{i=1}^{n} (\mathbf{x})_{i} (\mathbf{y})_{i}",
    ),
    (
        "indexed-sum-of-sum",
        indexed_sum(i, entry(x, i) + c),
        "sum_{i=1}^{n} ((x)_i + c)",
        r"\sum_{i=1}^{n} ((\mathbf{x})_{i} + c)",
    ),
    ("indexed-sum-in-sum", indexed_sum(i, entry(x, i)) + c, "sum_{i=1}^{n} (x)_i + c", r"\sum_{i=1}^{n} (\mathbf{x})_{i} + c"),
    ("indexed-sum-behind", c + indexed_sum(i, entry(x, i)), "c + sum_{i=1}^{n} (x)_i", r"c + \sum_{i=1}^{n} (\mathbf{x})_{i}"),
    (
        "indexed-sum-scaled",
        c * indexed_sum(i, entry(x, i)),
        "c (sum_{i=1}^{n} (x)_i)",
        r"c \left(\sum_{i=1}^{n} (\mathbf{x})_{i}\right)",
    ),
    (
        "indexed-sum-first",
        indexed_sum(i, entry(x, i)) * c,
        "(sum_{i=1}^{n} (x)_i) c",
        r"\left(\sum_{i=1}^{n} (\mathbf{x})_{i}\right) c",
    ),
    (
        "indexed-sum-bounds",
        indexed_sum(k, matrix_power(A, k), 0, c - 1),
        "sum_{k=0}^{c - 1} A^k",
        r"\sum_{k=0}^{c - 1} \mathbf{A}^{k}",
    ),
    (
        "indexed-sum-twice",
        indexed_sum(j, indexed_sum(i, entry(W, j, i))),
        "sum_{j=1}^{m} sum_{i=1}^{n} (W)_{ji}",
        r"\sum_{j=1}^{m} \sum_{i=1}^{n} (\mathbf{W})_{ji}",
    ),
]
TABLE = [*LEAVES, *SIGNS, *SCRIPTS, *CALLS, *MAPS, *WRITTEN, *MATRICES, *INDEXED]
IDS = [row[0] for row in TABLE]


@pytest.mark.parametrize(("expr", "expected"), [(row[1], row[2]) for row in TABLE], ids=IDS)
def test_text(expr: Expr, expected: str) -> None:
    assert text(expr) == expected


@pytest.mark.parametrize(("expr", "expected"), [(row[1], row[3]) for row in TABLE], ids=IDS)
def test_latex(expr: Expr, expected: str) -> None:
    assert latex(expr) == expected


@pytest.mark.parametrize("expr", [row[1] for row in TABLE], ids=IDS)
def test_mathtext_reads_the_latex(expr: Expr) -> None:
    mathtext = pytest.importorskip("matplotlib.mathtext")
    mathtext.MathTextParser("path").parse(f"${latex(expr)}$")


def test_the_table_holds_every_node() -> None:
    printed = {type(node) for row in TABLE for node in postorder([row[1]])}
    assert printed == set(typing.get_args(nodes.Node))


def test_every_known_function_has_its_own_name() -> None:
    assert set(FUNCTIONS) == set(KNOWN_FUNCTIONS)
    assert len(set(FUNCTIONS.values())) == len(FUNCTIONS)


def test_the_notations_are_methods_of_expressions() -> None:
    assert METHODS["text"] is text
    assert repr(A @ x) == "A x"
    assert (A @ x).latex() == r"\mathbf{A} \mathbf{x}"


def test_a_shape_that_does_not_fit_is_printed() -> None:
    assert text(nodes.MatMul(x, W, ())) == "x W"
    assert latex(nodes.Trace(W, ())) == r"\operatorname{tr}(\mathbf{W})"


DEEP = 3000
CHAINS = [
    ("sum", lambda e: e + y, "x" + " + y" * DEEP),
    ("sum-right", lambda e: y - e, "y - (" * (DEEP - 1) + "y - x" + ")" * (DEEP - 1)),
    ("call", f, "f(" * DEEP + "x" + ")" * DEEP),
    ("scale", lambda e: 2 * e, "2 (" * (DEEP - 1) + "2 x" + ")" * (DEEP - 1)),
]


@pytest.mark.parametrize(("step", "expected"), [row[1:] for row in CHAINS], ids=[row[0] for row in CHAINS])
def test_deep_expressions_are_printed(step: typing.Callable[[Expr], Expr], expected: str) -> None:
    expr = x
    for _ in range(DEEP):
        expr = step(expr)
    assert text(expr) == expected
    assert latex(expr).count("(") == expected.count("(")
    assert " ".join(latex_lines(expr)) == latex(expr)


LINES = [
    ("sum", x + y - A @ x + x, 8, [r"\mathbf{x} + \mathbf{y}", r"- \mathbf{A} \mathbf{x}", r"+ \mathbf{x}"]),
    ("fits", x + y - x, 9, [r"\mathbf{x} + \mathbf{y} - \mathbf{x}"]),
    ("product", 2 * A @ B @ x, 5, [r"2 \mathbf{A} \mathbf{B}", r"\mathbf{x}"]),
    ("hadamard", x * y * x, 6, [r"\mathbf{x} \odot \mathbf{y}", r"\odot \mathbf{x}"]),
    ("number-behind", c * 2, 1, ["c", r"\cdot 2"]),
    ("brackets-stay", A @ (x + y), 3, [r"\mathbf{A}", r"(\mathbf{x} + \mathbf{y})"]),
    ("first-in-brackets", (x + y).T @ x, 3, [r"(\mathbf{x} + \mathbf{y})^\top", r"\mathbf{x}"]),
    ("kron-of-hadamard", mc.kron(A * B, B), 3, [r"(\mathbf{A} \odot \mathbf{B})", r"\otimes \mathbf{B}"]),
    ("sum-in-product", (A + B) @ x, 3, [r"(\mathbf{A} + \mathbf{B})", r"\mathbf{x}"]),
    ("one-term", f(x + y), 3, [r"f(\mathbf{x} + \mathbf{y})"]),
]


@pytest.mark.parametrize(("expr", "width", "expected"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_lines_break_at_the_signs_at_the_top(expr: Expr, width: int, expected: list[str]) -> None:
    assert latex_lines(expr, width=width) == expected
    assert " ".join(expected) == latex(expr)
