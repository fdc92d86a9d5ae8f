"""The commands as processes of their own, with the real engine: what a shell sees."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pexpect
import pytest

from seqtui.cli import run

MARIA = "lstm/names?input=maria"
MODULE = (sys.executable, "-m", "seqtui")
SCRIPT = (str(Path(sys.executable).with_name("seqtui")),)
QUIET = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
SECONDS = 120


def started(
    *arguments: str,
    command: tuple[str, ...] = SCRIPT,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """A command under way."""
    return subprocess.Popen(
        [*command, *arguments],
        cwd=cwd,
        env={**os.environ, **QUIET, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def done(*arguments: str, **how: Any) -> tuple[int, str, str]:
    """A command that came to its end: exit code, stdout and stderr."""
    with started(*arguments, **how) as process:
        out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out, err


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A folder in which modules lie that are named like those of others, and must not be imported."""
    for name in ("random", "torch", "token", "click", "numpy", "seqtui_lessons"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module was imported')\n")
    return tmp_path


@pytest.mark.parametrize("command", [MODULE, SCRIPT], ids=["module", "script"])
def test_a_folder_with_modules_named_like_ours_changes_nothing(trap: Path, command: tuple[str, ...]) -> None:
    code, out, err = done("trace", MARIA, "--json", command=command, cwd=trap)
    assert (code, err) == (0, "")
    assert json.loads(out)["tokens"] == ["‹", *"maria"]


def test_json_is_valid_and_shows_what_was_forced() -> None:
    code, out, err = done("trace", f"{MARIA}&force=layers.0.lstm.f[7]@3..:1", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out, parse_constant=pytest.fail)
    forget = found["signals"]["layers.0.lstm.f"]
    assert forget["axes"] == ["step", "unit"]
    values = np.array(forget["values"])
    assert values.shape == (6, 12)
    assert (values[2:, 7] == 1).all()
    assert (values[:2, 7] < 1).all()
    assert np.allclose(np.array(found["signals"]["output.probs"]["values"]).sum(-1), 1, atol=1e-5)


def test_a_reader_that_has_had_enough_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("maria" * 200)
    with started("trace", f"lstm/names?input=@{tmp_path / 'long.txt'}", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.wait(SECONDS) == 0
        assert process.stderr.read() == ""


def test_a_stream_that_speaks_ascii_alone_gets_ascii_and_json_stays_utf_8() -> None:
    ascii_alone = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    code, out, err = done("trace", MARIA, env=ascii_alone)
    assert (code, err, out.isascii()) == (0, "", True)
    code, out, err = done("trace", MARIA, "--json", env=ascii_alone)
    assert (code, err) == (0, "")
    assert json.loads(out)["tokens"][0] == "‹"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("Zoë", "zoe"), ("Ünwörld 🤖", "unworld"), ("민수", "minsu"), ("[PAD]", "pad"), ("[/x]", "x")],
)
def test_own_input_is_met_halfway_and_said(text: str, tokens: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", f"lstm/names?input={text}", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["tokens"] == ["‹", *tokens]
    assert found["notes"]


@pytest.mark.parametrize("text", ["", "%00%1B[31m%07", "a" * 5000], ids=["empty", "control", "long"])
def test_odd_input_is_answered_or_refused_in_one_line(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    code = run(["trace", f"lstm/names?input={text}"])
    out, err = capfd.readouterr()
    assert "\x1b" not in out + err
    if code:
        assert (code, out) == (2, "")
        assert err.startswith("seqtui: ")
        assert err.count("\n") == 1
    else:
        assert err == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_keeps_what_was_learnt_and_it_can_be_opened(number: signal.Signals, tmp_path: Path) -> None:
    out = tmp_path / "lstm.safetensors"
    with started("train", "lstm/names?hidden_size=4&steps=100000", "--json", "--out", str(out)) as process:
        assert process.stdout is not None
        while json.loads(process.stdout.readline())["step"] == 0:
            pass
        process.send_signal(number)
        rest, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (0, "")
    last = json.loads(rest.splitlines()[-1])
    assert last["state"] == "stopped"
    assert 0 < last["step"] < 100_000
    assert out.stat().st_size
    code, printed, err = done("score", last["scene"])
    assert (code, err) == (0, "")
    assert float(printed.split()[0]) == pytest.approx(last["score"], abs=0.02)


def test_the_same_scene_learns_the_same_bit_for_bit() -> None:
    runs = [done("train", "gru/names?hidden_size=3&seed=5", "--steps", "60", "--json") for _ in range(2)]
    ends = [json.loads(out.splitlines()[-1]) for _, out, _ in runs]
    assert [end["step"] for end in ends] == [60, 60]
    assert ends[0]["score"] == ends[1]["score"]
    assert ends[0]["loss"] == ends[1]["loss"]


def test_seconds_stop_by_the_clock_and_the_schedule_stays() -> None:
    code, out, err = done("train", "lstm/names?steps=100000", "--seconds", "0.5", "--json")
    assert (code, err) == (0, "")
    last = json.loads(out.splitlines()[-1])
    assert (last["state"], last["steps"]) == ("stopped", 100_000)
    assert 0 < last["step"] < 100_000


def test_a_bar_is_drawn_in_a_terminal_and_ctrl_c_keeps() -> None:
    arguments = ["train", "lstm/names?hidden_size=4&steps=100000"]
    env = {**os.environ, **QUIET, "TERM": "xterm-256color"}
    child = pexpect.spawn(
        SCRIPT[0], arguments, encoding="utf-8", timeout=SECONDS, dimensions=(24, 80), env=env
    )
    child.expect(r"learning .*step [1-9]\d* · \d\.\d+ bits a letter")
    child.sendintr()
    child.expect(r'kept as "lstm/names\?.*weights=run:[\w-]+"')
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, child.signalstatus) == (0, None)


def test_what_is_wrong_is_one_line_and_an_exit_code() -> None:
    for arguments, expected in (
        (("trace", "lstm/names?weights=run:none"), 2),
        (("trace", "lstm/names", "--out", "/dev/null/x.npz"), 1),
        (("trace", "lsmt/names"), 2),
        (("trace",), 2),
        (("lesson", "lsmt"), 2),
        ((), 1),
    ):
        code, out, err = done(*arguments)
        assert (code, out) == (expected, ""), err
        assert err.startswith("seqtui: ")
        assert err.count("\n") == 1


def test_a_trace_that_was_written_is_read_by_the_library(tmp_path: Path) -> None:
    path = tmp_path / "maria.npz"
    assert done("trace", MARIA, "--out", str(path))[0] == 0
    read = f"""
import seqtui
trace = seqtui.load({str(path)!r})
print(*trace.tokens, seqtui.explain(trace, "output.probs", step=-1, token=0).value)
"""
    code, out, err = done("-c", read, command=(sys.executable,))
    assert (code, err) == (0, "")
    *tokens, odds = out.split()
    assert tokens == ["‹", *"maria"]
    assert 0 < float(odds) < 1
