"""Proving and refuting that two expressions are equal, by exact numbers and by floats."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.exact.drawing import size_choices
from matcalc.exact.equality import Counterexample, Proof, equal_forms, fingerprint
from matcalc.language.building import lift
from matcalc.language.expressions import Expr
from matcalc.language.sizes import shape_text
from matcalc.language.traversal import named
from matcalc.numeric.data import Array, Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import values_of

FLOAT_DRAWS = 3
DIFFERENT = 1e-6
EQUAL = 1e-9
SMALLEST_SCALE = 1e-5


def prove_equal(left: Any, right: Any, *, seed: int = 0) -> Proof:
    """Whether two expressions are equal, by what method and with what certainty.

    In this order: the shapes; the canonical index forms; these multiplied out; values modulo a prime of 74 bits at random data,
    unknown functions standing for any function. Values that differ there prove nothing, since log(ab) = log(a) + log(b) and its
    like do not hold: ``different`` is said only where numbers in floating point differ too, else ``undecided``.

    Args:
        left, right: expressions or numbers.
        seed: of the random data.

    Raises:
        DefinitionClashError: a name has different meanings in the two.

    Example:
        >>> import matcalc as mc
        >>> from matcalc.proving import prove_equal
        >>> A, B = mc.matrix("A", "m", "n"), mc.matrix("B", "n", "m")
        >>> prove_equal((A @ B).T, B.T @ A.T).method
        'canonical form'
        >>> prove_equal(mc.det(mc.identity("m") + A @ B), mc.det(mc.identity("n") + B @ A)).method
        'mod p'
        >>> S, T = mc.matrix("S", "n", "n"), mc.matrix("T", "n", "n")
        >>> proof = prove_equal(S @ T, T @ S)
        >>> proof.verdict, proof.counterexample.left == proof.counterexample.right
        ('different', False)
    """
    first, second = lift(left), lift(right)
    named([first, second])
    if first.shape != second.shape:
        shapes = f"the shapes differ: {shape_text(first.shape)} and {shape_text(second.shape)}"
        return Proof("different", "shapes", None, None, shapes)
    method = equal_forms(first, second)
    if method is not None:
        return Proof("equal", method, 0.0, None, f"both have the same {method}")
    exact = fingerprint(first, second, seed=seed)
    if exact.proves:
        return Proof("equal", "mod p", exact.error_probability, None, exact.reason)
    return _judged_in_floats(first, second, exact.reason, seed)


def _judged_in_floats(left: Expr, right: Expr, reason: str, seed: int) -> Proof:
    closest, points = 0.0, 0
    fault = ""
    for number, sizes in enumerate((None, *islice(size_choices([left, right]), 1, 1 + FLOAT_DRAWS))):
        rng = np.random.default_rng([seed, number])
        try:
            data = draw([left, right], rng, sizes=sizes)
        except EvaluationError as error:
            fault = str(error)
            continue
        for at in (data, *_other_signs(data, rng)):
            values = values_of([left, right], at)
            found = deviation(values[left], values[right])
            if found > DIFFERENT:
                example = _counterexample(values[left], values[right], at)
                text = f"at random data entry {example.entry} is {example.left:.6g} on the left, {example.right:.6g} on the right"
                return Proof("different", "floats", None, example, text)
            if np.isfinite(found):
                closest, points = max(closest, found), points + 1
    if not points:
        return Proof("undecided", "floats", None, None, f"{reason}; in floats: {fault}")
    how = "agree" if closest <= EQUAL else "nearly agree"
    floats = f"in floats they {how} at {points} random points (relative deviation {closest:.0e}), which proves nothing"
    return Proof("undecided", "floats", None, None, f"{reason}; {floats}")


def _other_signs(data: Data, rng: np.random.Generator) -> list[Data]:
    """The data negated, and with random signs: what holds for positive numbers only shows there."""
    negated = {name: -array for name, array in data.values.items()}
    mixed = {name: array * rng.choice([-1.0, 1.0], array.shape) for name, array in data.values.items()}
    return [replace(data, values=negated), replace(data, values=mixed)]


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
