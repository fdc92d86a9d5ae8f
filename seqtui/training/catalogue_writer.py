"""Writes catalogue.json: knobs from the Configs, baselines from the tasks, checkpoints from their files.

python -m seqtui.training.catalogue_writer
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import inspect
from safetensors import safe_open

from seqtui.catalogue import Catalogue, Checkpoint, Knob, ModelCard, TaskCard, Value, catalogue
from seqtui.models import MODELS, ModelKind
from seqtui.store import checkpoints_folder
from seqtui.tasks import TASKS, Task
from seqtui.training.config import TrainingConfig

PLACES = 4
"""Decimals of a baseline."""


def knobs(config: type[msgspec.Struct]) -> tuple[Knob, ...]:
    """The knobs that a Config's fields describe, in their order."""
    described = inspect.type_info(config)
    assert isinstance(described, inspect.StructType)
    return tuple(_knob(field) for field in described.fields)


def _knob(field: inspect.Field) -> Knob:
    told: dict[str, Any] = {}
    live, kind = False, field.type
    if isinstance(kind, inspect.Metadata):
        told, live, kind = kind.extra_json_schema or {}, bool((kind.extra or {}).get("live")), kind.type
    words: dict[str, Any] = {"title": told["title"], "text": told["description"], "live": live}
    if isinstance(kind, inspect.LiteralType):
        return Knob(field.name, "choice", field.default, choices=tuple(map(str, kind.values)), **words)
    if isinstance(kind, inspect.BoolType):
        return Knob(field.name, "bool", field.default, **words)
    if not isinstance(kind, inspect.IntType | inspect.FloatType):
        raise TypeError(f"the field {field.name} is neither a number, a bool nor a choice")
    number: Literal["int", "float"] = "int" if isinstance(kind, inspect.IntType) else "float"
    return Knob(field.name, number, field.default, low=kind.ge, high=kind.le, **words)


def model_card(kind: ModelKind) -> ModelCard:
    """A model as the catalogue lists it."""
    return ModelCard(kind.name, kind.title, kind.text, knobs(kind.config), kind.signals)


def task_card(task: type[Task]) -> TaskCard:
    """A task as the catalogue lists it, its baselines computed."""
    made = task()
    baselines = {name: round(value, PLACES) for name, value in made.baselines().items()}
    facts = task.card_facts._asdict()
    return TaskCard(
        name=task.name, baselines=baselines, knobs=knobs(task.config), held_out=made.held_out, **facts
    )


def read_checkpoint(path: Path) -> Checkpoint:
    """What a checkpoint's file says about itself."""
    with safe_open(path, framework="np") as file:
        told = msgspec.json.decode(file.metadata()["seqtui"])
    return msgspec.convert({**told, "file": path.name}, Checkpoint)


def built() -> Catalogue:
    """The catalogue as the code and the checkpoint files have it now."""
    recipes: dict[str, dict[str, Value]] = {
        f"{model}/{task.name}": dict(own) for task in TASKS.values() for model, own in task.recipes.items()
    }
    found = sorted(checkpoints_folder().glob("*.safetensors"))
    return Catalogue(
        models={name: model_card(kind) for name, kind in MODELS.items()},
        tasks={name: task_card(task) for name, task in TASKS.items()},
        training=knobs(TrainingConfig),
        recipes=recipes,
        checkpoints=tuple(read_checkpoint(path) for path in found),
    )


def text(book: Catalogue) -> str:
    """The catalogue as its file holds it."""
    return json.dumps(msgspec.to_builtins(book), ensure_ascii=False, indent=1) + "\n"


def write() -> Path:
    """Write catalogue.json beside the package's modules."""
    path = Path(str(files("seqtui").joinpath("catalogue.json")))
    path.write_text(text(built()), encoding="utf-8")
    catalogue.cache_clear()
    return path


if __name__ == "__main__":
    print(write())
