"""The engine: derivatives of forms, and sweeps over named quantities.

One `Engine` serves one call from outside. It keeps the lowered definition of every named quantity and the derivative of every form
by every variable, so equal parts and several variables share their work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import final

from matcalc.index.assembly import MOST_TERMS_SPREAD, Scope, added, contracted, exchanged, unbracketed
from matcalc.index.canonical import close
from matcalc.index.finishing import Finisher
from matcalc.index.form import Atom, AtomKind, Factor, Form, OpenTerm, nested_forms, rational, variable
from matcalc.index.lowering import Lowered, lower
from matcalc.index.rules import DERIVATIVES, POWER_RULE, PRODUCT_RULE, Rule
from matcalc.index.shortening import shortened
from matcalc.index.sweep import term_counts, swept
from matcalc.language.assumed import properties_of
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.sizes import Size, rows_and_columns
from matcalc.language.traversal import clash, postorder, same_symbol, with_definition


@final
class Engine:
    """Derivatives in index form of one family of expressions."""

    def __init__(self) -> None:
        self._lowered: dict[Expr, Lowered] = {}
        self._names: dict[str, Expr] = {}
        self._derivatives: dict[tuple[bytes, bytes], Form] = {}
        self._atoms: dict[tuple[bytes, bytes], Form] = {}
        self._folds: dict[bytes, Atom] = {}
        self._lets: dict[str, Let] = {}
        self._finisher: Finisher | None = None

    # ---- lowering ----------------------------------------------------------------------------------------------------

    def lowered(self, expression: Expr) -> Lowered:
        """The index form of an expression; for a named quantity, of its definition."""
        root = expression.definition if isinstance(expression, Let) else expression
        found = self._lowered.get(root)
        if found is not None:
            return found
        order = list(postorder([root], with_definition))
        for node in order:
            if isinstance(node, Symbol | Let):
                self._enter_name(node)
                if isinstance(node, Let) and node.name not in self._lets:
                    self._lets[node.name] = node
                    if node.definition not in self._lowered:
                        self._enter(node)
        self._lowered[root] = lower(root, self._axes_of, None if self._lets else order)
        return self._lowered[root]

    def _enter(self, node: Let) -> None:
        meaning = lower(node.definition, self._axes_of)
        self._lowered[node.definition] = meaning
        form = meaning.form
        if len(form.terms) == 1 and form.terms[0].coefficient == 1 and len(form.terms[0].factors) == 1:
            atom, indices, exponent = form.terms[0].factors[0]
            if exponent == 1 and indices == tuple(range(len(form.axes))) and not _is_variable(atom):
                self._folds.setdefault(atom.key, variable(node, form.axes))

    def _axes_of(self, node: Let) -> Lowered:
        return self._lowered[node.definition]

    def _enter_name(self, node: Symbol | Let) -> None:
        known = self._names.setdefault(node.name, node)
        if known != node and not same_symbol(known, node):
            raise clash(known, node)

    def variable(self, node: Symbol | Let) -> Atom:
        """The atom of a variable, with its elementary axes.

        Raises:
            DefinitionClashError: the name stands for something else in the expressions.
        """
        self._enter_name(node)
        if isinstance(node, Let):
            return variable(node, self.lowered(node).form.axes)
        return variable(node, tuple(entry for entry in rows_and_columns(node.shape) if entry != 1))

    def names_in(self, of: Expr) -> list[Symbol | Let]:
        """The symbols and named quantities that stand in an expression or definition, in the order written."""
        found: dict[str, Symbol | Let] = {}
        waiting = [self.lowered(of).form]
        done: set[bytes] = set()
        while waiting:
            form = waiting.pop()
            if form.key in done:
                continue
            done.add(form.key)
            for term in form.terms:
                for atom, _, _ in term.factors:
                    if atom.kind is AtomKind.VARIABLE:
                        found.setdefault(atom.payload[0].name, atom.payload[0])
                    waiting.extend(atom.forms)
        return list(found.values())

    def named(self, node: Let, sizes: tuple[Size, ...], order: tuple[int, ...]) -> Form:
        """The form of axes ``sizes`` that a name stands for, its own axes taken in the given order."""
        atom = variable(node, tuple(sizes[k] for k in order))
        return close([(1, [(atom, order, 1)])], range(len(sizes)), sizes)

    # ---- derivatives of forms ----------------------------------------------------------------------------------------

    def derivative(self, form: Form, by: Atom) -> Form:
        """The derivative of a form: axes of the form, then of the variable; named quantities are held."""
        found = self._derivatives.get((form.key, by.key))
        if found is not None:
            return found
        if by.names.isdisjoint(form.names):
            return Form(form.axes + by.sizes, ())
        for inner in nested_forms([form]):
            if (inner.key, by.key) not in self._derivatives and not by.names.isdisjoint(inner.names):
                self._derivatives[inner.key, by.key] = self._differentiated(inner, by)
        return self._derivatives[form.key, by.key]

    def _differentiated(self, form: Form, by: Atom) -> Form:
        """The product rule on each term."""
        scope = Scope()
        free, wrt = scope.fresh_all(form.axes), scope.fresh_all(by.sizes)
        terms: list[OpenTerm] = []
        for coefficient, factors in scope.opened(form, free):
            for place, (atom, indices, exponent) in enumerate(factors):
                if by.names.isdisjoint(atom.names):
                    continue
                inner = self._atom_derivative(atom, by)
                opened = scope.opened(inner, indices + wrt)
                rest: list[Factor] = factors[:place]
                if exponent != 1:
                    rest = [*rest, (atom, indices, rational(exponent - 1))]
                after = factors[place + 1 :]
                if len(opened) > 1 and (rest or after) and len(opened) > MOST_TERMS_SPREAD:
                    opened = scope.bracketed(opened, tuple(dict.fromkeys(indices + wrt)))
                summed = dict.fromkeys(i for _, ix, _ in factors for i in ix if i not in free)
                derived: list[OpenTerm] = [(rational(coefficient * exponent * c), [*rest, *f, *after]) for c, f in opened]
                terms.extend(scope.summed(derived, list(summed)))
        return unbracketed(close(terms, free + wrt, scope.sizes))

    def _atom_derivative(self, atom: Atom, by: Atom) -> Form:
        found = self._atoms.get((atom.key, by.key))
        if found is None:
            found = DERIVATIVES[atom.kind].apply(atom, by, self.derivative)
            self._atoms[atom.key, by.key] = found
        return found

    # ---- chains of named quantities ----------------------------------------------------------------------------------

    def partial(self, of: Expr, by: Symbol | Let) -> Form:
        """The derivative of a definition by a name that stands in it, other names held; named where a name is known."""
        return self._partials(self.lowered(of).form, None, frozenset((by.name,)))[by.name]

    def identity(self, of: Symbol | Let) -> Form:
        """The derivative of a quantity by itself."""
        own = self.variable(of)
        return DERIVATIVES[AtomKind.VARIABLE].apply(own, own, self.derivative)

    def tangent(self, of: Expr, by: Symbol | Let) -> Form:
        """The derivative by one variable, taken outwards from it: for an output with more axes than the variable.

        The named quantities between are moved along; going inwards their adjoints would have the axes of the output.
        """
        own = self.variable(by)
        between = self.order(of, [by])[::-1]
        moving = Atom(AtomKind.VARIABLE, ("moving", own.key), own.sizes, own.names.union(node.name for node in between), ())
        self._atoms[own.key, moving.key] = self.identity(by)
        for node in between:
            if node != by:
                moved = self.folded(self.derivative(self.lowered(node).form, moving))
                self._atoms[self.variable(node).key, moving.key] = moved
        return self.folded(self.derivative(self.lowered(of).form, moving))

    def rules_of(self, of: Expr, by: Symbol | Let) -> tuple[Rule, ...]:
        """The rules that the derivative of a definition by a name in it takes, from the outside in."""
        used: dict[str, Rule] = {}
        for form in reversed(nested_forms([self.lowered(of).form])):
            for term in form.terms:
                moving = [(atom, exponent) for atom, _, exponent in term.factors if by.name in atom.names]
                if len(moving) > 1:
                    used.setdefault("product", PRODUCT_RULE)
                for atom, exponent in moving:
                    if exponent != 1:
                        used.setdefault("power", POWER_RULE)
                    rule = DERIVATIVES[atom.kind]
                    used.setdefault(rule.name, rule)
        return tuple(used.values())

    def folded(self, form: Form) -> Form:
        """The form with definitions of named quantities written as their names, f(z) as a."""
        return exchanged(form, self._folds) if self._folds else form

    def finished(self, form: Form) -> Form:
        """The form as it is shown: what is assumed is used and functions are folded, see `matcalc.index.finishing`."""
        if self._finisher is None:
            symbols = (node for node in self._names.values() if isinstance(node, Symbol) and node.assumed)
            inner = nested_forms([each.form for each in self._lowered.values()])
            written = (a.key for form in inner for term in form.terms for a, _, _ in term.factors if a.kind is AtomKind.INVERSE)
            self._finisher = Finisher({node.name: properties_of(node) for node in symbols}, written)
        return self._finisher.finished(form)

    @property
    def what_finished(self) -> str:
        """What was done to finish forms, in words."""
        return "; ".join(self._finisher.notes) if self._finisher is not None and self._finisher.notes else "like terms collected"

    def order(self, of: Expr, targets: Iterable[Expr]) -> list[Let]:
        """The named quantities between ``of`` and the targets, each before those it is made of; ``of`` itself is not among them."""
        wanted = {node.name for node in targets if isinstance(node, Symbol | Let)}
        self.lowered(of)
        leads: set[str] = set(wanted)
        between: list[Let] = []
        for node in self._lets.values():
            if not leads.isdisjoint(self.lowered(node).form.names):
                leads.add(node.name)
                between.append(node)
        return between[::-1]

    def adjoints(
        self, of: Expr, targets: Sequence[Symbol | Let], name: Callable[[Let, Form], Form] | None = None, *, cut: bool = True
    ) -> dict[str, Form]:
        """The derivative of ``of`` by every target in one sweep from ``of`` to the variables.

        A target with fewer axes than ``of`` is met from its own side, see `tangent`.

        Args:
            of: an expression or a named quantity.
            targets: symbols and named quantities.
            name: given a named quantity that several others need and the derivative by it, may answer with another form of
                the same axes that stands for it.
            cut: whether a single target that is a named quantity ends the sweep.
        """
        root = self.lowered(of).form
        outwards = [t for t in targets if name is None and len(self.variable(t).sizes) < len(root.axes)]
        inwards = [t for t in targets if t not in outwards]
        found = self.adjoints_of_form(root, of, inwards, name, cut=cut) if inwards else {}
        found |= {t.name: self.tangent(of, t) for t in outwards}
        return {t.name: found[t.name] for t in targets}

    def adjoints_of_form(
        self,
        root: Form,
        of: Expr,
        targets: Sequence[Symbol | Let],
        name: Callable[[Let, Form], Form] | None = None,
        *,
        cut: bool = True,
    ) -> dict[str, Form]:
        """The derivative, by every target, of a form in the names that ``of`` is made of; see `adjoints`."""
        between = self.order(of, targets)
        leads = {node.name for node in between} | {node.name for node in targets}
        collected: dict[str, list[Form]] = {}
        done: dict[str, Form] = {}
        self._spread(root, None, leads, collected)
        ends = {node.name for node in targets} if cut and len(targets) == 1 else set()
        for node in between:
            parts = collected.pop(node.name, None)
            if parts is None:
                continue
            form = added(parts)
            done[node.name] = form
            if node.name in ends:
                continue
            inner = self.lowered(node).form
            if name is not None and sum(1 for n in inner.names if n in leads) > 1:
                form = done[node.name] = name(node, form)
            self._spread(inner, form, leads, collected)
        for name_left, parts_left in collected.items():
            done[name_left] = added(parts_left)
        axes = root.axes
        return {t.name: done.get(t.name) or Form(axes + self.variable(t).sizes, ()) for t in targets}

    def _spread(self, inner: Form, adjoint: Form | None, leads: set[str], collected: dict[str, list[Form]]) -> None:
        """Hand the adjoint of a quantity on to the names in its definition."""
        for name, form in self._partials(inner, adjoint, inner.names & leads).items():
            collected.setdefault(name, []).append(form)

    def _partials(self, inner: Form, adjoint: Form | None, names: frozenset[str]) -> dict[str, Form]:
        """The derivative by every name, others held, of a form or of what has that adjoint by it; named where a name is known.

        Where a derivative would have many terms, and the variable no fewer axes than the output, it is taken in one sweep inwards.
        """
        counts = term_counts(inner, names)
        axes = len(inner.axes) if adjoint is None else len(adjoint.axes) - len(inner.axes)
        variables = {name: self.variable(self._named(name)) for name in sorted(names)}
        many = {n: v for n, v in variables.items() if counts.get(n, 0) > MOST_TERMS_SPREAD and axes <= len(v.sizes)}
        forms = {name: self.folded(form) for name, form in swept(inner, adjoint, many).items()} if many else {}
        for name, atom in variables.items():
            if name not in many:
                partial = self.folded(self.derivative(inner, atom))
                forms[name] = partial if adjoint is None else shortened(contracted(adjoint, partial, len(inner.axes)))
        return {name: forms[name] for name in variables}

    def _named(self, name: str) -> Symbol | Let:
        node = self._names[name]
        assert isinstance(node, Symbol | Let)
        return node


def _is_variable(atom: Atom) -> bool:
    return isinstance(atom.payload[0], Symbol | Let) if atom.payload else True
