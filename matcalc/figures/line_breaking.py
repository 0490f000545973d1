"""Long formulas in lines: broken where a person would, at sums before products, and outside brackets before inside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from matcalc.figures.typeset import Formula, extent

# Where a formula may be broken, and how little one likes it. A sign goes to the next line.
_SIGNS = {"=": 0, "+": 1, "-": 1, r"\odot": 2, r"\otimes": 2, r"\oslash": 2, r"\cdot": 2}
_BESIDE = 4  # between factors that stand side by side
_IN_BRACKETS = 5  # more for each bracket around
_LINE = 12  # of a line more
_UNSURE = 0.05  # of a width: pieces beside each other may take a little more room than each by itself
_TOKEN = re.compile(r"\\left\s*(?:\\[a-zA-Z]+|\\.|.)|\\right\s*(?:\\[a-zA-Z]+|\\.|.)|\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
_NEEDS_ARGUMENT = re.compile(r"\\(?:frac|sqrt|operatorname|mathbf|mathrm|hat|bar|tilde|dot|sum|prod|partial|nabla|ln|det)$")


def broken(latex: str, width: float, size: float) -> tuple[Formula, ...]:
    """The formula in lines of at most this width in inches where that can be, at a size in points.

    Example:
        >>> [str(line) for line in broken(r"\\mathbf{A} \\mathbf{x} + (\\mathbf{B} + \\mathbf{C}) \\mathbf{y}", 0.7, 11)]
        ['\\\\mathbf{A} \\\\mathbf{x} + (\\\\mathbf{B}', '{} + \\\\mathbf{C}) \\\\mathbf{y}']
    """
    latex = latex.strip()
    if extent(Formula(latex), size)[0] <= width:
        return (Formula(latex),)
    places = list(_places(latex))
    bounds = [0, *(place for _, place in places), len(latex)]
    pieces = [latex[start:end].strip() for start, end in pairwise(bounds)]
    # pieces are measured one by one, since measuring a long formula takes its time
    widths = [extent(Formula(_continued(_closed(piece))), size)[0] for piece in pieces]
    costs = [cost for cost, _ in places]
    texts = [" ".join(pieces[start:end]) for start, end in _runs(costs, widths, (1 - _UNSURE) * width)]
    return tuple(Formula(_closed(_continued(text) if place else text)) for place, text in enumerate(texts))


def _runs(costs: Sequence[int], widths: Sequence[float], width: float) -> list[tuple[int, int]]:
    """Which pieces make each line, so that lines and places cost least together; a piece that does not fit has its own line."""
    count = len(widths)
    best: list[tuple[float, int]] = [(0.0, 0)]  # up to each piece: the least cost, and where the last line begins
    sums = [0.0, *accumulate(widths)]
    for end in range(1, count + 1):
        starts = [k for k in range(end) if sums[end] - sums[k] <= width] or [end - 1]
        best.append(min((best[k][0] + _LINE + (costs[k - 1] if k else 0), k) for k in starts))
    found: list[tuple[int, int]] = []
    end = count
    while end:
        found.append((best[end][1], end))
        end = best[end][1]
    return found[::-1]


def _continued(rest: str) -> str:
    """The next line; before its sign an empty group, so that the sign is spaced as between two terms."""
    first = _TOKEN.match(rest)
    return f"{{}} {rest}" if first is not None and first.group() in _SIGNS else rest


def _places(latex: str) -> Iterator[tuple[int, int]]:
    """Where the formula may be broken: how little one likes it, and the position, outside all braces."""
    braces = brackets = 0
    before = ""
    for found in _TOKEN.finditer(latex):
        token = found.group()
        if token.startswith(r"\left") or token in "([":
            brackets += 1
        elif token.startswith(r"\right") or token in ")]":
            brackets -= 1
        elif token in "{}":
            braces += 1 if token == "{" else -1
        elif braces == 0 and found.start() > 0:
            deeper = _IN_BRACKETS * max(brackets, 0)
            if token in _SIGNS and not _begins(before):
                yield _SIGNS[token] + deeper, found.start()
            elif token.isspace() and _between_factors(before, latex[found.end() :]):
                yield _BESIDE + deeper, found.start()
        if not token.isspace():
            before = "{}" if before == "{" and token == "}" else token


def _between_factors(before: str, after: str) -> bool:
    """Whether a space parts two factors, and not a command from what it is applied to, or a sign from its operand."""
    if _begins(before) or _NEEDS_ARGUMENT.match(before):
        return False
    following = _TOKEN.match(after)
    if following is None:
        return False
    token = following.group()
    return token not in _SIGNS and token not in ")]}^_" and not token.startswith(r"\right")


def _begins(before: str) -> bool:
    """Whether an operand begins after this token, so that a sign that follows is its own."""
    return before in ("", "{}", "(", "[", "{") or before in _SIGNS or before.startswith(r"\left")


def _closed(line: str) -> str:
    """The line with brackets that grow only where both of a pair stand in it."""
    opened: list[int] = []
    tokens = _TOKEN.findall(line)
    single: set[int] = set()
    for place, token in enumerate(tokens):
        if token.startswith(r"\left"):
            opened.append(place)
        elif token.startswith(r"\right"):
            if opened:
                opened.pop()
            else:
                single.add(place)
    single.update(opened)
    return "".join(_plain(token) if place in single else token for place, token in enumerate(tokens))


def _plain(token: str) -> str:
    """A bracket that does not grow; the empty one is nothing."""
    bracket = token.removeprefix(r"\left").removeprefix(r"\right").strip()
    return "" if bracket == "." else bracket
