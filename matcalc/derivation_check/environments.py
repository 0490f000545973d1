"""A formula in tokens: what stands in brackets and environments is one part; what is no mathematics is found, to be blanked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

_OF_LINES = """equation align gather multline eqnarray alignat flalign displaymath math IEEEeqnarray dmath dgroup aligned gathered split
    alignedat xalignat darray subequations multlined"""
LINES = frozenset(_OF_LINES.split())
CASES = frozenset(("cases", "dcases", "rcases"))
_TOKEN = re.compile(
    r"""(?P<comment>%[^\n]*) | (?P<thin>\\\\[,;!]) | (?P<env>\\(?:begin|end)\s*\{[A-Za-z]+\*?\})
      | (?P<line>\\\\\*?(?:\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\])? | \\(?:cr|newline)(?![A-Za-z]))
      | (?P<command>\\[A-Za-z]+) | (?P<twice>\\(?=_)) | (?P<escaped>\\.) | (?P<number>\d+(?:\.\d+)?)
      | (?P<word>(?<=[\s~,;&)}])(?:and|where|if|for|with|otherwise|when)(?=\s|~|\\|\$)) | (?P<space>[\s~]+) | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_SPACING = r"\, \; \: \! \> \space \quad \qquad \enspace \thinspace \medspace \thickspace \displaystyle \textstyle \scriptstyle \limits"
SPACES = frozenset((*_SPACING.split(), "\\ ", "\\\n"))
_OPENS = r"( [ \{ \lbrace \lbrack \lparen \langle \lvert \lVert \lfloor \lceil ⟨"
_CLOSES = r") ] \} \rbrace \rbrack \rparen \rangle \rvert \rVert \rfloor \rceil ⟩"
_OPENING: Mapping[str, str] = MappingProxyType({"{": "{", r"\left": "left", **dict.fromkeys(_OPENS.split(), "(")})
_CLOSING: Mapping[str, str] = MappingProxyType({"}": "{", r"\right": "left", **dict.fromkeys(_CLOSES.split(), "(")})
class Token(NamedTuple):
    """A token of LaTeX, its kind and its place."""

    kind: str
    start: int
    end: int
    text: str


def tokens(text: str, start: int, end: int) -> list[Token]:
    """The tokens of a stretch, without spaces between them."""
    return [
        Token(str(match.lastgroup), match.start(), match.end(), match[0])
        for match in _TOKEN.finditer(text, start, end)
        if match.lastgroup != "space"
    ]


class Structure(NamedTuple):
    """Tokens with what belongs together.

    ``closing`` says for a token that opens where it is closed; ``environment`` gives for each token where the innermost environment
    begins, or -1; ``opaque`` are the openings whose inside is one part.
    """

    tokens: list[Token]
    closing: dict[int, int]
    environment: list[int]
    opaque: set[int]

    def lines_at(self, i: int) -> str | None:
        """The environment whose lines a token stands in, "" where it stands in none; None inside of a matrix or of cases."""
        begin = self.environment[i]
        if begin < 0:
            return ""
        return None if begin in self.opaque else environment_name(self.tokens[begin])


def structure(text: str, start: int, end: int) -> Structure:
    """The tokens of a stretch with its brackets and environments matched; what has no partner is left as it is."""
    found = _without_half_brackets(tokens(text, start, end))
    closing: dict[int, int] = {}
    opened: list[tuple[str, int]] = []
    open_of: dict[str, int] = {}
    environment, skip = [-1] * len(found), -1  # an \end counts as inside of what it ends
    inside: list[int] = [-1]
    for i, token in enumerate(found):
        environment[i] = inside[-1]
        if i == skip:
            continue
        if token.text in (r"\left", r"\right") and token.kind != "dropped":
            skip = i + 1
        opens, closes = _role(token)
        if opens:
            opened.append((opens, i))
            open_of[opens] = open_of.get(opens, 0) + 1
            if token.kind == "env":
                inside.append(i)
        elif closes and open_of.get(closes) and (closes != "(" or opened[-1][0] == "("):
            while True:
                kind, place = opened.pop()
                open_of[kind] -= 1
                if found[place].kind == "env":
                    inside.pop()
                if kind == closes:
                    break
            closing[place] = i
    opaque = {i for i in closing if not _is_transparent(found, closing, i)}
    return Structure(found, closing, environment, opaque)


def _without_half_brackets(found: list[Token]) -> list[Token]:
    """The tokens with ``\\right. \\\\ \\left.`` dropped, so that a bracket is closed where it is closed on a later line."""
    for i, token in enumerate(found):
        if token.text != r"\right" or i + 1 >= len(found) or found[i + 1].text != ".":
            continue
        last = i + 2
        while last < min(len(found), i + 8) and (found[last].kind == "line" or found[last].text in ("&", r"\nonumber", r"\notag", *SPACES)):
            last += 1
        if last > i + 2 and last + 1 < len(found) and found[last].text == r"\left" and found[last + 1].text == ".":
            for j in (i, i + 1, last, last + 1):
                found[j] = found[j]._replace(kind="dropped")
    return found


def _role(token: Token) -> tuple[str, str]:
    """What a token opens and what it closes."""
    if token.kind == "dropped":
        return "", ""
    if token.kind == "env":
        name = environment_name(token)
        return (name, "") if token.text.startswith(r"\begin") else ("", name)
    return _OPENING.get(token.text, ""), _CLOSING.get(token.text, "")


def environment_name(token: Token) -> str:
    """The name in ``\\begin{name}``, without a star."""
    return token.text[token.text.index("{") + 1 : -1].rstrip("*")


def _is_transparent(found: list[Token], closing: Mapping[int, int], i: int) -> bool:
    """Whether what is opened there holds lines, and is no part of a formula itself."""
    token = found[i]
    if token.kind == "env":
        return environment_name(token) in LINES or (environment_name(token) == "array" and _holds_lines(found, i, closing[i]))
    first = i + 2 if token.text == r"\left" else i + 1
    if token.text == "{" and i and found[i - 1].text == r"\boxed":
        return True
    before = found[i - 1] if i else None
    free = before is None or (before.text not in ("_", "^", "}") and before.kind != "command")
    if token.text == "{" and free and i == 0 and closing[i] == len(found) - 1:
        return True
    if first >= len(found) or found[first].kind != "env" or closing.get(first) != closing[i] - 1:
        return False
    inner = found[first]
    return environment_name(inner) in LINES or (environment_name(inner) == "array" and _holds_lines(found, first, closing[first]))


def _holds_lines(found: list[Token], start: int, end: int) -> bool:
    """Whether an array is one of formulas, whose relations stand in a column of their own."""
    return any(
        found[i].text in ("=", r"\approx", r"\le", r"\leq", r"\ge", r"\geq", r"\equiv", ":=")
        and (found[i - 1].text == "&" or (i + 1 < end and found[i + 1].text == "&"))
        for i in range(start + 1, min(end, start + 2000))
    )
