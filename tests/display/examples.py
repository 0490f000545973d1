"""One example of everything that the package shows, as code for a cell of a notebook, and how it is shown there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

SETUP = """\
import matcalc as mc
import numpy as np
n, m, p = mc.dims("n m p")
W, x, b, y = mc.matrix("W", m, n), mc.vector("x", n), mc.vector("b", m), mc.vector("y", m)
A, B, X = mc.matrix("A", n, n), mc.matrix("B", m, n), mc.matrix("X", n, m)
f, g = mc.function("f"), mc.matrix_function("g")
z = mc.let("z", W @ x + b)
a = mc.let("a", f(z))
C = mc.let("C", mc.sum((a - y) ** 2) / 2)
d = mc.derive(C, W, layout="denominator")
h = mc.let("h", f(A @ x))
V = mc.matrix("V", p, n)
r = mc.let("r", V @ (h + x))
several = mc.derive(mc.sum(mc.let("s", h * x)), x, layout="numerator")
net = mc.Network(widths=(2, 3, 5, 7, 3), activation="tanh")
deep = mc.derive(net.cost, net.x, layout="numerator")
claim = r"$\\frac{\\partial C}{\\partial \\mathbf{b}^{(4)}} = \\boldsymbol{\\delta}^{(4)\\top}$"
def wrong(W, x, b, y, f, df):
    return df(W @ x + b) @ x.T
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A cell.

    Attributes:
        code: the expression that stands last in the cell.
        kind: what the notebook shows: ``latex``, ``html``, ``markdown``, ``png`` or ``text``.
        of: the name of its class.
        formulas: whether what is shown has formulas in it.
    """

    code: str
    kind: str
    of: str
    formulas: bool = True


def _words(code: str, of: str, kind: str = "html") -> Example:
    return Example(code, kind, of, formulas=False)


EXAMPLES: Mapping[str, Example] = MappingProxyType(
    {
        "size": Example("n", "latex", "Dim"),
        "sizes": Example("(n, m)", "text", "tuple", False),
        "symbol": Example("W", "latex", "Symbol"),
        "quantity": Example("z", "latex", "Let"),
        "expression": Example("d.result", "latex", "MatMul"),
        "long expression": Example("deep.result", "latex", "MatMul"),
        "function": _words("f", "ElementwiseFunction", "text"),
        "known function": _words("mc.leaky_relu", "ElementwiseFunction", "text"),
        "matrix function": _words("g", "MatrixFunction", "text"),
        "unknown map": Example("mc.function('u', of=x, shape=('m',))", "latex", "ApplyMap"),
        "parsed": Example(r"mc.parse(r'\frac12 \|\mathbf{B}\mathbf{x}\|_2^2', shapes={'B': 'm n', 'x': 'n'})", "latex", "Scale"),
        "of SymPy": Example("mc.from_sympy((A @ A.T).to_sympy())", "latex", "MatMul"),
        "derivation": Example("d", "latex", "Derivation"),
        "long derivation": Example("deep", "latex", "Derivation"),
        "derivation without matrix": Example("mc.derive(z, W, layout='numerator')", "latex", "Derivation"),
        "structured": Example("mc.derive(mc.logdet(A), A, layout='denominator', structured='symmetric')", "latex", "Derivation"),
        "carried out": Example("mc.carried_out(mc.parse(r'\\frac{\\partial c}{\\partial \\mathbf{x}}', shapes={'x': 'n', 'c': ''}, "
                               "layout='numerator'))", "latex", "Zeros"),
        "factor": Example("d.factors[0]", "html", "Factor"),
        "factors": Example("d.factors", "html", "Factors"),
        "deep factors": Example("deep.factors", "html", "Factors"),
        "paths": Example("several.paths", "html", "Paths"),
        "product": Example("d.product", "html", "Product"),
        "deep product": Example("deep.product", "html", "Product"),
        "products": Example("several.products()", "html", "Products"),
        "joint": _words("d.product.joints[0]", "Joint", "text"),
        "steps": Example("d.steps", "html", "Steps"),
        "deep steps": Example("deep.steps", "html", "Steps"),
        "step": Example("d.steps[1]", "html", "Step"),
        "index form": Example("d.index_form", "latex", "IndexForm"),
        "long index form": Example("deep.index_form", "latex", "IndexForm"),
        "vec form": Example("d.vec_form", "latex", "Kron"),
        "certificate": _words("d.certificate", "Certificate"),
        "term": _words("d.certificate.terms[0]", "TermNetwork", "text"),
        "verification": _words("d.verify()", "VerificationReport"),
        "check of a verification": _words("d.verify().checks[0]", "Check", "text"),
        "gradients": Example("mc.gradients(net.cost, list(net.parameters.values()), layout='numerator')", "html", "ByName"),
        "Hessian": Example("mc.hessian(mc.norm(B @ X) ** 2 / 2, X)", "latex", "Kron"),
        "second derivative": Example("mc.second_derivative(mc.sum(mc.exp(B @ x)), x)", "latex", "SecondDerivative"),
        "differential": Example("mc.differential(mc.trace(X @ B @ A))", "latex", "Differential"),
        "terms": Example("mc.differential(mc.trace(X @ B @ A)).terms", "html", "ByName"),
        "identification": Example("mc.differential(mc.trace(X @ B @ A)).identify(layout='denominator')", "html", "ByName"),
        "comparison": Example("mc.compare_layouts(C, W)", "html", "LayoutComparison"),
        "deep comparison": Example("mc.compare_layouts(net.cost, net.x)", "html", "LayoutComparison"),
        "factor in both": _words("mc.compare_layouts(C, W).factors[0]", "FactorInBoth", "text"),
        "mixed layout": _words("mc.compare_layouts(C, W).mixed", "Mixed", "text"),
        "explanation": Example("mc.explain(C, W)", "html", "Explanation"),
        "part of an explanation": Example("mc.explain(C, W).part('Two walks, two layouts')", "html", "Part"),
        "orders": _words("mc.orders(C, W, layout='denominator', sizes={'n': 3, 'm': 3})", "OrdersReport"),
        "arrangement": _words("next(mc.orders(C, W, layout='denominator').rows)", "OrderRow"),
        "costs": Example("mc.costs(net.cost, net.x)", "html", "CostsReport"),
        "costs in numbers": _words("mc.costs([('W4', 784, 512), ('W3', 512, 8), ('W2', 8, 512), ('W1', 512, 784)])", "CostsReport"),
        "cost of a bracketing": _words("mc.costs(C, W).row('reverse')", "CostRow", "text"),
        "claimed layout": Example("mc.identify_layout(W.T @ (f.prime(z) * (a - y)), C, x)", "html", "IdentifiedLayout", False),
        "converted": Example("mc.convert(W @ x, to='denominator')", "latex", "MatMul"),
        "network": Example("net", "html", "Network"),
        "parameters": Example("net.parameters", "html", "ByName"),
        "weights": Example("net.W", "html", "ByName"),
        "model": Example("net.model()", "html", "Model"),
        "recursion": Example("net.recursion(layout='denominator')", "latex", "Recursion"),
        "equation": Example("net.recursion(layout='numerator')['delta^(l)']", "latex", "Equation"),
        "verified recursion": _words("net.recursion(layout='denominator').verify()", "RecursionReport"),
        "proof": _words("mc.prove_equal((A @ X).T, X.T @ A.T)", "Proof"),
        "refutation": Example("mc.prove_equal(A @ A.T, A.T @ A)", "html", "Proof"),
        "counterexample": Example("mc.prove_equal(A @ A.T, A.T @ A).counterexample", "html", "Counterexample"),
        "check": Example("mc.check(claim, net, layout='denominator')", "html", "Report"),
        "link": Example("mc.check(claim, net, layout='denominator').links[0]", "html", "Link"),
        "repair": Example("mc.check(claim, net, layout='denominator').links[0].repairs[0]", "html", "Repair"),
        "detected layout": _words("mc.detect_layout(claim, net)", "DetectedLayout", "text"),
        "checked gradient": Example("mc.check_gradient(wrong, C, W, layout='denominator')", "html", "GradientReport"),
        "program": _words("d.to_numpy()", "Program", "markdown"),
        "program of gradients": _words("mc.to_numpy(mc.gradients(C, [W, b], layout='denominator'))", "Program", "markdown"),
        "source": _words("mc.numpy_source(C, name='cost')", "Source", "markdown"),
        "errata": Example("mc.errata()", "html", "Errata"),
        "erratum": Example("mc.errata()[0]", "html", "Erratum"),
    }
)  # fmt: skip


def built() -> dict[str, Any]:
    """Every example as an object."""
    names: dict[str, Any] = {}
    _run(SETUP, names)
    made = {}
    for name, example in EXAMPLES.items():
        _run(f"shown = {example.code}", names)
        made[name] = names["shown"]
    return made


def _run(code: str, names: dict[str, Any]) -> None:
    exec(compile(code, "<cell>", "exec"), names)  # noqa: S102 - the cells stand above
