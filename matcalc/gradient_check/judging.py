"""The judgement: the code is run at several data of different sizes and held against reverse mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, cycle, islice
from typing import Any, final

import numpy as np

from matcalc.derivation import Derivation
from matcalc.errors import EvaluationError, MatcalcError, NoMatrixFormError
from matcalc.gradient_check.conditions import assuming, checked_assumptions
from matcalc.gradient_check.conditioned import explained, simplified
from matcalc.gradient_check.confirmation import Confirmation, Refutation
from matcalc.gradient_check.diagnoses import diagnosis_of, wrong_entries
from matcalc.gradient_check.edits import lowered
from matcalc.gradient_check.evidence import Evidence
from matcalc.gradient_check.inputs import given_values, offered, plan_of
from matcalc.gradient_check.points import PointKind, Points, is_singular
from matcalc.gradient_check.readings import Reading, error_of, fitted, readings
from matcalc.gradient_check.report import Diagnosis, DiagnosisKind, GradientReport, Verdict, Where, WrongEntry
from matcalc.gradient_check.runs import Failure, Run, Runner
from matcalc.gradient_check.trials import Trials
from matcalc.index.index_form import IndexForm
from matcalc.language.expressions import Expr
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import ndim, shape_text
from matcalc.language.traversal import named, postorder, with_definition
from matcalc.layout.factors import name_of
from matcalc.numeric.data import Array, Data
from matcalc.numeric.drawing import MOST_DIFFERENT, draw, drawn_sizes, given_sizes
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.tape import jacobian

DRAWS = 4
ATTEMPTS = 4
EQUAL_SIZES = (3, 4)
ENGINE_TOLERANCE = 1e-6
CHANGING = (
    "Called twice with the same data, the code gives different results: it uses random numbers, or keeps something from one call "
    "to the next."
)


@final
@dataclass(frozen=True, slots=True)
class Question:
    """What all variables share.

    Attributes:
        runner: calls the code.
        draws: the data.
        runs: the calls at these.
        again: one more call at the first data.
        confirmation: the calls at other data, made where the code is right at these.
        equal: makes the calls at data whose sizes are all equal, where sizes are free.
        quantities: what there is, by plain name.
        assumed: what holds of data.
        vectors: how vectors are given.
        tolerance, seed: as asked for.
    """

    runner: Runner
    draws: tuple[Data, ...]
    runs: tuple[Run, ...]
    again: Run
    confirmation: Confirmation
    equal: Callable[[], tuple[Run, ...]]
    quantities: dict[str, Expr]
    assumed: dict[str, str]
    vectors: str
    tolerance: float
    seed: int


def judge(
    function: Callable[..., Any],
    wanted: Sequence[Derivation],
    *,
    single: bool,
    vectors: str,
    sizes: Mapping[str, int] | None,
    assume: Mapping[str, str] | None,
    tolerance: float,
    seed: int,
) -> tuple[GradientReport, ...]:
    """The reports on a code, one for each derivative: see `matcalc.gradient_check.asked.check_gradient`."""
    roots: list[Expr] = [wanted[0].of, *(d.wrt for d in wanted)]
    assumed = checked_assumptions(assume, named(roots))
    draws = tuple(assuming(data, assumed) for data in drawn(roots, wanted, sizes, seed))
    offer = offered(roots, draws[0].sizes)
    names = offer.names()
    plan = plan_of(function, names)

    def given(data: Data) -> dict[str, Any]:
        return given_values(offer, names, data, vectors)

    runner = Runner(function, plan, names, given, tuple(d.wrt.name for d in wanted), name_of(wanted[0].of), single)

    def equal() -> tuple[Run, ...]:
        free = [name for name in draws[0].sizes if name not in (sizes or {})]
        found = _equal_draws(roots, free, sizes or {}, seed) if len(free) > 1 else []
        return tuple(runner.run(assuming(data, assumed)) for data in found)

    runs = tuple(runner.run(data) for data in draws)
    points = Points(roots, wanted, draws, sizes or {}, assumed, seed)
    confirmation = Confirmation(runner, points, runs, tolerance)
    question = Question(
        runner, draws, runs, runner.run(draws[0]), confirmation, equal, dict(offer.quantities), assumed, vectors, tolerance, seed
    )
    return tuple(_report(question, d, position) for position, d in enumerate(wanted))


# ---- data ------------------------------------------------------------------------------------------------------------


def drawn(roots: Sequence[Expr], wanted: Sequence[Derivation], sizes: Mapping[str, int] | None, seed: int) -> tuple[Data, ...]:
    """Several random data at which the derivatives are finite, with other sizes each time, and no two sizes equal."""
    nodes = list(postorder(roots, with_definition))
    given = given_sizes(nodes, {} if sizes is None else sizes)
    taken = {*given.values(), *(entry for node in nodes for entry in node.shape if isinstance(entry, int))}
    names = [name for name in drawn_sizes(nodes, given) if name not in given]
    found: list[Data] = []
    for number in range(DRAWS):
        chosen = {**given, **dict(zip(names, _sizes(len(names), number, taken), strict=True))}
        try:
            data = _usable(roots, wanted, chosen, [seed, number])
        except EvaluationError:  # as for the inverse of X^T X, where X must be tall
            data = _usable(roots, wanted, given, [seed, number])
        else:  # the same where rounding hides it
            data = _usable(roots, wanted, given, [seed, number]) if is_singular(roots, data) else data
        found.append(data)
    return tuple(found)


def _sizes(length: int, number: int, taken: set[int]) -> list[int]:
    """Different primes from 3 on, for each number in another order, and one of them not used for the number before."""
    if length > MOST_DIFFERENT - DRAWS:
        fresh = list(islice((p for p in _primes() if p not in taken), MOST_DIFFERENT))
        return list(islice(cycle([*fresh[number:], *fresh[:number]]), length))
    fresh = list(islice((p for p in _primes() if p not in taken), length + number))
    chosen = [*fresh[: length - 1], fresh[-1]] if length else []
    turn = number % max(length, 1)
    return [*chosen[turn:], *chosen[:turn]]


def _primes() -> Iterator[int]:
    return (n for n in count(3, 2) if all(n % k for k in range(3, n, 2)))


def _usable(roots: Sequence[Expr], wanted: Sequence[Derivation], sizes: Mapping[str, int] | None, seed: list[int]) -> Data:
    """Random data at which all derivatives are finite."""
    for attempt in range(ATTEMPTS):
        data = draw(roots, np.random.default_rng([*seed, attempt]), sizes=sizes)
        if all(np.all(np.isfinite(jacobian(d.of, d.wrt, data))) for d in wanted):
            return data
    raise EvaluationError(f"No random data were found at which d{name_of(wanted[0].of)} is finite: the code was not run.")


def _equal_draws(roots: Sequence[Expr], free: Sequence[str], sizes: Mapping[str, int], seed: int) -> list[Data]:
    found: list[Data] = []
    for size in EQUAL_SIZES:
        try:
            found.append(draw(roots, np.random.default_rng([seed, DRAWS, size]), sizes={**sizes, **dict.fromkeys(free, size)}))
        except EvaluationError:
            return []
    return found


# ---- one derivative --------------------------------------------------------------------------------------------------


def _report(question: Question, d: Derivation, position: int) -> GradientReport:
    right, written, notes = _right_form(d, question.draws)
    truths = readings(d.of, d.wrt, question.draws, d.layout)
    answers = [run.answers[position] for run in question.runs]
    arrays = tuple(answer for answer in answers if not isinstance(answer, Failure))
    shape = arrays[0].shape if arrays and not isinstance(answers[0], Failure) else None
    notes = (*_notes(question), *_row_note(d, truths[0].values[0], shape), *notes)
    blank = GradientReport(
        repr(d), d.wrt.name, d.layout, Verdict.FAILED, "", None, None, shape, truths[0].values[0].shape, written,
        notes, None, dict(question.draws[0].sizes), len(question.draws), question.seed, question.tolerance,
    )  # fmt: skip
    simpler = simplified(right, question.draws)[0] if question.assumed else right
    evidence = Evidence(d, simpler, question.quantities, question.draws, arrays, truths, question.tolerance)
    failure = next(((run, a) for run, a in zip(question.runs, answers, strict=True) if isinstance(a, Failure)), None)
    if failure is not None:
        return _failed(question, blank, evidence, position, *failure)
    matched = evidence.matched()
    if _is_changing(question, position, matched is not None):
        return replace(blank, message=CHANGING)
    if matched is not None:
        return _confirmed(question, _matched(blank, evidence, matched, question.vectors), evidence, matched, position)
    fitting = evidence.fitting()
    if fitting is None:
        return _ill_shaped(question, blank, evidence, position)
    return _wrong(question, blank, evidence, fitting, position)


def _right_form(d: Derivation, draws: Sequence[Data]) -> tuple[Expr | None, Expr | IndexForm | None, tuple[str, ...]]:
    """The matrix form, what to show, and a note where the engine has neither; it must agree with reverse mode."""
    try:
        right = d.result
    except NoMatrixFormError:
        form = d.index_form
        for data in draws:
            found = index_sum(form.form, data).reshape([data.extent(size) for size in form.shape])
            _check_engine(found, jacobian(d.of, d.wrt, data), d)
        return None, form, ()
    except MatcalcError as error:
        return None, None, (f"There is no right form to show: {error}",)
    for data, truth in zip(draws, readings(d.of, d.wrt, draws, d.layout)[0].values, strict=True):
        _check_engine(value(right, data), truth, d)
    return right, right, ()


def _check_engine(found: Array, truth: Array, d: Derivation) -> None:
    assert error_of(found, truth) <= ENGINE_TOLERANCE, f"matcalc's own {d!r} disagrees with reverse mode: please report this as a bug."


def _notes(question: Question) -> tuple[str, ...]:
    changed = dict.fromkeys(name for run in question.runs for name in run.changed)
    if not changed:
        return ()
    return (f"The code changes what it is given: {', '.join(changed)}. Copy first, or use x = x - y in place of x -= y.",)


def _row_note(d: Derivation, wanted: Array, found: tuple[int, ...] | None) -> tuple[str, ...]:
    """What is said where a derivative by a row variable comes in the other layout, which may look like the row's own shape."""
    if d.of.shape or len(d.wrt.shape) != 2 or d.wrt.shape[0] != 1 or found == wanted.shape or found != wanted.T.shape:
        return ()
    name, column = d.wrt.name, d.wrt.shape[1]
    told = (
        f"{name} is a row, {shape_text(d.wrt.shape)}, and a row is laid out as the column: the derivative is ({column}, 1) in "
        f"denominator layout; (1, {column}), the shape of {name} itself, is numerator layout."
    )
    return (told,)


