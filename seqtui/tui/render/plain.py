"""Styled text in ASCII alone, as `--ascii` asks for."""

from __future__ import annotations

from textual.content import Content, Span

from seqtui.glyphs import to_ascii


def in_ascii(text: Content) -> Content:
    """The same text and styles; a sign that becomes a word takes its style along."""
    if text.plain.isascii():
        return text

    def place(before: int) -> int:
        return len(to_ascii(text.plain[:before]))

    spans = [Span(place(span.start), place(span.end), span.style) for span in text.spans]
    return Content(to_ascii(text.plain), spans=spans)
