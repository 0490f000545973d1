"""The atoms of an index form as they stand in a sum over indices, one row for each kind.

What is made from a whole array says which: inverses, determinants, softmax and unknown maps hold the name of a quantity, or its
entries in square brackets with letters of their own:

- inverse: ``(X^-1)_ij``, ``([Σ_k X_ka X_kb]_ab^-1)_ij``; an axis made of several indices stands as a group, ``_{ab,cd}``;
- pseudo-inverse: ``(X^+)_ij``; a power: ``(X^k)_ij``, with an index in its exponent ``(X^{k - 1 - r})_ij``;
- a power series of a matrix: ``exp(X)_ij``, and its derivative by the entries of the matrix, ``∂_kp exp(X)_ij``;
- determinant: ``det(X)``, ``det([...]_ab)``;
- softmax: ``softmax(z)_i``; along some axes only, the letter says which: ``softmax_b([Z_ab]_ab)_ij`` sums to 1 over b;
- map: ``u_i(x)``; its derivative ``(du_i/dx_j)`` where the arguments are different names, else ``∂_j u_i([Σ_k W_ak x_k]_a)``,
  with several arguments ``∂^(2)_j`` by the second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import final

from matcalc.index.form import Atom, AtomKind, Form, PowerOf, exponent_expression
from matcalc.language.indexed import Index
from matcalc.printing.index_dialects import Letters, SumDialect
from matcalc.printing.pieces import Level, Piece, Rope, scripted

ENTRYWISE = frozenset({AtomKind.FUNCTION, AtomKind.BRACKET})  # their form is printed at the indices of the atom


@final
@dataclass(frozen=True, slots=True)
class Inside:
    """A form inside an atom as it is printed, with the letters of its axes."""

    form: Form
    letters: Letters
    piece: Piece

    def name(self) -> str | None:
        """The plain name of the quantity, if the form is nothing else."""
        if len(self.form.terms) != 1 or self.form.terms[0].coefficient != 1 or len(self.form.terms[0].factors) != 1:
            return None
        atom, indices, exponent = self.form.terms[0].factors[0]
        whole = atom.kind is AtomKind.VARIABLE and exponent == 1 and indices == tuple(range(len(self.form.axes)))
        return str(atom.payload[0].name) if whole else None

    def array(self, groups: tuple[Letters, ...], d: SumDialect) -> Piece:
        """The whole array: its name, or its entries in square brackets, the indices of each axis in a group."""
        name = self.name()
        if name is not None:
            return d.entry(name, ())
        if not self.letters:
            return self.piece
        return self.entries(groups, d)

    def entries(self, groups: tuple[Letters, ...], d: SumDialect) -> Piece:
        """The whole array made of its entries."""
        return Piece((d.square(self.piece), d.subscript(*groups)), Level.WHOLE, self.piece.tall)


def _variable(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    return d.entry(atom.payload[0].name, at)


def _size(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    return d.size(atom.payload[0])


def _delta(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    return Piece(d.delta + d.subscript(at), Level.WHOLE)


def _diagonals(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    i, j, k, q = at
    return Piece(f"[{i} - {j} = {k} - {q}]", Level.WHOLE)


def _function(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    return d.applied(atom.payload[1], inside[0].piece)


def _bracket(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    return inside[0].piece


def _inverse(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    rows = atom.payload[1]
    array = inside[0].array(_groups(inside[0].letters, rows), d)
    inverse = scripted(array, d.power(-1), d.expressions.brackets)
    return Piece((d.expressions.brackets(inverse), d.subscript(*_groups(at, len(at) - rows))), Level.WHOLE, inverse.tall)


def _pseudo_inverse(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    rows = atom.payload[1]
    array = inside[0].array(_groups(inside[0].letters, rows), d)
    inverse = scripted(array, d.pseudo_inverse, d.expressions.brackets)
    return Piece((d.expressions.brackets(inverse), d.subscript(*_groups(at, len(at) - rows))), Level.WHOLE, inverse.tall)


def _matrix_power(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    form, rows, power = atom.payload
    count = len(form.axes)
    raised = _raised(inside[0].array(_groups(inside[0].letters, rows), d), power, at[count:], d)
    if not count:
        return raised
    return Piece((d.expressions.brackets(raised), d.subscript(*_groups(at[:count], rows))), Level.WHOLE, raised.tall)


def _raised(array: Piece, power: PowerOf, letters: Letters, d: SumDialect) -> Piece:
    exponent = d.scalar(exponent_expression(power, [Index(letter) for letter in letters]))
    return scripted(array, d.expressions.exponent(exponent), d.expressions.brackets)


def _matrix_function(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    _, rows, function = atom.payload
    array = inside[0].array(_groups(inside[0].letters, rows), d)
    value = (d.series(function), d.expressions.brackets(array))
    return Piece((*value, d.subscript(*_groups(at, rows))), Level.WHOLE, array.tall)


def _frechet(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    form, rows, function, order = atom.payload
    count = len(form.axes)
    array = inside[0].array(_groups(inside[0].letters, rows), d)
    signs = [(d.partial(None), d.subscript(*_groups(at[count * k : count * (k + 1)], rows)), " ") for k in range(1, order + 1)]
    if isinstance(function, PowerOf):
        raised = _raised(array, function, at[count * (order + 1) :], d)
        value: Rope = d.expressions.brackets(raised)
    else:
        value = (d.series(function), d.expressions.brackets(array))
    return Piece((*signs, value, d.subscript(*_groups(at[:count], rows))), Level.BLEND, array.tall)


def _groups(letters: Letters, rows: int) -> tuple[Letters, ...]:
    """The letters of the row axis and of the column axis; one group where each is a single letter."""
    return (letters,) if len(letters) == 2 else (letters[:rows], letters[rows:])


def _determinant(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    array = inside[0].array(_groups(inside[0].letters, atom.payload[1]), d)
    return Piece((d.determinant, d.expressions.brackets(array)), Level.WHOLE, array.tall)


def _softmax(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    letters, along = inside[0].letters, atom.payload[1]
    if len(along) == len(letters):
        array, below = inside[0].array((letters,), d), ""
    else:
        array = inside[0].entries((letters,), d)
        below = d.subscript(tuple(letters[k] for k in along)) if along else d.nothing
    after = d.subscript(at) if at else ""
    return Piece((d.softmax, below, d.expressions.brackets(array), after), Level.WHOLE, array.tall)


def _map(atom: Atom, at: Letters, inside: tuple[Inside, ...], d: SumDialect) -> Piece:
    function, _, wrt = atom.payload
    inputs = [len(inside[k].letters) for k in wrt]
    starts = [len(at) - sum(inputs[place:]) for place in range(len(wrt) + 1)]
    by = [(k, at[start : start + width]) for k, start, width in zip(wrt, starts, inputs, strict=False)]
    output = d.entry(function.name, at[: starts[0]])
    names = [argument.name() for argument in inside]
    if wrt and None not in names and len(set(names)) == len(names):
        runs = groupby(by)
        return d.derivative(output, tuple((d.entry(names[k] or "", letters), len(list(run))) for (k, letters), run in runs))
    arrays = [argument.array((argument.letters,), d) for argument in inside]
    listed = tuple(part for array in arrays for part in (", ", array.rope))[1:]
    value = (output.rope, d.expressions.brackets(Piece(listed, Level.SUM, any(array.tall for array in arrays))))
    signs = [(d.partial(k + 1 if len(inside) > 1 else None), d.subscript(ix) if ix else "", " ") for k, ix in by]
    return Piece((*signs, *value), Level.BLEND if wrt else Level.WHOLE, any(array.tall for array in arrays))


ATOMS: Mapping[AtomKind, Callable[[Atom, Letters, tuple[Inside, ...], SumDialect], Piece]] = MappingProxyType(
    {
        AtomKind.VARIABLE: _variable, AtomKind.SIZE: _size, AtomKind.DELTA: _delta, AtomKind.DIAGONALS: _diagonals,
        AtomKind.FUNCTION: _function,
        AtomKind.BRACKET: _bracket, AtomKind.INVERSE: _inverse, AtomKind.DETERMINANT: _determinant,
        AtomKind.SOFTMAX: _softmax, AtomKind.MAP: _map, AtomKind.PSEUDO_INVERSE: _pseudo_inverse,
        AtomKind.MATRIX_POWER: _matrix_power, AtomKind.MATRIX_FUNCTION: _matrix_function, AtomKind.FRECHET: _frechet,
    }
)  # fmt: skip
