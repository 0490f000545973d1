"""The published cases under other names and sizes, each inside an affine map: nothing is looked up.

Every name of a case is written anew, in another letter of its kind, every size likewise, and the expression e becomes k e + c^T d, B e + c
or B e C + D. The derivative is compared in both layouts with reverse mode on the tape, laid out by the definitions, at random data. That no
table of the package is read in deriving is shown by a copy of the package that has none.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import NoMatrixFormError, UnknownNameError
from matcalc.language.expressions import Expr, Kron, Let, Symbol, Vec
from matcalc.language.reading.formula import parse
from matcalc.language.reading.names import plain_of
from matcalc.language.sizes import Shape
from matcalc.language.traversal import named
from matcalc.numeric import tape
from matcalc.numeric.data import Data
from matcalc.numeric.differences import central_differences
from tests.oracle import close, laid_out_by_definition, vec_by_definition
from tests.test_published_answers import symbol
from tests.test_published_cases import CASES, LAYOUTS, NOT_COVERED, Draw, as_list, size_names

# Other letters, by the number of axes; none of them is a name or a size of any case.
LETTERS = (
    (r"\alpha", r"\varrho", r"\omega_1", r"\zeta", r"\tau", r"\nu_2"),
    (r"\boldsymbol{\omega}", r"\boldsymbol{\xi}", r"\mathbf{t}_1", r"\boldsymbol{\eta}", r"\mathbf{q}^{(2)}", r"\hat{\mathbf{o}}"),
    (r"\mathbf{F}", r"\boldsymbol{\Psi}", r"\mathbf{T}_2", r"\mathbf{Z}^{(1)}", r"\tilde{\mathbf{E}}", r"\mathbf{O}", r"\boldsymbol{\Xi}"),
)
FUNCTION_LETTERS = (
    (r"\phi", r"\psi", r"\varphi_1"),
    (r"\boldsymbol{\upsilon}", r"\boldsymbol{\chi}", r"\boldsymbol{\pi}"),
    (r"\boldsymbol{\Phi}", r"\boldsymbol{\Gamma}", r"\boldsymbol{\Theta}"),
)
SIZES = ("r", "h", "T", "J", "c", "g_1", "P")
SCALE, ADDED, FACTORS = r"\kappa", (r"\mathbf{c}_9", r"\mathbf{d}_9"), (r"\mathbf{B}_9", r"\mathbf{C}_9", r"\mathbf{D}_9")
NEW_SIZES = ("s_9", "t_9")

TOKEN = re.compile(
    r"\\(?:mathbf|boldsymbol)\{[^{}]*\}(?:_\{t-1\}|_t(?![a-z])|_\d)?|\\(?:operatorname|mathrm|mathbb|hat)\{[^{}]*\}|\\[A-Za-z]+|\S|\s"
)
KEPT = r"\sin"  # read as a function of a matrix where the case says so


@dataclass(frozen=True)
class Renamed:
    """A case under other names.

    Attributes:
        quantities, functions, sizes: the new name, in LaTeX, for each name of the case.
    """

    case: Mapping[str, Any]
    quantities: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        letters = [iter(each) for each in LETTERS]
        for name, shape in self.case["vars"].items():
            self.quantities[name] = next(letters[len(shape)])
        letters = [iter(each) for each in FUNCTION_LETTERS]
        for name, spec in self.case.get("functions", {}).items():
            if "numpy" not in spec:
                self.functions[name] = next(letters[self.axes_of_function(spec)])
        self.sizes.update(zip(size_names(self.case), SIZES, strict=False))

    @staticmethod
    def axes_of_function(spec: Mapping[str, Any]) -> int:
        return 2 if spec.get("matrix_function") else len(spec.get("shape", []))

    @cached_property
    def latex(self) -> str:
        """The expression under the new names."""
        new = {symbol(self.case, name, len(self.case["vars"][name])): latex for name, latex in self.quantities.items()}
        specs = self.case.get("functions", {})
        new |= {symbol(self.case, name, self.axes_of_function(specs[name])): latex for name, latex in self.functions.items()}
        new |= {name: size for name, size in self.sizes.items() if name not in new}
        new = {old: f"{{{latex}}}" for old, latex in new.items()}  # a name may have scripts already
        found = [new.get(token, token) for token in TOKEN.findall(self.case["expr_latex"])]
        return " ".join(found).replace("\\ ", "\\")

    def shape(self, sizes: list[str]) -> tuple[str, ...]:
        return tuple(self.sizes[name] for name in sizes)

    @property
    def declarations(self) -> dict[str, Any]:
        functions: dict[str, Any] = {KEPT: "matrix"} if "sinm(" in self.case["expr_numpy"] else {}
        for name, latex in self.functions.items():
            spec = self.case["functions"][name]
            if spec.get("elementwise"):
                functions[latex] = spec.get("known", "elementwise")
            elif spec.get("matrix_function"):
                functions[latex] = "matrix"
            else:
                of = {} if "at" in spec else {"of": [self.quantities[each] for each in as_list(spec["of"])]}
                functions[latex] = {"shape": self.shape(spec["shape"]), **of}
        shapes = {latex: self.shape(self.case["vars"][name]) for name, latex in self.quantities.items()}
        return {"shapes": shapes, "functions": functions, "assume": [self.assumption(text) for text in self.case.get("assume", [])]}

    def assumption(self, text: str) -> str:
        """The assumption under the new names: its first word is of a quantity, or it compares sizes."""
        about, *words = text.split()
        inside = re.fullmatch(r"det\((\w+)\)", about)
        if inside is not None:
            return " ".join((f"det({plain_of(self.quantities[inside[1]])})", *words))
        names = {**self.functions, **self.quantities}
        if about in names:
            return " ".join((plain_of(names[about]), *words))
        return " ".join(self.sizes.get(word, word) for word in (about, *words))

    @cached_property
    def wrapped(self) -> tuple[str, dict[str, Any]]:
        """The expression inside an affine map, and its declarations."""
        given = self.declarations
        text, new = affine(parse(self.latex, **given), self.latex)
        return text, {**given, "shapes": {**given["shapes"], **new}}

    def variable(self, of: Expr, key: str = "wrt") -> Symbol | Let:
        """The variable, as it stands in the expression; declared anew where it does not occur."""
        name = self.case.get(key, self.case["wrt"])
        found = named([of]).get(plain_of(self.quantities[name]))
        made = parse(self.quantities[name], **self.declarations) if found is None else found
        assert isinstance(made, Symbol | Let)
        return made


def affine(of: Expr, latex: str) -> tuple[str, dict[str, Any]]:
    """An affine map of an expression, in LaTeX, and the shapes of its coefficients; of a vec one inside it."""
    (rows_added, with_vector), (left, right, added) = ADDED, FACTORS
    if isinstance(of, Vec):
        text, new = affine(of.operands[0], latex.partition("(")[2].rpartition(")")[0])
        return rf"\operatorname{{vec}}({text})", new
    if isinstance(of, Kron):  # whose axes are made of two sizes
        return rf"{SCALE} ({latex}) + {left} \otimes {right}", {SCALE: (), left: of.operands[0].shape, right: of.operands[1].shape}
    match of.shape:
        case ():
            new = {SCALE: (), rows_added: (NEW_SIZES[0],), with_vector: (NEW_SIZES[0],)}
            return rf"{SCALE} ({latex}) + {rows_added}^\top {with_vector}", new
        case (rows,):
            return f"{left} ({latex}) + {rows_added}", {left: (NEW_SIZES[0], rows), rows_added: (NEW_SIZES[0],)}
        case (1, columns):
            return rf"({latex}) {right} + {rows_added}^\top", {right: (columns, NEW_SIZES[0]), rows_added: (NEW_SIZES[0],)}
        case (rows, columns):
            new = {left: (NEW_SIZES[0], rows), right: (columns, NEW_SIZES[1]), added: NEW_SIZES}
            return f"{left} ({latex}) {right} + {added}", new
    raise AssertionError(of.shape)


def data_of(renamed: Renamed, of: Expr, rng: np.random.Generator) -> Data:
    """Random data of the case under the new names, with those of the affine map."""
    draw = Draw(renamed.case, rng)
    sizes = {renamed.sizes[name]: number for name, number in draw.sizes.items()}
    sizes |= dict(zip(NEW_SIZES, [size for size in (3, 5, 7, 11, 13) if size not in sizes.values()], strict=False))
    values = {plain_of(latex): draw.values[name] for name, latex in renamed.quantities.items()}
    for name, node in named([of]).items():
        if name not in values and isinstance(node, Symbol):
            values[name] = rng.uniform(0.3, 1.3, extents(node.shape, sizes)) * rng.choice([-1.0, 1.0], extents(node.shape, sizes))
    functions = {plain_of(renamed.functions[name]): orders for name, orders in draw.functions.items()}
    return Data(values, sizes, functions)


def extents(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, int]:
    numbers = [e if isinstance(e, int) else e.coefficient * int(np.prod([sizes[name] for name in e.names], dtype=int)) for e in shape]
    rows, columns = [*numbers, 1, 1][:2]
    return rows, columns


def check_first(renamed: Renamed, of: Expr, data: Data, layout: str) -> None:
    """The derivative as a matrix, as an array and by vec, as far as the case asks for them or there is no matrix."""
    x = renamed.variable(of)
    raw = tape.jacobian(of, x, data)
    d = mc.derive(of, x, layout=layout)
    given = {"sizes": data.sizes, "functions": data.functions}
    try:
        if "rank" not in renamed.case and not renamed.case.get("wrt_vec"):
            close(d.result.evaluate(data.values, **given), laid_out_by_definition(raw, of.shape, x.shape, layout), 1e-9)
            return
    except NoMatrixFormError:
        assert renamed.case["id"] in WITHOUT_MATRIX
    close(d.tensor.evaluate(data.values, **given), raw, 1e-9)
    if renamed.case.get("wrt_vec"):
        close(d.vec_form.evaluate(data.values, **given), vec_by_definition(raw, of.shape, x.shape, layout), 1e-9)


def check_second(renamed: Renamed, of: Expr, data: Data, layout: str) -> None:
    """The second derivative: of a scalar by an array, also by vec; of a matrix by two scalars."""
    x, y = renamed.variable(of), renamed.variable(of, "wrt2")
    given = {"sizes": data.sizes, "functions": data.functions}
    if of.shape:
        answer = mc.derive(mc.derive(of, x, layout="numerator").result, y, layout=layout).result
        at = data.values[y.name]
        raw = central_differences(lambda array: tape.jacobian(of, x, data, {y: array}), at)[..., 0]
        wanted = laid_out_by_definition(raw, of.shape, (), layout)
    elif renamed.case.get("wrt_vec"):
        answer = mc.derive(mc.derive(of, x, layout="denominator").result, y, layout=layout).vec_form
        wanted = vec_by_definition(tape.hessian(of, x, y, data), x.shape, y.shape, layout)
    else:
        answer, wanted = mc.hessian(of, x, y), tape.hessian(of, x, y, data)
    close(answer.evaluate(data.values, **given), wanted, 1e-7)


STRUCTURED = {name for name, case in CASES.items() if "structured" in case}
WITHOUT_MATRIX = {name for name, reason in NOT_COVERED.items() if "NoMatrixForm" in reason}


@pytest.mark.parametrize(("name", "layout"), list(product([name for name in CASES if name not in STRUCTURED], LAYOUTS)))
def test_a_case_under_other_names_inside_an_affine_map(name: str, layout: str) -> None:
    renamed = Renamed(CASES[name])
    text, given = renamed.wrapped
    of = parse(text, **given)
    data = data_of(renamed, of, np.random.default_rng(zlib.crc32(name.encode())))
    if CASES[name].get("order") == 2:
        check_second(renamed, of, data, layout)
    else:
        check_first(renamed, of, data, layout)


@pytest.mark.parametrize("name", CASES)
def test_no_name_of_a_case_is_left(name: str) -> None:
    renamed = Renamed(CASES[name])
    given = renamed.declarations
    known = {plain_of(latex) for latex in (*given["shapes"], *given["functions"]) if latex != KEPT}
    assert not known & {*CASES[name]["vars"], *CASES[name].get("functions", {})}
    assert not set(renamed.sizes.values()) & set(size_names(CASES[name]))
    assert named([parse(renamed.latex, **given)]).keys() <= known


def test_a_name_that_was_forgotten_is_unknown() -> None:
    renamed = Renamed(CASES["cook-061"])
    with pytest.raises(UnknownNameError, match="Not declared here: a, X, b"):
        parse(CASES["cook-061"]["expr_latex"], **renamed.declarations)


def test_a_wrong_derivative_is_found() -> None:
    renamed = Renamed(CASES["wiki-sv-13"])
    text, given = renamed.wrapped
    of = parse(text, **given)
    data = data_of(renamed, of, np.random.default_rng(0))
    x = renamed.variable(of)
    wanted = laid_out_by_definition(tape.jacobian(of, x, data), of.shape, x.shape, "denominator")
    found = mc.derive(of, x, layout="denominator").result
    close(found.evaluate(data.values, sizes=data.sizes), wanted, 1e-9)
    for wrong in (found + found, mc.derive(parse(renamed.latex, **given), x, layout="denominator").result):
        with pytest.raises(AssertionError, match="deviation"):
            close(wrong.evaluate(data.values, sizes=data.sizes), wanted, 1e-9)
    with pytest.raises(AssertionError, match="shapes"):
        close(found.T.evaluate(data.values, sizes=data.sizes), wanted, 1e-9)


# ---- without the tables of the package -------------------------------------------------------------------------------

DERIVING = """
import json, sys
import matcalc as mc
from matcalc.errors import MatcalcError
def answer(text, wrt, layout, given):
    try:
        return repr(mc.derive(text, wrt, layout=layout, **given).index_form)
    except MatcalcError as error:
        return type(error).__name__
