"""What a wrong code is where something holds of the data: right, or wrong in a simpler way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import combinations

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.gradient_check.conditions import sentence, tried, with_condition
from matcalc.gradient_check.diagnoses import diagnosis_of, farther_diagnosis_of
from matcalc.gradient_check.edits import flat, lowered
from matcalc.gradient_check.evidence import Evidence
from matcalc.gradient_check.report import Diagnosis, DiagnosisKind
from matcalc.gradient_check.runs import Failure, Run
from matcalc.gradient_check.trials import Trials
from matcalc.language.building import matmul
from matcalc.language.expressions import Diag, Divide, Expr, Hadamard, MatMul, Ones, Scale, Sum
from matcalc.language.traversal import postorder, with_operands
from matcalc.numeric.data import Array, Data
from matcalc.numeric.evaluation import evaluation_order, value, values_of

ALWAYS_WRONG = (DiagnosisKind.FACTOR, DiagnosisKind.ZERO, DiagnosisKind.PRECISION)
ONE = 1e-9


def explained(evidence: Evidence, run: Callable[[Data], Run], position: int, assumed: Mapping[str, str]) -> Diagnosis | None:
    """What is the matter with a code: in general, or where a condition makes it simpler to say.

    Args:
        evidence: what is known at the data.
        run: calls the code at other data.
        position: of the derivative among those that the code returns.
        assumed: what holds of the data already, by plain name.
    """
    trials = Trials(evidence)
    general = diagnosis_of(trials)
    if general is not None and general.kind in ALWAYS_WRONG:
        return general
    plausible: list[tuple[str, str, Trials]] = []
    sums = evidence.right is not None and any(isinstance(node, Sum | Ones) for node in postorder([evidence.right]))
    for name, condition in tried(evidence.quantities, assumed, evidence.derivation.wrt.name):
        draws = [with_condition(data, name, condition) for data in evidence.draws]
        simpler, dropped = simplified(evidence.right, draws) if "sum to 1" in condition and sums else (evidence.right, ())
        at = _at(evidence, draws, run, position, stop=not dropped)
        if at is None:
            continue
        if at.agrees_in_layout():
            stays = f"In general the right form has {dropped[0]!r}, {_called(dropped[0])} then." if dropped else ""
            stays = stays or (f"In general: {lowered(general.text)}" if general else "")
            text = f"It is right where {_held(at, name, condition)}, and wrong for other data. {_way_out(name, condition)} {stays}"
            return Diagnosis(DiagnosisKind.CONDITION, text.rstrip())
        if dropped:
            plausible.append((name, condition, Trials(replace(at, right=simpler))))
    if general is not None and general.slips == 1:
        return general
    conditional = _simplest(plausible, diagnosis_of)
    if general is None and conditional is None:
        return farther_diagnosis_of(trials) or _simplest(plausible, farther_diagnosis_of)
    if general is None or (conditional is not None and conditional.slips <= general.slips):
        return conditional
    return general


def _at(
    evidence: Evidence, draws: Sequence[Data], run: Callable[[Data], Run], position: int, stop: bool
) -> Evidence | None:
    """The judgement at other data; None where the code fails, or is wrong and the first wrong result is enough."""
    found: list[Array] = []
    for data in draws:
        answer = run(data).answers[position]
        if isinstance(answer, Failure) or (stop and not evidence.at([data], [answer]).agrees_in_layout()):
            return None
        found.append(answer)
    return evidence.at(draws, found)


def _simplest(
    plausible: Sequence[tuple[str, str, Trials]], diagnosis: Callable[[Trials], Diagnosis | None]
) -> Diagnosis | None:
    """The simplest explanation under one of the conditions, which counts as one more thing that is said."""
    found: list[Diagnosis] = []
    for name, condition, trials in plausible:
        matched = trials.evidence.matched()
        if matched is not None:
            text = f"the values are right, but in {matched.layout.value} layout."
            what: Diagnosis | None = Diagnosis(DiagnosisKind.CONDITION, text)
        else:
            what = diagnosis(trials)
        if what is not None:
            text = f"Where {_held(trials.evidence, name, condition)}, {lowered(what.text)} {_way_out(name, condition)}"
            found.append(replace(what, text=text, slips=what.slips + 1))
    return min(found, key=lambda each: each.slips, default=None)


def _held(evidence: Evidence, name: str, condition: str) -> str:
    return sentence(evidence.quantities[name], name, condition)


def _called(node: Expr) -> str:
    """What a part is called that drops out of the right form."""
    if not node.shape:
        return "which is 1"
    return "which is the identity matrix" if isinstance(node, Diag) else "whose entries are 1"


def _way_out(name: str, condition: str) -> str:
    return f'If that is meant, say assume={{"{name}": "{condition}"}}.'


# ---- what is 1 -------------------------------------------------------------------------------------------------------


def simplified(right: Expr | None, draws: Sequence[Data]) -> tuple[Expr | None, tuple[Expr, ...]]:
    """The right form without the factors that are 1, or the identity matrix, at these data, and with ones for what is ones; and these."""
    if right is None:
        return None, ()
    ones, identities = _at_all(right, draws)
    made: dict[Expr, Expr] = {}
    dropped: list[Expr] = []
    for node in postorder([right]):
        made[node] = with_operands(node, tuple(made[operand] for operand in node.operands))
        run = _run_of_ones(node, draws)
        if run is not None:
            start, stop, product = run
            parts = flat(node)
            dropped.append(product)
            ones_there = Ones(product.shape)
            made[node] = reduce(matmul, (*map(made.__getitem__, parts[:start]), ones_there, *map(made.__getitem__, parts[stop:])))
            continue
        for factor, rest in _factors(node):
            if factor in (identities if isinstance(node, MatMul) else ones) and rest.shape == node.shape:
                made[node] = made[rest]
                dropped.append(factor)
                break
        else:
            if node in ones and node.shape and not isinstance(node, Ones):
                made[node] = Ones(node.shape)
                dropped.append(node)
    return made[right], tuple(dropped)


def _at_all(right: Expr, draws: Sequence[Data]) -> tuple[set[Expr], set[Expr]]:
    """The parts of a form whose entries are 1 at all data, and those that are the identity matrix."""
    ones: set[Expr] = set()
    identities: set[Expr] = set()
    for k, data in enumerate(draws):
        known = values_of(evaluation_order([right], {}, data), data)
        ones = {node for node in (ones if k else known) if node in known and _all_ones(known[node])}
        identities = {node for node in (identities if k else known) if node in known and _is_identity(known[node])}
        if not ones and not identities:
            break
    return ones, identities


def _run_of_ones(node: Expr, draws: Sequence[Data]) -> tuple[int, int, Expr] | None:
    """Neighbours in a matrix product whose own product is ones, however the product is bracketed: from, to, and their product."""
    parts = flat(node) if isinstance(node, MatMul) else ()
    for start, stop in combinations(range(len(parts) + 1), 2):
        run = parts[start:stop]
        if len(run) > 1 and any(isinstance(part, Ones) for part in run) and run != parts:
            product = reduce(matmul, run)
            if product.shape and all(_is_ones(product, data) for data in draws):
                return start, stop, product
    return None


def _is_ones(expression: Expr, data: Data) -> bool:
    try:
        return _all_ones(value(expression, data))
    except EvaluationError:
        return False


def _factors(node: Expr) -> Iterator[tuple[Expr, Expr]]:
    """A factor of a product or quotient, and what is left without it."""
    if isinstance(node, MatMul | Hadamard | Scale):
        yield node.left, node.right
    if isinstance(node, MatMul | Hadamard | Scale | Divide):
        yield node.right, node.left


def _all_ones(array: Array) -> bool:
    return float(np.abs(array - 1.0).max(initial=0.0)) <= ONE


def _is_identity(array: Array) -> bool:
    rows, columns = array.shape
    return rows == columns and float(np.abs(array - np.eye(rows)).max(initial=0.0)) <= ONE
