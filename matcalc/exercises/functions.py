"""Answers that are functions of arrays: run at random data by `check_gradient`, and compared with reverse mode."""

from __future__ import annotations

from collections.abc import Callable
from math import isclose
from typing import Any

from matcalc.errors import MatcalcError
from matcalc.exercises.asked import Asked
from matcalc.exercises.constants import constants_of
from matcalc.exercises.feedback import Feedback
from matcalc.factor_lists import resolved
from matcalc.gradient_check.asked import check_gradient
from matcalc.gradient_check.report import DiagnosisKind, GradientReport, Verdict
from matcalc.language.expressions import Expr
from matcalc.language.sizes import rows_and_columns
from matcalc.printing.messages import message_in_text

CLOSE = 1e-6
KIND_OF = {
    DiagnosisKind.MISSING_FACTOR: "missing-factor", DiagnosisKind.TRANSPOSE: "transpose", DiagnosisKind.ORDER: "order",
    DiagnosisKind.FUNCTION: "derivative-of-function", DiagnosisKind.QUANTITY: "layer-index",
    DiagnosisKind.OTHER_DERIVATIVE: "other-derivative", DiagnosisKind.MISSING_SUM: "missing-sum", DiagnosisKind.RESHAPED: "transpose",
    DiagnosisKind.BROADCAST: "ill-shaped", DiagnosisKind.EQUAL_SIZES: "ill-shaped",
}  # fmt: skip


def judged_function(function: Callable[..., Any], asked: Asked) -> Feedback:
    """What is said of a function that is to compute a derivative."""
    try:
        report = check_gradient(function, asked.of, asked.wrt, layout=asked.layout)
    except MatcalcError as error:
        return Feedback.wrong("failed", message_in_text(str(error).splitlines()[0]))
    if asked.shape and report.found_shape is not None and len(report.found_shape) < 2:
        wanted = " x ".join(map(str, rows_and_columns(asked.shape)))  # type: ignore[arg-type]
        return Feedback.wrong("ill-shaped", f"It returned a flat array, which is neither a row nor a column; {wanted} is asked for.")
    if report.verdict is Verdict.RIGHT:
        return Feedback.right()
    return Feedback.wrong(_kind(report, asked.value), _details(report, asked))


def _kind(report: GradientReport, right: Expr) -> str:
    match report.verdict:
        case Verdict.FAILED:
            return "failed"
        case Verdict.OTHER_LAYOUT:
            return "other-layout"
        case Verdict.WRONG_SHAPE:
            return "ill-shaped"
    diagnosis = report.diagnosis
    if diagnosis is None:
        return "wrong-value"
    if diagnosis.kind is DiagnosisKind.FACTOR and repr(diagnosis.factor) in ("-1", "-1.0"):
        return "sign"
    if diagnosis.kind is DiagnosisKind.FACTOR:
        return "missing-factor" if _is_forgotten(1 / _number(report), right, report) else "extra-factor"
    if diagnosis.kind is DiagnosisKind.TERM:
        return "missing-term" if "missing" in diagnosis.text else "extra-factor"
    return KIND_OF.get(diagnosis.kind, "wrong-value")


def _is_forgotten(lost: float, right: Expr, report: GradientReport) -> bool:
    """Whether a number is one of the constants that what is right is multiplied by."""
    found = (each.evaluate({}, sizes=report.sizes)[0, 0] for each in constants_of(right))
    return any(isclose(abs(lost), abs(float(c)), rel_tol=CLOSE) for c in found)


def _number(report: GradientReport) -> float:
    """What was found over what is right, at the sizes of the report."""
    factor = report.factor
    if isinstance(factor, Expr):
        return float(factor.evaluate({}, sizes=report.sizes)[0, 0])
    return 1.0 if factor is None else float(factor)


def _details(report: GradientReport, asked: Asked) -> str:
    """The shapes or the number of wrong entries; not what would be right."""
    if report.verdict is Verdict.FAILED:
        return f"It raised {type(report.error).__name__}: {report.error}." if report.error else message_in_text(report.message)
    if report.verdict is Verdict.WRONG_SHAPE:
        at = ", ".join(f"{name} = {number}" for name, number in report.sizes.items())
        wanted = tuple(resolved(entry, report.sizes) for entry in rows_and_columns(asked.shape))  # type: ignore[arg-type]
        return f"At {at} it returned an array of shape {report.found_shape}; {wanted} is asked for."
    if report.where is not None:
        at = ", ".join(f"{name} = {number}" for name, number in report.where.sizes.items())
        return f"At {at}, {report.where.count} of {report.where.total} entries are wrong."
    return ""
