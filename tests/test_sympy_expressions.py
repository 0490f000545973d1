"""SymPy's own expressions for matrix derivatives, derived in both layouts, and the page that tells in which layout SymPy answers."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from sympy.matrices.expressions.tests import test_derivatives as theirs

import matcalc as mc
from matcalc.numeric.data import Array
from matcalc.numeric.differences import central
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.tape import jacobian
from tests.oracle import close, laid_out_by_definition, vec_by_definition
from tests.sympy_cases import CASES, COUNTS, Case
from tests.sympy_values import value as sympy_value
from tests.sympy_verdicts import LAYOUTS, drawn, layout_of, read, verdict

PAGE = Path(__file__).parent.parent / "docs" / "sympy_layouts.md"
NAMES = [f"{k}-{case.by}" for k, case in enumerate(CASES)]
SAMPLE = [case for case in CASES if len(str(case.expr)) < 20][::2]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_an_expression_of_sympy_is_read_as_it_is(case: Case) -> None:
    of, _ = read(case)
    data = drawn(case)
    assert len(set(data.sizes.values())) == len(data.sizes)
    close(value(of, data), sympy_value(case.expr, data.values, data.sizes))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_its_derivative_is_right_in_both_layouts(case: Case) -> None:
    of, by = read(case)
    data = drawn(case)
    raw = jacobian(of, by, data)
    close(raw, central(of, by, data), 1e-4)
    for layout in LAYOUTS:
        d = mc.derive(of, by, layout=layout)
        close(index_sum(d.tensor.form, data).reshape(raw.shape), raw)
        if raw.ndim <= 2:
            close(value(d.result, data), laid_out_by_definition(raw, of.shape, by.shape, layout))
        if raw.ndim:
            close(value(d.vec_form, data), vec_by_definition(raw, of.shape, by.shape, layout))


def test_the_list_holds_what_sympy_differentiates() -> None:
    tree = ast.parse(inspect.getsource(theirs))
    found = {
        function.name.removeprefix("test_"): sum(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "diff" for node in ast.walk(function)
        )
        for function in tree.body
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_")
    }
    assert found == COUNTS
    assert {case.test for case in CASES} == set(COUNTS)


# ---- the page --------------------------------------------------------------------------------------------------------


def rows_of_page() -> list[tuple[str, ...]]:
    table = PAGE.read_text(encoding="utf-8").split("## Every expression")[1]
    return [tuple(part.strip() for part in line.strip("|").split(" | ")) for line in table.splitlines() if line.startswith("| `")]


def counts_of_page() -> dict[tuple[str, str], int]:
    found = re.findall(r"^\| (all \w+) \| (.+) \| (\d+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {(sizes, layout): int(number) for sizes, layout, number in found}


def test_the_page_has_every_expression_and_counts_its_lines() -> None:
    rows = rows_of_page()
    assert [(row[0].strip("`"), row[1]) for row in rows] == [(str(case.expr), case.by) for case in CASES]
    verdicts = [("all equal", row[3]) for row in rows] + [("all different", row[4]) for row in rows]
    assert counts_of_page() == {each: verdicts.count(each) for each in verdicts}
    assert f"SymPy {sp.__version__} differentiates" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", SAMPLE, ids=str)
def test_the_page_says_what_sympy_answers(case: Case) -> None:
    row = rows_of_page()[CASES.index(case)]
    assert (row[3], row[4]) == (verdict(case.square).layout, verdict(case).layout)


def test_what_the_page_says_of_all_lines() -> None:
    for row in rows_of_page():
        for layout in row[3:5]:
            assert layout != "numerator" or row[1] == "i"
            assert layout != "denominator" or row[1] != "i"


@pytest.mark.parametrize("case", SAMPLE, ids=str)
def test_the_layout_of_the_answer_of_sympy_is_identified(case: Case) -> None:
    """The verdict by numbers against `identify_layout` of the answer, read from SymPy."""
    found = verdict(case)
    if found.layout not in ("the same in both", *LAYOUTS):
        return
    of, by = read(case)
    answer = mc.from_sympy(case.expr.diff(case.variable), sizes="mnpq")
    layouts = set(mc.identify_layout(answer, of, by).layouts) - {"mixed"}
    assert layouts == (set(LAYOUTS) if found.layout == "the same in both" else {found.layout})


def by_number(expr: str) -> Case:
    return next(case for case in CASES if str(case.expr) == expr)


def planted() -> tuple[Case, Array]:
    case = by_number("Trace(X*A)")
    of, by = read(case)
    return case, jacobian(of, by, drawn(case))


def test_a_verdict_names_the_layout() -> None:
    case, raw = planted()
    of, by = read(case)
    assert layout_of(raw.T, raw, of, by) == "numerator"
    assert layout_of(raw, raw, of, by) == "denominator"
    assert layout_of(raw[:, None, :, None], raw, of, by) == "array, axes of the variable"


@pytest.mark.parametrize("fault", ["doubled", "one entry", "flattened"])
def test_a_planted_fault_is_wrong(fault: str) -> None:
    case, raw = planted()
    of, by = read(case)
    wrong = {"doubled": 2 * raw, "one entry": raw + np.eye(1, raw.size, 4).reshape(raw.shape), "flattened": raw.reshape(-1, 1)}[fault]
    assert layout_of(wrong, raw, of, by) == "wrong"


def test_arrays_are_told_by_the_order_of_their_axes() -> None:
    case = by_number("A.T")
    of, by = read(case)
    raw = jacobian(of, by, drawn(case))
    assert layout_of(raw, raw, of, by) == "array, output first"
    assert layout_of(raw.transpose(2, 3, 0, 1), raw, of, by) == "array, variable first"
    assert layout_of(-raw, raw, of, by) == "wrong"
    assert layout_of(vec_by_definition(raw, of.shape, by.shape, "denominator"), raw, of, by) == "by vec, denominator"
