"""Identities of textbooks and notes in both layouts: against reverse mode on the tape, and against the answers they print.

`data/cases/*.toml` has the cases. Their formulas are written in NumPy; `Formula` reads one, over expressions or over arrays.
"""

from __future__ import annotations

import ast
import operator
import tomllib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import NoMatrixFormError, UnsupportedError
from matcalc.index.index_form import IndexForm
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Dim, Shape, ndim, shape_of
from matcalc.numeric import tape
from matcalc.numeric.data import Array, Data, axes
from matcalc.numeric.differences import central_differences
from matcalc.numeric.drawn_functions import drawn_elementwise, drawn_map, drawn_series
from matcalc.numeric.evaluation import value
from tests.oracle import close, laid_out_by_definition, vec_by_definition

FOLDER = Path(__file__).parent / "data" / "cases"
CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for path in sorted(FOLDER.glob("*.toml")) for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
}
LAYOUTS = ("numerator", "denominator")
DRAWS = 2

STRUCTURED = "structured: entries of a variable count as independent"
NO_MATRIX_FORM = "NoMatrixFormError, where the source has a matrix"
NOT_COVERED = {"cook-142": STRUCTURED}


class NotCovered(Exception):
    """The package has no operation that a case needs."""


# ---- formulas --------------------------------------------------------------------------------------------------------


