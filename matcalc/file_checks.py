"""Many texts checked, in one process or several; a text that cannot be checked never stops the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, final

from matcalc.derivation_check.report_html import report_parts
from matcalc.derivation_check.report_pages import Checked
from matcalc.errors import MatcalcError
from matcalc.language.model import Model
from matcalc.language.operators import named_in
from matcalc.network_files import model_in_file
from matcalc.networks import Network

MOST_BYTES = 4_000_000
MOST_AT_ONCE = 16  # texts that a process is handed together
ENDED = "the process that checked it ended, as by lack of memory"


@final
@dataclass(frozen=True, slots=True)
class Asked:
    """How texts are to be checked; small, as every process is handed it.

    Attributes:
        model: path of a model file, or what a `Network` is made of, or None.
        layout: ``numerator``, ``denominator``, ``mixed``, or None to find it out.
        partial: ``total`` or ``direct``.
        html: whether the parts of a page are wanted.
    """

    model: str | dict[str, Any] | None = None
    layout: str | None = None
    partial: str = "total"
    html: bool = False


Text: TypeAlias = "tuple[str, str | Path]"  # its name, and the text or the path of the file that holds it


def model_asked(asked: Asked) -> Network | Model | None:
    """The model of the texts.

    Raises:
        MatcalcError: it has faults.
    """
    if isinstance(asked.model, str):
        return model_in_file(asked.model)
    return None if asked.model is None else Network(**asked.model)


def text_of(source: str | Path) -> str:
    """A text, or that of a file: in UTF-8, UTF-16 with its mark, or else Latin-1.

    Raises:
        MatcalcError: there is no such file, or it holds no text, or nothing.
    """
    if isinstance(source, str):
        return source
    try:
        with source.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise MatcalcError(f"It cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if len(data) > MOST_BYTES:
        raise MatcalcError(f"It has more than {MOST_BYTES:,} bytes; so long a text is not read.")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\0" in text:
        raise MatcalcError("It is no text: it holds zero bytes.")
    if not text.strip():
        raise MatcalcError("It is empty: there is nothing to check.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def checked(text: Text, number: int, asked: Asked, model: Network | Model | None) -> Checked:
    """What is found of one text; whatever goes wrong is told in the result."""
    name, source = text
    try:
        report = named_in("matcalc.checking", "check")(text_of(source), model, layout=asked.layout, partial=asked.partial, name=name)
        html = "\n".join(report_parts(report, f"text-{number}-line")) if asked.html else ""
        return Checked(name, report, html=html)
    except MatcalcError as error:
        return Checked(name, None, str(error))
    except Exception as error:  # a fault of ours in one text must not lose the others
        return Checked(name, None, f"The check itself failed: {type(error).__name__}: {error}")


# ---- several processes -----------------------------------------------------------------------------------------------

_given: list[tuple[Asked, Network | Model | None]] = []  # of this process, made once


def _prepare(asked: Asked) -> None:
    _given[:] = [(asked, model_asked(asked))]


def _checked_here(texts: Sequence[tuple[int, Text]]) -> list[Checked]:
    asked, model = _given[0]
    return [checked(text, number, asked, model) for number, text in texts]


def all_checked(texts: Sequence[Text], asked: Asked, jobs: int = 1) -> Iterator[tuple[int, Checked]]:
    """The number of each text and what is found of it, as soon as it is known, in any order."""
    numbered = list(enumerate(texts))
    if jobs <= 1 or len(numbered) < 2:
        model = model_asked(asked)
        for number, text in numbered:
            yield number, checked(text, number, asked, model)
        return
    size = max(1, min(MOST_AT_ONCE, len(numbered) // (4 * jobs)))
    lost: list[tuple[int, Text]] = []
    with ProcessPoolExecutor(min(jobs, len(numbered)), initializer=_prepare, initargs=(asked,)) as pool:
        handed = {pool.submit(_checked_here, numbered[at : at + size]): numbered[at : at + size] for at in range(0, len(numbered), size)}
        for future in as_completed(handed):
            found = _found(future)
            if found is None:
                lost += handed[future]
            else:
                yield from zip((number for number, _ in handed[future]), found, strict=True)
    for number, text in lost:
        yield number, _checked_alone(number, text, asked)


def _found(future: Future[list[Checked]]) -> list[Checked] | None:
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _checked_alone(number: int, text: Text, asked: Asked) -> Checked:
    """A text that was in hand when a process ended, in a process of its own."""
    with ProcessPoolExecutor(1, initializer=_prepare, initargs=(asked,)) as pool:
        found = _found(pool.submit(_checked_here, [(number, text)]))
    return Checked(text[0], None, f"It was not checked: {ENDED}.") if found is None else found[0]
