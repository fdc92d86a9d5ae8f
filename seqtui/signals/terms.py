"""What a recipe is made of: references to signals and weights, and the terms that one number is a sum of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from seqtui.signals.signal import Array, Trace

Activation = Literal["identity", "sigmoid", "tanh", "relu"]


def sigmoid(x: Array) -> Array:
    """σ(x) = 1 / (1 + e^−x), without overflow at either end."""
    half: Array = 0.5 * (np.tanh(0.5 * x) + 1.0)
    return half


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "identity": lambda x: x,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
}


def softmax(x: Array) -> Array:
    """e^x / Σ e^x along the last axis; −∞ gives exactly 0."""
    with np.errstate(invalid="ignore"):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        share: Array = e / e.sum(axis=-1, keepdims=True)
    return share


@dataclass(frozen=True)
class Ref:
    """A signal as it enters a recipe. shift 1 is the step before, −1 the step after (a reversed layer)."""

    name: str
    shift: int = 0

    def matrix(self, trace: Trace) -> Array:
        """Its numbers as (T, D), shifted; the heads of (head, step, unit) stand side by side."""
        signal = trace[self.name]
        x = signal.values
        if signal.axes[0] == "head":
            x = x.transpose(1, 0, 2).reshape(x.shape[1], -1)
        if self.shift == 0 or len(x) == 0:
            return x
        initial = np.zeros_like(x[0]) if signal.initial is None else signal.initial
        if self.shift > 0:
            return np.concatenate([initial[None], x[:-1]])
        return np.concatenate([x[1:], initial[None]])

    def cell(self, trace: Trace, step: int, column: int) -> Factor:
        """One number of `matrix`, with where it stands: `step` is the step of the number being made."""
        signal = trace[self.name]
        if signal.axes[0] == "head":
            width = signal.values.shape[-1]
            index: tuple[int, ...] = (column // width, step, column % width)
            return Factor(signal.number(index), Cell(self.name, index))
        source = step - self.shift
        if not 1 <= source <= len(signal.values):
            if signal.initial is None:
                return Factor(0.0, None, "constant")
            index = (0, column)
            return Factor(signal.number(index), Cell(self.name, index))
        index = (source, column)
        return Factor(signal.number(index), Cell(self.name, index))


@dataclass(frozen=True)
class Weight:
    """Some rows of a parameter, with the symbol that the lesson calls them by."""

    path: str
    symbol: str
    start: int = 0
    stop: int | None = None

    def array(self, trace: Trace) -> Array:
        """The rows, as they are in the model."""
        rows: Array = trace.weight(self.path)[self.start : self.stop]
        return rows

    def cell(self, trace: Trace, *index: int) -> Factor:
        """One number of it; `index` counts from this slice's first row."""
        value = float(self.array(trace)[index])
        return Factor(value, WeightCell(self.path, (self.start + index[0], *index[1:]), self.symbol, index))


@dataclass(frozen=True)
class Cell:
    """Where a number stands in a signal; steps count from 1, step 0 is the initial state."""

    signal: str
    index: tuple[int, ...]


@dataclass(frozen=True)
class WeightCell:
    """Where a number stands in a parameter; `shown` is its index under the lesson's symbol."""

    path: str
    index: tuple[int, ...]
    symbol: str
    shown: tuple[int, ...]


@dataclass(frozen=True)
class Factor:
    """One number that is multiplied. `through` says what was done to its source: tanh, or 1 − it."""

    value: float
    source: Cell | WeightCell | None = None
    through: Literal["", "tanh", "sigmoid", "relu", "one minus", "exp", "constant"] = ""


@dataclass(frozen=True)
class Term:
    """One summand: the product of its factors. Terms with one `group` are shown together."""

    factors: tuple[Factor, ...]
    group: str

    @property
    def value(self) -> float:
        """The product of the factors."""
        product = 1.0
        for factor in self.factors:
            product *= factor.value
        return product


@dataclass(frozen=True)
class Reading:
    """One number: finish(Σ terms). `share` divides `own` by the sum, as softmax does."""

    terms: tuple[Term, ...]
    finish: Activation | Literal["share"] = "identity"
    own: float = 0.0

    @property
    def total(self) -> float:
        """Σ of the terms."""
        return float(sum(term.value for term in self.terms))

    @property
    def value(self) -> float:
        """The number itself."""
        if self.finish == "share":
            return self.own / self.total if self.total else float("nan")
        return float(ACTIVATIONS[self.finish](np.asarray(self.total)))


@dataclass(frozen=True)
class Gain:
    """A signal as a multiplier: as it is, through a function, or 1 − it."""

    ref: Ref
    through: Literal["", "tanh", "sigmoid", "relu", "one minus"] = ""

    def apply(self, x: Array) -> Array:
        """The multiplier made of the signal's numbers."""
        if self.through == "one minus":
            return 1.0 - x
        return ACTIVATIONS[self.through](x) if self.through else x

    def matrix(self, trace: Trace) -> Array:
        """All of it, as (T, D)."""
        return self.apply(self.ref.matrix(trace))

    def cell(self, trace: Trace, step: int, column: int) -> Factor:
        """One number of it, with its source."""
        factor = self.ref.cell(trace, step, column)
        return Factor(float(self.apply(np.asarray(factor.value))), factor.source, self.through)
