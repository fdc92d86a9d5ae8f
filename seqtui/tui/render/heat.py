"""Panel → Strips: one line of a heatmap at a time, with what stands above and before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from seqtui.glyphs import end, fit, visible
from seqtui.glyphs import width as columns_of
from seqtui.panels import Layout, Panel, window
from seqtui.panels.layout import LABEL
from seqtui.tui.render.ramp import SAMPLE, Look, cell, cursor_cell


@dataclass(frozen=True, eq=False)
class Frame:
    """What part of a panel is seen: its steps, its rows of units, and the cursor.

    order: the unit of every row. name: what a unit is called, before its row; else None.
    """

    panel: Panel
    title: str
    tokens: Sequence[str]
    layout: Layout
    order: Sequence[int]
    step: int
    unit: int
    name: Callable[[int], str] | None
    look: Look

    @property
    def first_step(self) -> int:
        """The first step that is seen, counted from 1."""
        return window(self.step - 1, self.panel.steps, self.layout.steps) + 1

    @property
    def last_step(self) -> int:
        """The last step that has a column."""
        return min(self.first_step + self.layout.steps - 1, self.panel.steps)

    @property
    def first_row(self) -> int:
        """The first row of units that is seen."""
        order = list(self.order)
        here = order.index(self.unit) if self.unit in order else 0
        return window(here, len(order), self.layout.units)

    def unit_at(self, row: int) -> int | None:
        """The unit in a row below the header; None beyond the last."""
        place = self.first_row + row
        return self.order[place] if 0 <= row < self.layout.units and place < len(self.order) else None

    def step_at(self, column: int) -> int | None:
        """The step in a column of the widget; None where there is none."""
        place = (column - (LABEL if self.name else 0)) // self.layout.cell
        step = self.first_step + place
        return step if place >= 0 and step <= self.last_step else None


def line(
    frame: Frame, y: int, width: int, base: Style, strong: Style, faint: Style, *, focused: bool = False
) -> Strip:
    """One row of a panel: its name, its tokens, or a unit. focused: the panel has the keys."""
    before = " " * LABEL if frame.name else ""
    if y == 0:
        segments = _title(frame, before, base, strong, focused)
    elif y == 1 and frame.layout.header == 2:
        segments = _tokens(frame, before, base, strong, faint)
    else:
        segments = _cells(frame, y - frame.layout.header, base, strong, faint)
    strip = Strip(segments)
    return strip.crop_extend(0, width, base)


def _title(frame: Frame, before: str, base: Style, strong: Style, focused: bool) -> list[Segment]:
    """The name, marked where it has the keys; a panel that stands alone has its scale beside it."""
    room = max(frame.layout.slot - 1, 1)
    mark = frame.look.text("▸") if focused else ""
    style = strong + Style(underline=True) if focused else base
    title = mark + short_title(frame.title, room - len(mark))
    scale = _scale(frame, base) if frame.layout.single else []
    left = room - columns_of(title) - sum(segment.cell_length for segment in scale)
    if left < 2:
        scale, left = [], room - columns_of(title)
    return [Segment(before, base), Segment(title, style), Segment(" " * left, base), *scale]


def _scale(frame: Frame, base: Style) -> list[Segment]:
    """`0 ░▒▓█ 1`: the two ends of the ramp in digits, and what lies between."""
    panel = frame.panel
    low, high = end(panel.low), end(panel.high, sign=panel.signed)
    cells = [cell(level, panel.signed, 2, frame.look, base) for level in SAMPLE[panel.signed]]
    return [Segment(frame.look.text(f"{low} "), base), *cells, Segment(f" {high}", base)]


def short_title(title: str, room: int) -> str:
    """`candidate g` in so many columns: `cand. g`; the symbol stays."""
    if columns_of(title) <= room:
        return title
    name, _, symbol = title.rpartition(" ")
    keep = room - columns_of(symbol) - 2
    return f"{name[: min(keep, 4)]}. {symbol}" if keep > 1 and name else symbol


def _tokens(frame: Frame, before: str, base: Style, strong: Style, faint: Style) -> list[Segment]:
    """The tokens over their columns, the one of this step framed; ◂ ▸ where there are more."""
    cell_width, first, last = frame.layout.cell, frame.first_step, frame.last_step
    segments, dot = [Segment(before, base)], frame.look.text("·")
    for step in range(first, last + 1):
        token = frame.look.text(visible(frame.tokens[step - 1]))
        here = step == frame.step
        if cell_width == 1:
            text = token if columns_of(token) == 1 else dot
        else:
            text = fit(token, 2) if columns_of(token) > 1 else token + ("]" if here else " ")
        style = strong if here else faint if step > frame.step else base
        if here and cell_width == 1:
            style += Style(reverse=True)
        if step + 1 == frame.step and cell_width == 2 and columns_of(token) == 1:
            text = token + "["
        segments.append(Segment(text, style))
    if first > 1:
        segments[0] = Segment(before[:-1] + frame.look.text("◂") if before else before, base)
    if last < frame.panel.steps:
        segments.append(Segment(frame.look.text("▸"), faint))
    return segments


def _cells(frame: Frame, row: int, base: Style, strong: Style, faint: Style) -> list[Segment]:
    """A unit: its number, its cells so far, a dot for every step to come."""
    unit = frame.unit_at(row)
    if unit is None:
        return []
    here, look = unit == frame.unit, frame.look
    segments = []
    if frame.name:
        name = frame.name(unit)
        text = f"{look.text('▸') if here else ' '}{' ' * (3 - columns_of(name))}{look.text(name)}  "
        segments.append(Segment(text, strong if here else faint))
    panel, columns = frame.panel, frame.layout.cell
    if unit >= panel.units:
        return segments
    levels = panel.levels[unit]
    for step in range(frame.first_step, min(frame.step, frame.last_step) + 1):
        level = int(levels[step - 1])
        if here and step == frame.step:
            segments.append(cursor_cell(level, panel.signed, columns, look, strong))
        else:
            segments.append(cell(level, panel.signed, columns, look, base))
    coming = (look.text("·") + " " * (columns - 1)) * max(0, frame.last_step - frame.step)
    if here and look.glyphs:  # the cursor's cell is the last that is drawn
        segments.append(Segment(look.text("◂"), strong))
        coming = coming[1:]
    segments.append(Segment(coming, faint))
    return segments
