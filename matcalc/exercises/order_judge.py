"""The judge of orders: factors that are named by letters, to be put into the order and with the transposes that make the derivative."""

from __future__ import annotations

import re
from ast import literal_eval
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import Any, final

from matcalc.errors import ReadError, UnknownNameError
from matcalc.exercises.answer_text import LONGEST, sides_of
from matcalc.exercises.asked import Asked
from matcalc.exercises.feedback import Feedback
from matcalc.exercises.left_sides import is_left, sides_to_judge
from matcalc.language.expressions import Expr, MatMul, Symbol, Transpose
from matcalc.language.sizes import rows_and_columns
from matcalc.layout.order_report import OrdersReport, OrderVerdict
from matcalc.orders import orders
from matcalc.printing.messages import message_in_text

MOST_RIGHT = 64
MOST_FACTORS = 60
_STYLED = re.compile(r"\\(?:mathbf|boldsymbol|mathrm|bm)\s*\{([^{}]*)\}")
_STYLE = re.compile(r"\\(?:mathbf|boldsymbol|mathrm|bm)\s*(?=[A-Za-z])")
_TRANSPOSE = re.compile(r"\s*(?:\^\s*\{?\s*(?:\\top|\\intercal|\\mathsf\s*\{T\}|\\mathrm\s*\{T\}|T|\\prime)\s*\}?|\.T\b|')")
_NAME = re.compile(r"([A-Za-z]+)\s*_?\s*\{?\s*(\d*)\s*\}?")
_BETWEEN = re.compile(r"(?:\s|@|\*|·|,|\\cdot|\\,|\\;|\\times|\\left|\\right)*")

Word = tuple[tuple[int, bool], ...]  # factors by their number, and whether each stands transposed


@final
@dataclass(frozen=True, slots=True)
class Letter:
    """A factor under a letter.

    Attributes:
        name: plain, as ``F_2``.
        factor: the position of the factor in the true product of the derivation.
        turned: whether the letter is the transpose of the factor, as where it is laid out in the other layout.
        matrix: a symbol of its name and shape.
    """

    name: str
    factor: int
    turned: bool
    matrix: Expr


