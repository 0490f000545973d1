"""Assumptions, as ``A symmetric`` or ``m > n``: what their texts say, and of which names.

What they mean for symbols stands in `matcalc.language.assumed`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import ge, gt, le, lt
from types import MappingProxyType
from typing import Protocol, TypeAlias, final

from matcalc.errors import MatcalcError, ReadError, UnknownNameError, near_name, near_names
from matcalc.language.expressions import Expr
from matcalc.language.reading.names import Key, NameKey, key_of, plain_of
from matcalc.language.sizes import Shape, Size, ndim, shape_text


@final
@dataclass(frozen=True, slots=True)
class Assumption:
    """What is assumed of some names.

    Attributes:
        text: as it was written, without superfluous blanks.
        subjects: the plain names of which something is assumed.
        property: one of `PROPERTIES`, or of a relation its sign, or its signs.
        sides: of a relation its sides, each a sum of products: terms of a sign and factors, which are numbers or names; ("det", name)
            stands for a determinant.
    """

    text: str
    subjects: tuple[str, ...]
    property: str
    sides: tuple[Side, ...] = ()

    def holds(self, values: Mapping[str, float], determinants: Mapping[str, float] = MappingProxyType({})) -> bool | None:
        """Whether a relation holds for these numbers; None where one is not among them."""
        numbers: list[float] = []
        for side in self.sides:
            total = 0.0
            for sign, factors in side:
                product = float(sign)
                for each in factors:
                    table, name = (determinants, each[1]) if isinstance(each, tuple) else (values, each)
                    if not isinstance(name, str):
                        product *= name
                    elif name in table:
                        product *= table[name]
                    else:
                        return None
                total += product
            numbers.append(total)
        return all(_COMPARED[sign](a, b) for sign, a, b in zip(self.property.split(), numbers, numbers[1:], strict=False))


Side: TypeAlias = tuple[tuple[int, tuple[float | str | tuple[str, str], ...]], ...]
_COMPARED: Mapping[str, Callable[[float, float], bool]] = MappingProxyType({">": gt, ">=": ge, "<": lt, "<=": le})


class Declared(Protocol):
    """What is declared, by the keys of the names."""

    @property
    def quantities(self) -> Mapping[NameKey, Expr]: ...

    @property
    def functions(self) -> Mapping[NameKey, object]: ...

    def size_at(self, key: Key) -> Size | None:
        """The size of that key."""
        ...

    def plain_names(self) -> list[str]:
        """Every declared name."""
        ...


def _any(shape: Shape) -> bool:
    return True


def _is_array(shape: Shape) -> bool:
    return bool(shape)


def _is_vector(shape: Shape) -> bool:
    return ndim(shape) == 1


def _is_matrix(shape: Shape) -> bool:
    return len(shape) == 2 and ndim(shape) == 2


def _is_square(shape: Shape) -> bool:
    return len(shape) == 2 and shape[0] == shape[1]


def _is_scalar(shape: Shape) -> bool:
    return not shape


PROPERTIES: Mapping[str, tuple[str, Callable[[Shape], bool]]] = MappingProxyType(
    {
        "symmetric": ("a square matrix", _is_square),
        "skew-symmetric": ("a square matrix", _is_square),
        "diagonal": ("a matrix", _is_matrix),
        "lower triangular": ("a square matrix", _is_square),
        "upper triangular": ("a square matrix", _is_square),
        "toeplitz": ("a square matrix", _is_square),
        "symmetric toeplitz": ("a square matrix", _is_square),
        "invertible": ("a square matrix", _is_square),
        "orthogonal": ("a matrix", _is_matrix),
        "positive": ("anything", _any),
        "negative": ("anything", _any),
        "nonnegative": ("anything", _any),
        "nonzero": ("anything", _any),
        "positive definite": ("a square matrix", _is_square),
        "positive semidefinite": ("a square matrix", _is_square),
        "full rank": ("a matrix", _is_matrix),
        "full column rank": ("a matrix", _is_matrix),
        "full row rank": ("a matrix", _is_matrix),
        "constant": ("anything", _any),
        "smooth": ("anything", _any),
        "one-hot": ("an array", _is_array),
        "rows one-hot": ("a matrix", _is_matrix),
        "columns one-hot": ("a matrix", _is_matrix),
        "probability vector": ("a vector", _is_vector),
        "in {0,1}": ("anything", _any),
        "in {-1,1}": ("anything", _any),
        "sums to one": ("an array", _is_array),
        "rows sum to one": ("an array", _is_array),
        "columns sum to one": ("an array", _is_array),
        "integer": ("a scalar", _is_scalar),
        "positive integer": ("a scalar", _is_scalar),
    }
)
_SAME = {"sums to 1": "sums to one", "rows sum to 1": "rows sum to one", "columns sum to 1": "columns sum to one"}
_EQUATIONS = {"{0}={0}^T": "symmetric", "{0}^T={0}": "symmetric", "{0}^T{0}=I": "orthogonal", "{0}{0}^T=I": "orthogonal"}
_RELATIONS = ("m > n", "k >= 1", "det(X) > 0")

_SIGN = re.compile(r"(>=|<=|>|<|\\geq?(?![A-Za-z])|\\leq?(?![A-Za-z])|\\gt(?![A-Za-z])|\\lt(?![A-Za-z])|≥|≤)")
_SIGNS = {r"\geq": ">=", r"\ge": ">=", "≥": ">=", r"\leq": "<=", r"\le": "<=", "≤": "<=", r"\gt": ">", r"\lt": "<"}
_DETERMINANT = re.compile(r"\\?det\s*\(\s*(?P<of>.+?)\s*\)|\\det\s+(?P<bare>\S+)|\|(?P<bars>[^|]+)\|")
_BETWEEN_TERMS = re.compile(r"(?:^|\s*)([+])\s*|(?:^|\s+)(-)\s+")
_BETWEEN_FACTORS = re.compile(r"\s*[*]\s*|\s+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MARK = "\x00"  # stands for a determinant
_BRACED = re.compile(r"in \{\s*(-?\d+)\s*,\s*(-?\d+)\s*\}$")


def assumption_of(text: str) -> Assumption:
    """The assumption that a text writes.

    Raises:
        ReadError: it has none of the known forms.

    Example:
        >>> made = assumption_of("A, \\\\mathbf{B} positive definite")
        >>> made.subjects, made.property
        (('A', 'B'), 'positive definite')
        >>> assumption_of("m > n").subjects, assumption_of("det(X) > 0").subjects
        (('m', 'n'), ('X',))
    """
    if not isinstance(text, str):
        raise ReadError(f"An assumption is a text, as 'A symmetric', not {text!r:.60}.")
    written = " ".join(text.split())
    spelt = _BRACED.sub(lambda each: f"in {{{','.join(sorted(each.groups(), key=int))}}}", written)
    for ending in sorted((*PROPERTIES, *_SAME), key=len, reverse=True):
        of = spelt.removesuffix(ending).strip()
        if of != spelt and spelt[: -len(ending)].endswith(" "):
            return _of_names(written, of, _SAME.get(ending, ending))
    parts = [part.strip() for part in _SIGN.split(written)]
    if len(parts) > 1:
        return _of_sides(written, parts[0::2], [_SIGNS.get(sign, sign) for sign in parts[1::2]])
    raise _unknown_form(written)


def _of_names(text: str, of: str, says: str) -> Assumption:
    subjects = tuple(_name(each) for each in _listed(of))
    if None in subjects or not subjects:
        raise _unknown_form(text)
    return Assumption(text, tuple(filter(None, subjects)), says)


def _of_sides(text: str, sides: list[str], signs: list[str]) -> Assumption:
    """A relation; each side is made of numbers, names and determinants, with + - * or nothing between them."""
    read = [_side(side) for side in sides]
    if any(side is None for side in read):
        raise _unknown_form(text)
    found = tuple(side for side in read if side is not None)
    factors = [each for side in found for _, product in side for each in product]
    subjects = [name for each in factors if isinstance(name := each[1] if isinstance(each, tuple) else each, str)]
    if not subjects:
        raise _unknown_form(text)
    return Assumption(text, tuple(dict.fromkeys(subjects)), " ".join(signs), found)


def _side(side: str) -> Side | None:
    """One side of a relation; None where something in it is no name and no number."""
    determinants: list[str | None] = []

    def marked(match: re.Match[str]) -> str:
        determinants.append(_name(match["of"] or match["bare"] or match["bars"]))
        return f" {_MARK}{len(determinants) - 1} "

    pieces = _BETWEEN_TERMS.split(_DETERMINANT.sub(marked, side).strip())
    terms: list[tuple[int, tuple[float | str | tuple[str, str], ...]]] = []
    sign = 1
    for place, piece in enumerate(pieces):
        if piece in ("+", "-"):
            sign = -1 if piece == "-" else 1
        elif piece and piece.strip():
            factors = [_factor(each, determinants) for each in filter(None, _BETWEEN_FACTORS.split(piece.strip()))]
            if None in factors:
                return None
            terms.append((sign, tuple(each for each in factors if each is not None)))
            sign = 1
        elif piece is not None and place:
            return None
    return tuple(terms) or None


def _factor(text: str, determinants: list[str | None]) -> float | str | tuple[str, str] | None:
    if text.startswith(_MARK):
        name = determinants[int(text[1:])]
        return None if name is None else ("det", name)
    return float(text) if _NUMBER.fullmatch(text) else _name(text)


def _listed(names: str) -> list[str]:
    """Names with commas or ``and`` between them; commas in brackets belong to a name."""
    found, depth, start = [], 0, 0
    for i, sign in enumerate(names):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and not depth:
            found.append(names[start:i])
            start = i + 1
    found.append(names[start:])
    return [each.strip() for part in found for each in part.split(" and ")]


def _name(text: str) -> str | None:
    """The plain name that a text writes, or None."""
    if not text or "\\" not in text and re.search(r"[\s<>=]", text) or not (text[0].isalpha() or text[0] == "\\"):
        return None
    try:
        return plain_of(text)
    except MatcalcError:
        return None


def _unknown_form(text: str) -> ReadError:
    near = _near(text)
    known = f"Known are, behind a name: {', '.join(PROPERTIES)}."
    relations = f"Relations of sizes and scalars are written as {', '.join(map(repr, _RELATIONS))}."
    return ReadError(f"{text!r} is no assumption that is known.{near}\n    {known}\n    {relations}")


def _near(text: str) -> str:
    """The known form that was probably meant."""
    name, _, rest = text.partition(" ")
    if "=" in text:
        squeezed = re.sub(r"\s|[{}]|\\(?=top)", "", text).replace("^top", "^T")
        name = re.split(r"[\^=]", squeezed)[0]
        meant = [f"{part} {says}" for form, says in _EQUATIONS.items() for part in _halves(name) if form.format(part) == squeezed]
        return f" Did you mean {meant[0]!r}?" if meant else ""
    words = [word for word in rest.split() if word not in ("is", "are", "a", "an", "be", "matrix")]
    said = " ".join(words)
    if said in PROPERTIES:
        return f" Did you mean {f'{name} {said}'!r}?"
    begun = [each for each in PROPERTIES if said and each.startswith(said.rstrip("."))]
    begun = [each for each in begun if not any(each.startswith(f"{other} ") for other in begun)]
    if begun:
        return f" Did you mean {' or '.join(repr(f'{name} {each}') for each in begun[:3])}?"
    hint = near_name(said, PROPERTIES)
    return f" {hint}" if hint else ""


def _halves(name: str) -> Iterable[str]:
    """A name, and half of one that is written twice, as in A A^T."""
    return name, name[: len(name) // 2]


def check_assumption(text: str, scope: Declared) -> None:
    """Raise unless a text is an assumption of a known form on names that are declared, each of a shape that can have it."""
    made = assumption_of(text)
    for name in made.subjects:
        key = key_of(name)
        size = scope.size_at(key) if isinstance(key, Key) else None
        if key not in scope.quantities and key not in scope.functions and size is None:
            near = near_names(name, scope.plain_names())
            raise UnknownNameError(f"The assumption {text!r} names nothing that is declared as {name}. {near}")
        quantity = scope.quantities.get(key)
        if quantity is not None and size is None:
            check_shape(made, name, quantity.shape)


def check_shape(made: Assumption, name: str, shape: Shape) -> None:
    """Raise unless a quantity of that shape can have it."""
    if made.property in PROPERTIES:
        kind, fits = PROPERTIES[made.property]
        if not fits(shape):
            raise ReadError(f"The assumption {made.text!r}: {name} is {shape_text(shape)}; only {kind} is {made.property}.")
    elif _is_matrix(shape) and not any(name in map(_name, filter(None, match)) for match in _DETERMINANT.findall(made.text)):
        raise ReadError(
            f"The assumption {made.text!r} reads in two ways, for {name} is {shape_text(shape)}: "
            f"say '{name} positive' of its entries, or '{name} positive definite'."
        )
