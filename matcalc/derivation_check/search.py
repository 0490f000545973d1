"""The search for edits of a side that make a link hold at one instance: among the edits of its tree, in batches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, permutations, product
from operator import mul
from typing import final

from matcalc.derivation_check.instances import Instance
from matcalc.derivation_check.judging import JACOBIAN, Fault, Judge, Pair, by_vec
from matcalc.derivation_check.letters import letters_in, with_other_letters
from matcalc.derivation_check.scalars import Scalar, Scalars, combination, ratio
from matcalc.derivation_check.suggestions import other_layers, pool, scalars_in
from matcalc.derivation_check.text_edits import other_sign
from matcalc.derivation_check.tree_values import shape_in, times, value_in
from matcalc.derivation_check.trees import (
    IN_A_SUM, Bracket, Leaf, Node, Row, Terms, Trees, Value, is_in_sum, nodes_in, text_of, with_node,
)  # fmt: skip
from matcalc.derivation_check.variants import Variant, Variants
from matcalc.errors import MatcalcError
from matcalc.exact.bench import Bench
from matcalc.exact.field import Matrix, UndefinedError, flat
from matcalc.language.expressions import Derivative, Expr, Index, IndexedSum
from matcalc.language.reading.names import Key
from matcalc.language.traversal import postorder
from matcalc.language.unrolling import at_indices, free_indices

MOST_PAIRS = 4_000
EFFORT_FOR_PAIRS = 24_000  # changed sides that are looked at, and again as many where something is put to them
MOST_SCALARS = 6
SIZE_LEFT_OUT = "does not follow from what stands beside it"
EFFORT_OF_READING = 15  # how many of them take as long as reading one without sums
EFFORT_OF_COLUMNS = 4  # of how many columns the value of a changed side takes as long as looking at it
PROBE = 48_271  # its powers are the numbers of a column
EFFORT_OF_ENTRIES = 150  # how many products of entries in a value take as long to find as one of them
EFFORT_OF_A_SUM = 2  # how many times that a written sum takes more
_BRACKETED_LAYER = re.compile(r"\^\{[(\[]([^()\[\]]*)[)\]](\\top)?\}")
_BOLD = re.compile(r"\\(?:mathbf|boldsymbol)\{(\\?[A-Za-z]+)\}")
_VEC = re.compile(r"(?<![\\\w])vec(?!\w)")  # the operator, and not \vec, an arrow
_SIGN = r"(?:T|\\top|\\intercal|\\mathsf\{T\}|\\mathrm\{T\})"
_TRANSPOSE = re.compile(rf"\^\s*(?:\{{\s*{_SIGN}\s*\}}|{_SIGN})")


@final
@dataclass(frozen=True, slots=True)
class Candidate:
    """A changed side that fits at one instance."""

    edits: int
    cost: float
    kinds: tuple[str, ...]
    text: str
    words: str


@final
class Search:
    """The search for repairs of the right side of a pair at one instance and in one reading."""

    def __init__(self, judge: Judge, pair: Pair, at: Instance, layout: str | None, reading: str | None) -> None:
        self.judge, self.pair, self.at, self.layout, self.reading = judge, pair, at, layout, reading
        self._values: dict[str, Value | None] = {}
        self._letters: dict[str, int] = {}
        self._looked_at, self._reading, self._noted = 0, 0, 0
        self._open: set[str] = set()  # constants whose size is left out
        self._counting = self._letters_that_count()
        left = judge.read(pair.left, at, layout, reading)
        sides = [each for each in (left, judge.read(pair.right, at, layout, reading)) if not isinstance(each, Fault)]
        self.benches = _benches(at, sides)
        self.bench = self.benches[0]
        self.p = self.bench.prime
        self.left: Expr | None = None if isinstance(left, Fault) else by_vec(left, layout) if reading == JACOBIAN else left
        self._plain_left = None if isinstance(left, Fault) else left
        target = None if self.left is None else self._evaluated(self.left)
        self.target: Value | None = target
        # Values of Kronecker products are large: these are compared by their products with a column of numbers.
        self._stacked = r"\otimes" in pair.right or _VEC.search(pair.left) is not None
        large = target is not None and self._stacked and min(len(target.matrix), len(target.matrix[0])) > 1
        self._probe = [pow(PROBE, k + 1, self.p) for k in range(len(target.matrix[0]))] if target is not None and large else []
        self._wanted = [] if target is None else self._probed(target.matrix)

    def _letters_that_count(self) -> list[str]:
        """The letters of entries in both sides; none where no entry and no written sum stands in them."""
        sides = [self.judge.read(text, self.at, self.layout, self.reading) for text in (self.pair.left, self.pair.right)]
        known = [side for side in sides if not isinstance(side, Fault)]
        indexed = any(isinstance(node, Index | IndexedSum) for node in postorder(known, _parts_of))
        if not indexed and not (len(known) < len(sides) and r"\sum" in self.pair.right):
            return []
        scripts = {key.below for key in self.at.world.model.scope.quantities if isinstance(key, Key)}
        return letters_in((self.pair.left, self.pair.right), {*self.at.letters, *scripts})

    # ---- values ------------------------------------------------------------------------------------------------------

    def value(self, text: str) -> Value | None:
        """The value of a stretch of text here; None where it has none."""
        if text not in self._values:
            found = self.judge.read(text, self.at, self.layout, self.reading)
            if isinstance(found, Fault) and self.left is not None and SIZE_LEFT_OUT in found.message:
                self._open.add(text.strip())
                found = self.judge.read(text, self.at, self.layout, self.reading, self.left.shape)
            self._reading += EFFORT_OF_READING * (1 + EFFORT_OF_A_SUM * text.count(r"\sum"))
            value = self._values[text] = None if isinstance(found, Fault) else self._evaluated(found)
            self._reading += 0 if value is None else len(value.matrix) * len(value.matrix[0]) ** 2 // EFFORT_OF_ENTRIES
        return self._values[text]

    def _evaluated(self, expr: Expr) -> Value | None:
        """The value, at numbers for the letters that it leaves free."""
        try:
            for index in free_indices([expr]):
                if index.name not in self._letters:
                    size = 2 if index.size is None else self.bench.places[0].point.extent(index.size)
                    self._letters[index.name] = 1 + len(self._letters) % max(1, size)
                expr = at_indices(expr, {index: self._letters[index.name]})
            return Value(expr.shape, self.bench.value(expr))
        except (MatcalcError, UndefinedError, AssertionError):
            return None

    # ---- candidates --------------------------------------------------------------------------------------------------

    def batches(self) -> Iterator[list[Candidate]]:
        """Changed right sides that fit, in batches: a later one is wanted only where an earlier one led to nothing."""
        if self.target is None:
            return
        try:
            tree = Trees(self.pair.right, self.at.scope_for(self.layout, self.reading), self.value).built()
        except MatcalcError:
            return
        variants = self._variants()
        scaled = [*self._fitting(Variant(tree, "", "", ()), (), 0), *self._of_terms(tree)]
        changed = [*self._whole(tree, variants), *variants.of(tree), *self._throughout(tree), *self._index_edits(tree)]
        yield [*scaled, *(candidate for each in changed for candidate in self._fitting(each, (), 1))]
        added = list(variants.with_more(tree))
        yield [candidate for each in added for candidate in self._fitting(each, (), 1)]
        yield list(self._permuted(tree))
        yield from self._pairs(changed, added, variants)

    def _variants(self) -> Variants:
        text = self.pair.right
        sign = _TRANSPOSE.search(text) or _TRANSPOSE.search(self.pair.left)
        turned = sign[0].strip() if sign else r"^\top"
        deltas = self.at.world.is_network or "delta" in text + self.pair.left
        missing = pool(self._plain_left, self.at, self.layout, self._counting, deltas=deltas)
        if not _BRACKETED_LAYER.search(text + self.pair.left):  # the writer's layers stand without brackets
            missing = [bare if self.value(bare := _BRACKETED_LAYER.sub(r"^{\1\2}", each)) is not None else each for each in missing]
        if not _BOLD.search(text + self.pair.left):
            missing = [_BOLD.sub(r"\1", each) for each in missing]
        return Variants(self.value, missing, other_layers(text, self.at), turned, stacked=self._stacked)

    def _fitting(self, variant: Variant, before: tuple[Variant, ...], edits: int) -> Iterator[Candidate]:
        """The candidate of a changed tree, with a scalar put to it where one is missing."""
        assert self.target is not None
        self._looked_at += 1
        tree = variant.tree
        found = self._compared(tree)
        if found is None:
            return
        made = (*before, variant) if variant.kind else before
        kinds = tuple(dict.fromkeys(each.kind for each in made))
        words = "; ".join(dict.fromkeys(each.words for each in made))
        cost = sum(each.cost for each in made)
        if found == self._wanted:
            if made:
                yield Candidate(edits, cost, kinds, text_of(tree), words)
            return
        c = ratio(self._wanted, found, self.p)
        if c is not None:
            yield from self._scaled(tree, c, kinds, words, edits, cost)

    def _compared(self, tree: Node) -> Matrix | None:
        """The value of a tree, or of a large one its product with the probe; None where it does not have the shape of the left side."""
        assert self.target is not None
        if self._open and any(isinstance(node, Leaf) and node.text.strip() in self._open for _, node in nodes_in(tree)):
            whole = self.value(text_of(tree))  # the size of a constant follows from all of it
            return None if whole is None or whole.shape != self.target.shape else self._probed(whole.matrix)
        if shape_in(tree) != self.target.shape:
            return None
        if not self._probe:
            return value_in(tree, self.p)
        self._looked_at += len(self._probe) // EFFORT_OF_COLUMNS
        return [[v] for v in times(tree, self._probe, self.p)]

    def _probed(self, matrix: Matrix) -> Matrix:
        """A value as it is compared."""
        return [[sum(map(mul, row, self._probe)) % self.p] for row in matrix] if self._probe else matrix

    def _scaled(self, tree: Node, c: int, kinds: tuple[str, ...], words: str, edits: int, cost: float) -> Iterator[Candidate]:
        if not self._scalars.may_be(c):
            return
        text = text_of(tree)
        for scalar, number in self._scalars.recognised(self._ratios(text, c)):
            written = scalar.latex(number)
            negative = number < 0
            more = (("sign",) if negative else ()) + (("missing-factor",) if written != "1" else ())
            bracketed = f"({text.strip()})" if isinstance(tree, Terms) else text.strip()
            scaled = f"{written} {bracketed}" if written != "1" else bracketed
            if written[-1:].isdecimal() and bracketed[:1].isdecimal():
                scaled = rf"{written} \cdot {bracketed}"
            said = [words] if words else []
            said += ["the sign"] if negative else []
            said += [f"{written} is missing"] if written != "1" else []
            simple = 0.1 * (len(written) > 1) + 0.2 * bool(scalar.above or scalar.below) * (number not in (1, -1))
            yield Candidate(
                edits + len(more), cost + len(more) + simple, tuple(dict.fromkeys((*kinds, *more))),
                _negated(scaled) if negative else scaled, "; ".join(said),
            )  # fmt: skip

    def _ratios(self, text: str, c: int) -> tuple[int, ...]:
        """The ratio on every bench."""
        found = [c]
        for bench in self.benches[1:]:
            sides = self.left, self.judge.read(text, self.at, self.layout, self.reading)
            if sides[0] is None or isinstance(sides[1], Fault):
                return ()
            try:
                left, right = (bench.value(self._at_letters(side)) for side in sides if isinstance(side, Expr))
            except (MatcalcError, UndefinedError, KeyError):
                return ()
            other = ratio(left, right, bench.prime)
            if other is None:
                return ()
            found.append(other)
        return tuple(found)

    def _at_letters(self, side: Expr) -> Expr:
        return at_indices(side, {index: self._letters[index.name] for index in free_indices([side])})

    @property
    def _scalars(self) -> Scalars:
        if not hasattr(self, "_known_scalars"):
            self._known_scalars = Scalars(self.at, self.benches, scalars_in(self._plain_left))
        return self._known_scalars

    def _of_terms(self, tree: Node) -> Iterator[Candidate]:
        """Scalars and signs that terms of a sum have lost: the numbers with which the terms add up to the left side."""
        assert self.target is not None
        if not isinstance(tree, Terms) or shape_in(tree) != self.target.shape:
            return
        if any(shape_in(item) != self.target.shape for item in tree.items):
            return
        found = [self._combined(tree, bench) for bench in self.benches]
        if any(each is None for each in found):
            return
        numbers = list(zip(*(each for each in found if each is not None), strict=True))
        plain: list[tuple[Scalar | None, Fraction]] = [(None, Fraction(1))]
        ways = [plain if set(c) == {1} else list(islice(self._scalars.recognised(c), MOST_SCALARS)) for c in numbers]
        for chosen in islice(product(*ways), MOST_SCALARS):
            yield self._with_scalars(tree, chosen)

    def _combined(self, tree: Terms, bench: Bench) -> list[int] | None:
        """The numbers with which the terms add up to the left side on a bench."""
        assert self.left is not None
        parts: list[list[int]] = []
        try:
            for sign, item in zip(tree.signs, tree.items, strict=True):
                read = self.judge.read(text_of(item), self.at, self.layout, self.reading, self.left.shape)
                if isinstance(read, Fault):
                    return None
                entries = flat(bench.value(self._at_letters(read)))
                parts.append([-v % bench.prime for v in entries] if "-" in sign else entries)
            return combination(parts, flat(bench.value(self._at_letters(self.left))), bench.prime)
        except (MatcalcError, UndefinedError, KeyError, ValueError):
            return None

    def _with_scalars(self, tree: Terms, chosen: Sequence[tuple[Scalar | None, Fraction]]) -> Candidate:
        """The sum with each term multiplied by a scalar."""
        signs, items = list(tree.signs), list(tree.items)
        kinds: list[str] = []
        words: list[str] = []
        for k, (scalar, number) in enumerate(chosen):
            written = "1" if scalar is None else scalar.latex(number)
            if written != "1":
                text = text_of(items[k]).strip()
                items[k] = Leaf(f"{written} ({text})" if isinstance(items[k], Terms) else f"{written} {text}", None)
                kinds.append("missing-factor")
                words.append(f"{written} is missing")
            if number < 0:
                signs[k] = other_sign(signs[k], first=not k)
                kinds.append("sign")
                words.append(f"the sign of term {k + 1}")
        changed = Terms(tuple(signs), tuple(items))
        return Candidate(len(kinds), len(kinds) + 0.1, tuple(dict.fromkeys(kinds)), text_of(changed), "; ".join(words))

    # ---- more edits --------------------------------------------------------------------------------------------------

    def _whole(self, tree: Node, variants: Variants) -> list[Variant]:
        """The other layout of all that was written: the transpose, pushed to the factors of one product."""
        shape = shape_in(tree)
        if self.layout is None or shape == ():
            return []
        made: list[Node] = []
        if isinstance(tree, Row) and tree.kind == "product":
            turned = [item if shape_in(item) == () else variants.transposed(item) for item in tree.items]
            if all(item is not None for item in turned):
                scalars = [item for item in turned if item is not None and shape_in(item) == ()]
                arrays = [item for item in turned if item is not None and shape_in(item) != ()]
                items = (*scalars, *reversed(arrays))
                made.append(Row("product", items, (" ",) * (len(items) - 1)))
        if isinstance(tree, Row) and tree.kind == "kron":
            sides = [variants.transposed(item) for item in tree.items]
            made += [replace(tree, items=tuple(item for item in sides if item is not None))] if None not in sides else []
        whole = variants.transposed(tree)
        made += [whole] if whole is not None else []
        return [Variant(each, "other-layout", "the transpose, which is the other layout", (), 0.9 + 0.1 * k) for k, each in enumerate(made)]

    def _throughout(self, tree: Node) -> Iterator[Variant]:
        """One layer changed wherever it is written."""
        text = text_of(tree)
        for written, meant in other_layers(text, self.at):
            if text.count(written) > 1 and (value := self.value(text.replace(written, meant))) is not None:
                words = f"{meant} in place of {written} throughout"
                yield Variant(Leaf(text.replace(written, meant), value), "layer-index", words, (), 1.3)

    def _index_edits(self, tree: Node) -> Iterator[Variant]:
        """Letters of entries exchanged, and sums that are missing."""
        for path, node in nodes_in(tree):
            if not isinstance(node, Leaf):
                continue
            for text in with_other_letters(node.text, self._counting):
                value = IN_A_SUM if is_in_sum(tree, path) else self.value(text)
                if value is not None:
                    yield Variant(with_node(tree, path, Leaf(text, value)), "index-name", f"{text} in place of {node.text}", path)
        for letter in self._counting if self._letters else ():
            text = rf"\sum_{{{letter}}} {text_of(tree)}"
            value = self.value(text)
            if value is not None:
                yield Variant(Leaf(text, value), "missing-sum", f"the sum over {letter} is missing", ())

    def _permuted(self, tree: Node) -> Iterator[Candidate]:
        """Any order of the factors of a product that conforms."""
        for path, node in nodes_in(tree):
            if not isinstance(node, Row) or node.kind != "product":
                continue
            flat = _opened(node)
            arrays = [item for item in flat if shape_in(item) not in ((), None)]
            scalars = [item for item in flat if shape_in(item) == ()]
            if not 2 < len(arrays) < 8 or len(arrays) + len(scalars) != len(flat):
                continue
            for count, order in enumerate(permutations(arrays)):
                if count > MOST_PAIRS:
                    break
                items = (*scalars, *order)
                row = Row("product", items, (" ",) * (len(items) - 1))
                if shape_in(row) is not None:
                    yield from self._fitting(Variant(with_node(tree, path, row), "order", "the order of the factors", path, 1.5), (), 1)

    def _pairs(self, changed: Sequence[Variant], added: Sequence[Variant], variants: Variants) -> Iterator[list[Candidate]]:
        """Two edits, within a bound of time and number: first those that change what is there, then those that put something to it."""
        first_half = sorted(changed, key=lambda each: (each.kind == "extra-factor", each.cost))
        for more in (False, True):
            seen: set[str] = set()
            for first in (*first_half, *(added if more else ())):
                seconds = variants.with_more(first.tree) if more else (*variants.of(first.tree), *self._index_edits(first.tree))
                found: list[Candidate] = []
                for second in seconds:
                    found += [each for each in self._fitting(second, (first,), 2) if each.text not in seen]
                    if self._is_spent(EFFORT_FOR_PAIRS * (1 + more)):
                        break
                seen |= {each.text for each in found}
                if found:
                    yield found
                if self._is_spent(EFFORT_FOR_PAIRS * (1 + more)):
                    break

    def _is_spent(self, most: int) -> bool:
        """Whether a search has looked at so many changed sides, or all searches of a text at more than they may."""
        spent = self._looked_at + self._reading
        self.judge.effort_left -= spent - self._noted
        self._noted = spent
        return spent > most or self.judge.effort_left < 0


def _benches(at: Instance, sides: Sequence[Expr]) -> tuple[Bench, ...]:
    """Points at which the sides have values, or the first of them."""
    for wanted in (sides, sides[:1]):
        with suppress(MatcalcError):
            return at.world.benches(wanted)
    return at.world.benches()


def _parts_of(node: Expr) -> tuple[Expr, ...]:
    """The operands of a node, of a derivative both quantities."""
    return (node.of, node.by) if isinstance(node, Derivative) else node.operands


def _opened(node: Row) -> list[Node]:
    found: list[Node] = []
    for item in node.items:
        inside = item.inside if isinstance(item, Bracket) and not item.is_transposed else None
        found += _opened(inside) if isinstance(inside, Row) and inside.kind == "product" else [item]
    return found


def _negated(text: str) -> str:
    return text[1:].strip() if text.startswith("-") else f"-{text}"
