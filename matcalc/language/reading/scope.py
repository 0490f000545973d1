"""What is declared to the reader: quantities, functions, sizes and assumptions, under the keys of their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias, final

from matcalc.errors import DefinitionClashError, MatcalcError, UnknownNameError, near_names
from matcalc.language import building
from matcalc.language.assumed import assumptions_on, changed_symbols, unified, with_assumed
from matcalc.language.assumptions import assumption_of, check_assumption
from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, MapFunction, MatrixFunction, known_function
from matcalc.language.expressions import ApplyMap, Expr, Let, Symbol
from matcalc.language.matrix_operations import matrix_function
from matcalc.language.reading.names import Key, NameKey, key_of, plain_of
from matcalc.language.reading.vocabulary import Operation, operation_named
from matcalc.language.sizes import Dim, Shape, Size, shape_of, shape_text, size, size_product


@final
@dataclass(frozen=True, slots=True)
class OpenMap:
    """An unknown map of the arguments that the text gives it."""

    name: str
    shape: Shape


Function: TypeAlias = ElementwiseFunction | MapFunction | OpenMap | MatrixFunction
Head: TypeAlias = Function | Operation  # what can be applied
ShapeLike: TypeAlias = str | Iterable[Any]
FunctionLike: TypeAlias = str | Mapping[str, Any] | ElementwiseFunction | MapFunction | MatrixFunction
Names: TypeAlias = Mapping[str, Expr | Dim] | Iterable[Expr | Dim]


@final
@dataclass(slots=True)
class Scope:
    """What the names of a text stand for.

    Attributes:
        applied: the value that a map declared with ``of`` has where it stands without an argument.
        called: the arguments of quantities that were defined with some, as C(a, y); they are dropped where they stand behind the name.
        layout: of the derivatives in the text, None where it was not told.
        by_vec: whether a derivative with more than two axes is read as the one of vec by vec.
        stand_ins: whether a derivative with three axes is read as the vector that texts write for it.
        direct: whether partial derivatives hold the other named quantities in the definition of what is derived.
        takes_all: whether a derivative written as an operator takes all of a product where it might take the first factor only, and a
            named quantity in brackets behind it, of which it is made, as its argument.
        powers_of_vectors: whether a power of a column, and a division by one, are read entry by entry without a sign that says so.
        bare: what an elementwise function with primes is of where no argument is written, by the name of the function.
        silent: whether errors suggest no near names, which takes long where many readings are tried.
        words: names of several letters, that letters side by side may spell.
    """

    quantities: dict[NameKey, Expr] = field(default_factory=dict)
    functions: dict[NameKey, Function] = field(default_factory=dict)
    applied: dict[NameKey, Expr] = field(default_factory=dict)
    sizes: dict[NameKey, Size] = field(default_factory=dict)
    called: dict[NameKey, tuple[NameKey, ...]] = field(default_factory=dict)
    layout: str | None = None
    by_vec: bool = False
    stand_ins: bool = False
    direct: bool = False
    takes_all: bool = False
    silent: bool = False
    powers_of_vectors: bool = False
    bare: Mapping[str, Expr] = field(default_factory=dict)

    @property
    def words(self) -> frozenset[str]:
        return frozenset(stem for stem in self._stems() if len(stem) > 1)

    @property
    def letters(self) -> frozenset[str]:
        """The declared stems of one letter."""
        return frozenset(stem for stem in self._stems() if len(stem) == 1)

    def _stems(self) -> Iterable[str]:
        for table in (self.quantities, self.functions, self.sizes):
            for key in table:
                if isinstance(key, Key):
                    yield key.stem
                    yield key.stem + key.below

    def size_at(self, key: Key) -> Size | None:
        """The size of that key; N_l and n_l are one."""
        found = self.sizes.get(key)
        if found is None and key.below and key.stem in ("n", "N"):
            found = self.sizes.get(key._replace(stem=key.stem.swapcase()))
        return found

    def plain_names(self) -> list[str]:
        """Every declared name, plain; none where errors are to suggest none."""
        found: list[str] = []
        if self.silent:
            return found
        for table in (self.quantities, self.functions, self.sizes):
            for key in table:
                name = key.plain if isinstance(key, Key) else f"d{key[0].plain}/d{key[1].plain}"
                found += [name] if name not in found else []
        return found

    def declare(self, name: str, quantity: Expr) -> None:
        """Enter a quantity under a name; another one there is refused."""
        key = key_of(name)
        other = self.quantities.setdefault(key, quantity)
        if other != quantity:
            first, second = (f"{e!r}, {shape_text(e.shape)}" for e in (other, quantity))
            raise DefinitionClashError(
                f"{name} has two meanings: {first} and {second}. Style does not tell names apart: rename one of them."
            )

    def declare_size(self, value: Size) -> None:
        """Enter the names of a size."""
        for name in value.names if isinstance(value, Dim) else ():
            self.sizes.setdefault(key_of(name), Dim((name,)))


_TOGETHER = {"sin": "cos", "cos": "sin"}


def declared(
    shapes: Mapping[str, ShapeLike] | None, functions: Mapping[str, FunctionLike] | None, names: Names | None, assume: Iterable[str]
) -> Scope:
    """The scope of these declarations.

    Raises:
        MatcalcError: a name, a shape or a function that is none, or two meanings of one name.
    """
    scope = Scope()
    _declare_names(scope, names)
    for name, shape in (shapes or {}).items():
        sizes = shape_named(shape, name)
        plain = building.checked_name(plain_of(name))
        scope.declare(name, Symbol(plain, sizes))
        for each in sizes:
            scope.declare_size(each)
    pending = dict(functions or {})
    for name, function in pending.items():
        _declare_function(scope, name, function)
    for given, other in _TOGETHER.items():  # the derivative of the one is the other
        if isinstance(scope.functions.get(Key(given)), MatrixFunction):
            scope.functions.setdefault(Key(other), matrix_function(other))
    for name, function in pending.items():
        if isinstance(function, Mapping) and "of" in function:
            _bind(scope, name, function, pending, ())
    texts = (assume,) if isinstance(assume, str) else tuple(assume)
    for assumption in texts:
        check_assumption(assumption, scope)
    return _assuming(scope, texts)


def _assuming(scope: Scope, texts: Iterable[str]) -> Scope:
    """The scope with these assumptions, which were checked, on its symbols, and all that is assumed of a name wherever it stands."""
    made = [assumption_of(text) for text in texts]
    tables = (scope.quantities, scope.applied)
    roots = [quantity for table in tables for quantity in table.values()]
    if made:
        roots = changed_symbols(roots, lambda symbol: with_assumed(symbol, assumptions_on(symbol, made)))
    roots = unified(roots)
    for table in tables:
        for key in table:
            table[key] = roots.pop(0)
    return scope


# ---- shapes and sizes ------------------------------------------------------------------------------------------------


def shape_named(shape: ShapeLike, name: str) -> Shape:
    """The shape that a string or a tuple stands for: "" a scalar, "n" a column, "1 n" a row, "m n" a matrix."""
    given = shape.split() if isinstance(shape, str) else [shape] if isinstance(shape, int | Dim) else list(shape)
    if len(given) > 2:
        raise MatcalcError(f'{name}: a shape has at most two sizes, as "m n"; {len(given)} were given.')
    sizes = [size_named(entry) for entry in given]
    return shape_of(*sizes) if len(sizes) == 2 else shape_of(sizes[0], 1) if sizes else ()


def size_named(value: Any) -> Size:
    """A size: an int, a Dim, or a name, plain or in LaTeX; factors stand with * between them."""
    return _size_in_words(value) if isinstance(value, str) else size(value)


@lru_cache(maxsize=4096)
def _size_in_words(value: str) -> Size:
    found: Size = 1
    for part in value.split("*"):
        name = plain_of(part.strip())
        if not re.fullmatch(r"\d+|[^\W\d_]+\d*'*([_^]\S+)?", name):
            raise MatcalcError(f"{value!r} is not a size: a name like n or n_1, a positive number, or a product like 2*n.")
        found = size_product(found, size(name))
    return found


def _declare_names(scope: Scope, names: Names | None) -> None:
    if names is not None and not isinstance(names, Iterable):
        raise MatcalcError(f"names = {names!r:.60}: names is a dict or a list of symbols, named quantities and sizes, or a Model.")
    listed = names.items() if isinstance(names, Mapping) else ((None, each) for each in names or ())
    for name, each in listed:
        if isinstance(each, Dim):
            scope.declare_size(each)
        elif isinstance(each, Symbol | Let):
            scope.declare(name or each.name, each)
        elif isinstance(each, Expr) and name is not None:
            scope.declare(name, each)
        else:
            raise MatcalcError(f"names holds symbols, named quantities and sizes; {each!r} has no name here.")
        if isinstance(each, Expr):
            for entry in each.shape:
                scope.declare_size(entry)


# ---- functions -------------------------------------------------------------------------------------------------------


def _function_key(name: str) -> NameKey:
    """The key of a function; an operation's command, as \\sin, has the key of its name."""
    word = operation_named(name[1:]) if name.startswith("\\") else None
    return Key(word) if word else key_of(name)


