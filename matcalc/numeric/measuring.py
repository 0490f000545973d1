"""The time that a bracketing takes in NumPy, at random matrices; a diagonal one is kept as its diagonal."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from matcalc.numeric.arrays import Array

SHORTEST = 2e-3  # seconds that one measurement lasts at least, so that the clock and the first call do not count


@final
@dataclass(frozen=True, slots=True)
class Factor:
    """A random factor: a matrix, the diagonal of one, or nothing but its size where it is the identity."""

    kind: str
    array: Array


def drawn(rows: int, columns: int, kind: str, rng: np.random.Generator) -> Factor:
    """A factor of a kind: ``diagonal``, ``identity``, or a full matrix."""
    if kind == "diagonal":
        return Factor(kind, rng.uniform(0.5, 1.5, rows))
    if kind == "identity":
        return Factor(kind, np.ones(rows))
    return Factor("full", rng.standard_normal((rows, columns)) / np.sqrt(columns))


def multiplied(left: Factor, right: Factor) -> Factor:
    """The product, with diagonal factors as scalings."""
    match left.kind, right.kind:
        case "identity", _:
            return right
        case _, "identity":
            return left
        case "diagonal", "diagonal":
            return Factor("diagonal", left.array * right.array)
        case "diagonal", _:
            return Factor("full", left.array[:, np.newaxis] * right.array)
        case _, "diagonal":
            return Factor("full", left.array * right.array)
        case _:
            return Factor("full", left.array @ right.array)


def seconds(products: Sequence[tuple[Sequence[Factor], Sequence[tuple[Any, Any]]]], repeats: int) -> list[float]:
    """The time of all multiplications of each product, in the order of its steps: the shortest of the repeats.

    The products take turns, and the shortest time is taken, so that what else the machine does disturbs them little, and all alike.

    Args:
        products: the factors of each, from left to right, and the steps: pairs of positions; a position from ``len(factors)`` on is
            the result of an earlier step.
        repeats: how many times each is timed.
    """
    runs = [_run(factors, steps) for factors, steps in products]
    loops = [_loops(run) for run in runs]
    rounds = [[_lasts(run, count) for run, count in zip(runs, loops, strict=True)] for _ in range(repeats)]
    return [min(times) for times in zip(*rounds, strict=True)]


def _run(factors: Sequence[Factor], steps: Sequence[tuple[Any, Any]]) -> Callable[[], None]:
    def run() -> None:
        made = list(factors)
        for left, right in steps:
            made.append(multiplied(made[left], made[right]))

    return run


def _lasts(run: Callable[[], None], loops: int) -> float:
    start = time.perf_counter()
    for _ in range(loops):
        run()
    return (time.perf_counter() - start) / loops


def _loops(run: Callable[[], None]) -> int:
    run()
    start = time.perf_counter()
    run()
    return max(1, int(SHORTEST / max(time.perf_counter() - start, 1e-7)))
