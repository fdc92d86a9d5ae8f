"""First names, letter by letter: given the letters so far, which one is next, or is the name over?"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import ClassVar

import msgspec
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from seqtui.catalogue import Value
from seqtui.errors import InputError
from seqtui.models.autoregressive import Markov, MarkovConfig
from seqtui.tasks.fold import fold, notes, quoted
from seqtui.tasks.task import Batch, Encoded, Forward, Task, TaskFacts

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MARK = 0
"""The row of the mark that begins a name (shown ‹, an input) and ends it (shown ›, a target)."""

HELD_OUT = 500
LONGEST_SAMPLE = 20
NOTHING = -100
"""A target that is not there: torch's own value for it."""


class Names(Task):
    """5,163 first names of the US census of 1990. The metric is bits a letter, the end mark included."""

    name = "names"
    card_facts = TaskFacts(
        title="names",
        text="first names of the 1990 US census: which letter comes next?",
        metric="bits a letter",
        better="lower",
        fair="bigram",
        element="letter",
        examples=("maria", "christopher", "zoe", "anna", "mississippi", "elizabeth", "bob"),
    )
    vocabulary: ClassVar[tuple[str, ...]] = ("‹", *LETTERS)
    bits = 1 / math.log(2)
    recipes: ClassVar[Mapping[str, Mapping[str, Value]]] = {
        "markov": {"steps": 1},
        "rnn": {"steps": 3200, "learning_rate": 8e-3, "weight_decay": 0.1},
        "lstm": {"steps": 3200, "learning_rate": 1.3e-2, "weight_decay": 0.1},
        "gru": {"steps": 2000, "learning_rate": 1e-2, "weight_decay": 0.1},
    }

    def __init__(self, config: msgspec.Struct | None = None) -> None:
        super().__init__(config)
        unseen, seen = split()
        self.held_out = len(unseen)
        self._held_out = as_batch(unseen)
        self._train = as_batch(seen)

    def encode(self, text: str) -> Encoded:
        """`maria` reads ‹ m a r i a and should say m a r i a ›. No letters at all read ‹ alone.

        Folded to a–z, Hangul romanised; raises InputError where a text has no letter that can be read.
        """
        typed = text.strip()
        folded = fold(typed)
        letters = folded.letters
        if typed and not letters:
            raise InputError(
                f"there is no letter to read in {quoted(typed)}", "a–z, é, ü, ł, 민 … are letters"
            )
        ids = torch.tensor([MARK, *(LETTERS.index(c) + 1 for c in letters)])
        targets = (*letters, "›") if letters else ("",)
        return Encoded(("‹", *letters), ids, targets, notes(typed, folded))

    def batch(self, generator: Generator, size: int) -> Batch:
        """`size` training names with replacement, as long as the longest of them."""
        rows = torch.randint(len(self._train.inputs), (size,), generator=generator)
        targets = self._train.targets[rows]
        longest = int((targets != NOTHING).sum(1).max())
        return Batch(self._train.inputs[rows, :longest], targets[:, :longest])

    def everything(self) -> Batch:
        """All training names."""
        return self._train

    def loss(self, model: Forward, batch: Batch) -> Tensor:
        """Cross-entropy −log p(next letter), the mean over all letters of the batch, in nats."""
        logits = model(batch.inputs)  # (B, T, V)
        return F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=NOTHING)

    def score(self, model: Forward, forward: Forward | None = None) -> float:
        """Bits a letter over the 500 held-out names; a model under interventions comes as `forward`."""
        with torch.no_grad():
            return float(self.loss(forward or model, self._held_out)) * self.bits

    def baselines(self) -> dict[str, float]:
        """Every letter alike; counted letters; counted pairs of letters: what a network has to beat."""
        return {"uniform": math.log2(len(self.vocabulary)), **_counted()}

    def samples(
        self, model: nn.Module, generator: Generator, n: int, *, temperature: float = 1.0
    ) -> tuple[str, ...]:
        """`n` names, at most 20 letters long, drawn letter by letter from softmax(logits / temperature)."""
        ids = torch.full((n, 1), MARK)
        with torch.no_grad():
            for _ in range(LONGEST_SAMPLE):
                odds = (model(ids)[:, -1] / temperature).softmax(-1)  # (n, V)
                ids = torch.cat([ids, torch.multinomial(odds, 1, generator=generator)], dim=1)
                if (ids[:, 1:] == MARK).any(1).all():
                    break
        return tuple(_spelt(row[1:].tolist()) for row in ids)


def split() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(held-out names, training names). The order is that of their SHA-256, so it is the same everywhere."""
    names = files("seqtui").joinpath("data/names.txt").read_text(encoding="ascii").split()
    order = sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())
    return tuple(order[:HELD_OUT]), tuple(order[HELD_OUT:])


def as_batch(names: Sequence[str]) -> Batch:
    """Names as inputs ‹ m a r i a and targets m a r i a ›, filled up to the longest: two (N, T)."""
    T = max(map(len, names)) + 1
    inputs, targets = torch.full((len(names), T), MARK), torch.full((len(names), T), NOTHING)
    for row, name in enumerate(names):
        letters = torch.tensor([LETTERS.index(c) + 1 for c in name])
        inputs[row, 1 : len(name) + 1] = letters
        targets[row, : len(name)] = letters
        targets[row, len(name)] = MARK
    return Batch(inputs, targets)


@cache
def _counted() -> dict[str, float]:
    task, found = Names(), {}
    for order, name in enumerate(("letter counts", "bigram")):
        model = Markov(MarkovConfig(order=order), len(task.vocabulary))
        model.fit(*task.everything())
        found[name] = task.score(model)
    return found


def _spelt(ids: Sequence[int]) -> str:
    letters = ids[: ids.index(MARK)] if MARK in ids else ids
    return "".join(LETTERS[place - 1] for place in letters)
