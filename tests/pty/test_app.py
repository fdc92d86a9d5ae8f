"""Whole runs in a real terminal with the real engine, by keyboard and by mouse."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from tests.pty.terminal import PATIENCE, Terminal, assert_gone, seqtui

SIZES = [(80, 24), (120, 36), (60, 20), (200, 50)]


def step_of(text: str) -> tuple[int, int]:
    """`step 4 of 6` on the screen as numbers."""
    found = re.search(r"step (\d+) of (\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def at_step(step: int, steps: int) -> Callable[[str], bool]:
    """A check that a bench stands at this step."""
    return lambda text: step_of(text) == (step, steps)


def other_than(before: str) -> Callable[[str], bool]:
    """A check that something changed."""
    return lambda text: text != before


def reading(word: str) -> Callable[[str], bool]:
    """A check that the row of tokens spells a word, wherever its cursor stands."""
    return lambda text: "‹" + word in re.sub(r"[\[\] ]+", "", text)


def is_end(text: str) -> bool:
    """Whether Inside has come to where a number comes from nothing else."""
    return "is a weight of" in text or "nothing before it" in text


def into_bench(terminal: Terminal) -> None:
    """Open the first bench and give it the keys."""
    terminal.press("enter")
    terminal.wait("┏━")


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_way_by_keyboard(size: tuple[int, int]) -> None:
    with seqtui("lesson", "lstm", size=size) as terminal:
        terminal.wait("a memory with gates")
        into_bench(terminal)
        terminal.press("end")
        terminal.wait(at_step(6, 6))
        terminal.press("home")
        terminal.wait(at_step(1, 6))
        terminal.press("right", "right", "right")
        terminal.wait(at_step(4, 6))
        for panel in ("▸cand", "▸output", "▸input", "▸forget"):  # from the cell, where the block opens
            terminal.press("shift+tab")
            terminal.wait(panel)
        terminal.press("enter")
        terminal.wait("came here: f₄[")
        for _ in range(8):  # down to a weight, a token or the state before the first step
            before = terminal.text
            terminal.press("enter")
            terminal.wait(other_than(before))
            if is_end(terminal.text):
                break
        assert is_end(terminal.text)
        terminal.press("backspace")
        terminal.wait(lambda text: not is_end(text) and "came here" in text)
        terminal.press("escape")
        terminal.wait("forget f")
        terminal.press("e")
        terminal.wait("letter by letter")
        terminal.press("\x15", "elena", "enter")
        terminal.wait(reading("elena"))
        terminal.press("x")
        terminal.wait("What if")
        terminal.press("enter")
        terminal.wait("f = 1")
        terminal.wait(lambda text: "unseen names" in text and "scoring" not in text)
        terminal.press("z")
        terminal.wait("lstm/names?input=elena&force=layers.0.lstm.f:1"[: size[0] - 20])
        terminal.resize(100, 30)
        terminal.press("right")
        terminal.press("escape", "escape", "escape")
        terminal.wait("The LSTM")
        terminal.resize(*size)
        terminal.wait("The LSTM")
        terminal.quit()


def test_a_lesson_by_mouse() -> None:
    with seqtui(size=(120, 36)) as terminal:
        terminal.wait("Five minutes at the bench")
        terminal.click("The LSTM")
        terminal.wait(lambda text: "▸" in text)
        terminal.click("The LSTM")
        terminal.wait("a memory with gates")
        terminal.wait(at_step(3, 6))
        terminal.click("step", row=35)
        terminal.wait(at_step(4, 6))
        row = next(y for y, line in enumerate(terminal.rows) if "reads" in line)
        terminal.click("reads", row=row, shift=9)
        terminal.wait(lambda text: step_of(text) not in ((4, 6), (0, 0)))
        terminal.click("forget f", shift=1)
        y = next(y for y, line in enumerate(terminal.rows) if "forget f" in line)
        x = terminal.rows[y].index("forget f")
        for _ in range(2):
            terminal.child.send(f"\x1b[<0;{x + 1};{y + 4}M\x1b[<0;{x + 1};{y + 4}m")
        terminal.wait("came here")
        terminal.click("32 terms")
        terminal.wait("› in f")
        terminal.click("back", row=35)
        terminal.wait(lambda text: "32 terms" in text)
        terminal.click("out", row=35)
        terminal.wait(lambda text: "candidate g" in text and "what if" in text)
        terminal.click("what if", row=35)
        terminal.wait("nothing is erased")
        terminal.click("apply")
        terminal.wait(lambda text: "unseen names" in text and "scoring" not in text)
        terminal.quit()


def test_stepping_never_stops_when_the_engine_is_killed() -> None:
    with seqtui("lesson", "lstm", size=(120, 36)) as terminal:
        terminal.wait("a memory with gates")
        into_bench(terminal)
        for word in ("elena", "zoe"):
            pid = terminal.kill_worker()
            for key in ("home", "right", "end"):
                terminal.press(key)
            terminal.wait(lambda text: step_of(text)[0] == step_of(text)[1] > 0)
            assert_gone({pid})
            terminal.wait("nothing is lost")
            terminal.press("e")
            terminal.wait("letter by letter")
            terminal.press("\x15", word, "enter")
            terminal.wait(reading(word))
        terminal.quit()


def test_killing_the_terminal_leaves_no_engine() -> None:
    with seqtui("lesson", "lstm") as terminal:
        terminal.wait("a memory with gates")
        worker = terminal.worker()
        os.kill(terminal.pid, signal.SIGKILL)
        assert_gone({worker})


def test_a_folder_with_modules_of_the_same_names_does_no_harm(tmp_path: Path) -> None:
    for name in ("random", "torch", "token", "numpy", "textual", "types"):
        (tmp_path / f"{name}.py").write_text("print('this is the wrong module')\nraise SystemExit(3)\n")
    with seqtui("lesson", "first-steps", cwd=tmp_path) as terminal:
        terminal.wait("Walk through a name")
        terminal.press("e")
        terminal.wait("letter by letter")
        terminal.press("\x15", "Ünwörld 🤖", "enter")
        terminal.wait("unworld")
        assert "wrong module" not in terminal.text
        terminal.quit()


@pytest.mark.parametrize(
    ("typed", "shown"), [("민수", "minsu"), ("[/x] [PAD]", "p a d"), ("", "‹"), ("%&=#?+", "‹")]
)
def test_any_input_gets_an_answer_or_one_clear_line(typed: str, shown: str) -> None:
    with seqtui("lesson", "first-steps", size=(120, 36)) as terminal:
        terminal.wait("Walk through a name")
        terminal.press("e")
        terminal.wait("letter by letter")
        terminal.press("\x15", typed, "enter")
        terminal.wait(shown)
        terminal.press("right", "right")
        terminal.wait("next")
        terminal.quit()


def test_five_thousand_letters_step() -> None:
    with seqtui("lab", "lstm/names?input=" + "maria" * 1000, size=(120, 36)) as terminal:
        terminal.wait("of 5001")
        terminal.press("end")
        terminal.wait("step 5001 of 5001")
        terminal.press("left", "left")
        terminal.wait("step 4999 of 5001")
        terminal.press("1", "2", "3", "4", "g")
        terminal.wait("step 1234 of 5001")
        terminal.quit()


def test_settings_that_are_wrong_are_said_before_anything_opens() -> None:
    folder = Path(os.environ["SEQTUI_CONFIG"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text('thme = "nord"\n')
    with seqtui(size=(120, 36)) as terminal:
        terminal.wait("thme")
        assert "theme" in terminal.text
        assert "Traceback" not in terminal.text
        terminal.child.wait()
        assert terminal.child.exitstatus in (1, 2)


@pytest.mark.parametrize("options", [[], ["--debug"]])
def test_a_crash_is_one_line_and_a_traceback_only_where_it_is_asked_for(options: list[str]) -> None:
    code = (
        "import sys; from seqtui.cli import run; from seqtui.tui.app import SeqtuiApp; "
        "SeqtuiApp.action_lab = lambda self: 1 // 0; sys.exit(run(sys.argv[1:]))"
    )
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable, ["-P", "-c", code, *options], dimensions=(24, 80), timeout=PATIENCE
    )
    child.expect("Five minutes")
    child.send("B")
    child.expect(pexpect.EOF)
    child.close()
    after: bytes = (child.before or b"").rpartition(b"\x1b[?1049l")[2]
    assert child.exitstatus == 1
    assert b"seqtui: ZeroDivisionError: integer division or modulo by zero" in after
    assert (b"Traceback" in after) == bool(options)
    assert after.strip().count(b"\n") == 0 or options


def test_keys_can_be_remapped_and_glyphs_chosen() -> None:
    folder = Path(os.environ["SEQTUI_CONFIG"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text('glyphs = "ascii"\n[keymap]\nstep = "d"\n')
    with seqtui("lesson", "lstm", size=(120, 36)) as terminal:
        terminal.wait(at_step(3, 6))
        terminal.press("d")
        terminal.wait(at_step(4, 6))
        assert "░" not in terminal.text
        terminal.quit()
