"""How the factors of a product are called, and which arrangement an order written with these names is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

from matcalc.errors import MatcalcError, UnknownNameError, near_name, near_names
from matcalc.language.expressions import Expr, Transpose
from matcalc.language.naming import key_or_none, plain
from matcalc.layout.arrangements import Arrangement, Word
from matcalc.layout.factors import Factor

Called: TypeAlias = str | int | Factor
Written: TypeAlias = Called | tuple[Called, bool]

TRANSPOSE = re.compile(r"(\^T|\^\{T\}|\^\\top|\^\{\\top\}|\.T)$")


@final
@dataclass(frozen=True, slots=True)
class FactorName:
    """What a factor of the true product is called, and the matrix that it is.

    Attributes:
        base, turned: the name, and whether the true product holds its transpose.
        matrix, matrix_turned: the text of the matrix without a transpose, and whether the factor is its transpose.

    Example:
        >>> name = FactorName("dz/da", False, "W", True)
        >>> name.written(False), name.written(True), name.of_matrix
        ('dz/da', '(dz/da)^T', 'W^T')
    """

    base: str
    turned: bool
    matrix: str
    matrix_turned: bool

    def written(self, transposed: bool) -> str:
        """The factor as it stands in the true product, or its transpose."""
        return transposed_name(self.base) if self.turned != transposed else self.base

    @property
    def of_matrix(self) -> str:
        """The text of the matrix."""
        return transposed_name(self.matrix) if self.matrix_turned else self.matrix

    @property
    def explained(self) -> str:
        """The name, with the matrix where that says more."""
        shown = self.written(False)
        return shown if shown == self.of_matrix else f"{shown} (= {self.of_matrix})"


def name_of_part(name: str, part: Expr) -> FactorName:
    """The name of a factor of a chain, with the matrix, stand-in or vec form that it is."""
    turned = isinstance(part, Transpose)
    return FactorName(name, False, repr(part.argument if isinstance(part, Transpose) else part), turned)


def transposed_name(name: str) -> str:
    """The transpose of a factor of that name."""
    return f"({name})^T" if "/" in name or " " in name or name.endswith("^T") else f"{name}^T"


def without_transpose(name: str) -> tuple[str, bool]:
    """The name in a name such as ``W^T`` or ``(dz/da)^T``, and whether it is transposed; in ``dC/da^T`` only a is."""
    rest = TRANSPOSE.sub("", name)
    if rest in ("", name) or (not _in_brackets(rest) and ("/" in rest or " " in rest)):
        return name, False
    inner, turned = without_transpose(rest[1:-1] if _in_brackets(rest) else rest)
    return inner, not turned


def arrangement_of(order: object, names: Sequence[FactorName], true: Word) -> Arrangement:
    """The arrangement that an order is.

    Args:
        order: the factors from left to right, each as `OrdersReport.row` takes it.
        names, true: the names of the factors of the true product, and that product.

    Raises:
        UnknownNameError: no factor has that name.
        MatcalcError: a factor is missing, stands too often, or is given as something else.
    """
    if isinstance(order, str):
        raise MatcalcError(f"{order!r} is one text; an order is a list of names, like {[n.written(False) for n in names]}.")
    if not isinstance(order, tuple | list):
        raise MatcalcError(f"{order!r} is not an order. {_accepted(names)}")
    found = [_found(entry, names, true) for entry in order]
    chosen: dict[int, tuple[int, bool]] = {}
    for place in sorted(range(len(found)), key=lambda place: len(found[place])):  # those first that can be one factor only
        used = {f for f, _ in chosen.values()}
        free = [(f, transposed) for f, transposed in found[place] if f not in used]
        if not free:
            raise MatcalcError(f"{_repeated(order[place], found[place], names)} {_factors(names)}")
        chosen[place] = free[0]
    used = {f for f, _ in chosen.values()}
    missing = [name.written(False) for f, name in enumerate(names) if f not in used]
    if missing:
        raise MatcalcError(f"Missing: {', '.join(missing)}. An arrangement holds every factor. {_factors(names)}")
    return tuple(chosen[place] for place in range(len(found)))


def _repeated(entry: object, found: list[tuple[int, bool]], names: Sequence[FactorName]) -> str:
    """What to say of an entry for which no factor is left."""
    factor, transposed = found[0]
    if isinstance(entry, int):
        return f"Position {entry}, {names[factor].written(False)}, stands too often."
    return f"{names[factor].written(transposed)} stands too often, the product holds {len(found)} of it."


def _accepted(names: Sequence[FactorName]) -> str:
    first = names[0].written(False)
    return (
        f"An order is a list of all factors from left to right: each a name ({first!r}), its transpose ({names[0].written(True)!r} or "
        f"({first!r}, True)), a Factor, or its position in the true product (0 to {len(names) - 1})."
    )


def _found(entry: object, names: Sequence[FactorName], true: Word) -> list[tuple[int, bool]]:
    """The factors that an entry may be, the likeliest first, and whether each is then transposed."""
    if isinstance(entry, tuple | list) and len(entry) == 2 and isinstance(entry[1], bool) and not isinstance(entry[0], tuple | list):
        return [(f, transposed != entry[1]) for f, transposed in _found(entry[0], names, true)]
    if isinstance(entry, int) and not isinstance(entry, bool) and 0 <= entry < len(names):
        return [(entry, False)]
    if isinstance(entry, Factor):
        return _named(repr(entry), names, true)
    if isinstance(entry, str):
        return _named(entry.strip(), names, true)
    raise MatcalcError(f"{entry!r} is not a factor. {_accepted(names)}")


def _named(text: str, names: Sequence[FactorName], true: Word) -> list[tuple[int, bool]]:
    """The factors of that name; where there is none, those that are that matrix."""
    readings = list(_readings(text))
    found = _matching(readings, [(name.written(False), name.base, name.turned) for name in names])
    if found:
        return [(f, transposed) for f, transposed in found if true[f][0] == true[found[0][0]][0]]
    found = _matching(readings, [(name.of_matrix, name.matrix, name.matrix_turned) for name in names])
    if not found:
        raise UnknownNameError(_unknown(readings[-1][0] if readings else text, names))
    if len({true[f][0] for f, _ in found}) > 1:
        several = " and ".join(names[f].explained for f, _ in found)
        raise MatcalcError(f"{text} may be each of {several}. Give the name of the derivative.")
    return found


def _matching(readings: list[tuple[str, bool]], texts: Sequence[tuple[str, str, bool]]) -> list[tuple[int, bool]]:
    """The factors that a text may be. Of each the text as it stands is given, that without transpose, and whether they differ."""
    found: dict[int, bool] = {}
    for read, transposed in readings:
        for factor, (whole, _, _) in enumerate(texts):
            if whole == read:
                found.setdefault(factor, transposed)
        for factor, (_, bare, turned) in enumerate(texts):
            if bare == read:
                found.setdefault(factor, transposed != turned)
    return list(found.items())


def _unknown(name: str, names: Sequence[FactorName]) -> str:
    """What to say of a name that no factor has."""
    shown = [known.written(False) for known in names]
    if all(known.explained == known.written(False) for known in names):
        return f"No factor is named {name!r}. {near_names(name, shown)}"
    near = near_name(name, [*shown, *(known.of_matrix for known in names)])
    return " ".join(filter(None, [f"No factor is named {name!r}.", near, _factors(names)]))


def _factors(names: Sequence[FactorName]) -> str:
    return f"The factors are {', '.join(name.explained for name in names)}."


def _readings(text: str) -> Iterator[tuple[str, bool]]:
    """What a text may name, from the text itself to what is left without brackets and transposes."""
    transposed = False
    while text:
        yield text, transposed
        key = key_or_none(text) if "\\" in text else None
        if key is not None:
            yield plain(text), transposed
        rest = TRANSPOSE.sub("", text)
        if rest != text:
            text, transposed = rest, not transposed
        elif _in_brackets(text):
            text = text[1:-1]
        else:
            return


def _in_brackets(text: str) -> bool:
    """Whether one pair of brackets holds the whole text."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return sign == ")" and place == len(text) - 1
    return False
