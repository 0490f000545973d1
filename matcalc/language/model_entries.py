"""What a model declares, entry by entry with its place, and the faults that are found in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, final

from matcalc.errors import EvaluationError, MatcalcError, ModelError, ShapeError
from matcalc.language.reading.scope import Names

T = TypeVar("T")
_ONE = {"definitions": "definition", "assume": "assumption", "sizes": "size"}
_LINE = re.compile(r", line (\d+)")
_WITH_FAULTS = (ShapeError, EvaluationError, ModelError)


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One declaration: the name that it is given, empty where its text holds the name, its value and its place."""

    name: str
    value: Any
    place: str


@final
@dataclass(frozen=True, slots=True)
class Entries:
    """All declarations of a model, in the order given.

    Attributes:
        definitions: the value is a whole definition, or the right side where the entry has a name.
        sizes: the value is a number, or None where the size is only named.
        names: expressions and sizes that are declared as they are.
        layout: of the derivatives that stand in the definitions.
        faults: of entries that have not the form of one, each with its place; they are left out above.
        spoilt: the names of those entries.
    """

    shapes: tuple[Entry, ...] = ()
    functions: tuple[Entry, ...] = ()
    definitions: tuple[Entry, ...] = ()
    aliases: tuple[Entry, ...] = ()
    sizes: tuple[Entry, ...] = ()
    assume: tuple[Entry, ...] = ()
    names: Names | None = None
    layout: Entry | None = None
    faults: tuple[tuple[str, str], ...] = ()
    spoilt: tuple[str, ...] = ()


@final
class Faults:
    """Faults of the declarations, collected to be raised together."""

    def __init__(self) -> None:
        self.found: list[tuple[type[MatcalcError], str]] = []
        self._lines: list[int] = []

    def note(self, place: str, error: MatcalcError) -> None:
        """Note an error and its place."""
        messages = getattr(error, "faults", (str(error),))
        found = [(type(error), f"{place}: {message}") for message in messages]
        self.found += [each for each in found if each not in self.found]
        line = _LINE.search(place)
        self._lines += [int(line[1]) if line else 0] * (len(self.found) - len(self._lines))

    def of(self, place: str, make: Callable[[], T]) -> T | None:
        """What is made, or None and a note of why it cannot be."""
        try:
            return make()
        except MatcalcError as error:
            self.note(place, error)
            return None

    def raise_all(self) -> None:
        """Raise what was found, in the order of lines: in its own kind where there is one kind, else as a ModelError."""
        if not self.found:
            return
        kinds = {kind for kind, _ in self.found}
        order = sorted(range(len(self.found)), key=self._lines.__getitem__)
        messages = [self.found[i][1] for i in order]
        kind = kinds.pop()
        if kinds or kind is MatcalcError:
            raise ModelError(*messages)
        raise kind(*messages) if issubclass(kind, _WITH_FAULTS) else kind("\n".join(messages))


def entries_of(given: Any, what: str, shown: Callable[[str], str]) -> tuple[Entry, ...]:
    """The entries of a table of names, as it is given in Python."""
    if given is None:
        return ()
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise ModelError(f"{what}={given!r:.80}: it is a dict by name.")
    return tuple(Entry(name, value, shown(name)) for name, value in given.items())


def texts_of(given: Iterable[str] | None, what: str) -> tuple[Entry, ...]:
    """The entries of a list of texts, as it is given in Python, numbered from 1."""
    listed = () if given is None else given
    if isinstance(listed, str) or not isinstance(listed, Iterable):
        raise ModelError(f"{what}={listed!r:.80}: it is a list of texts; put it in brackets.")
    made = tuple(Entry("", text, f"{_ONE.get(what, what)} {number}") for number, text in enumerate(listed, 1))
    wrong = [f"{entry.place}: {entry.value!r:.80} is no text." for entry in made if not isinstance(entry.value, str)]
    if wrong:
        raise ModelError(*wrong)
    return made
