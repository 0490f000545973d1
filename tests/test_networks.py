"""Networks: what they write, what they refuse, and every valid pair of activation and loss against the oracles."""

from __future__ import annotations

import pytest

import matcalc as mc
from matcalc.errors import NetworkError
from matcalc.layout.conventions import Layout
from matcalc.networks import ACTIVATIONS, BATCHES, LOSSES, Network, activation_named

WIDTHS = (5, 4, 3, 2)


def valid_pairs() -> list[tuple[str, str]]:
    """Every activation with every loss that can be built, an unknown f and an unknown C among them."""
    pairs = []
    for activation in (*ACTIVATIONS, "f"):
        for loss in (*LOSSES, "C"):
            try:
                Network(WIDTHS, activation, loss)
            except NetworkError:
                continue
            pairs.append((activation, loss))
    return pairs


PAIRS = valid_pairs()


def test_the_pairs_are_those_whose_logarithm_is_defined() -> None:
    with_logarithm = {pair for pair in PAIRS if pair[1] in ("cross_entropy", "binary_cross_entropy")}
    assert with_logarithm == {
        ("sigmoid", "cross_entropy"), ("softplus", "cross_entropy"), ("exp", "cross_entropy"), ("sigmoid", "binary_cross_entropy"),
    }  # fmt: skip
    others = {(a, loss) for a in (*ACTIVATIONS, "f") for loss in (*LOSSES, "C")} - {(a, b) for a, b in PAIRS}
    assert {loss for _, loss in others} == {"cross_entropy", "binary_cross_entropy"}


@pytest.mark.parametrize("batch", [None, *BATCHES])
@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_every_parameter_in_both_layouts_agrees_with_the_oracles(activation: str, loss: str, batch: str | None) -> None:
    net = Network(WIDTHS, activation, loss, batch=batch)
    sizes = {**net.sizes, **({"N": 7} if batch else {})}
    for parameter in net.parameters.values():
        for layout in Layout:
            report = mc.derive(net.cost, parameter, layout=layout).verify(sizes=sizes)
            assert report.ok, report
            assert report.checks[0].oracle == "backprop" and report.checks[0].passed
            assert report.checks[1].passed, report


def test_what_a_network_writes_for_one_sample() -> None:
    net = Network((3, 4, 2), "sigmoid", "half_mse")
    assert repr(net.z[1].definition) == "W^(1) x + b^(1)"  # type: ignore[attr-defined]
    assert repr(net.a[2].definition) == "sigmoid(z^(2))"  # type: ignore[attr-defined]
    assert net.a[0] is net.x
    assert net.sizes == {"n_0": 3, "n_1": 4, "n_2": 2}
    assert [p.shape for p in net.parameters.values()] == [net.dims[1::-1], net.dims[1:2], net.dims[2:0:-1], net.dims[2:]]


@pytest.mark.parametrize(
    ("batch", "written"), [("rows", "X W^(1)^T + 1_N b^(1)^T"), ("columns", "W^(1) X + b^(1) 1_N^T")]
)
def test_what_a_network_writes_for_a_batch(batch: str, written: str) -> None:
    net = Network((3, 4, 2), "tanh", "squared_error", batch=batch)
    assert repr(net.z[1].definition) == written  # type: ignore[attr-defined]
    assert repr(net.W[2].shape) == "(n_2, n_1)"


def test_losses_as_numbers() -> None:
    values = {"x": [[0.5], [-1.0]], "y": [[0.25], [0.75], [0.5]], "W^(1)": [[1, 2], [3, 4], [0.5, -1]], "b^(1)": [[0.1], [0.2], [0.3]]}
    z = [0.5 - 2 + 0.1, 1.5 - 4 + 0.2, 0.25 + 1 + 0.3]
    squares = [(a - y) ** 2 for a, y in zip(z, [0.25, 0.75, 0.5], strict=True)]
    for loss, expected in {"half_mse": sum(squares) / 6, "squared_error": sum(squares) / 2}.items():
        assert Network((2, 3), "identity", loss).cost.evaluate(values) == pytest.approx(expected)


