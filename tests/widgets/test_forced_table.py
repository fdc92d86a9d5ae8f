"""The table of a unit as it is and as it is forced: its digits are the traces'."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult

from seqtui.glyphs import short
from seqtui.panels import View
from seqtui.tui.render.ramp import Look
from seqtui.tui.widgets.bench import Bench
from seqtui.tui.widgets.forced_table import ForcedTable, table_columns
from tests.fakes import book, lstm_trace, view_scene
from tests.widgets.test_bench import screen_text

LSTM = "layers.0.lstm"
FORCED = f"lstm/names?input=maria&force={LSTM}.f:1&step=4"


def forced_view() -> View:
    """A View with f forced to 1 beside the run as it is."""
    scene = view_scene(FORCED)
    plain = lstm_trace("lstm/names?input=maria")
    return View.of(scene, lstm_trace(FORCED), plain=plain, book=book()).on_unit(6)


class Host(App[None]):
    """A bench alone."""

    CSS = "Bench { border: round $primary; height: 1fr; }"

    def __init__(self, view: View, *, ascii: bool = False) -> None:
        super().__init__()
        self.bench = Bench("b")
        self.bench.view = view
        self.bench.look = Look(glyphs=True, ascii=ascii)

    def compose(self) -> ComposeResult:
        """Only the bench."""
        yield self.bench


async def test_each_signal_stands_in_digits_as_it_is_and_forced() -> None:
    view = forced_view()
    assert view.plain is not None
    async with Host(view).run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        rows = screen_text(pilot)
        head = next(row for row in rows if "unit 6, step 4" in row)
        place = rows.index(head)
        assert head.split()[4:11] == ["f", "i", "o", "g", "c₃", "c₄", "h₄"]
        for row, trace in ((rows[place + 1], view.plain), (rows[place + 2], view.trace)):
            for name, signal, step in table_columns(view):
                digits = short(trace[signal.name].number((step, 6)), sign=signal.signed)
                assert digits in row.split(), name


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (120, 20)])
async def test_a_small_bench_keeps_the_equation_instead(size: tuple[int, int]) -> None:
    host = Host(forced_view())
    async with host.run_test(size=size) as pilot:
        await pilot.pause()
        assert not host.query_one(ForcedTable).display
        assert "u6" in "\n".join(screen_text(pilot))


async def test_without_an_intervention_there_is_no_table() -> None:
    view = forced_view()
    host = Host(replace(view, scene=view.scene.with_(force=()), plain=None))
    async with host.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert not host.query_one(ForcedTable).display


async def test_ascii_alone_has_no_other_character() -> None:
    host = Host(forced_view(), ascii=True)
    async with host.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert host.query_one(ForcedTable).render().plain.isascii()
