"""Learn how sequence models work by standing inside them: the library's face.

import seqtui

trace = seqtui.load("maria.npz")  # what `seqtui trace "lstm/names?input=maria" --out maria.npz` wrote
seqtui.explain(trace, "layers.0.lstm.f", step=4, unit=7)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike

    from seqtui.signals import Trace, explain

__version__ = "0.1.0"

__all__ = ["Trace", "__version__", "explain", "load"]

ROOMS = {"Trace": "seqtui.signals", "explain": "seqtui.signals"}
"""Where each name lives. It is imported when it is first used, so that `import seqtui` costs nothing."""


def load(path: str | PathLike[str]) -> Trace:
    """The Trace in an .npz file; raises StateError for a file that is not one."""
    from pathlib import Path

    from seqtui.signals.files import load as read

    return read(Path(path))


def __getattr__(name: str) -> Any:
    if name not in ROOMS:
        raise AttributeError(f"module 'seqtui' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(ROOMS[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *ROOMS})
