"""The published cases with a shape of their own: by free entries, mixed by two scalars, and Hessians by vec.

Each in both layouts at three assignments of distinct sizes against the printed answer and against reverse mode, and proved equal to
the printed answer for general sizes.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pytest

import matcalc as mc
import tests.test_published_cases as published
from matcalc.language.expressions import Expr
from matcalc.numeric import tape
from tests.oracle import close, laid_out_by_definition, vec_by_definition

APART = ("cook-142", "wiki-ms-08", "hess-22", "hess-25", "hess-27")
LAYOUTS = ("numerator", "denominator")
PRIMES = (2, 3, 5, 7, 11)


def names_of(case: Mapping[str, Any], layout: str) -> dict[str, Any]:
    """What the names of the answer stand for, in expressions."""
    names = published.written(case)
    for name, spec in case.get("functions", {}).items():
        by = {each: published.declared(each, case["vars"][each]) for each in spec["of"]}
        applied = names[name](*by.values())
        for each, x in by.items():
            first = names[f"d_{name}_{each}"] = mc.derive(applied, x, layout=layout).result
            names |= {f"d2_{name}_{each}{other}": mc.derive(first, y, layout="numerator").result for other, y in by.items()}
    return names


def answered(case: Mapping[str, Any], layout: str) -> tuple[Expr, Expr]:
    """The quantity and the answer of the package."""
    of = published.Formula(published.written(case))(case["expr_numpy"])
    x, y = published.variables(case)
    if "structured" in case:
        return of, mc.derive(of, x, layout=layout, structured=case["structured"]).result
    return of, mc.hessian(of, x, y, layout=layout)


def truth(case: Mapping[str, Any], of: Expr, draw: published.Draw, layout: str) -> np.ndarray[Any, Any]:
    """The derivative by reverse mode, its second by differences, arranged by the definitions."""
    x, y = published.variables(case)
    if "structured" in case:
        raw = tape.jacobian(of, x, draw.data)
        return np.asarray(np.diag(np.diag(raw)))
    raw = tape.hessian(of, x, y, draw.data)
    if of.shape:
        return laid_out_by_definition(raw, of.shape, (), layout)
    return vec_by_definition(raw, x.shape, y.shape, "numerator")


@pytest.mark.parametrize(("name", "layout"), [*product(APART, LAYOUTS)])
def test_at_three_assignments_of_sizes(name: str, layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = published.CASES[name]
    of, answer = answered(case, layout)
    for k in range(3):
        sizes = dict(zip(published.size_names(case), (PRIMES * 2)[k:], strict=False))
        monkeypatch.setattr(published, "drawn_sizes", lambda case, rng, sizes=sizes: sizes)
        draw = published.Draw(case, np.random.default_rng(40 + k))
        found = answer.evaluate(draw.values, sizes=draw.sizes, functions=draw.functions)
        close(found, draw.answer(f"{layout}_numpy", layout), 1e-9)
        close(found, truth(case, of, draw, layout), 1e-7)


@pytest.mark.parametrize(("name", "layout"), [*product(APART, LAYOUTS)])
def test_proved_equal_to_the_printed_answer(name: str, layout: str) -> None:
    case = published.CASES[name]
    _, answer = answered(case, layout)
    printed = published.Formula(names_of(case, layout))(case[f"{layout}_numpy"])
    proof = mc.prove_equal(answer, printed)
    assert proof.verdict == "equal", proof


@pytest.mark.parametrize("name", APART)
def test_verified_and_every_step_holds(name: str) -> None:
    case = published.CASES[name]
    of = published.Formula(published.written(case))(case["expr_numpy"])
    x, y = published.variables(case)
    found: Any = (
        mc.derive(of, x, layout="numerator", structured=case["structured"])
        if "structured" in case
        else mc.second_derivative(of, x, y, layout="numerator")
    )
    assert found.verify().ok
    assert all(step.verify() for step in found.steps)
