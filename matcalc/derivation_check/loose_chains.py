"""Products of derivatives that stand alone in a display: what they equal is told by their ends, or is the display before.

The chain dC/da da/dz dz/dx, written without an equality, is the derivative of C by x; from the input end, dz/dx da/dz dC/da is.
"""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.derivation_check.instances import without_dots
from matcalc.errors import MatcalcError
from matcalc.language.reading.grammar import Parser
from matcalc.language.reading.lexer import Tokens, lexed
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.syntax import Factor, Group, Quotient


def ends(text: str, scope: Scope) -> Iterator[str]:
    """The derivatives that a product of derivatives can be, in LaTeX: read from its left end, and from its right end."""
    try:
        tokens = lexed(without_dots(text))
        tree = Parser(tokens, scope.words, scope.letters).parsed()
    except MatcalcError:
        return
    (sign, blend), *others = tree.terms
    if sign or others or len(blend.products) > 1:
        return
    factors = blend.products[0].factors
    first, last = _quotient(factors[0]), _quotient(factors[-1])
    if first is None or last is None or len(factors) < 2:
        return
    for above, below in ((first, last), (last, first)):
        yield rf"\frac{{d {_piece(tokens, above.of_place)}}}{{d {_piece(tokens, below.by[0].place)}}}"


def _quotient(factor: Factor) -> Quotient | None:
    """The derivative that a factor is, in braces or not."""
    base = factor.base
    while isinstance(base, Group) and base.kind in ("{", "(") and len(base.parts) == 1 and len(base.parts[0].terms) == 1:
        inner = base.parts[0].terms[0][1].products
        if len(inner) != 1 or len(inner[0].factors) != 1:
            return None
        base = inner[0].factors[0].base
    if isinstance(base, Quotient) and base.of is not None and len(base.by) == 1 and not factor.scripts:
        return base
    return None


def _piece(tokens: Tokens, place: tuple[int, int]) -> str:
    span = tokens.span(*place)
    return tokens.source.text[span.start : span.end]
