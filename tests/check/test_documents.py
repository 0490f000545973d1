"""Formulas found in texts: their sides, conditions, layouts and definitions, and what is set aside."""

import random
import re
from itertools import pairwise

import pytest

from matcalc.derivation_check.conditions import both, condition, otherwise
from matcalc.derivation_check.documents import Comparison, Condition, Document, Formula, LayerNumber, document

_SIGN_OF = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def number(written: LayerNumber) -> str:
    return f"{written.letter}{written.offset:+}" if written.letter and written.offset else written.letter or str(written.offset)


def conditioned(found: Condition) -> str:
    return ", ".join(f"{number(c.left)} {_SIGN_OF[c.sign]} {number(c.right)}" for c in found.comparisons)


def sides(found: Document, formula: Formula) -> list[str]:
    return [" ".join(found.clean[side.span.start : side.span.end].split()) for side in formula.sides]


def chains(text: str) -> list[list[str]]:
    found = document(text)
    assert len(found.clean) == len(text) and found.text == text
    return [sides(found, formula) for formula in found.formulas]


def reasons(text: str) -> dict[str, str]:
    return {text[span.start : span.end]: reason for span, reason in document(text).set_aside}


def only(text: str) -> Formula:
    (formula,) = document(text).formulas
    return formula


SPELLINGS = {
    "bare": r"y = A x + b",
    "full stop": r" y = A x + b . ",
    "dollar": r"the map $y = A x + b$ is affine",
    "dollars": r"$$ y = A x + b $$",
    "dollars in a sentence": r"so that $$y = A x + b$$ is affine",
    "parentheses": r"the map \(y = A x + b\) is affine",
    "brackets": "\\[\n y = A x + b,\n\\]",
    "brackets twice": r"\\[ y = A x + b \\]",
    "equation": r"\begin{equation}\label{eq:map} y = A x + b \end{equation}",
    "starred": "\\begin{equation*}\n  y = A x + b. % a comment = none\n\\end{equation*}",
    "align": r"\begin{align} y &= A x + b \tag{7} \end{align}",
    "alignat": r"\begin{alignat*}{2} y &= A x &&+ b \end{alignat*}",
    "aligned in equation": r"\begin{equation}\begin{aligned}[t] y &= A x + b \nonumber \end{aligned}\end{equation}",
    "aligned in dollars": r"$$\begin{aligned} y &= A x + b \\ \end{aligned}$$",
    "split": r"\begin{equation}\begin{split} y &= A x \\ &\quad + b \end{split}\end{equation}",
    "broken at a sign": r"\[ y = A x + \\ b \]",
    "multline": r"\begin{multline} y = A x \\ + b \end{multline}",
    "eqnarray": r"\begin{eqnarray*} y & = & A x \\ & & + b \end{eqnarray*}",
    "array of lines": r"$$\begin{array}{rcl} y & = & A x + b \end{array}$$",
    "gather": r"\begin{gather} y = A x + b \\[3pt] \end{gather}",
    "boxed": r"$$\boxed{y = A x + b}$$",
    "braces": r"${\displaystyle y = A x + b}$",
    "encyclopedia": r"{\displaystyle y=A x + b} is copied",
    "numbered": r"$$y = A x + b \qquad (12)$$",
    "reason beside": r"$$y = A x + b \quad \text{(by linearity)}$$",
    "one word beside": (r"\begin{align} y &= A x + b && \text{(affine)} \end{align}"),
    "one word apart": (r"$$y = A x + b \quad \text{linearity}.$$"),
    "a label before": (r"$$\text{Output:} \quad y = A x + b$$"),
    "a reason in brackets": (r"$$y = A x + b \quad (\text{affine})$$"),
    "an empty text": (r"$$y = A\text{ }x + b \hfill \square$$"),
    "unusual spaces": "$$y = A\xa0x\u2009+ b$$",
    "lines of another system": "\\begin{align}\r\n  y &= A x \\\\\r\n  &\\quad + b\r\n\\end{align}\r\n",
    "entities": r"\begin{align} y &amp;= A x + b \end{align}",
    "quotation": "> $$\n> y = A x + b\n> $$",
    "sized equality": r"$y \quad = \quad A x + b$",
    "above the sign": r"\[ y \overset{(3)}{=} A x + b \]",
    "ends with the sign": "$$y =$$\n$$A x + b$$",
    "goes on": "$$y$$\n\n$$= A x + b$$",
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
def test_one_equality_in_every_spelling(text: str) -> None:
    (found,) = chains(text)
    assert [side.replace(" ", "") for side in found] == ["y", "Ax+b"]


CHAINS = {
    "chain": (r"$u = v = w$", [["u", "v", "w"]]),
    "lines go on": (r"\begin{align} u &= v \\ &= w \notag \\ p &= q \end{align}", [["u", "v", "w"], ["p", "q"]]),
    "displays go on": (r"$$u = v$$ which is $$= w$$", [["u", "v", "w"]]),
    "commas": (r"$$u = v \,,\quad p = q, \; r = s$$", [["u", "v"], ["p", "q"], ["r", "s"]]),
    "gaps": (r"$$u = v \qquad p = q$$", [["u", "v"], ["p", "q"]]),
    "semicolon": (r"$u = v; p = q$", [["u", "v"], ["p", "q"]]),
    "words": (r"$$u = v \text{ and } p = q$$", [["u", "v"], ["p", "q"]]),
    "a bare word": (r"$$u = \mathbf{v} and p = q$$", [["u", r"\mathbf{v}"], ["p", "q"]]),
    "columns": (r"\begin{align} u &= v & p &= q \\ r &= s & t &= z \end{align}", [["u", "v"], ["p", "q"], ["r", "s"], ["t", "z"]]),
    "comma in brackets": (r"$u = C(\mathbf{a}, y), p = \frac{a, b}{c}$", [["u", r"C(\mathbf{a}, y)"], ["p", r"\frac{a, b}{c}"]]),
    "comma in an inner product": (r"$\langle A, B \rangle = u$", [[r"\langle A, B \rangle", "u"]]),
    "implies": (r"$$u = v \implies p = q \iff r = s$$", [["u", "v"], ["p", "q"], ["r", "s"]]),
    "an arrow between equalities": (r"$$u = v \rightarrow p = q$$", [["u", "v"], ["p", "q"]]),
    "a bracket over lines": (r"$$u = \left( v \right. \\ \left. + w \right) p$$", [["u", r"\left( v + w \right) p"]]),
    "brackets over lines": (r"\begin{align} u &= (v \\ &\quad - w) \end{align}", [["u", r"(v \quad - w)"]]),
    "a product goes on": (r"\begin{align} u &= A \\ &\quad B \\ p &= q\end{align}", [["u", r"A B"], ["p", "q"]]),
    "lines in braces": (r"\[ \left\{ \begin{aligned} u &= v \\ p &= q \end{aligned} \right. \]", [["u", "v"], ["p", "q"]]),
    "between the lines": (r"\begin{align} u &= v \\ \intertext{and so} p &= q \end{align}", [["u", "v"], ["p", "q"]]),
    "a relation apart": (r"$u = v \approx w$", [["u", "v"]]),
    "a shape behind": (r"$u = A v \in \mathbb{R}^m$", [["u", "A v"]]),
    "equality in braces": (r"$\sum_{i=1}^{n} u_i = \underbrace{v}_{= w} + z$", [[r"\sum_{i=1}^{n} u_i", r"\underbrace{v}_{= w} + z"]]),
    "a matrix within": (r"$$\frac{dy}{dx} = \begin{bmatrix} p & q \\ r & s \end{bmatrix} = A$$", [[r"\frac{dy}{dx}", "A"]]),
    "bare lines": ("u = v\n= w\np = q\n+ r\n\ns = z", [["u", "v", "w"], ["p", "q + r"], ["s", "z"]]),
    "signs written twice": (r"$u\_i = v\_{i} \\, w$", [["u _i", "v _{i} w"]]),
    "a name of words": (r"$y = W_{\text{out}} \text{ReLU}(z)$, $\text{tr}(A) = \operatorname{vec}(B)$",
                        [["y", r"W_{\text{out}} \text{ReLU}(z)"], [r"\text{tr}(A)", r"\operatorname{vec}(B)"]]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CHAINS.values(), ids=CHAINS)
def test_chains(text: str, expected: list[list[str]]) -> None:
    assert chains(text) == expected


ABBREVIATED = {
    r"\newcommand{\vx}{\mathbf{x}} $y = A \vx$": [["y", "A x"]],
    r"\newcommand\W{\mathbf W}\def\b{{\bf b}} $y = \W x + \b$": [["y", "W x + b"]],
    r"\newcommand{\tp}{^\top} $y = A\tp x, p = \tpx$": [["y", "A ^T x"], ["p", r"\tpx"]],
    r"\newcommand{\T}{\top} $y = A^\T x$": [["y", "A^ T x"]],
    r"\DeclareMathOperator{\tr}{tr} $y = \tr(A)$": [["y", r"\tr(A)"]],
    r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} $\pd{y}{x} = A$": [[r"\pd{y}{x}", "A"]],
    r"\newcommand{\e}{\epsilon} $y = \e x$": [["y", r"\e x"]],
    r"$$\gdef\W{\mathbf{W}}$$ $y = \W x$": [["y", "W x"]],
}


@pytest.mark.parametrize(("text", "expected"), ABBREVIATED.items())
def test_commands_of_the_text_itself(text: str, expected: list[list[str]]) -> None:
    assert chains(text) == expected and not document(text).expressions


def test_places_are_those_of_the_text() -> None:
    text = "First.\n\n\\begin{align}\n  u &= A v, \\label{eq:u} \\\\\n  p &= B q.\n\\end{align}\n"
    found = document(text)
    assert [text[side.span.start : side.span.end] for formula in found.formulas for side in formula.sides] == ["u", "A v", "p", "B q"]
    assert [formula.line for formula in found.formulas] == [4, 5] and [formula.number for formula in found.formulas] == [1, 2]
    assert "label" not in found.clean[text.index("A v") : text.index("p &")]


CONDITIONS = {
    r"l=L": "l = L",
    r"l \ne L": "l != L",
    r"1 \le l \leq L": "1 <= l, l <= L",
    r"0 \leqslant l < L": "0 <= l, l < L",
    r"L > l \geq 1": "L > l, l >= 1",
    r"l \in [0, L-1]": "0 <= l, l <= L-1",
    r"l\in[0,L)": "0 <= l, l < L",
    r"\ell \in \{1, \ldots, L\}": "1 <= ell, ell <= L",
    r"k \in \{1, 2, 3\}": "1 <= k, k <= 3",
    r"k \in [K]": "1 <= k, k <= K",
    r"l = L-1, \ldots, 1": "1 <= l, l <= L-1",
    r"l = L, L-1, \dots, 2": "2 <= l, l <= L",
    r"t = 1, 2, \cdots, T": "1 <= t, t <= T",
    r"l = 1:L": "1 <= l, l <= L",
    r"l = 1, t = 2": "l = 1, t = 2",
    r"\forall l": "",
    r"\forall \, l < L": "l < L",
    r"\text{if} \space l < L": "l < L",
    r"\text{for all layers } 1 \le l < L": "1 <= l, l < L",
    r"\text{for $l = L$}": "l = L",
    r"\text{for } l \text{ from } 1 \text{ to } L": "1 <= l, l <= L",
    r"(l = L)": "l = L",
    r"1 \le l \text{ and } l < L": "1 <= l, l < L",
    r"l - 1 \ge 1 + 1": "l-1 >= 2",
}


@pytest.mark.parametrize(("text", "expected"), CONDITIONS.items())
def test_conditions(text: str, expected: str) -> None:
    found = condition(text)
    assert found is not None and conditioned(found) == expected


@pytest.mark.parametrize(
    "text",
    ["l", "L-1", "", r"\mathbf{a}^{(0)} = \mathbf{x}", "x > 0", "2l = L", "l < ", "l = L = ", r"l \in L", r"l \in [1, 2", "l = 1 or l = L",
     r"l \in \{1, 3\}", "__import__('os')", "l" * 1000, "l = L)", r"f(l) = L", "1e3 < l"],
)  # fmt: skip
def test_what_is_no_condition(text: str) -> None:
    assert condition(text) is None


def test_a_condition_holds_for_the_letters_that_it_names() -> None:
    found = condition(r"1 \le l < L-1")
    assert found is not None
    assert [layer for layer in range(7) if found.holds({"l": layer, "L": 5})] == [1, 2, 3]
    assert found.holds({"k": 9}) and found.holds({"l": 1}) and not found.holds({"l": 0})
    assert not Condition((Comparison(LayerNumber("l"), "!=", LayerNumber("", 2)),)).holds({"l": 2})


def test_the_later_condition_on_a_letter_counts() -> None:
    first, second = condition(r"l = L, t > 1"), condition(r"l \in [1, L-1]")
    assert first is not None and second is not None
    assert conditioned(both(first, second)) == "t > 1, 1 <= l, l <= L-1"


def test_otherwise_is_the_opposite() -> None:
    between = condition(r"1 \le l < L")
    assert between is not None
    rest = otherwise([between])
    assert rest is not None and [conditioned(each) for each in rest] == ["1 > l", "l >= L"]
    for layer in range(6):
        assert between.holds({"l": layer, "L": 4}) != any(each.holds({"l": layer, "L": 4}) for each in rest)
    assert otherwise([Condition()]) is None


PLACED = {
    "before": (r"For the top layer ($l = L$) we get $$u = v$$", ["l = L"]),
    "across a colon": ("For $l < L$:\n\n$$u = v$$\n\n$$p = q$$", ["l < L", "l < L"]),
    "a full stop ends it": (r"For $l = L$ this is $u = v$. Then $p = q$.", ["l = L", ""]),
    "a full stop in the formula ends it": ("For $l = L$\n\\[u = v.\\]\nand\n\\[p = q\\]", ["l = L", ""]),
    "a paragraph ends it": ("We take $l = L$ here\n\nThe rest: $$u = v$$", [""]),
    "replaced": (r"For $l = L$: $$u = v$$ For $l = L-1$: $$p = q$$", ["l = L", "l = L-1"]),
    "reset": (r"From $l = L-1$ one sees for any $l$ that $$u = v$$", [""]),
    "reset by words": (r"Not for $l = L$ only but for all layers $$u = v$$", [""]),
    "narrowed": (r"Above ($l = L-1$), for any $l \in [0, L-1]$: $$u = v$$", ["0 <= l, l <= L-1"]),
    "behind": (r"We have $$u = v$$ for $l < L$, and $$p = q$$ for $l = L$.", ["l < L", "l = L"]),
    "behind as a relative clause": (r"$$u = v$$ where $l \in [1, L]$ and $p = q$.", ["1 <= l, l <= L", ""]),
    "two formulas as ends": (r"We have $u = v$ for $l = 1$ to $L$.", ["1 <= l, l <= L"]),
    "in the display": (r"$$u = v, \quad l = L-1, \ldots, 1$$", ["1 <= l, l <= L-1"]),
    "an entity": (r"For $l &lt; L$: $u = v$", ["l < L"]),
    "in brackets": (r"$$u = v \qquad (l < L)$$", ["l < L"]),
    "in words": (r"$$u = v \quad \text{for all } l < L$$", ["l < L"]),
    "for all": (r"For $l = L$: $$u = v \; \forall l$$", [""]),
    "in front": (r"$$\forall l \in \{1, \dots, L\}: \quad u = v$$", ["1 <= l, l <= L"]),
    "for both before it": (r"$$u = v, \quad p = q, \qquad 1 \le l \le L$$", ["1 <= l, l <= L"] * 2),
    "each its own": (r"\begin{align} u &= v, && l = L \\ p &= q && \text{for } l < L \end{align}", ["l = L", "l < L"]),
    "each its own in a row": (r"$$u = v, \quad l < L, \qquad p = q \quad \text{for } l = L$$", ["l < L", "l = L"]),
    "in a list": ("- For $l = L$: $u = v$\n- For $l < L$: $p = q$\n- And $r = z$", ["l = L", "l < L", ""]),
    "under a heading": ("## Output ($l = L$)\n\n$$u = v$$\n\n## Others\n\n$$p = q$$", ["l = L", ""]),
    "other letters": (r"For $l = L$ and $t = 1, \ldots, T$: $$u = v$$", ["l = L, 1 <= t, t <= T"]),
    "on indices": (r"For $l = L$ and $i \ne j$: $$u = v$$", ["l = L"]),
}


@pytest.mark.parametrize(("text", "expected"), PLACED.values(), ids=PLACED)
def test_where_conditions_reach(text: str, expected: list[str]) -> None:
    assert [conditioned(formula.condition) for formula in document(text).formulas] == expected


CASES = {
    "ampersand": (r"\begin{cases} u & \text{if } l = L, \\ A v, & 0 < l < L \end{cases}", [("u", "l = L"), ("A v", "0 < l, l < L")]),
    "otherwise": (r"\begin{cases} u & l = L \\ A v & \text{otherwise} \end{cases}", [("u", "l = L"), ("A v", "l != L")]),
    "two remain": (r"\begin{cases} u & 1 < l < L \\ v & \text{else} \end{cases}",
                   [("u", "1 < l, l < L"), ("v", "1 >= l"), ("v", "l >= L")]),
    "no ampersand": (r"\begin{cases} u \quad \text{if } l = L \\ v, \text{ for } l < L. \end{cases}", [("u", "l = L"), ("v", "l < L")]),
    "array": (r"\left\{\begin{array}{ll} u, & l = L \\ v, & l < L \end{array}\right.", [("u", "l = L"), ("v", "l < L")]),
    "a length": (r"\begin{dcases} \frac{u}{w} & l = L \\[2pt] v & l \neq L \end{dcases}", [(r"\frac{u}{w}", "l = L"), ("v", "l != L")]),
}  # fmt: skip


@pytest.mark.parametrize(("cases", "expected"), CASES.values(), ids=CASES)
def test_cases(cases: str, expected: list[tuple[str, str]]) -> None:
    text = f"$$\\delta^{{(l)}} = {cases} \\tag{{3}}$$"
    side = only(text).sides[1]
    assert [(document(text).clean[span.start : span.end], conditioned(asked)) for span, asked in side.branches] == expected


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        (r"y = 2 \begin{cases} u & l = L \\ v & l < L \end{cases}", "something beside them"),
        (r"y = \begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}", "not one on layers: x > 0"),
        (r"\delta_{ij} = \begin{cases} 1 & i = j \\ 0 & i \ne j \end{cases}", "not one on layers: i = j"),
        (r"y = \begin{cases} u & \text{otherwise} \\ v & l < L \end{cases}", "behind the one for all others"),
        (r"y = \begin{cases} u \\ v \end{cases}", "none is written"),
        (r"y = \begin{bmatrix} u \\ v \end{bmatrix}", "entries are spelled out"),
        (r"\nabla f = \left( \frac{\partial f}{\partial x_1}, \ldots, \frac{\partial f}{\partial x_n} \right)^T", "list of entries"),
        (r"D = \{ (x_i, y_i) \mid i = 1, \ldots, N \}", "a set"),
        (r"W^* = \arg\min_{W} C", "minimum"),
        (r"\min_W C", "minimum"),
        (r"W \leftarrow W - \eta G", "an update"),
        (r"W := W - \eta G", "an update"),
        (r"b_i = b_i + \delta_i = c", "an update"),
        (r"\gdef\pd#1{\partial #1} u = v", "a definition of a command"),
        (r"u \approx v", "an approximation"),
        (r"u \propto v", "an approximation"),
        (r"u \le v", "an inequality"),
        (r"\mathbf{x} \in \mathbb{R}^n", "a membership"),
        (r"f : \mathbb{R}^n \to \mathbb{R}^m", "a map or a limit"),
        (r"\lim_{h \to 0} u = v", "limit"),
        (r"\frac{\partial C}{\partial w} \overset{!}{=} 0", "a demand"),
        (r"\eta = 0.1", "gives a number to a symbol"),
        (r"n_0 = 7", "gives a number to a symbol"),
        (r"u = v \text{ if } A = A^T", "its condition is not read: A = A^T"),
        (r"u =", "nothing on one side"),
        (r"= v", "nothing on one side"),
    ],
)
def test_what_claims_nothing_is_set_aside(formula: str, reason: str) -> None:
    found = document(f"Note that $${formula}$$ here.")
    assert not found.formulas and not found.expressions
    assert any(reason in why for _, why in found.set_aside)


