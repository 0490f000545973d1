"""Answers that are texts: taken out of their dollars, and parted at their equality signs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate
from math import prod

from matcalc.errors import ReadError
from matcalc.exercises.called_words import without_calls
from matcalc.language.reading.vocabulary import WORDS
from matcalc.printing.names import LOWER_GREEK, UPPER_GREEK

LONGEST = 1000
MOST_NAMES = 40
MOST_NESTED = 40
MOST_POWERS = 5_000
_FENCES = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(equation|align|aligned|gather|split)\*?\}")
_OPEN, _CLOSE = "([{", ")]}"

_SIGNS = (
    ("⊙", r"\odot "), ("⊗", r"\otimes "), ("⊘", r"\oslash "), ("·", r"\cdot "),  ("\u22c5", r"\cdot "), ("\u00a0", " "),
    ("\u2212", "-"), ("\u2032", "'"), ("\u2019", "'"),
    ("∘", r"\circ "), ("∙", r"\cdot "), ("∇", r"\nabla "), ("∂", r"\partial "), ("½", r"\frac{1}{2} "), ("ᵀ", "⊤"), ("⊺", "⊤"),
)  # fmt: skip
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁺⁻", "0123456789()+-")
_LOW = re.compile("[₀-₉]+")
_HIGH = re.compile("[⁰¹²³⁴-⁹⁽⁾⁺⁻]+")
_COMMAND = re.compile(r"\\[A-Za-z]+|\^\s*\{?\s*T")
_LETTERS = re.compile(r"[A-Za-z]+")
_WORD = re.compile(rf"(?<![\\\w])({'|'.join(sorted(WORDS, key=len, reverse=True))})(?='*\()")  # not behind a backslash: that is LaTeX
_GREEK = re.compile(rf"(?<![\\A-Za-z])({'|'.join((*LOWER_GREEK.split(), *UPPER_GREEK.split()))})(?![A-Za-z])")
_ONES = re.compile(r"(?P<styled>\\math\w+\s*)?(?<![\w.])1_(?:(?P<name>\w+)|\{(?P<size>[^{}]*)\})")
_NUMBER_TIMES = re.compile(r"(?<![\w^_{.])(\d+(?:\.\d+)?(?:/\w+)?|\(\d+(?:/\w+)?\))\s*\*(?!\*)")
_ONE_TURNED = re.compile(r"(?<![\w.{^_])(?<!\^-)(?<!\^\(-)1\s*\^\s*(?:\\top(?![a-zA-Z])|T\b|\{\s*(?:\\top|T)\s*\})")
_EXPONENT = re.compile(r"\^\s*[{(]?\s*-?\s*(\d+)")
_TURNED = r"\^\s*(?:\\top(?![a-zA-Z])|T\b|\{\s*(?:\\top|T)\s*\})"
_INVERSE = re.compile(rf"\^(?:\(-(\d+)\)|\{{\(-(\d+)\)\}}|-(\d+)(?!\.))(\s*{_TURNED})?")
_INVERSE_TRANSPOSED = re.compile(r"\^(?:\(-T\)|-\s*(?:T\b|\^?\s*\\top(?![a-zA-Z])))")
_COMMUTATION = re.compile(r"(?P<styled>\\math\w+\s*)?(?<![\w\\{])K_[{(]?\s*(?P<first>\w+)\s*,\s*(?P<second>\w+)\s*[)}]?")
_SUPERSCRIPTS = re.compile(r"\^\{(\([^{}]+\))\}\s*\^(?:\\top(?![a-zA-Z])|T\b|\{\s*(?:\\top|T)\s*\})")


def latex_of_plain(text: str) -> str:
    """An answer as matcalc prints its results, in LaTeX; what is LaTeX stays.

    Example:
        >>> print(latex_of_plain("diag(v) W^(2)^T ⊙ 1_N"))
        \\operatorname{diag}(v) W^{(2)\\top} \\odot  \\mathbf{1}_{N}
    """
    for sign, command in _SIGNS:
        text = text.replace(sign, command)
    text = _NUMBER_TIMES.sub(r"\1 \\cdot ", without_calls(text))
    text = _ONE_TURNED.sub(r"\\mathbf{1}^\\top ", text)
    text = _LOW.sub(lambda found: f"_{_braced(found[0].translate(_LOWERED))}", text)
    text = _HIGH.sub(lambda found: f"^{_braced(found[0].translate(_RAISED))}", text)
    text = re.sub(r"\^\s*\{\s*⊤\s*\}|\^\s*⊤", r"^\\top ", re.sub(r"(\^\{[^{}⊤]+)⊤(?=\s*\})", r"\1\\top ", text)).replace("⊤", r"^\top ")
    text = re.sub(r"\^(\([^(){}\s]+\))", r"^{\1}", text)
    text = re.sub(r"(?<=[\w)}\]'])\.T\b", r"^\\top ", text)
    text = _INVERSE.sub(_inverse, text.replace("**", "^"))
    text = _INVERSE_TRANSPOSED.sub(r"^{-\\top}", text)
    text = _COMMUTATION.sub(_commutation, text)
    text = _SUPERSCRIPTS.sub(r"^{\1\\top}", text)
    text = _WORD.sub(r"\\operatorname{\1}", _GREEK.sub(r"\\\1", text))
    return _ONES.sub(lambda found: found[0] if found["styled"] else rf"\mathbf{{1}}_{{{found['name'] or found['size']}}}", text)


def _inverse(found: re.Match[str]) -> str:
    number = found[1] or found[2] or found[3]
    return rf"^{{-{number}\top}}" if found[4] else f"^{{-{number}}}"


def _commutation(found: re.Match[str]) -> str:
    return found[0] if found["styled"] else rf"\mathbf{{K}}_{{{found['first']},{found['second']}}}"


def _braced(script: str) -> str:
    return script if len(script) == 1 else f"{{{script}}}"


def count_of_names(text: str, known: Iterable[str] = ()) -> int:
    """How many names stand in a text: a row of letters is one name if it is known, else one for each letter.

    Example:
        >>> count_of_names(r"\\operatorname{diag}(v) W^\\top theta xy", ["theta"])
        6
    """
    words = {*WORDS, *known}
    return sum(1 if run in words else len(run) for run in _LETTERS.findall(_COMMAND.sub(" ", text)))


def sides_of(text: str) -> list[str]:
    """The sides of an equality, or one formula, without what marks it as a formula.

    Raises:
        ReadError: it is empty, too long, or nested too deeply, or a sign stands in it that may mean two things.

    Example:
        >>> sides_of(r"$\\frac{dC}{dx} = W^\\top z$.")
        ['\\\\frac{dC}{dx}', 'W^\\\\top z']
    """
    if len(text) > LONGEST:
        raise ReadError(f"The answer has {len(text)} characters; at most {LONGEST} are read. Write it shorter, with the names of the task.")
    if deepest(text) > MOST_NESTED:
        raise ReadError(f"Brackets stand in more than {MOST_NESTED} others. Leave out those that are not needed.")
    if "×" in text or r"\times" in text:
        raise ReadError("× could mean more than one product. Write a space for the matrix product, or ⊙ for the one entry by entry.")
    if prod(max(1, int(number[:7])) for number in _EXPONENT.findall(text.replace("**", "^"))) > MOST_POWERS:
        raise ReadError(f"Exponents that multiply to more than {MOST_POWERS:,} are not read. Write the answer with smaller ones.")
    bare = _ENVIRONMENT.sub(" ", text).strip().rstrip(".,;").strip()
    for opened, closed in _FENCES:
        if bare.startswith(opened) and bare.endswith(closed) and len(bare) >= len(opened) + len(closed):
            bare = bare[len(opened) : -len(closed)].strip().rstrip(".,;").strip()
    bare = latex_of_plain(bare.replace("&=", "=")).replace("@", " ")
    sides = [side.strip() for side in _parted(bare)]
    if not any(sides):
        raise ReadError("The answer is empty.")
    return sides


def deepest(text: str, opening: str = _OPEN, closing: str = _CLOSE) -> int:
    """How many brackets stand around one place at most."""
    return max(accumulate((c in opening) - (c in closing) for c in text), default=0)


def _parted(text: str) -> list[str]:
    """The text parted at each equality sign that stands in no bracket."""
    found, depth, start = [], 0, 0
    for k, c in enumerate(text):
        depth += (c in _OPEN) - (c in _CLOSE)
        if c == "=" and depth == 0:
            found.append(text[start:k])
            start = k + 1
    return [*found, text[start:]]
