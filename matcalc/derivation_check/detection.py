"""Which layout a text writes, from the layouts in which its formulas hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

from matcalc.derivation_check.judging import LAYOUTS
from matcalc.language.text_rows import filled
from matcalc.printing.messages import message_in_text


@final
@dataclass(frozen=True, slots=True, repr=False)
class DetectedLayout:
    """The layout of a text.

    Attributes:
        layout: ``numerator``, ``denominator``, ``mixed``, ``contradictory`` or ``undecided``.
        ties: the layouts in which all formulas hold that hold in any; several where the text does not decide between them.
        deciding: the formulas that hold in some layouts only, each with these layouts.
        message: a sentence.
    """

    layout: str
    ties: tuple[str, ...]
    deciding: tuple[tuple[str, tuple[str, ...]], ...]
    message: str

    def __repr__(self) -> str:
        return "\n".join(filled(message_in_text(f"{self.layout}: {self.message}")))


def detected(held: Iterable[tuple[str, tuple[str, ...]]]) -> DetectedLayout:
    """The layout of formulas, each with the layouts in which it holds; those that hold in none tell nothing."""
    deciding = tuple((text, layouts) for text, layouts in held if layouts and set(layouts) != set(LAYOUTS))
    ties = tuple(each for each in LAYOUTS if all(each in layouts for _, layouts in deciding))
    if not deciding:
        return DetectedLayout("undecided", LAYOUTS, (), "No formula depends on the layout.")
    if len(ties) == 1:
        number = len(deciding)
        said = f"All {number} formulas that depend on the layout hold in it." if number > 1 else "One formula decides."
        return DetectedLayout(ties[0], ties, deciding, said)
    if ties:
        return DetectedLayout("undecided", ties, deciding, f"All of it holds in {' and in '.join(ties)} layout.")
    return DetectedLayout("contradictory", (), deciding, "Its formulas hold in different layouts.")
