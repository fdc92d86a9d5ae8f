"""What a bench looks at: a Scene, its Trace, and where the cursor stands. Immutable; a screen owns it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seqtui.catalogue import Catalogue, SignalCard, catalogue
from seqtui.glyphs import visible
from seqtui.panels.inside import Place
from seqtui.panels.naming import next_name
from seqtui.panels.panel import Order, main_part, part_panels, parts, unit_order
from seqtui.scene import Scene
from seqtui.signals import Signal, Trace


@dataclass(frozen=True, eq=False)
class View:
    """One bench at one moment.

    plain: the trace without interventions, kept beside the one they made (None where there are none).
    step counts inputs from 1; unit is the unit's own number, not its row. signal: the panel that was
    looked at last, "" for none. inside: the way down from a cell, outermost first; empty on the bench.
    choice: the line under the cursor inside. score, plain_score: over held-out data, None until known.
    """

    scene: Scene
    trace: Trace
    plain: Trace | None = None
    step: int = 1
    unit: int = 0
    part: str = ""
    signal: str = ""
    order: Order = "stored"
    show: tuple[str, ...] = ()
    mark: tuple[int, int] | None = None
    inside: tuple[Place, ...] = ()
    choice: int = 0
    score: float | None = None
    plain_score: float | None = None
    book: Catalogue = field(default_factory=catalogue, repr=False)

    @classmethod
    def of(
        cls,
        scene: Scene,
        trace: Trace,
        *,
        plain: Trace | None = None,
        show: tuple[str, ...] = (),
        book: Catalogue | None = None,
    ) -> View:
        """A fresh view of a trace, at the Scene's step or the first."""
        part = main_part(trace, show)
        view = cls(scene, trace, plain, part=part, show=show, book=book or catalogue())
        return view.at(scene.step if scene.step is not None else 1)

    # ---- moving ------------------------------------------------------------------------------

    def at(self, step: int) -> View:
        """At a step, kept inside the trace; −1 is the last."""
        last = max(self.trace.steps, 1)
        return replace(self, step=last if step == -1 else min(max(step, 1), last))

    def on_unit(self, unit: int) -> View:
        """At a unit, kept inside this part."""
        return replace(self, unit=min(max(unit, 0), self.units - 1))

    def move_unit(self, rows: int) -> View:
        """Some rows down or up in the order the units are shown in."""
        order = self.unit_order.tolist()
        here = order.index(self.unit) if self.unit in order else 0
        return replace(self, unit=int(order[min(max(here + rows, 0), len(order) - 1)]))

    def with_trace(self, scene: Scene, trace: Trace, plain: Trace | None) -> View:
        """The same place on another trace: step, unit, part and signal stay where they still exist."""
        view = replace(self, scene=scene, trace=trace, plain=plain, inside=(), choice=0, mark=None)
        view = replace(view, score=None if scene.force != self.scene.force else self.score)
        if self.part not in parts(trace):
            view = replace(view, part=main_part(trace, self.show), signal="")
        return view.at(self.step).on_unit(self.unit)

    # ---- what is seen ------------------------------------------------------------------------

    @cached_property
    def panels(self) -> tuple[Signal, ...]:
        """The signals of this part that are drawn."""
        return tuple(self.trace[name] for name in part_panels(self.trace, self.part, self.show))

    @property
    def units(self) -> int:
        """How many units this part has."""
        return max((signal.values.shape[1] for signal in self.panels), default=1)

    @cached_property
    def unit_order(self) -> NDArray[np.int64]:
        """The units in the order of the rows."""
        return unit_order(self.trace, self.part, self.order, self.step)

    @cached_property
    def cards(self) -> dict[str, SignalCard]:
        """The catalogue's words on each signal."""
        return self.book.signals(self.scene.model, self.scene.values(self.book))

    @property
    def by_token(self) -> bool:
        """Whether a row is a token of the vocabulary, and not a unit."""
        return bool(self.panels) and self.panels[0].axes[1] == "token"

    def row_name(self, unit: int) -> str:
        """What stands before a row: the unit's number, or the token."""
        return visible(next_name(self.trace, unit)) if self.by_token else str(unit)

    def title_of(self, signal: Signal) -> str:
        """A panel's name: `forget f`."""
        card = self.cards.get(signal.name)
        return f"{card.title} {card.symbol}".strip() if card else signal.name

    @property
    def token(self) -> str:
        """The input at this step."""
        return self.trace.tokens[self.step - 1] if self.trace.steps else ""

    @cached_property
    def looked_at(self) -> Signal | None:
        """The signal that the line in digits speaks of: the panel looked at, else the state of this part."""
        names = {signal.name: signal for signal in self.panels}
        if self.signal in names:
            return names[self.signal]
        for symbol in ("c", "h"):
            for signal in self.panels:
                if signal.name.endswith(f".{symbol}"):
                    return signal
        return self.panels[0] if self.panels else None
