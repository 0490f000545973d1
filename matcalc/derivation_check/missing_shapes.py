"""Names whose shapes neither a text nor its definitions tell, and what to write for them."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.derivation_check.linking import Finding
from matcalc.derivation_check.worlds import Subject
from matcalc.errors import MatcalcError
from matcalc.language.mentions import mentions
from matcalc.language.reading.names import GREEK, Key, key_of
from matcalc.language.reading.scope import Scope

MOST_NAMES = 4


def asked(found: Finding, subject: Subject) -> str:
    """What to write for names of a link whose shapes the text does not tell; empty where that is not what is wrong."""
    outcome = found.judgement.outcome
    if found.judgement.verdict != "unknown-symbol" or subject.defining is None or outcome.instance is None:
        return ""
    return ways_out((text for pair in found.pairs for text in (pair.left, pair.right)), outcome.instance.scope)


def ways_out(texts: Iterable[str], scope: Scope) -> str:
    """What to write for the names in formulas that mean nothing in a scope; empty where every name means something.

    >>> print(ways_out([r"v^\\top x"], Scope()).replace("text, or", "text,\\nor"))
    The shape of v is not known: write $v \\in \\mathbb{R}^{n}$ in the text,
    or give a model with shapes={'v': 'n', ...}. The same goes for x.
    """
    names = list(dict.fromkeys(name for text in texts for name in _unknown(text, scope)))
    if not names:
        return ""
    first, *others = names[:MOST_NAMES]
    more = f" The same goes for {', '.join(others)}." if others else ""
    return f"The shape of {first} is not known: {_way_out(first)}{more}"


def _unknown(text: str, scope: Scope) -> list[str]:
    try:
        return [each.name for each in mentions(text, scope).unknown]
    except MatcalcError:
        return []


def _way_out(name: str) -> str:
    """The two ways to tell the shape of a name, for the shape that it most likely has."""
    key = key_of(name)
    stem = key.stem if isinstance(key, Key) else name
    exponent, sizes = (r"m \times n", "m n") if stem[:1].isupper() else ("n", "n")
    shown = f"\\{name}" if stem in GREEK else name
    return rf"write ${shown} \in \mathbb{{R}}^{{{exponent}}}$ in the text, or give a model with shapes={{{name!r}: {sizes!r}, ...}}."
