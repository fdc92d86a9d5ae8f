"""What a task is: text to tokens, batches, a loss, a score, and what the score is compared with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, NamedTuple

import msgspec
from torch import Generator, Tensor, nn

from seqtui.catalogue import Value

Forward = Callable[[Tensor], Tensor]
"""ids (B, T) → logits (B, T, V): a model, or a model under interventions."""


class Encoded(NamedTuple):
    """One text as a model reads it.

    tokens: as they are shown. ids: (T,). targets: the true token after each input, "" where unknown.
    notes: what was done to the text, a sentence each.
    """

    tokens: tuple[str, ...]
    ids: Tensor
    targets: tuple[str, ...]
    notes: tuple[str, ...] = ()


class Batch(NamedTuple):
    """Examples of one step. inputs (B, T); targets (B, T), −100 where there is nothing to learn."""

    inputs: Tensor
    targets: Tensor


class TaskFacts(NamedTuple):
    """What a TaskCard says of a task beside its numbers; the words are explained there."""

    title: str
    text: str
    metric: str
    better: Literal["lower", "higher"]
    fair: str
    element: str
    examples: tuple[str, ...]


class NoKnobs(msgspec.Struct, frozen=True):
    """The Config of a task that has none."""


class Task(ABC):
    """What a model is taught on. Its split is fixed: neither seed nor knobs move a held-out example.

    recipes: for each model that it can teach, the knobs whose defaults differ there.
    bits: nats times this is the metric, where the metric is a loss in bits (else None).
    """

    name: ClassVar[str]
    card_facts: ClassVar[TaskFacts]
    config: ClassVar[type[msgspec.Struct]] = NoKnobs
    recipes: ClassVar[Mapping[str, Mapping[str, Value]]]
    vocabulary: ClassVar[tuple[str, ...]]
    held_out: int
    bits: float | None = None

    def __init__(self, config: msgspec.Struct | None = None) -> None:
        self.settings = config if config is not None else self.config()

    @abstractmethod
    def encode(self, text: str) -> Encoded:
        """A learner's text as tokens; raises InputError where nothing in it can be read."""

    @abstractmethod
    def batch(self, generator: Generator, size: int) -> Batch:
        """`size` training examples, drawn from this generator alone."""

    @abstractmethod
    def everything(self) -> Batch:
        """All training examples at once, for models that count."""

    @abstractmethod
    def loss(self, model: Forward, batch: Batch) -> Tensor:
        """The mean loss of a batch in nats: a scalar with a gradient."""

    @abstractmethod
    def score(self, model: Forward, forward: Forward | None = None) -> float:
        """The metric over the held-out examples, by `forward` where the model is under interventions."""

    @abstractmethod
    def baselines(self) -> dict[str, float]:
        """What the score is compared with, by name, the weakest first."""

    @abstractmethod
    def samples(
        self, model: nn.Module, generator: Generator, n: int, *, temperature: float = 1.0
    ) -> tuple[str, ...]:
        """`n` things that the model makes by itself, drawn from this generator alone."""
