"""Signs that grow: delimiters, bars, roots, braces and frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from seqtui.tex.box import Box, beside, blank, line, stack
from seqtui.tex.glyphs import Glyph


class Strokes(NamedTuple):
    """What lines are drawn with. `tall`: top, middle, filling and bottom of each delimiter."""

    bar: str
    upright: str
    corners: str
    hook: str
    under: tuple[str, str, str]
    over: tuple[str, str, str]
    tall: Mapping[str, Sequence[str]]


UNICODE = Strokes(
    bar="─",
    upright="│",
    corners="┌┐└┘",
    hook="╲",
    under=("└", "┬", "┘"),
    over=("┌", "┴", "┐"),
    tall={
        "(": "⎛⎜⎜⎝",
        ")": "⎞⎟⎟⎠",
        "[": "⎡⎢⎢⎣",
        "]": "⎤⎥⎥⎦",
        "{": "⎧⎨⎪⎩",
        "}": "⎫⎬⎪⎭",
        "|": "││││",
        "‖": "‖‖‖‖",
        "⌊": "⎢⎢⎢⎣",
        "⌋": "⎥⎥⎥⎦",
        "⌈": "⎡⎢⎢⎢",
        "⌉": "⎤⎥⎥⎥",
        "⟨": "╱⟨╱╲",
        "⟩": "╲⟩╲╱",
        "/": "╱╱╱╱",
        "\\": "╲╲╲╲",
        "↑": "↑│││",
        "↓": "│││↓",
    },
)
ASCII = Strokes(
    bar="-",
    upright="|",
    corners="++++",
    hook="\\",
    under=("'", "+", "'"),
    over=(".", "+", "."),
    tall={
        "(": "/||\\",
        ")": "\\||/",
        "[": "[[[[",
        "]": "]]]]",
        "{": "/<|\\",
        "}": "\\>|/",
        "|": "||||",
        "‖": ("||", "||", "||", "||"),
        "⌊": "|||L",
        "⌋": "|||J",
        "⌈": "[|||",
        "⌉": "]|||",
        "⟨": "/</\\",
        "⟩": "\\>\\/",
        "/": "////",
        "\\": "\\\\\\\\",
        "↑": "^|||",
        "↓": "|||v",
    },
)


class Pen:
    """Draws the signs that grow with what they stand beside."""

    def __init__(self, ascii: bool) -> None:
        self.ascii = ascii
        self.strokes = ASCII if ascii else UNICODE

    def delimiter(self, glyph: Glyph, like: Box) -> Box:
        """A delimiter as tall as a box."""
        text = glyph.ascii if self.ascii else glyph.text
        if not text or like.height == 1:
            return line(text)
        top, middle, filling, bottom = tuple(self.strokes.tall[glyph.text])
        rows = [top, *[filling] * (like.height - 2), bottom]
        centre = like.baseline
        if 0 < centre < like.height - 1:
            rows[centre] = middle
            if glyph.text in "⟨⟩":
                rows[centre + 1 :] = [bottom] * (like.height - centre - 1)
        return stack([line(row) for row in rows], centre)

    def fenced(self, left: Glyph, box: Box, right: Glyph) -> Box:
        """A box between two delimiters."""
        return beside((self.delimiter(left, box), box, self.delimiter(right, box)))

    def bar(self, width: int) -> Box:
        """The line of a fraction."""
        return line(self.strokes.bar * width)

    def root(self, body: Box) -> Box:
        """A root over a box: a line over one row, a hook before several."""
        if body.height == 1:
            sign = line("\\/" if self.ascii else "√")
            over = beside((blank(sign.width), line("_" * body.width)))
            return stack((over, beside((sign, body))), 1, "left")
        bar, upright = self.strokes.bar, self.strokes.upright
        rows = [line(" " + self.strokes.corners[0] + bar * body.width)]
        for i in range(body.height):
            hook = self.strokes.hook if i == body.height - 1 else " "
            row = Box((body.rows[i],), body.width)
            rows.append(beside((line(hook + upright), row)))
        return stack(rows, body.baseline + 1, "left")

    def brace(self, width: int, over: bool) -> Box:
        """A horizontal brace with its point towards the label."""
        width = max(width, 3)
        left, point, right = self.strokes.over if over else self.strokes.under
        before = (width - 3) // 2
        bar = self.strokes.bar
        return line(left + bar * before + point + bar * (width - 3 - before) + right)

    def frame(self, box: Box) -> Box:
        """A box in a frame."""
        corners, upright = self.strokes.corners, self.strokes.upright
        side = stack([line(upright)] * box.height, box.baseline)
        middle = beside((side, blank(1), box, blank(1), side))
        bar = self.strokes.bar * (box.width + 2)
        edges = line(corners[0] + bar + corners[1]), line(corners[2] + bar + corners[3])
        return stack((edges[0], middle, edges[1]), box.baseline + 1)

    def accent(self, sign: str, width: int) -> Box:
        """The row of an accent over several letters: a line or arrow along them, or one sign."""
        if sign in ("_", "‾", "-"):
            return line(sign * width)
        if sign in ("→", ">"):
            return line(self.strokes.bar * (width - 1) + sign)
        if sign in ("←", "<"):
            return line(sign + self.strokes.bar * (width - 1))
        return line(sign)
