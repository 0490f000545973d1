"""LaTeX commands and the signs that they set, for formulas in HTML."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def _pairs(text: str) -> Mapping[str, str]:
    words = text.split()
    return MappingProxyType(dict(zip(words[::2], words[1::2], strict=True)))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LETTERS = _pairs("""
    alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π
    varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω ell ℓ imath ı jmath ȷ hbar ℏ aleph ℵ wp ℘
""")
UPRIGHT = _pairs("""
    Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω infty ∞ partial ∂ nabla ∇ emptyset ∅ varnothing ∅
    top ⊤ bot ⊥ intercal ⊺ dagger † ddagger ‡ prime ′ Re ℜ Im ℑ ldots … dots … dotsc … dotsb ⋯ cdots ⋯ vdots ⋮ ddots ⋱ hdots …
    square □ Box □ blacksquare ■ checkmark ✓ angle ∠ degree ° $ $ % % # # & & _ _ forall ∀ exists ∃ nexists ∄
""")
OPERATORS = _pairs("""
    cdot ⋅ times × ast ∗ star ⋆ circ ∘ bullet • div ÷ odot ⊙ otimes ⊗ oplus ⊕ ominus ⊖ oslash ⊘ pm ± mp ∓ setminus ∖ cup ∪ cap ∩ wedge
    ∧ land ∧ vee ∨ lor ∨ neg ¬ lnot ¬ le ≤ leq ≤ leqslant ⩽ ge ≥ geq ≥ geqslant ⩾ ne ≠ neq ≠ equiv ≡ approx ≈ sim ∼ simeq ≃ cong ≅ propto ∝
    ll ≪ gg ≫ prec ≺ succ ≻ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ mid ∣ parallel ∥ perp ⊥ to → rightarrow →
    longrightarrow ⟶ leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ implies ⟹ Longrightarrow ⟹ Leftarrow ⇐ impliedby ⟸ iff ⟺
    Leftrightarrow ⇔ mapsto ↦ longmapsto ⟼ uparrow ↑ downarrow ↓ hookrightarrow ↪ rightharpoonup ⇀ triangleq ≜ doteq ≐ coloneqq ≔
    colon : vert | Vert ‖ colonequals ≔ therefore ∴ because ∵ models ⊨ vdash ⊢ dagger †
""")
LARGE = _pairs("sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ bigvee ⋁ bigwedge ⋀")
BESIDE = frozenset({"int", "iint", "oint"})  # large operators whose limits stand beside them

FUNCTIONS = _words(
    "sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan log ln lg exp det dim ker deg hom arg gcd min max sup inf lim limsup"
    " liminf Pr tr Tr diag rank softmax sign"
)
WITH_LIMITS = _words("min max sup inf lim limsup liminf det gcd Pr argmin argmax")

DELIMITERS = _pairs(r"""
    ( ( ) ) [ [ ] ] { { } } | | / / < ⟨ > ⟩ lbrace { rbrace } langle ⟨ rangle ⟩ lvert | rvert | lVert ‖ rVert ‖ vert |
    Vert ‖ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lbrack [ rbrack ] backslash \ uparrow ↑ downarrow ↓ lgroup ( rgroup )
""")
NORM = "‖"  # what the command \| sets
OPENING = frozenset("([{⟨⌊⌈")
CLOSING = frozenset(")]}⟩⌋⌉")
BARS = frozenset("|‖")

ACCENTS = _pairs("hat ^ widehat ^ tilde ~ widetilde ~ bar ¯ overline ¯ vec → overrightarrow → dot ˙ ddot ¨ check ˇ breve ˘ acute ´ grave `")
WIDE = _words("widehat widetilde overline overrightarrow")

SPACES: Mapping[str, str] = MappingProxyType(
    {",": "0.17em", ":": "0.22em", ">": "0.22em", ";": "0.28em", " ": "0.33em", "!": "0", "quad": "1em", "qquad": "2em", "space": "0.33em",
     "enspace": "0.5em", "thinspace": "0.17em", "medspace": "0.22em", "thickspace": "0.28em", "negthinspace": "0", "\n": "0.33em"}
)  # fmt: skip

FONTS: Mapping[str, str] = MappingProxyType(
    {"mathbf": "bold", "mathbfit": "bold-italic", "boldsymbol": "bold-italic", "bm": "bold-italic", "pmb": "bold-italic", "symbf": "bold",
     "vb": "bold", "mathrm": "upright", "mathup": "upright", "mathnormal": "", "mathit": "", "mathsf": "sans", "mathtt": "mono",
     "mathcal": "script", "mathscr": "script", "mathbb": "double", "mathfrak": "fraktur", "bf": "bold", "rm": "upright", "it": "",
     "cal": "script"}
)  # fmt: skip
SWITCHES = _words("bf rm it cal")  # fonts that hold up to the end of the group
WORDS = _words("text textrm textnormal textbf textit textsf texttt mbox hbox emph")

_DOUBLE = {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}
_SCRIPT = {"B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ"}
_FRAKTUR = {"C": "ℭ", "H": "ℌ", "I": "ℑ", "R": "ℜ", "Z": "ℨ"}
_ALPHABETS = {"double": (0x1D538, 0x1D552, _DOUBLE), "script": (0x1D49C, 0, _SCRIPT), "fraktur": (0x1D504, 0x1D51E, _FRAKTUR)}

FENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"matrix": ("", ""), "smallmatrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "Bmatrix": ("{", "}"),
     "vmatrix": ("|", "|"), "Vmatrix": ("‖", "‖"), "array": ("", ""), "cases": ("{", ""), "dcases": ("{", ""),
     "rcases": ("", "}"), "subarray": ("", "")}
)  # fmt: skip
IGNORED = _words(
    "displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag hline centering mathstrut strut allowbreak"
    " nobreak noindent par mathord mathbin mathrel mathop mathopen mathclose mathpunct mathinner smash ensuremath protect relax"
    " normalsize small large Large ignorespaces hfill null"
)
WITH_DROPPED_ARGUMENT = _words("label tag color hspace vspace ref eqref cite intertext shortintertext")
BIG = frozenset(f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m"))


def in_alphabet(letter: str, font: str) -> str:
    """A letter in an alphabet of its own, as ℝ; the letter itself where the alphabet lacks it."""
    if font not in _ALPHABETS or not (letter.isascii() and letter.isalpha()):
        return letter
    upper, lower, exceptions = _ALPHABETS[font]
    if letter in exceptions:
        return exceptions[letter]
    first = upper if letter.isupper() else lower
    return chr(first + ord(letter) - ord("A" if letter.isupper() else "a")) if first else letter
