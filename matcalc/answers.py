"""What the command ``matcalc derive`` says of a formula: the derivative in each layout, or the Hessian, and its verification."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from matcalc.derivation import WAY_OUT, Derivation, derive
from matcalc.errors import EvaluationError, NoMatrixFormError
from matcalc.index.index_form import IndexForm
from matcalc.language.asked import Declarations, quantity_and_variables
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.sizes import Dim, Size
from matcalc.language.traversal import named
from matcalc.layout.conventions import Layout
from matcalc.second_derivative import SecondDerivative, second_derivative
from matcalc.steps import Steps

PRIMES = (2, 3, 5, 7, 11, 13)


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
    structured: str | None = None


@final
@dataclass(frozen=True, slots=True)
class Answers:
    """All that is said of one formula: the quantity, the variables, every name in them, the answers, and what is assumed."""

    of: Expr
    wrt: tuple[Symbol | Let, ...]
    known: tuple[Symbol | Let, ...]
    answers: tuple[Answer, ...]
    assumed: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing that was to be verified failed."""
        return all(answer.verified is None or answer.verified.ok for answer in self.answers)


def other_numbers(answers: Answers) -> str:
    """What to try where oracles disagree or could not run: numbers for the sizes, in the other order; empty where that is no way out."""
    doubtful = [answer.verified for answer in answers.answers if answer.verified is not None and not answer.verified.ok]
    if not any(_is_of_the_data(each) for each in doubtful):
        return ""
    symbols = [node for node in answers.known if isinstance(node, Symbol) and node.shape]
    names = {name: None for node in symbols for entry in node.shape if isinstance(entry, Dim) for name in entry.names}
    drawn = {name: number for each in doubtful for name, number in each.sizes.items() if name in names}
    if not names and symbols:
        return "Other numbers for the sizes may fit the data better."
    if len(names) < 2 or drawn.keys() not in (set(), names.keys()):
        return ""
    order = sorted(names, key=lambda name: -drawn[name]) if drawn else list(reversed(names))
    numbers = dict(zip(order, PRIMES, strict=False))
    if len(numbers) < len(names):
        return ""
    shapes = [f'--shape "{node.name}={" ".join(str(_number(entry, numbers)) for entry in node.shape)}"' for node in symbols]
    return f"Other sizes may fit the data better. Give numbers instead of names: {' '.join(shapes)}"


def _number(size: Size, numbers: Mapping[str, int]) -> int:
    return size if isinstance(size, int) else size.coefficient * math.prod(numbers[name] for name in size.names)


def _is_of_the_data(verified: Verified) -> bool:
    """Whether it may be the data that do not fit: an oracle did not run or found none, or they disagree."""
    own = [check for check in verified.checks if check.oracle.split(": ")[-1] != "index"]
    return verified.reason is not None or any(check.reason for check in own) or len({check.passed for check in own}) == 2


def derivatives(formula: str, wrt: str, declarations: Declarations, layouts: Sequence[Layout], wanted: Wanted) -> Answers:
    """The derivative of a formula by a variable, in each of the layouts."""
    found = []
    for layout in layouts:  # a derivative that the formula writes is read in each of them
        of, (by,) = quantity_and_variables(formula, [wrt], declarations, layout.value)
        found.append((of, by, _answer(derive(of, by, layout=layout.value, style=wanted.style, structured=wanted.structured), wanted)))
    of, by, _ = found[0]
    return Answers(of, (by,), _names(of, by), tuple(answer for _, _, answer in found), tuple(declarations.assume))


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
    """The Hessian of a formula by one variable or by two, by matrices as by their vec."""
    of, variables = quantity_and_variables(formula, wrt, declarations)
    rows, columns = variables[0], variables[-1]
    second = second_derivative(of, rows, columns, style=wanted.style)
    second.check_hessian()
    try:
        matrix = Written(second.result)
    except NoMatrixFormError as error:
        matrix = Written(None, _reason(error))
    alone = matrix.form is None
    answer = Answer(
        None, of, second.shape, matrix, second.tensor if wanted.index or alone else None, None, _steps(second) if wanted.steps else None,
        _verified(second) if wanted.verify else None,
    )  # fmt: skip
    return Answers(of, tuple(variables), _names(of, *variables), (answer,), tuple(declarations.assume))


def _steps(second: SecondDerivative) -> Steps | None:
    try:
        return second.steps
    except NoMatrixFormError:
        return None


# ---- verification ----------------------------------------------------------------------------------------------------


def _verified(derivation: Derivation | SecondDerivative) -> Verified:
    try:
        report = derivation.verify()
    except EvaluationError as error:
        return Verified(False, (), {}, str(error))
    checks = tuple(Checked(c.oracle, c.method, c.passed, c.error, c.tolerance, c.reason, c.found) for c in report.checks)
    return Verified(report.ok, checks, dict(report.sizes))
