"""What is the matter with a code that is wrong: explanations, each tried at all data, the simplest first.

None is a special case: a ratio to what is right, the terms of the right form with other coefficients, slips in the right form and
in the definitions it rests on, other derivatives, sums and reshapings, and places.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.gradient_check.edits import lowered
from matcalc.gradient_check.evidence import Evidence
from matcalc.gradient_check.readings import Reading, error_of, fitted, scale_of
from matcalc.gradient_check.report import Diagnosis, DiagnosisKind
from matcalc.gradient_check.splits import inner_terms, multiplied_out, one_term, paths, summed
from matcalc.gradient_check.trials import Trials, besides
from matcalc.language.expressions import Expr
from matcalc.language.sizes import ndim
from matcalc.layout.conventions import Layout
from matcalc.layout.factors import name_of
from matcalc.numeric.data import Array
from matcalc.numeric.layouts import laid_out
from matcalc.numeric.tape import jacobian

Way: TypeAlias = Callable[[Trials], Diagnosis | None]

NEARLY = 1e-3
SPREADING = "An array of shape (n,) and one of shape (n, 1) give one of shape (n, n) when NumPy adds or multiplies them: reshape one."


def diagnosis_of(trials: Trials) -> Diagnosis | None:
    """The first explanation that holds at all data."""
    with np.errstate(all="ignore"):
        return next((found for way in _WAYS if (found := way(trials)) is not None), None)


def farther_diagnosis_of(trials: Trials) -> Diagnosis | None:
    """An explanation by two slips, for a code that no simpler one explains."""
    with np.errstate(all="ignore"):
        return trials.two_slips()


# ---- ratios ----------------------------------------------------------------------------------------------------------


def _zero(evidence: Evidence) -> Diagnosis | None:
    if any(array.any() for array in evidence.found):
        return None
    return Diagnosis(DiagnosisKind.ZERO, "It is zero everywhere.")


def _factor(evidence: Evidence) -> Diagnosis | None:
    for reading in evidence.readings:
        factor = evidence.ratio(reading.values)
        if factor is None:
            continue
        turned = "" if reading.layout is evidence.derivation.layout else f" It is in {reading.layout.value} layout, too."
        if factor.is_sign:
            return Diagnosis(DiagnosisKind.FACTOR, f"It is right but for the sign.{turned}", factor.value, 1 + bool(turned))
        text = f"It is {factor.value!r} times what is right: {lowered(besides(factor))}{turned}"
        return Diagnosis(DiagnosisKind.FACTOR, text, factor.value, 1 + bool(turned))
    return None


# ---- other derivatives -----------------------------------------------------------------------------------------------


def _other_derivative(evidence: Evidence) -> Diagnosis | None:
    """The derivative by another quantity, or of another one."""
    of, wrt = evidence.derivation.of, evidence.derivation.wrt
    pairs = [(of, other) for other in evidence.quantities.values() if other not in (of, wrt)]
    pairs += [(other, wrt) for other in evidence.quantities.values() if other not in (of, wrt)]
    for top, bottom in pairs:
        if _is_derivative(evidence, top, bottom):
            text = f"It is d{name_of(top)}/d{name_of(bottom)}, not d{name_of(of)}/d{name_of(wrt)}."
            return Diagnosis(DiagnosisKind.OTHER_DERIVATIVE, text)
    return None


def _is_derivative(evidence: Evidence, of: Expr, by: Expr) -> bool:
    """Whether this derivative was found, in either layout; looked at one of the data after the other."""
    if ndim(of.shape) + ndim(by.shape) > 2:
        return False
    turned = [False, True]
    for found, data in zip(evidence.found, evidence.draws, strict=True):
        try:
            array = laid_out(jacobian(of, by, data), of.shape, [by.shape], Layout.NUMERATOR.value)
        except EvaluationError:
            return False
        turned = [way for way in turned if array.any() and error_of(found, array.T if way else array) <= evidence.tolerance]
        if not turned:
            return False
    return True


# ---- shapes ----------------------------------------------------------------------------------------------------------


def _diagonal(array: Array) -> Array | None:
    return np.diagonal(array) if array.ndim == 2 and array.shape[0] == array.shape[1] else None


def _summed(axis: int) -> Callable[[Array], Array | None]:
    return lambda array: array.sum(axis=axis) if array.ndim > axis else None


_ARRANGED: tuple[tuple[DiagnosisKind, str, Callable[[Array, Array], Array | None]], ...] = (
    (
        DiagnosisKind.BROADCAST,
        "Only the diagonal of what came out is meant, and it is right. " + SPREADING,
        lambda found, target: _diagonal(found),
    ),
    (DiagnosisKind.MISSING_SUM, "Summed over its rows (axis=0) it is right: that sum is missing.", lambda f, t: _summed(0)(f)),
    (DiagnosisKind.MISSING_SUM, "Summed over its columns (axis=1) it is right: that sum is missing.", lambda f, t: _summed(1)(f)),
    (DiagnosisKind.MISSING_SUM, "The sum of its entries is right: that sum is missing.", lambda f, t: np.asarray(f.sum())),
    (
        DiagnosisKind.RESHAPED,
        "It is the diagonal of what is right: as a derivative of a vector by a vector it is a matrix, np.diag of this one.",
        lambda f, t: np.diag(f.ravel()) if t.shape == (f.size, f.size) and f.size > 1 else None,
    ),
    (
        DiagnosisKind.RESHAPED,
        "Its entries are right and in the right order, row by row, but in another shape.",
        lambda f, t: f.reshape(t.shape) if f.size == t.size else None,
    ),
    (
        DiagnosisKind.RESHAPED,
        "Its entries are right, but stacked by columns: it is the derivative by vec, in another shape.",
        lambda f, t: f.reshape(t.shape, order="F") if f.size == t.size else None,
    ),
    (
        DiagnosisKind.RESHAPED,
        "Its entries are right, repeated by broadcasting.",
        lambda f, t: f[tuple(slice(0, n) for n in t.shape)] if f.shape != t.shape and _repeats(f, t) else None,
    ),
)


def _repeats(found: Array, target: Array) -> bool:
    """Whether what was found is an array of the target's shape, repeated along axes where that has length 1."""
    if found.ndim != target.ndim or any(n not in (1, k) for n, k in zip(target.shape, found.shape, strict=True)):
        return False
    return bool(np.allclose(found, found[tuple(slice(0, n) for n in target.shape)], rtol=1e-9, atol=0.0))


