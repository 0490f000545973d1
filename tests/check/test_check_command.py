"""``matcalc check`` as a stranger uses it: exit codes, reports, many files, one broken among good ones."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from matcalc.derivation_check.results import Report
from matcalc.cli import main
from matcalc.errors import MatcalcError
from matcalc.file_checks import Asked, all_checked, text_of
from matcalc.language.model import Model
from matcalc.network_files import model_in_file
from matcalc.networks import Network
from tests.check.report_samples import EMPTY, GOOD, REPORT, TEXT

UNDECIDED = replace(REPORT, links=REPORT.links[:1] + REPORT.links[5:])
UNREADABLE = replace(REPORT, links=REPORT.links[4:5])
BY_WORD: Mapping[str, Report] = {"good": GOOD, "slip": REPORT, "nothing": EMPTY, "undecided": UNDECIDED, "unreadable": UNREADABLE}
asked: list[dict[str, Any]] = []


def fake_check(
    latex: str, model: Network | Model | None = None, *, layout: str | None = None, partial: str = "total", name: str = ""
) -> Report:
    """What a text asks for by its word."""
    asked.append({"latex": latex, "model": model, "layout": layout, "partial": partial, "name": name})
    if latex.startswith("no shapes"):
        raise MatcalcError("Nothing tells the shape of W.")
    if latex.startswith("fault"):
        raise KeyError("planted")
    if latex.startswith("end"):
        os._exit(7)
    return replace(BY_WORD[latex.split()[0]], name=name)


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The checker replaced, in a folder of its own."""
    module = ModuleType("matcalc.checking")
    module.check = fake_check  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "matcalc.checking", module)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    asked.clear()


def run(*arguments: str) -> int:
    """The exit code of ``matcalc check``."""
    with pytest.raises(SystemExit) as stopped:
        main(("check", *arguments))
    return int(stopped.value.code or 0)


def write(**texts: str) -> None:
    for name, text in texts.items():
        Path(f"{name}.tex").write_text(text, encoding="utf-8")


