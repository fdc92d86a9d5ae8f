"""Opening traces: `python -m seqtui.course.scenes | python -m seqtui.training.make_openings`.

They let a lesson be stepped before torch is awake. A Scene with something forced gets its plain run too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from seqtui.scene import parse
from seqtui.store import checkpoints_folder
from seqtui.training.make_checkpoints import make_openings


def make(lines: Iterable[str]) -> None:
    """Write one for each Scene, and take away those that nothing begins with any more."""
    scenes = [parse(line) for line in lines if line.strip()]
    wanted = [str(kind) for scene in scenes for kind in (scene, scene.with_(force=()))]
    written = set(make_openings(dict.fromkeys(wanted)))
    for path in checkpoints_folder().glob("*.npz"):
        if path not in written:
            path.unlink()
    for path in sorted(written):
        print(path.name, path.stat().st_size)


if __name__ == "__main__":
    make(sys.stdin)
