"""The canonical form: equal forms have equal keys however indices are called and factors ordered; different ones have not."""

from __future__ import annotations

import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcalc.derivation import derive
from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.engine import Engine
from matcalc.index.form import Atom, Form, OpenTerm, delta, function_atom, variable
from matcalc.language import building as mc
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.sizes import Dim
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from tests import oracle

N = Dim(("n",))
A, B, X, Y = (mc.matrix(name, N, N) for name in "ABXY")
R, T = mc.matrix("R", "m", "n"), mc.matrix("T", "m", "n")
x, y, c = mc.vector("x", N), mc.vector("y", N), mc.scalar("c")
f: Any = mc.function("f")


def form_of(expression: Expr) -> Form:
    return Engine().lowered(expression).form


def atom(name: str, axes: int) -> Atom:
    node = Symbol(name, (N,) * axes)
    return variable(node, (N,) * axes)


ATOMS = [atom("A", 2), atom("B", 2), atom("v", 1), atom("w", 1), function_atom(ElementwiseFunction("f"), form_of(X @ Y))]
FREE = 2
ROOT = Path(__file__).parents[2]


@st.composite
def open_terms(draw: st.DrawFn) -> list[tuple[int, list[tuple[Atom, tuple[int, ...], int]]]]:
    """Sums of products on two free indices and at most five summed ones."""
    terms = []
    for _ in range(draw(st.integers(1, 3))):
        chosen = draw(st.lists(st.sampled_from(ATOMS), min_size=1, max_size=6))
        factors = []
        for a in chosen:
            indices = tuple(draw(st.integers(0, FREE + 4)) for _ in a.sizes)
            factors.append((a, indices, draw(st.sampled_from((1, 1, 2)))))
        terms.append((draw(st.integers(-3, 3).filter(bool)), factors))
    return terms


def closed(terms: Any) -> Form:
    return close(terms, range(FREE), [N] * 40)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(open_terms(), st.randoms(use_true_random=False))
def test_names_of_summed_indices_and_the_order_of_factors_and_terms_do_not_matter(terms: Any, random: Any) -> None:
    mixed: list[OpenTerm] = []
    for coefficient, factors in terms:
        names = list(range(FREE, FREE + 5))
        others = [10 + i for i in names]
        random.shuffle(others)
        renamed = dict(zip(names, others, strict=True))
        moved = [(a, tuple(renamed.get(i, i) for i in ix), e) for a, ix, e in factors]
        random.shuffle(moved)
        mixed.append((coefficient, moved))
    random.shuffle(mixed)
    assert closed(terms) == closed(mixed)
    assert closed(terms).key == closed(mixed).key


@settings(max_examples=60, deadline=None, derandomize=True)
@given(open_terms(), open_terms())
def test_forms_with_one_key_have_one_value(first: Any, second: Any) -> None:
    roots = [A, B, X, Y, mc.vector("v", N), mc.vector("w", N), f(X)]
    data = draw(roots, np.random.default_rng(4), sizes={"n": 2})
    one, other = closed(first), closed(second)
    same = oracle.error(index_sum(one, data), index_sum(other, data)) < 1e-12
    assert same or one != other


EQUAL = {
    "trace is cyclic": (mc.trace(A @ B @ X), mc.trace(X @ A @ B)),
    "trace of a transpose": (mc.trace(A @ B), mc.trace(B.T @ A.T)),
    "inner product": (x.T @ A @ y, y.T @ A.T @ x),
    "Frobenius": (mc.trace(R.T @ T), mc.sum(R * T)),
    "vec": (mc.vec(R).T @ mc.vec(T), mc.sum(T * R)),
    "diag": (mc.diag(x) @ y, x * y),
    "Kronecker on vec": (mc.kron(A, B) @ mc.vec(X), mc.vec(B @ X @ A.T)),
    "commutation": (mc.commutation("m", "n") @ mc.vec(R), mc.vec(R.T)),
    "sums": (A @ x + x - y, -y + x + A @ x),
    "like terms": (x + x, 2 * x),
    "cancelling": (x - x + y, y),
    "norm": (mc.norm(x) ** 2, x.T @ x),
    "roots": (mc.power(c, Fraction(1, 2)) ** 2, c),
    "identity": (mc.identity(N) @ x, x),
    "powers": (mc.trace(A @ A @ A @ A), mc.trace((A @ A) @ (A @ A))),
    "squared traces": (mc.trace(A @ B) * mc.trace(X @ Y), mc.trace(Y @ X) * mc.trace(B @ A)),
    "six equal loops": (mc.power(mc.trace(A @ A.T), 6), mc.sum(A * A) ** 6),
}


@pytest.mark.parametrize(("first", "second"), EQUAL.values(), ids=EQUAL.keys())
def test_equal_things_have_equal_keys(first: Expr, second: Expr) -> None:
    assert form_of(first) == form_of(second)