DEFINING = {
    ":=": (r"$\delta := u$", [True]),
    ": =": (r"\begin{align} \delta &: = u \\ v &= w \end{align}", [True, False]),
    "equiv": (r"$\delta \equiv u$", [True]),
    "triangleq": (r"$\delta \triangleq u$", [True]),
    "def above": (r"$\delta \stackrel{\text{def}}{=} u$", [True]),
    "a number above": (r"$\delta \stackrel{(2)}{=} u$", [False]),
    "define": (r"We define $\delta = u$. Then $v = w$.", [True, False]),
    "define, across a colon": ("We now define the error $\\delta$:\n\n$$\\delta = u$$\n\nThe gradient is $$G = u x^T$$", [True, False]),
    "let": (r"Let $\delta = u$, then $v = w$.", [True, False]),
    "where": (r"$v = w$ where $\delta = u$ and $p = q$", [False, True, True]),
    "where in the display": (r"$$v = w, \quad \text{where } \delta = u \text{ and } p = q$$", [False, True, True]),
    "denote": (r"By $\delta$ we denote the error, $\delta = u$.", [True]),
    "with": (r"$v = w$ with $\delta = u$", [False, True]),
    "with respect to": (r"the derivative with respect to $W$ is $G = \delta x^T$", [False]),
    "with a layout": (r"With the usual rules $v = w$", [False]),
    "the data set": (r"On the data set $v = w$", [False]),
    "set": (r"We set $\delta = u$", [True]),
    "exists": (r"where $AB$ is defined, $(AB)^T = B^T A^T$", [False]),
    "a derivative by :=": (r"$\frac{\partial C}{\partial a} := a - y$", [False]),
    "no derivative": (r"where $\frac{\partial C}{\partial a} = a - y$", [False]),
    "a derivative named": (r"$\frac{\partial C}{\partial z} =: \delta$", [True]),
}


