"""Networks as models: what takes a model takes a network."""

from __future__ import annotations

from matcalc.errors import MatcalcError
from matcalc.language.expressions import Let, Symbol
from matcalc.language.model import Model
from matcalc.language.operators import METHODS, register
from matcalc.networks import Network


def network_model(net: Network) -> Model:
    """The model of a network: see `Network.model`."""
    first, last = (node.name for node in (net.x, net.a[net.depth]) if isinstance(node, Symbol | Let))
    return Model(names=[net.cost], aliases={last.replace(f"({net.depth})", "(0)"): first}, sizes=net.sizes)


def model_of(given: Network | Model) -> Model:
    """The model that is given, or that of a network; what takes a model takes a network by this.

    Raises:
        MatcalcError: it is neither.
    """
    if not isinstance(given, Network | Model):
        raise MatcalcError(f"{given!r:.80} is neither a Network nor a Model; it declares nothing.")
    return given if isinstance(given, Model) else network_model(given)


register(METHODS, "network_model", network_model)
