"""The kinds of figures: what each takes and what it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from types import MappingProxyType
from typing import TypeAlias, final

from matcalc.chain_costs import CostsReport
from matcalc.derivation import Derivation
from matcalc.figures.cost_bars import bracketing_costs
from matcalc.figures.cubes import cube
from matcalc.figures.drawing import Drawing
from matcalc.figures.heat_maps import jacobian_heat_maps
from matcalc.figures.mirrored_layouts import layouts_mirrored
from matcalc.figures.order_landscapes import order_landscape
from matcalc.figures.product_blocks import shape_blocks
from matcalc.figures.quantity_graphs import computation_graph
from matcalc.figures.reversal import Animation, reversal_animation
from matcalc.figures.step_sheets import derivation_sheet
from matcalc.figures.term_networks import index_network
from matcalc.language.expressions import Expr
from matcalc.layout.order_report import OrdersReport
from matcalc.networks import Network
from matcalc.second_derivative import SecondDerivative

Figure: TypeAlias = Drawing | Animation


@final
@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of figure.

    Attributes:
        draws: the function.
        takes: what it draws.
        shows: what is to be seen in it, in two to four sentences.
    """

    draws: Callable[..., Figure]
    takes: tuple[type, ...]
    shows: str

    @property
    def options(self) -> tuple[str, ...]:
        """The names of the options of the function."""
        return tuple(list(signature(self.draws).parameters)[1:])


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "shape_blocks": Kind(
            shape_blocks, (Derivation,),
            "Each factor of the chain is a rectangle: as high as its rows, as wide as its columns. Where two factors meet stand the two "
            "sizes, in green with = if they are the same, in red with ≠ if not. Another order of the factors may be given by order=; it is "
            "judged. That all joints are green does not make an order right.",
        ),
        "layouts_mirrored": Kind(
            layouts_mirrored, (Derivation,),
            "The same product in numerator layout above and in denominator layout below. A line joins each factor to its transpose: the "
            "lines of two factors cross, since the order is reversed, and a rectangle that lies above stands below.",
        ),
        "index_network": Kind(
            index_network, (Derivation,),
            "In components there is no order: factors are boxes, and an index that two of them share is a wire. A dot joins three ends or "
            "more, there ⊙ or diag is needed. Two arrows, where there is a walk from either end, are these walks; each writes the product "
            "in one layout, with a transpose where a factor is passed against its own index order.",
        ),
        "computation_graph": Kind(
            computation_graph, (Derivation, Network, Expr),
            "The quantities from the inputs to what is derived. Each edge carries the derivative along it, with its shape; where that has "
            "three axes or more, the sum over indices. The chain rule multiplies along a path and adds up the paths.",
        ),
        "jacobian_heat_maps": Kind(
            jacobian_heat_maps, (Derivation, SecondDerivative),
            "The factors as matrices of numbers, one coloured cell an entry, and the derivative that they make. Entries that are zero for "
            "all data are white with a dot: the derivative of what a function makes of each entry of a vector is diagonal, that of a "
            "product such as W x by vec(W) has the pattern of a Kronecker product.",
        ),
        "order_landscape": Kind(
            order_landscape, (OrdersReport, Derivation),
            "All arrangements of the factors, counted: those that do not fit, those that fit and are wrong, and those that are right. "
            "Fitting is not enough to be right: where sizes are the same, a product may fit and have another value.",
        ),
        "bracketing_costs": Kind(
            bracketing_costs, (CostsReport, Derivation),
            "How many multiplications the product takes, bracketed from the output end, from the input end, and in the best way. The two "
            "layouts cost the same: transposing saves nothing, bracketing does.",
        ),
        "derivation_sheet": Kind(
            derivation_sheet, (Derivation, SecondDerivative),
            "The derivation as on paper, from the chain rule to the result, with the rule of each step beside it. Each factor is derived "
            "in index form first and laid out then; that is where the layout comes in.",
        ),
        "cube": Kind(
            cube, (Derivation,),
            "A derivative with three axes, as of a vector by a matrix or of a matrix by a vector, is no matrix. Entries that are zero for "
            "all data are left out. As the last factor of a chain it is multiplied by what stands before it and summed over the entries "
            "that both share; so it collapses onto an array with the axes of the variable.",
        ),
        "reversal_animation": Kind(
            reversal_animation, (Derivation,),
            "The product in numerator layout turns into that in denominator layout: one factor after the other is turned over its diagonal "
            "and takes its place in the other product. A row becomes a column, and what was last is first.",
        ),
    }
)  # fmt: skip
