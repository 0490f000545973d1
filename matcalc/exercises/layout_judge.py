"""The judge of layouts: in which layout a text is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

from matcalc.checking import detect_layout
from matcalc.derivation_check.detection import DetectedLayout
from matcalc.exercises.asked import names_of
from matcalc.exercises.feedback import Feedback
from matcalc.language.model import Model

LAYOUTS = ("numerator", "denominator", "mixed", "contradictory")
_OPPOSITE = {"numerator": "denominator", "denominator": "numerator"}


@final
@dataclass(frozen=True)
class LayoutJudge:
    """Judges the name of the layout of a text.

    Attributes:
        document: the text, in LaTeX.
        model: its names.
    """

    document: str
    model: Model

    @property
    def names(self) -> dict[str, Any]:
        """The quantities and functions of the text, by plain name."""
        return names_of(self.model)

    @property
    def how(self) -> str:
        """How to answer."""
        return 'Answer with one of the words "numerator", "denominator", "mixed", "contradictory".'

    @cached_property
    def detected(self) -> DetectedLayout:
        """The layout that the text writes."""
        return detect_layout(self.document, self.model)

    def judged(self, answer: Any) -> Feedback:
        """What is said of the name of a layout."""
        if not isinstance(answer, str):
            return Feedback.wrong("unreadable", f"A layout is one of the words {', '.join(LAYOUTS)}.")
        word = re.sub(r"[\s\-_]*layout$", "", str(answer).strip().strip(".\"'").lower())
        if word not in LAYOUTS:
            return Feedback.wrong("unreadable", f"It is one of the words {', '.join(LAYOUTS)}.")
        found = self.detected
        if word == found.layout:
            return Feedback.right()
        kind = "other-layout" if _OPPOSITE.get(word) == found.layout else "wrong-layout"
        broken = sum(word not in layouts for _, layouts in found.deciding)
        if word == "contradictory":
            said = "There is a layout in which every line holds."
        else:
            said = f"Of the {len(found.deciding)} lines that depend on the layout, {broken} fail{'s' * (broken == 1)} in {word} layout."
        return Feedback(False, kind, f"That is not the layout. {said}", (kind,))
