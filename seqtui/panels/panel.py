"""Signal → Panel: what is drawn, as plain data. The kind of a panel follows from the signal's axes alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqtui.signals import Signal, Trace

LEVELS = 32
"""A colour ramp has 32 levels, 0–31; a signed one uses 1–31 with 16 for zero."""
ZERO = 16
NOT_A_NUMBER, MINUS_INFINITY, PLUS_INFINITY = -1, -2, -3

Order = Literal["stored", "memory", "change"]
ORDERS: tuple[Order, ...] = ("stored", "memory", "change")


@dataclass(frozen=True, eq=False)
class Panel:
    """A heatmap of units over steps: levels (U, T) int8, in the order the units are shown in.

    low and high are the two ends of the ramp. A level below 0 is a number that is not finite.
    """

    signal: Signal
    levels: NDArray[np.int8]
    low: float
    high: float

    @property
    def signed(self) -> bool:
        """Which of the two ramps."""
        return self.signal.signed

    @property
    def units(self) -> int:
        """How many units it has."""
        return int(self.levels.shape[0])

    @property
    def steps(self) -> int:
        """How many steps it has."""
        return int(self.levels.shape[1])


def quantise(values: NDArray[np.floating], signal: Signal) -> NDArray[np.int8]:
    """Numbers → levels of the signal's ramp; what lies beyond its ends takes the end."""
    low, high = signal.limits
    with np.errstate(invalid="ignore", over="ignore"):
        if signal.signed:
            scaled = ZERO + np.round(np.clip(values / high, -1, 1) * (ZERO - 1))
        else:
            scaled = np.round(np.clip((values - low) / (high - low), 0, 1) * (LEVELS - 1))
        levels = np.where(np.isnan(values), NOT_A_NUMBER, np.nan_to_num(scaled))
    levels = np.where(np.isneginf(values), MINUS_INFINITY, levels)
    levels = np.where(np.isposinf(values), PLUS_INFINITY, levels)
    return levels.astype(np.int8)


def heatmap(signal: Signal) -> Panel:
    """The panel of a (step, unit) or (step, token) signal, units in the order they are stored in."""
    low, high = signal.limits
    return Panel(signal, quantise(signal.values, signal).T, low, high)


def parts(trace: Trace) -> tuple[str, ...]:
    """The parts of a model that have panels of units over steps, in the order a token passes them."""
    drawn = (name for name, signal in trace.items() if signal.axes[0] == "step" and signal.values.ndim == 2)
    return tuple(dict.fromkeys(name.rpartition(".")[0] for name in drawn))


def part_panels(trace: Trace, part: str, show: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The signals of one part that have panels; `show` picks some of them, if it names any of this part."""
    names = [
        name
        for name, signal in trace.items()
        if name.rpartition(".")[0] == part and signal.axes[0] == "step" and signal.values.ndim == 2
    ]
    wanted = [name for name in names if name in show]
    return tuple(wanted or names)


def main_part(trace: Trace, show: tuple[str, ...] = ()) -> str:
    """The part a bench opens at: that of the first shown signal, else the first that has a state."""
    every = parts(trace)
    for name in show:
        if (part := name.rpartition(".")[0]) in every and part != "output":
            return part
    for part in every:
        if part.startswith("layers."):
            return part
    return every[-1] if every else ""


def unit_order(trace: Trace, part: str, order: Order, step: int) -> NDArray[np.int64]:
    """The units of a part in an order that all of its panels share.

    memory: by the mean of the gate that keeps (f, z), or by how alike h stays from step to step, falling.
    change: by |s_t − s_{t−1}| of the state at this step, falling.
    """
    signals = {name.rpartition(".")[2]: trace[name] for name in part_panels(trace, part)}
    state = signals.get("c") or signals.get("h") or next(iter(signals.values()))
    count = state.values.shape[1]
    if order == "stored" or len(state.values) == 0:
        return np.arange(count)
    start = np.zeros(count) if state.initial is None else state.initial
    before = np.concatenate([start[None], state.values[:-1]])
    if order == "change":
        key = np.abs(state.values - before)[max(step, 1) - 1]
    else:
        keeps = signals.get("f") or signals.get("z")
        key = keeps.values.mean(axis=0) if keeps is not None else -np.abs(state.values - before).mean(axis=0)
    return np.argsort(-np.nan_to_num(key), kind="stable")