# ---- one file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "code"), [("good", 0), ("slip", 1), ("undecided", 1), ("unreadable", 2), ("nothing", 2)])
def test_the_exit_code_tells_what_was_found(word: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    write(one=word)
    assert run("one.tex") == code
    said = capsys.readouterr()
    assert said.out.startswith("one.tex: ") and said.err == "" and "\x1b" not in said.out


def test_the_report_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    write(one="slip")
    run("one.tex")
    assert capsys.readouterr().out == f"{replace(REPORT, name='one.tex').printed()}\n"


def test_what_is_asked_for_reaches_the_check() -> None:
    write(one="good $x$")
    run("one.tex", "--layout", "mixed", "--partial", "direct", "--network", "5,3,2", "--loss", "squared_error", "--no-bias")
    model = asked[0].pop("model")
    assert asked == [{"latex": "good $x$", "layout": "mixed", "partial": "direct", "name": "one.tex"}]
    assert (model.widths, model.loss, model.bias, model.batch) == ((5, 3, 2), "squared_error", False, None)
    assert repr(model.a[1].definition) == "f(z^(1))"
    run("one.tex")
    assert (asked[1]["model"], asked[1]["layout"], asked[1]["partial"]) == (None, None, "total")


def test_html_and_json_of_one_text(capsys: pytest.CaptureFixture[str]) -> None:
    write(one="slip")
    assert run("one.tex", "--html", "out.html", "--json", "out.json", "--quiet") == 1
    assert capsys.readouterr() == ("", "")
    page = Path("out.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and "<h1>one.tex</h1>" in page and "<math" in page
    assert "<script" not in page
    data = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert data == replace(REPORT, name="one.tex").as_dict() | {"links": data["links"], "set_aside": data["set_aside"]}
    assert data["links"][data["first_wrong"]]["verdict"] == "other-layout"


def test_the_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("good from a pipe"))
    assert run("-", "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["name"] == "standard input"
    assert asked[0]["latex"] == "good from a pipe"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "No file is named"),
        (("nowhere.tex",), "nowhere.tex: It cannot be read: No such file or directory."),
        (("one.tex", "--model", "nowhere.toml"), "nowhere.toml: there is no such file"),
        (("one.tex", "--model", "net.toml", "--network", "3,2"), "--network is of a network, and --model is another"),
        (("one.tex", "--loss", "half_mse"), "--loss is of a network: give its widths by --network"),
        (("one.tex", "--network", "3,x"), "positive ints separated by commas"),
        (("one.tex", "--layout", "numerater"), "Did you mean numerator"),
        (("one.tex", "--html", "no/such/folder.html"), "there is no folder no/such. Make it first"),
        (("*.text",), "no file matches this pattern"),
        (("empty",), "there is no text in this folder"),
        (("bytes.tex",), "It is no text: it holds zero bytes"),
        (("lost.tex",), "Nothing tells the shape of W"),
        (("blank.tex",), "blank.tex: It is empty: there is nothing to check."),
    ],
)
def test_what_cannot_be_done_is_said_with_code_2(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(one="good", lost="no shapes", bytes="a\0b", blank=" \n\n")
    Path("empty").mkdir()
    assert run(*arguments) == 2
    said = capsys.readouterr()
    assert message in said.err and said.out == "" and "Traceback" not in said.err


# ---- models ----------------------------------------------------------------------------------------------------------


def test_a_file_holds_a_model_or_a_network() -> None:
    Path("net.toml").write_text('[network]\nwidths = [5, 3, 2]\nactivation = ["f^1", "f^2"]\nloss = "C"\nbias = false\n')
    found = model_in_file("net.toml")
    assert isinstance(found, Network) and (found.widths, found.loss, found.bias) == ((5, 3, 2), "C", False)
    Path("model.toml").write_text("definitions = ['z = W x']\n[shapes]\nW = 'm n'\nx = 'n'\n")
    assert isinstance(model_in_file("model.toml"), Model)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[network]\nwidth = [3, 2]", "a network has no 'width'. Did you mean widths"),
        ("[network]\nloss = 'C'", "needs widths"),
        ("network = 3", "network is a table"),
        ("[network]\nwidths = [3, 2]\n[shapes]\nx = 'n'", "beside .network. there is 'shapes'"),
        ("[network]\nwidths = [3, 0]", "net.toml, .network.: "),
        ("[network]\nwidths = [3, 2]\nloss = 'half_mze'", "'half_mze' is not a loss. Did you mean half_mse"),
        ("[network", "net.toml, line 1: this is not TOML"),
    ],
)
def test_a_faulty_network_file_is_told(text: str, message: str) -> None:
    Path("net.toml").write_text(text)
    with pytest.raises(MatcalcError, match=message):
        model_in_file("net.toml")


# ---- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("größe\r\nx".encode(), "größe\nx"),
        ("\ufeffgröße".encode(), "größe"),
        ("größe".encode("latin-1"), "größe"),
        ("größe".encode("utf-16"), "größe"),
    ],
)
def test_a_file_is_read_in_the_encodings_people_use(data: bytes, text: str, tmp_path: Path) -> None:
    path = tmp_path / "one.tex"
    path.write_bytes(data)
    assert text_of(path) == text


# ---- several files ---------------------------------------------------------------------------------------------------


def several() -> None:
    """Good, wrong and broken files, some in a folder."""
    write(anna="slip", bert="good", carl="no shapes", dora="fault", emil="nothing")
    Path("more").mkdir()
    Path("more/anna.tex").write_text("good")
    Path("more/notes.md").write_text("undecided")
    Path("more/picture.png").write_text("slip")


