"""The lines below the panels: the cell in digits, what the step did in words, the legend."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from seqtui.glyphs import clip, short, to_ascii, visible, width
from seqtui.panels import View
from seqtui.panels.lines import digits, held_out_words, scales, surprise, words
from seqtui.panels.panel import LEVELS, ZERO
from seqtui.panels.text import glyph
from seqtui.sentences import say
from seqtui.tui.render.ramp import Look, colours


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
        return Content(to_ascii(text) if self.look.ascii else text)

    def _digits(self, view: View, width_: int) -> str:
        unit = f"{say('bench.unit', unit=view.unit):<5}"
        return clip(unit + digits(view), width_)

    def _words(self, view: View, width_: int) -> str:
        text = words(view)
        bits = surprise(view)
        if bits is not None:
            target = visible(view.trace.targets[view.step - 1])
            more = " · " + say("bench.surprise", bits=short(bits), token=target)
            text += more if width(text + more) <= width_ else ""
        return clip(text, width_)

    def _held_out(self, view: View, width_: int) -> str:
        return clip(held_out_words(view), width_)


def legend(view: View, width_: int, look: Look) -> Content:
    """Each scale of the bench: its ends in digits, its ramp, and the signals it belongs to."""
    found: list[Content | str] = []
    for symbols, signed, top in scales(view):
        end = str(int(top)) if float(top).is_integer() else short(top)
        middle = f" {'+' if signed else ''}{end} ({symbols})"
        start = f"−{end} " if signed else "0 "
        found += [start, ramp_sample(signed, look), middle, "  "]
    content = Content.assemble(*found)
    return content if content.cell_length <= width_ + 3 else content.truncate(width_, ellipsis=True)


def ramp_sample(signed: bool, look: Look) -> Content:
    """A few cells of a ramp, from one end to the other."""
    levels = (1, 8, ZERO, 24, LEVELS - 1) if signed else (0, 8, 16, 24, LEVELS - 1)
    if look.glyphs:
        return Content("".join(glyph(level, signed=signed, ascii=look.ascii) for level in levels))
    ramp = colours(signed, look.dark)
    cells = [(" ", "on rgb({},{},{})".format(*ramp[level])) for level in levels]
    return Content.assemble(*cells)
