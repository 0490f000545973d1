"""Models in TOML files: what is read, what is written, and every error with the number of its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import matcalc as mc
from matcalc.errors import MatcalcError, ModelError, ReadError, ShapeError, UnknownNameError
from matcalc.language.toml_lines import lines_of
from matcalc.layout.conventions import Layout

EXAMPLE = Path(__file__).parents[2] / "examples" / "two_layers.toml"
ONE_LAYER = r"""
# a layer
definitions = [ # in any order
  '''
\mathbf{a} =
  f(\mathbf{z})
''', 'C = L(\mathbf{a}, \mathbf{y})',   # a [ in a comment

  "\\mathbf{z} = \\mathbf{W} \\mathbf{a}^{(0)} + \\mathbf{b}",
  "q = f'(\\mathbf{z})^\\top \\mathbf{b}"
]
assume = ['W full rank']

[shapes]
'\mathbf{W}' = ["m", "n"]
x = "n"
"b" = "m"
y = "m"
X = [2, "n"]
r = "1 n"
c = ""
k = 3

[functions]
f = "tanh"
L = { of = ["a", "y"], shape = "" }
h = {shape='n n'}

[aliases]
"a^(0)" = 'x'

[sizes]
n = 3
"m" = 5
"""
SHAPES = "[shapes]\nW = 'm n'\nx = 'n'\ny = 'm'\n"


def saved(folder: Path, text: str | bytes) -> Path:
    path = folder / "net.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def places_of(error: pytest.ExceptionInfo[MatcalcError]) -> list[tuple[int, str]]:
    """The line of each fault, and what follows."""
    return [(int(line), rest) for line, rest in re.findall(r"^net\.toml, line (\d+)(?:, \S+)?: (.*)$", str(error.value), re.MULTILINE)]


def test_the_example_is_the_network() -> None:
    net = mc.Network(widths=(3, 5, 2), activation="f")
    made = mc.Model.from_toml(EXAMPLE)
    assert made == net.model() == mc.Model.from_toml(str(EXAMPLE))
    for layout in Layout:
        for name in net.parameters:
            assert mc.derive(made["C"], name, layout=layout).result == mc.derive(net.cost, name, layout=layout).result


def test_every_part_is_read(tmp_path: Path) -> None:
    made = mc.Model.from_toml(saved(tmp_path, ONE_LAYER))
    assert made == mc.Model(
        shapes={"W": "m n", "x": "n", "b": "m", "y": "m", "X": "2 n", "r": "1 n", "c": "", "k": (3,)},
        definitions=[
            r"\mathbf{z} = \mathbf{W} \mathbf{x} + \mathbf{b}", r"\mathbf{a} = \tanh(\mathbf{z})", r"C = L(\mathbf{a}, \mathbf{y})",
            r"q = f'(\mathbf{z})^\top \mathbf{b}",
        ],
        functions={"f": "tanh", "L": {"of": ["a", "y"], "shape": ""}, "h": {"shape": "n n"}},
        assume=["W full rank"], aliases={"a^(0)": "x"}, sizes={"n": 3, "m": 5},
    )  # fmt: skip
    assert list(made.definitions) == ["a", "C", "z", "q"]
    assert mc.Model.from_toml_text(made.to_toml()) == made


def test_definitions_as_a_table() -> None:
    table = mc.Model.from_toml_text(SHAPES + "[definitions]\nz = '\\mathbf{W} \\mathbf{x}'\n'\\mathbf{a}^{(1)}' = '\\tanh(\\mathbf{z})'\n")
    listed = ["\\mathbf{a}^{(1)} = \\tanh(\\mathbf{z})", "\\mathbf{z} = \\mathbf{W} \\mathbf{x}"]
    assert table == mc.Model(shapes={"W": "m n", "x": "n", "y": "m"}, definitions=listed)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing", "[shapes]\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_an_empty_file_is_an_empty_model(tmp_path: Path, text: str | bytes) -> None:
    made = mc.Model.from_toml(saved(tmp_path, text))
    assert made == mc.Model() and len(made) == 0 and repr(made) == "Model()" and made.to_toml() == ""


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_marks_and_line_endings_change_nothing(tmp_path: Path, ending: str, mark: str) -> None:
    path = saved(tmp_path, mark + ONE_LAYER.replace("\n", ending))
    assert mc.Model.from_toml(path) == mc.Model.from_toml_text(ONE_LAYER)


def test_names_beyond_ascii(tmp_path: Path) -> None:
    made = mc.Model.from_toml(saved(tmp_path, "[shapes]\n'größe' = 'n'\n'θ' = '1 n'\n"))
    assert made.names == ("größe", "θ")
    assert mc.Model.from_toml_text(made.to_toml()) == made


# ---- lines -----------------------------------------------------------------------------------------------------------


def test_the_lines_of_keys_and_elements() -> None:
    lines = lines_of(ONE_LAYER)
    texts = ONE_LAYER.split("\n")
    assert [lines["definitions", k] for k in range(4)] == [4, 7, 9, 10]
    for part, name in (("shapes", r"\mathbf{W}"), ("shapes", "c"), ("functions", "L"), ("aliases", "a^(0)"), ("sizes", "m")):
        assert name in texts[lines[part, name] - 1]
    assert lines["functions", "L", "of", 1] == lines["functions", "L"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('a.b = 1\n"c" . \'d\' = 2\n', {("a",): 1, ("a", "b"): 1, ("c",): 2, ("c", "d"): 2}),
        ("[[t]]\nx = 1.5\n[[t]]\ny = -1\n", {("t",): 1, ("t", "x"): 2, ("t", "y"): 4}),
        ('a = """\n] # "" \\" \n"""""\nb = \'\'\'\'x\'\'\'\'\'\nc = 1', {("a",): 1, ("b",): 4, ("c",): 5}),
        ("a = [[1,\n2], {b = 3,c=[\n4]}]\n", {
            ("a",): 1, ("a", 0): 1, ("a", 0, 0): 1, ("a", 0, 1): 2, ("a", 1): 2, ("a", 1, "b"): 2, ("a", 1, "c"): 2, ("a", 1, "c", 0): 3,
        }),
        ("a = 1979-05-27 07:32:00\nb = 2", {("a",): 1, ("b",): 2}),
        ('"a\\"]" = "#"\n', {('a"]',): 1}),
    ],
    ids=["dots", "tables", "long strings", "nested", "dates", "quotes"],
)  # fmt: skip
def test_lines_of_any_toml(text: str, lines: dict[tuple[str | int, ...], int]) -> None:
    assert lines_of(text) == lines


