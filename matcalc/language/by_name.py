"""Answers by name: a dict that a notebook shows as a table."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar, final

from matcalc.language.expression import Expr
from matcalc.language.operators import Tabled

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@final
class ByName(Tabled, dict[K, V]):
    """A dict that a notebook shows as a table.

    Attributes:
        heads: in place of a name what stands before its value.
        where: further equations that explain the values, by their left sides. All of them are written when they are shown: the text of a
            shared graph may be endless.
    """

    def __init__(self, values: Mapping[K, V], heads: Mapping[K, Expr] | None = None, where: Mapping[Expr, Expr] | None = None) -> None:
        super().__init__(values)
        self.heads = dict(heads or {})
        self.where = dict(where or {})
