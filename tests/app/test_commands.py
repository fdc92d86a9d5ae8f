"""Every command by name: what a key does, the palette does too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from seqtui import shipped
from seqtui.sentences import has, names
from seqtui.store import Config, Database
from seqtui.tui.app import SeqtuiApp
from seqtui.tui.commands import Commands
from seqtui.tui.keys import bound_keys
from seqtui.tui.screens.contents import Contents
from seqtui.tui.screens.lab import Lab
from seqtui.tui.screens.what_if import WhatIf
from tests.fakes import FakeEngine, book, lstm_trace


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SeqtuiApp:
    """The app, to be opened in the lab."""
    monkeypatch.setattr(shipped, "opening_trace", lstm_trace)
    database = Database(tmp_path / "seqtui.sqlite3")
    return SeqtuiApp(engine=FakeEngine(), book=book(), config=Config(), database=database, start="lab")


async def choose(app: SeqtuiApp, pilot: Pilot[Any], words: str) -> None:
    """Open the palette, type, take the first."""
    await pilot.press("ctrl+p")
    await pilot.pause()
    assert isinstance(app.screen, CommandPalette)
    app.screen.query_one(Input).value = words
    await app.workers.wait_for_complete([worker for worker in app.workers if worker.group != "engine"])
    await pilot.pause()
    await pilot.press("enter")
    await pilot.pause()
    if isinstance(app.screen, CommandPalette):
        await pilot.press("enter")
        await pilot.pause()
    await pilot.pause()


async def test_the_palette_has_every_key_that_acts_and_every_lesson(app: SeqtuiApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        found = [str(hit.prompt) async for hit in Commands(app.screen).discover()]
        for id in bound_keys(app.screen.active_bindings):
            assert any(has(f"tip.{id}") and title.startswith(names_of(id)) for title in found), id
        assert any("The LSTM" in title for title in found)
        assert len(found) == len(set(found))


def names_of(id: str) -> str:
    """The short name of a key."""
    from seqtui.sentences import say

    return say(f"key.{id}")


async def test_a_command_does_what_its_key_does(app: SeqtuiApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        lab = app.screen
        assert isinstance(lab, Lab)
        await choose(app, pilot, "the last token")
        assert lab.bench.view is not None
        assert lab.bench.view.step == 6
        await choose(app, pilot, "what if")
        assert isinstance(app.screen, WhatIf)
        await pilot.press("escape")
        await choose(app, pilot, "all lessons")
        assert isinstance(app.screen, Contents)


def test_every_key_has_a_tip_and_every_tip_a_key() -> None:
    assert set(names("key")) == set(names("tip"))
