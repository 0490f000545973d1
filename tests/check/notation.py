"""A reader of formulas for the tests of the checker: it shares nothing with the reader of the package.

It reads the notation of `tests.check.right_lines` and of what slips make of it, and keeps of every part where it stands in the text, so
that a slip is a change of the text at that place. Juxtaposition binds tighter than the Hadamard product, and this tighter than + and -.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import final

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S")
NOTHING = r"\left \right \bigl \bigr \big \Big \Bigl \Bigr \, \; \: \! \quad \space \displaystyle & ~"
SKIPPED = frozenset((*NOTHING.split(), "\\ "))
STYLED = r"\mathbf \boldsymbol \bm \mathrm \mathcal \mathsf \mathit \vec \operatorname \text \rm"
STYLES = frozenset(STYLED.split())
ACCENTS = {r"\hat": "hat", r"\tilde": "tilde", r"\bar": "bar", r"\widehat": "hat"}
GREEK_LETTERS = (
    r"\alpha \beta \gamma \delta \epsilon \varepsilon \eta \theta \lambda \mu \nu \xi \pi \rho \sigma \tau \phi \varphi \psi \omega"
    r" \Gamma \Delta \Theta \Lambda \Sigma \Phi \Psi \Omega \ell"
)
GREEK = frozenset(GREEK_LETTERS.split())
WORDS = {
    "diag": "diag", "tr": "tr", "Tr": "tr", "trace": "tr", "softmax": "softmax", "vec": "vec", "sum": "total", "det": "det", "exp": "exp",
    "log": "log", "ln": "log", "tanh": "tanh", "sin": "sin", "cos": "cos", "relu": "relu", "ReLU": "relu", "logdet": "logdet",
}  # fmt: skip
COMMANDS = {r"\exp": "exp", r"\log": "log", r"\ln": "log", r"\tanh": "tanh", r"\sin": "sin", r"\cos": "cos", r"\det": "det"}
TRANSPOSES = frozenset((r"T", r"\top", r"\intercal", r"\mathsf{T}", r"\mathrm{T}", r"\mathsfT", r"\mathrmT", r"{\top}"))
HADAMARD = frozenset((r"\odot", r"\circ"))
DIFFERENTIALS = frozenset(("d", r"\partial"))
CLOSING = {"(": ")", "[": "]", "{": "}", r"\{": r"\}", "|": "|", r"\|": r"\|", r"\lVert": r"\rVert"}


class NotRead(ValueError):
    """A formula that is not of the notation."""


@final
@dataclass(frozen=True)
class Token:
    text: str
    start: int
    end: int


@final
@dataclass(frozen=True)
class Node:
    """A part of a formula.

    Attributes:
        kind: what it is.
        parts: what it is made of.
        words: names and signs.
        start, end: its place in the text.
    """

    kind: str
    parts: tuple[Node, ...]
    words: tuple[str, ...]
    start: int
    end: int

    def walk(self) -> list[Node]:
        """Itself and all its parts."""
        found, waiting = [], [self]
        while waiting:
            node = waiting.pop()
            found.append(node)
            waiting.extend(node.parts)
        return found


def tokens_of(text: str) -> list[Token]:
    """The tokens without spaces; \\left belongs to the bracket after it."""
    tokens, left = [], None
    for m in TOKEN.finditer(text):
        if m.group() == r"\left":
            left = m.start()
        elif m.group() not in SKIPPED:
            tokens.append(Token(m.group(), m.start() if left is None else left, m.end()))
            left = None
    return tokens


def sides_of(text: str) -> list[tuple[int, int]]:
    """The places of the sides of a chain of equalities."""
    depth, start, places = 0, 0, []
    for token in TOKEN.finditer(text):
        if token.group() == "=" and depth == 0:
            places.append((start, token.start()))
            start = token.end()
        depth += (token.group() in ("{", "(")) - (token.group() in ("}", ")"))
    return [*places, (start, len(text))]


def read(text: str, functions: Collection[str] = (), *, bare_layers: bool = False, at: int = 0, end: int | None = None) -> Node:
    """The formula between two places of a text.

    Args:
        text: it stands in.
        functions: names that apply to what follows in brackets.
        bare_layers: whether a superscript without brackets is a layer, as in W^{L-1}.
    """
    inner = text[at:end]
    reader = _Reader(text, [Token(t.text, t.start + at, t.end + at) for t in tokens_of(inner)], frozenset(functions), bare_layers)
    node = reader.expression()
    if reader.more:
        raise NotRead(f"{text!r}: {reader.next!r} at {reader.place}")
    return node


class _Reader:
    def __init__(self, text: str, tokens: list[Token], functions: frozenset[str], bare_layers: bool) -> None:
        self.text, self.tokens, self.functions, self.bare_layers = text, tokens, functions, bare_layers
        self.k = 0
        self.closing = ""  # the sign that closes the norm or determinant around

    # ---- tokens

    @property
    def more(self) -> bool:
        return self.k < len(self.tokens)

    @property
    def next(self) -> str:
        return self.tokens[self.k].text if self.more else ""

    @property
    def place(self) -> int:
        return self.tokens[self.k].start if self.more else len(self.text)

    @property
    def before(self) -> int:
        return self.tokens[self.k - 1].end

    def take(self, expected: str | None = None) -> Token:
        if not self.more or (expected is not None and self.next != expected):
            raise NotRead(f"{self.text!r}: {expected or 'more'} is expected at {self.place}, not {self.next!r}")
        self.k += 1
        return self.tokens[self.k - 1]

    def group(self) -> str:
        """The text of a group in braces, or of the next token."""
        if self.next != "{":
            return self.styled()
        opening = self.take("{")
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(self.take().text, 0)
        return self.text[opening.end : self.before - 1].strip()

    def styled(self) -> str:
        start = self.place
        if self.take().text in STYLES:
            self.group()
        return self.text[start : self.before]

    def sub(self, tokens: list[Token]) -> _Reader:
        return _Reader(self.text, tokens, self.functions, self.bare_layers)

    def made(self, kind: str, parts: tuple[Node, ...], start: int, *words: str) -> Node:
        return Node(kind, parts, words, start, self.before)

    # ---- sums and products

    def expression(self) -> Node:
        start = self.place
        signs, terms = [], []
        sign = self.take().text if self.next in ("+", "-") else ""
        while True:
            signs.append(sign)
            terms.append(self.term())
            if self.next not in ("+", "-"):
                break
            sign = self.take().text
        if len(terms) == 1 and signs == [""]:
            return terms[0]
        return self.made("sum", tuple(terms), start, *signs)

    def term(self) -> Node:
        start = self.place
        parts, signs = [self.product()], []
        while self.next in HADAMARD or self.next == r"\otimes":
            signs.append("had" if self.take().text in HADAMARD else "kron")
            parts.append(self.product())
        if not signs:
            return parts[0]
        if len(set(signs)) > 1:
            raise NotRead(f"{self.text!r}: two kinds of products without brackets")
        return self.made(signs[0], tuple(parts), start)

    def product(self) -> Node:
        start = self.place
        factors, signs = [self.factor()], [""]
        while self.more and self.next not in {"+", "-", ")", "]", "}", ",", "=", r"\otimes", r"\}", self.closing, *HADAMARD}:
            sign = self.take().text if self.next in ("/", r"\cdot", r"\times", r"\cdots") else ""
            if sign == r"\cdots":
                raise NotRead("dots")
            signs.append(sign)
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else self.made("product", tuple(factors), start, *signs)

    # ---- factors

    def factor(self) -> Node:
        start = self.place
        node = self.primary()
        while self.next in ("^", "_", "'"):
            if self.next == "'":
                raise NotRead(f"{self.text!r}: a prime at {self.place}")
            if self.take().text == "_":
                node = self.made("entry", (node,), start, self.group())
            else:
                node = self.raised(node, self.group(), start)
        return node

    def raised(self, node: Node, exponent: str, start: int) -> Node:
        plain = exponent.replace(" ", "")
        if plain in TRANSPOSES:
            return self.made("transpose", (node,), start)
        if plain == "-1":
            return self.made("inverse", (node,), start)
        if plain in ("-T", r"-\top"):
            return self.made("transpose", (self.made("inverse", (node,), start),), start)
        if m := re.fullmatch(r"\\(?:odot|circ)(\d)", plain):
            return self.made("each_power", (node,), start, m[1])
        if re.fullmatch(r"-?\d|1/2|-1/2|\\frac\{1\}\{2\}", plain):
            return self.made("power", (node,), start, plain)
        raise NotRead(f"{self.text!r}: exponent {exponent!r}")

    def primary(self) -> Node:
        start, text = self.place, self.next
        if text in ("(", "[", "{"):
            inner = self.inside(text)
            if self.next == "'" and inner.kind == "function":
                self.take()
                if self.next == "(" and text == "{":
                    return self.made("applied", (self.inside("("),), start, inner.words[0], "1", inner.words[2])
                return self.made("jacobian", (), start, *inner.words[:1], *inner.words[2:])
            return self.made("group", (inner,), start)
        if text in (r"\|", r"\lVert"):
            return self.norm(start)
        if text == "|":
            inner = self.inside(text)
            return self.made("call", (inner,), start, "det")
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return self.made("number", (), start, self.take().text)
        if text in (r"\frac", r"\tfrac", r"\dfrac"):
            return self.fraction(start)
        if text == r"\sqrt":
            self.take()
            return self.made("sqrt", (self.braced(),), start)
        if text == r"\sum":
            return self.summed(start)
        if text == r"\nabla":
            return self.gradient(start)
        if text in COMMANDS:
            self.take()
            return self.called(COMMANDS[text], start)
        return self.named(start)

    def inside(self, opening: str) -> Node:
        """What stands between a sign and the one that closes it."""
        self.take(opening)
        around, self.closing = self.closing, CLOSING[opening]
        inner = self.expression()
        self.take(self.closing)
        self.closing = around
        return inner

    def bracketed(self) -> Node:
        """An argument in brackets: a superscript after them belongs to the value of the function."""
        start = self.place
        return self.made("group", (self.inside(self.next),), start)

    def braced(self) -> Node:
        return self.inside("{")

    def norm(self, start: int) -> Node:
        inner = self.inside(self.next)
        kind = "2"
        if self.next == "_":
            self.take()
            kind = self.group()
        return self.made("norm", (inner,), start, kind)

    def called(self, name: str, start: int) -> Node:
        kind = ""
        if self.next == "'":
            self.take()
            return self.made("applied", (self.inside("("),), start, name, "1", "")
        if self.next == "_":
            self.take()
            kind = self.group()
        if self.next == "^":
            raise NotRead(f"{self.text!r}: a power of a function")
        argument = self.bracketed() if self.next in ("(", "[") else self.factor()
        return self.made("call", (argument,), start, name, kind)

    def summed(self, start: int) -> Node:
        self.take(r"\sum")
        bounds = {"_": "", "^": ""}
        while self.next in bounds:
            sign = self.take().text
            bounds[sign] = self.group()
        body = self.product()
        return self.made("sigma", (body,), start, bounds["_"].replace(" ", ""), bounds["^"].replace(" ", ""))

    def gradient(self, start: int) -> Node:
        self.take(r"\nabla")
        self.take("_")
        if self.next == "{":
            by = self.braced()
        else:
            by = self.named(self.place, scripts=False)
        of = self.factor()
        return self.made("nabla", (of, by), start)

    # ---- derivatives

    def differential(self) -> bool:
        """Whether a d or ∂ stands here, taken if so."""
        if self.next in DIFFERENTIALS:
            self.take()
            return True
        if self.next in (r"\mathrm", r"\text") and [t.text for t in self.tokens[self.k + 1 : self.k + 4]] == ["{", "d", "}"]:
            self.k += 4
            return True
        return False

    def fraction(self, start: int) -> Node:
        self.take()
        if self.next != "{":
            above, below = self.digit(), self.digit() if self.next != "{" else self.braced()
            return self.made("fraction", (above, below), start)
        mark = self.k
        self.take("{")
        if self.differential():
            found = self.derivative(start)
            if found is not None:
                return found
        self.k = mark
        return self.made("fraction", (self.braced(), self.braced()), start)

    def digit(self) -> Node:
        """A digit, as of \\frac12, of which the first may be joined to the second."""
        token = self.take()
        if len(token.text) == 2 and token.text.isdigit():
            self.tokens[self.k : self.k] = [Token(token.text[1], token.start + 1, token.end)]
        return Node("number", (), (token.text[0],), token.start, token.start + 1)

    def derivative(self, start: int) -> Node | None:
        second = False
        if self.next == "^":
            self.take()
            second = self.group() == "2"
        of = None if self.next == "}" else self.expression()
        self.take("}")
        self.take("{")
        if not self.differential():
            return None
        bys = [self.factor()]
        while self.differential():
            bys.append(self.factor())
        self.take("}")
        if of is None:
            of = self.product()
        if second and len(bys) == 1 and bys[0].kind == "power":
            bys = [bys[0].parts[0]] * 2
        if second != (len(bys) == 2):
            raise NotRead(f"{self.text!r}: a derivative of another order")
        return self.made("second" if second else "derivative", (of, *bys), start)

    # ---- names

    def base(self) -> str:
        """A letter, with its accents, without its style."""
        token = self.take()
        if token.text in ACCENTS:
            return self.bracketed_base() + ACCENTS[token.text]
        if token.text in STYLES:
            return self.bracketed_base()
        if token.text in GREEK or re.fullmatch(r"[A-Za-z\d]", token.text):
            return token.text.lstrip("\\")
        raise NotRead(f"{self.text!r}: {token.text!r} at {token.start}")

    def bracketed_base(self) -> str:
        if self.next != "{":
            return self.base()
        self.take("{")
        if re.fullmatch(r"[A-Za-z]", self.next) and self.tokens[self.k + 1].text not in ("}", "^", "_"):
            word = ""
            while self.next != "}":
                word += self.take().text
            self.take("}")
            return word
        name = self.base()
        self.take("}")
        return name

    def named(self, start: int, *, scripts: bool = True) -> Node:
        if self.next == "d" and self.k + 1 < len(self.tokens) and self.starts_a_name(self.tokens[self.k + 1].text):
            self.take()
            return self.varied(self.named(self.place), start)
        if self.next in (r"\mathrm", r"\text") and self.differential():
            return self.varied(self.named(self.place), start)
        base = self.base()
        if base in WORDS:
            return self.called(WORDS[base], start)
        if base in self.functions:
            return self.function(base, start)
        lower, layer = "", ""
        raised: list[str] = []
        while scripts and self.next in ("_", "^"):
            if self.take().text == "_":
                lower = self.group()
                continue
            exponent = self.group().replace(" ", "")
            m = re.fullmatch(r"([(\[][^()\[\]]*[)\]])(.*)", exponent)
            if m:
                layer = m[1]
                raised += [m[2]] if m[2] else []
            elif self.bare_layers and exponent not in TRANSPOSES and exponent[:1] != "-":
                turned = next((turn for turn in (r"\top", "T") if exponent.endswith(turn)), "")
                layer = f"({exponent[: len(exponent) - len(turned)]})"
                raised += [turned] if turned else []
            else:
                raised.append(exponent)
        node = self.made("name", (), start, base, lower.replace(" ", ""), layer)
        for exponent in raised:
            node = self.raised(node, exponent, start)
        return node

    def varied(self, node: Node, start: int) -> Node:
        """The differential of a name; of a transposed one, the transposed differential."""
        if node.kind == "transpose":
            return self.made("transpose", (self.varied(node.parts[0], start),), start)
        if node.kind != "name":
            raise NotRead(f"{self.text!r}: a differential at {start}")
        return self.made("differential", (node,), start)

    def starts_a_name(self, text: str) -> bool:
        return bool(re.fullmatch(r"[A-Za-z]", text)) or text in STYLES or text in GREEK or text in ACCENTS

    def function(self, base: str, start: int) -> Node:
        primes, layer = 0, ""
        while self.next in ("'", "^"):
            if self.take().text == "'":
                primes += 1
                continue
            exponent = self.group().replace(" ", "")
            primes += exponent.count(r"\prime")
            layer = exponent.replace(r"\prime", "") or layer
        words = (base, str(primes), layer)
        if self.next != "(":
            return self.made("function", (), start, *words)
        self.take("(")
        arguments = [self.expression()]
        while self.next == ",":
            self.take()
            arguments.append(self.expression())
        self.take(")")
        return self.made("applied", tuple(arguments), start, *words)
