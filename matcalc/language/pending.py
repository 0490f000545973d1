"""Names that wait for their meaning, found in the order in which they rest on each other.

A definition is read with every name declared. Where it needs a name whose own definition was not read yet, reading stops, that
definition is read first, and the first one again: so the reader alone decides which names a text holds, and no order is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, final

from matcalc.errors import MatcalcError, ModelError
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.model_entries import Faults
from matcalc.language.reading.names import NameKey

Work: TypeAlias = Callable[[], None]

_WAITING = Symbol("?", ())  # stands in a table for what was not read yet


@final
@dataclass(slots=True, eq=False)
class Task:
    """A name whose meaning is to be found."""

    key: NameKey
    name: str
    place: str
    work: Work
    done: bool = False
    faulty: bool = False
    circled: bool = False


@final
class _Needs(Exception):
    """A name whose meaning has to be found first."""

    def __init__(self, task: Task) -> None:
        self.task = task


@final
class RestsOnFault(Exception):
    """What cannot be found because of a fault that is reported elsewhere."""


@final
class Table(dict[NameKey, Expr]):
    """A table of a scope in which some names wait for their meaning.

    ``open`` is the name that is being defined: where a function has that name too, ``C = C(a, y)``, the function is meant.
    """

    def __init__(self, known: Mapping[NameKey, Expr]) -> None:
        super().__init__(known)
        self.waiting: dict[NameKey, Task] = {}
        self.open: NameKey | None = None

    def wait(self, task: Task) -> None:
        """Let a name wait for what a task finds."""
        self.waiting[task.key] = task
        self.enter(task.key, _WAITING)

    def spoil(self, key: NameKey, name: str) -> None:
        """Let a name be known whose own declaration has a fault, so that nothing is said of what rests on it."""
        if key not in self:
            self.wait(Task(key, name, "", lambda: None, faulty=True))

    def enter(self, key: NameKey, meaning: Expr) -> None:
        """Enter the meaning of a name."""
        super().__setitem__(key, meaning)

    def get(self, key: NameKey, default: Any = None) -> Any:
        """The meaning of a name; reading stops where it is not found yet."""
        task = self.waiting.get(key)
        if task is None or task.done:
            return super().get(key, default)
        if key == self.open:
            return default
        raise RestsOnFault if task.faulty else _Needs(task)

    def __getitem__(self, key: NameKey) -> Expr:
        found: Expr | None = self.get(key)
        if found is None:
            raise KeyError(key)
        return found


def run(first: Task, faults: Faults) -> None:
    """Find the meaning of a name, and before it of those that it needs; faults are noted, each once."""
    stack = [first]
    while stack:
        task = stack[-1]
        if task.done or task.faulty:
            stack.pop()
            continue
        try:
            task.work()
            task.done = True
        except _Needs as need:
            if need.task in stack:
                _note_circle(stack[stack.index(need.task) :], faults)
            else:
                stack.append(need.task)
        except RestsOnFault:
            task.faulty = True
        except MatcalcError as error:
            task.faulty = True
            faults.note(task.place, error)


def _note_circle(tasks: list[Task], faults: Faults) -> None:
    names = [task.name for task in tasks]
    if len(tasks) == 1:
        claim = f"{names[0]} is defined by itself. Give the new quantity another name."
    else:
        ring = ", ".join(f"{a} needs {b}" for a, b in zip(names, [*names[1:], names[0]], strict=True))
        others = "; ".join(task.place for task in tasks[1:])
        claim = f"The definitions go in a circle: {ring}. Declare one of them by its shape instead. (The others: {others}.)"
    faults.note(tasks[0].place, ModelError(claim))
    for task in tasks:
        task.faulty = task.circled = True


def note_circles(tasks: Sequence[Task], needs: Mapping[NameKey, Sequence[NameKey]], faults: Faults) -> None:
    """Note circles that `run` did not come to, because something else is wrong with one of their definitions.

    Args:
        tasks: every name that had to be found.
        needs: the names that the text of each holds, as far as that can be read.
        faults: where circles are noted.
    """
    by_key = {task.key: task for task in tasks}
    left: set[NameKey] = set()
    for first in tasks:
        path: dict[NameKey, Iterator[NameKey]] = {}
        following: NameKey | None = first.key
        while path or following is not None:
            if following is not None and following in path:
                ring = [by_key[key] for key in list(path)[list(path).index(following) :]]
                if not any(task.circled for task in ring):
                    _note_circle(ring, faults)
            elif following is not None and following not in left and following in by_key:
                path[following] = iter(needs.get(following, ()))
            following = next(path[next(reversed(path))], None) if path else None
            if following is None and path:
                left.add(path.popitem()[0])
