"""Layers in scripts: numbers, letters that stand for numbers, and names under them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from matcalc.language.reading.names import Key
from matcalc.language.reading.scope import Scope

NUMBERED = re.compile(r"([(\[]?)(\d+)([)\]]?)")
LETTERED = re.compile(r"([(\[]?)(ell|[A-Za-z])([+-]\d+)?([)\]]?)")
BRACKETS = {"(": ")", "[": "]", "": ""}

V = TypeVar("V")


def number_of(script: str) -> int | None:
    """The number that a script is, in brackets or not."""
    found = NUMBERED.fullmatch(script)
    return int(found[2]) if found and BRACKETS[found[1]] == found[3] else None


def letter_of(script: str) -> str | None:
    """The letter of a script such as l, (l+1) or [L-1]."""
    found = LETTERED.fullmatch(script)
    return found[2] if found and BRACKETS[found[1]] == found[4] else None


def at_layer(script: str, letters: Mapping[str, int]) -> str:
    """The script with a number in place of its letter, where the letter has one."""
    found = LETTERED.fullmatch(script)
    if found is None or BRACKETS[found[1]] != found[4] or found[2] not in letters:
        return script
    return f"{found[1]}{letters[found[2]] + int(found[3] or 0)}{found[4]}"



def layer_text(letter: str, offset: int) -> str:
    """A layer as people write it: l+1, L, l-2."""
    return letter if not offset else f"{letter}{offset:+d}"


def layer_number(script: str, letters: Mapping[str, int]) -> int | None:
    """The number that a script without brackets is: a number, or a letter with one added or taken away."""
    if script.isdecimal():
        return int(script)
    found = LETTERED.fullmatch(script)
    if found is None or found[1] or found[4] or found[2] not in letters:
        return None
    return letters[found[2]] + int(found[3] or 0)


def with_layers(scope: Scope, letters: Mapping[str, int]) -> Scope:
    """The scope with each numbered name under letters as well."""
    return replace(
        scope,
        quantities=with_letters(scope.quantities, letters), functions=with_letters(scope.functions, letters),
        applied=with_letters(scope.applied, letters), sizes=with_letters(scope.sizes, letters),
    )  # fmt: skip


def with_letters(table: Mapping[Any, V], letters: Mapping[str, int]) -> dict[Any, V]:
    """A table with each numbered name under letters: W^(3) is W^(l+1) where l is 2. A name that is there already keeps its meaning."""
    found: dict[Any, V] = dict(table)
    for key, value in table.items():
        if not isinstance(key, Key):
            continue
        for place in ("above", "below"):
            script: str = getattr(key, place)
            number = number_of(script)
            if number is None:
                continue
            for letter, at in letters.items():
                named = script.replace(str(number), layer_text(letter, number - at))
                found.setdefault(key._replace(above=named) if place == "above" else key._replace(below=named), value)
    return found


