"""What there is, in lines: models with their scenes, tasks, lessons, the signals of a Scene."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seqtui.catalogue import catalogue
from seqtui.course.index import lessons
from seqtui.scene import Scene, shipped_line
from seqtui.store import load_config


def models() -> Iterator[str]:
    """Every model, and below it each task that it is taught on and the weights that came with seqtui."""
    book = catalogue()
    yield from table((card.name, card.title) for card in book.models.values())
    yield ""
    pairs = [(pair, "taught by `seqtui train`") for pair in book.recipes]
    shipped = [
        (
            shipped_line(book, found),
            f"{found.score:.2f} {book.task(found.task).metric}, {found.parameters} weights",
        )
        for found in book.checkpoints
    ]
    ready = {line for line, _ in shipped}
    yield from table([*shipped, *(row for row in pairs if row[0] not in ready)])


def tasks() -> Iterator[str]:
    """Every task, with what a score on it has to beat."""
    yield from table(
        (card.name, card.title, f"{card.metric}: {card.fair} {card.baselines[card.fair]:.2f}")
        for card in catalogue().tasks.values()
    )


def course() -> Iterator[str]:
    """Every lesson, in order."""
    yield from table(
        (str(entry.number), entry.id, f"{entry.minutes} m", entry.question)
        for entry in lessons(load_config().language)
    )


def signals(scene: Scene) -> Iterator[str]:
    """Every signal of a Scene: its name, its axes, its range, its title, and whether it can be forced."""
    yield from table(
        (
            card.name,
            " × ".join(card.axes),
            card.range,
            card.title + (", can be forced" if card.forcible else ""),
        )
        for card in catalogue().signals(scene.model, scene.values()).values()
    )


def everything() -> Iterator[str]:
    """Models, tasks and lessons, each under its name."""
    yield from ("models", *models(), "", "tasks", *tasks(), "", "lessons", *course())


def table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows with their columns aligned; the last column is as long as it is."""
    cells = [tuple(row) for row in rows]
    if not cells:
        return
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]) - 1)]
    for row in cells:
        yield "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]
        ).rstrip()
