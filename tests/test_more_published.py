"""Further published identities, in LaTeX: the answer is the printed one in both layouts, no longer than it, and right for arrays."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.index.shortening import expanded
from matcalc.language.expressions import Expr
from matcalc.numeric import tape
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from tests.oracle import close, laid_out_by_definition

SHAPES: dict[str, tuple[str, ...]] = {
    "X": ("p", "q"), "S": ("n", "n"), "A": ("n", "n"), "B": ("p", "p"), "x": ("n",), "m": ("n",), "Y": ("q", "p"), "t": (),
}  # fmt: skip
FUNCTIONS = {"U": {"of": "t", "shape": ("n", "n")}}
GAUSS = r"\exp(-\frac{1}{2} (x - m)^\top A (x - m))"
TRACE = r"\operatorname{tr}(\frac{\partial U}{\partial t})"
# (formula, variable, assumptions): numerator, denominator
PUBLISHED: dict[tuple[str, str, str], tuple[str, str]] = {
    (r"\ln\det(X^\top X)", "X", ""): ("2 X^{+}", r"2 (X^{+})^\top"),
    (r"\ln\det(X X^\top)", "X", ""): ("2 X^{+}", r"2 (X^{+})^\top"),
    (r"\ln\det((Y^{+})^\top Y^{+})", "Y", "Y full row rank"): ("-2 Y^{+}", r"-2 (Y^{+})^\top"),
    (r"\det(S^\top A S)", "S", ""): (r"2 \det(S^\top A S) S^{-1}", r"2 \det(S^\top A S) (S^{-1})^\top"),
    (GAUSS, "x", "A symmetric"): (rf"-{GAUSS} (x - m)^\top A", rf"-{GAUSS} A (x - m)"),
    (r"\operatorname{tr}(U(t))", "t", ""): (TRACE, TRACE),
    (r"\operatorname{tr}(X (X^\top X)^{-1} X^\top B)", "B", ""): (r"X (X^\top X)^{-1} X^\top", r"X (X^\top X)^{-1} X^\top"),
}  # fmt: skip
LAYOUTS = ("numerator", "denominator")


def read(latex: str, assumed: str, **options: Any) -> Expr:
    return mc.parse(latex, shapes=SHAPES, functions=FUNCTIONS, assume=[assumed] if assumed else [], **options)


def operations(expression: Expr) -> int:
    return bool(expression.operands) + sum(map(operations, expression.operands))


@pytest.mark.parametrize(("case", "layout"), [*product(PUBLISHED, LAYOUTS)])
def test_the_published_answer(case: tuple[str, str, str], layout: str) -> None:
    latex, name, assumed = case
    of = read(latex, assumed)
    derivation = mc.derive(of, name, layout=layout)
    printed = read(PUBLISHED[case][LAYOUTS.index(layout)], assumed, layout=layout)
    assert operations(derivation.result) <= operations(printed), derivation.result
    proof = mc.prove_equal(derivation.result, printed)
    assert proof.verdict == "equal", proof
    data = draw([of, derivation.wrt], np.random.default_rng(7))  # sizes are different primes for which the inverses exist
    raw = tape.jacobian(of, derivation.wrt, data)
    close(value(derivation.result, data), laid_out_by_definition(raw, of.shape, derivation.wrt.shape, layout), 1e-8)


def test_an_inverse_that_was_written_is_kept() -> None:
    b, X = mc.vector("b", "p"), mc.matrix("X", "p", "q")
    shown = repr(mc.derive(mc.inv(X.T @ X) @ X.T @ b, b, layout="numerator").result)
    assert shown == "(X^T X)^-1 X^T"


PENROSE = {"X P X": "X", "P X P": "X^+", "X^T P^T P": "X^+", "P P^T X^T": "X^+", "X X^T P^T": "X"}


@pytest.mark.parametrize(("written", "shown"), PENROSE.items())
def test_what_penrose_makes_shorter(written: str, shown: str) -> None:
    X = mc.matrix("X", "p", "q")
    words = {"X": X, "P": mc.pinv(X), "X^T": X.T, "P^T": mc.pinv(X).T}
    first, second, third = (words[word] for word in written.split())
    whole = first @ second @ third
    v = mc.vector("v", whole.shape[1])
    assert repr(mc.derive(whole @ v, v, layout="numerator").result) == shown


def test_a_projection_is_no_identity_without_the_rank() -> None:
    X, v = mc.matrix("X", "p", "q"), mc.vector("v", "p")
    assert repr(mc.derive(X @ mc.pinv(X) @ v, v, layout="numerator").result) == "X X^+"


def test_a_second_derivative_of_a_determinant_has_one_factor_in_front() -> None:
    of = read(r"\det(U(t))", "")
    second = repr(mc.hessian(of, "t"))
    assert second.count("det(U(t))") == 1
    assert "tr(U(t)^-1 dU/dt)^2" in second


def test_a_high_power_of_a_sum_is_not_multiplied_out() -> None:
    a, b, x = mc.scalar("a"), mc.scalar("b"), mc.scalar("x")
    form = mc.derive((a * x + b + x**2) ** 400, x, layout="numerator").index_form
    assert expanded(form.form, most=12) is None
