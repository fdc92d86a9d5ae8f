"""The text of a lesson file, made safe to parse and print: too much is refused, the unprintable replaced."""

from __future__ import annotations

import re
from pathlib import Path

from seqtui.course.problem import LocatedError, Report

MAX_BYTES = 128 * 1024
"""A day of lecture notes is 20 kB; prose of this size is parsed in a tenth of a second."""

MAX_NESTING = 100
"""Brackets, quotes or images opened in a row: each costs the parser one more pass over the rest."""

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Control characters, line separators, halves of characters, and marks that turn the direction of text."""

NESTED = re.compile(rf"(?:(?:!\[|[\[({{>])[ \t]*){{{MAX_NESTING + 1}}}")


def read_source(path: Path) -> str:
    """The text of a file; raises LocatedError where it cannot be read, is too long, or is not UTF-8."""
    name = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise LocatedError(name, 1, 1, f"cannot be read: {error.strerror}") from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(raw) > MAX_BYTES:
            raise _too_long(name) from None
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise LocatedError(name, line, column, "this is not UTF-8", "save the file as UTF-8") from None


def cleaned(text: str, report: Report) -> str:
    """The text with \\n line ends and � for what is unprintable, one line of the report for each.

    Raises LocatedError where the text is too long or nested too deep to be shown at once.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", errors="replace")) > MAX_BYTES:
        raise _too_long(report.path)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if match := NESTED.search(text):
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - text.rfind("\n", 0, match.start())
        raise LocatedError(report.path, line, column, f"nested deeper than {MAX_NESTING} levels")
    for line, words in enumerate(text.split("\n"), start=1):
        if match := UNPRINTABLE.search(words):
            report.add(line, match.start() + 1, f"U+{ord(match[0]):04X} is not printable", "remove it")
    return UNPRINTABLE.sub("\ufffd", text)


def _too_long(path: str) -> LocatedError:
    return LocatedError(path, 1, 1, f"longer than {MAX_BYTES // 1024} kB", "split it into several files")
