"""A seeded generator of scalars in index notation: written sums over two indices of entries, of functions of them, and of sums."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from matcalc.language import building as mc
from matcalc.language.elementwise import known_function
from matcalc.language.expressions import Expr, Index, IndexedSum
from matcalc.language.matrix_operations import entry, index, indexed_sum
from matcalc.language.traversal import postorder

I, J, H = index("i", "n"), index("j", "m"), index("h", "n")  # noqa: E741
X, Y, U, A, S = mc.vector("x", "n"), mc.row("y", "n"), mc.vector("u", "m"), mc.matrix("A", "m", "n"), mc.matrix("S", "n", "n")
C = mc.scalar("c")
FUNCTIONS = ("tanh", "sin", "exp", "sigmoid", "square", "gelu")


@final
class Sums:
    """Random written sums from one seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.parts: list[tuple[frozenset[Index], Expr]] = []
        self.count = 0

    def choice(self, options: Any) -> Any:
        return options[int(self.rng.integers(len(options)))]

    def closed(self, depth: int) -> Expr:
        """A scalar that leaves no index free: a sum, alone or in something."""
        over = self.choice((I, J, H))
        first = indexed_sum(over, self.open(frozenset({over}), depth))
        return first if self.rng.random() < 0.5 else first * self.open(frozenset(), depth) + C

    def open(self, around: frozenset[Index], depth: int) -> Expr:
        """A scalar under sums over the given indices; now and then one that stands elsewhere already."""
        old = [part for under, part in self.parts if under <= around and not _sums_over(part) & around]
        if old and self.rng.random() < 0.15:
            return self.choice(old)  # type: ignore[no-any-return]
        made = self._leaf(around) if depth == 0 else self._made(around, depth - 1)
        self.parts.append((around, made))
        return made

    def _leaf(self, around: frozenset[Index]) -> Expr:
        n = [i for i in (I, H) if i in around]
        m = [j for j in (J,) if j in around]
        options: list[Expr] = [C, mc.sum(X), mc.lift(2)]
        options += [entry(array, i) for i in n for array in (X, Y, A.T @ U)] + [entry(U, j) for j in m]
        options += [entry(A, j, i) for j in m for i in n] * 2
        options += [entry(S, i, k) for i in n for k in n]
        return self.choice(options[3:] if len(options) > 3 and self.rng.random() < 0.9 else options)  # type: ignore[no-any-return]

    def _made(self, around: frozenset[Index], depth: int) -> Expr:
        free = [i for i in (I, J, H) if i not in around]
        kind = self.choice(("sum", "sum", "product", "plus", "minus", "function", "quotient", "power", "let"))
        match kind:
            case "sum" if free:
                over = self.choice(free)
                return indexed_sum(over, self.open(around | {over}, depth))
            case "plus":
                return self.open(around, depth) + self.open(around, depth)
            case "minus":
                return -self.open(around, depth) - self.open(around, depth)
            case "function":
                inner = self.open(around, depth)
                return self.choice((mc.function("f"), *map(known_function, FUNCTIONS)))(inner / 3)  # type: ignore[no-any-return]
            case "quotient":
                quotient: Expr = self.open(around, depth) / (2 + self.open(around, depth) ** 2)
                return quotient
            case "power":
                squared: Expr = self.open(around, depth) ** self.choice((2, 3))
                return squared
            case "let" if not around:
                self.count += 1
                return mc.let(f"z_{self.count}", self.open(around, depth))
            case _:
                return self.open(around, depth) * self.open(around, depth)


def _sums_over(part: Expr) -> set[Index]:
    return {node.index for node in postorder([part]) if isinstance(node, IndexedSum)}


def written_sum(seed: int) -> Expr:
    """The random scalar of a seed."""
    return Sums(seed).closed(3 + seed % 4)
