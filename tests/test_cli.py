"""The command as a stranger uses it."""

from __future__ import annotations

import re

import pytest

import matcalc.verification
from matcalc.numeric.tape import jacobian
from matcalc.cli import main
from matcalc.networks import Network
from matcalc.demo import Demo
from matcalc.layout.conventions import Layout


def run(*arguments: str) -> int:
    """The exit code of the command."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    return int(stopped.value.code or 0)


SECTIONS = [
    "The network", "Every factor", "Products in numerator layout", "Products in denominator layout", "Backpropagation for a general layer",
    "Which orders fit, and which are right", "Verification",
]  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--widths", "5,4,3,2", "--activation", "tanh", "--loss", "half_mse", "--layout", "both"),
        ("--batch", "rows", "--activation", "sigmoid", "--loss", "softmax_cross_entropy"),
        ("--batch", "columns", "--activation", "gelu", "--loss", "squared_error", "--no-bias"),
        ("--activation", "f^1,f^2", "--loss", "C"),
        ("--widths", "2,3", "--activation", "sigmoid", "--loss", "binary_cross_entropy"),
    ],
    ids=" ".join,
)
def test_the_demo_fits_a_terminal_and_everything_holds(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("demo", *options) == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    titles = re.findall(r"^(\S.*?) -{3,}$", shown, flags=re.MULTILINE)
    assert [title.replace(" in both layouts", "") for title in titles] == SECTIONS
    assert "Everything holds." in shown
    assert "DOES NOT FIT" not in shown


def test_the_counts_of_orders_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    run("demo", "--widths", "2,3,5")
    shown = " ".join(capsys.readouterr().out.split())
    assert "at these widths: 3,840 arrangements, 4 fit, 4 are right (1 different value)" in shown
    assert "at equal widths: 3,840 arrangements, 384 fit, 4 are right (72 different values)" in shown


def test_the_orders_of_a_deep_network_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("demo", "--widths", "2,3,4,5,6") == 0
    assert "185,794,560 arrangements" in capsys.readouterr().out


def test_one_layout_only(capsys: pytest.CaptureFixture[str]) -> None:
    run("demo", "--layout", "numerator")
    shown = capsys.readouterr().out
    assert "Products in numerator layout" in shown and "Products in denominator layout" not in shown


def test_latex(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("demo", "--format", "latex") == 0
    shown = capsys.readouterr().out
    assert r"\[ C = \frac{1}{n_2} \operatorname{sum}\left(\frac{1}{2} (\mathbf{a}^{(2)} - \mathbf{y})^{\odot 2}\right) \]" in shown
    assert r"\boldsymbol{\delta}^{(l)}" in shown
    assert r"\section*{The network}" in shown
    assert shown.count(r"\text{numerator layout:}") == shown.count(r"\text{denominator layout:}") > 10
    assert shown.count(r"\[") == shown.count(r"\]")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("demo", "--activation", "sigmoud"), r"'sigmoud' is not an activation. Did you mean sigmoid\? Known: identity, sigmoid, tanh"),
        (("demo", "--loss", "mse"), "'mse' is not a loss. Did you mean half_mse.*cross_entropy"),
        (("demo", "--widths", "5,a"), "'5,a': positive ints separated by commas"),
        (("demo", "--widths", "5"), r"widths=\(5,\): at least two positive ints"),
        (("demo", "--layout", "nominator"), "'nominator' is not one of 'both', 'numerator', 'denominator'"),
        (("demo", "--format", "pdf"), "'pdf' is not one of 'text', 'latex'"),
        (("demo", "--batch", "row"), "'row' is not one of 'rows', 'columns'"),
        (("demo", "--activation", "tanh", "--loss", "cross_entropy"), "logarithms of values above 0, and tanh"),
        (("dmo",), "no command 'dmo'. Did you mean demo"),
        (("demo", "--widhts", "3,4"), "--widhts"),
    ],
)
def test_a_wrong_option_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert re.search(message, said.err)


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    assert "Usage: matcalc" in capsys.readouterr().out


def test_a_failed_verification_is_exit_code_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def wrong(*arguments: object, **options: object) -> object:
        return 2 * jacobian(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(matcalc.verification, "jacobian", wrong)
    assert run("demo") == 1
    assert "SOMETHING FAILS." in capsys.readouterr().out


def test_every_factor_is_listed_once() -> None:
    demo = Demo(Network((5, 4, 3, 2), "f", "half_mse"), tuple(Layout))
    names = [repr(factor) for factor in demo.factors]
    expected = {"dC/da^(3)"} | {f"da^({k})/dz^({k})" for k in (1, 2, 3)} | {f"dz^({k})/d{p}^({k})" for k in (1, 2, 3) for p in "Wb"}
    assert set(names) == expected | {"dz^(1)/dx", "dz^(2)/da^(1)", "dz^(3)/da^(2)"}
    assert len(names) == len(set(names))


# ---- orders, compare, costs, explain ---------------------------------------------------------------------------------

MODEL = "examples/two_layers.toml"


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(*arguments) == 0
    return capsys.readouterr().out


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints that ends without an exit code of its own."""
    main(arguments)
    return capsys.readouterr().out


