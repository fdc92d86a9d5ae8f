"""What looking inside costs, beside running the same modules, on one thread."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from benchmarks.report import Row, in_turn
from seqtui.models import MODELS
from seqtui.scene import Force
from seqtui.tracing import forced_forward, trace_model

TIMES = 25
V = 27


class Stack(nn.Module):
    """Vectors by a table, then recurrent modules one after the other: ids (B, T) → h (B, T, H)."""

    def __init__(self, kind: Callable[..., nn.RNNBase], D: int, H: int, layers: int = 1) -> None:
        super().__init__()
        self.embedding = nn.Embedding(V, D)
        self.layers = nn.ModuleList(kind(H if n else D, H, batch_first=True) for n in range(layers))

    def forward(self, ids: Tensor) -> Tensor:
        x: Tensor = self.embedding(ids)
        for layer in self.layers:
            x = layer(x)[0]
        return x


def compare(
    what: str, ours: Callable[[], object], peer: str, theirs: Callable[[], object], limit: str
) -> Row:
    """What ours takes, and what theirs takes."""

    def milliseconds(act: Callable[[], object]) -> float:
        with torch.no_grad():
            began = time.perf_counter()
            act()
            return 1000 * (time.perf_counter() - began)

    milliseconds(ours)
    milliseconds(theirs)
    one, other = in_turn(TIMES, lambda: milliseconds(ours), lambda: milliseconds(theirs))
    return Row(what, one, "ms", limit, peer, other)


def tokens(*shape: int) -> Tensor:
    """Token ids, the same every time."""
    return torch.randint(V, shape, generator=torch.Generator().manual_seed(0))


def traces() -> list[Row]:
    """A trace beside the model's own forward pass; a long one beside as many steps in short ones."""
    kinds: dict[str, Callable[..., nn.RNNBase]] = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}
    found = [
        _beside_forward(f"trace, {name}(256), T=512", Stack(kinds[name], 64, 256), "≤ 2 ×") for name in kinds
    ]
    found.append(_beside_forward("trace, 3 × LSTM(256), T=512", Stack(nn.LSTM, 64, 256, layers=3), "≤ 3 ×"))
    model, ids = Stack(nn.LSTM, 32, 64), tokens(5000)
    long = compare(
        "trace, LSTM(64), T=5,000",
        lambda: trace_model(model, ids),
        "ten of T=500",
        lambda: [trace_model(model, part) for part in ids.reshape(10, 500)],
        "linear in T",
    )
    return [*found, long]


def _beside_forward(what: str, model: nn.Module, limit: str) -> Row:
    ids = tokens(512)
    return compare(what, lambda: trace_model(model, ids), "its own forward", lambda: model(ids[None]), limit)


def score(kind: str) -> Row:
    """As many names as are held out, under an intervention, beside the same batch without."""
    card = MODELS[kind]
    model, ids = card.build(card.config(hidden_size=64), V), tokens(500, 12)
    with torch.no_grad():
        for weight in model.parameters():
            nn.init.normal_(weight)
    force = [Force(f"layers.0.{kind}.h", 0.5, 3)]
    return compare(
        f"500 names, {kind}(64), with a force",
        lambda: forced_forward(model, ids, force),
        "without it",
        lambda: model(ids),
        "≤ 1,000 ms",
    )


def rows() -> list[Row]:
    """Every row."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [*traces(), *map(score, ("rnn", "lstm", "gru"))]
    finally:
        torch.set_num_threads(before)
