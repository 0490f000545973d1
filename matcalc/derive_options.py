"""What people type behind ``matcalc derive``: the formula, shapes and functions of its names, variables; and how to mend a slip."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence

import click

from matcalc.errors import MatcalcError, UnknownNameError, near_name
from matcalc.language.elementwise import KNOWN_FUNCTIONS
from matcalc.language.reading.scope import FunctionLike
from matcalc.language.reading.vocabulary import operation_named

SHAPE_FORMS = 'x=n (a column), "A=m n" (a matrix), "r=1 n" (a row), c= (a scalar)'
FUNCTION_FORMS = 'f=elementwise, f=tanh, "u(x)=m" (a map of x with m entries), "C(a,y)=" (a scalar map)'

_APPLIED = re.compile(r"(?P<name>.*[^\s^_])\s*\((?P<of>(?:[^()]|\([^()]*\))*)\)")
_BETWEEN_SIZES = re.compile(r"\s*[,×]\s*|\s+x\s+|\s+")
_COMMANDS = "mathbf boldsymbol mathrm mathsf top frac tfrac operatorname odot otimes partial left right sum sqrt"
_LOST_BACKSLASH = re.compile(rf"(?<![\\A-Za-z])({'|'.join(_COMMANDS.split())})(?![A-Za-z])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\t]")


def shapes_given(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> dict[str, str]:
    """The shapes of the names."""
    return {name: _sizes(shape) for name, shape in _pairs(param, value, SHAPE_FORMS).items()}


def functions_given(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> dict[str, FunctionLike]:
    """The functions by name, each as `parse` takes it."""
    found: dict[str, FunctionLike] = {}
    for written, kind in _pairs(param, value, FUNCTION_FORMS).items():
        applied = _APPLIED.fullmatch(written)
        if applied is not None:
            name, of = applied["name"], [each for each in map(str.strip, applied["of"].split(",")) if each]
            meaning: FunctionLike = {"of": of, "shape": _sizes(kind)} if of else {"shape": _sizes(kind)}
        elif kind in ("elementwise", "matrix") or operation_named(kind) in KNOWN_FUNCTIONS:
            name, meaning = written, kind
        else:
            hint = near_name(kind, ["elementwise", "matrix", *KNOWN_FUNCTIONS])
            raise click.BadParameter(
                " ".join(filter(None, (f"{written}={kind} is none of the forms.", hint, f"Write {FUNCTION_FORMS}."))), param=param
            )
        if found.setdefault(name, meaning) != meaning:
            raise click.BadParameter(f"{name} is given twice: leave one out.", param=param)
    return found


def _pairs(param: click.Parameter, given: Sequence[str], forms: str) -> dict[str, str]:
    """Names and what stands behind the sign =, each name once."""
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not name:
            raise click.BadParameter(f"{text!r} is not of the form NAME=...: write {forms}.", param=param)
        if found.setdefault(name, value) != value:
            raise click.BadParameter(f"{name} is given twice, as {found[name]!r} and as {value!r}: leave one out.", param=param)
    return found


def _sizes(text: str) -> str:
    """The sizes of a shape, which may stand in brackets and have commas or x between them."""
    inside = text[1:-1] if text[:1] + text[-1:] in ("()", "[]") else text
    return " ".join(filter(None, _BETWEEN_SIZES.split(inside)))


def formula_given(words: Sequence[str]) -> str:
    """The formula, from the command line or the standard input."""
    if len(words) > 1:
        raise click.UsageError(
            f"One formula is expected, {len(words)} words were given: {'  '.join(map(repr, words))}. Put the formula in single quotes, "
            'and a shape with a space in quotes: --shape "A=n n".'
        )
    text = "" if not words else sys.stdin.read() if words[0] == "-" else words[0]
    if not text.strip():
        raise click.UsageError(r"There is no formula: give one in quotes, as '\mathbf{x}^\top \mathbf{x}', or - to read it from the input.")
    return text.strip("\ufeff \t\r\n")


def variables_given(wrt: Sequence[str], shapes: Mapping[str, str], hessian: bool) -> Sequence[str]:
    """The variables, as many as there may be."""
    if not wrt:
        declared = f", one of {', '.join(shapes)}" if shapes else ", and its shape by --shape NAME=SIZES"
        raise click.UsageError(f"By which variable? Give it by --wrt NAME{declared}.")
    if len(wrt) > (2 if hessian else 1):
        most = "A Hessian is by one variable or two" if hessian else "A derivative is by one variable; two are for --hessian"
        raise click.UsageError(f"{most}; given are {', '.join(wrt)}.")
    return wrt


def way_out(error: MatcalcError, formula: str) -> str:
    """The lines that say what to do at the command line about an error; empty where the error says it."""
    if _CONTROL.search(formula):
        return "\n    The formula holds a control character, as where \\t or \\f was read for one: put the formula in single quotes."
    lost = _LOST_BACKSLASH.search(formula)
    if lost:
        return f"\n    The backslash of \\{lost[0]} seems lost: put the formula in single quotes."
    if isinstance(error, UnknownNameError) and "\n" not in str(error):
        return "\n    A name is declared by --shape NAME=SIZES, a function by --function NAME=KIND."
    if isinstance(error, UnknownNameError):
        return f"\n    Declare a quantity by --shape: {SHAPE_FORMS}.\n    Declare a function by --function: {FUNCTION_FORMS}."
    return ""
