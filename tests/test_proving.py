"""Proofs of equality: what is equal, what is different with data that show it, and what stays undecided."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import DefinitionClashError, NoMatrixFormError
from matcalc.exact.fingerprints import draws_for, fingerprint
from matcalc.language.elementwise import known_function
from matcalc.language.expressions import Let
from matcalc.language.traversal import postorder, replaced
from tests.random_expressions import Generator

A, B = mc.matrix("A", "m", "n"), mc.matrix("B", "n", "m")
S, T, U = (mc.matrix(name, "n", "n") for name in "STU")
x, y, c = mc.vector("x", "n"), mc.vector("y", "n"), mc.scalar("c")
prove_equal = mc.prove_equal
f, step, sign = mc.function("f"), known_function("step"), known_function("sign")
I_m, I_n = mc.identity("m"), mc.identity("n")

i, r, k, g = mc.index("i", "n"), mc.index("r"), mc.scalar("k"), mc.matrix_function("g")
counted = mc.indexed_sum(i, (mc.dims("n") + 1 - i) * mc.entry(x, i))

EQUAL: dict[str, tuple[Any, Any, str]] = {
    "transpose of a product": ((A @ B).T, B.T @ A.T, "canonical form"),
    "cyclic trace": (mc.trace(S @ T @ U), mc.trace(T @ U @ S), "canonical form"),
    "unknown exponent": (mc.matrix_power(S @ T, k) @ S, S @ mc.matrix_power(T @ S, k), "mod p"),
    "unknown number of terms": (mc.indexed_sum(r, mc.matrix_power(S, r), 0, k - 1) @ (S - I_n), mc.matrix_power(S, k) - I_n, "mod p"),
    "powers of one matrix": (mc.matrix_power(S, k) @ S, mc.matrix_power(S, k + 1), "canonical form"),
    "quadratic form": (x.T @ S @ x, x.T @ S.T @ x, "canonical form"),
    "norm": (mc.norm(x) ** 2, x.T @ x, "canonical form"),
    "vec": (mc.vec(A @ S @ U), mc.kron(U.T, A) @ mc.vec(S), "canonical form"),
    "distributed": ((S + T) @ x, S @ x + T @ x, "expanded canonical form"),
    "sigmoid": (mc.sigmoid(x), 1 / (1 + mc.exp(-x)), "mod p"),
    "tanh": (mc.tanh(c), 2 * mc.sigmoid(2 * c) - 1, "mod p"),
    "exp": (mc.exp(x + y), mc.exp(x) * mc.exp(y), "mod p"),
    "shifted softmax": (mc.softmax(x + c), mc.softmax(x), "mod p"),
    "relu": (mc.relu(x), x * step(x), "mod p"),
    "relu twice": (mc.relu(mc.relu(x)), mc.relu(x), "mod p"),
    "abs": (mc.abs(c), mc.sqrt(c**2), "mod p"),
    "sign": (sign(x) ** 2, mc.ones("n"), "mod p"),
    "push-through": (mc.inv(I_m + A @ B) @ A, A @ mc.inv(I_n + B @ A), "mod p"),
    "determinant": (mc.det(S @ T), mc.det(S) * mc.det(T), "mod p"),
    "Sylvester": (mc.det(I_m + A @ B), mc.det(I_n + B @ A), "mod p"),
    "Woodbury": (mc.inv(S + B @ A), mc.inv(S) - mc.inv(S) @ B @ mc.inv(I_m + A @ mc.inv(S) @ B) @ A @ mc.inv(S), "mod p"),
    "homogeneous norm": (mc.norm(c * x), mc.abs(c) * mc.norm(x), "mod p"),
    "cube root": ((x**3) ** Fraction(1, 3), x, "mod p"),
    "unknown function": (f((x + y) ** 2), f(x**2 + 2 * x * y + y**2), "mod p"),
    "named": (mc.let("z", S @ x).T @ y, y.T @ S @ x, "mod p"),
    "written sum": (mc.indexed_sum(i, mc.entry(x, i) * mc.entry(y, i)), x.T @ y, "canonical form"),
    "sum of arrays": (mc.indexed_sum(i, mc.entry(x, i) * A), mc.sum(x) * A, "mod p"),
    "triangular sums": (mc.indexed_sum(i, mc.indexed_sum(r, mc.entry(x, r), 1, i)), counted, "mod p"),
    "sum in a let": (mc.let("z", mc.indexed_sum(i, mc.entry(x, i))) * c, mc.sum(c * x), "mod p"),
    "Gauss": (2 * mc.indexed_sum(i, i), mc.dims("n") ** 2 + mc.dims("n"), "mod p"),
    "geometric sum": (mc.indexed_sum(r, mc.matrix_power(S, r), 0, 3) @ (S - I_n), mc.matrix_power(S, 4) - I_n, "mod p"),
    "matrix powers": (mc.matrix_power(S, 3), S @ S @ S, "canonical form"),
    "negative matrix power": (mc.matrix_power(S, -2) @ S, mc.inv(S), "mod p"),
    "Penrose": (mc.pinv(A) @ A @ mc.pinv(A), mc.pinv(A), "mod p"),
    "pseudo-inverse of a transpose": (mc.pinv(A.T), mc.pinv(A).T, "mod p"),
    "cofactors": (mc.cofactor(S).T @ S, mc.det(S) * I_n, "mod p"),
    "1-norm": (mc.norm(x, 1), x.T @ sign(x), "mod p"),
}

DIFFERENT: dict[str, tuple[Any, Any]] = {
    "order": (S @ T, T @ S),
    "symmetric only": (2 * S @ x, (S + S.T) @ x),
    "right for positive numbers": (mc.sqrt(c**2), c),
    "right for positive vectors": (mc.relu(x), x),
    "right for positive factors": (mc.norm(c * x), c * mc.norm(x)),
    "linear f": (f(x + y), f(x) + f(y)),
    "size": (mc.sum(mc.ones("n")), 2),
    "pseudo-inverse": (mc.pinv(A), A.T),
    "pseudo-inverse as an inverse": (mc.pinv(A) @ A, I_n),
    "sum that starts late": (mc.indexed_sum(i, mc.entry(x, i), 2), mc.sum(x)),
    "entry": (mc.entry(x, i), mc.entry(y, i)),
    "index as a number": (r * c, c),
    "sum of indices": (mc.indexed_sum(i, i) * c, mc.dims("n") * c),
    "matrix exponential": (mc.expm(S + T), mc.expm(S) @ mc.expm(T)),
    "exponent": (mc.matrix_power(S, k), mc.matrix_power(S, k + 1)),
    "up to k": (mc.indexed_sum(r, mc.entry(x, r), 1, k), mc.sum(x)),
    "determinant of a sum": (mc.det(S + T), mc.det(S) + mc.det(T)),
}

UNDECIDED: dict[str, tuple[Any, Any]] = {
    "log-softmax": (mc.log(mc.softmax(x)), x - mc.log(mc.sum(mc.exp(x)))),
    "log of a product": (mc.logdet(S @ T), mc.logdet(S) + mc.logdet(T)),
    "log of exp": (mc.log(mc.exp(x)), x),
    "double angle": (mc.sin(2 * x), 2 * mc.sin(x) * mc.cos(x)),
    "many coins": (mc.sqrt(x) * mc.sqrt(y), mc.sqrt(x * y)),
    "matrix exponential": (mc.expm(S) @ mc.expm(S), mc.expm(2 * S)),
    "unknown matrix function": (g(S) @ S, S @ g(S)),
    "free index": (mc.entry(x, i) * 2, mc.entry(x, i) + mc.entry(x, i)),
}


@pytest.mark.parametrize("name", EQUAL)
def test_what_is_equal_is_proved(name: str) -> None:
    left, right, method = EQUAL[name]
    proof = prove_equal(left, right)
    assert (proof.verdict, proof.method, proof.ok, proof.counterexample) == ("equal", method, True, None)
    assert proof.error_probability is not None
    assert proof.error_probability <= (1e-9 if method == "mod p" else 0.0)


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_is_different_comes_with_data_that_show_it(name: str) -> None:
    left, right = (mc.trace(mc.identity(1)) * side if isinstance(side, int) else side for side in DIFFERENT[name])
    proof = prove_equal(left, right)
    assert (proof.verdict, proof.method, proof.error_probability) == ("different", "floats", None)
    example = proof.counterexample
    assert example is not None
    for side, told in ((left, example.left), (right, example.right)):
        value = side.evaluate(example.values, sizes=example.sizes, functions=example.functions)
        assert np.isclose(value[example.entry], told, rtol=1e-12)
    assert abs(example.left - example.right) > 1e-6 * max(abs(example.left), abs(example.right))
    place = f"entry {example.entry}" if left.shape else "the value"
    assert f"at random data {place} is {example.left:.6g} on the left, {example.right:.6g} on the right" in proof.reason


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_is_not_known_is_not_said(name: str) -> None:
    proof = prove_equal(*UNDECIDED[name])
    assert (proof.verdict, proof.ok, proof.error_probability, proof.counterexample) == ("undecided", False, None, None)
    assert "in floats they agree at" in proof.reason
    assert "which proves nothing" in repr(proof)


def test_shapes_are_compared_first() -> None:
    proof = prove_equal(A, B)
    assert (proof.verdict, proof.method) == ("different", "shapes")
    assert proof.reason == "the shapes differ: (m, n) and (n, m)"
    assert prove_equal(A @ x, S @ y).reason == "the shapes differ: (m,) and (n,)"


def test_a_transpose_is_called_one() -> None:
    proof = prove_equal(x.T @ S, S.T @ x)
    assert (proof.verdict, proof.reason) == ("different", "the shapes differ: (1, n) and (n,); one side is the transpose of the other")


def test_a_number_for_an_array_is_told_how_to_write_it() -> None:
    with_hint = prove_equal(x - x, 0)
    assert with_hint.verdict == "different"
    assert with_hint.reason.endswith("for an array with 0 in every entry write 0 * mc.ones('n')")
    assert prove_equal(x - x, 0 * mc.ones("n")).ok


def test_derivations_count_as_their_results() -> None:
    C = mc.sum(f(A @ x))
    layouts = [mc.derive(C, A, layout=layout) for layout in ("numerator", "denominator")]
    assert prove_equal(layouts[1], f.prime(A @ x) @ x.T).ok
    assert prove_equal(*layouts).reason == "the shapes differ: (n, m) and (m, n); one side is the transpose of the other"
    with pytest.raises(NoMatrixFormError, match=r"d\(A x\)/dA has 3 axes"):
        prove_equal(mc.derive(A @ x, A, layout="numerator"), x)


def test_what_a_proof_prints() -> None:
    first, second, *lines = repr(prove_equal(S @ f(x), f(S @ x))).splitlines()
    assert first.startswith("different (floats): at random data entry (")
    assert second.endswith("on the right (row and column from 0)")
    assert [line.split(" = ")[0] for line in lines] == ["  n", "  S", "  x", "  f: random smooth functions, in .functions"]
    big = mc.matrix("G", 4, 7)
    assert "  G = 4 x 7 numbers" in repr(prove_equal(big, 2 * big)).splitlines()
    equal = " ".join(repr(prove_equal(mc.tanh(c), 2 * mc.sigmoid(2 * c) - 1)).split())
    assert equal.startswith("equal (mod p): equal modulo a prime of 74 bits at random data, 2 points; ")
    by_chance = " ".join(repr(prove_equal(mc.relu(x), x * step(x))).split())
    assert "expressions that differ there would agree with a chance of at most" in by_chance


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("log-softmax", r"refutes nothing, since there log\(ab\) = log\(a\) \+ log\(b\) and log\(exp\(v\)\) = v do not hold$"),
        ("log of a product", r"log\(ab\) = log\(a\) \+ log\(b\)"),
        ("double angle", "refutes nothing, since there sin and cos of sums and multiples are not related$"),
        ("matrix exponential", r"expm\(S\) is a power series of a matrix, which has no exact value\.$"),
        ("free index", "The index i stands outside its sum"),
        ("many coins", "where the signs of roots depend on each other, different expressions may agree there as well$"),
    ],
)
def test_what_is_undecided_says_why(name: str, why: str) -> None:
    assert re.search(why, prove_equal(*UNDECIDED[name]).reason)


def test_numbers_count_as_expressions() -> None:
    assert prove_equal(mc.trace(I_n) / mc.dims("n"), 1).ok


def test_one_name_has_one_meaning() -> None:
    with pytest.raises(DefinitionClashError, match="z has two meanings: z = x and z = y"):
        prove_equal(mc.let("z", x), mc.let("z", y))


def test_data_that_do_not_exist_leave_it_open() -> None:
    proof = prove_equal(mc.inv(0 * x @ x.T) @ x, x)
    assert proof.verdict == "undecided"
    assert "singular" in proof.reason
    assert prove_equal(mc.inv(x @ x.T) @ x, x).verdict == "different"  # where n = 1


def test_draws_drown_the_coins() -> None:
    assert [draws_for(coins) for coins in (0, 1, 2, 4, 5, 80)] == [2, 34, 81, 357, 2, 2]
    assert (1 - 2**-4) ** 357 < 1e-9


def test_a_fingerprint_tells_its_doubt() -> None:
    sharp, vague = fingerprint(mc.relu(x), x * step(x)), fingerprint(*UNDECIDED["many coins"])
    assert sharp.proves
    assert sharp.error_probability < 1e-30
    assert vague.agree
    assert not vague.proves


@pytest.mark.parametrize("batch", range(10), ids="batch{}".format)
def test_nothing_that_differs_in_floats_is_called_equal(batch: int) -> None:
    """A random expression against itself with one part changed, often to something equal for some data only."""
    for seed in range(20 * batch, 20 * batch + 20):
        rng = np.random.default_rng(seed)
        of = Generator(seed, named=False).expression(depth=1 + seed % 4)
        nodes = [node for node in postorder([of]) if not isinstance(node, Let)]
        part = nodes[int(rng.integers(len(nodes)))]
        ways: list[Any] = [2 * part, -part, part + part, part * part, mc.abs(part), mc.relu(part), part + 0, mc.sqrt(part * part), part.T.T]
        other = replaced(of, {part: ways[int(rng.integers(len(ways)))]})
        if prove_equal(of, other).ok:
            assert prove_equal(of - other, 0 * of, seed=1).verdict != "different"
