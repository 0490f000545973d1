"""The tasks of the notebooks: right answers pass, nothing gives them away, and everything can be shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from matcalc.errors import MatcalcError, UnknownNameError
from matcalc.exercises import NOTEBOOKS, Task, for_notebook, task
from matcalc.exercises.formula_judge import FormulaJudge
from matcalc.exercises.prose import Formula, Prose
from matcalc.printing.mathml import mathml
from tests.exercises.exercise_trials import right_forms

TASKS = [each for number in NOTEBOOKS for each in for_notebook(number)]
IDS = [each.name for each in TASKS]


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("given", TASKS, ids=IDS)
def test_right_answers_pass_in_three_forms(given: Task) -> None:
    forms: list[tuple[str, Any]] = list(right_forms(given))
    assert len(forms) >= 3
    for name, answer in forms:
        assert given.check(answer).ok, (name, answer, given.check(answer))


def no_kinds(*given: Any, **named: Any) -> Any:
    """In place of the checker, where the kind of a mistake does not matter."""
    raise MatcalcError("The kind of the mistake is not looked for.")


def check_nothing_is_given_away(given: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """No formula of the statement or of a hint is a right answer, and no text of the answer stands in them."""
    monkeypatch.setattr("matcalc.exercises.formula_judge.check", no_kinds)
    said: list[Prose] = [given.question, *given.hints]
    for prose in said:
        for formula in prose.formulas:
            for form in (formula.latex, formula.text, *formula.latex.split(" = ")):
                assert not given.check(form).ok, f"{given.name}: {form}"
    if isinstance(given.judge, FormulaJudge) and given.kind == "derive":
        value = given.judge.asked.value
        everything = squeezed(repr(given) + given.statement + "".join(map(repr, map(given.hint, (1, 2, 3)))))
        for form in (value.latex(), repr(value)) if len(repr(value)) > 3 else ():
            assert squeezed(form) not in everything, f"{given.name}: {form}"


@pytest.mark.parametrize("given", TASKS, ids=IDS)
def test_nothing_gives_the_answer_away(given: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    check_nothing_is_given_away(given, monkeypatch)


def test_the_test_of_hints_finds_an_answer_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    given = task("01.1")
    assert isinstance(given.judge, FormulaJudge)
    other_form = Formula(r"-\mathbf{W}^\top \mathbf{A} (\mathbf{y} - \mathbf{z})", "-W^T A (y - z)")
    with pytest.raises(AssertionError, match=r"01\.1"):
        check_nothing_is_given_away(replace(given, tell=lambda: (Prose((other_form,)),)), monkeypatch)


@pytest.mark.parametrize("given", TASKS, ids=IDS)
def test_every_formula_can_be_typeset(given: Task) -> None:
    for prose in (given.question, *given.hints):
        for formula in prose.formulas:
            assert mathml(formula.latex)
            assert "\\" not in formula.text
            assert "$" not in formula.text


@pytest.mark.parametrize("number", NOTEBOOKS)
def test_tasks_go_from_easy_to_hard(number: str) -> None:
    levels = [each.level for each in for_notebook(number)]
    assert 3 <= len(levels) <= 6
    assert levels == sorted(levels)
    assert for_notebook(int(number)) is for_notebook(number)


def test_shown() -> None:
    given = task("01.1")
    assert repr(given).startswith("Task 01.1 (the derivative by the input; level 1)\n\nLet\n\n- z = A^T W x\n")
    assert r"- $\mathbf{z} = \mathbf{A}^\top \mathbf{W} \mathbf{x}$" in given._repr_markdown_()
    assert repr(given.hint(2)) == "Hint 2 of 3: The chain runs C → z → x: 2 factors. Find each with its shape, then put them side by side."
    assert r"$C \to \mathbf{z} \to \mathbf{x}$" in given.hint(2)._repr_markdown_()
    assert "border-left:6px solid #d55e00" in given.check("W A (z - y)")._repr_html_()
    assert "<b>✓ Right.</b>" in given.check("W^T A (z - y)")._repr_html_()
    assert "<script>" not in given.check("<script>")._repr_html_()


def test_no_answer_yet() -> None:
    found = task("01.1").check("  ")
    assert (found.ok, found.kind) == (False, "empty")
    assert repr(found) == "Not answered yet. Write an answer, and run it again."
    assert "#767676" in found._repr_html_()


def test_hints_come_one_after_the_other() -> None:
    given = for_notebook("02")[0]
    assert [given.hint().number for _ in range(4)] == [1, 2, 3, 3]
    with pytest.raises(MatcalcError, match="hint 0: hints are counted from 1"):
        given.hint(0)


def test_names_that_do_not_exist() -> None:
    with pytest.raises(UnknownNameError, match=r"no task '03\.9'.*03\.4"):
        task("03.9")
    with pytest.raises(UnknownNameError, match="no task 'x'"):
        task("x")
    with pytest.raises(UnknownNameError, match="notebook '12'"):
        for_notebook("12")
