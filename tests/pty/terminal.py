"""A real terminal for tests: seqtui in a pty, its screen read by pyte, its keys and mouse typed."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte

KEYS = {
    "right": "\x1b[C", "left": "\x1b[D", "up": "\x1b[A", "down": "\x1b[B", "enter": "\r", "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z", "backspace": "\x7f", "home": "\x1b[H", "end": "\x1b[F", "pagedown": "\x1b[6~",
    "space": " ",
}  # fmt: skip
PATIENCE = 60.0
"""Seconds that a loaded machine may take for what takes tenths of one."""


class Terminal:
    """One run of seqtui. Nothing sleeps: every wait is for something to be seen."""

    def __init__(self, *arguments: str, size: tuple[int, int] = (120, 36), cwd: Path | None = None) -> None:
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        environment = {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        command = [sys.executable, "-P", "-m", "seqtui", *arguments]
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            command[0], command[1:], dimensions=(rows, columns), timeout=PATIENCE,
            env=environment, cwd=str(cwd) if cwd else None,
        )  # fmt: skip
        self.seen_workers: set[int] = set()

    # ---- reading -----------------------------------------------------------------------------

    def read(self) -> bool:
        """Take in what has come; False if there was nothing."""
        try:
            data: bytes = self.child.read_nonblocking(1 << 16, timeout=0.05)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += data
        self.stream.feed(data)
        return True

    @property
    def rows(self) -> list[str]:
        """What stands on the screen."""
        return [row.rstrip() for row in self.screen.display]

    @property
    def text(self) -> str:
        """The same as one string."""
        return "\n".join(self.rows)

    def wait(self, seen: Callable[[str], bool] | str) -> str:
        """Wait until something is seen; fails with the screen if it never is."""
        check = (lambda text: seen in text) if isinstance(seen, str) else seen
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.read()
            self.seen_workers |= set(self.workers())
            if check(self.text):
                return self.text
            if not self.child.isalive() and not self.read():
                break
        raise AssertionError(f"never seen: {seen}\n{self.text}")

    # ---- doing -------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Type keys by name, or text as it is. A lone Escape is told from a sequence by a pause."""
        for key in keys:
            self.child.send(KEYS.get(key, key))
            if key == "escape":
                end = time.monotonic() + 0.3
                while time.monotonic() < end:
                    self.read()

    def click(self, text: str, *, row: int | None = None, shift: int = 0) -> None:
        """Click on the first place where a text stands, once it does."""

        def places() -> list[tuple[int, int]]:
            rows = [(y, line) for y, line in enumerate(self.rows) if row in (None, y)]
            return [(line.index(text) + 1 + shift, y + 1) for y, line in rows if text in line]

        self.wait(lambda _: bool(places()))
        x, y = places()[0]
        self.child.send(f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m")

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal another size."""
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    @property
    def pid(self) -> int:
        """The process id of the terminal side."""
        assert self.child.pid is not None
        return self.child.pid

    # ---- processes ---------------------------------------------------------------------------

    def workers(self) -> list[int]:
        """The process ids of this run's engine."""
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                command = (folder / "cmdline").read_bytes()
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if b"seqtui.engine.worker" in command and parent == self.pid:
                found.append(int(folder.name))
        return found

    def worker(self) -> int:
        """The engine's process id, once it runs."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := self.workers():
                self.seen_workers |= set(found)
                return found[0]
            self.read()
        raise AssertionError("no engine was started")

    def kill_worker(self) -> int:
        """Kill the engine as the system would."""
        pid = self.worker()
        os.kill(pid, signal.SIGKILL)
        return pid

    def quit(self) -> None:
        """Leave by `q`: exit code 0, the terminal as it was, no process left."""
        self.press("q")
        end = time.monotonic() + PATIENCE
        while self.child.isalive() and time.monotonic() < end:
            self.read()
        self.read()
        assert not self.child.isalive(), self.text
        assert self.child.exitstatus == 0
        assert b"\x1b[?1049l" in self.raw
        assert b"\x1b[?25h" in self.raw
        assert_gone(self.seen_workers)


def assert_gone(pids: set[int], patience: float = PATIENCE) -> None:
    """Every one of these processes ends."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if not any(is_running(pid) for pid in pids):
            return
        time.sleep(0.02)
    raise AssertionError(f"still running: {[pid for pid in pids if is_running(pid)]}")


def is_running(pid: int) -> bool:
    """Whether a process is there and not only waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def seqtui(*arguments: str, size: tuple[int, int] = (120, 36), cwd: Path | None = None) -> Iterator[Terminal]:
    """seqtui in a terminal; whatever happens, nothing is left of it."""
    terminal = Terminal(*arguments, size=size, cwd=cwd)
    try:
        yield terminal
    finally:
        terminal.child.close(force=True)
