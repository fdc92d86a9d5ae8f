"""What waits is computed in the order of its urgency; what is out of date is pushed out, never forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtui.engine import messages as say
from seqtui.engine.mailbox import URGENCY, Mailbox
from seqtui.engine.port import Cancelled, Replaced

MAKE: dict[str, Callable[[int], say.Ask]] = {
    "trace": lambda n: say.AskTrace(n, "a/b"),
    "snapshot": lambda n: say.AskSnapshot(n, "a/b", "r", 1),
    "score": lambda n: say.AskScore(n, "a/b"),
    "generate": lambda n: say.AskGenerate(n, "a/b", 1, 1.0, 1),
    "train": lambda n: say.AskTrain(n, "a/b"),
    "steer": lambda n: say.Steer(n, "r"),
    "save": lambda n: say.AskSave(n, "r", "p"),
    "cancel": lambda n: say.Cancel(n),
}


def emptied(box: Mailbox, *, training: bool = False) -> list[say.Ask]:
    """All that can be taken, in order."""
    found = []
    while (ask := box.take(wait=False, training=training)) is not None:
        found.append(ask)
    return found


@given(st.lists(st.sampled_from(sorted(MAKE)), max_size=20))
def test_every_request_is_either_taken_or_pushed_out_with_an_error(kinds: list[str]) -> None:
    box = Mailbox()
    asks = [MAKE[kind](number) for number, kind in enumerate(kinds, 1)]
    pushed = [ask for new in asks for ask, _ in box.put(new)]
    taken = emptied(box)
    assert sorted(ask.id for ask in pushed + taken) == [ask.id for ask in asks]
    order = [(URGENCY[type(ask)], ask.id) for ask in taken]
    assert order == sorted(order)


def test_a_newer_trace_replaces_the_older_one_and_nothing_else() -> None:
    box = Mailbox()
    older, score = say.AskTrace(1, "a/b"), say.AskScore(2, "a/b")
    assert box.put(older) == box.put(score) == []
    ((out, error),) = box.put(say.AskTrace(3, "a/b"))
    assert out is older
    assert isinstance(error, Replaced)
    assert [ask.id for ask in emptied(box)] == [3, 2]


def test_cancel_drops_what_waits_and_is_itself_taken_first() -> None:
    box = Mailbox()
    for number, kind in enumerate(["trace", "score", "train"], 1):
        box.put(MAKE[kind](number))
    dropped = box.put(say.Cancel(9))
    assert {ask.id for ask, error in dropped if isinstance(error, Cancelled)} == {1, 2, 3}
    assert [ask.id for ask in emptied(box)] == [9]


def test_cancel_of_one_request_leaves_the_others() -> None:
    box = Mailbox()
    for number, kind in enumerate(["trace", "score", "train"], 1):
        box.put(MAKE[kind](number))
    assert [ask.id for ask, _ in box.put(say.Cancel(9, only=2))] == [2]
    assert [ask.id for ask in emptied(box)] == [9, 1, 3]


@pytest.mark.parametrize(("only", "number", "meant"), [(0, 4, True), (4, 4, True), (5, 4, False)])
def test_what_is_being_computed_hears_of_its_cancel(only: int, number: int, meant: bool) -> None:
    box = Mailbox()
    assert not box.cancels(number)
    box.put(say.Cancel(9, only))
    assert box.cancels(number) is meant


def test_a_second_training_waits_until_the_first_is_over() -> None:
    box = Mailbox()
    box.put(MAKE["train"](1))
    box.put(MAKE["trace"](2))
    assert [ask.id for ask in emptied(box, training=True)] == [2]
    assert [ask.id for ask in emptied(box)] == [1]


def test_taking_waits_for_another_thread_to_put() -> None:
    box, found = Mailbox(), []
    reader = threading.Thread(target=lambda: found.append(box.take()))
    reader.start()
    box.put(MAKE["trace"](1))
    reader.join(timeout=10)
    assert [ask.id for ask in found if ask] == [1]
