"""What has been asked and not been answered yet."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from seqtui.engine.messages import Ask
from seqtui.engine.port import Progress
from seqtui.errors import SeqtuiError
from seqtui.signals import Array

Stream = asyncio.Queue[Progress | SeqtuiError | None]
"""What a run says; None is its end."""

HashedWeights = Mapping[str, Mapping[str, Array]]
"""Weights by their hash."""


@dataclass(eq=False)
class Call:
    """A request under way.

    lives: how many deaths of a ready worker it survives by being asked again. progress: where a run speaks.
    known: the weights that need not be sent. pieces: what came ahead of the answer. paused: nothing is owed.
    """

    ask: Ask
    lives: int
    answer: asyncio.Future[Any]
    progress: Stream | None = None
    known: HashedWeights = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    sent: bool = False
    paused: bool = False

    def settle(self, result: Any) -> None:
        """Answer it; an error is raised where it was asked."""
        if self.progress is not None:
            self.progress.put_nowait(result)
            result = None
        if self.answer.done():
            return
        if isinstance(result, SeqtuiError):
            self.answer.set_exception(result)
        else:
            self.answer.set_result(result)


class Calls:
    """All calls under way, by the number of the request, the oldest first."""

    def __init__(self) -> None:
        self._open: dict[int, Call] = {}

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    def get(self, number: int) -> Call | None:
        """The call of a number, None where nobody waits any more."""
        return self._open.get(number)

    def add(self, call: Call) -> None:
        """Begin to wait."""
        self._open[call.ask.id] = call

    def drop(self, call: Call) -> bool:
        """Wait no more; whether it was still waited for."""
        return self._open.pop(call.ask.id, None) is not None

    def settle(self, call: Call, result: Any) -> None:
        """Answer a call, which is then over."""
        self.drop(call)
        call.settle(result)

    def settle_all(self, error: SeqtuiError) -> None:
        """Every call ends with this error, each with one of its own: an error keeps its traceback."""
        for call in self:
            self.settle(call, type(error)(error.message, error.hint))

    @property
    def owed(self) -> bool:
        """Whether a worker has anything to answer; a paused run has nothing to say."""
        return any(call.sent and not call.paused for call in self)
