"""Models to trace and what their traces are held against: an explicit loop over torch's own cells."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from seqtui.models import MODELS
from seqtui.signals import Array, Trace
from seqtui.store import checkpoints_folder

Kind = Literal["rnn", "lstm", "gru"]
KINDS: tuple[Kind, ...] = ("rnn", "lstm", "gru")
LETTERS = ("‹", *"abcdefghijklmnopqrstuvwxyz")
MODULES: dict[Kind, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def opening_lines() -> list[str]:
    """The Scenes of all shipped opening traces, from the files themselves."""
    found = []
    for path in sorted(checkpoints_folder().glob("*.npz")):
        with np.load(path, allow_pickle=False) as archive:
            found.append(json.loads(archive["header"].tobytes())["scene"])
    return found


def language_model(kind: str, seed: int = 1, scale: float = 1.0, **knobs: Any) -> nn.Module:
    """A model of the catalogue with random weights; `scale` makes its gates move."""
    card = MODELS[kind]
    model = card.build(card.config(**knobs), len(LETTERS))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) * scale * 0.5)
    return model


def ids_of(word: str) -> Tensor:
    """‹ and the letters of a word."""
    return torch.tensor([0, *(LETTERS.index(c) for c in word)])


class Reader(nn.Module):
    """A learner's own module: vectors in by a table, one recurrent layer in either layout, odds out."""

    def __init__(self, layer: nn.RNNBase, initial: Any = None, *, alone: bool = False) -> None:
        super().__init__()
        self.table = nn.Embedding(len(LETTERS), layer.input_size, dtype=layer.weight_ih_l0.dtype)
        self.layer = layer
        self.initial, self.alone = initial, alone
        self.last: Any = None

    def forward(self, ids: Tensor) -> Tensor:
        x = self.table(ids)  # (B, T, D)
        if self.alone:
            h, self.last = self.layer(x[0], self.initial)
            return h[None]  # type: ignore[no-any-return]
        h, self.last = self.layer(x if self.layer.batch_first else x.transpose(0, 1), self.initial)
        return h if self.layer.batch_first else h.transpose(0, 1)  # type: ignore[no-any-return]


def by_cells(
    kind: Kind, weights: dict[str, Array], x: Array, h: Tensor, c: Tensor, nonlinearity: str = "tanh"
) -> dict[str, Array]:
    """h (and c) of every step by nn.RNNCell, nn.LSTMCell or nn.GRUCell, x (T, D) and h, c (H,)."""
    D, H = x.shape[1], len(h)
    has_bias = "bias_ih_l0" in weights
    options: dict[str, Any] = {"bias": has_bias, "dtype": h.dtype}
    cell: nn.Module
    if kind == "rnn":
        cell = nn.RNNCell(D, H, nonlinearity=nonlinearity, **options)
    else:
        cell = {"lstm": nn.LSTMCell, "gru": nn.GRUCell}[kind](D, H, **options)
    cell.load_state_dict({name.removesuffix("_l0"): torch.from_numpy(w) for name, w in weights.items()})
    found: dict[str, list[Tensor]] = {"h": [], "c": []}
    with torch.no_grad():
        for x_t in torch.from_numpy(x):
            if kind == "lstm":
                h, c = cell(x_t, (h, c))
            else:
                h = cell(x_t, h)
            found["h"].append(h)
            found["c"].append(c)
    return {symbol: torch.stack(states).numpy() for symbol, states in found.items()}


def layer_weights(trace: Trace, path: str) -> dict[str, Array]:
    """The weights of one module of a trace, by torch's own names."""
    return {
        name.removeprefix(f"{path}."): w for name, w in trace.weights.items() if name.startswith(f"{path}.")
    }


def equal(a: Trace, b: Trace) -> bool:
    """Whether every number of two traces is the same, to the last bit."""
    return list(a) == list(b) and all(
        np.array_equal(signal.values, b[name].values, equal_nan=True) for name, signal in a.items()
    )
