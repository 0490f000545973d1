"""The command ``matcalc figures``."""

from pathlib import Path
from typing import Any

import pytest

from matcalc.cli import main
from matcalc.figures import KINDS

SMALL = ["figures", "--widths", "2,3,5", "--only", "shape_blocks", "--only", "computation_graph"]


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr()
    return ended.value.code, printed.out, printed.err


def test_a_folder_holds_the_figures_and_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "figures"
    code, printed, _ = run([*SMALL, "--out", str(out), "--format", "svg,png"], capsys)
    names = ["shape_blocks", "shape_blocks_wrong_order", "computation_graph"]
    assert code == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(["README.md", *(f"{n}.{form}" for n in names for form in ("svg", "png"))])
    assert printed.count("\n") == 6
    page = (out / "README.md").read_text(encoding="utf-8")
    assert "--widths 2,3,5" in page
    assert 'mc.Network(widths=(2, 3, 5), activation="f", loss="half_mse")' in page
    for name in names:
        assert f"({name}.svg)" in page
    assert '`net.figure("computation_graph", sizes={"n_0": 2, "n_1": 3, "n_2": 5})`' in page
    assert "red joint" in page


def test_a_model_in_pdf_in_the_style_of_slides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = Path(__file__).parents[2] / "examples" / "two_layers.toml"
    arguments = ["figures", "--model", str(model), "--wrt", "x", "--only", "layouts_mirrored", "--style", "slide", "--format", "pdf"]
    code, _, err = run([*arguments, "-o", str(tmp_path), "--layout", "numerator"], capsys)
    assert (code, err) == (0, "")
    assert (tmp_path / "layouts_mirrored.pdf").read_bytes().startswith(b"%PDF")
    assert "[layouts_mirrored.pdf](layouts_mirrored.pdf)" in (tmp_path / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--widths", "2,3,5"],
        ["--widths", "2,3,5", "--activation", "f,tanh", "--loss", "D", "--of", "D", "--wrt", "b^(2)", "--layout", "numerator"],
        ["--widths", "2,3", "--activation", "tanh", "--loss", "softmax_cross_entropy", "--batch", "rows", "--sizes", "N=7"],
        ["--widths", "2,3,5", "--no-bias", "--of", "z^(1)", "--wrt", "x", "--sizes", "n_0=7", "--style", "slide"],
        ["--model", "m'y.toml", "--of", "z^(2)", "--wrt", "x", "--layout", "numerator"],
        ["--widths", "2,3,5", "--of", "a^(1)", "--wrt", "W^(2)"],
    ],
)
def test_the_lines_of_the_page_run_and_make_the_same(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = Path(__file__).parents[2] / "examples" / "two_layers.toml"
    (tmp_path / "m'y.toml").write_text(model.read_text(encoding="utf-8"), encoding="utf-8")
    run(["figures", "-o", "out", "--only", "shape_blocks", "--only", "computation_graph", *arguments], capsys)
    page = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    lines = page.partition("```python\n")[2].partition("```")[0]
    made: dict[str, Any] = {}
    exec(lines, made)  # noqa: S102
    layout, by = made["d"].layout.value, made["d"].wrt
    assert page.startswith(f"# Figures\n\nAll are of {made['d']!r}.")
    assert layout == ("numerator" if "numerator" in arguments else "denominator")
    assert by.name == (arguments[arguments.index("--wrt") + 1] if "--wrt" in arguments else "W^(1)")
    saved = [path for path in tmp_path.iterdir() if path.suffix == ".svg"]
    assert [path.read_bytes() for path in saved] == [(tmp_path / "out" / path.name).read_bytes() for path in saved]
    assert len(saved) == lines.count(".save(") == any((tmp_path / "out").glob("*.svg"))
    for call in (line.strip("`") for line in page.splitlines() if line.startswith("`") and "figure(" in line):
        if made["d"].paths:
            eval(call, made)  # noqa: S307


def test_all_kinds_are_drawn_at_the_widths_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(["figures", "--widths", "2,3,5", "-o", str(tmp_path)], capsys)
    assert (code, err) == (0, "")
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    calls = {line.split('"')[1]: line for line in page.splitlines() if line.startswith(("`d.figure", "`net.figure"))}
    assert sorted(calls) == sorted(KINDS)
    others = {kind for kind, call in calls.items() if 'sizes={"n_0": 2, "n_1": 3, "n_2": 5}' not in call}
    assert others == {"index_network", "order_landscape"}
    assert 'sizes={"n_0": 3, "n_1": 3, "n_2": 3}' in calls["order_landscape"]
    assert "heat maps (6 x 3," in page  # of z^(1), 3 entries, by the 6 of vec(W^(1))


def test_what_would_have_too_many_entries_is_drawn_small_and_the_page_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--only", "cube", "--only", "jacobian_heat_maps", "--only", "shape_blocks"]
    code, _, err = run(["figures", "--widths", "784,30,10", "-o", str(tmp_path), *asked], capsys)
    assert (code, err) == (0, "")
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert page.count("too many entries to be seen, so it is drawn at small sizes of its own") == 2
    assert '`d.figure("cube")`' in page and '`d.figure("jacobian_heat_maps")`' in page
    assert '`d.figure("shape_blocks", sizes={"n_0": 784, "n_1": 30, "n_2": 10})`' in page


def test_the_help_says_what_is_drawn_at_which_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["figures", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "All are drawn at the widths and sizes asked for, but index_network, which has no lengths, and order_landscape" in told
    assert "Heat maps and cubes that would have too many entries are drawn at small sizes of their own" in told


def test_neighbours_that_are_exchanged_are_no_scalars(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for widths in ("2,1", "1,3,1"):
        run(["figures", "-o", str(tmp_path), "--widths", widths, "--loss", "C", "--only", "shape_blocks"], capsys)
        page = (tmp_path / "README.md").read_text(encoding="utf-8")
        assert "wrong_order" not in page or ": does not fit" in page or "another value" in page


def test_what_cannot_be_drawn_is_told_and_the_exit_code_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(["figures", "--wrt", "x", "--only", "cube", "-o", str(tmp_path)], capsys)
    assert code == 1
    assert "cube is not drawn: dC/dx" in err
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "Of this derivative it is not drawn: dC/dx" in page
    assert '.figure("cube")' not in page and "drawn at small sizes of its own" not in page.partition("## Cube")[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "cubes"], "There is no figure 'cubes'. Did you mean cube?"),
        (["--format", "svg,pgn"], "'pgn': one or more of svg, png, pdf, like svg,png. Did you mean png?"),
        (["--style", "slides"], "Did you mean slide?"),
        (["--wrt", "W^(9)"], "W^(9)"),
        (["--model", "m.toml", "--widths", "2,3"], "--widths is of a network, and --model is another"),
    ],
)
def test_what_is_mistyped_is_told(arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(["figures", "-o", str(tmp_path / "out"), *arguments], capsys)
    assert code == 2
    assert message in err


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run([*SMALL, "-o", str(tmp_path / "file" / "figures")], capsys)
    assert code == 2
    assert "it cannot be written" in err
