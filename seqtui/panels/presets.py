"""What may be forced on a bench, with a line on what to expect: made from the catalogue's cards."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from seqtui.catalogue import SignalCard
from seqtui.errors import SceneError
from seqtui.panels.lines import force_words
from seqtui.panels.panel import main_part
from seqtui.panels.view import View
from seqtui.scene import Force, Steps, check_forces
from seqtui.sentences import has, say


@dataclass(frozen=True)
class Preset:
    """One intervention: its name as it is shown (`f = 1`), and what to expect of it."""

    force: Force
    name: str
    expect: str


def where_forcible(view: View) -> View | None:
    """The view where something can be forced: as it is, at the model's main part, or None for nowhere."""
    for part in (view.part, main_part(view.trace)):
        there = replace(view, part=part, show=()).on_unit(view.unit)
        if _cards(there):
            return view if part == view.part else there
    return None


def presets(view: View) -> list[Preset]:
    """What is forced now, the ends of every signal of this part, and the one cell under the cursor."""
    found = [Preset(force, force_words(force), say("what_if.forced")) for force in view.scene.force]
    offered = [force for card in _cards(view) for force in _ends(card)]
    if (here := _here(view)) is not None:
        offered.append(here)
    known = {preset.force for preset in found}
    return found + [
        Preset(force, force_words(force), expectation(force)) for force in offered if force not in known
    ]


def same_place(a: Force, b: Force) -> bool:
    """Whether two forces set the same numbers, so that only one of them can hold."""
    return (a.signal, a.unit, a.steps) == (b.signal, b.unit, b.steps)


def read_force(view: View, text: str) -> Force:
    """What a learner typed, as a Scene writes it or shorter: `f = 1`, `f[7]@3..:0`.

    Raises SceneError naming what cannot be read or does not exist, and the nearest.
    """
    match = re.fullmatch(r"\s*(?:force\s*=)?\s*([^\s\[\]@:=]+)\s*([^:=]*?)\s*[:=]\s*(\S+)\s*", text)
    if not match:
        raise SceneError(say("what_if.not_written", text=text), example(view))
    name, rest, value = match.groups()
    cards = {card.symbol: card.name for card in _cards(view)}
    force = Force.read(f"{cards.get(name, name)}{rest.replace(' ', '')}:{value.replace('−', '-')}")
    if "." not in force.signal and f"{view.part}.{name}" != force.signal:
        force = Force(f"{view.part}.{name}", force.value, force.unit, force.steps)
    check_forces(view.scene.with_(force=(force,)), view.book)
    return force


def example(view: View) -> str:
    """How a force is written."""
    card = next(iter(_cards(view)), None)
    return say("what_if.example", name=card.symbol if card else "f", unit=view.unit)


def expectation(force: Force) -> str:
    """The line on what to expect of an intervention."""
    if force.unit is not None and force.steps is not None:
        return say("what_if.here", unit=force.unit, step=force.steps.first)
    *_, kind, symbol = force.signal.split(".")
    name = f"what_if.{kind}_{symbol}_{force.value:g}"
    return say(name if has(name) else "what_if.other")


def _cards(view: View) -> list[SignalCard]:
    """The signals of the part under the eyes that an intervention may set."""
    return [
        card
        for name, card in view.cards.items()
        if card.forcible and name.rpartition(".")[0] == view.part and name in view.trace
    ]


def _ends(card: SignalCard) -> list[Force]:
    """Both ends of a gate, the middle of everything else."""
    values = (1.0, 0.0) if card.range == "gate" else (0.0,)
    return [Force(card.name, value) for value in values]


def _here(view: View) -> Force | None:
    """The cell under the cursor from this step on: a gate the other way round, a state emptied."""
    signal = view.looked_at
    cards = {card.name: card for card in _cards(view)}
    if signal is None or signal.name not in cards or not view.trace.steps:
        return None
    gate = cards[signal.name].range == "gate"
    value = 1.0 if gate and signal.number((view.step, view.unit)) < 0.5 else 0.0
    return Force(signal.name, value, view.unit, Steps(view.step, None))