def _declare_function(scope: Scope, name: str, function: FunctionLike) -> None:
    key = _function_key(name)
    plain = plain_of(name) if not name.startswith("\\") or not isinstance(key, Key) else key.plain
    if key in scope.functions:
        raise DefinitionClashError(f"The function {plain} is declared twice. Rename one of them.")
    if isinstance(function, ElementwiseFunction | MapFunction | MatrixFunction):
        scope.functions[key] = function
    elif isinstance(function, Mapping):
        shape = _map_shape(function, name)
        scope.functions[key] = OpenMap(building.checked_name(plain), shape)
        for entry in shape:
            scope.declare_size(entry)
    elif function == "elementwise":
        made = building.function(plain)
        assert isinstance(made, ElementwiseFunction)
        scope.functions[key] = made
    elif function == "matrix":
        scope.functions[key] = matrix_function(plain)
    elif isinstance(function, str) and operation_named(function) in KNOWN_FUNCTIONS:
        scope.functions[key] = known_function(operation_named(function) or function)
    else:
        kinds = ["elementwise", "matrix", *KNOWN_FUNCTIONS]
        raise MatcalcError(
            f"{name}: {function!r} is no kind of function. {near_names(str(function), kinds)} "
            'A map is {"of": "x", "shape": "m"}, or {"shape": "m"} of what the text gives it.'
        )


