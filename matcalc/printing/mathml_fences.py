"""Tall fences of formulas in HTML, drawn, so that they need no font for mathematics."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from types import MappingProxyType

DRAWN = "drawn"
WIDTH = 0.42  # em
PATHS: Mapping[str, str] = MappingProxyType(
    {
        "(": "M8 1 Q-1 50 8 99",
        ")": "M2 1 Q11 50 2 99",
        "[": "M8 1 H3 V99 H8",
        "]": "M2 1 H7 V99 H2",
        "{": "M9 1 Q5 1 5 10 V41 Q5 50 1 50 Q5 50 5 59 V90 Q5 99 9 99",
        "}": "M1 1 Q5 1 5 10 V41 Q5 50 9 50 Q5 50 5 59 V90 Q5 99 1 99",
        "|": "M5 1 V99",
        "‖": "M3 1 V99 M7 1 V99",
        "⟨": "M8 1 L2 50 L8 99",
        "⟩": "M2 1 L8 50 L2 99",
        "⌊": "M3 1 V99 H8",
        "⌋": "M7 1 V99 H2",
        "⌈": "M8 1 H3 V99",
        "⌉": "M2 1 H7 V99",
        "/": "M9 1 L1 99",
    }
)


def drawn(sign: str, size: Mapping[str, str]) -> str:
    """A fence that reaches ``half`` an em up and down from the ``axis``; one without a path as it is written."""
    if sign not in PATHS:
        return f'<mo stretchy="true">{escape(sign)}</mo>'
    half, axis = float(size["half"]), float(size["axis"])
    look = 'viewBox="0 0 10 100" preserveAspectRatio="none" fill="none" stroke="currentColor"'
    path = f'<path d="{PATHS[sign]}" vector-effect="non-scaling-stroke"/>'
    svg = f'<svg role="img" aria-label="{escape(sign)}" style="width:{WIDTH}em;height:{2 * half:.2f}em" {look}>{path}</svg>'
    place = f'voffset="{axis - half:.2f}em" height="{axis + half:.2f}em" depth="{half - axis:.2f}em"'
    return f"<mpadded {place}><mtext>{svg}</mtext></mpadded>"
