"""A list with a cursor: keys, wheel, clicks, which rows are seen. A subclass says what a row looks like."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from seqtui.glyphs import to_ascii
from seqtui.tui.keys import key


class RowList(Widget, can_focus=True):
    """Rows, the cursor on one of them. Enter, or a click on the row under the cursor, opens it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--here", "rows--faint", "rows--mark"}
    DEFAULT_CSS = """
    RowList {
        height: 1fr; width: 1fr;
        & > .rows--here { text-style: bold; }
        &:focus > .rows--here {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        & > .rows--faint { text-style: dim; }
        & > .rows--mark { color: $text-success; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        key("choose_up", "up", "choose(-1)", show=False),
        key("choose", "down", "choose(1)"),
        key("choose_page_up", "pageup", "choose(-10)", show=False),
        key("choose_page_down", "pagedown", "choose(10)", show=False),
        key("choose_first", "home", "choose(-999)", show=False),
        key("choose_last", "end", "choose(999)", show=False),
        key("open", "enter", "open"),
    ]

    cursor: reactive[int] = reactive(0)
    ascii: bool = False

    class Moved(Message):
        """The cursor is on another row."""

    class Opened(Message):
        """A row is to be opened."""

        def __init__(self, rows: RowList, row: int) -> None:
            self.rows, self.row = rows, row
            super().__init__()

        @property
        def control(self) -> RowList:
            """The list that the row is in."""
            return self.rows

    # ---- what a subclass says --------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def segments(self, place: int, here: bool, columns: int) -> list[Segment]:
        """One row."""
        raise NotImplementedError

    def clicked(self, place: int, x: int) -> bool:
        """A click at a column of a row: True if that was all that it meant."""
        return False

    # ---- the cursor ------------------------------------------------------------------------------

    def validate_cursor(self, cursor: int) -> int:
        """Kept inside the list."""
        return min(max(cursor, 0), max(self.count - 1, 0))

    def watch_cursor(self) -> None:
        """Say so."""
        self.post_message(self.Moved())

    def rows_changed(self) -> None:
        """Other rows: keep the cursor inside them."""
        self.cursor = self.validate_cursor(self.cursor)
        self.refresh(layout=True)
        self.post_message(self.Moved())

    @property
    def first(self) -> int:
        """The first row that is seen."""
        shown = self.size.height
        return min(max(0, self.cursor + 2 - shown), max(0, self.count - shown))

    def action_choose(self, by: int) -> None:
        """Some rows down or up."""
        self.cursor += by

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.count:
            self.post_message(self.Opened(self, self.cursor))

    # ---- drawing and mouse -----------------------------------------------------------------------

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line for each row."""
        return self.count

    def render_line(self, y: int) -> Strip:
        """One row; the one under the cursor in one style."""
        base, columns, place = self.rich_style, self.size.width, self.first + y
        if not 0 <= place < self.count:
            return Strip.blank(columns, base)
        here = place == self.cursor
        over = base + self.get_component_rich_style("rows--here", partial=True) if here else None
        found = [
            Segment(to_ascii(text) if self.ascii else text, over or base + (style or Style.null()))
            for text, style, _ in self.segments(place, here, columns)
        ]
        return Strip(found).crop_extend(0, columns, over or base)

    @property
    def faint(self) -> Style:
        """For what matters less."""
        return self.get_component_rich_style("rows--faint", partial=True)

    @property
    def marked(self) -> Style:
        """For what is marked."""
        return self.get_component_rich_style("rows--mark", partial=True)

    def on_click(self, event: Click) -> None:
        """Choose a row; a click on the chosen one opens it."""
        place = self.first + event.y
        if place >= self.count:
            return
        event.stop()
        before, self.cursor = self.cursor, place
        if not self.clicked(place, event.x) and (place == before or event.chain > 1):
            self.action_open()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.cursor += 1

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.cursor -= 1
