"""Tasks of the notebooks on checking a derivation, and on the way from a derivation to training."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.exercises.asked import Asked
from matcalc.exercises.first_tasks import Headers, headed
from matcalc.exercises.making import derive_task, order_task, slip_task
from matcalc.exercises.matrix_tasks import in_latex
from matcalc.exercises.scenes import layer, network
from matcalc.exercises.tasks import Task


def d(of: str, by: str) -> str:
    """A derivative in LaTeX, of quantities with a layer."""
    return rf"\frac{{\partial {_name(of)}}}{{\partial {_name(by)}}}"


def _name(name: str) -> str:
    if len(name) == 1:
        return name if name == "C" else rf"\mathbf{{{name}}}"
    return rf"\mathbf{{{name[0]}}}^{{({name[1:]})}}"


W2T = r"\mathbf{W}^{(2)\top}"
ERROR = r"(\mathbf{a}^{(2)} - \mathbf{y})"


def find_the_slips(headers: Headers) -> Iterator[Task]:
    """Notebook 10."""
    C, *_ = layer()
    lines = (
        (d("C", "z"), r"\mathbf{z} - \mathbf{y}"), (d("C", "x"), rf"\mathbf{{W}} {d('C', 'z')}"),
        (d("C", "W"), rf"{d('C', 'z')} \mathbf{{x}}^\top"), (d("C", "b"), d("C", "z")),
    )  # fmt: skip
    yield slip_task(headed(headers, 1, "one layer"), [C], in_latex(lines), "denominator")
    net = network(loss="squared_error")
    yield slip_task(headed(headers, 2, "two layers"), [net.cost], in_latex(_two_layers()), "denominator")
    yield slip_task(headed(headers, 2, "two layers, as rows"), [net.cost], in_latex(_as_rows()), "numerator")
    expanded = (
        (d("C", "z1"), rf"f'(\mathbf{{z}}^{{(1)}}) \odot {d('C', 'a1')}"), ("", rf"f'(\mathbf{{z}}^{{(1)}}) \odot ({W2T} {d('C', 'z2')})"),
        ("", rf"f'(\mathbf{{z}}^{{(1)}}) \odot ({W2T} (f(\mathbf{{z}}^{{(2)}}) \odot {d('C', 'a2')}))"),
        ("", rf"f'(\mathbf{{z}}^{{(1)}}) \odot ({W2T} (f(\mathbf{{z}}^{{(2)}}) \odot {ERROR}))"),
    )  # fmt: skip
    yield slip_task(headed(headers, 3, "one equation, step by step"), [net.cost], in_latex(expanded), "denominator")


def _two_layers() -> tuple[tuple[str, str], ...]:
    return (
        (d("C", "a2"), r"\mathbf{a}^{(2)} - \mathbf{y}"), (d("C", "z2"), rf"f(\mathbf{{z}}^{{(2)}}) \odot {d('C', 'a2')}"),
        (d("C", "a1"), rf"{W2T} {d('C', 'z2')}"), (d("C", "z1"), rf"f'(\mathbf{{z}}^{{(1)}}) \odot {d('C', 'a1')}"),
        (d("C", "W2"), rf"{d('C', 'z2')} \mathbf{{a}}^{{(1)\top}}"), (d("C", "W1"), rf"{d('C', 'z1')} \mathbf{{x}}^\top"),
    )  # fmt: skip


def _as_rows() -> tuple[tuple[str, str], ...]:
    return (
        (d("C", "a2"), rf"{ERROR}^\top"), (d("C", "z2"), rf"{d('C', 'a2')} \operatorname{{diag}}(f'(\mathbf{{z}}^{{(2)}}))"),
        (d("C", "a1"), rf"{d('C', 'z2')} \mathbf{{W}}^{{(2)}}"),
        (d("C", "z1"), rf"{d('C', 'a1')} \operatorname{{diag}}(f'(\mathbf{{z}}^{{(1)}}))"),
        (d("C", "W2"), rf"\mathbf{{a}}^{{(2)}} {d('C', 'z2')}"), (d("C", "W1"), rf"\mathbf{{x}} {d('C', 'z1')}"),
    )  # fmt: skip


def to_training(headers: Headers) -> Iterator[Task]:
    """Notebook 11."""
    net, batch = network(3, "squared_error"), network(2, "squared_error", "rows")
    yield derive_task(headed(headers, 1, "the last layer"), Asked(net.cost, net.W[3], "denominator"))
    yield derive_task(headed(headers, 2, "the bias of the layer before"), Asked(net.cost, net.b[2], "denominator"))
    by_first = Asked(net.cost, net.z[1], "denominator")
    yield order_task(headed(headers, 2, "what backpropagation multiplies"), by_first, ["numerator"] * 6, [1, 3, 0, 5, 4, 2])
    yield derive_task(headed(headers, 3, "the gradient that trains"), Asked(batch.cost, batch.W[2], "denominator"))
    yield derive_task(headed(headers, 3, "and its bias"), Asked(batch.cost, batch.b[1], "denominator"))
