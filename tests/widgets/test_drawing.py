"""What is drawn fits, can be told apart, and survives a terminal without colours."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from rich.style import Style
from textual.pilot import Pilot

from seqtui.glyphs import width
from seqtui.panels import View, arrange, heatmap
from seqtui.panels.inside import Opened
from seqtui.panels.text import glyph
from seqtui.signals import Cell
from seqtui.tui.render.heat import Frame, line
from seqtui.tui.render.ramp import Look
from seqtui.tui.widgets.bench import Bench
from seqtui.tui.widgets.inside_view import InsideView
from seqtui.tui.widgets.readout import legend
from tests.fakes import book, lstm_trace, view_scene
from tests.widgets.test_bench import LSTM, Host, screen_text, view

LOOKS = [Look(), Look(glyphs=True), Look(glyphs=True, ascii=True)]
FORCED = f"lstm/names?input=maria&force={LSTM}.f:1"


def forced(step: int = 4) -> View:
    """A View with the forget gate forced, its scores known."""
    here = View.of(view_scene(FORCED), lstm_trace(FORCED), plain=lstm_trace(), book=book()).at(step)
    return replace(here, score=3.82)


def frame(signal: str, look: Look, step: int = 4, unit: int = 6) -> Frame:
    """A panel of the NumPy LSTM with room for everything."""
    here = view(step=step)
    panel = heatmap(here.trace[f"{LSTM}.{signal}"])
    layout = arrange(30, 14, 1, 6, 12, narrow_cells=False)
    return Frame(panel, f"gate {signal}", here.trace.tokens, layout, range(12), step, unit, str, look)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("signal", "fiogch")
def test_every_cell_has_a_style_for_the_filter_of_no_color_to_take_away(signal: str, look: Look) -> None:
    style = Style.parse("white on black")
    drawn = frame(signal, look)
    for y in range(drawn.layout.panel_height):
        strip = line(drawn, y, 30, style, style, style)
        assert all(segment.style is not None for segment in strip)
        assert strip.cell_length == 30


@pytest.mark.parametrize("look", LOOKS[1:])
@pytest.mark.parametrize("signal", "fiogch")
@pytest.mark.parametrize("step", range(1, 7))
def test_a_glyph_under_the_cursor_still_says_its_level(signal: str, look: Look, step: int) -> None:
    drawn = frame(signal, look, step)
    style = Style()
    row = line(drawn, drawn.layout.header + 6, 30, style, style, style).text
    level = int(drawn.panel.levels[6, step - 1])
    shown = glyph(level, signed=drawn.panel.signed, ascii=look.ascii)
    assert row[6 + 2 * (step - 1) :].startswith(shown + look.text("◂"))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("columns", [58, 64, 76])
def test_the_legend_is_never_cut(look: Look, columns: int) -> None:
    for here in (view(), forced()):
        text = legend(here, columns, look)
        assert text.cell_length <= columns
        assert all(f"({symbols})" in text.plain for symbols in ("f i o", "c", "g h"))
        assert "…" not in text.plain


async def rows_of(here: View, size: tuple[int, int], look: Look | None = None) -> list[str]:
    """The rows of a bench of a size."""
    app = Host(here, look)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return screen_text(pilot)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", [(60, 15), (60, 18), (66, 34), (80, 19), (93, 34)])
@pytest.mark.parametrize("order", ["stored", "memory", "change"])
async def test_no_line_of_a_bench_is_cut(size: tuple[int, int], look: Look, order: Any) -> None:
    for here in (replace(view(), order=order), replace(forced(), order=order)):
        rows = await rows_of(here, size, look)
        assert [row for row in rows if "…" in row or "~" in row] == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", [(60, 15), (66, 34), (80, 19), (120, 34)])
async def test_the_scale_of_every_panel_that_is_seen_stands_on_the_bench(
    size: tuple[int, int], look: Look
) -> None:
    text = "\n".join(await rows_of(view(), size, look))
    assert "0 " in text
    assert ("3.24" in text) == (size != (60, 15))  # one panel has its own scale alone


async def test_the_lines_follow_the_panels_however_much_room_there_is() -> None:
    app = Host(view())
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause()
        last = max(panel.region.bottom for panel in app.bench.grid.children)
        assert app.bench.readouts["digits"].region.y - last <= 1


def narrow(pilot: Pilot[Any], bench: Bench) -> list[str]:
    """The rows of Inside."""
    region = bench.inside.region
    return screen_text(pilot)[region.y : region.bottom]


@pytest.mark.parametrize("look", [Look(), LOOKS[2]])
@pytest.mark.parametrize("signal", "fiogch")
async def test_the_cell_in_digits_fits_60_columns(signal: str, look: Look) -> None:
    app = Host(view(), look)
    async with app.run_test(size=(60, 18)) as pilot:
        for unit in range(12):
            app.bench.view = replace(view(step=6), signal=f"{LSTM}.{signal}", unit=unit)
            await pilot.pause()
            rows = [row for row in screen_text(pilot) if row[1:].startswith(f"u{unit} ")]
            assert len(rows) == 1
            assert not {"…", "~"} & set(rows[0])


@pytest.mark.parametrize("look", [Look(), LOOKS[2]])
@pytest.mark.parametrize("signal", "fiogch")
async def test_inside_cuts_no_number_at_60_columns(signal: str, look: Look) -> None:
    app = Host(view(), look)
    async with app.run_test(size=(60, 18)) as pilot:
        for unit in (0, 11):
            app.bench.view = replace(view(step=6), inside=(Cell(f"{LSTM}.{signal}", (6, unit)),))
            await pilot.pause()
            rows = narrow(pilot, app.bench)
            assert [row for row in rows if "…" in row or "~" in row] == []


async def test_inside_names_the_signal_and_adds_it_up_by_its_symbols() -> None:
    rows = await rows_of(replace(view(), inside=(Cell(f"{LSTM}.c", (4, 6)),)), (80, 20))
    text = "\n".join(rows)
    assert "cell c › step 4 (r) › unit 6" in text
    assert "f₄[6]·c₃[6] + i₄[6]·g₄[6]" in text
    assert re.search(r"kept of the old +f₄\[6\]", text)


async def test_a_click_in_a_page_that_was_scrolled_chooses_the_line_under_the_mouse() -> None:
    said: list[int] = []
    here = view("lstm/names?input=maria&hidden_size=64&weights=steps:0")
    cell = Cell(f"{LSTM}.f", (4, 6))
    here = replace(here, inside=(cell, Opened(cell, 6, rest=True)), choice=30)
    app = Host(here)

    def keep(message: object) -> None:
        if isinstance(message, InsideView.LineChosen) and message.line not in said:
            said.append(message.line)

    async with app.run_test(size=(80, 19), message_hook=keep) as pilot:
        await pilot.pause()
        rows = narrow(pilot, app.bench)
        page = app.bench.inside.page
        assert page is not None
        y = next(y for y, row in enumerate(rows) if "▸" in row) - 3
        await pilot.click(app.bench.inside, offset=(10, y))
        assert said == [27]
        assert page.lines[27].label in rows[y]
        assert f"of {len(page.lines)})" in "\n".join(rows)


@pytest.mark.parametrize("look", LOOKS)
async def test_widths_are_what_the_terminal_counts(look: Look) -> None:
    for row in await rows_of(forced(), (100, 34), look):
        assert width(row) <= 100
