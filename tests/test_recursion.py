"""The recursion of backpropagation for a general layer."""

from __future__ import annotations

import dataclasses

import pytest

from matcalc.networks import Network
from matcalc.recursion import Recursion

NETWORKS = {
    "unknown f": ("f", "half_mse"),
    "sigmoid": ("sigmoid", "binary_cross_entropy"),
    "softmax": ("tanh", "softmax_cross_entropy"),
    "unknown cost": ("f", "C"),
    "different functions": (["f^1", "f^2", "f^3"], "C"),
    "different known functions": (["tanh", "gelu", "sigmoid"], "cross_entropy"),
}


@pytest.mark.parametrize("style", ["hadamard", "diag"])
@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize("batch", [None, "rows", "columns"])
@pytest.mark.parametrize(("activation", "loss"), NETWORKS.values(), ids=list(NETWORKS))
def test_holds_at_every_layer_of_several_depths(
    activation: str | list[str], loss: str, batch: str | None, layout: str, style: str
) -> None:
    recursion = Network((5, 4, 3, 2), activation, loss, batch=batch).recursion(layout=layout, style=style)
    report = recursion.verify(depths=(1, 2, 4))
    assert report.ok, report
    assert {check.equation for check in report.checks} == {equation.name for equation in recursion}


def test_in_words_of_the_two_layouts() -> None:
    net = Network((3, 4, 2), "f", "half_mse")
    assert list(map(repr, net.recursion(layout="numerator", style="diag"))) == [
        "delta^(L) = (1/n_L) (a^(L) - y)^T diag(f'(z^(L)))   (l = L)",
        "delta^(l) = delta^(l+1) W^(l+1) diag(f'(z^(l)))   (l = 1, ..., L-1)",
        "dC/dW^(l) = a^(l-1) delta^(l)   (l = 1, ..., L)",
        "dC/db^(l) = delta^(l)   (l = 1, ..., L)",
        "dC/da^(l) = delta^(l+1) W^(l+1)   (l = 0, ..., L-1)",
    ]
    assert [e.right.latex() for e in net.recursion(layout="denominator")][1:3] == [
        r"f'(\mathbf{z}^{(l)}) \odot \mathbf{W}^{(l+1)\top} \boldsymbol{\delta}^{(l+1)}",
        r"\boldsymbol{\delta}^{(l)} \mathbf{a}^{(l-1)\top}",
    ]


def test_without_bias_there_is_no_equation_for_it() -> None:
    names = [e.name for e in Network((3, 4, 2), "f", "C", bias=False).recursion(layout="numerator")]
    assert names == ["delta^(L)", "delta^(l)", "dC/dW^(l)", "dC/da^(l)"]


@pytest.mark.parametrize("name", ["delta^(L)", "delta^(l)", "dC/dW^(l)", "dC/db^(l)", "dC/da^(l)"])
def test_a_planted_fault_is_named(name: str) -> None:
    recursion = Network((5, 4, 3, 2), "f", "half_mse").recursion(layout="denominator")
    wrong = tuple(
        dataclasses.replace(e, right=e.right * 2) if e.name == name else e for e in recursion.equations
    )
    report = Recursion(recursion.network, recursion.layout, wrong).verify()
    assert not report.ok
    assert {check.equation for check in report.checks if check.error > report.tolerance} == {name}


def test_the_weights_of_the_wrong_layer_are_found() -> None:
    recursion = Network((5, 4, 3, 2), "f", "half_mse").recursion(layout="numerator")
    right, wrong = recursion["dC/da^(l)"], recursion["delta^(l)"]
    swapped = dataclasses.replace(wrong, right=right.right)
    report = Recursion(recursion.network, recursion.layout, (swapped,)).verify()
    assert not report.ok
