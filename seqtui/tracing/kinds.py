"""Which handler looks inside which kind of module. A new kind is a file beside this one and a line here."""

from __future__ import annotations

from torch import nn

from seqtui.models.autoregressive import Markov
from seqtui.models.recurrent import SigmoidRNN
from seqtui.tracing.autoregressive import MarkovHandler
from seqtui.tracing.dense import EmbeddingHandler, LinearHandler
from seqtui.tracing.gru import GRUHandler
from seqtui.tracing.handler import Handler
from seqtui.tracing.lstm import LSTMHandler
from seqtui.tracing.rnn import RNNHandler

HANDLERS: dict[type[nn.Module], Handler] = {
    nn.Embedding: EmbeddingHandler(),
    nn.Linear: LinearHandler(),
    nn.RNN: RNNHandler(),
    SigmoidRNN: RNNHandler(),
    nn.LSTM: LSTMHandler(),
    nn.GRU: GRUHandler(),
    Markov: MarkovHandler(),
}


def handler_of(module: nn.Module) -> Handler | None:
    """The handler of the class whose `forward` this module runs: who overrides it is another kind."""
    runs = next(kind for kind in type(module).__mro__ if "forward" in vars(kind))
    handler = HANDLERS.get(runs)
    return handler if handler is not None and handler.knows(module) else None
