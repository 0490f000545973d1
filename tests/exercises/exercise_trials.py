"""What the checks of tasks make of right answers in several forms and of typical wrong ones: used by the tests and by the long run.

A wrong answer that happens to be right is told by numbers: both sides are evaluated at sizes that are distinct primes, which does not go
through `prove_equal`. Those are left out.
"""

from __future__ import annotations

import inspect
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, final

import numpy as np

import matcalc as mc
from matcalc.errors import MatcalcError
from matcalc.exercises import KINDS, Feedback, Task, generate
from matcalc.exercises.asked import Asked, Rewriting, pushed
from matcalc.exercises.canonical import canonical
from matcalc.exercises.formula_judge import FormulaJudge
from matcalc.exercises.layout_judge import LayoutJudge
from matcalc.exercises.order_judge import OrderJudge
from matcalc.exercises.slip_judge import SlipJudge
from matcalc.language.expressions import Expr
from matcalc.layout.conventions import Layout
from matcalc.layout.conversion import converted
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import values_of
from matcalc.printing.latex_text import latex_in_text
from tests.exercises.wrong_answers import Mistake, Word, mistakes, wrong_formulas, wrong_orders, wrong_slips

EACH = 100  # tasks of each kind
TRIALS = EACH * len(KINDS)
MOST_WRONG = 5
TOLERANCE = 1e-7
MOST_ALIKE = 0.05
ENOUGH_NAMED = 0.9
MOST_WITH_FEW = 0.01


