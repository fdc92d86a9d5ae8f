"""What lessons open with: shipped traces are what the tracer gives for the shipped weights, now."""

from __future__ import annotations

import pytest

from seqtui.errors import StateError
from seqtui.scene import parse
from seqtui.shipped import checkpoint_of, opening_trace
from seqtui.signals import Trace
from seqtui.tracing import forced_forward, trace_scene
from seqtui.training.checkpoints import load_model
from tests.unit.reference import apart, check_recipes
from tests.unit.traced import opening_lines

LINES = opening_lines()


def shipped(line: str) -> Trace:
    trace = opening_trace(line)
    if trace is None:
        raise StateError(f"{line} has an opening trace of other weights")
    return trace


def test_there_are_opening_traces() -> None:
    assert "lstm/names?input=maria" in LINES


@pytest.mark.parametrize("line", LINES)
def test_every_number_of_an_opening_trace_equals_its_recipe(line: str) -> None:
    trace = shipped(line)
    assert check_recipes(trace, 1e-5) == sum(signal.values.size for signal in trace.values())


@pytest.mark.parametrize("line", LINES)
def test_an_opening_trace_is_what_the_tracer_gives(line: str) -> None:
    scene = parse(line)
    here, there = trace_scene(scene, load_model(scene)), shipped(line)
    assert list(here) == list(there)
    assert (here.tokens, here.targets, here.weights_hash) == (there.tokens, there.targets, there.weights_hash)
    for name, signal in here.items():
        assert signal.recipe == there[name].recipe
        assert signal.formula == there[name].formula
        assert apart(there[name].values, signal.values) <= 1e-5, name


@pytest.mark.parametrize("gate", ["f", "i", "o"])
def test_a_forced_gate_changes_the_held_out_score_and_clearing_it_brings_it_back(gate: str) -> None:
    loaded = load_model(parse("lstm/names"))
    forces = parse(f"lstm/names?force=layers.0.lstm.{gate}:1").force
    model, task = loaded.model, loaded.task
    before = task.score(model)
    checkpoint = checkpoint_of(parse("lstm/names"))
    assert checkpoint is not None
    assert before == pytest.approx(checkpoint.score, abs=1e-6)
    assert task.score(model, lambda ids: forced_forward(model, ids, forces)) > before + 0.1
    assert task.score(model) == before
    assert task.score(model, lambda ids: forced_forward(model, ids, ())) == before
