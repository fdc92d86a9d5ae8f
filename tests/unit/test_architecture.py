"""The rules of the house that only a running process shows; import-linter checks those that imports show."""

from __future__ import annotations

import ast
import json
import pkgutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import seqtui
from seqtui.course.index import lessons

PACKAGE = Path(seqtui.__file__).parent
TORCH_SIDE = ("models", "tasks", "tracing", "training", "engine.service", "engine.worker")
GROUND = ("signals", "panels", "scene", "catalogue", "store", "shipped", "sentences", "errors")
FILE_LIMIT, FUNCTION_LIMIT = 450, 50
HEAVY = {"torch", "numpy", "msgspec", "ruamel", "markdown_it", "mdit_py_plugins", "plotext", "safetensors"}

FIRST_TEXT = """
import json, os, sys
TITLE = {title!r}
os.environ["TEXTUAL_DRIVER"] = "witness:Witness"
from textual.drivers.headless_driver import HeadlessDriver

class Witness(HeadlessDriver):
    '''A terminal that ends the process at the first text and says what has been imported by then.'''

    @property
    def is_headless(self):
        return False

    def write(self, text):
        if TITLE in text:
            os.write(1, json.dumps(sorted({name.partition(".")[0] for name in sys.modules})).encode())
            os._exit(0)

sys.modules["witness"] = sys.modules["__main__"]
os.isatty = lambda descriptor: True
from seqtui.cli import run
sys.exit(run([]))
"""


def imported(code: str) -> set[str]:
    """The top-level modules that a fresh process holds after running some code."""
    say = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    return spoken(f"{code}\n{say}")


def spoken(code: str) -> set[str]:
    """The names that a fresh process prints, as JSON in its last line."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def modules_of(*rooms: str) -> list[str]:
    """Every module of some rooms."""
    found = []
    for room in rooms:
        spec = find_spec(f"seqtui.{room}")
        assert spec is not None, f"there is no room {room}"
        found.append(spec.name)
        for place in spec.submodule_search_locations or ():
            found += [module.name for module in pkgutil.walk_packages([place], prefix=f"{spec.name}.")]
    return found


def importing(modules: list[str]) -> str:
    """Code that imports modules."""
    return "\n".join(f"import {module}" for module in modules)


def test_the_ground_imports_neither_the_terminal_nor_torch() -> None:
    assert imported(importing(modules_of(*GROUND))).isdisjoint({"textual", "rich", "torch", "click"})


def test_signals_are_numpy_and_the_standard_library() -> None:
    own = {"seqtui", "numpy"}
    extra = (
        imported(importing(modules_of("signals"))) - imported("import numpy") - sys.stdlib_module_names - own
    )
    assert extra == set()


def test_the_terminal_side_never_imports_torch() -> None:
    engine = ("engine.client", "engine.port", "engine.messages", "engine.process")
    code = importing(modules_of("tui", "course", "tex", *engine))
    assert "textual" in (names := imported(code))
    assert "torch" not in names


def test_the_torch_side_never_imports_the_terminal() -> None:
    assert "torch" in (names := imported(importing(modules_of(*TORCH_SIDE))))
    assert names.isdisjoint({"textual", "rich", "click", "markdown_it"})


def test_the_commands_cost_click_alone() -> None:
    assert imported("from seqtui.cli import commands").isdisjoint({*HEAVY, "textual", "rich", "sqlite3"})


def test_the_library_costs_nothing_until_it_is_used() -> None:
    assert imported("import seqtui") - imported("") <= {"seqtui", *sys.stdlib_module_names}
    assert "numpy" in imported("import seqtui; seqtui.Trace")


def test_until_the_first_text_nothing_heavy_is_imported() -> None:
    names = spoken(FIRST_TEXT.replace("{title!r}", repr(lessons()[0].title)))
    assert {"textual", "click", "sqlite3", "seqtui"} <= names
    assert names.isdisjoint(HEAVY)


def files() -> list[tuple[str, ast.Module, int]]:
    """Every file of the package: its place, its tree, its lines."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text("utf-8")
        found.append((str(path.relative_to(PACKAGE)), ast.parse(text), text.count("\n")))
    return found


def test_of_the_face_the_rooms_take_the_version_alone() -> None:
    allowed = {"__version__", *(module.name for module in pkgutil.iter_modules([str(PACKAGE)]))}
    wrong = []
    for place, tree, _ in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "seqtui":
                wrong += [f"{place}:{node.lineno}" for alias in node.names if alias.name not in allowed]
            if isinstance(node, ast.Import):
                wrong += [f"{place}:{node.lineno}" for alias in node.names if alias.name == "seqtui"]
    assert wrong == []


def test_a_file_is_one_thing_and_so_is_a_function() -> None:
    long = [f"{place}: {lines} lines" for place, _, lines in files() if lines > FILE_LIMIT]
    for place, tree, _ in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno
                long += [f"{place}: {node.name}, {lines} lines"] * (lines > FUNCTION_LIMIT)
    assert long == []
