"""Seconds of processor time to draw each kind of figure and write it, at networks of depth 1 to 6, and what a fresh process pays.

python benchmarks/figures.py [kind ...]; each figure is drawn in a process of its own, in which the fonts were used, but no formula of
it was set before. Needs a system that can fork.
"""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import matcalc as mc

SHAPES = ((3, 2), (2, 3, 5), (12, 5, 3, 1), (3, 11, 2, 6, 5), (5, 1, 12, 2, 3, 7), (2, 12, 3, 7, 5, 11, 4), (12,) * 7)  # depths 1 to 6
STYLES = ("paper", "slide")
FORMS = ("svg", "png", "pdf")
AT_SIZES = ("bracketing_costs", "cube", "jacobian_heat_maps")
FIRST = """
import time
start = time.process_time()
import matcalc as mc
net = mc.Network(widths=(2, 3, 5), activation="f")
d = mc.derive(net.cost, net.W[1], layout="denominator")
derived = time.process_time()
import matcalc.figures
imported = time.process_time()
d.figure("shape_blocks").as_bytes("png")
print(derived - start, imported - derived, time.process_time() - imported)
"""


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """The processor time of the first run, and of a second one."""
    times = []
    for _ in range(2):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return times[0], times[1]


def measured(kind: str, style: str, widths: tuple[int, ...], form: str) -> tuple[float, float] | None:
    """The times of a figure, from what was derived to its file; None where it is refused."""
    net = mc.Network(widths=widths, activation="f")
    d = mc.derive(net.cost, net.W[1], layout="denominator")
    thing: Any = net if kind == "computation_graph" else d
    options = {"style": style, **({"sizes": net.sizes} if kind in AT_SIZES else {})}

    def work() -> None:
        drawn = thing.figure(kind, **options)
        if isinstance(drawn, mc.figures.Drawing):
            drawn.as_bytes(form)

    try:
        return seconds(work)
    except mc.MatcalcError:
        return None


def used_fonts() -> None:
    """Figures of something else, so that fonts and writers of files are there."""
    d = mc.derive(mc.let("u", mc.matrix("Q", "q", "r") @ mc.vector("v", "r")), "v", layout="numerator")
    for form in FORMS:
        d.figure("shape_blocks").as_bytes(form)


def main() -> int:
    kinds = sys.argv[1:] or list(mc.figures.KINDS)
    unknown = [kind for kind in kinds if kind not in mc.figures.KINDS]
    if unknown:
        print(f"There is no figure {unknown[0]!r}; there are {', '.join(mc.figures.KINDS)}.", file=sys.stderr)
        return 2
    printed = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True).stdout
    first = [float(part) for part in printed.split()]
    told = "{:.2f} s to import and derive, {:.2f} s to import matplotlib and the figures, {:.2f} s for the first figure"
    print(f"  a fresh process: {told.format(*first)}")
    print("  SVG / PNG / PDF, the animation as GIF; drawn for the first time, then the slowest that is drawn again")
    print(f"  {'':<19}{'':<6}" + "".join(f"{'-'.join(map(str, widths)):>22}" for widths in SHAPES) + f"{'again':>8}")
    used_fonts()
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        for kind in kinds:
            for style in STYLES:
                line, again = f"  {kind:<19}{style:<6}", 0.0
                for widths in SHAPES:
                    forms = ("gif",) if kind == "reversal_animation" else FORMS
                    found = [pool.apply(measured, (kind, style, widths, form)) for form in forms]
                    line += f"{' / '.join('-' if each is None else f'{each[0]:.2f}' for each in found):>22}"
                    again = max(again, *(each[1] for each in found if each is not None), 0.0)
                print(f"{line}{again:>8.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
