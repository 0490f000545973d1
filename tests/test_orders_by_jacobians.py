"""The counts of orders of network derivatives against NumPy Jacobians: every arrangement multiplied out at random data.

Nothing is told here of which factor is diagonal, symmetric or the identity: the numbers say so themselves.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise, permutations, product
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.language.expressions import Expr
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import values_of
from matcalc.numeric.tape import jacobian

Counts = tuple[int, int, int]


def same(a: Any, b: Any) -> bool:
    return np.allclose(a, b, rtol=1e-9, atol=1e-14)


def counted(factors: Sequence[Any], true: Any) -> Counts:
    """How many arrangements fit, how many are right, and how many values there are."""
    fit, right, values = 0, 0, list[Any]()
    for order in permutations(factors):
        for turned in product((False, True), repeat=len(order)):
            word = [m.T if t else m for m, t in zip(order, turned, strict=True)]
            if (word[0].shape[0], word[-1].shape[1]) != true.shape or any(a.shape[1] != b.shape[0] for a, b in pairwise(word)):
                continue
            found = reduce(np.matmul, word)
            fit, right = fit + 1, right + same(found, true)
            if not any(same(found, value) for value in values):
                values.append(found)
    return fit, right, len(values)


def by_numbers(net: mc.Network, by: Any, below: Expr, layout: str, sizes: dict[str, int]) -> Counts:
    data = draw([net.cost], np.random.default_rng(3), sizes=sizes)
    factors: list[Any] = []
    for factor in mc.derive(net.cost, by, layout="numerator").factors:
        if factor.ndim == 3:
            factors.append(np.reshape(values_of([below], data)[below], (1, -1)))
            continue
        raw = jacobian(factor.of, factor.by, data)
        factors.append(raw.reshape(raw.shape[0] if factor.of.shape else 1, -1))
    gradient = jacobian(net.cost, by, data)
    return counted(factors, gradient.reshape(len(gradient), -1).T if layout == "numerator" else gradient.reshape(len(gradient), -1))


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize("activation", ["sigmoid", ("tanh", "identity"), ("identity", "tanh")], ids=str)
@pytest.mark.parametrize("widths", [(2, 3, 5), (2, 3, 3), (3, 3, 3), (3, 1, 3)], ids=str)
def test_orders_of_a_network_count_as_its_numeric_jacobians_do(widths: tuple[int, ...], activation: Any, layout: str) -> None:
    net = mc.Network(widths, activation=activation)
    sizes = {f"n_{k}": width for k, width in enumerate(widths)}
    for by, below in ((net.x, net.x), (net.W[1], net.x), (net.b[2], net.x), (net.W[2], net.a[1])):
        report = mc.orders(net.cost, by, layout=layout)
        known = {name for m in report.ordering.matrices for s in (m.rows, m.columns) for name in getattr(s, "names", ())}
        report = mc.orders(net.cost, by, layout=layout, sizes={name: sizes[name] for name in known})
        found = (report.shape_consistent, report.right, report.distinct_values)
        assert found == by_numbers(net, by, below, layout, sizes), by
