"""The lesson screen with a fake engine: stepping, cues, docked and inline benches, reload, resize, errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from seqtui import shipped
from seqtui.engine.port import Status
from seqtui.glyphs import fixed
from seqtui.store import Config, Database
from seqtui.tui.app import SeqtuiApp
from seqtui.tui.screens.lab import Lab
from seqtui.tui.screens.lesson import LessonScreen
from seqtui.tui.widgets.bench import Bench
from seqtui.tui.widgets.inside_view import InsideView
from seqtui.tui.widgets.key_line import KeyLine
from seqtui.tui.widgets.lesson_text import LiveBlock
from seqtui.tui.widgets.panel_view import PanelView
from seqtui.tui.widgets.reading import Reading
from tests.fakes import FakeEngine, book, lstm_trace
from tests.widgets.test_bench import screen_text

LSTM = "layers.0.lstm"
FILL = "\n\n".join(f"Words to scroll through, passage {i}. " * 6 for i in range(8))
LESSON = f"""---
format: 1
id: gates
title: "Gates"
question: "What do they buy?"
summary: "Step."
minutes: 5
scene: "lstm/names?input=maria"
---
# A memory with gates

The cell is $c_t$, and $\\mathbf{{W}}_h$ a matrix.

```math
c_t = f_t \\odot c_{{t-1}} + i_t \\odot g_t
```

```yaml lab
id: step-gates
show: [{LSTM}.f, {LSTM}.i, {LSTM}.o, {LSTM}.g, {LSTM}.c, {LSTM}.h, output.probs]
look: {{step: 4, signal: {LSTM}.f, unit: 6}}
text: "Six heatmaps over the letters of a name."
caption: "step it"
```

{FILL}

The r closes [the forget gate](#step-gates?step=3&signal={LSTM}.f&unit=9) of a unit.

{FILL}

```yaml lab
id: cell-alone
show: [{LSTM}.c]
text: "The cell."
```

{FILL}
"""

Opened = tuple[SeqtuiApp, LessonScreen, Pilot[Any]]


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Opens the lesson above in the app, in a terminal of a given size."""
    monkeypatch.setattr(shipped, "opening_trace", lstm_trace)
    path = tmp_path / "gates.md"

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (120, 36), text: str = LESSON, engine: FakeEngine | None = None
    ) -> AsyncIterator[Opened]:
        path.write_text(text, encoding="utf-8")
        app = SeqtuiApp(
            engine=engine or FakeEngine(),
            book=book(),
            config=Config(),
            database=Database(tmp_path / "seqtui.sqlite3"),
            start="lesson",
            target=str(path),
        )
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await pilot.pause()
            assert isinstance(app.screen, LessonScreen)
            await arrived(pilot, app.screen)
            yield app, app.screen, pilot

    return opened


async def arrived(pilot: Pilot[Any], screen: LessonScreen) -> None:
    """Wait until all of a lesson is there and its first bench, if it has one, shows something."""
    for _ in range(200):
        session = screen.session()
        if screen.ready and (session is None or session.view is not None):
            break
        await pilot.pause()
    await pilot.pause()


def step(screen: LessonScreen) -> int:
    """The step of the current block."""
    session = screen.session()
    assert session is not None
    assert session.view is not None
    return session.view.step


def message(screen: LessonScreen) -> str:
    """What the last row says."""
    return screen.query_one(KeyLine).message


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (200, 50)])
async def test_the_text_and_its_first_bench_are_seen(lesson: Any, size: tuple[int, int]) -> None:
    async with lesson(size) as (_, screen, pilot):
        text = "\n".join(screen_text(pilot))
        assert "A memory with gates" in text
        assert "cₜ = fₜ ⊙ cₜ₋₁ + iₜ ⊙ gₜ" in text
        await pilot.press("right", "left", "right")
        assert step(screen) == 5
        if size[0] >= 120:
            assert "read i:" in "\n".join(screen_text(pilot))


