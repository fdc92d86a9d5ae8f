"""What every screen with benches needs: to show its sessions, and to ask the engine for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import work
from textual.screen import Screen

from seqtui.engine.port import Cancelled, Replaced
from seqtui.errors import SeqtuiError
from seqtui.panels.presets import where_forcible
from seqtui.scene import Scene, check_forces, merge
from seqtui.sentences import say
from seqtui.signals import Trace
from seqtui.tui.keys import KeyHint, hints, shown_key
from seqtui.tui.render.ramp import Look
from seqtui.tui.session import Session, score_key
from seqtui.tui.widgets.bench import Bench
from seqtui.tui.widgets.entry_bar import EntryBar
from seqtui.tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from seqtui.tui.app import SeqtuiApp


class AskingScreen(Screen[None]):
    """Shows Sessions on benches; asks the engine, and shows what comes back where it is still wanted."""

    # ---- for the screens that are made of this -----------------------------------------------

    @property
    def seqtui(self) -> SeqtuiApp:
        """The app, with the engine and the look."""
        return cast("SeqtuiApp", self.app)

    def session(self) -> Session | None:
        """The session that the keys act on."""
        raise NotImplementedError

    def benches(self, session: Session) -> list[Bench]:
        """The benches that show a session now."""
        return [bench for bench in self.query(Bench) if bench.block == session.block]

    def hints(self) -> tuple[KeyHint, ...]:
        """At most eight keys that act now, the way out last."""
        raise NotImplementedError

    def hints_of_field(self) -> tuple[KeyHint, ...]:
        """The keys that act while a line of text is typed."""
        return (KeyHint(shown_key("enter"), say("key.apply"), "enter"), *hints(self, "leave"))

    def stop_playing(self) -> None:
        """Come to rest."""
        raise NotImplementedError

    # ---- showing -----------------------------------------------------------------------------

    def show(self, session: Session) -> None:
        """Draw a session on its benches."""
        for bench in self.benches(session):
            bench.waiting = session.waiting
            bench.view = session.view

    def set_look(self, look: Look) -> None:
        """Take another look on every bench."""
        for bench in self.query(Bench):
            bench.set_look(look)
        for line in self.query(KeyLine):
            line.ascii = look.ascii
            line.refresh()

    def refresh_keys(self) -> None:
        """Write the keys that act now."""
        if self.is_mounted and (lines := self.query(KeyLine)):
            lines.first().hints = self.hints()

    def tell(self, message: str) -> None:
        """Say one line in the last row, until the next key."""
        for line in self.query(KeyLine):
            line.message = message

    def on_descendant_focus(self) -> None:
        """Other keys act in another place."""
        self.refresh_keys()

    # ---- asking the engine -------------------------------------------------------------------

    def ask(self, question: str, value: str, answer: Callable[[str], None]) -> None:
        """Ask for a line of text."""
        self.stop_playing()
        self.query_one(EntryBar).ask(question, value, answer)

    def action_edit(self) -> None:
        """Edit what the model reads."""
        session = self.session()
        if session is not None:
            task = session.book.task(session.scene.task)
            value = session.scene.input if session.scene.input is not None else task.examples[0]
            self.ask(say("ask.input", element=task.element), value, self._edited)

    def _edited(self, text: str) -> None:
        session = self.session()
        if session is not None:
            session.touched = True
            self.request(session, session.scene.with_(input=text, step=None))

    def action_what_if(self) -> None:
        """Choose an intervention."""
        from seqtui.tui.screens.what_if import WhatIf

        session = self.session()
        if session is None or session.view is None:
            return
        view = where_forcible(session.view)
        if view is None:
            model, _ = session.book.pair(session.scene.model, session.scene.task)
            self.tell(say("what_if.nothing", model=model.title))
        else:
            self.app.push_screen(WhatIf(view), self._intervene)

    def _intervene(self, forces: str | None) -> None:
        """Take over what was chosen: forces as a Scene writes them, "" to clear, None for no change."""
        session = self.session()
        if session is None or forces is None:
            return
        try:
            scene = merge(session.scene.with_(force=()), forces, session.book)
        except SeqtuiError as error:
            self.tell(str(error))
            return
        session.touched = True
        self.request(session, scene)

    def show_shipped(self, session: Session, scene: Scene) -> bool:
        """Show a Scene at once where its trace is shipped, and the run as it is too if something is forced.

        False where it is not. Raises StateError for files that are not as they were installed.
        """
        from seqtui.shipped import opening_trace

        trace = opening_trace(str(scene.with_(step=None)))
        plain = opening_trace(str(scene.with_(force=(), step=None))) if scene.force else None
        if trace is None or (scene.force and plain is None):
            return False
        session.asked = None
        session.take(scene, trace, plain)
        if scene.force:
            self.score(session, scene)
        return True

    def request(self, session: Session, scene: Scene) -> None:
        """Ask for the trace of a Scene; what is shown stays until it comes."""
        try:
            check_forces(scene, session.book)
            scene.resolved_weights(session.book)
        except SeqtuiError as error:
            self.tell(str(error))
            return
        session.asked = scene
        session.waiting = "" if session.view else self.seqtui.waiting_text()
        if session.view is not None:
            self.tell(self.seqtui.waiting_text())
        self.show(session)
        self._trace(session, scene)

    @work(group="trace", exclusive=False)
    async def _trace(self, session: Session, scene: Scene) -> None:
        engine = self.seqtui.engine
        try:
            plain = await self._plain(session, scene) if scene.force else None
            trace = await engine.trace(str(scene))
        except Replaced:
            if session.asked == scene and self.is_attached:  # another block asked, not this one: ask again
                self._trace(session, scene)
            return
        except Cancelled:
            return
        except SeqtuiError as error:
            if session.asked == scene:
                session.asked = None
                session.waiting = "" if session.view else str(error)
                self.show(session)
                self.tell(str(error))
            return
        if session.asked != scene:  # the screen itself may come later than a quick answer
            return
        session.asked = None
        session.take(scene, trace, plain)
        self.tell(" · ".join(trace.notes))
        self.show(session)
        self.traced(session)
        self.score(session, scene)

    def traced(self, session: Session) -> None:
        """A session has a new trace."""

    async def _plain(self, session: Session, scene: Scene) -> Trace:
        """The run as it is: the one already there, if it is of the same Scene but for the forces."""
        bare = scene.with_(force=(), step=None)
        view = session.view
        if view is not None and view.scene.with_(force=(), step=None) == bare:
            return view.plain or view.trace
        return await self.seqtui.engine.trace(str(bare))

    @work(group="score", exclusive=True)
    async def score(self, session: Session, scene: Scene) -> None:
        """The held-out score of this Scene, and of the same one as it is, where they are not known yet."""
        for wanted in (scene.with_(force=()), scene):
            name = score_key(wanted)
            known = name in session.scores or _on_record(session, wanted)
            if known or not (scene.force or wanted.weights is not None):
                continue
            try:
                score = await self.seqtui.engine.score(name)
            except SeqtuiError as error:
                self.tell(str(error))
                return
            session.scored(name, score.value)
            if self.is_attached:
                self.show(session)


def _on_record(session: Session, scene: Scene) -> bool:
    """Whether a checkpoint's metadata already has the score."""
    if scene.force or scene.resolved_weights(session.book).kind != "shipped":
        return False
    return (
        session.book.checkpoint(scene.model, scene.task, scene.values(session.book), scene.seed) is not None
    )
