"""A lesson's file behind its screen: the sessions of its blocks, the place in its text, and its changes."""

from __future__ import annotations

from pathlib import Path

from textual.timer import Timer

from seqtui.course.index import find
from seqtui.course.lesson import read_lesson
from seqtui.course.place import line_after_reload, line_of, place_at
from seqtui.errors import SeqtuiError, UsageError
from seqtui.scene import parse
from seqtui.sentences import say
from seqtui.store import Database, Place
from seqtui.tui.screens.bench_screen import BenchScreen
from seqtui.tui.session import Session
from seqtui.tui.widgets.lesson_text import LessonText, lines_of
from seqtui.tui.widgets.reading import Reading


def find_lesson(name: str | None, database: Database, language: str = "en") -> Path:
    """The file of a lesson by id, number, or path; without a name the one that was read last."""
    if name is None:
        seen = sorted(database.progress().values(), key=lambda progress: -progress.when)
        for progress in seen:
            try:
                return find(progress.id, language).path
            except UsageError:
                continue
        return find("0", language).path
    path = Path(name)
    return path if path.suffix == ".md" or path.is_file() else find(name, language).path


class LessonFile(BenchScreen):
    """What a lesson's screen keeps of its file: a session for each block, by the block's id."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.lesson = read_lesson(path, self.seqtui.book)
        self.sessions: dict[str, Session] = {}
        self.current = ""
        self.ready = False
        self._stamp = _stamp(path)
        self._place_timer: Timer | None = None

    def settle(self) -> None:
        """After a change of size or text."""
        raise NotImplementedError

    def place_benches(self) -> None:
        """Put the benches where there is room for them."""
        raise NotImplementedError

    # ---- sessions ----------------------------------------------------------------------------

    def make_sessions(self) -> None:
        """A session for each block; those that were there keep their state."""
        kept = self.seqtui.database.blocks(self.lesson.id) if self.lesson.id else {}
        before, self.sessions = self.sessions, {}
        for block in self.lesson.blocks:
            scene = parse(block.scene, self.seqtui.book)
            old = before.get(block.id)
            if old is not None and old.origin == block.scene:
                old.show, old.caption = block.show, block.caption
                self.sessions[block.id] = old
                continue
            look = block.look
            place = (look.step if look.step is not None else 1, look.unit or 0)
            session = Session(block.id, scene, self.seqtui.book, block.show, block.caption, place=place)
            session.origin, session.signal = block.scene, look.signal or ""
            session.remember(kept.get(block.id))
            self.sessions[block.id] = session
        if self.current not in self.sessions:
            self.current = next(iter(self.sessions), "")

    def prepare(self, session: Session) -> None:
        """Give a session its first trace: the shipped one, so that it steps before torch is awake."""
        if session.view is not None or session.asked is not None:
            return
        try:
            self.show_shipped(session, parse(session.origin, session.book))
        except SeqtuiError as error:
            self.tell(str(error))
        if session.view is None or session.wanted is not None:
            self.request(session, session.wanted or session.scene)
            session.wanted = None

    def places(self) -> dict[int, tuple[str, str, str]]:
        """For the first line of each live block: its id, its title and its caption."""
        book = self.seqtui.book
        found = {}
        for block in self.lesson.blocks:
            scene = parse(block.scene, book)
            model, task = book.pair(scene.model, scene.task)
            found[block.line] = (block.id, f"{model.title} · {task.title}", block.caption)
        return found

    # ---- place and progress ----------------------------------------------------------------------

    def keep_place(self) -> None:
        """Write down where one is in the text, at most once a second."""
        if self.lesson.id and self.ready and self._place_timer is None:
            self._place_timer = self.set_timer(0.8, self.keep)

    def keep(self) -> None:
        """Keep the place, the state of every block, and whether the end was reached."""
        self._place_timer = None
        if not self.lesson.id:
            return
        database, reading = self.seqtui.database, self.query_one(Reading)
        try:
            database.keep_place(self.lesson.id, self._place_now())
            for session in self.sessions.values():
                if session.touched:
                    database.keep_block(self.lesson.id, session.block, session.kept())
            if reading.max_scroll_y and reading.scroll_y >= reading.max_scroll_y - 1:
                database.mark(self.lesson.id, "done")
            self.seqtui.tell_of_database()
        except SeqtuiError as error:
            self.tell(str(error))

    def _place_now(self) -> Place:
        return place_at(self.lesson, *self._top())

    def _top(self) -> tuple[int, float]:
        """The line of the first passage that is seen, and how much of the passage is above the page."""
        top = self.query_one(Reading).scroll_y
        for passage in self.query_one(LessonText).passages():
            region = passage.virtual_region
            if region.bottom > top:
                return lines_of(passage)[0], max(0.0, (top - region.y) / max(region.height, 1))
        return 1, 0.0

    def go_to_place(self) -> None:
        """Where one was in the text."""
        if not self.lesson.id:
            return
        self.seqtui.database.begin(self.lesson.id)
        progress = self.seqtui.database.progress().get(self.lesson.id)
        if progress is not None:
            self._go_to_line(line_of(self.lesson, progress.place), progress.place.fraction)

    def _go_to_line(self, line: int, share: float) -> None:
        for passage in self.query_one(LessonText).passages():
            first, last = lines_of(passage)
            if first <= line <= last:
                region = passage.virtual_region
                y = region.y + share * region.height
                self.query_one(Reading).scroll_to(y=y, animate=False, force=True)
                return

    # ---- the file changes ------------------------------------------------------------------------

    async def look_for_changes(self) -> None:
        """Read the file again when it was saved, keeping the place."""
        stamp = _stamp(self.path)
        if stamp == self._stamp or not self.is_current:
            return
        self._stamp = stamp
        try:
            lesson = read_lesson(self.path, self.seqtui.book)
        except SeqtuiError as error:
            self.tell(str(error))
            return
        line, share = self._top()
        line = line_after_reload(self.lesson, lesson, line)
        self.lesson, self.ready = lesson, False  # no place is kept of a text that is half there
        self.make_sessions()
        text = self.query_one(LessonText)
        text.places = self.places()
        had_keys = self.bench_has_keys()
        await text.update(lesson.text)
        if had_keys and not self.bench_has_keys():  # the bench with the keys stood in the text
            self.query_one(Reading).focus(scroll_visible=False)
        self.place_benches()
        problems = lesson.problems
        self.tell(str(problems[0]) if problems else say("tell.reloaded"))
        self.call_after_refresh(self._reloaded, line, share)

    def _reloaded(self, line: int, share: float) -> None:
        self._go_to_line(line, share)
        self.ready = True
        self.settle()


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return found.st_mtime_ns, found.st_size
