"""The unit under the cursor as it is and as it is forced, signal by signal, in digits."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from seqtui.glyphs import clip, fit, short, subscript, width
from seqtui.panels import View
from seqtui.panels.lines import interventions
from seqtui.sentences import say
from seqtui.signals import Signal, Trace
from seqtui.tui.render.ramp import Look

CELL = 8
"""Columns of a number."""


class ForcedTable(Widget):
    """Three rows: the symbols, the run as it is, the run with what is forced; where they differ is bold."""

    DEFAULT_CSS = "ForcedTable { height: 3; width: 1fr; }"

    view: reactive[View | None] = reactive(None, always_update=True)

    def __init__(self) -> None:
        super().__init__()
        self.look = Look()

    def render(self) -> Content:
        """The table, as many columns as fit."""
        view = self.view
        if view is None or view.plain is None:
            return Content("")
        text = self.look.text
        names = [
            text(say("bench.table_head", unit=view.row_name(view.unit), step=view.step)),
            text("  " + say("bench.next_plain")),
            text("  " + say("bench.table_forced", forces=interventions(view))),
        ]
        head = min(max(map(width, names)) + 1, max(self.size.width - 4 * CELL, 16))
        fitting = max(0, (self.size.width - head) // CELL)
        columns = table_columns(view)[:fitting]
        plain, now = (
            [text(number) for number in numbers(view, trace, columns)] for trace in (view.plain, view.trace)
        )
        rows = [
            Content.styled(
                fit(names[0], head) + "".join(text(name).rjust(CELL) for name, _, _ in columns), "dim"
            ),
            Content(fit(names[1], head) + "".join(number.rjust(CELL) for number in plain)),
            Content.assemble(
                text(fit(clip(names[2], head - 1), head)),
                *[
                    (new.rjust(CELL), "" if new == old else "bold")
                    for old, new in zip(plain, now, strict=True)
                ],
            ),
        ]
        return Content("\n").join(rows)


def table_columns(view: View) -> list[tuple[str, Signal, int]]:
    """The signals of this part with the step each is shown at; the first state before this step too."""
    found = []
    first = True
    for signal in view.panels:
        state = signal.initial is not None
        if state and first:
            found.append((f"{signal.symbol}{subscript(view.step - 1)}", signal, view.step - 1))
            first = False
        name = f"{signal.symbol}{subscript(view.step)}" if state else signal.symbol
        found.append((name, signal, view.step))
    return found


def numbers(view: View, trace: Trace, columns: list[tuple[str, Signal, int]]) -> list[str]:
    """One row of the table."""
    return [
        short(trace[signal.name].number((step, view.unit)), sign=signal.signed) for _, signal, step in columns
    ]
