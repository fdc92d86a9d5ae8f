"""What one pass through a model looked like: named numbers, and where each of them came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from seqtui.errors import UsageError, nearest

if TYPE_CHECKING:
    from seqtui.signals.recipe import Recipe

Array = NDArray[Any]
Range = Literal["gate", "tanh", "simplex", "measured"]

TIME_AXES = frozenset({"step", "query", "key"})
"""Axes that run over the tokens of a sequence: they count from 1, everything else counts from 0."""


@dataclass(frozen=True, eq=False)
class Signal:
    """Named numbers of one pass, with all that is needed to draw them and to explain them.

    values: one axis for each name in `axes`; a time axis holds steps 1…T.
    range: gate (0,1) · tanh (−1,1) · simplex (rows sum to 1) · measured (whatever it reached).
    initial: the state before the first step (step 0), for signals that have one.
    fixed: where True, the number was set by an intervention, whatever its recipe says.
    """

    name: str
    values: Array
    axes: tuple[str, ...]
    range: Range
    symbol: str
    formula: str
    recipe: Recipe
    initial: Array | None = None
    fixed: NDArray[np.bool_] | None = None

    @property
    def limits(self) -> tuple[float, float]:
        """The two ends of this signal's colour scale; a measured one is symmetric around 0."""
        if self.range in ("gate", "simplex"):
            return 0.0, 1.0
        if self.range == "tanh":
            return -1.0, 1.0
        finite = self.values[np.isfinite(self.values)]
        top = float(np.abs(finite).max()) if finite.size else 0.0
        return -(top or 1.0), top or 1.0

    @property
    def signed(self) -> bool:
        """Whether values below 0 are part of its scale."""
        return self.range in ("tanh", "measured")

    def spoken(self, index: tuple[int, ...]) -> tuple[int, ...]:
        """The same index with −1, the last step, written out; raises UsageError for what does not exist.

        Steps count from 1; step 0 is the initial state, where there is one.
        """
        if len(index) != len(self.axes):
            raise UsageError(
                f"{self.name} has {len(self.axes)} axes ({' '.join(self.axes)}), got {len(index)}"
            )
        found = []
        for place, (axis, asked, size) in enumerate(zip(self.axes, index, self.values.shape, strict=True)):
            timed = axis in TIME_AXES
            first = 0 if not timed or (place == 0 and self.initial is not None) else 1
            last = size if timed else size - 1
            at = last if timed and asked == -1 else asked
            if not first <= at <= last:
                raise UsageError(f"{self.name} has no {axis} {asked}", f"{axis}s run from {first} to {last}")
            found.append(at)
        return tuple(found)

    def array_index(self, index: tuple[int, ...]) -> tuple[int, ...]:
        """From an index as it is spoken (steps from 1, −1 the last) to NumPy's; checks every axis.

        This and `at` are the only places where steps become array positions. Step 0, the initial
        state, has no array position: it is an error here.
        """
        found = self.spoken(index)
        if self._is_initial(found):
            raise UsageError(f"{self.name} holds no step 0", "the initial state stands apart")
        return tuple(i - (axis in TIME_AXES) for axis, i in zip(self.axes, found, strict=True))

    def _is_initial(self, spoken: tuple[int, ...]) -> bool:
        return self.axes[0] == "step" and spoken[0] == 0

    def at(self, step: int) -> Array:
        """The numbers of one step of a signal whose first axis is time; step 0 is the initial state."""
        if step == 0 and self.initial is not None:
            return self.initial
        rest = (0,) * (len(self.axes) - 1)
        place: Array = self.values[self.array_index((step, *rest))[0]]
        return place

    def number(self, index: tuple[int, ...]) -> float:
        """One number, by its spoken index; (0, unit) reads the initial state."""
        found = self.spoken(index)
        if self.initial is not None and self._is_initial(found):
            return float(self.initial[found[1:]])
        return float(self.values[self.array_index(found)])

    def is_fixed(self, index: tuple[int, ...]) -> bool:
        """Whether an intervention set this number."""
        found = self.spoken(index)
        if self.fixed is None or self._is_initial(found):
            return False
        return bool(self.fixed[self.array_index(found)])


@dataclass(frozen=True, eq=False)
class Trace(Mapping[str, Signal]):
    """Everything that one pass left behind: a mapping from signal names to Signals.

    tokens: the inputs as they are shown; `targets[t]` is the true token after input t ("" if unknown).
    ids: the row of each input in the vocabulary. weights: by torch's parameter path.
    notes: what was done to the input, a sentence each.
    """

    scene: str
    tokens: tuple[str, ...]
    ids: NDArray[np.int64]
    vocabulary: tuple[str, ...]
    signals: Mapping[str, Signal]
    weights: Mapping[str, Array]
    weights_hash: str = ""
    targets: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __getitem__(self, name: str) -> Signal:
        try:
            return self.signals[name]
        except KeyError:
            raise UsageError(f"no signal {name!r}", nearest(name, self.signals)) from None

    def __contains__(self, name: object) -> bool:
        return name in self.signals

    def get(self, name: str, default: Any = None) -> Any:
        """The signal of this name, or the default."""
        return self.signals.get(name, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self.signals)

    def __len__(self) -> int:
        return len(self.signals)

    @property
    def steps(self) -> int:
        """How many inputs there are."""
        return len(self.tokens)

    @property
    def layers(self) -> tuple[str, ...]:
        """The parts of the model in order, by the path before the last dot, e.g. `layers.0.lstm`."""
        return tuple(dict.fromkeys(name.rpartition(".")[0] for name in self.signals))

    def weight(self, path: str) -> Array:
        """A weight by torch's parameter path."""
        try:
            return self.weights[path]
        except KeyError:
            raise UsageError(f"no weight {path!r}", nearest(path, self.weights)) from None
