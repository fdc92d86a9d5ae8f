"""The lab with a fake engine: every field, what is forced, the line, errors, the drawer, and the way out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from seqtui import shipped
from seqtui.store import Config, Database
from seqtui.tui.app import SeqtuiApp
from seqtui.tui.screens.contents import Contents
from seqtui.tui.screens.help import Help
from seqtui.tui.screens.lab import Lab
from seqtui.tui.screens.source import Source
from seqtui.tui.screens.what_if import WhatIf
from seqtui.tui.widgets.forced_table import ForcedTable
from seqtui.tui.widgets.inside_view import InsideView
from seqtui.tui.widgets.key_line import KeyLine
from seqtui.tui.widgets.panel_view import PanelView
from seqtui.tui.widgets.scene_column import ForceRows, SceneRows
from tests.fakes import FakeEngine, book, lstm_trace
from tests.widgets.test_bench import screen_text

LSTM = "layers.0.lstm"
FORCED = f"lstm/names?input=maria&force={LSTM}.f:1&step=4"
Opened = tuple[SeqtuiApp, Lab, Pilot[Any]]


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Opens the lab in the app, in a terminal of a given size; nothing but `maria` is shipped."""
    monkeypatch.setattr(
        shipped, "opening_trace", lambda line: lstm_trace(line) if line.endswith("input=maria") else None
    )

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (120, 36),
        line: str | None = None,
        engine: FakeEngine | None = None,
        config: Config | None = None,
    ) -> AsyncIterator[Opened]:
        app = SeqtuiApp(
            engine=engine or FakeEngine(),
            book=book(),
            config=config or Config(),
            database=Database(tmp_path / "seqtui.sqlite3"),
            start="lab",
            target=line,
        )
        async with app.run_test(size=size) as pilot:
            await settle(app, pilot)
            assert isinstance(app.screen, Lab)
            yield app, app.screen, pilot

    return opened


async def settle(app: SeqtuiApp, pilot: Pilot[Any]) -> None:
    """Until what was asked for has been drawn."""
    await pilot.pause()
    await app.workers.wait_for_complete(
        [worker for worker in app.workers if worker.group in ("trace", "score")]
    )
    await pilot.pause()


def text(pilot: Pilot[Any]) -> str:
    """All that stands on the screen."""
    return "\n".join(screen_text(pilot))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 30), (120, 36), (200, 50)])
async def test_the_default_scene_can_be_stepped_at_once_with_an_engine_that_never_answers(
    lab: Any, size: tuple[int, int]
) -> None:
    async with lab(size, engine=FakeEngine(silent=True)) as (_, screen, pilot):
        assert isinstance(screen.focused, PanelView)
        await pilot.press("right", "right", "down")
        assert screen.bench.view is not None
        assert (screen.bench.view.step, screen.bench.view.unit) == (3, 1)
        assert screen_text(pilot)[0].startswith(" seqtui  lab  lstm/names?input=maria&step=3")
        assert ("SCENE" in text(pilot)) == (size[0] >= 100)


async def test_a_forced_scene_shows_it_beside_the_run_as_it_is(lab: Any) -> None:
    async with lab(line=FORCED) as (app, screen, pilot):
        await settle(app, pilot)
        seen = text(pilot)
        assert "f = 1" in seen
        assert "nothing is erased" in seen
        assert "over 500 unseen names: 2.95 → 3.82 bits a letter" in seen
        assert "with f = 1" in seen
        assert screen.query_one(ForcedTable).display
        assert screen.bench.view is not None
        assert screen.bench.view.step == 4


async def test_what_if_forces_and_clears(lab: Any) -> None:
    async with lab() as (app, screen, pilot):
        await pilot.press("x")
        await pilot.pause()
        assert isinstance(app.screen, WhatIf)
        await pilot.press("enter")
        await settle(app, pilot)
        assert screen.bench.line == f"lstm/names?input=maria&force={LSTM}.f:1&step=1"
        rows = screen.query_one(ForceRows)
        rows.focus()
        await pilot.press("delete")
        await settle(app, pilot)
        assert screen.bench.line == "lstm/names?input=maria&step=1"
        assert "Nothing is forced." in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, WhatIf)


async def test_fields_are_turned_typed_and_refused_with_the_reason(lab: Any) -> None:
    async with lab() as (app, screen, pilot):
        rows = screen.query_one(SceneRows)
        rows.focus()
        await pilot.press("right")
        assert "there is no other" in screen.query_one(KeyLine).message
        await pilot.press("down", "down", "right")
        await settle(app, pilot)
        assert screen.bench.scene.input == "elena"
        await pilot.press("enter")
        screen.query_one(Input).value = "zoe"
        await pilot.press("enter")
        await settle(app, pilot)
        assert screen.bench.scene.input == "zoe"
        assert screen.focused is rows
        await pilot.press("down", "right")
        await settle(app, pilot)
        assert str(screen.bench.scene.weights) == "steps:0"
        assert "untrained" in text(pilot)
        await pilot.press("down", "enter")
        screen.query_one(Input).value = "many"
        await pilot.press("enter")
        assert "not a whole number" in screen.query_one(KeyLine).message
        assert screen.bench.scene.seed == 1


