"""The engine in this process: what it answers is what models, tasks and tracing say."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from seqtui.engine.port import Engine, Progress, Status
from seqtui.engine.service import RUNS_KEPT, Beat, Computer, Service
from seqtui.errors import InputError, SceneError, StateError, UsageError
from seqtui.scene import Scene, parse
from seqtui.shipped import weights_hash
from seqtui.signals import recompute
from seqtui.store import Database
from seqtui.tracing import forced_forward
from seqtui.training.checkpoints import Loaded, load_model
from seqtui.training.driver import INTERVAL
from seqtui.training.loop import Training

SMALL = "lstm/names?hidden_size=5&embedding_size=4&steps=40"
FRESH = f"{SMALL}&weights=steps:0"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is kept here."""
    for variable in ("SEQTUI_DATA", "SEQTUI_CACHE", "SEQTUI_CONFIG"):
        monkeypatch.setenv(variable, str(tmp_path / variable))


@pytest.fixture
def computer() -> Computer:
    """One that has nothing loaded."""
    return Computer()


def finished(run: Iterator[Progress | None]) -> Progress:
    """The last Progress of a run."""
    *_, last = (progress for progress in run if progress is not None)
    return last


# ---- looking ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", ["rnn/names", "lstm/names", "gru/names", "markov/names"])
def test_a_trace_is_of_the_word_that_was_asked_for(pair: str, computer: Computer) -> None:
    line = str(parse(f"{pair}?input=zoe&weights=steps:0"))
    trace = computer.trace(line)
    assert trace.scene == line
    assert trace.tokens == ("‹", "z", "o", "e")
    assert trace.weights_hash == weights_hash(trace.weights)


def test_a_forced_number_is_forced_and_all_before_it_stays(computer: Computer) -> None:
    plain = computer.trace(f"{FRESH}&input=maria")
    forced = computer.trace(f"{FRESH}&input=maria&force=layers.0.lstm.f@3:1")
    f = forced["layers.0.lstm.f"]
    assert (f.at(3) == 1).all()
    assert np.array_equal(f.values[:2], plain["layers.0.lstm.f"].values[:2])
    assert not np.array_equal(forced["layers.0.lstm.c"].at(3), plain["layers.0.lstm.c"].at(3))
    again = computer.trace(f"{FRESH}&input=maria")
    for name in plain:
        assert np.array_equal(plain[name].values, again[name].values)
        assert np.allclose(recompute(forced, "layers.0.lstm.h"), forced["layers.0.lstm.h"].values, atol=1e-5)


def test_a_score_is_the_tasks_and_heeds_what_is_forced(computer: Computer) -> None:
    score = computer.score(FRESH)
    loaded = load_model(parse(FRESH))
    assert score.value == loaded.task.score(loaded.model)
    assert (score.held_out, score.metric) == (loaded.task.held_out, "bits a letter")
    force = parse(f"{FRESH}&force=layers.0.lstm.o:0").force
    silenced = computer.score(f"{FRESH}&force=layers.0.lstm.o:0").value
    assert silenced == loaded.task.score(loaded.model, lambda ids: forced_forward(loaded.model, ids, force))
    assert silenced != score.value


@pytest.mark.parametrize(
    ("scene", "error"),
    [
        ("lstn/names", SceneError),
        ("lstm/names?hidden=3", SceneError),
        ("lstm/names?force=layers.7.lstm.f:1", SceneError),
        ("lstm/names?input=123&weights=steps:0", InputError),
        ("lstm/names?weights=run:nowhere", SceneError),
        ("lstm/names?weights=steps:999999", SceneError),
    ],
)
def test_what_there_is_not_is_an_error_of_its_kind(
    scene: str, error: type[Exception], computer: Computer
) -> None:
    with pytest.raises(error):
        computer.trace(scene)


def test_whoever_listens_hears_of_the_training_before_the_trace_and_may_end_it(computer: Computer) -> None:
    heard: list[str] = []
    trace = computer.trace(f"{SMALL}&weights=steps:20", heard.append)
    assert heard
    training = Training(parse(SMALL), observed=False)
    for _ in range(20):
        training.step()
    for name, weight in training.model.state_dict().items():
        assert np.array_equal(trace.weights[name], weight.numpy())

    def enough(text: str) -> None:
        raise UsageError("enough")

    with pytest.raises(UsageError, match="enough"):
        computer.trace(f"{SMALL}&weights=steps:30", enough)


