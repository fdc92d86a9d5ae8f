"""TeX source → tokens. What no terminal can show safely is refused here, before anything is laid out."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

from seqtui.tex.error import TexError
from seqtui.tex.spans import text_width

MAX_LENGTH = 10_000

TokenKind = Literal[
    "command", "newline", "char", "word", "open", "close", "sub", "sup", "amp", "prime", "space"
]


class Token(NamedTuple):
    """A piece of the source: `text` is a command's name or the characters themselves; `column` from 1."""

    kind: TokenKind
    text: str
    column: int


# Hangul, kana and Han are words, with the spaces between them: no one writes a product of syllables.
_WIDE = r"[\u1100-\u11ff\u3040-\u30ff\u3131-\u318e\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]"
_MARKS = r"[\u0300-\u036f\u20d0-\u20dc\u20e1\u20ed-\u20ef]"
_TOKEN = re.compile(
    rf"""\\\\ (?:[ ]*\[[ ]*-?[\d.]+[ ]*(?:pt|em|ex|mu|mm|cm)[ ]*\])?  (?P<newline>)
      | \\ (?P<command> operatorname\* | [A-Za-z]+ | .)
      | (?P<open>\{{) | (?P<close>\}}) | (?P<sub>_) | (?P<sup>\^) | (?P<amp>&) | (?P<prime>['’])
      | (?P<space>[ \t\r\n\u00a0\u2000-\u200a\u3000]+)
      | (?P<word>{_WIDE}+ (?:[ ]+{_WIDE}+)*)
      | (?P<char>\.\.\. | [^\\]{_MARKS}{{0,3}})""",
    re.VERBOSE | re.DOTALL,
)
_RESERVED = {"%": r"\%", "$": r"\$", "#": r"\#"}


def tokens(tex: str) -> list[Token]:
    """Cut `tex` into tokens; raises TexError for what is too long or cannot be shown."""
    if len(tex) > MAX_LENGTH:
        raise TexError(f"{len(tex):,} characters, where a formula has at most {MAX_LENGTH:,}", MAX_LENGTH + 1)
    found = []
    position = 0
    while position < len(tex):
        match = _TOKEN.match(tex, position)
        if match is None or match.lastgroup is None:
            raise TexError("a backslash with nothing after it", position + 1)
        kind: TokenKind = match.lastgroup  # type: ignore[assignment]
        text = match.group(kind)
        if kind in ("char", "word", "command"):
            text = _shown(text, kind, position + 1)
        found.append(Token(kind, text, position + 1))
        position = match.end()
    return found


def refuse_unshowable(text: str, column: int) -> None:
    """Raise TexError at the first character that would move, hide or reorder what stands around it."""
    for offset, char in enumerate(text):
        category = unicodedata.category(char)
        code = f"U+{ord(char):04X}"
        if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            raise TexError(f"the invisible character {code} cannot stand in a formula", column + offset)
        if unicodedata.bidirectional(char) in ("R", "AL", "AN"):
            raise TexError(f"{code} is written from right to left, which a formula is not", column + offset)
        loose_mark = category[0] == "M" and not re.match(_MARKS, char)
        # Regional indicators and skin tones change the width of their neighbours.
        if loose_mark or 0x1F1E6 <= ord(char) <= 0x1F1FF or 0x1F3FB <= ord(char) <= 0x1F3FF:
            raise TexError(f"{code} has no width of its own and cannot stand in a formula", column + offset)


def _shown(text: str, kind: TokenKind, column: int) -> str:
    if kind == "command" and text.isascii() and text.isprintable():
        return text
    if kind == "command" and text in "\t\r\n":
        return " "
    if kind == "char" and text in _RESERVED:
        raise TexError(f"{text} has a meaning of its own in TeX", column, f"write {_RESERVED[text]}")
    refuse_unshowable(text, column)
    text = unicodedata.normalize("NFC", text)
    if text_width(text) < 1:
        raise TexError(f"U+{ord(text[0]):04X} has no letter to stand on", column)
    return text
