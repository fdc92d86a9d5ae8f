"""What a pass leaves behind, collected: signals with their recipes, and the weights they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from seqtui.signals import Array, Given, Range, Recipe, Ref, Signal, Softmax, Weight
from seqtui.tracing.handler import Call, Observation, widened

BOUNDS: dict[Range, tuple[float, float]] = {"gate": (0.0, 1.0), "tanh": (-1.0, 1.0)}
EDGE = 1e-5
"""How far past its end a bounded signal may be rounded."""


class Builder:
    """Collects the signals of one sequence of a batch, in the order in which the modules were called."""

    def __init__(self, model: nn.Module, ids: Tensor, item: int = 0) -> None:
        self.signals: dict[str, Signal] = {}
        self.weights = {path: plain(weight) for path, weight in model.named_parameters()}
        self.ids = ids
        self._model = type(model).__name__
        self._item = item
        self._travelling: list[tuple[str, Tensor]] = []

    def of_item(self, values: Tensor) -> Tensor:
        """The numbers of the sequence that is traced, of (B, …) numbers."""
        return values[self._item]

    def add(
        self,
        call: Call,
        seen: Observation,
        symbol: str,
        range_: Range,
        formula: str,
        recipe: Recipe,
        *,
        shown: str = "",
        travels: Tensor | None = None,
    ) -> None:
        """One signal of a call. A bounded range that was left (by a force, by h_0) is a measured one.

        shown: the symbol in formulas, where the name has another. travels: the tensor that carries these
        numbers on, so that whoever reads it is known to read this signal.
        """
        values = plain(self.of_item(seen.values[symbol]))
        low, high = BOUNDS.get(range_, (-np.inf, np.inf))
        if values.min() < low - EDGE or values.max() > high + EDGE:
            range_ = "measured"
        initial, fixed = seen.initial.get(symbol), seen.fixed.get(symbol)
        start = None if initial is None else plain(self.of_item(initial))
        mask = None if fixed is None else fixed.numpy()
        name, axes = call.name(symbol), ("step", "unit")
        self._keep(Signal(name, values, axes, range_, shown or symbol, formula, recipe, start, mask))
        if travels is not None:
            self._travelling.append((name, travels))

    def _keep(self, signal: Signal) -> None:
        self.signals[signal.name] = signal

    def weight(
        self, call: Call, parameter: str, symbol: str, start: int = 0, stop: int | None = None
    ) -> Weight:
        """Rows of a parameter of the called module, by torch's path."""
        path = call.weight_path(parameter)
        if path not in self.weights:  # tied to another parameter, or made by a parametrisation
            self.weights[path] = plain(getattr(call.module, parameter))
        return Weight(path, symbol, start, stop)

    def source(self, call: Call, x: Tensor) -> Ref:
        """The signal that a call reads as x (B, T, D): the newest one in that memory with those numbers.

        Where there is none, what was read becomes a `given` signal of its own, `{path}.x`.
        """
        values = plain(self.of_item(x))
        name = self._found(values, x)
        if name is None:
            name, why = call.name("x"), f"computed by {self._model}.forward"
            self._keep(Signal(name, values, ("step", "unit"), "measured", "x", "x_t", Given(why)))
        return Ref(name)

    def _found(self, values: Array, x: Tensor) -> str | None:
        memory = x.untyped_storage().data_ptr()
        for name, tensor in reversed(self._travelling):
            if tensor.untyped_storage().data_ptr() == memory:
                there = self.signals[name].values
                if there.shape == values.shape and np.array_equal(there, values, equal_nan=True):
                    return name
        return None

    def finish(self, result: object, vocabulary: Sequence[str]) -> None:
        """The odds p = softmax of what the model returned, where that is logits over the vocabulary."""
        if not isinstance(result, Tensor) or result.dim() != 3 or result.shape[-1] != len(vocabulary):
            return
        logits, axes = self.of_item(widened(result)), ("step", "token")
        values = plain(logits)
        name = self._found(values, result)
        if name is None:
            name, recipe = "output.logits", Given(f"computed by {self._model}.forward")
            self._keep(Signal(name, values, axes, "measured", "y", "y_t", recipe))
        else:
            self._keep(replace(self.signals[name], axes=axes))
        odds, formula = plain(torch.softmax(logits, dim=-1)), r"p_t = \operatorname{softmax}(y_t)"
        self._keep(Signal("output.probs", odds, axes, "simplex", "p", formula, Softmax(name)))


def plain(values: Tensor) -> Array:
    """A tensor as an array of its own, in at least 32 bits."""
    return np.array(widened(values.detach()).cpu().numpy(), order="C")
