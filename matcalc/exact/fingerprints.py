"""Whether two expressions agree over a finite field: at random data, for several assignments of sizes.

What is shown holds for the sizes that were tried. A side without a value at sizes where the other has one, as v_3 where n = 2, keeps
the expressions from being equal, and so do data of lower rank at which pseudo-inverses differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil, log
from random import Random
from typing import final

from matcalc.errors import EvaluationError, UnsupportedError
from matcalc.exact.assumed_data import MOST_CONFIGURATIONS, configurations
from matcalc.exact.degree import degree_bound, size_degree
from matcalc.exact.drawing import NoRootsError, drawn
from matcalc.exact.evaluation import value_operands
from matcalc.exact.field import PRIME, Matrix, shape_of
from matcalc.exact.place import MOST_ENTRIES, Place, extent
from matcalc.exact.roots import has_even_root
from matcalc.exact.tried_sizes import number_names, size_choices, size_names
from matcalc.language.expressions import Apply, Expr, MatMul, Norm, PseudoInverse, Symbol
from matcalc.language.sizes import Shape, ndim, rows_and_columns
from matcalc.language.traversal import postorder, with_definition
from matcalc.language.unrolling import written_out

DRAWS = 2
FEW_DRAWS = 8  # where signs are too many to be drowned
MOST_EFFORT = 20_000  # to drown coins at all sizes: draws, times the numbers in an evaluation, times one more than its even roots
MOST_COINS = 5
ASSIGNMENTS = 6
SETTLED = 2  # assignments at which coins must be drowned, of those with coins
MOST_ASSIGNMENTS = 14
MOST_WORK = 40_000  # products of numbers in one evaluation, but for the first sizes
MOST_ROOTS = 6  # even roots, but for the first sizes
MORE_TRIES = 4  # draws without a value, where signs make some
MOST_LISTED = 6  # names of sizes
LARGEST_ERROR = 1e-9
WITH_SIGN = frozenset({"relu", "leaky_relu", "abs", "step", "sign"})
SIDES = ("left", "right")


@final
@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The comparison of two expressions over a finite field.

    Attributes:
        agree: whether all values agreed; None where there were none.
        error_probability: at most so likely do expressions agree that differ for one of the sizes that count; the sum over these.
        reason: what was done, in words.
        sizes: the sizes at which they differ, or at which one side has no value, where there are some; else those tried last.
        complete: whether both sides have values at the same sizes, and sizes enough were tried.
        signs: whether signs or even roots were taken, which follow the real numbers but for constants such as sqrt(2) - 1.
        deficient: the names of the matrices that were of lower rank where they differ.
    """

    agree: bool | None
    error_probability: float
    reason: str
    sizes: Mapping[str, int] = field(default_factory=dict)
    complete: bool = True
    signs: bool = False
    deficient: tuple[str, ...] = ()

    @property
    def proves(self) -> bool:
        """Whether the expressions are equal beyond reasonable doubt, for the sizes tried."""
        return self.agree is True and self.complete and self.error_probability <= LARGEST_ERROR


@final
@dataclass(frozen=True, slots=True)
class _Tried:
    """What was done at one assignment of sizes: draws, the chance that they mislead, whether coins were drowned, some values."""

    sizes: Mapping[str, int]
    numbers: Mapping[str, int]
    draws: int
    chance: float
    coins: int
    settled: bool
    place: Place


def fingerprint(left: Expr, right: Expr, *, seed: int = 0) -> Fingerprint:
    """Compare values modulo p at random data, for several assignments of sizes.

    Signs, as in relu, are atoms first; where that does not do, 1 for squares and -1 for others, with draws enough for the coins.
    """
    found = _Comparison(left, right, seed, "atoms").made()
    return _Comparison(left, right, seed, "squares").made() if found.agree is False and with_signs([left, right]) else found


def with_signs(roots: Iterable[Expr]) -> bool:
    """Whether functions stand in the expressions that take the sign of something."""
    return any(isinstance(n, Apply) and n.function.name in WITH_SIGN for n in postorder(roots, with_definition))


