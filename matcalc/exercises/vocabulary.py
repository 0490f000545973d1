"""The names, sizes and functions that generated tasks draw from."""

from __future__ import annotations

import random
from typing import final

from matcalc.errors import MatcalcError
from matcalc.language.building import function, let, matrix, scalar, vector
from matcalc.language.elementwise import ElementwiseFunction, known_function
from matcalc.language.expressions import Expr, Let, Symbol

SIZES = ("n", "m", "k", "p", "r", "s", "q")
VECTORS = ("x", "u", "v", "w", "b", "h", "t")
TARGETS = ("y", "c", "g", "theta", "mu")
MATRICES = ("W", "V", "U", "A", "B", "M", "H", "P", "Q", "R", "G")
VARIABLES = ("X", "W", "A", "Z")
SCALARS = ("alpha", "beta", "gamma", "kappa")
COSTS = ("C", "J", "E")
UNKNOWN = ("f", "phi", "psi", "sigma")
KNOWN = ("tanh", "sigmoid", "exp", "square", "sin", "softplus")


@final
class Vocabulary:
    """Hands out names that were not used before, each from its own list in a random order."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._left: dict[str, list[str]] = {}
        for key, names in (
            ("size", SIZES), ("vector", VECTORS), ("target", TARGETS), ("matrix", MATRICES), ("scalar", SCALARS), ("cost", COSTS),
            ("unknown", UNKNOWN),
        ):  # fmt: skip
            self._left[key] = rng.sample(names, len(names))
        self._layer = 0
        self._style = rng.choice(("{}_{}", "{}^({})"))
        self._letter = rng.choice(("z", "o", "l"))

    def _next(self, what: str) -> str:
        """A new name from a list.

        Raises:
            MatcalcError: there is none any more; the task is drawn again.
        """
        if not self._left[what]:
            raise MatcalcError(f"All names for a {what} are in use.")
        return self._left[what].pop()

    def used(self, name: str) -> None:
        """A name that is not to be handed out any more."""
        for names in self._left.values():
            if name in names:
                names.remove(name)

    def size(self) -> str:
        """A new size."""
        return self._next("size")

    def vector(self, size: str, what: str = "vector") -> Symbol:
        """A new column."""
        made = vector(self._next(what), size)
        assert isinstance(made, Symbol)
        return made

    def matrix(self, rows: str, columns: str) -> Symbol:
        """A new matrix."""
        made = matrix(self._next("matrix"), rows, columns)
        assert isinstance(made, Symbol)
        return made

    def scalar(self) -> Symbol:
        """A new scalar."""
        made = scalar(self._next("scalar"))
        assert isinstance(made, Symbol)
        return made

    def unknown(self) -> ElementwiseFunction:
        """A new unknown function of each entry."""
        made = function(self._next("unknown"))
        assert isinstance(made, ElementwiseFunction)
        return made

    def known(self) -> ElementwiseFunction:
        """A known function of each entry."""
        return known_function(self.rng.choice(KNOWN))

    def hidden(self, definition: Expr) -> Let:
        """A quantity between input and output, numbered by layers."""
        self._layer += 1
        made = let(self._style.format(self._letter, self._layer), definition)
        assert isinstance(made, Let)
        return made

    def cost_name(self) -> str:
        """The name of a scalar to be derived."""
        return self._next("cost")
