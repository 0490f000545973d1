"""Figures with matplotlib: one function for each kind, each takes a derivation (or a network, or a report) and gives a figure.

A figure shows itself in a notebook; ``.save("name.svg")`` writes it as SVG, PNG or PDF. No LaTeX is needed.

    import matcalc as mc
    net = mc.Network(widths=(2, 3, 5), activation="f")
    d = mc.derive(net.cost, net.W[1], layout="denominator")
    mc.figures.shape_blocks(d).save("blocks.svg")           # or d.figure("shape_blocks")
    mc.figures.shape_blocks(d, style="slide", sizes=net.sizes)
"""

from matcalc.figures.cost_bars import bracketing_costs
from matcalc.figures.cubes import cube
from matcalc.figures.drawing import Drawing
from matcalc.figures.heat_maps import jacobian_heat_maps
from matcalc.figures.kinds import KINDS
from matcalc.figures.mirrored_layouts import layouts_mirrored
from matcalc.figures.order_landscapes import order_landscape
from matcalc.figures.product_blocks import shape_blocks
from matcalc.figures.quantity_graphs import computation_graph
from matcalc.figures.reversal import Animation, reversal_animation
from matcalc.figures.step_sheets import derivation_sheet
from matcalc.figures.term_networks import index_network

__all__ = [
    "KINDS", "Animation", "Drawing", "bracketing_costs", "computation_graph", "cube", "derivation_sheet", "index_network",
    "jacobian_heat_maps", "layouts_mirrored", "order_landscape", "reversal_animation", "shape_blocks",
]  # fmt: skip
