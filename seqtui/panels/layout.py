"""Where the panels of a bench stand, and which steps and units of them are seen. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

LABEL = 6
"""Columns for `▸ 12 ` before the first panel of a row."""


@dataclass(frozen=True)
class Layout:
    """columns × rows panels, each `slot` columns wide; cells are `cell` columns a step.

    single: one panel at a time, Tab goes through them. header: rows above the cells of each panel (its
    name, and the tokens where there is room).
    """

    columns: int
    rows: int
    slot: int
    cell: int
    header: int
    units: int
    steps: int
    single: bool

    @property
    def panel_height(self) -> int:
        """Rows of one panel with its header."""
        return self.header + self.units


def arrange(width: int, height: int, panels: int, steps: int, units: int, *, narrow_cells: bool) -> Layout:
    """The layout for a space of width × height: all abreast if they fit, else in two rows, else one by one.

    narrow_cells: cells may be one column wide (colour); glyphs always need two.
    """
    panels = max(panels, 1)
    abreast = _try(width, height, panels, 1, steps, units, narrow_cells)
    stacked = _try(width, height, -(-panels // 2), 2, steps, units, narrow_cells) if panels > 1 else None
    found = [layout for layout in (abreast, stacked) if layout and layout.units >= min(units, 6)]
    found = [layout for layout in found if layout.steps >= min(steps, 5)]
    if not found:
        return _single(width, height, steps, units, narrow_cells)
    # ten units in sight first, then cells two columns wide, then all panels in one row
    return max(found, key=lambda layout: (min(layout.units, 10), layout.cell, -layout.rows))


def _try(
    width: int, height: int, columns: int, rows: int, steps: int, units: int, narrow: bool
) -> Layout | None:
    """Panels in `columns` columns and `rows` rows, or None where a panel would be too small to read."""
    slot = (width - LABEL) // columns
    if slot < 9:
        return None
    header = 2 if height // rows >= min(units, 12) + 2 else 1
    shown = min(units, height // rows - header)
    if shown < 1:
        return None
    cell = _cell(slot - 1, steps, narrow)
    return Layout(columns, rows, slot, cell, header, shown, min(steps, (slot - 1) // cell), False)


def _single(width: int, height: int, steps: int, units: int, narrow: bool) -> Layout:
    slot = max(width - LABEL, 4)
    header = 2 if height >= 4 else 1
    cell = _cell(slot - 1, steps, narrow)
    shown = max(1, min(units, height - header))
    return Layout(1, 1, slot, cell, header, shown, max(1, min(steps, (slot - 1) // cell)), True)


def _cell(room: int, steps: int, narrow: bool) -> int:
    """2 columns a step while they all fit, then 1, then a window of them."""
    return 1 if narrow and steps * 2 > room else 2


def window(cursor: int, count: int, shown: int) -> int:
    """The first of `shown` places out of `count` so that `cursor` and the next are seen.

    All count from 0. The window only moves when it must, from the front.
    """
    if shown >= count:
        return 0
    return min(max(0, cursor + 2 - shown), count - shown)
