"""Finished forms: what is assumed is used, and what belongs together is folded, before a form is shown.

Rules of differentiation see forms as they are written, with independent entries. Then, from the inside out:

    assumed     symmetric atoms may be read both ways, y y of a one-hot y is y, rows that sum to one do, Q^T Q is the identity
    cancelled   U U^{-1}; inverses of products are taken apart where that cancels something
    folded      exp / sum(exp) is softmax, 1 / (1 + exp(-u)) the sigmoid of u, abs(u) of a positive u is u
    joined      terms that differ at one index only share the rest: X^T diag(u) X + X^T diag(v) X has one X^T ... X
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import final

from matcalc.index.assembly import Scope, unbracketed
from matcalc.index.canonical import close
from matcalc.index.finished_atoms import Rebuilt, rebuilt, transposed_form
from matcalc.index.finished_terms import simplified, split_inverses, without_minus
from matcalc.index.form import Atom, AtomKind, Factor, Form, OpenTerm, Term, assumed_atom, nested_forms
from matcalc.index.matrix_words import with_pseudo_inverses
from matcalc.index.sharing import joined
from matcalc.index.shortening import expanded, weight

MOST_JOINED = 12  # terms; a longer sum is left as it is


@final
class Finisher:
    """Finishes forms in which the same is assumed of the symbols.

    Args:
        assumed: what holds of symbols, by name: see `matcalc.language.assumed.properties_of`.
        written: keys of the inverses that stand in what is derived; they are not exchanged for pseudo-inverses.
    """

    def __init__(self, assumed: Mapping[str, frozenset[str]], written: Iterable[bytes] = ()) -> None:
        self._written = set(written)
        self.notes: dict[str, None] = {}  # what was done, in words
        self._assumed = {name: properties for name, properties in assumed.items() if properties}
        self._done: dict[bytes, Form] = {}
        self._atoms: dict[bytes, Rebuilt] = {}
        self._raw: set[bytes] = set()

    def finished(self, form: Form) -> Form:
        """The form as it is shown."""
        nested = nested_forms([form])
        self._raw.update(
            atom.key for inner in nested for term in inner.terms for atom, _, _ in term.factors if atom.kind in TURNED_WITH_FORM
        )
        for inner in nested:
            if inner.key not in self._done:
                self._done[inner.key] = self._finished(inner)
        return self._done[form.key]

    def _finished(self, form: Form) -> Form:
        changed = form if self._is_plain(form) else self._rewritten(form, _as_it_is)
        split = self._rewritten(form, split_inverses) if _has_inverse(form) else changed
        if split is not changed and _cost(split) < _cost(changed):
            changed = split
        if _has_inverse(changed):
            free = frozenset(range(len(changed.axes)))  # a form that is rewritten has its axes as the first indices
            changed = self._rewritten(changed, lambda term, scope: with_pseudo_inverses(term, free, self._written))
        if 1 < len(changed.terms) <= MOST_JOINED:
            shared = joined(changed, self._once)
            if shared is not changed:
                self.notes["what terms share taken out"] = None
                changed = self._once(shared)
        if len(changed.terms) != 1:
            return changed
        (term,) = changed.terms
        coefficient, factors = without_minus((term.coefficient, list(term.factors)))
        return Form(changed.axes, (Term(coefficient, tuple(factors), term.bound),))

    def _is_plain(self, form: Form) -> bool:
        """Whether no rule for single terms can apply: names alone, of which nothing is assumed."""
        names_only = all(atom.kind in PLAIN for term in form.terms for atom, _, _ in term.factors)
        return names_only and self._assumed.keys().isdisjoint(form.names)

    def _once(self, form: Form) -> Form:
        """A form made of finished parts, its sums multiplied out where things cancel: (1 - y) s - y (1 - s) = s - y."""
        made = self._rewritten(form, _as_it_is)
        if not 1 < len(made.terms) <= MOST_JOINED or not any(atom.kind is AtomKind.BRACKET for t in made.terms for atom, _, _ in t.factors):
            return made
        out = expanded(made, MOST_JOINED)
        if out is None or len(out.terms) > len(made.terms) or weight(out) >= weight(made):
            return made
        self.notes["sums multiplied out where terms cancel"] = None
        return self._rewritten(out, _as_it_is)

    def _rewritten(self, form: Form, first: Callable[[OpenTerm, Scope], OpenTerm]) -> Form:
        """The form with its atoms finished and its terms simplified; the same form where nothing changes."""
        scope = Scope()
        free = scope.fresh_all(form.axes)
        terms: list[OpenTerm] = []
        same = True
        for coefficient, factors in scope.opened(form, free):
            finished = first((coefficient, [self._factor(factor) for factor in factors]), scope)
            made = simplified(finished, frozenset(free), scope, self.notes)
            same = same and len(made) == 1 and made[0][0] == coefficient and _equal(made[0][1], factors)
            terms += made
        if same:
            return form
        return unbracketed(close(terms, free, scope.sizes))

    def _factor(self, factor: Factor) -> Factor:
        atom, indices, exponent = factor
        made = self._atom(atom)
        return made.atom, indices[::-1] if made.turned else indices, exponent

    def _atom(self, atom: Atom) -> Rebuilt:
        found = self._atoms.get(atom.key)
        if found is None:
            found = self._atoms[atom.key] = self._made(atom)
            if atom.key in self._written:
                self._written.add(found.atom.key)
        return found

    def _made(self, atom: Atom) -> Rebuilt:
        if atom.kind is AtomKind.VARIABLE:
            return Rebuilt(self._known(atom))
        if not atom.forms or atom.assumed:
            return Rebuilt(atom)
        inner = tuple(self._done.get(form.key) or self.finished(form) for form in atom.forms)
        made = rebuilt(atom, inner)
        if atom.symmetric:  # I - X X^+ is known to be symmetric where it is made
            return Rebuilt(made if made is atom else assumed_atom(made, frozenset(), symmetric=True))
        if len(made.sizes) != 2 or made.kind not in TURNED_WITH_FORM:
            return Rebuilt(made)
        turned = rebuilt(made, (transposed_form(made.forms[0]),))
        if turned.key == made.key:
            return Rebuilt(assumed_atom(made, frozenset(), symmetric=True))
        raw = rebuilt(atom, (transposed_form(atom.forms[0]),)) if made is not atom else turned
        if raw.key in self._raw and _turns(turned.forms[0]) < _turns(made.forms[0]):
            return Rebuilt(turned, turned=True)
        return Rebuilt(made)

    def _known(self, atom: Atom) -> Atom:
        """A symbol with what is assumed of it, by the axes that it has."""
        if atom.assumed or not atom.payload:
            return atom
        properties = self._assumed.get(atom.payload[0].name, frozenset())
        if not properties:
            return atom
        symmetric = "symmetric" in properties and len(atom.sizes) == 2
        if symmetric:
            self.notes[f"{atom.payload[0].name} is symmetric"] = None
        return assumed_atom(atom, properties, symmetric)


PLAIN = frozenset({AtomKind.VARIABLE, AtomKind.SIZE, AtomKind.DELTA})
TURNED_WITH_FORM = frozenset(
    {
        AtomKind.BRACKET, AtomKind.FUNCTION, AtomKind.INVERSE, AtomKind.PSEUDO_INVERSE, AtomKind.MATRIX_POWER, AtomKind.MATRIX_FUNCTION,
    }
)  # fmt: skip


def _turns(form: Form) -> tuple[int, bytes]:
    """How many matrices stand against their own order in a form of two axes; a tie is broken by the key."""
    turned = sum(1 for term in form.terms for _, ix, _ in term.factors if len(ix) == 2 and ix[0] > ix[1])
    return turned, form.key


def _as_it_is(term: OpenTerm, scope: Scope) -> OpenTerm:
    return term


def _cost(form: Form) -> tuple[int, int]:
    """How many atoms the form has, and how much stands inside inverses."""
    inverses = [a.payload[0] for term in form.terms for a, _, _ in term.factors if a.kind is AtomKind.INVERSE]
    numbers = sum(1 for inner in inverses for term in inner.terms if term.coefficient != 1)
    return weight(form), numbers + sum(map(weight, inverses))


def _has_inverse(form: Form) -> bool:
    return any(atom.kind is AtomKind.INVERSE for term in form.terms for atom, _, _ in term.factors)


def _equal(made: list[Factor], factors: list[Factor]) -> bool:
    return len(made) == len(factors) and all(
        a.key == b.key and i == j and e == f for (a, i, e), (b, j, f) in zip(made, factors, strict=True)
    )
