"""The models: their shapes, where their weights begin, and that nothing but their generator is drawn from."""

from __future__ import annotations

import math
from typing import Literal

import msgspec
import pytest
import torch
from torch import Generator, Tensor, nn

from seqtui.models import MODELS, SequenceModel
from seqtui.models.autoregressive import Markov, MarkovConfig
from seqtui.models.cells import CellWeights, rnn_state
from seqtui.models.dropout import Dropout, use_generator
from seqtui.models.recurrent import (
    GRUConfig,
    LSTMConfig,
    RecurrentConfig,
    RecurrentModel,
    RNNConfig,
    SigmoidRNN,
)

V = 11
RECURRENT = [RNNConfig, LSTMConfig, GRUConfig]
SYMBOLS = {RNNConfig: "rnn", LSTMConfig: "lstm", GRUConfig: "gru"}


def made(config: msgspec.Struct, seed: int = 0) -> SequenceModel:
    kind = next(kind for kind in MODELS.values() if kind.config is type(config))
    model = kind.build(config, V)
    model.initialise(Generator().manual_seed(seed))
    return model


def layer(model: nn.Module, n: int = 0) -> nn.RNNBase:
    found = next(iter(model.get_submodule(f"layers.{n}").children()))
    assert isinstance(found, nn.RNNBase)
    return found


def weight(module: nn.RNNBase, name: str) -> Tensor:
    return dict(module.named_parameters())[f"{name}_l0"].detach()


def biases(module: nn.RNNBase) -> Tensor:
    """Both of torch's biases as the one number that they are to a unit."""
    return weight(module, "bias_ih") + weight(module, "bias_hh")


def some_ids(batch: int = 3, steps: int = 7) -> Tensor:
    return torch.randint(V, (batch, steps), generator=Generator().manual_seed(5))


@pytest.mark.parametrize("name", MODELS)
def test_every_model_maps_ids_to_logits_over_the_vocabulary(name: str) -> None:
    model = made(MODELS[name].config())
    assert model(some_ids()).shape == (3, 7, V)
    assert model(some_ids(1, 1)).shape == (1, 1, V)


@pytest.mark.parametrize("name", MODELS)
def test_logits_speak_of_the_past_alone(name: str) -> None:
    model, ids = made(MODELS[name].config()), some_ids()
    changed = ids.clone()
    changed[:, 4:] = (changed[:, 4:] + 1) % V
    torch.testing.assert_close(model(ids)[:, :4], model(changed)[:, :4])


@pytest.mark.parametrize("config", RECURRENT)
@pytest.mark.parametrize("n_layers", [1, 2, 3])
def test_each_layer_holds_one_torch_module_under_its_symbol(
    config: type[RecurrentConfig], n_layers: int
) -> None:
    model = made(config(n_layers=n_layers, hidden_size=4, embedding_size=5))
    names = {name for name, _ in model.named_parameters() if name.startswith("layers")}
    parts = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    assert names == {f"layers.{n}.{SYMBOLS[config]}.{part}" for n in range(n_layers) for part in parts}
    for n in range(n_layers):
        assert (layer(model, n).num_layers, layer(model, n).batch_first) == (1, True)


@pytest.mark.parametrize("config", RECURRENT)
def test_layers_stack_as_in_torchs_own_stack(config: type[RecurrentConfig]) -> None:
    model = made(config(n_layers=2, hidden_size=4, embedding_size=5))
    kinds: dict[type, type[nn.RNN | nn.LSTM | nn.GRU]]
    kinds = {RNNConfig: nn.RNN, LSTMConfig: nn.LSTM, GRUConfig: nn.GRU}
    stack = kinds[config](5, 4, num_layers=2, batch_first=True)
    for n in range(2):
        for name, weight in layer(model, n).named_parameters():
            getattr(stack, name.replace("l0", f"l{n}")).data = weight.data
    assert isinstance(model, RecurrentModel)
    expected = model.output(stack(model.embedding(some_ids()))[0])
    torch.testing.assert_close(model(some_ids()), expected)


def test_sigmoid_rnn_runs_its_equation_over_time_with_torchs_names() -> None:
    module = SigmoidRNN(3, 4)
    assert [name for name, _ in module.named_parameters()] == [
        name for name, _ in nn.RNN(3, 4).named_parameters()
    ]
    w = CellWeights(module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0, module.bias_hh_l0)
    x = torch.randn(2, 5, 3, generator=Generator().manual_seed(0))
    every, last = module(x)
    h = torch.zeros(2, 4)
    for t in range(5):
        h = rnn_state(x[:, t], h, w, "sigmoid")
        torch.testing.assert_close(every[:, t], h)
    torch.testing.assert_close(last, h[None])


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_activation_is_what_the_state_is_squashed_by(activation: Literal["tanh", "relu", "sigmoid"]) -> None:
    model = made(RNNConfig(activation=activation, hidden_size=4, embedding_size=3))
    module = layer(model)
    assert isinstance(module, nn.RNN)
    assert module.nonlinearity == activation
    x = torch.randn(1, 1, 3, generator=Generator().manual_seed(2))
    pre = x @ weight(module, "weight_ih").T + biases(module)
    torch.testing.assert_close(module(x)[0], getattr(torch, activation)(pre))


# ── where weights begin ──


@pytest.mark.parametrize("name", MODELS)
def test_the_same_seed_draws_the_same_weights_and_nothing_else_is_drawn(name: str) -> None:
    torch.manual_seed(123)
    before = torch.get_rng_state()
    first, second = made(MODELS[name].config(), 1), made(MODELS[name].config(), 1)
    other = made(MODELS[name].config(), 2)
    assert torch.equal(before, torch.get_rng_state())
    for key, weight in first.state_dict().items():
        assert torch.equal(weight, second.state_dict()[key])
    if name != "markov":
        assert any(not torch.equal(w, other.state_dict()[k]) for k, w in first.state_dict().items())


