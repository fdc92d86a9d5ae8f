"""A formula in one row: what has no glyph is written out, grouped where it could be misread."""

from __future__ import annotations

from collections.abc import Sequence

from seqtui.tex.box import Box, beside, blank, line, of_row
from seqtui.tex.glyphs import MATRIX_FENCES
from seqtui.tex.layout import Layout, Look, raised
from seqtui.tex.pieces import Piece, set_out
from seqtui.tex.tree import (
    Accent,
    Brace,
    Fence,
    Frac,
    Framed,
    Grid,
    Group,
    Node,
    Phantom,
    Root,
    Script,
    Space,
    Symbol,
    core,
    flat,
    is_atom,
    is_differential,
    is_product,
    takes_limits,
)


class Inline(Layout):
    """Tree → boxes of one row."""

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
            case Brace(body):
                return self._grouped(body, look)
            case Framed(body):
                return Piece(_between("[", self.box(body, look), "]"), "open", "close")
            case Phantom():
                return Piece(blank(0))
            case Fence():
                return self._fence(node, look)
            case Grid():
                return self._grid(node, look)

    def settled(self, nodes: Sequence[Node], pieces: list[Piece]) -> list[Piece]:
        """Put parentheses around a fraction that is multiplied by, or applied to, what is beside it."""
        shown = [i for i, piece in enumerate(pieces) if piece.box.width]
        for before, here, after in zip([None, *shown], shown, [*shown[1:], None], strict=False):
            if pieces[here].left != "inner":
                continue
            multiplied = before is not None and pieces[before].right in ("ord", "close", "op", "inner")
            divided = after is not None and pieces[after].left in ("ord", "open", "op", "inner")
            if multiplied or divided:
                pieces[here] = _parenthesised(pieces[here].box)
            else:
                pieces[here] = pieces[here]._replace(left="ord", right="ord")
        return pieces

    def _fraction(self, node: Frac, look: Look) -> Piece:
        if not node.bar:
            boxes = self.box(node.above, look), line(" choose "), self.box(node.below, look)
            return Piece(beside(boxes))
        above = self._part(node.above, is_product(node.above), look)
        below = self._part(node.below, is_atom(node.below) or is_differential(node.below, node.above), look)
        return Piece(beside((above, line("/"), below)), "inner", "inner")

    def _part(self, node: Node, is_one: bool, look: Look) -> Box:
        """A numerator or denominator, in parentheses unless it reads as one thing."""
        box = self.box(node, look)
        one = (is_one and not _is_spaced(box)) or is_enclosed(node)
        return box if one else _between("(", box, ")")

    def _grouped(self, node: Node, look: Look) -> Piece:
        piece = self.lay(node, look)
        return piece if is_atom(node) or is_enclosed(node) else _parenthesised(piece.box)

    def _root(self, node: Root, look: Look) -> Piece:
        body = self.lay(node.body, look)
        bare = self.is_bare(node.body, body) and not self.ascii
        radicand = body.box if bare or is_enclosed(node.body) else _between("(", body.box, ")")
        degree = self._degree(node, look)
        return Piece(beside((*degree, radicand)), loose=bare)

    def _degree(self, node: Root, look: Look) -> tuple[Box, ...]:
        sign = line("sqrt" if self.ascii else "√")
        if node.degree is None:
            return (sign,)
        small = self.scripts(Script(Group(()), sup=node.degree), look).sup
        if small is not None:
            return raised(small), sign
        return sign, line("["), self.box(node.degree, look._replace(tight=True)), line("]")

    def _accent(self, node: Accent, look: Look) -> Piece:
        body = self.lay(node.body, look)
        written = Piece(_between(node.mark.name + "(", body.box, ")"), word=True)
        return self.marked(node.mark, body) or written

    def script(self, node: Script, look: Look) -> Piece:
        """The base, then the scripts with glyphs, then the others as _x, _(xf), ^q or ^(q)."""
        base, misread = self.base(node, look)
        box = _between("(", base.box, ")") if misread else base.box
        small = self.scripts(node, look)
        parts = [box, raised(small.sub), raised(small.primes), raised(small.sup)]
        loose = small.loose or (base.right == "op" and takes_limits(node.base))
        for script, done, mark in ((node.sub, small.sub, "_"), (node.sup, small.sup, "^")):
            if script is not None and done is None:
                parts += line(mark), self._written(script, look)
                loose = loose or base.right != "op"
        shown = Piece(beside(parts), base.left, base.right, base.word, loose)
        return shown._replace(left="open", right="close") if misread else shown

    def _written(self, script: Node, look: Look) -> Box:
        box = self.box(script, look._replace(tight=True))
        return box if box.width == 1 or is_enclosed(script) else _between("(", box, ")")

    def _fence(self, node: Fence, look: Look) -> Piece:
        left, right = (g.ascii if self.ascii else g.text for g in (node.left, node.right))
        inner = core(node.body)
        if isinstance(inner, Grid) and inner.kind in ("matrix", "array"):
            body = self._rows(inner, look, ", ")
        else:
            body = self.box(node.body, look)
        box = beside((line(left), body, line(right)))
        return Piece(box, "open" if left else "ord", "close" if right else "ord")

    def _grid(self, node: Grid, look: Look) -> Piece:
        """A matrix as [a, b; c, d], lines parted by semicolons."""
        if node.kind in ("lines", "aligned", "gathered"):
            rows = [set_out(self.placed(_in_one(row), look)) for row in node.rows]
            return Piece(_separated(rows, "; "))
        if node.kind == "substack":
            return Piece(_separated([self.box(row[0], look) for row in node.rows], ", "))
        if node.kind == "cases":
            return Piece(_between("{", self._rows(node, look, ", "), "}"), "open", "close")
        fence = MATRIX_FENCES.get(node.kind, MATRIX_FENCES["bmatrix"])
        left, right = (glyph.ascii if self.ascii else glyph.text for glyph in fence)
        return Piece(_between(left, self._rows(node, look, ", "), right), "open", "close")

    def _rows(self, node: Grid, look: Look, between: str) -> Box:
        rows = []
        for row in node.rows:
            cells: list[Box] = []
            for cell in row:
                box = self.box(cell, look)
                ended = not cells or (len(cells) > 0 and _ends_in_comma(cells[-1]))
                cells += [box] if not cells else [line(" " if ended else between), box]
            rows.append(beside(cells))
        return _separated(rows, "; ")


