"""What a user gives becomes `Data`, or one error that lists every fault."""

from fractions import Fraction

import numpy as np
import pytest

from matcalc.errors import EvaluationError
from matcalc.language import building as mc
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.sizes import dims, size
from matcalc.numeric.data import Data, axes, bind

W, x, r, c = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.row("r", "n"), mc.scalar("c")


@pytest.mark.parametrize(
    ("symbol", "given", "wanted"),
    [
        (c, 2, [[2.0]]),
        (c, Fraction(1, 4), [[0.25]]),
        (c, np.array(2.5), [[2.5]]),
        (c, [[3]], [[3.0]]),
        (x, [1, 2, 3], [[1.0], [2.0], [3.0]]),
        (x, [[1], [2]], [[1.0], [2.0]]),
        (r, [1, 2], [[1.0, 2.0]]),
        (r, [[1, 2]], [[1.0, 2.0]]),
        (W, [[1, 2, 3], [4, 5, 6]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    ],
)
def test_arrays_take_the_declared_kind(symbol: Expr, given: object, wanted: list[list[float]]) -> None:
    data = bind([symbol], {symbol: given})
    array = data.values[symbol.name]  # type: ignore[attr-defined]
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, np.array(wanted))


def test_sizes_come_from_arrays_and_superfluous_names_are_ignored() -> None:
    z = mc.let("z", W @ x)
    data = bind([z], {"W": np.ones((2, 3)), "x": np.ones(3), "z": 7, "other": "text"}, sizes={"k": 4})
    assert dict(data.sizes) == {"k": 4, "m": 2, "n": 3}
    assert set(data.values) == {"W", "x"}


def test_a_size_that_no_array_tells_is_given_by_name_or_dim() -> None:
    n = dims("n")
    for sizes in ({"n": 3}, {n: 3}):
        assert bind([mc.ones(n)], {}, sizes=sizes).sizes["n"] == 3
    with pytest.raises(EvaluationError, match=r"Nothing tells the size n: .*Give sizes=\{\"n\": \.\.\.\}"):
        bind([mc.ones(n)], {})


def test_given_arrays_are_copied() -> None:
    array = np.ones((3, 1))
    data = bind([x], {"x": array})
    array[0, 0] = 5.0
    assert data.values["x"][0, 0] == 1.0


@pytest.mark.parametrize(
    ("symbol", "given", "message"),
    [
        (c, [1, 2], r"c is declared scalar, what was given has shape \(2,\)\."),
        (x, [[1, 2, 3]], r"x is declared \(n,\), what was given has shape \(1, 3\)\."),
        (x, 3, r"x is declared \(n,\), what was given has shape \(\)\."),
        (r, [[1], [2]], r"r is declared \(1, n\), what was given has shape \(2, 1\)\."),
        (W, [1, 2], r"W is declared \(m, n\), what was given has shape \(2,\)\."),
        (x, "abc", r"x is declared \(n,\), what was given is no array of real numbers: 'abc'\."),
        (x, [1j, 2], r"x is declared \(n,\), what was given is no array of real numbers"),
        (x, [[1, 2], [3]], r"x is declared \(n,\), what was given is no array of real numbers"),
        (x, np.zeros(0), r"n is 0 by x of shape \(0, 1\); a size is an int of at least 1\."),
        (mc.vector("x", 3), [1, 2], r"x is declared \(3,\), what was given has shape \(2, 1\)\."),
    ],
)
def test_a_wrong_shape_is_named(symbol: Expr, given: object, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        bind([symbol], {symbol: given})


def test_two_values_of_one_size_are_named_with_their_sources() -> None:
    with pytest.raises(EvaluationError, match=r"n has two values: 3 by W of shape \(2, 3\) and 4 by x of shape \(4, 1\)\."):
        bind([W @ x], {"W": np.ones((2, 3)), "x": np.ones(4)})
    with pytest.raises(EvaluationError, match=r"n has two values: 5 by sizes= and 4 by x of shape \(4, 1\)\."):
        bind([x], {"x": np.ones(4)}, sizes={"n": 5})


@pytest.mark.parametrize("size", [0, -2, 2.5, True, "3"])
def test_a_size_is_a_positive_int(size: object) -> None:
    with pytest.raises(EvaluationError, match=rf"n is {size} by sizes=; a size is an int of at least 1\."):
        bind([mc.ones("n")], {}, sizes={"n": size})


def test_a_size_that_is_a_product_is_compared() -> None:
    both = Symbol("v", mc.vec(W).shape)
    assert bind([both, W], {"v": np.ones(6), "W": np.ones((2, 3))}).values["v"].shape == (6, 1)
    with pytest.raises(EvaluationError, match=r"v is declared \(m\*n,\), what was given has shape \(5, 1\)\."):
        bind([both, W], {"v": np.ones(5), "W": np.ones((2, 3))})
    with pytest.raises(EvaluationError, match=r"Nothing tells the size m"):
        bind([both], {"v": np.ones(6)})


def test_all_faults_are_collected() -> None:
    f = mc.function("f")
    with pytest.raises(EvaluationError) as caught:
        bind([f(W @ x) + mc.ones("m")], {"Ws": np.ones((2, 3)), "x": 1.0}, functions={"F": np.sin})
    assert len(caught.value.faults) == 4
    text = str(caught.value)
    assert "There is no value for W (m, n). A value is given for Ws, which does not occur: was W meant?" in text
    assert "x is declared (n,), what was given has shape ()." in text
    assert "Nothing tells the size m" in text
    assert "There is no function f, one applied to each entry. A function is given for F, which does not occur." in text


@pytest.mark.parametrize("key", ["f", mc.function("f")])
def test_functions_are_given_by_name_or_object(key: object) -> None:
    f = mc.function("f")
    assert bind([f(x)], {"x": [1]}, functions={key: np.sin}).functions["f"] == (np.sin,)
    assert bind([f(x)], {"x": [1]}, functions={key: (np.sin, np.cos)}).functions["f"] == (np.sin, np.cos)


def test_a_map_is_given_by_its_applied_form_and_may_tell_a_size() -> None:
    u = mc.function("u", of=x, shape=("m",))
    data = bind([u], {"x": [1, 2]}, functions={u: np.sin})
    assert data.functions["u"] == (np.sin,)
    assert "m" not in data.sizes


def test_faults_of_functions() -> None:
    f, u = mc.function("f"), mc.function("u", of=x, shape=("m",))
    with pytest.raises(
        EvaluationError, match=r"f needs a callable or a tuple of them, itself and its derivatives; 3 was given\."
    ):
        bind([f(x)], {"x": [1]}, functions={"f": 3})
    with pytest.raises(EvaluationError, match=r"There is no function u, a map from \(n,\) to \(m,\)\. .* uu, .*: was u meant\?"):
        bind([u], {"x": [1]}, functions={"uu": np.sin})
    other = mc.function("u", of=W, shape=())
    with pytest.raises(
        EvaluationError, match=r"u stands for two functions: a map from \(n,\) to \(m,\) and a map from \(m, n\) to"
    ):
        bind([u, other], {"x": [1], "W": [[1]]}, functions={"u": np.sin})


def test_extents_and_axes() -> None:
    data = Data(sizes={"m": 2, "n": 3})
    assert data.extents(mc.kron(W, x).shape) == (6, 3)
    assert [axes(e.shape, data.extents(e.shape)) for e in (c, x, r, W)] == [(), (3,), (3,), (2, 3)]
    with pytest.raises(EvaluationError, match="Nothing tells the size k"):
        data.extent(size("k"))
