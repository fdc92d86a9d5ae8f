"""Formulas that were never meant to be read: refused or drawn, and nothing else happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seqtui.tex import TexError, display, inline, plain
from seqtui.tex.box import MAX_CELLS
from seqtui.tex.reader import MAX_DEPTH
from seqtui.tex.tokens import MAX_LENGTH

NESTS = [
    ("{", "x", "}"),
    (r"\frac{a}{", "x", "}"),
    (r"\sqrt{1+", "x", "}"),
    (r"\sqrt ", "x", ""),
    (r"\hat ", "x", ""),
    (r"\widehat{ab", "x", "}"),
    ("x^{q", "x", "}"),
    ("W_{f", "x", "}"),
    (r"\left(", "x", r"\right)"),
    (r"\left(\frac{a}{b}\middle|", "x", r"\right)"),
    (r"\begin{matrix}a\\b&", "x", r"\end{matrix}"),
    (r"\substack{a\\", "x", "}"),
    (r"\underbrace{a", "x", "}"),
    (r"\mathbf{a", "x", "}"),
    (r"\sum_{a", "x", "}"),
    (r"\sqrt[", "x", "]{y}"),
]


def from_deep_inside(frames: int, work: Callable[[], object]) -> object:
    """Run something where much of the stack is already in use, as inside an app."""
    return work() if frames == 0 else from_deep_inside(frames - 1, work)


@pytest.mark.parametrize(("opening", "middle", "closing"), NESTS)
@pytest.mark.parametrize("draw", [inline, display])
def test_nesting_is_drawn_up_to_a_depth_and_refused_beyond(
    draw: Callable[[str], object], opening: str, middle: str, closing: str
) -> None:
    depth = MAX_DEPTH // 2
    from_deep_inside(300, lambda: draw(opening * depth + middle + closing * depth))
    many = 5 * MAX_DEPTH
    with pytest.raises(TexError, match="inside one another") as caught:
        from_deep_inside(300, lambda: draw(opening * many + middle + closing * many))
    assert 1 < caught.value.column <= len(opening) * (MAX_DEPTH + 2)


def test_a_formula_that_is_too_long_is_refused() -> None:
    assert plain(inline("x" * MAX_LENGTH)) == "x" * MAX_LENGTH
    with pytest.raises(TexError) as caught:
        inline("x" * 10_000_000)
    assert caught.value.column == MAX_LENGTH + 1


def test_a_box_that_would_fill_the_memory_is_refused() -> None:
    tall = r"\begin{matrix}" + r"a\\" * 1_500 + "a" * 5_000 + r"\end{matrix}"
    with pytest.raises(TexError, match="too large"):
        display(tall)
    high = display(r"\begin{matrix}" + r"a\\" * 3_000 + r"\end{matrix}")
    assert len(high.rows) * high.width <= MAX_CELLS


@pytest.mark.parametrize(
    "char",
    [
        "\x00",
        "\x07",
        "\x1b",
        "\x7f",
        "\x85",
        "\u200b",
        "\u200d",
        "\u202e",
        "\u2066",
        "\u2028",
        "\ufeff",
        "\ufe0f",
        "\ud800",
        "\ue000",
        "\U000e0041",
        "א",
        "ع",
        "\U0001f1f0",
        "\U0001f3fb",
        "\u094d",
    ],
)
@pytest.mark.parametrize("around", ["x{}y", r"\text{{a{}b}}", r"x\{}", r"\mathbf{{{}}}"])
def test_characters_that_move_hide_or_reorder_others_are_refused(char: str, around: str) -> None:
    tex = around.format(char)
    for draw in (inline, display):
        with pytest.raises(TexError) as caught:
            draw(tex)
        assert abs(caught.value.column - (tex.index(char) + 1)) <= 1


def test_a_letter_carries_only_so_many_marks() -> None:
    assert plain(inline("e\u0301")) == "é"
    with pytest.raises(TexError, match="no letter to stand on"):
        inline("e" + "\u0301" * 100)


def test_an_endless_name_is_not_repeated_in_the_message() -> None:
    for tex in ("\\" + "a" * 15_000, r"\begin{" + "a" * 15_000 + "}", r"\left" + "a" * 15_000):
        with pytest.raises(TexError) as caught:
            inline(tex)
        assert len(str(caught.value)) < 200
