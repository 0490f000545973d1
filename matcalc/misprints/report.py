"""Published formulas that fail, each with what the machine finds of it: as text, HTML, LaTeX and data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, final

from matcalc.errors import UnknownNameError, UnsupportedError, near_names
from matcalc.index.index_form import IndexForm
from matcalc.language.expressions import Expr
from matcalc.language.operators import Typeset
from matcalc.layout.conventions import layout_named
from matcalc.misprints.entries import Entry, chosen, entries
from matcalc.misprints.judging import Judgement, conditions, definitions, judged, plain, right_form
from matcalc.printing.latex_text import latex_in_text
from matcalc.printing.messages import message_in_text
from matcalc.printing.notebook import formula, shapes_of, words
from matcalc.printing.notebook import table as set_table

WIDTH = 80
LONG = 64  # letters of a formula in a table
LABEL = 11  # columns of what stands before a text
GAP = "  "


@final
@dataclass(frozen=True, slots=True, repr=False)
class Erratum(Typeset):
    """A published formula and what is found of it.

    Attributes:
        id: a short name.
        source: the work and the place in it.
        layout: that of the source, or ``index``: entry by entry.
        left, claim: the two sides as printed, LaTeX.
        left_text, claim_text: the same as plain text; of a claim without a meaning the LaTeX.
        where: definitions that both rest on, as plain text.
        assumed: what the source assumes.
        verdict: what the check finds: ``wrong-value``, ``other-layout``, ``ill-shaped``, ``index-mismatch``, or ``holds``.
        recorded: the verdict on record.
        found: how the check finds it.
        reason: why the formula fails.
        holds_if: under which further conditions it would hold: sizes that coincide, or a symmetric matrix; each is enough.
        right_form: what is right instead; of an index formula the sum over indices. None where it cannot be derived.
        right_layout: the layout of the right form.

    Example:
        >>> import matcalc as mc
        >>> erratum = mc.errata("ng-notes-weights")[0]
        >>> erratum.id, erratum.verdict, erratum.right_form
        ('ng-notes-weights', 'ill-shaped', dJ/dz a^T)
    """

    id: str
    source: str
    layout: str
    left: str
    claim: str
    left_text: str
    claim_text: str
    where: tuple[str, ...]
    assumed: tuple[str, ...]
    verdict: str
    recorded: str
    found: str
    reason: str
    holds_if: tuple[str, ...]
    right_form: Expr | IndexForm | None
    right_layout: str

    @property
    def confirmed(self) -> bool:
        """Whether the check finds the fault on record."""
        return self.verdict == self.recorded and self.verdict not in ("holds", "undecided")

    def lines(self) -> Iterator[str]:
        """The details as text, at most 80 columns unless a word is longer."""
        recorded = "as recorded" if self.confirmed else f"NOT AS RECORDED: {self.recorded}"
        claim = latex_in_text(self.claim_text) if "\\" in self.claim_text else self.claim_text
        yield from _labelled("source", self.source)
        yield from _labelled("layout", self.layout)
        yield from _labelled("where", ", ".join(self.where))
        yield from _labelled("assumed", ", ".join(self.assumed))
        yield from _labelled("claim", f"{self.left_text} = {claim}")
        yield from _labelled("verdict", f"{self.verdict}, {recorded}")
        yield from _labelled("found", message_in_text(self.found))
        yield from _labelled("reason", self.reason)
        yield from _labelled("holds if", "; or if ".join(self.holds_if))
        layout = "" if self.right_layout == self.layout else f", in {self.right_layout} layout"
        yield from _labelled("right", "" if self.right_form is None else f"{self.right_form!r}{layout}")

    def __repr__(self) -> str:
        return "\n".join((self.id, *self.lines()))

    def latex(self) -> str:
        """What is printed and what is right, an ``aligned`` block to paste; needs amsmath."""
        right = "" if self.right_form is None else f" \\\\\n{self.left} &= {self.right_form.latex()}"
        if self.right_form is not None and self.right_layout != self.layout:
            right += rf" && \text{{({self.right_layout} layout)}}"
        return f"\\begin{{aligned}}\n{self.left} &\\neq {self.claim}{right}\n\\end{{aligned}}"

    def html(self) -> str:
        """The details as a table, formulas in LaTeX between dollar signs."""
        right = "cannot be derived yet" if self.right_form is None else formula(self.right_form.latex(), LONG)
        shapes = shapes_of(self.right_form)
        rows = {
            "source": words(self.source),
            "layout": self.layout,
            "where": words(", ".join(self.where), shapes),
            "assumed": words(", ".join(self.assumed)),
            "claim": formula(f"{self.left} = {self.claim}", LONG),
            "verdict": self.verdict if self.confirmed else f"{self.verdict}, on record is {self.recorded}",
            "found": words(self.found),
            "reason": words(self.reason, shapes),
            "holds if": words("; or if ".join(self.holds_if)),
            "right": right if self.right_layout == self.layout else f"{right}, in {self.right_layout} layout",
        }
        return set_table(((name, text) for name, text in rows.items() if text), title=words(self.id))

    def _repr_html_(self) -> str:
        return self.html()

    def as_data(self) -> dict[str, Any]:
        """The same as texts, lists of texts, true and false, for JSON."""
        right = None if self.right_form is None else {"text": repr(self.right_form), "latex": self.right_form.latex()}
        kept = {name: getattr(self, name) for name in ("id", "source", "layout", "verdict", "recorded", "found", "reason", "right_layout")}
        sides = {"left": {"text": self.left_text, "latex": self.left}, "claim": {"text": self.claim_text, "latex": self.claim}}
        lists = {name: list(getattr(self, name)) for name in ("where", "assumed", "holds_if")}
        return {**kept, **sides, **lists, "confirmed": self.confirmed, "right_form": right}


@final
@dataclass(frozen=True, slots=True, repr=False)
class Errata:
    """Published formulas that fail: a sequence of `Erratum`, each also found by its id; ``ok`` if each is found as recorded.

    Attributes:
        rows: the errata.

    Example:
        >>> import matcalc as mc
        >>> found = mc.errata("prml-3-13")
        >>> len(found), found.ok
        (1, True)
    """

    rows: tuple[Erratum, ...]

    @property
    def ok(self) -> bool:
        """Whether the check finds every fault on record."""
        return all(row.confirmed for row in self.rows)

    def __iter__(self) -> Iterator[Erratum]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: int | str) -> Erratum:
        if isinstance(key, int):
            return self.rows[key]
        named = {row.id: row for row in self.rows}
        if key not in named:
            raise UnknownNameError(f"No erratum here is called {key!r}. {near_names(key, named)}")
        return named[key]

    def __repr__(self) -> str:
        cells = ((row.id, row.verdict, row.layout, "" if row.confirmed else "NOT AS RECORDED") for row in self)
        return "\n".join((*table(cells), self.summary))

    @property
    def summary(self) -> str:
        """How many are found as recorded."""
        wrong = [row.id for row in self if not row.confirmed]
        if not wrong:
            return f"{len(self)} published formulas: each fails as recorded."
        return f"{len(self)} published formulas: {len(wrong)} NOT AS RECORDED: {', '.join(wrong)}."

    def html(self) -> str:
        """A table, formulas in LaTeX between dollar signs; the reason stands below the claim, so that long claims leave it room."""
        rows = (
            (words(row.id), row.verdict, row.layout, f"{formula(f'{row.left} = {row.claim}', LONG)}<br>{words(row.reason)}") for row in self
        )
        return set_table(rows, head=("", "verdict", "layout", "claim, and what is wrong"), title=words(self.summary))

    def _repr_html_(self) -> str:
        return self.html()


def errata(*ids: str, layout: str | None = None) -> Errata:
    """Published formulas that fail, each read, derived anew and compared while you wait.

    Shapes: those of the sources; what is right is derived in the layout of the source, or in the one asked for.

    Args:
        ids: which; without any, all that are known.
        layout: ``numerator`` or ``denominator`` of what is right; without it that of the source, entry by entry where it is so.

    Returns:
        A sequence of `Erratum`: ``source``, ``claim``, ``layout``, ``verdict`` (in the words of the derivation checker), ``reason``,
        ``holds_if``, ``right_form``; ``ok`` if the check finds every fault on record.

    Raises:
        UnknownNameError: no erratum has this id.
        LayoutError: no such layout.

    Example:
        >>> import matcalc as mc
        >>> found = mc.errata("ng-notes-weights")
        >>> found.ok, found[0].verdict, found[0].found
        (True, 'ill-shaped', 'n x 1 meets m x 1: 1 and m differ.')
        >>> found[0].right_form, mc.errata("ng-notes-weights", layout="numerator")[0].right_form
        (dJ/dz a^T, a dJ/dz)
        >>> mc.errata("ng-notes-weight")
        Traceback (most recent call last):
            ...
        matcalc.errors.UnknownNameError: No erratum is called 'ng-notes-weight'. Did you mean ng-notes-weights?
    """
    return checked(chosen(entries(), ids), layout)


def checked(given: Iterable[Entry], layout: str | None = None) -> Errata:
    """What the machine finds of entries."""
    wanted = None if layout is None else layout_named(layout).value
    return Errata(tuple(_checked(entry, wanted) for entry in given))


def _checked(given: Entry, layout: str | None) -> Erratum:
    judgement, right, holds_if = _findings(given, layout)
    return Erratum(
        given.id,
        given.source,
        given.layout,
        given.left,
        given.claim,
        plain(given, given.left),
        plain(given, given.claim),
        definitions(given),
        tuple(given.declarations["assume"]),
        judgement.verdict,
        given.verdict,
        judgement.found,
        given.reason,
        holds_if,
        right,
        layout or given.layout,
    )


def _findings(given: Entry, layout: str | None) -> tuple[Judgement, Expr | IndexForm | None, tuple[str, ...]]:
    """The verdict, what is right, and where the claim would hold; undecided where there is no rule for what is derived."""
    try:
        judgement = judged(given)
        return judgement, right_form(given, layout), () if judgement.verdict == "holds" else tuple(conditions(given))
    except UnsupportedError as error:
        return Judgement("undecided", str(error).splitlines()[0]), None, ()


# ---- text ------------------------------------------------------------------------------------------------------------


def table(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Rows of short texts in columns."""
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield GAP.join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _labelled(label: str, text: str) -> list[str]:
    """A text behind its label, wrapped; nothing for no text."""
    if not text:
        return []
    return wrap(f"  {label:<{LABEL - 2}}{text}", WIDTH, subsequent_indent=" " * LABEL, break_long_words=False, break_on_hyphens=False)
