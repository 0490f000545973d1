"""Data other than the usual ones: larger and smaller entries, sizes that are equal, 1, or large.

A point is used where the derivative is finite and well conditioned, so that correct code is not rejected for its rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TypeAlias, final

import numpy as np

from matcalc.derivation import Derivation
from matcalc.errors import EvaluationError
from matcalc.gradient_check.conditions import assuming
from matcalc.gradient_check.readings import SMALLEST_SCALE
from matcalc.language.expressions import (
    Apply, ApplyMap, ApplyMatrixFunction, Determinant, Expr, Inverse, LogDeterminant, MatrixPower, PseudoInverse, Softmax,
)  # fmt: skip
from matcalc.language.traversal import postorder, with_definition
from matcalc.language.unrolling import whole_names
from matcalc.numeric.data import Array, Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.elementwise import KNOWN_VALUES
from matcalc.numeric.evaluation import evaluation_order, values_of
from matcalc.numeric.tape import gradients, jacobian

LARGER = (8.0, 4.0, 2.0)  # what entries are multiplied by, the first at which the derivative is good
SMALLER = (0.05, 0.2)
LARGEST = 1e8
MOST_ARGUMENT = 8.0  # of a function that saturates or grows fast: 1 - tanh(8)^2 still has nine digits
KINK_MARGIN = 1e-4
MOST_CONDITION = 1e6
SINGULAR_CONDITION = 1e10
SHIFT = 1e-9  # relative, to see how well conditioned a derivative is
EQUAL = 3
LARGE = (23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)
MOST_ALONE = 4  # names of sizes that are made 1 or large by themselves
MOST_ENTRIES = 1_000_000  # of a node, times the entries of what is differentiated

Values: TypeAlias = dict[str, Array]
_PIECEWISE_LINEAR = ("relu", "leaky_relu", "abs", "step", "sign", "square")
_WITH_INVERSES = (Inverse, Determinant, LogDeterminant, MatrixPower, PseudoInverse)


class PointKind(StrEnum):
    """How data differ from the usual ones."""

    EQUAL_SIZES = "equal sizes"
    LARGER_ENTRIES = "larger entries"
    SMALLER_ENTRIES = "entries close to 0"
    LARGER_SIZES = "larger sizes"
    SIZES_OF_ONE = "sizes of 1"


@final
@dataclass(frozen=True, slots=True)
class Point:
    """Data other than the usual ones.

    Attributes:
        kind: how they differ.
        held: what holds of them, as a clause behind *where*.
        data: the data.
        truths: the derivative by each variable, as raw arrays.
    """

    kind: PointKind
    held: str
    data: Data
    truths: tuple[Array, ...]


@final
@dataclass(frozen=True, slots=True)
class Points:
    """Where the points of a question come from.

    Attributes:
        roots: what is differentiated, and the variables.
        wanted: the derivatives.
        draws: the usual data.
        sizes: those that are given.
        assumed: what holds of data, by plain name.
        seed: of the random data.
    """

    roots: Sequence[Expr]
    wanted: Sequence[Derivation]
    draws: Sequence[Data]
    sizes: Mapping[str, int]
    assumed: Mapping[str, str]
    seed: int

    def all(self) -> Iterator[Point]:
        """The points, those first that say most about a code which is wrong at several."""
        free = [name for name in self.draws[0].sizes if name not in self.sizes]
        if len(free) > 1:
            yield from self._sized(PointKind.EQUAL_SIZES, dict.fromkeys(free, EQUAL), f"sizes are equal: {' = '.join(free)} = {EQUAL}")
        yield from self._magnitudes()
        yield from self._large_sizes(free)
        if len(free) > 1:
            yield from self._sized(PointKind.SIZES_OF_ONE, dict.fromkeys(free, 1), "all sizes are 1")
        for name in free[:MOST_ALONE]:
            yield from self._sized(PointKind.SIZES_OF_ONE, {name: 1}, f"{name} = 1")

    # ---- magnitudes --------------------------------------------------------------------------------------------------

    def _magnitudes(self) -> Iterator[Point]:
        """Everything larger, then the variables alone with other signs, then everything else; and closer to 0."""
        whole = whole_names(list(postorder(self.roots, with_definition)))
        names = [name for name in self.draws[0].values if name not in whole]
        by = [d.wrt.name for d in self.wanted if d.wrt.name in names]
        others = [name for name in names if name not in by]
        rng = np.random.default_rng([self.seed, len(self.draws)])
        groups = ((names, 1.0, 3), (by, -1.0, 2), *(((others, 1.0, 1),) if others and by else ()))
        for kind, factors, spread in ((PointKind.LARGER_ENTRIES, LARGER, 0.6), (PointKind.SMALLER_ENTRIES, SMALLER, 0.02)):
            for group, sign, number in groups:
                base = self.draws[number % len(self.draws)]
                which = "the entries" if group is names else f"the entries of {', '.join(group[:3])}"
                for factor in factors if group else ():
                    data = self._scaled(base, group, partial(_multipliers, rng, sign * factor, spread))
                    truths = self._truths(data, calm=True)
                    if truths is not None:
                        end = max(float(np.abs(data.values[name]).max()) for name in group)
                        how = "larger, up to" if kind is PointKind.LARGER_ENTRIES else "close to 0, at most"
                        yield Point(kind, f"{which} are {how} {end:.2g} in magnitude", data, truths)
                        break

    def _scaled(self, data: Data, names: Sequence[str], multipliers: Callable[[tuple[int, ...]], Array]) -> Data:
        scaled = {name: data.values[name] * multipliers(data.values[name].shape) for name in names}
        return assuming(replace(data, values={**data.values, **scaled}), self.assumed)

    # ---- sizes -------------------------------------------------------------------------------------------------------

    def _large_sizes(self, free: Sequence[str]) -> Iterator[Point]:
        """All sizes large where that stays cheap, else one after the other."""
        together = {name: LARGE[k % len(LARGE)] for k, name in enumerate(free)}
        for chosen in (together, *({name: LARGE[0]} for name in free[:MOST_ALONE])):
            if chosen and self._is_cheap({**self.draws[0].sizes, **chosen}):
                listed = ", ".join(f"{name} = {number}" for name, number in chosen.items())
                yield from self._sized(PointKind.LARGER_SIZES, chosen, f"sizes are larger: {listed}")
                if chosen is together:
                    return

    def _is_cheap(self, sizes: Mapping[str, int]) -> bool:
        data = Data(sizes=sizes)
        entries = [int(np.prod(data.extents(node.shape))) for node in postorder(self.roots, with_definition)]
        return max(entries) * int(np.prod(data.extents(self.wanted[0].of.shape))) <= MOST_ENTRIES

    def _sized(self, kind: PointKind, chosen: Mapping[str, int], held: str) -> Iterator[Point]:
        sizes = {**self.draws[0].sizes, **chosen}
        try:
            data = assuming(draw(self.roots, np.random.default_rng([self.seed, *sizes.values()]), sizes=sizes), self.assumed)
        except EvaluationError:  # as for the inverse of X^T X, where X must be tall
            return
        truths = self._truths(data, calm=False)
        if truths is not None:
            yield Point(kind, held, data, truths)

    # ---- which are good ----------------------------------------------------------------------------------------------

    def _truths(self, data: Data, calm: bool) -> tuple[Array, ...] | None:
        """The derivatives; None where one is not finite, too large, or changes much with the rounding of the data.

        Args:
            data: the data.
            calm: whether arguments of functions have to be moderate.
        """
        try:
            with np.errstate(all="ignore"):
                if not self._is_good(data, calm):
                    return None
                truths, shifted = self._raws(data), self._raws(self._shifted(data))
        except (EvaluationError, np.linalg.LinAlgError):
            return None
        for truth, other in zip(truths, shifted, strict=True):
            largest = float(np.abs(truth).max(initial=0.0))
            off = float(np.abs(other - truth).max(initial=0.0))
            if not largest <= LARGEST or not off <= SHIFT * MOST_CONDITION * max(largest, SMALLEST_SCALE):
                return None
        return truths

    def _raws(self, data: Data) -> tuple[Array, ...]:
        of, by = self.wanted[0].of, [d.wrt for d in self.wanted]
        return tuple(jacobian(of, each, data) for each in by) if of.shape else tuple(gradients(of, by, data))

    def _shifted(self, data: Data) -> Data:
        whole = whole_names(list(postorder(self.roots, with_definition)))
        rng = np.random.default_rng([self.seed, 1])
        names = [name for name in data.values if name not in whole]
        return self._scaled(data, names, lambda shape: 1.0 + SHIFT * rng.uniform(-1.0, 1.0, shape))

    def _is_good(self, data: Data, calm: bool) -> bool:
        """Whether all parts are finite, off their kinks, and within what a code may compute in another way."""
        values = values_of(evaluation_order(self.roots, {}, data), data)
        return all(np.all(np.abs(array) <= LARGEST) and _is_good_at(node, values, calm) for node, array in values.items())


def _multipliers(rng: np.random.Generator, largest: float, spread: float, shape: tuple[int, ...]) -> Array:
    """Random numbers between the largest one and a part of it."""
    return np.asarray(largest * spread ** rng.uniform(0.0, 1.0, shape))


def is_singular(roots: Sequence[Expr], data: Data) -> bool:
    """Whether a matrix is inverted that has no inverse but for rounding, or its determinant is taken."""
    values = values_of(evaluation_order(roots, {}, data), data)
    matrices = [values[node.operands[0]] for node in values if isinstance(node, Inverse | Determinant | LogDeterminant)]
    return not all(np.linalg.cond(matrix) <= SINGULAR_CONDITION for matrix in matrices)


def _is_good_at(node: Expr, values: Mapping[Expr, Array], calm: bool) -> bool:
    arguments = [values[operand] for operand in node.operands if operand in values]
    if isinstance(node, Apply) and node.function.known and KNOWN_VALUES[node.function.name].kink:
        return not np.any(np.abs(arguments[0]) < KINK_MARGIN)
    if isinstance(node, _WITH_INVERSES):
        return bool(np.linalg.cond(arguments[0]) <= MOST_CONDITION)
    saturates = isinstance(node, Softmax | ApplyMap | ApplyMatrixFunction) or (
        isinstance(node, Apply) and node.function.name not in _PIECEWISE_LINEAR
    )
    return not (calm and saturates) or all(np.all(np.abs(array) <= MOST_ARGUMENT) for array in arguments)
