"""What may be said between the two processes, and how it travels: length-prefixed msgpack.

A frame is four bytes of length, little-endian, and as many bytes of msgpack. Arrays are raw bytes with
their dtype and shape. What is too large for one frame goes ahead of its answer in pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Literal

import msgspec
import numpy as np

from seqtui.engine.port import Generated, Progress, Score
from seqtui.errors import EngineError, SeqtuiError
from seqtui.signals import Array, Trace
from seqtui.signals.files import arrays, assemble, header

PROTOCOL = 1
"""Goes up by one whenever a message changes its meaning."""

FRAME_LIMIT = 256 * 2**20
"""Bytes; a longer frame is a mistake, never a message."""

PIECE = 8 * 2**20
"""Bytes of arrays that an answer carries itself; the rest goes ahead of it, this much at a time."""

NO_PIECES: Iterator[bytes] = iter(())

PREFIX = 4
"""Bytes of a frame's length."""

NUMBERS = frozenset("biuf")
"""Kinds of dtype that may travel: truth values, whole numbers and floating point."""


class FrameError(EngineError):
    """A frame is too long, is not msgpack, or says what is not in this file."""


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """An array: raw bytes in C order; with `pieces`, they came ahead in so many pieces."""

    dtype: str
    shape: tuple[int, ...]
    content: bytes
    pieces: int = 0


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first frame each way: who is speaking."""

    protocol: int
    version: str


# ---- from the screens to the worker ---------------------------------------------------------------


class AskTrace(msgspec.Struct, frozen=True, tag="trace"):
    """known: hashes of the weights that the asker holds and that need not be sent."""

    id: int
    scene: str
    known: tuple[str, ...] = ()


class AskSnapshot(msgspec.Struct, frozen=True, tag="snapshot"):
    """A trace with the weights of a run after some steps."""

    id: int
    scene: str
    run: str
    step: int
    known: tuple[str, ...] = ()


class AskScore(msgspec.Struct, frozen=True, tag="score"):
    """A score over held-out data."""

    id: int
    scene: str


class AskGenerate(msgspec.Struct, frozen=True, tag="generate"):
    """Tokens after the input."""

    id: int
    scene: str
    length: int
    temperature: float
    seed: int


class AskTrain(msgspec.Struct, frozen=True, tag="train"):
    """A stream of Progressed, then Done."""

    id: int
    scene: str
    seconds: float | None = None


class Steer(msgspec.Struct, frozen=True, tag="steer"):
    """Pause, go on, stop, or turn a live knob of a run."""

    id: int
    run: str
    pause: bool | None = None
    stop: bool = False
    live: dict[str, float] = {}


class AskSave(msgspec.Struct, frozen=True, tag="save"):
    """Write a run's newest weights."""

    id: int
    run: str
    path: str


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Drop what waits and stop what runs: one request, or with `only` 0 every one."""

    id: int
    only: int = 0


Ask = AskTrace | AskSnapshot | AskScore | AskGenerate | AskTrain | Steer | AskSave | Cancel
Request = Hello | Ask


# ---- from the worker to the screens ---------------------------------------------------------------


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The worker has imported all it needs and begins to answer."""


class Piece(msgspec.Struct, frozen=True, tag="piece"):
    """Bytes of an array of the answer `id`, in order, ahead of it."""

    id: int
    content: bytes


class Traced(msgspec.Struct, frozen=True, tag="traced"):
    """A Trace: all but its arrays, its arrays, and its weights unless the asker holds them."""

    id: int
    head: dict[str, Any]
    arrays: dict[str, Packed]
    weights: dict[str, Packed] | None = None


class Scored(msgspec.Struct, frozen=True, tag="scored"):
    """A score."""

    id: int
    score: Score


class Wrote(msgspec.Struct, frozen=True, tag="wrote"):
    """What a model wrote."""

    id: int
    generated: Generated


class Progressed(msgspec.Struct, frozen=True, tag="progressed"):
    """A training run at one moment; more will follow."""

    id: int
    progress: Progress


class Working(msgspec.Struct, frozen=True, tag="working"):
    """The answer takes longer, and this is why: a sign of life with a sentence."""

    id: int
    text: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    """It is done, and there is nothing more to say."""

    id: int


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """An error, by the name of its class."""

    id: int
    kind: str
    message: str
    hint: str = ""


LastWord = Literal["undecodable", "version", "broken"]


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The worker's last words."""

    reason: LastWord
    message: str


Reply = Piece | Traced | Scored | Wrote | Progressed | Working | Done | Failed
Answer = Hello | Ready | Ended | Reply

_ENCODER = msgspec.msgpack.Encoder()
_REQUESTS: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_ANSWERS: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


# ---- frames -----------------------------------------------------------------------------------------


