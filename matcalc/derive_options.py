"""What people type behind ``matcalc derive``: the formula, shapes and functions of its names, variables; and how to mend a slip."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence

import click

from matcalc.errors import MatcalcError, UnknownNameError, near_name, near_names
from matcalc.language.asked import Declarations
from matcalc.language.definitions import is_definition, left_side
from matcalc.language.elementwise import KNOWN_FUNCTIONS
from matcalc.language.mentions import Unknown
from matcalc.language.naming import key_or_none
from matcalc.language.reading.names import Key, NameKey
from matcalc.language.reading.quantities import names_without_meaning
from matcalc.language.reading.scope import FunctionLike, Scope, declared
from matcalc.language.reading.vocabulary import operation_named

SHAPE_FORMS = 'x=n (a column), "A=m n" (a matrix), "r=1 n" (a row), c= (a scalar)'
FUNCTION_FORMS = 'f=elementwise, f=tanh, "u(x)=m" (a map of x with m entries), "C(a,y)=" (a scalar map)'

_APPLIED = re.compile(r"(?P<name>.*[^\s^_])\s*\((?P<of>(?:[^()]|\([^()]*\))*)\)")
_BETWEEN_SIZES = re.compile(r"\s*[,×]\s*|\s+x\s+|\s+")
_COMMANDS = "mathbf boldsymbol mathrm mathsf top frac tfrac operatorname odot otimes partial left right sum sqrt"
_LOST_BACKSLASH = re.compile(rf"(?<![\\A-Za-z])({'|'.join(_COMMANDS.split())})(?![A-Za-z])")
_ONE_SIZE = r"(?:[A-Za-z](?:_?\d+)?|\d+)"
_SIZES_JOINED = re.compile(rf"({_ONE_SIZE})x({_ONE_SIZE})")
_IN_FORMULAS = re.compile(r"[\\{}^_+*/() ]")
_BEGINS_WITH_MINUS = re.compile(r"-(?!-)(?=.*[\\{}^_+*/() \d])..", re.DOTALL)
_KNOWN = re.compile(r"\n    (Known names: |No names are known).*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\t]")


def shapes_given(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> dict[str, str]:
    """The shapes of the names."""
    found = {name: _sizes(shape) for name, shape in _pairs(param, value, SHAPE_FORMS).items()}
    for name, shape in found.items():
        joined = _SIZES_JOINED.fullmatch(shape)
        if joined:
            claim = f"{name}={shape} would be a column whose size is named {shape}."
            raise click.BadParameter(f'{claim} Of a matrix write "{name}={joined[1]} {joined[2]}".', param=param)
    return found


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


def check_declared(formula: str, variables: Sequence[str], declarations: Declarations) -> None:
    """Raise unless every name in the formula and every variable is declared, with the options that would declare them.

    Raises:
        UnknownNameError: names are not declared.
        MatcalcError: a declaration is none, or the text is no formula.
    """
    scope = declared(declarations.shapes, declarations.functions, declarations.names, declarations.assume)
    found = {each.name: each for each in names_without_meaning(formula, scope)}
    if found and (_CONTROL.search(formula) or _LOST_BACKSLASH.search(formula)):
        raise next(iter(found.values())).error  # `way_out` says why; nothing is to be declared
    defined = left_side(formula) if is_definition(formula) else None
    by = [name for name in dict.fromkeys(variables) if not _is_declared(key_or_none(name), defined, scope)]
    by = [name for name in by if plain_or_text(name) not in found]
    if not found and not by:
        return
    lines = [_KNOWN.sub("", str(each.error)) for each in list(found.values())[:1]]
    given = [_option(each) for each in found.values() if each.name[0].isalpha()]
    given += [f"--shape {name}=..." for name in by]
    if by:
        known = scope.plain_names()
        near = f" {near_names(plain_or_text(by[0]), known)}" if known else ""
        lines.append(f"{'    ' if found else ''}{', '.join(by)}, which --wrt names, {'is' if len(by) == 1 else 'are'} not declared.{near}")
    if len(found) > 1:
        lines.append(f"    Not declared: {', '.join(found)}.")
    lines.append(f"    Give each its shape, as {' '.join(given)}" if given else "    Give each its shape.")
    lines.append(f"    A shape is {SHAPE_FORMS}.")
    if any(each.applied for each in found.values()):
        lines.append(f"    A function is {FUNCTION_FORMS}.")
    raise UnknownNameError("\n".join(lines))


def _is_declared(key: NameKey | None, defined: NameKey | None, scope: Scope) -> bool:
    return key is not None and (key == defined or key in scope.quantities or key in scope.functions)


def plain_or_text(name: str) -> str:
    """The plain name that a text writes, or the text."""
    key = key_or_none(name)
    return key.plain if isinstance(key, Key) else name


def _option(unknown: Unknown) -> str:
    """An option that would declare a name: a guess of its kind, to be corrected."""
    if unknown.applied:
        return f"--function {unknown.name}=elementwise"
    return f'--shape "{unknown.name}=m n"' if unknown.name[0].isupper() else f"--shape {unknown.name}=n"


def way_out(error: MatcalcError, formula: str) -> str:
    """The lines that say what to do at the command line about an error; empty where the error says it."""
    if _CONTROL.search(formula):
        return "\n    The formula holds a control character, as where \\t or \\f was read for one: put the formula in single quotes."
    lost = _LOST_BACKSLASH.search(formula)
    if lost:
        return f"\n    The backslash of \\{lost[0]} seems lost: put the formula in single quotes."
    if isinstance(error, UnknownNameError) and "--shape" in str(error):
        return ""
    if isinstance(error, UnknownNameError) and "\n" not in str(error):
        return "\n    A name is declared by --shape NAME=SIZES, a function by --function NAME=KIND."
    if isinstance(error, UnknownNameError):
        return f"\n    Declare a quantity by --shape: {SHAPE_FORMS}.\n    Declare a function by --function: {FUNCTION_FORMS}."
    return ""


# ---- the order of the words ------------------------------------------------------------------------------------------


def formula_last(words: Sequence[str], options: Sequence[click.Parameter]) -> list[str]:
    """The words of the command line, with a formula that begins with a minus behind all options, where click takes it for a formula.

    A word is taken for one that is no value of an option, begins with one minus, not with a known short option, and holds what no option
    does. What follows -- is the formula, and then options again.
    """
    valued = {name for option in options if isinstance(option, click.Option) and not option.is_flag for name in option.opts}
    short = {name for option in options if isinstance(option, click.Option) for name in option.opts if not name.startswith("--")} | {"-h"}
    rest: list[str] = []
    formulas: list[str] = []
    i = 0
    while i < len(words):
        word = words[i]
        if word == "--" and i + 1 < len(words):
            formulas.append(words[i + 1])
            i += 2
        elif word in valued:
            rest += words[i : i + 2]
            i += 2
        elif _BEGINS_WITH_MINUS.match(word) and (word[:2] not in short or (_IN_FORMULAS.search(word) and "=" not in word)):
            formulas.append(word)
            i += 1
        else:
            rest.append(word)
            i += 1
    return [*rest, "--", *formulas] if formulas else rest


class FormulaCommand(click.Command):
    """A command whose argument is a formula, which may begin with a minus."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, formula_last(args, self.params))
