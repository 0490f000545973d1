"""One pass through a document: its formulas judged in their order, with the definitions, layouts and demands that they stand under."""


from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import final

from matcalc.derivation_check.demands import DEMAND, end_of_demand, end_of_sentence, gives_numbers, is_at_an_optimum, is_demand, sentence_of
from matcalc.derivation_check.detection import DetectedLayout, detected
from matcalc.derivation_check.document_parts import GIVES_A_NUMBER, Condition, Document, Formula, Side
from matcalc.derivation_check.judging import LAYOUTS, Judge, Pair
from matcalc.derivation_check.linking import Finding, finding
from matcalc.derivation_check.loose_chains import ends
from matcalc.derivation_check.missing_shapes import asked
from matcalc.derivation_check.macros import expanded, macros_in
from matcalc.derivation_check.results import HOLDS, WRONG, Link, Report, SetAside
from matcalc.derivation_check.right_forms import right_form
from matcalc.derivation_check.subjects import definition_in
from matcalc.derivation_check.told_assumptions import assumed_at, assuming
from matcalc.derivation_check.told_matrices import told_matrices
from matcalc.derivation_check.worlds import Defined, Subject
from matcalc.errors import MatcalcError
from matcalc.language.expressions import Derivative, Let
from matcalc.language.mentions import is_formula, mentions
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.source import Span

NO_CLAIM = "an expression that is equal to nothing that is written"
NOT_READ = ("unreadable", "unknown-symbol", "undecided")
MOST_EARLIER = 6  # wrong links that a wrong one is compared with
OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_OTHERWISE = re.compile(r"\b(otherwise|else)\b", re.IGNORECASE)
_READINGS: Mapping[str | None, str] = MappingProxyType(
    {
        "stand-in": ", the factor with three axes read as the vector that stands in for it",
        "jacobian": ", the factor with three axes read as the Jacobian by vec",
    }
)


