"""Verification of a derivation by oracles that do not know its rules.

    backprop      reverse mode in NumPy, a tape over every node of the expression
    difference    complex step, or central differences where a function takes no complex numbers; of a variable with more than
                  400 entries by 400 of them
    exact         dual numbers modulo a prime of 74 bits, at up to three choices of sizes: no tolerance, and a bound of the chance that a
                  result passes that is wrong for one of them
    by vec        reverse mode again, for the derivative by vec where there is no matrix
    index         the index form summed by loops: it checks the step from index form to matrix form, and shares the rules

Reverse mode and the index form are compared at a second choice of sizes as well, so that each size is once 3 or more.
A check that could not run is reported as not run, with the reason; it never counts as passed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, final

import numpy as np

from matcalc.errors import EvaluationError, NoMatrixFormError, UnsupportedError
from matcalc.exact.fingerprints import LARGEST_ERROR
from matcalc.exact.oracle import METHOD, judge
from matcalc.index.index_form import IndexForm
from matcalc.language.expressions import Derivative, Expr, Let, Symbol
from matcalc.language.naming import Lookup, by_known_name
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import Shape, ndim
from matcalc.language.text_rows import filled, labelled
from matcalc.layout.conventions import Layout
from matcalc.numeric.data import Array, Data, bind
from matcalc.numeric.differences import central, complex_step
from matcalc.numeric.drawing import draw, is_singular
from matcalc.numeric.evaluation import value
from matcalc.numeric.given import size_name
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.layouts import laid_out, raw_of
from matcalc.numeric.tape import jacobian
from matcalc.printing.notebook import checks, shapes_of
from matcalc.steps import Step

EXACT_TOLERANCE = 1e-9
DIFFERENCE_TOLERANCE = 1e-6
MOST_ENTRIES = 400  # of a variable, that differences are taken by
SMALLEST_SCALE = 1e-5
MOST_LISTED = 6  # names of sizes


@final
@dataclass(frozen=True, slots=True)
class Check:
    """What one oracle found.

    Attributes:
        oracle: ``backprop``, ``difference``, ``exact``, ``by vec`` or ``index``.
        method: how it computes, in words.
        error: largest deviation of an entry, relative to the largest entry (absolute where all are zero); of ``exact`` 0.0 where the
            result is the derivative, infinity where it is not; None if it did not run.
        tolerance: the largest error that passes.
        reason: why it did not run, or did not settle anything; None if it did.
        independent: whether it shares no rule with the engine.
        error_probability: of ``exact`` that passed, the chance that a result would have passed that is wrong for one of the sizes it was
            tried at, at most; else None.
        sizes: of ``exact``, the sizes it was tried at, or those at which the result is wrong.
    """

    oracle: str
    method: str
    error: float | None
    tolerance: float
    reason: str | None
    independent: bool
    error_probability: float | None = None
    sizes: tuple[Mapping[str, int], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it ran and found no error above the tolerance."""
        return self.error is not None and self.error <= self.tolerance

    def __repr__(self) -> str:
        return "\n".join(filled(f"{self.oracle}, {self.method}: {self.found}"))

    @property
    def found(self) -> str:
        """What it found, in words."""
        if self.error is None:
            return f"not run: {self.reason}"
        if self.oracle.rpartition(": ")[2] != "exact":
            return f"error {self.error:.1e}, tolerance {self.tolerance:.0e}"
        if not self.passed:
            return f"differs{_at(self.sizes)}"
        return f"equal, error probability at most {self.error_probability:.0e}{_at(self.sizes)}"


def _at(sizes: tuple[Mapping[str, int], ...]) -> str:
    """The sizes in words."""
    if not any(sizes):
        return ""
    names, rows = list(sizes[0]), [list(map(str, chosen.values())) for chosen in sizes]
    if len(names) == 1:
        return f" for {names[0]} = {', '.join(row[0] for row in rows)}"
    if len(names) > MOST_LISTED:
        return f" for {len(rows)} choices of the {len(names)} sizes"
    listed = [f"({', '.join(row)})" for row in (names, *rows)]
    return f" for {listed[0]} = {', '.join(listed[1:])}"


