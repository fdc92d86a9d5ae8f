"""Where a network begins: first weights, drawn from one generator."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor, nn


def uniform(weight: Tensor, bound: float, generator: Generator) -> None:
    """Fill with U(−bound, bound)."""
    nn.init.uniform_(weight, -bound, bound, generator=generator)


def embedding(table: nn.Embedding, generator: Generator) -> None:
    """Every vector ~ N(0, 1), as in torch."""
    nn.init.normal_(table.weight, generator=generator)


def linear(layer: nn.Linear, generator: Generator) -> None:
    """W, b ~ U(−1/√D, 1/√D) for D inputs, as in torch."""
    bound = 1 / math.sqrt(layer.in_features)
    uniform(layer.weight, bound, generator)
    uniform(layer.bias, bound, generator)


def recurrent(cell: nn.RNNBase, kind: str, scale: float, generator: Generator) -> None:
    """One recurrent layer: all of it ~ U(−1/√H, 1/√H) as in torch, then W_hh as `kind` says, times `scale`.

    kind: uniform (left as drawn), orthogonal (every gate's H × H block keeps lengths) or identity (every
    block copies the state: for a relu RNN, Le, Jaitly & Hinton 2015). W_hh is (gates · H, H).
    """
    H = cell.hidden_size
    for weight in cell.parameters():
        uniform(weight, 1 / math.sqrt(H), generator)
    W_hh = cell.weight_hh_l0
    assert isinstance(W_hh, Tensor)
    with torch.no_grad():
        for block in W_hh.chunk(len(W_hh) // H):  # one (H, H) block a gate
            if kind == "orthogonal":
                nn.init.orthogonal_(block, generator=generator)
            elif kind == "identity":
                nn.init.eye_(block)
        W_hh.mul_(scale)


def gate_bias(cell: nn.RNNBase, gate: int, value: float | Tensor) -> None:
    """Set one gate's bias. torch keeps two that are added up: the first gets the value, the second 0."""
    H = cell.hidden_size
    with torch.no_grad():
        for name, part in (("bias_ih_l0", value), ("bias_hh_l0", 0.0)):
            getattr(cell, name)[gate * H : (gate + 1) * H] = part


def chrono_bias(hidden_size: int, longest: int, generator: Generator) -> Tensor:
    """b = log u, u ~ U(1, longest − 1): a gate σ(b) forgets after about u steps.

    Shape (H,). Source: Tallec & Ollivier 2018.
    """
    u = torch.empty(hidden_size).uniform_(1, max(longest - 1, 1), generator=generator)
    return u.log()
