"""The commands in this process, with an engine of NumPy: what they print, where, and their exit codes."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqtui
from seqtui import cli
from seqtui.catalogue import catalogue
from seqtui.engine.port import Progress
from seqtui.errors import EngineError, InputError, SceneError, UsageError
from seqtui.scene import parse
from seqtui.signals.files import to_json
from tests.fakes import FakeEngine, lstm_trace

MARIA = "lstm/names?input=maria"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command line: its exit code, stdout and stderr."""

    def ran(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(arguments)
        out, err = capfd.readouterr()
        return code, out, err

    return ran


def use(monkeypatch: pytest.MonkeyPatch, engine: FakeEngine) -> FakeEngine:
    """Let the commands ask this engine."""
    service = SimpleNamespace(Service=lambda: engine)
    monkeypatch.setitem(sys.modules, "seqtui.engine.service", service)
    return engine


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """The engine that the commands ask."""
    return use(monkeypatch, FakeEngine())


def one_line(err: str) -> str:
    """The single line on stderr, which is all that a failure says."""
    assert err.startswith("seqtui: ")
    assert err.count("\n") == 1
    return err.removeprefix("seqtui: ").rstrip("\n")


class TestFace:
    def test_help_names_every_command(self, run: Run) -> None:
        code, out, err = run("--help")
        assert (code, err) == (0, "")
        assert all(f"\n  {name} " in out for name in ("lesson", "lab", "trace", "train", "score", "list"))

    @pytest.mark.parametrize("name", cli.commands.commands)
    def test_every_command_has_a_help(self, run: Run, name: str) -> None:
        code, out, err = run(name, "--help")
        assert (code, err) == (0, "")
        assert out.startswith(f"Usage: seqtui {name} ")
        assert "--debug" in out

    def test_version(self, run: Run) -> None:
        assert run("--version") == (0, f"seqtui {seqtui.__version__}\n", "")

    @pytest.mark.parametrize(
        ("wrong", "hint"),
        [
            ("trase", "did you mean 'trace'?"),
            ("lstm/names", "seqtui lab lstm/names"),
            ("notes.md", "seqtui lesson notes.md"),
            ("qqq", "there is lab, lesson, list, score, trace, train"),
        ],
    )
    def test_an_unknown_command_names_the_nearest_right_thing(self, run: Run, wrong: str, hint: str) -> None:
        code, out, err = run(wrong)
        assert (code, out) == (2, "")
        assert one_line(err) == f"no command {wrong!r} · {hint}"

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--colour",),
            ("trace",),
            ("trace", "a", "b"),
            ("trace", "lstm/names", "--jsn"),
            ("trace", "lstm/names", "--out", "maria.json"),
            ("train", "lstm/names", "--steps", "0"),
            ("train", "lstm/names", "--steps", "1.5"),
            ("train", "lstm/names", "--seconds", "nan"),
            ("train", "lstm/names", "--seconds", "inf"),
            ("train", "lstm/names", "--seconds", "-1"),
            ("train", "lstm/names", "--seconds", "1", "--steps", "1"),
            ("train", "lstm/names", "--out", "weights.pt"),
            ("list", "weights"),
            ("list", "signals"),
            ("list", "models", "lstm/names"),
            ("list", "signals", "lstm/nams"),
        ],
    )
    def test_wrong_usage_is_one_line_and_exit_code_2(
        self, run: Run, arguments: tuple[str, ...], engine: FakeEngine
    ) -> None:
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert one_line(err)
        assert engine.asked == []

    def test_the_shared_options_stand_before_or_after_the_command(self, run: Run, engine: FakeEngine) -> None:
        code, before, _ = run("--ascii", "trace", MARIA)
        assert code == 0
        assert before.isascii()
        assert run("trace", MARIA, "--ascii") == (0, before, "")


