"""One panel of a bench: units over steps, drawn a line at a time."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.binding import BindingType
from textual.events import Click
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from seqtui.tui.keys import key
from seqtui.tui.render.heat import Frame, line


class PanelView(Widget, can_focus=True):
    """A heatmap of one signal. What it shows arrives as a Frame; what is done to it leaves as messages."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        key("unit_up", "up", "unit(-1)", show=False),
        key("unit_down", "down", "unit(1)"),
        key("unit_page_up", "pageup", "unit(-10)", show=False),
        key("unit_page_down", "pagedown", "unit(10)", show=False),
        key("inside", "enter", "inside"),
    ]
    DEFAULT_CSS = "PanelView { height: 1fr; width: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"panel--strong", "panel--faint"}

    frame: reactive[Frame | None] = reactive(None, always_update=True, layout=False)

    class UnitMoved(Message):
        """The cursor was moved some rows."""

        def __init__(self, rows: int) -> None:
            self.rows = rows
            super().__init__()

    class CellChosen(Message):
        """A cell was chosen: by mouse with its place, by Enter the one under the cursor (None, None)."""

        def __init__(self, signal: str, step: int | None, unit: int | None, inside: bool) -> None:
            self.signal, self.step, self.unit, self.inside = signal, step, unit, inside
            super().__init__()

    class LookedAt(Message):
        """This panel got the focus."""

        def __init__(self, signal: str) -> None:
            self.signal = signal
            super().__init__()

    def __init__(self, signal: str) -> None:
        super().__init__()
        self.signal = signal
        self._styles: tuple[Style, Style, Style] | None = None  # the same for all its lines

    def get_line_filters(self) -> list[LineFilter]:
        """Every filter but the one that rebuilds each Segment: half of a frame for nothing."""
        return [f for f in super().get_line_filters() if not isinstance(f, ANSIToTruecolor)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Its header and its units."""
        return self.frame.layout.panel_height if self.frame else 1

    def render_line(self, y: int) -> Strip:
        """One row."""
        if self._styles is None:
            base = self.rich_style
            strong = self.get_component_rich_style("panel--strong", partial=True)
            faint = self.get_component_rich_style("panel--faint", partial=True)
            self._styles = (base, base + strong, base + faint)
        if self.frame is None:
            return Strip.blank(self.size.width, self._styles[0])
        return line(self.frame, y, self.size.width, *self._styles, focused=self.has_focus)

    def notify_style_update(self) -> None:
        """Take the colours of another theme."""
        self._styles = None
        super().notify_style_update()

    def action_unit(self, rows: int) -> None:
        """Move the cursor."""
        self.post_message(self.UnitMoved(rows))

    def action_inside(self) -> None:
        """Go inside the cell under the cursor."""
        self.post_message(self.CellChosen(self.signal, None, None, inside=True))

    def on_focus(self) -> None:
        """Say that this panel is looked at."""
        self.refresh()
        self.post_message(self.LookedAt(self.signal))

    def on_blur(self) -> None:
        """Look at rest again."""
        self.refresh()

    def on_click(self, event: Click) -> None:
        """Choose a cell; a second click on the chosen one goes inside."""
        frame = self.frame
        if frame is None:
            return
        event.stop()
        step, unit = frame.step_at(event.x), frame.unit_at(event.y - frame.layout.header)
        same = (step, unit) == (frame.step, frame.unit)
        self.post_message(self.CellChosen(self.signal, step, unit, inside=same or event.chain > 1))
