"""The bridge under fire: real processes, really killed. An echo answers, so that torch is not needed here."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from seqtui.engine.client import EARLY_DEATHS, SENTENCES, Client
from seqtui.engine.echo import Echo
from seqtui.engine.port import Cancelled, Engine, Progress, Replaced, Status
from seqtui.engine.process import COMMAND, environment
from seqtui.errors import EngineError, SceneError, UsageError
from seqtui.signals import Trace

DEADLINE = 30.0
"""Seconds; generous, so that only what never happens fails."""

MISCHIEF = str(Path(__file__).with_name("engine_mischief.py"))


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and only not yet buried does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not stat.parent.parent.is_dir()


async def until(true: Callable[[], bool], seconds: float = DEADLINE) -> None:
    """Wait for a condition; fails when it does not come."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the worker's prints go."""
    return tmp_path / "engine.log"


@asynccontextmanager
async def engine(
    log: Path, kind: str = "", patience: float = 30.0, waking: float = 90.0
) -> AsyncIterator[Client]:
    """A client with an echo, or with some mischief, that leaves no process behind."""
    command = (sys.executable, "-P", MISCHIEF, kind) if kind else (*COMMAND, "--echo")
    client = Client(command=command, log=log, patience=patience, waking=waking)
    pids: set[int] = set()
    client.watch(lambda _: pids.add(client.worker_pid or 0))
    try:
        yield client
    finally:
        pids.add(client.worker_pid or 0)
        async with asyncio.timeout(DEADLINE):
            await client.close()
        assert client.status.state == "closed"
        assert not [pid for pid in pids - {0} if alive(pid)]


def right(trace: Trace, scene: str) -> bool:
    """Whether this is what the echo says to the scene, to the bit."""
    truth = Echo().trace(scene, lambda text: None)
    weights = all(np.array_equal(trace.weights[path], w) for path, w in truth.weights.items())
    same = np.array_equal(trace["embedding.x"].values, truth["embedding.x"].values)
    return weights and same and (trace.scene, trace.tokens) == (scene, truth.tokens)


def kill(client: Client) -> None:
    """SIGKILL to the worker, if there is one: it may be dead already, and nobody know."""
    if client.worker_pid is not None:
        with suppress(ProcessLookupError):
            os.kill(client.worker_pid, signal.SIGKILL)


async def ready(client: Client) -> None:
    """Wake it and wait."""
    await client.start()
    await until(lambda: client.status.state == "ready")


# ---- what may be asked ------------------------------------------------------------------------------


async def test_everything_that_can_be_asked_is_answered(log: Path, tmp_path: Path) -> None:
    async with engine(log) as client:
        port: Engine = client
        assert port.status == Status("asleep")
        trace = await port.trace("echo/bytes?input=maria")
        assert right(trace, "echo/bytes?input=maria")
        assert (await port.score("echo/bytes?input=maria")).held_out == 5
        assert (await port.generate("echo/bytes?input=ab", length=3)).tokens == ("a", "b", "a")
        seen = [progress async for progress in port.train("echo/bytes?steps=50")]
        assert seen[-1].state == "done"
        assert seen[-1].step == 50
        await port.save(seen[-1].run, str(tmp_path / "run"))
        assert (tmp_path / "run").read_text() == seen[-1].run
        assert right(await port.snapshot("echo/bytes?input=x", seen[-1].run, 20), "echo/bytes?input=x")


async def test_an_error_of_the_worker_is_raised_here_as_what_it_is(log: Path) -> None:
    async with engine(log) as client:
        with pytest.raises(SceneError, match="names no task"):
            await client.trace("nonsense")
        with pytest.raises(UsageError, match="no run 'x'"):
            await client.steer("x", stop=True)
        assert right(await client.trace("echo/bytes"), "echo/bytes")


async def test_weights_come_over_the_wire_once_for_each_hash(log: Path) -> None:
    async with engine(log) as client:
        first = await client.trace("echo/bytes?input=abc")
        second = await client.trace("echo/bytes?input=abd")
        other = await client.trace("echo/bytes?input=abd&seed=2")
        assert second.weights is first.weights
        assert other.weights_hash != first.weights_hash
        kill(client)
        assert (await client.trace("echo/bytes?input=abe")).weights is first.weights


