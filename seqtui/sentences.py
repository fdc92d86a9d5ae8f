"""The sentences of the interface, by name, from `data/ui/LANGUAGE.toml`: none is a literal in a screen."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _table(language: str) -> dict[str, str]:
    """Every sentence by its dotted name."""
    text = files("seqtui").joinpath("data", "ui", f"{language}.toml").read_text("utf-8")
    return {
        f"{section}.{name}": sentence
        for section, names in tomllib.loads(text).items()
        for name, sentence in names.items()
    }


def say(name: str, /, **values: object) -> str:
    """The sentence of this name with its places filled: `say("bench.step", step=4, steps=6)`."""
    return _table("en")[name].format(**values)


def has(name: str) -> bool:
    """Whether there is a sentence of this name."""
    return name in _table("en")


def names(section: str) -> tuple[str, ...]:
    """The names in one section."""
    return tuple(key.partition(".")[2] for key in _table("en") if key.startswith(f"{section}."))
