"""Slips as people make them, planted in the text of right lines.

Each is a change of a few characters at a place that `tests.check.notation` finds; what is still right after it, by
`tests.check.settings.verdict`, is left out. Nothing here shares code with the search for repairs.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from typing import Any, final

import numpy as np

from tests.check.notation import Node, NotRead, sides_of
from tests.check.right_lines import RIGHT_LINES
from tests.check.settings import Setting, verdict
from tests.check.worlds import Evaluation, Labelled

KINDS = (
    "order", "transpose", "layer-index", "derivative-of-function", "lost scalar", "lost factor", "sign", "hadamard", "other-layout",
    "index-name",
)  # fmt: skip
TRANSPOSED = (
    (re.compile(r"-(\\top|T)\}$"), "-1}"), (re.compile(r"\)(\\top|T)\}$"), ")}"), (re.compile(r"\](\\top|T)\}$"), "]}"),
    (re.compile(r"\s*\^\s*(\\top|T|\{\\top\}|\{T\})$"), ""),
)  # fmt: skip
LAYER = re.compile(r"([A-Za-z]?)([+-]?\d+)?")

Edit = tuple[int, int, str]
Edits = tuple[Edit, ...]


@final
@dataclass(frozen=True)
class Claim:
    """One equality of a right line."""

    setting: Setting
    layout: str | None
    left: str
    right: str


@final
@dataclass(frozen=True)
class Slip:
    """A slip in a right claim.

    Attributes:
        claim: as it is right.
        kinds: of the slips.
        right: the right side with the slips.
    """

    claim: Claim
    kinds: tuple[str, ...]
    right: str

    @property
    def latex(self) -> str:
        return f"{self.claim.left} = {self.right}"

    def __str__(self) -> str:
        c = self.claim
        return f"{c.setting.name}, {c.layout}, {' and '.join(self.kinds)}: {self.latex}   (right: {c.right})"


def claims() -> tuple[Claim, ...]:
    """Every equality of the right lines, once."""
    found = {}
    for line in RIGHT_LINES:
        sides = [line.latex[start:end].strip() for start, end in sides_of(line.latex)]
        for side in sides[1:]:
            found[line.setting.name, line.layout, sides[0], side] = Claim(line.setting, line.layout, sides[0], side)
    return tuple(found.values())


def edited(text: str, edits: Edits) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return re.sub(r"\s+", " ", text).strip()


# ---- the places of slips ---------------------------------------------------------------------------------------------


@final
class _Places:
    """All slips of one claim."""

    def __init__(self, claim: Claim) -> None:
        self.claim, self.text = claim, claim.right
        self.root = claim.setting.read(claim.right)
        self.nodes = self.root.walk()
        self.turn = r"^T" if "^T" in claim.right + claim.left else r"^\top"

    def slice(self, node: Node) -> str:
        return self.text[node.start : node.end]

    def all(self) -> Iterator[tuple[str, Edits]]:
        for node in self.nodes:
            if node.kind == "product":
                yield from self.of_product(node)
            if node.kind == "had":
                yield from self.of_hadamard(node)
            if node.kind == "sum":
                yield from self.of_sum(node)
            if node.kind == "transpose":
                yield from self.untransposed(node)
            if node.kind == "name":
                yield from self.of_name(node)
            if node.kind == "applied" and node.words[1] != "0":
                k = self.text.index("'", node.start)
                yield "derivative-of-function", ((k, k + 1, ""),)
        if self.root.kind != "sum":
            yield "sign", ((0, 0, "-"),)
            if not self.is_entry(self.shape(self.root)):
                yield from (("transpose", edits) for edits in self.transposed(self.root))
        yield from (("other-layout", edits) for edits in self.other_layout())

    # ---- products

    def of_product(self, node: Node) -> Iterator[tuple[str, Edits]]:
        parts = node.parts
        kinds = [self.shape(part) for part in parts]
        for k, part in enumerate(parts):
            divided = node.words[k] == "/" or (k + 1 < len(parts) and node.words[k + 1] == "/")
            something_left = any(kind != (1, 1) for j, kind in enumerate(kinds) if j != k)
            if not (k == 0 and divided) and (kinds[k] == (1, 1) or something_left):
                yield "lost scalar" if kinds[k] == (1, 1) else "lost factor", (self.removal(node, k),)
            if kinds[k] != (1, 1) and not self.is_entry(kinds[k]):
                yield from (("transpose", edits) for edits in self.transposed(part))
        arrays = [k for k in range(len(parts)) if kinds[k] != (1, 1)]
        for i, j in combinations(arrays, 2):
            yield "order", ((parts[i].start, parts[i].end, self.spaced(parts[j])), (parts[j].start, parts[j].end, self.spaced(parts[i])))
        for i, j in pairwise(arrays):
            if j == i + 1 and node.words[j] == "" and not self.is_entry(kinds[i]):
                yield "hadamard", ((parts[i].end, parts[j].start, r" \odot "),)

    def removal(self, node: Node, k: int) -> Edit:
        parts = node.parts
        return (parts[k - 1].end, parts[k].end, " ") if k else (parts[0].start, parts[1].start, " ")

    def spaced(self, node: Node) -> str:
        return f" {self.slice(node)} "

    def of_hadamard(self, node: Node) -> Iterator[tuple[str, Edits]]:
        for k in range(len(node.parts)):
            yield "lost factor", (self.removal(node, k),)
        for first, second in pairwise(node.parts):
            yield "hadamard", ((first.end, second.start, " "),)

    def of_sum(self, node: Node) -> Iterator[tuple[str, Edits]]:
        for k, sign in enumerate(node.words):
            if not sign:
                continue
            low = node.parts[k - 1].end if k else node.start
            at = self.text.index(sign, low, node.parts[k].start)
            yield "sign", ((at, at + 1, ("" if k == 0 else "+") if sign == "-" else "-"),)

    # ---- transposes

    def untransposed(self, node: Node) -> Iterator[tuple[str, Edits]]:
        yield "transpose", ((node.start, node.end, self.without_transpose(node)),)

    def without_transpose(self, node: Node) -> str:
        text = self.slice(node)
        for pattern, new in TRANSPOSED:
            if pattern.search(text):
                return pattern.sub(lambda _, new=new: new, text)  # type: ignore[misc]
        raise NotRead(f"{text!r} does not end with a transpose")

    def with_transpose(self, node: Node) -> str:
        text = self.slice(node)
        if node.kind == "transpose":
            return self.without_transpose(node)
        if node.kind in ("group", "applied", "call") or (node.kind == "name" and "^" not in text):
            return text + self.turn
        if node.kind == "product":
            return f"({text}){self.turn}"
        return rf"\left({text}\right){self.turn}" if r"\frac" in text else f"({text}){self.turn}"

    def transposed(self, node: Node) -> Iterator[Edits]:
        if node.kind in ("name", "group", "derivative", "nabla", "applied"):
            yield ((node.start, node.end, self.with_transpose(node)),)

    def other_layout(self) -> Iterator[Edits]:
        """The answer of the other layout: the factors from the other end, each transposed unless it is a derivative itself."""
        if self.claim.layout is None:
            return
        root = self.root
        if root.kind == "product" and "/" not in root.words:
            scalars = [part for part in root.parts if self.shape(part) == (1, 1)]
            arrays = [part for part in root.parts if part not in scalars]
            turned = [self.slice(part) if self.is_derivative(part) else self.with_transpose(part) for part in reversed(arrays)]
            yield ((0, len(self.text), " ".join([*map(self.slice, scalars), *turned])),)
        else:
            yield ((0, len(self.text), self.with_transpose(root)),)

    def is_derivative(self, node: Node) -> bool:
        return node.kind == "derivative" or (node.kind == "name" and node.words[0] == "delta")

    # ---- names

    def of_name(self, node: Node) -> Iterator[tuple[str, Edits]]:
        _, lower, layer = node.words
        text = self.slice(node)
        inner = layer[1:-1]
        if inner:
            for new in self.neighbours(inner):
                at = text.rindex(inner) if inner in text else -1
                braced = f"{{{new}}}" if text[at - 1 : at] == "^" else new
                if at >= 0:
                    yield "layer-index", ((node.start + at, node.start + at + len(inner), braced),)
        elif lower and self.is_numbered(lower):
            script = re.search(r"_\s*(\{[^{}]*\}|.)", text)
            for new in self.neighbours(lower):
                if script:
                    shown = f"_{{{new}}}" if len(new) > 1 else f"_{new}"
                    yield "layer-index", ((node.start + script.start(), node.start + script.end(), shown),)
        elif lower and not self.is_size(node):
            script = re.search(r"_\s*(\{[^{}]*\}|.)", text)
            if script:
                for new in self.other_letters(lower):
                    yield "index-name", ((node.start + script.start(), node.start + script.end(), f"_{{{new}}}"),)

    def is_size(self, node: Node) -> bool:
        world = self.claim.setting.worlds[0]
        return node.words[0] in ("1", "I", "0", "N", "n") or f"{node.words[0]}_{node.words[1]}" in world.sizes

    def is_numbered(self, lower: str) -> bool:
        return lower.isdigit() or lower[:1] in self.claim.setting.running

    def neighbours(self, layer: str) -> Iterator[str]:
        m = LAYER.fullmatch(layer)
        if not m:
            return
        for step in (-1, 1):
            number = int(m[2] or 0) + step
            if m[1]:
                yield m[1] + (f"{number:+d}" if number else "")
            elif number > 0:
                yield str(number)

    def other_letters(self, lower: str) -> Iterator[str]:
        if len(lower) == 2:
            yield lower[::-1]
        letters = {c for side in (self.claim.left, self.text) for m in re.finditer(r"_\{?([a-z]{1,2})\}?(?![A-Za-z])", side) for c in m[1]}
        for k in range(len(lower)):
            yield from (lower[:k] + other + lower[k + 1 :] for other in sorted(letters) if other not in lower)

    # ---- shapes

    def is_entry(self, shape: Any) -> bool:
        """Whether a part is an entry: no transpose or Hadamard product is written there."""
        return self.claim.layout is None or (isinstance(shape, tuple) and any(isinstance(each, str) for each in shape))

    def shape(self, node: Node) -> Any:
        """The shape at the first instance at which the part exists, or the index letters."""
        setting = self.claim.setting
        for world in setting.worlds:
            for numbers in ({}, *({letter: k} for letter, span in world.running.items() for k in span)):
                evaluation = Evaluation(world, world.values(), {**world.letters, **numbers}, self.claim.layout or "numerator")
                try:
                    value = evaluation.of(node)
                except (ValueError, np.linalg.LinAlgError):
                    continue
                if isinstance(value, Labelled):
                    return value.labels or (1, 1)
                return getattr(value, "shape", "unsized")
        return "unknown"


# ---- the slips -------------------------------------------------------------------------------------------------------


def is_wrong(claim: Claim, right: str) -> bool:
    """Whether a claim with another right side is one that is read, and is not right in any generous reading."""
    try:
        return verdict(claim.setting, claim.left, right, claim.layout) != "right" and (
            verdict(claim.setting, claim.left, right, claim.layout, True) != "right"
        )
    except NotRead:
        return False


@cache
def planted(claim: Claim) -> tuple[tuple[str, Edits], ...]:
    """The slips of a claim that make it wrong, each text once."""
    found = {}
    for kind, edits in _Places(claim).all():
        text = edited(claim.right, edits)
        if text and text not in found and is_wrong(claim, text):
            found[text] = kind, edits
    return tuple(found.values())


def _mixed(kind: str, number: int) -> int:
    """A place in an order of the claims that is another for each kind."""
    return zlib.crc32(f"{kind} {number}".encode())


@cache
def single_slips() -> dict[str, tuple[Slip, ...]]:
    """All single slips by kind, those of one claim far from one another."""
    found: dict[str, list[tuple[int, int, Slip]]] = {kind: [] for kind in KINDS}
    for k, claim in enumerate(claims()):
        met: dict[str, int] = {}
        for kind, edits in planted(claim):
            met[kind] = met.get(kind, 0) + 1
            found[kind].append((met[kind], _mixed(kind, k), Slip(claim, (kind,), edited(claim.right, edits))))
    return {kind: tuple(slip for *_, slip in sorted(slips, key=lambda each: each[:2])) for kind, slips in found.items()}


def single(seed: int) -> Slip:
    """A single slip: of all kinds in turn."""
    slips = single_slips()[KINDS[seed % len(KINDS)]]
    return slips[seed // len(KINDS) % len(slips)]


@cache
def _pairs_of(claim: Claim) -> tuple[Slip, ...]:
    found = {}
    for (one, first), (other, second) in combinations(planted(claim), 2):
        if "other-layout" in (one, other) or any(a[0] < b[1] and b[0] < a[1] for a in first for b in second):
            continue
        text = edited(claim.right, first + second)
        if text not in found and is_wrong(claim, text):
            found[text] = Slip(claim, (one, other), text)
    return tuple(found.values())


@cache
def pairs() -> dict[tuple[str, str], tuple[Slip, ...]]:
    """All pairs of slips by their kinds, those of one claim far from one another."""
    found: dict[tuple[str, str], list[tuple[int, int, Slip]]] = {}
    for k, claim in enumerate(claims()):
        met: dict[tuple[str, str], int] = {}
        for slip in _pairs_of(claim):
            first, second = sorted(slip.kinds)
            met[first, second] = met.get((first, second), 0) + 1
            found.setdefault((first, second), []).append((met[first, second], _mixed(first + second, k), slip))
    return {kinds: tuple(slip for *_, slip in sorted(found[kinds], key=lambda each: each[:2])) for kinds in sorted(found)}


def pair(seed: int) -> Slip:
    """Two slips at once, at places that do not touch: of all pairs of kinds in turn."""
    listed = list(pairs().values())
    slips = listed[seed % len(listed)]
    return slips[seed // len(listed) % len(slips)]
