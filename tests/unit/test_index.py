"""The list of lessons is the same from the wheel's index, from a line reader, and from YAML."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hatch_build
from hatch_build import LessonIndexHook
from seqtui.course.index import INDEX, built_index, find, front_matter, lesson_number, lessons
from seqtui.course.located import read_yaml
from seqtui.course.problem import Report
from seqtui.errors import UsageError
from seqtui.store import folders, lessons_folder

LESSON = """---
format: 1
id: {id}
title: "{title}"   # words
question: 'What''s {id}?'
summary: Plain words # and why
minutes: 12
requires: [first-steps, rnn-cell]
---
# Text
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel's lessons folder, without its index."""
    english = tmp_path / "lessons" / "en"
    english.mkdir(parents=True)
    (tmp_path / "lessons" / "ko").mkdir()
    (tmp_path / "lessons" / "README.md").write_text("x")
    (english / "notes.md").write_text("x")
    for number, name in ((10, "seq2seq"), (7, "lstm"), (0, "first-steps"), (3, "first-cell")):
        text = LESSON.format(id=name, title=f"The \\u00e9 {name}")
        (english / f"{number:02}-file.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(folders, "PACKAGE", tmp_path)
    return tmp_path / "lessons"


def test_lessons_stand_in_the_order_of_their_numbers(course: Path) -> None:
    assert [(entry.number, entry.id) for entry in lessons()] == [
        (0, "first-steps"),
        (3, "first-cell"),
        (7, "lstm"),
        (10, "seq2seq"),
    ]


def test_a_row_says_all_that_the_contents_show(course: Path) -> None:
    entry = lessons()[2]
    assert (entry.title, entry.minutes, entry.question) == ("The é lstm", 12, "What's lstm?")
    assert (entry.summary, entry.requires) == ("Plain words", ("first-steps", "rnn-cell"))
    assert entry.path == course / "en" / "07-file.md"
    assert entry.path.is_file()


def test_the_built_index_says_what_the_files_say(course: Path) -> None:
    read = lessons()
    (course / INDEX).write_text(built_index(course), encoding="utf-8")
    assert lessons() == read
    assert lessons("ko") == ()


def test_the_index_is_used_until_a_lesson_is_edited_added_or_removed(course: Path) -> None:
    built = json.loads(built_index(course))
    built["languages"]["en"][0]["title"] = "from the index"
    (course / INDEX).write_text(json.dumps(built))
    assert lessons()[0].title == "from the index"
    edited = course / "en" / "07-file.md"
    edited.write_text(LESSON.format(id="lstm", title="Edited"))
    assert [entry.title for entry in lessons()][::2] == ["The é first-steps", "Edited"]
    edited.unlink()
    assert len(lessons()) == 3


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 9}', '{"format": 1, "languages": {"en": [{"id": 1}]}}']
)
def test_a_faulty_index_is_not_missed(course: Path, text: str) -> None:
    (course / INDEX).write_text(text)
    assert len(lessons()) == 4


def test_a_lesson_with_a_faulty_front_matter_is_still_listed(course: Path) -> None:
    (course / "en" / "12-broken.md").write_text("---\nid: [\n")
    entry = lessons()[-1]
    assert (entry.number, entry.id, entry.title, entry.minutes) == (12, "broken", "broken", 0)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("lstm", "lstm"),
        ("7", "lstm"),
        ("07", "lstm"),
        ("0", "first-steps"),
        ("ls", "lstm"),
        ("LSTM ", "lstm"),
    ],
)
def test_find(course: Path, name: str, found: str) -> None:
    assert find(name).id == found


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("lstn", "no lesson 'lstn' · did you mean 'lstm'?"),
        ("first", "'first' could be first-steps, first-cell · write one of them"),
        ("99", "no lesson '99' · there is first-cell, first-steps, lstm, seq2seq"),
        ("", "no lesson '' · there is first-cell, first-steps, lstm, seq2seq"),
        ("²", "no lesson '²'"),
    ],
)
def test_what_is_not_found_is_said_with_the_nearest(course: Path, name: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(name)
    assert str(caught.value).startswith(problem)


def test_a_language_without_lessons(course: Path) -> None:
    with pytest.raises(UsageError, match="no lessons in the language 'de' · did you mean 'en'"):
        lessons("de")


@pytest.mark.parametrize(
    ("name", "number"), [("07-lstm.md", 7), ("a/b/0-x.md", 0), ("x.md", None), ("7.md", None)]
)
def test_the_number_is_the_files_prefix(name: str, number: int | None) -> None:
    assert lesson_number(name) == number


def yaml_reads(text: str) -> object:
    node = read_yaml(text, 1, 1, Report("x"))
    if node is None or not isinstance(node.value, dict) or "a" not in node.value:
        return None
    value = node.value["a"].value
    if isinstance(value, tuple):
        return tuple(item.value for item in value)
    return value


@given(
    st.one_of(
        st.text(st.sampled_from("ab1 :#'\"[]{},-&*!%@`|>~\\.n?")),
        st.sampled_from(
            ["true", "Null", "1e3", "0x1F", "007", "-3", "1.5", "off", "2024-01-01", "1_0", "[true]"]
        ),
        st.text(st.sampled_from("ab :#'\\,[]éu")).map(lambda text: f'"{text}"'),
        st.text(st.sampled_from('ab :#",[]é')).map(lambda text: f"'{text}'"),
        st.lists(st.text(st.sampled_from("abc-1"), min_size=1)).map(lambda items: f"[{', '.join(items)}]"),
    )
)
def test_what_the_line_reader_reads_yaml_reads_too(value: str) -> None:
    found = front_matter(f"---\na: {value}\n---\n").get("a")
    if found is not None:
        assert found == yaml_reads(f"a: {value}\n")


def test_the_index_needs_the_standard_library_alone() -> None:
    code = (
        "import sys; before = set(sys.modules); import seqtui.course.index; "
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - sys.stdlib_module_names - {'seqtui'}))"
    )
    end = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert end.stdout == "[]\n"


def hook(target: str) -> LessonIndexHook:
    root = str(Path(hatch_build.__file__).parent)
    return LessonIndexHook(root, {}, cast(Any, None), cast(Any, None), "", target)


def test_the_wheel_gets_the_index_and_the_source_tree_is_not_written_to() -> None:
    build: dict[str, Any] = {"force_include": {}}
    made = hook("wheel")
    made.initialize("standard", build)
    ((file, target),) = build["force_include"].items()
    assert target == "seqtui/lessons/index.json"
    assert Path(file).read_text(encoding="utf-8") == built_index(lessons_folder())
    assert not Path(file).is_relative_to(made.root)
    made.finalize("standard", build, "")
    assert not Path(file).exists()


@pytest.mark.parametrize(("target", "version"), [("wheel", "editable"), ("sdist", "standard")])
def test_elsewhere_the_lessons_themselves_are_read(target: str, version: str) -> None:
    build: dict[str, Any] = {"force_include": {}}
    made = hook(target)
    made.initialize(version, build)
    made.finalize(version, build, "")
    assert build == {"force_include": {}}
