"""One worker process as the terminal side sees it: started, spoken to, heard, and surely ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path

from seqtui.engine.messages import PREFIX, Answer, Request, answer, body_length, frame

COMMAND = (sys.executable, "-P", "-m", "seqtui.engine.worker")
"""-P: a random.py or torch.py in the learner's folder is not imported in place of the real one."""

LOG_LIMIT = 2**20
"""Bytes; a log that has grown larger is begun anew."""

BUFFER = 2**20


ROOT = Path(__file__).resolve().parents[2]
"""The folder that this seqtui is imported from."""


def environment(inherited: Mapping[str, str], root: Path = ROOT) -> dict[str, str]:
    """The worker's environment: it finds this seqtui, in a checkout too, and not the learner's folder.

    PASSIVE: OpenMP threads that spin while they wait starve a machine of two cores. An empty or `.` entry
    of PYTHONPATH is the learner's folder, which `-P` has just shut out.
    """
    own = dict(inherited) | {"OMP_WAIT_POLICY": "PASSIVE"}
    folders = [folder for folder in own.pop("PYTHONPATH", "").split(os.pathsep) if folder not in ("", ".")]
    # What is in PYTHONPATH comes before the standard library: a folder of packages must not be there.
    if root.name not in ("site-packages", "dist-packages") and str(root) not in folders:
        folders.append(str(root))
    return own | ({"PYTHONPATH": os.pathsep.join(folders)} if folders else {})


class WorkerProcess:
    """A worker from its start to its end; it is heard through `answers` alone."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.ready = False

    @classmethod
    async def start(cls, command: Sequence[str], log: Path | None) -> WorkerProcess:
        """Start one; its stderr, and whatever it prints, go to the log. Raises OSError."""
        stream = _opened(log)
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL if stream is None else stream,
                env=environment(os.environ),
                limit=BUFFER,
            )
        finally:
            if stream is not None:
                os.close(stream)
        return cls(process)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def send(self, request: Request) -> None:
        """Say something; to a worker that is gone, nothing happens: `answers` ends. Raises FrameError."""
        whole = frame(request)
        stdin = self._process.stdin
        if stdin is not None and not stdin.is_closing():
            stdin.write(whole)

    async def answers(self) -> AsyncGenerator[Answer, None]:
        """All that it says, until it is gone. Raises FrameError for what cannot be read."""
        stdout = self._process.stdout
        assert stdout is not None
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = body_length(await stdout.readexactly(PREFIX))
                yield answer(await stdout.readexactly(length))

    def hang_up(self) -> None:
        """Close its pipe: a worker that hears this is gone at once."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def kill(self) -> None:
        """End it now."""
        if self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                # Process.kill would also collect the exit code, which asyncio then misses.
                os.kill(self._process.pid, signal.SIGKILL)

    async def reap(self) -> int:
        """Wait for its end, killing it if it lives; returns its exit code. Only when `answers` is over."""
        self.hang_up()
        self.kill()
        stdout = self._process.stdout
        assert stdout is not None
        with contextlib.suppress(ConnectionError):
            while await stdout.read(BUFFER):
                pass
        return await self._process.wait()


def _opened(log: Path | None) -> int | None:
    """The log's descriptor; None where it cannot be written, which is no reason not to start."""
    if log is None:
        return None
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        grown = log.exists() and log.stat().st_size > LOG_LIMIT
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if grown else 0)
        return os.open(log, flags, 0o600)
    except OSError:
        return None
