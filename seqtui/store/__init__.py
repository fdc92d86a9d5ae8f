"""What is kept on this machine, and where: folders, settings, progress and runs. The standard library alone.

It is imported before the first text is on screen, so what is slow (platformdirs, tomllib) waits until asked.
"""

from __future__ import annotations

from seqtui.store.database import Database, LessonProgress, Place, Run
from seqtui.store.folders import (
    cache_folder,
    checkpoints_folder,
    config_folder,
    data_folder,
    lessons_folder,
    run_folder,
)
from seqtui.store.settings import Config, load_config

__all__ = [
    "Config",
    "Database",
    "LessonProgress",
    "Place",
    "Run",
    "cache_folder",
    "checkpoints_folder",
    "config_folder",
    "data_folder",
    "lessons_folder",
    "load_config",
    "run_folder",
]
