"""What is kept stays kept: through renamed lessons, two writers, damage, and a full disk."""

from __future__ import annotations

import math
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtui.store import Database, Place, Run

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters())
    | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "seqtui.sqlite3"


def reopened(database: Database) -> Database:
    database.close()
    return Database(database.path)


def asides(path: Path) -> list[Path]:
    """The damaged files that were set aside, without their write-ahead logs."""
    found = path.parent.glob(f"{path.name}.damaged-*")
    return [aside for aside in found if not aside.name.endswith("-wal")]


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, timeout=120
    )


class TestLessons:
    def test_a_new_file_is_empty_and_says_nothing(self, path: Path) -> None:
        database = Database(path)
        assert database.progress() == {}
        assert (database.note, database.kept) == ("", True)

    def test_state_and_place_survive_closing(self, path: Path) -> None:
        place = Place("heading:input", 3, "The gate ‹ decides", 0.25)
        database = Database(path)
        database.begin("lstm")
        database.keep_place("lstm", place)
        database.mark("rnn-cell", "skipped")
        found = reopened(database).progress()
        assert (found["lstm"].state, found["lstm"].place) == ("begun", place)
        assert (found["rnn-cell"].state, found["rnn-cell"].place) == ("skipped", Place())

    def test_opening_again_never_undoes_done_and_begins_what_was_skipped(self, path: Path) -> None:
        database = Database(path)
        for lesson, state in (("a", "done"), ("b", "skipped")):
            database.mark(lesson, state)  # type: ignore[arg-type]
            database.begin(lesson)
            database.keep_place(lesson, Place(below=2))
        assert {lesson: found.state for lesson, found in database.progress().items()} == {
            "a": "done",
            "b": "begun",
        }

    def test_marking_keeps_the_place(self, path: Path) -> None:
        database = Database(path)
        database.keep_place("a", Place("block:x", 1))
        database.mark("a", "done")
        assert database.progress()["a"].place == Place("block:x", 1)

    def test_the_newest_lesson_comes_last(self, path: Path) -> None:
        database = Database(path)
        for lesson in ("b", "a", "b"):
            database.begin(lesson)
        assert list(database.progress()) == ["a", "b"]

    @given(st.dictionaries(st.text(), json_values, max_size=4))
    def test_any_block_state_comes_back_as_it_was(self, states: dict[str, object]) -> None:
        database = Database(Path("/dev/null/none"))
        for block, state in states.items():
            database.keep_block("lstm", block, "first")
            database.keep_block("lstm", block, state)
        assert database.blocks("lstm") == states
        assert database.blocks("other") == {}

    def test_something_is_said_once_on_a_machine(self, path: Path) -> None:
        database = Database(path)
        assert database.first_time("input-method")
        assert not database.first_time("input-method")
        assert not reopened(database).first_time("input-method")
        assert Database(path).first_time("something else")


class TestRuns:
    run = Run(
        id="r1",
        scene="lstm/names?hidden_size=32",
        started=5.0,
        seconds=1.5,
        steps=20,
        score=2.9,
        baseline=3.37,
        state="done",
        curve=((1, 0.1, 4.7, None), (20, 1.5, 3.0, 2.9)),
        edits=((7, "learning_rate", 0.01), (9, "tied", True)),
        name="mine",
    )

    def test_a_run_comes_back_equal(self, path: Path) -> None:
        database = Database(path)
        database.keep_run(self.run)
        database.keep_run(Run(id="r2", scene="gru/names", started=6.0))
        found = reopened(database)
        assert found.runs() == [Run(id="r2", scene="gru/names", started=6.0), self.run]
        assert found.run("r1") == self.run
        assert found.run("r3") is None

    def test_the_worker_never_overwrites_the_name_that_the_learner_gave(self, path: Path) -> None:
        database = Database(path)
        database.keep_run(Run(id="r", scene="lstm/names", started=1.0, name=""))
        database.rename_run("r", "wide one")
        database.keep_run(Run(id="r", scene="lstm/names", started=1.0, steps=9, state="done"))
        found = database.run("r")
        assert found is not None
        assert (found.name, found.steps, found.state) == ("wide one", 9, "done")

    def test_an_explosion_is_kept_as_it_was(self, path: Path) -> None:
        database = Database(path)
        database.keep_run(
            Run(id="r", scene="rnn/names", started=1.0, score=math.nan, curve=((1, 0.0, math.nan, None),))
        )
        found = database.run("r")
        assert found is not None
        assert found.score is None
        assert math.isnan(found.curve[0][2])


WRITER = """
import sys
from pathlib import Path
from seqtui.store import Database, Place
database = Database(Path(sys.argv[1]), busy_seconds=60)
for count in range(40):
    database.keep_block(sys.argv[2], f"b{count}", count)
    database.keep_place("shared", Place(below=count))
print(database.note, database.first_time("once"))
"""


class TestTogether:
    def test_processes_that_open_and_write_at_once_lose_nothing(self, path: Path) -> None:
        names = [f"lesson-{number}" for number in range(4)]
        with ThreadPoolExecutor(len(names)) as pool:
            ends = list(pool.map(lambda name: run_python(WRITER, str(path), name), names))
        assert [end.stderr for end in ends] == [""] * len(names)
        assert sorted(end.stdout for end in ends) == [" False\n"] * (len(names) - 1) + [" True\n"]
        database = Database(path)
        for name in names:
            assert database.blocks(name) == {f"b{count}": count for count in range(40)}
        assert database.progress()["shared"].place.below == 39

    def test_threads_share_one_database(self, path: Path) -> None:
        database = Database(path)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: database.keep_block("a", str(n), n), range(200)))
        assert len(database.blocks("a")) == 200


