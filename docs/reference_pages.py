"""What stands on which page of the reference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page of the reference.

    Attributes:
        file: its name, without ``.md``.
        title, opening: its heading, and what stands under it.
        names: the public names, dotted from ``matcalc`` on; a class of a module that is not public is "module:Class".
    """

    file: str
    title: str
    opening: str
    names: tuple[str, ...]


ELEMENTWISE = {
    "sigmoid": "the logistic function 1/(1 + exp(-t))",
    "tanh": "the hyperbolic tangent",
    "relu": "t where t > 0, else 0",
    "leaky_relu": "t where t > 0, else t/100; `mc.leaky_relu.with_parameter(0.2)` has another slope",
    "softplus": "log(1 + exp(t))",
    "gelu": "t times the distribution function of the standard normal distribution at t",
    "exp": "the exponential function",
    "log": "the natural logarithm, for t > 0",
    "sqrt": "the square root, for t > 0",
    "square": "t times t",
    "sin": "the sine",
    "cos": "the cosine",
    "abs": "the magnitude",
}

PAGES = (
    Page(
        "writing", "Writing expressions",
        "Sizes, symbols, named quantities, constants, entries and sums, and reading them from LaTeX or SymPy. A vector is a column. Shapes "
        "are `()` for a scalar, `(n,)` for a column, `(1, n)` for a row and `(m, n)` for a matrix.",
        ("dims", "Dim", "scalar", "vector", "row", "matrix", "let", "function", "Expr", "ones", "zeros", "identity", "commutation", "index",
         "entry", "indexed_sum", "parse", "from_sympy"),
    ),
    Page(
        "functions", "Functions",
        "Operations on whole arrays, functions of each entry, and functions of a square matrix. `A @ B` is the matrix product, `A * B` "
        "acts entry by entry, `A.T` is the transpose: see [`Expr`](writing.md#expr).",
        ("sum", "trace", "det", "logdet", "inv", "pinv", "cofactor", "norm", "diag", "outer", "vec", "kron", "softmax", "logsumexp",
         "diagonal_sums", "matrix_power", "matrix_function", "expm", "language.elementwise:MatrixFunction",
         "language.elementwise:ElementwiseFunction", *ELEMENTWISE),
    ),
    Page(
        "deriving", "Deriving",
        "Derivatives, gradients, second derivatives and differentials, and what they are made of. In numerator layout dy/dx has the size "
        "of y by the size of x, denominator layout is its transpose; `layout=` has no default.",
        ("derive", "Derivation", "layout.factors:Factor", "layout.products:Product", "layout.certificate:Certificate", "steps:Steps",
         "steps:Step", "index.index_form:IndexForm", "gradients", "hessian", "second_derivative", "SecondDerivative", "differential",
         "Differential", "carried_out"),
    ),
    Page(
        "layouts_and_orders", "Layouts and orders",
        "Both layouts side by side, in which one a claim is right, which orders of a product fit and which are right, and what they cost.",
        ("compare_layouts", "comparison:LayoutComparison", "comparison:FactorInBoth", "comparison:Mixed", "identify_layout",
         "layout_claims:IdentifiedLayout", "convert", "orders", "layout.order_report:OrdersReport", "layout.order_report:OrderRow", "costs",
         "chain_costs:CostsReport", "chain_costs:CostRow", "explain", "explanation:Explanation", "explanation:Part"),
    ),
    Page(
        "networks_and_models", "Networks and models",
        "Fully connected networks with symbolic sizes, the recursion of backpropagation, and models of one's own.",
        ("Network", "recursion:Recursion", "recursion:Equation", "network_verification:RecursionReport",
         "network_verification:LayerCheck", "Model"),
    ),
    Page(
        "checking", "Checking",
        "A typed derivation judged line by line, a person's own NumPy code, and published formulas that fail.",
        ("check", "derivation_check.results:Report", "derivation_check.results:Link", "derivation_check.results:Repair", "detect_layout",
         "derivation_check.detection:DetectedLayout", "check_gradient", "gradient_check.report:GradientReport",
         "gradient_check.report:GradientReports", "gradient_check.report:Diagnosis", "gradient_check.report:Where",
         "gradient_check.report:WrongEntry", "errata", "misprints.report:Errata", "misprints.report:Erratum"),
    ),
    Page(
        "verifying", "Verifying",
        "What is compared with independent oracles, and the proof that two expressions are equal. Every derivation, second derivative and "
        "differential has `verify()`.",
        ("verification:VerificationReport", "verification:Check", "prove_equal", "exact.equality:Proof", "exact.equality:Counterexample"),
    ),
    Page(
        "code", "Code",
        "Results as functions of arrays, and as text, for NumPy, JAX and PyTorch.",
        ("to_numpy", "numpy_source", "code.program:Program"),
    ),
    Page(
        "errors", "Errors",
        "All errors that matcalc raises on purpose are children of `MatcalcError`, a `ValueError`.",
        ("MatcalcError",),
    ),
)  # fmt: skip

# Packages with public names of their own.
PACKAGES = {
    "figures": (
        "Figures",
        "Drawn with matplotlib. `from matcalc import figures`; `d.figure('shape_blocks')` and `figures.shape_blocks(d)` are the same.",
    ),
    "exercises": ("Exercises", "Tasks with instant feedback. `from matcalc import exercises`."),
}

# What a method hands its work to; the reference has the docstring of that.
HANDED_ON = {
    "Expr.evaluate": "numeric.evaluation:evaluate",
    "Expr.to_sympy": "sympy_bridge.writing:to_sympy",
    "Derivation.verify": "verification:verify",
    "SecondDerivative.verify": "second_verification:verify_second",
}
