"""The contents: what stands where, going to a lesson by every way, and what it says where there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from seqtui.course import index
from seqtui.errors import StateError
from seqtui.store import Config, Database, Place
from seqtui.tui.app import SeqtuiApp
from seqtui.tui.screens.contents import Contents
from seqtui.tui.screens.help import Help
from seqtui.tui.screens.lab import Lab
from seqtui.tui.screens.lesson import LessonScreen
from seqtui.tui.widgets.lesson_list import LessonList, LessonMap
from tests.fakes import FakeEngine, book
from tests.widgets.test_bench import screen_text

COURSE = [
    ("first-steps", "Five minutes at the bench", "an LSTM reads your name", ""),
    ("sequences", "Sequences", "What is in an order?", ""),
    ("rnn-cell", "The recurrent cell", "What is a hidden state?", "first-steps, sequences"),
    ("lstm", "The LSTM", "What do gates buy?", "rnn-cell"),
    ("gru", "The GRU", "Are two gates enough?", "lstm, not-written-yet"),
]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """An empty one."""
    return Database(tmp_path / "seqtui.sqlite3")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of five lessons."""
    found = tmp_path / "lessons"
    (found / "en").mkdir(parents=True)
    for number, (id, title, question, needs) in enumerate(COURSE):
        head = f"format: 1\nid: {id}\ntitle: {title}\nquestion: {question}\nminutes: 1{number}\n"
        head += f"summary: All about {id}.\nrequires: [{needs}]\n"
        (found / "en" / f"{number:02d}-{id}.md").write_text(f"---\n{head}---\n# {title}\n\nText.\n", "utf-8")
    monkeypatch.setattr(index, "lessons_folder", lambda: found)
    return found


@asynccontextmanager
async def contents(
    database: Database, size: tuple[int, int] = (80, 24), config: Config | None = None
) -> AsyncIterator[tuple[SeqtuiApp, Contents, Pilot[Any]]]:
    """The app at its contents."""
    app = SeqtuiApp(engine=FakeEngine(), book=book(), config=config or Config(), database=database)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, Contents)
        yield app, app.screen, pilot


def chosen(screen: Contents) -> str:
    """The lesson under the cursor."""
    row = screen.query_one(LessonList).chosen
    return row.entry.id if row is not None else ""


async def test_the_first_start_stands_on_lesson_0_and_says_start(folder: Path, database: Database) -> None:
    async with contents(database) as (_, screen, pilot):
        text = screen_text(pilot)
        assert chosen(screen) == "first-steps"
        assert text[0].endswith("0 of 5 done")
        assert text[1].startswith("▸  0   Five minutes at the bench an LSTM reads your name")
        assert text[1].endswith("10 m")
        assert text[21].strip() == "All about first-steps."
        assert text[22].startswith(" B Lab")
        assert text[23].startswith(" ↵ start")


async def test_it_goes_on_where_one_was(folder: Path, database: Database) -> None:
    database.mark("first-steps", "done")
    database.mark("sequences", "skipped")
    database.keep_place("lstm", Place("heading:the-forget-gate"))
    async with contents(database) as (_, screen, pilot):
        text = screen_text(pilot)
        assert chosen(screen) == "lstm"
        assert [row[5] for row in text[1:6]] == ["●", "○", " ", "◐", " "]
        assert text[0].endswith("1 of 5 done")
        assert text[21].strip() == "All about lstm. Needs 2. At “the forget gate”."
        assert text[23].startswith(" ↵ go on where you were")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (200, 50)])
async def test_every_size_shows_every_lesson_and_from_120_columns_the_map(
    folder: Path, database: Database, size: tuple[int, int]
) -> None:
    async with contents(database, size) as (_, screen, pilot):
        text = "\n".join(screen_text(pilot))
        assert screen.query_one(LessonMap).display == (size[0] >= 120)
        for _, title, _, _ in COURSE:
            assert text.count(title) == (2 if size[0] >= 120 else 1)
        assert ("what builds on what" in text) == (size[0] >= 120)
        assert all(key in text for key in ("start", "choose", "search", "help", "quit"))


async def test_a_small_terminal_says_what_is_needed(folder: Path, database: Database) -> None:
    async with contents(database, (59, 20)) as (_, _, pilot):
        assert "60 columns and 20 rows" in "\n".join(screen_text(pilot))
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert "60 columns" not in "\n".join(screen_text(pilot))


async def test_enter_opens_the_lesson_and_escape_and_c_come_back(folder: Path, database: Database) -> None:
    async with contents(database) as (app, screen, pilot):
        for back in ("escape", "C"):
            await pilot.press("down", "enter")
            await pilot.pause()
            opened = app.screen
            assert isinstance(opened, LessonScreen)
            await pilot.press(back)
            await pilot.pause()
            assert app.screen is screen
            row = screen.query_one(LessonList).chosen
            assert row is not None
            assert opened.lesson.id == row.entry.id
            assert row.state in ("begun", "done")


