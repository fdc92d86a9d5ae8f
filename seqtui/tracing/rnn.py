"""nn.RNN, and the one with σ: there is nothing to recover but h, which the equation has to give again."""

from __future__ import annotations

from torch import Tensor

from seqtui.models.cells import rnn_state
from seqtui.signals import Range
from seqtui.signals.terms import Activation
from seqtui.tracing.builder import Builder
from seqtui.tracing.handler import Call, Observation
from seqtui.tracing.recurrent import Change, RecurrentHandler, Run, States, read
from seqtui.tracing.verify import rounding

FUNCTIONS: dict[str, tuple[Activation, str, Range]] = {
    "tanh": ("tanh", r"\tanh", "tanh"),
    "relu": ("relu", r"\operatorname{ReLU}", "measured"),
    "sigmoid": ("sigmoid", r"\sigma", "gate"),
}


class RNNHandler(RecurrentHandler):
    """h_t = φ(W_x x_t + W_h h_{t−1} + b)."""

    rows = ("h",)

    def symbols(self, path: str) -> tuple[str, ...]:
        return ("h",)

    def recover(self, run: Run) -> tuple[States, Tensor]:
        return {"h": run.h}, rnn_state(run.x, run.before, run.w, run.phi)

    def advance(self, x: Tensor, before: States, run: Run, change: Change) -> States:
        return {"h": change("h", rnn_state(x, before["h"], run.w, run.phi))}

    def slack(self, run: Run, values: States) -> States:
        return {"h": rounding(run.bound(), run.dtype)}

    def describe(self, call: Call, seen: Observation, builder: Builder) -> None:
        run = read(call, self.carried)
        activation, tex, range_ = FUNCTIONS[run.phi]
        bias = " + b" if call.module.bias else ""
        formula = rf"h_t = {tex}(W_x x_t + W_h h_{{t-1}}{bias})"
        recipe = self.gate(call, builder, builder.source(call, run.x), "h", activation)
        builder.add(call, seen, "h", range_, formula, recipe, travels=call.output[0])
