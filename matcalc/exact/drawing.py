"""Sizes and random data at which expressions have a value over a finite field.

Even roots need squares, as they need positive numbers in the reals. Where a draw misses some, single entries of the symbols under
them are drawn again, and kept where no more are missed than before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

from matcalc.errors import EvaluationError
from matcalc.exact.evaluation import evaluated, value_operands
from matcalc.exact.field import UndefinedError
from matcalc.exact.place import Place, Point
from matcalc.language.expressions import (
    ApplyMap, Commutation, Expr, Identity, MapDerivative, Ones, SizeNumber, Symbol, Zeros,
)  # fmt: skip
from matcalc.language.sizes import Dim, Size
from matcalc.language.traversal import postorder, with_definition

SMALL_SIZES = (2, 3, 4, 5, 6, 7)
OTHER_SIZES = (3, 5, 4, 7, 6, 8)
MOST_REPAIRS = 100
PATIENCE = 30
MOST_SMALL = 12


class NoRootsError(EvaluationError):
    """Data at which all even roots have values were not found."""


def size_names(roots: Iterable[Expr]) -> list[str]:
    """The names of all sizes in the expressions, in the order of their appearance."""
    found: dict[str, None] = {}
    for node in postorder(roots, with_definition):
        entries: tuple[Size, ...] = node.shape if isinstance(node, Symbol | Ones | Zeros) else ()
        if isinstance(node, SizeNumber | Identity):
            entries = (node.size,)
        elif isinstance(node, Commutation):
            entries = (node.rows, node.columns)
        elif isinstance(node, ApplyMap | MapDerivative):
            entries = node.function.shape
        found.update(dict.fromkeys(name for entry in entries if isinstance(entry, Dim) for name in entry.names))
    return list(found)


def size_choices(roots: Iterable[Expr], given: Mapping[str, int] | None = None) -> Iterator[dict[str, int]]:
    """Small sizes for the names in the expressions, different up to six names; first as they come, then in reverse, then others.

    What is given is taken where it is small.
    """
    fixed = {name: number for name, number in (given or {}).items() if number <= MOST_SMALL}
    names = [name for name in size_names(roots) if name not in fixed]
    seen: list[list[int]] = []
    for base in (SMALL_SIZES, OTHER_SIZES):
        numbers = [base[k % len(base)] for k in range(len(names))]
        for chosen in (numbers, numbers[::-1]):
            if chosen not in seen:
                seen.append(chosen)
                yield {**fixed, **dict(zip(names, chosen, strict=True))}


def drawn(
    roots: Sequence[Expr], seed: str, sizes: Mapping[str, int], *, signs: str = "atoms", attempts: Sequence[bool] = (False, True)
) -> Place:
    """The values of expressions at random data at which all have one.

    Args:
        roots: the expressions.
        seed: of the data.
        sizes: an int for each named size.
        signs: how signs are taken, see `matcalc.exact.atoms`.
        attempts: whether symbols and unknown functions are squares, for each attempt.

    Raises:
        EvaluationError: none was found; with other sizes there may be some.
        NoRootsError: none was found, for want of even roots.
    """
    fault: EvaluationError | None = None
    for attempt, positive in enumerate(attempts):
        point = Point(f"{seed}/{attempt}", sizes, signs, positive)
        try:
            place, missed = evaluated(roots, point)
            if missed:
                place, missed = _repaired(roots, place, missed)
        except UndefinedError as error:
            fault = EvaluationError(f"No data over the finite field were found: {error}.")
            continue
        if not missed:
            return place
        fault = NoRootsError(f"No data over the finite field were found: {len(missed)} entries under even roots stay no squares.")
    assert fault is not None
    raise fault


def _repaired(roots: Sequence[Expr], place: Place, missed: list[Expr]) -> tuple[Place, list[Expr]]:
    """Better data, one entry of a symbol changed at a time, until nothing is missed or nothing has become better for long."""
    rng = Random(place.point.seed)
    patience = PATIENCE
    for _ in range(MOST_REPAIRS):
        if not missed or not patience:
            break
        patience -= 1
        symbols = [node for node in postorder([rng.choice(missed)], value_operands) if isinstance(node, Symbol)]
        if not symbols:
            break
        symbol = rng.choice(symbols)
        rows, columns = place.point.extents(symbol.shape)
        entry = symbol.name, rng.randrange(rows), rng.randrange(columns)
        redrawn = {**place.point.redrawn, entry: rng.randrange(1, 2**62)}
        try:
            other, still = evaluated(roots, replace(place.point, redrawn=redrawn))
        except UndefinedError:
            continue
        if len(still) < len(missed):
            patience = PATIENCE
        if len(still) <= len(missed):
            place, missed = other, still
    return place, missed
