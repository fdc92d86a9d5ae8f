"""How a model is taught: the knobs of training."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

LIVE = {"live": True}
"""Marks a knob that may be turned while training runs."""


class TrainingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """AdamW (β .9 and .99), clipped gradients, a cosine over a fixed number of steps after 3 % warm-up."""

    steps: Annotated[
        int,
        Meta(ge=1, le=1_000_000, title="steps", description="updates of the weights; the schedule's length"),
    ] = 2000
    batch_size: Annotated[
        int, Meta(ge=1, le=4096, title="batch", description="examples that one update looks at")
    ] = 64
    learning_rate: Annotated[
        float,
        Meta(ge=1e-6, le=1000, title="lr", description="how far one update goes, at the peak", extra=LIVE),
    ] = 3e-3
    clip: Annotated[
        float,
        Meta(ge=0, le=1000, title="clip", description="longest gradient let through; 0 is off", extra=LIVE),
    ] = 1.0
    weight_decay: Annotated[
        float,
        Meta(ge=0, le=10, title="decay", description="share of lr by which weights shrink at each update"),
    ] = 0.01