async def test_digits_go_to_the_lesson_of_that_number(folder: Path, database: Database) -> None:
    async with contents(database) as (_, screen, pilot):
        await pilot.press("3")
        assert chosen(screen) == "lstm"
        await pilot.press("4")
        assert chosen(screen) == "gru"
        await pilot.press("9")
        assert chosen(screen) == "gru"


async def test_search_shows_what_holds_the_letters_as_they_are_typed(
    folder: Path, database: Database
) -> None:
    async with contents(database) as (_, screen, pilot):
        await pilot.press("slash")
        screen.query_one(Input).value = "gates"
        await pilot.pause()
        rows = screen.query_one(LessonList)
        assert [row.entry.id for row in rows.rows] == ["lstm", "gru"]
        assert "2 of 5 with “gates”" in screen_text(pilot)[0]
        await pilot.press("enter", "down")
        assert screen.focused is rows
        assert chosen(screen) == "gru"
        await pilot.press("escape")
        assert len(rows.rows) == 5
        assert chosen(screen) == "gru"
        await pilot.press("slash")
        screen.query_one(Input).value = "nothing like it"
        await pilot.pause()
        assert "no lesson has 'nothing like it' in it" in "\n".join(screen_text(pilot))
        await pilot.press("escape")
        assert len(rows.rows) == 5


async def test_everything_can_be_clicked(folder: Path, database: Database) -> None:
    async with contents(database) as (app, screen, pilot):
        await pilot.click(offset=(12, 3))
        assert chosen(screen) == "rnn-cell"
        await pilot.click(offset=(12, 3))
        await pilot.pause()
        assert isinstance(app.screen, LessonScreen)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.click("#places")
        await pilot.pause()
        assert isinstance(app.screen, Lab)
        await pilot.press("C")
        await pilot.pause()
        place = screen_text(pilot)[23].index("? help")
        await pilot.click(offset=(place, 23))
        await pilot.pause()
        assert isinstance(app.screen, Help)


async def test_remapped_keys_are_written_as_they_are(folder: Path, database: Database) -> None:
    config = Config(keymap={"filter": "f5", "lab": "f6"})
    async with contents(database, config=config) as (_, screen, pilot):
        text = screen_text(pilot)
        assert "f5 search" in text[23]
        assert text[22].startswith(" f6 Lab")
        await pilot.press("f5")
        assert isinstance(screen.focused, Input)


@pytest.mark.parametrize("broken", ["missing", "empty", "language"])
async def test_a_broken_lessons_folder_is_one_line_and_the_lab_still_opens(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    if broken == "missing":
        monkeypatch.setattr(index, "lessons_folder", lambda: folder / "gone")
    elif broken == "empty":
        for file in (folder / "en").iterdir():
            file.unlink()
    config = Config(language="xx") if broken == "language" else Config()
    async with contents(database, config=config) as (app, _, pilot):
        assert screen_text(pilot)[21].strip()
        await pilot.press("down", "enter", "3", "B")
        await pilot.pause()
        assert isinstance(app.screen, Lab)
        await pilot.press("q")
    assert app.return_code == 0


async def test_ascii_alone_draws_no_other_character(folder: Path, database: Database) -> None:
    database.mark("first-steps", "done")
    async with contents(database, (120, 36), Config(glyphs="ascii")) as (_, _, pilot):
        assert "\n".join(screen_text(pilot)).isascii()


def test_a_theme_that_there_is_not_is_an_error_with_the_nearest(database: Database) -> None:
    with pytest.raises(StateError, match="did you mean 'textual-dark'"):
        SeqtuiApp(engine=FakeEngine(), config=Config(theme="textual-drk"), database=database)


def test_a_keymap_that_names_no_key_is_an_error_with_the_nearest(database: Database) -> None:
    with pytest.raises(StateError, match="did you mean 'filter'"):
        SeqtuiApp(engine=FakeEngine(), config=Config(keymap={"filtre": "f5"}), database=database)


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_what_is_to_be_said_of_a_lesson_is_said_to_its_end(
    folder: Path, database: Database, size: tuple[int, int]
) -> None:
    path = next((folder / "en").glob("*first-steps*"))
    said = "Walk a trained network through a name, follow a number to its end, and force a gate open at last."
    path.write_text(path.read_text("utf-8").replace("All about first-steps.", said), "utf-8")
    async with contents(database, size) as (_, _, pilot):
        rows = screen_text(pilot)
        rule = next(y for y, row in enumerate(rows) if row.startswith(" ──"))
        assert " ".join(row.strip() for row in rows[rule + 1 : -2]).endswith(said)
