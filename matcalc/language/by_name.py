"""Answers by name: a dict that a notebook shows as a table."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar, final

from matcalc.language.operators import Tabled

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@final
class ByName(Tabled, dict[K, V]):
    """A dict that a notebook shows as a table.

    Attributes:
        heads: in place of a name what stands before its value, in LaTeX.
        where: further formulas that explain the values, left side and right side in LaTeX.
    """

    def __init__(self, values: Mapping[K, V], heads: Mapping[K, str] | None = None, where: Mapping[str, str] | None = None) -> None:
        super().__init__(values)
        self.heads = dict(heads or {})
        self.where = dict(where or {})