def _map_shape(function: Mapping[str, Any], name: str) -> Shape:
    superfluous = sorted(set(function) - {"of", "shape"})
    if superfluous or "shape" not in function:
        fault = f"it has no {superfluous[0]!r}" if superfluous else "its shape is missing"
        raise MatcalcError(f'{name}: a map is {{"of": "x", "shape": "m"}}; {fault}.')
    return shape_named(function["shape"], name)


def _bind(scope: Scope, name: str, function: Mapping[str, Any], pending: Mapping[str, FunctionLike], above: tuple[NameKey, ...]) -> Expr:
    """The map applied to what it is declared of, which may be the value of another map."""
    key = _function_key(name)
    if key in scope.applied:
        return scope.applied[key]
    if key in above:
        raise MatcalcError(f"{name} is declared of itself.")
    given = function["of"]
    of = [given] if isinstance(given, str | Expr) else list(given)
    arguments = tuple(_argument(scope, each, name, pending, (*above, key)) for each in of)
    opened = scope.functions[key]
    assert isinstance(opened, OpenMap)
    bound = MapFunction(opened.name, opened.shape, tuple(a.shape for a in arguments))
    scope.functions[key] = bound
    scope.applied[key] = ApplyMap(bound, arguments, bound.shape)
    return scope.applied[key]


def _argument(scope: Scope, of: str | Expr, name: str, pending: Mapping[str, FunctionLike], above: tuple[NameKey, ...]) -> Expr:
    if isinstance(of, Expr):
        return of
    key = key_of(of)
    if key in scope.quantities:
        return scope.quantities[key]
    for other, function in pending.items():
        if isinstance(function, Mapping) and "of" in function and _function_key(other) == key:
            return _bind(scope, other, function, pending, above)
    raise UnknownNameError(f"{name} is declared of {of}, which is not declared. {near_names(plain_of(of), scope.plain_names())}")
