"""Sentences and labelled texts in lines of a terminal's width."""

from __future__ import annotations

from textwrap import wrap

WIDTH = 79  # columns
_EQUALS, _KEPT = " = ", "\u00a0=\u00a0"


def filled(text: str, first: str = "", later: str = "  ", width: int = WIDTH) -> list[str]:
    """A sentence in lines, ``first`` before the first and ``later`` before the others; no line ends or begins with an equals sign.

    A word that is longer than a line stays whole.

    Example:
        >>> print(*filled("the shapes fit as n = 3, and the order is wrong", "  ", "    ", 24), sep="\\n")
          the shapes fit as
            n = 3, and the order
            is wrong
    """
    words = " ".join(text.split()).replace(_EQUALS, _KEPT)
    lines = wrap(words, width, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_KEPT, _EQUALS) for line in lines] or [first.rstrip()]


def labelled(label: str, text: str, column: int, width: int = WIDTH) -> list[str]:
    """A text behind a label, all its lines from a column on.

    Example:
        >>> print(*labelled("note", "the factors commute here", 8, 24), sep="\\n")
          note  the factors
                commute here
    """
    return filled(text, f"  {label}".ljust(column - 1) + " ", " " * column, width)
