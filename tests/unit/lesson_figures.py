"""What every number in the lessons' prose is computed from: the shipped weights, or arithmetic.

A cue's number is not listed here: it has to be the number of the cell that the cue goes to.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from seqtui.catalogue import catalogue
from seqtui.scene import Scene, parse
from seqtui.shipped import checkpoint_of, weights
from seqtui.signals import Array, Cell, Part, Trace, explain_cell
from seqtui.tasks.names import split
from seqtui.tracing import forced_forward, trace_scene
from seqtui.training.checkpoints import Loaded, load_model

MARIA = "?input=maria"
RNN, LSTM = f"rnn/names{MARIA}", f"lstm/names{MARIA}"
FORGET_NOTHING = f"{LSTM}&force=layers.0.lstm.f:1"
H, C = "layers.0.rnn.h", "layers.0.lstm.c"
CONSONANTS = "bcdfghjklmnpqrstvwxz"


@dataclass(frozen=True)
class Figure:
    """A phrase of a lesson in which each # stands for a number, and how to compute those numbers."""

    lesson: str
    phrase: str
    values: Callable[[], tuple[float, ...]]


# ── one pass ──


@cache
def _loaded(bare: str) -> Loaded:
    return load_model(parse(bare))


def loaded(scene: Scene) -> Loaded:
    """The model of a Scene, loaded once whatever it reads and whatever is forced."""
    return _loaded(str(scene.with_(input=None, force=(), step=None)))


@cache
def trace(line: str) -> Trace:
    """The pass of a Scene."""
    scene = parse(line)
    return trace_scene(scene, loaded(scene))


def cell(line: str, signal: str, step: int, unit: int) -> float:
    """One number of a pass."""
    return trace(line)[signal].number((step, unit))


def odds(line: str, step: int, letter: str) -> float:
    """The chance of a letter, › for the end, after a step."""
    names = trace(line).vocabulary
    return cell(line, "output.probs", step, 0 if letter == "›" else names.index(letter))


def part(line: str, signal: str, step: int, unit: int, group: str, source: int | None = None) -> Part:
    """What pushes a cell: the part of its sum from the input, the bias, or one unit before (its number)."""
    explanation = explain_cell(trace(line), Cell(signal, (step, unit)))
    for found in explanation.parts:
        last = found.terms[0].factors[-1].source
        if found.group == group and (source is None or (isinstance(last, Cell) and last.index[-1] == source)):
            return found
    raise AssertionError(f"{signal} {step} {unit} has no {group} {source}")


def push(line: str, signal: str, step: int, unit: int, group: str, source: int | None = None) -> float:
    """How much such a part adds."""
    return part(line, signal, step, unit, group, source).value


def state_push(line: str, signal: str, step: int, unit: int) -> float:
    """What all units before add together."""
    explanation = explain_cell(trace(line), Cell(signal, (step, unit)))
    return sum(found.value for found in explanation.parts if found.group == "state")


def total(line: str, signal: str, step: int, unit: int) -> float:
    """The sum before it is squashed."""
    return explain_cell(trace(line), Cell(signal, (step, unit))).reading.total


def without(line: str, signal: str, step: int, unit: int, group: str) -> float:
    """What a cell would be without one of its parts."""
    explanation = explain_cell(trace(line), Cell(signal, (step, unit)))
    return explanation.without(next(found for found in explanation.parts if found.group == group))


def weight(line: str, path: str, row: int, column: int) -> float:
    """One weight, by torch's parameter path."""
    return float(trace(line).weight(path)[row, column])


# ── many passes ──


@cache
def score(line: str) -> float:
    """Bits a letter over the held-out names, with what the Scene forces."""
    scene = parse(line)
    found = loaded(scene)
    return found.task.score(found.model, lambda ids: forced_forward(found.model, ids, scene.force))


def forced(what: str) -> float:
    """The score of the LSTM with a gate forced: `f:1`."""
    return score(f"lstm/names?force=layers.0.lstm.{what}")


def baseline(name: str) -> float:
    """A score that a network has to beat."""
    return catalogue().task("names").baselines[name]


def parameters(line: str) -> int:
    """How many weights a shipped model has."""
    found = checkpoint_of(parse(line))
    assert found is not None
    return sum(array.size for array in weights(found).values())


def long_names() -> list[str]:
    """The unseen names of eight letters or more."""
    return [name for name in split()[0] if len(name) >= 8]


@cache
def left(line: str, signal: str, later: int) -> float:
    """The difference that another first letter (m, or b for m) makes to a state, some letters later.

    A share of the difference right after that letter; the mean over `long_names`.
    """
    scene, shares = parse(line), []
    for name in long_names():
        other = ("b" if name[0] == "m" else "m") + name[1:]
        one, two = (
            trace_scene(scene.with_(input=text), loaded(scene))[signal].values for text in (name, other)
        )
        apart = np.linalg.norm(one - two, axis=1)
        if 1 + later < len(apart):
            shares.append(float(apart[1 + later] / apart[1]))
    return float(np.mean(shares))


