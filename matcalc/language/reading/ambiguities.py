"""What stands side by side and reads in two ways: each is refused, with the way to write either."""

from __future__ import annotations

from matcalc.errors import ReadError
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
    if factor.sign:
        return
    place = read.to(factor.span)
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


def no_transpose_of_a_number(source: Source, factor: Factor) -> ReadError:
    """The error of 1^T, which is often meant as a row of ones."""
    claim = f"{source.piece(factor.span)}: a number has no transpose."
    return source.unreadable(factor.span, claim, r"For a row of ones write \mathbf{1}^\top.")