class Derived(Protocol):
    """What can be verified: a derivative with its forms."""

    @property
    def of(self) -> Expr:
        """What is derived."""

    @property
    def wrt(self) -> Symbol | Let:
        """The variable."""

    @property
    def layout(self) -> Layout:
        """The layout of the forms."""

    @property
    def result(self) -> Expr:
        """The matrix; it raises where there is none."""

    @property
    def vec_form(self) -> Expr:
        """The derivative by vec; it raises where there is none."""

    @property
    def index_form(self) -> IndexForm:
        """The sum over indices."""


@final
@dataclass(frozen=True, slots=True)
class VerificationReport:
    """The checks of one result.

    Attributes:
        what: what was verified.
        checks: one for each oracle.
        sizes: the sizes used.
        seed: of the random data.
        second_sizes: those at which reverse mode and the index form were compared again; empty where they were not.
        shapes: of the names in what was verified.
    """

    what: str
    checks: tuple[Check, ...]
    sizes: Mapping[str, int]
    seed: int
    second_sizes: Mapping[str, int] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict, compare=False)

    @property
    def ok(self) -> bool:
        """Whether no check failed and an independent one passed."""
        return all(c.passed for c in self.checks if c.reason is None) and any(c.passed and c.independent for c in self.checks)

    def _repr_html_(self) -> str:
        found = ((check.oracle, check.method, None if check.reason else check.passed, check.found) for check in self.checks)
        return checks(f"{self.what}: {'verified' if self.ok else 'NOT verified'}", self.ok, found, self.sizes, self.seed, self.shapes)

    def __repr__(self) -> str:
        points = (", ".join(f"{name} = {size}" for name, size in at.items()) for at in (self.sizes, self.second_sizes) if at)
        at = " and ".join(points)
        head = f"{self.what}: {'verified' if self.ok else 'NOT verified'} ({f'{at}; ' if at else ''}seed {self.seed})"
        column = 4 + max((len(check.oracle) for check in self.checks), default=0)
        return "\n".join([*filled(head), *(line for c in self.checks for line in labelled(c.oracle, f"{c.found} ({c.method})", column))])


def verify(derivation: Derived, *, sizes: Mapping[str, int] | None = None, seed: int = 0) -> VerificationReport:
    """Compare a derivation's result with the oracles at random data.

    Sizes are pairwise distinct primes unless ``sizes`` gives them; no data are symmetric. Where it gives none, other sizes are tried as
    well: a second choice by reverse mode and the index form, if the arrays are small, and up to three by the exact oracle, which
    takes small numbers for sizes that are not given or above 12.

    Args:
        derivation: what `derive` gave.
        sizes: values of sizes by name.
        seed: of the random data.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> report = mc.derive(mc.sum(mc.tanh(W @ x)), W, layout="numerator").verify()
        >>> report.ok, [check.oracle for check in report.checks]
        (True, ['backprop', 'difference', 'exact', 'index'])
        >>> report.checks[2].error, report.checks[2].error_probability < 1e-15
        (0.0, True)
    """
    data = draw([derivation.of, derivation.wrt], np.random.default_rng(seed), sizes=sizes)
    points = [_Compared(derivation, data), *_second(derivation, data, seed, asked=sizes is not None)]
    first = points[0]
    checks = [
        check("backprop", "reverse mode in NumPy", [(point.found, point.by_tape) for point in points], EXACT_TOLERANCE),
        _difference(first.found, derivation, data, seed, matrix=first.matrix),
        _exact(derivation, None if sizes is None else by_known_name(sizes, Lookup(data.sizes, sizes=True), size_name)[0], seed),
    ]
    if first.matrix:
        sums = [(point.found, point.by_sums) for point in points]
        checks.append(check("index", "sums over indices, by loops", sums, EXACT_TOLERANCE, independent=False))
    else:
        checks.extend(_by_vec(derivation, data))
    what = f"{derivation!r} ({'matrix' if first.matrix else 'array'})"
    second = {name: size for point in points[1:] for name, size in point.data.sizes.items()}
    return VerificationReport(what, tuple(checks), dict(data.sizes), seed, second, shapes_of(derivation.of, derivation.wrt))