def _arranged(evidence: Evidence) -> Diagnosis | None:
    """What is right once it is summed, reshaped or cut; for shapes that are wrong."""
    if evidence.fitting() is not None:
        return None
    for reading in evidence.readings:
        for kind, text, arrangement in _ARRANGED:
            if all(
                (array := arrangement(found, target)) is not None and _agrees(array, target, evidence.tolerance)
                for found, target in zip(evidence.found, reading.values, strict=True)
            ):
                return Diagnosis(kind, text)
    return _summed_and_factor(evidence)


def _summed_and_factor(evidence: Evidence) -> Diagnosis | None:
    """A sum over rows or columns that is missing, and a ratio besides; of arrays only, since one number is a ratio of anything."""
    for reading in evidence.readings:
        if any(target.size < 2 for target in reading.values):
            return None
        for axis, name in enumerate(("rows", "columns")):
            sums = [_summed(axis)(found) for found in evidence.found]
            found = tuple(array for array in sums if array is not None)
            factor = replace(evidence, found=found).ratio(reading.values) if len(found) == len(sums) else None
            if factor is not None:
                text = f"The sum over its {name} (axis={axis}) is missing. And {lowered(besides(factor))}"
                return Diagnosis(DiagnosisKind.MISSING_SUM, text, slips=2)
    return None


