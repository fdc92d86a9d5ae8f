"""One SQLite file: progress, the state of blocks, runs and their curves, and what has been said once.

Whoever does a thing records it: the worker its runs, the terminal its progress. Two at once lose nothing.
"""

from __future__ import annotations

import json
import math
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from seqtui.errors import StateError
from seqtui.store.folders import data_folder
from seqtui.store.sqlite import (
    DamagedError,
    NewerError,
    in_memory,
    is_damage,
    is_unusable,
    opened,
    reason,
    set_aside,
)

LessonState = Literal["begun", "done", "skipped"]
RunState = Literal["running", "paused", "stopped", "done", "failed"]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one reads, so that it is found again in a changed file.

    anchor: `block:ID` or `heading:SLUG`, the last one above, "" before the first. below: lines from there.
    words: what the line says. fraction: how much of the passage is scrolled past, 0–1.
    """

    anchor: str = ""
    below: int = 0
    words: str = ""
    fraction: float = 0.0


@dataclass(frozen=True, slots=True)
class LessonProgress:
    """How far one lesson has come. when: seconds since 1970, of the last thing done in it."""

    id: str
    state: LessonState
    place: Place
    when: float


@dataclass(frozen=True, slots=True)
class Run:
    """One training run. scene: its line. started: seconds since 1970. score and baseline: the task's metric.

    curve: (step, seconds, loss, score or None). edits: (step, knob, value). name: the learner's own.
    """

    id: str
    scene: str
    started: float
    seconds: float = 0.0
    steps: int = 0
    score: float | None = None
    baseline: float | None = None
    state: RunState = "running"
    curve: tuple[tuple[int, float, float, float | None], ...] = ()
    edits: tuple[tuple[int, str, int | float | bool | str], ...] = ()
    name: str = ""


class Database:
    """The SQLite file of this machine. Opening never raises: what went wrong is one line in `note`.

    A damaged file is set aside under another name and a new one begun; where nothing can be written
    (a read-only or full folder, or a file from a newer seqtui) everything goes on in memory.
    Safe from several threads and several processes. busy_seconds: how long to wait for another writer.
    """

    def __init__(self, path: Path | None = None, *, busy_seconds: float = 5.0) -> None:
        self.path = path or data_folder() / "seqtui.sqlite3"
        self.note = ""
        self.kept = True
        self._busy_seconds = busy_seconds
        self._lock = threading.RLock()
        self._opened: sqlite3.Connection | None = None
        if self.path.exists():
            _ = self._connection

    @property
    def _connection(self) -> sqlite3.Connection:
        """The file, begun where there is none: by whoever has something to keep, not at every start."""
        if self._opened is None:
            try:
                self._opened = opened(self.path, self._busy_seconds)
            except (sqlite3.Error, OSError, DamagedError, NewerError) as error:
                self._opened = self._rescued(error, None)
        return self._opened

    # ── lessons ──

    def progress(self) -> dict[str, LessonProgress]:
        """Every lesson that was ever opened, by id, ids that no lesson has any more included."""
        if self._opened is None and not self.path.exists():
            return {}
        rows = self._rows("SELECT id, state, place, seen FROM lessons ORDER BY seen")
        return {row[0]: LessonProgress(row[0], row[1], _place(row[2]), row[3]) for row in rows}

    def begin(self, lesson: str) -> None:
        """A lesson was opened: begun, unless it is done."""
        self._change(
            "INSERT INTO lessons (id, state, seen) VALUES (?, 'begun', ?) ON CONFLICT (id) DO UPDATE SET "
            "state = CASE state WHEN 'done' THEN 'done' ELSE 'begun' END, seen = excluded.seen",
            (lesson, time.time()),
        )

    def mark(self, lesson: str, state: LessonState) -> None:
        """A lesson is begun, done or skipped; its place stays."""
        self._change(
            "INSERT INTO lessons (id, state, seen) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET state = excluded.state, seen = excluded.seen",
            (lesson, state, time.time()),
        )

    def keep_place(self, lesson: str, place: Place) -> None:
        """Where one is in the text; its state stays."""
        self._change(
            "INSERT INTO lessons (id, state, place, seen) VALUES (?, 'begun', ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET place = excluded.place, seen = excluded.seen",
            (lesson, json.dumps(asdict(place)), time.time()),
        )

    # ── blocks ──

    def blocks(self, lesson: str) -> dict[str, object]:
        """What was kept for each block of a lesson, by block id."""
        rows = self._rows("SELECT block, state FROM blocks WHERE lesson = ?", (lesson,))
        return {block: _read(state, None) for block, state in rows}

    def keep_block(self, lesson: str, block: str, state: object) -> None:
        """Keep a block's state: anything that JSON can say."""
        self._change(
            "INSERT INTO blocks (lesson, block, state, seen) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (lesson, block) DO UPDATE SET state = excluded.state, seen = excluded.seen",
            (lesson, block, json.dumps(state), time.time()),
        )

    # ── runs ──

    def runs(self) -> list[Run]:
        """Every run, the newest first."""
        return [_run(row) for row in self._rows(f"SELECT {RUN_COLUMNS} FROM runs ORDER BY started DESC, id")]

    def run(self, run_id: str) -> Run | None:
        """One run, None if there is none of this id."""
        rows = self._rows(f"SELECT {RUN_COLUMNS} FROM runs WHERE id = ?", (run_id,))
        return _run(rows[0]) if rows else None

    def keep_run(self, run: Run) -> None:
        """Write a run as it is now. The name is set the first time only: afterwards the learner's counts."""
        score = None if run.score is None or math.isnan(run.score) else run.score
        curve, edits = json.dumps(run.curve), json.dumps(run.edits)
        plain = (run.id, run.scene, run.started, run.seconds, run.steps, score, run.baseline, run.state)
        self._change(
            f"INSERT INTO runs ({RUN_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET scene = excluded.scene, started = excluded.started, "
            "seconds = excluded.seconds, steps = excluded.steps, score = excluded.score, "
            "baseline = excluded.baseline, state = excluded.state, curve = excluded.curve, "
            "edits = excluded.edits",
            (*plain, curve, edits, run.name),
        )

    def rename_run(self, run_id: str, name: str) -> None:
        """Give a run the learner's own name."""
        self._change("UPDATE runs SET name = ? WHERE id = ?", (name, run_id))

    # ── said once ──

    def first_time(self, what: str) -> bool:
        """True the first time it is asked about `what` on this machine, False ever after."""
        return self._change("INSERT OR IGNORE INTO said (what, seen) VALUES (?, ?)", (what, time.time())) == 1

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()

    # ── underneath ──

    def _rows(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        return self._guarded(lambda connection: connection.execute(sql, values).fetchall())

    def _change(self, sql: str, values: tuple[object, ...]) -> int:
        return self._guarded(lambda connection: connection.execute(sql, values).rowcount)

    def _guarded(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do it; if the file turns out damaged or cannot be written, do it in what takes its place."""
        with self._lock:
            try:
                return action(self._connection)
            except sqlite3.DatabaseError as error:
                if not (is_damage(error) or is_unusable(error)):
                    raise
                self._opened = self._rescued(error, self._opened)
                return action(self._opened)

    def _rescued(self, error: Exception, old: sqlite3.Connection | None) -> sqlite3.Connection:
        """A connection to go on with after `error`; says in `note` what happened."""
        if is_damage(error):
            try:
                return self._begun_anew(old)
            except (sqlite3.Error, OSError, DamagedError, NewerError) as second:
                error, old = second, None
        why = reason(error)
        trouble = StateError(f"{self.path}: {why}", "what you do is kept only until seqtui is closed")
        self.note, self.kept = str(trouble), False
        return in_memory(self.path, old)

    def _begun_anew(self, old: sqlite3.Connection | None) -> sqlite3.Connection:
        """A sound file at the same path; the damaged one gets another name."""
        if old is not None:
            old.close()
        aside = set_aside(self.path, self._busy_seconds)
        if aside is not None:
            said = StateError(
                f"{self.path.name} was damaged", f"it is kept as {aside.name}; a new one is begun"
            )
            self.note = str(said)
        return opened(self.path, self._busy_seconds)


RUN_COLUMNS = "id, scene, started, seconds, steps, score, baseline, state, curve, edits, name"


def _run(row: tuple[Any, ...]) -> Run:
    found = dict(zip(RUN_COLUMNS.split(", "), row, strict=True))
    for column in ("curve", "edits"):
        found[column] = tuple(tuple(entry) for entry in _read(found[column], []))
    return Run(**found)


def _place(text: object) -> Place:
    found = _read(text, {})
    try:
        return Place(**found) if isinstance(found, dict) else Place()
    except TypeError:
        return Place()


def _read(text: object, default: Any) -> Any:
    """JSON that this file wrote; the default where someone else has been at it."""
    try:
        return json.loads(str(text))
    except ValueError:
        return default