@pytest.mark.parametrize(("text", "expected"), DEFINING.values(), ids=DEFINING)
def test_definitions(text: str, expected: list[bool]) -> None:
    assert [formula.defines for formula in document(text).formulas] == expected


def test_a_name_given_at_the_end_is_the_left_side() -> None:
    assert chains(r"$\frac{\partial C}{\partial z} =: \delta$") == [[r"\delta", r"\frac{\partial C}{\partial z}"]]


N, D = "numerator", "denominator"
LAYOUTS = {
    "none": (r"So $u = v$.", [(None, False)]),
    "a paragraph": ("I use the numerator layout.\n\n$$u = v$$\n\nNext $p = q$.", [(N, False), (N, False)]),
    "until the next": ("Numerator layout: $$u = v$$\n\nIn denominator-layout: $$p = q$$", [(N, False), (D, False)]),
    "a heading": ("# Denominator layout\n\n$$u = v$$", [(D, False)]),
    "a section": (r"\section{Denominator layout} \[u = v\] \section{Numerator layout} \[p = q\]", [(D, False), (N, False)]),
    "both say nothing": ("There are numerator and denominator layouts.\n\n$$u = v$$", [(None, False)]),
    "each its display": ("Denominator: $$u = v$$ Numerator: $$p = q$$\n\nNow $r = z$.", [(D, False), (N, False), (None, False)]),
    "each its sentence": (r"Denominator layout gives $u = v$. Numerator layout gives $p = q$.", [(D, False), (N, False)]),
    "not the other": (r"We use denominator layout, not numerator layout: $u = v$", [(D, False)]),
    "both, then one": ("One may take numerator or denominator layout. Here we use numerator layout.\n\n$$u = v$$", [(N, False)]),
    "both, and one is chosen": ("This note uses *numerator layout*. Others use denominator layout.\n\n$u = v$", [(N, False)]),
    "Jacobian": (r"In the Jacobian formulation $u = v$", [(N, False)]),
    "gradient": (r"In the gradient formulation $u = v$", [(D, False)]),
    "a fraction": (r"The softmax divides by its denominator: $u = v$", [(None, False)]),
    "index form": ("In index form: $$u = v$$\n\nIn matrix form: $$p = q$$", [(None, True), (None, False)]),
    "without": ("Without matrix calculus $$u = v$$\n\nNow using matrix calculus $$p = q$$", [(None, True), (None, False)]),
    "without indices": (r"We go on without index notation: $u = v$", [(None, False)]),
    "a layout ends index form": ("In components $$u = v$$\n\nIn numerator layout $$p = q$$", [(None, True), (N, False)]),
    "said behind": (r"We get $u = v$ in denominator layout.", [(D, False)]),
    "in a citation": (r"\section{A} As \cite{denominator} says, $u = v$", [(None, False)]),
}


