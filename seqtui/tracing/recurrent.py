"""What nn.RNN, nn.LSTM and nn.GRU of one layer have in common: layout, recovery, the explicit path.

Key: B batch, T time, D input, H hidden. Once the fused kernel has given every h, each gate is a function
of x_t and the known h_{t−1}: one batched call of the equations in `models/cells.py` for all t at once. The
same equations, one step at a time, are the path that an intervention takes.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from seqtui.errors import TraceError
from seqtui.models.cells import CellWeights
from seqtui.signals import Recur, Ref
from seqtui.signals.terms import Activation
from seqtui.tracing.builder import Builder
from seqtui.tracing.forcing import Forcing
from seqtui.tracing.handler import Call, Handler, Observation, widened
from seqtui.tracing.verify import verify

States = dict[str, Tensor]
Change = Callable[[str, Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Run:
    """One call, batch first: x (B, T, D), h (B, T, H), and by symbol the states before and after, (B, H).

    phi: the activation of a plain cell. dtype: what the module computes in; here it is at least 32 bits.
    """

    x: Tensor
    h: Tensor
    initial: States
    last: States
    w: CellWeights
    phi: str
    dtype: torch.dtype

    @property
    def before(self) -> Tensor:
        """h_{t−1} for every t: (B, T, H)."""
        return shifted(self.h, self.initial["h"])

    def bound(self) -> Tensor:
        """Σ|terms| of each unit's pre-activation, the largest of its gates: (B, T, H) in 64 bits."""
        w = self.w
        total = self.x.double().abs() @ w.W_ih.double().abs().T
        total = total + self.before.double().abs() @ w.W_hh.double().abs().T  # (B, T, G·H)
        for bias in (w.b_ih, w.b_hh):
            if bias is not None:
                total = total + bias.double().abs()
        B, T, H = self.h.shape
        return total.reshape(B, T, -1, H).amax(dim=-2)


def shifted(values: Tensor, initial: Tensor) -> Tensor:
    """The state before each step: (B, T, H) one step later, the initial state (B, H) first."""
    return torch.cat([initial[:, None], values[:, :-1]], dim=1)


def read(call: Call, carried: tuple[str, ...]) -> Run:
    """A call of a recurrent module in one layout; raises TraceError for a packed sequence."""
    module, x = call.module, call.argument(0, "input")
    if isinstance(x, PackedSequence):
        raise TraceError(f"{call.path} reads a packed sequence, which has no steps in common", "pad it")
    assert isinstance(module, nn.RNNBase)
    hx, (out, last) = call.argument(1, "hx"), call.output
    alone = x.dim() == 2  # (T, D), without a batch

    def front(values: Tensor) -> Tensor:
        values = widened(values)
        if alone:
            return values[None]
        return values if module.batch_first else values.transpose(0, 1)

    def states(given: Any) -> States:
        found = (given,) if isinstance(given, Tensor) else tuple(given)
        return {s: widened(v if alone else v[0]) for s, v in zip(carried, found, strict=True)}  # (B, H)

    h, after = front(out), states(last)
    initial = {s: torch.zeros_like(h[:, 0]) for s in carried} if hx is None else states(hx)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    weights = [widened(getattr(module, name)) if hasattr(module, name) else None for name in names]
    phi = getattr(module, "nonlinearity", "tanh")
    return Run(front(x), h, initial, after, CellWeights(*weights), phi, x.dtype)  # type: ignore[arg-type]


