"""Functions of expressions as terms: sums of entries, functions of a matrix or of each entry, maps, entries and written sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from matcalc.code.elementwise import known_code
from matcalc.code.instructions import RAW, Code
from matcalc.code.node_products import scaled_by
from matcalc.code.terms import ONE, Entries, Term, diagonal_of, entries_code, merged, of_code, of_number, scaled
from matcalc.code.translation import Translation
from matcalc.errors import UnsupportedError
from matcalc.language.expressions import (
    Apply, ApplyMap, ApplyMatrixFunction, Derivative, Diag, DiagonalSums, Entry, IndexedSum, Kron, LogDeterminant, MapDerivative,
    MatrixPower, Norm, PseudoInverse, Softmax, Sum, Vec,
)  # fmt: skip
from matcalc.language.sizes import Shape, ndim, rows_and_columns

_MATRIX_FUNCTIONS = {"exp": ("expm",), "sin": ("sinm", "cosm"), "cos": ("cosm", "sinm")}

# ---- sums over entries -----------------------------------------------------------------------------------------------


def total(t: Translation, node: Sum) -> Term:
    """The sum of all entries: ones on both sides, which no product of matrices is formed for."""
    term = t.of(node.argument)
    if term.is_scalar:
        return term
    string = term.string
    if term.rows != 1:
        string = (Entries((), 1, term.rows), *string)
    if term.columns != 1:
        string = (*string, Entries((), term.columns, 1))
    if len(term.string) == 1 and term.string[0].is_full:
        return Term(term.coefficient, merged(term.scalars, ((t.codes.total(entries_code(t.codes, ONE, term.string[0].powers)), ONE),)), ())
    return t.products.settled(Term(term.coefficient, term.scalars, string))


def norm(t: Translation, node: Norm) -> Term:
    """The norm of all entries; of a diagonal matrix that of its diagonal."""
    term = t.products.settled(t.of(node.argument))
    if term.string and term.string[0].diagonal and term.string[0].actual[:1] == (term.rows,):
        (factor,) = term.string
        code = entries_code(t.codes, term.coefficient, (*term.scalars, *factor.powers))
    else:
        code = t.full(term)
    return of_code(t.codes.function("abs", code) if not code.shape else t.codes.function("linalg.vector_norm", code, shape=()))


def softmax(t: Translation, node: Softmax) -> Term:
    code = t.full(t.of(node.argument))
    if not code.shape:
        return of_number(ONE)
    vector = 1 in (code.shape[0], code.shape[1])
    name = "softmax_of_all" if vector and (code.shape[1] == 1) == (node.axis == "columns") else f"softmax_of_{node.axis}"
    return of_code(t.codes.helper(name, code), *rows_and_columns(node.shape))


def diag(t: Translation, node: Diag) -> Term:
    made = t.products.settled(t.of(node.argument))
    if made.is_scalar:
        return made
    (factor,) = made.string
    size = factor.rows if factor.columns == 1 else factor.columns
    return replace(made, string=(diagonal_of(t.codes, factor),), rows=size, columns=size)


# ---- matrices --------------------------------------------------------------------------------------------------------


def diagonal_sums(t: Translation, node: DiagonalSums) -> Term:
    code = t.full(t.of(node.argument))
    return of_code(t.codes.helper("diagonal_sums", code), *rows_and_columns(node.shape))


def vec(t: Translation, node: Vec) -> Term:
    code = t.full(t.of(node.argument))
    if not code.shape:
        return t.of(node.argument)
    size = rows_and_columns(node.shape)[0]
    return of_code(t.codes.reshape(t.codes.transpose(code), (size, 1), rest=0), size, 1)


def kron(t: Translation, node: Kron) -> Term:
    left, right = t.of(node.left), t.of(node.right)
    if left.is_scalar or right.is_scalar:
        return scaled_by(left, right)
    shape = rows_and_columns(node.shape)
    return of_code(t.codes.helper("kron", t.full(left), t.full(right), shape=shape), *shape)


def of_matrix(path: str) -> Callable[[Translation, Any], Term]:
    """A function of a whole matrix that gives a scalar or a matrix; of a scalar by what it is then."""

    def rule(t: Translation, node: Any) -> Term:
        code = t.full(t.of(node.argument))
        if not code.shape:
            return Term(ONE, ((code, -ONE),), ()) if path == "linalg.inv" else of_code(code)
        rows, columns = rows_and_columns(node.shape)
        return of_code(t.codes.function(path, code, shape=(rows, columns) if node.shape else ()), rows, columns)

    return rule


def log_determinant(t: Translation, node: LogDeterminant) -> Term:
    code = t.full(t.of(node.argument))
    return of_code(t.codes.helper("logdet", code, shape=()) if code.shape else t.codes.function("log", code))


def pseudo_inverse(t: Translation, node: PseudoInverse) -> Term:
    return of_matrix("linalg.pinv")(t, node)


def matrix_power(t: Translation, node: MatrixPower) -> Term:
    code, exponent = t.full(t.of(node.base)), t.small(t.of(node.exponent))
    whole = t.codes.integer(int(exponent.data)) if exponent.operation == "number" else t.codes.make("whole", (exponent,), None, ())
    return of_code(t.codes.make("function", (code, whole), ("linalg.matrix_power", ()), code.shape), *code.shape)


def matrix_function(t: Translation, node: ApplyMatrixFunction) -> Term:
    code, function = t.full(t.of(node.argument)), node.function
    if not function.known:
        return of_code(t.codes.make("called", (code,), t.names.of_function(function.name, function.order), code.shape), *code.shape)
    names = _MATRIX_FUNCTIONS[function.name]
    made = of_code(t.codes.helper(names[function.order % len(names)], code), *code.shape)
    turns = (function.order + 1) // 2 if function.name == "cos" else function.order // 2 if function.name == "sin" else 0
    return scaled(made, Fraction((-1) ** turns))


# ---- functions -------------------------------------------------------------------------------------------------------


def applied(t: Translation, node: Apply) -> Term:
    term, function = t.of(node.argument), node.function
    code = t.small(term)
    if function.known:
        return of_code(known_code(t.codes, function, code), term.rows, term.columns)
    name = t.names.of_function(function.name, function.order)
    return of_code(t.codes.make("called", (code,), name, code.shape), term.rows, term.columns)


def applied_map(t: Translation, node: ApplyMap) -> Term:
    arguments = tuple(t.full(t.of(argument)) for argument in node.arguments)
    raw = t.codes.make("called", arguments, t.names.of_function(node.function.name, 0), RAW)  # its axes are the user's
    return of_code(_as_declared(t, raw, node.shape), *rows_and_columns(node.shape))


def _as_declared(t: Translation, raw: Code, shape: Shape, turned: bool = False) -> Code:
    """What a map gave as an array of a declared shape."""
    rows, columns = rows_and_columns(shape)
    if not shape:
        array = t.codes.make("function", (raw,), ("asarray", ()), RAW)
        return t.codes.make("reshape", (array,), (), ())
    if ndim(shape) == 1:
        return t.codes.reshape(raw, (rows, columns), rest=0 if columns == 1 else 1)
    given = t.codes.make("as_given", (raw,), None, (columns, rows) if turned else (rows, columns))
    return t.codes.transpose(given) if turned else given


def map_derivative(t: Translation, node: MapDerivative) -> Term:
    """A raw derivative arranged by the layout."""
    arguments = tuple(t.full(t.of(argument)) for argument in node.arguments)
    function = node.function
    raw = t.codes.make("called", arguments, t.names.of_function(function.name, len(node.wrt)), RAW)
    if len(arguments) > 1:
        for position in node.wrt:
            raw = t.codes.item(raw, position, shape=RAW)
    inputs = [count for count in (ndim(function.argument_shapes[k]) for k in node.wrt) if count]
    hessian = ndim(function.shape) == 0 and inputs == [1, 1]
    by_matrix = ndim(function.shape) == 0 and inputs == [2]
    turned = not hessian and (by_matrix != (node.layout == "denominator"))
    return of_code(_as_declared(t, raw, node.shape, turned), *rows_and_columns(node.shape))


# ---- entries and written sums ----------------------------------------------------------------------------------------


def entry(t: Translation, node: Entry) -> Term:
    code = t.full(t.of(node.base))
    positions = tuple(t.small(t.of(part)) for part in (node.row, node.column))
    if not code.shape:
        return t.of(node.base)
    if all(position.operation == "number" for position in positions):
        return of_code(t.codes.item(code, *(int(position.data) - 1 for position in positions)))
    return of_code(t.codes.make("position", (code, *positions), None, ()))


def indexed_sum(t: Translation, node: IndexedSum) -> Term:
    """A written sum as a loop over its index."""
    body = t.full(t.of(node.body))
    start = t.codes.made("zeros", body.shape) if body.shape else t.codes.number(0)
    bounds = (t.small(t.of(node.low)), t.small(t.of(node.high)))
    code = t.codes.make("loop", (*bounds, start, body), t.names.of_index(node.index), body.shape)
    return of_code(code, *rows_and_columns(node.shape))


def written_derivative(t: Translation, node: Derivative) -> Term:
    raise UnsupportedError(f"{node!r} is a derivative that is not carried out: take mc.carried_out first.")
