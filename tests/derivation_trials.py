"""Derivatives of random expressions by the engine, in all their forms, judged by what shares no code with its rules.

The truth is reverse mode over the expression as it is written (`matcalc.numeric.tape`), laid out entry by entry by `tests.oracle`;
for a share of the seeds also central differences, and dual numbers over a finite field. Of structured matrices the free entries
themselves are moved. Used by the tests and by the long run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import final

import numpy as np

from matcalc.derivation import Derivation, derive
from matcalc.errors import EvaluationError, MatcalcError, NoMatrixFormError, UnsupportedError
from matcalc.exact.oracle import deviation
from matcalc.language.expressions import Apply, Expr, Index, IndexedSum, Let, Norm, Power, Symbol
from matcalc.language.sizes import Shape
from matcalc.language.unrolling import free_indices
from matcalc.language.traversal import postorder, with_definition
from matcalc.numeric.data import Array, Data
from matcalc.numeric.differences import central, complex_step
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.tape import hessian, jacobian
from matcalc.second_derivative import second_derivative
from tests.oracle import error, laid_out_by_definition, vec_by_definition
from tests.random_expressions import KINKED, N
from tests.random_operations import Operations, derivable

LAYOUTS = ("numerator", "denominator")
STYLES = ("hadamard", "diag")
DEEPEST = 6
MOST_VARIABLES = 2  # of one expression, for each seed
NOT_AGAIN = "deviated at some data, not at others"
REDRAWN = 4  # other data at which a deviation has to show again: a single one may be rounding
MOST_ENTRIES = 40_000  # of a derivative
TOLERANCE = 1e-8
ROUGH = 1e-4  # of differences
SHARP = (*KINKED, "sqrt", "log")
MARGIN = 1e-2  # around a kink
MOST_ROOTS = 2
FARTHEST = 100.0  # an argument of a function, for differences of it
OVERFLOWING = 300.0  # the exponential of more is not far from the largest number
STRUCTURED = ("symmetric", "skew-symmetric", "diagonal", "toeplitz", "symmetric toeplitz")


@final
@dataclass
class Judged:
    """What was found for the random expression of one seed.

    Attributes:
        outcomes: how often each comparison was made, and how often there were no data, or rounding alone.
        wrong: what was found wrong, in words.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


Deviations = Iterator[tuple[str, float, float]]  # what is compared, its deviation, and the largest that is allowed


def judged(seed: int) -> Judged:
    """The first, second or structured derivatives of the random expression of a seed."""
    kind = seed % 10
    made = _structured if kind == 7 else _second if kind in (8, 9) else _first
    found = Judged()
    try:
        trials = list(made(seed))
    except MatcalcError as fault:
        found.wrong.append(f"seed {seed}: {type(fault).__name__}: {fault}")
        return found
    for name, roots, compared in trials:
        try:
            with np.errstate(all="ignore"):  # what is not finite is no truth, and is left out
                _judge(found, seed, name, roots, compared)
        except EvaluationError as fault:
            found.outcomes["no data"] += 1
            if "No random data" not in str(fault) and "No sizes" not in str(fault) and "No data" not in str(fault):
                found.wrong.append(f"seed {seed}: {name}: {fault}")
        except Exception as fault:  # any other is a fault of the package
            found.wrong.append(f"seed {seed}: {name}: {type(fault).__name__}: {fault}")
    return found


Trial = tuple[str, list[Expr], Callable[[Data], Deviations]]


def _judge(found: Judged, seed: int, name: str, roots: list[Expr], compared: Callable[[Data], Deviations]) -> None:
    """The comparisons at random data; what deviates is compared again at other data, at which rounding differs."""
    rng = np.random.default_rng(seed)
    deviating: dict[str, float] = {}
    for what, size, allowed in compared(draw(roots, rng)):
        found.outcomes[what] += 1
        if size > allowed:
            deviating[what] = size
    for _ in range(REDRAWN if deviating else 0):
        try:
            again = {what: (size, allowed) for what, size, allowed in compared(draw(roots, rng)) if what in deviating}
        except EvaluationError:
            continue
        found.outcomes.update(f"{NOT_AGAIN}: {what}" for what in deviating if what in again and again[what][0] <= again[what][1])
        deviating = {what: size for what, (size, allowed) in again.items() if size > allowed}
    listed = ", ".join(f"{what} by {size:.1e}" for what, size in deviating.items())
    if listed:
        found.wrong.append(f"seed {seed}: {name}: {listed}")


