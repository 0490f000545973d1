"""`check`: a typed derivation, judged line by line; `detect_layout`: the layout that a text writes."""


from __future__ import annotations

from dataclasses import dataclass
from typing import final

from matcalc.derivation_check.detection import DetectedLayout
from matcalc.derivation_check.document_parts import Formula, Side
from matcalc.derivation_check.documents import document
from matcalc.derivation_check.judging import LAYOUTS, Judge
from matcalc.derivation_check.results import Report
from matcalc.derivation_check.subjects import subject_of
from matcalc.derivation_check.worlds import Subject
from matcalc.errors import LayoutError, MatcalcError, near_names
from matcalc.language.model import Model
from matcalc.networks import Network
from matcalc.derivation_check.passes import Checking

PARTIALS = ("total", "direct")


def check(
    latex: str, model: Network | Model | None = None, *, layout: str | None = None, partial: str = "total", name: str = ""
) -> Report:
    """Judge every equality of a typed derivation, and repair the wrong ones.

    Shapes: derivatives are in the layout under test; claims are judged for general sizes, at every layer, at several depths.

    Args:
        latex: a formula, a fragment or a whole document: prose with formulas between ``$``, ``\\\\[`` or in environments. Without such
            signs it is one formula.
        model: what the names stand for: a network, or a model; without one, the definitions of the text.
        layout: ``numerator``, ``denominator`` or ``mixed`` (gradients in the shape of their variable, Jacobians in numerator layout);
            without it the words of the text tell, or the layout in which most of it holds.
        partial: ``total`` lets a partial derivative pass through all named quantities, ``direct`` holds the others in the definition
            of what is derived, as texts on recurrent networks do.
        name: of the text in the report.

    Returns:
        A `Report` of links, each with its verdict, message, repairs and the right form.

    Raises:
        LayoutError: no such layout.
        MatcalcError: no text, or no such model.

    Example:
        >>> import matcalc as mc
        >>> model = mc.Model(shapes={"W": "m n", "x": "n"}, definitions=["z = W x", r"C = z^\\top z"])
        >>> report = mc.check(r"\\frac{\\partial C}{\\partial x} = 2 W z", model, layout="denominator")
        >>> report.first_wrong.verdict, report.first_wrong.repairs[0]
        ('ill-shaped', transpose (right): 2 W^T z)
    """
    text, subject, judge = _asked(latex, model, layout, partial)
    found = document(text)
    return Checking(found, subject, judge, layout, name).report()


def detect_layout(latex: str, model: Network | Model | None = None, *, partial: str = "total") -> DetectedLayout:
    r"""The layout that a text writes: numerator, denominator, mixed, contradictory or undecided.

    Shapes: those of `check`: derivatives on both sides are read in each layout.

    Args:
        latex, model, partial: as for `check`.

    Returns:
        A `DetectedLayout`: ``layout``, ``ties`` (the layouts in which all of it holds), ``deciding`` (the formulas that decide).

    Raises:
        MatcalcError: no text, or no such model.

    Example:
        >>> import matcalc as mc
        >>> net = mc.Network(widths=(3, 4, 2), activation="f")
        >>> line = r"\frac{\partial C}{\partial a^{(1)}} = \frac{\partial C}{\partial z^{(2)}} W^{(2)}"
        >>> mc.detect_layout(line, net).layout
        'numerator'
    """
    text, subject, judge = _asked(latex, model, None, partial)
    checking = Checking(document(text), subject, judge, None, "")
    return checking.detected_layout()


def _asked(latex: str, model: object, layout: str | None, partial: str) -> tuple[str, Subject, Judge]:
    if not isinstance(latex, str):
        raise MatcalcError(f"{latex!r:.80} is no text: a derivation is a string of LaTeX.")
    if layout is not None and layout not in LAYOUTS:
        raise LayoutError(f"{layout!r} is not a layout. {near_names(str(layout), LAYOUTS)}")
    if partial not in PARTIALS:
        raise MatcalcError(f"partial={partial!r}: it is 'total' or 'direct'. {near_names(str(partial), PARTIALS)}")
    subject = subject_of(model, latex)
    return latex, subject, Judge(subject, direct=partial == "direct")


@final
@dataclass(frozen=True, slots=True)
class _Step:
    """One link to be judged: the pairs that it is made of, at their places, and the pair with the side before it."""

    formula: Formula
    left: Side
    right: Side
    number: int
