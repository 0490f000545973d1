"""What a single product becomes when it is finished: one rule after the other until none applies.

Every rule takes the coefficient and the factors of a term with its free indices, and gives the terms that stand for it, or None
where it does not apply. All other indices are summed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from types import MappingProxyType
from typing import TypeAlias

from matcalc.index.assembly import Scope, raised
from matcalc.index.canonical import close, reciprocal
from matcalc.index.finished_atoms import is_nonnegative
from matcalc.index.folding import folded
from matcalc.index.form import Atom, AtomKind, Factor, Form, Indices, OpenTerm, Rational, Term, bracket, delta, inverse_atom, rational
from matcalc.index.matrix_words import multiplied_out, shorter_product
from matcalc.language.sizes import Size

Rule: TypeAlias = Callable[[OpenTerm, frozenset[int], Scope], list[OpenTerm] | None]
MOST_ROUNDS = 200
LARGEST_NUMBER = 10**6  # numerator or denominator of a number that is taken out of a bracket
MOST_FACTORS = 8  # of a product into which another is written out


def simplified(term: OpenTerm, free: frozenset[int], scope: Scope, notes: dict[str, None]) -> list[OpenTerm]:
    """The terms that stand for one when no rule applies any more; the rules that did are noted in words."""
    waiting, done = [term], list[OpenTerm]()
    for _ in range(MOST_ROUNDS):
        if not waiting:
            return done
        current = waiting.pop(0)
        rule, made = next(((rule, found) for rule in RULES if (found := rule(current, free, scope)) is not None), (None, None))
        if made is None or rule is None:
            done.append(current)
        else:
            notes[RULES[rule]] = None
            waiting = [_still_summed(current, each, free, scope) for each in made] + waiting
    return done + waiting


def _still_summed(before: OpenTerm, after: OpenTerm, free: frozenset[int], scope: Scope) -> OpenTerm:
    """The term after a rule; an index that the rule left without a factor, and did not sum itself, counts by its size.

    A rule that sums an index itself puts `SUMMED` of it among the factors.
    """
    summed = {ix[0] for atom, ix, _ in after[1] if atom is SUMMED}
    factors = [factor for factor in after[1] if factor[0] is not SUMMED]
    standing = {i for _, ix, _ in factors for i in ix}
    idle = dict.fromkeys(i for _, ix, _ in before[1] for i in ix if i not in free and i not in standing and i not in summed)
    return scope.summed([(after[0], factors)], list(idle))[0]


SUMMED = Atom(AtomKind.SIZE, "summed by a rule", (), frozenset(), ())


def _counts(factors: Sequence[Factor]) -> Counter[int]:
    return Counter(i for _, ix, _ in factors for i in ix)


def _without(factors: Sequence[Factor], *places: int) -> list[Factor]:
    return [factor for place, factor in enumerate(factors) if place not in places]


def _merged(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """Equal factors as one with its exponents added."""
    coefficient, factors = term
    seen: dict[tuple[bytes, Indices], int] = {}
    for place, (atom, indices, exponent) in enumerate(factors):
        first = seen.setdefault((atom.key, tuple(sorted(indices)) if atom.symmetric else indices), place)
        if first != place and atom.kind is not AtomKind.DELTA:
            total = rational(factors[first][2] + exponent)
            joint: list[Factor] = [(factors[first][0], factors[first][1], total)] if total else []
            return [(coefficient, [*factors[:first], *joint, *factors[first + 1 : place], *factors[place + 1 :]])]
    return None


# ---- brackets --------------------------------------------------------------------------------------------------------


def _unwrapped(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """A bracket of a single term, or of none, written out."""
    coefficient, factors = term
    for place, (atom, indices, exponent) in enumerate(factors):
        if atom.kind is not AtomKind.BRACKET or len(atom.payload[0].terms) > 1:
            continue
        form: Form = atom.payload[0]
        if not form.terms:
            if exponent > 0:
                return []
            continue
        if len(form.terms[0].factors) + len(factors) > MOST_FACTORS:
            continue  # it was kept together where it stands in several places
        opened = scope.opened(form, indices)
        made = _positive_root(form, opened, exponent) or raised(scope, opened, tuple(dict.fromkeys(indices)), exponent)
        if len(made) == 1 and any(factor == (atom, indices, exponent) for factor in made[0][1]):
            continue
        if all(_is_readable(coefficient * c) for c, _ in made):
            return [(rational(coefficient * c), factors[:place] + f + factors[place + 1 :]) for c, f in made]
    return None


def _is_readable(number: Rational) -> bool:
    """Whether a number may stand in front: not one that grew by squaring again and again."""
    return max(abs(number.numerator), number.denominator) <= LARGEST_NUMBER


def _positive_root(form: Form, opened: list[OpenTerm], exponent: Rational) -> list[OpenTerm] | None:
    """A power of a product of what is positive, factor by factor: sqrt(x^2) = x."""
    (term,) = form.terms
    bases = all(is_nonnegative(_one_factor(form, factor)) for factor in ((a, ix, 1) for a, ix, _ in term.factors))
    if isinstance(exponent, int) or term.coefficient != 1 or term.bound or not bases:
        return None
    return [(1, [(a, ix, rational(e * exponent)) for a, ix, e in opened[0][1]])]


def _one_factor(form: Form, factor: Factor) -> Form:
    """A form of that factor alone, of which only the signs are asked."""
    return Form(form.axes, (Term(1, (factor,), ()),))


def _content(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """A number that all terms of a bracket share stands before it: x/2 - y/2 is (x - y)/2."""
    for place, (atom, _, exponent) in enumerate(term[1]):
        if atom.kind is AtomKind.BRACKET and isinstance(exponent, int):
            numbers = [each.coefficient for each in atom.payload[0].terms]
            shared = abs(numbers[0]) if len({abs(number) for number in numbers}) == 1 else 1
            shared = -shared if all(number < 0 for number in numbers) else shared
            if shared != 1 and _is_readable(term[0] * Fraction(Fraction(shared) ** exponent)):
                return [_taken_out(term, place, shared)]
    return None


def without_minus(term: OpenTerm) -> OpenTerm:
    """The term with a minus sign that stands alone put into a bracket that subtracts: -(y - p) is p - y."""
    coefficient, factors = term
    alone = coefficient == -1 or coefficient.denominator > 1 or any(a.kind is AtomKind.SIZE and e < 0 for a, _, e in factors)
    if coefficient > 0 or not alone:
        return term
    standing = Counter(atom.key for atom, _, _ in factors)
    for place, (atom, _, exponent) in sorted(enumerate(factors), key=lambda each: _starts_with_a_number(each[1][0])):
        if atom.kind is not AtomKind.BRACKET or exponent != 1 or standing[atom.key] > 1:
            continue  # of two equal brackets, as in a quadratic form, neither is turned
        if any(each.coefficient < 0 for each in atom.payload[0].terms):
            return _taken_out(term, place, -1)
    return term


def _starts_with_a_number(atom: Atom) -> bool:
    """Whether an atom is a sum like 1 - s, which people do not turn while another can be."""
    return atom.kind is AtomKind.BRACKET and any(not term.factors and term.coefficient > 0 for term in atom.payload[0].terms)


def _taken_out(term: OpenTerm, place: int, number: Rational) -> OpenTerm:
    """The term with a number taken out of the bracket at that place."""
    coefficient, factors = term
    atom, indices, exponent = factors[place]
    made = bracket(_divided(atom.payload[0], number))
    front = rational(coefficient * Fraction(Fraction(number) ** exponent))
    return front, [*factors[:place], (made, indices, exponent), *factors[place + 1 :]]


def _divided(form: Form, number: Rational) -> Form:
    """The form divided by a number, what is added before what is subtracted where signs change."""
    terms = [Term(rational(Fraction(term.coefficient) / number), term.factors, term.bound) for term in form.terms]
    return Form(form.axes, tuple(sorted(terms, key=lambda term: term.coefficient < 0) if number < 0 else terms))


def _summed_bracket(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """A bracket over one of whose indices alone is summed, where its sum is shorter: deviations from a mean add up to zero."""
    coefficient, factors = term
    counts = _counts(factors)
    for place, (atom, indices, exponent) in enumerate(factors):
        if atom.kind is not AtomKind.BRACKET or exponent != 1:
            continue
        over = [i for i in dict.fromkeys(indices) if i not in free and counts[i] == 1]
        if not over:
            continue
        kept = tuple(i for i in dict.fromkeys(indices) if i not in over)
        form: Form = atom.payload[0]
        total = close(scope.summed(scope.opened(form, indices), over), kept, scope.sizes)
        if sum(len(each.factors) for each in total.terms) < sum(len(each.factors) for each in form.terms):
            marks: list[Factor] = [(SUMMED, (i,), 1) for i in over]
            if not total.terms:
                return []
            return [(coefficient, [*_without(factors, place), (bracket(total), kept, 1), *marks])]
    return None


# ---- what is assumed -------------------------------------------------------------------------------------------------


def _idempotent(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """Powers of what is 0 or 1, and of what is -1 or 1."""
    coefficient, factors = term
    for place, (atom, indices, exponent) in enumerate(factors):
        if exponent == 1 or not atom.assumed or not isinstance(exponent, int):
            continue
        power = 1 if "in {0,1}" in atom.assumed and exponent > 0 else exponent % 2 if "in {-1,1}" in atom.assumed else exponent
        if power != exponent:
            left: list[Factor] = [(atom, indices, power)] if power else []
            return [(coefficient, factors[:place] + left + factors[place + 1 :])]
    return None


def _total_of_one(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """A sum over the entries of what sums to one."""
    coefficient, factors = term
    counts = _counts(factors)
    for place, (atom, indices, exponent) in enumerate(factors):
        if exponent != 1 or len(set(indices)) != len(indices):
            continue
        over = _axes_of_total(atom)
        if over is None or any(indices[axis] in free or counts[indices[axis]] > 1 for axis in over):
            continue
        marks: list[Factor] = [(SUMMED, (indices[axis],), 1) for axis in over]
        return [(coefficient, _without(factors, place) + marks)]
    return None


def _axes_of_total(atom: Atom) -> tuple[int, ...] | None:
    if atom.kind is AtomKind.SOFTMAX:
        return atom.payload[1]  # type: ignore[no-any-return]
    if "sums to one" in atom.assumed:
        return tuple(range(len(atom.sizes)))
    if "rows sum to one" in atom.assumed and len(atom.sizes) == 2:
        return (1,)
    return (0,) if "columns sum to one" in atom.assumed and len(atom.sizes) == 2 else None


def _orthogonal(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """Q^T Q is the identity, of a square Q also Q Q^T."""
    coefficient, factors = term
    counts = _counts(factors)
    for place, (atom, indices, exponent) in enumerate(factors):
        if "orthogonal" not in atom.assumed or len(indices) != 2 or indices[0] == indices[1]:
            continue
        for axis in (0, 1) if atom.sizes[0] == atom.sizes[1] else (0,):
            over, end = indices[axis], indices[1 - axis]
            if over in free:
                continue
            marks: list[Factor] = [(SUMMED, (over,), 1)]
            if exponent == 2 and counts[over] == 1:
                return [(coefficient, _without(factors, place) + marks)]
            later = range(place + 1, len(factors))
            other = next((k for k in later if factors[k][0].key == atom.key and factors[k][1][axis] == over), None)
            if other is None or exponent != 1 or factors[other][2] != 1 or counts[over] != 2:
                continue
            kept: list[Factor] = [(delta(atom.sizes[1 - axis]), (end, factors[other][1][1 - axis]), 1)]
            return [(coefficient, _without(factors, place, other) + kept + marks)]
    return None


def _orthogonal_inverse(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """The inverse of an orthogonal matrix is its transpose."""
    coefficient, factors = term
    for place, (atom, indices, exponent) in enumerate(factors):
        inside = _only_factor(atom) if atom.kind is AtomKind.INVERSE else None
        if inside is not None and "orthogonal" in inside[0].assumed:
            turned = indices[::-1] if inside[1] == (0, 1) else indices
            return [(coefficient, [*factors[:place], (inside[0], turned, exponent), *factors[place + 1 :]])]
    return None


# ---- inverses --------------------------------------------------------------------------------------------------------


def _only_factor(atom: Atom) -> tuple[Atom, Indices] | None:
    """The matrix that an inverse is of, and the axes at its indices, where it is of a single one."""
    form, rows = atom.payload
    if rows != 1 or len(form.axes) != 2 or len(form.terms) != 1:
        return None
    (term,) = form.terms
    if term.coefficient != 1 or len(term.factors) != 1 or term.bound:
        return None
    inner, indices, exponent = term.factors[0]
    return (inner, indices) if exponent == 1 and sorted(indices) == [0, 1] else None


def _cancelled(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """A matrix beside its inverse."""
    coefficient, factors = term
    counts = _counts(factors)
    for place, (atom, indices, exponent) in enumerate(factors):
        inside = _only_factor(atom) if atom.kind is AtomKind.INVERSE and exponent == 1 else None
        if inside is None:
            continue
        for other, (matrix, ends, power) in enumerate(factors):
            if matrix.key != inside[0].key or power != 1 or other == place:
                continue
            ways = {ends if inside[1] == (0, 1) else ends[::-1]} | ({ends, ends[::-1]} if matrix.symmetric else set())
            joints = {(indices[0], indices[1])} | ({(indices[1], indices[0])} if atom.symmetric else set())
            for (row, column), (below, beside) in product(sorted(ways), sorted(joints)):
                for over, left, right, joint in ((column, row, beside, below), (row, below, column, beside)):
                    if over == joint and over not in free and counts[over] == 2:
                        rest = _without(factors, place, other)
                        return [(coefficient, [*_identified(rest, left, right, matrix.sizes[0], free), (SUMMED, (over,), 1)])]
    return None


def _identified(factors: list[Factor], left: int, right: int, size: Size, free: frozenset[int]) -> list[Factor]:
    """The factors times the identity between two indices: a summed one is renamed, so that what meets there is seen."""
    gone, stays = (left, right) if left not in free else (right, left)
    if gone in free or gone == stays:
        return [*factors, (delta(size), (left, right), 1)]
    renamed: list[Factor] = [(a, tuple(stays if i == gone else i for i in ix), e) for a, ix, e in factors]
    return [*renamed, (SUMMED, (gone,), 1)]


def _shortened_product(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """A product beside its inverse, and products with a pseudo-inverse for which less stands."""
    found = shorter_product(term[1], free)
    if found is None:
        return None
    marks: list[Factor] = [(SUMMED, (i,), 1) for i in found.inner]
    if found.kept is not None:
        return [(term[0], [*found.rest, found.kept, *marks])]
    return [(term[0], [*_identified(found.rest, *found.ends, scope.sizes[found.ends[0]], free), *marks])]


def split_inverses(term: OpenTerm, scope: Scope) -> OpenTerm:
    """The term with inverses of products of square matrices as products of inverses."""
    coefficient, factors = term
    made: list[Factor] = []
    for atom, indices, exponent in factors:
        chain = _chain(atom) if atom.kind is AtomKind.INVERSE and exponent == 1 else None
        if chain is None:
            made.append((atom, indices, exponent))
            continue
        number, scalars, matrices = chain
        coefficient = rational(coefficient * reciprocal(number))
        made += [(each, (), -power) for each, power in scalars]
        ends = [indices[1], *(scope.fresh(matrix.sizes[0]) for matrix, _ in matrices[1:]), indices[0]]
        for k, (matrix, turned) in enumerate(matrices):  # the k-th from the left stands between its row end and the next
            made.append((inverse_atom(_alone(matrix), 1), (ends[k], ends[k + 1]) if turned else (ends[k + 1], ends[k]), 1))
    return coefficient, made


def _alone(matrix: Atom) -> Form:
    """The form of a matrix."""
    return Form(matrix.sizes, (Term(1, ((matrix, (0, 1), 1),), ()),))


def _chain(atom: Atom) -> tuple[Rational, list[tuple[Atom, Rational]], list[tuple[Atom, bool]]] | None:
    """Number, scalars and square matrices, from the left, of the product that an inverse is of; None where it is another thing."""
    form, rows = atom.payload
    if rows != 1 or len(form.axes) != 2 or len(form.terms) != 1:
        return None
    (term,) = form.terms
    scalars = [(a, e) for a, ix, e in term.factors if not ix]
    waiting = [(a, ix) for a, ix, e in term.factors if len(ix) == 2 and e == 1 and a.sizes[0] == a.sizes[1] and ix[0] != ix[1]]
    if len(scalars) + len(waiting) != len(term.factors) or len(waiting) + len(scalars) < 2 - (term.coefficient != 1):
        return None
    if len(waiting) != len(term.bound) + 1:
        return None
    matrices: list[tuple[Atom, bool]] = []
    end = 0
    while waiting:
        at = next((k for k, (_, ix) in enumerate(waiting) if end in ix), None)
        if at is None:
            return None
        matrix, ends = waiting.pop(at)
        matrices.append((matrix, ends[1] == end))
        end = ends[0] if ends[1] == end else ends[1]
    return (term.coefficient, scalars, matrices) if end == 1 and matrices else None


# Each rule with what it does, in words; the first that applies is taken.
RULES: Mapping[Rule, str] = MappingProxyType(
    {
        _merged: "equal factors as powers",
        _unwrapped: "brackets written out",
        _content: "numbers taken out of brackets",
        _summed_bracket: "sums that vanish",
        _idempotent: "powers of what is 0 or 1, or -1 or 1",
        _total_of_one: "what sums to one",
        _orthogonal: "Q^T Q = I of an orthogonal Q",
        _orthogonal_inverse: "Q^-1 = Q^T of an orthogonal Q",
        _cancelled: "a matrix beside its inverse",
        _shortened_product: "a product beside its inverse, or with a pseudo-inverse",
        multiplied_out: "products with a pseudo-inverse",
        folded: "functions folded: softmax, sigmoid, known signs",
    }
)
