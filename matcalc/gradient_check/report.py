"""What is found of a person's code for a gradient: the verdict, where it is wrong, and what is the matter with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import final

from matcalc.errors import UnknownNameError, near_names
from matcalc.index.index_form import IndexForm
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.text_rows import filled, labelled
from matcalc.layout.conventions import Layout
from matcalc.printing.notebook import formula, judged, shapes_of, table, words

MOST_LISTED = 3
LABEL = 14  # columns before a text
LONG = 70  # letters of a formula in a table


class Verdict(StrEnum):
    """What the code is; the first that applies."""

    FAILED = "failed"
    RIGHT = "right"
    OTHER_LAYOUT = "other-layout"
    WRONG_SHAPE = "wrong-shape"
    WRONG_VALUE = "wrong-value"


class DiagnosisKind(StrEnum):
    """What is the matter with the code, where that was found."""

    FACTOR = "factor"
    TERM = "term"
    MISSING_FACTOR = "missing-factor"
    TRANSPOSE = "transpose"
    ORDER = "order"
    FUNCTION = "function"
    QUANTITY = "quantity"
    OTHER_DERIVATIVE = "other-derivative"
    MISSING_SUM = "missing-sum"
    RESHAPED = "reshaped"
    BROADCAST = "broadcast"
    PLACE = "place"
    EQUAL_SIZES = "equal-sizes"
    CONDITION = "condition"
    PRECISION = "precision"
    ZERO = "zero"
    USUAL_DATA = "usual-data"


@final
@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One explanation that holds at all data.

    Attributes:
        kind: what it is about.
        text: one or two sentences.
        factor: what was found over what is right, where that is one number or size expression.
        slips: how many things are the matter; of two explanations that with fewer is told.
    """

    kind: DiagnosisKind
    text: str
    factor: Expr | float | None = None
    slips: int = 1

    def __repr__(self) -> str:
        return f"{self.kind.value}: {self.text}"


@final
@dataclass(frozen=True, slots=True)
class WrongEntry:
    """An entry that is wrong: its index in what the code returned (counted from 0), what was found and what is right.

    Attributes:
        index: in what the code returned, counted from 0.
        found, wanted: both values.
    """

    index: tuple[int, ...]
    found: float
    wanted: float

    def __repr__(self) -> str:
        return f"{list(self.index)}: {self.found:.4g}, right is {self.wanted:.4g}"


@final
@dataclass(frozen=True, slots=True)
class Where:
    """The wrong entries at the first data that show any.

    Attributes:
        entries: all of them, the worst first.
        total: how many entries the derivative has.
        sizes: the sizes of these data.
    """

    entries: tuple[WrongEntry, ...]
    total: int
    sizes: Mapping[str, int]

    @property
    def count(self) -> int:
        """How many entries are wrong."""
        return len(self.entries)

    @property
    def worst(self) -> WrongEntry:
        """The entry that is farthest off."""
        return self.entries[0]

    def __repr__(self) -> str:
        listed = "; ".join(map(repr, self.entries[:MOST_LISTED]))
        more = "; ..." if self.count > MOST_LISTED else ""
        return f"{self.count} of {self.total} entries are wrong, the worst first: {listed}{more}"


