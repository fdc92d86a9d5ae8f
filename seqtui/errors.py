"""What can go wrong, said in one line: what it was, where it was, and the nearest right thing."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class SeqtuiError(Exception):
    """An error that a learner may read: `message` says what and where, `hint` the nearest right thing."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} · {self.hint}" if self.hint else self.message


class UsageError(SeqtuiError):
    """What was asked for does not exist or cannot be read: exit code 2."""


class SceneError(UsageError):
    """A Scene names a model, task, knob, signal or step that there is not."""


class InputError(UsageError):
    """The text to be read by a model cannot be read by it."""


class LessonError(UsageError):
    """A lesson file cannot be read; the message begins with file:line:column."""


class EngineError(SeqtuiError):
    """The worker failed, died, or could not be started."""


class TraceError(SeqtuiError):
    """What was recovered differs from what the module returned, or a trace cannot be made."""


class StateError(SeqtuiError):
    """The database, a folder, a checkpoint or a settings file cannot be used."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The hint for an unknown name: the closest known one, else the first few there are."""
    names = sorted(set(known))
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]!r}?"
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return f"there is {shown}" if names else "there is none"