# ---- faults ----------------------------------------------------------------------------------------------------------


def test_faults_of_definitions_have_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, f"""# first

definitions = [
  '\\mathbf{{z}} = \\mathbf{{W}} \\mathbf{{y}}', '\\mathbf{{a}} = \\mathbf{{z}} + 1',

  # a comment, [
  '''
q =
  \\mathbf{{x}}^\\top \\mathbf{{y}}''',
  'r = \\mathbf{{x}} + \\mathbf{{y}}',
]
{SHAPES}""")
    with pytest.raises(ShapeError, match="does not conform") as error:
        mc.Model.from_toml("net.toml")
    assert [line for line, _ in places_of(error)] == [4, 7, 10]
    lines = str(error.value).splitlines()
    assert lines[:4] == [
        r"net.toml, line 4, z: \mathbf{W} \mathbf{y} does not conform: \mathbf{W} is (m, n), \mathbf{y} is (m,); n and m differ.",
        r"    \mathbf{z} = \mathbf{W} \mathbf{y}",
        r"                 ^^^^^^^^^^^^^^^^^^^^^",
        r"    If the rows of \mathbf{W} were meant, write (\mathbf{W})^\top \mathbf{y}; else declare sizes that agree.",
    ]
    assert lines[5:7] == [r"    q =   \mathbf{x}^\top \mathbf{y}", "          ^^^^^^^^^^^^^^^^^^^^^^^^^^"]


