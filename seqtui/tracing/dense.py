"""nn.Embedding and nn.Linear: what goes in and what comes out is all there is."""

from __future__ import annotations

import torch
from torch import Tensor

from seqtui.signals import Affine, Embed, Given, Recipe
from seqtui.tracing.builder import Builder
from seqtui.tracing.handler import Call, Observation, PointwiseHandler, batch_first


class EmbeddingHandler(PointwiseHandler):
    """x_t = E[token_t]: (B, T) → (B, T, D)."""

    def symbols(self, path: str) -> tuple[str, ...]:
        return ("x",)

    def describe(self, call: Call, seen: Observation, builder: Builder) -> None:
        ids = call.argument(0, "input")
        ids = ids if ids.shape == call.sequence else ids.T
        recipe: Recipe = Given(f"rows of {call.weight_path('weight')} for other ids than the tokens'")
        if torch.equal(builder.of_item(ids), builder.ids):
            recipe = Embed(builder.weight(call, "weight", "E"))
        builder.add(call, seen, "x", "measured", r"x_t = E[\text{token}_t]", recipe, travels=call.output)


class LinearHandler(PointwiseHandler):
    """y_t = W x_t + b: (B, T, D) → (B, T, H). The y of a module called `output` are the logits."""

    def symbols(self, path: str) -> tuple[str, ...]:
        return ("logits",) if path == "output" else ("y",)

    def describe(self, call: Call, seen: Observation, builder: Builder) -> None:
        (symbol,) = seen.values
        x = batch_first(call, call.argument(0, "input"))
        assert isinstance(x, Tensor)
        source = builder.source(call, x)
        has_bias = call.module.bias is not None
        bias = (builder.weight(call, "bias", "b_y"),) if has_bias else ()
        recipe = Affine(source, builder.weight(call, "weight", "W_y"), bias)
        formula = rf"y_t = W_y {builder.signals[source.name].symbol}_t" + (" + b_y" if has_bias else "")
        builder.add(call, seen, symbol, "measured", formula, recipe, shown="y", travels=call.output)
