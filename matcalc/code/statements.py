"""Which codes of a program are statements of their own: what has a name, what is needed twice, and what would make a line long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from matcalc.code.codes import PROMPT, looked_through
from matcalc.code.instructions import OPERATIONS, Code, Run, Written

LONGEST_TEXT = 88
_NEVER_NAMED = (*PROMPT, "size", "literal", "transpose")


@final
@dataclass(frozen=True, slots=True)
class Statement:
    """A name and what it is."""

    name: str
    code: Code


def in_order(results: Iterable[Code]) -> list[Code]:
    """The codes that results need, each after its operands; names are looked through."""
    done: dict[Code, None] = {}
    stack = [(looked_through(code), False) for code in reversed(list(results))]
    while stack:
        code, ready = stack.pop()
        if code in done:
            continue
        if ready:
            done[code] = None
        else:
            stack.append((code, True))
            stack += [(looked_through(part), False) for part in reversed(code.operands)]
    return list(done)


def labels(results: Iterable[Code]) -> dict[Code, str]:
    """The names of quantities by what they are; the first one where several are the same."""
    found: dict[Code, str] = {}
    seen: set[Code] = set()
    stack = list(results)[::-1]
    while stack:
        code = stack.pop()
        if code in seen:
            continue
        seen.add(code)
        if code.operation == "named":
            found.setdefault(looked_through(code), code.data)
        stack += code.operands[::-1]
    return found


def statements(results: Sequence[Code], temporary: Iterator[str]) -> list[Statement]:
    """The statements that results need, in an order in which they can be carried out."""
    order = in_order(results)
    bound = _bound_names(order)
    names = labels(results)
    chosen = {code for code in order if not bound[code] and code in names}
    uses = Counter(looked_through(code) for code in results)
    for code in reversed(order):
        several = uses[code] > 1
        if several and not bound[code] and code.operation not in _NEVER_NAMED and not _is_prompt(code):
            chosen.add(code)
        for part in code.operands:
            uses[looked_through(part)] += uses[code] if code not in chosen else 1
    chosen |= _too_long(order, chosen, bound)
    return [Statement(names.get(code) or next(temporary), code) for code in order if code in chosen]


def _is_prompt(code: Code) -> bool:
    """Whether a code is read at once: an array without axes made of a number."""
    return code.operation == "function" and code.data[0] == "asarray" and code.operands[0].operation in ("number", "size")


def _bound_names(order: Iterable[Code]) -> dict[Code, frozenset[str]]:
    """The indices of written sums that each code depends on: such a code is no statement outside the sum."""
    order = list(order)
    indices = {code.data for code in order if code.operation == "loop"}
    found: dict[Code, frozenset[str]] = {}
    for code in order:
        names = frozenset().union(*(found[looked_through(part)] for part in code.operands)) if code.operands else frozenset()
        if code.operation == "argument" and code.data in indices:
            names |= {code.data}
        found[code] = names - {code.data} if code.operation == "loop" else names
    return found


def _too_long(order: Iterable[Code], chosen: set[Code], bound: Mapping[Code, frozenset[str]]) -> set[Code]:
    """What has to be a statement so that no text is too long."""
    texts: dict[Code, Written] = {}
    found: set[Code] = set()
    for code in order:
        parts = [looked_through(part) for part in code.operands]
        written = [("t12", 5) if part in chosen or part in found else texts[part] for part in parts]
        while sum(len(text) for text, _ in written) > LONGEST_TEXT:
            place = max(range(len(parts)), key=lambda k: len(written[k][0]))
            if bound[parts[place]] or len(written[place][0]) < LONGEST_TEXT // 3 or parts[place].operation in _NEVER_NAMED:
                break
            found.add(parts[place])
            written = [("t12", 5) if part in found else text for part, text in zip(parts, written, strict=True)]
        texts[code] = OPERATIONS[code.operation].text(code.data, written)
    return found


def text_of(code: Code, names: Mapping[Code, str]) -> Written:
    """A code as Python text; what has a name is called by it."""
    parts = []
    for part in map(looked_through, code.operands):
        parts.append((names[part], 5) if part in names else text_of(part, names))
    return OPERATIONS[code.operation].text(code.data, parts)


def run_of(code: Code, names: Mapping[Code, str]) -> Run:
    """A code as a function of the values of the names."""
    parts = []
    for part in map(looked_through, code.operands):
        parts.append(OPERATIONS["argument"].run(names[part], ()) if part in names else run_of(part, names))
    return OPERATIONS[code.operation].run(code.data, parts)
