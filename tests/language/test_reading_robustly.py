"""Printed expressions are read back; hostile and mutilated texts end in an error, soon."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from matcalc.errors import MatcalcError
from matcalc.language.elementwise import ElementwiseFunction, MapFunction
from matcalc.language.expressions import Apply, ApplyMap, Expr, Let, Symbol
from matcalc.language.reading.formula import parse
from matcalc.language.sizes import Dim
from matcalc.language.traversal import postorder
from matcalc.printing.latex import latex
from tests.language.test_reading import FUNCTIONS, READINGS, SHAPES
from tests.random_expressions import SIZES, Generator

ROUND_TRIPS = 600
MUTANTS = 5_000
SECONDS = 1.0


def declarations(e: Expr) -> dict[str, Any]:
    """The names and functions of an expression."""
    names: list[Expr | Dim] = [size for size in SIZES if isinstance(size, Dim)]
    functions: dict[str, Any] = {r"\Phi": "normal_cdf", r"\varphi": "normal_pdf"}
    for node in postorder([e]):
        if isinstance(node, Symbol | Let):
            names.append(node)
        elif isinstance(node, Apply) and not node.function.known:
            functions[node.function.name] = ElementwiseFunction(node.function.name)
        elif isinstance(node, ApplyMap):
            functions[node.function.name] = node.function
    return {"names": names, "functions": functions}


def is_printed_unclearly(e: Expr) -> bool:
    """Bars around an array, which read as a determinant, and one name of two maps."""
    maps: Mapping[str, set[MapFunction]] = {}
    for node in postorder([e]):
        if isinstance(node, Apply) and node.function.name == "abs" and node.function.order == 0 and node.shape:
            return True
        if isinstance(node, ApplyMap):
            maps = {**maps, node.function.name: maps.get(node.function.name, set()) | {node.function}}
    return any(len(found) > 1 for found in maps.values())


def test_random_expressions_are_read_back() -> None:
    unclear = 0
    for seed in range(ROUND_TRIPS):
        e = Generator(seed).expression()
        if is_printed_unclearly(e):
            unclear += 1
            continue
        assert parse(latex(e), **declarations(e)) == e, (seed, latex(e))
    assert unclear < ROUND_TRIPS / 40


def test_what_is_read_is_printed_and_read_again() -> None:
    for text, e in READINGS:
        assert parse(latex(e), shapes=SHAPES, functions=FUNCTIONS) == e, text


REPEATED = 9_000
HOSTILE: dict[str, str] = {
    "ten megabytes": "x" * 10_000_000,
    "ten thousand brackets": "(" * 9_000 + "c" + ")" * 9_000,
    "ten thousand braces": "{" * 9_000 + "c" + "}" * 9_000,
    "deep fractions": r"\frac{1}{" * 201 + "c" + "}" * 201,
    "a large exponent": "c^{1000000000}",
    "a large exponent of a matrix": "A^{1000000000}",
    "a long number": "9" * 90_000,
    "code": "__import__('os').system('true')",
    "code in a name": r"\operatorname{__import__}(c)",
    "doubling sizes": r"\operatorname{diag}(\operatorname{vec}(" * 90 + "A" + "))" * 90,
    "sizes left out": r"\mathbf{I} + " * 1_600 + "A",
    "primes": "x" + "'" * REPEATED,
    "accents": r"\hat" * REPEATED + "x",
    "fractions without parts": r"\frac" * REPEATED,
    "bars": "|" * REPEATED,
    "faults of shape": "x x + " * 3_000 + "x",
    "scripts": "x" + "{}^T" * 2_000 + "+",
    "spaces": " " * 90_000,
    "a control character": "x\x00\x1b[31m",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_ends_in_an_error_soon(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(MatcalcError, match=r"."):
        parse(text, shapes=SHAPES)
    assert time.perf_counter() - started < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "(" * 199 + "c" + ")" * 199,
        "{" * 199 + "c" + "}" * 199,
        r"\frac{1}{" * 199 + "c" + "}" * 199,
        "(c + c c " * 199 + "c" + ")" * 199,
        "c + " * 4_000 + "c",
        "A " * 4_000 + "A",
        "A^{20}" * 900,
    ],
    ids=["brackets", "braces", "fractions", "sums in brackets", "a long sum", "a long product", "powers"],
)
def test_what_is_long_or_deep_within_the_limits_is_read(text: str) -> None:
    assert isinstance(parse(text, shapes=SHAPES), Expr)


TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
STRAY_TOKENS = (
    r"{ } ( ) [ ] ^ _ ' | \| \left \right \mathbf \frac \sqrt \odot \otimes + - / , 1 2 x A W c f \sigma \ln \operatorname \text "
    r"\hat & = e ² \x \mathbf{1} \mathbf{I} ^\top ^{-1} ^{(2)}"
)
STRAY = STRAY_TOKENS.split()


def mutant(rng: random.Random) -> str:
    """A formula with some tokens taken out, doubled, put in or taken from another one."""
    tokens = TOKEN.findall(rng.choice(READINGS)[0])
    for _ in range(rng.randint(1, 3)):
        i, way = rng.randrange(len(tokens) + 1), rng.randrange(5)
        if way == 0:
            del tokens[i : i + 1]
        elif way == 1:
            tokens[i:i] = tokens[i : i + 3]
        elif way == 2:
            tokens.insert(i, rng.choice(STRAY))
        elif way == 3:
            tokens[i:i] = [" ", *TOKEN.findall(rng.choice(READINGS)[0]), " "]
        else:
            tokens.insert(i, chr(rng.randrange(0x2FFF)))
    return "".join(tokens)


def test_mutants_become_expressions_or_errors() -> None:
    rng = random.Random(7)
    found: Counter[str] = Counter()
    for _ in range(MUTANTS):
        text = mutant(rng)
        started = time.perf_counter()
        made: Expr | MatcalcError
        try:
            made = parse(text, shapes=SHAPES, functions=FUNCTIONS)
        except MatcalcError as error:
            made = error
        found["Expr" if isinstance(made, Expr) else type(made).__name__] += 1
        assert time.perf_counter() - started < SECONDS, text
    assert found["Expr"] > MUTANTS / 10
    assert {"ReadError", "ShapeError", "UnknownNameError", "UnsupportedError"} <= set(found)
