"""Every formula that the cases of textbooks, notes and students print is read from its LaTeX, and is what its NumPy writing is.

The answers are read with their layout. Names that only answers use are given: those of `where`, the argument of an unknown map that is
declared at an expression, and a second derivative under a symbol of its own. A claim of a student that is ill-shaped is refused.
"""

from __future__ import annotations

import ast
import re
import zlib
from collections.abc import Iterator, Mapping
from itertools import product
from math import factorial
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import ShapeError
from matcalc.language.expressions import ApplyMap, Expr
from matcalc.language.reading.formula import parse
from matcalc.language.traversal import postorder
from matcalc.numeric.data import Array
from matcalc.printing.names import latex_name
from tests.oracle import close
from tests.test_published_cases import CASES, NUMBERS, Draw, Formula, as_list

ANSWERS = ("expr", "numerator", "denominator", "published", "claimed", "index")
TERMS = 40  # of a power series

WRITTEN_OUT = {"eps": "epsilon", "lam": "lambda"}  # as Python programs write them

# What is not read, or has not the value of its NumPy writing, and why: nothing.
EXCEPTIONS: dict[tuple[str, str], str] = {}

FORMULAS = [(name, key) for name, case in CASES.items() for key in ANSWERS if f"{key}_latex" in case]
OF_ANOTHER_SHAPE = ("wrong-09", "wrong-10", "wrong-11", "wrong-24")  # well-shaped in themselves
ILL_SHAPED = [name for name, case in CASES.items() if case.get("shape_ok") is False]


# ---- what the NumPy writing means ------------------------------------------------------------------------------------


class WithSums(Formula):
    """A formula in NumPy's notation, in which Python's sum over a range may stand."""

    def of(self, node: ast.expr) -> Any:
        match node:
            case ast.GeneratorExp(body, [ast.comprehension(ast.Name(letter), values, [])]):
                return [type(self)({**self.names, letter: each}).of(body) for each in self.of(values)]
        return super().of(node)


def series(array: Array, coefficients: Iterator[float]) -> Array:
    total, power = np.zeros_like(array), np.eye(len(array))
    for coefficient, _ in zip(coefficients, range(TERMS), strict=False):
        total, power = total + coefficient * power, power @ array
    return total


