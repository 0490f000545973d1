"""The text of a sum over indices denotes the right number: a reader of its own evaluates it with loops over the indices.

The reader knows the names and values of the quantities, the stated precedences, and nothing of index forms: a sum sign reaches
to the end of its term, juxtaposition binds tighter than a division, and a division ends with one factor.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import matcalc as mc
from matcalc.index.canonical import close
from matcalc.index.engine import Engine
from matcalc.index.form import Form, Rational, bracket
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.sizes import Dim, Shape
from matcalc.numeric.data import Array, bind
from matcalc.numeric.index_sums import index_sum
from matcalc.printing.index_sums import index_text

N, M = Dim(("n",)), Dim(("m",))
SIZES = {"n": 3, "m": 2}
SCALAR: Shape = ()
SYMBOLS = (
    mc.scalar("c"), mc.scalar("j"), mc.vector("x", N), mc.vector("y^(1)", N), mc.vector("b_1", M), mc.matrix("W", M, N),
    mc.matrix("V^(2)", M, N), mc.matrix("A", N, N), mc.matrix("B_1", N, N), mc.vector("q", M),
)  # fmt: skip
DRAWN = np.random.default_rng(7)
VALUES: dict[str, Array] = {
    s.name: DRAWN.uniform(0.4, 1.2, [SIZES[repr(size)] for size in s.shape]) + (2 * np.eye(3) if s.shape == (N, N) else 0.0)
    for s in SYMBOLS
    if isinstance(s, Symbol)
}
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp,
    "sigmoid": lambda t: 1 / (1 + math.exp(-t)),
    "log": lambda t: math.log(t) if t > 0 else math.nan,
    "sqrt": lambda t: math.sqrt(t) if t >= 0 else math.nan,
    "f": lambda t: 1 + t * t,
    "f'": lambda t: 2 * t,
    "f''": lambda t: 2.0,
}
F = (lambda t: 1 + t**2, lambda t: 2 * t, lambda t: 2 + 0 * t)


# ---- the reader ------------------------------------------------------------------------------------------------------

At = Mapping[str, int]


@dataclass(frozen=True)
class Read:
    """What was read: its value at indices, and the indices it holds with their extents, as far as entries tell them."""

    value: Callable[[At], float]
    extents: Mapping[str, int]


@dataclass(frozen=True)
class Whole:
    """A whole array, and the letters of its axes if it is made of entries."""

    value: Callable[[], Array]
    shape: tuple[int, ...]
    letters: list[str]


class UntoldRangeError(Exception):
    """An array in square brackets whose entries do not hold its index, such as [1]_a: no text of a form tells its size."""


def number(value: float) -> Read:
    return Read(lambda at: value, {})


def combined(parts: list[Read], value: Callable[[list[float]], float]) -> Read:
    extents = {letter: extent for part in parts for letter, extent in part.extents.items()}
    return Read(lambda at: value([part.value(at) for part in parts]), extents)


def entry(array: Callable[[], Array], shape: tuple[int, ...], letters: list[str]) -> Read:
    assert len(letters) == len(shape), (letters, shape)
    return Read(lambda at: float(array()[tuple(at[i] for i in letters)]), dict(zip(letters, shape, strict=True)))


def over(letters: list[str], extents: Mapping[str, int]) -> Iterator[At]:
    for place in product(*(range(extents[i]) for i in letters)):
        yield dict(zip(letters, place, strict=True))


class Reader:
    """One text, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def taken(self, token: str) -> bool:
        found = self.text.startswith(token, self.place)
        self.place += len(token) if found else 0
        return found

    def expect(self, token: str) -> None:
        assert self.taken(token), f"{token!r} expected at {self.text[self.place :]!r}"

    def match(self, pattern: str) -> str | None:
        found = re.compile(pattern).match(self.text, self.place)
        self.place = found.end() if found else self.place
        return found[0] if found else None

    def letters(self) -> list[str]:
        """The indices after a name, none if no subscript follows."""
        if not self.taken("_"):
            return []
        written = self.match(r"\{[^}]*\}|[a-z]+")
        assert written is not None, self.text[self.place :]
        inside = written.strip("{}")
        return re.split(r"[ ,]", inside) if " " in inside or "_" in inside else list(inside.replace(",", ""))

    def sum(self) -> Read:
        signs = [-1 if self.taken("-") else 1]
        terms = [self.term()]
        while sign := self.match(r" [+-] "):
            signs.append(-1 if sign == " - " else 1)
            terms.append(self.term())
        return combined(terms, lambda values: math.fsum(s * v for s, v in zip(signs, values, strict=True)))

    def term(self) -> Read:
        if self.taken("Σ"):
            letters = self.letters()
            self.expect(" ")
            body = self.term()
            rest = {i: extent for i, extent in body.extents.items() if i not in letters}
            return Read(lambda at: sum(body.value({**at, **more}) for more in over(letters, body.extents)), rest)
        left = self.factor()
        while True:
            if self.match(r" ?/ ?"):
                left = combined([left, self.factor()], lambda v: float(np.float64(v[0]) / np.float64(v[1])))
            elif re.compile(r" (?![+-] )").match(self.text, self.place):
                self.place += 1
                right = self.term() if self.text.startswith("Σ", self.place) else self.factor()
                left = combined([left, right], lambda v: v[0] * v[1])
            else:
                return left

    def factor(self) -> Read:
        base = self.base()
        exponent = self.match(r"\^(\d+|\(-?\d+/\d+\))")
        power = float(Fraction(exponent.strip("^()"))) if exponent else 1.0
        return combined([base], lambda v: float(np.float64(v[0]) ** power)) if exponent else base

    def base(self) -> Read:
        digits = self.match(r"\d+")
        if digits:
            return number(float(digits))
        if self.taken("δ"):
            i, j = self.letters()
            return Read(lambda at: float(at[i] == at[j]), {})
        name = self.match(r"(softmax|det|exp|sigmoid|log|sqrt|f'*)(?=[_(])")
        if name in ("softmax", "det"):
            return self.of_array(name)
        if name:
            self.expect("(")
            argument = self.sum()
            self.expect(")")
            return combined([argument], lambda v: FUNCTIONS[name](v[0]))
        named = self.quantity()
        if named is not None:
            return entry(lambda: named, named.shape, self.letters())
        self.expect("(")
        inverse = self.inverse()
        if inverse is not None:
            return inverse
        inside = self.sum()
        self.expect(")")
        return inside

    def quantity(self, *, whole: bool = False) -> Array | None:
        """The value of a name, which stands in brackets before indices if it has a subscript; sizes are scalars."""
        for name in sorted([*VALUES, *SIZES], key=len, reverse=True):
            if self.taken(f"({name})" if "_" in name and not whole else name):
                return np.asarray(VALUES.get(name, SIZES.get(name)), dtype=float)
        return None

    def array(self) -> Whole | None:
        """A whole array: a name, in brackets if a superscript follows its own, or entries in square brackets."""
        if self.taken("["):
            inside = self.sum()
            self.expect("]")
            letters = self.letters()
            if not set(letters) <= set(inside.extents):
                raise UntoldRangeError
            shape = tuple(inside.extents[i] for i in letters)
            return Whole(lambda: np.reshape([inside.value(at) for at in over(letters, inside.extents)], shape), shape, letters)
        start = self.place
        bracketed = self.taken("(")
        value = self.quantity(whole=True)
        if value is None or (bracketed and not self.taken(")")):
            self.place = start
            return None
        return Whole(lambda: value, value.shape, [])

    def inverse(self) -> Read | None:
        """An inverse after its opening bracket, or None and nothing read."""
        start = self.place
        array = self.array()
        if array is None or not self.taken("^-1)"):
            self.place = start
            return None
        half = len(array.shape) // 2
        side = math.prod(array.shape[:half])
        shape = array.shape[half:] + array.shape[:half]
        return entry(lambda: np.linalg.inv(array.value().reshape(side, side)).reshape(shape), shape, self.letters())

    def of_array(self, name: str) -> Read:
        along = self.letters()
        self.expect("(")
        array = self.array()
        assert array is not None, self.text[self.place :]
        self.expect(")")
        if name == "det":
            return Read(lambda at: float(np.linalg.det(array.value())), {})
        axes = tuple(array.letters.index(i) for i in along) or tuple(range(len(array.shape)))

        def normalised() -> Array:
            powers = np.exp(array.value() - array.value().max())
            return np.asarray(powers / powers.sum(axis=axes, keepdims=True))

        return entry(normalised, array.shape, self.letters())


