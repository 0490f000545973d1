"""Whether a code that is right at the usual data is right at others, and stays so when it is called again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from matcalc.derivation import Derivation
from matcalc.gradient_check.points import Point, PointKind, Points
from matcalc.gradient_check.readings import SMALLEST_SCALE, Reading, error_of, fitted, readings_of
from matcalc.gradient_check.runs import Failure, Run, Runner
from matcalc.numeric.data import Array

REPEATS = 30
MOST_SECONDS = 0.1  # for the repeats of a code that is slow
SLACK = 100.0  # times the tolerance: what passes at unusual data
MOST_TOLERANCE = 1e-3
VANISHING = 1e-6  # of the usual size of the derivative: rounding errors of a code are relative to what it computes on the way


@final
@dataclass(frozen=True, slots=True)
class Refutation:
    """A point at which a code is not right.

    Attributes:
        point: the point.
        answer: what the code gave there.
        reading: what is right there.
        tolerance: relative to the largest entry of what is right.
    """

    point: Point
    answer: Array | Failure
    reading: Reading
    tolerance: float

    @property
    def is_shape(self) -> bool:
        """Whether there is no array of the shape wanted."""
        return isinstance(self.answer, Failure) or fitted(self.answer, self.reading.values[0]) is None


@final
class Confirmation:
    """More calls of a code, made once for all derivatives that it returns."""

    def __init__(self, runner: Runner, points: Points, usual: Sequence[Run], tolerance: float) -> None:
        self._runner = runner
        self._points = points
        self._usual = usual
        self._tolerance = tolerance

    @cached_property
    def _calls(self) -> tuple[tuple[tuple[Point, Run], ...], tuple[tuple[Run, Run], ...]]:
        """The calls at other data; and after them those at the usual data once more, each with the first call there."""
        others = tuple((point, self._runner.run(point.data)) for point in self._points.all())
        again = [(run, self._runner.run(run.data)) for run in self._usual]
        start = time.perf_counter()
        while len(again) < REPEATS and time.perf_counter() - start < MOST_SECONDS:
            again.append((self._usual[0], self._runner.run(self._usual[0].data)))
        return others, tuple(again)

    def is_changing(self, position: int) -> bool:
        """Whether the code gives another result for the same data later."""
        pairs = ((first.answers[position], again.answers[position]) for first, again in self._calls[1])
        return not all(_same(first, again, self._tolerance) for first, again in pairs)

    def is_changing_soon(self, position: int) -> bool:
        """Whether the code gives another result at one of the usual data when called there once more."""
        pairs = ((run.answers[position], self._runner.run(run.data).answers[position]) for run in self._usual)
        return not all(_same(first, again, self._tolerance) for first, again in pairs)

    def is_changing_at(self, refutation: Refutation, position: int) -> bool:
        """Whether the code gives another result where it was not right."""
        again = (self._runner.run(refutation.point.data).answers[position] for _ in self._usual)
        return not all(_same(refutation.answer, answer, self._tolerance) for answer in again)

    def refutations(self, d: Derivation, position: int, reading: Reading) -> Iterator[Refutation]:
        """The points at which the code is not right.

        Args:
            d: the derivative.
            position: of the derivative among those that the code returns.
            reading: how it was read at the usual data.
        """
        usual = max(float(np.abs(values).max(initial=0.0)) for values in reading.values)
        tolerance = max(self._tolerance, min(SLACK * self._tolerance, MOST_TOLERANCE))
        for point, run in self._calls[0]:
            ways = readings_of(d.of, d.wrt, (point.truths[position],), d.layout)
            at = next(way for way in ways if (way.layout, way.name) == (reading.layout, reading.name))
            answer = run.answers[position]
            largest = max(float(np.abs(at.values[0]).max(initial=0.0)), SMALLEST_SCALE)
            passing = tolerance * max(1.0, VANISHING * usual / largest)
            if isinstance(answer, Failure) or error_of(answer, at.values[0]) > passing:
                yield Refutation(point, answer, at, passing)

    def kinds(self) -> tuple[PointKind, ...]:
        """How the other data differ from the usual ones."""
        return tuple(dict.fromkeys(point.kind for point, _ in self._calls[0]))


def _same(first: Array | Failure, again: Array | Failure, tolerance: float) -> bool:
    if isinstance(first, Failure) or isinstance(again, Failure):
        return isinstance(first, Failure) and isinstance(again, Failure)
    return error_of(again, first) <= tolerance
