"""Reads LaTeX formulas into elements of MathML."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias, final

from matcalc.errors import ReadError
from matcalc.printing.mathml_nodes import Node, gap, operator, row, table
from matcalc.printing.mathml_signs import (
    ACCENTS, BESIDE, BIG, DELIMITERS, FONTS, FUNCTIONS, IGNORED, LARGE, LETTERS, NORM, OPERATORS, SPACES, SWITCHES, UPRIGHT, WIDE,
    WITH_DROPPED_ARGUMENT, WITH_LIMITS, WORDS, in_alphabet,
)  # fmt: skip

MOST_NESTED = 80  # groups and arguments
_TOKEN = re.compile(r"\d+\.\d+|\.\.\.|\\(?:[A-Za-z]+|.)|%[^\n]*\n?|\s+|:=|.", re.DOTALL)
_UNSTYLED = re.compile(r"\\(?:[A-Za-z]+\s*|(?P<sign>.))|[{}$]", re.DOTALL)
_NO_SPACE = (("stretchy", "false"), ("lspace", "0"), ("rspace", "0"))
_CHARACTERS = {"-": "−", "*": "∗", "'": "′", "~": " ", "...": "…"}
_STYLES = {"bold": "bold", "bold-italic": "bold", "sans": "sans", "mono": "mono"}
_CLOSING = ("}", r"\right", r"\end")  # what ends a row, whatever opened it
_LINE_ENDS = (r"\\", r"\newline", r"\cr")


def plain(text: str) -> str:
    """Words as they stand, without commands and braces."""
    return _UNSTYLED.sub(lambda found: found["sign"] or "", text).replace("~", " ")


def _both(first: Node | None, second: Node) -> Node:
    """Two scripts at one place."""
    return second if first is None else row((first, second), first.start, second.end)


class Token(NamedTuple):
    """A command, a sign, or a letter or digit, and its place."""

    text: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """Of a command; of anything else nothing."""
        return self.text[1:] if self.text[0] == "\\" else ""


Construct: TypeAlias = "Callable[[Reader, int], Node]"


@final
class Reader:
    """Reads a formula into elements; ``font`` is that of the place it has come to."""

    def __init__(self, latex: str, constructs: Mapping[str, Construct]) -> None:
        found = (Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(latex))
        self.tokens = [token for token in found if not token.text.isspace() and token.text[0] != "%"]
        self.latex = latex
        self.constructs = constructs
        self.at = 0
        self.font = ""
        self.nested = 0

    # ---- tokens ------------------------------------------------------------------------------------------------------

    def peek(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def next(self) -> Token:
        if self.at == len(self.tokens):
            raise ReadError("The formula ends where something has to follow.")
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, text: str) -> bool:
        if self.peek() != text:
            return False
        self.at += 1
        return True

    def end(self) -> int:
        """Behind the last token that was read."""
        return self.tokens[self.at - 1].end if self.at else 0

    # ---- rows --------------------------------------------------------------------------------------------------------

    def formula(self) -> list[Node]:
        """All of it; several lines as a table."""
        cells = self.cells()
        if self.at < len(self.tokens):
            raise ReadError(f"{self.peek()} stands where nothing was opened.")
        lines = [[node for cell in line for node in cell] for line in cells]
        lines = [line for line in lines if line]
        if len(lines) < 2:
            return lines[0] if lines else []
        return [table([[line] for line in lines], "left", 0, self.end())]

    def cells(self) -> list[list[list[Node]]]:
        """Lines of cells, up to what closes them."""
        lines: list[list[list[Node]]] = [[[]]]
        while self.at < len(self.tokens) and self.peek() not in _CLOSING:
            if self.take("&"):
                lines[-1].append([])
            elif self.peek() in _LINE_ENDS:
                self.at += 1
                self.optional()
                lines.append([[]])
            else:
                lines[-1][-1] += self.nodes_to(("&", *_LINE_ENDS))
        return lines

    def nodes_to(self, ends: tuple[str, ...]) -> list[Node]:
        """Elements up to a token that ends them, each with its scripts."""
        self._deeper()
        font, nodes, start = self.font, list[Node](), self._start()
        while self.at < len(self.tokens) and self.peek() not in ends and self.peek() not in _CLOSING:
            if self.peek() in (r"\over", r"\choose", r"\atop"):
                bare = self.next().text != r"\over"
                below = self.nodes_to(ends)
                parts = (row(nodes, start, self.end()), row(below, start, self.end()))
                nodes = [Node("mfrac", parts, start, self.end(), (("linethickness", "0"),) if bare else ())]
                break
            found = self._scripted()
            if found is not None:
                nodes += self._apart(nodes, found)
        self.nested -= 1
        self.font = font
        return nodes

    def _deeper(self) -> None:
        self.nested += 1
        if self.nested > MOST_NESTED:
            raise ReadError("The formula is nested too deep to be set.")

    def _start(self) -> int:
        return self.tokens[self.at].start if self.at < len(self.tokens) else len(self.latex)

    def _apart(self, before: list[Node], node: Node) -> list[Node]:
        """The element; digits joined with those before them, and a gap between a named function and what follows."""
        last = before[-1] if before else None
        if last is not None and last.tag == node.tag == "mn" and last.end == node.start:
            before.pop()
            return [Node("mn", f"{last.content}{node.content}", last.start, node.end)]
        opens = node.tag == "mrow" or (isinstance(node.content, str) and node.content[:1] in ("(", "[", ","))
        named = last is not None and last.role in ("function", "limits")
        if named and not opens and node.role != "operator" and node.tag != "mspace":
            return [gap(node.start, "0.17em"), node]
        if node.role == "function" and last is not None and last.role not in ("operator", "open"):
            return [gap(node.start, "0.17em"), node]
        return [node]

    # ---- one element -------------------------------------------------------------------------------------------------

    def _scripted(self) -> Node | None:
        """The next element with its scripts; None of what sets nothing."""
        start = self._start()
        base = Node("mrow", (), start, start) if self.peek() in ("^", "_", "'") else self._atom()
        if base is None:
            return None
        upper, lower, primes = None, None, 0
        while True:
            if self.peek() in (r"\limits", r"\nolimits"):
                self.at += 1
            elif self.take("'"):
                primes += 1
            elif self.peek() in ("^", "_"):
                is_upper = self.next().text == "^"
                found = self.argument()
                upper, lower = (_both(upper, found), lower) if is_upper else (upper, _both(lower, found))
            else:
                break
        if primes:
            mark = Node("mo", "′" * primes, self.end() - 1, self.end(), _NO_SPACE)
            upper = mark if upper is None else row((mark, upper), min(mark.start, upper.start), max(mark.end, upper.end))
        return self._with_scripts(base, lower, upper)

    def _with_scripts(self, base: Node, lower: Node | None, upper: Node | None) -> Node:
        parts = tuple(part for part in (base, lower, upper) if part is not None)
        if len(parts) == 1:
            return base
        beside, around = ("msub", "msup", "msubsup"), ("munder", "mover", "munderover")
        tags = around if base.role in ("limits", "large") else beside
        tag = tags[2] if len(parts) == 3 else tags[0] if lower is not None else tags[1]
        return Node(tag, parts, base.start, self.end(), role=base.role)

    def argument(self) -> Node:
        """What a command is of: a group, or the next element without scripts."""
        self._deeper()
        start = self._start()
        found = None
        while found is None:
            if not self.peek() or self.peek() in _CLOSING:
                raise ReadError("The formula ends where something has to follow.")
            found = self._atom()
        self.nested -= 1
        return Node("mrow", (), start, self.end()) if found.tag == "mspace" else found

    def _atom(self) -> Node | None:
        token = self.next()
        if token.name:
            return self._command(token)
        text = token.text
        if text == "{":
            nodes = self.nodes_to(("}",))
            if not self.take("}"):
                raise ReadError("A brace is not closed.")
            return row(nodes, token.start, self.end())
        if text in ("}", "&"):
            raise ReadError(f"{text} stands where nothing was opened.")
        if text[0].isdigit():
            return Node("mn", text, token.start, token.end, self._style())
        if text.isalpha():
            return self._letter(token, text)
        sign = _CHARACTERS.get(text, text)
        return gap(token.start, "0.33em") if sign == " " else operator(sign, token.start, token.end)

    def _style(self) -> tuple[tuple[str, str], ...]:
        return (("class", _STYLES[self.font]),) if self.font in _STYLES else ()

    def _letter(self, token: Token, letter: str, *, upright: bool = False) -> Node:
        upright = upright or self.font in ("bold", "upright", "sans", "mono", "script", "double", "fraktur")
        attributes = (*self._style(), *((("mathvariant", "normal"),) if upright else ()))
        return Node("mi", in_alphabet(letter, self.font), token.start, token.end, attributes)

    def word(self, start: int, text: str, role: str = "function") -> Node:
        return Node("mi", text, start, self.end(), (("mathvariant", "normal"),), role)

    # ---- commands ----------------------------------------------------------------------------------------------------

    def _command(self, token: Token) -> Node | None:
        name, start, end = token.name, token.start, token.end
        if name in LETTERS:
            return self._letter(token, LETTERS[name])
        if name in UPRIGHT:
            return self._letter(token, UPRIGHT[name], upright=True)
        if name in OPERATORS or name == "|":
            return operator(NORM if name == "|" else OPERATORS[name], start, end)
        if name in LARGE:
            return Node("mo", LARGE[name], start, end, role="operator" if name in BESIDE else "large")
        if name in FUNCTIONS or name in WITH_LIMITS:
            return self.word(start, name, "limits" if name in WITH_LIMITS else "function")
        if name in DELIMITERS:
            return operator(DELIMITERS[name], start, end)
        if name in SPACES:
            return gap(start, SPACES[name])
        if name in SWITCHES:
            self.font = FONTS[name]
            return None
        if name in IGNORED:
            return None
        if name in WITH_DROPPED_ARGUMENT:
            self.raw()
            return None
        return self._construct(token)

    def _construct(self, token: Token) -> Node | None:
        """A command with arguments."""
        name, start = token.name, token.start
        if name in FONTS:
            before, self.font = self.font, FONTS[name]
            found = self.argument()
            self.font = before
            return found
        if name in WORDS:
            return Node("mtext", plain(self.raw()).replace(" ", "\u00a0"), start, self.end())
        if name in ACCENTS:
            base = self.argument()
            stretchy = "true" if name in WIDE else "false"
            accent = Node("mo", ACCENTS[name], start, token.end, (("stretchy", stretchy),))
            return Node("mover", (base, accent), start, self.end(), (("accent", "true"),))
        if name in BIG:
            self.take(r"\left")
            return self.delimiter((("minsize", "1.4em"), ("maxsize", "1.4em"), ("lspace", "0"), ("rspace", "0")))
        construct = self.constructs.get(name)
        if construct is not None:
            return construct(self, start)
        return self.word(start, name.strip() or " ", "")

    def raw(self) -> str:
        """The text of an argument as it stands there."""
        opened = self.next()
        if opened.text != "{":
            return opened.text
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(self.next().text, 0)
        return self.latex[opened.end : self.tokens[self.at - 1].start]

    def optional(self) -> list[Node] | None:
        """An argument in square brackets, where one stands."""
        if self.peek() != "[" or "]" not in (token.text for token in self.tokens[self.at : self.at + 20]):
            return None
        self.at += 1
        nodes = self.nodes_to(("]",))
        self.take("]")
        return nodes

    def delimiter(self, attributes: tuple[tuple[str, str], ...] = ()) -> Node:
        token = self.next()
        sign = NORM if token.text == r"\|" else DELIMITERS.get(token.name or token.text, "")
        return Node("mo", sign, token.start, token.end, attributes)

