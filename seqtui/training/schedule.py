"""What happens at which step. Schedules run over steps, never over the clock."""

from __future__ import annotations

import math

WARM_UP = 0.03
"""Share of the steps in which the learning rate rises."""


def rate(step: int, steps: int) -> float:
    """The learning rate of a step (from 1) as a share of its peak: up over 3 %, then down a cosine to 0."""
    warm = max(1, math.ceil(WARM_UP * steps))
    if step <= warm:
        return step / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm + 1)))


def snapshot_steps(steps: int) -> tuple[int, ...]:
    """The steps after which weights are kept: 0, 1, 2, 4, 8, … and the last."""
    powers = [2**n for n in range(steps.bit_length()) if 2**n < steps]
    return (0, *powers, steps)


def curve_steps(steps: int) -> int:
    """One point of the curve stands for so many steps: about 200 points in all."""
    return max(1, steps // 200)
