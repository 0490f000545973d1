"""Ways of writing that people use beside those of books, and what is refused because it reads in two ways."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import matcalc as mc
from matcalc.errors import ReadError, UnknownNameError
from matcalc.language.expressions import Expr
from matcalc.language.matrix_operations import entry, index, indexed_sum, written_derivative
from matcalc.language.reading.formula import parse

A, x, c = mc.matrix("A", "n", "n"), mc.vector("x", "n"), mc.scalar("c")
W, W1 = mc.matrix("W", "m", "n"), mc.matrix("W1", "m", "n")
i, j = index("i", "n"), index("j", "n")
SHAPES: dict[str, Any] = {"A": "n n", "x": "n", "c": "", "W": "m n", "W1": "m n", "K": "n m", "z": "m"}

READINGS: list[tuple[str, Expr]] = [
    ("||x||^2", mc.norm(x) ** 2),
    (r"||W x||_2", mc.norm(W @ x)),
    (r"\left|\left| A - A^\top \right|\right|_F^2", mc.norm(A - A.T) ** 2),
    ("||c||", mc.abs(mc.abs(c))),
    ("|c||c|", mc.abs(c) * mc.abs(c)),
    ("W1 x", W1 @ x),
    (r"W1^\top z", W1.T @ mc.vector("z", "m")),
    ("W_1 x", W1 @ x),
    (r"x^\top x.", x.T @ x),
    (r"$x^\top x$,", x.T @ x),
    (r"\sum_{i,j=1}^{n} A_{ij}", indexed_sum(i, indexed_sum(j, entry(A, i, j)))),
    (r"\sqrt{x}", mc.sqrt(x)),
    (r"\operatorname{sqrt}(A)", mc.sqrt(A)),
]


@pytest.mark.parametrize(("latex", "expected"), READINGS, ids=[latex for latex, _ in READINGS])
def test_way_of_writing(latex: str, expected: Expr) -> None:
    made = parse(latex, shapes=SHAPES)
    assert made == expected
    assert parse(made.latex(), shapes=SHAPES) == expected


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        ("||A||^2", "The norm of a matrix needs its name"),
        (r"\sqrt{A}", "The root of a matrix: entry by entry, or the matrix whose square it is"),
        (r"\mathbf{K}_{m,n} x", "is the commutation matrix, and an entry of K, which is declared"),
        (r"\nabla_x \|x\|_2 \|x\|_2", "Where what is derived ends reads in two ways"),
        (r"\nabla_x (x^\top x) (x^\top A x)", "Where what is derived ends reads in two ways"),
        (r"\operatorname{tr} A \cdot A", "Where the argument ends reads in two ways"),
        (r"\ln c / c", "Where the argument ends reads in two ways"),
    ],
)
def test_what_reads_in_two_ways_is_refused(latex: str, message: str) -> None:
    with pytest.raises(mc.errors.MatcalcError, match=message):
        parse(latex, shapes=SHAPES)


def test_every_name_that_is_not_declared_is_told_at_once() -> None:
    with pytest.raises(UnknownNameError, match=r"\n    Not declared here: p, q, v\.") as caught:
        parse(r"c + p \sum_i x_i q_i + \|v\|_2", shapes=SHAPES)
    assert "i" not in str(caught.value).rpartition("here: ")[2].split(", ")


@pytest.mark.parametrize(
    ("latex", "of"),
    [
        (r"\nabla_x \frac12 x^\top A x", Fraction(1, 2) * x.T @ A @ x),
        (r"\nabla_x c x^\top A x", c * x.T @ A @ x),
        (r"\nabla_x x^\top A x", x.T @ A @ x),
        (r"\nabla_x \ln(c) x^\top x", mc.log(c) * x.T @ x),
    ],
)
def test_nabla_takes_the_whole_product_where_one_factor_would_be_constant_or_no_scalar(latex: str, of: Expr) -> None:
    assert parse(latex, shapes=SHAPES) == written_derivative(of, x, "denominator")


def test_a_bound_that_names_a_size_is_the_size() -> None:
    made = parse(r"\sum_{i=1}^{n} x_i", shapes={"x": "n", "n": ""})
    assert made == indexed_sum(i, entry(x, i))


def test_the_mixed_layout_lays_out_gradients_by_the_denominator_and_jacobians_by_the_numerator() -> None:
    z = mc.let("z", W @ x)
    C = mc.let("C", mc.sum(z**2))
    names = {"C": C, "z": z, "x": x}
    made = parse(r"\left(\frac{\partial z}{\partial x}\right)^\top \frac{\partial C}{\partial z}", names=names, layout="mixed")
    assert made == written_derivative(z, x, "numerator").T @ written_derivative(C, z, "denominator")


def test_a_bracket_with_left_is_shown_whole() -> None:
    with pytest.raises(mc.errors.ShapeError, match=r"\(\\left\(W x\\right\)\)\^\\top x") as caught:
        parse(r"\left(W x\right) x", shapes={**SHAPES, "W": "n n"})
    assert r"    ^^^^^^^^^^^^^^^^^^" in str(caught.value).splitlines()[2]


def test_a_lone_full_stop_is_no_formula() -> None:
    with pytest.raises(ReadError, match="There is nothing to read"):
        parse(".", shapes=SHAPES)


def test_old_switches_of_fonts_are_style() -> None:
    shapes = {"x": "n", "A": "n n"}
    assert mc.parse(r"{\bf x}^{\rm T} {\bf A} {\it x}", shapes=shapes) == mc.parse(r"x^\top A x", shapes=shapes)


def test_sine_and_cosine_of_matrices_come_together() -> None:
    read = mc.parse(r"\cos(X) \sin(X)", shapes={"X": "n n"}, functions={r"\sin": "matrix"})
    assert repr(read) == "cosm(X) sinm(X)"
    assert repr(mc.parse(r"\cos(X)", shapes={"X": "n n"})) == "cos(X)"
