"""Where things lie: the learner's own, and what came with seqtui. Nothing is made here; who writes makes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

from seqtui.errors import StateError

PACKAGE = Path(__file__).resolve().parent.parent
"""The folder of the package, in a wheel, a checkout or an editable install."""


def data_folder() -> Path:
    """Progress, runs and snapshots: the platform's data folder, or SEQTUI_DATA."""
    return _folder("SEQTUI_DATA", "data")


def config_folder() -> Path:
    """Where config.toml may lie: the platform's config folder, or SEQTUI_CONFIG."""
    return _folder("SEQTUI_CONFIG", "config")


def cache_folder() -> Path:
    """What can be made again: the platform's cache folder, or SEQTUI_CACHE."""
    return _folder("SEQTUI_CACHE", "cache")


def run_folder(run_id: str) -> Path:
    """The folder of one training run; raises StateError where the id could lead elsewhere."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", run_id):
        raise StateError(f"{run_id!r} is not the id of a run", "letters, digits, - and _ alone")
    return data_folder() / "runs" / run_id


def lessons_folder() -> Path:
    """The course: inside the package in a wheel, beside it in a checkout; raises StateError without one."""
    inside, beside = PACKAGE / "lessons", PACKAGE.parent / "lessons"
    if inside.is_dir():
        return inside
    # In site-packages a stranger's `lessons` could lie beside the package: only a checkout has this file.
    if beside.is_dir() and (PACKAGE.parent / "pyproject.toml").is_file():
        return beside
    raise StateError(f"no lessons in {inside}", "install seqtui again")


def checkpoints_folder() -> Path:
    """The shipped weights and opening traces."""
    return PACKAGE / "checkpoints"


def _folder(variable: str, kind: Literal["data", "config", "cache"]) -> Path:
    named = os.environ.get(variable)
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs  # a wheel is built without it

    folders = platformdirs.PlatformDirs("seqtui", appauthor=False)
    return {
        "data": folders.user_data_path,
        "config": folders.user_config_path,
        "cache": folders.user_cache_path,
    }[kind]
