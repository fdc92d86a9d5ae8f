"""The engine in this process: models and tasks, traced, scored and taught. `Computer` computes; `Service`
has the port's face and is what the commands use.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from seqtui.engine.port import Generated, Progress, Score, Status
from seqtui.errors import SceneError, UsageError, nearest
from seqtui.scene import Scene, Weights, parse
from seqtui.signals import Trace
from seqtui.store import Database
from seqtui.tasks import Task
from seqtui.tracing import forced_forward, trace_scene
from seqtui.training.checkpoints import Loaded, hash_of, load_model, recipe_line, write_checkpoint
from seqtui.training.driver import run
from seqtui.training.generators import generator
from seqtui.training.loop import Training
from seqtui.training.parts import parts
from seqtui.training.record import new_run_id, resume
from seqtui.training.threads import use_threads

Beat = Callable[[str], None]

MODELS_KEPT = 8
"""Models with their weights that are kept in memory, the most recently used ones."""

RUNS_KEPT = 4
"""Runs of this process that are kept in memory after their end."""

LONGEST = 10_000
"""Tokens that can be asked for at once."""

ENDS = {"‹": "›"}
"""The mark that begins a text ends it, and is shown turned round then."""


def silent(text: str) -> None:
    """A beat that nobody hears."""


class Session(NamedTuple):
    """One training run of this process, and the command that would repeat it."""

    training: Training
    command: str


class Computer:
    """Satisfies worker.Answers: every method does its work before it returns, or step by step."""

    def __init__(self) -> None:
        use_threads()
        self._models: OrderedDict[str, Loaded] = OrderedDict()
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._database: Database | None = None

    # ---- looking --------------------------------------------------------------------------------

    def trace(self, scene: str, beat: Beat = silent) -> Trace:
        """The Trace of a Scene, interventions on."""
        wanted = parse(scene)
        with self._charged("trace"):
            return trace_scene(wanted, self._loaded(wanted, beat))

    def snapshot(self, scene: str, run: str, step: int, beat: Beat = silent) -> Trace:
        """The Trace of a Scene with the weights of a run, which is in this process or on disk."""
        wanted = parse(scene).with_(weights=Weights("run", run=run, snapshot=step))
        return self.trace(str(wanted), beat)

    def score(self, scene: str, beat: Beat = silent) -> Score:
        """The score over held-out data, interventions on."""
        wanted = parse(scene)
        with self._charged("score"):
            loaded = self._loaded(wanted, beat)
            forward = self._forward(loaded, wanted) if wanted.force else None
            value = loaded.task.score(loaded.model, forward)
            return Score(value, loaded.task.held_out, loaded.task.card_facts.metric)

    def generate(
        self, scene: str, length: int, temperature: float, seed: int, beat: Beat = silent
    ) -> Generated:
        """Token after token from softmax(logits / temperature); temperature 0 takes the likeliest."""
        if not 1 <= length <= LONGEST:
            raise UsageError(f"{length} tokens cannot be written", f"from 1 to {LONGEST}")
        if not (math.isfinite(temperature) and temperature >= 0):
            raise UsageError(f"a temperature of {temperature:g} is not possible", "0 or above")
        wanted = parse(scene)
        with self._charged("generate"), torch.no_grad():
            loaded = self._loaded(wanted, beat)
            return self._written(wanted, loaded, length, temperature, seed, beat)

    def _written(
        self, scene: Scene, loaded: Loaded, length: int, temperature: float, seed: int, beat: Beat
    ) -> Generated:
        task, forward, chance = loaded.task, self._forward(loaded, scene), generator(seed, "generate")
        ids = task.encode(_input(scene, task)).ids[None]  # (1, T)
        tokens: list[str] = []
        odds: list[float] = []
        for number in range(length):
            beat(f"writing: token {number + 1} of {length}")
            logits = forward(ids)[0, -1]  # (V,)
            p = (logits / temperature if temperature else logits).softmax(-1)
            drawn = torch.multinomial(p, 1, generator=chance) if temperature else p.argmax()[None]
            shown = task.vocabulary[int(drawn)]
            tokens.append(ENDS.get(shown, shown))
            odds.append(float(p[drawn]))
            if shown in ENDS:
                return Generated(tuple(tokens), tuple(odds), True)
            ids = torch.cat([ids, drawn[None]], dim=1)
        return Generated(tuple(tokens), tuple(odds), False)

    # ---- teaching -------------------------------------------------------------------------------

    def train(self, scene: str, seconds: float | None = None) -> Iterator[Progress | None]:
        """A run from the seed, or with weights=run:ID the rest of that run; kept on disk as it goes."""
        if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
            raise UsageError(f"{seconds:g} seconds is not a time", "it has to be finite and above 0")
        wanted = parse(scene)
        named = wanted.weights
        if named is not None and named.kind == "run":
            training = self._resumed(wanted, named)
        else:
            training = Training(parse(recipe_line(wanted)), run=new_run_id())
        if self._database is None:
            self._database = Database()
        command = f'seqtui train "{recipe_line(training.scene)}"'
        if seconds is not None:
            command += f" --seconds {seconds:g}"
        self._sessions[training.run] = Session(training, command)
        while len(self._sessions) > RUNS_KEPT:
            self._sessions.popitem(last=False)
        yield from run(training, seconds=seconds, database=self._database)

    def steer(self, run: str, pause: bool | None, stop: bool, live: dict[str, float]) -> None:
        """Pause, go on, stop and keep, or turn a live knob. Raises UsageError where the run is over."""
        if run not in self._sessions:
            raise UsageError(f"no run {run!r} is under way", nearest(run, self._sessions))
        training = self._sessions[run].training
        if training.over:
            raise UsageError(f"the run {run} is over")
        for knob, value in live.items():
            training.edit(knob, value)
        if pause is not None:
            training.pause(pause)
        if stop:
            training.stop()

    def save(self, run: str, path: str) -> None:
        """Write a run's newest weights, float16, with all that says what they are."""
        session = self._sessions.get(run)
        training = session.training if session else resume(run)
        command = session.command if session else f'seqtui train "{recipe_line(training.scene)}"'
        out = Path(path)
        write_checkpoint(training, out, f"{command} --out {out.name}")

    def stop(self) -> None:
        """Stop every run and keep it."""
        for session in self._sessions.values():
            session.training.stop()

    # ---- models ---------------------------------------------------------------------------------

    def _loaded(self, scene: Scene, beat: Beat) -> Loaded:
        """The model of a Scene with its weights; a run's newest weights may change, so they are not kept."""
        named = scene.resolved_weights()
        if named.kind == "run" and (found := self._under_way(scene, named)):
            return found
        key = f"{recipe_line(scene)} {named}"
        if key in self._models:
            self._models.move_to_end(key)
            return self._models[key]
        loaded = load_model(scene, beat)
        if named.kind != "run" or named.snapshot is not None:
            self._models[key] = loaded
            while len(self._models) > MODELS_KEPT:
                self._models.popitem(last=False)
        return loaded

    def _under_way(self, scene: Scene, named: Weights) -> Loaded | None:
        """A copy of the weights of a run of this process, at a snapshot or as they are now."""
        session = self._sessions.get(named.run)
        if session is None:
            return None
        training = session.training
        _same_recipe(scene, training)
        if named.snapshot is None or named.snapshot == training.done:
            weights = {name: weight.clone() for name, weight in training.model.state_dict().items()}
        else:
            weights = training.weights_at(named.snapshot)
        made = parts(scene)
        model = made.model()
        model.load_state_dict(weights)
        return Loaded(model, made.task, hash_of(weights))

    def _resumed(self, scene: Scene, named: Weights) -> Training:
        """The training of a run where it was left."""
        if named.snapshot is not None:
            raise SceneError(f"weights={named}: a run goes on from its end", f"write weights=run:{named.run}")
        session = self._sessions.get(named.run)
        if session is not None and not session.training.over:
            raise UsageError(f"the run {named.run} is under way")
        training = resume(named.run)
        _same_recipe(scene, training)
        return training

    def _forward(self, loaded: Loaded, scene: Scene) -> Callable[[Tensor], Tensor]:
        return lambda ids: forced_forward(loaded.model, ids, scene.force)

    def _charged(self, what: str) -> AbstractContextManager[None]:
        """While a run is under way, whoever looks pays from its account."""
        for session in self._sessions.values():
            if not session.training.over:
                return session.training.account.pay(what)
        return nullcontext()


