"""Proving and refuting that two expressions are equal, by exact numbers and by floats."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from math import prod
from typing import Any, final

import numpy as np

from matcalc.derivation import Derivation
from matcalc.errors import EvaluationError
from matcalc.exact.equality import Counterexample, Proof, equal_forms, equal_when_finished
from matcalc.exact.fingerprints import LARGEST_ERROR, Fingerprint, fingerprint, lower_rank
from matcalc.exact.tried_sizes import size_choices, size_names
from matcalc.language.assumed import relations_of, unified
from matcalc.language.building import lift
from matcalc.language.expressions import Apply, Expr, LogDeterminant, Number, Symbol, transpose
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import shape_text, transposed
from matcalc.language.traversal import named, postorder, with_definition
from matcalc.language.unrolling import at_whole_numbers, free_indices, whole_names
from matcalc.numeric.data import Array, Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import values_of
from matcalc.numeric.noise import moved

FLOAT_SIZES = 6
WHOLE_NUMBERS = range(1, 7)  # in exponents and bounds
MOST_WORK = 2_000_000  # entries of all nodes, at sizes that were not asked for
LARGER = (6, 11, 8, 9, 7, 10, 13)
MOST_NAMES = len(LARGER)
DIFFERENT = 1e-6  # relative deviations
EQUAL = 1e-9
CLOSE = 1e-14
WITHIN = 30.0  # times what rounding moves values: no more than that is explained by it
FAR_ABOVE = 1000.0
SMALLEST_SCALE = 1e-5
FORMS_IN_WORDS = {
    "canonical form": "written as sums over indices, both sides are the same",
    "expanded canonical form": "multiplied out and written as sums over indices, both sides are the same",
}
FINISHED = "with what is assumed used and functions folded, as exp(u)/sum(exp(u)) to softmax, both sides are the same"
# Functions, and the rules that hold for them but not for the atoms that stand for them modulo a prime.
NOT_KNOWN_MOD_P = (
    ({"log", "softplus"}, "log(ab) = log(a) + log(b) and log(exp(v)) = v do not hold"),
    ({"sin", "cos"}, "sin and cos of sums and multiples are not related"),
    ({"relu", "leaky_relu", "abs", "step", "sign"}, "signs of sums are not related"),
)


def prove_equal(left: Any, right: Any, *, seed: int = 0) -> Proof:
    """Whether two expressions are equal; see `matcalc.equality.prove_equal`."""
    first, second = unified([_expression(left), _expression(right)])
    named([first, second])
    if first.shape != second.shape:
        return Proof("different", "shapes", None, None, _shapes_in_words(first, second))
    if first == second:
        return Proof("equal", "canonical form", 0.0, None, "both sides are written the same")
    method = equal_forms(first, second)
    if method is not None:
        return Proof("equal", method, 0.0, None, FORMS_IN_WORDS[method])
    exact = fingerprint(first, second, seed=seed)
    points = _Points(first, second, seed)
    if exact.proves:
        return _confirmed(points, exact)
    points.compare(_sizes_to_refute(points, exact), _matrices(first, second, exact))
    if points.refuted is not None:
        return _refutation(points.refuted, first)
    if not points.count:
        reason = exact.reason if exact.agree else points.fault.rstrip(".")
        return Proof("undecided", "floats", None, None, reason)
    if exact.complete and equal_when_finished(first, second):
        return Proof("equal", "finished form", 0.0, None, f"{FINISHED}; {points.in_words}")
    for_numbers = _at_whole_numbers(first, second, seed)
    if for_numbers is not None:
        return for_numbers
    return Proof("undecided", "floats", None, None, f"{points.in_words}, which proves nothing; {_weakness(first, second, exact)}")


def _at_whole_numbers(first: Expr, second: Expr, seed: int) -> Proof | None:
    """Exact numbers where symbols in exponents and bounds are small whole numbers; None where that does not prove it."""
    nodes = list(postorder([first, second], with_definition))
    names = sorted(whole_names(nodes))
    relations = relations_of(node for node in nodes if isinstance(node, Symbol))
    tried: list[dict[str, int]] = []
    chance = 0.0
    for shift in range(len(names)):
        for number in WHOLE_NUMBERS:
            numbers = {name: 1 + (number - 1 + shift * place) % WHOLE_NUMBERS[-1] for place, name in enumerate(names)}
            if numbers in tried or any(relation.holds(numbers) is False for relation in relations):
                continue
            found = fingerprint(*at_whole_numbers([first, second], numbers), seed=seed)
            if not found.proves:
                return None
            chance += found.error_probability
            tried.append(numbers)
    if not tried or chance > LARGEST_ERROR:
        return None
    listed = ", ".join(str(each[names[0]]) if len(names) == 1 else str(tuple(each.values())) for each in tried)
    where = f"{names[0] if len(names) == 1 else '(' + ', '.join(names) + ')'} = {listed}"
    reason = f"equal modulo a prime of 74 bits for {where}, at random data and several sizes; other numbers and sizes are not proved"
    return Proof("equal", "mod p", chance, None, reason)


def _confirmed(points: _Points, exact: Fingerprint) -> Proof:
    """What exact numbers proved, unless floats at other sizes refute it; signs need floats that agree closely."""
    points.compare(_sizes_to_confirm(points.sides))
    if points.refuted is not None:
        return _refutation(points.refuted, points.sides[0])
    assumed = [node.name for node in postorder(points.sides, with_definition) if isinstance(node, Symbol) and node.assumed]
    if assumed and not points.count:
        points.compare([None])
        if not points.count:
            return Proof("undecided", "floats", None, None, f"no data were found that have what is assumed: {points.fault.rstrip('.')}")
    if exact.signs and (not points.count or points.doubtful):
        doubt = "but the signs of constants need floats, which do not settle them"
        return Proof("undecided", "floats", None, None, f"{exact.reason}; {doubt}")
    return Proof("equal", "mod p", exact.error_probability, None, exact.reason)


def _refutation(example: Counterexample, side: Expr) -> Proof:
    return Proof("different", "floats", None, example, _difference_in_words(example, side))


def _expression(side: Any) -> Expr:
    return side.result if isinstance(side, Derivation) else lift(side)


def _shapes_in_words(left: Expr, right: Expr) -> str:
    """That the shapes differ, and what may have been meant."""
    text = f"the shapes differ: {shape_text(left.shape)} and {shape_text(right.shape)}"
    if left.shape == transposed(right.shape) and equal_forms(left, transpose(right)):
        return f"{text}; one side is the transpose of the other"
    number, array = (left, right) if isinstance(left, Number) else (right, left)
    if isinstance(number, Number):
        sizes = ", ".join(map(repr, map(str, array.shape)))
        return f"{text}; a number is a scalar: for an array with {number!r} in every entry write {number!r} * mc.ones({sizes})"
    return text


@final
class _Points:
    """Comparisons of two sides in floats, at random data.

    Attributes:
        sides: both expressions.
        count: at how many points both had values and did not differ.
        closest: the largest relative deviation there.
        doubtful: whether at some point they deviate by more than rounding explains, though not by enough to be called different.
        hidden: at how many of these points rounding hides the values.
        refuted: data at which they differ, or None.
        fault: why there were no data, where there were none.
    """

    def __init__(self, left: Expr, right: Expr, seed: int) -> None:
        self.sides = left, right
        self.count, self.closest, self.hidden = 0, 0.0, 0
        self.doubtful = False
        self.refuted: Counterexample | None = None
        self.fault = ""
        self._seed, self._number = seed, 0
        nodes = list(postorder(self.sides, with_definition))
        self._fixed = whole_names(nodes) | {index.name for index in free_indices(self.sides)}
        self._fixed |= {node.name for node in nodes if isinstance(node, Symbol) and node.assumed}

    @property
    def in_words(self) -> str:
        seen = self.count - self.hidden
        if not seen:
            return f"in floats rounding hides the values at {self.count} random points"
        how = "agree" if self.closest <= EQUAL else "nearly agree"
        hidden = f", rounding hides the values at {self.hidden} more" if self.hidden else ""
        return f"in floats they {how} at {seen} random points (relative deviation {self.closest:.0e}){hidden}"

    def compare(self, sizes: Iterable[Mapping[str, int] | None], matrices: Mapping[str, Array] | None = None) -> None:
        """Compare at random data for each of the sizes, with these matrices at the first, until a point refutes."""
        for chosen in sizes:
            if self.count and chosen is not None and self._entries(chosen) > MOST_WORK:
                continue
            rng = np.random.default_rng([self._seed, self._number])
            self._number += 1
            try:
                data = draw(self.sides, rng, sizes=chosen)
            except EvaluationError as error:
                self.fault = str(error)
                continue
            given = [replace(data, values={**data.values, **matrices})] if matrices else []
            matrices = None
            for at in (*given, data, *_other_signs(data, self._fixed, rng)):
                self._compare_at(at, rng)
                if self.refuted is not None:
                    return

    def _entries(self, sizes: Mapping[str, int]) -> int:
        """How many entries all nodes have."""
        data = Data(sizes=sizes)
        return sum(prod(data.extents(node.shape)) for node in postorder(self.sides, with_definition))

    def _compare_at(self, data: Data, rng: np.random.Generator) -> None:
        left, right = self.sides
        try:
            values = values_of(self.sides, data)
        except EvaluationError:
            return
        found = deviation(values[left], values[right])
        if not np.isfinite(found):
            return
        if found > CLOSE:
            difference = float(np.abs(values[left] - values[right]).max())
            rounding = moved(left, right, (values[left], values[right]), data, rng)
            if found > DIFFERENT and difference > FAR_ABOVE * rounding:
                self.refuted = _counterexample(values[left], values[right], data)
                return
            self.doubtful = self.doubtful or difference > WITHIN * rounding or found > EQUAL
            if found > EQUAL and difference <= FAR_ABOVE * rounding:
                self.hidden, found = self.hidden + 1, 0.0
        self.closest, self.count = max(self.closest, found), self.count + 1


def _sizes_to_refute(points: _Points, exact: Fingerprint) -> Iterator[Mapping[str, int] | None]:
    """Sizes at which a difference may show: those that exact numbers tell, primes, small ones and larger ones."""
    if exact.agree is False or not exact.complete:
        yield exact.sizes
    yield None
    yield from islice(size_choices(points.sides), 1, 1 + FLOAT_SIZES)
    yield from _sizes_to_confirm(points.sides)


def _sizes_to_confirm(sides: Iterable[Expr]) -> Iterator[Mapping[str, int]]:
    """Larger sizes than those of exact numbers, different and the same."""
    names = size_names(sides)
    if len(names) > MOST_NAMES:
        return
    yield {name: LARGER[k] for k, name in enumerate(names)}
    if names:
        yield dict.fromkeys(names, LARGER[-1])


def _matrices(left: Expr, right: Expr, exact: Fingerprint) -> dict[str, Array]:
    """The matrices of lower rank at which exact numbers differ."""
    symbols = {node.name: node for node in postorder([left, right], with_definition) if isinstance(node, Symbol)}
    at = Data(sizes=exact.sizes)
    return {name: np.array(lower_rank(*at.extents(symbols[name].shape), name), dtype=float) for name in exact.deficient}


def _difference_in_words(example: Counterexample, side: Expr) -> str:
    where, counted = (f"entry {example.entry}", " (row and column from 0)") if side.shape else ("the value", "")
    return f"at random data {where} is {example.left:.6g} on the left, {example.right:.6g} on the right{counted}"


def _weakness(left: Expr, right: Expr, exact: Fingerprint) -> str:
    """Why exact numbers did not settle it."""
    if exact.agree is not False or exact.deficient:
        return exact.reason
    nodes = list(postorder([left, right], with_definition))
    functions = {n.function.name for n in nodes if isinstance(n, Apply)} | {"log" for n in nodes if isinstance(n, LogDeterminant)}
    unknown = [text for names, text in NOT_KNOWN_MOD_P if functions & names]
    rules = f", since there {' and '.join(unknown)}" if unknown else ""
    return f"{exact.reason}, but that refutes nothing{rules}"


def _other_signs(data: Data, fixed: Container[str], rng: np.random.Generator) -> list[Data]:
    """The data negated, and with random signs: what holds for positive numbers only shows there; exponents and indices stay."""
    varied = {name: array for name, array in data.values.items() if name not in fixed}
    negated = {name: -array for name, array in varied.items()}
    mixed = {name: array * rng.choice([-1.0, 1.0], array.shape) for name, array in varied.items()}
    return [replace(data, values={**data.values, **changed}) for changed in (negated, mixed)]


def deviation(left: Array, right: Array) -> float:
    """The largest difference of two entries, relative to the largest entry of both; NaN where one of them has no value."""
    if not (np.all(np.isfinite(left)) and np.all(np.isfinite(right))):
        return float("nan")
    scale = max(float(np.abs(left).max()), float(np.abs(right).max()), SMALLEST_SCALE)
    return float(np.abs(left - right).max()) / scale


def _counterexample(left: Array, right: Array, data: Data) -> Counterexample:
    row, column = (int(k) for k in np.unravel_index(int(np.abs(left - right).argmax()), left.shape))
    values = {name: array.tolist() for name, array in data.values.items()}
    entries = float(left[row, column]), float(right[row, column])
    return Counterexample(values, dict(data.sizes), dict(data.functions), (row, column), *entries)


register(METHODS, "prove_equal", prove_equal)