class TestDamage:
    def test_a_damaged_file_is_set_aside_and_a_new_one_begun(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(b"not a database, " * 500)
        database = Database(path)
        (aside,) = asides(path)
        assert aside.read_bytes().startswith(b"not a database")
        assert aside.name in database.note
        assert "\n" not in database.note
        database.begin("lstm")
        assert "lstm" in reopened(database).progress()
        assert Database(path).note == ""

    def test_every_damaged_file_is_kept(self, path: Path) -> None:
        path.parent.mkdir()
        for text in (b"one" * 900, b"two" * 900):
            path.write_bytes(text)
            Database(path).close()
        assert {found.read_bytes()[:3] for found in asides(path)} == {b"one", b"two"}

    def test_damage_that_shows_only_while_it_is_used(self, path: Path) -> None:
        database = Database(path)
        for count in range(300):
            database.keep_block("a", f"b{count}", "x" * 200)
        database.close()
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (path.stat().st_size - 4096))
        database = Database(path)
        assert database.blocks("a") == {}
        assert "damaged" in database.note
        database.keep_block("a", "b", 1)
        assert reopened(database).blocks("a") == {"b": 1}

    def test_a_process_still_on_the_damaged_file_does_not_set_the_new_one_aside(self, path: Path) -> None:
        first = Database(path)
        for count in range(300):
            first.keep_block("a", f"b{count}", "x" * 200)
        first.close()
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (path.stat().st_size - 4096))
        slow, quick = Database(path), Database(path)
        quick.blocks("a")
        quick.keep_block("a", "new", 1)
        assert slow.blocks("a") == {"new": 1}
        assert slow.note == ""
        assert len(asides(path)) == 1

    def test_a_database_of_something_else_is_set_aside(self, path: Path) -> None:
        path.parent.mkdir()
        other = sqlite3.connect(path)
        other.executescript("CREATE TABLE lessons (x); PRAGMA user_version = 1")
        other.close()
        database = Database(path)
        assert "damaged" in database.note
        assert database.progress() == {}

    def test_a_half_written_row_costs_only_itself(self, path: Path) -> None:
        database = Database(path)
        database.keep_block("a", "b", 1)
        database.keep_place("a", Place(below=1))
        database.close()
        with sqlite3.connect(path) as raw:
            raw.execute("UPDATE blocks SET state = '{'")
            raw.execute("""UPDATE lessons SET place = '{"other": 1}'""")
        database = Database(path)
        assert database.blocks("a") == {"b": None}
        assert database.progress()["a"].place == Place()


FULL = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from seqtui.store import Database
path, size = Path(sys.argv[1]), int(sys.argv[2])
if size == 0:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
database = Database(path)
if size:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
for count in range(200):
    database.keep_block("new", f"b{count}", "x" * 1000)
assert len(database.blocks("new")) == 200
assert database.blocks("old") == {"b": 1}, database.blocks("old")
assert not database.kept
print(database.note)
"""


class TestNotWritable:
    @pytest.mark.parametrize("size", [0, 150_000])
    def test_on_a_full_disk_it_goes_on_in_memory_with_what_there_was(self, path: Path, size: int) -> None:
        database = Database(path)
        database.keep_block("old", "b", 1)
        database.close()
        end = run_python(FULL, str(path), str(size))
        assert end.stderr == ""
        assert "kept only until seqtui is closed" in end.stdout
        assert end.stdout.count("\n") == 1
        assert Database(path).blocks("old") == {"b": 1}

    def test_looking_begins_no_file(self, path: Path) -> None:
        database = Database(path)
        assert database.progress() == {}
        database.close()
        assert not path.exists()

    def test_where_no_folder_can_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        database = Database(tmp_path / "file" / "seqtui.sqlite3")
        assert database.progress() == {}
        database.mark("a", "done")
        assert not database.kept
        assert "kept only until seqtui is closed" in database.note
        assert database.progress()["a"].state == "done"

    def test_where_a_folder_has_the_name(self, path: Path) -> None:
        path.mkdir(parents=True)
        database = Database(path)
        assert not database.kept
        assert path.is_dir()

    def test_a_file_from_a_newer_seqtui_is_left_alone(self, path: Path) -> None:
        database = Database(path)
        database.begin("a")
        database.close()
        with sqlite3.connect(path) as raw:
            raw.execute("PRAGMA user_version = 999")
        raw.close()
        before = path.read_bytes()
        database = Database(path)
        database.mark("a", "done")
        database.close()
        assert "newer seqtui" in database.note
        assert path.read_bytes() == before
        assert asides(path) == []

    def test_a_writer_that_holds_the_file_for_too_long(self, path: Path) -> None:
        database = Database(path, busy_seconds=0.05)
        database.keep_block("a", "old", 1)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        database.keep_block("a", "new", 2)
        assert "another program holds it" in database.note
        assert database.blocks("a") == {"old": 1, "new": 2}
        other.close()
