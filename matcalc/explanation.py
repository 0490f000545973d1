"""The whole answer to "is there a rule for the order of the factors?", for one derivative, on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, final

from matcalc.chain_costs import Mode, costs_of_path
from matcalc.comparison import LayoutComparison, comparison_of
from matcalc.derivation import Derivation, derive
from matcalc.errors import MatcalcError, NoMatrixFormError
from matcalc.language.sizes import Dim, Shape, rows_and_columns
from matcalc.language.text_rows import filled
from matcalc.layout.conventions import Layout
from matcalc.layout.factors import Factor, name_of
from matcalc.layout.order_report import OrderRow, OrdersReport, OrderVerdict
from matcalc.layout.products import Reading
from matcalc.orders import orders_of_path
from matcalc.printing.notebook import formula, shapes_of, words

LINE = 80  # letters of a formula
EQUAL = 3  # the number that all sizes have where equal sizes are shown
MOST_PATHS = 4  # that are explained one by one

Formula = tuple[str, str]


@final
@dataclass(frozen=True, slots=True)
class Part:
    """A part of an explanation: its title, its sentences, and its formulas, each as text and as LaTeX.

    Attributes:
        title: of the part.
        sentences: plain sentences.
        formulas: pairs, the text and the LaTeX of each.
        shapes: of the names in them.
    """

    title: str
    sentences: tuple[str, ...]
    formulas: tuple[Formula, ...] = ()
    shapes: Mapping[str, Shape] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return "\n".join(_part_as_text(self))

    def _repr_html_(self) -> str:
        return _part_as_html(self)


@final
@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """Why the factors of a derivative stand in their order, and what depends on the layout: text, LaTeX, HTML.

    Attributes:
        what: the derivative.
        parts: what is asked, the sum over indices, its network, the two walks, the stand-in if there is one, shapes, cost, verification.
        orders: of each path that is explained, the arrangements at general sizes and at equal sizes.
        ok: whether the verification holds in both layouts; None if it could not be run.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> page = mc.explain(mc.let("C", mc.sum(mc.exp(mc.let("z", W @ x)))), x)
        >>> page.ok, page.parts[0].title
        (True, 'What is asked')
    """

    what: str
    parts: tuple[Part, ...]
    orders: tuple[tuple[OrdersReport, OrdersReport], ...]
    ok: bool | None

    def __repr__(self) -> str:
        return "\n".join(_as_text(self))

    def part(self, title: str) -> Part:
        """The part of that title.

        Raises:
            MatcalcError: there is none.
        """
        for part in self.parts:
            if part.title == title:
                return part
        raise MatcalcError(f"There is no part {title!r}; there are {', '.join(repr(part.title) for part in self.parts)}.")

    def latex(self) -> str:
        """The page in LaTeX, a paragraph for each part; needs amsmath."""
        return _as_latex(self)

    def html(self) -> str:
        """The page in HTML, formulas in LaTeX between dollar signs."""
        return _as_html(self)

    def _repr_html_(self) -> str:
        return self.html()


def explain(of: Any, wrt: Any, **declarations: Any) -> Explanation:
    """Explain the order of the factors of a derivative: the whole answer to "is there a rule", for the case at hand.

    Shapes: those of `derive`, in both layouts.

    Args:
        of, wrt: as for `derive`.
        declarations: of the names in a formula given as text, as `derive` takes them.

    Returns:
        What is asked; the sum over indices, in which no order exists; what joins the free indices; the two walks, which are the two
        layouts; what stands for dz/dW; how many arrangements fit in shape and how many are right, with one that fits and is wrong;
        what brackets cost; and what the oracles say. Where several paths lead to the variable, each path is explained.

    Raises:
        UnknownNameError: nothing has the name ``wrt``, or the formula holds a name that is not declared.
        ReadError: the text is no formula.

    Example:
        >>> import matcalc as mc
        >>> W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
        >>> z = mc.let("z", W @ x + b)
        >>> C = mc.let("C", mc.sum(mc.let("a", mc.function("f")(z)) ** 2))
        >>> page = mc.explain(C, x)
        >>> page.part("Two walks, two layouts").formulas[0][0]
        "numerator layout, 1 x n: 2 (f'(z) ⊙ a)^T W"
        >>> print(page.part("Shapes that fit are no rule").sentences[1])
        With all sizes 3, 8 fit, with 4 different values, and 2 are right.
        >>> page.ok
        True
    """
    if "layout" in declarations:
        raise MatcalcError("explain shows both layouts; leave layout= out.")
    found = {layout: derive(of, wrt, layout=layout.value, **declarations) for layout in Layout}
    first = found[Layout.NUMERATOR]
    paths = first.paths
    parts = [_asked(first, found[Layout.DENOMINATOR]), _rule(first), _components(first), _network(first)]
    parts.append(_walks(found, comparison_of(found)))
    if len(paths) > 1:
        parts.append(_sum_of_paths(found))
    parts += [part for path in paths[:1] for part in _stand_in(first, path)]
    counted: list[tuple[OrdersReport, OrdersReport]] = []
    for path in [path for path in paths if len(path) > 1][:MOST_PATHS]:
        where = f" ({_chain(path)})" if len(paths) > 1 else ""
        part, reports = _shapes(first, path, where)
        parts.append(part)
        counted += reports
        parts += _costs(first, path, where)
    ok, verified = _verified(found)
    told = tuple(replace(part, shapes=shapes_of(first.of, first.wrt)) for part in (*parts, verified))
    return Explanation(repr(first).partition(" in ")[0], told, tuple(counted), ok)


# ---- parts -----------------------------------------------------------------------------------------------------------


def _chain(path: Sequence[Factor]) -> str:
    return " · ".join(map(repr, path))


def _shape(shape: Sequence[object]) -> str:
    if len(shape) > 2:
        return " x ".join(map(str, shape))
    return "a scalar" if not shape else " x ".join(map(str, rows_and_columns(tuple(shape))))  # type: ignore[arg-type]


def _asked(numerator: Derivation, denominator: Derivation) -> Part:
    of, by, paths = name_of(numerator.of), name_of(numerator.wrt), numerator.paths
    what = repr(numerator).partition(" in ")[0]
    told = [f"{of} is {_shape(numerator.of.shape)}, {by} is {_shape(numerator.wrt.shape)}."]
    if len(numerator.shape) > 2:
        told.append(f"{what} has {len(numerator.shape)} axes.")
    else:
        told.append(f"{what} is {_shape(numerator.shape)} in numerator layout and {_shape(denominator.shape)} in denominator layout.")
    if not paths:
        told.append(f"No chain leads from {of} to {by}.")
    elif len(paths) == 1:
        several = len(paths[0]) > 1
        question = "in which order, and which of them transposed?" if several else "one factor, so only its layout is asked."
        told.append(f"The chain {'rule multiplies' if several else 'is'} {_chain(paths[0])}: {question}")
    else:
        told.append(f"{len(paths)} paths lead from {of} to {by}, and the derivative is the sum over them: the question is asked of each.")
    return Part("What is asked", tuple(told))


def _rule(d: Derivation) -> Part:
    """The answer in a few words; the parts below give the reasons."""
    certificate = d.certificate
    if not d.paths:
        return Part("The rule", ("Nothing is to be ordered here: no chain of factors leads to the variable.",))
    told = ["Yes, and it is not that shapes fit: the factors stand as a walk through their shared indices meets them."]
    if certificate.walks is None:
        told.append("Here it says that no string of matrices writes the derivative.")
    elif not d.shape:
        told.append("Here no index is free, so it is a scalar, the same in both layouts.")
    elif certificate.terms:
        needs = f"; needed besides products: {', '.join(need.value for need in certificate.needs)}" if certificate.needs else ""
        walks = "Here two walks write it" if certificate.is_path else "Here no path is there by itself, yet two strings write it"
        told.append(f"{walks}, one for each layout{needs}.")
    return Part("The rule", tuple(told))


def _components(d: Derivation) -> Part:
    terms = d.certificate.terms
    if any(term.summed for term in terms):
        what = "a sum over indices"
    else:
        what = "zero" if not terms else "one product of numbers" if len(terms) == 1 else f"a sum of {len(terms)} products of numbers"
    told = f"Entry by entry the derivative is {what}{'. Its factors are numbers, which' if terms else '; numbers'} have no order."
    return Part("No order in components", (told,), ((repr(d.index_form), d.index_form.latex()),))


def _network(d: Derivation) -> Part:
    """What the certificate says; the strings themselves follow among the walks."""
    sentences = d.certificate.sentences
    if len(sentences) > 2:
        sentences = sentences[1:] if d.certificate.walks is None else sentences[1:-1]
    return Part("The network of indices", sentences)


def _walks(found: Mapping[Layout, Derivation], comparison: LayoutComparison) -> Part:
    first = found[Layout.NUMERATOR]
    title = "Two walks, two layouts"
    if first.certificate.walks is None:
        return Part(title, ("No string of matrices writes it, so there is nothing to walk in either layout.",))
    formulas = [
        (f"{layout} layout, {_shape(d.shape)}: {d.result!r}", rf"\text{{{layout} layout:}}\quad {d.latex()}")
        for layout, d in found.items()
    ]
    if not first.shape:
        return Part(title, ("It is a scalar, the same in both layouts.",), tuple(formulas[:1]))
    told = ["Numerator layout walks from the output, denominator layout from the input; a factor walked the other way is transposed."]
    simple = len(comparison.factors) > 1 and all(len(factor.shapes[Layout.NUMERATOR]) <= 2 for factor in comparison.factors)
    told.append(f"So one is the transpose of the other{f': {comparison.reversal}' if simple else ''}.")
    if comparison.proof is not None:
        told.append(f"That the results are transposes of each other was checked: {comparison.proof.verdict}, by {comparison.proof.method}.")
    return Part(title, tuple(told), tuple(formulas))


def _sum_of_paths(found: Mapping[Layout, Derivation]) -> Part:
    first = found[Layout.NUMERATOR]
    told = [f"{len(first.paths)} paths add up, each a product with an order of its own."]
    if len(first.paths) > MOST_PATHS:
        told.append(f"The first {MOST_PATHS} are explained.")
    formulas: list[Formula] = []
    try:
        products = {layout: d.products() for layout, d in found.items()}
    except MatcalcError as error:
        return Part("A sum over paths", (*told, f"As products of matrices they are not written: {error}"))
    for layout, made in products.items():
        for product in made[:MOST_PATHS]:
            names = " · ".join(map(repr, product.factors))
            where = f"{layout} layout{', by vec' if product.reading is Reading.JACOBIAN else ''}:"
            formulas.append((f"{where} {names} = {product!r}", rf"\text{{{where}}}\quad {product.latex()}"))
    return Part("A sum over paths", tuple(told), tuple(formulas))


def _stand_in(d: Derivation, path: Sequence[Factor]) -> Iterator[Part]:
    last = path[-1]
    if last.ndim < 3:
        return
    told = [f"{last!r} has {last.ndim} axes and is no matrix."]
    formulas = []
    if d.of.shape:
        told.append(f"No vector stands in for it here: {name_of(d.of)} is no scalar, so what it multiplies is no row or column.")
    elif last.has_stand_in:
        for layout in Layout:
            vector, place = last.stand_in(layout), "at the front" if last.stand_in_is_first(layout) else "at the end"
            formulas.append((f"{layout} layout: {vector!r}, {place}", rf"\text{{{layout} layout, {place}:}}\quad {vector.latex()}"))
        told.append("What texts write for it stands in for it, and is right only beside the row or column that it multiplies:")
    else:
        told.append("Nothing stands in for it: no single vector or matrix is right beside the factor before it.")
    yield Part(f"What stands for {last!r}", (*told[:1], _by_vec(last), *told[1:]), tuple(formulas))


def _by_vec(factor: Factor) -> str:
    try:
        return f"In its own place in the chain it is the derivative by vec, {factor.vec_form(Layout.NUMERATOR)!r} in numerator layout."
    except NoMatrixFormError:
        return "No product with Kronecker products writes it by vec either; it is a sum over indices."


def _shapes(d: Derivation, path: Sequence[Factor], where: str) -> tuple[Part, list[tuple[OrdersReport, OrdersReport]]]:
    title = f"Shapes that fit are no rule{where}"
    try:
        general = orders_of_path(d, path)
        names = {name for m in general.general.matrices for s in (m.rows, m.columns) if isinstance(s, Dim) for name in s.names}
        equal = orders_of_path(d, path, dict.fromkeys(sorted(names), EQUAL))
    except MatcalcError as error:
        return Part(title, (f"The arrangements are not counted: {error}",)), []
    have = f"The factors {', '.join(general.factors)} have {general.arrangements:,} arrangements, orders with any transposes."
    told = [f"{have} At general sizes {_counted(general)}."]
    if names:
        told.append(f"With all sizes {EQUAL}, {_counted(equal)}.")
    if general.right > 1:
        why = "a factor that is its own transpose may be transposed, and factors that commute may change places"
        told.append(f"The {general.right:,} have one value and are one walk: {why}.")
    wrong = next(_wrong(general), None) or next(_wrong(equal), None)
    if wrong is not None:
        told.append(f"One that fits and is wrong: {wrong.product}. {wrong.reason}")
        told.append("So that shapes fit does not make an order right: the walk does.")
    else:
        told.append("Here whatever fits is right, even at equal sizes; with more factors that ends.")
    if general.reading is not Reading.MATRICES:
        read = "its stand-in" if general.reading is Reading.STAND_IN else "its Jacobian by vec"
        told.append(f"{path[-1]!r} was taken as {read}.")
    return Part(title, tuple(told)), [(general, equal)]


def _counted(report: OrdersReport) -> str:
    values = f", with {report.distinct_values:,} different values," if report.distinct_values > 1 else ""
    fit = "fits" if report.shape_consistent == 1 else "fit"
    return f"{report.shape_consistent:,} {fit}{values} and {report.right:,} {'is' if report.right == 1 else 'are'} right"


def _wrong(report: OrdersReport) -> Iterator[OrderRow]:
    """An arrangement that fits and is wrong; none where all that fit are right."""
    if report.shape_consistent > report.right:
        rows = (report.judged(arrangement) for arrangement in report.ordering.wrong_arrangements())
        yield from (row for row in rows if row.verdict is OrderVerdict.WRONG_VALUE)


def _costs(d: Derivation, path: Sequence[Factor], where: str) -> Iterator[Part]:
    try:
        report = costs_of_path(d, path)
    except MatcalcError as error:
        yield Part(f"What brackets cost{where}", (f"Not counted: {error}",))
        return
    reverse, forward = (report.row(mode).multiplications for mode in (Mode.REVERSE, Mode.FORWARD))
    both = f"from either end it takes {reverse!r}"
    if reverse != forward:
        both = f"from the output end it takes {reverse!r}, from the input end {forward!r}"
    yield Part(f"What brackets cost{where}", (f"Transposing never changes the cost, bracketing does: {both} multiplications.",))


def _verified(found: Mapping[Layout, Derivation]) -> tuple[bool | None, Part]:
    title = "Verification"
    if len(found[Layout.NUMERATOR].shape) > 2 or found[Layout.NUMERATOR].certificate.walks is None:
        found = {Layout.NUMERATOR: found[Layout.NUMERATOR]}
    try:
        reports = [d.verify() for d in found.values()]
    except ImportError:
        return None, Part(title, ("Not run: the oracles need NumPy.",))
    except MatcalcError as error:
        return None, Part(title, (f"Not run: {error}",))
    ok = all(report.ok for report in reports)
    run = dict.fromkeys(check.oracle for report in reports for check in report.checks if check.reason is None)
    layouts = "in both layouts" if len(found) > 1 else "as an array"
    if ok:
        return True, Part(title, (f"The derivative holds {layouts}, by {', '.join(run)}.",))
    failed = [f"{check.oracle}: {check.found}" for report in reports for check in report.checks if not check.passed]
    return False, Part(title, (f"NOT verified {layouts}: {'; '.join(failed)}.",))


# ---- shown -----------------------------------------------------------------------------------------------------------


def _title(page: Explanation) -> str:
    return f"{page.what}: is there a rule for the order of the factors?"


def _as_text(page: Explanation) -> Iterator[str]:
    yield from filled(_title(page), later="")
    yield from (line for part in page.parts for line in ("", *_part_as_text(part)))


def _part_as_text(part: Part) -> Iterator[str]:
    yield part.title
    yield from (line for sentence in part.sentences for line in filled(sentence, "  ", "  "))
    yield from (line for text, _ in part.formulas for line in filled(text, "    ", "      "))


_IN_LATEX = str.maketrans(
    {
        "^": r"\textasciicircum{}", "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}",
        "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "⊙": r"$\odot$", "⊘": r"$\oslash$", "⊗": r"$\otimes$", "·": r"$\cdot$",
        "Σ": r"$\Sigma$", "δ": r"$\delta$", "∂": r"$\partial$", "∇": r"$\nabla$", "≠": r"$\neq$",
    }
)  # fmt: skip


def _as_latex(page: Explanation) -> str:
    lines = [f"\\subsection*{{{_title(page).translate(_IN_LATEX)}}}  % needs amsmath"]
    for part in page.parts:
        lines.append(f"\\paragraph{{{part.title.translate(_IN_LATEX)}}}")
        lines += [sentence.translate(_IN_LATEX) for sentence in part.sentences]
        lines += [f"\\[ {latex} \\]" for _, latex in part.formulas]
    return "\n".join(lines)


def _as_html(page: Explanation) -> str:
    return "\n".join(["<section>", f"<h2>{words(_title(page), page.parts[0].shapes)}</h2>", *map(_part_as_html, page.parts), "</section>"])


def _part_as_html(part: Part) -> str:
    told = (f"<p>{words(each, part.shapes)}</p>" for each in part.sentences)
    return "\n".join([f"<h3>{words(part.title)}</h3>", *told, *(f"<p>{formula(latex, LINE)}</p>" for _, latex in part.formulas)])
