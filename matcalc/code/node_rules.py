"""The rules by which expressions become terms, one row for each type of node."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from types import MappingProxyType

from matcalc.code import node_functions, node_products
from matcalc.code.identifiers import Identifiers
from matcalc.code.products import Extent
from matcalc.code.terms import ONE, of_code, of_number, scaled, transposed_term
from matcalc.code.translation import Rules, Translation
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, ApplyMatrixFunction, Commutation, Derivative, Determinant, Diag, DiagonalPart, Divide, Entry, Expr, Hadamard,
    Identity, Index, IndexedSum, Inverse, Kron, Let, LogDeterminant, MapDerivative, MatMul, MatrixPower, Negate, Norm, Number, Ones,
    Power, PseudoInverse, Scale, SizeNumber, Softmax, Subtract, Sum, Symbol, Trace, Transpose, Vec, Zeros, DiagonalSums,
)  # fmt: skip
from matcalc.language.sizes import rows_and_columns

RULES: Rules = MappingProxyType(
    {
        Number: lambda t, node: of_number(node.value),
        SizeNumber: lambda t, node: of_code(t.codes.size(node.size)),
        Symbol: node_products.symbol,
        Let: node_products.let,
        Ones: lambda t, node: of_number(ONE, *rows_and_columns(node.shape)),
        Zeros: lambda t, node: of_number(Fraction(0), *rows_and_columns(node.shape)),
        Identity: node_products.identity,
        Commutation: node_products.commutation,
        Transpose: lambda t, node: transposed_term(t.codes, t.of(node.argument)),
        Negate: lambda t, node: scaled(t.of(node.argument), Fraction(-1)),
        Sum: node_functions.total,
        Diag: node_functions.diag,
        DiagonalPart: lambda t, node: t.products.diagonal_part(t.of(node.argument)),
        DiagonalSums: node_functions.diagonal_sums,
        Trace: lambda t, node: t.products.trace(t.of(node.argument)),
        Norm: node_functions.norm,
        Softmax: node_functions.softmax,
        Vec: node_functions.vec,
        Determinant: node_functions.of_matrix("linalg.det"),
        LogDeterminant: node_functions.log_determinant,
        Inverse: node_functions.of_matrix("linalg.inv"),
        Apply: node_functions.applied,
        Add: node_products.added,
        Subtract: node_products.added,
        MatMul: node_products.matmul,
        Scale: lambda t, node: node_products.scaled_by(t.of(node.left), t.of(node.right)),
        Hadamard: lambda t, node: node_products.entrywise(t, t.of(node.left), t.of(node.right)),
        Divide: node_products.divide,
        Kron: node_functions.kron,
        Power: node_products.power,
        ApplyMap: node_functions.applied_map,
        MapDerivative: node_functions.map_derivative,
        PseudoInverse: node_functions.pseudo_inverse,
        MatrixPower: node_functions.matrix_power,
        ApplyMatrixFunction: node_functions.matrix_function,
        Derivative: node_functions.written_derivative,
        Index: node_products.symbol,
        Entry: node_functions.entry,
        IndexedSum: node_functions.indexed_sum,
    }
)


def translated(roots: Iterable[Expr], names: Identifiers, extent: Extent) -> Translation:
    """The codes of several expressions, with everything that they share made once."""
    return Translation(roots, names, extent, RULES)