def _is_changing(question: Question, position: int, is_right: bool) -> bool:
    """Whether the code gives two results for the same data."""
    first, again = question.runs[0].answers[position], question.again.answers[position]
    assert not isinstance(first, Failure)
    if isinstance(again, Failure) or error_of(again, first) > question.tolerance:
        return True
    return not is_right and question.confirmation.is_changing_soon(position)


def _matched(blank: GradientReport, evidence: Evidence, reading: Reading, vectors: str) -> GradientReport:
    found, target = evidence.found[0], reading.values[0]
    read = f" It was read as {reading.name}." if reading.name else ""
    if reading.layout is not evidence.derivation.layout:
        layouts = f"{reading.layout.value} layout; {blank.layout.value} layout was asked for"
        turned = "Its transpose is right." if target.ndim == 2 else "With its axes exchanged it is right."
        return replace(blank, verdict=Verdict.OTHER_LAYOUT, message=f"The values are right, but in {layouts}. {turned}{read}")
    notes = blank.notes
    if found.ndim == 1 and target.ndim == 2 and target.size > 1 and vectors == "columns":
        notes += (f"It returned shape {found.shape}, which has no layout; {blank.layout.value} layout is {target.shape}.",)
    return replace(blank, verdict=Verdict.RIGHT, message=f"It is right.{read}", notes=notes)


