"""Runs a training to its end: told about at most 20 times a second, looked at for 4 % of the time."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from seqtui.engine.port import Progress
from seqtui.store import Database
from seqtui.training.loop import Training
from seqtui.training.record import Recorder
from seqtui.training.threads import use_threads

INTERVAL = 0.05
"""Seconds between two Progress."""

SAMPLE_INTERVAL = 0.5
"""Seconds between two samples: faster nobody can read them."""

KEPT_EVERY = 10.0
"""Seconds after which a run is written to disk, whether or not there is a new snapshot."""


def run(
    training: Training, *, seconds: float | None = None, database: Database | None = None
) -> Iterator[Progress | None]:
    """Step by step to the end, or until `seconds` have passed; pauses do not count.

    Yields after every step: a Progress when one is due, else None. Between two steps is the caller's time
    to answer others, stop, pause or edit; who looks at the model then pays from `training.account`. While
    paused it yields a Progress at every turn and does not wait: the caller does. A training with a `run`
    is recorded in the database. The last Progress is done, stopped or failed; a caller that goes away
    stops the run and keeps it.
    """
    use_threads()
    course = _Course(training, seconds, database)
    try:
        yield course.progress()
        while not training.over:
            yield course.turn()
    except Exception as error:
        training.state, training.text = "failed", f"{type(error).__name__}: {error}"
        raise
    finally:
        course.end()
    yield course.progress()


class _Course:
    """One turn after another: a step, what may be looked at and kept, and whether it is time to tell."""

    def __init__(self, training: Training, seconds: float | None, database: Database | None) -> None:
        training.prepare()  # before the clock runs
        self._training, self._seconds, self._clock = training, seconds, training.clock
        self._recorder = Recorder(training, database or Database()) if training.run else None
        now = self._clock()
        self._told = self._sampled = self._kept = self._last = now
        self._ran = 0.0
        self._scored_at = 0

    def turn(self) -> Progress | None:
        """Take a turn; a Progress if one is due."""
        training, now = self._training, self._clock()
        since, self._last = now - self._last, now
        if training.state == "paused":
            return self.progress()
        self._ran += since
        if self._seconds is not None and self._ran >= self._seconds:
            training.stop(f"the time was up after step {training.done} of {training.steps}")
            return None
        training.step()
        if now - self._told < INTERVAL or training.over:
            return None
        self._told = now
        self._look(now)
        self._keep(now)
        return self.progress()

    def progress(self) -> Progress:
        """How the training stands, and whether it can be kept."""
        progress = self._training.progress()
        note = self._recorder.note if self._recorder else ""
        return replace(progress, text=" · ".join(filter(None, (progress.text, note))))

    def end(self) -> None:
        """Stop if it is not over yet, and keep what was learnt."""
        self._training.stop()
        self._training.settle()
        if self._recorder:
            self._recorder.keep()

    def _look(self, now: float) -> None:
        training, account = self._training, self._training.account
        if now - self._sampled >= SAMPLE_INTERVAL and account.affords("samples"):
            self._sampled = now
            training.look_samples()
        elif training.done > self._scored_at and account.affords("score"):
            self._scored_at = training.done
            training.look_score()

    def _keep(self, now: float) -> None:
        recorder, account = self._recorder, self._training.account
        if recorder is None or not (recorder.behind or now - self._kept >= KEPT_EVERY):
            return
        if account.affords("keep"):
            self._kept = now
            with account.pay("keep"):
                recorder.keep()
