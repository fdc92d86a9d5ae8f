"""TeX formulas on a terminal: one row of characters, or a box of them in two dimensions.

`inline` gives one row, `display` a box; both raise TexError, and nothing else, for what they cannot read.
"""

from __future__ import annotations

from seqtui.tex.box import Box
from seqtui.tex.breaking import broken
from seqtui.tex.commands import known_commands, parse
from seqtui.tex.display import Display
from seqtui.tex.error import TexError
from seqtui.tex.glyphs import ALIASES, ENVIRONMENTS
from seqtui.tex.grid import centred
from seqtui.tex.inline import Inline
from seqtui.tex.layout import Look
from seqtui.tex.pieces import set_out
from seqtui.tex.spans import Row, Span, plain, width
from seqtui.tex.tree import Grid, Group, Node

__all__ = [
    "Box",
    "Row",
    "Span",
    "TexError",
    "aliases",
    "commands",
    "display",
    "environments",
    "inline",
    "plain",
    "width",
]


def inline(tex: str, *, ascii: bool = False) -> Row:
    """A formula in one row, e.g. softmax(QKᵀ/√d); compound scripts and fractions stand in parentheses."""
    return Inline(ascii).box(parse(tex), Look()).rows[0]


def display(tex: str, width: int | None = None, *, ascii: bool = False) -> Box:
    r"""A formula in two dimensions, all its rows equally wide.

    One that is wider than `width` columns is broken before its relations, and before + and − if need be;
    what is still too wide is returned as it is. Lines parted by \\ are broken one by one.
    """
    layout = Display(ascii)
    formula = parse(tex)
    is_lines = isinstance(formula, Grid) and formula.kind == "lines"
    lines = [row[0] for row in formula.rows] if is_lines and isinstance(formula, Grid) else [formula]
    boxes = [_broken(layout, line, width) for line in lines]
    return boxes[0] if len(boxes) == 1 else centred(boxes, any(box.height > 1 for box in boxes))


def _broken(layout: Display, line: Node, width: int | None) -> Box:
    placed = layout.placed(line.items if isinstance(line, Group) else (line,), Look())
    box = set_out(placed)
    return box if width is None or box.width <= width else broken(placed, width)


def commands() -> tuple[str, ...]:
    r"""Every command that a formula may use, e.g. \alpha; other names of the same command are not counted."""
    return tuple(sorted("\\" + name for name in known_commands()))


def aliases() -> dict[str, str]:
    r"""Other names of the same commands, e.g. \le of \leq."""
    return {"\\" + name: "\\" + ALIASES[name] for name in sorted(ALIASES)}


def environments() -> tuple[str, ...]:
    r"""The names that \begin knows."""
    return tuple(sorted(ENVIRONMENTS))
