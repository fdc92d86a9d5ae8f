"""Weights in and out of files, and from a Scene to a model that has them. Never pickle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
import torch
from torch import Tensor, nn

from seqtui import __version__, shipped
from seqtui.catalogue import Checkpoint
from seqtui.errors import SceneError, StateError
from seqtui.scene import Scene
from seqtui.shipped import checkpoint_of, weights_hash
from seqtui.store import cache_folder, run_folder
from seqtui.tasks import Task
from seqtui.training.loop import Training
from seqtui.training.parts import parts
from seqtui.training.record import NEWEST, snapshot_file
from seqtui.training.tensor_files import read_tensors, write_tensors
from seqtui.training.threads import use_threads

Weights = Mapping[str, Tensor]
Beat = Callable[[str], None]

IN_MEMORY = 8
"""Sets of weights from weights=steps:N that are kept while the process lives."""

WORTH_KEEPING = 50
"""Steps that are trained again faster than they are read."""

_trained: dict[str, Weights] = {}


@dataclass(frozen=True, eq=False)
class Loaded:
    """A Scene's model with its weights, in eval mode, and its task. weights_hash names the weights."""

    model: nn.Module
    task: Task
    weights_hash: str


def load_model(scene: Scene, beat: Beat | None = None) -> Loaded:
    """The model that a Scene means: shipped weights, those after some steps, or those of a run.

    beat: told in words what is going on, between the steps where it has to be trained first; what it
    raises ends the loading. Raises SceneError where the Scene names weights that there are not, StateError
    where a file is unusable.
    """
    use_threads()
    made = parts(scene)
    model = made.model()
    try:
        model.load_state_dict(dict(_weights(scene, beat)))
    except RuntimeError as error:
        raise StateError(f"the weights of {scene} do not fit its model", "they have other knobs") from error
    return Loaded(model, made.task, hash_of(model.state_dict()))


def hash_of(weights: Weights) -> str:
    """The name of a set of weights, as `shipped.weights_hash` has it."""
    return weights_hash({name: weight.numpy() for name, weight in weights.items()})


def _weights(scene: Scene, beat: Beat | None) -> Weights:
    named = scene.resolved_weights()
    if named.kind == "shipped":
        checkpoint = checkpoint_of(scene)
        assert checkpoint is not None
        return {name: torch.from_numpy(array) for name, array in shipped.weights(checkpoint).items()}
    if named.kind == "steps":
        return trained_weights(scene, named.steps, beat)
    return run_weights(named.run, named.snapshot)


# ── weights=run:ID[@SNAPSHOT] ──


def run_weights(run: str, snapshot: int | None = None) -> Weights:
    """The weights of a run on this machine: the newest as they were, or a snapshot's, rounded to float16."""
    folder = run_folder(run)
    if not folder.is_dir():
        raise SceneError(f"the run {run} is not on this machine", "write weights=steps:N to train it again")
    if snapshot is None:
        tensors, _ = read_tensors(folder / NEWEST)
        prefix = "model/"
        return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
    path = snapshot_file(run, snapshot)
    if not path.is_file():
        kept = sorted(int(found.stem.removeprefix("step-")) for found in folder.glob("step-*.safetensors"))
        raise SceneError(f"the run {run} has no snapshot {snapshot}", f"there is {', '.join(map(str, kept))}")
    return {name: tensor.float() for name, tensor in read_tensors(path)[0].items()}


# ── weights=steps:N ──


def trained_weights(scene: Scene, steps: int, beat: Beat | None = None) -> Weights:
    """The weights after `steps` steps of the recipe from the Scene's seed; kept in memory and on disk.

    Raises SceneError where the recipe has fewer steps, or where its loss stops being a number before that.
    """
    plain = Scene(scene.model, scene.task, knobs=scene.knobs, seed=scene.seed)
    total = parts(plain).training.steps
    if steps > total:
        raise SceneError(f"weights=steps:{steps} is beyond the {total} steps of the recipe")
    key = f"{plain} {sorted(plain.values().items())} {steps} {__version__} {torch.__version__}"
    name = sha256(key.encode()).hexdigest()[:32]
    if name not in _trained:
        if len(_trained) >= IN_MEMORY:
            del _trained[next(iter(_trained))]
        _trained[name] = _from_disk(name) or _train_to(plain, steps, name, beat)
    return _trained[name]


def _train_to(scene: Scene, steps: int, name: str, beat: Beat | None) -> Weights:
    training = Training(scene, observed=False)
    while training.done < steps and not training.over:
        if beat is not None:
            beat(f"training: step {training.done} of {steps}")
        training.step()
    if training.state == "failed":
        raise SceneError(f"{scene} cannot be trained for {steps} steps", training.text)
    weights = {key: weight.clone() for key, weight in training.model.state_dict().items()}
    if steps > WORTH_KEEPING:
        with suppress(StateError):  # a cache that cannot be written is only a slower start next time
            write_tensors(_cached(name), weights, {})
    return weights


def _from_disk(name: str) -> Weights | None:
    try:
        return read_tensors(_cached(name))[0]
    except StateError:
        return None


def _cached(name: str) -> Path:
    return cache_folder() / "weights" / f"{name}.safetensors"


# ── checkpoints ──


def train_checkpoint(scene: Scene, out: Path) -> Checkpoint:
    """Train a Scene to the end of its recipe and write the checkpoint. Raises StateError where it fails."""
    use_threads()
    training = Training(scene)
    while not training.over:
        training.step()
    return write_checkpoint(training, out, f'seqtui train "{recipe_line(scene)}" --out {out.name}')


def recipe_line(scene: Scene) -> str:
    """The line that says what is trained: model, task, knobs and seed alone."""
    return str(Scene(scene.model, scene.task, knobs=scene.knobs, seed=scene.seed))


def write_checkpoint(training: Training, out: Path, command: str) -> Checkpoint:
    """Write the weights of a training in float16, beside what they are: knobs, seed, command, score, hash.

    The score is that of the rounded weights, which is what is read back.
    """
    if training.state == "failed":
        raise StateError(f"{training.scene} has no weights worth keeping", training.text)
    rounded = {name: weight.half() for name, weight in training.model.state_dict().items()}
    weights = {name: weight.float() for name, weight in rounded.items()}
    model = parts(training.scene).model()
    model.load_state_dict(weights)
    scene = training.scene
    checkpoint = Checkpoint(
        file=out.name,
        model=scene.model,
        task=scene.task,
        knobs=scene.values(),
        seed=scene.seed,
        score=training.task.score(model),
        parameters=sum(weight.numel() for weight in weights.values()),
        hash=hash_of(weights),
        command=command,
        seconds=round(training.seconds, 1),
    )
    write_tensors(out, rounded, {"format": "1", "seqtui": msgspec.json.encode(checkpoint).decode()})
    return checkpoint
