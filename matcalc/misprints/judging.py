"""The machine's verdict on a published formula: it is read, derived anew and compared, at general sizes and where sizes coincide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, final

from matcalc.carrying_out import carried_out
from matcalc.derivation import Derivation, derive
from matcalc.equality import prove_equal
from matcalc.errors import MatcalcError, NoMatrixFormError, ReadError, ShapeError, UnknownNameError
from matcalc.index.index_form import IndexForm
from matcalc.language.building import let, vector
from matcalc.language.expressions import Expr
from matcalc.language.matrix_operations import entry, indexed_sum
from matcalc.language.model import Model
from matcalc.language.operators import METHODS
from matcalc.language.sizes import Shape, rows_and_columns
from matcalc.language.unrolling import free_indices
from matcalc.layout.conventions import Layout
from matcalc.misprints.entries import INDEX, Entry, derivative_latex

ORDER = ("unreadable", "unknown-symbol", "index-mismatch", "holds", "other-layout", "ill-shaped", "wrong-value", "undecided")
READINGS = ("stand-in", "jacobian")
MOST_SIZES = 5  # whose coincidences are tried: 52 ways
_DO_NOT_CONFORM = re.compile(r" is \(([^()]*)\), .* is \(([^()]*)\); (.* differ\.)$")


@final
@dataclass(frozen=True, slots=True)
class Judgement:
    """What is found of a claim.

    Attributes:
        verdict: one of `ORDER`.
        found: a sentence or two that say how.
    """

    verdict: str
    found: str


@final
@dataclass(frozen=True, slots=True)
class Names:
    """What the names of an entry stand for: quantities, and functions beside them."""

    quantities: Mapping[str, Expr]
    functions: Mapping[str, Any]

    def read(self, latex: str, layout: str, reading: str | None = None) -> Expr:
        """The expression that a text writes with these names."""
        made: Expr = METHODS["parse"](latex, names=self.quantities, functions=self.functions, layout=layout, reading=reading)
        return made

    def derived(self, of: str, wrt: str, layout: str) -> Derivation:
        """The derivative of one text by another."""
        return derive(of, wrt, layout=layout, names=self.quantities, functions=self.functions)


def names_of(given: Entry) -> Names:
    """The names of an entry, those of its ``let`` included."""
    model = Model(**given.declarations)
    names = Names(dict(model), dict(model.functions))
    for each in given.let:
        layout = each.get("layout", given.layout)
        defined = let(each["name"], names.derived(each["of"], each["wrt"], layout).result)
        names = Names({**names.quantities, each["name"]: defined}, names.functions)
    return names


def judged(given: Entry) -> Judgement:
    """The verdict on an entry, in the order of `ORDER`, at general sizes."""
    names = names_of(given)
    if given.layout == INDEX:
        return _index_formula(given, names)
    if given.factor is None:
        return _formula(given, names, given.claim, None)
    of, wrt = given.factor["of"], given.factor["wrt"]
    factor = names.derived(of, wrt, given.layout).factors[0]
    stand_in = given.claim.replace(derivative_latex(of, wrt), f"({factor.stand_in(given.layout).latex()})")
    found = [_formula(given, names, text, reading) for text, reading in zip((stand_in, given.claim), READINGS, strict=True)]
    best = min(found, key=lambda each: ORDER.index(each.verdict))
    told = " ".join(f"As {name}: {each.found}" for name, each in zip(("stand-in", "Jacobian"), found, strict=True))
    return Judgement(best.verdict, told)


def right_form(given: Entry, layout: str | None = None) -> Expr | IndexForm:
    """What is right in place of the claim, in its own layout or the other; of an index formula the sum over indices."""
    names = names_of(given)
    if given.layout == INDEX and layout is None:
        return names.derived(given.of, given.wrt, "denominator").index_form
    return names.derived(given.of, given.wrt, layout or given.layout).result


def plain(given: Entry, latex: str) -> str:
    """A side of an entry as plain text, written derivatives as they are; where it has no meaning, the LaTeX."""
    try:
        return repr(names_of(given).read(latex, "denominator" if given.layout == INDEX else given.layout))
    except MatcalcError:
        return latex


def definitions(given: Entry) -> tuple[str, ...]:
    """What the named quantities of an entry are, as plain text."""
    of_model = [f"{node.name} = {node.definition!r}" for node in Model(**given.declarations).definitions.values()]
    return (*of_model, *(f"{plain(given, each['name'])} = {_named_derivative(given, each)}" for each in given.let))


def _named_derivative(given: Entry, each: Mapping[str, str]) -> str:
    layout = each.get("layout", given.layout)
    told = "" if layout == given.layout else f" in {layout} layout"
    return f"{plain(given, derivative_latex(each['of'], each['wrt']))}{told}"


# ---- formulas of matrices --------------------------------------------------------------------------------------------


def _formula(given: Entry, names: Names, text: str, reading: str | None) -> Judgement:
    """A claim in a layout; by vec where a factor of three axes is read as a Jacobian."""
    jacobian = reading == "jacobian"
    layout = Layout(given.layout)
    right = _truth(names.derived(given.of, given.wrt, layout.value), jacobian)
    claim = _read(names, text, layout.value, reading)
    if isinstance(claim, Judgement) and claim.verdict != "ill-shaped":
        return claim
    proof = _proof(claim, right)
    if proof is not None and proof.verdict == "equal":
        return Judgement("holds", f"It holds in {layout.value} layout ({proof.method}).")
    turned = _truth(names.derived(given.of, given.wrt, layout.other.value), jacobian)
    if any(_equal(each, turned) for each in (claim, _read(names, text, layout.other.value, reading))):
        return Judgement("other-layout", f"It is right in {layout.other.value} layout.")
    if isinstance(claim, Judgement):
        return claim
    if claim.shape != right.shape:
        return Judgement("ill-shaped", f"The claim is {_in_words(claim.shape)}, the derivative {_in_words(right.shape)}.")
    assert proof is not None
    verdict = "wrong-value" if proof.verdict == "different" else "undecided"
    return Judgement(verdict, _sentence(proof.reason))


def _truth(derivation: Derivation, jacobian: bool) -> Expr:
    return derivation.vec_form if jacobian else derivation.result


def _read(names: Names, text: str, layout: str, reading: str | None = None) -> Expr | Judgement:
    """The claim as an expression, or why it is none."""
    try:
        return carried_out(names.read(text, layout, reading if reading == "jacobian" else None))
    except UnknownNameError as error:
        return Judgement("unknown-symbol", _claim_of(error))
    except (ShapeError, NoMatrixFormError) as error:
        return Judgement("ill-shaped", _claim_of(error))
    except ReadError as error:
        return Judgement("unreadable", _claim_of(error))


def _claim_of(error: MatcalcError) -> str:
    """The first line of a message, the claim that failed; of two shapes that do not conform only these."""
    said = str(error).splitlines()[0]
    found = _DO_NOT_CONFORM.search(said)
    return f"{_rows_by_columns(found[1])} meets {_rows_by_columns(found[2])}: {found[3]}" if found else said


def _rows_by_columns(shape: str) -> str:
    return " x ".join([size for size in shape.replace(" ", "").split(",") if size] + ["1"] * shape.endswith(","))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _proof(claim: Expr | Judgement, right: Expr) -> Any:
    """What `prove_equal` says, or None where there is no claim to compare."""
    return prove_equal(right, claim) if isinstance(claim, Expr) else None


def _equal(claim: Expr | Judgement, right: Expr) -> bool:
    proof = _proof(claim, right)
    return proof is not None and proof.verdict == "equal"


def _in_words(shape: Shape) -> str:
    return " x ".join(map(str, rows_and_columns(shape))) if shape else "a scalar"


# ---- formulas of entries ---------------------------------------------------------------------------------------------


def _index_formula(given: Entry, names: Names) -> Judgement:
    """A claim of one entry: its letters first, then their sizes, then its value."""
    claim = _read(names, given.claim, "denominator")
    if isinstance(claim, Judgement):
        return claim
    letters = tuple(index.name for index in free_indices([claim]))
    if set(letters) != set(given.entry):
        there, here = (" and ".join(sorted(each)) or "none" for each in (letters, given.entry))
        return Judgement("index-mismatch", f"The claim leaves {there} free, the left side {here}.")
    both = _read(names, f"{given.left} - ({given.claim})", "denominator")
    if isinstance(both, Judgement):
        return both
    matrix = names.derived(given.of, given.wrt, "denominator").result
    at = {index.name: index for index in free_indices([claim])}
    sides = entry(matrix, *(at[letter] for letter in given.entry)), claim
    proof = prove_equal(*(_against_any(side, at.values()) for side in sides))
    if proof.verdict == "equal":
        return Judgement("holds", f"It holds ({proof.method}).")
    return Judgement("wrong-value" if proof.verdict == "different" else "undecided", _sentence(proof.reason))


def _against_any(side: Expr, indices: Iterable[Any]) -> Expr:
    """The side, multiplied by any vectors over its free indices and summed: equal for all of them just where the entries are."""
    return reduce(lambda body, index: indexed_sum(index, entry(vector(f"v_{index.name}", index.size), index) * body), indices, side)


# ---- where it would hold ---------------------------------------------------------------------------------------------


def conditions(given: Entry) -> Iterator[str]:
    """The sizes that have to coincide, or the matrix that has to be symmetric, for the claim to hold after all."""
    if given.layout == INDEX and r"\partial" in given.claim:
        return  # derivatives of entries by entries are compared in floats, and that proves nothing
    sizes = given.sizes
    enough: list[tuple[frozenset[str], ...]] = []
    for groups in _ways_to_coincide(sizes) if len(sizes) <= MOST_SIZES else ():
        if any(all(any(small <= large for large in groups) for small in already) for already in enough):
            continue
        if _holds(given.with_equal(sorted(group, key=sizes.index) for group in groups)):
            enough.append(groups)
            yield " and ".join(" = ".join(sorted(group, key=sizes.index)) for group in groups)
    assumed = " ".join(given.declarations["assume"])
    for name in given.square:
        if f"{name} symmetric" not in assumed and _holds(given.assuming(f"{name} symmetric")):
            yield f"{METHODS['parse'](name, shapes=given.declarations['shapes'])!r} symmetric"


def _holds(given: Entry) -> bool:
    try:
        return judged(given).verdict == "holds"
    except MatcalcError:  # an assumption contradicts the others, or the sizes have no meaning in it
        return False


def _ways_to_coincide(sizes: tuple[str, ...]) -> list[tuple[frozenset[str], ...]]:
    """The groups of sizes that may be one, from the fewest coincidences on."""
    ways: list[list[frozenset[str]]] = [[]]
    for size in sizes:
        alone = frozenset((size,))
        joined = [[*way[:k], way[k] | alone, *way[k + 1 :]] for way in ways for k in range(len(way))]
        ways = [*joined, *([*way, alone] for way in ways)]
    merged = [tuple(group for group in way if len(group) > 1) for way in ways]
    return sorted((way for way in merged if way), key=lambda way: sum(len(group) - 1 for group in way))
