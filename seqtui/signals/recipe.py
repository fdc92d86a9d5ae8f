"""How a signal is made from others: ten kinds, each with two readings from one definition.

`values(trace)` makes the whole signal again, vectorised; `reading(trace, index)` makes one number of it
as a sum of terms that can each be followed. That the two agree, and agree with what the model computed,
is what the tests of this room promise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

import numpy as np

from seqtui.signals.signal import Array, Trace
from seqtui.signals.terms import (
    ACTIVATIONS,
    Activation,
    Cell,
    Factor,
    Gain,
    Reading,
    Ref,
    Term,
    Weight,
    softmax,
)


@dataclass(frozen=True)
class Recipe:
    """How a signal is made. Index arguments are spoken ones: steps count from 1."""

    kind: ClassVar[str]

    def values(self, trace: Trace) -> Array:
        """The whole signal again."""
        raise NotImplementedError

    def reading(self, trace: Trace, index: tuple[int, ...]) -> Reading:
        """One number of it as a sum of terms."""
        raise NotImplementedError


@dataclass(frozen=True)
class Given(Recipe):
    """A number that came from outside: a token, an untraced module, or a learner's hand."""

    kind: ClassVar[str] = "given"
    source: str

    def values(self, trace: Trace) -> Array:
        """There is nothing to compute it from."""
        raise LookupError(self.source)

    def reading(self, trace: Trace, index: tuple[int, ...]) -> Reading:
        """An end: no terms."""
        raise LookupError(self.source)


@dataclass(frozen=True)
class Embed(Recipe):
    """y_t = E[token_t]: one row of a table for each token. (T,) → (T, D)."""

    kind: ClassVar[str] = "embed"
    table: Weight

    def values(self, trace: Trace) -> Array:
        rows: Array = self.table.array(trace)[trace.ids]
        return rows

    def reading(self, trace: Trace, index: tuple[int, ...]) -> Reading:
        step, unit = index
        return Reading((Term((self.table.cell(trace, int(trace.ids[step - 1]), unit),), "token"),))


def _products(trace: Trace, weight: Weight, ref: Ref, step: int, row: int, group: str) -> Iterator[Term]:
    """Σ_j W[row, j] · x[step, j], a term for each j."""
    columns = weight.array(trace).shape[1]
    for j in range(columns):
        yield Term((weight.cell(trace, row, j), ref.cell(trace, step, j)), group)


