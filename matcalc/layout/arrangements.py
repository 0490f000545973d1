"""Arrangements of a product: every order of its factors with every choice of transposes.

A product is a word: each letter is a matrix, as it is or transposed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, final

from matcalc.language.sizes import Size

Letter: TypeAlias = tuple[int, bool]  # which matrix, and is it transposed
Word: TypeAlias = tuple[Letter, ...]
Arrangement: TypeAlias = tuple[tuple[int, bool], ...]  # which factor of the true product, and is it transposed


class Kind(StrEnum):
    """What is known of a matrix beyond its shape; the three in the middle are square and equal their transpose."""

    GENERAL = "general"
    SYMMETRIC = "symmetric"
    DIAGONAL = "diagonal"
    IDENTITY = "identity"
    ZERO = "zero"


@final
@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix of independent entries, but for what its kind says."""

    rows: Size
    columns: Size
    kind: Kind = Kind.GENERAL

    @property
    def is_symmetric(self) -> bool:
        return self.kind in (Kind.SYMMETRIC, Kind.DIAGONAL, Kind.IDENTITY) or self.rows == self.columns == 1

    def shape(self, transposed: bool) -> tuple[Size, Size]:
        return (self.columns, self.rows) if transposed else (self.rows, self.columns)


@final
@dataclass(frozen=True, slots=True)
class Counts:
    """How many arrangements there are, how many fit in shape, how many are right, and how many values those that fit have."""

    arrangements: int
    shape_consistent: int
    right: int
    distinct_values: int
