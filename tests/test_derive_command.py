"""``matcalc derive`` as a stranger uses it."""

from __future__ import annotations

import io
import json
import re
import shlex
from typing import Any

import pytest

import matcalc.answers
import matcalc.verification
from matcalc.answers import Checked, Verified
from matcalc.cli import main
from matcalc.derive_options import FUNCTION_FORMS, SHAPE_FORMS
from matcalc.numeric.tape import jacobian

QUADRATIC = (r"\mathbf{x}^\top A \mathbf{x}", "--shape", "x=n", "--shape", "A=n n", "--wrt", "x")
LAYER = (r"f(W \mathbf{x} + b)", "-s", "W=m n", "-s", "x=n", "-s", "b=m", "-f", "f=elementwise")
BRIDGE = (
    r"((A (C \odot D \operatorname{diag}(x) E^T)) \odot B) \mathbf{1}", "-s", "A=m p", "-s", "C=p q", "-s", "D=p r", "-s", "E=q r",
    "-s", "B=m q", "-s", "x=r", "-w", "x",
)  # fmt: skip

LONG = (
    " + ".join(rf"\mathbf{{x}}^\top A \mathbf{{y}}_{{{k}}}" for k in range(2, 14)), "-s", "x=n", "-s", "A=n n",
    *(part for k in range(2, 14) for part in ("-s", f"y_{k}=n")), "-w", "x",
)  # fmt: skip


def run(*arguments: str) -> int:
    """The exit code of ``matcalc derive``."""
    with pytest.raises(SystemExit) as stopped:
        main(("derive", *arguments))
    return int(stopped.value.code or 0)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is printed where all holds."""
    assert run(*arguments) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said of an error."""
    assert run(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err


# ---- text ------------------------------------------------------------------------------------------------------------


def test_both_layouts_are_shown_with_steps_and_verification(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, *QUADRATIC, "--layout", "both", "--steps")
    assert re.findall(r"^(\S.*?) -{3,}$", out, flags=re.MULTILINE) == [
        "Derivative by x", "Numerator layout", "Denominator layout", "Verification",
    ]  # fmt: skip
    assert [line for line in out.splitlines() if len(line) > 80] == []
    assert "names   x: n x 1, A: n x n" in out
    assert re.search(r"shape   1 x n\n  result  d\(x\^T A x\)/dx = x\^T \(A\^T \+ A\)", out)
    assert re.search(r"shape   n x 1\n  result  d\(x\^T A x\)/dx = \(A \+ A\^T\) x", out)
    assert "by: numerator layout: the network of indices is read from the output end" in out
    assert out.count(": holds") == 2 and "Everything holds." in out
    assert out.count("backprop") == out.count("difference") == 2


@pytest.mark.parametrize(("layout", "other"), [("numerator", "Denominator"), ("denominator", "Numerator")])
def test_one_layout_only(layout: str, other: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, *QUADRATIC, "-l", layout)
    assert f"{layout.capitalize()} layout" in out and f"{other} layout" not in out


def test_without_verification_nothing_is_claimed(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, *QUADRATIC, "--no-verify")
    assert "Verification" not in out and "holds" not in out


def test_without_a_matrix_form_there_are_sum_and_vec_and_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    out = " ".join(shown(capsys, *LAYER, "--wrt", "W", "-l", "numerator").split())
    assert "result no matrix. df(W x + b)/dW has 3 axes, 1 of the output and 2 of the input, and no matrix holds them." in out
    assert "index δ_ij f'(Σ_p W_ip x_p + b_i) x_k, axes m x m x n" in out
    assert "by vec x^T ⊗ diag(f'(W x + b)), m x m*n" in out
    assert "Take ." not in out


def test_what_no_string_of_matrices_writes_is_said_and_verified(capsys: pytest.CaptureFixture[str]) -> None:
    out = " ".join(shown(capsys, *BRIDGE, "--steps").split())
    assert out.count("result no matrix. No string of matrices writes this") == 2
    assert "by vec none, for the same reason." in out
    assert "no string of matrices, in index form" in out
    assert "axes m x r" in out and "Everything holds." in out


def test_index_and_vec_forms_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, *QUADRATIC, "--index", "--vec", "-l", "denominator", "--no-verify")
    assert "index   Σ_j A_ij x_j + Σ_j x_j A_ji" in out
    assert "by vec  (A + A^T) x, n x 1" in out


