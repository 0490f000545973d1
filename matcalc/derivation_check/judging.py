"""The verdict on an equality of two texts: at every layer, in a layout, under both readings of a factor with three axes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, final

from matcalc.carrying_out import carried_out
from matcalc.derivation_check import dots
from matcalc.derivation_check.documents import Condition
from matcalc.derivation_check.equality import Equality
from matcalc.derivation_check.increments import OPERATOR, differential_along, with_increments
from matcalc.derivation_check.instances import MORE_DEPTHS, Instance, has_dots, instances
from matcalc.derivation_check.layer_sums import without_layer_sums
from matcalc.derivation_check.results import VERDICTS
from matcalc.derivation_check.wording import general, in_words, where_it_holds
from matcalc.derivation_check.worlds import Subject
from matcalc.errors import LayoutError, LetterError, MatcalcError, NoMatrixFormError, NoStandInError, ShapeError, UnknownNameError
from matcalc.language.building import vec
from matcalc.language.expressions import Derivative, Expr, Let, MapDerivative, Number, Symbol, transpose
from matcalc.language.reading.formula import read
from matcalc.language.reading.source import Span
from matcalc.language.sizes import Shape
from matcalc.language.traversal import postorder, replaced, with_definition
from matcalc.language.unrolling import free_indices

LAYOUTS = ("numerator", "denominator", "mixed")
STAND_IN, JACOBIAN = "stand-in", "jacobian"
EFFORT_FOR_A_TEXT = 60_000  # changed sides that the search for pairs of edits may look at in all links together, see `Search`
MOST_KEPT = 20_000  # sides that were read
OTHER = {"numerator": "denominator", "denominator": "numerator"}
_MAY_HOLD_INCREMENTS = re.compile(r"^\s*(\\mathrm|\\operatorname)?\s*\{?\s*d")


@final
@dataclass(frozen=True, slots=True)
class Fault:
    """Why a side is no expression."""

    verdict: str
    message: str
    span: Span | None
    needs_reading: bool = False


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """What is found at one instance, or at all of them.

    Attributes:
        verdict: of `VERDICTS`, or empty where the formula is not for this instance.
        side: which text the span is in: ``left`` or ``right``.
        span: what is wrong there, or None.
        only: where it holds, in words, where it does at some instances.
    """

    verdict: str
    message: str = ""
    side: str = "right"
    span: Span | None = None
    needs_reading: bool = False
    at_end: bool = False
    only: str = ""
    instance: Instance | None = None


@final
@dataclass(frozen=True, slots=True)
class Judgement:
    """What is found in a layout."""

    verdict: str
    reading: str | None
    outcome: Outcome
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.verdict == "holds"


@final
@dataclass(frozen=True, slots=True)
class Pair:
    """An equality of two texts, for layers under a condition."""

    left: str
    right: str
    condition: Condition = field(default_factory=Condition)


@final
class Judge:
    """Judges texts against a subject; what was read and found is kept."""

    def __init__(self, subject: Subject, *, direct: bool = False) -> None:
        self.subject = subject
        self.direct = direct
        self.equality = Equality()
        self.effort_left = EFFORT_FOR_A_TEXT
        self._instances: dict[tuple[Any, ...], list[Instance]] = {}
        self._read: dict[tuple[Any, ...], Expr | Fault] = {}
        self._seen: dict[int, Instance] = {}
        self._others: dict[tuple[Any, ...], Judge] = {}

    def other(self, key: tuple[Any, ...], make: Callable[[], Subject]) -> Judge:
        """The judge of another subject, made once; of one that the text has not defined anew since."""
        whole = (*key, self.subject.definitions)
        if whole not in self._others:
            self._others[whole] = Judge(make(), direct=self.direct)
        return self._others[whole]

    # ---- reading -----------------------------------------------------------------------------------------------------

    def read(self, text: str, at: Instance, layout: str | None, reading: str | None, shape: Shape | None = None) -> Expr | Fault:
        """The expression that a side is at an instance, or why it is none."""
        self._seen[id(at)] = at  # kept, so that no other instance gets its number
        key = (text, id(at), layout, reading, shape)
        if key not in self._read:
            if len(self._read) > MOST_KEPT:
                self._read.clear()
            self._read[key] = self._newly_read(text, at, layout, reading, shape)
        return self._read[key]

    def _newly_read(self, text: str, at: Instance, layout: str | None, reading: str | None, shape: Shape | None) -> Expr | Fault:
        try:
            if has_dots(text):
                written = dots.written_out(text, at.letters, at.scope)
                if written is None:
                    return Fault("", "", None)
                text = written
            if r"\sum" in text and at.world.depth:
                text = without_layer_sums(text, at.letters, at.world.depth, at.scope, at.world.own_layers)
            operator = OPERATOR.match(text) if at.varied is not None else None
            if operator is not None:
                of = read(text[operator.end() :], at.scope_for(layout, reading, self.direct))
                made = differential_along(of, at.varied or ())
                return Fault("undecided", f"The differential of {of!r} has no matrix form.", None) if made is None else made
            return unnested(read(text, at.scope_for(layout, reading, self.direct), shape))
        except MatcalcError as error:
            return fault_of(error, at)

    def is_readable(self, text: str) -> bool:
        """Whether a text is an expression with the names of the subject."""
        return bool(self.meanings(text))

    def meanings(self, text: str) -> list[Expr]:
        """What a text is at each instance, where it is an expression."""
        try:
            places = instances((text,), self.subject)
        except MatcalcError:
            return []
        found = [self.read(text, at, "denominator", None) for at in places]
        return [each for each in found if isinstance(each, Expr)]

    # ---- one instance ------------------------------------------------------------------------------------------------

    def at(self, pair: Pair, at: Instance, layout: str | None, reading: str | None, *, turned: bool = False) -> Outcome:
        """Whether both sides agree at an instance; ``turned`` transposes the right one."""
        left = self.read(pair.left, at, layout, reading)
        if isinstance(left, Fault):
            return Outcome("" if left.verdict == "unknown-symbol" else left.verdict, left.message, "left", left.span, left.needs_reading,
                           at_end=left.verdict == "unknown-symbol", instance=at)  # fmt: skip
        shape = None if turned else left.shape
        right = self.read(pair.right, at, layout, reading, shape)
        if isinstance(right, Fault):
            return Outcome(right.verdict, right.message, "right", right.span, right.needs_reading,
                           at_end=right.verdict == "unknown-symbol", instance=at)  # fmt: skip
        if reading == JACOBIAN and not self._has_three_axes(pair.left, at, layout):
            left = by_vec(left, layout)
        if turned:
            if not right.shape:
                return Outcome("wrong-value", "", instance=at)
            right = transpose(right)
        return self._compared(left, right, at)

    def _has_three_axes(self, text: str, at: Instance, layout: str | None) -> bool:
        """Whether a side has no matrix form but by vec, so that it is a derivative by vec already."""
        plain = self.read(text, at, layout, None)
        return isinstance(plain, Fault) and plain.needs_reading

    def _compared(self, left: Expr, right: Expr, at: Instance) -> Outcome:
        apart = self._not_written_through([left, right], at)
        if apart is not None:
            return Outcome("undecided", apart, instance=at)
        free = [{index.name: index.size for index in free_indices([side])} for side in (left, right)]
        if set(free[0]) != set(free[1]) and not _is_zero(right) and not self._holds_for_any(left, right, free, at):
            shown = [" and ".join(sorted(each)) or "none" for each in free]
            return Outcome("index-mismatch", f"The left side leaves {shown[0]} free, the right side {shown[1]}.", instance=at)
        for name, size in free[0].items():
            other = free[1].get(name)
            if size is not None and other is not None and size != other:
                said = general(f"{name} runs to {size} on the left side and to {other} on the right side.", at)
                return Outcome("ill-shaped", said, instance=at)
        if left.shape != right.shape and not _is_zero(right):
            said = f"The left side is {in_words(left.shape)}, the right side {in_words(right.shape)}."
            return Outcome("ill-shaped", general(said, at), instance=at)
        agrees, why = self.equality.of(left, right, at.world)
        if agrees is None:
            return Outcome("undecided", why, instance=at)
        return Outcome("holds" if agrees else "wrong-value", "" if agrees else why, instance=at)

    def _holds_for_any(self, left: Expr, right: Expr, free: Sequence[Mapping[str, Any]], at: Instance) -> bool:
        """Whether a right side without some letters of the left one is right for all their values, as of dz_i/dW_ij = x_j."""
        return set(free[1]) < set(free[0]) and left.shape == right.shape and self.equality.of(left, right, at.world)[0] is True

    def _not_written_through(self, sides: Sequence[Expr], at: Instance) -> str | None:
        """That something is derived by a name of the text of which it is not made, though both are made of the same."""
        defined = {at.world.scope.quantities.get(definition.key) for definition in self.subject.definitions}
        from_text = self.subject.defining is not None  # the whole model, of which names without a layer may be defined late
        for node in postorder(sides) if self.subject.definitions or from_text else ():
            if not isinstance(node, Derivative) or node.by not in at.world.scope.quantities.values() or not isinstance(node.by, Let):
                continue
            names = {each.key.plain for each in self.subject.definitions}
            if node.by.name not in names and node.by not in defined and not (from_text and node.by.name.isalpha()):
                continue
            below = set(postorder([node.of], with_definition))
            if node.by not in below and below & {each for each in postorder([node.by], with_definition) if isinstance(each, Symbol)}:
                return f"{node!r} cannot be judged: what is derived is not written through {node.by.name}, which the text defines."
        return None

    # ---- all instances -----------------------------------------------------------------------------------------------

    def over(self, pairs: Sequence[Pair], layout: str | None, reading: str | None = None, *, turned: bool = False) -> Outcome:
        """What is found at all instances of equalities that hold together: the first fault, in the order of the verdicts."""
        found: list[Outcome] = []
        for pair in pairs:
            try:
                here = list(self._outcomes(pair, layout, reading, turned=turned))
            except MatcalcError as error:
                side = "left" if not self._is_formula(pair.left) else "right"
                return Outcome("unreadable", first_line(error), side, _span(error))
            judged = [outcome for outcome in here if outcome.verdict and not outcome.at_end]
            if not judged:
                ends = [outcome for outcome in here if outcome.at_end]
                if not ends:
                    return Outcome("undecided", "There is no layer for which its conditions hold.")
                best = min(ends, key=lambda outcome: outcome.side != "right")
                return replace(best, verdict="unknown-symbol", at_end=False)
            found += judged
        wrong = [outcome for outcome in found if outcome.verdict != "holds"]
        if not wrong:
            return replace(found[0], verdict="holds")
        worst = min(wrong, key=lambda outcome: VERDICTS.index(outcome.verdict))
        parted = [outcome for outcome in found if outcome.verdict == "holds"], wrong
        letters = [[outcome.instance.letters for outcome in part if outcome.instance is not None] for part in parted]
        return replace(worst, only=where_it_holds(*letters), needs_reading=any(outcome.needs_reading for outcome in wrong))

    def _outcomes(self, pair: Pair, layout: str | None, reading: str | None, *, turned: bool = False) -> Iterator[Outcome]:
        """What is found at one instance of an equality after the other, at more depths where the first ones tell too little."""
        found: list[Outcome] = []
        for depths in (None, MORE_DEPTHS):
            for at in self.instances(pair, depths) if depths is None or self._at_one_place(found) else ():
                found.append(self.at(pair, at, layout, reading, turned=turned))
                yield found[-1]

    def _at_one_place(self, found: Sequence[Outcome]) -> bool:
        """Whether a letter had one value only, as the L of W^(L-3) or the l of W^(l+4), so that other depths have to be tried."""
        if not self.subject.has_other_depths:
            return False
        letters = [o.instance.letters for o in found if o.instance is not None and o.verdict and not o.at_end]
        return any(len({each[letter] for each in letters}) < 2 for letter in (letters[0] if letters else ()))

    def instances(self, pair: Pair, depths: Sequence[int] | None = None) -> list[Instance]:
        """The instances of an equality."""
        key = (pair, self.subject.definitions, depths)
        if key not in self._instances:
            sides = (pair.left, pair.right)
            found = instances(sides, self.subject, pair.condition, depths)
            self._instances[key] = [with_increments(sides, at) for at in found] if _MAY_HOLD_INCREMENTS.search(pair.left) else found
        return self._instances[key]

    def _is_formula(self, text: str) -> bool:
        try:
            instances((text,), self.subject)
        except MatcalcError:
            return False
        return True

    # ---- a layout ----------------------------------------------------------------------------------------------------

    def judged(self, pairs: Sequence[Pair], layout: str | None) -> Judgement:
        """The verdict on equalities in a layout, but for ``other-layout``."""
        plain = self.over(pairs, layout)
        if not plain.needs_reading:
            return Judgement(plain.verdict, None, plain)
        found = [Judgement(each.verdict, reading, each) for reading in (STAND_IN, JACOBIAN) for each in [self.over(pairs, layout, reading)]]
        held = [each for each in found if each.holds]
        return held[0] if held else min(found, key=lambda each: VERDICTS.index(each.verdict))

    def holds(self, pairs: Sequence[Pair], layout: str | None) -> bool:
        """Whether equalities hold in a layout: `judged` without what is wrong, which ends at the first instance that is."""
        wrong = self._first_wrong(pairs, layout)
        if wrong is None or not wrong.needs_reading:
            return wrong is None
        return any(self._first_wrong(pairs, layout, reading) is None for reading in (STAND_IN, JACOBIAN))

    def _first_wrong(self, pairs: Sequence[Pair], layout: str | None, reading: str | None = None) -> Outcome | None:
        """What is found at the first instance at which equalities do not hold; None where they hold at all, and there are some."""
        for pair in pairs:
            found: list[Outcome] = []
            try:
                for outcome in self._outcomes(pair, layout, reading):
                    if outcome.verdict not in ("", "holds") and not outcome.at_end:
                        return outcome
                    found.append(outcome)
            except MatcalcError as error:
                return Outcome("unreadable", first_line(error))
            if all(not outcome.verdict or outcome.at_end for outcome in found):
                return Outcome("undecided", "There is no layer for which its conditions hold.")
        return None

    def verdict(self, pairs: Sequence[Pair], layout: str | None) -> Judgement:
        """The verdict on equalities in a layout."""
        found = self.judged(pairs, layout)
        if found.holds or found.verdict in ("unreadable", "unknown-symbol", "index-mismatch") or layout is None:
            return found
        if not self.depends_on_layout(pairs):
            return found
        turned = self.over(pairs, layout, found.reading, turned=True)
        if turned.verdict == "holds":
            said = "The right side is the transpose of what is right in this layout."
            return Judgement("other-layout", found.reading, replace(found.outcome, message=said))
        for other in (OTHER[layout],) if layout in OTHER else ("numerator", "denominator"):
            if self.holds(pairs, other):
                said = f"The whole line holds in {other} layout."
                return Judgement("other-layout", self.judged(pairs, other).reading, replace(found.outcome, message=said))
        return found

    def depends_on_layout(self, pairs: Sequence[Pair]) -> bool:
        """Whether a side holds a derivative of or by an array."""
        for pair in pairs:
            for at in self.instances(pair)[:3]:
                for text in (pair.left, pair.right):
                    side = self.read(text, at, "numerator", STAND_IN)
                    nodes = postorder([side]) if isinstance(side, Expr) else ()
                    if any(isinstance(node, Derivative | MapDerivative) and node.shape for node in nodes):
                        return True
                    if r"\nabla" in text or (isinstance(side, Fault) and (r"\partial" in text or r"\frac{d" in text)):
                        return True
        return False


# ---- sides -----------------------------------------------------------------------------------------------------------


def by_vec(left: Expr, layout: str | None) -> Expr:
    """A derivative of a scalar by a matrix as that by the vec of the matrix: a row in numerator layout, a column in the other."""
    if len(left.shape) != 2 or 1 in left.shape:
        return left
    if layout == "numerator":
        return transpose(vec(transpose(left)))
    return vec(left)


def unnested(expr: Expr) -> Expr:
    """The expression with derivatives carried out inside of others, so that those outside have values by dual numbers."""
    nested = [
        node for node in postorder([expr]) if isinstance(node, Derivative) and any(isinstance(e, Derivative) for e in postorder([node.of]))
    ]
    return replaced(expr, {node: replace(node, of=carried_out(node.of)) for node in nested}) if nested else expr


def _is_zero(side: Expr) -> bool:
    return isinstance(side, Number) and not side.value


def fault_of(error: MatcalcError, at: Instance) -> Fault:
    """The verdict that an error of the reader is."""
    said, span = general(first_line(error), at), _span(error)
    match error:
        case UnknownNameError():
            return Fault("unknown-symbol", said, span)
        case LetterError():
            return Fault("index-mismatch", said, span)
        case NoMatrixFormError():
            return Fault("ill-shaped", said, span, needs_reading=True)
        case ShapeError() | NoStandInError():
            return Fault("ill-shaped", said, span)
        case LayoutError():
            return Fault("undecided", said, span)
        case _:
            return Fault("unreadable", said, span)


def first_line(error: MatcalcError) -> str:
    """The claim of an error, without the text that it shows."""
    return str(error).splitlines()[0]


def _span(error: MatcalcError) -> Span | None:
    return None if error.span is None else Span(*error.span)
