"""The engine's own right form of a left side, in the letters of the formula."""

from __future__ import annotations

from matcalc.carrying_out import carried_out
from matcalc.derivation_check.judging import Fault, Judge, Pair
from matcalc.derivation_check.suggestions import general_latex
from matcalc.errors import MatcalcError
from matcalc.language.expressions import Derivative, Entry
from matcalc.language.traversal import postorder


def right_form(judge: Judge, pair: Pair, layout: str | None) -> str | None:
    """What the left side is, in LaTeX; None where it holds no derivative or has no matrix form."""
    try:
        places = judge.instances(pair)
    except MatcalcError:
        return None
    for at in places:
        left = judge.read(pair.left, at, layout or "denominator", None)
        if isinstance(left, Fault) or not any(isinstance(node, Derivative) for node in postorder([left])):
            continue
        try:
            if isinstance(left, Derivative) and isinstance(left.by, Entry):
                return None
            text = general_latex(carried_out(left).latex(), at)
        except MatcalcError:
            return None
        is_general = len(places) == 1 or judge.holds([Pair(pair.left, text, pair.condition)], layout)
        return text if is_general else None  # at one layer something else may stand there than at another
    return None
