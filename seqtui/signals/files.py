"""A Trace as a file: .npz for machines, JSON for everybody."""

from __future__ import annotations

import io
import json
import math
import types
import typing
import zipfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from seqtui.errors import StateError
from seqtui.signals.recipe import KINDS, Recipe
from seqtui.signals.signal import Array, Signal, Trace

FORMAT = 1


def to_plain(value: Any) -> Any:
    """A recipe, or a part of one, as JSON's own types."""
    if isinstance(value, Recipe):
        return {"kind": value.kind, **{f.name: to_plain(getattr(value, f.name)) for f in fields(value)}}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    return [to_plain(item) for item in value] if isinstance(value, tuple) else value


def recipe_from_plain(plain: Mapping[str, Any]) -> Recipe:
    """The recipe that `to_plain` wrote."""
    recipe: Recipe = _build(KINDS[plain["kind"]], {k: v for k, v in plain.items() if k != "kind"})
    return recipe


def _build(kind: Any, plain: Any) -> Any:
    """Plain data as what an annotation names: a dataclass, a tuple of them, or itself."""
    if isinstance(kind, types.UnionType):
        return None if plain is None else _build(next(k for k in kind.__args__ if k is not type(None)), plain)
    if typing.get_origin(kind) is tuple:
        arguments = typing.get_args(kind)
        if arguments[-1] is Ellipsis:
            return tuple(_build(arguments[0], item) for item in plain)
        return tuple(_build(k, item) for k, item in zip(arguments, plain, strict=True))
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: _build(hints[name], item) for name, item in plain.items()})  # type: ignore[operator]
    return plain


def _finite(value: Any) -> Any:
    """Nested lists with NaN and infinities as strings, which JSON has no numbers for."""
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _rounded(values: Array) -> Any:
    """Nested lists of the shortest decimals that read back to the same numbers."""
    if values.dtype in (np.float16, np.float32):
        flat = [float(str(number)) for number in values.ravel()]
        return _finite(np.array(flat, dtype=np.float64).reshape(values.shape).tolist())
    return _finite(values.tolist())


def to_json(trace: Trace) -> str:
    """The trace as JSON: scene, tokens, and each signal's axes and values; steps 1…T."""
    signals = {}
    for name, signal in trace.items():
        entry: dict[str, Any] = {"axes": list(signal.axes), "values": _rounded(signal.values)}
        if signal.initial is not None:
            entry["initial"] = _rounded(signal.initial)
        signals[name] = entry
    content = {
        "scene": trace.scene,
        "tokens": list(trace.tokens),
        "targets": list(trace.targets),
        "notes": list(trace.notes),
        "vocabulary": list(trace.vocabulary),
        "signals": signals,
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def header(trace: Trace) -> dict[str, Any]:
    """All of a trace but its arrays, as JSON's own types."""
    signals = {
        name: {
            "axes": list(signal.axes),
            "range": signal.range,
            "symbol": signal.symbol,
            "formula": signal.formula,
            "recipe": to_plain(signal.recipe),
        }
        for name, signal in trace.items()
    }
    return {
        "format": FORMAT,
        "scene": trace.scene,
        "tokens": list(trace.tokens),
        "targets": list(trace.targets),
        "vocabulary": list(trace.vocabulary),
        "weights_hash": trace.weights_hash,
        "notes": list(trace.notes),
        "signals": signals,
    }


def arrays(trace: Trace) -> dict[str, Array]:
    """The arrays of a trace by a key each: `values/NAME`, `initial/NAME`, `fixed/NAME`, and `ids`."""
    found: dict[str, Array] = {"ids": trace.ids}
    for name, signal in trace.items():
        found[f"values/{name}"] = signal.values
        if signal.initial is not None:
            found[f"initial/{name}"] = signal.initial
        if signal.fixed is not None:
            found[f"fixed/{name}"] = signal.fixed
    return found


def assemble(head: Mapping[str, Any], found: Mapping[str, Array], weights: Mapping[str, Array]) -> Trace:
    """The trace whose `header`, `arrays` and weights these are."""
    signals = {
        name: Signal(
            name=name,
            values=found[f"values/{name}"],
            axes=tuple(entry["axes"]),
            range=entry["range"],
            symbol=entry["symbol"],
            formula=entry["formula"],
            recipe=recipe_from_plain(entry["recipe"]),
            initial=found.get(f"initial/{name}"),
            fixed=found.get(f"fixed/{name}"),
        )
        for name, entry in head["signals"].items()
    }
    return Trace(
        scene=head["scene"],
        tokens=tuple(head["tokens"]),
        ids=found["ids"],
        vocabulary=tuple(head["vocabulary"]),
        signals=signals,
        weights=weights,
        weights_hash=head["weights_hash"],
        targets=tuple(head["targets"]),
        notes=tuple(head["notes"]),
    )


def save(trace: Trace, path: Path | BinaryIO, *, weights: bool = True) -> None:
    """Write .npz; with `weights=False` the weights are only named by their hash.

    The archive is written with fixed dates, so that the same trace is the same file.
    """
    found = arrays(trace)
    if weights:
        found |= {f"weights/{key}": value for key, value in trace.weights.items()}
    text = json.dumps(header(trace)).encode()
    found["header"] = np.frombuffer(text, dtype=np.uint8)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, value in found.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(value), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue())


def load(path: Path, *, weights: Mapping[str, Array] | None = None) -> Trace:
    """Read what `save` wrote; `weights` stands in for those that the file only names.

    Raises StateError for a file that is not a trace, or one of another format.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = {key: archive[key] for key in archive.files}
        head = json.loads(found.pop("header").tobytes())
        if head["format"] != FORMAT:
            raise StateError(f"{path.name} has format {head['format']}", f"this seqtui reads format {FORMAT}")
        own = {key.removeprefix("weights/"): v for key, v in found.items() if key.startswith("weights/")}
        return assemble(head, found, own or weights or {})
    except StateError:
        raise
    except Exception as error:  # a damaged archive fails in a dozen ways, all of which mean this
        raise StateError(f"{path.name} is not a trace that this seqtui can read", str(error)) from error