DIFFERENT = {
    "transposed product": (X.T @ Y, Y.T @ X),
    "ABAB and AABB": (mc.trace(A @ B @ A @ B), mc.trace(A @ A @ B @ B)),
    "ABXY and AXBY": (mc.trace(A @ B @ X @ Y), mc.trace(A @ X @ B @ Y)),
    "one transpose": (mc.trace(A @ A), mc.trace(A @ A.T)),
    "square of a trace": (mc.trace(A) ** 2, mc.trace(A @ A)),
    "two triangles and a hexagon": (mc.power(mc.trace(A @ A @ A), 2), mc.trace(A @ A @ A @ A @ A @ A)),
    "function of a transpose": (mc.trace(f(A) @ B), mc.trace(f(A) @ B.T)),
    "prime": (f(x), f.prime(x)),
    "sum of a square": (mc.sum(x) ** 2, mc.sum(x**2)),
    "axis of softmax": (mc.softmax(A, axis="rows"), mc.softmax(A, axis="columns")),
    "root of a square is no identity": (mc.power(c**2, Fraction(1, 2)), c),
}


@pytest.mark.parametrize(("first", "second"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_different_things_have_different_keys(first: Expr, second: Expr) -> None:
    assert form_of(first) != form_of(second)


# ---- pitfalls --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "of",
    [mc.sum(mc.ones("n")), mc.trace(mc.identity("n")), mc.sum(c * mc.ones("m", "n")), mc.sum(x**0 * x**0), mc.sum(R @ mc.ones("n") ** 3)],
    ids=["ones", "identity", "scalar spread", "power 0", "idle inside a product"],
)
def test_a_summed_index_that_stands_in_no_factor_counts_by_its_size(of: Expr) -> None:
    data = draw([of, R], np.random.default_rng(0))
    oracle.close(index_sum(form_of(of), data), value(of, data).reshape(()))


def test_along_a_delta_between_free_indices_the_earlier_one_is_used() -> None:
    scope = Scope()
    i, j = scope.fresh_all((N, N))
    v = atom("v", 1)
    first = close([(1, [(delta(N), (i, j), 1), (v, (i,), 1)])], (i, j), scope.sizes)
    second = close([(1, [(v, (j,), 1), (delta(N), (j, i), 1)])], (i, j), scope.sizes)
    assert first == second
    (term,) = first.terms
    assert (v, (0,), 1) in term.factors


@pytest.mark.parametrize("power", [0, 2, 3, -1, Fraction(1, 2)], ids=str)
def test_a_power_of_a_diagonal_matrix_is_taken_entry_by_entry(power: Any) -> None:
    of = mc.power(mc.diag(x) + mc.ones(N, N), power)
    data = draw([of], np.random.default_rng(1))
    oracle.close(index_sum(form_of(of), data), value(of, data))


@pytest.mark.parametrize("name", ["exp", "cos", "sigmoid", "f"])
def test_a_function_of_a_diagonal_matrix_is_not_diagonal(name: str) -> None:
    function: Any = f if name == "f" else mc.known_elementwise(name)
    of = function(mc.diag(x))
    data = draw([of], np.random.default_rng(1))
    oracle.close(index_sum(form_of(of), data), value(of, data))
    assert np.abs(value(of, data)[0, 1]) > 0


def test_display_follows_the_order_written_and_keys_do_not() -> None:
    first, second = form_of(y + A @ x), form_of(A @ x + y)
    assert first == second
    names = [[a.payload[0].name for t in form.terms for a, _, _ in t.factors] for form in (first, second)]
    assert names == [["y", "A", "x"], ["A", "x", "y"]]


PROGRAM = """
import matcalc as mc
from tests.random_expressions import Generator, variables
from matcalc.errors import MatcalcError
for seed in range(40):
    of = Generator(seed).expression(depth=4)
    for by in variables(of):
        d = mc.derive(of, by, layout="denominator")
        print(d.index_form.form.key.hex(), d.index_form)
        try:
            print(d.result)
            print(d.vec_form)
        except MatcalcError as error:
            print(error)
"""


def test_nothing_depends_on_the_seed_of_hashing() -> None:
    printed = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}, cwd=ROOT
        ).stdout
        for seed in ("0", "1", "77")
    ]
    assert printed[0]
    assert printed[0] == printed[1] == printed[2]


@pytest.mark.parametrize("names", [("Wa", "Wb", "Wc"), ("Wc", "Wa", "Wb"), ("Zz", "Aa", "Mm"), ("bb", "Zz", "aa")], ids="-".join)
@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_nothing_depends_on_the_names(names: tuple[str, str, str], layout: str) -> None:
    """The results with other names are the results with the names exchanged."""
    texts = []
    for M, v, w in (("Wa", "Wb", "Wc"), names):
        matrix, vector, other = mc.matrix(M, "m", "n"), mc.vector(v, "n"), mc.vector(w, "m")
        tanh, softmax = mc.known_elementwise("tanh"), mc.softmax(matrix @ vector + other)
        of = mc.sum(tanh(matrix @ vector + other) * other) + mc.norm(softmax) + mc.trace(matrix @ matrix.T)
        found = [repr(derive(of, by, layout=layout).result) for by in (matrix, vector, other)]
        places = {M: "0", v: "1", w: "2"}
        texts.append([re.sub(f"{M}|{v}|{w}", lambda m: places[m[0]], text) for text in found])  # noqa: B023 (called at once)
    assert texts[0] == texts[1]
