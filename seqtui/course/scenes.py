"""The Scene of every live block of every lesson, a line each: what opening traces are made of."""

from __future__ import annotations

from seqtui.course.index import lessons
from seqtui.course.lesson import read_lesson


def scenes() -> list[str]:
    """Each once, in the order of the course."""
    found = [block.scene for entry in lessons() for block in read_lesson(entry.path).blocks]
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    print("\n".join(scenes()))
