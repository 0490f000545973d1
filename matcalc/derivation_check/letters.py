"""Letters of entries, as the i and j of W_ij: exchanged, and given other names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import permutations

_SUBSCRIPT = re.compile(r"_(\{([A-Za-z,\s]+)\}|([A-Za-z]))")


def letters_in(texts: Sequence[str], layers: Collection[str]) -> list[str]:
    """The letters that count entries in some texts: all in subscripts that are no layers."""
    found = {c for text in texts for match in _SUBSCRIPT.finditer(text) for c in (match[2] or match[3]) if c.isalpha()}
    return sorted(found - set(layers))


def with_other_letters(text: str, letters: Sequence[str]) -> Iterator[str]:
    """The text with the letters of one subscript turned round, or one of them replaced."""
    for found in _SUBSCRIPT.finditer(text):
        inside = found[2] or found[3]
        written = [c for c in inside if c.isalpha()]
        if not all(letter in letters for letter in written):
            continue
        ways = [list(reversed(written))] if len(written) > 1 else []
        ways += [[*written[:k], letter, *written[k + 1 :]] for k in range(len(written)) for letter in letters if letter != written[k]]
        for way in ways:
            if way != written:
                yield f"{text[: found.start()]}_{{{''.join(way)}}}{text[found.end() :]}"


def renamed(text: str, names: dict[str, str]) -> str:
    """The text with letters of subscripts renamed, all at once."""

    def other(found: re.Match[str]) -> str:
        inside = "".join(names.get(c, c) for c in (found[2] or found[3]))
        return f"_{{{inside}}}" if found[2] else f"_{inside}"

    return _SUBSCRIPT.sub(other, text)


def renamings(old: Sequence[str], new: Sequence[str]) -> Iterator[dict[str, str]]:
    """The ways to give letters the names of others, those that keep the order first."""
    for order in permutations(new):
        yield dict(zip(old, order, strict=True))
