"""Markov chains: the model is one table of log-probabilities, and looking up a row is all it does."""

from __future__ import annotations

from seqtui.models.autoregressive import Markov
from seqtui.signals import Embed, Recipe, Sum
from seqtui.tracing.builder import Builder
from seqtui.tracing.handler import Call, Observation, PointwiseHandler


class MarkovHandler(PointwiseHandler):
    """y_t = log P, the same at every step (order 0), or its row of the newest token (order 1)."""

    def symbols(self, path: str) -> tuple[str, ...]:
        return ("output.logits",)

    def describe(self, call: Call, seen: Observation, builder: Builder) -> None:
        assert isinstance(call.module, Markov)
        table = builder.weight(call, "table", "log P")
        recipe: Recipe = Embed(table)
        formula = r"y_t = \log P[\text{token}_t]"
        if call.module.table.dim() == 1:
            recipe, formula = Sum(bias=(table,)), r"y_t = \log P"
        travels = call.output
        builder.add(call, seen, "output.logits", "measured", formula, recipe, shown="y", travels=travels)
