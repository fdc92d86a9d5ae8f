"""What there is to choose from: models, tasks, their knobs and signals, and the shipped checkpoints.

Read from `catalogue.json`, which `make catalogue` writes from the Configs and a test compares with them:
the terminal side knows every knob without torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from seqtui.errors import SceneError, nearest

Value = int | float | bool | str


class Knob(msgspec.Struct, frozen=True):
    """One hyper-parameter: its field's name, its type, where it may go, and a line on what it does.

    live: may be changed while training runs; every other knob starts again from the same seed.
    """

    name: str
    type: Literal["int", "float", "bool", "choice"]
    default: Value
    title: str
    text: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    live: bool = False

    def read(self, text: str) -> Value:
        """The value that a text names; raises SceneError with the allowed range."""
        value = self._converted(text)
        if isinstance(value, int | float) and not isinstance(value, bool):
            below = self.low is not None and value < self.low
            above = self.high is not None and value > self.high
            if below or above or (isinstance(value, float) and not math.isfinite(value)):
                raise SceneError(f"{self.name}={text} is out of range", f"{self.allowed}")
        return value

    def _converted(self, text: str) -> Value:
        if self.type == "choice":
            if text not in self.choices:
                raise SceneError(f"{self.name} has no choice {text!r}", nearest(text, self.choices))
            return text
        if self.type == "bool":
            if text not in ("true", "false"):
                raise SceneError(f"{self.name}={text} is neither true nor false")
            return text == "true"
        try:
            return int(text) if self.type == "int" else float(text)
        except ValueError:
            kind = "a whole number" if self.type == "int" else "a number"
            raise SceneError(f"{self.name}={text!r} is not {kind}", self.allowed) from None

    @property
    def allowed(self) -> str:
        """Where the value may lie, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        low = f"{self.low:g}" if self.low is not None else "−∞"
        high = f"{self.high:g}" if self.high is not None else "∞"
        return f"from {low} to {high}"


class SignalCard(msgspec.Struct, frozen=True):
    """A signal that a model has: `{layer}` in its name stands for 0 … n_layers − 1.

    title: the word before the symbol ("forget" f). units: the knob that says how many units it has.
    forcible: an intervention may set it.
    """

    name: str
    axes: tuple[str, ...]
    symbol: str
    title: str
    range: str
    units: str = ""
    forcible: bool = False


class ModelCard(msgspec.Struct, frozen=True):
    """A kind of model."""

    name: str
    title: str
    text: str
    knobs: tuple[Knob, ...]
    signals: tuple[SignalCard, ...]


class TaskCard(msgspec.Struct, frozen=True):
    """What a model is taught on, how it is scored, and what a score is compared with.

    metric: the unit of the score ("bits a letter"). fair: the baseline that a model has to beat.
    element: what one token is called ("letter").
    """

    name: str
    title: str
    text: str
    metric: str
    better: Literal["lower", "higher"]
    baselines: dict[str, float]
    fair: str
    element: str
    examples: tuple[str, ...]
    knobs: tuple[Knob, ...] = ()
    held_out: int = 0


class Checkpoint(msgspec.Struct, frozen=True):
    """Shipped weights: exactly which knobs and seed they were trained with, by which command."""

    file: str
    model: str
    task: str
    knobs: dict[str, Value]
    seed: int
    score: float
    parameters: int
    hash: str
    command: str
    seconds: float = 0.0


class Catalogue(msgspec.Struct, frozen=True):
    """All of it. recipes: for MODEL/TASK, the knobs whose defaults this pair changes."""

    models: dict[str, ModelCard]
    tasks: dict[str, TaskCard]
    training: tuple[Knob, ...]
    recipes: dict[str, dict[str, Value]]
    checkpoints: tuple[Checkpoint, ...] = ()

    def model(self, name: str) -> ModelCard:
        """A model by name; raises SceneError naming the nearest."""
        if name not in self.models:
            raise SceneError(f"no model {name!r}", nearest(name, self.models))
        return self.models[name]

    def task(self, name: str) -> TaskCard:
        """A task by name; raises SceneError naming the nearest."""
        if name not in self.tasks:
            raise SceneError(f"no task {name!r}", nearest(name, self.tasks))
        return self.tasks[name]

    def pair(self, model: str, task: str) -> tuple[ModelCard, TaskCard]:
        """Both, if this model can be taught this task."""
        cards = self.model(model), self.task(task)
        if f"{model}/{task}" not in self.recipes:
            pairs = [name for name in self.recipes if name.endswith(f"/{task}")]
            raise SceneError(f"{model} is not taught on {task}", f"on {task} there is {', '.join(pairs)}")
        return cards

    def knobs(self, model: str, task: str) -> dict[str, Knob]:
        """Every knob of a pair, with the defaults that hold for it: the model's, the task's, training's."""
        model_card, task_card = self.pair(model, task)
        own = self.recipes[f"{model}/{task}"]
        every = (*model_card.knobs, *task_card.knobs, *self.training)
        return {
            knob.name: msgspec.structs.replace(knob, default=own[knob.name]) if knob.name in own else knob
            for knob in every
        }

    def signals(self, model: str, values: Mapping[str, Value]) -> dict[str, SignalCard]:
        """The signals of a model with these knob values, by full name."""
        layers = int(values.get("n_layers", 1))
        found = {}
        for card in self.model(model).signals:
            for layer in range(layers if "{layer}" in card.name else 1):
                name = card.name.replace("{layer}", str(layer))
                found[name] = msgspec.structs.replace(card, name=name)
        return found

    def checkpoint(self, model: str, task: str, values: Mapping[str, Value], seed: int) -> Checkpoint | None:
        """The shipped weights with exactly these knobs and this seed, if there are any."""
        for found in self.checkpoints:
            if (found.model, found.task, found.seed) == (model, task, seed) and found.knobs == values:
                return found
        return None


@cache
def catalogue() -> Catalogue:
    """The catalogue that came with this seqtui."""
    text = files("seqtui").joinpath("catalogue.json").read_bytes()
    return msgspec.json.decode(text, type=Catalogue)
