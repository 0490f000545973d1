"""Models: what definitions become, in which order, what is an alias, and every fault with its place."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import (
    DefinitionClashError, LayoutError, MatcalcError, ModelError, ReadError, ShapeError, UnknownNameError, UnsupportedError,
)  # fmt: skip
from matcalc.language.definitions import definition_of
from matcalc.language.elementwise import ElementwiseFunction, MapFunction
from matcalc.language.expressions import ApplyMap, Let, Symbol
from matcalc.layout.conventions import Layout
from matcalc.network_models import model_of
from matcalc.networks import Network

SHAPES: dict[str, Any] = {"W": "m n", "x": "n", "b": "m", "y": "m"}
TWO_LAYERS: dict[str, Any] = {
    "shapes": {
        "x": "n_0", r"\mathbf{W}^{(1)}": "n_1 n_0", "b^(1)": "n_1", r"\mathbf{W}^{(2)}": ("n_2", "n_1"), "b^{(2)}": ("n_2",), "y": "n_2",
    },
    "definitions": [
        r"C(\mathbf{a}^{(2)}, \mathbf{y}) = \frac{1}{n_2} \operatorname{sum}(\frac{1}{2} (\mathbf{a}^{(2)} - \mathbf{y})^{\odot 2})",
        r"\mathbf{a}^{(2)} := f(\mathbf{z}^{(2)})",
        r"\mathbf{z}^{(2)} &= \mathbf{W}^{(2)} \mathbf{a}^{(1)} + \mathbf{b}^{(2)}",
        r"\mathbf{a}^{(1)} \coloneqq f(\mathbf{z}^{(1)})",
        r"$\mathbf{z}^{(1)} = \mathbf{W}^{(1)} \mathbf{a}^{(0)} + \mathbf{b}^{(1)}$",
        r"\mathbf{a}^{(0)} = \mathbf{x}",
    ],
    "functions": {"f": "elementwise"},
    "sizes": {"n_0": 3, "N_1": 5, "n_2": 2},
}  # fmt: skip
NET = Network(widths=(3, 5, 2), activation="f")


def model(*definitions: str, **more: Any) -> mc.Model:
    return mc.Model(shapes={**SHAPES, **more.pop("shapes", {})}, definitions=definitions, **more)


def faults_of(error: pytest.ExceptionInfo[MatcalcError]) -> list[str]:
    """The first lines of the faults, without the texts that they show."""
    return [line for line in str(error.value).splitlines() if not line.startswith("    ")]


# ---- what definitions become -----------------------------------------------------------------------------------------


def test_a_network_written_as_a_model_is_the_network() -> None:
    written = mc.Model(**TWO_LAYERS)
    assert written == NET.model()
    assert written["C"] == NET.cost
    assert written.sizes == NET.sizes
    assert list(written.definitions) == ["C", "a^(2)", "z^(2)", "a^(1)", "z^(1)"]
    assert set(written.symbols) == {"x", "y", *NET.parameters}
    assert written.aliases == {"a^(0)": "x"}
    assert written.functions == {"f": ElementwiseFunction("f")}
    assert {str(dim) for dim in written.dims} == {"n_0", "n_1", "n_2"}


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("name", [*NET.parameters, "x", "z^(1)"])
def test_derivatives_through_a_model_are_those_of_the_network(layout: Layout, name: str) -> None:
    written = mc.Model(**TWO_LAYERS)
    expected = mc.derive(NET.cost, name, layout=layout)
    found = mc.derive(written["C"], written[name], layout=layout)
    assert found.result == expected.result
    assert [(factor.of, factor.by) for factor in found.factors] == [(factor.of, factor.by) for factor in expected.factors]
    assert found.verify(sizes=written.sizes).ok
    assert mc.derive("C", name, names=written, layout=layout).result == expected.result


def test_gradients_and_orders_take_what_a_model_names() -> None:
    written = mc.Model(**TWO_LAYERS)
    by = ["W^(1)", r"\mathbf{b}^{(2)}"]
    assert mc.gradients("C", by, names=written, layout="numerator") == mc.gradients(NET.cost, by, layout="numerator")
    assert mc.gradients(written["C"], [written["a^(0)"]], layout="denominator").keys() == {"x"}
    ours, theirs = (mc.orders(cost, "x", layout="denominator", sizes=written.sizes) for cost in (written["C"], NET.cost))
    assert (ours.arrangements, ours.shape_consistent, ours.right) == (theirs.arrangements, theirs.shape_consistent, theirs.right)


def test_a_wrong_definition_gives_another_derivative() -> None:
    texts = [text.replace(r"\coloneqq f(", r"\coloneqq \tanh(") for text in TWO_LAYERS["definitions"]]
    wrong = mc.Model(**{**TWO_LAYERS, "definitions": texts})
    assert wrong != NET.model()
    assert mc.derive(wrong["C"], "W^(1)", layout="numerator").result != mc.derive(NET.cost, "W^(1)", layout="numerator").result


def test_definitions_are_read_in_the_order_of_dependence_and_kept_in_the_order_given() -> None:
    names = [f"h_{{{k}}}" for k in range(1, 61)]
    texts = [rf"\mathbf{{h}}_{{{k}}} = \tanh(\mathbf{{A}} \mathbf{{h}}_{{{k - 1}}})" for k in range(60, 0, -1)]
    deep = mc.Model(shapes={"A": "n n", r"\mathbf{h}_0": "n"}, definitions=texts)
    assert list(deep.definitions) == [f"h_{k}" for k in range(60, 0, -1)]
    assert deep[names[-1]].definition.argument.right.name == "h_59"  # type: ignore[attr-defined]


def test_a_longer_name_that_is_defined_later_is_not_read_as_a_power_or_a_product() -> None:
    made = model(r"q = c^2 + ab", "c^2 = 3 c", "ab = 5 c", shapes={"c": "", "a": "", "b": ""})
    assert repr(made["q"].definition) == "c^2 + ab"  # type: ignore[attr-defined]
    assert made["q"].definition.left == made["c^2"]  # type: ignore[attr-defined]
    assert made["q"].definition.right == made["ab"]  # type: ignore[attr-defined]


def test_right_sides_by_name() -> None:
    made = mc.Model(shapes=SHAPES, definitions={"z": r"\mathbf{W} \mathbf{x}", r"\mathbf{a}_1": r"\mathbf{z} + \mathbf{b}"})
    assert made == model(r"\mathbf{z} = \mathbf{W} \mathbf{x}", r"a_1 = \mathbf{z} + \mathbf{b}")


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        (r"\mathbf{z}^{(1)} = x", "z^(1)", []),
        ("z^(1) = x", "z^(1)", []),
        (r"\boldsymbol{\theta}_k := x", "theta_k", []),
        (r"\hat{\mathbf{y}} \triangleq x", "yhat", []),
        (r"\[ & \mathbf{h}_{t-1} &:= & x \]", "h_{t-1}", []),
        (r"loss = x", "loss", []),
        (r"C(\mathbf{a}^{(2)}, \mathbf{y}) = x", "C", ["a^(2)", "y"]),
        (r"\mathcal{L}\left( \theta \right) = x", "L", ["theta"]),
        (r"q = \sum_{i=1}^n x", "q", []),
        (r"\frac{\partial C}{\partial \mathbf{z}} = x", "dC/dz", []),
    ],
)
def test_left_sides(text: str, name: str, arguments: list[str]) -> None:
    found = definition_of(text)
    assert (found.name, [key.plain for key, _ in found.arguments]) == (name, arguments)
    assert found.text[slice(*found.right)].strip().endswith("x")


# ---- functions -------------------------------------------------------------------------------------------------------


def test_a_map_of_what_is_defined() -> None:
    made = model(
        r"q = 2 C", r"\mathbf{z} = \mathbf{W} \mathbf{x}",
        functions={"C": {"of": [r"\mathbf{u}", "y"], "shape": ""}, "u": {"of": "z", "shape": "p"}},
    )  # fmt: skip
    u = mc.function("u", of=made["z"], shape=("p",))
    assert isinstance(u, ApplyMap)
    assert made["u"] == u
    assert made["C"] == mc.function("C", of=(u, made["y"]), shape=())
    assert made["q"].definition == 2 * made["C"]  # type: ignore[attr-defined]
    assert made.functions["C"] == MapFunction("C", (), (u.shape, made["y"].shape))
    assert made.read(r"C(\mathbf{u}, \mathbf{y})") == made["C"]
    found = mc.derive(made["q"], "x", layout="denominator")
    assert found.result.shape == made["x"].shape
    assert found.verify().ok


def test_a_quantity_may_have_the_name_of_its_map() -> None:
    made = model(r"C = C(\mathbf{b}, \mathbf{y})", functions={"C": {"shape": ""}})
    assert isinstance(made["C"], Let)
    assert made["C"].definition == mc.function("C", of=(made["b"], made["y"]), shape=())
    net = Network(widths=(5, 3, 2), activation=["f^1", "f^2"], loss="C")
    assert net.model()["C"] == net.cost


def test_a_named_quantity_drops_its_arguments() -> None:
    made = model(r"C(\mathbf{b}, \mathbf{y}) = \mathbf{b}^\top \mathbf{y}", r"q = 3 C(\mathbf{b}, \mathbf{y})")
    assert made["q"].definition == 3 * made["C"]  # type: ignore[attr-defined]
    assert "C" not in made.functions


@pytest.mark.parametrize(("layout", "shape"), [("numerator", "(1, m)"), ("denominator", "(m,)")])
def test_a_definition_may_hold_a_derivative(layout: str, shape: str) -> None:
    derivative = r"\boldsymbol{\delta} = \frac{\partial C}{\partial \mathbf{z}}"
    texts = [derivative, r"C = \|\mathbf{z}\|^2", r"\mathbf{z} = \mathbf{W} \mathbf{x}"]
    made = model(*texts, layout=layout)
    assert repr(made["delta"].shape) == shape and made.layout == layout
    assert mc.Model.from_toml_text(made.to_toml()) == made != model(*texts[1:])
    assert made.read(r"\frac{\partial C}{\partial \mathbf{z}}", layout=layout) == made["delta"].definition  # type: ignore[attr-defined]
    with pytest.raises(LayoutError, match="definition 1, delta: The derivative of C by z needs a layout"):
        model(*texts)
    with pytest.raises(LayoutError, match="The derivative of C by x needs a layout"):
        made.read(r"\frac{\partial C}{\partial \mathbf{x}}")


# ---- aliases, lookups, reading ---------------------------------------------------------------------------------------


def test_an_alias_is_the_same_quantity() -> None:
    made = model(
        r"\mathbf{a}^{(0)} = \mathbf{x}", r"\mathbf{z} = \mathbf{W} \mathbf{a}^{(0)}", r"\mathbf{v} = (\mathbf{z})", r"s = \mathbf{x}^\top",
        aliases={r"\mathbf{h}_0": "a^(0)", "t": r"\mathbf{z}"}, shapes={"a^(0)": "n"},
    )  # fmt: skip
    assert made.aliases == {"a^(0)": "x", "v": "z", "h_0": "x", "t": "z"}
    assert made["a^(0)"] is made["h_0"]
    assert made["a^(0)"] == made["x"] == Symbol("x", made["x"].shape)
    assert made["v"] == made["t"] == made["z"]
    assert list(made.definitions) == ["z", "s"]
    assert made.read(r"\mathbf{W} \mathbf{h}_0 + \mathbf{v}") == made["W"] @ made["x"] + made["z"]


def test_values_may_be_given_by_an_alias() -> None:
    made = mc.Model(**TWO_LAYERS)
    rng = np.random.default_rng(11)
    values = {name: rng.normal(size=[made.sizes[str(n)] for n in symbol.shape]) for name, symbol in made.symbols.items()}
    expected = made["C"].evaluate(values, functions={"f": (np.tanh,)})
    values[r"\mathbf{a}^{(0)}"] = values.pop("x")
    assert made.evaluate("C", values, functions={"f": (np.tanh,)}) == expected
    assert made.evaluate("2 C", values, functions={"f": (np.tanh,)}) == 2 * expected
    assert made.evaluate(made["C"], values, functions={"f": (np.tanh,)}) == expected
    assert made.evaluate("n_2 C", values, functions={"f": (np.tanh,)}) == 2 * expected
    with pytest.raises(ModelError, match="is given twice: it is another name of x"):
        made.evaluate("C", {"x": [1, 2, 3], **values})
    with pytest.raises(UnknownNameError, match=r"names nothing 'b_1'. Did you mean b\^\(1\)"):
        made.evaluate("C", {r"\mathbf{b}_1": [1, 2, 3]})


def test_lookups() -> None:
    functions = {"C": {"of": "z1", "shape": ""}, "f": "elementwise"}
    made = model(r"\mathbf{z}_1 = \mathbf{W} \mathbf{x}", functions=functions, aliases={"a": "x"})
    assert made["z_1"] is made[r"\mathbf{z}_{1}"] is made["z1"]
    assert made.names == tuple(made) == ("W", "x", "b", "y", "z_1", "C", "a")
    assert len(made) == 7
    assert r"\mathbf{z}_1" in made and "z_2" not in made and "f" not in made
    assert made.get("z_2") is None and made.get("a") == made["x"]
    with pytest.raises(UnknownNameError, match=r"names nothing 'z_2'. Did you mean z_1\?"):
        made[r"\mathbf{z}_2"]
    assert repr(made) == "Model(symbols: W, x, b, y; definitions: z_1; functions: C, f; aliases: a = x)"


def test_reading_with_a_model() -> None:
    made = mc.Model(**TWO_LAYERS)
    assert made.read(r"\mathbf{W}^{(2)} f(\mathbf{z}^{(1)})") == NET.W[2] @ ElementwiseFunction("f")(NET.z[1])
    assert made.read(r"C(\mathbf{a}^{(2)}, \mathbf{y})") == NET.cost
    with pytest.raises(UnknownNameError, match=re.escape("z^(3) is not declared")):
        made.read(r"\mathbf{z}^{(3)}")
    with pytest.raises(LayoutError, match="'numerater' is not a layout"):
        made.read("C", layout="numerater")
    by_vec = made.read(r"\frac{\partial \mathbf{z}^{(1)}}{\partial \mathbf{W}^{(1)}}", layout="numerator", reading="jacobian")
    assert tuple(map(str, by_vec.shape)) == ("n_1", "n_0*n_1")
    with pytest.raises(MatcalcError, match=r"'jacobin' is no reading of a derivative with three axes\. Did you mean jacobian"):
        made.read("C", reading="jacobin")


def test_a_model_does_not_change() -> None:
    made = mc.Model(**TWO_LAYERS)
    with pytest.raises(AttributeError, match="A model does not change"):
        made.sizes = {}  # type: ignore[misc]
    with pytest.raises(TypeError, match="does not support item assignment"):
        made.symbols["q"] = made["x"]  # type: ignore[index]
    made.sizes["n_0"] = 7
    assert made.sizes["n_0"] == 3
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made
    assert hash(copy.copy(made)) == hash(made)
    assert made != mc.Model(**{**TWO_LAYERS, "sizes": {}}) and made != 3


# ---- expressions and networks ----------------------------------------------------------------------------------------


def test_given_expressions_bring_what_they_rest_on() -> None:
    g = mc.function("g")
    x = mc.vector("x", "n")
    z = mc.let("z", g(x))
    u = mc.function("u", of=z, shape=("p",))
    a = mc.let("a", 1 / mc.dims("k") * u)
    made = mc.Model(names=[a], definitions=[r"q = \|\mathbf{a}\|^2 + k g(1)", r"\mathbf{v} = \mathbf{u}"])
    assert made["z"] == z and made["u"] == u and made["q"].definition.left.base.argument == a  # type: ignore[attr-defined]
    assert made["v"].definition == u  # type: ignore[attr-defined]
    longer = mc.Model(names=made, definitions=[r"r = 2 q"], functions={"h": "elementwise"})
    assert longer["r"].definition == 2 * made["q"]  # type: ignore[attr-defined]
    assert longer["u"] == u


@pytest.mark.parametrize("batch", [None, "rows", "columns"])
@pytest.mark.parametrize("loss", ["half_mse", "softmax_cross_entropy", "C"])
def test_every_network_is_a_model(batch: str | None, loss: str) -> None:
    net = Network(widths=(5, 3, 2), activation="tanh", loss=loss, batch=batch, bias=loss != "C")
    made = model_of(net)
    assert made["C"] == net.cost
    assert made["A^(0)" if batch else "a^(0)"] == net.x
    assert made.sizes == net.sizes
    assert all(made[name] == parameter for name, parameter in net.parameters.items())
    assert model_of(made) is made
    assert mc.Model.from_toml_text(made.to_toml()) == made


def test_neither_a_network_nor_a_model() -> None:
    with pytest.raises(MatcalcError, match="'net' is neither a Network nor a Model"):
        model_of("net")  # type: ignore[arg-type]


# ---- faults ----------------------------------------------------------------------------------------------------------


def test_faults_of_several_definitions_are_raised_at_once_and_none_twice() -> None:
    with pytest.raises(ShapeError) as error:
        model(
            r"\mathbf{z} = \mathbf{W} \mathbf{b} + \mathbf{x}^\top \mathbf{b}", r"\mathbf{a} = \mathbf{z} + \mathbf{x}",
            r"q = \mathbf{x}^\top \mathbf{y}", r"\mathbf{v} = \mathbf{W} \mathbf{x}",
        )  # fmt: skip
    assert len(error.value.faults) == 3
    assert faults_of(error) == [
        r"definition 1, z: \mathbf{W} \mathbf{b} does not conform: \mathbf{W} is (m, n), \mathbf{b} is (m,); n and m differ.",
        r"definition 1, z: \mathbf{x}^\top \mathbf{b} does not conform: \mathbf{x}^\top is (1, n), \mathbf{b} is (m,); n and m differ.",
        r"definition 3, q: \mathbf{x}^\top \mathbf{y} does not conform: \mathbf{x}^\top is (1, n), \mathbf{y} is (m,); n and m differ.",
    ]
    lines = str(error.value).splitlines()
    assert lines[1:3] == [
        r"    \mathbf{z} = \mathbf{W} \mathbf{b} + \mathbf{x}^\top \mathbf{b}",
        r"                 ^^^^^^^^^^^^^^^^^^^^^",
    ]


def test_a_fault_far_behind_is_shown_at_its_place() -> None:
    long = r"\mathbf{z} = " + r" + ".join([r"\mathbf{W} \mathbf{x}"] * 9 + [r"\mathbf{W} \mathbf{y}", r"\mathbf{b}"] * 3)
    with pytest.raises(ShapeError) as error:
        model(long)
    lines = str(error.value).splitlines()
    for text, carets in zip(lines[1::4], lines[2::4], strict=True):
        assert text[carets.index("^") : carets.rindex("^") + 1] == r"\mathbf{W} \mathbf{y}"


@pytest.mark.parametrize("padding", range(60, 100, 3))
def test_the_left_side_is_shown_however_long_it_is(padding: int) -> None:
    left = r"\mathbf{z}_{" + "a" * padding + "}"
    with pytest.raises(ShapeError) as error:
        model(rf"{left} = \mathbf{{W}} \mathbf{{y}}")
    text, carets = str(error.value).splitlines()[1:3]
    assert text[carets.index("^") : carets.rindex("^") + 1] == r"\mathbf{W} \mathbf{y}"
    assert "a} = " in text


def test_unknown_names_of_several_definitions_are_listed_at_once() -> None:
    with pytest.raises(UnknownNameError) as error:
        model(r"\mathbf{z} = \mathbf{W} \mathbf{v}", r"\mathbf{a}_1 = g(\mathbf{z})", r"q = k \mathbf{a}_1")
    assert faults_of(error) == [
        "definition 1, z: v is not declared.", "definition 2, a_1: g is not declared.", "definition 3, q: k is not declared.",
    ]  # fmt: skip


def test_every_unknown_name_of_a_definition_is_told() -> None:
    with pytest.raises(UnknownNameError) as error:
        model(
            r"\mathbf{z} = \mathbf{V} \mathbf{x} + \sum_{i=1}^m u_i y_i \mathbf{t} + g(\mathbf{x})",
            r"q = \mathbf{z}^\top \mathbf{W} \mathbf{y}",
        )
    assert faults_of(error) == [f"definition 1, z: {name} is not declared." for name in ("V", "u_i", "t", "g")]
    lines = str(error.value).splitlines()
    assert lines[1].startswith(r"    \mathbf{z} = \mathbf{V} \mathbf{x}") and lines[2].index("^") == lines[1].index(r"\mathbf{V}")


def test_faults_of_several_kinds() -> None:
    with pytest.raises(ModelError) as error:
        model(r"\mathbf{z} = \mathbf{W} \mathbf{v}", r"\mathbf{a} = \mathbf{W} \mathbf{y}", r"q = (\mathbf{x}")
    assert [fault.split(":")[0] for fault in error.value.faults] == ["definition 1, z", "definition 2, a", "definition 3, q"]


CIRCLES: list[tuple[list[str], str]] = [
    (["x = x + 1"], "definition 1, x: x is defined by itself. Give the new quantity another name."),
    (
        [r"q = \mathbf{a}^\top \mathbf{y}", r"\mathbf{z} = \mathbf{W} \mathbf{x} + \mathbf{a}", r"\mathbf{a} = \tanh(\mathbf{z})"],
        (
            "definition 3, a: The definitions go in a circle: a needs z, z needs a. Declare one of them by its shape instead. "
            "(The others: definition 2, z.)"
        ),
    ),
    (["u = v", "v = w", "w = u"], "definition 1, u: The definitions go in a circle: u needs v, v needs w, w needs u."),
]  # fmt: skip


@pytest.mark.parametrize(("definitions", "claim"), CIRCLES, ids=["one", "two", "aliases"])
def test_circles_are_named(definitions: list[str], claim: str) -> None:
    with pytest.raises(ModelError, match=re.escape(claim)) as error:
        mc.Model(shapes={"W": "m n", "y": "m", **({} if definitions[0][0] == "x" else {"x": "n"})}, definitions=definitions)
    assert len(error.value.faults) == 1


def test_circles_are_told_beside_other_faults() -> None:
    with pytest.raises(ModelError) as error:
        model(
            r"\mathbf{z} = \mathbf{u} + \mathbf{a}", r"\mathbf{a} = \mathbf{z} + \mathbf{W} \mathbf{y}",
            "q = r", "r = q + c", "v = 2 v + k",
            aliases={"p": "p_1", "p_1": "p"},
        )
    assert faults_of(error) == [
        "definition 1, z: u is not declared.",
        "definition 4, r: c is not declared.",
        "definition 5, v: k is not declared.",
        (
            "The alias p: The definitions go in a circle: p needs p_1, p_1 needs p. Declare one of them by its shape instead. "
            "(The others: The alias p_1.)"
        ),
        (
            "definition 1, z: The definitions go in a circle: z needs a, a needs z. Declare one of them by its shape instead. "
            "(The others: definition 2, a.)"
        ),
        (
            "definition 3, q: The definitions go in a circle: q needs r, r needs q. Declare one of them by its shape instead. "
            "(The others: definition 4, r.)"
        ),
        "definition 5, v: v is defined by itself. Give the new quantity another name.",
    ]


def test_faults_of_form_and_of_reading_are_told_together_and_nothing_that_follows_from_them() -> None:
    with pytest.raises(ModelError) as error:
        mc.Model(
            shapes={"W": "m n", "x": "n", "y": "m n k", "1": "n"},
            definitions=[
                r"\mathbf{z} = \mathbf{W} \mathbf{x} + \mathbf{y}", "a = b = x", "q = 2 a + f(x)", r"\mathbf{z} = x",
                r"r = \mathbf{W} \mathbf{W}", "s = 3 t",
            ],
            functions={"f": "elementwis", "g": "tanh", r"\mathbf{g}": "exp"},
            aliases={"h": "hh"}, assume=["W sym", "W full rank", "y positive"], sizes={"n": 0, "m": 3, "j": 5}, layout="numerater",
        )  # fmt: skip
    expected = (
        "definition 2: A second =; a definition has one.",
        r"definition 4, z: z has a definition already, \mathbf{z} = \mathbf{W} \mathbf{x} + \mathbf{y} (definition 1)",
        'The shape of y: y: a shape has at most two sizes, as "m n"; 3 were given.',
        "The shape of 1: '1' is not a plain name: letters and digits, a letter first",
        "layout: 'numerater' is not a layout. Did you mean numerator?",
        "The function f: f: 'elementwis' is no kind of function. Did you mean elementwise?",
        r"The function \mathbf{g}: The function \mathbf{g} is declared already (The function g)",
        r"definition 5, r: \mathbf{W} \mathbf{W} does not conform: \mathbf{W} is (m, n), \mathbf{W} is (m, n)",
        "definition 6, s: t is not declared.",
        "The alias h: h is an alias of hh, which is not declared.",
        "assumption 1: 'W sym' is no assumption that is known. Did you mean 'W symmetric'?",
        "The size n: n = 0: the number of a size is a positive int.",
        "The size j: No shape and no definition here has the size j.",
    )
    assert len(error.value.faults) == len(expected)
    assert [fault for fault, begin in zip(error.value.faults, expected, strict=True) if not fault.startswith(begin)] == []


def test_a_circle_through_a_map() -> None:
    with pytest.raises(ModelError, match="z needs C, C needs z"):
        model(r"\mathbf{z} = C \mathbf{b}", functions={"C": {"of": "z", "shape": ""}})


# what is given, the error, and its message
WRONG: list[tuple[dict[str, Any], type[MatcalcError], str]] = [
    (
        {"definitions": [r"z = \mathbf{b}", r"\mathbf{z} = \mathbf{y}"]}, DefinitionClashError,
        r"definition 2, z: z has a definition already, z = \mathbf{b} (definition 1)",
    ),
    ({"definitions": [r"z = \mathbf{b}"], "aliases": {"z": "x"}}, DefinitionClashError, "The alias z: z has a definition already"),
    (
        {"definitions": [r"z = \mathbf{b}"], "names": [mc.vector("z", "m")]}, DefinitionClashError,
        "z is defined here, and names= holds another",
    ),
    ({"names": [mc.vector("x", "p")]}, DefinitionClashError, "x is declared with the shape (n,), and names= holds another x"),
    ({"names": [mc.vector("v", "p") + 1]}, ModelError, "names, one of them: v + 1 has no name of its own"),
    (
        {"names": [mc.let("q", mc.function("f")(mc.scalar("c")))], "functions": {"f": "tanh"}}, DefinitionClashError,
        "declared here as another function",
    ),
    ({"shapes": {"x": "n", r"\mathbf{x}": "m"}}, DefinitionClashError, r"\mathbf{x} is (m,) here and (n,) at The shape of x"),
    (
        {"shapes": {"z": "n"}, "definitions": ["z = 2 y"]}, ShapeError,
        "z is declared as (n,), but its definition (definition 1) makes it (m,)",
    ),
    ({"shapes": {"h": "m"}, "aliases": {"h": "x"}}, ShapeError, "h is declared as (m,), but its definition (The alias h) makes it (n,)"),
    ({"shapes": {"q": "a b c"}}, ModelError, "The shape of q: q: a shape has at most two sizes"),
    ({"shapes": {"1": "n"}}, ModelError, "The shape of 1: '1' is not a plain name"),
    ({"aliases": {"h": "x_1"}}, UnknownNameError, "The alias h: h is an alias of x_1, which is not declared."),
    ({"aliases": {"h": 3}}, ModelError, "The alias h: h is an alias of 3, which is no name"),
    ({"functions": {"f": "elementwse"}}, ModelError, "'elementwse' is no kind of function. Did you mean elementwise"),
    ({"functions": {"f": {"of": "xx", "shape": ""}}}, UnknownNameError, "f is declared of xx, which is not declared. Did you mean x"),
    ({"functions": {"f": {"of": 3, "shape": ""}}}, ModelError, "f is declared of 3: a name is needed there"),
    (
        {"functions": {"C": {"shape": ""}}, "definitions": ["C(y, b) = 3"]}, ReadError,
        "C is declared as a function, and a formula does not define one",
    ),
    ({"definitions": [r"C(\mathbf{b}, \mathbf{v}) = 3"]}, UnknownNameError, "v is not declared; an argument on the left side"),
    ({"definitions": [r"C(\mathbf{b} + 1) = 3"]}, ReadError, "An argument on the left side is a declared name"),
    ({"definitions": ["z"]}, ReadError, "definition 1: This defines nothing: there is no ="),
    ({"definitions": ["= x"]}, ReadError, "No name stands before the sign"),
    ({"definitions": ["z ="]}, ReadError, "Nothing stands behind the sign"),
    ({"definitions": ["z = b = y"]}, ReadError, "A second =; a definition has one"),
    ({"definitions": ["x + z = y"]}, ReadError, "x + z is not a name, so nothing can be defined here"),
    ({"definitions": [r"z^\top = y"]}, ReadError, r"z^\top is a transpose"),
    ({"definitions": ["z = {x"]}, ReadError, "This { is never closed"),
    ({"definitions": "z = x"}, ModelError, "definitions='z = x': it is a list of texts"),
    ({"definitions": [r"z = x", 3]}, ModelError, "definition 2: 3 is no text"),
    ({"assume": "x positive"}, ModelError, "assume='x positive': it is a list of texts"),
    ({"assume": ["W full rank", "Q symmetric"]}, UnknownNameError, "assumption 2: The assumption 'Q symmetric' names nothing"),
    ({"shapes": ["x"]}, ModelError, "shapes=['x']: it is a dict by name"),
    ({"layout": "both"}, LayoutError, "layout: 'both' is not a layout. Known names: denominator, numerator."),
    ({"names": 3}, ModelError, "names: 3 is neither a dict nor a list"),
    ({"definitions": {"z": 3}}, ModelError, "The definition of z: 3 is no text"),
    ({"definitions": [r"z_i = \sum_j W_{ij} x_j"]}, ReadError, "definition 1, z_i: The index i is free here"),
    ({"functions": {"f": {"of": [], "shape": ""}}}, ModelError, "f is declared of []: a name is needed there"),
    ({"sizes": ["2 n"]}, MatcalcError, "'2 n' is not"),
    ({"sizes": {"2*n": 3}}, ModelError, "'2*n' is not the name of a size"),
    ({"sizes": {r"\frac{\partial C}{\partial z}": 3}}, MatcalcError, "is not a size"),
    ({"sizes": {"n": 0}}, ModelError, "The size n: n = 0: the number of a size is a positive int"),
    ({"sizes": {"n": True}}, ModelError, "the number of a size is a positive int"),
    ({"sizes": {"k": 3}}, UnknownNameError, "No shape and no definition here has the size k. Known names: m, n"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "kind", "claim"), WRONG, ids=[claim[:45] for _, _, claim in WRONG])
def test_what_is_refused(given: dict[str, Any], kind: type[MatcalcError], claim: str) -> None:
    shapes = given.get("shapes", {})
    given = {**given, "shapes": {**SHAPES, **shapes} if isinstance(shapes, dict) else shapes}
    with pytest.raises(kind, match=re.escape(claim)) as error:
        mc.Model(**given)
    assert type(error.value) is (ModelError if kind is MatcalcError else kind)


def test_sizes_that_no_shape_holds() -> None:
    made = mc.Model(shapes={"x": "n"}, definitions=[r"C = \frac{1}{N} \mathbf{x}^\top \mathbf{x}"], sizes=["N"])
    assert {str(dim) for dim in made.dims} == {"n", "N"}
    assert made == mc.Model.from_toml_text(made.to_toml())
    counted = mc.Model(shapes={"x": "n"}, definitions=[r"C = \frac{1}{N} \mathbf{x}^\top \mathbf{x}"], sizes={"N": 4})
    assert counted.evaluate("C", {"x": [1, 2, 3]}) == 3.5


# ---- writing ---------------------------------------------------------------------------------------------------------


def test_a_model_is_written_and_read_again() -> None:
    made = model(
        r"\mathbf{z} = \mathbf{W} \mathbf{x}", r"\mathbf{a}' = f'(\mathbf{z}) \odot \phi(\mathbf{b})", r"q = 2 C + h(\mathbf{z})",
        functions={
            "f": "elementwise", r"\phi": "relu", "C": {"of": ["u", "y"], "shape": ""}, "u": {"of": "z", "shape": "p 1"}, "h": {"shape": ""},
        },
        assume=["W full rank", "x one-hot"], aliases={"a^(0)": "x", "h'": "z"}, sizes={"m": 7, "p": 3},
        shapes={"c": "", "r": "1 n", "X1": "n 2*n"},
    )  # fmt: skip
    assert mc.Model.from_toml_text(made.to_toml()) == made


@pytest.mark.parametrize(
    ("function", "claim"),
    [
        (mc.function("g").prime, "The function f, ElementwiseFunction"),
        (MapFunction("f", (), (("n",),)), "The function f, MapFunction"),  # type: ignore[arg-type]
        ({"of": mc.vector("x", "n") + 1, "shape": ""}, "f is a map of x + 1, which has no name"),
    ],
    ids=["prime", "map", "expression"],
)
def test_what_has_no_writing(function: Any, claim: str) -> None:
    with pytest.raises(UnsupportedError, match=re.escape(claim)):
        model(functions={"f": function}).to_toml()


def test_a_definition_with_one_argument_drops_it_in_later_texts() -> None:
    model = mc.Model(shapes={"W": "m n", "x": "n"}, definitions=["z = W x", r"C(\mathbf{z}) = z^\top z", "D = 2 C(z)"])
    assert model["D"].definition == 2 * model["C"]  # type: ignore[attr-defined]
    assert model.read(r"C(\mathbf{z})") == model["C"]
    for other in (r"C(\mathbf{x})", r"C(2 \mathbf{z})", "C(W x)"):
        with pytest.raises(MatcalcError, match=r"are not the arguments of the definition, which are \(z\)"):
            model.read(other)


def test_arguments_in_another_order_are_refused() -> None:
    model = mc.Model(shapes={"x": "", "y": ""}, definitions=["f(x, y) = x - y"])
    assert model.read("f(x, y)^2") == model["f"] ** 2
    with pytest.raises(MatcalcError, match=r"which are \(x, y\)"):
        model.read("f(y, x)")
