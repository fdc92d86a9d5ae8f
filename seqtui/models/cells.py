"""The recurrent equations, written once. Nothing else lives here.

Key: D input, H hidden, any number of leading axes. Weights are torch's own: rows stand gate by gate,
i f g o for the LSTM and r z n for the GRU, and there are two biases that always meet as a sum.
Called for one step they are the explicit path; called with the previous states of a whole sequence
at once they recover every gate that a fused kernel kept to itself.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F


class CellWeights(NamedTuple):
    """torch's four parameters of one layer: W_ih (G·H, D), W_hh (G·H, H), and biases (G·H,) or None."""

    W_ih: Tensor
    W_hh: Tensor
    b_ih: Tensor | None
    b_hh: Tensor | None


class LSTMGates(NamedTuple):
    """Four vectors (…, H): input i, forget f, candidate g, output o."""

    i: Tensor
    f: Tensor
    g: Tensor
    o: Tensor


class GRUGates(NamedTuple):
    """Three vectors (…, H): reset r, update z, candidate n."""

    r: Tensor
    z: Tensor
    n: Tensor


def rnn_state(x: Tensor, h: Tensor, w: CellWeights, activation: str = "tanh") -> Tensor:
    r"""h' = φ(W_x x + b_x + W_h h + b_h), φ being tanh, relu or sigmoid.

    Shapes: x (…, D), h (…, H) → (…, H). Source: Elman 1990.
    """
    pre = F.linear(x, w.W_ih, w.b_ih) + F.linear(h, w.W_hh, w.b_hh)
    result: Tensor = getattr(torch, activation)(pre)
    return result


def lstm_gates(x: Tensor, h: Tensor, w: CellWeights) -> LSTMGates:
    r"""i, f, o = σ(W x + U h + b) and g = tanh(W x + U h + b), each with rows of its own.

    Shapes: x (…, D), h (…, H) → four (…, H).
    Source: Hochreiter & Schmidhuber 1997; forget gate, Gers, Schmidhuber & Cummins 2000.
    """
    pre = F.linear(x, w.W_ih, w.b_ih) + F.linear(h, w.W_hh, w.b_hh)  # (…, 4H)
    i, f, g, o = pre.chunk(4, dim=-1)
    return LSTMGates(i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid())


def lstm_cell(c: Tensor, gates: LSTMGates) -> Tensor:
    """c' = f ⊙ c + i ⊙ g: keep a share of the old cell, write a share of the candidate. All (…, H)."""
    return gates.f * c + gates.i * gates.g


def lstm_hidden(c: Tensor, gates: LSTMGates) -> Tensor:
    """h = o ⊙ tanh c: what the cell shows of itself. All (…, H)."""
    return gates.o * c.tanh()


def gru_gates(x: Tensor, h: Tensor, w: CellWeights, r: Tensor | None = None) -> GRUGates:
    r"""r, z = σ(W x + b + U h + u) and n = tanh(W x + b + r ⊙ (U h + u)).

    Shapes: x (…, D), h (…, H) → three (…, H). An r that is given stands in for the one computed.
    As in torch the reset gate acts *after* the product U h;
    in Cho et al. 2014 it acts before: another model, whose outputs differ.
    """
    x_r, x_z, x_n = F.linear(x, w.W_ih, w.b_ih).chunk(3, dim=-1)
    h_r, h_z, h_n = F.linear(h, w.W_hh, w.b_hh).chunk(3, dim=-1)
    r = (x_r + h_r).sigmoid() if r is None else r
    return GRUGates(r, (x_z + h_z).sigmoid(), (x_n + r * h_n).tanh())


def gru_hidden(h: Tensor, gates: GRUGates) -> Tensor:
    """h' = (1 − z) ⊙ n + z ⊙ h: z = 1 keeps the old state, as in torch and Cho et al. 2014. All (…, H)."""
    return (1 - gates.z) * gates.n + gates.z * h