class RecurrentHandler(Handler):
    """carried: the states that one step hands to the next. rows: torch's order of the gates in a weight."""

    carried: ClassVar[tuple[str, ...]] = ("h",)
    rows: ClassVar[tuple[str, ...]]

    def knows(self, module: nn.Module) -> bool:
        """One layer, one direction, no projection."""
        assert isinstance(module, nn.RNNBase)
        return module.num_layers == 1 and not module.bidirectional and module.proj_size == 0

    @abstractmethod
    def recover(self, run: Run) -> tuple[States, Tensor]:
        """Every signal (B, T, H), and h made from them once more."""

    @abstractmethod
    def advance(self, x: Tensor, before: States, run: Run, change: Change) -> States:
        """One step: x (B, D), states (B, H); `change` has the last word on each signal."""

    @abstractmethod
    def slack(self, run: Run, values: States) -> States:
        """How far rounding may carry the states: (B, T, H) in 64 bits, by symbol."""

    def observe(self, call: Call) -> Observation | None:
        run = read(call, self.carried)
        if run.x.shape[:2] != call.sequence:
            return None
        values, h = self.recover(run)
        verify(call.name("h"), h, run.h, run.dtype, lambda: self.slack(run, values)["h"])
        for symbol in self.carried[1:]:
            mine, theirs = values[symbol][:, -1:], run.last[symbol][:, None]
            allowed = self._last_slack(run, values, symbol)
            verify(call.name(symbol), mine, theirs, run.dtype, allowed, first=run.x.shape[1])
        return Observation(values, run.initial)

    def _last_slack(self, run: Run, values: States, symbol: str) -> Callable[[], Tensor]:
        return lambda: self.slack(run, values)[symbol][:, -1:]

    def force(self, call: Call, seen: Observation, forcing: Forcing) -> Observation:
        run, T = read(call, self.carried), seen.values["h"].shape[1]
        values = {symbol: value.clone() for symbol, value in seen.values.items()}
        first = min(forcing.first, T + 1)
        before = run.initial if first == 1 else {s: values[s][:, first - 2] for s in self.carried}
        for step in range(first, T + 1):
            before = self.advance(run.x[:, step - 1], before, run, forcing.at_step(step))
            for symbol, value in before.items():
                values[symbol][:, step - 1] = value
        return Observation(values, run.initial, forcing.masks(values))

    def answer(self, call: Call, seen: Observation) -> Any:
        module, x, (out, _) = call.module, call.argument(0, "input"), call.output
        assert isinstance(module, nn.RNNBase)
        h = seen.values["h"].to(out.dtype)
        if x.dim() == 2:
            result = h[0]
        else:
            result = h if module.batch_first else h.transpose(0, 1)
        last = [seen.values[s][:, -1].to(out.dtype) for s in self.carried]
        after = [s if x.dim() == 2 else s[None] for s in last]
        return result, after[0] if len(after) == 1 else tuple(after)

    def gate(
        self,
        call: Call,
        builder: Builder,
        x: Ref,
        symbol: str,
        activation: Activation,
        *,
        gate: Ref | None = None,
    ) -> Recur:
        """φ(W_x· x + b + g ⊙ (W_h· h_{t−1} + b)) with the rows of one gate.

        Both biases go by one name where they always meet as a sum; behind a gate each has its own.
        """
        H, place = int(call.module.hidden_size), self.rows.index(symbol)  # type: ignore[arg-type]
        suffix = symbol if len(self.rows) > 1 else ""
        names = (f"b_x{suffix}", f"b_h{suffix}") if gate else (f"b_{suffix}".rstrip("_"),) * 2
        span = place * H, (place + 1) * H
        has_bias = bool(call.module.bias)
        return Recur(
            x,
            builder.weight(call, "weight_ih_l0", f"W_x{suffix}", *span),
            Ref(call.name("h"), 1),
            builder.weight(call, "weight_hh_l0", f"W_h{suffix}", *span),
            (builder.weight(call, "bias_ih_l0", names[0], *span),) if has_bias else (),
            (builder.weight(call, "bias_hh_l0", names[1], *span),) if has_bias else (),
            gate,
            activation,
        )


def formula(symbol: str, function: str, *, bias: bool) -> str:
    """The TeX of a gate: f_t = σ(W_{xf} x_t + W_{hf} h_{t-1} + b_f)."""
    end = rf" + b_{symbol}" if bias else ""
    return rf"{symbol}_t = {function}(W_{{x{symbol}}} x_t + W_{{h{symbol}}} h_{{t-1}}{end})"
