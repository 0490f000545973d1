"""What counts as right: the derivative by reverse mode, in both layouts, and how an array that was returned is held against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from matcalc.language.expressions import Expr
from matcalc.language.sizes import ndim
from matcalc.layout.conventions import Layout
from matcalc.numeric.data import Array, Data
from matcalc.numeric.layouts import laid_out
from matcalc.numeric.tape import jacobian
from matcalc.verification import stacked

SMALLEST_SCALE = 1e-8


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """One way in which the derivative may be written as an array, at all data.

    Attributes:
        layout: the layout.
        name: in words; empty where there is but one way.
        values: the array at each of the data.
    """

    layout: Layout
    name: str
    values: tuple[Array, ...]


def readings(of: Expr, by: Expr, draws: Sequence[Data], layout: Layout) -> tuple[Reading, ...]:
    """The ways of writing a derivative, those in the layout first; with more than two axes as an array or by vec."""
    return readings_of(of, by, [jacobian(of, by, data) for data in draws], layout)


def readings_of(of: Expr, by: Expr, raws: Sequence[Array], layout: Layout) -> tuple[Reading, ...]:
    """The same for derivatives that are there already, as raw arrays."""
    layouts = (layout, layout.other)
    if ndim(of.shape) + ndim(by.shape) <= 2:
        return tuple(Reading(each, "", tuple(laid_out(raw, of.shape, [by.shape], each.value) for raw in raws)) for each in layouts)
    found: list[Reading] = []
    for each in layouts:
        outputs, inputs = ("output", "input") if each is Layout.NUMERATOR else ("input", "output")
        arrays = tuple(_axes_first(raw, ndim(of.shape), each) for raw in raws)
        found.append(Reading(each, f"an array with the axes of the {outputs} first, then of the {inputs}", arrays))
        found.append(Reading(each, "the derivative by vec, columns stacked", tuple(stacked(raw, of, each.value) for raw in raws)))
    return tuple(found)


def _axes_first(raw: Array, outputs: int, layout: Layout) -> Array:
    if layout is Layout.NUMERATOR:
        return raw
    return np.moveaxis(raw, range(outputs), range(raw.ndim - outputs, raw.ndim))


def fitted(found: Array, target: Array) -> Array | None:
    """What was found in the shape of the target, where that changes no more than a 1-D array or axes of length 1; else None."""
    if found.shape == target.shape:
        return found
    if found.size != target.size:
        return None
    one = target.size == 1 and found.ndim <= 2
    vector = found.ndim == 1 and target.ndim == 2 and 1 in target.shape
    many = target.ndim > 2 and [k for k in found.shape if k > 1] == [k for k in target.shape if k > 1]
    return found.reshape(target.shape) if one or vector or many else None


def scale_of(target: Array) -> float:
    """The largest entry, which errors are relative to."""
    return max(float(np.abs(target).max(initial=0.0)), SMALLEST_SCALE)


def error_of(found: Array, target: Array) -> float:
    """The largest deviation relative to the largest entry of the target; infinite for another shape."""
    array = fitted(found, target)
    if array is None or not np.all(np.isfinite(target)):
        return float("inf")
    return float(np.abs(array - target).max(initial=0.0)) / scale_of(target)


def all_agree(found: Sequence[Array], targets: Sequence[Array], tolerance: float) -> bool:
    """Whether what was found is the target at all data."""
    return all(error_of(f, t) <= tolerance for f, t in zip(found, targets, strict=True))