# the text of a file, the error, and of each fault the line and how it begins
FAULTS: list[tuple[str, type[MatcalcError], list[tuple[int, str]]]] = [
    ("definitoins = []\n\nassumptions = 3\n[shape]\nx = 'n'", ModelError, [
        (1, "a model has no part 'definitoins'. Did you mean definitions"), (3, "a model has no part 'assumptions'"),
        (3, "assume is a list of texts"), (4, "a model has no part 'shape'. Did you mean shapes?"),
    ]),
    ("definitions = 'z = x'\nassume = 'x'\nsizes = 3\nshapes = []\naliases = 1\nfunctions = 2", ModelError, [
        (1, "definitions is a list of texts"), (2, "assume is a list of texts"), (3, "sizes is a list of texts"),
        (4, "shapes is a table, [shapes]"), (5, "aliases is a table"), (6, "functions is a table"),
    ]),
    ("definitions = [\n 'z = x',\n 3,\n ['z']]\nassume = [1.5]\nsizes = ['N', 4]", ModelError, [
        (2, "x is not declared."), (3, "3 in definitions is no text"), (4, "['z'] in definitions is no text"),
        (5, "1.5 in assume is no text"), (6, "4 in sizes is no text"),
    ]),
    ("[[definitions]]\nz = 'x'", ModelError, [(1, "{'z': 'x'} in definitions is no text")]),
    ("[shapes]\na = 1.5\nb = { n = 1 }\n\nc = true\nd = ['n', 2.5]\ne.f = 'n'", ModelError, [
        (2, "a = 1.5 in [shapes]: a shape is"), (3, "b = {'n': 1} in [shapes]"), (5, "c = true in [shapes]"),
        (6, "d = ['n', 2.5] in [shapes]"), (7, "e = {'f': 'n'} in [shapes]"),
    ]),
    ("[functions]\nf = 3\ng = { of = 'x', shap = '' }\n# h\nh = { of = 'x' }\n[definitions]\nz = 3", ModelError, [
        (2, "f = 3 in [functions]: a function is"), (3, "g = {'of': 'x', 'shap': ''} in [functions]: a map has no 'shap'"),
        (5, "h = {'of': 'x'} in [functions]: the shape of the map is missing"), (7, "z = 3 in [definitions]: a text is needed"),
    ]),
    ("[sizes]\nn = 'k'\nm = 0\n[aliases]\na = 3", ModelError, [
        (2, "n = 'k' in [sizes]: the number of a size is a positive int"), (3, "m = 0 in [sizes]"), (5, "a = 3 in [aliases]: a text"),
    ]),
    ("[shapes]\nx = 'n'\ny = 'n n n'\n'a b' = 'n'\nz = 'n-'\n[functions]\nf = 'elementwis'\ng = { of = 3, shape = '' }", ModelError, [
        (3, "y: a shape has at most two sizes"), (4, "'a b' is not a plain name"), (5, "'n-' is not a size"),
        (7, "f: 'elementwis' is no kind of function. Did you mean elementwise?"), (8, "g is declared of 3"),
    ]),
    (f"{SHAPES}'\\mathbf{{x}}' = 'm'", MatcalcError, [(5, r"\mathbf{x} is (m,) here and (n,) at")]),
    (f"{SHAPES}z = 'n'\n[definitions]\n\nz = '2 y'", ShapeError, [(5, "z is declared as (n,), but its definition (")]),
    (f"{SHAPES}[functions]\nL = {{ of = ['x', 'yy'], shape = '' }}", UnknownNameError, [
        (6, "L is declared of yy, which is not declared. Did you mean y?"),
    ]),
    (f"{SHAPES}[aliases]\n\na = 'xx'\nb = 'yy'", UnknownNameError, [
        (7, "a is an alias of xx, which is not declared"), (8, "b is an alias of yy, which is not declared"),
    ]),
    (f"definitions = [\n\n'z = \\mathbf{{v}}', 'q = u']\n{SHAPES}", UnknownNameError, [(3, "v is not declared"), (3, "u is not declared")]),
    (f"definitions = ['z = v', 'v = q',\n'q = z']\n{SHAPES}", ModelError, [
        (1, "The definitions go in a circle: z needs v, v needs q, q needs z."),
    ]),
    (f"definitions = ['z = x',\n'z = y']\n{SHAPES}", MatcalcError, [(2, "z has a definition already, z = x (")]),
    (f"definitions = ['z = x = y',\n'x + y = x', 'v']\n{SHAPES}", ReadError, [
        (1, "A second ="), (2, "x + y is not a name"), (2, "This defines nothing"),
    ]),
    (f"assume = ['W full rank',\n 'Q full rank']\n{SHAPES}", UnknownNameError, [(2, "The assumption 'Q full rank' names nothing")]),
    (f"{SHAPES}[sizes]\nn = 3\nk = 4", UnknownNameError, [(7, "No shape and no definition here has the size k")]),
    (f"\nlayout = 'numerater'\n{SHAPES}", MatcalcError, [(2, "'numerater' is not a layout. Did you mean numerator")]),
    ("definitions = ['z = W v',\n'q = y = x', 'p = q + u',\n'r = W y']\nassume = ['W sym']\n[shape]\nW = 'm n'\ny = 'm'\nx = 3.5\n[tuples]",
     ModelError, [
        (1, "v is not declared."), (2, "A second =; a definition has one."), (2, "u is not declared."), (3, "W y does not conform"),
        (4, "'W sym' is no assumption that is known. Did you mean 'W symmetric'?"), (5, "a model has no part 'shape'. Did you mean shapes"),
        (8, "x = 3.5 in [shapes]: a shape is"), (9, "a model has no part 'tuples'."),
    ]),
    # what is not TOML
    ("[shapes]\nx = 'n'\ny : 'm'\n", ModelError, [(3, "this is not TOML: Expected '=' after a key")]),
    ("[shapes]\nx = 'n'\n\nx = 'm'\n", ModelError, [(4, "this is not TOML: This name stands here twice")]),
    ("assume = [\n'W full rank'\n", ModelError, [(2, "this is not TOML: ")]),
    ('\ndefinitions = ["\\mathbf{z} = x"]', ModelError, [(2, "this is not TOML: Unescaped '\\' in a string")]),
    ('\n\nassume = ["\\underbrace{z} = x"]', ModelError, [(3, "this is not TOML: Invalid hex value")]),
    # valid TOML that spoils the LaTeX
    ('[definitions]\nz = "\\theta"\n"\\beta_1" = """\n\\nabla"""\nq = "\\\\theta \\\\\\tau"', ModelError, [
        (2, r"\theta in double quotes is no LaTeX"), (3, r"\beta in double quotes"), (4, r"\nabla in double quotes"),
        (5, r"\tau in double quotes"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "faults"), FAULTS, ids=[faults[0][1][:40] for _, _, faults in FAULTS])
def test_every_fault_has_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, kind: type[MatcalcError], faults: list[tuple[int, str]]
) -> None:
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, text)
    with pytest.raises(kind, match=r"net\.toml, line") as error:
        mc.Model.from_toml("net.toml")
    found = places_of(error)
    assert [line for line, _ in found] == [line for line, _ in faults]
    for (_, said), (_, expected) in zip(found, faults, strict=True):
        assert said.startswith(expected)


