"""What the checker makes of right lines, of slips and of published identities: used by the tests and by the long run.

A repair is judged by `tests.check.settings.verdict`, which knows nothing of the checker: it has to make the line right, and if it edits
the right side, this is then equal to the side as it was before the slip.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, final

import matcalc as mc
from tests.check.notation import NotRead
from tests.check.published import IDENTITIES, identity
from tests.check.right_lines import RIGHT_LINES, RightLine
from tests.check.settings import verdict
from tests.check.slips import Claim, Slip, pair, single

WRONG = frozenset(("unreadable", "unknown-symbol", "index-mismatch", "other-layout", "ill-shaped", "wrong-value"))
PLANTED_AS = {"lost scalar": "missing-factor", "lost factor": "missing-factor"}
SINGLES, PAIRS, RIGHT = 500, 300, 500
ENOUGH = {"single": (0.98, 0.90), "pair": (0.90, 0.0)}  # of the slips: repaired, and by the first repair


@final
@dataclass
class Judged:
    """What was found of one line.

    Attributes:
        outcomes: how often each was met.
        wrong: what must not be, in words.
        short: what counts against a share, in words.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)


# ---- slips -----------------------------------------------------------------------------------------------------------


def judged_slip(slip: Slip, number: str) -> Judged:
    """The verdict and the repairs of a line with slips; ``number`` is ``single`` or ``pair``."""
    found = Judged()
    found.outcomes[number] += 1
    try:
        link = mc.check(slip.latex, slip.claim.setting.given, layout=slip.claim.layout).links[0]
    except Exception as fault:  # a line is judged, not refused
        found.wrong.append(f"{slip}: {type(fault).__name__}: {fault}")
        return found
    found.outcomes[f"{number}: {link.verdict}"] += 1
    if link.verdict == "holds":
        found.wrong.append(f"called right: {slip}")
        return found
    good = [makes_right(slip.claim, slip.right, repair) for repair in link.repairs]
    for repair, right in zip(link.repairs, good, strict=True):
        if right is None:
            found.outcomes[f"{number}: a repair in another notation"] += 1
        elif not right:
            found.wrong.append(f"a repair that does not hold: {slip}: {repair!r}")
    if not any(good):
        listed = "; ".join(map(repr, link.repairs[:3])) or "no repair"
        found.short.append(f"not repaired: {slip}: {link.verdict}, {link.message} [{listed}]")
        return found
    found.outcomes[f"{number}: repaired"] += 1
    if good[0]:
        found.outcomes[f"{number}: first"] += 1
    else:
        found.short.append(f"not first: {slip}: {link.repairs[0]!r}")
    planted = sorted(PLANTED_AS.get(kind, kind) for kind in slip.kinds)
    found.outcomes[f"{number}: kinds as planted"] += sorted(link.repairs[0].kinds) == planted
    return found


