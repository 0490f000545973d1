"""The networks and models that the lines of the tests are about: as the package gets them, and as worlds of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, final

import numpy as np

import matcalc as mc
from tests.check.notation import NotRead, read, sides_of
from tests.check.worlds import (
    KNOWN, PRIMES, TOLERANCE, Evaluation, IllShaped, Labelled, NoName, ThreeAxes, World, _smooth, random_map, random_root,
)  # fmt: skip

DEPTHS = (2, 3, 4)
WIDTHS = (5, 3, 7, 2, 11)


@final
@dataclass(frozen=True, eq=False)
class Setting:
    """What a line is about.

    Attributes:
        name: of the setting.
        network: the arguments of a network; None of a model.
        shapes, definitions, functions, assume: the arguments of a model.
        bare_layers: whether a superscript without brackets is a layer.
        running: letters that range over numbers in names, as {"t": (1, 3)}.
        last: the letter of the last one.
        deltas, cost: of which the derivative by which is delta, as ``z_{}``.
    """

    name: str
    network: Mapping[str, Any] | None = None
    shapes: Mapping[str, str] = field(default_factory=dict)
    definitions: tuple[str, ...] = ()
    functions: Mapping[str, Any] = field(default_factory=dict)
    assume: tuple[str, ...] = ()
    bare_layers: bool = False
    running: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    last: str = ""
    deltas: str = ""
    cost: str = "J"

    @cached_property
    def given(self) -> Any:
        """The network or model as the package gets it."""
        if self.network is not None:
            return mc.Network(**self.network)
        return mc.Model(
            shapes=dict(self.shapes), definitions=list(self.definitions), functions=dict(self.functions), assume=list(self.assume)
        )

    @cached_property
    def applied(self) -> frozenset[str]:
        """The names that apply to what stands in brackets after them."""
        if self.network is not None:
            return frozenset(("f", "sigma"))
        return frozenset(name.lstrip("\\") for name in self.functions)

    @cached_property
    def worlds(self) -> tuple[World, ...]:
        return tuple(map(self.network_world, DEPTHS)) if self.network is not None else (self.model_world(),)

    def read(self, text: str, at: int = 0, end: int | None = None) -> Any:
        return read(text, self.applied, bare_layers=self.bare_layers, at=at, end=end)

    # ---- models

    def model_world(self) -> World:
        names: dict[str, int] = {}
        for shape in [*self.shapes.values(), *(f.get("shape", "") for f in self.functions.values() if isinstance(f, dict))]:
            for size in shape.split():
                if not size.isdigit():
                    names.setdefault(size, PRIMES[len(names)])
        if "m > n" in self.assume and names["m"] < names["n"]:
            names["m"], names["n"] = names["n"], names["m"]
        world = World(names, {}, {}, deltas=self.deltas, cost=self.cost)
        world.running = {letter: range(low, high + 1) for letter, (low, high) in self.running.items()}
        if self.last:
            world.letters[self.last] = next(iter(self.running.values()))[1]
        for name, kind in self.functions.items():
            plain = name.lstrip("\\")
            if isinstance(kind, dict):
                world.maps[plain] = random_map(plain, *self.extents(kind["shape"], names))
            else:
                world.elementwise[plain] = KNOWN.get(kind) or _smooth(plain)
        defined = {}
        for text in self.definitions:
            (_, left), (right, end) = sides_of(text)[:2]
            node = self.read(text, 0, left)
            node = node if node.kind != "product" else node.parts[0]
            base, lower, layer = node.words
            name = base + (f"_{lower}" if lower else "") + (f"^{layer.replace('[', '(').replace(']', ')')}" if layer else "")
            defined[name] = self.read(text, right, end)
        for name, shape in self.shapes.items():
            plain = name.replace("[", "(").replace("]", ")").replace("{", "").replace("}", "").lstrip("\\")
            if plain not in defined:
                world.roots[plain] = self.root(plain, shape, names)
        for name, kind in self.functions.items():
            if isinstance(kind, dict):
                arguments = [kind["of"]] if isinstance(kind["of"], str) else kind["of"]
                call = name + "(" + ", ".join(arguments) + ")"
                defined.setdefault(name.lstrip("\\"), self.read(call))
        world.definitions = _in_order(defined, world)
        world.values()
        return world

    def root(self, name: str, shape: str, sizes: Mapping[str, int]) -> Any:
        array = random_root(name, *self.extents(shape, sizes))
        if f"{name} symmetric" in self.assume:
            array = (array + array.T) / 2
        if f"{name} positive definite" in self.assume:
            array = array @ array.T + np.eye(len(array))
        if f"det({name}) > 0" in self.assume and np.linalg.det(array) < 0:
            array[0] *= -1
        if f"{name} one-hot" in self.assume:
            array = np.eye(len(array))[:, 1:2]
        if f"{name} > 0" in self.assume:
            array = np.abs(array) + 0.3
        return array

    def extents(self, shape: str, sizes: Mapping[str, int]) -> tuple[int, int]:
        numbers = [int(each) if each.isdigit() else sizes[each] for each in shape.split()]
        return (1, 1) if not numbers else (numbers[0], 1) if len(numbers) == 1 else (numbers[0], numbers[1])

    # ---- networks

    def network_world(self, depth: int) -> World:
        assert self.network is not None
        batch, bias = self.network.get("batch"), self.network.get("bias", True)
        activation, loss = self.network["activation"], self.network["loss"]
        widths = WIDTHS[: depth + 1]
        sizes = {f"{letter}_{k}": n for letter in "nN" for k, n in enumerate(widths)}
        world = World(sizes, {}, {}, letters={"L": depth}, running={"l": range(depth + 2)}, deltas="Z^({})" if batch else "z^({})")
        across = (13,) if batch else (1,)
        if batch:
            sizes["N"] = 13
        turned = batch == "rows"

        def array(name: str, width: int) -> Any:
            rows, columns = (across[0], width) if turned else (width, across[0])
            return random_root(name, rows, columns)

        x, y, a, z = ("X", "Y", "A", "Z") if batch else ("x", "y", "a", "z")
        world.roots[x], world.roots[y] = array(x, widths[0]), array(y, widths[-1])
        world.aliases[f"{a}^(0)"] = x
        for k in range(1, depth + 1):
            world.roots[f"W^({k})"] = random_root(f"W{k}", widths[k], widths[k - 1])
            if bias:
                world.roots[f"b^({k})"] = random_root(f"b{k}", widths[k], 1)
            shift = (r" + \mathbf{1}_N (b^{(K)})^T" if turned else r" + b^{(K)} \mathbf{1}_N^T" if batch else " + b^{(K)}") if bias else ""
            formula = ("a^{(J)} (W^{(K)})^T" if turned else "W^{(K)} a^{(J)}") + shift
            formula = formula.replace("K", str(k)).replace("J", str(k - 1)).replace("a^", f"{a}^")
            world.definitions[f"{z}^({k})"] = read(formula)
            own = f"f^{k}" if isinstance(activation, list) else "f"
            world.elementwise[own] = KNOWN.get(activation) or _smooth(own) if isinstance(activation, str) else _smooth(own)
            world.elementwise.setdefault("sigma", world.elementwise[own])
            function = f"f^{{{k}}}" if isinstance(activation, list) else "f"
            world.definitions[f"{a}^({k})"] = read(f"{function}({z}^{{({k})}})", {"f"})
        sizes_of_cost = {"L": depth}
        last = f"{a}^{{({depth})}}"
        if loss == "half_mse":
            text = rf"\frac{{1}}{{2 n_{{{depth}}}}} \|{last} - {y}\|^2" + (r"/N" if batch else "")
        elif loss == "squared_error":
            text = rf"\frac{{1}}{{2}} \|{last} - {y}\|^2" + (r"/N" if batch else "")
        else:
            world.maps["C"] = random_map("C", 1, 1)
            text = f"C({last}, {y})"
        world.definitions["C"] = read(text, {"C"})
        world.letters.update(sizes_of_cost)
        world.values()
        return world


def _in_order(defined: dict[str, Any], world: World) -> dict[str, Any]:
    """Each definition after those that it rests on."""
    known = set(world.roots) | set(world.sizes)
    world.definitions = defined
    ordered: dict[str, Any] = {}
    while len(ordered) < len(defined):
        ready = [n for n, f in defined.items() if n not in ordered and not ((world.names_in(n, f) & set(defined)) - set(ordered) - {n})]
        if not ready:
            raise NotRead(f"definitions in a circle: {set(defined) - set(ordered)}, known {known}")
        for name in ready:
            ordered[name] = defined[name]
    return ordered


# ---- whether a line is right -----------------------------------------------------------------------------------------


@cache
def verdict(setting: Setting, left: str, right: str, layout: str | None, lenient: bool = False) -> str:
    """``right``, or why it is wrong: judged at each depth and layer where the left side exists.

    Raises:
        NotRead: the line is not of the notation, or it exists nowhere.
    """
    sides = setting.read(left), setting.read(right)
    verdicts = [_at(setting, world, sides, letters, layout, lenient) for world in setting.worlds for letters in _instances(world, sides)]
    judged = [each for each in verdicts if each != "nowhere"]
    if not judged:
        raise NotRead(f"{left} = {right} exists nowhere: {verdicts}")
    return next((each for each in judged if each != "right"), "right")


def _instances(world: World, sides: Any) -> list[dict[str, int]]:
    named = [node for side in sides for node in side.walk() if node.kind in ("name", "applied", "jacobian")]
    texts = " ".join(word for node in named for word in node.words[1:])
    met = [letter for letter in world.running if any(letter == c for c in texts)]
    instances: list[dict[str, int]] = [{}]
    for letter in met:
        instances = [{**each, letter: k} for each in instances for k in world.running[letter]]
    return instances


def _at(setting: Setting, world: World, sides: Any, letters: dict[str, int], layout: str | None, lenient: bool) -> str:
    found = "nowhere"
    for reading in ("stand-in", "jacobian"):
        values: list[Any] = []
        extents: dict[str, int] = {}
        met = False
        for k, side in enumerate(sides):
            evaluation = Evaluation(world, world.values(), {**world.letters, **letters}, layout or "numerator", reading, lenient)
            evaluation.extents = extents
            try:
                evaluation.directions = _directions(evaluation, sides[1])
                values.append(evaluation.of(side))
            except NoName as fault:
                if k == 1 and not letters:
                    return f"unknown: {fault}"
                return "nowhere"
            except (IllShaped, ThreeAxes, np.linalg.LinAlgError) as fault:
                values.append(fault)
            met |= evaluation.met_three_axes
        found = _compared(*values)
        if found == "right" or not met:
            return found
    return found


def _directions(evaluation: Evaluation, side: Any) -> dict[str, Any] | None:
    """Random directions of all quantities of which a differential is written on the right side."""
    named = {evaluation.plain(node.parts[0]) for node in side.walk() if node.kind == "differential"}
    return {name: random_root(f"d{name}", *evaluation.values[name].shape) for name in named if name in evaluation.values} or None


def _compared(left: Any, right: Any) -> str:
    if isinstance(left, Exception):
        return f"left side: {left}"
    if isinstance(right, Exception):
        return f"ill-shaped: {right}"
    if isinstance(left, Labelled) or isinstance(right, Labelled):
        return _compared_entries(left, right)
    if not isinstance(right, np.ndarray):
        right = np.eye(*left.shape) * right.scale if right.kind == "identity" else np.ones(left.shape) * right.scale
    if right.shape == (1, 1) and not right.any():
        right = np.zeros(left.shape)
    if left.shape != right.shape:
        return f"ill-shaped: {left.shape} and {right.shape}"
    return _near(left, right)


def _compared_entries(left: Any, right: Any) -> str:
    pair = [each if isinstance(each, Labelled) else Labelled((), each[0, 0]) if each.shape == (1, 1) else None for each in (left, right)]
    if pair[0] is None or pair[1] is None or set(pair[0].labels) != set(pair[1].labels):
        return "index-mismatch"
    array = np.transpose(pair[1].array, [pair[1].labels.index(each) for each in pair[0].labels])
    if np.shape(array) != np.shape(pair[0].array):
        return "ill-shaped: an index over two sizes"
    return _near(np.asarray(pair[0].array), np.asarray(array))


def _near(left: Any, right: Any) -> str:
    size = max(1e-3, float(np.abs(left).max(initial=0.0)), float(np.abs(right).max(initial=0.0)))
    if not (np.isfinite(left).all() and np.isfinite(right).all()):
        raise NotRead("values that are not finite")
    return "right" if float(np.abs(left - right).max(initial=0.0)) < TOLERANCE * size else "wrong-value"
