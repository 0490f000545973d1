"""Slips tried at the data: each is evaluated at the first data, and those that fit what was found there at all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, zip_longest
from typing import final

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.gradient_check.edits import lowered
from matcalc.gradient_check.evidence import Evidence, proportion
from matcalc.gradient_check.factors import Factor
from matcalc.gradient_check.readings import error_of, fitted
from matcalc.gradient_check.report import Diagnosis
from matcalc.gradient_check.slips import OFTEN, Slip, both, slips
from matcalc.language.expressions import Expr, Let
from matcalc.numeric.data import Array
from matcalc.numeric.evaluation import dependents, evaluation_order, values_of

MOST_SLIPS = 1500
MOST_PAIRS = 400
MOST_NODES = 80000
MOST_NODES_OF_PAIRS = 15000


@final
class Trials:
    """The slips in the right form of a judgement, with their values."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._right = evidence.right
        self._nodes = [] if self._right is None else evaluation_order([self._right], {}, evidence.draws[0])
        self._known: dict[int, dict[Expr, Array]] = {}
        self._free: dict[tuple[Let, ...], frozenset[Expr]] = {}
        self._tried: list[tuple[Slip, Array]] | None = None

    # ---- values ------------------------------------------------------------------------------------------------------

    def value(self, slip: Slip, k: int) -> Array | None:
        """What is computed with a slip at one of the data; None where it has no value, as where sizes do not fit."""
        data = self.evidence.draws[k]
        try:
            given = self._values(k)
            if slip.definitions:
                free = self._unaffected(tuple(let for let, _ in slip.definitions))
                given = {node: array for node, array in given.items() if node in free}
                for let, definition in slip.definitions:
                    given[let] = values_of([definition], data, given)[definition]
            array = values_of([slip.result], data, given)[slip.result]
        except (EvaluationError, ValueError):
            return None
        return array if np.all(np.isfinite(array)) else None

    def _values(self, k: int) -> dict[Expr, Array]:
        """The values of all that the right form is made of."""
        if k not in self._known:
            data = self.evidence.draws[k]
            self._known[k] = values_of(evaluation_order(self._nodes[-1:], {}, data), data)
        return self._known[k]

    def _unaffected(self, lets: tuple[Let, ...]) -> frozenset[Expr]:
        """The parts of the right form that do not rest on some named quantities."""
        if lets not in self._free:
            resting = dependents(self._nodes, lets, self.evidence.draws[0])
            self._free[lets] = frozenset(node for node in self._nodes if node not in resting)
        return self._free[lets]

    def _values_at_all(self, slip: Slip) -> list[Array] | None:
        found: list[Array] = []
        for k in range(len(self.evidence.draws)):
            array = self.value(slip, k)
            if array is None:
                return None
            found.append(array)
        return found

    def _single(self) -> list[tuple[Slip, Array]]:
        """The single slips that have a value at the first data, with it."""
        if self._tried is None:
            named = {} if self._right is None else self.evidence.quantities
            found = () if self._right is None else islice(slips(self._right, named), self._at_most(MOST_SLIPS, MOST_NODES))
            self._tried = [(slip, array) for slip in found if (array := self.value(slip, 0)) is not None]
        return self._tried

    def _at_most(self, number: int, nodes: int) -> int:
        """How many slips are tried: fewer in a large form, so that the time stays short."""
        return min(number, nodes // (len(self._nodes) + 1))

    # ---- explanations ------------------------------------------------------------------------------------------------

    def slip(self) -> Diagnosis | None:
        """A single slip."""
        return self._exactly(self._single(), 1)

    def slip_and_factor(self) -> Diagnosis | None:
        """A single slip and a ratio besides."""
        return self._proportionally(self._single(), 2)

    def two_slips(self) -> Diagnosis | None:
        """Two slips of the kinds that are made often, and a ratio besides."""
        pairs = list(islice(self._pairs(), self._at_most(MOST_PAIRS, MOST_NODES_OF_PAIRS)))
        return self._exactly(pairs, 2) or self._proportionally(pairs, 3)

    def _pairs(self) -> Iterator[tuple[Slip, Array]]:
        right = self._right
        if right is None:
            return
        groups = [[slip for slip, _ in self._single() if slip.kind is kind] for kind in OFTEN]
        paired = [slip for rank in zip_longest(*groups) for slip in rank if slip is not None]
        for first, second in ((paired[i], paired[j]) for j in range(len(paired)) for i in range(j)):
            pair = both(right, first, second)
            array = None if pair is None else self.value(pair, 0)
            if pair is not None and array is not None:
                yield pair, array

    def _exactly(self, tried: Sequence[tuple[Slip, Array]], count: int) -> Diagnosis | None:
        evidence = self.evidence

        def equal(found: Array, value: Array) -> bool:
            return error_of(found, value) <= evidence.tolerance

        turned_only: Diagnosis | None = None
        for slip in self._likely(tried, equal):
            values = self._values_at_all(slip)
            for targets, turned in self._both_ways(values) if values else ():
                if evidence.agrees(targets):
                    found = Diagnosis(slip.kind, f"{slip.text}{turned}", slips=count + bool(turned))
                    if not turned:
                        return found
                    turned_only = turned_only or found
        return turned_only

    def _proportionally(self, tried: Sequence[tuple[Slip, Array]], count: int) -> Diagnosis | None:
        """Of arrays only, since one number is a ratio of anything."""
        evidence = self.evidence
        if evidence.found[0].size < 2:
            return None

        def proportional(found: Array, value: Array) -> bool:
            array = fitted(found, value)
            return array is not None and array.size > 1 and proportion(array, value, evidence.tolerance) is not None

        for slip in self._likely(tried, proportional):
            values = self._values_at_all(slip)
            for targets, turned in self._both_ways(values) if values else ():
                factor = evidence.ratio(targets)
                if factor is not None:
                    text = f"{slip.text} And {lowered(besides(factor))}{turned}"
                    return Diagnosis(slip.kind, text, slips=count + bool(turned))
        return None

    def _likely(self, tried: Sequence[tuple[Slip, Array]], test: Callable[[Array, Array], bool]) -> Iterator[Slip]:
        found = self.evidence.found[0]
        return (slip for slip, array in tried if test(found, array) or test(found, array.T))

    def _both_ways(self, values: list[Array]) -> Iterator[tuple[list[Array], str]]:
        """The values, and their transposes with the sentence on them."""
        evidence = self.evidence
        yield values, ""
        other = evidence.derivation.layout.other.value
        yield [array.T for array in values], f" It is in {other} layout, too."


def besides(factor: Factor) -> str:
    """What is said of a ratio beside a slip."""
    return "The sign is wrong." if factor.is_sign else f"The factor {factor.inverse!r} is missing."
