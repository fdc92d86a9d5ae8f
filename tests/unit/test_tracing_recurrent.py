"""Recover, then verify: what a fused kernel kept to itself equals torch's cells, one step at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from seqtui.errors import TraceError
from seqtui.signals import Array, Given, Trace
from seqtui.tracing import trace_model
from seqtui.tracing.kinds import HANDLERS
from seqtui.tracing.lstm import LSTMHandler
from tests.unit.reference import TOLERANCE, apart, check_recipes
from tests.unit.traced import KINDS, MODULES, Kind, Reader, by_cells, ids_of, language_model, layer_weights

SYMBOLS = {"rnn": ["h"], "lstm": ["f", "i", "o", "g", "c", "h"], "gru": ["r", "z", "n", "h"]}


def gates_by_hand(kind: Kind, weights: dict[str, Array], x: Tensor, before: Tensor) -> dict[str, Tensor]:
    """Every gate from x (T, D) and the states before (T, H), by torch's functions alone."""
    w = {name: torch.from_numpy(weight) for name, weight in weights.items()}
    from_x = F.linear(x, w["weight_ih_l0"], w.get("bias_ih_l0"))
    from_h = F.linear(before, w["weight_hh_l0"], w.get("bias_hh_l0"))
    if kind == "lstm":
        i, f, g, o = (from_x + from_h).chunk(4, dim=-1)
        return {"i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid()}
    if kind == "gru":
        (x_r, x_z, x_n), (h_r, h_z, h_n) = from_x.chunk(3, dim=-1), from_h.chunk(3, dim=-1)
        r = (x_r + h_r).sigmoid()
        return {"r": r, "z": (x_z + h_z).sigmoid(), "n": (x_n + r * h_n).tanh()}
    return {}


def check_layer(trace: Trace, path: str, kind: Kind, x: Array, tolerance: float, phi: str = "tanh") -> None:
    """All signals of one layer equal an explicit loop of torch's cells over the same weights."""
    weights = layer_weights(trace, path)
    h, c = (trace.get(f"{path}.{symbol}") for symbol in "hc")
    start = torch.from_numpy(h.initial)
    again = by_cells(kind, weights, x, start, torch.from_numpy(c.initial) if c else start, phi)
    assert apart(h.values, again["h"]) <= tolerance
    if c:
        assert apart(c.values, again["c"]) <= tolerance
    before = torch.cat([start[None], torch.from_numpy(again["h"][:-1])])
    for symbol, gate in gates_by_hand(kind, weights, torch.from_numpy(x), before).items():
        assert apart(trace[f"{path}.{symbol}"].values, gate.numpy()) <= tolerance, symbol


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.tuples(st.integers(1, 6), st.integers(1, 5), st.integers(1, 6)),
    st.sampled_from([torch.float32, torch.float64]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["none", "given", "alone"]),
    st.integers(0, 2**31),
)
def test_a_module_of_any_layout_equals_its_cells(
    kind: Kind,
    sizes: tuple[int, int, int],
    dtype: torch.dtype,
    batch_first: bool,
    bias: bool,
    states: str,
    seed: int,
) -> None:
    T, D, H = sizes
    torch.manual_seed(seed)
    layer = MODULES[kind](D, H, bias=bias, batch_first=batch_first, dtype=dtype)
    for weight in layer.parameters():
        nn.init.normal_(weight)
    shape = (1, H) if states == "alone" else (1, 1, H)
    h_0, c_0 = torch.randn(*shape, dtype=dtype), torch.randn(*shape, dtype=dtype)
    initial: Any = None if states == "none" else (h_0, c_0) if kind == "lstm" else h_0
    model = Reader(layer, initial, alone=states == "alone")
    trace = trace_model(model, torch.randint(27, (T,)))

    assert list(trace) == ["table.x", *(f"layer.{symbol}" for symbol in SYMBOLS[kind])]
    h = trace["layer.h"]
    assert h.initial is not None
    assert np.array_equal(h.initial, np.zeros(H) if initial is None else h_0.flatten().numpy())
    check_layer(trace, "layer", kind, trace["table.x"].values, 1e-6 if dtype == torch.float32 else 1e-12)
    assert check_recipes(trace, TOLERANCE[dtype]) > 0
    assert not any(isinstance(signal.recipe, Given) for signal in trace.values())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_layers", [1, 3])
