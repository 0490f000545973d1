"""Reports as text, JSON, HTML and in notebooks: what is wrong is shown, at its place, and nothing in a text does harm."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise

import pytest
from rich.console import Console

from matcalc.derivation_check.report_html import link_formula, marked_source, typeset
from matcalc.derivation_check.report_source import cells, rows, shortened, wrapped
from matcalc.derivation_check.report_terminal import report_shown
from matcalc.derivation_check.results import VERDICTS, Report
from matcalc.language.reading.source import Span
from matcalc.printing.messages import sentences
from matcalc.printing.notebook import in_dollars
from tests.check.report_samples import EMPTY, GOOD, LINKS, REPORT, SLIP, TEXT, span


# ---- JSON ------------------------------------------------------------------------------------------------------------


def test_json_holds_everything_and_reads_back() -> None:
    data = json.loads(REPORT.to_json())
    assert data == json.loads(json.dumps(REPORT.as_dict()))
    assert list(data) == ["format", "name", "ok", "layout", "first_wrong", "slips", "counts", "links", "set_aside", "text"]
    assert (data["format"], data["ok"], data["layout"], data["first_wrong"], data["slips"]) == (1, False, "denominator", 1, [1, 3, 4])
    assert data["counts"] == dict.fromkeys(VERDICTS, 0) | {
        "holds": 1, "other-layout": 1, "wrong-value": 2, "unreadable": 1, "undecided": 1,
    }  # fmt: skip
    assert data["text"] == TEXT and data["set_aside"][0]["reason"] == "It claims no equality."
    first = data["links"][1]
    assert set(LINKS[1].__slots__) <= set(first)
    assert first["repairs"][1] == {
        "kinds": ["transpose"], "latex": r"\left(\frac{\partial C}{\partial \mathbf{W}}\right)^\top", "side": "left",
        "message": "The left side transposed.",
    }  # fmt: skip
    assert TEXT[slice(*first["place"])] == SLIP
    assert (first["place_line"], first["column"]) == (4, 43)
    assert TEXT.splitlines()[3][first["column"] - 1 :].startswith(SLIP)
    assert [link["slip"] for link in data["links"]] == [False, True, False, True, True, False]


def test_json_of_what_holds_and_of_nothing() -> None:
    assert (GOOD.as_dict()["ok"], GOOD.as_dict()["first_wrong"]) == (True, None)
    assert (EMPTY.as_dict()["ok"], EMPTY.as_dict()["links"]) == (False, [])
    assert REPORT.to_json().isascii()


# ---- text ------------------------------------------------------------------------------------------------------------


def caret_places(shown: str) -> list[str]:
    """What stands above carets, one line after another."""
    lines = shown.splitlines()
    pairs = ((above, below) for above, below in pairwise(lines) if set(below.strip()) == {"^"})
    return ["".join(sign for sign, mark in zip(above, below, strict=False) if mark == "^") for above, below in pairs]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_text_fits_and_marks_the_places(width: int) -> None:
    shown = REPORT.printed(width)
    assert [line for line in shown.splitlines() if cells(line) > width] == []
    found = "".join(caret_places(shown))
    assert found.replace(" ", "").startswith(SLIP.replace(" ", "")) and "f(\\mathbf{z})" in found and "} ]" in found


def test_the_first_wrong_line_comes_first_and_the_others_in_order() -> None:
    shown = REPORT.printed()
    lines = shown.splitlines()
    assert lines[0].startswith("anna <1>.tex: 1 of 6 links holds, 3 wrong, 1 that only follows from a wrong one,")
    assert "First wrong: line 4, other-layout in denominator layout" in lines
    listed = [tuple(found) for found in re.findall(r"^line (\d+)  ([a-z-]+)", shown, flags=re.MULTILINE)]
    assert listed == [
        ("2", "holds"), ("4", "other-layout"), ("5", "follows"), ("7", "wrong-value"), ("8", "unreadable"), ("8", "undecided")
    ]  # fmt: skip
    assert r"  try   \boldsymbol{\delta} \mathbf{x}^\top [order, transpose]" in lines
    assert shown.index("  try ") < shown.index("  or ") < shown.index("  right ") < shown.index("  note ")
    assert "[transpose, on the left side]" in " ".join(shown.split())
    assert "so it is no slip of its own" in shown
    assert "} closes nothing. Leave it out & try again." in shown
    assert "1 formula set aside" in shown and "line 1: l ∈ [0, L]" in shown


def test_what_holds_and_what_is_empty_is_told() -> None:
    assert GOOD.printed().startswith("good.tex: 1 of 1 link holds.\nEvery line is right.\n")
    said, *way_out = EMPTY.printed().strip().splitlines()
    assert said == "empty.tex: nothing was found that could be checked."
    assert " ".join(" ".join(way_out).split()).startswith("An equality is checked: between dollars,")
    assert replace(GOOD, layout="contradictory").printed().splitlines()[1] == "The text mixes the layouts in contradiction."


@pytest.mark.parametrize(
    ("text", "place", "line", "marks"),
    [
        ("量 = W x", "W", "量 = W x", "     ^"),
        ("a\tb = W", "W", "a   b = W", "        ^"),
        ("\t\ta = b", "b", "a = b", "    ^"),
        ("a = 量W", "量", "a = 量W", "    ^^"),
        ("x\u0302 = W", "W", "x\u0302 = W", "    ^"),
        ("x\u0302 = W", "\u0302", "x\u0302 = W", "^"),
        ("a\x1b[31m = b", "b", "a·[31m = b", "         ^"),
        ("a\u202e = b", "b", "a· = b", "     ^"),
    ],
)
def test_carets_stand_below_the_place(text: str, place: str, line: str, marks: str) -> None:
    at = text.index(place)
    assert rows(text, Span(0, len(text)), Span(at, at + len(place)), 76) == [(line, marks)]


def test_a_place_over_two_lines_and_one_behind_the_end() -> None:
    text = "a = b \\\\\n    + c"
    assert rows(text, Span(0, len(text)), Span(4, len(text)), 40) == [("a = b \\\\", "    ^^^^"), ("+ c", "^^^")]
    assert rows("a =", Span(0, 3), Span(3, 3), 40) == [("a =", "  ^")]


def test_a_long_formula_is_broken_and_cut_around_its_place() -> None:
    terms = " + ".join(rf"\mathbf{{A}}_{{{k}}}" for k in range(200))
    at = terms.index("{137}")
    found = rows(terms, Span(0, len(terms)), Span(at, at + 5), 60)
    assert [row.text for row in (found[0], found[-1])] == ["...", "..."]
    assert all(cells(row.text) <= 60 for row in found) and len(found) <= 8
    marked = next(row for row in found if row.marks)
    assert marked.text[marked.marks.index("^") : len(marked.marks)] == "{137}"


def test_words_are_wrapped_and_shortened_by_columns() -> None:
    assert wrapped("量量量 abc", 7) == ["量量量", "abc"]
    assert wrapped("x" * 9, 4) == ["xxxx", "xxxx", "x"]
    assert shortened("量量量量", 7) == "量量..."
    assert wrapped("", 9) == [""]


def test_a_message_is_told_without_the_carets_of_the_reader() -> None:
    assert sentences("It fails.\n    a = b\n        ^\n    Write c.") == "It fails. Write c."


def test_colours_are_only_for_terminals() -> None:
    plain, coloured = StringIO(), StringIO()
    report_shown(REPORT, Console(file=plain, width=80))
    report_shown(REPORT, Console(file=coloured, width=80, force_terminal=True, color_system="standard"))
    assert "\x1b" not in plain.getvalue() and "\x1b[" in coloured.getvalue()
    without = re.sub(r"\x1b\[[\d;]*m", "", coloured.getvalue())
    assert [line.rstrip() for line in without.splitlines()] == [line.rstrip() for line in plain.getvalue().splitlines()]
    assert [line.rstrip() for line in plain.getvalue().splitlines()] == REPORT.printed().splitlines()


def test_names_in_brackets_are_no_markup() -> None:
    shown = StringIO()
    report_shown(replace(REPORT, name="[red]x[/nothing].tex"), Console(file=shown, width=80))
    assert shown.getvalue().startswith("[red]x[/nothing].tex: ")


def test_rich_is_imported_only_to_print() -> None:
    program = (
        "import sys\nfrom tests.check.report_samples import REPORT\n"
        "REPORT.printed(), REPORT.to_json(), REPORT.to_html(), REPORT._repr_html_()\n"
        "print([name for name in ('rich', 'click', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


# ---- HTML ------------------------------------------------------------------------------------------------------------

VOID = frozenset({"meta", "wbr", "br", "path"})


class _Tags(HTMLParser):
    """Whether every element is closed where it should be, and which there are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("report", [REPORT, GOOD, EMPTY], ids=lambda report: report.name)
