"""The fields of the lab: turning and typing them leads from Scene to valid Scene, or to a reason."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtui.catalogue import catalogue
from seqtui.errors import SceneError
from seqtui.scene import Scene, parse
from seqtui.tui.scene_fields import fields, shown, turned, typed, what_is_lost

BOOK = catalogue()
MARIA = parse("lstm/names?input=maria", BOOK)


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from((-1, 1))), max_size=12))
def test_every_field_can_be_turned_and_the_line_reads_back(moves: list[tuple[int, int]]) -> None:
    scene = MARIA
    for place, by in moves:
        field = fields(scene)[place % len(fields(scene))]
        with suppress(SceneError):
            scene = turned(scene, field, by, BOOK)
    assert parse(str(scene), BOOK) == scene


def test_a_model_goes_on_to_the_next_that_is_taught_the_task_and_back() -> None:
    there = turned(MARIA, "model", 1, BOOK)
    assert there.model != "lstm"
    assert f"{there.model}/names" in BOOK.recipes
    assert there.input == "maria"
    assert turned(there, "model", -1, BOOK) == MARIA


def test_a_field_with_one_value_says_so() -> None:
    with pytest.raises(SceneError, match="no other"):
        turned(MARIA, "task", 1, BOOK)


def test_knobs_stay_where_the_other_model_has_them_and_forces_go() -> None:
    scene = parse("lstm/names?hidden_size=64&forget_bias=3&force=layers.0.lstm.f:1", BOOK)
    moved = typed(scene, "model", "gru", BOOK)
    assert moved == parse("gru/names?hidden_size=64", BOOK)
    lost = what_is_lost(scene, moved)
    assert "forget_bias" in lost
    assert "layers.0.lstm.f:1" in lost


def test_weights_are_the_shipped_ones_where_there_are_some() -> None:
    assert shown(MARIA, "weights", BOOK) == "shipped"
    untrained = turned(MARIA, "weights", 1, BOOK)
    assert str(untrained.weights) == "steps:0"
    assert shown(MARIA.with_(seed=2), "weights", BOOK) == "steps:0"


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("model", "lstn", "did you mean 'lstm'"),
        ("task", "nams", "did you mean 'names'"),
        ("seed", "one", "not a whole number"),
        ("seed", "-1", "not a whole number"),
        ("weights", "fresh", "write shipped, steps:N or run:ID"),
        ("knobs", "hiden_size=3", "did you mean 'hidden_size'"),
        ("line", "lstm", "names no task"),
    ],
)
def test_what_does_not_exist_is_refused_with_the_nearest(field: str, text: str, said: str) -> None:
    with pytest.raises(SceneError) as error:
        typed(MARIA, field, text, BOOK)
    assert said in str(error.value)


def test_shipped_weights_of_another_seed_are_refused() -> None:
    named = parse("lstm/names?weights=shipped", BOOK)
    with pytest.raises(SceneError, match="no shipped weights"):
        turned(named, "seed", 1, BOOK)


def test_typed_values_hold() -> None:
    assert typed(MARIA, "seed", " 7 ", BOOK).seed == 7
    assert typed(MARIA, "input", "zoë ", BOOK).input == "zoë "
    assert typed(MARIA, "line", "gru/names?input=ada&step=2", BOOK) == Scene("gru", "names", "ada", step=2)
    assert dict(typed(MARIA, "knobs", "hidden_size=64", BOOK).knobs) == {"hidden_size": 64}
