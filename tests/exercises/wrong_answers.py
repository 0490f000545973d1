"""Wrong answers: the changes of the file of mistakes, made to right answers."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, final

from matcalc.language.expressions import Apply, Diag, Expr, Let, Ones, Symbol
from tests.exercises.written_trees import AROUND, HADAMARD, KRON, LEAF, PRODUCT, TERMS, Piece, pieces, places, put, written

FILE = Path(__file__).parent / "mistakes.toml"
_NUMBERED = re.compile(r"(.*?)([\^_]\(?)(\d+)(\)?)")


@final
@dataclass(frozen=True)
class Mistake:
    """A typical mistake.

    Attributes:
        change: what is done.
        kinds: that may be named for it, the usual one first.
        answer: of a layout, what is answered.
    """

    change: str
    kinds: tuple[str, ...]
    answer: str = ""


@cache
def mistakes(about: str) -> tuple[Mistake, ...]:
    """The mistakes of the file: ``formula``, ``order``, ``layout`` or ``slip``."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))[about]
    return tuple(Mistake(row.get("change", f"answer {row.get('answer')}"), tuple(row["kinds"]), row.get("answer", "")) for row in rows)


def wrong_formulas(value: Expr, other: Expr, names: Mapping[str, Expr], rng: random.Random) -> Iterator[tuple[Mistake, str]]:
    """For each mistake that can be made there one wrong text, the place drawn.

    Args:
        value: the right answer.
        other: the right answer in the other layout.
        names: all quantities of the task.
    """
    whole = pieces(value)
    listed = list(mistakes("formula"))
    rng.shuffle(listed)
    for mistake in listed:
        if mistake.change == "write the other layout":
            made = [pieces(other)] if other.shape and other != value else []
        elif mistake.change == "divide by a size":
            made = [Piece(PRODUCT, (Piece(LEAF, (), (rf"\frac{{1}}{{{value.shape[0]}}}",)), whole))] if _has_a_size(value) else []
        elif mistake.change == "a quantity of another layer":
            made = list(_other_layers(whole, names))
        else:
            made = list(CHANGES[mistake.change](whole))
        if made:
            yield mistake, written(rng.choice(made))


def _has_a_size(value: Expr) -> bool:
    """Whether the number of rows is one name."""
    return bool(value.shape) and str(value.shape[0]).isalpha()


# ---- changes ---------------------------------------------------------------------------------------------------------


def _each(whole: Piece, kind: str) -> Iterator[tuple[tuple[int, ...], Piece]]:
    return ((path, piece) for path, piece in places(whole) if piece.kind == kind)


def _arrays(piece: Piece) -> list[int]:
    return [k for k, part in enumerate(piece.parts) if not part.is_scalar]


def _exchanged(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, PRODUCT):
        arrays = _arrays(piece)
        for i, j in pairwise(arrays):
            parts = list(piece.parts)
            parts[i], parts[j] = parts[j], parts[i]
            yield put(whole, path, replace(piece, parts=tuple(parts)))


def _turned_round(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, PRODUCT):
        arrays = _arrays(piece)
        if len(arrays) > 2:
            parts = list(piece.parts)
            for i, j in zip(arrays, reversed(arrays), strict=True):
                parts[i] = piece.parts[j]
            yield put(whole, path, replace(piece, parts=tuple(parts)))


def _without_transpose(whole: Piece) -> Iterator[Piece]:
    for path, piece in places(whole):
        if piece.turned and path:
            yield put(whole, path, replace(piece, turned=False))


def _with_transpose(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, LEAF):
        if not piece.turned and isinstance(piece.node, Symbol | Let) and piece.is_matrix and path:
            yield put(whole, path, replace(piece, turned=True))


def _all_turned(whole: Piece) -> Iterator[Piece]:
    if not whole.is_scalar:
        yield replace(whole, turned=not whole.turned)


def _lost(kind: str) -> Callable[[Piece], Iterator[Piece]]:
    def lost(whole: Piece) -> Iterator[Piece]:
        for path, piece in _each(whole, kind):
            arrays = _arrays(piece)
            for k in arrays if len(arrays) > 1 else ():
                parts = piece.parts[:k] + piece.parts[k + 1 :]
                yield put(whole, path, replace(piece, parts=parts) if len(parts) > 1 or piece.turned else parts[0])

    return lost


def _lost_scalar(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, PRODUCT):
        for k, part in enumerate(piece.parts):
            if part.is_scalar and len(piece.parts) > 1:
                parts = piece.parts[:k] + piece.parts[k + 1 :]
                yield put(whole, path, replace(piece, parts=parts) if len(parts) > 1 or piece.turned else parts[0])


def _times(text: str) -> Callable[[Piece], Iterator[Piece]]:
    def scaled(whole: Piece) -> Iterator[Piece]:
        yield Piece(PRODUCT, (Piece(LEAF, (), (text,)), whole))

    return scaled


def _negated(whole: Piece) -> Iterator[Piece]:
    yield Piece(TERMS, (whole,), ("-",))


def _other_sign(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, TERMS):
        for k, sign in enumerate(piece.texts):
            if k:
                yield put(whole, path, replace(piece, texts=(*piece.texts[:k], "-" if sign == "+" else "+", *piece.texts[k + 1 :])))


