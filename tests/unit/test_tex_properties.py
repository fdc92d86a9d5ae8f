"""What holds for every formula: TexError alone is raised, letters are kept, widths are true."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from seqtui.tex import Box, TexError, aliases, commands, display, inline, plain, width

ANY_TEX = st.lists(
    st.sampled_from(
        [*commands(), *aliases(), *"{}[]()_^&'|.,+-=~ \\%$#", r"\\", "ab", "x", "1", "한글", "🤖", "é"]
    ),
    max_size=30,
).map(lambda parts: " ".join(parts))
CLOSED_PARTS = (
    *["x", "12", "W_f", r"\alpha", "+", "-", "=", ",", r"\sum", r"\log", r"\,", "한글", "'"],
    *["{0}_{{{1}}}", r"\frac{{{0}}}{{{1}}}", r"\left({0}\right]^{{{1}}}", r"\sqrt[{0}]{{{1}}}", "{{{0}}}"],
    *[r"\begin{{cases}}{0}&{1}\\{1}\end{{cases}}", "{0} {1}"],
    *[f"{command}{{{{{{0}}}}}}" for command in commands() if command not in (r"\{", r"\}")],
)


@st.composite
def closed_tex(draw: st.DrawFn, depth: int = 4) -> str:
    """Mostly well-formed TeX, with any command applied to anything."""
    part = draw(st.sampled_from(CLOSED_PARTS if depth else CLOSED_PARTS[:13]))
    if "{0}" not in part:
        return part
    return part.format(draw(closed_tex(depth - 1)), draw(closed_tex(depth - 1)) if "{1}" in part else "")


CLOSED_TEX = st.lists(closed_tex(), max_size=4).map(" ".join)

LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
FORMULAS = st.recursive(
    LETTERS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"{p[0]} {p[1]}"),
        st.tuples(inner, st.sampled_from(["+", "-", "=", r"\cdot", ",", r"\odot", "/"]), inner).map(" ".join),
        inner.map(lambda x: f"({x})"),
        inner.map(lambda x: f"{{{x}}}"),
        inner.map(lambda x: rf"\left[{x}\right]"),
        inner.map(lambda x: rf"\mathbf{{{x}}}"),
        inner.map(lambda x: rf"\sqrt{{{x}}}"),
        LETTERS.map(lambda x: rf"\hat{{{x}}}"),
        LETTERS.map(lambda x: rf"\mathbb{{{x}}}\mathcal{{{x}}}"),
        st.tuples(inner, inner).map(lambda p: rf"\frac{{{p[0]}}}{{{p[1]}}}"),
        st.tuples(LETTERS, inner).map(lambda p: f"{p[0]}_{{{p[1]}}}"),
        st.tuples(LETTERS, inner, inner).map(lambda p: f"{p[0]}_{{{p[1]}}}^{{{p[2]}}}"),
        st.tuples(inner, inner).map(lambda p: f"{{{p[0]}}}^{{{p[1]}}}"),
        st.tuples(inner, inner).map(lambda p: rf"\sum_{{{p[0]}}} {p[1]}"),
        st.tuples(inner, inner).map(
            lambda p: rf"\begin{{bmatrix}} {p[0]} & {p[1]} \\ {p[1]} \end{{bmatrix}}"
        ),
    ),
    max_leaves=12,
)


def letters_of_source(tex: str) -> Counter[str]:
    return Counter(c for c in re.sub(r"\\[a-z]+|bmatrix", "", tex) if c.isalpha())


def letters_shown(text: str) -> Counter[str]:
    return Counter(c for c in unicodedata.normalize("NFKD", text) if c.isascii() and c.isalpha())


def text_of(box: Box) -> str:
    return "\n".join(plain(row) for row in box.rows)


def assert_true_widths(box: Box) -> None:
    assert 0 <= box.baseline < len(box.rows)
    for row in box.rows:
        assert width(row) == wcswidth(plain(row)) == box.width
        assert all(span.text for span in row)
        assert all(a.style != b.style for a, b in pairwise(row))


@given(st.one_of(st.text(), ANY_TEX, CLOSED_TEX), st.booleans(), st.integers(1, 60))
@settings(max_examples=500)
def test_any_text_is_drawn_with_true_widths_or_refused(tex: str, ascii: bool, columns: int) -> None:
    with suppress(TexError):
        row = inline(tex, ascii=ascii)
        assert width(row) == wcswidth(plain(row))
        assert_true_widths(display(tex, ascii=ascii))
        assert_true_widths(display(tex, columns, ascii=ascii))


@given(st.one_of(st.text(), ANY_TEX, CLOSED_TEX))
@settings(max_examples=300)
def test_the_row_and_the_box_agree_on_what_can_be_read(tex: str) -> None:
    complaints = [complaint(draw, tex) for draw in (inline, display)]
    assert complaints[0] == complaints[1]


def complaint(draw: Callable[[str], object], tex: str) -> tuple[str, int]:
    """What is wrong with a formula, and where; an empty text where nothing is."""
    try:
        draw(tex)
    except TexError as error:
        return str(error), error.column
    return "", 1


@given(st.one_of(st.text(), ANY_TEX))
def test_an_error_points_into_the_source(tex: str) -> None:
    assert 1 <= complaint(inline, tex)[1] <= len(tex) + 1


@given(FORMULAS, st.integers(1, 60))
def test_no_letter_is_lost_or_added(tex: str, columns: int) -> None:
    letters = letters_of_source(tex)
    assert letters_shown(plain(inline(tex))) == letters
    assert letters_shown(text_of(display(tex))) == letters
    assert letters_shown(text_of(display(tex, columns))) == letters


@given(FORMULAS)
@settings(max_examples=300)
def test_brackets_stay_balanced_in_a_row(tex: str) -> None:
    for ascii in (False, True):
        waiting: list[str] = []
        for char in plain(inline(tex, ascii=ascii)):
            if char in "([{":
                waiting.append({"(": ")", "[": "]", "{": "}"}[char])
            elif char in ")]}":
                assert waiting.pop() == char
        assert not waiting


@given(FORMULAS)
@settings(max_examples=300)
def test_a_written_script_is_one_character_or_grouped(tex: str) -> None:
    for ascii in (False, True):
        text = unicodedata.normalize("NFC", plain(inline(tex, ascii=ascii)))
        for script in re.finditer(r"[_^](.)([\u0300-\u036f]?)(.?)", text, re.DOTALL):
            first, _, following = script.groups()
            assert first == "(" or not following.isalnum(), text


# Arithmetic written by the layout and read back by the rules that every reader knows.

VALUES = {"a": 1.3, "b": 2.1, "c": 0.7, "e": 3.2}
Arithmetic = tuple[str, float]


def product(a: Arithmetic, b: Arithmetic) -> Arithmetic:
    return f"{{{a[0]}}} {{{b[0]}}}", a[1] * b[1]


def grouped(a: Arithmetic) -> Arithmetic:
    return f"({a[0]})", a[1]


def fraction(a: Arithmetic, b: Arithmetic) -> Arithmetic:
    return rf"\frac{{{a[0]}}}{{{b[0]}}}", a[1] / b[1]


def power(a: Arithmetic, n: int) -> Arithmetic:
    return f"{{{a[0]}}}^{n}", a[1] ** n


def root(a: Arithmetic) -> Arithmetic:
    return rf"\sqrt{{{a[0]}}}", math.sqrt(a[1])


FACTORS: st.SearchStrategy[Arithmetic] = st.recursive(
    st.sampled_from(sorted(VALUES.items())),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: product(*p)),
        st.tuples(inner, inner).map(lambda p: (rf"{p[0][0]} \cdot {p[1][0]}", p[0][1] * p[1][1])),
        st.tuples(inner, inner).map(lambda p: fraction(*p)),
        st.tuples(inner, inner).map(lambda p: grouped((f"{p[0][0]} + {p[1][0]}", p[0][1] + p[1][1]))),
        st.tuples(inner, inner, inner).map(
            lambda p: fraction((f"{p[0][0]} + {p[1][0]}", p[0][1] + p[1][1]), p[2])
        ),
        st.tuples(inner, inner, inner).map(
            lambda p: fraction(p[2], (f"{p[0][0]} + {p[1][0]}", p[0][1] + p[1][1]))
        ),
        st.tuples(inner, st.integers(2, 3)).map(lambda p: power(*p)),
        inner.map(root),
    ),
    max_leaves=8,
)


class Reader:
    """Reads arithmetic as people do; refuses a factor right after a fraction, where people disagree."""

    def __init__(self, text: str) -> None:
        self.tokens = re.findall(r"sqrt|[abce]|\d|[()+*/^]", text)
        assert "".join(self.tokens) == text.replace(" ", "")

    def total(self) -> float:
        value = self.term()
        while self.tokens and self.tokens[0] == "+":
            self.tokens.pop(0)
            value += self.term()
        return value

    def term(self) -> float:
        value, after_fraction = self.factor(), False
        while self.tokens and self.tokens[0] not in ("+", ")"):
            if self.tokens[0] == "*":
                self.tokens.pop(0)
                value, after_fraction = value * self.factor(), False
            elif self.tokens[0] == "/":
                assert not after_fraction
                self.tokens.pop(0)
                value, after_fraction = value / self.factor(), True
            else:
                assert not after_fraction
                value *= self.factor()
        return value

    def factor(self) -> float:
        token = self.tokens.pop(0)
        if token == "sqrt":
            value = math.sqrt(self.factor())
        elif token == "(":
            value = self.total()
            assert self.tokens.pop(0) == ")"
        else:
            value = VALUES[token]
        if self.tokens and self.tokens[0] == "^":
            self.tokens.pop(0)
            value **= int(self.tokens.pop(0))
        return value


@given(FACTORS)
@settings(max_examples=400)
def test_arithmetic_read_back_from_its_row_has_its_value(arithmetic: Arithmetic) -> None:
    tex, value = arithmetic
    reader = Reader(plain(inline(tex, ascii=True)))
    assert math.isclose(reader.total(), value, rel_tol=1e-9)
    assert not reader.tokens
