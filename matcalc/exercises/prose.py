"""Sentences with formulas in them: as Markdown with LaTeX for a notebook, as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, final

from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.operators import METHODS
from matcalc.language.sizes import rows_and_columns

@final
@dataclass(frozen=True, slots=True)
class Formula:
    """A formula: in LaTeX, and as plain text."""

    latex: str
    text: str


Part: TypeAlias = str | Formula


@final
@dataclass(frozen=True, slots=True, repr=False)
class Prose:
    """Text and formulas.

    Example:
        >>> import matcalc as mc
        >>> W = mc.matrix("W", "m", "n")
        >>> said = prose("Here ", formula_of(W), " is ", shape_of(W), ".")
        >>> said.markdown, said.plain
        ('Here $\\\\mathbf{W}$ is $m \\\\times n$.', 'Here W is m x n.')
    """

    parts: tuple[Part, ...]

    @property
    def markdown(self) -> str:
        """With formulas between dollars."""
        return "".join(part if isinstance(part, str) else f"${part.latex}$" for part in self.parts)

    @property
    def plain(self) -> str:
        """With formulas as text."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas that stand in it."""
        return tuple(part for part in self.parts if isinstance(part, Formula))

    def __repr__(self) -> str:
        return self.plain

    def __add__(self, other: Prose) -> Prose:
        return Prose((*self.parts, *other.parts))


def prose(*parts: Part | Prose) -> Prose:
    """Text, formulas and sentences made one."""
    found: list[Part] = []
    for part in parts:
        found += part.parts if isinstance(part, Prose) else (part,)
    return Prose(tuple(found))


def formula_of(expr: Expr) -> Formula:
    """The formula of an expression."""
    return Formula(expr.latex(), repr(expr))


def equation(left: Expr, right: Expr) -> Formula:
    """One expression equal to another."""
    return Formula(f"{left.latex()} = {right.latex()}", f"{left!r} = {right!r}")


def sizes(rows: object, columns: object) -> Formula:
    """Rows by columns."""
    written = [METHODS["latex"](each) if isinstance(each, Expr) else size_latex(each) for each in (rows, columns)]
    return Formula(rf"{written[0]} \times {written[1]}", f"{rows} x {columns}")


def size_latex(size: object) -> str:
    """A size in LaTeX."""
    latex = getattr(size, "latex", None)
    return str(latex()) if callable(latex) else str(size)


def shape_of(expr: Expr) -> Formula:
    """The shape of an array, rows by columns."""
    return sizes(*rows_and_columns(expr.shape))


def listed(items: Iterable[Part | Prose], last: str = " and ") -> Prose:
    """Items with commas between them."""
    each = list(items)
    parts: list[Part | Prose] = []
    for k, item in enumerate(each):
        if k:
            parts.append(last if k == len(each) - 1 else ", ")
        parts.append(item)
    return prose(*parts)


def is_scalar_name(expr: Expr) -> bool:
    """Whether an expression is the name of a scalar."""
    return isinstance(expr, Symbol | Let) and not expr.shape
