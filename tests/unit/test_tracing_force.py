"""Interventions: numbers are set, everything after them follows from the same equations, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from seqtui.errors import SceneError, TraceError
from seqtui.scene import Force, Steps
from seqtui.signals import Trace, explain, recompute
from seqtui.tracing import forced_forward, trace_model
from tests.unit.reference import apart, check_recipes
from tests.unit.traced import KINDS, LETTERS, MODULES, Kind, Reader, equal, ids_of, language_model

SYMBOLS: dict[Kind, str] = {"rnn": "h", "lstm": "ifgoch", "gru": "rznh"}
STEPS = st.sampled_from(
    [None, Steps(1, 1), Steps(3, 3), Steps(2, 4), Steps(4, None), Steps(None, 2), Steps(6, 9)]
)
MARIA = ids_of("maria")


@st.composite
def forced_models(draw: st.DrawFn) -> tuple[nn.Module, list[Force]]:
    """A language model of one or two layers, and one to three forces on it."""
    kind, layers = draw(st.sampled_from(KINDS)), draw(st.integers(1, 2))
    model = language_model(
        kind, seed=draw(st.integers(0, 99)), hidden_size=5, embedding_size=4, n_layers=layers
    )
    forces = [
        Force(
            f"layers.{draw(st.integers(0, layers - 1))}.{kind}.{draw(st.sampled_from(SYMBOLS[kind]))}",
            draw(st.sampled_from([0.0, 1.0, -1.0, 0.37, 3.0])),
            draw(st.none() | st.integers(0, 4)),
            draw(STEPS),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    return model, forces


def traced(model: nn.Module, forces: list[Force], ids: Tensor = MARIA) -> Trace:
    return trace_model(model, ids, vocabulary=LETTERS, force=forces)


@settings(max_examples=80, deadline=None)
@given(forced_models())
def test_every_number_of_a_forced_trace_follows_from_its_recipe(made: tuple[nn.Module, list[Force]]) -> None:
    """h and c that were set feed the next steps and layers: were they not, the recipes would not hold."""
    model, forces = made
    trace = traced(model, forces)
    check_recipes(trace, 1e-5)
    for force in forces:
        fixed = trace[force.signal].fixed
        assert fixed is not None
        wanted = np.zeros((6, 5), dtype=bool)
        for other in (f for f in forces if f.signal == force.signal):
            for step in range(1, 7):
                if other.steps is None or step in other.steps:
                    wanted[step - 1, slice(None) if other.unit is None else other.unit] = True
        assert np.array_equal(fixed, wanted)


@settings(max_examples=60, deadline=None)
@given(forced_models())
def test_what_is_set_is_set_and_the_last_force_wins(made: tuple[nn.Module, list[Force]]) -> None:
    model, forces = made
    trace = traced(model, forces)
    wanted: dict[str, Any] = {}
    for force in forces:
        numbers = wanted.setdefault(force.signal, np.full((6, 5), np.nan, np.float32))
        for step in range(1, 7):
            if force.steps is None or step in force.steps:
                numbers[step - 1, slice(None) if force.unit is None else force.unit] = force.value
    for name, numbers in wanted.items():
        set_ = ~np.isnan(numbers)
        assert np.array_equal(trace[name].values[set_], numbers[set_])


@settings(max_examples=40, deadline=None)
@given(forced_models())
def test_steps_before_the_first_force_stay_as_they_were_to_the_last_bit(
    made: tuple[nn.Module, list[Force]],
) -> None:
    model, forces = made
    first = min((force.steps.first or 1) if force.steps else 1 for force in forces)
    plain, forced = traced(model, []), traced(model, forces)
    for name, signal in plain.items():
        if "output" in name:  # one matrix product for all steps, whose rounding may depend on the others
            assert apart(forced[name].values[: first - 1], signal.values[: first - 1]) <= 1e-6
        else:
            assert np.array_equal(forced[name].values[: first - 1], signal.values[: first - 1]), name


@settings(max_examples=40, deadline=None)
@given(forced_models())
def test_clearing_a_force_brings_back_bit_equal_numbers(made: tuple[nn.Module, list[Force]]) -> None:
    model, forces = made
    before = traced(model, [])
    with torch.no_grad():
        logits = model(MARIA[None])
    assert not equal(before, traced(model, [*forces, Force(forces[0].signal, 0.123)]))
    assert equal(before, traced(model, []))
    with torch.no_grad():
        assert torch.equal(model(MARIA[None]), logits)
    assert torch.equal(forced_forward(model, MARIA[None], []), logits)


@settings(max_examples=40, deadline=None)
@given(forced_models(), st.integers(0, 99))
def test_a_batch_is_forced_like_each_of_its_sequences(made: tuple[nn.Module, list[Force]], seed: int) -> None:
    model, forces = made
    ids = torch.randint(27, (4, 6), generator=torch.Generator().manual_seed(seed))
    logits = forced_forward(model, ids, forces)
    for row, sequence in zip(logits, ids, strict=True):
        alone = traced(model, forces, sequence)["output.logits"].values
        assert apart(row.numpy(), alone) <= 1e-5


def test_forcing_the_forget_gate_keeps_all_that_was_ever_written() -> None:
    model = language_model("lstm", hidden_size=4)
    trace = traced(model, [Force("layers.0.lstm.f", 1.0)])
    i, g, c = (trace[f"layers.0.lstm.{symbol}"].values for symbol in "igc")
    assert apart(c, np.cumsum(i * g, axis=0)) <= 1e-6


def test_a_forced_reset_gate_reaches_the_candidate() -> None:
    model = language_model("gru", hidden_size=4)
    free, shut = traced(model, []), traced(model, [Force("layers.0.gru.r", 0.0, None, Steps(3, 3))])
    n, r = shut["layers.0.gru.n"], shut["layers.0.gru.r"]
    assert (r.values[2] == 0).all()
    assert apart(n.values[2], free["layers.0.gru.n"].values[2]) > 1e-3
    assert apart(recompute(shut, "layers.0.gru.n"), n.values) <= 1e-6


def test_forcing_a_state_changes_what_is_carried_on() -> None:
    model = language_model("lstm", hidden_size=3)
    free, forced = traced(model, []), traced(model, [Force("layers.0.lstm.c", 2.0, 1, Steps(3, 3))])
    for symbol in "ifgoch":
        difference = np.abs(forced[f"layers.0.lstm.{symbol}"].values - free[f"layers.0.lstm.{symbol}"].values)
        assert (difference[:2] == 0).all()
        assert difference[3:].max() > 1e-4, symbol
    assert forced["layers.0.lstm.c"].values[2, 1] == 2.0
    assert explain(forced, "layers.0.lstm.c", step=3, unit=1).end == "set by hand"


def test_a_range_that_is_left_is_a_measured_one() -> None:
    model = language_model("lstm", hidden_size=3)
    assert traced(model, [Force("layers.0.lstm.f", 1.0)])["layers.0.lstm.f"].range == "gate"
    forced = traced(model, [Force("layers.0.lstm.f", 4.0)])["layers.0.lstm.f"]
    assert (forced.range, forced.limits) == ("measured", (-4.0, 4.0))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", ["batch first", "time first", "alone"])
def test_a_learners_own_module_gets_what_was_forced_and_its_last_state(kind: Kind, layout: str) -> None:
    torch.manual_seed(0)
    layer = MODULES[kind](3, 4, batch_first=layout == "batch first")
    model = Reader(layer, alone=layout == "alone")
    forces = [Force("layer.h", 0.5, 2, Steps(4, None))]
    h = forced_forward(model, MARIA[None], forces)
    assert h.shape == (1, 6, 4)
    assert (h[0, 3:, 2] == 0.5).all()
    last = model.last[0] if kind == "lstm" else model.last
    assert last.shape == ((1, 4) if layout == "alone" else (1, 1, 4))
    assert torch.equal(last.flatten(), h[0, -1])
    trace = trace_model(model, MARIA, force=forces)
    assert apart(trace["layer.h"].values, h[0].numpy()) == 0
    assert check_recipes(trace, 1e-5) > 0


def test_half_precision_is_forced_in_its_own_type() -> None:
    model = language_model("gru", hidden_size=4).to(torch.bfloat16)
    logits = forced_forward(model, MARIA[None], [Force("layers.0.gru.z", 0.0)])
    assert logits.dtype == torch.bfloat16


@pytest.mark.parametrize("name", ["embedding.x", "output.logits"])
def test_the_ends_of_the_model_can_be_forced(name: str) -> None:
    model = language_model("lstm", hidden_size=4, embedding_size=4)
    trace = traced(model, [Force(name, 0.25, 1, Steps(2, 3))])
    assert (trace[name].values[1:3, 1] == 0.25).all()
    assert check_recipes(trace, 1e-5) > 0


def test_a_markov_chain_can_be_forced() -> None:
    model = language_model("markov")
    trace = traced(model, [Force("output.logits", 0.0)])
    assert apart(trace["output.probs"].values, np.full((6, 27), 1 / 27, np.float32)) <= 1e-6


class Twice(nn.Module):
    """One module that is called twice in one pass."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(27, 4)
        self.rnn = nn.RNN(4, 4, batch_first=True)

    def forward(self, ids: Tensor) -> Tensor:
        h: Tensor = self.rnn(self.embedding(ids))[0]
        return self.rnn(h)[0]  # type: ignore[no-any-return]


