"""What cannot be read: the error, its place, what was expected, near names."""

from __future__ import annotations

import re
from typing import Any

import pytest

from matcalc.errors import (
    DefinitionClashError, LayoutError, LetterError, MatcalcError, NoMatrixFormError, ReadError, ShapeError, UnknownNameError,
    UnsupportedError,
)  # fmt: skip
from matcalc.language import building as mc
from matcalc.language.reading.formula import parse

SHAPES: dict[str, Any] = {"c": "", "d": "", "x": "n", "y": "m", "W": "m n", "A": "n n", "Z": "m n", "W^(2)": "m n", "theta_1": "n"}
FUNCTIONS: dict[str, Any] = {
    "f": "elementwise",
    "u": {"of": "x", "shape": "m"},
    r"\mathbf{g}": "matrix",
    r"\sin": "matrix",
    "L": {"shape": ""},
}

# the text, a line of carets under its place, the error and what its message says
FAULTS: list[tuple[str, str, type[MatcalcError], str]] = [
    # misreadings of others: unreadable here
    (r"A'A", "^^", ReadError, r"A': a prime that nothing declares"),
    (r"\mathbf{W}^{(3)} x", "            ^^^", UnknownNameError, r"the superscript (3) is neither a number nor part of a declared name"),
    (r"\mathbf{W}^{(3)T} x", "            ^^^^", UnknownNameError, r"Did you mean W^(2)?"),
    ("dZ", "^^", ReadError, "dZ reads as a differential"),
    (r"d\mathbf{Z}", "^^^^^^^^^^^", ReadError, "reads as a differential"),
    (r"x \text{where} c", r"  ^^^^^^^^^^^^", ReadError, "Words are not part of an expression"),
    (r"f^2(x)", "^^^", ReadError, "a superscript of a function reads in several ways"),
    (r"\tanh^{-1}(x)", "^^^^^^^^^^", ReadError, "a superscript of a function reads in several ways"),
    (r"\left. c \right|_{c=0}", r"^^^^^^", ReadError, "A bracket without its partner"),
    # two ways to read
    (r"x \odot x \otimes x", "^" * 17, ReadError, r"\odot and \otimes side by side read in two ways"),
    (r"x \oslash x \oslash x", "^" * 19, ReadError, "side by side read in two ways"),
    ("1 / 2 c", "^^^^^^^", ReadError, "behind the slash reads in two ways"),
    ("x 2", "^^^", ReadError, "A number stands right behind a factor"),
    (r"2 \frac{1}{2}", "^^^^^^^^^^^^^", ReadError, "A number stands right behind a factor"),
    (r"\ln 2 c", "^^^^^^^", ReadError, "Where the argument ends reads in two ways"),
    # index notation and derivatives
    (r"\sum_i c", r"     ^", ReadError, r"The size of i does not follow"),
    (r"\sum c", "^^^^", ReadError, "does not say over which index"),
    (r"\sum_{i=1} c", r"      ^^^", ReadError, "The upper bound of the sum is missing"),
    (r"\sum_{i=3}^{1} x_i", r"      ^^^", ReadError, "The sum runs from 3 down to 1"),
    (r"\sum_i^n x_i", r"     ^", ReadError, "A sum with an upper bound needs a lower one"),
    (r"\sum_c x_c", r"     ^", ReadError, "c has a meaning already"),
    (r"\sum_i (\sum_i x_i) x_i", r"             ^", ReadError, "i has a meaning already"),
    (r"\sum_2 x_2", r"     ^", ReadError, "This is no index"),
    (r"\sum_i W_{ii}", r"       ^^^^^^", ShapeError, "i runs to m, but stands at an axis of size n"),
    ("A_i", "^^^", ReadError, "(n, n) and has 2 axes"),
    ("x_{ij}", "^^^^^^", ReadError, "(n,) and has 1 axis"),
    ("x_{i,j}", "^^^^^^^", ReadError, "(n,) and has 1 axis"),
    ("c_i", "^^^", ReadError, "what it stands at is a scalar"),
    (r"\sum_1 \theta_1", r"     ^", ReadError, "This is no index"),
    ("x_0", "^^^", ReadError, "x has no entry at 0"),
    (r"\frac{\partial u}{\partial x}", "^" * 29, LayoutError, "The derivative of u(x) by x needs a layout"),
    (r"\frac{\partial W}{\partial x}", "^" * 29, NoMatrixFormError, "has 3 axes, and no matrix holds them"),
    (r"\frac{\partial c}{\partial}", r"                  ^^^^^^^^", ReadError, "What is derived by is missing"),
    (r"\frac{\partial c}{x}", "^" * 20, ReadError, "One part of this fraction is a differential"),
    (r"\frac{\partial^2 c}{\partial c}", "^" * 31, ReadError, "order 2 above and 1 below"),
    (r"\frac{\partial}{\partial c}", "^" * 27, ReadError, "does not say of what"),
    (r"\frac{\partial}{\partial c} (c) c", "^" * 33, ReadError, "Where what is derived ends reads in two ways"),
    (r"\nabla c", r"^^^^^^", ReadError, r"\nabla does not say by what is derived"),
    (r"\nabla_x u", r"^^^^^^^^^^", ShapeError, r"\nabla is of a scalar"),
    (r"\partial c", r"^^^^^^^^", ReadError, r"This \partial is no part of a derivative"),
    (r"\frac{\partial c}{\partial (x + x)}", "^" * 35, ReadError, "x + x is no variable of c"),
    (r"\mathbf{g}(x)", "^^^^^^^^^^^^^", ShapeError, r"The matrix function g needs a square matrix: x is (n,); n and 1 differ."),
    ("c^d", "^^^", UnsupportedError, "is not a number"),
    # silent misreadings that were met here
    ("A^{-1}_{ij}", "^" * 11, ReadError, "reads in two ways: a power of the entry, or an entry of the power"),
    ("A_{ij}^{-1}", "^" * 11, ReadError, "reads in two ways: a power of the entry, or an entry of the power"),
    ("A^2_{ij}", "^" * 8, ReadError, "reads in two ways: a power of the entry, or an entry of the power"),
    ("A_{ij}^{-T}", "^" * 11, ReadError, "reads in two ways: a power of the entry, or an entry of the power"),
    ("A^{-}", "^" * 5, ReadError, "a minus alone is no exponent"),
    ("1^T x", "^^^", ReadError, "1^T: a number has no transpose"),
    (r"\nabla_x \|x\|_2 \|x\|_2", "^" * 24, ReadError, "Where what is derived ends reads in two ways"),
    (r"\partial_c c x", "^" * 14, ReadError, "Where what is derived ends reads in two ways"),
    (r"\sum_i x_i + c x_i", r"     ^", LetterError, "The sum over i reaches to the next + or -, and i stands outside of it as well"),
    (r"(\sum_i x_i) x_i", r"      ^", LetterError, "i stands outside of it as well"),
    (r"\sum_{i=1}^{m} x_i", r"               ^^^", ShapeError, "i runs to m, but stands at an axis of size n of x_i"),
    ("1/0", "^^^", ReadError, "A division by zero"),
    (r"\frac{c}{0}", r"      ^^^^", ReadError, "A division by zero"),
    (r"\frac{\partial^2 c}{\partial x^T \partial x^T}", "^" * 46, ReadError, "Both variables of this derivative are transposed"),
    ("A^{(c)}", "   ^^^", UnknownNameError, "the superscript (c) is neither a number nor part of a declared name"),
    (r"\|A\|", r"^^^^^", ReadError, "The norm of a matrix needs its name"),
    ("c^23", "  ^^", ReadError, "TeX takes one digit of 23 here"),
    # names
    (r"x + \mathbf{w}", "    ^^^^^^^^^^", UnknownNameError, "w is not declared"),
    (r"\theta_2", "^^^^^^", UnknownNameError, "Did you mean theta_1?"),
    (r"\operatorname{sotfmax}(x)", "^^^^^^^^^^^^^^^^^^^^^^", UnknownNameError, "Did you mean softmax"),
    ("tr(A)", "^", UnknownNameError, r"the operation is written \operatorname{tr}"),
    (r"\lamda c", "^^^^^^", UnknownNameError, r"Did you mean \lambda"),
    (r"\mathbf{1}_k^\top x", r"           ^", UnknownNameError, "k is no size that is declared"),
    (r"\Phi(x)", "^^^^", UnknownNameError, "Phi is not declared"),
    (r"\operatorname{eval}(c)", "^^^^^^^^^^^^^^^^^^^", UnknownNameError, "eval is neither declared nor a known operation"),
    # what is missing or too much
    ("", "^", ReadError, "There is nothing to read"),
    ("x +", "   ^", ReadError, "An operand is missing here"),
    (r"x \odot", r"       ^", ReadError, "An operand is missing here"),
    ("c + - c", "    ^", ReadError, "An operand is missing before -"),
    (r"\odot x", "^^^^^", ReadError, r"An operand is missing before \odot"),
    ("(x", "^", ReadError, "This ( is never closed"),
    ("(x]", "^^^", ReadError, "This ( is closed by ]"),
    ("x)", " ^", ReadError, "This ) closes nothing"),
    ("{x", "^", ReadError, "This { is never closed"),
    ("x}", " ^", ReadError, "A } that closes nothing"),
    ("^2", "^", ReadError, "^ stands on nothing"),
    ("x^", "  ^", ReadError, "^ needs an argument here"),
    ("x^2^2", "^^^^^", ReadError, "Two superscripts"),
    (r"\frac{c}", "        ^", ReadError, "needs an argument here"),
    (r"\frac{1}{0}", "^^^^^^^^^^^", ReadError, "A division by zero"),
    ("f x", "^", ReadError, "f is a function and needs its argument in brackets"),
    ("f", "^", ReadError, "f is a function and needs its argument in brackets"),
    ("(c, c)", "^^^^^^", ReadError, "only a function takes several arguments"),
    ("f(x, x)", "^^^^^^^", ReadError, "f takes one argument, 2 were given"),
    ("c, c", "   ^", ReadError, "A comma between two formulas"),
    ("c = 2", "  ^", ReadError, "A formula with = is a definition"),
    (r"x * x", "  ^", ReadError, r"Write \odot for the product entry by entry"),
    (r"\mathbf{1}", "^^^^^^^^^^", ReadError, r"The size of \mathbf{1} does not follow"),
    (r"c \mathbf{I}", r"  ^^^^^^^^^^", ReadError, r"The size of \mathbf{I} does not follow"),
    # what has no node
    ("A^{1/2}", "^^^^^^^", UnsupportedError, "The power 1/2 of a matrix is not read"),
    (r"\|A\|_2", r"^^^^^", UnsupportedError, "The spectral norm is not read"),
    (r"x \times x", r"^^^^^^^^^^", UnsupportedError, "A cross product is not read"),
    # shapes
    ("W y", "^^^", ShapeError, "W y does not conform: W is (m, n), y is (m,); n and m differ."),
    ("x x", "^^^", ShapeError, r"For the inner product write (x)^\top x, for the outer product x (x)^\top, entry by entry \odot."),
    (r"c + W x + x", "^^^^^^^^^^^", ShapeError, "c + W x is (m,), x is (n,); m and n differ."),
    (r"W + W^\top", "^^^^^^^^^^", ShapeError, "One is the transpose of the other"),
    (r"\operatorname{tr}(W)", "^" * 20, ShapeError, "A trace needs a square matrix: W is (m, n); m and n differ."),
    ("W^{-1} y", "^^^^^^", ShapeError, "An inverse needs a square matrix: W is (m, n); m and n differ."),
    ("x^2", "^^^", ShapeError, r"Entry by entry write ^{\odot 2}."),
    (r"|x|", "^^^", ShapeError, r"For the length of a vector write \|x\|_2"),
    (r"\frac{c}{x}", "  ", ShapeError, r"Entry by entry write \oslash"),
    ("u(y)", "^^^^", ShapeError, "u takes (n,), its argument is (m,); m and n differ"),
    ("L(x) L(y)", "     ^^^^", ShapeError, "L takes (n,), its argument is (m,); m and n differ"),
    (r"\mathbf{I}_3 x", "^^^^^^^^^^^^^^", ShapeError, "is (3, 3), x is (n,); 3 and n differ."),
]


