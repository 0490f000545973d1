"""What the formulas of `tests.check.notation` mean, in NumPy: the oracle of the tests of the checker, with nothing of the package in it.

Nothing broadcasts but scalars. Derivatives are complex steps of the definitions, varied by the quantity below, and laid out entry by
entry. Sizes are different primes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias, final

import numpy as np

from tests.check.notation import Node, NotRead, read

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
PRIMES = (5, 3, 7, 2, 11, 13, 17)
STEP = 1e-30
WIDE_STEP = 1e-3
TOLERANCE = 1e-6


class IllShaped(ValueError):
    """Sizes that do not fit, or indices."""


class NoName(ValueError):
    """A name that the world does not have."""


class ThreeAxes(ValueError):
    """A derivative with more than two axes where only a matrix will do."""


@final
@dataclass(frozen=True)
class Labelled:
    """An array of which each axis has an index letter."""

    labels: tuple[str, ...]
    array: Array


@final
@dataclass(frozen=True)
class Unsized:
    """A multiple of the identity, or a column of ones (or its transpose), whose size is told by what stands beside it."""

    kind: str
    scale: Array = field(default_factory=lambda: np.ones((1, 1)))


Value: TypeAlias = Any  # Array | Labelled | Unsized


def _smooth(name: str) -> tuple[Callable[[Array], Array], ...]:
    """An unknown function with its first two derivatives."""
    s = 1.1 + 0.37 * (zlib.crc32(name.encode()) % 7)
    return (
        lambda z: np.sin(s * z) / s + 0.3 * z * z + 0.2 * z,
        lambda z: np.cos(s * z) + 0.6 * z + 0.2,
        lambda z: -s * np.sin(s * z) + 0.6,
    )


def _sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


KNOWN: dict[str, tuple[Callable[[Array], Array], ...]] = {
    "sigmoid": (
        _sigmoid,
        lambda z: _sigmoid(z) * (1 - _sigmoid(z)),
        lambda z: _sigmoid(z) * (1 - _sigmoid(z)) * (1 - 2 * _sigmoid(z)),
    ),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, lambda z: -2 * np.tanh(z) * (1 - np.tanh(z) ** 2)),
    "relu": (lambda z: np.where(z.real > 0, z, 0 * z), lambda z: (z.real > 0) * 1.0 + 0 * z, lambda z: 0 * z),
    "exp": (np.exp, np.exp, np.exp),
    "log": (np.log, lambda z: 1 / z, lambda z: -1 / z**2),
    "sin": (np.sin, np.cos, lambda z: -np.sin(z)),
    "cos": (np.cos, lambda z: -np.sin(z), lambda z: -np.cos(z)),
}


@final
@dataclass
class World:
    """Numbers for all names at one depth.

    Attributes:
        sizes: of each name of a size, and of each scalar that is one.
        roots: values of what is not defined.
        definitions: of each name a formula, in their order.
        elementwise: of each function its values and derivatives.
        letters: which letters stand for the last layer, as {"L": 3}.
        running: letters of layers that formulas range over, each with its values.
        maps: of each unknown function its values.
        aliases: other names.
        deltas: the name of the inputs of a layer, by which delta is the derivative of the cost, as ``z^({})``.
        cost: the name of the cost.
        kept: what was computed before.
    """

    sizes: dict[str, int]
    roots: dict[str, Array]
    definitions: dict[str, Node]
    elementwise: dict[str, tuple[Callable[[Array], Array], ...]] = field(default_factory=dict)
    maps: dict[str, Callable[..., Array]] = field(default_factory=dict)
    letters: dict[str, int] = field(default_factory=dict)
    running: dict[str, range] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    deltas: str = ""
    cost: str = "C"
    kept: dict[Any, Any] = field(default_factory=dict)

    def values(self, given: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """The values of all names, some of them given."""
        if not given and "values" in self.kept:
            return dict(self.kept["values"])
        found: dict[str, Array] = {**self.roots, **(given or {})}
        before = {} if not given else self.kept["values"]
        changed = set(given or ())
        for name, formula in self.definitions.items():
            if given and name in given:
                continue
            if given and not (self.names_in(name, formula) & changed):
                found[name] = before[name]
                continue
            found[name] = Evaluation(self, found, dict(self.letters), "numerator").matrix(formula)
            changed.add(name)
        if not given:
            self.kept["values"] = dict(found)
        return found

    def names_in(self, name: str, formula: Node) -> set[str]:
        key = ("names", name)
        if key not in self.kept:
            probe = Evaluation(self, self.roots, dict(self.letters), "numerator")
            names = {probe.plain_or_nothing(node) for node in formula.walk() if node.kind == "name"}
            for node in formula.walk():
                if node.kind == "applied":
                    names |= {node.words[0]}
            self.kept[key] = {each for each in names if each}
        found: set[str] = self.kept[key]
        return found


def random_root(name: str, rows: int, columns: int) -> Array:
    rng = np.random.default_rng(zlib.crc32(f"{name} {rows} {columns}".encode()))
    return 0.7 * rng.standard_normal((rows, columns))


def random_map(name: str, rows: int, columns: int) -> Callable[..., Array]:
    """A smooth function of arrays, with values of a shape."""

    def value(*arguments: Array) -> Array:
        inner = np.concatenate([each.reshape(-1, order="F") for each in arguments])
        rng = np.random.default_rng(zlib.crc32(f"{name} {inner.size}".encode()))
        mixing = rng.standard_normal((rows * columns, inner.size)) / np.sqrt(inner.size)
        found = np.sin(mixing @ inner + 0.3) + 0.4 * (mixing @ inner * inner.sum())
        return np.reshape(found, (rows, columns))

    return value


def product(left: Value, right: Value, *, lenient: bool) -> Value:
    """The matrix product, or a multiple where one side is a scalar."""
    if isinstance(left, Unsized) or isinstance(right, Unsized):
        return _unsized_product(left, right)
    if left.shape == (1, 1) or right.shape == (1, 1):
        return left * right
    if lenient and left.shape == right.shape and left.shape[1] == 1:
        return left.T @ right
    if left.shape[1] != right.shape[0]:
        raise IllShaped(f"{left.shape} meets {right.shape}")
    return left @ right


def _unsized_product(left: Value, right: Value) -> Value:
    if isinstance(left, Unsized) and isinstance(right, Unsized):
        raise NotRead("two arrays without sizes side by side")
    unsized, other = (left, right) if isinstance(left, Unsized) else (right, left)
    if other.shape == (1, 1):
        return Unsized(unsized.kind, unsized.scale * other)
    if unsized.kind == "identity":
        return unsized.scale * other
    if unsized is left and unsized.kind == "row":
        return unsized.scale * other.sum(axis=0, keepdims=True)
    if unsized is right and unsized.kind == "ones":
        return unsized.scale * other.sum(axis=1, keepdims=True)
    raise NotRead("ones without a size")


def total(terms: list[Value]) -> Value:
    if any(isinstance(each, Labelled) for each in terms):
        return _labelled_total([labelled(each) for each in terms])
    shapes = {each.shape for each in terms if not isinstance(each, Unsized) and each.shape != (1, 1)}
    if len(shapes) > 1:
        raise IllShaped(f"a sum of {shapes}")
    if any(isinstance(each, Unsized) for each in terms):
        if not shapes:
            raise NotRead("a sum without a size")
        rows, columns = shapes.pop()
        sized = {"identity": np.eye(rows, columns), "ones": np.ones((rows, columns)), "row": np.ones((rows, columns))}
        terms = [sized[each.kind] * each.scale if isinstance(each, Unsized) else each for each in terms]
    result = terms[0]
    for each in terms[1:]:
        result = result + each
    return result


def labelled(value: Value) -> Labelled:
    if isinstance(value, Labelled):
        return value
    if isinstance(value, Unsized) or value.shape != (1, 1):
        raise IllShaped("a matrix beside entries")
    return Labelled((), value[0, 0])


def _labelled_total(terms: list[Labelled]) -> Labelled:
    """A sum entry by entry: of a term without one of the indices, every entry has the same value."""
    labels = tuple(dict.fromkeys(letter for each in terms for letter in each.labels))
    extents = {letter: size for each in terms for letter, size in zip(each.labels, np.shape(each.array), strict=True)}
    ones = [Labelled((letter,), np.ones(extents[letter])) for letter in labels]
    return Labelled(labels, np.asarray(sum(labelled_product([*ones, each]).array for each in terms)))


def labelled_product(parts: list[Labelled]) -> Labelled:
    """Entry by entry over all indices: a repeated index is not summed."""
    extents: dict[str, int] = {}
    for part in parts:
        for letter, size in zip(part.labels, np.shape(part.array), strict=True):
            if extents.setdefault(letter, size) != size:
                raise IllShaped(f"{letter} over two sizes")
    letters = list(extents)
    numbers = {letter: k for k, letter in enumerate(letters)}
    arguments: list[Any] = []
    for part in parts:
        arguments += [part.array, [numbers[letter] for letter in part.labels]]
    return Labelled(tuple(letters), np.einsum(*arguments, list(range(len(letters)))))


def diagonalised(labels: tuple[str, ...], array: Array) -> Labelled:
    """Axes with one letter become one."""
    for letter in set(labels):
        if len({size for each, size in zip(labels, array.shape, strict=True) if each == letter}) > 1:
            raise IllShaped(f"{letter} over two sizes")
    kept = tuple(dict.fromkeys(labels))
    return Labelled(kept, np.einsum(array, [kept.index(each) for each in labels], list(range(len(kept)))))


@cache
def _layer(text: str) -> tuple[str, int] | None:
    m = re.fullmatch(r"([A-Za-z]?)([+-]?\d+)?", text)
    return (m[1], int(m[2] or 0)) if m and text else None


@final
@dataclass
class Evaluation:
    """The value of a formula.

    Attributes:
        world: what names mean.
        values: of the names.
        letters: of layers, each with its number.
        layout: of the derivatives.
        reading: ``stand-in`` or ``jacobian``, of factors with three axes.
        lenient: whether column times column is the dot product.
    """

    world: World
    values: Mapping[str, Array]
    letters: dict[str, int]
    layout: str
    reading: str = "stand-in"
    lenient: bool = False
    directions: Mapping[str, Array] | None = None
    given: Mapping[str, Array] = field(default_factory=dict)
    met_three_axes: bool = False
    extents: dict[str, int] = field(default_factory=dict)

    def matrix(self, node: Node) -> Array:
        value = self.of(node)
        if isinstance(value, Labelled):
            if value.labels:
                raise IllShaped("entries where a matrix is meant")
            return np.reshape(value.array, (1, 1))
        if isinstance(value, Unsized):
            raise NotRead("an array without a size")
        return np.asarray(value)

    def of(self, node: Node) -> Value:
        return getattr(self, f"_{node.kind}")(node)

    # ---- names

    def number(self, text: str) -> int | None:
        """The layer that a text names."""
        found = _layer(text)
        if found is None:
            return None
        letter, offset = found
        if not letter:
            return offset
        return self.letters[letter] + offset if letter in self.letters else None

    def plain(self, node: Node) -> str:
        """The plain name without indices, or nothing."""
        return self.resolved(node)[0]

    def resolved(self, node: Node) -> tuple[str, str]:
        """The plain name and the index letters."""
        base, lower, layer = node.words
        above = ""
        if layer:
            number = self.number(layer[1:-1])
            if number is None:
                raise NoName(f"layer {layer}")
            above = f"^({number})"
        if lower:
            numbers = [lower, str(self.number(lower))] if self.number(lower) is not None else [lower]
            for each in reversed(numbers):
                name = f"{base}_{each}{above}"
                if self.knows(name):
                    return self.world.aliases.get(name, name), ""
        name = base + above
        if lower and not re.fullmatch(r"[a-z](,?[a-z])*", lower):
            raise NoName(f"{base}_{lower}{above}")
        return self.world.aliases.get(name, name), lower.replace(",", "")

    def knows(self, name: str) -> bool:
        return name in self.values or name in self.world.definitions or name in self.world.aliases or name in self.world.sizes

    def _name(self, node: Node) -> Value:
        base, lower, _ = node.words
        if base in ("1", "I", "0") and not self.knows(base):
            return self.constant(base, lower)
        if base == "delta" and not self.knows(self.plain_or_nothing(node)):
            return self.kronecker(lower) if len(lower) == 2 and not node.words[2] else self.delta(node)
        name, indices = self.resolved(node)
        if name in self.world.sizes and name not in self.values:
            return np.array([[float(self.world.sizes[name])]])
        if name not in self.values:
            raise NoName(name)
        return self.entries(self.values[name], indices) if indices else self.values[name]

    def plain_or_nothing(self, node: Node) -> str:
        try:
            return self.plain(node)
        except NoName:
            return ""

    def entries(self, array: Array, indices: str) -> Labelled:
        squeezed = array[:, 0] if array.shape[1] == 1 else array[0] if array.shape[0] == 1 else array
        if squeezed.ndim != len(indices):
            raise IllShaped(f"{indices} of {array.shape}")
        self.extents.update(zip(indices, squeezed.shape, strict=True))
        return diagonalised(tuple(indices), squeezed)

    def constant(self, base: str, lower: str) -> Value:
        if not lower:
            if base == "0":
                return np.zeros((1, 1))
            return Unsized("identity" if base == "I" else "ones")
        sizes = [self.size(each) for each in re.split(r"\\times|,", lower)]
        if base == "I":
            return np.eye(sizes[0])
        shape = (sizes[0], sizes[1] if len(sizes) > 1 else 1)
        return np.ones(shape) if base == "1" else np.zeros(shape)

    def size(self, text: str) -> int:
        base, _, lower = text.replace("{", "").replace("}", "").partition("_")
        number = self.number(lower) if lower else None
        for each in (f"{base}_{number}", text):
            if each in self.world.sizes:
                return self.world.sizes[each]
        raise NoName(text)

    def kronecker(self, letters: str) -> Value:
        """The identity over indices of which one is met elsewhere."""
        size = next((self.extents[letter] for letter in letters if letter in self.extents), None)
        if size is None:
            raise NotRead("a delta of unknown size")
        return diagonalised(tuple(letters), np.eye(size))

    def delta(self, node: Node) -> Value:
        """The derivative of the cost by the inputs of a layer, which delta is unless it is defined."""
        _, lower, layer = node.words
        number = self.number(layer[1:-1]) if layer else self.number(lower)
        name = self.world.deltas.format(number)
        if not self.world.deltas or number is None or name not in self.values:
            raise NoName("delta")
        raw = self.raw(self.world.cost, name)
        indices = lower if layer else ""
        if indices:
            return self.entries(raw.reshape(self.values[name].shape), indices)
        return self.laid_out(raw.reshape((1, 1, *self.values[name].shape)))

    # ---- signs

    def _number(self, node: Node) -> Value:
        return np.array([[float(node.words[0])]])

    def _group(self, node: Node) -> Value:
        return self.of(node.parts[0])

    def _sum(self, node: Node) -> Value:
        terms = [self.of(part) for part in node.parts]
        return total([_scaled(term, -1.0) if sign == "-" else term for sign, term in zip(node.words, terms, strict=True)])

    def _product(self, node: Node) -> Value:
        values = [self.of(part) for part in node.parts]
        for k, sign in enumerate(node.words):
            if sign == "/":
                values[k] = _reciprocal(values[k])
        if any(isinstance(value, Labelled) for value in values):
            return labelled_product([labelled(value) for value in values])
        result = values[0]
        for value in values[1:]:
            result = product(result, value, lenient=self.lenient)
        return result

    def _had(self, node: Node) -> Value:
        values = [self.vector_of(part) for part in node.parts]
        if any(isinstance(value, Labelled | Unsized) for value in values):
            raise IllShaped("entries under a Hadamard product")
        shapes = {value.shape for value in values if value.shape != (1, 1)}
        if len(shapes) > 1:
            raise IllShaped(f"Hadamard product of {shapes}")
        result = values[0]
        for value in values[1:]:
            result = result * value
        return result

    def vector_of(self, node: Node) -> Value:
        if node.kind == "jacobian":
            return np.diag(self.of(node))[:, None]
        return self.of(node)

    def _kron(self, node: Node) -> Value:
        result = self.matrix(node.parts[0])
        for part in node.parts[1:]:
            result = np.kron(result, self.matrix(part))
        return result

    def _transpose(self, node: Node) -> Value:
        value = self.of(node.parts[0])
        if isinstance(value, Unsized):
            return Unsized({"identity": "identity", "ones": "row", "row": "ones"}[value.kind], value.scale)
        if isinstance(value, Labelled):
            if value.labels:
                raise IllShaped("a transposed entry")
            return value
        return value.T

    def _inverse(self, node: Node) -> Value:
        value = self.of(node.parts[0])
        if isinstance(value, Labelled):
            return Labelled(value.labels, 1 / value.array)
        if value.shape == (1, 1):
            return 1 / value
        if value.shape[0] != value.shape[1]:
            raise IllShaped(f"the inverse of {value.shape}")
        return np.linalg.inv(value)

    def _power(self, node: Node) -> Value:
        value = self.of(node.parts[0])
        text = node.words[0]
        exponent = 0.5 if text in ("1/2", r"\frac{1}{2}") else -0.5 if text == "-1/2" else int(text)
        if isinstance(value, Labelled):
            return Labelled(value.labels, value.array**exponent)
        if value.shape == (1, 1):
            return value**exponent
        if value.shape[0] != value.shape[1] or not isinstance(exponent, int):
            raise IllShaped(f"a power of {value.shape}")
        return np.linalg.matrix_power(value, exponent)

    def _each_power(self, node: Node) -> Value:
        return self.matrix(node.parts[0]) ** int(node.words[0])

    def _entry(self, node: Node) -> Value:
        return self.entries(self.matrix(node.parts[0]), node.words[0].replace(" ", "").replace(",", ""))

    def _fraction(self, node: Node) -> Value:
        above, below = (self.of(part) for part in node.parts)
        if isinstance(above, Labelled) or isinstance(below, Labelled):
            return labelled_product([labelled(above), labelled(_reciprocal(below))])
        return above * _reciprocal(below)

    def _sqrt(self, node: Node) -> Value:
        value = self.of(node.parts[0])
        return Labelled(value.labels, np.sqrt(value.array)) if isinstance(value, Labelled) else np.sqrt(value)

    def _norm(self, node: Node) -> Value:
        array = self.matrix(node.parts[0])
        if node.words[0] == "1":
            return np.reshape(np.sum(array * np.sign(array.real)), (1, 1))
        return np.reshape(np.sqrt(np.sum(array * array)), (1, 1))

    def _sigma(self, node: Node) -> Value:
        below, end = node.words
        letter, _, start = below.partition("=")
        last = self.number(end) if end else None
        if start and end and letter in self.world.running and last is not None:
            found = []
            for k in range(self.number(start) or 0, last + 1):
                numbers = {**self.letters, letter: k}
                inner = Evaluation(self.world, self.values, numbers, self.layout, self.reading, self.lenient, given=self.given)
                found.append(inner.of(node.parts[0]))
                self.met_three_axes |= inner.met_three_axes
            return total(found)
        value = labelled(self.of(node.parts[0]))
        for each in letter.replace(",", ""):
            if each not in value.labels:
                raise IllShaped(f"a sum over {each}, which nothing has")
            axis = value.labels.index(each)
            if end and self.size(end) != value.array.shape[axis]:
                raise IllShaped(f"{each} over two sizes")
            value = Labelled(tuple(x for x in value.labels if x != each), value.array.sum(axis=axis))
        return value

    # ---- functions

    def _applied(self, node: Node) -> Value:
        base, primes, layer = node.words
        if base in self.world.maps:
            return self.world.maps[base](*[self.matrix(part) for part in node.parts])
        argument = self.of(node.parts[0])
        apply = self.functions(base, layer)[int(primes)]
        return Labelled(argument.labels, apply(argument.array)) if isinstance(argument, Labelled) else apply(argument)

    def functions(self, base: str, layer: str) -> tuple[Callable[[Array], Array], ...]:
        if not layer:
            return self.world.elementwise.get(base) or KNOWN[base]
        number = self.number(layer.strip("()[]"))
        name = f"{base}^{number}"
        if name not in self.world.elementwise:
            raise NoName(name)
        return self.world.elementwise[name]

    def _function(self, node: Node) -> Value:
        base, primes, _ = node.words
        if base in self.world.maps and base in self.values and primes == "0":
            return self.values[base]
        raise NotRead("a function without an argument")

    def _jacobian(self, node: Node) -> Value:
        base, layer = node.words
        number = self.number(layer.strip("()[]"))
        z = self.values.get(f"z^({number})")
        if z is None:
            raise NoName(f"z^({number})")
        return np.diag(self.functions(base, layer)[1](z)[:, 0])

    def _call(self, node: Node) -> Value:
        name, kind = (*node.words, "")[:2]
        if name == "diag" and node.parts[0].kind == "applied":
            return np.diag(self.matrix(node.parts[0])[:, 0])
        value = self.of(node.parts[0])
        if isinstance(value, Labelled):
            if name not in KNOWN:
                raise IllShaped(f"{name} of entries")
            return Labelled(value.labels, KNOWN[name][0](value.array))
        if isinstance(value, Unsized):
            raise NotRead(f"{name} without a size")
        return _called(name, kind, value)

    # ---- derivatives

    def _derivative(self, node: Node) -> Value:
        return self.derivative(node.parts[0], node.parts[1], self.layout)

    def _nabla(self, node: Node) -> Value:
        by = node.parts[1]
        if np.size(self.matrix(node.parts[0])) != 1:
            raise IllShaped("the gradient of what is no scalar")
        return self.derivative(node.parts[0], by, "denominator")

    def varied(self, by: Node) -> tuple[str, str]:
        """The name that a derivative is by, and its indices."""
        if by.kind == "group":
            return self.varied(by.parts[0])
        if by.kind == "transpose":
            return self.varied(by.parts[0])
        if by.kind == "function" and by.words[0] in self.values:
            return by.words[0], ""
        if by.kind != "name":
            raise NotRead("a derivative by what is no name")
        name, indices = self.resolved(by)
        if name not in self.values:
            raise NoName(name)
        return name, indices

    def raw(self, of: Node | str, name: str) -> Array:
        """The derivative with the axes of the value first, then the two of the variable."""
        if isinstance(of, str):
            of = Node("name", (), (of, "", ""), 0, 0)
        key = (of.kind, _outline(of), name, tuple(sorted(self.letters.items())), self.layout if _has_derivative(of) else "")
        clean = not self.given
        if clean and key in self.world.kept:
            found: Array = self.world.kept[key]
            return found
        start = self.values[name]
        columns = []
        wide = _has_derivative(of)
        for k in range(start.size):
            columns.append(self.moved(of, name, k, wide))
        raw = np.stack(columns, axis=-1)
        raw = raw.reshape(raw.shape[:-1] + start.shape)
        if clean:
            self.world.kept[key] = raw
        return raw

    def moved(self, of: Node, name: str, k: int, wide: bool) -> Array:
        def at(step: complex) -> Array:
            start = self.values[name]
            array = start.astype(np.result_type(start, step))
            array.flat[k] += step
            given = {**self.given, name: array}
            inner = Evaluation(self.world, self.world.values(given), self.letters, self.layout, self.reading, given=given)
            value = inner.of(of)
            return np.asarray(value.array if isinstance(value, Labelled) else value)

        if not wide:
            return np.imag(at(1j * STEP)) / STEP
        h = WIDE_STEP
        return np.asarray((at(-2 * h) - 8 * at(-h) + 8 * at(h) - at(2 * h)) / (12 * h))

    def derivative(self, of: Node, by: Node, layout: str) -> Value:
        name, indices = self.varied(by)
        self.world.values()
        start = self.values[name]
        value = self.of(of)
        raw = self.raw(of, name)
        if isinstance(value, Labelled) or indices:
            own = value.labels if isinstance(value, Labelled) else ()
            if not isinstance(value, Labelled) and value.shape != (1, 1):
                raise IllShaped("an array by an entry")
            squeezed = raw.reshape(np.shape(value.array) + start.shape) if isinstance(value, Labelled) else raw.reshape(start.shape)
            if start.shape[1] == 1:
                squeezed = squeezed[..., 0]
            if squeezed.ndim != len(own) + len(indices):
                raise IllShaped(f"indices {indices} of {start.shape}")
            self.extents.update(zip((*own, *indices), squeezed.shape, strict=True))
            return diagonalised((*own, *indices), squeezed)
        return self.laid_out(raw, layout)

    def laid_out(self, raw: Array, layout: str = "") -> Array:
        layout = layout or self.layout
        outer, inner = raw.shape[:2], raw.shape[2:]
        scalar_of, scalar_by = outer == (1, 1), inner == (1, 1)
        if layout == "mixed":
            layout = "denominator" if scalar_of else "numerator"
        if scalar_by:
            numerator = raw[:, :, 0, 0]
        elif scalar_of:
            numerator = raw[0, 0].T
            if self.reading == "jacobian" and 1 not in inner:
                self.met_three_axes = True
                numerator = raw[0, 0].reshape(1, -1, order="F")
        elif 1 in outer and 1 in inner:
            numerator = raw.reshape(outer[0] * outer[1], -1)
        else:
            return self.three_axes(raw, layout)
        return numerator if layout == "numerator" else numerator.T

    def three_axes(self, raw: Array, layout: str) -> Array:
        self.met_three_axes = True
        outer, inner = raw.shape[:2], raw.shape[2:]
        if self.reading == "jacobian":
            stacked = raw.transpose(1, 0, 3, 2).reshape(outer[0] * outer[1], -1)
            return stacked if layout == "numerator" else stacked.T
        if outer[1] != 1 or inner[0] != outer[0]:
            raise ThreeAxes("no vector stands in")
        vector = raw[0, 0, 0][:, None]
        if not np.allclose(raw[:, 0], np.einsum("ip,q->ipq", np.eye(outer[0]), vector[:, 0])):
            raise ThreeAxes("no vector stands in")
        return np.asarray(vector if layout == "numerator" else vector.T)

    def _second(self, node: Node) -> Value:
        of, x, y = node.parts
        first, second = self.varied(x)[0], self.varied(y)[0]
        inner = Node("nabla", (of, x if x.kind != "transpose" else x.parts[0]), (), 0, 0)
        raw = self.raw(inner, second)
        rows, columns = self.values[first].size, self.values[second].size
        return raw.reshape(rows, columns)

    def _differential(self, node: Node) -> Value:
        name, indices = self.resolved(node.parts[0])
        if self.directions is None or indices:
            raise NotRead("a differential")
        if name in self.directions:
            return self.directions[name]
        if name not in self.values:
            raise NoName(name)
        self.world.values()
        return np.imag(self.world.values({n: self.values[n] + 1j * STEP * d for n, d in self.directions.items()})[name]) / STEP


def _has_derivative(node: Node) -> bool:
    return any(each.kind in ("derivative", "nabla", "second") or (each.kind == "name" and each.words[0] == "delta") for each in node.walk())


def _outline(node: Node) -> Any:
    return node.kind, node.words, tuple(_outline(part) for part in node.parts)


def _scaled(value: Value, factor: float) -> Value:
    if isinstance(value, Labelled):
        return Labelled(value.labels, factor * value.array)
    return Unsized(value.kind, value.scale * factor) if isinstance(value, Unsized) else factor * value


def _reciprocal(value: Value) -> Value:
    if isinstance(value, Labelled):
        return Labelled(value.labels, 1 / value.array)
    if isinstance(value, Unsized) or value.shape != (1, 1):
        raise IllShaped("a division by an array")
    return 1 / value


def _called(name: str, kind: str, value: Array) -> Array:
    if name in KNOWN:
        return KNOWN[name][0](value)
    if name == "diag":
        if value.shape[1] == 1:
            return np.diag(value[:, 0])
        if value.shape[0] == value.shape[1]:
            return np.diag(value)[:, None]
        raise IllShaped(f"diag of {value.shape}")
    if name == "total":
        return np.reshape(value.sum(), (1, 1))
    if name == "vec":
        return value.reshape(-1, 1, order="F")
    if name == "softmax":
        axis = 1 if "row" in kind else 0
        if axis == 0 and value.shape[1] != 1:
            raise IllShaped(f"softmax of {value.shape}")
        return np.asarray(np.exp(value) / np.exp(value).sum(axis=axis, keepdims=True))
    if value.shape[0] != value.shape[1]:
        raise IllShaped(f"{name} of {value.shape}")
    if name == "tr":
        return np.reshape(np.trace(value), (1, 1))
    if name == "det":
        return np.reshape(np.linalg.det(value), (1, 1))
    if name == "logdet":
        return np.reshape(np.log(np.linalg.det(value)), (1, 1))
    raise NotRead(name)


__all__ = ["KNOWN", "PRIMES", "Evaluation", "IllShaped", "Labelled", "NoName", "ThreeAxes", "World", "random_map", "random_root", "read"]
