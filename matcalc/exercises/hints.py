"""Hints, from general to special. They tell of shapes, of the chain and of what a string needs, and never write a part of the answer."""

from __future__ import annotations

from matcalc.errors import SeveralPathsError
from matcalc.exercises.asked import Asked
from matcalc.exercises.prose import Formula, Part, Prose, formula_of, prose, sizes
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
        last = prose("Stack the columns: the right factor of a product goes to the left of ⊗, transposed.")
        return (on_shape(asked), on_vec(asked), last)
    return (on_shape(asked), on_chain(asked), on_needs(asked))


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
