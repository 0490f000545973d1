"""Where the mathematics of a text is: between dollars, brackets of LaTeX, or in an environment; and where nothing is to be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

from matcalc.derivation_check.environments import LINES
from matcalc.language.reading.source import Span

MASK = "\x00"  # stands for a character of a formula in the prose
DISPLAYS = LINES - {"subequations"}
_VERBATIM = frozenset(("verbatim", "lstlisting", "Verbatim", "minted", "comment", "tikzpicture", "thebibliography", "algorithmic"))
_OPENING = re.compile(
    r"""(?P<fence>^[ \t>]*(?P<marks>`{3,}(?=[^`\n]*$)|~{3,})[ \t]*(?P<told>[^\s{]*)[^\n]*)
      | (?P<code>`+) | (?P<dollars>\$\$) | (?P<twice>\\\\[(\[])
      | (?P<break>\\\\) | (?P<escaped>\\[$%&\#_`{}]) | (?P<bracket>\\[(\[])
      | (?P<dollar>\$) | (?P<begin>\\begin\s*\{(?P<name>[A-Za-z]+)\*?\}) | (?P<wiki>\{\\displaystyle\b) | (?P<html><!--)
      | (?P<macro>\\(?:newcommand|renewcommand|providecommand|def|DeclareMathOperator|newtheorem)\*?(?![A-Za-z]))
      | (?P<cited>\\(?:cite[a-z]*|[a-zA-Z]*ref|label|input|include[a-z]*|bibliography[a-z]*|url|usepackage|documentclass)\*?(?=\s*[\[{]))
      | (?P<comment>(?<![\\\d\w])%[^\n]*)""",
    re.VERBOSE | re.MULTILINE,
)
_CLOSINGS: Mapping[str, str] = MappingProxyType({r"\(": r"\)", r"\[": r"\]", r"\\(": r"\\)", r"\\[": r"\\]"})
_TEX = re.compile(r"\\(?:documentclass|begin\s*\{document\}|usepackage|section|subsection|chapter|newcommand|label)\b")
_BODY = re.compile(r"\\begin\s*\{document\}")
_END = re.compile(r"\\end\s*\{document\}")
_PROSE_INSIDE = re.compile(r"(?<![\\\w{])[A-Za-z]{2,}(?:[ \t\n]+[a-z]{2,}){2,}")
_WORDS_ALONE = re.compile(r"(?:^|\s)[A-Za-z]{2,},?\s+[A-Za-z]{2}|^\S.*\s$", re.DOTALL)  # and no formula, as between two prices
_SIGNS = re.compile(r"[\\=^_+]")
_BLANK_LINE = re.compile(r"\n[ \t>]*\n")
_TEXT_COMMAND = re.compile(r"\\(?:text\w*|mbox|intertext|shortintertext|tag|label|hbox|operatorname|mathrm)\*?\s*\{[^{}]*\}")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_ARGUMENT = re.compile(r"\s*(?:\\[A-Za-z]+|#\d)?\s*([\[{])")
_NEW_FORMULA = re.compile(r"(?P<blank>\n[ \t]*\n\s*)|\n")
_OPEN_ENDS = ("=", "+", "-", ",", r"\cdot", r"\times", r"\odot", r"\otimes", r"\circ")
_OPEN_STARTS = ("=", "+", "-", ")", "]", r"\cdot", r"\times", r"\odot", r"\otimes", r"\circ", r"\right", r"\approx", r"\equiv", ":=")
_DIMENSION = re.compile(r"\s*-?[\d.]+\s*[a-z]{2}\s*\]")


_IN_CODE = re.compile(r"\$[^$\n]+\$|\\[(\[]|\\(?:frac|partial|mathbf|boldsymbol|mathrm|nabla|delta|begin|top|odot)(?![A-Za-z])")
CODE = "code, which is not read; a formula stands between dollars, or in a fence that begins with ```math"
MATH_FENCE = "math"


@final
@dataclass(frozen=True, slots=True)
class Segment:
    """A formula of the text: its place with the delimiters, and the place of what they hold."""

    span: Span
    content: Span
    display: bool


@final
@dataclass(frozen=True, slots=True)
class Segments:
    """The formulas of a text, its prose with everything else masked, what has no end, and its code."""

    formulas: tuple[Segment, ...]
    prose: str
    set_aside: tuple[tuple[Span, str], ...]
    code: tuple[Span, ...] = ()


def segments(text: str) -> Segments:
    """The formulas of a text, in order."""
    return _Scan(text).result()


def undelimited(text: str) -> Segments:
    """The formulas of a text without delimiters: one a paragraph, and one a line where lines are equalities by themselves."""
    found: list[Segment] = []
    aside: list[tuple[Span, str]] = []
    start = 0
    for cut in [*(match.end() for match in _NEW_FORMULA.finditer(text) if _is_cut(text, match)), len(text)]:
        span = Span(start, cut)
        written = text[start:cut]
        if "=" not in written and _PROSE_INSIDE.search(_TEXT_COMMAND.sub(" ", written)):
            aside.append((span, "words without a formula"))
        elif written.strip():
            found.append(Segment(span, span, True))
        start = cut
    return Segments(tuple(found), MASK * len(text), tuple(aside))


def formulas_in_code(text: str, code: Iterable[Span]) -> Iterator[tuple[Span, str]]:
    """The code in which formulas stand, with the reason why they are not read."""
    return ((span, CODE) for span in code if _IN_CODE.search(text, span.start, span.end))


def _is_cut(text: str, match: re.Match[str]) -> bool:
    """Whether an undelimited formula ends at the end of a line: both lines are equalities, and nothing is open between them."""
    if match["blank"]:
        return True
    line = text[max(text.rfind("\n", 0, match.start()) + 1, match.start() - 2000) : match.start()]
    then = text[match.end() : match.end() + 2000].partition("\n")[0]
    if "=" not in line or "=" not in then or "&" in line + then or line.rstrip().endswith(("\\", *_OPEN_ENDS)):
        return False
    opened = sum(line.count(c) for c in "({[") - sum(line.count(c) for c in ")}]")
    return not then.lstrip().startswith(_OPEN_STARTS) and opened == 0


@final
class _Scan:
    """One walk over a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Segment] = []
        self.aside: list[tuple[Span, str]] = []
        self.code: list[Span] = []
        self.hidden: list[tuple[int, int, str]] = []  # what is no prose, and by which character it is masked
        self.absent: dict[str, int] = {}  # closing signs that do not come again from a place on
        self.braces: dict[int, int] | None = None
        self.tex = bool(_TEX.search(text))

    def result(self) -> Segments:
        body = _BODY.search(self.text)
        start = body.end() if body else 0
        over = _END.search(self.text, start)
        end = over.start() if over else len(self.text)
        self.hidden.append((0, start, " "))
        place = start
        while (match := _OPENING.search(self.text, place, end)) is not None:
            place = max(self._past(match, end), match.end())
        self.hidden.append((end, len(self.text), " "))
        return Segments(tuple(self.found), self._prose(), tuple(self.aside), tuple(self.code))

    def _prose(self) -> str:
        pieces, place = [], 0
        for start, end, mask in self.hidden:
            if start < place:
                continue
            pieces += [self.text[place:start], mask * (end - start)]
            place = end
        return "".join([*pieces, self.text[place:]])

    def _past(self, match: re.Match[str], end: int) -> int:
        """Where the walk goes on behind what is opened there."""
        kind, start, inside = str(match.lastgroup), match.start(), match.end()
        if kind in ("break", "escaped"):
            return inside
        if kind == "comment":
            return self._hide(start, inside) if self.tex else start + 1
        if kind == "html":
            return self._hidden_until("-->", start, inside, end)
        if kind == "fence":
            return self._past_fence(match, end)
        if kind == "code":
            return self._past_code(match, end)
        if kind in ("macro", "cited"):
            return self._past_command(start, inside, end)
        if kind == "begin":
            return self._past_environment(match, end)
        if kind == "wiki":
            closed = self._closing_brace(start, end)
            return inside if closed < 0 else self._add(start, inside, closed, closed + 1, display=False)
        if kind == "dollar":
            return self._past_dollar(start, end)
        return self._past_display(match, kind, end)

    def _past_display(self, match: re.Match[str], kind: str, end: int) -> int:
        start, inside, opening = match.start(), match.end(), match[0]
        closing = "$$" if kind == "dollars" else _CLOSINGS[opening]
        if opening == r"\\[" and _DIMENSION.match(self.text, inside):
            return inside
        close = self._find(closing, inside, end)
        if kind == "twice" and close < 0:
            return start + 2
        if close == inside and kind == "dollars":
            return inside + 2
        if close < 0 or self._runs_over_prose(inside, close):
            where = _BLANK_LINE.search(self.text, inside, end)
            stop = where.start() if where else end
            self.aside.append((Span(start, stop), f"a formula that {opening} opens and nothing closes"))
            return self._hide(start, stop)
        return self._add(start, inside, close, close + len(closing), display=opening != r"\(" and opening != r"\\(")

    def _runs_over_prose(self, start: int, end: int) -> bool:
        content = self.text[start:end]
        if not _BLANK_LINE.search(content.strip()):
            return False
        return bool(_PROSE_INSIDE.search(_TEXT_COMMAND.sub(" ", content)))

    def _past_dollar(self, start: int, end: int) -> int:
        inside = start + 1
        if self.text[inside : inside + 1] == "`" and (close := self._find("`$", inside + 1, end)) > 0:
            return self._add(start, inside + 1, close, close + 2, display=False)
        close = self._find("$", inside, end)
        while close > 0 and self.text[close - 1] == "\\" and self.text[close - 2] != "\\":
            close = self._find("$", close + 1, end)
        if close < 0 or close == inside or self.text[close + 1 : close + 2].isdigit():
            return inside
        content = self.text[inside:close]
        if _BLANK_LINE.search(content):
            return inside
        if not _SIGNS.search(content) and (_WORDS_ALONE.search(content) or content.isspace()):
            return inside
        return self._add(start, inside, close, close + 1, display=False)

    def _past_environment(self, match: re.Match[str], end: int) -> int:
        name, start, inside = match["name"], match.start(), match.end()
        closing = match[0].replace("begin", "end", 1)
        if name in _VERBATIM:
            close = self._find(closing, inside, end)
            return self._hide_code(start, end if close < 0 else close + len(closing))
        if name not in DISPLAYS:
            return inside
        close = self._find(closing, inside, end)
        if close < 0:
            where = _BLANK_LINE.search(self.text, inside, end)
            stop = where.start() if where else end
            self.aside.append((Span(start, stop), f"an environment {name} that nothing ends"))
            return self._hide(start, stop)
        return self._add(start, start, close + len(closing), close + len(closing), display=True)

    def _past_code(self, match: re.Match[str], end: int) -> int:
        marks = match[0].lstrip(" \t>")
        close = self._find(marks, match.end(), end)
        if close < 0 or _BLANK_LINE.search(self.text, match.end(), close):
            return match.end()
        return self._hide_code(match.start(), close + len(marks))

    def _past_fence(self, match: re.Match[str], end: int) -> int:
        """Behind a fence of Markdown, which the next line of as many marks closes; one that is told to be mathematics is a formula."""
        marks = match["marks"]
        closing = re.compile(rf"^[ \t>]*{re.escape(marks)}{re.escape(marks[0])}*[ \t]*$", re.MULTILINE)
        closed = closing.search(self.text, match.end(), end)
        if match["told"].lower() == MATH_FENCE and closed:
            return self._add(match.start(), match.end(), closed.start(), closed.end(), display=True)
        return self._hide_code(match.start(), closed.end() if closed else end)

    def _hide_code(self, start: int, end: int) -> int:
        self.code.append(Span(start, end))
        return self._hide(start, end)

    def _past_command(self, start: int, place: int, end: int) -> int:
        """Behind a command and its arguments; of a definition without braces, behind the line."""
        while place < end and (match := _ARGUMENT.match(self.text, place, end)):
            close = self._closing_brace(match.start(1), end) if match[1] == "{" else self.text.find("]", place, min(end, place + 200))
            if close < 0:
                break
            place = close + 1
        return self._hide(start, place)

    def _closing_brace(self, start: int, end: int) -> int:
        """Where the brace that is opened there is closed; -1 where it is not."""
        if self.braces is None:
            self.braces, opened = {}, []
            for match in _BRACE.finditer(self.text):
                if match[0] == "{":
                    opened.append(match.start())
                elif match[0] == "}" and opened:
                    self.braces[opened.pop()] = match.start()
        close = self.braces.get(start, -1)
        return close if close < end else -1

    def _find(self, sign: str, start: int, end: int) -> int:
        if start >= self.absent.get(sign, end):
            return -1
        place = self.text.find(sign, start, end)
        if place < 0:
            self.absent[sign] = start
        return place

    def _hidden_until(self, closing: str, start: int, inside: int, end: int) -> int:
        close = self._find(closing, inside, end)
        return self._hide(start, end if close < 0 else close + len(closing))

    def _hide(self, start: int, end: int) -> int:
        self.hidden.append((start, end, " "))
        return end

    def _add(self, start: int, inside: int, close: int, end: int, *, display: bool) -> int:
        before, behind = self.text[max(0, start - 40) : start], self.text[end : end + 40]
        alone = not (before.rpartition("\n")[2] + behind.partition("\n")[0]).strip(" \t\r.,;:>-*")
        self.found.append(Segment(Span(start, end), Span(inside, close), alone or (display and self.text[start] != "$")))
        self.hidden.append((start, end, MASK))
        return end
