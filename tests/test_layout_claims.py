"""In which layout a claim is right, and the same formula in the other layout."""

from __future__ import annotations

import pytest

import matcalc as mc
from matcalc.errors import LayoutError
from matcalc.language.expressions import Expr

W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
f = mc.function("f")
z = mc.let("z", W @ x + b)
a = mc.let("a", f(z))
C = mc.let("C", mc.sum(a**2))

CLAIMS: list[tuple[str | Expr, Expr, Expr, tuple[str, ...]]] = [
    (r"2 W^\top (f'(z) \odot a)", C, x, ("denominator", "mixed")),
    (r"2 (f'(z) \odot a)^\top W", C, x, ("numerator",)),
    (2 * (f.prime(z) * a) @ x.T, C, W, ("denominator", "mixed")),
    (r"W^\top (f'(z) \odot a)", C, x, ()),
    (r"\operatorname{diag}(f'(z)) W", a, x, ("numerator", "mixed")),
    (r"W^\top \operatorname{diag}(f'(z))", a, x, ("denominator",)),
    (r"\frac{\partial C}{\partial a} \frac{\partial a}{\partial z} \frac{\partial z}{\partial x}", C, x, ("numerator",)),
    (r"\frac{\partial z}{\partial x} \frac{\partial a}{\partial z} \frac{\partial C}{\partial a}", C, x, ("denominator",)),
    (
        r"\left(\frac{\partial a}{\partial z} \frac{\partial z}{\partial x}\right)^\top \frac{\partial C}{\partial a}",
        C, x, ("mixed",),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "of", "wrt", "layouts"), CLAIMS, ids=[str(claim) for claim, *_ in CLAIMS])
def test_layouts_of_a_claim(claim: str | Expr, of: Expr, wrt: Expr, layouts: tuple[str, ...]) -> None:
    assert mc.identify_layout(claim, of, wrt).layouts == layouts


def test_a_claim_that_is_right_nowhere_is_told_with_the_shapes() -> None:
    found = mc.identify_layout(r"W^\top f(z)", C, x)
    assert found.message.startswith("It is right in no layout; the derivative is 1 x n in numerator layout, n x 1 in denominator layout.")


def test_a_claim_that_is_right_nowhere_is_told_what_it_lacks() -> None:
    right = mc.derive(C, x, layout="denominator").result
    assert mc.identify_layout(-right / 2, C, x).message.endswith("In denominator layout -2 times the claim is right.")
    assert mc.identify_layout("3", C, x).message.endswith("The claim is a scalar.")


@pytest.mark.parametrize("of", [C, a, z], ids=repr)
@pytest.mark.parametrize("wrt", [x, b, z], ids=repr)
def test_converting_a_result_gives_that_of_the_other_layout(of: Expr, wrt: Expr) -> None:
    for layout, other in (("numerator", "denominator"), ("denominator", "numerator")):
        d = mc.derive(of, wrt, layout=layout)
        made = mc.convert(d, to=other)
        wanted = mc.derive(of, wrt, layout=other).result
        assert made.shape == wanted.shape
        assert mc.prove_equal(made, wanted).verdict == "equal"
        with pytest.raises(LayoutError, match=f"in {layout} layout already"):
            mc.convert(d, to=layout)


def test_written_derivatives_become_those_of_the_other_layout() -> None:
    names = {"C": C, "z": z, "a": a, "W": W, "x": x}
    text = r"\frac{\partial C}{\partial a} \frac{\partial a}{\partial z} W"
    made = mc.convert(text, to="denominator", names=names)
    assert made == mc.parse(r"W^\top \frac{\partial a}{\partial z} \frac{\partial C}{\partial a}", names=names, layout="denominator")
    with pytest.raises(LayoutError, match="is written in denominator layout already"):
        mc.convert(made, to="denominator")
