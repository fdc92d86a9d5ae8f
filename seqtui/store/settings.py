"""config.toml: theme, glyphs, language and keymap. A key that there is not is an error, never ignored."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from seqtui.errors import StateError, nearest
from seqtui.store.folders import config_folder

Glyphs = Literal["colour", "glyph", "ascii"]
GLYPHS: tuple[Glyphs, ...] = ("colour", "glyph", "ascii")
KEYS = ("theme", "glyphs", "language", "keymap")


@dataclass(frozen=True, slots=True)
class Config:
    """The learner's settings.

    theme: a theme's name, "" is the app's own. glyphs: colours, shades of ` ░▒▓█`, or ASCII alone.
    language: a folder of the lessons. keymap: a binding's id → the key that does it.
    """

    theme: str = ""
    glyphs: Glyphs = "colour"
    language: str = "en"
    keymap: Mapping[str, str] = field(default_factory=dict)

    def check_keymap(self, known: Iterable[str]) -> None:
        """Raises StateError where the keymap names a binding that there is not."""
        ids = set(known)
        for binding in self.keymap:
            if binding not in ids:
                raise StateError(f"config.toml: keymap names no binding {binding!r}", nearest(binding, ids))

    def check_theme(self, known: Iterable[str]) -> None:
        """Raises StateError where the theme is none of the known ones."""
        themes = set(known)
        if self.theme and self.theme not in themes:
            raise StateError(f"config.toml: theme = {self.theme!r} is not known", nearest(self.theme, themes))


def load_config(path: Path | None = None) -> Config:
    """The settings in config.toml, the defaults where there is no such file; NO_COLOR asks for glyphs.

    Raises StateError naming the file, the key, and the nearest valid one.
    """
    path = path or config_folder() / "config.toml"
    found = _tables(path)
    for key in found:
        if key not in KEYS:
            raise StateError(f"{path}: no setting {key!r}", nearest(key, KEYS))
    glyphs = _text(path, found, "glyphs", "colour")
    if glyphs not in GLYPHS:
        raise StateError(f"{path}: glyphs = {glyphs!r} is not known", nearest(glyphs, GLYPHS))
    if os.environ.get("NO_COLOR") and glyphs == "colour":
        glyphs = "glyph"
    return Config(
        theme=_text(path, found, "theme", ""),
        glyphs=cast(Glyphs, glyphs),
        language=_text(path, found, "language", "en"),
        keymap=_keymap(path, found.get("keymap", {})),
    )


def _tables(path: Path) -> dict[str, object]:
    """The file as TOML; empty where there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise StateError(f"{path} cannot be read: {reason}") from None
    import tomllib  # most have no settings file, and need not wait for its parser

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = re.search(r" \(at line (\d+), column (\d+)\)", message)
        where = f":{place[1]}:{place[2]}" if place else ""
        what = message[: place.start()] if place else message
        raise StateError(f"{path}{where}: {what}", 'the file is TOML: key = "value"') from None


def _text(path: Path, found: Mapping[str, object], key: str, default: str) -> str:
    value = found.get(key, default)
    if not isinstance(value, str):
        raise StateError(f"{path}: {key} = {value!r} is not text", f'write {key} = "{default or "…"}"')
    return value


def _keymap(path: Path, table: object) -> dict[str, str]:
    if not isinstance(table, dict):
        raise StateError(f"{path}: keymap is not a table", 'write [keymap] and below it binding-id = "key"')
    for binding, key in table.items():
        if not isinstance(key, str) or not key.strip():
            raise StateError(
                f"{path}: keymap.{binding} = {key!r} is not a key", f'write {binding} = "ctrl+x"'
            )
    return {str(binding): key for binding, key in table.items()}