def same_shape(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operation entry by entry that spreads nothing but a scalar, as on paper."""

    def checked(left: Any, right: Any) -> Any:
        shapes = {side.shape for side in (left, right) if isinstance(side, np.ndarray) and side.size > 1}
        assert len(shapes) <= 1, f"{operation.__name__} of shapes {shapes}"
        return operation(left, right)

    return checked


BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: same_shape(operator.add),
    ast.Sub: same_shape(operator.sub),
    ast.Mult: same_shape(operator.mul),
    ast.Div: same_shape(operator.truediv),
    ast.MatMult: operator.matmul,
    ast.Pow: operator.pow,
}


@dataclass(frozen=True)
class Formula:
    """A formula in NumPy's notation, computed over whatever its names stand for.

    Attributes:
        names: values and functions; a name of numpy is written with ``np.``.
    """

    names: Mapping[str, Any]

    def __call__(self, text: str) -> Any:
        return self.of(ast.parse(text, mode="eval").body)

    def of(self, node: ast.expr) -> Any:
        match node:
            case ast.BinOp(left, op, right):
                return BINARY[type(op)](self.of(left), self.of(right))
            case ast.UnaryOp(ast.USub(), operand):
                return -self.of(operand)
            case ast.Constant(number):
                return number
            case ast.Attribute(ast.Name("np"), name):
                return self.named(f"np.{name}")
            case ast.Attribute(turned, "T"):
                return self.of(turned).T
            case ast.Name(name):
                return self.named(name)
            case ast.Call(ast.Name("sum"), [ast.GeneratorExp(body, [ast.comprehension(ast.Name(r), ast.Call(_, [end]), [], 0)])], []):
                return sum(Formula({**self.names, r: number}).of(body) for number in range(int(self.of(end).item())))
            case ast.Call(function, arguments, []):
                return self.of(function)(*map(self.of, arguments))
        raise AssertionError(f"{ast.unparse(node)} is not read")

    def named(self, name: str) -> Any:
        if name not in self.names:
            raise NotCovered(name)
        return self.names[name]


# ---- what a name means: an expression --------------------------------------------------------------------------------

OPERATIONS: dict[str, Callable[..., Any]] = {
    "eye": mc.identity, "ones": mc.ones, "zeros": mc.zeros, "commutation": mc.commutation, "vec": mc.vec, "diag": mc.diag,
    "kron": mc.kron, "tr": mc.trace, "det": mc.det, "inv": mc.inv, "norm": mc.norm, "total": mc.sum,
    "sigmoid": mc.sigmoid, "relu": mc.relu, "softmax": mc.softmax, "softmax_rows": lambda M: mc.softmax(M, axis="rows"),
    "logsumexp": lambda v: mc.log(mc.sum(mc.exp(v))), "row_sums": lambda M: M @ mc.ones(M.shape[1]),
    "norm1": lambda M: mc.sum(mc.abs(M)), "sum": mc.sum,
    "pinv": mc.pinv, "expm": mc.expm, "sinm": mc.matrix_function("sin"), "cosm": mc.matrix_function("cos"), "mpow": mc.matrix_power,
    **{f"np.{name}": getattr(mc, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "abs")},
}  # fmt: skip


def declared(name: str, sizes: list[str]) -> Expr:
    declare: Callable[..., Expr] = (mc.scalar, mc.vector, mc.matrix)[len(sizes)]
    return declare(name, *sizes)


def function_of(name: str, spec: Mapping[str, Any]) -> Callable[..., Any]:
    """The function of a case as the package writes it."""
    if spec.get("matrix_function"):
        return mc.matrix_function(name)
    if spec.get("elementwise"):
        known = spec.get("known")
        return getattr(mc, known) if known else mc.function(name)
    return lambda *arguments: mc.function(name, of=arguments, shape=tuple(spec["shape"]))


def size_names(case: Mapping[str, Any]) -> list[str]:
    shapes = [*case["vars"].values(), *(f.get("shape", []) for f in case.get("functions", {}).values())]
    return list(dict.fromkeys(name for shape in shapes for name in shape))


def written(case: Mapping[str, Any]) -> dict[str, Any]:
    """What the names of a case stand for, in expressions."""
    functions = {name: function_of(name, spec) for name, spec in case.get("functions", {}).items() if "numpy" not in spec}
    symbols = {name: declared(name, sizes) for name, sizes in case["vars"].items()}
    return {**OPERATIONS, **{name: Dim((name,)) for name in size_names(case)}, **symbols, **functions}


def expression(case: Mapping[str, Any]) -> Expr:
    """The expression of a case.

    Raises:
        NotCovered: the package cannot say it, and why.
    """
    if "structured" in case:
        raise NotCovered(STRUCTURED)
    read = Formula(written(case))(case["expr_numpy"])
    assert isinstance(read, Expr)
    return read


# ---- what a name means: numbers --------------------------------------------------------------------------------------


def softmax_of_rows(array: Array) -> Array:
    return np.asarray(np.exp(array) / np.exp(array).sum(axis=1, keepdims=True))


def commutation(m: int, n: int) -> Array:
    return np.eye(m * n)[np.arange(m * n).reshape(n, m).T.ravel()]


def exponential(a: Array) -> Array:
    """By its series, of a matrix so small that 40 terms are enough, squared often enough."""
    small, total, term = a / 2.0**10, np.eye(len(a)), np.eye(len(a))
    for n in range(1, 40):
        term = term @ small / n
        total = total + term
    return np.linalg.matrix_power(total, 2**10)


NUMBERS: dict[str, Callable[..., Any]] = {
    "eye": np.eye,
    "ones": lambda m, n=1: np.ones((m, n)),
    "zeros": lambda m, n=1: np.zeros((m, n)),
    "commutation": commutation,
    "vec": lambda a: a.reshape(-1, 1, order="F"),
    "diag": lambda a: np.diag(a.ravel()),
    "kron": np.kron,
    "tr": np.trace,
    "det": np.linalg.det,
    "inv": np.linalg.inv,
    "norm": np.linalg.norm,
    "expm": exponential,
    "mpow": lambda a, k: np.linalg.matrix_power(a, int(np.asarray(k).item())),
    "sigmoid": lambda a: 1.0 / (1.0 + np.exp(-a)),
    "relu": lambda a: np.maximum(a, 0.0),
    "step": lambda a: (a > 0.0) * 1.0,
    "softmax": lambda a: softmax_of_rows(a.T).T,
    "softmax_rows": softmax_of_rows,
    **{f"np.{name}": getattr(np, name) for name in ("exp", "log", "sqrt", "tanh", "einsum")},
}  # fmt: skip


def drawn_sizes(case: Mapping[str, Any], rng: np.random.Generator) -> dict[str, int]:
    """Pairwise different sizes from 2 on, ordered as the case assumes."""
    names = size_names(case)
    ordered = [words for words in map(str.split, case.get("assume", [])) if words[1] == ">" and words[2] in names]
    while True:
        sizes = dict(zip(names, map(int, rng.permutation(np.arange(2, 3 + len(names)))), strict=False))
        if all(sizes[larger] > sizes[smaller] for larger, _, smaller in ordered):
            return sizes


ASSUMED: dict[str, Callable[[Array], Array]] = {
    "invertible": lambda a: a,
    "symmetric": lambda a: a + a.T,
    "positive definite": lambda a: a @ a.T,
    "> 0": lambda a: a if np.linalg.det(a) > 0.0 else a * np.where(np.arange(len(a)) == 0, -1.0, 1.0),
    "positive": np.abs,
    "positive integer": lambda a: np.full((1, 1), 3.0),
    "diagonal": lambda a: np.diag(np.diag(a)),
    "one-hot": lambda a: np.eye(a.size)[:, [1]],
    "in {0,1}": lambda a: (a > 0.0) * 1.0,
    "in {-1,1}": np.sign,
}


def drawn(case: Mapping[str, Any], name: str, extents: tuple[int, int], rng: np.random.Generator) -> Array:
    """A value of a variable, as the case assumes it."""
    array = np.asarray(rng.uniform(0.3, 1.3, extents) * rng.choice([-1.0, 1.0], extents))
    if extents[0] == extents[1] > 1:
        array += 2.0 * np.eye(extents[0])
    for text in case.get("assume", []):
        about, words = text.split(" ", 1)
        if about in (name, f"det({name})"):
            array = np.asarray(ASSUMED[words if "det" not in about else "> 0"](array))
    return array


def as_list(text: str | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else text


def extents_of(names: list[str], sizes: Mapping[str, int]) -> tuple[int, int]:
    rows, columns = [*(sizes[name] for name in names), 1, 1][:2]
    return rows, columns


@dataclass(frozen=True)
class MapAt:
    """An unknown map at its arguments: its derivatives as raw arrays by the names that the answers give them."""

    of: Shape
    by: tuple[Shape, ...]
    raw: Array

    def laid_out(self, layout: str) -> Array:
        if ndim(self.of) + sum(map(ndim, self.by)) > 2:
            return self.raw
        if len(self.by) == 1:
            return laid_out_by_definition(self.raw, self.of, self.by[0], layout)
        return self.raw if layout == "numerator" else self.raw.T  # a matrix by two scalars, or a scalar by one vector twice


@dataclass
class Draw:
    """Random data of a case: `data` for expressions, `names` for formulas over arrays, `maps` what d_u and d2_u stand for."""

    case: Mapping[str, Any]
    rng: np.random.Generator
    functions: dict[str, Any] = field(default_factory=dict)
    maps: dict[str, MapAt] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sizes = drawn_sizes(self.case, self.rng)
        shapes: Mapping[str, list[str]] = self.case["vars"]
        self.values = {name: drawn(self.case, name, extents_of(of, self.sizes), self.rng) for name, of in shapes.items()}
        self.names: dict[str, Any] = {**NUMBERS, **self.sizes, **self.values}
        for name, spec in self.case.get("functions", {}).items():
            if spec.get("known"):
                self.names[name] = NUMBERS[spec["known"]]
            elif spec.get("elementwise"):
                orders = self.functions[name] = drawn_elementwise(self.rng, positive=False)
                self.names |= {name: orders[0], f"d{name}": orders[1], f"d2{name}": orders[2]}
            elif spec.get("matrix_function"):
                series = self.functions[name] = drawn_series(self.rng)
                self.names |= {name: series[0], f"d{name}": series[1]}
            elif "numpy" in spec:
                of = Formula(written(self.case))(spec["numpy"])
                by = declared(spec["of"], shapes[spec["of"]])
                self.maps[f"d_{name}"] = MapAt(of.shape, (by.shape,), tape.jacobian(of, by, Data(self.values, self.sizes, self.functions)))
            else:
                self.add_map(name, spec)
        self.data = Data(self.values, self.sizes, self.functions)

    def add_map(self, name: str, spec: Mapping[str, Any]) -> None:
        of = as_list(spec["of"])
        points = [np.asarray(Formula(self.names)(text)) for text in as_list(spec.get("at", of))]
        extents = extents_of(spec["shape"], self.sizes)
        inputs = [shape_of(*point.shape) for point in points]
        lengths = [axes(shape, point.shape) for shape, point in zip(inputs, points, strict=True)]
        orders = self.functions[name] = drawn_map(self.rng, extents, axes(shape_of(*extents), extents), lengths, False)
        self.names[name] = orders[0]
        first, second = orders[1](*points), orders[2](*points)
        if len(of) == 1:
            first, second = (first,), ((second,),)
        for i, x in enumerate(of):
            key = f"_{name}" + ("" if len(of) == 1 else f"_{x}")
            self.maps[f"d{key}"] = MapAt(shape_of(*extents), (inputs[i],), first[i])
            for j, y in enumerate(of):
                self.maps[f"d2{key}" + ("" if len(of) == 1 else y)] = MapAt(shape_of(*extents), (inputs[i], inputs[j]), second[i][j])

    def answer(self, key: str, layout: str) -> Array:
        """The answer that the case prints, evaluated; a scalar is (1, 1)."""
        names = {**self.names, **{name: at.laid_out(layout) for name, at in self.maps.items()}}
        for name, spec in self.case.get("where", {}).items():
            names[name] = Formula(names)(spec["numpy"])
        found = np.asarray(Formula(names)(self.case[key]), dtype=np.float64)
        return found if found.ndim else found.reshape(1, 1)


# ---- each case -------------------------------------------------------------------------------------------------------


def variables(case: Mapping[str, Any]) -> tuple[Expr, Expr]:
    """The variable of differentiation, and that of the second one."""
    first, second = case["wrt"], case.get("wrt2", case["wrt"])
    return declared(first, case["vars"][first]), declared(second, case["vars"][second])


def derived(case: Mapping[str, Any], of: Expr, layout: str) -> Expr | IndexForm:
    """What the package answers."""
    x, y = variables(case)
    if case.get("order") == 2 and of.shape:
        return mc.derive(mc.derive(of, x, layout="numerator").result, y, layout=layout).result
    if case.get("order") == 2 and case.get("wrt_vec"):
        return mc.derive(mc.derive(of, x, layout="denominator").result, y, layout=layout).vec_form
    if case.get("order") == 2:
        return mc.hessian(of, x, y)
    derivation = mc.derive(of, x, layout=layout)
    return derivation.tensor if "rank" in case else derivation.vec_form if case.get("wrt_vec") else derivation.result


def true_value(case: Mapping[str, Any], of: Expr, data: Data, layout: str) -> Array:
    """The derivative by reverse mode on the tape, a second one by differences of it, laid out by the definitions."""
    x, y = variables(case)
    by = x.shape
    if case.get("order") != 2:
        raw = tape.jacobian(of, x, data)
    elif of.shape:  # a matrix by two scalars
        start, by = value(y, data), ()
        raw = central_differences(lambda array: tape.jacobian(of, x, data, {y: array}), start)[..., 0]
    else:
        raw = tape.hessian(of, x, y, data)
        if not case.get("wrt_vec"):
            return raw
        return vec_by_definition(raw, x.shape, y.shape, layout)
    if case.get("wrt_vec"):
        return vec_by_definition(raw, of.shape, by, layout)
    return raw if "rank" in case else laid_out_by_definition(raw, of.shape, by, layout)


COVERED = [pytest.param(*chosen, id="-".join(chosen)) for chosen in product(CASES, LAYOUTS) if chosen[0] not in NOT_COVERED]


@pytest.mark.parametrize(("name", "layout"), COVERED)
def test_a_case_agrees_with_the_tape_and_with_the_printed_answer(name: str, layout: str) -> None:
    case = CASES[name]
    of = expression(case)
    answer = derived(case, of, layout)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    for _ in range(DRAWS):
        draw = Draw(case, rng)
        found = answer.evaluate(draw.values, sizes=draw.sizes, functions=draw.functions)
        close(found, true_value(case, of, draw.data, layout), 1e-7 if case.get("order") == 2 else 1e-9)
        close(found, draw.answer("index_numpy" if "rank" in case else f"{layout}_numpy", layout), 1e-9)


def why_not_covered(case: Mapping[str, Any]) -> str | None:
    """What the package lacks for a case, if there is an answer in no layout."""
    try:
        of = expression(case)
    except NotCovered as missing:
        return str(missing)
    for layout in LAYOUTS:
        try:
            derived(case, of, layout)
        except NoMatrixFormError:
            continue
        except UnsupportedError as error:
            return str(error)
        return None
    return NO_MATRIX_FORM


def test_what_is_not_covered_is_exactly_what_the_table_says() -> None:
    found = {name: why_not_covered(case) for name, case in CASES.items()}
    assert {name: why for name, why in found.items() if why} == NOT_COVERED