@pytest.mark.parametrize(("text", "expected"), LAYOUTS.values(), ids=LAYOUTS)
def test_layout_cues(text: str, expected: list[tuple[str | None, bool]]) -> None:
    found = document(text).formulas
    assert [(formula.layout, formula.indexed) for formula in found] == expected
    for before, behind in pairwise(found):
        changed = (before.layout, before.indexed) != (behind.layout, behind.indexed)
        assert (behind.section > before.section) is changed


def test_expressions_stand_alone_in_a_display() -> None:
    text = "The network is\n\n$ f(A f(B x)) $\n\nwith $f(Bx)$ inside, $$A$$ and\n\n\\[ \\frac{dC}{dx}. \\]\n"
    found = document(text)
    assert [sides(found, each) for each in found.expressions] == [["f(A f(B x))"], [r"\frac{dC}{dx}"]]
    assert not found.formulas and reasons(text)["f(Bx)"].startswith("an expression within a sentence")


FURNITURE = {
    "preamble": r"\documentclass{article}\newcommand{\W}{$p=q$}\begin{document} $u=v$ \end{document} $r=s$",
    "verbatim": r"\begin{verbatim} $p=q$ \end{verbatim} $u=v$",
    "listing": "\\begin{lstlisting}\n$p=q$\n\\end{lstlisting} $u=v$",
    "fence": "```tex\n$p=q$\n```\n$u=v$",
    "code": "`$p=q$` and ``$p=q$`` $u=v$",
    "tildes": "~~~ python\n$p=q$\n~~~~\n$u=v$",
    "fence in a fence": "````\n```\n$p=q$\n```\n$r=s$\n````\n$u=v$",
    "fence in a quotation": "> ```\n> $p=q$\n> ```\n\n$u=v$",
    "fence in a list": "- so\n  ```python\n  x = '$p=q$'\n  ```\n- $u=v$",
    "code on a line of its own": "```$p=q$```\n$u=v$",
    "fence without an end": "$u=v$\n```\n$p=q$\n",
    "only code besides a bare formula": "```python\nx = 3\n```\nu=v\n",
    "inline code before a bare formula": "`x = 3`\n\nu=v\n",
    "verbatim besides a bare formula": "\\begin{verbatim}\n$p=q$\n\\end{verbatim}\n\nu=v\n",
    "fence of mathematics": "```math\nu=v\n```\n",
    "formula in the dollars and backticks of GitHub": "So $`u=v`$.",
    "comment": "\\section{A}\n% old: $p=q$\n$u=v$",
    "html comment": "<!-- $p=q$ --> $u=v$",
    "prices": "It costs $5 and $6 more. $u=v$",
    "a price": r"It costs \$5. $u=v$ and 5\% of it",
    "a price alone": "For $5 we get $u=v$",
    "empty dollars": "$$$$ $u=v$",
    "line break with a length": "a \\\\[2pt] $u=v$",
}