def test_double_quotes_get_the_way_out() -> None:
    with pytest.raises(ModelError, match=r"TOML, line 1: this is not TOML(.|\n)*write LaTeX in single quotes"):
        mc.Model.from_toml_text('assume = ["\\mathbf{x}"]')


def test_a_fault_of_toml_is_shown_at_its_column() -> None:
    with pytest.raises(ModelError) as error:
        mc.Model.from_toml_text("[shapes]\n\tx 'n'\n", name="net.toml")
    assert str(error.value).splitlines()[1:] == ["     x 'n'", "       ^"]


@pytest.mark.parametrize(
    ("data", "claim"),
    [
        (b"[shapes]\nx = 'n'\n# \xff\n", "line 3: this is not UTF-8. Save the file in UTF-8"),
        ("[shapes]\nx = 'n'\n".encode("utf-16"), "line 1: this is not UTF-8"),
        (b"x = " + b"[" * 100_000, "nested too deep"),
        (b"#" * 5_000_000, "more than 4,000,000 bytes"),
        (b"\x00", "line 1: this is not TOML"),
    ],
    ids=["latin", "utf-16", "deep", "large", "zero"],
)
def test_what_no_text_can_hold(tmp_path: Path, data: bytes, claim: str) -> None:
    with pytest.raises(ModelError, match=re.escape(claim)):
        mc.Model.from_toml(saved(tmp_path, data))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    saved(tmp_path, SHAPES)
    with pytest.raises(ModelError, match=r"nett\.toml: there is no such file\. Did you mean net\?"):
        mc.Model.from_toml(tmp_path / "nett.toml")
    with pytest.raises(ModelError, match=r"there is no such file\.$"):
        mc.Model.from_toml(tmp_path / "nowhere" / "net.toml")
    with pytest.raises(ModelError, match="is a directory; the path of a TOML file is needed"):
        mc.Model.from_toml(tmp_path)
    with pytest.raises(ModelError, match="cannot be read"):
        mc.Model.from_toml(tmp_path / "net.toml" / "net.toml")
    with pytest.raises(ModelError, match="cannot be read: embedded null"):
        mc.Model.from_toml("net\0.toml")
    with pytest.raises(ModelError, match="A text in TOML is read by from_toml_text"):
        mc.Model.from_toml(SHAPES)
    with pytest.raises(ModelError, match="A text in TOML is read by from_toml_text"):
        mc.Model.from_toml(3)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="A text in TOML is needed, not int"):
        mc.Model.from_toml_text(3)  # type: ignore[arg-type]


# ---- writing ---------------------------------------------------------------------------------------------------------


def test_what_is_written() -> None:
    made = mc.Model.from_toml(EXAMPLE)
    assert made.to_toml().startswith("definitions = [\n  '\\mathbf{z}^{(1)} = \\mathbf{W}^{(1)} \\mathbf{a}^{(0)} + \\mathbf{b}^{(1)}',\n")
    assert "\n[sizes]\nn_0 = 3\nn_1 = 5\nn_2 = 2\n" in made.to_toml()
    assert mc.Model.from_toml_text(made.to_toml()).to_toml() == made.to_toml()
