"""The model that a text defines itself: its definitions, with the shapes that it tells and those that follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Any, final

from matcalc.derivation_check.declared_shapes import MAP, Told, one_key, told
from matcalc.derivation_check.documents import Document, document
from matcalc.derivation_check.name_kinds import Style, Written
from matcalc.derivation_check.name_uses import BOLD, PLAIN, SCRIPT, Use, sizes_in, written
from matcalc.derivation_check.shape_inference import Fact, Known, Search, State, size_sought, sought, sought_size
from matcalc.derivation_check.text_definitions import (
    Candidate, Layers, Statement, candidates, derived_names, layers_of, statements, with_insides,
)  # fmt: skip
from matcalc.derivation_check.text_evidence import evidence
from matcalc.derivation_check.text_maps import compositions, formulas_in, maps_in
from matcalc.errors import MatcalcError
from matcalc.language.model import Model
from matcalc.language.reading.names import Key, key_of
from matcalc.language.reading.scope import shape_named, size_named
from matcalc.language.sizes import Dim, Shape, Size, rows_and_columns

OF_SIGNS = ("positive", "nonnegative", "invertible")
DEPTH = 3  # of a model with layers, and two of them for the search
FEWEST_LAYERS = 2
MOST_LAYERS = 8
LONGEST = 60_000  # characters in which names of sizes are looked for
_POOL = "nmpqrdkstuvwhcg"
_BOLD = re.compile(r"\s*\\(?:mathbf|boldsymbol|bm|vec)")
_SCRIPTED = re.compile(r"\s*\\(?:mathcal|ell|mathscr)")
_INSIDE = re.compile(r"(?:\\(?:mathbf|boldsymbol|bm)\s*\{\s*[zZ]\s*\}|(?<![A-Za-z\\{])[zZ](?=\s*[_^)}]))")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_VECTORS = re.compile(r"\\top|\^\s*\{?\s*T\b|\\odot|\\\||\\Vert|\\lVert|diag|\\mathbf|\\intercal|\\mathsf")


@final
@dataclass(slots=True)
class TextModel:
    """The definitions of a text.

    Attributes:
        said: what it tells of names.
        made: its definitions.
        layers: the letters that count layers.
        maps: unknown maps, each with its arguments.
        derived: the names that are defined by derivatives, which are not part of it, nor what rests on them.
        kinds: of the names, by family.
    """

    found: Document
    said: Told
    made: list[Candidate]
    layers: Layers
    maps: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    derived: frozenset[Key] = frozenset()
    kinds: Mapping[Key, str] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of the formulas that define something."""
        return frozenset(each.number for each in self.made) - self.left_out

    def at(self, depth: int) -> Model | None:
        """The model with so many layers; None where there is none."""
        if not 1 <= depth <= MOST_LAYERS or (not self.layers and depth != FEWEST_LAYERS):
            return None
        listed = statements(self.made, self.layers, depth)
        facts = _Facts(self, listed, depth)
        state = Search(facts.facts, facts.known, self.kinds).result()
        return facts.model(state)


def text_model(text: str) -> TextModel:
    """The definitions of a text, with the kinds of their names.

    >>> made = text_model(r"Let $\\mathbf{z} = \\mathbf{W} \\mathbf{x} + \\mathbf{b}$ and $C = \\|\\mathbf{z}\\|^2$.")
    >>> made.at(2)
    Model(symbols: W, x, b; definitions: z, C)
    """
    found = document(text)
    made = candidates(found)
    nested, maps = compositions(found)
    made += [each for each in nested if all(each.key != other.key for other in made)]
    layers = layers_of(made)
    made = _kept(with_insides(made, _unnamed_insides(found, made)))
    defined = {each.key for each in made}
    maps = {**maps_in(formulas_in(found), {*defined, *(key for key in told(text).functions)}), **maps}
    maps = {key: arguments for key, arguments in maps.items() if key not in defined}
    model = TextModel(found, told(text), made, layers, maps, frozenset(derived_names(found) - defined))
    facts = _Facts(model, statements(made, layers, FEWEST_LAYERS), FEWEST_LAYERS)
    state = Search(facts.facts, facts.known).result()
    model.kinds = state.kinds
    model.left_out = frozenset(facts.listed[k].number for k in state.left_out if k < len(facts.listed))
    return model


