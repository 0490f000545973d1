r"""Long formulas in lines, in LaTeX and in plain text.

A line is broken before a sign of a sum, sooner than before another sign, sooner than between factors that stand side by side; and sooner
outside of brackets than inside. Widths are estimated, in letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, count, groupby
from typing import Any, final

from matcalc.errors import NoMatrixFormError
from matcalc.language.operators import METHODS, register

WIDTH = 88  # letters that a line has room for in an output of a notebook
TEXT_WIDTH = 79
INDENT = "    "
NEXT_LINE = r"\\[0.3em]"

RELATION, SUM_SIGN, SIGN, SIDE_BY_SIDE, COMMA = 0.0, 1.0, 8.0, 16.0, 20.0  # what a break costs
FIRST_BRACKET, EACH_BRACKET = 14.0, 4.0  # what it costs more inside of brackets
SHORT = 20  # letters in brackets that stay together
EACH_LETTER = 0.5  # what each letter of the line that is left empty costs
IN_SCRIPTS = 0.72

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_SUMS = {"+": SUM_SIGN, "-": SUM_SIGN, r"\pm": SUM_SIGN}
_SIGNS = {
    **dict.fromkeys(("=", r"\neq", r"\approx", r"\le", r"\ge", "<", ">", "≠"), RELATION),
    **dict.fromkeys((r"\odot", r"\otimes", r"\oslash", r"\cdot", r"\times", "⊙", "⊗", "⊘", "·"), SIGN),
}
_OPENING, _CLOSING = {"(", "[", r"\{", r"\lbrack"}, {")", "]", r"\}", r"\rbrack"}
_LARGE = {r"\sum": 2.6, r"\prod": 2.4, r"\int": 1.8}
_FUNCTIONS = {r"\ln", r"\det", r"\exp", r"\log", r"\sin", r"\cos", r"\tanh", r"\max", r"\min"}
_SPACES = {r"\,": 0.3, r"\;": 0.5, r"\:": 0.4, r"\ ": 0.6, r"\quad": 1.8, r"\qquad": 3.6, r"\!": 0.0}
_STYLES = {r"\mathbf", r"\boldsymbol", r"\mathrm", r"\mathit", r"\mathcal", r"\mathbb", r"\bm"}
_WORDS = {r"\operatorname", r"\text", r"\textbf", r"\mathop"}
_ACCENTS = {r"\hat", r"\bar", r"\tilde", r"\vec", r"\dot", r"\widehat", r"\overline", r"\underline"}
_FENCES = {r"\left": (r"\Bigl", 1), r"\right": (r"\Bigr", -1)}


@final
@dataclass(frozen=True, slots=True)
class Stretch:
    """What stays together in a formula.

    Attributes:
        text: it, as written.
        width: in letters.
        depth: how many brackets stand around it.
        cost: of a break before it; None where none may be.
        fence: the number of the pair of fences that it opens or closes, which are as high as what they hold; None of all else.
    """

    text: str
    width: float
    depth: int
    cost: float | None
    fence: int | None = None


def broken(stretches: Sequence[Stretch], width: float, later: float | None = None) -> list[list[Stretch]]:
    """The stretches in lines of a width; ``later`` is that of all lines but the first. What may not be broken is wider."""
    lines: list[list[Stretch]] = []
    rest = list(stretches)
    while rest:
        room = width if not lines else later or width
        at = _best_break(rest, room)
        lines.append(rest[:at])
        rest = rest[at:]
    return lines


def _best_break(rest: Sequence[Stretch], room: float) -> int:
    """How many stretches the next line takes: all if they fit, else up to the cheapest break among those that fit, or to the first."""
    reach = [0.0, *accumulate(each.width for each in rest)]
    if reach[-1] <= room:
        return len(rest)
    places = [(at, cost) for at, each in enumerate(rest) if at and (cost := each.cost) is not None]
    fitting = [(at, cost) for at, cost in places if reach[at] <= room]
    if not fitting:
        return places[0][0] if places else len(rest)
    return min(fitting, key=lambda place: (place[1] + EACH_LETTER * (room - reach[place[0]]), -place[0]))[0]


def _short_brackets_kept(found: list[Stretch]) -> list[Stretch]:
    """The stretches without breaks inside of brackets that hold little."""
    kept = list(found)
    for level in range(1, 1 + max((part.depth for part in found), default=0)):
        for inside, run in groupby(range(len(found)), key=lambda at, level=level: found[at].depth >= level):  # type: ignore[misc]
            places = list(run)
            if inside and sum(found[at].width for at in places) < SHORT:
                for at in places:
                    kept[at] = replace(kept[at], cost=None)
    return kept


def _inside(depth: int) -> float:
    """What a break costs more inside of so many brackets."""
    return FIRST_BRACKET + EACH_BRACKET * depth if depth else 0.0


# ---- LaTeX -----------------------------------------------------------------------------------------------------------


def typeset(latex: str, width: float = WIDTH, note: str = "") -> str:
    r"""A formula for a notebook to set, in dollar signs, a long one in several lines.

    Args:
        latex: a formula, or an ``aligned`` block, whose lines are broken each.
        width: in letters.
        note: words behind the formula, in small print.

    Example:
        >>> typeset(r"\mathbf{x}^\top \mathbf{y}")
        '$\\displaystyle \\mathbf{x}^\\top \\mathbf{y}$'
        >>> print(typeset(r"C = \mathbf{x}^\top \mathbf{y} + \mathbf{y}^\top \mathbf{x} + 3", width=13))
        $\displaystyle \begin{aligned}
        C &= \mathbf{x}^\top \mathbf{y} + \mathbf{y}^\top \mathbf{x} \\[0.3em]
        &\quad + 3
        \end{aligned}$
    """
    inside = _inside_aligned(latex)
    if inside is not None:
        rows = [row for line in inside for row in _aligned_row(line, width)]
    else:
        parts = stretches_of(latex)
        if _width(parts) + len(note) <= width:
            return f"$\\displaystyle {latex}{_noted(note)}$"
        rows = _rows(parts, width)
    if note:
        rows[-1] += _noted(note)
    block = f" {NEXT_LINE}\n".join(rows)
    return f"$\\displaystyle \\begin{{aligned}}\n{block}\n\\end{{aligned}}$"


def _noted(note: str) -> str:
    return rf" \qquad {{\small \text{{{note}}}}}" if note else ""


def set_in_notebook(thing: Any) -> str | None:
    """The formula of a thing that has a ``latex`` method, for a notebook: the meaning of ``_repr_latex_``; None where it has none."""
    try:
        return typeset(thing.latex())
    except NoMatrixFormError:
        return None


def latex_width(latex: str) -> float:
    """How wide a formula is, estimated, in letters."""
    return _width(stretches_of(latex))


def _width(parts: Sequence[Stretch]) -> float:
    return sum(part.width for part in parts)


def _inside_aligned(latex: str) -> list[str] | None:
    """The lines of an ``aligned`` block that has no environment in it; None of anything else."""
    opening, closing = r"\begin{aligned}", r"\end{aligned}"
    if not (latex.startswith(opening) and latex.endswith(closing)):
        return None
    inside = latex.removeprefix(opening).removesuffix(closing)
    return None if r"\begin" in inside else [line.strip() for line in re.split(r"\\\\", inside)]


def _aligned_row(line: str, width: float) -> Iterator[str]:
    """The lines of one line, whose widest cell is broken; an equation whose left side is long goes on below it."""
    cells = re.split(r"(?<!\\)&", line)
    widths = [latex_width(cell) for cell in cells]
    if sum(widths) <= width:
        yield line
        return
    if len(cells) == 2 and widths[0] > width / 2:
        yield from _rows(stretches_of(f"{cells[0]} {cells[1]}"), width)
        return
    at = widths.index(max(widths))
    first, *more = _written(broken(stretches_of(cells[at].strip()), max(width - sum(widths) + widths[at], width / 2)))
    yield "&".join([*cells[:at], first, *cells[at + 1 :]])
    yield from (f"{'&' * at}\\quad {text}" for text in more)


def _rows(parts: Sequence[Stretch], width: float) -> list[str]:
    """The lines of one formula, those after the first further to the right, behind its first relation if that stands near its start."""
    sign = next((at for at, part in enumerate(parts) if part.cost == RELATION and part.depth == 0), 0)
    left = _width(parts[:sign])
    if not sign or left > width / 3:
        first, *more = _written(broken(parts, width))
        return [f"& {first}", *(f"&\\quad {text}" for text in more)]
    first, *more = _written(broken(parts[sign:], width - left, width - left - 2))
    return [f"{''.join(part.text for part in parts[:sign]).strip()} &{first}", *(f"&\\quad {text}" for text in more)]


def _written(lines: Sequence[Sequence[Stretch]]) -> list[str]:
    """The lines as text; a pair of fences that a break parts is set in one size, as neither sees what the other holds."""
    line_of = [{part.fence for part in line if part.fence is not None} for line in lines]
    parted = {
        fence for number, fences in enumerate(line_of) for fence in fences
        if sum(part.fence == fence for part in lines[number]) == 1
    }  # fmt: skip
    return ["".join(_as_fixed(part) if part.fence in parted else part.text for part in line).strip() for line in lines]


def _as_fixed(part: Stretch) -> str:
    head = next(name for name in _FENCES if part.text.lstrip().startswith(name))
    return part.text.replace(head, _FENCES[head][0], 1)


def stretches_of(latex: str) -> list[Stretch]:
    """A formula in the stretches between which it may be broken."""
    return _Scanner(latex).stretches("")


@final
class _Scanner:
    """Reads a formula from left to right; ``before`` is what stands before the place, as ``operand`` or ``sign``."""

    def __init__(self, latex: str) -> None:
        self.tokens: list[str] = _TOKEN.findall(latex)
        self.at = 0
        self.pairs = count()

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def stretches(self, end: str) -> list[Stretch]:
        """All up to a token that ends them, which stays."""
        found: list[Stretch] = []
        open_fences: list[int] = []
        depth, before, space = 0, "start", ""
        while self.at < len(self.tokens) and self.peek() != end:
            if self.peek().isspace():
                space += self.next()
                continue
            cost, kind, text, width, fence = self._next(before, bool(space), open_fences)
            depth -= kind == "close"
            own = None if cost is None else cost + _inside(depth)
            found.append(Stretch(space + text, width, depth, own, fence))
            depth += kind == "open"
            before, space = kind, ""
        return _short_brackets_kept(found)

    def _next(self, before: str, spaced: bool, open_fences: list[int]) -> tuple[float | None, str, str, float, int | None]:
        """The next stretch: what a break before it costs, what it is, its text, its width and its pair of fences."""
        token = self.next()
        after_operand = before in ("operand", "close")
        if token in _FENCES:
            opens = _FENCES[token][1] == 1
            fence = next(self.pairs) if opens else open_fences.pop() if open_fences else None
            if opens and fence is not None:
                open_fences.append(fence)
            text = token + self.next()
            script, more = ("", 0.0) if opens else self._scripts()
            cost = SIDE_BY_SIDE if opens and after_operand and spaced else None
            return cost, "open" if opens else "close", text + script, 1.1 + more, fence
        if token in _SIGNS or (token in _SUMS and after_operand):
            return {**_SIGNS, **_SUMS}[token] if after_operand else None, "sign", token, 2.6, None
        if token in _OPENING:
            return SIDE_BY_SIDE if after_operand and spaced else None, "open", token, 0.7, None
        if token in _CLOSING:
            script, more = self._scripts()
            return None, "close", token + script, 0.7 + more, None
        if token == ",":
            return None, "comma", token, 0.8, None
        text, width, kind = self._atom(token)
        script, more = self._scripts()
        cost = RELATION if before == "gap" else COMMA if before == "comma" else SIDE_BY_SIDE if after_operand and spaced else None
        return cost, kind, text + script, width + more, None

    def _scripts(self) -> tuple[str, float]:
        """What follows as a script or a prime, its text and width."""
        text, widths = "", [0.0]
        while self.peek() in ("^", "_", "'"):
            mark = self.next()
            inside, width = ("", 0.4) if mark == "'" else self._argument()
            text += mark + inside
            widths.append(width * IN_SCRIPTS)
        return text, sum(widths) if text.startswith("'") else max(widths)

    def _argument(self) -> tuple[str, float]:
        """What a command or a script takes: a group or one token."""
        while self.peek().isspace():
            self.at += 1
        if self.peek() == "{":
            return self._group()
        text, width, _ = self._atom(self.next())
        return text, width

    def _group(self) -> tuple[str, float]:
        self.at += 1
        start = self.at
        width = _width(self.stretches("}"))
        text = "".join(self.tokens[start : self.at])
        self.at += 1
        return f"{{{text}}}", width

    def _atom(self, token: str) -> tuple[str, float, str]:
        """One element without its scripts: text, width, and what it is."""
        if token == "{":
            self.at -= 1
            return (*self._group(), "operand")
        if token in (r"\frac", r"\tfrac", r"\dfrac", r"\binom"):
            above, below = self._argument(), self._argument()
            return f"{token}{above[0]}{below[0]}", max(above[1], below[1]) + 0.6, "operand"
        if token in _STYLES | _WORDS | _ACCENTS | {r"\sqrt"}:
            text, width = self._argument()
            kind = "head" if token == r"\operatorname" else "operand"
            return token + text, width * 1.1 + (1.4 if token == r"\sqrt" else 0.3 if kind == "head" else 0.0), kind
        if token == r"\begin":
            return self._environment()
        if token in _LARGE:
            return token, _LARGE[token], "head"
        if token in _FUNCTIONS:
            return token, len(token) - 0.6, "head"
        kind = "gap" if token in (r"\quad", r"\qquad") else "head" if token in _SPACES else "operand"
        return token, _SPACES.get(token, 1.0), kind

    def _environment(self) -> tuple[str, float, str]:
        """An environment as a whole, as wide as its widest line."""
        start, depth = self.at - 1, 1
        while depth and self.at < len(self.tokens):
            depth += {r"\begin": 1, r"\end": -1}.get(self.next(), 0)
        self._argument()
        text = "".join(self.tokens[start : self.at])
        inside = text.partition("}")[2].rpartition(r"\end")[0]
        return text, max(map(latex_width, re.split(r"\\\\", inside.replace("&", " ")))) if r"\begin" not in inside else 40.0, "operand"


# ---- text ------------------------------------------------------------------------------------------------------------


def text_lines(text: str, width: int = TEXT_WIDTH) -> list[str]:
    """A formula in plain text in lines, those after the first further to the right; one line stays as it is.

    Example:
        >>> print(*text_lines("x^T (A + B) y + f(z) ⊙ (a - y) - 3 c", 18), sep="\\n")
        x^T (A + B) y
            + f(z)
            ⊙ (a - y)
            - 3 c
    """
    if len(text) <= width:
        return [text]
    lines = broken(_words(text), width, width - len(INDENT))
    return [f"{INDENT if number else ''}{''.join(part.text for part in line).strip()}" for number, line in enumerate(lines)]


def _words(text: str) -> list[Stretch]:
    """A text in words; a sign stays with what follows it."""
    found: list[Stretch] = []
    depth, before = 0, ""
    for word in re.findall(r"\s*\S+", text):
        bare = word.strip()
        sign = {**_SIGNS, **_SUMS}.get(bare)
        after_sign = before in _SIGNS or before in _SUMS
        cost = None if not found or after_sign else sign if sign is not None else COMMA if before.endswith(",") else SIDE_BY_SIDE
        found.append(Stretch(word, len(word), depth, None if cost is None else cost + _inside(depth)))
        depth = max(0, depth + sum(bare.count(each) for each in "([{") - sum(bare.count(each) for each in ")]}"))
        before = bare
    return _short_brackets_kept(found)


def _indented_lines(line: str, width: int) -> list[str]:
    """A line with what is before it kept, in lines."""
    bare = line.lstrip(" ")
    indent = line[: len(line) - len(bare)]
    return [f"{indent}{part}" for part in text_lines(bare, max(width - len(indent), width // 2))] or [line]


def pretty(thing: object, printer: Any, cycle: bool) -> None:
    """Write a thing to IPython's printer, a long one in several lines: the meaning of ``_repr_pretty_``."""
    room = printer.max_width - printer.output_width
    fitted = getattr(thing, "text_within", None)
    text = repr(thing) if fitted is None else fitted(room)
    lines = ["..."] if cycle else [part for line in text.splitlines() for part in _indented_lines(line, room)]
    with printer.indent(printer.output_width - printer.indentation):
        for number, line in enumerate(lines):
            if number:
                printer.break_()
            printer.text(line)


register(METHODS, "typeset", set_in_notebook)
register(METHODS, "pretty", pretty)
