"""The published identities, and the wrong answers of students, as lines of a derivation with the model that they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, final

import matcalc as mc
from tests.test_published_answers import symbol
from tests.test_published_cases import CASES, as_list

LAYOUTS = ("numerator", "denominator")
CLAIMED = tuple(name for name, case in CASES.items() if "claimed_latex" in case)
CLAIMED_BY_NAME = tuple(name for name in CLAIMED if any("at" in spec for spec in CASES[name].get("functions", {}).values()))
# By raw arrays, by a second variable, by free entries, and a name for a Hessian that only values tell.
APART = {name for name, case in CASES.items() if {"rank", "wrt2", "structured", "claimed_latex"} & case.keys()} | {"wiki-sv-09"}
IDENTITIES = tuple((name, layout) for name in CASES if name not in APART for layout in LAYOUTS)


@final
@dataclass(frozen=True)
class Line:
    """A line, the model and the layout."""

    latex: str
    model: mc.Model
    layout: str


def axes_of_function(case: Mapping[str, Any], name: str) -> int:
    return len(case["functions"][name].get("shape", []))


def argument(case: Mapping[str, Any], function: str) -> str:
    """What an unknown function is applied to in the expression of a case."""
    text: str = case["expr_latex"]
    start = text.index(symbol(case, function, axes_of_function(case, function)) + "(")
    at = text.index("(", start)
    depth = 0
    for k in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[k], 0)
        if depth == 0:
            return text[at + 1 : k]
    raise AssertionError(f"{text}: a bracket is not closed")


def functions_and_definitions(case: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The functions, and the definitions of what unknown ones are of and of the names of answers."""
    functions: dict[str, Any] = {r"\sin": "matrix"} if "sinm(" in case["expr_numpy"] else {}
    definitions: dict[str, str] = {}
    for name, spec in case.get("functions", {}).items():
        if spec.get("elementwise"):
            functions[symbol(case, name, 0)] = spec.get("known", "elementwise")
            continue
        if spec.get("matrix_function"):
            functions[symbol(case, name, 2)] = "matrix"
            continue
        of = []
        for each in as_list(spec["of"]):
            if each in case["vars"]:
                of.append(symbol(case, each, len(case["vars"][each])))
            elif each in case["functions"]:
                of.append(symbol(case, each, axes_of_function(case, each)))
            else:
                latex = written_name(case, each)
                definitions[latex] = argument(case, name)
                of.append(latex)
        functions[symbol(case, name, axes_of_function(case, name))] = {"of": of, "shape": tuple(spec.get("shape", []))}
    for name, spec in case.get("where", {}).items():
        latex = written_name(case, name)
        if latex not in definitions:
            definitions[latex] = spec["latex"]
    return functions, [f"{name} = {latex}" for name, latex in definitions.items()]


def written_name(case: Mapping[str, Any], name: str) -> str:
    """The LaTeX of a name that answers use: its writing that stands there."""
    answers = " ".join(case.get(f"{key}_latex", "") for key in ("numerator", "denominator", "claimed"))
    answers += " ".join(spec["latex"] for spec in case.get("where", {}).values())
    for axes in (2, 1, 0):
        latex = symbol(case, name, axes)
        if latex in answers and not (axes == 0 and len(latex) == 1 and f"{{{latex}}}" in answers):
            return latex
    return symbol(case, name, 2)


def model_of(case: Mapping[str, Any]) -> mc.Model:
    functions, definitions = functions_and_definitions(case)
    shapes = {symbol(case, name, len(sizes)): tuple(sizes) for name, sizes in case["vars"].items()}
    return mc.Model(shapes=shapes, functions=functions, definitions=definitions, assume=case.get("assume", []))


def left_side(case: Mapping[str, Any], *, by_name: bool = False) -> str:
    """The derivative of the expression of a case, or of the unknown function that it is of."""
    by = symbol(case, case["wrt"], len(case["vars"][case["wrt"]]))
    by = rf"\operatorname{{vec}}({by})" if case.get("wrt_vec") else by
    of = case["expr_latex"].partition("(")[0] if by_name else f"({case['expr_latex']})"
    if case.get("order") == 2:
        return rf"\frac{{\partial^2 {of}}}{{\partial {by} \partial {by}^\top}}"
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


def identity(name: str, layout: str) -> Line:
    """An identity in a layout."""
    case = CASES[name]
    return Line(f"{left_side(case)} = {case[f'{layout}_latex']}", model_of(case), layout)


def claim(name: str, *, by_name: bool = False) -> Line:
    """The wrong answer of a student; of what is named L(..), also as the derivative of L."""
    case = CASES[name]
    return Line(f"{left_side(case, by_name=by_name)} = {case['claimed_latex']}", model_of(case), case["layout"])


def identities() -> Iterator[Line]:
    for name, layout in IDENTITIES:
        yield identity(name, layout)


def answer_in(case: Mapping[str, Any], layout: str) -> str:
    """The right answer in a layout, without what does not change it."""
    return "".join(str(case[f"{layout}_numpy"]).split())


def holds_in_the_other(case: Mapping[str, Any]) -> bool:
    """Whether a claim is the answer of the other layout, as its NumPy is written."""
    other = LAYOUTS[LAYOUTS[0] == case["layout"]]
    return "".join(case["claimed_numpy"].split()) == answer_in(case, other)


OTHER_LAYOUT = frozenset(name for name in CLAIMED if holds_in_the_other(CASES[name]))