def test_styles(capsys: pytest.CaptureFixture[str]) -> None:
    formula = (r"f(W \mathbf{x})^\top y", "-s", "W=m n", "-s", "x=n", "-s", "y=m", "-f", "f=elementwise", "-w", "x", "-l", "numerator")
    assert "(f'(W x) ⊙ y)^T W" in shown(capsys, *formula, "--no-verify")
    assert "y^T diag(f'(W x)) W" in shown(capsys, *formula, "--no-verify", "--style", "diag")


@pytest.mark.parametrize(
    ("wrt", "shape", "result"),
    [
        (("x",), "n x n", r"/dx\^2 = 0_\{n x n\}"),
        (("x", "y"), "n x m", r"/\(dx dy\) = B"),
        (("y", "x"), "m x n", r"/\(dy dx\) = B\^T"),
    ],
)
def test_hessians(wrt: tuple[str, ...], shape: str, result: str, capsys: pytest.CaptureFixture[str]) -> None:
    by = [part for name in wrt for part in ("-w", name)]
    out = shown(capsys, r"\mathbf{x}^\top B \mathbf{y}", "-s", "x=n", "-s", "B=n m", "-s", "y=m", *by, "--hessian")
    assert re.search(rf"shape   {shape}\n  result  d\^2 \(x\^T B y\){result}", out)
    assert "Hessian: holds" in out and "first: backprop" in out and "again: backprop" in out


def test_maps_and_their_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "C(a)", "-s", "x=n", "-f", "a(x)=m", "-f", "C(a)=", "-w", "x", "-l", "numerator")
    assert "shape   1 x n" in out
    out = shown(capsys, r"u(\mathbf{x})", "-s", "x=n", "-f", "u()=m", "-w", "x", "-l", "denominator")
    assert "shape   n x m" in out
    out = shown(capsys, r"C(\mathbf{a}^{(2)}, y)", "-s", "a^(2)=n", "-s", "y=m", "-f", "C(a^{(2)}, y)=", "-w", r"\mathbf{a}^{(2)}")
    assert "dC(a^(2), y)/da^(2)" in out


@pytest.mark.parametrize("shape", ["A=m n", "A=m,n", "A=(m, n)", "A=m x n", "A=[m n]", "A= m×n "])
def test_shapes_as_people_write_them(shape: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, r"A \mathbf{x}", "-s", shape, "-s", "x=n 1", "-w", r"\mathbf{x}", "-l", "numerator", "--no-verify")
    assert "result  d(A x)/dx = A" in out


@pytest.mark.parametrize(
    ("sizes", "row"), [(("x=3", "A=3 3"), "1 x 3"), (("x=n_1", "A=n_1 n_1"), "1 x n_1"), (("x=2*n", "A=2*n 2*n"), "1 x 2*n")]
)
def test_sizes_are_names_numbers_or_products(sizes: tuple[str, str], row: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, r"\mathbf{x}^\top A \mathbf{x}", "-s", sizes[0], "-s", sizes[1], "-w", "x", "-l", "numerator")
    assert f"shape   {row}" in out


def test_by_a_declared_name_that_does_not_occur(capsys: pytest.CaptureFixture[str]) -> None:
    assert "d(x^T A x)/dY = 0_{q x p}" in shown(capsys, *QUADRATIC[:-1], "Y", "-s", "Y=p q", "-l", "numerator")


