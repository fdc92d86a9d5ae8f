"""A lesson file is read whole, and what is wrong in it is said at its line and column."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtui.catalogue import Catalogue, Knob, ModelCard, SignalCard, TaskCard
from seqtui.course.cue import Cue
from seqtui.course.lab import Look
from seqtui.course.lesson import Lesson, parse_lesson, read_lesson
from seqtui.course.problem import MAX_PROBLEMS
from seqtui.errors import LessonError

GATE = "layers.{layer}.lstm."
BOOK = Catalogue(
    models={
        "lstm": ModelCard(
            "lstm",
            "LSTM",
            "",
            knobs=(
                Knob("hidden_size", "int", 12, "units", low=1, high=64),
                Knob("n_layers", "int", 1, "layers", low=1, high=3),
            ),
            signals=(
                *(SignalCard(GATE + n, ("step", "unit"), n, n, "gate", "hidden_size", True) for n in "fih"),
                SignalCard("output.probs", ("step", "token"), "p", "odds", "simplex"),
            ),
        )
    },
    tasks={"names": TaskCard("names", "Names", "", "bits", "lower", {}, "bigram", "letter", ("maria",))},
    training=(),
    recipes={"lstm/names": {}},
)

HEAD = """---
format: 1
id: gates
title: "The gates"
question: "What do gates buy?"
summary: 'Step it.'
minutes: 12
requires: [first-steps, rnn-cell]
scene: "lstm/names?input=maria"
---
"""
LAB = """```yaml lab
id: step-gates
show: [layers.0.lstm.f, output.probs]
look: {step: 4, signal: layers.0.lstm.f, unit: 7}
text: "Two gates."
```
"""
WHOLE = (
    HEAD
    + """# The gates: a $c_t$

