"""Numbers and tokens as they are shown: short, aligned, and never mistaken for something else.

The first screen needs it, so it imports the standard library alone.
"""

from __future__ import annotations

import math
import re

SUBSCRIPTS = str.maketrans("0123456789-", "₀₁₂₃₄₅₆₇₈₉₋")
SHADES = " ░▒▓█"
ASCII_SHADES = " .:*#"


def odd(x: float) -> str:
    """NaN, ∞ or −∞ by name; "" for a finite number."""
    if math.isnan(x):
        return "NaN"
    return ("∞" if x > 0 else "−∞") if math.isinf(x) else ""


def short(x: float, *, sign: bool = False) -> str:
    """Three digits: .002 · 1.39 · −5.68 · 120 · 1.2e5 · 3e-6. With `sign` a plus is written too."""
    if name := odd(x):
        return name
    size = abs(x)
    if size == 0:
        text = "0"
    elif size < 0.0005 or size >= 100_000:
        text = f"{size:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace(".0e", "e")
    elif size < 0.9995:
        text = f"{size:.3f}"[1:]
    else:
        text = f"{size:.{max(0, 2 - int(math.log10(size)))}f}"
    return ("−" if x < 0 else "+" if sign and x > 0 else "") + text


def end(x: float, *, sign: bool = False) -> str:
    """An end of a scale: three digits, and a whole number as it is: 1 · −1 · 2.11."""
    return short(x, sign=sign).removesuffix(".00")


def fixed(x: float, places: int = 2, *, sign: bool = False) -> str:
    """A number with a fixed count of places, as columns of sums need: −5.68."""
    if name := odd(x):
        return name
    text = f"{abs(x):.{places}f}"
    zero = float(text) == 0
    return ("" if zero else "−" if x < 0 else "+" if sign else "") + text


def subscript(n: int) -> str:
    """A whole number below the line: 12 → ₁₂."""
    return str(n).translate(SUBSCRIPTS)


def percent(p: float) -> str:
    """A share in whole percents; less than half of one is <1%."""
    if name := odd(p):
        return name
    return "<1%" if 0 < p < 0.005 else f"{round(100 * p)}%"


NAMED = {" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍", "": "∅"}
JOINERS = "\u200d\ufe0f"


def visible(token: str) -> str:
    """A token with its spaces, line ends and control characters made visible."""
    if token in NAMED:
        return NAMED[token]
    if token.isprintable():
        return token
    return "".join(NAMED.get(c, c if c.isprintable() or c in JOINERS else "�") for c in token)


SINGLE = re.compile("[ -~¡-¬®-ʯͰ-ͷͻ-Ͽ‐-‧‰-⁞⁰ⁱ⁴-₎ₐ-ₜ←-⇿∀-⋿─-▟■-◼]*")
"""Texts in which every character takes one column."""


def width(text: str) -> int:
    """Columns that a text takes; never negative."""
    if SINGLE.fullmatch(text):
        return len(text)
    from wcwidth import wcswidth

    return max(0, wcswidth(text))


def clip(text: str, columns: int, mark: str = "…") -> str:
    """A text cut to so many columns, by whole characters, with a mark where something was cut."""
    if width(text) <= columns:
        return text
    if columns <= width(mark):
        return mark[:columns]
    kept = ""
    for c in text:
        if width(kept + c) > columns - width(mark):
            break
        kept += c
    return kept.rstrip() + mark


def fit(text: str, columns: int) -> str:
    """A text cut or filled with spaces to exactly so many columns."""
    text = clip(text, columns)
    return text + " " * (columns - width(text))


def wrap(text: str, columns: int) -> list[str]:
    """A text in rows of at most so many columns, broken between words; one that is too long keeps its row."""
    rows: list[str] = []
    for word in text.split():
        if rows and width(f"{rows[-1]} {word}") <= columns:
            rows[-1] = f"{rows[-1]} {word}"
        else:
            rows.append(word)
    return rows


EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(share: float, columns: float, *, ascii: bool = False) -> str:
    """A bar of share × columns, in eighths of a column."""
    if not math.isfinite(share):
        return ""
    if ascii:
        return "#" * round(max(0.0, share) * columns)
    eighths = round(max(0.0, share) * columns * 8)
    return "█" * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")


def to_ascii(text: str) -> str:
    """What the interface writes, in ASCII: every sign as one that says the same, at times as a word.

    It can grow longer: what has to fit is fitted afterwards.
    """
    if text.isascii():
        return text
    text = re.sub("(?<=[←→↑↓])(?=[←→↑↓])", " ", text)
    text = re.sub(r"(?<=[\w\])])·(?=[\w.(−])", "*", text)  # a product; elsewhere the point parts words
    text = re.sub(r"…(?=\S)|(?<= )…", "...", text)  # the mark of `clip` stays one column
    return text.replace(" · ", " - ").translate(PLAIN)


PLAIN = str.maketrans(
    {
        "−": "-",
        "·": ".",
        "×": "x",
        "⊙": "*",
        "±": "+-",
        "σ": "sigma",
        "▸": ">",
        "◂": "<",
        "│": "|",
        "─": "-",
        "▌": "|",
        "┌": "+",
        "┐": "+",
        "└": "+",
        "┘": "+",
        "├": "+",
        "┤": "+",
        "┼": "+",
        "┴": "+",
        "┏": "+",
        "┓": "+",
        "┗": "+",
        "┛": "+",
        "━": "=",
        "┃": "|",
        "‹": "<",
        "›": ">",
        "…": "~",
        "→": "->",
        "←": "<-",
        "↑": "Up",
        "↓": "Dn",
        "↵": "Enter",
        "⌫": "Bksp",
        "∞": "inf",
        "●": "*",
        "◐": "o",
        "○": "-",
        "░": ".",
        "▒": ":",
        "▓": "*",
        "█": "#",
        "▾": "v",
        "Σ": "sum",
        "⏎": "/",
        "␣": "_",
        "⇥": ">",
        "␍": "/",
        "∅": "0",
        "�": "?",
        "✓": "v",
        "–": "-",
        "“": '"',
        "”": '"',
        **dict.fromkeys("▏▎▍", "."),
        **dict.fromkeys("▋▊▉", "#"),
        **{s: str(d) for d, s in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    }
)
"""For `--ascii`: box, arrow and shade characters take two columns in some East Asian terminals.

What stands in columns of a fixed width (lines, blocks, marks) is one character for one.
"""
