"""Names as people give them: declared under a plain name, found by any writing."""

from __future__ import annotations

import pytest

import matcalc as mc
from matcalc.errors import MatcalcError, UnknownNameError
from matcalc.language.expressions import Let, Symbol
from matcalc.language.naming import Lookup, by_known_name, checked_name

WRITINGS = {
    r"\mathbf{W}^{(1)}": "W^(1)", "W^{(1)}": "W^(1)", "W^(1)": "W^(1)", r"\boldsymbol{\theta}": "theta", r"\theta_k": "theta_k",
    r"\hat{\mathbf{x}}": "xhat", "h_{t-1}": "h_{t-1}", r"\mathbf{x}_1": "x_1", "x1": "x1", "x_{1}": "x_1", r"\lambda": "lambda",
    r"\mathcal{L}": "L", "dC/dz^(1)": "dC/dz^(1)", r"\frac{\partial C}{\partial \mathbf{z}}": "dC/dz", "x_{a}_b": "x_{a}_b",
}  # fmt: skip


@pytest.mark.parametrize(("written", "plain"), WRITINGS.items())
def test_what_is_declared_in_latex_has_its_plain_name(written: str, plain: str) -> None:
    x = mc.vector("q", "n")
    declared = [mc.scalar(written), mc.vector(written, "n"), mc.row(written, "n"), mc.matrix(written, "m", "n"), mc.let(written, x)]
    assert all(isinstance(each, Symbol | Let) and each.name == plain for each in declared)
    assert checked_name(plain) == plain


def test_functions_and_sizes_are_declared_in_latex_too() -> None:
    x = mc.vector("x", r"n_{\ell}")
    assert x.shape == (mc.dims("n_ell"),) == (mc.dims(r"n_{\mathrm{\ell}}"),)
    assert repr(mc.function(r"\phi")(x)) == "phi(x)"
    assert repr(mc.function(r"\mathbf{u}", of=x, shape=("m",))) == "u(x)"
    with pytest.raises(MatcalcError, match="tanh is the name of a known function"):
        mc.function(r"\mathrm{tanh}")


@pytest.mark.parametrize("name", ["x^T", "x.T", r"\mathbf{x}^\top", r"\mathbf{W}^{(1)\top}", "W^{(1)T}", r"x^{\mathsf{T}}", "W^{[2]T}"])
def test_a_name_that_reads_as_a_transpose_is_refused(name: str) -> None:
    with pytest.raises(MatcalcError, match="reads as a transpose"):
        mc.vector(name, "n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x y", r"'x y' is not a plain name: letters .* nor is it the name in LaTeX"),
        ("1x", "'1x' is not a plain name"),
        ("", "'' is not a plain name"),
        (3, "3 is not a plain name"),
        (r"\mathbf{x", "This { is never closed"),
        (r"\frac{a}{b}", "is no name: a letter or a styled word"),
        (r"\mathbf{x} + y", "is no name: a letter or a styled word"),
    ],
)
def test_what_is_no_name_is_refused(name: str, message: str) -> None:
    with pytest.raises(MatcalcError, match=message):
        mc.vector(name, "n")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("W_1", "W_1"), ("W1", "W_1"), (r"\mathbf{W}_1", "W_1"), (r"\mathbf{W}_{1}", "W_1"), ("lam", "lambda"), (r"\lambda", "lambda"),
        (r"\boldsymbol\theta^{(2)}", "theta^(2)"), (r"\frac{\partial C}{\partial z^{(1)}}", "dC/dz^(1)"), ("W_2", None), ("V", None),
        (r"\mathbf{W", None), ("", None), (r"W^\top_1", None),
    ],
)  # fmt: skip
def test_a_name_is_found_by_any_writing(written: str, found: str | None) -> None:
    assert Lookup(["W_1", "lambda", "theta^(2)", "dC/dz^(1)", "x"]).found(written) == found


def test_sizes_are_found_by_either_letter() -> None:
    names = Lookup(["n_1", "m", "N"], sizes=True)
    assert [names.found(each) for each in ("n_1", "N_1", "n_{1}", "N_2", "m", "M", "N", "n")] == ["n_1"] * 3 + [None, "m", None, "N", None]
    assert Lookup(["n_1"]).found("N_1") is None


def test_the_name_itself_comes_before_another_of_the_same_key() -> None:
    names = Lookup(["x1", "x_1"])
    assert [names.found(each) for each in ("x1", "x_1", r"\mathbf{x}_1", r"\mathbf{x}_{1}")] == ["x1", "x_1", "x_1", "x_1"]


def test_a_name_that_may_be_each_of_two_is_refused() -> None:
    names = Lookup(["h_{t}_b", "W1^(2)", "W_{1}^(2)", "x"])
    with pytest.raises(UnknownNameError, match=r"W_1\^\{\(2\)\} may be each of W1\^\(2\) and W_\{1\}\^\(2\): write the name as"):
        names.found("W_1^{(2)}")


def test_what_is_given_twice_is_one_or_a_fault() -> None:
    names = Lookup(["W_1", "x"])
    assert by_known_name({"W1": 3, r"\mathbf{W}_1": 3, "y": 5}, names) == ({"W_1": 3, "y": 5}, [])
    given, faults = by_known_name({"W1": 3, r"\mathbf{W}_1": 2}, names)
    assert given == {"W_1": 3}
    assert faults == [r"W_1 is given twice with different values, as W1 and as \mathbf{W}_1: leave one out."]
