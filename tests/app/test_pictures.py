"""The five pictures of the interface, in every look and at both sizes, compared with how they were approved.

What has changed on purpose is approved by `pytest tests/app/test_pictures.py --snapshot-update`, after a look
at the SVG files beside this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget

from seqtui import shipped
from seqtui.course import index
from seqtui.store import Config, Database, Place
from seqtui.tui.app import SeqtuiApp
from seqtui.tui.screens.bench_screen import BenchScreen
from seqtui.tui.widgets.inside_view import InsideView
from seqtui.tui.widgets.lesson_list import LessonList
from seqtui.tui.widgets.panel_view import PanelView
from tests.fakes import FakeEngine, book, lstm_trace

LSTM = "layers.0.lstm"
LOOKS = {"dark": "textual-dark", "light": "textual-light", "ansi": "ansi-dark", "no-colour": "textual-dark"}
COURSE = (
    ("first-steps", 0, "Five minutes at the bench", "an LSTM reads your name", ""),
    ("sequences", 1, "Sequences", "Why can't an MLP read a sentence?", "first-steps"),
    ("rnn-cell", 3, "The recurrent cell", "What is a hidden state?", "sequences"),
    ("lstm", 7, "The LSTM", "What do gates buy?", "rnn-cell"),
    ("gru", 8, "The GRU", "Are two gates enough?", "lstm"),
)
LESSON = f"""---
format: 1
id: gates
number: 7
title: "The LSTM"
question: "What do gates buy?"
summary: "Step."
minutes: 14
scene: "lstm/names?input=maria"
---
# The LSTM: a memory with gates

A plain RNN pushes all it knows through one tanh at every step. The LSTM adds a second state, the cell $c_t$,
and lets three *gates* guard it. A gate is a number between 0 and 1 for each unit.

```math
c_t = f_t \\odot c_{{t-1}} + i_t \\odot g_t
```

```yaml lab
id: step-gates
show: [{LSTM}.f, {LSTM}.i, {LSTM}.o, {LSTM}.g, {LSTM}.c, {LSTM}.h, output.probs]
look: {{step: 4, signal: {LSTM}.f, unit: 6}}
text: "Six heatmaps over the letters of a name."
caption: "a unit has the same row in every panel"
```

## Forget: what to throw away

The r closes [the forget gate](#step-gates?step=4&signal={LSTM}.f&unit=9) of unit 9, and:

- of the old value nothing is left;
- the new one comes from $i \\odot g$ alone.

## Input: what to store

The input gate decides how much of the candidate is written. Move to the second a and compare units 3 and 5.
"""

Before = Callable[[Pilot[Any]], Awaitable[None]]
SnapCompare = Callable[..., bool]


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A theme's name, in a terminal of known abilities."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    if request.param == "no-colour":
        monkeypatch.setenv("NO_COLOR", "1")
    return LOOKS[request.param]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: str) -> Callable[..., SeqtuiApp]:
    """Makes the app on fakes alone: an engine and a catalogue of NumPy, a course of five lessons."""
    folder = tmp_path / "lessons"
    (folder / "en").mkdir(parents=True)
    for id, number, title, question, needs in COURSE:
        head = f'format: 1\nid: {id}\ntitle: {title}\nquestion: "{question}"\nminutes: {10 + number}\n'
        head += f"summary: Step through it and see.\nrequires: [{needs}]\n"
        path = folder / "en" / f"{number:02d}-{id}.md"
        path.write_text(f"---\n{head}---\n# {title}\n\nText.\n", "utf-8")
    (tmp_path / "gates.md").write_text(LESSON, "utf-8")
    monkeypatch.setattr(index, "lessons_folder", lambda: folder)
    monkeypatch.setattr(shipped, "opening_trace", lambda line: None if "force" in line else lstm_trace(line))
    database = Database(tmp_path / "seqtui.sqlite3")
    database.mark("first-steps", "done")
    database.mark("sequences", "skipped")
    database.keep_place("lstm", Place("heading:forget"))

    def app(start: str = "contents", target: str | None = None) -> SeqtuiApp:
        target = str(tmp_path / target) if start == "lesson" and target else target
        config = Config(theme=look)
        return SeqtuiApp(
            engine=FakeEngine(), book=book(), config=config, database=database, start=start, target=target
        )

    return app


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Wait for what has been asked for; a picture that never comes fails here."""
    async with asyncio.timeout(30):
        while not holds():
            await pilot.pause()
    await pilot.pause()


def drawn(app: App[Any]) -> bool:
    """Whether the screen is the one to be seen, and has all that the engine was asked for."""
    assert isinstance(app, SeqtuiApp)
    screen = app.screen
    if not isinstance(screen, BenchScreen):
        return app.start_at == "contents"
    session = screen.session()
    if session is None or session.view is None or session.asked is not None:
        return False
    return not session.scene.force or session.view.score is not None


def after(*keys: str, focus: type[Widget] | None = None) -> Before:
    """Some keys, once what was asked for has been drawn; focus: what has the keys at the end."""

    async def settled(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: drawn(pilot.app))
        await pilot.press(*keys)
        await until(pilot, lambda: focus is None or isinstance(pilot.app.focused, focus))

    return settled


inside = after(*["down"] * 6, "enter", focus=InsideView)
"""Inside the forget gate of unit 6 at step 4."""


def test_1_contents(made: Callable[..., SeqtuiApp], snap_compare: SnapCompare) -> None:
    assert snap_compare(made(), terminal_size=(80, 24), run_before=after(focus=LessonList))


def test_2_lesson_with_the_bench_docked(made: Callable[..., SeqtuiApp], snap_compare: SnapCompare) -> None:
    app = made("lesson", "gates.md")
    assert snap_compare(app, terminal_size=(120, 36), run_before=after("right", "right", "right"))


def test_3_lesson_with_the_bench_in_the_text(
    made: Callable[..., SeqtuiApp], snap_compare: SnapCompare
) -> None:
    app, bench = made("lesson", "gates.md"), after("full_stop", "enter", "right", focus=PanelView)
    assert snap_compare(app, terminal_size=(80, 24), run_before=bench)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
def test_4_lab_with_a_gate_forced(
    made: Callable[..., SeqtuiApp], snap_compare: SnapCompare, size: tuple[int, int]
) -> None:
    app = made("lab", f"lstm/names?input=maria&force={LSTM}.f:1&step=4")
    assert snap_compare(app, terminal_size=size, run_before=after(focus=PanelView))


def test_5_inside(made: Callable[..., SeqtuiApp], snap_compare: SnapCompare) -> None:
    app = made("lab", "lstm/names?input=maria&step=4")
    assert snap_compare(app, terminal_size=(80, 24), run_before=inside)


@pytest.mark.parametrize("look", ["dark", "no-colour"], indirect=True)
def test_5_inside_where_it_is_narrow(made: Callable[..., SeqtuiApp], snap_compare: SnapCompare) -> None:
    app = made("lab", "lstm/names?input=maria&step=4")
    assert snap_compare(app, terminal_size=(60, 20), run_before=inside)
