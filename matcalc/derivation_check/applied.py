"""Which factor of a product is a function or an operator, and the next one its argument."""

from __future__ import annotations

from matcalc.language.reading import names
from matcalc.language.reading.lexer import Tokens
from matcalc.language.reading.names import Key
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.syntax import Factor, Group, Name, Operator

ARGUMENT_BRACKETS = ("(", "[", "{")


def is_applied(factor: Factor, following: Factor, tokens: Tokens, scope: Scope) -> bool:
    """Whether a factor is a function, and what follows it its argument in brackets."""
    if following.sign or not isinstance(following.base, Group) or following.base.kind not in ARGUMENT_BRACKETS:
        return False
    if isinstance(factor.base, Operator):
        return True
    if not isinstance(factor.base, Name):
        return False
    scripts = factor.scripts[0] if factor.scripts else None
    below = names.script_text(tokens, *scripts.below) if scripts and scripts.below else ""
    above = names.script_text(tokens, *scripts.above) if scripts and scripts.above else ""
    keys = [Key(factor.base.stem, *each) for each in ((below, above), (below, ""), ("", above), ("", ""))]
    undeclared = not any(key in scope.quantities for key in keys)
    return any(key in scope.functions for key in keys) or (factor.base.is_sigmoid and undeclared)
