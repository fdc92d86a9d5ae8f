"""What looking may cost while a model learns: a small share of the time that has passed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Clock = Callable[[], float]

SHARE = 0.04
SAVED_AT_MOST = 0.25
"""Seconds: a long wait does not pay for a long freeze."""


class Account:
    """Earns `share` of every second; scores, samples, snapshots and traces are paid from it, in seconds.

    It may be overdrawn by what must be done: what may wait then waits longer.
    """

    def __init__(self, share: float = SHARE, clock: Clock = time.perf_counter) -> None:
        self._share = share
        self._clock = clock
        self._then = clock()
        self._balance = 0.0
        self._last: dict[str, float] = {}

    @property
    def balance(self) -> float:
        """What there is to spend, in seconds; below 0 when overdrawn."""
        now = self._clock()
        self._balance = min(SAVED_AT_MOST, self._balance + self._share * (now - self._then))
        self._then = now
        return self._balance

    def affords(self, what: str) -> bool:
        """Whether there is enough for `what`, which will cost what it cost last time."""
        return self.balance >= min(self._last.get(what, 0.0), SAVED_AT_MOST)

    @contextmanager
    def pay(self, what: str) -> Iterator[None]:
        """Charge the time that the block takes."""
        began = self._clock()
        try:
            yield
        finally:
            cost = self._clock() - began
            self._last[what] = cost
            self._balance = self.balance - cost
