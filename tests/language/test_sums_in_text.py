"""Entries and written sums in a text: what they are read as, what they are, and how they derive."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import EvaluationError
from matcalc.language.expressions import Expr, IndexedSum
from matcalc.language.matrix_operations import entry, index, indexed_sum, matrix_power
from matcalc.language.reading.formula import parse

x, y, c = mc.vector("x", "n"), mc.vector("y", "m"), mc.scalar("c")
W, A, r = mc.matrix("W", "m", "n"), mc.matrix("A", "n", "n"), mc.row("r", "n")
i, j = index("i", "n"), index("j", "m")
SHAPES: dict[str, Any] = {"x": "n", "y": "m", "c": "", "k": "", "W": "m n", "A": "n n", "r": "1 n", "x_3": "", "h_{t-1}": "n"}


def reading(latex: str) -> Expr:
    return parse(latex, shapes=SHAPES, functions={"f": "elementwise"})


READINGS: list[tuple[str, Expr]] = [
    ("x_2", entry(x, 2)),
    ("x_n", entry(x, mc.dims("n"))),
    ("x_3", mc.scalar("x_3")),
    (r"\mathbf{x}_i", entry(x, i)),
    ("x_i^2", entry(x, i) ** 2),
    ("W_{ji}", entry(W, j, i)),
    ("W_{j,i}", entry(W, j, i)),
    ("W_{12}", entry(W, 1, 2)),
    ("(A^{-1})_{il}", entry(mc.inv(A), i, index("l", "n"))),
    ("(W x)_j", entry(W @ x, j)),
    ("r_i", entry(r, i)),
    ("A^T_{il}", entry(A.T, i, index("l", "n"))),
    ("A_{il}^T", entry(A.T, i, index("l", "n"))),
    ("A_{il}^2", entry(A, i, index("l", "n")) ** 2),
    ("W_{ji}^{-1}", entry(W, j, i) ** -1),
    ("(A_{il})^{-1}", entry(A, i, index("l", "n")) ** -1),
    ("x_i^{-1}", entry(x, i) ** -1),
    ("(x_i)^T c", entry(x, i).T * c),
    (r"\sum_{i=1}^n i c", indexed_sum(i, i * c)),
    (r"A^{c + k} x", matrix_power(A, c + mc.scalar("k")) @ x),
    (r"A^{(c + 1)(k + 1)}", matrix_power(A, (c + 1) * (mc.scalar("k") + 1))),
    (r"\|W \lVert x \rVert\|_F", mc.norm(W * mc.norm(x))),
    (r"{c \over k} + {1 \over 2}", c / mc.scalar("k") + Fraction(1, 2)),
    ("x_{i+1}", entry(x, index("i") + 1)),
    (r"\delta_{il} A_{il}", entry(mc.identity("n"), i, index("l", "n")) * entry(A, i, index("l", "n"))),
    (r"\sum_{i=1}^{n} x_i^2", indexed_sum(i, entry(x, i) ** 2)),
    (r"\sum_i x_i^2", indexed_sum(i, entry(x, i) ** 2)),
    (r"\sum\limits_i {x_i^2}", indexed_sum(i, entry(x, i) ** 2)),
    (r"\sum_i x_i + c", indexed_sum(i, entry(x, i)) + c),
    (r"c \sum_i x_i r_i - c", c * indexed_sum(i, entry(x, i) * entry(r, i)) - c),
    (r"(\sum_i x_i) c", indexed_sum(i, entry(x, i)) * c),
    (r"\sum_i \sum_j W_{ji} x_i y_j", indexed_sum(i, indexed_sum(j, entry(W, j, i) * entry(x, i) * entry(y, j)))),
    (r"\sum_{i,j} W_{ji}", indexed_sum(i, indexed_sum(j, entry(W, j, i)))),
    (r"\sum_{ij} W_{ji}", indexed_sum(i, indexed_sum(j, entry(W, j, i)))),
    (r"\sum_i A_{ii}", indexed_sum(i, entry(A, i, i))),
    (r"\sum_i f(x_i) \sum_j y_j", indexed_sum(i, mc.function("f")(entry(x, i)) * indexed_sum(j, entry(y, j)))),
    (r"\sum_i x_i + \sum_i y_i", indexed_sum(i, entry(x, i)) + indexed_sum(index("i", "m"), entry(y, index("i", "m")))),
    (r"\sum_{i=2}^{n-1} x_i", indexed_sum(i, entry(x, i), 2, mc.dims("n") - 1)),
    (r"\sum_{s=0}^{k-1} A^s", indexed_sum(index("s"), matrix_power(A, index("s")), 0, mc.scalar("k") - 1)),
    (r"\sum_{s=1}^{3} s c", indexed_sum(index("s"), index("s") * c, 1, 3)),
    (r"\sum_i |x_i|", indexed_sum(i, mc.abs(entry(x, i)))),
    (r"\ln \left( \sum_i e^{x_i} \right)", mc.log(indexed_sum(i, mc.exp(entry(x, i))))),
    (r"\frac{1}{n} \sum_{i=1}^n (x_i - c)^2", 1 / mc.dims("n") * indexed_sum(i, (entry(x, i) - c) ** 2)),
]


@pytest.mark.parametrize(("latex", "expected"), READINGS, ids=[latex for latex, _ in READINGS])
def test_index_notation_is_read(latex: str, expected: Expr) -> None:
    made = reading(latex)
    assert made == expected
    assert reading(made.latex()) == made


VALUES: dict[str, Any] = {
    "x": np.array([1.0, 2.0, 4.0]), "y": np.array([3.0, 5.0]), "c": 7.0, "W": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]]), "k": 3,
    "A": np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [1.0, 0.0, 2.0]]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\sum_i \sum_j W_{ji} x_i y_j", VALUES["y"] @ VALUES["W"] @ VALUES["x"]),
        (r"\sum_{i=2}^{n} x_{i-1} x_i", 1 * 2 + 2 * 4),
        (r"\sum_{s=1}^{k} s c", 6 * 7.0),
        (r"\sum_{i=1}^{n} \sum_{s=1}^{i} s x_i", 1 + 3 * 2 + 6 * 4),
        (r"\sum_i A_{ii}", 4.0),
        ("x_n + W_{21}", 8.0),
    ],
)
def test_value_of_index_notation(latex: str, expected: float) -> None:
    assert reading(latex).evaluate(VALUES).item() == pytest.approx(expected)


def test_a_free_index_is_a_whole_number_that_is_given() -> None:
    made = reading("(A^{-1})_{il} x_l")
    inverse = np.linalg.inv(VALUES["A"])
    assert made.evaluate({**VALUES, "i": 3, "l": 2}).item() == pytest.approx(inverse[2, 1] * 2.0)
    with pytest.raises(EvaluationError, match="an index that no sum binds"):
        made.evaluate(VALUES)


DERIVED: list[tuple[str, Expr, str]] = [
    (r"\sum_i x_i^2", x.T @ x, "x"),
    (r"\sum_i \sum_j y_j W_{ji} x_i", y.T @ W @ x, "W"),
    (r"\sum_j (\sum_i W_{ji} x_i - y_j)^2", mc.norm(W @ x - y) ** 2, "x"),
    (r"\sum_i f(x_i) r_i", r @ mc.function("f")(x), "x"),
    (r"\sum_i A_{ii}", mc.trace(A), "A"),
]


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize(("latex", "matrix", "by"), DERIVED, ids=[latex for latex, *_ in DERIVED])
def test_a_written_sum_derives_as_what_it_is_in_matrices(latex: str, matrix: Expr, by: str, layout: str) -> None:
    made = reading(latex)
    assert any(isinstance(node, IndexedSum) for node in (made, *made.operands))
    d = mc.derive(made, by, layout=layout)
    assert d.shape == mc.derive(matrix, by, layout=layout).shape
    assert mc.prove_equal(d.result, mc.derive(matrix, by, layout=layout).result).verdict == "equal"
    assert d.verify().ok


def test_kroneckers_delta_that_stands_alone_needs_no_size() -> None:
    made = parse(r"W_{ji} \delta_{rl}", shapes={"W": "m n"})
    values = {"W": VALUES["W"], "j": 2, "i": 3, "r": 4}
    assert made.evaluate({**values, "l": 4}) == 7.0
    assert made.evaluate({**values, "l": 5}) == 0.0


def test_an_index_may_be_declared() -> None:
    r, l_ = index("r", "n"), index("l", "n")
    assert parse(r"\delta_{rl}", names={"r": r, "l": l_}) == entry(mc.identity("n"), r, l_)
    assert parse(r"x_r", names={"r": r, "x": x}) == entry(x, r)
