"""Four sources of chance from one seed, so that looking and sampling never change what is learnt."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

from torch import Generator, Tensor


def generator(seed: int, purpose: str) -> Generator:
    """A generator whose numbers depend on the seed and on what they are for."""
    digest = hashlib.sha256(f"{purpose} {seed}".encode()).digest()
    return Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


@dataclass(frozen=True, eq=False)
class Generators:
    """init: first weights. data: which examples. dropout: masks. sampling: what the model writes."""

    init: Generator
    data: Generator
    dropout: Generator
    sampling: Generator

    @classmethod
    def of(cls, seed: int) -> Generators:
        """The four generators of a seed."""
        return cls(*(generator(seed, field.name) for field in fields(cls)))

    def states(self) -> dict[str, Tensor]:
        """Where each one stands, by name."""
        return {field.name: getattr(self, field.name).get_state() for field in fields(self)}

    def restore(self, states: dict[str, Tensor]) -> None:
        """Put each one back to where `states` found it."""
        for field in fields(self):
            getattr(self, field.name).set_state(states[field.name])
