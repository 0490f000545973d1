"""The smallest edits of what was written that make a link hold, each verified at every layer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from matcalc.derivation_check.instances import Instance
from matcalc.derivation_check.judging import JACOBIAN, STAND_IN, Fault, Judge, Judgement, Pair
from matcalc.derivation_check.letters import renamed, renamings
from matcalc.derivation_check.results import Repair
from matcalc.derivation_check.search import Candidate, Search
from matcalc.derivation_check.suggestions import other_layers
from matcalc.errors import MatcalcError
from matcalc.language.expressions import Expr
from matcalc.language.unrolling import free_indices

_BRACES_AND_SPACES = re.compile(r"[{}\s]")
_IDENTITY = re.compile(r"\\mathbf[I1]|(?<![A-Za-z\\])I(?![A-Za-z])|_\w")
MOST_REPAIRS = 3
MOST_VERIFIED = 14
MOST_TRIED = 60
LONGEST = 1.5  # how much longer than the first another repair may be


def repairs(judge: Judge, pair: Pair, layout: str | None, found: Judgement, before: tuple[str, ...] = ()) -> tuple[Repair, ...]:
    """The repairs of a wrong pair, the smallest first.

    Args:
        before: kinds of the edits that were made before, as a layer that was filled in.
    """
    if found.verdict == "index-mismatch" and (other := _of_left(judge, pair, layout, before)):
        return other
    verified: list[Candidate] = []
    tried: set[str] = set()
    for at in _places(judge, pair, found):
        try:
            searches = [Search(judge, pair, at, layout, reading).batches() for reading in _readings(judge, pair, at, layout)]
        except MatcalcError:  # the model has no values over a finite field
            continue
        for batches in zip_longest(*searches, fillvalue=[]):
            candidates = sorted((each for batch in batches for each in batch), key=lambda each: (each.edits, each.cost, len(each.text)))
            for candidate in candidates[:MOST_VERIFIED]:
                bare = _BRACES_AND_SPACES.sub("", candidate.text)
                if bare in tried or _without_identity(candidate.text) == _without_identity(pair.left):
                    continue  # the left side again, with an identity beside it
                tried.add(bare)
                if verified and (candidate.edits > verified[0].edits or len(candidate.text) > LONGEST * len(verified[0].text)):
                    continue
                if judge.holds([Pair(pair.left, candidate.text, pair.condition)], layout):
                    verified.append(candidate)
                    if len(verified) == MOST_REPAIRS:
                        break
            if verified or len(tried) > MOST_TRIED:
                break
    made = [Repair(tuple(dict.fromkeys((*each.kinds, *before))), " ".join(each.text.split()), "right", each.words) for each in verified]
    return tuple(made) or _of_left(judge, pair, layout, before)


def _without_identity(text: str) -> str:
    return _BRACES_AND_SPACES.sub("", _IDENTITY.sub("", text))


def _places(judge: Judge, pair: Pair, found: Judgement) -> list[Instance]:
    at = found.outcome.instance
    if at is not None:
        return [at]
    try:
        return judge.instances(pair)[:1]
    except MatcalcError:
        return []


def _readings(judge: Judge, pair: Pair, at: Instance, layout: str | None) -> list[str | None]:
    for text in (pair.right, pair.left):
        found = judge.read(text, at, layout, None)
        if isinstance(found, Fault) and found.needs_reading:
            return [STAND_IN, JACOBIAN]
    return [None]


def _of_left(judge: Judge, pair: Pair, layout: str | None, before: tuple[str, ...]) -> tuple[Repair, ...]:
    """Repairs of the left side: the letters of its entries, its layer."""
    found: list[Repair] = []
    for text, kind in _other_lefts(judge, pair, layout):
        if judge.holds([Pair(text, pair.right, pair.condition)], layout):
            found.append(Repair(tuple(dict.fromkeys((kind, *before))), " ".join(text.split()), "left", f"{text} on the left side"))
            break
    return tuple(found)


def _other_lefts(judge: Judge, pair: Pair, layout: str | None) -> Iterator[tuple[str, str]]:
    try:
        at = judge.instances(pair)[0]
    except MatcalcError:
        return
    sides = [judge.read(text, at, layout, None) for text in (pair.left, pair.right)]
    letters = [sorted(index.name for index in free_indices([side])) if isinstance(side, Expr) else [] for side in sides]
    if letters[0] and len(letters[0]) == len(letters[1]) and letters[0] != letters[1]:
        yield from ((renamed(pair.left, names), "index-name") for names in renamings(*letters))
    for written, meant in other_layers(pair.left, at):
        yield pair.left.replace(written, meant), "layer-index"
