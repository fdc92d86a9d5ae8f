"""What a worker inherits: this seqtui, threads that do not spin, and nothing of the learner's folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seqtui.engine.process import COMMAND, ROOT, environment


def test_openmp_does_not_spin_whatever_was_set() -> None:
    assert environment({})["OMP_WAIT_POLICY"] == "PASSIVE"
    assert environment({"OMP_WAIT_POLICY": "ACTIVE"})["OMP_WAIT_POLICY"] == "PASSIVE"


def test_the_rest_is_inherited() -> None:
    inherited = {"HOME": "/home/me", "SEQTUI_DATA": "/somewhere"}
    assert environment(inherited).items() >= inherited.items()


@pytest.mark.parametrize(
    "path", ["", ".", os.pathsep, os.pathsep.join([".", ""]), os.pathsep.join(["", "/a", "."])]
)
def test_entries_that_mean_the_learners_folder_are_left_out(path: str) -> None:
    kept = ["/a"] if "/a" in path else []
    found = environment({"PYTHONPATH": path}, Path("/home/me/seqtui"))["PYTHONPATH"]
    assert found == os.pathsep.join([*kept, str(Path("/home/me/seqtui"))])


def test_a_folder_of_packages_is_never_put_before_the_standard_library() -> None:
    for name in ("site-packages", "dist-packages"):
        assert "PYTHONPATH" not in environment({}, Path("/usr/lib") / name)


def test_the_folder_of_this_seqtui_is_named_once() -> None:
    path = environment({"PYTHONPATH": str(ROOT)}, ROOT)["PYTHONPATH"]
    assert path == str(ROOT)


def test_python_is_told_not_to_look_into_the_learners_folder() -> None:
    assert COMMAND[:2] == (sys.executable, "-P")


@pytest.mark.parametrize("module", ["seqtui.engine.client", "seqtui.engine.port", "seqtui.engine.process"])
def test_the_terminal_side_of_the_bridge_reaches_neither_torch_nor_textual(module: str) -> None:
    code = f"import sys, {module}; print([m for m in ('torch', 'textual', 'rich') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=environment(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_an_echo_needs_no_torch_and_the_worker_no_terminal() -> None:
    code = (
        "import sys\n"
        "from seqtui.engine import worker\n"
        "worker.load_echo()\n"
        "print([m for m in ('torch', 'textual', 'rich') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=environment(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
