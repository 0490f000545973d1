"""What a text is checked against: a model or a network, at one depth or at several, with values over a finite field."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, final

from matcalc.derivation_check.document_parts import Condition, Formula, Side
from matcalc.derivation_check.layers import at_layer, letter_of, number_of, with_layers, with_letters
from matcalc.errors import EvaluationError, MatcalcError, NetworkError, UnsupportedError
from matcalc.exact.bench import Bench
from matcalc.exact.field import UndefinedError
from matcalc.exact.tried_sizes import size_choices, size_names
from matcalc.language.assumed import relations_of, sizes_fit
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import Apply, Expr, Let, Symbol
from matcalc.language.matrix_operations import written_derivative
from matcalc.language.model import Model
from matcalc.language.reading.formula import read
from matcalc.language.reading.names import Key, NameKey
from matcalc.language.reading.scope import Scope
from matcalc.language.sizes import Size
from matcalc.language.traversal import postorder, with_definition
from matcalc.language.unrolling import free_indices
from matcalc.networks import SOFTMAX, Network

BENCHES = 2
MOST_TRIED = 24
FEWEST = 3
SIZES = ((3, 5, 4, 7, 6, 8, 9, 10), (5, 3, 7, 4, 8, 6, 10, 9), (4, 6, 5, 3, 9, 7, 8, 11), (6, 4, 3, 5, 7, 9, 11, 8))
CONFIGURATIONS = (123_457, 987_654)  # which of their values symbols have that take finitely many, as one-hot ones
SEEDS = 5
DECORATIONS = ("({})", "[{}]", "{}")
ACTIVATION_LETTERS = ("f", "sigma", "phi", "varphi")
DELTA, PRE_ACTIVATION = "delta", "z"
_STEM_AND_NUMBER = re.compile(r"(.+)\^(\d+)")


@final
@dataclass(frozen=True, slots=True)
class Defined:
    """A definition of a text, for every layer that its condition allows.

    Attributes:
        key: of the name on the left, whose scripts may hold layer letters.
        right: what it is, as text.
        condition: on the layers.
        layout: of the derivatives on the right.
    """

    key: Key
    right: str
    condition: Condition
    layout: str | None


@final
class World:
    """The quantities of a model at one depth.

    Attributes:
        scope: the names; a network's layers under every way in which people write a number: W^(1), W^[1], W^1, W_1.
        depth: the largest layer; 0 where no name has a number.
        is_network: whether names were made by a `Network`.
    """

    def __init__(self, model: Model, *, is_network: bool = False, definitions: Sequence[Defined] = ()) -> None:
        self.model = model
        self.is_network = is_network
        self._benches: dict[tuple[int, int], Bench] = {}
        base = model.scope
        self.base = base
        self.scope = replace(base, bare=_bare(base))
        if is_network:
            self.scope = with_other_numbers(_with_small_letters(_with_activation(self.scope)))
        self._look_at_layers()
        for _ in range(max(1, self.depth) * len(definitions)):
            before = len(self.scope.quantities)
            for each in definitions:
                self._define(each)
            if len(self.scope.quantities) == before:
                break
            self._look_at_layers()

    def changed(self, change: Callable[[Sequence[Expr]], list[Expr]], size: Callable[[Any], Any]) -> World:
        """The world with all its expressions and sizes changed."""
        made = copy(self)
        made.__dict__ = {name: value for name, value in self.__dict__.items() if name not in ("roots", "_choices", "cost", "own_layers")}
        made._benches = {}
        made.base, made.scope = (_changed_scope(scope, change, size) for scope in (self.base, self.scope))
        return made

    @cached_property
    def own_layers(self) -> Container[tuple[str, str]]:
        """The stems whose layers have numbers in the model itself, and whether above or below."""
        return layered(self.base)

    def _look_at_layers(self) -> None:
        self.layered = layered(self.scope, self.deltas("numerator"))
        self.depth = max((max(numbers) for numbers in self.layered.values()), default=0)

    def _define(self, given: Defined) -> None:
        """Enter a definition at every layer at which its right side can be read and the name is free."""
        letter = next((found for script in (given.key.above, given.key.below) if (found := letter_of(script))), None)
        letters = [letter] if letter else []
        for number in range(self.depth, -1, -1) if letters else (0,):
            values = {letter: number, "L": self.depth} if letter and letter != "L" else {"L": self.depth}
            key = given.key._replace(above=at_layer(given.key.above, values), below=at_layer(given.key.below, values))
            if not given.condition.holds(values) or key in self.scope.quantities:
                continue
            scope = with_layers(self.scope, values)
            deltas = with_letters(self.deltas(given.layout or "denominator"), values)
            quantities = {**deltas, **scope.quantities}
            with suppress(MatcalcError):
                value = read(given.right, replace(scope, quantities=quantities, layout=given.layout))
                if not free_indices([value]):
                    made = Let(key.plain, value, value.shape)
                    added = _renumbered({key: made}) if self.is_network else {key: made}
                    self.scope = replace(self.scope, quantities={**self.scope.quantities, **added})

    @cached_property
    def roots(self) -> tuple[Expr, ...]:
        """Every quantity that has a name."""
        return tuple(dict.fromkeys([*self.scope.quantities.values(), *self.scope.applied.values()]))

    @cached_property
    def _choices(self) -> list[Mapping[str, int]]:
        """Numbers for the sizes, from 3 on and pairwise different: 1 and 2 hide factors such as 2/n.

        What grows from one size to the next at one choice becomes less at the other, and differences are not the same.
        """
        names = size_names(self.roots)
        turned = [[_size_at(k, turn) for k in range(len(names))] for turn in range(len(SIZES))]
        symbols = [node for node in postorder(self.roots, with_definition) if isinstance(node, Symbol) and node.assumed]
        relations = relations_of(symbols)
        chosen = [dict(zip(names, numbers, strict=True)) for numbers in turned]
        fitting = [sizes for sizes in chosen if not symbols or sizes_fit(symbols, relations, sizes)]
        more = [sizes for sizes in size_choices(self.roots) if 1 not in sizes.values()][:MOST_TRIED]
        return [*fitting, *more]

    def benches(self, expressions: Iterable[Expr] = ()) -> tuple[Bench, ...]:
        """All of `each_bench`."""
        return tuple(self.each_bench(expressions))

    def each_bench(self, expressions: Iterable[Expr] = ()) -> Iterator[Bench]:
        """Values at random points, at two choices of sizes, at which the model and these expressions have values.

        Under even roots squares over the field are wanted, which half of all points have; so several are tried. One is made when it is
        asked for: two sides that differ at the first need no second.

        Raises:
            UnsupportedError: an expression has no value over any finite field.
            EvaluationError: no points were found.
            UndefinedError: at none of the sizes are there values, as of the inverse of a singular matrix.
        """
        expressions = tuple(expressions)
        free = free_indices(expressions)
        runs: dict[str, Size] = {index.name: FEWEST for index in free}
        runs.update((index.name, index.size) for index in free if index.size is not None)
        found: list[Mapping[str, int]] = []
        fault: Exception = EvaluationError("no point was tried")
        for number in range(len(self._choices)):
            sizes = self._choices[number]
            if any(_share_a_size(each, sizes) for each in found):
                continue
            for seed in range(SEEDS):
                try:
                    bench = self._bench(number, seed)
                    for each in expressions:
                        bench.all_values(each, runs)
                except UnsupportedError:
                    raise
                except (EvaluationError, UndefinedError) as error:
                    fault = error
                    continue
                found.append(bench.sizes)
                yield bench
                break
            if len(found) == BENCHES:
                return
        if not found:
            raise fault if isinstance(fault, UndefinedError) else EvaluationError(str(fault))

    def _bench(self, number: int, seed: int) -> Bench:
        """The bench of that choice of sizes, made once; where the model has no values, one of its symbols only."""
        key = (number, seed)
        if key not in self._benches:
            sizes = self._choices[number]
            try:
                self._benches[key] = Bench(self.roots, sizes, f"bench {seed}", CONFIGURATIONS[number % len(CONFIGURATIONS)])
            except (EvaluationError, UndefinedError):
                symbols = [node for node in self.roots if isinstance(node, Symbol)]
                self._benches[key] = Bench(symbols, sizes, f"bench {seed}", CONFIGURATIONS[number % len(CONFIGURATIONS)])
        return self._benches[key]

    @cached_property
    def cost(self) -> Expr | None:
        """The one scalar that the model defines and that nothing else is made of; None where there is none, or several."""
        named = [node for node in self.base.quantities.values() if isinstance(node, Let)]
        used = {below for node in named for below in postorder([node.definition])}
        found = {node for node in [*named, *self.base.applied.values()] if not node.shape and node not in used}
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


def _with_activation(scope: Scope) -> Scope:
    """The scope of a network whose layers have one activation, with that under the letters that texts write for one."""
    found = {node.function for node in postorder(scope.quantities.values(), with_definition) if isinstance(node, Apply)}
    activations = {function for function in found if not function.order and function.name not in ("log", "exp", "square")}
    if len(activations) != 1:
        return scope
    (activation,) = activations
    letters: dict[NameKey, Any] = {Key(letter): activation for letter in ACTIVATION_LETTERS if Key(letter) not in scope.quantities}
    return replace(scope, functions={**letters, **scope.functions})


def _with_small_letters(scope: Scope) -> Scope:
    """The scope of a network with its matrices under small letters too: many texts write w for the weights."""
    small: dict[NameKey, Expr] = {
        key._replace(stem=key.stem.lower()): quantity for key, quantity in scope.quantities.items()
        if isinstance(key, Key) and len(quantity.shape) == 2 and isinstance(quantity, Symbol)
    }  # fmt: skip
    return replace(scope, quantities={**small, **scope.quantities})


def _changed_scope(scope: Scope, change: Callable[[Sequence[Expr]], list[Expr]], size: Callable[[Any], Any]) -> Scope:
    roots = [*scope.quantities.values(), *scope.applied.values(), *scope.bare.values()]
    made = iter(change(roots))
    return replace(
        scope, quantities={key: next(made) for key in scope.quantities}, applied={key: next(made) for key in scope.applied},
        bare={key: next(made) for key in scope.bare}, sizes={key: size(each) for key, each in scope.sizes.items()},
        functions={key: size(each) for key, each in scope.functions.items()},
    )  # fmt: skip


def _size_at(k: int, turn: int) -> int:
    """The k-th size of a choice."""
    row = SIZES[turn]
    return row[k] if k < len(row) else row[-1] + k


def _share_a_size(first: Mapping[str, int], second: Mapping[str, int]) -> bool:
    """Whether a size is the same in both, so that what holds at both may hold at that size only."""
    return any(second[name] == number for name, number in first.items())


def _bare(scope: Scope) -> dict[str, Expr]:
    """What each elementwise function is applied to, where a model applies it once."""
    found: dict[str, set[Expr]] = {}
    for node in postorder([quantity for quantity in scope.quantities.values() if isinstance(quantity, Let)], with_definition):
        if isinstance(node, Apply) and not node.function.known and not node.function.order:
            found.setdefault(node.function.name, set()).add(node.argument)
    return {name: next(iter(arguments)) for name, arguments in found.items() if len(arguments) == 1}


# ---- numbered names --------------------------------------------------------------------------------------------------


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
class Subject:
    """A model or network under check, at every depth that it can have, with what the text defines."""

    def __init__(
        self, model: Model, network: Network | None = None, *, of_depth: Callable[[int], Model | None] | None = None
    ) -> None:
        self.model = model
        self.network = network
        self.of_depth = of_depth  # the model with another number of layers, where a text defines it
        self.definitions: tuple[Defined, ...] = ()
        self.given = World(model, is_network=network is not None)
        self._worlds = {self.given.depth: self.given}
        self.kept: dict[Any, Any] = {}  # instances, by depth and letters
        self.defining: frozenset[int] | None = None  # the formulas of the text that the model was made of

    def is_made_of(self, formula: Formula, right: Side) -> bool:
        """Whether the model was made of this equality of the text."""
        return self.defining is not None and formula.number in self.defining and right is formula.sides[1]

    @property
    def has_other_depths(self) -> bool:
        """Whether `at` gives worlds of other depths than that of the subject."""
        return self.network is not None or self.of_depth is not None

    def define(self, definition: Defined) -> None:
        """Take a definition of the text; another one of that name no longer holds."""
        self.definitions = (*(each for each in self.definitions if each.key != definition.key), definition)
        self.given = World(self.model, is_network=self.network is not None, definitions=self.definitions)
        self._worlds = {self.given.depth: self.given}
        self.kept = {}

    def changed(self, change: Callable[[Sequence[Expr]], list[Expr]], size: Callable[[Any], Any]) -> Subject:
        """The subject at its own depth, with all expressions and sizes changed."""
        made = copy(self)
        made.network = made.of_depth = None
        made.given = self.given.changed(change, size)
        made._worlds, made.kept = {made.given.depth: made.given}, {}
        return made

    def at(self, depth: int) -> World | None:
        """The world of that depth; None where the model has another one and says nothing of others."""
        if depth not in self._worlds:
            model = self._model_at(depth)
            if model is None:
                return None
            self._worlds[depth] = World(model, is_network=self.network is not None, definitions=self.definitions)
        return self._worlds[depth]

    def _model_at(self, depth: int) -> Model | None:
        if self.network is None:
            return self.of_depth(depth) if self.of_depth is not None else None
        net = deeper(self.network, depth)
        return net.model() if net is not None else None


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
