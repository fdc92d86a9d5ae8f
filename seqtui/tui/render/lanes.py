"""What builds on what, as a column of lanes: a row for each lesson, a line to it from all that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NODE = "*"
"""Where the lesson itself stands in its row."""


def lanes(order: Sequence[str], needs: Mapping[str, Sequence[str]]) -> list[str]:
    """A row of line characters for each of `order`, NODE where it stands.

    order: topological, or what comes too late is left out. A lane runs from a lesson to the last that
    needs it; whoever needs it last and first of all takes its lane over.
    """
    place = {name: row for row, name in enumerate(order)}
    used = {
        name: [n for n in needs.get(name, ()) if n in place and place[n] < row] for name, row in place.items()
    }
    last = {need: place[name] for name in order for need in used[name]}
    running: list[str | None] = []
    rows = []
    for row, name in enumerate(order):
        ending = [need for need in used[name] if last[need] == row]
        own = _lane(running, name, ending)
        rows.append(_row(running, own, used[name], ending))
        running = [None if lane in ending else lane for lane in running]
        if own == len(running):
            running.append(None)
        running[own] = name if name in last else None
        while running and running[-1] is None:
            running.pop()
    return rows


def _lane(running: list[str | None], name: str, ending: list[str]) -> int:
    """The lane of the first need that ends here, else the first free one."""
    if ending:
        return min(running.index(need) for need in ending)
    return running.index(None) if None in running else len(running)


def _row(running: list[str | None], own: int, needs: list[str], ending: list[str]) -> str:
    """One row: lanes that pass, those that lead to this lesson, and itself."""
    joined = {running.index(need) for need in needs} - {own}
    low, high = min([own, *joined]), max([own, *joined])
    cells = []
    for lane in range(max(len(running), own + 1)):
        passing = lane < len(running) and running[lane] is not None
        if lane == own:
            cell = NODE
        elif lane in joined:
            cell = _joint(lane < own, running[lane] in ending, low < lane < high)
        elif low < lane < high:
            cell = "┼" if passing else "─"
        else:
            cell = "│" if passing else " "
        cells.append(cell + ("─" if low <= lane < high else " "))
    return "".join(cells).rstrip()


def _joint(left: bool, ends: bool, crossed: bool) -> str:
    """Where a lane turns towards its lesson."""
    if crossed:
        return "┴" if ends else "┼"
    if ends:
        return "└" if left else "┘"
    return "├" if left else "┤"
