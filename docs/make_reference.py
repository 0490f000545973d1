"""Write the pages of docs/reference from the docstrings.

    python docs/make_reference.py            writes the pages
    python docs/make_reference.py --check    says which pages are not what the docstrings make, and fails if one is not

A page lists public names and the objects that they return. Its text is that of the docstrings, so it cannot drift: a test compares the
pages with what this program makes.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from reference_pages import ELEMENTWISE, HANDED_ON, PACKAGES, PAGES, Page

FOLDER = Path(__file__).parent / "reference"
if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER.parents[1]))

BLOCKS = ("Args", "Attributes", "Raises")
SECTIONS = (*BLOCKS, "Returns", "Shapes", "Units", "Source", "Notation", "Example", "Examples")
HEADER = re.compile(rf"(?:\*\*)?({'|'.join(SECTIONS)})(?:\*\*)?:(.*)")
ENTRY = re.compile(r"    (\S[^:]*?): (.*)")


# ---- docstrings ------------------------------------------------------------------------------------------------------


@dataclass
class Doc:
    """A docstring in its parts.

    Attributes:
        summary: the first sentence or sentences, to the first empty line.
        paragraphs: what else stands outside of sections.
        sections: the lines of each section, by its name.
    """

    summary: str = ""
    paragraphs: list[str] = field(default_factory=list)
    sections: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def example(self) -> list[str]:
        return self.sections.get("Example", self.sections.get("Examples", []))


def doc_of(documented: object) -> Doc:
    """The docstring of an object in its parts."""
    lines = (inspect.getdoc(documented) or "").splitlines()
    doc, paragraphs, section, inline = Doc(), [""], "", False
    for line in lines:
        header = HEADER.fullmatch(line)
        if header:
            section, inline = header[1], bool(header[2].strip())
            doc.sections[section] = [header[2].strip()] if inline else []
        elif section and (line.startswith("    ") or not line or inline):
            if inline and not line:
                section, inline = "", False
            else:
                doc.sections[section].append(line)
        else:
            section = ""
            if line:
                paragraphs[-1] = f"{paragraphs[-1]} {line.strip()}".strip()
            elif paragraphs[-1]:
                paragraphs.append("")
    doc.summary, doc.paragraphs = paragraphs[0], [text for text in paragraphs[1:] if text]
    return doc


def entries_of(lines: Iterable[str]) -> list[tuple[str, str]]:
    """The names of a section like Args, each with its text."""
    found: list[tuple[str, str]] = []
    for line in lines:
        entry = ENTRY.fullmatch(line)
        if entry and not line.startswith("     "):
            found.append((entry[1], entry[2]))
        elif line.strip() and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
    return found


# ---- names -----------------------------------------------------------------------------------------------------------


def the_object(name: str) -> Any:
    """What a name of `PAGES` means."""
    module, _, inner = name.rpartition(":")
    found: Any = importlib.import_module(f"matcalc.{module}" if module else "matcalc")
    for part in inner.split("."):
        found = getattr(found, part)
    return found


def shown_name(name: str) -> str:
    """The name as headings have it."""
    return name.rpartition(":")[2]


def pages() -> tuple[Page, ...]:
    """The pages, with those of the packages that have public names of their own."""
    more = []
    for module, (title, opening) in PACKAGES.items():
        names = getattr(importlib.import_module(f"matcalc.{module}"), "__all__", ())
        found = [f"{module}:{each}" for each in names]
        callables = tuple(each for each in found if callable(the_object(each)))
        if callables:
            more.append(Page(module, title, opening, callables))
    return (*PAGES[:-1], *more, PAGES[-1])


def errors() -> tuple[str, ...]:
    module = importlib.import_module("matcalc.errors")
    return tuple(name for name, each in vars(module).items() if isinstance(each, type) and each.__module__ == module.__name__)


def anchors() -> dict[str, str]:
    """For each documented name the page and the place in it."""
    found: dict[str, str] = {}
    for page in pages():
        seen: dict[str, int] = {}
        for name in page.names:
            shown = shown_name(name)
            if shown in ELEMENTWISE:
                found[shown] = f"{page.file}.md#elementwise-functions"
                continue
            slug = shown.lower()
            number = seen.get(slug, 0)
            seen[slug] = number + 1
            found[shown] = f"{page.file}.md#{slug}{f'-{number}' if number else ''}"
    return found | {name: "errors.md" for name in errors() if name not in found}


# ---- Markdown --------------------------------------------------------------------------------------------------------


class Text:
    """Turns the marks of docstrings into Markdown, with links to what the reference has."""

    def __init__(self, file: str) -> None:
        self.places = {name: place.removeprefix(f"{file}.md") for name, place in anchors().items()}

        self.package = file if file in PACKAGES else None

    def imports(self, example: list[str]) -> Iterator[str]:
        """What an example in a module of a package takes from there without saying so, as a line before it."""
        if self.package is None:
            return
        written = "\n".join(line[4:] for line in example if line.startswith((">>>", "...")))
        imported = "\n".join(line for line in written.splitlines() if "import " in line)
        public = importlib.import_module(f"matcalc.{self.package}").__all__
        needed = [name for name in public if re.search(rf"(?<![\w.]){name}(?=[(.])", written) and not re.search(rf"\b{name}\b", imported)]
        if needed:
            yield f">>> from matcalc.{self.package} import {', '.join(needed)}"

    def __call__(self, text: str, *, cell: bool = False) -> str:
        parts = re.split(r"(``.+?``|`[^`]+`)", text)
        made = "".join(self.marked(part) if part.startswith("`") else plain(part) for part in parts)
        return made.replace("|", r"\|") if cell else made

    def marked(self, part: str) -> str:
        if part.startswith("``"):
            return f"`{part[2:-2]}`"
        name = part[1:-1]
        last = name.rpartition(".")[2]
        place = self.places.get(name) or (self.places.get(last) if name.startswith("matcalc.") else None)
        return f"[`{last if place else name}`]({place})" if place else f"`{name}`"

    def linked(self, names: str) -> str:
        """Names that are separated by commas, as code, linked where the reference has them."""
        return ", ".join(self.marked(f"`{each.strip()}`") for each in names.split(","))


def plain(text: str) -> str:
    """Text without marks: signs that Markdown would read are escaped."""
    return re.sub(r"([*<\\]|(?<!\w)_|_(?!\w))", r"\\\1", text)


def table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield from (f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows), "")


def signature_of(name: str, documented: Any) -> str:
    """How it is called, without annotations."""
    parts, star = [], False
    for each in inspect.signature(documented).parameters.values():
        if each.name == "self":
            continue
        if each.kind is each.KEYWORD_ONLY and not star:
            parts.append("*")
        star = star or each.kind in (each.KEYWORD_ONLY, each.VAR_POSITIONAL)
        stars = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
        parts.append(f"{stars}{each.name}" if each.default is each.empty else f"{each.name}={each.default!r}")
    return f"{name}({', '.join(parts)})"


def broken(signature: str) -> list[str]:
    """A long signature in several lines."""
    return textwrap.wrap(signature, 100, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def is_method(member: object) -> bool:
    return inspect.isfunction(member) or inspect.ismethod(member)


def sections(doc: Doc, text: Text) -> Iterator[str]:
    """The text of a docstring below its summary."""
    for paragraph in doc.paragraphs:
        yield from (text(paragraph), "")
    for title in ("Shapes", "Units", "Notation"):
        if title in doc.sections:
            yield from (f"**{title}:** {text(joined(doc.sections[title]))}", "")
    if "Args" in doc.sections:
        rows = [(", ".join(f"`{each.strip()}`" for each in names.split(",")), text(told, cell=True))
                for names, told in entries_of(doc.sections["Args"])]
        yield from table(("argument", "meaning"), rows)
    if "Returns" in doc.sections:
        yield from (f"**Returns:** {text(joined(doc.sections['Returns']))}", "")
    if "Raises" in doc.sections:
        yield from table(("raises", "when"), [(text.linked(names), text(told, cell=True))
                                              for names, told in entries_of(doc.sections["Raises"])])
    if "Source" in doc.sections:
        yield from (f"**Source:** {text(joined(doc.sections['Source']))}", "")
    if doc.example:
        lines = inspect.cleandoc("\n".join(doc.example)).splitlines()
        yield from ("```python", *text.imports(lines), *lines, "", "```", "")


def joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())


def members(documented: type, doc: Doc) -> Iterator[tuple[str, Any, str]]:
    """The public attributes and methods of a class: name, the object, one sentence."""
    told = {name.strip(): text for names, text in entries_of(doc.sections.get("Attributes", ())) for name in names.split(",")}
    own = {name for each in documented.__mro__ if each.__module__.startswith("matcalc") for name in vars(each)}
    yield from ((name, None, text) for name, text in told.items())
    for name in sorted(own):
        if name.startswith("_") or name in told:
            continue
        member = inspect.getattr_static(documented, name)
        if not getattr(member, "__module__", "matcalc").startswith("matcalc"):
            continue
        if isinstance(member, property | staticmethod | classmethod) or callable(member) or hasattr(member, "func"):
            bound = getattr(documented, name) if isinstance(member, staticmethod | classmethod) else member
            yield name, bound, without_address(doc_of(member).summary)


def without_address(text: str) -> str:
    """A summary without the module that the work is handed on to; the reference has what is said there."""
    return re.sub(r": see `matcalc\.(?:numeric|verification|second_verification|sympy_bridge)\.[\w.]+`", "", text)


def of_class(name: str, documented: type, doc: Doc, text: Text) -> Iterator[str]:
    """The members of a class: a table, and below it what has more to say."""
    found = list(members(documented, doc))
    rows: list[tuple[str, str]] = []
    for member, each, told in found:
        name_shown = f"`{signature_of(member, each) if is_method(each) else member}`"
        if rows and each is None and rows[-1][1] == text(told, cell=True):
            rows[-1] = (f"{rows[-1][0]}, {name_shown}", rows[-1][1])
        else:
            rows.append((name_shown, text(told, cell=True)))
    if rows:
        yield from table(("attribute or method", "what it is"), rows)
    for member, each, _ in found:
        longer = doc_of(the_object(HANDED_ON[f"{name}.{member}"]) if f"{name}.{member}" in HANDED_ON else each) if each else Doc()
        if longer.sections or longer.paragraphs:
            shown = signature_of(f"{name}.{member}", each) if is_method(each) else f"{name}.{member}"
            yield from (f"#### `{shown}`", "", text(longer.summary), "", *sections(longer, text))


def entry(name: str, text: Text) -> Iterator[str]:
    """The part of a page on one name."""
    documented, shown = the_object(name), shown_name(name)
    doc = doc_of(documented)
    yield from (f"## {shown}", "")
    made = "Args" in doc.sections if isinstance(documented, type) else callable(documented)
    if made:
        module = name.rpartition(":")[0]
        yield from ("```python", *broken(signature_of(f"{module or 'mc'}.{shown}", documented)), "```", "")
    yield from (text(doc.summary), "")
    yield from sections(doc, text)
    if isinstance(documented, type):
        yield from of_class(shown, documented, doc, text)


def elementwise(text: Text) -> Iterator[str]:
    """The table of the functions of each entry, their derivatives as the engine gives them."""
    mc = importlib.import_module("matcalc")
    t = mc.scalar("t")
    opening = (
        "Each takes any array and gives one of its shape; `mc.tanh.prime` is the derivative. The derivative of f(z) by a column z (n) is "
        "diag(f'(z)), n x n in both layouts. `step` is 1 above 0 and 0 below, `normal_cdf` and `normal_pdf` are those of the standard "
        "normal distribution. What is told of [`ElementwiseFunction`](#elementwisefunction) holds for each of them."
    )
    yield from ("## Elementwise functions", "", opening, "")
    yield from ("| function | f(t) | f'(t) |", "|---|---|---|")
    for name, what in ELEMENTWISE.items():
        derived = repr(mc.derive(getattr(mc, name)(t), t, layout="numerator").result)
        yield f"| `mc.{name}` | {what.replace('|', '')} | `{derived}` |"
    yield ""


def page_text(page: Page) -> str:
    """The whole page."""
    text = Text(page.file)
    lines = [f"# {page.title}", "", page.opening, ""]
    documented = [name for name in page.names if name not in ELEMENTWISE]
    places = anchors()
    lines += [" · ".join(f"[{shown_name(n)}]({places[shown_name(n)].removeprefix(f'{page.file}.md')})" for n in documented), ""]
    for name in documented:
        lines += entry(name, text)
    if len(documented) < len(page.names):
        lines += elementwise(text)
    if page.file == "errors":
        rows = [(f"`{name}`", text(doc_of(the_object(f"errors:{name}")).summary, cell=True)) for name in errors()]
        lines += table(("error", "what it tells"), rows)
    return "\n".join(lines).rstrip() + "\n"


def index_text() -> str:
    """The page that lists the pages."""
    places = anchors()
    opening = (
        "Every public name, with its shapes in both layouts, and the objects that are returned. These pages are made from the "
        "docstrings by `python docs/make_reference.py`; `help(mc.derive)` shows the same. Questions of students are answered in "
        "[the confusions](../confusions/README.md)."
    )
    lines = ["# Reference", "", opening, "", "| page | names |", "|---|---|"]
    for page in pages():
        linked = ", ".join(f"[{shown_name(n)}]({places[shown_name(n)]})" for n in page.names)
        lines.append(f"| [{page.title}]({page.file}.md) | {linked} |")
    return "\n".join(lines) + "\n"


def made() -> dict[str, str]:
    """The text of every page by its file."""
    return {"README.md": index_text()} | {f"{page.file}.md": page_text(page) for page in pages()}


def differing() -> list[str]:
    """The pages that are not what the docstrings make, those too many or missing among them."""
    wanted = made()
    found = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` compare them."""
    if arguments == ["--check"]:
        wrong = differing()
        print("\n".join(f"docs/reference/{name} is not what the docstrings make" for name in wrong) or "The reference is up to date.")
        return 1 if wrong else 0
    FOLDER.mkdir(exist_ok=True)
    wanted = made()
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(wanted)} pages in {FOLDER.relative_to(FOLDER.parents[1])}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