async def test_a_newer_trace_replaces_the_one_that_waits_but_not_the_one_in_work(
    log: Path, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    async with engine(log, "gated") as client:
        await ready(client)
        in_work = asyncio.create_task(client.trace(f"echo/bytes?input=first&gate={gate}"))
        opened = await asyncio.to_thread(open, gate, "wb")
        older = asyncio.create_task(client.trace("echo/bytes?input=older"))
        await until(lambda: len(client._calls) == 2)
        newer = asyncio.create_task(client.trace("echo/bytes?input=newer"))
        with pytest.raises(Replaced):
            await asyncio.wait_for(older, DEADLINE)
        opened.close()
        assert right(await in_work, f"echo/bytes?input=first&gate={gate}")
        assert right(await newer, "echo/bytes?input=newer")


async def test_a_newer_trace_replaces_an_older_one_while_the_engine_wakes(log: Path) -> None:
    async with engine(log) as client:
        asked = [asyncio.create_task(client.trace(f"echo/bytes?input={n}")) for n in range(20)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(found[-1], Trace)
        assert right(found[-1], "echo/bytes?input=19")
        assert all(isinstance(one, Replaced | Trace) for one in found)
        assert sum(isinstance(one, Replaced) for one in found) >= 17


async def test_cancel_drops_what_waits_and_ends_what_is_in_work(log: Path) -> None:
    async with engine(log, "patient") as client:
        statuses: list[Status] = []
        client.watch(statuses.append)
        long = asyncio.create_task(client.trace("echo/bytes?input=long"))
        await until(lambda: any(s.text == "this takes long" for s in statuses))
        waits = asyncio.create_task(client.score("echo/bytes"))
        await until(lambda: len(client._calls) == 2)
        await client.cancel()
        for task in (long, waits):
            with pytest.raises(Cancelled):
                await asyncio.wait_for(task, DEADLINE)
        assert client.status == Status("ready", "")
        assert right(await client.trace("echo/bytes"), "echo/bytes")


async def test_who_goes_away_takes_the_work_along(log: Path) -> None:
    async with engine(log, "patient") as client:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.trace("echo/bytes?input=long"), 1.0)
        assert right(await asyncio.wait_for(client.trace("echo/bytes"), DEADLINE), "echo/bytes")


# ---- training ---------------------------------------------------------------------------------------


async def test_a_run_is_paused_steered_watched_and_stopped(log: Path) -> None:
    async with engine(log, patience=1.0) as client:
        run = client.train("echo/bytes?steps=100000000")
        first = await anext(run)
        assert right(await client.trace("echo/bytes?input=while"), "echo/bytes?input=while")
        await client.steer(first.run, learning_rate=0.25)
        await client.steer(first.run, pause=True)
        progress = await reached(run, "paused")
        assert progress.learning_rate == 0.25
        assert right(await client.trace("echo/bytes?input=paused"), "echo/bytes?input=paused")
        await client.steer(first.run, pause=False)
        assert (await reached(run, "running")).step >= progress.step
        await client.steer(first.run, stop=True)
        assert (await reached(run, "stopped")).step > progress.step
        assert [progress async for progress in run] == []


async def reached(run: AsyncIterator[Progress], state: str) -> Progress:
    """The first Progress in this state."""
    async with asyncio.timeout(DEADLINE):
        async for progress in run:
            if progress.state == state:
                return progress
    raise AssertionError(f"never {state}")


async def test_a_paused_run_says_nothing_and_is_left_alone(log: Path) -> None:
    async with engine(log, patience=0.2) as client:
        run = client.train("echo/bytes?steps=100000000")
        first = await anext(run)
        pid = client.worker_pid
        await client.steer(first.run, pause=True)
        await reached(run, "paused")
        # Two looks at the clock fall into this wait, and both have to leave it alone.
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(anext(run))), 2.5)
        assert client.worker_pid == pid
        assert client.status.state == "ready"


