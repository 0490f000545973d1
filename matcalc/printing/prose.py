"""Sentences with plain formulas in them, as HTML."""

from __future__ import annotations

import re
from html import escape

_SCRIPT = re.compile(r"([\^_])(?:\{([^{}]*)\}|\(([\w+\-]+)\)|(-?\w+))")
_TAGS = {"^": "sup", "_": "sub"}


def prose_in_html(text: str) -> str:
    """The text escaped, with upper and lower scripts set as such.

    Example:
        >>> prose_in_html("dz^(1)/dW^(1) is n_1 x n_0, x^T ⊗ I_{n_1} a matrix")
        'dz<sup>(1)</sup>/dW<sup>(1)</sup> is n<sub>1</sub> x n<sub>0</sub>, x<sup>T</sup> ⊗ I<sub>n<sub>1</sub></sub> a matrix'
    """
    return _SCRIPT.sub(_tagged, escape(text))


def _tagged(found: re.Match[str]) -> str:
    sign, braced, bracketed, bare = found.groups()
    inner = f"({bracketed})" if bracketed is not None else _SCRIPT.sub(_tagged, braced) if braced is not None else bare
    return f"<{_TAGS[sign]}>{inner}</{_TAGS[sign]}>"
