"""Generated code against JAX's compiled Hessians, against matrix products alone, and against backpropagation written by hand.

Everything is float64 on one processor: XLA takes two threads whatever its flags say, so the process is bound to one. Times are
processor seconds, which other programs on the machine change little. The rivals of a row take turns, and the ratio is that of the
medians; JAX's compilation is left out. Rivals keep their results until their next call, and memory that was freed stays with the
process, so that none pays for pages that another gave back. OpenBLAS and XLA each choose their kernels by the processor: a setting
such as OPENBLAS_CORETYPE=Haswell, which keeps only NumPy from AVX-512, is put aside.
"""

from __future__ import annotations

import os

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # before XLA counts the processors

if "OPENBLAS_CORETYPE" in os.environ:
    del os.environ["OPENBLAS_CORETYPE"]  # before NumPy reads it

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import matcalc as mc

try:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
except ImportError:
    jax = None

SECONDS = 1.0  # for all repeats of a row
MOST, LEAST = 2001, 9
KEPT: dict[str, Any] = {}


def medians(*functions: Callable[[], Any]) -> list[float]:
    """Median processor seconds of each function; they take turns."""
    for _ in range(3):
        for number, function in enumerate(functions):
            KEPT[f"{number}"] = function()
    start = time.process_time()
    for number, function in enumerate(functions):
        KEPT[f"{number}"] = function()
    repeats = int(min(MOST, max(LEAST, SECONDS / (time.process_time() - start))))
    found: list[list[float]] = [[] for _ in functions]
    for _ in range(repeats):
        for number, function in enumerate(functions):
            start = time.process_time()
            KEPT[f"{number}"] = function()
            found[number].append(time.process_time() - start)
    return [statistics.median(each) for each in found]


# ---- Hessians --------------------------------------------------------------------------------------------------------

Case = tuple[str, Any, Callable[..., Any], Callable[[np.random.Generator, int], dict[str, Any]]]


def cases() -> list[Case]:
    """Name, matcalc's Hessian, JAX's function of x and the rest, and data for a size."""
    A, x, B, b = mc.matrix("A", "n", "n"), mc.vector("x", "n"), mc.matrix("B", "m", "n"), mc.vector("b", "m")
    z = B @ x

    def square(rng: np.random.Generator, n: int) -> dict[str, Any]:
        return {"x": rng.normal(size=(n, 1)), "A": rng.normal(size=(n, n))}

    def tall(rng: np.random.Generator, n: int) -> dict[str, Any]:
        m = 5 * n
        B = rng.normal(size=(m, n)) / np.sqrt(n)
        return {"x": rng.normal(size=(n, 1)), "B": B, "b": (rng.random((m, 1)) > 0.5) * 1.0}

    def logistic(x: Any, B: Any, b: Any) -> Any:
        s = B @ x
        return jnp.sum(jax.nn.softplus(s) - b * s)

    def entropy(x: Any, B: Any, b: Any) -> Any:
        s = B @ x
        return -jnp.sum(b * jax.nn.log_sigmoid(s) + (1 - b) * jax.nn.log_sigmoid(-s))

    crossed = -mc.sum(b * mc.log(mc.sigmoid(z)) + (1 - b) * mc.log(1 - mc.sigmoid(z)))
    return [
        ("x^T A x", mc.hessian(x.T @ A @ x, x), lambda x, A: (x.T @ A @ x)[0, 0], square),
        ("x^T A x / 2", mc.hessian(x.T @ A @ x / 2, x), lambda x, A: (x.T @ A @ x)[0, 0] / 2, square),
        ("|Bx - b|^2", mc.hessian(mc.norm(B @ x - b) ** 2, x), lambda x, B, b: jnp.sum((B @ x - b) ** 2), tall),
        ("logistic, softplus", mc.hessian(mc.sum(mc.softplus(z) - b * z), x), logistic, tall),
        ("logistic, entropy", mc.hessian(crossed, x), entropy, tall),
        ("log-sum-exp x", mc.hessian(mc.logsumexp(x), x), lambda x, A: jax.scipy.special.logsumexp(x), square),
        ("log-sum-exp Bx", mc.hessian(mc.logsumexp(z), x), lambda x, B, b: jax.scipy.special.logsumexp(B @ x), tall),
    ]


def hessians() -> None:
    if jax is None:
        print("  JAX is not installed: no Hessians compared")
        return
    print("  Hessians: n; generated code on NumPy arrays, the same compiled on JAX arrays, jax.jit(jax.hessian), in ms;")
    print("  ratios of the first two to the third (wanted: at most 0.5)")
    rng = np.random.default_rng(0)
    for name, hessian, function, drawn in cases():
        program = hessian.to_numpy()
        compiled = jax.jit(jax.hessian(function))
        for n in (100, 300, 1000):
            own, same, other = against_jax(program, compiled, drawn(rng, n), n)
            times = "".join(f"{1e3 * seconds:>10.3f}" for seconds in (own, same, other))
            print(f"    {name:<20}{n:>6}{times}{own / other:>8.2f}{same / other:>8.2f}", flush=True)


def against_jax(program: Any, compiled: Any, data: dict[str, Any], n: int) -> list[float]:
    """Median seconds of a generated Hessian on NumPy arrays and compiled on JAX arrays, and of JAX's own, which must agree."""
    given = {argument.identifier: data[argument.identifier] for argument in program.arguments}
    arrays = [jnp.asarray(value) for value in data.values()]
    same = jax.jit(lambda given: program(**given))
    moved = {name: jnp.asarray(value) for name, value in given.items()}
    wanted = np.asarray(compiled(*arrays)).reshape(n, n)
    for found in (program(**given), same(moved)):
        assert np.allclose(np.asarray(found), wanted, rtol=1e-9, atol=1e-9)
    return medians(
        lambda: program(**given), lambda: same(moved).block_until_ready(), lambda: compiled(*arrays).block_until_ready()
    )


