"""The steps of a derivation, from the definition to the closed form, each with the rule that made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias, final

from matcalc.errors import NoMatrixFormError
from matcalc.index.index_form import IndexForm
from matcalc.language.building import add
from matcalc.language.expressions import Derivative, Expr
from matcalc.language.operators import METHODS, Typeset
from matcalc.language.sizes import Shape
from matcalc.language.text_rows import filled
from matcalc.layout.conventions import Layout
from matcalc.layout.factors import Factor
from matcalc.layout.products import Product, Reading
from matcalc.printing.line_breaks import text_lines
from matcalc.printing.notebook import formula, shapes_of, small, table, words
from matcalc.structured import STRUCTURES, StructureRule

if TYPE_CHECKING:
    from matcalc.derivation import Derivation

Form: TypeAlias = Expr | IndexForm

EQUATION = 56  # letters of an equation that a rule stands beside
FROM_DEFINITIONS = "as a sum over indices, from the definitions"
RULES = "chain rule of several variables, entry by entry"
DEFINITIONS = "Wikipedia, Matrix calculus, Layout conventions"


@final
@dataclass(frozen=True, slots=True)
class Step(Typeset):
    """One step of a derivation: ``before`` equals ``after`` by ``rule``.

    Shapes: both sides have one shape, that of the layout; index forms have the axes of the output, then of the input.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> step = mc.derive(mc.sum(W @ x), W, layout="denominator").steps[-1]
        >>> step.rule, step.verify()
        ('denominator layout: the network of indices is read from the input end', True)

    Attributes:
        rule: what was done, in words.
        before, after: expressions, or index forms where the step goes through sums over indices.
        source: where the rule stands.
        layout: the layout in which both sides are read.
        statement: the rules of differentiation that were used, in index form, LaTeX; empty where none was.
    """

    rule: str
    before: Form
    after: Form
    source: str
    layout: str
    statement: str = ""

    def __repr__(self) -> str:
        return _as_text(self)

    def latex(self) -> str:
        """The equation of the step in LaTeX."""
        return f"{self.before.latex()} = {self.after.latex()}"

    def _repr_html_(self) -> str:
        return table([self.cells()])

    def cells(self) -> tuple[str, str]:
        """In HTML the equation, with the rules of differentiation that it takes, and the rule in words."""
        return _cells(self, shapes_of(self.before, self.after))

    def verify(self, *, seed: int = 0) -> bool:
        """Whether both sides are equal at random data, written derivatives being taken by a reverse sweep in NumPy."""
        return METHODS["verify_step"](self, seed=seed)  # type: ignore[no-any-return]


class Steps(Typeset, tuple[Step, ...]):
    """The steps of a derivation in their order; prints them numbered, one below the other.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> mc.derive(mc.sum(W @ x), W, layout="denominator").steps
        1. d(sum(W x))/dW = x_j
            by: in index form: independent entries
        2. x_j = 1_m x^T
            by: denominator layout: the network of indices is read from the input end
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(_as_text(step, f"{number}. ") for number, step in enumerate(self, 1))

    def latex(self) -> str:
        """The equations of the steps in LaTeX, aligned."""
        lines = [f"{step.before.latex()} &= {step.after.latex()}" for step in self]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_html_(self) -> str:
        shapes = shapes_of(*(side for step in self for side in (step.before, step.after)))
        return table(([f"{number}.", *_cells(step, shapes)] for number, step in enumerate(self, 1)), head=("", "step", "by"))


def _as_text(step: Step, number: str = "") -> str:
    """The equation, a long one in lines, and below it the rule."""
    equation = text_lines(f"{number}{step.before!r} = {step.after!r}")
    return "\n".join([*equation, *filled(f"by: {step.rule}", "    ", "        ")])


