"""Cells in rows and columns: matrices, cases, aligned equations."""

from __future__ import annotations

from collections.abc import Sequence

from seqtui.tex.box import Align, Box, beside, blank, bounded, padded, stack

_LETTERS: dict[str, Align] = {"l": "left", "c": "center", "r": "right"}


def grid(kind: str, cells: Sequence[Sequence[Box]], align: str) -> Box:
    """The box of an environment; `align` has a letter l, c or r for each column that it speaks of."""
    columns = max((len(row) for row in cells), default=0)
    if not columns:
        return blank(0)
    widths = [max((row[i].width for row in cells if i < len(row)), default=0) for i in range(columns)]
    bounded(sum(widths), len(cells))
    rows = [_row(kind, row, widths, align) for row in cells]
    spaced = kind != "substack" and any(row.height > 1 for row in rows)
    # A curly brace of two rows has no point: a third between them gives it one.
    return centred(rows, spaced or (kind == "cases" and len(rows) == 2))


def centred(rows: Sequence[Box], spaced: bool) -> Box:
    """Rows under each other, with an empty row between them if `spaced`; the middle stands level."""
    before = rows[: len(rows) // 2]
    middle = sum(row.height + spaced for row in before)
    middle += rows[len(before)].baseline if len(rows) % 2 else -int(spaced)
    return stack(leading(rows) if spaced else rows, middle, "left")


def leading(rows: Sequence[Box]) -> list[Box]:
    """The rows with an empty one between each two of them."""
    shown: list[Box] = []
    for row in rows:
        shown += [blank(1), row] if shown else [row]
    return shown


def _row(kind: str, row: Sequence[Box], widths: Sequence[int], align: str) -> Box:
    boxes: list[Box] = []
    for i, width in enumerate(widths):
        if i:
            boxes.append(blank(0 if kind == "aligned" and i % 2 else 2))
        box = row[i] if i < len(row) else blank(0)
        boxes.append(padded(box, width, _alignment(kind, i, align)))
    return beside(boxes)


def _alignment(kind: str, column: int, align: str) -> Align:
    if column < len(align):
        return _LETTERS[align[column]]
    if kind == "aligned":
        return "left" if column % 2 else "right"
    return "left" if kind in ("cases", "lines") else "center"