Text with a [cue to f](#step-gates?step=4&signal=layers.0.lstm.f&unit=7) and
one [to a step](#step-gates?step=-1), a [heading](#forget-gate), a [page](https://example.org/#a?b=1).

## Forget gate
"""
    + LAB
    + """
## Forget gate

```yaml lab
id: longer
scene: hidden_size=32&force=layers.0.lstm.f:1
show:
  - layers.0.lstm.h
text: >-
  Folded
  words.
caption: "What to see"
```
"""
)


def read(text: str) -> Lesson:
    return parse_lesson(text, "lessons/en/07-gates.md", BOOK)


def said(text: str) -> list[str]:
    """The problems, without the file's name."""
    return [str(problem).removeprefix("lessons/en/07-gates.md:") for problem in read(text).problems]


def with_lab(*lines: str) -> str:
    return HEAD + "```yaml lab\n" + "\n".join(lines) + "\n```\n"


SHOW, TEXT = "show: [layers.0.lstm.f]", "text: x"


class TestWhole:
    lesson = read(WHOLE)

    def test_it_is_without_problems(self) -> None:
        assert self.lesson.problems == ()

    def test_front_matter(self) -> None:
        found = self.lesson
        assert (found.id, found.number, found.title) == ("gates", 7, "The gates")
        assert (found.question, found.summary, found.minutes) == ("What do gates buy?", "Step it.", 12)
        assert found.requires == ("first-steps", "rnn-cell")
        assert found.scene == "lstm/names?input=maria"

    def test_headings_have_slugs_of_their_own(self) -> None:
        assert [(head.level, head.text, head.slug) for head in self.lesson.headings] == [
            (1, "The gates: a c_t", "the-gates-a-c_t"),
            (2, "Forget gate", "forget-gate"),
            (2, "Forget gate", "forget-gate-1"),
        ]
        lines = self.lesson.text.split("\n")
        assert all(lines[head.line - 1].startswith("#") for head in self.lesson.headings)

    def test_blocks_know_their_lines(self) -> None:
        lines = self.lesson.text.split("\n")
        for block in self.lesson.blocks:
            assert lines[block.line - 1] == "```yaml lab"
            assert lines[block.end - 1] == "```"
            assert self.lesson.block(block.id) is block

    def test_a_block_starts_from_the_lessons_scene(self) -> None:
        first, second = self.lesson.blocks
        assert first.scene == "lstm/names?input=maria"
        assert first.show == ("layers.0.lstm.f", "output.probs")
        assert first.look == Look(4, "layers.0.lstm.f", 7)
        assert second.scene == "lstm/names?input=maria&hidden_size=32&force=layers.0.lstm.f:1"
        assert (second.text, second.caption, second.look) == ("Folded words.", "What to see", Look())

    def test_cues_stand_at_their_paragraph(self) -> None:
        (line,) = {cue.line for cue in self.lesson.cues}
        assert self.lesson.text.split("\n")[line - 1].startswith("Text with a [cue")
        assert self.lesson.cues == (
            Cue("step-gates", 4, "layers.0.lstm.f", 7, line),
            Cue("step-gates", -1, None, None, line),
        )

    def test_windows_line_ends_and_a_byte_order_mark_change_nothing(self) -> None:
        assert read("\ufeff" + WHOLE.replace("\n", "\r\n")) == self.lesson


class TestAnyMarkdown:
    @pytest.mark.parametrize(
        ("text", "title"),
        [
            ("", "07-gates"),
            ("just words", "07-gates"),
            ("# A *day* of `notes`\n\n$x$", "A day of notes"),
            ("## Second\n# First", "First"),
            ("---\nlayout: post\ntags: {a: 1}\ntitle: A blog\n---\n# Head", "A blog"),
            ("---\ntitle: [1, 2]\n---\n", "07-gates"),
            ("---\n: : [\n---\n# Head", "Head"),
            ("---\n# Head", "Head"),
            (
                '```python lab\nx\n```\n```js {1,3}\n```\n```yaml title="x"\n```\n```yaml compose\n```',
                "07-gates",
            ),
            ("[a](#nowhere) [b](#no-block)", "07-gates"),
        ],
    )
    def test_it_opens_with_a_title_and_without_problems(self, text: str, title: str) -> None:
        lesson = read(text)
        assert (lesson.title, lesson.problems, lesson.blocks, lesson.cues) == (title, (), (), ())

    @given(st.text(st.sampled_from("-:`#yaml lab\n[](?=&$>*\"'{}\t\u202e\x1b|!~_1é가")))
    def test_no_text_is_too_strange(self, text: str) -> None:
        for source in (text, HEAD + text, with_lab(text)):
            lesson = read(source)
            lines = lesson.text.split("\n")
            for problem in lesson.problems:
                assert 1 <= problem.line <= len(lines)
                assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
                assert "\n" not in str(problem)

    @given(st.text(st.characters()))
    def test_what_is_shown_is_printable(self, text: str) -> None:
        shown = read(text).text.replace("\n", "").replace("\t", "")
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
        shown.encode()

    def test_a_block_needs_no_front_matter_when_it_has_a_scene_of_its_own(self) -> None:
        lesson = read("# Mine\n\n" + LAB.replace("show:", "scene: lstm/names?input=zoe\nshow:"))
        assert [block.scene for block in lesson.blocks] == ["lstm/names?input=zoe"]
        assert lesson.problems == ()


class TestFrontMatter:
    def test_everything_that_has_to_be_there_is_named(self) -> None:
        assert said("---\nformat: 1\n---\n") == [
            f"2:1: the front matter has no {key} · write {key}: …"
            for key in ("id", "title", "question", "summary", "minutes")
        ]

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ("format: 1", "format: 2", "2:9: format 2 is newer than this seqtui · it reads format 1"),
            ("minutes", "minuts", "7:1: the front matter has no key 'minuts' · did you mean 'minutes'?"),
            ("minutes: 12", "minutes: twelve", "7:10: minutes is not a whole number from 1 to 120"),
            ("minutes: 12", "minutes: 12.5", "7:10: minutes is not a whole number from 1 to 120"),
            ("minutes: 12", "minutes: true", "7:10: minutes is not a whole number from 1 to 120"),
            ("id: gates", "id: The Gates", "3:5: id is not an id: small letters, digits and -"),
            ('"The gates"', "2024", '4:8: title is not text · write it in quotes: "…"'),
            ('"The gates"', "The: gates", "4:11: not YAML: mapping values are not allowed here"),
            ('"The gates"', '"The\n  gates"', "4:8: title has to stand on one line"),
            ("[first-steps, rnn-cell]", "\n  - a", "9:3: requires has to stand on one line"),
            ("[first-steps, rnn-cell]", "rnn-cell", "8:11: requires is not a list of names"),
            ("id: gates", "id: gates\nid: other", "4:1: id is given twice · first in line 3"),
            ("input=maria", "inptu=maria", "9:8: no key 'inptu' in lstm/names · did you mean 'input'?"),
            ("lstm/names", "lstmm/names", "9:8: no model 'lstmm' · did you mean 'lstm'?"),
            ("input=maria", "input=@/etc/passwd", "9:8: input=@/etc/passwd: a lesson reads no file"),
            ("id: gates", "id: &a gates", "3:5: a YAML anchor or alias"),
            ("id: gates", "id: !!str gates", "3:5: a YAML tag, tag:yaml.org,2002:str"),
            ('"The gates"', r'"The \e[31m gates"', "4:8: an escape for U+001B, which is not printable"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_place(self, old: str, new: str, problem: str) -> None:
        found = said(HEAD.replace(old, new))
        assert any(one.startswith(problem) for one in found), found

    def test_a_fault_is_said_once(self) -> None:
        assert said(HEAD.replace("[first-steps, rnn-cell]", "rnn-cell")) == [
            "8:11: requires is not a list of names · write requires: [one, two]"
        ]

    def test_one_that_does_not_end(self) -> None:
        assert said(HEAD.removesuffix("---\n")) == [
            "1:1: the front matter does not end · close it with --- on a line of its own"
        ]

    def test_live_blocks_need_one_of_ours(self) -> None:
        assert "2:1: the front matter has no format · write format: …" in said("---\nid: a\n---\n" + LAB)

    def test_yaml_is_1_2(self) -> None:
        lesson = read(HEAD.replace('"The gates"', "off").replace('"What do gates buy?"', "2024-01-01"))
        assert (lesson.title, lesson.question, lesson.problems) == ("off", "2024-01-01", ())


class TestLab:
    @pytest.mark.parametrize(
        ("lines", "problem"),
        [
            ((SHOW, TEXT), "12:1: a lab block has no id · write id: …"),
            (("id: a", TEXT), "12:1: a lab block has no show · write show: …"),
            (("id: a", SHOW), "12:1: a lab block has no text · write text: …"),
            (("id: a", SHOW, "text: ''"), '14:7: text is not text · write it in quotes: "…"'),
            (("id: a", SHOW, TEXT, "shwo: 1"), "15:1: a lab block has no key 'shwo' · did you mean 'show'?"),
            (
                ("id: A b", SHOW, TEXT),
                "12:5: id is not an id: small letters, digits and - · did you mean 'a-b'?",
            ),
            (("id: a", "show: layers.0.lstm.f", TEXT), "13:7: show is not a list of names"),
            (("id: a", "show: []", TEXT), "13:7: show names no signal"),
            (
                ("id: a", "show: [layers.0.lstm.f, layers.0.lstm.q]", TEXT),
                "13:25: lstm has no signal 'layers.0.lstm.q' · did you mean 'layers.0.lstm",
            ),
            (("id: a", "show: [output.probs, output.probs]", TEXT), "13:22: output.probs is shown twice"),
            (("id: a", SHOW, TEXT, "look: 4"), "15:7: look is not a list of key: value · write step: …"),
            (("id: a", SHOW, TEXT, "look: {stp: 4}"), "15:8: look has no key 'stp' · did you mean 'step'?"),
            (("id: a", SHOW, TEXT, "look: {step: -2}"), "15:14: step is not a whole number from -1"),
            (("id: a", SHOW, TEXT, "look: {unit: 2}"), "15:7: unit=2 names no signal"),
            (
                ("id: a", SHOW, TEXT, "look: {signal: layers.0.lstm.f, unit: 12}"),
                "15:16: layers.0.lstm.f has no unit 12 · units run from 0 to 11",
            ),
            (
                ("id: a", SHOW, TEXT, "look: {signal: layers.0.lstm.i}"),
                "15:16: layers.0.lstm.i is not shown in this block · add it to show, or take layers.0.lstm.f",
            ),
            (("id: a", SHOW, TEXT, "scene: hidden_size=999"), "15:8: hidden_size=999 is out of range"),
            (("id: a", SHOW, TEXT, "scene: hiden_size=9"), "15:8: no key 'hiden_size' in lstm/names"),
            (("id: a", SHOW, TEXT, "scene: gru/names"), "15:8: no model 'gru'"),
            (("id: a", SHOW, TEXT, "scene: [a]"), '15:8: scene is not text · write it in quotes: "…"'),
            (("id: a", SHOW, TEXT, "scene: input=@x"), "15:8: input=@x: a lesson reads no file"),
            (("- id: a",), "12:1: a lab block is not a list of key: value · write id: …"),
            (("id: [a",), "13:1: not YAML: expected ',' or ']'"),
            (("id: *a",), "12:5: a YAML anchor or alias · write the value where it is meant"),
            (("%YAML 1.1", "---", "id: a"), "13:1: a YAML directive"),
            (("id: a", "---", "id: b"), "13:1: a second YAML document"),
            (("? [a]", ": b"), "12:3: a key that is not a word"),
            ((r'id: "\UFFFFFFFF"',), "12:1: not YAML: an escape in quotes names no character"),
            (("id: " + "[" * 13,), "12:16: nested deeper than 12 levels"),
            (("id: a" + " " * 20_000,), "12:1: longer than 16 kB"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_place(self, lines: tuple[str, ...], problem: str) -> None:
        found = said(with_lab(*lines))
        assert found
        assert found[0].startswith(problem)

    def test_the_column_counts_the_fences_own_indent(self) -> None:
        found = said(HEAD + "  ```yaml lab\n  id: a\n  show: [layers.0.lstm.f]\n  text: x\n  shwo: 1\n  ```")
        assert found[0].startswith("15:3: a lab block has no key 'shwo'")

    def test_two_blocks_of_one_id(self) -> None:
        assert said(HEAD + LAB + LAB) == ["17:1: the id 'step-gates' is taken · it is the block in line 11"]

    @pytest.mark.parametrize("word", ["lba", "LAB", "labs", "predict"])
    def test_a_kind_that_there_is_not(self, word: str) -> None:
        assert said(f"{HEAD}```yaml {word}\nid: a\n```")[0].startswith(f"11:1: no block kind {word!r} · ")

    def test_a_near_miss_is_said_without_front_matter_too(self) -> None:
        assert said("```yaml lba\n```") == ["1:1: no block kind 'lba' · did you mean 'lab'?"]

    def test_words_after_the_kind(self) -> None:
        found = said(HEAD + LAB.replace("yaml lab", "yaml lab wide"))
        assert found == ["11:1: 'yaml lab wide' says more than its kind · give it keys below"]

    @pytest.mark.parametrize("mark", ["> ", "- "])
    def test_a_block_stands_on_its_own(self, mark: str) -> None:
        inside = "\n".join(
            (mark if mark == "> " or n == 0 else "  ") + line for n, line in enumerate(LAB.split("\n"))
        )
        lesson = read(HEAD + inside)
        assert lesson.blocks == ()
        assert str(lesson.problems[0]).endswith("a lab block stands in a list or a quote · put it on its own")

    def test_a_faulty_scene_of_the_lesson_is_one_problem_not_one_a_block(self) -> None:
        text = WHOLE.replace("lstm/names?input", "lstm/names?inptu")
        assert len(said(text)) == 1
        assert read(text).blocks == ()

    def test_a_block_with_a_whole_scene_stands_without_the_lessons(self) -> None:
        text = with_lab("id: a", SHOW, TEXT, "scene: lstm/names").replace("lstm/names?input", "x/names?input")
        assert [block.id for block in read(text).blocks] == ["a"]


class TestCues:
    @pytest.mark.parametrize(
        ("link", "problem"),
        [
            ("#step-gate?step=2", "no block 'step-gate' · did you mean 'step-gates'?"),
            ("#step-gates?stp=2", "a cue has no key 'stp' · did you mean 'step'?"),
            ("#step-gates?step=two", "step=two is not a whole number from -1 to 1000000"),
            ("#step-gates?step=-2", "step=-2 is not a whole number from -1 to 1000000"),
            ("#step-gates?step=1&step=2", "step is given twice"),
            ("#step-gates?step", "step has no value · write step=…"),
            ("#step-gates?", "nothing stands after ? · write step=…, signal=… or unit=…"),
            ("#step-gates?unit=2", "unit=2 names no signal · add signal=…"),
            ("#step-gates?signal=layers.0.lstm.x", "lstm has no signal 'layers.0.lstm.x'"),
            ("#step-gates?signal=layers.0.lstm.h", "layers.0.lstm.h is not shown in this block"),
            ("#step-gates?signal=layers.0.lstm.f&unit=12", "layers.0.lstm.f has no unit 12"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_place(self, link: str, problem: str) -> None:
        lesson = read(f"{HEAD}{LAB}\nSome *text*,\nthen [`words`]({link}) here.\n")
        (found,) = lesson.problems
        assert (found.line, found.column) == (19, 16)
        assert str(found).split(": ", 1)[1].startswith(problem)
        assert lesson.cues == ()

    def test_a_cue_to_a_faulty_block_is_not_a_second_problem(self) -> None:
        text = with_lab("id: a", SHOW, "txet: x") + "\n[see](#a?step=2)"
        assert [one.split(":")[0] for one in said(text)] == ["12", "14"]

    def test_cues_work_in_lists_tables_and_by_reference(self) -> None:
        lesson = read(
            f"{HEAD}{LAB}\n- [a](#step-gates?step=1)\n\n|[b](#step-gates?step=2)|\n|-|\n"
            "|[c](#step-gates?step=3)|\n\n[d][ref]\n\n[ref]: #step-gates?step=4\n"
        )
        assert [(cue.step, cue.line) for cue in lesson.cues] == [(1, 18), (2, 20), (3, 22), (4, 24)]
        assert lesson.problems == ()


class TestHostile:
    """Refused at its line, and before the parser has spent itself on it."""

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("$" + "x" * 10_000_000 + "$", "1:1: longer than 128 kB · split it into several files"),
            ("가" * 100_000, "1:1: longer than 128 kB"),
            ("words\n" + ">" * 10_000 + " deep", "2:1: nested deeper than 100 levels"),
            ("words\n" + "[" * 10_000, "2:1: nested deeper than 100 levels"),
            (with_lab("id: " + "[" * 10_000), "12:5: nested deeper than 100 levels"),
        ],
    )
    def test_too_much_is_refused_whole(self, text: str, problem: str) -> None:
        with pytest.raises(LessonError) as caught:
            read(text)
        assert str(caught.value).removeprefix("lessons/en/07-gates.md:").startswith(problem)

    @pytest.mark.parametrize(
        ("text", "problems"),
        [
            ("a\n\x1b[31mred\x07", ["2:1: U+001B is not printable · remove it"]),
            ("a \u202eb", ["1:3: U+202E is not printable · remove it"]),
            ("\n".join("  " * n + "- a" for n in range(12)), ["10:1: nested deeper than 20 levels"]),
        ],
    )
    def test_what_cannot_be_shown_is_said(self, text: str, problems: list[str]) -> None:
        assert [one[: len(problem)] for one, problem in zip(said(text), problems, strict=True)] == problems

    def test_there_is_an_end_to_problems(self) -> None:
        found = said("\x1b\n" * 50_000)
        assert len(found) == MAX_PROBLEMS + 1
        assert found[-1] == f"{MAX_PROBLEMS + 1}:1: more problems than are listed"

    def test_there_is_an_end_to_yaml(self) -> None:
        block = with_lab("id: a", SHOW, TEXT, "#" + "x" * 15_000).removeprefix(HEAD)
        found = said(HEAD + block * 6)
        assert "too much YAML in one file" in found[-1]


class TestFiles:
    def test_a_file_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "12-mine.md"
        path.write_text(WHOLE, encoding="utf-8")
        lesson = read_lesson(path, BOOK)
        assert (lesson.number, lesson.path, lesson.problems) == (12, str(path), ())

    def test_what_cannot_be_read_is_one_line(self, tmp_path: Path) -> None:
        latin, big = tmp_path / "latin.md", tmp_path / "big.md"
        latin.write_bytes("ok\nça".encode("latin-1"))
        big.write_bytes("é".encode() * 200_000)
        for path, problem in (
            (tmp_path / "none.md", "1:1: cannot be read: No such file or directory"),
            (tmp_path, "1:1: cannot be read: Is a directory"),
            (latin, "2:1: this is not UTF-8 · save the file as UTF-8"),
            (big, "1:1: longer than 128 kB · split it into several files"),
        ):
            with pytest.raises(LessonError) as caught:
                read_lesson(path, BOOK)
            assert str(caught.value) == f"{path}:{problem}"


def test_reading_a_lesson_needs_neither_textual_nor_torch() -> None:
    code = (
        "import sys, seqtui.course.lesson, seqtui.course.place; "
        "print({'textual', 'rich', 'torch', 'seqtui.tui'} & set(sys.modules))"
    )
    end = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert end.stdout == "set()\n"
