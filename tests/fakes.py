"""Stand-ins for tests: a small catalogue, traces made by NumPy alone, an engine that answers from them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import cache

import numpy as np

from seqtui.catalogue import Catalogue, Checkpoint, Knob, ModelCard, SignalCard, TaskCard
from seqtui.engine.port import Generated, Progress, Score, Status
from seqtui.errors import EngineError
from seqtui.scene import Scene, parse
from seqtui.signals import (
    Affine,
    Array,
    Blend,
    Embed,
    Gain,
    Range,
    Recur,
    Ref,
    Signal,
    Softmax,
    Trace,
    Weight,
)
from seqtui.signals.terms import ACTIVATIONS, softmax

LETTERS = ("‹", *"abcdefghijklmnopqrstuvwxyz")
GATES = (("i", "sigmoid"), ("f", "sigmoid"), ("g", "tanh"), ("o", "sigmoid"))


def lstm_cards() -> tuple[SignalCard, ...]:
    """The signals of a one-layer LSTM, as the catalogue has them."""
    titles = [("f", "forget", "gate"), ("i", "input", "gate"), ("o", "output", "gate")]
    titles += [("g", "candidate", "tanh"), ("c", "cell", "measured"), ("h", "hidden", "tanh")]
    axes = ("step", "unit")
    gates = [
        SignalCard(f"layers.{{layer}}.lstm.{s}", axes, s, title, kind, "hidden_size", True)
        for s, title, kind in titles
    ]
    return (
        SignalCard("embedding.x", axes, "x", "embedding", "measured", "embedding_size"),
        *gates,
        SignalCard("output.logits", ("step", "token"), "y", "logits", "measured"),
        SignalCard("output.probs", ("step", "token"), "p", "odds", "simplex"),
    )


@cache
def book() -> Catalogue:
    """A catalogue of one model and one task."""
    knobs = (
        Knob("hidden_size", "int", 12, "hidden units", low=1, high=1024),
        Knob("embedding_size", "int", 8, "embedding", low=1, high=256),
        Knob("n_layers", "int", 1, "layers", low=1, high=3),
    )
    names = TaskCard(
        "names",
        "names",
        "first names",
        "bits a letter",
        "lower",
        {"bigram": 3.37, "letter-counts": 4.06},
        "bigram",
        "letter",
        ("maria", "elena"),
        (),
        500,
    )
    defaults = {"hidden_size": 12, "embedding_size": 8, "n_layers": 1, "steps": 100}
    shipped = Checkpoint("lstm.safetensors", "lstm", "names", dict(defaults), 1, 2.95, 3423, "abc", "train")
    return Catalogue(
        models={"lstm": ModelCard("lstm", "LSTM", "a memory with gates", knobs, lstm_cards())},
        tasks={"names": names},
        training=(Knob("steps", "int", 100, "steps", low=0, high=10**6),),
        recipes={"lstm/names": {}},
        checkpoints=(shipped,),
    )


def lstm_weights(units: int, size: int, seed: int = 0, scale: float = 1.2) -> dict[str, Array]:
    """Random weights in torch's layout."""
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> Array:
        return (rng.normal(size=shape) * scale).astype(np.float32)

    return {
        "embedding.weight": draw(len(LETTERS), size),
        "layers.0.lstm.weight_ih_l0": draw(4 * units, size),
        "layers.0.lstm.weight_hh_l0": draw(4 * units, units),
        "layers.0.lstm.bias_ih_l0": draw(4 * units),
        "layers.0.lstm.bias_hh_l0": draw(4 * units),
        "output.weight": draw(len(LETTERS), units),
        "output.bias": draw(len(LETTERS)),
    }


def lstm_trace(line: str = "lstm/names?input=maria") -> Trace:
    """An LSTM's trace over a word, by NumPy; `force` of whole signals is honoured."""
    scene = parse(line, book())
    values = scene.values(book())
    units = int(values["hidden_size"])
    weights = lstm_weights(units, int(values["embedding_size"]))
    text = "maria" if scene.input is None else "".join(c for c in scene.input.lower() if c in LETTERS)
    tokens = ("‹", *text)
    ids = np.array([LETTERS.index(token) for token in tokens], dtype=np.int64)
    forced = {force.signal.rpartition(".")[2]: force.value for force in scene.force}
    signals = _signals(weights, ids, units, forced)
    return Trace(
        str(scene),
        tokens,
        ids,
        LETTERS,
        signals,
        weights,
        f"fake{units}",
        (*text, "›"),
    )


