"""The catalogue's file says what the Configs, tasks and checkpoints say, and finds the nearest right name."""

from __future__ import annotations

from importlib.resources import files

import msgspec
import pytest

from seqtui.catalogue import Knob, catalogue
from seqtui.errors import SceneError
from seqtui.models import MODELS
from seqtui.tasks import TASKS
from seqtui.training.catalogue_writer import built, knobs, text
from seqtui.training.config import TrainingConfig


def test_the_file_is_what_the_code_and_the_checkpoints_say() -> None:
    written = files("seqtui").joinpath("catalogue.json").read_text(encoding="utf-8")
    assert written == text(built()), "run `make catalogue`"
    assert catalogue() == msgspec.json.decode(text(built()).encode(), type=type(catalogue()))


@pytest.mark.parametrize(
    "config", [TrainingConfig, *(kind.config for kind in MODELS.values())], ids=lambda config: config.__name__
)
def test_knobs_are_the_fields_of_their_config(config: type[msgspec.Struct]) -> None:
    default = config()
    found = knobs(config)
    assert [knob.name for knob in found] == list(config.__struct_fields__)
    for knob in found:
        assert knob.default == getattr(default, knob.name)
        assert knob.title
        assert knob.text
        assert knob.read(str(knob.default)) == knob.default


def test_ends_of_a_knobs_range_are_those_that_its_config_takes() -> None:
    for kind in MODELS.values():
        for knob in knobs(kind.config):
            for end in (knob.low, knob.high):
                if end is not None:
                    msgspec.convert({knob.name: int(end) if knob.type == "int" else end}, kind.config)
                    beyond = end - 1 if end is knob.low else end + 1
                    with pytest.raises(msgspec.ValidationError):
                        msgspec.convert(
                            {knob.name: int(beyond) if knob.type == "int" else beyond}, kind.config
                        )


def test_a_field_without_words_or_of_no_known_type_is_no_knob() -> None:
    class Odd(msgspec.Struct):
        names: list[str] = []

    with pytest.raises((TypeError, KeyError)):
        knobs(Odd)


def test_only_learning_rate_and_clip_are_live() -> None:
    assert [knob.name for knob in catalogue().training if knob.live] == ["learning_rate", "clip"]


def test_recipes_change_knobs_that_there_are() -> None:
    book = catalogue()
    assert set(book.recipes) == {f"{model}/{task.name}" for task in TASKS.values() for model in task.recipes}
    for pair, own in book.recipes.items():
        known = book.knobs(*pair.split("/"))
        for name, value in own.items():
            assert known[name].default == value
            assert known[name].read(str(value)) == value


def test_the_fair_baseline_is_one_of_the_tasks() -> None:
    for task in catalogue().tasks.values():
        assert task.fair in task.baselines


@pytest.mark.parametrize(
    ("knob", "text", "error"),
    [
        ("hidden_size", "0", "out of range · from 1 to 512"),
        ("hidden_size", "1.5", "not a whole number"),
        ("learning_rate", "fast", "not a number"),
        ("init", "ortogonal", "did you mean 'orthogonal'?"),
    ],
)
def test_a_value_that_a_knob_cannot_have_is_said_with_what_it_can(knob: str, text: str, error: str) -> None:
    found: Knob = catalogue().knobs("lstm", "names")[knob]
    with pytest.raises(SceneError) as caught:
        found.read(text)
    assert error in str(caught.value)


def test_unknown_names_are_answered_with_the_nearest() -> None:
    book = catalogue()
    with pytest.raises(SceneError, match=r"no model 'lsmt'.*'lstm'"):
        book.model("lsmt")
    with pytest.raises(SceneError, match=r"no task 'name'.*'names'"):
        book.task("name")


def test_signals_of_a_model_stand_layer_by_layer() -> None:
    found = catalogue().signals("gru", {"n_layers": 2})
    gates = [name for name in found if name.endswith(".z")]
    assert gates == ["layers.0.gru.z", "layers.1.gru.z"]
    assert found["layers.1.gru.z"].units == "hidden_size"
