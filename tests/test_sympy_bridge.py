"""Expressions read from SymPy and written in it: back as they were, and with the value that SymPy's explicit matrices have."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import sympy as sp
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.dotproduct import DotProduct
from sympy.matrices.expressions.fourier import DFT

import matcalc as mc
from matcalc.errors import DefinitionClashError, EvaluationError, MatcalcError, ShapeError, UnsupportedError
from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, known_function
from matcalc.language.expressions import Expr, Node
from matcalc.language.traversal import postorder, with_definition
from matcalc.numeric.data import Array, Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.elementwise import known_value
from matcalc.numeric.evaluation import value
from matcalc.sympy_bridge.elementwise import FORMULAS, ORDERS, PARAMETRIC, T, formula, function_of
from matcalc.sympy_bridge.writing import ROWS, WITHOUT_COUNTERPART
from tests.oracle import close
from tests.random_expressions import Generator
from tests.sympy_values import UNKNOWN
from tests.sympy_values import value as sympy_value

m, n, p = sp.symbols("m n p")
A, B, S = sp.MatrixSymbol("A", m, n), sp.MatrixSymbol("B", n, p), sp.MatrixSymbol("S", n, n)
a, x, y, r = sp.MatrixSymbol("a", m, 1), sp.MatrixSymbol("x", n, 1), sp.MatrixSymbol("y", n, 1), sp.MatrixSymbol("r", 1, n)
c, k, i, j = sp.symbols("c k i j")
f = sp.Function("f")


# ---- random expressions ----------------------------------------------------------------------------------------------


def numeric(formula: Callable[[Any], Any], order: int) -> Callable[[Array], Array]:
    t = sp.Symbol("t", real=True)
    made = sp.lambdify(t, sp.diff(formula(t), t, order), "numpy")
    return lambda z: np.asarray(made(z)) + 0 * z


FUNCTIONS = {name: tuple(numeric(formula, order) for order in range(4)) for name, formula in UNKNOWN.items()}


def drawn(of: Expr, seed: int, *others: Expr) -> Data | None:
    """Data with the unknown functions that `tests.sympy_values` has; None if there are none at which the value is finite."""
    try:
        data = draw([of, *others], np.random.default_rng(seed))
    except EvaluationError:
        return None
    data = replace(data, functions={name: FUNCTIONS[name] for name in data.functions})
    return data if np.all(np.isfinite(value(of, data))) else None


def writable(seeds: range, depths: int) -> Iterator[tuple[Expr, Data]]:
    """The random expressions of some seeds whose nodes all have a counterpart in SymPy, with data; more than half of them have."""
    checked = 0
    for seed in seeds:
        of = Generator(seed, maps=False, structured=False).expression(depth=1 + seed % depths)
        if any(type(node) in WITHOUT_COUNTERPART for node in postorder([of], with_definition)):
            continue
        data = drawn(of, seed)
        if data is not None:
            checked += 1
            yield of, data
    assert checked > len(seeds) / 2


@pytest.mark.parametrize("batch", range(10), ids="batch{}".format)
def test_what_is_written_in_sympy_is_read_with_the_same_value(batch: int) -> None:
    for of, data in writable(range(30 * batch, 30 * (batch + 1)), 6):
        back = mc.from_sympy(of.to_sympy(), sizes="nmpq")
        assert back.shape == of.shape
        close(value(back, data), value(of, data))


@pytest.mark.parametrize("batch", range(6), ids="batch{}".format)
def test_the_value_in_sympy_by_its_explicit_matrices_is_the_value(batch: int) -> None:
    for of, data in writable(range(12 * batch, 12 * (batch + 1)), 4):
        close(sympy_value(of.to_sympy(), data.values, data.sizes), value(of, data))


def test_the_value_in_sympy_tells_a_wrong_expression() -> None:
    of = mc.matrix("S", "n", "n") @ mc.vector("x", "n")
    data = draw([of], np.random.default_rng(3))
    wrong = S.T * x
    with pytest.raises(AssertionError, match="deviation"):
        close(sympy_value(wrong, data.values, data.sizes), value(of, data))


# ---- reading, node by node -------------------------------------------------------------------------------------------

READ: list[tuple[Any, str, tuple[str, ...]]] = [
    (A, "A", ("m", "n")),
    (x, "x", ("n",)),
    (r, "r", ("1", "n")),
    (sp.MatrixSymbol("s", 1, 1), "s", ()),
    (sp.MatrixSymbol("X", 2 * m, n**2), "X", ("2*m", "n*n")),
    (c, "c", ()),
    (sp.Rational(-3, 7), "-3/7", ()),
    (sp.Float(0.25), "1/4", ()),
    (sp.Identity(n), "I_n", ("n", "n")),
    (sp.ZeroMatrix(m, n), "0_{m x n}", ("m", "n")),
    (sp.OneMatrix(n, 1), "1_n", ("n",)),
    (A + 2 * A.xreplace({A: sp.MatrixSymbol("C", m, n)}), "2 C + A", ("m", "n")),
    (A - 3 * sp.MatrixSymbol("C", m, n), "A - 3 C", ("m", "n")),
    (A * B, "A B", ("m", "p")),
    (c * A * x, "c A x", ("m",)),
    (-A * x, "-A x", ("m",)),
    (sp.MatMul(a.T, A, x, y.T), "a^T A x y^T", ("1", "n")),
    (n * x, "n x", ("n",)),
    (c / (3 * k) * x, "(c/(3 k)) x", ("n",)),
    (sp.HadamardProduct(x, y), "x ⊙ y", ("n",)),
    (sp.HadamardPower(x, 3), "x^3", ("n",)),
    (sp.HadamardPower(x, c), "exp(c log(x))", ("n",)),
    (sp.HadamardPower(x, -2), "1/x^2", ("n",)),
    (sp.HadamardPower(x, 1.5), "x^(3/2)", ("n",)),
    (sp.KroneckerProduct(A, B), "A ⊗ B", ("m*n", "n*p")),
    (sp.Transpose(A), "A^T", ("n", "m")),
    (sp.Adjoint(A), "A^T", ("n", "m")),
    (sp.Inverse(S), "S^-1", ("n", "n")),
    (S**3, "S^3", ("n", "n")),
    (S**-2, "S^(-2)", ("n", "n")),
    (S ** (k + 1), "S^(k + 1)", ("n", "n")),
    ((x.T * y) ** sp.Rational(1, 2), "sqrt(x^T y)", ()),
    (sp.Trace(S), "tr(S)", ()),
    (sp.Trace(x.T * y), "x^T y", ()),
    (sp.Determinant(S), "det(S)", ()),
    (sp.log(sp.Determinant(S)), "log(det(S))", ()),
    (DiagMatrix(x), "diag(x)", ("n", "n")),
    (DiagMatrix(x.T), "diag(x^T)", ("n", "n")),
    (DiagonalOf(S), "diag(S)", ("n",)),
    (DiagonalMatrix(S), "diag(diag(S))", ("n", "n")),
    (DotProduct(x, y), "sum(x ⊙ y)", ()),
    (DotProduct(r, y), "sum(r^T ⊙ y)", ()),
    (A.applyfunc(sp.sin), "sin(A)", ("m", "n")),
    (A.applyfunc(lambda t: sp.sin(t) ** 2 + 1), "sin(A)^2 + 1", ("m", "n")),
    (A.applyfunc(lambda t: c / (1 + t)), "c/(A + 1)", ("m", "n")),
    (A.applyfunc(lambda t: 1 / (1 + sp.exp(-t))), "sigmoid(A)", ("m", "n")),
    (A.applyfunc(lambda t: sp.Max(0, t)), "relu(A)", ("m", "n")),
    (A.applyfunc(lambda t: sp.S(5)), "5 1_{m x n}", ("m", "n")),
    (A.applyfunc(f), "f(A)", ("m", "n")),
    (x.applyfunc(sp.Lambda(c, f(c).diff(c, 2))), "f''(x)", ("n",)),
    (x.applyfunc(f).applyfunc(sp.exp), "exp(f(x))", ("n",)),
    (f(c**2), "f(c^2)", ()),
    (f(c**2).diff(c), "2 c f'(c^2)", ()),
    (sp.Function("sigmoid")(c), "sigmoid(c)", ()),
    (sp.exp(c) * sp.tanh(k), "exp(c) tanh(k)", ()),
    (sp.tan(c), "sin(c)/cos(c)", ()),
    (sp.sqrt(c) + sp.Abs(k), "sqrt(c) + abs(k)", ()),
    (sp.sinh(c), "(exp(c) - exp(-c))/2", ()),
    (sp.Max(c, k), "c + relu(k - c)", ()),
    (A[0, 2], "(A)_{1,3}", ()),
    (A[i, j], "(A)_{i + 1,j + 1}", ()),
    (A[i - 1, n - 1], "(A)_{in}", ()),
    (sp.Sum(x[i, 0] * y[i, 0], (i, 0, n - 1)), "sum_{i=1}^{n} (x)_i (y)_i", ()),
    (sp.Sum(A[i, j], (i, 0, m - 1), (j, 0, n - 1)), "sum_{j=1}^{n} sum_{i=1}^{m} (A)_{ij}", ()),
    (sp.Sum(c**2, (i, 2, 5)), "sum_{i=3}^{6} c^2", ()),
    (sp.KroneckerDelta(i, j, (0, n - 1)), "(I_n)_{i + 1,j + 1}", ()),
]  # fmt: skip


@pytest.mark.parametrize(("given", "text", "shape"), READ, ids=[f"{number}-{text}" for number, (_, text, _) in enumerate(READ)])
def test_a_node_is_read_as_it_is_written(given: Any, text: str, shape: tuple[str, ...]) -> None:
    found = mc.from_sympy(given)
    assert repr(found) == text
    assert tuple(map(str, found.shape)) == shape


WITH_VALUES = [given for given, text, _ in READ if text not in ("sigmoid(c)", "(I_n)_{i + 1,j + 1}")]  # SymPy has no value of these


@pytest.mark.parametrize("given", WITH_VALUES, ids=str)
def test_what_is_read_has_the_value_it_has_in_sympy(given: Any) -> None:
    found = mc.from_sympy(given)
    data = drawn(found, 5, *map(mc.from_sympy, given.atoms(sp.MatrixSymbol)))
    assert data is not None
    close(value(found, data), sympy_value(given, data.values, data.sizes))


def test_numbers_that_are_not_rational_are_written_by_known_functions() -> None:
    assert mc.from_sympy(sp.pi).evaluate() == pytest.approx(np.pi)
    assert mc.from_sympy(sp.E).evaluate() == pytest.approx(np.e)
    assert mc.from_sympy(sp.erf(c)).evaluate({"c": 0.3}) == pytest.approx(float(sp.erf(0.3)))
    assert mc.from_sympy(sp.Min(c, k, 2)).evaluate({"c": 0.3, "k": -4}) == pytest.approx(-4.0)
    assert mc.from_sympy(sp.Sum(i * x[i, 0], (i, 0, n - 1))).evaluate({"x": [5, 6, 7]}) == pytest.approx(20.0)


def test_a_symbol_is_a_size_where_it_is_one_of_an_array_or_is_told() -> None:
    assert mc.from_sympy(n * x) == mc.dims("n") * mc.vector("x", "n")
    assert mc.from_sympy(c / n) == mc.scalar("c") / mc.scalar("n")
    assert mc.from_sympy(c / n, sizes=["n"]) == mc.scalar("c") / mc.dims("n")


@pytest.mark.parametrize("name", ["W^(1)", "theta_k", "x'", "W_1^(2)", "xhat", "a^[1]", "x_{i+1}", "dC/dz^(1)"])
def test_names_stand_as_they_are(name: str) -> None:
    array, scalar = mc.matrix(name, "n_1", "n_0"), mc.scalar(name)
    assert str(array.to_sympy()) == str(scalar.to_sympy()) == name
    assert mc.from_sympy(array.to_sympy()) == array
    assert mc.from_sympy(scalar.to_sympy()) == scalar


def test_names_in_latex_are_read_as_plain_names() -> None:
    assert mc.from_sympy(sp.MatrixSymbol(r"\mathbf{W}^{(1)}", m, n)) == mc.matrix("W^(1)", "m", "n")


# ---- what has no counterpart -----------------------------------------------------------------------------------------

BLOCK = sp.BlockMatrix([[S, S]])
REFUSED: list[tuple[Any, type[MatcalcError], str]] = [
    (sp.MatMul(S, DFT(n)), UnsupportedError, r"DFT\(n\) \(argument 2 of MatMul\): DFT has no counterpart in matcalc"),
    (sp.Trace(S * S[0:n, 0:n]), UnsupportedError, r"argument 2 of MatMul, argument 1 of Trace\): MatrixSlice .* matrix symbol of its own"),
    (BLOCK * BLOCK.T, UnsupportedError, "BlockMatrix has no counterpart in matcalc. Write its blocks"),
    (sp.Matrix([[1, 2], [3, 5]]) * sp.MatrixSymbol("z", 2, 1), UnsupportedError, "Declare it as a matrix symbol"),
    (A.diff(A), UnsupportedError, r"PermuteDims has no counterpart in matcalc\. It is an array"),
    (sp.exp(S), UnsupportedError, r"exp of a matrix is a scalar to SymPy\. .* write \.applyfunc\(exp\)"),
    (sp.Function("u")(x), UnsupportedError, r"An undefined function of an array is a scalar to SymPy\. Declare the map"),
    (S ** sp.Rational(1, 2), UnsupportedError, "A matrix to the power 1/2 has no counterpart in matcalc: an exponent is whole"),
    (DiagonalOf(A), UnsupportedError, r"Only a square matrix has a diagonal in matcalc, A is \(m, n\)"),
    (sp.gamma(c), UnsupportedError, r"gamma\(c\): gamma has no counterpart .* mc.function\(name\)"),
    (sp.Piecewise((c, c > 0), (0, True)), UnsupportedError, "Piecewise has no counterpart in matcalc. Write it by Max"),
    (c * sp.I, UnsupportedError, "matcalc is about real numbers"),
    (sp.EulerGamma * c, UnsupportedError, "Write it as a rational number or as a symbol"),
    (sp.Derivative(sp.Trace(S), S), UnsupportedError, "derive with mc.derive"),
    (sp.KroneckerDelta(i, j), UnsupportedError, r"A Kronecker delta needs the range .* write Identity\(n\)\[i, j\]"),
    (sp.MatrixSymbol("X", n + 1, m), UnsupportedError, r"X has the size n \+ 1\. n \+ 1 is none\. A size is a positive whole number"),
    (sp.Identity(n / 2), UnsupportedError, r"the size n/2\. 1/2 is none"),
    (sp.MatrixSymbol("X", 0, m), UnsupportedError, "0 is not a size: sizes are at least 1"),
    (c * sp.Symbol("c", positive=True), DefinitionClashError, "c has two meanings: .*Rename one of them"),
    (c * sp.MatrixSymbol("c", n, 1), DefinitionClashError, "c has two meanings: .*Rename one of them"),
    (sp.Symbol("my name"), MatcalcError, "'my name' is not a plain name"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "error", "message"), REFUSED, ids=[f"{number}-{each[0]}" for number, each in enumerate(REFUSED)])
def test_what_has_no_counterpart_is_told_with_its_place(given: Any, error: type[MatcalcError], message: str) -> None:
    with pytest.raises(error, match=message):
        mc.from_sympy(given)


@pytest.mark.parametrize("given", ["x**2", mc.vector("v", "n"), None])
def test_what_is_no_expression_of_sympy_is_refused(given: Any) -> None:
    with pytest.raises(MatcalcError, match=r"is no expression of SymPy; a formula in LaTeX is read by mc\.parse"):
        mc.from_sympy(given)


def test_all_that_has_no_counterpart_is_told_at_once() -> None:
    with pytest.raises(UnsupportedError, match=r"(?s)gamma\(c\) .*zeta\(k\) .*zeta has no counterpart"):
        mc.from_sympy(sp.gamma(c) * x + sp.zeta(k) * y)


# ---- writing ---------------------------------------------------------------------------------------------------------


def test_every_node_is_written_or_refused() -> None:
    assert set(ROWS) | set(WITHOUT_COUNTERPART) == set(get_args(Node))
    assert not set(ROWS) & set(WITHOUT_COUNTERPART)


X, v = mc.matrix("X", "m", "n"), mc.vector("v", "n")
WRITTEN: list[tuple[Expr, str]] = [
    (X @ v, "X*v"),
    (mc.let("z", X @ v).T @ X, "(X*v).T*X"),
    (v.T @ v * v, "Trace(v.T*v)*v"),
    (1 + v, "v + 1"),
    (v.T @ v + 1, "Trace(v.T*v) + 1"),
    (mc.sum(X), "1*X*1"),
    (v / 3, "(1/3)*v"),
    (v / v**2, "HadamardProduct(v, HadamardPower(HadamardPower(v, 2), -1))"),
    (mc.norm(v), "sqrt(Trace(v.T*v))"),
    (mc.logdet(X.T @ X), "log(Determinant(X.T*X))"),
    (mc.function("f")(v), "Lambda(_t, f(_t)).(v)"),
    (mc.function("f").prime(mc.scalar("c")), "Subs(Derivative(f(_t), _t), _t, c)"),
    (mc.function("u", of=[mc.scalar("c"), mc.scalar("k")], shape=()), "u(c, k)"),
    (mc.diag(v) @ mc.diag(X.T @ X), "DiagMatrix(v)*DiagonalOf(X.T*X)"),
    (mc.matrix_power(X.T @ X, 3), "(X.T*X)**3"),
    (mc.kron(X, v), "KroneckerProduct(X, v)"),
    (mc.entry(X, 2, mc.index("j")), "X[1, j - 1]"),
    (mc.indexed_sum(mc.index("i", "n"), mc.entry(v, mc.index("i", "n")) ** 2), "Sum(v[i, 0]**2, (i, 0, n - 1))"),
    (mc.vector("w", mc.dims("n")) / mc.dims("n"), "1/n*w"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "text"), WRITTEN, ids=[f"{number}-{text}" for number, (_, text) in enumerate(WRITTEN)])
def test_a_node_is_written(given: Expr, text: str) -> None:
    found = given.to_sympy()
    assert str(found) == text
    assert mc.from_sympy(found).shape == given.shape


NOT_WRITTEN: list[tuple[Expr, type[MatcalcError], str]] = [
    (mc.vec(X), UnsupportedError, r"vec\(X\): SymPy's matrix expressions have no vec"),
    (mc.commutation("m", "n"), UnsupportedError, "have no commutation matrix"),
    (mc.pinv(X), UnsupportedError, "have no pseudo-inverse. With full column rank write"),
    (mc.expm(X.T @ X), UnsupportedError, "to SymPy a function of a matrix expression is a scalar"),
    (mc.function("u", of=v, shape=("m",)), UnsupportedError, r"u\(v\): SymPy has no unknown maps of arrays"),
    (mc.indexed_sum(mc.index("i", "n"), v), UnsupportedError, "SymPy's sums are scalars"),
    (mc.scalar("n") * v, DefinitionClashError, "n is .* and .*, in SymPy it would be one symbol. Rename one of them"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "error", "message"), NOT_WRITTEN, ids=[str(each[0]) for each in NOT_WRITTEN])
def test_what_sympy_has_not_is_told(given: Expr, error: type[MatcalcError], message: str) -> None:
    with pytest.raises(error, match=message):
        given.to_sympy()


def test_all_that_sympy_has_not_is_told_at_once() -> None:
    with pytest.raises(UnsupportedError, match=r"vec\(X\): .*without it\.\nX\^\+: .*pseudo-inverse"):
        (mc.vec(X).T @ mc.vec(X) + mc.sum(mc.pinv(X))).to_sympy()


# ---- elementwise functions -------------------------------------------------------------------------------------------


def test_every_known_function_has_a_formula() -> None:
    assert {*FORMULAS, *PARAMETRIC} == set(KNOWN_FUNCTIONS)


@pytest.mark.parametrize("order", range(ORDERS))
@pytest.mark.parametrize("name", KNOWN_FUNCTIONS)
def test_a_formula_has_the_values_of_the_function(name: str, order: int) -> None:
    function = replace(known_function(name), order=order)
    at = np.array([0.31, 0.87, 1.6]) if name in ("log", "sqrt") else np.array([-1.3, -0.31, 0.87, 1.6])
    found = np.array([float(formula(function).xreplace({T: sp.Float(z, 17)})) for z in at])
    close(found, known_value(function, at), 1e-9)


@pytest.mark.parametrize("name", KNOWN_FUNCTIONS)
def test_a_formula_is_found_again(name: str) -> None:
    t = sp.Symbol("t", real=True)
    function = known_function(name)
    assert function_of(formula(function).xreplace({T: t}), t) == function


def test_a_parameter_is_found_again() -> None:
    t = sp.Symbol("t", real=True)
    function = known_function("leaky_relu").with_parameter("3/7")
    assert isinstance(function, ElementwiseFunction)
    assert function_of(formula(function).xreplace({T: t}), t) == function
    assert function.parameter == Fraction(3, 7)
    assert function_of(sp.Max(0, t) + c * sp.Min(0, t), t) is None


# ---- SymPy is optional -----------------------------------------------------------------------------------------------

WITHOUT = """
import sys
sys.modules["sympy"] = None
import matcalc as mc
x = mc.vector("x", "n")
print(mc.derive(x.T @ x, x, layout="numerator").result)
for ask in (lambda: x.to_sympy(), lambda: mc.from_sympy):
    try:
        ask()
    except ImportError as error:
        print(error)
"""


def test_without_sympy_everything_else_works_and_the_two_say_what_to_install() -> None:
    root = Path(mc.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, cwd=root, check=False)
    assert done.returncode == 0, done.stderr
    result, *messages = done.stdout.splitlines()
    assert result == "2 x^T"
    assert len(messages) == 2
    assert all("pip install 'matcalc-layouts[sympy]'" in message for message in messages)


def test_shapes_are_checked_as_everywhere() -> None:
    with pytest.raises(ShapeError, match="n and m differ"):
        mc.from_sympy(x) + mc.from_sympy(a)
