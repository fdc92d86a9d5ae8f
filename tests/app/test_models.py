"""Every kind of model on the bench, really computed: its parts, Inside, what if, small and large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from seqtui.engine.service import Service
from seqtui.panels import parts
from seqtui.store import Config, Database
from seqtui.tui.app import SeqtuiApp
from seqtui.tui.screens.lab import Lab
from seqtui.tui.screens.what_if import WhatIf
from seqtui.tui.widgets.inside_view import InsideView
from seqtui.tui.widgets.key_line import KeyLine
from seqtui.tui.widgets.panel_view import PanelView
from tests.widgets.test_bench import screen_text

SCENES = [
    "markov/names?input=maria",
    "markov/names?input=maria&order=0",
    "rnn/names?input=maria&n_layers=3&weights=steps:0",
    "lstm/names?input=maria&hidden_size=64",
    "gru/names?input=maria&n_layers=2&weights=steps:0",
]


async def settle(app: SeqtuiApp, pilot: Pilot[Any]) -> None:
    """Until what was asked for has been drawn."""
    await pilot.pause()
    await app.workers.wait_for_complete(
        [worker for worker in app.workers if worker.group in ("trace", "score")]
    )
    await pilot.pause()


@pytest.mark.parametrize("size", [(60, 20), (120, 36)])
@pytest.mark.parametrize("line", SCENES)
async def test_every_part_of_every_model_opens(line: str, size: tuple[int, int], tmp_path: Path) -> None:
    app = SeqtuiApp(
        engine=Service(),
        config=Config(),
        database=Database(tmp_path / "seqtui.sqlite3"),
        start="lab",
        target=line,
    )
    async with app.run_test(size=size) as pilot:
        await settle(app, pilot)
        lab = app.screen
        assert isinstance(lab, Lab)
        assert lab.bench.view is not None
        every, seen = parts(lab.bench.view.trace), []
        for _ in every:
            assert isinstance(app.focused, PanelView)
            seen.append(lab.bench.view.part)
            await pilot.press("right", "down", "enter")
            await pilot.pause()
            assert isinstance(app.focused, InsideView)
            assert app.focused.page is not None
            assert app.focused.page.lines
            await pilot.press("enter", "escape", "l")
            await pilot.pause()
        assert sorted(seen) == sorted(every)
        await pilot.press("x")
        await pilot.pause()
        if line.startswith("markov"):
            assert "no gate and no state" in lab.query_one(KeyLine).message
            rows = "\n".join(screen_text(pilot))
            assert "›" in rows
            assert "tokens 0–" in rows
        else:
            assert isinstance(app.screen, WhatIf)
