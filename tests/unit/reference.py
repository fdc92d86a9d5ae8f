"""Small passes through torch's own functions, written down as Traces: what the recipes are held against.

Nothing here comes from `seqtui.tracing` or `seqtui.models`; the numbers are torch's, the recipes are ours.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqtui.signals import (
    TIME_AXES,
    Affine,
    Array,
    Blend,
    Cell,
    Dot,
    Embed,
    Gain,
    Given,
    Mix,
    Norm,
    Range,
    Recipe,
    Recur,
    Ref,
    Signal,
    Softmax,
    Sum,
    Trace,
    Weight,
    explain_cell,
    recompute,
)
from seqtui.signals.terms import Activation

STEP = ("step", "unit")
HEADS = ("head", "step", "unit")
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}


class Draft:
    """A Trace in the making: T tokens, weights drawn from a seed, signals in the order they are added."""

    def __init__(self, T: int, dtype: torch.dtype, seed: int, scale: float = 1.0) -> None:
        self.T, self.dtype, self.scale = T, dtype, scale
        self.generator = torch.Generator().manual_seed(seed)
        self.weights: dict[str, Tensor] = {}
        self.signals: dict[str, Signal] = {}
        self.ids = torch.randint(5, (T,), generator=self.generator)

    def draw(self, path: str, *shape: int) -> Tensor:
        """A weight of this shape."""
        self.weights[path] = self.random(*shape)
        return self.weights[path]

    def random(self, *shape: int) -> Tensor:
        """Normal numbers of this shape."""
        return torch.randn(*shape, generator=self.generator, dtype=self.dtype) * self.scale

    def add(
        self,
        name: str,
        values: Tensor,
        recipe: Recipe,
        axes: tuple[str, ...] = STEP,
        initial: Tensor | None = None,
        range_: Range = "measured",
    ) -> None:
        """A signal with torch's numbers and our recipe."""
        start = None if initial is None else initial.detach().numpy()
        symbol = name.rpartition(".")[2]
        self.signals[name] = Signal(
            name, values.detach().numpy(), axes, range_, symbol, symbol, recipe, start
        )

    def trace(self) -> Trace:
        """What was drafted."""
        tokens = tuple("abcde"[i] for i in self.ids.tolist())
        weights = {path: weight.numpy() for path, weight in self.weights.items()}
        return Trace("", tokens, self.ids.numpy(), tuple("abcde"), self.signals, weights, "drafted")


def embedded(draft: Draft, D: int) -> Tensor:
    """x = E[ids], of the recipe kind `embed`."""
    x = F.embedding(draft.ids, draft.draw("embedding.weight", 5, D))
    draft.add("embedding.x", x, Embed(Weight("embedding.weight", "E")))
    return x


def lstm_pass(T: int, D: int, H: int, dtype: torch.dtype, seed: int, scale: float) -> Trace:
    """torch's LSTMCell, step by step; h_0 and c_0 are drawn too."""
    draft = Draft(T, dtype, seed, scale)
    x = embedded(draft, D)
    cell = nn.LSTMCell(D, H, dtype=dtype)
    for parameter, weight in cell.named_parameters():
        weight.data = draft.draw(f"l.{parameter}", *weight.shape)
    h, c = h_0, c_0 = draft.random(H), draft.random(H)
    found: dict[str, list[Tensor]] = {symbol: [] for symbol in "ifgoch"}
    for x_t in x:
        pre = F.linear(x_t, cell.weight_ih, cell.bias_ih) + F.linear(h, cell.weight_hh, cell.bias_hh)
        for symbol, part in zip("ifgo", pre.chunk(4), strict=True):
            found[symbol].append(torch.tanh(part) if symbol == "g" else torch.sigmoid(part))
        h, c = cell(x_t, (h, c))
        found["h"].append(h)
        found["c"].append(c)
    for place, symbol in enumerate("ifgo"):
        rows = place * H, (place + 1) * H
        gate = Recur(
            Ref("embedding.x"),
            Weight("l.weight_ih", f"W_x{symbol}", *rows),
            Ref("l.h", 1),
            Weight("l.weight_hh", f"W_h{symbol}", *rows),
            (Weight("l.bias_ih", f"b_{symbol}", *rows),),
            (Weight("l.bias_hh", f"b_{symbol}", *rows),),
            activation="tanh" if symbol == "g" else "sigmoid",
        )
        bound: Range = "tanh" if symbol == "g" else "gate"
        draft.add(f"l.{symbol}", torch.stack(found[symbol]), gate, range_=bound)
    f, c_before, i, g, o, c_now = (
        Gain(Ref("l.f")),
        Gain(Ref("l.c", 1)),
        Gain(Ref("l.i")),
        Gain(Ref("l.g")),
        Gain(Ref("l.o")),
        Gain(Ref("l.c"), "tanh"),
    )
    draft.add("l.c", torch.stack(found["c"]), Blend(((f, c_before), (i, g))), initial=c_0)
    draft.add("l.h", torch.stack(found["h"]), Blend(((o, c_now),)), initial=h_0)
    return draft.trace()


