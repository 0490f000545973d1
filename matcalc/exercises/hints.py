"""Hints, from general to special. They tell of shapes, of the chain and of what a string needs, and never write a part of the answer."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.errors import SeveralPathsError
from matcalc.exercises.asked import Asked
from matcalc.exercises.feedback import SENTENCES
from matcalc.exercises.layout_judge import LayoutJudge
from matcalc.exercises.prose import Formula, Part, Prose, formula_of, prose, sizes
from matcalc.exercises.slip_judge import SlipJudge
from matcalc.language.expressions import Expr
from matcalc.language.sizes import ndim, rows_and_columns
from matcalc.layout.factors import Factor
from matcalc.layout.index_network import Need

_NEEDS = {
    Need.DIAGONAL: "an entrywise product or diag, since an index joins more than two factors",
    Need.OUTER: "an outer product, column times row",
    Need.HADAMARD: "an entrywise product",
    Need.TRACE: "a trace, for a loop that is closed",
    Need.SCALAR: "a number of its own beside the product, for a part without a free index",
}


def hints_on(asked: Asked) -> tuple[Prose, ...]:
    """Hints on a derivative: its shape, its chain, what it needs besides products."""
    if asked.by_vec:
        last = prose(
            "In numerator layout what is multiplied from the right of the variable stands on the left of ⊗, transposed, and what is "
            "multiplied from the left on its right; denominator layout takes the transpose of all of it. Where the variable stands "
            "transposed, a commutation matrix comes in, or the two sides change places."
        )
        return (on_shape(asked), on_vec(asked), last)
    return (on_shape(asked), on_chain(asked), on_needs(asked))


def hints_on_pushing(given: Expr) -> tuple[Prose, ...]:
    """Hints on an expression whose transpose is to be written."""
    rows, columns = rows_and_columns(given.shape)
    return (
        prose("The expression is ", sizes(rows, columns), ", so its transpose is ", sizes(columns, rows), "."),
        prose("A transpose turns the order of a product round and goes to each factor; of a sum it goes to each term."),
        prose("Two transposes of one factor cancel. Check the neighbours afterwards: columns of the left, rows of the right."),
    )


def hints_on_converting(asked: Asked) -> tuple[Prose, ...]:
    """Hints on a derivative that is given in the other layout."""
    return (
        on_shape(asked),
        prose("One layout is the transpose of the other: of all of it, not of each factor where it stands."),
        prose("Turn the order of each product round and transpose each factor; a transpose that is there already goes away."),
    )


def hints_on_restoring(asked: Asked) -> tuple[Prose, ...]:
    """Hints on transposes that were left out."""
    return (
        on_shape(asked),
        prose("Go from left to right: the columns of what stands on the left have to be the rows of its neighbour."),
        prose("Where both ways fit, ask which index is summed: a matrix is transposed where it is walked from its columns to its rows."),
    )


def hints_on_order(asked: Asked) -> tuple[Prose, ...]:
    """Hints on the order of the factors of a chain."""
    left_end = asked.of if asked.layout == "numerator" else asked.wrt
    last = prose(
        f"In {asked.layout} layout the left end of the product belongs to ", formula_of(left_end),
        "; bring each factor into that layout before you order them.",
    )  # fmt: skip
    return (on_shape(asked), on_chain(asked), last)


def hints_on_layout(judge: LayoutJudge, derived: Sequence[Expr]) -> tuple[Prose, ...]:
    """Hints on the layout of a text: which of its lines tell something.

    Args:
        derived: what is derived in each line.
    """
    deciding, count = len(judge.detected.deciding), len(derived)
    depend = f"{deciding} of the {count} lines {'depends' if deciding == 1 else 'depend'} on the layout."
    if deciding < count:
        depend += " The others hold in both: a diagonal matrix, for instance, is its own transpose."
    if all(not each.shape for each in derived):
        last = "All lines derive a scalar: has the right side the shape of the variable, or that of its transpose?"
    elif all(each.shape for each in derived):
        last = "No line derives a scalar: do the rows of the right side belong to what is derived, or to the variable?"
    else:
        last = "Some lines derive a scalar, some a vector. Find the layout of each sort by itself, then ask whether it is one layout."
    return (prose("Write the shape of each right side, and ask whether its rows belong to what is derived or to the variable."),
            prose(depend), prose(last))  # fmt: skip


def hints_on_slip(judge: SlipJudge) -> tuple[Prose, ...]:
    """Hints on a slip: whether shapes tell it, in which half it stands, and of which kind it is."""
    slip, count = judge.slip, len(judge.lines)
    number, half = judge.report.links.index(slip) + 1, (count + 1) // 2
    shapes = "agree, and its value is wrong" if judge.shapes_agree else "do not fit for all sizes"
    first, last = (1, half) if number <= half else (half + 1, count)
    where = f"It stands in the lines {first} to {last}. " if first < last else ""
    kinds = [kind for repair in slip.repairs for kind in repair.kinds]
    found = [prose(f"Write the shape of both sides of each line first. In the line of the slip they {shapes}."),
             prose(f"{where}Ask of each factor which definition it comes from, whether it is the derivative of that step, and "
                   "whether it is transposed where the layout wants it.")]  # fmt: skip
    return (*found, prose(f"Of the line of the slip this is to be said: {SENTENCES[kinds[0]]}")) if kinds else tuple(found)


def on_shape(asked: Asked) -> Prose:
    """Which shape the answer has, and why."""
    rows, columns = rows_and_columns(asked.shape)  # type: ignore[arg-type]
    if asked.by_vec:
        where = "output" if asked.layout == "numerator" else "input"
        return prose(f"Rows belong to the {where}: the answer is ", sizes(rows, columns), ".")
    if not asked.of.shape:
        rule = "turned round, columns by rows" if asked.layout == "numerator" else "as it is"
        said = f"In {asked.layout} layout the derivative of a scalar has the shape of the variable, {rule}: "
        return prose(said, sizes(rows, columns), ".")
    ends = ("output", "variable") if asked.layout == "numerator" else ("variable", "output")
    return prose(f"In {asked.layout} layout rows belong to the {ends[0]}, columns to the {ends[1]}: ", sizes(rows, columns), ".")


def on_chain(asked: Asked) -> Prose:
    """The quantities that the chain runs through."""
    try:
        factors = asked.derivation.factors
    except SeveralPathsError:
        count = len(asked.derivation.paths)
        return prose(f"{count} paths lead to the variable. Derive along each one by itself, and add them up.")
    if len(factors) < 2:
        return prose(
            "Change ", formula_of(asked.wrt), " by a little and write how ", formula_of(asked.of),
            " changes, to first order, everywhere where it stands; then bring each term into the form of the layout.",
        )  # fmt: skip
    return prose("The chain runs ", _arrows(factors), f": {len(factors)} factors. Find each with its shape, then put them side by side.")


def _arrows(factors: tuple[Factor, ...]) -> Formula:
    stops: list[Expr] = [factors[0].of, *(factor.by for factor in factors)]
    return Formula(r" \to ".join(stop.latex() for stop in stops), " → ".join(map(repr, stops)))


def on_needs(asked: Asked) -> Prose:
    """What the result needs besides products and transposes."""
    found = asked.derivation.certificate
    needed = [_NEEDS[need] for need in found.needs if need in _NEEDS]
    count = len(found.terms)
    said: list[Part] = [f"In components the answer has {count} {'term' if count == 1 else 'terms'}."]
    if needed:
        said.append(f" Besides products it takes {'; '.join(needed)}.")
    else:
        said.append(" Products and transposes are enough.")
    return prose(*said)


def on_vec(asked: Asked) -> Prose:
    """How many entries the variable has."""
    of, wrt = asked.of, asked.wrt
    what = "a matrix" if ndim(of.shape) == 2 else "a column"
    return prose(
        "Read ", formula_of(of), f", {what}, as a column of all its entries, column after column, and ", formula_of(wrt),
        " as well: the map between the two is linear in a small change.",
    )  # fmt: skip
