"""Recurrent language models: read a token, change the state, guess the next token.

Key: B batch, T time, D input, E embedding, H hidden, V vocabulary.
The equations of one step stand in `cells.py`; here torch's fused layers run them over whole sequences.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
import torch
from msgspec import Meta
from torch import Generator, Tensor, nn

from seqtui.catalogue import SignalCard
from seqtui.models import initial
from seqtui.models.cells import CellWeights, rnn_state
from seqtui.models.dropout import Dropout
from seqtui.models.kind import ModelKind, SequenceModel, output_signals

# ── the knobs ──


class RecurrentConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What every recurrent model lets you turn."""

    hidden_size: Annotated[
        int, Meta(ge=1, le=512, title="hidden", description="units in the state of each layer")
    ] = 12
    embedding_size: Annotated[
        int, Meta(ge=1, le=512, title="embedding", description="numbers that stand for one token")
    ] = 32
    n_layers: Annotated[
        int, Meta(ge=1, le=3, title="layers", description="each layer reads the states of the one below")
    ] = 1
    dropout: Annotated[
        float,
        Meta(ge=0, le=0.9, title="dropout", description="share of a layer's output silenced in training"),
    ] = 0.0
    init: Annotated[
        Literal["uniform", "orthogonal", "identity"],
        Meta(title="init", description="how the recurrent matrix W_h begins"),
    ] = "uniform"
    init_scale: Annotated[
        float, Meta(ge=0, le=10, title="init scale", description="what W_h is multiplied by at the start")
    ] = 1.0


class RNNConfig(RecurrentConfig, frozen=True, kw_only=True):
    """The knobs of `rnn`."""

    activation: Annotated[
        Literal["tanh", "relu", "sigmoid"],
        Meta(title="activation", description="what the state is squashed by"),
    ] = "tanh"


Chrono = Annotated[
    int,
    Meta(
        ge=0,
        le=100_000,
        title="chrono init",
        description="the longest time to remember, spread over the gates that keep; 0 is off",
    ),
]


class LSTMConfig(RecurrentConfig, frozen=True, kw_only=True):
    """The knobs of `lstm`."""

    forget_bias: Annotated[
        float,
        Meta(ge=-5, le=10, title="forget bias", description="b_f at the start; chrono init overrules it"),
    ] = 1.0
    chrono: Chrono = 0


class GRUConfig(RecurrentConfig, frozen=True, kw_only=True):
    """The knobs of `gru`."""

    chrono: Chrono = 0


# ── the layers: each holds one torch module, under its symbol ──


class SigmoidRNN(nn.RNN):
    """h_t = σ(W_x x_t + b_x + W_h h_{t−1} + b_h), which nn.RNN does not offer; weights named as torch does.

    Shapes: x (…, T, D) → every h (…, T, H), and the last one (1, …, H).
    """

    weight_ih_l0: Tensor
    weight_hh_l0: Tensor
    bias_ih_l0: Tensor
    bias_hh_l0: Tensor

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, batch_first=True)
        self.nonlinearity = "sigmoid"

    def forward(self, x: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        w = CellWeights(self.weight_ih_l0, self.weight_hh_l0, self.bias_ih_l0, self.bias_hh_l0)
        h = x.new_zeros(*x.shape[:-2], self.hidden_size) if hx is None else hx[0]
        states = []
        for x_t in x.unbind(-2):
            h = rnn_state(x_t, h, w, "sigmoid")
            states.append(h)
        return torch.stack(states, dim=-2), h.unsqueeze(0)


class Layer(nn.Module, ABC):
    """One recurrent layer around one torch module: x (B, T, D) → every h (B, T, H)."""

    def forward(self, x: Tensor) -> Tensor:
        (module,) = self.children()
        h: Tensor
        h, _last = module(x)
        return h

    @abstractmethod
    def initialise(self, config: Any, generator: Generator) -> None:
        """Draw the weights anew."""


class RNNLayer(Layer):
    """One plain recurrent layer: x (B, T, D) → h (B, T, H)."""

    def __init__(self, input_size: int, config: RNNConfig) -> None:
        super().__init__()
        H, phi = config.hidden_size, config.activation
        if phi == "sigmoid":
            self.rnn: nn.RNN = SigmoidRNN(input_size, H)
        else:
            self.rnn = nn.RNN(input_size, H, nonlinearity=phi, batch_first=True)

    def initialise(self, config: RNNConfig, generator: Generator) -> None:
        """Draw the weights anew."""
        initial.recurrent(self.rnn, config.init, config.init_scale, generator)


class LSTMLayer(Layer):
    """One LSTM layer: x (B, T, D) → h (B, T, H). The cell c stays inside: the layer above sees h alone."""

    def __init__(self, input_size: int, config: LSTMConfig) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size, config.hidden_size, batch_first=True)

    def initialise(self, config: LSTMConfig, generator: Generator) -> None:
        """Draw the weights anew. With b_f = 1 the gate starts at σ(1) ≈ 0.73: it begins by remembering.

        Source: Gers et al. 2000; Jozefowicz et al. 2015 for the bias of 1.
        """
        initial.recurrent(self.lstm, config.init, config.init_scale, generator)
        i, f = 0, 1  # torch's order is i f g o
        if config.chrono:
            b_f = initial.chrono_bias(config.hidden_size, config.chrono, generator)
            initial.gate_bias(self.lstm, f, b_f)
            initial.gate_bias(self.lstm, i, -b_f)  # what is kept long is rarely written
        else:
            initial.gate_bias(self.lstm, f, config.forget_bias)


