"""Tasks made of a quantity that is given: used for those that are generated and for those of the notebooks."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import final

from matcalc.derivation import derive
from matcalc.exercises.asked import Asked, Rewriting
from matcalc.exercises.formula_judge import FormulaJudge
from matcalc.exercises.hints import (
    hints_on, hints_on_converting, hints_on_layout, hints_on_order, hints_on_pushing, hints_on_restoring, hints_on_slip,
)  # fmt: skip
from matcalc.exercises.layout_judge import LayoutJudge
from matcalc.exercises.order_judge import Letter, OrderJudge
from matcalc.exercises.prose import Formula, Part, Prose, formula_of, prose, sizes
from matcalc.exercises.slip_judge import Line, SlipJudge, document_of
from matcalc.exercises.statements import LAYOUT_WORDS, lines_of, setting, shapes
from matcalc.exercises.tasks import Task
from matcalc.language.building import matrix, scalar, vector
from matcalc.language.expressions import Derivative, Expr
from matcalc.language.model import Model
from matcalc.language.sizes import Shape, rows_and_columns
from matcalc.layout.factors import Factor

_TURNED = re.compile(r"\^\{\\top\}|\^\\top|\\top(?=\})|\^T\b")
_EMPTY_SCRIPT = re.compile(r"\^\{\s*\}")


@final
@dataclass(frozen=True, slots=True)
class Header:
    """What every task has besides its question."""

    name: str
    level: int
    title: str


@final
@dataclass(frozen=True, slots=True)
class Written:
    """A derivative with its right side: as it is shown, in a layout."""

    of: Expr
    wrt: Expr
    layout: str
    right: Formula

    @property
    def left(self) -> Formula:
        """The derivative as it is written."""
        written = Derivative(self.of, self.wrt, self.layout, False, derive(self.of, self.wrt, layout=self.layout).shape)
        return Formula(written.latex(), repr(written))


def result_of(of: Expr, wrt: Expr, layout: str) -> Written:
    """A derivative with its result."""
    return Written(of, wrt, layout, formula_of(derive(of, wrt, layout=layout).result))


# ---- derive ----------------------------------------------------------------------------------------------------------


def derive_task(header: Header, asked: Asked, *said: Part | Prose) -> Task:
    """Find a derivative in a layout."""
    end = "output" if asked.layout == "numerator" else "variable"
    reading = f" (vec stacks the columns; rows belong to the {end})" if asked.by_vec else ""
    question = prose(setting(asked.of, asked.wrt), *said, "\n\nFind ", asked.left, f" in **{asked.layout} layout**{reading}.")
    return Task(header.name, "derive", header.level, header.title, question, partial(hints_on, asked), FormulaJudge(asked))


# ---- transpose -------------------------------------------------------------------------------------------------------


def pushing_task(header: Header, given: Expr) -> Task:
    """Write the transpose of an expression without a transpose around a product."""
    asked = Rewriting(given)
    question = prose(shapes(given), "\n\nWrite ", asked.left, " so that no transpose stands around a product.")
    judge = FormulaJudge(asked, pushed=True)
    return Task(header.name, "transpose", header.level, header.title, question, partial(hints_on_pushing, given), judge)


def converting_task(header: Header, asked: Asked) -> Task:
    """Write in one layout what is given in the other."""
    other = "denominator" if asked.layout == "numerator" else "numerator"
    given = result_of(asked.of, asked.wrt, other)
    line = Formula(f"{given.left.latex} = {given.right.latex}", f"{given.left.text} = {given.right.text}")
    question = prose(
        setting(asked.of, asked.wrt), f"\n\nIn {other} layout ", line,
        f". Write it in **{asked.layout} layout**, so that no transpose stands around a product.",
    )  # fmt: skip
    judge = FormulaJudge(asked, pushed=True)
    return Task(header.name, "transpose", header.level, header.title, question, partial(hints_on_converting, asked), judge)


def lost_transposes(shown: Formula) -> Formula:
    """A formula with every transpose left out."""
    return Formula(_EMPTY_SCRIPT.sub("", _TURNED.sub("", shown.latex)), _TURNED.sub("", shown.text))


def restoring_task(header: Header, asked: Asked) -> Task:
    """Put back the transposes that were left out of a right line."""
    shown = lost_transposes(formula_of(asked.value))
    line = Formula(f"{asked.left.latex} = {shown.latex}", f"{asked.left.text} = {shown.text}")
    question = prose(
        setting(asked.of, asked.wrt), f"\n\nThis line is meant in **{asked.layout} layout**, and every transpose was left out of it: ",
        line, ". Write the right side with its transposes.",
    )  # fmt: skip
    return Task(header.name, "transpose", header.level, header.title, question, partial(hints_on_restoring, asked), FormulaJudge(asked))


# ---- order -----------------------------------------------------------------------------------------------------------


def letters_of(asked: Asked, given: Sequence[str], order: Sequence[int]) -> tuple[Letter, ...]:
    """The factors of a chain under letters F_1, F_2, ...

    Args:
        given: for each factor of the chain, output first, the layout that it is laid out in.
        order: the place in the chain of F_1, of F_2 and so on.
    """
    factors = asked.derivation.factors
    made = []
    for number, place in enumerate(order, 1):
        shape = factors[place].shape(given[place])
        position = place if asked.layout == "numerator" else len(factors) - 1 - place
        made.append(Letter(f"F_{number}", position, given[place] != asked.layout, _named(f"F_{number}", shape)))
    return tuple(made)


def _named(name: str, shape: Shape) -> Expr:
    if not shape:
        return scalar(name)
    return vector(name, shape[0]) if len(shape) == 1 else matrix(name, *shape)


def order_task(header: Header, asked: Asked, given: Sequence[str], order: Sequence[int]) -> Task:
    """Put the factors of a chain into the order that makes the derivative."""
    judge = OrderJudge(asked, letters_of(asked, given, order))
    factors = asked.derivation.factors
    rows = [_factor_line(letter, factors[place], given[place]) for letter, place in zip(judge.letters, order, strict=True)]
    question = prose(
        setting(asked.of, asked.wrt), "\n\nThe factors of the chain are\n\n", *rows,
        "\nWhich product of all of them, each as it is or transposed, is ", asked.left, f" in **{asked.layout} layout**?",
    )  # fmt: skip
    return Task(header.name, "order", header.level, header.title, question, partial(hints_on_order, asked), judge)


def _factor_line(letter: Letter, factor: Factor, layout: str) -> Prose:
    name = factor.name(layout)
    rows, columns = rows_and_columns(letter.matrix.shape)
    named = Formula(f"{letter.matrix.latex()} = {name.latex()}", f"{letter.name} = {name!r}")
    return prose("- ", named, f" in {layout} layout, ", sizes(rows, columns), "\n")


# ---- layout ----------------------------------------------------------------------------------------------------------


def layout_task(header: Header, lines: Sequence[Written]) -> Task:
    """Tell the layout in which lines are written."""
    roots = [line.of for line in lines]
    model = Model(names=list(dict.fromkeys(roots)))
    document = document_of([Line(line.left.latex, line.right.latex) for line in lines])
    question = prose(
        setting(*roots), "\n\nA text writes\n\n", lines_of([(line.left, line.right) for line in lines]),
        "\nIn which layout? It is numerator, denominator, mixed (gradients in the shape of their variable, Jacobians in numerator "
        "layout), or contradictory: in no layout all of it holds.",
    )  # fmt: skip
    judge = LayoutJudge(document, model)
    return Task(header.name, "layout", header.level, header.title, question, partial(hints_on_layout, judge, roots), judge)


# ---- slip ------------------------------------------------------------------------------------------------------------


def slip_task(header: Header, roots: Sequence[Expr], lines: Sequence[tuple[Formula, Formula]], layout: str) -> Task:
    """Find the line with the slip; a line without a left side goes on from the one before."""
    model = Model(names=list(roots))
    judged = tuple(Line(left.latex, right.latex, bool(left.latex)) for left, right in lines)
    question = prose(
        setting(*roots), f"\n\nThis derivation is meant in **{LAYOUT_WORDS[layout]}**, and one line has a slip:\n\n", lines_of(lines),
        "\nWhich line is it? Each line is judged by itself; where it goes on from the one before, as a step from there.",
    )  # fmt: skip
    judge = SlipJudge(judged, layout, model)
    return Task(header.name, "slip", header.level, header.title, question, partial(hints_on_slip, judge), judge)


def shuffled(count: int, rng: random.Random) -> list[int]:
    """The numbers from 0 in an order that is neither theirs nor theirs from the end, where there is another one."""
    while True:
        order = rng.sample(range(count), count)
        if count < 3 or order not in (list(range(count)), list(range(count))[::-1]):
            return order
