"""Derivatives of written sums: the same as those of matrix notation, and refused where there is no rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import EvaluationError, NoMatrixFormError, UnsupportedError
from matcalc.exact.oracle import deviation
from matcalc.index.engine import Engine
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.traversal import named
from matcalc.numeric.differences import complex_step
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.tape import jacobian
from tests.oracle import close, laid_out_by_definition
from tests.random_expressions import variables
from tests.random_sums import written_sum

LAYOUTS = ("numerator", "denominator")
n, m = mc.dims("n m")
x, y, r, u = mc.vector("x", n), mc.vector("y", n), mc.row("r", n), mc.vector("u", m)
A, S, c = mc.matrix("A", m, n), mc.matrix("S", n, n), mc.scalar("c")
i, h, j, i_of_m = mc.index("i", n), mc.index("h", n), mc.index("j", m), mc.index("i", m)
f: Any = mc.function("f")
at, total = mc.entry, mc.indexed_sum

SUMS: dict[str, tuple[Expr, Expr]] = {
    "of entries": (total(i, at(x, i) ** 2 * at(y, i)), mc.sum(x**2 * y)),
    "inner product": (total(i, at(x, i) * at(y, i)), x.T @ y),
    "of a row": (total(i, at(r, i) * at(x, i)), r @ x),
    "of a transpose": (total(i, at(x.T, i) * at(y, i)), x.T @ y),
    "double": (total(j, total(i, at(A, j, i) * at(u, j) * at(x, i))), u.T @ A @ x),
    "double, the other way round": (total(i, total(j, at(A, j, i) * at(u, j) * at(x, i))), u.T @ A @ x),
    "quadratic form": (total(i, at(x, i) * total(h, at(S, i, h) * at(x, h))), x.T @ S @ x),
    "quadratic form, transposed": (total(i, at(x, i) * total(h, at(S, h, i) * at(x, h))), x.T @ S @ x),
    "entries of a product": (total(j, at(A @ x, j) ** 2), mc.sum((A @ x) ** 2)),
    "in a function": (mc.log(total(i, mc.exp(at(x, i) * at(y, i)))), mc.log(mc.sum(mc.exp(x * y)))),
    "function of a product": (total(i, total(j, mc.exp(at(x, i) * at(u, j)))), mc.sum(mc.exp(x @ u.T))),
    "function of a sum": (
        total(j, at(u, j) * mc.tanh(total(i, at(A, j, i) * at(x, i)) + at(u, j))), mc.sum(u * mc.tanh(A @ x + u)),
    ),
    "unknown function": (total(i, f(at(x, i)) * at(y, i)), mc.sum(f(x) * y)),
    "unknown function of a sum": (f(total(i, at(x, i) ** 3)), f(mc.sum(x**3))),
    "kinked function": (total(i, mc.relu(at(x, i)) * at(x, i)), mc.sum(mc.relu(x) * x)),
    "quotient": (total(i, at(y, i) / (1 + at(x, i) ** 2)), mc.sum(y / (1 + x**2))),
    "quotient of sums": (total(i, at(x, i) / total(h, at(x, h) ** 2)), mc.sum(x) / mc.sum(x**2)),
    "negative power": (total(i, at(x, i) ** -2), mc.sum(x**-2)),
    "negative": (total(i, -at(x, i) * at(x, i)), -mc.sum(x * x)),
    "less than a scalar": (total(i, mc.sum(y) - at(x, i) ** 2), n * mc.sum(y) - mc.sum(x**2)),
    "product over one letter": (total(i, at(x, i)) * total(i, at(y, i)), mc.sum(x) * mc.sum(y)),
    "square over one letter": (total(i, at(x, i)) * total(i, at(x, i)), mc.sum(x) ** 2),
    "sum over one letter": (total(i, at(x, i) * at(y, i)) + total(i, at(x, i)), mc.sum(x * y) + mc.sum(x)),
    "shared body": (total(i, at(x, i) * at(y, i)) * total(i, (at(x, i) * at(y, i)) ** 2), mc.sum(x * y) * mc.sum((x * y) ** 2)),
    "one letter, two sizes": (total(i, at(x, i) ** 2) * total(i_of_m, at(u, i_of_m) ** 3), mc.sum(x**2) * mc.sum(u**3)),
    "one letter, two sizes, in a let": (
        total(i, at(x, i) * mc.let("q", total(i_of_m, at(u, i_of_m) ** 3))), mc.sum(x) * mc.sum(u**3),
    ),
    "one letter in a let": (total(i, at(x, i) ** 2 * mc.let("q", total(i, at(x, i)))), mc.sum(x**2) * mc.sum(x)),
    "a let": (mc.let("q", total(i, at(x, i) * at(y, i))) ** 2, (x.T @ y) ** 2),
    "entries of a let": (total(j, at(mc.let("z", A @ x), j) ** 2 * at(u, j)), mc.sum((A @ x) ** 2 * u)),
    "diagonal": (total(i, at(S, i, i) * at(x, i)), mc.sum(mc.diag(S) * x)),
    "diagonal of a product": (total(i, at(S @ S, i, i)), mc.trace(S @ S)),
    "body without the index": (total(i, mc.sum(u) * c), n * c * mc.sum(u)),
    "body with another index only": (total(i, total(j, at(u, j)) * at(x, i)), mc.sum(u) * mc.sum(x)),
    "array without the index": (total(i, c * A), n * c * A),
    "determinant": (total(i, mc.det(S) * at(x, i)), mc.det(S) * mc.sum(x)),
    "written number": (total(mc.index("k", 7), at(mc.vector("v", 7), mc.index("k", 7)) * c), mc.sum(mc.vector("v", 7)) * c),
}  # fmt: skip


@pytest.mark.parametrize("name", SUMS)
def test_a_written_sum_is_derived_as_what_it_is_in_matrix_notation(name: str) -> None:
    written, matrix = SUMS[name]
    assert mc.prove_equal(written, matrix).ok
    for by in variables(written):
        if written.shape and by.shape:
            continue
        for layout in LAYOUTS:
            d = mc.derive(written, by, layout=layout)
            if by in variables(matrix):
                assert mc.prove_equal(d.result, mc.derive(matrix, by, layout=layout).result).ok
            report = d.verify()
            assert report.ok
            assert [check.oracle for check in report.checks if check.reason is None] == ["backprop", "difference", "exact", "index"]


def test_the_derivative_reads_as_in_matrix_notation() -> None:
    written, _ = SUMS["of entries"]
    assert repr(mc.derive(written, x, layout="denominator").result) == "2 (x ⊙ y)"
    assert repr(mc.derive(SUMS["double"][0], x, layout="numerator").result) == "u^T A"
    assert repr(mc.derive(SUMS["diagonal"][0], S, layout="numerator").result) == "diag(x)"


def test_the_factors_of_a_chain_through_a_sum() -> None:
    z = mc.let("z", A @ x)
    d = mc.derive(mc.let("C", total(j, at(u, j) * at(z, j) ** 2)), x, layout="numerator")
    assert [repr(factor) for factor in d.factors] == ["dC/dz", "dz/dx"]
    assert repr(d.result) == "2 (u ⊙ z)^T A"
    assert all(step.verify() for step in d.steps)


@pytest.mark.parametrize("batch", range(12), ids="batch{}".format)
def test_random_written_sums(batch: int) -> None:
    """Against reverse mode, and every fourth against dual numbers."""
    judged = 0
    for seed in range(20 * batch, 20 * batch + 20):
        of = written_sum(seed)
        try:
            data = draw([of], np.random.default_rng(seed))
        except EvaluationError:
            continue
        for by in variables(of):
            raw = jacobian(of, by, data)
            for layout in LAYOUTS:
                d = mc.derive(of, by, layout=layout)
                close(index_sum(d.tensor.form, data).reshape(raw.shape), raw)
                try:
                    result = d.result
                except NoMatrixFormError:
                    continue
                close(value(result, data), laid_out_by_definition(raw, of.shape, by.shape, layout))
                if seed % 4 == 0:
                    assert deviation(of, by, result, layout) == 0.0
                    judged += 1
    assert judged > 12


# ---- what has no rule ------------------------------------------------------------------------------------------------

k, free = mc.scalar("k"), mc.index("p")
REFUSED: dict[str, tuple[Expr, str]] = {
    "a single entry": (at(x, 1) ** 2, r"\(x\)_1: only entries at the index of a sum that runs over all of them are derived"),
    "a partial range": (total(free, at(x, free), 1, 2), r"\(x\)_p: only entries at the index of a sum"),
    "a shifted range": (total(i, at(x, i), 2), r"only sums over all entries of an axis, from 1 to its size, are derived"),
    "a range up to k": (total(i, at(x, i), 1, k), r"only sums over all entries of an axis, from 1 to its size, are derived"),
    "a shifted position": (total(i, at(x, i + 0)), r"i \+ 0 takes the index i as a number"),
    "an index without its size": (total(free, at(x, free), 1, n), r"\(x\)_p: .* Give the index its size, as in index\('p', 'n'\)"),
    "a free index": (at(x, i) ** 2, r"\(x\)_i\^2 leaves the index i free: sum over it, or write the array instead of its entry"),
    "one of two indices free": (total(i, at(S, i, h) * at(x, i)), "leaves the index h free"),
    "a free index in a let": (total(i, mc.let("q", at(x, i)) * at(x, i)), r"\(x\)_i leaves the index i free"),
    "the index as a number": (total(i, i * at(x, i)), r"i \(x\)_i takes the index i as a number, for which there is no rule"),
    "an index without a size as a number": (free * c, r"p c takes the index p as a number"),
    "its power": (c + free**2, r"p\^2 takes the index p as a number"),
    "in a sum over it": (total(free, free * c, 1, n), r"p c takes the index p as a number"),
    "in an array": (mc.sum(mc.exp(free * x)), r"p x takes the index p as a number"),
    "named": (mc.let("w", free) * c, "p takes the index p as a number"),
    "a sum of indices": (total(i, i) * c, r"sum_\{i=1\}\^\{n\} i takes the index i as a number"),
    "an array at each index": (total(i, at(x, i) * A), r"\(x\)_i A depends on the index of a sum in a way that is not derived"),
    "a norm at each index": (total(i, mc.norm(at(x, i) * y)), r"\(x\)_i y depends on the index of a sum"),
    "entries of vec": (
        total(mc.index("q", mc.vec(A).shape[0]), at(mc.vec(A), mc.index("q", mc.vec(A).shape[0]))), "has an axis made of several",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_rule_is_refused(name: str) -> None:
    of, message = REFUSED[name]
    for by in variables(of):
        if by != k:
            with pytest.raises(UnsupportedError, match=message):
                mc.derive(of, by, layout="numerator")


def test_what_is_refused_has_a_value_and_a_derivative_on_the_tape() -> None:
    for name in REFUSED:
        of = REFUSED[name][0]
        data = draw([of], np.random.default_rng(3))
        assert np.isfinite(value(of, data)).all()
        for by in variables(of):
            if by != k and isinstance(by, Symbol):
                raw = jacobian(of, by, data)
                assert np.isfinite(raw).all()
                close(raw, complex_step(of, by, data))
    assert at(x, i).evaluate({"x": [5, 6, 7], "i": 2}) == 6.0
    with pytest.raises(EvaluationError, match="There is no value for i, an index that no sum binds"):
        at(x, i).evaluate({"x": [5, 6, 7]})


def test_the_index_form_of_a_sum_is_that_of_the_matrix_notation() -> None:
    engine = Engine()
    for name in ("of entries", "double", "diagonal", "function of a product", "one letter, two sizes"):
        written, matrix = SUMS[name]
        assert engine.lowered(written).form == engine.lowered(matrix).form
    assert engine.lowered(SUMS["product over one letter"][0]).form != engine.lowered(SUMS["inner product"][0]).form
    assert named([SUMS["of entries"][0]]).keys() == {"x", "y"}
