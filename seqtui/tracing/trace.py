"""A model, some tokens and perhaps an intervention → a Trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from seqtui.catalogue import Catalogue, catalogue
from seqtui.errors import TraceError
from seqtui.scene import Force, Scene
from seqtui.signals import Trace
from seqtui.tracing.builder import Builder
from seqtui.tracing.forcing import check_steps
from seqtui.tracing.recorder import Recorder


class Encoded(Protocol):
    """A text as a model reads it; ids are (T,)."""

    @property
    def tokens(self) -> tuple[str, ...]: ...
    @property
    def ids(self) -> Tensor: ...
    @property
    def targets(self) -> tuple[str, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...


class Task(Protocol):
    """What a trace needs of a task."""

    @property
    def vocabulary(self) -> tuple[str, ...]: ...
    def encode(self, text: str) -> Encoded: ...


class Loaded(Protocol):
    """A model with the task that it was taught, and the name of its weights."""

    @property
    def model(self) -> nn.Module: ...
    @property
    def task(self) -> Task: ...
    @property
    def weights_hash(self) -> str: ...


def trace_scene(scene: Scene, loaded: Loaded, book: Catalogue | None = None) -> Trace:
    """The Trace of a Scene by its model, interventions on; without an input the task's first example is read.

    Raises InputError for a text that cannot be read, SceneError for a force that nothing answers to,
    TraceError when what is recovered is not what the model computed.
    """
    text = scene.input
    if text is None:
        text = (book or catalogue()).task(scene.task).examples[0]
    encoded = loaded.task.encode(text)
    return trace_model(
        loaded.model,
        encoded.ids,
        tokens=encoded.tokens,
        targets=encoded.targets,
        vocabulary=loaded.task.vocabulary,
        notes=encoded.notes,
        scene=str(scene),
        force=scene.force,
        weights_hash=loaded.weights_hash,
    )


def trace_model(
    model: nn.Module,
    ids: Tensor | Sequence[int],
    *,
    tokens: Sequence[str] = (),
    targets: Sequence[str] = (),
    vocabulary: Sequence[str] = (),
    notes: Sequence[str] = (),
    scene: str = "",
    force: Sequence[Force] = (),
    weights_hash: str = "",
) -> Trace:
    """The Trace of one pass of a model over token ids (T,); the model is called with (1, T).

    tokens: as they are shown, else the vocabulary's. vocabulary: with it, logits (1, T, V) get odds.
    The model's mode, the random numbers and whatever it returns are afterwards as they were.
    Raises SceneError and TraceError as `trace_scene` does.
    """
    row = torch.as_tensor(ids, dtype=torch.int64)
    if row.dim() != 1 or not len(row):
        raise TraceError(f"a trace is of one sequence of token ids, got shape {tuple(row.shape)}")
    check_steps(force, len(row))
    builder = Builder(model, row)
    builder.finish(Recorder(model, force, builder).run(row[None]), vocabulary)
    names = vocabulary or [str(i) for i in range(int(row.max()) + 1)]
    return Trace(
        scene=scene,
        tokens=tuple(tokens) or tuple(names[i] for i in row.tolist()),
        ids=np.array(row.numpy()),
        vocabulary=tuple(vocabulary),
        signals=builder.signals,
        weights=builder.weights,
        weights_hash=weights_hash,
        targets=tuple(targets),
        notes=tuple(notes),
    )


def forced_forward(model: nn.Module, ids: Tensor, force: Sequence[Force]) -> Tensor:
    """What the model returns for a batch of ids (B, T) under interventions; nothing is recorded.

    A force on steps that a batch does not reach changes nothing. Without any force it is the model's own
    forward pass, bit for bit.
    """
    result: Tensor = Recorder(model, force).run(ids)
    return result
