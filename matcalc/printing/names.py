"""Plain names in LaTeX: ``W^(1)`` of a matrix is ``\\mathbf{W}^{(1)}``, ``theta_k`` of a scalar ``\\theta_k``.

A plain name is a stem and scripts: ``W_1^(2)`` is W with the subscript 1 and the superscript (2). A name of the form
``dC/dz^(1)`` is that of a named derivative. Arrays are bold, scalars, sizes and elementwise functions are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import final

from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import Shape, Size

LOWER_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho sigma "
    "varsigma tau upsilon phi varphi chi psi omega"
)
UPPER_GREEK = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
COMMANDS = {name: f"\\{name}" for name in [*LOWER_GREEK.split(), *UPPER_GREEK.split(), "ell"]}
COMMANDS |= {"lam": r"\lambda", "Lam": r"\Lambda", "eps": r"\epsilon"}  # what Python programs write
ACCENTS = ("hat", "tilde", "bar", "dot")
SPECIAL = {c: f"\\{c}" for c in "#$%&_{}"} | {"\\": r"\backslash ", "~": r"\sim ", "^": r"\wedge "}

_QUOTIENT = re.compile(r"d(?P<of>[^\W\d][^/]*)/d(?P<by>[^\W\d][^/]*)")
_LETTERS = re.compile(r"[^\W\d_]+")
_STEM = re.compile(r"(?P<letters>[^\W\d_]+)(?P<digits>\d*)")


@final
@dataclass(frozen=True, slots=True)
class PlainName:
    """A plain name in its parts.

    Attributes:
        primes: how many primes follow the stem.
        scripts: ``_`` or ``^`` and what it holds, in the order written, each at most once.
    """

    stem: str
    primes: int
    scripts: tuple[tuple[str, str], ...]


def plain_name(name: str) -> PlainName:
    """The parts of a plain name.

    Example:
        >>> plain_name("W_1^(2)")
        PlainName(stem='W', primes=0, scripts=(('_', '1'), ('^', '(2)')))
    """
    bounds, depth = [], 0
    for i, c in enumerate(name):
        depth += (c in "([{") - (c in ")]}")
        if c in "_^" and depth == 0 and 0 < i < len(name) - 1:
            bounds.append(i)
    bounds.append(len(name))
    scripts: dict[str, str] = {}
    for start, end in pairwise(bounds):
        sign, held = name[start], name[start + 1 : end]
        scripts[sign] = f"{scripts[sign]}{sign}{held}" if sign in scripts else held
    stem = name[: bounds[0]].rstrip("'")
    return PlainName(stem, bounds[0] - len(stem), tuple(scripts.items()))


def quotient_parts(name: str) -> tuple[str, str] | None:
    """The two names in the name of a derivative, ``dC/dz``; None for any other name."""
    found = _QUOTIENT.fullmatch(name)
    return (found["of"], found["by"]) if found else None


def has_superscript(name: str) -> bool:
    """Whether the name holds a superscript or a prime, so that no second one may follow."""
    parts = plain_name(name)
    return parts.primes > 0 or any(sign == "^" for sign, _ in parts.scripts)


def latex_name(name: str, shape: Shape) -> str:
    """The plain name in LaTeX: bold for an array; of a derivative ``dC/dz``, the shape says whether z is one.

    Example:
        >>> print(latex_name("W^(1)", ("m", "n")), latex_name("xhat", ("n",)), latex_name("lam", ()))
        \\mathbf{W}^{(1)} \\hat{\\mathbf{x}} \\lambda
        >>> print(latex_name("dC/dz^(1)", ("n",)))
        \\frac{\\partial C}{\\partial \\mathbf{z}^{(1)}}
    """
    parts = quotient_parts(name)
    if parts:
        of, by = parts
        return rf"\frac{{\partial {latex_name(of, ())}}}{{\partial {latex_name(by, shape)}}}"
    return _with_superscript(name, shape, "")


def latex_transposed_name(name: str, shape: Shape) -> str:
    """The transpose of a named quantity, the sign joined to a superscript that the name has.

    Example:
        >>> print(latex_transposed_name("x", ("n",)), latex_transposed_name("W^(1)", ("m", "n")))
        \\mathbf{x}^\\top \\mathbf{W}^{(1)\\top}
    """
    return _with_superscript(name, shape, r"\top")


def latex_entry(name: str, indices: tuple[str, ...]) -> str:
    """The entry of a named quantity at indices, not bold; bracketed where the name has a subscript of its own.

    An entry of a derivative ``dC/dz`` by a vector is the derivative by an entry; with two indices that would need the layout, so
    they stand outside.

    Example:
        >>> print(latex_entry("W^(1)", ("i", "j")), latex_entry("W_1", ("i", "j")), latex_entry("c", ()))
        W^{(1)}_{ij} (W_1)_{ij} c
        >>> print(latex_entry("dC/dz^(1)", ("i",)))
        \\frac{\\partial C}{\\partial z^{(1)}_i}
    """
    if not indices:
        return latex_name(name, ())
    parts = quotient_parts(name)
    if parts and len(indices) == 1:
        of, by = parts
        return rf"\frac{{\partial {latex_name(of, ())}}}{{\partial {latex_entry(by, indices)}}}"
    written, below = latex_name(name, ()), latex_subscript(indices)
    if parts:
        return rf"\left({written}\right){below}"
    return f"({written}){below}" if is_bracketed_entry(name, len(indices)) else f"{written}{below}"


def is_bracketed_entry(name: str, count: int) -> bool:
    """Whether a name stands in brackets before so many indices: it ends in a subscript, or would be read as Kronecker's delta."""
    parts = plain_name(name)
    digits = _STEM.fullmatch(parts.stem)
    subscript = any(sign == "_" for sign, _ in parts.scripts) or (digits is not None and bool(digits["digits"]))
    return subscript or "/" in name or (name == "delta" and count == 2)