@pytest.mark.parametrize("config", RECURRENT)
def test_uniform_init_has_torchs_bounds(config: type[RecurrentConfig]) -> None:
    H = 25
    model = made(config(hidden_size=H, embedding_size=40))
    for name in ("weight_ih", "weight_hh"):
        found = weight(layer(model), name)
        assert float(found.abs().max()) <= 1 / math.sqrt(H)
        assert float(found.std()) == pytest.approx(1 / math.sqrt(3 * H), rel=0.1)


@pytest.mark.parametrize("config", RECURRENT)
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_orthogonal_and_identity_init_fill_each_gates_block(
    config: type[RecurrentConfig], scale: float
) -> None:
    H = 6
    for kind in ("orthogonal", "identity"):
        W = weight(layer(made(config(hidden_size=H, init=kind, init_scale=scale))), "weight_hh")
        for block in W.chunk(len(W) // H):
            torch.testing.assert_close(block @ block.T, scale**2 * torch.eye(H), atol=1e-5, rtol=0)
            if kind == "identity":
                assert torch.equal(block, scale * torch.eye(H))


def test_forget_bias_is_the_sum_of_torchs_two_biases() -> None:
    module = layer(made(LSTMConfig(hidden_size=4, forget_bias=2.5)))
    total = biases(module)  # i f g o
    assert torch.equal(total[4:8], torch.full((4,), 2.5))
    assert not torch.equal(total[:4], torch.full((4,), 2.5))


def test_chrono_spreads_the_gates_that_keep_up_to_the_longest_time() -> None:
    module = layer(made(LSTMConfig(hidden_size=200, chrono=50, forget_bias=9)))
    total = biases(module)
    b_i, b_f = total[:200], total[200:400]
    assert torch.equal(b_i, -b_f)
    assert 0 <= float(b_f.min()) < float(b_f.max()) <= math.log(49)
    assert float(b_f.exp().mean()) == pytest.approx(25, rel=0.15)

    gru = layer(made(GRUConfig(hidden_size=200, chrono=50)))
    b_z = biases(gru)[200:400]
    assert 0 <= float(b_z.min()) < float(b_z.max()) <= math.log(49)


# ── dropout ──


def test_dropout_is_off_in_eval_and_repeats_with_its_generator_in_training() -> None:
    model = made(LSTMConfig(dropout=0.5))
    ids = some_ids()
    clean = made(LSTMConfig())(ids)
    assert torch.equal(model(ids), clean)
    model.train()
    drawn = []
    for seed in (1, 1, 2):
        use_generator(model, Generator().manual_seed(seed))
        drawn.append(model(ids))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    assert not torch.equal(drawn[0], clean)


def test_dropout_silences_its_share_and_keeps_the_mean() -> None:
    dropout = Dropout(0.25)
    dropout.generator = Generator().manual_seed(0)
    y = dropout(torch.ones(100_000))
    assert y.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert float((y == 0).float().mean()) == pytest.approx(0.25, abs=0.01)


def test_dropout_in_eval_hands_on_the_very_same_tensor() -> None:
    x = torch.ones(3)
    assert Dropout(0.5).eval()(x) is x


# ── the table ──


def test_markov_counts_pairs_and_smooths_them() -> None:
    model = Markov(MarkovConfig(order=1, smoothing=1.0), 3)
    inputs, targets = torch.tensor([[0, 1, 1, 2]]), torch.tensor([[1, 1, 0, -100]])
    model.fit(inputs, targets)
    counts = torch.tensor([[0, 1, 0], [1, 1, 0], [0, 0, 0]]) + 1.0
    odds = counts / counts.sum(1, keepdim=True)
    torch.testing.assert_close(model.table.exp(), odds)
    torch.testing.assert_close(model(inputs).exp(), odds[inputs])


def test_markov_of_order_0_says_the_same_after_every_token() -> None:
    model = Markov(MarkovConfig(order=0, smoothing=1.0), 3)
    model.fit(torch.tensor([[0, 1, 1]]), torch.tensor([[1, 1, 0]]))
    torch.testing.assert_close(model.table.exp(), torch.tensor([2.0, 3.0, 1.0]) / 6)
    logits = model(torch.tensor([[0, 2]]))
    assert torch.equal(logits[0, 0], logits[0, 1])


@pytest.mark.parametrize("order", [0, 1])
def test_markov_before_counting_guesses_evenly(order: int) -> None:
    model = made(MarkovConfig(order=order))
    torch.testing.assert_close(model(some_ids()).softmax(-1), torch.full((3, 7, V), 1 / V))


# ── the cards ──


def test_panels_stand_in_the_order_of_the_pictures() -> None:
    titles = {
        name: [card.title for card in MODELS[name].signals if card.name.startswith("layers")]
        for name in ("rnn", "lstm", "gru")
    }
    assert titles == {
        "rnn": ["hidden"],
        "lstm": ["forget", "input", "output", "candidate", "cell", "hidden"],
        "gru": ["reset", "update", "candidate", "hidden"],
    }


@pytest.mark.parametrize("name", MODELS)
def test_every_signal_names_a_path_in_its_module_and_the_knob_of_its_units(name: str) -> None:
    config = MODELS[name].config()
    model = made(config)
    for card in MODELS[name].signals:
        path = card.name.replace("{layer}", "0").rpartition(".")[0]
        assert path == "output" or dict(model.named_modules())[path] is not None
        assert card.symbol in ("y", "p") or card.name.endswith(card.symbol)
        assert isinstance(getattr(config, card.units), int) if card.units else "unit" not in card.axes
        assert card.forcible == card.name.startswith("layers")
