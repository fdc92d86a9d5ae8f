"""What may be forced: offered from the cards of the part that is seen, and read as a learner types it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtui.catalogue import catalogue
from seqtui.errors import SceneError
from seqtui.panels import View
from seqtui.panels.presets import expectation, presets, read_force, same_place, where_forcible
from seqtui.scene import Force, Steps, merge, parse
from seqtui.sentences import say
from tests.fakes import book, lstm_trace, view_scene

LSTM = "layers.0.lstm"


def view(line: str = "lstm/names?input=maria&step=4") -> View:
    """A View on the NumPy LSTM at unit 6."""
    return View.of(view_scene(line), lstm_trace(line), book=book()).on_unit(6)


def test_both_ends_of_gates_the_middle_of_states_and_the_cell_under_the_cursor() -> None:
    names = [preset.name for preset in presets(view())]
    assert names == [
        *("f = 1", "f = 0", "i = 1", "i = 0", "o = 1", "o = 0"),
        *("g = 0", "c = 0", "h = 0", "c[6] = 0 at 4.."),
    ]


def test_where_a_part_has_nothing_to_force_the_main_part_is_meant() -> None:
    output = replace(view(), part="output")
    there = where_forcible(output)
    assert there is not None
    assert (there.part, there.step) == ("layers.0.lstm", 4)
    assert where_forcible(view()) is not None
    assert presets(there)[0].name == "f = 1"


def test_a_model_without_gates_or_state_has_nothing_to_force() -> None:
    scene = parse("markov/names?input=maria", catalogue())
    assert where_forcible(View.of(scene, lstm_trace(), book=catalogue())) is None


def test_the_gate_under_the_cursor_is_offered_the_other_way_round() -> None:
    looked = replace(view(), signal=f"{LSTM}.f")
    value = looked.trace[f"{LSTM}.f"].number((4, 6))
    assert presets(looked)[-1].force == Force(f"{LSTM}.f", 1.0 if value < 0.5 else 0.0, 6, Steps(4, None))


def test_what_is_forced_stands_first_and_once() -> None:
    found = presets(view(f"lstm/names?input=maria&force={LSTM}.f:1&force={LSTM}.c[2]@3..:0.5"))
    assert [preset.name for preset in found[:2]] == ["f = 1", "c[2] = 0.5 at 3.."]
    assert len({preset.force for preset in found}) == len(found)


def test_every_signal_of_the_catalogue_that_can_be_forced_has_a_line_on_what_to_expect() -> None:
    shop = catalogue()
    for model in shop.models.values():
        for card in model.signals:
            if card.forcible:
                for value in (1.0, 0.0) if card.range == "gate" else (0.0,):
                    force = Force(card.name.replace("{layer}", "0"), value)
                    assert expectation(force) != say("what_if.other"), force


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("f:1", f"{LSTM}.f:1"),
        ("f = 1", f"{LSTM}.f:1"),
        ("f[7]@3..:0", f"{LSTM}.f[7]@3..:0"),
        (" force=c[2] @ 3..5 : −0.5 ", f"{LSTM}.c[2]@3..5:-0.5"),
        (f"{LSTM}.h@..2:0", f"{LSTM}.h@..2:0"),
    ],
)
def test_short_names_are_completed(typed: str, meant: str) -> None:
    assert str(read_force(view(), typed)) == meant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("q:1", "did you mean"),
        ("f[12]:1", "units run from 0 to 11"),
        ("f@0:1", "steps count from 1"),
        ("f:one", "not a number"),
        ("f:nan", "finite"),
        ("what", "NAME[unit]@steps:value"),
        ("", "NAME[unit]@steps:value"),
        ("output.probs:1", "cannot be forced"),
    ],
)
def test_what_cannot_be_forced_is_refused_with_the_reason(typed: str, said: str) -> None:
    with pytest.raises(SceneError) as error:
        read_force(view(), typed)
    assert said in str(error.value)


@given(st.text())
def test_any_text_is_a_force_of_the_scene_or_one_clear_error(typed: str) -> None:
    here = view()
    try:
        force = read_force(here, typed)
    except SceneError:
        return
    assert merge(here.scene, f"force={force}", book()).force == (force,)


def test_two_values_for_the_same_numbers_exclude_each_other() -> None:
    f = parse(f"lstm/names?force={LSTM}.f:1&force={LSTM}.f:0&force={LSTM}.f[1]:0", book()).force
    assert same_place(f[0], f[1])
    assert not same_place(f[0], f[2])
