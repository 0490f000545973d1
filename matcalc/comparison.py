"""Both layouts of one derivative, side by side: factors, products, results, and the reversal that leads from one to the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, final

from matcalc.derivation import Derivation, derive
from matcalc.equality import prove_equal
from matcalc.errors import MatcalcError, NoMatrixFormError
from matcalc.language.expressions import Expr, transpose
from matcalc.language.operators import Typeset
from matcalc.language.sizes import rows_and_columns
from matcalc.language.text_rows import WIDTH, filled
from matcalc.layout.conventions import Layout
from matcalc.layout.products import Product
from matcalc.printing.line_breaks import text_lines
from matcalc.printing.notebook import formula as set_formula
from matcalc.printing.notebook import shapes_of, size_words, small, table, words

Pair = Mapping[Layout, Any]


@final
@dataclass(frozen=True, slots=True)
class FactorInBoth:
    """One factor of the chain in both layouts.

    ``matrices`` and ``shapes`` by layout; of a factor with three or four axes the stand-in if it may have one, else None.

    Attributes:
        name, latex: the derivative that it is.
        matrices: by layout; of a factor with three or four axes the stand-in if it may have one, else None.
        shapes: by layout.
    """

    name: str
    latex: str
    matrices: Mapping[Layout, Expr | None]
    shapes: Mapping[Layout, tuple[Any, ...]]

    def __repr__(self) -> str:
        return "\n".join(filled(f"{self.name}: {', '.join(f'{_text(self.matrices[each])} in {each.value} layout' for each in Layout)}"))


@final
@dataclass(frozen=True, slots=True)
class Mixed:
    """The layout of most texts on deep learning: Jacobians in numerator layout, gradients of scalars in the shape of their variable.

    Shapes: a gradient has the shape of its variable, a Jacobian dy/dx the size of y by the size of x.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> both = mc.compare_layouts(mc.let("C", mc.sum(mc.exp(mc.let("z", W @ x)))), x)
        >>> both.mixed.written
        '(dz/dx)^T ∇_z C'

    Attributes:
        result: what such a text calls the derivative.
        written: the product with its transposes, in words of the factors.
        sentence: where its transposes sit.
    """

    result: Expr | None
    written: str
    sentence: str

    def __repr__(self) -> str:
        return "\n".join(filled(f"{self.written}. {self.sentence}"))


@final
@dataclass(frozen=True, slots=True, repr=False)
class LayoutComparison(Typeset):
    """Numerator and denominator layout of one derivative, side by side.

    Shapes: each factor m x n in numerator layout is n x m in denominator layout, and so is the result.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> both = mc.compare_layouts(mc.let("C", mc.sum(mc.exp(mc.let("z", W @ x)))), x)
        >>> both.products["numerator"], both.products["denominator"], both.proof.verdict
        ((exp(z)^T W,), (W^T exp(z),), 'equal')

    Attributes:
        what: the derivative.
        derivations: by layout.
        factors: of the chain, output first; empty where it has several paths.
        products: of the chain, by layout; one for each path; empty where a factor has four axes and no form by vec.
        reversal: the statement that one product is the transpose of the other.
        proof: of that statement, as `prove_equal` gives it; None where there is no matrix.
        mixed: the layout that most texts use.
    """

    what: str
    derivations: Mapping[Layout, Derivation]
    factors: tuple[FactorInBoth, ...]
    products: Mapping[Layout, tuple[Product, ...]]
    reversal: str
    proof: Any
    mixed: Mixed

    def __repr__(self) -> str:
        return self.text_within(WIDTH)

    def text_within(self, width: int) -> str:
        """The layouts side by side, as a text; below each other where that is wider than so many letters."""
        return "\n".join(_as_text(self, width))

    def latex(self) -> str:
        """Both equations and the reversal, an ``aligned`` block to paste; needs amsmath."""
        return _as_latex(self)

    def html(self) -> str:
        """A table with one column for each layout, formulas in LaTeX between dollar signs."""
        return _as_html(self)

    def _repr_html_(self) -> str:
        return self.html()


def compare_layouts(of: Expr | str, wrt: Expr | str, **declarations: Any) -> LayoutComparison:
    """The derivative of one quantity by another in both layouts, side by side.

    Shapes: as for `derive`: each factor m x n in numerator layout is n x m in denominator layout.

    Args:
        of, wrt: as for `derive`.
        declarations: of the names in a formula given as text, as `derive` takes them.

    Raises:
        UnknownNameError: nothing has the name ``wrt``, or the formula holds a name that is not declared.
        ReadError: the text is no formula.

    Returns:
        A `LayoutComparison`: factors, products and results in both layouts, the proof that one is the transpose of the other, and the
            mixed
        layout of most texts.

    Example:
        >>> import matcalc as mc
        >>> W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
        >>> z = mc.let("z", W @ x + b)
        >>> C = mc.let("C", mc.sum(mc.let("a", mc.function("f")(z)) ** 2))
        >>> c = mc.compare_layouts(C, x)
        >>> c.reversal
        '(dC/da · da/dz · dz/dx)^T = (dz/dx)^T (da/dz)^T (dC/da)^T'
        >>> c.proof.verdict
        'equal'
        >>> print(c.mixed.sentence)
        The gradient of C has the shape of x, the Jacobians are those of numerator layout: one transpose, around all of them.
    """
    if "layout" in declarations:
        raise MatcalcError("compare_layouts shows both layouts; leave layout= out.")
    return comparison_of({layout: derive(of, wrt, layout=layout.value, **declarations) for layout in Layout})


def comparison_of(found: Mapping[Layout, Derivation]) -> LayoutComparison:
    """The comparison of one derivative that was derived in both layouts."""
    first = found[Layout.NUMERATOR]
    paths = first.paths
    products = {layout: _products_or_none(d) for layout, d in found.items()}
    factors = tuple(_factor_in_both(factor, not first.of.shape) for factor in first.factors) if len(paths) == 1 else ()
    proof = None
    if len(first.shape) <= 2:
        results = [_result_or_none(d) for d in found.values()]
        if None not in results:
            proof = prove_equal(transpose(results[0]) if results[0].shape else results[0], results[1])  # type: ignore[arg-type, union-attr]
    what = repr(first).partition(" in ")[0]
    return LayoutComparison(what, found, factors, products, _reversal(first, factors), proof, _mixed(found, factors))


def _result_or_none(d: Derivation) -> Expr | None:
    try:
        return d.result
    except MatcalcError:
        return None


def _products_or_none(d: Derivation) -> tuple[Product, ...]:
    try:
        return d.products() if d.paths else ()
    except NoMatrixFormError:
        return ()


def _factor_in_both(factor: Any, of_scalar: bool) -> FactorInBoth:
    """The factor; its stand-in only where the chain begins at a scalar, whose row or column it stands beside."""
    matrices: dict[Layout, Expr | None] = {}
    for layout in Layout:
        try:
            if factor.ndim <= 2:
                matrices[layout] = factor.matrix(layout)
            else:
                matrices[layout] = factor.stand_in(layout) if of_scalar else None
        except MatcalcError:
            matrices[layout] = None
    shapes = {layout: factor.shape(layout.value) for layout in Layout}
    return FactorInBoth(repr(factor), factor.name(Layout.NUMERATOR).latex(), matrices, shapes)


def _reversal(d: Derivation, factors: tuple[FactorInBoth, ...]) -> str:
    """The reversal in words of the factors."""
    if not factors:
        return f"The result in denominator layout is the transpose of that in numerator layout: {len(d.paths)} paths add up in each."
    names = [factor.name for factor in factors]
    if any(len(factor.shapes[Layout.NUMERATOR]) > 2 for factor in factors):
        if all(matrix is not None for matrix in factors[-1].matrices.values()):
            return (
                f"{names[-1]} has more than two axes; the vector that stands for it stands beside the scalar's row or column: "
                "at the front in numerator layout, at the end in denominator layout."
            )
        return f"{names[-1]} has more than two axes and is no matrix, so only by vec is one product the transpose of the other."
    if len(names) == 1:
        return f"{names[0]} is one factor: it is transposed from one layout to the other."
    turned = " ".join(f"({name})^T" for name in reversed(names))
    return f"({' · '.join(names)})^T = {turned}"


def _mixed(found: Mapping[Layout, Derivation], factors: tuple[FactorInBoth, ...]) -> Mixed:
    """What a text writes that lays Jacobians out by the numerator and gradients of scalars by the denominator."""
    d = found[Layout.NUMERATOR]
    name, by = _name(d.of), _name(d.wrt)
    if d.of.shape:
        sentence = f"{name} is no scalar, so such a text writes the Jacobian, that of numerator layout."
        return Mixed(_result_or_none(d), " ".join(f.name for f in factors) or d.__repr__(), sentence)
    result = _result_or_none(found[Layout.DENOMINATOR])
    jacobians = [f for f in factors[1:] if len(f.shapes[Layout.NUMERATOR]) <= 2]
    if not factors or not jacobians or _is_scalar_chain(factors):
        sentence = f"The gradient of {name} has the shape of {by}, as in denominator layout; no Jacobian stands in it."
        return Mixed(result, f"{_nabla(by)} {name}", sentence)
    start = factors[0].name.partition("/d")[2]
    string = " ".join(f.name for f in jacobians)
    written = f"({string})^T {_nabla(start)} {name}"
    where = "around all of them" if len(jacobians) > 1 else "at it"
    if len(jacobians) < len(factors) - 1:
        written += f" · {_text(factors[-1].matrices[Layout.DENOMINATOR])}"
        where += f"; the row {_text(factors[-1].matrices[Layout.DENOMINATOR])} stands behind as in denominator layout"
    number = "Jacobians are those" if len(jacobians) > 1 else "Jacobian is that"
    sentence = f"The gradient of {name} has the shape of {by}, the {number} of numerator layout: one transpose, {where}."
    return Mixed(result, written, sentence)


def _nabla(by: str) -> str:
    return f"∇_{{{by}}}" if "^" in by or "_" in by else f"∇_{by}"


def _is_scalar_chain(factors: tuple[FactorInBoth, ...]) -> bool:
    return all(not _axes(f.shapes[Layout.NUMERATOR]) for f in factors[1:])


def _axes(shape: tuple[Any, ...]) -> int:
    return sum(entry != 1 for entry in shape)


def _name(node: Expr) -> str:
    return getattr(node, "name", None) or f"({node!r})"


def _text(node: Expr | None) -> str:
    return "no matrix" if node is None else repr(node)


# ---- shown -----------------------------------------------------------------------------------------------------------


def _shape_in_words(shape: tuple[Any, ...]) -> str:
    if len(shape) > 2:
        return " x ".join(map(str, shape))
    rows, columns = rows_and_columns(shape)
    return "scalar" if not shape else f"{rows} x {columns}"


def _as_text(c: LayoutComparison, width: int) -> list[str]:
    cells_of = [("", "numerator layout", "denominator layout")]
    for factor in c.factors:
        cells = [f"{_text(factor.matrices[layout])}  ({_shape_in_words(factor.shapes[layout])})" for layout in Layout]
        cells_of.append((factor.name, *cells))  # type: ignore[arg-type]
    for k in range(max(map(len, c.products.values()), default=0)):
        cells_of.append(("product", *(repr(c.products[layout][k]) for layout in Layout)))  # type: ignore[arg-type]
    cells_of.append(("result", *(_text(_result_or_none(c.derivations[layout])) for layout in Layout)))  # type: ignore[arg-type]
    cells_of.append(("shape", *(_shape_in_words(c.derivations[layout].shape) for layout in Layout)))  # type: ignore[arg-type]
    widths = [max(len(row[k]) for row in cells_of) for k in range(3)]
    lines = [f"{c.what} in both layouts"]
    if sum(widths) + 6 <= width:
        lines += ["  " + "  ".join(cell.ljust(room) for cell, room in zip(row, widths, strict=True)).rstrip() for row in cells_of]
    else:
        for k in (1, 2):
            broken = (_cell_lines(row[0].ljust(widths[0]), row[k], width) for row in cells_of[1:])
            lines += [f"  {cells_of[0][k]}", *chain.from_iterable(broken)]
    proved = "" if c.proof is None else f"  ({c.proof.verdict}, by {c.proof.method})"
    told = (f"reversal: {c.reversal}{proved}", f"mixed: {c.mixed.written}. {c.mixed.sentence}")
    return [*lines, *(line for sentence in told for line in filled(sentence, "  ", "    ", width))]


def _cell_lines(label: str, text: str, width: int) -> Iterator[str]:
    """A formula behind a label, in lines."""
    for number, line in enumerate(text_lines(text, width - len(label) - 6)):
        yield f"    {label if number == 0 else ' ' * len(label)}  {line}"


def _as_latex(c: LayoutComparison) -> str:
    rows = []
    for layout in Layout:
        d = c.derivations[layout]
        rows.append(rf"\text{{{layout.value} layout:}}\quad && {d.latex().replace(' = ', ' &= ', 1)}")
    if len(c.factors) > 1 and all(len(f.shapes[Layout.NUMERATOR]) <= 2 for f in c.factors):
        names = [f.latex for f in c.factors]
        string = r" \, ".join(names)
        turned = r" \, ".join(rf"\left({name}\right)^\top" for name in reversed(names))
        rows.append(rf"\text{{reversal:}}\quad && \left({string}\right)^\top &= {turned}")
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _as_html(c: LayoutComparison) -> str:
    def formula(node: Expr | None, shape: tuple[Any, ...]) -> str:
        if node is None:
            return f"{size_words(shape)} {small('no matrix')}"
        return f"{set_formula(node.latex())}<br>{size_words(shape)}"

    rows = [
        (set_formula(f.latex), *(formula(f.matrices[layout], f.shapes[layout]) for layout in Layout)) for f in c.factors
    ]
    for k in range(max(map(len, c.products.values()), default=0)):
        rows.append(("product", *(set_formula(c.products[layout][k].latex()) for layout in Layout)))
    rows.append(("result", *(formula(_result_or_none(c.derivations[layout]), c.derivations[layout].shape) for layout in Layout)))
    shapes = shapes_of(*(of for d in c.derivations.values() for of in (d.of, d.wrt)))
    notes = f"<p>{words(c.reversal, shapes)}</p><p>{words(c.mixed.written, shapes)}. {words(c.mixed.sentence, shapes)}</p>"
    head = ("", *(f"{layout.value} layout" for layout in Layout))
    return table(rows, head=head, title=f"{words(c.what, shapes)} in both layouts", below=notes)
