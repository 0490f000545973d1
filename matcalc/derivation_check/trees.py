"""A side of an equality as a tree of its writer's own pieces, each with its value, so that a changed side is evaluated at once.

A leaf is a stretch of the text with a value of its own; products, products entry by entry, sums and brackets are made of them. What
is changed keeps the text of all the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias, final

from matcalc.derivation_check.applied import ARGUMENT_BRACKETS, is_applied
from matcalc.exact.field import Matrix
from matcalc.language.reading.grammar import Parser
from matcalc.language.reading.lexer import Tokens, lexed
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.source import Span
from matcalc.language.reading.syntax import Blend, Factor, Group, Numeral, Product, Ratio, Sum, Summation
from matcalc.language.sizes import Shape

ROUND = (*ARGUMENT_BRACKETS, r"\{")
ROW_OF = {r"\odot": "hadamard", r"\otimes": "kron"}
TRANSPOSED = (r"^T", r"^{T}", r"^\top", r"^{\top}", r"^\mathsf{T}", r"^{\mathsf{T}}", r"^{\mathrm{T}}", r"^\mathrm{T}", r"^\intercal")


@final
@dataclass(frozen=True, slots=True)
class Value:
    """A matrix over the field, with its symbolic shape."""

    shape: Shape
    matrix: Matrix


Evaluate: TypeAlias = Callable[[str], Value | None]
IN_A_SUM = Value((), [[1]])  # of what stands inside a written sum, which has no value by itself


@final
@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A stretch of the text that is one value; None where it has none as it stands."""

    text: str
    value: Value | None


