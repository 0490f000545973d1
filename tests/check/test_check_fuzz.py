"""Changed documents end in a report, or in an error of the package, soon; a fifth of them can be read."""

from __future__ import annotations

from collections import Counter

from tests.check.mutated_documents import judged_mutant, lacking

SEEDS = range(250)


def test_changed_documents_end_in_a_report_or_an_error() -> None:
    outcomes: Counter[str] = Counter()
    for seed in SEEDS:
        found, faults = judged_mutant(seed)
        assert not faults, faults
        outcomes += found
    assert not lacking(outcomes), outcomes


def test_too_few_readable_documents_are_seen() -> None:
    assert lacking(Counter({"all read": 1, "unreadable": 9})) == ["1 of 10 documents could be read, wanted a fifth"]
