"""What may come next: bars of the likeliest tokens, with and without an intervention."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from seqtui.glyphs import fit, width
from seqtui.panels import View
from seqtui.panels.lines import Odds, interventions, odds, odds_text
from seqtui.sentences import say
from seqtui.tui.keys import key
from seqtui.tui.render.ramp import Look, tone


class OddsView(Widget, can_focus=True):
    """The odds of the next token; ↑↓ choose one, Enter asks where its odds come from."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "OddsView { height: auto; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("odds_up", "up", "choose(-1)", show=False),
        key("odds_down", "down", "choose(1)"),
        key("inside", "enter", "inside"),
    ]

    view: reactive[View | None] = reactive(None, always_update=True)
    chosen: reactive[int] = reactive(0)

    class OddsChosen(Message):
        """A token's probability is to be followed."""

        def __init__(self, token: int) -> None:
            self.token = token
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self.look = Look()

    def watch_view(self, old: View | None, new: View | None) -> None:
        """Make room for a second row, or take it away."""
        if (old is None or old.plain is None) != (new is None or new.plain is None):
            self.refresh(layout=True)

    def render(self) -> Content:
        """One row, or two while something is forced."""
        view = self.view
        if view is None:
            return Content("")
        rows = []
        if view.plain is not None:
            rows.append(self._row(view, say("bench.next_plain"), odds(view, view.plain), None))
        name = f"{say('bench.next')} {interventions(view)}" if view.plain is not None else say("bench.next")
        rows.append(self._row(view, name, odds(view), self.chosen if self.has_focus else None))
        return Content("\n").join(rows)

    def _row(self, view: View, name: str, chances: list[Odds], chosen: int | None) -> Content:
        head = fit(name, 6 if view.plain is None else 13) + " "
        room = self.size.width - width(head)
        scale = 0.25 if room > 90 else 0.2 if room > 60 else 0.14
        parts: list[Content | str | tuple[str, str]] = [head]
        for i, text in enumerate(odds_text(chances, room, scale=scale, ascii=self.look.ascii)):
            shown = self.look.text(text)
            style = "reverse bold" if i == chosen else "bold" if chances[i].true else ""
            name, percents, rest = shown.split(" ", 2)
            parts += [(f"{name} {percents}", style), " ", (rest, tone("one", self.look)), "  "]
        return Content.assemble(*parts).truncate(self.size.width)

    def action_choose(self, rows: int) -> None:
        """The token beside."""
        if self.view is not None:
            self.chosen = min(max(self.chosen + rows, 0), max(len(odds(self.view)) - 1, 0))

    def action_inside(self) -> None:
        """Follow the chosen token's probability."""
        if self.view is not None and (chances := odds(self.view)):
            chosen = chances[min(self.chosen, len(chances) - 1)]
            self.post_message(self.OddsChosen(chosen.id))

    def on_click(self, event: Click) -> None:
        """Choose the token under the mouse; a second click follows it."""
        event.stop()
        if self.view is None:
            return
        x, place = 7 if self.view.plain is None else 14, -1
        room = self.size.width - x
        scale = 0.25 if room > 90 else 0.2 if room > 60 else 0.14
        for i, text in enumerate(odds_text(odds(self.view), room, scale=scale, ascii=self.look.ascii)):
            if x <= event.x < x + width(text):
                place = i
            x += width(text) + 2
        if place >= 0 and (place == self.chosen or event.chain > 1):
            self.chosen = place
            self.action_inside()
        elif place >= 0:
            self.chosen = place
