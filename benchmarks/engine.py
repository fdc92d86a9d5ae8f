"""The bridge: the wire, an edited word, a death, training inside the app, memory, and the end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.report import Row, in_turn
from seqtui.engine import messages as say
from seqtui.engine.client import Client
from seqtui.engine.process import environment
from seqtui.signals import Given, Signal, Trace

SCENE = "lstm/names"
TAUGHT = "lstm/names?hidden_size=64&steps=1000000"
SECONDS = 6.0
"""How long a model is taught for one figure; a run begins with a second of imports that is not counted."""

WARM = 100
ROUNDS = 3
TIMES = 30


def milliseconds(work: Callable[[], object]) -> float:
    """What a piece of work takes once."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def wire() -> list[Row]:
    """An attention pattern of 8 × 64 × 64, encoded and decoded, beside JSON."""
    values = np.random.default_rng(0).random((8, 64, 64), dtype=np.float32)
    pattern = Signal("pattern", values, ("head", "query", "key"), "simplex", "p", "", Given("a benchmark"))
    trace = Trace("", ("a",) * 64, np.zeros(64, dtype=np.int64), ("a",), {"pattern": pattern}, {})

    def ours() -> Trace:
        (frame,) = say.traced_frames(1, trace, ())
        traced = say.answer(bytes(frame[say.PREFIX :]))
        assert isinstance(traced, say.Traced)
        return say.trace_from(traced)

    def with_json() -> object:
        return np.array(json.loads(json.dumps(values.tolist())), dtype=np.float32)

    mine, theirs = in_turn(TIMES, lambda: milliseconds(ours), lambda: milliseconds(with_json))
    return [Row("8×64×64 numbers, written and read again", mine, "ms", "", "JSON", theirs)]


async def answers() -> list[Row]:
    """The first trace, an edited word, an edited word after a SIGKILL, memory, the end."""
    client = Client()
    first = await timed(client, "maria")
    edits = [1000 * await timed(client, f"mari{letter}") for letter in "bcdefghij"]
    after = []
    for letter in "klm":
        if client.worker_pid is not None:
            os.kill(client.worker_pid, signal.SIGKILL)
        after.append(await timed(client, f"mari{letter}"))
    memory = resident(client.worker_pid)
    began = time.perf_counter()
    await client.close()
    end = time.perf_counter() - began
    bare = imported("torch")
    return [
        Row("from nothing to the first trace", first, "s", "", "import torch", bare),
        Row(
            "an edited word traced again", statistics.median(edits), "ms", "", "in one process", in_process()
        ),
        Row("the same after a SIGKILL, the slowest of 3", max(after), "s", "3 s", "import torch", bare),
        Row("memory of the worker", memory, "MB", "600 MB"),
        Row("close, no process left", end, "s", "1 s"),
    ]


async def timed(client: Client, word: str) -> float:
    """Seconds to the trace of a word."""
    began = time.perf_counter()
    await client.trace(f"{SCENE}?input={word}")
    return time.perf_counter() - began


def imported(module: str) -> float:
    """Seconds that a fresh process takes to import a module, its own start included."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-P", "-c", f"import {module}"], check=True)
    return time.perf_counter() - began


def in_process() -> float:
    """Milliseconds of the same trace without a second process."""
    code = (
        "import time; from seqtui.engine.service import Computer; c = Computer()\n"
        f"c.trace('{SCENE}?input=maria'); n = time.perf_counter()\n"
        f"for w in 'bcdefghij': c.trace('{SCENE}?input=mari' + w)\n"
        "print(1000 * (time.perf_counter() - n) / 9)"
    )
    return float(spoken("-c", code))


def resident(pid: int | None) -> float:
    """Megabytes of a process in memory; not a number where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def spoken(*arguments: str) -> str:
    """What a fresh Python prints."""
    command = [sys.executable, "-P", *arguments]
    done = subprocess.run(command, env=environment(os.environ), capture_output=True, text=True, check=True)
    return done.stdout.strip()


async def taught_inside() -> float:
    """Steps a second in the worker, watched from here as the screens would."""
    client = Client()
    speed = 0.0
    begun: tuple[int, float] | None = None
    async for progress in client.train(TAUGHT):
        now = time.perf_counter()
        if begun is None and progress.step >= WARM:
            begun = progress.step, now
        if begun and now - begun[1] >= SECONDS and progress.state == "running":
            speed = (progress.step - begun[0]) / (now - begun[1])
            break
    await client.close()
    return speed


def taught_bare() -> None:
    """Steps a second of the same model in a loop that does nothing else; printed."""
    import torch

    from seqtui.scene import parse
    from seqtui.training.generators import Generators
    from seqtui.training.parts import parts
    from seqtui.training.schedule import rate
    from seqtui.training.threads import use_threads

    use_threads()
    made, chance = parts(parse(TAUGHT)), Generators.of(1)
    model, task, config = made.model(), made.task, made.training
    model.initialise(chance.init)
    model.train()
    optimiser = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.99), weight_decay=config.weight_decay)
    step, began = 0, time.perf_counter()
    while step <= WARM or time.perf_counter() - began < SECONDS:
        if step == WARM:
            began = time.perf_counter()
        step += 1
        loss = task.loss(model, task.batch(chance.data, config.batch_size))
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.clip)
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate * rate(step, config.steps)
        optimiser.step()
    print((step - WARM) / (time.perf_counter() - began))


def teaching() -> list[Row]:
    """Training inside the app beside a bare loop, in turn."""
    inside, bare = in_turn(
        ROUNDS,
        lambda: asyncio.run(taught_inside()),
        lambda: float(spoken("-m", "benchmarks.engine", "bare")),
    )
    return [Row("training inside the app", inside, "steps/s", "≥ 0.95 ×", "a bare loop", bare)]


def rows() -> list[Row]:
    """Every row."""
    with tempfile.TemporaryDirectory() as folder:
        kept = dict(os.environ)
        os.environ |= {"SEQTUI_DATA": folder, "SEQTUI_CACHE": folder, "OMP_WAIT_POLICY": "PASSIVE"}
        try:
            return [*wire(), *asyncio.run(answers()), *teaching()]
        finally:
            os.environ.clear()
            os.environ.update(kept)


if __name__ == "__main__" and "bare" in sys.argv[1:]:
    taught_bare()