def test_a_language_model_equals_its_cells_layer_by_layer(kind: Kind, n_layers: int) -> None:
    model = language_model(kind, hidden_size=9, embedding_size=5, n_layers=n_layers)
    trace = trace_model(model, ids_of("mississippi"))
    x = trace["embedding.x"].values
    for layer in range(n_layers):
        path = f"layers.{layer}.{kind}"
        check_layer(trace, path, kind, x, 1e-6)
        x = trace[f"{path}.h"].values
    assert check_recipes(trace, 1e-5) == 12 * (5 + n_layers * 9 * len(SYMBOLS[kind]) + 27)


@pytest.mark.parametrize("phi", ["tanh", "relu", "sigmoid"])
def test_every_activation_of_the_plain_cell(phi: str) -> None:
    model = language_model("rnn", hidden_size=6, activation=phi, scale=0.6)
    trace = trace_model(model, ids_of("elizabeth"))
    h, range_ = trace["layers.0.rnn.h"], {"tanh": "tanh", "relu": "measured", "sigmoid": "gate"}[phi]
    assert h.range == range_
    assert check_recipes(trace, 1e-5) > 0
    if phi != "sigmoid":
        check_layer(trace, "layers.0.rnn", "rnn", trace["embedding.x"].values, 1e-6, phi)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_recovered_within_its_own_rounding(kind: Kind, dtype: torch.dtype) -> None:
    model = language_model(kind, hidden_size=8).to(dtype)
    trace = trace_model(model, ids_of("christopher"))
    assert {signal.values.dtype for signal in trace.values()} == {np.dtype(np.float32)}
    assert check_recipes(trace, 2e-2) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_five_thousand_steps_stay_within_tolerance(kind: Kind) -> None:
    model = language_model(kind, hidden_size=16)
    ids = torch.randint(27, (5000,), generator=torch.Generator().manual_seed(0))
    trace = trace_model(model, ids)
    path = f"layers.0.{kind}"
    check_layer(trace, path, kind, trace["embedding.x"].values, 1e-5)


# ── what goes wrong ──


class Wrong(nn.LSTM):
    """An LSTM whose forward lies at one place; registered as if it were torch's own."""

    lie = 0.0

    def forward(self, input: Tensor, hx: Any = None) -> Any:  # type: ignore[override]
        out, last = super().forward(input, hx)
        out = out.clone()
        out[0, 2, 1] += self.lie
        return out, last


