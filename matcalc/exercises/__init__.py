"""Exercises with instant feedback: the tasks of the notebooks, new ones, and what graders need.

Example:
    >>> from matcalc import exercises
    >>> one = exercises.task("07.1")
    >>> print(one.text)
    Here A is m x n, B is n x k and x a column of size k.
    <BLANKLINE>
    Write (A B x)^T so that no transpose stands around a product.
    >>> one.check(r"A^\\top B^\\top x^\\top").kind
    'order'
    >>> one.hint()
    Hint 1 of 3: The expression is m x 1, so its transpose is 1 x m.
    >>> one.check(r"x^\\top B^\\top A^\\top")
    ✓ Right.
"""

from matcalc.exercises.feedback import Feedback
from matcalc.exercises.generating import generate
from matcalc.exercises.grading import WrongAnswerError, assert_correct, score_answer
from matcalc.exercises.notebook_tasks import NOTEBOOKS, for_notebook, task
from matcalc.exercises.tasks import KINDS, Task

__all__ = [
    "KINDS", "NOTEBOOKS", "Feedback", "Task", "WrongAnswerError", "assert_correct", "for_notebook", "generate", "score_answer", "task",
]  # fmt: skip
