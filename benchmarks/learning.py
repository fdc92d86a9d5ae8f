"""What is learnt in the time that there is: each model on its task, on seeds fixed beforehand."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.report import Row
from seqtui.catalogue import catalogue
from seqtui.scene import parse
from seqtui.training import Training, run

SEEDS = (0, 1)
"""Fixed beforehand; a seed that fails is printed like the others."""


@dataclass(frozen=True)
class Figure:
    """What a Scene has to reach when its recipe ends, and in how many seconds of training."""

    scene: str
    score: float
    seconds: float


FIGURES = (
    Figure("lstm/names?hidden_size=64", 2.95, 10),
    Figure("gru/names?hidden_size=64", 2.95, 10),
    Figure("rnn/names?hidden_size=64", 2.95, 10),
)


def taught(figure: Figure, seed: int) -> list[Row]:
    """The score at the end of the recipe beside the fair baseline, and the seconds it took."""
    scene = parse(figure.scene).with_(seed=seed)
    training = Training(scene)
    for _ in run(training):
        pass
    card = catalogue().task(scene.task)
    score = training.snapshots[max(training.snapshots)].score
    sign = "≤" if card.better == "lower" else "≥"
    what = f"{figure.scene}, seed {seed}"
    return [
        Row(
            what,
            score,
            card.metric,
            f"{sign} {figure.score:g}",
            card.fair,
            round(card.baselines[card.fair], 3),
        ),
        Row(f"{what}: {training.done} steps", training.seconds, "s", f"≤ {figure.seconds:g} s"),
    ]


def rows() -> list[Row]:
    """Every figure on every seed."""
    return [row for figure in FIGURES for seed in SEEDS for row in taught(figure, seed)]
