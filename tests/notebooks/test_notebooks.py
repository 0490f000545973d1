"""What every notebook has: its opening, questions before answers, figures, exercises without answers, and stored outputs of one fresh run.

That they run, and give the outputs that are stored, is seen by running them: see "Notebooks" in CONTRIBUTING.md.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SUBJECTS = (
    "what_a_layout_is", "the_question_and_the_rule", "each_factor_in_both_layouts", "every_order_of_the_product", "dz_dW",
    "hadamard_and_diag", "index_sums", "bracketing", "batches", "softmax_and_cross_entropy", "check_a_derivation",
    "from_derivation_to_training",
)  # fmt: skip
LONGEST_PARAGRAPH = 900  # characters; what is longer is not read
EACH = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@cache
def cells(path: Path) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(path.read_text(encoding="utf-8"))["cells"])


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def code(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in cells(path) if cell["cell_type"] == "code"]


def prose(path: Path) -> list[str]:
    return [source(cell) for cell in cells(path) if cell["cell_type"] == "markdown"]


def outputs(path: Path) -> list[dict[str, Any]]:
    return [output for cell in code(path) for output in cell["outputs"]]


def test_all_of_them_are_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == [f"{number:02}_{subject}" for number, subject in enumerate(SUBJECTS)]


@EACH
def test_it_opens_with_what_you_will_be_able_to_do(path: Path) -> None:
    opening = prose(path)[0]
    assert opening.startswith(f"# {path.stem[:2]} · ")
    assert "you can" in opening
    minutes = re.search(r"[Aa]bout (\d+) minutes", opening)
    assert minutes is not None and 15 <= int(minutes[1]) <= 40


@EACH
def test_it_asks_before_it_tells(path: Path) -> None:
    kinds = [(cell["cell_type"], source(cell)) for cell in cells(path)]
    asked = [k for k, (kind, text) in enumerate(kinds) if kind == "markdown" and "**Question.**" in text]
    assert len(asked) >= 2
    assert all(any(kind == "code" for kind, _ in kinds[k + 1 : k + 4]) for k in asked)


@EACH
def test_it_shows_figures(path: Path) -> None:
    assert any({"image/svg+xml", "image/png", "image/gif"} & set(output.get("data", {})) for output in outputs(path))


@EACH
def test_it_ends_with_exercises(path: Path) -> None:
    titles = [line for text in prose(path) for line in text.splitlines() if line.startswith("## ")]
    assert titles[-1] == "## Exercises" and "## What to keep" in titles
    after = [source(cell) for cell in cells(path)]
    after = after[next(k for k, text in enumerate(after) if "## Exercises" in text) :]
    assert sum("exercises" in text or "task" in text for text in after) >= 3


@EACH
def test_it_was_run_once_from_the_start(path: Path) -> None:
    assert [cell["execution_count"] for cell in code(path)] == list(range(1, len(code(path)) + 1))
    assert not [output for output in outputs(path) if output["output_type"] == "error" or output.get("name") == "stderr"]


@EACH
def test_it_has_no_trace_of_a_machine(path: Path) -> None:
    assert not re.search(r"/(?:work|tmp|root|home|Users)/", path.read_text(encoding="utf-8"))


@EACH
def test_its_paragraphs_are_short(path: Path) -> None:
    blocks = [each.lstrip() for text in prose(path) for each in re.split(r"\n\s*\n", text)]
    assert [each for each in blocks if len(each) > LONGEST_PARAGRAPH and not each.startswith(("|", "$$", "-", "1."))] == []


@EACH
def test_its_formulas_are_closed(path: Path) -> None:
    for text in prose(path):
        plain = re.sub(r"`[^`]*`", "", text)
        assert plain.count("$") % 2 == 0, text
