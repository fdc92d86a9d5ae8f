"""Inside leads from every number of everything that is shipped down to a weight, a token or an end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pytest

from seqtui.catalogue import TaskCard, catalogue
from seqtui.glyphs import fixed
from seqtui.panels import inside
from seqtui.panels.inside import Opened, Page, Place, page
from seqtui.scene import parse, shipped_line
from seqtui.shipped import opening_trace
from seqtui.signals import Cell, Embed, Explanation, Trace, WeightCell, explain_cell
from seqtui.tracing import trace_scene
from seqtui.training.checkpoints import load_model
from tests.unit.reference import spoken_indices
from tests.unit.traced import opening_lines

WORD = "maria"


OPENINGS = opening_lines()
CHECKPOINTS = [shipped_line(catalogue(), checkpoint) for checkpoint in catalogue().checkpoints]
FORCED = [
    "lstm/names?force=layers.0.lstm.f@3..:1&force=layers.0.lstm.c[2]@2:0",
    "gru/names?n_layers=2&weights=steps:0&force=layers.0.gru.z[1]:0",
]


def traced(line: str) -> Trace:
    """The opening trace of a Scene, or a fresh one over a word."""
    if line in OPENINGS:
        trace = opening_trace(line)
        assert trace is not None
        return trace
    scene = parse(line).with_(input=WORD)
    return trace_scene(scene, load_model(scene))


def cells(trace: Trace) -> Iterator[Cell]:
    """Every number of every signal."""
    for name, signal in trace.items():
        yield from (Cell(name, index) for index in spoken_indices(signal))


class Walk:
    """One trace, every cell of it in the order in which cells may depend on each other."""

    def __init__(self, line: str) -> None:
        self.trace = traced(line)
        self.names = list(self.trace)
        self.place = {name: place for place, name in enumerate(self.names)}
        self.task: TaskCard = catalogue().task(parse(line).task)

    def earlier(self, source: Cell, cell: Cell) -> bool:
        """Whether a cell is of a step before, or of the same step and a signal before: so every way ends."""
        return (source.index[0], self.place[source.signal]) < (cell.index[0], self.place[cell.signal])

    def check(self, cell: Cell, explanation: Explanation) -> None:
        """The number is what its terms make, and each term's sources exist and come before it."""
        signal = self.trace[cell.signal]
        number = signal.number(cell.index)
        assert explanation.value == number
        if explanation.end:
            assert signal.is_fixed(cell.index) or cell.index[0] == 0
            return
        reading = explanation.reading
        assert abs(reading.value - number) <= 1e-5 * max(1.0, float(np.abs(signal.values).max())), cell
        total = sum(part.value for part in explanation.parts)
        assert total == pytest.approx(reading.total, rel=1e-9, abs=1e-9)
        assert explanation.parts
        for term in reading.terms:
            self.check_sources(cell, [factor.source for factor in term.factors])

    def check_sources(self, cell: Cell, sources: list[Cell | WeightCell | None]) -> None:
        """No term of these models has a factor from nowhere."""
        for source in sources:
            if isinstance(source, WeightCell):
                shape = self.trace.weight(source.path).shape
                assert all(0 <= i < n for i, n in zip(source.index, shape, strict=True))
            else:
                assert source is not None
                self.trace[source.signal].number(source.index)
                assert self.earlier(source, cell)


@pytest.mark.parametrize("line", [*OPENINGS, *CHECKPOINTS, *FORCED])
def test_every_number_is_what_its_terms_make_of_numbers_before_it(line: str) -> None:
    walk = Walk(line)
    count = 0
    for cell in cells(walk.trace):
        walk.check(cell, explain_cell(walk.trace, cell))
        count += 1
    assert count == sum(signal.values.size for signal in walk.trace.values())
    for name, signal in walk.trace.items():
        if signal.initial is not None:
            for unit in range(len(signal.initial)):
                assert explain_cell(walk.trace, Cell(name, (0, unit))).end
        if isinstance(signal.recipe, Embed):
            assert np.array_equal(signal.values, walk.trace.weight(signal.recipe.table.path)[walk.trace.ids])


def check_page(shown: Page, place: Place) -> None:
    """A page without lines says why; one with a sum shows digits that add up to it."""
    assert shown.lines or shown.remarks, place
    assert all((shown.title, shown.formula, shown.name))
    for line in shown.lines:
        assert line.target is not None, place
        assert line.label, place
    if shown.total is not None:
        values = list(map(hundredths, shown.digits))
        assert sum(values) == hundredths(fixed(shown.total)), place
        for line, value in zip(shown.lines, values, strict=True):
            assert abs(value - 100 * line.value) < 1.001, place


def hundredths(text: str) -> int:
    """`−5.68` as −568."""
    return int(text.replace("−", "-").replace(".", ""))


@pytest.mark.parametrize("line", [*OPENINGS, *CHECKPOINTS, *FORCED])
def test_every_page_opens_and_adds_up_as_it_is_shown(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk(line)
    # a cell, its groups and its products are pages of one explanation
    explained = lru_cache(maxsize=8)(lambda cell: explain_cell(walk.trace, cell))
    monkeypatch.setattr(inside, "explain_cell", lambda trace, cell: explained(cell))
    pending: list[Place] = list(cells(walk.trace))
    seen: set[Place] = set(pending)
    while pending:
        place = pending.pop()
        shown = page(walk.trace, walk.task, place)
        check_page(shown, place)
        for entry in shown.lines:
            if entry.target is not None and entry.target not in seen:
                seen.add(entry.target)
                pending.append(entry.target)
    kinds = {type(place) for place in seen}
    assert {Cell, WeightCell, Opened} <= kinds