def test_a_second_call_is_forced_by_its_number() -> None:
    torch.manual_seed(0)
    model = Twice()
    free = trace_model(model, MARIA)
    first = trace_model(model, MARIA, force=[Force("rnn.h", 0.5)])
    second = trace_model(model, MARIA, force=[Force("rnn#2.h", 0.5)])
    assert (first["rnn.h"].values == 0.5).all()
    assert not (first["rnn#2.h"].values == 0.5).any()
    assert np.array_equal(second["rnn.h"].values, free["rnn.h"].values)
    assert (second["rnn#2.h"].values == 0.5).all()
    assert check_recipes(second, 1e-5) > 0


@pytest.mark.parametrize(
    ("force", "error", "message"),
    [
        (Force("layers.0.lstm.ff", 1), SceneError, r"no signal 'layers.0.lstm.ff' to force · did you mean"),
        (Force("layers.1.lstm.f", 1), SceneError, r"no signal 'layers.1.lstm.f' .* 'layers.0.lstm.f'"),
        (
            Force("layers.0.lstm.f", 1, 4),
            SceneError,
            r"layers.0.lstm.f has no unit 4 · units run from 0 to 3",
        ),
        (
            Force("layers.0.lstm.f", 1, None, Steps(7, None)),
            SceneError,
            r"force=layers.0.lstm.f@7\.\.:1 begins after the last step · steps run from 1 to 6",
        ),
        (Force("layers.0.lstm#2.f", 1), TraceError, r"layers.0.lstm was not called 2 times"),
    ],
)
def test_a_force_that_nothing_answers_to_is_an_error(
    force: Force, error: type[Exception], message: str
) -> None:
    model = language_model("lstm", hidden_size=4)
    with pytest.raises(error, match=message):
        traced(model, [force])


def test_a_batch_that_ends_before_the_force_is_left_alone() -> None:
    model = language_model("lstm", hidden_size=4)
    late = [Force("layers.0.lstm.f", 1.0, None, Steps(9, None))]
    with torch.no_grad():
        assert torch.equal(forced_forward(model, MARIA[None], late), model(MARIA[None]))


def test_a_module_that_reads_something_else_cannot_be_forced() -> None:
    class Summary(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(27, 4)
            self.head = nn.Linear(4, 2)

        def forward(self, ids: Tensor) -> Tensor:
            return self.head(self.embedding(ids).mean(1))  # type: ignore[no-any-return]

    with pytest.raises(TraceError, match="head did not read the whole sequence"):
        trace_model(Summary(), MARIA, force=[Force("head.y", 1.0)])
    assert list(trace_model(Summary(), MARIA)) == ["embedding.x"]
