"""Makes every shipped checkpoint, each by the one command that its metadata records.

python -m seqtui.training.make_checkpoints
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seqtui.errors import SceneError
from seqtui.scene import Scene, parse
from seqtui.shipped import opening_path
from seqtui.store import checkpoints_folder
from seqtui.training import catalogue_writer
from seqtui.training.checkpoints import load_model, train_checkpoint

SHIPPED = (
    "markov/names",
    "markov/names?order=0",
    "rnn/names",
    "lstm/names",
    "gru/names",
    "rnn/names?hidden_size=64",
    "lstm/names?hidden_size=64",
    "gru/names?hidden_size=64",
)
"""Seed 1, each by the recipe of its model and task."""


def checkpoint_file(scene: Scene) -> str:
    """The name of a checkpoint's file: lstm-names-hidden_size-64.safetensors."""
    knobs = "".join(f"-{name}-{value}" for name, value in scene.knobs)
    return f"{scene.model}-{scene.task}{knobs}.safetensors"


def make(lines: Iterable[str] = SHIPPED) -> None:
    """Train and write them, then the catalogue that lists them."""
    catalogue_writer.write()
    for line in lines:
        scene = parse(line)
        made = train_checkpoint(scene, checkpoints_folder() / checkpoint_file(scene))
        print(f"{line:28} {made.score:.4f}  {made.parameters:6} weights  {made.seconds:5.1f} s", flush=True)
    catalogue_writer.write()


def make_openings(lines: Iterable[str]) -> list[Path]:
    """Trace Scenes with shipped weights and write what a lesson begins with; returns the files.

    Raises SceneError for a Scene whose weights are not shipped.
    """
    from seqtui.signals.files import save
    from seqtui.tracing import trace_scene

    written = []
    for line in lines:
        scene = parse(line)
        if scene.resolved_weights().kind != "shipped":
            raise SceneError(f"{line} has no shipped weights, so it can have no opening trace")
        path = opening_path(scene)
        save(trace_scene(scene.with_(step=None), load_model(scene)), path, weights=False)
        written.append(path)
    return written


if __name__ == "__main__":
    make()