@final
class Checking:
    """One pass through a document."""

    def __init__(self, found: Document, subject: Subject, judge: Judge, layout: str | None, name: str) -> None:
        self.document, self.subject, self.judge, self.layout, self.name = found, subject, judge, layout, name
        self._main: str | None = None
        self._wrong: list[tuple[int, tuple[Pair, ...]]] = []  # links that are wrong by themselves, with their lines
        self._demanded = 0  # where the sentence of a demand ends: what stands before follows from it, and is no identity
        self._demand: list[Pair] = []  # what it demands
        self._before = ""  # what the last chain without an equality was found to be
        self._macros = macros_in(found.text)
        self._told = told_matrices(found)

    # ---- the whole ---------------------------------------------------------------------------------------------------

    def report(self) -> Report:
        """The report on all formulas."""
        if self.layout is None:
            self._main = self._most_likely()
        links: list[Link] = []
        given = {span: made for span, reason in self.document.set_aside if (made := self._claim_of_a_number(span, reason)) is not None}
        aside = [self._aside(span, reason) for span, reason in self.document.set_aside if span not in given]
        formulas = (*self.document.formulas, *self.document.expressions, *given.values())
        for formula in sorted(formulas, key=lambda each: each.sides[0].span.start):
            self._define_ahead(formula)
            demands = is_demand(self.document, formula)
            if not demands and (met := self._optimum(formula)) is not None:
                self._demanded, self._demand = end_of_sentence(self.document.text, formula.sides[-1].span.end), [met]
            follows = self._follows_from_demand(formula)
            if demands:
                self._demanded = end_of_demand(self.document.text, formula.sides[-1].span.end)
                self._demand = self._pairs(formula, formula.sides[0], formula.sides[-1])
            if demands and len(formula.sides) > 2:  # what stands before the demand is claimed
                links += self._links(replace(formula, sides=formula.sides[:-1]))
            elif demands or follows:
                aside.append(self._aside(Span(formula.sides[0].span.start, formula.sides[-1].span.end), DEMAND))
            elif len(formula.sides) > 1:
                links += self._links(formula)
            elif (loose := self._loose_chain(formula)) is not None:
                links.append(loose)
            else:
                aside.append(self._aside(formula.sides[0].span, NO_CLAIM))
        aside.sort(key=lambda each: each.span)
        return Report(self.document.text, tuple(links), self._layout_of(links), tuple(aside), self.name)

    def _layout_of(self, links: Sequence[Link]) -> str | None:
        """The layout in which all of the text holds that depends on one."""
        held = [(link.left, link.layouts) for link in links if link.layouts]
        cues = {formula.layout for formula in self.document.formulas if formula.layout is not None}
        if len(cues) > 1 and self.layout is None:
            return None  # each section has the layout that its words tell
        found = detected(held)
        if found.layout in (*LAYOUTS, "contradictory"):
            return found.layout
        told = [self.layout, *cues, self._main]
        return next((each for each in told if each in found.ties), None) if found.deciding else next(iter([self.layout, *cues]), None)

    def detected_layout(self) -> DetectedLayout:
        """In which layouts the formulas hold that depend on one."""
        held: list[tuple[str, tuple[str, ...]]] = []
        for formula in self.document.formulas:
            if self._defined(formula):
                continue
            for right in formula.sides[1:]:
                pairs = self._pairs(formula, formula.sides[0], right)
                held.append((self._text(right.span), tuple(each for each in LAYOUTS if self.judge.holds(pairs, each))))
        return detected(held)

    def _most_likely(self) -> str | None:
        """The layout in which most formulas hold that no words assign to one; None where none depends on it."""
        counts = dict.fromkeys(LAYOUTS, 0)
        deciding = False
        for pairs in self._undecided_pairs():
            held = [each for each in LAYOUTS if finding(self.judge, pairs, each, with_repairs=False).judgement.holds]
            deciding = deciding or len(held) < len(LAYOUTS)
            for each in held:
                counts[each] += 1
        if not deciding:
            return "denominator" if self.document.formulas else None
        order = ("denominator", "numerator", "mixed")
        return max(order, key=lambda each: counts[each])

    def _aside(self, span: Span, reason: str) -> SetAside:
        return SetAside(self.document.text[span.start : span.end], span, self._line(span.start), reason)

    def _claim_of_a_number(self, span: Span, reason: str) -> Formula | None:
        """The formula that gives a number to a quantity which the model defines, and so claims something."""
        text = self._clean(span)
        left, sign, _ = text.partition("=")
        if not sign or not reason.startswith(GIVES_A_NUMBER):
            return None
        place = Span(span.start, span.start + len(left))
        if not any(isinstance(each, Let | Derivative) for each in self.judge.meanings(left)):
            return None
        return Formula((Side(place), Side(Span(place.end + 1, span.end))), line=self._line(span.start))

    def _follows_from_demand(self, formula: Formula) -> bool:
        """Whether a formula in the sentence of a demand holds only where the demand is met."""
        if formula.sides[0].span.start >= self._demanded or len(formula.sides) < 2:
            return False
        pairs = [pair for side in formula.sides[1:] for pair in self._pairs(formula, formula.sides[0], side)]
        layout = self._layout_for(formula)
        if is_at_an_optimum(self.document, formula):  # its shapes have to agree in any case
            return self.judge.judged(pairs, layout).verdict == "wrong-value"
        return not self.judge.holds(pairs, layout)

    def _optimum(self, formula: Formula) -> Pair | None:
        """What a formula solves that says where the optimum is: the last derivative by its left side is zero."""
        if not is_at_an_optimum(self.document, formula):
            return None
        (name,) = self.judge.meanings(self._clean(formula.sides[0].span))[:1] or (None,)
        for other in reversed([each for each in self.document.formulas if each.sides[-1].span.end <= formula.sides[0].span.start]):
            left = self._clean(other.sides[0].span)
            if any(isinstance(each, Derivative) and not each.of.shape and each.by == name for each in self.judge.meanings(left)):
                return Pair(left, "0", formula.condition)
        return None

    def _define_ahead(self, formula: Formula) -> None:
        """Take the definitions that the rest of the paragraph gives, as in "... = g where g = ...", where the formula needs them."""
        end = self.document.text.find("\n\n", formula.sides[-1].span.end)
        last = len(self.document.text) if end < 0 else end
        for other in self.document.formulas:
            if other.defines and formula.sides[-1].span.end < other.sides[0].span.start < last:
                definition = self._defined(other)
                if definition is not None and definition not in self.subject.definitions:
                    self.subject.define(definition)

    # ---- chains without an equality ----------------------------------------------------------------------------------

    def _loose_chain(self, formula: Formula) -> Link | None:
        """The link of a display that is a product of derivatives, or equal to the display before; None where it claims nothing."""
        span = formula.sides[0].span
        right, layout = self._clean(span), self._layout_for(formula)
        best: tuple[str, Finding] | None = None
        for left in [*ends(right, self.subject.given.scope), *([self._before] if self._before else [])]:
            found = finding(self.judge, [Pair(left, right, formula.condition)], layout, with_repairs=False)
            if found.judgement.verdict in NOT_READ:
                continue
            if best is None or found.judgement.holds:
                best = left, found
            if found.judgement.holds:
                break
        if best is None:
            return None
        left, found = best
        if not found.judgement.holds:
            found = finding(self.judge, [Pair(left, right, formula.condition)], layout)
        self._before = left
        side = Side(Span(span.start, span.start))
        return replace(self._link(formula, side, formula.sides[0], found, layout), left=left)

    def _undecided_pairs(self) -> Iterator[list[Pair]]:
        """The equalities whose layout no words tell."""
        for formula in (*self.document.formulas, *self.document.expressions):
            if formula.layout is None and not formula.indexed:
                yield from (self._pairs(formula, formula.sides[0], right) for right in formula.sides[1:])
                if len(formula.sides) == 1:
                    text = self._clean(formula.sides[0].span)
                    yield from ([Pair(left, text, formula.condition)] for left in ends(text, self.subject.given.scope))

    # ---- a formula ---------------------------------------------------------------------------------------------------

    def _layout_for(self, formula: Formula) -> str | None:
        if formula.indexed and self.layout is None:
            return None
        return self.layout or formula.layout or self._main

    def _links(self, formula: Formula) -> list[Link]:
        first, *others = formula.sides
        layout = self._layout_for(formula)
        definition = self._defined(formula)
        links: list[Link] = []
        for k, side in enumerate(others):
            if definition is not None and k == 0:
                links.append(self._definition(formula, definition, side, layout))
                continue
            pairs = self._pairs(formula, first, side)
            judge = self._judge_for(formula, pairs)
            found = self._found(formula, judge, pairs, layout)
            if layout is None and found.judgement.verdict == "undecided":  # no index form, though the words tell of it
                layout = formula.layout or self._main
                found = self._found(formula, judge, pairs, layout)
            link = self._link(formula, first, side, found, layout)
            if link.verdict in WRONG and k > 0 and links[-1].verdict in WRONG:
                before = finding(judge, self._pairs(formula, others[k - 1], side), layout, with_repairs=False)
                if before.judgement.holds:
                    said = "It follows correctly from the side before it, which is wrong."
                    link = replace(link, follows=True, message=said)
            if link.verdict in WRONG and not link.follows:
                link = self._after_another(link, found, judge, layout)
            links.append(self._solved(link, found, layout))
        return links

    def _solved(self, link: Link, found: Finding, layout: str | None) -> Link:
        """A definition behind the demand that a derivative by its name is zero: it holds where that is met."""
        if link.kind != "definition" or link.span.start >= self._demanded or not self._demand:
            return link
        (name,) = self.judge.meanings(found.pairs[0].left)[:1] or (None,)
        by = [each.by for each in self.judge.meanings(self._demand[0].left) if isinstance(each, Derivative)]
        if name is None or name not in by:
            return link
        sentence = sentence_of(self.document.text, link.span)
        if gives_numbers(self.document, sentence.start, max(sentence.end, self._demanded)):
            return link  # as "with lambda = 0": another demand is solved
        met = self.judge.judged(self._demand, layout).verdict
        said = " = ".join((self._demand[0].left.strip(), self._demand[0].right.strip()))
        if met in WRONG:
            return replace(link, kind="claim", verdict="wrong-value", message=f"It does not solve {said}, which stands before it.")
        return replace(link, message=f"It holds: it solves {said}.") if met == HOLDS else link

    def _found(self, formula: Formula, judge: Judge, pairs: Sequence[Pair], layout: str | None) -> Finding:
        """What is found of a link, under what the text assumes where it does not hold without."""
        plain = finding(judge, pairs, layout)
        if plain.judgement.verdict not in (*WRONG, "undecided"):
            return plain
        found = assuming(judge, assumed_at(self.document.text, Span(formula.sides[0].span.start, formula.sides[-1].span.end)))
        if found is None:
            return plain
        other, words = found
        under = finding(other, pairs, layout)
        return replace(under, when=words) if under.judgement.holds else plain

    def _after_another(self, link: Link, found: Finding, judge: Judge, layout: str | None) -> Link:
        """A wrong link, said to follow where an earlier wrong one has equal sides: one slip is not counted twice."""
        for line, pairs in self._wrong[-MOST_EARLIER:]:
            if not self._may_be_same(pairs, found.pairs, judge, layout):
                continue
            same = [
                Pair(getattr(old, side), getattr(new, side), new.condition)
                for old, new in zip(pairs, found.pairs, strict=False) for side in ("left", "right")
            ]  # fmt: skip
            if len(pairs) == len(found.pairs) and judge is self.judge and judge.holds(same, layout):
                return replace(link, follows=True, message=f"It says what line {line} says, which is wrong.")
        self._wrong.append((link.line, found.pairs))
        return link

    def _judge_for(self, formula: Formula, pairs: Sequence[Pair]) -> Judge:
        """The judge of a formula: another one where the prose says that its letters are any matrices."""
        at = formula.sides[0].span.start
        for told in self._told:
            if told.span.start <= at < told.span.end and all(self._is_about(told.names, pair.left) for pair in pairs):
                judges = [Judge(Subject(model)) for model in told.models()]
                readable = [each for each in judges if all(each.is_readable(pair.left) for pair in pairs)]
                return (readable or judges)[0]
        return self.judge

    def _is_about(self, names: Sequence[str], text: str) -> bool:
        """Whether a text holds one of these names, and no other name."""
        unknown = [each.name for each in mentions(text, Scope()).unknown] if is_formula(text) else []
        return bool(unknown) and set(unknown) <= set(names)

    def _condition(self, formula: Formula) -> Condition:
        """The condition of a formula, turned round where "otherwise" stands between it and the one before, which has it as well."""
        before = [each for each in self.document.formulas if each.sides[-1].span.end <= formula.sides[0].span.start]
        if not before or len(formula.condition.comparisons) != 1 or before[-1].condition != formula.condition:
            return formula.condition
        between = self.document.text[before[-1].sides[-1].span.end : formula.sides[0].span.start]
        (comparison,) = formula.condition.comparisons
        if not _OTHERWISE.search(between) or comparison.sign not in OPPOSITE:
            return formula.condition
        return Condition((replace(comparison, sign=OPPOSITE[comparison.sign]),))

    def _may_be_same(self, old: Sequence[Pair], new: Sequence[Pair], judge: Judge, layout: str | None) -> bool:
        """Whether the right sides of two wrong links agree at one place, before they are compared at all."""
        if len(old) != len(new) or judge is not self.judge:
            return False
        both = Pair(old[0].right, new[0].right, new[0].condition)
        try:
            places = judge.instances(both)
        except MatcalcError:
            return False
        return any(judge.at(both, at, layout, None).verdict == "holds" for at in places[:1])

    def _pairs(self, formula: Formula, left: Side, right: Side) -> list[Pair]:
        """The equalities of a link: one for each branch."""
        pairs = []
        own = self._condition(formula)
        for left_span, condition in left.branches or ((left.span, own),):
            for right_span, other in right.branches or ((right.span, own),):
                both = replace(condition, comparisons=tuple(dict.fromkeys((*condition.comparisons, *other.comparisons))))
                pairs.append(Pair(self._clean(left_span), self._clean(right_span), both))
        return pairs

    def _clean(self, span: Span) -> str:
        return expanded(self.document.clean[span.start : span.end], self._macros)

    def _without_spaces(self, span: Span) -> Span:
        inside = self.document.text[span.start : span.end]
        return Span(span.start + len(inside) - len(inside.lstrip()), span.start + len(inside.rstrip())) if inside.strip() else span

    def _text(self, span: Span) -> str:
        return self.document.text[span.start : span.end].strip()

    def _line(self, at: int) -> int:
        return self.document.text.count("\n", 0, at) + 1

    def _link(self, formula: Formula, left: Side, right: Side, found: Finding, layout: str | None) -> Link:
        judgement = found.judgement
        outcome = judgement.outcome
        span = Span(left.span.start, right.span.end) if left.span.start <= right.span.start else right.span
        side = left if outcome.side == "left" else right
        whole = self._without_spaces(side.span)
        place = whole if outcome.span is None else self._place(side, outcome.span, found, outcome.side)
        depends = layout is not None and set(found.layouts) != set(LAYOUTS)
        return Link(
            kind="definition" if judgement.holds and (formula.defines or self.subject.is_made_of(formula, right)) else "claim",
            verdict=judgement.verdict, left=self._text(left.span), right=self._text(right.span), span=span, place=place,
            layout=layout if depends or not judgement.holds else None, layouts=found.layouts, reading=judgement.reading,
            message=asked(found, self.subject) or _message(found), notes=found.notes, repairs=found.repairs,
            right_form=right_form(self.judge, found.pairs[0], layout) if judgement.verdict in WRONG else None,
            formula=formula.number, line=self._line(right.span.start),
        )  # fmt: skip

    def _place(self, side: Side, span: Span, found: Finding, which: str) -> Span:
        """A place in a side as one in the text, what was filled in taken out."""
        filled = [edit for pair in found.edits for edit in pair[which == "right"]]
        start, end = (at - sum(len(edit.text) for edit in filled if edit.span.start < at) for at in span)
        base = side.span.start if not side.branches else side.branches[0][0].start
        if expanded(self.document.clean[base : side.span.end], self._macros) != self.document.clean[base : side.span.end]:
            return side.span  # places in what a macro stands for are none in the text
        return Span(min(base + start, side.span.end), min(base + max(end, start + 1), side.span.end))

    # ---- definitions -------------------------------------------------------------------------------------------------

    def _defined(self, formula: Formula) -> Defined | None:
        """The definition that a formula is: its left side is a name without a meaning, or is defined anew."""
        if len(formula.sides) < 2 or formula.sides[0].branches or formula.sides[1].branches:
            return None
        left, right = self._clean(formula.sides[0].span), self._clean(formula.sides[1].span)
        return definition_in(left, right, formula, self.judge, self._layout_for(formula))

    def _definition(self, formula: Formula, definition: Defined, right: Side, layout: str | None) -> Link:
        """The link of a definition, which holds where its right side means something."""
        self.subject.define(definition)
        left = formula.sides[0]
        pairs = self._pairs(formula, left, right)
        found = finding(self.judge, pairs, layout, with_repairs=False)
        link = self._link(formula, left, right, found, layout)
        return replace(link, kind="definition") if link.verdict == HOLDS else link


def _message(found: Finding) -> str:
    """One or two sentences on a link."""
    judgement, outcome = found.judgement, found.judgement.outcome
    if judgement.holds:
        return found.when or f"It holds{_READINGS.get(judgement.reading, '')}."
    said = outcome.message
    if outcome.only:
        said += f" It holds for {outcome.only} only."
    return f"{said} {found.when}".strip()
