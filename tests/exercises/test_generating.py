"""New tasks: the same for the same seed, all kinds and levels, hardly ever twice, and what the checks make of answers to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from matcalc.errors import MatcalcError
from matcalc.exercises import KINDS, generate
from matcalc.exercises.asked import Asked
from matcalc.exercises.canonical import canonical
from matcalc.exercises.generating import LEVELS
from matcalc.exercises.making import Header, derive_task
from matcalc.language.building import let, matrix, vector
from matcalc.printing.mathml import mathml
from tests.exercises import exercise_trials
from tests.exercises.test_tasks import check_nothing_is_given_away

SAMPLE = [seed * 37 % exercise_trials.TRIALS for seed in range(40)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", LEVELS)
def test_the_same_seed_gives_the_same_task(kind: str, level: int) -> None:
    made = generate(kind, 5, level=level)
    assert (made.kind, made.level) == (kind, level)
    assert made.statement == generate(kind, 5, level=level).statement


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("deriv", 3), "'deriv' is no kind of task. Did you mean derive"), (("derive", "3"), "seed='3': it is a whole number"),
        (("derive", True), "seed=True"),
    ],
)  # fmt: skip
def test_what_cannot_be_generated(arguments: tuple[Any, Any], message: str) -> None:
    with pytest.raises(MatcalcError, match=message):
        generate(*arguments)
    with pytest.raises(MatcalcError, match="level=4: it is 1, 2 or 3"):
        generate("derive", 3, level=4)


@cache
def found_of(seed: int) -> exercise_trials.Found:
    """The trial of a seed, made once."""
    return exercise_trials.trial(seed)


@pytest.mark.parametrize("seed", SAMPLE)
def test_right_answers_are_taken_and_wrong_ones_refused(seed: int) -> None:
    found = found_of(seed)
    assert found.wrong == []
    assert found.outcomes["right answers"] >= 3


def test_kinds_are_named() -> None:
    outcomes: Counter[str] = sum((found_of(seed).outcomes for seed in SAMPLE), Counter())
    assert exercise_trials.lacking(outcomes) == []


@pytest.mark.parametrize("seed", SAMPLE[:20])
def test_nothing_gives_the_answer_away(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = exercise_trials.task_of(seed)
    check_nothing_is_given_away(made, monkeypatch)
    for prose in (made.question, *made.hints):
        for formula in prose.formulas:
            assert mathml(formula.latex)
            assert "\\" not in formula.text


def test_hardly_two_tasks_are_alike() -> None:
    count = 100
    assert exercise_trials.alike(count) <= exercise_trials.MOST_ALIKE * count


def product(names: str, wrt: int, layout: str = "numerator") -> str:
    """The canonical form of a task on a product of a row and two matrices."""
    a, B, c, p, q, C = names.split()
    row, middle, column = vector(a, p), matrix(B, p, q), vector(c, q)
    variables = (row, middle, column)
    return canonical(derive_task(Header("1", 1, ""), Asked(let(C, row.T @ middle @ column), variables[wrt], layout)))


def test_renaming_makes_no_other_task() -> None:
    assert product("a B c m n C", 1) == product("u X v r s J", 1)
    assert product("a B c m n C", 1) == product("z A b k m E", 1)


def test_what_is_asked_and_sizes_make_another_task() -> None:
    different = {
        product("a B c m n C", 0), product("a B c m n C", 1), product("a B c m n C", 2), product("a B c m m C", 1),
        product("a B c m n C", 1, "denominator"),
    }  # fmt: skip
    assert len(different) == 5


def test_a_planted_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    made = generate("derive", 4)
    judge: Any = made.judge
    wrong = replace(judge, asked=replace(judge.asked, layout="denominator" if judge.asked.layout == "numerator" else "numerator"))
    monkeypatch.setattr(exercise_trials, "task_of", lambda seed: replace(made, judge=wrong))
    monkeypatch.setattr(exercise_trials, "right_forms", lambda task: [("LaTeX", judge.asked.value.latex())] * 3)
    assert any("is refused" in fault for fault in exercise_trials.trial(4).wrong)
