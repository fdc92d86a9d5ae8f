"""Columns of a text: the quick answer for plain characters is the one that the width table gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from seqtui.glyphs import SINGLE, clip, fit, to_ascii, width, wrap
from seqtui.sentences import _table

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


@pytest.mark.parametrize("sentence", [sentence for _, sentence in sorted(_table("en").items())])
def test_every_sentence_has_an_ascii_form(sentence: str) -> None:
    assert to_ascii(sentence).isascii()


@pytest.mark.parametrize(
    ("text", "ascii"),
    [
        ("c₆ = f·c₅ + i·g = .009·.521 + .995·−.935", "c6 = f*c5 + i*g = .009*.521 + .995*-.935"),
        ("h = o·tanh c₄ = (1−z₄)·n₄", "h = o*tanh c4 = (1-z4)*n4"),
        ("2.96 → 3.93", "2.96 -> 3.93"),
        ("LSTM · names", "LSTM - names"),
        ("←→", "<- ->"),
        ("asking …", "asking ..."),
        ("x (…, D)", "x (..., D)"),
        ("What is a hidd…", "What is a hidd~"),
    ],
)
def test_ascii_says_the_same(text: str, ascii: str) -> None:
    assert to_ascii(text) == ascii


@given(st.text(alphabet="─│┌┐└┘├┤┼┴━┃░▒▓█▸◂●◐○‹›·−₀₁₂"))
def test_what_stands_in_fixed_columns_keeps_its_width(text: str) -> None:
    assert len(to_ascii(fit(text, 9))) == 9


@given(st.text(alphabet="ab 민", max_size=60), st.integers(2, 30))
def test_wrapping_keeps_every_word_and_the_width(text: str, columns: int) -> None:
    rows = wrap(text, columns)
    assert " ".join(rows).split() == text.split()
    assert all(width(row) <= columns or " " not in row for row in rows)
