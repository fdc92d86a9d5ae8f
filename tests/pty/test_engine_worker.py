"""The real worker, with torch inside, under fire. The echo's tests hold the wire; these hold the engine."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from seqtui.engine.client import SENTENCES, Client
from seqtui.engine.messages import PIECE
from seqtui.engine.port import Engine, Progress, Status
from seqtui.engine.process import environment
from seqtui.engine.service import Service
from seqtui.errors import EngineError, InputError, SceneError
from seqtui.signals import Trace, recompute
from seqtui.store import Database
from tests.pty.test_engine_client import DEADLINE, SHADOWS, alive, deadline, kill, reached, ready, until

SMALL = "lstm/names?hidden_size=5&embedding_size=4"
FRESH = f"{SMALL}&weights=steps:0"
SHIPPED = "lstm/names"
LONG = f"{SMALL}&steps=1000000"

WITHIN = 3.0 + 12.0
"""Seconds to the first answer after a death: the promise, and slack for a machine with other work."""


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the worker keeps, it keeps here."""
    for variable in ("SEQTUI_DATA", "SEQTUI_CACHE", "SEQTUI_CONFIG"):
        monkeypatch.setenv(variable, str(tmp_path / variable))


@pytest.fixture
async def engine() -> AsyncIterator[Client]:
    """A client with the real worker, which is gone afterwards."""
    client = Client()
    yield client
    pid = client.worker_pid
    async with asyncio.timeout(DEADLINE):
        await client.close()
    assert pid is None or not alive(pid)


def same(one: Trace, other: Trace) -> bool:
    """Every number of both, to the bit."""
    return (
        list(one) == list(other)
        and one.tokens == other.tokens
        and all(np.array_equal(one[name].values, other[name].values) for name in one)
        and all(np.array_equal(one.weights[path], other.weights[path]) for path in one.weights)
    )


async def test_the_worker_answers_what_the_service_answers(engine: Client, tmp_path: Path) -> None:
    port: Engine = engine
    here = Service()
    for scene in (
        f"{FRESH}&input=Ünwörld 🤖",
        f"{FRESH}&input=민수",
        f"{FRESH}&input=ab&force=layers.0.lstm.f:1",
    ):
        assert same(await port.trace(scene), await here.trace(scene))
    assert await port.score(FRESH) == await here.score(FRESH)
    written = await port.generate(FRESH, length=8, temperature=0.7, seed=3)
    assert written == await here.generate(FRESH, length=8, temperature=0.7, seed=3)
    seen = [progress async for progress in port.train(f"{SMALL}&steps=30")]
    assert seen[-1].state == "done"
    line = f"{SMALL}&steps=30"
    assert same(await port.snapshot(line, seen[-1].run, 16), await here.snapshot(line, seen[-1].run, 16))
    await port.save(seen[-1].run, str(tmp_path / "out.safetensors"))
    assert (tmp_path / "out.safetensors").stat().st_size > 0
    with pytest.raises(InputError):
        await port.trace(f"{FRESH}&input=123")
    with pytest.raises(SceneError, match="did you mean 'lstm'"):
        await port.trace("lstn/names")


async def test_five_thousand_letters_arrive_whole_and_explain_themselves(engine: Client) -> None:
    trace = await asyncio.wait_for(engine.trace(f"{FRESH}&input={'maria' * 1000}"), DEADLINE)
    assert trace.steps == 5001
    f = trace["layers.0.lstm.f"].values
    assert np.allclose(recompute(trace, "layers.0.lstm.f"), f, atol=1e-5)


async def test_a_large_trace_travels_in_pieces(engine: Client) -> None:
    wide = "lstm/names?hidden_size=512&embedding_size=64&weights=steps:0"
    trace = await asyncio.wait_for(engine.trace(f"{wide}&input={'maria' * 400}"), DEADLINE)
    assert sum(signal.values.nbytes for signal in trace.values()) > 2 * PIECE
    assert same(trace, await Service().trace(trace.scene))


async def test_after_a_sigkill_an_edited_word_is_traced_again_in_time(engine: Client) -> None:
    first = await engine.trace(f"{SHIPPED}?input=maria")
    statuses: list[Status] = []
    engine.watch(statuses.append)
    for word in ("elena", "zoe"):
        kill(engine)
        trace = await asyncio.wait_for(engine.trace(f"{SHIPPED}?input={word}"), WITHIN)
        assert trace.tokens == ("‹", *word)
        assert trace.weights is first.weights
    assert statuses.count(Status("ready", SENTENCES["again"])) == 2


async def test_killed_at_random_moments_it_comes_back_and_never_lies(engine: Client) -> None:
    chance, here = random.Random(1), Service()
    await ready(engine)
    for number in range(4):
        word = "abcdefgh"[number]
        asked = asyncio.create_task(engine.trace(f"{SHIPPED}?input={word * 200}"))
        await asyncio.wait([asked], timeout=chance.random() * 0.05)
        if engine.status.state == "ready":
            kill(engine)
        with suppress(EngineError):
            assert same(
                await asyncio.wait_for(asked, DEADLINE), await here.trace(f"{SHIPPED}?input={word * 200}")
            )
    last = await asyncio.wait_for(engine.trace(f"{SHIPPED}?input=maria"), DEADLINE)
    assert same(last, await here.trace(f"{SHIPPED}?input=maria"))