@pytest.mark.parametrize("text", [QUADRATIC[0], f"${QUADRATIC[0]}$\n", f"\\[ {QUADRATIC[0]} \\]\r\n"])
def test_the_formula_is_read_from_the_input(text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert "d(x^T A x)/dx" in shown(capsys, "-", *QUADRATIC[1:], "--no-verify")


def test_a_long_formula_is_cut_where_it_is_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    formula = " + ".join([r"\mathbf{x}^\top A \mathbf{x}"] * 350)
    assert len(formula) > 10_000
    out = shown(capsys, formula, *QUADRATIC[1:], "--layout", "numerator", "--steps")
    assert re.search(r"\(3,497\s+characters\)", out)
    assert "result  d(...)/dx = 350 x^T (A^T + A)" in out and "1. d(...)/dx = " in out


# ---- LaTeX and JSON --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        QUADRATIC, (*QUADRATIC, "--steps"), (*QUADRATIC, "--index", "--vec"), (*LAYER, "-w", "W", "--steps"), (*LAYER, "-w", "W"), BRIDGE,
        (*QUADRATIC, "--hessian"), LONG,
    ],
    ids=["result", "steps", "forms", "no matrix, steps", "no matrix", "bridge", "hessian", "long"],
)  # fmt: skip
def test_latex_is_balanced(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, *arguments, "--format", "latex", "--no-verify")
    blocks = re.findall(r"\\\[\n\\begin\{aligned\}\n(.*?)\n\\end\{aligned\}\n\\\]", out, flags=re.DOTALL)
    assert len(blocks) == out.count(r"\begin{aligned}") == out.count(r"\[") == (1 if "--hessian" in arguments else 2)
    for block in blocks:
        rows = ["\n".join(line for line in row.splitlines() if not line.startswith("%")) for row in block.split(r" \\" + "\n")]
        assert all(row.count("&") == 1 for row in rows)
        assert all(row.count(r"\left") == row.count(r"\right") for row in rows)
        unescaped = [re.sub(r"\\[{}]", "", row) for row in rows]
        assert all(row.count("{") == row.count("}") for row in unescaped)
        assert all(line.strip() for line in block.splitlines())
    outside = re.sub(r"\\\[.*?\\\]", "", out, flags=re.DOTALL)
    assert all(line.startswith("%") for line in outside.splitlines() if line)


def test_latex_says_what_was_verified(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, *QUADRATIC, "--format", "latex", "-l", "numerator")
    assert r"(\mathbf{x}^\top \mathbf{A} \mathbf{x}) &= \mathbf{x}^\top (\mathbf{A}^\top + \mathbf{A})" in out
    assert "% Numerator layout, 1 x n" in out and "% verified: backprop: error" in out


def test_json_holds_all_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, *QUADRATIC, "--format", "json", "--steps", "--index", "--vec")
    assert out.isascii()
    found: dict[str, Any] = json.loads(out)
    assert list(found) == ["of", "wrt", "layouts", "assumed", "ok"]
    assert found["of"] == {"text": "x^T A x", "latex": r"\mathbf{x}^\top \mathbf{A} \mathbf{x}", "shape": []}
    assert found["wrt"] == {"text": "x", "latex": r"\mathbf{x}", "shape": ["n"]}
    assert [(name, answer["shape"], answer["text"]) for name, answer in found["layouts"].items()] == [
        ("numerator", [1, "n"], "x^T (A^T + A)"), ("denominator", ["n"], "(A + A^T) x"),
    ]  # fmt: skip
    for answer in found["layouts"].values():
        assert list(answer) == ["shape", "text", "latex", "why", "index", "vec", "steps", "verified"]
        assert answer["why"] is None
        assert answer["index"]["text"] == "Σ_j A_ij x_j + Σ_j x_j A_ji"
        assert answer["vec"]["text"] == answer["text"] == answer["steps"][-1]["after"]
        assert list(answer["steps"][0]) == ["rule", "source", "before", "after", "latex"]
        assert answer["verified"]["ok"] is True and answer["verified"]["sizes"] == {"n": 2}
        assert {check["oracle"] for check in answer["verified"]["checks"]} >= {"backprop", "difference", "index"}
        assert all(check["passed"] for check in answer["verified"]["checks"])


