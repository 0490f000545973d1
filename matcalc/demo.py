"""The demonstration: a network, every factor in both layouts, products, recursion, orders and verification, as text or LaTeX."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

from matcalc.derivation import Derivation, derive
from matcalc.errors import TooManyFactorsError
from matcalc.language.expressions import Expr, Let
from matcalc.language.sizes import Size
from matcalc.layout.conventions import Layout
from matcalc.layout.factors import Factor
from matcalc.layout.products import Product, Reading
from matcalc.networks import Network
from matcalc.orders import OrdersReport, orders

WIDTH = 80
LARGEST_WIDTH_VERIFIED = 16  # differences take a step for every entry; the formulas hold for all sizes


@final
@dataclass(frozen=True, slots=True)
class Section:
    """A part of the demonstration: its title, lines of text, and lines of LaTeX (prose lines begin with %)."""

    title: str
    text: tuple[str, ...]
    latex: tuple[str, ...]


def shape_words(shape: Sequence[Size]) -> str:
    """A shape as people write it: n_1 x n_0, a row 1 x n, a column n x 1."""
    if not shape:
        return "scalar"
    return " x ".join(map(str, shape if len(shape) > 1 else (*shape, 1)))


def wrapped(line: str, indent: str = "      ") -> list[str]:
    """A line broken at spaces to the width of the page."""
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]


@final
class Demo:
    """All that the demonstration shows of one network."""

    def __init__(self, network: Network, layouts: tuple[Layout, ...]) -> None:
        self.network = network
        self.layouts = layouts
        self._derived: dict[tuple[Expr, Layout], Derivation] = {}

    def derivation(self, by: Expr, layout: Layout) -> Derivation:
        """dC/d(by) in the style in which factors stay visible."""
        if (by, layout) not in self._derived:
            self._derived[by, layout] = derive(self.network.cost, by, layout=layout.value, style="diag")
        return self._derived[by, layout]

    @cached_property
    def variables(self) -> tuple[Expr, ...]:
        """The parameters from the first layer on, then the input."""
        return (*self.network.parameters.values(), self.network.x)

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """Every factor of every chain, once, from the output on."""
        found: dict[str, Factor] = {}
        for by in reversed(self.variables):
            for path in self.derivation(by, self.layouts[0]).paths:
                for factor in path:
                    found.setdefault(repr(factor), factor)
        return tuple(found.values())

    def sections(self) -> Iterator[Section]:
        """The parts in order; verification last."""
        yield self._network()
        yield self._factors()
        for layout in self.layouts:
            yield self._products(layout)
        yield self._recursion()
        yield self._orders()
        yield self._verification()

    # ---- the network -------------------------------------------------------------------------------------------------

    def _network(self) -> Section:
        net = self.network
        named: list[Expr] = [e for k in net.z for e in (net.z[k], net.a[k])]
        lets = [node for node in (*named, net.cost) if isinstance(node, Let)]
        text = [f"{node!r} = {node.definition!r}" for node in lets]
        widths = ", ".join(f"{name} = {width}" for name, width in net.sizes.items())
        latex = [f"\\[ {node.latex()} = {node.definition.latex()} \\]" for node in lets]
        return Section("The network", (*_lines(text), f"widths: {widths}"), tuple(latex))

    # ---- factors -----------------------------------------------------------------------------------------------------

    def _factors(self) -> Section:
        text: list[str] = []
        latex: list[str] = []
        for factor in self.factors:
            text.append(f"{factor!r}")
            for layout in self.layouts:
                for how, shape, matrix in self._forms(factor, layout):
                    text.extend(wrapped(f"  {layout.value:<12}{how:<10}{shape:<22}{matrix!r}", " " * 46))
                    shown = shape.replace(" x ", r" \times ").replace("*", " ")
                    formula = f"{self._named(factor, layout, how)} {matrix.latex()}"
                    latex.append(f"\\[ {_in_words(layout)} {formula} \\qquad ({shown}) \\]")
        notes = self._notes()
        return Section("Every factor in both layouts" if len(self.layouts) > 1 else "Every factor", (*text, *notes), tuple(latex))

    def _notes(self) -> list[str]:
        """Where what stands for a factor with three or four axes may stand."""
        many = [factor for factor in self.factors if factor.ndim > 2]
        if not many:
            return []
        lines = [f"{many[0]!r} and its like have {many[0].ndim} axes and are no matrices."]
        for layout in self.layouts:
            for factor in [f for f in many if f.has_stand_in][:1]:
                place = "in front of all other factors" if factor.stand_in_is_first(layout) else "behind all other factors"
                lines.append(f"The stand-in is right only {place} ({layout.value} layout).")
        if not all(factor.has_stand_in for factor in many):
            lines.append("Where no stand-in is listed, none is right beside delta without transposing delta.")
        lines.append("The form by vec is right in its place in the chain; the result is then the derivative by vec(W).")
        return [line for text in lines for line in wrapped(text, "")]

    @staticmethod
    def _named(factor: Factor, layout: Layout, how: str) -> str:
        if how == "vec":
            of, by = factor.of.latex(), factor.by.latex()
            return f"\\frac{{\\partial \\operatorname{{vec}}({of})}}{{\\partial \\operatorname{{vec}}({by})}} ="
        return f"{factor.name(layout.value).latex()} {'=' if not how else chr(92) + 'text{ stands in as }'}"

    @staticmethod
    def _forms(factor: Factor, layout: Layout) -> Iterator[tuple[str, str, Expr]]:
        """How a factor can be written in a layout: as a matrix, or as stand-in and by vec."""
        if factor.ndim <= 2:
            matrix = factor.matrix(layout)
            yield "", shape_words(factor.shape(layout)), matrix
            return
        if factor.has_stand_in:
            stand_in = factor.stand_in(layout)
            yield "stand-in", shape_words(stand_in.shape), stand_in
        by_vec = factor.vec_form(layout)
        yield "vec", shape_words(by_vec.shape), by_vec

    # ---- products ----------------------------------------------------------------------------------------------------

    def _products(self, layout: Layout) -> Section:
        order = "output to input" if layout is Layout.NUMERATOR else "input to output"
        text: list[str] = list(wrapped(f"The factors stand from {order}; the shapes show where the sizes meet.", ""))
        latex: list[str] = []
        for by in self.variables:
            derivation = self.derivation(by, layout)
            for product in derivation.products():
                text.extend(self._product_lines(derivation, product))
                latex.append(f"\\[ {_in_words(layout)} {self._left(derivation, product, latex=True)} = {product.expression.latex()} \\]")
        return Section(f"Products in {layout.value} layout", tuple(text), tuple(latex))

    @staticmethod
    def _left(derivation: Derivation, product: Product, *, latex: bool) -> str:
        of, by = derivation.of, derivation.wrt
        if latex:
            below = f"\\operatorname{{vec}}({by.latex()})" if product.reading is Reading.JACOBIAN else by.latex()
            return f"\\frac{{\\partial {of.latex()}}}{{\\partial {below}}}"
        return f"d{of!r}/d" + (f"vec({by!r})" if product.reading is Reading.JACOBIAN else f"{by!r}")

    def _product_lines(self, derivation: Derivation, product: Product) -> list[str]:
        left = self._left(derivation, product, latex=False)
        names = " · ".join(f"{f!r}" for f in product.factors)
        shapes = " ".join(f"({shape_words(p.shape).replace(' ', chr(160))})" for p in product.parts)
        fits = "fits" if all(joint.fits for joint in product.joints) else "DOES NOT FIT"
        joints = ", ".join(repr(joint).replace(" ", "") for joint in product.joints)
        reading = "" if product.reading is Reading.MATRICES else f"  [{product.reading.value}]"
        lines = [f"{left} = {names}{reading}", f"  = {product!r}"]
        if product.reading is not Reading.JACOBIAN and derivation.result != product.expression and len(derivation.paths) == 1:
            lines.append(f"  = {derivation.result!r}")
        if product.reading is Reading.JACOBIAN and len(derivation.paths) == 1:
            lines.append(f"  so d{derivation.of!r}/d{derivation.wrt!r} = {derivation.result!r}")
        lines.append(f"  shapes {shapes}{': ' + joints if joints else ''}: {fits}")
        return [line.replace(chr(160), " ") for part in lines for line in wrapped(part, "    ")] + [""]

    # ---- recursion ---------------------------------------------------------------------------------------------------

    @cached_property
    def recursions(self) -> tuple[tuple[Layout, object, object], ...]:
        """For each layout the recursion and its check."""
        found = []
        for layout in self.layouts:
            recursion = self.network.recursion(layout=layout.value)
            found.append((layout, recursion, recursion.verify()))
        return tuple(found)

    def _recursion(self) -> Section:
        named = f"d{self.network.cost_name}/dz^(l): a row in numerator layout, a column in denominator layout"
        if self.network.batch is not None:
            named = f"d{self.network.cost_name}/dZ^(l): of the shape of Z^(l) in denominator layout, of its transpose in numerator layout"
        text: list[str] = wrapped(f"delta^(l) is {named}.", "")
        latex: list[str] = []
        for layout, recursion, report in self.recursions:
            text.append(f"{layout.value} layout")
            for equation in recursion:  # type: ignore[attr-defined]
                left, right = f"{equation.name} = {equation.right!r}", f"({equation.condition})"
                text.extend(wrapped(f"  {left}   {right}"))
            ok = "holds at every layer of networks with 2, 3 and 4 layers" if report.ok else "FAILS"  # type: ignore[attr-defined]
            text.append(f"  {ok}")
            latex.append(f"\\[ {_in_words(layout)} {recursion.latex()} \\]")  # type: ignore[attr-defined]
        return Section("Backpropagation for a general layer", tuple(text), tuple(latex))

    # ---- orders ------------------------------------------------------------------------------------------------------

    def _orders(self) -> Section:
        net = self.network
        layout = self.layouts[-1]
        widths = dict(net.sizes)
        equal = dict.fromkeys(widths, max(widths.values()))
        text: list[str] = [f"d{net.cost!r}/d{net.x!r}, {layout.value} layout: orders of the factors, each with any transposes"]
        try:
            for what, sizes in (("at these widths", widths), ("at equal widths", equal)):
                text.extend(wrapped(f"  {what}: {self._counted(orders(net.cost, net.x, layout=layout.value, sizes=sizes))}"))
            text.append("  So sizes that fit do not tell the order; the walk through the indices does.")
        except TooManyFactorsError as error:
            text.extend(wrapped(f"  not counted: {error}", "  "))
        return Section("Which orders fit, and which are right", tuple(text), _verbatim(text))

    @staticmethod
    def _counted(report: OrdersReport) -> str:
        return (
            f"{report.arrangements:,} arrangements, {report.shape_consistent:,} fit, {report.right:,} are right "
            f"({report.distinct_values:,} different {'value' if report.distinct_values == 1 else 'values'})"
        )

    # ---- verification ------------------------------------------------------------------------------------------------

    @cached_property
    def reports(self) -> tuple[tuple[str, Layout, object], ...]:
        """The verification of every derivative in every layout, at the widths of the network unless they are large."""
        sizes = {**self.network.sizes, **({"N": 3} if self.network.batch else {})}
        given = sizes if max(self.network.widths) <= LARGEST_WIDTH_VERIFIED else None
        return tuple(
            (f"d{self.network.cost!r}/d{by!r}", layout, self.derivation(by, layout).verify(sizes=given))
            for by in self.variables
            for layout in self.layouts
        )

    @property
    def ok(self) -> bool:
        """Whether everything that was verified holds."""
        reports = [report for _, _, report in (*self.reports, *self.recursions)]
        return all(report.ok for report in reports)  # type: ignore[attr-defined]

    def _verification(self) -> Section:
        rows = [f"{'derivative':<14}{'layout':<13}{'backprop':>12}{'difference':>12}{'exact':>12}{'index':>12}"]
        reasons: dict[str, None] = {}
        chances: list[float] = []
        for name, layout, report in self.reports:
            cells = []
            for check in report.checks:  # type: ignore[attr-defined]
                exact = "equal" if check.passed else "differs"
                cells.append("not run" if check.error is None else exact if check.oracle == "exact" else f"{check.error:.1e}")
                chances += [check.error_probability] if check.error_probability is not None else []
                if check.reason:
                    reasons[f"{check.oracle} not run: {check.reason}"] = None
            rows.append(f"{name:<14}{layout.value:<13}" + "".join(f"{cell:>12}" for cell in cells))
        verdict = "Everything holds." if self.ok else "SOMETHING FAILS."
        found = self.reports[0][2].sizes  # type: ignore[attr-defined]
        at = ", ".join(f"{name} = {number}" for name, number in found.items())
        legend = f"at {at}; error relative to the largest entry; passes below 1e-9 (1e-6 for central differences)"
        legends = [*wrapped(legend, "")]
        if chances:
            chance = f"a wrong derivative would pass with a chance of at most {max(chances):.0e}"
            legends += wrapped(f"exact: dual numbers modulo a prime of 74 bits, no tolerance; {chance}", "")
        text = (*rows, *(line for reason in reasons for line in wrapped(reason)), *legends, verdict)
        return Section("Verification", text, _verbatim(text))


def _verbatim(text: Iterable[str]) -> tuple[str, ...]:
    return ("\\begin{verbatim}", *text, "\\end{verbatim}")


def _in_words(layout: Layout) -> str:
    """The layout as it stands in front of a formula."""
    return f"\\text{{{layout.value} layout:}}\\quad"


def _lines(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in wrapped(text)]
