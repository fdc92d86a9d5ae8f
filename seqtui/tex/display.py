"""A formula in two dimensions: fractions, limits, raised and lowered rows, roots, matrices."""

from __future__ import annotations

from seqtui.tex.box import Box, beside, blank, stack
from seqtui.tex.glyphs import CHARACTERS, DELIMITERS, MATRIX_FENCES, Kind
from seqtui.tex.grid import grid
from seqtui.tex.inline import Inline
from seqtui.tex.layout import Layout, Look, raised
from seqtui.tex.pieces import Piece, set_out
from seqtui.tex.spans import Row
from seqtui.tex.strokes import Pen
from seqtui.tex.tree import (
    Accent,
    Brace,
    Fence,
    Frac,
    Framed,
    Grid,
    Group,
    Middle,
    Node,
    Phantom,
    Root,
    Script,
    core,
    takes_limits,
)

_PARENTHESES = CHARACTERS["("], CHARACTERS[")"]


class Display(Layout):
    """Tree → boxes of as many rows as they need."""

    def __init__(self, ascii: bool) -> None:
        super().__init__(ascii)
        self.pen = Pen(ascii)
        self.inline = Inline(ascii)

    def construct(
        self, node: Frac | Root | Accent | Brace | Framed | Phantom | Fence | Grid, look: Look
    ) -> Piece:
        match node:
            case Frac():
                return self._fraction(node, look)
            case Root():
                return self._root(node, look)
            case Accent():
                return self._accent(node, look)
            case Brace():
                return self._brace(node, look)
            case Framed(body):
                return Piece(self.pen.frame(self.box(body, look)))
            case Phantom(body):
                box = self.box(body, look)
                return Piece(blank(box.width, box.height, box.baseline))
            case Fence():
                return self._fence(node, look)
            case Grid():
                return self._grid(node, look)

    def _fraction(self, node: Frac, look: Look) -> Piece:
        above, below = self.box(node.above, look), self.box(node.below, look)
        inner = core(node.above), core(node.below)
        width = max(above.width, below.width)
        # One sign over one sign, and a fraction in a fraction, need a line that is longer than they are.
        if width == 1 or any(isinstance(part, Frac) for part in inner):
            width += 2
        bar = self.pen.bar(width) if node.bar else blank(width)
        return Piece(stack((above, bar, below), above.height), "inner", "inner")

    def _root(self, node: Root, look: Look) -> Piece:
        body = self.lay(node.body, look)
        bare = body.box.height == 1 and self.is_bare(node.body, body)
        root = self.inline.box(Root(node.body, None), look) if bare else self.pen.root(body.box)
        if node.degree is not None:
            degree = self.inline.box(node.degree, look._replace(tight=True))
            small = self.scripts(Script(Group(()), sup=node.degree), look).sup
            raised_degree = stack((degree, blank(1)), 1) if small is None else raised(small)
            root = beside((raised_degree, root))
        return Piece(root, right="ord" if bare else "inner", loose=bare)

    def _accent(self, node: Accent, look: Look) -> Piece:
        body = self.lay(node.body, look)
        marked = self.marked(node.mark, body)
        if marked is not None:
            return marked
        box = body.box
        mark = self.pen.accent(node.mark.ascii if self.ascii else node.mark.wide, max(box.width, 1))
        if node.mark.name == "underline":
            return Piece(stack((box, mark), box.baseline), right="inner")
        return Piece(stack((mark, box), 1 + box.baseline), right="inner")

    def _brace(self, node: Brace, look: Look) -> Piece:
        box = self.box(node.body, look)
        brace = self.pen.brace(box.width, node.over)
        if node.over:
            return Piece(stack((brace, box), 1 + box.baseline), right="inner")
        return Piece(stack((box, brace), box.baseline), right="inner")

    def script(self, node: Script, look: Look) -> Piece:
        """Limits above and below; scripts as glyphs, or else in raised and lowered rows."""
        if node.stacked or (
            takes_limits(node.base) and not (look.tight and not isinstance(node.base, Brace))
        ):
            return self._limits(node, look)
        base, misread = self.base(node, look)
        if misread:
            box = self.pen.fenced(_PARENTHESES[0], base.box, _PARENTHESES[1])
            base = base._replace(box=box, left="open", right="close")
        small = self.scripts(node, look)
        low, high = self._written(node.sub, small.sub, look), self._written(node.sup, small.sup, look)
        primes = raised(small.primes)
        in_glyphs = low is None and high is None
        if base.box.height > 1 and not (in_glyphs and isinstance(core(node.base), Accent)):
            written = low is not None, high is not None
            corners = low or raised(small.sub), beside((primes, high or raised(small.sup)))
            return base._replace(box=_cornered(base.box, *corners, written))
        if in_glyphs:
            parts = [base.box, raised(small.sub), primes, raised(small.sup)]
        else:
            level = raised(small.sup if high is None else small.sub)
            parts = [base.box, primes, _column(level, low, high)]
        return base._replace(box=beside(parts), loose=base.loose or small.loose)

    def _written(self, script: Node | None, glyphs: Row | None, look: Look) -> Box | None:
        """The box of a script that has no glyphs of its own."""
        if script is None or glyphs is not None:
            return None
        return self.box(script, look._replace(tight=True))

    def _limits(self, node: Script, look: Look) -> Piece:
        base = self.lay(node.base, look)
        within = look._replace(tight=True)
        above = [] if node.sup is None else [self.box(node.sup, within)]
        below = [] if node.sub is None else [self.box(node.sub, within)]
        height = sum(box.height for box in above)
        box = stack((*above, base.box, *below), height + base.box.baseline)
        return base._replace(box=box)

    def _fence(self, node: Fence, look: Look) -> Piece:
        segments: list[list[Node]] = [[]]
        middles = []
        for item in node.body.items if isinstance(node.body, Group) else (node.body,):
            if isinstance(item, Middle):
                middles.append(item.glyph)
                segments.append([])
            else:
                segments[-1].append(item)
        boxes = [self.box(Group(tuple(segment)), look) for segment in segments]
        body = beside(boxes)
        parts = boxes[:1]
        for glyph, box in zip(middles, boxes[1:], strict=True):
            parts += blank(1), self.pen.delimiter(glyph, body), blank(1), box
        left, right = self.pen.delimiter(node.left, body), self.pen.delimiter(node.right, body)
        outer: tuple[Kind, Kind] = "open" if node.left.text else "ord", "close" if node.right.text else "ord"
        return Piece(beside((left, *parts, right)), *outer)

    def _grid(self, node: Grid, look: Look) -> Piece:
        cells = [[self._cell(node.kind, i, cell, look) for i, cell in enumerate(row)] for row in node.rows]
        box = grid(node.kind, cells, node.align)
        if node.kind == "cases":
            return Piece(self.pen.fenced(DELIMITERS["lbrace"], box, DELIMITERS["."]), "open", "close")
        if node.kind in MATRIX_FENCES:
            left, right = MATRIX_FENCES[node.kind]
            return Piece(self.pen.fenced(left, box, right), "open", "close")
        return Piece(box, "inner", "inner")

    def _cell(self, kind: str, column: int, cell: Node, look: Look) -> Box:
        items = cell.items if isinstance(cell, Group) else (cell,)
        return set_out(self.placed(items, look, after=kind == "aligned" and column % 2 == 1))


def _column(level: Box, low: Box | None, high: Box | None) -> Box:
    """Scripts in rows above and below the base's own row, in which `level` stands."""
    boxes = (high, level if level.width else blank(1), low)
    return stack([box for box in boxes if box is not None], high.height if high else 0, "left")


def _cornered(base: Box, low: Box, high: Box, written: tuple[bool, bool]) -> Box:
    """Scripts at the corners of a base of several rows; `written` ones stay off the row of the letters."""
    lowered = written[0] and base.baseline == base.height - 1
    lifted = written[1] and base.baseline == 0
    column = [high] if high.width else []
    between = base.height - (bool(high.width) and not lifted) - (bool(low.width) and not lowered)
    if between:
        column.append(blank(1, between))
    column += [low] if low.width else []
    above = high.height - (not lifted) if high.width else 0
    return beside((base, stack(column, base.baseline + above, "left")))
