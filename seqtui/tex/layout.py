"""What the two layouts share: rows, letters, and scripts that have glyphs of their own."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from seqtui.tex import fonts
from seqtui.tex.box import Box, blank, line, of_row
from seqtui.tex.fonts import Alphabet, Mark
from seqtui.tex.pieces import Piece, Placed, arranged, set_out
from seqtui.tex.spans import Row, Span, joined
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
    Operator,
    Phantom,
    Root,
    Script,
    Space,
    Styled,
    Symbol,
    Text,
    core,
    flat,
    is_atom,
    needs_parentheses,
)

_PLAIN = Alphabet("", {})
_ASCII_SUPERSCRIPTS = {"′": "'", "∗": "*", "⋆": "*"}


class Look(NamedTuple):
    """How the letters at this place look: styled, in another alphabet, tightly set inside a script."""

    style: str = ""
    alphabet: Alphabet = _PLAIN
    tight: bool = False

    def within(self, alphabet: Alphabet) -> Look:
        """The look inside a font command."""
        kept = "" if self.alphabet.letters else self.alphabet.style
        return self._replace(style=both(self.style, kept), alphabet=alphabet)


class Scripts(NamedTuple):
    """The scripts of a node as raised and lowered glyphs; None where one is missing."""

    sub: Row | None
    primes: Row
    sup: Row | None

    @property
    def loose(self) -> bool:
        """Whether they end in a sign that would read as a product before a letter."""
        return bool(self.sup) and self.sup is not None and self.sup[-1].text[-1] in fonts.RAISED


class Layout(ABC):
    """Tree → boxes; the subclasses say what happens to all that is higher than one row."""

    def __init__(self, ascii: bool) -> None:
        self.ascii = ascii
        self.superscripts: Mapping[str, str] = _ASCII_SUPERSCRIPTS if ascii else fonts.SUPERSCRIPTS
        self.subscripts: Mapping[str, str] = {} if ascii else fonts.SUBSCRIPTS

    def lay(self, node: Node, look: Look) -> Piece:
        """Lay out one node."""
        match node:
            case Symbol():
                return self._symbol(node, look)
            case Group(items):
                lone = core(node)
                if isinstance(lone, Group):
                    return Piece(set_out(self.placed(items, look)))
                return self.lay(lone, look)._replace(left="ord", right="ord")
            case Script():
                return self.script(node, look)
            case Text(text, style):
                return Piece(line(text, both(look.style, style)), word=len(text) > 1)
            case Operator(body):
                return self.lay(body, look)._replace(left="op", right="op", word=True, loose=False)
            case Styled(alphabet, body):
                return self.lay(body, look.within(alphabet))
            case Space(columns):
                return Piece(blank(columns))
            case Middle(glyph):
                return Piece(line(glyph.ascii if self.ascii else glyph.text), "rel", "rel")
            case Frac() | Root() | Accent() | Brace() | Framed() | Phantom() | Fence() | Grid():
                return self.construct(node, look)

    @abstractmethod
    def construct(
        self, node: Frac | Root | Accent | Brace | Framed | Phantom | Fence | Grid, look: Look
    ) -> Piece:
        """Lay out a node that is more than a row of signs."""

    @abstractmethod
    def script(self, node: Script, look: Look) -> Piece:
        """Lay out a base with its scripts."""

    def settled(self, nodes: Sequence[Node], pieces: list[Piece]) -> list[Piece]:
        """Change pieces whose neighbours would make them be misread."""
        return pieces

    def placed(self, items: tuple[Node, ...], look: Look, after: bool = False) -> list[Placed]:
        """The pieces of a row with the space before each; `after`: something stands before the row."""
        nodes: list[Node] = []
        asked: list[int] = []
        space = 0
        for node in flat(items):
            if isinstance(node, Space):
                space += node.columns
                continue
            nodes.append(node)
            asked.append(space)
            space = 0
        pieces = self.settled(nodes, [self.lay(node, look) for node in nodes])
        return arranged(pieces, asked, look.tight, after)

    def box(self, node: Node, look: Look) -> Box:
        """The box of one node."""
        return self.lay(node, look).box

    def _symbol(self, node: Symbol, look: Look) -> Piece:
        glyph = node.glyph
        text = glyph.ascii if self.ascii else glyph.text
        style = look.style
        if not self.ascii and text in look.alphabet.letters:
            text = look.alphabet.letters[text]
        else:
            style = both(style, look.alphabet.style)
        is_word = text.isalpha() and (len(text) > 1 or glyph.kind in ("bin", "rel"))
        return Piece(line(text, style), glyph.kind, glyph.kind, is_word, loose=glyph.kind == "op")

    def scripts(self, node: Script, look: Look) -> Scripts:
        """The scripts of a node that can be written with glyphs of their own."""
        sub = None if node.sub is None else self._glyphs(node.sub, self.subscripts, look)
        sup = None if node.sup is None else self._glyphs(node.sup, self.superscripts, look)
        prime = "'" if self.ascii else "′"
        return Scripts(sub, (Span(prime * node.primes, both(look.style, look.alphabet.style)),), sup)

    def _glyphs(self, node: Node, table: Mapping[str, str], look: Look) -> Row | None:
        match node:
            case Symbol(glyph):
                found = None if glyph.text in look.alphabet.letters else table.get(glyph.text)
                return (Span(found, both(look.style, look.alphabet.style)),) if found else None
            case Text(text, style):
                if all(char in table for char in text):
                    return (Span("".join(table[char] for char in text), both(look.style, style)),)
                return None
            case Operator(body):
                return self._glyphs(body, table, look)
            case Styled(alphabet, body):
                return self._glyphs(body, table, look.within(alphabet))
            case Space():
                return ()
            case Group(items):
                rows = []
                for item in items:
                    row = self._glyphs(item, table, look)
                    if row is None:
                        return None
                    rows.append(row)
                return joined(rows)
        return None

    def marked(self, mark: Mark, piece: Piece) -> Piece | None:
        """A single letter with its accent on it; None for more than a letter."""
        if self.ascii or piece.box.width != 1 or piece.box.height != 1 or len(piece.text) != 1:
            return None
        style = piece.box.rows[0][0].style
        return Piece(line(unicodedata.normalize("NFC", piece.text + mark.combining), style))

    def is_bare(self, node: Node, piece: Piece) -> bool:
        """Whether a root's sign before a node speaks of all of it."""
        inner = core(node)
        is_power = isinstance(inner, Script) and (inner.sup is not None or inner.primes > 0)
        return is_atom(inner) and not is_power and not piece.loose

    def base(self, node: Script, look: Look) -> tuple[Piece, bool]:
        """The base of a script, and whether it needs parentheses around it."""
        piece = self.lay(node.base, look)
        inner = core(node.base)
        if isinstance(inner, Script) and inner.sup is None and node.sub is None and not inner.stacked:
            return piece, piece.loose or piece.box.height > 1
        return piece, needs_parentheses(node.base)


def both(one: str, other: str) -> str:
    """Two styles at once."""
    return " ".join(sorted({*one.split(), *other.split()}))


def raised(row: Row | None) -> Box:
    """The box of a script in glyphs of its own; empty where there is none."""
    return of_row(row) if row else blank(0)