@final
class _Compared:
    """The result at data, and what oracles find there.

    Attributes:
        data: the data.
        matrix: whether the result is a matrix; else it is an array of the index form.
        found: its value.
    """

    def __init__(self, derivation: Derived, data: Data) -> None:
        self._derivation = derivation
        self.data = data
        try:
            self.found, self.matrix = value(derivation.result, data), True
        except NoMatrixFormError:
            self.matrix = False
            self.found = self._summed()

    def by_tape(self) -> Array:
        """The derivative by reverse mode."""
        return self._arranged(jacobian(self._derivation.of, self._derivation.wrt, self.data))

    def by_sums(self) -> Array:
        """The derivative by sums over indices."""
        return self._arranged(self._summed())

    def _summed(self) -> Array:
        form = self._derivation.index_form
        return index_sum(form.form, self.data).reshape([self.data.extent(size) for size in form.shape])

    def _arranged(self, raw: Array) -> Array:
        of, by = self._derivation.of, self._derivation.wrt
        return laid_out(raw, of.shape, [by.shape], self._derivation.layout.value) if self.matrix else raw


def _second(derivation: Derived, data: Data, seed: int, *, asked: bool) -> list[_Compared]:
    """The result at other sizes, those of the first data in reverse, or 3 for a single one; none where sizes were asked for."""
    if asked or not data.sizes or sum(array.size for array in data.values.values()) > MOST_ENTRIES:
        return []
    numbers = [3] if len(data.sizes) == 1 else list(data.sizes.values())[::-1]
    sizes = dict(zip(data.sizes, numbers, strict=True))
    try:
        other = draw([derivation.of, derivation.wrt], np.random.default_rng(seed), sizes=sizes)
        return [] if is_singular([derivation.of], other) else [_Compared(derivation, other)]
    except EvaluationError:
        return []


def _by_vec(derivation: Derived, data: Data) -> list[Check]:
    """The derivative by vec against the tape, where there is no matrix but a form by vec."""
    try:
        by_vec = value(derivation.vec_form, data)
    except NoMatrixFormError:
        return []
    of, by = derivation.of, derivation.wrt
    layout = derivation.layout.value
    found = [(by_vec, lambda: stacked(jacobian(of, by, data), of, layout))]
    return [check("by vec", "reverse mode in NumPy", found, EXACT_TOLERANCE)]


def _exact(derivation: Derived, sizes: Mapping[str, int] | None, seed: int) -> Check:
    """Dual numbers over a finite field; what agrees there by a chance too large to prove anything counts as not run."""

    def not_run(reason: str) -> Check:
        return Check("exact", METHOD, None, 0.0, reason, True)

    try:
        answer, by_vec = _closed_form(derivation)
        found = judge(derivation.of, derivation.wrt, answer, derivation.layout.value, by_vec=by_vec, sizes=sizes, seed=seed)
    except (EvaluationError, NoMatrixFormError, UnsupportedError) as error:
        return not_run(str(error))
    if found.agrees and found.error_probability > LARGEST_ERROR:
        return not_run(
            f"It agrees, but a wrong result would agree as well with a chance of up to {found.error_probability:.0e}, "
            f"since {found.weakness}."
        )
    if not found.agrees:
        return Check("exact", METHOD, float("inf"), 0.0, None, True, sizes=found.tried)
    return Check("exact", METHOD, 0.0, 0.0, None, True, found.error_probability, found.tried)


def _closed_form(derivation: Derived) -> tuple[Expr, bool]:
    """The derivative as a matrix, and whether it is the one by vec."""
    try:
        return derivation.result, False
    except NoMatrixFormError:
        return derivation.vec_form, True


def stacked(raw: Array, of: Expr, layout: str) -> Array:
    """A raw derivative as the derivative by vec: columns stacked, on both sides."""
    rows, columns = raw.shape[: ndim(of.shape)], raw.shape[ndim(of.shape) :]
    outputs = raw.reshape((*rows, -1)).reshape((int(np.prod(rows)), -1), order="F").reshape((-1, *columns))
    by_vec = outputs.reshape((len(outputs), -1), order="F")
    return by_vec if layout == "numerator" else by_vec.T


