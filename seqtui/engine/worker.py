"""The worker process: one thread reads requests, one computes; frames are all that leaves it.

Started as `python -P -m seqtui.engine.worker`. Whatever is printed here goes to the log.
"""

from __future__ import annotations

import faulthandler
import io
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, NoReturn, Protocol

from seqtui import __version__
from seqtui.engine import messages as say
from seqtui.engine.mailbox import Mailbox
from seqtui.engine.port import Cancelled, Generated, Progress, Score
from seqtui.errors import EngineError, SeqtuiError
from seqtui.signals import Trace

Beat = Callable[[str], None]
"""Called again and again by what takes long, with a sentence on it; raises Cancelled to end it."""

BEAT = 0.5
"""Seconds between two sentences that are sent."""


class Answers(Protocol):
    """Whoever computes: the service, or the echo. Everything raises SeqtuiError."""

    def trace(self, scene: str, beat: Beat) -> Trace:
        """The Trace of a Scene."""
        ...

    def snapshot(self, scene: str, run: str, step: int, beat: Beat) -> Trace:
        """The Trace of a Scene with the weights of a run."""
        ...

    def score(self, scene: str, beat: Beat) -> Score:
        """The score over held-out data."""
        ...

    def generate(self, scene: str, length: int, temperature: float, seed: int, beat: Beat) -> Generated:
        """What the model writes after its input."""
        ...

    def train(self, scene: str, seconds: float | None) -> Iterator[Progress | None]:
        """Something after every step, be it None; while the run is paused, a Progress that says so."""
        ...

    def steer(self, run: str, pause: bool | None, stop: bool, live: dict[str, float]) -> None:
        """Pause, go on, stop and keep, or turn a live knob of the run."""
        ...

    def save(self, run: str, path: str) -> None:
        """Write a run's newest weights."""
        ...

    def stop(self) -> None:
        """Stop every run and keep it."""
        ...


class Wire:
    """Frames in and out. `taken` makes the standard streams harmless for whoever prints or reads."""

    def __init__(self, inward: BinaryIO, outward: BinaryIO) -> None:
        self.inward, self._outward = inward, outward
        self._lock = threading.Lock()

    @classmethod
    def taken(cls) -> Wire:
        """The wire that this process was started with; 1 is the log from now on, 0 the null device."""
        inward, outward = os.dup(0), os.dup(1)
        os.dup2(2, 1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)
        return cls(os.fdopen(inward, "rb"), os.fdopen(outward, "wb"))

    def send(self, frames: Iterable[bytes | bytearray]) -> None:
        """Write frames, those of one answer together; where nobody listens any more, end."""
        with self._lock:
            try:
                for frame in frames:
                    self._outward.write(frame)
                self._outward.flush()
            except OSError:
                os._exit(0)


