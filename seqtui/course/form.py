"""A mapping of known keys, read field by field; every fault is a problem at its own line and column."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqtui.course.located import Node
from seqtui.course.problem import Report
from seqtui.errors import nearest

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Form:
    """The fields of one mapping. what: how it is called in a message ("a lab block").

    Readers return None for a field that is absent or wrong, and note what is wrong once.
    """

    def __init__(self, node: Node, report: Report, what: str, keys: Sequence[str]) -> None:
        self.report = report
        self.line, self.column = node.line, node.column
        self.what = what
        self._fields: dict[str, Node] = node.value if isinstance(node.value, dict) else {}
        self._keys = node.keys
        if not isinstance(node.value, dict):
            report.add(self.line, self.column, f"{what} is not a list of key: value", f"write {keys[0]}: …")
        for key in self._fields:
            if key not in keys:
                report.add(*self._keys[key], f"{what} has no key {key!r}", nearest(key, keys))

    def __contains__(self, key: str) -> bool:
        return key in self._fields

    def at(self, key: str) -> tuple[int, int]:
        """Where a field's value begins; where the mapping begins if it has none."""
        node = self._fields.get(key)
        return (node.line, node.column) if node else (self.line, self.column)

    def require(self, *keys: str) -> bool:
        """Whether all these fields are there; notes those that are not."""
        missing = [key for key in keys if key not in self._fields]
        for key in missing:
            self.report.add(self.line, self.column, f"{self.what} has no {key}", f"write {key}: …")
        return not missing

    def text(self, key: str) -> str | None:
        """A field that holds words."""
        node = self._fields.get(key)
        if node is None:
            return None
        if isinstance(node.value, str) and node.value.strip():
            return node.value.strip()
        self._wrong(key, "text", 'write it in quotes: "…"')
        return None

    def slug(self, key: str) -> str | None:
        """A field that holds an id: small letters, digits and single hyphens."""
        text = self.text(key)
        if text is None or SLUG.fullmatch(text):
            return text
        near = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
        self._wrong(key, "an id: small letters, digits and -", f"did you mean {near!r}?" if near else "")
        return None

    def whole(self, key: str, low: int, high: int) -> int | None:
        """A field that holds a whole number from low to high."""
        node = self._fields.get(key)
        if node is None:
            return None
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._wrong(key, f"a whole number from {low} to {high}", "")
        return None

    def texts(self, key: str) -> tuple[tuple[str, int, int], ...] | None:
        """A field that holds a list of words, each with its line and column."""
        node = self._fields.get(key)
        if node is None:
            return None
        entries = node.value if isinstance(node.value, tuple) else (node,)
        found = [
            (entry.value, entry.line, entry.column)
            for entry in entries
            if isinstance(entry.value, str) and entry.value
        ]
        if entries == (node,) or len(found) < len(entries):
            self._wrong(key, "a list of names", f"write {key}: [one, two]")
            return None
        return tuple(found)

    def form(self, key: str, what: str, keys: Sequence[str]) -> Form | None:
        """A field that holds a mapping of its own."""
        node = self._fields.get(key)
        return Form(node, self.report, what, keys) if node is not None else None

    def _wrong(self, key: str, wanted: str, hint: str) -> None:
        self.report.add(*self.at(key), f"{key} is not {wanted}", hint)
