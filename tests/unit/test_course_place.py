"""The place in a text is found again, whatever was changed around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtui.course.lesson import Lesson, parse_lesson
from seqtui.course.place import line_after_reload, line_of, place_at
from seqtui.store import Place

TEXT = """# Title

First words.

## Forget

It throws away.

The second passage.

## Store

It throws away.

The last.
"""


def lesson(text: str) -> Lesson:
    return parse_lesson(text, "x.md")


def line_with(text: str, words: str, count: int = 1) -> int:
    found = [number for number, line in enumerate(text.split("\n"), start=1) if line == words]
    return found[count - 1]


def both(old: str, new: str, line: int) -> set[int]:
    """Where a line is found again: on reload, and from what was kept."""
    before, after = lesson(old), lesson(new)
    return {line_after_reload(before, after, line), line_of(after, place_at(before, line))}


lines = st.lists(st.sampled_from(["# A", "# B", "## C", "", "words", "other words", "- item"]), max_size=12)


@given(lines, st.data())
def test_in_the_same_file_every_line_is_found(text: list[str], data: st.DataObject) -> None:
    source = "\n".join(text)
    line = data.draw(st.integers(1, max(len(text), 1)))
    assert both(source, source, line) == {line}


@given(lines, lines, st.data())
def test_the_line_found_is_always_in_the_file(old: list[str], new: list[str], data: st.DataObject) -> None:
    line = data.draw(st.integers(1, max(len(old), 1)))
    for found in both("\n".join(old), "\n".join(new), line):
        assert 1 <= found <= max(len(new), 1)


@given(lines, lines, lines)
def test_a_line_whose_surroundings_stay_is_found_after_what_is_put_in_above(
    above: list[str], put_in: list[str], below: list[str]
) -> None:
    old = [*above, "THE LINE", *below]
    new = [*above, *put_in, "THE LINE", *below]
    found = line_after_reload(lesson("\n".join(old)), lesson("\n".join(new)), len(above) + 1)
    assert new[found - 1] == "THE LINE"


@pytest.mark.parametrize(
    ("words", "count"), [("The second passage.", 1), ("It throws away.", 2), ("The last.", 1)]
)
def test_words_are_found_after_other_sections_grow_and_move(words: str, count: int) -> None:
    new = TEXT.replace("First words.", "First words.\n\nAnd more.\n\nAnd more.")
    new = new.replace("The second", "Put in before.\n\nThe second")
    assert both(TEXT, new, line_with(TEXT, words, count)) == {line_with(new, words, count)}


def test_a_changed_passage_is_found_by_its_distance_from_the_heading() -> None:
    new = "Preface.\n\n" + TEXT.replace("The second passage.", "Another wording.")
    line = line_with(TEXT, "The second passage.")
    assert both(TEXT, new, line) == {line_with(new, "Another wording.")}


def test_a_renamed_heading_does_not_lose_the_words_below_it() -> None:
    new = TEXT.replace("## Store", "## Write").replace("First words.", "Longer.\n\nFirst words.")
    assert both(TEXT, new, line_with(TEXT, "The last.")) == {line_with(new, "The last.")}


def test_a_section_that_became_short_ends_where_it_ends() -> None:
    new = TEXT.replace("It throws away.\n\nThe second passage.\n\n", "", 1)
    found = line_of(lesson(new), place_at(lesson(TEXT), line_with(TEXT, "The second passage.")))
    assert line_with(new, "## Forget") <= found < line_with(new, "## Store")


def test_where_all_is_gone_reading_begins_at_the_top() -> None:
    place = Place("block:gone", 4, "no such words")
    assert line_of(lesson(TEXT), place) == 1
    assert line_of(lesson(""), Place()) == 1


def test_a_place_below_a_block_names_the_block() -> None:
    scene = "scene: lstm/names\nshow: [layers.0.lstm.f]\ntext: x"
    text = f"# A\n\n```yaml lab\nid: bench\n{scene}\n```\n\nBelow it.\n"
    place = place_at(lesson(text), line_with(text, "Below it."), 0.5)
    assert (place.anchor, place.words, place.fraction) == ("block:bench", "Below it.", 0.5)
    moved = f"Above.\n\n# B\n\n{text.removeprefix('# A')}"
    assert line_of(lesson(moved), place) == line_with(moved, "Below it.")
