"""Derivatives of random expressions by the engine, judged by dual numbers: used by the tests and by the long run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import final

import matcalc as mc
from matcalc.errors import EvaluationError, NoMatrixFormError, UnsupportedError
from matcalc.exact.oracle import deviation
from matcalc.language.expressions import Expr, Let, Symbol
from tests.random_expressions import Generator, variables

LAYOUTS = ("numerator", "denominator")


@final
@dataclass(frozen=True, slots=True)
class Judged:
    """What was found for one random expression.

    Attributes:
        outcomes: how many of its derivatives, each by one variable in one layout, were ``exact``, ``wrong``, had ``no matrix``, or
            met ``no data``.
        wrong: those that were wrong, in words.
    """

    outcomes: Counter[str]
    wrong: tuple[str, ...]


def claim(of: Expr, by: Symbol | Let, layout: str) -> tuple[Expr | None, bool]:
    """What the engine says, by vec where there is no other matrix; None where there is none at all."""
    derivation = mc.derive(of, by, layout=layout)
    try:
        return derivation.result, False
    except NoMatrixFormError:
        pass
    try:
        return derivation.vec_form, True
    except NoMatrixFormError:
        return None, True


def outcome(of: Expr, by: Symbol | Let, layout: str, seed: int) -> str:
    """``exact``, ``wrong``, ``no matrix`` or ``no data``."""
    answer, by_vec = claim(of, by, layout)
    if answer is None:
        return "no matrix"
    try:
        return "exact" if deviation(of, by, answer, layout, by_vec=by_vec, seed=seed) == 0.0 else "wrong"
    except UnsupportedError:
        return "no matrix"  # but a written derivative of an unknown map, which is no polynomial
    except EvaluationError:
        return "no data"


def judged(seed: int) -> Judged:
    """The derivatives of the random expression of a seed, by all its variables in both layouts."""
    of = Generator(seed).expression(depth=1 + seed % 5)
    outcomes: Counter[str] = Counter()
    wrong = []
    for by in variables(of):
        for layout in LAYOUTS:
            found = outcome(of, by, layout, seed)
            outcomes[found] += 1
            if found == "wrong":
                wrong.append(f"seed {seed}: d({of!r})/d({by!r}) in {layout} layout")
    return Judged(outcomes, tuple(wrong))
