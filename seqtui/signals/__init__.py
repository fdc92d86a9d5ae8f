"""What one pass through a model looked like. NumPy and the standard library alone."""

from seqtui.signals.operands import Explanation, Part, explain, explain_cell
from seqtui.signals.recipe import (
    Affine,
    Blend,
    Dot,
    Embed,
    Given,
    Mix,
    Norm,
    Recipe,
    Recur,
    Softmax,
    Sum,
    recompute,
)
from seqtui.signals.signal import TIME_AXES, Array, Range, Signal, Trace
from seqtui.signals.terms import Cell, Factor, Gain, Reading, Ref, Term, Weight, WeightCell

__all__ = [
    "TIME_AXES",
    "Affine",
    "Array",
    "Blend",
    "Cell",
    "Dot",
    "Embed",
    "Explanation",
    "Factor",
    "Gain",
    "Given",
    "Mix",
    "Norm",
    "Part",
    "Range",
    "Reading",
    "Recipe",
    "Recur",
    "Ref",
    "Signal",
    "Softmax",
    "Sum",
    "Term",
    "Trace",
    "Weight",
    "WeightCell",
    "explain",
    "explain_cell",
    "recompute",
]
