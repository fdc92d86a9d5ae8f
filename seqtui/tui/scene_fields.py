"""A Scene as fields that can be turned and typed; what does not go together is refused with the reason."""

from __future__ import annotations

from seqtui.catalogue import Catalogue
from seqtui.errors import SceneError
from seqtui.scene import Scene, Weights, check_forces, merge, number, parse
from seqtui.sentences import say

TRAINED = (0, 100, 400, 1600)
"""Steps of training that ←→ offers beside the shipped weights."""


def fields(scene: Scene) -> tuple[str, ...]:
    """The fields of a Scene, in the order of the column."""
    knobs = ("knobs",) if scene.knobs else ()
    return ("model", "task", "input", "weights", "seed", *knobs, "line")


def shown(scene: Scene, field: str, book: Catalogue) -> str:
    """The value of a field as the column shows it, and as the entry field begins with it."""
    if field == "input":
        return scene.input if scene.input is not None else book.task(scene.task).examples[0]
    if field == "weights":
        return str(scene.resolved_weights(book))
    if field == "knobs":
        return "&".join(f"{name}={number(value)}" for name, value in scene.knobs)
    return str(scene) if field == "line" else str(getattr(scene, field))


def turned(scene: Scene, field: str, by: int, book: Catalogue) -> Scene:
    """A Scene with a field at its next or previous value; raises SceneError where there is no other."""
    if field == "seed":
        return checked(scene.with_(seed=max(0, scene.seed + by)), book)
    choices = _choices(scene, field, book)
    value = shown(scene, field, book)
    if not [choice for choice in choices if choice != value]:
        raise SceneError(say("lab.no_other", field=say(f"lab.{field}"), value=value))
    place = choices.index(value) + by if value in choices else 0
    return typed(scene, field, choices[place % len(choices)], book)


def _choices(scene: Scene, field: str, book: Catalogue) -> list[str]:
    """What ←→ goes through."""
    pairs = [pair.split("/") for pair in book.recipes]
    if field == "model":
        return [model for model, task in pairs if task == scene.task]
    if field == "task":
        return [task for model, task in pairs if model == scene.model]
    if field == "input":
        return list(book.task(scene.task).examples)
    if field == "weights":
        there_are = book.checkpoint(scene.model, scene.task, scene.values(book), scene.seed)
        return [*(["shipped"] if there_are else []), *(f"steps:{count}" for count in TRAINED)]
    return []


def typed(scene: Scene, field: str, text: str, book: Catalogue) -> Scene:
    """A Scene with a field as it was typed; raises SceneError with the reason and the nearest right thing."""
    if field == "line":
        return parse(text, book)
    if field == "input":
        return scene.with_(input=text, step=None)
    text = text.strip()
    if field in ("model", "task"):
        return _moved(scene, book, **{field: text})
    if field == "weights":
        return checked(scene.with_(weights=Weights.read(text)), book)
    if field == "knobs":
        return merge(scene.with_(knobs=()), text, book)
    return merge(scene.with_(seed=1), f"seed={text}", book)


def checked(scene: Scene, book: Catalogue) -> Scene:
    """The same Scene, if its weights and what it forces exist; raises SceneError."""
    check_forces(scene, book)
    scene.resolved_weights(book)
    return scene


def _moved(scene: Scene, book: Catalogue, **change: str) -> Scene:
    """Another model or task: knobs stay where it has them too, what is forced goes, and so do odd weights."""
    moved = scene.with_(**change, force=(), step=None)
    book.pair(moved.model, moved.task)
    known = book.knobs(moved.model, moved.task)
    kept = Scene(moved.model, moved.task, moved.input, seed=moved.seed)
    for name, value in scene.knobs:
        if name in known:
            try:
                kept = kept.with_knob(name, known[name].read(number(value)), book)
            except SceneError:
                continue
    if moved.weights is not None and moved.weights.kind == "steps":
        kept = kept.with_(weights=moved.weights)
    return kept


def what_is_lost(before: Scene, after: Scene) -> str:
    """One line on what a change left out, "" if nothing."""
    gone = [name for name, _ in before.knobs if name not in dict(after.knobs)]
    gone += [str(force) for force in before.force if force not in after.force]
    return say("lab.lost", names=", ".join(gone)) if gone else ""