@cache
def sign_changes() -> float:
    """The share of units of the RNN that change their sign from one step to the next, over unseen names."""
    scene = parse("rnn/names")
    found = [np.sign(trace_scene(scene.with_(input=name), loaded(scene))[H].values) for name in split()[0]]
    return float(np.concatenate([(h[1:] != h[:-1]).ravel() for h in found]).mean())


@cache
def unsquashed(name: str) -> Array:
    """The largest |number| of the RNN's state after each step, were there no tanh."""
    read = trace(f"rnn/names?input={name}")
    W_x, W_h = (read.weight(f"layers.0.rnn.weight_{kind}_l0") for kind in ("ih", "hh"))
    b = read.weight("layers.0.rnn.bias_ih_l0") + read.weight("layers.0.rnn.bias_hh_l0")
    h, largest = np.zeros(len(W_h)), []
    for x in read["embedding.x"].values:
        h = W_x @ x + W_h @ h + b
        largest.append(float(np.abs(h).max()))
    return np.array(largest)


def last_columns_apart() -> float:
    """The largest difference between the states after christopher and after dhristopher."""
    one, two = (trace(f"rnn/names?input={name}")[H].at(-1) for name in ("christopher", "dhristopher"))
    return float(np.abs(one - two).max())


def forget_biases() -> Array:
    """b_f of every unit after training: torch's two bias vectors together, the second of four quarters."""
    read = trace(LSTM)
    both: Array = read.weight("layers.0.lstm.bias_ih_l0") + read.weight("layers.0.lstm.bias_hh_l0")
    quarter: Array = both.reshape(4, -1)[1]
    return quarter


def after_ma() -> float:
    """Of the names learnt from that go on after ma, the share that goes on with r."""
    names = [name for name in split()[1] if name.startswith("ma") and len(name) > 2]
    return sum(name[2] == "r" for name in names) / len(names)


@cache
def gate_after(letters: str) -> float:
    """The forget gate of the LSTM's unit 9 when one of these letters comes in: the mean over unseen names."""
    scene, found = parse("lstm/names"), []
    for name in split()[0]:
        read = trace_scene(scene.with_(input=name), loaded(scene))
        gate = read["layers.0.lstm.f"].values[:, 9]
        found += [float(value) for token, value in zip(read.tokens, gate, strict=True) if token in letters]
    return float(np.mean(found))


def sigmoid(x: float) -> float:
    """1 / (1 + e⁻ˣ)."""
    return 1 / (1 + math.exp(-x))


# ── the phrases ──


def _others(line: str, signal: str, step: int, unit: int) -> float:
    return total(line, signal, step, unit) - push(line, signal, step, unit, "input")


def _first_product() -> float:
    """The number of the embedding at the end of the way inside: of the largest product of the letter a."""
    terms = part(LSTM, "layers.0.lstm.f", 3, 9, "input").terms
    largest = max(terms, key=lambda term: abs(term.value))
    return largest.factors[-1].value


F9 = (LSTM, "layers.0.lstm.f", 3, 9)
H3, H6 = (RNN, H, 3, 10), (RNN, H, 6, 10)

FIRST_STEPS = (
    ("has read # first names", lambda: (len(split()[1]),)),
    ("#% of those that go on after *ma* go on with *r*", lambda: (after_ma(),)),
    (
        "*the letter a* pushes by #, all others together by #",
        lambda: (push(*F9, "input"), _others(*F9)),
    ),
    ("Without that letter the gate would stand at #", lambda: (without(*F9, "input"),)),
    ("where that number was read: #, a weight", lambda: (_first_product(),)),
    (
        "rises from #% to #%",
        lambda: (odds(LSTM, 3, "r"), odds(FORGET_NOTHING, 3, "r")),
    ),
    ("about # names", lambda: (len(split()[0]),)),
    ("never seen: # → # bits a letter", lambda: (score("lstm/names"), forced("f:1"))),
    ("blind guess among all # signs #", lambda: (27, baseline("uniform"))),
    ("remembers one letter and needs #", lambda: (baseline("bigram"),)),
    (
        "the name is over fall from #% to #%",
        lambda: (odds(LSTM, 6, "›"), odds(FORGET_NOTHING, 6, "›")),
    ),
    ("better, # names showed", lambda: (len(split()[0]),)),
)

