"""Whole models: names, words and weights of their traces, and that looking leaves no mark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from seqtui.catalogue import catalogue
from seqtui.errors import SceneError, TraceError
from seqtui.models import MODELS
from seqtui.scene import Force, Scene
from seqtui.signals import Affine, Embed, Given, Recur, Ref, Softmax, Sum, Trace, Weight, explain
from seqtui.tasks import TASKS
from seqtui.tracing import forced_forward, trace_model, trace_scene
from tests.unit.reference import apart, check_recipes
from tests.unit.traced import KINDS, LETTERS, Kind, equal, ids_of, language_model

MARIA = ids_of("maria")


def traced(kind: str, **knobs: object) -> Trace:
    return trace_model(language_model(kind, **knobs), MARIA, vocabulary=LETTERS)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", sorted(MODELS))
@pytest.mark.parametrize("n_layers", [1, 2])
def test_a_trace_has_the_signals_of_its_card(kind: str, n_layers: int) -> None:
    layers = {} if kind == "markov" else {"n_layers": n_layers}
    trace = traced(kind, **layers)
    cards = catalogue().signals(kind, layers)
    assert sorted(trace) == sorted(name for name in cards if kind != "markov" or name.startswith("output"))
    for name, signal in trace.items():
        assert (signal.axes, signal.range) == (cards[name].axes, cards[name].range), name
        assert name.endswith("logits") or signal.symbol == cards[name].symbol


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_every_number_equals_its_recipe(kind: str) -> None:
    trace = traced(kind)
    assert check_recipes(trace, 1e-5) == sum(signal.values.size for signal in trace.values())


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_logits_are_what_the_model_returns_and_odds_add_up_to_one(kind: str) -> None:
    model = language_model(kind)
    trace = trace_model(model, MARIA, vocabulary=LETTERS)
    with torch.no_grad():
        logits = model(MARIA[None])[0]
    assert np.array_equal(trace["output.logits"].values, logits.numpy())
    odds = trace["output.probs"]
    assert apart(odds.values.sum(axis=1), np.ones(6, np.float32)) <= 1e-6
    assert odds.recipe == Softmax("output.logits")


def test_recipes_of_an_lstm_say_what_the_lesson_says() -> None:
    trace = traced("lstm", hidden_size=12)
    path = "layers.0.lstm"
    assert trace[f"{path}.f"].recipe == Recur(
        Ref("embedding.x"),
        Weight(f"{path}.weight_ih_l0", "W_xf", 12, 24),
        Ref(f"{path}.h", 1),
        Weight(f"{path}.weight_hh_l0", "W_hf", 12, 24),
        (Weight(f"{path}.bias_ih_l0", "b_f", 12, 24),),
        (Weight(f"{path}.bias_hh_l0", "b_f", 12, 24),),
        None,
        "sigmoid",
    )
    assert trace["embedding.x"].recipe == Embed(Weight("embedding.weight", "E"))
    read_out = Affine(Ref(f"{path}.h"), Weight("output.weight", "W_y"), (Weight("output.bias", "b_y"),))
    assert trace["output.logits"].recipe == read_out
    rows = {s: trace[f"{path}.{s}"].recipe.weight_x.start for s in "ifgo"}  # type: ignore[attr-defined]
    assert rows == {"i": 0, "f": 12, "g": 24, "o": 36}


def test_a_second_layer_reads_the_first() -> None:
    trace = traced("gru", n_layers=2)
    recipe = trace["layers.1.gru.n"].recipe
    assert isinstance(recipe, Recur)
    assert (recipe.input, recipe.gate) == (Ref("layers.0.gru.h"), Ref("layers.1.gru.r"))
    assert [bias.symbol for bias in (*recipe.bias_x, *recipe.bias_h)] == ["b_xn", "b_hn"]


def test_formulas_are_those_of_the_equations() -> None:
    lstm, gru, rnn = (traced(kind) for kind in ("lstm", "gru", "rnn"))
    assert lstm["layers.0.lstm.f"].formula == r"f_t = \sigma(W_{xf} x_t + W_{hf} h_{t-1} + b_f)"
    assert lstm["layers.0.lstm.c"].formula == r"c_t = f_t \odot c_{t-1} + i_t \odot g_t"
    assert lstm["layers.0.lstm.h"].formula == r"h_t = o_t \odot \tanh c_t"
    assert gru["layers.0.gru.h"].formula == r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}"
    assert rnn["layers.0.rnn.h"].formula == r"h_t = \tanh(W_x x_t + W_h h_{t-1} + b)"
    assert rnn["output.logits"].formula == r"y_t = W_y h_t + b_y"


@pytest.mark.parametrize("order", [0, 1])
def test_a_markov_chain_shows_its_table(order: int) -> None:
    trace = traced("markov", order=order)
    table = Weight("table", "log P")
    assert list(trace) == ["output.logits", "output.probs"]
    assert trace["output.logits"].recipe == (Embed(table) if order else Sum(bias=(table,)))
    assert check_recipes(trace, 1e-5) == 2 * 6 * 27


def test_a_trace_holds_its_own_copy_of_weights_and_numbers() -> None:
    model = language_model("lstm", hidden_size=3)
    trace = trace_model(model, MARIA, vocabulary=LETTERS)
    assert trace.weights.keys() == dict(model.named_parameters()).keys()
    kept = {path: weight.copy() for path, weight in trace.weights.items()}
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
    assert all(np.array_equal(trace.weights[path], weight) for path, weight in kept.items())
    assert check_recipes(trace, 1e-5) > 0


def test_tokens_and_words_of_a_trace() -> None:
    model = language_model("rnn")
    trace = trace_model(
        model, MARIA, vocabulary=LETTERS, notes=("a note",), scene="rnn/names", weights_hash="ab"
    )
    assert trace.tokens == ("‹", "m", "a", "r", "i", "a")
    assert (trace.scene, trace.notes, trace.weights_hash) == ("rnn/names", ("a note",), "ab")
    assert trace_model(model, [3, 1]).tokens == ("3", "1")
    assert "output.probs" not in trace_model(model, [3, 1])


@pytest.mark.parametrize("ids", [[], [[1, 2]]])
def test_a_trace_is_of_one_sequence(ids: list[int]) -> None:
    with pytest.raises(TraceError, match="one sequence"):
        trace_model(language_model("rnn"), ids)


# ── scenes ──


@dataclass
class Loaded:
    """A model of the catalogue over a real task."""

    model: nn.Module
    task: object
    weights_hash: str = "0123"


@pytest.fixture
def loaded() -> Loaded:
    return Loaded(language_model("lstm", hidden_size=6), TASKS["names"]())


def test_a_scene_is_traced_with_its_tasks_words(loaded: Loaded) -> None:
    trace = trace_scene(Scene("lstm", "names", "Zoë"), loaded)  # type: ignore[arg-type]
    assert (trace.tokens, trace.targets) == (("‹", "z", "o", "e"), ("z", "o", "e", "›"))
    assert (trace.vocabulary, trace.weights_hash) == (LETTERS, "0123")
    assert trace.scene == "lstm/names?input=Zoë"
    assert len(trace.notes) == 1
    assert trace["output.probs"].axes == ("step", "token")


def test_a_scene_without_input_reads_the_first_example(loaded: Loaded) -> None:
    trace = trace_scene(Scene("lstm", "names"), loaded)  # type: ignore[arg-type]
    assert "".join(trace.tokens[1:]) == catalogue().task("names").examples[0]


def test_an_empty_input_reads_the_mark_alone(loaded: Loaded) -> None:
    trace = trace_scene(Scene("lstm", "names", ""), loaded)  # type: ignore[arg-type]
    assert (trace.tokens, trace.steps) == (("‹",), 1)
    assert check_recipes(trace, 1e-5) > 0


def test_a_scenes_forces_are_on(loaded: Loaded) -> None:
    scene = Scene("lstm", "names", "maria", force=(Force("layers.0.lstm.f", 1.0),))
    trace = trace_scene(scene, loaded)  # type: ignore[arg-type]
    assert (trace["layers.0.lstm.f"].values == 1).all()
    assert trace.scene.endswith("force=layers.0.lstm.f:1")
    with pytest.raises(SceneError):
        trace_scene(scene.with_(force=(Force("layers.0.gru.z", 1.0),)), loaded)  # type: ignore[arg-type]


# ── looking leaves no mark ──


def hooks_of(model: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in model.modules())


@pytest.mark.parametrize("kind", KINDS)
def test_looking_leaves_mode_random_numbers_hooks_and_gradients_alone(kind: Kind) -> None:
    model = language_model(kind, dropout=0.5, n_layers=2)
    model.train()
    model.get_submodule("layers.0").eval()
    modes = [module.training for module in model.modules()]
    torch.manual_seed(5)
    state = torch.get_rng_state()
    name = f"layers.0.{kind}.h"
    trace_model(model, MARIA, vocabulary=LETTERS, force=[Force(name, 0.5)])
    forced_forward(model, MARIA[None], [Force(name, 0.5)])
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), state)
    assert hooks_of(model) == 0
    assert all(weight.grad is None and weight.requires_grad for weight in model.parameters())
    assert torch.is_grad_enabled()


def test_dropout_is_off_while_looking() -> None:
    model = language_model("lstm", dropout=0.9).train()
    assert equal(trace_model(model, MARIA), trace_model(model, MARIA))


def test_a_model_that_draws_random_numbers_does_not_move_the_stream() -> None:
    class Noisy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(27, 3)
            self.output = nn.Linear(3, 27)

        def forward(self, ids: Tensor) -> Tensor:
            x = self.embedding(ids)
            return self.output(x + torch.randn_like(x))  # type: ignore[no-any-return]

    model = Noisy()
    state = torch.get_rng_state()
    trace = trace_model(model, MARIA, vocabulary=LETTERS)
    assert torch.equal(torch.get_rng_state(), state)
    assert trace["output.x"].recipe == Given("computed by Noisy.forward")
    assert check_recipes(trace, 1e-5) > 0


def test_everything_is_put_back_when_the_model_fails() -> None:
    model = language_model("lstm").train()
    with pytest.raises(IndexError):
        trace_model(model, [99])
    with pytest.raises(SceneError):
        forced_forward(model, MARIA[None], [Force("layers.0.lstm.f", 1.0, 99)])
    assert hooks_of(model) == 0
    assert model.training


# ── where an operand comes from ──


class Path(nn.Module):
    """An embedding and a read-out, with something in between."""

    def __init__(self, between: str) -> None:
        super().__init__()
        self.between = between
        self.embedding = nn.Embedding(27, 4)
        self.output = nn.Linear(4, 27, bias=False)
        if between == "tied":
            self.output.weight = self.embedding.weight

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embedding(ids)
        if self.between == "added in place":
            x += 1.0
        if self.between == "added":
            x = x + 1.0
        if self.between == "turned":
            x = x.transpose(0, 1).transpose(0, 1)
        if self.between == "flipped":
            x = x.flip(1)
        if self.between == "time first":
            return self.output(x.transpose(0, 1)).transpose(0, 1)  # type: ignore[no-any-return]
        return self.output(x)  # type: ignore[no-any-return]


@pytest.mark.parametrize("between", ["nothing", "turned", "tied", "time first"])
def test_an_input_that_is_an_earlier_signal_is_known_to_be_it(between: str) -> None:
    trace = trace_model(Path(between), MARIA, vocabulary=LETTERS)
    assert list(trace) == ["embedding.x", "output.logits", "output.probs"]
    assert trace["output.logits"].recipe == Affine(Ref("embedding.x"), Weight("output.weight", "W_y"))
    assert check_recipes(trace, 1e-5) == 6 * (4 + 27 + 27)


@pytest.mark.parametrize("between", ["added", "added in place", "flipped"])
def test_an_input_that_was_computed_on_the_way_is_given(between: str) -> None:
    trace = trace_model(Path(between), MARIA, vocabulary=LETTERS)
    assert trace["output.x"].recipe == Given("computed by Path.forward")
    assert explain(trace, "output.x", step=1, unit=0).end == "computed by Path.forward"
    assert check_recipes(trace, 1e-5) == 6 * (4 + 27 + 27)


def test_logits_that_were_computed_on_the_way_are_given() -> None:
    class Bare(nn.Module):
        def forward(self, ids: Tensor) -> Tensor:
            return nn.functional.one_hot(ids, 27).float()

    trace = trace_model(Bare(), MARIA, vocabulary=LETTERS)
    assert trace["output.logits"].recipe == Given("computed by Bare.forward")
    assert check_recipes(trace, 1e-5) == 6 * 27


def test_a_table_that_is_read_with_other_ids_is_given() -> None:
    class Positions(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.positions = nn.Embedding(27, 4)

        def forward(self, ids: Tensor) -> Tensor:
            return self.positions(torch.arange(ids.shape[1])[None])  # type: ignore[no-any-return]

    recipe = trace_model(Positions(), MARIA)["positions.x"].recipe
    assert recipe == Given("rows of positions.weight for other ids than the tokens'")
