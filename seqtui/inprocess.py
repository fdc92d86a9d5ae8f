"""An engine in this process, for the commands: one question, or one training run and how it goes."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import click
import msgspec

from seqtui.catalogue import TaskCard, catalogue
from seqtui.engine.port import Engine, Progress
from seqtui.errors import EngineError, SeqtuiError
from seqtui.scene import Scene, Weights

Answer = TypeVar("Answer")
Tell = Callable[[Progress], None]

BAR = 1000
"""Into how many parts a bar divides a run."""

STOPPING = (signal.SIGINT, signal.SIGTERM)
"""Signals that end a training run and keep what was learnt."""


def ask(question: Callable[[Engine], Coroutine[Any, Any, Answer]]) -> Answer:
    """Put a question to an engine, and close it."""
    # With OpenMP's spinning threads torch stands still on a busy machine; it is read when torch is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from seqtui.engine.service import Service

    async def asked() -> Answer:
        engine: Engine = Service()
        try:
            return await question(engine)
        finally:
            await engine.close()

    return asyncio.run(asked())


@dataclass(frozen=True)
class Learnt:
    """What a run left behind. scene: the line that shows it again on this machine."""

    last: Progress
    score: float
    scene: str


def train(scene: Scene, *, seconds: float | None, out: Path | None, as_json: bool) -> None:
    """Teach, show how it goes, keep what was learnt and say where. Raises EngineError if it failed."""
    card = catalogue().task(scene.task)
    shown = json_lines() if as_json else bar(card, seconds)

    async def taught(engine: Engine) -> Learnt:
        with shown as tell:
            last = await follow(engine, scene, seconds, tell)
        line = str(scene.with_(input=None, force=(), step=None, weights=Weights("run", run=last.run)))
        if out is not None:
            await engine.save(last.run, str(out))
        score = last.score if last.score is not None else (await engine.score(line)).value
        return Learnt(last, score, line)

    learnt = ask(taught)
    if as_json:
        echo_json(msgspec.structs.asdict(learnt.last) | closing(learnt, card, out))
        return
    last = learnt.last
    how = "stopped" if last.state == "stopped" else "done"
    click.echo(
        f"{how} after {last.step} steps in {last.seconds:.1f} s: {learnt.score:.3f} {card.metric}"
        f" · {card.fair}, the fair baseline: {card.baselines[card.fair]:.3f}"
    )
    if last.text:
        click.echo(last.text)
    click.echo(f'kept as "{learnt.scene}"' + (f" and in {out}" if out else ""))


def closing(learnt: Learnt, card: TaskCard, out: Path | None) -> dict[str, Any]:
    """What the last line of JSON says beyond the others: where it was kept, what the score has to beat."""
    return {
        "score": learnt.score,
        "scene": learnt.scene,
        "baseline": card.baselines[card.fair],
        "out": str(out) if out else None,
    }


async def follow(engine: Engine, scene: Scene, seconds: float | None, tell: Tell) -> Progress:
    """Train to the end, or until a signal says stop; the newest Progress. Raises EngineError if it failed."""
    newest: Progress | None = None
    with stoppable() as asked_to_stop:
        async for newest in engine.train(str(scene), seconds=seconds):
            tell(newest)
            if asked_to_stop() and newest.state == "running":
                # A run that has just come to its end needs no stopping.
                with suppress(SeqtuiError):
                    await engine.steer(newest.run, stop=True)
    if newest is None or newest.state == "failed":
        raise EngineError((newest and newest.text) or "the training came to nothing")
    return newest


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl+C or SIGTERM has come; the second one does what it always does."""
    before = {number: signal.getsignal(number) for number in STOPPING}
    received: list[int] = []

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, frame: FrameType | None) -> None:
        received.append(number)
        restore()

    for number in STOPPING:
        signal.signal(number, note)
    try:
        yield lambda: bool(received)
    finally:
        restore()


@contextmanager
def bar(card: TaskCard, seconds: float | None) -> Iterator[Tell]:
    """A progress bar on stderr, over the steps or over the clock, whichever is nearer to its end."""

    def moment(newest: Progress | None) -> str:
        if newest is None:
            return ""
        reached = newest.loss if newest.score is None else newest.score
        return f"step {newest.step} · {reached:.3f} {card.metric}"

    with click.progressbar(
        length=BAR, label="learning", file=sys.stderr, width=0, item_show_func=moment
    ) as drawn:

        def tell(newest: Progress) -> None:
            done = max(newest.step / max(newest.steps, 1), newest.seconds / seconds if seconds else 0.0)
            drawn.update(round(min(done, 1.0) * BAR) - drawn.pos, newest)

        yield tell


@contextmanager
def json_lines() -> Iterator[Tell]:
    """A line of JSON on stdout for each moment."""
    yield lambda newest: echo_json(msgspec.structs.asdict(newest))


def echo_json(content: dict[str, Any]) -> None:
    """One line of JSON; NaN and infinities, which JSON has no numbers for, as strings."""
    plain = {key: _finite(value) for key, value in content.items()}
    click.echo(json.dumps(plain, ensure_ascii=False, allow_nan=False).encode())


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
