"""Teaching a model, one step at a time. Same Scene, same curve, bit for bit, whether anyone looks or not."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from seqtui.catalogue import catalogue
from seqtui.engine.port import Progress
from seqtui.errors import UsageError, nearest
from seqtui.models.autoregressive import Markov
from seqtui.models.dropout import use_generator
from seqtui.scene import Scene
from seqtui.training.account import SHARE, Account, Clock
from seqtui.training.generators import Generators
from seqtui.training.parts import parts
from seqtui.training.schedule import curve_steps, rate, snapshot_steps

SAMPLES = 3
"""How many things a model writes when it is asked what it can do by now."""


class Point(NamedTuple):
    """One point of a curve: the mean loss since the point before, the score where there is one."""

    step: int
    seconds: float
    loss: float
    score: float | None


class Edit(NamedTuple):
    """A live knob turned after `step` steps: it acts from the next step on."""

    step: int
    knob: str
    value: float


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A model after `step` steps: its weights in float16, by torch's parameter path, and its score."""

    step: int
    score: float
    weights: dict[str, Tensor]


class Training:
    """One run: the model of a Scene, taught from its seed. `step()` until `over`.

    run: the id under which it is kept, "" if it is not. edits: live edits to be made again.
    observed: whether snapshots are kept and scored on the way; what is learnt is the same either way.
    The weights, interventions and input that the Scene names do not matter: a run begins at its seed.
    Loss and score are in the task's metric (the loss in nats where the metric is no loss).
    """

    def __init__(
        self,
        scene: Scene,
        *,
        run: str = "",
        edits: Iterable[Edit] = (),
        observed: bool = True,
        clock: Clock = time.perf_counter,
    ) -> None:
        self.scene, self.run, self.clock = scene, run, clock
        made = parts(scene)
        self.kind, self.task, self.config = made.kind, made.task, made.training
        self.generators = Generators.of(scene.seed)
        self.model = made.model()
        self.model.initialise(self.generators.init)
        use_generator(self.model, self.generators.dropout)
        self.live = {"learning_rate": self.config.learning_rate, "clip": self.config.clip}
        self.edits: list[Edit] = []
        self.to_replay = sorted(edits, key=lambda edit: edit.step)
        self.done = 0
        self.state: Literal["running", "paused", "stopped", "done", "failed"] = "running"
        self.text = ""
        self.seconds = 0.0
        self.loss = math.nan
        self.gradient_norm = 0.0
        self.n_clipped = 0
        self.best: float | None = None
        self.curve: list[Point] = []
        self.snapshots: dict[int, Snapshot] = {}
        self.account = Account(SHARE, clock)
        self.samples: tuple[str, ...] = ()
        self._fresh: float | None = None
        self._step_seconds = 0.0
        self.losses: list[float] = []
        self._snapshot_steps = frozenset(snapshot_steps(self.steps) if observed else ())
        if 0 in self._snapshot_steps:
            self._keep_snapshot()

    # ── what may be asked ──

    @property
    def steps(self) -> int:
        """How many steps the recipe has."""
        return self.config.steps

    @property
    def over(self) -> bool:
        """Whether there is no next step: done, stopped or failed."""
        return self.state in ("done", "stopped", "failed")

    @property
    def learning_rate(self) -> float:
        """That of the newest step, or of the first."""
        return self.live["learning_rate"] * rate(max(1, self.done), self.steps)

    def progress(self) -> Progress:
        """How it stands; a new score is told once."""
        fresh, self._fresh = self._fresh, None
        speed = 1 / self._step_seconds if self._step_seconds else 0.0
        return Progress(
            run=self.run,
            state=self.state,
            step=self.done,
            steps=self.steps,
            seconds=self.seconds,
            loss=self.loss,
            score=fresh,
            best=self.best,
            learning_rate=self.learning_rate,
            gradient_norm=self.gradient_norm,
            clipped=self.n_clipped / self.done if self.done else 0.0,
            steps_per_second=speed,
            seconds_left=0.0 if self.over or not speed else (self.steps - self.done) / speed,
            samples=self.samples,
            snapshots=tuple(self.snapshots),
            text=self.text,
        )

    def weights_at(self, step: int) -> dict[str, Tensor]:
        """The float32 weights of a snapshot; raises UsageError where none was kept after this step."""
        if step not in self.snapshots:
            raise UsageError(
                f"no snapshot after step {step}", f"there is {', '.join(map(str, self.snapshots))}"
            )
        return {name: weight.float() for name, weight in self.snapshots[step].weights.items()}

    # ── one step ──

    def step(self) -> None:
        """Look at one batch and change the weights. A loss that is no number ends the run instead."""
        if self.over:
            return
        self._replay()
        began = self.clock()
        loss = self._count() if self.kind.learns == "counting" else self._descend()
        took = self.clock() - began
        self.seconds += took
        self._step_seconds = 0.95 * self._step_seconds + 0.05 * took if self._step_seconds else took
        if loss is None:
            self._fail(self.done + 1)
            return
        self.done += 1
        self.loss = loss
        self.losses.append(loss)
        if self.done in self._snapshot_steps:
            self._keep_snapshot()
        if self.done % curve_steps(self.steps) == 0 or self.done in self._snapshot_steps:
            self._close_point()
        if self.done == self.steps and self.state == "running":
            self.state = "done"

    def prepare(self) -> None:
        """Do what takes long in a fresh process, so that no step does."""
        _ = self.optimiser

    @cached_property
    def optimiser(self) -> torch.optim.AdamW:
        """AdamW over all weights; made at the first step, for making it costs a second in a fresh process."""
        decay = self.config.weight_decay
        return torch.optim.AdamW(self.model.parameters(), betas=(0.9, 0.99), weight_decay=decay, fused=True)

    def _descend(self) -> float | None:
        """One update of AdamW; the loss before it, None where loss or gradient is no number."""
        self.model.train()
        batch = self.task.batch(self.generators.data, self.config.batch_size)
        loss = self.task.loss(self.model, batch)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        limit = self.live["clip"] or math.inf
        norm = float(nn.utils.clip_grad_norm_(self.model.parameters(), limit))
        nats = float(loss.detach())
        if not math.isfinite(nats + norm):
            return None
        self.gradient_norm = norm
        self.n_clipped += norm > limit
        for group in self.optimiser.param_groups:
            group["lr"] = self.live["learning_rate"] * rate(self.done + 1, self.steps)
        self.optimiser.step()
        return nats * (self.task.bits or 1)

    def _count(self) -> float:
        """A table has no gradient: it counts everything once."""
        assert isinstance(self.model, Markov)
        everything = self.task.everything()
        self.model.fit(*everything)
        with torch.no_grad():
            return float(self.task.loss(self.model, everything)) * (self.task.bits or 1)

    # ── looking, which changes nothing that is learnt ──

    @contextmanager
    def looking(self, what: str) -> Iterator[nn.Module]:
        """The model in eval mode without gradients, the time charged to the account."""
        was = self.model.training
        self.model.eval()
        try:
            with self.account.pay(what), torch.no_grad():
                yield self.model
        finally:
            self.model.train(was)

    def look_score(self) -> float:
        """The score over the held-out examples now."""
        with self.looking("score") as model:
            score = self.task.score(model)
        self._fresh = score
        if math.isfinite(score):
            better = min if self.task.card_facts.better == "lower" else max
            self.best = score if self.best is None else better(self.best, score)
        return score

    def look_samples(self) -> tuple[str, ...]:
        """A few things that the model makes now."""
        with self.looking("samples") as model:
            self.samples = self.task.samples(model, self.generators.sampling, SAMPLES)
        return self.samples

    # ── steering ──

    def edit(self, knob: str, value: float) -> None:
        """Turn a live knob from the next step on, and remember it. Raises UsageError or SceneError."""
        knobs = {found.name: found for found in catalogue().training if found.live}
        if knob not in knobs:
            raise UsageError(f"{knob} cannot be turned while training runs", nearest(knob, knobs))
        self.live[knob] = float(knobs[knob].read(repr(float(value))))
        self.edits.append(Edit(self.done, knob, self.live[knob]))

    def pause(self, paused: bool = True) -> None:
        """Wait, or go on."""
        if not self.over:
            self.state = "paused" if paused else "running"

    def stop(self, text: str = "") -> None:
        """End here and keep what was learnt. Safe to call from a signal handler or another thread."""
        if not self.over:
            self.state = "stopped"
            self.text = text or f"stopped after step {self.done} of {self.steps}; what was learnt is kept"

    def settle(self) -> None:
        """Once it is over: score and keep the weights that it ended with."""
        if self.state != "failed" and self.done not in self.snapshots:
            self._keep_snapshot()
            self._close_point()

    # ── underneath ──

    def _replay(self) -> None:
        while self.to_replay and self.to_replay[0].step <= self.done:
            edit = self.to_replay.pop(0)
            self.edit(edit.knob, edit.value)

    def _keep_snapshot(self) -> None:
        score = self.look_score()
        if not math.isfinite(score):
            self._fail(self.done)
            return
        weights = {name: _stored(weight) for name, weight in self.model.state_dict().items()}
        self.snapshots[self.done] = Snapshot(self.done, score, weights)

    def _close_point(self) -> None:
        if not self.losses:
            return
        snapshot = self.snapshots.get(self.done)
        mean = math.fsum(self.losses) / len(self.losses)
        self.curve.append(Point(self.done, self.seconds, mean, snapshot.score if snapshot else None))
        self.losses.clear()

    def _fail(self, step: int) -> None:
        """The last snapshot that is no worse than the untrained model is the model again."""
        self.state = "failed"
        rate_now = self.live["learning_rate"]
        usual = catalogue().knobs(self.scene.model, self.scene.task)["learning_rate"].default
        tried = usual if rate_now > float(usual) else rate_now / 4
        advice = f"try learning_rate={tried:g} instead of {rate_now:g}"
        if not self.live["clip"]:
            advice += ", and clip=1"
        self.text = f"step {step}: the loss is no longer a number · {advice}"
        good = self._last_good()
        if good is not None:
            self.model.load_state_dict(self.weights_at(good))
            self.text += f" · the weights of step {good} are back"

    def _last_good(self) -> int | None:
        sign = 1 if self.task.card_facts.better == "lower" else -1
        scores = {step: sign * snapshot.score for step, snapshot in self.snapshots.items()}
        return max((step for step, score in scores.items() if score <= scores[min(scores)]), default=None)


def _stored(weight: Tensor) -> Tensor:
    """A copy in float16, or in float32 where float16 cannot hold it."""
    half = weight.detach().half()
    return half if bool(torch.isfinite(half).all()) else weight.detach().clone()