def frame(message: Request | Answer) -> bytearray:
    """A message as it travels; raises FrameError above the limit."""
    found = bytearray(PREFIX)
    _ENCODER.encode_into(message, found, PREFIX)
    length = len(found) - PREFIX
    if length > FRAME_LIMIT:
        raise FrameError(f"a message of {length / 2**20:.0f} MB is above {FRAME_LIMIT // 2**20} MB")
    found[:PREFIX] = length.to_bytes(PREFIX, "little")
    return found


def body_length(prefix: bytes) -> int:
    """How many bytes follow; raises FrameError above the limit."""
    length = int.from_bytes(prefix, "little")
    if length > FRAME_LIMIT:
        raise FrameError(f"a frame of {length / 2**20:.0f} MB is above {FRAME_LIMIT // 2**20} MB")
    return length


def request(body: bytes) -> Request:
    """The request in a frame; raises FrameError."""
    try:
        return _REQUESTS.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise FrameError(f"a frame that is not a request: {error}") from error


def answer(body: bytes) -> Answer:
    """The answer in a frame; raises FrameError."""
    try:
        return _ANSWERS.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise FrameError(f"a frame that is not an answer: {error}") from error


def read_body(stream: BinaryIO) -> bytes | None:
    """The next frame of a blocking stream; None where it ends, be it inside a frame."""
    prefix = stream.read(PREFIX)
    if len(prefix) < PREFIX:
        return None
    length = body_length(prefix)
    body = stream.read(length)
    return body if len(body) == length else None


# ---- arrays and traces ------------------------------------------------------------------------------


def pack(array: Array) -> Packed:
    """An array whole, any shape and stride; raises FrameError for what is not numbers."""
    if array.dtype.kind not in NUMBERS:
        raise FrameError(f"an array of {array.dtype} cannot travel")
    return Packed(array.dtype.str, array.shape, array.tobytes())


def unpack(packed: Packed, ahead: Iterator[bytes] = NO_PIECES) -> Array:
    """The array, read-only; `ahead` gives the pieces that came before. Raises FrameError."""
    try:
        dtype = np.dtype(packed.dtype)
        if dtype.kind not in NUMBERS:
            raise FrameError(f"an array of {dtype} cannot travel")
        content = b"".join(next(ahead) for _ in range(packed.pieces)) if packed.pieces else packed.content
        return np.frombuffer(content, dtype=dtype).reshape(packed.shape)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise FrameError(f"an array that cannot be read: {error}") from error


def traced_frames(number: int, trace: Trace, known: Sequence[str]) -> Iterator[bytearray]:
    """A Trace as frames: the pieces of what is large, then Traced. Weights that are known stay here."""
    room = PIECE
    packed: dict[str, Packed] = {}
    lent = trace.weights_hash != "" and trace.weights_hash in known
    every = [(f"trace/{key}", value) for key, value in arrays(trace).items()]
    every += [] if lent else [(f"weights/{key}", value) for key, value in trace.weights.items()]
    for key, value in every:
        whole = pack(np.asarray(value))
        if len(whole.content) <= room:
            room -= len(whole.content)
            packed[key] = whole
            continue
        parts = range(0, len(whole.content), PIECE)
        for start in parts:
            yield frame(Piece(number, whole.content[start : start + PIECE]))
        packed[key] = Packed(whole.dtype, whole.shape, b"", len(parts))
    own = {key.removeprefix("trace/"): value for key, value in packed.items() if key.startswith("trace/")}
    weights = {key.removeprefix("weights/"): v for key, v in packed.items() if key.startswith("weights/")}
    yield frame(Traced(number, header(trace), own, None if lent else weights))


def trace_from(
    traced: Traced, ahead: Sequence[bytes] = (), known: Mapping[str, Mapping[str, Array]] | None = None
) -> Trace:
    """The Trace of an answer; raises FrameError where its parts do not fit together."""
    pieces = iter(ahead)
    try:
        found = {key: unpack(value, pieces) for key, value in traced.arrays.items()}
        if traced.weights is None:
            weights: Mapping[str, Array] = (known or {})[traced.head["weights_hash"]]
        else:
            weights = {key: unpack(value, pieces) for key, value in traced.weights.items()}
        return assemble(traced.head, found, weights)
    except (KeyError, TypeError, AttributeError, StopIteration) as error:
        raise FrameError(f"a trace whose parts do not fit together: {error!r}") from error


# ---- errors -----------------------------------------------------------------------------------------


def _kinds(root: type[SeqtuiError]) -> Iterator[tuple[str, type[SeqtuiError]]]:
    yield root.__name__, root
    for kind in root.__subclasses__():
        yield from _kinds(kind)


def failure(number: int, error: SeqtuiError) -> Failed:
    """An error as an answer."""
    return Failed(number, type(error).__name__, error.message, error.hint)


def error_from(failed: Failed) -> SeqtuiError:
    """The error of an answer; a class that is not known here is an EngineError."""
    return dict(_kinds(SeqtuiError)).get(failed.kind, EngineError)(failed.message, failed.hint)
