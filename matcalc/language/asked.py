"""What a derivative is asked of: a quantity and variables, given as expressions or as text with its declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from matcalc.errors import MatcalcError
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
        """Which of them are given, as the arguments are called."""
        parts = {"shapes=": self.shapes, "functions=": self.functions, "names=": self.names, "assume=": self.assume or None}
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
        MatcalcError: declarations for an expression, or a variable that is none.
    """
    if not isinstance(of, str):
        if declarations.given:
            raise MatcalcError(
                f"{' and '.join(declarations.given)} declare what stands in a formula given as text; {lift(of)!r:.{LONGEST}} is an "
                "expression and has its names already: leave them out."
            )
        quantity = lift(of)
        return quantity, [variable(find_name(each, [quantity]) if isinstance(each, str) else each) for each in wrt]
    return METHODS["read_quantity"](of, wrt, declarations, layout)  # type: ignore[no-any-return]


def variable(wrt: object) -> Symbol | Let:
    """A symbol or a named quantity, by which a derivative can be taken."""
    if not isinstance(wrt, Symbol | Let):
        raise MatcalcError(f"{wrt!r} is not a variable: derive by a declared symbol or by a quantity that let names.")
    return wrt