def test_json_without_a_matrix_and_of_a_hessian(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(shown(capsys, *LAYER, "-w", "W", "-l", "denominator", "--format", "json", "--no-verify"))["layouts"]["denominator"]
    assert (answer["text"], answer["latex"], answer["steps"], answer["verified"]) == (None, None, None, None)
    assert answer["shape"] == ["m", "n", "m"]
    assert "has 3 axes" in answer["why"]
    assert answer["vec"]["shape"] == ["m*n", "m"]
    assert answer["index"]["shape"] == ["m", "m", "n"]
    bridge = json.loads(shown(capsys, *BRIDGE, "--format", "json", "--no-verify"))["layouts"]["numerator"]
    assert list(bridge["vec"]) == ["why"]
    found = json.loads(shown(capsys, *QUADRATIC, "--hessian", "--format", "json"))
    assert list(found) == ["of", "wrt", "hessian", "assumed", "ok"]
    assert found["hessian"]["text"] == "A + A^T" and found["hessian"]["verified"]["ok"] is True


# ---- verification ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "latex", "json"])
@pytest.mark.parametrize("more", [(), ("--hessian",)], ids=["derivative", "hessian"])
def test_a_failed_verification_is_exit_code_1(
    form: str, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(*arguments: object, **options: object) -> object:
        return 2 * jacobian(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(matcalc.verification, "jacobian", wrong)
    assert run(*QUADRATIC, *more, "--format", form) == 1
    out = capsys.readouterr().out
    assert ('"ok": false' if form == "json" else "NOT VERIFIED") in out


def test_what_could_not_be_verified_is_not_said_to_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(r"\ln(-\|\mathbf{x}\|^2)", "-s", "x=n", "-w", "x", "-l", "numerator") == 1
    out = capsys.readouterr().out
    assert "Numerator layout: NOT VERIFIED" in out and "not run: No random data were found" in out and "holds" not in out
    assert run(r"\ln(-\|\mathbf{x}\|^2)", "-s", "x=n", "-w", "x", "--format", "json") == 1
    assert json.loads(capsys.readouterr().out)["layouts"]["numerator"]["verified"]["checks"] == []


# ---- slips -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), r"There is no formula: give one in quotes"),
        (("", "-w", "x"), r"There is no formula"),
        (("x^T A x", "-s", "x=n", "-s", "A=n", "n", "-w", "x"), r"2 words were given: 'x\^T A x' 'n'\. .*--shape \"A=n n\""),
        (("mathbf{x}^top", "A", "-w", "x"), "2 words were given: .* Put the formula in single quotes"),
        (QUADRATIC[:-2], r"By which variable\? Give it by --wrt NAME, one of x, A\."),
        (("x",), r"By which variable\? .* and its shape by --shape"),
        ((*QUADRATIC, "-w", "A"), "A derivative is by one variable; two are for --hessian; given are x, A"),
        ((*QUADRATIC, "-w", "A", "-w", "x", "--hessian"), "A Hessian is by one variable or two; given are x, A, x"),
        ((*QUADRATIC, "--hessian", "--vec"), "--vec and --structured are of a first derivative"),
        ((*QUADRATIC, "--structured", "symetric"), "symmetric"),
        ((*QUADRATIC, "--layout", "nominator"), r"'nominator' is not one of .*Did you mean .*numerator"),
        ((*QUADRATIC, "--format", "jsn"), r"'jsn' is not one of .*Did you mean json\?"),
        ((*QUADRATIC, "--style", "hadamrd"), r"'hadamrd' is not one of .*Did you mean hadamard\?"),
        ((*QUADRATIC, "--layot", "both"), r"--layot.*--layout"),
        (("-x", "-s", "x=n", "-w", "x"), r"A formula that begins with a minus stands in brackets: \(-x\)"),
        ((*QUADRATIC, "-s", "y"), r"'y' is not of the form NAME=\.\.\.: write x=n \(a column\)"),
        ((*QUADRATIC, "-s", "=n"), r"'=n' is not of the form NAME="),
        ((*QUADRATIC, "-s", "x=m"), "x is given twice, as 'n' and as 'm': leave one out"),
        ((*QUADRATIC, "-f", "g"), "'g' is not of the form NAME=.*f=elementwise"),
        ((*QUADRATIC, "-f", "g=elementwize"), r"g=elementwize is none of the forms\. Did you mean elementwise\?"),
        ((*QUADRATIC, "-f", "g=of:x"), r"g=of:x is none of the forms"),
        ((*QUADRATIC, "-f", "g(x)=m", "-f", "g=tanh"), "g is given twice"),
        ((*QUADRATIC[:-1], "y"), r"y, which --wrt names, is not declared\. Known names: A, n, x\. Give each its shape, as --shape y="),
        ((*QUADRATIC, "--latex"), r"No such option '--latex'\. Write --format latex\."),
        ((*QUADRATIC, "--json"), r"Write --format json\."),
        ((*QUADRATIC, "--text"), r"Write --format text\."),
        ((*QUADRATIC, "--numerator"), r"Write --layout numerator\."),
        ((*QUADRATIC, "--denominator"), r"Write --layout denominator\."),
        ((*QUADRATIC, "--diag"), r"Write --style diag\."),
        ((*QUADRATIC, "-k"), r"No such option '-k'"),
        ((*QUADRATIC[:3], "-s", "A=nxn", "-w", "x"), r"A=nxn would be a column whose size is named nxn\. Of a matrix write \"A=n n\"\."),
        ((*QUADRATIC[:3], "-s", "A=n_1x3", "-w", "x"), r"Of a matrix write \"A=n_1 3\"\."),
        ((*QUADRATIC, "-s", "y=0"), "0 is not a size"),
        ((*QUADRATIC, "-s", "y=-1"), "'-1' is not a size"),
        ((*QUADRATIC, "-s", "y=n m k"), "a shape has at most two sizes"),
        ((*QUADRATIC, "-s", "A B=n"), "'A B' is not a plain name"),
        ((*QUADRATIC, "-s", r"\mathbf{x}=m"), "has two meanings"),
        ((*QUADRATIC, "--assume", "B symmetric"), "'B symmetric' names nothing that is declared as B"),
        ((*QUADRATIC, "--assume", "A sym"), "'A sym' is no assumption that is known. Did you mean 'A symmetric'\\?"),
        ((*LAYER, "-w", "W", "--hessian"), "A Hessian is that of a scalar"),
    ],
)
def test_a_slip_is_answered(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, *arguments)
    assert said.startswith("matcalc: ")
    assert re.search(message, " ".join(said.split()))


def test_an_error_of_the_formula_shows_its_place_and_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    lines = refused(capsys, "x^T A x", "-s", "x=n", "-w", "x").splitlines()
    assert lines[:3] == ["matcalc: A is not declared.", "    x^T A x", "        ^"]
    assert lines[3:5] == ['    Give each its shape, as --shape "A=m n"', f"    A shape is {SHAPE_FORMS}."]
    lines = refused(capsys, "x^T x +", "-s", "x=n", "-w", "x").splitlines()
    assert lines[1:3] == ["    x^T x +", "           ^"]


def test_lost_backslashes_are_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    assert r"The backslash of \mathbf seems lost" in refused(capsys, "mathbf{x}^top A x", "-s", "x=n", "-s", "A=n n", "-w", "x")
    assert "holds a control character" in refused(capsys, "x^\top A x", "-s", "x=n", "-s", "A=n n", "-w", "x")


def test_too_long_a_formula_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "The text has more than 10,000 symbols" in refused(capsys, "(" * 6000 + "x" + ")" * 6000, "-s", "x=n", "-w", "x")


def test_the_examples_of_the_help_work(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    main(("derive", "--help"))
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if len(line) > 80] == []
    examples = re.search(r"Examples:\n(.*?)\n\n", out, flags=re.DOTALL)
    assert examples
    commands = re.findall(r"(.*)matcalc derive (.*)", examples[1].replace("\\\n", ""))
    assert len(commands) == 5
    for before, command in commands:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(shlex.split(before)[1:2])))
        shown(capsys, *shlex.split(command))


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_signs_that_a_terminal_cannot_show_are_written_out(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding=encoding, write_through=True))
    assert run(*LAYER, "-w", "W", "--no-verify") == 0
    assert "by vec  x^T (x) diag(f'(W x + b)), m x m*n" in raw.getvalue().decode(encoding)
    assert "index   delta_ij f'(sum_p W_ip x_p + b_i) x_k" in raw.getvalue().decode(encoding)


