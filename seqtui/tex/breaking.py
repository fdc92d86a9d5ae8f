"""A displayed formula that is too wide is broken before its relations, and before + and − where need be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from seqtui.tex.box import Box, beside, blank, stack
from seqtui.tex.grid import leading
from seqtui.tex.pieces import Placed, set_out

_INDENT = 2


class Line(NamedTuple):
    """One line of a broken formula."""

    indent: int
    placed: list[Placed]

    @property
    def width(self) -> int:
        """The columns from the left edge to the end of the line."""
        return self.indent + _width(self.placed)


def broken(placed: Sequence[Placed], limit: int) -> Box:
    """The lines of a formula, no wider than `limit` where its relations and signs allow that.

    What the author parted by a wide space goes on lines of its own. A relation continues under the first
    relation, + and − after it; where the left side is too long for that, both are indented by two columns.
    """
    lines: list[Line] = []
    for part in _split(placed, lambda item: item.gap > 1):
        part[0] = part[0]._replace(gap=0)
        lines += [Line(0, part)] if _width(part) <= limit else _lines(part, limit)
    rows = [beside((blank(line.indent), set_out(line.placed))) for line in lines]
    tall = any(row.height > 1 for row in rows)
    return stack(leading(rows) if tall else rows, rows[0].baseline, "left")


def _lines(placed: Sequence[Placed], limit: int) -> list[Line]:
    parts = _split(placed, _is_relation)
    head = [] if _is_relation(parts[0][0]) else parts.pop(0)
    column = _width(head) + parts[0][0].gap if head and parts else 0
    lines = _filled(head, parts, column, limit)
    indented = _filled(head, parts, _INDENT, limit)
    return min(lines, indented, key=lambda tried: (max(_widest(tried), limit), len(tried)))


def _filled(head: list[Placed], parts: list[list[Placed]], column: int, limit: int) -> list[Line]:
    """Lines with as many relations as fit; one that fits on no line is split at its + and −."""
    lines: list[Line] = []
    if head:
        _append(lines, _split(head, _is_sign), (0, _INDENT), limit)
    for part in parts:
        after = column + part[0].piece.box.width + 1
        if (lines and lines[-1].width + _width(part) <= limit) or column + _width(part) <= limit:
            _append(lines, [part], (column, after), limit)
        else:
            _append(lines, _split(part, _is_sign), (column, after), limit)
    return lines


def _append(lines: list[Line], chunks: list[list[Placed]], indents: tuple[int, int], limit: int) -> None:
    """Put chunks on the last line while they fit, else on new ones; `indents` of the first and the others."""
    for i, chunk in enumerate(chunks):
        if lines and lines[-1].width + _width(chunk) <= limit:
            lines[-1].placed.extend(chunk)
        else:
            lines.append(Line(indents[min(i, 1)], [chunk[0]._replace(gap=0), *chunk[1:]]))


def _split(placed: Sequence[Placed], begins: Callable[[Placed], bool]) -> list[list[Placed]]:
    """The parts of a row, each but the first beginning with a piece of which `begins` is true."""
    parts: list[list[Placed]] = []
    for item in placed:
        if begins(item) or not parts:
            parts.append([])
        parts[-1].append(item)
    return parts


def _is_relation(item: Placed) -> bool:
    return item.piece.left == "rel"


def _is_sign(item: Placed) -> bool:
    return item.piece.left == "bin" and item.piece.text in ("+", "−", "-", "±", "+-")


def _width(placed: Sequence[Placed]) -> int:
    return sum(gap + piece.box.width for gap, piece in placed)


def _widest(lines: Sequence[Line]) -> int:
    return max(line.width for line in lines)
