"""Random expressions derived by everything in them, in both layouts and styles, against reverse mode and differences in NumPy.

What the layouts mean is written anew in `tests.oracle`, entry by entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import get_args

import numpy as np
import pytest

from matcalc.derivation import Derivation, derive
from matcalc.errors import EvaluationError, MatcalcError, NoMatrixFormError, NoStandInError, SeveralPathsError
from matcalc.gradient_sweep import gradients
from matcalc.language.expressions import (
    Apply, ApplyMatrixFunction, Commutation, Derivative, DiagonalSums, Entry, Expr, Index, IndexedSum, Let, MapDerivative, MatrixPower,
    Node, PseudoInverse, Zeros,
)  # fmt: skip
from matcalc.language.sizes import ndim
from matcalc.language.traversal import postorder, with_definition
from matcalc.layout.products import Product
from matcalc.numeric.data import Array, Data
from matcalc.numeric.differences import central
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.tape import jacobian
from tests.oracle import close, laid_out_by_definition, vec_by_definition
from tests.random_expressions import Generator, variables
from tests.random_sums import written_sum

LAYOUTS = ("numerator", "denominator")
STYLES = ("hadamard", "diag")
BATCH = 10
# All of them are in tests/random_operations.py; written sums have a generator of their own besides.
ELSEWHERE = {Index, Entry, IndexedSum, MatrixPower, PseudoInverse, ApplyMatrixFunction, DiagonalSums}
VANISHING = 1e-6  # of the value that is differentiated: a smaller derivative is rounding, and tells nothing


def drawn(seeds: Sequence[int], *, structured: bool = True, maps: bool = True) -> list[tuple[Expr, Data]]:
    """The expressions of some seeds, with data at which they are finite; every fourth named."""
    found: list[tuple[Expr, Data]] = []
    for seed in seeds:
        of = Generator(seed, structured=structured, maps=maps).expression(depth=1 + seed % 5)
        if seed % 4 == 0:
            of = Let("C", of, of.shape)
        try:
            found.append((of, draw([of], np.random.default_rng(seed))))
        except EvaluationError:
            continue
    assert len(found) > len(seeds) / 2
    return found


def seeds_of(batch: int) -> range:
    return range(BATCH * batch, BATCH * (batch + 1))


def index_value(d: Derivation, data: Data) -> Array:
    return index_sum(d.tensor.form, data).reshape([data.extent(size) for size in d.tensor.shape])


@pytest.mark.parametrize("batch", range(30), ids="batch{}".format)
def test_every_form_of_a_derivative_agrees_with_reverse_mode(batch: int) -> None:
    for of, data in drawn(seeds_of(batch)):
        for by in variables(of):
            raw = jacobian(of, by, data)
            if not np.all(np.isfinite(raw)):
                continue
            for layout in LAYOUTS:
                for style in STYLES:
                    check_forms(derive(of, by, layout=layout, style=style), raw, data)


def check_forms(d: Derivation, raw: Array, data: Data) -> None:
    layout = d.layout.value
    close(index_value(d, data), raw)
    few = raw.ndim <= 2
    try:
        if few:
            assert d.result.shape == d.shape
            close(value(d.result, data), laid_out_by_definition(raw, d.of.shape, d.wrt.shape, layout))
        else:
            with pytest.raises(NoMatrixFormError, match=f"has {raw.ndim} axes"):
                _ = d.result
        if raw.ndim:
            assert d.vec_form.shape == d.vec_shape
            close(value(d.vec_form, data), vec_by_definition(raw, d.of.shape, d.wrt.shape, layout))
    except NoMatrixFormError:
        return  # the index form has been compared


@pytest.mark.parametrize("batch", range(100, 103), ids="batch{}".format)
def test_reverse_mode_agrees_with_differences(batch: int) -> None:
    for of, data in drawn(seeds_of(batch)):
        for by in variables(of):
            raw = jacobian(of, by, data)
            close(raw, central(of, by, data), 1e-4)


@pytest.mark.parametrize("batch", range(200, 206), ids="batch{}".format)
def test_a_scalar_without_vec_and_maps_has_a_matrix_form_by_everything(batch: int) -> None:
    for seed in seeds_of(batch):
        of = Generator(seed, structured=False, maps=False).expression((), depth=1 + seed % 6)
        for by in variables(of):
            for layout in LAYOUTS:
                assert derive(of, by, layout=layout).result.shape == derive(of, by, layout=layout).shape


@pytest.mark.parametrize("batch", range(300, 306), ids="batch{}".format)
def test_gradients_agree_with_reverse_mode_and_with_derive(batch: int) -> None:
    for seed in seeds_of(batch):
        of = Generator(seed, structured=False, maps=False).expression((), depth=1 + seed % 5)
        wanted = variables(of)
        data = draw([of], np.random.default_rng(seed))
        for layout in LAYOUTS:
            found = gradients(of, wanted, layout=layout)
            assert list(found) == [by.name for by in wanted]
            for by in wanted:
                raw = jacobian(of, by, data)
                close(value(found[by.name], data), laid_out_by_definition(raw, (), by.shape, layout))
                close(value(found[by.name], data), value(derive(of, by, layout=layout).result, data))


@pytest.mark.parametrize("batch", range(400, 410), ids="batch{}".format)
def test_factors_and_products_of_paths_agree_with_reverse_mode(batch: int) -> None:
    for of, data in drawn(seeds_of(batch), structured=False):
        for by in variables(of):
            raw = jacobian(of, by, data)
            for layout in LAYOUTS:
                d = derive(of, by, layout=layout)
                check_factors(d, data)
                check_products(d, raw, data)


def check_factors(d: Derivation, data: Data) -> None:
    for factor in {f for path in d.paths for f in path}:
        held = {n for n in postorder([factor.of], with_definition) if isinstance(n, Let) and n not in (factor.of, factor.by)}
        raw = jacobian(factor.of, factor.by, data, held=held)
        for layout in LAYOUTS:
            try:
                if factor.ndim <= 2:
                    assert factor.matrix(layout).shape == factor.shape(layout)
                    close(value(factor.matrix(layout), data), laid_out_by_definition(raw, factor.of.shape, factor.by.shape, layout))
                close(value(factor.vec_form(layout), data), vec_by_definition(raw, factor.of.shape, factor.by.shape, layout))
            except NoMatrixFormError:
                continue


def check_products(d: Derivation, raw: Array, data: Data) -> None:
    """The sum of the products of the paths is the derivative, by stand-ins and matrices or by vec."""
    for reading in (None, "jacobian"):
        try:
            products: tuple[Product, ...] = d.products(reading)
            total = sum(value(product.expression, data) for product in products)
        except (NoMatrixFormError, NoStandInError):
            continue
        if not products or len({product.reading == "jacobian" for product in products}) > 1:
            continue
        assert all(joint.fits for product in products for joint in product.joints)
        by_vec = products[0].reading == "jacobian"
        wanted = (vec_by_definition if by_vec else laid_out_by_definition)(raw, d.of.shape, d.wrt.shape, d.layout.value)
        close(np.asarray(total), wanted)


@pytest.mark.parametrize("batch", range(500, 508), ids="batch{}".format)
def test_every_step_holds_and_the_last_is_the_answer(batch: int) -> None:
    for of, data in drawn(seeds_of(batch), maps=False):
        for by in variables(of):
            if np.abs(jacobian(of, by, data)).max() < VANISHING * np.abs(value(of, data)).max():
                continue
            for layout in LAYOUTS:
                d = derive(of, by, layout=layout)
                try:
                    steps = d.steps
                except (NoMatrixFormError, SeveralPathsError):
                    continue
                failed = [step.rule for step in steps if not step.verify()]
                assert not failed
                if ndim(of.shape) + ndim(by.shape) <= 2:
                    assert steps[-1].after in (d.result, d.vec_form)


@pytest.mark.parametrize("seed", range(0, 400, 7))
def test_nothing_but_matcalc_errors_is_raised_and_nothing_given_is_changed(seed: int) -> None:
    of = Generator(seed).expression(depth=5)
    before = [(node, repr(node), node.shape) for node in postorder([of], with_definition)]
    for by in variables(of):
        d = derive(of, by, layout="denominator")
        for name in ("result", "vec_form", "index_form", "paths", "product", "steps"):
            with suppress(MatcalcError):
                getattr(d, name)
    assert [(node, repr(node), node.shape) for node, _, _ in before] == before


@pytest.mark.parametrize("seed", range(3, 300, 11))
def test_the_answer_is_the_same_when_it_is_asked_twice(seed: int) -> None:
    first, second = (Generator(seed).expression(depth=4) for _ in range(2))
    assert first == second
    for by in variables(first):
        one, other = (derive(of, by, layout="numerator") for of in (first, second))
        assert one.index_form == other.index_form
        assert repr(one.index_form) == repr(other.index_form)


def test_the_generator_reaches_every_operation() -> None:
    seen: set[type[Expr]] = set()
    for seed in range(400):
        seen |= {type(node) for node in postorder([Generator(seed).expression(depth=5)], with_definition)}
    assert set(get_args(Node)) - seen == {Zeros, Commutation, Derivative, MapDerivative} | ELSEWHERE


def test_the_generator_of_sums_reaches_index_notation() -> None:
    seen = {type(node) for seed in range(100) for node in postorder([written_sum(seed)], with_definition)}
    assert seen >= {Index, Entry, IndexedSum, Let, Apply}


@pytest.mark.parametrize("batch", range(4), ids="batch{}".format)
def test_factors_and_steps_of_written_sums(batch: int) -> None:
    for seed in seeds_of(batch):
        of = Let("C", written_sum(seed), ())
        try:
            data = draw([of], np.random.default_rng(seed))
        except EvaluationError:
            continue
        for by in variables(of):
            d = derive(of, by, layout=LAYOUTS[seed % 2])
            check_forms(d, jacobian(of, by, data), data)
            check_factors(d, data)
