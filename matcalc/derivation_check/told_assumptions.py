"""What the text assumes of its symbols where a formula stands: behind "let A be symmetric", or in its sentence, as "if A is"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from matcalc.derivation_check.declared_shapes import told
from matcalc.derivation_check.demands import sentence_of
from matcalc.derivation_check.judging import Judge
from matcalc.derivation_check.worlds import Subject
from matcalc.errors import MatcalcError
from matcalc.language.assumed import changed_symbols, with_assumed
from matcalc.language.expressions import Symbol
from matcalc.language.reading.source import Span
from matcalc.language.traversal import postorder, with_definition


@lru_cache(maxsize=64)
def _told(text: str) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    found = told(text)
    return tuple((key.plain, says) for key, says in found.assumptions), tuple((key.plain, says) for key, says in found.conditional)


def assumed_at(text: str, span: Span) -> Sequence[tuple[str, str]]:
    """The names, and what is assumed of each, for the formula at a place of a text.

    >>> text = "Let $S$ be symmetric. If $A$ is symmetric, then $x = y$. Here $z = y$."
    >>> assumed_at(text, Span(49, 54)), assumed_at(text, Span(63, 68))
    ((('S', 'symmetric'), ('A', 'symmetric')), (('S', 'symmetric'),))
    """
    sentence = sentence_of(text, span)
    return tuple(dict.fromkeys((*_told(text[: sentence.end])[0], *_told(text[sentence.start : sentence.end])[1])))


def assuming(judge: Judge, assumed: Sequence[tuple[str, str]]) -> tuple[Judge, str] | None:
    """The judge of the subject of which this is assumed as well, and a sentence on it; None where that says nothing new."""
    known = {node.name: node for node in postorder(judge.subject.given.roots, with_definition) if isinstance(node, Symbol)}
    new = tuple((name, says) for name, says in assumed if name in known and says not in known[name].assumed)
    if not new:
        return None

    def change(node: Symbol) -> Symbol:
        said = tuple(says for name, says in new if name == node.name)
        return with_assumed(node, said) if said else node

    def changed() -> Subject:
        return judge.subject.changed(lambda roots: changed_symbols(roots, change), lambda value: value)

    try:
        other = judge.other(("told", *new), changed)
    except MatcalcError:  # as of a vector that is said to be symmetric
        return None
    return other, "It holds under what the text assumes: " + " and ".join(f"{name} is {says}" for name, says in new) + "."
