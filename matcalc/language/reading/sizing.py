"""Sizes that a text leaves out, as in ``\\mathbf{1}^\\top \\mathbf{x}``: found from what stands beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import final

from matcalc.errors import ReadError
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.reading.source import Span
from matcalc.language.sizes import Dim, Shape, Size, rows_and_columns, shape_text, size_product

_MARK = "?"
_UNSURE = "?!"
MOST_SOUGHT = 200


@final
@dataclass(slots=True)
class Sizing:
    """The sizes that are sought, and those that were found.

    Attributes:
        places: where each size is left out, by its provisional name.
        found: the size or the other sought size that each one equals.
        settled: whether every size that took part in a comparison was known before it.
        applications: the one value that a map has where the text applies it, None where there are several.
    """

    places: dict[str, Span] = field(default_factory=dict)
    found: dict[str, Size] = field(default_factory=dict)
    settled: bool = True
    applications: dict[str, Expr | None] = field(default_factory=dict)

    def apply(self, name: str, value: Expr) -> None:
        """Note the value of a map at arguments that the text gives it."""
        if name not in self.applications:
            self.applications[name] = value
            self.settled = False
        elif self.applications[name] not in (None, value):
            self.applications[name] = None

    def sought(self, span: Span, axis: str) -> Size:
        """The size that is left out at a place, or its provisional name."""
        name = f"{_MARK}{axis}{span.start}"
        self.places[name] = span
        if len(self.places) > MOST_SOUGHT:
            raise ReadError(f"More than {MOST_SOUGHT} sizes are left out. Write them, as \\mathbf{{1}}_n.")
        return self.known(Dim((name,)))

    def tell(self, name: str, size: Size) -> None:
        """Note the size of the axes at which an index stands."""
        self.found.setdefault(f"{_MARK}{name}", size)

    def of_index(self, name: str) -> Size:
        """The size of the axes at which an index stands, or its provisional name; it may never be found."""
        return self.known(Dim((f"{_MARK}{name}",)))

    def is_known(self, value: Size) -> bool:
        """Whether nothing of a size is sought any more."""
        return isinstance(value, int) or not self._is_sought(self.known(value))

    def known(self, value: Size) -> Size:
        """The size, as far as it is known."""
        if isinstance(value, int) or not self._is_sought(value):
            return value
        made: Size = value.coefficient
        for name in value.names:
            part: Size = Dim((name,))
            while isinstance(part, Dim) and len(part.names) == 1 and part.names[0] in self.found:
                part = self.found[part.names[0]]
            made = size_product(made, part)
        return made

    def fit(self, left: Size, right: Size) -> bool:
        """Whether two sizes are one, or can be: a size that is sought becomes the other."""
        if left == right:
            return True
        self_left, self_right = self.known(left), self.known(right)
        if self_left != self_right:
            for a, b in ((self_left, self_right), (self_right, self_left)):
                if isinstance(a, Dim) and self._by_division(a, b):
                    break
                if isinstance(a, Dim) and a.coefficient == 1 and len(a.names) == 1 and a.names[0][0] == _MARK:
                    if isinstance(b, Dim) and a.names[0] in b.names:
                        return False
                    self.found[a.names[0]] = b
                    break
            else:
                return False
        self.settled = False
        return True

    def expect(self, made: Shape, wanted: Shape) -> None:
        """Take what is sought in a shape from the one that it is to be, where they can be one."""
        entries = rows_and_columns(self.shape(made))
        for k, (a, b) in enumerate(zip(entries, rows_and_columns(wanted), strict=True)):
            beside = entries[1 - k]
            alone = isinstance(beside, int) or not isinstance(a, Dim) or not set(a.names) & set(beside.names)
            if self._is_sought(a) and (b != 1 or alone):  # an identity is not taken to be 1 x 1
                self.fit(a, b)

    def _by_division(self, product: Dim, other: Size) -> bool:
        """Find the size that is sought in a product with known ones, as ? in ? q = p q; it is not 1."""
        sought = [name for name in product.names if name[0] == _MARK]
        if len(sought) != 1 or len(product.names) + (product.coefficient != 1) < 2 or isinstance(other, int) or self._is_sought(other):
            return False
        left = list(other.names)
        for name in product.names:
            if name[0] != _MARK:
                if name not in left:
                    return False
                left.remove(name)
        if other.coefficient % product.coefficient or (not left and other.coefficient == product.coefficient):
            return False
        found: Size = other.coefficient // product.coefficient
        for name in left:
            found = size_product(found, Dim((name,)))
        self.found[sought[0]] = found
        return True

    def shape(self, shape: Shape) -> Shape:
        """The shape, as far as it is known."""
        return tuple(self.known(entry) for entry in shape)

    def shown(self, shape: Shape) -> str:
        """The shape as a message says it; a size that is left out is a question mark."""
        return re.sub(re.escape(_MARK) + r"[^\s,*)]+", _MARK, shape_text(self.shape(shape)))

    def missing(self) -> list[Span]:
        """The places of the sizes that were not found."""
        return sorted(place for name, place in self.places.items() if self._is_sought(self.known(Dim((name,)))))

    def _is_sought(self, value: Size) -> bool:
        return isinstance(value, Dim) and any(name[0] == _MARK for name in value.names)


def stand_in(shape: Shape, *, sure: bool = True) -> Expr:
    """What stands for an operation whose sizes are not known yet, or, unsure of its shape, for one that does not fit."""
    return Symbol(_MARK if sure else _UNSURE, shape)


def is_unsure(node: Expr) -> bool:
    """Whether a node stands for an operation that does not fit."""
    return isinstance(node, Symbol) and node.name == _UNSURE
