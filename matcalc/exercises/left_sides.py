"""The left side of an answer that is an equality: whether it is what is asked for, and what stands on the other sides."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.carrying_out import carried_out
from matcalc.equality import prove_equal
from matcalc.errors import MatcalcError
from matcalc.exercises.answer_text import latex_of_plain, sides_of
from matcalc.exercises.asked import Asked, Rewriting, read_answer
from matcalc.exercises.feedback import Feedback
from matcalc.language.expressions import Derivative, Expr
from matcalc.language.model import Model
from matcalc.language.traversal import postorder


def sides_to_judge(text: str, asked: Asked | Rewriting) -> list[str] | Feedback:
    """All sides but the one that is what is asked for; what is said where it is lacking in an equality.

    Raises:
        ReadError: the text is empty or too long.
    """
    sides = sides_of(text)
    if len(sides) == 1:
        return sides
    if not sides[0] or is_left(sides[0], asked):
        return sides[1:]
    if is_left(sides[-1], asked):
        return sides[-2::-1]
    return Feedback.wrong("left-side", f"What is asked for is {asked.left.text}.")


def is_left(text: str, asked: Asked | Rewriting) -> bool:
    """Whether a side is what is asked for, written as a derivative or as it stands in the task."""
    return is_same_left(text, asked.left.latex, asked.left.text, asked.model, asked.layout)


def is_same_left(text: str, own: str, printed: str, model: Model, layout: str | None) -> bool:
    """Whether one left side is the other one, which is printed so: the same text or expression, or a derivative of the same value."""
    if _letters(text) == _letters(latex_of_plain(printed)):
        return True
    try:
        read, wanted = (read_answer(each, model, layout) for each in (text, own))
        if read == wanted or not derivatives_in([read]):
            return bool(read == wanted)
        return prove_equal(carried_out(read), carried_out(wanted)).verdict == "equal"
    except MatcalcError:
        return False


def _letters(text: str) -> str:
    """A left side without spaces, its derivatives written with d."""
    return "".join(text.replace(r"\partial", "d").split())


def derivatives_in(roots: Iterable[Expr]) -> set[tuple[Expr, Expr]]:
    """What is derived by what, of the derivatives that are written there."""
    return {(node.of, node.by) for node in postorder(roots) if isinstance(node, Derivative)}