def _same_recipe(scene: Scene, training: Training) -> None:
    """Raises SceneError where a run was not of these knobs and this seed."""
    if recipe_line(scene) != recipe_line(training.scene):
        line = recipe_line(training.scene)
        query = "&" if "?" in line else "?"
        raise SceneError(
            f"the run {training.run} is not of {recipe_line(scene)}",
            f"write {line}{query}weights=run:{training.run}",
        )


def _input(scene: Scene, task: Task) -> str:
    return task.card_facts.examples[0] if scene.input is None else scene.input


class Service:
    """Satisfies port.Engine in this process; while it computes, the event loop waits."""

    def __init__(self) -> None:
        self._computer = Computer()
        self._told: list[Callable[[Status], None]] = []
        self._steered = asyncio.Event()
        self._status = Status("ready")

    @property
    def status(self) -> Status:
        """Ready, until it is closed."""
        return self._status

    def watch(self, told: Callable[[Status], None]) -> None:
        """Call `told` at every change of status."""
        self._told.append(told)

    async def start(self) -> None:
        """It is awake."""

    async def trace(self, scene: str) -> Trace:
        """The Trace of a Scene, interventions on."""
        return self._computer.trace(scene)

    async def score(self, scene: str) -> Score:
        """The score over held-out data."""
        return self._computer.score(scene)

    async def train(self, scene: str, *, seconds: float | None = None) -> AsyncIterator[Progress]:
        """Train; at every Progress whoever waits in this process has their turn first."""
        for progress in self._computer.train(scene, seconds):
            if progress is None:
                continue
            await asyncio.sleep(0)
            self._steered.clear()
            yield progress
            if progress.state == "paused":
                await self._steered.wait()

    async def steer(self, run: str, *, pause: bool | None = None, stop: bool = False, **live: float) -> None:
        """Pause, go on, stop and keep, or turn a live knob."""
        self._computer.steer(run, pause, stop, live)
        self._steered.set()

    async def snapshot(self, scene: str, run: str, step: int) -> Trace:
        """The Trace of a Scene with the weights that a run had after `step` steps."""
        return self._computer.snapshot(scene, run, step)

    async def generate(
        self, scene: str, *, length: int, temperature: float = 1.0, seed: int = 1
    ) -> Generated:
        """Let the model go on after its input."""
        return self._computer.generate(scene, length, temperature, seed)

    async def save(self, run: str, path: str) -> None:
        """Write a run's newest weights as safetensors."""
        self._computer.save(run, path)

    async def cancel(self) -> None:
        """Stop every run; nothing waits here."""
        self._computer.stop()
        self._steered.set()

    async def close(self) -> None:
        """Stop every run."""
        await self.cancel()
        self._status = Status("closed")
        for told in self._told:
            told(self._status)
