"""Slips that are planted in right lines are found, and repaired by edits that make the line right again."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.check.check_trials import Judged, judged_slip, lacking, makes_right, same_text
from tests.check.notation import NotRead
from tests.check.settings import verdict
from tests.check.slips import KINDS, Slip, claims, pair, planted, single, single_slips

SINGLES = tuple(range(90))
PAIRS = tuple(range(30))
LEAST = {"order": 100, "transpose": 100, "layer-index": 100, "lost factor": 100, "sign": 100, "hadamard": 100, "other-layout": 100}


def judged(slips: list[Slip], number: str) -> Judged:
    together = Judged()
    for slip in slips:
        found = judged_slip(slip, number)
        together.outcomes += found.outcomes
        together.wrong += found.wrong
        together.short += found.short
    return together


def test_there_are_slips_of_all_kinds() -> None:
    found = single_slips()
    assert list(found) == list(KINDS)
    assert {kind: len(slips) for kind, slips in found.items() if len(slips) < LEAST.get(kind, 50)} == {}


def test_a_slip_makes_a_line_wrong_by_the_oracle() -> None:
    for slip in [single(seed) for seed in SINGLES] + [pair(seed) for seed in PAIRS]:
        claim = slip.claim
        assert not same_text(slip.right, claim.right)
        assert verdict(claim.setting, claim.left, claim.right, claim.layout) == "right"
        assert verdict(claim.setting, claim.left, slip.right, claim.layout) != "right"


def test_the_slips_of_a_claim() -> None:
    claim = next(each for each in claims() if each.right == r"\boldsymbol{\delta}^{(l)} (\mathbf{a}^{(l-1)})^T")
    found = {Slip(claim, (kind,), "").kinds[0] for kind, _ in planted(claim)}
    assert found == {"order", "transpose", "layer-index", "lost factor", "sign", "hadamard", "other-layout"}


def test_a_repair_is_judged_by_the_oracle() -> None:
    class Edited:
        side = "right"
        latex = r"2 \mathbf{x}"

    claim = next(each for each in claims() if each.right == r"2 \mathbf{x}")
    assert makes_right(claim, r"\mathbf{x}", Edited())
    Edited.latex = r"3 \mathbf{x}"
    assert makes_right(claim, r"\mathbf{x}", Edited()) is False
    Edited.latex = r"\mathbf{x} +"
    assert makes_right(claim, r"\mathbf{x}", Edited()) is None
    with pytest.raises(NotRead, match=r"more is expected"):
        verdict(claim.setting, claim.left, Edited.latex, claim.layout)


def test_too_few_repairs_are_seen() -> None:
    outcomes = Counter({"single": 100, "single: repaired": 97, "single: first": 90, "pair": 10, "pair: repaired": 9})
    assert lacking(outcomes) == ["single: 97 of 100 repaired, wanted 98%"]


def test_single_slips_are_found_and_repaired() -> None:
    found = judged([single(seed) for seed in SINGLES], "single")
    assert not found.wrong, "\n".join(found.wrong)
    assert not lacking(found.outcomes), "\n".join([*lacking(found.outcomes), *found.short])


def test_pairs_of_slips_are_found_and_repaired() -> None:
    found = judged([pair(seed) for seed in PAIRS], "pair")
    assert not found.wrong, "\n".join(found.wrong)
    assert not lacking(found.outcomes), "\n".join([*lacking(found.outcomes), *found.short])
