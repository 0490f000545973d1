"""Everything public has a good text, and a formula, a table or code for a notebook; what is new and has none is found."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, cached_property
from html.parser import HTMLParser
from typing import Any

import pytest

import matcalc as mc
from matcalc.errors import MatcalcError, NoMatrixFormError
from matcalc.index.index_form import IndexForm
from matcalc.language.by_name import ByName
from matcalc.language.operators import Typeset
from matcalc.layout.factors import Factors
from matcalc.layout.products import Product
from matcalc.printing.line_breaks import TEXT_WIDTH
from matcalc.printing.notebook import words
from matcalc.steps import Steps
from tests.display.examples import EXAMPLES, built

# What MathJax 3 sets in JupyterLab without an extension, of what may come up here.
MATHJAX_COMMANDS = """
    frac tfrac dfrac sqrt sum prod int partial nabla cdot times odot otimes oslash top infty ldots cdots dots neq le ge leq geq in to mid
    ln log exp det sin cos tan tanh min max left right bigl bigr Bigl Bigr begin end text textbf mathbf mathrm mathit mathcal mathbb
    boldsymbol operatorname displaystyle small quad qquad hat bar tilde dot top prime lVert rVert lvert rvert vert Vert
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho sigma varsigma tau
    upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell
"""
MATHJAX = {*MATHJAX_COMMANDS.split(), *",;:! \\|{}_%"}

# Parts of what is shown that are shown inside of it and have texts of their own; nobody is handed them alone.
INNER = {
    "Form", "Layout", "Style", "Reading", "Mode", "Ordering", "Matrix", "FactorName", "Need", "OrderVerdict", "Scope", "Verdict",
    "Argument", "Span", "MapFunction", "Where", "Diagnosis", "LayerCheck", "Along", "Statement", "FreeEntries", "DerivedAgain", "Structure",
}  # fmt: skip


def in_terminal(thing: Any) -> list[str]:
    """The lines that IPython prints."""
    printer = pytest.importorskip("IPython.lib.pretty", reason="IPython is not installed: pip install -e '.[notebooks]'")
    return str(printer.pretty(thing)).splitlines()


@cache
def shown() -> dict[str, Any]:
    return built()


def kinds_of(thing: Any) -> list[str]:
    """How a notebook may show it, what JupyterLab takes first."""
    names = ("html", "markdown", "latex", "png")
    return [name for name in names if callable(getattr(thing, f"_repr_{name}_", None)) and getattr(thing, f"_repr_{name}_")() is not None]


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_is_shown_as_told(name: str) -> None:
    thing = shown()[name]
    assert type(thing).__name__ == EXAMPLES[name].of
    assert (kinds_of(thing) or ["text"])[0] == EXAMPLES[name].kind


# ---- completeness ----------------------------------------------------------------------------------------------------


def makes_expressions(function: Any) -> bool:
    """Whether a public name is one of those that write expressions."""
    if isinstance(function, type):
        return issubclass(function, Exception)
    if not inspect.isfunction(function):
        return True  # a function of the language, as mc.tanh
    returned = typing.get_type_hints(function).get("return")
    parts = typing.get_args(returned) or (returned,)
    return all(isinstance(part, type) and (issubclass(part, mc.Expr) or "Function" in part.__name__) for part in parts)


def without_example(names: list[str]) -> list[str]:
    code = " ".join(example.code for example in EXAMPLES.values())
    classes = {base.__name__ for thing in shown().values() for base in type(thing).__mro__}
    found = []
    for name in names:
        public = getattr(mc, name)
        named = public.__name__ in classes if isinstance(public, type) else re.search(rf"mc\.{name}\(", code)
        if not named and not makes_expressions(public):
            found.append(name)
    return found


def test_every_public_function_has_an_example() -> None:
    assert [name for name in without_example(mc.__all__) if name not in ("dims",)] == []


def test_a_public_function_without_example_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def brand_new(of: mc.Expr) -> mc.Derivation:
        """Return something."""
        raise NotImplementedError

    monkeypatch.setattr(mc, "brand_new", brand_new, raising=False)
    assert without_example(["brand_new", "derive"]) == ["brand_new"]


def members(thing: Any) -> Iterator[Any]:
    """The values of public fields and properties, and what stands in collections."""
    if isinstance(thing, Mapping) and not isinstance(thing, mc.Model):
        yield from thing.values()
    elif isinstance(thing, tuple | list):
        yield from thing
    if not type(thing).__module__.startswith("matcalc."):
        return
    held = [field.name for field in fields(thing)] if is_dataclass(thing) else list(getattr(thing, "__dict__", ()))
    names = [name for name in held if name[0] != "_"]
    names += [name for name, value in inspect.getmembers(type(thing)) if isinstance(value, property | cached_property) and name[0] != "_"]
    for name in names:
        try:
            yield getattr(thing, name)
        except (MatcalcError, AssertionError):
            continue


def test_everything_that_attributes_give_has_an_example() -> None:
    classes = {example.of for example in EXAMPLES.values()}
    unknown = set()
    for thing in shown().values():
        for member in members(thing):
            for each in (member, *(members(member) if isinstance(member, tuple | list | dict) else ())):
                kind = type(each)
                if kind.__module__.startswith("matcalc.") and not isinstance(each, mc.Expr) and kind.__name__ not in classes | INNER:
                    unknown.add(kind.__name__)
    assert unknown == set()


# ---- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_text_is_for_people(name: str) -> None:
    thing = shown()[name]
    text = repr(thing)
    assert text
    assert not re.search(r" at 0x[0-9a-f]{6,}|<matcalc\.|dataclass", text)
    if type(thing).__module__.startswith("matcalc.") and name not in ("network", "model"):
        assert not text.startswith(f"{type(thing).__name__}("), "the text of a dataclass is for its writers"


ONE_LINE = (mc.Expr, IndexForm, Product, tuple, dict, str)  # what is written into sentences, too


@pytest.mark.parametrize("name", EXAMPLES)
def test_reports_keep_to_the_width_of_a_terminal(name: str) -> None:
    thing = shown()[name]
    if not isinstance(thing, ONE_LINE) or isinstance(thing, Steps):
        assert [line for line in repr(thing).splitlines() if len(line) > TEXT_WIDTH] == []


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "source"])
def test_no_latex_is_shown_as_it_is(name: str) -> None:
    thing = shown()[name]
    assert not re.search(r"\\[A-Za-z]", repr(thing))
    if EXAMPLES[name].kind == "html":
        html = re.sub(r"<code.*?</code>", "", thing._repr_html_(), flags=re.DOTALL)
        assert not re.search(r"\\[A-Za-z]|[\^_]\{|\w\^", re.sub(r"\$[^$]+\$|<[^>]*>", "", html))


def test_sentences_and_products_have_their_formulas_set_with_bold_arrays() -> None:
    assert r"joins $f&#x27;(\mathbf{z})$ and $\mathbf{a} - \mathbf{y}$" in shown()["certificate"]._repr_html_()
    orders = shown()["orders"]._repr_html_()
    assert r"$\frac{\partial \mathbf{a}}{\partial \mathbf{z}}$ ends in $m$" in orders
    assert r"It fits only because $m = n = 3$" in orders
    assert r"$C$ is a scalar, $\mathbf{W}$ is $m \times n$." in shown()["explanation"]._repr_html_()
    assert r"The factor $\mathbf{a} - \mathbf{y}$ is missing." in shown()["checked gradient"]._repr_html_()
    assert r"(\mathbf{W}_4 \mathbf{W}_3)" in shown()["costs in numbers"]._repr_html_()


def test_costs_that_are_wide_stand_below_each_other() -> None:
    numbers, formulas = repr(shown()["costs in numbers"]).splitlines(), repr(shown()["costs"]).splitlines()
    assert numbers[1].split() == ["layout", "mode", "multiplications", "dense", "entries"]
    assert numbers[3].strip() == "((W4 W3) W2) W1"
    assert formulas[2:4] == ["  numerator layout, reverse", "    product          (((((((dC/da^(4) da^(4)/dz^(4)) dz^(4)/da^(3))"]


@pytest.mark.parametrize("name", ["long expression", "long derivation", "long index form", "deep steps"])
def test_in_the_terminal_long_texts_are_broken(name: str) -> None:
    lines = in_terminal(shown()[name])
    assert max(map(len, lines)) <= TEXT_WIDTH
    assert len(lines) > 1 or name == "long derivation"


def test_one_line_texts_stay_one_line() -> None:
    assert in_terminal(shown()["expression"]) == [repr(shown()["expression"])] == ["(f'(z) ⊙ (a - y)) x^T"]
    assert "\n" not in repr(shown()["long expression"])


def test_long_texts_inside_of_collections_are_indented() -> None:
    long = shown()["long expression"]
    lines = in_terminal((long, long))
    assert len(lines) > 3
    assert max(map(len, lines)) <= TEXT_WIDTH
    assert all(line.startswith(("(", " ")) for line in lines)


# ---- collections stay what they are ----------------------------------------------------------------------------------


def test_factors_are_a_tuple() -> None:
    factors = shown()["factors"]
    assert isinstance(factors, Factors) and isinstance(factors, tuple)
    assert factors == tuple(factors) and hash(factors) == hash(tuple(factors))
    assert repr(factors) == "(dC/da, da/dz, dz/dW)"
    assert repr(shown()["paths"][0]) == repr(tuple(shown()["paths"][0]))


def test_gradients_are_a_dict() -> None:
    found = shown()["gradients"]
    assert isinstance(found, ByName) and isinstance(found, dict)
    assert found == dict(found)
    assert repr(found) == repr(dict(found))
    assert list(found)[:2] == ["W^(1)", "b^(1)"]


def test_gradients_tell_the_named_derivatives_in_them() -> None:
    found = shown()["gradients"]
    assert [each.latex() for each in found.where] == [rf"\frac{{\partial C}}{{\partial \mathbf{{z}}^{{({k})}}}}" for k in (1, 2, 3, 4)]
    assert found.heads["b^(3)"].latex() == r"\frac{\partial C}{\partial \mathbf{b}^{(3)}}"
    html = found._repr_html_()
    assert html.count(r"\frac{\partial C}{\partial \mathbf{z}^{(4)}}") >= 3


# ---- what is put into a notebook -------------------------------------------------------------------------------------


class _Balance(HTMLParser):
    """Whether every element is closed in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if example.kind == "html"])
