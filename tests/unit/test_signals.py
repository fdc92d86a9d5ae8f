"""Signal and Trace: where steps count from 1, and what cannot be asked for."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqtui.errors import UsageError
from seqtui.signals import Array, Given, Range, Signal, Trace
from tests.unit.reference import attention_pass, lstm_pass, spoken_indices


def state(initial: Array | None = None) -> Signal:
    """Three steps of two units: 11 12 · 21 22 · 31 32."""
    values = np.array([[11.0, 12.0], [21.0, 22.0], [31.0, 32.0]])
    return Signal("l.h", values, ("step", "unit"), "measured", "h", "h_t", Given("typed"), initial)


def test_steps_count_from_one_and_minus_one_is_the_last() -> None:
    h = state()
    assert h.at(1).tolist() == [11, 12]
    assert h.at(-1).tolist() == h.at(3).tolist() == [31, 32]
    assert (h.number((2, 1)), h.number((-1, 0))) == (22, 31)


def test_step_zero_is_the_initial_state() -> None:
    h = state(np.array([1.0, 2.0]))
    assert h.at(0).tolist() == [1, 2]
    assert h.number((0, 1)) == 2
    assert not h.is_fixed((0, 1))


@pytest.mark.parametrize("step", [0, 4, -2])
def test_a_step_that_there_is_not_names_those_there_are(step: int) -> None:
    for ask in (state().at, lambda s: state().number((s, 0))):
        with pytest.raises(UsageError, match=rf"l.h has no step {step} · steps run from 1 to 3"):
            ask(step)


@pytest.mark.parametrize(("index", "unit"), [((0, 2), 2), ((1, 5), 5), ((2, -1), -1), ((0, -1), -1)])
def test_a_unit_that_there_is_not_is_named_at_every_step(index: tuple[int, int], unit: int) -> None:
    h = state(np.zeros(2))
    for ask in (h.number, h.is_fixed):
        with pytest.raises(UsageError, match=rf"l.h has no unit {unit} · units run from 0 to 1"):
            ask(index)


def test_a_wrong_number_of_axes_names_them() -> None:
    with pytest.raises(UsageError, match=r"l.h has 2 axes \(step unit\), got 3"):
        state().number((1, 2, 3))


def test_the_initial_state_has_no_place_in_the_array() -> None:
    with pytest.raises(UsageError, match="initial state"):
        state(np.zeros(2)).array_index((0, 1))


def test_heads_count_from_zero_and_queries_and_keys_from_one() -> None:
    pattern = attention_pass(3, 2, 2, torch.float64, 0, 1.0)["a.pattern"]
    assert pattern.array_index((0, 1, 1)) == (0, 0, 0)
    assert pattern.array_index((1, -1, -1)) == (1, 2, 2)
    with pytest.raises(UsageError, match="no key 0 · keys run from 1 to 3"):
        pattern.number((0, 1, 0))


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_every_spoken_index_finds_its_number(T: int, H: int, seed: int) -> None:
    signal = lstm_pass(T, 1, H, torch.float64, seed, 1.0)["l.c"]
    numbers = [signal.number(index) for index in spoken_indices(signal)]
    assert np.array_equal(np.array(numbers).reshape(T, H), signal.values)


@pytest.mark.parametrize(
    ("range_", "limits", "signed"),
    [
        ("gate", (0, 1), False),
        ("simplex", (0, 1), False),
        ("tanh", (-1, 1), True),
        ("measured", (-3, 3), True),
    ],
)
def test_limits_follow_the_range(range_: Range, limits: tuple[float, float], signed: bool) -> None:
    values = np.array([[0.5, -3.0, np.nan, np.inf]])
    signal = Signal("s", values, ("step", "unit"), range_, "s", "s", Given(""))
    assert signal.limits == limits
    assert signal.signed is signed


@pytest.mark.parametrize("values", [[[0.0]], [[np.nan]], [[np.inf]]])
def test_a_measured_signal_always_has_a_scale(values: list[list[float]]) -> None:
    signal = Signal("s", np.array(values), ("step", "unit"), "measured", "s", "s", Given(""))
    assert signal.limits == (-1.0, 1.0)


def test_a_trace_is_a_mapping_that_names_the_nearest() -> None:
    trace = lstm_pass(2, 1, 1, torch.float64, 0, 1.0)
    assert list(trace) == ["embedding.x", "l.i", "l.f", "l.g", "l.o", "l.c", "l.h"]
    assert (len(trace), trace.steps) == (7, 2)
    assert "l.f" in trace
    assert trace.layers == ("embedding", "l")
    assert trace.get("nothing") is None
    assert trace.get("l.f") is trace["l.f"]
    with pytest.raises(UsageError, match=r"no signal 'l.ff' · did you mean 'l.f'\?"):
        trace["l.ff"]
    with pytest.raises(UsageError, match=r"no weight 'l.weight' · did you mean 'l.weight_[ih]h'\?"):
        trace.weight("l.weight")


def test_an_empty_trace_says_that_there_is_none() -> None:
    empty = Trace("", (), np.zeros(0, np.int64), (), {}, {})
    with pytest.raises(UsageError, match=r"no signal 'h' · there is none"):
        empty["h"]
