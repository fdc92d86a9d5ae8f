"""What stands in place of a screen when the terminal is too small for it: how much it needs."""

from __future__ import annotations

from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.widgets import Static

from seqtui.sentences import say

LEAST = Size(60, 20)
"""The smallest terminal that every screen works in."""


class TooSmall(Static):
    """Covers its screen while the terminal is smaller than LEAST; its screen tells it of every size."""

    DEFAULT_CSS = """
    TooSmall {
        display: none; overlay: screen; position: absolute; offset: 0 0;
        width: 100vw; height: 100vh; background: $background; padding: 1;
    }
    """

    def fit(self, event: Resize) -> None:
        """Cover the screen, or not."""
        size = event.size
        self.display = size.width < LEAST.width or size.height < LEAST.height
        wanted = {"columns": LEAST.width, "rows": LEAST.height, "width": size.width, "height": size.height}
        self.update(Content(say("tell.too_small", **wanted)))
