"""The engine as screens and checks see it: what may be asked, whoever answers.

Client (another process), Service (this one) and the tests' FakeEngine satisfy it. All of it is async.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Literal, Protocol

import msgspec

from seqtui.errors import EngineError
from seqtui.signals import Trace

State = Literal["asleep", "waking", "ready", "restarting", "failed", "closed"]


class Replaced(EngineError):  # noqa: N818
    """A newer call took the place of this one before it was begun: there is nothing to tell the learner."""

    def __init__(self, message: str = "a newer request took its place", hint: str = "") -> None:
        super().__init__(message, hint)


class Cancelled(EngineError):  # noqa: N818
    """`cancel` dropped this call."""

    def __init__(self, message: str = "cancelled", hint: str = "") -> None:
        super().__init__(message, hint)


class Status(msgspec.Struct, frozen=True):
    """How the engine is. text: one line for the learner, "" when there is nothing to say."""

    state: State
    text: str = ""


class Score(msgspec.Struct, frozen=True):
    """A score over held-out data, with the interventions of its Scene on. held_out: how many examples."""

    value: float
    held_out: int
    metric: str


class Progress(msgspec.Struct, frozen=True):
    """A training run at one moment.

    loss: of the newest step, in the task's metric where it has one in bits, else in nats. score: over
    held-out data, None between two scorings. clipped: the share of steps whose gradient was clipped.
    """

    run: str
    state: Literal["running", "paused", "stopped", "done", "failed"]
    step: int
    steps: int
    seconds: float
    loss: float
    score: float | None = None
    best: float | None = None
    learning_rate: float = 0.0
    gradient_norm: float = 0.0
    clipped: float = 0.0
    steps_per_second: float = 0.0
    seconds_left: float = 0.0
    samples: tuple[str, ...] = ()
    snapshots: tuple[int, ...] = ()
    text: str = ""


class Generated(msgspec.Struct, frozen=True):
    """What a model wrote after its input: tokens as they are shown, and the odds each was drawn from."""

    tokens: tuple[str, ...]
    odds: tuple[float, ...]
    finished: bool


class Engine(Protocol):
    """What can be asked of an engine. Scenes travel as their lines.

    Everything raises SeqtuiError: UsageError for what does not exist, EngineError when the worker failed,
    and of that kind Replaced and Cancelled, which are no failures.
    """

    @property
    def status(self) -> Status:
        """How it is now."""
        ...

    def watch(self, told: Callable[[Status], None]) -> None:
        """Call `told` at every change of status."""
        ...

    async def start(self) -> None:
        """Begin to wake up; returns at once."""
        ...

    async def trace(self, scene: str) -> Trace:
        """The Trace of a Scene, interventions on. An older call that still waits raises Replaced."""
        ...

    async def score(self, scene: str) -> Score:
        """The score over held-out data."""
        ...

    def train(self, scene: str, *, seconds: float | None = None) -> AsyncIterator[Progress]:
        """Train to the end of the recipe, or until the clock says stop; at most 20 Progress a second."""
        ...

    async def steer(self, run: str, *, pause: bool | None = None, stop: bool = False, **live: float) -> None:
        """Pause, go on, stop and keep, or turn a live knob (`learning_rate=…`, `clip=…`)."""
        ...

    async def snapshot(self, scene: str, run: str, step: int) -> Trace:
        """The Trace of a Scene with the weights that a run had after `step` steps."""
        ...

    async def generate(
        self, scene: str, *, length: int, temperature: float = 1.0, seed: int = 1
    ) -> Generated:
        """Let the model go on after its input."""
        ...

    async def save(self, run: str, path: str) -> None:
        """Write a run's newest weights as safetensors."""
        ...

    async def cancel(self) -> None:
        """Drop every waiting request and stop what can be stopped."""
        ...

    async def close(self) -> None:
        """Stop for good; no process is left."""
        ...
