"""The parser that reader and page share: formulas and live blocks are tokens of their own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.token import Token

from seqtui.course.markdown import parser


def formulas(text: str) -> list[str]:
    """The inline formulas of a text."""
    return [
        child.content
        for token in parser().parse(text)
        for child in token.children or []
        if child.type == "math_inline"
    ]


def only(text: str) -> Token:
    """The one token that a text is."""
    (token,) = parser().parse(text)
    return token


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$h_t$ is 5", ["h_t"]),
        ("a$x$b and $y$는", ["x", "y"]),
        ("$a_1*b_1*c$ *em*", ["a_1*b_1*c"]),
        ("$`\\{a, b\\}`$", [r"\{a, b\}"]),
        ("$f$, $i$", ["f", "i"]),
        (r"$a\$b$", [r"a\$b"]),
        ("$a +\nb$", ["a + b"]),
        ("| $x$ | $y$ |\n|-|-|\n| $z$ | 1 |", ["x", "y", "z"]),
        ("**$w$** [$l$](#a)", ["w", "l"]),
        ("it costs $5 and $6", []),
        ("2$x$ and $x$2", []),
        ("$ x$ and $x $", []),
        (r"\$x$", []),
        ("`$x$` $$", []),
        ("$", []),
        ("$x", []),
    ],
)
def test_inline_formulas(text: str, found: list[str]) -> None:
    assert formulas(text) == found


@given(st.text(st.sampled_from("ab_^{}+ \\"), min_size=1))
def test_a_formula_keeps_every_character(tex: str) -> None:
    if tex.strip() == tex and not tex.endswith("\\"):
        assert formulas(f"see ${tex}$.") == [tex]


@given(st.text(st.sampled_from("$`\\ 1a\n*_[](")))
def test_the_rule_always_moves_on(text: str) -> None:
    for token in parser().parse(text):
        assert all(child.content for child in token.children or [] if child.type == "math_inline")


@pytest.mark.parametrize("text", ["```math\nc = f\n```", "$$\nc = f\n$$", "$$c = f$$"])
def test_display_formulas(text: str) -> None:
    token = only(text)
    assert (token.type, token.content.strip()) == ("math_block", "c = f")


def test_a_live_block_keeps_its_lines_and_names_its_kind() -> None:
    token = only("```yaml lab\nid: a\n```")
    assert (token.type, token.meta, token.map) == ("live_block", {"kind": "lab"}, [0, 3])
    assert token.content == "id: a\n"


@pytest.mark.parametrize("info", ["yaml", "yaml labs", "python lab", "lab", "yaml title=lab", ""])
def test_other_fences_stay_fences(info: str) -> None:
    assert only(f"```{info}\nid: a\n```").type == "fence"


def test_a_fence_in_a_quote_is_no_live_block() -> None:
    types = [token.type for token in parser().parse("> ```yaml lab\n> id: a\n> ```")]
    assert types == ["blockquote_open", "fence", "blockquote_close"]


def test_front_matter_is_not_text() -> None:
    assert only("---\nid: a\n---\n").type == "front_matter"
