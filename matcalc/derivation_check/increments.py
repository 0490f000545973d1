"""Differentials, as ``dC = \\operatorname{tr}(M dW)``: what dC and dW stand for in one link.

The quantities whose increments stand on the right side vary, as far as none of them is made of another; their increments are any. The
increment of every other quantity is its differential along these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from matcalc.derivation_check.instances import Instance
from matcalc.differentials import differential
from matcalc.errors import MatcalcError
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.matrix_operations import written_derivative
from matcalc.language.reading import names
from matcalc.language.reading.lexer import Token, Tokens, lexed
from matcalc.language.reading.names import Key
from matcalc.language.traversal import postorder, with_definition

_NAME = r"(?:\\(?:mathbf|boldsymbol|mathrm)\s*\{\s*\\?[A-Za-z]+\s*\}|\\?[A-Za-z]+)"
OPERATOR = re.compile(
    r"\s*(?:\\mathrm\s*\{\s*d\s*\}|\\operatorname\s*\{\s*d\s*\}|\\mathrm\s+d|d)\s*(?=\(|\[|\||"
    + _NAME
    + r"\s*\^\s*\{?\s*-|\\(?:left|operatorname|mathrm|ln|log|det|exp|\||lVert|Vert|lvert))"
)
_D = frozenset(("d",))
_UPRIGHT = frozenset((r"\mathrm", r"\operatorname", r"\text", r"\mathit"))


def increments_in(text: str) -> Iterator[Key]:
    """The quantities whose increments a text writes, but for those in derivatives."""
    tokens = lexed(text)
    listed = tokens.list
    for i, token in enumerate(listed):
        if token.text not in _D or token.kind != "letter":
            continue
        before = i - 1
        while before >= 0 and (listed[before].text in _UPRIGHT or (listed[before].text == "{" and listed[before - 1].text in _UPRIGHT)):
            before -= 1
        if before >= 0 and (listed[before].text == "/" or _is_in_fraction(listed, before)):
            continue
        start = i + 1
        while start < len(listed) and listed[start].text == "}":
            start += 1
        found = names.argument(tokens, start, len(listed))
        stem = None if found is None else names.stem_of(tokens, *found)
        if found is None or stem is None or listed[start].text == "{":
            continue
        yield _key(tokens, stem, found[1])


def _is_in_fraction(listed: tuple[Token, ...], before: int) -> bool:
    return listed[before].text == "{" and before > 0 and listed[before - 1].text in (r"\frac", "}")


def _key(tokens: Tokens, stem: str, i: int) -> Key:
    held = {"_": "", "^": ""}
    while i < len(tokens.list) and tokens.list[i].text in held and not held[tokens.list[i].text]:
        script = names.argument(tokens, i + 1, len(tokens.list))
        if script is None:
            break
        held[tokens.list[i].text] = names.script_text(tokens, *script)
        i = script[1]
    return Key(stem, held["_"], held["^"])


def with_increments(texts: Iterable[str], at: Instance) -> Instance:
    """The instance with the increments that the sides of a link write; the same one where they write none."""
    sides = [list(_quantities(text, at)) for text in texts]
    is_operator = any(OPERATOR.match(text) for text in texts)
    everything = [each for side in sides for each in side]
    if not everything and not is_operator:
        return at
    behind = [quantity for side in sides[1:] for _, quantity in side]
    quantities = dict(at.scope.quantities)
    if not is_operator and _are_gradients([quantity for _, quantity in sides[0]], behind, at):
        for key, quantity in everything:
            quantities[key._replace(stem=f"d{key.stem}")] = written_derivative(at.world.cost, quantity, "denominator")  # type: ignore[arg-type]
        return replace(at, scope=replace(at.scope, quantities=quantities), _scopes={})
    varied = _basic(behind or [quantity for _, quantity in everything])
    for key, quantity in everything:
        made = _increment(quantity, varied)
        if made is not None:
            quantities[key._replace(stem=f"d{key.stem}")] = made
    return replace(at, scope=replace(at.scope, quantities=quantities), varied=tuple(varied), _scopes={})


def _are_gradients(left: list[Symbol | Let], right: list[Symbol | Let], at: Instance) -> bool:
    """Whether dW is short for the derivative of the cost by W, as in dW = dz a^T: the right is made of what is on the left."""
    if at.world.cost is None or not left or left == [at.world.cost]:
        return False
    return all(each in set(postorder([other], with_definition)) for each in left for other in right)


def _quantities(text: str, at: Instance) -> Iterator[tuple[Key, Symbol | Let]]:
    scope = at.scope_for("denominator")
    for key in increments_in(text):
        for each in (key, *(key._replace(above=key.above.removesuffix(sign)) for sign in ("top", "T") if key.above.endswith(sign))):
            found = scope.quantities.get(each)
            if isinstance(found, Symbol | Let):
                yield each, found
                break


def _basic(quantities: Iterable[Symbol | Let]) -> list[Symbol | Let]:
    """Those that are made of no other."""
    listed = list(dict.fromkeys(quantities))
    below: Mapping[Expr, set[Expr]] = {each: set(postorder([each], with_definition)) - {each} for each in listed}
    return [each for each in listed if not any(other in below[each] for other in listed)]


def _increment(quantity: Symbol | Let, varied: list[Symbol | Let]) -> Expr | None:
    if quantity in varied:
        return Symbol(f"d{quantity.name}", quantity.shape)
    return differential_along(quantity, varied)


def differential_along(quantity: Expr, varied: Iterable[Symbol | Let]) -> Expr | None:
    """The differential of a quantity along increments; None where there is no matrix form."""
    try:
        return differential(quantity, list(varied)).result
    except MatcalcError:
        return None
