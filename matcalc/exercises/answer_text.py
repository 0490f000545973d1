"""Answers that are texts: taken out of their dollars, and parted at their equality signs."""

from __future__ import annotations

import re

from matcalc.errors import ReadError
from matcalc.language.reading.vocabulary import WORDS

LONGEST = 4000
_FENCES = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(equation|align|aligned|gather|split)\*?\}")
_OPEN, _CLOSE = "([{", ")]}"

_SIGNS = (("⊙", r"\odot "), ("⊗", r"\otimes "), ("⊘", r"\oslash "), ("ᵀ", r"^\top "), ("·", " "))
_WORD = re.compile(rf"(?<![\\\w])({'|'.join(sorted(WORDS, key=len, reverse=True))})(?=\()")  # not behind a backslash: that is LaTeX
_ONES = re.compile(r"(?P<styled>\\math\w+\s*)?(?<![\w.])1_(?:(?P<name>\w+)|\{(?P<size>[^{}]*)\})")
_SUPERSCRIPTS = re.compile(r"\^\{(\([^{}]+\))\}\s*\^(?:\\top(?![a-zA-Z])|T\b|\{\s*(?:\\top|T)\s*\})")


def latex_of_plain(text: str) -> str:
    """An answer as matcalc prints its results, in LaTeX; what is LaTeX stays.

    Example:
        >>> print(latex_of_plain("diag(v) W^(2)^T ⊙ 1_N"))
        \\operatorname{diag}(v) W^{(2)\\top} \\odot  \\mathbf{1}_{N}
    """
    for sign, command in _SIGNS:
        text = text.replace(sign, command)
    text = re.sub(r"\^(\([^(){}\s]+\))", r"^{\1}", text)
    text = re.sub(r"(?<=[\w)}\]'])\.T\b", r"^\\top ", text)
    text = _SUPERSCRIPTS.sub(r"^{\1\\top}", text)
    text = _WORD.sub(r"\\operatorname{\1}", text)
    return _ONES.sub(lambda found: found[0] if found["styled"] else rf"\mathbf{{1}}_{{{found['name'] or found['size']}}}", text)


def sides_of(text: str) -> list[str]:
    """The sides of an equality, or one formula, without what marks it as a formula.

    Raises:
        ReadError: it is empty or too long.

    Example:
        >>> sides_of(r"$\\frac{dC}{dx} = W^\\top z$.")
        ['\\\\frac{dC}{dx}', 'W^\\\\top z']
    """
    if len(text) > LONGEST:
        raise ReadError(f"The answer has {len(text)} characters; at most {LONGEST} are read.")
    bare = _ENVIRONMENT.sub(" ", text).strip().rstrip(".,;").strip()
    for opened, closed in _FENCES:
        if bare.startswith(opened) and bare.endswith(closed) and len(bare) >= len(opened) + len(closed):
            bare = bare[len(opened) : -len(closed)].strip().rstrip(".,;").strip()
    bare = latex_of_plain(bare.replace("&=", "=")).replace("@", " ")
    sides = [side.strip() for side in _parted(bare)]
    if not any(sides):
        raise ReadError("The answer is empty.")
    return sides


def _parted(text: str) -> list[str]:
    """The text parted at each equality sign that stands in no bracket."""
    found, depth, start = [], 0, 0
    for k, c in enumerate(text):
        depth += (c in _OPEN) - (c in _CLOSE)
        if c == "=" and depth == 0:
            found.append(text[start:k])
            start = k + 1
    return [*found, text[start:]]
