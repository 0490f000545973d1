"""Every row of the shipped table of derivatives, alone, against reverse mode; and the tables against each other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, get_args

import numpy as np
import pytest

from matcalc.derivation import derive
from matcalc.errors import UnsupportedError
from matcalc.index.engine import Engine
from matcalc.index.form import AtomKind, Form, nested_forms
from matcalc.index.functions import FUNCTION_RULES, SPECIAL_POWERS
from matcalc.index.lowering import LOWERING
from matcalc.index.rules import DERIVATIVES, POWER_RULE, PRODUCT_RULE, Rule
from matcalc.language import building as mc
from matcalc.language.elementwise import KNOWN_FUNCTIONS, known_function
from matcalc.language.expressions import Derivative, Expr, Let, Node, Symbol
from matcalc.language.matrix_operations import (
    diagonal_sums, entry, index, indexed_sum, matrix_function, matrix_power, pinv, written_derivative,
)  # fmt: skip
from matcalc.language.sizes import dims
from matcalc.language.traversal import postorder
from matcalc.layout.matrix_form import ATOMS
from matcalc.numeric.drawing import draw
from matcalc.numeric.elementwise import KNOWN_VALUES
from matcalc.numeric.evaluation import VALUES
from matcalc.numeric.index_sums import ATOM_VALUES, index_sum
from matcalc.numeric.pullbacks import PULLBACKS
from matcalc.numeric.tape import jacobian
from tests.numeric.test_tape import CASES as TAPE_CASES
from tests.oracle import close
from tests.random_expressions import variables

A, S, x, y = mc.matrix("A", "m", "n"), mc.matrix("S", "n", "n"), mc.vector("x", "n"), mc.vector("y", "m")
c = mc.scalar("c")
f: Any = mc.function("f")


def unknown_map(*arguments: Expr, shape: tuple[Any, ...]) -> Expr:
    made = mc.function("u", of=arguments, shape=shape)
    assert isinstance(made, Expr)
    return made


ALONE: dict[AtomKind, Expr] = {
    AtomKind.VARIABLE: A,
    AtomKind.SIZE: dims("n") * x,
    AtomKind.DELTA: mc.diag(x),
    AtomKind.DIAGONALS: diagonal_sums(A * A),
    AtomKind.FUNCTION: f(A @ x),
    AtomKind.BRACKET: (A @ x + y) * y,
    AtomKind.INVERSE: mc.inv(S + 3 * mc.identity("n")),
    AtomKind.DETERMINANT: mc.det(S + 3 * mc.identity("n")),
    AtomKind.SOFTMAX: mc.softmax(A * A, axis="rows"),
    AtomKind.MAP: unknown_map(A @ x, S, shape=("q",)),
    AtomKind.PSEUDO_INVERSE: pinv(A),
    AtomKind.MATRIX_POWER: matrix_power(S, mc.scalar("k")),
    AtomKind.MATRIX_FUNCTION: matrix_function("exp")(S),
}
NEVER_WRITTEN = {AtomKind.FRECHET}  # what only deriving makes: see test_matrix_functions


def derivative_form(of: Expr, by: Expr) -> Form:
    engine = Engine()
    assert isinstance(by, Symbol | Let)
    return engine.derivative(engine.lowered(of).form, engine.variable(by))


@pytest.mark.parametrize("kind", ALONE, ids=str)
def test_the_rule_of_an_atom_agrees_with_reverse_mode(kind: AtomKind) -> None:
    of = ALONE[kind]
    form = Engine().lowered(of).form
    assert kind in {atom.kind for inner in nested_forms([form]) for term in inner.terms for atom, _, _ in term.factors}
    data = draw([of], np.random.default_rng(1))
    for by in [by for by in [*variables(of), *([of] if isinstance(of, Symbol) else [])] if by != mc.scalar("k")]:
        close(index_sum(derivative_form(of, by), data), jacobian(of, by, data))


@pytest.mark.parametrize("rule", [*DERIVATIVES.values(), PRODUCT_RULE, POWER_RULE], ids=lambda rule: rule.name)
def test_a_rule_has_a_name_a_statement_and_a_source(rule: Rule) -> None:
    assert rule.name
    assert r"\partial" in rule.statement
    assert rule.statement.count("{") == rule.statement.count("}")
    assert rule.source


@pytest.mark.parametrize(
    ("of", "by", "names"),
    [
        (x.T @ S @ x, x, {"product", "independent entries"}),
        (mc.norm(A @ x), x, {"power", "sum", "product", "independent entries"}),
        (mc.sum(f(A @ x)), A, {"elementwise function", "independent entries"}),
        (mc.logdet(S), S, {"elementwise function", "determinant (Jacobi's formula)", "independent entries"}),
    ],
    ids=["quadratic form", "norm", "function", "log determinant"],
)
def test_the_rules_that_a_derivative_takes_are_named(of: Expr, by: Symbol, names: set[str]) -> None:
    found = {rule.name for rule in Engine().rules_of(of, by)}
    assert found <= names | {"power", "sum"}
    assert "independent entries" in found


def test_each_kind_of_atom_has_one_row_in_every_table() -> None:
    for table in (DERIVATIVES, ATOMS, ATOM_VALUES):
        assert set(table) == set(AtomKind)
    assert set(ALONE) == set(AtomKind) - NEVER_WRITTEN


def test_each_type_of_node_has_one_row_in_every_table() -> None:
    for table in (LOWERING, VALUES, PULLBACKS):
        assert set(table) == set(get_args(Node))


WITHOUT_RULE: dict[type[Expr], tuple[Expr, str]] = {
    Derivative: (written_derivative(c**2, c, None), r"d\(c\^2\)/dc is a derivative that is only written; derive it first"),
}


@pytest.mark.parametrize("node", WITHOUT_RULE, ids=lambda node: node.__name__)
def test_a_node_without_a_rule_raises_wherever_it_stands(node: type[Expr]) -> None:
    of, message = WITHOUT_RULE[node]
    assert isinstance(of, node)
    for by in variables(of):
        for outer in (of, mc.sum(of * c) + c, mc.let("z", of)):
            with pytest.raises(UnsupportedError, match=message):
                derive(outer, by, layout="numerator")


def test_every_other_node_is_lowered() -> None:
    """The expressions that the pullbacks are tried on, in so far as they have an index form, and some more."""
    constants = dims("n") * x + mc.identity("n") @ x + mc.zeros("n") + mc.ones("n")
    whole = ALONE[AtomKind.PSEUDO_INVERSE], ALONE[AtomKind.MATRIX_FUNCTION]
    i, lowered = index("i", "n"), set[type[Expr]]()
    for of in (*TAPE_CASES.values(), constants, *whole, mc.commutation("m", "n") @ mc.vec(A), indexed_sum(i, entry(x, i) ** 2)):
        with suppress(UnsupportedError):
            Engine().lowered(of)
            lowered |= {type(node) for node in postorder([of])}
    assert set(get_args(Node)) - lowered == set(WITHOUT_RULE)


@pytest.mark.parametrize("exponent", [-3, -2, 0, 1, 2, 5, 20])
def test_a_whole_power_of_a_matrix_is_derived(exponent: int) -> None:
    of = matrix_power(S / 3 + mc.identity("n"), exponent)
    data = draw([of], np.random.default_rng(1))
    close(index_sum(derivative_form(of, S), data), jacobian(of, S, data))


def test_each_known_function_has_one_derivative_and_one_value() -> None:
    assert set(FUNCTION_RULES).isdisjoint(SPECIAL_POWERS)
    assert set(FUNCTION_RULES) | set(SPECIAL_POWERS) == set(KNOWN_FUNCTIONS) == set(KNOWN_VALUES)


@pytest.mark.parametrize("table", [DERIVATIVES, FUNCTION_RULES, LOWERING, ATOMS], ids=["rules", "functions", "lowering", "layout"])
def test_a_shipped_table_cannot_be_changed(table: Any) -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        table[next(iter(table))] = None


# ---- known functions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", KNOWN_FUNCTIONS)
def test_a_known_function_is_derived_as_its_numeric_row_says(name: str, order: int) -> None:
    function = known_function(name)
    for _ in range(order):
        function = function.prime
    of = function(x)
    data = draw([of], np.random.default_rng(3))
    wanted = KNOWN_VALUES[name].orders[order + 1](*arguments(name, data.values["x"]))
    close(index_sum(derivative_form(of, x), data), np.diag(wanted))


def arguments(name: str, point: Any) -> tuple[Any, ...]:
    parameter = KNOWN_FUNCTIONS[name].parameter
    return (point.ravel(),) if parameter is None else (point.ravel(), float(parameter))


def test_a_parameter_is_kept_in_the_derivative() -> None:
    of = known_function("leaky_relu").with_parameter("1/5")(x)
    data = draw([of], np.random.default_rng(3))
    slopes = np.where(data.values["x"].ravel() > 0, 1.0, 0.2)
    assert len(set(slopes)) == 2
    close(index_sum(derivative_form(of, x), data), np.diag(slopes))


def sympy_functions() -> dict[str, Callable[[Any], Any]]:
    import sympy

    def normal_pdf(t: Any) -> Any:
        return sympy.exp(-(t**2) / 2) / sympy.sqrt(2 * sympy.pi)

    def normal_cdf(t: Any) -> Any:
        return (1 + sympy.erf(t / sympy.sqrt(2))) / 2

    return {
        "identity": lambda t: t,
        "sigmoid": lambda t: 1 / (1 + sympy.exp(-t)),
        "tanh": sympy.tanh,
        "softplus": lambda t: sympy.log(1 + sympy.exp(t)),
        "gelu": lambda t: t * normal_cdf(t),
        "exp": sympy.exp,
        "log": sympy.log,
        "sqrt": sympy.sqrt,
        "square": lambda t: t**2,
        "sin": sympy.sin,
        "cos": sympy.cos,
        "normal_cdf": normal_cdf,
        "normal_pdf": normal_pdf,
    }


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("name", [n for n in KNOWN_FUNCTIONS if n not in ("relu", "leaky_relu", "abs", "step", "sign")])
def test_a_known_function_is_derived_as_sympy_does(name: str, order: int) -> None:
    import sympy

    function = known_function(name)
    for _ in range(order - 1):
        function = function.prime
    t = sympy.Symbol("t", positive=True)
    wanted = sympy.lambdify(t, sympy.diff(sympy_functions()[name](t), t, order), modules="math")
    of = function(c)
    data = draw([of], np.random.default_rng(5))
    for point in (0.37, 1.9):
        at = type(data)({"c": np.full((1, 1), point)}, data.sizes, data.functions)
        close(index_sum(derivative_form(of, c), at), np.asarray(float(wanted(point))), 1e-10)
