"""A task: what is asked, hints, and the check of an answer."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol, final

from matcalc.errors import MatcalcError
from matcalc.exercises.feedback import Feedback
from matcalc.exercises.prose import Prose

KINDS = ("derive", "order", "transpose", "layout", "slip")


class Judging(Protocol):
    """What judges the answers to a task."""

    @property
    def names(self) -> dict[str, Any]:
        """The quantities and functions that an answer in Python may use, by plain name."""

    @property
    def how(self) -> str:
        """How to answer, in a sentence."""

    def judged(self, answer: Any) -> Feedback:
        """What is said of an answer."""


@final
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Task:
    """A task with hints and a check; the answer is worked out when an answer is checked.

    Attributes:
        name: of the task, such as ``03.2``.
        kind: ``derive``, ``order``, ``transpose``, ``layout`` or ``slip``.
        level: 1 to 3, easy to hard.
        title: what it is about.
        question: what is asked.
        tell: gives the hints; they are worked out when one is asked for.
        judge: of the answers.

    Example:
        >>> from matcalc.exercises import task
        >>> first = task("01.1")
        >>> print(first.check("a b").kind)
        unknown-symbol
    """

    name: str
    kind: str
    level: int
    title: str
    question: Prose
    tell: Callable[[], tuple[Prose, ...]]
    judge: Judging
    _told: Iterator[int] = field(default_factory=count)

    @property
    def statement(self) -> str:
        """What is asked, in Markdown with LaTeX."""
        return self.question.markdown

    @property
    def text(self) -> str:
        """What is asked, as plain text."""
        return self.question.plain

    @property
    def hints(self) -> tuple[Prose, ...]:
        """Hints, from general to special; none of them is the answer."""
        return self.tell()

    @property
    def names(self) -> dict[str, Any]:
        """The quantities and the functions of the task by plain name, for an answer that is written in Python.

        Example:
            >>> from matcalc.exercises import task
            >>> sorted(task("01.1").names)
            ['A', 'C', 'W', 'x', 'y', 'z']
            >>> task("11.1").names["f"]
            <unknown elementwise function f>
        """
        return self.judge.names

    def hint(self, number: int | None = None) -> Hint:
        """The next hint, or the one of that number, from 1; after the last one, the last one again."""
        if number is None:
            number = next(self._told) + 1
        if number < 1:
            raise MatcalcError(f"hint {number}: hints are counted from 1.")
        hints = self.hints
        number = min(number, len(hints))
        return Hint(number, len(hints), hints[number - 1])

    def check(self, answer: Any) -> Feedback:
        """What is said of an answer: LaTeX, an expression of matcalc, or where that makes sense a function of arrays."""
        if isinstance(answer, str) and not answer.strip():
            return Feedback.wrong("empty")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return self.judge.judged(answer)
            except MatcalcError:  # a ValueError as well, but not one of the answer's size
                raise
            except (OverflowError, RecursionError, ValueError) as error:  # numbers or formulas of a size that nothing prints
                return Feedback.wrong("unreadable", f"It is too large: {type(error).__name__}. Write it shorter, with smaller numbers.")

    def __repr__(self) -> str:
        return f"Task {self.name} ({self.title}; level {self.level})\n\n{self.text}\n\n{self.judge.how}"

    def _repr_markdown_(self) -> str:
        return f"**Task {self.name}** ({self.title}; level {self.level})\n\n{self.statement}\n\n*{self.judge.how}*"


@final
@dataclass(frozen=True, slots=True, repr=False)
class Hint:
    """One hint of several."""

    number: int
    of: int
    said: Prose

    def __repr__(self) -> str:
        return f"Hint {self.number} of {self.of}: {self.said.plain}"

    def _repr_markdown_(self) -> str:
        return f"**Hint {self.number} of {self.of}:** {self.said.markdown}"
