"""Verification of a second derivative by oracles that do not know the rules.

    first:        every oracle of `matcalc.verification` on the first derivative
    again:        the same on the second, as the derivative of the first one by the second variable
    twice         differences of reverse mode on the tape, which knows only what is derived

Where the first derivative has no matrix form, by vec neither, the last one is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from matcalc.errors import NoMatrixFormError
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import ndim
from matcalc.numeric.data import Array, Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.layouts import laid_out
from matcalc.numeric.tape import hessian
from matcalc.second_derivative import SecondDerivative
from matcalc.verification import DIFFERENCE_TOLERANCE, Check, VerificationReport, check, stacked, verify


def verify_second(second: SecondDerivative, *, sizes: Mapping[str, int] | None = None, seed: int = 0) -> VerificationReport:
    """Compare a second derivative with the oracles at random data, sizes pairwise distinct primes unless they are given.

    Example:
        >>> import matcalc as mc
        >>> A, X = mc.matrix("A", "m", "n"), mc.matrix("X", "n", "p")
        >>> report = mc.second_derivative(mc.norm(A @ X) ** 2, X).verify()
        >>> report.ok, report.checks[-1].oracle
        (True, 'twice')
    """
    first = verify(second.first, sizes=sizes, seed=seed)
    checks = [_part("first", each, counts=False) for each in first.checks]
    used = dict(first.sizes)
    try:
        again = verify(second.again, sizes=sizes, seed=seed)
        checks += [_part("again", each, counts=first.ok) for each in again.checks]
        used |= again.sizes
    except NoMatrixFormError:
        pass  # nothing to derive again
    data = draw([second.of, second.x, second.y], np.random.default_rng(seed), sizes=sizes)
    found, wanted = _found(second, data)
    method = "central differences of reverse mode"
    checks.append(check("twice", method, [(found, lambda: wanted(hessian(second.of, second.x, second.y, data)))], DIFFERENCE_TOLERANCE))
    return VerificationReport(repr(second), tuple(checks), used | dict(data.sizes), seed)


def _part(name: str, found: Check, *, counts: bool) -> Check:
    """A check of one of the two derivations; it counts as independent for the whole where the other part holds."""
    return replace(found, oracle=f"{name}: {found.oracle}", independent=found.independent and counts)


def _found(second: SecondDerivative, data: Data) -> tuple[Array, Callable[[Array], Array]]:
    """The result at data, or where there is no matrix the tensor, and how a raw second derivative is arranged to be compared with it."""
    try:
        found = value(second.result, data)
    except NoMatrixFormError:
        form = second.tensor
        return index_sum(form.form, data).reshape([data.extent(size) for size in form.shape]), lambda raw: raw
    if not second.of.shape:
        return found, lambda raw: stacked(raw, second.x, "numerator")
    by = second.x.shape if ndim(second.x.shape) else second.y.shape
    return found, lambda raw: laid_out(raw, second.of.shape, [by], str(second.layout))


register(METHODS, "verify_second", verify_second)
