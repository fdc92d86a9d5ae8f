"""What is under the cursor, in words, and every key that acts there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from seqtui.sentences import has, say
from seqtui.tui.keys import hints, key, shown_key
from seqtui.tui.render.plain import in_ascii
from seqtui.tui.widgets.key_line import KeyLine
from seqtui.tui.widgets.scrolled import Scrolled

if TYPE_CHECKING:
    from seqtui.panels import View

NAMELESS = {
    "app.focus_next": "next_place",
    "app.focus_previous": "previous_place",
    "app.command_palette": "palette",
    "command_palette": "palette",
}
"""Bindings that Textual brings, by action: the sentences that name them."""


class Help(ModalScreen[None]):
    """The cursor's place in words, how to read the bench, and the keys; closed by Escape, ? or q."""

    CSS_PATH = "help.tcss"
    AUTO_FOCUS = "Scrolled"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("close", "escape,question_mark,q", "dismiss(None)"),
    ]

    def __init__(self, view: View | None, bindings: dict[str, ActiveBinding]) -> None:
        super().__init__()
        self.view = view
        self.rows = list(key_rows(bindings))

    def compose(self) -> ComposeResult:
        """Passages that scroll, and the keys that close them."""
        with Scrolled(classes="frame"):
            for head, text in self.passages():
                with Horizontal(classes="passage"):
                    if head:
                        yield Static(self._shown(Content.styled(head, "bold")), classes="head")
                    yield Static(self._shown(text))
        yield KeyLine()

    def on_descendant_focus(self) -> None:
        """The keys that act in here."""
        self.query_one(KeyLine).ascii = self.ascii
        self.query_one(KeyLine).hints = hints(self, "scroll_up scroll_down", "page_down", "close")

    @property
    def ascii(self) -> bool:
        """Whether only ASCII may be drawn."""
        return bool(getattr(self.app, "ascii", False))

    def _shown(self, text: Content) -> Content:
        return in_ascii(text) if self.ascii else text

    def passages(self) -> Iterator[tuple[str, Content]]:
        """All of it: what stands at the left, and the text beside it."""
        if self.view is not None:
            from seqtui.tui.screens.help_view import about_bench  # the contents have no view, and no numpy

            yield from about_bench(self.view, getattr(self.app, "look", None))
        else:
            yield "", Content(say("about.lessons"))
            yield "", Content("")
        yield "", Content.styled(say("about.keys_title"), "bold $text-accent")
        group = ""
        for where, keys, what in self.rows:
            if where != group:
                group = where
                yield "", Content.styled(say(f"about.group_{group}"), "italic")
            yield f"  {keys}", Content(what)


def key_name(binding: Binding) -> str:
    """The sentences that a binding goes by; "" for one that has none."""
    id = binding.id or NAMELESS.get(binding.action, "")
    return id if has(f"tip.{id}") else ""


def key_rows(bindings: dict[str, ActiveBinding]) -> Iterator[tuple[str, str, str]]:
    """Whose key (widget, screen, app), the keys, what they do; what acts nearest comes first."""
    rows: dict[tuple[str, str], list[str]] = {}
    for name, active in bindings.items():
        id = key_name(active.binding)
        if active.enabled and id:
            rows.setdefault((whose(active), id), []).append(name)
    for group in ("widget", "screen", "app"):
        for (where, id), names in rows.items():
            if where == group:
                yield where, " ".join(map(shown_key, names)), say(f"tip.{id}")


def whose(active: ActiveBinding) -> str:
    """Where a key is bound."""
    if isinstance(active.node, App) or active.binding.action.startswith("app."):
        return "app"
    return "screen" if isinstance(active.node, Screen) else "widget"