@pytest.mark.parametrize("text", FURNITURE.values(), ids=FURNITURE)
def test_what_is_no_formula_of_the_text(text: str) -> None:
    assert chains(text) == [["u", "v"]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$u=v$ then $$p = q", r"\$\$ opens and nothing closes"),
        ("$u=v$ then \\[ p = q\n\nmore", r"\\\[ opens and nothing closes"),
        ("$u=v$ \\begin{align} p = q", "environment align that nothing ends"),
        ("$u=v$ \\begin{align} p = q\n\nwith\n\\end{gather}", "environment align that nothing ends"),
    ],
)
def test_what_is_never_closed_is_set_aside(text: str, reason: str) -> None:
    assert chains(text) == [["u", "v"]]
    assert any(re.search(reason, why) for why in reasons(text).values())


@pytest.mark.parametrize(
    "text",
    ["```\n$p=q$\n```", "`$p=q$`", "~~~tex\n\\frac{a}{b} = c\n~~~\n", "```latex\n$$p=q$$\n", "\\begin{verbatim}\n$p=q$\n\\end{verbatim}\n"],
    ids=["fence", "inline", "tildes", "without an end", "verbatim"],
)
def test_formulas_in_code_are_set_aside(text: str) -> None:
    assert chains(text) == []
    assert any(why.startswith("code, which is not read") for why in reasons(text).values())


