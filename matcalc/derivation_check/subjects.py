"""What a text is checked against, and what it defines itself."""

from __future__ import annotations

import re

from matcalc.derivation_check.document_parts import Formula
from matcalc.derivation_check.judging import Fault, Judge, Pair
from matcalc.derivation_check.layers import letter_of, number_of
from matcalc.derivation_check.text_models import DEPTH, FEWEST_LAYERS, text_model
from matcalc.derivation_check.worlds import Defined, Subject
from matcalc.errors import MatcalcError
from matcalc.language.model import Model
from matcalc.language.naming import key_or_none
from matcalc.language.reading.names import Key, is_latex, key_of_latex
from matcalc.network_models import model_of
from matcalc.networks import Network

_PLAIN_NAME = re.compile(r"[A-Za-z]\d*'*([_^].+)?")


def subject_of(model: object, text: str) -> Subject:
    """The subject of a network or a model, or of the definitions of a text."""
    if isinstance(model, Network):
        return Subject(model_of(model), model)
    if isinstance(model, Model):
        return Subject(model)
    if model is None:
        return _subject_of_text(text)
    raise MatcalcError(f"{model!r:.80} is neither a Network nor a Model: give one of them, or none for the definitions of the text.")


def _subject_of_text(text: str) -> Subject:
    """What a text defines itself, with layers at several depths."""
    found = text_model(text)
    subject = Subject(found.at(DEPTH if found.layers else FEWEST_LAYERS) or Model(), of_depth=found.at if found.layers else None)
    subject.defining = found.numbers
    return subject


def definition_in(left: str, right: str, formula: Formula, judge: Judge, layout: str | None) -> Defined | None:
    """The definition that an equality is: its left side is a name that means nothing yet, or that the text says to define anew."""
    key = name_of(left)
    if key is None or _has_meaning_without_script(key, judge):
        return None
    pair = Pair(left, right, formula.condition)
    try:
        places = judge.instances(pair)
    except MatcalcError:
        return None
    unknown = [at for at in places if isinstance(judge.read(left, at, layout or "denominator", None), Fault)]
    if len(unknown) == len(places):
        return Defined(key, right, formula.condition, layout)
    if formula.defines and not judge.holds([pair], layout) and key not in judge.subject.model.scope.quantities:
        return Defined(key, right, formula.condition, layout)
    return None


def _has_meaning_without_script(key: Key, judge: Judge) -> bool:
    """Whether a name is a power, a prime or a transpose of one that means something, or a layer that does not exist."""
    world = judge.subject.given
    known = world.scope.quantities
    bare = key._replace(above="", primes=0)
    if bare != key and bare in known and key not in known:
        return True
    layers = [("above", key.above)] if key.above else [("below", key.below)]
    own = {each.key.stem for each in judge.subject.definitions}
    return any(
        (key.stem, place) in world.layered and key.stem not in own and (number_of(script) is not None or letter_of(script) is not None)
        for place, script in layers
    )


def name_of(text: str) -> Key | None:
    """The key of a side that is a name; of one with arguments, as f(x), that before them."""
    bare = text.strip()
    if not is_latex(bare) and not _PLAIN_NAME.fullmatch(bare):
        return None  # letters side by side are a product
    try:
        key = key_of_latex(bare) if is_latex(bare) else key_or_none(bare)
    except MatcalcError:
        return None
    return key if isinstance(key, Key) else None
