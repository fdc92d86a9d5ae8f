"""The wheel's build hook: writes the list of lessons beside them, so that the contents need no YAML."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LessonIndexHook(BuildHookInterface[Any]):
    """Puts `seqtui/lessons/index.json` into the wheel; an editable install reads the lessons themselves."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the index in a folder of its own: the source tree is never written to."""
        self.folder = Path(tempfile.mkdtemp(prefix="seqtui-index-"))
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from seqtui.course.index import INDEX, built_index
        finally:
            sys.path.remove(self.root)
        file = self.folder / INDEX
        file.write_text(built_index(Path(self.root) / "lessons"), encoding="utf-8")
        build_data["force_include"][str(file)] = f"seqtui/lessons/{INDEX}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Tidy up."""
        shutil.rmtree(self.folder, ignore_errors=True)
