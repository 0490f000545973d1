"""Whether two expressions agree: values over a finite field at random points; floats where these prove nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import final

from matcalc.carrying_out import carried_out
from matcalc.derivation_check.worlds import World
from matcalc.equality import prove_equal
from matcalc.errors import EvaluationError, MatcalcError, UnsupportedError
from matcalc.exact.bench import Bench
from matcalc.exact.field import Matrix, UndefinedError
from matcalc.language.expressions import (
    Apply, ApplyMap, Determinant, Expr, Index, IndexedSum, Inverse, LogDeterminant, Norm, Number, Power, PseudoInverse, SizeNumber,
    Softmax, Symbol,
)  # fmt: skip
from matcalc.language.sizes import Size
from matcalc.language.traversal import postorder, with_definition
from matcalc.language.unrolling import at_indices, free_indices

ANY_SIZE = 3  # how far a letter runs that stands at no axis
ENTRIES = 3  # first and second ones, and one on the diagonal
MOST_NODES = 400
ENOUGH_POINTS = 8  # in floating point, of random data with all signs
AT_SOME_ONLY = "The two sides agree at some sizes or data only."
AT_DIFFERENT_SIZES = "It could not be decided: the two sides have values at different sizes only, as inverses of B^T B and B B^T have."
_AGREE = re.compile(r"agree at (\d+) random points")
NOT_ALGEBRAIC = frozenset({"log", "exp", "softplus", "sigmoid", "tanh", "relu", "leaky_relu", "abs", "sign", "step", "sqrt", "gelu"})


@final
class Equality:
    """Comparisons of expressions; what was found is kept."""

    def __init__(self) -> None:
        self._found: dict[tuple[Expr, Expr], tuple[bool | None, str]] = {}

    def of(self, left: Expr, right: Expr, world: World) -> tuple[bool | None, str]:
        """Whether both agree, None where that is not decided; and why they do not."""
        key = (left, right)
        if key not in self._found:
            self._found[key] = self._decided(left, right, world)
        return self._found[key]

    def _decided(self, left: Expr, right: Expr, world: World) -> tuple[bool | None, str]:
        try:
            why = different(left, right, world.each_bench((left, right)))
        except UndefinedError as error:
            return _without_values(left, right, world) or _proved(left, right, str(error))
        except (UnsupportedError, EvaluationError) as error:
            return _proved(left, right, str(error))
        if not why:
            if _only_at_equal_sizes(left, right, world):
                return None, f"{AT_DIFFERENT_SIZES} They agree where these sizes are equal."
            needs_proof = any(map(_takes_root, _nodes([left, right]))) or _may_hold_at_some_sizes(left, right)
            return _proved(left, right, AT_SOME_ONLY) if needs_proof else (True, "")
        return (False, why) if _is_conclusive([left, right]) else _proved(left, right, why)


def _without_values(left: Expr, right: Expr, world: World) -> tuple[bool | None, str] | None:
    """What is said where no sizes that differ give both sides values; None where the sides have values by themselves."""
    has = []
    for side in (left, right):
        try:
            has.append(bool(world.benches((side,))))
        except (EvaluationError, UndefinedError, UnsupportedError):
            has.append(False)
    if has == [True, False]:
        return False, "The right side has no value for general sizes: a matrix in it has no inverse."
    if has == [True, True]:
        return None, AT_DIFFERENT_SIZES
    return None


def _only_at_equal_sizes(left: Expr, right: Expr, world: World) -> bool:
    """Whether both have values together only where two sizes are equal, and each by itself where all differ."""
    if any(map(_sizes_differ, world.benches((left, right)))):
        return False
    return all(any(map(_sizes_differ, world.benches((side,)))) for side in (left, right))


def _sizes_differ(bench: Bench) -> bool:
    return len(set(bench.sizes.values())) == len(bench.sizes)


def different(left: Expr, right: Expr, benches: Iterable[Bench]) -> str:
    """How two expressions of one shape differ at random points; empty where they agree.

    Raises:
        EvaluationError: a side has no value there.
    """
    free = free_indices([left, right])
    sizes: dict[str, Size] = {index.name: ANY_SIZE for index in free}
    sizes.update((index.name, index.size) for index in free if index.size is not None)
    for bench in benches:
        first, second = (_values(side, sizes, bench) for side in (left, right))
        if first != second:
            return f"The two sides differ at some {', '.join(sorted(sizes))}." if sizes else "The values of the two sides differ."
    return ""


def _values(side: Expr, sizes: Mapping[str, Size], bench: Bench) -> list[Matrix]:
    """The values, none of them where all are zero, so that a zero has any shape."""
    if isinstance(side, Number) and not side.value:
        return []
    found = list(bench.all_values(side, sizes).values())
    return found if any(any(row) for matrix in found for row in matrix) else []


def _is_conclusive(sides: list[Expr]) -> bool:
    """Whether different values over a finite field refute: functions with identities that do not hold there are absent."""
    for node in postorder(sides, with_definition):
        if isinstance(node, LogDeterminant | Norm | Softmax):
            return False
        if isinstance(node, Apply) and node.function.known and node.function.name in NOT_ALGEBRAIC and _has_symbols(node):
            return False
        if isinstance(node, Power) and node.exponent.denominator != 1:
            return False
    return True


def _nodes(sides: list[Expr]) -> list[Expr]:
    return list(postorder(sides, with_definition))


def _may_hold_at_some_sizes(left: Expr, right: Expr) -> bool:
    """Whether two choices of sizes and data prove little: sizes are numbers here, a side has a value at some sizes, data are chosen."""
    here = list(postorder([left, right]))
    if any(isinstance(node, Index | IndexedSum) for node in here):
        return False  # entries are compared one by one, which takes too long at more sizes
    if any(isinstance(node, SizeNumber | Determinant | LogDeterminant | Inverse | PseudoInverse) for node in here):
        return True
    return any(isinstance(node, Symbol) and node.assumed for node in _nodes([left, right]))


def _takes_root(node: Expr) -> bool:
    """Whether a node is a root, of which the field has two and no sign tells one from the other."""
    if isinstance(node, Power):
        return node.exponent.denominator % 2 == 0
    return isinstance(node, Apply) and node.function.name == "sqrt" and node.function.known and _has_symbols(node)


def _has_symbols(node: Expr) -> bool:
    """Whether random data stand in an expression; signs of whole numbers are the true ones."""
    return any(isinstance(each, Symbol | ApplyMap) for each in postorder([node], with_definition))


def _proved(left: Expr, right: Expr, why: str) -> tuple[bool | None, str]:
    """What `prove_equal` says of the sides with their derivatives carried out; of entries, of some."""
    free = free_indices([left, right])
    if free:
        return _some_entry(left, right, why)
    try:
        proof = prove_equal(carried_out(left), carried_out(right))
    except MatcalcError as error:
        return None, f"It could not be decided: {str(error).splitlines()[0]}"
    if proof.verdict == "undecided":
        points = _AGREE.search(proof.reason)
        if points is not None and int(points[1]) >= ENOUGH_POINTS:
            return True, ""
        return None, f"It could not be decided: {proof.reason}"
    return proof.verdict == "equal", why


def _some_entry(left: Expr, right: Expr, why: str) -> tuple[bool | None, str]:
    """Whether an entry of two sides differs in floating point: the first ones are looked at, since each takes long."""
    names = sorted({index.name for index in free_indices([left, right])})
    for turn in range(ENTRIES):
        numbers = {name: 1 if turn == 1 else 1 + (k + turn) % 2 for k, name in enumerate(names)}
        sides = [at_indices(side, {index: numbers[index.name] for index in free_indices([side])}) for side in (left, right)]
        if sum(1 for _ in postorder(sides, with_definition)) > MOST_NODES:
            return None, "It could not be decided: the sums are too long for floating point."
        agrees, said = _proved(sides[0], sides[1], why)
        if agrees is not True:
            return agrees, said
    return True, ""
