"""Boxes of characters: set beside each other on one baseline, or stacked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from seqtui.tex.error import TexError
from seqtui.tex.spans import Row, Span, joined, text_width

MAX_CELLS = 200_000

Align = Literal["left", "center", "right"]


class Box(NamedTuple):
    """Rows of equal `width`; the row `baseline` (from 0) stands level with what is beside the box."""

    rows: tuple[Row, ...]
    width: int
    baseline: int = 0

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.rows)


def line(text: str, style: str = "") -> Box:
    """A box of one row."""
    return Box(((Span(text, style),) if text else (),), text_width(text))


def of_row(row: Row) -> Box:
    """A box around one finished row."""
    return Box((row,), sum(text_width(span.text) for span in row))


def blank(width: int, height: int = 1, baseline: int = 0) -> Box:
    """An empty box."""
    return Box((_spaces(width),) * height, width, baseline)


def beside(boxes: Iterable[Box]) -> Box:
    """Boxes from left to right, their baselines level."""
    shown = [box for box in boxes if box.width]
    if not shown:
        return blank(0)
    above = max(box.baseline for box in shown)
    below = max(box.height - box.baseline for box in shown)
    width = sum(box.width for box in shown)
    bounded(width, above + below)
    rows = []
    for i in range(-above, below):
        cells = (
            box.rows[box.baseline + i] if 0 <= box.baseline + i < box.height else _spaces(box.width)
            for box in shown
        )
        rows.append(joined(cells))
    return Box(tuple(rows), width, above)


def stack(boxes: Sequence[Box], baseline: int, align: Align = "center") -> Box:
    """Boxes from top to bottom; `baseline` is the row of the result that stands level."""
    width = max(box.width for box in boxes)
    bounded(width, sum(box.height for box in boxes))
    rows = [row for box in boxes for row in padded(box, width, align).rows]
    return Box(tuple(rows), width, baseline)


def padded(box: Box, width: int, align: Align = "center") -> Box:
    """A box made wider with empty columns."""
    missing = width - box.width
    if missing <= 0:
        return box
    before = {"left": 0, "center": missing // 2, "right": missing}[align]
    left, right = _spaces(before), _spaces(missing - before)
    return Box(tuple(joined((left, row, right)) for row in box.rows), width, box.baseline)


def _spaces(width: int) -> Row:
    return (Span(" " * width),) if width else ()


def bounded(width: int, height: int) -> None:
    """Raise TexError for a box that no one could read, before it fills the memory."""
    if width * height > MAX_CELLS:
        raise TexError(f"a formula of {width:,} columns and {height:,} rows is too large to draw", 1)
