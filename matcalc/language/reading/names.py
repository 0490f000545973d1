"""Names in LaTeX and plain names: ``\\mathbf{W}_1^{(2)}`` is ``W_1^(2)``, ``\\hat{\\mathbf{x}}`` is ``xhat``.

Two writings are one name if their keys are equal: stem, subscript, superscript and primes, without style, braces and spaces.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from matcalc.errors import MatcalcError
from matcalc.language.reading.lexer import Token, Tokens, lexed

_STYLE_WORDS = "mathbf boldsymbol mathrm mathit mathsf mathtt mathcal mathscr mathfrak mathbb vec symbf mathnormal text"
_GREEK_WORDS = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho sigma "
    "varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell"
)
STYLES = frozenset(f"\\{word}" for word in _STYLE_WORDS.split())
BOLD = frozenset((r"\mathbf", r"\boldsymbol", r"\mathbb", r"\symbf", r"\vec"))
ACCENTS = frozenset((r"\hat", r"\tilde", r"\bar", r"\dot"))
GREEK = frozenset(_GREEK_WORDS.split())
_TAKES_ONE = STYLES | ACCENTS | {r"\operatorname"}
ESCAPED = frozenset(rf"\{c}" for c in "#$%&_{}")

MOST_KEPT = 1_000  # names whose keys are kept: the same declarations serve one formula after another
_ALIASES = {"lam": "lambda", "Lam": "Lambda", "eps": "epsilon"}
_STEM = re.compile(r"([^\W\d_]+)(\d+)")
_ACCENTED = re.compile(r"(.+)(hat|tilde|bar|dot)")
_QUOTIENT = re.compile(r"d([^\W\d][^/]*)/d([^\W\d][^/]*)")


class Key(NamedTuple):
    """What two writings of one name have in common."""

    stem: str
    below: str = ""
    above: str = ""
    primes: int = 0

    @property
    def plain(self) -> str:
        """The plain name of this key."""
        below = f"_{_grouped(self.below)}" if self.below else ""
        above = f"^{_grouped(self.above)}" if self.above else ""
        return f"{self.stem}{chr(39) * self.primes}{below}{above}"


NameKey: TypeAlias = Key | tuple[Key, Key]


def _grouped(held: str) -> str:
    """A script in a plain name: in braces unless it is a word or stands in brackets."""
    bracketed = held[0] + held[-1] in ("()", "[]")
    return held if held.isalnum() or bracketed else f"{{{held}}}"


def aliased(stem: str) -> str:
    """The stem with the short names of Greek letters written out."""
    if stem in _ALIASES:
        return _ALIASES[stem]
    accented = _ACCENTED.fullmatch(stem)
    return _ALIASES[accented[1]] + accented[2] if accented and accented[1] in _ALIASES else stem


@lru_cache(maxsize=4096)
def key_of_plain(name: str) -> NameKey:
    """The key of a plain name, or two keys of the name of a derivative ``dC/dz``.

    Example:
        >>> key_of_plain("W_1^(2)") == key_of_plain("W1^{(2)}") == key_of_latex(r"\\mathbf{W}_1^{(2)}")
        True
    """
    quotient = _QUOTIENT.fullmatch(name)
    return (_key(quotient[1]), _key(quotient[2])) if quotient else _key(name)


def _key(name: str) -> Key:
    bounds, depth = [], 0
    for i, c in enumerate(name):
        depth += (c in "([{") - (c in ")]}")
        if c in "_^" and depth == 0 and 0 < i < len(name) - 1:
            bounds.append(i)
    bounds.append(len(name))
    held = {"_": "", "^": ""}
    for start, end in pairwise(bounds):
        sign = name[start]
        inside = re.sub(r"[{}\s]", "", name[start + 1 : end])
        held[sign] = f"{held[sign]}{sign}{inside}" if held[sign] else inside
    stem = name[: bounds[0]].rstrip("'")
    digits = _STEM.fullmatch(stem)
    if digits and not held["_"]:
        return Key(aliased(digits[1]), digits[2], held["^"], bounds[0] - len(stem))
    return Key(aliased(stem), held["_"], held["^"], bounds[0] - len(stem))


def letters_and_digits(stem: str) -> tuple[str, str]:
    """A stem such as W1 in its letters and its digits, which count as a subscript."""
    parted = _STEM.fullmatch(stem)
    return (aliased(parted[1]), parted[2]) if parted else (stem, "")


def letters_of(script: str) -> list[str]:
    """The letters and Greek letters that a script is made of."""
    words = re.findall(r"[^\W\d_]+", script)
    return [letter for word in words for letter in ([word] if word in GREEK else word)]


def is_latex(name: str) -> bool:
    """Whether a name is written in LaTeX, rather than plain."""
    return "\\" in name or "{" in name


@lru_cache(MOST_KEPT)
@lru_cache(maxsize=4096)
def plain_of(name: str) -> str:
    """The plain name that a plain name or any LaTeX writing of a symbol stands for.

    Example:
        >>> plain_of(r"\\mathbf{W}^{(1)}"), plain_of(r"\\boldsymbol{\\theta}_k"), plain_of(r"\\hat{\\mathbf{x}}"), plain_of("h_{t-1}")
        ('W^(1)', 'theta_k', 'xhat', 'h_{t-1}')
    """
    key = key_in_latex(name)
    if key is None:
        return name
    return key.plain if isinstance(key, Key) else f"d{key[0].plain}/d{key[1].plain}"


@lru_cache(MOST_KEPT)
def key_of(name: str) -> NameKey:
    """The key of a plain name, that may have braces around a script, or of a name in LaTeX."""
    return key_in_latex(name) or key_of_plain(name)


def key_in_latex(name: str) -> NameKey | None:
    """The key of a name in LaTeX; None of a plain one, which may hold braces too, as ``mu^{(l)}``.

    Raises:
        MatcalcError: the text has commands and is no name.
    """
    if not is_latex(name):
        return None
    try:
        return key_of_latex(name)
    except MatcalcError:
        if "\\" in name:
            raise
        return None


@lru_cache(maxsize=4096)
def key_of_latex(name: str) -> NameKey:
    """The key of a name that is written in LaTeX.

    Raises:
        MatcalcError: the text is no name.
    """
    tokens = lexed(name)
    end = len(tokens.list)
    if tokens.list and tokens.list[0].text == r"\frac":
        above = argument(tokens, 1, end)
        below = argument(tokens, above[1], end) if above else None
        if above and below and below[1] == end:
            found = tuple(quotient_key(tokens, *unbraced(tokens, *part)) for part in (above, below))
            if found[0] and found[1]:
                return found[0], found[1]
    key = key_of_tokens(tokens, 0, end)
    if key is None:
        raise MatcalcError(f"{name!r} is no name: a letter or a styled word with scripts is, as \\mathbf{{W}}^{{(1)}} or W_1.")
    return key


def quotient_key(tokens: Tokens, start: int, end: int) -> Key | None:
    """The key of what stands behind a ``\\partial``."""
    return key_of_tokens(tokens, start + 1, end) if start < end and tokens.list[start].text == r"\partial" else None


def key_of_tokens(tokens: Tokens, start: int, end: int) -> Key | None:
    """The key of a name that fills the tokens from ``start`` to ``end``; None if something else stands there."""
    first = argument(tokens, start, end)
    if first is None:
        return None
    stem = stem_of(tokens, *first)
    if stem is None:
        return None
    i, primes, held = first[1], 0, {"_": "", "^": ""}
    while i < end:
        sign = tokens.list[i].text
        if sign == "'":
            primes, i = primes + 1, i + 1
            continue
        script = argument(tokens, i + 1, end) if sign in held and not held[sign] else None
        if script is None:
            return None
        held[sign], i = script_text(tokens, *script), script[1]
    return Key(stem, held["_"], held["^"], primes)


def argument(tokens: Tokens, i: int, end: int) -> tuple[int, int] | None:
    """The tokens of what TeX takes as one argument at ``i``: a group, or one token with the commands before it."""
    j = i
    while j < end and tokens.list[j].text in _TAKES_ONE:
        j += 1
    if j >= end or tokens.list[j].text == "}":
        return None
    if tokens.list[j].text == r"\frac":
        if j + 1 < end and tokens.list[j + 1].text.isdecimal() and len(tokens.list[j + 1].text) == 2:
            return i, j + 2  # \\frac12
        below = tokens.closing.get(j + 1, end) + 1
        return (i, tokens.closing[below] + 1) if below in tokens.closing else None
    return i, tokens.closing[j] + 1 if j in tokens.closing else j + 1


def unbraced(tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    """The tokens inside the braces around them, if there are any."""
    while start < end and tokens.closing.get(start) == end - 1:
        start, end = start + 1, end - 1
    return start, end


def braced(tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    """The tokens with the braces around them, if there are any."""
    while tokens.closing.get(start - 1) == end:
        start, end = start - 1, end + 1
    return start, end


def stem_of(tokens: Tokens, start: int, end: int) -> str | None:
    """The stem that tokens spell out, styles left out and accents added: a letter, a Greek letter or a styled word."""
    accents: list[str] = []
    while start < end:
        start, end = unbraced(tokens, start, end)
        text = tokens.list[start].text if start < end else ""
        if text in STYLES or text == r"\operatorname":
            start += 1
        elif text in ACCENTS:
            accents.append(text[1:])
            start += 1
        else:
            break
    letters = [_letter(token) for token in tokens.list[start:end]]
    if not letters or None in letters or not (letters[0] or "").isalpha():
        return None
    if len(letters) > 1 and any(len(letter or "") > 1 and (letter or "").isalpha() for letter in letters):
        return None
    return aliased("".join(map(str, letters)) + "".join(reversed(accents)))


def _letter(token: Token) -> str | None:
    """What a token adds to a stem."""
    if token.kind in ("letter", "number"):
        return token.text
    if token.kind == "command" and token.text[1:] in GREEK:
        return token.text[1:]
    return token.text[1:] if token.text in ESCAPED else None


def script_text(tokens: Tokens, start: int, end: int) -> str:
    """A script without style, braces and spaces; Greek letters by their names."""
    skipped = STYLES | {"{", "}"}
    texts = (token.text for token in tokens.list[start:end] if token.text not in skipped)
    return "".join(text[1:] if text[0] == "\\" else text for text in texts)
