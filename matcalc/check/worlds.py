"""What a text is checked against: a model or a network, at one depth or at several, with values over a finite field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import final

from matcalc.errors import EvaluationError, MatcalcError, NetworkError
from matcalc.exact.bench import Bench
from matcalc.exact.field import UndefinedError
from matcalc.exact.tried_sizes import size_choices
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import Apply, Expr, Let, Symbol
from matcalc.language.matrix_operations import written_derivative
from matcalc.language.model import Model
from matcalc.language.reading.names import Key
from matcalc.language.reading.scope import Scope
from matcalc.language.traversal import postorder
from matcalc.networks import SOFTMAX, Network

BENCHES = 2
MOST_TRIED = 8
NUMBERED = re.compile(r"([(\[]?)(\d+)([)\]]?)")
DECORATIONS = ("({})", "[{}]", "{}")
DELTA, PRE_ACTIVATION = "delta", "z"
_STEM_AND_NUMBER = re.compile(r"(.+)\^(\d+)")


@final
class World:
    """The quantities of a model at one depth.

    Attributes:
        scope: the names; a network's layers under every way in which people write a number: W^(1), W^[1], W^1, W_1.
        depth: the largest layer; 0 where no name has a number.
        is_network: whether names were made by a `Network`.
    """

    def __init__(self, model: Model, *, is_network: bool = False, defined: Mapping[Key, Expr] | None = None) -> None:
        self.model = model
        self.is_network = is_network
        self.defined = dict(defined or {})
        base = model.scope
        self.scope = replace(base, quantities={**base.quantities, **self.defined}, bare=_bare(base))
        if is_network:
            self.scope = with_other_numbers(self.scope)
        self.layered = layered(self.scope, self.deltas("numerator"))
        self.depth = max((max(numbers) for numbers in self.layered.values()), default=0)

    @cached_property
    def roots(self) -> tuple[Expr, ...]:
        """Every quantity that has a name."""
        return tuple(dict.fromkeys([*self.scope.quantities.values(), *self.scope.applied.values()]))

    @cached_property
    def benches(self) -> tuple[Bench, ...]:
        """Values at random points, at two choices of sizes, different ones first; where no point has all values, those of the symbols.

        Sizes under even roots are squares over the field at some choices only, so several are tried.
        """
        choices = list(islice(size_choices(self.roots), MOST_TRIED))
        symbols = [node for node in self.roots if isinstance(node, Symbol)]
        found: list[Bench] = []
        for roots in (self.roots, symbols):
            for sizes in choices:
                if len(found) < BENCHES:
                    with suppress(EvaluationError, UndefinedError):
                        found.append(Bench(roots, sizes))
        return tuple(found)

    @cached_property
    def cost(self) -> Expr | None:
        """The one scalar that the model defines and that nothing else is made of; None where there is none, or several."""
        named = [node for node in self.scope.quantities.values() if isinstance(node, Let)]
        used = {below for node in named for below in postorder([node.definition]) if isinstance(below, Let)}
        found = {node for node in [*named, *self.scope.applied.values()] if not node.shape and node not in used}
        return found.pop() if len(found) == 1 else None

    def deltas(self, layout: str) -> dict[Key, Expr]:
        """delta, with the scripts of a z, as the derivative of the cost by that z; nothing where delta is declared itself."""
        cost = self.cost
        if cost is None:
            return {}
        found: dict[Key, Expr] = {}
        for key, quantity in self.scope.quantities.items():
            if not isinstance(key, Key) or key.stem.lower() != PRE_ACTIVATION or not isinstance(quantity, Let) or key.primes:
                continue
            for stem in (DELTA, "Delta") if key.stem == "Z" else (DELTA,):
                delta = key._replace(stem=stem)
                if delta in self.scope.quantities:
                    continue
                by = "denominator" if layout == "mixed" else layout
                found[delta] = written_derivative(cost, quantity, by)
        return found


def _bare(scope: Scope) -> dict[str, Expr]:
    """What each elementwise function is applied to, where a model applies it once."""
    found: dict[str, set[Expr]] = {}
    for node in postorder([q for q in scope.quantities.values() if isinstance(q, Let)], lambda n: (n.definition,) if isinstance(n, Let) else n.operands):
        if isinstance(node, Apply) and not node.function.known and not node.function.order:
            found.setdefault(node.function.name, set()).add(node.argument)
    return {name: next(iter(arguments)) for name, arguments in found.items() if len(arguments) == 1}


# ---- numbered names --------------------------------------------------------------------------------------------------


def number_of(script: str) -> int | None:
    """The number that a script is, in brackets or not."""
    found = NUMBERED.fullmatch(script)
    return int(found[2]) if found and (found[1], found[3]) in (("", ""), ("(", ")"), ("[", "]")) else None


def layered(scope: Scope, more: Iterable[Key] = ()) -> dict[tuple[str, str], frozenset[int]]:
    """The numbers of the layers of each stem, and whether they stand above or below."""
    found: dict[tuple[str, str], set[int]] = {}
    for table in (scope.quantities, scope.functions, scope.applied, scope.sizes, more):
        for key in table:
            if not isinstance(key, Key):
                continue
            for place in ("above", "below"):
                number = number_of(getattr(key, place))
                if number is not None:
                    found.setdefault((key.stem, place), set()).add(number)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def with_other_numbers(scope: Scope) -> Scope:
    """The scope with each numbered name under the other ways of writing its number."""
    return replace(
        scope, quantities=_renumbered(scope.quantities), functions=_renumbered(scope.functions), applied=_renumbered(scope.applied)
    )


def _renumbered(table: Mapping) -> dict:  # type: ignore[type-arg]
    found = dict(table)
    for key, value in table.items():
        number = number_of(key.above) if isinstance(key, Key) and not key.below else None
        if number is None:
            continue
        for decoration in DECORATIONS:
            found.setdefault(key._replace(above=decoration.format(number)), value)
        found.setdefault(key._replace(above="", below=str(number)), value)
    return found


# ---- depths ----------------------------------------------------------------------------------------------------------


@final
@dataclass(frozen=True)
class Subject:
    """A model or network under check, at every depth that it can have."""

    model: Model
    network: Network | None = None

    @cached_property
    def given(self) -> World:
        """The model as it was given."""
        return World(self.model, is_network=self.network is not None)

    @cached_property
    def _worlds(self) -> dict[int, World]:
        return {self.given.depth: self.given}

    def at(self, depth: int) -> World | None:
        """The world of that depth; None where the model has another one and says nothing of others."""
        if depth not in self._worlds:
            if self.network is None:
                return None
            net = deeper(self.network, depth)
            if net is None:
                return None
            self._worlds[depth] = World(net.model(), is_network=True)
        return self._worlds[depth]


def deeper(net: Network, depth: int) -> Network | None:
    """The same network with another number of layers; None where its activations do not say what the others are."""
    own = [each for each in net.activations if each != SOFTMAX]
    wanted = depth - (len(net.activations) - len(own))
    if wanted < 0 or depth < 1:
        return None
    names = [each.name for each in own if isinstance(each, ElementwiseFunction)]
    parted = [_STEM_AND_NUMBER.fullmatch(name) for name in names]
    numbered = all(found and int(found[2]) == k for k, found in enumerate(parted, 1)) and names
    activation: list[ElementwiseFunction | str]
    if numbered and parted[0]:
        activation = [f"{parted[0][1]}^{k}" for k in range(1, wanted + 1)]
    elif len(set(own)) <= 1:
        activation = [own[0]] * wanted if own else []
    elif len(set(own[:-1])) == 1:
        activation = [*[own[0]] * (wanted - 1), own[-1]][:wanted] if wanted else []
    else:
        return None
    try:
        return Network(tuple(range(2, depth + 3)), activation, net.loss, net.bias, net.batch)
    except (NetworkError, MatcalcError):
        return None
