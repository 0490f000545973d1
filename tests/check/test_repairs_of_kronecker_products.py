"""Repairs of Kronecker products: their sides, what is put to them, and how large values are told apart."""

from __future__ import annotations

import random

import pytest

import matcalc as mc
from matcalc.derivation_check.tree_values import shape_in, times, value_in
from matcalc.derivation_check.trees import Bracket, Leaf, Node, Row, Terms, Value
from matcalc.exact.field import Matrix
from matcalc.language.sizes import Shape, shape_of

X, A, B = mc.matrix("X", "m", "n"), mc.matrix("A", "p", "m"), mc.matrix("B", "n", "q")
NAMES = mc.Model(names=[X, A, B])
LEFT = r"\frac{\partial \operatorname{vec}(A X B)}{\partial \operatorname{vec}(X)^\top}"
TURNED = r"\frac{\partial \operatorname{vec}((A X)^\top)}{\partial \operatorname{vec}(X)^\top}"
SHORT = r"\frac{\partial \operatorname{vec}(X B)}{\partial \operatorname{vec}(X)^\top}"


@pytest.mark.parametrize(
    ("left", "right", "kinds"),
    [
        (LEFT, r"A \otimes B^\top", ("order",)),
        (LEFT, r"B \otimes A", ("transpose",)),
        (LEFT, r"B^\top \otimes A^\top", ("transpose",)),
        (LEFT, r"B \otimes A^\top", ("other-layout",)),
        (LEFT, r"A^\top \otimes B", ("other-layout", "order")),
        (LEFT, r"B^\top", ("missing-factor",)),
        (LEFT, r"2 B^\top \otimes A", ("extra-factor",)),
        (LEFT, r"-(B^\top \otimes A)", ("sign",)),
        (SHORT, r"B^\top", ("missing-factor",)),
        (SHORT, r"\mathbf{I}_m \otimes B^\top", ("order",)),
        (TURNED, r"(\mathbf{I}_n \otimes A) \mathbf{K}_{m,n}", ("order",)),
        (TURNED, r"A \otimes \mathbf{I}_n", ("missing-factor",)),
    ],
)
def test_the_first_repair(left: str, right: str, kinds: tuple[str, ...]) -> None:
    (link,) = mc.check(f"{left} = {right}", NAMES, layout="numerator").links
    assert not link.ok
    repair = link.repairs[0]
    assert set(repair.kinds) == set(kinds), link.repairs
    (again,) = mc.check(f"{left} = {repair.latex}", NAMES, layout="numerator").links
    assert again.ok


P = 2_147_483_629


def leaf(rng: random.Random, rows: int, columns: int) -> Node:
    matrix: Matrix = [[rng.randrange(P) for _ in range(columns)] for _ in range(rows)]
    shape: Shape = () if rows == columns == 1 else shape_of(rows, columns)
    return Leaf("A", Value(shape, matrix))


def drawn(rng: random.Random, rows: int, columns: int, depth: int) -> Node:
    """A tree of a shape: products, also with numbers and with inner products before them, transposes, sums, entrywise and ⊗."""
    if depth == 0:
        return leaf(rng, rows, columns)
    match rng.choice(["product", "number", "inner", "bracket", "terms", "hadamard", "kron"]):
        case "product":
            inner = rng.choice((2, 3, 5))
            return Row("product", (drawn(rng, rows, inner, depth - 1), drawn(rng, inner, columns, depth - 1)), (" ",))
        case "number":
            return Row("product", (leaf(rng, 1, 1), drawn(rng, rows, columns, depth - 1)), (" ",))
        case "inner":
            return Row("product", (leaf(rng, 1, 3), leaf(rng, 3, 1), drawn(rng, rows, columns, depth - 1)), (" ", " "))
        case "bracket":
            return Bracket("(", drawn(rng, columns, rows, depth - 1), ")^T", True)
        case "terms":
            return Terms(("-", "+", "-"), tuple(drawn(rng, rows, columns, depth - 1) for _ in range(3)))
        case "hadamard":
            return Row("hadamard", (drawn(rng, rows, columns, depth - 1), drawn(rng, rows, columns, depth - 1)), (r"\odot",))
        case _:
            a, b = (rng.choice([d for d in range(1, count + 1) if count % d == 0]) for count in (rows, columns))
            return Row("kron", (drawn(rng, a, b, depth - 1), drawn(rng, rows // a, columns // b, depth - 1)), (r"\otimes",))


@pytest.mark.parametrize("seed", range(200))
def test_a_tree_times_a_column_is_its_value_times_the_column(seed: int) -> None:
    rng = random.Random(seed)
    rows, columns = rng.choice(((6, 10), (4, 15), (6, 6), (12, 2)))
    tree = drawn(rng, rows, columns, 3)
    assert shape_in(tree) is not None
    whole = value_in(tree, P)
    for turned, length in ((False, columns), (True, rows)):
        column = [rng.randrange(P) for _ in range(length)]
        found = times(tree, column, P, turned=turned)
        lines = zip(*whole, strict=True) if turned else whole
        assert found == [sum(a * b for a, b in zip(line, column, strict=True)) % P for line in lines]