class TestScene:
    @pytest.mark.parametrize("command", ["trace", "train", "score", "lab"])
    def test_an_unknown_name_is_refused_with_the_nearest(
        self, run: Run, engine: FakeEngine, command: str
    ) -> None:
        for scene, hint in (
            ("lstn/names", "did you mean 'lstm'?"),
            ("lstm/names?hiden_size=3", "did you mean 'hidden_size'?"),
            ("lstm/names?force=layers.0.lstm.q:1", "did you mean 'layers.0.lstm."),
        ):
            code, out, err = run(command, scene)
            assert (code, out) == (2, "")
            assert hint in one_line(err)
        assert engine.asked == []

    @given(st.text(st.characters(codec="utf-8"), max_size=50))
    def test_a_file_is_read_as_it_is_but_for_the_last_end_of_line(self, text: str) -> None:
        path = Path(os.environ["SEQTUI_DATA"]).with_suffix(".txt")
        path.write_bytes(f"{text}.\n".encode())
        scene = cli.read_scene(f"lstm/names?input=@{path}&seed=7")
        assert (scene.input, scene.seed) == (f"{text}.", 7)
        assert parse(str(scene)) == scene

    def test_an_escaped_at_sign_is_a_letter(self) -> None:
        assert cli.read_scene("lstm/names?input=%40maria").input == "@maria"

    def test_a_path_may_be_percent_encoded(self, tmp_path: Path) -> None:
        (tmp_path / "a&b.txt").write_text("zoe")
        assert cli.read_scene(f"lstm/names?input=@{tmp_path}/a%26b.txt").input == "zoe"

    def test_what_cannot_be_read_is_an_input_error(self, tmp_path: Path) -> None:
        (tmp_path / "latin").write_bytes(b"Zo\xeb")
        (tmp_path / "large").write_bytes(b"a" * (cli.INPUT_LIMIT + 1))
        (tmp_path / "allowed").write_bytes(b"a" * cli.INPUT_LIMIT)
        for name, said in (
            ("latin", "byte 3 is not UTF-8"),
            ("large", "larger than 1 MB"),
            ("none", "no such file"),
            ("", "is a directory"),
        ):
            with pytest.raises(InputError, match=said):
                cli.read_scene(f"lstm/names?input=@{tmp_path / name}")
        assert cli.read_scene(f"lstm/names?input=@{tmp_path / 'allowed'}").input == "a" * cli.INPUT_LIMIT

    def test_a_file_beside_a_second_input_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "name").write_text("zoe")
        with pytest.raises(SceneError, match="input is given twice"):
            cli.read_scene(f"lstm/names?input=@{tmp_path / 'name'}&input=maria")

    def test_bytes_that_are_not_text_become_a_mark_that_can_be_printed(self) -> None:
        scene = cli.read_scene("lstm/names?input=a" + os.fsdecode(b"\xff"))
        assert scene.input == "a\N{REPLACEMENT CHARACTER}"


