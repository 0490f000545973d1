"""What may import what, what is public, and how long a file and a function may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest

import matcalc as mc
from matcalc.language.operators import METHODS, Methods, register, register_lazy

ROOT = Path(mc.__file__).parent

# Each layer imports from those before it. Modules of one layer may import each other, without a circle.
LAYERS = (
    {"errors"}, {"language"}, {"networks", "network_models", "network_files"}, {"index"}, {"exact"}, {"layout"}, {"printing"},
    {"code", "display"},
    {"numeric"},
    {"sympy_bridge"},
    {"steps", "structured"}, {"derivation", "factor_lists", "order_probing", "carrying_out"},
    {"second_derivative", "gradient_sweep", "differentials", "chain_costs", "comparison", "layout_claims", "verification", "proving",
     "equality", "orders", "generated_code"},
    {"recursion", "explanation", "misprints", "second_verification"},
    {"network_verification", "gradient_check", "cost_measuring"}, {"derivation_check"}, {"checking"}, {"figures", "exercises"},
    {"demo", "answers", "derive_command", "differential_command", "derive_options", "network_options", "order_commands",
     "errata_command", "check_command", "file_checks", "figures_command", "cli",
     "__main__"},
)  # fmt: skip

# What a layer knows nothing of, though it comes before: prefixes of module names, and modules to which the line does not apply.
KNOWS_NOTHING_OF = (
    ("index", ("networks",), ()),
    ("exact", ("networks", "index.rules", "index.engine"), ()),
    ("printing", ("networks", "exact", "layout", "index.rules", "index.engine", "index.lowering"), ()),
    ("numeric", ("networks", "exact", "layout", "printing", "index"), ("numeric.index_sums",)),
    ("numeric.index_sums", ("networks", "exact", "layout", "printing", "index.rules", "index.engine", "index.lowering"), ()),
)

# Names needed in annotations only, which would else close a circle.
FOR_ANNOTATIONS = {
    ("equality", "exact.equality"),
    ("networks", "language.model"),
    ("language.asked", "language.reading.scope"),
    ("", "equality"),
    ("", "gradient_check.asked"),
    ("gradient_check.asked", "language.reading.scope"),
    ("", "language.model"),
    ("", "comparison"),
    ("", "carrying_out"),
    ("", "checking"),
    ("", "chain_costs"),
    ("", "differentials"),
    ("", "explanation"),
    ("", "generated_code"),
    ("", "layout_claims"),
    ("", "misprints.report"),
    ("", "language.reading.formula"),
    ("", "sympy_bridge.reading"),
    ("language.operators", "language.expression"),
    ("language.elementwise", "language.expression"),
    ("steps", "derivation"),
    ("structured", "derivation"),
    ("layout.along_diagonals", "layout.matrix_form"),
    ("layout.map_derivatives", "layout.matrix_form"),
}

WITH_NUMPY = (
    "numeric", "figures", "verification", "second_verification", "cost_measuring", "proving", "network_verification",
    "gradient_check.conditioned",
    "gradient_check.conditions", "gradient_check.confirmation", "gradient_check.points",
    "gradient_check.diagnoses", "gradient_check.evidence", "gradient_check.inputs", "gradient_check.judging",
    "code.helpers", "gradient_check.readings", "gradient_check.runs", "gradient_check.splits", "gradient_check.trials",
)  # fmt: skip
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60

PUBLIC = """
    dims scalar vector row matrix let function sum diag outer trace norm softmax vec kron det logdet inv ones zeros identity
    commutation sigmoid tanh relu leaky_relu softplus gelu exp log sqrt square sin cos abs
    pinv matrix_power matrix_function expm cofactor diagonal_sums logsumexp entry index indexed_sum parse
    Expr Dim Model Derivation derive gradients hessian second_derivative SecondDerivative differential Differential
    check detect_layout
    orders Network check_gradient prove_equal explain errata
    numpy_source to_numpy
"""


@dataclass(frozen=True)
class Import:
    """One import: where it stands, the module it stands in and the module it names, both without ``matcalc.``."""

    path: Path
    line: int
    module: str
    imported: str
    for_annotations: bool

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT.parent)}:{self.line}: {self.module} imports {self.imported}"


def files() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def named_modules(node: ast.AST) -> list[str]:
    """The modules that an import statement names; ``from matcalc.x import y`` names matcalc.x.y where that is a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        base = str(node.module)
        return [f"{base}.{alias.name}" if is_module(f"{base}.{alias.name}") else base for alias in node.names]
    return []


