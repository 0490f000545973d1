"""A program: arguments, statements and results, from which both its text and the function that carries it out are made."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, final

from matcalc.code import helpers
from matcalc.code.codes import looked_through
from matcalc.code.instructions import Code, Run
from matcalc.code.statements import Statement, in_order, run_of, text_of
from matcalc.errors import EvaluationError, near_name
from matcalc.language.sizes import Dim, Shape, Size

MARGIN = "    "


@final
@dataclass(frozen=True, slots=True)
class Argument:
    """What a program is given.

    Attributes:
        identifier: its name in the program.
        name: its plain name.
        kind: ``array``, ``scalar``, ``size`` or ``function``.
        shape: of an array, as rows and columns.
        told: what the docstring says of it.
    """

    identifier: str
    name: str
    kind: str
    shape: Shape
    told: str


@final
@dataclass(frozen=True, slots=True)
class Read:
    """A size that is read from an array."""

    identifier: str
    array: str
    axis: int


@final
class Source(str):
    """The text of a program, which a notebook shows as code."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}```"


@final
class Program:
    """Generated code: call it with arrays, or print its ``source``, which runs by itself on NumPy, JAX and PyTorch arrays.

    Shapes: columns are (n, 1) arrays, rows (1, n), matrices (m, n); scalars are numbers or arrays without axes. Results likewise.

    Attributes:
        name: of the function.
        title: first line of its docstring.
        arguments: arrays and scalars, then sizes that no array tells and unknown functions, which are given by keyword.
        reads: sizes read from the arrays.
        statements: named intermediate results, in order.
        results: what is returned, each with its key; a single one without a key is returned alone.

    Example:
        >>> import matcalc as mc
        >>> W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
        >>> program = (W @ x + b).to_numpy()
        >>> program([[1.0]], 2.0)
        Traceback (most recent call last):
            ...
        matcalc.errors.EvaluationError: W is no array but a list: give a 2-D array, such as numpy.array([[1.0, 2.0]]).
        x is an array of shape (n, 1); 2.0 has none.
        b is missing: an array of shape (m, 1).
    """

    def __init__(
        self,
        name: str,
        title: str,
        arguments: Sequence[Argument],
        reads: Sequence[Read],
        statements: Sequence[Statement],
        results: Sequence[tuple[str | None, Code, str]],
    ) -> None:
        self.name = name
        self.title = title
        self.arguments = tuple(arguments)
        self.statements = tuple(statements)
        self.results = tuple((key, looked_through(code), told) for key, code, told in results)
        needed = {code.data for code in self._codes if code.operation == "size"}
        self.reads = tuple(read for read in reads if read.identifier in needed)
        self._names = {statement.code: statement.name for statement in statements}
        self._fitting: tuple[Any, ...] | None = None  # what told apart the values that fitted last, so that their like are not looked at

    @cached_property
    def _codes(self) -> list[Code]:
        return in_order([*(statement.code for statement in self.statements), *(code for _, code, _ in self.results)])

    @property
    def operations(self) -> tuple[str, ...]:
        """What the program does, operation by operation: of a function or helper its name."""
        return tuple(_operation_name(code) for code in self._codes)

    @cached_property
    def _given_first(self) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if argument.kind in ("array", "scalar"))

    # ---- the text ----------------------------------------------------------------------------------------------------

    @cached_property
    def source(self) -> Source:
        """The text of the program: a function, and before it what it calls."""
        used = self._helpers()
        parts = ["import sys\n"] if "namespace" in used else []
        if "normal_cdf" in used:
            parts.append(f"ERFC = {helpers.ERFC}\n")
        parts += [_source_of(name) for name in helpers.HELPERS if name in used]
        return Source("\n\n".join([*parts, self._function_text()]))

    def _helpers(self) -> set[str]:
        """The helpers that the text needs, with those that they call."""
        found = {code.data for code in self._codes if code.operation == "helper"}
        found |= {"like" for code in self._codes if code.operation == "made" and code.data[1]}
        found |= {"namespace"} if self._needs_namespace else set()
        waiting = list(found)
        while waiting:
            called = _called_by(waiting.pop()) - found
            found |= called
            waiting += called
        return found

    @cached_property
    def _needs_namespace(self) -> bool:
        return any(code.operation in ("function", "helper", "made", "reshape") for code in self._codes)

    def _signature(self) -> str:
        first = [argument.identifier for argument in self._given_first]
        rest = [argument.identifier for argument in self.arguments if argument.kind not in ("array", "scalar")]
        return ", ".join([*first, *(["*", *rest] if rest else [])])

    def _function_text(self) -> str:
        lines = [f"def {self.name}({self._signature()}):", f'{MARGIN}"""{self.title}']
        lines += ["", *(f"{MARGIN}{argument.identifier}: {argument.told}" for argument in self.arguments)] if self.arguments else []
        single = len(self.results) == 1 and self.results[0][0] is None
        returned = self.results[0][2] if single else ", ".join(f"{key} ({told})" for key, _, told in self.results)
        lines += ["", f"{MARGIN}Returns {'' if single else 'a dict: '}{returned}.", f'{MARGIN}"""']
        if self._needs_namespace:
            arrays = [argument.identifier for argument in self._given_first]
            lines.append(f"{MARGIN}xp = namespace({', '.join(arrays)})")
        lines += [f"{MARGIN}{read.identifier} = {read.array}.shape[{read.axis}]" for read in self.reads]
        lines += [f"{MARGIN}{statement.name} = {text_of(statement.code, self._names)[0]}" for statement in self.statements]
        if single:
            lines.append(f"{MARGIN}return {self._result_text(self.results[0][1])}")
        else:
            entries = [f"{2 * MARGIN}{key!r}: {self._result_text(code)}," for key, code, _ in self.results]
            lines += [f"{MARGIN}return {{", *entries, f"{MARGIN}}}"]
        return "\n".join(lines) + "\n"

    def _result_text(self, code: Code) -> str:
        return self._names[code] if code in self._names else text_of(code, self._names)[0]

    def __repr__(self) -> str:
        return f"{self.name}({self._signature()})"

    def _repr_markdown_(self) -> str:
        helpers_needed = sorted(self._helpers())
        more = f"It calls {' and '.join(helpers_needed)}, which `.source` has too." if helpers_needed else ""
        return f"```python\n{self._function_text()}```\n{more}"

    # ---- the function ------------------------------------------------------------------------------------------------

    @cached_property
    def _runs(self) -> tuple[list[tuple[str, Run]], list[tuple[str | None, Run]]]:
        steps = [(statement.name, run_of(statement.code, self._names)) for statement in self.statements]
        results: list[tuple[str | None, Run]] = []
        for key, code, _ in self.results:
            name = self._names.get(code)
            results.append((key, (lambda env, name=name: env[name]) if name else run_of(code, self._names)))  # type: ignore[misc]
        return steps, results

    def __call__(self, *arrays: Any, **named: Any) -> Any:
        """The results at arrays, scalars, sizes and functions, given in order or by name (plain, or as an identifier).

        Raises:
            EvaluationError: something is missing, is not expected or has the wrong shape; all faults are listed.
        """
        env = self._bound(arrays, named)
        if self._needs_namespace:
            env["xp"] = helpers.namespace(*[env[argument.identifier] for argument in self._given_first])
        for read in self.reads:
            env[read.identifier] = env[read.array].shape[read.axis]
        steps, results = self._runs
        for name, run in steps:
            env[name] = run(env)
        if len(results) == 1 and results[0][0] is None:
            return results[0][1](env)
        return {key: run(env) for key, run in results}

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """Identifiers by plain names and by themselves."""
        return {argument.name: argument.identifier for argument in self.arguments} | {
            argument.identifier: argument.identifier for argument in self.arguments
        }

    def _bound(self, arrays: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """Values by identifier."""
        first = self._given_first
        faults = [f"{self.name} takes {len(first)} arrays and scalars, {len(arrays)} were given."] if len(arrays) > len(first) else []
        env = {argument.identifier: value for argument, value in zip(first, arrays, strict=False)}
        known = self._by_name
        for name, value in named.items():
            if name not in known:
                faults.append(f"{self.name} takes no {name}. {near_name(name, known)}".rstrip())
            elif known[name] in env:
                faults.append(f"{name} is given twice.")
            else:
                env[known[name]] = value
        kinds = self._kinds(env)
        if faults or kinds != self._fitting:
            faults += _faults(self.arguments, env)
            if faults:
                raise EvaluationError(*faults)
            self._fitting = kinds
        return env

    def _kinds(self, env: Mapping[str, Any]) -> tuple[Any, ...]:
        """All that `_faults` looks at: what is like values that fitted fits."""
        return tuple([_KINDS[argument.kind](env.get(argument.identifier)) for argument in self.arguments])


def _operation_name(code: Code) -> str:
    if code.operation in ("function", "made"):
        return str(code.data[0])
    return str(code.data) if code.operation == "helper" else code.operation


@cache
def _called_by(name: str) -> frozenset[str]:
    """The helpers that a helper calls."""
    source = _source_of(name)
    return frozenset(other for other in helpers.HELPERS if other != name and f"{other}(" in source)


@cache
def _source_of(name: str) -> str:
    """The source of a helper, without the types of its arguments."""
    first, _, rest = inspect.getsource(helpers.HELPERS[name]).partition("\n")
    return f"{first.replace(': Any', '').replace(' -> Any', '')}\n{rest}"


_KINDS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "array": lambda value: getattr(value, "shape", None),
        "scalar": lambda value: None if value is None else tuple(getattr(value, "shape", ())),
        "size": lambda value: value,
        "function": callable,
    }
)  # what `_faults` looks at, by the kind of the argument; what is missing is unlike everything that fits


