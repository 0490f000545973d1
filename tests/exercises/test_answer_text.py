"""Answers as texts, and texts with LaTeX as they are read in a terminal."""

import pytest

from matcalc.errors import ReadError
from matcalc.exercises.answer_text import count_of_names, latex_of_plain, sides_of
from matcalc.exercises.notebook_tasks import task


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("$x = y$", ["x", "y"]), ("$$x$$", ["x"]), (r"\[ x \].", ["x"]), (r"\(x\)", ["x"]), ("x_{i=1}", ["x_{i=1}"]),
        (r"\begin{align*} x &= y \end{align*}", ["x", "y"]), ("W.T @ x", [r"W^\top    x"]),
    ],
)  # fmt: skip
def test_sides(text: str, sides: list[str]) -> None:
    assert [" ".join(side.split()) for side in sides_of(text)] == [" ".join(side.split()) for side in sides]


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("W^(1)^T x", r"W^{(1)\top} x"), ("W^(l+1).T x", r"W^{(l+1)\top}  x"), (r"W^{(1)}^\top x", r"W^{(1)\top} x"),
        ("1 - (a^(2))^2", "1 - (a^{(2)})^2"), ("-y ⊘ p", r"-y \oslash  p"),
        ("diag(softmax(z)) - y", r"\operatorname{diag}(\operatorname{softmax}(z)) - y"),
        (r"\log(z) + \operatorname{diag}(v) + \mathrm{tr}(X)",) * 2, ("logdet(X)", r"\operatorname{logdet}(X)"), ("xlog(z)",) * 2,
        ("A^-1 x", "A^{-1} x"), ("A^(-1)^T", r"A^{-1\top}"), ("A^-T", r"A^{-\top}"), ("x_1 - y", "x_1 - y"), ("A^{-1} - 1",) * 2,
        ("K_{m,n} K_(k, n)", r"\mathbf{K}_{m,n} \mathbf{K}_{k,n}"), (r"\mathbf{K}_{m,n} \mathbf K_{m,n}",) * 2,
        ("kron(a b, c)", r"((a b) \otimes (c))"), ("inv(A) + outer(x, y)", r"((A)^{-1}) + ((x) (y)^\top)"),
        ("2 * x + z_2 * y", r"2 \cdot  x + z_2 * y"), ("1/N * x + (2/m)*y", r"1/N \cdot  x + (2/m) \cdot y"),
        ("1^T x - A^-1^T", r"\mathbf{1}^\top  x - A^{-1\top}"), ("psi'(z) + softplus'(z)", r"\psi'(z) + \operatorname{softplus}'(z)"),
        ("eye(m) ones(n)", r"\mathbf{I}_{m} \mathbf{1}_{n}"),
        ("(1/N) 1_N^T D", r"(1/N) \mathbf{1}_{N}^T D"), ("1_{n_1}", r"\mathbf{1}_{n_1}"), (r"\mathbf 1_N + \mathbf{1}_N + x_1_N",) * 2,
    ],
)  # fmt: skip
def test_plain_text_becomes_latex_and_latex_stays(plain: str, latex: str) -> None:
    assert latex_of_plain(plain) == latex


@pytest.mark.parametrize(
    ("name", "answer"),
    [("05.1", "diag(v) W"), ("08.4", "(1/N) ((A^(1) - Y) ⊙ f'(Z^(1))) X^T"), ("08.5", "(1/N) 1_N^T ((A^(1) - Y) ⊙ f'(Z^(1)))^T"),
     ("07.3", "W^(1)^T diag(f'(z^(1))) W^(2)^T"), ("11.1", "((a^(3) - y) ⊙ f'(z^(3))) a^(2)^T")],
)  # fmt: skip
def test_answers_as_matcalc_prints_them_are_read(name: str, answer: str) -> None:
    assert task(name).check(answer).ok


@pytest.mark.parametrize("name", ["05.1", "05.5", "00.3", "11.3"])
def test_a_task_that_nobody_has_answered_is_not_called_wrong(name: str) -> None:
    found = task(name).check(" ")
    assert not found.ok
    assert repr(found) == "Not answered yet. Write an answer, and run it again."
    assert "#767676" in found._repr_html_()


def test_no_answer() -> None:
    with pytest.raises(ReadError, match="The answer is empty"):
        sides_of("$$ $$")
    with pytest.raises(ReadError, match="has 1001 characters; at most 1000"):
        sides_of("x" * 1001)
    with pytest.raises(ReadError, match="in more than 40 others"):
        sides_of("(" * 41 + "x" + ")" * 41)
    with pytest.raises(ReadError, match="could mean more than one product"):
        sides_of("W × x")


def test_names_are_counted() -> None:
    assert count_of_names("W" * 7 + "W^Tz^{T} x_i") == 11
    assert count_of_names(r"\operatorname{softmax}(z) \odot theta^\top", ["theta"]) == 3


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("01.1", "W^T A (z \u2212 y)"), ("01.1", "W⊤A(z-y)"), ("01.1", "W^⊤ A (z-y)"), ("01.1", "W^{⊤}A(z-y)"), ("01.1", "WᵀA\u00a0(z−y)"),
        ("01.1", "∂C/∂x = W⊤A(z − y)"), ("01.1", "∇_x C = W^T A (z − y)"), ("01.2", "F₂F₁"), ("01.2", "F₂ ⋅ F₁"), ("01.2", "(F₁⊤ F₂ᵀ)⊤"),
        ("11.1", "((a⁽³⁾ − y) ⊙ f′(z⁽³⁾)) a⁽²⁾ᵀ"), ("11.1", "((a^{(3)} − y) ⊙ f’(z^{(3)})) a^{(2)⊤}"),
        ("08.4", "½ · 2 (1/N) ((A^(1) − Y) ⊙ f′(Z^(1))) X⊤"),
    ],
)  # fmt: skip
def test_signs_that_are_copied_from_texts_are_read(name: str, answer: str) -> None:
    assert task(name).check(answer).ok, task(name).check(answer)