def _confirmed(
    question: Question, report: GradientReport, evidence: Evidence, reading: Reading, position: int
) -> GradientReport:
    """The report on a code that is right at the usual data, once it was called at others and again at these."""
    more = question.confirmation
    found = tuple(more.refutations(evidence.derivation, position, reading))
    if more.is_changing(position) or any(more.is_changing_at(each, position) for each in found[:1]):
        return replace(report, verdict=Verdict.FAILED, message=CHANGING)
    only_for_numpy = tuple(each for each in found if each.point.kind is PointKind.SIZES_OF_ONE and each.is_shape)
    others = [each for each in found if each not in only_for_numpy]
    if others:
        return _refuted(report, evidence, others[0])
    notes = tuple(f"Where {each.point.held}, {lowered(_at_fault(each))}" for each in only_for_numpy[:1])
    return replace(report, notes=report.notes + notes, confirmed=tuple(kind.value for kind in more.kinds()))


def _at_fault(refutation: Refutation) -> str:
    """The sentence on a point at which there is no array of the right shape."""
    answer = refutation.answer
    if isinstance(answer, Failure):
        return answer.text
    return f"It has shape {answer.shape} where {refutation.reading.values[0].shape} is wanted."


def _refuted(report: GradientReport, evidence: Evidence, refutation: Refutation) -> GradientReport:
    """The report on a code that is wrong at data other than the usual ones only."""
    point, answer, reading = refutation.point, refutation.answer, refutation.reading
    turned = "" if report.verdict is Verdict.RIGHT else f", in {reading.layout.value} layout,"
    differing = " and sizes that differ" if len(point.data.sizes) > 1 else ""
    right = f"It is right{turned} at the usual data, with entries of about 1{differing}"
    if refutation.is_shape:
        message = f"{right}. But where {point.held}: {lowered(_at_fault(refutation))}"
    else:
        message = f"{right}, and wrong where {point.held}."
    changed = replace(
        report, message=message, diagnosis=Diagnosis(DiagnosisKind.USUAL_DATA, message), sizes=dict(point.data.sizes),
        wanted_shape=reading.values[0].shape,
    )  # fmt: skip
    if isinstance(answer, Failure):
        return replace(changed, verdict=Verdict.FAILED, error=answer.error, found_shape=None)
    changed = replace(changed, found_shape=answer.shape)
    if refutation.is_shape:
        return replace(changed, verdict=Verdict.WRONG_SHAPE)
    there = replace(evidence, draws=(point.data,), found=(answer,), readings=(reading,), tolerance=refutation.tolerance)
    return replace(changed, verdict=Verdict.WRONG_VALUE, where=_where(there, reading))


