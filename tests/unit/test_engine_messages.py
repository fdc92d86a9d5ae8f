"""What is said between the processes arrives as it was said, and what cannot be read is one error."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from seqtui.engine import messages as say
from seqtui.engine.echo import Echo
from seqtui.engine.port import Cancelled, Generated, Progress, Replaced, Score
from seqtui.errors import EngineError, InputError, SceneError, SeqtuiError
from seqtui.signals import Array, Trace

dtypes = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(),
    hnp.unsigned_integer_dtypes(),
    hnp.floating_dtypes(sizes=(16, 32, 64)),
)
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
lines = st.text(max_size=40)


def carried(frames: Iterator[bytearray]) -> list[say.Answer]:
    """Frames read back from a stream, as the other side reads them."""
    stream = io.BytesIO(b"".join(bytes(frame) for frame in frames))
    found = []
    while (body := say.read_body(stream)) is not None:
        found.append(say.answer(body))
    return found


def arrived(frames: Iterator[bytearray], known: dict[str, dict[str, Array]] | None = None) -> Trace:
    """The trace whose frames these are."""
    *pieces, last = carried(frames)
    assert isinstance(last, say.Traced)
    return say.trace_from(last, [p.content for p in pieces if isinstance(p, say.Piece)], known)


def same(one: Array, other: Array) -> bool:
    """Equal to the last bit, NaN and −0 included."""
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


@given(hnp.arrays(dtypes, shapes))
def test_arrays_of_any_shape_and_dtype_round_trip_to_the_bit(array: Array) -> None:
    assert same(say.unpack(say.pack(array)), array)


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6)))
def test_transposed_and_strided_arrays_round_trip(array: Array) -> None:
    for view in (array.T, array[::-1], array[:, ::2]):
        assert same(say.unpack(say.pack(view)), np.ascontiguousarray(view))


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (3, 0), (1,)])
def test_scalars_and_empty_arrays_keep_their_shape(shape: tuple[int, ...]) -> None:
    assert say.unpack(say.pack(np.zeros(shape, dtype=np.float32))).shape == shape


def test_an_array_of_objects_cannot_travel_in_either_direction() -> None:
    with pytest.raises(say.FrameError):
        say.pack(np.array([object()]))
    for dtype in ("|O", "V8", "no such", "m8[s]"):
        with pytest.raises(say.FrameError):
            say.unpack(say.Packed(dtype, (1,), b"12345678"))


@pytest.mark.parametrize(
    "packed",
    [
        say.Packed("<f4", (2,), b"1234"),
        say.Packed("<f4", (-1, -1), b"1234"),
        say.Packed("<f4", (1,), b"123"),
        say.Packed("<f4", (2**40, 2**40), b"1234"),
        say.Packed("<f4", (1,), b"", pieces=1),
    ],
)
def test_an_array_whose_bytes_do_not_fit_its_shape_is_an_error(packed: say.Packed) -> None:
    with pytest.raises(say.FrameError):
        say.unpack(packed)


numbers = st.integers(1, 2**53)
requests = st.one_of(
    st.builds(say.Hello, st.integers(0, 99), lines),
    st.builds(say.AskTrace, numbers, lines, st.lists(lines, max_size=3).map(tuple)),
    st.builds(say.AskSnapshot, numbers, lines, lines, st.integers(0, 2**31)),
    st.builds(say.AskScore, numbers, lines),
    st.builds(say.AskGenerate, numbers, lines, st.integers(0, 999), st.floats(0, 9), numbers),
    st.builds(say.AskTrain, numbers, lines, st.none() | st.floats(0, 1e6)),
    st.builds(
        say.Steer,
        numbers,
        lines,
        st.none() | st.booleans(),
        st.booleans(),
        st.dictionaries(lines, st.floats(0, 9)),
    ),
    st.builds(say.AskSave, numbers, lines, lines),
    st.builds(say.Cancel, numbers, st.integers(0, 99)),
)


@given(requests)
def test_every_request_round_trips(request: say.Request) -> None:
    body = say.read_body(io.BytesIO(say.frame(request)))
    assert body is not None
    assert say.request(body) == request


@pytest.mark.parametrize(
    "answer",
    [
        say.Hello(1, "0.1.0"),
        say.Ready(),
        say.Scored(3, Score(2.87, 3000, "bits a letter")),
        say.Wrote(4, Generated(("a", "‹"), (0.5, 0.25), True)),
        say.Progressed(5, Progress("r", "running", 1, 2, 0.5, 3.0, samples=("민수",), snapshots=(1, 2))),
        say.Working(6, "training first"),
        say.Done(7),
        say.Failed(8, "SceneError", "no model", "did you mean"),
        say.Ended("undecodable", "a frame"),
        say.Piece(9, b"\x00\xff"),
    ],
)
def test_every_answer_round_trips(answer: say.Answer) -> None:
    assert carried(iter([say.frame(answer)])) == [answer]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_a_frame_error_and_nothing_else(noise: bytes) -> None:
    for read in (say.request, say.answer):
        try:
            message = read(noise)
        except say.FrameError:
            continue
        assert message == read(bytes(say.frame(message)[say.PREFIX :]))


@given(st.binary(max_size=64))
def test_a_stream_that_ends_inside_a_frame_has_no_more_frames(rest: bytes) -> None:
    cut = (len(rest) + 1).to_bytes(say.PREFIX, "little") + rest
    assert say.read_body(io.BytesIO(cut)) is None


def test_a_frame_above_the_limit_is_refused_by_reader_and_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(say.FrameError):
        say.read_body(io.BytesIO((say.FRAME_LIMIT + 1).to_bytes(say.PREFIX, "little")))
    monkeypatch.setattr(say, "FRAME_LIMIT", 100)
    with pytest.raises(say.FrameError):
        say.frame(say.Piece(1, bytes(101)))


def echoed(scene: str) -> Trace:
    """A trace to send."""
    return Echo().trace(scene, lambda text: None)


@given(st.text(max_size=30), st.integers(0, 4))
def test_a_trace_arrives_whole(letters: str, seed: int) -> None:
    sent = echoed(f"echo/bytes?input={letters.replace('%', '').replace('&', '')}&seed={seed}")
    found = arrived(say.traced_frames(1, sent, ()))
    assert (found.scene, found.tokens, found.vocabulary) == (sent.scene, sent.tokens, sent.vocabulary)
    assert found["embedding.x"].recipe == sent["embedding.x"].recipe
    assert same(found["embedding.x"].values, sent["embedding.x"].values)
    assert same(found.weights["embedding.weight"], sent.weights["embedding.weight"])


def test_weights_that_are_known_are_not_sent() -> None:
    sent = echoed("echo/bytes?input=abc")
    whole = b"".join(say.traced_frames(1, sent, ()))
    named = b"".join(say.traced_frames(1, sent, (sent.weights_hash,)))
    assert len(whole) - len(named) >= sent.weights["embedding.weight"].nbytes
    known = {sent.weights_hash: dict(sent.weights)}
    found = arrived(say.traced_frames(1, sent, (sent.weights_hash,)), known)
    assert found.weights["embedding.weight"] is sent.weights["embedding.weight"]
    with pytest.raises(say.FrameError):
        arrived(say.traced_frames(1, sent, (sent.weights_hash,)))


def test_weights_without_a_hash_are_always_sent() -> None:
    sent = echoed("echo/bytes?input=abc")
    nameless = Trace(sent.scene, sent.tokens, sent.ids, sent.vocabulary, sent.signals, sent.weights)
    assert set(arrived(say.traced_frames(1, nameless, ("",))).weights) == {"embedding.weight"}


@pytest.mark.parametrize("piece", [1, 7, 100, 1000])
def test_a_trace_larger_than_a_piece_travels_in_pieces(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(say, "PIECE", piece)
    sent = echoed("echo/bytes?input=abcdefgh")
    frames = [bytes(frame) for frame in say.traced_frames(1, sent, ())]
    assert len(frames) > 2
    found = arrived(bytearray(frame) for frame in frames)
    assert same(found["embedding.x"].values, sent["embedding.x"].values)
    assert same(found.weights["embedding.weight"], sent.weights["embedding.weight"])


def test_a_trace_with_a_part_missing_is_a_frame_error() -> None:
    (answer,) = carried(say.traced_frames(1, echoed("echo/bytes"), ()))
    assert isinstance(answer, say.Traced)
    for head, arrays in (
        ({}, answer.arrays),
        (answer.head, {}),
        (answer.head | {"signals": 3}, answer.arrays),
    ):
        with pytest.raises(say.FrameError):
            say.trace_from(say.Traced(1, head, arrays, answer.weights))


@pytest.mark.parametrize("kind", [SceneError, InputError, EngineError, Replaced, Cancelled])
def test_an_error_arrives_as_the_error_that_it_was(kind: type[SeqtuiError]) -> None:
    found = say.error_from(say.failure(1, kind("no model 'lstn'", "did you mean 'lstm'?")))
    assert type(found) is kind
    assert (found.message, found.hint) == ("no model 'lstn'", "did you mean 'lstm'?")


def test_an_error_of_an_unknown_kind_is_an_engine_error() -> None:
    assert type(say.error_from(say.Failed(1, "Invented", "x"))) is EngineError
