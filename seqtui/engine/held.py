"""The weights that came with traces, kept so that they need not be sent again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from seqtui.engine.calls import HashedWeights
from seqtui.signals import Array, Trace

MOST_SETS = 64
MOST_BYTES = 32 * 2**20
"""Sets of weights, and their bytes, that are kept: the most recently seen ones."""


class HeldWeights:
    """Sets of weights by their hash; the ones that were not seen for longest go first."""

    def __init__(self) -> None:
        self._sets: OrderedDict[str, Mapping[str, Array]] = OrderedDict()

    def known(self) -> HashedWeights:
        """All of them, as they are now."""
        return dict(self._sets)

    def keep(self, trace: Trace) -> None:
        """Keep a trace's weights."""
        if not trace.weights_hash:
            return
        self._sets[trace.weights_hash] = trace.weights
        self._sets.move_to_end(trace.weights_hash)
        while len(self._sets) > MOST_SETS or self._bytes() > MOST_BYTES:
            self._sets.popitem(last=False)

    def _bytes(self) -> int:
        return sum(array.nbytes for weights in self._sets.values() for array in weights.values())
