"""Cues: links in the text that take the bench to a cell, `[words](#BLOCK?step=4&signal=NAME&unit=7)`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from seqtui.course.lab import LAST_STEP
from seqtui.errors import LessonError, nearest

KEYS = ("step", "signal", "unit")


@dataclass(frozen=True, slots=True)
class Cue:
    """Where a passage wants the bench to be. None: as it is.

    line: the first line of the paragraph, list entry or cell that it stands in, from 1; 0 where unknown.
    """

    block: str
    step: int | None = None
    signal: str | None = None
    unit: int | None = None
    line: int = 0


def read_cue(link: str, line: int = 0) -> Cue | None:
    """The cue that a link's address names, None for an address outside this page or without a block.

    Raises LessonError, without a place, for a cue that cannot be read.
    """
    if not link.startswith("#") or len(link) < 2:
        return None
    block, question, query = unquote(link[1:]).partition("?")
    found: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        key, equals, value = pair.partition("=")
        if key not in KEYS:
            raise LessonError(f"a cue has no key {key!r}", nearest(key, KEYS))
        if key in found:
            raise LessonError(f"{key} is given twice")
        if not equals or not value:
            raise LessonError(f"{key} has no value", f"write {key}=…")
        found[key] = value
    if question and not found:
        raise LessonError("nothing stands after ?", "write step=…, signal=… or unit=…")
    step, unit = _whole(found, "step", -1), _whole(found, "unit", 0)
    if unit is not None and "signal" not in found:
        raise LessonError(f"unit={unit} names no signal", "add signal=…")
    return Cue(block, step, found.get("signal"), unit, line)


def _whole(found: dict[str, str], key: str, low: int) -> int | None:
    text = found.get(key)
    if text is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,7}", text) or not low <= int(text) <= LAST_STEP:
        raise LessonError(f"{key}={text} is not a whole number from {low} to {LAST_STEP}")
    return int(text)