def _failed(
    question: Question, blank: GradientReport, evidence: Evidence, position: int, run: Run, failure: Failure
) -> GradientReport:
    later = f" That was at {_sizes_text(run.data)}; at other sizes it ran." if evidence.found and run.data.sizes else ""
    diagnosis = _at_equal_sizes(question, evidence, position) if failure.error is not None else None
    hint = f" {diagnosis.text}" if diagnosis else ""
    notes = blank.notes + ((f"The line: {failure.line}",) if failure.line else ())
    return replace(blank, message=f"{failure.text}{later}{hint}", error=failure.error, diagnosis=diagnosis, notes=notes)


def _sizes_text(data: Data) -> str:
    return ", ".join(f"{name} = {number}" for name, number in data.sizes.items())


def _at_equal_sizes(question: Question, evidence: Evidence, position: int) -> Diagnosis | None:
    """What the code computes where all sizes are equal, for a code that does not fit where they differ."""
    runs = question.equal()
    arrays = [answer for run in runs if not isinstance(answer := run.answers[position], Failure)]
    if not runs or len(arrays) < len(runs):
        return None
    at = evidence.at([run.data for run in runs], arrays)
    if at.fitting() is None:
        return None
    ran = "Where all sizes are equal it runs"
    matched = at.matched()
    if matched is not None:
        turned = "" if matched.layout is evidence.derivation.layout else f", in {matched.layout.value} layout"
        return Diagnosis(DiagnosisKind.EQUAL_SIZES, f"{ran} and is right{turned}: its shapes fit only there.")
    slip = diagnosis_of(Trials(at))
    if slip is None:
        return Diagnosis(DiagnosisKind.EQUAL_SIZES, f"{ran}, and is wrong there: the shapes fit, the order or the transposes do not.")
    return Diagnosis(slip.kind, f"{ran}, and is wrong there: {lowered(slip.text)}", slip.factor)