class Worker:
    """Reads in a thread of its own, computes in the one that calls `compute`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._mailbox = Mailbox()
        self._training = 0

    def listen(self) -> None:
        """Greet, and begin to read."""
        self._send(say.Hello(say.PROTOCOL, __version__))
        threading.Thread(target=self._read, name="reader", daemon=True).start()

    def compute(self, load: Callable[[], Answers]) -> NoReturn:
        """Answer for as long as there is somebody to answer to."""
        try:
            answers = load()
        except Exception as error:
            traceback.print_exc()
            self._end("broken", f"{type(error).__name__}: {error}")
        self._send(say.Ready())
        while True:
            ask = self._mailbox.take()
            if ask is not None:
                self._answer(answers, ask)

    # ---- reading --------------------------------------------------------------------------------

    def _read(self) -> None:
        """Every request goes to the mailbox; the end of the pipe is the end of the process.

        os._exit, because the other thread may be deep in a matrix product.
        """
        try:
            while (body := say.read_body(self._wire.inward)) is not None:
                request = say.request(body)
                if isinstance(request, say.Hello):
                    self._meet(request)
                    continue
                for dropped, error in self._mailbox.put(request):
                    self._send(say.failure(dropped.id, error))
        except say.FrameError as error:
            self._end("undecodable", str(error))
        os._exit(0)

    def _meet(self, hello: say.Hello) -> None:
        if (hello.protocol, hello.version) != (say.PROTOCOL, __version__):
            self._end("version", f"this is seqtui {__version__}, that is {hello.version}")

    # ---- computing ------------------------------------------------------------------------------

    def _answer(self, answers: Answers, ask: say.Ask) -> None:
        """One request, whatever comes of it."""
        try:
            self._send(*self._answered(answers, ask))
        except SeqtuiError as error:
            self._send(say.failure(ask.id, error))
        except MemoryError:
            self._send(say.failure(ask.id, EngineError("there is not enough memory for this")))
        except Exception as error:
            traceback.print_exc()
            failed = EngineError(f"the engine failed: {type(error).__name__}: {error}", "see its log")
            self._send(say.failure(ask.id, failed))

    def _answered(self, answers: Answers, ask: say.Ask) -> list[say.Answer]:
        beat = self._beat(ask.id)
        match ask:
            case say.AskTrace():
                self._send_trace(ask.id, answers.trace(ask.scene, beat), ask.known)
                return []
            case say.AskSnapshot():
                traced = answers.snapshot(ask.scene, ask.run, ask.step, beat)
                self._send_trace(ask.id, traced, ask.known)
                return []
            case say.AskScore():
                return [say.Scored(ask.id, answers.score(ask.scene, beat))]
            case say.AskGenerate():
                asked = (ask.scene, ask.length, ask.temperature, ask.seed)
                return [say.Wrote(ask.id, answers.generate(*asked, beat))]
            case say.AskTrain():
                self._train(answers, ask)
            case say.Steer():
                answers.steer(ask.run, ask.pause, ask.stop, ask.live)
            case say.AskSave():
                answers.save(ask.run, ask.path)
            case say.Cancel():
                if ask.only in (0, self._training):
                    answers.stop()
        return [say.Done(ask.id)]

    def _train(self, answers: Answers, ask: say.AskTrain) -> None:
        """Between two steps the mailbox is emptied; while the run is paused, it is waited for."""
        self._training, said = ask.id, None
        try:
            for progress in answers.train(ask.scene, ask.seconds):
                paused = progress is not None and progress.state == "paused"
                if progress is not None and not (paused and said == progress.state):
                    said = progress.state
                    self._send(say.Progressed(ask.id, progress))
                while (other := self._mailbox.take(wait=paused, training=True)) is not None:
                    self._answer(answers, other)
                    if paused:
                        break
        finally:
            self._training = 0

    def _beat(self, number: int) -> Beat:
        said = time.monotonic()

        def beat(text: str) -> None:
            nonlocal said
            if self._mailbox.cancels(number):
                raise Cancelled()
            if time.monotonic() - said >= BEAT:
                said = time.monotonic()
                self._send(say.Working(number, text))

        return beat

    # ---- speaking -------------------------------------------------------------------------------

    def _send(self, *answers: say.Answer) -> None:
        self._wire.send([say.frame(answer) for answer in answers])

    def _send_trace(self, number: int, trace: Trace, known: tuple[str, ...]) -> None:
        self._wire.send(say.traced_frames(number, trace, known))

    def _end(self, reason: say.LastWord, message: str) -> NoReturn:
        self._send(say.Ended(reason, message))
        print(f"seqtui worker: {reason}: {message}", file=sys.stderr, flush=True)
        os._exit(1)


def run(load: Callable[[], Answers]) -> NoReturn:
    """Be a worker. `load` is called after the greeting: it may take as long as torch takes."""
    wire = Wire.taken()
    faulthandler.enable()
    # ctrl+c in the terminal is the screens' to answer; a worker without its pipe ends by itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = Worker(wire)
    worker.listen()
    worker.compute(load)


def load_service() -> Answers:
    """The real thing. Imported here: whoever asks is heard while torch is still on its way."""
    from seqtui.engine.service import Computer

    return Computer()


def load_echo() -> Answers:
    """Traces made of NumPy, for tests and benchmarks of the wire alone."""
    from seqtui.engine.echo import Echo

    return Echo()


if __name__ == "__main__":
    run(load_echo if "--echo" in sys.argv[1:] else load_service)
