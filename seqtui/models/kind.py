"""What every model has in common: a Config (its knobs), a Module, and cards that name its signals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import torch
from torch import Generator, Tensor, nn

from seqtui.catalogue import SignalCard


class SequenceModel(nn.Module, ABC):
    """The one contract: token ids (B, T) in, logits (B, T, V) out; logits[:, t] speak of what follows t."""

    @abstractmethod
    def forward(self, ids: Tensor) -> Tensor:
        """Logits (B, T, V) of ids (B, T)."""

    @abstractmethod
    def initialise(self, generator: Generator) -> None:
        """Draw every weight anew, from this generator alone."""


@dataclass(frozen=True)
class ModelKind:
    """A kind of model: `build(config, vocabulary_size)` makes an untrained one, weights not yet drawn.

    learns: "steps" of gradient descent, or by "counting" the training data once (its `fit`).
    """

    name: str
    title: str
    text: str
    config: type[msgspec.Struct]
    module: Callable[[Any, int], SequenceModel]
    signals: tuple[SignalCard, ...]
    learns: Literal["steps", "counting"] = "steps"

    def build(self, config: msgspec.Struct, vocabulary_size: int) -> SequenceModel:
        """The module in eval mode; its weights mean nothing until `initialise` or `load_state_dict`."""
        # torch draws first weights from the process's own random numbers, which stay where they are.
        # (The meta device draws none, but it imports torch's compiler: a second of every start.)
        with torch.random.fork_rng(devices=[]):
            return self.module(config, vocabulary_size).eval()


def output_signals() -> tuple[SignalCard, ...]:
    """The two signals that end every model with an output over a vocabulary."""
    return (
        SignalCard("output.logits", ("step", "token"), "y", "logits", "measured"),
        SignalCard("output.probs", ("step", "token"), "p", "odds", "simplex"),
    )
