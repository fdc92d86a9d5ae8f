"""What the lesson and the lab share: benches, the state behind them, and every key that acts on one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.timer import Timer

from seqtui.glyphs import to_ascii
from seqtui.panels import ORDERS, View, parts
from seqtui.panels.inside import Place
from seqtui.panels.text import page_text
from seqtui.sentences import say
from seqtui.signals import Cell
from seqtui.tui.keys import key
from seqtui.tui.screens.asking import AskingScreen
from seqtui.tui.session import SPEEDS, Session
from seqtui.tui.widgets.bench import Bench
from seqtui.tui.widgets.inside_view import InsideView
from seqtui.tui.widgets.odds_view import OddsView
from seqtui.tui.widgets.panel_view import PanelView
from seqtui.tui.widgets.token_line import TokenLine


class BenchScreen(AskingScreen):
    """A screen with benches, and every key that acts on the one that is current."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("step", "right", "step(1)"),
        key("step_back", "left", "step(-1)", show=False),
        key("first", "home", "to_step(1)", show=False),
        key("last", "end", "to_step(-1)", show=False),
        key("goto", "g", "goto"),
        key("play", "space", "play"),
        key("edit", "e", "edit"),
        key("what_if", "x", "what_if"),
        key("order", "o", "order"),
        key("part_next", "l", "part(1)"),
        key("part_previous", "L", "part(-1)", show=False),
        key("zoom", "z", "zoom"),
        key("copy", "y", "copy"),
        key("source", "f", "source"),
        key("help", "question_mark", "help"),
        key("out", "escape", "out"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.digits_typed = ""
        self._clock: Timer | None = None

    def action_out(self) -> None:
        """One level out."""
        raise NotImplementedError

    def action_zoom(self) -> None:
        """More room for the bench."""
        raise NotImplementedError

    def key_pressed(self, name: str) -> None:
        """Before any key acts: what was said is read, playing stops, digits wait for g."""
        self.tell("")
        for bench in self.query(Bench):
            bench.keys_wanted = False
        if name != "space":
            self.stop_playing()
        self.digits_typed = self.digits_typed + name if name.isdigit() else self.digits_typed
        if not name.isdigit() and name != "g":
            self.digits_typed = ""
        elif name.isdigit():
            self.tell(say("tell.digits", digits=self.digits_typed))

    # ---- moving ------------------------------------------------------------------------------

    def change(self, how: Callable[[View], View]) -> None:
        """Change the current session's view as the learner's own doing."""
        session = self.session()
        if session is not None and session.view is not None:
            session.moved = session.touched = True
            session.change(how)
            self.show(session)

    def action_step(self, by: int) -> None:
        """Some steps on or back."""
        self.change(lambda view: replace(view.at(max(1, view.step + by)), mark=None))

    def action_to_step(self, step: int) -> None:
        """To a step; −1 is the last."""
        self.change(lambda view: replace(view.at(step), mark=None))

    def action_goto(self) -> None:
        """To the step whose digits were typed; without any, ask."""
        if self.digits_typed:
            self.action_to_step(int(self.digits_typed[:7]))
            self.digits_typed = ""
            self.tell("")
        elif self.session() is not None:
            self.ask(say("ask.step"), "", self._goto)

    def _goto(self, text: str) -> None:
        if text.strip().lstrip("-").isdigit():
            self.action_to_step(int(text.strip()[:7]))
        elif text.strip():
            self.tell(say("tell.no_step", text=text.strip()))

    def action_order(self) -> None:
        """The next order of units."""
        self.change(lambda view: replace(view, order=ORDERS[(ORDERS.index(view.order) + 1) % len(ORDERS)]))

    def action_part(self, by: int) -> None:
        """The next or the previous part of the model."""

        def move(view: View) -> View:
            every = parts(view.trace)
            part = every[(every.index(view.part) + by) % len(every)]
            return replace(view, part=part, show=(), signal="", inside=()).on_unit(view.unit)

        had_keys = isinstance(self.focused, PanelView | OddsView | InsideView)
        self.change(move)
        if had_keys:
            self.call_after_refresh(self.enter_bench)

    def action_play(self) -> None:
        """Play; again for faster, past the fastest it stops."""
        session = self.session()
        if session is None or session.view is None:
            return
        if session.speed == 0 and session.view.step == session.view.trace.steps:
            self.action_to_step(1)
        session.speed = (session.speed + 1) % len(SPEEDS)
        self._play(session)

    def _play(self, session: Session) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None
        if session.speed:
            self._clock = self.set_interval(SPEEDS[session.speed], self._played)

    def _played(self) -> None:
        session = self.session()
        if session is None or session.view is None or session.view.step == session.view.trace.steps:
            self.stop_playing()
        else:
            self.action_step(1)

    def stop_playing(self) -> None:
        """Come to rest."""
        if (session := self.session()) is not None:
            session.speed = 0
        if self._clock is not None:
            self._clock.stop()
            self._clock = None

    # ---- what benches say --------------------------------------------------------------------

    @on(PanelView.UnitMoved)
    def unit_moved(self, event: PanelView.UnitMoved) -> None:
        """The cursor moved."""
        self.change(lambda view: view.move_unit(event.rows))

    @on(PanelView.LookedAt)
    def looked_at(self, event: PanelView.LookedAt) -> None:
        """A panel has the keys."""
        self._made_current(event.control)
        session = self.session()
        if session is not None and session.view is not None and session.view.signal != event.signal:
            session.change(lambda view: replace(view, signal=event.signal))
            self.show(session)

    @on(PanelView.CellChosen)
    def cell_chosen(self, event: PanelView.CellChosen) -> None:
        """A cell was chosen, or is to be gone into."""
        self._made_current(event.control)

        def choose(view: View) -> View:
            view = replace(view, signal=event.signal, mark=None)
            view = view.at(event.step) if event.step is not None else view
            return view.on_unit(event.unit) if event.unit is not None else view

        self.change(choose)
        session = self.session()
        if event.inside and session is not None and session.view is not None:
            view = session.view
            self.go_inside(Cell(event.signal, (view.step, view.unit)))

    @on(OddsView.OddsChosen)
    def odds_chosen(self, event: OddsView.OddsChosen) -> None:
        """A probability is to be followed."""
        self._made_current(event.control)
        session = self.session()
        if session is not None and session.view is not None:
            self.go_inside(Cell("output.probs", (session.view.step, event.token)))

    @on(TokenLine.StepChosen)
    def step_chosen(self, event: TokenLine.StepChosen) -> None:
        """A token was clicked."""
        self._made_current(event.control)
        self.action_to_step(event.step)

    def _made_current(self, control: DOMNode | None) -> None:
        """The bench that a message came from is the current one."""
        bench = next(
            (node for node in (control.ancestors if control else ()) if isinstance(node, Bench)), None
        )
        if bench is not None:
            self.make_current(bench.block)

    def make_current(self, block: str) -> None:
        """Let the keys act on another block."""

    # ---- inside ------------------------------------------------------------------------------

    def go_inside(self, place: Place) -> None:
        """Open a number, or what a line of its page leads to."""
        self.change(lambda view: replace(view, inside=(*view.inside, place), choice=0))
        self.call_after_refresh(self.enter_bench)

    @on(InsideView.Followed)
    def followed(self, event: InsideView.Followed) -> None:
        """A term is followed."""
        self.go_inside(event.place)

    @on(InsideView.LineChosen)
    def line_chosen(self, event: InsideView.LineChosen) -> None:
        """Another line inside."""
        self.change(lambda view: replace(view, choice=event.line))

    @on(InsideView.Returned)
    def returned(self) -> None:
        """One step of the way back; from the first, to the panels."""
        self.change(lambda view: replace(view, inside=view.inside[:-1], choice=0))
        self.call_after_refresh(self.enter_bench)

    def leave_inside(self) -> bool:
        """All the way out of Inside; False if it was not open."""
        session = self.session()
        if session is None or session.view is None or not session.view.inside:
            return False
        self.change(lambda view: replace(view, inside=(), choice=0))
        self.call_after_refresh(self.enter_bench)
        return True

    def bench_has_keys(self) -> bool:
        focused = self.focused
        return focused is not None and any(isinstance(node, Bench) for node in focused.ancestors)

    def enter_bench(self) -> None:
        """Give the keys to the current bench."""
        session = self.session()
        if session is not None and (benches := self.benches(session)):
            benches[0].take_keys()
            self.call_after_refresh(self.refresh_keys)

    # ---- other keys --------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the Scene."""
        if (session := self.session()) is not None:
            self.app.copy_to_clipboard(session.line)
            self.tell(say("tell.copied", line=session.line))

    def action_copy_terms(self) -> None:
        """Copy the page of Inside that has the keys."""
        page = self.focused.page if isinstance(self.focused, InsideView) else None
        if page is not None:
            text = page_text(page)
            self.app.copy_to_clipboard(to_ascii(text) if self.seqtui.look.ascii else text)
            self.tell(say("tell.copied", line=page.formula))

    def action_help(self) -> None:
        """What is under the cursor, and the keys here."""
        from seqtui.tui.screens.help import Help

        session = self.session()
        view = session.view if session else None
        self.app.push_screen(Help(view, self.active_bindings))

    def action_source(self) -> None:
        """The source of what is under the cursor."""
        from seqtui.tui.screens.source import Source

        session = self.session()
        if session is not None:
            signal = _signal_meant(session.view) if session.view is not None else ""
            self.app.push_screen(Source(session.scene.model, session.scene.task, signal))


def _signal_meant(view: View) -> str:
    """The signal under the eyes: the one that was gone into, else that of the panel."""
    place = view.inside[-1] if view.inside else None
    cell = place if isinstance(place, Cell) else getattr(place, "cell", None)
    if isinstance(cell, Cell):
        return cell.signal
    return view.looked_at.name if view.looked_at is not None else ""
