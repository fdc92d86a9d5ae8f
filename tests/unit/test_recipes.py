"""Ten kinds, two readings: `values` = Σ `terms` through `finish` = what torch computed."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtui.signals import (
    Affine,
    Embed,
    Gain,
    Given,
    Recipe,
    Ref,
    Signal,
    Softmax,
    Sum,
    Trace,
    Weight,
    WeightCell,
    explain,
    recompute,
)
from seqtui.signals.recipe import KINDS
from seqtui.signals.terms import sigmoid, softmax
from tests.unit.reference import (
    TOLERANCE,
    Draft,
    apart,
    attention_pass,
    check_recipes,
    embedded,
    gru_pass,
    lstm_pass,
    rnn_pass,
    spoken_indices,
)

DTYPES = st.sampled_from([torch.float32, torch.float64])
SIZES = st.integers(1, 5)
STEPS = st.integers(1, 6)
SEEDS = st.integers(0, 2**31)
SCALES = st.sampled_from([0.1, 1.0, 3.0])
FEW = settings(max_examples=25, deadline=None)


@FEW
@given(STEPS, SIZES, SIZES, DTYPES, SEEDS, SCALES)
def test_lstm_recipes_equal_torch(
    T: int, D: int, H: int, dtype: torch.dtype, seed: int, scale: float
) -> None:
    assert check_recipes(lstm_pass(T, D, H, dtype, seed, scale), TOLERANCE[dtype]) == T * (D + 6 * H)


@FEW
@given(STEPS, SIZES, SIZES, DTYPES, SEEDS, SCALES)
def test_gru_recipes_equal_torch(T: int, D: int, H: int, dtype: torch.dtype, seed: int, scale: float) -> None:
    assert check_recipes(gru_pass(T, D, H, dtype, seed, scale), TOLERANCE[dtype]) == T * (D + 4 * H)


@FEW
@given(STEPS, SIZES, SIZES, DTYPES, SEEDS, st.sampled_from(["tanh", "relu"]))
def test_rnn_recipe_equals_torch(T: int, D: int, H: int, dtype: torch.dtype, seed: int, phi: str) -> None:
    trace = rnn_pass(T, D, H, dtype, seed, 0.7, phi)  # type: ignore[arg-type]
    assert check_recipes(trace, TOLERANCE[dtype]) == T * (D + H)


@FEW
@given(STEPS, st.integers(1, 3), st.integers(1, 4), DTYPES, SEEDS, st.sampled_from([0.1, 0.5, 1.0]))
def test_attention_and_layer_norm_recipes_equal_torch(
    T: int, N: int, K: int, dtype: torch.dtype, seed: int, scale: float
) -> None:
    trace = attention_pass(T, N, K, dtype, seed, scale)
    used = {signal.recipe.kind for signal in trace.values()}
    assert used == {"embed", "sum", "affine", "dot", "given", "softmax", "mix", "norm"}
    assert check_recipes(trace, 3 * TOLERANCE[dtype]) > 0


def test_every_kind_is_reached_by_these_passes() -> None:
    passes = (lstm_pass(3, 2, 2, torch.float64, 0, 1.0), attention_pass(3, 2, 2, torch.float64, 0, 1.0))
    used = {signal.recipe.kind for trace in passes for signal in trace.values()}
    assert used == set(KINDS)
    assert len(KINDS) == 10


def test_an_explosion_is_recomputed_as_it_was() -> None:
    trace = rnn_pass(60, 2, 8, torch.float32, 3, 4.0, "relu")
    h = trace["l.h"].values
    assert not np.isfinite(h).all()
    again = recompute(trace, "l.h")
    calm = np.abs(h).max(axis=1) < 1e30
    assert apart(again[calm], h[calm]) <= 1e-5
    nowhere = np.isnan(h).all(axis=1)
    assert nowhere.any()
    assert np.isnan(again[nowhere]).all()


def test_a_heads_first_signal_is_read_side_by_side() -> None:
    trace = attention_pass(4, 3, 2, torch.float64, 1, 1.0)
    z = trace["a.z"].values  # (N, T, K)
    wide = Ref("a.z").matrix(trace)
    assert np.array_equal(wide, np.concatenate(list(z), axis=-1))
    factor = Ref("a.z").cell(trace, 2, 5)
    assert factor.value == z[2, 1, 1]
    assert factor.source is not None
    assert factor.source.index == (2, 2, 1)


def test_a_shift_reads_the_step_before_or_after_and_the_initial_state_at_the_end() -> None:
    trace = lstm_pass(3, 1, 2, torch.float64, 5, 1.0)
    h, start = trace["l.h"].values, trace["l.h"].initial
    assert start is not None
    assert np.array_equal(Ref("l.h", 1).matrix(trace), [start, h[0], h[1]])
    assert np.array_equal(Ref("l.h", -1).matrix(trace), [h[1], h[2], start])
    assert [Ref("l.h", 1).cell(trace, step, 1).value for step in (1, 2, 3)] == [start[1], h[0, 1], h[1, 1]]
    assert [Ref("l.h", -1).cell(trace, step, 0).value for step in (1, 2, 3)] == [h[1, 0], h[2, 0], start[0]]


def test_a_state_without_an_initial_one_begins_at_zero_and_names_no_cell() -> None:
    trace = rnn_pass(2, 2, 2, torch.float64, 0, 1.0)
    factor = Ref("l.h", 1).cell(trace, 1, 0)
    assert (factor.value, factor.source, factor.through) == (0.0, None, "constant")


def test_weight_rows_are_named_by_the_lesson_and_found_by_torch() -> None:
    trace = lstm_pass(2, 3, 4, torch.float64, 0, 1.0)
    cell = Weight("l.weight_ih", "W_xf", 4, 8).cell(trace, 2, 1)
    assert cell.value == trace.weights["l.weight_ih"][6, 1]
    assert cell.source == WeightCell("l.weight_ih", (6, 1), "W_xf", (2, 1))


@given(st.lists(st.floats(-800, 800), min_size=1, max_size=8))
def test_softmax_and_sigmoid_never_overflow(numbers: list[float]) -> None:
    x = np.array(numbers)
    assert softmax(x).sum() == pytest.approx(1.0)
    assert np.array_equal(softmax(x), softmax(x + 0.0))
    assert apart(sigmoid(x), torch.sigmoid(torch.from_numpy(x)).numpy()) <= 1e-15


def test_a_row_that_is_masked_whole_is_not_a_number_as_in_torch() -> None:
    draft = Draft(2, torch.float64, 0)
    draft.add(
        "s", torch.tensor([[1.0, 2.0], [-math.inf, -math.inf]]).double(), Given("drawn"), ("query", "key")
    )
    odds = torch.softmax(torch.from_numpy(draft.signals["s"].values), -1)
    draft.add("p", odds, Softmax("s"), ("query", "key"))
    trace = draft.trace()
    assert apart(recompute(trace, "p"), odds.numpy()) <= 1e-12
    assert math.isnan(explain(trace, "p", query=2, key=1).reading.value)


def test_a_sum_of_one_vector_is_the_same_at_every_step() -> None:
    draft = Draft(3, torch.float32, 0)
    table = draft.draw("table", 4)
    draft.add("y", table.expand(3, 4), Sum(bias=(Weight("table", "log P"),)))
    assert check_recipes(draft.trace(), 1e-5) == 12
    assert recompute(draft.trace(), "y").dtype == np.float32


def test_a_sum_of_signals_needs_no_weights() -> None:
    draft = Draft(3, torch.float32, 0)
    draft.add("a", draft.random(3, 2), Given("drawn"))
    a = torch.from_numpy(draft.signals["a"].values)
    draft.add("y", a + a, Sum((Ref("a"), Ref("a"))))
    assert check_recipes(draft.trace(), 1e-5) == 6


@pytest.mark.parametrize("through", ["", "tanh", "sigmoid", "relu", "one minus"])
def test_a_gain_says_what_was_done_to_its_source(through: str) -> None:
    trace = lstm_pass(3, 2, 2, torch.float64, 2, 1.0)
    gain = Gain(Ref("l.c"), through)  # type: ignore[arg-type]
    for step, unit in spoken_indices(trace["l.c"]):
        factor = gain.cell(trace, step, unit)
        assert factor.value == pytest.approx(gain.matrix(trace)[step - 1, unit], abs=1e-15)
        assert factor.through == through


def test_what_is_fixed_stays_as_it_was_set() -> None:
    trace = lstm_pass(3, 2, 2, torch.float64, 2, 1.0)
    old = trace["l.f"]
    fixed = np.zeros_like(old.values, dtype=bool)
    fixed[1, 0] = True
    values = np.where(fixed, 1.0, old.values)
    forced = Signal("l.f", values, old.axes, old.range, "f", "f", old.recipe, None, fixed)
    changed = Trace("", trace.tokens, trace.ids, (), {**trace.signals, "l.f": forced}, trace.weights)
    assert apart(recompute(changed, "l.f"), values) <= 1e-12
    assert apart(recompute(changed, "l.c"), trace["l.c"].values) > 1e-3


def test_a_given_is_an_end() -> None:
    recipe: Recipe = Given("the learner")
    trace = lstm_pass(1, 1, 1, torch.float64, 0, 1.0)
    with pytest.raises(LookupError, match="the learner"):
        recipe.values(trace)
    with pytest.raises(LookupError, match="the learner"):
        recipe.reading(trace, (1, 0))


def test_recipes_name_unknown_signals_and_weights() -> None:
    draft = Draft(2, torch.float64, 0)
    embedded(draft, 2)
    trace = draft.trace()
    with pytest.raises(Exception, match=r"no weight 'embeding.weight'.*'embedding.weight'"):
        Embed(Weight("embeding.weight", "E")).values(trace)
    with pytest.raises(Exception, match=r"no signal 'embedding.y'.*'embedding.x'"):
        Affine(Ref("embedding.y"), Weight("embedding.weight", "E")).values(trace)