def is_enclosed(node: Node) -> bool:
    """Whether one pair of parentheses already stands around all of a node."""
    node = core(node)
    if isinstance(node, Fence):
        return node.left.text == "(" and node.right.text == ")"
    if not isinstance(node, Group):
        return False
    depth = 0
    signs = [item.glyph.text if isinstance(item, Symbol) else "" for item in flat(node.items)]
    for i, sign in enumerate(signs):
        depth += (sign == "(") - (sign == ")")
        if depth <= 0 and i < len(signs) - 1:
            return False
    return depth == 0 and len(signs) > 1 and signs[-1] == ")"


def _in_one(row: tuple[Node, ...]) -> tuple[Node, ...]:
    """The cells of an aligned row as one formula, with two columns between the pairs of sides."""
    items: list[Node] = []
    for i, cell in enumerate(row):
        if i and i % 2 == 0:
            items.append(Space(2))
        items.append(cell)
    return tuple(items)


def _is_spaced(box: Box) -> bool:
    """Whether a row has a space outside of all brackets."""
    depth = 0
    for char in "".join(span.text for span in box.rows[0]):
        depth += (char in "([{⌊⌈⟨") - (char in ")]}⌋⌉⟩")
        if char == " " and depth == 0:
            return True
    return False


def _ends_in_comma(box: Box) -> bool:
    return "".join(span.text for span in box.rows[0]).rstrip().endswith((",", ";", ":"))


def _between(left: str, box: Box, right: str) -> Box:
    return beside((line(left), box, line(right)))


def _parenthesised(box: Box) -> Piece:
    return Piece(_between("(", box, ")"), "open", "close")


def _separated(rows: Sequence[Box], between: str) -> Box:
    shown: list[Box] = []
    for row in rows:
        shown += [line(between), row] if shown else [row]
    return beside(shown) if shown else of_row(())
