"""No formula that a notebook writes or prints is a right answer to one of its tasks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from matcalc.exercises import NOTEBOOKS, for_notebook
from tests.exercises.test_tasks import no_kinds

FOLDER = Path(__file__).parents[2] / "notebooks"
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$|`([^`]+)`", re.DOTALL)
EQUAL = re.compile(r"(?<![<>!=])=(?!=)|\\\\|,|\bat\b|:\s")


def formulas_of(cell: dict[str, Any]) -> set[str]:
    """What stands between dollars or backquotes in a cell, and the lines that it prints, whole and in parts."""
    outputs = cell.get("outputs", [])
    printed = ["".join(each.get("text", "")) for each in outputs]
    printed += ["".join(each.get("data", {}).get(kind, "")) for each in outputs for kind in ("text/plain", "text/markdown", "text/latex")]
    found = [line for text in printed for line in text.splitlines()]
    for text in ("".join(cell["source"]), *printed):
        found += [next(filter(None, each.groups())) for each in FORMULA.finditer(text)]
    parts = [part for each in found for part in EQUAL.split(each)]
    return {each.strip(" &$.\n") for each in (*found, *parts)} - {""}


def formulas_in(number: str) -> set[str]:
    """The formulas of a notebook without the cells that show its tasks."""
    (path,) = FOLDER.glob(f"{number}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {each for cell in cells if "exercises.task(" not in "".join(cell["source"]) for each in formulas_of(cell)}


@pytest.mark.parametrize("number", NOTEBOOKS)
def test_no_answer_stands_in_its_notebook(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcalc.exercises.formula_judge.check", no_kinds)
    found = formulas_in(number)
    assert len(found) > 20
    for given in for_notebook(number):
        if given.kind not in ("layout", "slip"):
            assert [each for each in found if given.check(each).ok] == [], given.name


def test_a_formula_in_a_cell_is_found() -> None:
    cell = {"source": ["so $x = W^\\top", " z$ and `a b`"], "outputs": [{"text": ["in denominator layout: W^T y\n"]}]}
    assert {"x", "W^\\top z", "a b", "W^T y"} <= formulas_of(cell)
