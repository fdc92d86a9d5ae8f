"""What a screen keeps for one live block: its Scene, its View, and whether the learner has moved it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from seqtui.catalogue import Catalogue
from seqtui.errors import SeqtuiError
from seqtui.panels import View
from seqtui.scene import Scene, parse
from seqtui.signals import Trace

SPEEDS = (0.0, 0.9, 0.45, 0.18)
"""Seconds a step takes while playing, by speed; 0 is at rest."""


@dataclass
class Session:
    """The state of one live block; benches are views of it. Owned by one screen.

    asked: the Scene of the newest request, so that an answer to an older one is not shown.
    origin: the line of the Scene that the lesson gives; wanted: the one it was left with, if another.
    signal, place: the panel and the (step, unit) that it opens at.
    moved: the learner has moved the bench, so that passages no longer drive it until Escape.
    touched: the learner has ever moved or changed it, so that it is kept.
    """

    block: str
    scene: Scene
    book: Catalogue
    show: tuple[str, ...] = ()
    caption: str = ""
    view: View | None = None
    asked: Scene | None = None
    waiting: str = ""
    moved: bool = False
    touched: bool = False
    speed: int = 0
    place: tuple[int, int] = (1, 0)
    scores: dict[str, float] = field(default_factory=dict)
    origin: str = ""
    signal: str = ""
    wanted: Scene | None = None

    def take(self, scene: Scene, trace: Trace, plain: Trace | None) -> None:
        """Show a trace that came: at the same place if there was one before, else at `place`."""
        self.scene, self.waiting = scene, ""
        if self.view is None:
            view = View.of(scene, trace, plain=plain, show=self.show, book=self.book)
            step, unit = self.place
            view = view.at(scene.step if scene.step is not None else step).on_unit(unit)
            self.view = replace(view, signal=self.signal)
        else:
            self.view = self.view.with_trace(scene, trace, plain)
        self.view = replace(self.view, score=self.scores.get(score_key(scene)))
        plain_key = score_key(scene.with_(force=()))
        self.view = replace(self.view, plain_score=self.scores.get(plain_key))

    def scored(self, key: str, value: float) -> None:
        """Keep a held-out score and show it where it belongs."""
        self.scores[key] = value
        if self.view is None:
            return
        if key == score_key(self.view.scene):
            self.view = replace(self.view, score=value)
        if key == score_key(self.view.scene.with_(force=())):
            self.view = replace(self.view, plain_score=value)

    def change(self, how: Callable[[View], View]) -> None:
        """Change the view, if there is one."""
        if self.view is not None:
            self.view = how(self.view)

    @property
    def line(self) -> str:
        """The Scene at the step that is shown, as one line."""
        step = self.view.step if self.view is not None else self.scene.step
        return str(self.scene.with_(step=step))

    def kept(self) -> dict[str, object]:
        """What is written down of it, to be read by `remember`."""
        unit = self.view.unit if self.view is not None else self.place[1]
        return {"scene": self.line, "unit": unit}

    def remember(self, kept: object) -> None:
        """Go on as it was left; what cannot be read any more is left aside."""
        if not isinstance(kept, dict):
            return
        try:
            scene = parse(str(kept["scene"]), self.book)
            self.place = (scene.step if scene.step is not None else self.place[0], int(kept["unit"]))
        except (SeqtuiError, KeyError, TypeError, ValueError):
            return
        self.moved = self.touched = True
        if scene.with_(step=None) != self.scene.with_(step=None):
            self.wanted = scene


def score_key(scene: Scene) -> str:
    """What a held-out score depends on: everything but the input and the step."""
    return str(scene.with_(input=None, step=None))
