"""Operations that an answer names by words, as code does: kron(A, B), np.linalg.inv(A), transpose(W)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from matcalc.errors import ReadError

_PACKAGE = re.compile(r"(?<![\\\w.])(?:np|numpy|mc|matcalc|sp|scipy|jnp|torch)\.(?:linalg\.)?(?=[A-Za-z])")
_STYLE = r"\\(?:operatorname|mathrm|mathop|text|mathbf)\s*\{\s*"

# Each word with the number of its arguments, and what it is in LaTeX.
_MEANINGS: Mapping[str, tuple[int, Callable[..., str]]] = {
    "kron": (2, lambda a, b: rf"(({a}) \otimes ({b}))"),
    "hadamard": (2, lambda a, b: rf"(({a}) \odot ({b}))"),
    "multiply": (2, lambda a, b: rf"(({a}) \odot ({b}))"),
    "matmul": (2, lambda a, b: f"(({a}) ({b}))"),
    "dot": (2, lambda a, b: f"(({a}) ({b}))"),
    "outer": (2, lambda a, b: rf"(({a}) ({b})^\top)"),
    "transpose": (1, lambda a: rf"({a})^\top"),
    "inv": (1, lambda a: f"({a})^{{-1}}"),
    "eye": (1, lambda n: rf"\mathbf{{I}}_{{{n}}}"),
    "identity": (1, lambda n: rf"\mathbf{{I}}_{{{n}}}"),
    "ones": (1, lambda n: rf"\mathbf{{1}}_{{{n}}}"),
    "inverse": (1, lambda a: f"({a})^{{-1}}"),
}
_SCRIPTED = ("transpose", "inv", "inverse")  # to be put in brackets, so that another script may follow
_CALL = re.compile(rf"(?:{_STYLE}(?P<styled>{'|'.join(_MEANINGS)})\s*\}}|(?<![\\\w])(?P<bare>{'|'.join(_MEANINGS)}))\s*(?:\\left)?\(")


def without_calls(text: str) -> str:
    """A text with the operations that it calls by words written as signs.

    Raises:
        ReadError: an operation has another number of arguments, or its bracket is never closed.

    Example:
        >>> print(without_calls("np.kron(B^T, A) - kron(inv(C), D)"))
        ((B^T) \\otimes (A)) - ((((C)^{-1})) \\otimes (D))
    """
    text = _PACKAGE.sub("", text)
    calls = list(_CALL.finditer(text))
    if not calls:
        return text
    found = calls[-1]  # no other one stands inside it
    word = found["styled"] or found["bare"]
    count, written = _MEANINGS[word]
    arguments, end = _arguments(text, found.end(), word)
    if len(arguments) != count:
        raise ReadError(f"{word} takes {count} argument{'s' * (count > 1)}, here it has {len(arguments)}.")
    made = written(*arguments)
    return without_calls(f"{text[: found.start()]}{f'({made})' if word in _SCRIPTED else made}{text[end:]}")


def _arguments(text: str, start: int, word: str) -> tuple[list[str], int]:
    """What stands between the commas of a call, and where it ends."""
    found, depth, at = [], 0, start
    for k in range(start, len(text)):
        depth += (text[k] in "([{") - (text[k] in ")]}")
        if depth < 0 or depth == 0 and text[k] == ",":
            found.append(text[at:k].strip().removesuffix(r"\right").strip())
            at = k + 1
        if depth < 0:
            return found, k + 1
    raise ReadError(f"The bracket of {word}( is never closed.")
