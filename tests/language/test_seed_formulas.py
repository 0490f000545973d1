"""The formulas of the seeds, side by side of each claimed equality, are read; what a whole document has to tell is said to be missing."""

from __future__ import annotations

import tomllib
from contextlib import nullcontext, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from matcalc.errors import MatcalcError, ReadError, ShapeError
from matcalc.language import building as mc
from matcalc.language.expressions import Expr
from matcalc.language.matrix_operations import entry, index, indexed_sum
from matcalc.language.reading.formula import parse
from matcalc.language.sizes import Dim

LINKS = tomllib.loads((Path(__file__).parents[1] / "data" / "seed_equations.toml").read_text())["link"]
DOCUMENT_ONLY = (r"\cdots", r"\begin{cases}")


def layered(layers: list[str], *, bias: bool, functions: list[str]) -> dict[str, Expr]:
    """A chain of layers under the names that the seeds write, from the activation before the first to the cost."""
    names: dict[str, Expr] = {}
    size = Dim(("n_0",))
    first, *rest = layers
    bracket = "({})" if bias else "{}"
    a: Expr = mc.vector(f"a^{bracket.format(first)}", size)
    names[f"a^{bracket.format(first)}"] = a
    for k, layer in enumerate(rest):
        key, before = bracket.format(layer), size
        size = Dim((f"N_{layer}",))
        W, b = mc.matrix(f"W^{key}", size, before), mc.vector(f"b^{key}", size)
        z = mc.let(f"z^{key}", W @ a + b if bias else W @ a)
        f = mc.function(functions[k])
        assert not isinstance(f, Expr)
        a = mc.let(f"a^{key}", f(z))
        names |= {f"W^{key}": W, f"z^{key}": z, f"a^{key}": a, **({f"b^{key}": b} if bias else {})}
    y = mc.vector("y", size)
    i = index("i", size)
    cost = 1 / size * indexed_sum(i, Fraction(1, 2) * (entry(a, i) - entry(y, i)) ** 2)
    unknown = mc.function("C", of=(y, a), shape=())
    assert isinstance(unknown, Expr)
    return {**names, "y": y, "C": mc.let("C", cost if bias else unknown)}


def declared(link: dict[str, Any]) -> dict[str, Any]:
    """The declarations of the document around a link, at the layers that it writes."""
    if link["model"] == "matrices":
        return {"shapes": {"A": "m n", "B": "n p", "C": "p q"}}
    if link["model"] == "001":
        names = layered(["L-3", "L-2", "L-1", "L"], bias=False, functions=["f^{L-2}", "f^{L-1}", "f^L"])
        return {"names": {**names, "x": names["a^L-3"]}, "functions": {"f^{L-1}": "elementwise", "f^L": "elementwise"}}
    text = link["lhs"] + link["rhs"]
    layers = ["L-2", "L-1", "L"] if "(L" in text else ["l-1", "l", "l+1"]
    names = layered(layers, bias=True, functions=["f", "f"])
    last = f"({layers[-1] if layers[-1] == 'L' else 'l'})"
    make = mc.row if link["layout"] == "numerator" else mc.vector
    delta = make(f"delta^{last}", Dim((f"N_{last[1:-1]}",)))
    names |= {f"delta^{last}": delta, "z": names[f"z^{last}"]}
    return {"names": names, "functions": {"f": "elementwise"}}


@pytest.mark.parametrize("side", ["lhs", "rhs", "repair"])
@pytest.mark.parametrize("link", LINKS, ids=[link["id"] for link in LINKS])
def test_side_of_a_seed_formula_is_read(link: dict[str, Any], side: str) -> None:
    text = link.get(side)
    if text is None or any(mark in text for mark in DOCUMENT_ONLY):
        return
    layout = None if link["layout"] == "index" else link["layout"]
    may_be_ill_shaped = link["verdict"] == "ill-shaped" or link.get("reading") == "stand-in"
    with nullcontext() if not may_be_ill_shaped else suppress(ShapeError):
        assert isinstance(parse(text, layout=layout, reading="jacobian", **declared(link)), Expr)


@pytest.mark.parametrize("text", [r"W^{1} \cdots x", r"\begin{cases} x & x \end{cases}"])
def test_what_needs_the_whole_document_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(MatcalcError, match=r"not read|no command"):
        parse(text, shapes={"W^1": "m n", "x": "n"})


def test_a_derivative_of_a_function_without_argument_is_refused() -> None:
    with pytest.raises(ReadError, match="needs its argument in brackets"):
        parse("(f^{L})' x", shapes={"x": "n"}, functions={"f^L": "elementwise"})
