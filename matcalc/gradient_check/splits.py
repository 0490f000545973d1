"""The right form as a sum: of its terms, wherever they stand, or of the paths of the chain; and the coefficients that were found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import final

import numpy as np

from matcalc.errors import EvaluationError, MatcalcError
from matcalc.gradient_check.evidence import Evidence
from matcalc.gradient_check.factors import Atom, Factor, named_factor
from matcalc.gradient_check.readings import error_of, fitted
from matcalc.gradient_check.report import Diagnosis, DiagnosisKind
from matcalc.language.building import matmul, negate, times
from matcalc.language.expressions import Add, Expr, Hadamard, Let, MatMul, Negate, Scale, Subtract, Transpose
from matcalc.language.sizes import ndim
from matcalc.language.traversal import postorder, with_definition
from matcalc.layout.factors import name_of
from matcalc.numeric.data import Array
from matcalc.numeric.evaluation import values_of
from matcalc.numeric.layouts import laid_out
from matcalc.numeric.tape import jacobian

MOST_TERMS = 6
MOST_NODES = 200
MOST_PATHS = 8
MOST_SUMS = 24
MOST_NODES_OF_SUMS = 3000


@final
@dataclass(frozen=True, slots=True)
class Split:
    """A way of writing what is right as a sum.

    Attributes:
        names: each part in words.
        values: for each of the data the value of each part.
        rest: for each of the data what is added besides, with the coefficient 1.
        told: a shorter sentence for some coefficients; None where there is none.
    """

    names: tuple[str, ...]
    values: tuple[tuple[Array, ...], ...]
    rest: tuple[Array, ...] | None = None
    told: Callable[[Sequence[Factor | None]], str | None] = lambda factors: None


# ---- terms -----------------------------------------------------------------------------------------------------------


def summed(evidence: Evidence) -> Diagnosis | None:
    """The terms of the outermost sum of the right form, with other coefficients."""
    return _with_coefficients(evidence, _of_terms(evidence, _summands(evidence.right)) if evidence.right is not None else None)


def one_term(evidence: Evidence) -> Diagnosis | None:
    """One term of the outermost sum with another coefficient."""
    found = summed(evidence)
    return found if found is not None and found.slips == 1 else None


def inner_terms(evidence: Evidence) -> Diagnosis | None:
    """The terms of a sum inside the right form, which is linear in it, with other coefficients."""
    right = evidence.right
    nodes = [] if right is None else list(postorder([right], with_definition))
    sums = [] if right is None else [node for node in postorder([right]) if isinstance(node, Add | Subtract) and node != right]
    for node in sums[: -1 - min(MOST_SUMS, MOST_NODES_OF_SUMS // (len(nodes) + 1)) : -1]:
        found = _with_coefficients(evidence, _of_inner(evidence, node))
        if found is not None:
            return replace(found, text=f"{found.text} That is in {node!r}.")
    return None


def multiplied_out(evidence: Evidence) -> Diagnosis | None:
    """The terms of the right form with its products of sums multiplied out, while they are few."""
    right = evidence.right
    if right is None or sum(1 for _ in postorder([right])) > MOST_NODES:
        return None
    return _with_coefficients(evidence, _of_terms(evidence, _expanded(right)))


def _of_terms(evidence: Evidence, parts: Sequence[Expr]) -> Split | None:
    if not 1 < len(parts) <= MOST_TERMS:
        return None
    columns = [evidence.values_of(part) for part in parts]
    known = [column for column in columns if column is not None]
    if len(known) < len(parts):
        return None
    return Split(tuple(f"the term {part!r}" for part in parts), tuple(zip(*known, strict=True)))


def _of_inner(evidence: Evidence, node: Expr) -> Split | None:
    """What each term of an inner sum adds to the right form; None where the form is not linear in the sum."""
    right, parts = evidence.right, _summands(node)
    assert right is not None
    values: list[tuple[Array, ...]] = []
    rests: list[Array] = []
    for data in evidence.draws:
        try:
            known = values_of([right, node, *parts], data)
            without = values_of([right], data, {node: np.zeros_like(known[node])})[right]
            each = tuple(values_of([right], data, {node: known[part]})[right] - without for part in parts)
        except (EvaluationError, ValueError):
            return None
        if error_of(without + sum(each, np.zeros_like(without)), known[right]) > evidence.tolerance:
            return None
        values.append(each)
        rests.append(without)
    return Split(tuple(f"the term {part!r}" for part in parts), tuple(values), tuple(rests))


def _summands(node: Expr) -> tuple[Expr, ...]:
    match node:
        case Add(left, right) if left.shape == right.shape:
            return _summands(left) + _summands(right)
        case Subtract(left, right) if left.shape == right.shape:
            return _summands(left) + tuple(negate(term) for term in _summands(right))
        case _:
            return (node,)


def _expanded(node: Expr) -> tuple[Expr, ...]:
    match node:
        case Add(left, right) if left.shape == right.shape:
            return _expanded(left) + _expanded(right)
        case Subtract(left, right) if left.shape == right.shape:
            return _expanded(left) + tuple(negate(term) for term in _expanded(right))
        case Negate(argument):
            return tuple(negate(term) for term in _expanded(argument))
        case Transpose(argument):
            return tuple(term.T for term in _expanded(argument))
        case MatMul(left, right):
            return _multiplied(matmul, left, right)
        case Hadamard(left, right) | Scale(left, right):
            return _multiplied(times, left, right)
        case _:
            return (node,)


def _multiplied(product: Callable[[Expr, Expr], Expr], left: Expr, right: Expr) -> tuple[Expr, ...]:
    lefts, rights = _expanded(left), _expanded(right)
    if len(lefts) * len(rights) > MOST_TERMS:
        return (product(left, right),)
    return tuple(product(a, b) for a in lefts for b in rights)


# ---- paths -----------------------------------------------------------------------------------------------------------


def paths(evidence: Evidence) -> Diagnosis | None:
    """The paths of the chain, of which some are forgotten or counted with another coefficient."""
    d = evidence.derivation
    if ndim(d.of.shape) + ndim(d.wrt.shape) > 2:
        return None
    try:
        chains = [(d.of, *(factor.by for factor in path)) for path in d.paths]
    except MatcalcError:
        return None
    if not 1 < len(chains) <= MOST_PATHS:
        return None
    try:
        values = _of_paths(evidence, chains)
    except EvaluationError:
        return None
    names = tuple(f"the path {_arrows(chain)}" for chain in chains)
    found = _with_coefficients(evidence, Split(names, values, told=lambda factors: _told_paths(chains, factors)))
    return None if found is None else replace(found, text=f"{found.text} The derivative is the sum over {len(chains)} paths.")


def _told_paths(chains: Sequence[Sequence[Expr]], factors: Sequence[Factor | None]) -> str | None:
    """A shorter sentence where several paths are missing and the others are right: one step, or all paths but one."""
    missing = [chain for chain, factor in zip(chains, factors, strict=True) if factor is None]
    there = [chain for chain, factor in zip(chains, factors, strict=True) if factor is not None]
    if len(missing) < 2 or any(repr(factor.value) != "1" for factor in factors if factor is not None):
        return None
    for step in pairwise(missing[0]):
        if all(step in pairwise(chain) for chain in missing) and not any(step in pairwise(chain) for chain in there):
            return f"The {len(missing)} paths by the direct step {_arrows(step)} are missing. The rest is right."
    return f"Only the path {_arrows(there[0])} is there, and it is right." if len(there) == 1 else None


def _arrows(chain: Iterable[Expr]) -> str:
    return " → ".join(map(name_of, chain))


def _of_paths(evidence: Evidence, chains: Sequence[Sequence[Expr]]) -> tuple[tuple[Array, ...], ...]:
    """For each of the data what each path contributes: the product of the derivatives of its steps, all else held."""
    d = evidence.derivation
    between = {node for chain in chains for node in chain if isinstance(node, Let)}
    found: list[tuple[Array, ...]] = []
    for data in evidence.draws:
        steps = {
            (of, by): jacobian(of, by, data, held=between - {of, by}) for chain in chains for of, by in pairwise(chain)
        }
        products: list[Array] = []
        for chain in chains:
            product, axes = np.ones(()), 0
            for of, by in pairwise(chain):
                product = np.tensordot(product, steps[of, by], axes=axes)
                axes = ndim(by.shape)
            products.append(laid_out(product, d.of.shape, [d.wrt.shape], d.layout.value))
        found.append(tuple(products))
    return tuple(found)


# ---- coefficients ----------------------------------------------------------------------------------------------------


def _with_coefficients(evidence: Evidence, split: Split | None) -> Diagnosis | None:
    """The sentence on the parts that have another coefficient than 1, in either layout."""
    if split is None:
        return None
    for turned in (False, True):
        columns = [[array.T if turned else array for array in arrays] for arrays in split.values]
        rests = [(array.T if turned else array) for array in split.rest] if split.rest else [np.zeros_like(c[0]) for c in columns]
        targets = [fitted(f, c[0]) for f, c in zip(evidence.found, columns, strict=True)]
        if any(target is None or any(a.shape != target.shape for a in c) for target, c in zip(targets, columns, strict=True)):
            continue
        sought = [target - rest for target, rest in zip(targets, rests, strict=True) if target is not None]
        factors = _constant(evidence, columns, sought) or _changing(evidence, columns, sought)
        if factors is not None and _hold(evidence, factors, columns, rests):
            return _told(evidence, split, factors, turned)
    return None


def _constant(evidence: Evidence, columns: list[list[Array]], sought: list[Array]) -> list[Factor | None] | None:
    """Coefficients that are the same at all data; None for one that is zero."""
    matrix = np.concatenate([np.stack([a.ravel() for a in arrays], axis=1) for arrays in columns])
    solved = _solved(matrix, np.concatenate([target.ravel() for target in sought]), evidence.tolerance, 2)
    return None if solved is None else _named(evidence, dict.fromkeys(range(len(sought)), solved))


def _changing(evidence: Evidence, columns: list[list[Array]], sought: list[Array]) -> list[Factor | None] | None:
    """Coefficients that change with the sizes: named where the data tell them."""
    rows: dict[int, Array] = {}
    for k, (arrays, target) in enumerate(zip(columns, sought, strict=True)):
        matrix = np.stack([a.ravel() for a in arrays], axis=1)
        if matrix.shape[0] > matrix.shape[1]:
            solved = _solved(matrix, target.ravel(), evidence.tolerance, 1)
            if solved is None:
                return None
            rows[k] = solved
    return _named(evidence, rows) if len(rows) > 1 else None


def _hold(evidence: Evidence, factors: Sequence[Factor | None], columns: list[list[Array]], rests: list[Array]) -> bool:
    """Whether the parts with these coefficients sum up to what was found, at each of the data."""
    numbers = [_values(evidence, factor) for factor in factors]
    made = [
        sum((each[k] * array for each, array in zip(numbers, arrays, strict=True)), rest)
        for k, (arrays, rest) in enumerate(zip(columns, rests, strict=True))
    ]
    return evidence.agrees(made)


def _solved(matrix: Array, target: Array, tolerance: float, spare: int) -> Array | None:
    """The coefficients of the columns that sum up to the target, of which some entries are to be spare."""
    if matrix.shape[0] < matrix.shape[1] + spare or not (np.isfinite(matrix).all() and np.isfinite(target).all()):
        return None
    scales = np.abs(matrix).max(axis=0)
    if not scales.all():
        return None
    solved, _, rank, _ = np.linalg.lstsq(matrix / scales, target, rcond=1e-9)
    largest = float(np.abs(solved).max())
    off = float(np.abs(matrix / scales @ solved - target).max())
    if rank < matrix.shape[1] or largest == 0.0 or off > tolerance * float(np.abs(target).max()):
        return None
    return np.where(np.abs(solved) <= tolerance * largest, 0.0, solved / scales)


def _named(evidence: Evidence, rows: Mapping[int, Array]) -> list[Factor | None] | None:
    """The names of coefficients, given for some of the data."""
    atoms = [Atom(atom.expression, tuple(atom.values[k] for k in rows)) for atom in evidence.atoms()]
    found: list[Factor | None] = []
    for column in np.array(list(rows.values())).T:
        factor = named_factor([float(number) for number in column], atoms, max(evidence.tolerance, 1e-6)) if column.any() else None
        if factor is None and column.any():
            return None
        found.append(factor)
    return found


def _values(evidence: Evidence, factor: Factor | None) -> list[float]:
    """A coefficient at each of the data."""
    number = 0.0 if factor is None else factor.value
    if not isinstance(number, Expr):
        return [number] * len(evidence.draws)
    values = evidence.values_of(number)
    return [float("nan")] * len(evidence.draws) if values is None else [float(array[0, 0]) for array in values]


def _told(evidence: Evidence, split: Split, factors: Sequence[Factor | None], turned: bool) -> Diagnosis | None:
    told: list[str] = []
    for name, factor in zip(split.names, factors, strict=True):
        if factor is None:
            told.append(f"{name} is missing")
        elif factor.is_sign:
            told.append(f"{name} has the wrong sign")
        elif repr(factor.value) != "1":
            told.append(f"{name} is {factor.value!r} times what is right")
    if not told:
        return None
    text = "; ".join(told)
    others = " The rest is right." if len(told) < len(split.names) else ""
    layout = f" It is in {evidence.derivation.layout.other.value} layout, too." if turned else ""
    sentence = split.told(factors) or f"{text[:1].upper()}{text[1:]}.{others}"
    return Diagnosis(DiagnosisKind.TERM, f"{sentence}{layout}", slips=len(told) + turned)
