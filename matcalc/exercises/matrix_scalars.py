"""Random scalars and matrices of a matrix: traces, bilinear forms, squared norms, batches, outer products, vec."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import final

from matcalc.exercises.vocabulary import VARIABLES, Vocabulary
from matcalc.language.building import inv, kron, let, logdet, matrix, norm, ones, trace
from matcalc.language.building import sum as total
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.sizes import Dim

HALF = Fraction(1, 2)


@final
@dataclass(frozen=True)
class Scene:
    """A quantity with the variables by which a task may ask to derive it."""

    of: Let
    variables: tuple[Symbol | Let, ...]


@final
class _Words:
    """A matrix variable and words of constants and of it."""

    def __init__(self, rng: random.Random, square: bool = False) -> None:
        self.rng = rng
        self.names = Vocabulary(rng)
        self.p = self.names.size()
        self.q = self.p if square else self.names.size()
        name = rng.choice(VARIABLES)
        self.names.used(name)
        made = matrix(name, self.p, self.q)
        assert isinstance(made, Symbol)
        self.X = made

    def word(self, start: str, end: str, times: int) -> Expr:
        """A product from one size to another in which the variable stands so many times, with constants between."""
        parts: list[Expr] = []
        at = start
        for _ in range(times):
            ways = [(self.p, self.X, self.q), (self.q, self.X.T, self.p)]
            fitting = [way for way in ways if way[0] == at]
            if fitting and self.rng.random() < 0.6:
                _, factor, after = self.rng.choice(fitting)
            else:
                before, factor, after = self.rng.choice(ways)
                parts.append(self.constant(at, before))
            parts.append(factor)
            at = after
        if at != end or self.rng.random() < 0.3:
            parts.append(self.constant(at, end))
        made = parts[0]
        for part in parts[1:]:
            made = made @ part
        return made

    def constant(self, rows: str, columns: str) -> Expr:
        """A constant matrix, sometimes written transposed."""
        if self.rng.random() < 0.3:
            return self.names.matrix(columns, rows).T
        return self.names.matrix(rows, columns)

    def scene(self, value: Expr, *others: Symbol | Let) -> Scene:
        """A named scalar or matrix."""
        name = self.names.cost_name() if not value.shape else "Y"
        made = let(name, value)
        assert isinstance(made, Let)
        return Scene(made, (self.X, *others))


def trace_of_word(rng: random.Random, times: int) -> Scene:
    """tr(A X B X^T ...)."""
    w = _Words(rng)
    start = rng.choice((w.p, w.q, w.names.size()))
    return w.scene(trace(w.word(start, start, times)))


def bilinear(rng: random.Random, times: int) -> Scene:
    """a^T A X B b."""
    w = _Words(rng)
    rows, columns = rng.choice((w.p, w.q, w.names.size())), rng.choice((w.p, w.q))
    left, right = w.names.vector(rows), w.names.vector(columns)
    value = left.T @ w.word(rows, columns, times) @ right
    return w.scene(value, left, right)


def squared_distance(rng: random.Random, times: int) -> Scene:
    """||A X B - C||^2 / 2, of a matrix or of a vector."""
    w = _Words(rng)
    rows, columns = rng.choice((w.p, w.q, w.names.size())), rng.choice((w.p, w.q))
    word = w.word(rows, columns, times)
    if rng.random() < 0.5:
        x = w.names.vector(columns)
        return w.scene(HALF * norm(word @ x - w.names.vector(rows, "target")) ** 2, x)
    distance = norm(word - w.names.matrix(rows, columns)) ** 2
    return w.scene(HALF * distance if rng.random() < 0.7 else distance)


def weighted_entries(rng: random.Random, times: int) -> Scene:
    """The sum of the entries of (A X B) ⊙ M, or of a function of it."""
    w = _Words(rng)
    rows, columns = rng.choice((w.p, w.q, w.names.size())), rng.choice((w.p, w.q))
    word, weights = w.word(rows, columns, times), w.names.matrix(rows, columns)
    ways: tuple[Callable[[], Expr], ...] = (
        lambda: total(word * weights), lambda: total(weights * w.names.unknown()(word)), lambda: total(w.names.unknown()(word)),
        lambda: HALF * total(weights * word * word), lambda: trace(weights.T @ w.names.unknown()(word)),
    )  # fmt: skip
    return w.scene(rng.choice(ways)())


def batch(rng: random.Random, times: int) -> Scene:
    """A layer of a batch with its samples as rows or columns, and the mean of a loss."""
    w = _Words(rng)
    n, width = "N", w.p
    rows = rng.random() < 0.5
    data = matrix("D", *((n, w.q) if rows else (w.q, n)))
    b = w.names.vector(width)
    one = ones(n)
    z = let("Z" if w.X.name != "Z" else "S", data @ w.X.T + one @ b.T if rows else w.X @ data + b @ one.T)
    out: Expr = z
    if times > 1:
        out = let("O", w.names.unknown()(z))
    target = matrix("Y", *((n, width) if rows else (width, n)))
    ways: tuple[Callable[[], Expr], ...] = (
        lambda: HALF / Dim((n,)) * norm(out - target) ** 2, lambda: HALF * norm(out - target) ** 2,
        lambda: 1 / Dim((n,)) * total(target * out), lambda: 1 / Dim((n,)) * total(w.names.unknown()(out - target)),
        lambda: 1 / Dim((n,)) * total(w.names.unknown()(out)),
    )  # fmt: skip
    assert isinstance(b, Symbol) and isinstance(z, Let)
    return w.scene(rng.choice(ways)(), b, z)


def outer_product(rng: random.Random, times: int) -> Scene:
    """A scalar of the matrix u v^T."""
    w = _Words(rng)
    u, v = w.names.vector(w.p), w.names.vector(w.q)
    product = let("S", u @ v.T)
    ways: tuple[Callable[[], Expr], ...] = (
        lambda: HALF * norm(w.X - product) ** 2, lambda: total(w.X * product), lambda: total(w.X * w.names.unknown()(product)),
        lambda: trace(w.X.T @ product @ w.word(w.q, w.q, times)), lambda: total(w.names.unknown()(w.X - product)),
    )  # fmt: skip
    assert isinstance(product, Let)
    return w.scene(rng.choice(ways)(), u, v, product)


def inverse(rng: random.Random, times: int) -> Scene:
    """A scalar of the inverse or of the determinant."""
    w = _Words(rng, square=True)
    a, b = w.names.vector(w.p), w.names.vector(w.p)
    ways: tuple[Callable[[], Expr], ...] = (
        lambda: a.T @ inv(w.X) @ b, lambda: logdet(w.X) + a.T @ w.X @ b, lambda: trace(w.names.matrix(w.p, w.p) @ inv(w.X)),
        lambda: logdet(w.names.matrix(w.p, w.p) @ w.X @ w.names.matrix(w.p, w.p)) - trace(w.X @ w.names.matrix(w.p, w.p)),
        lambda: logdet(w.X) + HALF * a.T @ inv(w.X) @ a,
    )  # fmt: skip
    return w.scene(rng.choice(ways)(), a)


def whole_matrix(rng: random.Random, times: int) -> Scene:
    """A matrix of a matrix, to be derived by vec."""
    w = _Words(rng)
    rows, columns = rng.choice((w.p, w.q, w.names.size())), rng.choice((w.p, w.q))
    word = w.word(rows, columns, times)
    ways: tuple[Callable[[], Expr], ...] = (
        lambda: word, lambda: word + w.names.matrix(rows, columns), lambda: w.names.matrix(rows, columns) * word,
        lambda: w.names.scalar() * word, lambda: w.names.unknown()(word), lambda: word @ w.names.vector(columns),
        lambda: kron(word, w.names.vector(w.names.size())) if times == 1 else word,
    )  # fmt: skip
    return w.scene(rng.choice(ways[: 6 if times > 1 else 7])())


def transposable(rng: random.Random, level: int) -> Expr:
    """An expression to be transposed: a product, with a sum, an entrywise product or a transpose in it."""
    w = _Words(rng)
    sizes = [w.p, w.q, w.names.size()]
    rows, inner, columns = (rng.choice(sizes) for _ in range(3))
    first = w.word(rows, inner, rng.choice((1, level)))
    if level > 1:
        second = w.word(inner, columns, rng.choice((1, level - 1)))
        inside: Expr = rng.choice((
            lambda: second + w.names.matrix(inner, columns), lambda: w.names.matrix(inner, columns) * second,
            lambda: second - w.names.vector(inner) @ w.names.vector(columns).T, lambda: second + second,
        ))()  # fmt: skip
        first = first @ inside if level == 2 or rng.random() < 0.5 else inside.T @ first.T
        columns = str(first.shape[1])
    else:
        columns = inner
    if rng.random() < 0.5:
        return first @ w.names.vector(columns) @ (w.names.vector(w.q).T if rng.random() < 0.5 else w.names.vector(w.p).T)
    return first


SCALARS_OF_MATRICES = (trace_of_word, bilinear, squared_distance, weighted_entries, batch, outer_product, inverse)
