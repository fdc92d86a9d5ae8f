"""What if: choose what is to be forced, from a list that says what to expect, or typed."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from seqtui.errors import SeqtuiError
from seqtui.glyphs import clip, fit, to_ascii, width
from seqtui.panels import View
from seqtui.panels.presets import Preset, example, presets, read_force, same_place
from seqtui.scene import Force
from seqtui.sentences import say
from seqtui.tui.keys import hints, key
from seqtui.tui.widgets.key_line import KeyLine
from seqtui.tui.widgets.row_list import RowList

BOX = 5
"""Columns of `▸[x] `, where a click marks."""


class PresetList(RowList):
    """`▸[x] f = 1    nothing is erased; …`, and while something is forced a last row that clears."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("mark", "space", "mark"),
        key("apply", "enter", "open"),
    ]
    DEFAULT_CSS = "PresetList { height: auto; max-height: 100%; }"

    def __init__(self, offered: list[Preset], forced: tuple[Force, ...]) -> None:
        super().__init__()
        self.offered = offered
        self.chosen: set[Force] = set(forced)
        self.clearable = bool(forced)
        self.touched = False

    @property
    def count(self) -> int:
        """Presets, and the row that clears."""
        return len(self.offered) + self.clearable

    def segments(self, place: int, here: bool, columns: int) -> list[Segment]:
        """One preset."""
        head = "▸" if here else " "
        if place == len(self.offered):
            name, expect, box = say("what_if.clear"), say("what_if.clear_text"), "    "
        else:
            preset = self.offered[place]
            name, expect = preset.name, preset.expect
            box = "[x] " if preset.force in self.chosen else "[ ] "
        room = self._name_width(name, columns)
        return [
            Segment(head),
            Segment(box, self.marked if box == "[x] " else self.faint),
            Segment(fit(name, room) + "  "),
            Segment(clip(expect, max(columns - BOX - room - 2, 1)), self.faint),
        ]

    def _name_width(self, name: str, columns: int) -> int:
        """The column of names; where it is narrow that of the short ones, past which long ones reach."""
        widest = max([width(preset.name) for preset in self.offered] + [width(say("what_if.clear"))])
        column = widest if columns >= 64 else min(widest, width(say("what_if.clear")))
        return min(max(column, width(name)), max(columns - BOX - 20, 12))

    @property
    def cut(self) -> str:
        """What to expect of the row under the cursor, where the row is too short for it."""
        if self.cursor >= len(self.offered):
            return ""
        preset, columns = self.offered[self.cursor], self.size.width
        room = columns - BOX - self._name_width(preset.name, columns) - 2
        return preset.expect if width(preset.expect) > room else ""

    def clicked(self, place: int, x: int) -> bool:
        """A click on the box marks."""
        if x < BOX and place < len(self.offered):
            self.action_mark()
            return True
        return False

    def action_mark(self) -> None:
        """Mark the preset under the cursor, or take its mark away."""
        if self.cursor < len(self.offered):
            force = self.offered[self.cursor].force
            self.touched = True
            if force in self.chosen:
                self.chosen.remove(force)
            else:
                self.take(force)
            self.refresh()

    def take(self, force: Force) -> None:
        """Mark a force; one that sets the same numbers loses its mark."""
        self.chosen = {other for other in self.chosen if not same_place(other, force)} | {force}


class WhatIf(ModalScreen[str | None]):
    """Ends with the forces as a Scene writes them, joined by &; "" to clear, None for no change."""

    CSS_PATH = "what_if.tcss"
    AUTO_FOCUS = "PresetList"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("to_field", "e", "field"),
        key("close", "escape,x", "close"),
    ]

    def __init__(self, view: View) -> None:
        """view: at a part with something that can be forced (`where_forcible`)."""
        super().__init__()
        self.view = view

    def compose(self) -> ComposeResult:
        """A list, a field, a line for what is wrong, the keys."""
        with Vertical(classes="frame"):
            yield PresetList(presets(self.view), self.view.scene.force)
            with Horizontal(classes="field"):
                yield Static(Content(say("what_if.field")))
                yield Input(placeholder=example(self.view), compact=True)
            yield Static(classes="below")
            yield KeyLine()

    def on_mount(self) -> None:
        """Write the frame's title."""
        model, _ = self.view.book.pair(self.view.scene.model, self.view.scene.task)
        title = say("what_if.title", model=model.title, part=self.view.part)
        self.ascii = bool(getattr(self.app, "ascii", False))
        self.query_one(".frame").border_title = Content(to_ascii(title) if self.ascii else title).markup
        self.query_one(PresetList).ascii = self.query_one(KeyLine).ascii = self.ascii

    def on_descendant_focus(self) -> None:
        """Other keys act in the field."""
        self.query_one(KeyLine).hints = hints(
            self, "apply", "mark", "choose_up choose", "to_field", "leave", "close"
        )

    def say_below(self, text: str, *, wrong: bool = True) -> None:
        """What is wrong, or what to expect, below the field."""
        self.query_one(".below").set_class(wrong, "-wrong")
        self.query_one(".below", Static).update(Content(to_ascii(text) if self.ascii else text))

    @on(PresetList.Opened)
    def opened(self, event: PresetList.Opened) -> None:
        """Enter: what is marked; where nothing was marked by hand, the row under the cursor beside it."""
        found = self.query_one(PresetList)
        if event.row == len(found.offered):
            self.dismiss("")
            return
        if not found.touched:
            found.take(found.offered[event.row].force)
        self.finish(found.chosen)

    @on(Input.Submitted)
    def typed(self, event: Input.Submitted) -> None:
        """What was typed, beside what is marked; what cannot be read stays in the field."""
        event.stop()
        found = self.query_one(PresetList)
        try:
            if event.value.strip():
                found.take(read_force(self.view, event.value))
            self.finish(found.chosen)
        except SeqtuiError as error:
            self.say_below(str(error))

    @on(PresetList.Moved)
    def moved(self) -> None:
        """What does not fit into its row stands below."""
        self.say_below(self.query_one(PresetList).cut, wrong=False)

    @on(Input.Changed)
    def typing(self) -> None:
        """What was wrong is being changed."""
        self.say_below("")

    def finish(self, chosen: set[Force]) -> None:
        """Give back what is to be forced; None where it is forced already."""
        if chosen == set(self.view.scene.force):
            self.dismiss(None)
            return
        kept = [force for force in self.view.scene.force if force in chosen]
        new = sorted((force for force in chosen if force not in kept), key=str)
        self.dismiss("&".join(f"force={force}" for force in [*kept, *new]))

    def action_field(self) -> None:
        """To the field."""
        self.query_one(Input).focus()

    def action_close(self) -> None:
        """Out of the field, then away, without a change."""
        if isinstance(self.focused, Input):
            self.query_one(PresetList).focus()
        else:
            self.dismiss(None)
