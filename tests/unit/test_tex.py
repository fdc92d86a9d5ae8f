"""What tex promises about single formulas: the row, the box, the styles, the errors."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from seqtui.tex import Span, TexError, aliases, commands, display, environments, inline, plain, width


def row(tex: str, *, ascii: bool = False) -> str:
    return plain(inline(tex, ascii=ascii))


def picture(tex: str, columns: int | None = None, *, ascii: bool = False) -> str:
    return "\n".join(plain(row).rstrip() for row in display(tex, columns, ascii=ascii).rows)


def drawn(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", "cₜ = fₜ ⊙ cₜ₋₁ + iₜ ⊙ gₜ"),
        (r"\frac{\partial L}{\partial W}", "∂L/∂W"),
        (r"\text{softmax}(QK^\top/\sqrt{d})", "softmax(QKᵀ/√d)"),
        (r"W_{xf} x_t + W_f", "W_(xf) xₜ + W_f"),
        (r"W_{i,j}^{a,b}", "W_(i,j)^(a,b)"),
        (r"W_f^2", "W²_f"),
        (r"f^*x", "f* x"),
        (r"{W_f}^2 + {x_t}^2 + \sqrt{W_f}", "(W_f)² + xₜ² + √(W_f)"),
        (r"h_t'' + x'^2", "hₜ′′ + x′²"),
        (r"e^{(l)}_q", "e⁽ˡ⁾_q"),
        (r"x^{(a,b)}", "x^(a,b)"),
        (r"-1 + (-x) = -y", "−1 + (−x) = −y"),
        (r"\log x + \log(x) + \log_2 x", "log x + log(x) + log₂ x"),
        (r"f(x,y), g", "f(x, y), g"),
        (r"a\quad b\,c\!d", "a  b cd"),
        (r"x \text{ if } y", "x if y"),
        (r"d\text{model}", "d model"),
        (r"\mathrm{softmax}(z)", "softmax(z)"),
        (r"\operatorname{arg\,max} f", "arg max f"),
        (r"\left. x \right|_{x=0}", "x|ₓ₌₀"),
        (r"a \cdot \frac{b}{c} + \frac{a+b}{2c}", "a · b/c + (a + b)/(2c)"),
        ("α ⊙ β ≤ γ − δ", "α ⊙ β ≤ γ − δ"),
        (r"x \not\in A", "x ∉ A"),
        (r"\{x, y\} \| z \|", "{x, y}‖z‖"),
        (r"a \equiv b \pmod{n}", "a ≡ b (mod n)"),
        ("", ""),
    ],
)
def test_a_row_reads_like_the_formula(tex: str, shown: str) -> None:
    assert row(tex) == shown


def test_a_fraction_is_grouped_where_its_neighbours_could_be_taken_for_a_part_of_it() -> None:
    assert row(r"\frac{a}{b}c") == "(a/b)c"
    assert row(r"x\frac{a}{b}") == "x(a/b)"
    assert row(r"{1+\frac{a}{b}}c") == "1 + (a/b)c"
    assert row(r"\log\frac{a}{b}") == "log(a/b)"
    assert row(r"\frac{a}{|b|}") == "a/|b|"
    assert row(r"\frac{1}{2x}") == "1/(2x)"
    assert row(r"\frac{a/b}{c}") == "(a/b)/c"
    assert row(r"\frac{\log x}{y}") == "(log x)/y"
    assert row(r"\frac{(a+b)}{(c+d)}") == "(a + b)/(c + d)"


def test_ascii_says_the_same_in_ascii() -> None:
    assert row(r"c_t = f_t \odot c_{t-1}", ascii=True) == "c_t = f_t (.) c_(t-1)"
    assert row(r"\alpha\beta \in \mathbb{R}^{n \times d}", ascii=True) == "alpha beta in R^(n x d)"
    assert row(r"\hat{y}' \le \sqrt{d}", ascii=True) == "hat(y)' <= sqrt(d)"


def test_bold_is_a_style_on_plain_letters() -> None:
    assert inline(r"\mathbf{h}_t = \boldsymbol{\theta}") == (
        Span("h", "bold"),
        Span("ₜ = "),
        Span("θ", "bold"),
    )
    assert inline(r"\textit{a}\mathbf{\mathit{b}}") == (Span("a", "italic"), Span("b", "bold italic"))
    assert inline(r"\mathbb{R}\mathbb{E}\mathcal{L}\mathcal{N}") == (
        Span("ℝ"),
        Span("E", "bold"),
        Span("ℒ"),
        Span("N", "italic"),
    )


def test_fractions_and_limits_stand_above_and_below() -> None:
    assert picture(r"\frac{\partial L}{\partial W} = \sum_{t=1}^T \frac{a_t}{b}") == drawn("""
        ∂L    T  aₜ
        ── =  ∑  ──
        ∂W   t=1 b
        """)


def test_a_script_without_glyphs_goes_to_a_row_of_its_own() -> None:
    assert picture(r"e^{-x^2} + W_{xf} x_t") == drawn("""
         −x²
        e    + W  xₜ
                xf
        """)


def test_delimiters_roots_and_braces_grow() -> None:
    assert picture(r"\left(\frac{a}{b}\right)^2 + \sqrt{x+1}") == drawn("""
        ⎛ a ⎞²    _____
        ⎜───⎟  + √x + 1
        ⎝ b ⎠
        """)
    assert picture(r"|x| = \begin{cases} x & x \ge 0 \\ -x & x < 0 \end{cases}") == drawn("""
              ⎧x   x ≥ 0
        |x| = ⎨
              ⎩−x  x < 0
        """)


def test_the_baseline_is_the_row_of_the_relation() -> None:
    for tex in (
        r"x = \frac{\frac{a}{b}}{c}",
        r"x = 1",
        r"\sum_{i}^{n} a = b",
        r"a = \begin{cases}1\\2\end{cases}",
    ):
        box = display(tex)
        assert "=" in plain(box.rows[box.baseline])


def test_a_wide_formula_breaks_before_its_relations_under_the_first() -> None:
    assert picture("a + b = c + d = e + f", 15) == drawn("""
        a + b = c + d
              = e + f
        """)
    assert picture("a + b = c + d = e + f", 12) == drawn("""
        a + b
          = c + d
          = e + f
        """)
    assert picture("a = bbbbbb = cccccc", 12) == drawn("""
        a = bbbbbb
          = cccccc
        """)


def test_a_wide_formula_breaks_before_its_signs_after_the_relation() -> None:
    assert picture("h = aaaaaa + bbbbbb - cccccc", 12) == drawn("""
        h = aaaaaa
            + bbbbbb
            − cccccc
        """)


def test_formulas_parted_by_a_wide_space_break_there() -> None:
    assert picture(r"a = b, \quad c = d", 8) == "a = b,\nc = d"


def test_what_cannot_be_broken_stays_wide() -> None:
    box = display("f(aaaa, bbbb, cccc)", 5)
    assert box.width == width(box.rows[0]) == 19


def test_lines_are_broken_one_by_one() -> None:
    assert picture(r"a = b \\ cccc = dddd = eeee", 12) == "a = b\n\ncccc = dddd\n     = eeee"


@pytest.mark.parametrize(
    ("tex", "column", "named"),
    [
        (r"x + \alhpa", 5, r"\alhpa"),
        (r"x + \alhpa", 5, "alpha"),
        (r"\fraq{a}{b}", 1, "frac"),
        (r"\begin{bmatirx}1\end{bmatirx}", 1, "bmatrix"),
        (r"\left\langel x \right)", 6, "langle"),
        ("a_b_c", 4, "second subscript"),
        ("a^b^c", 4, "second superscript"),
        ("{a", 1, "{"),
        ("a}", 2, "}"),
        (r"\frac{a}", 9, r"\frac"),
        ("a & b", 3, "&"),
        (r"\left( x", 1, r"\left"),
        (r"x \right)", 3, r"\right"),
        (r"\begin{matrix} a", 1, "matrix"),
        (r"\begin{matrix} a \end{cases}", 18, "cases"),
        (r"50% of x", 3, r"\%"),
        ("$x$", 1, r"\$"),
        ("x\\", 2, "backslash"),
        (r"\text x", 7, "braces"),
        (r"\text{\alpha}", 7, r"\alpha"),
        (r"\sqrt[3{x}", 6, "["),
        ("x_", 3, "_"),
        (r"\not\alpha", 1, r"\not"),
        (r"x \middle| y", 3, r"\middle"),
        (r"x\limits_a", 2, r"\limits"),
    ],
)
def test_an_error_says_what_where_and_the_nearest_right_thing(tex: str, column: int, named: str) -> None:
    with pytest.raises(TexError) as caught:
        inline(tex)
    assert caught.value.column == column
    assert f"column {column}" in str(caught.value)
    assert named in str(caught.value)
    with pytest.raises(TexError) as shown:
        display(tex)
    assert str(shown.value) == str(caught.value)


def test_every_alias_prints_what_its_command_prints() -> None:
    known = set(commands())
    for name, command in aliases().items():
        assert command in known
        assert name not in known
    assert row(r"a \le b \to c") == row(r"a \leq b \rightarrow c")


def test_every_environment_can_be_used() -> None:
    for name in environments():
        columns = "{cc}" if name == "array" else ""
        box = display(rf"\begin{{{name}}}{columns} a & b \\ c & d \end{{{name}}}")
        assert "".join(sorted(c for r in box.rows for c in plain(r) if c.isalpha())) == "abcd"


def test_importing_tex_loads_nothing_heavy() -> None:
    script = "import sys, seqtui.tex; print(*sorted(m.split('.')[0] for m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert not {"textual", "rich", "torch", "numpy", "wcwidth", "dataclasses"} & set(loaded.split())
