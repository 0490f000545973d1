"""What is the matter with a code that is wrong: explanations, each tried at all data, the simplest first.

None is a special case: a ratio to what is right, the terms of the right form with other coefficients, single slips in the right
form, other derivatives, sums and reshapings, and places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.gradient_check.edits import Edit, edits, terms
from matcalc.gradient_check.evidence import Evidence, proportion
from matcalc.gradient_check.factors import Factor
from matcalc.gradient_check.readings import Reading, error_of, fitted, scale_of
from matcalc.gradient_check.report import Diagnosis, DiagnosisKind
from matcalc.language.expressions import Expr
from matcalc.language.sizes import ndim
from matcalc.layout.conventions import Layout
from matcalc.layout.factors import name_of
from matcalc.numeric.data import Array
from matcalc.numeric.layouts import laid_out
from matcalc.numeric.tape import jacobian

MOST_EDITS = 3000
NEARLY = 1e-3
SPREADING = "An array of shape (n,) and one of shape (n, 1) give one of shape (n, n) when NumPy adds or multiplies them: reshape one."


def diagnosis_of(evidence: Evidence) -> Diagnosis | None:
    """The first explanation that holds at all data."""
    for way in _WAYS:
        found = way(evidence)
        if found is not None:
            return found
    return None


# ---- ratios and terms ------------------------------------------------------------------------------------------------


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
            return Diagnosis(DiagnosisKind.FACTOR, f"It is right but for the sign.{turned}", factor.value)
        text = f"It is {factor.value!r} times what is right: {_remedy(factor)}.{turned}"
        return Diagnosis(DiagnosisKind.FACTOR, text, factor.value)
    return None


def _remedy(factor: Factor) -> str:
    return f"the factor {factor.inverse!r} is missing"


def _terms(evidence: Evidence) -> Diagnosis | None:
    """The terms of the right form, with other coefficients."""
    parts = terms(evidence.right) if evidence.right is not None else ()
    if len(parts) < 2:
        return None
    values = [evidence.values_of(part) for part in parts]
    columns = [value for value in values if value is not None]
    if len(columns) < len(parts):
        return None
    for turned in (False, True):
        rows: list[Array] = []
        for k, found in enumerate(evidence.found):
            matrices = [value[k].T if turned else value[k] for value in columns]
            coefficients = _coefficients(found, matrices, evidence.tolerance)
            if coefficients is None:
                break
            rows.append(coefficients)
        else:
            return _told_terms(evidence, parts, np.array(rows))
    return None


def _coefficients(found: Array, matrices: list[Array], tolerance: float) -> Array | None:
    """The coefficients with which matrices sum up to what was found."""
    target = fitted(found, matrices[0])
    if target is None or any(matrix.shape != target.shape for matrix in matrices) or target.size <= len(matrices):
        return None
    columns = np.stack([matrix.ravel() for matrix in matrices], axis=1)
    scales = np.abs(columns).max(axis=0)
    if not scales.all():
        return None
    solved, _, rank, _ = np.linalg.lstsq(columns / scales, target.ravel(), rcond=1e-9)
    if rank < len(matrices) or error_of((columns / scales @ solved).reshape(target.shape), target) > tolerance:
        return None
    coefficients = solved / scales
    return np.where(np.abs(solved) <= tolerance * np.abs(solved).max(), 0.0, coefficients)


def _told_terms(evidence: Evidence, parts: tuple[Expr, ...], rows: Array) -> Diagnosis | None:
    told: list[str] = []
    for part, column in zip(parts, rows.T, strict=True):
        if not column.any():
            told.append(f"the term {part!r} is missing")
            continue
        factor = evidence.named([float(number) for number in column])
        if factor is None:
            return None
        if factor.is_sign:
            told.append(f"the term {part!r} has the wrong sign")
        elif repr(factor.value) != "1":
            told.append(f"the term {part!r} is {factor.value!r} times what is right")
    text = "; ".join(told)
    others = " The rest is right." if len(told) < len(parts) else ""
    return Diagnosis(DiagnosisKind.TERM, f"{text[:1].upper()}{text[1:]}.{others}") if told else None


# ---- slips in the right form, and other derivatives ------------------------------------------------------------------


def _slip(evidence: Evidence) -> Diagnosis | None:
    def equal(found: Array, value: Array) -> bool:
        return error_of(found, value) <= evidence.tolerance

    for edit in _likely(evidence, equal):
        values = evidence.values_of(edit.result)
        if values is not None and evidence.both_ways(values):
            return Diagnosis(edit.kind, edit.text)
    return None


def _slip_and_factor(evidence: Evidence) -> Diagnosis | None:
    """A slip and a ratio besides; of arrays only, since one number is a ratio of anything."""
    if evidence.found[0].size < 2:
        return None

    def proportional(found: Array, value: Array) -> bool:
        array = fitted(found, value)
        return array is not None and array.size > 1 and proportion(array, value, evidence.tolerance) is not None

    for edit in _likely(evidence, proportional):
        values = evidence.values_of(edit.result) or ()
        for targets in (values, [value.T for value in values]) if values else ():
            factor = evidence.ratio(targets)
            if factor is not None:
                beside = "the sign is wrong" if factor.is_sign else _remedy(factor)
                return Diagnosis(edit.kind, f"{edit.text} And {beside}.")
    return None


def _likely(evidence: Evidence, test: Callable[[Array, Array], bool]) -> Iterator[Edit]:
    """The slips that pass a test at the first data."""
    if evidence.right is None:
        return
    for edit in islice(edits(evidence.right, evidence.quantities), MOST_EDITS):
        if evidence.first_value_fits(edit.result, test):
            yield edit


def _other_derivative(evidence: Evidence) -> Diagnosis | None:
    """The derivative by another quantity, or of another one."""
    of, wrt = evidence.derivation.of, evidence.derivation.wrt
    pairs = [(of, other) for other in evidence.quantities.values() if other not in (of, wrt)]
    pairs += [(other, wrt) for other in evidence.quantities.values() if other not in (of, wrt)]
    for top, bottom in pairs:
        values = _derivative(evidence, top, bottom)
        if values is not None and evidence.both_ways(values):
            text = f"It is d{name_of(top)}/d{name_of(bottom)}, not d{name_of(of)}/d{name_of(wrt)}."
            return Diagnosis(DiagnosisKind.OTHER_DERIVATIVE, text)
    return None


def _derivative(evidence: Evidence, of: Expr, by: Expr) -> list[Array] | None:
    if ndim(of.shape) + ndim(by.shape) > 2:
        return None
    try:
        found = [laid_out(jacobian(of, by, data), of.shape, [by.shape], Layout.NUMERATOR.value) for data in evidence.draws]
    except EvaluationError:
        return None
    return found if all(array.any() for array in found) else None


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


_WAYS: tuple[Callable[[Evidence], Diagnosis | None], ...] = (
    _zero, _precision, _factor, _arranged, _terms, _slip, _other_derivative, _slip_and_factor, _spread, _place,
)  # fmt: skip
