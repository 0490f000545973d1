"""A scalar by a vector or a matrix has a matrix form (docs/scalar_has_matrix_form.md), tried on random scalars; a vector need not."""

from __future__ import annotations

import pytest

import matcalc as mc
from matcalc.errors import NoMatrixFormError
from matcalc.language.expressions import Symbol
from matcalc.language.traversal import postorder, with_definition
from tests.random_expressions import Generator

EXPRESSIONS = 250


def test_random_scalars_have_matrix_forms() -> None:
    derived = 0
    for seed in range(EXPRESSIONS):
        e = Generator(seed, structured=False, maps=False).expression()
        scalar = mc.sum(e) if e.shape else e
        for variable in postorder([scalar], with_definition):
            if isinstance(variable, Symbol):
                result = mc.derive(scalar, variable, layout="denominator").result
                assert [n for n in result.shape if n != 1] == [n for n in variable.shape if n != 1]
                derived += 1
    assert derived > EXPRESSIONS


def test_a_vector_need_not_have_one() -> None:
    A, B, C = mc.matrix("A", "m", "n"), mc.matrix("B", "m", "p"), mc.matrix("C", "n", "p")
    D, E, x = mc.matrix("D", "n", "k"), mc.matrix("E", "p", "k"), mc.vector("x", "k")
    bridge = ((A @ (C * (D @ mc.diag(x) @ E.T))) * B) @ mc.ones("p")
    with pytest.raises(NoMatrixFormError, match="No string of matrices writes this"):
        _ = mc.derive(bridge, x, layout="numerator").result
    assert mc.derive(mc.sum(bridge), x, layout="denominator").result.shape == x.shape
