"""Inside: one number as the sum of its terms; Enter follows one, Backspace returns."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from seqtui.glyphs import clip, fit, fixed, short, to_ascii, width
from seqtui.panels import View
from seqtui.panels.inside import Page, Place, page, rounded, short_name
from seqtui.sentences import say
from seqtui.tui.keys import key
from seqtui.tui.render.ramp import Look, tone


class InsideView(Widget, can_focus=True):
    """A page of Inside in the place of a bench's panels."""

    DEFAULT_CSS = "InsideView { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("line_up", "up", "choose(-1)", show=False),
        key("line_down", "down", "choose(1)"),
        key("line_page_up", "pageup", "choose(-8)", show=False),
        key("line_page_down", "pagedown", "choose(8)", show=False),
        key("follow", "enter", "follow"),
        key("back", "backspace", "back"),
    ]

    view: reactive[View | None] = reactive(None, always_update=True)

    class LineChosen(Message):
        """Another line is under the cursor."""

        def __init__(self, line: int) -> None:
            self.line = line
            super().__init__()

    class Followed(Message):
        """A term is to be followed to where it came from."""

        def __init__(self, place: Place) -> None:
            self.place = place
            super().__init__()

    class Returned(Message):
        """One step of the way back."""

    def __init__(self) -> None:
        super().__init__()
        self.look = Look()
        self._first_row = 0

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        if self.view is None or not self.view.inside:
            return None
        task = self.view.book.task(self.view.scene.task)
        return page(self.view.trace, task, self.view.inside[-1])

    def render(self) -> Content:
        """The page: formula, lines with bars, sum, remarks, the way here."""
        shown, view = self.page, self.view
        if shown is None or view is None:
            return Content("")
        rows = self._rows(shown, view)
        return Content("\n").join(rows)

    def _rows(self, shown: Page, view: View) -> list[Content]:
        columns, height = self.size.width, self.size.height
        rows = [self._text(clip(shown.title, columns), "bold"), self._text(clip(shown.formula, columns))]
        foot = [self._text(clip(text, columns)) for text in self._foot(shown, view, columns)]
        spare = height - len(rows) - len(foot) - bool(shown.lines) - (shown.total is not None)
        if shown.lines:
            rows.append(self._text(self._heading(shown, columns), "dim"))
            self._first_row = len(rows)
            rows += self._lines(shown, columns, max(1, spare), view.choice)
            if shown.total is not None:
                rows.append(self._text(self._sum(shown.total, columns), "bold"))
        gap = max(0, min(1, height - len(rows) - len(foot)))
        return [*rows, *[Content("")] * gap, *foot]

    def _text(self, text: str, style: str = "") -> Content:
        return Content.styled(to_ascii(text) if self.look.ascii else text, style)

    def _columns(self, columns: int) -> tuple[int, int, int]:
        """Widths of label, detail and half a bar; the value has 8."""
        bar = 9 if columns >= 70 else 5
        label = 17 if columns >= 70 else 15
        return label, max(0, columns - 2 - label - 9 - 2 * bar - 2), bar

    def _heading(self, shown: Page, columns: int) -> str:
        label, detail, bar = self._columns(columns)
        what = say("inside.heading_factors" if shown.multiplied else "inside.heading_what")
        text = "  " + fit(what, label + detail) + say("inside.heading_value").rjust(9)
        down, _, up = say("inside.heading_bar").partition(" │ ")
        return text if shown.multiplied else text + " " + down.rjust(bar) + "│" + up

    def _lines(self, shown: Page, columns: int, room: int, choice: int) -> list[Content]:
        label, detail, bar = self._columns(columns)
        values = [line.value for line in shown.lines]
        if shown.total is not None:
            values = rounded(values, shown.total)
        top = max((abs(v) for v in values if v == v), default=0.0) or 1.0
        first = min(max(0, choice - room + 2), max(0, len(shown.lines) - room))
        rows = []
        for number in range(first, min(first + room, len(shown.lines))):
            line, value = shown.lines[number], values[number]
            here = number == choice
            mark = "▸ " if here else "  "
            text = mark + fit(line.label, label) + fit(line.detail, detail)
            digits = short(value, sign=True) if shown.multiplied else fixed(value, sign=True)
            row = self._text(text + digits.rjust(9), self._emphasis(here))
            if not shown.multiplied:
                side = tone("low" if value < 0 else "high", self.look)
                row += self._text(" " + _balance(value / top, bar), side)
            rows.append(row)
        return rows

    def _emphasis(self, here: bool) -> str:
        if not here:
            return ""
        return "bold reverse" if self.has_focus else "bold"

    def _sum(self, total: float, columns: int) -> str:
        label, detail, _ = self._columns(columns)
        return "  " + say("inside.sum").rjust(label + detail) + fixed(total, sign=True).rjust(9)

    def _foot(self, shown: Page, view: View, columns: int) -> list[str]:
        texts = [line for remark in shown.remarks for line in _wrap(remark, columns)]
        path = " › ".join(short_name(view.trace, place) for place in view.inside)
        return [*texts, say("inside.came", path=_tail(path, columns - 12))]

    def action_choose(self, rows: int) -> None:
        """Another line."""
        if self.page and self.view:
            last = max(len(self.page.lines) - 1, 0)
            self.post_message(self.LineChosen(min(max(self.view.choice + rows, 0), last)))

    def action_follow(self) -> None:
        """Follow the line under the cursor."""
        if self.page and self.view and self.page.lines:
            place = self.page.lines[min(self.view.choice, len(self.page.lines) - 1)].target
            if place is not None:
                self.post_message(self.Followed(place))

    def action_back(self) -> None:
        """Return."""
        self.post_message(self.Returned())

    def on_click(self, event: Click) -> None:
        """Choose a line; a click on the chosen one follows it."""
        shown, view = self.page, self.view
        if shown is None or view is None or not shown.lines:
            return
        event.stop()
        room = self.size.height
        first = min(max(0, view.choice - room + 2), max(0, len(shown.lines) - room))
        number = event.y - self._first_row + first
        if 0 <= number < len(shown.lines):
            if number == view.choice:
                self.action_follow()
            else:
                self.post_message(self.LineChosen(number))


def _balance(share: float, half: int) -> str:
    """A bar to the left for what pushes down, to the right for what pushes up."""
    if share != share:
        return ""
    size = round(min(1.0, abs(share)) * half)
    return ("█" * size).rjust(half) + "│" if share < 0 else " " * half + "│" + "█" * size


def _wrap(text: str, columns: int) -> list[str]:
    """A sentence in lines of at most so many columns."""
    rows, row = [], ""
    for word in text.split():
        if row and width(f"{row} {word}") > columns:
            rows.append(row)
            row = word
        else:
            row = f"{row} {word}".strip()
    return [*rows, row] if row else rows


def _tail(text: str, columns: int) -> str:
    """The end of a path that is too long."""
    while width(text) > columns and " › " in text:
        text = "… › " + text.removeprefix("… › ").partition(" › ")[2]
    return clip(text, columns)
