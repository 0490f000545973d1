"""Links that were once judged wrongly: each with what is said of it now."""

from __future__ import annotations

from pathlib import Path

import matcalc as mc
from matcalc.derivation_check.results import Link

NETWORK = mc.Network((5, 4, 3, 2), activation=r"\sigma", loss="squared_error")
PERIOD = r"(W^{(l+1)})^T \operatorname{diag}(\sigma'(z^{(l+1)}))"
SECOND = r"(W^{(l+2)})^T \operatorname{diag}(\sigma'(z^{(l+2)}))"
LAST = r"(W^{(L)})^T \operatorname{diag}(\sigma'(z^{(L)})) (a^{(L)} - y)"


def link_of(latex: str, model: mc.Model | mc.Network, layout: str = "denominator") -> Link:
    (link,) = mc.check(latex, model, layout=layout).links
    return link


def test_inverses_that_exist_at_different_sizes_only_are_not_said_to_agree() -> None:
    model = mc.Model(shapes={"B": "m n", "C": "n n", "D": "n n"})
    assert link_of(r"(B^T B)^{-1} B^T = B^T (B B^T)^{-1}", model).verdict == "undecided"
    assert link_of(r"(C D)^{-1} = D^{-1} C^{-1}", model).verdict == "holds"


def test_dots_after_two_periods_of_functions_of_arguments() -> None:
    assert link_of(rf"\frac{{\partial C}}{{\partial a^{{(l)}}}} = {PERIOD} {SECOND} \cdots {LAST}", NETWORK).verdict == "holds"
    slipped = SECOND.replace(r"\sigma'", r"\sigma")
    assert link_of(rf"\frac{{\partial C}}{{\partial a^{{(l)}}}} = {PERIOD} {slipped} \cdots {LAST}", NETWORK).verdict != "holds"


def test_the_sigmoid_that_is_not_declared_is_a_function_inside_a_sum() -> None:
    model = mc.Model(shapes={"W": "m n", "x": "n", "t": "m"}, definitions=["a = W x", r"E = \frac{1}{2} \|\sigma(a) - t\|^2"])
    link = link_of(r"\frac{\partial E}{\partial x_k} = \sum_j (\sigma(a_j) - t_j) \sigma(a_j) W_{jk}", model)
    assert link.verdict == "wrong-value"
    assert link.repairs[0].kinds == ("derivative-of-function",)


FORM = r"Let $A \in \mathbb{R}^{n \times n}$, $x \in \mathbb{R}^n$ and $f(x) = x^T A x$. "
SYMMETRIC = r"$\frac{\partial f}{\partial x} = 2 A x$"


def verdict_in(text: str, model: mc.Model | None = None) -> str:
    return mc.check(text, model, layout="denominator").links[-1].verdict


def test_a_condition_holds_in_its_sentence_and_an_assumption_in_all_of_the_text() -> None:
    assert verdict_in(FORM + f"If $A$ is symmetric, then {SYMMETRIC}.") == "holds"
    assert verdict_in(FORM + f"Let $A$ be symmetric. Then {SYMMETRIC}.") == "holds"
    assert verdict_in(FORM + f"{SYMMETRIC}. If $A$ is symmetric, nothing changes.") == "wrong-value"
    assert verdict_in(FORM + f"{SYMMETRIC}. Now let $A$ be symmetric.") == "wrong-value"
    assert verdict_in(FORM + f"Unless $A$ is symmetric, {SYMMETRIC}.") == "wrong-value"


def test_assumptions_of_the_text_are_added_to_those_of_a_model() -> None:
    model = mc.Model(shapes={"A": "n n", "x": "n"}, definitions=["f = x^T A x"])
    assert verdict_in(f"Let $A$ be symmetric. Then {SYMMETRIC}.", model) == "holds"
    assert verdict_in(f"{SYMMETRIC}. Now let $A$ be symmetric.", model) == "wrong-value"
    assert verdict_in(f"Then {SYMMETRIC}.", model) == "wrong-value"


def test_a_right_form_that_holds_at_one_layer_only_is_not_shown() -> None:
    network = mc.Network((3, 4, 5, 2), "sigmoid", "half_mse")
    link = link_of(r"\delta^{(l)} = W^{(l+1)} \delta^{(l+1)}", network)
    assert link.right_form is None
    assert link_of(r"\delta^{(2)} = W^{(3)} \delta^{(3)}", network).right_form is not None


def test_words_on_indices_leave_the_layout_of_what_is_no_index_form() -> None:
    text = "We use numerator layout. With indices. " + FORM + r"$\frac{\partial f}{\partial x} = x^T (A + A^T)$"
    assert mc.check(text).links[-1].verdict == "holds"


RIDGE = r"Let $X \in \mathbb{R}^{n \times d}$, $y \in \mathbb{R}^n$, $w \in \mathbb{R}^d$ and $J(w) = \|X w - y\|^2 + \lambda \|w\|^2$. "


def test_a_solution_is_put_into_the_demand_before_it() -> None:
    right, wrong = (rf"$w = (X^T X + {scalar} I)^{{-1}} X^T y$" for scalar in (r"\lambda", r"2 \lambda"))
    assert verdict_in(RIDGE + rf"Setting $\nabla_w J = 0$ gives {right}.") == "holds"
    link = mc.check(RIDGE + rf"Setting $\nabla_w J = 0$ gives {wrong}.", layout="denominator").links[-1]
    assert (link.verdict, link.message) == ("wrong-value", r"It does not solve \nabla_w J = 0, which stands before it.")
    displayed = RIDGE + "Setting $\\nabla_w J = 0$ gives\n\n\\[" + wrong.strip("$") + "\\]"
    assert verdict_in(displayed) == "wrong-value"
    chain = r"Setting $\nabla_w J = 2 X^T (X w - y) + 2 \lambda w = 0$ gives "
    assert verdict_in(RIDGE + chain + f"{right}.") == "holds"
    assert verdict_in(RIDGE + chain + f"{wrong}.") == "wrong-value"