@final
@dataclass
class Found:
    """What was found of one task.

    Attributes:
        outcomes: how often each was met.
        wrong: what must not be, in words.
        short: what counts against a share, in words.
        seconds: of each check, by what it was of.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
    seconds: list[tuple[str, float]] = field(default_factory=list)


def trial(seed: int) -> Found:
    """One generated task with its right answers and its wrong ones."""
    made = task_of(seed)
    found = Found()
    found.outcomes[f"tasks: {made.kind}"] += 1
    forms = list(right_forms(made))
    if len(forms) < 3:
        found.wrong.append(f"{made.name}: only {len(forms)} right forms")
    for name, answer in forms:
        said = _timed(made, answer, found, "right")
        found.outcomes["right answers"] += 1
        if not said.ok:
            found.wrong.append(f"{made.name}: the right answer as {name} is refused: {_shown(answer)}: {said!r}")
    refused = 0
    for mistake, answer in wrong_answers(made, seed):
        if refused == MOST_WRONG:
            break
        if is_right_by_numbers(made, answer):
            found.outcomes["changed and still right"] += 1
            continue
        refused += 1
        _judged_wrong(made, mistake, answer, found)
    found.outcomes["tasks without five wrong answers"] += refused < MOST_WRONG
    return found


def _judged_wrong(made: Task, mistake: Mistake, answer: Any, found: Found) -> None:
    said = _timed(made, answer, found, "wrong")
    found.outcomes["wrong answers"] += 1
    if said.ok:
        found.wrong.append(f"{made.name}: a wrong answer is accepted ({mistake.change}): {_shown(answer)}")
        return
    if _tells(said, made, answer):
        found.wrong.append(f"{made.name}: the message tells the answer: {said.message}")
    if said.kind in mistake.kinds:
        found.outcomes["the kind of the file"] += 1
    elif set(said.kinds) & set(mistake.kinds):
        found.outcomes["the kind of the file, not first"] += 1
        found.short.append(f"{made.name}: {mistake.change}: not first: {said.kinds}: {_shown(answer)}")
    else:
        found.outcomes[f"another kind: {said.kind}"] += 1
        found.short.append(f"{made.name}: {mistake.change}: {said.kinds}: {_shown(answer)}: {said.message}")


def _tells(said: Feedback, made: Task, answer: Any) -> bool:
    """Whether the right answer stands in what is said of a wrong one, and not in the wrong one itself."""
    judge = made.judge
    if not isinstance(judge, FormulaJudge):
        return False
    right = pushed(judge.asked.value)
    texts = {"".join(form.split()) for form in (repr(right), right.latex(), latex_in_text(right.latex()))}
    message, own = ("".join(text.split()) for text in (said.message, f"{answer} {latex_in_text(str(answer))}"))
    return any(text in message and text not in own for text in texts)


def _timed(made: Task, answer: Any, found: Found, what: str) -> Feedback:
    start = time.process_time()
    said = made.check(answer)
    found.seconds.append((what, time.process_time() - start))
    return said


def _shown(answer: Any) -> str:
    return answer if isinstance(answer, str) else repr(answer)


@cache
def task_of(seed: int) -> Task:
    """The tasks of all kinds by turns."""
    return generate(KINDS[seed % len(KINDS)], seed // len(KINDS))


def lacking(outcomes: Counter[str]) -> list[str]:
    """What all trials together fall short of."""
    found = []
    wrong = outcomes["wrong answers"]
    named = outcomes["the kind of the file"] + outcomes["the kind of the file, not first"]
    if named < ENOUGH_NAMED * wrong:
        found.append(f"{named} of {wrong} wrong answers have the kind of the file, wanted {ENOUGH_NAMED:.0%}")
    count = sum(outcomes[f"tasks: {kind}"] for kind in KINDS)
    few = outcomes["tasks without five wrong answers"]
    if few > MOST_WITH_FEW * count:
        found.append(f"{few} of {count} tasks have fewer than five wrong answers, at most {MOST_WITH_FEW:.0%} wanted")
    same = alike(count)
    if same > MOST_ALIKE * count:
        found.append(f"{same} of {count} tasks are equal up to renaming, at most {MOST_ALIKE:.0%} wanted")
    return found


def alike(count: int) -> int:
    """How many of the first tasks are equal to an earlier one up to renaming."""
    return count - len({canonical(task_of(seed)) for seed in range(count)})


# ---- right answers ---------------------------------------------------------------------------------------------------


def right_forms(made: Task) -> Iterator[tuple[str, Any]]:
    """The right answer in three different forms."""
    judge = made.judge
    match judge:
        case FormulaJudge(asked=Asked() as asked):
            yield from _forms_of_derivative(asked, judge.pushed)
        case FormulaJudge(asked=Rewriting(value=value)):
            right = pushed(value)
            yield "LaTeX", right.latex()
            yield "an expression", right
            yield "an equation", f"$${judge.asked.left.latex} = {_rebracketed(right)}$$"
        case OrderJudge():
            word = right_order(judge)
            yield "text", " ".join(f"{name}^T" if turned else name for name, turned in word)
            yield "pairs", word
            yield "LaTeX", " ".join(rf"\mathbf{{{name[0]}}}_{{{name[2:]}}}" + (r"^{\top}" if turned else "") for name, turned in word)
        case LayoutJudge():
            layout = judge.detected.layout
            yield from (("a word", layout), ("capitals", f"{layout.capitalize()} layout"), ("a sentence", f" {layout.upper()}-layout."))
        case SlipJudge():
            link, number = judge.slip, judge.report.links.index(judge.slip) + 1
            repair = link.repairs[0]
            yield "a number", number
            yield "words", f"Line {number}"
            yield "with its kind and the line", (number, repair.kinds[0], repair.latex if repair.side == "right" else None)


def _forms_of_derivative(asked: Asked, pushed: bool) -> Iterator[tuple[str, Any]]:
    value = asked.value
    yield "LaTeX", value.latex()
    other = mc.derive(asked.of, asked.wrt, layout=asked.layout, style="diag").result if not asked.by_vec and not pushed else value
    other = other if other != value else value if pushed else converted(value, Layout(asked.layout)).T
    yield "another form", f"{asked.left.latex} = {other.latex()}"
    if pushed:
        yield "an expression", value
    else:
        yield "a function", _function(asked)


def _rebracketed(value: Expr) -> str:
    return rf"\left({value.latex()}\right)"


def _function(asked: Asked) -> Any:
    """The code that is generated for the result, as a function of all quantities."""
    source = mc.numpy_source(asked.value)
    made = mc.to_numpy(asked.value)
    arguments = source[source.index("def value(") + len("def value(") :].partition(")")[0].replace("*,", "").split(",")
    wanted = [each.strip() for each in arguments if each.strip() not in ("", "*")]

    def answer(*given: Any, **named: Any) -> Any:
        return made(**dict(zip(wanted, given, strict=False)), **named)

    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in wanted]
    answer.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return answer


def right_order(judge: OrderJudge) -> Word:
    """A right order, in letters."""
    by_factor = {letter.factor: letter for letter in judge.letters}
    arrangement = next(iter(judge.report.ordering.right_arrangements()))
    return [(by_factor[factor].name, turned != by_factor[factor].turned) for factor, turned in arrangement]


# ---- wrong answers ---------------------------------------------------------------------------------------------------


def wrong_answers(made: Task, seed: int) -> Iterator[tuple[Mistake, Any]]:
    """Typical wrong answers, each with the mistake that was made."""
    judge, rng = made.judge, random.Random(seed)
    match judge:
        case FormulaJudge(asked=Asked() as asked):
            other = Asked(asked.of, asked.wrt, "denominator" if asked.layout == "numerator" else "numerator", asked.by_vec).value
            yield from wrong_formulas(asked.value, other, made.names, rng)
        case FormulaJudge(asked=Rewriting(given=given, value=value)):
            yield from wrong_formulas(pushed(value), given, made.names, rng)
        case OrderJudge():
            listed = list(wrong_orders(right_order(judge), rng))
            rng.shuffle(listed)
            yield from listed
        case LayoutJudge():
            yield from ((mistake, mistake.answer) for mistake in mistakes("layout") if mistake.answer != judge.detected.layout)
        case SlipJudge():
            number = judge.report.links.index(judge.slip) + 1
            yield from wrong_slips(number, len(judge.lines), judge.slip, judge.left_of(judge.slip))


# ---- numbers ---------------------------------------------------------------------------------------------------------


def is_right_by_numbers(made: Task, answer: Any) -> bool:
    """Whether an answer has the value of the right one, at random data of distinct prime sizes."""
    match made.judge:
        case FormulaJudge(asked=asked):
            try:
                read = asked.model.read(str(answer), layout=asked.layout)
            except MatcalcError:
                return False
            return read.shape == asked.value.shape and equal_in_numbers(read, asked.value)
        case OrderJudge() as judge:
            return _order_is_right(judge, answer)
        case _:
            return False


def equal_in_numbers(first: Expr, second: Expr) -> bool:
    """Whether two expressions have one value at random data of distinct prime sizes, twice."""
    for seed in (3, 4):
        data = draw([first, second], np.random.default_rng(seed))
        values = values_of([first, second], data)
        left, right = values[first], values[second]
        if np.abs(left - right).max() > TOLERANCE * max(1.0, np.abs(left).max(), np.abs(right).max()):
            return False
    return True


def _order_is_right(judge: OrderJudge, word: Word) -> bool:
    """The product of the factors as arrays, against the result."""
    letters = {letter.name: letter for letter in judge.letters}
    if sorted(letters) != sorted(name for name, _ in word):
        return False
    asked = judge.asked
    chain = asked.derivation.factors if asked.layout == "numerator" else asked.derivation.factors[::-1]
    matrices = {letter.name: chain[letter.factor].matrix(asked.layout) for letter in judge.letters}
    everything = [*matrices.values(), asked.value]
    data = draw(everything, np.random.default_rng(5))
    values = values_of(everything, data)
    product: Any = None
    for name, turned in word:
        array = values[matrices[name]]
        array = array.T if turned != letters[name].turned else array
        if product is not None and product.shape[1] != array.shape[0]:
            return False
        product = array if product is None else product @ array
    wanted = values[asked.value]
    return bool(product.shape == wanted.shape and np.allclose(product, wanted, rtol=TOLERANCE, atol=TOLERANCE))

