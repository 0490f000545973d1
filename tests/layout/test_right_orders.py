"""Values of words as keys, and words and arrangements listed one by one."""

from collections import Counter
from itertools import islice

import pytest

from matcalc.language.sizes import Dim
from matcalc.layout import right_orders
from matcalc.layout.arrangements import Kind, Matrix, Word
from tests.brute_force import Ordering
from matcalc.layout.right_orders import arrangements, fitting_words, right_arrangements, right_words
from matcalc.layout.word_values import Value, segments, transposed, value
from tests.layout.random_chains import chain

N = Dim(("n",))
CHAINS = 400
MOST_LISTED = 5_000


def small_chains() -> list[Ordering]:
    return [ordering for ordering in map(chain, range(CHAINS)) if ordering.counts.shape_consistent <= MOST_LISTED]


def plain(count: int) -> Word:
    return tuple((m, False) for m in range(count))


def assert_values_agree(ordering: Ordering) -> None:
    """Words have one key exactly if brute force finds one value."""
    words = dict(ordering.fitting_words())
    pairs = {(value(ordering.matrices, word), found) for word, found in words.items()}
    assert len(pairs) == len({key for key, _ in pairs}) == len(set(words.values()))


def test_words_of_one_value_have_one_key() -> None:
    for ordering in small_chains():
        assert_values_agree(ordering)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda matrices, word: Value(word, (), ()),
        lambda matrices, word: Value(*segments(matrices, word)),
        lambda matrices, word: Value((), tuple(sorted(word)), ()),
    ],
    ids=["the word itself", "closed scalars in order", "only its letters"],
)  # fmt: skip
def test_a_wrong_key_is_seen(wrong: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(assert_values_agree.__globals__, "value", wrong)
    with pytest.raises(AssertionError, match="assert"):
        test_words_of_one_value_have_one_key()


def test_the_parts_of_a_value() -> None:
    A, x, y, c, D, E, eye = (
        Matrix(3, 3), Matrix(3, 1), Matrix(3, 1), Matrix(1, 1), Matrix(3, 3, Kind.DIAGONAL), Matrix(3, 3, Kind.DIAGONAL),
        Matrix(3, 3, Kind.IDENTITY),
    )  # fmt: skip
    matrices = [A, x, y, c, D, E, eye]
    word: Word = ((0, False), (1, False), (2, True), (5, False), (6, False), (4, True), (1, False), (3, False), (2, True), (0, True))
    found = value(matrices, word)
    assert found.left == ((0, False), (1, False))
    assert found.right == ((2, True), (0, True))
    assert found.closed == (((1, True), (4, False), (5, False), (2, False)), ((3, False),))
    assert transposed(matrices, found.closed[0]) == ((2, True), (4, False), (5, False), (1, False))
    assert segments(matrices, ((0, False),)) == (((0, False),), (), ())
    assert segments(matrices, ()) == ((), (), ())
    assert value([Matrix(3, 3, Kind.ZERO), A], ((1, False), (0, False))).is_zero


# ---- lists -------------------------------------------------------------------------------------------------------------


def test_the_words_that_fit_and_those_that_are_right_are_those_of_brute_force() -> None:
    for ordering in small_chains():
        uses = Counter(m for m, _ in ordering.true)
        fitting = list(fitting_words(ordering.matrices, uses, ordering.target))
        assert len(fitting) == len(set(fitting))
        assert set(fitting) == {word for word, _ in ordering.fitting_words()}
        right = list(right_words(ordering.matrices, ordering.true))
        assert len(right) == len(set(right))
        assert set(right) == set(ordering.right_words)


def test_the_right_arrangements_are_those_of_brute_force_and_the_true_one_is_first() -> None:
    for ordering in small_chains():
        if ordering.counts.right > 500:
            continue
        found = list(right_arrangements(ordering.matrices, ordering.true))
        assert found[0] == tuple((factor, False) for factor in range(len(ordering.true)))
        assert len(found) == len(set(found)) == ordering.counts.right
        assert set(found) == {each for word in ordering.right_words for each in ordering.arrangements(word)}
        words = [ordering.word(each) for each in found]
        assert list(dict.fromkeys(words)) == list(right_words(ordering.matrices, ordering.true))


def test_the_nearest_come_first() -> None:
    x, D, E, y = Matrix(N, 1), Matrix(N, N, Kind.DIAGONAL), Matrix(N, N, Kind.DIAGONAL), Matrix(N, 1)
    true: Word = ((0, True), (1, False), (2, False), (3, False))
    written = ["".join("xDEy"[m] + "'" * t for m, t in word) for word in right_words([x, D, E, y], true)]
    assert written == ["x'DEy", "x'EDy", "y'DEx", "y'EDx"]


def test_lists_of_twenty_factors_begin_at_once() -> None:
    scalars = [Matrix(1, 1)] * 20
    first, second, *_ = islice(right_arrangements(scalars, plain(20)), 5)
    assert first == tuple((f, False) for f in range(20))
    assert second == (*first[:-1], (19, True))
    same = [Matrix(3, 3, Kind.SYMMETRIC)]
    assert len(list(islice(arrangements(same, ((0, False),) * 20, ((0, False),) * 20), 2_000))) == 2_000
    assert len(set(islice(fitting_words([Matrix(3, 3)] * 20, dict.fromkeys(range(20), 1), (3, 3)), 500))) == 500
    diagonals = [Matrix(3, 3, Kind.DIAGONAL)] * 20
    assert len(set(islice(right_words(diagonals, plain(20)), 500))) == 500


def test_what_cannot_fit_has_no_words() -> None:
    assert list(fitting_words([Matrix(2, 3), Matrix(7, 7)], {0: 1, 1: 1}, (2, 3))) == []
    assert list(fitting_words([Matrix(2, 3)], {0: 1}, (2, 5))) == []


@pytest.mark.parametrize("name", ["_with_runs_in_any_order", "_directions"])
def test_a_list_that_lacks_words_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"_with_runs_in_any_order": lambda matrices, word: [word], "_directions": lambda matrices, name, written: (written,)}
    monkeypatch.setattr(right_orders, name, wrong[name])
    with pytest.raises(AssertionError, match="assert"):
        test_the_words_that_fit_and_those_that_are_right_are_those_of_brute_force()
