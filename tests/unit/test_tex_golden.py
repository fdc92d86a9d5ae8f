"""What formulas look like, kept in a file that a person has looked at.

After a change that is meant, `python -m tests.unit.test_tex_golden` writes it anew: read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from seqtui.tex import Row, commands, display, inline, plain
from tests.unit.tex_sources import FORMULAS, uses

GOLDEN = Path(__file__).with_name("tex_golden.txt")
RULE = "─" * 100


def picture(tex: str) -> str:
    """A formula in one row, in one row of ASCII, and in two dimensions."""
    box = display(tex)
    rows = [f"│{plain(row)}│" for row in box.rows]
    rows[box.baseline] += " ◂"
    return "\n".join((tex, plain(inline(tex)), plain(inline(tex, ascii=True)), *rows))


def command_row(command: str, tex: str) -> str:
    """One line of the list of commands."""
    return f"{command:18} {plain(inline(tex)):24} {plain(inline(tex, ascii=True))}".rstrip()


def gallery() -> str:
    """The whole golden file."""
    pictures = f"\n{RULE}\n".join(picture(tex) for tex in FORMULAS)
    listed = "\n".join(command_row(command, tex) for command, tex in uses().items())
    return f"{pictures}\n{RULE}\n{listed}\n"


def test_formulas_and_commands_look_as_they_did_when_a_person_last_looked() -> None:
    assert gallery() == GOLDEN.read_text(encoding="utf-8")


def test_no_picture_has_a_raw_command_or_a_brace_of_the_source_left() -> None:
    for tex in FORMULAS:
        shown = plain(inline(tex)) + "".join(map(plain, display(tex).rows))
        assert "\\" not in shown
        assert "&" not in shown


@pytest.mark.parametrize("ascii", [False, True])
def test_no_command_prints_its_own_source(ascii: bool) -> None:
    for command, tex in uses().items():
        if command != r"\backslash":
            assert command not in plain(inline(tex, ascii=ascii))


def test_there_are_more_than_120_commands_even_when_those_that_print_the_same_count_once() -> None:
    pictures = {plain(inline(tex)) for tex in uses().values()}
    assert len(pictures) >= 200
    assert len(commands()) == len(set(commands()))


def test_ascii_pictures_are_ascii_where_the_source_is() -> None:
    def text(row: Row) -> str:
        return plain(row)

    for tex in (*FORMULAS, *uses().values()):
        if tex.isascii():
            assert plain(inline(tex, ascii=True)).isascii()
            assert all(text(row).isascii() for row in display(tex, ascii=True).rows)


def test_the_terminal_counts_columns_as_we_do() -> None:
    for tex in (*FORMULAS, *uses().values()):
        box = display(tex)
        assert [cell_len(plain(row)) for row in box.rows] == [box.width] * len(box.rows)


if __name__ == "__main__":
    GOLDEN.write_text(gallery(), encoding="utf-8")
