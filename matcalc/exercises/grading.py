"""For automatic graders: one function that raises, one that returns a plain float; neither prints anything."""

from __future__ import annotations

from math import isfinite
from numbers import Real
from typing import Any

from matcalc.errors import MatcalcError
from matcalc.exercises.feedback import Feedback
from matcalc.exercises.notebook_tasks import task as task_named
from matcalc.exercises.tasks import Task


class WrongAnswerError(MatcalcError, AssertionError):
    """An answer that is not right; also an AssertionError, as graders expect it. ``feedback`` is what was found.

    Example:
        >>> from matcalc.exercises import assert_correct
        >>> assert_correct("07.1", "0")
        Traceback (most recent call last):
            ...
        matcalc.exercises.grading.WrongAnswerError: Task 07.1: ✗ Not right (ill-shaped)...
    """

    def __init__(self, name: str, feedback: Feedback) -> None:
        self.feedback = feedback
        super().__init__(f"Task {name}: {feedback!r}")


def assert_correct(task: Task | str, answer: Any) -> None:
    """Raise unless the answer is right.

    Args:
        task: a task, or the name of one, such as ``03.2``.
        answer: as `Task.check` takes it.

    Raises:
        WrongAnswerError: it is not right; the message says what is the matter.

    Example:
        >>> from matcalc.exercises import assert_correct
        >>> assert_correct("00.3", "B^T A")
    """
    chosen = _task(task)
    feedback = chosen.check(answer)
    if not feedback.ok:
        raise WrongAnswerError(chosen.name, feedback)


def score_answer(task: Task | str, answer: Any, points: float = 1.0) -> float:
    """The points for an answer as a plain float: all of them if it is right, else 0.0. It never raises because of the answer.

    Raises:
        MatcalcError: the points are no finite number, or there is no such task.

    Args:
        task: a task, or the name of one, such as ``03.2``.
        answer: as `Task.check` takes it.
        points: for a right answer.

    Example:
        >>> from matcalc.exercises import score_answer
        >>> score_answer("00.3", "B^T A"), score_answer("00.3", "A B"), score_answer("00.3", None)
        (1.0, 0.0, 0.0)
    """
    if not isinstance(points, Real) or isinstance(points, bool) or not isfinite(points):
        raise MatcalcError(f"points={points!r:.60}: they are a finite number, such as 1 or 2.5.")
    chosen = _task(task)
    try:
        right = chosen.check(answer).ok
    except Exception:  # whatever an answer does, it is worth nothing then; a grader has to go on
        right = False
    return float(points) if right is True else 0.0


def _task(task: Task | str) -> Task:
    """A task, or that of a name."""
    return task if isinstance(task, Task) else task_named(str(task))