def read_value(text: str, letters: list[str], shape: tuple[int, ...]) -> Array:
    """The array that a text denotes, its axes called by the letters."""
    reader = Reader(text)
    read = reader.sum()
    assert reader.place == len(text), f"not read: {text[reader.place :]!r}"
    extents = dict(zip(letters, shape, strict=True))
    assert set(read.extents) <= set(letters), f"{read.extents} holds an index that nothing sums"
    assert all(extents[i] == extent for i, extent in read.extents.items())
    return np.reshape([read.value(at) for at in over(letters, extents)], shape)


# ---- the reader against the form -------------------------------------------------------------------------------------


def check_read_back(form: Form, *roots: Expr) -> None:
    data = bind([*SYMBOLS, *roots], VALUES, functions={"f": F} if "f(" in repr(roots) else {})
    with np.errstate(all="ignore"):
        wanted = index_sum(form, data)
        text = index_text(form)
        letters = [i for i in "ijkpqr" if i not in names_in(text)][: wanted.ndim]
        try:
            found = read_value(text, letters, wanted.shape)
        except UntoldRangeError:
            reject()
        np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-10, err_msg=text)


def names_in(text: str) -> set[str]:
    """The one-letter names that stand in a text as names: not in a subscript."""
    bare = re.sub(r"_(\{[^}]*\}|[a-z]+)", "", text)
    return set(re.findall(r"(?<![\w'])[jq](?![\w'])", bare))