def _agrees(array: Array, target: Array, tolerance: float) -> bool:
    if array.size != target.size:
        return False
    return error_of(array if fitted(array, target) is not None else array.reshape(target.shape), target) <= tolerance


def _spread(evidence: Evidence) -> Diagnosis | None:
    """An n x n array where a vector is wanted."""
    for found, target in zip(evidence.found, evidence.readings[0].values, strict=True):
        if 1 not in target.shape or found.shape != (target.size, target.size) or target.size == 1:
            return None
    return Diagnosis(DiagnosisKind.BROADCAST, SPREADING)


# ---- places ----------------------------------------------------------------------------------------------------------

_PLACES: tuple[tuple[str, Callable[[Array, Array, tuple[int, ...]], Array]], ...] = (
    ("the last column", lambda i, j, shape: j == shape[1] - 1),
    ("the first column", lambda i, j, shape: j == 0),
    ("the last row", lambda i, j, shape: i == shape[0] - 1),
    ("the first row", lambda i, j, shape: i == 0),
    ("the diagonal", lambda i, j, shape: i == j),
    ("everything off the diagonal", lambda i, j, shape: i != j),
    ("everything above the diagonal", lambda i, j, shape: i < j),
    ("everything below the diagonal", lambda i, j, shape: i > j),
    ("the first entry", lambda i, j, shape: (i == 0) & (j == 0)),
    ("the last entry", lambda i, j, shape: (i == shape[0] - 1) & (j == shape[1] - 1)),
    ("everything but the last column", lambda i, j, shape: j < shape[1] - 1),
    ("everything but the first column", lambda i, j, shape: j > 0),
    ("everything but the last row", lambda i, j, shape: i < shape[0] - 1),
    ("everything but the first row", lambda i, j, shape: i > 0),
)


def _place(evidence: Evidence) -> Diagnosis | None:
    """The wrong entries are all of one place, and the others are right."""
    reading = evidence.fitting()
    if reading is None or any(target.ndim != 2 for target in reading.values):
        return None
    masks = wrong_entries(evidence, reading)
    if any(mask.all() for mask in masks) or not all(mask.any() for mask in masks):
        return None
    for name, place in _PLACES:
        if all(np.array_equal(mask, place(np.indices(mask.shape)[0], np.indices(mask.shape)[1], mask.shape)) for mask in masks):
            return Diagnosis(DiagnosisKind.PLACE, f"Only {name} is wrong; the other entries are right.")
    return None


def wrong_entries(evidence: Evidence, reading: Reading) -> list[Array]:
    """Which entries are wrong, at each of the data; for shapes that fit."""
    masks: list[Array] = []
    for found, target in zip(evidence.found, reading.values, strict=True):
        array = fitted(found, target)
        assert array is not None
        masks.append(np.abs(array - target) > evidence.tolerance * scale_of(target))
    return masks


def _precision(evidence: Evidence) -> Diagnosis | None:
    for reading in evidence.readings:
        worst = max(error_of(found, target) for found, target in zip(evidence.found, reading.values, strict=True))
        if worst <= NEARLY:
            text = (
                f"It is right to about {worst:.0e} of the largest entry. If it uses differences or low precision, "
                f"take a larger tolerance, such as tolerance={10.0 ** np.ceil(np.log10(worst) + 0.3):.0e}."
            )
            return Diagnosis(DiagnosisKind.PRECISION, text)
    return None


def _alone(way: Callable[[Evidence], Diagnosis | None]) -> Way:
    """A way that tries no slips."""
    return lambda trials: way(trials.evidence)


_WAYS: tuple[Way, ...] = (
    *map(_alone, (_zero, _precision, _factor, _arranged, one_term, paths)),
    Trials.slip,
    *map(_alone, (_other_derivative, summed)),
    Trials.slip_and_factor,
    *map(_alone, (inner_terms, multiplied_out, _spread, _place)),
)