RNN_CELL = (
    (
        "the letter pushes by # and the bias by #",
        lambda: (push(*H3, "input"), push(*H3, "bias")),
    ),
    (
        "The state before pushes by # after *m*, and by # after *mari*",
        lambda: (state_push(*H3), state_push(*H6)),
    ),
    ("one for each unit before. Together #", lambda: (state_push(*H6),)),
    ("cancel almost to nothing. Together #, so", lambda: (push(*H6, "input"),)),
    ("adds them. Together #", lambda: (push(*H6, "bias"),)),
    ("The sum is #, and $\\tanh$ makes # of it", lambda: (total(*H6), cell(*H6))),
    (
        "Its weight in $W_h$ is #, and after the *i* the unit stood at #. Minus times minus pushes up, by #",
        lambda: (
            weight(RNN, "layers.0.rnn.weight_hh_l0", 10, 8),
            cell(RNN, H, 5, 8),
            push(*H6, "state", 8),
        ),
    ),
    ("*the letter i* pushes by #, more", lambda: (push(RNN, H, 5, 8, "input"),)),
    (
        "The same # stands beside *unit 8 before*",
        lambda: (weight(RNN, "layers.0.rnn.weight_hh_l0", 10, 8),),
    ),
    ("*the letter a* pushes by the same #", lambda: (push(*H3, "input"),)),
    ("The cell has # weights", lambda: (parameters("rnn/names") - 27 * 32 - 27 * 13,)),
    ("the whole network has #", lambda: (parameters("rnn/names"),)),
    (
        "the largest of the twelve numbers is #, after the sixth it is #",
        lambda: (float(unsquashed("maria")[0]), float(unsquashed("maria")[5])),
    ),
    ("With *christopher* it reaches #", lambda: (float(unsquashed("christopher")[-1]),)),
    ("the sum is #, and Inside", lambda: (total(RNN, H, 3, 0),)),
    (
        "# times its weight of # is",
        lambda: (cell(*H6), weight(RNN, "output.weight", 0, 10)),
    ),
    (
        "the end of the name #%, at [the second] #%",
        lambda: (odds(RNN, 3, "›"), odds(RNN, 6, "›")),
    ),
    (
        "One letter later #% of the difference is left, four letters later #%, eight letters later #%",
        lambda: tuple(left("rnn/names", H, later) for later in (1, 4, 8)),
    ),
    ("Over all # unseen names of eight letters or more", lambda: (len(long_names()),)),
    ("the largest difference in any unit is #", lambda: (last_columns_apart(),)),
    ("#% of all units even change their sign", lambda: (sign_changes(),)),
    ("this network needs # bits a letter", lambda: (score("rnn/names"),)),
    ("a table of letter pairs needs #", lambda: (baseline("bigram"),)),
)

LSTM_LESSON = (
    ("Of the old value # nothing is left", lambda: (cell(LSTM, C, 2, 9),)),
    ("*the letter a* pushes by #, so", lambda: (push(*F9, "input"),)),
    (
        "Over # unseen names the gate stands at # on average after *a*, *e*, *i*, *o* or *u*, "
        "at # after *y*, and at # after the other letters",
        lambda: (len(split()[0]), *(gate_after(letters) for letters in ("aeiou", "y", CONSONANTS))),
    ),
    (
        "The old # goes, and the new # is let in",
        lambda: (cell(LSTM, C, 2, 9), cell(LSTM, "layers.0.lstm.g", 3, 9)),
    ),
    ("A little of the old # fades", lambda: (cell(LSTM, C, 2, 7),)),
    ("Of the old # nearly all stays", lambda: (cell(LSTM, C, 1, 0),)),
    (
        "With $b_f = 0$ that is #: half of everything is lost at each step, and after six steps #% is left",
        lambda: (sigmoid(0), sigmoid(0) ** 6),
    ),
    ("$\\sigma(1)$ is #, and #% is left", lambda: (sigmoid(1), sigmoid(1) ** 6)),
    (
        "# of the # forget biases are still above 0, with a mean of #",
        lambda: (
            int((forget_biases() > 0).sum()),
            len(forget_biases()),
            float(forget_biases().mean()),
        ),
    ),
    ("Untouched, the same unit ends at #", lambda: (cell(LSTM, C, 6, 0),)),
    ("spell the # names", lambda: (len(split()[0]),)),
    ("| nothing | # |", lambda: (score("lstm/names"),)),
    *(
        (f"| ${gate} = {value}$ | # |", lambda gate=gate, value=value: (forced(f"{gate}:{value}"),))
        for gate in "fio"
        for value in (0, 1)
    ),
    (
        "a table of letter pairs needs #, bare letter counts need #",
        lambda: (baseline("bigram"), baseline("letter counts")),
    ),
    (
        "the plain cell needs # bits and the LSTM #, but the LSTM has # weights and the plain cell #",
        lambda: (
            score("rnn/names"),
            score("lstm/names"),
            parameters("lstm/names"),
            parameters("rnn/names"),
        ),
    ),
    (
        "With 64 units each it is # against #, at",
        lambda: (score("rnn/names?hidden_size=64"), score("lstm/names?hidden_size=64")),
    ),
    ("each of the # long unseen names", lambda: (len(long_names()),)),
    (
        "In the plain cell #% of the difference in $h$ is left, in the LSTM #% of that in $c$",
        lambda: (left("rnn/names", H, 4), left("lstm/names", C, 4)),
    ),
    (
        "With 64 units it is #% against #%",
        lambda: (
            left("rnn/names?hidden_size=64", H, 4),
            left("lstm/names?hidden_size=64", C, 4),
        ),
    ),
    (
        "It needs # bits here, with # weights",
        lambda: (score("gru/names"), parameters("gru/names")),
    ),
)

FIGURES = tuple(
    Figure(lesson, phrase, values)
    for lesson, rows in (("first-steps", FIRST_STEPS), ("rnn-cell", RNN_CELL), ("lstm", LSTM_LESSON))
    for phrase, values in rows
)
