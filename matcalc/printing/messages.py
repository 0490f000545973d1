r"""Messages, whose text and formulas every display shows in its own writing: in plain text, as MathML or by MathJax.

A message quotes formulas as they were written, so LaTeX stands among its words: ``W^{(2)} \delta is missing``. A formula is a stretch of
words that no sentence has: with commands, scripts, signs, numbers, single letters, and with all that stands in brackets it opens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple, final

from matcalc.language.sizes import Shape
from matcalc.printing.latex_text import latex_in_text
from matcalc.printing.names import COMMANDS
from matcalc.printing.plain_latex import NO_SHAPES, plain_in_latex

_CARETS = re.compile(r"\n[^\n]*\n[ \t]*\^+[ \t]*(?=\n|$)")
_STOPS = ".,;:?!"
LONGEST = 5000  # letters of a message in which formulas are looked for
LONGEST_FORMULA = 600  # letters of one that is set, not shown as code
_STOP = re.compile(r"(?<!\\)[.,;:?!]$")
_DOTS = ("...", "…")
_WORD = re.compile(r"[A-Za-z]{2,}(?:[-'][A-Za-z]+)*|[aAI&]")  # of a sentence; a, A and I may be names, but seldom are
_STRONG = re.compile(
    r"""\\[A-Za-z] | [\^_⊙⊗≠] | [^\W\d_]' | ^\(.*,.*\)$ | \s[-+]\s | (?<!\w)d[^\W\d_][^/\s]*/d[^\W\d_] | ^[\w{}+*-]+(?:\ x\ [\w{}+*-]+)+$
      | (?<!\w)\w\s+[=<>]\s | \s[=<>]\s+\w(?!\w) | (?<!\w)\w/\w(?!\w)""",
    re.DOTALL | re.VERBOSE,
)  # what no sentence has
_QUOTED = re.compile(r"\$(?![\s\d])[^$]*[^\s$]\$|'\\[^']*'|\w+=\{[^}]*\}")
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)")
_LATEX = re.compile(r"\\|\{")
_SIGN = re.compile(r"[-+=<>≠⊙⊗⊘·*/]")
_SET_ALONE = frozenset(COMMANDS.values())


class Kind(Enum):
    """What a part of a message is: words, a formula, or code that is to be read as it is."""

    WORDS = "words"
    FORMULA = "formula"
    CODE = "code"


@final
class Part(NamedTuple):
    """A part of a message."""

    kind: Kind
    text: str


def sentences(message: str) -> str:
    """A message in one line, without the formula and carets that a reader's error shows: they are shown apart."""
    return " ".join(_CARETS.sub("", message).split())


def parts_of(message: str) -> Iterator[Part]:
    r"""The parts of a message, with the spaces between them.

    Example:
        >>> [part.text for part in parts_of(r"W^{(2)} \delta does not conform: W^{(2)} is (n_2, n_1); n_1 and k differ.")]
        ['W^{(2)} \\delta', ' does not conform: ', 'W^{(2)}', ' is ', '(n_2, n_1)', '; ', 'n_1', ' and ', 'k', ' differ.']
        >>> [part.kind.value for part in parts_of(r"\end is no command that is read here.")]
        ['code', 'words']
    """
    at = 0
    text = " ".join(message.split())
    if len(text) > LONGEST:
        yield Part(Kind.WORDS, text)
        return
    for found in _QUOTED.finditer(text):
        yield from _unquoted(text[at : found.start()])
        yield Part(Kind.CODE, found[0])
        at = found.end()
    yield from _unquoted(text[at:])


def _unquoted(text: str) -> Iterator[Part]:
    words = ""
    for run in _runs(re.findall(r"\s*\S+|\s+$", text)):
        bare = run.strip()
        formula = bare if bare.endswith(_DOTS) else _STOP.sub("", bare)
        kind = _kind(formula)
        if kind is Kind.WORDS:
            words += run
            continue
        before = run[: len(run) - len(run.lstrip())]
        if words + before:
            yield Part(Kind.WORDS, words + before)
        yield Part(kind, formula)
        words = bare[len(formula) :] + run[len(run.rstrip()) :]
    if words:
        yield Part(Kind.WORDS, words)


def _kind(formula: str) -> Kind:
    if _COMMAND.fullmatch(formula) and formula not in _SET_ALONE:
        return Kind.CODE
    if len(formula) > LONGEST_FORMULA:
        return Kind.CODE
    if len(formula) > 1 and _WORD.fullmatch(formula):
        return Kind.WORDS
    alone = len(formula) == 1 and formula.isalpha() and formula not in "aAI"
    return Kind.FORMULA if alone or _STRONG.search(formula) else Kind.WORDS


def _runs(words: Sequence[str]) -> Iterator[str]:
    """Stretches that are one formula, or one word of a sentence each."""
    run = ""
    for word, behind in zip(words, [*words[1:], ""], strict=False):
        if run and not _goes_on(run, word, behind):
            yield run
            run = ""
        run += word
    if run:
        yield run


def _goes_on(run: str, word: str, behind: str) -> bool:
    """Whether a word belongs to what is before it: a bracket is open, or neither is of a sentence, without a stop between them."""
    if not _is_word(run):
        if run.count("{") > run.count("}"):
            return True
        if any(run.count(opening) > run.count(closing) for opening, closing in ("()", "[]")):
            return not _is_word(word) and not run.rstrip().endswith(";")
    if _STOP.search(run.rstrip()) and not run.rstrip().endswith(_DOTS):
        return False
    if run.strip() == "a" and _SIGN.fullmatch(word.strip()):
        return True
    return not _is_word(run) and (not _is_word(word) or (word.strip(_STOPS + " ") == "a" and not _is_word(behind)))


def _is_word(text: str) -> bool:
    bare = text.strip().strip(_STOPS)
    return bool(_WORD.fullmatch(bare.strip("()'\""))) and bare not in ("(a", "a)", "(A", "A)")


def message_in_text(message: str) -> str:
    r"""A message in plain text.

    Example:
        >>> message_in_text(r"W^{(2)} \boldsymbol{\delta} does not conform: \frac{\partial C}{\partial \mathbf{x}} is missing.")
        'W^(2) delta does not conform: dC/dx is missing.'
    """
    return "".join(_in_text(part) for part in parts_of(message))


def _in_text(part: Part) -> str:
    return latex_in_text(part.text) if part.kind is Kind.FORMULA and _LATEX.search(part.text) else part.text


def message_shown(
    message: str, *, words: Callable[[str], str], formula: Callable[[str], str], code: Callable[[str], str],
    shapes: Mapping[str, Shape] = NO_SHAPES,
) -> str:  # fmt: skip
    """A message with each part shown by the function of its kind; a formula is given as LaTeX.

    Args:
        message: words with formulas in LaTeX or in plain text.
        words, formula, code: what shows a part.
        shapes: of the arrays in plain formulas, by name.
    """
    show = {Kind.WORDS: words, Kind.FORMULA: lambda text: formula(text if "\\" in text else plain_in_latex(text, shapes)), Kind.CODE: code}
    return "".join(show[part.kind](part.text) for part in parts_of(message))