@final
@dataclass(frozen=True, slots=True, repr=False)
class GradientReport:
    """The judgement of a person's code for one derivative.

    Shapes: ``found_shape`` and ``wanted_shape`` are those of arrays: of a scalar by W (p x q) (q, p) in numerator layout, (p, q) in
    denominator layout.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> report = mc.check_gradient(lambda W, x: x.T @ W.T, mc.norm(W @ x) ** 2 / 2, x, layout="numerator")
        >>> report.ok, report.verdict.value, report.found_shape, report.wanted_shape
        (False, 'wrong-shape', (1, 3), (1, 5))

    Attributes:
        what: which derivative, in which layout.
        name: plain name of the variable.
        layout: the layout asked for.
        verdict: what the code is.
        message: one or two plain sentences on the case at hand.
        diagnosis: what is the matter, where it was found.
        where: the wrong entries, for ``wrong-value``.
        found_shape, wanted_shape: of the arrays at the sizes in ``sizes``; None where there is no array.
        right_form: the derivative as a matrix expression, or as a sum over indices where no matrix writes it.
        notes: what else is worth knowing: inputs changed in place, a shape without layout.
        error: the exception that the code raised, with its traceback.
        sizes: the first sizes used.
        draws: at how many random data the code was run.
        seed: of the random data.
        tolerance: the largest error that passes, relative to the largest entry.
        confirmed: the kinds of other data at which the code was right, too, such as ``equal sizes``.
    """

    what: str
    name: str
    layout: Layout
    verdict: Verdict
    message: str
    diagnosis: Diagnosis | None
    where: Where | None
    found_shape: tuple[int, ...] | None
    wanted_shape: tuple[int, ...]
    right_form: Expr | IndexForm | None
    notes: tuple[str, ...]
    error: BaseException | None
    sizes: Mapping[str, int]
    draws: int
    seed: int
    tolerance: float
    confirmed: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the code is right in the layout asked for."""
        return self.verdict is Verdict.RIGHT

    @property
    def factor(self) -> Expr | float | None:
        """What was found over what is right, where that is one number or size expression: 2, -1, n, 1/m."""
        return self.diagnosis.factor if self.diagnosis else None

    def __repr__(self) -> str:
        return "\n".join([*self.lines(), *self.judged()])

    def _repr_html_(self) -> str:
        shapes = shapes_of(self.right_form)
        rows = [(label, words(text, shapes)) for label, text in (*self._rows(), ("judged", self._judged()))]
        if self.right_form is not None and not self.ok:
            rows.insert(-1, ("right form", formula(self.right_form.latex(), LONG)))
        title = judged(self.ok, f"{self.what}: {self.verdict.value.replace('-', ' ')}", shapes)
        return table(rows, title=f"{title}<br>{words(self.message, shapes)}")

    def lines(self) -> list[str]:
        """The report line by line, without the data."""
        right = [("right form", repr(self.right_form))] if self.right_form is not None and not self.ok else []
        written = [line for label, text in (*self._rows(), *right) for line in labelled(label, text, LABEL)]
        return [*filled(f"{self.what}: {self.verdict.value.replace('-', ' ')}"), *filled(self.message, "  "), *written]

    def _rows(self) -> list[tuple[str, str]]:
        """What is told besides the message and the right form, each with its label."""
        rows = [
            ("shape", self._shapes() if self.verdict is Verdict.OTHER_LAYOUT and self.found_shape != self.wanted_shape else ""),
            ("where", repr(self.where) if self.where else ""),
            *(("note", note) for note in self.notes),
        ]
        return [(label, text) for label, text in rows if text]

    def judged(self) -> list[str]:
        """What is told of the data, in lines."""
        return labelled("judged", self._judged(), LABEL)

    def _judged(self) -> str:
        further = f", and with {', '.join(self.confirmed)}" if self.confirmed else ""
        at = f"at {self.draws} random points, first at {self._sizes()}{further}"
        return f"{at}; seed {self.seed}, tolerance {self.tolerance:g}"

    def _shapes(self) -> str:
        return f"{self.found_shape}, wanted {self.wanted_shape} in {self.layout.value} layout"

    def _sizes(self) -> str:
        return ", ".join(f"{name} = {number}" for name, number in self.sizes.items()) or "the sizes declared"


@final
@dataclass(frozen=True, slots=True, repr=False)
class GradientReports:
    """The judgements of a code that returns several derivatives, one for each variable, in the order asked for.

    Attributes:
        reports: one for each variable.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> code = lambda W, x: {"W": W @ x @ x.T, "x": 2 * W.T @ W @ x}
        >>> reports = mc.check_gradient(code, mc.norm(W @ x) ** 2 / 2, ["W", "x"], layout="denominator")
        >>> reports.ok, [report.verdict.value for report in reports]
        (False, ['right', 'wrong-value'])
    """

    reports: tuple[GradientReport, ...]

    @property
    def ok(self) -> bool:
        """Whether all are right."""
        return all(report.ok for report in self.reports)

    def __iter__(self) -> Iterator[GradientReport]:
        return iter(self.reports)

    def __len__(self) -> int:
        return len(self.reports)

    def __getitem__(self, variable: str | Expr) -> GradientReport:
        """The report on a variable, by plain name or by the variable itself."""
        name = variable.name if isinstance(variable, Symbol | Let) else str(variable)
        for report in self.reports:
            if report.name == name:
                return report
        raise UnknownNameError(f"There is no report on {name!r}. {near_names(name, [report.name for report in self.reports])}")

    def _repr_html_(self) -> str:
        return "".join(report._repr_html_() for report in self.reports)

    def __repr__(self) -> str:
        first, *others = self.reports
        if all(report.error is not None for report in self.reports):
            return "\n".join([*(report.what for report in others), repr(first)])
        right = sum(report.ok for report in self.reports)
        head = f"{right} of {len(self)} derivatives right in {first.layout.value} layout"
        return "\n".join([head, *(line for report in self.reports for line in report.lines()), *first.judged()])
