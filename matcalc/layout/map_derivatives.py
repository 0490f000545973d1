"""Derivatives of an unknown map that are closed over its output: of tr(U(X)), tr(A^T U(X)), b^T u(X), which a matrix holds.

dU_ij/dX_pq alone has four axes. Where its output indices meet only each other and quantities that do not rest on X, the sum is the
derivative of a scalar, and is written as that: the derivative of tr(A^T U(X)) by X, with A held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc.errors import NoMatrixFormError
from matcalc.index.canonical import close
from matcalc.index.form import Atom, AtomKind, Factor, Indices, Term, map_atom
from matcalc.language.derivative_shapes import derivative_shape
from matcalc.language.expressions import Derivative, Expr, Let, Symbol
from matcalc.language.sizes import Size
from matcalc.language.traversal import postorder, with_definition

if TYPE_CHECKING:
    from matcalc.layout.matrix_form import Writer


def is_wide(factor: Factor) -> bool:
    """Whether a factor is a first derivative of an unknown map with more axes than a matrix has."""
    atom, indices, exponent = factor
    return atom.kind is AtomKind.MAP and len(indices) > 2 and len(atom.payload[2]) == 1 and exponent == 1


def closed_derivatives(writer: Writer, term: Term, axes: tuple[Size, ...]) -> tuple[list[Factor], list[tuple[Indices, Derivative]]]:
    """The factors of a term without those that make derivatives of scalars, and these, each with the indices of its variable."""
    rest = list(term.factors)
    written: list[tuple[Indices, Derivative]] = []
    for factor in [each for each in term.factors if is_wide(each)]:
        members = _closing(factor, rest, len(axes))
        if members is None:
            continue
        derivative = _of_a_scalar(writer, factor, members, axes + term.bound)
        if derivative is not None:
            rest = [each for each in rest if each is not factor and each not in members]
            written.append((_inputs(factor), derivative))
    return rest, written


def _outputs(factor: Factor) -> Indices:
    atom, indices, _ = factor
    _, arguments, (k,) = atom.payload
    return indices[: len(indices) - len(arguments[k].axes)]


def _inputs(factor: Factor) -> Indices:
    return factor[1][len(_outputs(factor)) :]


def _closing(factor: Factor, factors: list[Factor], free: int) -> list[Factor] | None:
    """The factors that the output indices lead to; None where they lead to a free index or to the variable's."""
    reached, members = set(_outputs(factor)), list[Factor]()
    grown = True
    while grown:
        met = [each for each in factors if each is not factor and each not in members and not reached.isdisjoint(each[1])]
        members += met
        reached.update(index for _, indices, _ in met for index in indices)
        grown = bool(met)
    if any(index < free for index in reached) or not reached.isdisjoint(_inputs(factor)):
        return None
    return members


def _of_a_scalar(writer: Writer, factor: Factor, members: list[Factor], sizes: tuple[Size, ...]) -> Derivative | None:
    """The written derivative; None where the variable has no name, or what stands beside the map rests on it."""
    function, forms, (k,) = factor[0].payload
    value = map_atom(function, forms, ())
    try:
        scalar = writer.inner(close([(1, [*members, (value, _outputs(factor), 1)])], (), sizes), (), ())
        whole = writer.map_value(function, forms)
        beside = [_beside(writer, atom) for atom, _, _ in members]
    except NoMatrixFormError:
        return None
    arguments = whole.operands
    by = arguments[k]
    if not isinstance(by, Symbol | Let) or _rests_on([*beside, *(a for place, a in enumerate(arguments) if place != k)], by):
        return None
    shape = derivative_shape((), by.shape, writer.layout)
    return Derivative(scalar, by, writer.layout.value, False, shape)


def _beside(writer: Writer, atom: Atom) -> Expr:
    """What stands beside the map, laid out; of a power its base, since an index may stand in the exponent."""
    if atom.kind is not AtomKind.MATRIX_POWER:
        return writer.atom(atom)
    form, rows, _ = atom.payload
    return writer.inner(form, range(rows), range(rows, len(form.axes)))


def _rests_on(parts: list[Expr], by: Expr) -> bool:
    return any(node == by for node in postorder(parts, with_definition))