SHAPES: dict[Shape, list[Expr]] = {shape: [s for s in SYMBOLS if s.shape == shape] for shape in {s.shape for s in SYMBOLS}}
PRODUCTS: dict[Shape, list[tuple[Shape, Shape]]] = {
    SCALAR: [((1, N), (N,))], (N,): [((N, N), (N,)), ((N, M), (M,))], (M,): [((M, N), (N,))],
    (M, N): [((M, N), (N, N)), ((M,), (1, N))], (N, N): [((N, N), (N, N)), ((N, M), (M, N)), ((N,), (1, N))],
}  # fmt: skip


@st.composite
def expressions(draw: st.DrawFn, shape: Shape, depth: int, positive: bool = False) -> Expr:
    """An expression of that shape whose parts under a root, a logarithm or a line are positive, so that none is nearly 0."""

    def part(of: Shape, positive: bool = positive) -> Expr:
        if of not in PRODUCTS:
            return part(of[::-1] if 1 not in of else (of[1],), positive).T
        return draw(expressions(of, draw(st.sampled_from((depth - 1, 0))), positive))

    if depth == 0:
        return draw(st.sampled_from(SHAPES[shape]))
    left, right = draw(st.sampled_from(PRODUCTS[shape]))
    choices: list[Callable[[], Expr]] = [
        lambda: part(shape) + part(shape),
        lambda: part(SCALAR) + part(shape),
        lambda: part(left) @ part(right),
        lambda: part(SCALAR) * part(shape),
        lambda: part(shape) * part(shape),
        lambda: part(shape) / part(SCALAR, True),
        lambda: part(shape) / part(shape, True),
        lambda: part(shape) * Fraction(2, 3) / draw(st.sampled_from((N, M))),
        lambda: part(shape) ** 2,
        lambda: part(shape, True) ** draw(st.sampled_from([Fraction(-1), Fraction(1, 2), Fraction(-3, 2)])),
        lambda: mc.function("f")(part(shape)),
        lambda: mc.sigmoid(part(shape)),
    ]
    if not positive:
        choices += [
            lambda: part(shape) - part(shape),
            lambda: -part(shape),
            lambda: Fraction(-3, 4) * part(shape),
            lambda: mc.log(part(shape, True)),
        ]
        choices += [lambda: mc.inv(draw(st.sampled_from(INVERTIBLE)))] if shape == (N, N) else []
    if len(shape) == 1:
        choices.append(lambda: mc.softmax(part(shape)))
    if len(shape) == 2:
        choices.append(lambda: mc.softmax(part(shape), axis=draw(st.sampled_from(["rows", "columns"]))))
    if shape == SCALAR:
        choices += [lambda: mc.sum(part((M, N))), lambda: mc.norm(part((N,), True)), lambda: mc.trace(part((N, N)))]
        choices += [lambda: mc.det(draw(st.sampled_from(INVERTIBLE)))]
    return draw(st.sampled_from(choices))()


