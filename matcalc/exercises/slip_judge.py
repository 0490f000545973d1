"""The judge of slips: in which line of a derivation one was made, of which kind, and what the line should be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any, final

from matcalc.carrying_out import carried_out
from matcalc.checking import check
from matcalc.derivation_check.results import KINDS, Link, Report
from matcalc.equality import prove_equal
from matcalc.errors import MatcalcError, ReadError
from matcalc.exercises.answer_text import MOST_NAMES, count_of_names, sides_of
from matcalc.exercises.asked import names_of, read_answer
from matcalc.exercises.feedback import Feedback
from matcalc.exercises.formula_judge import MOST_KRONS, feedback_of, is_long
from matcalc.exercises.left_sides import derivatives_in, is_same_left
from matcalc.language.expressions import Expr
from matcalc.language.model import Model
from matcalc.printing.latex_text import latex_in_text
from matcalc.printing.messages import message_in_text

_NUMBER = re.compile(r"(?:line|zeile|step)?\s*\(?(\d+)\)?\.?", re.IGNORECASE)


@final
@dataclass(frozen=True)
class Line:
    """A line of a derivation: both sides in LaTeX; ``opens`` says whether the left side is written, or is that of the line before."""

    left: str
    right: str
    opens: bool = True


@final
@dataclass(frozen=True)
class SlipJudge:
    """Judges where the slip is.

    Attributes:
        lines: the derivation, of which one line has a slip.
        layout: that it is to be judged in.
        model: its names.
    """

    lines: tuple[Line, ...]
    layout: str
    model: Model

    @property
    def names(self) -> dict[str, Any]:
        """The quantities and functions of the derivation, by plain name."""
        return names_of(self.model)

    @property
    def how(self) -> str:
        """How to answer."""
        return 'Answer with the number of the line; with (number, kind) or (number, kind, "repaired line") you are told more.'

    @cached_property
    def report(self) -> Report:
        """What the checker finds of the lines."""
        return check(document_of(self.lines), self.model, layout=self.layout)

    @property
    def slip(self) -> Link:
        """The line that is wrong by itself."""
        (found,) = self.report.slips
        return found

    @property
    def shapes_agree(self) -> bool:
        """Whether both sides of the line of the slip have shapes, and the same ones, for all sizes."""
        sides = [_read(self.model, each, self.layout) for each in (self.left_of(self.slip), self.slip.right)]
        return None not in sides and len({side.shape for side in sides if side is not None}) == 1

    def judged(self, answer: Any) -> Feedback:
        """What is said of a number, or of a number with a kind and a repaired line."""
        parts = _parts_of(answer)
        if parts is None:
            return Feedback.wrong("unreadable", f"The lines have the numbers 1 to {len(self.lines)}.")
        number, kind, repaired = parts
        if not 1 <= number <= len(self.lines):
            return Feedback.wrong("unreadable", f"There is no line {number}: the lines have the numbers 1 to {len(self.lines)}.")
        link = self.report.links[number - 1]
        if link is not self.slip:
            why = f"Line {number} follows from the line before it." if link.follows else f"Line {number} holds."
            return Feedback.wrong("wrong-line", why)
        return self._of_kind(link, kind, repaired)

    def _of_kind(self, link: Link, kind: str | None, repaired: str | None) -> Feedback:
        kinds = {each for repair in link.repairs for each in repair.kinds} | {link.verdict}
        if kind is not None and kind not in kinds:
            known = "" if kind in KINDS else f" Kinds are {', '.join(KINDS)}."
            return Feedback.wrong("wrong-kind", known)
        if repaired is None:
            return Feedback.right(f"Of this line: {message_in_text(link.message)}")
        return self._of_repaired(link, repaired)

    def _of_repaired(self, link: Link, repaired: str) -> Feedback:
        """Whether a line is right that is to stand in place of the wrong one."""
        left = self.left_of(link)
        try:
            count = count_of_names(repaired, self.names)
            if count > MOST_NAMES:
                raise ReadError(f"About {count} names stand in the line; at most {MOST_NAMES} are read. Write it shorter.")
            first, *others = sides_of(repaired)
            if others and first and not is_same_left(first, left, latex_in_text(left), self.model, self.layout):
                return Feedback.wrong("left-side", f"That of the line is {latex_in_text(left)}.")
            found = Feedback.wrong("unreadable")
            for side in others or [first]:
                found = self._of_side(left, side)
                if not found.ok:
                    break
        except (MatcalcError, ValueError) as error:
            return Feedback.wrong("unreadable", message_in_text(str(error).splitlines()[0]))
        return found

    def _of_side(self, left: str, text: str) -> Feedback:
        """What is said of one right side."""
        if text.count(r"\otimes") > MOST_KRONS:
            raise ReadError(f"The line has more than {MOST_KRONS} Kronecker products. Write it shorter.")
        if self._has_left_again(left, text):
            return Feedback.wrong("unsolved")
        if self._is_shown_right(left, text):
            return Feedback.right()
        if is_long(text, self.names):
            return Feedback.wrong("wrong-value")
        (found,) = check(f"{left} = {text}", self.model, layout=self.layout).links
        return Feedback.wrong("undecided") if found.ok else feedback_of(found, lambda: Feedback.wrong("wrong-value"))

    def _has_left_again(self, left: str, text: str) -> bool:
        """Whether the left side stands on the right again, or a derivative that is it."""
        read, again = (_read(self.model, each, self.layout) for each in (left, text))
        if read is None or again is None:
            return False
        return read == again or bool(derivatives_in([read]) & derivatives_in([again]))

    def _is_shown_right(self, left: str, text: str) -> bool:
        """Whether a right side is proved equal to the left one, and is not the same again."""
        sides = [_read(self.model, each, self.layout) for each in (left, text)]
        if sides[0] is None or sides[1] is None or sides[0] == sides[1]:
            return False
        try:
            return bool(prove_equal(carried_out(sides[0]), carried_out(sides[1])).verdict == "equal")
        except MatcalcError:
            return False

    def left_of(self, link: Link) -> str:
        """The left side of a line, that of the lines before it where it has none."""
        place = self.report.links.index(link)
        return next(line.left for line in reversed(self.lines[: place + 1]) if line.opens)


def _read(model: Model, text: str, layout: str) -> Expr | None:
    """The expression that a text writes; None where it cannot be read."""
    try:
        return read_answer(text, model, layout)
    except MatcalcError:
        return None


def document_of(lines: Sequence[Line]) -> str:
    """The lines as one aligned display."""
    rows = [f"{line.left if line.opens else ''} &= {line.right}" for line in lines]
    return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"


def _parts_of(answer: Any) -> tuple[int, str | None, str | None] | None:
    """The number, the kind and the repaired line of an answer; None where there is no number."""
    if isinstance(answer, Mapping):
        answer = (answer.get("line"), answer.get("kind"), answer.get("repaired"))
    given = list(answer) if isinstance(answer, tuple | list) else [answer]
    if not 1 <= len(given) <= 3 or any(each is not None and not isinstance(each, str) for each in given[1:]):
        return None
    given += [None] * (3 - len(given))
    number = given[0]
    if isinstance(number, str):
        number, *more = (part.strip(" '\"") for part in number.strip().strip("()").split(",", 2))
        given[1:] = [part or None for part in more] + given[1 + len(more) :]
        found = _NUMBER.fullmatch(number)
        number = int(found[1]) if found else None
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, Integral):
        return None
    return int(number), given[1].lower() if given[1] else None, given[2]
