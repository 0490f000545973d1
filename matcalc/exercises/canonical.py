"""Tasks up to renaming: what is left of a task when the names of its quantities, sizes and functions do not matter."""

from __future__ import annotations

import re

from matcalc.exercises.tasks import Task
from matcalc.exercises.vocabulary import UNKNOWN
from matcalc.language.expressions import Expr

_WORD = re.compile(r"[A-Za-z]+'*(?:[_^](?:\([^()]*\)|\{[^{}]*\}|\w+))*")
_ENGLISH = re.compile(r"[a-z]{2,}'?s?")
_SHAPES = re.compile(r"Here .*?\.(?=\s|$)")  # in the order of the names, so that it would differ
_KNOWN = frozenset(("T", "I", "K"))  # the transpose, identity and commutation matrices; other known words are in small letters


def canonical(task: Task) -> str:
    """The question with its names numbered in the order in which they stand there: equal for tasks that differ in names only.

    Example:
        >>> from matcalc.exercises import generate
        >>> canonical(generate("derive", 3)) == canonical(generate("derive", 3))
        True
    """
    quantities = {name: given for name, given in task.names.items() if isinstance(given, Expr)}
    names = {*quantities, *UNKNOWN, *(str(entry) for expr in quantities.values() for entry in expr.shape)}
    numbers: dict[str, str] = {}

    def renamed(found: re.Match[str]) -> str:
        word = found[0].rstrip("'")
        primes = found[0][len(word) :]
        before = "d" if word.startswith("d") and word not in names and word[1:] in names else ""
        name = word.removeprefix(before)
        if name in names or not (name in _KNOWN or _ENGLISH.fullmatch(name)):
            return f"{before}{numbers.setdefault(name, f'#{len(numbers)}')}{primes}"
        return found[0]

    def renamed_size(entry: object) -> str:
        return _WORD.sub(renamed, str(entry))

    asked = _WORD.sub(renamed, _SHAPES.sub("", task.text))
    shapes = (" ".join(renamed_size(entry) for entry in quantities[name].shape) for name in list(numbers) if name in quantities)
    return f"{task.kind}: {asked}; {', '.join(shapes)}"
