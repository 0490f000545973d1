"""The table of docs/sympy_layouts.md: what SymPy answers to its own matrix derivatives, and in which layout that is.

python benchmarks/sympy_layouts.py writes the page; it takes a few minutes and needs what the tests need.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import sympy as sp

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.sympy_cases import CASES, Case
from tests.sympy_verdicts import Verdict, verdict

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "sympy_layouts.md"
MOST_SHOWN = 90
HEAD = """# SymPy's matrix derivatives: in which layout are they?

SymPy {version} differentiates a matrix expression by `expr.diff(X)` and does not say in which layout the answer is. This page takes
the expressions of SymPy's own tests of matrix derivatives, lets SymPy differentiate them, and judges each answer by numbers: SymPy
makes it explicit at data without symmetry, and its entries are compared with the derivative found by reverse mode in NumPy, placed
as each layout places it. Every expression is taken twice: with all sizes equal, as in SymPy's tests, and with sizes that all
differ where the expression allows it.

What comes out: by a vector or a matrix, SymPy's matrices are in denominator layout; an array by a scalar is in numerator layout, so
that the two do not fit together in a chain rule. Where not all sizes are equal, several scalars get an array with axes of length 1
where there is a matrix, as d(a^T X b)/dX does.

`mc.derive(mc.from_sympy(expr), X, layout=...)` is right in both layouts for every line; `tests/test_sympy_expressions.py` shows it.

What the verdicts mean:

- **numerator**, **denominator**: the answer is the matrix of that layout. **the same in both**: the two matrices are equal here.
- **array**: the answer is an array expression, not a matrix; its axes longer than 1 are compared. *axes of the variable*: of a
  scalar, and its entries lie as in the variable; *output first*, *variable first*: which axes come first.
- **by vec, ...**: the answer is the matrix d vec(Y) / d vec(X)^T, or its transpose.
- **unevaluated**: the answer holds a derivative that is not carried out. **raises**: SymPy stops with that error.
- **wrong**: no layout has these values; **wrong: no value**: the shapes within the answer do not conform.

Three expressions stand in comments of SymPy's tests, as not supported: the traces of Kronecker products and the determinant of the
inverse. Derivatives by one entry are left out, their expressions are in the table.

Written by `benchmarks/sympy_layouts.py`.
"""


def counted(title: str, verdicts: list[Verdict]) -> list[str]:
    counts = Counter(each.layout for each in verdicts)
    return [f"| {title} | {layout} | {number} |" for layout, number in counts.most_common()]


def row(case: Case, square: Verdict, given: Verdict) -> str:
    shapes = ", ".join(f"{name} {' x '.join(axes) or 'scalar'}" for name, axes in case.shapes.items())
    return f"| `{case.expr}` | {case.by} | {shapes} | {square.layout} | {given.layout} | {_short(given.answer)} |"


def _short(answer: str) -> str:
    if not answer:
        return ""
    return f"`{answer}`" if len(answer) <= MOST_SHOWN else f"`{answer[:MOST_SHOWN]}` ..."


def page() -> str:
    squares = [verdict(case.square) for case in CASES]
    given = [verdict(case) for case in CASES]
    lines = [HEAD.format(version=sp.__version__), "## Counts", "", "| sizes | verdict | expressions |", "|---|---|---|"]
    lines += [*counted("all equal", squares), *counted("all different", given), "", "## Every expression", ""]
    lines += ["| expression | by | shapes | all sizes equal | sizes differ | SymPy's answer, sizes differ |", "|---|---|---|---|---|---|"]
    lines += [row(*each) for each in zip(CASES, squares, given, strict=True)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{len(CASES)} expressions in {PAGE.relative_to(ROOT)}")