async def test_while_a_model_learns_words_are_traced_and_the_run_is_steered(engine: Client) -> None:
    run = engine.train(LONG)
    first = await anext(run)
    trace = await asyncio.wait_for(engine.trace(f"{FRESH}&input=maria"), DEADLINE)
    assert trace.steps == 6
    learnt = first
    while learnt.step == 0:
        learnt = await asyncio.wait_for(anext(run), DEADLINE)
    live = await engine.trace(f"{LONG}&weights=run:{first.run}&input=maria")
    assert live.weights_hash != trace.weights_hash
    await engine.steer(first.run, learning_rate=0.5)
    await engine.steer(first.run, pause=True)
    paused = await reached(run, "paused")
    assert (await engine.trace(f"{FRESH}&input=zoe")).steps == 4
    await engine.steer(first.run, pause=False)
    await engine.steer(first.run, stop=True)
    stopped = await reached(run, "stopped")
    assert stopped.step >= paused.step
    kept = Database().run(first.run)
    assert kept is not None
    assert kept.state == "stopped"
    assert [edit[1:] for edit in map(tuple, kept.edits)] == [("learning_rate", 0.5)]


async def test_a_run_whose_worker_is_killed_goes_on_from_what_is_on_disk(engine: Client) -> None:
    run = engine.train(LONG)
    first = await anext(run)
    await on_disk(run, first)
    kill(engine)
    with pytest.raises(EngineError, match=SENTENCES["stopped"]):
        await reached(run, "done")
    again = engine.train(f"{LONG}&weights=run:{first.run}")
    began = await asyncio.wait_for(anext(again), DEADLINE)
    assert began.run == first.run
    assert began.step > 0
    await engine.cancel()
    assert (await reached(again, "stopped")).step >= began.step


async def on_disk(run: AsyncIterator[Progress], first: Progress) -> None:
    """Until the run has left something to go on from."""
    async with asyncio.timeout(DEADLINE):
        async for progress in run:
            kept = Database().run(first.run)
            if kept is not None and kept.steps > 0 and progress.step > kept.steps:
                return


async def test_the_training_that_a_trace_needs_first_is_told_and_can_be_cancelled(engine: Client) -> None:
    statuses: list[Status] = []
    engine.watch(statuses.append)
    asked = asyncio.create_task(engine.trace(f"{LONG}&weights=steps:900000"))
    await until(lambda: any("of 900000" in status.text for status in statuses))
    await engine.cancel()
    with pytest.raises(EngineError):
        await asked
    trace = await asyncio.wait_for(engine.trace(f"{FRESH}&input=zoe"), DEADLINE)
    assert trace.steps == 4


async def test_closing_keeps_a_run_that_is_under_way(engine: Client) -> None:
    run = engine.train(LONG)
    first = await anext(run)
    await engine.close()
    assert (await reached(run, "stopped")).run == first.run
    kept = Database().run(first.run)
    assert kept is not None
    assert kept.state == "stopped"


async def test_modules_in_the_learners_folder_shadow_nothing(
    engine: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    trace = await asyncio.wait_for(engine.trace(f"{FRESH}&input=zoe"), DEADLINE)
    assert trace.steps == 4


SCREEN = """
import asyncio, sys
from seqtui.engine.client import Client
async def main():
    client = Client()
    await client.start()
    while client.worker_pid is None:
        await asyncio.sleep(0.001)
    if sys.argv[1] == "waking":
        print(client.worker_pid, flush=True)
        await asyncio.Event().wait()
    elif sys.argv[1] == "training":
        async for progress in client.train(sys.argv[2]):
            print(client.worker_pid, flush=True)
    else:
        asked = asyncio.create_task(client.trace(sys.argv[2] + "&input=" + "maria" * 20000))
        while client.status.state != "ready":
            await asyncio.sleep(0.001)
        print(client.worker_pid, flush=True)
        await asked
asyncio.run(main())
"""


@pytest.mark.parametrize("doing", ["waking", "training", "tracing"])
def test_when_the_screens_are_killed_the_worker_is_gone_within_two_seconds(doing: str) -> None:
    scene = LONG if doing == "training" else f"{FRESH}&force=layers.0.lstm.f:1"
    command = [sys.executable, "-P", "-c", SCREEN, doing, scene]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(os.environ)) as screens:
        assert screens.stdout is not None
        worker = int(screens.stdout.readline())
        assert alive(worker)
        screens.kill()
        screens.wait()
    for _ in deadline(2.0 + 4.0):
        if not alive(worker):
            return
    os.kill(worker, signal.SIGKILL)
    raise AssertionError("the worker outlived the screens")