async def test_arrows_step_from_the_text_and_home_end_scroll_it(lesson: Any) -> None:
    async with lesson() as (_, screen, pilot):
        assert isinstance(screen.focused, Reading)
        await pilot.press("left", "left", "left", "left", "left")
        assert step(screen) == 1
        await pilot.press(*["right"] * 9)
        assert step(screen) == 6
        await pilot.press("end")
        assert screen.query_one(Reading).scroll_y > 0
        first = screen.sessions["step-gates"].view
        assert first is not None
        assert first.step == 6


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)])
@pytest.mark.parametrize("rows", [0, 200])
async def test_enter_is_not_lost_while_the_text_is_still_being_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], rows: int
) -> None:
    monkeypatch.setattr(shipped, "opening_trace", lstm_trace)
    path = tmp_path / "gates.md"
    path.write_text(LESSON.replace("# A memory", "Words.\n\n" * rows + "# A memory"), encoding="utf-8")
    app = SeqtuiApp(
        engine=FakeEngine(),
        book=book(),
        config=Config(),
        database=Database(tmp_path / "seqtui.sqlite3"),
        start="lesson",
        target=str(path),
    )
    async with app.run_test(size=size) as pilot:
        while not isinstance(app.focused, Reading):
            await asyncio.sleep(0)
        app.focused.action_enter()
        for _ in range(20):
            await pilot.pause()
        assert isinstance(app.focused, PanelView)


async def test_digits_and_g_go_to_a_step(lesson: Any) -> None:
    async with lesson() as (_, screen, pilot):
        await pilot.press("2", "g")
        assert step(screen) == 2
        await pilot.press("enter", "end")
        assert step(screen) == 6


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_enter_goes_in_escape_goes_out_one_level_at_a_time(lesson: Any, size: tuple[int, int]) -> None:
    async with lesson(size) as (app, screen, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(screen.focused, PanelView)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(screen.focused, InsideView)
        await pilot.press("enter", "backspace", "enter", "escape")
        await pilot.pause()
        assert isinstance(screen.focused, PanelView)
        await pilot.press("escape")
        assert isinstance(screen.focused, Reading)
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.contents


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)])
async def test_tab_visits_everything_and_is_never_trapped(lesson: Any, size: tuple[int, int]) -> None:
    async with lesson(size) as (_, screen, pilot):
        seen: list[object] = []
        for _ in range(40):
            seen.append(screen.focused)
            await pilot.press("tab")
            if screen.focused is seen[0] and len(seen) > 3:
                break
        assert screen.focused is seen[0]
        signals = {w.signal for w in seen if isinstance(w, PanelView)}
        assert signals >= {f"{LSTM}.{symbol}" for symbol in "fiogch"}


async def test_a_passage_takes_the_bench_to_its_cell_until_the_learner_moves_it(lesson: Any) -> None:
    async with lesson() as (_, screen, pilot):
        reading = screen.query_one(Reading)
        passages = screen.query_one("LessonText").passages()
        passage = next(p for p in passages if "forget gate" in (p.source or ""))
        reading.scroll_to(y=passage.virtual_region.y - 4, animate=False)
        await pilot.pause()
        session = screen.session()
        assert session is not None
        assert session.view is not None
        assert (session.view.step, session.view.unit, session.view.signal) == (3, 9, f"{LSTM}.f")
        assert passage.has_class("-cue")
        await pilot.press("right")
        reading.scroll_to(y=0, animate=False)
        await pilot.pause()
        reading.scroll_to(y=passage.virtual_region.y - 4, animate=False)
        await pilot.pause()
        assert step(screen) == 4


async def test_a_link_is_followed_even_after_the_bench_was_moved(lesson: Any) -> None:
    async with lesson() as (_, screen, pilot):
        await pilot.press("right")
        text = screen.query_one("LessonText")
        text.post_message(text.LinkClicked(text, f"#step-gates?step=2&signal={LSTM}.i&unit=3"))
        await pilot.pause()
        session = screen.session()
        assert session is not None
        assert session.view is not None
        assert (session.view.step, session.view.unit, session.view.signal) == (2, 3, f"{LSTM}.i")


