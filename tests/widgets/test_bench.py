"""The bench in a small host: what it shows at each size, and what it says when it is touched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from seqtui.panels import View
from seqtui.signals import Cell
from seqtui.tui.render.ramp import Look
from seqtui.tui.widgets.bench import Bench
from seqtui.tui.widgets.inside_view import InsideView
from seqtui.tui.widgets.odds_view import OddsView
from seqtui.tui.widgets.panel_view import PanelView
from seqtui.tui.widgets.token_line import TokenLine
from tests.fakes import book, lstm_trace, view_scene

LSTM = "layers.0.lstm"


class Host(App[None]):
    """One bench alone."""

    CSS = "Bench { border: round $primary; height: 1fr; } TokenLine { height: 1; }"

    def __init__(self, view: View | None, look: Look | None = None) -> None:
        super().__init__()
        self.bench = Bench("b")
        self.bench.view = view
        self.bench.look = look or Look(glyphs=True)

    def compose(self) -> ComposeResult:
        """Only the bench."""
        yield self.bench


def view(line: str = "lstm/names?input=maria", step: int = 4) -> View:
    """A View on the NumPy LSTM."""
    return View.of(view_scene(line), lstm_trace(line), book=book()).at(step)


def screen_text(pilot: Pilot[Any]) -> list[str]:
    """What stands on the screen, a string for each row."""
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


@pytest.mark.parametrize(
    ("size", "across", "single"),
    [((60, 15), 1, True), ((80, 19), 6, False), ((66, 34), 3, False), ((128, 48), 6, False)],
)
async def test_panels_stand_as_the_pictures_have_them(
    size: tuple[int, int], across: int, single: bool
) -> None:
    app = Host(view())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        rows = screen_text(pilot)
        panels = list(app.query(PanelView))
        seen = [p for p in panels if p.region.height and app.bench.region.contains_region(p.region)]
        first = [p for p in seen if p.region.y == panels[0].region.y]
        assert len(first) == across
        assert len(seen) == (1 if single else 6)
        assert any("c₄" in row or "f₄" in row for row in rows)
        assert any("next" in row for row in rows)
        assert any("read r:" in row for row in rows)


async def test_the_same_unit_stands_in_the_same_row_of_every_panel() -> None:
    app = Host(replace(view(), order="memory"))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        orders = [panel.frame.order for panel in app.query(PanelView) if panel.frame]
        assert len(orders) == 6
        assert all(order == orders[0] for order in orders)


async def test_steps_not_reached_are_blank() -> None:
    app = Host(view(step=2))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        row = next(row for row in screen_text(pilot) if "   1  " in row)
        assert row.count("·") >= 6 * 4


async def test_tab_goes_through_every_panel_and_the_odds_and_is_not_trapped() -> None:
    app = Host(view())
    async with app.run_test(size=(60, 15)) as pilot:
        app.bench.take_keys()
        await pilot.pause()
        seen = [app.focused]
        for _ in range(6):
            await pilot.press("tab")
            seen.append(app.focused)
        assert [w.signal for w in seen[:6] if isinstance(w, PanelView)] == [
            f"{LSTM}.{symbol}" for symbol in "fiogch"
        ]
        assert isinstance(seen[6], OddsView)
        await pilot.press("tab")
        assert isinstance(app.focused, PanelView)


async def test_a_click_on_a_cell_says_which() -> None:
    app = Host(view())
    said: list[PanelView.CellChosen] = []
    async with app.run_test(size=(100, 30), message_hook=lambda m: _keep(m, said)) as pilot:
        await pilot.pause()
        panel = next(p for p in app.query(PanelView) if p.signal == f"{LSTM}.f")
        assert panel.frame is not None
        await pilot.click(panel, offset=(6 + 2 * 2, panel.frame.layout.header + 3))
        assert (said[0].step, said[0].unit, said[0].inside) == (3, 3, False)


def _keep(message: Message, kept: list[PanelView.CellChosen]) -> None:
    if isinstance(message, PanelView.CellChosen) and message not in kept:
        kept.append(message)


async def test_a_click_on_a_token_goes_there() -> None:
    said: list[int] = []

    def keep(message: Message) -> None:
        if isinstance(message, TokenLine.StepChosen):
            said.append(message.step)

    app = Host(view())
    async with app.run_test(size=(100, 34), message_hook=keep) as pilot:
        await pilot.pause()
        line = app.query_one(TokenLine)
        for start, _, step in list(line._places):
            await pilot.click(line, offset=(start, 0))
            if step <= 6:
                assert said[-1] == step


async def test_inside_takes_the_place_of_the_panels_and_says_what_is_followed() -> None:
    said: list[object] = []

    def keep(message: Message) -> None:
        if isinstance(message, InsideView.Followed):
            said.append(message.place)

    here = replace(view(), inside=(Cell(f"{LSTM}.f", (4, 6)),))
    app = Host(here)
    async with app.run_test(size=(80, 20), message_hook=keep) as pilot:
        app.bench.take_keys()
        await pilot.pause()
        rows = "\n".join(screen_text(pilot))
        assert "f₄[6] = σ(" in rows
        assert "the letter r" in rows
        assert "sum" in rows
        await pilot.press("enter")
        assert said


async def test_tokens_are_shown_as_they_are_never_as_markup() -> None:
    trace = lstm_trace()
    trace = replace(trace, tokens=("‹", "[/x]", "[PAD]", "r", " ", "민"))
    app = Host(replace(view(step=2), trace=trace))
    async with app.run_test(size=(100, 34)) as pilot:
        await pilot.pause()
        text = "\n".join(screen_text(pilot))
        assert "[/x]" in text
        assert "[PAD]" in text
        assert "␣" in text
        assert "민" in text


async def test_two_rows_of_odds_while_something_is_forced() -> None:
    line = f"lstm/names?input=maria&force={LSTM}.f:1"
    here = View.of(view_scene(line), lstm_trace(line), plain=lstm_trace(), book=book()).at(4)
    app = Host(here)
    async with app.run_test(size=(100, 34)) as pilot:
        await pilot.pause()
        text = "\n".join(screen_text(pilot))
        assert "as it is" in text
        assert "next f = 1" in text
        assert "over 500 unseen" in text


async def test_a_bench_without_a_trace_says_what_it_waits_for() -> None:
    app = Host(None)
    async with app.run_test(size=(80, 20)) as pilot:
        app.bench.waiting = "waking the engine · 1 s"
        await pilot.pause()
        assert "waking the engine · 1 s" in "\n".join(screen_text(pilot))


@pytest.mark.parametrize("size", [(40, 10), (60, 15), (80, 19), (66, 34), (200, 50)])
@pytest.mark.parametrize("units", [1, 64])
async def test_nothing_is_wider_or_higher_than_the_bench(size: tuple[int, int], units: int) -> None:
    line = f"lstm/names?input=maria&hidden_size={units}&weights=steps:0"
    app = Host(view(line), Look(glyphs=False))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        inner = app.bench.content_region
        for child in app.bench.children:
            if child.display:
                assert inner.contains_region(child.region), child
