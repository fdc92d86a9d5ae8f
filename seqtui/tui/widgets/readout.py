"""The lines below the panels: the cell in digits, what the step did in words, the legend."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from seqtui.glyphs import clip, end, fit, short, visible, width
from seqtui.panels import View
from seqtui.panels.lines import digits, held_out_words, scales, surprise, words
from seqtui.panels.text import glyph
from seqtui.sentences import say
from seqtui.tui.render.ramp import SAMPLE, Look, colours


class Readout(Widget):
    """One line of text about a View, cut to its width; `kind` says which."""

    DEFAULT_CSS = "Readout { height: 1; width: 1fr; }"

    view: reactive[View | None] = reactive(None, always_update=True)

    def __init__(self, kind: str) -> None:
        super().__init__(classes=kind)
        self.kind = kind
        self.look = Look()

    def render(self) -> Content:
        """The line."""
        if self.view is None:
            return Content("")
        if self.kind == "legend":
            return legend(self.view, self.size.width, self.look)
        text = getattr(self, f"_{self.kind}")(self.view, self.size.width)
        return Content(clip(self.look.text(text), self.size.width, self.look.text("…")))

    def _digits(self, view: View, columns: int) -> str:
        name = view.row_name(view.unit)
        head = fit(name if view.by_token else say("bench.unit", unit=name), 5)
        *longer, shortest = (head + text for text in digits(view))
        return next((text for text in longer if width(self.look.text(text)) <= columns), shortest)

    def _words(self, view: View, columns: int) -> str:
        text = words(view, columns)
        bits = surprise(view)
        if bits is not None:
            target = visible(view.trace.targets[view.step - 1])
            more = " · ".join(filter(None, (text, say("bench.surprise", bits=short(bits), token=target))))
            text = more if width(self.look.text(more)) <= columns else text
        return text

    def _held_out(self, view: View, columns: int) -> str:
        return held_out_words(view)


def legend(view: View, columns: int, look: Look) -> Content:
    """Each ramp of the bench once, and where its ends are for the signals that it stands for.

    `0 ░▒▓█ 1 (f i o)   -█-▒ ·+▒+█ ±2.11 (c), ±1 (g h)`; without the signals where there is no room.
    """
    full, brief = (ramps(view, look, symbols=symbols) for symbols in (True, False))
    return full if full.cell_length <= columns else brief.truncate(columns)


def ramps(view: View, look: Look, *, symbols: bool) -> Content:
    """The legend with the symbols of its signals, or without."""
    found: list[Content | str] = []
    for signed in (False, True):
        ends = [(names, end) for names, of_signed, end in scales(view) if of_signed == signed]
        if not ends:
            continue
        marks = [_end(top, signed) + (f" ({names})" if symbols else "") for names, top in ends]
        before = "0 " if not signed else "" if look.glyphs else "− "
        after = " + " if signed and not look.glyphs else " "
        found += ["   " if found else "", look.text(before), ramp_sample(signed, look), after]
        found.append(look.text(", ".join(marks)))
    return Content.assemble(*found)


def _end(top: float, signed: bool) -> str:
    """The end of a scale: 1, ±2.11."""
    return ("±" if signed else "") + end(top)


def ramp_sample(signed: bool, look: Look) -> Content:
    """A few cells of a ramp, from one end to the other; a shade is one column of its two."""
    if look.glyphs:
        shades = [glyph(level, signed=signed, ascii=look.ascii) for level in SAMPLE[signed]]
        return Content("".join(shade if signed else shade[0] for shade in shades))
    ramp = colours(signed, look.dark)
    cells = [(" ", "on rgb({},{},{})".format(*ramp[level])) for level in SAMPLE[signed]]
    return Content.assemble(*cells)
