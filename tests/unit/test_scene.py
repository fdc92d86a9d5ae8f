"""Scenes: one line out and in, and errors that name the nearest right thing."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtui.catalogue import Catalogue, Checkpoint, Knob, ModelCard, SignalCard, TaskCard, Value, catalogue
from seqtui.errors import SceneError
from seqtui.scene import SCENE_KEYS, Force, Scene, Steps, Weights, merge, number, parse

AXES = ("step", "unit")
KNOBS = (
    Knob("hidden_size", "int", 12, "hidden", low=1, high=512),
    Knob("n_layers", "int", 1, "layers", low=1, high=3),
    Knob("learning_rate", "float", 0.003, "learning rate", low=0, live=True),
    Knob("init", "choice", "uniform", "init", choices=("uniform", "orthogonal", "identity")),
    Knob("chrono", "bool", False, "chrono init"),
)
DEFAULTS: dict[str, Value] = {knob.name: knob.default for knob in KNOBS}
SIGNALS = (
    SignalCard("embedding.x", AXES, "x", "embedding", "measured"),
    SignalCard("layers.{layer}.lstm.f", AXES, "f", "forget", "gate", "hidden_size", True),
    SignalCard("layers.{layer}.lstm.c", AXES, "c", "cell", "measured", "hidden_size", True),
    SignalCard("output.probs", ("step", "token"), "p", "odds", "simplex"),
)
BOOK = Catalogue(
    models={
        "lstm": ModelCard("lstm", "LSTM", "", KNOBS, SIGNALS),
        "markov": ModelCard("markov", "Markov", "", (), SIGNALS[3:]),
    },
    tasks={
        name: TaskCard(name, name, "", "bits", "lower", {}, "", "letter", ("maria",))
        for name in ("names", "text")
    },
    training=(Knob("steps", "int", 3200, "steps", low=0),),
    recipes={"lstm/names": {"hidden_size": 64}, "markov/names": {}, "lstm/text": {}},
    checkpoints=(
        Checkpoint(
            "a",
            "lstm",
            "names",
            {**DEFAULTS, "hidden_size": 64, "steps": 3200},
            1,
            2.8,
            1,
            "h",
            "seqtui train",
        ),
        Checkpoint(
            "b",
            "lstm",
            "names",
            {**DEFAULTS, "hidden_size": 12, "steps": 3200},
            1,
            2.9,
            1,
            "h",
            "seqtui train",
        ),
    ),
)

TEXTS = st.text(max_size=12) | st.text(
    st.sampled_from("%&=#+?[]@:/ \t\n\x00\x7f\x85\u2028 한글🤖é"), max_size=12
)
STEPS = (
    st.none()
    | st.integers(1, 99).map(lambda n: Steps(n, n))
    | st.integers(1, 99).map(lambda n: Steps(n, None))
    | st.integers(1, 99).map(lambda n: Steps(None, n))
    | st.lists(st.integers(1, 99), min_size=2, max_size=2).map(lambda ends: Steps(min(ends), max(ends)))
)
FORCES = st.builds(
    Force,
    st.sampled_from(["layers.0.lstm.f", "layers.0.lstm.c"]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.integers(0, 11),
    STEPS,
)
WEIGHTS = (
    st.none()
    | st.integers(0, 999_999_999).map(lambda n: Weights("steps", steps=n))
    | st.builds(
        lambda run, snapshot: Weights("run", run=run, snapshot=snapshot),
        st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=9),
        st.none() | st.integers(0, 99_999),
    )
)
VALUES: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(
    {},
    optional={
        "hidden_size": st.integers(12, 512),
        "n_layers": st.integers(1, 3),
        "learning_rate": st.floats(0, allow_infinity=False),
        "init": st.sampled_from(["uniform", "orthogonal", "identity"]),
        "chrono": st.booleans(),
    },
)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Any Scene that the catalogue allows."""
    scene = Scene("lstm", "names", input=draw(st.none() | TEXTS))
    for name, value in draw(VALUES).items():
        scene = scene.with_knob(name, value, BOOK)
    return scene.with_(
        seed=draw(st.integers(0, 2**31 - 1)),
        weights=draw(WEIGHTS),
        force=tuple(draw(st.lists(FORCES, max_size=3))),
        step=draw(st.none() | st.integers(-1, 1_000_000)),
    )


@given(scenes())
def test_a_scene_is_one_line_that_reads_back_to_itself(scene: Scene) -> None:
    line = str(scene)
    assert parse(line, BOOK) == scene
    assert len(line.splitlines()) == 1
    assert line == line.strip()


@given(scenes())
def test_what_stands_around_a_pasted_line_does_not_matter(scene: Scene) -> None:
    assert parse(f"  {scene}\n", BOOK) == scene


