"""Which orders and transposes of the factors of a product fit in shape, and which of those that fit are right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from matcalc.derivation import Derivation, derive
from matcalc.errors import (
    DefinitionClashError, MatcalcError, SeveralPathsError, ShapeError, UnknownNameError, near_names,
)  # fmt: skip
from matcalc.language.expressions import Expr, SizeNumber
from matcalc.language.naming import Lookup, by_known_name, plain
from matcalc.language.sizes import Dim, Size, SizeLike, rows_and_columns, size, size_product
from matcalc.language.traversal import postorder, with_definition
from matcalc.layout.arrangements import Kind, Matrix, Ordering, Word
from matcalc.layout.conventions import Layout, layout_named
from matcalc.layout.factors import Factor
from matcalc.layout.order_names import FactorName, name_of_part, without_transpose
from matcalc.layout.order_reasons import misfits
from matcalc.layout.order_report import OrderRow, OrdersReport, OrderVerdict
from matcalc.layout.products import Reading, product_of
from matcalc.layout.relations import related

__all__ = ["OrderRow", "OrderVerdict", "OrdersReport", "orders"]

KINDS = {"general": Kind.GENERAL, "symmetric": Kind.SYMMETRIC, "diagonal": Kind.DIAGONAL, "scalar": Kind.GENERAL}


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
        The counts. Values are compared for general entries, at random ones modulo 2**61 - 1 with a fixed seed: ``right`` is wrong
        with a chance below 3e-12, ``distinct_values`` below 1e-6. Factors are independent but for what their index forms or
        kinds say: equal to another or to its transpose, symmetric, diagonal, a multiple of the identity.

    Raises:
        TooManyFactorsError: more than 7 factors.
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
    names, matrices, word = _of_list(of)
    wanted = _target(target)
    known = {s for m in matrices for s in (m.rows, m.columns)} | set(wanted)
    shown, word = _read_from_its_end(names, matrices, word, wanted, chosen)
    return _report(chosen, Reading.MATRICES, shown, matrices, word, wanted, _sizes(sizes, known))


def _of_derivative(
    of: Any, wrt: Expr | str | None, layout: Layout, target: object, sizes: Mapping[str, int] | None, reading: str
) -> OrdersReport:
    if wrt is None or target is not None:
        raise MatcalcError("orders of a derivative needs wrt, the variable, and no target: the target is the derivative.")
    d = derive(of, wrt, layout=layout)
    factors = _of_one_path(d)
    if not factors:
        raise MatcalcError(f"{d!r} has no factors: {d.of!r} does not go through a chain to {d.wrt!r}.")
    product = product_of(factors, layout, None if reading == Reading.STAND_IN else reading)
    matrices, word = related(product.parts)
    shape = d.vec_shape if product.reading is Reading.JACOBIAN else d.shape
    nodes = list(postorder([d.of, d.wrt], with_definition))
    known = {entry for node in nodes for entry in node.shape} | {node.size for node in nodes if isinstance(node, SizeNumber)}
    names = tuple(name_of_part(repr(factor), part) for factor, part in zip(product.factors, product.parts, strict=True))
    return _report(layout, product.reading, names, matrices, word, rows_and_columns(shape), _sizes(sizes, known))


def _of_one_path(d: Derivation) -> tuple[Factor, ...]:
    """The factors of the chain; where it has several paths, what to do with `orders`."""
    try:
        return d.factors
    except SeveralPathsError as error:
        raise SeveralPathsError(
            f"{str(error).partition('. ')[0]}. orders counts the arrangements of one product: give the factors of one path as a list, "
            '[("dz/dx", rows, columns), ...] with target=, or derive by a quantity behind which there is one path.'
        ) from None


def _of_list(given: Sequence[tuple[Any, ...]]) -> tuple[tuple[str, ...], tuple[Matrix, ...], Word]:
    """Names, matrices and word of a list of factors; a name such as ``W^T`` is the transpose of ``W``."""
    if not given:
        raise MatcalcError("The list of factors is empty.")
    known: dict[str, tuple[Matrix, str]] = {}
    written: list[tuple[str, bool]] = []
    for entry in given:
        if not isinstance(entry, tuple | list) or len(entry) not in (3, 4) or not isinstance(entry[0], str):
            raise MatcalcError(f"{entry!r} is not a factor: write (name, rows, columns) or (name, rows, columns, kind).")
        (name, turned), kind = _plain_name(entry[0]), entry[3] if len(entry) == 4 else "general"
        if kind not in KINDS:
            raise MatcalcError(f"{name}: {kind!r} is not a kind. {near_names(str(kind), KINDS)}")
        found = Matrix(*Matrix(size(entry[1]), size(entry[2])).shape(turned), KINDS[kind])
        if kind == "scalar" and (found.rows, found.columns) != (1, 1):
            raise ShapeError(f"{name} is {found.rows} x {found.columns}, but a scalar is 1 x 1.")
        if known.setdefault(name, (found, kind)) != (found, kind):
            (first, other) = known[name]
            raise DefinitionClashError(
                f"{name} has two meanings: {first.rows} x {first.columns}, {other}, and {found.rows} x {found.columns}, {kind}. "
                "The same name is the same matrix: rename one of them."
            )
        written.append((name, turned))
    numbers = {name: number for number, name in enumerate(known)}
    matrices = tuple(matrix for matrix, _ in known.values())
    return tuple(name for name, _ in written), matrices, tuple((numbers[name], turned) for name, turned in written)


def _plain_name(text: str) -> tuple[str, bool]:
    """The name of a factor and whether it stands transposed; a symbol in LaTeX becomes its plain name."""
    name, turned = without_transpose(text)
    return (plain(name) if "\\" in name else name), turned


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


# ---- sizes -----------------------------------------------------------------------------------------------------------


def _sizes(sizes: Mapping[str, int] | None, known: set[Size]) -> dict[str, int]:
    """The sizes given, by name, each of which must occur."""
    if sizes is None:
        return {}
    if not isinstance(sizes, Mapping):
        raise MatcalcError(f'sizes = {sizes!r}: sizes is a dict with a number for each name of a size, like {{"n_0": 2}}.')
    names = {name for entry in known if isinstance(entry, Dim) for name in entry.names}
    given, faults = by_known_name(sizes, Lookup(sorted(names), sizes=True))
    if faults:
        raise MatcalcError("\n".join(faults))
    for name, number in given.items():
        if name not in names:
            raise UnknownNameError(f"No size is named {name!r} here. {near_names(name, names)}")
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise MatcalcError(f"{name} = {number!r}: a size is a positive int.")
    return given


def _resolved(entry: Size, sizes: Mapping[str, int]) -> Size:
    """The size with numbers for the names that have one."""
    if isinstance(entry, int):
        return entry
    result: Size = entry.coefficient
    for name in entry.names:
        result = size_product(result, sizes.get(name, Dim((name,))))
    return result


def _report(
    layout: Layout, reading: Reading, names: tuple[FactorName, ...], declared: tuple[Matrix, ...], word: Word,
    target: tuple[Size, Size], sizes: dict[str, int],
) -> OrdersReport:  # fmt: skip
    """Everything counted, once the true product is known to have the target's shape."""
    matrices = tuple(replace(m, rows=_resolved(m.rows, sizes), columns=_resolved(m.columns, sizes)) for m in declared)
    for matrix, name in {m: name.base for (m, _), name in zip(word, names, strict=True)}.items():
        made = matrices[matrix]
        if made.kind not in (Kind.GENERAL, Kind.ZERO) and made.rows != made.columns:
            raise ShapeError(f"{name} is {made.rows} x {made.columns}, but what is {made.kind.value} is square.")
    ordering = Ordering(matrices, word, (_resolved(target[0], sizes), _resolved(target[1], sizes)))
    shapes = tuple(declared[m].shape(transposed) for m, transposed in word)
    written = tuple(name.written(False) for name in names)
    faults = misfits(written, shapes, ordering, word)
    if faults:
        raise ShapeError(
            f"The product {' '.join(written)} does not conform: {'; '.join(faults)}. "
            "The order given is the true one, from left to right; where W^T stands in it, declare W^T with its own shape."
        )
    c = ordering.counts
    return OrdersReport(
        layout, reading, written, ordering.target, c.arrangements, c.shape_consistent, c.right, c.distinct_values,
        tuple(sizes.items()), names, ordering, Ordering(declared, word, target),
    )  # fmt: skip
