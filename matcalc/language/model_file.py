r"""Models in TOML files.

    definitions = [                                 # in any order; or a table [definitions] with z = '...' for each
      '\mathbf{z} = \mathbf{W} \mathbf{a}^{(0)} + \mathbf{b}',
      'C(\mathbf{z}, \mathbf{y}) = \frac{1}{2} \|f(\mathbf{z}) - \mathbf{y}\|^2',
    ]
    assume = ["y one-hot"]                          # assumptions, each on something that is declared
    layout = "numerator"                            # of derivatives in the definitions, if there are any

    [shapes]                                        # "" a scalar, "n" a column, "1 n" a row, "m n" a matrix; or ["m", "n"]
    W = "m n"
    '\mathbf{x}' = "n"                              # names plain or in LaTeX

    [functions]
    f = "elementwise"                               # or a known function as "sigmoid", or "matrix"
    L = { of = ["z", "y"], shape = "" }             # an unknown map; without of, of whatever the text gives it

    [aliases]
    "a^(0)" = "x"                                   # two names of one quantity

    [sizes]                                         # numbers for numeric work; or sizes = ["N"], which only names sizes
    n = 3

Every part may be left out. LaTeX stands in single quotes, in which TOML leaves the backslash alone.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, final

from matcalc.errors import ModelError, UnsupportedError, near_name, near_names
from matcalc.language.elementwise import ElementwiseFunction, MapFunction, MatrixFunction, known_function
from matcalc.language.expressions import ApplyMap, Expr, Let, Symbol
from matcalc.language.model_building import Contents
from matcalc.language.model_entries import Entries, Entry
from matcalc.language.operators import METHODS
from matcalc.language.reading.scope import OpenMap
from matcalc.language.sizes import Dim, Shape
from matcalc.language.toml_lines import Path as Way
from matcalc.language.toml_lines import lines_of, pieces_of

MOST_BYTES = 4_000_000
PARTS = ("shapes", "functions", "definitions", "aliases", "sizes", "assume", "layout")

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_SPOILT = re.compile(r"(?<!\\)(?:\\\\)*(?P<escape>\\[btnfrxe])")
_CLAIMS = {"Cannot overwrite a value": "This name stands here twice", "Cannot declare": "This table stands here twice"}
_SINGLE_QUOTES = "In double quotes TOML takes a backslash for its own; write LaTeX in single quotes."


# ---- reading ---------------------------------------------------------------------------------------------------------


def entries_of_file(path: str | PathLike[str]) -> Entries:
    """The declarations in a TOML file.

    Raises:
        ModelError: there is no such file, it is not TOML, or it holds what no model has.
    """
    if not isinstance(path, str | PathLike) or "\n" in str(path):
        raise ModelError("from_toml takes the path of a file. A text in TOML is read by from_toml_text.")
    shown, place = str(path), Path(path)
    try:
        with place.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        near = near_name(place.stem, [each.stem for each in place.parent.glob("*.toml")]) if place.parent.is_dir() else ""
        raise ModelError(f"{shown}: there is no such file.{' ' if near else ''}{near}") from None
    except IsADirectoryError:
        raise ModelError(f"{shown} is a directory; the path of a TOML file is needed.") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{shown} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if len(data) > MOST_BYTES:
        raise ModelError(f"{shown} has more than {MOST_BYTES:,} bytes; so large a model is not read.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ModelError(f"{shown}, line {line}: this is not UTF-8. Save the file in UTF-8.") from None
    return entries_of_text(text, shown)


def entries_of_text(text: str, name: str) -> Entries:
    """The declarations in a text in TOML.

    Args:
        text: the text.
        name: what errors call it, as the path of the file.
    """
    if not isinstance(text, str):
        raise ModelError(f"A text in TOML is needed, not {type(text).__name__}.")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    parsed = _parsed(text, name)
    _check_escapes(text, name)
    return _File(name, parsed, lines_of(text)).entries()


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
    except RecursionError:
        raise ModelError(f"{name}: lists or tables are nested too deep.") from None
    found = _PLACE.search(message)
    claim = message[: found.start()] if found else message
    lines = text.split("\n")
    number = int(found["line"]) if found and found["line"] else len(text.rstrip("\n").split("\n"))
    column = int(found["column"]) if found and found["column"] else len(lines[number - 1]) + 1
    line = lines[number - 1].replace("\t", " ")
    first = max(0, column - 80)
    shown = "".join(c if c.isprintable() else " " for c in line[first : first + 100])
    claim = _CLAIMS.get(claim, claim)
    hint = f"\n    {_SINGLE_QUOTES}" if "\\" in claim or "escape" in claim or "hex" in claim else ""
    caret = " " * (column - 1 - first) + "^"
    raise ModelError(f"{name}, line {number}: this is not TOML: {claim}.\n    {shown}\n    {caret}{hint}")


def _check_escapes(text: str, name: str) -> None:
    """LaTeX in double quotes may be valid TOML and mean something else: ``"\\theta"`` is a tab and ``heta``."""
    faults = []
    for piece in pieces_of(text):
        spoilt = _SPOILT.search(piece.text) if piece.kind == "string" and piece.text[0] == '"' else None
        if spoilt:
            line = piece.line + piece.text[: spoilt.start("escape")].count("\n")
            written = piece.text[spoilt.start("escape") :].split("\n")[0]
            word = re.match(r"\\[A-Za-z]+", written)
            faults.append(f"{name}, line {line}: {word[0] if word else written:.40} in double quotes is no LaTeX. {_SINGLE_QUOTES}")
    if faults:
        raise ModelError(*faults)


@final
class _File:
    """A parsed file and the lines of what it holds."""

    def __init__(self, name: str, parsed: dict[str, Any], lines: dict[Way, int]) -> None:
        self.name = name
        self.parsed = parsed
        self.lines = lines
        self.faults: list[tuple[str, str]] = []
        self.spoilt: list[str] = []
        self.written: dict[str, str] = {}  # a part whose key is mistyped, and that key
        self.without_names = False  # whether a part that names things cannot be read at all

    def entries(self) -> Entries:
        """All declarations, and the faults of parts that no model has or of the wrong kind.

        Raises:
            ModelError: a whole table of names cannot be read, so that nothing can be said of what stands elsewhere.
        """
        for key in self.parsed:
            if key not in PARTS:
                self._fault((key,), f"a model has no part {key!r}. {near_names(key, PARTS)}")
                meant = difflib.get_close_matches(key, [part for part in PARTS if part[:2] == key[:2]], n=1, cutoff=0.5)
                if meant and meant[0] not in self.parsed:
                    self.written[meant[0]] = key
        layout = self.written.get("layout", "layout")
        made = Entries(
            shapes=self._table("shapes", self._shape),
            functions=self._table("functions", self._function),
            definitions=self._table("definitions", _text) if self._is_table("definitions") else self._list("definitions"),
            aliases=self._table("aliases", _text),
            sizes=self._sizes() if "sizes" in self.parsed and not self._is_table("sizes") else self._table("sizes", _number),
            assume=self._list("assume"),
            layout=Entry("layout", self.parsed[layout], self._place((layout,))) if layout in self.parsed else None,
        )
        if self.without_names:
            raise ModelError(*(f"{place}: {claim}" for place, claim in sorted(self.faults, key=lambda each: _line_of(each[0]))))
        return replace(made, faults=tuple(self.faults), spoilt=tuple(self.spoilt))

    def _line(self, way: Way) -> int:
        """The line of what stands there, or of what holds it."""
        return next(self.lines[way[:end]] for end in range(len(way), 0, -1) if way[:end] in self.lines)

    def _place(self, way: Way) -> str:
        return f"{self.name}, line {self._line(way)}"

    def _fault(self, way: Way, claim: str) -> None:
        self.faults.append((self._place(way), claim))

    def _is_table(self, part: str) -> bool:
        return isinstance(self.parsed.get(self.written.get(part, part)), dict)

    def _table(self, part: str, fault_of: Callable[[Any], str]) -> tuple[Entry, ...]:
        written = self.written.get(part, part)
        given = self.parsed.get(written, {})
        if not isinstance(given, dict):
            self.without_names = self.without_names or part != "sizes"
            self._fault((written,), f"{part} is a table, [{part}], with a line for each name.")
            return ()
        found = []
        for name, value in given.items():
            claim = fault_of(value)
            if claim:
                self._fault((written, name), f"{name} = {_shown(value)} in [{part}]: {claim}")
                self.spoilt.append(name)
            else:
                found.append(Entry(name, value, self._place((written, name))))
        return tuple(found)

    def _list(self, part: str) -> tuple[Entry, ...]:
        written = self.written.get(part, part)
        given = self.parsed.get(written, [])
        if not isinstance(given, list):
            self.without_names = self.without_names or part == "definitions"
            self._fault((written,), f"{part} is a list of texts, {part} = ['...', '...'].")
            return ()
        for number, value in enumerate(given):
            if not isinstance(value, str):
                self._fault((written, number), f"{_shown(value)} in {part} is no text.")
        return tuple(Entry("", value, self._place((written, number))) for number, value in enumerate(given) if isinstance(value, str))

    def _sizes(self) -> tuple[Entry, ...]:
        return tuple(Entry(entry.value, None, entry.place) for entry in self._list("sizes"))

    def _shape(self, value: Any) -> str:
        listed = value if isinstance(value, list) else [value]
        good = all(isinstance(each, str | int) and not isinstance(each, bool) for each in listed)
        return "" if good else 'a shape is "" (a scalar), "n" (a column), "1 n" (a row) or "m n" (a matrix).'

    def _function(self, value: Any) -> str:
        if isinstance(value, dict):
            wrong = sorted(set(value) - {"of", "shape"})
            if wrong:
                near = near_name(wrong[0], ("of", "shape"))
                return f'a map has no {wrong[0]!r}; it is {{ of = ["a", "y"], shape = "" }}.{" " if near else ""}{near}'
            return self._shape(value["shape"]) if "shape" in value else "the shape of the map is missing."
        return "" if isinstance(value, str) else 'a function is "elementwise", a known one as "sigmoid", "matrix" or a map { shape = "" }.'


def _line_of(place: str) -> int:
    return int(place.rpartition(" ")[2])


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else "a text is needed."


def _number(value: Any) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) and value > 0 else "the number of a size is a positive int."


def _shown(value: Any) -> str:
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


# ---- writing ---------------------------------------------------------------------------------------------------------


def toml_of(contents: Contents) -> str:
    """The text in TOML that writes a model."""
    definitions = [_definition(contents, let) for let in contents.definitions.values()]
    functions = {name: _function_text(contents, name) for name in contents.functions}
    numbers = {name: str(number) for name, number in contents.sizes.items()}
    unshaped = _sizes_without_shape(contents)
    if unshaped and numbers:
        raise UnsupportedError(f"The size {unshaped[0]} stands in no shape and has no number, others have one: give it one, to be written.")
    parts = [
        _listed("definitions", definitions),
        _listed("assume", contents.assumptions),
        f"layout = {_quoted(contents.layout)}\n" if contents.layout else "",
        _listed("sizes", unshaped),
        _tabled("shapes", {name: _quoted(_shape_text(symbol.shape)) for name, symbol in contents.symbols.items()}),
        _tabled("functions", functions),
        _tabled("aliases", {name: _quoted(of) for name, of in contents.aliases.items()}),
        _tabled("sizes", numbers),
    ]
    return "\n".join(part for part in parts if part)


def _definition(contents: Contents, let: Let) -> str:
    name = METHODS["latex"](let)
    return f"{name} = {contents.texts.get(let.name) or METHODS['latex'](let.definition)}"


def _sizes_without_shape(contents: Contents) -> list[str]:
    shapes = [symbol.shape for symbol in contents.symbols.values()]
    shapes += [f.shape for f in contents.functions.values() if isinstance(f, OpenMap | MapFunction)]
    held = {name for shape in shapes for entry in shape if isinstance(entry, Dim) for name in entry.names}
    return [name for dim in contents.dims for name in dim.names if name not in held and name not in contents.sizes]


def _function_text(contents: Contents, name: str) -> str:
    function = contents.functions[name]
    plain = isinstance(function, ElementwiseFunction | MatrixFunction) and not function.order
    match function:
        case ElementwiseFunction(known=True) if function == known_function(function.name):
            return _quoted(function.name)
        case ElementwiseFunction(known=False) if plain and function.name == name:
            return _quoted("elementwise")
        case MatrixFunction() if plain and function.name == name:
            return _quoted("matrix")
        case OpenMap(shape=shape) if function.name == name:
            return f"{{ shape = {_quoted(_shape_text(shape))} }}"
        case MapFunction(shape=shape) if function.name == name and name in contents.maps:
            applied = contents.maps[name]
            assert isinstance(applied, ApplyMap)
            of = ", ".join(_quoted(_argument_name(each, contents, name)) for each in applied.arguments)
            return f"{{ of = [{of}], shape = {_quoted(_shape_text(shape))} }}"
    kind = type(function).__name__
    raise UnsupportedError(f"The function {name}, {kind}, has no writing in TOML: declare it by its kind, or of named quantities.")


def _argument_name(argument: Expr, contents: Contents, name: str) -> str:
    if isinstance(argument, Symbol | Let):
        return argument.name
    found = next((other for other, value in contents.maps.items() if value == argument), None)
    if found is None:
        raise UnsupportedError(f"{name} is a map of {argument!r}, which has no name: give it one, to be written in TOML.")
    return found


def _shape_text(shape: Shape) -> str:
    return " ".join(map(str, shape))


def _quoted(text: str) -> str:
    if "'" not in text and text.isprintable():
        return f"'{text}'" if "\\" in text else f'"{text}"'
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _listed(name: str, texts: Iterable[str]) -> str:
    lines = [f"  {_quoted(text)},\n" for text in texts]
    return f"{name} = [\n{''.join(lines)}]\n" if lines else ""


def _tabled(name: str, rows: Mapping[str, str]) -> str:
    bare = re.compile(r"[A-Za-z0-9_-]+")
    lines = [f"{key if bare.fullmatch(key) else _quoted(key)} = {value}\n" for key, value in rows.items()]
    return f"[{name}]\n{''.join(lines)}" if lines else ""
