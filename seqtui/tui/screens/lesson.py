"""The lesson: text left, the bench of the current block docked right, or in the text where it is narrow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePath
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Resize, ScreenResume, ScreenSuspend
from textual.geometry import Size
from textual.widgets import Input, Markdown, Static

from seqtui.course.cue import Cue, read_cue
from seqtui.errors import LessonError
from seqtui.panels import View
from seqtui.panels.panel import parts
from seqtui.sentences import say
from seqtui.tui.keys import KeyHint, hints, key
from seqtui.tui.screens.lesson_file import LessonFile
from seqtui.tui.session import Session
from seqtui.tui.widgets.bench import Bench
from seqtui.tui.widgets.entry_bar import EntryBar
from seqtui.tui.widgets.key_line import KeyLine
from seqtui.tui.widgets.lesson_text import LessonText, LiveBlock, lines_of
from seqtui.tui.widgets.reading import Reading
from seqtui.tui.widgets.too_small import TooSmall

INSIDE_KEYS = ("line_up line_down", "follow", "back", "copy_terms", "help", "out")
BENCH_KEYS = ("step_back step", "unit_up unit_down", "inside", "edit", "what_if", "play", "zoom", "out")
TEXT_KEYS = (
    "step_back step",
    "scroll_up scroll_down",
    "enter",
    "previous_block next_block",
    "edit",
    "what_if",
    "help",
    "out",
)
PLAIN_KEYS = ("scroll_up scroll_down", "search", "previous_lesson next_lesson", "help", "out")

WIDE = 120
"""Columns from which the bench stands beside the text."""


class LessonScreen(LessonFile):
    """One lesson. A block's state belongs to this screen by the block's id; benches are views of it."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["bench.tcss", "lesson.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        key("next_lesson", "n", "lesson(1)", show=False),
        key("previous_lesson", "p", "lesson(-1)", show=False),
        key("next_block", "full_stop", "block(1)"),
        key("previous_block", "comma", "block(-1)", show=False),
        key("search", "slash", "search", show=False),
    ]

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.wide = False
        self.cue: Cue | None = None
        self._sought = ""
        self._wants_bench = False

    # ---- building ----------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Header, text, the docked bench, the keys."""
        yield Static(classes="header")
        with Horizontal(classes="body"):
            with Reading() as self.reading:
                yield LessonText(self.lesson.text, self.places())
            self.docked = Bench(classes="docked")
            yield self.docked
        self._share_width(self.app.size)
        yield EntryBar()
        yield KeyLine()
        yield TooSmall()

    def on_mount(self) -> None:
        """Make the sessions once the text has been drawn."""
        self.reading.focus()
        self.set_look(self.seqtui.look)
        self.make_sessions()
        self.set_interval(1.0, self.look_for_changes)

    @on(LessonText.Complete)
    def complete(self) -> None:
        """All of the text is there: to where one was in it, and to the benches."""
        self.ready = True
        self.place_benches()
        self.call_after_refresh(self._arrive)

    def _arrive(self) -> None:
        if self.is_attached:
            self.go_to_place()
            self.settle()
            if self._wants_bench:
                self.call_after_refresh(self.enter_from_text)

    # ---- sizes -------------------------------------------------------------------------------

    def on_resize(self, event: Resize) -> None:
        """Bench beside the text or in it; the state is the sessions' and stays."""
        self.query_one(TooSmall).fit(event)
        self._share_width(event.size)
        self.place_benches()
        self.call_after_refresh(self.settle)

    def _share_width(self, size: Size) -> None:
        """The columns of the text, and whether a bench stands beside it."""
        self.wide = size.width >= WIDE
        self.docked.display = self.wide and bool(self.lesson.blocks)
        width = min(max(size.width - 66, 54), 72)
        self.reading.styles.width = width if self.docked.display else "1fr"

    def place_benches(self) -> None:
        """In the text, at most 19 rows high, where the page is narrow; else only docked."""
        rows = min(19, self.size.height - 5)
        for block in self.query(LiveBlock):
            block.bench_rows = rows
            if bench := block.bench:
                bench.styles.height = rows
            block.inline = not self.wide

    def settle(self) -> None:
        """After a change of size or text: the header, the benches that are seen, the place."""
        self._header()
        if not self.is_attached or not self.ready:
            return
        self.moved()

    def _header(self) -> None:
        lesson, width = self.lesson, self.size.width
        number = f"{lesson.number} · " if lesson.number is not None else ""
        places = list(self.sessions)
        at = say("lesson.block", n=places.index(self.current) + 1, count=len(places)) if places else ""
        left = f" seqtui   {number}{lesson.title}" if self.wide else f" {number}{lesson.title}"
        right = f"{at} "
        left, right = map(self.seqtui.look.text, (left, right))
        gap = max(1, width - Content(left).cell_length - Content(right).cell_length)
        self.query_one(".header", Static).update(Content(left + " " * gap + right))

    # ---- who is current ------------------------------------------------------------------------

    def session(self) -> Session | None:
        """The current block's session."""
        return self.sessions.get(self.current)

    def benches(self, session: Session) -> list[Bench]:
        """The docked bench if the block is current, and the one in the text."""
        found = [bench for bench in self.query(Bench) if bench.block == session.block and bench.block]
        if self.wide and session.block == self.current:
            found.append(self.docked)
        return found

    def make_current(self, block: str) -> None:
        """Let the keys act on a block."""
        if block and block in self.sessions and block != self.current:
            self.stop_playing()
            self.current = block
        session = self.session()
        if session is None:
            return
        for live in self.query(LiveBlock):
            live.current = live.block == self.current
        self.prepare(session)
        self._header()
        self.show(session)
        self.refresh_keys()

    def _reading_line(self) -> float:
        """The row of the text that is being read: a third down the page, on the last page ever lower."""
        reading = self.reading
        height, left = reading.size.height, reading.max_scroll_y - reading.scroll_y
        share = 1 / 3 if not reading.max_scroll_y else max(1 / 3, 1 - left / max(height, 1))
        return float(reading.scroll_y + height * min(share, 0.95))

    @on(Reading.Moved)
    def moved(self) -> None:
        """Make what came into sight, follow the passage that is read, keep the place."""
        if not self.ready or not self.sessions:
            self.keep_place()
            return
        blocks = list(self.query(LiveBlock))
        if blocks and not self.bench_has_keys():
            block, cue = self._read_now(self._reading_line())
            self.make_current(block)
            self._follow(cue)
        if not self.wide:
            self._fill_visible(blocks)
        self.keep_place()

    def _read_now(self, line: float) -> tuple[str, Cue | None]:
        """The block and the cue of the last live block or cued passage that began above the line."""
        text = self.query_one(LessonText)
        read, block, cue = None, self.lesson.blocks[0].id, None
        for passage in text.passages():
            if passage.virtual_region.y > line:
                break
            if isinstance(passage, LiveBlock):
                read, block, cue = None, passage.block, None
                continue
            first, last = lines_of(passage)
            cues = [
                cue for cue in self.lesson.cues if first <= cue.line <= last and cue.block in self.sessions
            ]
            if cues:
                read, block, cue = passage, cues[0].block, cues[0]
        for passage in text.passages():
            passage.set_class(passage is read, "-cue")
        return block, cue

    def _fill_visible(self, blocks: list[LiveBlock]) -> None:
        """Benches for the blocks in sight."""
        reading = self.reading
        top, bottom = reading.scroll_y, reading.scroll_y + reading.size.height
        for live in blocks:
            region = live.virtual_region
            session = self.sessions.get(live.block)
            if session is not None and region.y < bottom and region.bottom > top and live.bench is None:
                self.prepare(session)
                self.run_worker(live.make_bench(session.view, session.waiting, self.seqtui.look))

    # ---- cues ----------------------------------------------------------------------------------

    def _follow(self, cue: Cue | None) -> None:
        """Go where the passage says, unless the learner has moved the bench."""
        if cue is None or cue == self.cue:
            return
        self.cue = cue
        session = self.sessions.get(cue.block)
        if session is not None and not session.moved:
            self._go_to_cue(session, cue)

    def _go_to_cue(self, session: Session, cue: Cue) -> None:
        self.prepare(session)

        def go(view: View) -> View:
            view = view.at(cue.step) if cue.step is not None else view
            if cue.signal:
                part = cue.signal.rpartition(".")[0]
                view = replace(view, signal=cue.signal, part=part if part in parts(view.trace) else view.part)
            if cue.unit is not None:
                view = view.on_unit(cue.unit)
            return replace(view, mark=(view.step, view.unit), inside=(), choice=0)

        session.change(go)
        if session.view is None and cue.step is not None:
            session.place = (cue.step, cue.unit or 0)
        self.show(session)

    @on(Markdown.LinkClicked)
    def link_clicked(self, event: Markdown.LinkClicked) -> None:
        """A cue, another lesson, or a heading."""
        event.stop()
        try:
            cue = read_cue(event.href)
            if cue is not None and cue.block in self.sessions:
                self.make_current(cue.block)
                self._go_to_cue(self.sessions[cue.block], cue)
            elif event.href.startswith("#"):
                self.query_one(LessonText).goto_anchor(event.href[1:])
            elif event.href.endswith(".md"):
                self.seqtui.open_lesson(str((self.path.parent / event.href).resolve()))
            else:
                self.tell(event.href)
        except LessonError as error:
            self.tell(str(error))

    # ---- keys ----------------------------------------------------------------------------------

    @on(Reading.Left)
    def enter_from_text(self) -> None:
        """The keys go to the bench of the current block."""
        session = self.session()
        if session is None:
            return
        if not self.ready:  # the block is not there yet: as soon as it is
            self._wants_bench = True
            return
        live = next((block for block in self.query(LiveBlock) if block.block == session.block), None)
        if not self.wide and live is not None:
            live.scroll_visible(animate=False)
            if live.bench is None:
                live.focus()  # its bench is made when it is in sight, and takes the keys from it
                return
        self.call_after_refresh(self.enter_bench)

    @on(LiveBlock.Entered)
    def block_entered(self, event: LiveBlock.Entered) -> None:
        """A place-holder got the focus."""
        self.make_current(event.block)
        if not self.wide:
            self._fill_visible([live for live in self.query(LiveBlock) if live.block == event.block])

    def action_out(self) -> None:
        """Inside → bench → text → contents."""
        self.stop_playing()
        if self.bench_has_keys():
            if not self.leave_inside():
                if (session := self.session()) is not None:
                    session.moved = False
                self.reading.focus(scroll_visible=False)
                self.cue = None
        elif self.focused is not self.reading:
            self.reading.focus(scroll_visible=False)
        else:
            self.seqtui.action_contents()

    def action_zoom(self) -> None:
        """This block in the lab."""
        if (session := self.session()) is not None:
            self.seqtui.open_lab(session)

    def action_block(self, by: int) -> None:
        """To the next or the previous live block."""
        places = list(self.sessions)
        if not places:
            return
        place = min(max(places.index(self.current) + by, 0), len(places) - 1)
        live = next(block for block in self.query(LiveBlock) if block.block == places[place])
        reading = self.reading
        rows = 3 if not self.wide else reading.size.height // 3 - 1
        reading.scroll_to(y=live.virtual_region.y - rows, animate=False)
        self.call_after_refresh(self.make_current, places[place])

    def action_lesson(self, by: int) -> None:
        """To the next or the previous lesson."""
        from seqtui.course.index import lessons

        every = lessons(self.seqtui.config.language)
        ids = [entry.id for entry in every]
        here = ids.index(self.lesson.id) + by if self.lesson.id in ids else 0
        if 0 <= here < len(every):
            self.seqtui.open_lesson(every[here].id)
        else:
            self.tell(say("tell.no_more_lessons"))

    def action_search(self) -> None:
        """Find text; Enter on the same again goes on to the next place."""
        self.ask(say("ask.search"), self._sought, self._search)

    def _search(self, text: str) -> None:
        self._sought = text
        reading = self.reading
        passages = self.query_one(LessonText).passages()
        below = [p for p in passages if p.virtual_region.y > reading.scroll_y + 1]
        for passage in [*below, *passages]:
            if text and text.casefold() in (passage.source or "").casefold():
                reading.scroll_to(y=passage.virtual_region.y - 1, animate=False)
                return
        if text:
            self.tell(say("tell.not_found", text=text))

    def hints(self) -> tuple[KeyHint, ...]:
        """The keys that act now."""
        if isinstance(self.focused, Input):
            return self.hints_of_field()
        session = self.session()
        inside = session is not None and session.view is not None and bool(session.view.inside)
        if self.bench_has_keys():
            names: tuple[str, ...] = INSIDE_KEYS if inside else BENCH_KEYS
        else:
            names = TEXT_KEYS if session is not None else PLAIN_KEYS
        return hints(self, *names)

    @on(ScreenResume)
    def resumed(self) -> None:
        """Back again: colours may have changed."""
        self.set_look(self.seqtui.look)

    @on(ScreenSuspend)
    def suspended(self) -> None:
        """Away: nothing plays, everything is kept."""
        self.stop_playing()
        if self.ready:
            self.keep()
