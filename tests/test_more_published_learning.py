"""Identities of learning and statistics as their texts print them: read, derived in both layouts, proved equal, and as short.

What each row asks for is said by its name: functions folded back, sums that cancel, scalars before a sum, vec of several layers.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.language.expressions import Expr
from matcalc.layout.pieces import operations
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.tape import jacobian
from tests.oracle import close, vec_by_definition

SHAPES = {
    "X": "N d", "w": "d", "y": "N", "x": "n", "z": "n", "t": "", "u": "d", "U": "k d", "A": "p N", "B": "d q", "C": "q r", "S": "d d",
    "g": "n", "h": "n", "c": "", "P": "k p", "M": "d d", "s": "",
}  # fmt: skip
FUNCTIONS = {r"\sigma": "sigmoid", "f": "elementwise"}
ASSUMED = ["S symmetric", "s positive"]
ENTROPY = r"y^\top \ln(\sigma(X w)) + (\mathbf{1}_N - y)^\top \ln(\mathbf{1}_N - \sigma(X w))"
SAMPLED = r"-\mathbf{1}_k^\top \ln(\sigma(-U u))"
RAYLEIGH = r"\frac{w^\top S w}{w^\top w}"

# name: (expression, variable, published in numerator layout, in denominator layout)
GRADIENTS = {
    "cross-entropy of the logistic function": (
        f"-{ENTROPY.replace('+', '-')}", "w",
        r"(\sigma(X w) - y)^\top X", r"X^\top (\sigma(X w) - y)",
    ),
    "its mean": (
        rf"-\frac{{1}}{{N}} ({ENTROPY})", "w", r"\frac{1}{N} (\sigma(X w) - y)^\top X",
        r"\frac{1}{N} X^\top (\sigma(X w) - y)",
    ),
    "of one sample": (
        r"-t \ln(\sigma(w^\top u)) - (1 - t) \ln(1 - \sigma(w^\top u))", "w",
        r"(\sigma(w^\top u) - t) u^\top", r"(\sigma(w^\top u) - t) u",
    ),
    "negative samples by the vector": (
        SAMPLED, "u", r"\sigma(U u)^\top U", r"U^\top \sigma(U u)",
    ),
    "negative samples by the matrix": (
        SAMPLED, "U", r"u \sigma(U u)^\top", r"\sigma(U u) u^\top",
    ),
    "squares of the logistic function": (
        r"\frac{1}{2} \|\sigma(X w) - y\|_2^2", "w",
        r"((\sigma(X w) - y) \odot \sigma(X w) \odot (\mathbf{1}_N - \sigma(X w)))^\top X",
        r"X^\top ((\sigma(X w) - y) \odot \sigma(X w) \odot (\mathbf{1}_N - \sigma(X w)))",
    ),
    "Rayleigh quotient": (
        RAYLEIGH, "w", rf"\frac{{2}}{{w^\top w}} (w^\top S - {RAYLEIGH} w^\top)",
        rf"\frac{{2}}{{w^\top w}} (S w - {RAYLEIGH} w)",
    ),
    "gate": (
        r"(\mathbf{1}_n - z) \odot h + z \odot g", "z",
        r"\operatorname{diag}(g - h)", r"\operatorname{diag}(g - h)",
    ),
    "weight normalisation": (
        r"\frac{c}{\|x\|_2} x", "x",
        r"\frac{c}{\|x\|_2} (\mathbf{I}_n - \frac{x x^\top}{\|x\|_2^2})",
        r"\frac{c}{\|x\|_2} (\mathbf{I}_n - \frac{x x^\top}{\|x\|_2^2})",
    ),
}  # fmt: skip
INNER, OUTER = (rf"\operatorname{{diag}}(\operatorname{{vec}}(f'({each})))" for each in ("A X", "P f(A X)"))
VEC_FORMS = {
    "layer inside": (
        r"A f(X B) C", "X",
        r"(C^\top \otimes A) \operatorname{diag}(\operatorname{vec}(f'(X B))) (B^\top \otimes \mathbf{I}_N)",
        r"(B \otimes \mathbf{I}_N) \operatorname{diag}(\operatorname{vec}(f'(X B))) (C \otimes A^\top)",
    ),
    "two layers": (
        r"f(P f(A X))", "X",
        rf"{OUTER} (\mathbf{{I}}_d \otimes P) {INNER} (\mathbf{{I}}_d \otimes A)",
        rf"(\mathbf{{I}}_d \otimes A^\top) {INNER} (\mathbf{{I}}_d \otimes P^\top) {OUTER}",
    ),
    "trace by vec": (
        r"\operatorname{tr}(S M^\top B B^\top M)", "M",
        r"2 \operatorname{vec}(B B^\top M S)^\top", r"2 \operatorname{vec}(B B^\top M S)",
    ),
}  # fmt: skip
HESSIANS = {
    "cross-entropy of the logistic function": (
        f"-{ENTROPY.replace('+', '-')}", "w",
        r"X^\top \operatorname{diag}(\sigma(X w) \odot (\mathbf{1}_N - \sigma(X w))) X",
    ),
    "elementwise by vec": (
        r"\mathbf{1}_p^\top f(A X) \mathbf{1}_d", "X",
        r"(\mathbf{I}_d \otimes A^\top) \operatorname{diag}(\operatorname{vec}(f''(A X))) (\mathbf{I}_d \otimes A)",
    ),
    "quadratic by vec": (
        r"\operatorname{tr}(X^\top A^\top P^\top P A X M)", "X",
        r"(M + M^\top) \otimes A^\top P^\top P A",
    ),
    "Gaussian kernel": (
        r"\exp(-\frac{1}{2 s^2} \|x\|_2^2)", "x",
        r"\frac{1}{s^2} \exp(-\frac{1}{2 s^2} \|x\|_2^2) (\frac{1}{s^2} x x^\top - \mathbf{I}_n)",
    ),
}  # fmt: skip


def read(latex: str, layout: str | None = None) -> Expr:
    return mc.parse(latex, shapes=SHAPES, functions=FUNCTIONS, assume=ASSUMED, layout=layout)


def require_as_published(answer: Expr, published: Expr) -> None:
    """Proved equal, and written with no more operations; a quotient may stand below the whole."""
    proof = mc.prove_equal(answer, published)
    assert proof.verdict == "equal", proof
    assert operations(answer) <= operations(published), answer


@pytest.mark.parametrize(("name", "layout"), [*product(GRADIENTS, ("numerator", "denominator"))])
def test_gradients_and_jacobians(name: str, layout: str) -> None:
    latex, by, *published = GRADIENTS[name]
    found = mc.derive(read(latex), by, layout=layout)
    require_as_published(found.result, read(published[layout == "denominator"], layout))
    assert found.verify().ok


@pytest.mark.parametrize(("name", "layout"), [*product(VEC_FORMS, ("numerator", "denominator"))])
def test_derivatives_by_vec(name: str, layout: str) -> None:
    latex, by, *published = VEC_FORMS[name]
    of, x = read(latex), read(by)
    found = mc.derive(of, by, layout=layout).vec_form
    require_as_published(found, read(published[layout == "denominator"], layout))
    data = draw([of], np.random.default_rng(9))
    close(value(found, data), vec_by_definition(jacobian(of, x, data), of.shape, x.shape, layout))


@pytest.mark.parametrize("name", HESSIANS)
def test_hessians(name: str) -> None:
    latex, by, published = HESSIANS[name]
    found: Any = mc.second_derivative(read(latex), by)
    require_as_published(found.result, read(published))
    assert found.verify().ok
