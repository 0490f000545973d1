"""Every name of a formula that nothing declares, so that one report tells them all."""

from __future__ import annotations

from matcalc.errors import MatcalcError, UnknownNameError
from matcalc.language.reading.build import Builder
from matcalc.language.reading.entries import Bound
from matcalc.language.reading.names import Key
from matcalc.language.reading.syntax import Name, Sum

MOST_SHOWN = 12


def undeclared(builder: Builder, tree: Sum) -> list[str]:
    """The plain names that have no meaning, in the order in which they stand, each once."""
    found: dict[str, int] = {}
    stack: list[tuple[Sum, tuple[Bound, ...]]] = [(tree, ())]
    while stack:
        part, bound = stack.pop()
        builder.entries.bound = bound
        for factor in (factor for _, blend in part.terms for product in blend.products for factor in product.factors):
            if isinstance(factor.base, Name) and _is_unknown(builder, factor.base, factor.scripts):
                found.setdefault(_plain(factor.base), factor.base.span.start)
        stack += [(inner, (*bound, *more)) for inner, more in builder.inner(part)]
    return sorted(found, key=found.__getitem__)


def _is_unknown(builder: Builder, name: Name, scripts: object) -> bool:
    try:
        builder.names.meaning(name, scripts)  # type: ignore[arg-type]
    except UnknownNameError:
        return True
    except MatcalcError:
        return False
    return False


def _plain(name: Name) -> str:
    return Key(name.stem).plain


def with_all_names(error: UnknownNameError, builder: Builder, tree: Sum) -> UnknownNameError:
    """The error of the first unknown name, with the others."""
    others = undeclared(builder, tree)
    if len(others) < 2:
        return error
    more = ", ".join(others[:MOST_SHOWN]) + (", ..." if len(others) > MOST_SHOWN else "")
    return UnknownNameError(f"{error}\n    Not declared here: {more}.")
