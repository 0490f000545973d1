"""Sums over indices: every atom in both notations, and the letters of the indices."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

import matcalc as mc
from matcalc.index.canonical import close
from matcalc.index.engine import Engine
from matcalc.index.form import Atom, AtomKind, Form, nested_forms, softmax_atom
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.operators import METHODS
from matcalc.language.sizes import Dim
from matcalc.printing.index_atoms import ATOMS
from matcalc.printing.index_sums import index_latex, index_text

N, M = Dim(("n",)), Dim(("m",))
c, k, theta = mc.scalar("c"), mc.scalar("k"), mc.scalar("theta_i")
x, y, b, p, v1 = mc.vector("x", N), mc.vector("y", N), mc.vector("b", M), mc.vector("p", N), mc.vector("v^(1)", N)
r = mc.row("r", N)
W, W1, W2, X = mc.matrix("W", M, N), mc.matrix("W_1", M, N), mc.matrix("W^(2)", N, N), mc.matrix("X", M, N)
A, B, D = mc.matrix("A", N, N), mc.matrix("B", N, N), mc.matrix("delta", N, N)
f = mc.function("f")
u, g = mc.function("u", of=x, shape=(M,)), mc.function("u", of=W @ x, shape=(M,))
C, h = mc.function("C", of=[x, y], shape=()), mc.function("h", of=[c, x], shape=())
h2, both = mc.function("h", of=[c, A @ x], shape=()), mc.function("C", of=[x, x], shape=())
by_z, by_Z, by_c = mc.let("dC/dz^(1)", A @ x), mc.let("dC/dZ", A @ A), mc.let("dC/dc", x.T @ x)


def lowered(expression: Expr) -> Form:
    return Engine().lowered(expression).form


def derived(expression: Expr, *by: Expr) -> Form:
    engine = Engine()
    form = engine.lowered(expression).form
    for symbol in by:
        assert isinstance(symbol, Symbol)
        form = engine.derivative(form, engine.variable(symbol))
    return form


def alone(atom: Atom, exponent: int = 1) -> Form:
    """A form of one atom."""
    free = tuple(range(len(atom.sizes)))
    return close([(1, [(atom, free, exponent)])], free, atom.sizes)


PRINTED: list[tuple[str, Form, str, str]] = [
    ("entry", lowered(W), "W_ij", "W_{ij}"),
    ("transposed", lowered(W.T), "W_ji", "W_{ji}"),
    ("scalar", lowered(c * x), "c x_i", "c x_i"),
    ("subscript", lowered(W1 @ x), "Σ_j (W_1)_ij x_j", r"\sum_j (W_1)_{ij} x_j"),
    ("superscript", lowered(W2 @ x), "Σ_j W^(2)_ij x_j", r"\sum_j W^{(2)}_{ij} x_j"),
    ("greek", lowered(mc.scalar("lambda") * mc.vector("delta^(2)", N)), "lambda delta^(2)_i", r"\lambda \delta^{(2)}_i"),
    ("let-derivative", lowered(by_z), "Σ_j A_ij x_j", r"\sum_j A_{ij} x_j"),
    ("by-entry", lowered(by_z * x), "(dC/dz^(1))_i x_i", r"\frac{\partial C}{\partial z^{(1)}_i} x_i"),
    ("by-matrix", lowered(by_Z * A), "(dC/dZ)_ij A_ij", r"\left(\frac{\partial C}{\partial Z}\right)_{ij} A_{ij}"),
    ("by-scalar", lowered(by_c**2 * x), "(dC/dc)^2 x_i", r"\left(\frac{\partial C}{\partial c}\right)^2 x_i"),
    ("size", lowered(M * x), "m x_i", "m x_i"),
    ("over-size", lowered(W.T @ b / M), "(1/m) Σ_j W_ji b_j", r"\frac{1}{m} \sum_j W_{ji} b_j"),
    ("numbers", lowered(-(x.T @ x) * Fraction(3, 2) / N), "-(3/(2 n)) Σ_i x_i^2", r"-\frac{3}{2 n} \sum_i x_i^2"),
    ("ones", lowered(mc.ones(N)), "1", "1"),
    ("size-product", lowered(mc.sum(mc.ones(M, N)) * x), "m n x_i", "m n x_i"),
    ("sum-of-a-constant", lowered(mc.sum(f(c * mc.ones(N)))), "n f(c)", "n f(c)"),
    ("mean-of-a-constant", lowered(mc.sum(f(c * mc.ones(N)) ** 2) / (2 * N)), "(1/2) f(c)^2", r"\frac{1}{2} f(c)^2"),
    ("zero", lowered(x - x), "0", "0"),
    ("delta", derived(W @ x, W), "δ_ij x_k", r"\delta_{ij} x_k"),
    ("delta-beside-a-matrix-delta", lowered(D * mc.identity(N)), "δ_ij delta_ii", r"\delta_{ij} (\delta)_{ii}"),
    ("signs", lowered(-x + 2 * y - p / 2), "-x_i + 2 y_i - (1/2) p_i", r"-x_i + 2 y_i - \frac{1}{2} p_i"),
    ("function", lowered(f.prime(W @ x + b)), "f'(Σ_j W_ij x_j + b_i)", r"f'\left(\sum_j W_{ij} x_j + b_i\right)"),
    ("function-power", lowered(f(x) ** 2), "f(x_i)^2", "f(x_i)^2"),
    ("known", lowered(mc.sigmoid(x) * mc.log(x)), "sigmoid(x_i) log(x_i)", r"\sigma(x_i) \ln(x_i)"),
    ("abs", lowered(mc.abs(x) ** 2), "abs(x_i)^2", r"\left|x_i\right|^2"),
    ("function-of-0", lowered(f(x - x)), "f(0)", "f(0)"),
    ("bracket", lowered((x + y) * p), "(x_i + y_i) p_i", "(x_i + y_i) p_i"),
    ("sum-as-factor", lowered(x * (x.T @ y) ** 2), "x_i (Σ_j x_j y_j)^2", r"x_i \left(\sum_j x_j y_j\right)^2"),
    (
        "sums-beside", lowered((x.T @ x) ** 2 * (y.T @ y) ** 3),
        "(Σ_i x_i^2)^2 (Σ_i y_i^2)^3", r"\left(\sum_i x_i^2\right)^2 \left(\sum_i y_i^2\right)^3",
    ),
    (
        "sum-in-sum", lowered(W.T @ ((W @ x - b) * b)),
        "Σ_j W_ji (Σ_k W_jk x_k - b_j) b_j", r"\sum_j W_{ji} \left(\sum_k W_{jk} x_k - b_j\right) b_j",
    ),
    ("minus-bracket", lowered(-((x + y) ** 3)), "-(x_i + y_i)^3", "-(x_i + y_i)^3"),
    ("fraction", lowered(x / (y * c)), "x_i / (y_i c)", r"\frac{x_i}{y_i c}"),
    ("reciprocals", lowered(x - 1 / (2 * y**2)), "x_i - 1/(2 y_i^2)", r"x_i - \frac{1}{2 y_i^2}"),
    ("summed-reciprocal", lowered(mc.sum(1 / x) / 2), "(1/2) Σ_i 1 / x_i", r"\frac{1}{2} \sum_i \frac{1}{x_i}"),
    ("over-sum", lowered((x + y) / (x.T @ y)), "(x_i + y_i) / (Σ_j x_j y_j)", r"\frac{x_i + y_i}{\sum_j x_j y_j}"),
    ("root", lowered(mc.sqrt(x) * y), "sqrt(x_i) y_i", r"\sqrt{x_i} y_i"),
    ("norm", lowered(x / mc.norm(x)), "x_i / sqrt(Σ_j x_j^2)", r"\frac{x_i}{\sqrt{\sum_j x_j^2}}"),
    ("root-of-size", lowered(x / mc.sqrt(1 * N)), "(1/sqrt(n)) x_i", r"\frac{1}{\sqrt{n}} x_i"),
    ("odd-power", lowered(x ** Fraction(-3, 2)), "1/x_i^(3/2)", r"\frac{1}{x_i^{3/2}}"),
    ("power-of-superscript", lowered(v1**2), "(v^(1)_i)^2", "(v^{(1)}_i)^2"),
    ("inverse", lowered(mc.inv(A)), "(A^-1)_ij", "(A^{-1})_{ij}"),
    ("inverse-of-superscript", lowered(mc.inv(W2)), "((W^(2))^-1)_ij", "((W^{(2)})^{-1})_{ij}"),
    ("inverse-transposed", lowered(mc.inv(A.T)), "([A_ba]_ab^-1)_ij", "([A_{ba}]_{ab}^{-1})_{ij}"),
    (
        "inverse-of-product", lowered(mc.inv(X.T @ X) @ x),
        "Σ_j ([Σ_k X_ka X_kb]_ab^-1)_ij x_j",
        r"\sum_j \left(\left[\sum_k X_{ka} X_{kb}\right]_{ab}^{-1}\right)_{ij} x_j",
    ),
    (
        "inverse-of-kron", lowered(mc.inv(mc.kron(A, B))),
        "([A_ac B_bd]_{ab,cd}^-1)_{ij,kp}", "([A_{ac} B_{bd}]_{ab,cd}^{-1})_{ij,kp}",
    ),
    ("determinant", lowered(mc.det(A) ** 2 * x), "det(A)^2 x_i", r"\det(A)^2 x_i"),
    ("determinant-of-sum", lowered(mc.det(A + B)), "det([A_ab + B_ab]_ab)", r"\det([A_{ab} + B_{ab}]_{ab})"),
    ("softmax", lowered(mc.softmax(x)), "softmax(x)_i", r"\operatorname{softmax}(x)_i"),
    (
        "softmax-of-sum", lowered(mc.softmax(A @ x)),
        "softmax([Σ_j A_aj x_j]_a)_i", r"\operatorname{softmax}\left(\left[\sum_j A_{aj} x_j\right]_a\right)_i",
    ),
    (
        "softmax-of-rows", lowered(mc.softmax(W, axis="rows")),
        "softmax_b([W_ab]_ab)_ij", r"\operatorname{softmax}_b([W_{ab}]_{ab})_{ij}",
    ),
    (
        "softmax-along-nothing", alone(softmax_atom(lowered(r), ())),
        "softmax_∅([r_a]_a)_i", r"\operatorname{softmax}_\emptyset([r_a]_a)_i",
    ),
    ("map", lowered(u), "u_i(x)", "u_i(x)"),
    ("map-of-sum", lowered(g), "u_i([Σ_j W_aj x_j]_a)", r"u_i\left(\left[\sum_j W_{aj} x_j\right]_a\right)"),
    ("map-to-scalar", lowered(C * x), "C(x, y) x_i", "C(x, y) x_i"),
    ("jacobian-of-map", derived(u, x), "(du_i/dx_j)", r"\frac{\partial u_i}{\partial x_j}"),
    ("hessian-of-map", derived(C, x, y), "(d2C/dx_i dy_j)", r"\frac{\partial^2 C}{\partial x_i \partial y_j}"),
    ("second-by-scalar", derived(h, c, c, x), "(d3h/dc dc dx_i)", r"\frac{\partial^3 h}{\partial c^2 \partial x_i}"),
    (
        "squared-derivative", alone(derived(C, x).terms[0].factors[0][0], 2),
        "(dC/dx_i)^2", r"\left(\frac{\partial C}{\partial x_i}\right)^2",
    ),
    (
        "derivative-at-sum", derived(g, x),
        "Σ_k (∂_k u_i([Σ_p W_ap x_p]_a)) W_kj",
        r"\sum_k \left(\partial_k u_i\left(\left[\sum_p W_{ap} x_p\right]_a\right)\right) W_{kj}",
    ),
    (
        "derivative-by-position", derived(h2, c, c),
        "∂^(1) ∂^(1) h(c, [Σ_i A_ai x_i]_a)",
        r"\partial^{(1)} \partial^{(1)} h\left(c, \left[\sum_i A_{ai} x_i\right]_a\right)",
    ),
    (
        "derivative-by-one-of-two-equal", derived(both, x),
        "∂^(1)_i C(x, x) + ∂^(2)_i C(x, x)", r"\partial^{(1)}_i C(x, x) + \partial^{(2)}_i C(x, x)",
    ),
    ("pseudo-inverse", lowered(mc.pinv(W)), "(W^+)_ij", "(W^+)_{ij}"),
    (
        "pseudo-inverse-of-kron", lowered(mc.pinv(mc.kron(W, X))),
        "([W_ac X_bd]_{ab,cd}^+)_{ij,kp}", "([W_{ac} X_{bd}]_{ab,cd}^+)_{ij,kp}",
    ),
    ("matrix-power", lowered(mc.matrix_power(A, 2 * k - 1) @ x), "Σ_j (A^(2 k - 1))_ij x_j", r"\sum_j (A^{2 k - 1})_{ij} x_j"),
    ("power-of-a-transpose", lowered(mc.matrix_power(A.T, k)), "(A^k)_ji", "(A^{k})_{ji}"),
    ("power-of-a-scalar", lowered(mc.matrix_power(c, k) * x), "c^k x_i", "c^{k} x_i"),
    (
        "power-of-sum", lowered(mc.matrix_power(A + B, k)),
        "([A_ab + B_ab]_ab^k)_ij", r"([A_{ab} + B_{ab}]_{ab}^{k})_{ij}",
    ),
    (
        "sum-over-powers", derived(x.T @ mc.matrix_power(A, k) @ y, A),
        "Σ_{q=0}^{k - 1} Σ_{p,r} x_p (A^q)_pi (A^(k - 1 - q))_jr y_r",
        r"\sum_{q=0}^{k - 1} \sum_{p,r} x_p (A^{q})_{pi} (A^{k - 1 - q})_{jr} y_r",
    ),
    (
        "powers-of-a-matrix", derived(mc.matrix_power(A, k), A),
        "Σ_{r=0}^{k - 1} (A^r)_ip (A^(k - 1 - r))_qj", r"\sum_{r=0}^{k - 1} (A^{r})_{ip} (A^{k - 1 - r})_{qj}",
    ),
    ("matrix-function", lowered(mc.expm(A) @ x), "Σ_j expm(A)_ij x_j", r"\sum_j \operatorname{expm}(A)_{ij} x_j"),
    (
        "unknown-matrix-function", lowered(mc.matrix_function("g").prime(A @ B)),
        "g'([Σ_k A_ak B_kb]_ab)_ij", r"g'\left(\left[\sum_k A_{ak} B_{kb}\right]_{ab}\right)_{ij}",
    ),
    ("derivative-of-a-matrix-function", derived(mc.expm(A), A), "∂_kp expm(A)_ij", r"\partial_{kp} \operatorname{expm}(A)_{ij}"),
    (
        "second-derivative-of-a-matrix-function", derived(mc.expm(A), A, A),
        "∂_kp ∂_qr expm(A)_ij", r"\partial_{kp} \partial_{qr} \operatorname{expm}(A)_{ij}",
    ),
    (
        "sums-along-diagonals", lowered(mc.diagonal_sums(W)),
        "Σ_{k,p} [i - j = k - p] W_kp", r"\sum_{k,p} [i - j = k - p] W_{kp}",
    ),
    ("derivative-of-sums-along-diagonals", derived(mc.diagonal_sums(W), W), "[i - j = k - p]", "[i - j = k - p]"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "text", "latex"), [row[1:] for row in PRINTED], ids=[row[0] for row in PRINTED])
def test_form_in_both_notations(form: Form, text: str, latex: str) -> None:
    assert (index_text(form), index_latex(form)) == (text, latex)


@pytest.mark.parametrize("latex", [row[3] for row in PRINTED], ids=[row[0] for row in PRINTED])
def test_mathtext_reads_the_latex(latex: str) -> None:
    mathtext = pytest.importorskip("matplotlib.mathtext")
    mathtext.MathTextParser("path").parse(f"${latex}$")


def test_every_kind_of_atom_is_printed_and_shown_above() -> None:
    inner = nested_forms([form for _, form, _, _ in PRINTED])
    shown = {atom.kind for form in inner for term in form.terms for atom, _, _ in term.factors}
    assert set(ATOMS) == set(AtomKind) == shown


def test_printers_are_methods_of_index_forms() -> None:
    assert (METHODS["index_text"], METHODS["index_latex"]) == (index_text, index_latex)


# ---- letters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (k * (W @ x), "Σ_j k W_ij x_j"),
        (k * (A @ A @ x), "Σ_{j,p} k A_ij A_jp x_p"),
        (p * (A @ x), "Σ_j p_i A_ij x_j"),
        (p * (A @ A @ A @ x), "Σ_{j,k,q} p_i A_ij A_jk A_kq x_q"),
        (x * mc.sum(mc.ones("i")), "i x_j"),
        (mc.function("j")(A @ x), "j(Σ_k A_ik x_k)"),
        (mc.function("i", of=x, shape=(M,)), "i_j(x)"),
        (theta * (A @ x), "Σ_k theta_i A_jk x_k"),
        (mc.scalar("c^(ij)") * x, "c^(ij) x_k"),
        (mc.vector("s_max", N), "(s_max)_i"),
        (mc.let("dj/di", A @ x) * y, "(dj/di)_k y_k"),
        (mc.inv(A.T) * mc.scalar("a"), "([A_cb]_bc^-1)_ij a"),
    ],
    ids=["scalar", "scalar-later", "vector", "vector-later", "size", "function", "map", "subscript", "superscript",
         "word", "derivative", "array"],
)  # fmt: skip
def test_no_index_is_called_like_something_in_the_form(expression: Expr, text: str) -> None:
    assert index_text(lowered(expression)) == text


def nested(depth: int) -> Expr:
    expression: Expr = x
    for _ in range(depth):
        expression = f(A @ expression)
    return expression


def test_numbered_letters_follow_the_twentieth() -> None:
    form = lowered(nested(22))
    assert "f(Σ_{i_3} A_{i_2 i_3} f(Σ_{i_4} A_{i_3 i_4} x_{i_4}))" in index_text(form)
    assert r"A_{i_3 i_4} x_{i_4}" in index_latex(form)


@pytest.mark.parametrize("write", [index_text, index_latex])
def test_forms_nested_a_thousand_deep_are_printed(write: Callable[[Form], str]) -> None:
    assert write(lowered(nested(1000))).count("A_") == 1000


def test_both_sums_in_a_product_may_use_one_letter_but_none_from_outside() -> None:
    form = lowered(W.T @ ((W @ x) ** 2 * f(W @ y)))
    assert index_text(form) == "Σ_j W_ji (Σ_k W_jk x_k)^2 f(Σ_k W_jk y_k)"
