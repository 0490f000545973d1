"""Small derivatives: write, derive and lay out once, in ms, against CasADi's jacobian of the same expression.

Each repeat has names that were not used before; matcalc keeps nothing between calls, so its caches are cold each time. CasADi has
numbers for sizes and matcalc symbols. Of each expression the median of all repeats is taken, of the medians the geometric mean.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import count

import matcalc as mc

try:
    import casadi
except ImportError:
    casadi = None

REPEATS = 201
WARM_UP = 20
SIZES = {"m": 5, "n": 4, "p": 3, "q": 2}
fresh = count()

Shapes = tuple[tuple[str, str], ...]
Written = Callable[..., object]


class Matcalc:
    """The operations of matcalc."""

    name = "matcalc"
    trace, norm = staticmethod(mc.trace), staticmethod(mc.norm)

    @staticmethod
    def symbol(name: str, shape: str) -> mc.Expr:
        sizes = shape.split()
        return mc.vector(name, sizes[0]) if len(sizes) == 1 else mc.matrix(name, *sizes)

    @staticmethod
    def derivative(of: mc.Expr, by: mc.Expr) -> object:
        return mc.derive(of, by, layout="denominator").result


class Casadi:
    """The operations of CasADi's matrix expressions."""

    name = "casadi"

    @staticmethod
    def symbol(name: str, shape: str) -> object:
        return casadi.MX.sym(name, *(SIZES[size] for size in shape.split()))

    @staticmethod
    def trace(argument: object) -> object:
        return casadi.trace(argument)

    @staticmethod
    def norm(argument: object) -> object:
        return casadi.norm_fro(argument)

    @staticmethod
    def derivative(of: object, by: object) -> object:
        return casadi.jacobian(of, by)


# Each row: what it is, the shapes of its letters (the first is the variable), and the expression.
CASES: dict[str, tuple[Shapes, Written]] = {
    "a^T x": ((("x", "n"), ("a", "n")), lambda s, x, a: a.T @ x),
    "x^T S x": ((("x", "n"), ("S", "n n")), lambda s, x, S: x.T @ S @ x),
    "(A x + g)^T C (D x + e)": (
        (("x", "n"), ("A", "m n"), ("g", "m"), ("C", "m p"), ("D", "p n"), ("e", "p")),
        lambda s, x, A, g, C, D, e: (A @ x + g).T @ C @ (D @ x + e),
    ),
    "||A x - g||^2": ((("x", "n"), ("A", "m n"), ("g", "m")), lambda s, x, A, g: s.norm(A @ x - g) ** 2),
    "tr(L X R)": ((("X", "m n"), ("L", "p m"), ("R", "n p")), lambda s, X, L, R: s.trace(L @ X @ R)),
    "tr(X^T S X K)": ((("X", "m n"), ("S", "m m"), ("K", "n n")), lambda s, X, S, K: s.trace(X.T @ S @ X @ K)),
    "a^T X b": ((("X", "m n"), ("a", "m"), ("b", "n")), lambda s, X, a, b: a.T @ X @ b),
    "||A X - B||_F^2": ((("X", "n p"), ("A", "m n"), ("B", "m p")), lambda s, X, A, B: s.norm(A @ X - B) ** 2),
}


def seconds(system: type[Matcalc] | type[Casadi], shapes: Shapes, written: Written) -> float:
    """The time of one writing and one derivation, with names not used before."""
    number = next(fresh)
    start = time.perf_counter()
    symbols = [system.symbol(f"{name}_{number}", shape) for name, shape in shapes]
    system.derivative(written(system, *symbols), symbols[0])
    return time.perf_counter() - start


def main() -> None:
    systems = (Matcalc, Casadi) if casadi is not None else (Matcalc,)
    medians: dict[str, list[float]] = {system.name: [] for system in systems}
    for title, (shapes, written) in CASES.items():
        times: dict[str, list[float]] = {system.name: [] for system in systems}
        for repeat in range(WARM_UP + REPEATS):
            for system in systems:
                took = seconds(system, shapes, written)
                if repeat >= WARM_UP:
                    times[system.name].append(took)
        for name, found in times.items():
            medians[name].append(1e3 * statistics.median(found))
        print(f"  {title:<26}" + "".join(f"{name} {found[-1]:7.3f} ms   " for name, found in medians.items()))
    means = {name: statistics.geometric_mean(found) for name, found in medians.items()}
    print(f"  {'geometric mean':<26}" + "".join(f"{name} {mean:7.3f} ms   " for name, mean in means.items()))
    if "casadi" in means:
        print(f"  matcalc / casadi: {means['matcalc'] / means['casadi']:.2f}")
    else:
        print("  CasADi is not installed: no comparison.")


if __name__ == "__main__":
    main()