def test_a_derivative_in_the_formula_is_read_in_each_layout(capsys: pytest.CaptureFixture[str]) -> None:
    formula = (r"\frac{\partial C}{\partial \mathbf{x}}", "-s", "x=n", "-f", "C(x)=", "-w", "x")
    out = shown(capsys, *formula)
    assert "shape   1 x n in numerator layout, n x 1 in denominator layout" in out
    assert out.count("result  d(dC/dx)/dx = ") == 2 and out.count(": holds") == 2


# ---- definitions, assumptions, what is not declared ------------------------------------------------------------------

LEAST_SQUARES = (r"f(w) = \frac1N \|X w - y\|^2", "-s", "w=d", "-s", "X=N d", "-s", "y=N", "-w", "w")


def test_a_definition_names_what_is_derived(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, *LEAST_SQUARES, "--steps")
    assert "formula f = (1/N) norm(X w - y)^2\n  shape   scalar\n  names   X: N x d, w: d x 1, y: N x 1\n" in out
    assert "result  df/dw = (2/N) (X w - y)^T X\n" in out and "result  df/dw = (2/N) X^T (X w - y)\n" in out
    assert "d^2 f/dw^2 = (2/N) X^T X" in shown(capsys, *LEAST_SQUARES, "--hessian")
    found = json.loads(shown(capsys, *LEAST_SQUARES, "--format", "json", "--no-verify"))
    assert found["of"]["text"] == "f" and found["of"]["definition"]["text"] == "(1/N) norm(X w - y)^2"
    out = shown(capsys, *LEAST_SQUARES, "--format", "latex", "--no-verify", "-l", "numerator")
    assert r"% of f = \frac{1}{N} \|\mathbf{X}" in out and r"\frac{\partial f}{\partial \mathbf{w}} &=" in out
    assert "dz/dx = W" in shown(capsys, r"\mathbf{z} := W \mathbf{x}", "-s", "W=m n", "-s", "x=n", "-w", "x", "-l", "numerator")


