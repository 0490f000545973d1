"""LaTeX commands with arguments and environments, as elements of MathML."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from matcalc.errors import ReadError
from matcalc.printing.mathml_nodes import Node, fenced, operator, row, table
from matcalc.printing.mathml_reader import Construct, Reader, plain
from matcalc.printing.mathml_signs import FENCES


def _fraction(reader: Reader, start: int) -> Node:
    return Node("mfrac", (reader.argument(), reader.argument()), start, reader.end())


def _binomial(reader: Reader, start: int) -> Node:
    inner = Node("mfrac", (reader.argument(), reader.argument()), start, reader.end(), (("linethickness", "0"),))
    return fenced("(", (inner,), ")", start, reader.end())


def _root(reader: Reader, start: int) -> Node:
    degree = reader.optional()
    inner = reader.argument()
    if degree is None:
        return Node("msqrt", (inner,), start, reader.end())
    return Node("mroot", (inner, row(degree, start, reader.end())), start, reader.end())


def _left(reader: Reader, start: int) -> Node:
    opening = reader.delimiter()
    nodes = reader.nodes_to((r"\right",))
    if not reader.take(r"\right"):
        raise ReadError(r"\left has no \right.")
    closing = reader.delimiter()
    fences = (each.content if isinstance(each.content, str) else "" for each in (opening, closing))
    return fenced(next(fences), tuple(nodes), next(fences), start, reader.end())


def _middle(reader: Reader, start: int) -> Node:
    return reader.delimiter((("stretchy", "true"), ("form", "infix")))


def _environment(reader: Reader, start: int) -> Node:
    name = reader.raw()
    plain = name.rstrip("*")
    reader.optional()
    if plain in ("array", "alignedat", "alignat", "subarray"):
        reader.raw()
    cells = reader.cells()
    if not reader.take(r"\end") or reader.raw() != name:
        raise ReadError(f"The environment {name} is not closed.")
    alignment = "left" if "cases" in plain else "" if plain in FENCES else "aligned"
    set_out = table(cells, alignment, start, reader.end())
    opening, closing = FENCES.get(plain, ("", ""))
    return fenced(opening, (set_out,), closing, start, reader.end()) if opening or closing else set_out


def _operator_name(reader: Reader, start: int) -> Node:
    with_limits = reader.take("*")
    return reader.word(start, plain(reader.raw()).strip(), "limits" if with_limits else "function")


def _around(reader: Reader, start: int, *, over: bool) -> Node:
    other, base = reader.argument(), reader.argument()
    return Node("mover" if over else "munder", (base, other), start, reader.end(), role=base.role)


def _over(reader: Reader, start: int) -> Node:
    return _around(reader, start, over=True)


def _under(reader: Reader, start: int) -> Node:
    return _around(reader, start, over=False)


def _in_class(name: str, role: str = "") -> Construct:
    """A construct that the style of the page draws, as a line below its argument."""

    def construct(reader: Reader, start: int) -> Node:
        return Node("mrow", (reader.argument(),), start, reader.end(), (("class", name),), role)

    return construct


def _phantom(reader: Reader, start: int) -> Node:
    return Node("mphantom", (reader.argument(),), start, reader.end())


def _coloured(reader: Reader, start: int) -> Node:
    reader.raw()
    return reader.argument()


def _negated(reader: Reader, start: int) -> Node:
    base = reader.argument()
    return operator(f"{base.content if isinstance(base.content, str) else ''}\u0338", start, reader.end())


def _stacked(reader: Reader, start: int) -> Node:
    if not reader.take("{"):
        return reader.argument()
    cells = reader.cells()
    if not reader.take("}"):
        raise ReadError("A brace is not closed.")
    return table(cells, "", start, reader.end())


CONSTRUCTS: Mapping[str, Construct] = MappingProxyType(
    {
        **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"), _fraction),
        **dict.fromkeys(("binom", "dbinom", "tbinom"), _binomial),
        **dict.fromkeys(("overset", "stackrel"), _over),
        **dict.fromkeys(("boxed", "fbox"), _in_class("boxed")),
        **dict.fromkeys(("cancel", "bcancel", "xcancel"), _in_class("cancelled")),
        **dict.fromkeys(("phantom", "hphantom", "vphantom"), _phantom),
        **dict.fromkeys(("textcolor", "colorbox"), _coloured),
        "operatorname": _operator_name,
        "sqrt": _root,
        "left": _left,
        "middle": _middle,
        "begin": _environment,
        "underset": _under,
        "underbrace": _in_class("underbraced", "limits"),
        "overbrace": _in_class("overbraced", "limits"),
        "underline": _in_class("underlined"),
        "not": _negated,
        "substack": _stacked,
    }
)