def _signals(
    weights: dict[str, Array], ids: Array, units: int, forced: dict[str, float]
) -> dict[str, Signal]:
    name, axes = "layers.0.lstm.", ("step", "unit")
    x = weights["embedding.weight"][ids]
    found: dict[str, list[Array]] = {symbol: [] for symbol in "ifgoch"}
    h = c = np.zeros(units, dtype=np.float32)
    for x_t in x:
        pre = weights[name + "weight_ih_l0"] @ x_t + weights[name + "bias_ih_l0"]
        pre = pre + weights[name + "weight_hh_l0"] @ h + weights[name + "bias_hh_l0"]
        gates = {
            symbol: np.full(units, forced[symbol], np.float32) if symbol in forced else ACTIVATIONS[act](part)
            for (symbol, act), part in zip(GATES, np.split(pre, 4), strict=True)
        }
        c = gates["f"] * c + gates["i"] * gates["g"]
        h = gates["o"] * np.tanh(c)
        for symbol, value in {**gates, "c": c, "h": h}.items():
            found[symbol].append(value)
    zero = np.zeros(units, dtype=np.float32)
    hidden = Ref(name + "h", 1)
    signals = {
        "embedding.x": Signal(
            "embedding.x", x, axes, "measured", "x", "x_t", Embed(Weight("embedding.weight", "E"))
        )
    }
    for symbol in "fiogch":
        place = "ifgo".find(symbol)
        recipe: Recur | Blend
        if place >= 0:
            rows = (place * units, (place + 1) * units)
            recipe = Recur(
                Ref("embedding.x"),
                Weight(name + "weight_ih_l0", f"W_x{symbol}", *rows),
                hidden,
                Weight(name + "weight_hh_l0", f"W_h{symbol}", *rows),
                (Weight(name + "bias_ih_l0", f"b_{symbol}", *rows),),
                (Weight(name + "bias_hh_l0", f"b_{symbol}", *rows),),
                activation="tanh" if symbol == "g" else "sigmoid",
            )
        elif symbol == "c":
            recipe = Blend(
                (
                    (Gain(Ref(name + "f")), Gain(Ref(name + "c", 1))),
                    (Gain(Ref(name + "i")), Gain(Ref(name + "g"))),
                )
            )
        else:
            recipe = Blend(((Gain(Ref(name + "o")), Gain(Ref(name + "c"), "tanh")),))
        kind: Range = "gate" if symbol in "fio" else "measured" if symbol == "c" else "tanh"
        array = np.array(found[symbol], dtype=np.float32).reshape(len(ids), units)
        signals[name + symbol] = Signal(
            name + symbol,
            array,
            axes,
            kind,
            symbol,
            f"{symbol}_t",
            recipe,
            zero if symbol in "ch" else None,
            np.ones_like(array, dtype=bool) if symbol in forced else None,
        )
    logits = signals[name + "h"].values @ weights["output.weight"].T + weights["output.bias"]
    out = Affine(Ref(name + "h"), Weight("output.weight", "W_y"), (Weight("output.bias", "b_y"),))
    places = ("step", "token")
    signals["output.logits"] = Signal("output.logits", logits, places, "measured", "y", "y_t", out)
    probs = softmax(logits)
    signals["output.probs"] = Signal(
        "output.probs", probs, places, "simplex", "p", "p_t", Softmax("output.logits")
    )
    return signals


class FakeEngine:
    """An engine of NumPy. `silent`: it never answers; `failing`: it answers with an error."""

    def __init__(self, *, silent: bool = False, failing: str = "") -> None:
        self.silent, self.failing = silent, failing
        self.asked: list[str] = []
        self.started = self.closed = False
        self.told: list[Callable[[Status], None]] = []
        self.status = Status("asleep")

    def watch(self, told: Callable[[Status], None]) -> None:
        """Remember whom to tell."""
        self.told.append(told)

    def say(self, status: Status) -> None:
        """Tell a status to everybody who watches."""
        self.status = status
        for told in self.told:
            told(status)

    async def start(self) -> None:
        """Be ready, unless silent."""
        self.started = True
        if not self.silent:
            self.say(Status("ready"))

    async def _answer(self, scene: str) -> None:
        self.asked.append(scene)
        if self.failing:
            raise EngineError(self.failing)
        if self.silent:
            import asyncio

            await asyncio.Event().wait()

    async def trace(self, scene: str) -> Trace:
        """A NumPy trace."""
        await self._answer(scene)
        return lstm_trace(scene)

    async def score(self, scene: str) -> Score:
        """2.95, or 3.82 with something forced."""
        await self._answer(scene)
        return Score(3.82 if parse(scene, book()).force else 2.95, 500, "bits a letter")

    async def train(self, scene: str, *, seconds: float | None = None) -> AsyncIterator[Progress]:
        """One Progress, already done."""
        await self._answer(scene)
        yield Progress("run1", "done", 100, 100, 1.0, 3.0, 2.95)

    async def steer(self, run: str, *, pause: bool | None = None, stop: bool = False, **live: float) -> None:
        """Nothing to steer."""

    async def snapshot(self, scene: str, run: str, step: int) -> Trace:
        """The same trace at every step."""
        return await self.trace(scene)

    async def generate(
        self, scene: str, *, length: int, temperature: float = 1.0, seed: int = 1
    ) -> Generated:
        """Always "na"."""
        await self._answer(scene)
        return Generated(("n", "a"), (0.5, 0.5), True)

    async def save(self, run: str, path: str) -> None:
        """Nothing to save."""

    async def cancel(self) -> None:
        """Nothing waits."""

    async def close(self) -> None:
        """Be closed."""
        self.closed = True


def view_scene(line: str = "lstm/names?input=maria") -> Scene:
    """A Scene of the fake catalogue."""
    return parse(line, book())
