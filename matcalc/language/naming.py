"""Names as people give them: checked where they are declared, and looked up, plain or in any LaTeX writing of the symbol.

Where a name is looked up, the name itself comes first; else the one known name with the same key is meant: ``W1``, ``W_1`` and
``\\mathbf{W}_1`` have one key.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, final

from matcalc.errors import MatcalcError, UnknownNameError
from matcalc.language.reading.names import Key, NameKey, key_of, key_of_plain, plain_of

V = TypeVar("V")

_NAME = re.compile(r"[^\W\d_]\w*'*([_^](\([^()\s]*\)|\{[^{}\s]*\}|\[[^\[\]\s]*\]|[\w+\-,*]+))*")
_QUOTIENT = re.compile(r"d([^/]+)/d([^/]+)")
_TRANSPOSE = re.compile(r".*(\.T|\^\{?(\([^()]*\)|\[[^\[\]]*\])?(T|top)\}?)")


def checked_name(name: str) -> str:
    """The plain name of what is declared under a plain name or any LaTeX writing of the symbol.

    Raises:
        MatcalcError: it is no name, or reads as the transpose of one.

    Example:
        >>> checked_name("theta_k"), checked_name(r"\\boldsymbol{\\theta}_k"), checked_name(r"\\mathbf{W}^{(1)}")
        ('theta_k', 'theta_k', 'W^(1)')
    """
    declared = plain(name) if isinstance(name, str) else ""
    if _TRANSPOSE.fullmatch(declared):
        raise MatcalcError(f"{name!r} reads as a transpose: take another name.")
    quotient = _QUOTIENT.fullmatch(declared)
    if not all(_NAME.fullmatch(part) for part in (quotient.groups() if quotient else (declared,))):
        raise MatcalcError(
            f"{name!r} is not a plain name: letters and digits, a letter first, and scripts, like 'W^(1)' or 'theta_k'; "
            r"nor is it the name in LaTeX, like '\mathbf{W}^{(1)}'."
        )
    return declared


def plain(name: str) -> str:
    """The plain name that a plain name or any LaTeX writing of the symbol stands for.

    Raises:
        MatcalcError: it is written in LaTeX and is no name.
    """
    try:
        return plain_of(name)
    except MatcalcError:
        if "\\" in name:
            raise
        return name  # braces are part of some plain names


def key_or_none(name: str) -> NameKey | None:
    """The key of a name, or None of a text in LaTeX that is no name."""
    try:
        return key_of(name)
    except MatcalcError:
        return None if "\\" in name else key_of_plain(name)


@final
class Lookup:
    """The known names of one kind, to be found by any writing of them.

    Args:
        known: plain names.
        sizes: whether they are those of sizes, of which n_l and N_l are one.

    Example:
        >>> names = Lookup(["W_1", "theta", "x"])
        >>> names.found(r"\\mathbf{W}_1"), names.found("W1"), names.found(r"\\boldsymbol{\\theta}"), names.found("y")
        ('W_1', 'W_1', 'theta', None)
    """

    __slots__ = ("_by_key", "_sizes", "known")

    def __init__(self, known: Iterable[str], *, sizes: bool = False) -> None:
        self.known = dict.fromkeys(known)
        self._sizes = sizes
        self._by_key: dict[NameKey, list[str]] | None = None  # most names are written as they are declared

    def found(self, name: str) -> str | None:
        """The known name that a text writes; None if it writes none.

        Raises:
            UnknownNameError: several known names have its key, and none is the text itself.
        """
        if name in self.known:
            return name
        key = key_or_none(name)
        if key is None:
            return None
        written_plain = plain(name)
        meant = [written_plain] if written_plain in self.known else self._with_key(key)
        if len(meant) > 1:
            raise UnknownNameError(f"{name} may be each of {' and '.join(meant)}: write the name as it is declared.")
        return meant[0] if meant else None

    def _with_key(self, key: NameKey) -> list[str]:
        if self._by_key is None:
            self._by_key = {}
            for name in self.known:
                known = key_or_none(name)
                if known is not None:
                    self._by_key.setdefault(known, []).append(name)
        found = self._by_key.get(key, [])
        if not found and self._sizes and isinstance(key, Key) and key.below and key.stem in ("n", "N"):
            return self._by_key.get(key._replace(stem=key.stem.swapcase()), [])
        return found


def by_known_name(
    given: Mapping[Any, V],
    names: Lookup,
    name_of: Callable[[Any], str] = str,
    same: Callable[[V, V], bool] = operator.eq,
) -> tuple[dict[str, V], list[str]]:
    """What was given, under the known names, and what is wrong with the names; what writes no known name stays as it was written.

    Args:
        given: values under texts, or under what has a name itself.
        names: the known names.
        name_of: the name of a key; one that is no text has no other writing.
        same: whether two values are equal, so that two keys may name one thing.
    """
    found: dict[str, V] = {}
    written: dict[str, str] = {}
    faults: list[str] = []
    for key, value in given.items():
        shown = name_of(key)
        try:
            name = (names.found(shown) if isinstance(key, str) else None) or shown
        except UnknownNameError as error:
            faults.append(str(error))
            continue
        if name in found and not same(found[name], value):
            faults.append(f"{name} is given twice with different values, as {written[name]} and as {shown}: leave one out.")
        found.setdefault(name, value)
        written.setdefault(name, shown)
    return found, faults

