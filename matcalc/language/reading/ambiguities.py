"""What stands side by side and reads in two ways: each is refused, with the way to write either."""

from __future__ import annotations

from matcalc.errors import ReadError
from matcalc.language.reading.frames import only_factor
from matcalc.language.reading.source import Source, Span
from matcalc.language.reading.syntax import Factor, Group, Name, Numeral

BRACKETS = frozenset(("(", "[", r"\{"))


def is_bracketed(factor: Factor) -> bool:
    """Whether a factor stands in brackets."""
    return isinstance(factor.base, Group) and factor.base.kind in BRACKETS


def check_side_by_side(source: Source, before: Factor, factor: Factor, read: Span, *, unbracketed: bool) -> None:
    """Refuse numbers, differentials and arguments without brackets that read in two ways.

    Args:
        before: the last factor of what was read, at ``read``.
        factor: what follows it.
        unbracketed: whether what was read ends in an argument without brackets.
    """
    place = read.to(factor.span)
    if factor.sign:
        if unbracketed:
            raise source.unreadable(place, "Where the argument ends reads in two ways.", "Write it in brackets.")
        return
    if unbracketed:
        raise source.unreadable(place, "Where the argument ends reads in two ways.", "Write it in brackets.")
    if isinstance(factor.base, Numeral) and (not factor.base.fraction or isinstance(before.base, Numeral)):
        raise source.unreadable(place, "A number stands right behind a factor.", r"Write \cdot between them, or a subscript.")
    d = before.base
    if isinstance(d, Name) and d.stem == "d" and not before.scripts and isinstance(factor.base, Name):
        name = source.piece(d.span.to(factor.base.span))
        if d.span.end == factor.base.span.start:
            way_out = f"Declare {name}, or write d \\cdot before the factor."
            raise source.unreadable(place, f"{name} reads as a differential.", way_out)


def doubly_barred(base: object) -> Group | None:
    """The inner group of ``||x||``, bars right inside bars; None of anything else."""
    if not isinstance(base, Group) or base.kind != "|" or len(base.parts) > 1:
        return None
    factor = only_factor(base.parts[0])
    inner = factor.base if factor is not None and not factor.scripts else None
    return inner if isinstance(inner, Group) and inner.kind == "|" and len(inner.parts) == 1 else None


def no_transpose_of_a_number(source: Source, factor: Factor) -> ReadError:
    """The error of 1^T, which is often meant as a row of ones."""
    claim = f"{source.piece(factor.span)}: a number has no transpose."
    return source.unreadable(factor.span, claim, r"For a row of ones write \mathbf{1}^\top.")
