"""A worker that misbehaves: `python engine_mischief.py KIND`. Not a test; the chaos tests start it.

It is the real worker with an echo inside, but for the one thing that its KIND names.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable
from urllib.parse import parse_qs

from seqtui import __version__
from seqtui.engine import messages as say
from seqtui.engine import worker
from seqtui.engine.echo import Echo
from seqtui.signals import Trace

Beat = Callable[[str], None]


class Loud(Echo):
    """Prints in every way there is, and reads what is not there."""

    def trace(self, scene: str, beat: Beat) -> Trace:
        print("from Python", flush=True)
        print("to stderr", file=sys.stderr, flush=True)
        os.write(1, b"\xff\xff\xff\xff from os.write\n")
        os.write(2, b"from os.write to 2\n")
        ctypes.CDLL(None).puts(b"from C")
        ctypes.CDLL(None).fflush(None)
        subprocess.run(["echo", "from a child"], check=True)
        if sys.stdin.read() != "" or os.read(0, 1) != b"":
            raise AssertionError("there was something on stdin")
        return super().trace(scene, beat)


class Gated(Echo):
    """Opens the FIFO that a scene names, and goes on when somebody has written to it."""

    def trace(self, scene: str, beat: Beat) -> Trace:
        gate = parse_qs(scene.partition("?")[2]).get("gate")
        if gate:
            with open(gate[0], "rb") as fifo:
                fifo.read()
        return super().trace(scene, beat)


class Busy(Echo):
    """Computes for ever, in Python or in products of matrices, and says so in the file that it is given."""

    def trace(self, scene: str, beat: Beat) -> Trace:
        import numpy as np

        matrix = np.ones((700, 700))
        while True:
            if "python" in scene:
                sum(range(10_000))
            else:
                matrix = matrix @ matrix / matrix.max()


class Silent(Echo):
    """Never answers."""

    def trace(self, scene: str, beat: Beat) -> Trace:
        while True:
            time.sleep(3600)


class Patient(Echo):
    """Takes as long as it is let, and says so."""

    def trace(self, scene: str, beat: Beat) -> Trace:
        if "input=long" in scene:
            while True:
                beat("this takes long")
                time.sleep(0.01)
        return super().trace(scene, beat)


class Crashing(Echo):
    """Dies, or raises, over some scenes."""

    def trace(self, scene: str, beat: Beat) -> Trace:
        if "input=die" in scene:
            os.abort()
        if "input=raise" in scene:
            raise ZeroDivisionError("a mistake in here")
        if "input=memory" in scene:
            raise MemoryError
        return super().trace(scene, beat)


INSIDE: dict[str, type[Echo]] = {
    "loud": Loud,
    "gated": Gated,
    "busy": Busy,
    "silent": Silent,
    "patient": Patient,
    "crashing": Crashing,
}


def broken() -> Echo:
    """As where torch is not installed."""
    raise ImportError("No module named 'torch'")


def mischief(kind: str) -> None:
    """Be this kind of worker."""
    if kind == "garbage":
        wire = worker.Wire.taken()
        wire.send([say.frame(say.Hello(say.PROTOCOL, __version__)), say.frame(say.Ready())])
        say.read_body(wire.inward)
        say.read_body(wire.inward)
        wire.send([b"\x05\x00\x00\x00" + b"\xc1\xc1\xc1\xc1\xc1"])
        wire.inward.read()
    elif kind == "giant":
        worker.Wire.taken().send([b"\xff\xff\xff\xff"])
        time.sleep(3600)
    elif kind == "version":
        wire = worker.Wire.taken()
        wire.send([say.frame(say.Hello(say.PROTOCOL + 1, "9.9.9"))])
        wire.inward.read()
    elif kind == "mute":
        time.sleep(3600)
    elif kind == "exits":
        sys.exit("it ends at once")
    elif kind == "broken":
        worker.run(broken)
    else:
        worker.run(INSIDE[kind])


if __name__ == "__main__":
    mischief(sys.argv[1])