def _faults(arguments: Sequence[Argument], env: Mapping[str, Any]) -> list[str]:
    """What is wrong with values: missing ones, other shapes than declared, sizes that differ."""
    faults: list[str] = []
    sizes: dict[str, tuple[int, str]] = {}
    for argument in arguments:
        if argument.identifier not in env:
            faults.append(f"{argument.identifier} is missing: {argument.told}.")
            continue
        value = env[argument.identifier]
        if argument.kind == "array":
            faults += _shape_faults(argument, value, sizes)
        elif argument.kind == "scalar" and tuple(getattr(value, "shape", ())):
            faults.append(f"{argument.identifier} is a scalar, an array of shape {tuple(value.shape)} was given: take its entry [0, 0].")
        elif argument.kind == "function" and not callable(value):
            faults.append(f"{argument.identifier} is {argument.told}; {value!r:.60} cannot be called.")
        elif argument.kind == "size":
            sizes.setdefault(argument.name, (value, argument.identifier))
    return faults


def _shape_faults(argument: Argument, value: Any, sizes: dict[str, tuple[int, str]]) -> list[str]:
    name = argument.identifier
    if isinstance(value, list | tuple):
        return [f"{name} is no array but a {type(value).__name__}: give a 2-D array, such as numpy.array([[1.0, 2.0]])."]
    shape = getattr(value, "shape", None)
    if shape is None:
        return [f"{_declared(argument)}; {value!r:.60} has none."]
    if len(shape) != 2:
        return [f"{_declared(argument)}; what was given has shape {tuple(shape)}. A column is an (n, 1) array, a row (1, n)."]
    faults = []
    for entry, length in zip(argument.shape, shape, strict=True):
        wanted, teller = _known(entry, sizes)
        if wanted == length:
            continue
        if wanted is None and isinstance(entry, Dim) and len(entry.names) == 1 and entry.coefficient == 1:
            sizes[entry.names[0]] = (length, name)
        elif wanted is not None:
            faults.append(f"{_declared(argument)}; what was given has shape {tuple(shape)}, and {entry} is {wanted}{teller}.")
    return faults


def _known(entry: Size, sizes: Mapping[str, tuple[int, str]]) -> tuple[int | None, str]:
    if isinstance(entry, int):
        return entry, ""
    if any(name not in sizes for name in entry.names):
        return None, ""
    product = entry.coefficient
    for name in entry.names:
        product *= sizes[name][0]
    return product, f" by {sizes[entry.names[0]][1]}"


def _declared(argument: Argument) -> str:
    return f"{argument.identifier} is an array of shape ({', '.join(map(str, argument.shape))})"