def _difference(found: Array, derivation: Derived, data: Data, seed: int, *, matrix: bool) -> Check:
    """Differences entry by entry of the variable; of a large variable, only of some entries drawn at random."""
    of, by = derivation.of, derivation.wrt
    if matrix:
        axes = tuple(data.extent(size) for size in derivation.index_form.shape)
        layout = derivation.layout.value
        fits = found.shape == laid_out(np.empty(axes), of.shape, [by.shape], layout).shape
        found = raw_of(found, axes, of.shape, [by.shape], layout) if fits else np.full(axes, np.inf)
    count = int(np.prod(data.extents(by.shape)))
    flat = found.reshape(-1, count)
    entries = np.arange(count)
    if count > MOST_ENTRIES:
        entries = np.sort(np.random.default_rng(seed).choice(count, MOST_ENTRIES, replace=False))
    chosen = entries.tolist()
    part = "" if count <= MOST_ENTRIES else f", {MOST_ENTRIES} of {count} entries"
    try:
        raw = complex_step(of, by, data, chosen)
    except EvaluationError:
        central_part = f"central differences{part}"
        return check("difference", central_part, [(flat[:, chosen], lambda: central(of, by, data, chosen))], DIFFERENCE_TOLERANCE)
    return check("difference", f"complex step{part}", [(flat[:, chosen], lambda: raw)], EXACT_TOLERANCE)


def check(
    oracle: str, method: str, points: Sequence[tuple[Array, Callable[[], Array]]], tolerance: float, *, independent: bool = True
) -> Check:
    """The largest error of what was found against the truth, at each of the points."""
    try:
        errors = [relative_error(found, truth()) for found, truth in points]
    except EvaluationError as error:
        return Check(oracle, method, None, tolerance, str(error), independent)
    return Check(oracle, method, float(np.max(errors)), tolerance, None, independent)


def relative_error(found: Array, wanted: Array) -> float:
    """The largest deviation relative to the largest entry wanted; infinite for another shape or entries that are not finite.

    The largest entry counts as at least `SMALLEST_SCALE`: where a derivative vanishes, both sides are left with rounding.
    """
    if found.shape != wanted.shape or not np.all(np.isfinite(found)):
        return float("inf")
    if not found.size:
        return 0.0
    return float(np.abs(found - wanted).max()) / max(float(np.abs(wanted).max()), SMALLEST_SCALE)


def verify_step(step: Step, *, seed: int = 0) -> bool:
    """Whether both sides of a step are equal at random data, in the layout of the step."""
    sides = (step.before, step.after)
    roots = [root for side in sides for root in _roots(side)]
    data = draw(roots, np.random.default_rng(seed))
    before, after = (_side(side, step.layout, data) for side in sides)
    return relative_error(before, after) <= EXACT_TOLERANCE


def _roots(side: Expr | IndexForm) -> tuple[Expr, ...]:
    """What a side rests on: all of it must have finite values."""
    if isinstance(side, IndexForm):
        return side.roots
    return (side.of, side.by) if isinstance(side, Derivative) else (side,)


def _side(side: Expr | IndexForm, layout: str, data: Data) -> Array:
    """One side of a step as a matrix; what has more than two axes as the derivative by vec."""
    if isinstance(side, IndexForm):
        of, by = side.roots
        raw = index_sum(side.form, data).reshape([data.extent(size) for size in side.shape])
    elif isinstance(side, Derivative) and len(side.shape) > 2:
        of, by = side.of, side.by
        raw = jacobian(of, by, data)
    else:
        return value(side, data)
    if raw.ndim <= 2:
        return laid_out(raw, of.shape, [by.shape], layout)
    return stacked(raw, of, layout)


def index_evaluate(form: IndexForm, values: Any, *, sizes: Any = None, functions: Any = None) -> Array:
    """The value of an index form at a user's data."""
    data = bind(form.roots, values, sizes=sizes, functions=functions)
    return index_sum(form.form, data).reshape([data.extent(size) for size in form.shape])


register(METHODS, "verify", verify)
register(METHODS, "verify_step", verify_step)
register(METHODS, "index_evaluate", index_evaluate)
