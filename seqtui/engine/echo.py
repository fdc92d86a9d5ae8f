"""A worker's other inhabitant: it answers as the service does, from NumPy alone, and knows no model.

It holds the wire, the threads and the supervision to their promises without torch.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import numpy as np

from seqtui.engine.port import Generated, Progress, Score
from seqtui.errors import SceneError, UsageError
from seqtui.signals import Embed, Signal, Trace, Weight

UNITS = 8
INTERVAL = 0.05
"""Seconds between two Progress."""


class Echo:
    """Satisfies worker.Answers. Every number follows from the line of the Scene."""

    def __init__(self) -> None:
        self._run = ""
        self._paused = self._stopped = False
        self._live: dict[str, float] = {}

    def trace(self, scene: str, beat: Callable[[str], None]) -> Trace:
        """Rows of a table, one for each byte of the input; the table belongs to MODEL/TASK and seed."""
        head, query = _read(scene)
        letters = query.get("input", "echo")
        seed = zlib.crc32(f"{head} {query.get('seed', '1')}".encode())
        table = np.random.default_rng(seed).normal(size=(256, UNITS)).astype(np.float32)
        ids = np.frombuffer(letters.encode(), dtype=np.uint8).astype(np.int64)
        signal = Signal(
            name="embedding.x",
            values=table[ids],
            axes=("step", "unit"),
            range="measured",
            symbol="x",
            formula="x_t = E[t]",
            recipe=Embed(Weight("embedding.weight", "E")),
            initial=np.zeros(UNITS, dtype=np.float32),
        )
        return Trace(
            scene=scene,
            tokens=tuple(chr(byte) for byte in ids),
            ids=ids,
            vocabulary=tuple(chr(byte) for byte in range(256)),
            signals={signal.name: signal},
            weights={"embedding.weight": table},
            weights_hash=f"{seed:08x}",
        )

    def snapshot(self, scene: str, run: str, step: int, beat: Callable[[str], None]) -> Trace:
        """The trace as it is: an echo learns nothing."""
        self._known(run)
        return self.trace(scene, beat)

    def score(self, scene: str, beat: Callable[[str], None]) -> Score:
        """The mean of the trace's numbers."""
        values = self.trace(scene, beat)["embedding.x"].values
        return Score(float(values.mean()) if values.size else 0.0, len(values), "echoes")

    def generate(
        self, scene: str, length: int, temperature: float, seed: int, beat: Callable[[str], None]
    ) -> Generated:
        """The input, again and again."""
        tokens = self.trace(scene, beat).tokens or ("",)
        return Generated(tuple(tokens[i % len(tokens)] for i in range(length)), (1.0,) * length, True)

    def train(self, scene: str, seconds: float | None) -> Iterator[Progress | None]:
        """As many products of two matrices as the Scene has `steps`."""
        steps = int(_read(scene)[1].get("steps", "1000"))
        self._run, self._paused, self._stopped = f"echo{zlib.crc32(scene.encode()):08x}", False, False
        begun = said = time.monotonic()
        matrix, step = np.eye(64, dtype=np.float32), 0
        yield self._progress("running", 0, steps, 0.0)
        while step < steps and not self._stopped:
            now = time.monotonic()
            if seconds is not None and now - begun >= seconds:
                break
            if self._paused:
                yield self._progress("paused", step, steps, now - begun)
                continue
            matrix = matrix @ matrix
            step += 1
            due = now - said >= INTERVAL
            said = now if due else said
            yield self._progress("running", step, steps, now - begun) if due else None
        state: Literal["stopped", "done"] = "done" if step == steps else "stopped"
        yield self._progress(state, step, steps, time.monotonic() - begun)

    def steer(self, run: str, pause: bool | None, stop: bool, live: dict[str, float]) -> None:
        """Heard by the run that goes on."""
        self._known(run)
        self._paused = self._paused if pause is None else pause
        self._stopped = self._stopped or stop
        self._live |= live

    def save(self, run: str, path: str) -> None:
        """Write the run's name."""
        self._known(run)
        Path(path).write_text(run, "utf-8")

    def stop(self) -> None:
        """Stop the run."""
        self._stopped = True

    def _known(self, run: str) -> None:
        if run != self._run:
            raise UsageError(f"no run {run!r}")

    def _progress(
        self, state: Literal["running", "paused", "stopped", "done"], step: int, steps: int, seconds: float
    ) -> Progress:
        rate = self._live.get("learning_rate", 0.0)
        return Progress(self._run, state, step, steps, seconds, 1.0 / (1 + step), learning_rate=rate)


def _read(scene: str) -> tuple[str, dict[str, str]]:
    """MODEL/TASK and the pairs behind it. The echo knows no catalogue: any names will do."""
    head, _, query = scene.partition("?")
    if "/" not in head:
        raise SceneError(f"{scene!r} names no task", "write echo/bytes")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return head, {key: unquote(value) for key, _, value in pairs}
