"""The scrolled text of a lesson."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from seqtui.tui.keys import key


class Reading(VerticalScroll, can_focus=True, inherit_bindings=False):
    """The scrolled text. It has the keys until a bench takes them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("scroll_up", "up", "scroll_up", show=False),
        key("scroll_down", "down", "scroll_down"),
        key("page_up", "pageup", "page_up", show=False),
        key("page_down", "pagedown,space", "page_down"),
        key("scroll_home", "home", "scroll_home", show=False),
        key("scroll_end", "end", "scroll_end", show=False),
        key("enter", "enter", "enter"),
    ]

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
