"""The rules of differentiation in index form: one named, sourced row for each kind of atom.

A row gives the derivative of an atom by a variable as a form whose axes are the atom's axes, then the variable's. Sums and products
are differentiated in `matcalc.index.engine`; nothing here knows of layouts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias, final

from matcalc.index import matrix_rules
from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.form import (
    Atom, AtomKind, Form, OpenTerm, delta, function_atom, inverse_atom, map_atom, rational, softmax_atom,
)  # fmt: skip
from matcalc.index.functions import derivative_terms

Derive: TypeAlias = Callable[[Form, Atom], Form]


@final
@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of differentiation.

    Attributes:
        name: as a student would call it.
        statement: the rule in index form, LaTeX.
        source: where it stands.
        apply: (atom, variable, derivative of the forms inside) -> derivative of the atom.
    """

    name: str
    statement: str
    source: str
    apply: Callable[[Atom, Atom, Derive], Form]


def _variable(atom: Atom, by: Atom, derive: Derive) -> Form:
    scope = Scope()
    rows, columns = scope.fresh_all(atom.sizes), scope.fresh_all(by.sizes)
    if atom != by:
        return Form(atom.sizes + by.sizes, ())
    deltas = [(delta(size), (i, j), 1) for size, i, j in zip(atom.sizes, rows, columns, strict=True)]
    return close([(1, list(deltas))], rows + columns, scope.sizes)


def _constant(atom: Atom, by: Atom, derive: Derive) -> Form:
    return Form(atom.sizes + by.sizes, ())


def _bracket(atom: Atom, by: Atom, derive: Derive) -> Form:
    return derive(atom.payload[0], by)


def _function(atom: Atom, by: Atom, derive: Derive) -> Form:
    argument, function = atom.payload
    inner = derive(argument, by)
    scope = Scope()
    free, wrt = scope.fresh_all(atom.sizes), scope.fresh_all(by.sizes)
    if function.known:
        slope = derivative_terms(function.prime, argument, free, scope)
    else:
        slope = [(1, [(function_atom(function.prime, argument), free, 1)])]
    return close([(rational(c * d), f + g) for c, f in slope for d, g in scope.spread(inner, free + wrt)], free + wrt, scope.sizes)


def _inverse(atom: Atom, by: Atom, derive: Derive) -> Form:
    form, rows = atom.payload
    inner = derive(form, by)
    scope = Scope()
    free, wrt = scope.fresh_all(atom.sizes), scope.fresh_all(by.sizes)
    inside = scope.fresh_all(form.axes)
    columns = len(form.axes) - rows
    same = inverse_atom(form, rows)
    outside = [(same, free[:columns] + inside[:rows], 1), (same, inside[rows:] + free[columns:], 1)]
    terms: list[OpenTerm] = [(-c, [outside[0], *f, outside[1]]) for c, f in scope.spread(inner, inside + wrt)]
    return close(terms, free + wrt, scope.sizes)


def _determinant(atom: Atom, by: Atom, derive: Derive) -> Form:
    form, rows = atom.payload
    inner = derive(form, by)
    scope = Scope()
    wrt, inside = scope.fresh_all(by.sizes), scope.fresh_all(form.axes)
    outside = [(atom, (), 1), (inverse_atom(form, rows), inside[rows:] + inside[:rows], 1)]
    return close([(c, [*outside, *f]) for c, f in scope.spread(inner, inside + wrt)], wrt, scope.sizes)


def _softmax(atom: Atom, by: Atom, derive: Derive) -> Form:
    form, along = atom.payload
    inner = derive(form, by)
    scope = Scope()
    free, wrt = scope.fresh_all(atom.sizes), scope.fresh_all(by.sizes)
    others = tuple([scope.fresh(atom.sizes[k]) if k in along else i for k, i in enumerate(free)])
    same = softmax_atom(form, along)
    terms: list[OpenTerm] = [(c, [(same, free, 1), *f]) for c, f in scope.spread(inner, free + wrt)]
    summed = [others[k] for k in along]
    spread: list[OpenTerm] = [(-c, [(same, free, 1), (same, others, 1), *f]) for c, f in scope.spread(inner, others + wrt)]
    return close(terms + scope.summed(spread, summed), free + wrt, scope.sizes)


def _map(atom: Atom, by: Atom, derive: Derive) -> Form:
    function, arguments, wrt_before = atom.payload
    scope = Scope()
    free, wrt = scope.fresh_all(atom.sizes), scope.fresh_all(by.sizes)
    terms: list[OpenTerm] = []
    for k, argument in enumerate(arguments):
        if by.names.isdisjoint(argument.names):
            continue
        inside = scope.fresh_all(argument.axes)
        outer = map_atom(function, arguments, (*wrt_before, k))
        inner = scope.spread(derive(argument, by), inside + wrt)
        terms.extend((c, [(outer, free + inside, 1), *f]) for c, f in inner)
    return close(terms, free + wrt, scope.sizes)


PRODUCT_RULE = Rule(
    "product",
    r"\frac{\partial (u v)}{\partial x_j} = \frac{\partial u}{\partial x_j} v + u \frac{\partial v}{\partial x_j}",
    "Leibniz's rule, entry by entry",
    _constant,
)
POWER_RULE = Rule(
    "power", r"\frac{\partial u^k}{\partial x_j} = k u^{k-1} \frac{\partial u}{\partial x_j}", "chain rule of one variable", _constant
)

