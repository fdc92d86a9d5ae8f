"""Dropout whose mask can be repeated: torch's own takes no generator."""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn


class Dropout(nn.Module):
    """While training, y = m ⊙ x / (1 − p) with m ~ Bernoulli(1 − p); in eval mode y = x itself.

    p: the share that is silenced, 0 ≤ p < 1. Shapes: x and y the same. The scale keeps the mean of y at x.
    Source: Srivastava et al. 2014; on what a recurrent layer hands up, not on its way through time,
    Zaremba, Sutskever & Vinyals 2014.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.generator: Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        keep = torch.empty_like(x).bernoulli_(1 - self.p, generator=self.generator)
        return x * keep / (1 - self.p)


def use_generator(model: nn.Module, generator: Generator) -> None:
    """Let every Dropout of a model draw its masks from this generator."""
    for part in model.modules():
        if isinstance(part, Dropout):
            part.generator = generator