@dataclass(frozen=True)
class Affine(Recipe):
    """y = φ(W x + b). x (T, D), W (H, D), b (H,) → (T, H); with heads, (N, T, H/N)."""

    kind: ClassVar[str] = "affine"
    input: Ref
    weight: Weight
    bias: tuple[Weight, ...] = ()
    activation: Activation = "identity"
    heads: int = 0

    def values(self, trace: Trace) -> Array:
        y = self.input.matrix(trace) @ self.weight.array(trace).T
        for bias in self.bias:
            y = y + bias.array(trace)
        y = ACTIVATIONS[self.activation](y)
        return y.reshape(len(y), self.heads, -1).transpose(1, 0, 2) if self.heads else y

    def reading(self, trace: Trace, index: tuple[int, ...]) -> Reading:
        if self.heads:
            head, step, unit = index
            row = head * (len(self.weight.array(trace)) // self.heads) + unit
        else:
            step, row = index
        terms = [*_products(trace, self.weight, self.input, step, row, "input")]
        terms += [Term((bias.cell(trace, row),), "bias") for bias in self.bias]
        return Reading(tuple(terms), self.activation)


@dataclass(frozen=True)
class Recur(Recipe):
    """y_t = φ(W_x x_t + b_x + g_t ⊙ (W_h h_{t−1} + b_h)); without a gate, g is 1.

    x (T, D), h (T, H) → (T, H). With `gate` it is torch's candidate n of the GRU, whose reset gate acts
    after the matrix product.
    """

    kind: ClassVar[str] = "recur"
    input: Ref
    weight_x: Weight
    state: Ref
    weight_h: Weight
    bias_x: tuple[Weight, ...] = ()
    bias_h: tuple[Weight, ...] = ()
    gate: Ref | None = None
    activation: Activation = "tanh"

    def values(self, trace: Trace) -> Array:
        x = self.input.matrix(trace) @ self.weight_x.array(trace).T
        h = self.state.matrix(trace) @ self.weight_h.array(trace).T
        for bias in self.bias_x:
            x = x + bias.array(trace)
        for bias in self.bias_h:
            h = h + bias.array(trace)
        if self.gate is not None:
            h = self.gate.matrix(trace) * h
        return ACTIVATIONS[self.activation](x + h)

    def reading(self, trace: Trace, index: tuple[int, ...]) -> Reading:
        step, unit = index
        terms = [*_products(trace, self.weight_x, self.input, step, unit, "input")]
        terms += [Term((bias.cell(trace, unit),), "bias") for bias in self.bias_x]
        later = [*_products(trace, self.weight_h, self.state, step, unit, "state")]
        later += [Term((bias.cell(trace, unit),), "bias") for bias in self.bias_h]
        if self.gate is not None:
            gate = self.gate.cell(trace, step, unit)
            later = [Term((gate, *term.factors), term.group) for term in later]
        return Reading((*terms, *later), self.activation)


@dataclass(frozen=True)
class Blend(Recipe):
    """y = a ⊙ φ(b) + c ⊙ φ(d), each pair a term: the cell of an LSTM, its h, the h of a GRU. (T, H)."""

    kind: ClassVar[str] = "blend"
    pairs: tuple[tuple[Gain, Gain], ...]

    def values(self, trace: Trace) -> Array:
        y: Array = np.zeros(())
        for a, b in self.pairs:
            y = y + a.matrix(trace) * b.matrix(trace)
        return y

    def reading(self, trace: Trace, index: tuple[int, ...]) -> Reading:
        step, unit = index
        terms = [Term((a.cell(trace, step, unit), b.cell(trace, step, unit)), "pair") for a, b in self.pairs]
        return Reading(tuple(terms))


@dataclass(frozen=True)
class Dot(Recipe):
    """s[n, t, u] = scale · q[n, t] · k[n, u]. q (N, T, K), k (N, S, K) → (N, T, S)."""

    kind: ClassVar[str] = "dot"
    query: str
    key: str
    scale: float

    def values(self, trace: Trace) -> Array:
        scores: Array = self.scale * (trace[self.query].values @ trace[self.key].values.swapaxes(-1, -2))
        return scores

    def reading(self, trace: Trace, index: tuple[int, ...]) -> Reading:
        head, query, key = index
        q, k = trace[self.query], trace[self.key]
        scale = Factor(self.scale, None, "constant")
        terms = []
        for unit in range(q.values.shape[-1]):
            at_q, at_k = (head, query, unit), (head, key, unit)
            factors = (
                scale,
                Factor(q.number(at_q), Cell(q.name, at_q)),
                Factor(k.number(at_k), Cell(k.name, at_k)),
            )
            terms.append(Term(factors, "dimension"))
        return Reading(tuple(terms))


@dataclass(frozen=True)
class Softmax(Recipe):
    """p = e^(s + m) / Σ e^(s + m) along the last axis; the mask m is 0 or −∞ and a signal of its own."""

    kind: ClassVar[str] = "softmax"
    scores: str
    mask: str = ""

    def values(self, trace: Trace) -> Array:
        scores = trace[self.scores].values
        return softmax(scores + trace[self.mask].values if self.mask else scores)

    def reading(self, trace: Trace, index: tuple[int, ...]) -> Reading:
        scores = trace[self.scores]
        row = scores.values[scores.array_index(index)[:-1]].astype(np.float64)
        if self.mask:
            mask = trace[self.mask]
            row = row + mask.values[(*mask.array_index(index[-len(mask.axes) :])[:-1],)]
        first = 1 if scores.axes[-1] == "key" else 0
        with np.errstate(invalid="ignore"):
            powers = np.exp(row - row.max())
        terms = [
            Term((Factor(float(power), Cell(scores.name, (*index[:-1], place + first)), "exp"),), "power")
            for place, power in enumerate(powers)
        ]
        return Reading(tuple(terms), "share", float(powers[index[-1] - first]))


@dataclass(frozen=True)
class Mix(Recipe):
    """z[n, t] = Σ_u p[n, t, u] · v[n, u]. p (N, T, S), v (N, S, K) → (N, T, K)."""

    kind: ClassVar[str] = "mix"
    pattern: str
    value: str

    def values(self, trace: Trace) -> Array:
        mixed: Array = trace[self.pattern].values @ trace[self.value].values
        return mixed

    def reading(self, trace: Trace, index: tuple[int, ...]) -> Reading:
        head, query, unit = index
        p, v = trace[self.pattern], trace[self.value]
        terms = []
        for key in range(1, p.values.shape[-1] + 1):
            at_p, at_v = (head, query, key), (head, key, unit)
            factors = (Factor(p.number(at_p), Cell(p.name, at_p)), Factor(v.number(at_v), Cell(v.name, at_v)))
            terms.append(Term(factors, "key"))
        return Reading(tuple(terms))


@dataclass(frozen=True)
class Norm(Recipe):
    """y = γ ⊙ (x − μ) / √(var + ε) + β over the last axis, the biased variance as in torch. (T, D).

    For one number, σ taken as it is, y is linear in x: its terms are γ/σ · x_j times 1 − 1/D for the
    unit itself and −1/D for every other, and β.
    """

    kind: ClassVar[str] = "norm"
    input: Ref
    weight: Weight | None = None
    bias: Weight | None = None
    eps: float = 1e-5

    def values(self, trace: Trace) -> Array:
        x = self.input.matrix(trace)
        centred = x - x.mean(axis=-1, keepdims=True)
        y: Array = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.eps)
        if self.weight is not None:
            y = y * self.weight.array(trace)
        return y if self.bias is None else y + self.bias.array(trace)

    def reading(self, trace: Trace, index: tuple[int, ...]) -> Reading:
        step, unit = index
        x = self.input.matrix(trace)[step - 1].astype(np.float64)
        inverse = Factor(float(1.0 / np.sqrt(x.var() + self.eps)), None, "constant")
        gain = (self.weight.cell(trace, unit),) if self.weight is not None else ()
        terms = []
        for j in range(len(x)):
            share = Factor((j == unit) - 1.0 / len(x), None, "constant")
            factors = (*gain, inverse, share, self.input.cell(trace, step, j))
            terms.append(Term(factors, "itself" if j == unit else "the mean"))
        if self.bias is not None:
            terms.append(Term((self.bias.cell(trace, unit),), "bias"))
        return Reading(tuple(terms))


