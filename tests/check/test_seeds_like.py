"""The wrong answers of students: the verdict of DESIGN 5, and the kinds of the first repair."""

from __future__ import annotations

import pytest

import matcalc as mc
from tests.check.published import CLAIMED, CLAIMED_BY_NAME, OTHER_LAYOUT, claim
from tests.test_published_cases import CASES

KINDS = {
    "layout-mix": ("other-layout",), "wrong-index": ("layer-index",), "missing-derivative": ("derivative-of-function",),
    "hadamard-vs-matmul": ("hadamard",), "shape": ("missing-sum", "transpose"),
}  # fmt: skip
ASKED = [(name, False) for name in CLAIMED] + [(name, True) for name in CLAIMED_BY_NAME]


def wanted(name: str) -> str:
    """A line that holds in the other layout is other-layout; else the shape decides."""
    if name in OTHER_LAYOUT:
        return "other-layout"
    return "wrong-value" if CASES[name]["shape_ok"] else "ill-shaped"


@pytest.mark.parametrize(("name", "by_name"), ASKED, ids=[f"{name}{' by name' if by_name else ''}" for name, by_name in ASKED])
def test_the_verdict_and_the_first_repair(name: str, by_name: bool) -> None:
    line = claim(name, by_name=by_name)
    report = mc.check(line.latex, line.model, layout=line.layout)
    link = report.links[0]
    assert link.verdict == wanted(name), link
    error = CASES[name]["error"]
    assert link.repairs and all(kind in KINDS.get(error, (error,)) for kind in link.repairs[0].kinds), link.repairs