@final
@dataclass(frozen=True)
class OrderJudge:
    """Judges the order of the factors of a chain."""

    asked: Asked
    letters: tuple[Letter, ...]

    @property
    def names(self) -> dict[str, Any]:
        """The factors, by name."""
        return {letter.name: letter.matrix for letter in self.letters}

    @property
    def how(self) -> str:
        """How to answer."""
        first, second = self.letters[:2]
        return (
            f'Answer with all factors from left to right, such as "{first.name} {second.name}^T", as a list of names, or as a product of '
            "the matrices in `task.names`."
        )

    @cached_property
    def report(self) -> OrdersReport:
        """All arrangements of the factors, counted."""
        return orders(self.asked.of, self.asked.wrt, layout=self.asked.layout)

    def judged(self, answer: Any) -> Feedback:
        """What is said of an order."""
        try:
            sides = self._sides(answer)
            if isinstance(sides, Feedback):
                return sides
            words = [tuple(islice(self._written(side), MOST_FACTORS + 1)) for side in sides]
        except UnknownNameError as error:
            return Feedback.wrong("unknown-symbol", str(error))
        except ReadError as error:
            return Feedback.wrong("unreadable", str(error))
        found = [self._of_word(word) for word in words]
        return next((each for each in found if not each.ok), found[-1])

    def _of_word(self, written: Word) -> Feedback:
        if len(written) > MOST_FACTORS:
            return Feedback.wrong("extra-factor", f"More than {MOST_FACTORS} factors stand there; the chain has {len(self.letters)}.")
        counted = Counter(letter for letter, _ in written)
        lost = [each.name for k, each in enumerate(self.letters) if not counted[k]]
        more = [each.name for k, each in enumerate(self.letters) if counted[k] > 1]
        if more:
            return Feedback.wrong("extra-factor", f"{', '.join(more)} stands there more than once.")
        if lost:
            return Feedback.wrong("missing-factor", f"{len(written)} of {len(self.letters)} factors stand there.")
        return self._of_order(written)

    def _of_order(self, written: Word) -> Feedback:
        word = self._word(written)
        row = self.report.row(self._as_row(word))
        if row.verdict is OrderVerdict.RIGHT:
            return Feedback.right()
        misfit, kinds = self._misfit(written), self._kinds(word)
        said = f"{self._shown(written)} is {misfit}." if misfit else "Every shape fits, but the value is another one."
        return Feedback.wrong(kinds[0], said, kinds=kinds)

    def _kinds(self, word: Word) -> tuple[str, ...]:
        """What differs from a right order: the order, the transposes, or both; or all of it is turned round."""
        if self.report.row(self._as_row(turned_round(word))).verdict is OrderVerdict.RIGHT:
            return ("other-layout",)
        right = list(islice(self._right(), MOST_RIGHT))
        if any([factor for factor, _ in each] == [factor for factor, _ in word] for each in right):
            return ("transpose",)
        if any(dict(each) == dict(word) for each in right):
            return ("order",)
        return ("order", "transpose")

    def _right(self) -> Iterator[Word]:
        for arrangement in self.report.ordering.right_arrangements():
            yield tuple((int(factor), bool(turned)) for factor, turned in arrangement)

    def _word(self, written: Word) -> Word:
        """An order of letters as one of factors."""
        return tuple((self.letters[k].factor, turned != self.letters[k].turned) for k, turned in written)

    def _as_row(self, word: Word) -> list[tuple[str, bool]]:
        """An order of factors as `OrdersReport.row` takes it; the letters that are 1 x 1 stand as they are."""
        return [(self.report.factors[factor], turned) for factor, turned in word]

    # ---- sizes -------------------------------------------------------------------------------------------------------

    def _shown(self, written: Word) -> str:
        return " ".join(self.letters[k].name + ("^T" if turned else "") for k, turned in written)

    def _misfit(self, written: Word) -> str:
        """The first joint that does not fit, or the shape of all of it if that is not the one asked for."""
        shapes = []
        for k, turned in written:
            rows, columns = rows_and_columns(self.letters[k].matrix.shape)
            shapes.append((columns, rows) if turned else (rows, columns))
        for (left, one), (right, other) in pairwise(zip(shapes, written, strict=True)):
            if left[1] != right[0]:
                ends = _counted(left[1], "column"), _counted(right[0], "row")
                return f"no product: {self._shown((one,))} has {ends[0]}, {self._shown((other,))} has {ends[1]}"
        whole, wanted = (shapes[0][0], shapes[-1][1]), rows_and_columns(self.asked.shape)  # type: ignore[arg-type]
        return "" if whole == wanted else f"{whole[0]} x {whole[1]}, asked for is {wanted[0]} x {wanted[1]}"

    # ---- reading -----------------------------------------------------------------------------------------------------

    def _sides(self, answer: Any) -> list[Any] | Feedback:
        """The orders that an answer claims to be equal: one, or all sides of an equality but what is asked for."""
        if not isinstance(answer, str):
            return [answer]
        listed = _list_in(answer)
        if listed is not None:
            return [listed]
        sides = sides_to_judge(answer, self.asked)
        if isinstance(sides, Feedback):
            return sides
        names = ", ".join(letter.name for letter in self.letters)
        return Feedback.wrong("unsolved", f"Write the names {names}.") if any(is_left(side, self.asked) for side in sides) else sides

    def _written(self, answer: Any) -> Iterator[tuple[int, bool]]:
        """The letters of an answer from left to right, each with whether it stands transposed."""
        if isinstance(answer, str):
            yield from self._of_text(answer)
        elif isinstance(answer, Expr):
            yield from self._of_product(answer, False)
        elif isinstance(answer, Sequence):
            for item in answer:
                match item:
                    case str(text):
                        yield from self._of_text(*sides_of(text)[:1])
                    case (str(name), bool(turned)):
                        yield self._letter(name), turned
                    case Expr():
                        yield from self._of_product(item, False)
                    case _:
                        raise ReadError(f"{item!r:.60} is no factor: write its name.")
        else:
            raise ReadError(f"An order is a text or a list of names; this is of the type {type(answer).__name__}.")

    def _of_product(self, node: Expr, turned: bool, depth: int = 0) -> Iterator[tuple[int, bool]]:
        if depth > MOST_FACTORS:
            raise ReadError(f"The product has more than {MOST_FACTORS} factors; the chain has {len(self.letters)}.")
        match node:
            case Symbol(name=name):
                yield self._letter(name), turned
            case Transpose(argument=argument):
                yield from self._of_product(argument, not turned, depth + 1)
            case MatMul(left=left, right=right):
                for part in (right, left) if turned else (left, right):
                    yield from self._of_product(part, turned, depth + 1)
            case _:
                raise ReadError(f"{node!r:.60} is no product of the factors.")

    def _of_text(self, text: str) -> Iterator[tuple[int, bool]]:
        bare = _STYLE.sub("", _STYLED.sub(r"\1", text))
        found, at = self._product(bare, 0)
        if at < len(bare):
            rest = message_in_text(bare[at:])
            raise ReadError(f"{rest!r:.40} could not be read; write the names of the factors with spaces between them.")
        yield from found

    def _product(self, text: str, at: int) -> tuple[Word, int]:
        """The product that begins at a place, and where it ends."""
        made: list[tuple[int, bool]] = []
        while True:
            at = _found_end(_BETWEEN, text, at)
            if text[at : at + 1] == "(":
                inside, end = self._product(text, at + 1)
                if text[end : end + 1] != ")":
                    raise ReadError("A bracket is never closed.")
                unit, at = list(inside), end + 1
            else:
                name = _NAME.match(text, at)
                if name is None or not name[0].strip():
                    return tuple(made), at
                unit, at = [(self._letter(f"{name[1]}{name[2]}"), False)], at + len(name[0].rstrip())
            while (sign := _TRANSPOSE.match(text, at)) is not None:
                unit, at = list(turned_round(tuple(unit))), sign.end()
            made += unit

    def _letter(self, name: str) -> int:
        wanted = re.sub(r"[_{}\s]", "", _STYLED.sub(r"\1", name))
        for k, letter in enumerate(self.letters):
            if letter.name.replace("_", "") == wanted:
                return k
        listed = ", ".join(letter.name for letter in self.letters)
        raise UnknownNameError(f"{name!r} is none of the factors {listed}.")


def _counted(count: object, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _list_in(text: str) -> list[Any] | None:
    """The list that a text writes as Python does, with its names in quotes; None where it writes none."""
    if not text.lstrip().startswith(("[", "(", "'", '"')) or len(text) > LONGEST:
        return None
    sides_of(text)  # refuses what is nested too deeply to be read
    try:
        found = literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError):
        return None
    return [found] if isinstance(found, str) else list(found) if isinstance(found, list | tuple) else None


def turned_round(word: Word) -> Word:
    """The transpose of a product: from its end, each factor the other way."""
    return tuple((factor, not turned) for factor, turned in reversed(word))


def _found_end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
