"""Random texts: lines in one layout or in several, and derivations with a slip."""

from __future__ import annotations

import random
from collections.abc import Sequence

from matcalc.derivation import derive
from matcalc.exercises.drawing_derivatives import LAYOUTS, drawn_names
from matcalc.exercises.making import Header, Written, layout_task, result_of, slip_task
from matcalc.exercises.planted_slips import planted
from matcalc.exercises.prose import Formula, formula_of
from matcalc.exercises.tasks import Task
from matcalc.exercises.vector_chains import Chain
from matcalc.language.building import function, let
from matcalc.language.expressions import Expr, Let, MapDerivative, Symbol
from matcalc.language.sizes import ndim
from matcalc.language.traversal import postorder, replaced

MOST_CHARACTERS = 90
FEWEST_LINES, MOST_LINES = 3, 7


# ---- layouts ---------------------------------------------------------------------------------------------------------


def drawn_layout(rng: random.Random, header: Header) -> Task | None:
    """Lines on one chain, written in a layout, mixed, or in layouts that contradict each other."""
    made, cost = drawn_names(rng, rng.randint(1, 1 + header.level), header.level == 3)
    wanted = rng.choice((*LAYOUTS, "mixed", "contradictory"))
    pairs = _pairs(made, cost)
    if len(pairs) < 1 + header.level:
        return None
    lines = []
    for of, wrt in rng.sample(pairs, 1 + header.level):
        layout = {"mixed": "numerator" if of.shape else "denominator"}.get(wanted, wanted)
        lines.append(result_of(of, wrt, rng.choice(LAYOUTS) if wanted == "contradictory" else layout))
    if any(len(line.right.text) > MOST_CHARACTERS for line in lines) or not any(line.of.shape for line in lines):
        return None
    return layout_task(header, lines)


def _pairs(made: Chain, cost: Let) -> list[tuple[Expr, Expr]]:
    """The derivatives that a text on a chain may write: of the cost by anything, of a vector by the one before and what it uses."""
    columns = [each for each in made.weights if ndim(each.shape) <= 1]
    found: list[tuple[Expr, Expr]] = [(cost, each) for each in (made.input, *made.names, *made.weights)]
    for k, name in enumerate(made.names):
        used = set(postorder([name.definition]))
        found += [(name, each) for each in (made.names[k - 1] if k else made.input, *columns) if each in used]
    return found


# ---- slips -----------------------------------------------------------------------------------------------------------


def drawn_slip(rng: random.Random, header: Header) -> Task | None:
    """A derivation along a chain, of which one line is changed."""
    made, cost = drawn_names(rng, rng.randint(header.level, header.level + 1), header.level == 3)
    layout = rng.choice(LAYOUTS)
    lines = _expanding(made, cost, layout) if header.level > 1 and rng.random() < 0.4 else _recursive(rng, made, cost, layout)
    if not FEWEST_LINES <= len(lines) <= MOST_LINES or any(len(right.text) > MOST_CHARACTERS for _, right in lines):
        return None
    with_slip = planted(rng, lines)
    return None if with_slip is None else slip_task(header, [cost], with_slip, layout)


def _recursive(rng: random.Random, made: Chain, cost: Let, layout: str) -> list[tuple[Formula, Formula]]:
    """The derivative by each quantity, written with the one of the quantity behind it."""
    found: list[Written] = [result_of(cost, made.names[-1], layout)]
    for k in range(len(made.names) - 1, -1, -1):
        name = made.names[k]
        used = set(postorder([name.definition]))
        before = made.names[k - 1] if k else made.input
        wanted: Sequence[Symbol | Let] = [before, *(each for each in made.weights if each in used)]
        for wrt in wanted:
            found.append(Written(cost, wrt, layout, formula_of(_step(cost, name, wrt, layout))))
    while len(found) > MOST_LINES:
        found.pop(rng.randrange(1, len(found)))
    return [(line.left, line.right) for line in found]


def _step(cost: Let, through: Let, wrt: Symbol | Let, layout: str) -> Expr:
    """The derivative of the cost by what a quantity is made of, with the derivative of the cost by the quantity left written."""
    of_through = function(cost.name, of=(through,), shape=())
    assert isinstance(of_through, Expr)
    return derive(let(cost.name, of_through), wrt, layout=layout).result


def _expanding(made: Chain, cost: Let, layout: str) -> list[tuple[Formula, Formula]]:
    """The derivative by the input: one link of the chain is put in after the other."""
    stops: list[Symbol | Let] = [made.input, *made.names]
    whole = _step(cost, made.names[0], made.input, layout)
    found = [whole]
    for before, through in zip(stops[1:], [*made.names[1:], None], strict=True):
        assert isinstance(before, Let)
        inner = derive(cost, before, layout=layout).result if through is None else _step(cost, through, before, layout)
        links = [node for node in postorder([found[-1]]) if isinstance(node, MapDerivative) and node.arguments == (before,)]
        put: dict[Expr, Expr] = {link: inner if link.shape == inner.shape else inner.T for link in links}
        found.append(replaced(found[-1], put))
    left = result_of(cost, made.input, layout).left
    return [(left if k == 0 else Formula("", ""), formula_of(each)) for k, each in enumerate(found)]
