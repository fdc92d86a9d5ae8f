"""Interventions that set a signal to a value, as the calls of a pass meet them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from seqtui.errors import SceneError, nearest
from seqtui.scene import Force


@dataclass(frozen=True)
class Target:
    """A force and what it acts on: the module's path, which of its calls in a pass, the signal's symbol."""

    force: Force
    path: str
    number: int
    symbol: str

    @property
    def first(self) -> int:
        """The first step that is set; steps count from 1."""
        steps = self.force.steps
        return (steps.first or 1) if steps else 1

    @property
    def units(self) -> slice | int:
        """The units that are set, as positions in an array (…, H)."""
        return slice(None) if self.force.unit is None else self.force.unit

    @property
    def place(self) -> tuple[slice, slice | int]:
        """All that is set, as positions in an array (T, H)."""
        last = self.force.steps.last if self.force.steps else None
        return slice(self.first - 1, last), self.units


def targets(forces: Sequence[Force], known: Mapping[str, tuple[str, str]]) -> tuple[Target, ...]:
    """What each force acts on; `known` holds path and symbol of every signal by its name.

    Raises SceneError naming the nearest.
    """
    found = []
    for force in forces:
        second = re.fullmatch(r"(.*)#([1-9][0-9]*)\.([^.]+)", force.signal)
        name, number = (f"{second[1]}.{second[3]}", int(second[2])) if second else (force.signal, 1)
        if name not in known:
            raise SceneError(f"there is no signal {force.signal!r} to force", nearest(force.signal, known))
        found.append(Target(force, known[name][0], number, known[name][1]))
    return tuple(found)


def check_steps(forces: Sequence[Force], steps: int) -> None:
    """Whether every force begins within the sequence; raises SceneError."""
    for force in forces:
        if force.steps is not None and (force.steps.first or 1) > steps:
            raise SceneError(f"force={force} begins after the last step", f"steps run from 1 to {steps}")


class Forcing:
    """The numbers that are set inside one call; where two forces meet, the later one wins."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._targets = targets

    @property
    def first(self) -> int:
        """The first step at which anything is set."""
        return min(target.first for target in self._targets)

    def check(self, values: Mapping[str, Tensor]) -> None:
        """Whether every unit that is named exists; raises SceneError."""
        for target in self._targets:
            units, asked = values[target.symbol].shape[-1], target.force.unit
            if asked is not None and asked >= units:
                raise SceneError(
                    f"{target.force.signal} has no unit {asked}", f"units run from 0 to {units - 1}"
                )

    def at_step(self, step: int) -> Callable[[str, Tensor], Tensor]:
        """For one step: a signal's symbol and its numbers (…, H) → the numbers with what is set there."""
        here = [t for t in self._targets if t.force.steps is None or step in t.force.steps]

        def change(symbol: str, value: Tensor) -> Tensor:
            for target in here:
                if target.symbol == symbol:
                    value = value.clone()
                    value[..., target.units] = target.force.value
            return value

        return change

    def over(self, symbol: str, values: Tensor) -> Tensor:
        """A whole signal, (…, T, H), with what is set there."""
        values = values.clone()
        for target in self._targets:
            if target.symbol == symbol:
                values[(..., *target.place)] = target.force.value
        return values

    def masks(self, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Where the numbers of each forced signal are set: (T, H), True or False."""
        found: dict[str, Tensor] = {}
        for target in self._targets:
            shape = values[target.symbol].shape[-2:]
            found.setdefault(target.symbol, torch.zeros(shape, dtype=torch.bool))[target.place] = True
        return found