def _ill_shaped(question: Question, blank: GradientReport, evidence: Evidence, position: int) -> GradientReport:
    diagnosis = explained(evidence, question.runner.run, position, question.assumed) or _at_equal_sizes(question, evidence, position)
    run = next(k for k, f in enumerate(evidence.found) if fitted(f, evidence.readings[0].values[k]) is None)
    found, target = evidence.found[run].shape, evidence.readings[0].values[run].shape
    at = f"At {_sizes_text(question.draws[run])} it" if run else "It"
    fits = " At other sizes its shape fits: one may be written into the code." if run else ""
    text = f"{at} has shape {found} where {target} is wanted{_named_shape(evidence)}.{fits}"
    message = f"{text} {diagnosis.text}" if diagnosis else text
    sizes = dict(question.draws[run].sizes)
    return replace(
        blank, verdict=Verdict.WRONG_SHAPE, message=message, diagnosis=diagnosis, found_shape=found, wanted_shape=target, sizes=sizes
    )


def _named_shape(evidence: Evidence) -> str:
    """The wanted shape in names of sizes."""
    d = evidence.derivation
    if not evidence.draws[0].sizes or ndim(d.of.shape) + ndim(d.wrt.shape) > 2:
        return ""
    return f", {d.shape!r} in {d.layout.value} layout" if d.shape else ""


def _wrong(question: Question, blank: GradientReport, evidence: Evidence, reading: Reading, position: int) -> GradientReport:
    diagnosis = explained(evidence, question.runner.run, position, question.assumed)
    notes = blank.notes
    if any(run.integers for run in question.runs):
        notes += ("It returned integers: an array made of integers cuts off what is written into it.",)
    where = _where(evidence, reading)
    other = reading.layout is not evidence.derivation.layout
    shaped = f" Its shape is that of {reading.layout.value} layout." if other and not (diagnosis and "layout" in diagnosis.text) else ""
    text = diagnosis.text if diagnosis else "The values are wrong, and no simple slip explains them."
    message = f"{text}{shaped}"
    return replace(blank, verdict=Verdict.WRONG_VALUE, message=message, diagnosis=diagnosis, where=where, notes=notes)


def _where(evidence: Evidence, reading: Reading) -> Where:
    masks = wrong_entries(evidence, reading)
    k = next(number for number, mask in enumerate(masks) if mask.any())
    found, target = evidence.found[k], reading.values[k]
    wanted = target.reshape(found.shape)
    wrong = [tuple(int(i) for i in index) for index in np.argwhere(masks[k].reshape(found.shape))]
    wrong.sort(key=lambda index: -abs(float(found[index] - wanted[index])))
    entries = tuple(WrongEntry(index, float(found[index]) + 0.0, float(wanted[index]) + 0.0) for index in wrong)
    return Where(entries, target.size, dict(evidence.draws[k].sizes))


register(METHODS, "check_gradient", judge)
