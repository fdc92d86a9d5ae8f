"""The weights and opening traces that came with this seqtui, without torch."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from seqtui.catalogue import Checkpoint, catalogue
from seqtui.errors import StateError
from seqtui.scene import Scene, parse
from seqtui.signals import Trace
from seqtui.signals.files import load
from seqtui.store import checkpoints_folder

Weights = dict[str, NDArray[np.float32]]


def weights_hash(weights: Mapping[str, NDArray[Any]]) -> str:
    """16 hex digits that name a set of weights: over their names, shapes and float32 numbers."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        array = np.ascontiguousarray(weights[name], dtype="<f4")
        digest.update(f"{name}{array.shape}".encode() + array.tobytes())
    return digest.hexdigest()[:16]


def weights(checkpoint: Checkpoint) -> Weights:
    """The shipped weights by torch's parameter path, float32 (the file holds float16).

    Raises StateError where the file is missing or is not the one that the catalogue lists.
    """
    return _read(checkpoints_folder() / checkpoint.file, checkpoint.hash)


@cache
def _read(path: Path, expected: str) -> Weights:
    try:
        found = {name: array.astype(np.float32) for name, array in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise StateError(f"the weights {path} cannot be read: {error}", "install seqtui again") from error
    if weights_hash(found) != expected:
        raise StateError(f"{path} does not hold the weights that the catalogue lists", "install seqtui again")
    return found


def opening_trace(scene_line: str) -> Trace | None:
    """The trace that is shipped for a Scene, so that it can be stepped before torch is awake.

    None where none is shipped, or where it was made with other weights than those shipped now.
    Raises SceneError for a line that is no Scene.
    """
    scene = parse(scene_line).with_(step=None)
    path = opening_path(scene)
    checkpoint = checkpoint_of(scene)
    if checkpoint is None or not path.is_file():
        return None
    trace = load(path, weights=weights(checkpoint))
    return trace if trace.weights_hash == checkpoint.hash else None


def checkpoint_of(scene: Scene) -> Checkpoint | None:
    """The shipped weights that a Scene means, None where it means others. Raises SceneError."""
    if scene.resolved_weights().kind != "shipped":
        return None
    return catalogue().checkpoint(scene.model, scene.task, scene.values(), scene.seed)


def opening_path(scene: Scene) -> Path:
    """Where the opening trace of a Scene lies; the step in view does not matter to it."""
    line = str(scene.with_(step=None))
    words = re.sub(r"[^A-Za-z0-9]+", "-", line)[:48].strip("-")
    return checkpoints_folder() / f"{words}-{hashlib.sha256(line.encode()).hexdigest()[:8]}.npz"
