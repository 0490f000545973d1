"""What a name most likely is by the way it is written: the prior of the search for shapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import final

from matcalc.derivation_check.declared_shapes import COLUMN, ELEMENTWISE, MAP, MATRIX, ROW, SCALAR
from matcalc.derivation_check.name_uses import BOLD, SCRIPT, Use
from matcalc.language.reading.names import GREEK, Key

_COSTS = frozenset("CLJEFRQ")  # capitals that are scalars where something defines them
_FUNCTIONS = frozenset(("f", "g", "h", "phi", "varphi", "sigma", "psi", "rho", "s", "F", "G", "act"))
_LOSSES = frozenset(("C", "L", "J", "E", "ell", "l", "loss", "R", "Q", "V"))
_NUMBERS = frozenset("ijklmnNKMTcdD")
_VECTORS_IN_GREEK = frozenset(("theta", "beta", "mu", "delta", "phi", "omega", "xi", "pi", "nu"))
_FAR = 12


@final
@dataclass(slots=True)
class Style:
    """How a text writes: whether it has bold names, and whether plain small letters are vectors rather than scalars in it."""

    bold: bool = False
    vectors: bool = False


@final
@dataclass(slots=True)
class Written:
    """All that is seen of the names of one family in the definitions."""

    styles: set[str] = field(default_factory=set)
    arguments: set[int] = field(default_factory=set)
    primed: bool = False

    def note(self, use: Use) -> None:
        self.styles.add(use.style)
        self.arguments.add(use.arguments)
        self.primed = self.primed or use.primed

    @property
    def style(self) -> str:
        """Bold where it is bold anywhere: entries of bold arrays are written plain."""
        return BOLD if BOLD in self.styles else SCRIPT if SCRIPT in self.styles else "plain"


def choices(key: Key, seen: Written, style: Style) -> list[tuple[int, str]]:
    """The kinds that a name may have that nothing defines, each with how unlikely it is, the most likely first."""
    found = dict(_arrays(key, seen.style, style, defined=False))
    if seen.primed:
        return [(0, ELEMENTWISE)]
    applied = seen.arguments - {0}
    if applied:
        several = max(applied) > 1
        always = 0 not in seen.arguments
        function = 0 if key.stem in _FUNCTIONS else 4 if key.stem.isupper() or seen.style == BOLD else 2
        a_map = 0 if key.stem in _LOSSES or seen.style == SCRIPT else 5
        if several:
            return [(0, MAP)]
        found = {kind: cost + (3 if function == 0 or a_map == 0 else 0) for kind, cost in found.items()}
        found[ELEMENTWISE] = function + (0 if always else 3)
        found[MAP] = a_map + (1 if always else 4)
    return sorted(((cost, kind) for kind, cost in found.items()), key=lambda each: each[0])


def cost_of(key: Key, seen: Written, style: Style, kind: str) -> int:
    """How unlikely it is that a defined name is of a kind."""
    return dict(_arrays(key, seen.style, style, defined=True)).get(kind, _FAR)


def _arrays(key: Key, written: str, style: Style, *, defined: bool) -> Iterable[tuple[str, int]]:
    """The costs of scalar, column, row and matrix."""
    stem = key.stem
    accents = () if stem in GREEK else ("hat", "tilde", "bar", "dot")
    bare = next((stem.removesuffix(accent) for accent in accents if stem.endswith(accent)), stem)
    upper = bare[:1].isupper()
    if written == BOLD:
        return _costs(_FAR, 3, 8, 0) if upper else _costs(_FAR, 0, 5, 7)
    if written == SCRIPT:
        return _costs(0, 6, 9, 6)
    if bare in GREEK:
        if upper:
            return _costs(4, 4, 9, 0)
        vector = 1 if bare in _VECTORS_IN_GREEK and not style.bold else 3
        return _costs(0 if not defined or not style.vectors else 1, vector, 8, 8)
    if upper:
        if style.bold:
            return _costs(0, 5, 9, 3)
        if defined:
            return _costs(0 if bare in _COSTS else 3, 4, 9, 0 if bare not in _COSTS else 1)
        return _costs(4 if bare not in _NUMBERS else 2, 4, 9, 0)
    if style.bold or not style.vectors:
        return _costs(0, 3, 8, 8)
    return _costs(1 if bare in _NUMBERS else 2, 1 if bare in _NUMBERS else 0, 7, 7)


def _costs(scalar: int, column: int, row: int, matrix: int) -> list[tuple[str, int]]:
    return [(SCALAR, scalar), (COLUMN, column), (ROW, row), (MATRIX, matrix)]
