"""Recover, then verify: what was recovered has to be what the module returned."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from seqtui.errors import TraceError

TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-5, torch.bfloat16: 2e-2, torch.float16: 2e-2}
"""Of |recovered − returned|, relative to max(1, the largest magnitude returned)."""

ROUNDING = 4.0
"""How many units in the last place of Σ|terms| two orders of adding the same terms may lie apart."""


def verify(
    name: str,
    recovered: Tensor,
    returned: Tensor,
    dtype: torch.dtype,
    slack: Callable[[], Tensor],
    *,
    first: int = 1,
) -> None:
    """Raise TraceError where two readings of a signal (B, T, H) disagree; NaN equals NaN, ∞ equals ∞.

    dtype: what the module computes in. slack: how far adding in another order can carry each number,
    asked for only if they disagree; not finite where a number outgrew its type, so that nothing can be
    promised there. first: the step that the arrays begin with.
    """
    tolerance = TOLERANCE[dtype]
    gap = (recovered - returned).abs()
    if float(gap.max()) <= tolerance:
        return
    finite = returned[torch.isfinite(returned)].abs()
    limit = tolerance * max(1.0, float(finite.max()) if finite.numel() else 1.0)
    same = (recovered == returned) | (recovered.isnan() & returned.isnan()) | (gap <= limit)
    if bool(same.all()):
        return
    allowed = slack()
    same |= (gap <= limit + allowed) | ~torch.isfinite(allowed)
    if bool(same.all()):
        return
    b, t, unit = (int(i) for i in (~same).nonzero()[0])
    raise TraceError(
        f"{name} at step {t + first}, unit {unit}: recovered {float(recovered[b, t, unit]):.6g}, "
        f"the module returned {float(returned[b, t, unit]):.6g}, {float(gap[b, t, unit]):.2g} apart",
        "it computes something else than its name says",
    )


def rounding(bound: Tensor, dtype: torch.dtype) -> Tensor:
    """How far a sum of terms may be off, `bound` being Σ|terms| in 64 bits; ∞ where it may overflow."""
    limits = torch.finfo(dtype)
    return torch.where(bound < limits.max / 8, ROUNDING * limits.eps * bound, torch.inf)
