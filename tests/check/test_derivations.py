"""Derivations in several notations, with one slip in about half of their lines: the verdicts listed, and the kinds of the first repair."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import matcalc as mc
from tests.check.notation import sides_of
from tests.check.settings import Setting, verdict

DOCUMENTS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "derivations.toml").read_text(encoding="utf-8"))["doc"]
LINKS = [(document["id"], number) for document in DOCUMENTS for number in range(len(document["link"]))]
KINDS = {"function for derivative": "derivative-of-function", "layer index": "layer-index", "missing factor": "missing-factor"}
OTHER = {"numerator": ("denominator",), "denominator": ("numerator",)}
RUNNING = {"recurrence": {"t": (1, 3)}}


@cache
def setting(name: str) -> Setting:
    document = next(each for each in DOCUMENTS if each["id"] == name)
    return Setting(
        name, shapes=document["shapes"], definitions=tuple(document["definitions"]), assume=tuple(document.get("assume", ())),
        functions={r"\sigma": "sigmoid"}, running=RUNNING.get(name, {}),
    )  # fmt: skip


def link_of(name: str, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    document = next(each for each in DOCUMENTS if each["id"] == name)
    return document, document["link"][number]


def by_differences(about: Setting, latex: str, layout: str) -> str:
    """The verdict of the oracle."""
    left, right = (latex[start:end].strip() for start, end in sides_of(latex))
    found = verdict(about, left, right, layout).partition(":")[0]
    if found == "right":
        return "holds"
    turned = [verdict(about, left, f"({right})^\\top", layout)] + [verdict(about, left, right, other) for other in OTHER.get(layout, ())]
    return "other-layout" if "right" in turned else found


@pytest.mark.parametrize(("name", "number"), LINKS, ids=[f"{name} {number + 1}" for name, number in LINKS])
def test_the_listed_verdict_is_that_of_differences(name: str, number: int) -> None:
    document, link = link_of(name, number)
    assert by_differences(setting(name), link["latex"], document["layout"]) == link["verdict"]


@pytest.mark.parametrize(("name", "number"), LINKS, ids=[f"{name} {number + 1}" for name, number in LINKS])
def test_the_verdict_and_the_first_repair(name: str, number: int) -> None:
    document, link = link_of(name, number)
    model = mc.Model(shapes=document["shapes"], definitions=document["definitions"], assume=document.get("assume", []))
    found = mc.check(link["latex"], model, layout=document["layout"]).links[0]
    assert found.verdict in (link["verdict"], *link.get("accept", ())), found
    if "repair" in link:
        wanted = KINDS.get(link["repair"], link["repair"])
        assert [list(repair.kinds) for repair in found.repairs[:1]] == [[wanted]], found.repairs