def test_a_batch_averages_over_the_samples() -> None:
    rows = {"X": [[1.0, 2.0], [3.0, 4.0], [0.0, 1.0]], "Y": [[1.0], [0.0], [2.0]], "W^(1)": [[2.0, -1.0]]}
    expected = sum((2 * a - b - y) ** 2 for (a, b), (y,) in zip(rows["X"], rows["Y"], strict=True)) / 2 / 3
    net = Network((2, 1), "identity", "squared_error", bias=False, batch="rows")
    assert net.cost.evaluate({"X": rows["X"], "Y": rows["Y"], "W^(1)": rows["W^(1)"]}, sizes={"n_1": 1}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": (3,)}, r"widths=\(3,\): at least two positive ints"),
        ({"widths": (3, 0)}, "0 is not a positive int"),
        ({"widths": "3,4"}, "widths='3,4'"),
        ({"activation": "sigmoud"}, "'sigmoud' is not an activation. Did you mean sigmoid"),
        ({"activation": "ff"}, "'ff' is not an activation"),
        ({"activation": "softmax"}, "softmax belongs to loss='softmax_cross_entropy'"),
        ({"activation": ["f", "g", "h"]}, "3 activations for 2 layers"),
        ({"activation": 3}, "activation=3"),
        ({"loss": "mse"}, "'mse' is not a loss. Did you mean half_mse"),
        ({"activation": "tanh", "loss": "cross_entropy"}, "logarithms of values above 0, and tanh has others.*take sigmoid, softplus, exp"),
        ({"activation": "softplus", "loss": "binary_cross_entropy"}, "between 0 and 1, and softplus.*take sigmoid;"),
        ({"activation": "f", "loss": "cross_entropy"}, "f has others or is unknown"),
        ({"batch": "row"}, "batch='row': it is None, 'rows' or 'columns'"),
    ],
)
def test_what_a_network_refuses(options: dict[str, object], message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        Network(**{"widths": (3, 4, 2), "activation": "sigmoid", "loss": "half_mse", **options})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "name"), [("f", "f"), ("f^1", "f^1"), (r"\phi", "phi"), ("f^{(1)}", "f^(1)"), ("g^(2)", "g^(2)"), ("f^{12}", "f^12")]
)
def test_unknown_activations(given: str, name: str) -> None:
    assert activation_named(given).name == name


def test_delta_is_the_derivative_by_z() -> None:
    net = Network((3, 4, 2), "f", "squared_error")
    assert repr(net.delta(2, layout="denominator")) == "f'(z^(2)) ⊙ (a^(2) - y)"
    assert repr(net.delta(2, layout="numerator")) == "(f'(z^(2)) ⊙ (a^(2) - y))^T"
    with pytest.raises(NetworkError, match="There is no layer 3: layers are 1 to 2"):
        net.delta(3, layout="numerator")
    with pytest.raises(mc.errors.LayoutError, match="needs a layout"):
        net.delta(1)


def test_gradients_of_a_deep_network_name_each_delta_once() -> None:
    net = Network(tuple(8 + k % 3 for k in range(41)), "sigmoid", "half_mse")
    found = mc.gradients(net.cost, list(net.parameters.values()), layout="denominator")
    assert list(found) == list(net.parameters)
    assert repr(found["W^(20)"]) == "dC/dz^(20) a^(19)^T"
    first = found["b^(1)"]
    assert repr(first.definition) == "a^(1) ⊙ (1 - a^(1)) ⊙ W^(2)^T dC/dz^(2)"  # type: ignore[attr-defined]


def test_one_layer_with_softmax_has_a_recursion_that_holds() -> None:
    assert Network((2, 3), loss="softmax_cross_entropy").recursion(layout="numerator").verify().ok
