"""Shapes that follow from definitions: a search for the most likely kinds of names with which every definition conforms.

Names whose shapes nothing tells are given a kind, as column or matrix, with sizes that are sought; the reader of formulas says whether a
definition conforms then, and which sizes are equal. Of all choices the one is taken that fits best how the names are written.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count, product
from typing import final

from matcalc.derivation_check.declared_shapes import COLUMN, ELEMENTWISE, MAP, MATRIX, ROW, SCALAR
from matcalc.derivation_check.name_kinds import Style, Written, choices, cost_of
from matcalc.derivation_check.name_uses import Use
from matcalc.derivation_check.name_uses import Written as Parsed
from matcalc.errors import MatcalcError
from matcalc.language.elementwise import ElementwiseFunction, known_function
from matcalc.language.expressions import Add, Expr, Subtract, Symbol
from matcalc.language.reading.build import Builder
from matcalc.language.reading.names import Key, NameKey
from matcalc.language.reading.scope import Function, OpenMap, Scope
from matcalc.language.reading.sizing import Sizing
from matcalc.language.sizes import Dim, Shape, Size, rows_and_columns, shape_of
from matcalc.language.traversal import postorder
from matcalc.language.unrolling import free_indices

MOST_READS = 400
MOST_WORK = 30_000  # tokens that are read in all
MOST_PASSES = 6
MOST_CHOICES = 256  # of one definition
SKIPPED, UNSURE = 30, 9  # the cost of leaving out a definition, or an expression that defines nothing
SPREAD = 3  # the cost of adding a scalar to an array
_MINE = "?~"
SIZE = "size"  # stands in place of the number of an axis in what is sought for the name of a size


@final
@dataclass(frozen=True, slots=True)
class Fact:
    """What has to conform: a definition of a name, or an expression that only has to mean something.

    Attributes:
        key: of the name that it defines; None of an expression.
        arguments: of a definition like C(a, y).
        parsed: its right side.
        brings: whether names that stand nowhere before may be taken from it.
        equal_to: what stands on the left of it in a claim, whose shape tells sizes that nothing else does.
    """

    key: Key | None
    arguments: tuple[Key, ...]
    parsed: Parsed
    brings: bool = True
    equal_to: Parsed | None = None

    @property
    def needs(self) -> tuple[Use, ...]:
        return self.parsed.uses


@final
@dataclass(frozen=True, slots=True)
class Known:
    """What is known of names before any definition is read.

    Attributes:
        family: of a key; names of one family have one kind.
        shape: that is told of a name, or None.
        kind: that is told, or None.
        sizes: the names of sizes.
        maps: the shapes of the values of maps.
        style, seen: how the text writes, and what was seen of each family.
    """

    family: Callable[[Key], Key]
    shape: Callable[[Key], Shape | None]
    kind: Callable[[Key], str | None]
    sizes: Mapping[Key, Size]
    maps: Mapping[Key, Shape]
    style: Style
    seen: Mapping[Key, Written]


@final
@dataclass(frozen=True, slots=True)
class State:
    """How far a search has come.

    Attributes:
        at: how many facts have been taken.
        kinds: of the families.
        shapes: of the names, in sizes that may be sought.
        found: what sizes that were sought are.
        called: the arguments of what was defined with some.
        left_out: the facts that were left out, by number.
    """

    at: int = 0
    kinds: Mapping[Key, str] = field(default_factory=dict)
    shapes: Mapping[Key, Shape] = field(default_factory=dict)
    found: Mapping[str, Size] = field(default_factory=dict)
    called: Mapping[Key, tuple[Key, ...]] = field(default_factory=dict)
    left_out: tuple[int, ...] = ()

    def resolved(self, shape: Shape) -> Shape:
        """A shape with the sizes that were found."""
        sizing = Sizing(found=dict(self.found))
        return sizing.shape(shape)


@final
class Search:
    """The search for the kinds of the names in a list of facts, those first that others rest on."""

    def __init__(self, facts: Sequence[Fact], known: Known, fixed: Mapping[Key, str] | None = None) -> None:
        self.facts, self.known = facts, known
        self.fixed = fixed or {}
        self.reads = 0
        self.work = 0
        self._number = count()
        self._defined = {fact.key for fact in facts if fact.key is not None}

    def result(self) -> State:
        """The cheapest state in which every fact was taken, or left out; at the end of the search the one that came farthest."""
        heap: list[tuple[int, int, int, State, list[tuple[int, dict[Key, str]]], int]] = []
        best = start = State(kinds=dict(self.fixed))
        self._push(heap, 0, start, 0)
        while heap:
            cost, _, _, state, listed, k = heapq.heappop(heap)
            if state.at > best.at or (state.at == best.at and state is not best and best is start):
                best = state
            if state.at == len(self.facts):
                return state
            if self.reads >= MOST_READS or self.work >= MOST_WORK:
                break
            extra, kinds = listed[k]
            if k + 1 < len(listed):
                base = cost - extra
                following = base + listed[k + 1][0]
                heapq.heappush(heap, (following, -state.at, next(self._number), state, listed, k + 1))
            if k + 1 == len(listed):
                self._push(heap, cost, replace(state, at=state.at + 1, left_out=(*state.left_out, state.at)), 0)
                continue
            made = self._taken(state, kinds)
            if made is not None:
                self._push(heap, cost + made[1], made[0], 0)
        return self._hurried(best)

    def _hurried(self, state: State) -> State:
        """The state with the remaining facts taken as the kinds that are known, or else the most likely, allow."""
        while state.at < len(self.facts):
            _, kinds = self._choices(state)[0]
            made = self._taken(state, kinds)
            state = made[0] if made is not None else replace(state, at=state.at + 1, left_out=(*state.left_out, state.at))
        return state

    def _push(self, heap: list, cost: int, state: State, k: int) -> None:  # type: ignore[type-arg]
        listed = self._choices(state) if state.at < len(self.facts) else [(0, {})]
        heapq.heappush(heap, (cost + listed[k][0], -state.at, next(self._number), state, listed, k))

    # ---- choices -----------------------------------------------------------------------------------------------------

    def _choices(self, state: State) -> list[tuple[int, dict[Key, str]]]:
        """The kinds of the names that this fact brings in, the most likely first; the last is to leave it out."""
        fact = self.facts[state.at]
        listed: dict[Key, list[tuple[int, str]]] = {}
        for use in fact.needs:
            family = self.known.family(use.key)
            if use.key in state.shapes or use.key in self.known.sizes or family in state.kinds or family in listed:
                continue
            if use.key.stem == "sigma" and (use.arguments or use.primed) and self.known.kind(use.key) is None:
                continue  # the reader knows it
            listed[family] = self._of(use.key, family)
        if listed and not fact.brings:
            return [(UNSURE, {})]
        most = next((most for most in (7, 4, 3, 2) if most ** len(listed) <= MOST_CHOICES), 1)
        ways = [
            (sum(cost for cost, _ in chosen), {family: kind for family, (_, kind) in zip(listed, chosen, strict=True)})
            for chosen in product(*(each[:most] for each in listed.values()))
        ]
        ways.sort(key=lambda each: each[0])
        if self.fixed:
            del ways[1:]  # at another depth nothing is chosen anew
        return [*ways, (SKIPPED if fact.key is not None else UNSURE, {})]

    def _of(self, key: Key, family: Key) -> list[tuple[int, str]]:
        told, shape = self.known.kind(key), self.known.shape(key)
        if shape is not None:
            rows, columns = rows_and_columns(shape)
            return [(0, SCALAR if not shape else COLUMN if columns == 1 else ROW if rows == 1 else MATRIX)]
        return [(0, told)] if told is not None else choices(key, self.known.seen.get(family, Written()), self.known.style)

    # ---- reading -----------------------------------------------------------------------------------------------------

    def _taken(self, state: State, kinds: Mapping[Key, str]) -> tuple[State, int] | None:
        """The state behind a fact, with the cost that its reading adds; None where it does not conform."""
        fact, before = self.facts[state.at], state
        state = replace(state, kinds={**state.kinds, **kinds})
        shapes = dict(state.shapes)
        for use in fact.needs:
            self._enter(use.key, state, shapes)
        state = replace(state, shapes=shapes)
        self.reads += 1
        self.work += len(fact.parsed.tokens.list)
        try:
            made = self._read(fact, state)
        except MatcalcError:
            return None
        if made is None:
            return None
        value, sizing = made
        return self._entered(fact, before, state, value, sizing)

    def _enter(self, key: Key, state: State, shapes: dict[Key, Shape]) -> None:
        """Give a name the shape that is told, or that of its kind with sizes that are sought."""
        kind = state.kinds.get(self.known.family(key))
        if key in shapes or key in self.known.sizes or kind in (None, ELEMENTWISE, MAP) or kind not in _AXES:
            return
        told = self.known.shape(key)
        shapes[key] = told if told is not None else _shape_of(key, kind)

    def _read(self, fact: Fact, state: State) -> tuple[Expr, Sizing] | None:
        """What the right side is, and the sizes that followed."""
        sizing = Sizing(found=dict(state.found))
        functions: dict[NameKey, Function] = {key: self._function(key, kind) for key, kind in self._functions(fact, state)}
        called: dict[NameKey, tuple[NameKey, ...]] = {key: tuple(of) for key, of in state.called.items()}
        for _ in range(MOST_PASSES):
            quantities = _symbols({key: shape for key, shape in state.shapes.items() if self._is_used(key, fact)}, sizing)
            scope = Scope(quantities, dict(functions), sizes=self._sizes(sizing), called=called)
            sizing.settled = True
            builder = Builder(fact.parsed.tokens, scope, sizing)
            value = builder.built(fact.parsed.tree)
            builder.do.raise_faults()
            if sizing.settled:
                break
        else:
            return None
        if builder.do.unapplied or free_indices([value]):
            return None
        if fact.equal_to is not None and any(sought(sizing.known(entry)) for entry in value.shape):
            self._fit_left(fact.equal_to, value, state, sizing)
        return value, sizing

    def _fit_left(self, left: Parsed, value: Expr, state: State, sizing: Sizing) -> None:
        """Take sizes from the shape of the left side, in the first layout in which it is that of the right one."""
        for layout in ("numerator", "denominator"):
            tried = Sizing(found=dict(sizing.found))
            scope = Scope(_symbols(state.shapes, tried), sizes=self._sizes(tried), layout=layout)
            builder = Builder(left.tokens, scope, tried)
            with suppress(MatcalcError):
                shape = builder.built(left.tree).shape
                builder.do.raise_faults()
                if all(tried.fit(a, b) for a, b in zip(rows_and_columns(value.shape), rows_and_columns(shape), strict=True)):
                    sizing.found.update(tried.found)
                    return

    def _sizes(self, sizing: Sizing) -> dict[NameKey, Size]:
        return {key: sizing.known(size) for key, size in self.known.sizes.items()}

    def _is_used(self, key: Key, fact: Fact) -> bool:
        return any(use.key == key or (use.key.stem == key.stem) for use in fact.needs)

    def _functions(self, fact: Fact, state: State) -> Iterable[tuple[Key, str]]:
        for use in fact.needs:
            kind = state.kinds.get(self.known.family(use.key))
            if kind is not None and kind not in _AXES:
                yield use.key, kind

    def _function(self, key: Key, kind: str) -> Function:
        if kind == MAP:
            return OpenMap(key.plain, self.known.maps.get(key, ()))
        return ElementwiseFunction(key.plain) if kind == ELEMENTWISE else known_function(kind)

    def _entered(self, fact: Fact, before: State, state: State, value: Expr, sizing: Sizing) -> tuple[State, int] | None:
        """The state with what the reading found; None where a size would be 1, or what is told is something else."""
        shape, cost = value.shape, SPREAD * _spreads(value)
        if fact.key is not None:
            told = self.known.shape(fact.key) or state.shapes.get(fact.key)
            if told is not None and not all(sizing.fit(a, b) for a, b in zip(rows_and_columns(shape), rows_and_columns(told), strict=True)):
                return None
            kind, family = _kind_of(sizing.shape(shape)), self.known.family(fact.key)
            if self.known.kind(fact.key) not in (None, kind) or state.kinds.get(family, kind) != kind:
                return None
            cost += cost_of(fact.key, self.known.seen.get(family, Written()), self.known.style, kind) if family not in state.kinds else 0
        shapes = dict(state.shapes)
        found = _followed(sizing, [*shapes.values(), shape, *((size,) for size in self.known.sizes.values())], state.found)
        if found is None or (fact.key is None and _merges(before, found)):
            return None
        kinds, called = dict(state.kinds), dict(state.called)
        if fact.key is not None:
            shapes[fact.key] = sizing.shape(shape)
            kinds.setdefault(self.known.family(fact.key), _kind_of(sizing.shape(shape)))
            called |= {fact.key: fact.arguments} if fact.arguments else {}
        return State(state.at + 1, kinds, shapes, found, called, state.left_out), cost


_AXES: Mapping[str, tuple[bool, bool]] = {SCALAR: (False, False), COLUMN: (True, False), ROW: (False, True), MATRIX: (True, True)}


def _symbols(shapes: Mapping[Key, Shape], sizing: Sizing) -> dict[NameKey, Expr]:
    """A symbol for each name, with the sizes that are known by now."""
    return {key: Symbol(key.plain, sizing.shape(shape)) for key, shape in shapes.items()}


def _shape_of(key: Key, kind: str) -> Shape:
    rows, columns = _AXES[kind]
    return shape_of(Dim((f"{_MINE}{key.plain}|0",)) if rows else 1, Dim((f"{_MINE}{key.plain}|1",)) if columns else 1)


def _kind_of(shape: Shape) -> str:
    rows, columns = rows_and_columns(shape)
    return next(kind for kind, axes in _AXES.items() if axes == (rows != 1, columns != 1))


def _followed(sizing: Sizing, shapes: Iterable[Shape], before: Mapping[str, Size]) -> dict[str, Size] | None:
    """What sizes that are sought are now; None where one is 1, or something that no name of a size is."""
    found = dict(before)
    of_others: dict[str, str] = {}  # a size that the text leaves out, by the first name that has it
    listed = (name for shape in shapes for entry in shape if isinstance(entry, Dim) for name in entry.names)
    for name in dict.fromkeys(name for name in listed if name.startswith(_MINE)):
        value = sizing.known(Dim((name,)))
        if value == 1:
            return None
        if isinstance(value, Dim):
            others = [each for each in value.names if each.startswith("?") and not each.startswith(_MINE)]
            if others and len(value.names) > 1:
                return None
            if others:
                first = of_others.setdefault(others[0], name)
                value = Dim((first,))
        if value != Dim((name,)):
            found[name] = value
    return found


def _merges(state: State, found: Mapping[str, Size]) -> bool:
    """Whether sizes that stood for themselves in shapes before are told or made one: a claim may be wrong, and tells nothing of these."""
    before, after = Sizing(found=dict(state.found)), Sizing(found=dict(found))
    names = {name for shape in state.shapes.values() for entry in before.shape(shape) if isinstance(entry, Dim) for name in entry.names}
    mine = [name for name in names if name.startswith(_MINE)]
    values = [after.known(Dim((name,))) for name in mine]
    return len(set(values)) < len(mine) or any(not sought(value) for value in values)


def sought_size(plain: str) -> Size:
    """The size that stands for a name of a size which nothing tells yet."""
    return Dim((f"{_MINE}{plain}|{SIZE}",))


def _spreads(value: Expr) -> int:
    """How often a scalar that holds a name is added to an array."""
    times = 0
    for node in postorder([value]):
        if isinstance(node, Add | Subtract):
            sides = (node.left, node.right)
            scalars = [side for side in sides if not side.shape]
            if len(scalars) == 1 and any(isinstance(each, Symbol) for each in postorder(scalars)):
                times += 1
    return times


def sought(size: Size) -> bool:
    """Whether a size is one of those that were sought and not found."""
    return isinstance(size, Dim) and any(name.startswith(_MINE) for name in size.names)


def size_sought(size: Size) -> str | None:
    """The name of the size that this stands for, by `sought_size`."""
    name = size.names[0] if isinstance(size, Dim) and len(size.names) == 1 else ""
    plain, _, what = name.removeprefix(_MINE).rpartition("|")
    return plain if what == SIZE and name.startswith(_MINE) else None
