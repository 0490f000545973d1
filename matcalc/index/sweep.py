"""The sweep from a form inwards: the derivative through forms inside forms that no name stands for.

Going outwards, as `Engine.derivative` does, the derivative of every inner form has the axes of the variable too, and with many paths to
the variable sums of it become brackets of three and four axes. Going inwards each inner form gets its adjoint once, with the axes
of the output and its own; so a scalar by a matrix keeps to brackets of two axes, as backpropagation does.
"""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.index.assembly import Scope, added, contracted, unbracketed
from matcalc.index.canonical import close
from matcalc.index.form import Atom, AtomKind, Factor, Form, OpenTerm, bracket, delta, nested_forms, rational
from matcalc.index.matrix_rules import INSIDE, refuse_exponent
from matcalc.index.rules import DERIVATIVES
from matcalc.language.sizes import Size


def identity_form(axes: tuple[Size, ...]) -> Form:
    """The derivative of an array by itself: a delta for each axis."""
    scope = Scope()
    rows, columns = scope.fresh_all(axes), scope.fresh_all(axes)
    deltas: list[Factor] = [(delta(scope.sizes[i]), (i, j), 1) for i, j in zip(rows, columns, strict=True)]
    return close([(1, deltas)], rows + columns, scope.sizes)


def term_counts(root: Form, names: frozenset[str]) -> Mapping[str, int]:
    """For each name the number of terms that its derivative has when it is multiplied out: one for each place at which it stands.

    Shared parts count as often as they stand, and a softmax twice, since its rule has two terms.
    """
    counts: dict[bytes, dict[str, int]] = {}
    for form in nested_forms([root]):
        found: dict[str, int] = {}
        for term in form.terms:
            for atom, _, _ in term.factors:
                if names.isdisjoint(atom.names):
                    continue
                inside = [counts[inner.key] for inner in atom.forms] or [dict.fromkeys(atom.names & names, 1)]
                times = 2 if atom.kind is AtomKind.SOFTMAX else 1
                for part in inside:
                    for name, count in part.items():
                        found[name] = found.get(name, 0) + times * count
        counts[form.key] = found
    return counts[root.key]


def swept(root: Form, adjoint: Form | None, variables: Mapping[str, Atom]) -> dict[str, Form]:
    """The derivative by every variable of what has the adjoint by the root form.

    Args:
        root: a form.
        adjoint: the derivative of something by the root, axes of that first; None where that is the root itself.
        variables: by name, the variables wanted; each occurs in the root.
    """
    names = frozenset(variables)
    waiting: dict[bytes, list[Form]] = {root.key: [identity_form(root.axes) if adjoint is None else adjoint]}
    results: dict[str, list[Form]] = {name: [] for name in variables}
    for form in reversed(nested_forms([root])):
        if form.key not in waiting:
            continue
        outer = _in_one(added(waiting.pop(form.key)))
        for atom, form_adjoint in _atom_adjoints(form, outer, names):
            if atom.kind is AtomKind.VARIABLE:
                (name,) = atom.names
                if variables[name] == atom:
                    results[name].append(unbracketed(form_adjoint))
                continue
            for inner in dict.fromkeys(atom.forms):
                if not names.isdisjoint(inner.names):
                    local = contracted(form_adjoint, _local(atom, inner), len(atom.sizes))
                    waiting.setdefault(inner.key, []).append(local)
    output = root.axes if adjoint is None else adjoint.axes[: len(adjoint.axes) - len(root.axes)]
    return {name: added(parts) if parts else Form(output + variables[name].sizes, ()) for name, parts in results.items()}


def _atom_adjoints(form: Form, adjoint: Form, names: frozenset[str]) -> list[tuple[Atom, Form]]:
    """The adjoint of each atom of a form that depends on one of the names, one for each place at which it stands."""
    found: list[tuple[Atom, Form]] = []
    for term in form.terms:
        for place, (atom, _, _) in enumerate(term.factors):
            if names.isdisjoint(atom.names):
                continue
            refuse_exponent(atom, names)
            scope = Scope()
            output = scope.fresh_all(adjoint.axes[: len(adjoint.axes) - len(form.axes)])
            free = scope.fresh_all(form.axes)
            inside = scope.fresh_all(atom.sizes)
            every = free + scope.fresh_all(term.bound)
            factors: list[Factor] = [(a, tuple([every[i] for i in ix]), e) for a, ix, e in term.factors]
            _, indices, exponent = factors[place]
            rest = factors[:place] + ([(atom, indices, rational(exponent - 1))] if exponent != 1 else []) + factors[place + 1 :]
            deltas: list[Factor] = [(delta(scope.sizes[i]), (j, i), 1) for i, j in zip(indices, inside, strict=True)]
            outside = scope.opened(adjoint, output + free)
            coefficient = rational(term.coefficient * exponent)
            terms: list[OpenTerm] = [(rational(c * coefficient), [*rest, *f, *deltas]) for c, f in outside]
            found.append((atom, close(scope.summed(terms, every), output + inside, scope.sizes)))
    return found


def _in_one(form: Form) -> Form:
    """The form as one term, a bracket where it has several: what it is multiplied with does not copy it."""
    if len(form.terms) <= 1:
        return form
    return close([(1, [(bracket(form), tuple(range(len(form.axes))), 1)])], range(len(form.axes)), form.axes)


def _local(atom: Atom, inner: Form) -> Form:
    """The derivative of an atom by one of the forms inside it, by the row of the table of derivatives."""
    entries = Atom(AtomKind.VARIABLE, ("inside", inner.key), inner.axes, inner.names, INSIDE)

    def derive(form: Form, by: Atom) -> Form:
        return identity_form(inner.axes) if form == inner else Form(form.axes + by.sizes, ())

    return DERIVATIVES[atom.kind].apply(atom, entries, derive)
