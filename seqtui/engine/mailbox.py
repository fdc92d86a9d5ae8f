"""What waits to be computed, in the order in which it is to be computed. Shared by the worker's threads."""

from __future__ import annotations

import threading

from seqtui.engine.messages import (
    Ask,
    AskGenerate,
    AskSave,
    AskScore,
    AskSnapshot,
    AskTrace,
    AskTrain,
    Cancel,
    Steer,
)
from seqtui.engine.port import Cancelled, Replaced
from seqtui.errors import EngineError

URGENCY: dict[type[Ask], int] = {
    Cancel: 0,
    Steer: 1,
    AskTrace: 2,
    AskSnapshot: 2,
    AskGenerate: 3,
    AskScore: 3,
    AskSave: 3,
    AskTrain: 4,
}
"""What is taken first: what stops, then what steers, then what is looked at, then what takes long."""


class Mailbox:
    """Requests that wait. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._waiting: list[Ask] = []
        self._changed = threading.Condition()

    def put(self, ask: Ask) -> list[tuple[Ask, EngineError]]:
        """Let it wait; returns what it pushed out, and the error that its asker is owed.

        A trace pushes out an older trace; a Cancel what it names.
        """
        with self._changed:
            out = [(old, _pushed_out(old, ask)) for old in self._waiting]
            self._waiting = [old for old, error in out if error is None]
            self._waiting.append(ask)
            self._changed.notify()
        return [(old, error) for old, error in out if error is not None]

    def take(self, *, wait: bool = True, training: bool = False) -> Ask | None:
        """The most urgent one, the oldest of these; while `training`, no other training.

        With `wait` it is waited for; else None where there is none.
        """
        with self._changed:
            while True:
                able = [ask for ask in self._waiting if not (training and isinstance(ask, AskTrain))]
                if able:
                    first = min(able, key=lambda ask: URGENCY[type(ask)])
                    self._waiting.remove(first)
                    return first
                if not wait:
                    return None
                self._changed.wait()

    def cancels(self, number: int) -> bool:
        """Whether a Cancel waits for this request, which is being computed."""
        with self._changed:
            return any(isinstance(ask, Cancel) and ask.only in (0, number) for ask in self._waiting)


def _pushed_out(old: Ask, new: Ask) -> EngineError | None:
    """The error that `old` ends with now that `new` has come."""
    if isinstance(new, AskTrace) and isinstance(old, AskTrace):
        return Replaced()
    if isinstance(new, Cancel) and not isinstance(old, Cancel) and new.only in (0, old.id):
        return Cancelled()
    return None