def test_orders_at_general_sizes_and_at_the_widths(capsys: pytest.CaptureFixture[str]) -> None:
    out = ran(capsys, "orders", "--widths", "3,3,3", "--wrt", "x", "--layout", "denominator", "--rows", "5")
    assert "3840 arrangements\n     4 fit in shape, all of one value\n     4 right" in out
    assert "   384 fit in shape, with 72 different values\n     4 right" in out
    assert out.count(": right.") == 4 and " ".join(out.split()).count(": wrong value.") == 1
    assert "... and 379 more that fit." in out


def test_orders_of_both_layouts_at_given_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    out = ran(capsys, "orders", "--wrt", "x", "--sizes", "n_0=2", "--sizes", "n_1=3", "-n", "n_2=3", "--rows", "0")
    assert out.count("48 fit in shape, with 8 different values") == 2
    assert "numerator layout, n_0 = 2, n_1 = 3, n_2 = 3" in out and "general sizes" not in out


def test_orders_of_a_factor_by_its_jacobian(capsys: pytest.CaptureFixture[str]) -> None:
    stand_in = ran(capsys, "orders", "--layout", "numerator", "--rows", "1")
    jacobian_reading = ran(capsys, "orders", "--layout", "numerator", "--reading", "jacobian", "--rows", "1")
    assert stand_in.startswith("dz^(1)/dW^(1) · dC/da^(2)") and jacobian_reading.startswith("dC/da^(2)")


def test_compare_in_three_formats(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("compare", "--widths", "2,3,5", "--wrt", "x")
    assert "reversal: (dC/da^(2)" in ran(capsys, *arguments)
    assert r"\begin{aligned}" in ran(capsys, *arguments, "--format", "latex")
    page = ran(capsys, *arguments, "--format", "html")
    assert page.startswith("<div style='overflow-x:auto'><div><b><math ") and "</math> in both layouts</b></div><table>" in page
    assert '<math displaystyle="true">' in page and "$" not in page


def test_costs_at_the_widths_and_as_formulas(capsys: pytest.CaptureFixture[str]) -> None:
    out = ran(capsys, "costs", "--widths", "784,512,8", "--wrt", "x")
    assert "from the input end it takes 3,625,216 multiplications, from the output end 406,024" in " ".join(out.split())
    assert "n_0*n_1 + n_1*n_2 + n_1 + n_2" in ran(capsys, "costs", "--model", MODEL, "--wrt", "x")
    out = ran(capsys, "costs", "--model", MODEL, "--wrt", "x", "-n", "n_0=7", "-n", "n_1=5", "-n", "n_2=3", "--measure")
    assert "numerator    reverse" in out and out.count(" s\n") == 6


def test_explain_a_network_and_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "explain", "--widths", "2,3,5", "--wrt", "x")
    assert out.startswith("dC/dx: is there a rule for the order of the factors?")
    assert [line for line in out.splitlines() if len(line) > 80] == []
    assert shown(capsys, "explain", "--model", MODEL, "--of", "C", "--wrt", "x") == out
    assert "<h3>The rule</h3>" in shown(capsys, "explain", "--format", "html")
    assert r"\paragraph{The rule}" in shown(capsys, "explain", "--format", "latex", "--wrt", r"\mathbf{W}^{(2)}")


@pytest.mark.parametrize("command", ["orders", "compare", "costs", "explain"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--wrt", "W^(3)"), r"Nothing here is named 'W\^\(3\)'. Did you mean W\^\(2\)"),
        (("--of", "K"), "Nothing here is named 'K'"),
        (("--model", "nofile.toml"), "nofile.toml: there is no such file"),
        (("--model", MODEL, "--of", "K"), "The model names nothing 'K'"),
        (("--model", MODEL, "--widths", "2,3"), "--widths is of a network, and --model is another: leave one out"),
        (("--loss", "mse"), "'mse' is not a loss. Did you mean half_mse"),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    command: str, options: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command, *options) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.search(message, said.err)
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("orders", "--sizes", "n_7=3"), "No size is named 'n_7' here. Did you mean n_2"),
        (("orders", "--sizes", "n_0"), "'n_0': a size and its number, a positive int, like n_0=3"),
        (("orders", "--sizes", "n_0=0"), "'n_0=0': a size and its number"),
        (("costs", "-n", "n_0=2", "-n", "n_0=3"), "n_0 is given twice, as 2 and as 3"),
        (("orders", "--layout", "numerater"), "Did you mean numerator"),
        (("explain", "--format", "pdf"), "'pdf' is not one of 'text', 'latex', 'html'"),
        (("order",), "no command 'order'. Did you mean orders"),
        (("orders", "--of", "z^(1)", "--wrt", "b^(2)"), "does not go through a chain"),
    ],
)
def test_a_wrong_value_of_the_order_commands(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and re.search(message, said.err)
