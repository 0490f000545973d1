"""Whether two expressions are equal: by their canonical forms, or by their values over a finite field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil, log
from typing import Any, final

from matcalc.errors import EvaluationError, UnsupportedError
from matcalc.exact.degree import degree_bound
from matcalc.exact.drawing import NoRootsError, drawn, size_choices
from matcalc.exact.field import PRIME
from matcalc.exact.place import extent
from matcalc.index.lowering import Lowered, lower
from matcalc.index.shortening import expanded
from matcalc.language.expressions import Apply, Expr, Let
from matcalc.language.traversal import postorder, with_definition
from matcalc.language.unrolling import written_out

DRAWS = 3
ASSIGNMENTS = 2
MOST_COINS = 5
LARGEST_ERROR = 1e-9
MOST_SHOWN = 15  # entries of an array in a counterexample
WITH_SIGN = frozenset({"relu", "leaky_relu", "abs", "step", "sign"})


@final
@dataclass(frozen=True, slots=True)
class Counterexample:
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
            lines.append(f"{name} = {rounded if entries <= MOST_SHOWN else f'{len(rows)} x {len(rows[0])} numbers'}")
        if self.functions:
            lines.append(f"{', '.join(self.functions)}: random smooth functions, in .functions")
        return "\n".join(lines)


@final
@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of the equality of two expressions.

    Attributes:
        verdict: ``equal``, ``different`` or ``undecided``.
        method: ``shapes``, ``canonical form``, ``expanded canonical form``, ``mod p`` or ``floats``.
        error_probability: of a verdict ``equal`` by ``mod p``, at most; 0.0 for a canonical form; None for other verdicts.
        counterexample: data at which they differ, or None.
        reason: the verdict in words.
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
        lines = [f"{self.verdict} ({self.method}): {self.reason}"]
        if self.counterexample is not None:
            lines += [f"  {line}" for line in repr(self.counterexample).splitlines()]
        return "\n".join(lines)


# ---- canonical forms -------------------------------------------------------------------------------------------------


def equal_forms(left: Expr, right: Expr) -> str | None:
    """The method by which the canonical forms are equal; None where they differ, which proves nothing."""
    meanings: dict[Let, Lowered] = {}
    try:
        for node in postorder([left, right], with_definition):
            if isinstance(node, Let):
                meanings[node] = lower(node.definition, meanings.__getitem__)
        first, second = (lower(side, meanings.__getitem__) for side in (left, right))
    except UnsupportedError:
        return None
    if first.rows != second.rows:
        return None
    if first.form == second.form:
        return "canonical form"
    spread = [expanded(lowered.form) for lowered in (first, second)]
    return "expanded canonical form" if spread[0] is not None and spread[0] == spread[1] else None


# ---- fingerprints ----------------------------------------------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The comparison of two expressions over a finite field.

    Attributes:
        agree: whether all values agreed; None where there were none.
        error_probability: at most so likely do different expressions agree.
        reason: what was done, in words.
    """

    agree: bool | None
    error_probability: float
    reason: str

    @property
    def proves(self) -> bool:
        """Whether the expressions are equal beyond reasonable doubt."""
        return self.agree is True and self.error_probability <= LARGEST_ERROR


def fingerprint(left: Expr, right: Expr, *, seed: int = 0) -> Fingerprint:
    """Compare values modulo p at random data, for two assignments of sizes.

    Signs, as in relu, are atoms first; where that does not do, 1 for squares and -1 for others, with draws enough for the coins.
    """
    found = _compared(left, right, seed, "atoms")
    kinked = any(isinstance(n, Apply) and n.function.name in WITH_SIGN for n in postorder([left, right], with_definition))
    return _compared(left, right, seed, "squares") if found.agree is False and kinked else found


def _compared(left: Expr, right: Expr, seed: int, signs: str) -> Fingerprint:
    used: list[str] = []
    fault, chance = "No sizes were tried.", 0.0
    for sizes in size_choices([left, right]):
        try:
            first, second = written_out([left, right], partial(extent, sizes))
            found = _at_sizes(first, second, f"equality {seed}", sizes, signs, settle=not used)
        except (NoRootsError, UnsupportedError) as error:
            return Fingerprint(None, 1.0, str(error))
        except EvaluationError as error:
            fault = str(error)
            continue
        if found is None:
            return Fingerprint(False, 1.0, "modulo a prime of 74 bits they differ")
        draws, error_here = found
        chance = max(chance, error_here) if used else error_here
        listed = ", ".join(f"{name} = {number}" for name, number in sizes.items())
        used.append(f"{draws} points{' with ' + listed if listed else ''}")
        if len(used) == ASSIGNMENTS:
            break
    if not used:
        return Fingerprint(None, 1.0, fault)
    doubt = f"different expressions would agree there with a chance of at most {chance:.0e}"
    if chance > LARGEST_ERROR:
        doubt = "but where the signs of roots depend on each other, different expressions may agree there as well"
    return Fingerprint(True, chance, f"equal modulo a prime of 74 bits at random data, {' and '.join(used)}; {doubt}")


def _at_sizes(left: Expr, right: Expr, seed: str, sizes: Mapping[str, int], signs: str, *, settle: bool) -> tuple[int, float] | None:
    """How many draws agreed, and the chance that they would if the expressions differ; None if a draw did not agree.

    Args:
        left, right: the expressions.
        seed: of the data.
        sizes: an int for each named size.
        signs: how signs are taken.
        settle: whether to draw until coins leave little doubt; they do not count otherwise.
    """
    draws, bound, coins, done = DRAWS, 0, 0, 0
    while done < draws:
        place = drawn([left, right], f"{seed} {done}", sizes, signs=signs, attempts=(False,))
        if place.values[left] != place.values[right]:
            return None
        if not done:
            bound = degree_bound([left, right], place)
            coins = place.coins if settle else 0
            draws = draws_for(coins)
        done += 1
    doubt = (1.0 - 0.5**coins) ** done if coins else 0.0
    return done, min(1.0, min(1.0, bound / PRIME) ** DRAWS + doubt)


def draws_for(coins: int) -> int:
    """How many draws leave a chance of 1e-10 that a difference is hidden by coins, each of which may fall on the wrong side.

    A difference that is not zero shows for at least one way in which the coins may fall: of n draws all miss it with a chance
    of at most (1 - 2^-coins)^n. Where that takes too many draws, the usual few are made.
    """
    if not 0 < coins < MOST_COINS:
        return DRAWS
    return max(DRAWS, ceil(log(LARGEST_ERROR / 10) / log(1.0 - 0.5**coins)))
