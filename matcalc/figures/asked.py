"""Figures by the name of their kind: what ``d.figure("shape_blocks")`` calls."""

from __future__ import annotations

from typing import Any

from matcalc.errors import MatcalcError, near_name
from matcalc.figures.kinds import KINDS, Figure
from matcalc.language.operators import METHODS, register
from matcalc.networks import Network


def figure(thing: Any, kind: str, **options: Any) -> Figure:
    """A figure of an object.

    Args:
        thing: a derivation, a network, a report on orders or on costs, an expression.
        kind: one of `KINDS`.
        options: of that kind of figure: ``sizes``, ``style`` and others.

    Raises:
        MatcalcError: there is no such kind, it takes something else, or it has no such option.

    Example:
        >>> import matcalc as mc
        >>> net = mc.Network(widths=(2, 3, 5), activation="f")
        >>> d = mc.derive(net.cost, net.x, layout="denominator")
        >>> d.figure("shape_blocks", style="slide")
        shape_blocks: dC/dx in denominator layout is a product of 5 factors; every joint fits.
        >>> d.figure("shape_block")
        Traceback (most recent call last):
            ...
        matcalc.errors.MatcalcError: There is no figure 'shape_block'. Did you mean shape_blocks? ...
    """
    if kind not in KINDS:
        listed = ", ".join(KINDS)
        raise MatcalcError(" ".join(filter(None, [f"There is no figure {kind!r}.", near_name(str(kind), KINDS), f"Figures: {listed}."])))
    found = KINDS[kind]
    if not isinstance(thing, found.takes):
        taken = " or ".join(each.__name__ for each in found.takes)
        own = [name for name, each in KINDS.items() if isinstance(thing, each.takes)]
        way_out = f" Of {type(thing).__name__} there are {', '.join(own)}." if own else ""
        derived = ' Derive first: mc.derive(net.cost, net.W[1], layout="denominator").' if isinstance(thing, Network) else ""
        raise MatcalcError(f"The figure {kind} is of {taken}, not of {type(thing).__name__}.{derived}{way_out}")
    for name in options:
        if name not in found.options:
            near = near_name(name, found.options)
            raise MatcalcError(" ".join(filter(None, [f"{kind} has no option {name!r}.", near, f"Options: {', '.join(found.options)}."])))
    return found.draws(thing, **options)


register(METHODS, "figure", figure)
