"""The source of what is on a bench: found without importing it, at the lines that make the signal."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from seqtui.catalogue import catalogue
from seqtui.tui.sources import Passage, passages


def head(passage: Passage) -> str:
    """The first line that is meant."""
    return passage.path.read_text("utf-8").splitlines()[passage.first - 1]


@pytest.mark.parametrize(
    ("model", "signal", "first"),
    [
        ("lstm", "layers.0.lstm.f", "def lstm_gates("),
        ("lstm", "layers.0.lstm.c", "def lstm_cell("),
        ("lstm", "layers.0.lstm.h", "def lstm_hidden("),
        ("gru", "layers.0.gru.z", "def gru_gates("),
        ("gru", "layers.0.gru.h", "def gru_hidden("),
        ("rnn", "layers.0.rnn.h", "def rnn_state("),
        ("lstm", "output.probs", "class RecurrentModel("),
        ("markov", "output.probs", "class Markov("),
    ],
)
def test_the_first_passage_makes_the_signal(model: str, signal: str, first: str) -> None:
    found = passages(model, "names", signal)
    assert head(found[0]).startswith(first)
    assert "class Names(" in [head(passage)[:12] for passage in found]


def test_every_signal_of_the_catalogue_leads_to_a_file() -> None:
    for pair in catalogue().recipes:
        model, task = pair.split("/")
        for card in catalogue().models[model].signals:
            for passage in passages(model, task, card.name.replace("{layer}", "0")):
                assert passage.path.is_file()
                assert 1 <= passage.first <= passage.last


def test_nothing_is_imported_for_it() -> None:
    code = (
        "import json, sys; from seqtui.tui.sources import passages; passages('lstm', 'names', 'x.f');"
        "print(json.dumps([name for name in ('torch', 'numpy', 'seqtui.models') if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
