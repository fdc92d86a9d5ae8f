"""Weights in and out of files: checkpoints, runs that are kept and go on, weights=steps:N and run:ID."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from safetensors import safe_open

from seqtui.catalogue import Checkpoint
from seqtui.errors import SceneError, StateError
from seqtui.scene import Weights, parse
from seqtui.store import Database, cache_folder, run_folder
from seqtui.training import Training, load_model, new_run_id, resume, run, train_checkpoint, write_checkpoint
from seqtui.training import checkpoints as module
from seqtui.training.catalogue_writer import read_checkpoint
from seqtui.training.checkpoints import recipe_line, run_weights, trained_weights
from seqtui.training.record import NEWEST, snapshot_file
from seqtui.training.tensor_files import read_tensors, write_tensors

SMALL = "gru/names?hidden_size=6&embedding_size=4&steps=60&batch_size=16&dropout=0.2"


@pytest.fixture(autouse=True)
def _nothing_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_trained", {})


def finished(training: Training, database: Database | None = None) -> Training:
    for _ in run(training, database=database):
        pass
    return training


def assert_same(first: module.Weights, second: module.Weights) -> None:
    assert first.keys() == second.keys()
    for name, weight in first.items():
        assert torch.equal(weight, second[name])


# ── checkpoints ──


def test_a_checkpoint_says_what_it_is_and_its_score_is_that_of_what_is_read_back(tmp_path: Path) -> None:
    out = tmp_path / "small.safetensors"
    made = train_checkpoint(parse(SMALL), out)
    with safe_open(out, framework="pt") as file:
        told = msgspec.json.decode(file.metadata()["seqtui"], type=Checkpoint)
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    assert told == made == read_checkpoint(out)
    assert {weight.dtype for weight in weights.values()} == {torch.float16}
    training = Training(parse(SMALL))
    training.model.load_state_dict({name: weight.float() for name, weight in weights.items()})
    assert training.task.score(training.model) == told.score
    assert told.parameters == sum(weight.numel() for weight in weights.values())
    assert (told.model, told.task, told.seed) == ("gru", "names", 1)
    assert told.knobs == parse(SMALL).values()
    assert told.command == f'seqtui train "{recipe_line(parse(SMALL))}" --out small.safetensors'


def test_the_same_command_makes_the_same_weights(tmp_path: Path) -> None:
    first, second = (train_checkpoint(parse(SMALL), tmp_path / name) for name in ("a", "b"))
    assert first.hash == second.hash
    assert first.score == second.score


def test_a_failed_training_makes_no_checkpoint(tmp_path: Path) -> None:
    training = Training(parse(SMALL))
    training.state = "failed"
    with pytest.raises(StateError, match="no weights worth keeping"):
        write_checkpoint(training, tmp_path / "x", "")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights"
    write_tensors(path, {"a": torch.ones(3)}, {"told": "once"})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(StateError, match="No space left on device"):
        write_tensors(path, {"a": torch.zeros(3)}, {})
    assert [found.name for found in tmp_path.iterdir()] == ["weights"]
    tensors, told = read_tensors(path)
    assert tensors["a"].tolist() == [1, 1, 1]
    assert told == {"told": "once"}


def test_a_file_that_holds_no_tensors_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x00" * 40)
    for name in ("x", "missing"):
        with pytest.raises(StateError, match=r"cannot be read"):
            read_tensors(tmp_path / name)


# ── runs that are kept ──


def test_a_run_is_recorded_with_its_curve_score_baseline_and_edits() -> None:
    database = Database()
    training = Training(parse(SMALL), run=new_run_id())
    turns = run(training, database=database)
    for _ in range(20):
        next(turns)
    training.edit("learning_rate", 0.002)
    for _ in turns:
        pass
    kept = database.run(training.run)
    assert kept is not None
    assert (kept.state, kept.steps, kept.scene) == ("done", 60, str(parse(SMALL)))
    assert kept.score == training.snapshots[60].score
    assert kept.baseline == pytest.approx(3.37, abs=0.005)
    assert kept.curve == tuple(tuple(point) for point in training.curve)
    assert kept.edits == ((19, "learning_rate", 0.002),)
    assert {path.name for path in run_folder(training.run).iterdir()} == {
        NEWEST,
        *(snapshot_file(training.run, step).name for step in training.snapshots),
    }


@pytest.mark.parametrize("stop_at", [1, 13, 37])
def test_a_run_goes_on_as_if_it_had_never_stopped(stop_at: int) -> None:
    database = Database()
    whole = finished(Training(parse(SMALL)))
    training = Training(parse(SMALL), run=new_run_id())
    turns = run(training, database=database)
    for _ in range(stop_at + 1):
        next(turns)
    turns.close()  # type: ignore[attr-defined]
    assert training.done == stop_at
    started = database.run(training.run)
    assert started is not None
    again = resume(training.run)
    assert (again.done, again.state) == (stop_at, "running")
    finished(again, database)
    assert_same(again.model.state_dict(), whole.model.state_dict())
    assert again.snapshots[60].score == whole.snapshots[60].score
    assert set(again.snapshots) == set(whole.snapshots) | {stop_at}
    ended = database.run(training.run)
    assert ended is not None
    assert (ended.started, ended.state) == (started.started, "done")


def test_edits_that_wait_to_be_replayed_survive_a_stop() -> None:
    first = Training(parse(SMALL))
    for _ in range(30):
        first.step()
    first.edit("clip", 0.2)
    finished(first)
    replayed = Training(parse(SMALL), run=new_run_id(), edits=first.edits)
    turns = run(replayed)
    for _ in range(11):
        next(turns)
    turns.close()  # type: ignore[attr-defined]
    assert_same(finished(resume(replayed.run)).model.state_dict(), first.model.state_dict())


def test_a_damaged_state_is_one_clear_line() -> None:
    training = finished(Training(parse(SMALL), run=new_run_id()))
    path = run_folder(training.run) / NEWEST
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StateError, match="cannot be read"):
        resume(training.run)
    write_tensors(path, {"model/a": torch.ones(1)}, {"run": "{}"})
    with pytest.raises(StateError, match="not hold a run"):
        resume(training.run)


def test_a_run_goes_on_where_nothing_can_be_written_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blocked").write_text("a file, no folder")
    database = Database()
    monkeypatch.setenv("SEQTUI_DATA", str(tmp_path / "blocked"))
    told = [progress for progress in run(Training(parse(SMALL), run="x"), database=database) if progress]
    assert told[-1].state == "done"
    assert "this run is not kept" in told[-1].text
    assert "\n" not in told[-1].text


# ── weights=… ──


def test_steps_0_is_the_untrained_model_and_steps_n_is_the_run_so_far() -> None:
    training = Training(parse(SMALL))
    untrained = {name: weight.clone() for name, weight in training.model.state_dict().items()}
    assert_same(load_model(parse(SMALL)).model.state_dict(), untrained)
    for _ in range(20):
        training.step()
    loaded = load_model(parse(f"{SMALL}&weights=steps:20"))
    assert_same(loaded.model.state_dict(), training.model.state_dict())
    assert loaded.weights_hash == module.hash_of(training.model.state_dict())


def test_what_was_trained_once_is_not_trained_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = parse(SMALL)
    first = trained_weights(scene, 60)
    monkeypatch.setattr(Training, "step", lambda _: pytest.fail("trained again"))
    assert trained_weights(scene.with_(input="maria", step=2), 60) is first
    monkeypatch.setattr(module, "_trained", {})
    assert_same(trained_weights(scene, 60), first)
    assert len(list((cache_folder() / "weights").iterdir())) == 1


def test_loading_tells_how_far_it_is_and_can_be_given_up() -> None:
    told: list[str] = []

    def beat(text: str) -> None:
        told.append(text)
        if len(told) == 5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        load_model(parse(f"{SMALL}&weights=steps:60"), beat)
    assert told[-1] == "training: step 4 of 60"


def test_steps_beyond_the_recipe_are_an_error() -> None:
    with pytest.raises(SceneError, match="beyond the 60 steps"):
        load_model(parse(f"{SMALL}&weights=steps:61"))


def test_weights_of_a_run_are_its_newest_or_those_of_a_snapshot() -> None:
    training = finished(Training(parse(SMALL), run=new_run_id()))
    scene = parse(SMALL)
    newest = load_model(scene.with_(weights=Weights("run", run=training.run)))
    assert_same(newest.model.state_dict(), training.model.state_dict())
    early = load_model(scene.with_(weights=Weights("run", run=training.run, snapshot=8)))
    assert_same(early.model.state_dict(), training.weights_at(8))


def test_a_run_or_a_snapshot_that_is_not_here_is_an_error_that_says_so() -> None:
    with pytest.raises(SceneError, match="not on this machine"):
        run_weights("20200101-000000-abcd")
    training = finished(Training(parse(SMALL), run=new_run_id()))
    with pytest.raises(SceneError, match="no snapshot 7 · there is 0, 1, 2, 4, 8, 16, 32, 60"):
        run_weights(training.run, 7)


def test_weights_of_another_model_do_not_fit() -> None:
    training = finished(Training(parse(SMALL), run=new_run_id()))
    other = parse("lstm/names").with_(weights=Weights("run", run=training.run))
    with pytest.raises(StateError, match="do not fit"):
        load_model(other)