def is_module(name: str) -> bool:
    place = ROOT.parent.joinpath(*name.split("."))
    return name.startswith("matcalc.") and (place.with_suffix(".py").exists() or place.joinpath("__init__.py").exists())


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file, deferred ones and those for annotations included."""
    tree = tree_of(path)
    guarded = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        for name in named_modules(node):
            yield Import(path, getattr(node, "lineno", 0), module_name(path), name, node in guarded)


def own_imports(path: Path) -> Iterator[Import]:
    """The imports of matcalc's own modules."""
    for found in imports(path):
        if found.imported == "matcalc" or found.imported.startswith("matcalc."):
            yield replace(found, imported=found.imported.removeprefix("matcalc").lstrip("."))


def lies_in(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


def layer_of(module: str) -> int:
    """The number of the layer; ``matcalc`` itself is above all but the command, which is its user."""
    if module == "":
        return len(LAYERS) - 2
    top = module.split(".")[0]
    found = [number for number, names in enumerate(LAYERS) if top in names]
    assert found, f"matcalc/{top} stands in no layer: enter it in LAYERS of {Path(__file__).name}."
    return found[0]


def offenders(found: list[Import]) -> list[str]:
    """The imports that break the order of the layers or one of the lines of `KNOWS_NOTHING_OF`."""
    wrong = []
    for each in found:
        if (each.module, each.imported) in FOR_ANNOTATIONS and each.for_annotations:
            continue
        upwards = each.module != "" and layer_of(each.imported) > layer_of(each.module)
        unknown = any(
            lies_in(each.module, layer) and each.module not in apart and any(lies_in(each.imported, place) for place in places)
            for layer, places, apart in KNOWS_NOTHING_OF
        )
        if upwards or unknown:
            wrong.append(str(each))
    return wrong


def test_each_layer_imports_only_from_those_before_it() -> None:
    assert offenders([each for path in files() for each in own_imports(path)]) == []


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("language.sizes", "index.form"),
        ("index.engine", "layout.conventions"),
        ("index.engine", "networks"),
        ("layout.factors", "derivation"),
        ("numeric.tape", "index.form"),
        ("numeric.index_sums", "index.rules"),
        ("numeric.tape", "layout.conventions"),
        ("printing.text", "index.engine"),
        ("derivation", "verification"),
        ("derivation", ""),
    ],
)
def test_the_layer_test_finds_a_planted_import(module: str, imported: str) -> None:
    planted = Import(ROOT / "planted.py", 7, module, imported, False)
    assert offenders([planted]) == [f"matcalc/planted.py:7: {module} imports {imported}"]


