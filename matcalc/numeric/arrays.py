"""The types of the arrays and of the functions between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Orders: TypeAlias = tuple[Callable[..., Any], ...]
