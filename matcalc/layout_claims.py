"""Claims about a derivative: in which layout a claimed result is right, and the same formula in the other layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, final

from matcalc.carrying_out import carried_out
from matcalc.derivation import Derivation, derive
from matcalc.equality import prove_equal
from matcalc.errors import LayoutError, MatcalcError, NoMatrixFormError, ShapeError
from matcalc.language.building import lift
from matcalc.language.expressions import Derivative, Expr, MapDerivative
from matcalc.language.operators import METHODS
from matcalc.language.sizes import Shape, rows_and_columns
from matcalc.language.text_rows import filled
from matcalc.language.traversal import named, postorder, with_definition
from matcalc.layout.conventions import Layout, layout_named
from matcalc.layout.conversion import converted
from matcalc.printing.latex_text import latex_in_text
from matcalc.printing.notebook import judged, shapes_of, table, words

MIXED = "mixed"
NUMBERS_LOST = (-1, 2, -2, Fraction(1, 2), Fraction(-1, 2))  # by which a claim is tried again


@final
@dataclass(frozen=True, slots=True, repr=False)
class IdentifiedLayout:
    """In which layouts a claimed derivative is right.

    Attributes:
        claim: the text or expression.
        layouts: those in which it is right: ``numerator``, ``denominator``, ``mixed``; empty if it is right in none.
        proofs: for each layout tried, what `prove_equal` says of the claim and the derivative, or why it cannot be.
        message: one or two sentences.
        shapes: of the names in the claim.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> found = mc.identify_layout(W, W @ x, x)
        >>> found.layouts, found.proofs["denominator"].verdict
        (('numerator', 'mixed'), 'different')
    """

    claim: str
    layouts: tuple[str, ...]
    proofs: Mapping[str, Any]
    message: str
    shapes: Mapping[str, Shape] = field(default_factory=dict, compare=False)

    def _repr_html_(self) -> str:
        rows = ((f"{layout} layout", judged(layout in self.layouts, _found(proof))) for layout, proof in self.proofs.items())
        return table(rows, title=words(self.claim, self.shapes), below=words(self.message))

    def __repr__(self) -> str:
        claim = latex_in_text(self.claim) if "\\" in self.claim else self.claim
        return "\n".join(filled(f"{claim}: {', '.join(self.layouts) or 'right in no layout'}. {self.message}"))


def _found(proof: Any) -> str:
    """What a proof says, or why there is none."""
    return f"{proof.verdict}: {proof.reason}" if hasattr(proof, "verdict") else str(proof)


def identify_layout(claim: Expr | str, of: Expr | str, wrt: Expr | str, **declarations: Any) -> IdentifiedLayout:
    r"""In which layout a claimed derivative is right: numerator, denominator, mixed, several or none.

    Shapes: those of `derive`. In the mixed layout, that of most texts on deep learning, Jacobians are in numerator layout and gradients of
    scalars have the shape of their variable. A claim with written derivatives is read in each layout.

    Args:
        claim: an expression, or its text in LaTeX, whose names are those of ``of`` and ``wrt``.
        of, wrt: as for `derive`.
        declarations: of the names in texts, as `derive` takes them.

    Returns:
        An `IdentifiedLayout`: ``layouts``, ``message`` and ``proofs``.

    Raises:
        UnknownNameError: a name that nothing declares.
        ReadError: a text is no formula.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> C = mc.let("C", mc.sum((W @ x) ** 2))
        >>> mc.identify_layout(r"2 \mathbf{W} \mathbf{x} \mathbf{x}^\top", C, W).layouts
        ('denominator', 'mixed')
        >>> mc.identify_layout(2 * W @ x @ x.T, C, W).message
        'It is right in denominator layout, and in the mixed layout.'
        >>> mc.identify_layout(W.T @ W @ x, C, x).layouts
        ()
    """
    derivations = {layout.value: derive(of, wrt, layout=layout.value, **declarations) for layout in Layout}
    quantity = derivations["numerator"].of
    derivations[MIXED] = derivations["numerator" if quantity.shape else "denominator"]
    proofs: dict[str, Any] = {}
    read: dict[str, Expr | MatcalcError] = {}
    for name, d in derivations.items():
        read[name] = _read(claim, d, name, declarations)
        proofs[name] = _judged(read[name], d)
    right = tuple(name for name, proof in proofs.items() if getattr(proof, "verdict", "") == "equal")
    message = _message(right, proofs, derivations)
    if not right:
        message += _near(read, derivations)
    written = claim if isinstance(claim, str) else repr(claim)
    return IdentifiedLayout(written, right, proofs, message, shapes_of(quantity, derivations["numerator"].wrt))


def _near(read: Mapping[str, Expr | MatcalcError], derivations: Mapping[str, Derivation]) -> str:
    """What is said of a claim that is right in no layout: its shape, if no layout has it, or the number that it lacks."""
    claims = {name: claim for name, claim in read.items() if isinstance(claim, Expr)}
    fits = [name for name, claim in claims.items() if claim.shape == derivations[name].shape]
    if claims and not fits:
        return f" The claim is {_in_words(next(iter(claims.values())).shape)}."
    for name in fits:
        for number in NUMBERS_LOST:
            if getattr(_judged(lift(number) * claims[name], derivations[name]), "verdict", "") == "equal":
                return f" In {name} layout {number} times the claim is right."
    return ""


def _read(claim: Expr | str, d: Derivation, layout: str, declarations: Mapping[str, Any]) -> Expr | MatcalcError:
    """The claim, read in a layout; or why it cannot be."""
    if not isinstance(claim, str):
        return lift(claim)
    names = {**named([d.of, d.wrt]), **_given(declarations.get("names"))}
    functions = {**_functions([d.of, d.wrt]), **(declarations.get("functions") or {})}
    try:
        made: Expr = METHODS["parse"](claim, names=names, functions=functions, layout=layout)
    except (ShapeError, NoMatrixFormError) as error:
        return error
    return made


def _given(names: Any) -> dict[str, Any]:
    if isinstance(names, Mapping):
        return dict(names)
    return {getattr(e, "name", repr(e)): e for e in names or ()}


def _functions(roots: Iterable[Expr]) -> dict[str, Any]:
    """The unknown functions of expressions, as the reader takes them."""
    return {
        node.function.name: node.function
        for node in postorder(roots, with_definition)
        if hasattr(node, "function") and not getattr(node.function, "known", False)
    }


def _judged(claim: Expr | MatcalcError, d: Derivation) -> Any:
    if isinstance(claim, MatcalcError):
        return claim
    try:
        return prove_equal(carried_out(claim), d.result)
    except MatcalcError as error:
        return error


def _message(right: tuple[str, ...], proofs: Mapping[str, Any], derivations: Mapping[str, Derivation]) -> str:
    if right:
        names = [f"{name} layout" if name != MIXED else "the mixed layout" for name in right]
        return f"It is right in {', and in '.join(names)}."
    unsure = [name for name, proof in proofs.items() if getattr(proof, "verdict", "") == "undecided"]
    if unsure:
        return f"In {' and '.join(unsure)} layout it could not be decided: {proofs[unsure[0]].reason}"
    shapes = {name: d.shape for name, d in derivations.items() if name != MIXED}
    told = ", ".join(f"{_in_words(shape)} in {name} layout" for name, shape in shapes.items())
    ill = next((proof for proof in proofs.values() if isinstance(proof, MatcalcError)), None)
    why = f" {str(ill).splitlines()[0]}" if ill is not None else ""
    return f"It is right in no layout; the derivative is {told}.{why}"


def _in_words(shape: Shape) -> str:
    """Rows and columns, or the axes where there are more."""
    if not shape:
        return "a scalar"
    return " x ".join(map(str, rows_and_columns(shape) if len(shape) <= 2 else shape))


def convert(claim: Expr | Derivation | str, *, to: str, **declarations: Any) -> Expr:
    """The same formula in the other layout: the transpose of all of it, pushed to the symbols.

    Shapes: p x q becomes q x p; derivatives that are written in the formula become those of the other layout. Scalars stay.

    Args:
        claim: an expression, a derivation, or a text in LaTeX, written in the other layout.
        to: ``numerator`` or ``denominator``.
        declarations: of the names in a text, as `parse` takes them.

    Returns:
        An expression.

    Raises:
        LayoutError: no such layout, or the derivation or a derivative written in the claim is in that layout already.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> C = mc.let("C", mc.sum((W @ x) ** 2))
        >>> d = mc.derive(C, x, layout="denominator")
        >>> d.result, mc.convert(d, to="numerator")
        (2 W^T W x, 2 x^T W^T W)
    """
    wanted = layout_named(to)
    if isinstance(claim, Derivation):
        if claim.layout is wanted:
            raise LayoutError(f"{claim!r} already; convert(..., to={wanted.other.value!r}) gives the other layout.")
        return converted(claim.result, wanted)
    if isinstance(claim, str):
        claim = METHODS["parse"](claim, layout=wanted.other.value, **declarations)
    expr = lift(claim)
    for node in postorder([expr]):
        if isinstance(node, Derivative | MapDerivative) and node.layout == wanted.value and node.shape:
            raise LayoutError(f"{node!r} is written in {wanted.value} layout already; the claim is to be in the other one.")
    return converted(expr, wanted)
