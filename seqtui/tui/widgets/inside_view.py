"""Inside: one number as the sum of its terms; Enter follows one, Backspace returns."""

from __future__ import annotations

import re
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from seqtui.glyphs import clip, fit, fixed, width, wrap
from seqtui.panels import View
from seqtui.panels.inside import Page, Place, page, short_name
from seqtui.sentences import say
from seqtui.signals import Cell
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
        key("copy_terms", "y", "screen.copy_terms"),
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
        self._first_row, self._room = 0, 1

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
        rows = [self._line(self._title(shown, view), "bold"), self._line(self._formula(shown))]
        foot = [self._line(text) for text in self._foot(shown, view, columns)]
        spare = height - len(rows) - len(foot) - bool(shown.lines) - (shown.total is not None)
        self._room = max(1, spare)
        if shown.lines:
            rows.append(self._line(self._heading(shown, view, columns), "dim"))
            self._first_row = len(rows)
            rows += self._lines(shown, columns, view.choice)
            if shown.total is not None:
                rows.append(self._line(self._sum(shown.total, columns), "bold"))
        gap = max(0, min(1, height - len(rows) - len(foot)))
        return [*rows, *[Content("")] * gap, *foot]

    def _line(self, text: str, style: str = "") -> Content:
        return Content.styled(clip(self.look.text(text), self.size.width, self.look.text("…")), style)

    def _title(self, shown: Page, view: View) -> str:
        """`forget f › step 4 (r) › unit 6`: a signal by its name, wherever one is opened."""
        place = view.inside[-1]
        if not isinstance(place, Cell):
            return shown.title
        signal = view.trace[place.signal]
        return view.title_of(signal) + shown.title.removeprefix(signal.symbol)

    def _formula(self, shown: Page) -> str:
        """By its symbols where that fits, else in digits alone."""
        full = bool(shown.full) and width(self.look.text(shown.full)) <= self.size.width
        return shown.full if full else shown.formula

    def _first_line(self, shown: Page, choice: int) -> int:
        """The first line that is seen."""
        return min(max(0, choice - self._room + 2), max(0, len(shown.lines) - self._room))

    def _columns(self, columns: int) -> tuple[int, int, int, int]:
        """Widths of label, detail, value and half a bar."""
        label, value, bar = (18, 9, 9) if columns >= 70 else (16, 8, 5) if columns >= 62 else (16, 7, 3)
        return label, max(0, columns - 2 - label - value - 2 * bar - 2), value, bar

    def _heading(self, shown: Page, view: View, columns: int) -> str:
        label, detail, value, bar = self._columns(columns)
        what = say("inside.heading_factors" if shown.multiplied else "inside.heading_what")
        first, count = self._first_line(shown, view.choice), len(shown.lines)
        if count > self._room:
            what += " " + say("inside.window", first=first + 1, last=first + self._room, count=count)
        text = "  " + fit(self.look.text(what), label + detail) + say("inside.heading_value").rjust(value)
        down, _, up = say("inside.heading_bar").partition(" │ ")
        if len(down) > bar:
            down, up = "−", "+"
        return text if shown.multiplied else text + " " + down.rjust(bar) + "│" + up

    def _lines(self, shown: Page, columns: int, choice: int) -> list[Content]:
        label, detail, value, bar = self._columns(columns)
        values, digits = [line.value for line in shown.lines], shown.digits
        top = max((abs(v) for v in values if v == v), default=0.0) or 1.0
        first, text = self._first_line(shown, choice), self.look.text
        rows = []
        for number in range(first, min(first + self._room, len(shown.lines))):
            line, here = shown.lines[number], number == choice
            mark = text("▸ ") if here else "  "
            shares = fit(_brief(text(line.detail), detail), detail)
            row = mark + fit(text(line.label), label) + shares + text(digits[number]).rjust(value)
            made = Content.styled(row, self._emphasis(here))
            if not shown.multiplied:
                side = tone("low" if line.value < 0 else "high", self.look)
                made += Content.styled(text(" " + _balance(line.value / top, bar)), side)
            rows.append(made)
        return rows

    def _emphasis(self, here: bool) -> str:
        if not here:
            return ""
        return "bold reverse" if self.has_focus else "bold"

    def _sum(self, total: float, columns: int) -> str:
        label, detail, value, _ = self._columns(columns)
        return "  " + say("inside.sum").rjust(label + detail) + fixed(total, sign=True).rjust(value)

    def _foot(self, shown: Page, view: View, columns: int) -> list[str]:
        texts = [line for remark in shown.remarks for line in wrap(self.look.text(remark), columns)]
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
        row = event.y - self._first_row
        number = row + self._first_line(shown, view.choice)
        if 0 <= row < self._room and number < len(shown.lines):
            if number == view.choice:
                self.action_follow()
            else:
                self.post_message(self.LineChosen(number))


def _brief(detail: str, columns: int) -> str:
    """The numbers of a term that is too long without their places: `W_hf +1.15 × h₃ +.778`."""
    return detail if width(detail) <= columns else re.sub(r"\[[^]]*\]", "", detail)


def _balance(share: float, half: int) -> str:
    """A bar to the left for what pushes down, to the right for what pushes up."""
    if share != share:
        return ""
    size = round(min(1.0, abs(share)) * half)
    return ("█" * size).rjust(half) + "│" if share < 0 else " " * half + "│" + "█" * size


def _tail(text: str, columns: int) -> str:
    """The end of a path that is too long."""
    while width(text) > columns and " › " in text:
        text = "… › " + text.removeprefix("… › ").partition(" › ")[2]
    return clip(text, columns)
