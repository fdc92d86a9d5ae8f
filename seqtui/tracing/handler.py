"""What the tracer knows of one kind of module: a Handler, the calls it sees, what it found in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from seqtui.tracing.builder import Builder
    from seqtui.tracing.forcing import Forcing


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a module in a pass: where it stands, what went in and what came out.

    path: the module's path in the model, "" for the model itself. number: which of its calls, from 1.
    sequence: the batch B and the steps T of the pass, which tell a sequence from what is none.
    """

    path: str
    number: int
    module: nn.Module
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    output: Any
    sequence: tuple[int, int]

    def name(self, symbol: str) -> str:
        """The name of one of its signals; a second call in one pass is `path#2.symbol`."""
        path = self.path if self.number == 1 else f"{self.path}#{self.number}"
        return f"{path}.{symbol}".removeprefix(".")

    def weight_path(self, parameter: str) -> str:
        """torch's path of a parameter of the module."""
        return f"{self.path}.{parameter}".removeprefix(".")

    def argument(self, place: int, name: str) -> Any:
        """An argument of the call, given by place or by name; None where it was left out."""
        return self.args[place] if len(self.args) > place else self.kwargs.get(name)


@dataclass(frozen=True, eq=False)
class Observation:
    """What was found in one call, batch first, in at least 32 bits.

    values: by symbol, (B, T, H). initial: the states before the first step, (B, H).
    fixed: where an intervention set the number, (T, H), the same for the whole batch.
    """

    values: dict[str, Tensor]
    initial: dict[str, Tensor] = field(default_factory=dict)
    fixed: dict[str, Tensor] = field(default_factory=dict)


class Handler(ABC):
    """One kind of module: how its inside is recovered, changed and described. A file for each kind."""

    def knows(self, module: nn.Module) -> bool:
        """Whether this handler can look inside this very module; what no one knows is `given`."""
        return True

    @abstractmethod
    def symbols(self, path: str) -> tuple[str, ...]:
        """The last part of the names of its signals, in the order of the panels."""

    @abstractmethod
    def observe(self, call: Call) -> Observation | None:
        """Everything that passed, checked against what came out; None if it is not the pass's sequence.

        Raises TraceError when what is recovered is not what the module returned.
        """

    @abstractmethod
    def force(self, call: Call, seen: Observation, forcing: Forcing) -> Observation:
        """The same call by the explicit equations, with numbers set; earlier steps stay as they were."""

    @abstractmethod
    def answer(self, call: Call, seen: Observation) -> Any:
        """An observation in the form in which the module returns its result."""

    @abstractmethod
    def describe(self, call: Call, seen: Observation, builder: Builder) -> None:
        """Hand every signal to the builder, each with its recipe."""


class PointwiseHandler(Handler):
    """A module that treats every step alike: one signal, which is its output (B, T, H)."""

    def observe(self, call: Call) -> Observation | None:
        values = batch_first(call, call.output)
        (symbol,) = self.symbols(call.path)
        return None if values is None else Observation({symbol: values})

    def force(self, call: Call, seen: Observation, forcing: Forcing) -> Observation:
        values = {symbol: forcing.over(symbol, value) for symbol, value in seen.values.items()}
        return Observation(values, fixed=forcing.masks(values))

    def answer(self, call: Call, seen: Observation) -> Tensor:
        (values,) = seen.values.values()
        values = values.to(call.output.dtype)
        return values if call.output.shape == values.shape else values.transpose(0, 1)


def batch_first(call: Call, values: Any) -> Tensor | None:
    """Numbers (B, T, D) or (T, B, D) as (B, T, D) in at least 32 bits; None if they are not of the pass."""
    if not isinstance(values, Tensor) or values.dim() != 3 or not values.is_floating_point():
        return None
    B, T = call.sequence
    if values.shape[:2] == (B, T):
        return widened(values)
    return widened(values.transpose(0, 1)) if values.shape[:2] == (T, B) else None


def widened(x: Tensor) -> Tensor:
    """The same numbers in at least 32 bits."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
