"""Index forms as programs: arrays with one axis for each free index, summed over each index where two factors share it.

Factors that share a summed index are multiplied as matrices, their axes moved so that the summed ones meet; what is left is multiplied
entry by entry, each array spread over the axes that it lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeAlias, final

from matcalc.code.building import arguments, extent
from matcalc.code.elementwise import known_code
from matcalc.code.identifiers import Identifiers, identifier
from matcalc.code.instructions import RAW, Code
from matcalc.code.needs import needs_of
from matcalc.code.program import Program, Read
from matcalc.code.statements import in_order, statements
from matcalc.code.node_rules import translated
from matcalc.code.translation import Translation
from matcalc.errors import UnsupportedError
from matcalc.index.form import Atom, AtomKind, Form, Indices, Term, nested_forms
from matcalc.index.index_form import IndexForm
from matcalc.language.sizes import Shape, Size, rows_and_columns, size_product

Labelled: TypeAlias = tuple[Code, Indices]

HIGHEST_ORDER = 6  # of the derivatives of unknown functions that names are kept for


def index_program(index_form: IndexForm, name: str, title: str, sizes: Mapping[str, int]) -> Program:
    """The program that computes an index form, an array with one axis for each of its groups of indices."""
    forms = nested_forms([index_form.form])
    variables = [atom.payload[0] for form in forms for atom in _atoms(form) if atom.kind is AtomKind.VARIABLE]
    roots = list(dict.fromkeys([*index_form.roots, *variables]))
    needs = needs_of(roots)
    names = Identifiers(needs.symbols, needs.sizes, {each: tuple(range(HIGHEST_ORDER)) for each in needs.functions})
    arrays = _Arrays(translated(roots, names, lambda size: extent(size, sizes)), lambda size: extent(size, sizes))
    for form in forms:
        arrays.done[form.key] = arrays.of_form(form)
    code = arrays.grouped(arrays.done[index_form.form.key], index_form)
    codes = in_order([code])
    used = {each.data for each in codes if each.operation in ("size", "called")}
    functions = {each: (function, tuple(range(HIGHEST_ORDER))) for each, (function, _) in needs.functions.items()}
    given = [a for a in arguments(needs, names, used, functions) if a.kind != "function" or a.identifier in used]
    reads = [Read(names.sizes[s], names.arguments[symbol], axis) for s, (symbol, axis) in needs.told.items() if s in names.sizes]
    axes = "(" + ", ".join(map(str, index_form.shape)) + ("," if index_form.ndim == 1 else "") + ")"
    told = f"an array of shape {axes}" if index_form.ndim else "a number or an array without axes"
    return Program(identifier(name), title, given, reads, statements([code], names.numbered()), [(None, code, told)])


def _atoms(form: Form) -> list[Atom]:
    return [atom for term in form.terms for atom, _, _ in term.factors]


@final
class _Arrays:
    """The arrays of forms as codes, inner forms first."""

    def __init__(self, translation: Translation, number: Callable[[Size], int]) -> None:
        self.translation = translation
        self.codes = translation.codes
        self.number = number
        self.done: dict[bytes, Code] = {}

    def grouped(self, code: Code, index_form: IndexForm) -> Code:
        """The axes joined that vec or a Kronecker product makes one."""
        order = tuple(axis for group in index_form.groups for axis in group)
        turned = self.permuted(code, order)
        shape = tuple(index_form.shape)
        return turned if turned.shape == shape else self.codes.reshape(turned, shape)

    def of_form(self, form: Form) -> Code:
        """The sum of the terms, with every axis."""
        codes, made = self.codes, None
        for term in form.terms:
            code = self.of_term(term, form.axes)
            made = code if made is None else codes.add(made, code)
        if made is None:
            return codes.made("zeros", form.axes) if form.axes else codes.number(0)
        if made.shape == form.axes:
            return made
        ones = codes.made("ones", form.axes)
        return codes.multiply(made, ones)

    def of_term(self, term: Term, axes: Sequence[Size]) -> Code:
        """One product, summed over its bound indices, the cheapest first."""
        codes, sizes = self.codes, [*axes, *term.bound]
        waiting: list[Labelled] = []
        start = codes.number(Fraction(term.coefficient))
        for atom, indices, exponent in term.factors:
            code, kept = self.without_repeats(ATOM_CODES[atom.kind](self, atom), indices)
            power = Fraction(exponent)
            code = codes.power(code, power) if power > 0 else codes.divide(codes.number(1), codes.power(code, -power))
            if kept:
                waiting.append((code, kept))
            else:
                start = codes.multiply(start, code)
        left = set(range(len(axes), len(sizes)))
        while left:
            chosen = min(left, key=lambda i: (self._cost(i, waiting, sizes), i))
            touching = [part for part in waiting if chosen in part[1]]
            rest = [part for part in waiting if chosen not in part[1]]
            if len(touching) > 2:  # two of them first, entry by entry
                waiting = [*rest, self.product(touching[0], touching[1], sizes), *touching[2:]]
                continue
            free = set(range(len(axes))).union(*(indices for _, indices in rest))
            made, summed = self.contracted(touching, chosen, free, sizes)
            left -= summed
            if made[1]:
                waiting = [*rest, made]
            else:
                start, waiting = codes.multiply(start, made[0]), rest
        return self._spread_product(start, waiting, len(axes))

    def _spread_product(self, start: Code, waiting: Sequence[Labelled], count: int) -> Code:
        made = start
        for code, indices in waiting:
            made = self.codes.multiply(made, self.aligned(code, indices, tuple(range(count))))
        return made

    def _cost(self, index: int, waiting: Sequence[Labelled], sizes: Sequence[Size]) -> int:
        product = 1
        for i in {i for _, indices in waiting if index in indices for i in indices}:
            product *= self.number(sizes[i])
        return product

    # ---- axes --------------------------------------------------------------------------------------------------------

    def permuted(self, code: Code, order: Indices) -> Code:
        """The axes in another order; two of them by a transpose."""
        if order == tuple(range(len(order))):
            return code
        if order == (1, 0):
            return self.codes.transpose(code)
        axes = self.codes.make("literal", (), order, ())
        return self.codes.make("helper", (code, axes), "permuted", tuple(code.shape[k] for k in order))

    def aligned(self, code: Code, indices: Indices, onto: Indices) -> Code:
        """The array with its axes in the order of ``onto``, and an axis of size 1 for each index that it lacks."""
        order = tuple(sorted(range(len(indices)), key=lambda k: onto.index(indices[k])))
        turned = self.permuted(code, order)
        if len(indices) == len(onto):
            return turned
        key = tuple(":" if i in indices else None for i in onto)
        sizes = iter(turned.shape)
        return self.codes.item(turned, *key, shape=tuple(next(sizes) if k else 1 for k in key))

    def without_repeats(self, code: Code, indices: Indices) -> Labelled:
        """The entries where axes with the same index agree."""
        while len(set(indices)) < len(indices):
            first = next(k for k, i in enumerate(indices) if i in indices[k + 1 :])
            second = indices.index(indices[first], first + 1)
            rest = tuple(k for k in range(len(indices)) if k not in (first, second))
            turned = self.permuted(code, (*rest, first, second))
            code = self.codes.function("linalg.diagonal", turned, shape=turned.shape[:-1])
            indices = (*(indices[k] for k in rest), indices[first])
        return code, indices

    # ---- two factors -------------------------------------------------------------------------------------------------

    def product(self, left: Labelled, right: Labelled, sizes: Sequence[Size]) -> Labelled:
        """The product entry by entry over all indices of both."""
        onto = tuple(sorted({*left[1], *right[1]}))
        return self.codes.multiply(self.aligned(*left, onto), self.aligned(*right, onto)), onto

    def contracted(self, parts: Sequence[Labelled], index: int, free: set[int], sizes: Sequence[Size]) -> tuple[Labelled, set[int]]:
        """The sum over an index of one factor, or of the product of two; with it over all others that only these have."""
        codes = self.codes
        if not parts:
            return (codes.size(sizes[index]), ()), {index}
        if len(parts) == 1:
            ((code, indices),) = parts
            place = indices.index(index)
            shape = (*code.shape[:place], *code.shape[place + 1 :])
            return (codes.function("sum", code, shape=shape, axis=place), indices[:place] + indices[place + 1 :]), {index}
        (left, a), (right, b) = parts
        summed = tuple(i for i in a if i in b and i not in free)
        batch = tuple(i for i in a if i in b and i in free)
        rows, columns = (tuple(i for i in each if i not in other) for each, other in ((a, b), (b, a)))
        first = self._as_matrix((left, a), batch, rows, summed, sizes)
        second = self._as_matrix((right, b), batch, summed, columns, sizes)
        shape = (*first.shape[:-1], second.shape[-1])
        product = codes.make("matmul", (first, second), None, shape)
        made = (*batch, *rows, *columns)
        whole = tuple(sizes[i] for i in made)
        return (product if shape == whole else codes.reshape(product, whole), made), set(summed)

    def _as_matrix(self, part: Labelled, batch: Indices, rows: Indices, columns: Indices, sizes: Sequence[Size]) -> Code:
        """The array as a stack of matrices: axes of the stack, rows joined to one axis, columns joined to one axis."""
        code, indices = part
        turned = self.permuted(code, tuple(indices.index(i) for i in (*batch, *rows, *columns)))
        joined = [_product([sizes[i] for i in group]) for group in (rows, columns)]
        shape = (*(sizes[i] for i in batch), *joined)
        return turned if turned.shape == shape else self.codes.reshape(turned, shape)


def _product(sizes: Sequence[Size]) -> Size:
    made: Size = 1
    for size in sizes:
        made = size_product(made, size)
    return made


# ---- atoms -----------------------------------------------------------------------------------------------------------


def _variable(t: _Arrays, atom: Atom) -> Code:
    (node,) = atom.payload
    code = t.translation.full(t.translation.of(node))
    return code if code.shape == atom.sizes else t.codes.reshape(code, atom.sizes, rest=0 if len(atom.sizes) == 1 else None)


def _function(t: _Arrays, atom: Atom) -> Code:
    form, function = atom.payload
    code = t.done[form.key]
    if function.known:
        made = known_code(t.codes, function, code)
        return t.codes.multiply(made, t.codes.made("ones", form.axes)) if form.axes and not made.shape else made
    name = t.translation.names.of_function(function.name, function.order)
    column = code if len(code.shape) in (0, 2) else t.codes.reshape(code, (_product(code.shape), 1), rest=0)
    called = t.codes.make("called", (column,), name, column.shape)
    return called if called.shape == code.shape else t.codes.reshape(called, code.shape, rest=0 if len(code.shape) == 1 else None)


def _as_square(t: _Arrays, atom: Atom) -> Code:
    """The form inside an atom as a matrix, its first axes joined to the rows."""
    form, rows = atom.payload[:2]
    shape = (_product(form.axes[:rows]), _product(form.axes[rows:]))
    return t.codes.reshape(t.done[form.key], shape)


def _of_matrix(path: str) -> Callable[[_Arrays, Atom], Code]:
    def rule(t: _Arrays, atom: Atom) -> Code:
        matrix = _as_square(t, atom)
        if not atom.sizes:
            return t.codes.function(path, matrix, shape=())
        return t.codes.reshape(t.codes.function(path, matrix, shape=matrix.shape[::-1]), atom.sizes)

    return rule


def _softmax(t: _Arrays, atom: Atom) -> Code:
    form, along = atom.payload
    axes = t.codes.make("literal", (), tuple(along), ())
    return t.codes.make("helper", (t.done[form.key], axes), "softmax_along", form.axes)


def _map(t: _Arrays, atom: Atom) -> Code:
    function, forms, wrt = atom.payload
    arrays = tuple(_as_declared(t, t.done[form.key], shape) for form, shape in zip(forms, function.argument_shapes, strict=True))
    raw = t.codes.make("called", arrays, t.translation.names.of_function(function.name, len(wrt)), RAW)
    if len(arrays) > 1:
        for position in wrt:
            raw = t.codes.item(raw, position, shape=RAW)
    made = t.codes.make("function", (raw,), ("asarray", ()), RAW)
    return t.codes.reshape(made, atom.sizes, rest=0 if len(atom.sizes) == 1 else None)


def _as_declared(t: _Arrays, code: Code, shape: Shape) -> Code:
    """The 2-D array that an argument of this shape is given as."""
    return t.codes.reshape(code, rows_and_columns(shape)) if shape else code


def _without_code(t: _Arrays, atom: Atom) -> Code:
    raise UnsupportedError(f"There is no code for an array with a {atom.kind.value} in it. Take the matrix form, or .evaluate(...).")


ATOM_CODES: Mapping[AtomKind, Callable[[_Arrays, Any], Code]] = MappingProxyType(
    {
        **dict.fromkeys(AtomKind, _without_code),
        AtomKind.VARIABLE: _variable,
        AtomKind.SIZE: lambda t, atom: t.codes.size(atom.payload[0]),
        AtomKind.DELTA: lambda t, atom: t.codes.made("eye", atom.sizes),
        AtomKind.FUNCTION: _function,
        AtomKind.BRACKET: lambda t, atom: t.done[atom.payload[0].key],
        AtomKind.INVERSE: _of_matrix("linalg.inv"),
        AtomKind.DETERMINANT: _of_matrix("linalg.det"),
        AtomKind.SOFTMAX: _softmax,
        AtomKind.MAP: _map,
        **{kind: _of_matrix("linalg.pinv") for kind in AtomKind if kind == "pseudo-inverse"},
    }
)
