"""Differentials: against differences of the values, against `derive` in both layouts, and as people write them."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import EvaluationError, MatcalcError, NoMatrixFormError, UnknownNameError, UnsupportedError
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.traversal import named
from matcalc.numeric.data import Array, Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from tests.oracle import close
from tests.random_expressions import Generator

A, X, S = mc.matrix("A", "n", "m"), mc.matrix("X", "m", "n"), mc.matrix("S", "n", "n")
W, x, b, y = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m"), mc.vector("y", "m")
t, r = mc.scalar("t"), mc.row("r", "n")
f, u = mc.function("f"), mc.function("u", of=x, shape=("m",))
z = mc.let("z", W @ x + b)
a = mc.let("a", f(z))
C = mc.let("C", mc.sum((a - y) ** 2) / 2)
LAYOUTS = ("numerator", "denominator")

WRITTEN = {
    "layer": (z, "dz = dW x + W dx + db"),
    "function": (f(W @ x), "d(f(W x)) = f'(W x) ⊙ dW x + f'(W x) ⊙ W dx"),
    "trace": (mc.trace(A @ X), "d(tr(A X)) = tr(X dA) + tr(A dX)"),
    "inverse": (mc.inv(S), "d(S^-1) = -S^-1 dS S^-1"),
    "determinant": (mc.det(S), "d(det(S)) = det(S) tr(S^-1 dS)"),
    "log-determinant": (mc.logdet(S), "d(logdet(S)) = tr(S^-1 dS)"),
    "product": (S @ S, "d(S S) = dS S + S dS"),
    "Hadamard": (X * W, "d(X ⊙ W) = dX ⊙ W + X ⊙ dW"),
    "Kronecker": (mc.kron(x, y), "d(x ⊗ y) = dx ⊗ y + x ⊗ dy"),
    "softmax": (mc.softmax(x), "d(softmax(x)) = softmax(x) ⊙ dx - softmax(x)^T dx softmax(x)"),
    "norm": (mc.norm(x), "d(norm(x)) = (x^T/norm(x)) dx"),
    "scalars": (t * x, "d(t x) = dt x + t dx"),
    "minus": (mc.exp(-x), "d(exp(-x)) = -exp(-x) ⊙ dx"),
    "quadratic": (x.T @ S @ x, "d(x^T S x) = x^T (S^T + S) dx + tr(x x^T dS)"),
    "unknown map": (u, "d(u(x)) = du/dx dx"),
    "row": (r @ x, "d(r x) = x^T dr^T + r dx"),
    "vec": (mc.vec(X), "d(vec(X)) = vec(dX)"),
    "constant": (mc.ones("n"), "d(1_n) = 0_n"),
    "a symbol": (x, "dx = dx"),
}


@pytest.mark.parametrize(("of", "text"), WRITTEN.values(), ids=list(WRITTEN))
def test_as_people_write_it(of: Expr, text: str) -> None:
    found = mc.differential(of)
    assert repr(found) == text
    assert found.result.shape == of.shape
    assert found.verify().ok
    assert all(step.verify() for step in found.steps)
    assert found.latex().count(" = ") == 1


def test_terms_by_variable_and_only_those_asked_for() -> None:
    assert {name: repr(term) for name, term in mc.differential(z).terms.items()} == {"W": "dW x", "x": "W dx", "b": "db"}
    assert repr(mc.differential(z, ["b", W])) == "dz = db + dW x"
    assert repr(mc.differential(z, y)) == "dz = 0_m"
    assert repr(mc.differential(mc.trace(A @ X), assume=["A constant"])) == "d(tr(A X)) = tr(A dX)"


def test_named_quantities_stay_names_where_asked() -> None:
    found = mc.differential(C, [W, b], through=[a, z])
    assert repr(found) == "dC = (a - y)^T da"
    assert {name: repr(part) for name, part in found.parts.items()} == {"a": "da = f'(z) ⊙ dz", "z": "dz = dW x + db"}
    assert found.verify().ok and all(part.verify().ok for part in found.parts.values())
    assert repr(mc.differential(C, [z])) == "dC = (f'(z) ⊙ (a - y))^T dz"
    assert any(node == z for node in named([mc.differential(C, [z]).result]).values())


def test_the_steps_go_from_name_to_name() -> None:
    steps = mc.differential(C, W).steps
    ends = [step.rule.rpartition("; ")[2] for step in steps]
    assert ends == ["dC = (a - y)^T da", "da = f'(z) ⊙ dz", "dz = dW x", "dC = tr(x (f'(z) ⊙ (a - y))^T dW)"]
    assert "elementwise function" in steps[1].rule and steps[1].statement
    assert all(step.verify() for step in steps)


def test_latex_writes_increments_with_an_upright_name() -> None:
    assert mc.differential(z).latex() == r"d\mathbf{z} = d\mathbf{W} \mathbf{x} + \mathbf{W} d\mathbf{x} + d\mathbf{b}"
    found = mc.differential(r"\ln \det(\mathbf{S})", shapes={"S": "n n"})
    assert found.latex() == r"d(\ln \det(\mathbf{S})) = \operatorname{tr}(\mathbf{S}^{-1} d\mathbf{S})"
    shapes = {"W": "m n", "dW": "m n", "x": "n", "dx": "n", "db": "m"}
    assert mc.parse(mc.differential(z).result.latex(), shapes=shapes) == mc.differential(z).result


# ---- identification --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("of", [C, z, mc.trace(A @ X), t * mc.sum(X**3), r @ x, x.T @ S @ x, mc.inv(S), u])
def test_identification_is_derive(of: Expr, layout: str) -> None:
    found = mc.differential(of)
    for name, step in found.identify(layout=layout).items():
        derivation = mc.derive(of, name, layout=layout)
        assert repr(step.after) == repr(derivation.result if len(derivation.shape) <= 2 else derivation.vec_form)
        assert step.verify()
        assert "first identification theorem" in step.source


def test_the_identification_states_its_rule() -> None:
    steps = {layout: mc.differential(mc.trace(A @ X), X).identify(layout=layout)["X"] for layout in LAYOUTS}
    assert steps["numerator"].rule.endswith("d(tr(A X)) = tr(A dX) for every dX, so the derivative is A in numerator layout")
    assert steps["denominator"].rule.endswith("is A^T, the transpose of what stands before the increment, in denominator layout")
    by_vec = mc.differential(z, W).identify(layout="denominator")["W"]
    assert by_vec.rule.startswith("identification by vec: vec(dz) = (x^T ⊗ I_m) vec(dW) for every dW") and repr(by_vec.after) == "x ⊗ I_m"


# ---- against differences of the values -------------------------------------------------------------------------------


def increments(of: Expr, data: Data, rng: np.random.Generator) -> dict[str, Array]:
    symbols = [node for node in named([of]).values() if isinstance(node, Symbol)]
    return {node.name: rng.uniform(-1.0, 1.0, data.values[node.name].shape) for node in symbols}


def close_to_differences(of: Expr, result: Expr, seed: int) -> None:
    """The differential at random increments against (8 (f(h) - f(-h)) - (f(2 h) - f(-2 h))) / 12 h."""
    rng = np.random.default_rng(seed)
    data = draw([of], rng)
    steps = increments(of, data, rng)

    def moved(h: float) -> Array:
        values = {**data.values, **{name: data.values[name] + h * step for name, step in steps.items()}}
        return value(of, Data(values, data.sizes, data.functions))

    h = 1e-3
    truth = (8.0 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12.0 * h)
    given = {**data.values, **{f"d{name}": step for name, step in steps.items()}}
    close(value(result, Data(given, data.sizes, data.functions)), truth, 1e-6)


@pytest.mark.parametrize("of", [C, z, mc.trace(A @ X), mc.inv(S), t * mc.sum(X**3), r @ x, mc.softmax(W @ x), u], ids=repr)
def test_agrees_with_differences_of_the_values(of: Expr) -> None:
    close_to_differences(of, mc.differential(of).result, 7)


def test_over_all_operations() -> None:
    """Random expressions: each is right by the oracles, or has no matrix form and says so."""
    right = without = 0
    for seed in range(120):
        of = Generator(seed).expression(depth=3)
        try:
            found = mc.differential(of)
            assert found.result.shape == of.shape
            report = found.verify()
        except (NoMatrixFormError, UnsupportedError):
            without += 1
            continue
        except EvaluationError:
            continue  # no data at which everything is finite
        assert report.ok, (seed, report)
        right += 1
    assert right > 90 and without < 20


# ---- faults ----------------------------------------------------------------------------------------------------------


def test_a_wrong_differential_is_found() -> None:
    found = mc.differential(mc.trace(A @ X), X)
    found.__dict__["along"] = type(found.along)(found.along.of, found.along.wrt, 2 * found.along.result, "planted", found.style)
    report = found.verify()
    assert not report.ok
    assert {check.oracle for check in report.checks if not check.passed} >= {"backprop", "difference", "exact"}


def test_what_is_no_differential() -> None:
    with pytest.raises(MatcalcError, match=r"The name dx is that of an increment .* rename it"):
        mc.differential(mc.vector("dx", "n") + x)
    with pytest.raises(UnknownNameError, match="Nothing here is named 'q'"):
        mc.differential(z, "q")
    with pytest.raises(MatcalcError, match="through= takes named quantities; W is a variable, whose increment dW stays anyway"):
        mc.differential(z, x, through=W)
    with pytest.raises(MatcalcError, match="z is asked for in terms of itself: its differential is dz"):
        mc.differential(z, [z])
    with pytest.raises(MatcalcError, match="layout"):
        mc.differential(z).identify()
    assert isinstance(z, Let)
