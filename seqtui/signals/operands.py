"""One number → the terms that add up to it, what belongs together kept together, the largest first."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seqtui.errors import UsageError
from seqtui.signals.recipe import Given
from seqtui.signals.signal import Signal, Trace
from seqtui.signals.terms import Cell, Reading, Term


@dataclass(frozen=True)
class Part:
    """What is shown as one line of an explanation: one term, or several that belong together."""

    group: str
    terms: tuple[Term, ...]

    @property
    def value(self) -> float:
        """Σ of its terms."""
        return float(sum(term.value for term in self.terms))


@dataclass(frozen=True, eq=False)
class Explanation:
    """Where one number came from: value = finish(Σ parts), or an `end` that goes no further.

    `without(part)` answers: what would it be if this part were not there?
    """

    signal: Signal
    index: tuple[int, ...]
    value: float
    reading: Reading
    parts: tuple[Part, ...]
    end: str = ""

    def without(self, part: Part) -> float:
        """The number with this part taken away and all else as it is; a share without its own power is 0."""
        rest = tuple(term for other in self.parts if other is not part for term in other.terms)
        is_own = self.reading.finish == "share" and any(
            isinstance(factor.source, Cell) and factor.source.index == self.index
            for term in part.terms
            for factor in term.factors
        )
        return Reading(rest, self.reading.finish, 0.0 if is_own else self.reading.own).value


TOGETHER = frozenset({"input", "bias", "token", "the mean"})
"""Groups whose terms say little one by one: 32 products of one letter's embedding are one push."""


def parts_of(reading: Reading) -> tuple[Part, ...]:
    """The terms of a reading as parts, by falling size; what is not a number comes first."""
    grouped: dict[str, list[Term]] = {}
    parts = []
    for term in reading.terms:
        if term.group in TOGETHER:
            grouped.setdefault(term.group, []).append(term)
        else:
            parts.append(Part(term.group, (term,)))
    parts += [Part(group, tuple(terms)) for group, terms in grouped.items()]
    return tuple(sorted(parts, key=lambda part: -math.inf if math.isnan(part.value) else -abs(part.value)))


def explain_cell(trace: Trace, cell: Cell) -> Explanation:
    """Where the number in this cell came from. Steps count from 1; step 0 is the initial state, −1 the last.

    Raises UsageError for what does not exist.
    """
    signal = trace[cell.signal]
    index = signal.spoken(cell.index)
    value = signal.number(index)
    end = ""
    if signal.axes[0] == "step" and index[0] == 0:
        end = "the state before the first step"
    elif signal.is_fixed(index):
        end = "set by hand"
    elif isinstance(signal.recipe, Given):
        end = signal.recipe.source
    if end:
        return Explanation(signal, index, value, Reading(()), (), end)
    reading = signal.recipe.reading(trace, index)
    return Explanation(signal, index, value, reading, parts_of(reading))


def explain(trace: Trace, name: str, **where: int) -> Explanation:
    """Where one number came from: `explain(trace, "layers.0.lstm.f", step=4, unit=7)`.

    Name every axis of the signal; step −1 is the last. Raises UsageError for what does not exist.
    """
    signal = trace[name]
    unknown = set(where) - set(signal.axes)
    missing = [axis for axis in signal.axes if axis not in where]
    if unknown or missing:
        wrong = f"it has no axis {min(unknown)!r}" if unknown else f"{missing[0]} is missing"
        raise UsageError(f"{name}: {wrong}", f"its axes are {', '.join(signal.axes)}")
    return explain_cell(trace, Cell(name, tuple(where[axis] for axis in signal.axes)))
