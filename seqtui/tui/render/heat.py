"""Panel → Strips: one line of a heatmap at a time, with what stands above and before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from seqtui.glyphs import fit, visible
from seqtui.glyphs import width as columns_of
from seqtui.panels import Layout, Panel, window
from seqtui.panels.layout import LABEL
from seqtui.tui.render.ramp import Look, cell, cursor_cell


@dataclass(frozen=True, eq=False)
class Frame:
    """What part of a panel is seen: its steps, its rows of units, and the cursor.

    order: the unit of every row. labels: whether unit numbers stand before it.
    """

    panel: Panel
    title: str
    tokens: Sequence[str]
    layout: Layout
    order: Sequence[int]
    step: int
    unit: int
    labels: bool
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
        place = (column - (LABEL if self.labels else 0)) // self.layout.cell
        step = self.first_step + place
        return step if place >= 0 and step <= self.last_step else None


def line(
    frame: Frame, y: int, width: int, base: Style, strong: Style, faint: Style, *, focused: bool = False
) -> Strip:
    """One row of a panel: its name, its tokens, or a unit. focused: the panel has the keys."""
    before = " " * LABEL if frame.labels else ""
    if y == 0:
        segments = _title(frame, before, base, strong, focused)
    elif y == 1 and frame.layout.header == 2:
        segments = _tokens(frame, before, base, strong, faint)
    else:
        segments = _cells(frame, y - frame.layout.header, base, strong, faint)
    strip = Strip(segments)
    return strip.crop_extend(0, width, base)


def _title(frame: Frame, before: str, base: Style, strong: Style, focused: bool) -> list[Segment]:
    room = max(frame.layout.slot - 1, 1)
    mark = "▸" if focused else ""
    style = strong + Style(underline=True) if focused else base
    return [
        Segment(before, base),
        Segment(fit(mark + short_title(frame.title, room - len(mark)), room), style),
    ]


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
    segments = [Segment(before, base)]
    for step in range(first, last + 1):
        token = visible(frame.tokens[step - 1])
        here = step == frame.step
        if cell_width == 1:
            text = token if columns_of(token) == 1 else "·"
        else:
            text = fit(token, 2) if columns_of(token) > 1 else token + ("]" if here else " ")
        style = strong if here else faint if step > frame.step else base
        if here and cell_width == 1:
            style += Style(reverse=True)
        if step + 1 == frame.step and cell_width == 2 and columns_of(token) == 1:
            text = token + "["
        segments.append(Segment(text, style))
    if first > 1:
        segments[0] = Segment(before[:-1] + "◂" if before else before, base)
    if last < frame.panel.steps:
        segments.append(Segment("▸", faint))
    return segments


def _cells(frame: Frame, row: int, base: Style, strong: Style, faint: Style) -> list[Segment]:
    unit = frame.unit_at(row)
    if unit is None:
        return []
    here = unit == frame.unit
    segments = []
    if frame.labels:
        text = f"{'▸' if here else ' '}{unit:>3}  "
        segments.append(Segment(text, strong if here else faint))
    panel, columns = frame.panel, frame.layout.cell
    if unit >= panel.units:
        return segments
    levels = panel.levels[unit]
    for step in range(frame.first_step, min(frame.step, frame.last_step) + 1):
        level = int(levels[step - 1])
        draw = cursor_cell if here and step == frame.step else cell
        segments.append(draw(level, panel.signed, columns, frame.look))
    coming = max(0, frame.last_step - frame.step)
    segments.append(Segment(("·" + " " * (columns - 1)) * coming, faint))
    return segments
