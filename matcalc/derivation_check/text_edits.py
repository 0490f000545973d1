"""Edits of stretches of text: signs, transposes, primes and diagonals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matcalc.derivation_check.trees import Bracket, Node, text_of
from matcalc.language.reading.source import shortened

_LAST_TRANSPOSE = re.compile(r"\s*\^\s*(T|\\top|\\intercal|\\mathsf\{T\}|\{\s*(T|\\top|\\mathsf\{T\}|\\mathrm\{T\}|\\intercal)\s*\})\s*$")
_TRANSPOSE_BESIDE = re.compile(r"\s*(\\top|\\intercal|\\mathsf\{T\}|(?<![A-Za-z])T)\s*\}\s*$")
_DIAGONAL = re.compile(r"\\(?:operatorname\{diag\}|mathrm\{diag\}|text\{diag\}|diag)\s*(?:\\left)?\((.+)\\odot(.+?)(?:\\right)?\)")


def other_sign(sign: str, *, first: bool) -> str:
    """A minus in place of a plus or of nothing, and back."""
    if "-" in sign:
        return sign.replace("-", "" if first else "+")
    return sign.replace("+", "-") if "+" in sign else f"{sign}-"


def without_transpose(text: str) -> str | None:
    bare = text.rstrip()
    found = _LAST_TRANSPOSE.search(bare)
    if found:
        return bare[: found.start()]
    beside = _TRANSPOSE_BESIDE.search(bare)
    if beside and not bare[: beside.start()].rstrip().endswith(("{", "^")):
        return bare[: beside.start()] + "}"
    return None


def with_other_primes(text: str) -> Iterator[str]:
    """The text with one prime taken out, or one put behind the name of a function."""
    for found in re.finditer(r"'|\^\{?\\prime\}?", text):
        yield text[: found.start()] + text[found.end() :]
    for found in re.finditer(r"(\\[A-Za-z]+|(?<![\\A-Za-z])[A-Za-z])(\^\{[^{}]*\}|\^\w)?(?=\s*(\\left)?\()", text):
        if found[2]:
            yield f"{text[: found.start()]}({found[0]})'{text[found.end() :]}"
        elif not found[1].startswith((r"\left", r"\mathbf", r"\frac")):
            yield f"{text[: found.end()]}'{text[found.end() :]}"


def without_hadamard_inside(text: str, transpose: str) -> Iterator[str]:
    """u v^T in place of diag(u entry by entry v)."""
    found = _DIAGONAL.fullmatch(text.strip())
    if found:
        yield f"{found[1].strip()} {found[2].strip()}{transpose}"


def diagonal(node: Node) -> str:
    inside = node.inside if isinstance(node, Bracket) and not node.is_transposed else node
    return rf"\operatorname{{diag}}({text_of(inside).strip()})"


def short(node: Node) -> str:
    return shortened(text_of(node))