@dataclass(frozen=True)
class Sum(Recipe):
    """y = Σ of signals (T, D), of weights with a row for each step (position), and of vectors (bias)."""

    kind: ClassVar[str] = "sum"
    parts: tuple[Ref, ...] = ()
    by_step: tuple[Weight, ...] = ()
    bias: tuple[Weight, ...] = ()

    def values(self, trace: Trace) -> Array:
        addends = [part.matrix(trace) for part in self.parts]
        addends += [weight.array(trace)[: trace.steps] for weight in self.by_step]
        addends += [weight.array(trace) for weight in self.bias]
        y = reduce(np.add, addends)
        return y if y.ndim == 2 else np.tile(y, (trace.steps, 1))

    def reading(self, trace: Trace, index: tuple[int, ...]) -> Reading:
        step, unit = index
        terms = [Term((part.cell(trace, step, unit),), "part") for part in self.parts]
        terms += [Term((weight.cell(trace, step - 1, unit),), "position") for weight in self.by_step]
        terms += [Term((weight.cell(trace, unit),), "bias") for weight in self.bias]
        return Reading(tuple(terms))


KINDS: dict[str, type[Recipe]] = {
    kind.kind: kind for kind in (Embed, Affine, Blend, Recur, Dot, Softmax, Mix, Norm, Sum, Given)
}


def recompute(trace: Trace, name: str) -> Array:
    """A signal made again from its recipe, what an intervention set left as it was set.

    Raises LookupError for a `given`.
    """
    signal = trace[name]
    with np.errstate(over="ignore", invalid="ignore"):  # an explosion is a picture, not a warning
        values = signal.recipe.values(trace)
    return values if signal.fixed is None else np.where(signal.fixed, signal.values, values)
