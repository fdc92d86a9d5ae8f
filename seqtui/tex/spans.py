"""Rows of styled characters, and how wide they are on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """Characters of one style: "" (plain), "bold", "italic" or "bold italic"."""

    text: str
    style: str = ""


Row = tuple[Span, ...]
"""One row of a formula; neighbours differ in style, and no span is empty."""


def text_width(text: str) -> int:
    """The columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    # Imported at the first formula that needs it: wcwidth takes 27 ms to load.
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


def plain(row: Row) -> str:
    """The characters of a row without their styles."""
    return "".join(span.text for span in row)


def width(row: Row) -> int:
    """The columns that a row takes on a terminal."""
    return text_width(plain(row))


def joined(rows: Iterable[Row]) -> Row:
    """One row after the other; neighbouring spans of one style become one."""
    runs: list[tuple[str, list[str]]] = []
    for row in rows:
        for text, style in row:
            if not text:
                continue
            if runs and runs[-1][0] == style:
                runs[-1][1].append(text)
            else:
                runs.append((style, [text]))
    return tuple(Span("".join(texts), style) for style, texts in runs)
