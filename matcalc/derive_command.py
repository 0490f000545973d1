"""How the answers of ``matcalc derive`` are shown: as text, as LaTeX to paste, or as JSON.

The JSON holds

    of        text, latex, shape; of a quantity that the formula defines also its definition, likewise
    wrt       text, latex, shape; of a Hessian a list of the variable of the rows and that of the columns
    layouts   "numerator" and "denominator", as far as asked for, each an answer; of a Hessian there is ``hessian`` instead
    assumed   the assumptions that were given
    ok        whether everything that was verified holds

and an answer

    shape     sizes as names or numbers: [] a scalar, ["n"] a column, [1, "n"] a row, ["m", "n"] a matrix; three or four without a matrix
    text, latex   the matrix; null where there is none, and ``why`` says why
    index, vec    text and latex; null unless asked for or there is no matrix; ``vec`` has a shape, or only ``why`` there is none
    steps     rule, source, before, after, latex of each; null unless asked for
    verified  ok, sizes, reason, checks: oracle, method, passed, error, tolerance, reason of each; null unless asked for
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from matcalc.answers import Answer, Answers, Verified, Written, other_numbers
from matcalc.demo import Section, shape_words, wrapped
from matcalc.index.index_form import IndexForm
from matcalc.language.expressions import Derivative, Expr, Let
from matcalc.language.sizes import ndim
from matcalc.layout.factors import name_of
from matcalc.printing.latex import latex_lines
from matcalc.steps import Step

_BRACKETED = re.compile(r"[(\[].*[)\]]$")
LABEL = 10  # columns of what stands before a form
LONGEST_NAME = 30  # of a quantity, as it stands in dy/dx
LONGEST_FORMULA = 400  # as it is shown above its derivative
LATEX_WIDTH = 80


def _name(quantity: Expr) -> str:
    """What stands behind d in dy/dx."""
    if len(repr(quantity)) > LONGEST_NAME:
        return "(...)"
    name = name_of(quantity)
    head = _BRACKETED.sub("", name)  # of f(x + y) only f
    return f"({name})" if " " in head or "/" in head else name


def _left(answers: Answers) -> str:
    """What is derived by what, short."""
    of = _name(answers.of)
    if answers.answers[0].layout is not None:
        return f"d{of}/d{answers.wrt[0].name}"
    by = [f"d{node.name}" for node in answers.wrt]
    return f"d^2 {of}/{by[0]}^2" if by[0] == by[-1] else f"d^2 {of}/({' '.join(by)})"


# ---- text ------------------------------------------------------------------------------------------------------------


def text_sections(answers: Answers) -> Iterator[Section]:
    """The formula, each answer, and the verification."""
    lines = [*_labelled("formula", _shortened(_formula(answers.of))), *_labelled("shape", _formula_shape(answers))]
    known = ", ".join(f"{node.name}: {shape_words(node.shape)}" for node in answers.known if node != answers.of)
    by = " and ".join(node.name for node in answers.wrt)
    lines += _labelled("names", known)
    if answers.assumed:
        lines += _labelled("assumed", f"{', '.join(answers.assumed)}")
    yield Section(f"Derivative by {by}", tuple(lines), ())
    for answer in answers.answers:
        yield Section(answer.title, tuple(_answer_lines(answers, answer)), ())
    if any(answer.verified for answer in answers.answers):
        yield Section("Verification", tuple(_verification_lines(answers)), ())


def _formula_shape(answers: Answers) -> str:
    """The shape of the formula, which depends on the layout where it writes derivatives itself."""
    shapes = {shape_words(answer.of.shape): answer.title for answer in reversed(answers.answers)}
    if len(shapes) == 1:
        return next(iter(shapes))
    return ", ".join(f"{shape} in {title.lower()}" for shape, title in reversed(shapes.items()))


def _formula(of: Expr) -> str:
    """The formula as it was read; a definition with the name on its left side."""
    return f"{of.name} = {of.definition!r}" if isinstance(of, Let) else repr(of)


def _shortened(formula: str) -> str:
    """The formula, cut where it is very long."""
    return formula if len(formula) <= LONGEST_FORMULA else f"{formula[:LONGEST_FORMULA]} ... ({len(formula):,} characters)"


def _labelled(label: str, text: str) -> list[str]:
    return wrapped(f"  {label:<{LABEL - 2}}{text}", " " * LABEL)


def _answer_lines(answers: Answers, answer: Answer) -> Iterator[str]:
    if answer.matrix.form is not None:
        yield from _labelled("shape", shape_words(answer.shape))
        yield from _labelled("result", f"{_left(answers)} = {answer.matrix.form!r}")
    else:
        yield from _labelled("result", f"no matrix. {answer.matrix.why_not}")
    if answer.index is not None:
        axes = f", axes {' x '.join(map(str, answer.index.shape))}" if answer.matrix.form is None else ""
        yield from _labelled("index", f"{answer.index!r}{axes}")
    if answer.vec is not None:
        yield from _labelled("by vec", _vec_text(answer.vec, answer.matrix))
    if answer.steps is not None:
        yield ""
        for number, step in enumerate(answer.steps, 1):
            yield from wrapped(f"  {number}. {_short(step.before)} = {step.after!r}", " " * 7)
            yield from wrapped(f"     by: {step.rule}", " " * 9)


def _vec_text(vec: Written, matrix: Written) -> str:
    if isinstance(vec.form, Expr):
        return f"{vec.form!r}, {shape_words(vec.form.shape)}"
    return "none, for the same reason." if vec.why_not == matrix.why_not else f"none. {vec.why_not}"


def _short(side: Expr | IndexForm) -> str:
    """The left side of a step; a written derivative of something long by a short name."""
    return f"d{_name(side.of)}/d{_name(side.by)}" if isinstance(side, Derivative) and _name(side.of) == "(...)" else repr(side)


def _verification_lines(answers: Answers) -> Iterator[str]:
    for answer in answers.answers:
        if answer.verified is None:
            continue
        verdict = "holds" if answer.verified.ok else "NOT VERIFIED"
        yield f"  {answer.title}: {verdict}"
        width = max((len(check.oracle) for check in answer.verified.checks), default=0) + 2
        for check in answer.verified.checks:
            yield from wrapped(f"    {check.oracle:<{width}}{check.found} ({check.method})", " " * (4 + width))
        if answer.verified.reason:
            yield from wrapped(f"    not run: {answer.verified.reason}", " " * 8)
    sizes = next((a.verified.sizes for a in answers.answers if a.verified and a.verified.sizes), {})
    at = ", ".join(f"{name} = {number}" for name, number in sizes.items())
    if any(answer.verified and answer.verified.checks for answer in answers.answers):
        yield from wrapped(f"  at random data{f', {at}' if at else ''}; errors relative to the largest entry", "  ")
    yield "  Everything holds." if answers.ok else "  SOMETHING IS NOT VERIFIED."
    hint = other_numbers(answers)
    if hint:
        yield from wrapped(f"  {hint}", "  ")


# ---- LaTeX -----------------------------------------------------------------------------------------------------------


def latex_text(answers: Answers) -> str:
    """An ``aligned`` block for each answer, to be pasted; what is no formula stands behind %."""
    lines = ["% needs amsmath"]
    if answers.assumed:
        lines += _comments(f"assumed: {', '.join(answers.assumed)}")
    if isinstance(answers.of, Let):
        lines += _comments(f"of {answers.of.latex()} = {answers.of.definition.latex()}")
    for answer in answers.answers:
        shape = shape_words(answer.shape) if answer.matrix.form is not None else "no matrix"
        lines.append(f"% {answer.title}, {shape}")
        if answer.matrix.form is None:
            lines += _comments(answer.matrix.why_not)
        if answer.vec is not None and answer.vec.form is None:
            lines += _comments(f"By vec: {_vec_text(answer.vec, answer.matrix)}")
        lines += ["\\[", "\\begin{aligned}", " \\\\\n".join(_rows(answers, answer)), "\\end{aligned}", "\\]"]
        if answer.verified is not None:
            lines += _comments(_verdict(answer.verified))
    return "\n".join(lines)


def _rows(answers: Answers, answer: Answer) -> Iterator[str]:
    """The rows of the block: the steps, or the result alone; the other forms below."""
    left = _latex_left(answers, answer)
    if answer.steps is not None:
        last: Expr | IndexForm | None = None
        for step in answer.steps:
            whole = isinstance(step.before, Derivative) and step.before.of == answer.of
            yield from _equation("" if step.before == last else left if whole else step.before.latex(), step.after, step.rule)
            last = step.after
    elif answer.matrix.form is not None:
        yield from _equation(left, answer.matrix.form)
    shown = [step.after for step in answer.steps or ()]
    if answer.index is not None and answer.index not in shown:
        yield from _equation(left if answer.matrix.form is None else r"\text{entries}", answer.index, "sum over indices, entry by entry")
    if answer.vec is not None and answer.vec.form is not None and answer.vec.form not in shown:
        yield from _equation(_latex_vec_left(answers, answer), answer.vec.form, "by vec, columns stacked")


def _latex_left(answers: Answers, answer: Answer) -> str:
    if answer.layout is not None and len(repr(answer.of)) > LATEX_WIDTH:
        return rf"\frac{{\partial}}{{\partial {answers.wrt[0].latex()}}} (\cdots)"
    if answer.layout is not None:
        return Derivative(answer.of, answers.wrt[0], answer.layout.value, False, answer.shape).latex()
    of, by = answer.of.latex(), [node.latex() for node in answers.wrt]
    below = rf"\partial {by[0]} \, \partial {by[-1]}^\top" if ndim(answers.wrt[-1].shape) else rf"\partial {by[0]} \, \partial {by[-1]}"
    return rf"\frac{{\partial^2}}{{{below}}} \left({of}\right)"


def _latex_vec_left(answers: Answers, answer: Answer) -> str:
    long = len(repr(answer.of)) > LATEX_WIDTH
    names = r"\cdots" if long else answer.of.latex(), answers.wrt[0].latex()
    of, by = (rf"\operatorname{{vec}}\left({name}\right)" for name in names)
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


def _equation(left: str, right: Expr | IndexForm, rule: str = "") -> Iterator[str]:
    """An equation in one row, or where it is long in several."""
    lines = latex_lines(right, width=LATEX_WIDTH) if isinstance(right, Expr) else [right.latex()]
    note = "".join(f"% {line}\n" for line in wrapped(rule, "  ")) if rule else ""
    yield f"{note}{left}{' ' if left else ''}&= {lines[0]}"
    for line in lines[1:]:
        yield rf"&\quad {line}"


def _comments(text: str) -> list[str]:
    return [f"% {line}" for part in text.splitlines() for line in wrapped(part, "  ")]


def _verdict(verified: Verified) -> str:
    found = "; ".join(f"{check.oracle}: {check.found}" for check in verified.checks) or str(verified.reason)
    return f"{'verified' if verified.ok else 'NOT VERIFIED'}: {found}"


# ---- JSON ------------------------------------------------------------------------------------------------------------


def json_text(answers: Answers) -> str:
    """The answers as JSON, in ASCII; see the head of this module."""
    wrt = [_form(node) for node in answers.wrt]
    is_hessian = answers.answers[0].layout is None
    of = _form(answers.of)
    if isinstance(answers.of, Let):
        of["definition"] = _form(answers.of.definition)
    found: dict[str, Any] = {"of": of, "wrt": wrt if is_hessian else wrt[0]}
    if is_hessian:
        found["hessian"] = _answer(answers.answers[0])
    else:
        found["layouts"] = {answer.layout.value: _answer(answer) for answer in answers.answers if answer.layout}
    found["assumed"] = list(answers.assumed)
    found["ok"] = answers.ok
    return json.dumps(found, indent=2, allow_nan=False)


def _answer(answer: Answer) -> dict[str, Any]:
    matrix = answer.matrix.form
    return {
        "shape": _sizes(answer.shape),
        "text": None if matrix is None else repr(matrix),
        "latex": None if matrix is None else matrix.latex(),
        "why": answer.matrix.why_not or None,
        "index": None if answer.index is None else _form(answer.index),
        "vec": _vec(answer.vec),
        "steps": None if answer.steps is None else _steps(answer.steps),
        "verified": None if answer.verified is None else _verified(answer.verified),
    }


def _form(form: Expr | IndexForm) -> dict[str, Any]:
    return {"text": repr(form), "latex": form.latex(), "shape": _sizes(form.shape)}


def _vec(vec: Written | None) -> dict[str, Any] | None:
    if vec is None:
        return None
    return {"why": vec.why_not} if vec.form is None else _form(vec.form)


def _sizes(shape: Sequence[object]) -> list[int | str]:
    return [entry if isinstance(entry, int) else str(entry) for entry in shape]


def _steps(steps: Iterable[Step]) -> list[dict[str, str]]:
    return [
        {"rule": step.rule, "source": step.source, "before": repr(step.before), "after": repr(step.after), "latex": step.latex()}
        for step in steps
    ]


def _verified(verified: Verified) -> dict[str, Any]:
    checks = [
        {
            "oracle": check.oracle,
            "method": check.method,
            "passed": check.passed,
            "error": check.error if check.error is not None and math.isfinite(check.error) else None,
            "tolerance": check.tolerance,
            "reason": check.reason,
            "found": check.found,
        }
        for check in verified.checks
    ]
    return {"ok": verified.ok, "sizes": verified.sizes, "reason": verified.reason, "checks": checks}
