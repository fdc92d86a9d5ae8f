"""One line to type in, above the keys: an input word, a step, a search, a scene."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from seqtui.tui.keys import key


class EntryBar(Horizontal):
    """Hidden until `ask` is called; Enter answers, Escape leaves without."""

    BINDINGS: ClassVar[list[BindingType]] = [key("leave", "escape", "leave")]
    DEFAULT_CSS = """
    EntryBar { height: 1; dock: bottom; margin: 0 0 1 0; display: none; }
    EntryBar Static { width: auto; padding: 0 1; }
    EntryBar Input { width: 1fr; height: 1; border: none; padding: 0; }
    EntryBar.-open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._answer: Callable[[str], None] | None = None
        self._changing: Callable[[str], None] | None = None
        self._first_value = ""
        self._before: Widget | None = None

    def compose(self) -> ComposeResult:
        """What is asked, and the field."""
        yield Static()
        yield Input(select_on_focus=True, compact=True)

    def ask(
        self,
        question: str,
        value: str,
        answer: Callable[[str], None],
        *,
        changing: Callable[[str], None] | None = None,
    ) -> None:
        """Open with a question and a value to edit; `answer` is called with what Enter accepts.

        `changing` is called with what has been typed so far, and after Escape with the first value again.
        """
        self._answer, self._changing, self._first_value = answer, changing, value
        if not self.has_class("-open"):
            self._before = self.screen.focused
        self.query_one(Static).update(Content(question))
        field = self.query_one(Input)
        field.value = value
        self.add_class("-open")
        field.focus()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Close and answer."""
        event.stop()
        answer = self._answer
        self._close()
        if answer is not None:
            answer(event.value)

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """Say what has been typed so far."""
        event.stop()
        if self._changing is not None:
            self._changing(event.value)

    def action_leave(self) -> None:
        """Close without an answer."""
        changing = self._changing
        self._close()
        if changing is not None:
            changing(self._first_value)

    def _close(self) -> None:
        """The keys go back to where they were."""
        self.remove_class("-open")
        self._answer = self._changing = None
        before, self._before = self._before, None
        if before is not None and before.is_attached:
            before.focus()
