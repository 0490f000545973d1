"""What is assumed of symbols, and what follows from it.

A symbol carries what is assumed of it: properties, as ``symmetric``, and relations, as ``k >= 1``; a relation of sizes stands with
every symbol that has one of them. Derivatives are taken as if nothing were assumed, since the entries of a symmetric matrix are
independent there; what is assumed then holds for what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from types import MappingProxyType

from matcalc.errors import MatcalcError, UnknownNameError, near_names
from matcalc.language.assumptions import PROPERTIES, Assumption, assumption_of, check_shape
from matcalc.language.elementwise import ElementwiseFunction, MatrixFunction
from matcalc.language.expressions import Apply, ApplyMap, ApplyMatrixFunction, Expr, Let, SizeNumber, Symbol
from matcalc.language.operators import METHODS, register
from matcalc.language.reading.names import key_of
from matcalc.language.renaming import exchanged_leaves
from matcalc.language.sizes import Dim, Shape, Size
from matcalc.language.traversal import postorder, with_definition

FOLLOWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "positive definite": ("positive semidefinite", "invertible"),
        "positive semidefinite": ("symmetric",),
        "symmetric toeplitz": ("symmetric", "toeplitz"),
        "positive": ("nonnegative", "nonzero"),
        "negative": ("nonzero",),
        "one-hot": ("in {0,1}", "sums to one"),
        "rows one-hot": ("in {0,1}", "rows sum to one"),
        "columns one-hot": ("in {0,1}", "columns sum to one"),
        "probability vector": ("nonnegative", "sums to one"),
        "in {0,1}": ("nonnegative",),
        "in {-1,1}": ("nonzero",),
        "positive integer": ("positive", "integer"),
        "det > 0": ("invertible",),
    }
)
_OF_ZERO = {">": "positive", ">=": "nonnegative", "<": "negative"}
_TURNED = {"<": ">", "<=": ">=", ">": "<"}


def properties_of(symbol: Symbol) -> frozenset[str]:
    """All that holds of a symbol: what is assumed of it, and what follows.

    Example:
        >>> import matcalc as mc
        >>> sorted(properties_of(mc.matrix("S", "n", "n", assume="positive definite")))
        ['invertible', 'positive definite', 'positive semidefinite', 'symmetric']
    """
    return _closed(symbol.assumed, symbol.shape)


def _closed(assumed: Iterable[str], shape: Shape) -> frozenset[str]:
    found: set[str] = set()
    waiting = [each for each in assumed if each in PROPERTIES or each in FOLLOWS]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(FOLLOWS.get(each, ()))
    square = len(shape) == 2 and shape[0] == shape[1]
    return frozenset(found | {"symmetric"} if "diagonal" in found and square else found)


def relations_of(symbols: Iterable[Symbol]) -> tuple[Assumption, ...]:
    """The relations that are assumed, as ``m > n``, each once."""
    texts = dict.fromkeys(text for symbol in symbols for text in symbol.assumed if text not in PROPERTIES and text not in FOLLOWS)
    return tuple(assumption_of(text) for text in texts)


def assumptions_on(symbol: Symbol, texts: Iterable[Assumption]) -> tuple[str, ...]:
    """What these assumptions say of a symbol, in the words that it carries."""
    key = key_of(symbol.name)
    sizes = {key_of(name) for entry in symbol.shape if isinstance(entry, Dim) for name in entry.names}
    found: list[str] = []
    for made in texts:
        subjects = {key_of(name) for name in made.subjects}
        if made.property in PROPERTIES:
            found += [made.property] if key in subjects else []
        elif key in subjects or subjects & sizes:
            found.append(_about_zero(made, key in subjects, symbol.shape))
    return tuple(dict.fromkeys(found))


def _about_zero(made: Assumption, own: bool, shape: Shape) -> str:
    """The property that a relation to zero is; else its text."""
    if own and len(made.sides) == 2:
        for side, other, sign in ((*made.sides, made.property), (*made.sides[::-1], _TURNED.get(made.property, ""))):
            if side == ((1, (made.subjects[0],)),) and other == ((1, (0.0,)),) and sign in _OF_ZERO:
                return _OF_ZERO[sign]
            if side == ((1, (("det", made.subjects[0]),)),) and other == ((1, (0.0,)),) and sign == ">":
                return "det > 0"
    return made.text


def with_assumed(symbol: Symbol, more: Iterable[str]) -> Symbol:
    """The symbol with more assumed of it."""
    assumed = tuple(sorted({*symbol.assumed, *more}))
    return symbol if assumed == symbol.assumed else Symbol(symbol.name, symbol.shape, assumed)


def declared_symbol(name: str, shape: Shape, assume: str | Iterable[str] | None) -> Symbol:
    """A symbol of which the properties are assumed, given without its name, as "symmetric" or ["symmetric", "invertible"]."""
    given = (assume,) if isinstance(assume, str) else tuple(assume or ())
    symbol = Symbol(name, shape)
    made = [assumption_of(f"{name} {text}") for text in given]
    for each in made:
        check_shape(each, name, shape)
    return with_assumed(symbol, assumptions_on(symbol, made))


def assuming(roots: Sequence[Expr], texts: str | Iterable[str]) -> list[Expr]:
    """The expressions with assumptions, as ``A symmetric`` or ``m > n``, on the symbols in them.

    Raises:
        UnknownNameError: an assumption on a name that does not occur.
        ReadError: a text that is no assumption, or one that the shape of its name does not allow.
    """
    made = [assumption_of(text) for text in ((texts,) if isinstance(texts, str) else texts)]
    if not made:
        return list(roots)
    nodes = list(postorder(roots, with_definition))
    defined = {key_of(node.name): node.name for node in nodes if isinstance(node, Let)}
    for each in made:
        named = [defined[key] for key in map(key_of, each.subjects) if key in defined]
        if named:
            raise MatcalcError(f"{each.text!r}: {named[0]} is a named quantity. Assume something of the symbols that it is made of.")
    names = {node.name: node for node in nodes if isinstance(node, Symbol)}
    names |= {name: each for root in roots for name, each in root.declared.items() if isinstance(each, Symbol)}
    keys = {key_of(name): node for name, node in names.items()}
    others = {key_of(name) for node in nodes for name in _other_names(node)}
    for each in made:
        for subject in each.subjects:
            if (key := key_of(subject)) in keys:
                check_shape(each, subject, keys[key].shape)
            elif key not in others:
                raise UnknownNameError(f"The assumption {each.text!r} names nothing that occurs as {subject}. {near_names(subject, names)}")
    return changed_symbols(roots, lambda symbol: with_assumed(symbol, assumptions_on(symbol, made)))


def _other_names(node: Expr) -> Iterable[str]:
    """The names of sizes and functions that a node brings in, and of what is defined."""
    match node:
        case Let(name=name) | Apply(function=ElementwiseFunction(name=name)) | ApplyMatrixFunction(function=MatrixFunction(name=name)):
            yield name
        case ApplyMap(function=function):
            yield function.name
        case SizeNumber(size=size):
            yield from size.names
        case _:
            pass
    yield from (name for entry in node.shape if isinstance(entry, Dim) for name in entry.names)


def unified(roots: Sequence[Expr]) -> list[Expr]:
    """The expressions with all that is assumed of a name in one of them assumed in every one."""
    said: dict[tuple[str, Shape], set[tuple[str, ...]]] = {}
    for node in postorder(roots, with_definition):
        if isinstance(node, Symbol):
            said.setdefault((node.name, node.shape), set()).add(node.assumed)
    if all(len(variants) == 1 for variants in said.values()):
        return list(roots)
    return changed_symbols(roots, lambda s: with_assumed(s, [text for variant in said[s.name, s.shape] for text in variant]))


def changed_symbols(roots: Sequence[Expr], change: Callable[[Symbol], Symbol]) -> list[Expr]:
    """The expressions with every symbol exchanged, in definitions of named quantities too."""
    made = exchanged_leaves(roots, lambda node: change(node) if isinstance(node, Symbol) else None)
    found: list[Expr] = []
    for root in roots:
        result = made[root]
        memory = {name: made.get(each, each) for name, each in root.declared.items()}
        memory = {name: change(each) if isinstance(each, Symbol) else each for name, each in memory.items()}
        found.append(result.declaring(memory) if memory else result)
    return found


TALL = frozenset({"orthogonal", "full column rank"})


def sizes_fit(symbols: Iterable[Symbol], relations: Iterable[Assumption], sizes: Mapping[str, int]) -> bool:
    """Whether sizes allow what is assumed: relations of them, orthonormal columns, and full ranks."""
    if any(relation.holds(sizes) is False for relation in relations):
        return False
    for symbol in symbols:
        if len(symbol.shape) == 2 and symbol.assumed:
            rows, columns = (_number(entry, sizes) for entry in symbol.shape)
            if (TALL & properties_of(symbol) and rows < columns) or ("full row rank" in symbol.assumed and rows > columns):
                return False
    return True


def _number(entry: Size, sizes: Mapping[str, int]) -> int:
    return entry if isinstance(entry, int) else entry.coefficient * prod(sizes.get(name, 1) for name in entry.names)


register(METHODS, "assuming", lambda expression, texts: assuming([expression], texts)[0])
