"""What is shipped: weights that are what the catalogue says, good enough, and opening traces of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from seqtui import shipped
from seqtui.catalogue import Checkpoint, catalogue
from seqtui.errors import SceneError, StateError
from seqtui.scene import parse, shipped_line
from seqtui.signals import Embed, Signal, Trace, Weight
from seqtui.signals.files import save
from seqtui.store import checkpoints_folder
from seqtui.training import load_model
from seqtui.training.make_checkpoints import SHIPPED, checkpoint_file

CHECKPOINTS = catalogue().checkpoints
by_file = pytest.mark.parametrize("checkpoint", CHECKPOINTS, ids=lambda found: found.file)


def test_every_promised_checkpoint_is_there_and_no_other_file() -> None:
    scenes = [parse(line) for line in SHIPPED]
    assert {found.file for found in CHECKPOINTS} == {checkpoint_file(scene) for scene in scenes}
    assert {path.name for path in checkpoints_folder().glob("*.safetensors")} == {
        found.file for found in CHECKPOINTS
    }
    for scene in scenes:
        assert scene.resolved_weights().kind == "shipped"
    assert shipped.checkpoint_of(parse("lstm/names")) is not None


@by_file
def test_a_checkpoint_is_loaded_with_the_score_the_size_and_the_hash_of_its_metadata(
    checkpoint: Checkpoint,
) -> None:
    loaded = load_model(parse(shipped_line(catalogue(), checkpoint)))
    assert loaded.weights_hash == checkpoint.hash
    assert not loaded.model.training
    assert sum(weight.numel() for weight in loaded.model.parameters()) == checkpoint.parameters
    assert loaded.task.score(loaded.model) == pytest.approx(checkpoint.score, abs=1e-5)


@by_file
def test_numpy_and_torch_read_the_same_float16_weights(checkpoint: Checkpoint) -> None:
    arrays = shipped.weights(checkpoint)
    loaded = load_model(parse(shipped_line(catalogue(), checkpoint)))
    for name, weight in loaded.model.state_dict().items():
        assert arrays[name].dtype == np.float32
        np.testing.assert_array_equal(arrays[name], weight.numpy())
        np.testing.assert_array_equal(arrays[name], arrays[name].astype(np.float16).astype(np.float32))


@by_file
def test_the_command_of_a_checkpoint_names_its_own_scene(checkpoint: Checkpoint) -> None:
    line = shipped_line(catalogue(), checkpoint)
    assert checkpoint.command == f'seqtui train "{line}" --out {checkpoint.file}'


@pytest.mark.parametrize(
    ("line", "worst"),
    [
        ("lstm/names", 2.97),
        ("gru/names", 3.01),
        ("rnn/names", 3.07),
        ("lstm/names?hidden_size=64", 2.85),
        ("gru/names?hidden_size=64", 2.85),
        ("rnn/names?hidden_size=64", 2.85),
        ("markov/names", 3.38),
        ("markov/names?order=0", 4.05),
    ],
)
def test_shipped_scores_are_as_good_as_is_said(line: str, worst: float) -> None:
    found = shipped.checkpoint_of(parse(line))
    assert found is not None
    assert found.score <= worst


def test_all_that_is_shipped_stays_small() -> None:
    sizes = [path.stat().st_size for path in checkpoints_folder().iterdir()]
    assert max(sizes) <= 1_500_000
    assert sum(sizes) <= 8_000_000


def test_weights_are_read_without_torch() -> None:
    code = (
        "import sys; from seqtui.catalogue import catalogue; from seqtui import shipped; "
        "shipped.weights(catalogue().checkpoints[0]); shipped.opening_trace('lstm/names?input=nobody'); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_missing_or_foreign_weights_are_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqtui.shipped.checkpoints_folder", lambda: tmp_path)
    with pytest.raises(StateError, match="cannot be read"):
        shipped.weights(CHECKPOINTS[0])
    (tmp_path / CHECKPOINTS[0].file).write_bytes(b"no weights at all")
    with pytest.raises(StateError, match="cannot be read"):
        shipped.weights(CHECKPOINTS[0])
    other = checkpoints_folder() / CHECKPOINTS[1].file
    (tmp_path / CHECKPOINTS[0].file).write_bytes(other.read_bytes())
    with pytest.raises(StateError, match="not hold the weights that the catalogue lists"):
        shipped.weights(CHECKPOINTS[0])


def test_the_hash_depends_on_names_shapes_and_numbers_alone() -> None:
    ones = np.ones((2, 3), dtype=np.float32)
    name = shipped.weights_hash({"a": ones, "b": ones})
    assert name == shipped.weights_hash({"b": ones.copy(), "a": np.asfortranarray(ones)})
    for other in ({"a": ones}, {"a": ones, "c": ones}, {"a": ones, "b": 2 * ones}, {"a": ones, "b": ones.T}):
        assert name != shipped.weights_hash(other)


# ── opening traces ──


def embedded(scene: str, weights_hash: str) -> Trace:
    """A trace of one signal, its weights those of the shipped lstm."""
    found = shipped.checkpoint_of(parse(scene))
    assert found is not None
    weights = shipped.weights(found)
    ids = np.array([0, 1])
    signal = Signal(
        name="embedding.x",
        values=weights["embedding.weight"][ids],
        axes=("step", "unit"),
        range="measured",
        symbol="x",
        formula="x_t = E[t]",
        recipe=Embed(Weight("embedding.weight", "E")),
    )
    return Trace(scene, ("‹", "a"), ids, ("‹", "a"), {signal.name: signal}, weights, weights_hash)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in checkpoints_folder().glob("*.safetensors"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr("seqtui.shipped.checkpoints_folder", lambda: tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_an_opening_trace_comes_with_the_shipped_weights_whatever_the_step() -> None:
    scene = parse("lstm/names?input=a&step=1")
    found = shipped.checkpoint_of(scene)
    assert found is not None
    save(embedded("lstm/names?input=a", found.hash), shipped.opening_path(scene), weights=False)
    for line in ("lstm/names?input=a", "lstm/names?step=2&input=a"):
        trace = shipped.opening_trace(line)
        assert trace is not None
        assert trace["embedding.x"].at(2).tolist() == trace.weight("embedding.weight")[1].tolist()


@pytest.mark.usefixtures("folder")
def test_there_is_no_opening_trace_of_other_scenes_or_of_older_weights() -> None:
    line = "lstm/names?input=a"
    assert shipped.opening_trace(line) is None
    save(embedded(line, "0123456789abcdef"), shipped.opening_path(parse(line)), weights=False)
    assert shipped.opening_trace(line) is None
    assert shipped.opening_trace("lstm/names?input=a&weights=steps:0") is None
    assert shipped.opening_trace("lstm/names?input=a&hidden_size=13") is None
    with pytest.raises(SceneError):
        shipped.opening_trace("lstm/nmes")


def test_opening_files_differ_by_scene_and_have_plain_names() -> None:
    lines = ["lstm/names?input=ana", "lstm/names?input=anä", "lstm/names?input=민수", "gru/names?input=ana"]
    names = [shipped.opening_path(parse(line)).name for line in lines]
    assert len(set(names)) == 4
    assert all(name.isascii() and "/" not in name for name in names)


# ── what forcing the forget gate does, as the course says ──


@pytest.mark.parametrize(("units", "low", "high"), [(12, 3.37, 4.03), (64, 4.04, 6.0)])
def test_a_forget_gate_forced_open_worsens_the_held_out_score(units: int, low: float, high: float) -> None:
    from seqtui.tracing import forced_forward

    scene = parse(f"lstm/names?hidden_size={units}&force=layers.0.lstm.f:1")
    loaded = load_model(scene)
    with torch.no_grad():
        forced = loaded.task.score(loaded.model, lambda ids: forced_forward(loaded.model, ids, scene.force))
    assert low < forced < high
