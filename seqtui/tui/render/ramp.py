"""The two colour ramps: signed (blue – ground – orange) and unsigned (ground – green), 32 levels each.

Blue against orange and one green that only grows lighter stay apart for the colour-blind; lightness alone
tells small from large. Each ramp exists for dark and for light grounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from seqtui.glyphs import to_ascii
from seqtui.panels.panel import LEVELS, ZERO
from seqtui.panels.text import glyph

RGB = tuple[int, int, int]

DARK: dict[str, RGB] = {
    "ground": (24, 26, 31),
    "low": (66, 150, 250),
    "high": (255, 150, 40),
    "one": (90, 225, 120),
}
LIGHT: dict[str, RGB] = {
    "ground": (236, 238, 242),
    "low": (8, 84, 196),
    "high": (200, 88, 0),
    "one": (0, 110, 45),
}


SAMPLE = {False: (0, 8, 16, 24, LEVELS - 1), True: (1, 8, ZERO, 24, LEVELS - 1)}
"""The levels of a ramp that a legend shows, by whether it is signed."""


@dataclass(frozen=True)
class Look:
    """How cells are drawn: on a dark ground or a light one, in colour, in glyphs, or in ASCII alone."""

    dark: bool = True
    glyphs: bool = False
    ascii: bool = False

    def text(self, text: str) -> str:
        """What the interface says, in ASCII where nothing else may be drawn."""
        return to_ascii(text) if self.ascii else text


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """A colour `share` of the way from a to b."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


@cache
def colours(signed: bool, dark: bool) -> tuple[RGB, ...]:
    """The 32 colours of a ramp, by level."""
    ends = DARK if dark else LIGHT
    if not signed:
        return tuple(
            mix(ends["ground"], ends["one"], (level / (LEVELS - 1)) ** 0.85) for level in range(LEVELS)
        )
    found = []
    for level in range(LEVELS):
        size = min(1.0, abs(level - ZERO) / (ZERO - 1))
        found.append(mix(ends["ground"], ends["high" if level > ZERO else "low"], size**0.85))
    return tuple(found)


@cache
def cell_style(level: int, signed: bool, dark: bool) -> Style:
    """The background of a level, with a foreground that can be read on it."""
    if level < 0:
        return Style(color="white", bgcolor="red", bold=True)
    r, g, b = colours(signed, dark)[level]
    light = 0.3 * r + 0.59 * g + 0.11 * b > 128
    return Style(color="#000000" if light else "#ffffff", bgcolor=Color.from_rgb(r, g, b))


@cache
def cell(level: int, signed: bool, columns: int, look: Look, base: Style) -> Segment:
    """One cell, `columns` wide; the same Segment for the same cell, so that nothing is built twice."""
    if look.glyphs:
        return Segment(glyph(level, signed=signed, ascii=look.ascii)[:columns].ljust(columns), base)
    style = cell_style(level, signed, look.dark)
    text = ("!" if level < 0 else " ") * columns
    return Segment(text, style)


@cache
def cursor_cell(level: int, signed: bool, columns: int, look: Look, strong: Style) -> Segment:
    """The cell under the cursor: bracketed in colour; a glyph says its level, and is pointed at."""
    if look.glyphs:
        return cell(level, signed, columns, look, strong)
    style = cell_style(level, signed, look.dark) + Style(bold=True)
    return Segment("[]" if columns == 2 else "◆", style)


def tone(name: str, look: Look) -> str:
    """The full colour at an end of a ramp, as a style: low, high (signed) or one (unsigned)."""
    if look.glyphs:
        return ""
    return "rgb({},{},{})".format(*(DARK if look.dark else LIGHT)[name])
