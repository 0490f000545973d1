"""HTML with its formulas set, for pages that no notebook and no script typesets."""

from __future__ import annotations

import re
from html import unescape

from matcalc.printing.mathml import mathml

_IGNORED = r"<(?P<tag>span|code) class='tex2jax_ignore[^>]*>.*?</(?P=tag)>"
_PART = re.compile(rf"(?P<ignored>{_IGNORED})|\$(?P<latex>[^$]+)\$", re.DOTALL)


def with_formulas_set(html: str) -> str:
    """HTML whose formulas between dollar signs are MathML, which browsers set by themselves.

    Example:
        >>> with_formulas_set("<td>$x_1$</td>")
        '<td><math displaystyle="true"><msub><mi>x</mi><mn>1</mn></msub></math></td>'
    """
    return _PART.sub(lambda found: found["ignored"] or mathml(unescape(found["latex"])), html)
