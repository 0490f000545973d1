"""Tasks of the notebooks on layouts, the rule, the factors of a network and their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from matcalc.exercises.asked import Asked
from matcalc.exercises.making import Header, derive_task, layout_task, order_task, result_of
from matcalc.exercises.scenes import (
    gated_layer, layer, layer_of_two, linear_and_bilinear, network, square_layers, vectors_only,
)  # fmt: skip
from matcalc.exercises.tasks import Task

Headers = Iterator[Header]


def headed(headers: Headers, level: int, title: str) -> Header:
    """The next header, with a level and a title."""
    return replace(next(headers), level=level, title=title)


def what_a_layout_is(headers: Headers) -> Iterator[Task]:
    """Notebook 00."""
    z, C, x, A = vectors_only()
    yield layout_task(headed(headers, 1, "one text, two derivatives"), [result_of(z, x, "numerator"), result_of(C, x, "numerator")])
    yield layout_task(headed(headers, 1, "the same, by someone else"), [result_of(z, x, "denominator"), result_of(C, x, "denominator")])
    y, input_, E, first, middle = linear_and_bilinear()
    yield derive_task(headed(headers, 1, "a vector by a vector"), Asked(y, input_, "denominator"))
    yield derive_task(headed(headers, 1, "a bilinear form, as a row"), Asked(E, first, "numerator"))
    yield derive_task(headed(headers, 2, "the same by its matrix"), Asked(E, middle, "numerator"))
    written = [result_of(C, x, "denominator"), result_of(z, x, "numerator"), result_of(C, A, "denominator")]
    yield layout_task(headed(headers, 2, "what most texts write"), written)


def the_rule(headers: Headers) -> Iterator[Task]:
    """Notebook 01."""
    C, _, x = layer()
    cost, weights, input_ = layer_of_two()
    yield derive_task(headed(headers, 1, "the derivative by the input"), Asked(cost, input_, "denominator"))
    yield order_task(headed(headers, 1, "two factors"), Asked(C, x, "numerator"), ["numerator"] * 2, [1, 0])
    yield derive_task(headed(headers, 2, "the derivative by the weights"), Asked(cost, weights, "denominator"))
    net = network()
    yield order_task(headed(headers, 2, "five factors"), Asked(net.cost, net.x, "denominator"), ["denominator"] * 5, [2, 4, 0, 3, 1])
    yield derive_task(headed(headers, 3, "the first layer, the other way"), Asked(net.cost, net.W[1], "numerator"))


def factors_of_a_network(headers: Headers) -> Iterator[Task]:
    """Notebook 02."""
    net = network()
    a, z, C = gated_layer()
    yield derive_task(headed(headers, 1, "an activation that gates itself"), Asked(a, z, "numerator"))
    yield derive_task(headed(headers, 1, "a cost that weighs its errors"), Asked(C, a, "numerator"))
    yield derive_task(headed(headers, 2, "a whole layer"), Asked(net.a[1], net.x, "denominator"))
    yield derive_task(headed(headers, 2, "from layer to layer"), Asked(net.z[2], net.z[1], "denominator"))
    yield derive_task(headed(headers, 3, "the delta of the first layer"), Asked(net.cost, net.z[1], "numerator"))


def every_order(headers: Headers) -> Iterator[Task]:
    """Notebook 03."""
    net = network()
    yield order_task(headed(headers, 1, "three factors"), Asked(net.cost, net.a[1], "denominator"), ["denominator"] * 3, [1, 2, 0])
    other = ["numerator"] * 4
    yield order_task(headed(headers, 2, "all in the other layout"), Asked(net.cost, net.z[1], "denominator"), other, [1, 3, 0, 2])
    mixed = ["denominator", "numerator", "numerator", "numerator", "numerator"]
    yield order_task(headed(headers, 2, "as most texts give them"), Asked(net.cost, net.x, "denominator"), mixed, [3, 0, 4, 1, 2])
    cost, x = square_layers()
    some = ["numerator", "denominator", "numerator", "denominator", "denominator"]
    yield order_task(headed(headers, 3, "where everything fits"), Asked(cost, x, "numerator"), some, [2, 4, 1, 0, 3])