class GRULayer(Layer):
    """One GRU layer: x (B, T, D) → h (B, T, H)."""

    def __init__(self, input_size: int, config: GRUConfig) -> None:
        super().__init__()
        self.gru = nn.GRU(input_size, config.hidden_size, batch_first=True)

    def initialise(self, config: GRUConfig, generator: Generator) -> None:
        """Draw the weights anew."""
        initial.recurrent(self.gru, config.init, config.init_scale, generator)
        z = 1  # torch's order is r z n, and z near 1 keeps the old state
        if config.chrono:
            b_z = initial.chrono_bias(config.hidden_size, config.chrono, generator)
            initial.gate_bias(self.gru, z, b_z)


LAYERS: dict[type[RecurrentConfig], Callable[[int, Any], Layer]] = {
    RNNConfig: RNNLayer,
    LSTMConfig: LSTMLayer,
    GRUConfig: GRULayer,
}


# ── the model ──


class RecurrentModel(SequenceModel):
    """x_t = E[token_t];  h_t = layer(x_t, h_{t−1}), n_layers times;  logits_t = W h_t + b.

    Shapes: ids (B, T) → logits (B, T, V). h_0 = 0 (and c_0 = 0).
    """

    def __init__(self, config: RecurrentConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.config = config
        E, H = config.embedding_size, config.hidden_size
        layer = LAYERS[type(config)]
        self.embedding = nn.Embedding(vocabulary_size, E)
        self.layers = nn.ModuleList(layer(H if n else E, config) for n in range(config.n_layers))
        self.dropout = Dropout(config.dropout)
        self.output = nn.Linear(H, vocabulary_size)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embedding(ids)  # (B, T, E)
        for layer in self.layers:
            x = self.dropout(layer(x))  # (B, T, H)
        logits: Tensor = self.output(x)  # (B, T, V)
        return logits

    def initialise(self, generator: Generator) -> None:
        """Draw every weight anew, from this generator alone."""
        initial.embedding(self.embedding, generator)
        for layer in self.layers:
            assert isinstance(layer, Layer)
            layer.initialise(self.config, generator)
        initial.linear(self.output, generator)


# ── what there is to see in them, in the order of the panels ──


def layer_signal(path: str, title: str, range: str) -> SignalCard:
    """A signal of every layer, one number a unit, that an intervention may set."""
    symbol = path.rpartition(".")[2]
    name = f"layers.{{layer}}.{path}"
    return SignalCard(name, ("step", "unit"), symbol, title, range, "hidden_size", forcible=True)


EMBEDDED = SignalCard("embedding.x", ("step", "unit"), "x", "embedding", "measured", "embedding_size")

RNN = ModelKind(
    "rnn",
    "RNN",
    "one state, rewritten at every step",
    RNNConfig,
    RecurrentModel,
    (EMBEDDED, layer_signal("rnn.h", "hidden", "tanh"), *output_signals()),
)

LSTM = ModelKind(
    "lstm",
    "LSTM",
    "a second state, the cell, guarded by three gates",
    LSTMConfig,
    RecurrentModel,
    (
        EMBEDDED,
        layer_signal("lstm.f", "forget", "gate"),
        layer_signal("lstm.i", "input", "gate"),
        layer_signal("lstm.o", "output", "gate"),
        layer_signal("lstm.g", "candidate", "tanh"),
        layer_signal("lstm.c", "cell", "measured"),
        layer_signal("lstm.h", "hidden", "tanh"),
        *output_signals(),
    ),
)

GRU = ModelKind(
    "gru",
    "GRU",
    "one state and two gates; the reset gate acts after the matrix product, as in torch",
    GRUConfig,
    RecurrentModel,
    (
        EMBEDDED,
        layer_signal("gru.r", "reset", "gate"),
        layer_signal("gru.z", "update", "gate"),
        layer_signal("gru.n", "candidate", "tanh"),
        layer_signal("gru.h", "hidden", "tanh"),
        *output_signals(),
    ),
)
