"""The last row: at most eight keys that act now, each of them clickable; or one line that has to be said."""

from __future__ import annotations

from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.widget import Widget

from seqtui.glyphs import clip, to_ascii, width
from seqtui.tui.keys import KeyHint


class KeyLine(Widget):
    """The keys that act, or a message in their place. A click on a key is as if it were pressed."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "KeyLine { height: 1; width: 1fr; dock: bottom; }"

    hints: reactive[tuple[KeyHint, ...]] = reactive(())
    message: reactive[str] = reactive("")
    ascii: bool = False

    def render(self) -> Content:
        """The row."""
        if self.message:
            text = clip(" " + self._text(self.message), self.size.width, self._text("…"))
            return Content.styled(text, "bold $text-warning")
        parts: list[str | tuple[str, str]] = [" "]
        for hint in self._fitting():
            parts += [(self._text(hint.shown), "bold $text-accent"), f" {hint.text}  "]
        return Content.assemble(*parts)

    def _fitting(self) -> list[KeyHint]:
        """As many as fit, the last one (the way out) always among them."""
        if not self.hints:
            return []
        *others, last = self.hints[:8]
        room = self.size.width - 1 - self._columns(last)
        fitting = []
        for hint in others:
            room -= self._columns(hint)
            if room < 0:
                break
            fitting.append(hint)
        return [*fitting, last]

    def _columns(self, hint: KeyHint) -> int:
        return width(self._text(hint.shown)) + 1 + width(hint.text) + 2

    def _text(self, text: str) -> str:
        return to_ascii(text) if self.ascii else text

    def on_click(self, event: Click) -> None:
        """Press the key under the mouse."""
        if self.message:
            self.message = ""
            return
        x = 1
        for hint in self._fitting():
            end = x + self._columns(hint)
            if x <= event.x < end:
                # by way of the app: a key that a screen sends does not bubble past that screen
                self.app.call_later(self.app.simulate_key, hint.press)
                return
            x = end
