"""What a writer may have meant instead: other layers for those written, and factors that may be missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from matcalc.carrying_out import carried_out
from matcalc.derivation import derive
from matcalc.derivation_check.instances import Instance
from matcalc.derivation_check.layers import layer_text, number_of
from matcalc.derivation_check.worlds import PRE_ACTIVATION
from matcalc.errors import MatcalcError
from matcalc.language.expressions import (
    Add, Apply, Derivative, Diag, Divide, Entry, Expr, Hadamard, Index, Kron, Let, MatMul, Negate, Number, Scale, SizeNumber, Subtract, Sum,
    Symbol, Transpose, Vec, Zeros,
)  # fmt: skip
from matcalc.language.matrix_operations import written_derivative
from matcalc.language.reading.names import Key
from matcalc.language.sizes import ndim
from matcalc.language.traversal import postorder, with_definition

OFFSETS = (-1, 1, -2, 2)
MOST_POOL = 40
MOST_ENTRIES = 60
MOST_SCALARS = 8
_SCRIPT = re.compile(r"([\^_]\s*\{?\s*[(\[]?\s*)(\\ell|[A-Za-z]|\d+)(\s*[+-]\s*\d+)?(\s*[)\]]?\s*(?:\}|(?=\\top|T|\\mathsf|\\intercal))?)")
_LAYER_IN_LATEX = re.compile(r"\^\{([(\[])(\d+)([)\]])(\\top)?\}")
_SIZE_IN_LATEX = re.compile(r"(?<![A-Za-z\\])([nN])_(?:\{(\d+)\}|(\d+))")
_NUMBERED_IN_LATEX = re.compile(r"(\\[a-z]+\{\\?([A-Za-z]+)\}|\\?([A-Za-z]+))([\^_])(?:\{(\d+)\}|(\d+))")
_INSIDE = (MatMul, Hadamard, Kron, Scale, Add, Subtract, Negate, Divide, Sum)


def other_layers(text: str, at: Instance) -> list[tuple[str, str]]:
    """Each layer that is written in a text, with others in its place: pairs of texts."""
    found: dict[tuple[str, str], None] = {}
    for match in _SCRIPT.finditer(text):
        opened, letter, offset, closed = match.groups()
        name = letter.removeprefix("\\")
        if letter.isdecimal():
            if not _is_balanced(opened, closed):
                continue
            meant = [str(k) for k in range(at.world.depth + 1) if k != int(letter)] if at.world.layered and not offset else []
        elif name in at.letters and _is_balanced(opened, closed):
            number = int("".join(offset.split())) if offset else 0
            meant = [_layer(letter, number + by) for by in OFFSETS]
            meant += [_layer(other, 0) for other in at.letters if other != name]
        else:
            continue
        for layer in meant:
            sides = (opened, closed) if "{" in opened or len(layer) == 1 else (f"{opened}{{", f"}}{closed}")
            found[match[0], f"{sides[0]}{layer}{sides[1]}"] = None
    found.update((pair, None) for pair in _siblings(text, at))
    return list(found)


def _is_balanced(opened: str, closed: str) -> bool:
    pairs = [(opened.count(a), closed.count(b)) for a, b in ("{}", "()", "[]")]
    held = pairs[0] == (1, 0) and (1, 1) in pairs[1:]  # ^{(l)T}: a sign of transposition follows in the braces
    return all(pair in ((0, 0), (1, 1)) for pair in pairs[1:]) and (pairs[0] in ((0, 0), (1, 1)) or held)


def _layer(letter: str, offset: int) -> str:
    return layer_text(letter, offset) if len(letter) == 1 else f"{letter}{offset:+d}" if offset else letter


def _siblings(text: str, at: Instance) -> Iterator[tuple[str, str]]:
    """Scripts of a stem in place of others that are declared with it, as t-1 for t."""
    scripts: dict[tuple[str, str], list[str]] = {}
    for key in at.world.model.scope.quantities:
        if isinstance(key, Key):
            for place, sign in (("below", "_"), ("above", "^")):
                script = getattr(key, place)
                if script:
                    scripts.setdefault((key.stem, sign), []).append(script)
    for (_, sign), each in scripts.items():
        for written in each:
            for meant in each:
                if meant == written:
                    continue
                for shown in (f"{sign}{{{written}}}", *((f"{sign}{written}",) if len(written) == 1 else ())):
                    if shown in text:
                        yield shown, f"{sign}{{{meant}}}"


# ---- what may be missing ---------------------------------------------------------------------------------------------


def pool(left: Expr | None, at: Instance, layout: str | None, letters: Sequence[str] = (), *, deltas: bool = True) -> list[str]:
    """Factors that the right side may have lost, in LaTeX: those of the derivative on the left; with letters entries of them."""
    found: dict[str, None] = {}
    if letters:
        entries = [general_latex(text, at) for text in _entries(left, letters)]
        if isinstance(left, Derivative) and deltas:
            entries[:0] = [f"{text}_{{{letter}}}" for text in _deltas(left, at, layout) if "_" not in text for letter in letters]
        return list(dict.fromkeys(entries))[:MOST_ENTRIES]
    for factor in _factors(left) if isinstance(left, Derivative) else _parts_and_names(left):
        found[general_latex(factor.latex(), at)] = None
    if isinstance(left, Derivative) and deltas:
        found.update((text, None) for text in _deltas(left, at, layout))
    for text in list(found):
        if not text.endswith((r"^\top", r"\top}", "}^T")) and r"\frac" not in text:
            simple = re.fullmatch(r"\\\w+\{\\?\w+\}(_\{?\w+\}?)?", text)
            found.setdefault(f"{text}^\\top" if simple else f"({text})^\\top")
    return [f"({text})" if _needs_brackets(text) else text for text in found][:MOST_POOL]


def _entries(left: Expr | None, letters: Sequence[str]) -> Iterator[str]:
    """Entries of the factors of a chain, at all letters: of derivatives those of both quantities."""
    if not isinstance(left, Derivative):
        names = [] if left is None else [node for node in postorder([left]) if isinstance(node, Symbol | Let) and node.shape]
        yield from (text for node in names for text in _with_letters(node, letters))
        return
    of, by = (each.base if isinstance(each, Entry) else each for each in (left.of, left.by))
    if not isinstance(by, Symbol | Let):
        return
    try:
        paths = derive(of, by, layout="denominator").paths
    except MatcalcError:
        return
    yield from _entries_of_sums(Derivative(of, by, "denominator", False, by.shape), letters) if not of.shape else ()
    for factor in dict.fromkeys(factor for path in paths for factor in path):
        of_entries, by_entries = (list(_with_letters(each, letters)) for each in (factor.of, factor.by))
        yield from (rf"\frac{{\partial {above}}}{{\partial {below}}}" for above in of_entries for below in by_entries)
    named = [factor.of.definition for path in paths for factor in path if isinstance(factor.of, Let)]
    symbols = dict.fromkeys(postorder(named))
    for node in symbols:
        if isinstance(node, Symbol | Let) and node.shape:
            yield from _with_letters(node, letters)
        if isinstance(node, Apply) and not node.function.known and isinstance(node.argument, Symbol | Let):
            slopes, argument = replace(node, function=node.function.prime).latex(), node.argument.latex()
            yield from (slopes.replace(argument, entry) for entry in _with_letters(node.argument, letters))


def _entries_of_sums(left: Derivative, letters: Sequence[str]) -> Iterator[str]:
    """The entries of the sums of vectors that stand in a derivative, as p_i - y_i."""
    try:
        parts = list(_factors(left))
    except MatcalcError:
        return
    for part in parts:
        names = [node for node in postorder([part]) if isinstance(node, Symbol | Let)]
        if isinstance(part, Add | Subtract) and names and all(ndim(node.shape) == 1 for node in names):
            for letter in letters:
                text = part.latex()
                for node in names:
                    text = text.replace(node.latex(), f"{node.latex()}_{letter}")
                yield f"({text})"


def _with_letters(quantity: Expr, letters: Sequence[str]) -> Iterator[str]:
    """The entries of a quantity, in LaTeX."""
    text = quantity.latex()
    match ndim(quantity.shape):
        case 0:
            yield text
        case 1:
            yield from (f"{text}_{letter}" if "_" not in text else f"({text})_{letter}" for letter in letters)
        case _:
            yield from (f"{text}_{{{a}{b}}}" if "_" not in text else f"({text})_{{{a}{b}}}" for a in letters for b in letters if a != b)


def _needs_brackets(text: str) -> bool:
    """Whether a plus, a minus, an entrywise or a Kronecker product stands outside of all brackets."""
    depth = 0
    for k, c in enumerate(text):
        depth += (c in "({[") - (c in ")}]")
        if depth == 0 and k and (c in "+-" or text.startswith((r"\odot", r"\otimes"), k)):
            return True
    return False


def scalars_in(left: Expr | None) -> list[Expr]:
    """The scalars that the derivative on the left is multiplied by, whole or in part."""
    if left is None or not left.shape:
        return []  # of a scalar every other one is such a factor
    try:
        whole = carried_out(left)
    except MatcalcError:
        return []
    found = [node for node in postorder([whole]) if not node.shape and not isinstance(node, Number | SizeNumber | Index)]
    return found[-MOST_SCALARS:]


def _parts_and_names(left: Expr | None) -> Iterator[Expr]:
    """What an array is made of; a scalar is lost by division."""
    left = left.definition if isinstance(left, Let) else left
    if left is not None and left.shape:
        yield from _parts(left)
        yield from (node for node in postorder([left]) if isinstance(node, Symbol | Let) and node.shape)


def _deltas(left: Derivative, at: Instance, layout: str | None) -> Iterator[str]:
    """The deltas of the quantities between the two of a derivative."""
    whole = left.of.base if isinstance(left.of, Entry) else left.of
    between = set(postorder([whole], with_definition))
    for key, delta in at.world.deltas(layout or "denominator").items():
        if isinstance(delta, Derivative) and delta.by in between and (key.below or number_of(key.above) is not None):
            script = f"^{{{key.above}}}" if key.above else ""
            below = f"_{{{key.below}}}" if key.below else ""
            if at.world.model.scope.quantities.get(key._replace(stem=PRE_ACTIVATION)) is delta.by or not at.world.is_network:
                yield general_latex(rf"\{key.stem}{below}{script}", at)


def _factors(left: Derivative) -> Iterator[Expr]:
    """The factors of the chain by name, of the chain carried out, and of the result."""
    layout = left.layout
    stacked = isinstance(left.by, Vec)
    of, by = (each.argument if isinstance(each, Vec) else each for each in (left.of, left.by))
    if not isinstance(by, Symbol | Let):
        return
    try:
        derivation = derive(of, by, layout=layout)
        paths = derivation.paths
    except MatcalcError:
        return
    chain = list(dict.fromkeys(factor for path in paths for factor in path))
    if stacked:
        with suppress(MatcalcError):
            yield from _parts(derivation.vec_form)
        return
    if not left.of.shape:
        yield from (written_derivative(left.of, factor.of, layout) for factor in chain if factor.of != left.of)
    for factor in chain:
        for make in (factor.name, factor.matrix, factor.stand_in):
            try:
                made = make(layout)
            except MatcalcError:
                continue
            if len(made.shape) <= 2:
                yield from _parts(made)
    try:
        yield from _parts(derivation.result)
    except MatcalcError:
        return


def _parts(expr: Expr) -> Iterator[Expr]:
    """What an expression is a product or sum of, and the vectors in its diagonal matrices; whole first."""
    stack = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, _INSIDE):
            if isinstance(node, Add | Subtract | Hadamard | Kron):
                yield node
            if isinstance(node, Hadamard | Kron):
                yield from (side for side in node.operands if isinstance(side, MatMul))
            stack += reversed(node.operands)
            continue
        if isinstance(node, Diag):
            stack.append(node.argument)
        if isinstance(node, Transpose) and not isinstance(node.argument, Symbol | Let):
            stack.append(node.argument)
        if node.shape and not isinstance(node, Zeros):
            yield node
        if isinstance(node, Apply) and not node.shape:
            yield node


def general_latex(text: str, at: Instance) -> str:
    """A LaTeX text about an instance in the letters of the formula."""
    if not at.letters:
        return text
    letters = sorted(at.letters.items(), key=lambda each: each[0].isupper())

    def layer(number: int) -> str:
        letter, value = min(letters, key=lambda each: abs(number - each[1]))
        return layer_text(letter, number - value)

    def numbered(found: re.Match[str]) -> str:
        stem = found[2] or found[3]
        place = "above" if found[4] == "^" else "below"
        if (stem, place) not in at.world.layered:
            return found[0]
        return f"{found[1]}{found[4]}{{{layer(int(found[5] or found[6]))}}}"

    text = _NUMBERED_IN_LATEX.sub(numbered, text)
    text = _LAYER_IN_LATEX.sub(lambda m: f"^{{{m[1]}{layer(int(m[2]))}{m[3]}{m[4] or ''}}}", text)
    return _SIZE_IN_LATEX.sub(lambda m: f"{m[1]}_{{{layer(int(m[2] or m[3]))}}}", text)
