"""Factors of a product that are given as a list, and the sizes that are given with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matcalc.errors import DefinitionClashError, MatcalcError, ShapeError, UnknownNameError, near_names
from matcalc.language.expressions import Expr, SizeNumber
from matcalc.language.naming import Lookup, by_known_name, plain
from matcalc.language.sizes import Dim, Size, size, size_product
from matcalc.language.traversal import postorder, with_definition
from matcalc.layout.arrangements import Kind, Matrix, Word
from matcalc.layout.order_names import without_transpose

KINDS = {"general": Kind.GENERAL, "symmetric": Kind.SYMMETRIC, "diagonal": Kind.DIAGONAL, "scalar": Kind.GENERAL}


def factors_of_list(given: Sequence[tuple[Any, ...]]) -> tuple[tuple[str, ...], tuple[Matrix, ...], Word]:
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


def sizes_in(roots: Iterable[Expr]) -> set[Size]:
    """Every size that occurs in expressions and in what is named in them."""
    nodes = list(postorder(list(roots), with_definition))
    return {entry for node in nodes for entry in node.shape} | {node.size for node in nodes if isinstance(node, SizeNumber)}


def given_sizes(sizes: Mapping[str, int] | None, known: set[Size]) -> dict[str, int]:
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


def resolved(entry: Size, sizes: Mapping[str, int]) -> Size:
    """The size with numbers for the names that have one."""
    if isinstance(entry, int):
        return entry
    result: Size = entry.coefficient
    for name in entry.names:
        result = size_product(result, sizes.get(name, Dim((name,))))
    return result
