"""New tasks: a random setting of the asked kind, drawn again until it is no trivial one and its answer is verified."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType

from matcalc.equality import prove_equal
from matcalc.errors import MatcalcError, near_names
from matcalc.exercises.asked import Asked, Rewriting, pushed
from matcalc.exercises.drawing_derivatives import drawn_asked, drawn_chain
from matcalc.exercises.drawing_lines import drawn_layout, drawn_slip
from matcalc.exercises.formula_judge import FormulaJudge
from matcalc.exercises.layout_judge import LAYOUTS, LayoutJudge
from matcalc.exercises.making import (
    Header, converting_task, derive_task, lost_transposes, order_task, pushing_task, restoring_task, shuffled,
)  # fmt: skip
from matcalc.exercises.matrix_scalars import transposable
from matcalc.exercises.order_judge import OrderJudge
from matcalc.exercises.prose import formula_of
from matcalc.exercises.slip_judge import SlipJudge
from matcalc.exercises.tasks import KINDS, Task
from matcalc.language.expressions import Derivative, Expr, MapDerivative, Transpose
from matcalc.language.sizes import ndim

LEVELS = (1, 2, 3)
MOST_DRAWS = 200
SLIPS = ("ill-shaped", "index-mismatch", "wrong-value", "other-layout")  # verdicts on a line that is read and is wrong
FEWEST_CHARACTERS, MOST_CHARACTERS = 5, 110


def generate(kind: str, seed: int, *, level: int | None = None) -> Task:
    """A new task with a verified answer; the same seed gives the same task.

    Args:
        kind: ``derive``, ``order``, ``transpose``, ``layout`` or ``slip``.
        seed: any whole number.
        level: 1, 2 or 3, easy to hard; drawn if it is not given.

    Raises:
        MatcalcError: no such kind or level.

    Example:
        >>> from matcalc.exercises import generate
        >>> new = generate("derive", 12, level=1)
        >>> new.kind, new.level
        ('derive', 1)
        >>> new.check("0").ok
        False
    """
    if kind not in KINDS:
        raise MatcalcError(f"{kind!r} is no kind of task. {near_names(str(kind), KINDS)}")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise MatcalcError(f"seed={seed!r}: it is a whole number.")
    if level is not None and level not in LEVELS:
        raise MatcalcError(f"level={level!r}: it is 1, 2 or 3.")
    for draw in range(MOST_DRAWS):
        rng = random.Random(f"{kind} {seed} {level} {draw}")
        chosen = rng.choice(LEVELS) if level is None else level
        try:
            made = DRAWN[kind](rng, Header(f"{kind} {seed}", chosen, TITLES[kind]))
            if made is not None and VERIFIED[kind](made):
                return made
        except MatcalcError:
            continue
    raise AssertionError(f"{MOST_DRAWS} draws gave no task: {kind}, {seed}, {level}")


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _derive(rng: random.Random, header: Header) -> Task | None:
    return derive_task(header, drawn_asked(rng, header.level))


def _order(rng: random.Random, header: Header) -> Task | None:
    asked = drawn_chain(rng, header.level + rng.choice((0, 1)))
    if ndim(asked.wrt.shape) > 1:
        return None
    factors = asked.derivation.factors
    if len(factors) < (2 if header.level == 1 else 3) or any(not factor.shape(asked.layout) for factor in factors):
        return None
    other = "denominator" if asked.layout == "numerator" else "numerator"
    given = {
        1: [asked.layout] * len(factors),
        2: [other] * len(factors),
        3: [rng.choice((asked.layout, other)) for _ in factors],
    }[header.level]
    return order_task(header, asked, given, shuffled(len(factors), rng))


def _transpose(rng: random.Random, header: Header) -> Task | None:
    way = rng.choice(("push", "convert", "restore"))
    if way == "push":
        return pushing_task(header, transposable(rng, header.level))
    asked = drawn_asked(rng, header.level, by_vec=False)
    return converting_task(header, asked) if way == "convert" else restoring_task(header, asked)


def _layout(rng: random.Random, header: Header) -> Task | None:
    return drawn_layout(rng, header)


def _slip(rng: random.Random, header: Header) -> Task | None:
    return drawn_slip(rng, header)


TITLES: Mapping[str, str] = MappingProxyType(
    {
        "derive": "find the derivative", "order": "put the factors in order", "transpose": "place the transposes",
        "layout": "tell the layout", "slip": "find the slip",
    }
)  # fmt: skip
DRAWN: Mapping[str, Callable[[random.Random, Header], Task | None]] = MappingProxyType(
    {"derive": _derive, "order": _order, "transpose": _transpose, "layout": _layout, "slip": _slip}
)


# ---- verifying -------------------------------------------------------------------------------------------------------


def _formula_is_verified(task: Task) -> bool:
    """Whether the answer is neither trivial nor given away, is read back from its LaTeX, and stands up to the oracles."""
    judge = task.judge
    assert isinstance(judge, FormulaJudge)
    asked = judge.asked
    value = asked.value
    if _is_trivial(value) or not FEWEST_CHARACTERS <= len(repr(value)) <= MOST_CHARACTERS:
        return False
    if isinstance(asked, Rewriting):
        return pushed(value) != value and judge.judged(pushed(value).latex()).ok
    if not asked.derivation.verify().ok or not judge.judged(value.latex()).ok:
        return False
    if task.kind == "transpose":
        shown = lost_transposes(formula_of(value)) if not judge.pushed else None
        given = shown.latex if shown is not None else formula_of(_other(asked)).latex
        return given != value.latex() and not judge.judged(given).ok
    other = _other(asked)
    return other.shape == () or prove_equal(other, value).verdict == "different" or ndim(other.shape) == 2


def _other(asked: Asked) -> Expr:
    other = "denominator" if asked.layout == "numerator" else "numerator"
    return Asked(asked.of, asked.wrt, other, asked.by_vec).value


def _is_trivial(value: Expr) -> bool:
    """Whether the answer is a name, a number, a constant or the derivative that is asked for, or the transpose of one."""
    bare = value.argument if isinstance(value, Transpose) else value
    return not bare.operands or isinstance(bare, Derivative | MapDerivative)


def _order_is_verified(task: Task) -> bool:
    judge = task.judge
    assert isinstance(judge, OrderJudge)
    report = judge.report
    if not judge.asked.derivation.verify().ok or report.right >= report.arrangements or report.right > 32:
        return False
    return not judge.judged([letter.name for letter in judge.letters]).ok


def _layout_is_verified(task: Task) -> bool:
    judge = task.judge
    assert isinstance(judge, LayoutJudge)
    return judge.detected.layout in LAYOUTS


def _slip_is_verified(task: Task) -> bool:
    judge = task.judge
    assert isinstance(judge, SlipJudge)
    report = judge.report
    if len(report.links) != len(judge.lines) or len(report.slips) != 1 or report.slips[0].verdict not in SLIPS:
        return False
    return all(link.ok or link.follows for link in report.links if link is not report.slips[0]) and bool(report.slips[0].repairs)


VERIFIED: Mapping[str, Callable[[Task], bool]] = MappingProxyType(
    {
        "derive": _formula_is_verified, "order": _order_is_verified, "transpose": _formula_is_verified,
        "layout": _layout_is_verified, "slip": _slip_is_verified,
    }
)  # fmt: skip
