"""Single edits of a tree: what may have been meant by what was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeAlias, final

from matcalc.derivation_check.rows import bracketed, entrywise_inside, exchanged, flattened, moved, part, product, reordered
from matcalc.derivation_check.text_edits import (
    diagonal, other_sign, short, with_other_primes, without_hadamard_inside, without_transpose,
)  # fmt: skip
from matcalc.derivation_check.tree_values import shape_in
from matcalc.derivation_check.trees import (
    IN_A_SUM, TRANSPOSED, Bracket, Evaluate, Leaf, Node, Path, Row, Terms, Whole, is_in_sum, nodes_in, text_of, with_node,
)  # fmt: skip
from matcalc.language.sizes import Dim, ndim

_SIMPLE = re.compile(r"\\?[A-Za-z]+(\{[^{}]*\})?('*)(_\{[^{}]*\}|_\w)?")
_STYLED = re.compile(r"\\\w+\{\\\w+\}(_\{[^{}]*\}|_\w)?")
_ARRAY_OF_ONES = r"\mathbf{1}"
MOST_FACTORS = 9

_Edit: TypeAlias = tuple[Node, str, str, float]  # a node in place of another, the kind of the edit, its words and its cost


@final
@dataclass(frozen=True, slots=True)
class Variant:
    """A tree after an edit.

    Attributes:
        tree: the whole tree.
        kind: of the edit.
        words: the edit in words.
        path: of the node that was changed; no other edit is made inside it.
        cost: how much it changes; edits of one kind that change less come first.
    """

    tree: Node
    kind: str
    words: str
    path: Path
    cost: float = 1.0


@final
class Variants:
    """All single edits of trees over a scope.

    Args:
        value: of a stretch of text that was not written.
        pool: texts of factors that may be missing.
        layers: pairs of a script that is written and one that may be meant.
        transpose: the sign of transposition that the writer uses.
        stacked: whether what is written may be a Kronecker product.
    """

    def __init__(
        self, value: Evaluate, pool: Sequence[str], layers: Sequence[tuple[str, str]], transpose: str, *, stacked: bool = False
    ) -> None:
        self._value = value
        self._pool = [Leaf(text, found) for text in pool if (found := value(text)) is not None]
        self._stacked = stacked
        sizes = dict.fromkeys(size for leaf in self._pool if leaf.value is not None for size in leaf.value.shape) if stacked else ()
        texts = [rf"\mathbf{{I}}_{{{size.latex()}}}" for size in sizes if isinstance(size, Dim)]
        self._identities = [Leaf(text, found) for text in texts if (found := value(text)) is not None]
        self._transpose = transpose
        self._layers = layers
        self._in_row = False  # whether what is edited is a factor, beside which others are put in its product
        self._in_whole = False  # whether what is edited stands in the argument of a function, or in a fraction
        self._in_sum = False  # whether what is edited stands inside a written sum, where nothing has a value by itself

    def of(self, tree: Node) -> Iterator[Variant]:
        """The edits of a tree that change or take out what is there."""
        return self._everywhere(tree, self._changes)

    def with_more(self, tree: Node) -> Iterator[Variant]:
        """The edits of a tree that put a factor to it."""
        return self._everywhere(tree, self._additions)

    def _everywhere(self, tree: Node, edits: Callable[[Node, Path], Iterator[_Edit]]) -> Iterator[Variant]:
        rows, wholes = ({path for path, node in nodes_in(tree) if isinstance(node, kind)} for kind in (Row, Whole))
        for path, node in nodes_in(tree):
            self._in_sum = is_in_sum(tree, path)
            self._in_row = path[:-1] in rows and bool(path)
            self._in_whole = any(path[:k] in wholes for k in range(len(path)))
            for made, kind, words, cost in edits(node, path):
                yield Variant(with_node(tree, path, made), kind, words, path, cost)

    def _changes(self, node: Node, path: Path) -> Iterator[_Edit]:
        if not path and isinstance(node, Row | Terms | Whole) and not self._in_sum:
            yield from self._summed(Bracket("(", node, ")", False))
        match node:
            case Terms():
                yield from self._signs(node)
                yield from self._without_term(node)
            case Row(kind="product"):
                yield from self._without(node)
                if not self._in_sum:
                    yield from self._orders(node)
                    yield from self._parted(node)
                    yield from self._symmetric(node)
            case Row(kind="kron"):
                yield from self._without(node)
                yield from self._sides_exchanged(node)
            case Row():
                yield from self._without(node)
                yield from self._joined(node)
                yield from self._bracketings(node)
            case Leaf() | Bracket():
                yield from self._leaf_edits(node)
            case Whole():
                yield from self._whole_edits(node)

    def _additions(self, node: Node, path: Path) -> Iterator[_Edit]:
        match node:
            case Row(kind="product"):
                yield from self._with_more(node)
            case Row():
                yield from self._with_more(Row("product", (Bracket("(", node, ")", False),), ()))
            case Leaf() | Whole():
                yield from self._with_more(Row("product", (node,), ()))
            case Bracket() if not self._in_row:
                yield from self._with_more(Row("product", (node,), ()))
        if self._stacked and not self._in_whole and not isinstance(node, Terms):
            yield from self._with_a_side(node, path)

    # ---- signs, transposes -------------------------------------------------------------------------------------------

    def _signs(self, node: Terms) -> Iterator[_Edit]:
        for k, sign in enumerate(node.signs):
            other = other_sign(sign, first=not k)
            words = f"the sign of {short(node.items[k])}"
            yield replace(node, signs=(*node.signs[:k], other, *node.signs[k + 1 :])), "sign", words, 1.0

    def _without_term(self, node: Terms) -> Iterator[_Edit]:
        for k, item in enumerate(node.items if len(node.items) > 1 else ()):
            items, signs = node.items[:k] + node.items[k + 1 :], node.signs[:k] + node.signs[k + 1 :]
            first = signs[0].replace("+", "") if not k else signs[0]
            rest = items[0] if len(items) == 1 and not first.strip() else Terms((first, *signs[1:]), items)
            yield rest, "extra-factor", f"the term {short(item)} does not belong there", 1.1

    def transposed(self, node: Node) -> Node | None:
        """The node transposed in its text; None of a scalar."""
        match node:
            case Bracket(closed=closed, is_transposed=True):
                bare = next((closed[: closed.rindex("^")] for sign in TRANSPOSED if "".join(closed.split()).endswith(sign)), None)
                return None if bare is None else replace(node, closed=bare, is_transposed=False)
            case Bracket(opened=opened, closed=closed) if opened.strip() in ("(", r"\left("):
                return replace(node, closed=closed + self._transpose, is_transposed=True)
            case Leaf(text=text, value=value):
                if value is not None and not value.shape:
                    return None
                return self._leaf(without_transpose(text) or self._with_transpose(text))
            case Whole(around=around, binds=False) if (bare := without_transpose(around[-1])) is not None:
                return replace(node, around=(*around[:-1], bare))
            case _:
                return Bracket("(", node, ")" + self._transpose, True)

    def _with_transpose(self, text: str) -> str:
        bare = text.strip()
        simple = _SIMPLE.fullmatch(bare) or _STYLED.fullmatch(bare)
        return bare + self._transpose if simple else f"({bare}){self._transpose}"

    def _leaf(self, text: str) -> Leaf | None:
        value = IN_A_SUM if self._in_sum else self._value(text)
        return None if value is None else Leaf(text, value)

    def _leaf_edits(self, node: Leaf | Bracket) -> Iterator[_Edit]:
        turned = None if self._in_sum else self.transposed(node)
        if turned is not None:
            yield turned, "transpose", f"{short(turned)} in place of {short(node)}", 1.0
        if isinstance(node, Leaf):
            for text in self._with_other_layers(node.text):
                if (leaf := self._leaf(text)) is not None:
                    yield leaf, "layer-index", f"{short(leaf)} in place of {short(node)}", 1.0
            for text in with_other_primes(node.text):
                if (leaf := self._leaf(text)) is not None:
                    yield leaf, "derivative-of-function", f"{short(leaf)} in place of {short(node)}", 1.0
            for text in without_hadamard_inside(node.text, self._transpose):
                if (leaf := self._leaf(text)) is not None:
                    yield leaf, "hadamard", f"{short(leaf)} in place of {short(node)}", 1.2
        yield from self._spread(node)
        yield from self._half_symmetric(node)
        yield from self._summed(node)

    def _spread(self, node: Node) -> Iterator[_Edit]:
        """A vector on the diagonal of a matrix, as in diag(v) W for an entrywise product with each column."""
        for leaf in self._diagonals(node):
            yield leaf, "hadamard", f"{short(leaf)} in place of {short(node)}", 1.3

    def _diagonals(self, node: Node) -> Iterator[Leaf]:
        """The diagonal matrix of a column; none of anything else."""
        shape = shape_in(node)
        if shape is not None and len(shape) == 1 and not self._in_sum and (leaf := self._leaf(diagonal(node))) is not None:
            yield leaf

    def _summed(self, node: Node) -> Iterator[_Edit]:
        """The sums of the rows and of the columns of a matrix."""
        shape = shape_in(node)
        if shape is None or ndim(shape) != 2:
            return
        ones, turned = _ARRAY_OF_ONES, self.transposed(node)
        texts = [f"{_ARRAY_OF_ONES}{self._transpose} {text_of(node)}", f"{text_of(node)} {ones}"]
        if turned is not None:
            texts += [f"{text_of(turned)} {ones}", f"{ones}{self._transpose} {text_of(turned)}"]
        for text in texts:
            if (leaf := self._leaf(text)) is not None:
                yield leaf, "missing-sum", f"the sum over the rows or columns of {short(node)}", 1.5

    def _whole_edits(self, node: Whole) -> Iterator[_Edit]:
        """Another function of the same argument; what is not written as a matrix has no transpose."""
        first = node.around[0]
        ways = [(each[:-1], "derivative-of-function") for each in with_other_primes(f"{first}(")]
        ways += [(each, "layer-index") for each in self._with_other_layers(first)]
        for opened, kind in ways:
            yield replace(node, around=(opened, *node.around[1:])), kind, f"{_name_of(opened)} in place of {_name_of(first)}", 1.0
        if not self._in_sum and not node.binds and shape_in(node):
            yield from self._spread(node)
            if (turned := self.transposed(node)) is not None:
                yield turned, "transpose", f"{short(turned)} in place of {short(node)}", 1.0
            for text in without_hadamard_inside(text_of(node), self._transpose):
                if (leaf := self._leaf(text)) is not None:
                    yield leaf, "hadamard", f"{short(leaf)} in place of {short(node)}", 1.2

    def _with_other_layers(self, text: str) -> Iterator[str]:
        """The text with one layer changed: pairs of what is written and what may be meant."""
        for written, meant in self._layers:
            start = text.find(written)
            while start >= 0:
                yield text[:start] + meant + text[start + len(written) :]
                start = text.find(written, start + 1)

    # ---- order -------------------------------------------------------------------------------------------------------

    def _orders(self, node: Row) -> Iterator[_Edit]:
        """One factor moved, two exchanged, all turned round; brackets around a product opened."""
        items = node.items
        arrays = [k for k, item in enumerate(items) if shape_in(item) != ()]
        if len(arrays) < 2:
            return
        seen = {tuple(range(len(items)))}
        for i in arrays:
            for j in arrays:
                for order, cost in ((moved(len(items), i, j), abs(i - j)), (exchanged(len(items), i, j), abs(i - j) + 0.5)):
                    if order not in seen:
                        seen.add(order)
                        yield reordered(node, order), "order", "the order of the factors", 1.0 + cost / 100
        backwards = tuple(reversed(range(len(items))))
        if backwards not in seen:
            yield reordered(node, backwards), "order", "the order of the factors, from the other end", 1.1
        turned = [item if shape_in(item) == () else self.transposed(item) for item in reversed(items)]
        if all(item is not None for item in turned):
            both = Row("product", tuple(item for item in turned if item is not None), node.between[::-1])
            yield both, "order", "the order of the factors, each transposed", 1.4
        opened = flattened(node)
        if len(opened.items) > len(items) and len(opened.items) <= MOST_FACTORS:
            for tree, kind, words, cost in self._orders(opened):
                yield tree, kind, words, cost + 0.2

    # ---- factors more and less ---------------------------------------------------------------------------------------

    def _without(self, node: Row) -> Iterator[_Edit]:
        for k, item in enumerate(node.items if len(node.items) > 1 else ()):
            items = node.items[:k] + node.items[k + 1 :]
            between = node.between[:k] + node.between[k + 1 :] if k < len(node.between) else node.between[:-1]
            rest = items[0] if len(items) == 1 else Row(node.kind, items, between)
            yield rest, "extra-factor", f"{short(item)} does not belong there", 1.0

    def _with_more(self, node: Row) -> Iterator[_Edit]:
        for leaf in self._pool:
            if self._in_sum:
                first = Leaf(leaf.text, IN_A_SUM)
                yield Row("product", (first, *node.items), (" ", *node.between)), "missing-factor", f"{short(leaf)} is missing", 1.0
                continue
            words = f"{short(leaf)} is missing"
            for k in range(len(node.items) + 1):
                items = (*node.items[:k], leaf, *node.items[k:])
                yield Row("product", items, (*node.between[:k], " ", *node.between[k:])[: len(items) - 1]), "missing-factor", words, 1.0
            if shape_in(leaf) and shape_in(node) == shape_in(leaf):
                inside = entrywise_inside(node.items[0]) if len(node.items) == 1 else node
                yield Row("hadamard", (inside, leaf), (r" \odot ",)), "missing-factor", words, 1.0
            for k, item in enumerate(node.items if len(node.items) > 1 else ()):
                if shape_in(item) == shape_in(leaf) and shape_in(leaf):
                    both = Bracket("(", Row("hadamard", (item, leaf), (r" \odot ",)), ")", False)
                    yield replace(node, items=(*node.items[:k], both, *node.items[k + 1 :])), "missing-factor", words, 1.05

    def _sides_exchanged(self, node: Row) -> Iterator[_Edit]:
        """Two sides of a Kronecker product exchanged."""
        count = len(node.items)
        for i, j in combinations(range(count), 2):
            yield reordered(node, exchanged(count, i, j)), "order", "the sides of the Kronecker product", 1.0

    def _with_a_side(self, node: Node, path: Path) -> Iterator[_Edit]:
        """A Kronecker product with something that may be missing, or with an identity."""
        inside = node.items if isinstance(node, Row) and node.kind == "kron" else (node,)
        for leaf in (*self._identities, *self._pool):
            for items in ((leaf, *inside), (*inside, leaf)):
                row = Row("kron", items, (r" \otimes ",) * (len(items) - 1))
                made = Bracket("(", row, ")", False) if path else row
                yield made, "missing-factor", f"{short(leaf)} is missing", 1.05

    # ---- entry by entry ----------------------------------------------------------------------------------------------

    def _parted(self, node: Row) -> Iterator[_Edit]:
        """A product entry by entry in place of a product, of neighbours or of all before and behind."""
        items, between = node.items, node.between
        for k in range(1, len(items)):
            sides = [part(node, 0, k), part(node, k, len(items))]
            yield Row("hadamard", tuple(sides), (r" \odot ",)), "hadamard", "an entrywise product", 1.0
            if len(items) > 2:
                both = Bracket("(", Row("hadamard", (items[k - 1], items[k]), (r" \odot ",)), ")", False)
                rest = Row("product", (*items[: k - 1], both, *items[k + 1 :]), (*between[: k - 1], *between[k:]))
                yield rest, "hadamard", "an entrywise product", 1.05
                for j in range(k + 1, len(items)):
                    tail = Bracket("(", Row("hadamard", (part(node, k - 1, k), part(node, k, j + 1)), (r" \odot ",)), ")", False)
                    wide = Row("product", (*items[: k - 1], tail, *items[j + 1 :]), (*between[: k - 1], *between[j:]))
                    yield wide, "hadamard", "an entrywise product", 1.1

    def _joined(self, node: Row) -> Iterator[_Edit]:
        """A matrix product in place of one entry by entry, also with one side transposed."""
        for k in range(1, len(node.items)):
            pair = node.items[k - 1], node.items[k]
            ways: list[tuple[Node | None, Node | None, float]] = [(*pair, 1.0)]
            ways += [(pair[0], self.transposed(pair[1]), 1.1), (self.transposed(pair[0]), pair[1], 1.1)]
            ways += [(spread, pair[1], 1.2) for spread in self._diagonals(pair[0])]
            ways += [(pair[0], spread, 1.2) for spread in self._diagonals(pair[1])]
            for left, right, cost in ways:
                if left is None or right is None:
                    continue
                made = Row("product", (bracketed(left), bracketed(right)), (" ",))
                items = (*node.items[: k - 1], made, *node.items[k + 1 :])
                tree = made if len(items) == 1 else Row("hadamard", items, (*node.between[: k - 1], *node.between[k:]))
                yield tree, "hadamard", "a matrix product in place of an entrywise one", cost

    def _bracketings(self, node: Row) -> Iterator[_Edit]:
        """Brackets around an entrywise product that stand for fewer factors than are beside it."""
        for k in range(1, len(node.items)):
            first, second = node.items[k - 1], node.items[k]
            if len(node.items) > 2 or not isinstance(first, Row) and not isinstance(second, Row):
                continue
            left, right = (each.items if isinstance(each, Row) else (each,) for each in (first, second))
            for i in range(len(left)):
                for j in range(1, len(right) + 1):
                    if (i, j) == (0, len(right)):
                        continue
                    inner = Row("hadamard", (product(left[i:]), product(right[:j])), (r" \odot ",))
                    items = (*left[:i], Bracket("(", inner, ")", False), *right[j:])
                    yield product(items), "hadamard", "brackets around the entrywise product", 1.0

    def _symmetric(self, node: Row) -> Iterator[_Edit]:
        """X + X^T in place of 2 X, which is right of a symmetric matrix only; the 2 may stand before other factors."""
        for j, two in enumerate(node.items):
            for k in range(len(node.items) if text_of(two).strip() == "2" else 0):
                both = self._with_its_transpose(node.items[k])
                if both is not None:
                    rest = [both if i == k else item for i, item in enumerate(node.items) if i != j]
                    yield product(rest), "transpose", f"{short(node.items[k])} is not symmetric", 1.0

    def _half_symmetric(self, node: Node) -> Iterator[_Edit]:
        """Half of X + X^T in place of X, which is the same of a symmetric matrix only."""
        both, half = self._with_its_transpose(node), self._leaf(r"\frac{1}{2}")
        if both is not None and half is not None:
            yield Row("product", (half, both), (" ",)), "transpose", f"{short(node)} is not symmetric", 1.25

    def _with_its_transpose(self, node: Node) -> Node | None:
        """X + X^T in brackets; None of what is no square matrix."""
        shape = None if self._in_sum else shape_in(node)
        if shape is None or ndim(shape) != 2 or shape[0] != shape[1]:
            return None
        turned = self.transposed(node)
        return None if turned is None else Bracket("(", Terms(("", " + "), (node, turned)), ")", False)


def _name_of(opened: str) -> str:
    """The function of a text that opens its argument."""
    return opened.rstrip(" ([").removesuffix(r"\left").rstrip()