async def test_progress_comes_at_most_twenty_times_a_second(log: Path) -> None:
    async with engine(log) as client:
        seen = [p async for p in client.train("echo/bytes?steps=100000000", seconds=0.5)]
        assert seen[-1].state == "stopped"
        assert len(seen) <= 2 + 0.5 * 20


async def test_leaving_the_loop_stops_the_run(log: Path) -> None:
    async with engine(log) as client:
        run = client.train("echo/bytes?steps=100000000")
        assert (await anext(run)).state == "running"
        await run.aclose()  # type: ignore[attr-defined]
        seen = [progress async for progress in client.train("echo/bytes?steps=3")]
        assert seen[-1].state == "done"


async def test_a_run_that_dies_with_the_worker_says_so(log: Path) -> None:
    async with engine(log) as client:
        run = client.train("echo/bytes?steps=100000000")
        await anext(run)
        kill(client)
        with pytest.raises(EngineError, match=SENTENCES["stopped"]):
            await reached(run, "done")
        await until(lambda: client.status == Status("ready", SENTENCES["run again"]))


# ---- death ------------------------------------------------------------------------------------------


async def test_after_a_death_one_line_says_so_and_a_new_trace_is_answered_within_three_seconds(
    log: Path,
) -> None:
    async with engine(log) as client:
        await ready(client)
        statuses: list[Status] = []
        client.watch(statuses.append)
        kill(client)
        assert right(
            await asyncio.wait_for(client.trace("echo/bytes?input=again"), 3 + 3), "echo/bytes?input=again"
        )
        assert Status("restarting", SENTENCES["died"]) in statuses
        assert Status("ready", SENTENCES["again"]) in statuses