def _unnamed_insides(found: Document, made: Sequence[Candidate]) -> list[str]:
    """How the text spells z, where nothing defines that."""
    if any(each.key.stem in ("z", "Z") for each in made):
        return []
    return list(dict.fromkeys(match[0] for match in _INSIDE.finditer(found.clean[:LONGEST])))


def _kept(made: list[Candidate]) -> list[Candidate]:
    """The candidates without delta beside z, which is a derivative, and without what rests on that."""
    stems = {each.key.stem for each in made}
    return [each for each in made if each.key.stem.lower() != "delta" or not stems & {"z", "Z"}]


@final
class _Facts:
    """The facts of a text at a depth, those first that others rest on."""

    def __init__(self, model: TextModel, listed: Sequence[Statement], depth: int) -> None:
        self.text, self.depth, self.layers = model, depth, model.layers
        said, layers = model.said, model.layers
        stems = {key.stem for key in (*said.shapes, *said.kinds, *said.functions, *(each.key for each in listed))}
        self.words = frozenset(stem for stem in stems if len(stem) > 1)
        self.letters = frozenset(stem for stem in stems if len(stem) == 1)
        self.numbered = layers.bare_stems(each.text for each in model.made)
        self.tops = {letter: depth for letter in layers.above | layers.below if letter.isupper()}
        self.listed, self.facts = self._facts(listed)
        self.arguments = {key: tuple(layers.numbered(each, self.tops)[0] for each in of) for key, of in model.maps.items()}
        for argument in dict.fromkeys(each for of in self.arguments.values() for each in of):
            with suppress(MatcalcError):
                self.facts.append(Fact(None, (), written(argument, self.words, self.letters, self.numbered)))
        self.facts += evidence(model.found, layers, self.words, self.letters, frozenset(each.number for each in model.made))
        self.sizes = self._sizes()
        self.known = self._known()

    def _facts(self, listed: Sequence[Statement]) -> tuple[list[Statement], list[Fact]]:
        made: dict[Key, tuple[Statement, Fact]] = {}
        for each in listed:
            with suppress(MatcalcError):
                parsed = written(each.right, self.words, self.letters, self.numbered)
                if not any(use.key == each.key for use in parsed.uses):
                    made[each.key] = each, Fact(each.key, each.arguments, parsed)
        ordered: list[tuple[Statement, Fact]] = []
        done: set[Key] = set()
        derived = self._derived(made)
        waiting = {key: each for key, each in made.items() if key not in derived}
        while waiting:
            ready = [key for key, (_, fact) in waiting.items() if all(use.key in done or use.key not in waiting for use in fact.needs)]
            if not ready:
                break  # they go in a circle
            for key in ready:
                ordered.append(waiting.pop(key))
                done.add(key)
        return [each for each, _ in ordered], [fact for _, fact in ordered]

    def _derived(self, made: Mapping[Key, tuple[Statement, Fact]]) -> set[Key]:
        """The names that are defined by derivatives, at every layer, and those of what rests on them."""
        found: set[Key] = set()
        for key in self.text.derived:
            found |= {self.layers.key_at(key, values) for values in self._all_values(_scripted(key))}
        found -= set(made)
        while more := {key for key, (_, fact) in made.items() if key not in found and any(use.key in found for use in fact.needs)}:
            found |= more
        return found

    # ---- what is known -----------------------------------------------------------------------------------------------

    def _sizes(self) -> dict[Key, Size]:
        told = self.text.said.sizes
        found: dict[Key, Size] = {}
        for text in (*told, *sizes_in((self.text.found.clean[:LONGEST],))):
            for values in self._all_values(text):
                numbered, numbers = self.layers.numbered(text, values)
                with suppress(MatcalcError):
                    key, size = key_of(numbered), size_named(numbered)
                    free = isinstance(key, Key) and self._is_free(key) and all(0 <= number <= self.depth for number in numbers)
                    if isinstance(key, Key) and isinstance(size, Dim) and free:
                        found.setdefault(key, size if text in told else sought_size(key.plain))
        return found

    def _is_free(self, key: Key) -> bool:
        """Whether a name of a size is no name of something else."""
        return key not in self.text.said.shapes and all(key != each.key for each in self.listed)

    def _all_values(self, text: str) -> list[dict[str, int]]:
        """The numbers that the letters of a text may have."""
        lower = [letter for letter in self.layers.letters_in(text) if letter.islower()]
        return [{**dict.fromkeys(lower, number), **self.tops} for number in range(self.depth + 2)] if lower else [dict(self.tops)]

    def _told_at(self, key: Key) -> list[tuple[Key, dict[str, int]]]:
        """The names of what is told that this name is, each with the numbers of the letters."""
        found = []
        for other in {*self.text.said.shapes, *self.text.said.kinds, *self.text.said.functions}:
            if other.stem != key.stem:
                continue
            for values in self._all_values(_scripted(other)):
                if self.layers.key_at(other, values) == key:
                    found.append((other, values))
        return found

    def _shape(self, key: Key) -> Shape | None:
        for other, values in self._told_at(key):
            sizes = self.text.said.shapes.get(other)
            if sizes is not None:
                with suppress(MatcalcError):
                    return shape_named(tuple(self.layers.numbered(size, values)[0] for size in sizes), key.plain)
        return None

    def _kind(self, key: Key) -> str | None:
        if key in self.arguments:
            return MAP
        for other, _ in self._told_at(key):
            found = self.text.said.functions.get(other) or self.text.said.kinds.get(other)
            if found is not None:
                return found
        return None

    def _known(self) -> Known:
        seen: dict[Key, Written] = {}
        style = Style()
        for fact in self.facts:
            for use in fact.needs if fact.brings else ():
                seen.setdefault(self.layers.family(use.key), Written()).note(use)
                style.bold = style.bold or use.style == BOLD
            style.vectors = style.vectors or bool(_VECTORS.search(fact.parsed.tokens.source.text))
        for each in self.listed:
            bold = _BOLD.match(each.left) is not None
            use = Use(each.key, BOLD if bold else SCRIPT if _SCRIPTED.match(each.left) else PLAIN, 0, False)
            seen.setdefault(self.layers.family(each.key), Written()).note(use)
            style.bold = style.bold or bold
        capitals = [family for family, used in seen.items() if family.stem[:1].isupper() and used.arguments == {0}]
        defined = {self.layers.family(each.key) for each in self.listed}
        style.vectors = style.vectors or any(family not in defined for family in capitals)
        said = self.text.said
        maps = {key: shape_named(sizes, key.plain) for key, sizes in said.maps.items()}
        return Known(self.layers.family, self._shape, self._kind, self.sizes, maps, style, seen)

    # ---- the model ---------------------------------------------------------------------------------------------------

    def model(self, state: State) -> Model | None:
        """The model of the definitions that were taken; None where it cannot be built."""
        kept = [each for k, each in enumerate(self.listed) if k not in state.left_out]
        defined = {each.key for each in kept}
        resolved = {key: state.resolved(shape) for key, shape in state.shapes.items() if key not in defined}
        resolved |= {key: shape for key in self._told_names(defined) if key not in resolved and (shape := self._shape(key)) is not None}
        names = self._size_names(state, resolved)
        shapes = {key.plain: tuple(_named(entry, names) for entry in shape) for key, shape in resolved.items()}
        functions = self._functions(state)
        sizes = [name for name in self._lone_sizes(state) if name not in _used(shapes)]
        assume = self._assumed(resolved)
        for taken in (assume, []):
            with suppress(MatcalcError):
                return Model(shapes, [each.text for each in kept], functions, taken, sizes=sizes)
        return None

    def _told_names(self, defined: Iterable[Key]) -> list[Key]:
        """The names whose shape is told, at every layer, without those that are defined."""
        found = []
        for key in self.text.said.shapes:
            for values in self._all_values(_scripted(key)):
                at = self.layers.key_at(key, values)
                number = self.layers.number(at)
                if at not in defined and (number is None or number <= self.depth) and "-" not in at.above + at.below:
                    found.append(at)
        return found

    def _functions(self, state: State) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for fact in self.facts:
            for use in fact.needs:
                kind = state.kinds.get(self.layers.family(use.key))
                if kind == MAP:
                    found[use.key.plain] = {"shape": " ".join(map(str, self.known.maps.get(use.key, ())))}
                elif kind is not None and use.key not in state.shapes:
                    found[use.key.plain] = kind
        for key, arguments in self.arguments.items():
            shape = " ".join(map(str, self.known.maps.get(key, ())))
            known = [one_key(each) for each in arguments]
            if all(each is not None and each in state.shapes for each in known):
                found[key.plain] = {"of": [each.plain for each in known if each is not None], "shape": shape}
        for key, function in self.text.said.functions.items():
            if not self.layers.letters_in(_scripted(key)):
                found.setdefault(key.plain, function)
        return found

    def _assumed(self, shapes: Mapping[Key, Shape]) -> list[str]:
        """What is told of signs; what is told of entries, as "symmetric", holds behind the place where it is told only."""
        return [f"{key.plain} {says}" for key, says in self.text.said.assumptions if key in shapes and says in OF_SIGNS]

    def _lone_sizes(self, state: State) -> list[str]:
        """The names of sizes that are no other size."""
        found = []
        for key, size in self.sizes.items():
            (now,) = state.resolved((size,))
            if now == size:
                found.append(key.plain)
        return found

    # ---- the names of sizes ------------------------------------------------------------------------------------------

    def _size_names(self, state: State, resolved: Mapping[Key, Shape]) -> dict[str, str]:
        """A name for each size that was sought and not told: n_l of a layer, else the next letter that is free."""
        layered: dict[str, set[int]] = {}
        order: dict[str, None] = {}
        found: dict[str, str] = {}
        for size in self.sizes.values():
            (now,) = state.resolved((size,))
            plain = size_sought(size)
            if plain is not None and isinstance(now, Dim) and sought(now) and len(now.names) == 1:
                found.setdefault(now.names[0], plain)
        defined = {each.key: state.resolved(state.shapes[each.key]) for each in self.listed if each.key in state.shapes}
        for key, shape in (*defined.items(), *resolved.items()):
            for axis, entry in enumerate(rows_and_columns(shape)):
                if not isinstance(entry, Dim) or not sought(entry) or len(entry.names) > 1 or entry.names[0] in found:
                    continue
                order.setdefault(entry.names[0])
                number = self.layers.number(key)
                if number is not None and axis == 0 and len(shape) == 1:
                    layered.setdefault(entry.names[0], set()).add(number)
        taken = {key.plain for key in (*resolved, *state.shapes, *self.sizes)}
        for formula in formulas_in(self.text.found):
            taken |= set(_COMMAND.sub(" ", formula))
        more = (f"r_{a}{b}" for b in ("", *ascii_lowercase) for a in ascii_lowercase)
        pool = iter([*(letter for letter in _POOL if letter not in taken), *more])
        for name in order:
            numbers = layered.get(name, set())
            wanted = f"n_{min(numbers)}" if len(numbers) == 1 else next(pool)
            while wanted in found.values() or wanted in taken:
                wanted = next(pool)
            found[name] = wanted
        return found


def _scripted(key: Key) -> str:
    """The scripts of a key as a text."""
    return f"_{{{key.below}}}^{{{key.above}}}"


def _named(entry: Size, names: Mapping[str, str]) -> str:
    if isinstance(entry, int):
        return str(entry)
    factors = [names.get(name, name) for name in entry.names]
    return "*".join([*([] if entry.coefficient == 1 else [str(entry.coefficient)]), *factors])


def _used(shapes: Mapping[str, Sequence[str]]) -> set[str]:
    return {name for shape in shapes.values() for entry in shape for name in entry.split("*")}
