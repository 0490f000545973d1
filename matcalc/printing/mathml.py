r"""LaTeX formulas as MathML, which browsers set without any network or script.

Every construct that people write in derivations is set; an unknown command is shown by its name, upright. Places can be marked.
"""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.printing.mathml_constructs import CONSTRUCTS
from matcalc.printing.mathml_nodes import pieces, written
from matcalc.printing.mathml_reader import Reader


def mathml(latex: str, places: Iterable[tuple[int, int]] = ()) -> str:
    r"""A formula as one or several ``math`` elements, between which a line may be broken.

    Args:
        latex: the formula, without delimiters.
        places: stretches of it to mark, in characters; what comes from them stands in ``<mrow class="wrong">``.

    Raises:
        ReadError: braces or environments that do not match, or that are nested too deep.

    Example:
        >>> mathml(r"\mathbf{x}^2")
        '<math displaystyle="true"><msup><mi class="bold" mathvariant="normal">x</mi><mn>2</mn></msup></math>'
        >>> mathml("A x", [(2, 3)])
        '<math displaystyle="true"><mi>A</mi><mrow class="wrong"><mi>x</mi></mrow></math>'
        >>> mathml(r"\frac{a}{b")
        Traceback (most recent call last):
            ...
        matcalc.errors.ReadError: A brace is not closed.
    """
    nodes = Reader(latex, CONSTRUCTS).formula()
    chosen = tuple(places)
    return "<wbr>".join(f'<math displaystyle="true">{written(piece, chosen)}</math>' for piece in pieces(nodes))
