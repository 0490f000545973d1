"""Running a person's function at random data: what it returned, what it raised, and what it changed on the way."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from matcalc.gradient_check.inputs import Names, Plan, key_of
from matcalc.numeric.data import Array, Data


@final
@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call gave no array.

    Attributes:
        text: one or two sentences.
        error: the exception, where one was raised.
        line: the line of code that raised it.
    """

    text: str
    error: BaseException | None = None
    line: str = ""


@final
@dataclass(frozen=True, slots=True)
class Run:
    """One call.

    Attributes:
        data: the random data.
        answers: for each variable the array that was returned, or why there is none.
        changed: names of the inputs that were changed in place.
        integers: whether an array of integers was returned.
    """

    data: Data
    answers: tuple[Array | Failure, ...]
    changed: tuple[str, ...]
    integers: bool


@final
@dataclass(frozen=True, slots=True)
class Runner:
    """A function with what its calls are made of.

    Attributes:
        function: a person's code.
        plan: how it is called.
        names: of all that can be given.
        given: makes all that can be given, from data.
        variables: plain names of the variables whose derivatives are wanted.
        of_name: name of what is differentiated.
        single: whether one array is returned, not a tuple or dict of them.
    """

    function: Callable[..., Any]
    plan: Plan
    names: Names
    given: Callable[[Data], dict[str, Any]]
    variables: tuple[str, ...]
    of_name: str
    single: bool

    def run(self, data: Data) -> Run:
        """Call the function on copies of the data."""
        given, originals = self.given(data), self.given(data)
        given = {name: np.array(value) if isinstance(value, np.ndarray) else value for name, value in given.items()}
        positional, keywords = self.plan.arguments(given, self.names)
        try:
            with np.errstate(all="ignore"):
                returned = self.function(*positional, **keywords)
            answers, integers = self._answers(returned)
        except (Exception, SystemExit) as error:
            answers, integers = (self._raised(error),) * len(self.variables), False
        changed = tuple(name for name, value in given.items() if isinstance(value, np.ndarray) and not _same(value, originals[name]))
        return Run(data, answers, changed, integers)

    def _raised(self, error: BaseException) -> Failure:
        """What is said of an exception, with the line of the person's code that it came from."""
        frames = traceback.extract_tb(error.__traceback__)[1:]
        code = getattr(self.function, "__code__", None)
        own = [frame for frame in frames if code is not None and frame.filename == code.co_filename] or frames
        place = f" in line {own[-1].lineno} of {own[-1].name}" if own else ""
        parameter = self.plan.whole
        whole = f" Its one parameter {parameter!r} is no quantity here, so it was given a dict of all of them." if parameter else ""
        said = f": {_one_line(str(error))}" if str(error) else ""
        text = f"The code raised {type(error).__name__}{place}{said}.{whole}"
        return Failure(text, error, _one_line(own[-1].line or "") if own else "")

    def _answers(self, returned: Any) -> tuple[tuple[Array | Failure, ...], bool]:
        parts = [returned] if self.single else self._parts(returned)
        if isinstance(parts, Failure):
            return (parts,) * len(self.variables), False
        answers = tuple(part if isinstance(part, Failure) else as_array(part) for part in parts)
        arrays = [np.asarray(part) for part, answer in zip(parts, answers, strict=True) if not isinstance(answer, Failure)]
        return answers, any(array.dtype.kind in "iu" for array in arrays)

    def _parts(self, returned: Any) -> Sequence[Any] | Failure:
        """The derivative by each variable, out of a tuple or dict of them."""
        count, listed = len(self.variables), ", ".join(self.variables)
        if isinstance(returned, Mapping):
            return [self._entry(returned, name) for name in self.variables]
        if not isinstance(returned, tuple | list):
            return Failure(f"A tuple of {count} arrays is wanted, or a dict, for {listed}; the code returned {described(returned)}.")
        if len(returned) != count:
            return Failure(f"{count} arrays are wanted, for {listed}; the code returned {len(returned)}.")
        return returned

    def _entry(self, returned: Mapping[Any, Any], name: str) -> Any:
        key = key_of(name)
        wanted = (key, f"d{key}", f"grad{key}", f"d{key_of(self.of_name)}d{key}")
        found = [entry for entry in returned if str(entry) == name] or [entry for entry in returned if key_of(str(entry)) in wanted]
        if len(found) == 1:
            return returned[found[0]]
        keys = ", ".join(repr(entry) for entry in returned) or "none"
        return Failure(f"The dict that the code returned has {'no' if not found else 'more than one'} entry for {name}; its keys: {keys}.")


def as_array(returned: Any) -> Array | Failure:
    """What was returned, as an array of float64 of its own; or why it is none."""
    if returned is None:
        return Failure("The code returned None: a return may be missing.")
    if isinstance(returned, tuple | dict):
        return Failure(f"The code returned {described(returned)} where one array is wanted. For several derivatives give wrt as a list.")
    try:
        array = np.asarray(returned)
    except Exception as error:
        return Failure(f"The code returned {described(returned)}, which is no array of numbers: {_one_line(str(error))}.", error)
    if array.dtype.kind == "c":
        return Failure(f"The code returned complex numbers, shape {array.shape}; real ones are wanted.")
    if array.dtype.kind not in "iuf":
        return Failure(f"The code returned {described(returned)}, which is no array of real numbers but of {array.dtype}.")
    bad = array.size - int(np.isfinite(array).sum())
    if bad:
        first = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        where = f", the first at {list(first)}" if first else ""
        return Failure(f"The code returned NaN or infinity in {bad} of {array.size} entries{where}.")
    return np.array(array, dtype=np.float64)


def described(returned: Any) -> str:
    """What was returned, in a few words."""
    if isinstance(returned, np.ndarray):
        return f"an array of shape {returned.shape}"
    if isinstance(returned, tuple | list | dict):
        return f"a {type(returned).__name__} of {len(returned)}"
    return f"{returned!r:.60}"


def _same(found: Array, original: Array) -> bool:
    return found.shape == original.shape and bool(np.array_equal(found, original, equal_nan=True))


def _one_line(text: str) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= 200 else line[:197] + "..."
