"""Names of a text that are declared and that are not, told without reading it."""

from __future__ import annotations

import pytest

from matcalc.errors import ReadError
from matcalc.language.mentions import mentions
from matcalc.language.reading.scope import declared

SCOPE = declared({"x": "n", "C": "", "z": "m", r"\frac{\partial C}{\partial z}": "m"}, {"f": "elementwise"}, None, ())


@pytest.mark.parametrize(
    ("text", "found", "unknown"),
    [
        (r"x^\top A x", ["x"], ["A"]),
        (r"f(\mathbf{W}^{(1)} x_2^\top) + g(y)", ["f", "x"], ["W^(1)", "g()", "y"]),
        (r"\sum_{i=1}^n a_i x_i + a_k", ["x"], ["a", "a_k"]),
        (r"\frac{u}{v} + \ln \det V \odot \mathbf{I}_n", [], ["u", "v", "V"]),
        (r"\frac{\partial D}{\partial z} + (q)", ["z"], ["D", "q"]),
        ("n + 2", [], []),
    ],
)
def test_names_in_a_text(text: str, found: list[str], unknown: list[str]) -> None:
    made = mentions(text, SCOPE)
    assert [key.plain for key in made.declared if not isinstance(key[0], tuple)] == found
    assert [each.name + "()" * each.applied for each in made.unknown] == unknown
    for each in made.unknown:
        assert str(each.error).startswith(each.name.split("_")[0]) and "is not declared." in str(each.error)


def test_a_derivative_that_is_a_name_is_one_name() -> None:
    (key,) = mentions(r"\frac{\partial C}{\partial z}", SCOPE).declared
    assert [each.plain for each in key] == ["C", "z"]  # type: ignore[union-attr]


def test_what_is_no_formula_is_refused() -> None:
    with pytest.raises(ReadError, match="An operand is missing"):
        mentions("x +", SCOPE)
