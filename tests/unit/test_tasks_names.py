"""The names task: its split, what of a learner's text it reads, its loss, its score and its baselines."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor

from seqtui.errors import InputError
from seqtui.models import MODELS
from seqtui.tasks import TASKS, Encoded
from seqtui.tasks.names import LETTERS, NOTHING, Names, as_batch, split
from seqtui.tasks.romanise import romanise

TASK = Names()


def read(text: str) -> str:
    return "".join(TASK.encode(text).tokens[1:])


def encoded_or_line(text: str) -> Encoded | str:
    try:
        return TASK.encode(text)
    except InputError as error:
        return str(error)


def evenly(ids: Tensor) -> Tensor:
    return torch.zeros(*ids.shape, 27)


# ── the names ──


def test_there_are_5163_names_and_500_of_them_are_never_taught() -> None:
    unseen, seen = split()
    assert len(unseen) == TASK.held_out == 500
    assert len(seen) == 5163 - 500
    assert len(set(unseen) | set(seen)) == 5163
    assert all(set(name) <= set(LETTERS) for name in unseen + seen)
    assert {"mary", "james"} <= set(unseen + seen)


def test_batches_hold_training_names_alone_and_repeat_with_their_generator() -> None:
    _, seen = split()
    first, again = (TASK.batch(Generator().manual_seed(7), 256) for _ in range(2))
    assert torch.equal(first.inputs, again.inputs)
    assert torch.equal(first.targets, again.targets)
    for inputs, targets in zip(first.inputs.tolist(), first.targets.tolist(), strict=True):
        name = [place for place in targets if place > 0]
        assert "".join(LETTERS[place - 1] for place in name) in set(seen)
        assert inputs[: len(name) + 1] == [0, *name]
        assert targets == [*name, 0] + [NOTHING] * (len(targets) - len(name) - 1)
    assert not torch.equal(first.inputs, TASK.batch(Generator().manual_seed(8), 256).inputs)


# ── a learner's text ──


def test_maria_reads_six_inputs_and_should_say_its_letters_and_the_end() -> None:
    encoded = TASK.encode("maria")
    assert encoded.tokens == ("‹", "m", "a", "r", "i", "a")
    assert encoded.targets == ("m", "a", "r", "i", "a", "›")
    assert encoded.ids.tolist() == [0, 13, 1, 18, 9, 1]
    assert encoded.notes == ()


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Zoë", "zoe"),
        ("Zoe\u0308", "zoe"),
        ("Łukasz", "lukasz"),
        ("Þóra", "thora"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("ﬁona", "fiona"),
        ("Ａｎｎａ", "anna"),
        ("민수", "minsu"),
        ("ANNA", "anna"),
    ],
)
def test_names_fold_to_a_z_and_one_note_says_so(text: str, letters: str) -> None:
    assert read(text) == letters
    assert TASK.encode(text).notes == (f"{text} → {letters}",)


@pytest.mark.parametrize(
    ("text", "letters", "left_out"),
    [
        ("Ünwörld 🤖", "unworld", "(space, 🤖)"),
        ("[/x]", "x", "([, /, ])"),
        ("[PAD]", "pad", "([, ])"),
        ("ann4", "ann", "(4)"),
        ("a\x1bb", "ab", "(U+001B)"),
        ("Maria Мария", "maria", "(space, М, а, р, …)"),
    ],
)
def test_what_cannot_be_read_is_left_out_with_one_note(text: str, letters: str, left_out: str) -> None:
    encoded = TASK.encode(text)
    assert "".join(encoded.tokens[1:]) == letters
    assert len(encoded.notes) == 1
    assert encoded.notes[0].endswith(left_out)
    assert encoded.notes[0].isprintable()


@pytest.mark.parametrize("text", ["🤖", "123", "Мария", "\x07", "½", "[/]", "\u0301", "\u200d", "‹"])
def test_a_text_without_a_letter_is_one_clear_line(text: str) -> None:
    with pytest.raises(InputError, match="there is no letter to read") as caught:
        TASK.encode(text)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_nothing_at_all_reads_the_mark_alone(text: str) -> None:
    encoded = TASK.encode(text)
    assert (encoded.tokens, encoded.ids.tolist(), encoded.targets) == (("‹",), [0], ("",))


def test_five_thousand_letters_are_read() -> None:
    encoded = TASK.encode("ab" * 2500)
    assert len(encoded.tokens) == len(encoded.ids) == len(encoded.targets) == 5001


@given(st.text())
def test_any_text_is_read_or_is_one_clear_line(text: str) -> None:
    encoded = encoded_or_line(text)
    if isinstance(encoded, str):
        assert encoded.isprintable()
        return
    assert len(encoded.tokens) == len(encoded.ids) == len(encoded.targets)
    assert encoded.tokens[0] == "‹"
    assert set(encoded.tokens[1:]) <= set(LETTERS)
    assert [TASK.vocabulary[i] for i in encoded.ids.tolist()] == list(encoded.tokens)
    assert len(encoded.notes) <= 1
    assert all(note.isprintable() for note in encoded.notes)


@given(st.text(alphabet=LETTERS))
def test_letters_are_read_as_they_are(text: str) -> None:
    assert (read(text), TASK.encode(text).notes) == (text, ())


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [
        ("민수", "minsu"),
        ("김정은", "gimjeongeun"),
        ("석인", "seogin"),
        ("복남", "boknam"),
        ("달래", "dallae"),
        ("한글", "hangeul"),
        ("영어", "yeongeo"),
        ("없음", "eopseum"),
        ("왕십리", "wangsipri"),
        ("희원", "huiwon"),
        ("ㅋㅋ", "kk"),
        ("ㅏ", "a"),
    ],
)
def test_hangul_is_written_by_the_revised_romanization(hangul: str, latin: str) -> None:
    assert romanise(hangul) == latin


def test_hangul_in_separate_jamo_is_composed_first() -> None:
    assert romanise("\u1106\u1175\u11ab\u1109\u116e") == "minsu"


@given(st.text(alphabet=st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1))
def test_every_syllable_has_a_spelling_in_letters(text: str) -> None:
    assert set(romanise(text)) <= set(LETTERS)
    assert len(romanise(text)) >= len(text)


# ── loss, score, baselines ──


def test_the_score_is_bits_a_letter_with_the_end_mark_and_without_what_fills_up() -> None:
    unseen, _ = split()
    assert TASK.score(evenly) == pytest.approx(math.log2(27), rel=1e-5)

    def knows_the_end(ids: Tensor) -> Tensor:
        logits = torch.full((*ids.shape, 27), -1e9)
        logits[:, 0, 1] = 0  # a after the mark
        logits[:, 1:, 0] = 0
        return logits

    assert float(TASK.loss(knows_the_end, as_batch(["a"]))) == pytest.approx(0, abs=1e-6)
    letters = sum(len(name) + 1 for name in unseen)
    assert int((TASK._held_out.targets != NOTHING).sum()) == letters


def test_interventions_score_by_their_own_forward() -> None:
    model = MODELS["markov"].build(MODELS["markov"].config(), 27)
    assert TASK.score(model, evenly) == pytest.approx(math.log2(27), rel=1e-5)


def test_baselines_are_counted_from_the_training_names() -> None:
    found = TASK.baselines()
    assert list(found) == ["uniform", "letter counts", "bigram"]
    assert found["uniform"] == pytest.approx(4.755, abs=0.001)
    assert found["letter counts"] == pytest.approx(4.04, abs=0.01)
    assert found["bigram"] == pytest.approx(3.37, abs=0.005)
    assert TASK.card_facts.fair in found


def test_samples_are_words_that_repeat_with_their_generator() -> None:
    model = MODELS["markov"].build(MODELS["markov"].config(), 27)
    model.fit(*TASK.everything())  # type: ignore[operator]
    first, again = (TASK.samples(model, Generator().manual_seed(3), 5) for _ in range(2))
    assert first == again
    assert len(first) == 5
    assert all(set(word) <= set(LETTERS) and len(word) <= 20 for word in first)
    assert len(set(first)) > 1


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_six_examples_that_it_can_read_without_a_word(name: str) -> None:
    task = TASKS[name]()
    assert len(task.card_facts.examples) >= 6
    for example in task.card_facts.examples:
        assert task.encode(example).notes == ()
