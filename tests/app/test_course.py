"""The course itself, with an engine that never answers: every block of every lesson steps from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqtui.catalogue import catalogue
from seqtui.course.index import lessons
from seqtui.store import Config, Database
from seqtui.tui.app import SeqtuiApp
from seqtui.tui.screens.lesson import LessonScreen
from seqtui.tui.widgets.inside_view import InsideView
from tests.app.test_lesson import arrived
from tests.fakes import FakeEngine


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize("name", [entry.id for entry in lessons()])
async def test_a_lesson_steps_before_any_engine_is_awake(
    name: str, size: tuple[int, int], tmp_path: Path
) -> None:
    engine = FakeEngine(silent=True)
    app = SeqtuiApp(
        engine=engine,
        book=catalogue(),
        config=Config(),
        database=Database(tmp_path / "seqtui.sqlite3"),
        start="lesson",
        target=name,
    )
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, LessonScreen)
        await arrived(pilot, screen)
        for number, block in enumerate(screen.lesson.blocks):
            if number:
                await pilot.press("full_stop")
                await pilot.pause()
            assert screen.current == block.id
            session = screen.session()
            assert session is not None
            assert session.view is not None, f"{block.scene} has no opening trace: make openings"
            last = session.view.trace.steps
            await pilot.press(*["left"] * last, *["right"] * last)
            assert session.view.step == last
            await pilot.press("enter")
            await pilot.pause()
            await pilot.press("enter", "enter")
            await pilot.pause()
            assert isinstance(screen.focused, InsideView)
            await pilot.press("escape", "escape")
        assert not [line for line in engine.asked if "force=" not in line]
