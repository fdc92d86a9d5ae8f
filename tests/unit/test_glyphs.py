"""Columns of a text: the quick answer for plain characters is the one that the width table gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from seqtui.glyphs import SINGLE, clip, fit, to_ascii, width

PLAIN = "".join(chr(code) for code in range(0x20, 0x3000) if SINGLE.fullmatch(chr(code)))


def test_every_character_that_is_counted_without_the_table_takes_one_column() -> None:
    assert [c for c in PLAIN if wcswidth(c) != 1] == []
    assert set("▸◂●◐○↑↓←→↵σ₀₉−·×│─█░▌…") <= set(PLAIN)


@given(st.text())
def test_width_is_the_tables_for_any_text(text: str) -> None:
    assert width(text) == max(0, wcswidth(text))


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0xD7A3)), st.integers(1, 30))
def test_clip_never_exceeds_and_fit_fills(text: str, columns: int) -> None:
    printable = "".join(c for c in text if c.isprintable() and wcswidth(c) > 0)
    assert width(clip(printable, columns)) <= columns
    assert width(fit(printable, columns)) == columns


def test_what_the_interface_draws_has_an_ascii_form() -> None:
    assert to_ascii("▸ ● ◐ ○ ↑↓ ↵ ├─┤┼└┘┴ “x”").isascii()
