"""Right lines are called right, alone and in prose; the oracle of these tests calls them right too, and none of their slips."""

from __future__ import annotations

import pytest

from tests.check.check_trials import judged_identity, judged_right
from tests.check.notation import NotRead, read, sides_of
from tests.check.published import IDENTITIES
from tests.check.right_lines import NETWORK, RIGHT_LINES, SETTINGS, RightLine
from tests.check.settings import verdict

IN_PROSE = tuple(range(len(RIGHT_LINES), 2 * len(RIGHT_LINES), 9))
PUBLISHED = tuple(range(0, len(IDENTITIES), 5))
DELTA = r"\delta^{(l)}"


@pytest.mark.parametrize("line", RIGHT_LINES, ids=str)
def test_the_oracle_calls_a_right_line_right(line: RightLine) -> None:
    sides = [line.latex[start:end].strip() for start, end in sides_of(line.latex)]
    assert len(sides) > 1
    assert {verdict(line.setting, sides[0], side, line.layout) for side in sides[1:]} == {"right"}


WRONG_LINES = (
    (r"(\mathbf{W}^{(l+1)})^T \delta^{(l+1)} \odot f(\mathbf{z}^{(l)})", "denominator", "wrong-value"),
    (r"(\mathbf{W}^{(l)})^T \delta^{(l+1)} \odot f'(\mathbf{z}^{(l)})", "denominator", "ill-shaped"),
    (r"(\mathbf{W}^{(l+1)})^T \delta^{(l+1)} \odot f'(\mathbf{z}^{(l)})", "numerator", "ill-shaped"),
    (r"2 (\mathbf{W}^{(l+1)})^T \delta^{(l+1)} \odot f'(\mathbf{z}^{(l)})", "denominator", "wrong-value"),
    (r"\mathbf{W}^{(l+1)} \delta^{(l+1)} \odot f'(\mathbf{z}^{(l)})", "denominator", "ill-shaped"),
    (r"\delta^{(l+1)}", "denominator", "ill-shaped"),
)


@pytest.mark.parametrize(("right", "layout", "wanted"), WRONG_LINES, ids=[f"{layout} {right}" for right, layout, _ in WRONG_LINES])
def test_the_oracle_calls_a_wrong_line_wrong(right: str, layout: str, wanted: str) -> None:
    assert verdict(NETWORK, DELTA, right, layout).partition(":")[0] == wanted


def test_the_oracle_does_not_judge_what_it_does_not_read() -> None:
    with pytest.raises(NotRead, match=r"a power of a function"):
        verdict(NETWORK, DELTA, r"\tanh^2(\mathbf{z}^{(l)})", "denominator")
    with pytest.raises(NotRead, match=r"is expected at 1, not ''"):
        read("(")


def test_there_are_lines_in_many_notations() -> None:
    assert len({(line.setting.name, line.layout, line.latex) for line in RIGHT_LINES}) == len(RIGHT_LINES) >= 250
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS) >= 15


@pytest.mark.parametrize("number", range(len(RIGHT_LINES)), ids=[str(line) for line in RIGHT_LINES])
def test_a_right_line_holds(number: int) -> None:
    found = judged_right(number)
    assert not found.wrong and not found.short, found


@pytest.mark.parametrize("number", IN_PROSE)
def test_a_right_line_in_another_style_holds(number: int) -> None:
    found = judged_right(number)
    assert not found.wrong and not found.short, found


@pytest.mark.parametrize("number", PUBLISHED, ids=[f"{IDENTITIES[k][0]} {IDENTITIES[k][1]}" for k in PUBLISHED])
def test_a_published_identity_holds(number: int) -> None:
    found = judged_identity(number)
    assert not found.wrong and not found.short, found
