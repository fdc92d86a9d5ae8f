"""Traces as files: .npz out and in is the same trace; JSON is JSON whatever the numbers are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from seqtui.errors import StateError
from seqtui.signals import Array, Given, Signal, Trace, recompute
from seqtui.signals.files import load, recipe_from_plain, save, to_json, to_plain
from tests.unit.reference import attention_pass, gru_pass, lstm_pass, rnn_pass

TRACES = [
    lstm_pass(3, 2, 4, torch.float32, 0, 1.0),
    gru_pass(2, 2, 3, torch.float64, 0, 1.0),
    rnn_pass(4, 1, 2, torch.float32, 0, 1.0),
    attention_pass(3, 2, 2, torch.float64, 0, 0.5),
]
FLOATS = st.sampled_from([np.float16, np.float32, np.float64])


def one_signal(values: Array, **other: object) -> Trace:
    """A trace of one signal (T, U)."""
    signal = Signal("a.b", values, ("step", "unit"), "measured", "b", "b_t", Given("typed"))
    trace = Trace("", tuple("x" * len(values)), np.zeros(len(values), np.int64), ("x",), {"a.b": signal}, {})
    return replace(trace, **other)  # type: ignore[arg-type]


def same(a: Trace, b: Trace) -> None:
    """All of it is equal, to the last bit."""
    for field in ("scene", "tokens", "vocabulary", "weights_hash", "targets", "notes"):
        assert getattr(a, field) == getattr(b, field), field
    assert np.array_equal(a.ids, b.ids)
    assert list(a) == list(b)
    for name, signal in a.items():
        other = b[name]
        for field in ("axes", "range", "symbol", "formula", "recipe"):
            assert getattr(signal, field) == getattr(other, field), (name, field)
        for field in ("values", "initial", "fixed"):
            mine, theirs = getattr(signal, field), getattr(other, field)
            assert (mine is None) == (theirs is None), (name, field)
            if mine is not None:
                assert mine.dtype == theirs.dtype
                assert np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f")


@pytest.mark.parametrize("trace", TRACES)
def test_npz_round_trip_with_weights(trace: Trace, tmp_path: Path) -> None:
    save(trace, tmp_path / "t.npz")
    back = load(tmp_path / "t.npz")
    same(trace, back)
    assert back.weights.keys() == trace.weights.keys()
    assert all(np.array_equal(back.weights[path], weight) for path, weight in trace.weights.items())


@pytest.mark.parametrize("trace", TRACES)
def test_npz_without_weights_takes_those_it_is_given(trace: Trace, tmp_path: Path) -> None:
    whole, bare = tmp_path / "whole.npz", tmp_path / "bare.npz"
    save(trace, whole)
    save(trace, bare, weights=False)
    assert bare.stat().st_size < whole.stat().st_size
    assert load(bare).weights == {}
    back = load(bare, weights=trace.weights)
    same(trace, back)
    computed = [name for name, signal in trace.items() if not isinstance(signal.recipe, Given)]
    assert all(np.array_equal(recompute(back, name), recompute(trace, name)) for name in computed)


def test_fixed_numbers_and_words_survive(tmp_path: Path) -> None:
    trace = TRACES[0]
    fixed = np.zeros_like(trace["l.f"].values, dtype=bool)
    fixed[1] = True
    signals = {**trace.signals, "l.f": replace(trace["l.f"], fixed=fixed)}
    words = ("‹", "민", "🤖", "[PAD]", "\n", "\udcff", "")
    trace = replace(
        trace, signals=signals, tokens=words, targets=words, notes=("Ünwörld → unworld",), scene="lstm/names"
    )
    save(trace, tmp_path / "t.npz")
    same(trace, load(tmp_path / "t.npz"))


def test_the_same_trace_is_the_same_file(tmp_path: Path) -> None:
    for name in "ab":
        save(TRACES[3], tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@settings(max_examples=40, deadline=None)
@given(FLOATS.flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5))))
def test_json_is_valid_and_reads_back_to_the_same_numbers(values: Array) -> None:
    def refuse(word: str) -> float:
        raise AssertionError(f"bare {word}")

    text = to_json(one_signal(values))
    rows = json.loads(text, parse_constant=refuse)["signals"]["a.b"]["values"]
    back = np.array([[float(number) for number in row] for row in rows], dtype=values.dtype)
    assert np.array_equal(back, values, equal_nan=True)
    strings = {number for row in rows for number in row if isinstance(number, str)}
    assert strings <= {"NaN", "Infinity", "-Infinity"}


def test_json_writes_the_shortest_decimals() -> None:
    values = np.array([[0.1, -0.0, np.nan, np.inf, -np.inf, 1e30]], dtype=np.float32)
    assert '"values": [[0.1, -0.0, "NaN", "Infinity", "-Infinity", 1e+30]]' in to_json(one_signal(values))
    assert '"values": [[0.1]]' in to_json(one_signal(np.array([[0.1]])))


def test_json_says_what_the_issue_promises() -> None:
    trace = replace(TRACES[0], scene="lstm/names?input=maria")
    content = json.loads(to_json(trace))
    assert content["scene"] == "lstm/names?input=maria"
    assert content["tokens"] == list(trace.tokens)
    f = content["signals"]["l.f"]
    assert (f["axes"], len(f["values"]), len(f["values"][0])) == (["step", "unit"], 3, 4)
    assert "initial" not in f
    assert len(content["signals"]["l.c"]["initial"]) == 4


@pytest.mark.parametrize("trace", TRACES)
def test_recipes_survive_json(trace: Trace) -> None:
    for signal in trace.values():
        plain = json.loads(json.dumps(to_plain(signal.recipe)))
        assert recipe_from_plain(plain) == signal.recipe


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_said_to_be_one(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damage") / "t.npz"
    save(TRACES[2], path)
    whole = path.read_bytes()
    if data.draw(st.booleans()):
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    else:
        place = data.draw(st.integers(0, len(whole) - 1))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
    try:
        back = load(path)
    except StateError as error:
        back, said = TRACES[2], error.message
    else:
        said = "t.npz is not a trace that this seqtui can read"  # the damage hit nothing that is read
    assert said == "t.npz is not a trace that this seqtui can read"
    same(back, TRACES[2])


def test_what_is_no_trace_is_said_to_be_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    np.save(tmp_path / "array.npy", np.zeros(3))
    (tmp_path / "text.npz").write_text("hello")
    for name in ("other.npz", "array.npy", "text.npz", "missing.npz"):
        with pytest.raises(StateError, match=f"{name} is not a trace that this seqtui can read"):
            load(tmp_path / name)


def test_another_format_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqtui.signals.files.FORMAT", 2)
    save(TRACES[0], tmp_path / "t.npz")
    monkeypatch.undo()
    with pytest.raises(StateError, match=r"t.npz has format 2 · this seqtui reads format 1"):
        load(tmp_path / "t.npz")