class TestApp:
    """Commands that open the app, whose own tests are elsewhere."""

    @pytest.fixture
    def opened(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
        """What the app was opened with."""
        calls: list[tuple[Any, ...]] = []

        def run_app(start: str, target: str | None, *, ascii: bool) -> int:
            calls.append((start, target, ascii))
            return 0

        monkeypatch.setitem(sys.modules, "seqtui.tui.app", SimpleNamespace(run_app=run_app))
        monkeypatch.setattr(os, "isatty", lambda descriptor: True)
        return calls

    def test_each_command_opens_its_screen(self, run: Run, opened: list[tuple[Any, ...]]) -> None:
        for arguments in ((), ("lesson",), ("lab",), ("lab", MARIA, "--ascii"), ("--debug",)):
            assert run(*arguments) == (0, "", "")
        assert opened == [
            ("contents", None, False),
            ("lesson", None, False),
            ("lab", None, False),
            ("lab", MARIA, True),
            ("contents", None, False),
        ]

    def test_any_file_is_a_lesson(
        self, run: Run, opened: list[tuple[Any, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "notes.md").write_text("# Notes")
        (tmp_path / "README").write_text("# Notes")
        monkeypatch.chdir(tmp_path)
        for name in ("notes.md", "./README", "README"):
            assert run("lesson", name) == (0, "", "")
        paths = [str(tmp_path / name) for name in ("notes.md", "README", "README")]
        assert [target for _, target, _ in opened] == paths

    @pytest.mark.parametrize(
        ("name", "said"), [("none.md", "there is no file none.md"), ("a/b", "there is no file a/b")]
    )
    def test_a_file_that_there_is_not(
        self, run: Run, opened: list[tuple[Any, ...]], name: str, said: str
    ) -> None:
        code, _, err = run("lesson", name)
        assert (code, one_line(err), opened) == (2, said, [])

    def test_lessons_are_opened_by_id(self, run: Run, opened: list[tuple[Any, ...]]) -> None:
        assert run("lesson", "lstm") == (0, "", "")
        assert opened == [("lesson", "lstm", False)]
        code, _, err = run("lesson", "lsmt")
        assert code == 2
        assert one_line(err) == "no lesson 'lsmt' · did you mean 'lstm'?"

    def test_without_a_terminal_it_says_what_prints_text(
        self, run: Run, opened: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "isatty", lambda descriptor: descriptor == 0)
        code, _, err = run()
        assert (code, opened) == (1, [])
        assert "seqtui trace" in one_line(err)


class TestTrace:
    def test_json_is_the_trace(self, run: Run, engine: FakeEngine) -> None:
        code, out, err = run("trace", MARIA, "--json")
        assert (code, err) == (0, "")
        assert json.loads(out) == json.loads(to_json(lstm_trace(MARIA)))
        assert engine.closed

    def test_plain_is_the_default_and_shows_tokens_and_digits(self, run: Run, engine: FakeEngine) -> None:
        code, out, _ = run("trace", MARIA)
        assert code == 0
        assert "layers.0.lstm.f" in out
        assert all(letter in out for letter in "maria")
        assert run("trace", MARIA, "--plain") == (0, out, "")

    def test_out_writes_what_the_library_loads(self, run: Run, engine: FakeEngine, tmp_path: Path) -> None:
        path = tmp_path / "maria.npz"
        code, out, err = run("trace", MARIA, "--out", str(path))
        assert (code, out) == (0, "")
        assert one_line(err) == f"wrote {path}"
        found, made = seqtui.load(str(path)), lstm_trace(MARIA)
        assert isinstance(found, seqtui.Trace)
        assert all(np.array_equal(found[name].values, made[name].values) for name in made)
        number = seqtui.explain(found, "layers.0.lstm.f", step=4, unit=7).value
        assert number == pytest.approx(float(made["layers.0.lstm.f"].at(4)[7]))

    def test_out_and_json_do_both(self, run: Run, engine: FakeEngine, tmp_path: Path) -> None:
        code, out, _ = run("trace", MARIA, "--json", "--out", str(tmp_path / "maria.npz"))
        assert code == 0
        assert json.loads(out)["tokens"] == ["‹", *"maria"]
        assert (tmp_path / "maria.npz").stat().st_size

    def test_a_place_that_cannot_be_written_is_found_before_the_work(
        self, run: Run, engine: FakeEngine, tmp_path: Path
    ) -> None:
        code, _, err = run("trace", MARIA, "--out", str(tmp_path / "none" / "maria.npz"))
        assert code == 1
        assert "cannot be written" in one_line(err)
        assert engine.asked == []


class TestScore:
    def test_stands_above_what_it_has_to_beat_the_fair_one_first(self, run: Run, engine: FakeEngine) -> None:
        code, out, _ = run("score", "lstm/names")
        assert code == 0
        first, second, *_, last = out.splitlines()
        fair = catalogue().task("names").fair
        assert first.split(maxsplit=1) == ["2.950", "lstm/names"]
        assert second.split(maxsplit=1)[1] == f"{fair}, the fair baseline"
        assert last == "bits a letter, lower is better · 500 held-out examples"

    def test_with_something_forced_the_untouched_run_stands_beside_it(
        self, run: Run, engine: FakeEngine
    ) -> None:
        code, out, _ = run("score", "lstm/names?force=layers.0.lstm.f:1")
        assert code == 0
        assert [line.split(maxsplit=1) for line in out.splitlines()[:2]] == [
            ["3.820", "lstm/names?force=layers.0.lstm.f:1"],
            ["2.950", "the same, nothing forced"],
        ]


class Learner(FakeEngine):
    """Trains until it is told to stop; `signals` are sent to this process at the third moment."""

    def __init__(self, *signals: int, last: str = "done", loss: float = 3.0) -> None:
        super().__init__()
        self.signals, self.last, self.loss = signals, last, loss
        self.stopped: list[str] = []
        self.saved: list[tuple[str, str]] = []

    async def train(self, scene: str, *, seconds: float | None = None) -> AsyncIterator[Progress]:
        """Five moments at most."""
        self.asked.append(scene)
        for step in range(1, 5):
            yield Progress("abc", "running", step, 5, step / 10, self.loss)
            if step == 3:
                for number in self.signals:
                    os.kill(os.getpid(), number)
            if self.stopped:
                yield Progress("abc", "stopped", step, 5, step / 10, self.loss)
                return
        yield Progress("abc", self.last, 5, 5, 0.5, self.loss, text="it exploded at step 5")  # type: ignore[arg-type]

    async def steer(self, run: str, *, pause: bool | None = None, stop: bool = False, **live: float) -> None:
        """Remember who was stopped."""
        assert stop
        self.stopped.append(run)

    async def save(self, run: str, path: str) -> None:
        """Remember what was saved."""
        self.saved.append((run, path))


class TestTrain:
    def test_says_what_was_learnt_and_where_it_is(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        engine = use(monkeypatch, Learner())
        path = str(tmp_path / "lstm.safetensors")
        code, out, _ = run("train", f"{MARIA}&force=layers.0.lstm.f:1&hidden_size=3", "--out", path)
        assert code == 0
        assert "done after 5 steps in 0.5 s: 2.950 bits a letter" in out
        assert f"{catalogue().task('names').fair}, the fair baseline" in out
        assert f'"lstm/names?hidden_size=3&weights=run:abc" and in {path}' in out
        assert isinstance(engine, Learner)
        assert engine.saved == [("abc", path)]

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_stops_it_and_keeps_what_was_learnt(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        before = signal.getsignal(number)
        engine = use(monkeypatch, Learner(number))
        code, out, _ = run("train", "lstm/names")
        assert code == 0
        assert "stopped after 4 steps" in out
        assert "weights=run:abc" in out
        assert isinstance(engine, Learner)
        assert engine.stopped == ["abc"]
        assert signal.getsignal(number) is before

    def test_a_second_ctrl_c_does_not_wait(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        engine = use(monkeypatch, Learner(signal.SIGINT, signal.SIGINT))
        code, out, err = run("train", "lstm/names", "--json")
        assert code == 1
        assert "weights=run" not in out
        assert err.endswith("seqtui: stopped\n")
        assert engine.closed

    def test_json_is_one_object_a_line_and_the_last_says_where(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        use(monkeypatch, Learner(loss=float("nan")))
        code, out, err = run("train", "lstm/names", "--json")
        assert (code, err) == (0, "")
        *moments, last = [json.loads(line, parse_constant=pytest.fail) for line in out.splitlines()]
        assert [moment["step"] for moment in moments] == [1, 2, 3, 4, 5]
        assert {moment["loss"] for moment in moments} == {"NaN"}
        assert (last["scene"], last["score"], last["out"]) == ("lstm/names?weights=run:abc", 2.95, None)

    def test_steps_are_the_recipes_own_knob(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        engine = use(monkeypatch, Learner())
        assert run("train", "lstm/names?steps=90", "--steps", "70")[0] == 0
        assert parse(engine.asked[0]).values()["steps"] == 70

    def test_what_failed_is_a_failure(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        use(monkeypatch, Learner(last="failed"))
        code, out, err = run("train", "lstm/names", "--json")
        assert code == 1
        assert "weights=run" not in out
        assert one_line(err) == "it exploded at step 5"


class TestList:
    def test_all_of_it(self, run: Run) -> None:
        code, out, _ = run("list")
        assert code == 0
        lines = out.splitlines()
        assert [line for line in lines if line in ("models", "tasks", "lessons")] == [
            "models",
            "tasks",
            "lessons",
        ]
        for name in ("models", "tasks", "lessons"):
            code, part, _ = run("list", name)
            assert code == 0
            assert part in out

    def test_every_model_scene_and_task_is_named(self, run: Run) -> None:
        models, tasks = run("list", "models")[1], run("list", "tasks")[1]
        assert all(f"{name}  " in models for name in (*catalogue().models, *catalogue().recipes))
        assert all(name in tasks for name in catalogue().tasks)

    def test_every_scene_that_is_listed_can_be_opened(self, run: Run) -> None:
        scenes = [word for word in run("list", "models")[1].split() if "/" in word]
        assert scenes
        assert [parse(scene).model for scene in scenes]

    def test_the_signals_of_a_scene_follow_its_knobs(self, run: Run) -> None:
        code, out, _ = run("list", "signals", "lstm/names?n_layers=2")
        assert code == 0
        assert "layers.1.lstm.f  step × unit" in out

    def test_columns_are_aligned_and_the_last_is_free(self) -> None:
        from seqtui.listing import table

        rows = [("a", "bb", "x"), ("aaa", "b", "a long sentence")]
        assert list(table(rows)) == ["a    bb  x", "aaa  b   a long sentence"]
        assert list(table([])) == []


class TestErrors:
    """One line each, whatever went wrong."""

    @pytest.mark.parametrize(
        ("error", "code", "line"),
        [
            (UsageError("no such thing", "try this"), 2, "no such thing · try this"),
            (EngineError("it failed"), 1, "it failed"),
            (FileNotFoundError(2, "No such file or directory", "x"), 1, "x: no such file or directory"),
            (ValueError("odd"), 1, "ValueError: odd · --debug shows where"),
            (EngineError("two\nlines and \x1b[31m red"), 1, r"two lines and \x1b[31m red"),
            (click.ClickException("no"), 1, "no"),
            (click.Abort(), 1, "stopped"),
            (KeyboardInterrupt(), 1, "stopped"),
        ],
    )
    def test_codes_and_lines(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, line: str
    ) -> None:
        def broken(line: str) -> None:
            raise error

        monkeypatch.setattr(cli, "read_scene", broken)
        got, out, err = run("trace", "lstm/names")
        assert (got, out) == (code, "")
        assert one_line(err.lstrip("\n")) == line

    def test_debug_shows_the_traceback_before_the_line(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        use(monkeypatch, FakeEngine(failing="it failed"))
        code, _, err = run("trace", MARIA, "--debug")
        assert code == 1
        assert err.startswith("Traceback")
        assert err.endswith("\nseqtui: it failed\n")
        assert "Traceback" not in run("trace", MARIA)[2]
