"""Every public object in JupyterLab, in a real browser: what a reader sees is set, whole, and without an error.

It needs Chromium, Playwright and JupyterLab, and is skipped where one of them is missing; CONTRIBUTING.md has the command.
``MATCALC_SCREENSHOTS`` names a folder for pictures of the notebook.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.display import lab
from tests.display.examples import EXAMPLES, SETUP
from tests.display.lab import Seen

pytestmark = [
    pytest.mark.skipif(bool(lab.missing()), reason=lab.missing()),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of the browser's driver
]
FIGURES = {
    "shape blocks": 'd.figure("shape_blocks")',
    "mirrored layouts": "mc.figures.layouts_mirrored(d)",
    "index network": "mc.figures.index_network(d)",
    "order landscape": "mc.figures.order_landscape(mc.orders(C, W, layout='denominator', sizes={'n': 3, 'm': 3}))",
}
NAMES = ["setup", *EXAMPLES, *FIGURES]
RAW = re.compile(r"\\[A-Za-z]+|\$|\^\{|_\{")
MOST_BEYOND = 3  # points by which rounding lets a formula reach beyond its box
MIME_TYPES = {"latex": "text/latex", "html": "text/html", "markdown": "text/markdown", "png": "image/png", "text": "text/plain"}


@pytest.fixture(scope="module", params=lab.THEMES, ids=["light", "dark"])
def page_as_seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Seen], list[str]]:
    """The notebook with all examples, run and read, in a theme; and the errors of the browser's console."""
    folder = tmp_path_factory.mktemp("lab")
    cells = [SETUP, *(example.code for example in EXAMPLES.values()), *FIGURES.values()]
    (folder / "objects.ipynb").write_text(lab.notebook(cells), encoding="utf-8")
    lab.set_theme(folder, request.param)
    with lab.server(folder) as address, lab.opened(address.format(name="objects.ipynb")) as (page, errors):
        lab.run_all(page)
        if "MATCALC_SCREENSHOTS" in os.environ:
            lab.picture(page, Path(os.environ["MATCALC_SCREENSHOTS"]), request.param.rpartition(" ")[2].lower())
        found = lab.seen(page)
    return dict(zip(NAMES, found, strict=True)), errors


def test_no_cell_ends_in_an_error(page_as_seen: tuple[dict[str, Seen], list[str]]) -> None:
    cells, _ = page_as_seen
    assert {name: seen.error for name, seen in cells.items() if seen.error} == {}


def test_the_console_has_no_errors(page_as_seen: tuple[dict[str, Seen], list[str]]) -> None:
    assert page_as_seen[1] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_is_shown_whole_and_set(name: str, page_as_seen: tuple[dict[str, Seen], list[str]]) -> None:
    example, seen = EXAMPLES[name], page_as_seen[0][name]
    assert seen.kinds == [MIME_TYPES[example.kind]]
    assert bool(seen.formulas) >= example.formulas
    assert seen.faults == []
    assert RAW.findall(seen.words) == []
    assert seen.beyond[0] <= MOST_BEYOND, f"a part of it is {seen.beyond[0]} points wider than its room: {seen.beyond[1]}"
    assert seen.outside <= MOST_BEYOND


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_a_picture(name: str, page_as_seen: tuple[dict[str, Seen], list[str]]) -> None:
    seen = page_as_seen[0][name]
    assert seen.pictures == 1
    assert seen.outside <= MOST_BEYOND


# ---- the look itself, at planted faults ------------------------------------------------------------------------------

PLANTED = {
    "error": "1 / 0",
    "raw": "from IPython.display import HTML; HTML(r'<p>\\frac{a}{b}</p>')",
    "unknown command": "from IPython.display import Latex; Latex(r'$\\nosuchcommand$')",
    "wide": "from IPython.display import Latex; Latex('$' + ' + '.join(['x_{12}'] * 90) + '$')",
    "plain": "'text'",
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    folder = tmp_path_factory.mktemp("planted")
    (folder / "planted.ipynb").write_text(lab.notebook(list(PLANTED.values())), encoding="utf-8")
    lab.set_theme(folder, lab.THEMES[0])
    with lab.server(folder) as address, lab.opened(address.format(name="planted.ipynb")) as (page, _):
        lab.run_all(page)
        return dict(zip(PLANTED, lab.seen(page), strict=True))


def test_planted_faults_are_seen(planted: dict[str, Seen]) -> None:
    assert "ZeroDivisionError" in planted["error"].error
    assert RAW.findall(planted["raw"].words) == ["\\frac"]
    assert planted["unknown command"].faults != []
    assert planted["wide"].beyond[0] > MOST_BEYOND
    assert planted["plain"].formulas == 0 and not planted["plain"].error
