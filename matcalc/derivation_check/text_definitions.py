"""The definitions in a text: which formulas define a name, and what those for a general layer are at each layer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import final

from matcalc.derivation_check.document_parts import Condition, Document, Formula
from matcalc.derivation_check.layers import at_layer, number_of
from matcalc.errors import MatcalcError
from matcalc.language.definitions import definition_of
from matcalc.language.reading.names import GREEK, Key

MOST_DEFINITIONS = 60
LONGEST = 2_000
DERIVES = re.compile(r"\\nabla|\\partial|\\frac\s*\{\s*(?:d(?![a-z])|\\mathrm\s*\{?\s*d)|\\mathrm\s*\{\s*d\s*\}|\\(?:c|l|d)?dots")
_SCRIPT = re.compile(
    r"""(?P<sign>[_^])\s*(?:\{\s*(?P<open>[(\[]?)\s*(?P<letter>\\ell|[A-Za-z])\s*(?P<plus>[+-]\s*\d+)?\s*(?P<close>[)\]]?)
        (?P<rest>\s*(?:\\top|\\intercal|\\mathsf\s*\{?T\}?|T)?)\s*\} | (?P<bare>\\ell|[A-Za-z]))""",
    re.VERBOSE,
)
_BARE_LAYER = re.compile(
    r"(?P<stem>\\?[A-Za-z]+)\s*\}*\s*(?:_\s*(?:\{[^{}]*\}|\w)\s*)?\^\s*(?:\{\s*(?P<letter>\\ell|[A-Za-z])\s*(?:[+-]\s*\d+)?\s*\}|(?P<alone>\\ell|[A-Za-z]))"
)
_INDICES = frozenset("ijkmn")
_ALWAYS = frozenset(("l", "ell", "L"))
_CALL = re.compile(
    r"\s*(?P<head>\\?[A-Za-z]+(?:\s*[_^]\s*(?:\{[^{}]*\}|\w))*)\s*(?:\\left|\\[bB]igg?l?)?\s*\((?P<inside>.*?)"
    r"(?:\\right|\\[bB]igg?r?)?\s*\)\s*[.,;]?\s*",
    re.DOTALL,
)


@final
@dataclass(frozen=True, slots=True)
class Candidate:
    """A formula whose left side may be defined by it.

    Attributes:
        left, right: both sides; on the left arguments may stand in brackets.
        key: of the name on the left.
        arguments: the keys of those.
        condition: on the layers.
        number: of the formula in the text.
    """

    left: str
    right: str
    key: Key
    arguments: tuple[Key, ...]
    condition: Condition
    number: int

    @property
    def text(self) -> str:
        return f"{self.left} = {self.right}"


def candidates(found: Document) -> list[Candidate]:
    """The formulas whose left side is a name and whose right side holds no derivative."""
    made: list[Candidate] = []
    for formula in found.formulas:
        candidate = _candidate(found, formula)
        if candidate is not None:
            made.append(candidate)
        if len(made) == MOST_DEFINITIONS:
            break
    return made


def derived_names(found: Document) -> set[Key]:
    """The names that the text defines by derivatives, which no model holds: what they are depends on the layout."""
    names: set[Key] = set()
    for formula in found.formulas:
        first, second = formula.sides[:2]
        left, right = (found.clean[side.span.start : side.span.end].strip() for side in (first, second))
        if not first.branches and len(left) <= LONGEST and DERIVES.search(right) and not DERIVES.search(left):
            with suppress(MatcalcError):
                key = definition_of(f"{left} = 1").key
                if isinstance(key, Key) and _is_one_name(key, left):
                    names.add(key)
    return names


def _candidate(found: Document, formula: Formula) -> Candidate | None:
    first, second = formula.sides[:2]
    if first.branches or second.branches:
        return None
    left, right = (found.clean[side.span.start : side.span.end].strip() for side in (first, second))
    if not left or len(right) > LONGEST or len(left) > LONGEST or DERIVES.search(right):
        return None
    try:
        made = definition_of(f"{left} = {right}")
    except MatcalcError:
        return None
    key = made.key
    if not isinstance(key, Key) or key.primes or not _is_one_name(key, left):
        return None
    if key.below and set(key.below) <= _INDICES:
        return None  # an entry
    return Candidate(left, right, key, tuple(each for each, _ in made.arguments), formula.condition, formula.number)


def _is_one_name(key: Key, left: str) -> bool:
    """Whether the stem is one letter or was written as one word: letters side by side are a product."""
    return len(key.stem) == 1 or key.stem in GREEK or "\\" in left.partition("(")[0]


# ---- layers ----------------------------------------------------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class Layers:
    """The letters that count layers above and below names, and what texts are at a layer."""

    above: frozenset[str]
    below: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.above or self.below)

    def numbered(self, text: str, values: Mapping[str, int]) -> tuple[str, list[int]]:
        """The text with numbers in place of the letters that have one, and these numbers."""
        numbers: list[int] = []

        def number(match: re.Match[str]) -> str:
            letter = (match["letter"] or match["bare"]).lstrip("\\")
            if letter not in (self.above if match["sign"] == "^" else self.below) or letter not in values:
                return match[0]
            numbers.append(values[letter] + int((match["plus"] or "0").replace(" ", "")))
            return f"{match['sign']}{{{match['open'] or ''}{numbers[-1]}{match['close'] or ''}{match['rest'] or ''}}}"

        return _SCRIPT.sub(number, text), numbers

    def letters_in(self, text: str) -> set[str]:
        """The layer letters that a text holds."""
        found: set[str] = set()
        for match in _SCRIPT.finditer(text):
            letter = (match["letter"] or match["bare"]).lstrip("\\")
            if letter in (self.above if match["sign"] == "^" else self.below):
                found.add(letter)
        return found

    def bare_stems(self, texts: Iterable[str]) -> frozenset[str]:
        """The stems that have a layer letter above them without brackets."""
        found = set()
        for text in texts:
            for match in _BARE_LAYER.finditer(text):
                if (match["letter"] or match["alone"]).lstrip("\\") in self.above:
                    found.add(match["stem"].lstrip("\\"))
        return frozenset(found)

    def key_at(self, key: Key, values: Mapping[str, int]) -> Key:
        """The key with numbers in place of letters."""
        above = at_layer(key.above, {k: v for k, v in values.items() if k in self.above})
        below = at_layer(key.below, {k: v for k, v in values.items() if k in self.below})
        return key._replace(above=above, below=below)

    def family(self, key: Key) -> Key:
        """The key with an empty place for the number of its layer: all W^(1), W^(2) are of one family."""
        for place, letters in (("above", self.above), ("below", self.below)):
            script: str = getattr(key, place)
            number = number_of(script) if letters else None
            if number is not None:
                emptied = script.replace(str(number), "{}")
                return key._replace(above=emptied) if place == "above" else key._replace(below=emptied)
        return key

    def number(self, key: Key) -> int | None:
        """The number of the layer of a key."""
        for script, letters in ((key.above, self.above), (key.below, self.below)):
            number = number_of(script) if letters else None
            if number is not None:
                return number
        return None


def layers_of(made: Iterable[Candidate], more: Iterable[str] = ()) -> Layers:
    """The letters that count layers in definitions: in brackets above a name, l, or one that a recurrence steps by."""
    above: set[str] = set()
    below: set[str] = set()
    texts = [(each.left, each.right) for each in made]
    for left, right in [*texts, *(("", text) for text in more)]:
        for match in _SCRIPT.finditer(f"{left} {right}"):
            letter = (match["letter"] or match["bare"]).lstrip("\\")
            if match["sign"] == "^" and letter != "T" and (match["open"] or letter in _ALWAYS):
                above.add(letter)
            elif match["sign"] == "_" and letter in _ALWAYS:
                below.add(letter)
    for each in made:
        letter = each.key.below[:1]
        stepped = rf"(?<![A-Za-z]){re.escape(each.key.stem)}\}}?\s*_\s*\{{\s*{letter}\s*-\s*1\s*\}}"
        forward = each.key.below != letter and re.search(stepped.split(r"\s*-")[0], each.right)
        is_stepped = forward or re.search(stepped, each.right)
        if is_stepped and each.key.below in (letter, f"{letter}+1") and letter.isalpha() and letter.islower():
            below |= {letter, letter.upper()}
    lower = {letter for letter in above | below if letter.islower()}
    both = {*lower, *("L" if letter == "ell" else letter.upper() for letter in lower)} if above or below & _ALWAYS else set()
    above |= both - {"T"} if above else set()
    return Layers(frozenset(above), frozenset(below | both))


@final
@dataclass(frozen=True, slots=True)
class Statement:
    """A definition at one layer: its sides with numbers for layers."""

    left: str
    right: str
    key: Key
    arguments: tuple[Key, ...]
    number: int

    @property
    def text(self) -> str:
        return f"{self.left} = {self.right}"


def statements(made: Iterable[Candidate], layers: Layers, depth: int) -> list[Statement]:
    """The definitions at all layers of a model of that depth; of two of one name the first."""
    made = list(made)
    tops = {letter: depth for letter in layers.above | layers.below if letter.isupper()}
    general = [each for each in made if any(letter.islower() for letter in layers.letters_in(each.left))]
    found: dict[Key, Statement] = {}
    for each in made:
        if each not in general and not any(letter.islower() for letter in layers.letters_in(each.right)):
            statement = _at(each, layers, tops)[0]
            found.setdefault(statement.key, statement)
    first = _first_numbers(found, layers)
    families = {layers.family(layers.key_at(each.key, _values(each, layers, 1, tops))) for each in general}
    for each in general:
        for statement in _at_layers(each, layers, depth, tops):
            family, number = layers.family(statement.key), layers.number(statement.key)
            if number is None or number < first.get(family, 0) or (family not in first and number < 1):
                continue
            if any(_is_before(text, first, families, layers) for text in _scripted(statement.right)):
                continue
            found.setdefault(statement.key, statement)
    order = {each.number: k for k, each in enumerate(made)}
    return sorted(found.values(), key=lambda each: (layers.number(each.key) or 0, order[each.number]))


def _first_numbers(found: Mapping[Key, Statement], layers: Layers) -> dict[Key, int]:
    """The lowest layer of each family that has a definition of its own there."""
    first: dict[Key, int] = {}
    for key in found:
        number = layers.number(key)
        if number is not None:
            family = layers.family(key)
            first[family] = min(first.get(family, number), number)
    return first


_NUMBERED_NAME = re.compile(r"(?P<stem>[A-Za-z]+|\\[a-z]+)\s*\}?\s*(?P<sign>[_^])\s*\{(?P<open>[(\[]?)(?P<number>\d+)[)\]]?")


def _scripted(text: str) -> Iterator[re.Match[str]]:
    yield from _NUMBERED_NAME.finditer(text)


def _is_before(match: re.Match[str], first: Mapping[Key, int], families: Iterable[Key], layers: Layers) -> bool:
    """Whether a name is at a layer before the first one of its family, whose other layers have a general definition."""
    stem, number = match["stem"].lstrip("\\"), int(match["number"])
    return any(family.stem == stem and family in first and number < first[family] for family in families)


def _values(each: Candidate, layers: Layers, number: int, tops: Mapping[str, int]) -> dict[str, int]:
    lower = {letter for letter in layers.letters_in(each.left) if letter.islower()}
    return {**dict.fromkeys(lower, number), **tops}


def _at_layers(each: Candidate, layers: Layers, depth: int, tops: Mapping[str, int]) -> Iterator[Statement]:
    for number in range(depth + 2):
        values = _values(each, layers, number, tops)
        if not each.condition.holds(values):
            continue
        statement, numbers = _at(each, layers, values)
        open_letters = {letter for letter in layers.letters_in(statement.right) if letter.islower()}
        if numbers and min(numbers) >= 0 and max(numbers) <= depth and not open_letters:
            yield statement


def _at(each: Candidate, layers: Layers, values: Mapping[str, int]) -> tuple[Statement, list[int]]:
    left, numbers = layers.numbered(each.left, values)
    right, others = layers.numbered(each.right, values)
    arguments = tuple(layers.key_at(key, values) for key in each.arguments)
    return Statement(left, right, layers.key_at(each.key, values), arguments, each.number), [*numbers, *others]


# ---- one function, written twice -------------------------------------------------------------------------------------


def with_insides(made: list[Candidate], missing: Iterable[str] = ()) -> list[Candidate]:
    """The definitions, with z named where a text defines a = f(W x + b) and says that a = f(z) as well.

    ``missing`` are spellings of z without scripts that the text uses and does not define: z with the scripts of a names the inside too.
    """
    found = list(made)
    defined = {each.key for each in made}
    for k, each in enumerate(made):
        outer = _CALL.fullmatch(each.right)
        if outer is None or not _closes_at_end(outer["inside"]) or _LONE.fullmatch(outer["inside"].strip()):
            continue
        name = next((twin for other in made if (twin := _twin(each, outer, other)) is not None), None)
        name = name or next((stem + _scripts(each.left) for stem in missing), None)
        inside = None if name is None else _named(name, outer["inside"], each)
        if inside is None or inside.key in defined or name is None:
            continue
        found[k] = replace(each, right=each.right.replace(outer["inside"], name, 1))
        found.append(inside)
        defined.add(inside.key)
    return found


_LONE = re.compile(r"(?:\\(?:mathbf|boldsymbol|bm|vec)\s*\{[^{}]*\}|\\?[A-Za-z]+)(?:\s*[_^]\s*(?:\{[^{}]*\}|\w))*")


def _scripts(text: str) -> str:
    """The scripts of a name, as they are written."""
    return "".join(re.findall(r"[_^]\s*(?:\{[^{}]*\}|\w)", text.partition("=")[0]))


def _closes_at_end(inside: str) -> bool:
    depth = 0
    for sign in inside:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0


def _twin(each: Candidate, outer: re.Match[str], other: Candidate) -> str | None:
    """The name that another definition of the same quantity gives to the argument of the same function."""
    found = _CALL.fullmatch(other.right)
    if other is each or other.key != each.key or found is None or "".join(found["head"].split()) != "".join(outer["head"].split()):
        return None
    return found["inside"].strip() if _LONE.fullmatch(found["inside"].strip()) else None


def _named(name: str, inside: str, each: Candidate) -> Candidate | None:
    try:
        made = definition_of(f"{name} = {inside}")
    except MatcalcError:
        return None
    return Candidate(name, inside, made.key, (), each.condition, each.number) if isinstance(made.key, Key) else None