def test_the_page_is_whole_and_loads_nothing(report: Report) -> None:
    page = report.to_html()
    tags = _Tags(page)
    assert tags.open == []
    names = {tag for tag, _ in tags.found}
    assert not names & {"script", "img", "link", "iframe", "object", "form", "b"}
    assert not any(name.startswith("on") for _, attributes in tags.found for name in attributes)
    assert not re.search(r"https?:|url\(|@import|javascript:", page)
    assert "default-src 'none'" in page


def test_the_page_marks_the_place_in_the_formula_and_in_the_source() -> None:
    page = REPORT.to_html()
    assert page.count("<math") > 8
    delta = '<msup><mi class="bold">δ</mi><mi mathvariant="normal">⊤</mi></msup>'
    assert f'<mrow class="wrong"><mi class="bold" mathvariant="normal">x</mi>{delta}</mrow>' in page
    assert rf"&amp;= <mark>{SLIP}</mark> \\" in page
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; <mark>} ]</mark>" in page
    assert page.index("First wrong") < page.index('<ol class="links">')
    assert 'href="#link-2"' in page and 'id="link-2"' in page
    assert "anna &lt;1&gt;.tex" in page and "Leave it out &amp; try again." in page


def test_no_latex_is_left_where_a_formula_is_set() -> None:
    page = REPORT.to_html()
    formulas = "".join(re.findall(r"<math.*?</math>", page, flags=re.DOTALL))
    assert "\\" not in formulas and "{" not in formulas


