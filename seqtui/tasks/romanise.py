"""Hangul in Latin letters: the Revised Romanization of Korean (2000), as it is used for personal names.

Written syllable by syllable, without the sound changes between syllables (복남 is boknam); a final
consonant before a vowel is spoken, and written, with that vowel (석인 is seogin).
"""

from __future__ import annotations

from unicodedata import normalize

FIRST_SYLLABLE, LAST_SYLLABLE = 0xAC00, 0xD7A3
N_VOWELS, N_FINALS = 21, 28


def _row(letters: str) -> tuple[str, ...]:
    """Spellings in Unicode's order of the letters; `-` is one that is not heard."""
    return tuple("" if spelling == "-" else spelling for spelling in letters.split())


INITIALS = _row("g kk n d tt r m b pp s ss - j jj ch k t p h")
VOWELS = _row("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")

FINALS = _row("- k k k n n n t l k m l l l p l m p p t t ng t t k t p t")
"""As they sound at the end of a word or before a consonant."""

LINKED = _row("- g kk ks n nj n d r lg lm lb ls lt lp r m b ps s ss ng j ch k t p -")
"""As they sound before a vowel."""

SILENT_INITIAL, INITIAL_R, FINAL_L = 11, 5, 8

JAMO_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
JAMO_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
JAMO = dict(zip(JAMO_INITIALS, INITIALS, strict=True)) | dict(zip(JAMO_VOWELS, VOWELS, strict=True))
"""Letters that stand alone, as in ㅋㅋ: a consonant as if it began a syllable, ㅇ as ng."""
JAMO["ㅇ"] = "ng"


def romanise(text: str) -> str:
    """The text with every Hangul syllable and single letter in Latin letters; the rest as it is."""
    composed = normalize("NFC", text)
    pieces = []
    for place, character in enumerate(composed):
        parts = _parts(character)
        if parts is None:
            pieces.append(JAMO.get(character, character))
            continue
        initial, vowel, final = parts
        before = _parts(composed[place - 1]) if place else None
        # 달래 is dallae: after a final ㄹ the next one is an l.
        first = "l" if before and before[2] == FINAL_L and initial == INITIAL_R else INITIALS[initial]
        after = _parts(composed[place + 1]) if place + 1 < len(composed) else None
        linked = after is not None and after[0] == SILENT_INITIAL
        pieces.append(first + VOWELS[vowel] + (LINKED if linked else FINALS)[final])
    return "".join(pieces)


def _parts(character: str) -> tuple[int, int, int] | None:
    """Initial, vowel and final of a syllable, by their place in Unicode's order; None for anything else."""
    code = ord(character)
    if not FIRST_SYLLABLE <= code <= LAST_SYLLABLE:
        return None
    rest, final = divmod(code - FIRST_SYLLABLE, N_FINALS)
    initial, vowel = divmod(rest, N_VOWELS)
    return initial, vowel, final
