"""The contents: every lesson, where one is in it, and what it builds on. The first thing that is drawn."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Click, Key, Resize
from textual.screen import Screen

from seqtui.course.index import LessonEntry, lessons
from seqtui.errors import SeqtuiError
from seqtui.glyphs import clip, width, wrap
from seqtui.sentences import say
from seqtui.store import Database, LessonProgress
from seqtui.tui.keys import KeyHint, bound_keys, hints, key, shown_key
from seqtui.tui.render.plain import in_ascii
from seqtui.tui.widgets.key_line import KeyLine
from seqtui.tui.widgets.lesson_list import LessonList, LessonMap, Row
from seqtui.tui.widgets.line import Line
from seqtui.tui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from seqtui.tui.app import SeqtuiApp

WIDE = 120
"""Columns from which the map stands beside the list."""
FRAME = 4
"""Rows for title, rule, places and keys; the list comes before a second row about a lesson."""


class Contents(Screen[None]):
    """All lessons with the cursor where one was; Enter goes on there."""

    AUTO_FOCUS = "LessonList"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("filter", "slash", "filter"),
        key("show_all", "escape", "show_all", show=False),
        key("help", "question_mark", "help"),
    ]

    def __init__(self, database: Database, language: str = "en") -> None:
        super().__init__()
        self.database, self.language = database, language
        self.entries: tuple[LessonEntry, ...] = ()
        self.trouble = ""
        self.wanted = ""
        self._digits = ""

    def compose(self) -> ComposeResult:
        """Title, list and map, what is to be said of the chosen lesson, the keys."""
        yield Line(id="title")
        with Horizontal(classes="body"):
            yield LessonList()
            yield LessonMap()
        yield Line(id="rule")
        yield Line(id="about")
        yield Line(id="places")
        yield KeyLine()
        yield TooSmall()

    def on_mount(self) -> None:
        """Read what there is, and put the cursor where one was."""
        try:
            self.entries = lessons(self.language)
        except SeqtuiError as error:
            self.trouble = str(error)
        except OSError as error:
            self.trouble = f"{error.filename}: {error.strerror}"
        ascii_alone = bool(getattr(self.app, "ascii", False))
        for widget in (self.query_one(LessonList), self.query_one(LessonMap), self.query_one(KeyLine)):
            widget.ascii = ascii_alone
        self.read_progress()
        progress = self.database.progress()
        known = [progress[entry.id] for entry in self.entries if entry.id in progress]
        if known:
            self.query_one(LessonList).go_to(max(known, key=lambda one: one.when).id)

    def on_screen_resume(self) -> None:
        """A lesson may have been read since."""
        self.read_progress()

    def on_resize(self, event: Resize) -> None:
        """The map has room or not."""
        self.query_one(TooSmall).fit(event)
        self.query_one(LessonMap).display = event.size.width >= WIDE
        self._write(event.size.width)

    # ---- what is shown -------------------------------------------------------------------------

    def read_progress(self) -> None:
        """Show every lesson with the state that the database has of it."""
        progress = self.database.progress()
        rows = tuple(self._row(entry, progress.get(entry.id)) for entry in self.entries)
        found = tuple(row for row in rows if _holds(row.entry, self.wanted))
        chosen = self.query_one(LessonList).chosen
        self.query_one(LessonMap).rows = rows
        self.query_one(LessonList).rows = found
        self.query_one(LessonList).cursor = 0
        if chosen is not None:
            self.query_one(LessonList).go_to(chosen.entry.id)
        self._write(self.size.width)

    def _row(self, entry: LessonEntry, progress: LessonProgress | None) -> Row:
        if progress is None:
            return Row(entry)
        place = _place_name(progress.place.anchor)
        words = [say("contents.left", place=place)] if place else []
        return Row(entry, progress.state, " · ".join([*words, _day(progress.when)]))

    @on(LessonList.Moved)
    def chosen(self) -> None:
        """Say what there is to say of the chosen lesson."""
        self._write(self.size.width)

    def _write(self, columns: int) -> None:
        """All but the list."""
        found = self.query_one(LessonList)
        row = found.chosen
        self.query_one(LessonMap).chosen = row.entry.id if row else ""
        self._show("title", self._title(columns))
        self._show("rule", Content("─" * (columns - 2)))
        about = wrap(self._about(row) if row else self._nothing(), columns - 2)
        room = max(1, self.size.height - FRAME - len(found.rows))
        self._show(
            "about", Content("\n".join([*about[: room - 1], clip(" ".join(about[room - 1 :]), columns - 2)]))
        )
        self.query_one("#about").styles.height = min(room, max(len(about), 1))
        lab = "".join(shown_key(name) for name in bound_keys(self.active_bindings).get("lab", []))
        self._show("places", Content.assemble((lab, "bold $text-accent"), " " + say("contents.lab")))
        self.query_one(KeyLine).hints = self._hints(row)

    def _show(self, id: str, text: Content) -> None:
        if self.query_one(LessonList).ascii:
            text = in_ascii(text)
        self.query_one(f"#{id}", Line).show(text)

    def _title(self, columns: int) -> Content:
        rows = self.query_one(LessonMap).rows
        done = sum(row.state == "done" for row in rows)
        text = say("contents.done", done=done, count=len(rows)) if rows else ""
        if self.wanted:
            shown = len(self.query_one(LessonList).rows)
            text = say("contents.filtered", text=self.wanted, shown=shown, count=len(rows))
        gap = max(1, columns - 2 - len("seqtui") - width(text))
        return Content.assemble(("seqtui", "bold"), " " * gap + text)

    def _about(self, row: Row) -> str:
        """`Step an LSTM and see what it throws away and stores. Needs 6. At “Forget”.`"""
        cut = self.query_one(LessonList).is_cut(row)
        words = [row.entry.question, row.entry.summary] if cut else [row.entry.summary]
        numbers = {entry.id: str(entry.number) for entry in self.entries}
        needs = [numbers[name] for name in row.entry.requires if name in numbers]
        if needs:
            words.append(say("contents.needs", numbers=", ".join(needs)))
        progress = self.database.progress().get(row.entry.id)
        if progress is not None and (place := _place_name(progress.place.anchor)):
            words.append(say("contents.at", place=place))
        return " ".join(filter(None, words))

    def _nothing(self) -> str:
        return self.trouble or say("contents.no_match", text=self.wanted)

    def _hints(self, row: Row | None) -> tuple[KeyHint, ...]:
        if self.focused is not self.query_one(LessonList):
            return hints(self, "leave")
        back = ["show_all"] if self.wanted else []
        found = hints(self, "open", "choose_up choose", "filter", *back, "help", "quit")
        if row is not None and not row.state and found:
            found = (KeyHint(found[0].shown, say("key.start"), found[0].press), *found[1:])
        return found if row is not None else found[1:]

    # ---- keys and mouse --------------------------------------------------------------------------

    @property
    def seqtui(self) -> SeqtuiApp:
        """The app, which opens lessons."""
        return cast("SeqtuiApp", self.app)

    def on_descendant_focus(self) -> None:
        """Other keys act in another place."""
        self._write(self.size.width)

    @on(LessonList.Opened)
    def opened(self, event: LessonList.Opened) -> None:
        """Go on where one was."""
        self.seqtui.open_lesson(self.query_one(LessonList).rows[event.row].entry.id)

    @on(Click, "#places")
    async def lab_clicked(self) -> None:
        """As the key that stands there."""
        await self.run_action("app.lab")

    def on_key(self, event: Key) -> None:
        """Digits go to the lesson of that number."""
        self.query_one(KeyLine).message = ""
        if event.character is not None and event.character in "0123456789":
            event.stop()
            self._digits += event.character
            found = self.query_one(LessonList)
            if not found.go_to_number(int(self._digits)):
                self._digits = event.character
                found.go_to_number(int(self._digits))
            return
        self._digits = ""

    def action_show_all(self) -> None:
        """All lessons again."""
        self._filter("")

    async def action_filter(self) -> None:
        """Show only the lessons that hold what is typed."""
        from seqtui.tui.widgets.entry_bar import EntryBar  # a text field is not needed for the first paint

        if not self.query(EntryBar):
            await self.mount(EntryBar(), before=self.query_one(KeyLine))
        self.query_one(EntryBar).ask(say("ask.search"), self.wanted, self._filter, changing=self._filter)

    def _filter(self, text: str) -> None:
        self.wanted = text
        self.read_progress()

    def action_help(self) -> None:
        """The keys that act here."""
        from seqtui.tui.screens.help import Help

        self.app.push_screen(Help(None, self.active_bindings))


def _holds(entry: LessonEntry, wanted: str) -> bool:
    """Whether every word that was typed stands somewhere in what is said of a lesson."""
    text = f"{entry.number} {entry.id} {entry.title} {entry.question} {entry.summary}".casefold()
    return all(word in text for word in wanted.casefold().split())


def _place_name(anchor: str) -> str:
    """An anchor as it is read: `heading:the-forget-gate` is the forget gate."""
    return anchor.partition(":")[2].replace("-", " ")


def _day(when: float) -> str:
    """The day of a moment, as one says it."""
    days = time.localtime().tm_yday - time.localtime(when).tm_yday
    if time.localtime().tm_year != time.localtime(when).tm_year:
        days = max(1, round((time.time() - when) / 86_400))
    if days <= 0:
        return say("contents.today")
    return say("contents.yesterday") if days == 1 else say("contents.days", days=days)
