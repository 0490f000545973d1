"""`parse`: a formula in LaTeX becomes an expression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from matcalc.errors import LayoutError, MatcalcError, ReadError, UnknownNameError, near_names
from matcalc.language.expressions import Expr
from matcalc.language.mentions import mentions
from matcalc.language.operators import METHODS, register
from matcalc.language.reading.build import Builder
from matcalc.language.reading.grammar import Parser
from matcalc.language.reading.lexer import lexed
from matcalc.language.reading.names import Key
from matcalc.language.reading.scope import FunctionLike, Names, Scope, ShapeLike, declared
from matcalc.language.reading.sizing import Sizing
from matcalc.language.reading.source import Source, Span
from matcalc.language.sizes import Shape

READ_LAYOUTS = ("numerator", "denominator", "mixed")
MOST_NAMES_SHOWN = 12
MOST_PASSES = 8


def parse(
    latex: str,
    *,
    shapes: Mapping[str, ShapeLike] | None = None,
    functions: Mapping[str, FunctionLike] | None = None,
    names: Names | None = None,
    assume: Iterable[str] = (),
    layout: str | None = None,
    reading: str | None = None,
) -> Expr:
    r"""The expression that a formula in LaTeX writes; nothing of it is ever executed.

    **Shapes**: checked as written; every fault is collected and raised once.

    Args:
        latex: one formula, with or without the signs of math mode around it.
        shapes: of each name, plain or in LaTeX: "" a scalar, "n" a column, "1 n" a row, "m n" a matrix, or a tuple.
        functions: of each name "elementwise", a known function as "sigmoid", or a map {"of": "x", "shape": "m"}.
        names: symbols, named quantities and sizes that the text may use, by name or as a list.
        assume: assumptions on declared names, as "A symmetric", "y one-hot", "m > n", "det(X) > 0". The symbols carry them:
            they change what is derived and proved, and the data of tests, not how a text is read.
        layout: ``numerator``, ``denominator`` or ``mixed`` (gradients of scalars in the shape of their variable, all else by the
            numerator), of the derivatives in the text. A transpose in one tells it as well: dy/dx^T is that
            of numerator layout; a gradient with nabla has the shape of its variable.
        reading: ``jacobian`` reads a derivative with more than two axes, as one of z by W, as that of vec(z) by vec(W); without it such
            a derivative is refused, since no matrix holds it.

    Returns:
        An `Expr`.

    Notation: juxtaposition binds tighter than ``\odot`` and ``\otimes``, these tighter than + and -. ``\exp``, ``\ln``, ``\sin`` act
    entry by entry; ``e^{\mathbf{X}}`` is the matrix exponential. ``|X|`` of a matrix is the determinant, ``\|X\|_1`` the sum of all
    magnitudes, ``\|x\|_2`` and ``\|X\|_F`` the 2-norm and the Frobenius norm. A subscript that no declared name has stands for an
    entry, a superscript beside it for a power of the entry, a transpose for that of the array; a written sum reaches to the next + or -,
    and its letter stands nowhere else. Two columns side by side are refused; ``\cdot`` between them is the inner product.

    Raises:
        ReadError: the text is no formula or reads in two ways.
        UnknownNameError: a name that nothing declares.
        ShapeError: sizes that do not conform.
        LayoutError: there is a derivative whose layout nothing tells.
        NoMatrixFormError: a derivative has more than two axes, as one of a vector by a matrix.
        UnsupportedError: a construct that has no node.

    Example:
        >>> from matcalc import parse
        >>> parse(r"\mathbf{x}^\top \mathbf{A} \mathbf{x}", shapes={"x": "n", "A": "n n"})
        x^T A x
        >>> parse(r"\mathbf{x} \mathbf{A}", shapes={"x": "n", "A": "n m"})
        Traceback (most recent call last):
            ...
        matcalc.errors.ShapeError: \mathbf{x} \mathbf{A} does not conform: \mathbf{x} is (n,), \mathbf{A} is (n, m); 1 and n differ.
            \mathbf{x} \mathbf{A}
            ^^^^^^^^^^^^^^^^^^^^^
            If the rows of \mathbf{x} were meant, write (\mathbf{x})^\top \mathbf{A}; else declare sizes that agree.
    """
    if layout not in (None, *READ_LAYOUTS):
        raise LayoutError(f"{layout!r} is not a layout. {near_names(str(layout), READ_LAYOUTS)}")
    scope = _scope_of(shapes, functions, names, assume)
    if reading not in (None, "jacobian"):
        raise MatcalcError(f"{reading!r} is no reading of a derivative with three axes. {near_names(str(reading), ('jacobian',))}")
    scope.layout, scope.by_vec = layout, reading == "jacobian"
    declared_names = {key.plain: e for key, e in scope.quantities.items() if isinstance(key, Key)}
    try:
        return read(latex, scope).declaring(declared_names)
    except UnknownNameError as error:
        raise _with_all_names(error, latex, scope) from None


def _scope_of(
    shapes: Mapping[str, ShapeLike] | None, functions: Mapping[str, FunctionLike] | None, names: Names | None, assume: Iterable[str]
) -> Scope:
    """The scope of declarations; of those that were given before, the same tables again."""
    if names is not None:
        return declared(shapes, functions, names, assume)
    frozen = tuple(_frozen(given) for given in (shapes or {}, functions or {}))
    assumed = (assume,) if isinstance(assume, str) else tuple(assume)
    try:
        return replace(_scope_of_frozen(*frozen, assumed))
    except TypeError:  # something in them has no hash
        return declared(shapes, functions, names, assumed)


def _frozen(given: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """What is declared under each name, fit to be looked up."""
    return tuple((name, _frozen_value(value)) for name, value in given.items())


def _frozen_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _Map(tuple((key, _frozen_value(each)) for key, each in value.items()))
    return tuple(value) if isinstance(value, list) else value


class _Map(NamedTuple):
    """A map of the declarations, {"of": ..., "shape": ...}."""

    items: tuple[tuple[str, Any], ...]


@lru_cache(maxsize=64)
def _scope_of_frozen(shapes: tuple[tuple[str, Any], ...], functions: tuple[tuple[str, Any], ...], assume: tuple[str, ...]) -> Scope:
    maps = {name: dict(value.items) if isinstance(value, _Map) else value for name, value in functions}
    return declared(dict(shapes), maps, None, assume)


def _with_all_names(error: UnknownNameError, latex: str, scope: Scope) -> UnknownNameError:
    """The error of the first unknown name, with the others."""
    names = [unknown.name for unknown in mentions(latex, scope).unknown]
    if len(names) < 2:
        return error
    more = ", ".join(names[:MOST_NAMES_SHOWN]) + (", ..." if len(names) > MOST_NAMES_SHOWN else "")
    return UnknownNameError(f"{error}\n    Not declared here: {more}.")


def read(latex: str, scope: Scope, shape: Shape | None = None) -> Expr:
    """The expression that a formula writes with the names of a scope; sizes that it leaves out may follow from the shape that it has."""
    tokens = lexed(latex)
    tree = Parser(tokens, scope.words, scope.letters).parsed()
    sizing = Sizing()
    for _ in range(MOST_PASSES):
        sizing.settled = True
        builder = Builder(tokens, scope, sizing)
        made = builder.built(tree)
        if shape is not None:
            sizing.expect(made.shape, shape)
        builder.do.raise_faults()
        builder.entries.check_free_letters()
        if sizing.settled:
            break
    else:
        raise tokens.source.unreadable(tree.span, "The sizes that are left out depend on each other too often.", "Write some of them.")
    for name, span in builder.do.unapplied.items():
        several = name in sizing.applications
        claim = f"{name} is applied to several arguments." if several else f"{name} is a function and needs its argument in brackets."
        raise tokens.source.unreadable(span, claim, f"Write {tokens.source.piece(span)}(...).")
    missing = sizing.missing()
    if missing:
        raise _size_missing(tokens.source, missing[0])
    return made


def _size_missing(source: Source, place: Span) -> ReadError:
    name = source.piece(place)
    constant = next((digit for digit in "10" if digit in name), "I" if "I" in name else "")
    way_out = rf"Write it, as \mathbf{{{constant}}}_n." if constant else "Write a sum with its bounds, or the entry of an array beside it."
    return source.unreadable(place, f"The size of {name} does not follow from what stands beside it.", way_out)


register(METHODS, "parse", parse)
