"""The bench: a model at one step, its panels, the cell in digits, the odds, and Inside. A view of a View."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from seqtui.glyphs import width
from seqtui.panels import Layout, Panel, View, arrange, heatmap, window
from seqtui.panels.layout import LABEL
from seqtui.panels.lines import model_title, score_title
from seqtui.panels.panel import parts
from seqtui.sentences import say
from seqtui.signals import Signal
from seqtui.tui.keys import key
from seqtui.tui.render.heat import Frame
from seqtui.tui.render.ramp import Look
from seqtui.tui.widgets.forced_table import ForcedTable
from seqtui.tui.widgets.inside_view import InsideView
from seqtui.tui.widgets.odds_view import OddsView
from seqtui.tui.widgets.panel_view import PanelView
from seqtui.tui.widgets.readout import Readout, ramps
from seqtui.tui.widgets.token_line import TokenLine

TALL = 24
"""Rows from which a bench has room for a token row, gaps and a legend of its own."""


class PanelGrid(Widget):
    """The panels of one part; where only one has room, a scroller one panel high that Tab goes through."""

    DEFAULT_CSS = """
    PanelGrid {
        layout: grid; height: 1fr; width: 1fr; grid-gutter: 0;
        overflow-x: hidden; overflow-y: scroll; scrollbar-size: 0 0;
    }
    """


class Bench(Vertical):
    """One bench, inline in a lesson, docked beside it, or filling the lab.

    `block` says whose state it shows. Everything it shows arrives through `view`; it never asks an engine.
    keys_wanted: the keys were given to it before there were panels to take them.
    """

    # these three stand here too, since in a lesson the scrolled text around a bench has them otherwise
    BINDINGS: ClassVar[list[BindingType]] = [
        key("first", "home", "screen.to_step(1)", show=False),
        key("last", "end", "screen.to_step(-1)", show=False),
        key("play", "space", "screen.play"),
    ]

    view: reactive[View | None] = reactive(None, always_update=True)
    waiting: reactive[str] = reactive("")

    def __init__(self, block: str = "", **kwargs: str) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.block = block
        self.look = Look()
        self._panels: dict[Signal, Panel] = {}
        self.keys_wanted = False
        self.tokens, self.grid, self.inside = TokenLine(), PanelGrid(), InsideView()
        self.forced, self.odds = ForcedTable(), OddsView()
        self.readouts = {kind: Readout(kind) for kind in ("digits", "words", "held_out", "legend")}
        self.note = Static(classes="waiting")
        self._framed: tuple[str, str, Look] | None = None

    def compose(self) -> ComposeResult:
        """Its rows, top to bottom."""
        digits, *below = self.readouts.values()
        yield from (self.tokens, self.grid, self.inside, self.forced, digits, self.odds, *below, self.note)

    # ---- showing -----------------------------------------------------------------------------

    def on_resize(self, event: Resize) -> None:
        """Lay the panels out anew."""
        self._draw()

    def watch_view(self) -> None:
        """Draw the new View."""
        if self.is_mounted:
            self._draw()

    def watch_waiting(self, text: str) -> None:
        """One line on what is under way, if anything is."""
        if self.is_mounted:
            self._draw()

    def set_look(self, look: Look) -> None:
        """Take another look: theme or glyph mode changed."""
        self.look = look
        if self.is_mounted:
            self._draw()

    def on_mount(self) -> None:
        """Draw what was set before there was anything to draw on."""
        self._draw()

    def _draw(self) -> None:
        view, size = self.view, self.size
        has_view = view is not None and bool(view.trace.steps)
        self._say(self.waiting or ("" if has_view else say("bench.empty")))
        for child in self.children:
            if child is not self.note and not has_view:
                child.display = False
        if view is None or not has_view or size.width < 10 or size.height < 3:
            return
        inside, tall = bool(view.inside), size.height >= TALL
        self.set_class(tall, "-tall")
        self.set_class(inside, "-inside")
        self.tokens.display, self.grid.display, self.inside.display = tall, not inside, inside
        table = tall and not inside and view.plain is not None
        self.forced.display = table
        room = not (inside and size.height < TALL + 8)
        shown = {
            "digits": not table and not inside,
            "words": True,
            "held_out": bool(view.scene.force),
            "legend": tall and not inside,
        }
        for kind, readout in self.readouts.items():
            readout.display = shown[kind] and room
        self.odds.display = room
        self._fill(view)
        self._titles(view)

    def _say(self, text: str) -> None:
        """One line in place of what is not there yet."""
        if text or self.note.display:
            self.note.update(Content(self.look.text(text)))
        self.note.display = bool(text)

    def _fill(self, view: View) -> None:
        shown: list[Readout | OddsView | InsideView | ForcedTable] = [self.odds, self.inside, self.forced]
        for widget in (*shown, *self.readouts.values()):
            widget.look = self.look
            widget.view = view
        self.tokens.look, self.tokens.view = self.look, view
        if not view.inside:
            self._fill_panels(view)

    def _fill_panels(self, view: View) -> None:
        grid = self.grid
        names = [signal.name for signal in view.panels]
        present = [child for child in grid.children if isinstance(child, PanelView)]
        if [panel.signal for panel in present] != names:
            with self.app.batch_update():
                grid.remove_children()
                present = [PanelView(name) for name in names]
                grid.mount(*present)
            if self.keys_wanted:
                self.call_after_refresh(self.take_keys)
        layout = self._layout(view)
        self._grid_columns(grid, layout, self._room(view))
        order = view.unit_order.tolist()
        for number, (widget, signal) in enumerate(zip(present, view.panels, strict=True)):
            widget.frame = Frame(
                panel=self._panel(signal),
                title=self._panel_title(view, signal, number, layout),
                tokens=view.trace.tokens,
                layout=layout,
                order=order,
                step=view.step,
                unit=view.unit,
                name=view.row_name if layout.single or number % layout.columns == 0 else None,
                look=self.look,
            )

    def _panel_title(self, view: View, signal: Signal, number: int, layout: Layout) -> str:
        title = view.title_of(signal)
        if layout.single:
            title = say("bench.one_panel", name=title, place=number + 1, count=len(view.panels))
        return self.look.text(title)

    def _panel(self, signal: Signal) -> Panel:
        """The levels of a signal, quantised once."""
        if signal not in self._panels:
            if len(self._panels) > 64:
                self._panels.clear()
            self._panels[signal] = heatmap(signal)
        return self._panels[signal]

    def _room(self, view: View) -> int:
        """The rows that the panels may take."""
        rows = 0
        for child in self.children:
            if child.display and not isinstance(child, PanelGrid):
                forced = view.plain is not None
                rows += 3 if isinstance(child, ForcedTable) else 1 + (isinstance(child, OddsView) and forced)
        return max(self.size.height - rows - self.has_class("-tall"), 1)

    def _layout(self, view: View) -> Layout:
        columns, rows, narrow = self.size.width, self._room(view), not self.look.glyphs
        return arrange(columns, rows, len(view.panels), view.trace.steps, view.units, narrow_cells=narrow)

    def _grid_columns(self, grid: PanelGrid, layout: Layout, room: int) -> None:
        """Set the grid's tracks, only where they changed: each change is a layout of the page."""
        height = min(layout.rows * layout.panel_height + self.has_class("-tall"), room)
        tracks = (layout.columns, layout.slot, layout.panel_height, layout.single, height)
        if getattr(grid, "tracks", None) == tracks:
            return
        grid.tracks = tracks  # type: ignore[attr-defined]
        first = layout.slot + LABEL
        rest = [str(layout.slot)] * (layout.columns - 1)
        grid.styles.grid_size_columns = layout.columns
        grid.styles.grid_columns = " ".join([str(first), *rest])
        grid.styles.grid_rows = "100%" if layout.single else str(layout.panel_height)
        grid.styles.height = height

    def _titles(self, view: View) -> None:
        """What stands in the frame: the model and its score above, the step and the part below."""
        title = self._title(view)
        foot = self._foot(view, title)
        if (title, foot.plain, self.look) != self._framed:  # each writing draws the whole bench anew
            self._framed = (title, foot.plain, self.look)
            self.border_title, self.border_subtitle = Content(title), foot

    def _title(self, view: View) -> str:
        """Model, score and step; where there is no room the score's unit goes, then the step, then units."""
        model, least = model_title(view), model_title(view, brief=True)
        step = "" if self.has_class("-tall") else say("bench.step", step=view.step, steps=view.trace.steps)
        full, brief = score_title(view), score_title(view, brief=True)
        forms = ((model, full, step), (model, full), (model, brief, step), (model, brief), (least, brief))
        for form in forms:
            title = self.look.text(" ── ".join(filter(None, form)))
            if width(title) <= self.size.width - 4:
                break
        return title

    def _foot(self, view: View, title: str) -> Content:
        """The step, the units that are seen, the part; the legend too where it has no row of its own."""
        step = say("bench.step", step=view.step, steps=view.trace.steps)
        layout = self._layout(view)
        has_legend = not (self.has_class("-tall") or view.inside or layout.single)
        none = Content("")
        fullest, least = (
            ramps(view, self.look, symbols=symbols) if has_legend else none for symbols in (True, False)
        )
        words: list[str] = []
        for legend, brief in ((fullest, False), (fullest, True), (least, True), (none, True)):
            words = [] if self.has_class("-tall") or step in title else [step]
            words += self._places(view, layout, brief)
            parts = [Content(self.look.text(word)) for word in words]
            parts += [legend] if legend.plain else []
            foot = Content(self.look.text(" · ")).join(parts)
            if foot.cell_length <= self.size.width - 4:
                return foot
        return Content(self.look.text(" · ".join(words[:-1])))

    def _places(self, view: View, layout: Layout, brief: bool) -> list[str]:
        """Which units are seen, and which part this is, where there are others."""
        words, every = [], parts(view.trace)
        if not view.inside and (layout.units < view.units or view.order != "stored"):
            name = "bench.window" if not brief or view.order != "stored" else "bench.window_brief"
            words.append(say(name, **self._window(view, layout, brief)))
        if len(every) > 1:
            place = every.index(view.part) + 1
            name = "bench.part_brief" if brief else "bench.part"
            words.append(say(name, part=view.part, place=place, count=len(every)))
        return words

    def _window(self, view: View, layout: Layout, brief: bool) -> dict[str, object]:
        order = view.unit_order.tolist()
        first = window(order.index(view.unit) if view.unit in order else 0, len(order), layout.units)
        return {
            "first": first,
            "last": min(first + layout.units, len(order)) - 1,
            "rows": say("bench.tokens" if view.by_token else "bench.unit_rows"),
            "count": len(order),
            "order": say(f"bench.order_{view.order}" + ("_brief" if brief else "")),
        }

    # ---- focus -------------------------------------------------------------------------------

    def take_keys(self) -> None:
        """Give the keys to the panel looked at last, or to Inside; to panels not yet drawn once they are."""
        view = self.view
        if view is not None and view.inside:
            self.inside.focus()
            return
        panels = [child for child in self.grid.children if isinstance(child, PanelView)]
        self.keys_wanted = not panels
        chosen = next((p for p in panels if view is not None and p.signal == view.signal), None)
        if chosen or panels:
            (chosen or panels[0]).focus()