def _picked(of: Expr, seed: int, most: int) -> list[Symbol | Let]:
    """Some of the variables."""
    all_of_them = derivable(of)
    order = np.random.default_rng([seed, 1]).permutation(len(all_of_them))
    return [all_of_them[k] for k in order[:most]]


# ---- first derivatives -----------------------------------------------------------------------------------------------


def _first(seed: int) -> Iterator[Trial]:
    of = Operations(seed).expression(depth=1 + seed % DEEPEST)
    if seed % 4 == 0:
        of = Let("C", of, of.shape)
    for by in _picked(of, seed, MOST_VARIABLES):
        yield f"d({of!r})/d({by!r})", [of, by], lambda data, of=of, by=by: _compared(of, by, data, seed)  # type: ignore[misc]


def _compared(of: Expr, by: Symbol | Let, data: Data, seed: int) -> Deviations:
    raw = jacobian(of, by, data)
    if not np.all(np.isfinite(raw)) or raw.size > MOST_ENTRIES:
        return
    derivations = [derive(of, by, layout=layout, style=STYLES[seed // 3 % 2]) for layout in LAYOUTS]
    by_index = index_value(derivations[0], data)
    yield "tensor", error(by_index, raw), TOLERANCE
    if seed % 8 == 1 and raw.size < 2000 and not at_a_kink(of, data):
        yield "tensor against differences", error(by_index, differences(of, by, data)), ROUGH
    for d in derivations:
        yield from _forms(d, raw, data, (of.shape, by.shape))
        if seed % 8 == 5 and suits_a_field(of):
            yield from _exact(d, seed)


def differences(of: Expr, by: Symbol | Let, data: Data) -> Array:
    """By the complex step, where every function takes complex numbers; else central differences."""
    try:
        return complex_step(of, by, data)
    except EvaluationError:
        return central(of, by, data)


def at_a_kink(of: Expr, data: Data) -> bool:
    """Whether a function with a kink, or a root, stands at it or just beside: there are no differences across a kink."""
    kinked = [node.argument for node in postorder([of], with_definition) if isinstance(node, Apply) and node.function.name in SHARP]
    kinked += [node for node in postorder([of], with_definition) if isinstance(node, Norm)]
    kinked += [node.base for node in postorder([of], with_definition) if isinstance(node, Power) and node.exponent.denominator > 1]
    return any(float(np.abs(value(each, data)).min()) < MARGIN for each in kinked)


def too_far(of: Expr, data: Data) -> bool:
    """Whether a function stands at an argument so large that the step of the differences moves it by a good part of a period."""
    nodes = [node.argument for node in postorder([of], with_definition) if isinstance(node, Apply)]
    arguments = [node for node in nodes if not free_indices([node])]
    return any(float(np.abs(value(each, data)).max()) > FARTHEST for each in arguments)


def suits_a_field(of: Expr) -> bool:
    """Whether an expression is quickly evaluated over a finite field: each root loses half of the data, and sums are written out."""
    nodes = list(postorder([of], with_definition))
    roots = sum(isinstance(n, Norm) or (isinstance(n, Power) and n.exponent.denominator % 2 == 0) for n in nodes)
    roots += sum(isinstance(n, Apply) and n.function.name == "sqrt" for n in nodes)
    return roots <= MOST_ROOTS and sum(isinstance(n, IndexedSum) for n in nodes) <= 1


def index_value(d: Derivation, data: Data) -> Array:
    return index_sum(d.tensor.form, data).reshape([data.extent(size) for size in d.tensor.shape])


def _forms(d: Derivation, raw: Array, data: Data, shapes: tuple[Shape, Shape]) -> Deviations:
    layout = d.layout.value
    if raw.ndim <= 2:
        try:
            yield _compared_entries(f"result in {layout} layout", d, d.result, laid_out_by_definition(raw, *shapes, layout), data)
        except NoMatrixFormError:
            yield "no matrix form", 0.0, 0.0
    if raw.ndim:
        try:
            yield _compared_entries(f"vec form in {layout} layout", d, d.vec_form, vec_by_definition(raw, *shapes, layout), data)
        except NoMatrixFormError:
            yield "no vec form", 0.0, 0.0


def _compared_entries(what: str, d: Derivation, answer: Expr, wanted: Array, data: Data) -> tuple[str, float, float]:
    """The deviation of an answer; one that overflows, as exp(u)/sum(exp(u)) of a large u, tells nothing."""
    found = value(answer, data)
    if found.shape == wanted.shape and not np.all(np.isfinite(found)):
        nodes = postorder([d.of], with_definition)
        if max(float(np.abs(value(node, data)).max()) for node in nodes if not isinstance(node, Index)) > OVERFLOWING:
            return "overflow", 0.0, 0.0
    return what, error(found, wanted), TOLERANCE


def _exact(d: Derivation, seed: int) -> Deviations:
    for by_vec in (False, True):
        try:
            answer = d.vec_form if by_vec else d.result
            found = deviation(d.of, d.wrt, answer, d.layout.value, by_vec=by_vec, seed=seed)
        except (NoMatrixFormError, UnsupportedError, EvaluationError):
            continue  # no matrix; a function without exact values; roots that do not exist over the field
        yield "exact", found, 0.0
        return


# ---- second derivatives ----------------------------------------------------------------------------------------------


def _second(seed: int) -> Iterator[Trial]:
    g = Operations(seed)
    of = g.expression((), depth=1 + seed % 4) if seed % 3 else g.expression(depth=1 + seed % 3)
    variables = [by for by in _picked(of, seed, 3) if isinstance(by, Symbol)]
    if variables:
        x, y = variables[0], variables[-1 if seed % 2 else 0]
        yield f"d2({of!r})/d({x!r})d({y!r})", [of], lambda data: _second_compared(of, x, y, data)


def _second_compared(of: Expr, x: Symbol, y: Symbol, data: Data) -> Deviations:
    if at_a_kink(of, data) or too_far(of, data):
        return
    raw = hessian(of, x, y, data)
    if not np.all(np.isfinite(raw)) or raw.size > MOST_ENTRIES:
        return
    s = second_derivative(of, x, y, layout=LAYOUTS[0])
    found = index_sum(s.tensor.form, data).reshape([data.extent(size) for size in s.tensor.shape])
    yield "second tensor", error(found, raw), ROUGH
    if of.shape:
        return
    try:
        wanted = vec_by_definition(raw, x.shape, y.shape, LAYOUTS[0])
        yield "second derivative as a matrix", error(value(s.result, data), wanted), ROUGH
    except NoMatrixFormError:
        yield "no second matrix form", 0.0, 0.0


# ---- matrices with a structure ---------------------------------------------------------------------------------------


def _structured(seed: int) -> Iterator[Trial]:
    of = Operations(seed, named=False).expression((), depth=1 + seed % 4)
    rng = np.random.default_rng([seed, 2])
    squares = [by for by in derivable(of) if len(by.shape) == 2 and by.shape[0] == by.shape[1] and not getattr(by, "assumed", ())]
    X = squares[int(rng.integers(len(squares)))] if squares else Symbol("A1_(n,n)", (N, N))
    structure = STRUCTURED[int(rng.integers(len(STRUCTURED)))]
    derivations = [derive(of, X, layout=layout, structured=structure) for layout in LAYOUTS]
    name = f"d({of!r})/d({X!r}), {structure}"
    yield name, [derivations[0].of, derivations[0].wrt], lambda data: _structured_compared(derivations, structure, data)


def _structured_compared(derivations: list[Derivation], structure: str, data: Data) -> Deviations:
    d = derivations[0]
    raw = jacobian(d.of, d.wrt, data)
    if not np.all(np.isfinite(raw)):
        return
    n = len(raw)
    wanted = np.array([[float((raw * pattern(structure, n, i, j)).sum()) for j in range(n)] for i in range(n)])
    yield f"structured tensor: {structure}", error(index_value(d, data), wanted), TOLERANCE
    for d in derivations:
        layout = d.layout.value
        for form, lay_out in (("result", laid_out_by_definition), ("vec_form", vec_by_definition)):
            try:
                found = value(getattr(d, form), data)
            except NoMatrixFormError:
                yield "no matrix form", 0.0, 0.0
                continue
            yield f"structured {form} in {layout} layout", error(found, lay_out(wanted, (), d.wrt.shape, layout)), TOLERANCE


def pattern(structure: str, n: int, i: int, j: int) -> Array:
    """How the matrix moves with the free entry that sits at (i, j)."""
    lags = np.subtract.outer(np.arange(n), np.arange(n))
    single = np.zeros((n, n))
    single[i, j] = 1.0
    match structure:
        case "symmetric":
            return np.maximum(single, single.T)
        case "skew-symmetric":
            return single - single.T
        case "diagonal":
            return single * (i == j)
        case "toeplitz":
            return np.where(lags == i - j, 1.0, 0.0)
        case "symmetric toeplitz":
            return np.where(np.abs(lags) == abs(i - j), 1.0, 0.0)
        case _:
            raise AssertionError(structure)