async def test_a_trace_that_waits_at_the_moment_of_death_is_asked_again(log: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    async with engine(log, "gated") as client:
        asked = asyncio.create_task(client.trace(f"echo/bytes?input=x&gate={gate}"))
        first = await asyncio.to_thread(open, gate, "wb")
        kill(client)
        pid = client.worker_pid
        await until(lambda: client.worker_pid not in (pid, None))
        second = await asyncio.to_thread(open, gate, "wb")
        second.close()
        first.close()
        assert right(await asyncio.wait_for(asked, DEADLINE), f"echo/bytes?input=x&gate={gate}")


async def test_a_trace_that_kills_two_workers_is_an_error_and_the_third_worker_lives(log: Path) -> None:
    async with engine(log, "crashing") as client:
        with pytest.raises(EngineError, match=SENTENCES["twice"]):
            await asyncio.wait_for(client.trace("echo/bytes?input=die"), DEADLINE)
        assert right(await client.trace("echo/bytes?input=live"), "echo/bytes?input=live")


@pytest.mark.parametrize(
    ("what", "said"), [("raise", "ZeroDivisionError: a mistake in here"), ("memory", "memory")]
)
async def test_an_unforeseen_error_in_the_worker_is_one_line_and_no_death(
    what: str, said: str, log: Path
) -> None:
    async with engine(log, "crashing") as client:
        await ready(client)
        pid = client.worker_pid
        with pytest.raises(EngineError, match=said):
            await client.trace(f"echo/bytes?input={what}")
        assert right(await client.trace("echo/bytes"), "echo/bytes")
        assert client.worker_pid == pid


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_killed_at_random_moments_every_answer_is_right_or_an_engine_error(
    seed: int, log: Path
) -> None:
    chance = random.Random(seed)
    async with engine(log) as client:
        await ready(client)
        asked: dict[str, asyncio.Task[Trace]] = {}
        kills = 0
        for number in range(300):
            scene = f"echo/bytes?input={number}&seed={number % 3}"
            asked[scene] = asyncio.create_task(client.trace(scene))
            if chance.random() < 0.3:
                await asyncio.wait([asked[scene]], timeout=chance.random() * 0.02)
            # Only a worker that has been ready is killed: a dozen deaths before that are another promise.
            if chance.random() < 0.05 and client.status.state == "ready":
                kill(client)
                kills += 1
        async with asyncio.timeout(DEADLINE):
            found = await asyncio.gather(*asked.values(), return_exceptions=True)
        for scene, answer in zip(asked, found, strict=True):
            assert isinstance(answer, EngineError) or (isinstance(answer, Trace) and right(answer, scene))
        assert kills
        assert isinstance(found[-1], Trace)
        assert not client._calls


async def test_killed_while_it_wakes_it_is_started_again(log: Path) -> None:
    async with engine(log) as client:
        await client.start()
        for _ in range(EARLY_DEATHS - 1):
            pid = client.worker_pid
            await until(lambda pid=pid: client.worker_pid not in (None, pid))  # type: ignore[misc]
            kill(client)
        assert right(await asyncio.wait_for(client.trace("echo/bytes"), DEADLINE), "echo/bytes")


# ---- workers that misbehave -------------------------------------------------------------------------


async def test_what_user_code_prints_reaches_the_log_and_never_the_frames(log: Path) -> None:
    async with engine(log, "loud") as client:
        for letters in ("a", "b", "c"):
            scene = f"echo/bytes?input={letters}"
            assert right(await asyncio.wait_for(client.trace(scene), DEADLINE), scene)
    text = log.read_bytes()
    for printed in (b"from Python", b"to stderr", b"from os.write\n", b"to 2", b"from C", b"from a child"):
        assert text.count(printed) == 3


async def test_garbage_from_the_worker_ends_it_and_is_reported(log: Path) -> None:
    async with engine(log, "garbage") as client:
        statuses: list[Status] = []
        client.watch(statuses.append)
        with pytest.raises(EngineError, match=SENTENCES["twice"]):
            await asyncio.wait_for(client.trace("echo/bytes"), DEADLINE)
        assert Status("restarting", SENTENCES["unreadable"]) in statuses


@pytest.mark.parametrize("kind", ["giant", "exits"])
async def test_a_worker_that_is_never_ready_is_given_up_after_some_tries(kind: str, log: Path) -> None:
    async with engine(log, kind) as client:
        with pytest.raises(EngineError, match=SENTENCES["not started"]):
            await asyncio.wait_for(client.trace("echo/bytes"), DEADLINE)
        assert client.status.state == "failed"
        with pytest.raises(EngineError, match=SENTENCES["not started"]):
            await client.trace("echo/bytes")


async def test_a_worker_without_torch_says_what_is_missing(log: Path) -> None:
    async with engine(log, "broken") as client:
        with pytest.raises(EngineError, match="No module named 'torch'"):
            await asyncio.wait_for(client.trace("echo/bytes"), DEADLINE)
        assert client.status.state == "failed"


async def test_a_worker_of_another_version_is_refused(log: Path) -> None:
    async with engine(log, "version") as client:
        with pytest.raises(EngineError, match=SENTENCES["version"]):
            await asyncio.wait_for(client.trace("echo/bytes"), DEADLINE)


async def test_a_program_that_is_not_there_is_one_line(log: Path) -> None:
    client = Client(command=("/no/such/python",), log=log)
    with pytest.raises(EngineError, match=SENTENCES["not started"]):
        await client.trace("echo/bytes")
    await client.close()


@pytest.mark.parametrize("kind", ["silent", "mute"])
async def test_an_engine_that_never_answers_is_ended_and_the_call_fails(kind: str, log: Path) -> None:
    async with engine(log, kind, patience=0.5, waking=0.5) as client:
        statuses: list[Status] = []
        client.watch(statuses.append)
        with pytest.raises(EngineError):
            await asyncio.wait_for(client.trace("echo/bytes"), DEADLINE)
        assert any(status.text == SENTENCES["silent"].format(seconds=0) for status in statuses)


async def test_while_it_wakes_it_says_for_how_long(log: Path) -> None:
    async with engine(log, "mute") as client:
        statuses: list[Status] = []
        client.watch(statuses.append)
        await client.start()
        await until(lambda: Status("waking", "waking the engine · 1 s") in statuses)


async def test_while_an_engine_never_answers_the_one_who_asks_is_not_held_up(log: Path) -> None:
    async with engine(log, "mute") as client:
        asked = asyncio.create_task(client.trace("echo/bytes"))
        await until(lambda: client.worker_pid is not None)
        async with asyncio.timeout(DEADLINE):
            await client.close()
        with pytest.raises(EngineError, match=SENTENCES["closed"]):
            await asked


async def test_a_log_that_cannot_be_written_keeps_nobody_from_asking(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    async with engine(in_the_way / "engine.log") as client:
        assert right(await client.trace("echo/bytes"), "echo/bytes")


async def test_a_frame_that_the_worker_cannot_read_ends_it_and_is_reported(log: Path) -> None:
    async with engine(log) as client:
        await ready(client)
        statuses: list[Status] = []
        client.watch(statuses.append)
        assert client._worker is not None
        stdin = client._worker._process.stdin
        assert stdin is not None
        stdin.write(b"\x03\x00\x00\x00\xc1\xc1\xc1")
        await until(lambda: Status("restarting", SENTENCES["unreadable"]) in statuses)
        assert right(await client.trace("echo/bytes"), "echo/bytes")


# ---- the folder, and the end ------------------------------------------------------------------------

SHADOWS = ("random", "torch", "token", "numpy", "msgspec", "json", "seqtui")


async def test_modules_in_the_learners_folder_shadow_nothing(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", "."]))
    async with engine(log) as client:
        assert right(await asyncio.wait_for(client.trace("echo/bytes"), DEADLINE), "echo/bytes")


SCREEN = """
import asyncio, sys
from seqtui.engine.client import Client
async def main():
    client = Client(command=sys.argv[1:])
    asked = asyncio.create_task(client.trace("echo/" + "bytes?input=" + sys.argv[-1]))
    while client.status.state != "ready":
        await asyncio.sleep(0.01)
    print(client.worker_pid, flush=True)
    await asked
asyncio.run(main())
"""


@pytest.mark.parametrize("kind", ["busy python", "busy numpy", "silent x"])
def test_when_the_screens_are_killed_the_worker_is_gone_within_two_seconds(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQTUI_DATA", str(tmp_path))
    command = [sys.executable, "-P", "-c", SCREEN, sys.executable, "-P", MISCHIEF, *kind.split()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(os.environ)) as screens:
        assert screens.stdout is not None
        worker = int(screens.stdout.readline())
        assert alive(worker)
        screens.kill()
        screens.wait()
    for _ in deadline(2.0 + 2.0):
        if not alive(worker):
            return
    os.kill(worker, signal.SIGKILL)
    raise AssertionError("the worker outlived the screens")


def deadline(seconds: float) -> Iterator[None]:
    """Again and again until the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.01)


@pytest.mark.parametrize("kind", ["", "busy", "silent", "mute", "patient"])
async def test_close_leaves_no_process_whatever_the_worker_does(kind: str, log: Path) -> None:
    async with engine(log, kind) as client:
        asked = asyncio.create_task(client.trace("echo/bytes?input=long"))
        await until(lambda: client.worker_pid is not None)
        pid = client.worker_pid
        assert pid is not None
        await client.close()
        assert not alive(pid)
        assert isinstance((await asyncio.gather(asked, return_exceptions=True))[0], EngineError | Trace)


async def test_close_in_the_same_breath_as_start_leaves_no_process(log: Path) -> None:
    for _ in range(5):
        async with engine(log) as client:
            await client.start()


async def test_close_without_start_and_twice_is_nothing_special(log: Path) -> None:
    async with engine(log) as client:
        await client.close()
        with pytest.raises(EngineError, match=SENTENCES["closed"]):
            await client.trace("echo/bytes")


async def test_close_stops_a_run_before_it_leaves(log: Path) -> None:
    async with engine(log) as client:
        run = client.train("echo/bytes?steps=100000000")
        await anext(run)
        await client.close()
        assert (await reached(run, "stopped")).run
