"""What a task says: definitions, shapes and functions, and the question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matcalc.exercises.prose import Formula, Part, Prose, equation, formula_of, listed, prose, shape_of, sizes
from matcalc.language.building import scalar
from matcalc.language.expressions import Apply, ApplyMap, Expr, Let, Symbol
from matcalc.language.sizes import ndim
from matcalc.language.traversal import postorder, with_definition

LAYOUT_WORDS = {
    "numerator": "numerator layout", "denominator": "denominator layout",
    "mixed": "mixed layout (gradients in the shape of their variable, Jacobians in numerator layout)",
}  # fmt: skip


def nodes_of(roots: Sequence[Expr]) -> list[Expr]:
    """All nodes of expressions and of the definitions below them."""
    return list(postorder(roots, with_definition))


def definitions(*roots: Expr) -> Prose:
    """The named quantities, each with its definition, as a list; of an unknown map what it is of."""
    lines: list[Part | Prose] = []
    for node in nodes_of(roots):
        if isinstance(node, Let):
            lines += ["- ", equation(node, node.definition), "\n"]
    return prose(*lines)


def shapes(*roots: Expr) -> Prose:
    """The shapes of what is not defined."""
    symbols = sorted((node for node in nodes_of(roots) if isinstance(node, Symbol)), key=lambda node: (-ndim(node.shape), node.name))
    matrices: list[Part | Prose] = [prose(formula_of(each), " is ", shape_of(each)) for each in symbols if ndim(each.shape) == 2]
    vectors = [each for each in symbols if ndim(each.shape) == 1]
    columns: list[Part | Prose] = [prose(formula_of(each), " a column of size ", size_of(each)) for each in vectors]
    scalars: list[Part | Prose] = [prose(formula_of(each), " a scalar") for each in symbols if ndim(each.shape) == 0]
    if not matrices and columns:
        columns[0] = prose(formula_of(symbols[0]), " is a column of size ", size_of(symbols[0]))
    return prose("Here ", listed([*matrices, *columns, *scalars]), ".")


def size_of(column: Expr) -> Formula:
    """The size of a column."""
    whole = sizes(column.shape[0], 1)
    return Formula(whole.latex.removesuffix(r" \times 1"), whole.text.removesuffix(" x 1"))


def functions(*roots: Expr) -> Prose:
    """What is told of unknown functions."""
    found = dict.fromkeys(
        node.function for node in nodes_of(roots) if isinstance(node, Apply) and not node.function.known and not node.function.order
    )
    said: list[Part | Prose] = []
    if found:
        letters = [_letter(function(scalar("t"))) for function in found]
        said += [" ", listed(letters), " act" if len(letters) > 1 else " acts", " on each entry, with the derivative" if len(letters) == 1
                 else " on each entry, with the derivatives", " ", listed([_primed(each) for each in letters]), "."]
    maps = list(dict.fromkeys(node for node in nodes_of(roots) if isinstance(node, ApplyMap)))
    for node in maps:
        said += [" ", formula_of(node), " is an unknown differentiable function; its derivatives, such as ", _by_first(node),
                 ", stand in the answer as they are."]
    return prose(*said)


def _letter(applied: Expr) -> Formula:
    return Formula(applied.latex().partition("(")[0], repr(applied).partition("(")[0])


def _primed(letter: Formula) -> Formula:
    return Formula(f"{letter.latex}'", f"{letter.text}'")


def _by_first(node: ApplyMap) -> Formula:
    name, argument = repr(node).partition("(")[0], node.arguments[0]
    return Formula(rf"\frac{{\partial {name}}}{{\partial {argument.latex()}}}", f"d{name}/d{argument!r}")


def setting(*roots: Expr) -> Prose:
    """Definitions, shapes and functions."""
    listed_definitions = definitions(*roots)
    opening = prose("Let\n\n", listed_definitions, "\n") if listed_definitions.parts else prose()
    return prose(opening, shapes(*roots), functions(*roots))


def lines_of(equations: Sequence[tuple[Formula, Formula]], numbered: bool = True) -> Prose:
    """Equations one below the other, as a list with numbers."""
    return prose(*(part for k, pair in enumerate(equations, 1) for part in _line(k, pair, numbered)))


def _line(number: int, pair: tuple[Formula, Formula], numbered: bool) -> Iterator[Part]:
    left, right = pair
    yield f"{number}. " if numbered else "- "
    yield Formula(rf"\displaystyle {left.latex} = {right.latex}".replace("  ", " "), f"{left.text} = {right.text}".strip())
    yield "\n"