def _lost_term(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, TERMS):
        for k in range(1, len(piece.parts)):
            parts, texts = piece.parts[:k] + piece.parts[k + 1 :], piece.texts[:k] + piece.texts[k + 1 :]
            bare = len(parts) == 1 and not texts[0] and not piece.turned
            yield put(whole, path, parts[0] if bare else replace(piece, parts=parts, texts=texts))


def _joined(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, HADAMARD):
        if len(piece.parts) == 2:
            yield put(whole, path, replace(piece, kind=PRODUCT))


def _parted(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, PRODUCT):
        if len(piece.parts) == 2 and not any(part.is_scalar for part in piece.parts):
            yield put(whole, path, replace(piece, kind=HADAMARD))


def _sides_exchanged(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, KRON):
        yield put(whole, path, replace(piece, parts=piece.parts[::-1]))


def _without_side(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, KRON):
        for part in piece.parts[::-1]:
            yield put(whole, path, replace(part, turned=part.turned != piece.turned))


def _without_prime(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, LEAF):
        if isinstance(piece.node, Apply) and "'" in piece.texts[0]:
            yield put(whole, path, replace(piece, texts=(piece.texts[0].replace("'", "", 1),)))


def _with_prime(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, LEAF):
        node = piece.node
        if isinstance(node, Apply) and not node.function.known and "'" not in piece.texts[0]:
            yield put(whole, path, replace(piece, texts=(piece.texts[0].replace("(", "'(", 1),)))


def _without_diag(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, AROUND):
        if isinstance(piece.node, Diag):
            yield put(whole, path, piece.parts[0])


def _without_ones(whole: Piece) -> Iterator[Piece]:
    for path, piece in _each(whole, PRODUCT):
        for k, part in enumerate(piece.parts):
            if isinstance(part.node, Ones) and len(piece.parts) > 1:
                parts = piece.parts[:k] + piece.parts[k + 1 :]
                yield put(whole, path, replace(piece, parts=parts) if len(parts) > 1 or piece.turned else parts[0])


def _other_layers(whole: Piece, names: Mapping[str, Expr]) -> Iterator[Piece]:
    """A numbered quantity with the number of another one."""
    for path, piece in _each(whole, LEAF):
        found = _NUMBERED.fullmatch(piece.node.name) if isinstance(piece.node, Symbol | Let) else None
        for number in range(4) if found else ():
            assert found is not None and piece.node is not None
            other = names.get(f"{found[1]}{found[2]}{number}{found[4]}")
            if other is not None and other != piece.node:
                yield put(whole, path, replace(piece, texts=(other.latex(),), node=other))


CHANGES: Mapping[str, Callable[[Piece], Iterator[Piece]]] = {
    "exchange two neighbours in a product": _exchanged,
    "turn a product round": _turned_round,
    "drop a transpose": _without_transpose,
    "add a transpose": _with_transpose,
    "transpose all of it": _all_turned,
    "lose a factor of a product": _lost(PRODUCT),
    "lose a factor of an entrywise product": _lost(HADAMARD),
    "lose a number or a size": _lost_scalar,
    "put a factor 2 to it": _times("2"),
    "put a factor 1/2 to it": _times(r"\frac{1}{2}"),
    "put a factor -2 to it": _times("-2"),
    "change the sign of all of it": _negated,
    "change the sign of a term": _other_sign,
    "lose a term": _lost_term,
    "a product in place of an entrywise one": _joined,
    "an entrywise product in place of one": _parted,
    "the function in place of its derivative": _without_prime,
    "the derivative in place of its function": _with_prime,
    "no diag around a vector": _without_diag,
    "exchange the sides of a Kronecker product": _sides_exchanged,
    "lose a side of a Kronecker product": _without_side,
    "lose the sum over samples": _without_ones,
}


# ---- orders ----------------------------------------------------------------------------------------------------------

Word = list[tuple[str, bool]]


def wrong_orders(right: Word, rng: random.Random) -> Iterator[tuple[Mistake, Word]]:
    """For each mistake one wrong order of letters, the place drawn."""
    for mistake in mistakes("order"):
        k = rng.randrange(len(right) - 1)
        j = rng.randrange(len(right))
        changed: dict[str, Word] = {
            "exchange two neighbours": [*right[:k], right[k + 1], right[k], *right[k + 2 :]],
            "the first factor last": [*right[1:], right[0]],
            "transpose one factor": [*right[:j], (right[j][0], not right[j][1]), *right[j + 1 :]],
            "transpose every factor where it stands": [(name, not turned) for name, turned in right],
            "from the other end, each transposed": [(name, not turned) for name, turned in reversed(right)],
            "lose a factor": right[:j] + right[j + 1 :],
            "write a factor twice": [*right[: j + 1], *right[j:]],
        }
        yield mistake, changed[mistake.change]


def wrong_slips(number: int, lines: int, link: Any, left: str) -> Iterator[tuple[Mistake, Any]]:
    """For each mistake a wrong answer on the line of a slip."""
    kinds = {kind for repair in link.repairs for kind in repair.kinds}
    another = next(kind for kind in ("index-name", "missing-sum", "layer-index") if kind not in kinds)
    answers: dict[str, Any] = {
        "the line before": number - 1, "the line behind": number + 1, "no such line": lines + 3, "another kind": (number, another),
        "the line as it stands": (number, None, link.right), "the left side again": (number, None, left),
    }  # fmt: skip
    for mistake in mistakes("slip"):
        yield mistake, answers[mistake.change]
