"""The row of tokens: the one of this step framed, each of them a place to click."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from seqtui.glyphs import width as columns_of
from seqtui.panels import View, window
from seqtui.panels.lines import token_cells
from seqtui.sentences import say
from seqtui.signals import Trace
from seqtui.tui.render.ramp import Look


class TokenLine(Widget):
    """`reads ‹ m a[r]i a ›          step 4 of 6`."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "TokenLine { height: 1; width: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tokens--here", "tokens--later"}

    view: reactive[View | None] = reactive(None, always_update=True)

    class StepChosen(Message):
        """A token was clicked."""

        def __init__(self, step: int) -> None:
            self.step = step
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[int, int, int]] = []
        self.look = Look()
        self._trace: Trace | None = None
        self._cells: list[str] = []
        self._widths: list[int] = []

    def render_line(self, y: int) -> Strip:
        """The row; remembers where each token stands."""
        base = self.rich_style
        view, width = self.view, self.size.width
        if view is None or y:
            return Strip.blank(width, base)
        left, right = self.look.text("◂"), self.look.text("▸")
        head = say("bench.reads") + " "
        tail = "  " + say("bench.step", step=view.step, steps=view.trace.steps)
        if len(head) + len(tail) > width // 2:
            head = ""
        room = max(4, width - len(head) - len(tail) - 4)
        cells, widths = self._cells_of(view.trace)
        first, last = _seen(widths, view.step - 1, room)
        here = base + self.get_component_rich_style("tokens--here", partial=True)
        later = base + self.get_component_rich_style("tokens--later", partial=True)
        segments = [Segment(head + (left if first else " "), base)]
        x = sum(segment.cell_length for segment in segments)
        self._places = []
        for i in range(first, last):
            framed = i == view.step - 1
            text = f"[{cells[i]}]" if framed else cells[i]
            after_frame = i == view.step
            gap = "" if i == first or framed or after_frame else " "
            style = here if framed else later if i >= view.step else base
            segments += [Segment(gap, base), Segment(text, style)]
            x += len(gap)
            self._places.append((x, x + columns_of(text), i + 1))
            x += columns_of(text)
        segments.append(Segment(right if last < len(cells) else " ", base))
        strip = Strip(segments)
        return Strip.join([strip.crop_extend(0, width - len(tail), base), Strip([Segment(tail, later)])])

    def _cells_of(self, trace: Trace) -> tuple[list[str], list[int]]:
        """The tokens as they are shown and their widths with a gap; made once for each trace."""
        if self._trace is not trace:
            self._trace, self._cells = trace, [self.look.text(cell) for cell in token_cells(trace)]
            self._widths = [columns_of(cell) + 1 for cell in self._cells]
        return self._cells, self._widths

    def on_click(self, event: Click) -> None:
        """Go to the token that was clicked."""
        for start, end, step in self._places:
            if start <= event.x < end and self.view is not None and step <= self.view.trace.steps:
                self.post_message(self.StepChosen(step))
                event.stop()
                return


def _seen(widths: list[int], cursor: int, room: int) -> tuple[int, int]:
    """The first and the last + 1 of the tokens that fit around the cursor."""
    if sum(widths) + 1 <= room:
        return 0, len(widths)
    widest = max(widths[max(0, cursor - room) : cursor + room], default=2)
    shown = max(1, (room - 2) // widest)
    first = window(min(cursor, len(widths) - 1), len(widths), shown)
    return first, min(first + shown, len(widths))
