"""Mutilated formulas from a seed, and what the reader makes of them: used by the tests and by the long run.

A third of the mutants is likely to be well formed: a formula stands in for a name of another one, or two are joined by a sign. The
others have tokens taken out, doubled, put in or taken from another formula.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass
from typing import Any, final

from matcalc.errors import MatcalcError
from matcalc.language.expressions import Derivative, Expr, MapDerivative
from matcalc.language.reading.formula import parse
from matcalc.language.traversal import postorder
from matcalc.language.unrolling import free_indices
from matcalc.printing.latex import latex
from tests.language.test_reading import FUNCTIONS, READINGS, SHAPES

SECONDS = 1.0  # the most that reading one text may take

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
NOTATION = (
    r"\frac{\partial L(x)}{\partial x}", r"\frac{\partial u}{\partial \mathbf{x}}",
    r"\frac{\partial^2 L(x)}{\partial x \partial x^\top}", r"\frac{d}{dc} (c^2)", r"\frac{\mathrm{d} c}{\mathrm{d} c}",
    r"\nabla_x L(x)", r"\nabla_{\mathbf{x}}^2 c", r"\partial_x c", r"\partial c / \partial x", r"dc/dx",
    r"{\partial u \over \partial x}", r"{c + 1 \over 2}", r"\frac{\partial}{\partial c} \frac{\partial c}{\partial c}",
    r"\frac{\partial \frac{\partial c}{\partial c}}{\partial c}", r"\frac{\partial A_{ij}}{\partial A_{ij}}",
    r"\frac{\partial x_i}{\partial x_j}", r"\sum_i x_i^2", r"\sum_{i=1}^{n} A_{ij} x_i", r"\sum_{i,j} A_{ij}", r"\sum_{k=0}^{3} A^k",
    r"\sum_i \sum_j A_{ij} x_i x_j", r"(A x)_i", r"x_{i+1}", r"A_{12}", r"(A^{-1})_{ij}", r"\delta_{ij} A_{ij}", r"A^{k-1}", r"A^n",
    r"A^+", r"A^\dagger", r"e^{A}", r"\operatorname{expm}(A)", r"G'(A)", r"\ln \det A", r"\operatorname{logsumexp}(x)", r"\|x\|_2^2",
    r"\operatorname{softmax}_{\mathrm{row}}(A)", r"\mathbf{K}_{m,n}",
)  # fmt: skip
STRAY_TOKENS = (
    r"{ } ( ) [ ] ^ _ ' | \| \left \right \mathbf \frac \sqrt \odot \otimes + - / , 1 2 x A W c f \sigma \ln \operatorname \text "
    r"\hat & = e ² \x \mathbf{1} \mathbf{I} ^\top ^{-1} ^{(2)} \sum \sum_i \sum_{i=1}^{n} \partial \frac{\partial}{\partial d \nabla "
    r"\nabla_x \over _i _{ij} _{i+1} i j k n \prod \mathrm{d} ^+ ^{k} \delta_{ij} \partial_x \frac{d}{dc} ^{\odot \cdot dx \det"
)
STRAY = STRAY_TOKENS.split()
TEXTS = (*(text for text, _ in READINGS), *NOTATION)
SIGNS = (" + ", " - ", " ", r" \odot ", r" \cdot ", "/", r" \otimes ", "^T ")
ENVELOPES = (
    "({})", "{{{}}}", r"\left({}\right)", r"\frac{{{}}}{{2}}", r"-({})", r"\operatorname{{tr}}({})", r"\exp({})", r"2 ({})", r"({})^\top",
)  # fmt: skip


def mutant(rng: random.Random) -> str:
    """A formula that was changed at random."""
    text = rng.choice(TEXTS)
    if rng.random() < 0.35:
        return well_meant(rng, text)
    tokens = TOKEN.findall(text)
    for _ in range(rng.randint(1, 3)):
        i, way = rng.randrange(len(tokens) + 1), rng.randrange(5)
        if way == 0:
            del tokens[i : i + 1]
        elif way == 1:
            tokens[i:i] = tokens[i : i + 3]
        elif way == 2:
            tokens.insert(i, rng.choice(STRAY))
        elif way == 3:
            tokens[i:i] = [" ", *TOKEN.findall(rng.choice(TEXTS)), " "]
        else:
            tokens.insert(i, chr(rng.randrange(0x2FFF)))
    return "".join(tokens)


def well_meant(rng: random.Random, text: str) -> str:
    """A formula in brackets or under a function, joined to another one, or with spaces between its tokens."""
    way = rng.randrange(4)
    if way == 0:
        return rng.choice(ENVELOPES).format(text)
    if way == 1:
        return f"({text}){rng.choice(SIGNS)}({rng.choice(TEXTS)})"
    if way == 2:
        return f"{text} + {rng.choice(TEXTS)}"
    return rng.choice(ENVELOPES).format(rng.choice(ENVELOPES).format(text))


@final
@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What the reader made of one text.

    Attributes:
        outcome: ``Expr``, the name of the error, or ``wrong``.
        fault: what is wrong, in words; empty if nothing is.
    """

    outcome: str
    fault: str = ""


def read_within_a_second(text: str, **declared: Any) -> Fuzzed:
    """An expression or an error of the package, soon; anything else is wrong."""
    started = time.perf_counter()
    try:
        made: object = parse(text, **declared)
    except MatcalcError as error:
        made = error
    except Exception as error:
        return Fuzzed("wrong", f"{text!r}: {type(error).__name__}: {error}")
    took = time.perf_counter() - started
    if took > SECONDS:
        return Fuzzed("wrong", f"{text!r} took {took:.1f} s")
    if not isinstance(made, Expr):
        return Fuzzed(type(made).__name__)
    return Fuzzed("Expr", read_back(text, made, declared))


def read_back(text: str, made: Expr, declared: dict[str, Any]) -> str:
    """What is wrong if an expression that was read is written and read again; empty if nothing is."""
    written = latex(made)
    layouts = {node.layout for node in postorder([made]) if isinstance(node, Derivative | MapDerivative) and node.shape}
    if len(layouts) == 1:  # of several, each tells its own
        declared = {**declared, "layout": layouts.pop()}
    unsized = {node.name: node for node in free_indices([made]) if node.size is None}  # beside a delta that stands alone
    try:
        again = parse(written, names=unsized, **declared)
    except MatcalcError as error:
        return f"{text!r} is written as {written!r}, which is refused: {error}"
    return "" if again == made else f"{text!r} is read as {made}, its writing {written!r} as {again}"


def fuzzed(seed: int) -> Fuzzed:
    """What becomes of the mutant of a seed."""
    rng = random.Random(seed)
    text = mutant(rng)
    layout = rng.choice((None, "numerator", "denominator"))
    return read_within_a_second(text, shapes={**SHAPES, "k": ""}, functions=FUNCTIONS, layout=layout)
