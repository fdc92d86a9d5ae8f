"""What holds for every test: the learner's own folders are never touched, and no example is timed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("seqtui", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", settings.get_profile("seqtui"), max_examples=10_000)
settings.load_profile("seqtui")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Data, settings and cache in a folder of this test, for it and for the processes that it starts."""
    home = tmp_path_factory.mktemp("seqtui")
    for variable in ("DATA", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"SEQTUI_{variable}", str(home / variable.lower()))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return home