@final
@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Factors side by side (``kind`` is ``product``), entry by entry (``hadamard``) or with ⊗ (``kron``), and the text between them."""

    kind: str
    items: tuple[Node, ...]
    between: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """A sum: the sign before each term, as it is written, the first may be empty."""

    signs: tuple[str, ...]
    items: tuple[Node, ...]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Bracket:
    """Brackets around a node, with what stands before and behind: ``)^T`` transposes it."""

    opened: str
    inside: Node
    closed: str
    is_transposed: bool


@final
@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """A function with its argument, a fraction or a written sum: parts with text around them, whose value is that of the whole text.

    ``binds`` says that it is a sum, inside which nothing has a value by itself.
    """

    around: tuple[str, ...]
    insides: tuple[Node, ...]
    evaluate: Evaluate
    binds: bool


Node: TypeAlias = Leaf | Row | Terms | Bracket | Whole
Path: TypeAlias = tuple[int, ...]


# ---- building --------------------------------------------------------------------------------------------------------


@final
class Trees:
    """Builds the tree of a text whose names are those of a scope; ``value`` gives that of a stretch of text."""

    def __init__(self, text: str, scope: Scope, value: Evaluate) -> None:
        self.text = text
        self._scope = scope
        self._tokens: Tokens = lexed(text)
        self._value = value
        self._inside_sums = 0

    def built(self) -> Node:
        """The tree of the whole text."""
        tree = Parser(self._tokens, self._scope.words, self._scope.letters).parsed()
        lead, tail = self.text[: self._start(tree)], self.text[tree.span.end :]
        node = self._sum(tree)
        return Bracket(lead, node, tail, False) if lead.strip() or tail.strip() else node

    def _sum(self, part: Sum) -> Node:
        items = tuple(self._blend(blend) for _, blend in part.terms)
        if len(items) == 1 and not part.terms[0][0] and self._start(part) == part.span.start:
            return items[0]
        signs, at = [], self._start(part)
        for _, blend in part.terms:
            signs.append(self.text[at : blend.span.start])
            at = blend.span.end
        return Terms(tuple(signs), items)

    def _start(self, part: Sum) -> int:
        """Where a sum begins: a minus before a number is part of the number, but not of its place."""
        sign, blend = part.terms[0]
        first = blend.products[0].factors[0].base
        if sign or not isinstance(first, Numeral) or first.value >= 0:
            return part.span.start
        return self.text.rfind("-", 0, first.span.start + 1)

    def _blend(self, blend: Blend) -> Node:
        if len(blend.products) == 1:
            return self._product(blend.products[0])
        if blend.sign not in ROW_OF:
            return self._leaf(blend.span)
        items = tuple(self._product(each) for each in blend.products)
        return Row(ROW_OF[blend.sign], items, self._between([each.span for each in blend.products]))

    def _product(self, node: Product) -> Node:
        units = self._units(node.factors)
        if len(units) == 1:
            return self._unit(units[0])
        spans = [Span(unit[0].span.start, unit[-1].span.end) for unit in units]
        return Row("product", tuple(map(self._unit, units)), self._between(spans))

    def _between(self, spans: Sequence[Span]) -> tuple[str, ...]:
        return tuple(self.text[first.end : second.start] for first, second in pairwise(spans))

    def _units(self, factors: Sequence[Factor]) -> list[list[Factor]]:
        """The factors that have a value together: a function with its argument, an operator with what it is of."""
        found: list[list[Factor]] = []
        waiting: list[Factor] = []
        for factor, following in zip(factors, [*factors[1:], None], strict=True):
            waiting.append(factor)
            if following is not None and is_applied(factor, following, self._tokens, self._scope):
                continue
            span = Span(waiting[0].span.start, factor.span.end)
            if _is_bracket(waiting) or self._is_call(waiting) or self._value_at(span) is not None or factor is factors[-1]:
                found.append(waiting)
                waiting = []
        joined: list[list[Factor]] = []
        for unit in found:  # C(a, y): what stands in brackets has no value by itself; nor is a divisor a factor
            alone = len(unit) == 1 and isinstance(unit[0].base, Group) and len(unit[0].base.parts) > 1
            if (alone or unit[0].sign == "/") and joined:
                joined[-1] = [*joined[-1], *unit]
            else:
                joined.append(unit)
        return joined

    def _is_call(self, unit: Sequence[Factor]) -> bool:
        """Whether it is a function with one argument, which has a place of its own even where the argument does not conform."""
        return len(unit) == 2 and _has_one_part(unit[1]) and is_applied(unit[0], unit[1], self._tokens, self._scope)

    def _unit(self, unit: Sequence[Factor]) -> Node:
        factor = unit[0]
        base = factor.base
        if len(unit) == 1 and isinstance(base, Summation) and not factor.scripts:
            return self._summed(base, factor.span.end)
        if len(unit) == 2 and isinstance(unit[1].base, Group) and _has_one_part(unit[1]):
            return self._whole(Span(factor.span.start, unit[1].span.end), unit[1].base.parts)
        if len(unit) == 1 and isinstance(base, Ratio) and not factor.scripts:
            return self._whole(factor.span, [base.above, base.below])
        if isinstance(base, Group) and _is_bracket(unit):
            closed = self.text[base.parts[0].span.end : factor.span.end]
            scripts = self.text[base.span.end : factor.span.end]
            bare = "".join(scripts.split())
            if bare == "" or bare in TRANSPOSED:
                opened = self.text[factor.span.start : self._start(base.parts[0])]
                return Bracket(opened, self._sum(base.parts[0]), closed, bare != "")
        return self._leaf(Span(unit[0].span.start, unit[-1].span.end))

    def _leaf(self, span: Span) -> Leaf:
        return Leaf(self.text[span.start : span.end], self._value_at(span))

    def _value_at(self, span: Span) -> Value | None:
        return IN_A_SUM if self._inside_sums else self._value(self.text[span.start : span.end])

    def _summed(self, base: Summation, end: int) -> Whole:
        """A written sum; brackets around its term belong to the text around it."""
        self._inside_sums += 1
        inside = self._sum(base.body)
        self._inside_sums -= 1
        around = self.text[base.span.start : self._start(base.body)], self.text[base.body.span.end : end]
        return Whole(around, (inside,), self._value, True)

    def _whole(self, span: Span, parts: Sequence[Sum]) -> Whole:
        """What has parts with text around them."""
        around, at = [], span.start
        for part in parts:
            around.append(self.text[at : self._start(part)])
            at = part.span.end
        return Whole((*around, self.text[at : span.end]), tuple(map(self._sum, parts)), self._value, False)


def _has_one_part(factor: Factor) -> bool:
    """Whether it is brackets as those of an argument around one expression."""
    return isinstance(factor.base, Group) and factor.base.kind in ARGUMENT_BRACKETS and len(factor.base.parts) == 1


def _is_bracket(unit: Sequence[Factor]) -> bool:
    """Whether it is round brackets around one expression, which need no argument, even where what stands in them does not conform."""
    return len(unit) == 1 and isinstance(unit[0].base, Group) and unit[0].base.kind in ROUND and len(unit[0].base.parts) == 1


# ---- text and value --------------------------------------------------------------------------------------------------


def text_of(node: Node) -> str:
    """The text of a tree."""
    match node:
        case Leaf(text=text):
            return text
        case Bracket(opened=opened, inside=inside, closed=closed):
            return f"{opened}{text_of(inside)}{closed}"
        case Whole(around=around, insides=insides):
            return around[0] + "".join(text_of(inside) + text for inside, text in zip(insides, around[1:], strict=True))
        case Row(items=items, between=between):
            return "".join(part for item, sep in zip(items, (*between, ""), strict=True) for part in (text_of(item), sep))
        case Terms(signs=signs, items=items):
            return "".join(part for sign, item in zip(signs, items, strict=True) for part in (sign, text_of(item)))


# ---- places ----------------------------------------------------------------------------------------------------------


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Bracket(inside=inside):
            return (inside,)
        case Whole(insides=insides):
            return insides
        case Row(items=items) | Terms(items=items):
            return items
        case Leaf():
            return ()


def nodes_in(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every node with its path, a node before what it is made of."""
    yield path, node
    for k, child in enumerate(children(node)):
        yield from nodes_in(child, (*path, k))


def is_in_sum(root: Node, path: Path) -> bool:
    """Whether the node at a path stands inside a written sum."""
    node = root
    for k in path:
        if isinstance(node, Whole) and node.binds:
            return True
        node = children(node)[k]
    return False


def with_node(root: Node, path: Path, node: Node) -> Node:
    """The tree with another node at a path."""
    if not path:
        return node
    first, *rest = path
    match root:
        case Whole(insides=insides):
            made = with_node(insides[first], tuple(rest), node)
            return replace(root, insides=(*insides[:first], made, *insides[first + 1 :]))
        case Bracket():
            return replace(root, inside=with_node(root.inside, tuple(rest), node))
        case Row(items=items) | Terms(items=items):
            made = with_node(items[first], tuple(rest), node)
            return replace(root, items=(*items[:first], made, *items[first + 1 :]))
        case Leaf():
            raise AssertionError("a leaf has no parts")
