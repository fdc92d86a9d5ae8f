"""A Scene: all that is needed to see the same picture again, as one line that can be pasted in a chat.

lstm/names?input=maria&hidden_size=32&seed=7&weights=steps:800&force=layers.0.lstm.f:1&step=4
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal
from urllib.parse import unquote

import msgspec

from seqtui.catalogue import Catalogue, Checkpoint, Value, catalogue
from seqtui.errors import SceneError, nearest

SCENE_KEYS = ("input", "seed", "weights", "force", "step")
"""The keys of a Scene that are not knobs."""


class Steps(msgspec.Struct, frozen=True):
    """A range of steps, both ends included: `3`, `3..`, `..5`, `3..5`; None is open."""

    first: int | None = None
    last: int | None = None

    def __str__(self) -> str:
        if self.first is not None and self.first == self.last:
            return str(self.first)
        return f"{'' if self.first is None else self.first}..{'' if self.last is None else self.last}"

    def __contains__(self, step: object) -> bool:
        if not isinstance(step, int):
            return False
        return (self.first or 1) <= step and (self.last is None or step <= self.last)

    @classmethod
    def read(cls, text: str) -> Steps:
        """Steps from their text; raises SceneError."""
        match = re.fullmatch(r"([0-9]{0,9})(\.\.)?([0-9]{0,9})", text)
        if not match or not (match[1] or match[3]) or (match[2] is None and match[3]):
            raise SceneError(f"{text!r} is not a range of steps", "write 3, 3.., ..5 or 3..5")
        first = int(match[1]) if match[1] else None
        last = int(match[3]) if match[3] else None
        if match[2] is None:
            last = first
        if first == 0 or last == 0:
            raise SceneError(f"{text!r} begins at step 0", "steps count from 1; step 0 is the initial state")
        if first is not None and last is not None and first > last:
            raise SceneError(f"{text!r} runs backwards", f"write {last}..{first}")
        return cls(first, last)


class Force(msgspec.Struct, frozen=True):
    """Set a signal to a value: at one unit or all, at some steps or all. `NAME[unit]@steps:value`."""

    signal: str
    value: float
    unit: int | None = None
    steps: Steps | None = None

    def __str__(self) -> str:
        unit = f"[{self.unit}]" if self.unit is not None else ""
        steps = f"@{self.steps}" if self.steps is not None else ""
        return f"{self.signal}{unit}{steps}:{number(self.value)}"

    @classmethod
    def read(cls, text: str) -> Force:
        """A Force from its text; raises SceneError."""
        match = re.fullmatch(r"([^\[\]@:]+)(?:\[([0-9]{1,9})\])?(?:@([^:]*))?:(.+)", text)
        if not match:
            raise SceneError(f"force={text} cannot be read", "write NAME[unit]@steps:value")
        try:
            value = float(match[4])
        except ValueError:
            raise SceneError(f"force={text}: {match[4]!r} is not a number") from None
        if value != value or value in (float("inf"), float("-inf")):
            raise SceneError(f"force={text}: the value has to be finite")
        unit = int(match[2]) if match[2] else None
        return cls(match[1], value, unit, Steps.read(match[3]) if match[3] is not None else None)


class Weights(msgspec.Struct, frozen=True):
    """Which weights: the shipped ones, those after some steps from the seed, or a run's on this machine."""

    kind: Literal["shipped", "steps", "run"]
    steps: int = 0
    run: str = ""
    snapshot: int | None = None

    def __str__(self) -> str:
        if self.kind == "shipped":
            return "shipped"
        if self.kind == "steps":
            return f"steps:{self.steps}"
        return f"run:{self.run}" + (f"@{self.snapshot}" if self.snapshot is not None else "")

    @classmethod
    def read(cls, text: str) -> Weights:
        """Weights from their text; raises SceneError."""
        if text == "shipped":
            return cls("shipped")
        if match := re.fullmatch(r"steps:(\d{1,9})", text):
            return cls("steps", steps=int(match[1]))
        if match := re.fullmatch(r"run:([A-Za-z0-9_-]+)(?:@(\d{1,9}))?", text):
            return cls("run", run=match[1], snapshot=int(match[2]) if match[2] else None)
        raise SceneError(f"weights={text} cannot be read", "write shipped, steps:N or run:ID")