def gru_pass(T: int, D: int, H: int, dtype: torch.dtype, seed: int, scale: float) -> Trace:
    """torch's GRUCell, step by step: its reset gate acts after the product W_h h."""
    draft = Draft(T, dtype, seed, scale)
    x = embedded(draft, D)
    cell = nn.GRUCell(D, H, dtype=dtype)
    for parameter, weight in cell.named_parameters():
        weight.data = draft.draw(f"l.{parameter}", *weight.shape)
    h = h_0 = draft.random(H)
    found: dict[str, list[Tensor]] = {symbol: [] for symbol in "rznh"}
    for x_t in x:
        x_r, x_z, x_n = F.linear(x_t, cell.weight_ih, cell.bias_ih).chunk(3)
        h_r, h_z, h_n = F.linear(h, cell.weight_hh, cell.bias_hh).chunk(3)
        r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
        h = cell(x_t, h)
        for symbol, value in zip("rznh", (r, z, torch.tanh(x_n + r * h_n), h), strict=True):
            found[symbol].append(value)
    for place, symbol in enumerate("rzn"):
        rows = place * H, (place + 1) * H
        gate = Recur(
            Ref("embedding.x"),
            Weight("l.weight_ih", f"W_x{symbol}", *rows),
            Ref("l.h", 1),
            Weight("l.weight_hh", f"W_h{symbol}", *rows),
            (Weight("l.bias_ih", f"b_x{symbol}", *rows),),
            (Weight("l.bias_hh", f"b_h{symbol}", *rows),),
            gate=Ref("l.r") if symbol == "n" else None,
            activation="tanh" if symbol == "n" else "sigmoid",
        )
        draft.add(f"l.{symbol}", torch.stack(found[symbol]), gate)
    written, kept = (Gain(Ref("l.z"), "one minus"), Gain(Ref("l.n"))), (Gain(Ref("l.z")), Gain(Ref("l.h", 1)))
    draft.add("l.h", torch.stack(found["h"]), Blend((written, kept)), initial=h_0)
    return draft.trace()


def rnn_pass(
    T: int, D: int, H: int, dtype: torch.dtype, seed: int, scale: float, phi: Activation = "tanh"
) -> Trace:
    """nn.RNN with tanh or ReLU, from torch's own kernel."""
    draft = Draft(T, dtype, seed, scale)
    x = embedded(draft, D)
    module = nn.RNN(D, H, nonlinearity=phi, dtype=dtype)
    for parameter, weight in module.named_parameters():
        weight.data = draft.draw(f"l.{parameter}", *weight.shape)
    recipe = Recur(
        Ref("embedding.x"),
        Weight("l.weight_ih_l0", "W_x"),
        Ref("l.h", 1),
        Weight("l.weight_hh_l0", "W_h"),
        (Weight("l.bias_ih_l0", "b"),),
        (Weight("l.bias_hh_l0", "b"),),
        activation=phi,
    )
    draft.add("l.h", module(x)[0], recipe)  # no initial state named: it is 0
    return draft.trace()