def test_code_without_formulas_is_passed_in_silence() -> None:
    assert reasons("```python\nx = y + 3\n```\n`x = 3` $u=v$") == {}


def test_a_lost_sign_does_not_turn_prose_into_formulas() -> None:
    text = "We have $$u = v$$ and $$p = q for this\n\nand the next one is $$r = s$$ as said."
    assert chains(text) == [["u", "v"], ["r", "s"]]


def test_brackets_that_do_not_match_leave_the_formula_to_the_reader() -> None:
    assert chains(r"$u = (v + w$, $p = \frac{q{r}$") == [["u", "(v + w"], ["p", r"\frac{q{r}"]]


def test_words_without_a_formula() -> None:
    found = document("there is no formula in this text at all")
    assert not found.formulas and not found.expressions and found.set_aside[0][1] == "words without a formula"
    assert document("").set_aside == () and document(" \n ").formulas == ()


_GARBAGE = r"""\begin{align} \end{align}
    \begin{cases} \end{cases} $ $$ \[ \] \( \) { } ( ) \left \right \\ & = , % := . ` # \text{if} \quad l L
    \ldots \{ \} \in [ ] < \boxed \stackrel \not \right. \left. \begin{array} \end{array} \begin{document} \end{document}
    {\displaystyle \newcommand numerator define"""


@pytest.mark.parametrize("seed", range(5))
def test_garbage_gives_a_document(seed: int) -> None:
    draw = random.Random(seed)
    bits = _GARBAGE.split()
    spaces = ("", " ", "\n", "\n\n", "a", "\x00")
    for _ in range(300):
        text = "".join(draw.choice(bits) + draw.choice(spaces) for _ in range(draw.randrange(60)))
        found = document(text)
        assert len(found.clean) == len(text)
        for formula in (*found.formulas, *found.expressions):
            assert all(0 <= side.span.start < side.span.end <= len(text) for side in formula.sides)


@pytest.mark.parametrize(
    "piece",
    [r"\(", "$a ", "{", "(", r"\left(", r"\begin{array}{c}", r"{\displaystyle ", "a=", "a, ", "l<L: ", r"\{", "$=b$ ", "where $a=b$, "],
)
def test_long_garbage_is_read_in_one_go(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    assert len(document(text).clean) == len(text)
