"""Where the code of what is on a bench stands: found by reading the files, so that nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seqtui.store.folders import PACKAGE

STATES = {"c": ("cell",), "h": ("hidden", "state")}
"""What the function that makes a state is called after the model's name; every other symbol is of `gates`."""


@dataclass(frozen=True)
class Passage:
    """A file, and the lines of it (from 1, both ends included) that are meant."""

    path: Path
    first: int = 1
    last: int = 0

    @property
    def name(self) -> str:
        """The file as seen from the package: models/cells.py."""
        return self.path.relative_to(PACKAGE).as_posix()


def passages(model: str, task: str, signal: str = "") -> list[Passage]:
    """The equations, the model and the task of a bench; the first is the nearest to the signal."""
    found = [_equation(model, signal), _model(model, signal), _task(task)]
    if not signal.startswith("layers."):
        found = [found[1], found[0], found[2]]
    return [passage for passage in found if passage is not None]


def _equation(model: str, signal: str) -> Passage | None:
    """The function of cells.py that makes a signal of this model; None where the model has none there."""
    path = PACKAGE / "models" / "cells.py"
    symbol = signal.rpartition(".")[2]
    wanted = [f"{model}_{ending}" for ending in STATES.get(symbol, ("gates", "state"))]
    functions = [node for node in _tree(path).body if isinstance(node, ast.FunctionDef)]
    own = [node for node in functions if node.name.startswith(f"{model}_")]
    for node in sorted(own, key=lambda node: node.name not in wanted):
        return Passage(path, *_lines(node))
    return None


def _model(model: str, signal: str) -> Passage | None:
    """The layer of a model, or the module that holds its layers, in the file that registers its name."""
    for path in sorted((PACKAGE / "models").glob("*.py")):
        tree = _tree(path)
        call = next((call for call in _calls(tree, "ModelKind") if _first_word(call) == model), None)
        if call is None:
            continue
        module = next((node.id for node in call.args[4:5] if isinstance(node, ast.Name)), "")
        wanted = [f"{model}layer", module.lower()] if signal.startswith("layers.") else [module.lower()]
        return _classed(path, tree, wanted)
    return None


def _task(task: str) -> Passage | None:
    """The class of a task."""
    path = PACKAGE / "tasks" / f"{task}.py"
    return _classed(path, _tree(path), [task.lower()]) if path.is_file() else None


def _classed(path: Path, tree: ast.Module, wanted: list[str]) -> Passage:
    """The first wanted class that a file has; else the whole file."""
    classes = {node.name.lower(): node for node in tree.body if isinstance(node, ast.ClassDef)}
    node = next((classes[name] for name in wanted if name in classes), None)
    return Passage(path, *_lines(node)) if node is not None else Passage(path)


def _lines(node: ast.FunctionDef | ast.ClassDef) -> tuple[int, int]:
    return node.lineno, node.end_lineno or node.lineno


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _calls(tree: ast.Module, name: str) -> Iterator[ast.Call]:
    """Every call of a name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def _first_word(call: ast.Call) -> object:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) else None
