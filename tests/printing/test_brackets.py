"""Brackets are enough: a small reader of its own, which knows only the stated precedences, recovers every expression."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcalc.language import building as mc
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Dim, Shape
from matcalc.printing.latex import latex
from matcalc.printing.structure import printed
from matcalc.printing.text import TEXT, text

N = Dim(("n",))
SCALAR: Shape = ()
COLUMN: Shape = (N,)
ROW: Shape = (1, N)
SQUARE: Shape = (N, N)
F = ElementwiseFunction("f")
EXPONENTS = (Fraction(2), Fraction(-1), Fraction(1, 2))
LEAVES: dict[Shape, list[Expr]] = {
    SCALAR: [mc.scalar("c"), mc.scalar("s^(1)"), mc.lift(N), *map(mc.lift, (2, -3, Fraction(1, 2), Fraction(-3, 4)))],
    COLUMN: [mc.vector("x", N), mc.vector("y^(1)", N)],
    ROW: [mc.row("r", N)],
    SQUARE: [mc.matrix("A", N, N), mc.matrix("B^(1)", N, N)],
}
NAMES: dict[str, Expr] = {text(leaf): leaf for leaves in LEAVES.values() for leaf in leaves}
TRANSPOSED = {SCALAR: SCALAR, COLUMN: ROW, ROW: COLUMN, SQUARE: SQUARE}
PRODUCTS = {
    SCALAR: [(ROW, COLUMN)],
    COLUMN: [(SQUARE, COLUMN)],
    ROW: [(ROW, SQUARE)],
    SQUARE: [(SQUARE, SQUARE), (COLUMN, ROW)],
}


@st.composite
def expressions(draw: st.DrawFn, shape: Shape, depth: int) -> Expr:
    """An expression of that shape, all shapes right by construction."""
    if depth == 0:
        return draw(st.sampled_from(LEAVES[shape]))

    def part(of: Shape) -> Expr:
        return draw(expressions(of, draw(st.integers(0, depth - 1))))

    left, right = draw(st.sampled_from(PRODUCTS[shape]))
    choices: list[Callable[[], Expr]] = [
        lambda: part(shape) + part(shape),
        lambda: part(shape) - part(shape),
        lambda: part(SCALAR) - part(shape),
        lambda: part(left) @ part(right),
        lambda: part(SCALAR) * part(shape),
        lambda: part(shape) * part(SCALAR),
        lambda: part(shape) / part(SCALAR),
        lambda: part(SCALAR) / part(shape),
        lambda: -part(shape),
        lambda: part(TRANSPOSED[shape]).T,
        lambda: part(shape) ** draw(st.sampled_from(EXPONENTS)),
        lambda: mc.kron(part(SCALAR), part(shape)),
        lambda: mc.kron(part(shape), part(SCALAR)),
        lambda: F(part(shape)),
        lambda: F.prime(part(shape)),
    ]
    if shape:
        choices += [lambda: part(shape) * part(shape), lambda: part(shape) / part(shape)]
    if shape == SQUARE:
        choices.append(lambda: mc.inv(part(shape)))
    return draw(st.sampled_from(choices))()


ANY_EXPRESSION = st.sampled_from(list(LEAVES)).flatmap(lambda shape: expressions(shape, 4))

TEXT_TOKENS = re.compile(
    r"(?P<function>f'?(?=\())|(?P<name>[a-zA-Z](?:\^\(1\))?(?!\w))|(?P<top>\^T)|(?P<inverse>\^-1)"
    r"|\^(?P<power>\d+|\((?P<bracketed>-?[\d/]+)\))|(?P<number>\d+(?:/\d+)?)|(?P<sign>[-+()⊙⊗/*])| +"
)
LATEX_TOKENS = re.compile(
    r"(?P<function>f'?(?=\(|\\left))|(?:\\mathbf\{(?P<bold>[a-zA-Z])\}|(?P<name>[a-zA-Z]))(?P<script>\^\{\(1\)(?P<joined>\\top)?\})?"
    r"|(?P<top>\^\\top)|\^\{\\odot (?P<power>[^}]*)\}|\^(?:\{(?P<scalar_power>[^}]*)\}|(?P<digit>\d))"
    r"|(?P<number>\d+|\\frac\{(?P<above>\d+)\}\{(?P<below>\d+)\})|(?P<fraction>\\frac)"
    r"|(?:\\left|\\right)?(?P<sign>[-+(){}])|(?P<command>\\odot|\\otimes|\\oslash|\\cdot)(?![a-z])| +"
)
COMMANDS = {r"\odot": "⊙", r"\otimes": "⊗", r"\oslash": "/", r"\cdot": "*"}
Token = tuple[str, str]


def matches(pattern: re.Pattern[str], written: str) -> list[dict[str, str]]:
    found, at = [], 0
    while at < len(written):
        match = pattern.match(written, at)
        assert match, f"cannot read {written[at:]!r}"
        found.append({kind: value for kind, value in match.groupdict().items() if value is not None})
        at = match.end()
    return [groups for groups in found if groups]


def text_tokens(written: str) -> list[Token]:
    tokens = []
    for groups in matches(TEXT_TOKENS, written):
        kind, value = next(iter(groups.items()))
        tokens.append((kind, groups.get("bracketed", value)))
    return tokens


def latex_tokens(written: str) -> list[Token]:
    tokens: list[Token] = []
    for groups in matches(LATEX_TOKENS, written):
        match groups:
            case {"name": name} | {"bold": name}:
                tokens.append(("name", name + ("^(1)" if "script" in groups else "")))
                tokens += [("top", "")] if "joined" in groups else []
            case {"above": above, "below": below}:
                tokens.append(("number", f"{above}/{below}"))
            case {"scalar_power": power} | {"digit": power}:
                tokens.append(("scalar power", power))
            case {"command": command}:
                tokens.append(("sign", COMMANDS[command]))
            case _:
                tokens.append(next(iter(groups.items())))
    return tokens


class Reader:
    """Recursive descent: + and - below ⊙, ⊗ and / below juxtaposition below scripts; all associate to the left."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = [*tokens, ("end", "")]
        self.at = 0

    def peek(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, sign: str) -> None:
        assert self.take() == ("sign", sign)

    def sum(self) -> Expr:
        if self.peek() == ("sign", "-"):
            self.take()
            kind, value = self.peek()
            if kind == "number":  # the minus belongs to the number
                self.tokens[self.at] = ("number", f"-{value}")
                found = self.blend()
            else:
                found = -self.blend()
        else:
            found = self.blend()
        while self.peek() in (("sign", "+"), ("sign", "-")):
            sign = self.take()[1]
            found = found + self.blend() if sign == "+" else found - self.blend()
        return found

    def blend(self) -> Expr:
        found, first = self.product(), ""
        while self.peek()[0] == "sign" and self.peek()[1] in "⊙⊗/":
            sign = self.take()[1]
            assert first == "" or first == sign != "/", "mixed signs need brackets"
            first = sign
            right = self.product()
            found = mc.kron(found, right) if sign == "⊗" else found * right if sign == "⊙" else found / right
        return found

    def product(self) -> Expr:
        found = self.scripted()
        while self.peek()[0] in ("function", "name", "number", "fraction") or self.peek() in (("sign", "("), ("sign", "*")):
            if self.peek() == ("sign", "*"):
                self.take()
            right = self.scripted()
            found = found @ right if found.shape and right.shape else found * right
        return found

    def scripted(self) -> Expr:
        base = self.primary()
        kind, value = self.peek()
        if kind == "top":
            self.take()
            return base.T
        if kind == "inverse" or (kind == "scalar power" and base.shape):
            self.take()
            assert value in ("^-1", "-1"), "a matrix takes no other power than its inverse"
            return mc.inv(base)
        if "power" in kind:
            self.take()
            return base ** Fraction(value)
        return base

    def primary(self) -> Expr:
        kind, value = self.take()
        if kind == "number":
            return mc.lift(Fraction(value))
        if kind == "name":
            return NAMES[value]
        if kind == "function":
            return (F.prime if "'" in value else F)(self.bracketed("()"))
        if kind == "fraction":
            return self.bracketed("{}") / self.bracketed("{}")
        self.at -= 1
        return self.bracketed("()")

    def bracketed(self, pair: str) -> Expr:
        self.expect(pair[0])
        found = self.sum()
        self.expect(pair[1])
        return found

    def all(self) -> Expr:
        found = self.sum()
        assert self.peek()[0] == "end", f"left over: {self.tokens[self.at :]}"
        return found


@settings(max_examples=400, deadline=None)
@given(ANY_EXPRESSION)
def test_text_reads_back(expr: Expr) -> None:
    assert Reader(text_tokens(text(expr))).all() == expr


@settings(max_examples=400, deadline=None)
@given(ANY_EXPRESSION)
def test_latex_reads_back(expr: Expr) -> None:
    assert Reader(latex_tokens(latex(expr))).all() == expr


@pytest.mark.parametrize("shape", [SCALAR, COLUMN, ROW, SQUARE], ids=["scalar", "column", "row", "square"])
def test_a_notation_that_loses_brackets_is_misread(shape: Shape) -> None:
    a, b = LEAVES[shape][0], LEAVES[shape][:2][-1]
    bare = replace(TEXT, brackets=lambda piece: piece.rope)
    assert Reader(text_tokens(printed(a - (b - a), bare))).all() != a - (b - a)
