"""Drawing: a large heatmap beside plotext's, and opening a lesson beside its markdown alone."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import plotext
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.widgets import Markdown

from benchmarks.report import Row
from seqtui.course.index import lessons
from seqtui.engine.client import Client
from seqtui.panels import Layout, Panel, heatmap
from seqtui.signals import Given, Signal
from seqtui.store import Config, Database
from seqtui.tui.app import SeqtuiApp, collect_seldom
from seqtui.tui.render.heat import Frame
from seqtui.tui.render.ramp import Look
from seqtui.tui.widgets.panel_view import PanelView

STEPS, UNITS = 200, 60
TIMES = 15


def panel(seed: int) -> Panel:
    """Random numbers as a panel: nothing in it repeats, the worst case for runs of equal cells."""
    values = np.random.default_rng(seed).uniform(-1, 1, (STEPS, UNITS)).astype(np.float32)
    return heatmap(Signal("h", values, ("step", "unit"), "tanh", "h", "h_t", Given("noise")))


def frame(seed: int) -> Frame:
    """All of it in sight, a column a step."""
    layout = Layout(1, 1, STEPS, 1, 0, UNITS, STEPS, True)
    return Frame(panel(seed), "h", " " * STEPS, layout, range(UNITS), STEPS, 0, None, Look())


class Heat(App[None]):
    """One panel, nothing else."""

    CSS = "PanelView { width: 200; height: 60; }"

    def compose(self) -> ComposeResult:
        """The panel."""
        yield PanelView("h")


class Page(App[None]):
    """A lesson's text in Textual's own widget."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def compose(self) -> ComposeResult:
        """The text."""
        yield Markdown(self.text)


async def heat_frames() -> list[float]:
    """Milliseconds to draw the lines of a new 200 × 60 heatmap."""
    app, found = Heat(), []
    async with app.run_test(size=(STEPS, UNITS)) as pilot:
        view = app.query_one(PanelView)
        for seed in range(TIMES):
            new = frame(seed)
            await pilot.pause()
            start = time.perf_counter()
            view.frame = new
            view.render_lines(Region(0, 0, STEPS, UNITS))
            found.append((time.perf_counter() - start) * 1e3)
    return found


def plotext_heatmap(seed: int) -> float:
    """Milliseconds for the same numbers by plotext."""
    levels = panel(seed).levels.tolist()
    start = time.perf_counter()
    figure: Any = plotext.figure
    figure.clear()
    figure.draw(figure.heatmap(levels))
    figure.plot_size(STEPS, UNITS)
    figure.build().string()
    return (time.perf_counter() - start) * 1e3


async def first_sight(app: SeqtuiApp, what: str) -> None:
    """Wait until a text of a lesson is drawn."""
    while what not in "".join(
        segment.text for strip in app.screen._compositor.render_strips() for segment in strip
    ):
        await asyncio.sleep(0.002)


async def lesson_switch() -> tuple[float, float, int]:
    """Milliseconds to open one lesson after another, and the most widgets that a page has."""
    found, most = [], 0
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "seqtui.sqlite3")
        app = SeqtuiApp(engine=Client(), config=Config(), database=database)
        async with app.run_test(size=(120, 36)) as pilot:
            app.open_lesson(lessons()[0].id)  # the first one pays for the imports
            await pilot.pause(1)
            for entry in lessons()[1:]:
                start = time.perf_counter()
                app.open_lesson(entry.id)
                await first_sight(app, heading(entry.path))
                found.append((time.perf_counter() - start) * 1e3)
                await pilot.pause(0.5)
                most = max(most, len(app.screen.query("LessonText MarkdownBlock")))
    pages = [await plain_page(entry.path) for entry in lessons()[1:]]
    return statistics.median(found), statistics.median(pages), most


def heading(path: Path) -> str:
    """The first heading of a lesson."""
    return next(line[2:] for line in path.read_text("utf-8").splitlines() if line.startswith("# "))


async def plain_page(path: Path) -> float:
    """Milliseconds to open the same text in Textual's own Markdown, in an app that runs already."""
    app = Page("")
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        start = time.perf_counter()
        await app.query_one(Markdown).update(path.read_text("utf-8"))
        while heading(path) not in app.query_one(Markdown).source or app.screen._layout_required:
            await asyncio.sleep(0.002)
        return (time.perf_counter() - start) * 1e3


def rows() -> Iterator[Row]:
    """A heatmap, a lesson."""
    collect_seldom()  # as the app does
    ours = statistics.median(asyncio.run(heat_frames()))
    theirs = statistics.median(plotext_heatmap(seed) for seed in range(3))
    yield Row("a heatmap of 200 × 60 cells", ours, "ms", "≤ 15 ms", "plotext's heatmap", theirs)
    switch, page, most = asyncio.run(lesson_switch())
    yield Row("from one lesson to another", switch, "ms", "< 150 ms", "its text in Markdown", page)
    yield Row("widgets of the longest lesson's page", most, "", "≤ 90")
