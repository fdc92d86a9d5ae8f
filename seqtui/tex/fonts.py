"""Letters in other shapes: raised and lowered ones, other alphabets, words, accents."""

from __future__ import annotations

from typing import NamedTuple

SUPERSCRIPTS = dict(
    zip(
        "0123456789+−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ⊤′∗⋆†‡∘°",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡᵀ′*⋆†‡°°",
        strict=True,
    )
)
SUBSCRIPTS = dict(
    zip("0123456789+−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True)
)
RAISED = frozenset("*⋆")
"""Superscripts that also read as a product when a letter follows."""

BLACKBOARD = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))
SCRIPT = dict(zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True))
FRAKTUR = dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True))


class Alphabet(NamedTuple):
    """What a font command does to letters: other letters where there are any, else a style."""

    style: str
    letters: dict[str, str]


ALPHABETS: dict[str, Alphabet] = {
    "mathrm": Alphabet("", {}),
    "mathbf": Alphabet("bold", {}),
    "boldsymbol": Alphabet("bold", {}),
    "mathit": Alphabet("italic", {}),
    "mathbb": Alphabet("bold", BLACKBOARD),
    "mathcal": Alphabet("italic", SCRIPT),
    "mathfrak": Alphabet("italic", FRAKTUR),
}
TEXTS: dict[str, str] = {"text": "", "textbf": "bold", "textit": "italic"}


class Mark(NamedTuple):
    """An accent: combining over one letter, else `wide` drawn over the whole, else its name in one row."""

    combining: str
    wide: str
    ascii: str
    name: str


ACCENTS: dict[str, Mark] = {
    "hat": Mark("\u0302", "^", "^", "hat"),
    "tilde": Mark("\u0303", "~", "~", "tilde"),
    "bar": Mark("\u0304", "_", "_", "bar"),
    "underline": Mark("\u0332", "‾", "-", "underline"),
    "vec": Mark("\u20d7", "→", ">", "vec"),
    "overleftarrow": Mark("\u20d6", "←", "<", "cev"),
    "dot": Mark("\u0307", ".", ".", "dot"),
    "ddot": Mark("\u0308", "..", "..", "ddot"),
    "check": Mark("\u030c", "ˇ", "v", "check"),
    "breve": Mark("\u0306", "˘", "u", "breve"),
    "acute": Mark("\u0301", "´", "'", "acute"),
    "grave": Mark("\u0300", "`", "`", "grave"),
    "mathring": Mark("\u030a", "˚", "o", "ring"),
}
