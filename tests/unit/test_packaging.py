"""A wheel built from the checkout holds all that the program reads, and nothing of the workshop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from seqtui.catalogue import catalogue

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and a source distribution, built without the network."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    """The wheel."""
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


def shipped(folder: str, *suffixes: str) -> set[str]:
    """The files of a folder of the checkout, as a wheel names them."""
    found = {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.suffix in suffixes}
    return {path.as_posix().replace("lessons/", "seqtui/lessons/", folder == "lessons") for path in found}


def test_the_wheel_holds_what_the_program_reads(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    expected = {
        *shipped("lessons", ".md"),
        *shipped("seqtui/checkpoints", ".safetensors", ".npz"),
        *shipped("seqtui/data", ".txt", ".toml", ".npz"),
        *shipped("seqtui", ".py", ".tcss"),
        "seqtui/catalogue.json",
        "seqtui/py.typed",
        "seqtui/lessons/index.json",
    }
    assert expected - names == set()


def test_every_checkpoint_of_the_catalogue_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    assert catalogue().checkpoints
    for checkpoint in catalogue().checkpoints:
        assert wheel.getinfo(f"seqtui/checkpoints/{checkpoint.file}").file_size > 0


def test_the_index_lists_every_lesson_of_the_wheel(wheel: zipfile.ZipFile) -> None:
    index = json.loads(wheel.read("seqtui/lessons/index.json"))
    listed = {f"seqtui/lessons/{row['file']}" for rows in index["languages"].values() for row in rows}
    assert listed == {name for name in wheel.namelist() if name.endswith(".md")}
    assert listed


def test_the_wheel_holds_the_licences_of_all_that_is_not_ours(wheel: zipfile.ZipFile) -> None:
    licences = {Path(name).name for name in wheel.namelist() if ".dist-info/licenses/" in name}
    assert "LICENSE" in licences
    borrowed = {path.name for path in (ROOT / "seqtui/data").glob("*.txt") if "LICENSE" not in path.name}
    assert borrowed
    for name in borrowed:
        assert f"{Path(name).stem}.LICENSE.txt" in licences


def test_the_wheel_holds_nothing_of_the_workshop(wheel: zipfile.ZipFile) -> None:
    assert {name.partition("/")[0].partition("-")[0] for name in wheel.namelist()} == {"seqtui"}
    assert not [name for name in wheel.namelist() if "__pycache__" in name or name.startswith("seqtui/tests")]


def test_the_wheel_names_its_command_and_its_needs(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "seqtui = seqtui.cli:main" in wheel.read(entry_points).decode()
    (metadata,) = [name for name in wheel.namelist() if name.endswith("METADATA")]
    assert "Requires-Dist: textual==" in wheel.read(metadata).decode()


def test_an_unpacked_wheel_finds_its_lessons_and_weights_from_any_folder(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    wheel.extractall(tmp_path / "installed")
    (tmp_path / "elsewhere").mkdir()
    code = """
from seqtui.catalogue import catalogue
from seqtui.course.index import lessons
from seqtui.shipped import weights
for lesson in lessons():
    assert lesson.path.read_text("utf-8").startswith("---"), lesson.path
    print(lesson.path)
for checkpoint in catalogue().checkpoints:
    assert sum(array.size for array in weights(checkpoint).values()) == checkpoint.parameters
"""
    printed = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path / "elsewhere",
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    assert printed
    assert all(line.startswith(str(tmp_path / "installed")) for line in printed.splitlines())


def test_the_source_distribution_holds_what_a_wheel_is_built_from(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"hatch_build.py", "pyproject.toml", "LICENSE", "README.md", "seqtui/catalogue.json"} <= names
    assert {name.removeprefix("seqtui/") for name in shipped("lessons", ".md")} <= names


def test_every_dependency_is_constrained() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needs = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    constrained = {line.partition("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    for need in needs:
        name = need.split("=")[0].split(">")[0].split("<")[0].strip().lower().replace("_", "-")
        assert name in constrained
    assert "torch==2.13.0" in lines
