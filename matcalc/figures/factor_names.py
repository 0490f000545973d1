"""The factors of reports as formulas: reports know them by their plain names, dz/dW."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.figures.typeset import Formula
from matcalc.language.sizes import Dim, Shape, Size
from matcalc.layout.arrangements import Matrix
from matcalc.layout.conventions import Layout
from matcalc.layout.order_names import transposed_name, without_transpose
from matcalc.printing.names import latex_name, latex_transposed_name, quotient_parts

_ARRAY: Shape = (Dim(("n",)),)
_SCALAR: Shape = ()
_SIGNS_OF_NAMES = "_^()'-"


def named_formulas(names: Sequence[str], matrices: Sequence[Matrix], layout: Layout, *, aside: int | None = None) -> tuple[str, ...]:
    """The names of the factors of a product as formulas; a name that is an expression stays a text.

    Args:
        names, matrices: of each factor; the matrix as it stands in the product.
        layout: the layout in which the factors that are derivatives stand.
        aside: the place of a factor of which a stand-in is the matrix, which does not tell the sizes of its quantities.

    Example:
        >>> [str(each) for each in named_formulas(["dC/da", "W"], [Matrix(1, 3), Matrix(3, 4)], Layout.NUMERATOR)]
        ['\\\\frac{\\\\partial C}{\\\\partial \\\\mathbf{a}}', '\\\\mathbf{W}']
    """
    scalars = _scalars(names, matrices, layout, aside)
    return tuple(_formula(name, matrix, scalars) for name, matrix in zip(names, matrices, strict=True))


def transposed_formula(shown: str) -> str:
    """The transpose of a factor that is shown so."""
    if not isinstance(shown, Formula):
        return transposed_name(shown)
    if shown.startswith(r"\frac"):
        return Formula(rf"\left({shown}\right)^\top")
    if shown.endswith((r"\top", r"\top}")):
        return Formula(rf"({shown})^\top")
    return Formula(rf"{shown[:-1]}\top}}" if "^{" in shown and shown.endswith("}") else rf"{shown}^\top")


def _formula(name: str, matrix: Matrix, scalars: set[str]) -> str:
    parts = quotient_parts(name)
    if parts is not None and all(map(_is_plain, parts)):
        of, by = (latex_name(part, _SCALAR if part in scalars else _ARRAY) for part in parts)
        return Formula(rf"\frac{{\partial {of}}}{{\partial {by}}}")
    bare, turned = without_transpose(name)
    if _is_plain(bare):
        shape = _SCALAR if (matrix.rows, matrix.columns) == (1, 1) else _ARRAY
        return Formula(latex_transposed_name(bare, shape) if turned else latex_name(bare, shape))
    return name


def _is_plain(name: str) -> bool:
    return name[0].isalpha() and all(sign.isalnum() or sign in _SIGNS_OF_NAMES for sign in name)


def _scalars(names: Sequence[str], matrices: Sequence[Matrix], layout: Layout, aside: int | None) -> set[str]:
    """The quantities that are scalars: those at which every factor has size 1."""
    seen: dict[str, set[Size]] = {}
    for place, (name, matrix) in enumerate(zip(names, matrices, strict=True)):
        parts = quotient_parts(name)
        if parts is None or place == aside:
            continue
        sizes = (matrix.rows, matrix.columns) if layout is Layout.NUMERATOR else (matrix.columns, matrix.rows)
        for part, size in zip(parts, sizes, strict=True):
            seen.setdefault(part, set()).add(size)
    return {name for name, sizes in seen.items() if sizes == {1}}