def _cells(step: Step, shapes: Mapping[str, Shape]) -> tuple[str, str]:
    """The equation, with the rules of differentiation that it takes, and the rule in words."""
    used = f"<div style='margin-top:.6em'>{small(formula(step.statement, EQUATION))}</div>" if step.statement else ""
    return f"{formula(step.latex(), EQUATION)}{used}", f"{words(step.rule, shapes)}<br>{small(words(step.source))}"


def steps_of(derivation: Derivation) -> Steps:
    """The steps of a derivation.

    For a chain: the chain rule in the layout's order; for each factor its sum over indices and its matrix; the product; the
    closed form. Where no matrix form exists the steps end with the index form or the derivative by vec.
    """
    if derivation.structured is not None:
        return Steps(_by_free_entries(derivation, STRUCTURES[derivation.structured]))
    try:
        return Steps(_steps(derivation))
    except NoMatrixFormError:
        return Steps(_without_matrix(derivation))


def _steps(derivation: Derivation) -> tuple[Step, ...]:
    if not derivation.paths:
        return (_by_itself(derivation),)
    if len(derivation.shape) > 2:
        return _without_matrix(derivation)
    if len(derivation.paths) == 1 and len(derivation.factors) == 1:
        return _of_one_factor(derivation, derivation.factors[0])
    try:
        return _of_chain(derivation)
    except NoMatrixFormError:
        return _from_index_form(derivation)


def _by_free_entries(derivation: Derivation, rule: StructureRule) -> tuple[Step, ...]:
    """The derivative by independent entries, G, and that by the free ones, written as one by the matrix X is made of."""
    inside, layout = derivation.free_entries, derivation.layout.value
    before = Derivative(inside.of, inside.wrt, layout, False, derivation.shape)
    try:
        after: Form = inside.result
    except NoMatrixFormError:
        after = inside.index_form
    return (*derivation.by_independent_entries.steps, Step(rule.words, before, after, rule.source, layout, rule.statement))


def _name(derivation: Derivation) -> Derivative:
    return Derivative(derivation.of, derivation.wrt, derivation.layout.value, False, derivation.shape)


def _by_itself(derivation: Derivation) -> Step:
    after: Form = derivation.index_form if len(derivation.shape) > 2 else derivation.result
    rule = "a quantity by itself" if derivation.of == derivation.wrt else "a quantity that does not occur: zero"
    return Step(rule, _name(derivation), after, "definition", derivation.layout.value)


def _without_matrix(derivation: Derivation) -> tuple[Step, ...]:
    """Where no matrix is the derivative, the sum over indices is, and mostly the derivative by vec."""
    layout = derivation.layout.value
    rules = [rule for path in derivation.paths for factor in path for rule in derivation.rules_of(factor)]
    names, sources = (", ".join(dict.fromkeys(found)) for found in ([r.name for r in rules], [r.source for r in rules]))
    why = f"{len(derivation.shape)} axes" if len(derivation.shape) > 2 else "no string of matrices"
    steps = [Step(f"{why}, in index form: {names}", _name(derivation), derivation.index_form, sources, layout)]
    try:
        by_vec = derivation.vec_form
        steps.append(Step("by vec, columns stacked", derivation.index_form, by_vec, DEFINITIONS, layout))
        chain = _chain_by_vec(derivation)
        if chain.before != chain.after:
            steps.insert(0, chain)
    except NoMatrixFormError:
        return tuple(steps)
    return tuple(steps)


def _chain_by_vec(derivation: Derivation) -> Step:
    multiplied = _sum([product.expression for product in derivation.products(Reading.JACOBIAN)])
    rule = "chain rule, every factor a derivative by vec"
    return Step(rule, multiplied, derivation.vec_form, "chain rule of several variables", derivation.layout.value)


def _rules(derivation: Derivation, factor: Factor) -> tuple[str, str, str]:
    """Names, sources and statements of the rules that a factor takes."""
    rules = derivation.rules_of(factor)
    names = ", ".join(rule.name for rule in rules) or "a quantity that does not occur: zero"
    sources = "; ".join(dict.fromkeys(rule.source for rule in rules)) or "definition"
    return names, sources, r" \qquad ".join(rule.statement for rule in rules)