@given(st.text(st.characters(categories=["L", "N", "S", "P", "Mn"], exclude_characters="%&=#")))
def test_what_need_not_be_escaped_stands_as_it_was_typed(text: str) -> None:
    assert str(Scene("lstm", "names", input=text)) == f"lstm/names?input={text}"


def test_what_must_be_escaped_is() -> None:
    line = str(Scene("lstm", "names", input="50% a&b=c #\n\x85\u2028 é  "))
    assert line == "lstm/names?input=50%25 a%26b%3Dc %23%0A%C2%85%E2%80%A8 é%20%20"


def test_plus_is_a_plus_and_percent_may_be_typed() -> None:
    assert parse("lstm/names?input=a+b c", BOOK).input == "a+b c"
    assert parse("lstm/names?input=100%", BOOK).input == "100%"
    assert parse("lstm/names?input=a?b=c", BOOK).input == "a?b=c"
    assert parse("lstm/names?input=%EB%AF%BC", BOOK).input == "민"
    assert parse("lstm/names?input=", BOOK).input == ""
    assert parse("lstm/names", BOOK).input is None


def test_the_line_in_the_design_reads_as_it_says() -> None:
    line = "lstm/names?input=maria&hidden_size=32&seed=7&weights=steps:800&force=layers.0.lstm.f:1&step=4"
    scene = parse(line, BOOK)
    assert scene == Scene(
        "lstm",
        "names",
        "maria",
        (("hidden_size", 32),),
        7,
        Weights("steps", steps=800),
        (Force("layers.0.lstm.f", 1.0),),
        4,
    )
    assert str(scene) == line


@pytest.mark.parametrize(
    ("text", "force"),
    [
        ("layers.0.lstm.f:1", Force("layers.0.lstm.f", 1.0)),
        ("layers.0.lstm.i@3..:0", Force("layers.0.lstm.i", 0.0, None, Steps(3, None))),
        ("layers.0.lstm.c[7]@3:0", Force("layers.0.lstm.c", 0.0, 7, Steps(3, 3))),
        ("layers.0.lstm.c@..5:-0.25", Force("layers.0.lstm.c", -0.25, None, Steps(None, 5))),
        ("layers.0.lstm.c@3..5:1e-20", Force("layers.0.lstm.c", 1e-20, None, Steps(3, 5))),
    ],
)
def test_forces_of_the_grammar(text: str, force: Force) -> None:
    assert Force.read(text) == force
    assert str(force) == text


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [("3", [3], [2, 4]), ("3..", [3, 99], [2]), ("..5", [1, 5], [6]), ("3..5", [3, 4, 5], [2, 6])],
)
def test_ranges_hold_both_ends(text: str, inside: list[int], outside: list[int]) -> None:
    steps = Steps.read(text)
    assert all(step in steps for step in inside)
    assert not any(step in steps for step in [*outside, 0, "3"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("lstn/names", r"no model 'lstn' · did you mean 'lstm'\?"),
        ("lstm/nams", r"no task 'nams' · did you mean 'names'\?"),
        ("markov/text", r"markov is not taught on text · on text there is lstm/text"),
        ("lstm", r"'lstm' names no task · write lstm/names"),
        ("", r"no model ''"),
        ("lstm/names?hiden_size=3", r"no key 'hiden_size' in lstm/names · did you mean 'hidden_size'\?"),
        ("lstm/names?hidden_size=0", r"hidden_size=0 is out of range · from 1 to 512"),
        ("lstm/names?hidden_size=3.5", r"hidden_size='3.5' is not a whole number · from 1 to 512"),
        ("lstm/names?hidden_size=" + "9" * 5000, r"is not a whole number · from 1 to 512"),
        ("lstm/names?learning_rate=nan", r"learning_rate=nan is out of range"),
        ("lstm/names?learning_rate=inf", r"learning_rate=inf is out of range · from 0 to ∞"),
        ("lstm/names?learning_rate=fast", r"learning_rate='fast' is not a number"),
        ("lstm/names?init=ortogonal", r"init has no choice 'ortogonal' · did you mean 'orthogonal'\?"),
        ("lstm/names?chrono=yes", r"chrono=yes is neither true nor false"),
        ("lstm/names?input", r"'input' has no value · write key=value"),
        ("lstm/names?seed=1&seed=2", r"seed is given twice"),
        ("lstm/names?seed=-1", r"seed=-1 is not a whole number from 0"),
        ("lstm/names?seed=" + "9" * 5000, r"is not a whole number from 0"),
        ("lstm/names?step=x", r"step=x is not a whole number from -1"),
        ("lstm/names?weights=trained", r"weights=trained cannot be read · write shipped, steps:N or run:ID"),
        ("lstm/names?weights=shipped&seed=2", r"no shipped weights for lstm/names\?seed=2&weights=shipped"),
        ("lstm/names?force=layers.0.lstm.f", r"cannot be read · write NAME\[unit\]@steps:value"),
        ("lstm/names?force=layers.0.lstm.f:one", r"'one' is not a number"),
        ("lstm/names?force=layers.0.lstm.f:inf", r"the value has to be finite"),
        ("lstm/names?force=layers.0.lstm.f@0:1", r"begins at step 0 · steps count from 1"),
        ("lstm/names?force=layers.0.lstm.f@5..3:1", r"runs backwards · write 3..5"),
        ("lstm/names?force=layers.0.lstm.f@x:1", r"'x' is not a range of steps · write 3, 3\.\., \.\.5"),
        ("lstm/names?force=layers.0.lstm.f@:1", r"'' is not a range of steps"),
        ("lstm/names?force=layers.0.lstm.f@" + "9" * 5000 + ":1", r"is not a range of steps"),
        ("lstm/names?force=layers.0.lstm.f[" + "9" * 5000 + "]:1", r"cannot be read"),
        ("lstm/names?force=layers.0.lstm.g:1", r"'layers.0.lstm.g' does not exist · did you mean"),
        ("lstm/names?force=layers.1.lstm.f:1", r"'layers.1.lstm.f' does not exist · .*'layers.0.lstm.f'"),
        ("lstm/names?force=output.probs:1", r"'output.probs' cannot be forced"),
        ("lstm/names?force=layers.0.lstm.f[64]:1", r"no unit 64 · units run from 0 to 63"),
        ("lstm/names?input=\udcff", r"not UTF-8"),
    ],
)
def test_errors_name_what_is_wrong_and_the_nearest_right_thing(line: str, message: str) -> None:
    with pytest.raises(SceneError, match=message):
        parse(line, BOOK)


