"""What a benchmark says: one row for each thing that was measured, beside its peer in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One thing that was measured. ours, theirs: in `unit`. limit: what ours may be, in words."""

    what: str
    ours: float
    unit: str
    limit: str
    peer: str = ""
    theirs: float | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        theirs = "" if self.theirs is None else f"{self.theirs:.3g} {self.unit}"
        ratio = f"{self.ours / self.theirs:.2f} ×" if self.theirs else ""
        return self.what, f"{self.ours:.3g} {self.unit}", self.peer, theirs, ratio, self.limit


HEADINGS = ("what", "seqtui", "peer", "peer's", "ratio", "budget")


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """Rows as a table in markdown, as the README has it."""
    cells = [HEADINGS, *(row.cells for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADINGS))]
    for number, row in enumerate(cells):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"


def in_turn(times: int, *measured: Callable[[], float]) -> tuple[float, ...]:
    """The median of each, taken in turn, so that whatever else the machine does disturbs all alike."""
    found = [[measure() for measure in measured] for _ in range(times)]
    return tuple(statistics.median(column) for column in zip(*found, strict=True))
