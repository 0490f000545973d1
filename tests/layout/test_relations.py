"""Which matrices of a product are one, and of what kind each is."""

import pytest

from matcalc.language import building as mc
from matcalc.language.expressions import Expr
from matcalc.layout.arrangements import Kind
from matcalc.layout.relations import related

W, A, X = mc.matrix("W", "n", "n"), mc.matrix("A", "n", "n"), mc.matrix("X", "m", "n")
x, y = mc.vector("x", "n"), mc.vector("y", "n")
G = mc.let("G", X.T @ X)
I = mc.identity("n")  # noqa: E741

KINDS: dict[str, tuple[Expr, Kind]] = {
    "a general matrix": (W, Kind.GENERAL),
    "an antisymmetric one": (W - W.T, Kind.GENERAL),
    "a sum with its transpose": (W + W.T, Kind.SYMMETRIC),
    "a Gram matrix": (X.T @ X, Kind.SYMMETRIC),
    "a named Gram matrix": (G, Kind.SYMMETRIC),
    "its transpose": (G.T, Kind.SYMMETRIC),
    "an outer square": (mc.outer(x, x), Kind.SYMMETRIC),
    "an outer product": (mc.outer(x, y), Kind.GENERAL),
    "a softmax Jacobian": (mc.diag(mc.softmax(x)) - mc.outer(mc.softmax(x), mc.softmax(x)), Kind.SYMMETRIC),
    "diag": (mc.diag(x), Kind.DIAGONAL),
    "a sum of diag": (mc.diag(x) - 2 * I, Kind.DIAGONAL),
    "the identity": (I, Kind.IDENTITY),
    "a multiple of it": (mc.sum(x) * I, Kind.IDENTITY),
    "diag and more": (mc.diag(x) + W, Kind.GENERAL),
    "nothing": (W - W, Kind.ZERO),
    "a vector": (x, Kind.GENERAL),
    "diag of a Kronecker product": (mc.kron(mc.diag(x), I), Kind.DIAGONAL),
    "a commutation matrix of squares": (mc.commutation("n", "n"), Kind.SYMMETRIC),
}


@pytest.mark.parametrize(("part", "kind"), KINDS.values(), ids=KINDS)
def test_the_kind_of_a_matrix(part: Expr, kind: Kind) -> None:
    (matrix,), word = related([part])
    assert (matrix.kind, word) == (kind, ((0, False),))


@pytest.mark.parametrize(
    ("second", "letter"),
    [
        (W, (0, False)), (W.T, (0, True)), (-W, (0, False)), (3 * W.T, (0, True)), (A, (1, False)), (W + A, (1, False)),
        (W @ A, (1, False)),
    ],
    ids=["itself", "transposed", "negative", "transposed multiple", "another", "a sum", "a product"],
)  # fmt: skip
def test_a_part_is_found_again(second: Expr, letter: tuple[int, bool]) -> None:
    matrices, word = related([W, second])
    assert word == ((0, False), letter)
    assert len(matrices) == letter[0] + 1


def test_sums_are_found_again_in_any_order() -> None:
    assert related([W + A.T, A + W.T])[1] == ((0, False), (0, True))
    assert related([x - y, (y - x).T])[1] == ((0, False), (0, True))