async def test_a_wrong_line_is_one_line_and_the_old_scene_stays(lab: Any) -> None:
    async with lab() as (app, screen, pilot):
        before = screen.bench.line
        await pilot.click(".header")
        await pilot.pause()
        field = screen.query_one(Input)
        assert field.value == before
        field.value = "lstm/names?force=layers.0.lstm.q:1"
        await pilot.press("enter")
        assert "did you mean" in screen.query_one(KeyLine).message
        assert screen.bench.line == before
        await pilot.click(".header")
        field.value = "lstm/names?input=ada&step=2"
        await pilot.press("enter")
        await settle(app, pilot)
        assert screen.bench.line == "lstm/names?input=ada&step=2"


async def test_a_line_pasted_anywhere_is_opened(lab: Any) -> None:
    from textual.events import Paste

    async with lab() as (app, screen, pilot):
        app.post_message(Paste(" lstm/names?input=ada&step=3\n"))
        await settle(app, pilot)
        assert screen.bench.line == "lstm/names?input=ada&step=3"


async def test_what_the_engine_cannot_do_is_one_line_and_what_is_seen_stays(lab: Any) -> None:
    async with lab(engine=FakeEngine(failing="out of memory")) as (app, screen, pilot):
        screen.open_line("lstm/names?input=ada")
        await settle(app, pilot)
        assert screen.query_one(KeyLine).message == "out of memory"
        assert screen.bench.line == "lstm/names?input=maria&step=1"
        scene = screen.query_one(SceneRows).scene
        assert scene is not None
        assert scene.input == "maria"


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_where_it_is_narrow_z_opens_a_drawer_and_escape_closes_it(
    lab: Any, size: tuple[int, int]
) -> None:
    async with lab(size) as (app, screen, pilot):
        await pilot.press("z")
        await pilot.pause()
        assert "SCENE" in text(pilot)
        assert isinstance(screen.focused, SceneRows)
        await pilot.press("escape")
        await pilot.pause()
        assert "SCENE" not in text(pilot)
        assert isinstance(screen.focused, PanelView)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Contents)


async def test_escape_goes_one_level_out_at_a_time_back_to_where_one_came_from(lab: Any) -> None:
    async with lab() as (app, screen, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(screen.focused, InsideView)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(screen.focused, PanelView)
        await pilot.press("escape")
        assert isinstance(screen.focused, SceneRows)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Contents)
        await pilot.press("B")
        await pilot.pause()
        assert app.screen is screen


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)])
async def test_tab_visits_everything_and_is_never_trapped(lab: Any, size: tuple[int, int]) -> None:
    async with lab(size) as (_, screen, pilot):
        seen = [screen.focused]
        for _ in range(20):
            await pilot.press("tab")
            if screen.focused is seen[0]:
                break
            seen.append(screen.focused)
        assert screen.focused is seen[0]
        assert {w.signal for w in seen if isinstance(w, PanelView)} == {f"{LSTM}.{s}" for s in "fiogch"}
        assert any(isinstance(w, SceneRows) for w in seen) == (size[0] >= 100)


async def test_what_was_open_is_open_again_next_time(lab: Any) -> None:
    async with lab(line="lstm/names?input=ada&step=3") as (app, _, pilot):
        await pilot.press("down", "down")
        await pilot.press("C")
        await settle(app, pilot)
    async with lab() as (app, screen, pilot):
        await settle(app, pilot)
        assert screen.bench.line == "lstm/names?input=ada&step=3"


async def test_a_resize_at_any_moment_loses_nothing(lab: Any) -> None:
    async with lab() as (_, screen, pilot):
        await pilot.press("right", "right", "down")
        for size in ((60, 20), (40, 10), (200, 50), (80, 24), (120, 36)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert screen.bench.line == "lstm/names?input=maria&step=3"
        assert "SCENE" in text(pilot)


async def test_help_and_source_open_over_it(lab: Any) -> None:
    async with lab() as (app, screen, pilot):
        for pressed, kind in (("question_mark", Help), ("f", Source)):
            await pilot.press(pressed)
            await pilot.pause()
            assert isinstance(app.screen, kind)
            await pilot.press("escape")
            await pilot.pause()
            assert app.screen is screen


async def test_every_key_in_the_last_row_can_be_clicked(lab: Any) -> None:
    async with lab() as (app, screen, pilot):
        shown = screen_text(pilot)[-1]
        await pilot.click(offset=(shown.index("step"), 35))
        await settle(app, pilot)
        assert screen.bench.view is not None
        assert screen.bench.view.step == 2
        await pilot.click(offset=(shown.index("what if"), 35))
        await settle(app, pilot)
        assert isinstance(app.screen, WhatIf)


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark", "ansi-light"])
async def test_other_themes_work(lab: Any, theme: str) -> None:
    async with lab(config=Config(theme=theme)) as (app, _, pilot):
        await pilot.press("right", "x")
        await pilot.pause()
        assert isinstance(app.screen, WhatIf)
        assert app.look.dark == (theme == "ansi-dark")


async def test_an_answer_that_comes_before_the_screen_is_shown_on_it(lab: Any) -> None:
    async with lab() as (app, _, pilot):
        app.action_contents()
        app.lab = Lab()
        app.lab.open_line(FORCED)
        await settle(app, pilot)
        assert not app.lab.is_attached
        app.action_lab()
        await settle(app, pilot)
        assert "with f = 1" in text(pilot)
        assert isinstance(app.focused, PanelView)
