"""YAML 1.2 as plain values that know their line and column. No anchors, aliases, tags or directives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from seqtui.course.problem import LocatedError, Report
from seqtui.course.source import UNPRINTABLE

NODES = (MappingStartEvent, SequenceStartEvent, ScalarEvent)
MAX_DEPTH = 12
MAX_LENGTH = 16 * 1024
"""Characters of YAML in one block: many times what a block needs, and read within a fifth of a second."""

Scalar = str | int | float | bool | None

# https://yaml.org/spec/1.2.2/#1032-tag-resolution, the core schema without octal and hexadecimal numbers.
NULL = re.compile(r"|~|null|Null|NULL")
TRUTH = re.compile(r"true|True|TRUE|false|False|FALSE")
WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it begins, both from 1; `keys` says the same of a mapping's keys."""

    value: Scalar | tuple[Node, ...] | dict[str, Node]
    line: int
    column: int
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)


def read_yaml(text: str, line: int, column: int, report: Report) -> Node | None:
    """The one document in a text that begins at this line and column of its file; None after a problem."""
    if len(text) > MAX_LENGTH:
        report.add(line, column, f"longer than {MAX_LENGTH // 1024} kB", "say it in fewer words")
        return None
    try:
        return _Reader(text, line, column, report).document()
    except LocatedError as problem:
        report.add(problem.line, problem.column, problem.what, problem.hint)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        down, right = (mark.line, mark.column) if mark is not None else (0, 0)
        what = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
        hint = "quote text that holds : # [ ] { } or a quotation mark"
        report.add(line + down, column + right, f"not YAML: {what}", hint)
    except (ValueError, OverflowError):
        report.add(line, column, "not YAML: an escape in quotes names no character")
    return None


class _Reader:
    """Builds nodes from the parser's events, which come one by one: what is refused is never read further."""

    def __init__(self, text: str, line: int, column: int, report: Report) -> None:
        self.events: Iterator[Event] = iter(YAML(typ="safe", pure=True).parse(text))
        self.line, self.column = line, column
        self.report = report

    def document(self) -> Node:
        """The only document of the stream; an empty one is an empty mapping."""
        event = next(self.events)
        while isinstance(event, StreamStartEvent | DocumentStartEvent):
            if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
                raise self.refused(event, "a YAML directive", "leave it out: it is YAML 1.2")
            event = next(self.events)
        if isinstance(event, StreamEndEvent):
            return Node({}, self.line, self.column)
        node = self.node(event, 1)
        for event in self.events:
            if not isinstance(event, DocumentEndEvent | StreamEndEvent):
                raise self.refused(event, "a second YAML document", "there is room for one")
        return node

    def node(self, event: Event, depth: int) -> Node:
        """What begins with this event."""
        if not isinstance(event, NODES) or event.anchor is not None:
            raise self.refused(event, "a YAML anchor or alias", "write the value where it is meant")
        if event.tag is not None:
            raise self.refused(event, f"a YAML tag, {event.tag}", "write the value without it")
        if depth > MAX_DEPTH:
            raise self.refused(event, f"nested deeper than {MAX_DEPTH} levels", "")
        line, column = self.at(event)
        if isinstance(event, MappingStartEvent):
            return self.mapping(line, column, depth)
        if isinstance(event, SequenceStartEvent):
            return Node(tuple(self.items(depth)), line, column)
        assert isinstance(event, ScalarEvent)
        text = str(event.value)
        if found := UNPRINTABLE.search(text):
            raise self.refused(
                event, f"an escape for U+{ord(found[0]):04X}, which is not printable", "remove it"
            )
        return Node(scalar(text) if event.style is None else text, line, column)

    def items(self, depth: int) -> Iterator[Node]:
        """The entries of a sequence."""
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                return
            yield self.node(event, depth + 1)

    def mapping(self, line: int, column: int, depth: int) -> Node:
        """A mapping; of two equal keys the first counts, and the second is a problem."""
        found: dict[str, Node] = {}
        keys: dict[str, tuple[int, int]] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent):
                raise self.refused(event, "a key that is not a word", "write key: value")
            place = self.at(event)
            self.node(event, depth + 1)
            key, value = str(event.value), self.node(next(self.events), depth + 1)
            if key in found:
                self.report.add(*place, f"{key} is given twice", f"first in line {keys[key][0]}")
                continue
            found[key], keys[key] = value, place
        return Node(found, line, column, keys)

    def at(self, event: Event) -> tuple[int, int]:
        """Line and column in the file."""
        return self.line + event.start_mark.line, self.column + event.start_mark.column

    def refused(self, event: Event, what: str, hint: str) -> LocatedError:
        """The error for what this subset of YAML does not have."""
        return LocatedError(self.report.path, *self.at(event), what, hint)


def scalar(text: str) -> Scalar:
    """The value of a plain scalar: null, truth, number, else text. `off`, `yes` and dates are text."""
    if NULL.fullmatch(text):
        return None
    if TRUTH.fullmatch(text):
        return text.lower() == "true"
    if WHOLE.fullmatch(text):
        return int(text)
    return float(text) if NUMBER.fullmatch(text) else text
