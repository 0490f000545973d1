"""Letters that the prose says are matrices, as in "for matrices $A, B, C$": they mean any that conform, whatever the model says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import final

from matcalc.derivation_check.documents import Document
from matcalc.language.model import Model
from matcalc.language.reading.source import Span

_MATH = r"(?:\$[^$\n]{1,40}\$|\\\([^\n]{1,40}?\\\))"
_TOLD = re.compile(rf"\bmatri(?:x|ces)\b[^.$\\]{{0,30}}({_MATH}(?:(?:,|\s|and)*{_MATH})*)")
_NAME = re.compile(r"\\(?:mathbf|boldsymbol|mathrm)\{([A-Z])\}|(?<![A-Za-z\\])([A-Z])(?![A-Za-z])")


@final
@dataclass(frozen=True, slots=True)
class Told:
    """Matrices that the text names, and where they mean that."""

    names: tuple[str, ...]
    span: Span

    def models(self) -> Iterator[Model]:
        """Models of any such matrices: those that have a product in this order, those of one shape, square ones."""
        sizes = [f"m_{k}" for k in range(len(self.names) + 1)]
        yield Model(shapes={name: f"{rows} {columns}" for name, (rows, columns) in zip(self.names, pairwise(sizes), strict=True)})
        yield Model(shapes=dict.fromkeys(self.names, "m n"))
        yield Model(shapes=dict.fromkeys(self.names, "n n"))


def told_matrices(document: Document) -> Sequence[Told]:
    """The matrices that a text names; each until the end of its paragraph, and of the display that a colon leads to."""
    found = []
    for match in _TOLD.finditer(document.text):
        names = tuple(dict.fromkeys(a or b for a, b in _NAME.findall(match[1])))
        if names:
            found.append(Told(names, Span(match.start(), _end(document.text, match.end()))))
    return found


def _end(text: str, start: int) -> int:
    """The end of the paragraph, and of the next one where it ends in a colon."""
    end = start
    for _ in range(2):
        following = text.find("\n\n", end)
        end = len(text) if following < 0 else following
        if not text[start:end].rstrip().endswith(":"):
            break
        end += 2
    return end
