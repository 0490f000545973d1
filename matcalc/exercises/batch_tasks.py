"""Tasks of the notebooks on batches, and on softmax with cross-entropy."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.exercises.asked import Asked
from matcalc.exercises.first_tasks import Headers, headed
from matcalc.exercises.making import derive_task, slip_task
from matcalc.exercises.matrix_tasks import in_latex
from matcalc.exercises.scenes import network
from matcalc.exercises.tasks import Task
from matcalc.language.building import let, matrix, softmax, vector
from matcalc.language.building import sum as total
from matcalc.language.elementwise import known_function
from matcalc.language.matrix_operations import logsumexp


def batches(headers: Headers) -> Iterator[Task]:
    """Notebook 08."""
    rows, columns = network(1, "squared_error", "rows"), network(1, "squared_error", "columns")
    yield derive_task(headed(headers, 1, "the delta, samples as rows"), Asked(rows.cost, rows.z[1], "denominator"))
    yield derive_task(headed(headers, 1, "the weights, samples as rows"), Asked(rows.cost, rows.W[1], "denominator"))
    yield derive_task(headed(headers, 2, "the bias, samples as rows"), Asked(rows.cost, rows.b[1], "denominator"))
    yield derive_task(headed(headers, 2, "the weights, samples as columns"), Asked(columns.cost, columns.W[1], "denominator"))
    yield derive_task(headed(headers, 3, "the bias, as a row"), Asked(columns.cost, columns.b[1], "numerator"))
    deep = network(2, "squared_error", "rows")
    yield derive_task(headed(headers, 3, "the first layer"), Asked(deep.cost, deep.W[1], "denominator"))


def softmax_and_entropy(headers: Headers) -> Iterator[Task]:
    """Notebook 09."""
    W, x, y, z, v = matrix("W", "m", "n"), vector("x", "n"), vector("y", "m"), vector("z", "m"), vector("v", "m")
    p, log = let("p", softmax(z)), known_function("log")
    yield derive_task(headed(headers, 1, "the logarithm of softmax"), Asked(let("q", log(p)), z, "denominator"))
    yield derive_task(headed(headers, 1, "log-sum-exp"), Asked(let("C", logsumexp(W @ x)), x, "numerator"))
    yield derive_task(headed(headers, 2, "weighted classes, any y"), Asked(let("C", -total(v * y * log(p))), z, "denominator"))
    logits = let("z", W @ x)
    yield derive_task(headed(headers, 2, "the weights"), Asked(let("C", logsumexp(logits) - y.T @ logits), W, "numerator"))
    q = let("p", softmax(logits))
    C = let("C", -total(y * log(q)))
    lines = (
        (r"\frac{\partial C}{\partial \mathbf{p}}", r"-\mathbf{y} \oslash \mathbf{p}"),
        (r"\frac{\partial \mathbf{p}}{\partial \mathbf{z}}", r"\operatorname{diag}(\mathbf{p}) + \mathbf{p} \mathbf{p}^\top"),
        (r"\frac{\partial C}{\partial \mathbf{x}}", r"\mathbf{W}^\top \frac{\partial C}{\partial \mathbf{z}}"),
        (r"\frac{\partial C}{\partial \mathbf{W}}", r"\frac{\partial C}{\partial \mathbf{z}} \mathbf{x}^\top"),
    )
    yield slip_task(headed(headers, 3, "find the slip"), [C], in_latex(lines), "denominator")
