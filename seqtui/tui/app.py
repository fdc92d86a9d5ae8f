"""The app: its modes, its theme, and the handle of the engine."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.events import Event, Key
from textual.screen import Screen
from textual.widgets import Input

from seqtui.sentences import names, say
from seqtui.store import Config, Database, load_config
from seqtui.tui.keys import JAMO, key
from seqtui.tui.screens.contents import Contents

if TYPE_CHECKING:
    from textual.command import Provider

    from seqtui.catalogue import Catalogue
    from seqtui.engine.port import Engine, Status
    from seqtui.tui.render.ramp import Look
    from seqtui.tui.screens.lab import Lab
    from seqtui.tui.screens.lesson import LessonScreen
    from seqtui.tui.session import Session


def _commands() -> type[Provider]:
    from seqtui.tui.commands import Commands

    return Commands


class SeqtuiApp(App[None]):
    """seqtui in a terminal. Until the first text is drawn it needs neither numpy nor an engine."""

    TITLE = "seqtui"
    # what the first paint needs, and no more
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "screens/contents.tcss"]
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[Any]] = App.COMMANDS | {_commands}  # types and callables that return one
    BINDINGS: ClassVar[list[BindingType]] = [
        key("contents", "C", "contents"),
        key("lab", "B", "lab"),
        key("quit", "q", "quit"),
    ]

    def __init__(
        self,
        *,
        engine: Engine | None = None,
        book: Catalogue | None = None,
        config: Config | None = None,
        database: Database | None = None,
        start: str = "contents",
        target: str | None = None,
        ascii: bool = False,
    ) -> None:
        super().__init__()
        self.config = config or load_config()
        self.config.check_keymap(names("key"))
        self.config.check_theme(self.available_themes)
        self.database = database or Database()
        self.start_at, self.target = start, target
        self.ascii = ascii or self.config.glyphs == "ascii"
        self.engine_given, self.book_given = engine, book
        self.lessons: dict[str, LessonScreen] = {}
        self.lab: Lab | None = None
        self._engine: Engine | None = None
        self._database_note = ""
        self.contents = Contents(self.database, self.config.language)

    # ---- starting ----------------------------------------------------------------------------

    def get_default_screen(self) -> Contents:
        """The contents lie below everything."""
        return self.contents

    def on_mount(self) -> None:
        """First the screen, then, after its first paint, the engine."""
        self.animation_level = "none"
        self.set_class(self.ascii, "-ascii")
        self.set_keymap(self.config.keymap)
        if self.config.theme:
            self.theme = self.config.theme
        self.theme_changed_signal.subscribe(self, lambda _: self._take_look())
        self.call_after_refresh(self._started)

    def _started(self) -> None:
        if self.start_at == "lesson":
            self.open_lesson(self.target)
        elif self.start_at == "lab":
            self.open_lab(self.target)
        self.set_timer(0.05, self._wake)
        self.tell_of_database()

    def tell_of_database(self) -> None:
        """Say once that a file was damaged, or that nothing can be kept."""
        if self.database.note and self.database.note != self._database_note:
            self._database_note = self.database.note
            self.notify(self.database.note, markup=False)

    def _wake(self) -> None:
        self.run_worker(self.engine.start(), group="engine", exit_on_error=False)

    @property
    def engine(self) -> Engine:
        """The engine; made at the first use."""
        if self._engine is None:
            if self.engine_given is not None:
                self._engine = self.engine_given
            else:
                from seqtui.engine.client import Client

                self._engine = Client()
            self._engine.watch(self._engine_told)
        return self._engine

    @property
    def book(self) -> Catalogue:
        """The catalogue."""
        if self.book_given is None:
            from seqtui.catalogue import catalogue

            self.book_given = catalogue()
        return self.book_given

    def _engine_told(self, status: Status) -> None:
        """Say what the engine has to say, in one line."""
        if status.text and status.state not in ("asleep", "waking"):
            self.tell(status.text)

    def waiting_text(self) -> str:
        """What to say while an answer is under way."""
        return say("tell.asking") if self.engine.status.state == "ready" else say("tell.waking")

    def tell(self, text: str) -> None:
        """One line on the screen that is seen."""
        from seqtui.tui.widgets.key_line import KeyLine

        for line in self.screen.query(KeyLine):
            line.message = text

    async def on_unmount(self) -> None:
        """Leave no process."""
        if self._engine is not None:
            await self._engine.close()
        self.database.close()

    def _fatal_error(self) -> None:
        """Come to an end without a traceback on the screen: `run_app` raises what it was."""
        self.bell()
        self._close_messages_no_wait()

    # ---- the look ----------------------------------------------------------------------------

    @property
    def look(self) -> Look:
        """Colour on a dark or a light ground; glyphs where colours are few, unwanted, or the terminal's."""
        from seqtui.tui.render.ramp import Look

        few = self.console.color_system in (None, "standard") or "NO_COLOR" in os.environ
        glyphs = few or self.config.glyphs != "colour" or self.ascii or self.theme.startswith("ansi")
        return Look(self.current_theme.dark, glyphs, self.ascii)

    def _take_look(self) -> None:
        from seqtui.tui.screens.bench_screen import BenchScreen

        for screen in (*self.lessons.values(), self.lab):
            if isinstance(screen, BenchScreen) and screen.is_attached:
                screen.set_look(self.look)

    # ---- going places ------------------------------------------------------------------------

    def go_to(self, screen: Screen[None]) -> None:
        """Show a screen: it lies over those that one comes back to by Escape, and keeps its state.

        Lessons lie over the contents, and the lab over both; of each kind one is open.
        """
        if screen is self.screen:
            return
        # a screen that is not installed would end when it is left
        if screen is not self.contents and not self.is_screen_installed(screen):
            self.install_screen(screen, f"screen-{len(self._installed_screens)}")
        while len(self.screen_stack) > 1 and self._level(self.screen) > self._level(screen):
            self.pop_screen()
        if screen is self.screen:
            return
        if self._level(self.screen) == self._level(screen):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def go_back(self) -> None:
        """Leave a screen for the one below it."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def _level(self, screen: Screen[Any]) -> int:
        """How far up a screen lies: contents, lessons, lab, and whatever asks something over them."""
        if screen is self.contents:
            return 0
        return 1 if screen in self.lessons.values() else 2 if screen is self.lab else 3

    def open_lesson(self, name: str | None) -> None:
        """A lesson by id, number or file; where one was, without a name."""
        from seqtui.errors import SeqtuiError
        from seqtui.tui.screens.lesson import LessonScreen
        from seqtui.tui.screens.lesson_file import find_lesson

        try:
            path = find_lesson(name, self.database, self.config.language)
            if str(path) not in self.lessons:
                self.lessons[str(path)] = LessonScreen(path)
            self.go_to(self.lessons[str(path)])
        except SeqtuiError as error:
            self.tell(str(error))

    def open_lab(self, what: str | Session | None = None) -> None:
        """The lab as it was left, or with a Scene, or with what another bench shows."""
        from seqtui.tui.screens.lab import Lab

        if self.lab is None:
            self.lab = Lab()
        if isinstance(what, str):
            self.lab.open_line(what)
        elif what is not None:
            self.lab.open_session(what)
        self.go_to(self.lab)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What Textual brings and no key does: choosing a theme."""
        title = self.look.text(f"{say('key.theme')} · {say('tip.theme')}")
        yield SystemCommand(title, "", self.action_change_theme)

    def action_command_palette(self) -> None:
        """Every command by name."""
        from textual.command import CommandPalette

        if not CommandPalette.is_open(cast("App[object]", self)):
            self.push_screen(CommandPalette(placeholder=say("ask.command"), id="--command-palette"))

    def action_contents(self) -> None:
        """All lessons."""
        self.go_to(self.contents)

    def action_lab(self) -> None:
        """The lab."""
        self.open_lab()

    async def on_event(self, event: Event) -> None:
        """Let the screen know of every key before it acts, but not of what is typed into a field."""
        if isinstance(event, Key) and not event.is_forwarded and not isinstance(self.focused, Input):
            pressed = getattr(self.screen, "key_pressed", None)
            if pressed is not None:
                pressed(event.key)
        await super().on_event(event)

    async def on_key(self, event: Key) -> None:
        """A jamo of a Korean input method acts as the key that it stands on; said once."""
        if event.character in JAMO:
            event.stop()
            if self.database.first_time("jamo"):
                self.tell(say("tell.jamo"))
            self.simulate_key(JAMO[event.character])


def collect_seldom() -> None:
    """Keep the garbage collector out of the way: a full round walks every widget and takes three frames."""
    gc.set_threshold(20_000, 50, 100)


def run_app(start: str = "contents", target: str | None = None, *, ascii: bool = False) -> int:
    """Open seqtui at the contents, a lesson or the lab; the exit code. What it ended by is raised again."""
    if start == "lesson" and target is not None and Path(target).suffix == ".md":
        target = str(Path(target).resolve())
    collect_seldom()
    app = SeqtuiApp(start=start, target=target, ascii=ascii)
    app.run()
    if app._exception is not None:
        raise app._exception
    return app.return_code or 0