@pytest.fixture
def liar(monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.setitem(HANDLERS, Wrong, LSTMHandler())
    torch.manual_seed(0)
    return Reader(Wrong(3, 4, batch_first=True))


def test_a_disagreement_names_module_signal_step_and_size(liar: Reader) -> None:
    assert isinstance(liar.layer, Wrong)
    liar.layer.lie = 0.25
    with pytest.raises(TraceError, match=r"^layer.h at step 3, unit 1: recovered .*, 0.25 apart"):
        trace_model(liar, ids_of("maria"))


@pytest.mark.parametrize("lie", [1e-3, 5e-5, float("nan"), float("inf")])
def test_a_small_lie_is_found_too(liar: Reader, lie: float) -> None:
    assert isinstance(liar.layer, Wrong)
    liar.layer.lie = lie
    with pytest.raises(TraceError, match="at step"):
        trace_model(liar, ids_of("maria"))


def test_a_last_cell_that_disagrees_is_named_by_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    class LateLiar(nn.LSTM):
        def forward(self, input: Tensor, hx: Any = None) -> Any:  # type: ignore[override]
            out, (h, c) = super().forward(input, hx)
            return out, (h, c + 0.5)

    monkeypatch.setitem(HANDLERS, LateLiar, LSTMHandler())
    with pytest.raises(TraceError, match=r"layer.c at step 6, unit 0: .* 0.5 apart"):
        trace_model(Reader(LateLiar(3, 4, batch_first=True)), ids_of("maria"))


def test_a_subclass_with_a_forward_of_its_own_is_not_taken_for_its_parent() -> None:
    model = Reader(Wrong(3, 4, batch_first=True))
    trace = trace_model(model, ids_of("maria"))
    assert list(trace) == ["table.x"]


def test_a_subclass_without_one_is() -> None:
    class Named(nn.LSTM):
        pass

    trace = trace_model(Reader(Named(3, 4, batch_first=True)), ids_of("maria"))
    assert "layer.f" in trace


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize(
    "options", [{"num_layers": 2}, {"bidirectional": True}, {"proj_size": 2}], ids=lambda o: next(iter(o))
)
def test_what_cannot_be_seen_into_leaves_a_given_behind(options: dict[str, Any]) -> None:
    class Tagger(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(27, 3)
            self.lstm = nn.LSTM(3, 4, batch_first=True, **options)
            self.output = nn.Linear({"bidirectional": 8, "proj_size": 2}.get(next(iter(options)), 4), 27)

        def forward(self, ids: Tensor) -> Tensor:
            result: Tensor = self.output(self.lstm(self.embedding(ids))[0])
            return result

    trace = trace_model(Tagger(), ids_of("maria"))
    assert list(trace) == ["embedding.x", "output.x", "output.logits"]
    assert trace["output.x"].recipe == Given("computed by Tagger.forward")
    assert check_recipes(trace, 1e-5) == 6 * (3 + 27)


def test_a_packed_sequence_is_said_to_be_one() -> None:
    class Packs(Reader):
        def forward(self, ids: Tensor) -> Tensor:
            packed = nn.utils.rnn.pack_padded_sequence(self.table(ids), torch.tensor([3]), batch_first=True)
            return self.layer(packed)[1][0]  # type: ignore[no-any-return]

    with pytest.raises(TraceError, match="layer reads a packed sequence"):
        trace_model(Packs(nn.LSTM(3, 4, batch_first=True)), ids_of("maria"))


# ── explosions are pictures ──


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("seed", range(6))
def test_a_relu_network_that_explodes_is_traced(dtype: torch.dtype, seed: int) -> None:
    torch.manual_seed(seed)
    layer = nn.RNN(4, 8, nonlinearity="relu", batch_first=True, dtype=dtype)
    for weight in layer.parameters():
        nn.init.normal_(weight, std=30.0 if dtype == torch.float32 else 1e8)
    model = Reader(layer)
    ids = torch.randint(27, (60,))
    trace = trace_model(model, ids)
    assert not np.isfinite(trace["layer.h"].values).all()
    with torch.no_grad():
        assert np.array_equal(trace["layer.h"].values, model(ids[None])[0].numpy(), equal_nan=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("broken", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("where", ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0"])
def test_weights_that_are_no_numbers_are_traced(kind: Kind, broken: float, where: str) -> None:
    model = language_model(kind, hidden_size=6)
    with torch.no_grad():
        dict(model.named_parameters())[f"layers.0.{kind}.{where}"].view(-1)[2] = broken
    trace = trace_model(model, ids_of("maria"))
    assert check_recipes(trace, 1e-5) > 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [3.0, 30.0, 1e20, 1e37])
def test_weights_of_any_size_are_traced(kind: Kind, size: float) -> None:
    """Large terms that cancel leave a rounding error above the tolerance: that is no disagreement."""
    model = language_model(kind, scale=size, hidden_size=128, embedding_size=64)
    ids = ids_of("elizabeth" * 20)
    trace = trace_model(model, ids)
    h = trace[f"layers.0.{kind}.h"].values
    with torch.no_grad():
        x = model.get_submodule("embedding")(ids[None])
        layer = model.get_submodule(f"layers.0.{kind}")
        assert np.array_equal(h, layer(x)[0][0].numpy(), equal_nan=True)
