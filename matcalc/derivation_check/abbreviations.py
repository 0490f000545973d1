"""Commands that a text defines for itself, as ``\\newcommand{\\W}{\\mathbf{W}}``, replaced where what they stand for is no longer."""

from __future__ import annotations

import re

MOST = 200  # definitions that are looked at
_DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand\*?\s*\{?\s*|[gx]?def\s*)(\\[A-Za-z]+)\s*\}?\s*\{((?:[^{}#]|\{[^{}#]*\}){1,80})\}"
)
_STYLED = re.compile(
    r"\\(?:mathbf|boldsymbol|bm|pmb|mathit|mathsf|mathrm|textbf)\s*(?:\{\s*(\\?[A-Za-z]+)\s*\}|([A-Za-z]))|\{\\bf\s+([A-Za-z])\}"
)
_TRANSPOSES = {r"\top": "T", r"^\top": "^T", r"^{\top}": "^T", r"\intercal": "T", r"^\intercal": "^T"}
_SYMBOL = re.compile(r"\^?(?:\\?[A-Za-z]+|\{\\?[A-Za-z]+\})")


def with_abbreviations(text: str) -> str:
    """The text of the same length, with its own commands replaced by the symbols that they stand for, without their style.

    A command that stands for anything longer is left.

    >>> with_abbreviations(r"\\newcommand{\\vx}{\\mathbf{x}} $y = A\\vx$")[-10:]
    '$y = A  x$'
    """
    meanings: dict[str, str] = {}
    for match, _ in zip(_DEFINITION.finditer(text), range(MOST), strict=False):
        name, meaning = match[1], _STYLED.sub(lambda style: f" {style[1] or style[2] or style[3]}", match[2]).strip()
        meaning = _TRANSPOSES.get(meaning, meaning)
        if _SYMBOL.fullmatch(meaning) and len(meaning) <= len(name):
            meanings[name] = meaning
    if not meanings:
        return text
    names = "|".join(re.escape(name) for name in sorted(meanings, key=len, reverse=True))
    uses = re.compile(rf"{_DEFINITION.pattern}|(?P<use>{names})(?![A-Za-z])")
    return uses.sub(lambda found: meanings[found["use"]].rjust(len(found["use"])) if found["use"] else found[0], text)
