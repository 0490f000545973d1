"""What the certificate says of the layers that networks are made of: a path or not, what is needed, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

import matcalc as mc
from matcalc.derivation import Derivation
from matcalc.errors import NoMatrixFormError
from matcalc.layout.certificate import Certificate, of_product
from matcalc.layout.index_network import Need
from matcalc.layout.network import Network as Reduced
from tests.random_expressions import Generator, variables

m, n, N = mc.dims("m n N")
f = mc.function("f")
x, b, g, a = mc.vector("x", n), mc.vector("b", m), mc.vector("g", n), mc.vector("a", m)
W, A = mc.matrix("W", m, n), mc.matrix("A", n, n)


def scalar_of(node: mc.Expr) -> mc.Expr:
    """An unknown scalar function of a quantity."""
    return mc.function("L", of=node, shape=())


def layer() -> tuple[mc.Expr, mc.Expr, mc.Expr]:
    z = mc.let("z", W @ x + b)
    activated = mc.let("a", f(z))
    return z, activated, mc.let("C", mc.sum(activated**2))


def by_samples() -> mc.Expr:
    return scalar_of(mc.let("Z", mc.matrix("X", N, n) @ mc.matrix("V", n, m) + mc.ones(N) @ b.T))


def normalised() -> mc.Expr:
    centred = mc.let("xc", x - (mc.sum(x) / n) * mc.ones(n))
    deviation = mc.let("sd", mc.sqrt(mc.sum(centred**2) / n))
    return scalar_of(mc.let("y", g * (centred / deviation)))


def residual() -> mc.Expr:
    return scalar_of(mc.let("r", x + f(A @ x)))


def tied() -> mc.Expr:
    return scalar_of(mc.let("t2", f(A @ mc.let("t1", f(A @ x)))))


def attention() -> mc.Expr:
    query, key, value = mc.matrix("Q", "m", "d"), mc.matrix("K", "n", "d"), mc.matrix("V", "n", "p")
    weights = mc.let("P", mc.softmax(query @ key.T, axis="rows"))
    return scalar_of(mc.let("O", weights @ value))


def bridge() -> mc.Expr:
    left, right, inner = mc.matrix("A", "m", "p"), mc.matrix("B", "m", "q"), mc.matrix("C", "p", "q")
    between = mc.matrix("D", "p", n) @ mc.diag(x) @ mc.matrix("E", "q", n).T
    return ((left @ (inner * between)) * right) @ mc.ones("q")


def of(quantity: mc.Expr, by: mc.Expr | str) -> Certificate:
    return mc.derive(quantity, by, layout="numerator").certificate


PATH, NO_PATH = True, False
ZOO: list[tuple[str, Callable[[], Certificate], bool, tuple[Need, ...], str]] = [
    ("z by x", lambda: of(layer()[0], x), PATH, (), "A path joins the two free indices, through W."),
    ("a by x", lambda: of(layer()[1], x), PATH, (Need.DIAGONAL,), "The free index of size m joins f'(z) and W: ⊙ or diag stands there."),
    ("C by x", lambda: of(layer()[2], x), PATH, (Need.DIAGONAL,), "The index of size m joins f'(z), a and W: ⊙ or diag stands there."),
    ("C by W", lambda: of(layer()[2], W), PATH, (Need.OUTER, Need.DIAGONAL), "an outer product, as if joined by an edge of size 1."),
    ("z by W", lambda: of(layer()[0], W), NO_PATH, (Need.VEC, Need.AXES), "It has 3 free indices, and a matrix has room for two."),
    ("samples by weights", lambda: of(by_samples(), "V"), PATH, (), "A path joins the two free indices, through X and dL/dZ."),
    ("samples by bias", lambda: of(by_samples(), b), PATH, (), "One index is free, so it is a row or a column."),
    ("samples by input", lambda: of(by_samples(), "X"), PATH, (), "A path joins the two free indices, through dL/dZ and V."),
    ("gate", lambda: of(scalar_of(mc.let("h", g * x)), x), PATH, (Need.DIAGONAL,), "The free index of size n joins g and dL/dh"),
    ("gate by a vector", lambda: of(g * x, x), PATH, (Need.DIAGONAL,), "A delta makes the two free indices one: a diagonal matrix."),
    ("softmax", lambda: of(mc.softmax(layer()[0]), x), PATH, (Need.DIAGONAL, Need.OUTER), "is a sum of its own, with diag or ⊙"),
    ("layer norm", lambda: of(normalised(), x), PATH, (Need.DIAGONAL, Need.SCALAR), "sum of 3 terms"),
    ("residual", lambda: of(residual(), x), PATH, (Need.DIAGONAL,), "In one term the index of size n joins f'(A x), dL/dr and A"),
    ("tied", lambda: of(tied(), A), PATH, (Need.OUTER, Need.DIAGONAL), "Nothing joins the two free indices"),
    ("attention by Q", lambda: of(attention(), "Q"), NO_PATH, (Need.HADAMARD, Need.DIAGONAL), "P and V dL/dO have both indices in common"),
    ("attention by V", lambda: of(attention(), "V"), PATH, (), "A path joins the two free indices, through P and dL/dO."),
    ("bridge", lambda: of(bridge(), x), NO_PATH, (Need.AXES,), "and the other ends of these are joined in turn"),
    ("bilinear", lambda: of(a.T @ W @ x, W), PATH, (Need.OUTER,), "Nothing joins the two free indices"),
    ("trace", lambda: of(mc.trace(mc.matrix("B", n, m) @ W), W), PATH, (), "A path joins the two free indices, through B."),
    ("beside a trace", lambda: of(mc.trace(A @ A) * mc.sum(x), x), PATH, (Need.TRACE,), "tr(A A) has no free index: a scalar"),
    ("beside a scalar", lambda: of((a.T @ b) * mc.sum(x), x), PATH, (Need.SCALAR,), "has no free index: a scalar, in any place."),
    ("x by x", lambda: of(x, x), PATH, (), "A delta makes the two free indices one: the identity."),
    ("zero", lambda: of(a.T @ a, x), NO_PATH, (), "The derivative is zero: no term is left."),
]  # fmt: skip


@pytest.mark.parametrize(("made", "path", "needs", "said"), [row[1:] for row in ZOO], ids=[row[0] for row in ZOO])
def test_the_zoo(made: Callable[[], Certificate], path: bool, needs: tuple[Need, ...], said: str) -> None:
    found = made()
    assert found.is_path is path, found
    assert found.needs == needs, found
    assert said in " ".join(found.sentences)
    assert len(found.sentences) <= 5


@pytest.mark.parametrize("made", [row[1] for row in ZOO], ids=[row[0] for row in ZOO])
def test_there_are_walks_exactly_where_there_is_a_result(made: Callable[[], Certificate]) -> None:
    found = made()
    assert (found.walks is None) == bool({Need.AXES, Need.VEC} & set(found.needs))
    assert repr(found).startswith(f"{found.what}: {'a path' if found.is_path else 'no path'}\n")


def test_where_the_hadamard_product_unties_a_term_a_path_is_left() -> None:
    said = " ".join(of(attention(), "Q").sentences)
    assert "with that a path is left" in said
    assert "no string" not in said


def test_a_difference_with_a_number_is_no_product() -> None:
    net = mc.Network(widths=(2, 3, 5), activation="tanh")
    found = of(net.cost, net.x)
    assert found.needs == (Need.DIAGONAL,)
    assert "sum of its own" not in " ".join(found.sentences)
    batch = mc.Network(widths=(2, 3, 5), activation="sigmoid", batch="rows")
    assert of(batch.cost, batch.W[1]).needs == (Need.HADAMARD,)


def test_the_walks_are_the_results_of_both_layouts() -> None:
    _, activated, _ = layer()
    derived = [mc.derive(activated, x, layout=layout) for layout in ("numerator", "denominator")]
    assert derived[0].certificate.walks == derived[1].certificate.walks == tuple(repr(d.result) for d in derived)
    assert isinstance(derived[0], Derivation)


def test_the_nodes_have_the_indices_of_the_factors() -> None:
    (term,) = of(layer()[2], x).terms
    assert dict(term.nodes) == {"W": ("j", "i"), "f'(z)": ("j",), "a": ("j",)} or dict(term.nodes) == {
        "W": ("i", "j"), "f'(z)": ("j",), "a": ("j",)
    }  # fmt: skip
    assert [size for _, size in term.free] == [n]
    assert [size for _, size in term.summed] == [m]


def test_a_term_that_is_not_tied_is_seen_if_meetings_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reduced, "meeting_at", lambda self, vertex: 2)
    assert of(layer()[2], x).needs == ()


@pytest.mark.parametrize("batch", range(6))
def test_of_random_derivatives(batch: int) -> None:
    for seed in range(12 * batch, 12 * (batch + 1)):
        quantity = Generator(seed, structured=True, maps=True).expression(depth=1 + seed % 5)
        for by in variables(quantity):
            check(mc.derive(quantity, by, layout="numerator", style="diag" if seed % 2 else "hadamard"))


def check(d: Derivation) -> None:
    """The certificate agrees with the result; where it asks for nothing besides products, each index joins two factors at most."""
    found = d.certificate
    try:
        written: str | None = repr(d.result)
    except NoMatrixFormError:
        written = None
    assert (found.walks[0] if found.walks else None) == written
    if written is None:
        assert not found.is_path
    else:
        assert not {Need.AXES, Need.VEC} & set(found.needs)
    for term in found.terms:
        if term.is_path and not term.needs:
            met = Counter(index for _, indices in term.nodes for index in indices)
            assert all(met[name] <= 2 for name, _ in term.summed)
            assert all(met[name] == 1 for name, _ in term.free)


# ---- products of given factors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shapes", "needs", "said"),
    [
        ([(m, n), (n, N)], (), "A path joins the two free indices, through F0 and F1."),
        ([(m, n), (n, 1)], (), "One index is free"),
        ([(m, 1), (1, n)], (Need.OUTER,), "an outer product"),
        ([(1, n), (n, 1)], (Need.SCALAR,), "No index is free, so it is a scalar."),
        ([(m, 1), (1, n), (n, 1)], (Need.SCALAR,), "A part without a free index is a scalar"),
        ([(m, 1), (1, N), (N, 1), (1, n)], (Need.OUTER, Need.SCALAR), "A part without a free index is a scalar"),
    ],
)
def test_the_certificate_of_a_list(shapes: list[tuple[object, object]], needs: tuple[Need, ...], said: str) -> None:
    names = [f"F{k}" for k in range(len(shapes))]
    found = of_product("product", names, shapes, ("there", "back"))  # type: ignore[arg-type]
    assert found.is_path
    assert found.needs == needs
    assert said in " ".join(found.sentences)
    assert found.walks == ("there", "back")


def test_orders_of_a_list_carry_the_certificate_and_the_walks() -> None:
    factors = [("A", "m", "n"), ("D", "n", "n", "diagonal"), ("B", "n", "p")]
    report = mc.orders(factors, target=("m", "p"), layout="numerator")
    assert report.walks == ("A D B", "B^T D A^T")
    assert report.network.is_path and report.network.walks == report.walks
    assert report.network.terms[0].nodes == (("A", ("i", "j")), ("D", ("j", "k")), ("B", ("k", "p")))
    turned = mc.orders([("B^T", "p", "n"), ("D", "n", "n", "diagonal"), ("A^T", "n", "m")], target=("p", "m"), layout="denominator")
    assert turned.walks == ("A D B", "B^T D A^T")


def test_orders_of_a_derivative_carry_its_certificate() -> None:
    _, _, cost = layer()
    for layout in ("numerator", "denominator"):
        report = mc.orders(cost, x, layout=layout)
        assert report.network.needs == (Need.DIAGONAL,)
        assert report.walks[0 if layout == "numerator" else 1] == " ".join(report.factors)
    assert report.walks == ("(dC/da)^T da/dz (dz/dx)^T", "dz/dx da/dz dC/da")