async def test_resizing_keeps_step_unit_and_inside(lesson: Any) -> None:
    async with lesson((120, 36)) as (_, screen, pilot):
        await pilot.press("right", "enter")
        await pilot.pause()
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        session = screen.session()
        assert session is not None
        before = session.view
        for size in ((80, 24), (60, 20), (30, 8), (200, 50), (120, 36)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert session.view is before
        await pilot.press("escape")
        assert step(screen) == 5


async def test_narrow_benches_are_made_when_they_come_into_sight(lesson: Any) -> None:
    async with lesson((80, 24)) as (_, screen, pilot):
        await pilot.pause()
        first, second = screen.query(LiveBlock)
        assert second.bench is None
        await pilot.press("full_stop")
        await pilot.pause()
        await pilot.pause()
        assert first.bench is not None
        assert second.bench is not None
        assert second.bench.view is not None


async def test_editing_the_input_traces_the_new_word(lesson: Any) -> None:
    engine = FakeEngine()
    async with lesson(engine=engine) as (_, screen, pilot):
        await pilot.press("e")
        screen.query_one("EntryBar Input").value = "[/x] elena"
        await pilot.press("enter")
        await pilot.pause()
        session = screen.session()
        assert session is not None
        assert session.view is not None
        assert session.view.trace.tokens == ("‹", "x", *"elena")
        assert engine.asked == ["lstm/names?input=[/x] elena"]


async def test_an_engine_that_fails_says_so_and_what_was_shown_stays(lesson: Any) -> None:
    async with lesson(engine=FakeEngine(failing="the engine is ill")) as (_, screen, pilot):
        await pilot.press("e")
        screen.query_one("EntryBar Input").value = "elena"
        await pilot.press("enter")
        await pilot.pause()
        assert message(screen) == "the engine is ill"
        session = screen.session()
        assert session is not None
        assert session.view is not None
        assert session.view.trace.tokens == ("‹", *"maria")


async def test_with_an_engine_that_never_answers_everything_steps(lesson: Any) -> None:
    async with lesson(engine=FakeEngine(silent=True)) as (_, screen, pilot):
        await pilot.press(*["left"] * 4, *["right"] * 6)
        assert step(screen) == 6
        await pilot.press("e")
        screen.query_one("EntryBar Input").value = "elena"
        await pilot.press("enter")
        assert "waking" in message(screen)
        await pilot.press("left")
        assert step(screen) == 5


async def test_what_the_engine_has_to_say_is_one_line(lesson: Any) -> None:
    engine = FakeEngine()
    async with lesson(engine=engine) as (_, screen, pilot):
        engine.say(Status("restarting", "the engine died and was started again"))
        await pilot.pause()
        assert message(screen) == "the engine died and was started again"
        await pilot.press("left")
        assert message(screen) == ""


async def test_playing_walks_to_the_end_and_any_key_stops_it(lesson: Any) -> None:
    async with lesson() as (_, screen, pilot):
        await pilot.press("enter", "home", "space")
        session = screen.session()
        assert session is not None
        assert session.speed == 1
        screen._played()
        assert step(screen) == 2
        await pilot.press("down")
        assert session.speed == 0
        await pilot.press("space", "space", "space")
        assert session.speed == 3
        for _ in range(9):
            screen._played()
        assert step(screen) == 6
        assert session.speed == 0


async def test_saving_the_file_shows_the_new_text_at_the_same_place(lesson: Any, tmp_path: Path) -> None:
    async with lesson() as (_, screen, pilot):
        await pilot.press("right", "pagedown", "pagedown")
        await pilot.pause()
        before = screen.query_one(Reading).scroll_y
        top = next(row for row in screen_text(pilot)[1:] if "passage" in row)
        screen.path.write_text(
            LESSON.replace("# A memory", "New words.\n\nMore.\n\n# A memory"), encoding="utf-8"
        )
        await screen.look_for_changes()
        await pilot.pause()
        await pilot.pause()
        assert screen.query_one(Reading).scroll_y > before
        assert top in "\n".join(screen_text(pilot)[:6])
        assert step(screen) == 5


async def test_a_fault_in_the_file_is_said_with_its_line(lesson: Any) -> None:
    text = LESSON.replace("step-gates?step=3", "step-gats?step=3")
    async with lesson(text=text) as (_, screen, pilot):
        screen.path.write_text(text.replace("lstm/names", "lstn/names"), encoding="utf-8")
        await screen.look_for_changes()
        await pilot.pause()
        assert "gates.md:8:" in message(screen)
        assert "lstm" in message(screen)


async def test_coming_back_finds_the_place_and_the_state(lesson: Any) -> None:
    async with lesson() as (_, screen, pilot):
        await pilot.press("pagedown", "right", "enter")
        await pilot.press("down")
        await pilot.pause()
        screen.keep()
        place = screen.query_one(Reading).scroll_y
    async with lesson() as (_, screen, pilot):
        await pilot.pause()
        assert abs(screen.query_one(Reading).scroll_y - place) <= 1
        session = screen.sessions["step-gates"]
        screen.prepare(session)
        assert session.view is not None
        assert (session.view.step, session.view.unit) == (5, 7)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_z_opens_the_same_cell_in_the_lab_and_escape_comes_back_to_the_text(
    lesson: Any, size: tuple[int, int]
) -> None:
    async with lesson(size, engine=FakeEngine(silent=True)) as (app, screen, pilot):
        await pilot.press("pagedown", "o")
        await pilot.press("left", "enter")
        await pilot.pause()
        await pilot.press("down", "enter")
        await pilot.pause()
        place = screen.query_one(Reading).scroll_y
        await pilot.press("down", "z")
        await pilot.pause()
        await pilot.pause()
        before = screen.sessions["step-gates"].view
        assert before is not None
        assert before.inside
        assert isinstance(app.screen, Lab)
        view = app.screen.bench.view
        assert view is not None
        for name in ("scene", "trace", "step", "unit", "part", "order", "signal", "inside", "choice"):
            assert getattr(view, name) == getattr(before, name), name
        assert len(view.panels) == 6
        assert isinstance(app.focused, InsideView)
        await pilot.press("escape", "right", "z", "z")
        for _ in range(3):
            if app.screen is not screen:
                await pilot.press("escape")
                await pilot.pause()
        assert screen.sessions["step-gates"].view is before
        assert isinstance(screen.focused, InsideView)
        await pilot.press("escape", "escape")
        assert isinstance(screen.focused, Reading)
        assert screen.query_one(Reading).scroll_y == place


async def test_z_takes_along_what_is_still_being_asked_for(lesson: Any) -> None:
    engine = FakeEngine(silent=True)
    async with lesson(engine=engine) as (app, _, pilot):
        await pilot.press("e", *"\bzoe", "enter", "z")
        await pilot.pause()
        assert isinstance(app.screen, Lab)
        assert app.screen.bench.asked is not None
        assert app.screen.bench.asked.input == "zoe"
        assert app.screen.bench.view is not None


async def test_y_copies_the_scene_and_inside_the_terms(lesson: Any) -> None:
    async with lesson() as (app, screen, pilot):
        await pilot.press("y")
        assert app.clipboard == "lstm/names?input=maria&step=4"
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("y")
        assert isinstance(screen.focused, InsideView)
        page = screen.focused.page
        assert page is not None
        assert page.total is not None
        title, formula, *lines = app.clipboard.splitlines()
        assert (title, formula) == (page.title, page.formula)
        for line, digits, copied in zip(page.lines, page.digits, lines, strict=False):
            assert copied.split() == f"{line.label} {line.detail} {digits}".split()
        assert lines[len(page.lines)].split() == ["sum", fixed(page.total, sign=True)]
        assert message(screen) == f"copied: {page.formula}"


async def test_plain_markdown_opens_without_benches(lesson: Any) -> None:
    async with lesson(text="# A note\n\nSome words with $x_t$.\n\n- one\n- two\n") as (_, screen, pilot):
        text = "\n".join(screen_text(pilot))
        assert "Some words with xₜ." in text
        await pilot.press("right", "e", "x", "o", "l", "space", "g")
        assert not any(bench.display for bench in screen.query(Bench))


async def test_too_small_a_window_says_what_it_needs(lesson: Any) -> None:
    async with lesson((30, 8)) as (_, _, pilot):
        assert "needs 60 columns and 20 rows; here are 30 and 8" in " ".join(
            " ".join(screen_text(pilot)).split()
        )


async def test_a_jamo_is_the_key_it_stands_on(lesson: Any) -> None:
    async with lesson() as (_, screen, pilot):
        await pilot.press("ㅐ")
        await pilot.pause()
        session = screen.session()
        assert session is not None
        assert session.view is not None
        assert session.view.order == "memory"


async def test_a_word_that_is_not_in_the_text_is_said(lesson: Any) -> None:
    async with lesson() as (_, screen, pilot):
        await pilot.press("slash")
        screen.query_one("EntryBar Input").value = "zebra"
        await pilot.press("enter")
        assert "zebra" in message(screen)
        await pilot.press("slash")
        screen.query_one("EntryBar Input").value = "forget GATE"
        await pilot.press("enter")
        await pilot.pause()
        assert "The r closes" in "\n".join(screen_text(pilot)[:6])


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_page_stays_small(lesson: Any, size: tuple[int, int]) -> None:
    async with lesson(size) as (_, screen, _):
        assert len(screen.query("LessonText MarkdownBlock")) <= 90
