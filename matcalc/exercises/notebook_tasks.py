"""The tasks of the notebooks, easy to hard."""

from __future__ import annotations

from functools import cache
from itertools import count

from matcalc.errors import UnknownNameError, near_names
from matcalc.exercises.batch_tasks import batches, softmax_and_entropy
from matcalc.exercises.first_tasks import every_order, factors_of_a_network, the_rule, what_a_layout_is
from matcalc.exercises.generating import generate
from matcalc.exercises.making import Header
from matcalc.exercises.matrix_tasks import entry_by_entry, index_sums, three_axes, transposing
from matcalc.exercises.slip_tasks import find_the_slips, to_training
from matcalc.exercises.tasks import KINDS, Task

NOTEBOOKS = {
    "00": what_a_layout_is, "01": the_rule, "02": factors_of_a_network, "03": every_order, "04": three_axes, "05": entry_by_entry,
    "06": index_sums, "07": transposing, "08": batches, "09": softmax_and_entropy, "10": find_the_slips, "11": to_training,
}  # fmt: skip


@cache
def _made(number: str) -> tuple[Task, ...]:
    made = (Header(f"{number}.{k}", 1, "") for k in count(1))
    return tuple(NOTEBOOKS[number](made))


def for_notebook(number: str | int) -> tuple[Task, ...]:
    """The tasks of a notebook, easy to hard.

    Args:
        number: of the notebook: ``"03"`` or 3.

    Raises:
        UnknownNameError: there is no such notebook.

    Example:
        >>> from matcalc.exercises import for_notebook
        >>> [each.name for each in for_notebook("07")]
        ['07.1', '07.2', '07.3', '07.4', '07.5']
    """
    name = f"{number:02d}" if isinstance(number, int) and not isinstance(number, bool) else str(number)
    if name not in NOTEBOOKS:
        raise UnknownNameError(f"There are no tasks of a notebook {number!r}. {near_names(name, NOTEBOOKS)}")
    return _made(name)


def task(name: str) -> Task:
    """One task of a notebook, or a generated one by its name.

    Args:
        name: the number of the notebook and of the task, as ``"03.2"``; of a generated task the kind and the seed, as ``"derive 7"``.

    Raises:
        UnknownNameError: there is no such task.

    Example:
        >>> from matcalc.exercises import task
        >>> task("03.1").kind
        'order'
    """
    kind, _, seed = str(name).partition(" ")
    if kind in KINDS and seed.isdecimal():
        return generate(kind, int(seed))
    number = str(name).partition(".")[0]
    known = {each.name: each for each in (for_notebook(number) if number in NOTEBOOKS else ())}
    if str(name) not in known:
        every = list(known) or [f"{notebook}.1" for notebook in NOTEBOOKS]
        raise UnknownNameError(f"There is no task {name!r}. {near_names(str(name), every)}")
    return known[str(name)]
