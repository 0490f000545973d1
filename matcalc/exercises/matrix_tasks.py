"""Tasks of the notebooks on three axes, entrywise products, index sums and transposing."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.exercises.asked import Asked
from matcalc.exercises.first_tasks import Headers, headed
from matcalc.exercises.making import converting_task, derive_task, pushing_task, restoring_task, slip_task
from matcalc.exercises.prose import Formula
from matcalc.exercises.scenes import HALF, bent_layer, network
from matcalc.exercises.tasks import Task
from matcalc.language.building import function, let, matrix, norm, trace, vector
from matcalc.language.building import sum as total
from matcalc.printing.latex_text import latex_in_text


def three_axes(headers: Headers) -> Iterator[Task]:
    """Notebook 04."""
    z, C, W = bent_layer()
    yield derive_task(headed(headers, 1, "dz/dW as a matrix"), Asked(z, W, "numerator", by_vec=True))
    yield derive_task(headed(headers, 1, "the same in the other layout"), Asked(z, W, "denominator", by_vec=True))
    yield derive_task(headed(headers, 2, "behind the delta"), Asked(C, W, "numerator"))
    A, X, B = matrix("A", "m", "n"), matrix("X", "n", "k"), matrix("B", "k", "r")
    yield derive_task(headed(headers, 2, "a matrix by a matrix"), Asked(let("Y", A @ X @ B), X, "numerator", by_vec=True))
    v = vector("v", "n")
    s = let("s", X.T @ (A.T @ A @ v))
    yield derive_task(headed(headers, 3, "a matrix that stands there twice"), Asked(s, A, "numerator", by_vec=True))


def entry_by_entry(headers: Headers) -> Iterator[Task]:
    """Notebook 05."""
    W, V, x, v, f = matrix("W", "m", "n"), matrix("V", "m", "n"), vector("x", "n"), vector("v", "m"), function("f")
    yield derive_task(headed(headers, 1, "a weighted vector"), Asked(let("p", v * (W @ x)), x, "numerator"))
    z = let("z", W @ x)
    yield derive_task(headed(headers, 1, "the index that joins three"), Asked(let("C", total(f(z))), W, "denominator"))
    gate = let("g", f(W @ x) * (V @ x))
    yield derive_task(headed(headers, 2, "a gate"), Asked(gate, x, "denominator"))
    M, X = matrix("M", "m", "k"), matrix("X", "n", "k")
    yield derive_task(headed(headers, 2, "weighted entries"), Asked(let("C", total(M * f(W @ X))), X, "numerator"))
    s = let("s", v * z)
    C = let("C", total(f(s)))
    lines = (
        (r"\frac{\partial C}{\partial \mathbf{s}}", r"f'(\mathbf{s})"),
        (r"\frac{\partial C}{\partial \mathbf{z}}", r"\mathbf{v} \frac{\partial C}{\partial \mathbf{s}}"),
        (r"\frac{\partial C}{\partial \mathbf{v}}", r"\mathbf{z} \odot \frac{\partial C}{\partial \mathbf{s}}"),
        (r"\frac{\partial C}{\partial \mathbf{x}}", r"\mathbf{W}^\top \frac{\partial C}{\partial \mathbf{z}}"),
    )
    yield slip_task(headed(headers, 2, "find the slip"), [C], in_latex(lines), "denominator")


def index_sums(headers: Headers) -> Iterator[Task]:
    """Notebook 06."""
    A, B, X = matrix("A", "m", "n"), matrix("B", "k", "m"), matrix("X", "n", "k")
    a, b, S, D, c = vector("a", "n"), vector("b", "k"), matrix("S", "n", "n"), matrix("D", "k", "r"), vector("c", "r")
    yield derive_task(headed(headers, 1, "a bilinear form"), Asked(let("C", a.T @ X @ D @ c), X, "numerator"))
    yield derive_task(headed(headers, 1, "a trace"), Asked(let("C", trace(A @ X @ B)), X, "denominator"))
    yield derive_task(headed(headers, 2, "a trace with the matrix twice"), Asked(let("C", trace(X.T @ S @ X)), X, "numerator"))
    yield restoring_task(headed(headers, 2, "transposes that were lost"), Asked(let("C", HALF * norm(A @ X @ b) ** 2), X, "denominator"))
    Y = matrix("Y", "m", "m")
    yield derive_task(headed(headers, 3, "a squared distance"), Asked(let("C", norm(A @ X @ B - Y) ** 2), X, "denominator"))


def transposing(headers: Headers) -> Iterator[Task]:
    """Notebook 07."""
    A, B, x, y = matrix("A", "m", "n"), matrix("B", "n", "k"), vector("x", "k"), vector("y", "m")
    yield pushing_task(headed(headers, 1, "a product of three"), A @ B @ x)
    C = matrix("C", "m", "k")
    yield pushing_task(headed(headers, 1, "a sum inside"), (A @ B - C).T @ y)
    net = network()
    yield converting_task(headed(headers, 2, "from one layout to the other"), Asked(net.z[2], net.x, "denominator"))
    yield restoring_task(headed(headers, 2, "transposes that were lost"), Asked(net.cost, net.W[1], "denominator"))
    u = vector("u", "n")
    yield pushing_task(headed(headers, 3, "transposes that cancel"), ((B @ C.T).T @ (u @ x.T @ B.T)).T @ (y @ x.T))


def in_latex(lines: tuple[tuple[str, str], ...]) -> list[tuple[Formula, Formula]]:
    """Lines that are given in LaTeX."""
    return [(Formula(left, latex_in_text(left)), Formula(right, latex_in_text(right))) for left, right in lines]

