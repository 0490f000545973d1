"""What a derivative is asked of where it is given as text: read with its declarations, which need the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matcalc.errors import MatcalcError, UnknownNameError
from matcalc.language.asked import LONGEST, Declarations, variable
from matcalc.language.building import let
from matcalc.language.definitions import definition_of, is_definition
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.mentions import Unknown, mentions
from matcalc.language.naming import key_or_none
from matcalc.language.operators import METHODS, register
from matcalc.language.reading.formula import parse
from matcalc.language.reading.names import Key
from matcalc.language.reading.scope import Scope, declared
from matcalc.language.reading.source import Source
from matcalc.language.traversal import find_name


def read_quantity(
    of: str, wrt: Sequence[Expr | str], declarations: Declarations, layout: str | None
) -> tuple[Expr, list[Symbol | Let]]:
    """The expression that a text writes or names, and the variables: see `matcalc.language.asked.quantity_and_variables`."""
    known = _with_variables(declarations, wrt)
    if not any((known.shapes, known.functions, known.names)):
        raise UnknownNameError(
            f"Nothing is declared here that {of!r:.{LONGEST}} could name. Give the expression itself; or with a formula the shapes of "
            'its names, as shapes={"x": "n", "A": "n n"}; or what it names, as names=[C].'
        )
    scope = declared(known.shapes, known.functions, known.names, known.assume)
    key = key_or_none(of)
    read = scope.quantities.get(key) if key is not None else None
    if read is None:
        read = _defined(of, scope, layout) if is_definition(of) else parse(
            of, shapes=known.shapes, functions=known.functions, names=known.names, assume=known.assume, layout=layout
        )
    return read, [_declared_variable(each, read, scope) if isinstance(each, str) else variable(each) for each in wrt]


def _defined(text: str, scope: Scope, layout: str | None) -> Expr:
    """The quantity that a definition names."""
    definition = definition_of(text)
    source = Source(text)
    if definition.key in scope.quantities or definition.key in scope.functions:
        claim = f"{definition.name} is declared, and defined here as well."
        raise source.unreadable(definition.left, claim, "Leave its declaration out; or give the right side alone.")
    unknown = definition.unknown_arguments(lambda key: key in scope.quantities or key in scope.applied, scope.plain_names())
    if unknown:
        raise UnknownNameError("\n".join(map(str, unknown)))
    scope.layout = layout
    made = let(definition.name, definition.value(scope))
    quantities = {key.plain: each for key, each in scope.quantities.items() if isinstance(key, Key)}
    quantities[definition.name] = made
    return made.declaring(quantities)


def names_without_meaning(text: str, scope: Scope) -> tuple[Unknown, ...]:
    """Every name in a formula or a definition that nothing declares.

    Raises:
        MatcalcError: the text is no formula.
    """
    if not is_definition(text):
        return mentions(text, scope).unknown
    definition = definition_of(text)
    found = definition.mentions(scope).unknown
    errors = definition.unknown_arguments(lambda key: key in scope.quantities or key in scope.applied, scope.plain_names())
    names = {each.name for each in found}
    plain = [key.plain for key, _ in definition.arguments if key not in scope.quantities and key not in scope.applied]
    left = [Unknown(name, False, error) for name, error in zip(plain, errors, strict=True) if name not in names]
    return (*left, *found)


def _with_variables(given: Declarations, wrt: Sequence[Expr | str]) -> Declarations:
    """The declarations, and the variables that are given as expressions among them."""
    names: dict[str, Expr] = {each.name: each for each in wrt if isinstance(each, Symbol | Let)}
    assume = (given.assume,) if isinstance(given.assume, str) else tuple(given.assume)
    if isinstance(given.names, Mapping):
        return replace(given, names={**names, **given.names}, assume=assume)
    return replace(given, names=[*(given.names or ()), *names.values()], assume=assume)


def _declared_variable(name: str, quantity: Expr, scope: Scope) -> Symbol | Let:
    """The variable that a name means where the quantity was read from text; it need not occur in it."""
    key = key_or_none(name)
    found = scope.quantities.get(key) if key is not None else None
    if isinstance(found, Symbol | Let):
        return found
    if key in scope.functions:
        raise MatcalcError(f"{name} is a function; a derivative is taken by a declared quantity, as by what the function is of.")
    return variable(find_name(name, [quantity, *scope.quantities.values()]))


register(METHODS, "read_quantity", read_quantity)
