"""The models. A new one is one file of its family and one line here."""

from seqtui.models.autoregressive import MARKOV
from seqtui.models.kind import ModelKind, SequenceModel
from seqtui.models.recurrent import GRU, LSTM, RNN

MODELS: dict[str, ModelKind] = {kind.name: kind for kind in (MARKOV, RNN, LSTM, GRU)}

__all__ = ["MODELS", "ModelKind", "SequenceModel"]
