"""A formula in parts: mathematics, relations, and what parts one formula from the next; with the places that are to be blanked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, final

from matcalc.derivation_check.conditions import LONGEST, condition
from matcalc.derivation_check.environments import SPACES, Structure, Token

EQUAL, DEFINES, DEFINED, RELATION, IMPLIES = "equal", "defines", "defined", "relation", "implies"
PART, OPERATOR = "part", "operator"
COMMA, GAP, AMPERSAND, LINE, WORDS, COLON, STOP = "comma", "gap", "ampersand", "line", "words", "colon", "stop"
RELATIONS = frozenset((EQUAL, DEFINES, DEFINED, RELATION))
SEPARATORS = frozenset((COMMA, GAP, AMPERSAND, LINE, WORDS, COLON, STOP, IMPLIES))
UPDATE, MAPS = "an update, which claims no equality", "a map or a limit, which claims no equality"

_ABOUT, _ORDER = "an approximation, which claims no equality", "an inequality, which claims no equality"
_MEMBER = "a membership, which claims no equality"
_NAMED = (  # kind, why it claims nothing, and how it is written
    (EQUAL, "", r"= \xlongequal"),
    (DEFINES, "", r":= ≔ ≡ ≜ \equiv \triangleq \coloneqq \coloneq \doteq \eqdef \defeq"),
    (DEFINED, "", r"=: ≕ \eqqcolon \eqcolon"),
    (RELATION, _ABOUT, r"≈ ∝ \approx \simeq \sim \cong \propto \asymp \thickapprox"),
    (RELATION, _ORDER, r"≤ ≥ ≠ < > \le \leq \leqslant \leqq \ge \geq \geqslant \geqq \lt \gt \ll \gg \ne \neq \not \preceq \succeq"),
    (RELATION, _MEMBER, r"∈ \in \notin \ni \subset \subseteq \supset"),
    (RELATION, UPDATE, r"← \leftarrow \gets \longleftarrow"),
    (RELATION, MAPS, r"→ ↦ \to \mapsto \rightarrow \longrightarrow \longmapsto \hookrightarrow \xrightarrow"),
    (IMPLIES, "", r"⇒ ⇔ ⟹ ⟺ \Rightarrow \implies \iff \Leftrightarrow \Longrightarrow \Longleftrightarrow \impliedby \Leftarrow"),
    (IMPLIES, "", r"\therefore \because \leadsto"),
    (COMMA, "", ", ;"),
    (AMPERSAND, "", "&"),
    (GAP, "", r"\quad \qquad \hspace \hfill \hskip \enspace"),
    (OPERATOR, "", r"+ - * / − ⊙ ⊗ · × \cdot \times \odot \otimes \circ \pm \mp \oplus \ast \star \bullet \cdots"),
)
_SIGNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {name: (kind, note) for kind, note, names in _NAMED for name in names.split()}
)
_NO_MATHEMATICS = r"""\notag \nonumber \hfill \hfil \displaybreak \allowbreak \noindent \centering \hline \par \mathstrut \strut \qed
    \qedhere \blacksquare \allowdisplaybreaks \displaystyle \textstyle \scriptstyle \medspace \thickspace \negthinspace \nobreak \relax
    \boxed"""
_NO_MATHEMATICS_WITH_ARGUMENT = r"\label \tag \hspace \vspace \phantom \vphantom \hphantom \color \textcolor \mspace"
_CONNECTING = """and or where with so thus hence therefore since because if for when whenever otherwise else then let define denote note as
    by is are also similarly finally but using given recall from in of the chain we have here that such all any every each it this
    respectively while yields gives implies"""
_DROPPED = frozenset(_NO_MATHEMATICS.split())
_DROPPED_WITH_ARGUMENT = frozenset(_NO_MATHEMATICS_WITH_ARGUMENT.split())
_WORDS = frozenset(_CONNECTING.split())
_TEXTS = frozenset((r"\text", r"\mbox", r"\textrm", r"\textnormal", r"\textit", r"\textbf", r"\textsf", r"\hbox", r"\mathrm"))
_BETWEEN_LINES = frozenset((r"\intertext", r"\shortintertext"))
_OVER_A_SIGN = frozenset((r"\overset", r"\stackrel", r"\underset", r"\mathrel", r"\stackbin"))
_DEFINING_MARK = re.compile(r"def|triangle|Delta|:|\\cdot")
_NO_PARTS = frozenset(("comment", "dropped", "thin", "twice"))  # signs of Markdown that are written twice are not LaTeX's
_ENDS = frozenset((COMMA, GAP, LINE, WORDS, STOP, IMPLIES))


class Part(NamedTuple):
    """A part of a formula. ``note`` is the reason of a relation, the words of a text, or the environment of a line break."""

    kind: str
    start: int
    end: int
    note: str = ""


@final
class Parts:
    """The parts of a stretch of a text, found in one walk, and what is to be blanked in it."""

    def __init__(self, text: str, found: Structure) -> None:
        self.text = text
        self.found = found
        self.list: list[Part] = []
        self.blanks: list[tuple[int, int]] = []
        self.begun = found.tokens[0].start if found.tokens else 0  # where the piece that is walked over begins
        self.hollow = self._hollow()
        self._walk()
        self._blank_inside()

    def _hollow(self) -> set[int]:
        """The brackets that hold whole lines and are no part of a formula."""
        hollow: set[int] = set()
        for i, close in self.found.closing.items():
            if i not in self.found.opaque and self.found.tokens[i].kind != "env":
                hollow |= {i, close, i + 1, close + 1} if self.found.tokens[i].text == r"\left" else {i, close}
        return hollow

    def _walk(self) -> None:
        tokens, i = self.found.tokens, 0
        while i < len(tokens):
            i = self._taken(i, tokens[i])

    def _taken(self, i: int, token: Token) -> int:
        """What stands there is taken; where the walk goes on."""
        if i in self.hollow:
            return i + 1
        if token.kind == "env":
            return self._environment(i, token)
        if i in self.found.closing and i in self.found.opaque:
            return self._group(i)
        if token.kind in _NO_PARTS or token.text in _DROPPED_WITH_ARGUMENT or token.text in _DROPPED:
            if _SIGNS.get(token.text, ("",))[0] == GAP:
                self._add(GAP, i, i)
            return self._dropped(i)
        if token.kind == "line":
            self._add(LINE, i, i, self.found.lines_at(i) or "")
            return i + 1
        if token.kind == "word" or token.text in (r"\forall", "∀"):
            self._add(WORDS, i, i, token.text if token.kind == "word" else "for all")
            return i + 1
        if token.text in _TEXTS or token.text in _BETWEEN_LINES:
            return self._text(i, token)
        if token.text in _OVER_A_SIGN:
            return self._over_a_sign(i)
        return self._sign(i, token)

    def _add(self, kind: str, first: int, last: int, note: str = "") -> None:
        tokens = self.found.tokens
        if kind in _ENDS or not self.list:
            self.begun = tokens[last].end if kind in _ENDS else tokens[first].start
        self.list.append(Part(kind, tokens[first].start, tokens[last].end, note))
        if kind in SEPARATORS:
            self.blanks.append((tokens[first].start, tokens[last].end))

    def _group(self, i: int) -> int:
        close = self.found.closing[i]
        last = min(close + 1, len(self.found.tokens) - 1) if self.found.tokens[i].text == r"\left" else close
        self._add(PART, i, last)
        return last + 1

    def _environment(self, i: int, token: Token) -> int:
        if i in self.found.opaque:
            return self._group(i)
        self._add(LINE, i, i, self.found.lines_at(i) or "")
        if not token.text.startswith(r"\begin"):
            return i + 1
        while i + 1 < len(self.found.tokens) and self.found.tokens[i + 1].text in ("[", "{") and i + 1 in self.found.closing:
            argument = self._between(i + 1)
            if not re.fullmatch(r"[tbc]|\d+|[rcl@{}|!\s.:=&\\$]+", argument):
                break
            i = self._blank_to(i + 1, self.found.closing[i + 1]) - 1
        return i + 1

    def _blank_to(self, first: int, last: int) -> int:
        self.blanks.append((self.found.tokens[first].start, self.found.tokens[last].end))
        return last + 1

    def _dropped(self, i: int) -> int:
        """Behind a command that is no mathematics, and its argument."""
        last = i
        if self.found.tokens[i].text in _DROPPED_WITH_ARGUMENT:
            after = i + 1 + (i + 1 < len(self.found.tokens) and self.found.tokens[i + 1].text == "*")
            last = self.found.closing.get(after, i)
        return self._blank_to(i, last)

    def _between(self, i: int) -> str:
        """What stands between the bracket that is opened there and its partner."""
        return self.text[self.found.tokens[i].end : self.found.tokens[self.found.closing[i]].start]

    def _text(self, i: int, token: Token) -> int:
        before = self.found.tokens[i - 1].text if i else ""
        if i + 1 not in self.found.closing or before in ("_", "^"):
            return self._sign(i, token)
        words = self._between(i + 1)
        close = self.found.closing[i + 1]
        if not words.strip(" ~\n\t"):
            return self._blank_to(i, close)
        name = not are_words(words, roman=token.text == r"\mathrm") and not self._stands_apart(i, close)
        if token.text not in _BETWEEN_LINES and name:
            self._add(PART, i, close)
            return close + 1
        self._add(WORDS, i, close, words if token.text not in _BETWEEN_LINES else f"{words}\n")
        return close + 1

    def _stands_apart(self, i: int, close: int) -> bool:
        """Whether a single word stands behind a gap and before the end of its line, as a reason does."""
        tokens = self.found.tokens
        before = i > 0 and _SIGNS.get(tokens[i - 1].text, ("",))[0] in (GAP, AMPERSAND) and bool(self.list) and self.list[-1].kind == GAP
        return before and (close + 1 >= len(tokens) or tokens[close + 1].kind in ("line", "env") or tokens[close + 1].text in (".", ","))

    def _over_a_sign(self, i: int) -> int:
        """``\\overset{..}{=}`` and the like: a relation with something above it."""
        mark, first, last = "", i + 1, i
        if self.found.tokens[i].text != r"\mathrel" and first in self.found.closing:
            mark = self._between(first)
            first = self.found.closing[first] + 1
        if first < len(self.found.tokens):
            last = self.found.closing.get(first, first)
            sign = self._between(first) if first in self.found.closing else self.found.tokens[first].text
            kind, note = _SIGNS.get("".join(sign.split()), ("", ""))
            if kind == EQUAL:
                kind = DEFINES if _DEFINING_MARK.search(mark) else EQUAL
                if mark.strip(" {}") in ("!", r"\text{!}"):
                    kind, note = RELATION, "a demand, which claims no equality"
            if kind in RELATIONS or kind == IMPLIES:
                self._add(kind, i, last, note)
                return last + 1
        self._add(PART, i, i)
        return i + 1

    def _sign(self, i: int, token: Token) -> int:
        tokens = self.found.tokens
        ahead = [tokens[j].text for j in range(i + 1, min(i + 3, len(tokens)))]
        if token.text in (":", r"\colon", r"\vcentcolon"):
            skipped = 1 if ahead[:1] == ["&"] else 0
            if ahead[skipped : skipped + 1] == ["="]:
                self._add(DEFINES, i, i + 1 + skipped)
                return i + 2 + skipped
            return self._colon(i)
        if token.text == "=" and ahead[:1] == [":"]:
            self._add(DEFINED, i, i + 1)
            return i + 2
        if token.text == ".":
            self._add(STOP if self._ends_there(i + 1) else PART, i, i)
            return i + 1
        kind, note = _SIGNS.get(token.text, (PART, ""))
        if token.text in SPACES and kind != GAP:
            return i + 1
        last = i + 1 if token.text == r"\not" and ahead else i
        if token.text in (r"\xrightarrow", r"\xlongequal"):
            last = self.found.closing.get(i + 1, i)
        self._add(kind, i, last, note)
        return last + 1

    def _ends_there(self, i: int) -> bool:
        tokens = self.found.tokens
        while i < len(tokens) and (tokens[i].text in SPACES or tokens[i].kind == "comment"):
            i += 1
        if i >= len(tokens) or tokens[i].kind in ("line", "env") or tokens[i].text in _TEXTS:
            return True
        return _SIGNS.get(tokens[i].text, ("",))[0] == GAP

    def _colon(self, i: int) -> int:
        """A colon parts where a condition or words stand before it."""
        place = self.found.tokens[i].start
        before = self.text[max(self.begun, place - LONGEST - 1) : place]
        parts = not before.strip() or condition(before) is not None
        self._add(COLON if parts else PART, i, i)
        return i + 1

    def _blank_inside(self) -> None:
        """Blank what is no mathematics inside of brackets, that reach over several lines."""
        for i, token in enumerate(self.found.tokens):
            if token.kind in _NO_PARTS or token.text in _DROPPED_WITH_ARGUMENT or token.text in _DROPPED:
                self._dropped(i)
            elif i in self.hollow or (self._parts_lines(i, token) and self.found.lines_at(i) is not None):
                self.blanks.append((token.start, token.end))

    def _parts_lines(self, i: int, token: Token) -> bool:
        return token.text == "&" or token.kind == "line" or (token.kind == "env" and i not in self.found.opaque)


def are_words(content: str, *, roman: bool = False) -> bool:
    """Whether the content of a ``\\text{..}`` is words between formulas, and no name or function."""
    bare = content.strip(" \t\n,.;:()$~")
    if not bare or (content.strip().startswith("(") and content.strip().endswith(")")) or content.rstrip().endswith(":"):
        return True
    if roman or re.fullmatch(r"[\w'-]+", bare):
        return bare.lower() in _WORDS
    return True
