"""Printed expressions are read back; hostile and mutilated texts end in an error, soon."""

from __future__ import annotations

import time
from collections import Counter

import numpy as np
import pytest

from matcalc.errors import MatcalcError
from matcalc.language.expressions import Expr, Node
from matcalc.language.reading.formula import parse
from matcalc.language.traversal import postorder
from matcalc.printing.latex import latex
from tests.fuzzed_formulas import SECONDS, fuzzed, read_within_a_second
from tests.language.test_reading import FUNCTIONS, READINGS, SHAPES
from tests.random_notation import Notation, round_trip, written, written_and_read

ROUND_TRIPS = 1_000  # more in benchmarks/long_run.py
MUTANTS = 6_000


def test_random_expressions_are_read_back() -> None:
    found = [round_trip(seed) for seed in range(ROUND_TRIPS)]
    assert not [each.fault for each in found if each.fault]
    assert sum(each.outcome == "same, with values" for each in found) > ROUND_TRIPS / 5


def test_the_random_expressions_hold_every_node() -> None:
    seen: set[type[Expr]] = set()
    for seed in range(ROUND_TRIPS):
        seen |= {type(node) for node in postorder([Notation(seed).expression(depth=1 + seed % 5)], written)}
    assert seen == set(Node.__args__)


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        (lambda text: text.replace(r"\mathbf{A}", r"\mathbf{B}"), "is not declared"),
        (lambda text: text.replace("+", "-"), "is read as"),
        (lambda text: text + "}", "closes nothing"),
    ],
    ids=["name", "sign", "brace"],
)
def test_the_round_trip_finds_what_is_printed_wrong(planted: object, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    e = parse(r"A x + x", shapes={"A": "n n", "x": "n"})
    assert not written_and_read(e, None, np.random.default_rng(0), values=True).fault
    monkeypatch.setattr("tests.random_notation.latex", lambda each: planted(latex(each)))  # type: ignore[operator]
    assert fault in written_and_read(e, None, np.random.default_rng(0), values=True).fault


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
    "over": "{c " + r"\over c} " * 3_000,
    "over side by side": r"c \over " * 4_000 + "c",
    "over beyond the depth": "{" * 201 + "c" + r" \over c}" * 201,
    "sums within sums": r"\sum_{i=1}^{n} " * 3_000 + "c",
    "sums in bounds": r"\sum_{i=1}^{" * 199 + "n" + "} c" * 199,
    "derivatives in derivatives": r"\frac{\partial " * 150 + "c" + r"}{\partial c}" * 150,
    "operators in a row": r"\frac{\partial}{\partial c} " * 2_000 + "c",
    "nablas in a row": r"\nabla_x " * 4_000 + "c",
    "exponents of exponents": "A^{" * 150 + "k" + "}" * 150,
    "a large exponent of an exponent": "c^{10^{10^{10}}}",
    "an exponent with many digits": "A^{" + "9" * 300 + "}",
    "an order of derivation": r"\frac{\partial^{1000000000} c}{\partial c^{1000000000}}",
    "a sum to a large number": r"\sum_{i=1}^{1000000000} x_{1000000000}" + "^" * 9_000,
    "indices": r"A_{" + "i" * 9_000 + "}",
    "deltas": r"\delta_{ij} " * 3_000,
    "a format string": "{0.__class__}",
    "an import": r"\input{/etc/passwd}",
    "a macro": r"\def\x{\x\x}\x",
    "a script": r"\write18{true}",
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


def test_mutants_become_expressions_or_errors() -> None:
    found = [fuzzed(seed) for seed in range(MUTANTS)]
    assert not [each.fault for each in found if each.fault]
    outcomes = Counter(each.outcome for each in found)
    assert outcomes["Expr"] > MUTANTS / 5
    assert {"ReadError", "ShapeError", "UnknownNameError", "UnsupportedError", "LayoutError"} <= set(outcomes)


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), AssertionError()], ids=repr)
def test_any_other_error_is_a_fault(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str) -> Expr:
        raise error

    assert read_within_a_second("c", shapes=SHAPES).outcome == "Expr"
    monkeypatch.setattr("tests.fuzzed_formulas.parse", broken)
    assert type(error).__name__ in read_within_a_second("c").fault
