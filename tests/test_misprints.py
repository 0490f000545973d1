"""Published formulas that fail: every verdict on record is found anew, and what does not fail as recorded is told."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

import matcalc as mc
import matcalc.errata_command
from matcalc.cli import main
from matcalc.errors import LayoutError, MatcalcError, UnknownNameError
from matcalc.language.reading.names import plain_of
from matcalc.misprints.entries import Entry, chosen, entries, entries_of
from matcalc.misprints.judging import conditions, judged, names_of
from matcalc.misprints.report import checked
from tests.test_published_answers import reading
from tests.test_published_cases import CASES

SEEDS = tomllib.loads((Path(__file__).parent / "data" / "seed_equations.toml").read_text(encoding="utf-8"))["link"]
OF_SEEDS = {
    "000-index-1b": "question-index-last",
    "000-index-2": "question-index-penultimate",
    "000-index-3b": "question-index-general",
    "000-index-5a": "question-index-weights",
    "000-den-1b": "question-denominator-last",
    "000-den-2b": "question-denominator-penultimate",
    "000-den-3b": "question-denominator-general",
    "000-den-5a": "question-denominator-weights",
    "000-num-1a": "question-numerator-last",
    "000-num-1b": "question-numerator-last-values",
    "000-num-3b": "question-numerator-general",
    "000-num-5a": "question-numerator-weights",
}
OF_CASES = {"cook-092": "cookbook-92", "cook-127g": "cookbook-127"}
FOUND = mc.errata()


@pytest.mark.parametrize("name", entries())
def test_each_published_formula_fails_as_recorded(name: str) -> None:
    found = FOUND[name]
    assert found.verdict == entries()[name].verdict
    assert found.confirmed and found.found and found.reason
    assert found.right_form is not None


@pytest.mark.parametrize("name", entries())
def test_what_is_right_is_right_by_the_oracles(name: str) -> None:
    given = entries()[name]
    layout = "denominator" if given.layout == "index" else given.layout
    assert names_of(given).derived(given.of, given.wrt, layout).verify().ok


def test_every_slip_of_the_seeds_is_here_with_its_verdict() -> None:
    slips = {link["id"]: link for link in SEEDS if link["verdict"] != "holds"}
    assert slips.keys() == OF_SEEDS.keys()
    for link, name in OF_SEEDS.items():
        assert entries()[name].verdict == slips[link]["verdict"]


def test_every_erratum_of_the_cases_is_here_with_its_claim() -> None:
    assert {name for name, case in CASES.items() if "erratum" in case} == OF_CASES.keys()
    for case, name in OF_CASES.items():
        claim = names_of(entries()[name]).read(entries()[name].claim, "denominator")
        published = reading(CASES[case], "published")
        assert claim == published or mc.prove_equal(claim, published).verdict == "equal"


def test_names_of_sizes_are_names_of_nothing_else() -> None:
    for given in entries().values():
        others = {plain_of(name) for part in ("shapes", "functions") for name in given.declarations[part]}
        assert not others & set(given.sizes), given.id


def test_the_table_is_shipped_beside_the_code() -> None:
    assert files("matcalc.misprints").joinpath("data.toml").is_file()


# ---- planted formulas ------------------------------------------------------------------------------------------------


def planted(claim: str, layout: str = "denominator", verdict: str = "wrong-value", more: str = "", **changed: str) -> Entry:
    """An entry on the gradient of a scaled squared norm, 2/m A^T A x, or on what is given instead."""
    of = changed.get("of", r"\frac{1}{m} \|\mathbf{A} \mathbf{x}\|^2")
    text = f"""
        [sources]
        test = "A test"
        [[erratum]]
        id = "planted"
        source = "test"
        where = "here"
        layout = "{layout}"
        shapes = {{ '\\mathbf{{A}}' = "m n", '\\mathbf{{x}}' = "n", '\\mathbf{{S}}' = "n n" }}
        of = '{of}'
        wrt = '{changed.get("wrt", chr(92) + "mathbf{x}")}'
        claim = '{claim}'
        reason = "It is planted."
        verdict = "{verdict}"
        {more}
    """
    return entries_of(text)["planted"]


PLANTED = {
    "holds": planted(r"\frac{2}{m} \mathbf{A}^\top \mathbf{A} \mathbf{x}"),
    "other-layout": planted(r"\frac{2}{m} \mathbf{x}^\top \mathbf{A}^\top \mathbf{A}"),
    "wrong-value": planted(r"\frac{1}{m} \mathbf{A}^\top \mathbf{A} \mathbf{x}"),
    "ill-shaped": planted(r"\frac{2}{m} \mathbf{A} \mathbf{x}"),
    "unknown-symbol": planted(r"\frac{2}{m} \mathbf{B} \mathbf{x}"),
    "unreadable": planted(r"\frac{2}{m} \mathbf{A}^\top ("),
}


@pytest.mark.parametrize("verdict", PLANTED)
def test_the_verdict_on_a_planted_formula(verdict: str) -> None:
    assert judged(PLANTED[verdict]).verdict == verdict


def test_a_product_that_has_no_shape_is_told_by_its_sizes() -> None:
    assert judged(planted(r"\mathbf{A} \mathbf{A} \mathbf{x}")).found == "m x n meets m x n: n and m differ."
    assert judged(PLANTED["ill-shaped"]).found == "The claim is m x 1, the derivative n x 1."


SUM_OF_SQUARES = {"of": "f", "more": 'entry = "i"\ndefinitions = ["f = \\\\sum_{j} x_j^2"]'}


@pytest.mark.parametrize(
    ("claim", "verdict", "found"),
    [
        ("2 x_i", "holds", "It holds"),
        ("x_i", "wrong-value", "on the right"),
        ("2 x_j", "index-mismatch", "The claim leaves j free, the left side i."),
        (r"\sum_{i} x_i", "index-mismatch", "The claim leaves none free, the left side i."),
        (r"2 (\mathbf{A} \mathbf{x})_i", "ill-shaped", "of size"),
        (r"2 \sum_{k} A_{ki} x_k", "ill-shaped", "k runs to"),
    ],
)
def test_the_verdict_on_a_planted_formula_of_entries(claim: str, verdict: str, found: str) -> None:
    judgement = judged(planted(claim, "index", **SUM_OF_SQUARES))
    assert judgement.verdict == verdict
    assert found in judgement.found


@pytest.mark.parametrize(
    ("claim", "where"),
    [
        (r"\frac{2}{n} \mathbf{A}^\top \mathbf{A} \mathbf{x}", ["m = n"]),
        (r"\frac{2}{m} \mathbf{A} \mathbf{A} \mathbf{x}", []),
        (r"\frac{1}{m} \mathbf{A}^\top \mathbf{A} \mathbf{x}", []),
    ],
)
def test_the_sizes_for_which_a_formula_would_hold(claim: str, where: list[str]) -> None:
    assert list(conditions(planted(claim))) == where


@pytest.mark.parametrize(("divisor", "claimed"), [("m", "p"), ("p", "m")])
def test_sizes_are_told_wherever_they_stand(divisor: str, claimed: str) -> None:
    text = r"""
        [sources]
        test = "A test"
        [[erratum]]
        id = "three"
        source = "test"
        where = "here"
        layout = "numerator"
        shapes = { '\mathbf{A}' = "m n", '\mathbf{B}' = "p q", '\mathbf{x}' = "n" }
        of = '\frac{1}{DIVISOR} \mathbf{A} \mathbf{x}'
        wrt = '\mathbf{x}'
        claim = '\frac{1}{CLAIMED} \mathbf{A}'
        reason = "It is planted."
        verdict = "wrong-value"
    """
    three = entries_of(text.replace("DIVISOR", divisor).replace("CLAIMED", claimed))["three"]
    assert list(conditions(three)) == ["m = p"]


@pytest.mark.parametrize(
    ("claim", "assumed", "where"),
    [
        (r"2 \mathbf{S} \mathbf{x}", "", ["S symmetric"]),
        (r"2 \mathbf{S} \mathbf{x}", "S invertible", ["S symmetric"]),
        (r"3 \mathbf{S} \mathbf{x}", "", []),
        (r"\mathbf{S} \mathbf{x} + \mathbf{S}^\top \mathbf{x} + \mathbf{x}", "S symmetric", []),
    ],
)
def test_the_symmetry_with_which_a_formula_would_hold(claim: str, assumed: str, where: list[str]) -> None:
    given = planted(claim, of=r"\mathbf{x}^\top \mathbf{S} \mathbf{x}", more=f'assume = ["{assumed}"]' if assumed else "")
    assert list(conditions(given)) == where


def test_the_errata_that_lack_a_condition_are_told_with_it() -> None:
    lacking = {row.id: row.holds_if for row in FOUND if row.holds_if}
    assert lacking == {"cookbook-127": ("A symmetric",), "momentum-quadratic": ("A symmetric",)}


def test_a_formula_that_holds_after_all_is_told() -> None:
    found = checked([PLANTED["holds"], PLANTED["wrong-value"]])
    assert [row.confirmed for row in found] == [False, True] and not found.ok
    assert "planted  holds        denominator  NOT AS RECORDED" in repr(found)
    assert "verdict  holds, NOT AS RECORDED: wrong-value" in repr(found[0])


def test_another_fault_than_the_recorded_one_is_told() -> None:
    found = checked([PLANTED["other-layout"]])
    assert not found.ok
    assert "verdict  other-layout, NOT AS RECORDED: wrong-value" in repr(found[0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("reason", "reson"), r"planted: reason is missing.\nplanted: 'reson' is no key. Did you mean reason"),
        (lambda text: text.replace('source = "test"', 'source = "tests"'), "planted: no source is called 'tests'. Did you mean test"),
        (lambda text: text.replace('"numerator"', '"nominator"'), "planted: 'nominator' is no layout: numerator, denominator, index"),
        (lambda text: text.replace('"numerator"', '"index"'), "planted: entry= is given in the layout index, and there only"),
        (lambda text: text + text.partition("\n")[2], "planted: two entries have this id"),
        (lambda text: text + 'model = "net"', "planted: no model is called 'net'. No names are known"),
    ],
)
def test_a_faulty_table_is_refused(change: Callable[[str], str], message: str) -> None:
    rows = ('id = "planted"', 'source = "test"', 'where = "here"', 'layout = "numerator"', 'of = "x"', 'wrt = "x"', 'claim = "1"')
    text = "\n".join(('sources = { test = "A test" }', "[[erratum]]", *rows, 'reason = "no"', 'verdict = "holds"\n'))
    with pytest.raises(MatcalcError, match=message):
        entries_of(change(text))


# ---- how they are shown ----------------------------------------------------------------------------------------------


def test_errata_are_found_by_number_and_by_name() -> None:
    assert FOUND.ok and len(FOUND) == len(entries())
    assert FOUND[0] is FOUND["question-index-last"]
    with pytest.raises(UnknownNameError, match=r"No erratum here is called 'cookbook-93'\. Did you mean cookbook-92"):
        FOUND["cookbook-93"]
    with pytest.raises(UnknownNameError, match=r"No erratum is called 'prml'\. Did you mean prml-3-13"):
        mc.errata("prml")
    with pytest.raises(LayoutError, match="'denom' is not a layout"):
        mc.errata("prml-3-13", layout="denom")
    assert [entry.id for entry in chosen(entries(), ["prml-3-13", "mml-7-8", "prml-3-13"])] == ["prml-3-13", "mml-7-8"]


def test_what_is_right_in_the_layout_asked_for() -> None:
    denominator, numerator = (mc.errata("prml-3-13", layout=layout)[0].right_form for layout in ("denominator", "numerator"))
    assert (repr(denominator), repr(numerator)) == ("beta Phi^T (t - Phi w)", "beta (t - Phi w)^T Phi")
    assert "in numerator layout" in repr(mc.errata("prml-3-13", layout="numerator")[0])


def test_an_erratum_in_html_and_latex() -> None:
    found = FOUND["momentum-quadratic"]
    assert r"\mathbf{A} \mathbf{w} - \mathbf{b}$</td>" in found._repr_html_()
    assert ">reason</th>" in found.html()
    assert r"&\neq \mathbf{A} \mathbf{w} - \mathbf{b} \\" in found.latex()
    assert (found._repr_latex_() or "").startswith("$\\displaystyle \\begin{aligned}")
    assert FOUND._repr_html_().count("<tr>") == 1 + len(FOUND)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    return int(stopped.value.code or 0)


def test_the_command_shows_all_in_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("errata") == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if len(line) > 80 and " " in line.strip()] == []
    assert f"{len(FOUND)} published formulas: each fails as recorded." in shown
    assert all(f"\n{name} ---" in shown for name in entries())


def test_the_command_lists_them_unchecked(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcalc.errata_command, "checked", None)
    main(["errata", "--list"])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert all(name in shown for name in entries())
    main(["errata", "--list", "--format", "json", "mml-7-8"])
    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == ["mml-7-8"]


def test_the_command_in_json_and_latex(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("errata", "prml-3-13", "cs224n-identity-5", "--format", "json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["ok"] is True and [row["verdict"] for row in data["errata"]] == ["other-layout", "ill-shaped"]
    assert data["errata"][0]["right_form"]["text"] == "beta Phi^T (t - Phi w)"
    assert run("errata", "prml-3-13", "--format", "latex", "--layout", "numerator") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("% needs amsmath\n% prml-3-13: C. M. Bishop")
    assert r"&& \text{(numerator layout)}" in shown
    assert max(map(len, [line for line in shown.splitlines() if line.startswith("%")])) <= 80


def test_the_command_tells_a_formula_that_holds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcalc.errata_command, "entries", lambda: {"planted": PLANTED["holds"]})
    assert run("errata") == 1
    assert "verdict  holds, NOT AS RECORDED: wrong-value" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("prml",), "No erratum is called 'prml'. Did you mean prml-3-13? matcalc errata --list shows all."),
        (("--layout", "denom"), "'denom' is not one of 'numerator', 'denominator'. Did you mean denominator?"),
        (("--format", "html"), "'html' is not one of 'text', 'latex', 'json'"),
    ],
)
def test_a_mistyped_word_gives_a_hint(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("errata", *arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and message in said.err
