"""Random data at which expressions have a value over a finite field.

Even roots need squares, as they need positive numbers in the reals. Where a draw misses some, single entries of the symbols under
them are drawn again, and kept where no more are missed than before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from matcalc.errors import EvaluationError
from matcalc.exact.evaluation import evaluated, value_operands
from matcalc.exact.field import Matrix, UndefinedError
from matcalc.exact.place import Place, Point
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.traversal import postorder

MOST_REPAIRS = 100
PATIENCE = 30


class NoRootsError(EvaluationError):
    """Data at which all even roots have values were not found."""


def drawn(
    roots: Sequence[Expr],
    seed: str,
    sizes: Mapping[str, int],
    *,
    signs: str = "atoms",
    attempts: Sequence[bool] = (False, True),
    values: Mapping[str, Matrix] | None = None,
    numbers: Mapping[str, int] | None = None,
    configuration: int = 0,
) -> Place:
    """The values of expressions at random data at which all have one.

    Args:
        roots: the expressions.
        seed: of the data.
        sizes: an int for each named size.
        signs: how signs are taken, see `matcalc.exact.atoms`.
        attempts: whether symbols and unknown functions are squares, for each attempt.
        values: of symbols that are not random.
        numbers: for sizes that are written as numbers, elements of the field in place of their extents.
        configuration: of the symbols that take finitely many values.

    Raises:
        EvaluationError: none was found; with other sizes there may be some.
        NoRootsError: none was found, for want of even roots.
    """
    fault: EvaluationError | None = None
    for attempt, positive in enumerate(attempts):
        point = Point(f"{seed}/{attempt}", sizes, signs, positive, values=values or {}, numbers=numbers or {}, configuration=configuration)
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
