"""What is known of the equality of two expressions, and equality by canonical forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

from matcalc.errors import UnsupportedError
from matcalc.index.finishing import Finisher
from matcalc.index.lowering import Lowered, lower
from matcalc.index.shortening import expanded
from matcalc.language.assumed import properties_of
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.operators import Tabled
from matcalc.language.text_rows import filled
from matcalc.language.traversal import postorder, with_definition

MOST_SHOWN = 15  # entries of an array in a counterexample


@final
@dataclass(frozen=True, slots=True)
class Counterexample(Tabled):
    """Data at which two expressions differ; ``left.evaluate(values, sizes=sizes, functions=functions)`` gives the left side.

    Attributes:
        values: rows of numbers for each declared symbol, by plain name.
        sizes: an int for each named size.
        functions: the callables that stood for unknown functions, as `evaluate` takes them.
        entry: row and column at which the expressions differ most, counted from 0.
        left, right: both values there.
    """

    values: Mapping[str, Any]
    sizes: Mapping[str, int]
    functions: Mapping[str, tuple[Callable[..., Any], ...]]
    entry: tuple[int, int]
    left: float
    right: float

    def __repr__(self) -> str:
        lines = [f"{name} = {number}" for name, number in self.sizes.items()]
        for name, rows in self.values.items():
            entries = sum(map(len, rows))
            rounded = [[float(f"{v:.3g}") for v in row] for row in rows]
            lines += filled(f"{name} = {rounded if entries <= MOST_SHOWN else f'{len(rows)} x {len(rows[0])} numbers'}", later="    ")
        if self.functions:
            lines.append(f"{', '.join(self.functions)}: random smooth functions, in .functions")
        return "\n".join(lines)


@final
@dataclass(frozen=True, slots=True)
class Proof(Tabled):
    """What is known of the equality of two expressions.

    Attributes:
        verdict: ``equal``, ``different`` or ``undecided``.
        method: ``shapes``, ``canonical form``, ``expanded canonical form``, ``mod p``, ``finished form`` or ``floats``.
        error_probability: of a verdict ``equal`` by ``mod p``, at most: that expressions agree which differ for one of the sizes
            tried, which ``reason`` tells; other sizes are not in it. 0.0 for a canonical form, which holds for all sizes; None for
            other verdicts.
        counterexample: data at which they differ, or None.
        reason: the verdict in words.

    Example:
        >>> import matcalc as mc
        >>> A, B = mc.matrix("A", "n", "n"), mc.matrix("B", "n", "n")
        >>> proof = mc.prove_equal(mc.trace(A @ B), mc.trace(B @ A))
        >>> proof.ok, proof.method
        (True, 'canonical form')
    """

    verdict: str
    method: str
    error_probability: float | None
    counterexample: Counterexample | None
    reason: str

    @property
    def ok(self) -> bool:
        """Whether the expressions are equal."""
        return self.verdict == "equal"

    def __repr__(self) -> str:
        lines = filled(f"{self.verdict} ({self.method}): {self.reason}")
        if self.counterexample is not None:
            lines += [f"  {line}" for line in repr(self.counterexample).splitlines()]
        return "\n".join(lines)


# ---- canonical forms -------------------------------------------------------------------------------------------------


def equal_forms(left: Expr, right: Expr) -> str | None:
    """The method by which the canonical forms are equal; None where they differ, which proves nothing."""
    lowered = _lowered(left, right)
    if lowered is None:
        return None
    first, second = lowered
    if first.form == second.form:
        return "canonical form"
    spread = [expanded(each.form) for each in lowered]
    return "expanded canonical form" if spread[0] is not None and spread[0] == spread[1] else None


def equal_when_finished(left: Expr, right: Expr) -> bool:
    """Whether both sides are the same when what is assumed is used and functions are folded: see `matcalc.index.finishing`."""
    lowered = _lowered(left, right)
    if lowered is None:
        return False
    symbols = [node for node in postorder([left, right], with_definition) if isinstance(node, Symbol) and node.assumed]
    finisher = Finisher({symbol.name: properties_of(symbol) for symbol in symbols})
    return finisher.finished(lowered[0].form) == finisher.finished(lowered[1].form)


def _lowered(left: Expr, right: Expr) -> tuple[Lowered, Lowered] | None:
    """The index forms of both sides; None where there are none, or their rows are made of other axes."""
    meanings: dict[Let, Lowered] = {}
    try:
        for node in postorder([left, right], with_definition):
            if isinstance(node, Let):
                meanings[node] = lower(node.definition, meanings.__getitem__)
        first, second = (lower(side, meanings.__getitem__) for side in (left, right))
    except UnsupportedError:
        return None
    return (first, second) if first.rows == second.rows else None
