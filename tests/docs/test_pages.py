"""The pages of docs/ and the README: their examples run, their links lead somewhere, and GitHub can set their formulas and tables."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
CONFUSIONS = [page for page in PAGES if page.parent.name == "confusions" and page.name != "README.md"]
LINKED = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PARTS = ["In both layouts", "A smallest example", "The usual mistake", "How to recognise it", "See also"]
NOT_ON_GITHUB = (r"\operatorname", r"\DeclareMathOperator", r"\newcommand", r"\def", r"\bm")


def shown(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(text: str) -> str:
    """A page without its code blocks."""
    return FENCE.sub("", text)


# ---- examples --------------------------------------------------------------------------------------------------------


def failures(text: str, name: str) -> list[str]:
    """What the examples of a page print, where it is not what stands there."""
    test = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=said.append)
    return said


@pytest.mark.parametrize("page", [page for page in PAGES if ">>>" in page.read_text(encoding="utf-8")], ids=shown)
def test_examples_run(page: Path) -> None:
    assert failures(page.read_text(encoding="utf-8"), page.name) == []


def test_a_wrong_example_is_found() -> None:
    (found,) = failures("```python\n>>> 2 * 3\n7\n\n```\n", "planted")
    assert "Expected:\n    7\nGot:\n    6" in found


# ---- links -----------------------------------------------------------------------------------------------------------


def slugs(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#{1,6} (.*)$", prose(text), re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {slug if not number else f"{slug}-{number}" for slug, most in found.items() for number in range(most + 1)}


def broken(text: str, page: Path) -> list[str]:
    """The links of a page that lead nowhere: no such file, or no such heading in it."""
    wrong = []
    for target in LINK.findall(prose(text)):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        if path and not place.exists():
            wrong.append(f"{target}: no such file")
        elif anchor and (not path or place.suffix == ".md") and anchor not in slugs(place.read_text(encoding="utf-8") if path else text):
            wrong.append(f"{target}: no such heading")
    return wrong


@pytest.mark.parametrize("page", LINKED, ids=shown)
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page.read_text(encoding="utf-8"), page) == []


def test_broken_links_are_found() -> None:
    text = "# One\n[a](nowhere.md) [b](#one) [c](#two) [d](../README.md#no-such-heading) [e](https://example.org/x)\n"
    assert broken(text, DOCS / "planted.md") == [
        "nowhere.md: no such file", "#two: no such heading", "../README.md#no-such-heading: no such heading",
    ]  # fmt: skip


# ---- formulas and tables ---------------------------------------------------------------------------------------------


def unbalanced(text: str) -> list[str]:
    """What GitHub could not set: fences that stay open, single dollars, brackets of formulas that do not match, unknown commands."""
    wrong = []
    if len(re.findall(r"^```", text, re.M)) % 2:
        wrong.append("a code fence stays open")
    for language, block in FENCE.findall(text):
        if language == "math":
            wrong += in_formula(block)
    wrong += [fault for block in re.findall(r"\$`([^`]*)`\$", prose(text)) for fault in in_formula(block)]
    outside = re.sub(r"`[^`\n]*`", "", prose(text))
    wrong += [f"an odd number of $: {line}" for line in outside.splitlines() if len(re.findall(r"(?<!\\)\$", line)) % 2]
    wrong += [f"{sign} outside of a formula" for sign in (r"\(", r"\[", r"\begin") if sign in outside]
    return wrong


def in_formula(block: str) -> list[str]:
    """What is wrong with one formula."""
    depth, wrong = 0, []
    for sign in re.findall(r"(?<!\\)[{}]", block):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            break
    if depth:
        wrong.append(f"braces do not match: {block.strip()}")
    if len(re.findall(r"\\left\b", block)) != len(re.findall(r"\\right\b", block)):
        wrong.append(f"\\left and \\right do not match: {block.strip()}")
    if re.findall(r"\\begin\{(\w+)\}", block) != re.findall(r"\\end\{(\w+)\}", block):
        wrong.append(f"\\begin and \\end do not match: {block.strip()}")
    if "$" in block:
        wrong.append(f"a $ in a formula: {block.strip()}")
    return wrong + [f"GitHub does not set {command}" for command in NOT_ON_GITHUB if re.search(re.escape(command) + r"(?![A-Za-z])", block)]


def uneven(text: str) -> list[str]:
    """Rows of tables with another number of cells than the heading."""
    wrong, width = [], 0
    for line in prose(text).splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        if cells and width and cells != width:
            wrong.append(line)
        width = cells and (width or cells)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_formulas_and_tables_can_be_set(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert unbalanced(text) == []
    assert uneven(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```math\n\\frac{a}{b\n```\n", "braces do not match"),
        ("```math\n}a{\n```\n", "braces do not match"),
        ("```math\n\\begin{bmatrix} a\n```\n", "begin and"),
        ("```math\n\\left( a \\middle)\n```\n", "left and"),
        ("```math\n\\operatorname{diag} x\n```\n", "does not set \\operatorname"),
        ("the entry $`x_{i`$ of x\n", "braces do not match"),
        ("the price of $x\n", "odd number"),
        ("as \\(x\\) is\n", "outside of a formula"),
        ("```python\n>>> 1\n", "stays open"),
    ],
    ids=["open brace", "turned braces", "begin", "left", "operatorname", "inline", "dollar", "bracket", "fence"],
)
def test_faults_of_formulas_are_found(text: str, fault: str) -> None:
    assert fault in " ".join(unbalanced(text))


def test_a_torn_table_is_found() -> None:
    assert uneven("| a | b |\n|---|---|\n| 1 | 2 | 3 |\n| 1 \\| 2 | 3 |\n") == ["| 1 | 2 | 3 |"]


# ---- the pages on confusions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", CONFUSIONS, ids=shown)
def test_a_page_asks_answers_and_shows(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", text, re.M)
    assert [heading.replace("mistakes", "mistake") for heading in headings] == PARTS
    assert re.search(r"^# .*\n\n> .*\n(> .*\n)*\n\*\*Short answer\.\*\*", text), "a title, the question as it is asked, the short answer"
    both = text[text.index("## In both layouts") : text.index("## A smallest example")]
    assert "numerator" in both
    assert "denominator" in both
    assert ".verify().ok" in text[text.index("## A smallest example") :], "the example is verified"
    mistake = text[text.index("## The usual mistake") : text.index("## How to recognise it")]
    assert ">>>" in mistake
    assert re.search(r"notebooks/\d\d_\w+\.ipynb", text)


def test_the_index_lists_every_page_once() -> None:
    index = (DOCS / "confusions" / "README.md").read_text(encoding="utf-8")
    assert sorted(LINK.findall(index)) == sorted(page.name for page in CONFUSIONS)
    assert len(CONFUSIONS) == 15
