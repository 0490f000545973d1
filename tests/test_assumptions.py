"""What is assumed is used: in results, in proofs and in the data of tests; and data that break it are refused."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import EvaluationError, MatcalcError, ReadError, UnknownNameError
from matcalc.exact.assumed_data import assumed_matrix, chosen_values, configurations
from matcalc.exact.field import PRIME, determinant, product, transposed, unit
from matcalc.language.assumed import properties_of, unified
from matcalc.language.assumptions import PROPERTIES, assumption_of
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.traversal import postorder
from matcalc.numeric.assumed_data import CONDITIONS, broken
from matcalc.numeric.drawing import draw
from matcalc.numeric.tape import jacobian
from tests.oracle import close, laid_out_by_definition

N, M = mc.dims("n m")
LAYOUTS = ("numerator", "denominator")


def square(assume: str, name: str = "A") -> Expr:
    return mc.matrix(name, N, N, assume=assume)


x, z, w = mc.vector("x", N), mc.vector("z", N), mc.vector("w", M)
X, B = mc.matrix("X", N, M), mc.matrix("B", N, N)
S, D, P, Q = square("symmetric", "S"), square("diagonal", "D"), square("positive definite", "P"), square("orthogonal", "Q")
V = mc.matrix("V", N, M, assume="orthogonal")  # orthonormal columns
hot, bits, signs = (mc.vector("y", N, assume=text) for text in ("one-hot", "in {0,1}", "in {-1,1}"))
shares, plus = mc.vector("p", N, assume="probability vector"), mc.vector("u", N, assume="positive")
Y = mc.matrix("Y", N, M, assume="rows one-hot")

# Of what, by what, and the result in denominator layout.
WRITTEN: dict[str, tuple[Expr, Expr, str]] = {
    "symmetric": (x.T @ S @ x, x, "2 S x"),
    "symmetric, affine": ((X @ w - z).T @ S @ (X @ w - z), w, "2 X^T S (X w - z)"),
    "symmetric, transposed": (x.T @ S.T @ z, x, "S z"),
    "diagonal": (x.T @ D @ x, x, "2 D x"),
    "positive definite": ((x - z).T @ mc.inv(P) @ (x - z) / 2, x, "P^-1 (x - z)"),
    "symmetric products": (mc.logdet(X.T @ B.T @ B @ X), X, "2 B^T B X (X^T B^T B X)^-1"),
    "orthogonal": (mc.norm(Q @ x) ** 2, x, "2 x"),
    "orthonormal columns": (mc.norm(V @ w) ** 2, w, "2 w"),
    "orthogonal inverse": (z.T @ mc.inv(Q) @ x, x, "Q z"),
    "one-hot": (-(hot.T @ mc.log(mc.softmax(z))), z, "softmax(z) - y"),
    "powers of bits": (x.T @ (bits**3), x, "y"),
    "powers of signs": (x.T @ (signs**2), x, "1_n"),
    "even functions of signs": (mc.sum(mc.cos(signs * x)), x, "-sin(x)"),
    "probabilities": (mc.sum(shares) * (x.T @ x), x, "2 x"),
    "rows one-hot": (mc.sum(Y) * (x.T @ x) / N, x, "2 x"),
    "positive": (mc.sum(mc.abs(plus) * x), x, "u"),
    "positive root": (mc.sum(mc.sqrt(plus**2) * x), x, "u"),
    "positive, by it": (mc.sum(mc.relu(plus)), plus, "1_n"),
    "beside its inverse": (mc.trace(mc.inv(B) @ mc.inv(B) @ B @ B @ x @ z.T), x, "z"),
    "inverse of a product": (mc.logdet(3 * B), B, "(B^-1)^T"),
    "softmax": (mc.log(mc.sum(mc.exp(x))), x, "softmax(x)"),
    "sigmoid": (mc.sum(mc.log(1 + mc.exp(x))), x, "sigmoid(x)"),
    "relu beside step": (mc.sum(mc.relu(x) ** 2), x, "2 (x ⊙ step(x))"),
    "deviations from a mean": ((mc.sum(x - mc.sum(x) / N * mc.ones(N)) + 1) * (z.T @ x), x, "z"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_result_is_written_with_what_is_assumed(name: str) -> None:
    of, by, denominator = WRITTEN[name]
    d = mc.derive(of, by, layout="denominator")
    assert repr(d.result) == denominator
    for layout in LAYOUTS:
        d = mc.derive(of, by, layout=layout)
        data = draw([of, by], np.random.default_rng(1))
        want = laid_out_by_definition(jacobian(of, by, data), (), by.shape, layout)
        close(d.result.evaluate(data.values, sizes=data.sizes), want, 1e-9)
        report = d.verify()
        assert report.ok, report
        assert all(step.verify() for step in d.steps)


def test_entries_of_a_symmetric_matrix_are_independent() -> None:
    """The derivative is that by all entries, and only then is the matrix symmetric."""
    of = x.T @ S @ z
    assert repr(mc.derive(of, S, layout="denominator").result) == "x z^T"
    assert repr(mc.derive(mc.trace(S.T @ S), S, layout="denominator").result) == "2 S"
    assert repr(mc.hessian(mc.trace(S @ S), S)) == "2 K_{n,n}"
    assert repr(mc.hessian(x.T @ S @ x, x)) == "2 S"
    assert mc.hessian(x.T @ S @ x, S, x).shape == mc.hessian(x.T @ B @ x, B, x).shape


def test_assumptions_come_with_text_too() -> None:
    shapes = {"x": "n", "A": "n n", r"\mathbf{y}": "n"}
    text = r"x^\top A x + \mathbf{y}^\top x"
    for assume, want in (("A symmetric", "2 A x + y"), (["A symmetric", "n > 2"], "2 A x + y"), ((), "(A + A^T) x + y")):
        assert repr(mc.derive(text, "x", shapes=shapes, assume=assume, layout="denominator").result) == want
    e = mc.parse(text, shapes=shapes)
    assert repr(mc.derive(e, "x", assume=["A positive definite"], layout="denominator").result) == "2 A x + y"
    assert repr(mc.derive(e.assuming("A symmetric"), "x", layout="denominator").result) == "2 A x + y"
    model = mc.Model(shapes=shapes, definitions=[f"C = {text}"], assume=["A symmetric"])
    assert repr(mc.derive(model["C"], "x", layout="denominator").result) == "2 A x + y"
    assert "symmetric" in properties_of(model.symbols["A"])


def test_what_is_assumed_of_a_name_holds_wherever_it_stands() -> None:
    of = x.T @ mc.matrix("S", N, N) @ x + x.T @ S @ x
    assert repr(mc.derive(of, x, layout="denominator").result) == "4 S x"
    one, other = unified([x.T @ S @ x, mc.matrix("S", N, N)])
    assert other in set(postorder([one]))
    assert mc.prove_equal(S.T, mc.matrix("S", N, N)).ok


def test_a_constant_is_not_derived_by() -> None:
    c = mc.vector("c", N, assume="constant")
    with pytest.raises(MatcalcError, match="c is assumed constant, so nothing is derived by it"):
        mc.derive(c.T @ x, c, layout="numerator")


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: mc.matrix("A", N, M, assume="symmetric"), ReadError, "only a square matrix is symmetric"),
        (lambda: mc.vector("y", N, assume="hot"), ReadError, "'y hot' is no assumption that is known"),
        (lambda: (x.T @ S @ x).assuming("T symmetric"), UnknownNameError, "names nothing that occurs as T"),
        (lambda: (x.T @ X @ w).assuming("X symmetric"), ReadError, "only a square matrix is symmetric"),
    ],
)
def test_what_cannot_be_assumed_is_refused(make: Callable[[], object], kind: type[MatcalcError], message: str) -> None:
    with pytest.raises(kind, match=message):
        make()


# ---- proofs ----------------------------------------------------------------------------------------------------------

PROVED: dict[str, tuple[Expr, Expr, Expr, Expr]] = {  # equal under an assumption; and the same without it
    "symmetric": (S.T, S, mc.matrix("S", N, N).T, mc.matrix("S", N, N)),
    "orthogonal": (Q @ Q.T, mc.identity(N), B @ B.T, mc.identity(N)),
    "one-hot": (hot * hot, hot, x * x, x),
    "sums to one": (mc.sum(hot), mc.parse("1", shapes={}), mc.sum(x), mc.parse("1", shapes={})),
    "signs": (signs * signs, mc.ones(N), x * x, mc.ones(N)),
    "diagonal": (D @ D @ S @ D, D @ (D @ S) @ D.T, B @ B @ S @ B, B @ (B @ S) @ B.T),
    "rows one-hot": (Y @ mc.ones(M), mc.ones(N), X @ mc.ones(M), mc.ones(N)),
    "products of one-hot rows": (Y.T @ Y, mc.diag(Y.T @ mc.ones(N)), X.T @ X, mc.diag(X.T @ mc.ones(N))),
    "diagonals commute": (D @ square("diagonal", "E"), square("diagonal", "E") @ D, S @ B, B @ S),
}


@pytest.mark.parametrize("name", PROVED)
def test_what_is_assumed_is_used_in_proofs(name: str) -> None:
    left, right, without, other = PROVED[name]
    proof = mc.prove_equal(left, right)
    assert proof.ok, proof
    assert proof.error_probability is not None and proof.error_probability <= 1e-9
    assert not mc.prove_equal(without, other).ok
    assert mc.prove_equal(left, 2 * right).verdict == "different"


def test_sizes_that_are_assumed_are_the_sizes_that_are_tried() -> None:
    wide = mc.matrix("G", M, N)
    for seed in range(4):
        found = [draw([mc.norm(wide @ x).assuming(text)], np.random.default_rng(seed)).sizes for text in ("m > n", "n >= 2 m")]
        assert found[0]["m"] > found[0]["n"] and found[1]["n"] >= 2 * found[1]["m"]
    with pytest.raises(EvaluationError, match="No sizes were found that fit what is assumed"):
        draw([mc.norm(wide @ x).assuming("m > n", "n > m")], np.random.default_rng(0))


def test_numbers_between_which_relations_hold_are_drawn() -> None:
    a, b = mc.scalar("a"), mc.scalar("b")
    for seed in range(5):
        data = draw([(a * x + b * x).assuming("a > 2 b", "0 < b < 1")], np.random.default_rng(seed))
        first, second = float(data.values["a"][0, 0]), float(data.values["b"][0, 0])
        assert first > 2 * second and 0 < second < 1


# ---- data ------------------------------------------------------------------------------------------------------------

OF_VECTORS = ("one-hot", "probability vector", "sums to one", "in {0,1}", "in {-1,1}", "positive", "negative", "nonnegative", "nonzero")
OF_TALL = ("orthogonal", "rows one-hot", "columns one-hot", "rows sum to one", "columns sum to one")
OF_SCALARS = ("integer", "positive integer")
OF_SQUARES = [name for name in CONDITIONS if name not in (*OF_VECTORS, *OF_TALL, *OF_SCALARS)]


def declared(name: str) -> Symbol:
    made: Expr
    if name == "det > 0":
        made = next(node for node in postorder([mc.det(B).assuming("det(B) > 0")]) if isinstance(node, Symbol))
    elif name in OF_SCALARS:
        made = mc.scalar("k", assume=name)
    elif name in OF_VECTORS:
        made = mc.vector("y", 7, assume=name)
    else:
        made = mc.matrix("A", 7, 5 if name in OF_TALL else 7, assume=name)
    assert isinstance(made, Symbol)
    return made


def test_every_property_is_in_the_tables() -> None:
    without_data = {"invertible", "full rank", "full column rank", "full row rank", "constant", "smooth", "probability vector"}
    assert {*PROPERTIES} - without_data | {"det > 0"} == {*CONDITIONS}


@pytest.mark.parametrize("name", [*OF_SQUARES, *OF_VECTORS, *OF_TALL, *OF_SCALARS])
def test_drawn_data_have_what_is_assumed_and_other_data_have_not(name: str) -> None:
    symbol = declared(name)
    for seed in range(6):
        data = draw([symbol], np.random.default_rng(seed), sizes={"n": 5} if name == "det > 0" else None)
        assert broken(symbol, data.values[symbol.name]) is None
    wrong: dict[str, Any] = {
        "negative": 1.0, "nonnegative": -1.0, "positive": -1.0, "nonzero": 0.0, "integer": 0.5, "positive integer": -2.0, "det > 0": 0.0,
        "positive semidefinite": -np.eye(7), "positive definite": -np.eye(7),
    }  # fmt: skip
    shape = data.values[symbol.name].shape
    array = np.random.default_rng(9).uniform(0.3, 1.3, shape) if name not in wrong else np.asarray(np.broadcast_to(wrong[name], shape))
    if name != "probability vector":  # which is one by what follows from it
        assert broken(symbol, array) == name


def test_values_that_break_an_assumption_are_refused() -> None:
    with pytest.raises(EvaluationError, match="S is assumed symmetric, and what was given is not"):
        (S @ x).evaluate({"S": [[1, 2], [3, 4]], "x": [1, 2]})
    assert (S @ x).evaluate({"S": [[1, 2], [2, 4]], "x": [1, 2]}).shape == (2, 1)
    assert (V @ w).evaluate({"V": [[0.6], [0.8]], "w": [2]}).shape == (2, 1)


def test_data_over_the_finite_field_have_the_algebra_of_what_is_assumed() -> None:
    rng = Random(1)
    table: dict[tuple[int, int], int] = {}

    def made(symbol: Any, rows: int, columns: int, which: int = 0) -> list[list[int]]:
        table.clear()

        def entry(i: int, j: int) -> int:
            return table.setdefault((i, j), rng.randrange(PRIME))

        return assumed_matrix(symbol, rows, columns, entry, PRIME, {symbol.name: which})

    for symmetric in (S, P, square("symmetric toeplitz", "T")):
        array = made(symmetric, 5, 5)
        assert array == transposed(array)
    assert all(v == 0 for i, row in enumerate(made(D, 5, 5)) for j, v in enumerate(row) if i != j)
    array = made(Q, 5, 5)
    assert product(transposed(array), array, PRIME) == unit(5)
    tall = made(V, 5, 3)
    assert product(transposed(tall), tall, PRIME) == unit(3)
    skew = made(square("skew-symmetric", "K"), 5, 5)
    assert determinant(skew, PRIME) == 0 and skew[2][1] == -skew[1][2] % PRIME
    toeplitz = made(square("toeplitz", "T"), 5, 5)
    assert all(toeplitz[i][j] == toeplitz[i + 1][j + 1] for i in range(4) for j in range(4))
    assert sum(v for row in made(shares, 5, 1) for v in row) % PRIME == 1
    assert [made(hot, 3, 1, which) for which in range(3)] == [[[int(i == k)] for i in range(3)] for k in range(3)]
    assert len({str(made(signs, 3, 1, which)) for which in range(8)}) == 8


def test_every_value_is_tried_of_what_takes_few() -> None:
    extents = {(N,): (3, 1), (N, M): (3, 2)}.__getitem__
    assert configurations([hot.T @ x], extents) == 3
    assert configurations([signs.T @ x, mc.sum(Y)], extents) == 8 * 8
    found = [tuple(chosen_values([signs.T @ x, mc.sum(Y)], extents, k).values()) for k in range(64)]
    assert len(set(found)) == 64
    first = mc.parse(r"\mathbf{y}_1", shapes={r"\mathbf{y}": "n"}, assume=[r"\mathbf{y} one-hot"])
    assert mc.prove_equal(first * first, first).ok
    assert not mc.prove_equal(hot.T @ x * (hot.T @ z), hot.T @ (x * z) * 2).ok


def test_relations_are_compared() -> None:
    made = assumption_of("2 n + m - 1 >= 3 k")
    assert made.holds({"n": 2, "m": 3, "k": 2}) is True
    assert made.holds({"n": 1, "m": 1, "k": 2}) is False
    assert made.holds({"n": 2, "m": 3}) is None
    assert assumption_of("0 < p < 1").holds({"p": 0.5}) is True
    assert assumption_of("det(X) > 0").holds({}, {"X": -1.0}) is False


def test_signs_beside_absolute_values() -> None:
    assert repr(mc.derive(mc.log(mc.abs(mc.det(B))), B, layout="denominator").result) == "(B^-1)^T"
    d = mc.derive(mc.sum(mc.log(mc.abs(x))), x, layout="denominator")
    assert repr(d.result) == "1/x" and d.verify().ok


def test_determinants_and_whole_numbers_are_as_assumed() -> None:
    assert mc.prove_equal(mc.abs(mc.det(B)).assuming("det(B) < 0"), -mc.det(B)).verdict != "different"
    for seed in range(4):
        assert np.linalg.det(draw([mc.det(B).assuming("det(B) < 0")], np.random.default_rng(seed)).values["B"]) < 0
    whole = draw([(mc.scalar("c") * x).assuming("c integer", "c > 5")], np.random.default_rng(0)).values["c"]
    assert whole > 5 and whole == np.rint(whole)
    with pytest.raises(EvaluationError, match="No random data were found for which 'det\\(P\\) < 0' holds"):
        draw([mc.det(P).assuming("det(P) < 0")], np.random.default_rng(0))
    with pytest.raises(EvaluationError, match="det\\(B\\) < 0 is assumed, and what was given does not fit"):
        mc.det(B).assuming("det(B) < 0").evaluate({"B": np.eye(3)})
    with pytest.raises(EvaluationError, match="m > n is assumed, and what was given does not fit"):
        mc.norm(mc.matrix("G", M, N)).assuming("m > n").evaluate({"G": np.ones((2, 3))})
    with pytest.raises(EvaluationError, match="needs other sizes than were given: orthonormal columns or full rank"):
        mc.norm(mc.matrix("G", M, N, assume="full column rank")).evaluate({"G": np.ones((2, 3))})


def test_a_named_quantity_takes_no_assumption() -> None:
    with pytest.raises(MatcalcError, match="'z positive': z is a named quantity"):
        mc.sum(mc.let("z", B @ x)).assuming("z positive")


def test_what_nothing_has_proves_nothing() -> None:
    left = mc.sum(mc.abs(x) * x).assuming("x one-hot", "x positive")
    assert mc.prove_equal(left, mc.sum(x * x)).verdict == "undecided"


def test_a_sum_of_powers_below_a_negative_exponent_is_refused() -> None:
    k = mc.scalar("k")
    d = mc.derive(mc.trace(B @ mc.matrix_power(square("invertible"), k)), "A", layout="denominator")
    values = {"A": [[2, 1], [0.5, 3]], "B": [[1, 2], [3, 4]], "k": -1}
    for form in (d.result, d.index_form):
        with pytest.raises(EvaluationError, match="for a negative exponent write the power of the inverse"):
            form.evaluate(values)
        assert np.abs(form.evaluate({**values, "k": 0})).max() == 0.0


def test_a_determinant_that_some_sizes_make_singular_is_verified_at_others() -> None:
    assert mc.derive(mc.logdet(X.T @ X), X, layout="numerator").verify().ok
