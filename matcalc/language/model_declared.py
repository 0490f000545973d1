"""What a model declares, each entry checked by itself: names, shapes, functions, and definitions taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, final

from matcalc.errors import DefinitionClashError, LayoutError, MatcalcError, ModelError, near_names
from matcalc.language.definitions import Definition, definition_of, left_side
from matcalc.language.elementwise import MapFunction
from matcalc.language.expressions import Apply, ApplyMap, ApplyMatrixFunction, Expr, Let, MapDerivative, SizeNumber, Symbol
from matcalc.language.model_entries import Entries, Entry, Faults
from matcalc.language.naming import checked_name, key_or_none
from matcalc.language.reading.names import Key, NameKey, key_of
from matcalc.language.reading.scope import FunctionLike, declared, shape_named, size_named
from matcalc.language.sizes import Dim, Shape, shape_text
from matcalc.language.traversal import named, postorder, with_definition

LAYOUTS = ("numerator", "denominator")


@final
@dataclass(slots=True)
class Declared:
    """The declarations of a model by the keys of their names.

    Attributes:
        symbols: each with its place.
        annotations: shapes of names that are defined as well.
        given: symbols and named quantities that were given as expressions, with all that they rest on, by plain name.
        given_functions: the functions in them.
        spoilt: names whose own declaration has a fault, by their keys.
        functions, sizes: the entries without a fault.
    """

    entries: Entries
    faults: Faults
    symbols: dict[NameKey, tuple[Symbol, str]] = field(default_factory=dict)
    definitions: dict[NameKey, tuple[Definition, Entry]] = field(default_factory=dict)
    aliases: dict[NameKey, tuple[str, Entry]] = field(default_factory=dict)
    annotations: dict[NameKey, tuple[Shape, Entry]] = field(default_factory=dict)
    given: dict[str, Expr] = field(default_factory=dict)
    given_dims: list[Dim] = field(default_factory=list)
    given_functions: dict[str, FunctionLike] = field(default_factory=dict)
    spoilt: dict[NameKey, str] = field(default_factory=dict)
    functions: list[Entry] = field(default_factory=list)
    sizes: list[Entry] = field(default_factory=list)

    def spoil(self, name: str) -> None:
        """Note that a name is declared, with a fault."""
        key = key_or_none(name) if name else None
        if key is not None:
            self.spoilt[key] = name

    def take_names(self) -> None:
        """Given expressions, with all that they rest on, and the functions in them."""
        names = self.entries.names
        if names is not None and not isinstance(names, Iterable):
            self.faults.note("names", ModelError(f"{names!r:.60} is neither a dict nor a list of symbols, named quantities and sizes."))
            return
        listed = names.items() if isinstance(names, Mapping) else ((getattr(each, "name", ""), each) for each in names or ())
        roots: list[Expr] = []
        for name, each in listed:
            if isinstance(each, Dim):
                self.given_dims.append(each)
            elif isinstance(each, Symbol | Let) or (isinstance(each, ApplyMap) and each.function.name == name):
                roots.append(each)
                self.given |= {name: each} if isinstance(each, Symbol | Let) else {}
            else:
                claim = f"{each!r:.60} has no name of its own: declare it, or give it one with let."
                self.faults.note(f"names, {name or 'one of them'}", ModelError(claim))
        self.given = {**named(roots), **self.given}
        maps: dict[MapFunction, set[tuple[Expr, ...]]] = {}
        for node in postorder(roots, with_definition):
            if isinstance(node, Apply | ApplyMatrixFunction) and not node.function.known:
                self.given_functions[node.function.name] = "elementwise" if isinstance(node, Apply) else "matrix"
            elif isinstance(node, ApplyMap | MapDerivative):
                maps.setdefault(node.function, set()).add(node.arguments)
            elif isinstance(node, SizeNumber):
                self.given_dims.append(node.size)
        for function, arguments in maps.items():
            bound = {"of": [*next(iter(arguments))], "shape": function.shape}
            self.given_functions[function.name] = bound if len(arguments) == 1 else function

    def split_definitions(self) -> None:
        """Every definition as its name and the text that defines it; what cannot be split is noted as a fault at its place."""
        for entry in self.entries.definitions:
            if not isinstance(entry.value, str):
                self.faults.note(entry.place, ModelError(f"{entry.value!r:.60} is no text."))
                self.spoil(entry.name)
                continue
            text = f"{entry.name} = {entry.value}" if entry.name else entry.value
            made = self.faults.of(entry.place, lambda text=text: definition_of(text))  # type: ignore[misc]
            if made is None:
                key = left_side(text)
                self.spoilt |= {key: entry.name or str(key)} if key is not None else {}
                continue
            other = self.definitions.get(made.key)
            if other is not None:
                self.faults.note(place_of(entry, made.name), _twice(made.name, other[0].text, other[1].place))
            self.definitions.setdefault(made.key, (made, entry))
        for entry in self.entries.aliases:
            name = self.faults.of(entry.place, lambda entry=entry: checked_name(entry.name))  # type: ignore[misc]
            if name is None:
                self.spoil(entry.name)
                continue
            key, target = key_of(entry.name), entry.value
            if not isinstance(target, str):
                self.spoil(entry.name)
                self.faults.note(entry.place, ModelError(f"{entry.name} is an alias of {target!r:.60}, which is no name."))
            elif key in self.definitions:
                self.faults.note(entry.place, _twice(name, self.definitions[key][0].text, self.definitions[key][1].place))
            elif key in self.aliases:
                self.faults.note(entry.place, _twice(name, f"{name} = {self.aliases[key][1].value}", self.aliases[key][1].place))
            else:
                self.aliases[key] = (name, entry)

    def check_entries(self) -> None:
        """Each shape and function by itself, so that a fault has its place."""
        for entry in self.entries.shapes:
            made = self.faults.of(entry.place, lambda entry=entry: _symbol(entry))  # type: ignore[misc]
            if made is None:
                self.spoil(entry.name)
                continue
            key = key_of(entry.name)
            other, place = self.symbols.get(key, (None, ""))
            if key in self.definitions or key in self.aliases:
                self.annotations[key] = (made.shape, entry)
            elif other is not None and other.shape != made.shape:
                claim = (
                    f"{entry.name} is {shape_text(made.shape)} here and {shape_text(other.shape)} at {place}. "
                    "Style does not tell names apart: rename one of them."
                )
                self.faults.note(entry.place, DefinitionClashError(claim))
            else:
                self.symbols.setdefault(key, (made, entry.place))
        for entry in self.entries.sizes:
            if self.faults.of(entry.place, lambda entry=entry: size_key(entry.name)) is not None:  # type: ignore[misc]
                self.sizes.append(entry)
        layout = self.entries.layout
        if layout is not None and layout.value not in LAYOUTS:
            near = near_names(str(layout.value), LAYOUTS)
            self.faults.note(layout.place, LayoutError(f"{layout.value!r:.60} is not a layout. {near}"))
        functions: dict[NameKey, Entry] = {}
        for entry in self.entries.functions:
            found = self.faults.of(entry.place, lambda entry=entry: _checked_function(entry))  # type: ignore[misc]
            if found is None:
                self.spoil(entry.name)
            elif functions.setdefault(found, entry) is not entry:
                claim = f"The function {entry.name} is declared already ({functions[found].place}). Rename one of them."
                self.faults.note(entry.place, DefinitionClashError(claim))
            else:
                self.functions.append(entry)


def declared_by(entries: Entries, faults: Faults) -> Declared:
    """What the entries declare; faults are noted."""
    made = Declared(entries, faults)
    made.take_names()
    made.split_definitions()
    made.check_entries()
    for name in entries.spoilt:
        made.spoil(name)
    return made


def place_of(entry: Entry, name: str) -> str:
    """The place of an entry, with its name where the place has none."""
    return f"{entry.place}, {name}" if not entry.name else entry.place


def _twice(name: str, text: str, place: str) -> MatcalcError:
    return DefinitionClashError(f"{name} has a definition already, {' '.join(text.split())!s:.80} ({place}). Take one out, or rename it.")


def _symbol(entry: Entry) -> Symbol:
    return Symbol(checked_name(entry.name), shape_named(entry.value, entry.name))


def without_arguments(function: Any) -> Any:
    """The declaration of a function, without what it is of."""
    return {name: value for name, value in function.items() if name != "of"} if isinstance(function, Mapping) else function


def _checked_function(entry: Entry) -> NameKey:
    """The key of a function; raise unless the entry is one by itself. What it is of is looked up later."""
    (key,) = declared(None, {entry.name: without_arguments(entry.value)}, None, ()).functions
    if not isinstance(entry.value, Mapping) or "of" not in entry.value:
        return key
    of = entry.value["of"]
    listed = [of] if isinstance(of, str | Expr) else of
    if not isinstance(listed, list | tuple) or not listed or not all(isinstance(each, str | Expr) for each in listed):
        raise ModelError(f"{entry.name} is declared of {of!r:.60}: a name is needed there, or a list of names.")
    return key


def size_key(name: str) -> Key:
    """The key of a single size.

    Raises:
        ModelError: the text is no name of one.
    """
    found, key = size_named(name), key_of(name)
    if not isinstance(found, Dim) or found.coefficient != 1 or len(found.names) != 1 or not isinstance(key, Key):
        raise ModelError(f"{name!r} is not the name of a size, like n or n_1.")
    return key