def test_a_definition_of_something_else_behind_a_demand_is_no_solution() -> None:
    assert verdict_in(RIDGE + r"For $\lambda = 0$, setting $\nabla_w J = 0$ gives $w = (X^T X)^{-1} X^T y$.") == "holds"
    assert verdict_in(RIDGE + r"Setting $\nabla_w J = 0$, where $r = X w - y$, we go on.") == "holds"


def test_commands_of_the_text_are_written_out_where_a_formula_is_set() -> None:
    macros = r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} \newcommand{\slip}{\mathbf{x} \mathbf{x}^T} "
    text = macros + r"Then $$\pd{f}{\mathbf{x}} = \slip (\mathbf{A} + \mathbf{A}^T) \mathbf{x}$$"
    report = mc.check(text, mc.Model(shapes={"A": "n n", "x": "n"}, definitions=["f = x^T A x"]), layout="denominator")
    assert report.links[0].verdict == "wrong-value"
    first = report.to_html().split('<ol class="links">')[0]
    assert first.count("<mfrac>") == 1 and "pd" not in first and "slip" not in first and 'class="wrong"' in first
    assert r"\frac{\partial f}{\partial \mathbf{x}}" in report._repr_html_()


def test_letters_below_a_numbered_layer_count_entries() -> None:
    line = r"\frac{\partial C}{\partial W^{(2)}_{ij}} = (a^{(2)}_i - y_i) \sigma'(z^{(2)}_i) a^{(1)}_j"
    two = mc.Network((2, 3, 5), activation=r"\sigma", loss="squared_error")
    assert link_of(line, two).verdict == "holds"
    slipped = link_of(line.replace("a^{(1)}_j", "a^{(2)}_j"), two)
    assert slipped.verdict == "ill-shaped"
    assert slipped.repairs[0].kinds == ("layer-index",)
    exchanged = link_of(r"\frac{\partial C}{\partial W^{(1)}_{ij}} = \delta^{(1)}_j x_i", two)
    assert exchanged.verdict == "ill-shaped"
    assert exchanged.repairs[0].kinds == ("index-name",)


def test_a_slip_inside_a_bracket_is_repaired_there() -> None:
    model = mc.Model(
        shapes={"W": "m n", "V": "k m", "x": "n", "y": "k"}, functions={"f": "elementwise"},
        definitions=["z = W x", "p = V f(z)", r"C = \frac{1}{2} \|p - y\|^2"],
    )  # fmt: skip
    without_transpose = link_of(r"\frac{\partial C}{\partial W} = (f'(z) \odot (V (p - y))) x^\top", model)
    assert without_transpose.repairs[0].kinds == ("transpose",)
    multiplied = link_of(r"\frac{\partial C}{\partial W} = (f'(z) (V^\top (p - y))) x^\top", model)
    assert multiplied.repairs[0].kinds == ("hadamard",)


def test_an_array_before_a_bracket_is_multiplied_where_it_can_be() -> None:
    model = mc.Model(
        shapes={"W": "m n", "x": "n", "b": "m", "y": "m"}, functions={"f": "elementwise"},
        definitions=["z = W x + b", "a = f(z)", r"C = \frac{1}{2} \|a - y\|^2"],
    )  # fmt: skip

    def last(latex: str, layout: str) -> str:
        return mc.check(latex, model, layout=layout).links[-1].verdict

    named = r"Let $g = \frac{\partial C}{\partial z}$. Then "
    assert last(named + r"$\frac{\partial C}{\partial W} = g (x)^\top$", "denominator") == "holds"
    assert last(named + r"$\frac{\partial C}{\partial W} = g (b)^\top$", "denominator") == "ill-shaped"
    assert last(named + r"$\frac{\partial C}{\partial b} = g (W)$", "numerator") == "ill-shaped"
    assert last(r"$\frac{\partial C(W)}{\partial a} = a(z) - y$", "denominator") == "holds"


def test_the_example_of_the_readme_loses_one_transpose() -> None:
    root = Path(__file__).parents[2] / "examples"
    text, model = (root / "derivation.tex").read_text(encoding="utf-8"), mc.Model.from_toml(root / "two_layers.toml")
    report = mc.check(text, model, layout="denominator")
    assert [link.verdict for link in report.links].count("holds") == len(report.links) - 1
    assert report.first_wrong is not None and report.first_wrong.repairs[0].kinds == ("transpose",)


def test_a_divisor_is_no_factor() -> None:
    model = mc.Model(
        shapes={"W": "m n", "x": "n", "y": "m", "N": ""}, functions={"f": "elementwise"},
        definitions=["z = W x", "a = f(z)", r"C = \frac{1}{N} \|a - y\|^2"],
    )  # fmt: skip
    for scale in ("(2/N)", "2/N", r"2 \frac{1}{N}"):
        link = link_of(rf"\frac{{\partial C}}{{\partial W}} = {scale} (f(z) \odot (a - y)) x^\top", model)
        assert link.repairs[0].kinds == ("derivative-of-function",), scale
