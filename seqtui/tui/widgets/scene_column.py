"""The left column of the lab: the Scene by its fields, and what is forced."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive

from seqtui.catalogue import Catalogue, catalogue
from seqtui.glyphs import clip, fit, visible
from seqtui.panels.lines import force_words
from seqtui.scene import Scene
from seqtui.sentences import say
from seqtui.tui.keys import key
from seqtui.tui.scene_fields import fields, shown
from seqtui.tui.widgets.row_list import RowList

NAME = 8
"""Columns of a field's name."""


class SceneRows(RowList):
    """`▸ model   ◂ lstm ▸`, a row a field: ←→ turn it, Enter types it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("change_back", "left", "turn(-1)", show=False),
        key("change", "right", "turn(1)"),
        key("type", "enter", "open"),
    ]
    DEFAULT_CSS = "SceneRows { height: auto; }"

    scene: reactive[Scene | None] = reactive(None)

    class Turned(Message):
        """A field is to go to its next or previous value."""

        def __init__(self, field: str, by: int) -> None:
            self.field, self.by = field, by
            super().__init__()

    def __init__(self, book: Catalogue | None = None) -> None:
        super().__init__()
        self.book = book or catalogue()

    @property
    def names(self) -> tuple[str, ...]:
        """The fields."""
        return fields(self.scene) if self.scene is not None else ()

    @property
    def count(self) -> int:
        """A row a field."""
        return len(self.names)

    def watch_scene(self) -> None:
        """Draw the new Scene."""
        self.rows_changed()

    def segments(self, place: int, here: bool, columns: int) -> list[Segment]:
        """One field."""
        assert self.scene is not None
        field = self.names[place]
        turns = field in ("model", "task", "weights", "seed", "input")
        value = say("lab.paste") if field == "line" else visible(shown(self.scene, field, self.book))
        value = clip(value, columns - 3 - NAME - (4 if turns else 0))
        if here and self.has_focus and turns:
            value = f"◂ {value} ▸"
        head = ("▸ " if here and self.has_focus else "  ") + fit(say(f"lab.{field}"), NAME)
        return [Segment(head, self.faint), Segment(" " + value)]

    def action_turn(self, by: int) -> None:
        """The next or the previous value of the field under the cursor."""
        if self.names:
            self.post_message(self.Turned(self.names[self.cursor], by))


class ForceRows(RowList):
    """What is forced, a row each, and a last row that asks for more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("forces", "enter", "open"),
        key("remove", "delete,backspace", "remove"),
    ]
    DEFAULT_CSS = "ForceRows { height: auto; }"

    scene: reactive[Scene | None] = reactive(None)

    class Removed(Message):
        """A force is to be taken away."""

        def __init__(self, place: int) -> None:
            self.place = place
            super().__init__()

    @property
    def count(self) -> int:
        """A row a force, and one more."""
        return len(self.scene.force) + 1 if self.scene is not None else 0

    def watch_scene(self) -> None:
        """Draw the new Scene."""
        self.rows_changed()

    def segments(self, place: int, here: bool, columns: int) -> list[Segment]:
        """One force."""
        assert self.scene is not None
        head = "▸ " if here and self.has_focus else "  "
        if place == len(self.scene.force):
            return [Segment(head + say("lab.add"), self.faint)]
        return [Segment(head + clip(force_words(self.scene.force[place]), columns - 2))]

    def action_remove(self) -> None:
        """Take the force under the cursor away."""
        if self.scene is not None and self.cursor < len(self.scene.force):
            self.post_message(self.Removed(self.cursor))
