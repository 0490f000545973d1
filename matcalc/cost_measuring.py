"""Measuring what `matcalc.chain_costs` counts."""

from __future__ import annotations

import numpy as np

from matcalc.chain_costs import CostsReport
from matcalc.errors import EvaluationError
from matcalc.language.operators import METHODS, register
from matcalc.layout.bracketing import Bracketing, pairs_inside_out
from matcalc.layout.conventions import Layout
from matcalc.numeric.measuring import Factor, drawn, seconds

MOST_ENTRIES = 2e8  # of one matrix, 1.6 GB


def measure_costs(report: CostsReport, *, repeats: int = 7, seed: int = 0) -> dict[tuple[str, str], float]:
    """Seconds that each bracketing takes: see `matcalc.chain_costs.CostsReport.measured`.

    Raises:
        EvaluationError: a size has no number, or a factor has too many entries.
    """
    rng = np.random.default_rng(seed)
    factors: list[Factor] = []
    for name, matrix in zip(report.factors, report.matrices, strict=True):
        if not isinstance(matrix.rows, int) or not isinstance(matrix.columns, int):
            shape = f"{matrix.rows} x {matrix.columns}"
            raise EvaluationError(f"{name} is {shape}: to measure, give a number for every size, as sizes={{...}}.")
        if matrix.rows * matrix.columns > MOST_ENTRIES:
            raise EvaluationError(f"{name} has {matrix.rows * matrix.columns:,} entries; at most {MOST_ENTRIES:,.0f} are measured.")
        factors.append(drawn(matrix.rows, matrix.columns, matrix.kind.value, rng))
    turned = [Factor(f.kind, np.ascontiguousarray(f.array.T)) for f in reversed(factors)]
    placed = {Layout.NUMERATOR: factors, Layout.DENOMINATOR: turned}
    found = seconds([(placed[row.layout], _steps(row.bracketing, len(factors))) for row in report.rows], repeats)
    return {(row.mode.value, row.layout.value): time for row, time in zip(report.rows, found, strict=True)}


def _steps(bracketing: Bracketing, count: int) -> list[tuple[int, int]]:
    """The multiplications, innermost first, each of two factors or of results of earlier ones."""
    steps: list[tuple[int, int]] = []
    done: dict[int, int] = {}
    for part in pairs_inside_out(bracketing):
        left, right = (side if isinstance(side, int) else done[id(side)] for side in part)
        done[id(part)] = count + len(steps)
        steps.append((left, right))
    return steps


register(METHODS, "measure_costs", measure_costs)
