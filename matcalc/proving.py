"""Proving and refuting that two expressions are equal, by exact numbers and by floats."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from matcalc.derivation import Derivation
from matcalc.errors import EvaluationError
from matcalc.exact.drawing import size_choices
from matcalc.exact.equality import Counterexample, Fingerprint, Proof, equal_forms, fingerprint
from matcalc.language.building import lift
from matcalc.language.expressions import Apply, Expr, LogDeterminant, Number, transpose
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import shape_text, transposed
from matcalc.language.traversal import named, postorder, with_definition
from matcalc.language.unrolling import free_indices, whole_names
from matcalc.numeric.data import Array, Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import values_of

FLOAT_DRAWS = 3
DIFFERENT = 1e-6
EQUAL = 1e-9
SMALLEST_SCALE = 1e-5
FORMS_IN_WORDS = {
    "canonical form": "written as sums over indices, both sides are the same",
    "expanded canonical form": "multiplied out and written as sums over indices, both sides are the same",
}
# Functions, and the rules that hold for them but not for the atoms that stand for them modulo a prime.
NOT_KNOWN_MOD_P = (
    ({"log", "softplus"}, "log(ab) = log(a) + log(b) and log(exp(v)) = v do not hold"),
    ({"sin", "cos"}, "sin and cos of sums and multiples are not related"),
    ({"relu", "leaky_relu", "abs", "step", "sign"}, "signs of sums are not related"),
)


def prove_equal(left: Any, right: Any, *, seed: int = 0) -> Proof:
    """Whether two expressions are equal; see `matcalc.equality.prove_equal`."""
    first, second = _expression(left), _expression(right)
    named([first, second])
    if first.shape != second.shape:
        return Proof("different", "shapes", None, None, _shapes_in_words(first, second))
    method = equal_forms(first, second)
    if method is not None:
        return Proof("equal", method, 0.0, None, FORMS_IN_WORDS[method])
    exact = fingerprint(first, second, seed=seed)
    if exact.proves:
        return Proof("equal", "mod p", exact.error_probability, None, exact.reason)
    return _judged_in_floats(first, second, exact, seed)


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


def _judged_in_floats(left: Expr, right: Expr, exact: Fingerprint, seed: int) -> Proof:
    closest, points = 0.0, 0
    fixed = whole_names(postorder([left, right], with_definition)) | {index.name for index in free_indices([left, right])}
    fault = ""
    for number, sizes in enumerate((None, *islice(size_choices([left, right]), 1, 1 + FLOAT_DRAWS))):
        rng = np.random.default_rng([seed, number])
        try:
            data = draw([left, right], rng, sizes=sizes)
        except EvaluationError as error:
            fault = str(error)
            continue
        for at in (data, *_other_signs(data, fixed, rng)):
            values = values_of([left, right], at)
            found = deviation(values[left], values[right])
            if found > DIFFERENT:
                example = _counterexample(values[left], values[right], at)
                return Proof("different", "floats", None, example, _difference_in_words(example, left))
            if np.isfinite(found):
                closest, points = max(closest, found), points + 1
    if not points:
        return Proof("undecided", "floats", None, None, fault.rstrip("."))
    how = "agree" if closest <= EQUAL else "nearly agree"
    floats = f"in floats they {how} at {points} random points (relative deviation {closest:.0e}), which proves nothing"
    return Proof("undecided", "floats", None, None, f"{floats}; {_weakness(left, right, exact)}")


def _difference_in_words(example: Counterexample, side: Expr) -> str:
    where, counted = (f"entry {example.entry}", " (row and column from 0)") if side.shape else ("the value", "")
    return f"at random data {where} is {example.left:.6g} on the left, {example.right:.6g} on the right{counted}"


def _weakness(left: Expr, right: Expr, exact: Fingerprint) -> str:
    """Why exact numbers did not settle it."""
    if exact.agree is not False:
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
