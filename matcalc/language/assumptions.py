"""Assumptions, as ``A symmetric`` or ``m > n``: what their texts say, and of which names.

They are recorded; the rules of differentiation do not use them yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, final

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
    """

    text: str
    subjects: tuple[str, ...]
    property: str


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


def _is_matrix(shape: Shape) -> bool:
    return len(shape) == 2 and ndim(shape) == 2


def _is_square(shape: Shape) -> bool:
    return len(shape) == 2 and shape[0] == shape[1]


def _is_scalar(shape: Shape) -> bool:
    return not shape


PROPERTIES: Mapping[str, tuple[str, Callable[[Shape], bool]]] = MappingProxyType(
    {
        "symmetric": ("a square matrix", _is_square),
        "diagonal": ("a matrix", _is_matrix),
        "invertible": ("a square matrix", _is_square),
        "orthogonal": ("a matrix", _is_matrix),
        "positive": ("anything", _any),
        "nonnegative": ("anything", _any),
        "nonzero": ("anything", _any),
        "positive definite": ("a square matrix", _is_square),
        "positive semidefinite": ("a square matrix", _is_square),
        "full rank": ("a matrix", _is_matrix),
        "constant": ("anything", _any),
        "smooth": ("anything", _any),
        "one-hot": ("an array", _is_array),
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
_BETWEEN_TERMS = re.compile(r"\s*[+*]\s*|\s+-\s+|\s+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
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
    subjects: list[str] = []
    for side in sides:
        found = list(_subjects(side))
        if not side or None in found:
            raise _unknown_form(text)
        subjects += [each for each in filter(None, found) if each not in subjects]
    if not subjects:
        raise _unknown_form(text)
    return Assumption(text, tuple(subjects), " ".join(signs))


def _subjects(side: str) -> Iterator[str | None]:
    """The plain names on one side of a relation; None for what is no name."""
    for match in _DETERMINANT.finditer(side):
        yield _name(match["of"] or match["bare"] or match["bars"])
    for term in filter(None, _BETWEEN_TERMS.split(_DETERMINANT.sub(" ", side).strip())):
        if not _NUMBER.fullmatch(term):
            yield _name(term)


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
            _check_shape(made, name, quantity.shape)


def _check_shape(made: Assumption, name: str, shape: Shape) -> None:
    if made.property in PROPERTIES:
        kind, fits = PROPERTIES[made.property]
        if not fits(shape):
            raise ReadError(f"The assumption {made.text!r}: {name} is {shape_text(shape)}; only {kind} is {made.property}.")
    elif _is_matrix(shape) and not any(name in map(_name, filter(None, match)) for match in _DETERMINANT.findall(made.text)):
        raise ReadError(
            f"The assumption {made.text!r} reads in two ways, for {name} is {shape_text(shape)}: "
            f"say '{name} positive' of its entries, or '{name} positive definite'."
        )