def test_latex_in_messages_is_set() -> None:
    page = replace(REPORT, links=(replace(LINKS[3], message=r"\frac{1}{n} is missing, and \frac{a ... x} is <i>cut</i>."),)).to_html()
    assert '<span class="inline"><math displaystyle="true"><mfrac><mn>1</mn><mi>n</mi></mfrac></math></span> is missing, and' in page
    assert r"<code>\frac{a ... x}</code></span> is &lt;i&gt;cut&lt;/i&gt;." in page


def test_what_cannot_be_set_is_shown_as_written() -> None:
    assert typeset("a } <b>") == "<code>a } &lt;b&gt;</code>"


def test_the_place_is_found_where_a_side_stands_twice() -> None:
    text = "x = x x"
    wrong = replace(LINKS[3], left="x", right="x x", span=Span(0, 7), place=Span(6, 7))
    assert link_formula(wrong, text).count("wrong") == 1
    assert '<mi>x</mi><mrow class="wrong"><mi>x</mi></mrow></math>' in link_formula(wrong, text)
    left = replace(wrong, left="x x", right="x", span=Span(0, 7), place=Span(2, 3))
    assert '<mi>x</mi><mrow class="wrong"><mi>x</mi></mrow></math>' in link_formula(left, "x x = x")
    blanked = replace(wrong, right="x  x", span=Span(0, 8), place=Span(7, 8))
    assert '<mi>x</mi><mrow class="wrong"><mi>x</mi></mrow></math>' in link_formula(blanked, "x = x&&x")


def test_a_place_outside_of_the_stretch_marks_nothing() -> None:
    assert marked_source("abcdef", Span(1, 3), Span(4, 5)) == "bc"
    assert marked_source("a<b>c", Span(0, 5), Span(1, 2)) == "a<mark>&lt;</mark>b&gt;c"


# ---- notebook --------------------------------------------------------------------------------------------------------


def test_the_notebook_sets_formulas_between_dollars() -> None:
    shown = REPORT._repr_html_()
    assert _Tags(shown).open == []
    assert r"$\displaystyle \boldsymbol{\delta} \mathbf{x}^\top$" in shown
    assert "<script" not in shown and f"<mark>{SLIP}</mark>" in shown
    assert "First wrong: line 4, other-layout." in shown


def test_a_link_alone_is_shown_in_a_notebook() -> None:
    shown = LINKS[1]._repr_html_()
    assert _Tags(shown).open == [] and "<code" not in shown
    assert "other-layout" in shown and "The right side is right in numerator layout." in shown
    assert LINKS[4]._repr_html_().count("<code") == 1 and "<script" not in LINKS[4]._repr_html_()


@pytest.mark.parametrize(
    "latex",
    [r"\href{javascript:alert(1)}{x}", r"x $ y", r"a } b", r"\require{html} x", r"\def\x{y} x", "a % b", r"\unicode{x41}"],
)
def test_the_notebook_is_given_no_formula_that_does_more(latex: str) -> None:
    assert in_dollars(latex).startswith("<code ")


def test_the_notebook_formula_is_escaped() -> None:
    assert in_dollars("a < b & c") == r"$\displaystyle a &lt; b c$"


def test_places_of_the_samples_are_those_meant() -> None:
    assert TEXT[slice(*span(SLIP))] == SLIP
