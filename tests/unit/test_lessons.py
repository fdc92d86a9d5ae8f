"""Every shipped lesson: it can be read, its cues and formulas hold, and each number in it is computed."""

from __future__ import annotations

import re
from functools import cache

import pytest
from markdown_it.token import Token

from seqtui.course.cue import read_cue
from seqtui.course.index import LessonEntry, lessons
from seqtui.course.lesson import Lesson, read_lesson
from seqtui.course.markdown import parser
from seqtui.panels.inside import SHOWN
from seqtui.signals import Cell, explain_cell
from seqtui.tex import display, inline
from tests.unit.lesson_figures import (
    FIGURES,
    FORGET_NOTHING,
    LSTM,
    RNN,
    C,
    Figure,
    H,
    baseline,
    cell,
    forced,
    left,
    odds,
    parameters,
    part,
    push,
    score,
    total,
    trace,
)

ENTRIES = lessons()
IDS = [entry.id for entry in ENTRIES]
ALL = pytest.mark.parametrize("entry", ENTRIES, ids=IDS)

NUMBER = r"[−+]?\d[\d,]*(?:\.\d+)?"
NOTED = re.compile(rf"({NUMBER})(%?)")
CONSTANTS = {"120"}
"""Numbers that nothing computes: the columns from which the bench stands beside the text."""

MOST_WIDGETS = 90
MOST_COLUMNS = 50


@cache
def lesson(name: str) -> Lesson:
    """A lesson by its id."""
    return read_lesson(next(entry.path for entry in ENTRIES if entry.id == name))


@cache
def tokens(name: str) -> list[Token]:
    """What the page is made of."""
    return parser().parse(lesson(name).text)


def children(name: str) -> list[Token]:
    """What stands inside its paragraphs."""
    return [child for token in tokens(name) for child in token.children or []]


@cache
def prose(name: str) -> str:
    """What is read: the text without front matter, fences and the addresses of links, spaces made single."""
    lines = lesson(name).text.split("\n")
    for token in tokens(name):
        if token.type in ("front_matter", "live_block", "math_block", "fence") and token.map:
            first, last = token.map
            lines[first:last] = [""] * (last - first)
    return " ".join(re.sub(r"\]\([^)]*\)", "]", "\n".join(lines)).split())


