"""Anyone's text in the letters a–z, and a sentence on what that took."""

from __future__ import annotations

from typing import NamedTuple
from unicodedata import category, combining, normalize

from seqtui.tasks.romanise import romanise

LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")

SPECIAL = {
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "ħ": "h",
    "ı": "i",
    "ŋ": "ng",
    "þ": "th",
    "ŧ": "t",
    "ə": "e",
}
"""Latin letters that are not a letter of a–z with a mark on it."""

SHOWN = 24
"""Characters of a text that a note quotes."""


class Folded(NamedTuple):
    """letters: a–z alone. dropped: the characters that had no place in them, each once, in order."""

    letters: str
    dropped: tuple[str, ...]


def fold(text: str) -> Folded:
    """Zoë → zoe, Straße → strasse, 민수 → minsu; what is no letter of these scripts is left out."""
    letters: list[str] = []
    dropped: dict[str, None] = {}
    for character in normalize("NFC", romanise(text)):
        spelt = _spelt(character)
        letters.append(spelt)
        if not spelt and not _is_mark(character):
            dropped[character] = None
    return Folded("".join(letters), tuple(dropped))


def notes(text: str, folded: Folded) -> tuple[str, ...]:
    """One sentence on what became of a text; none where it is read as it was typed."""
    if folded.letters == text:
        return ()
    left_out = f" ({', '.join(map(_named, folded.dropped[:4]))}{', …' if len(folded.dropped) > 4 else ''})"
    tail = f": letters a–z alone are read, the rest is left out{left_out}" if folded.dropped else ""
    return (f"{quoted(text)} → {quoted(folded.letters)}{tail}",)


def quoted(text: str) -> str:
    """A text as a note shows it: on one line, without what cannot be seen, and cut where it is long."""
    line = "".join(c if c.isprintable() else "·" for c in text[:SHOWN])
    return line + ("…" if len(text) > SHOWN else "")


def _spelt(character: str) -> str:
    """One letter in a–z; "" for what is no letter (½ and ℃ only contain one by accident), or not of these."""
    if not character.isalpha():
        return ""
    plain = normalize("NFKD", character.casefold())
    return "".join(c for c in "".join(SPECIAL.get(c, c) for c in plain).casefold() if c in LETTERS)


def _is_mark(character: str) -> bool:
    """Whether it only decorates its neighbour: an accent, a joiner, a variation selector."""
    return combining(character) != 0 or category(character) in ("Mn", "Me", "Cf")


def _named(character: str) -> str:
    if character == " ":
        return "space"
    return character if character.isprintable() else f"U+{ord(character):04X}"
