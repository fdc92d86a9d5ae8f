"""One row of text; another text is a repaint of this row and never a layout of the screen."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget


class Line(Widget):
    """A row of text on its own."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    text: Content = Content("")

    def show(self, text: Content) -> None:
        """Write another text."""
        if not text.is_same(self.text):
            self.text = text
            self.refresh()

    def render(self) -> Content:
        """The row."""
        return self.text