def links(name: str) -> list[tuple[str, str]]:
    """The words and the address of every cue."""
    return re.findall(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\((#[^)]*)\)", lesson(name).text)


def printed(value: float, number: str, percent: str) -> str:
    """A value, written as precisely as `number` is, with its sign where it shows one."""
    places = len(number.partition(".")[2])
    text = f"{abs(value) * (100 if percent else 1):,.{places}f}"
    sign = "−" if value < 0 else "+" if number.startswith("+") else ""
    return sign + (text if "," in number else text.replace(",", ""))


# ── the file ──


@ALL
def test_a_lesson_parses_without_a_problem(entry: LessonEntry) -> None:
    assert [str(problem) for problem in lesson(entry.id).problems] == []


@ALL
def test_a_lesson_needs_only_lessons_that_come_before_it(entry: LessonEntry) -> None:
    assert set(entry.requires) <= set(IDS[: IDS.index(entry.id)])


def test_ids_and_numbers_are_unique() -> None:
    assert len(set(IDS)) == len(IDS)
    assert len({entry.number for entry in ENTRIES}) == len(IDS)


@ALL
def test_a_lesson_asks_one_question_and_says_how_long_it_takes(entry: LessonEntry) -> None:
    assert entry.question.count("?") == 1
    assert entry.minutes == 5 if entry.id == "first-steps" else 8 <= entry.minutes <= 15


@ALL
def test_a_page_is_at_most_ninety_widgets(entry: LessonEntry) -> None:
    kinds = {
        "inline": 1,
        "fence": 1,
        "math_block": 1,
        "live_block": 1,
        "hr": 1,
        "list_item_open": 1,
        "table_open": 1,
    }
    assert sum(kinds.get(token.type, 0) for token in tokens(entry.id)) <= MOST_WIDGETS


@ALL
def test_there_are_two_to_four_blocks_each_with_a_caption_and_a_text(entry: LessonEntry) -> None:
    blocks = lesson(entry.id).blocks
    assert 2 <= len(blocks) <= 4
    assert all(block.text and block.caption and block.look.signal for block in blocks)


@ALL
def test_every_other_lesson_that_is_linked_exists(entry: LessonEntry) -> None:
    linked = re.findall(r"\]\(([^)#]+\.md)\)", lesson(entry.id).text)
    assert all((entry.path.parent / path).is_file() for path in linked)


# ── formulas ──


@ALL
def test_every_formula_renders_within_fifty_columns(entry: LessonEntry) -> None:
    for token in tokens(entry.id):
        if token.type == "math_block":
            assert display(token.content.strip(), MOST_COLUMNS).width <= MOST_COLUMNS
    for child in children(entry.id):
        if child.type == "math_inline":
            inline(child.content)


@ALL
def test_no_inline_formula_holds_what_github_eats(entry: LessonEntry) -> None:
    inside = [child.content for child in children(entry.id) if child.type == "math_inline"]
    assert [tex for tex in inside if re.search(r"\\[{},;!\\]", tex)] == []


# ── cues and numbers ──


@ALL
def test_every_cue_and_every_look_goes_to_a_cell_that_exists(entry: LessonEntry) -> None:
    read = lesson(entry.id)
    places = [(block.id, block.look.step, block.look.signal, block.look.unit) for block in read.blocks]
    places += [(cue.block, cue.step, cue.signal, cue.unit) for cue in read.cues]
    for name, step, signal, unit in places:
        block = read.block(name)
        assert block is not None
        steps = trace(block.scene).steps
        assert step is None or 1 <= step <= steps
        if signal is not None:
            trace(block.scene)[signal].number((step or 1, unit or 0))


@ALL
def test_a_number_in_a_cue_is_the_number_of_its_cell(entry: LessonEntry) -> None:
    told = 0
    for words, address in links(entry.id):
        cue = read_cue(address)
        assert cue is not None
        block = lesson(entry.id).block(cue.block)
        assert block is not None
        if cue.signal is not None:
            assert cue.step is not None
            for number in re.findall(r"[−+]?\d+\.\d+", words):
                found = cell(block.scene, cue.signal, cue.step, cue.unit or 0)
                assert number == printed(found, number, ""), words
                told += 1
        for letter, number in re.findall(r"\*?([a-z›])\*? ([\d.]+)%", words):
            assert cue.step is not None
            assert number == printed(odds(block.scene, cue.step, letter), number, "%"), words
            told += 1
    assert told


@pytest.mark.parametrize("figure", FIGURES, ids=[f"{f.lesson}: {f.phrase}" for f in FIGURES])
def test_a_number_in_the_prose_is_what_is_computed(figure: Figure) -> None:
    found = pattern(figure).search(prose(figure.lesson))
    assert found, f"{figure.lesson} does not say: {figure.phrase}"
    values = figure.values()
    percents = [rest.startswith("%") for rest in figure.phrase.split("#")[1:]]
    assert len(values) == len(percents) == len(found.groups())
    for value, number, percent in zip(values, found.groups(), percents, strict=True):
        assert number == printed(value, number, "%" * percent)


@ALL
def test_no_number_in_the_prose_is_left_unchecked(entry: LessonEntry) -> None:
    text = prose(entry.id)
    checked: set[int] = set()
    for words, _ in links(entry.id):
        for found in re.finditer(re.escape(" ".join(words.split())), text):
            checked |= set(range(*found.span()))
    for figure in FIGURES:
        if figure.lesson == entry.id:
            for found in pattern(figure).finditer(text):
                checked |= set(range(*found.span()))
    large = re.compile(r"\.|,|\d{3}")
    loose = [
        found[0]
        for found in NOTED.finditer(text)
        if (large.search(found[1].rstrip(",")) or found[2]) and found[1].rstrip(",") not in CONSTANTS
        if found.start() not in checked
    ]
    assert loose == []


def pattern(figure: Figure) -> re.Pattern[str]:
    """What a figure's phrase looks like with numbers in it."""
    return re.compile(f"({NUMBER})".join(re.escape(text) for text in figure.phrase.split("#")))


@ALL
def test_what_a_block_says_of_itself_holds_no_number_that_could_grow_stale(entry: LessonEntry) -> None:
    for block in lesson(entry.id).blocks:
        assert not re.search(r"\d\.\d|\d%", block.text + block.caption)


# ── what the prose says in words ──


def groups(line: str, signal: str, step: int, unit: int) -> list[str]:
    """What the lines of Inside are about, from the top."""
    return [part.group for part in explain_cell(trace(line), Cell(signal, (step, unit))).parts]


def test_the_letters_that_are_said_to_lead_do() -> None:
    for step, letter in ((3, "r"), (4, "i"), (6, "›")):
        assert odds(LSTM, step, letter) == trace(LSTM)["output.probs"].at(step).max()


def test_inside_opens_as_the_lessons_say() -> None:
    assert groups(LSTM, "layers.0.lstm.f", 3, 9)[0] == "input"
    top = explain_cell(trace(RNN), Cell(H, (6, 10))).parts
    assert top[0] == part(RNN, H, 6, 10, "state", 8)
    assert "input" not in groups(RNN, H, 6, 10)[:SHOWN]
    letter = push(RNN, H, 5, 8, "input")
    assert abs(letter) > abs(total(RNN, H, 5, 8) - letter)


def test_unit_10_is_one_of_the_three_largest_votes_for_the_end() -> None:
    votes = trace(RNN).weight("output.weight")[0] * trace(RNN)[H].at(6)
    assert 10 in votes.argsort()[-3:]


def test_forcing_f_makes_the_right_letter_likelier_and_the_score_worse() -> None:
    assert odds(FORGET_NOTHING, 3, "r") > odds(LSTM, 3, "r")
    assert forced("f:1") > baseline("bigram") > score("lstm/names")


def test_forced_gates_stand_to_the_baselines_as_the_lesson_says() -> None:
    assert forced("i:1") < baseline("bigram") < min(forced("f:0"), forced("f:1"))
    assert forced("o:1") > baseline("letter counts")
    assert forced("i:0") == forced("o:0")


def test_the_lstm_is_ahead_by_little_and_keeps_far_more() -> None:
    for knob in ("", "?hidden_size=64"):
        assert score(f"lstm/names{knob}") < score(f"rnn/names{knob}")
        assert left(f"lstm/names{knob}", C, 4) > 2 * left(f"rnn/names{knob}", H, 4)
    assert 2.5 < parameters("lstm/names?hidden_size=64") / parameters("rnn/names?hidden_size=64") < 3.5
