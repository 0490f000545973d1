"""What a derivative is asked of: a quantity and variables, given as expressions or as text with its declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from matcalc.errors import MatcalcError
from matcalc.language.assumed import assuming, properties_of, unified
from matcalc.language.building import lift
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.operators import METHODS
from matcalc.language.traversal import find_name

if TYPE_CHECKING:
    from matcalc.language.reading.scope import FunctionLike, Names, ShapeLike

LONGEST = 60


@final
@dataclass(frozen=True, slots=True)
class Declarations:
    """What the names of a formula stand for, each as `parse` takes it."""

    shapes: Mapping[str, ShapeLike] | None = None
    functions: Mapping[str, FunctionLike] | None = None
    names: Names | None = None
    assume: Iterable[str] = ()

    @property
    def given(self) -> list[str]:
        """Which of those that only a text needs are given, as the arguments are called."""
        parts = {"shapes=": self.shapes, "functions=": self.functions, "names=": self.names}
        return [name for name, part in parts.items() if part is not None]


def quantity_and_variables(
    of: Expr | str, wrt: Sequence[Expr | str], declarations: Declarations, layout: str | None = None
) -> tuple[Expr, list[Symbol | Let]]:
    """The expression that is to be derived, and the symbols or named quantities by which.

    Args:
        of: an expression or a number; or a formula in LaTeX, or a name, with declarations.
        wrt: expressions, which a text may name too; or names, of what occurs in ``of`` or is declared.
        declarations: of the names in a text.
        layout: of derivatives that the text writes.

    Raises:
        UnknownNameError: a name that nothing here has.
        MatcalcError: declarations for an expression, a variable that is none, or one that is assumed constant.
    """
    if not isinstance(of, str):
        if declarations.given:
            raise MatcalcError(
                f"{' and '.join(declarations.given)} declare what stands in a formula given as text; {lift(of)!r:.{LONGEST}} is an "
                "expression and has its names already: leave them out."
            )
        quantity = lift(of)
        variables = [variable(find_name(each, [quantity]) if isinstance(each, str) else each) for each in wrt]
    else:
        quantity, variables = METHODS["read_quantity"](of, wrt, declarations, layout)
    return _with_assumptions(quantity, variables, () if isinstance(of, str) else declarations.assume)


def _with_assumptions(
    quantity: Expr, variables: Sequence[Symbol | Let], assume: Iterable[str]
) -> tuple[Expr, list[Symbol | Let]]:
    """The quantity and the variables with what is assumed of a name in one of them assumed in all.

    Raises:
        MatcalcError: a variable is assumed to be constant.
    """
    made, *others = unified(assuming([quantity, *variables], assume))
    found = [variable(each) for each in others]
    for each in found:
        if isinstance(each, Symbol) and "constant" in properties_of(each):
            raise MatcalcError(f"{each.name} is assumed constant, so nothing is derived by it. Leave that assumption out.")
    return made, found


def variable(wrt: object) -> Symbol | Let:
    """A symbol or a named quantity, by which a derivative can be taken."""
    if not isinstance(wrt, Symbol | Let):
        raise MatcalcError(f"{wrt!r} is not a variable: derive by a declared symbol or by a quantity that let names.")
    return wrt
