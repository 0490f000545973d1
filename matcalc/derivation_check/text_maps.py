"""Unknown maps in a text, as C(a, y), and networks that are written as one nested expression with dots."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from matcalc.derivation_check.declared_shapes import keys_of, one_key
from matcalc.derivation_check.document_parts import Condition, Document
from matcalc.derivation_check.text_definitions import Candidate
from matcalc.errors import MatcalcError
from matcalc.language.definitions import definition_of
from matcalc.language.reading.names import GREEK, Key

LONGEST = 600
MOST_FORMULAS = 400
_NAME = r"(?:\\(?:mathbf|boldsymbol|bm|mathcal|vec)\s*\{\\?[A-Za-z]+\}|\\[a-z]+|[A-Za-z])"
_ONE = r"\s*\^\s*(?P<{0}>\{{\s*[(\[]?1[)\]]?\s*\}}|1)"
_OPENED = r"\s*(?:\\left\s*)?\("
_INNERMOST = re.compile(
    rf"\\(?:c|l|d)?dots\w?\s*(?:\\[bB]igg?\w?\s*|\(\s*)*(?P<f>{_NAME})(?:{_ONE.format('above')})?{_OPENED}"
    rf"\s*(?P<W>{_NAME}){_ONE.format('layer')}"
    rf"\s*(?:\\cdot\s*)?(?P<x>{_NAME})\s*(?P<plus>\+\s*(?P<b>{_NAME}){_ONE.format('beside')})?\s*(?:\\right\s*)?\)"
)
_HEAD = re.compile(
    rf"(?<![A-Za-z\\}}])(?P<head>{_NAME})"
    rf"(?P<scripts>(?:\s*[_^]\s*(?:\{{[^{{}}]*\}}|\w))*)\s*(?:\\left\s*|\\[bB]igg?l?\s*)?\(")
_STEP = re.compile(r"1")
_NO_HEADS = frozenset(
    ("cdots", "ldots", "dots", "frac", "left", "right", "partial", "nabla", "sum", "odot", "cdot", "times", "top", "log", "ln",
     "exp", "sin", "cos", "tanh", "sqrt", "det")
)  # fmt: skip


def formulas_in(found: Document) -> Iterator[str]:
    """Every formula of a text that can hold a name with arguments: those that claim something, and those within sentences."""
    for number, each in enumerate((*found.formulas, *found.expressions)):
        if number < MOST_FORMULAS:
            yield from (found.clean[side.span.start : side.span.end][:LONGEST] for side in each.sides)
    for span, _ in found.set_aside[:MOST_FORMULAS]:
        if "(" in found.text[span.start : span.end]:
            yield found.text[span.start : span.end][:LONGEST]


def compositions(found: Document) -> tuple[list[Candidate], dict[Key, tuple[str, ...]]]:
    """The layers of a network that is written as C(y, f^L(W^L .. f^1(W^1 x) ..)), with the usual names a and z, and the arguments of C."""
    for text in formulas_in(found):
        inner = _INNERMOST.search(text)
        if inner is None:
            continue
        layer = inner["layer"]
        general, before = (_STEP.sub(script, layer if "{" in layer else f"{{{layer}}}") for script in ("l", "l-1"))
        last = _STEP.sub("L", layer if "{" in layer else f"{{{layer}}}")
        none = _STEP.sub("0", layer if "{" in layer else f"{{{layer}}}")
        bold = r"\mathbf{{{}}}" if inner["W"].startswith("\\") else "{}"
        a, z = bold.format("a"), bold.format("z")
        head = inner["f"] + (f"^{general}" if inner["above"] else "")
        plus = f" + {inner['b']}^{general}" if inner["plus"] else ""
        made = [
            (f"{a}^{none}", inner["x"]), (f"{z}^{general}", f"{inner['W']}^{general} {a}^{before}{plus}"),
            (f"{a}^{general}", f"{head}({z}^{general})"),
        ]  # fmt: skip
        outer = _HEAD.search(text)
        costs: dict[Key, tuple[str, ...]] = {}
        if outer is not None and outer.end() < inner.start():
            costs = _outermost(text[outer.end() : inner.start()], outer["head"], f"{a}^{last}", inner["f"])
        return [each for left, right in made if (each := _candidate(left, right)) is not None], costs
    return [], {}


def _outermost(text: str, head: str, last: str, function: str) -> dict[Key, tuple[str, ...]]:
    """The arguments of the cost around a network: names, and the last layer in place of the network."""
    key = one_key(head)
    before, comma, behind = text.partition(",")
    if key is None or head == function or not comma or function not in behind or one_key(before) is None:
        return {}
    return {key: (before.strip(), last)}


def _candidate(left: str, right: str) -> Candidate | None:
    try:
        made = definition_of(f"{left} = {right}")
    except MatcalcError:
        return None
    return Candidate(left, right, made.key, (), Condition(), 0) if isinstance(made.key, Key) else None


def maps_in(texts: Iterable[str], defined: Iterable[Key]) -> Mapping[Key, tuple[str, ...]]:
    """Names that nothing defines and that stand before names in brackets: always the same two or more, or one that is derived."""
    texts, known = list(texts), set(defined)
    found: dict[Key, tuple[str, ...]] = {}
    spoilt: set[Key] = set()
    derived = {key for text in texts for key in _derived(text)}
    for text in texts:
        for match in _HEAD.finditer(text):
            key = one_key(match["head"] + match["scripts"])
            if key is None or key in known or key.stem in _NO_HEADS or key.above or match["head"].lstrip("\\") in _NO_HEADS:
                continue
            arguments = _arguments(text, match.end())
            if not arguments or not (len(arguments) > 1 or key in derived) or not _may_be_cost(key):
                continue
            if found.setdefault(key, arguments) != arguments:
                spoilt.add(key)
    return {key: arguments for key, arguments in found.items() if key not in spoilt}


def _may_be_cost(key: Key) -> bool:
    return key.stem in ("C", "L", "J", "E", "ell", "Q", "R", "V", "loss", "l", "D", "H") or (len(key.stem) > 1 and key.stem not in GREEK)


def _arguments(text: str, start: int) -> tuple[str, ...]:
    """The names in brackets that open there; none where something else stands there."""
    depth, end = 1, start
    while end < len(text) and depth:
        depth += (text[end] == "(") - (text[end] == ")")
        end += 1
    inside = text[start : end - 1].removesuffix("\\right").strip()
    parts: list[str] = []
    depth, first = 0, 0
    for i, sign in enumerate([*inside, ","]):
        depth += (sign in "([{") - (sign in ")]}")
        if sign in ",;" and depth <= 0:
            parts.append(inside[first:i].strip())
            first = i + 1
    return tuple(parts) if parts and all(one_key(part) is not None for part in parts) else ()


_BY = r"(?:_\s*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\w))?"
_DERIVED = re.compile(rf"(?:\\partial|(?<![A-Za-z\\])d|\\nabla\s*{_BY})\s*(?P<of>{_NAME})")


def _derived(text: str) -> Iterator[Key]:
    for match in _DERIVED.finditer(text):
        yield from keys_of(match["of"])
