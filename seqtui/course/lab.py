"""The block `yaml lab`: a bench in the text, on a Scene laid over the lesson's, and what it shows of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from seqtui.catalogue import Catalogue
from seqtui.course.form import Form
from seqtui.course.located import Node
from seqtui.course.problem import Report
from seqtui.errors import SceneError, nearest
from seqtui.scene import Scene, merge, parse

KEYS = ("id", "scene", "show", "look", "text", "caption")
LOOK_KEYS = ("step", "signal", "unit")
LAST_STEP = 1_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """Where the cursor stands at first: step from 1 (0 the initial state, −1 the last), unit from 0."""

    step: int | None = None
    signal: str | None = None
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class Lab:
    """A bench in the text. scene: its line, complete. show: the signals drawn, in order.

    text: what is to be seen, for who cannot see it. line, end: the fence's first and last line, from 1.
    """

    id: str
    line: int
    end: int
    scene: str
    show: tuple[str, ...]
    look: Look
    text: str
    caption: str = ""
    kind: Literal["lab"] = "lab"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a block stands in. base: the lesson's scene. faulty: it has one, which cannot be read."""

    base: Scene | None
    faulty: bool
    report: Report
    book: Catalogue


def read_lab(node: Node, lines: tuple[int, int], setting: Setting) -> Lab | None:
    """The block that a fence's YAML describes; None after a problem that leaves nothing to show.

    lines: the fence's first and last.
    """
    form = Form(node, setting.report, "a lab block", KEYS)
    complete = form.require("id", "show", "text")
    name, text, caption = form.slug("id"), form.text("text"), form.text("caption")
    scene = _scene(form, setting)
    if scene is None:
        return None
    show = _shown(form, scene, setting.book)
    look = _look(form, scene, show, setting.book)
    if not complete or not show or name is None:
        return None
    return Lab(name, *lines, str(scene), show, look, text or "", caption or "")


def lesson_scene(line: str, book: Catalogue) -> Scene:
    """A Scene that stands in a lesson; raises SceneError, also where it reads a file."""
    return _own_input(parse(line, book))


def check_point(
    scene: Scene, show: tuple[str, ...], signal: str | None, unit: int | None, book: Catalogue
) -> None:
    """Whether a bench on this scene, with these panels, has such a cell; raises SceneError if not."""
    if signal is None:
        if unit is not None:
            raise SceneError(f"unit={unit} names no signal", "add signal=…")
        return
    values = scene.values(book)
    cards = book.signals(scene.model, values)
    if signal not in cards:
        raise SceneError(f"{scene.model} has no signal {signal!r}", nearest(signal, cards))
    if signal not in show:
        raise SceneError(f"{signal} is not shown in this block", f"add it to show, or take {', '.join(show)}")
    units = values.get(cards[signal].units)
    if unit is not None and isinstance(units, int) and unit >= units:
        raise SceneError(f"{signal} has no unit {unit}", f"units run from 0 to {units - 1}")


def _scene(form: Form, setting: Setting) -> Scene | None:
    """The block's scene: its own line, or `key=value&…` laid over the lesson's."""
    line = form.text("scene")
    complete = line is not None and "/" in re.split(r"[?=&]", line, maxsplit=1)[0]
    if ("scene" in form and line is None) or (setting.faulty and not complete):
        return None
    try:
        if complete:
            return lesson_scene(line or "", setting.book)
        if setting.base is None:
            raise SceneError("neither the lab block nor the lesson has a scene", "write MODEL/TASK?key=value")
        return _own_input(merge(setting.base, (line or "").removeprefix("?"), setting.book))
    except SceneError as error:
        setting.report.add_error(*form.at("scene"), error)
        return None


def _own_input(scene: Scene) -> Scene:
    if scene.input is not None and scene.input.startswith("@"):
        raise SceneError(f"input={scene.input}: a lesson reads no file", "write the text itself")
    return scene


def _shown(form: Form, scene: Scene, book: Catalogue) -> tuple[str, ...]:
    """The signals to draw that this model has, each once."""
    cards = book.signals(scene.model, scene.values(book))
    found: list[str] = []
    entries = form.texts("show")
    if entries == ():
        form.report.add(*form.at("show"), "show names no signal", nearest("", cards))
    for name, line, column in entries or ():
        if name not in cards:
            form.report.add(line, column, f"{scene.model} has no signal {name!r}", nearest(name, cards))
        elif name in found:
            form.report.add(line, column, f"{name} is shown twice")
        else:
            found.append(name)
    return tuple(found)


def _look(form: Form, scene: Scene, show: tuple[str, ...], book: Catalogue) -> Look:
    look = form.form("look", "look", LOOK_KEYS)
    if look is None:
        return Look()
    step, unit = look.whole("step", -1, LAST_STEP), look.whole("unit", 0, LAST_STEP)
    signal = look.text("signal")
    try:
        if show:
            check_point(scene, show, signal, unit, book)
    except SceneError as error:
        look.report.add_error(*look.at("signal"), error)
        return Look(step)
    return Look(step, signal, unit)
