"""Functions folded back as people write them: softmax, sigmoid, and functions of what has a known sign."""

from __future__ import annotations

from types import MappingProxyType

from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.finished_atoms import is_nonnegative, is_positive
from matcalc.index.form import Atom, AtomKind, Factor, Form, OpenTerm, Term, bracket, function_atom, rational, softmax_atom
from matcalc.language.elementwise import known_function

EVEN = frozenset({"cos", "abs", "normal_pdf"})
ODD = frozenset({"sin", "tanh", "sign"})
_OF_POSITIVE = MappingProxyType({"abs": True, "relu": True, "leaky_relu": True, "sign": False, "step": False})  # True: the argument itself


def folded(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """The first thing that can be folded; None where nothing can."""
    coefficient, factors = term
    for place, factor in enumerate(factors):
        if factor[0].kind is AtomKind.FUNCTION:
            below = _under_step(factors, place)
            if below is not None:
                return [(coefficient, below)]
            beside = _sign_beside_abs(factors, place)
            if beside is not None:
                return [(coefficient, beside)]
            made = _of_known_sign(factor, scope) or _without_signs(factor)
            if made is not None:
                return [(rational(coefficient * c), [*factors[:place], *f, *factors[place + 1 :]]) for c, f in made]
        elif factor[0].kind is AtomKind.BRACKET and factor[2] < 0:
            found = _softmax(factors, place) or _sigmoid(factors, place)
            if found is not None:
                return [(coefficient, found)]
        elif factor[0].kind is AtomKind.BRACKET:
            other = _complement(factors, place)
            if other is not None:
                return [(coefficient, _replaced(factors, {place: [other]}))]
    return _even_slope(term)


def _of_known_sign(factor: Factor, scope: Scope) -> list[OpenTerm] | None:
    """abs(u) = relu(u) = u and sign(u) = step(u) = 1 of a positive u."""
    atom, indices, exponent = factor
    form, function = atom.payload
    if not function.known or function.order or function.name not in _OF_POSITIVE:
        return None
    itself = _OF_POSITIVE[function.name]
    if not (is_positive(form) or (itself and is_nonnegative(form))):
        return None
    if not itself:
        return [(1, [])]
    if len(form.terms) == 1 and isinstance(exponent, int) and exponent == 1:
        return scope.opened(form, indices)
    return [(1, [(bracket(form), indices, exponent)])]


def _signs(form: Form) -> tuple[Form, list[Factor], bool] | None:
    """A single product without its sign and without factors that are -1 or 1; those factors; and whether it was negative."""
    if len(form.terms) != 1:
        return None
    (term,) = form.terms
    signs = [f for f in term.factors if "in {-1,1}" in f[0].assumed and isinstance(f[2], int) and max(f[1], default=-1) < len(form.axes)]
    if not signs and term.coefficient > 0:
        return None
    kept = tuple(f for f in term.factors if f not in signs)
    negative = term.coefficient < 0
    return Form(form.axes, (Term(-term.coefficient if negative else term.coefficient, kept, term.bound),)), signs, negative


def _without_signs(factor: Factor) -> list[OpenTerm] | None:
    """cos(y u) = cos(u) and sin(y u) = y sin(u) where y is -1 or 1."""
    atom, indices, exponent = factor
    form, function = atom.payload
    if not function.known or function.order or function.name not in EVEN | ODD or not isinstance(exponent, int):
        return None
    found = _signs(form)
    if found is None or not found[1] or not found[0].terms[0].factors:
        return None  # c sin(1) is no shorter than sin(c)
    bare, signs, negative = found
    same: Factor = (function_atom(function, bare), indices, exponent)
    if function.name in EVEN:
        return [(1, [same])]
    return [((-1) ** exponent if negative else 1, [*((a, tuple(indices[i] for i in ix), e * exponent) for a, ix, e in signs), same])]


def _sign_beside_abs(factors: list[Factor], place: int) -> list[Factor] | None:
    """sign(u) / abs(u) = 1 / u and sign(u) abs(u) = u."""
    sign, at, exponent = factors[place]
    function = sign.payload[1]
    if not function.known or function.name != "sign" or function.order or exponent != 1:
        return None
    absolute = function_atom(known_function("abs"), sign.payload[0])
    for other, (atom, indices, power) in enumerate(factors):
        if atom.key == absolute.key and indices == at and power in (1, -1):
            return _replaced(factors, {place: [], other: [(bracket(sign.payload[0]), at, power)]})
    return None


def _under_step(factors: list[Factor], place: int) -> list[Factor] | None:
    """Beside step(u) stands u for relu(u), since step(u) is 0 where they differ; and its powers are itself."""
    step, at, exponent = factors[place]
    function = step.payload[1]
    if not function.known or function.name != "step" or function.order or exponent < 0:
        return None
    if exponent != 1:
        return _replaced(factors, {place: [(step, at, 1)]})
    relu = function_atom(known_function("relu"), step.payload[0])
    for other, (atom, indices, power) in enumerate(factors):
        if indices != at or not isinstance(power, int) or power < 0:
            continue
        if atom.key == relu.key:
            return _replaced(factors, {other: [(bracket(step.payload[0]), at, power)]})
        if atom.kind is AtomKind.BRACKET and _holds(atom.payload[0], relu):
            return _replaced(factors, {other: [(bracket(_without_relu(atom.payload[0], relu)), at, power)]})
    return None


def _holds(form: Form, relu: Atom) -> bool:
    free = tuple(range(len(form.axes)))
    return any(a.key == relu.key and ix == free and e == 1 for term in form.terms for a, ix, e in term.factors)


def _without_relu(form: Form, relu: Atom) -> Form:
    """The form with what relu is of in its place, where it stands at the indices of the form."""
    scope = Scope()
    free = scope.fresh_all(form.axes)
    terms: list[OpenTerm] = []
    for coefficient, factors in scope.opened(form, free):
        made: list[OpenTerm] = [(coefficient, [])]
        for factor in factors:
            here = factor[0].key == relu.key and factor[1] == free and factor[2] == 1
            parts = scope.opened(relu.payload[0], free) if here else [(1, [factor])]
            made = [(rational(c * d), [*f, *g]) for c, f in made for d, g in parts]
        terms += made
    return close(terms, free, scope.sizes)


# ---- softmax and sigmoid ---------------------------------------------------------------------------------------------


def _softmax(factors: list[Factor], place: int) -> list[Factor] | None:
    """exp(u) / sum(exp(u)), along all axes or one."""
    sums, at, below = factors[place]
    total: Form = sums.payload[0]
    if len(total.terms) != 1 or not isinstance(below, int):
        return None
    (term,) = total.terms
    if term.coefficient != 1 or len(term.factors) != 1 or not term.bound:
        return None
    powers, inside, exponent = term.factors[0]
    if not _is_exp(powers) or exponent != 1 or len(set(inside)) != len(inside):
        return None
    along = tuple(axis for axis, i in enumerate(inside) if i >= len(total.axes))
    for other, (atom, indices, above) in enumerate(factors):
        fits = atom.key == powers.key and isinstance(above, int) and above > 0
        if fits and all(indices[axis] == at[i] for axis, i in enumerate(inside) if axis not in along):
            times = min(above, -below)
            left: list[Factor] = [(softmax_atom(powers.payload[0], along), indices, times)]
            left += [(atom, indices, above - times)] if above > times else []
            return _replaced(factors, {other: left, place: [(sums, at, below + times)] if -below > times else []})
    return None


def _sigmoid(factors: list[Factor], place: int) -> list[Factor] | None:
    """1 / (1 + exp(-u)) and exp(u) / (1 + exp(u)); with both, the second factor is 1 - sigmoid(u)."""
    total, at, below = factors[place]
    powers = _one_plus_exp(total.payload[0])
    if powers is None or not isinstance(below, int):
        return None
    form: Form = powers.payload[0]
    for other, (atom, indices, above) in enumerate(factors):
        if atom.key == powers.key and indices == at and isinstance(above, int) and above > 0:
            times = min(above, -below)
            s = _sigmoid_of(form)
            made: list[Factor] = [(s, at, times)]
            if -below > times:
                made.append((_one_minus(s), at, -below - times))
            left: list[Factor] = [(atom, indices, above - times)] if above > times else []
            return _replaced(factors, {other: left, place: made})
    return _replaced(factors, {place: [(_sigmoid_of(_negated(form)), at, -below)]})


def _complement(factors: list[Factor], place: int) -> Factor | None:
    """1 - s(-u) is s(u); beside s(-u) itself it stays, see `_even_slope`."""
    atom, indices, exponent = factors[place]
    terms = atom.payload[0].terms
    if len(terms) != 2 or any(len(term.factors) > 1 or term.bound for term in terms):
        return None
    inside = next((f[0] for term in terms for f in term.factors), None)
    if inside is None or inside.kind is not AtomKind.FUNCTION or inside.payload[1] != known_function("sigmoid"):
        return None
    form: Form = inside.payload[0]
    beside = any(a.key == inside.key and ix == indices for a, ix, _ in factors)
    if beside or atom.key != _one_minus(inside).key or any(term.coefficient > 0 for term in form.terms):
        return None
    return _sigmoid_of(_negated(form)), indices, exponent


def _sigmoid_of(form: Form) -> Atom:
    return function_atom(known_function("sigmoid"), form)


def _one_minus(atom: Atom) -> Atom:
    axes = tuple(range(len(atom.sizes)))
    return bracket(Form(atom.sizes, (Term(1, (), ()), Term(-1, ((atom, axes, 1),), ()))))


def _negated(form: Form) -> Form:
    return Form(form.axes, tuple(Term(-t.coefficient, t.factors, t.bound) for t in form.terms))


def _one_plus_exp(form: Form) -> Atom | None:
    """The exponential in 1 + exp(u)."""
    if len(form.terms) != 2:
        return None
    ones = [t for t in form.terms if not t.factors and t.coefficient == 1]
    others = [t for t in form.terms if t.factors]
    if len(ones) != 1 or len(others) != 1 or others[0].coefficient != 1 or len(others[0].factors) != 1 or others[0].bound:
        return None
    atom, indices, exponent = others[0].factors[0]
    return atom if _is_exp(atom) and exponent == 1 and indices == tuple(range(len(form.axes))) else None


def _is_exp(atom: Atom) -> bool:
    if atom.kind is not AtomKind.FUNCTION:
        return False
    function = atom.payload[1]
    return bool(function.known) and function.name == "exp" and not function.order


def _replaced(factors: list[Factor], made: dict[int, list[Factor]]) -> list[Factor]:
    return [new for place, factor in enumerate(factors) for new in made.get(place, [factor])]


def _even_slope(term: OpenTerm) -> list[OpenTerm] | None:
    """s(u) (1 - s(u)) is the same for u and -u: without the sign of u, and without factors of it that are -1 or 1."""
    coefficient, factors = term
    for place, (atom, indices, exponent) in enumerate(factors):
        if atom.kind is not AtomKind.FUNCTION or atom.payload[1] != known_function("sigmoid") or not isinstance(exponent, int):
            continue
        rest = _one_minus(atom)
        other = next((k for k, f in enumerate(factors) if f[0].key == rest.key and f[1] == indices and f[2] == exponent), None)
        found = _signs(atom.payload[0]) if other is not None else None
        if found is not None and other is not None:
            s = _sigmoid_of(found[0])
            made: dict[int, list[Factor]] = {place: [(s, indices, exponent)], other: [(_one_minus(s), indices, exponent)]}
            return [(coefficient, _replaced(factors, made))]
    return None


