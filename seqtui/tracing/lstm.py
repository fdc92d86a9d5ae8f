"""nn.LSTM: four gates in one batched call, and the cell c by a scan over them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from seqtui.models.cells import LSTMGates, lstm_cell, lstm_gates, lstm_hidden
from seqtui.signals import Blend, Gain, Ref
from seqtui.tracing.builder import Builder
from seqtui.tracing.handler import Call, Observation
from seqtui.tracing.recurrent import Change, RecurrentHandler, Run, States, formula, read, shifted
from seqtui.tracing.verify import ROUNDING, rounding


class LSTMHandler(RecurrentHandler):
    """c_t = f ⊙ c_{t−1} + i ⊙ g and h_t = o ⊙ tanh c_t."""

    carried = ("h", "c")
    rows = ("i", "f", "g", "o")

    def symbols(self, path: str) -> tuple[str, ...]:
        return ("f", "i", "o", "g", "c", "h")

    def recover(self, run: Run) -> tuple[States, Tensor]:
        gates = lstm_gates(run.x, run.before, run.w)
        c = scan(gates, run.initial["c"])
        return {**gates._asdict(), "c": c, "h": run.h}, lstm_hidden(c, gates)

    def advance(self, x: Tensor, before: States, run: Run, change: Change) -> States:
        found = lstm_gates(x, before["h"], run.w)._asdict()
        gates = LSTMGates(**{symbol: change(symbol, value) for symbol, value in found.items()})
        c = change("c", lstm_cell(before["c"], gates))
        return {**gates._asdict(), "c": c, "h": change("h", lstm_hidden(c, gates))}

    def slack(self, run: Run, values: States) -> States:
        """δc_t ≤ f δc_{t−1} + (|c_{t−1}| + 2) δ and δh_t ≤ δc_t + δ, δ being the rounding of a gate."""
        gate = rounding(run.bound(), run.dtype) + ROUNDING * torch.finfo(run.dtype).eps
        added = (shifted(values["c"], run.initial["c"]).double().abs() + 2) * gate
        c = torch.zeros_like(added[:, 0])
        steps = []
        for f, a in zip(values["f"].double().unbind(1), added.unbind(1), strict=True):
            c = f * c + a
            steps.append(c)
        of_c = torch.stack(steps, dim=1)
        return {"c": of_c, "h": of_c + gate}

    def describe(self, call: Call, seen: Observation, builder: Builder) -> None:
        x = builder.source(call, read(call, self.carried).x)
        bias = bool(call.module.bias)
        for symbol in "fio":
            recipe = self.gate(call, builder, x, symbol, "sigmoid")
            builder.add(call, seen, symbol, "gate", formula(symbol, r"\sigma", bias=bias), recipe)
        recipe = self.gate(call, builder, x, "g", "tanh")
        builder.add(call, seen, "g", "tanh", formula("g", r"\tanh", bias=bias), recipe)
        f, i, o, g, c = (Ref(call.name(symbol)) for symbol in "fiogc")
        kept = (Gain(f), Gain(Ref(call.name("c"), 1)))
        written = (Gain(i), Gain(g))
        tex = r"c_t = f_t \odot c_{t-1} + i_t \odot g_t"
        builder.add(call, seen, "c", "measured", tex, Blend((kept, written)))
        shown = Blend(((Gain(o), Gain(c, "tanh")),))
        tex = r"h_t = o_t \odot \tanh c_t"
        builder.add(call, seen, "h", "tanh", tex, shown, travels=call.output[0])


def scan(gates: LSTMGates, c: Tensor) -> Tensor:
    """Every c_t from the gates (B, T, H) and c_0 (B, H): one step after another, but elementwise.

    In NumPy and in place: a torch call costs more than the arithmetic of a step.
    """
    kept = gates.f.transpose(0, 1).cpu().numpy()  # (T, B, H)
    cells = np.array((gates.i * gates.g).transpose(0, 1).cpu().numpy(), order="C")
    before, share = c.cpu().numpy(), np.empty_like(cells[0])
    for f, now in zip(kept, cells, strict=True):
        np.multiply(f, before, out=share)
        now += share
        before = now
    return torch.from_numpy(cells).transpose(0, 1).to(c.device)
