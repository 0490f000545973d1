"""Documents that were changed at random, and what the checker makes of them: used by the tests and by the long run.

A part of them is likely to be readable: whole formulas are put in another order, joined, or restyled. The others have tokens taken out,
doubled, put in, or taken from other documents.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from functools import cache
from typing import Any

import matcalc as mc
from matcalc.errors import MatcalcError
from tests.check.right_lines import RIGHT_LINES, SETTINGS
from tests.check.settings import Setting
from tests.check.slips import single_slips

SECONDS = 5.0  # of processor time: the most that one document may take
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
STRAY_TOKENS = (
    r"$ $$ \[ \] \( \) \begin{align} \end{align} \begin{cases} \end{cases} & \\ = == := { } ( ) ^ _ ' | \| \cdots \dots \sum_{i} \sum \frac"
    r" \partial d \nabla \delta^{(l)} ^{(l)} ^{(L)} ^{(l+1)} \text{if}"
    r" l L < \leq \in \odot \otimes + - / , . ; 1 2 x W C \mathbf \left \right"
    r" \label{a} \tag{1} \underbrace \neq \approx \to \forall \quad \operatorname{tr} \begin{equation} \end{equation} % \% layout numerator"
)
STRAY = STRAY_TOKENS.split()
PROSE = (
    "In denominator layout:", "Using numerator layout:", "Let us define", "for all $l < L$", "where", "For the last layer ($l = L$):", "So",
    "without matrix calculus", "for matrices A, B, C", "We minimise", "and for any $l$:", "which is wrong", "", "\n\n", "% a remark\n",
    "\\section{Gradients}", "$f$ is elementwise.", "if $l = L$", "e.g.", "cost \\$5",
)  # fmt: skip
DISPLAYS = (
    "${}$", "$${}$$", "\\[{}\\]", "\\begin{{equation}}\\label{{a}} {} \\end{{equation}}",
    "\\({}\\)", "\\begin{{align}}{}\\end{{align}}", "{}",
)  # fmt: skip


@cache
def lines_of(setting: Setting) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The right lines of a setting, and those with a slip."""
    wrong = [slip.latex for slips in single_slips().values() for slip in slips if slip.claim.setting is setting]
    return tuple(line.latex for line in RIGHT_LINES if line.setting is setting), tuple(wrong)


def formula(rng: random.Random, setting: Setting) -> str:
    """A right line, or one with a slip, of a setting."""
    return rng.choice(lines_of(setting)[rng.random() < 0.3])


def mutant(rng: random.Random) -> tuple[str, Setting]:
    """A changed document, and what it is about."""
    setting = rng.choice(SETTINGS)
    parts = []
    for _ in range(rng.choice((1, 1, 2))):
        parts += [rng.choice(PROSE), rng.choice(DISPLAYS).format(formula(rng, setting))]
    text = " ".join(parts)
    if rng.random() < 0.15:
        return text, setting
    tokens = TOKEN.findall(text)
    for _ in range(rng.randint(1, 7)):
        i, way = rng.randrange(len(tokens) + 1), rng.randrange(6)
        if way == 0:
            del tokens[i : i + rng.randint(1, 4)]
        elif way == 1:
            tokens[i:i] = tokens[i : i + rng.randint(1, 12)]
        elif way in (2, 3):
            tokens.insert(i, f" {rng.choice(STRAY)} ")
        elif way == 4:
            tokens[i:i] = TOKEN.findall(formula(rng, setting))
        else:
            tokens.insert(i, chr(rng.randrange(1, 0x2FFF)))
    return "".join(tokens), setting


def judged_mutant(seed: int) -> tuple[Counter[str], tuple[str, ...]]:
    """A report, or an error of the package, soon; anything else is wrong."""
    rng = random.Random(seed)
    text, setting = mutant(rng)
    layout: Any = rng.choice((None, None, "numerator", "denominator", "mixed"))
    start = time.process_time()
    try:
        report = mc.check(text, setting.given, layout=layout)
    except MatcalcError as error:
        outcome = type(error).__name__
    except Exception as error:
        return Counter(["wrong"]), (f"seed {seed}: {setting.name}, {layout}: {text!r}: {type(error).__name__}: {error}",)
    else:
        outcome = outcome_of(report)
    took = time.process_time() - start
    if took > SECONDS:
        return Counter(["slow"]), (f"seed {seed}: {setting.name}, {layout}: {text!r} took {took:.1f} s",)
    return Counter([outcome]), ()


def outcome_of(report: Any) -> str:
    """Whether something was read: a link that was judged by its value or shape."""
    if not report.links:
        return "nothing read"
    read = sum(link.verdict not in ("unreadable", "unknown-symbol") for link in report.links)
    return "all read" if read == len(report.links) else "partly read" if read else "unreadable"


def lacking(outcomes: Counter[str]) -> list[str]:
    """Whether too few documents could be read."""
    read, all_of_them = outcomes["all read"] + outcomes["partly read"], outcomes.total()
    return [] if read * 5 >= all_of_them else [f"{read} of {all_of_them} documents could be read, wanted a fifth"]