def _of_one_factor(derivation: Derivation, factor: Factor) -> tuple[Step, ...]:
    names, source, statement = _rules(derivation, factor)
    layout = derivation.layout.value
    return (
        *_finished(derivation, Step(f"in index form: {names}", _name(derivation), derivation.index_form, source, layout, statement)),
        Step(_walk(derivation.layout), derivation.index_form, derivation.result, DEFINITIONS, layout),
    )


def _finished(derivation: Derivation, step: Step) -> tuple[Step, ...]:
    """The step to the index form; two where what the rules give is simplified, by what is assumed or by folding functions."""
    found = derivation.unfinished
    if found is None or not isinstance(step.after, IndexForm):
        return (step,)
    first, words = found
    return replace(step, after=first), Step(f"simplified: {words}", first, step.after, "algebra of the entries", step.layout)


def _walk(layout: Layout) -> str:
    end = "output" if layout is Layout.NUMERATOR else "input"
    return f"{layout.value} layout: the network of indices is read from the {end} end"


def _of_chain(derivation: Derivation) -> tuple[Step, ...]:
    products = derivation.products()
    by_vec = any(product.reading is Reading.JACOBIAN for product in products)
    if by_vec:
        return _by_vec(derivation)
    named = _sum([product.named_expression for product in products])
    layout = derivation.layout.value
    steps = [Step(_chain_rule(derivation, products), _name(derivation), named, "chain rule of several variables", layout)]
    for factor in _different(products, derivation.layout):
        names, source, statement = _rules(derivation, factor)
        if factor.ndim <= 2:
            before = factor.name(derivation.layout)
            steps.append(Step(f"{factor!r} in index form: {names}", before, factor.index_form, source, layout, statement))
            after = factor.matrix(derivation.layout)
            steps.append(Step(f"{factor!r}: {_walk(derivation.layout)}", factor.index_form, after, DEFINITIONS, layout))
    multiplied = _sum([product.expression for product in products])
    steps.append(Step("each factor put in its place", named, multiplied, "substitution", layout))
    if multiplied != derivation.result:
        steps.append(Step("collected", multiplied, derivation.result, "associativity, distributivity, (AB)^T = B^T A^T", layout))
    return tuple(steps)


def _by_vec(derivation: Derivation) -> tuple[Step, ...]:
    """Where a factor has three or four axes and no stand-in: the chain rule by vec, then the closed form."""
    try:
        closed = _from_index_form(derivation)
    except NoMatrixFormError:
        return (_chain_by_vec(derivation),)
    try:
        return (_chain_by_vec(derivation), *closed)
    except NoMatrixFormError:
        return closed


def _from_index_form(derivation: Derivation) -> tuple[Step, ...]:
    """The closed form without factors, which need not have matrices where the whole has one."""
    layout = derivation.layout.value
    return (
        *_finished(derivation, Step(FROM_DEFINITIONS, _name(derivation), derivation.index_form, RULES, layout)),
        Step(_walk(derivation.layout), derivation.index_form, derivation.result, DEFINITIONS, layout),
    )


def _chain_rule(derivation: Derivation, products: Sequence[Product]) -> str:
    order = "output to input" if derivation.layout is Layout.NUMERATOR else "input to output"
    rule = f"chain rule, {derivation.layout.value} layout: factors from {order}"
    if len(products) > 1:
        rule += f", summed over {len(products)} paths"
    stands = [f for product in products if product.reading is Reading.STAND_IN for f in product.factors if f.ndim > 2]
    for factor in stands[:1]:
        rule += f"; {factor!r} has {factor.ndim} axes and {factor.stand_in(derivation.layout)!r} stands for it"
    return rule


def _different(products: Sequence[Product], layout: Layout) -> list[Factor]:
    return list(dict.fromkeys(factor for product in products for factor in product.factors))


def _sum(expressions: Sequence[Expr]) -> Expr:
    return reduce(add, expressions)


