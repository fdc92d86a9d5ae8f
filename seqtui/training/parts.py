"""A Scene's knobs sorted into what they belong to: the model, the task, the training."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import msgspec

from seqtui.catalogue import Value
from seqtui.models import MODELS, ModelKind, SequenceModel
from seqtui.scene import Scene
from seqtui.tasks import TASKS, Task
from seqtui.training.config import TrainingConfig

Config = TypeVar("Config", bound=msgspec.Struct)


class Parts(NamedTuple):
    """All that a Scene needs before weights come in."""

    kind: ModelKind
    model_config: msgspec.Struct
    task: Task
    training: TrainingConfig

    def model(self) -> SequenceModel:
        """A module with these knobs, its weights still empty, in eval mode."""
        return self.kind.build(self.model_config, len(self.task.vocabulary))


def parts(scene: Scene) -> Parts:
    """The parts of a Scene; raises SceneError for a pair of model and task that there is not."""
    values = scene.values()
    kind, task = MODELS[scene.model], TASKS[scene.task]
    return Parts(
        kind,
        _config(kind.config, values),
        task(_config(task.config, values)),
        _config(TrainingConfig, values),
    )


def _config(kind: type[Config], values: dict[str, Value]) -> Config:
    names = {field.name for field in msgspec.structs.fields(kind)}
    return msgspec.convert({name: value for name, value in values.items() if name in names}, kind)