def latex_subscript(*groups: tuple[str, ...]) -> str:
    """A subscript of indices in groups that commas part.

    Example:
        >>> latex_subscript(("i", "j")), latex_subscript(("i_1", "i_2")), latex_subscript(("i",), ("j",))
        ('_{ij}', '_{i_1 i_2}', '_{i,j}')
    """
    return "_" + _grouped(",".join(("" if all(len(i) == 1 for i in group) else " ").join(group) for group in groups))


def latex_size(size: Size) -> str:
    """A size in LaTeX, the factors of a product set apart.

    Example:
        >>> print(latex_size(3))
        3
    """
    if isinstance(size, int):
        return str(size)
    names = [latex_name(name, ()) for name in size.names]
    return " ".join(names if size.coefficient == 1 else [str(size.coefficient), *names])


def _with_superscript(name: str, shape: Shape, more: str) -> str:
    parts = plain_name(name)
    held = dict(parts.scripts)
    stem = _stem(parts.stem, bold=bool(shape), subscript_follows="_" in held)
    below = f"_{_grouped(_script(held['_']))}" if "_" in held else ""
    above = "'" * parts.primes  # TeX wants a superscript right behind the primes
    if "^" in held:
        above += f"^{{{_script(held['^'])}{more}}}"
    elif more:
        above += f"^{more}"
    return stem + (above + below if list(held)[:1] == ["^"] else below + above)


def _stem(stem: str, *, bold: bool, subscript_follows: bool) -> str:
    """The stem with its accent; digits at its end are a subscript, unless another one follows."""
    found = _STEM.fullmatch(stem)
    if found is None or (found["digits"] and subscript_follows):
        return _letter(_escaped(stem), bold=bold)
    letters, digits = found["letters"], f"_{_grouped(found['digits'])}" if found["digits"] else ""
    for accent in ACCENTS:
        base = letters.removesuffix(accent)
        if base != letters and (len(base) == 1 or base in COMMANDS):
            return rf"\{accent}{{{_letter(base, bold=bold)}}}{digits}"
    if is_increment(letters):
        return f"d{_stem(stem[1:], bold=bold, subscript_follows=subscript_follows)}"
    return _letter(letters, bold=bold) + digits


def is_increment(letters: str) -> bool:
    """Whether a word is d before one letter, or before one with an accent: the increment dx of x in a differential."""
    rest = letters[1:]
    plain = next((rest.removesuffix(accent) for accent in ACCENTS if rest.endswith(accent) and rest != accent), rest)
    return letters[0] == "d" and (len(plain) == 1 or plain in COMMANDS)


def _letter(letters: str, *, bold: bool) -> str:
    if letters in COMMANDS:
        return rf"\boldsymbol{{{COMMANDS[letters]}}}" if bold else COMMANDS[letters]
    if bold:
        return rf"\mathbf{{{letters}}}"
    return letters if len(letters) == 1 else rf"\mathit{{{letters}}}"


def _script(held: str) -> str:
    """What a script holds: Greek letters as commands, words of three letters and more upright."""
    if held.startswith("{") and held.endswith("}"):
        held = held[1:-1]

    def word(found: re.Match[str]) -> str:
        letters = found[0]
        return COMMANDS.get(letters) or (rf"\mathrm{{{letters}}}" if len(letters) > 2 else letters)

    written = ""
    pieces = [_LETTERS.sub(word, piece) if piece in ("_", "^") or piece.isalnum() else _escaped(piece) for piece in _tokens(held)]
    for k in range(len(pieces) - 1, -1, -1):  # TeX takes no second script of a kind beside the first one: it stands within it
        again = pieces[k] in ("_", "^") and pieces[k] in pieces[k + 1 :]
        written = f"{pieces[k]}{{{written}}}" if again else pieces[k] + written
    return written


def _tokens(held: str) -> list[str]:
    return re.findall(r"[^\W\d_]+|\d+|[_^](?=.)|.", held)


def _escaped(text: str) -> str:
    return "".join(SPECIAL.get(c, c) for c in text)


def _grouped(inside: str) -> str:
    """In braces, unless one character."""
    return inside if len(inside) == 1 else f"{{{inside}}}"


register(METHODS, "size_latex", latex_size)
