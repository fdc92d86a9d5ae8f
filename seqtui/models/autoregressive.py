"""Models whose memory is a fixed number of tokens: here a table of counts, the control for all that follow.

Key: B batch, T time, V vocabulary.
"""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
import torch
from msgspec import Meta
from torch import Generator, Tensor, nn

from seqtui.models.kind import ModelKind, SequenceModel, output_signals


class MarkovConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The knobs of `markov`."""

    order: Annotated[
        int,
        Meta(
            ge=0, le=1, title="order", description="0 counts letters, 1 counts pairs: the newest token alone"
        ),
    ] = 1
    smoothing: Annotated[
        float,
        Meta(
            ge=0.001,
            le=100,
            title="smoothing",
            description="added to every count, so that nothing has odds 0",
        ),
    ] = 1.0


class Markov(SequenceModel):
    """p(next = j) = (n_j + a) / Σ_k (n_k + a), counted over all tokens (order 0) or after each (order 1).

    `table` holds log p: (V,) for order 0, (V, V) for order 1, row i speaking of what follows token i.
    Shapes: ids (B, T) → logits (B, T, V), which are already log-probabilities.
    """

    def __init__(self, config: MarkovConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.config = config
        V = vocabulary_size
        self.table = nn.Parameter(torch.empty((V,) if config.order == 0 else (V, V)))

    def forward(self, ids: Tensor) -> Tensor:
        if self.config.order == 0:
            return self.table.expand(*ids.shape, -1)  # the same odds whatever was read
        return self.table[ids]  # (B, T, V)

    def initialise(self, generator: Generator) -> None:
        """Before anything is counted every token has the same odds; nothing is drawn."""
        nn.init.constant_(self.table, -math.log(self.table.shape[-1]))

    def fit(self, inputs: Tensor, targets: Tensor) -> None:
        """Count. inputs and targets: token ids of one shape; a target below 0 is not counted."""
        seen = targets >= 0
        V = self.table.shape[-1]
        pairs = inputs[seen] * V + targets[seen]
        counts = torch.bincount(pairs, minlength=V * V).reshape(V, V).double()
        if self.config.order == 0:
            counts = counts.sum(0)
        counts += self.config.smoothing
        with torch.no_grad():
            self.table.copy_((counts / counts.sum(-1, keepdim=True)).log())


MARKOV = ModelKind(
    "markov",
    "Markov chain",
    "a table of what followed what: no state, the newest token alone",
    MarkovConfig,
    Markov,
    output_signals(),
    learns="counting",
)
