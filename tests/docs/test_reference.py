"""The reference is what the docstrings make, holds every public name, and each docstring tells what a user needs."""

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import matcalc as mc

DOCS = Path(__file__).parents[2] / "docs"
NEEDED = {"Shapes", "Raises", "Example"}
NOT_NEEDED = {"MatcalcError": {"Shapes", "Raises"}}


@pytest.fixture(scope="module", name="reference")
def the_program() -> Iterator[Any]:
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("make_reference")
    sys.path.remove(str(DOCS))


def test_pages_are_what_the_docstrings_make(reference: Any) -> None:
    assert reference.differing() == [], "run: python docs/make_reference.py"


def test_a_changed_page_is_found(reference: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(reference, "FOLDER", tmp_path / "docs" / "reference")
    (tmp_path / "docs").mkdir()
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    page = tmp_path / "docs" / "reference" / "code.md"
    page.write_text(page.read_text(encoding="utf-8").replace("numpy_source", "numpy_text"), encoding="utf-8")
    (tmp_path / "docs" / "reference" / "old.md").write_text("# Old\n", encoding="utf-8")
    capsys.readouterr()
    assert reference.main(["--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "docs/reference/code.md is not what the docstrings make", "docs/reference/old.md is not what the docstrings make",
    ]  # fmt: skip


def test_every_public_name_stands_on_one_page(reference: Any) -> None:
    shown = [name for page in reference.pages() for name in page.names]
    assert len(shown) == len(set(shown))
    assert set(mc.__all__) <= set(shown)


def lacking(reference: Any, documented: object, needed: set[str]) -> list[str]:
    """What a docstring does not tell."""
    doc = reference.doc_of(documented)
    told = set(doc.sections) | ({"Shapes"} if "Units" in doc.sections else set()) | ({"Example"} if doc.example else set())
    sentence = [] if doc.summary.rstrip("`)").endswith((".", ":")) else ["a sentence"]
    return [*sentence, *sorted(needed - told)]


@pytest.mark.parametrize("name", list(mc.__all__))
def test_a_public_name_is_documented(reference: Any, name: str) -> None:
    assert lacking(reference, getattr(mc, name), NEEDED - NOT_NEEDED.get(name, set())) == []


def attributes(documented: type) -> set[str]:
    """The public attributes that a class sets: the fields of a dataclass, and what stands behind ``self.`` on the left of an =."""
    set_there = re.findall(r"^ +self\.([A-Za-z]\w*)(?:: [^=]+)? = ", inspect.getsource(documented), re.M)
    several = re.findall(r"^ +(self\.[A-Za-z]\w*(?:, self\.[A-Za-z]\w*)+) = ", inspect.getsource(documented), re.M)
    told_together = [name.removeprefix("self.") for names in several for name in names.split(", ")]
    fields = getattr(documented, "__dataclass_fields__", {})
    return {name for name in (*set_there, *told_together, *fields) if not name.startswith("_")}


def test_the_attributes_of_a_class_are_found() -> None:
    assert attributes(mc.Network) >= {"widths", "loss", "bias", "W", "cost"}
    assert "_of_axes" not in attributes(mc.Derivation)


def test_links_lead_to_the_name_they_show(reference: Any) -> None:
    for page in reference.pages():
        seen: dict[str, int] = {}
        headings = {}
        for heading in re.findall(r"^#{1,6} (.*)$", reference.page_text(page), re.M):
            slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            seen[slug] = seen.get(slug, -1) + 1
            headings[f"{slug}-{seen[slug]}" if seen[slug] else slug] = heading
        for name in page.names:
            place = reference.anchors()[reference.shown_name(name)]
            wanted = "Elementwise functions" if name in reference.ELEMENTWISE else reference.shown_name(name)
            assert headings[place.partition("#")[2]] == wanted


def test_what_is_returned_is_documented(reference: Any) -> None:
    for page in reference.pages():
        for name in page.names:
            documented = reference.the_object(name)
            assert lacking(reference, documented, set()) == [], name
            if isinstance(documented, type):
                told = {member: text for member, _, text in reference.members(documented, reference.doc_of(documented))}
                assert all(told.values()), f"{name}: {[member for member, text in told.items() if not text]}"
                untold = {each for each in attributes(documented) - set(told) if f"``{each}``" not in str(inspect.getdoc(documented))}
                assert untold == set(), f"{name}: told nowhere"


def test_a_poor_docstring_is_found(reference: Any) -> None:
    def poor() -> None:
        """Something

        Args:
            x: a column.

        Units: seconds.
        """

    assert lacking(reference, poor, NEEDED) == ["a sentence", "Example", "Raises"]


def test_the_parts_of_a_docstring_are_told_apart(reference: Any) -> None:
    def read() -> None:
        """One sentence.

        A paragraph
        of two lines.

        Shapes: m x n,
        and n x m.

        Args:
            x, y: columns
                of a size.
            z: a row.

        Raises:
            ShapeError: sizes: two differ.

        Example:
            >>> 1 + 1

            2
        """

    doc = reference.doc_of(read)
    assert (doc.summary, doc.paragraphs) == ("One sentence.", ["A paragraph of two lines."])
    assert reference.joined(doc.sections["Shapes"]) == "m x n, and n x m."
    assert reference.entries_of(doc.sections["Args"]) == [("x, y", "columns of a size."), ("z", "a row.")]
    assert reference.entries_of(doc.sections["Raises"]) == [("ShapeError", "sizes: two differ.")]
    assert [line.strip() for line in doc.example if line.strip()] == [">>> 1 + 1", "2"]


def test_marks_become_markdown(reference: Any) -> None:
    text = reference.Text("deriving")
    assert text("``a|b`` and `derive` and `let`, 2 * x_1", cell=True) == (
        r"`a\|b` and [`derive`](#derive) and [`let`](writing.md#let), 2 \* x_1"
    )
    assert text("see `matcalc.to_numpy` and `nowhere`") == "see [`to_numpy`](code.md#to_numpy) and `nowhere`"


def test_signatures_are_shown_without_annotations(reference: Any) -> None:
    def called(a: int, *rest: int, b: str = "x", **more: Any) -> None: ...
    def bare(a: int, *, b: bool = False) -> None: ...

    assert reference.signature_of("called", called) == "called(a, *rest, b='x', **more)"
    assert reference.signature_of("bare", bare) == "bare(a, *, b=False)"


def test_an_example_of_a_package_says_what_it_takes_from_there(reference: Any) -> None:
    text = reference.Text("exercises")
    assert list(text.imports(['>>> task("07.1")', ">>> [generate(k, 1) for k in kinds]"])) == [
        ">>> from matcalc.exercises import generate, task"
    ]
    assert list(text.imports([">>> from matcalc.exercises import task", '>>> task("07.1").check("x")'])) == []
    assert list(reference.Text("deriving").imports([">>> task(1)"])) == []


def strangers(reference: Any, documented: Any) -> set[str]:
    """The arguments that a docstring tells of and that there are not."""
    entries = reference.entries_of(reference.doc_of(documented).sections.get("Args", ()))
    told = {each.strip(" `*") for names, _ in entries for each in names.split(",")}
    return told - set(inspect.signature(documented).parameters) if told else set()


def test_the_arguments_that_are_told_exist(reference: Any) -> None:
    for page in reference.pages():
        for name in page.names:
            documented = reference.the_object(name)
            assert strangers(reference, documented) == set(), name
            if isinstance(documented, type):
                found = [each for _, each, _ in reference.members(documented, reference.doc_of(documented)) if reference.is_method(each)]
                assert [strangers(reference, each) for each in found if strangers(reference, each)] == [], name


def test_an_argument_that_does_not_exist_is_found(reference: Any) -> None:
    def called(left: int, right: int) -> None:
        """One sentence.

        Args:
            left, rigth: numbers.
        """

    assert strangers(reference, called) == {"rigth"}