def draws_for(coins: int) -> int:
    """How many draws leave a chance of 1e-10 that a difference is hidden by coins, each of which may fall on the wrong side.

    A difference that is not zero shows for at least one way in which the coins may fall: of n draws all miss it with a chance
    of at most (1 - 2^-coins)^n. Where that takes too many draws, the usual few are made.
    """
    if not 0 < coins < MOST_COINS:
        return DRAWS
    return max(DRAWS, ceil(log(LARGEST_ERROR / 10) / log(1.0 - 0.5**coins)))


@final
class _Comparison:
    """One comparison: the sizes that were tried, those at which only one side has a value, and the draws that are left."""

    def __init__(self, left: Expr, right: Expr, seed: int, signs: str) -> None:
        self.sides = [left, right]
        self.seed = f"equality {seed}"
        self.signs = signs
        self.names = size_names(self.sides)
        nodes = list(postorder(self.sides, with_definition))
        self.kinked = with_signs(self.sides)
        self.signed = self.kinked or any(has_even_root(node) for node in nodes)
        self.free = set() if self.signed else number_names(self.sides)
        self.inverses = [node for node in nodes if isinstance(node, PseudoInverse)]
        self.tried: list[_Tried] = []
        self.one_sided: list[tuple[Mapping[str, int], int]] = []
        self.effort_left = MOST_EFFORT
        self.effort = 0
        self.degree = 0

    def made(self) -> Fingerprint:
        """The fingerprint at sizes tried one after another, until enough of them agree or the effort is spent."""
        fault = "No sizes were tried."
        for number, sizes in enumerate(size_choices(self.sides)):
            if self.enough:
                break
            try:
                sides = written_out(self.sides, partial(extent, sizes))
                if not self._fits(sides, sizes, number):
                    continue
                found = self._at(sides, sizes, self._numbers(sizes, number))
            except UnsupportedError as error:
                return Fingerprint(None, 1.0, str(error))
            except NoRootsError as error:
                fault = str(error)
                if not self.tried:
                    return Fingerprint(None, 1.0, fault)
                continue
            except EvaluationError as error:
                fault = str(error)
                self._note_one_sided(sizes)
                continue
            if not found:
                return Fingerprint(False, 1.0, "modulo a prime of 74 bits they differ" + _at_words(sizes), sizes, signs=self.signed)
        if not self.tried:
            return Fingerprint(None, 1.0, fault)
        return self._of_lower_rank() or self._judged()

    @property
    def enough(self) -> bool:
        fewest = ASSIGNMENTS + 2 * (len(self.names) > 2)
        wanted = min(max(fewest, self.degree + 2), MOST_ASSIGNMENTS) if self.names else 1
        return len(self.tried) >= wanted

    def _fits(self, sides: Sequence[Expr], sizes: Mapping[str, int], number: int) -> bool:
        """Whether the arrays are small enough to be worth their time; data at which many even roots exist are hard to find."""
        work, roots = 0, 0
        for node in postorder(sides, value_operands):
            rows, columns = (extent(sizes, size) for size in rows_and_columns(node.shape))
            if rows * columns > MOST_ENTRIES:
                return False
            work += rows * columns * (extent(sizes, rows_and_columns(node.left.shape)[1]) if isinstance(node, MatMul) else 1)
            roots += has_even_root(node) * (1 if isinstance(node, Norm) else rows * columns)
        self.effort = work * (1 + roots)
        return (work <= MOST_WORK and roots <= MOST_ROOTS) or (number < 2 and not self.tried)

    def _numbers(self, sizes: Mapping[str, int], number: int) -> dict[str, int]:
        """Elements of the field for sizes that are no extents, every other time."""
        rng = Random(f"{self.seed} {number}")
        return {name: rng.randrange(1, PRIME) for name in sizes if name in self.free} if number % 2 else {}

    def _at(self, sides: Sequence[Expr], sizes: Mapping[str, int], numbers: Mapping[str, int]) -> bool:
        """Whether the sides agree at some sizes; what was tried is noted.

        Raises:
            EvaluationError: there is no value.
        """
        done, missing, bound, coins, settled = 0, 0, 1, 0, True
        values = configurations(sides, partial(_extents, sizes))
        few = max(DRAWS, min(values, MOST_CONFIGURATIONS))
        wanted = few
        place: Place | None = None
        while done < wanted:
            try:
                seed = f"{self.seed} {done + missing}"
                here = drawn(
                    sides, seed, sizes, signs=self.signs, attempts=(False,), numbers=numbers, configuration=(done + missing) % values
                )
            except UnsupportedError:
                raise
            except EvaluationError:
                missing += 1
                if not self.kinked or missing > MORE_TRIES + done:
                    raise
                continue
            if here.values[sides[0]] != here.values[sides[1]]:
                return False
            if place is None:
                place = here
                bound = max(bound, degree_bound(sides, here))
                coins = here.coins
                wanted = draws_for(coins) * few // DRAWS if coins else few
                settled = not coins or (coins < MOST_COINS and wanted * self.effort <= self.effort_left)
                wanted = wanted if settled else max(few, FEW_DRAWS if self.kinked else DRAWS)
                self.effort_left -= wanted * self.effort if coins else 0
            done += 1
        assert place is not None
        doubt = (1.0 - 0.5**coins) ** (done * DRAWS // few) if coins else 0.0
        settled = settled and values <= MOST_CONFIGURATIONS and not (missing and values > 1)
        chance = min(1.0, min(1.0, bound / PRIME) ** (DRAWS if values == 1 else 1) * values + doubt)
        self.degree = max(self.degree, size_degree(sides, place, set(self.names) - self.free))
        self.tried.append(_Tried(sizes, numbers, done, chance, coins, settled, place))
        return True

    def _note_one_sided(self, sizes: Mapping[str, int]) -> None:
        """Note sizes at which one side alone has a value."""
        has = [self._has_value(side, sizes) for side in self.sides]
        if has[0] is not has[1] and None not in has:
            self.one_sided.append((sizes, has.index(False)))

    def _has_value(self, side: Expr, sizes: Mapping[str, int]) -> bool | None:
        """Whether a side has a value at some sizes; None where that is not known."""
        for attempt in range(1 + MORE_TRIES * self.kinked):
            try:
                drawn(written_out([side], partial(extent, sizes)), f"{self.seed} {attempt}", sizes, signs=self.signs, attempts=(False,))
            except (NoRootsError, UnsupportedError):
                return None
            except EvaluationError:
                continue
            return True
        return False

    def _of_lower_rank(self) -> Fingerprint | None:
        """A difference at matrices of lower rank, where pseudo-inverses have values as well."""
        below = postorder(self.inverses, with_definition)
        symbols = [n for n in below if isinstance(n, Symbol) and ndim(n.shape) == 2 and not n.assumed]
        places = [tried for tried in self.tried if any(min(tried.place.point.extents(s.shape)) > 1 for s in symbols)]
        for tried in places[:2]:
            sides = written_out(self.sides, partial(extent, tried.sizes))
            for chosen in dict.fromkeys([tuple(symbols), *((symbol,) for symbol in symbols)]):
                values = {s.name: lower_rank(*tried.place.point.extents(s.shape), f"{self.seed} {s.name}") for s in chosen}
                try:
                    place = drawn(sides, self.seed, tried.sizes, signs=self.signs, attempts=(False,), values=values)
                except EvaluationError:
                    continue
                if place.values[sides[0]] != place.values[sides[1]]:
                    names = tuple(values)
                    where = f"where {', '.join(names)} {'is' if len(names) == 1 else 'are'} of lower rank"
                    reason = f"modulo a prime of 74 bits they differ {where}"
                    return Fingerprint(False, 1.0, reason, tried.sizes, signs=self.signed, deficient=names)
        return None

    def _judged(self) -> Fingerprint:
        counted = [tried for tried in self.tried if tried.settled]
        chance = min(1.0, sum(tried.chance for tried in counted)) if len(counted) >= min(SETTLED, len(self.tried)) else 1.0
        text = f"equal modulo a prime of 74 bits at random data{self._tried_words()}"
        if self.one_sided:
            sizes, side = self.one_sided[0]
            no_value = f"but{_at_words(sizes)} the {SIDES[side]} side has no value while the other has one"
            return Fingerprint(True, chance, f"{text}; {no_value}", sizes, complete=False, signs=self._coined)
        complete = self.degree + 2 <= len(self.tried) or self._free_of_extents()
        if not complete:
            text += f"; but sizes stand in them to the power {self.degree}, which so few do not tell"
        elif chance > LARGEST_ERROR:
            text += "; but where the signs of roots depend on each other, different expressions may agree there as well"
        else:
            text += f"; expressions that differ there would agree with a chance of at most {chance:.0e}"
            text += "; other sizes are not proved" if self._bound_names else ""
        return Fingerprint(True, chance, text, self.tried[-1].sizes, complete=complete, signs=self._coined)

    @property
    def _coined(self) -> bool:
        return any(tried.coins for tried in self.tried)

    @property
    def _bound_names(self) -> list[str]:
        return [name for name in self.names if name not in self.free]

    def _free_of_extents(self) -> bool:
        """Whether they agree where sizes that are written as numbers are random, whatever the extents: so for all numbers."""
        for tried in self.tried:
            rng = Random(f"{self.seed} numbers")
            numbers = {name: rng.randrange(1, PRIME) for name in self.names}
            sides = written_out(self.sides, partial(extent, tried.sizes))
            try:
                place = drawn(sides, self.seed, tried.sizes, signs=self.signs, attempts=(False,), numbers=numbers)
            except EvaluationError:
                return False
            if place.values[sides[0]] != place.values[sides[1]]:
                return False
        return True

    def _tried_words(self) -> str:
        """Which sizes were tried, at how many data each."""
        if not self.names:
            return f", {self.tried[0].draws} points"
        names = self._bound_names
        parts = []
        if len(names) > MOST_LISTED:
            parts.append(f"{len(self.tried)} choices of the {len(names)} sizes")
        elif names:
            (listed,) = (", ".join(names),) if len(names) == 1 else (f"({', '.join(names)})",)
            found = [[str(tried.sizes[name]) for name in names] for tried in self.tried]
            unique = dict.fromkeys(row[0] if len(row) == 1 else f"({', '.join(row)})" for row in found)
            parts.append(f"{listed} = {', '.join(unique)}")
        if self.free:
            parts.append(f"{', '.join(name for name in self.names if name in self.free)} small and random modulo the prime")
        return f" for {' and '.join(parts)}, at {min(tried.draws for tried in self.tried)} points each or more"


def _at_words(sizes: Mapping[str, int]) -> str:
    return f" at {', '.join(f'{name} = {number}' for name, number in sizes.items())}" if sizes else ""


def _extents(sizes: Mapping[str, int], shape: Shape) -> tuple[int, int]:
    rows, columns = (extent(sizes, size) for size in rows_and_columns(shape))
    return rows, columns


def lower_rank(rows: int, columns: int, seed: str) -> Matrix:
    """A matrix of small whole numbers whose rank is one less than it could be; of a single row or column, any."""
    rng = Random(seed)
    rank = max(1, min(rows, columns) - 1)
    left = [[rng.choice((-3, -2, -1, 1, 2, 3)) for _ in range(rank)] for _ in range(rows)]
    right = [[rng.choice((-3, -2, -1, 1, 2, 3)) for _ in range(columns)] for _ in range(rank)]
    assert shape_of(left)[1] == shape_of(right)[0]
    return [[sum(a * right[k][j] for k, a in enumerate(row)) for j in range(columns)] for row in left]
