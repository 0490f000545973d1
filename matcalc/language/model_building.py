"""From the declarations of a model to what its names mean: definitions are read, functions bound, everything checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import final

from matcalc.errors import DefinitionClashError, MatcalcError, ModelError, ShapeError, UnknownNameError, near_names
from matcalc.language import building
from matcalc.language.assumed import assumptions_on, changed_symbols, with_assumed
from matcalc.language.assumptions import assumption_of, check_assumption
from matcalc.language.definitions import Definition
from matcalc.language.expressions import Expr, Let, SizeNumber, Symbol
from matcalc.language.mentions import Mentions
from matcalc.language.model_declared import LAYOUTS, Declared, declared_by, place_of, size_key, without_arguments
from matcalc.language.model_entries import Entries, Entry, Faults
from matcalc.language.naming import key_or_none
from matcalc.language.pending import RestsOnFault, Table, Task, Work, note_circles, run
from matcalc.language.reading.names import Key, NameKey, key_of
from matcalc.language.reading.scope import Function, FunctionLike, Scope, declared
from matcalc.language.reading.source import Source
from matcalc.language.sizes import Dim, shape_text
from matcalc.language.traversal import postorder, with_definition


@final
@dataclass(frozen=True, slots=True)
class Contents:
    """What a model holds; names are plain.

    Attributes:
        symbols: declared scalars, vectors, rows and matrices.
        definitions: quantities that are defined, in the order in which they were given.
        aliases: further names, each with the name that it stands for.
        maps: the values of unknown maps that are declared of their arguments.
        functions: every declared function.
        dims: every size.
        sizes: the numbers that were given for sizes.
        texts: the right sides of the definitions that were given as text.
        layout: of the derivatives that stand in the definitions; None where it was not told.
        scope: all of it, for the reader.
    """

    symbols: Mapping[str, Symbol]
    definitions: Mapping[str, Let]
    aliases: Mapping[str, str]
    maps: Mapping[str, Expr]
    functions: Mapping[str, Function]
    dims: tuple[Dim, ...]
    sizes: Mapping[str, int]
    assumptions: tuple[str, ...]
    texts: Mapping[str, str]
    layout: str | None
    scope: Scope


@final
@dataclass(slots=True)
class _Defined:
    """What was found of one definition."""

    name: str
    meaning: Expr
    text: str


@final
@dataclass(slots=True)
class Building:
    """The making of one model."""

    entries: Entries
    faults: Faults = field(default_factory=Faults)
    declared: Declared = field(init=False)
    bound: dict[str, FunctionLike] = field(default_factory=dict)
    defined: dict[NameKey, _Defined] = field(default_factory=dict)
    mentioned: dict[NameKey, Mentions | None] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    quantities: Table = field(default_factory=lambda: Table({}))
    applied: Table = field(default_factory=lambda: Table({}))

    def contents(self) -> Contents:
        """What the model holds.

        Raises:
            MatcalcError: every fault that was found, each with its place.
        """
        for place, claim in self.entries.faults:
            self.faults.note(place, ModelError(claim))
        self.declared = declared_by(self.entries, self.faults)
        self._open_scope()
        self._check_given_functions()
        tasks = self._tasks()
        for task in tasks:
            run(task, self.faults)
        if self.faults.found:
            note_circles(tasks, self._needs(), self.faults)
        self._check_annotations()
        self._check_assumptions()
        sizes = self._numbers()
        self.faults.raise_all()
        return self._finished(sizes)

    # ---- the scope before the first definition is read -----------------------------------------------------------------

    def _open_scope(self) -> None:
        """The scope before the first definition is read: symbols, sizes, and functions that are of nothing yet."""
        free = {e.name: without_arguments(e.value) for e in self.declared.functions}
        names: dict[str, Expr | Dim] = dict(self.declared.given)
        for symbol, _ in self.declared.symbols.values():
            self._check_given(symbol)
            names[symbol.name] = symbol
        names |= {f"size {i}": dim for i, dim in enumerate(self.declared.given_dims)}
        try:
            self._declare(free, names)
        except MatcalcError as error:
            self.faults.note("The names of this model", error)
            self.faults.raise_all()  # without names nothing can be read
        for shape, _ in self.declared.annotations.values():
            for entry in shape:
                self.scope.declare_size(entry)
        for size in self.declared.sizes:
            if self.scope.size_at(size_key(size.name)) is None:
                self.scope.declare_size(Dim((size.name,)))
        self.quantities, self.applied = Table(self.scope.quantities), Table(self.scope.applied)
        self.scope.quantities, self.scope.applied = self.quantities, self.applied

    def _check_given(self, symbol: Symbol) -> None:
        other = self.declared.given.get(symbol.name)
        if other is not None and other != symbol:
            claim = f"{symbol.name} is declared with the shape {shape_text(symbol.shape)}, and names= holds another {symbol.name}."
            self.faults.note(self.declared.symbols[key_of(symbol.name)][1], DefinitionClashError(f"{claim} Rename one of them."))

    def _check_given_functions(self) -> None:
        """A function that stands in the given expressions and is declared as well."""
        for entry in self.declared.functions:
            key = _function_key(entry.name)
            for name, function in self.declared.given_functions.items():
                if _function_key(name) == key and function != entry.value:
                    claim = f"{name} stands in the expressions of names= and is declared here as another function. Leave one out."
                    self.faults.note(entry.place, DefinitionClashError(claim))

    def _declare(self, functions: Mapping[str, FunctionLike], names: Mapping[str, Expr | Dim]) -> None:
        self.scope = declared(None, {**self.declared.given_functions, **functions}, names, ())
        layout = self.entries.layout.value if self.entries.layout else None
        self.scope.layout = layout if layout in (None, *LAYOUTS) else LAYOUTS[0]  # of a faulty one any will do
        self.scope.called = self._called()

    def _called(self) -> dict[NameKey, tuple[NameKey, ...]]:
        """The definitions with arguments on their left side."""
        defined = self.declared.definitions.items()
        return {key: tuple(key for key, _ in definition.arguments) for key, (definition, _) in defined if definition.arguments}

    # ---- the work, in the order of dependence ------------------------------------------------------------------------

    def _tasks(self) -> list[Task]:
        tasks: list[Task] = []
        for key, (definition, entry) in self.declared.definitions.items():
            place = place_of(entry, definition.name)
            if key in self.quantities:
                claim = f"{definition.name} is defined here, and names= holds another quantity of that name."
                self.faults.note(place, DefinitionClashError(claim))
                continue
            work = self._defining(key, definition, place)
            tasks.append(Task(key, definition.name, place, work))
        for key, (name, entry) in self.declared.aliases.items():
            if key in self.quantities:
                self.faults.note(entry.place, DefinitionClashError(f"{name} is an alias here, and a declared quantity as well."))
                continue
            tasks.append(Task(key, name, entry.place, self._naming(key, name, entry)))
        for task in tasks:
            self.quantities.wait(task)
        for key, name in self.declared.spoilt.items():
            if key not in self.scope.functions:
                self.quantities.spoil(key, name)
        for entry in self.declared.functions:
            if isinstance(entry.value, Mapping) and "of" in entry.value:
                key = _function_key(entry.name)
                tasks.append(Task(key, entry.name, entry.place, self._binding(key, entry)))
                self.applied.wait(tasks[-1])
        for key, (definition, entry) in self.declared.definitions.items():
            self._check_left_side(key, definition, entry)
        return tasks

    def _check_left_side(self, key: NameKey, definition: Definition, entry: Entry) -> None:
        source, place = Source(definition.text), place_of(entry, definition.name)
        if definition.arguments and key in self.scope.functions:
            claim = f"{definition.name} is declared as a function, and a formula does not define one."
            way_out = f"Take {definition.name} out of the functions, or write {definition.name} = ... with the function on the right side."
            self.faults.note(place, source.unreadable(definition.left, claim, way_out))
        for error in definition.unknown_arguments(lambda each: each in self.quantities or each in self.applied, self.scope.plain_names()):
            self.faults.note(place, error)

    def _defining(self, key: NameKey, definition: Definition, place: str) -> Work:
        def work() -> None:
            self._refuse_unknown(key, definition, place)
            self.quantities.open = key if key in self.scope.functions else None
            try:
                value = definition.value(self.scope)
            finally:
                self.quantities.open = None
            meaning = value if isinstance(value, Symbol | Let) else building.let(definition.name, value)
            start, end = definition.right
            self._enter(key, _Defined(definition.name, meaning, " ".join(definition.text[start:end].split())))

        return work

    def _mentions(self, key: NameKey, definition: Definition) -> Mentions | None:
        """The names in a definition; None where it is no formula, and the reader says why."""
        if key not in self.mentioned:
            self.mentioned[key] = None
            with suppress(MatcalcError):
                self.mentioned[key] = definition.mentions(self.scope)
        return self.mentioned[key]

    def _refuse_unknown(self, key: NameKey, definition: Definition, place: str) -> None:
        """Note every name in a definition that nothing declares; the reader would stop at the first."""
        found = self._mentions(key, definition)
        for each in found.unknown if found else ():
            self.faults.note(place, each.error)
        if found and found.unknown:
            raise RestsOnFault

    def _needs(self) -> dict[NameKey, list[NameKey]]:
        """The names that each name rests on, as its text says."""
        found: dict[NameKey, list[NameKey]] = {}
        for key, (definition, _) in self.declared.definitions.items():
            made = self._mentions(key, definition)
            found[key] = [each for each in (made.declared if made else ()) if each != key or key not in self.scope.functions]
        for key, (_, entry) in self.declared.aliases.items():
            found[key] = [each for each in (key_or_none(entry.value),) if each is not None]
        for entry in self.declared.functions:
            of = entry.value["of"] if isinstance(entry.value, Mapping) and "of" in entry.value else []
            keys = [key_or_none(each) for each in ([of] if isinstance(of, str) else of) if isinstance(each, str)]
            found.setdefault(_function_key(entry.name), []).extend(each for each in keys if each is not None)
        return found

    def _naming(self, key: NameKey, name: str, entry: Entry) -> Work:
        return lambda: self._enter(key, _Defined(name, self._quantity(entry.value, f"{name} is an alias of"), ""))

    def _enter(self, key: NameKey, found: _Defined) -> None:
        self.defined[key] = found
        self.quantities.enter(key, found.meaning)

    def _binding(self, key: NameKey, entry: Entry) -> Work:
        def work() -> None:
            of = entry.value["of"]
            listed = [of] if isinstance(of, str | Expr) else list(of)
            arguments = [each if isinstance(each, Expr) else self._quantity(each, f"{entry.name} is declared of") for each in listed]
            function = {**entry.value, "of": arguments}
            made = declared(None, {entry.name: function}, None, ())
            self.scope.functions[key] = made.functions[key]
            self.applied.enter(key, made.applied[key])
            self.bound[entry.name] = function

        return work

    def _quantity(self, name: str, claim: str) -> Expr:
        key = key_of(name)
        found: Expr | None = self.quantities.get(key)
        if found is None:
            found = self.applied.get(key)
        if found is None:
            plain = key.plain if isinstance(key, Key) else name
            raise UnknownNameError(f"{claim} {plain}, which is not declared. {near_names(plain, self.scope.plain_names())}")
        return found

    def _check_annotations(self) -> None:
        for key, (shape, entry) in self.declared.annotations.items():
            found = self.defined.get(key)
            if found is not None and found.meaning.shape != shape:
                given = shape_text(found.meaning.shape)
                way_out = "Correct one of them; a defined name needs no shape."
                place = self.declared.definitions[key][1].place if key in self.declared.definitions else self.declared.aliases[key][1].place
                claim = f"{found.name} is declared as {shape_text(shape)}, but its definition ({place}) makes it {given}. {way_out}"
                self.faults.note(entry.place, ShapeError(claim))

    def _check_assumptions(self) -> None:
        for entry in self.entries.assume:
            with suppress(RestsOnFault):
                self.faults.of(entry.place, lambda entry=entry: check_assumption(entry.value, self.scope))  # type: ignore[misc]

    # ---- what comes of it --------------------------------------------------------------------------------------------

    def _quantities(self) -> dict[str, Expr]:
        quantities = dict(self.declared.given)
        quantities |= {symbol.name: symbol for symbol, _ in self.declared.symbols.values()}
        return quantities | {found.name: found.meaning for found in self.defined.values()}

    def _assuming(self, quantities: Sequence[Expr]) -> list[Expr]:
        """The quantities with what is assumed of the symbols in them."""
        made = [assumption_of(entry.value) for entry in self.entries.assume]
        return changed_symbols(quantities, lambda symbol: with_assumed(symbol, assumptions_on(symbol, made))) if made else list(quantities)

    def _finished(self, sizes: Mapping[str, int]) -> Contents:
        quantities = self._quantities()
        quantities = dict(zip(quantities, self._assuming(list(quantities.values())), strict=True))
        functions = {**self.declared.given_functions, **{e.name: e.value for e in self.entries.functions}, **self.bound}
        dims = list({dim: None for dim in self.scope.sizes.values() if isinstance(dim, Dim)})
        names: dict[str, Expr | Dim] = {**quantities, **{f"size {dim}": dim for dim in dims}}
        scope = declared(None, functions, names, [entry.value for entry in self.entries.assume])
        scope.called = self._called()
        texts = {found.name: found.text for found in self.defined.values() if found.text}
        ordered = [self.defined[key] for key in (*self.declared.definitions, *self.declared.aliases)]
        given = [e for e in self.declared.given.values() if isinstance(e, Let)]
        given += [d.meaning for d in ordered if isinstance(d.meaning, Let) and d.meaning.name == d.name]
        lets = [e for e in self._assuming(given) if isinstance(e, Let)]
        return Contents(
            symbols={e.name: e for e in quantities.values() if isinstance(e, Symbol)},
            definitions={e.name: e for e in lets},
            aliases={name: e.name for name, e in quantities.items() if isinstance(e, Symbol | Let) and e.name != name},
            maps={_plain(key): value for key, value in scope.applied.items()},
            functions={_plain(key): function for key, function in scope.functions.items()},
            dims=tuple(dims),
            sizes=sizes,
            assumptions=tuple(entry.value for entry in self.entries.assume),
            texts=texts,
            layout=self.scope.layout,
            scope=scope,
        )

    def _numbers(self) -> dict[str, int]:
        """The numbers that are given for sizes, each of which something here must have."""
        used = {name for name in self._sizes_in_faulty_texts() if self.faults.found}
        for node in postorder([*self._quantities().values(), *self.scope.applied.values()], with_definition):
            used |= {name for entry in node.shape if isinstance(entry, Dim) for name in entry.names}
            used |= set(node.size.names) if isinstance(node, SizeNumber) else set()
        numbers: dict[str, int] = {}
        for entry in self.declared.sizes:
            found = self.scope.size_at(size_key(entry.name))
            name = found.names[0] if isinstance(found, Dim) else entry.name
            if entry.value is None:
                continue
            if isinstance(entry.value, bool) or not isinstance(entry.value, int) or entry.value < 1:
                self.faults.note(entry.place, ModelError(f"{entry.name} = {entry.value!r:.60}: the number of a size is a positive int."))
            elif name not in used:
                near = near_names(name, used)
                self.faults.note(entry.place, UnknownNameError(f"No shape and no definition here has the size {entry.name}. {near}"))
            else:
                numbers[name] = entry.value
        return numbers


    def _sizes_in_faulty_texts(self) -> set[str]:
        """The sizes whose names stand somewhere in what is declared: a fault may have kept it from being read."""
        texts = [str(entry.value) for entry in (*self.entries.shapes, *self.entries.functions, *self.entries.definitions)]
        return {entry.name for entry in self.declared.sizes if any(entry.name in text for text in texts)}


def _plain(key: NameKey) -> str:
    return key.plain if isinstance(key, Key) else f"d{key[0].plain}/d{key[1].plain}"


def _function_key(name: str) -> NameKey:
    (key,) = declared(None, {name: {"shape": ""}}, None, ()).functions
    return key
