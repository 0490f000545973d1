"""The table of published formulas that fail, as it is written down; what is right is nowhere in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, final

from matcalc.errors import MatcalcError, UnknownNameError, near_names

INDEX = "index"
LAYOUTS = ("numerator", "denominator", INDEX)
_DECLARATIONS = ("shapes", "functions", "definitions", "assume", "aliases")
_NEEDED = ("id", "source", "where", "layout", "of", "wrt", "claim", "reason", "verdict")
_OPTIONAL = ("model", "entry", "let", "factor", *_DECLARATIONS)
_NUMBER = re.compile(r"\d+")


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """A published formula: d of / d wrt = claim.

    Attributes:
        id: a short name.
        source: the work and the place in it.
        layout: that of the source, or ``index``: entry by entry.
        of, wrt, claim: in LaTeX.
        reason: why it fails, in our words.
        verdict: the one on record.
        declarations: shapes, functions, definitions, assumptions and aliases, as `matcalc.Model` takes them.
        entry: of an index formula, the letters of the entry of wrt.
        let: further names of the claim: each a derivative ``of`` by ``wrt`` in a ``layout``.
        factor: ``of`` and ``wrt`` of a factor with three axes, which the claim writes as a derivative.
    """

    id: str
    source: str
    layout: str
    of: str
    wrt: str
    claim: str
    reason: str
    verdict: str
    declarations: Mapping[str, Any]
    entry: tuple[str, ...] = ()
    let: tuple[Mapping[str, str], ...] = ()
    factor: Mapping[str, str] | None = None

    @property
    def left(self) -> str:
        """The left side in LaTeX."""
        return derivative_latex(self.of, f"{self.wrt}_{{{''.join(self.entry)}}}" if self.entry else self.wrt)

    @property
    def sizes(self) -> tuple[str, ...]:
        """The names of the sizes, in the order in which they are declared."""
        maps = [kind for kind in self.declarations["functions"].values() if isinstance(kind, Mapping)]
        shapes = [*self.declarations["shapes"].values(), *(each["shape"] for each in maps)]
        return tuple(dict.fromkeys(name for shape in shapes for name in shape.split() if not _NUMBER.fullmatch(name)))

    @property
    def square(self) -> tuple[str, ...]:
        """The names of the square matrices."""
        shapes = {name: shape.split() for name, shape in self.declarations["shapes"].items()}
        return tuple(name for name, shape in shapes.items() if len(shape) == 2 and shape[0] == shape[1])

    def with_equal(self, sizes: Iterable[Iterable[str]]) -> Entry:
        """The same formula where the sizes of each group are one; each is called as the first of its group."""
        renamed = {name: first for first, *others in sizes for name in others}
        if not renamed:
            return self
        pattern = re.compile(rf"(?<![A-Za-z\\])({'|'.join(map(re.escape, renamed))})(?![A-Za-z0-9_])")

        def change(text: str) -> str:
            return pattern.sub(lambda found: renamed[found[1]], text)

        return replace(self, declarations=_rewritten(self.declarations, change), of=change(self.of), claim=change(self.claim))

    def assuming(self, assumption: str) -> Entry:
        """The same formula with one assumption more."""
        return replace(self, declarations={**self.declarations, "assume": [*self.declarations["assume"], assumption]})


def derivative_latex(of: str, wrt: str) -> str:
    """A derivative in LaTeX: a fraction of a name, an operator in front of a formula."""
    if re.fullmatch(r"(\\?[A-Za-z]+|[\\{}\^_()\d])+", of):
        return rf"\frac{{\partial {of}}}{{\partial {wrt}}}"
    return rf"\frac{{\partial}}{{\partial {wrt}}} \left({of}\right)"


def _rewritten(data: Any, change: Callable[[str], str]) -> Any:
    """The data with every text in it changed, names as they are."""
    if isinstance(data, Mapping):
        return {name: _rewritten(value, change) for name, value in data.items()}
    if isinstance(data, list):
        return [_rewritten(value, change) for value in data]
    return change(data) if isinstance(data, str) else data


@cache
def entries() -> Mapping[str, Entry]:
    """The entries of the table that is shipped, by id."""
    return entries_of(files("matcalc.misprints").joinpath("data.toml").read_text(encoding="utf-8"))


def entries_of(text: str) -> dict[str, Entry]:
    """The entries of a table in TOML, by id.

    Raises:
        MatcalcError: what is missing, unknown or given twice, of every entry.
    """
    data = tomllib.loads(text)
    found: dict[str, Entry] = {}
    faults: list[str] = []
    for number, row in enumerate(data.get("erratum", []), 1):
        faults += _faults(number, row, data, found)
        if not faults:
            found[row["id"]] = _entry(row, data)
    if faults:
        raise MatcalcError("\n".join(faults))
    return found


def _faults(number: int, row: Mapping[str, Any], data: Mapping[str, Any], found: Iterable[str]) -> list[str]:
    name = row.get("id", f"erratum {number}")
    faults = [f"{name}: {key} is missing." for key in _NEEDED if key not in row]
    faults += [f"{name}: {key!r} is no key. {near_names(key, (*_NEEDED, *_OPTIONAL))}" for key in row if key not in (*_NEEDED, *_OPTIONAL)]
    if name in found:
        faults.append(f"{name}: two entries have this id.")
    for key, table in (("source", "sources"), ("model", "models")):
        known = data.get(table, {})
        if key in row and row[key] not in known:
            faults.append(f"{name}: no {key} is called {row[key]!r}. {near_names(row[key], known)}")
    if row.get("layout", INDEX) not in LAYOUTS:
        faults.append(f"{name}: {row['layout']!r} is no layout: {', '.join(LAYOUTS)}.")
    if (row.get("layout") == INDEX) != ("entry" in row):
        faults.append(f"{name}: entry= is given in the layout index, and there only.")
    return faults


def _entry(row: Mapping[str, Any], data: Mapping[str, Any]) -> Entry:
    given = {**data.get("models", {}).get(row.get("model"), {}), **{key: row[key] for key in _DECLARATIONS if key in row}}
    empty: dict[str, Any] = {"shapes": {}, "functions": {}, "definitions": [], "assume": [], "aliases": {}}
    texts = {key: row[key] for key in ("id", "layout", "of", "wrt", "claim", "reason", "verdict")}
    return Entry(
        **texts,
        source=f"{data['sources'][row['source']]}: {row['where']}",
        declarations={**empty, **given},
        entry=tuple(row.get("entry", "").split()),
        let=tuple(row.get("let", ())),
        factor=row.get("factor"),
    )


def chosen(known: Mapping[str, Entry], ids: Iterable[str]) -> tuple[Entry, ...]:
    """The entries of these ids, or all of them.

    Raises:
        UnknownNameError: an id that no entry has.
    """
    wanted = list(dict.fromkeys(ids))
    unknown = [name for name in wanted if name not in known]
    if unknown:
        told = " ".join(f"No erratum is called {name!r}. {near_names(name, known)}" for name in unknown)
        raise UnknownNameError(told)
    return tuple(known[name] for name in wanted) if wanted else tuple(known.values())
