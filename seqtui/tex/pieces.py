"""What stands next to what: the space between two parts of a row, by TeX's classes of atoms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from seqtui.tex.box import Box, beside, blank
from seqtui.tex.glyphs import Kind
from seqtui.tex.spans import plain


class Piece(NamedTuple):
    """A part of a row. `word`: no letter may touch it; `loose`: what follows could seem a part of it."""

    box: Box
    left: Kind = "ord"
    right: Kind = "ord"
    word: bool = False
    loose: bool = False

    @property
    def text(self) -> str:
        """The characters on the baseline."""
        return plain(self.box.rows[self.box.baseline])


class Placed(NamedTuple):
    """A piece and the empty columns before it."""

    gap: int
    piece: Piece


_THIN = {
    *(("ord", kind) for kind in ("op", "inner")),
    *(("op", kind) for kind in ("ord", "op", "inner")),
    *(("close", kind) for kind in ("op", "inner")),
    *(("inner", kind) for kind in ("ord", "op", "open", "inner")),
}
"""Pairs of classes with a space between them even inside a script."""

_TOUCHING = frozenset("|‖/│!")


def arranged(pieces: Sequence[Piece], asked: Sequence[int], tight: bool, after: bool = False) -> list[Placed]:
    """Give each piece its space: the one that its neighbour asks for, or the author's if that is wider.

    `tight` drops the spaces around relations and binary signs, as scripts do; `after` says that something
    stands before the first piece.
    """
    settled = _signs_settled(pieces, after)
    placed: list[Placed] = []
    for i, piece in enumerate(settled):
        if i:
            gap = _gap(settled[i - 1], piece, tight)
        else:
            gap = 1 if after and piece.left in ("rel", "bin", "op") else 0
        placed.append(Placed(max(gap, asked[i]), piece))
    return placed


def set_out(placed: Sequence[Placed]) -> Box:
    """The pieces beside each other with their gaps."""
    return beside(box for gap, piece in placed for box in (blank(gap), piece.box))


def _signs_settled(pieces: Sequence[Piece], after: bool) -> list[Piece]:
    """A binary sign with nothing before or after it is a sign of one number, e.g. in −1."""
    settled: list[Piece] = []
    before: Kind | None = "ord" if after else None
    for i, piece in enumerate(pieces):
        if piece.left == "bin":
            following = pieces[i + 1].left if i + 1 < len(pieces) else None
            lone = before in (None, "bin", "op", "rel", "open", "punct")
            if lone or following in (None, "rel", "close", "punct"):
                piece = piece._replace(left="ord", right="ord")
        settled.append(piece)
        before = piece.right
    return settled


def _gap(a: Piece, b: Piece, tight: bool) -> int:
    left, right = a.right, b.left
    if left == "punct":
        return 0 if tight or right == "close" else 1
    if right in ("punct", "close") or left == "open":
        return _kept_apart(a, b)
    if "bin" in (left, right) or ("rel" in (left, right) and left != right):
        return _kept_apart(a, b) if tight else 1
    if (left, right) in _THIN:
        return 1
    if left == "op" and right == "open":
        return int(a.loose or a.box.height > 1)
    return _kept_apart(a, b)


def _kept_apart(a: Piece, b: Piece) -> int:
    """1 where two parts without a space would read as one."""
    last, first = a.text[-1:], b.text[:1]
    if a.loose and b.left in ("ord", "inner") and first not in _TOUCHING:
        return 1
    return int((a.word or b.word) and last.isalnum() and first.isalnum())