def attention_pass(T: int, N: int, K: int, dtype: torch.dtype, seed: int, scale: float) -> Trace:
    """Positions, causal attention with N heads, a residual, layer norms, a ReLU layer and odds."""
    draft, D = Draft(T, dtype, seed, scale), N * K
    x = embedded(draft, D) + draft.draw("positions", T + 3, D)[:T]
    draft.add("x", x, Sum((Ref("embedding.x"),), (Weight("positions", "P"),)))
    z = heads_of(draft, x, N, K)
    out = F.linear(z.transpose(0, 1).reshape(T, D), draft.draw("out.weight", D, D))
    draft.add("a.out", out, Affine(Ref("a.z"), Weight("out.weight", "W_o")))
    residual = x + out + draft.draw("shift", D)
    draft.add("residual", residual, Sum((Ref("x"), Ref("a.out")), bias=(Weight("shift", "b"),)))
    y = F.layer_norm(residual, (D,), draft.draw("norm.weight", D), draft.draw("norm.bias", D))
    draft.add("norm.y", y, Norm(Ref("residual"), Weight("norm.weight", "γ"), Weight("norm.bias", "β")))
    draft.add("bare.y", F.layer_norm(residual, (D,)), Norm(Ref("residual")))
    wide = torch.relu(F.linear(y, draft.draw("wide.weight", 2 * D, D), draft.draw("wide.bias", 2 * D)))
    bias = (Weight("wide.bias", "b"),)
    draft.add("wide.y", wide, Affine(Ref("norm.y"), Weight("wide.weight", "W"), bias, "relu"))
    logits = F.linear(y, draft.weights["embedding.weight"])
    tied = Affine(Ref("norm.y"), Weight("embedding.weight", "E"))
    draft.add("logits", logits, tied, ("step", "token"))
    draft.add("probs", torch.softmax(logits, -1), Softmax("logits"), ("step", "token"), range_="simplex")
    return draft.trace()


def heads_of(draft: Draft, x: Tensor, N: int, K: int) -> Tensor:
    """q, k, v, scores, mask, pattern and z (N, T, K) of causal attention, by torch."""
    T, D = x.shape
    W, b = draft.draw("in.weight", 3 * D, D), draft.draw("in.bias", 3 * D)
    q, k, v = (part.reshape(T, N, K).transpose(0, 1) for part in F.linear(x, W, b).chunk(3, dim=-1))
    for place, (symbol, values) in enumerate(zip("qkv", (q, k, v), strict=True)):
        rows = place * D, (place + 1) * D
        weight, bias = Weight("in.weight", f"W_{symbol}", *rows), Weight("in.bias", f"b_{symbol}", *rows)
        draft.add(f"a.{symbol}", values, Affine(Ref("x"), weight, (bias,), heads=N), HEADS)
    scores, axes = q @ k.transpose(1, 2) / math.sqrt(K), ("head", "query", "key")
    draft.add("a.scores", scores, Dot("a.q", "a.k", 1 / math.sqrt(K)), axes)
    mask = torch.full((T, T), -math.inf, dtype=draft.dtype).triu(1)
    draft.add("a.mask", mask, Given("a position sees itself and what came before"), ("query", "key"))
    pattern = torch.softmax(scores + mask, dim=-1)
    draft.add("a.pattern", pattern, Softmax("a.scores", "a.mask"), axes, range_="simplex")
    z = F.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0]
    draft.add("a.z", z, Mix("a.pattern", "a.v"), HEADS)
    return z


def spoken_indices(signal: Signal) -> list[tuple[int, ...]]:
    """Every index of a signal, as it is spoken: steps from 1."""
    first = [int(axis in TIME_AXES) for axis in signal.axes]
    return [tuple(i + f for i, f in zip(at, first, strict=True)) for at in np.ndindex(signal.values.shape)]


def apart(a: Array, b: Array) -> float:
    """The largest difference, relative to the largest magnitude or 1; NaN equals NaN, ∞ equals ∞."""
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return 0.0
    finite = np.abs(b[np.isfinite(b)])
    return float(np.abs(a - b)[~same].max() / max(1.0, finite.max(initial=1.0)))


def check_recipes(trace: Trace, tolerance: float) -> int:
    """Every signal equals its recipe, whole and number by number; returns how many numbers were checked."""
    checked = 0
    for name, signal in trace.items():
        if isinstance(signal.recipe, Given):
            continue
        again = recompute(trace, name)
        assert again.shape == signal.values.shape, name
        assert apart(again, signal.values) <= tolerance, name
        indices = spoken_indices(signal)
        values = np.array([explain_cell(trace, Cell(name, at)).reading.value for at in indices])
        free = ~signal.fixed.ravel() if signal.fixed is not None else np.ones(len(indices), bool)
        assert apart(values[free], signal.values.ravel()[free].astype(np.float64)) <= tolerance, name
        checked += len(indices)
    return checked