# ---- a full Jacobian -------------------------------------------------------------------------------------------------


def jacobian() -> None:
    net = mc.Network(widths=(784, 512, 8, 512, 784))
    program = mc.derive(net.a[4], net.x, layout="numerator").to_numpy(sizes=net.sizes)
    rng = np.random.default_rng(0)
    W = {k: rng.normal(size=(net.widths[k], net.widths[k - 1])) / np.sqrt(net.widths[k - 1]) for k in net.W}
    given = {"x": rng.normal(size=(784, 1)), **{f"W^({k})": w for k, w in W.items()}}
    given |= {f"b^({k})": rng.normal(size=(net.widths[k], 1)) for k in net.W}

    def products() -> Any:
        """W4 W3 and W2 W1, then the product of the two: 11,339,776 multiplications."""
        return (W[4] @ W[3]) @ (W[2] @ W[1])

    own, alone = medians(lambda: program(**given), products)
    print(f"  Jacobian of 784-512-8-512-784: generated {1e3 * own:.3f} ms, its products alone {1e3 * alone:.3f} ms, "
          f"ratio {own / alone:.3f} (wanted: at most 1.3)", flush=True)  # fmt: skip


# ---- backpropagation -------------------------------------------------------------------------------------------------


def by_hand(X: Any, Y: Any, W: dict[int, Any], b: dict[int, Any], rows: bool) -> dict[str, Any]:
    """Backpropagation as a person writes it in NumPy, in place where that saves a temporary array."""
    A, last = {0: X}, len(W)
    for k in W:
        Z = A[k - 1] @ W[k].T if rows else W[k] @ A[k - 1]
        Z += b[k].T if rows else b[k]
        np.negative(Z, out=Z)
        np.exp(Z, out=Z)
        Z += 1.0
        A[k] = np.divide(1.0, Z, out=Z)
    D = (A[last] - Y) * A[last] * (1.0 - A[last]) / Y.size
    found = {}
    for k in reversed(W):
        found[f"W^({k})"] = D.T @ A[k - 1] if rows else D @ A[k - 1].T
        found[f"b^({k})"] = D.sum(axis=0).reshape(-1, 1) if rows else D.sum(axis=1, keepdims=True)
        if k > 1:
            slope = 1.0 - A[k - 1]
            slope *= A[k - 1]
            D = D @ W[k] if rows else W[k].T @ D
            D *= slope
    return found


def products_alone(X: Any, W: dict[int, Any], rows: bool, A: dict[int, Any], D: dict[int, Any]) -> list[Any]:
    """The matrix products of one pass forward and one back."""
    if rows:
        forward = [A[k - 1] @ W[k].T for k in W]
        return [*forward, *[D[k].T @ A[k - 1] for k in W], *[D[k] @ W[k] for k in W if k > 1]]
    forward = [W[k] @ A[k - 1] for k in W]
    return [*forward, *[D[k] @ A[k - 1].T for k in W], *[W[k].T @ D[k] for k in W if k > 1]]


def backpropagation() -> None:
    print("  Backpropagation 784-512-512-10, batch 128: generated, by hand, products alone in ms; ratios (wanted: 1.05 and 1.10)")
    for batch in ("rows", "columns"):
        own, hand, alone = passes(batch, 128, (784, 512, 512, 10))
        print(f"    {batch:<10}{1e3 * own:>8.3f}{1e3 * hand:>8.3f}{1e3 * alone:>8.3f}   {own / hand:.3f}  {own / alone:.3f}", flush=True)


def passes(batch: str, samples: int, widths: tuple[int, ...]) -> list[float]:
    """Median seconds of all gradients: generated, by hand, and the matrix products alone."""
    net = mc.Network(widths=widths, batch=batch)
    sizes = {**net.sizes, "N": samples}
    program = mc.to_numpy(mc.gradients(net.cost, net.parameters.values(), layout="denominator"), sizes=sizes)
    rng, rows = np.random.default_rng(0), batch == "rows"

    def turned(array: Any) -> Any:
        return array if rows else np.ascontiguousarray(array.T)

    X, Y = turned(rng.normal(size=(samples, widths[0]))), turned(rng.random((samples, widths[-1])))
    W = {k: rng.normal(size=(widths[k], widths[k - 1])) / np.sqrt(widths[k - 1]) for k in net.W}
    b = {k: rng.normal(size=(widths[k], 1)) for k in net.W}
    A = {k: turned(rng.random((samples, widths[k]))) for k in range(len(widths))}
    D = {k: turned(rng.normal(size=(samples, widths[k]))) for k in net.W}
    given = {"X": X, "Y": Y, **{f"W^({k})": w for k, w in W.items()}, **{f"b^({k})": c for k, c in b.items()}}
    found, wanted = program(**given), by_hand(X, Y, W, b, rows)
    assert all(np.allclose(found[name], wanted[name], rtol=1e-9, atol=1e-12) for name in wanted)
    return medians(lambda: program(**given), lambda: by_hand(X, Y, W, b, rows), lambda: products_alone(X, W, rows, A, D))


def main() -> None:
    np.ones(4_000_000).sum()  # freed: from here on malloc maps no array of up to 32 MB by itself and gives nothing back
    hessians()
    jacobian()
    backpropagation()


if __name__ == "__main__":
    main()
