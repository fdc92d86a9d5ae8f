"""Where one reads, found again when the file has changed: after a reload, a new edition, another day."""

from __future__ import annotations

from collections.abc import Iterator

from seqtui.course.lesson import Lesson
from seqtui.store import Place

WORDS = 80
"""How much of a line is kept to know it again."""


def place_at(lesson: Lesson, line: int, fraction: float = 0.0) -> Place:
    """The place of a source line (from 1), with `fraction` of its passage scrolled past."""
    anchor, start = "", 0
    for name, begins in _anchors(lesson):
        if begins <= line:
            anchor, start = name, begins
    return Place(anchor, line - start, _words(_lines(lesson), line), fraction)


def line_of(lesson: Lesson, place: Place) -> int:
    """The source line of a place: below its block or heading where that still is, else where its words are.

    Within a section the line with the same words counts, else the same distance. Line 1 if all is gone.
    """
    lines = _lines(lesson)
    starts = [0, *(begins for _, begins in _anchors(lesson)), len(lines) + 1]
    start = dict(_anchors(lesson)).get(place.anchor, 0 if not place.anchor else None)
    if start is None:
        return _same_words(lines, place.words, 1, len(lines), 1) or 1
    end = min(begins for begins in starts if begins > start) - 1
    wanted = min(start + place.below, end)
    return max(1, _same_words(lines, place.words, max(start, 1), end, wanted) or wanted)


def line_after_reload(old: Lesson, new: Lesson, line: int) -> int:
    """The line of `new` that says what a line of `old` said: by the same lines around it, else by place."""
    before, after = _lines(old), _lines(new)
    head = _shared(before, after)
    if line <= head:
        return line
    tail = min(_shared(before[::-1], after[::-1]), min(len(before), len(after)) - head)
    if line > len(before) - tail:
        return line + len(after) - len(before)
    found = line_of(new, place_at(old, line))
    return min(max(found, head + 1), max(len(after) - tail, 1))


def _anchors(lesson: Lesson) -> Iterator[tuple[str, int]]:
    """Names and lines of headings and blocks, down the file."""
    named = [(f"heading:{heading.slug}", heading.line) for heading in lesson.headings]
    named += [(f"block:{block.id}", block.line) for block in lesson.blocks]
    yield from sorted(named, key=lambda anchor: anchor[1])


def _same_words(lines: list[str], words: str, first: int, last: int, near: int) -> int | None:
    """The line from first to last that says these words, the nearest to `near`."""
    same = [line for line in range(first, last + 1) if words and _words(lines, line) == words]
    return min(same, key=lambda line: abs(line - near), default=None)


def _lines(lesson: Lesson) -> list[str]:
    return lesson.text.split("\n")


def _words(lines: list[str], line: int) -> str:
    return lines[line - 1].strip()[:WORDS] if 1 <= line <= len(lines) else ""


def _shared(one: list[str], other: list[str]) -> int:
    """How many lines both begin with."""
    count = 0
    for here, there in zip(one, other, strict=False):
        if here != there:
            break
        count += 1
    return count
