"""Something longer than the screen that is read with the keys; the keys have names, and can be remapped."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll

from seqtui.tui.keys import key


class Scrolled(VerticalScroll, can_focus=True, inherit_bindings=False):
    """A container that scrolls by ↑ ↓ PgUp PgDn space Home End."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("scroll_up", "up", "scroll_up", show=False),
        key("scroll_down", "down", "scroll_down"),
        key("page_up", "pageup", "page_up", show=False),
        key("page_down", "pagedown,space", "page_down"),
        key("scroll_home", "home", "scroll_home", show=False),
        key("scroll_end", "end", "scroll_end", show=False),
    ]
