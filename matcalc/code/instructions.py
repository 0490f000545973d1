"""The operations that generated code is made of: how each is written in Python and what it does, one row for each.

A `Code` is one operation on others. The text of a program and the function that runs it are both made from the same codes by this
table, so that they cannot differ. `xp` is the namespace of the arrays: NumPy, JAX, PyTorch or another that follows the array API
standard (2023.12).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter
from types import MappingProxyType
from typing import Any, TypeAlias, final

from matcalc.code import helpers
from matcalc.language.sizes import Shape

Environment: TypeAlias = dict[str, Any]
Run: TypeAlias = Callable[[Environment], Any]
Written: TypeAlias = tuple[str, int]  # a text and how tightly it binds

RAW: Shape = (0,)  # of what a user's function gives, whose axes are not looked at

LOOSE, ADDING, MULTIPLYING, SIGNED, RAISING, ATOM = range(6)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """One operation.

    Attributes:
        operation: a row of `OPERATIONS`.
        operands: what it acts on.
        data: what else it needs: a name, a number, an axis.
        shape: sizes of the array that it gives; none for a number and for an array without axes.
    """

    operation: str
    operands: tuple[Code, ...]
    data: Any
    shape: Shape


@final
@dataclass(frozen=True, slots=True)
class OperationRow:
    """How an operation is written, of the texts of its operands, and how it runs, of the functions that give their values."""

    text: Callable[[Any, Sequence[Written]], Written]
    run: Callable[[Any, Sequence[Run]], Run]


def _bracketed(part: Written, least: int) -> str:
    return part[0] if part[1] >= least else f"({part[0]})"


def _operator(sign: str, binding: int, run: Callable[[Any, Sequence[Run]], Run]) -> OperationRow:
    """An operator that is read from the left: what is on its right is bracketed where it binds no tighter."""

    def text(data: Any, parts: Sequence[Written]) -> Written:
        left, right = parts
        mixed = binding == MULTIPLYING and left[1] == binding and (" @ " in left[0] or sign == "@")
        written = f"({left[0]})" if mixed and not (sign == "@" and _only_products(left[0])) else _bracketed(left, binding)
        return f"{written} {sign} {_bracketed(right, binding + 1)}", binding

    return OperationRow(text, run)


def _only_products(text: str) -> bool:
    return " * " not in text and " / " not in text


def number_text(value: Fraction) -> Written:
    """A number as a float that Python reads back the same."""
    short = repr(float(value))
    if len(short) > 8 and len(str(value)) < len(short) and value.denominator != 1:
        return f"{value.numerator} / {value.denominator}", MULTIPLYING if value > 0 else SIGNED
    return short, ATOM if value >= 0 else SIGNED


def _call_text(function: str, parts: Sequence[str]) -> Written:
    return f"{function}({', '.join(parts)})", ATOM


def _options_text(options: Sequence[tuple[str, Any]]) -> list[str]:
    return [f"{name}={value!r}" for name, value in options]


def _function(data: Any, parts: Sequence[Run]) -> Run:
    """A function of the namespace, such as exp or linalg.inv; data are its name and options."""
    path, options = data
    keywords = dict(options)
    first, _, second = path.partition(".")

    def run(env: Environment) -> Any:
        found = getattr(env["xp"], first)
        return (getattr(found, second) if second else found)(*[part(env) for part in parts], **keywords)

    return run


def _helper(data: Any, parts: Sequence[Run]) -> Run:
    function = helpers.HELPERS[data]
    return lambda env: function(env["xp"], *[part(env) for part in parts])


def _made(data: Any, parts: Sequence[Run]) -> Run:
    """An array made of sizes: ones, zeros or eye; the last operand, where data say so, is an array to be like."""
    name, has_model = data

    def run(env: Environment) -> Any:
        values = [part(env) for part in parts]
        options = helpers.like(values.pop()) if has_model else {}
        sizes = (values[0],) if name == "eye" else (tuple(values),)
        return getattr(env["xp"], name)(*sizes, **options)

    return run


def _made_text(data: Any, parts: Sequence[Written]) -> Written:
    name, has_model = data
    texts = [part[0] for part in parts]
    options = [f"**like({texts.pop()})"] if has_model else []
    sizes = texts[0] if name == "eye" else f"({', '.join(texts)})"
    return _call_text(f"xp.{name}", [sizes, *options])


def _reshape(data: Any, parts: Sequence[Run]) -> Run:
    array, *sizes = parts
    return lambda env: env["xp"].reshape(array(env), tuple([size if isinstance(size, int) else size(env) for size in _shape(data, sizes)]))


def _shape(data: Any, sizes: Sequence[Any]) -> list[Any]:
    """The new shape: data hold -1 or 1 where it stands, None where the next of the sizes does."""
    left = iter(sizes)
    return [next(left) if entry is None else entry for entry in data]


def _reshape_text(data: Any, parts: Sequence[Written]) -> Written:
    shape = [str(entry) for entry in _shape(data, [part[0] for part in parts[1:]])]
    return _call_text("xp.reshape", [parts[0][0], f"({', '.join(shape)}{',' if len(shape) == 1 else ''})"])


def _entry_text(data: Any, parts: Sequence[Written]) -> Written:
    return f"{_bracketed(parts[0], ATOM)}[{', '.join(map(str, data))}]", ATOM


def _loop(data: Any, parts: Sequence[Run]) -> Run:
    low, high, start, body = parts

    def run(env: Environment) -> Any:
        made = start(env)
        for value in range(int(low(env)), int(high(env)) + 1):
            made = made + body({**env, data: value})
        return made

    return run


def _loop_text(data: Any, parts: Sequence[Written]) -> Written:
    low, high, start, body = (part[0] for part in parts)
    return f"sum(({body} for {data} in range(int({low}), int({high}) + 1)), {start})", ATOM


def _argument(data: Any, parts: Sequence[Run]) -> Run:
    return itemgetter(data)


def _constant(value: Any) -> Run:
    return lambda env: value


def _integer_text(data: Any, parts: Sequence[Written]) -> Written:
    return str(data), ATOM if data >= 0 else SIGNED


def _called(data: Any, parts: Sequence[Run]) -> Run:
    return lambda env: env[data](*[part(env) for part in parts])


def _item(data: Any, parts: Sequence[Run]) -> Run:
    array, = parts
    keys = tuple(slice(None) if key == ":" else key for key in data)
    key = keys if len(keys) > 1 else keys[0]
    return lambda env: array(env)[key]


OPERATIONS: Mapping[str, OperationRow] = MappingProxyType(
    {
        "argument": OperationRow(lambda data, parts: (data, ATOM), _argument),
        "size": OperationRow(lambda data, parts: (data, ATOM), _argument),
        "literal": OperationRow(lambda data, parts: (repr(data), ATOM), lambda data, parts: _constant(data)),
        "number": OperationRow(lambda data, parts: number_text(data), lambda data, parts: _constant(float(data))),
        "integer": OperationRow(_integer_text, lambda data, parts: _constant(data)),
        "named": OperationRow(lambda data, parts: parts[0], lambda data, parts: parts[0]),
        "as_given": OperationRow(lambda data, parts: parts[0], lambda data, parts: parts[0]),
        "add": _operator("+", ADDING, lambda data, p: lambda env, a=p[0], b=p[1]: a(env) + b(env)),  # type: ignore[misc]
        "subtract": _operator("-", ADDING, lambda data, p: lambda env, a=p[0], b=p[1]: a(env) - b(env)),  # type: ignore[misc]
        "multiply": _operator("*", MULTIPLYING, lambda data, p: lambda env, a=p[0], b=p[1]: a(env) * b(env)),  # type: ignore[misc]
        "divide": _operator("/", MULTIPLYING, lambda data, p: lambda env, a=p[0], b=p[1]: a(env) / b(env)),  # type: ignore[misc]
        "matmul": _operator("@", MULTIPLYING, lambda data, p: lambda env, a=p[0], b=p[1]: a(env) @ b(env)),  # type: ignore[misc]
        "negate": OperationRow(
            lambda data, parts: (f"-{_bracketed(parts[0], SIGNED)}", SIGNED),
            lambda data, p: lambda env, a=p[0]: -a(env),  # type: ignore[misc]
        ),
        "power": OperationRow(
            lambda data, parts: (f"{_bracketed(parts[0], ATOM)}**{_bracketed(_exponent_text(data), RAISING)}", RAISING),
            lambda data, p: lambda env, a=p[0]: a(env) ** data,  # type: ignore[misc]
        ),
        "transpose": OperationRow(
            lambda data, parts: (f"{_bracketed(parts[0], ATOM)}.T", ATOM), lambda data, p: lambda env, a=p[0]: a(env).T  # type: ignore[misc]
        ),
        "function": OperationRow(
            lambda data, parts: _call_text(f"xp.{data[0]}", [*(part[0] for part in parts), *_options_text(data[1])]), _function
        ),
        "helper": OperationRow(lambda data, parts: _call_text(data, ["xp", *(part[0] for part in parts)]), _helper),
        "called": OperationRow(lambda data, parts: _call_text(data, [part[0] for part in parts]), _called),
        "made": OperationRow(_made_text, _made),
        "reshape": OperationRow(_reshape_text, _reshape),
        "item": OperationRow(_entry_text, _item),
        "position": OperationRow(
            lambda data, parts: (f"{_bracketed(parts[0], ATOM)}[int({parts[1][0]}) - 1, int({parts[2][0]}) - 1]", ATOM),
            lambda data, p: lambda env: p[0](env)[int(p[1](env)) - 1, int(p[2](env)) - 1],
        ),
        "whole": OperationRow(
            lambda data, parts: _call_text("int", [parts[0][0]]), lambda data, p: lambda env, a=p[0]: int(a(env))  # type: ignore[misc]
        ),
        "extent": OperationRow(
            lambda data, parts: (f"{parts[0][0]}.shape[{data}]", ATOM), lambda data, p: lambda env, a=p[0]: a(env).shape[data]  # type: ignore[misc]
        ),
        "loop": OperationRow(_loop_text, _loop),
    }
)  # fmt: skip


def _exponent_text(exponent: int | float) -> Written:
    return str(exponent), ATOM if exponent >= 0 else SIGNED
