"""The scrolled text of a lesson."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from seqtui.tui.keys import key
from seqtui.tui.widgets.scrolled import Scrolled


class Reading(Scrolled):
    """The scrolled text. It has the keys until a bench takes them."""

    BINDINGS: ClassVar[list[BindingType]] = [key("enter", "enter", "enter")]

    class Moved(Message):
        """Another part of the text is seen."""

    class Left(Message):
        """The keys go to the bench."""

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Say so."""
        super().watch_scroll_y(old, new)
        if round(old) != round(new):
            self.post_message(self.Moved())

    def action_enter(self) -> None:
        """On to the bench."""
        self.post_message(self.Left())