asked = json.load(sys.stdin)
print(json.dumps([mc.__file__, [answer(*each) for each in asked]]))
"""


def answers(asked: list[Any], place: Path) -> tuple[str, list[str]]:
    """The package's file and the derivatives, by a new process that imports the package from a place."""
    program = [sys.executable, "-c", DERIVING]
    done = subprocess.run(program, input=json.dumps(asked), capture_output=True, text=True, cwd=place, check=False)
    assert done.returncode == 0, done.stderr
    file, found = json.loads(done.stdout)
    return file, found


def test_nothing_is_read_from_a_table_of_the_package(tmp_path: Path) -> None:
    package = Path(mc.__file__).parent
    tables = [path for path in package.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc") and path.name != "py.typed"]
    assert [path.name for path in tables] == ["data.toml"]
    shutil.copytree(package, tmp_path / "matcalc", ignore=shutil.ignore_patterns("__pycache__", "misprints", *(p.name for p in tables)))
    asked = []
    for name in CASES:
        renamed = Renamed(CASES[name])
        shapes = {latex: list(shape) for latex, shape in renamed.declarations["shapes"].items()}
        given, wrt = {**renamed.declarations, "shapes": shapes}, renamed.quantities[CASES[name]["wrt"]]
        asked += [(renamed.latex, wrt, layout, given) for layout in LAYOUTS]
    file, without = answers(asked, tmp_path)
    assert Path(file).is_relative_to(tmp_path)
    assert answers(asked, package.parent) == (mc.__file__, without)
    assert not [found for found in without if found.endswith("Error")]
