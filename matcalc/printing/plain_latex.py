"""Plain formulas in LaTeX, for sentences in notebooks and pages: ``(da/dz)^T f'(z)`` is set as a formula.

What is written by `matcalc.printing.text` comes back as LaTeX, name by name; it is for readers, not for the reader of formulas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from matcalc.language.sizes import Shape
from matcalc.printing.names import latex_name, latex_transposed_name, quotient_parts

NO_SHAPES: Mapping[str, Shape] = MappingProxyType({})
SIGNS: Mapping[str, str] = MappingProxyType(
    {"⊙": r"\odot", "⊗": r"\otimes", "⊘": r"\oslash", "·": r"\cdot", "≠": r"\neq", "∇": r"\nabla", "*": r"\,", "δ": r"\delta", "‖": r"\|"}
)  # fmt: skip
_SCRIPT = r"(?:[_^](?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\([\w+\-]+\)|\[[\w+\-]+\]|\w+))"
_NAME = rf"[^\W\d_δ]+\d*'*{_SCRIPT}*"
_TOKEN = re.compile(
    rf"(?P<quotient>d{_NAME}/d{_NAME})|(?P<name>{_NAME})|(?P<script>[_^](?:-?\w+|\+))|(?P<times>(?<=[\w}}]) x (?=[\w{{]))|(?P<sign>\S)"
)
_LAST_SCRIPT = re.compile(rf"{_SCRIPT}$")
_UPRIGHT = frozenset(
    ("diag", "tr", "vec", "sum", "norm", "det", "logdet", "inv", "exp", "log", "sin", "cos", "tanh", "sqrt", "softmax", "sigmoid", "relu")
)
_SIZES = re.compile(r"[\w{}+\-*]+(?: x [\w{}+\-*]+)+")


def plain_in_latex(text: str, shapes: Mapping[str, Shape] = NO_SHAPES) -> str:
    r"""A plain formula in LaTeX.

    Args:
        text: as `matcalc.printing.text` writes it.
        shapes: by plain name; arrays are bold.

    Example:
        >>> print(plain_in_latex("(da/dz)^T (f'(z) ⊙ delta^(2)) W^(2)^T", {"W^(2)": ("m", "n"), "z": ("m",)}))
        (\frac{\partial a}{\partial \mathbf{z}})^\top (f'(\mathbf{z}) \odot \delta^{(2)}) \mathbf{W}^{(2)\top}
        >>> print(plain_in_latex("n_1 x n_0"), plain_in_latex("I_{n_1} diag(v)"))
        n_1 \times n_0 I_{n_1} \operatorname{diag}(v)
    """
    sizes = _SIZES.fullmatch(text) is not None

    def written(found: re.Match[str]) -> str:
        kind = found.lastgroup
        if kind == "quotient":
            return _quotient(found[0], shapes)
        if kind == "name":
            return _name(found[0], shapes, called=found.string[found.end() : found.end() + 1] == "(")
        if kind == "script":
            return {"^T": r"^\top"}.get(found[0], f"{found[0][0]}{{{found[0][1:]}}}")
        if kind == "times":
            return r" \times " if sizes else f" {_name('x', shapes, called=False)} "
        sign = SIGNS.get(found[0], found[0])
        return f"{sign} " if sign[-1].isalpha() and found.string[found.end() : found.end() + 1].isalnum() else sign

    return _TOKEN.sub(written, text)


def _quotient(text: str, shapes: Mapping[str, Shape]) -> str:
    parts = quotient_parts(text)
    assert parts is not None
    of, by = (_named(part, shapes) for part in parts)
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


def _name(text: str, shapes: Mapping[str, Shape], *, called: bool) -> str:
    """A name, or a function before its brackets."""
    if called and text in _UPRIGHT:
        return rf"\operatorname{{{text}}}"
    if text.startswith("sum_"):
        return rf"\{text}"
    base = text.removesuffix("^T")
    return latex_transposed_name(base, shapes.get(base, ())) if base != text else _named(text, shapes)


def _named(name: str, shapes: Mapping[str, Shape]) -> str:
    """A name that is known, with a power where one follows; all else, as an entry, is not bold."""
    power = _LAST_SCRIPT.search(name)
    base = name[: power.start()] if power else name
    if name not in shapes and power and power[0][0] == "^" and base in shapes:
        return f"{latex_name(base, shapes[base])}^{{{power[0][1:].strip('{}')}}}"
    return latex_name(name, shapes.get(name, ()))