def cosine_coefficients(first: int) -> Iterator[float]:
    """Those of sine with 1, of cosine with 0."""
    return (0.0 if k % 2 != first else (-1.0) ** (k // 2) / factorial(k) for k in range(TERMS))


def toeplitz_sum(array: Array) -> Array:
    """Entry (i, j) is the sum of the entries (l, k) with l - k = j - i."""
    n = len(array)
    return np.array([[np.trace(array, offset=i - j) for j in range(n)] for i in range(n)])


MORE: dict[str, Any] = {
    "sum": sum, "range": lambda stop: range(int(np.asarray(stop).item())), "total": np.sum, "pinv": np.linalg.pinv,
    "norm1": lambda a: np.abs(a).sum(), "row_sums": lambda a: a.sum(axis=1, keepdims=True), "toeplitz_sum": toeplitz_sum,
    "logsumexp": lambda a: np.log(np.exp(a).sum()), "cofactor": lambda a: np.linalg.det(a) * np.linalg.inv(a).T,
    "mpow": lambda a, k: np.linalg.matrix_power(a, int(np.asarray(k).item())),
    "expm": lambda a: series(a, (1.0 / factorial(k) for k in range(TERMS))),
    "sinm": lambda a: series(a, cosine_coefficients(1)), "cosm": lambda a: series(a, cosine_coefficients(0)),
    "np.sin": np.sin, "np.cos": np.cos, "np.abs": np.abs,
}  # fmt: skip


def numbers(case: Mapping[str, Any], draw: Draw, key: str, layout: str) -> Array:
    """The value of a formula's NumPy writing; a scalar is (1, 1)."""
    names = {**NUMBERS, **MORE, **draw.names, **{name: at.laid_out(layout) for name, at in draw.maps.items()}}
    for name, spec in case.get("where", {}).items():
        names[name] = WithSums(names)(spec["numpy"])
    found = np.asarray(WithSums(names)(case[key]), dtype=np.float64)
    return found if found.ndim else found.reshape(1, 1)


# ---- what the LaTeX is read with -------------------------------------------------------------------------------------


def symbol(case: Mapping[str, Any], name: str, axes: int) -> str:
    """The LaTeX of a name of a case."""
    given: str | None = case.get("symbols", {}).get(name)
    return given or latex_name(WRITTEN_OUT.get(name, name), (2, 3)[:axes])


def declarations(case: Mapping[str, Any]) -> dict[str, Any]:
    """The shapes and functions of a case."""
    functions: dict[str, Any] = {r"\sin": "matrix"} if "sinm(" in case["expr_numpy"] else {}
    for name, spec in case.get("functions", {}).items():
        if spec.get("elementwise"):
            functions[symbol(case, name, 0)] = spec.get("known", "elementwise")
        elif spec.get("matrix_function"):
            functions[symbol(case, name, 2)] = "matrix"
        else:
            of = {} if "at" in spec else {"of": [symbol(case, each, len(case["vars"][each])) for each in as_list(spec["of"])]}
            functions[symbol(case, name, len(spec.get("shape", [])))] = {"shape": tuple(spec.get("shape", [])), **of}
    shapes = {symbol(case, name, len(sizes)): tuple(sizes) for name, sizes in case["vars"].items()}
    return {"shapes": shapes, "functions": functions}


def axes_of(e: Expr) -> int:
    return sum(size != 1 for size in e.shape)


def names_of_answers(case: Mapping[str, Any]) -> dict[str, Expr]:
    """What only answers name: the arguments of maps, the quantities of `where`, second derivatives under their symbols."""
    given, names = declarations(case), {}
    applied = {node.function.name: node for node in postorder([reading(case, "expr")]) if isinstance(node, ApplyMap)}
    for function, spec in case.get("functions", {}).items():
        if "at" in spec and spec["of"] not in case.get("functions", {}):
            (argument,) = applied[function].arguments
            names[symbol(case, spec["of"], axes_of(argument))] = mc.let(spec["of"], argument)
    for name, spec in case.get("where", {}).items():
        quantity = parse(spec["latex"], names=names, **given)
        names[symbol(case, name, axes_of(quantity))] = quantity
    for name, latex in case.get("symbols", {}).items():
        if name.startswith("d2_"):
            of = case["functions"][name[3:]]["of"]
            names[latex] = mc.matrix(latex, *case["vars"][of] * 2)
    return names


def layout_of(case: Mapping[str, Any], key: str) -> str:
    """The layout of an answer; the expression and an answer by indices have none."""
    told = {"published": case.get("published_layout", "denominator"), "claimed": case.get("layout")}
    return key if key in ("numerator", "denominator") else told.get(key) or "numerator"


def reading(case: Mapping[str, Any], key: str) -> Expr:
    latex = case[f"{key}_latex"].rpartition("=")[2] if key == "index" else case[f"{key}_latex"]
    names = {} if key == "expr" else names_of_answers(case)
    return parse(latex, names=names, layout=layout_of(case, key), assume=case.get("assume", []), **declarations(case))


def given_values(case: Mapping[str, Any], draw: Draw, layout: str) -> dict[str, Any]:
    """What `evaluate` is told, under the symbols of the case."""
    values = {symbol(case, name, len(case["vars"][name])): array for name, array in draw.values.items()}
    second = {latex: draw.maps[name].laid_out(layout) for name, latex in case.get("symbols", {}).items() if name.startswith("d2_")}
    specs = case.get("functions", {})
    functions = {
        symbol(case, name, 2 if specs[name].get("matrix_function") else len(specs[name].get("shape", []))): orders
        for name, orders in draw.functions.items()
        if not specs[name].get("known")
    }
    return {"values": {**values, **second}, "functions": functions, "sizes": draw.sizes}


# ---- the tests -------------------------------------------------------------------------------------------------------


def check(name: str, key: str) -> None:
    """A formula is read, and has the values of its NumPy writing."""
    case, layout = CASES[name], layout_of(CASES[name], key)
    e = reading(case, key)
    draw = Draw(case, np.random.default_rng(zlib.crc32(name.encode())))
    given = given_values(case, draw, layout)
    values, want = given.pop("values"), numbers(case, draw, f"{key}_numpy", layout)
    if key != "index":
        close(e.evaluate(values, **given), want, 1e-9)
        return
    letters = re.findall(r"\w", case["note"].rpartition("axes")[2])
    for place in product(*map(range, want.shape)):
        at = {letter: position + 1 for letter, position in zip(letters, place, strict=True)}
        close(e.evaluate({**values, **at}, **given), want[place].reshape(1, 1), 1e-9)


@pytest.mark.parametrize(("name", "key"), [each for each in FORMULAS if each[0] not in ILL_SHAPED or each[1] != "claimed"])
def test_a_formula_is_read_and_is_what_its_numpy_writing_is(name: str, key: str) -> None:
    if (name, key) in EXCEPTIONS:
        with pytest.raises(Exception, match=EXCEPTIONS[name, key]):
            check(name, key)
    else:
        check(name, key)


@pytest.mark.parametrize("name", ILL_SHAPED)
def test_an_ill_shaped_claim_is_refused_or_has_another_shape_than_the_answer(name: str) -> None:
    case = CASES[name]
    if name in OF_ANOTHER_SHAPE:
        assert reading(case, "claimed").shape != reading(case, case["layout"]).shape
    else:
        with pytest.raises(ShapeError, match="does not conform"):
            reading(case, "claimed")


def test_the_cases_are_all_here() -> None:
    assert len(CASES) == 151 and len(FORMULAS) == len(set(FORMULAS)) > 430
    assert len(ILL_SHAPED) == 10 and set(EXCEPTIONS) <= set(FORMULAS)


def test_a_wrong_answer_is_found() -> None:
    case = CASES["cook-061"]
    draw = Draw(case, np.random.default_rng(0))
    given = given_values(case, draw, "numerator")
    found = reading(case, "denominator").evaluate(given["values"], sizes=given["sizes"])
    with pytest.raises(AssertionError):
        close(found, numbers(case, draw, "numerator_numpy", "numerator"), 1e-9)