@pytest.mark.parametrize("form", ["text", "latex", "json"])
def test_assumptions_are_said_and_used(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, *QUADRATIC, "--assume", "A symmetric", "--assume", "n > 2", "--format", form, "--no-verify")
    if form == "json":
        assert json.loads(out)["assumed"] == ["A symmetric", "n > 2"]
    else:
        assert "assumed" in out and "A symmetric, n > 2" in out
    assert "assumed" not in shown(capsys, *QUADRATIC, "--no-verify")


def test_every_name_that_is_not_declared_is_told_with_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, r"g(X^T w) + b", "--hessian", "-w", "w", "-w", "V")
    assert said.splitlines() == [
        "matcalc: g is not declared.", "    g(X^T w) + b", "    ^", "    V, which --wrt names, is not declared.",
        "    Not declared: g, X, w, b.",
        '    Give each its shape, as --function g=elementwise --shape "X=m n" --shape w=n --shape b=n --shape V=...',
        f"    A shape is {SHAPE_FORMS}.", f"    A function is {FUNCTION_FORMS}.",
    ]  # fmt: skip
    said = refused(capsys, r"f(v) = X w", "-s", "w=d", "-w", "w")
    assert "v is not declared; an argument on the left side" in said and 'as --shape v=n --shape "X=m n"' in said
    said = refused(capsys, r"f(w) = X w", "-s", "w=d", "-s", "X=N d", "-w", "u")
    assert said.startswith("matcalc: u, which --wrt names, is not declared. Known names: N, X, d, w.")


@pytest.mark.parametrize(
    "arguments",
    [
        (r"-\mathbf{x}^T x", "-s", "x=n", "-w", "x"),
        ("-s", "x=n", "-x^T x", "-wx"),
        ("-2 x^T x + x^T x", "-s", "x=n", "-w", "x"),
        ("--", "-x^T x", "-s", "x=n", "-w", "x"),
        ("-s", "x=n", "-w", "x", "--", "-x^T x"),
        ("-s x^T x / s", "-s", "x=n", "-s", "s=", "-w", "x"),
    ],
)
def test_a_formula_may_begin_with_a_minus(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, *arguments, "-l", "numerator", "--no-verify")
    assert re.search(r"result  d\(.*\)/dx = -", out) and "shape   1 x n" in out


def test_where_the_data_may_not_fit_other_sizes_are_proposed(capsys: pytest.CaptureFixture[str]) -> None:
    singular = (r"\ln \det (K K^T) + \ln \det (K^T K)", "-w", "K", "-l", "numerator")
    assert run(*singular, "-s", "K=m n") == 1
    assert 'Give numbers instead of names: --shape "K=3 2"' in " ".join(capsys.readouterr().out.split())
    assert run(*singular, "-s", "K=5 3") == 1
    assert "Other numbers for the sizes may fit the data better." in capsys.readouterr().out
    assert run(r"\ln(-\|\mathbf{x}\|^2)", "-s", "x=n", "-w", "x", "-l", "numerator") == 1
    assert "sizes" not in capsys.readouterr().out.split("Verification")[1]


def test_where_all_oracles_agree_that_it_is_wrong_nothing_is_proposed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verified = Verified(False, (Checked("backprop", "", False, 1.0, 1e-9, None, ""), Checked("exact", "", False, 1.0, 0.0, None, "")), {})
    monkeypatch.setattr(matcalc.answers, "_verified", lambda derivation: verified)
    assert run(r"A \mathbf{x}", "-s", "A=m n", "-s", "x=n", "-w", "x") == 1
    out = capsys.readouterr().out
    assert "SOMETHING IS NOT VERIFIED" in out and "sizes" not in out
