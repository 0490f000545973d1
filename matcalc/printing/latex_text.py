r"""LaTeX formulas in plain text, in the writing of `matcalc.printing.text`: ``\mathbf{W}^{(2)\top} \delta`` is ``W^(2)^T delta``.

A formula is read as for MathML. It is for readers, who cannot set LaTeX, and is not read back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from matcalc.errors import ReadError
from matcalc.printing.mathml_constructs import CONSTRUCTS
from matcalc.printing.mathml_fences import DRAWN
from matcalc.printing.mathml_nodes import Node
from matcalc.printing.mathml_reader import Reader
from matcalc.printing.mathml_signs import ACCENTS, LETTERS, UPRIGHT
from matcalc.printing.names import LOWER_GREEK, UPPER_GREEK

DOTS = "..."
SIGNS: Mapping[str, str] = MappingProxyType(
    {sign: name for name, sign in {**UPRIGHT, **LETTERS}.items() if name in (*LOWER_GREEK.split(), *UPPER_GREEK.split())}
    | {"ϕ": "phi", "ϵ": "epsilon", "ℓ": "ell"}
    | {"∂": "d", "⊤": "T", "⊺": "T", "′": "'", "−": "-", "∗": "*", "⋅": "·", "∑": "sum", "∏": "prod", "‖": "||", "…": DOTS, "⋯": DOTS}
)  # fmt: skip
_OPENING, _CLOSING = tuple("([{⟨⌊⌈"), tuple(")]}⟩⌋⌉,;:.!")
_DIFFERENTIALS = ("∂", "∇")  # written close to what they are of
_ACCENT_NAMES = {sign: name for name, sign in ACCENTS.items() if name in ("hat", "tilde", "bar", "dot", "vec")}
_LAYER = re.compile(r"[(\[][\w+\-]+[)\]]")
_UNARY = re.compile(r"(^|[-+=<>(\[,⊙⊗·≠≤≥≈]\s*)[-+±]$")  # a sign before a number, at the end
_IN_BRACKETS = re.compile(r"\([^()]*\)|\{[^{}]*\}")
_UPRIGHT = (("mathvariant", "normal"),)  # the letters of a word
_D_OF = re.compile(r"^d(\^\w+)? (?=\S)")
_SIGN = re.compile(r"\s*[-+=<>⊙⊗·≠≤≥≈]\s*|\s")


def latex_in_text(latex: str) -> str:
    r"""A formula in plain text; as it was written where it cannot be read.

    Example:
        >>> latex_in_text(r"\frac{\partial C}{\partial \mathbf{b}^{(4)}} = \boldsymbol{\delta}^{(4)\top}")
        'dC/db^(4) = delta^(4)^T'
        >>> latex_in_text(r"f'(\mathbf{z}_i) \odot (W^\top x - \tfrac{1}{2} y_{i+1})")
        "f'(z_i) ⊙ (W^T x - 1/2 y_{i+1})"
        >>> latex_in_text(r"\frac{a}{")
        '\\frac{a}{'
    """
    try:
        return _row(Reader(latex, CONSTRUCTS).formula())
    except (ReadError, RecursionError):
        return latex


def _row(nodes: Sequence[Node]) -> str:
    """Elements side by side, with spaces where a reader needs them."""
    found, before = "", None
    for node in nodes:
        text = _element(node)
        found += (" " if before is not None and _apart(found, before, node, text) else "") + text
        if text:
            before = node
    return " ".join(found.split())


def _apart(found: str, before: Node, node: Node, text: str) -> bool:
    """Whether a space stands between two elements."""
    if _is_sign(before) and _UNARY.search(found):
        return False
    if found.endswith(_OPENING) or (text.startswith(_CLOSING) and text != DOTS):
        return False
    if _is_sign(before) or _is_sign(node):
        return True
    if _is_differential(before) or "/" in (found[-1:], text[:1]):
        return False
    if text.startswith(("(", "[")):
        return before.end < node.start and before.role not in ("function", "limits")
    close = before.tag == node.tag and before.end == node.start
    return not (close and (before.tag == "mn" or before.attributes == node.attributes == _UPRIGHT))


def _is_differential(node: Node) -> bool:
    """Whether it is written close to what it is of."""
    base = node.content[0] if node.tag == "msup" and isinstance(node.content, tuple) else node
    return base.content in _DIFFERENTIALS


def _is_sign(node: Node) -> bool:
    return node.role == "operator"


def _element(node: Node) -> str:
    if node.tag in ("mspace", "mphantom"):
        return ""
    if isinstance(node.content, str):
        return node.content.replace("\u00a0", " ") if node.tag == "mtext" else SIGNS.get(node.content, node.content)
    if node.tag == DRAWN:
        return ""
    return _WRITERS.get(node.tag, _together)(node.content)


def _together(parts: tuple[Node, ...]) -> str:
    return _row(parts)


def _fraction(parts: tuple[Node, ...]) -> str:
    above, below = map(_element, parts)
    if above.startswith("d") and below.startswith("d"):  # of a derivative, the d of which may be a letter
        above, below = (_D_OF.sub(r"d\1", part) for part in (above, below))
        return f"{above if not _SIGN.search(_IN_BRACKETS.sub('', above)) else f'({above})'}/{below}"
    return f"{_whole(above)}/{_whole(below)}"


def _whole(text: str) -> str:
    """A text in brackets where it is several things."""
    return f"({text})" if _SIGN.search(text) and not _in_brackets(text) else text


def _in_brackets(text: str) -> bool:
    """Whether one pair of brackets stands around all of it."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place == len(text) - 1 and text[0] == "("
    return False


def _lower(parts: tuple[Node, ...]) -> str:
    return f"{_base(parts[0])}{_subscript(parts[1])}"


def _upper(parts: tuple[Node, ...]) -> str:
    return f"{_base(parts[0])}{_superscript(parts[1])}"


def _both(parts: tuple[Node, ...]) -> str:
    return f"{_base(parts[0])}{_subscript(parts[1])}{_superscript(parts[2])}"


def _base(node: Node) -> str:
    """What carries a script: in brackets where it is several things, or a fraction."""
    text = _element(node)
    return f"({text})" if node.tag == "mfrac" or (node.tag == "mrow" and _SIGN.search(text) and not _in_brackets(text)) else text


def _subscript(node: Node) -> str:
    text = "".join(_element(node).split())
    return f"_{text}" if text.isalnum() else f"_{{{text}}}"


def _superscript(node: Node) -> str:
    """Primes, the number of a layer, a transpose or a power; several follow each other, as in ``W^(2)^T``."""
    text = "".join(_element(node).split())
    primes = len(text) - len(text.lstrip("'"))
    rest, found = text[primes:], text[:primes]
    layer = _LAYER.match(rest)
    if layer is not None:
        found, rest = f"{found}^{layer[0]}", rest[layer.end() :]
    if not rest:
        return found
    bare = rest.isalnum() or rest == "*" or (rest[0] == "-" and rest[1:].isalnum())
    return f"{found}^{rest if bare else f'({rest})'}"


def _around(parts: tuple[Node, ...]) -> str:
    """A large sign with what stands below and above it, or an accent, which follows its letter as in plain names."""
    base, *others = parts
    if len(others) == 1 and isinstance(others[0].content, str) and others[0].content in _ACCENT_NAMES:
        return f"{_element(base)}{_ACCENT_NAMES[others[0].content]}"
    texts = ["".join(_element(each).split()) for each in others]
    marks = ("_", "^") if len(texts) == 2 else ("_",)
    return _element(base) + "".join(f"{mark}{{{text}}}" for mark, text in zip(marks, texts, strict=True))


def _root(parts: tuple[Node, ...]) -> str:
    return f"sqrt({_row(parts[:1])})" if len(parts) == 1 else f"root_{_element(parts[1])}({_row(parts[:1])})"


def _table(parts: tuple[Node, ...]) -> str:
    return "; ".join(filter(None, map(_element, parts)))


def _line(parts: tuple[Node, ...]) -> str:
    return " ".join(filter(None, map(_element, parts)))


_WRITERS: Mapping[str, Callable[[tuple[Node, ...]], str]] = MappingProxyType(
    {
        "mfrac": _fraction, "msub": _lower, "msup": _upper, "msubsup": _both, "munder": _around, "mover": _around, "munderover": _around,
        "msqrt": _root, "mroot": _root, "mtable": _table, "mtr": _line,
    }
)  # fmt: skip
