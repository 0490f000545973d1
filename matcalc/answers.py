"""What the command ``matcalc derive`` says of a formula: the derivative in each layout, or the Hessian, and its verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

from matcalc.derivation import WAY_OUT, Derivation, derive
from matcalc.errors import EvaluationError, NoMatrixFormError
from matcalc.index.index_form import IndexForm
from matcalc.language.asked import Declarations, quantity_and_variables
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.traversal import named
from matcalc.layout.conventions import Layout
from matcalc.proving import prove_equal
from matcalc.second_derivative import hessian
from matcalc.steps import Steps


@final
@dataclass(frozen=True, slots=True)
class Checked:
    """What one oracle found; ``error`` is None where it did not run, ``reason`` says why."""

    oracle: str
    method: str
    passed: bool
    error: float | None
    tolerance: float | None
    reason: str | None
    found: str


@final
@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a result holds by the oracles, at which sizes; ``reason`` says why none could run."""

    ok: bool
    checks: tuple[Checked, ...]
    sizes: dict[str, int]
    reason: str | None = None


@final
@dataclass(frozen=True, slots=True)
class Written:
    """A form of the answer, or in ``why_not`` the sentence that says why there is none."""

    form: Expr | IndexForm | None
    why_not: str = ""


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """A derivative in one layout, or a Hessian.

    Attributes:
        layout: None of a Hessian.
        of: what is derived; the derivatives that the formula itself writes are in the same layout.
        shape: as in the language: ``(n,)`` a column, ``(1, n)`` a row; of three or four axes their sizes.
        matrix: the result.
        index, vec: the sum over indices and the derivative by vec, where they were asked for or there is no matrix.
        steps: where they were asked for.
        verified: None where it was not asked for.
    """

    layout: Layout | None
    of: Expr
    shape: tuple[Any, ...]
    matrix: Written
    index: IndexForm | None
    vec: Written | None
    steps: Steps | None
    verified: Verified | None

    @property
    def title(self) -> str:
        return f"{self.layout.value.capitalize()} layout" if self.layout else "Hessian"


@final
@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown beside the result."""

    steps: bool = False
    index: bool = False
    vec: bool = False
    verify: bool = True
    style: str = "hadamard"


@final
@dataclass(frozen=True, slots=True)
class Answers:
    """All that is said of one formula: the quantity, the variables, every name in them, and the answers."""

    of: Expr
    wrt: tuple[Symbol | Let, ...]
    known: tuple[Symbol | Let, ...]
    answers: tuple[Answer, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing that was to be verified failed."""
        return all(answer.verified is None or answer.verified.ok for answer in self.answers)


def derivatives(formula: str, wrt: str, declarations: Declarations, layouts: Sequence[Layout], wanted: Wanted) -> Answers:
    """The derivative of a formula by a variable, in each of the layouts."""
    found = []
    for layout in layouts:  # a derivative that the formula writes is read in each of them
        of, (by,) = quantity_and_variables(formula, [wrt], declarations, layout.value)
        found.append((of, by, _answer(derive(of, by, layout=layout.value, style=wanted.style), wanted)))
    of, by, _ = found[0]
    return Answers(of, (by,), _names(of, by), tuple(answer for _, _, answer in found))


def _names(*roots: Expr) -> tuple[Symbol | Let, ...]:
    return tuple(node for node in named(roots).values() if isinstance(node, Symbol | Let))


def _answer(derivation: Derivation, wanted: Wanted) -> Answer:
    try:
        matrix = Written(derivation.result)
    except NoMatrixFormError as error:
        matrix = Written(None, _reason(error))
    alone = matrix.form is None
    return Answer(
        derivation.layout,
        derivation.of,
        derivation.shape,
        matrix,
        derivation.index_form if wanted.index or alone else None,
        _by_vec(derivation) if wanted.vec or alone else None,
        derivation.steps if wanted.steps else None,
        _verified(derivation) if wanted.verify else None,
    )


def _by_vec(derivation: Derivation) -> Written:
    try:
        return Written(derivation.vec_form)
    except NoMatrixFormError as error:
        return Written(None, _reason(error))


def _reason(error: NoMatrixFormError) -> str:
    """The message without what to do in Python."""
    return str(error).replace(WAY_OUT, "").partition("The derivative exists:")[0].strip()


def second_derivatives(formula: str, wrt: Sequence[str], declarations: Declarations, wanted: Wanted) -> Answers:
    """The Hessian of a formula by one variable or by two."""
    of, variables = quantity_and_variables(formula, wrt, declarations)
    rows, columns = variables[0], variables[-1]
    matrix = hessian(of, rows, columns, style=wanted.style)
    verified = _verified_hessian(of, rows, columns, matrix) if wanted.verify else None
    answer = Answer(None, of, matrix.shape, Written(matrix), None, None, None, verified)
    return Answers(of, tuple(variables), _names(of, *variables), (answer,))


# ---- verification ----------------------------------------------------------------------------------------------------


def _verified(derivation: Derivation, prefix: str = "") -> Verified:
    try:
        report = derivation.verify()
    except EvaluationError as error:
        return Verified(False, (), {}, str(error))
    checks = tuple(
        Checked(prefix + c.oracle, c.method, c.passed, c.error, c.tolerance, c.reason, c.found) for c in report.checks
    )
    return Verified(report.ok, checks, dict(report.sizes))


def _verified_hessian(of: Expr, rows: Symbol | Let, columns: Symbol | Let, claimed: Expr) -> Verified:
    """The gradient by the rows, its derivative by the columns, each by the oracles; and the Hessian against that derivative."""
    gradient = derive(of, rows, layout="denominator")
    second = derive(gradient.result, columns, layout="numerator")
    parts = _verified(gradient, "gradient: "), _verified(second, "its derivative: ")
    proof = prove_equal(claimed, second.result)
    equal = Checked("Hessian", f"compared with that derivative, {proof.method}", proof.verdict == "equal", None, None, None, proof.verdict)
    reasons = [part.reason for part in parts if part.reason]
    ok = all(part.ok for part in parts) and equal.passed
    return Verified(ok, (*parts[0].checks, *parts[1].checks, equal), parts[1].sizes, reasons[0] if reasons else None)
