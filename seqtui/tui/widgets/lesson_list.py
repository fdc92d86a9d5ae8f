"""The lessons, one a row, with the cursor on one; beside it the map of what builds on what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from seqtui.course.index import LessonEntry
from seqtui.glyphs import clip, fit, to_ascii, width
from seqtui.sentences import say
from seqtui.tui.render.lanes import NODE, lanes
from seqtui.tui.widgets.row_list import RowList

MARKS = {"done": "●", "begun": "◐", "skipped": "○"}
"""The mark of each state; a lesson that was never opened has none."""


@dataclass(frozen=True)
class Row:
    """A lesson and its state on this machine; "" is new. left: what it left, in words."""

    entry: LessonEntry
    state: str = ""
    left: str = ""


class LessonList(RowList):
    """`▸  7 ◐ The LSTM    What do gates buy?    14 m`, a row a lesson."""

    rows: reactive[tuple[Row, ...]] = reactive(())

    @property
    def count(self) -> int:
        """How many lessons are listed."""
        return len(self.rows)

    @property
    def chosen(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def watch_rows(self) -> None:
        """Keep the cursor inside."""
        self.rows_changed()

    def go_to(self, lesson: str) -> None:
        """Put the cursor on a lesson, if it is in the list."""
        for place, row in enumerate(self.rows):
            if row.entry.id == lesson:
                self.cursor = place

    def go_to_number(self, number: int) -> bool:
        """Put the cursor on the lesson of a number; False if there is none in the list."""
        for row in self.rows:
            if row.entry.number == number:
                self.go_to(row.entry.id)
                return True
        return False

    def segments(self, place: int, here: bool, columns: int) -> list[Segment]:
        """One lesson."""
        row = self.rows[place]
        entry = row.entry
        minutes = say("contents.minutes", minutes=entry.minutes) if entry.minutes else ""
        title, question = self._columns(columns)
        return [
            Segment(f"{'▸' if here else ' '}{entry.number:>3} "),
            Segment(MARKS.get(row.state, " ") + " ", self.marked),
            Segment(fit(entry.title, title) + " "),
            Segment(fit(entry.question, question) + f"{minutes:>5} ", self.faint),
        ]

    def is_cut(self, row: Row) -> bool:
        """Whether the list has no room for all of a lesson's question."""
        return width(row.entry.question) > self._columns(self.size.width)[1]

    def _columns(self, columns: int) -> tuple[int, int]:
        """Widths of title and question; without room for questions the titles take it."""
        room = max(columns - 7 - 1 - 6, 8)
        widest = max((width(row.entry.title) for row in self.rows), default=0)
        title = min(widest, 28) if room >= 48 else min(widest, room)
        return title, room - title


class LessonMap(Widget):
    """What builds on what, and what each lesson left; the lessons that the chosen one needs stand out."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "LessonMap { height: 1fr; width: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"map--needed", "map--here", "map--faint"}

    rows: reactive[tuple[Row, ...]] = reactive(())
    chosen: reactive[str] = reactive("")
    ascii: bool = False

    @property
    def needed(self) -> set[str]:
        """Every lesson that the chosen one stands on, directly or not."""
        needs = {row.entry.id: row.entry.requires for row in self.rows}
        found: set[str] = set()
        waiting = [self.chosen]
        while waiting:
            new = [name for name in needs.get(waiting.pop(), ()) if name in needs and name not in found]
            found.update(new)
            waiting += new
        return found

    def render_line(self, y: int) -> Strip:
        """A heading, then a lesson a row."""
        base, columns = self.rich_style, self.size.width
        faint = base + self.get_component_rich_style("map--faint", partial=True)
        if y == 0:
            return Strip([Segment(" " + say("contents.map"), faint)]).crop_extend(0, columns, base)
        place = self._first + y - 1
        if place >= len(self.rows):
            return Strip.blank(columns, base)
        needs = {row.entry.id: row.entry.requires for row in self.rows}
        drawn = lanes([row.entry.id for row in self.rows], needs)
        lane = max(map(width, drawn), default=0)
        segments = self._segments(self.rows[place], drawn[place].ljust(lane), base, faint)
        if self.ascii:
            segments = [Segment(to_ascii(text), style) for text, style, _ in segments]
        return Strip(segments).crop_extend(0, columns, base)

    def _segments(self, row: Row, drawn: str, base: Style, faint: Style) -> list[Segment]:
        entry = row.entry
        style = base
        if entry.id == self.chosen:
            style = base + self.get_component_rich_style("map--here", partial=True)
        elif entry.id in self.needed:
            style = base + self.get_component_rich_style("map--needed", partial=True)
        before, _, after = drawn.partition(NODE)
        title = clip(entry.title, 28)
        room = max(1, self.size.width - width(drawn) - 5 - width(title) - 3)
        return [
            Segment(" " + before, faint),
            Segment(MARKS.get(row.state, "·"), style),
            Segment(after + " ", faint),
            Segment(f"{entry.number:>2} {title}", style),
            Segment("  " + clip(row.left, room), faint),
        ]

    @property
    def _first(self) -> int:
        """The first lesson that is seen: the chosen one always is."""
        ids = [row.entry.id for row in self.rows]
        here = ids.index(self.chosen) if self.chosen in ids else 0
        shown = self.size.height - 1
        return min(max(0, here + 2 - shown), max(0, len(ids) - shown))