_MAGNUS = "Magnus & Neudecker, Matrix Differential Calculus, 2019, {}; differentials, no layout"

DERIVATIVES: Mapping[AtomKind, Rule] = MappingProxyType(
    {
        AtomKind.VARIABLE: Rule(
            "independent entries",
            r"\frac{\partial X_{ij}}{\partial X_{pq}} = \delta_{ip} \delta_{jq}",
            "Petersen & Pedersen, The Matrix Cookbook, 2012, (32); index form",
            _variable,
        ),
        AtomKind.SIZE: Rule("a size is constant", r"\frac{\partial n}{\partial X_{pq}} = 0", "definition", _constant),
        AtomKind.DIAGONALS: Rule(
            "which diagonal is constant", r"\frac{\partial [i - j = k - l]}{\partial X_{pq}} = 0", "definition", _constant
        ),
        AtomKind.DELTA: Rule(
            "the identity is constant", r"\frac{\partial \delta_{ij}}{\partial X_{pq}} = 0", "definition", _constant
        ),
        AtomKind.FUNCTION: Rule(
            "elementwise function",
            r"\frac{\partial f(u_i)}{\partial x_j} = f'(u_i) \frac{\partial u_i}{\partial x_j}",
            "chain rule of one variable, entry by entry",
            _function,
        ),
        AtomKind.BRACKET: Rule(
            "sum",
            r"\frac{\partial (u + v)}{\partial x_j} = \frac{\partial u}{\partial x_j} + \frac{\partial v}{\partial x_j}",
            "linearity",
            _bracket,
        ),
        AtomKind.INVERSE: Rule(
            "inverse",
            r"\frac{\partial (U^{-1})_{ij}}{\partial x}"
            r" = -\sum_{p,q} (U^{-1})_{ip} \frac{\partial U_{pq}}{\partial x} (U^{-1})_{qj}",
            _MAGNUS.format("chapter 8, Some important differentials"),
            _inverse,
        ),
        AtomKind.DETERMINANT: Rule(
            "determinant (Jacobi's formula)",
            r"\frac{\partial \det U}{\partial x} = \det U \sum_{p,q} (U^{-1})_{qp} \frac{\partial U_{pq}}{\partial x}",
            _MAGNUS.format("chapter 8, Some important differentials"),
            _determinant,
        ),
        AtomKind.SOFTMAX: Rule(
            "softmax",
            r"\frac{\partial p_i}{\partial x} = p_i \Bigl(\frac{\partial u_i}{\partial x} - \sum_k p_k"
            r" \frac{\partial u_k}{\partial x}\Bigr)",
            "quotient rule on exp(u_i) / sum_k exp(u_k)",
            _softmax,
        ),
        AtomKind.MAP: Rule(
            "chain rule of an unknown map",
            r"\frac{\partial u_i(v)}{\partial x_j} = \sum_k \frac{\partial u_i}{\partial v_k} \frac{\partial v_k}{\partial x_j}",
            "chain rule of several variables",
            _map,
        ),
        AtomKind.PSEUDO_INVERSE: Rule(
            "pseudo-inverse",
            r"\frac{\partial U^+}{\partial x} = -U^+ \frac{\partial U}{\partial x} U^+"
            r" + U^+ (U^+)^\top \frac{\partial U^\top}{\partial x} (I - U U^+)"
            r" + (I - U^+ U) \frac{\partial U^\top}{\partial x} (U^+)^\top U^+",
            "Golub & Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate, "
            "1973; constant rank; no layout",
            matrix_rules.pseudo_inverse,
        ),
        AtomKind.MATRIX_POWER: Rule(
            "power of a matrix",
            r"\frac{\partial (U^k)_{ij}}{\partial x}"
            r" = \sum_{r=0}^{k-1} \sum_{p,q} (U^r)_{ip} \frac{\partial U_{pq}}{\partial x} (U^{k-1-r})_{qj}",
            "Petersen & Pedersen, The Matrix Cookbook, 2012, (90); product rule on U U ... U, k >= 0",
            matrix_rules.matrix_power,
        ),
        AtomKind.MATRIX_FUNCTION: Rule(
            "function of a matrix",
            r"\frac{\partial g(U)_{ij}}{\partial x} = \sum_{p,q} L_{ij,pq}(U) \frac{\partial U_{pq}}{\partial x},"
            r"\quad L(U, E) = E g'(U) \text{ where } E U = U E",
            "Higham, Functions of Matrices, 2008, chapter 3; the Fréchet derivative L, no layout",
            matrix_rules.matrix_function,
        ),
        AtomKind.FRECHET: Rule(
            "derivative of a function of a matrix, again",
            r"\frac{\partial L_{ij,pq}(U)}{\partial x} = \sum_{s,t} L_{ij,pq,st}(U) \frac{\partial U_{st}}{\partial x}",
            "Higham & Relton, Higher order Fréchet derivatives of matrix functions and the level-2 condition number, 2014; definition",
            matrix_rules.frechet,
        ),
    }
)