def test_deferred_imports_count(tmp_path: Path) -> None:
    path = tmp_path / "planted.py"
    path.write_text("def f():\n    from matcalc.layout import conventions\n    import matcalc.derivation\n")
    found = [named_modules(node) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert found == [["matcalc.layout.conventions"], ["matcalc.derivation"]]


def test_no_circles() -> None:
    graph: dict[str, set[str]] = {}
    for path in files():
        for each in own_imports(path):
            if not each.for_annotations and each.module != "":
                graph.setdefault(each.module, set()).add(each.imported)
    for package in [module for module in graph if (ROOT / Path(*module.split("."))).is_dir()]:
        graph[package] = {module for module in graph[package] if not lies_in(module, package)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"modules import each other: {' <- '.join(error.args[1])}")


def test_imports_for_annotations_are_few() -> None:
    found = {(each.module, each.imported) for path in files() for each in own_imports(path) if each.for_annotations}
    assert found <= FOR_ANNOTATIONS


def test_only_numeric_modules_and_figures_import_numpy_or_matplotlib() -> None:
    found = [
        str(each)
        for path in files()
        for each in imports(path)
        if each.imported.split(".")[0] in ("numpy", "scipy", "matplotlib")
        if not any(lies_in(each.module, place) for place in WITH_NUMPY)
    ]
    assert found == []


# ---- modules that are imported when they are needed ------------------------------------------------------------------


def calls(path: Path) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


def test_modules_are_imported_by_name_in_one_place_only() -> None:
    names = ("import_module", "importlib.import_module", "__import__")
    found = {module_name(path) for path in files() for _, name, _ in calls(path) if name in names}
    assert found == {"language.operators"}
    announced = {module_name(path) for path in files() for _, name, _ in calls(path) if name == "register_lazy"}
    assert announced == {""}


def test_every_method_is_announced_with_the_module_that_registers_it() -> None:
    registered = {}
    for path in files():
        for line, name, call in calls(path):
            if name == "register" and ast.unparse(call.args[0]) == "METHODS":
                assert isinstance(call.args[1], ast.Constant), f"{path}:{line}: the name is written out"
                registered[str(call.args[1].value)] = f"matcalc.{module_name(path)}"
    read = "matcalc.language.reading"
    announced = {name: module for name, module in registered.items() if not lies_in(module, "matcalc.language") or lies_in(module, read)}
    assert announced == METHODS.modules
    for name in registered:
        assert callable(METHODS[name])


def test_a_method_is_found_when_it_is_needed_or_its_absence_told() -> None:
    table = Methods()
    register(table, "here", len)
    assert table["here"] is len
    with pytest.raises(ValueError, match="'here' has a meaning already"):
        register(table, "here", len)
    register_lazy(table, {"nowhere": "json"})
    with pytest.raises(KeyError, match="json gives no meaning to 'nowhere'"):
        table["nowhere"]
    with pytest.raises(KeyError, match="No module gives a meaning to 'unheard'"):
        table["unheard"]
    with pytest.raises(ValueError, match="'nowhere' is given by json already"):
        register_lazy(table, {"nowhere": "csv"})


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT.parent, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


DERIVING = """
import sys
for name in ("numpy", "matplotlib", "scipy"):
    sys.modules[name] = None
import matcalc as mc
n, m = mc.dims("n m")
W, x, b, y = mc.matrix("W", m, n), mc.vector("x", n), mc.vector("b", m), mc.vector("y", m)
f = mc.function("f")
z = mc.let("z", W @ x + b)
a = mc.let("a", f(z))
C = mc.let("C", mc.sum((a - y) ** 2) / 2)
d = mc.derive(C, W, layout="denominator")
print(d.result, d.result.latex(), d.factors, d.product, d.steps, d.index_form, d.index_form.latex(), d.vec_form, sep="; ")
print(mc.gradients(C, [W, b, x], layout="numerator"), mc.hessian(C, b))
net = mc.Network(widths=(3, 4, 2))
print(net.recursion(layout="denominator"), net.delta(1, layout="numerator"))
try:
    d.verify()
except ImportError:
    print("no numbers without NumPy")
"""


def test_deriving_and_printing_need_no_numpy() -> None:
    printed = run(DERIVING)
    assert printed.startswith("(f'(z) ⊙ (a - y)) x^T; ")
    assert printed.endswith("no numbers without NumPy\n")


def test_import_brings_in_nothing_heavy() -> None:
    heavy = ("numpy", "sympy", "scipy", "matplotlib", "click", "rich", "IPython", "jax")
    found = run(f"import sys; import matcalc; print([name for name in {heavy} if name in sys.modules])")
    assert found == "[]\n"


# ---- names -----------------------------------------------------------------------------------------------------------


def test_exported_names_are_those_that_are_public() -> None:
    public = {name for name in dir(mc) if not name.startswith("_") and not isinstance(getattr(mc, name), ModuleType)}
    assert sorted(mc.__all__, key=str) == sorted(public)
    assert len(set(mc.__all__)) == len(mc.__all__)


@pytest.mark.parametrize("name", PUBLIC.split())
def test_fixed_names_exist(name: str) -> None:
    assert name in mc.__all__
    assert not isinstance(getattr(mc, name), ModuleType)


@pytest.mark.parametrize("name", mc.__all__)
def test_public_names_have_docstrings(name: str) -> None:
    documented = getattr(mc, name)
    assert documented.__doc__
    if isinstance(documented, type):
        undocumented = [
            key for key, value in vars(documented).items() if not key.startswith("_") and callable(value) and not value.__doc__
        ]
        assert undocumented == []


# ---- sizes and what is not written -----------------------------------------------------------------------------------


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines a function has, its docstring not counted."""
    first = function.body[0]
    docstring = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) is not None else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES_OF_A_FILE
    functions = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [f"{path.name}:{node.lineno}: {node.name}" for node in functions if lines_of(node) > MOST_LINES_OF_A_FUNCTION]
    assert long == []


def test_nothing_is_evaluated_from_text() -> None:
    evaluating = {"eval", "exec", "builtins.eval", "builtins.exec", "compile"}
    found = [f"{path}:{line}: {name}" for path in files() for line, name, _ in calls(path) if name in evaluating]
    assert found == []
