"""The derivatives of a deep network's cost by all parameters, in s, against the time that JAX takes to trace jax.grad.

Each repeat has other widths, so that nothing can be looked up.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from itertools import pairwise

import matcalc as mc

try:
    import jax
    import jax.numpy as jnp
except ImportError:
    jax = None

DEPTHS = (64, 256, 1024)
COMPARED = 64
REPEATS = 5


def widths(layers: int, repeat: int) -> tuple[int, ...]:
    return tuple(8 + (k + repeat) % 3 for k in range(layers + 1))


def derived(layers: int, repeat: int) -> float:
    """The time to write the network and derive by all weights and biases."""
    start = time.perf_counter()
    net = mc.Network(widths=widths(layers, repeat), activation="sigmoid", loss="half_mse")
    mc.gradients(net.cost, list(net.parameters.values()), layout="denominator")
    return time.perf_counter() - start


def traced(layers: int, repeat: int) -> float:
    """The time to trace jax.grad of the same cost, without compiling it."""
    sizes = widths(layers, repeat)
    shapes = [(jax.ShapeDtypeStruct((m, n), "float32"), jax.ShapeDtypeStruct((m,), "float32")) for n, m in pairwise(sizes)]
    x, y = (jax.ShapeDtypeStruct((size,), "float32") for size in (sizes[0], sizes[-1]))

    def cost(parameters, x, y):
        a = x
        for W, b in parameters:
            a = 1 / (1 + jnp.exp(-(W @ a + b)))
        return jnp.mean((a - y) ** 2 / 2)

    start = time.perf_counter()
    jax.make_jaxpr(jax.grad(cost))(shapes, x, y)
    return time.perf_counter() - start


def median(measured: Callable[[int, int], float], layers: int, *, repeats: int = REPEATS) -> float:
    """The median of several repeats, after one that does not count."""
    times = []
    for repeat in range(repeats + 1):
        gc.collect()
        times.append(measured(layers, repeat))
    return statistics.median(times[1:])


def main() -> None:
    found = {}
    for layers in DEPTHS:
        found[layers] = median(derived, layers, repeats=REPEATS if layers < 1000 else 3)
        print(f"  matcalc, {layers:5} layers  {found[layers]:7.3f} s")
    for shallow, deep in pairwise(DEPTHS):
        print(f"  {deep} layers take {found[deep] / found[shallow]:.1f} times the time of {shallow}")
    if jax is None:
        print("  JAX is not installed: no comparison.")
        return
    trace = median(traced, COMPARED)
    print(f"  jax trace, {COMPARED:3} layers  {trace:7.3f} s")
    print(f"  matcalc / jax: {found[COMPARED] / trace:.2f}")


if __name__ == "__main__":
    main()
