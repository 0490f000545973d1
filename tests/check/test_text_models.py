"""Documents that are checked from their own definitions: shapes that they tell, shapes that follow, layers, what has to be asked for."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import matcalc as mc
from matcalc.derivation_check.declared_shapes import told
from matcalc.derivation_check.subjects import subject_of
from matcalc.derivation_check.text_models import text_model
from matcalc.language.model import Model
from matcalc.language.sizes import ndim

DOCUMENTS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "text_models.toml").read_text(encoding="utf-8"))["doc"]
IDS = [each["id"] for each in DOCUMENTS]


def model_of(text: str, depth: int = 2) -> Model:
    made = text_model(text).at(depth)
    assert made is not None
    return made


# ---- whole documents -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("each", DOCUMENTS, ids=IDS)
def test_a_right_document_holds_from_its_own_definitions(each: dict[str, Any]) -> None:
    report = mc.check(each["text"])
    assert report.ok, report.first_wrong


@pytest.mark.parametrize("each", DOCUMENTS, ids=IDS)
def test_the_first_wrong_line_is_found(each: dict[str, Any]) -> None:
    before, behind = each["slip"]
    assert each["text"].count(before) == 1
    first = mc.check(each["text"].replace(before, behind)).first_wrong
    assert first is not None
    assert first.left.startswith(each["wrong"])


@pytest.mark.parametrize("each", DOCUMENTS, ids=IDS)
def test_names_have_as_many_axes_as_they_should(each: dict[str, Any]) -> None:
    model = subject_of(None, each["text"]).model
    assert {name: ndim(model[name].shape) for name in each["shapes"]} == each["shapes"]


def test_definitions_of_the_model_are_links_of_that_kind() -> None:
    report = mc.check(r"We have $z = W x$ and $C = z^\top z = x^\top W^\top W x$.")
    assert [(link.kind, link.verdict) for link in report] == [("definition", "holds"), ("definition", "holds"), ("claim", "holds")]


# ---- what is told ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        (r"$\mathbf{W} \in \mathbb{R}^{m \times n}$", {"W": ("m", "n")}),
        (r"$x\in\mathbb R^n$ and $\alpha \in \mathbb{R}$", {"x": ("n",), "alpha": ()}),
        (r"$A, B \in \mathbb{R}^{n\times n}$", {"A": ("n", "n"), "B": ("n", "n")}),
        (r"$\mathbf{W}^{(l)} \in \mathbb{R}^{n_l \times n_{l-1}}$", {"W^(l)": ("n_l", "n_{l-1}")}),
        (r"an $m \times n$ matrix $\mathbf{A}$", {"A": ("m", "n")}),
        (r"a vector $x$ of size $n$, a vector $y$ of dimension $m$", {"x": ("n",), "y": ("m",)}),
        (r"where $v$ is a $k$-dimensional column vector", {"v": ("k",)}),
        (r"a scalar $\lambda$ and a row vector $r$ of length $p$", {"lambda": (), "r": ("1", "p")}),
        (r"$u \in \mathbb{R}^{n \times 1}$, $W_1 \in \mathbb{R}^{3 \times 5}$", {"u": ("n",), "W_1": ("3", "5")}),
    ],
)
def test_shapes_that_are_told(text: str, shapes: dict[str, tuple[str, ...]]) -> None:
    assert {key.plain: sizes for key, sizes in told(text).shapes.items()} == shapes


@pytest.mark.parametrize(
    ("text", "functions"),
    [
        (r"where $f$ is applied elementwise", {"f": "elementwise"}),
        (r"an elementwise activation function $\phi$", {"phi": "elementwise"}),
        (r"$g: \mathbb{R} \to \mathbb{R}$", {"g": "elementwise"}),
        (r"Here $\sigma$ is the sigmoid.", {"sigma": "sigmoid"}),
        (r"$s$ denotes the logistic function", {"s": "sigmoid"}),
    ],
)
def test_functions_that_are_told(text: str, functions: dict[str, str]) -> None:
    assert {key.plain: each for key, each in told(text).functions.items()} == functions


@pytest.mark.parametrize(
    ("text", "assumed"),
    [
        (r"a symmetric positive definite matrix $S$", {"S positive definite", "S symmetric"}),
        (r"$Q$ is orthogonal", {"Q orthogonal"}),
        (r"$\Sigma \in \mathbb{S}^n_{++}$", {"Sigma positive definite"}),
        (r"with $A$ symmetric and $y$ one-hot", {"A symmetric", "y one-hot"}),
        (r"$A$ is not symmetric", set()),
    ],
)
def test_assumptions_that_are_told(text: str, assumed: set[str]) -> None:
    assert {f"{key.plain} {says}" for key, says in told(text).assumptions} == assumed


def test_an_assumption_of_the_text_makes_a_line_right() -> None:
    line = r"In denominator layout $\nabla_{\mathbf{x}} (\mathbf{x}^\top \mathbf{A} \mathbf{x}) = 2 \mathbf{A} \mathbf{x}$."
    assert not mc.check(line).ok
    assert mc.check(rf"Let $\mathbf{{A}}$ be a symmetric matrix. {line}").ok


def test_told_sizes_are_used() -> None:
    model = model_of(r"Let $W \in \mathbb{R}^{p \times q}$ and $z = W x$, $C = \|z\|^2$.")
    assert repr(model["x"].shape) == "(q,)"
    assert repr(model["z"].shape) == "(p,)"


# ---- what follows ----------------------------------------------------------------------------------------------------


def test_sizes_follow_from_products_and_sums() -> None:
    model = model_of(r"$\mathbf{z} = \mathbf{W} \mathbf{x} + \mathbf{b}$")
    rows, columns = model["W"].shape
    assert rows != columns
    assert model["x"].shape == (columns,)
    assert model["b"].shape == model["z"].shape == (rows,)


def test_plain_small_letters_are_vectors_where_products_ask_for_it() -> None:
    model = model_of(r"$z = W x + b$ and $C = z^T z$")
    assert [ndim(model[name].shape) for name in ("W", "x", "b", "C")] == [2, 1, 1, 0]


def test_plain_small_letters_are_scalars_where_nothing_else_is_said() -> None:
    model = model_of(r"$z = w x + b$ and $c = z^2$")
    assert [ndim(model[name].shape) for name in ("w", "x", "b", "c")] == [0, 0, 0, 0]


def test_a_wrong_claim_leaves_the_shapes_as_they_are() -> None:
    text = (
        r"$\mathbf{z} = \mathbf{W} \mathbf{x}$, $C = \|\mathbf{z}\|^2$. Denominator layout: $\frac{\partial "
        r"C}{\partial x} = 2 \mathbf{W} \mathbf{z}$."
    )
    first = mc.check(text).first_wrong
    assert first is not None
    assert first.verdict == "ill-shaped"


def test_layers_have_sizes_of_their_own_at_every_depth() -> None:
    text = (
        r"$a^{(l)} = f(W^{(l)} a^{(l-1)} + b^{(l)})$ with $a^{(0)} = x$, $C = \|a^{(L)} - y\|^2$; we write "
        r"$a^{(l)} = f(z^{(l)})$ as well."
    )
    for depth in (2, 3, 4):
        model = model_of(text, depth)
        assert f"W^({depth})" in model
        assert f"W^({depth + 1})" not in model
        assert repr(model[f"W^({depth})"].shape) == f"(n_{depth}, n_{depth - 1})"
        assert repr(model["z^(1)"].definition) == "W^(1) x + b^(1)"  # type: ignore[attr-defined]


def test_told_sizes_of_layers() -> None:
    text = r"Let $W^{(l)} \in \mathbb{R}^{d_l \times d_{l-1}}$, $a^{(l)} = f(W^{(l)} a^{(l-1)})$, $a^{(0)} = x$, $C = \|a^{(L)} - y\|^2$."
    assert repr(model_of(text, 3)["W^(3)"].shape) == "(d_3, d_2)"


def test_what_derivatives_define_is_no_part_of_the_model() -> None:
    text = (
        r"Denominator layout: $z = W x$, $C = z^T z$, $\delta = \frac{\partial C}{\partial z}$, $G = \delta "
        r"x^T$ and $\frac{\partial C}{\partial W} = G$."
    )
    assert set(text_model(text).at(2) or ()) == {"W", "x", "z", "C"}
    assert mc.check(text).ok


@pytest.mark.parametrize(
    ("line", "axes"),
    [
        (r"$\frac{\partial (x^\top A x)}{\partial x} = (A + A^\top) x$", {"x": 1, "A": 2}),
        (r"$\nabla_x \|A x - b\|^2 = 2 A^\top (A x - b)$", {"A": 2, "x": 1, "b": 1}),
        (r"$\frac{\partial \operatorname{tr}(A X B)}{\partial X} = A^\top B^\top$", {"A": 2, "X": 2, "B": 2}),
        (r"$\frac{\partial \log \det X}{\partial X} = X^{-\top}$", {"X": 2}),
        (r"$\operatorname{tr}(A B) = \operatorname{tr}(B A)$", {"A": 2, "B": 2}),
    ],
)  # fmt: skip
def test_identities_tell_shapes_by_what_they_derive(line: str, axes: dict[str, int]) -> None:
    text = f"In denominator layout {line}."
    model = subject_of(None, text).model
    assert {name: ndim(symbol.shape) for name, symbol in model.symbols.items()} == axes
    assert mc.check(text).ok


# ---- what has to be asked for ----------------------------------------------------------------------------------------


def test_a_name_that_nothing_tells_is_asked_for() -> None:
    text = (
        r"$z = W x$, $C = z^T z$. Denominator layout: $\frac{\partial C}{\partial x} = 2 W^T z$, "
        r"$\frac{\partial C}{\partial z} = 2 V z$."
    )
    report = mc.check(text)
    assert [link.verdict for link in report] == ["holds", "holds", "holds", "unknown-symbol"]
    last = report.links[-1]
    assert last.message.startswith(r"The shape of V is not known: write $V \in \mathbb{R}^{m \times n}$ in the text")
    assert "shapes={'V': 'm n'" in last.message


def test_the_shape_that_was_asked_for_can_be_written_in_the_text() -> None:
    text = r"$z = W x$, $C = z^T z$. In denominator layout $\frac{\partial C}{\partial z} = 2 V z$."
    first = mc.check(rf"Let $V \in \mathbb{{R}}^{{m \times n}}$. {text}").first_wrong
    assert first is not None
    assert first.verdict in ("ill-shaped", "wrong-value")


def test_a_text_that_defines_nothing() -> None:
    report = mc.check(r"Then $\frac{\partial C}{\partial W} = \delta x^\top$.")
    assert report.links[0].verdict == "unknown-symbol"
    assert "The shape of" in report.links[0].message


def test_definitions_that_go_in_a_circle_are_no_model() -> None:
    report = mc.check(r"$u = A v$ and $v = B u$.")
    assert report.links


# ---- hostile texts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "$" + "a," * 4_000 + r"\in \mathbb{R}^n$", "$a$, " * 2_000, r"a vector $x$ " * 2_000, "A" * 60_000, "x, " * 20_000 + r"\in",
        " and ".join(f"$x_{{{k}}} = A_{{{k}}} x_{{{k + 1}}}$" for k in range(90)),
        "$q = " + " + ".join(f"a_{{{k}}} b_{{{k}}} c_{{{k}}}" for k in range(90)) + "$",
        "$q = " + " ".join(f"\\mathbf{{A}}_{{{k}}}" for k in range(60)) + "$",
    ],
    ids=["names", "lone names", "vectors", "a word", "no end", "a chain", "a long sum", "a long product"],
)  # fmt: skip
def test_long_texts_are_searched_within_bounds(text: str) -> None:
    found = text_model(text)
    assert len(found.made) <= 60