def makes_right(claim: Claim, right: str, repair: Any) -> bool | None:
    """Whether a repair of a side makes the line right, by the oracle; None of what it does not read."""
    if repair.side == "right" and same_text(repair.latex, claim.right):
        return True
    left, right = (repair.latex, right) if repair.side == "left" else (claim.left, repair.latex)
    try:
        return verdict(claim.setting, left, right, claim.layout) == "right"
    except NotRead:
        return None


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same but for spaces, brackets that size themselves and braces."""
    return plain(one) == plain(other)


def plain(text: str) -> str:
    return re.sub(r"\\left(?![A-Za-z])|\\right(?![A-Za-z])|\\,|[\s{}]", "", text)


def lacking(outcomes: Counter[str]) -> list[str]:
    """The shares of repaired slips that are too small."""
    found = []
    for number, shares in ENOUGH.items():
        for what, share in zip(("repaired", "first"), shares, strict=True):
            if outcomes[f"{number}: {what}"] < share * outcomes[number]:
                found.append(f"{number}: {outcomes[f'{number}: {what}']} of {outcomes[number]} {what}, wanted {share:.0%}")
    return found


# ---- right lines -----------------------------------------------------------------------------------------------------

RESTYLED = (
    (r"^\top", (r"^{\top}", r"^T", r"^{\mathsf{T}}", r"^{T}", r"^\intercal")), (r"^T", (r"^\top", r"^{\mathrm T}", r"^{T}")),
    (r"\frac", (r"\dfrac", r"\tfrac")), (r"\mathrm{diag}", (r"\operatorname{diag}",)), (r"\operatorname{diag}", (r"\mathrm{diag}",)),
    (r"\mathbf{", (r"\boldsymbol{", r"\bm{")), (r"\odot", (r"\circ",)), (r"\|", (r"\Vert ",)), (r"\log", (r"\ln",)),
)  # fmt: skip
CUES = {
    "numerator": ("In numerator layout we find", "Using the numerator layout:", "We use numerator layout throughout."),
    "denominator": ("In denominator layout we find", "Using denominator layout:", "Gradients are written in denominator layout."),
}
DISPLAYS = (
    "${}$", "$${}$$", "\\[ {} \\]", "\\begin{{equation}} {} \\end{{equation}}", "\\( {} \\)", "\\begin{{align*}} {} \\end{{align*}}",
)  # fmt: skip
AFTER = (".", ",", "", " as claimed.", " for all samples.")


@final
@dataclass(frozen=True)
class Written:
    """A right line in a text."""

    text: str
    line: RightLine
    layout: str | None


def written(seed: int) -> Written:
    """A right line as it is listed, or in another style, within prose."""
    line = RIGHT_LINES[seed % len(RIGHT_LINES)]
    if seed < len(RIGHT_LINES):
        return Written(line.latex, line, line.layout)
    rng = random.Random(seed)
    latex, layout = line.latex, line.layout
    for old, new in rng.sample(RESTYLED, 3):
        latex = latex.replace(old, rng.choice(new))
    display = rng.choice(DISPLAYS)
    if "align" in display:
        latex = " \\\\\n &= ".join(latex.split(" = ")).replace(" \\\\\n &= ", " &= ", 1)
    text = display.format(latex) + rng.choice(AFTER)
    if layout in CUES and rng.random() < 0.5:
        text = f"{rng.choice(CUES[layout])} {text}"
        layout = None
    elif rng.random() < 0.5:
        text = f"It follows that {text}"
    return Written(text, line, layout)


def judged_right(seed: int) -> Judged:
    """A right line, of which no link may be called wrong."""
    given = written(seed)
    return _not_wrong("right line", given.text, given.line.setting.given, given.layout)


def judged_identity(number: int) -> Judged:
    """A published identity in one of its layouts."""
    name, layout = IDENTITIES[number % len(IDENTITIES)]
    line = identity(name, layout)
    return _not_wrong("identity", line.latex, line.model, layout)


def _not_wrong(what: str, text: str, model: Any, layout: str | None) -> Judged:
    found = Judged()
    found.outcomes[what] += 1
    try:
        report = mc.check(text, model, layout=layout)
    except Exception as fault:
        found.wrong.append(f"{what}, {layout}: {text}: {type(fault).__name__}: {fault}")
        return found
    if not report.links:
        found.wrong.append(f"{what}, {layout}: {text}: no link")
    for link in report.links:
        found.outcomes[f"{what}: {link.verdict}"] += 1
        if link.verdict in WRONG:
            found.wrong.append(f"{what}, {layout}: {text}: {link.verdict}: {link.message}")
        elif link.verdict != "holds":
            found.short.append(f"{what}, {layout}: {text}: {link.verdict}: {link.message}")
    return found


TRIALS = SINGLES + PAIRS + RIGHT + len(IDENTITIES)


def trial(seed: int) -> Judged:
    """500 single slips, then 300 pairs, then 500 right lines, then the published identities in both layouts; and so on."""
    k = seed % TRIALS
    round_ = seed // TRIALS
    if k < SINGLES:
        return judged_slip(single(round_ * SINGLES + k), "single")
    if k < SINGLES + PAIRS:
        return judged_slip(pair(round_ * PAIRS + k - SINGLES), "pair")
    if k < SINGLES + PAIRS + RIGHT:
        return judged_right(round_ * RIGHT + k - SINGLES - PAIRS)
    return judged_identity(k - SINGLES - PAIRS - RIGHT)


def timed(slip: Slip) -> float:
    """The seconds that a line with a slip takes, with its repairs."""
    start = time.process_time()
    mc.check(slip.latex, slip.claim.setting.given, layout=slip.claim.layout)
    return time.process_time() - start
