"""Panels as text: for `--plain`, for pasting, for screen readers. Glyphs with the digits beside them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seqtui.catalogue import Catalogue
from seqtui.glyphs import ASCII_SHADES, SHADES, end, fit, fixed, percent, short, to_ascii, visible, width
from seqtui.panels.inside import Page
from seqtui.panels.lines import (
    Odds,
    model_title,
    odds_text,
    score_title,
    token_cells,
)
from seqtui.panels.naming import next_name
from seqtui.panels.panel import LEVELS, MINUS_INFINITY, NOT_A_NUMBER, ZERO, heatmap, parts
from seqtui.panels.view import View
from seqtui.scene import parse
from seqtui.sentences import say
from seqtui.signals import Trace


def glyph(level: int, *, signed: bool, ascii: bool = False) -> str:
    """A level as two columns: a shade twice, or a sign and a shade; what is not finite by name."""
    shades = ASCII_SHADES if ascii else SHADES
    if level < 0:
        sign = "-" if level == MINUS_INFINITY else "+"
        return "NN" if level == NOT_A_NUMBER else sign + ("I" if ascii else "∞")
    if not signed:
        return shades[round(level / (LEVELS - 1) * 4)] * 2
    size = round(abs(level - ZERO) / (ZERO - 1) * 4)
    if size == 0:
        return " ." if ascii else " ·"
    return ("+" if level > ZERO else "-") + shades[size]


def plain(trace: Trace, *, columns: int = 80, ascii: bool = False, book: Catalogue | None = None) -> str:
    """A whole trace: its tokens, every panel of units over steps in glyphs and digits, the odds by step."""
    view = View.of(parse(trace.scene, book), trace, book=book)
    text = "\n".join(_pages(view, columns))
    return to_ascii(text) if ascii else text


def _pages(view: View, columns: int) -> Iterator[str]:
    trace = view.trace
    yield f"{model_title(view)} · {score_title(view)}"
    yield trace.scene
    yield from trace.notes
    yield f"{say('bench.reads')}  {' '.join(token_cells(trace))}"
    for part in parts(trace):
        if part.startswith("layers."):
            yield from _part(
                View.of(view.scene, trace, show=tuple(_names(trace, part)), book=view.book), columns
            )
    yield ""
    yield from _all_odds(view, columns)


def _names(trace: Trace, part: str) -> list[str]:
    return [name for name in trace if name.rpartition(".")[0] == part]


def _part(view: View, columns: int) -> Iterator[str]:
    for signal in view.panels:
        panel = heatmap(signal)
        low, high = signal.limits
        scale = f"{end(low)} … {end(high)}"
        yield ""
        yield f"{view.title_of(signal)} · {signal.name} · {scale}"
        across = max(1, (columns - 6) // 9)
        for start in range(0, panel.steps, across):
            chosen = range(start, min(start + across, panel.steps))
            heads = "".join(fit(f"{i + 1} {visible(view.trace.tokens[i])}", 9) for i in chosen)
            yield f"      {heads}".rstrip()
            for unit in range(panel.units):
                cells = "".join(
                    glyph(int(panel.levels[unit, i]), signed=panel.signed)
                    + fit(" " + short(float(signal.values[i, unit])), 7)
                    for i in chosen
                )
                yield f"{unit:>4}  {cells}".rstrip()


def _all_odds(view: View, columns: int) -> Iterator[str]:
    """One line for each step: what was read, what was thought to come next, what came."""
    trace = view.trace
    if "output.probs" not in trace:
        return
    probs = trace["output.probs"]
    for step in range(1, trace.steps + 1):
        row = probs.at(step)
        best = np.argsort(-np.nan_to_num(row), kind="stable")[:6]
        target = trace.targets[step - 1] if trace.targets else ""
        chances = [
            Odds(visible(name := next_name(trace, int(i))), int(i), float(row[i]), name == target != "")
            for i in best
        ]
        head = (
            f"{say('axis.step')} {step:>3}  {fit(visible(trace.tokens[step - 1]), 3)} {say('bench.next')}  "
        )
        missing = target and not any(chance.true for chance in chances)
        room = columns - width(head) - (18 if missing else 0)
        line = "  ".join(odds_text(chances, room, scale=0.15))
        if missing:
            names = [next_name(trace, i) for i in range(len(row))]
            p = float(row[names.index(target)]) if target in names else float("nan")
            line += f"  … {visible(target)} {percent(p)} {say('bench.true')}"
        yield head + line


def page_text(page: Page) -> str:
    """A page of Inside: its title, its formula, every line with its value, their sum, the remarks."""
    rows = [(line.label, line.detail, digits) for line, digits in zip(page.lines, page.digits, strict=True)]
    if page.total is not None and rows:
        rows.append((say("inside.sum"), "", fixed(page.total, sign=True)))
    widths = [max((width(row[place]) for row in rows), default=0) for place in range(3)]
    lines = [
        f"  {fit(label, widths[0])}  {fit(detail, widths[1])}  {value.rjust(widths[2])}"
        for label, detail, value in rows
    ]
    return "\n".join([page.title, page.formula, *lines, *page.remarks])
