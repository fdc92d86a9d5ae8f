"""Lists with a cursor: keys, wheel and clicks; and the lists made of them."""

from __future__ import annotations

from pathlib import Path

from textual.app import App, ComposeResult
from textual.message import Message

from seqtui.course.index import LessonEntry
from seqtui.tui.widgets.lesson_list import LessonList, LessonMap, Row
from seqtui.tui.widgets.scene_column import ForceRows, SceneRows
from tests.fakes import book, view_scene
from tests.widgets.test_bench import screen_text


def entry(number: int, title: str = "", needs: tuple[str, ...] = ()) -> LessonEntry:
    """A lesson of the list."""
    name = title or f"Lesson {number}"
    return LessonEntry(f"l{number}", str(Path("en") / f"{number}.md"), number, name, 12, "Why?", "", needs, 1)


class Host(App[None]):
    """A list alone, and what it said."""

    CSS = "LessonMap { display: none; } .-map LessonMap { display: block; }"

    def __init__(self, *widgets: LessonList | LessonMap | SceneRows | ForceRows) -> None:
        super().__init__()
        self.parts = widgets
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        """The lists."""
        yield from self.parts

    def on_row_list_opened(self, event: LessonList.Opened) -> None:
        """Remember."""
        self.said.append(event)

    def on_scene_rows_turned(self, event: SceneRows.Turned) -> None:
        """Remember."""
        self.said.append(event)

    def on_force_rows_removed(self, event: ForceRows.Removed) -> None:
        """Remember."""
        self.said.append(event)


def lesson_list(count: int) -> LessonList:
    """So many lessons, the first three done, begun and skipped."""
    found = LessonList()
    states = ["done", "begun", "skipped"]
    found.rows = tuple(Row(entry(number), states[number] if number < 3 else "") for number in range(count))
    return found


async def test_every_lesson_can_be_reached_and_the_cursor_stays_in_the_list_and_in_sight() -> None:
    rows = lesson_list(30)
    async with Host(rows).run_test(size=(80, 10)) as pilot:
        rows.focus()
        await pilot.press("up")
        assert rows.cursor == 0
        for _ in range(5):
            await pilot.press("pagedown")
        assert rows.cursor == 29
        assert any(line.startswith("▸ 29") for line in screen_text(pilot))
        await pilot.press("home")
        assert screen_text(pilot)[0].startswith("▸  0 ● Lesson 0")
        assert " 1 ◐ Lesson 1" in screen_text(pilot)[1]
        assert " 2 ○ Lesson 2" in screen_text(pilot)[2]
        assert " 3   Lesson 3" in screen_text(pilot)[3]


async def test_a_click_chooses_and_a_second_click_opens() -> None:
    rows = lesson_list(5)
    host = Host(rows)
    async with host.run_test(size=(80, 10)) as pilot:
        await pilot.click(LessonList, offset=(10, 3))
        assert rows.cursor == 3
        assert not host.said
        await pilot.click(LessonList, offset=(10, 3))
        assert [event.row for event in host.said if isinstance(event, LessonList.Opened)] == [3]
        await pilot.click(LessonList, offset=(10, 8))
        assert rows.cursor == 3


async def test_no_row_is_wider_than_the_list_and_wide_titles_keep_the_columns() -> None:
    found = LessonList()
    found.rows = (Row(entry(1, "순환 신경망과 기억")), Row(entry(2, "A title that is much too long for it")))
    for columns in (30, 60, 80, 120):
        async with Host(found).run_test(size=(columns, 5)) as pilot:
            first, second = screen_text(pilot)[:2]
            assert first.rstrip().endswith("12 m")
            assert second.rstrip().endswith("12 m")
        found = LessonList()
        found.rows = (
            Row(entry(1, "순환 신경망과 기억")),
            Row(entry(2, "A title that is much too long for it")),
        )


async def test_a_list_without_rows_opens_nothing() -> None:
    rows = lesson_list(0)
    host = Host(rows)
    async with host.run_test(size=(80, 10)) as pilot:
        rows.focus()
        await pilot.press("down", "enter", "end")
        assert not host.said
        assert rows.chosen is None


async def test_the_map_shows_what_the_chosen_lesson_stands_on() -> None:
    lessons = LessonMap()
    lessons.rows = (
        Row(entry(0), "done"),
        Row(entry(1, needs=("l0",))),
        Row(entry(2, needs=("l0",))),
        Row(entry(3, needs=("l1",))),
    )
    lessons.chosen = "l3"
    assert lessons.needed == {"l0", "l1"}
    host = Host(lessons)
    async with host.run_test(size=(60, 12)) as pilot:
        host.screen.add_class("-map")
        await pilot.pause()
        assert "├─·" in screen_text(pilot)[2]
        assert "3 Lesson 3" in screen_text(pilot)[4]


async def test_fields_say_how_they_are_turned_and_typed() -> None:
    rows = SceneRows(book())
    rows.scene = view_scene("lstm/names?input=maria&seed=1")
    host = Host(rows)
    async with host.run_test(size=(27, 10)) as pilot:
        rows.focus()
        await pilot.press("right", "down", "down", "left", "enter")
        turned = [(event.field, event.by) for event in host.said if isinstance(event, SceneRows.Turned)]
        assert turned == [("model", 1), ("input", -1)]
        assert [event.row for event in host.said if isinstance(event, SceneRows.Opened)] == [2]
        assert "input    ◂ maria ▸" in "\n".join(screen_text(pilot))


async def test_what_is_forced_can_be_taken_away_one_by_one() -> None:
    rows = ForceRows()
    rows.scene = view_scene("lstm/names?force=layers.0.lstm.f:1&force=layers.0.lstm.c[2]@3..:0")
    host = Host(rows)
    async with host.run_test(size=(27, 10)) as pilot:
        rows.focus()
        assert "c[2] = 0 at 3.." in screen_text(pilot)[1]
        await pilot.press("down", "delete", "down", "delete")
        assert [event.place for event in host.said if isinstance(event, ForceRows.Removed)] == [1]