A, B = SHAPES[N, N]
INVERTIBLE = [A, B, A.T, A + B, A.T @ A, mc.function("f")(A)]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(PRODUCTS)).flatmap(lambda shape: expressions(shape, 3)))
def test_text_denotes_the_value_of_the_form(expression: Expr) -> None:
    check_read_back(Engine().lowered(expression).form, expression)


@settings(max_examples=200, deadline=None)
@given(expressions(SCALAR, 3), st.sampled_from([s for s in SYMBOLS if s.shape in (SCALAR, (N,), (M, N))]))
def test_text_of_a_derivative_denotes_its_value(expression: Expr, by: Symbol) -> None:
    engine = Engine()
    engine.lowered(expression)
    check_read_back(engine.adjoints(expression, [by])[by.name], expression)


def one_factor(coefficient: Rational, inside: Expr, exponent: Rational = 1, *, free: tuple[int, ...] = (0,)) -> Form:
    """A form that is one bracket, which the engine would have written out."""
    return close([(coefficient, [(bracket(Engine().lowered(inside).form), (0,), exponent)])], free, [N])


X, Y = SHAPES[N,]
LONE_BRACKETS = {
    "summed": (one_factor(1, X + Y, free=()), "Σ_i (x_i + y^(1)_i)"),
    "negative": (one_factor(-1, X + Y), "-(x_i + y^(1)_i)"),
    "doubled": (one_factor(2, X - Y), "2 (x_i - y^(1)_i)"),
    "number-behind-number": (one_factor(3, 2 * X), "3 (2 x_i)"),
    "fraction-of-size": (one_factor(Fraction(2, 3), X / N), "(2/3) ((1/n) x_i)"),
    "inverted-quotient": (one_factor(2, X / Y, -1), "2/(x_i / y^(1)_i)"),
}


@pytest.mark.parametrize(("form", "text"), LONE_BRACKETS.values(), ids=LONE_BRACKETS)
def test_lone_bracket_keeps_its_brackets(form: Form, text: str) -> None:
    assert index_text(form) == text
    check_read_back(form)


@pytest.mark.parametrize(
    "wrong",
    [
        "c Σ_k W_ik x_k",
        "Σ_k W_ik x_k - x_k",
        "c (Σ_j W_jk x_k)",
        "Σ_k W_ik",
    ],
)
def test_reader_rejects_a_wrong_text(wrong: str) -> None:
    expression = SHAPES[M, N][0] @ SHAPES[N,][0]
    wanted = index_sum(Engine().lowered(expression).form, bind([expression], VALUES))
    np.testing.assert_allclose(read_value("Σ_k W_ik x_k", ["i"], (2,)), wanted)
    with pytest.raises((AssertionError, KeyError)):
        np.testing.assert_allclose(read_value(wrong, ["i"], (2,)), wanted)