@pytest.mark.parametrize(("latex", "carets", "kind", "message"), FAULTS, ids=[latex or "empty" for latex, *_ in FAULTS])
def test_fault_is_shown_at_its_place(latex: str, carets: str, kind: type[MatcalcError], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)) as caught:
        parse(latex, shapes=SHAPES, functions=FUNCTIONS)
    assert type(caught.value) is kind
    lines = str(caught.value).splitlines()
    if carets.strip():
        assert lines[1:3] == [f"    {latex}", f"    {carets}"]


def test_all_faults_of_shapes_are_raised_once() -> None:
    with pytest.raises(ShapeError, match="W y does not conform") as caught:
        parse(r"W y + \operatorname{tr}(W) y + x \odot y", shapes=SHAPES)
    assert [fault.splitlines()[0] for fault in caught.value.faults] == [
        "W y does not conform: W is (m, n), y is (m,); n and m differ.",
        "A trace needs a square matrix: W is (m, n); m and n differ.",
        r"x \odot y does not conform: x is (n,), y is (m,); n and m differ.",
    ]


def test_the_place_is_shown_in_a_long_text() -> None:
    latex = "c + " * 100 + "q" + " + c" * 100
    with pytest.raises(UnknownNameError, match="q is not declared") as caught:
        parse(latex, shapes=SHAPES)
    _, text, carets, _ = str(caught.value).splitlines()
    assert text[carets.index("^")] == "q"
    assert len(text) < 130