ROWS = [
    "anna.tex       6 1 3 4 other-layout denominator",
    "bert.tex       1 1 0 none -",
    "carl.tex       not checked: Nothing tells the shape of W.",
    "dora.tex       not checked: The check itself failed: KeyError: 'planted'",
    "emil.tex       0 0 0 nothing to check -",
    "more/anna.tex  1 1 0 none -",
    "more/notes.md  2 1 0 none, but not all decided denominator",
]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_broken_file_stops_no_other(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    several()
    assert run(".", "--jobs", jobs) == 1
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0].split() == ["file", "links", "held", "slips", "first", "wrong", "line", "layout"]
    assert [" ".join(line.split()) for line in lines[1:8]] == [" ".join(row.split()) for row in ROWS]
    assert lines[-1] == "2 of 7 texts right, 1 with something wrong, 2 that could not be checked."
    assert said.err == "" and max(map(len, lines)) <= 80


def test_patterns_folders_and_files_are_taken_once(capsys: pytest.CaptureFixture[str]) -> None:
    several()
    run("bert.tex", "more", "**/*.tex", "./bert.tex", "--json", "-")
    names = [each["name"] for each in json.loads(capsys.readouterr().out)["files"]]
    assert names == ["bert.tex", "more/anna.tex", "more/notes.md", "anna.tex", "carl.tex", "dora.tex", "emil.tex"]


@pytest.mark.parametrize(
    ("files", "code"), [({"a": "good", "b": "good"}, 0), ({"a": "good", "b": "fault"}, 1), ({"a": "fault", "b": "nothing"}, 2)]
)
def test_the_exit_code_of_several(files: dict[str, str], code: int) -> None:
    write(**files)
    assert run("a.tex", "b.tex", "--quiet") == code


def test_a_folder_of_pages_for_several() -> None:
    several()
    run(".", "--html", "marked", "--quiet")
    names = sorted(path.name for path in Path("marked").iterdir())
    assert names == ["anna.html", "bert.html", "carl.html", "dora.html", "emil.html", "index.html", "more-anna.html", "more-notes.html"]
    index = Path("marked/index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'href="([^"]+)"', index)) == set(names) - {"index.html"}
    assert "Nothing tells the shape of W." in index and "Nothing tells the shape of W." in Path("marked/carl.html").read_text()
    page = Path("marked/anna.html").read_text(encoding="utf-8")
    assert "<math" in page and 'href="index.html"' in page


def test_names_that_clash_get_pages_of_their_own() -> None:
    write(index="good", a="good")
    Path("a.md").write_text("good")
    run("index.tex", "a.tex", "a.md", "--html", "marked", "--quiet")
    assert sorted(path.name for path in Path("marked").iterdir()) == ["a-2.html", "a.html", "index-2.html", "index.html"]


def test_one_page_for_several() -> None:
    several()
    run(".", "--html", "all.html", "--quiet")
    page = Path("all.html").read_text(encoding="utf-8")
    anchors = re.findall(r'id="([^"]+)"', page)
    assert len(set(anchors)) == len(anchors)
    assert {target[1:] for target in re.findall(r'href="([^"]+)"', page)} <= set(anchors)
    assert page.count('<section class="report"') == 7


def test_details_show_each_report_before_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    write(anna="slip", bert="good")
    run("anna.tex", "bert.tex", "--details")
    shown = capsys.readouterr().out
    assert shown.index("First wrong: line 4") < shown.index("bert.tex: 1 of 1") < shown.index("file ")


def test_a_process_that_ends_loses_only_its_file() -> None:
    texts = [(f"{k}.tex", "end" if k == 3 else "good") for k in range(7)]
    found = dict(all_checked(texts, Asked(), jobs=2))
    assert sorted(found) == list(range(7))
    assert [found[k].ok for k in range(7)] == [True, True, True, False, True, True, True]
    assert "the process that checked it ended" in found[3].error


def test_the_sample_is_the_one_meant() -> None:
    assert REPORT.text == TEXT
