"""What an assumption may say, and of which names."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc as mc
from matcalc.errors import MatcalcError, ReadError, UnknownNameError
from matcalc.language.assumptions import PROPERTIES, assumption_of
from matcalc.language.expressions import Symbol

SHAPES = {"A": "n n", "B": "p p", "W": "m n", "x": "n", "y": "m", "k": "", "lam": "", "Sigma": "n n"}
FUNCTIONS: dict[str, Any] = {"u": {"of": "x", "shape": "p"}}


@pytest.mark.parametrize(
    ("text", "subjects", "says"),
    [
        ("A symmetric", ("A",), "symmetric"),
        ("X  positive   definite", ("X",), "positive definite"),
        ("A, B invertible", ("A", "B"), "invertible"),
        ("A and B invertible", ("A", "B"), "invertible"),
        (r"\boldsymbol{\Sigma} positive definite", ("Sigma",), "positive definite"),
        (r"\mathbf W^{(1)} orthogonal", ("W^(1)",), "orthogonal"),
        ("a_{1,2} positive", ("a_{1,2}",), "positive"),
        ("y one-hot", ("y",), "one-hot"),
        ("y in {0,1}", ("y",), "in {0,1}"),
        ("y in { 1, -1 }", ("y",), "in {-1,1}"),
        ("y sums to 1", ("y",), "sums to one"),
        ("k positive integer", ("k",), "positive integer"),
        ("m > n", ("m", "n"), ">"),
        (r"n_1 \geq 2 n_0 + 1", ("n_1", "n_0"), ">="),
        ("0 < p <= 1", ("p",), "< <="),
        ("det(X) > 0", ("X",), ">"),
        (r"\det \mathbf{X} > 0", ("X",), ">"),
        ("|X| > 0", ("X",), ">"),
    ],
)
def test_what_is_read(text: str, subjects: tuple[str, ...], says: str) -> None:
    made = assumption_of(text)
    assert (made.subjects, made.property) == (subjects, says)


@pytest.mark.parametrize("says", PROPERTIES)
def test_every_property_is_read(says: str) -> None:
    assert assumption_of(f"X {says}").property == says


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("A is symmetric", "Did you mean 'A symmetric'?"),
        ("A sym", "Did you mean 'A symmetric'?"),
        ("A = A^T", "Did you mean 'A symmetric'?"),
        (r"A^\top = A", "Did you mean 'A symmetric'?"),
        ("A^T A = I", "Did you mean 'A orthogonal'?"),
        ("A A^T = I", "Did you mean 'A orthogonal'?"),
        ("A symetric", "Did you mean symmetric"),
        ("A pos def", "Did you mean positive definite"),
        ("A", ""), ("symmetric", ""), ("", ""), ("A >", ""), ("> 0", ""), ("1 > 0", ""), ("x != 0", ""), ("A frobnicates", ""),
    ],
)  # fmt: skip
def test_what_is_no_assumption(text: str, hint: str) -> None:
    with pytest.raises(ReadError, match="is no assumption that is known") as error:
        assumption_of(text)
    first, known, relations = str(error.value).splitlines()
    assert hint in first if hint else first.endswith("known.")
    assert "symmetric, skew-symmetric, diagonal" in known and "'m > n'" in relations


def test_what_is_no_text() -> None:
    with pytest.raises(ReadError, match="An assumption is a text, as 'A symmetric', not 3"):
        mc.parse("k", shapes=SHAPES, assume=[3])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "text", ["A symmetric", "lam positive", "m > n", "u smooth", "det(A) > 0", "x positive", "x > 0", "k positive integer"]
)
def test_what_can_be_assumed_of_what_is_declared(text: str) -> None:
    read = mc.parse("k", shapes=SHAPES, functions=FUNCTIONS, assume=text)
    assert isinstance(read, Symbol) and (read.name, read.shape) == ("k", ())
    assert bool(read.assumed) == text.startswith("k ")


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("Q symmetric", UnknownNameError, "'Q symmetric' names nothing that is declared as Q"),
        ("A, Q symmetric", UnknownNameError, "names nothing that is declared as Q"),
        ("m > q", UnknownNameError, "'m > q' names nothing that is declared as q"),
        ("W symmetric", ReadError, r"W is \(m, n\); only a square matrix is symmetric"),
        ("k diagonal", ReadError, r"k is scalar; only a matrix is diagonal"),
        ("A > 0", ReadError, "reads in two ways, for A is .*: say 'A positive' of its entries, or 'A positive definite'"),
    ],
)
def test_what_cannot_be_assumed(text: str, kind: type[MatcalcError], message: str) -> None:
    with pytest.raises(kind, match=message):
        mc.parse("k", shapes=SHAPES, functions=FUNCTIONS, assume=[text])
    with pytest.raises(kind, match=message):
        mc.derive("k", "k", shapes=SHAPES, functions=FUNCTIONS, assume=[text], layout="numerator")
