"""What a run leaves on disk: its row in the database, its snapshots, and the newest state to go on from."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
from torch import Tensor

from seqtui.errors import StateError, UsageError
from seqtui.scene import parse
from seqtui.store import Database, Run, run_folder
from seqtui.training.loop import Edit, Point, Snapshot, Training
from seqtui.training.tensor_files import read_tensors, write_tensors

NEWEST = "newest.safetensors"
FORMAT = "1"


def new_run_id() -> str:
    """An id that sorts by time: 20260131-174502-3fa9."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def snapshot_file(run: str, step: int) -> Path:
    """Where the weights of a run after `step` steps lie."""
    return run_folder(run) / f"step-{step:07d}.safetensors"


class Recorder:
    """Keeps one run. Where nothing can be written the run goes on, and `note` says so in a line."""

    def __init__(self, training: Training, database: Database) -> None:
        self._training, self._database = training, database
        known = database.run(training.run)
        self._started = known.started if known else time.time()
        self._kept: set[int] = set()
        baselines = training.task.baselines()
        self._baseline = baselines[training.task.card_facts.fair]
        self.note = ""

    @property
    def behind(self) -> bool:
        """Whether there is a snapshot that is not on disk yet."""
        return self._training.snapshots.keys() != self._kept

    def keep(self) -> None:
        """Write what is new: snapshots, the newest state, the row of the run."""
        training = self._training
        try:
            for step in training.snapshots.keys() - self._kept:
                snapshot = training.snapshots[step]
                told = {"score": repr(snapshot.score)}
                write_tensors(snapshot_file(training.run, step), snapshot.weights, told)
                self._kept.add(step)
            if training.state != "failed":
                write_state(training)
        except StateError as error:
            self.note = self.note or f"this run is not kept: {error}"
        self._database.keep_run(self._row())

    def _row(self) -> Run:
        training = self._training
        newest = max(training.snapshots, default=None)
        return Run(
            id=training.run,
            scene=str(training.scene),
            started=self._started,
            seconds=training.seconds,
            steps=training.done,
            score=training.snapshots[newest].score if newest is not None else None,
            baseline=self._baseline,
            state=training.state,
            curve=tuple(training.curve),
            edits=tuple(training.edits),
        )


# ── the newest state ──


class _Told(msgspec.Struct):
    """What of a run's state is no tensor."""

    scene: str
    done: int
    seconds: float
    live: dict[str, float]
    edits: list[Edit]
    to_replay: list[Edit]
    curve: list[Point]
    losses: list[float]
    n_clipped: int
    best: float | None


def write_state(training: Training) -> None:
    """All that is needed to go on as if nothing had happened: weights, optimiser, generators, and where."""
    told = _Told(
        str(training.scene),
        training.done,
        training.seconds,
        training.live,
        training.edits,
        training.to_replay,
        training.curve,
        training.losses,
        training.n_clipped,
        training.best,
    )
    tensors = {f"model/{name}": weight for name, weight in training.model.state_dict().items()}
    for place, moments in training.optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser/{place}/{name}": value for name, value in moments.items()}
    tensors |= {f"generator/{name}": state for name, state in training.generators.states().items()}
    metadata = {"format": FORMAT, "run": msgspec.json.encode(told).decode()}
    write_tensors(run_folder(training.run) / NEWEST, tensors, metadata)


def resume(run: str) -> Training:
    """The training of a run, as it was last kept; raises StateError where it cannot be read."""
    path = run_folder(run) / NEWEST
    tensors, metadata = read_tensors(path)
    try:
        told = msgspec.json.decode(metadata["run"], type=_Told)
        training = Training(parse(told.scene), run=run, edits=told.to_replay)
        _restore(training, told, tensors)
    except (KeyError, ValueError, RuntimeError, msgspec.MsgspecError, UsageError) as error:
        raise StateError(f"{path} does not hold a run that this seqtui can read", str(error)) from error
    return training


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): tensor for n, tensor in tensors.items() if n.startswith(prefix)}


def _restore(training: Training, told: _Told, tensors: Mapping[str, Tensor]) -> None:
    training.model.load_state_dict(_part(tensors, "model/"))
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in _part(tensors, "optimiser/").items():
        place, _, key = name.partition("/")
        moments.setdefault(int(place), {})[key] = value
    groups = training.optimiser.state_dict()["param_groups"]
    training.optimiser.load_state_dict({"state": moments, "param_groups": groups})
    training.generators.restore(_part(tensors, "generator/"))
    training.done, training.seconds, training.best = told.done, told.seconds, told.best
    training.live, training.edits, training.curve = told.live, told.edits, told.curve
    training.losses, training.n_clipped = told.losses, told.n_clipped
    for path in run_folder(training.run).glob("step-*.safetensors"):
        step = int(path.stem.removeprefix("step-"))
        if step <= told.done:
            weights, metadata = read_tensors(path)
            training.snapshots[step] = Snapshot(step, float(metadata["score"]), weights)
    training.snapshots = dict(sorted(training.snapshots.items()))
    if training.done == training.steps:
        training.state = "done"
