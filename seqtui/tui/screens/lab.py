"""The lab: one bench over the whole screen, and the whole Scene beside it, each field of it editable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Click, Paste, Resize, ScreenResume, ScreenSuspend
from textual.widgets import Input, Static

from seqtui.errors import SeqtuiError
from seqtui.glyphs import clip, to_ascii
from seqtui.panels.presets import expectation
from seqtui.scene import Scene, parse
from seqtui.sentences import say
from seqtui.tui.keys import KeyHint, hints, key
from seqtui.tui.render.ramp import Look
from seqtui.tui.scene_fields import shown, turned, typed, what_is_lost
from seqtui.tui.screens.bench_screen import BenchScreen
from seqtui.tui.session import Session
from seqtui.tui.widgets.bench import Bench
from seqtui.tui.widgets.entry_bar import EntryBar
from seqtui.tui.widgets.key_line import KeyLine
from seqtui.tui.widgets.line import Line
from seqtui.tui.widgets.row_list import RowList
from seqtui.tui.widgets.scene_column import ForceRows, SceneRows
from seqtui.tui.widgets.too_small import TooSmall

DEFAULT = "lstm/names?input=maria"
WIDE = 100
"""Columns from which the Scene stands beside the bench; below, it is a drawer over it."""

BENCH_KEYS = ("step_back step", "unit_up unit_down", "inside", "edit", "what_if", "drawer", "help", "out")
INSIDE_KEYS = ("line_up line_down", "follow", "back", "copy_terms", "help", "out")
SCENE_KEYS = ("choose_up choose", "change_back change", "type", "what_if", "copy", "drawer", "help", "out")
FORCE_KEYS = ("choose_up choose", "forces", "remove", "copy", "drawer", "help", "out")


class Lab(BenchScreen):
    """One Scene, as large as the screen. `open_line` shows another; the old one stays where that fails."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["bench.tcss", "lab.tcss"]
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [key("drawer", "z", "zoom")]

    def __init__(self) -> None:
        super().__init__()
        self.bench = Session("lab", parse(DEFAULT, self.seqtui.book), self.seqtui.book)
        self.wide = True
        self._trouble = ""
        self._at: int | None = None
        self._opened = False

    def compose(self) -> ComposeResult:
        """The Scene's line, its fields, the bench, the keys."""
        yield Line(classes="header")
        with Horizontal(classes="body"):
            with Vertical(classes="column"):
                yield Static(Content(say("lab.scene")), classes="heading")
                yield SceneRows(self.seqtui.book)
                yield Static(Content(say("lab.what_if")), classes="heading")
                yield ForceRows()
                yield Static(classes="expect")
            yield Bench("lab")
        yield EntryBar()
        yield KeyLine()
        yield TooSmall()

    def on_mount(self) -> None:
        """Open what was asked for, else what was open last."""
        self.set_look(self.seqtui.look)
        if not self._opened:
            self.bench.remember(self.seqtui.database.blocks("lab").get("bench"))
            self._open(self.bench.wanted or self.bench.scene)
        if self._trouble:
            self.tell(self._trouble)

    # ---- the Scene -------------------------------------------------------------------------------

    def session(self) -> Session:
        """The one that there is."""
        return self.bench

    def open_line(self, line: str) -> None:
        """Show the Scene that a line names; where it names none, say why, and the old one stays."""
        try:
            scene = parse(line, self.seqtui.book)
        except SeqtuiError as error:
            self._trouble = str(error)
            self.tell(self._trouble)
            return
        self._open(scene)

    def _open(self, scene: Scene) -> None:
        """Show a Scene: at once where its trace is shipped, else when the engine has answered."""
        self._opened, self._trouble, self._at = True, "", scene.step
        try:
            if self.show_shipped(self.bench, scene):
                self.traced(self.bench)
                self.show(self.bench)
                return
        except SeqtuiError as error:
            self._trouble = str(error)
        self.request(self.bench, scene)

    def open_session(self, session: Session) -> None:
        """Show what another bench shows: its Scene at the same cell, and as far inside."""
        if session.view is None:
            self._open(session.asked or session.scene)
            return
        self._opened, self._trouble, self._at = True, "", None
        self.bench.asked, self.bench.waiting, self.bench.scene = None, "", session.scene
        self.bench.scores |= session.scores
        self.bench.view = replace(session.view, show=())
        if session.asked is not None:
            self.request(self.bench, session.asked)
        self.show(self.bench)
        self.call_after_refresh(self.enter_bench)

    def traced(self, session: Session) -> None:
        """A new trace: to the step that its Scene names; the bench takes the keys if nobody has them."""
        if self._at is not None:
            at, self._at = self._at, None
            session.change(lambda view: view.at(at))
            self.show(session)
        if self.focused is None:
            self.call_after_refresh(self.enter_bench)

    def show(self, session: Session) -> None:
        """Draw the bench, the line, the fields."""
        super().show(session)
        if not self.is_mounted:
            return
        self._write_line()
        fields, scene = self.query_one(SceneRows), session.scene
        if fields.scene is not scene:
            fields.scene = self.query_one(ForceRows).scene = scene
            expect = "\n".join(expectation(force) for force in scene.force) or say("lab.nothing")
            self.query_one(".expect", Static).update(Content(self._text(expect)))

    def _write_line(self) -> None:
        text = f" seqtui  {say('lab.title')}  {self.bench.line}"
        self.query_one(".header", Line).show(Content(self._text(clip(text, self.size.width))))

    def _text(self, text: str) -> str:
        return to_ascii(text) if self.seqtui.look.ascii else text

    def set_look(self, look: Look) -> None:
        """Take another look."""
        super().set_look(look)
        for rows in self.query(RowList):
            rows.ascii = look.ascii
            rows.refresh()

    # ---- the column ------------------------------------------------------------------------------

    @on(SceneRows.Turned)
    def turned(self, event: SceneRows.Turned) -> None:
        """A field goes to its next value; what does not go together is refused before anything is lost."""
        event.stop()
        try:
            self._take(turned(self._newest, event.field, event.by, self.bench.book))
        except SeqtuiError as error:
            self.tell(str(error))

    @property
    def _newest(self) -> Scene:
        """The Scene that was asked for last: fields are turned faster than traces come."""
        return self.bench.asked or self.bench.scene

    def _take(self, scene: Scene) -> None:
        lost = what_is_lost(self._newest, scene)
        self._open(scene)
        self.query_one(SceneRows).scene = scene
        if lost:
            self.tell(lost)

    @on(RowList.Opened, "ForceRows")
    def force_opened(self) -> None:
        """What is forced is to be changed."""
        self.action_what_if()

    @on(RowList.Opened, "SceneRows")
    def field_opened(self, event: RowList.Opened) -> None:
        """A field is to be typed."""
        field = self.query_one(SceneRows).names[event.row]
        if field == "input":
            self.action_edit()
        else:
            self.ask_field(field)

    def ask_field(self, field: str) -> None:
        """Ask for the value of a field."""
        value = self.bench.line if field == "line" else shown(self._newest, field, self.bench.book)
        question = say("ask.scene") if field == "line" else say(f"lab.{field}")
        self.ask(question, value, lambda text: self._typed(field, text))

    def _typed(self, field: str, text: str) -> None:
        if field == "line":
            self.open_line(text)
            return
        try:
            self._take(typed(self._newest, field, text, self.bench.book))
        except SeqtuiError as error:
            self.tell(str(error))

    @on(ForceRows.Removed)
    def removed(self, event: ForceRows.Removed) -> None:
        """A force is taken away."""
        scene = self.bench.scene
        kept = tuple(force for place, force in enumerate(scene.force) if place != event.place)
        self.request(self.bench, scene.with_(force=kept))

    @on(Click, ".header")
    def line_clicked(self) -> None:
        """The line can be typed over, and pasted."""
        self.ask_field("line")

    def on_paste(self, event: Paste) -> None:
        """A Scene pasted anywhere is opened."""
        event.stop()
        self.open_line(event.text.strip())

    # ---- keys ------------------------------------------------------------------------------------

    @property
    def column_has_keys(self) -> bool:
        """Whether a row of the column has the focus."""
        return isinstance(self.focused, RowList)

    def action_out(self) -> None:
        """Inside → bench → the Scene's fields → where one came from."""
        self.stop_playing()
        if self.bench_has_keys() and self.leave_inside():
            return
        if self.column_has_keys and not self.wide:
            self._show_column(False)
        elif self.bench_has_keys() and self.wide and self.query_one(".column").display:
            self.query_one(SceneRows).focus()
        else:
            self.seqtui.go_back()

    def action_zoom(self) -> None:
        """More room for the bench, or the Scene's fields again."""
        self._show_column(not self.query_one(".column").display)

    def _show_column(self, shown: bool) -> None:
        self.query_one(".column").display = shown
        if shown and not self.wide:
            self.query_one(SceneRows).focus()
        elif not shown:
            self.enter_bench()
        self.refresh_keys()

    def on_resize(self, event: Resize) -> None:
        """The column stands beside the bench or over it."""
        self.query_one(TooSmall).fit(event)
        wide = event.size.width >= WIDE
        if wide != self.wide or not self.has_class("-sized"):
            self.wide = wide
            self.add_class("-sized")
            self.set_class(not wide, "-narrow")
            self._show_column(wide)
        self._write_line()

    def hints(self) -> tuple[KeyHint, ...]:
        """The keys that act now."""
        if isinstance(self.focused, Input):
            return self.hints_of_field()
        if isinstance(self.focused, SceneRows):
            return hints(self, *SCENE_KEYS)
        if isinstance(self.focused, ForceRows):
            return hints(self, *FORCE_KEYS)
        view = self.bench.view
        return hints(self, *(INSIDE_KEYS if view is not None and view.inside else BENCH_KEYS))

    @on(ScreenResume)
    def resumed(self) -> None:
        """Back again: colours may have changed."""
        self.set_look(self.seqtui.look)
        self.show(self.bench)

    @on(ScreenSuspend)
    def suspended(self) -> None:
        """Away: nothing plays, and what is open is opened again next time."""
        self.stop_playing()
        self.keep()

    def keep(self) -> None:
        """Keep the Scene and the place."""
        if self.bench.view is not None:
            self.seqtui.database.keep_block("lab", "bench", self.bench.kept())