class Scene(msgspec.Struct, frozen=True):
    """Model, task, input, knobs, seed, weights, interventions and step. Immutable; `str()` is its line.

    knobs holds only what differs from the defaults of this model on this task, sorted by name.
    input is None until someone types one: the task's first example then.
    """

    model: str
    task: str
    input: str | None = None
    knobs: tuple[tuple[str, Value], ...] = ()
    seed: int = 1
    weights: Weights | None = None
    force: tuple[Force, ...] = ()
    step: int | None = None

    def __str__(self) -> str:
        pairs: list[tuple[str, str]] = []
        if self.input is not None:
            pairs.append(("input", self.input))
        pairs += [(name, number(value)) for name, value in self.knobs]
        if self.seed != 1:
            pairs.append(("seed", str(self.seed)))
        if self.weights is not None:
            pairs.append(("weights", str(self.weights)))
        pairs += [("force", str(force)) for force in self.force]
        if self.step is not None:
            pairs.append(("step", str(self.step)))
        query = "&".join(f"{key}={_escaped(value)}" for key, value in pairs)
        return f"{self.model}/{self.task}" + (f"?{query}" if query else "")

    def values(self, book: Catalogue | None = None) -> dict[str, Value]:
        """Every knob with its value here."""
        knobs = (book or catalogue()).knobs(self.model, self.task)
        return {name: knob.default for name, knob in knobs.items()} | dict(self.knobs)

    def with_(self, **changes: object) -> Scene:
        """A Scene with some fields changed."""
        return msgspec.structs.replace(self, **changes)

    def with_knob(self, name: str, value: Value, book: Catalogue | None = None) -> Scene:
        """A Scene with one knob turned; a value equal to the default is left out again."""
        default = (book or catalogue()).knobs(self.model, self.task)[name].default
        rest = {key: old for key, old in self.knobs if key != name}
        if value != default:
            rest[name] = value
        return self.with_(knobs=tuple(sorted(rest.items())))

    def resolved_weights(self, book: Catalogue | None = None) -> Weights:
        """The weights that it means: none named is shipped where there are some, else untrained.

        Raises SceneError where `shipped` is named and there are none with these knobs and this seed.
        """
        shop = book or catalogue()
        values = self.values(shop)
        shipped = shop.checkpoint(self.model, self.task, values, self.seed)
        if self.weights is None:
            return Weights("shipped") if shipped else Weights("steps", steps=0)
        if self.weights.kind == "shipped" and shipped is None:
            lines = [shipped_line(shop, found) for found in shop.checkpoints]
            here = f"{self.model}/{self.task}"
            near = [line for line in lines if line.split("?")[0] == here] or lines
            raise SceneError(
                f"no shipped weights for {self.with_(input=None, step=None, force=())}",
                "there is " + ", ".join(near[:4]) if near else "",
            )
        return self.weights


def shipped_line(book: Catalogue, found: Checkpoint) -> str:
    """The shortest Scene line of a shipped checkpoint."""
    knobs = book.knobs(found.model, found.task)
    other = tuple(sorted((k, v) for k, v in found.knobs.items() if v != knobs[k].default))
    return str(Scene(found.model, found.task, knobs=other, seed=found.seed))


def number(value: Value) -> str:
    """A value as short as it can be written and still be read back: 1.0 is 1."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _escaped(text: str) -> str:
    """Percent-encoding where it must be: `% & = #`, control characters, line ends, spaces at the end."""
    end = len(text.rstrip())
    return "".join(
        "".join(f"%{byte:02X}" for byte in c.encode())
        if c in "%&=#" or unicodedata.category(c) in ("Cc", "Zl", "Zp") or at >= end
        else c
        for at, c in enumerate(text)
    )


def parse(line: str, book: Catalogue | None = None) -> Scene:
    """The Scene that a line names, checked against the catalogue.

    Raises SceneError naming what is unknown and the nearest valid name.
    """
    shop = book or catalogue()
    head, _, query = line.strip().partition("?")
    model, slash, task = head.partition("/")
    if not slash or not task:
        first = next((pair for pair in shop.recipes if pair.startswith(f"{model}/")), "lstm/names")
        shop.model(model)
        raise SceneError(f"{line!r} names no task", f"write {first}")
    shop.pair(model, task)
    return merge(Scene(model, task), query, shop)


def merge(scene: Scene, query: str, book: Catalogue | None = None) -> Scene:
    """A Scene with `key=value&…` laid over it; a `force` is added to those there are."""
    shop = book or catalogue()
    knobs = shop.knobs(scene.model, scene.task)
    if any("\ud800" <= c <= "\udfff" for c in query):
        raise SceneError("the Scene holds bytes that are not UTF-8")
    seen: set[str] = set()
    for pair in filter(None, query.split("&")):
        key, equals, encoded = pair.partition("=")
        if not equals:
            raise SceneError(f"{pair!r} has no value", "write key=value")
        if key in seen and key != "force":
            raise SceneError(f"{key} is given twice")
        seen.add(key)
        text = unquote(encoded, errors="replace")
        if key in SCENE_KEYS:
            scene = READERS[key](scene, text)
        elif key in knobs:
            scene = scene.with_knob(key, knobs[key].read(text), shop)
        else:
            raise SceneError(
                f"no key {key!r} in {scene.model}/{scene.task}", nearest(key, [*SCENE_KEYS, *knobs])
            )
    check_forces(scene, shop)
    scene.resolved_weights(shop)
    return scene


def _whole(name: str, text: str, low: int, high: int) -> int:
    if not re.fullmatch(r"-?\d{1,12}", text) or not low <= int(text) <= high:
        raise SceneError(f"{name}={text} is not a whole number from {low} to {high}")
    return int(text)


READERS: dict[str, Callable[[Scene, str], Scene]] = {
    "input": lambda scene, text: scene.with_(input=text),
    "seed": lambda scene, text: scene.with_(seed=_whole("seed", text, 0, 2**31 - 1)),
    "weights": lambda scene, text: scene.with_(weights=Weights.read(text)),
    "force": lambda scene, text: scene.with_(force=(*scene.force, Force.read(text))),
    "step": lambda scene, text: scene.with_(step=_whole("step", text, -1, 1_000_000)),
}


def check_forces(scene: Scene, book: Catalogue | None = None) -> None:
    """Whether what is forced exists in this model; raises SceneError naming the nearest."""
    shop = book or catalogue()
    if not scene.force:
        return
    values = scene.values(shop)
    cards = shop.signals(scene.model, values)
    able = {name: card for name, card in cards.items() if card.forcible}
    for force in scene.force:
        if force.signal not in able:
            what = "cannot be forced" if force.signal in cards else "does not exist"
            raise SceneError(f"the signal {force.signal!r} {what}", nearest(force.signal, able))
        units = values.get(able[force.signal].units)
        if force.unit is not None and isinstance(units, int) and force.unit >= units:
            raise SceneError(f"{force.signal} has no unit {force.unit}", f"units run from 0 to {units - 1}")
