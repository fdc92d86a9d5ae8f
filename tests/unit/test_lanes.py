"""The map of prerequisites: every need is joined to its lesson by an unbroken line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seqtui.tui.render.lanes import NODE, lanes

UP, DOWN, LEFT, RIGHT = (0, -1), (0, 1), (-1, 0), (1, 0)
ENDS = {
    "│": {UP, DOWN},
    "─": {LEFT, RIGHT},
    "┼": {UP, DOWN, LEFT, RIGHT},
    "├": {UP, DOWN, RIGHT},
    "┤": {UP, DOWN, LEFT},
    "└": {UP, RIGHT},
    "┘": {UP, LEFT},
    "┴": {UP, LEFT, RIGHT},
    NODE: {UP, DOWN, LEFT, RIGHT},
}


@st.composite
def courses(draw: st.DrawFn) -> dict[str, list[str]]:
    """Lessons in order, each with some of those before it as its needs."""
    names = [str(number) for number in range(draw(st.integers(1, 12)))]
    return {
        name: draw(st.lists(st.sampled_from(names[:row]), unique=True, max_size=3)) if row else []
        for row, name in enumerate(names)
    }


def joined(rows: list[str]) -> dict[int, set[int]]:
    """For every row, the rows of the nodes that its node reaches along lines without crossing a node."""
    cells = {(x, y): c for y, row in enumerate(rows) for x, c in enumerate(row) if c != " "}
    nodes = {place: place[1] for place, c in cells.items() if c == NODE}
    found: dict[int, set[int]] = {row: set() for row in nodes.values()}
    for start, row in nodes.items():
        seen, waiting = {start}, [start]
        while waiting:
            x, y = waiting.pop()
            for dx, dy in ENDS[cells[x, y]]:
                near = (x + dx, y + dy)
                if near in seen or near not in cells or (-dx, -dy) not in ENDS[cells[near]]:
                    continue
                seen.add(near)
                if cells[near] == NODE:
                    found[row].add(nodes[near])
                else:
                    waiting.append(near)
    return found


@given(courses())
def test_each_lesson_stands_once_and_is_joined_to_all_it_needs(needs: dict[str, list[str]]) -> None:
    order = list(needs)
    rows = lanes(order, needs)
    assert [row.count(NODE) for row in rows] == [1] * len(order)
    reached = joined(rows)
    for row, name in enumerate(order):
        for need in needs[name]:
            assert row in everything_from(reached, order.index(need))


def everything_from(reached: dict[int, set[int]], row: int) -> set[int]:
    """All rows that can be reached, through other lessons too."""
    seen, waiting = {row}, [row]
    while waiting:
        new = reached[waiting.pop()] - seen
        seen |= new
        waiting += new
    return seen


def test_a_chain_is_one_lane_and_a_fork_comes_together_again() -> None:
    assert lanes(["a", "b", "c"], {"b": ["a"], "c": ["b"]}) == ["*", "*", "*"]
    fork = lanes(["a", "b", "c", "d"], {"b": ["a"], "c": ["a"], "d": ["b", "c"]})
    assert fork == ["*", "├─*", "* │", "*─┘"]


def test_needs_that_are_not_in_the_course_are_left_out() -> None:
    assert lanes(["a"], {"a": ["later", "a"]}) == ["*"]
