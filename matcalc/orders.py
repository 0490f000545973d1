"""Which orders and transposes of the factors of a product fit in shape, and which of those that fit are right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from textwrap import wrap
from typing import Any, TypeAlias, final

from matcalc.derivation import derive
from matcalc.errors import DefinitionClashError, MatcalcError, ShapeError, UnknownNameError, near_names
from matcalc.language.expressions import Expr, SizeNumber
from matcalc.language.sizes import Dim, Shape, Size, SizeLike, rows_and_columns, size, size_product
from matcalc.language.traversal import postorder, with_definition
from matcalc.layout.arrangements import Arrangement, Kind, Letter, Matrix, Ordering
from matcalc.layout.conventions import Layout, layout_named
from matcalc.layout.products import Joint, Reading, product_of
from matcalc.layout.relations import related

Written: TypeAlias = "str | tuple[str, bool]"
KINDS = {"general": Kind.GENERAL, "symmetric": Kind.SYMMETRIC, "diagonal": Kind.DIAGONAL, "scalar": Kind.GENERAL}


class OrderVerdict(StrEnum):
    """What is said of one arrangement."""

    RIGHT = "right"
    WRONG_VALUE = "wrong value"
    DOES_NOT_FIT = "does not fit"


@final
@dataclass(frozen=True, slots=True)
class OrderRow:
    """One arrangement, judged.

    Attributes:
        product: as it is written.
        factors: names from left to right, and whether each is transposed.
        joints: where neighbours meet: columns of the left, rows of the right.
        verdict: ``right``, ``wrong value`` or ``does not fit``.
        reason: why, in a sentence; for what does not fit, the joints with their sizes.
    """

    product: str
    factors: tuple[tuple[str, bool], ...]
    joints: tuple[Joint, ...]
    verdict: OrderVerdict
    reason: str

    def __repr__(self) -> str:
        return f"{self.product}: {self.verdict.value}. {self.reason}"


@final
@dataclass(frozen=True, slots=True, repr=False)
class OrdersReport:
    """The arrangements of a product: all, those that fit in shape, those that are right.

    Attributes:
        layout: the layout of the product.
        reading: how a factor of three or four axes was taken.
        factors: names in the true order, from left to right.
        target: rows and columns of the product, numbers where sizes were given.
        arrangements: k! 2^k for k factors.
        shape_consistent: how many have joints that all fit and a product of the target's shape.
        right: how many have the value of the true product, for all entries.
        distinct_values: how many different values those that fit have.
        sizes: the sizes given, by name; all others are different from each other and from every number.
    """

    layout: Layout
    reading: Reading
    factors: tuple[str, ...]
    target: tuple[Size, Size]
    arrangements: int
    shape_consistent: int
    right: int
    distinct_values: int
    sizes: tuple[tuple[str, int], ...]
    _ordering: Ordering
    _shapes: tuple[tuple[Size, Size], ...]

    def __repr__(self) -> str:
        at = ", ".join(f"{name} = {number}" for name, number in self.sizes) or "general sizes"
        head = wrap(f"{' · '.join(self.factors)}, {self.layout.value} layout, {at}", 78, subsequent_indent="  ")
        counted = (
            (self.arrangements, "arrangements: orders of the factors, with transposes"),
            (self.shape_consistent, f"fit in shape, with {self.distinct_values} different values"),
            (self.right, "are right"),
        )
        width = len(str(self.arrangements))
        return "\n".join([*head, *(f"  {number:>{width}} {what}" for number, what in counted)])

    @property
    def rows(self) -> Iterator[OrderRow]:
        """The arrangements that fit, found as they are asked for: the true one, then the others that are right, then the wrong."""
        true: Arrangement = tuple((factor, False) for factor in range(len(self.factors)))
        yield self._judged(true)
        for right in (True, False):
            for word, value in self._ordering.fitting_words():
                if (value == self._ordering.true_value) == right:
                    for arrangement in self._ordering.arrangements(word):
                        if arrangement != true:
                            yield self._judged(arrangement)

    def row(self, order: Sequence[Written]) -> OrderRow:
        """One arrangement, judged; it may be one that does not fit.

        Args:
            order: the names of all factors from left to right; a transposed one as ``"W^T"``, ``"W.T"``, ``"(dz/da)^T"`` or
                ``("W", True)``.

        Raises:
            UnknownNameError: no factor has that name.
            MatcalcError: a factor is missing or stands too often.
        """
        if isinstance(order, str):
            raise MatcalcError(f"{order!r} is one text; the order is a list of names, like {list(self.factors)}.")
        used: list[tuple[int, bool]] = []
        for name, transposed in map(self._read, order):
            free = [f for f, known in enumerate(self.factors) if known == name and f not in {g for g, _ in used}]
            if not free:
                raise MatcalcError(f"{name} stands too often: the product has it {self.factors.count(name)} times. {self._all()}")
            used.append((free[0], transposed))
        missing = [name for f, name in enumerate(self.factors) if f not in {g for g, _ in used}]
        if missing:
            raise MatcalcError(f"{' and '.join(missing)} missing: an arrangement holds every factor. {self._all()}")
        return self._judged(tuple(used))

    def _all(self) -> str:
        return f"The factors are {', '.join(self.factors)}."

    def _read(self, written: Written) -> tuple[str, bool]:
        if not isinstance(written, str):
            (name, _), turned = self._read(written[0]), bool(written[1])
            return name, turned
        if written in self.factors:
            return written, False
        name = re.sub(r"(\^T|\^\\top|\^\{\\top\}|\.T)$", "", written)
        bare = name[1:-1] if name.startswith("(") and name.endswith(")") and name not in self.factors else name
        if bare not in self.factors:
            raise UnknownNameError(f"No factor is named {bare!r}. {near_names(bare, self.factors)}")
        return bare, name != written

    def _judged(self, arrangement: Arrangement) -> OrderRow:
        factors = tuple((self.factors[f], transposed) for f, transposed in arrangement)
        written = " ".join(_transposed_name(name) if transposed else name for name, transposed in factors)
        word = self._ordering.word(arrangement)
        shapes = tuple(self._shapes[f][::-1] if transposed else self._shapes[f] for f, transposed in arrangement)
        joints = self._ordering.joints(word)
        faults = _misfits([_transposed_name(n) if t else n for n, t in factors], shapes, self._ordering, word)
        true = " ".join(self.factors)
        if faults:
            verdict, reason = OrderVerdict.DOES_NOT_FIT, "; ".join(faults) + "."
        elif self._ordering.value(word) == self._ordering.true_value:
            verdict, reason = OrderVerdict.RIGHT, f"It has the value of {true} for all entries."
        else:
            verdict, reason = OrderVerdict.WRONG_VALUE, f"Every joint fits, but the value is not that of {true}."
        return OrderRow(written, factors, joints, verdict, reason)


def orders(
    of: Expr | str | Sequence[tuple[Any, ...]],
    wrt: Expr | str | None = None,
    *,
    layout: str | None = None,
    target: Shape | Sequence[SizeLike] | None = None,
    sizes: Mapping[str, int] | None = None,
    reading: str = "stand-in",
) -> OrdersReport:
    """Count the arrangements of a product: orders of its factors with every choice of transposes.

    A diagonal or symmetric factor and its transpose count as two arrangements, and so do two equal factors exchanged. A 1 x 1 factor
    stands only beside size 1.

    Shapes: the target of orders(C, x) is n x 1 in denominator layout, 1 x n in numerator layout; that of a list is given.

    Args:
        of: a quantity, whose derivative by ``wrt`` has the factors; or a list of (name, rows, columns) or (name, rows, columns, kind)
            with kind ``diagonal``, ``symmetric`` or ``scalar``: the true product, from left to right, each factor as it stands there.
        wrt: the variable, where ``of`` is a quantity.
        layout: ``numerator`` or ``denominator``.
        target: for a list, the shape of the product, such as ("n", 1).
        sizes: a number for each name of a size, or for some; the others stay general, different from each other and from every number.
        reading: ``stand-in`` or ``jacobian``, for a factor of three or four axes; where no stand-in may stand, the Jacobian is taken.

    Returns:
        The counts. Values are compared for general entries: at random ones modulo 2**61 - 1, with a fixed seed. ``right`` is wrong with
        a chance below 3e-12, ``distinct_values`` below 1e-6. Factors are independent but for what their index forms or kinds say:
        equal to another or to its transpose, symmetric, diagonal, a multiple of the identity.

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
          48 arrangements: orders of the factors, with transposes
           2 fit in shape, with 1 different values
           2 are right
        >>> r = mc.orders(C, x, layout="denominator", sizes={"m": 3, "n": 3})
        >>> r.shape_consistent, r.right, r.distinct_values
        (8, 2, 4)
        >>> r.row(["da/dz", "dz/dx", "dC/da"])
        da/dz dz/dx dC/da: wrong value. Every joint fits, but the value is not that of dz/dx da/dz dC/da.
        >>> mc.orders([("W", "m", "n"), ("g", "n", 1)], target=("m", 1), layout="numerator").row(["g", "W"])
        g W: does not fit. Between g and W: 1 column and m rows; W leaves n columns, the target has 1.
    """
    chosen = layout_named(layout)
    if isinstance(of, Expr | str):
        return _of_derivative(of, wrt, chosen, target, sizes or {}, reading)
    if wrt is not None or target is None:
        raise MatcalcError('A list of factors needs target=, the shape of their product, such as ("n", 1), and no wrt.')
    names, matrices, word = _of_list(of)
    wanted = _target(target)
    known = {s for m in matrices for s in (m.rows, m.columns)} | set(wanted)
    return _report(chosen, Reading.MATRICES, names, matrices, word, wanted, _sizes(sizes or {}, known))


def _of_derivative(
    of: Any, wrt: Expr | str | None, layout: Layout, target: object, sizes: Mapping[str, int], reading: str
) -> OrdersReport:
    if wrt is None or target is not None:
        raise MatcalcError("orders of a derivative needs wrt, the variable, and no target: the target is the derivative.")
    d = derive(of, wrt, layout=layout)
    if not d.factors:
        raise MatcalcError(f"{d!r} has no factors: {d.of!r} does not go through a chain to {d.wrt!r}.")
    product = product_of(d.factors, layout, None if reading == Reading.STAND_IN else reading)
    matrices, word = related(product.parts)
    shape = d.vec_shape if product.reading is Reading.JACOBIAN else d.shape
    nodes = list(postorder([d.of, d.wrt], with_definition))
    known = {entry for node in nodes for entry in node.shape} | {node.size for node in nodes if isinstance(node, SizeNumber)}
    names = tuple(map(repr, product.factors))
    return _report(layout, product.reading, names, matrices, word, rows_and_columns(shape), _sizes(sizes, known))


def _of_list(given: Sequence[tuple[Any, ...]]) -> tuple[tuple[str, ...], tuple[Matrix, ...], tuple[Letter, ...]]:
    """Names, matrices and word of a list of factors."""
    if not given:
        raise MatcalcError("The list of factors is empty.")
    known: dict[str, tuple[Matrix, str]] = {}
    for entry in given:
        if not isinstance(entry, tuple | list) or len(entry) not in (3, 4) or not isinstance(entry[0], str):
            raise MatcalcError(f"{entry!r} is not a factor: write (name, rows, columns) or (name, rows, columns, kind).")
        name, kind = entry[0], entry[3] if len(entry) == 4 else "general"
        if kind not in KINDS:
            raise MatcalcError(f"{name}: {kind!r} is not a kind. {near_names(str(kind), KINDS)}")
        found = Matrix(size(entry[1]), size(entry[2]), KINDS[kind])
        if kind == "scalar" and (found.rows, found.columns) != (1, 1):
            raise ShapeError(f"{name} is {found.rows} x {found.columns}, but a scalar is 1 x 1.")
        if known.setdefault(name, (found, kind)) != (found, kind):
            (first, other) = known[name]
            raise DefinitionClashError(
                f"{name} has two meanings: {first.rows} x {first.columns}, {other}, and {found.rows} x {found.columns}, {kind}. "
                "The same name is the same matrix: rename one of them."
            )
    numbers = {name: number for number, name in enumerate(known)}
    names = tuple(entry[0] for entry in given)
    return names, tuple(matrix for matrix, _ in known.values()), tuple((numbers[name], False) for name in names)


def _target(target: Sequence[SizeLike]) -> tuple[Size, Size]:
    if isinstance(target, str) or not isinstance(target, tuple | list) or len(target) > 2:
        raise MatcalcError(f'{target!r} is not a shape: write ("n", 1), (1, "n"), ("m", "n") or ().')
    return rows_and_columns(tuple(map(size, target)))


# ---- sizes -----------------------------------------------------------------------------------------------------------


def _sizes(sizes: Mapping[str, int], known: set[Size]) -> dict[str, int]:
    """The sizes given, by name, each of which must occur."""
    names = {name for entry in known if isinstance(entry, Dim) for name in entry.names}
    for key, number in sizes.items():
        if str(key) not in names:
            raise UnknownNameError(f"No size is named {str(key)!r} here. {near_names(str(key), names)}")
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise MatcalcError(f"{key} = {number!r}: a size is a positive int.")
    return {str(key): number for key, number in sizes.items()}


def _resolved(entry: Size, sizes: Mapping[str, int]) -> Size:
    """The size with numbers for the names that have one."""
    if isinstance(entry, int):
        return entry
    result: Size = entry.coefficient
    for name in entry.names:
        result = size_product(result, sizes.get(name, Dim((name,))))
    return result


def _report(
    layout: Layout, reading: Reading, names: tuple[str, ...], declared: tuple[Matrix, ...], word: tuple[Letter, ...],
    target: tuple[Size, Size], sizes: dict[str, int],
) -> OrdersReport:  # fmt: skip
    """Everything counted, once the true product is known to have the target's shape."""
    matrices = tuple(replace(m, rows=_resolved(m.rows, sizes), columns=_resolved(m.columns, sizes)) for m in declared)
    for matrix, name in {m: name for (m, _), name in zip(word, names, strict=True)}.items():
        made = matrices[matrix]
        if made.kind is not Kind.GENERAL and made.kind is not Kind.ZERO and made.rows != made.columns:
            raise ShapeError(f"{name} is {made.rows} x {made.columns}, but what is {made.kind.value} is square.")
    ordering = Ordering(matrices, word, (_resolved(target[0], sizes), _resolved(target[1], sizes)))
    shapes = tuple(declared[m].shape(transposed) for m, transposed in word)
    faults = _misfits(list(names), shapes, ordering, word)
    if faults:
        raise ShapeError(
            *(f"The product {' '.join(names)} does not conform: {fault}." for fault in faults),
            "Its order is the true one, from left to right, each factor as it stands there: a transpose is declared as such.",
        )
    c = ordering.counts
    return OrdersReport(
        layout, reading, names, ordering.target, c.arrangements, c.shape_consistent, c.right, c.distinct_values,
        tuple(sizes.items()), ordering, shapes,
    )  # fmt: skip


