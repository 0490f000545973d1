"""Why an arrangement does not fit, or fits and is wrong all the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from matcalc.language.sizes import Size
from matcalc.layout.arrangements import Arrangement, Word
from matcalc.layout.conventions import Layout
from matcalc.layout.order_names import FactorName
from matcalc.layout.ordering import Ordering
from matcalc.layout.right_orders import arrangements

Place: TypeAlias = tuple[int, int]  # which factor of the true product, and its rows (0) or columns (1) there
Meeting: TypeAlias = tuple[Place, Place, str, str]  # two places that must have one size, and what to say with each

# ---- what does not fit -----------------------------------------------------------------------------------------------


def counted(declared: Size, found: Size, what: str) -> str:
    """A size in words: its name, and its number where one was given."""
    number = f"{declared}" if declared == found else f"{declared} = {found}"
    return f"{number} {what}" if found == 1 else f"{number} {what}s"


def misfits(names: Sequence[str], shapes: Sequence[tuple[Size, Size]], ordering: Ordering, word: Word) -> list[str]:
    """Every joint and every end of a product that does not fit, with the factors and their sizes.

    Args:
        names, shapes: the factors as written, from left to right, with their sizes as declared.
        ordering, word: the same product with numbers for sizes.
    """
    faults: list[str] = []
    for k, joint in enumerate(ordering.joints(word)):
        if not joint.fits:
            columns, rows = counted(shapes[k][1], joint.columns, "column"), counted(shapes[k + 1][0], joint.rows, "row")
            faults.append(f"{names[k]} and {names[k + 1]} do not join: {names[k]} has {columns}, {names[k + 1]} has {rows}")
    (rows_found, columns_found), (rows_wanted, columns_wanted) = ordering.shape(word), ordering.target
    if rows_found != rows_wanted:
        faults.append(f"{names[0]} leaves {counted(shapes[0][0], rows_found, 'row')}, the target has {rows_wanted}")
    if columns_found != columns_wanted:
        columns = counted(shapes[-1][1], columns_found, "column")
        faults.append(f"{names[-1]} leaves {columns}, the target has {columns_wanted}")
    return faults


# ---- what fits only because sizes coincide ---------------------------------------------------------------------------


def coincidence(names: Sequence[FactorName], ordering: Ordering, general: Ordering, arrangement: Arrangement) -> str:
    """Which sizes must be equal for an arrangement to fit, where they need not be; empty where it fits for all sizes.

    A size is what the true product makes it: numbers at different joints are different sizes, unless a factor ties them.

    Args:
        names: of the factors of the true product.
        ordering, general: the true product with numbers for sizes, and with sizes as declared.
        arrangement: one that fits in ``ordering``.
    """
    classes = _classes(general)
    apart = [m for m in _meetings(names, arrangement) if classes[m[0]] != classes[m[1]]]
    named = [m for m in apart if _size(general, m[0]) != _size(general, m[1])]
    for a, b, first, second in named[:1]:
        sizes = dict.fromkeys((_size(general, a), _size(general, b), _size(ordering, a)))
        told = f"{first} {_size(general, a)}, {second} {_size(general, b)}"
        return f"It fits only because {' = '.join(map(str, sizes))}: {told}."
    for a, b, first, second in apart[:1]:
        one, other = (_place(names, {p for p in classes if classes[p] == classes[place]}) for place in (a, b))
        return f"It fits only because {one} and {other} are both {_size(general, a)}: {first} the one, {second} the other."
    return ""


def _meetings(names: Sequence[FactorName], arrangement: Arrangement) -> list[Meeting]:
    """Every joint of an arrangement from left to right, then its two ends with those of the true product."""
    written = [names[f].written(transposed) for f, transposed in arrangement]
    rows: list[Place] = [(f, int(transposed)) for f, transposed in arrangement]
    columns: list[Place] = [(f, 1 - int(transposed)) for f, transposed in arrangement]
    found: list[Meeting] = [
        (columns[k], rows[k + 1], f"{written[k]} ends in", f"{written[k + 1]} begins with") for k in range(len(written) - 1)
    ]
    found.append((rows[0], (0, 0), f"{written[0]} begins with", "the right product with"))
    found.append((columns[-1], (len(names) - 1, 1), f"{written[-1]} ends in", "the right product in"))
    return found


def _size(ordering: Ordering, place: Place) -> Size:
    matrix, transposed = ordering.true[place[0]]
    return ordering.matrices[matrix].shape(transposed)[place[1]]


def _classes(general: Ordering) -> dict[Place, Place]:
    """For each place one that has the same size by what the true product says: its joints, its matrices and the names of sizes."""
    places: list[Place] = [(f, side) for f in range(len(general.true)) for side in (0, 1)]
    same: dict[Place, Place] = {place: place for place in places}

    def tie(a: Place, b: Place) -> None:
        old, new = same[b], same[a]
        same.update({place: new for place in places if same[place] == old})

    for factor, (matrix, transposed) in enumerate(general.true):
        if factor:
            tie((factor - 1, 1), (factor, 0))
        if general.matrices[matrix].is_symmetric:
            tie((factor, 0), (factor, 1))
        first = next(f for f, (m, _) in enumerate(general.true) if m == matrix)
        turned = general.true[first][1] != transposed
        tie((first, 0), (factor, int(turned)))
        tie((first, 1), (factor, 1 - int(turned)))
    by_size: dict[Size, Place] = {}
    for place in places:
        size = _size(general, place)
        if not isinstance(size, int) or size == 1:
            tie(by_size.setdefault(size, place), place)
    return same


def _place(names: Sequence[FactorName], places: set[Place]) -> str:
    """Where a size stands in the true product, in words."""
    if (0, 0) in places:
        return "the product's rows"
    if (len(names) - 1, 1) in places:
        return "the product's columns"
    left = min(f for f, side in places if side == 1)
    return f"the joint of {names[left].written(False)} and {names[left + 1].written(False)}"


# ---- what fits always, and is wrong ----------------------------------------------------------------------------------


def difference(
    names: Sequence[FactorName], ordering: Ordering, general: Ordering, arrangement: Arrangement, layout: Layout
) -> str:
    """How an arrangement that fits for all sizes differs from the right one that is nearest to it."""
    word = ordering.word(arrangement)
    rights = [right for right in ordering.right_words() if general.fits(right)] or [ordering.true_word]
    turned = tuple((m, not t and not ordering.matrices[m].is_symmetric) for m, t in reversed(word))
    if len(word) > 1 and turned in rights:
        return f"Every joint fits, but this is the transpose of the right product: it belongs to {layout.other.value} layout."
    right = min(rights, key=lambda right: _distance(word, right))
    moved = [p for p, (a, b) in enumerate(zip(word, right, strict=True)) if a[0] != b[0]]
    letters = [right[p] for p in moved]
    turns = [p for p, (a, b) in enumerate(zip(word, right, strict=True)) if (a not in letters if p in moved else a != b)]
    said = _order_in_words([_upright(names, ordering, arrangement[p], p in turns) for p in moved])
    if not moved:
        said = [*_turns_in_words(names, arrangement, turns), "it is not symmetric" if len(turns) == 1 else "they are not symmetric"]
    elif turns:
        said += _turns_in_words(names, arrangement, turns)
    elif len(moved) == 2:
        rows, columns = general.matrices[word[moved[0]][0]].shape(word[moved[0]][1])
        why = "they do not commute" if moved[1] == moved[0] + 1 else "the product depends on their places"
        said = [f"{said[0]}: both are {rows} x {columns}, but {why}"]
    reason = f"Every joint fits, but {', and '.join(said)}."
    if right == ordering.true_word and len(moved) <= 2:
        return reason
    unturned = tuple((f, False) for f in range(len(names)))
    nearest = unturned if right == ordering.true_word else next(arrangements(ordering.matrices, ordering.true, right))
    return f"{reason} Right is {' '.join(names[f].written(transposed) for f, transposed in nearest)}."


def _distance(word: Word, right: Word) -> tuple[int, int]:
    """How many places hold another matrix, and how many another or a transposed one."""
    pairs = list(zip(word, right, strict=True))
    return sum(a[0] != b[0] for a, b in pairs), sum(a != b for a, b in pairs)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _upright(names: Sequence[FactorName], ordering: Ordering, entry: tuple[int, bool], wrongly: bool) -> str:
    """A factor as written, but without a transpose that is told apart or that changes nothing."""
    factor, transposed = entry
    symmetric = ordering.matrices[ordering.true[factor][0]].is_symmetric
    return names[factor].written(not symmetric and transposed != wrongly)


def _order_in_words(moved: Sequence[str]) -> list[str]:
    if not moved:
        return []
    return [f"{_listed(moved)} are exchanged" if len(moved) == 2 else f"{_listed(moved)} stand in another order"]


def _turns_in_words(names: Sequence[FactorName], arrangement: Arrangement, turns: Sequence[int]) -> list[str]:
    """Which factors stand transposed and should not, and which the other way."""
    said: list[str] = []
    for transposed, one, many in ((True, "stands transposed", "stand transposed"),
                                  (False, "stands without a transpose", "stand without a transpose")):  # fmt: skip
        found = [names[f].base for f, t in (arrangement[p] for p in turns) if (names[f].turned != t) == transposed]
        if found:
            said.append(f"{_listed(found)} {one if len(found) == 1 else many}")
    return said