def test_html_is_balanced_and_keeps_to_the_theme(name: str) -> None:
    html = shown()[name]._repr_html_()
    parser = _Balance()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    assert not re.search(r"background|#fff|#000|color:\s*(white|black)|<script|<style|https?://", html)


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if example.kind in ("html", "latex") and example.formulas])
def test_formulas_are_of_commands_that_mathjax_knows(name: str) -> None:
    thing = shown()[name]
    shown_text = getattr(thing, f"_repr_{EXAMPLES[name].kind}_")()
    formulas = re.findall(r"\$(.+?)\$", re.sub(r"<code.*?</code>", "", shown_text, flags=re.DOTALL), flags=re.DOTALL)
    assert formulas
    for formula in formulas:
        assert set(re.findall(r"\\([A-Za-z]+|.)", formula)) <= MATHJAX
        assert formula.count("{") == formula.count("}")
        assert formula.count(r"\begin{aligned}") == formula.count(r"\end{aligned}")


def test_a_derivation_tells_its_layout() -> None:
    assert r"\text{denominator layout}" in shown()["derivation"]._repr_latex_()
    assert r"\text{3 axes, no matrix}" in shown()["derivation without matrix"]._repr_latex_()


class _Formless(Typeset):
    """What no string of matrices writes."""

    def latex(self) -> str:
        raise NoMatrixFormError("It has four axes.")


def test_what_has_no_formula_is_shown_as_text() -> None:
    assert _Formless()._repr_latex_() is None


def test_a_dollar_sign_in_words_begins_no_formula() -> None:
    assert words("costs $5 or $6") == "<span class='tex2jax_ignore mathjax_ignore'>costs $5 or $6</span>"
    assert words("x^T < y, a & b") == r"$x^\top &lt; y$, a &amp; $b$"
