"""Which orders and transposes of the factors of a product fit in shape, and which of those that fit are right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from matcalc.derivation import Derivation, derive
from matcalc.errors import MatcalcError, SeveralPathsError, ShapeError
from matcalc.factor_lists import factors_of_list, given_sizes, resolved, sizes_in
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Size, SizeLike, rows_and_columns, size
from matcalc.layout.arrangements import Kind, Matrix, Word
from matcalc.layout.certificate import Certificate, of_product
from matcalc.layout.conventions import Layout, layout_named
from matcalc.layout.factors import Factor
from matcalc.layout.order_names import FactorName, name_of_part
from matcalc.layout.order_reasons import misfits
from matcalc.layout.ordering import Ordering
from matcalc.layout.order_report import OrderRow, OrdersReport, OrderVerdict
from matcalc.layout.products import Reading, product_of
from matcalc.layout.relations import related
from matcalc.order_probing import counts_of_factors

__all__ = ["OrderRow", "OrderVerdict", "OrdersReport", "orders"]


def orders(
    of: Expr | str | Sequence[tuple[Any, ...]],
    wrt: Expr | str | None = None,
    *,
    layout: str | None = None,
    target: Sequence[SizeLike] | None = None,
    sizes: Mapping[str, int] | None = None,
    reading: str = "stand-in",
) -> OrdersReport:
    """Count the arrangements of a product: orders of its factors with every choice of transposes.

    A diagonal or symmetric factor and its transpose count as two arrangements, and so do two equal factors exchanged. A 1 x 1
    factor stands only beside size 1.

    Shapes: the target of orders(C, x) is n x 1 in denominator layout, 1 x n in numerator layout; that of a list is given.

    Args:
        of: a quantity, whose derivative by ``wrt`` has the factors; or a list of (name, rows, columns) and, if known, a kind,
            ``diagonal``, ``symmetric`` or ``scalar``: the true product from left to right, each factor as it stands there. Where
            only the transpose of that product has the target's shape, it is meant; or, of factors listed from the output end
            with their shapes in denominator layout, the product from the input end. ``W^T`` is the transpose of ``W``.
        wrt: the variable, where ``of`` is a quantity.
        layout: ``numerator`` or ``denominator``.
        target: for a list, the shape of the product, such as ("n", 1).
        sizes: a number for each name of a size, or for some; the others stay general: different from each other and from
            every number.
        reading: ``stand-in`` or ``jacobian``, for a factor of three or four axes; where no stand-in may stand, the Jacobian is
            taken. A list has no such factors.

    Returns:
        The counts, exact and not by trying, so that 20 factors take no longer than a second: see `matcalc.layout.counting`. Values
        are compared for general entries. Factors are independent but for what their index forms or kinds say: equal to another or to
        its transpose, symmetric, diagonal, a multiple of the identity. Those of a chain are probed at one random point for other
        relations, such as B = A^-1; ``probed`` says whether that could be done.

    Raises:
        UndecidedError: the factors are related in a way that is not declared, and their arrangements are too many to try; it
            carries the bounds.
        TooManyFactorsError: so many pairs of sizes that they cannot be gone through.
        SeveralPathsError: several paths lead from ``of`` to ``wrt``.
        ShapeError: the list is no product of the target's shape.
        DefinitionClashError: one name in the list with two shapes or kinds.
        UnknownNameError: ``sizes`` names a size that does not occur.

    Example:
        >>> import matcalc as mc
        >>> W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
        >>> z = mc.let("z", W @ x + b)
        >>> C = mc.let("C", mc.sum(mc.let("a", mc.function("f")(z))**2))
        >>> mc.orders(C, x, layout="denominator")
        dz/dx · da/dz · dC/da, denominator layout, general sizes
          48 arrangements
           2 fit in shape, all of one value
           2 right
        >>> r = mc.orders(C, x, layout="denominator", sizes={"m": 3, "n": 3})
        >>> r.shape_consistent, r.right, r.distinct_values
        (8, 2, 4)
        >>> r.row(["da/dz", "dz/dx", "dC/da"])
        da/dz dz/dx dC/da: wrong value. It fits only because m = n = 3: da/dz ends in
          m, dz/dx begins with n.
        >>> mc.orders([("W", "m", "n"), ("g", "n", 1)], target=("m", 1), layout="numerator").row(["g", "W"])
        g W: does not fit. g and W do not join: g has 1 column, W has m rows; g leaves
          n rows, the target has m; W leaves n columns, the target has 1.
    """
    chosen = layout_named(layout)
    if isinstance(of, Expr | str):
        return _of_derivative(of, wrt, chosen, target, sizes, reading)
    if wrt is not None or target is None:
        raise MatcalcError('A list of factors needs target=, the shape of their product, such as ("n", 1), and no wrt.')
    names, matrices, word = factors_of_list(of)
    wanted = _target(target)
    known = {s for m in matrices for s in (m.rows, m.columns)} | set(wanted)
    shown, word = _read_from_its_end(names, matrices, word, wanted, chosen)
    certified = partial(_of_list, shown, matrices, word)
    return _report(chosen, Reading.MATRICES, shown, matrices, word, wanted, given_sizes(sizes, known), certified)


def _of_list(names: Sequence[FactorName], matrices: Sequence[Matrix], word: Word) -> Certificate:
    """The certificate of a list of factors."""
    written = tuple(name.written(False) for name in names)
    turned = [name.written(not matrices[m].is_symmetric) for name, (m, _) in zip(names, word, strict=True)]
    shapes = [matrices[m].shape(transposed) for m, transposed in word]
    return of_product(" ".join(written), written, shapes, (" ".join(written), " ".join(reversed(turned))))


def _of_derivative(
    of: Any, wrt: Expr | str | None, layout: Layout, target: object, sizes: Mapping[str, int] | None, reading: str
) -> OrdersReport:
    if wrt is None or target is not None:
        raise MatcalcError("orders of a derivative needs wrt, the variable, and no target: the target is the derivative.")
    d = derive(of, wrt, layout=layout)
    factors = _of_one_path(d)
    if not factors:
        raise MatcalcError(f"{d!r} has no factors: {d.of!r} does not go through a chain to {d.wrt!r}.")
    return orders_of_path(d, factors, sizes, reading)


def orders_of_path(
    d: Derivation, factors: Sequence[Factor], sizes: Mapping[str, int] | None = None, reading: str = Reading.STAND_IN
) -> OrdersReport:
    """The arrangements of the factors of one path of a derivation, in its layout; see `orders`."""
    layout = d.layout
    product = product_of(factors, layout, None if reading == Reading.STAND_IN else reading)
    matrices, word = related(product.parts)
    shape = d.vec_shape if product.reading is Reading.JACOBIAN else d.shape
    names = tuple(name_of_part(repr(factor), part) for factor, part in zip(product.factors, product.parts, strict=True))
    given = given_sizes(sizes, sizes_in([d.of, d.wrt]))
    certified, target = partial(_of_derivation, d), rows_and_columns(shape)
    return _report(layout, product.reading, names, matrices, word, target, given, certified, product.parts)


def _of_derivation(d: Derivation) -> Certificate:
    return d.certificate


def _of_one_path(d: Derivation) -> tuple[Factor, ...]:
    """The factors of the chain; where it has several paths, what to do with `orders`."""
    try:
        return d.factors
    except SeveralPathsError as error:
        raise SeveralPathsError(
            f"{str(error).partition('. ')[0]}. orders counts the arrangements of one product: give the factors of one path as a list, "
            '[("dz/dx", rows, columns), ...] with target=, or derive by a quantity behind which there is one path.'
        ) from None


def _read_from_its_end(
    names: tuple[str, ...], matrices: tuple[Matrix, ...], word: Word, target: tuple[Size, Size], layout: Layout
) -> tuple[tuple[FactorName, ...], Word]:
    """The true product: the list as it stands; where only that has the target's shape, its transpose; in denominator layout, the
    list from its end."""
    turned: Word = tuple((m, not transposed) for m, transposed in reversed(word))
    ordering = Ordering(matrices, word, target)
    readings = [(word, names), (turned, names[::-1])]
    if layout is Layout.DENOMINATOR:
        readings.append((word[::-1], names[::-1]))
    for read, named in readings:
        shapes = tuple(matrices[m].shape(transposed) for m, transposed in read)
        if not misfits(named, shapes, ordering, read):
            return _names_of_list(named, matrices, read), read
    return _names_of_list(names, matrices, word), word


def _names_of_list(names: tuple[str, ...], matrices: tuple[Matrix, ...], word: Word) -> tuple[FactorName, ...]:
    """Names with the transposes of the product; a matrix that equals its transpose shows none."""
    turned = [transposed and not matrices[m].is_symmetric for m, transposed in word]
    return tuple(FactorName(name, turn, name, turn) for name, turn in zip(names, turned, strict=True))


def _target(target: Sequence[SizeLike]) -> tuple[Size, Size]:
    if isinstance(target, str) or not isinstance(target, tuple | list) or len(target) > 2:
        raise MatcalcError(f'{target!r} is not a shape: write ("n", 1), (1, "n"), ("m", "n") or ().')
    return rows_and_columns(tuple(map(size, target)))


def _report(
    layout: Layout, reading: Reading, names: tuple[FactorName, ...], declared: tuple[Matrix, ...], word: Word,
    target: tuple[Size, Size], sizes: dict[str, int], certified: Callable[[], Certificate],
    parts: tuple[Expr, ...] = (),
) -> OrdersReport:  # fmt: skip
    """Everything counted, once the true product is known to have the target's shape."""
    matrices = tuple(replace(m, rows=resolved(m.rows, sizes), columns=resolved(m.columns, sizes)) for m in declared)
    for matrix, name in {m: name.base for (m, _), name in zip(word, names, strict=True)}.items():
        made = matrices[matrix]
        if made.kind not in (Kind.GENERAL, Kind.ZERO) and made.rows != made.columns:
            raise ShapeError(f"{name} is {made.rows} x {made.columns}, but what is {made.kind.value} is square.")
    ordering = Ordering(matrices, word, (resolved(target[0], sizes), resolved(target[1], sizes)))
    shapes = tuple(declared[m].shape(transposed) for m, transposed in word)
    written = tuple(name.written(False) for name in names)
    faults = misfits(written, shapes, ordering, word)
    if faults:
        never = " ".join(ordering.unreachable)
        hopeless = f" No order and no transposes fit: {never}" if never else ""
        raise ShapeError(
            f"The product {' '.join(written)} does not conform: {'; '.join(faults)}.{hopeless} "
            "The order given is the true one, from left to right; where W^T stands in it, declare W^T with its own shape."
        )
    found = counts_of_factors(ordering, parts, sizes, [name.written(False) for name in names]) if parts else None
    c = ordering.counts if found is None else found
    return OrdersReport(
        layout, reading, written, ordering.target, c.arrangements, c.shape_consistent, c.right, c.distinct_values,
        tuple(sizes.items()), found is not None, names, ordering, Ordering(declared, word, target), certified,
    )  # fmt: skip
