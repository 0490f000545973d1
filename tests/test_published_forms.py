"""The published cases, read from their LaTeX and derived: each result is proved equal to the printed answer, and is not longer.

Operations are counted: every node that is made of others counts one. The names of a case's `where` count as names, on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from itertools import product
from typing import Any

import pytest

import matcalc as mc
from matcalc.index.lowering import Lowered, lower
from matcalc.language.building import matmul
from matcalc.language.expressions import Derivative, Expr, Let, MatMul, Symbol
from matcalc.language.reading.formula import parse
from matcalc.language.traversal import postorder, replaced, with_operands
from matcalc.layout.pieces import operations
from tests.test_published_answers import axes_of, declarations, names_of_answers, symbol
from tests.test_published_cases import CASES

LAYOUTS = ("numerator", "denominator")
# By raw arrays, by a second variable or by free entries: tests/test_published_apart.py and test_published_cases.py have them.
APART = {name for name, case in CASES.items() if "rank" in case or "wrt2" in case or "structured" in case or "claimed_latex" in case}
APART |= {"wiki-sv-09"}  # the answer is a name for the Hessian of an unknown f, which only values tell: tests/test_published_cases.py
FORMS = [each for each in CASES if each not in APART]

# The answer has names of `where` that do not stand in the result as such: both are counted with names written out.
NAMED_OTHERWISE = {
    "norm-03": "xhat is a quotient, whose parts stand apart in the result",
    "norm-04": "xhat is a quotient, whose parts stand apart in the result",
}
COUNTED = [each for each in FORMS if each not in NAMED_OTHERWISE]
METHODS = {"canonical form", "expanded canonical form", "mod p"}  # none rests on how results are finished


def without_names(e: Expr) -> Expr:
    """The expression with named quantities written out."""
    lets = [node for node in postorder([e]) if isinstance(node, Let)]
    return without_names(replaced(e, {node: node.definition for node in lets})) if lets else e


def derived(case: Mapping[str, Any], layout: str) -> Expr:
    """The result, from text to expression."""
    given = declarations(case)
    of = parse(case["expr_latex"], assume=case.get("assume", []), **given)
    by = symbol(case, case["wrt"], len(case["vars"][case["wrt"]]))
    if case.get("order") == 2:
        return mc.hessian(of, by)
    found = mc.derive(of, by, layout=layout)
    return found.vec_form if case.get("wrt_vec") else found.result


def printed(case: Mapping[str, Any], layout: str, names: Mapping[str, Expr]) -> Expr:
    """The printed answer, read with these names."""
    return parse(case[f"{layout}_latex"], names=names, layout=layout, assume=case.get("assume", []), **declarations(case))


def counted(case: Mapping[str, Any], layout: str) -> tuple[int, int]:
    """The operations of the result and of the printed answer, both with the names of `where` as names."""
    meant = names_of_answers(case)
    where = {symbol(case, name, axes_of(meant[key])): meant[key] for name, key in _keys(case, meant).items()}
    symbols = {latex: Symbol(f"where{place}", each.shape) for place, (latex, each) in enumerate(where.items())}
    forms = {lower(without_names(each), no_names).form.key: symbols[latex] for latex, each in where.items()}
    answer = printed(case, layout, {**meant, **symbols})
    return operations(with_names(without_names(derived(case, layout)), forms)), operations(with_names(without_names(answer), forms))


def no_names(node: Let) -> Lowered:
    raise AssertionError(f"{node!r} is a name, which should have been written out")


def with_names(e: Expr, forms: Mapping[bytes, Symbol]) -> Expr:
    """The expression with names for its parts, also for parts of a product, whose index form is that of a name."""
    if not forms or not e.operands or isinstance(e, Derivative):
        return e
    if not any(isinstance(node, Symbol) and node.name.startswith("where") for node in postorder([e])):
        found = forms.get(lower(e, no_names).form.key)
        if found is not None and found.shape == e.shape:
            return found
    if isinstance(e, MatMul):
        factors = chain(e)
        for length, start in ((n, k) for n in range(len(factors) - 1, 1, -1) for k in range(len(factors) - n + 1)):
            part = reduce(matmul, factors[start : start + length])
            found = forms.get(lower(part, no_names).form.key)
            if found is not None and found.shape == part.shape:
                return with_names(reduce(matmul, [*factors[:start], found, *factors[start + length :]]), forms)
    return with_operands(e, tuple(with_names(each, forms) for each in e.operands))


def chain(e: Expr) -> list[Expr]:
    """The factors of a product of matrices."""
    return [*chain(e.left), *chain(e.right)] if isinstance(e, MatMul) else [e]


def _keys(case: Mapping[str, Any], meant: Mapping[str, Expr]) -> dict[str, str]:
    """The symbol of each name of `where`."""
    return {name: next(s for s in (symbol(case, name, axes) for axes in (0, 1, 2)) if s in meant) for name in case.get("where", {})}


@pytest.mark.parametrize(("name", "layout"), [*product(FORMS, LAYOUTS)])
def test_the_result_is_proved_equal_to_the_printed_answer(name: str, layout: str) -> None:
    case = CASES[name]
    answer = without_names(printed(case, layout, names_of_answers(case)))
    proof = mc.prove_equal(without_names(derived(case, layout)), answer)
    assert proof.ok, proof
    assert proof.method in METHODS
    assert proof.error_probability is not None and proof.error_probability <= 1e-9


@pytest.mark.parametrize(("name", "layout"), [*product(COUNTED, LAYOUTS)])
def test_the_result_is_not_longer_than_the_printed_answer(name: str, layout: str) -> None:
    found, published = counted(CASES[name], layout)
    assert found <= published


@pytest.mark.parametrize(("name", "layout"), [*product(NAMED_OTHERWISE, LAYOUTS)])
def test_the_result_is_not_longer_where_names_are_written_out(name: str, layout: str) -> None:
    case = CASES[name]
    answer = without_names(printed(case, layout, names_of_answers(case)))
    assert operations(without_names(derived(case, layout))) <= operations(answer)
    found, published = counted(case, layout)
    assert found > published, "it no longer needs an exception"


def test_what_is_not_counted_stands_in_the_table() -> None:
    assert len(FORMS) > 120 and set(NAMED_OTHERWISE) < set(FORMS)


def test_a_wrong_answer_is_not_proved() -> None:
    case = CASES["cook-061"]
    proof = mc.prove_equal(derived(case, "numerator"), printed(case, "denominator", {}))
    assert not proof.ok


def test_a_longer_result_is_counted_as_longer() -> None:
    case = dict(CASES["wiki-sv-14"])
    assert counted(case, "denominator") == (2, 2)
    longer = {**case, "assume": []}
    assert counted(longer, "denominator")[0] == 3
