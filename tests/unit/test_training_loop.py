"""The loop: same Scene, same curve, whoever looks; live edits, stops and NaN."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor, nn

from seqtui.catalogue import catalogue
from seqtui.errors import SceneError, UsageError
from seqtui.models.dropout import Dropout
from seqtui.scene import SCENE_KEYS, parse
from seqtui.training import Edit, Training, run, use_threads
from seqtui.training.account import Account
from seqtui.training.generators import Generators
from seqtui.training.schedule import curve_steps, rate, snapshot_steps

SMALL = "lstm/names?hidden_size=6&embedding_size=4&steps=40&batch_size=16"


class Clock:
    """A clock that a test winds: every look at it takes `tick` seconds."""

    def __init__(self, tick: float = 0.0) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


def taught(line: str = SMALL, **options: object) -> Training:
    training = Training(parse(line), **options)  # type: ignore[arg-type]
    while not training.over:
        training.step()
    return training


def learnt(training: Training) -> list[tuple[int, float, float | None]]:
    return [(point.step, point.loss, point.score) for point in training.curve]


def same_weights(first: nn.Module, second: nn.Module) -> bool:
    other = second.state_dict()
    return all(torch.equal(weight, other[name]) for name, weight in first.state_dict().items())


# ── the same again ──


@pytest.mark.parametrize(
    "line",
    [
        SMALL,
        SMALL + "&dropout=0.3&n_layers=2",
        SMALL.replace("lstm", "gru") + "&chrono=9",
        SMALL.replace("lstm", "rnn") + "&activation=sigmoid&init=orthogonal",
    ],
)
def test_the_same_scene_has_the_same_curve_bit_for_bit(line: str) -> None:
    first, second = taught(line), taught(line)
    assert learnt(first) == learnt(second)
    assert same_weights(first.model, second.model)
    assert not same_weights(first.model, taught(line + "&seed=2").model)


def test_looking_scoring_and_sampling_change_nothing_that_is_learnt() -> None:
    line = SMALL + "&dropout=0.3"
    unseen = taught(line, observed=False)
    watched = Training(parse(line))
    while not watched.over:
        watched.step()
        watched.look_score()
        watched.look_samples()
        torch.rand(3)
    assert same_weights(unseen.model, watched.model)
    assert learnt(watched) == learnt(taught(line))


def test_the_loop_is_adamw_with_clipping_and_a_cosine_written_out_once_more() -> None:
    scene = parse(SMALL)
    ours = taught(SMALL, observed=False)
    peer = Training(scene, observed=False)  # for its task, first weights and data alone
    model, config = peer.model.train(), peer.config
    moments = {name: (torch.zeros_like(w), torch.zeros_like(w)) for name, w in model.named_parameters()}
    data = Generators.of(scene.seed).data
    for step in range(1, 41):
        loss = peer.task.loss(model, peer.task.batch(data, config.batch_size))
        model.zero_grad()
        torch.autograd.backward(loss)
        gradients = [w.grad for w in model.parameters()]
        norm = torch.stack([g.norm() for g in gradients if g is not None]).norm()
        share = min(1.0, config.clip / (float(norm) + 1e-6))
        lr = config.learning_rate * rate(step, 40)
        with torch.no_grad():
            for name, w in model.named_parameters():
                adamw(w, share, lr, config.weight_decay, moments[name], step)
    for name, weight in ours.model.state_dict().items():
        torch.testing.assert_close(weight, model.state_dict()[name], atol=2e-5, rtol=1e-4)


def adamw(
    w: Tensor, share: float, lr: float, decay: float, moments: tuple[Tensor, Tensor], step: int
) -> None:
    assert w.grad is not None
    m, v = moments
    g = w.grad * share
    m.mul_(0.9).add_(g, alpha=0.1)
    v.mul_(0.99).add_(g * g, alpha=0.01)
    w.mul_(1 - lr * decay)
    w -= lr * (m / (1 - 0.9**step)) / ((v / (1 - 0.99**step)).sqrt() + 1e-8)


def test_a_model_that_is_taught_beats_guessing() -> None:
    training = taught("lstm/names?steps=150")
    assert training.snapshots[0].score == pytest.approx(math.log2(27), abs=0.3)
    assert training.snapshots[150].score < 3.8
    assert training.state == "done"


def test_dropout_is_drawn_from_the_seeds_own_generator() -> None:
    training = Training(parse(SMALL + "&dropout=0.3"))
    parts = [part for part in training.model.modules() if isinstance(part, Dropout)]
    assert [part.generator for part in parts] == [training.generators.dropout]


def test_four_purposes_draw_four_different_streams() -> None:
    drawn = [
        torch.rand(4, generator=chance).tolist()
        for seed in (1, 2)
        for chance in vars(Generators.of(seed)).values()
    ]
    assert len({tuple(numbers) for numbers in drawn}) == 8


def test_a_table_counts_in_one_step() -> None:
    training = taught("markov/names")
    assert (training.done, training.state) == (1, "done")
    assert training.snapshots[1].score == pytest.approx(
        catalogue().task("names").baselines["bigram"], abs=1e-4
    )


# ── the schedule ──


@pytest.mark.parametrize("steps", [1, 2, 7, 40, 3200])
def test_the_rate_rises_for_3_percent_then_falls_and_is_never_0(steps: int) -> None:
    shares = [rate(step, steps) for step in range(1, steps + 1)]
    warm = max(1, math.ceil(0.03 * steps))
    assert max(shares) == shares[warm - 1] == 1
    assert all(a < b for a, b in itertools.pairwise(shares[:warm]))
    assert all(a > b for a, b in itertools.pairwise(shares[warm - 1 :]))
    assert shares[-1] > 0


@pytest.mark.parametrize(
    ("steps", "kept"), [(1, (0, 1)), (2, (0, 1, 2)), (8, (0, 1, 2, 4, 8)), (10, (0, 1, 2, 4, 8, 10))]
)
def test_snapshots_are_spaced_by_doubling_and_end_with_the_last_step(
    steps: int, kept: tuple[int, ...]
) -> None:
    assert snapshot_steps(steps) == kept


def test_the_curve_has_a_point_at_every_interval_and_a_score_at_every_snapshot() -> None:
    training = taught(SMALL.replace("steps=40", "steps=430"))
    steps = [point.step for point in training.curve]
    every = set(range(curve_steps(430), 431, curve_steps(430)))
    assert set(steps) == every | set(snapshot_steps(430)) - {0}
    assert steps == sorted(steps)
    for point in training.curve:
        kept = training.snapshots.get(point.step)
        assert point.score == (kept.score if kept else None)


def test_snapshots_are_the_weights_of_their_step_in_float16() -> None:
    training = taught()
    early = Training(parse(SMALL))
    for _ in range(8):
        early.step()
    for name, weight in training.weights_at(8).items():
        assert torch.equal(weight, early.model.state_dict()[name].half().float())
    with pytest.raises(UsageError, match="no snapshot after step 3"):
        training.weights_at(3)


def test_a_weight_beyond_float16_is_kept_in_float32() -> None:
    training = Training(parse(SMALL))
    with torch.no_grad():
        training.model.get_parameter("output.bias")[0] = 1e6
    training.step()
    assert float(training.weights_at(1)["output.bias"][0]) == pytest.approx(1e6, rel=1e-3)


# ── steering ──


def test_live_edits_are_recorded_and_replay_to_the_same_curve() -> None:
    edited = Training(parse(SMALL))
    for _ in range(10):
        edited.step()
    edited.edit("learning_rate", 0.001)
    edited.edit("clip", 0.1)
    while not edited.over:
        edited.step()
    assert edited.edits == [Edit(10, "learning_rate", 0.001), Edit(10, "clip", 0.1)]
    replayed = taught(SMALL, edits=edited.edits)
    assert learnt(replayed) == learnt(edited)
    assert replayed.edits == edited.edits
    assert learnt(edited) != learnt(taught())


def test_an_edited_rate_moves_the_whole_schedule() -> None:
    training = Training(parse(SMALL))
    training.step()
    training.step()
    before = training.learning_rate
    training.edit("learning_rate", 10 * training.live["learning_rate"])
    assert training.learning_rate == pytest.approx(10 * before)


@pytest.mark.parametrize(
    ("knob", "value", "error"),
    [
        ("hidden_size", 3, "cannot be turned while training runs"),
        ("learning_rat", 0.1, "cannot be turned while training runs"),
        ("learning_rate", -1, "out of range"),
        ("learning_rate", math.nan, "out of range"),
    ],
)
def test_what_may_not_be_turned_is_an_error_and_changes_nothing(knob: str, value: float, error: str) -> None:
    training = Training(parse(SMALL))
    live = dict(training.live)
    with pytest.raises((UsageError, SceneError), match=error):
        training.edit(knob, value)
    assert (training.live, training.edits) == (live, [])


def test_clip_0_lets_every_gradient_through() -> None:
    training = taught(SMALL + "&clip=0")
    assert training.progress().clipped == 0
    assert taught(SMALL + "&clip=0.001").progress().clipped == 1


def test_a_stopped_run_keeps_and_scores_what_was_learnt() -> None:
    training = Training(parse(SMALL))
    for _ in range(11):
        training.step()
    training.stop()
    training.step()
    training.settle()
    assert (training.state, training.done) == ("stopped", 11)
    assert 11 in training.snapshots
    assert training.curve[-1].step == 11
    assert "11 of 40" in training.text


# ── not a number ──


@pytest.mark.parametrize(
    "line",
    [
        "lstm/names?hidden_size=6&steps=400&learning_rate=100",
        "rnn/names?activation=relu&steps=400&learning_rate=100&clip=0",
    ],
)
def test_an_exploding_run_stops_says_what_to_try_and_gives_the_last_good_weights_back(line: str) -> None:
    training = taught(line)
    assert training.state == "failed"
    assert f"step {training.done + 1}" in training.text or f"step {training.done}" in training.text
    assert "try learning_rate=0.0" in training.text
    assert ("clip=1" in training.text) == ("clip=0" in line)
    good = training.task.score(training.model.eval())
    assert math.isfinite(good)
    assert good <= training.snapshots[0].score + 0.01
    assert all(math.isfinite(snapshot.score) for snapshot in training.snapshots.values())


def test_a_step_whose_gradient_is_no_number_changes_no_weight() -> None:
    training = Training(parse(SMALL))
    for _ in range(5):
        training.step()
    with torch.no_grad():
        training.model.get_parameter("embedding.weight")[0, 0] = math.inf
    training.step()
    assert (training.state, training.done) == ("failed", 5)
    assert "step 6" in training.text
    assert all(bool(torch.isfinite(weight).all()) for weight in training.model.state_dict().values())


# ── the driver ──


def test_a_run_tells_at_most_twenty_times_a_second_and_ends_with_done() -> None:
    clock = Clock(tick=0.0001)
    training = Training(parse(SMALL), clock=clock)
    told, when = [], []
    for progress in run(training):
        clock.now += 0.02
        if progress is not None:
            told.append(progress)
            when.append(clock.now)
    assert told[0].step == 0
    assert (told[-1].state, told[-1].step, told[-1].steps) == ("done", 40, 40)
    assert all(b - a >= 0.05 for a, b in itertools.pairwise(when[:-1]))
    assert 5 <= len(told) <= 40 * 0.02 * 20 + 3
    assert learnt(training) == learnt(taught())


def test_a_run_stops_by_the_clock_and_pauses_do_not_count() -> None:
    clock = Clock()
    training = Training(parse(SMALL), clock=clock)
    states = []
    for turn, progress in enumerate(run(training, seconds=10)):
        clock.now += 1
        if turn == 3:
            training.pause()
        if turn == 30:
            training.pause(False)
        if progress is not None:
            states.append(progress.state)
    assert training.state == "stopped"
    assert 9 <= training.done <= 10
    assert states.count("paused") == 27
    assert f"after step {training.done} of 40" in training.text
    assert training.done in training.snapshots


def test_a_caller_who_goes_away_stops_the_run_and_keeps_it() -> None:
    training = Training(parse(SMALL))
    turns = run(training)
    for _ in range(6):
        next(turns)
    turns.close()  # type: ignore[attr-defined]
    assert training.state == "stopped"
    assert training.done in training.snapshots


def test_looking_costs_four_percent_of_the_time_at_most() -> None:
    clock = Clock()
    account = Account(0.04, clock)
    spent = 0.0
    for _ in range(10_000):
        clock.now += 0.005
        if account.affords("score"):
            with account.pay("score"):
                clock.now += 0.03
                spent += 0.03
    assert spent / clock.now <= 0.0402
    assert spent / clock.now >= 0.03


def test_a_long_wait_does_not_pay_for_a_long_freeze() -> None:
    clock = Clock()
    account = Account(0.04, clock)
    clock.now = 3600
    assert account.balance == 0.25


# ── threads ──


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (3, 2), (5, 4), (64, 4)])
def test_one_core_is_left_to_the_terminal(cores: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[int] = []
    monkeypatch.setattr("seqtui.training.threads._cores", lambda: cores)
    monkeypatch.setattr("torch.get_num_threads", lambda: 0)
    monkeypatch.setattr("torch.set_num_threads", chosen.append)
    assert use_threads() == threads
    assert chosen == [threads]


# ── names ──


def test_scene_keys_and_knobs_never_share_a_name() -> None:
    book = catalogue()
    training = [knob.name for knob in book.training]
    for model in book.models.values():
        for task in book.tasks.values():
            own = [knob.name for knob in (*model.knobs, *task.knobs)]
            every = [*SCENE_KEYS, *training, *own]
            assert len(every) == len(set(every))
