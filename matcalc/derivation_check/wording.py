"""How messages say sizes and layers: in the letters of the formula, and as one relation where there is one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from matcalc.derivation_check.instances import Instance
from matcalc.derivation_check.layers import layer_text
from matcalc.language.sizes import Shape, rows_and_columns

_NUMBERED_NAME = re.compile(r"(?<![\w\\])([^\W\d_]+)([\^_])(?:\((\d+)\)|(\d+))")


def where_it_holds(held: Sequence[Mapping[str, int]], wrong: Sequence[Mapping[str, int]]) -> str:
    """The layers at which a formula holds, as one relation of them if there is one; empty where it holds at none."""
    if not held:
        return ""
    for words, holds in _RELATIONS:
        if all(holds(each) for each in held) and not any(holds(each) for each in wrong):
            return words.format(small=_small(held[0]))
    shown = [", ".join(f"{letter} = {number}" for letter, number in each.items()) for each in held]
    return "; ".join(dict.fromkeys(shown[:MOST_SHOWN]))


def _small(letters: Mapping[str, int]) -> str:
    return next((letter for letter in letters if not letter.isupper()), "l")


def _related(compare: Callable[[int, int], bool]) -> Callable[[Mapping[str, int]], bool]:
    def holds(letters: Mapping[str, int]) -> bool:
        small, last = [k for letter, k in letters.items() if not letter.isupper()], [k for letter, k in letters.items() if letter.isupper()]
        return len(small) == 1 and len(last) == 1 and compare(small[0], last[0])

    return holds


MOST_SHOWN = 3
_RELATIONS: tuple[tuple[str, Callable[[Mapping[str, int]], bool]], ...] = (
    ("{small} = L", _related(lambda k, last: k == last)),
    ("{small} < L", _related(lambda k, last: k < last)),
    ("{small} = 1", lambda letters: [k for letter, k in letters.items() if not letter.isupper()] == [1]),
    ("{small} > 1", lambda letters: min((k for letter, k in letters.items() if not letter.isupper()), default=0) > 1),
)


def in_words(shape: Shape) -> str:
    """Rows and columns of a shape."""
    return " x ".join(map(str, rows_and_columns(shape))) if shape else "a scalar"


def general(text: str, at: Instance) -> str:
    """A message about an instance in the letters of the formula: n_2 is n_l where l is 2."""
    if not at.letters:
        return text
    letters = sorted(at.letters.items(), key=lambda each: each[0].isupper())

    def named(found: re.Match[str]) -> str:
        stem, sign, bracketed, bare = found.groups()
        number = bracketed or bare
        stems = {each for each, _ in at.world.layered}
        if stem not in stems and not (stem == "N" and "n" in stems):
            return found[0]
        letter, value = min(letters, key=lambda each: abs(int(number) - each[1]))
        layer = layer_text(letter, int(number) - value)
        return f"{stem}{sign}" + (f"({layer})" if bracketed else layer if len(layer) == 1 else f"{{{layer}}}")

    return _NUMBERED_NAME.sub(named, text)
