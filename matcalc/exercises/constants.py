"""The numbers and sizes that an expression is multiplied by, and whether one of them was forgotten or does not belong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from matcalc.equality import prove_equal
from matcalc.language.building import lift
from matcalc.language.expressions import (
    Apply, ApplyMap, Derivative, Divide, Expr, Let, MapDerivative, Number, Power, SizeNumber, Symbol,
)  # fmt: skip
from matcalc.language.sizes import Dim
from matcalc.language.traversal import postorder

MOST = 8
_VARYING = (Symbol, Let, Apply, ApplyMap, Derivative, MapDerivative)


def constants_of(value: Expr) -> list[Expr]:
    """The parts of an expression that are made of numbers and sizes, each as a factor: 1/n where n divides.

    Example:
        >>> import matcalc as mc
        >>> n = mc.dims("n")
        >>> x = mc.vector("x", n)
        >>> constants_of(2 / n * x)
        [2/n, 2, 1/n]
    """
    one = lift(1)
    return list(dict.fromkeys(islice((part if power > 0 else one / part for part, power in _parts(value, 1)), MOST)))


def _parts(node: Expr, power: int) -> Iterator[tuple[Expr, int]]:
    is_constant = not node.shape and not any(isinstance(each, _VARYING) for each in postorder([node]))
    if is_constant and not (isinstance(node, Number) and abs(node.value) == 1):
        yield node, power
    if isinstance(node, SizeNumber) and (len(node.size.names) > 1 or node.size.coefficient > 1):
        yield from ((SizeNumber(Dim((name,))), power) for name in dict.fromkeys(node.size.names))
    if isinstance(node, Power) and node.exponent < 0:
        power = -power
    for k, operand in enumerate(node.operands):
        yield from _parts(operand, -power if k and isinstance(node, Divide) else power)


def kinds_of_scaling(answer: Expr, right: Expr) -> tuple[str, ...]:
    """What is the matter with the constants of an answer that is a multiple of what is right; none where that is not told by them."""
    own, wanted = constants_of(answer), constants_of(right)
    if any(_is(answer * each, right) for each in wanted):
        return ("missing-factor",)
    if any(_is(answer / each, right) for each in own):
        return ("extra-factor",)
    if any(_is(answer / each * other, right) for each in own for other in wanted):
        return ("extra-factor", "missing-factor")
    return ()


def _is(answer: Expr, right: Expr) -> bool:
    return prove_equal(answer, right).verdict == "equal"
