"""How many threads torch may use. Set here and nowhere else."""

from __future__ import annotations

import os

import torch


def use_threads() -> int:
    """Leave one core to the terminal: max(1, min(4, cores − 1)) threads; returns how many."""
    count = max(1, min(4, _cores() - 1))
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)
    return count


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
