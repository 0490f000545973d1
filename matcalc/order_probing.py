"""Relations between the factors of a chain that nobody declared, sought in exact numbers at one random point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.errors import EvaluationError, UnsupportedError
from matcalc.exact.evaluation import evaluated
from matcalc.exact.field import PRIME, Matrix as Table
from matcalc.exact.place import Point
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Dim
from matcalc.language.traversal import postorder, with_definition
from matcalc.layout.arrangements import Counts
from matcalc.layout.ordering import Ordering
from matcalc.layout.undeclared import probed

MOST_INDICES = 3  # of a size; relations that hold for all sizes show with so many
SEED = "orders"


def counts_of_factors(ordering: Ordering, parts: Sequence[Expr], sizes: Mapping[str, int], names: Sequence[str]) -> Counts | None:
    """The counts for factors that may depend on each other; None where they have no exact values, so that nothing is known.

    Args:
        ordering: the product, at the given sizes.
        parts: the factors of the true product, from left to right.
        sizes: the numbers given for names of sizes.
        names: of the factors, for the message.

    Raises:
        UndecidedError: the factors are related, and the arrangements are too many to try.
    """
    named = {n for node in postorder(parts, with_definition) for entry in node.shape if isinstance(entry, Dim) for n in entry.names}
    small = {name: min(sizes.get(name, MOST_INDICES), MOST_INDICES) for name in sorted(named | sizes.keys())}
    try:
        place, missed = evaluated(parts, Point(SEED, small))
    except (EvaluationError, UnsupportedError):
        return None
    if missed:
        return None
    tables: dict[int, Table] = {}
    called: dict[int, str] = {}
    for (m, turned), part, name in zip(ordering.true, parts, names, strict=True):
        table = place.values[part]
        tables.setdefault(m, [list(row) for row in zip(*table, strict=True)] if turned else table)
        called.setdefault(m, name)
    return probed(ordering.matrices, ordering.true_word, ordering.target, tables, PRIME, [called[m] for m in sorted(called)])
