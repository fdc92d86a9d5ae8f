"""The source of what is under the cursor: the equations, the model, the task. It is meant to be read."""

from __future__ import annotations

from bisect import bisect_right
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Click
from textual.highlight import highlight
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from seqtui.glyphs import to_ascii
from seqtui.sentences import say
from seqtui.tui.keys import hints, key
from seqtui.tui.sources import Passage, passages
from seqtui.tui.widgets.key_line import KeyLine
from seqtui.tui.widgets.scrolled import Scrolled


class FileTab(Static):
    """The name of a file; a click shows it."""

    def __init__(self, name: str, place: int) -> None:
        super().__init__(Content(f" {name} "))
        self.place = place


class Code(Static):
    """The text of a file; it says when its rows have their places."""

    class LaidOut(Message):
        """It has another height."""

    def on_resize(self) -> None:
        """Say so."""
        self.post_message(self.LaidOut())


class Source(ModalScreen[None]):
    """Two or three files, one at a time, at the function that made a signal; ←→ go from file to file."""

    CSS_PATH = "source.tcss"
    AUTO_FOCUS = "Scrolled"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("file_next", "right", "file(1)"),
        key("file_previous", "left", "file(-1)", show=False),
        key("close", "escape,f,q", "dismiss(None)"),
    ]

    def __init__(self, model: str, task: str, signal: str = "") -> None:
        super().__init__()
        self.files = passages(model, task, signal)
        self.place = 0
        self.begins: list[int] = []
        self._rows = 0
        self._aim: int | None = None

    def compose(self) -> ComposeResult:
        """The names, the text, the keys."""
        with Horizontal(classes="files"):
            for place, passage in enumerate(self.files):
                yield FileTab(passage.name, place)
        with Scrolled():
            yield Code(classes="code")
        yield KeyLine()

    def on_mount(self) -> None:
        """Take the look."""
        self.query_one(KeyLine).ascii = bool(getattr(self.app, "ascii", False))

    def on_descendant_focus(self) -> None:
        """The keys that act in here."""
        self.query_one(KeyLine).hints = hints(
            self, "file_previous file_next", "scroll_up scroll_down", "page_down", "close"
        )

    def show(self, place: int) -> None:
        """Show a file at the lines that are meant."""
        self.place = place
        for tab in self.query(FileTab):
            tab.set_class(tab.place == place, "-shown")
        self.write(self.files[place].first)

    def write(self, line: int) -> None:
        """Write the file, long lines folded, and go to a line of it."""
        columns = self.size.width - 2
        text, self.begins = numbered(self.files[self.place], columns, ascii=self.query_one(KeyLine).ascii)
        self._rows = text.plain.count("\n") + 1
        self.query_one(Code).update(text)
        self._aim = line
        self.call_after_refresh(self._reach)

    @on(Code.LaidOut)
    def _reach(self) -> None:
        """Go to the line that is aimed at, once the text has its rows on the screen."""
        if self._aim is None or self.query_one(Code).size.height != self._rows:
            return
        line, self._aim = self._aim, None
        y = max(0, self.begins[line - 1] - 1)
        self.query_one(Scrolled).scroll_to(y=y, animate=False, immediate=True)

    def on_resize(self) -> None:
        """Fold anew, and stay at the same line; at first, at the nearest passage."""
        if not self.begins:
            self.show(0)
            return
        top = round(self.query_one(Scrolled).scroll_y)
        self.write(self._aim or max(1, bisect_right(self.begins, top + 1)))

    def action_file(self, by: int) -> None:
        """Another file."""
        self.show((self.place + by) % len(self.files))

    @on(Click, "FileTab")
    def tab_clicked(self, event: Click) -> None:
        """A file's name was clicked."""
        if isinstance(event.widget, FileTab):
            self.show(event.widget.place)


def numbered(passage: Passage, columns: int, *, ascii: bool = False) -> tuple[Content, list[int]]:
    """A file's text in colours with its line numbers, and the row at which each of its lines begins.

    A bar stands beside the lines that are meant. What is too long goes on below, further in.
    """
    text = passage.path.read_text("utf-8")
    bar = to_ascii(say("source.bar")) if ascii else say("source.bar")
    rows: list[Content] = []
    begins: list[int] = []
    lines = highlight(to_ascii(text) if ascii else text, language="python").split("\n")
    for number, line in enumerate(lines, 1):
        begins.append(len(rows))
        beside = bar if passage.first <= number <= passage.last else " "
        for part, piece in enumerate(_folded(line, max(20, columns - 7))):
            head = f"{number:>4} " if part == 0 else " " * 5
            rows.append(Content.assemble((head, "dim"), (beside + " ", "bold $text-accent"), piece))
    return Content("\n").join(rows), begins


def _folded(line: Content, columns: int, indent: int | None = None) -> list[Content]:
    """A line of code in pieces of at most so many columns, all but the first further in."""
    plain = line.plain
    if line.cell_length <= columns:
        return [line]
    indent = len(plain) - len(plain.lstrip()) + 4 if indent is None else indent
    cut = plain.rfind(" ", indent + 1, columns)
    cut = cut if cut > 0 else columns
    after = cut + len(plain[cut:]) - len(plain[cut:].lstrip())
    rest = Content.assemble(" " * indent, line[after:])
    return [line[:cut], *_folded(rest, columns, indent)]
