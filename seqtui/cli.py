"""The commands. Each imports what it needs inside itself: `seqtui --help` costs no more than click."""

from __future__ import annotations

import math
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from seqtui.scene import Scene

Command = TypeVar("Command", bound=Callable[..., Any])

INPUT_LIMIT = 1_000_000
"""How many bytes `input=@PATH` reads at most."""


class Commands(click.Group):
    """The group of all commands: a reader that has had enough is no failure, an unknown name gets a hint."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; 0 when whoever reads its output closes the pipe."""
        try:
            code = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
            return code
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one meets them."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named; raises UsageError with the nearest one."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            from seqtui.errors import UsageError, nearest

            if name.endswith(".md") or Path(name).is_file():
                hint = f"seqtui lesson {name}"
            elif "/" in name:
                hint = f"seqtui lab {name}"
            else:
                hint = nearest(name, self.commands)
            raise UsageError(f"no command {name!r}", hint)
        return super().resolve_command(ctx, args)


def _remember(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[f"seqtui.{param.name}"] = True


def shared(command: Command) -> Command:
    """The options that stand before or after any command."""
    for name, text in (("debug", "Show tracebacks."), ("ascii", "Draw with ASCII characters alone.")):
        flag = click.option(f"--{name}", is_flag=True, expose_value=False, callback=_remember, help=text)
        command = flag(command)
    return command


def chosen(name: str) -> bool:
    """Whether a shared option was given, wherever it stood."""
    return bool(click.get_current_context().meta.get(f"seqtui.{name}"))


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from seqtui import __version__

        click.echo(f"seqtui {__version__}")
        ctx.exit()


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
@shared
@click.pass_context
def commands(ctx: click.Context) -> int:
    """Learn how sequence models work by standing inside them.

    Without a command: the course. A SCENE is MODEL/TASK?key=value&…, for example
    "lstm/names?input=maria&force=layers.0.lstm.f:1"; on the command line input=@PATH reads a file.
    """
    return open_app("contents") if ctx.invoked_subcommand is None else 0


def open_app(start: str, target: str | None = None) -> int:
    """Open the terminal app and return its exit code; raises StateError where there is no terminal."""
    # Textual reads its keys from stdin and draws on stderr.
    if not (os.isatty(0) and os.isatty(2)):
        from seqtui.errors import StateError

        raise StateError("the course opens in a terminal, and this is none", "seqtui trace prints text")
    from seqtui.tui.app import run_app

    return run_app(start, target, ascii=chosen("ascii"))


@commands.command()
@click.argument("lesson", metavar="[ID|FILE]", required=False)
@shared
def lesson(lesson: str | None) -> int:
    """Open a lesson by its id, or any markdown file.

    Without ID or FILE: the lesson one was in.
    """
    return open_app("lesson", lesson if lesson is None else lesson_target(lesson))


def lesson_target(name: str) -> str:
    """The id of a lesson, or the absolute path of a file; raises UsageError with the nearest id."""
    from seqtui.course.index import find
    from seqtui.errors import UsageError
    from seqtui.store import load_config

    path = Path(name).expanduser()
    if path.suffix == ".md" or len(path.parts) > 1:
        if not path.is_file():
            raise UsageError(f"there is no file {name}")
        return str(path.resolve())
    try:
        return find(name, load_config().language).id
    except UsageError:
        if path.is_file():
            return str(path.resolve())
        raise


@commands.command()
@click.argument("scene", required=False)
@shared
def lab(scene: str | None) -> int:
    """Open the bench, full screen, on a SCENE."""
    return open_app("lab", scene if scene is None else str(read_scene(scene)))


def read_scene(line: str) -> Scene:
    """The Scene that a line names, `input=@PATH` read in; raises SceneError and InputError."""
    from seqtui.scene import parse

    # What is not UTF-8 in an argument arrives as lone surrogates, which nothing can print.
    head, question, query = os.fsencode(line).decode(errors="replace").partition("?")
    pairs = [with_file(pair) for pair in query.split("&")]
    return parse(head + question + "&".join(pairs))


def with_file(pair: str) -> str:
    """`input=@PATH` as `input=` and the file's text without its last line's end; other pairs as they are."""
    key, _, encoded = pair.partition("=")
    if key != "input" or not encoded.startswith("@"):
        return pair
    from urllib.parse import quote, unquote

    from seqtui.errors import InputError

    path = Path(unquote(encoded[1:])).expanduser()
    try:
        with path.open("rb") as file:
            content = file.read(INPUT_LIMIT + 1)
        text = content.decode()
    except OSError as error:
        raise InputError(f"input=@{path}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"input=@{path}: byte {error.start + 1} is not UTF-8", "only text is read"
        ) from error
    if len(content) > INPUT_LIMIT:
        raise InputError(f"input=@{path} is larger than {INPUT_LIMIT // 1_000_000} MB")
    return "input=" + quote(text.removesuffix("\n").removesuffix("\r"), safe="")


@commands.command()
@click.argument("scene")
@click.option("--plain", "form", flag_value="plain", help="Print text; what it does without an option.")
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--out", metavar="FILE.npz", help="Write a file that seqtui.load reads.")
@shared
def trace(scene: str, form: str | None, out: str | None) -> None:
    """Print one pass through a model, in digits.

    Its tokens, every signal over the steps, and at each step the odds of what comes next.
    """
    line = str(read_scene(scene))
    target = None if out is None else writable(out, ".npz")
    from seqtui.inprocess import ask

    found = ask(lambda engine: engine.trace(line))
    if target is not None:
        from seqtui.signals.files import save

        save(found, target)
        say(f"wrote {target}")
    if form == "json":
        from seqtui.signals.files import to_json

        echo_utf8(to_json(found))
    elif form == "plain" or target is None:
        from seqtui.panels.text import plain

        columns = shutil.get_terminal_size((80, 24)).columns
        click.echo(plain(found, columns=columns, ascii=ascii_alone()))


def ascii_alone() -> bool:
    """Whether text is to be drawn with ASCII: asked for, set in config.toml, or all that stdout can write."""
    from seqtui.store import load_config

    if chosen("ascii") or load_config().glyphs == "ascii":
        return True
    try:
        "█∞·σ".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return True
    return False


def echo_utf8(text: str) -> None:
    """Print text that is UTF-8 whatever the terminal speaks: JSON is."""
    click.echo(text.encode())


def writable(name: str, suffix: str) -> Path:
    """The path of a file that can be written, found out before the work that it is to keep."""
    path = Path(name).expanduser()
    if path.suffix != suffix:
        raise click.UsageError(f"--out writes {suffix}, and {name!r} ends otherwise")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise click.FileError(name, "cannot be written")
    return path


@commands.command()
@click.argument("scene")
@click.option(
    "--seconds", type=float, metavar="S", help="Stop by the clock; the schedule stays the recipe's."
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    metavar="N",
    help="Take N steps in place of the recipe's; the schedule is drawn over them.",
)
@click.option("--out", metavar="FILE.safetensors", help="Write the weights.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print a line of JSON for each moment, and draw no bar."
)
@shared
def train(scene: str, seconds: float | None, steps: int | None, out: str | None, as_json: bool) -> None:
    """Teach a model. Ctrl+C stops it and keeps what was learnt."""
    if seconds is not None and steps is not None:
        raise click.UsageError("--seconds and --steps exclude each other")
    if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
        raise click.UsageError(f"--seconds {seconds:g} is not a time: it has to be finite and above 0")
    target = None if out is None else writable(out, ".safetensors")
    from seqtui.inprocess import train as teach
    from seqtui.scene import merge

    wanted = read_scene(scene)
    if steps is not None:
        wanted = merge(wanted, f"steps={steps}")
    teach(wanted, seconds=seconds, out=target, as_json=as_json)


@commands.command()
@click.argument("scene")
@shared
def score(scene: str) -> None:
    """Print the held-out score, and what it has to beat."""
    from seqtui.catalogue import catalogue
    from seqtui.inprocess import ask

    wanted = read_scene(scene)
    card = catalogue().task(wanted.task)
    found = ask(lambda engine: engine.score(str(wanted)))
    rows = [(str(wanted), found.value)]
    if wanted.force:
        untouched = ask(lambda engine: engine.score(str(wanted.with_(force=()))))
        rows.append(("the same, nothing forced", untouched.value))
    fair_first = sorted(card.baselines.items(), key=lambda item: item[0] != card.fair)
    rows += [
        (f"{name}, the fair baseline" if name == card.fair else name, value) for name, value in fair_first
    ]
    for name, value in rows:
        click.echo(f"{value:8.3f}  {name}")
    click.echo(f"{found.metric}, {card.better} is better · {found.held_out} held-out examples")


@commands.command(name="list")
@click.argument("what", required=False, type=click.Choice(["models", "tasks", "lessons", "signals"]))
@click.argument("scene", required=False)
@shared
def list_(what: str | None, scene: str | None) -> None:
    """List models, tasks, lessons, or a SCENE's signals."""
    if (what == "signals") != (scene is not None):
        raise click.UsageError("signals are those of a SCENE, and nothing else takes one")
    from seqtui import listing

    parts = {"models": listing.models, "tasks": listing.tasks, "lessons": listing.course}
    if scene is not None:
        lines = listing.signals(read_scene(scene))
    else:
        lines = parts[what]() if what else listing.everything()
    for line in lines:
        click.echo(line)


def say(line: str) -> None:
    """One line on stderr; what could move the cursor or colour the terminal is written out."""
    flat = "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(line.split()))
    click.echo(f"seqtui: {flat}", err=True)


def explained(error: Exception) -> tuple[str, int]:
    """An error in one line, and the exit code: 2 for wrong usage, else 1."""
    from seqtui.errors import SeqtuiError, UsageError

    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "seqtui"
        return f"{error.format_message().rstrip('.')} · {command} --help", 2
    if isinstance(error, click.ClickException):
        return error.format_message(), 1
    if isinstance(error, SeqtuiError):
        return str(error), 2 if isinstance(error, UsageError) else 1
    if isinstance(error, OSError) and error.strerror:
        return ": ".join(str(part) for part in (error.filename, error.strerror.lower()) if part), 1
    return f"{type(error).__name__}: {error} · --debug shows where", 1


def run(arguments: Sequence[str]) -> int:
    """Do what the arguments say; the exit code: 0 done, 1 it failed, 2 wrong usage."""
    try:
        code = commands.main(list(arguments), prog_name="seqtui", standalone_mode=False)
    except click.Abort:
        say("stopped")
        return 1
    except Exception as error:
        if "--debug" in arguments:
            traceback.print_exc()
        line, code = explained(error)
        say(line)
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """The console script."""
    sys.exit(run(sys.argv[1:]))
