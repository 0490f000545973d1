"""Why a derivative is written as it is: its index network, whether a path joins the free indices, and the two walks of that path.

In components each term is a product of factors with shared indices, in which no order exists. Factors are nodes and shared indices
edges. If what joins the two free indices is a path, exactly two strings write the term, the walks from either end; a factor walked
against its own index order carries a transpose. Otherwise the certificate says what a string needs besides the product, or why there
is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

from matcalc.index.form import Form
from matcalc.language.expressions import Expr
from matcalc.language.operators import Tabled
from matcalc.language.sizes import Shape, Size, rows_and_columns
from matcalc.language.text_rows import filled
from matcalc.layout.index_network import LETTERS, Need, TermNetwork, in_words, network_of
from matcalc.layout.matrix_form import Writer

LONGEST_WALK = 120  # characters of a string that stands in a sentence


@final
@dataclass(frozen=True, slots=True, repr=False)
class Certificate(Tabled):
    """Whether a path joins the free indices, and which two strings walk it.

    Shapes: ``walks`` are texts, the first of numerator layout, the second of denominator layout.

    Attributes:
        what: the derivative, or the product.
        terms: the network of each term of its sum over indices.
        is_path: whether in every term what joins the free indices is a path.
        walks: the strings in numerator and in denominator layout; None where no string of matrices writes the derivative.
        sentences: the answer in plain sentences.
        shapes: of the names in them, where they are known.

    Example:
        >>> import matcalc as mc
        >>> W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
        >>> z = mc.let("z", W @ x + b)
        >>> found = mc.derive(mc.let("a", mc.function("f")(z)), x, layout="numerator").certificate
        >>> found.is_path, found.walks
        (True, ("diag(f'(z)) W", "W^T diag(f'(z))"))
        >>> for sentence in found.sentences[1:2]:
        ...     print(sentence)
        A path joins the two free indices, through W. The free index of size m joins f'(z) and W: ⊙ or diag stands there.
        >>> found.needs
        (<Need.DIAGONAL: 'diag or ⊙'>,)
    """

    what: str
    terms: tuple[TermNetwork, ...]
    is_path: bool
    walks: tuple[str, str] | None
    sentences: tuple[str, ...]
    shapes: Mapping[str, Shape] = field(default_factory=dict, compare=False)

    @property
    def needs(self) -> tuple[Need, ...]:
        """What the strings need besides products and transposes, in any term."""
        return tuple(dict.fromkeys(need for term in self.terms for need in term.needs))

    def __repr__(self) -> str:
        head = filled(f"{self.what}: {'a path' if self.is_path else 'no path'}")
        return "\n".join([*head, *(line for sentence in self.sentences for line in filled(sentence, "  ", "    "))])


def certificate(what: str, form: Form, walks: tuple[Expr, Expr] | None, why_not: str, writer: Writer) -> Certificate:
    """The certificate of a derivative.

    Args:
        what: how it is called.
        form: its sum over indices.
        walks: the results in both layouts, if there are any.
        why_not: why there are none.
        writer: of one of the layouts, for the texts of the factors.
    """
    terms = tuple(network_of(term, form, writer) for term in form.terms)
    is_path = bool(terms) and walks is not None and all(term.is_path for term in terms)
    texts = None if walks is None else (repr(walks[0]), repr(walks[1]))
    if not terms:
        return Certificate(what, terms, is_path, texts, ("The derivative is zero: no term is left.",))
    sentences = [_start(terms), *_reasons(terms)]
    sentences.append(_no_string(terms, why_not) if walks is None else _two_strings(form, terms, is_path, walks))
    return Certificate(what, terms, is_path, texts, tuple(sentences))


def _start(terms: Sequence[TermNetwork]) -> str:
    if len(terms) > 1:
        return f"In components it is a sum of {len(terms)} terms, each over its shared indices; no order exists in them."
    count = len(terms[0].summed)
    if not count:
        return "In components it is one product, without a sum; no order exists in it."
    return f"In components it is a sum over {count} shared {'index' if count == 1 else 'indices'}; no order exists in it."


def _reasons(terms: Sequence[TermNetwork]) -> Iterator[str]:
    """The reasons of the terms: what all have in common once, then what is said of some, two at most."""
    common = [sentence for sentence in terms[0].sentences if all(sentence in term.sentences for term in terms)]
    if common:
        yield " ".join(common)
    others = Counter(sentence for term in terms for sentence in term.sentences if sentence not in common)
    for sentence, count in list(others.items())[:2]:
        where = "In one term" if count == 1 else f"In {count} terms"
        opens = sentence.startswith(("The ", "A ", "No", "One "))  # others begin with the text of a factor
        yield f"{where} {sentence[:1].lower() if opens else sentence[:1]}{sentence[1:]}"


def _no_string(terms: Sequence[TermNetwork], why_not: str) -> str:
    needs = {need for term in terms for need in term.needs}
    if Need.VEC in needs:
        axes = len(terms[0].free)
        return f"Needed is an array with {axes} axes (.tensor), or the derivative by vec, a matrix with Kronecker products (.vec_form)."
    if Need.AXES in needs:
        return "Needed is the sum over indices itself (.index_form), or an array with three axes or more on the way."
    return why_not


def _two_strings(form: Form, terms: Sequence[TermNetwork], is_path: bool, walks: tuple[Expr, Expr]) -> str:
    numerator, denominator = map(repr, walks)
    short = max(len(numerator), len(denominator)) <= LONGEST_WALK
    if len(form.axes) == 2 and short:
        verb = "walk it" if is_path and len(terms) == 1 else "write it"
        start = f"Exactly two strings {verb}" if is_path and len(terms) == 1 else f"Two strings {verb}"
        return f"{start}: {numerator} from the output end (numerator layout), {denominator} from the input end (denominator layout)."
    if len(form.axes) == 2:
        return "Two strings write it, that from the output end (numerator layout) and that from the input end (denominator layout)."
    if not form.axes:
        return f"In both layouts it is {numerator}." if short else "It is the same scalar in both layouts."
    row = rows_and_columns(walks[0].shape)[0] == 1
    first, second = ("row", "column") if row else ("column", "row")
    if not short:
        return f"It is written as a {first} in numerator layout, as a {second} in denominator layout."
    return f"Walked either way it is the {first} {numerator} (numerator layout) or the {second} {denominator} (denominator layout)."


# ---- products of given factors ---------------------------------------------------------------------------------------


def of_product(what: str, names: Sequence[str], shapes: Sequence[tuple[Size, Size]], walks: tuple[str, str]) -> Certificate:
    """The certificate of a product of given factors: a path, cut where factors meet at size 1.

    Args:
        what: how the product is called.
        names, shapes: of the factors from left to right, as they stand.
        walks: the product in numerator and in denominator layout.
    """
    entries = [shapes[0][0], *(columns for _, columns in shapes)]
    letters = iter([*LETTERS, *(f"i{k}" for k in range(len(entries)))])
    at = ["" if entry == 1 else next(letters) for entry in entries]
    nodes = tuple((name, tuple(filter(None, at[k : k + 2]))) for k, name in enumerate(names))
    ends = [k for k in (0, len(names)) if at[k]]
    summed = tuple((at[k], entries[k]) for k in range(1, len(names)) if at[k])
    cuts = [k for k in range(1, len(names)) if not at[k]]
    needs: list[Need] = []
    if not ends:
        reason = "No index is free, so it is a scalar."
    elif len(ends) == 1:
        reason = "One index is free, so it is a row or a column."
    elif cuts:
        needs.append(Need.OUTER)
        reason = "The free indices are joined over size 1 only: an outer product, as if joined by an edge of size 1."
    else:
        reason = f"A path joins the two free indices, through {in_words(names)}."
    closed = len(cuts) + 1 - (len({sum(cut < end for cut in cuts) for end in ends}) if ends else 0)
    if closed:
        needs.append(Need.SCALAR)
        if ends:
            reason += " A part without a free index is a scalar: as a number in any place, as a 1 x 1 matrix only beside size 1."
    term = TermNetwork(nodes, tuple((at[k], entries[k]) for k in ends), summed, True, tuple(names), tuple(needs), (reason,))
    end = f"Exactly two strings walk it: {walks[0]} (numerator layout), {walks[1]} (denominator layout)."
    of_names = {name.removesuffix("^T"): tuple(shape) for name, shape in zip(names, shapes, strict=True)}
    return Certificate(what, (term,), True, walks, (_start((term,)), reason, end), of_names)
