"""nn.GRU: three gates in one batched call; as in torch the reset gate acts after the product W_h h."""

from __future__ import annotations

from torch import Tensor

from seqtui.models.cells import GRUGates, gru_gates, gru_hidden
from seqtui.signals import Blend, Gain, Ref
from seqtui.tracing.builder import Builder
from seqtui.tracing.handler import Call, Observation
from seqtui.tracing.recurrent import Change, RecurrentHandler, Run, States, formula, read
from seqtui.tracing.verify import rounding


class GRUHandler(RecurrentHandler):
    """h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}."""

    rows = ("r", "z", "n")

    def symbols(self, path: str) -> tuple[str, ...]:
        return ("r", "z", "n", "h")

    def recover(self, run: Run) -> tuple[States, Tensor]:
        gates = gru_gates(run.x, run.before, run.w)
        return {**gates._asdict(), "h": run.h}, gru_hidden(run.before, gates)

    def advance(self, x: Tensor, before: States, run: Run, change: Change) -> States:
        h = before["h"]
        own = gru_gates(x, h, run.w).r
        gates = gru_gates(x, h, run.w, change("r", own))
        gates = GRUGates(gates.r, change("z", gates.z), change("n", gates.n))
        return {**gates._asdict(), "h": change("h", gru_hidden(h, gates))}

    def slack(self, run: Run, values: States) -> States:
        """δh ≤ (|n| + |h_{t−1}|) δ + (1 + |W_h h|) δ, δ being the rounding of a gate."""
        bound = run.bound()
        factor = values["n"].double().abs() + run.before.double().abs() + 1 + bound
        return {"h": factor * rounding(bound, run.dtype)}

    def describe(self, call: Call, seen: Observation, builder: Builder) -> None:
        x = builder.source(call, read(call, self.carried).x)
        bias = bool(call.module.bias)
        for symbol in "rz":
            recipe = self.gate(call, builder, x, symbol, "sigmoid")
            builder.add(call, seen, symbol, "gate", formula(symbol, r"\sigma", bias=bias), recipe)
        r, z, n = (Ref(call.name(symbol)) for symbol in "rzn")
        tex = r"n_t = \tanh(W_{xn} x_t + r_t \odot W_{hn} h_{t-1})"
        if bias:
            tex = r"n_t = \tanh(W_{xn} x_t + b_{xn} + r_t \odot (W_{hn} h_{t-1} + b_{hn}))"
        recipe = self.gate(call, builder, x, "n", "tanh", gate=r)
        builder.add(call, seen, "n", "tanh", tex, recipe)
        written = (Gain(z, "one minus"), Gain(n))
        kept = (Gain(z), Gain(Ref(call.name("h"), 1)))
        tex = r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}"
        state = Blend((written, kept))
        builder.add(call, seen, "h", "tanh", tex, state, travels=call.output[0])