def test_a_model_is_loaded_once_for_all_inputs(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []

    def counted(scene: Scene, beat: Beat) -> Loaded:
        loads.append(scene)
        return load_model(scene, beat)

    monkeypatch.setattr("seqtui.engine.service.load_model", counted)
    for word in ("a", "b", "c"):
        computer.trace(f"{FRESH}&input={word}")
    computer.score(FRESH)
    assert len(loads) == 1
    computer.trace(f"{FRESH}&seed=2")
    assert len(loads) == 2


# ---- writing ----------------------------------------------------------------------------------------


def test_what_is_written_depends_on_scene_temperature_and_seed_alone(computer: Computer) -> None:
    first = computer.generate(f"{FRESH}&input=ma", 12, 1.0, 3)
    torch.rand(5)
    assert computer.generate(f"{FRESH}&input=ma", 12, 1.0, 3) == first
    assert any(computer.generate(f"{FRESH}&input=ma", 12, 1.0, seed) != first for seed in range(4, 8))


def test_temperature_zero_takes_the_likeliest_and_tells_its_odds(computer: Computer) -> None:
    trace = computer.trace(f"{FRESH}&input=ma")
    odds = trace["output.probs"].at(-1)
    written = computer.generate(f"{FRESH}&input=ma", 1, 0.0, 1)
    likeliest = trace.vocabulary[int(odds.argmax())]
    assert written.tokens[0].replace("›", "‹") == likeliest
    assert math.isclose(written.odds[0], odds.max(), rel_tol=1e-5)


def test_a_name_ends_with_its_mark(computer: Computer) -> None:
    written = [computer.generate(FRESH, 200, 1.0, seed) for seed in range(10)]
    for one in written:
        assert one.finished == (one.tokens[-1] == "›")
        assert "›" not in one.tokens[:-1]
        assert len(one.tokens) == len(one.odds)
    assert any(one.finished for one in written)


@pytest.mark.parametrize(
    ("length", "temperature"), [(0, 1.0), (10**9, 1.0), (5, -1.0), (5, math.nan), (5, math.inf)]
)
def test_a_length_or_temperature_that_is_none_is_an_error(
    length: int, temperature: float, computer: Computer
) -> None:
    with pytest.raises(UsageError):
        computer.generate(FRESH, length, temperature, 1)


# ---- teaching ---------------------------------------------------------------------------------------


def test_a_run_ends_with_its_recipe_and_is_kept(computer: Computer) -> None:
    last = finished(computer.train(SMALL))
    assert (last.state, last.step, last.steps) == ("done", 40, 40)
    assert last.score == last.best or last.best is not None
    kept = Database().run(last.run)
    assert kept is not None
    assert (kept.state, kept.steps, kept.scene) == ("done", 40, str(parse(SMALL)))


def test_looking_changes_nothing_that_is_learnt(computer: Computer) -> None:
    unseen = Training(parse(SMALL), observed=False)
    while not unseen.over:
        unseen.step()
    run = computer.train(SMALL)
    first = next(run)
    assert first is not None
    for number, _ in enumerate(run):
        if number % 10 == 0:
            computer.trace(f"{SMALL}&weights=run:{first.run}&input=zoe")
            computer.score(f"{SMALL}&weights=run:{first.run}")
            computer.generate(f"{SMALL}&weights=run:{first.run}", 3, 1.0, 1)
    trace = computer.trace(f"{SMALL}&weights=run:{first.run}")
    for name, weight in unseen.model.state_dict().items():
        assert np.array_equal(trace.weights[name], weight.numpy())


def test_a_run_is_paused_turned_and_stopped(computer: Computer) -> None:
    run = computer.train(SMALL)
    first = next(run)
    assert first is not None
    next(run)
    computer.steer(first.run, True, False, {"learning_rate": 0.5})
    paused = [next(run), next(run)]
    assert [progress.state for progress in paused if progress] == ["paused", "paused"]
    computer.steer(first.run, False, False, {})
    next(run)
    computer.steer(first.run, None, True, {})
    last = finished(run)
    assert last.state == "stopped"
    assert 0 < last.step < 40
    kept = Database().run(first.run)
    assert kept is not None
    assert [tuple(edit) for edit in kept.edits] == [(1, "learning_rate", 0.5)]
    with pytest.raises(UsageError, match="is over"):
        computer.steer(first.run, None, True, {})


def test_what_cannot_be_steered_is_an_error(computer: Computer) -> None:
    with pytest.raises(UsageError, match="no run"):
        computer.steer("none", None, True, {})
    run = computer.train(SMALL)
    first = next(run)
    assert first is not None
    with pytest.raises(UsageError, match="hidden_size"):
        computer.steer(first.run, None, False, {"hidden_size": 3})
    with pytest.raises(UsageError):
        computer.steer(first.run, None, False, {"learning_rate": math.nan})


def test_a_run_that_nobody_listens_to_any_more_is_stopped_and_kept(computer: Computer) -> None:
    run = computer.train(SMALL)
    first = next(run)
    assert first is not None
    next(run)
    del run
    kept = Database().run(first.run)
    assert kept is not None
    assert kept.state == "stopped"


def test_a_stopped_run_goes_on_where_it_was_and_ends_as_if_it_had_never_stopped(computer: Computer) -> None:
    whole = finished(computer.train(SMALL))
    run = computer.train(SMALL)
    first = next(run)
    assert first is not None
    for _ in range(15):
        next(run)
    computer.stop()
    finished(run)
    line = f"{SMALL}&weights=run:{first.run}"
    rest = finished(Computer().train(line))
    assert (rest.run, rest.state, rest.step) == (first.run, "done", 40)
    one, other = (Computer().trace(f"{SMALL}&weights=run:{r}") for r in (whole.run, first.run))
    assert one.weights_hash == other.weights_hash


def test_a_run_of_other_knobs_is_named_not_mixed_up(computer: Computer) -> None:
    run = finished(computer.train(SMALL)).run
    other = SMALL.replace("hidden_size=5", "hidden_size=6")
    for ask in (
        lambda: next(computer.train(f"{other}&weights=run:{run}")),
        lambda: computer.snapshot(other, run, 8),
    ):
        with pytest.raises(SceneError, match="hidden_size=5"):
            ask()


def test_the_clock_stops_a_run_but_not_its_schedule(computer: Computer) -> None:
    last = finished(computer.train("lstm/names?steps=1000000&hidden_size=5", seconds=0.2))
    assert last.state == "stopped"
    assert last.steps == 1_000_000
    for seconds in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(UsageError):
            next(computer.train(SMALL, seconds))


def test_a_snapshot_is_the_same_in_this_process_and_from_disk(computer: Computer) -> None:
    last = finished(computer.train(SMALL))
    assert {0, 1, 2, 4, 8, 16, 32, 40} <= set(last.snapshots)
    here = computer.snapshot(f"{SMALL}&input=zoe", last.run, 16)
    there = Computer().snapshot(f"{SMALL}&input=zoe", last.run, 16)
    assert here.weights_hash == there.weights_hash
    assert parse(here.scene) == parse(f"{SMALL}&input=zoe&weights=run:{last.run}@16")
    for one in (computer, Computer()):
        with pytest.raises(UsageError, match="snapshot"):
            one.snapshot(SMALL, last.run, 17)


def test_a_run_is_saved_while_it_is_here_and_when_it_is_only_on_disk(
    computer: Computer, tmp_path: Path
) -> None:
    last = finished(computer.train(SMALL))
    for number, one in enumerate((computer, Computer())):
        path = tmp_path / f"{number}.safetensors"
        one.save(last.run, str(path))
        assert path.stat().st_size > 0
    with pytest.raises(StateError):
        computer.save(last.run, str(path / "x.safetensors"))
    with pytest.raises(StateError):
        computer.save("nowhere", str(tmp_path / "x.safetensors"))


def test_only_a_few_runs_stay_in_memory(computer: Computer) -> None:
    tiny = SMALL.replace("steps=40", "steps=1")
    runs = [finished(computer.train(tiny)).run for _ in range(RUNS_KEPT + 1)]
    with pytest.raises(UsageError, match="no run"):
        computer.steer(runs[0], None, True, {})
    assert computer.snapshot(tiny, runs[0], 1).weights_hash


def test_a_loss_that_is_no_number_ends_the_run_in_words_and_keeps_what_was_good(computer: Computer) -> None:
    wild = "rnn/names?hidden_size=5&steps=400&learning_rate=1000&clip=0&activation=relu"
    last = finished(computer.train(wild))
    assert last.state == "failed"
    assert "learning_rate" in last.text
    kept = Database().run(last.run)
    assert kept is not None
    assert kept.state == "failed"


# ---- the port's face --------------------------------------------------------------------------------


async def test_the_service_is_an_engine_and_others_have_their_turn_while_it_trains() -> None:
    engine: Engine = Service()
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    seen = []
    async for progress in engine.train("lstm/names?steps=1000000&hidden_size=5", seconds=6 * INTERVAL):
        seen.append(progress)
        if progress.state == "running":
            assert (await engine.trace(f"{FRESH}&input=ab")).steps == 3
    assert seen[-1].state == "stopped"
    assert turns >= len(seen) - 1
    task.cancel()
    told: list[Status] = []
    engine.watch(told.append)
    await engine.close()
    assert told == [Status("closed")]


async def test_a_paused_run_in_this_process_waits_without_spinning() -> None:
    engine = Service()
    run = engine.train("lstm/names?steps=1000000&hidden_size=5")
    first = await anext(run)
    await engine.steer(first.run, pause=True)
    paused = await anext(run)
    while paused.state != "paused":
        paused = await anext(run)
    await engine.steer(first.run, pause=False)
    assert (await anext(run)).state == "running"
    await engine.steer(first.run, pause=True)
    while paused.state != "paused" or paused.step == 0:
        paused = await anext(run)
    waiting = asyncio.ensure_future(anext(run))
    done, _ = await asyncio.wait([waiting], timeout=2 * INTERVAL)
    assert not done
    await engine.steer(first.run, pause=False)
    await engine.steer(first.run, stop=True)
    assert (await waiting).state == "stopped"