DECLARATIONS: list[tuple[dict[str, Any], type[MatcalcError], str]] = [
    ({"shapes": {"x": "n", r"\mathbf{x}": "m"}}, DefinitionClashError, "two meanings"),
    ({"shapes": {"x": "n m p"}}, MatcalcError, "at most two sizes"),
    ({"shapes": {"x": "n+1"}}, MatcalcError, "is not a size"),
    ({"shapes": {"x": (0,)}}, MatcalcError, "sizes are at least 1"),
    ({"shapes": {r"\mathbf{x} y": "n"}}, MatcalcError, "is no name"),
    ({"functions": {"f": "elementwice"}}, MatcalcError, "Did you mean elementwise?"),
    ({"functions": {"u": {"of": "x"}}}, MatcalcError, "its shape is missing"),
    ({"functions": {"u": {"off": "x", "shape": ""}}}, MatcalcError, "it has no 'off'"),
    ({"functions": {"u": {"of": "z", "shape": ""}}, "shapes": {"x": ""}}, UnknownNameError, "u is declared of z, which is not declared"),
    ({"functions": {"u": {"of": "v", "shape": ""}, "v": {"of": "u", "shape": ""}}}, MatcalcError, "declared of itself"),
    ({"assume": ["Q symmetric"], "shapes": {"A": "n n"}}, UnknownNameError, "names nothing that is declared"),
    ({"names": [mc.scalar("c") + 1]}, MatcalcError, "has no name here"),
    ({"layout": "numerater"}, LayoutError, "Did you mean numerator?"),
]


@pytest.mark.parametrize(("declared", "kind", "message"), DECLARATIONS, ids=[message for *_, message in DECLARATIONS])
def test_declarations_are_checked(declared: dict[str, Any], kind: type[MatcalcError], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        parse("1", **declared)
