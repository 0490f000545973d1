"""What a text tells of its names: shapes, as ``W \\in \\mathbb{R}^{m \\times n}`` or "a vector x of size n", functions, assumptions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import final

from matcalc.derivation_check.segments import segments
from matcalc.errors import MatcalcError
from matcalc.language.elementwise import KNOWN_FUNCTIONS
from matcalc.language.reading.names import Key, key_of
from matcalc.language.reading.vocabulary import operation_named

SCALAR, COLUMN, ROW, MATRIX = "scalar", "column", "row", "matrix"
ELEMENTWISE, MAP = "elementwise", "map"
LONGEST = 60_000  # characters that are searched for what they tell
MOST_NAMES = 400

_WORD = r"[a-z-]{1,20}"
_ADJECTIVE = rf"(?!(?:and|or|an?|the|is|are|be|of|with|let|for)\b){_WORD}"
_STYLED = (
    r"\\(?:mathbf|boldsymbol|bm|mathrm|mathcal|mathsf|mathit|vec|hat|tilde|bar|operatorname)\s*"
    r"(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\?[A-Za-z]+)"
)
_SCRIPT = r"(?:\s*(?:[_^]\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\?\w)|'))"
_NO_NAMES = r"(?:in|to|mathbb|times|quad|text|ldots|dots|colon|forall)\b"
_NAME = rf"(?:{_STYLED}|\\(?!{_NO_NAMES})[A-Za-z]+|[A-Za-z]){_SCRIPT}*"
_NAMES = rf"{_NAME}(?:\s*,\s*(?:\\?[;,!]\s*)?{_NAME})*"
_REALS = r"(?:\\mathbb\s*(?:\{\s*R\s*\}|R)|\\mathbf\s*\{\s*R\s*\}|\\R(?![A-Za-z])|\\Reals?(?![A-Za-z])|\\RR(?![A-Za-z])|ℝ)"
_POWER = r"(?:\s*\^\s*(?P<{0}>\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}|\\?\w(?:_\w)?))?"
_SIGN = r"(?P<sign>_\s*\{?\s*(?:\+\+|\+|>\s*0|>0)\s*\}?)?"
_MEMBER = re.compile(rf"\s*\\in\s*{_REALS}{_SIGN}" + _POWER.format("size"))
_SYMMETRIC = re.compile(rf"\s*\\in\s*\\(?:mathbb|mathcal)\s*\{{?\s*S\s*\}}?(?P<scripts>{_SCRIPT}+)")
_MAPS = re.compile(
    rf"\s*(?::|\\colon)\s*{_REALS}{_POWER.format('of')}\s*(?:\\to|\\rightarrow|\\mapsto|→)\s*{_REALS}" + _POWER.format("size")
)
_LISTED = re.compile(rf"(?<![A-Za-z\\{{]){_NAMES}\Z")
_WINDOW = 120  # characters before a sign of membership that may be names
_IN = re.compile(r"\\in(?![A-Za-z])")
_BRACED = re.compile(r"[{}]")
_TIMES = re.compile(r"\\times(?![A-Za-z])|×")
_LIST = r"(?P<names>\x01\d+\x02(?:(?:\s*,|\s+and\b|\s+or\b|\s)\s*\x01\d+\x02)*)"
_SIZE = r"\(?\x01(?P<size>\d+)\x02\)?"
_SIZED = rf"(?:{_SIZE}[ -]+(?:dimensional\s+)?)?"
_KIND = (
    rf"(?P<adjectives>(?:{_ADJECTIVE}[ ,]+){{0,4}}?)"
    r"(?P<kind>matri(?:x|ces)|(?:column |row )?vectors?|scalars?|(?:real )?numbers?|constants?)"
)
_OF_SIZE = r"(?:of|with|has|have)\s+(?:size|dimension|length|shape)s?\s+\(?\x01(?P<then>\d+)\x02"
_AHEAD = rf"(?P<ahead>(?:{_ADJECTIVE},?\s+){{0,3}}"
_BEFORE = re.compile(
    rf"(?<![a-z-]){_AHEAD}){_SIZED}{_KIND}\s+{_LIST}(?:\s+(?:is\s+|are\s+)?{_OF_SIZE})?",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"{_LIST}\s*(?:is|are|be|denotes?|,)\s+(?:both\s+|all\s+)?(?:an?\s+|the\s+)?{_AHEAD}?){_SIZED}{_KIND}\b(?!\s*\x01)(?:\s+{_OF_SIZE})?",
    re.IGNORECASE,
)
_SAID_BEHIND = re.compile(
    r"(?P<names>\x01\d+\x02)\s+(?:(?:is|are|be)\s+)?(?P<said>symmetric|positive[- ]definite|diagonal|orthogonal|invertible|one-hot)\b"
    rf"(?!\s+(?!and\b)(?:{_WORD}\s+){{0,2}}(?:\x01|matri|vector))",
    re.IGNORECASE,
)
_IS = re.compile(
    rf"{_LIST}\s+(?:is|are|be)\s+(?P<said>(?:(?:also|both|assumed|to|be|a|an|the)\s+)*(?:{_WORD}(?:,?\s+and)?\s+){{0,3}}{_WORD})",
    re.IGNORECASE,
)
_ENTRYWISE = r"(?:element|entry|component|coordinate|point)-?\s?wise"
_FUNCTION = r"(?:function|nonlinearity|non-linearity|activation|map)s?"
_ACTS = re.compile(
    rf"(?:{_LIST}\s+(?:is|are|acts?|be|an?|as|denotes?|works?)\s+(?:{_WORD}\s+){{0,5}}?{_ENTRYWISE}"
    rf"|{_ENTRYWISE}\s+(?:{_WORD}\s+){{0,4}}?{_FUNCTION}\s+{_LIST.replace('names', 'then')}"
    rf"|(?:activations?|nonlinearity|non-linearity)(?:\s+functions?)?\s+{_LIST.replace('names', 'last')})",
    re.IGNORECASE,
)
_KNOWN = re.compile(
    rf"{_LIST}\s+(?:is|be|denotes?|=|as|stands?\s+for)\s+(?:the\s+)?(?:usual\s+|standard\s+|elementwise\s+)?"
    r"(?P<word>logistic|sigmoid|tanh|hyperbolic\s+tangent|relu|softplus|gelu|softmax|identity)\b",
    re.IGNORECASE,
)
_SPELLED: Mapping[str, str] = MappingProxyType({"logistic": "sigmoid", "hyperbolic tangent": "tanh"})
_ASSUMED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b{word}\b", re.IGNORECASE), says)
    for word, says in (
        ("positive[- ]semi-?definite|psd", "positive semidefinite"), ("positive[- ]definite|spd", "positive definite"),
        ("skew-?\\s?symmetric|anti-?symmetric", "skew-symmetric"), ("symmetric", "symmetric"), ("diagonal", "diagonal"),
        ("lower[- ]triangular", "lower triangular"), ("upper[- ]triangular", "upper triangular"),
        ("invertible|non-?singular", "invertible"), ("orthogonal|orthonormal", "orthogonal"), ("one-?hot", "one-hot"),
    )
)  # fmt: skip
_NOT = re.compile(r"\b(?:not|non|un|in)\b", re.IGNORECASE)
_CONDITIONAL = re.compile(r"\b(?:if|when|whenever|where|provided|in case)\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:unless|whether|were)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?;]\s")
_MASKED = re.compile(r"\x01(\d+)\x02")


@final
@dataclass(slots=True)
class Told:
    """What a text tells of its names, by their keys, whose scripts may hold layer letters.

    Attributes:
        shapes: the sizes of each as texts, as ("m", "n"); of a scalar none.
        kinds: scalar, column, row or matrix, of names whose sizes are not told.
        functions: of each name ``elementwise``, or a known function.
        maps: the sizes of the values of names that are maps of vectors.
        assumptions: as `Model` takes them.
        conditional: those that hold in their sentence only, as "if A is symmetric".
        sizes: texts that are names of sizes.
    """

    shapes: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    kinds: dict[Key, str] = field(default_factory=dict)
    functions: dict[Key, str] = field(default_factory=dict)
    maps: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    assumptions: dict[tuple[Key, str], None] = field(default_factory=dict)
    conditional: dict[tuple[Key, str], None] = field(default_factory=dict)
    sizes: dict[str, None] = field(default_factory=dict)

    def shape(self, key: Key, sizes: tuple[str, ...]) -> None:
        """Note a shape; the first one holds."""
        self.shapes.setdefault(key, sizes)
        self.sizes.update((size, None) for size in sizes if not size.isdecimal())

    def assume(self, key: Key, words: str, before: str = "") -> None:
        """Note what adjectives say behind the words before them in their sentence."""
        if _NOT.search(words) or _DENIED.search(before):
            return
        taken = self.conditional if _CONDITIONAL.search(before) else self.assumptions
        for pattern, says in _ASSUMED:
            if pattern.search(words):
                words = pattern.sub(" ", words)
                taken.setdefault((key, says))
                if says != "one-hot":
                    self.kinds.setdefault(key, MATRIX)


def told(text: str) -> Told:
    """What a text tells of its names.

    >>> found = told(r"Let $\\mathbf{W} \\in \\mathbb{R}^{m \\times n}$ and let $f$ act elementwise.")
    >>> {key.plain: shape for key, shape in found.shapes.items()}, {key.plain: each for key, each in found.functions.items()}
    ({'W': ('m', 'n')}, {'f': 'elementwise'})
    """
    text = text[:LONGEST]
    found = Told()
    _memberships(text, found)
    masked, formulas = _masked(text)
    _prose(masked, formulas, found)
    return found


def _memberships(text: str, found: Told) -> None:
    """Formulas with the sign of membership, and arrows from reals to reals."""
    for names, match in _behind_names(_MEMBER, text):
        sizes = sizes_of(match["size"] or "")
        for key in keys_of(names):
            if sizes is not None:
                found.shape(key, sizes)
            if match["sign"]:
                found.assumptions.setdefault((key, "positive" if "+" not in match["sign"] or "++" in match["sign"] else "nonnegative"))
    for names, match in _behind_names(_SYMMETRIC, text):
        size = re.search(r"\^\s*(\{[^{}]*\}|\w)", match["scripts"])
        definite = "++" in match["scripts"] or r"\succ" in match["scripts"]
        sizes = sizes_of(size[1]) if size else None
        for key in keys_of(names) if sizes is not None and len(sizes) == 1 else ():
            assert sizes is not None
            found.shape(key, (*sizes, *sizes))
            found.assumptions.setdefault((key, "positive definite" if definite else "symmetric"))
    for names, match in _behind_names(_MAPS, text):
        of, sizes = sizes_of(match["of"] or ""), sizes_of(match["size"] or "")
        for key in keys_of(names):
            if of == () and sizes == ():
                found.functions.setdefault(key, ELEMENTWISE)
            elif sizes is not None:
                found.maps.setdefault(key, sizes)
                found.sizes.update((each, None) for each in (*(of or ()), *sizes) if not each.isdecimal())


def _behind_names(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """The matches of a pattern behind names, with these."""
    for match in islice(pattern.finditer(text), MOST_NAMES):
        found = _LISTED.search(text[max(0, match.start() - _WINDOW) : match.start()])
        if found is not None:
            yield found[0], match


def sizes_of(written: str) -> tuple[str, ...] | None:
    """The sizes in an exponent of the reals, as texts; one that is 1 behind another is left out. None where they cannot be read."""
    content = written.strip()
    if content.startswith("{") and content.endswith("}"):
        content = content[1:-1]
    if not content.strip():
        return ()
    parts = [part.strip() for part in _TIMES.split(content)]
    if len(parts) > 2 or not all(re.fullmatch(r"(?:\\?[A-Za-z]+|\d+)(?:_(?:\{[^{}]*\}|\w))?", part) for part in parts):
        return None
    plain = tuple(_BRACED.sub("", part).lstrip("\\") if "_" not in part else part.lstrip("\\") for part in parts)
    return plain[:1] if plain[1:] == ("1",) else plain


def keys_of(names: str) -> Iterator[Key]:
    """The keys of names with commas between them, outside of brackets."""
    depth, start = 0, 0
    for i, sign in enumerate([*names, ","]):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth <= 0:
            key = one_key(names[start:i])
            start = i + 1
            if key is not None:
                yield key


def one_key(name: str) -> Key | None:
    """The key of a name as the text writes it; None of anything else."""
    bare = re.sub(r"^(?:\\[;,!:]|\\quad|\s)+", "", name).strip()
    if not bare or len(bare) > 80 or ("\\" not in bare and not re.fullmatch(rf"[A-Za-z]{_SCRIPT}*", bare)):
        return None
    try:
        key = key_of(bare)
    except MatcalcError:
        return None
    return key if isinstance(key, Key) else None


# ---- prose -----------------------------------------------------------------------------------------------------------


def _masked(text: str) -> tuple[str, list[str]]:
    """The text with a number in place of each formula, and the formulas."""
    pieces: list[str] = []
    formulas: list[str] = []
    place = 0
    for segment in segments(text).formulas[:MOST_NAMES]:
        if segment.span.start < place:
            continue
        pieces += [text[place : segment.span.start], f"\x01{len(formulas)}\x02"]
        formulas.append(text[segment.content.start : segment.content.end].strip())
        place = segment.span.end
    return re.sub(r"\s+", " ", "".join([*pieces, text[place:]])), formulas


def _prose(masked: str, formulas: list[str], found: Told) -> None:
    """What sentences say of formulas that are names."""

    def keys(numbers: str | None) -> list[Key]:
        return [key for number in _MASKED.findall(numbers or "") for key in keys_of(_IN.split(formulas[int(number)])[0])]

    for match in _KNOWN.finditer(masked):
        word = " ".join(match["word"].lower().split())
        name = operation_named(_SPELLED.get(word, word))
        for key in keys(match["names"]) if name in KNOWN_FUNCTIONS else ():
            found.functions.setdefault(key, str(name))
    for match in _ACTS.finditer(masked):
        for key in keys(match["names"] or match["then"] or match["last"]):
            if key.stem[0].islower() or not match["last"]:
                found.functions.setdefault(key, ELEMENTWISE)
    for pattern in (_BEFORE, _BEHIND):
        for match in pattern.finditer(masked):
            size = match["size"] or match["then"]
            sizes = sizes_of(formulas[int(size)]) if size is not None else None
            said = f"{match['ahead']} {match['adjectives']}".split()
            for key in keys(match["names"]):
                _note(found, key, " ".join([*said[-1:], match["kind"].lower()]), sizes)
                found.assume(key, " ".join(said), _sentence_before(masked, match.start()))
    for match in (*_IS.finditer(masked), *_SAID_BEHIND.finditer(masked)):
        for key in keys(match["names"]):
            found.assume(key, match["said"], _sentence_before(masked, match.start()))


def _sentence_before(masked: str, at: int) -> str:
    return _SENTENCE_END.split(masked[max(0, at - _WINDOW) : at])[-1]


def _note(found: Told, key: Key, word: str, sizes: tuple[str, ...] | None) -> None:
    """Note the word for a kind, with sizes where they are told and fit it."""
    kind = MATRIX if "matri" in word else ROW if word.startswith("row vector") else COLUMN if "vector" in word else SCALAR
    if kind == SCALAR:
        found.shape(key, ())
    elif sizes is not None and len(sizes) == (2 if kind == MATRIX else 1):
        found.shape(key, sizes if kind != ROW else ("1", *sizes))
    elif sizes is not None and kind == ROW and len(sizes) == 2 and sizes[0] == "1":
        found.shape(key, sizes)
    else:
        found.kinds.setdefault(key, kind)
