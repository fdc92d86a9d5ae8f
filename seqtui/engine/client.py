"""The engine as the screens have it: another process, started, supervised and started again.

A Trace that was answered is on this side for good: whatever happens to the worker, stepping goes on.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from seqtui import __version__
from seqtui.engine import messages as say
from seqtui.engine.calls import Call, Calls, HashedWeights, Stream
from seqtui.engine.held import HeldWeights
from seqtui.engine.port import Cancelled, Generated, Progress, Replaced, Score, State, Status
from seqtui.engine.process import COMMAND, WorkerProcess
from seqtui.errors import EngineError, SeqtuiError
from seqtui.signals import Trace
from seqtui.store import data_folder

SENTENCES = {
    "waking": "waking the engine · {seconds} s",
    "died": "the engine died; starting it again",
    "silent": "the engine did not answer for {seconds} s; starting it again",
    "unreadable": "the engine sent what cannot be read; starting it again",
    "again": "the engine died and was started again; nothing is lost",
    "silent again": "the engine did not answer and was started again; nothing is lost",
    "unreadable again": "the engine sent what cannot be read and was started again; nothing is lost",
    "run again": "the engine died and was started again; the run is kept up to its last snapshot",
    "twice": "the engine died twice over this",
    "stopped": "the engine died while this was under way",
    "not started": "the engine cannot be started",
    "log": "what it printed is in {path}",
    "version": "the engine is of another seqtui than this screen",
    "version hint": "seqtui was changed while it ran: start it again",
    "closed": "the engine is closed",
}
"""Every sentence that the engine says about itself."""

EARLY_DEATHS = 3
"""So many deaths in a row before a worker was ready, and the engine is given up until `start`."""

GRACE = 0.5
"""Seconds that a worker has to leave by itself when the engine is closed."""

SAID_FOR = 10.0
"""Seconds that the sentence about a restart stands."""


class Client:
    """Satisfies port.Engine.

    command and arguments: how the worker is started. log: where its stderr goes; None is `engine.log` in
    the data folder. patience: seconds of silence after which a worker that owes an answer is ended;
    waking: the same for one that is not ready yet.
    """

    def __init__(
        self,
        *,
        command: Sequence[str] = COMMAND,
        arguments: Sequence[str] = (),
        log: Path | None = None,
        patience: float = 30.0,
        waking: float = 90.0,
    ) -> None:
        self._command = (*command, *arguments)
        self._log = log
        self._patience, self._waking = patience, waking
        self._status = Status("asleep")
        self._told: list[Callable[[Status], None]] = []
        self._numbers = itertools.count(1)
        self._calls = Calls()
        self._weights = HeldWeights()
        self._worker: WorkerProcess | None = None
        self._supervision: asyncio.Task[None] | None = None
        self._closing = False
        self._reason = ""
        self._news = ""
        self._heard = self._woken = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._hush: asyncio.TimerHandle | None = None

    # ---- what may be asked ----------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """How it is now."""
        return self._status

    @property
    def worker_pid(self) -> int | None:
        """The process id of the worker, if there is one."""
        return self._worker.pid if self._worker else None

    def watch(self, told: Callable[[Status], None]) -> None:
        """Call `told` at every change of status."""
        self._told.append(told)

    async def start(self) -> None:
        """Begin to wake up; returns at once. An engine that was given up is tried anew."""
        if self._closing or (self._supervision and not self._supervision.done()):
            return
        self._tell("waking", SENTENCES["waking"].format(seconds=0))
        self._supervision = asyncio.create_task(self._supervise(), name="seqtui engine")
        self._supervision.add_done_callback(self._unsupervised)

    async def trace(self, scene: str) -> Trace:
        """The Trace of a Scene; an older call that still waits raises Replaced."""
        for call in self._calls:
            if isinstance(call.ask, say.AskTrace) and not call.sent:
                self._calls.settle(call, Replaced())
        known = self._weights.known()
        traced: Trace = await self._ask(say.AskTrace(next(self._numbers), scene, tuple(known)), known=known)
        return traced

    async def snapshot(self, scene: str, run: str, step: int) -> Trace:
        """The Trace of a Scene with the weights that a run had after `step` steps."""
        known = self._weights.known()
        ask = say.AskSnapshot(next(self._numbers), scene, run, step, tuple(known))
        traced: Trace = await self._ask(ask, known=known)
        return traced

    async def score(self, scene: str) -> Score:
        """The score over held-out data."""
        score: Score = await self._ask(say.AskScore(next(self._numbers), scene))
        return score

    async def generate(
        self, scene: str, *, length: int, temperature: float = 1.0, seed: int = 1
    ) -> Generated:
        """Let the model go on after its input."""
        ask = say.AskGenerate(next(self._numbers), scene, length, temperature, seed)
        generated: Generated = await self._ask(ask)
        return generated

    async def train(self, scene: str, *, seconds: float | None = None) -> AsyncIterator[Progress]:
        """Train; leaving the loop early stops the run and keeps it."""
        progress: Stream = asyncio.Queue()
        call = await self._begin(say.AskTrain(next(self._numbers), scene, seconds), 0, progress)
        try:
            while (said := await progress.get()) is not None:
                if isinstance(said, SeqtuiError):
                    raise said
                yield said
        finally:
            self._forget(call)

    async def steer(self, run: str, *, pause: bool | None = None, stop: bool = False, **live: float) -> None:
        """Pause, go on, stop and keep, or turn a live knob."""
        await self._ask(say.Steer(next(self._numbers), run, pause, stop, live), lives=0)

    async def save(self, run: str, path: str) -> None:
        """Write a run's newest weights as safetensors."""
        await self._ask(say.AskSave(next(self._numbers), run, path))

    async def cancel(self) -> None:
        """Drop every waiting request, at once, and stop what can be stopped; a run has its last word."""
        for call in self._calls:
            if call.progress is None or not call.sent:
                self._calls.settle(call, Cancelled())
        if self._worker:
            self._worker.send(say.Cancel(next(self._numbers)))
        self._nothing_more()

    async def close(self) -> None:
        """Stop for good: runs are stopped and kept if that is quick; no process is left."""
        self._closing = True
        for call in self._calls:
            if call.sent and call.progress is not None and self._worker:
                self._worker.send(say.Cancel(next(self._numbers)))
                await asyncio.wait([call.answer], timeout=GRACE)
                break
        if self._supervision:
            if self._worker:
                self._worker.hang_up()
            await asyncio.wait([self._supervision], timeout=GRACE)
            if self._worker:
                self._worker.kill()
            await asyncio.wait([self._supervision])
        self._calls.settle_all(EngineError(SENTENCES["closed"]))
        for timer in (self._timer, self._hush):
            if timer:
                timer.cancel()
        self._tell("closed", "")

    # ---- calls ----------------------------------------------------------------------------------

    async def _begin(
        self,
        ask: say.Ask,
        lives: int,
        progress: Stream | None = None,
        known: HashedWeights | None = None,
    ) -> Call:
        if self._closing:
            raise EngineError(SENTENCES["closed"])
        if self._status.state == "failed":
            raise EngineError(self._status.text)
        await self.start()
        call = Call(ask, lives, asyncio.get_running_loop().create_future(), progress, known or {})
        self._calls.add(call)
        self._send(call)
        return call

    async def _ask(self, ask: say.Ask, lives: int = 1, known: HashedWeights | None = None) -> Any:
        call = await self._begin(ask, lives, known=known)
        try:
            return await call.answer
        finally:
            self._forget(call)

    def _send(self, call: Call) -> None:
        if self._worker is None:
            return
        if not self._calls.owed:
            self._heard = asyncio.get_running_loop().time()
        call.pieces.clear()
        try:
            self._worker.send(call.ask)
        except say.FrameError as error:
            self._calls.settle(call, error)
            return
        call.sent = True
        self._keep_time()

    def _forget(self, call: Call) -> None:
        """Whoever asked has gone: what is still under way for them is cancelled."""
        if self._calls.drop(call) and call.sent and self._worker:
            self._worker.send(say.Cancel(next(self._numbers), call.ask.id))

    # ---- the worker's life ----------------------------------------------------------------------

    @property
    def _over(self) -> bool:
        """Whether no worker is wanted any more."""
        return self._closing or self._status.state == "failed"

    async def _supervise(self) -> None:
        """One worker after the other, until closed or given up."""
        early = 0
        log = self._log or data_folder() / "engine.log"
        while not self._over:
            self._heard = self._woken = asyncio.get_running_loop().time()
            self._reason = "died"
            try:
                self._worker = worker = await WorkerProcess.start(self._command, log)
            except OSError as error:
                self._give_up(SENTENCES["not started"], str(error))
                return
            await self._converse(worker)
            self._worker = None
            await worker.reap()
            if self._over:
                return
            early = 0 if worker.ready else early + 1
            if early == EARLY_DEATHS:
                self._give_up(SENTENCES["not started"], SENTENCES["log"].format(path=log))
            else:
                self._mourn(worker)

    def _unsupervised(self, supervision: asyncio.Task[None]) -> None:
        """No call may wait for a supervision that is no more."""
        error = None if supervision.cancelled() else supervision.exception()
        if error is not None:
            self._give_up(SENTENCES["not started"], str(error))

    async def _converse(self, worker: WorkerProcess) -> None:
        """Ask what waits, and hear all that is said, until the worker is gone."""
        if self._over:
            return
        worker.send(say.Hello(say.PROTOCOL, __version__))
        for call in self._calls:
            self._send(call)
        self._keep_time()
        try:
            async with aclosing(worker.answers()) as answers:
                async for answer in answers:
                    self._heard = asyncio.get_running_loop().time()
                    self._hear(worker, answer)
        except say.FrameError:
            self._reason = "unreadable"

    def _hear(self, worker: WorkerProcess, answer: say.Answer) -> None:
        match answer:
            case say.Hello(protocol, version):
                if (protocol, version) != (say.PROTOCOL, __version__):
                    self._give_up(SENTENCES["version"], SENTENCES["version hint"])
                    worker.kill()
            case say.Ready():
                worker.ready = True
                self._tell("ready", self._news)
                self._hush_later()
            case say.Ended("undecodable"):
                self._reason = "unreadable"
            case say.Ended("version"):
                self._give_up(SENTENCES["version"], SENTENCES["version hint"])
            case say.Ended(_, message):
                self._give_up(SENTENCES["not started"], message)
            case _:
                call = self._calls.get(answer.id)
                if call is not None:
                    self._answered(call, answer)

    def _answered(self, call: Call, answer: say.Reply) -> None:
        match answer:
            case say.Piece(_, content):
                call.pieces.append(content)
            case say.Working(_, text):
                self._tell(self._status.state, text)
            case say.Progressed(_, progress):
                call.paused = progress.state == "paused"
                if call.progress is not None:
                    call.progress.put_nowait(progress)
            case say.Failed():
                self._calls.settle(call, say.error_from(answer))
            case say.Traced():
                trace = say.trace_from(answer, call.pieces, call.known)
                self._weights.keep(trace)
                self._calls.settle(call, trace)
            case say.Scored(_, result) | say.Wrote(_, result):
                self._calls.settle(call, result)
            case say.Done():
                self._calls.settle(call, None)
        if self._calls.get(call.ask.id) is None:
            self._nothing_more()

    def _mourn(self, worker: WorkerProcess) -> None:
        """After a death: what may be asked again waits for the next worker, the rest fails in one line."""
        ran = any(call.progress is not None and call.sent for call in self._calls)
        again = "run again" if ran else "again" if self._reason == "died" else f"{self._reason} again"
        self._news = SENTENCES[again]
        for call in self._calls:
            if call.sent and worker.ready:
                call.lives -= 1
            call.sent = False
            if call.lives < 0:
                retried = isinstance(
                    call.ask, say.AskTrace | say.AskSnapshot | say.AskScore | say.AskGenerate
                )
                self._calls.settle(call, EngineError(SENTENCES["twice" if retried else "stopped"]))
        traces = [call for call in self._calls if isinstance(call.ask, say.AskTrace)]
        for call in traces[:-1]:
            self._calls.settle(call, Replaced())
        self._tell("restarting", SENTENCES[self._reason].format(seconds=round(self._patience)))

    def _give_up(self, message: str, hint: str = "") -> None:
        error = EngineError(message, hint)
        self._tell("failed", str(error))
        self._calls.settle_all(error)

    # ---- time and status ------------------------------------------------------------------------

    def _keep_time(self) -> None:
        """Look at the clock once a second while something is owed, and never while nothing is."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(1.0, self._tick)

    def _tick(self) -> None:
        self._timer = None
        worker = self._worker
        if worker is None or self._closing:
            return
        now = asyncio.get_running_loop().time()
        if not worker.ready and self._status.state == "waking":
            self._tell("waking", SENTENCES["waking"].format(seconds=round(now - self._woken)))
        if worker.ready and not self._calls.owed:
            return
        if now - self._heard > (self._patience if worker.ready else self._waking):
            self._reason = "silent"
            worker.kill()
        else:
            self._keep_time()

    def _hush_later(self) -> None:
        """Let the sentence about a restart stand a while, then fall silent."""
        if self._hush:
            self._hush.cancel()
        if self._news:
            self._hush = asyncio.get_running_loop().call_later(SAID_FOR, self._fall_silent)

    def _fall_silent(self) -> None:
        self._news, self._hush = "", None
        self._nothing_more()

    def _nothing_more(self) -> None:
        """What was said about a request is over."""
        if self._status.state == "ready":
            self._tell("ready", self._news)

    def _tell(self, state: State, text: str) -> None:
        status = Status(state, text)
        if status == self._status:
            return
        self._status = status
        for told in self._told:
            told(status)
