"""How long reading one formula takes: realistic formulas of about 30 symbols, derivatives and sums among them, declarations included."""

import statistics
import sys
import time
from typing import Any

from matcalc.language.reading.formula import parse
from matcalc.language.reading.lexer import lexed

DECLARED: dict[str, Any] = {
    "shapes": {
        "A": "n n", "B": "n n", "X": "n p", "W": "m n", r"\mathbf{W}^{(1)}": "m n", "x": "n", "y": "m", "b": "m", r"\boldsymbol{\mu}": "n",
        r"\boldsymbol{\Sigma}": "n n", "c": "", r"\lambda": "", "C": "",
    },
    "functions": {"f": "elementwise", "u": {"of": "x", "shape": "m"}},
    "layout": "numerator",
}  # fmt: skip
FORMULAS = (
    (r"\frac{1}{2} \|\mathbf{W} \mathbf{x} + \mathbf{b} - \mathbf{y}\|_2^2 + \lambda \operatorname{tr}(\mathbf{W}^\top "
    r"\mathbf{W}) - c^2 + 3"),
    (r"\frac{\partial C}{\partial \mathbf{y}} \operatorname{diag}(f'(\mathbf{W} \mathbf{x} + \mathbf{b})) \mathbf{W} + 2 "
    r"\mathbf{x}^\top \mathbf{A} - \mathbf{x}^\top"),
    (r"-\frac{1}{2} (\mathbf{x} - \boldsymbol{\mu})^\top \boldsymbol{\Sigma}^{-1} (\mathbf{x} - \boldsymbol{\mu}) - "
    r"\frac{1}{2} \ln \det \boldsymbol{\Sigma} - \frac{n}{2} \ln(2 c)"),
    r"\sum_{i=1}^{n} \sum_{j=1}^{n} A_{ij} x_i x_j + \lambda \sum_{i=1}^{n} (x_i - \mu_i)^2 - c \sum_i x_i + 1",
    (r"\frac{\partial \mathbf{u}}{\partial \mathbf{x}} \mathbf{A}^{-1} \mathbf{X} \mathbf{X}^\top (\mathbf{A} + \lambda "
    r"\mathbf{I}_n)^{-1} \mathbf{B}^\top \mathbf{A} - 2 \mathbf{W}^{(1)} \mathbf{B}"),
    (r"\operatorname{tr}(\mathbf{A} \mathbf{X} \mathbf{X}^\top \mathbf{B}) + \mathbf{1}^\top f(\mathbf{W} \mathbf{x}) - "
    r"\exp(-\lambda \mathbf{x}^\top \mathbf{x}) + \frac{c}{2} \|\mathbf{X}\|_F^2 + \ln c"),
    (r"\nabla_{\mathbf{x}} C + \mathbf{W}^\top (\mathbf{y} \odot f'(\mathbf{W} \mathbf{x} + \mathbf{b})) + 2 (\mathbf{A} + "
    r"\mathbf{A}^\top) \mathbf{x} - \lambda \mathbf{B} \boldsymbol{\mu}"),
)  # fmt: skip
NOT_SHOWN = ("{", "}", "^", "_", r"\mathbf", r"\boldsymbol", r"\operatorname")
REPEATED = 200


def main() -> int:
    medians = []
    for latex in FORMULAS:
        times = []
        for _ in range(REPEATED):
            start = time.perf_counter()
            parse(latex, **DECLARED)
            times.append(time.perf_counter() - start)
        medians.append(statistics.median(times))
        symbols = sum(token.text not in NOT_SHOWN for token in lexed(latex).list)
        print(f"  {1e3 * medians[-1]:.2f} ms  {symbols} symbols  {latex}")
    print(f"median of {len(FORMULAS)} formulas: {1e3 * statistics.median(medians):.2f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