@given(st.text(max_size=40) | TEXTS.map("lstm/names?".__add__) | TEXTS.map("lstm/names?force=".__add__))
def test_any_line_is_a_scene_or_a_scene_error(line: str) -> None:
    try:
        scene = parse(line, BOOK)
    except SceneError:
        return
    assert parse(str(scene), BOOK) == scene


def test_a_second_layer_has_signals_of_its_own() -> None:
    scene = parse("lstm/names?n_layers=2&force=layers.1.lstm.f[0]:1", BOOK)
    assert scene.force[0].signal == "layers.1.lstm.f"


def test_a_force_is_added_and_everything_else_replaced() -> None:
    scene = parse("lstm/names?input=maria&force=layers.0.lstm.f:1", BOOK)
    more = merge(scene, "input=elena&force=layers.0.lstm.c:0&hidden_size=12", BOOK)
    assert str(more) == (
        "lstm/names?input=elena&hidden_size=12&force=layers.0.lstm.f:1&force=layers.0.lstm.c:0"
    )


def test_a_knob_at_its_default_is_left_out() -> None:
    assert str(parse("lstm/names?hidden_size=64&init=uniform", BOOK)) == "lstm/names"
    scene = parse("lstm/names?hidden_size=32", BOOK)
    assert scene.with_knob("hidden_size", 64, BOOK).knobs == ()
    assert scene.values(BOOK)["hidden_size"] == 32
    assert parse("lstm/text", BOOK).values(BOOK)["hidden_size"] == 12


def test_weights_are_shipped_where_there_are_some_and_else_untrained() -> None:
    assert parse("lstm/names", BOOK).resolved_weights(BOOK) == Weights("shipped")
    assert parse("lstm/names?hidden_size=12", BOOK).resolved_weights(BOOK) == Weights("shipped")
    assert parse("lstm/names?weights=shipped", BOOK).resolved_weights(BOOK) == Weights("shipped")
    for line in ("lstm/names?seed=2", "lstm/names?learning_rate=0.01", "markov/names"):
        assert parse(line, BOOK).resolved_weights(BOOK) == Weights("steps", steps=0)
    assert parse("lstm/names?weights=steps:5", BOOK).resolved_weights(BOOK) == Weights("steps", steps=5)


def test_missing_shipped_weights_name_those_there_are() -> None:
    with pytest.raises(SceneError, match=r"there is lstm/names, lstm/names\?hidden_size=12"):
        parse("lstm/names?hidden_size=13&weights=shipped", BOOK)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6))
def test_a_number_is_written_short_and_reads_back(value: float) -> None:
    assert float(number(value)) == value
    assert len(number(value)) <= len(repr(value))


def test_scene_task_model_and_training_knobs_never_share_a_name() -> None:
    book = catalogue()
    for pair in book.recipes:
        model, task = book.pair(*pair.split("/"))
        names = [knob.name for knob in (*model.knobs, *task.knobs, *book.training)]
        assert len(set(names)) == len(names)
        assert not set(names) & set(SCENE_KEYS)


def test_every_example_of_every_pair_is_a_scene() -> None:
    book = catalogue()
    for pair in book.recipes:
        for example in book.task(pair.split("/")[1]).examples:
            scene = parse(pair).with_(input=example)
            assert parse(str(scene)) == scene
