"""The judge of answers that are formulas: right if they are proved equal to what is right, in whatever form they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, final

from matcalc.carrying_out import carried_out
from matcalc.checking import check
from matcalc.derivation import Derivation
from matcalc.derivation_check.results import KINDS, Link
from matcalc.equality import prove_equal
from matcalc.errors import DefinitionClashError, MatcalcError, ReadError, ShapeError, UnknownNameError, UnsupportedError
from matcalc.exercises.answer_text import MOST_NAMES, count_of_names, deepest
from matcalc.exercises.asked import Asked, Rewriting, names_of, read_answer
from matcalc.exercises.constants import kinds_of_scaling
from matcalc.exercises.feedback import SENTENCES, Feedback
from matcalc.exercises.functions import judged_function
from matcalc.exercises.left_sides import sides_to_judge
from matcalc.language.building import lift
from matcalc.language.expressions import (
    Add, Derivative, Divide, Expr, Hadamard, Kron, MapDerivative, MatMul, Negate, Scale, Subtract, Transpose,
)  # fmt: skip
from matcalc.language.sizes import rows_and_columns
from matcalc.language.traversal import postorder, with_operands
from matcalc.printing.messages import message_in_text

LATEX = "Answer in LaTeX or as a matcalc expression of the names in `task.names`"
MOST_TERMS = 12
MOST_DIAGNOSED = 24
MOST_DIAGNOSED_NESTED = 9
MOST_PARTS = 400
MOST_KRONS = 3  # each one multiplies the sizes
_LEFT_OPEN = re.compile(r"\?[a-z]+\d+")  # a size that the reader has not found
# What the checker says of two sides, in the words of a task.
_IN_WORDS_OF_A_TASK = (
    (re.compile(r"The values of the two sides differ\.\s*"), ""),
    (re.compile(r"The right side is the transpose of what is right in this layout\.\s*"), ""),
    (re.compile(r"The left side leaves .+? free, the right side .+"), "Indices stand there; the answer is one without indices."),
    (re.compile(r"The left side is ([^,.]+), the right side ([^,.]+)\."), r"The answer is \2, asked for is \1."),
)
_REFUSED_AS = (
    (ShapeError, "ill-shaped"), (UnknownNameError, "unknown-symbol"), (DefinitionClashError, "unknown-symbol"), (ReadError, "unreadable"),
)  # fmt: skip


@final
@dataclass(frozen=True)
class FormulaJudge:
    """Judges a formula, or a function of arrays.

    Attributes:
        asked: what is asked for.
        pushed: whether every transpose has to stand at a single factor, as where transposing is what is asked.
    """

    asked: Asked | Rewriting
    pushed: bool = False

    @property
    def names(self) -> dict[str, Any]:
        """The quantities and functions of the task, by plain name."""
        return names_of(self.asked.model)

    @property
    def how(self) -> str:
        """How to answer."""
        return f"{LATEX}, or as a function of arrays." if self._takes_functions else f"{LATEX}."

    @property
    def _takes_functions(self) -> bool:
        return isinstance(self.asked, Asked) and not self.pushed

    def judged(self, answer: Any) -> Feedback:
        """What is said of an answer."""
        if isinstance(answer, str):
            return self._of_text(answer)
        if isinstance(answer, Derivation):
            answer = answer.result
        if isinstance(answer, Expr) or isinstance(answer, int | float) and not isinstance(answer, bool):
            try:
                return self._of_expression(lift(answer), "")
            except MatcalcError as error:
                return _refused(error)
        if callable(answer) and not isinstance(answer, type):
            if isinstance(self.asked, Asked) and self._takes_functions:
                return judged_function(answer, self.asked)
            return Feedback.wrong("unreadable", "This task asks for a formula, not for a function of arrays.")
        return Feedback.wrong("unreadable", f"An answer is a text, an expression or a function, and no {type(answer).__name__}.")

    # ---- texts -------------------------------------------------------------------------------------------------------

    def _of_text(self, text: str) -> Feedback:
        try:
            count = count_of_names(text, self.names)
            if count > MOST_NAMES:
                raise ReadError(f"About {count} names stand in the answer; at most {MOST_NAMES} are read. Write it shorter.")
            sides = sides_to_judge(text, self.asked)
        except ReadError as error:
            return Feedback.wrong("unreadable", str(error))
        if isinstance(sides, Feedback):
            return sides
        for side in sides[:-1]:  # steps on the way: derivatives may stand in them
            found = self._of_side(side)
            if not found.ok and not (found.kind == "unsolved" and self._is_a_step(side)):
                return found
        return self._of_side(sides[-1]) if sides else Feedback.wrong("unreadable")

    def _is_a_step(self, text: str) -> bool:
        """Whether a side in which derivatives are only written is what is right once they are carried out."""
        try:
            read = carried_out(read_answer(text, self.asked.model, self.asked.layout))
            return bool(prove_equal(read, self.asked.value).verdict == "equal")
        except MatcalcError:
            return False

    def _of_side(self, text: str) -> Feedback:
        try:
            read = read_answer(text, self.asked.model, self.asked.layout)
        except (ReadError, UnknownNameError, UnsupportedError) as error:
            return _refused(error)
        except MatcalcError as error:
            refused = _refused(error)
            return refused if refused.kind == "unreadable" else self._diagnosed(text, lambda: refused)
        return self._of_expression(read, text)

    # ---- expressions -------------------------------------------------------------------------------------------------

    def _of_expression(self, answer: Expr, text: str) -> Feedback:
        """What is said of an expression, and of its text if it was written as one."""
        for kind, most, said in ((Expr, MOST_PARTS, "parts"), (Kron, MOST_KRONS, "Kronecker products")):
            if _parts(answer, kind) > most:
                return Feedback.wrong("unreadable", f"The answer has more than {most} {said}. Write it shorter.")
        if self._is_unsolved(answer):
            return Feedback.wrong("unsolved")
        try:
            worked_out = carried_out(answer)
            proof = prove_equal(worked_out, self.asked.value)
        except MatcalcError as error:
            return _refused(error)
        if proof.verdict == "equal":
            if self.pushed and _has_product_in_transpose(answer):
                return Feedback(False, "transpose", "The value is right, but a transpose still stands around a product.", ("transpose",))
            return Feedback.right()
        if proof.verdict == "undecided":
            return Feedback.wrong("undecided", message_in_text(str(proof.reason)).rstrip(".") + ".")
        if self._lacks_a_term(worked_out):
            return Feedback.wrong("missing-term")
        found = self._diagnosed(text or answer.latex(), lambda: self._differs(answer))
        if found.kind == "missing-factor" and answer.shape == self.asked.shape:
            kinds = kinds_of_scaling(worked_out, self.asked.value)
            return Feedback.wrong(kinds[0], kinds=kinds) if kinds else found
        return found

    def _is_unsolved(self, answer: Expr) -> bool:
        """Whether a derivative stands in it that can be carried out: one of an unknown function by its argument cannot."""
        for node in postorder([answer]):
            if isinstance(node, Derivative):
                try:
                    done = carried_out(node)
                except MatcalcError:  # it has no matrix form: whatever it is worth, it is not worked out
                    return True
                bare = done.argument if isinstance(done, Transpose) else done
                if not isinstance(bare, MapDerivative):
                    return True
            if self.pushed and isinstance(self.asked, Rewriting) and node == self.asked.given.T:
                return True
        return False

    def _differs(self, answer: Expr) -> Feedback:
        if answer.shape == self.asked.shape:
            return Feedback.wrong("wrong-value")
        return Feedback.wrong("ill-shaped", self._wanted_shape(answer))

    def _lacks_a_term(self, answer: Expr) -> bool:
        """Whether the answer is what is right without one of the terms of its sums, or of them multiplied out."""
        right = self.asked.value
        if answer.shape != right.shape:
            return False
        terms = _terms(right)
        shorter = [right - term for term in terms if len(terms) > 1]
        shorter = [*islice(_without_a_term(right), 2 * MOST_TERMS), *shorter]
        lost = any(prove_equal(answer, each).verdict == "equal" for each in shorter)
        return lost and prove_equal(2 * answer, right).verdict != "equal"  # of two equal terms one is half of both

    def _wanted_shape(self, answer: Expr) -> str:
        if len(self.asked.shape) > 2:
            return ""
        wanted, found = (" x ".join(map(str, rows_and_columns(shape))) for shape in (self.asked.shape, answer.shape))  # type: ignore[arg-type]
        return f"The answer is {found}, asked for is {wanted}." if wanted != found else ""

    # ---- the kind of the mistake -------------------------------------------------------------------------------------

    def _diagnosed(self, text: str, otherwise: Callable[[], Feedback]) -> Feedback:
        """What the checker says of a wrong formula; what is said otherwise where it does not find the mistake.

        The ways to change a formula grow with the square of its length, so in a long one they are not looked for.
        """
        if is_long(text, self.names):
            return otherwise()
        try:
            links = check(f"{self.asked.left.latex} = {text}", self.asked.model, layout=self.asked.layout).links
        except MatcalcError:
            return otherwise()
        if len(links) != 1 or links[0].verdict not in SENTENCES:
            return otherwise()
        return feedback_of(links[0], otherwise)


def is_long(text: str, known: Iterable[str]) -> bool:
    """Whether a formula has more ways to be changed than are tried to name a mistake."""
    long = count_of_names(text, known) > MOST_DIAGNOSED or deepest(text, "([", ")]") > MOST_DIAGNOSED_NESTED
    return long or text.count(r"\otimes") > MOST_KRONS


def _parts(answer: Expr, kind: type[Expr] = Expr) -> int:
    """How many parts of a kind an expression has where each is written out."""
    count: dict[Expr, int] = {}
    for node in postorder([answer], lambda e: e.operands):
        count[node] = isinstance(node, kind) + sum(count[each] for each in node.operands)
    return count[answer]


def feedback_of(link: Link, otherwise: Callable[[], Feedback]) -> Feedback:
    """What is said of a link that is wrong."""
    # Of a repair of two edits, one of which turns a factor round, the other one is the mistake: the answer as a whole is in this layout.
    each = [sorted(repair.kinds, key=lambda kind: kind == "other-layout") for repair in link.repairs]
    kinds = [kind for found in each for kind in found if kind in KINDS]
    if link.verdict == "other-layout":
        kinds = ["other-layout", *kinds]
    said = link.message
    for pattern, words in _IN_WORDS_OF_A_TASK:
        said = pattern.sub(words, said)
    if not kinds or link.verdict == "unknown-symbol":
        plain = otherwise()
        more = plain.kind != link.verdict and link.verdict != "wrong-value"
        return Feedback.wrong(link.verdict, message_in_text(said)) if more else plain
    return Feedback.wrong(kinds[0], message_in_text(said), kinds=tuple(kinds))


def _refused(error: MatcalcError) -> Feedback:
    """What is said of an answer that could not be read; the first line of the error tells why, and the last one the way out."""
    if _LEFT_OPEN.search(str(error)):
        return Feedback.wrong("unreadable", "The size of a constant does not follow from what stands beside it; write it, as in I_n.")
    kind = next((kind for type_, kind in _REFUSED_AS if isinstance(error, type_)), "unreadable")
    claim, *shown = str(error).splitlines()
    way_out = shown[-1].strip() if kind == "unreadable" and len(shown) > 2 else ""  # behind the text and its carets
    return Feedback.wrong(kind, message_in_text(f"{claim} {way_out}".strip()))


def _terms(value: Expr) -> list[Expr]:
    """The terms of an expression with its products multiplied out; of more than `MOST_TERMS` it is one."""
    match value:
        case Add(left=left, right=right):
            found = [*_terms(left), *_terms(right)]
        case Subtract(left=left, right=right):
            found = [*_terms(left), *(-term for term in _terms(right))]
        case Transpose(argument=argument):
            found = [term.T for term in _terms(argument)]
        case MatMul(left=left, right=right):
            found = [one @ other for one in _terms(left) for other in _terms(right)]
        case Hadamard(left=left, right=right) | Scale(left=left, right=right):
            found = [one * other for one in _terms(left) for other in _terms(right)]
        case Negate(argument=argument):
            found = [-term for term in _terms(argument)]
        case _:
            found = [value]
    return found if len(found) <= MOST_TERMS else [value]


def _without_a_term(value: Expr) -> Iterator[Expr]:
    """The expression without one term, in turn of each sum that stands in it."""
    if isinstance(value, Add | Subtract) and value.left.shape == value.right.shape:
        yield value.left
        yield -value.right if isinstance(value, Subtract) else value.right
    for k, part in enumerate(value.operands):
        for shorter in _without_a_term(part):
            yield with_operands(value, (*value.operands[:k], shorter, *value.operands[k + 1 :]))


def _has_product_in_transpose(answer: Expr) -> bool:
    """Whether a transpose stands around a product, or around a sum or multiple of one."""
    waiting = [node.argument for node in postorder([answer]) if isinstance(node, Transpose)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, MatMul | Hadamard | Kron):
            return True
        if isinstance(node, Add | Subtract | Negate | Scale | Divide | Transpose):
            waiting += node.operands
    return False