# ---- words for misfits -----------------------------------------------------------------------------------------------


def _transposed_name(name: str) -> str:
    return f"({name})^T" if any(sign in name for sign in "/ ^·") else f"{name}^T"


def _counted(declared: Size, found: Size, what: str) -> str:
    """A size in words: its name, and its number where one was given."""
    number = f"{declared}" if declared == found else f"{declared} = {found}"
    return f"{number} {what}" if found == 1 else f"{number} {what}s"


def _misfits(names: list[str], shapes: Sequence[tuple[Size, Size]], ordering: Ordering, word: tuple[Letter, ...]) -> list[str]:
    """Every joint, and every end, that does not fit."""
    faults: list[str] = []
    for k, joint in enumerate(ordering.joints(word)):
        if not joint.fits:
            columns, rows = _counted(shapes[k][1], joint.columns, "column"), _counted(shapes[k + 1][0], joint.rows, "row")
            faults.append(f"between {names[k]} and {names[k + 1]}: {columns} and {rows}")
    (rows_found, columns_found), (rows_wanted, columns_wanted) = ordering.shape(word), ordering.target
    if rows_found != rows_wanted:
        faults.append(f"{names[0]} leaves {_counted(shapes[0][0], rows_found, 'row')}, the target has {rows_wanted}")
    if columns_found != columns_wanted:
        faults.append(f"{names[-1]} leaves {_counted(shapes[-1][1], columns_found, 'column')}, the target has {columns_wanted}")
    return [faults[0][0].upper() + faults[0][1:], *faults[1:]] if faults and faults[0].startswith("between") else faults
