"""What graders call: one function raises, the other returns a plain float, and nothing is printed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcalc.errors import MatcalcError
from matcalc.exercises import WrongAnswerError, assert_correct, generate, score_answer, task


class Spiteful:
    """An answer at which everything fails."""

    def __len__(self) -> int:
        raise RuntimeError("counted")

    def __iter__(self) -> Any:
        raise RuntimeError("walked through")

    def __call__(self, W: Any) -> Any:
        raise RuntimeError("called")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("compared")

    __hash__ = None  # type: ignore[assignment]


def test_a_right_answer_passes() -> None:
    assert_correct("01.1", "W^T A (z - y)")
    assert_correct(task("01.1"), lambda A, W, z, y: W.T @ A @ (z - y))


def test_a_wrong_answer_raises_what_graders_and_users_expect() -> None:
    with pytest.raises(AssertionError, match=r"Task 01\.1: ✗ Not right \(transpose\)"):
        assert_correct("01.1", "W A (z - y)")
    with pytest.raises(MatcalcError, match=r"Task 01\.1") as caught:
        assert_correct("01.1", "W A (z - y)")
    assert isinstance(caught.value, WrongAnswerError)
    assert caught.value.feedback.kind == "transpose"


@pytest.mark.parametrize("answer", [None, "", "W A (z - y)", np.float64(1.0), Spiteful(), [], {}, True, lambda: 1 / 0, "))", float("nan")])
def test_the_score_of_a_wrong_answer_is_a_plain_zero(answer: Any) -> None:
    found = score_answer("01.1", answer)
    assert type(found) is float
    assert found == 0.0


def test_the_score_of_a_right_answer_is_a_plain_float() -> None:
    right = "W^T A (z - y)"
    found = [score_answer("01.1", right), score_answer("01.1", right, points=2), score_answer("01.1", right, np.float64(3))]
    assert [type(each) for each in found] == [float, float, float]
    assert found == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("points", [None, "2", True, float("nan"), float("inf"), [1]])
def test_points_that_are_no_number(points: Any) -> None:
    for answer in ("W^T A (z - y)", "0"):
        with pytest.raises(MatcalcError, match=r"points=.*: they are a finite number"):
            score_answer("01.1", answer, points=points)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    score_answer("01.1", "W A (z - y)")
    score_answer("01.1", lambda A, W, z, y: np.log(-np.abs(W.T @ A @ (z - y))))
    score_answer("01.1", "W^T A (z - y)")
    with pytest.raises(WrongAnswerError, match="01"):
        assert_correct("01.1", lambda x: x / 0)
    assert capfd.readouterr() == ("", "")


def test_generated_tasks_are_named() -> None:
    made = generate("layout", 3)
    assert made.name == "layout 3"
    judge: Any = made.judge
    assert score_answer("layout 3", judge.detected.layout) == 1.0
