"""Slips that are planted in a line: what people do, done to the text of a right side."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from matcalc.exercises.prose import Formula

Side = tuple[str, str]  # in LaTeX and as plain text

_PRIME = re.compile(r"'(?=\()")
_TRANSPOSED = re.compile(r"\\top")
_PLAIN_TRANSPOSED = re.compile(r"\^T")


def planted(rng: random.Random, lines: Sequence[tuple[Formula, Formula]]) -> list[tuple[Formula, Formula]] | None:
    """The lines with a slip in one of them; None where none can be made there."""
    place = rng.randrange(len(lines))
    left, right = lines[place]
    ways = list(SLIPS)
    rng.shuffle(ways)
    for way in ways:
        changed = SLIPS[way](rng, right)
        if changed is not None:
            made = list(lines)
            made[place] = left, changed
            if not lines[min(place + 1, len(lines) - 1)][0].latex:
                return _carried_on(made, place, way, rng)
            return made
    return None


def _carried_on(
    lines: list[tuple[Formula, Formula]], place: int, way: str, rng: random.Random
) -> list[tuple[Formula, Formula]] | None:
    """The lines behind a slip with the same slip in them, as people who go on from it write them."""
    for later in range(place + 1, len(lines)):
        changed = SLIPS[way](rng, lines[later][1])
        if changed is None:
            return None
        lines[later] = lines[later][0], changed
    return lines


def _one_of(rng: random.Random, right: Formula, latex: re.Pattern[str], text: re.Pattern[str], put: str) -> Formula | None:
    """One place of a pattern changed; it stands as often in the LaTeX as in the text, in the same order."""
    places, plain = (list(pattern.finditer(side)) for pattern, side in ((latex, right.latex), (text, right.text)))
    if not places or len(places) != len(plain):
        return None
    k = rng.randrange(len(places)) if len(places) < 2 else 0
    a, b = places[k], plain[k]
    made = f"{right.latex[: a.start()]}{put}{right.latex[a.end() :]}".replace("^{}", "").replace("^ ", " ").replace("^)", ")")
    made = re.sub(r"\^(?=\s*$)", "", made)
    return Formula(made, f"{right.text[: b.start()]}{put}{right.text[b.end() :]}")


def lost_transpose(rng: random.Random, right: Formula) -> Formula | None:
    """A transpose that was forgotten, with brackets that were there for its sake."""
    changed = _one_of(rng, right, re.compile(r"\\top(?=\})|\^\\top"), _PLAIN_TRANSPOSED, "")
    return None if changed is None else Formula(_without_brackets(changed.latex), _without_brackets(changed.text))


def _without_brackets(text: str) -> str:
    """The text without brackets around all of it, or at its start around a single factor."""
    for opened, closed in ((r"\left(", r"\right)"), ("(", ")")):
        if not text.startswith(opened):
            continue
        depth = 0
        for k in range(len(text)):
            depth += text.startswith(opened, k) - text.startswith(closed, k)
            if depth == 0:
                inside, rest = text[len(opened) : k], text[k + len(closed) :]
                return inside + rest if not rest or len(_factors(inside)) == 1 else text
    return text


def lost_prime(rng: random.Random, right: Formula) -> Formula | None:
    """f in place of f'."""
    return _one_of(rng, right, _PRIME, _PRIME, "")


def other_sign(rng: random.Random, right: Formula) -> Formula | None:
    """A plus in place of a minus."""
    return _one_of(rng, right, re.compile(r" - "), re.compile(r" - "), " + ")


def product_for_hadamard(rng: random.Random, right: Formula) -> Formula | None:
    """A matrix product in place of an entrywise one."""
    return _one_of(rng, right, re.compile(r" \\odot "), re.compile(" ⊙ "), " ")


def lost_number(rng: random.Random, right: Formula) -> Formula | None:
    """A factor of two that was lost."""
    return _one_of(rng, right, re.compile(r"^2 "), re.compile(r"^2 "), "")


def exchanged_ends(rng: random.Random, right: Formula) -> Formula | None:
    """The two factors of a product exchanged."""
    latex, text = _factors(right.latex), _factors(right.text)
    if len(latex) != 2 or len(text) != 2:
        return None
    return Formula(" ".join(reversed(latex)), " ".join(reversed(text)))


def _factors(text: str) -> list[str]:
    """The stretches between spaces that stand in no bracket; none where a sign stands between them."""
    found, depth, start = [], 0, 0
    for k, c in enumerate(text):
        depth += (c in "({[") - (c in ")}]")
        if c == " " and depth == 0:
            found.append(text[start:k])
            start = k + 1
    found.append(text[start:])
    return [] if any(each in ("+", "-", r"\odot", "⊙", r"\otimes", "⊗") for each in found) else found


SLIPS: Mapping[str, Callable[[random.Random, Formula], Formula | None]] = MappingProxyType(
    {
        "transpose": lost_transpose, "derivative-of-function": lost_prime, "sign": other_sign, "hadamard": product_for_hadamard,
        "missing-factor": lost_number, "order": exchanged_ends,
    }
)  # fmt: skip
