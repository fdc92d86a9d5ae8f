"""Explanations: the parts of a number add up to it, and taking one away says what it did."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtui.errors import UsageError
from seqtui.signals import (
    Cell,
    Explanation,
    Given,
    Trace,
    WeightCell,
    explain,
    explain_cell,
)
from tests.unit.reference import attention_pass, gru_pass, lstm_pass, spoken_indices

LSTM = lstm_pass(4, 3, 5, torch.float64, 7, 1.0)
ATTENTION = attention_pass(4, 2, 3, torch.float64, 7, 0.5)


def test_parts_add_up_to_the_number() -> None:
    found = explain(LSTM, "l.f", step=4, unit=2)
    total = sum(part.value for part in found.parts)
    assert total == pytest.approx(found.reading.total, abs=1e-14)
    assert found.value == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-14)
    assert found.value == LSTM["l.f"].values[3, 2]


def test_what_belongs_together_is_one_part_and_the_largest_comes_first() -> None:
    found = explain(LSTM, "l.f", step=2, unit=0)
    groups = [part.group for part in found.parts]
    assert sorted(groups) == ["bias", "input", *["state"] * 5]
    sizes = [abs(part.value) for part in found.parts]
    assert sizes == sorted(sizes, reverse=True)
    together = {part.group: len(part.terms) for part in found.parts}
    assert together == {"input": 3, "bias": 2, "state": 1}


def test_minus_one_is_the_last_step() -> None:
    last = explain(LSTM, "l.h", step=-1, unit=1)
    assert last.index == (4, 1)
    assert last.value == explain(LSTM, "l.h", step=4, unit=1).value
    by_cell = explain_cell(LSTM, Cell("l.h", (-1, 1)))
    assert (by_cell.index, by_cell.reading.value) == ((4, 1), last.reading.value)


def test_step_zero_is_an_end() -> None:
    found = explain(LSTM, "l.c", step=0, unit=3)
    initial = LSTM["l.c"].initial
    assert initial is not None
    assert (found.value, found.end, found.parts) == (initial[3], "the state before the first step", ())


def test_the_first_step_leads_to_the_initial_state() -> None:
    kept = explain(LSTM, "l.c", step=1, unit=3).reading.terms[0]
    assert [factor.source for factor in kept.factors] == [Cell("l.f", (1, 3)), Cell("l.c", (0, 3))]


def test_a_given_ends_with_its_source() -> None:
    found = explain(ATTENTION, "a.mask", query=1, key=2)
    assert (found.value, found.end) == (-math.inf, "a position sees itself and what came before")


def test_what_was_set_by_hand_is_an_end() -> None:
    f = LSTM["l.f"]
    fixed = np.zeros_like(f.values, dtype=bool)
    fixed[2, 1] = True
    forced = replace(f, values=np.where(fixed, 1.0, f.values), fixed=fixed)
    trace = replace(LSTM, signals={**LSTM.signals, "l.f": forced})
    assert explain(trace, "l.f", step=3, unit=1).end == "set by hand"
    assert explain(trace, "l.f", step=3, unit=0).end == ""


@pytest.mark.parametrize(
    ("name", "where", "message"),
    [
        ("l.ff", {"step": 1, "unit": 0}, r"no signal 'l.ff' · did you mean 'l.f'\?"),
        ("l.f", {"step": 1}, r"l.f: unit is missing · its axes are step, unit"),
        ("l.f", {"step": 1, "unit": 0, "head": 2}, r"l.f: it has no axis 'head' · its axes are step, unit"),
        ("l.f", {"step": 5, "unit": 0}, r"l.f has no step 5 · steps run from 1 to 4"),
        ("l.f", {"step": 0, "unit": 0}, r"l.f has no step 0 · steps run from 1 to 4"),
        ("l.h", {"step": 5, "unit": 0}, r"l.h has no step 5 · steps run from 0 to 4"),
        ("l.h", {"step": 0, "unit": 9}, r"l.h has no unit 9 · units run from 0 to 4"),
        ("l.f", {"step": 1, "unit": -1}, r"l.f has no unit -1 · units run from 0 to 4"),
    ],
)
def test_what_does_not_exist_is_named(name: str, where: dict[str, int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        explain(LSTM, name, **where)


def without_by_hand(found: Explanation, part: int) -> float:
    """What `without` has to be: all other terms, summed again, through the same finish."""
    rest = [t.value for p, other in enumerate(found.parts) if p != part for t in other.terms]
    total = math.fsum(rest)
    match found.reading.finish:
        case "sigmoid":
            return 1 / (1 + math.exp(-total))
        case "tanh":
            return math.tanh(total)
        case _:
            return total


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["l.f", "l.g", "l.c", "l.h", "embedding.x"]), st.integers(1, 4), st.integers(0, 2))
def test_without_a_part_is_the_sum_of_the_others(name: str, step: int, unit: int) -> None:
    found = explain(LSTM, name, step=step, unit=unit)
    for place, part in enumerate(found.parts):
        assert found.without(part) == pytest.approx(without_by_hand(found, place), abs=1e-12)


def test_without_a_key_the_other_keys_share_its_weight() -> None:
    found = explain(ATTENTION, "a.pattern", head=1, query=4, key=2)
    row = ATTENTION["a.pattern"].values[1, 3]
    for part in found.parts:
        source = part.terms[0].factors[0].source
        assert isinstance(source, Cell)
        key = source.index[2]
        expected = 0.0 if key == 2 else row[1] / (1 - row[key - 1])
        assert found.without(part) == pytest.approx(expected, abs=1e-12)


def test_a_masked_key_has_no_share() -> None:
    found = explain(ATTENTION, "a.pattern", head=0, query=2, key=3)
    assert (found.value, found.reading.value) == (0.0, 0.0)
    assert len(found.parts) == 4


def test_the_only_key_of_a_row_has_it_all_and_without_it_there_is_no_row() -> None:
    found = explain(ATTENTION, "a.pattern", head=0, query=1, key=1)
    assert found.reading.value == pytest.approx(1.0)
    own = next(part for part in found.parts if part.value)
    assert math.isnan(found.without(own))


def test_what_is_not_a_number_comes_first() -> None:
    x = LSTM["embedding.x"]
    broken = replace(x, values=np.where(np.arange(3) == 1, np.nan, x.values))
    trace = replace(LSTM, signals={**LSTM.signals, "embedding.x": broken})
    found = explain(trace, "l.f", step=2, unit=0)
    assert found.parts[0].group == "input"
    assert math.isnan(found.parts[0].value)
    rest = [abs(part.value) for part in found.parts[1:]]
    assert rest == sorted(rest, reverse=True)


@pytest.mark.parametrize(
    "trace",
    [LSTM, ATTENTION, gru_pass(3, 2, 3, torch.float32, 1, 1.0)],
    ids=["lstm", "attention", "gru"],
)
def test_every_number_can_be_followed_to_a_weight_or_an_end(trace: Trace) -> None:
    """From every cell of every signal, down through every factor that has a source."""
    waiting = [Cell(name, index) for name, signal in trace.items() for index in spoken_indices(signal)]
    seen = set(waiting)
    ends = set()
    while waiting:
        cell = waiting.pop()
        found = explain_cell(trace, cell)
        if found.end:
            ends.add(found.end)
            continue
        assert found.parts, cell
        for term in found.reading.terms:
            for factor in term.factors:
                source = factor.source
                if isinstance(source, WeightCell):
                    assert factor.value == trace.weights[source.path][source.index]
                elif source is None:
                    assert factor.through == "constant"
                elif source not in seen:
                    seen.add(source)
                    waiting.append(source)
    given_here = {s.recipe.source for s in trace.values() if isinstance(s.recipe, Given)}
    assert ends <= given_here | {"the state before the first step"}
