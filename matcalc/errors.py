"""Every exception of matcalc.

    MatcalcError (a ValueError)
      ├─ ReadError              a text that is no formula, or one that reads in two ways
      │    └─ LetterError       a letter that a sum binds and that stands outside of that sum as well
      ├─ ShapeError             sizes that do not conform; carries every fault that was found
      ├─ UnknownNameError       a name that nothing declares
      ├─ DefinitionClashError   one name, two definitions
      ├─ LayoutError            a layout that is missing or not one of the two
      ├─ NoMatrixFormError      a derivative that no string of matrices writes
      ├─ NoStandInError         a factor that no single vector or matrix may stand for
      ├─ SeveralPathsError      ``factors`` where the chain has several paths
      ├─ UnsupportedError       a construct that the engine has no rule for
      ├─ NetworkError           a network that cannot be built as asked
      ├─ ModelError             a model or a model file with faults of several kinds, or of its form; carries every one
      ├─ EvaluationError        values that are missing or of the wrong shape
      ├─ TooManyFactorsError    a product too long to try every arrangement
      └─ UndecidedError         a count that is known between bounds only; carries them
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class MatcalcError(ValueError):
    """The base of all errors that matcalc raises on purpose.

    Attributes:
        span: where in a text that was read the fault is, from the first character to behind the last; None where no text was read.

    Example:
        >>> import matcalc as mc
        >>> try:
        ...     mc.vector("x", "n") @ mc.vector("y", "m")
        ... except mc.MatcalcError as error:
        ...     print(type(error).__name__, str(error).splitlines()[0], sep=": ")
        ShapeError: x y does not conform: x is (n,), y is (m,); 1 and m differ.
    """

    span: tuple[int, int] | None = None


class ReadError(MatcalcError):
    """A text that is no formula, or one that reads in two ways; shows the place and what was expected."""


class LetterError(ReadError):
    """A letter that a sum binds and that stands outside of that sum as well."""


class ShapeError(MatcalcError):
    """Sizes that do not conform; ``faults`` lists every one that was found."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class UnknownNameError(MatcalcError):
    """A name that nothing declares."""


class DefinitionClashError(MatcalcError):
    """One name with two definitions in one expression."""


class LayoutError(MatcalcError):
    """A layout that is missing or is neither ``numerator`` nor ``denominator``."""


class NoMatrixFormError(MatcalcError):
    """A derivative that no string of matrices writes."""


class NoStandInError(MatcalcError):
    """A factor for which no single vector or matrix may stand."""


class SeveralPathsError(MatcalcError):
    """``factors`` was asked for where the chain has several paths."""


class UnsupportedError(MatcalcError):
    """A construct that the engine has no rule for."""


class NetworkError(MatcalcError):
    """A network that cannot be built as asked."""


class ModelError(MatcalcError):
    """A model or a model file with faults of several kinds, or of its form; ``faults`` lists every one that was found."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class EvaluationError(MatcalcError):
    """Values that are missing or have the wrong shape; ``faults`` lists them all."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class TooManyFactorsError(MatcalcError):
    """A product too long to try every arrangement of it."""


class UndecidedError(MatcalcError):
    """A count that is known between bounds only.

    ``right`` and ``distinct_values`` are pairs: the least and the most that the count can be.
    """

    def __init__(self, message: str, right: tuple[int, int], distinct_values: tuple[int, int]) -> None:
        self.right = right
        self.distinct_values = distinct_values
        super().__init__(message)


def near_name(name: str, known: Iterable[str]) -> str:
    """A question with the known names nearest to ``name``; empty where none is near."""
    close = difflib.get_close_matches(name, sorted(set(known)), n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(close)}?" if close else ""


def near_names(name: str, known: Iterable[str]) -> str:
    """A sentence that suggests the known names nearest to ``name``, or lists them."""
    names = sorted(set(known))
    if not names:
        return "No names are known here."
    return near_name(name, names) or "Known names: " + ", ".join(names) + "."
