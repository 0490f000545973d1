"""What the figure `order_landscape` lists of a report: the values of the arrangements that fit, and examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import final

from matcalc.layout.arrangements import Arrangement
from matcalc.layout.order_report import OrdersReport, OrderVerdict
from matcalc.layout.word_values import Value

MOST_SORTED = 3_000  # arrangements that are gone through to sort them by their values


@final
@dataclass(frozen=True, slots=True)
class ValueClass:
    """The arrangements that fit and have one value; the first class is that of the right ones."""

    arrangements: tuple[Arrangement, ...]
    right: bool


def value_classes(report: OrdersReport) -> tuple[ValueClass, ...]:
    """The arrangements that fit, by their values; none where they are too many, or where factors depend on each other.

    Of factors that depend on each other, such as B and its inverse, the report counts more values as equal than the products show.
    """
    if report.shape_consistent > MOST_SORTED:
        return ()
    found: dict[Value, list[Arrangement]] = {report.ordering.true_value: []}
    for arrangement in _fitting(report):
        found.setdefault(report.ordering.value(report.ordering.word(arrangement)), []).append(arrangement)
    classes = tuple(ValueClass(tuple(each), number == 0) for number, each in enumerate(found.values()))
    counted = (len(classes), len(classes[0].arrangements), sum(len(each.arrangements) for each in classes))
    return classes if counted == (report.distinct_values, report.right, report.shape_consistent) else ()


def _fitting(report: OrdersReport) -> Iterator[Arrangement]:
    yield from report.ordering.right_arrangements()
    yield from report.ordering.wrong_arrangements()


def first_ones(report: OrdersReport, most: int) -> tuple[ValueClass, ...]:
    """The first right and the first wrong arrangements, where they are too many to sort; of dependent factors the true one only."""
    counts = report.ordering.counts
    if (counts.right, counts.shape_consistent) != (report.right, report.shape_consistent):
        return (ValueClass((next(report.ordering.right_arrangements()),), True),)
    right = tuple(islice(report.ordering.right_arrangements(), max(1, most // 4)))
    wrong = tuple(islice(report.ordering.wrong_arrangements(), max(0, most // 2 - len(right))))
    return (ValueClass(right, True), *(ValueClass((each,), False) for each in wrong))


def misfit_example(report: OrdersReport) -> Arrangement | None:
    """An arrangement that does not fit: the true factors from the other end, or with two exchanged, or with one transposed."""
    true = tuple((factor, False) for factor in range(len(report.names)))
    for tried in (true[::-1], *_exchanged(true), *_transposed(true)):
        if report.judged(tried).verdict is OrderVerdict.DOES_NOT_FIT:
            return tried
    return None


def _exchanged(true: Arrangement) -> Iterator[Arrangement]:
    for k in range(len(true) - 1):
        yield (*true[:k], true[k + 1], true[k], *true[k + 2 :])


def _transposed(true: Arrangement) -> Iterator[Arrangement]:
    for k, (factor, _) in enumerate(true):
        yield (*true[:k], (factor, True), *true[k + 1 :])
