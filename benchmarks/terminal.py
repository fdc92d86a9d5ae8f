"""Starting, stepping, leaving: seqtui in a real pseudo-terminal, beside a blank Textual app."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect

from benchmarks.report import Row, in_turn
from seqtui.course.index import lessons

PRESSES = 60
QUIET = 0.05
"""Seconds without output after which a frame is complete."""

READY = "ready to go"
BLANK = f"""
from textual.app import App
from textual.widgets import Static
class Blank(App):
    def compose(self):
        yield Static("{READY}")
Blank().run()
"""
SEQTUI = [sys.executable, "-m", "seqtui"]


def seconds(*command: str) -> float:
    """How long a command takes."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


@contextmanager
def terminal(*command: str) -> Iterator[pexpect.spawn[Any]]:
    """A command in a terminal of 120 × 36, with folders of its own."""
    with tempfile.TemporaryDirectory() as folder:
        own = {f"SEQTUI_{name}": folder for name in ("DATA", "CONFIG", "CACHE")}
        env = {**os.environ, **own, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        child = pexpect.spawn(command[0], list(command[1:]), dimensions=(36, 120), timeout=60, env=env)
        child.delaybeforesend = None
        try:
            yield child
        finally:
            child.close(force=True)


def first_text(text: str, *command: str) -> float:
    """Milliseconds from the start of a process to a text on its screen."""
    start = time.perf_counter()
    with terminal(*command) as child:
        child.expect_exact(text.encode())
        return (time.perf_counter() - start) * 1e3


def settle(child: pexpect.spawn[Any], quiet: float = QUIET) -> float:
    """Read until nothing has come for a while; when the last byte came."""
    last = time.perf_counter()
    while True:
        try:
            child.read_nonblocking(65536, timeout=quiet)
            last = time.perf_counter()
        except pexpect.TIMEOUT:
            return last


def key_times(scene: str) -> tuple[list[float], dict[str, float]]:
    """Milliseconds from a key to the end of its frame, and the memory of both processes in MB."""
    with terminal(*SEQTUI, "lab", scene) as child:
        settle(child, 8.0)
        found = []
        for number in range(PRESSES):
            start = time.perf_counter()
            child.send("\x1b[C" if number % 20 < 10 else "\x1b[D")
            found.append((settle(child) - start) * 1e3)
        return found, memory(int(child.pid or 0))


def memory(pid: int) -> dict[str, float]:
    """Megabytes of a terminal process and of its worker."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {"terminal": resident(pid), "worker": sum(resident(int(child)) for child in children)}


def resident(pid: int) -> float:
    """Megabytes of a process that lie in memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def quitting() -> float:
    """Seconds from `q` to the end of the process, its worker awake."""
    with terminal(*SEQTUI, "lab", "lstm/names?input=maria") as child:
        settle(child, 8.0)
        start = time.perf_counter()
        child.send("q")
        child.expect(pexpect.EOF)
        child.wait()
        return time.perf_counter() - start


def rows() -> Iterator[Row]:
    """Starting, first text, stepping at 8 and at 1,024 tokens, memory, leaving."""
    python = (sys.executable, "-c")
    ours, peer = in_turn(
        7, lambda: seconds(*SEQTUI, "--help") * 1e3, lambda: seconds(*python, "import click") * 1e3
    )
    yield Row("seqtui --help", ours, "ms", "< 150 ms", "import click", peer)
    ours, peer = in_turn(
        7, lambda: seconds(*python, "import seqtui") * 1e3, lambda: seconds(*python, "") * 1e3
    )
    yield Row("import seqtui", ours, "ms", "< 50 ms", "python alone", peer)
    title = lessons()[0].title
    ours, peer = in_turn(7, lambda: first_text(title, *SEQTUI), lambda: first_text(READY, *python, BLANK))
    yield Row("first text on screen", ours, "ms", "≤ 1.5 ×", "a blank Textual app", peer)
    for tokens in (8, 1024):
        taken, used = key_times(f"lstm/names?input={('maria' * 205)[: tokens - 1]}")
        p95 = statistics.quantiles(taken, n=20)[-1]
        yield Row(f"key → frame at {tokens} tokens, p95", p95, "ms", "< 20 ms")
    yield Row("memory of the terminal process", used["terminal"], "MB", "≤ 150 MB")
    yield Row("memory of the worker", used["worker"], "MB", "≤ 600 MB")
    yield Row("q → no process left", quitting(), "s", "< 1 s")
