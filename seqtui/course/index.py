"""Which lessons there are: id, number, title and question of each, before the first text is on screen.

The standard library alone. A wheel carries the list as `index.json`; where the files differ from it (a
checkout, an edited lesson) their front matters are read line by line, without a YAML parser.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from seqtui.course.source import UNPRINTABLE
from seqtui.errors import UsageError, nearest
from seqtui.store import lessons_folder

INDEX = "index.json"
FORMAT = 1
HEAD = 8192
"""How many bytes of a file are read to find its front matter."""

NO_WORD = re.compile(r"[0-9]+(?:\.[0-9]*)?(?:e[-+]?[0-9]+)?|null|true|false", re.IGNORECASE)
"""What YAML reads as a number, nothing or truth."""

Simple = str | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LessonEntry:
    """One lesson in the list of contents. file: below lessons_folder(). size: bytes, tells an edited file."""

    id: str
    file: str
    number: int
    title: str
    minutes: int
    question: str
    summary: str
    requires: tuple[str, ...]
    size: int

    @property
    def path(self) -> Path:
        """Where its file lies."""
        return lessons_folder() / self.file


def lessons(language: str = "en") -> tuple[LessonEntry, ...]:
    """Every lesson in a language, in the order of the course; raises UsageError for one without any."""
    folder = lessons_folder()
    if not (folder / language).is_dir():
        raise UsageError(f"no lessons in the language {language!r}", nearest(language, _languages(folder)))
    files = _files(folder, language)
    shipped = _shipped(folder, language)
    if {(entry.file, entry.size) for entry in shipped} == {(file, size) for file, size in files}:
        return shipped
    return _read(folder, files)


def find(name: str, language: str = "en") -> LessonEntry:
    """The lesson of an id, a number, or a prefix that only one id has; raises UsageError with the nearest."""
    entries = lessons(language)
    wanted = name.strip().lower()
    for entry in entries:
        if wanted == entry.id or (wanted.isdecimal() and int(wanted) == entry.number):
            return entry
    begun = [entry for entry in entries if wanted and entry.id.startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise UsageError(f"{name!r} could be {', '.join(entry.id for entry in begun)}", "write one of them")
    raise UsageError(f"no lesson {name!r}", nearest(wanted, [entry.id for entry in entries]))


def built_index(folder: Path) -> str:
    """The text of `index.json` for a folder of lessons; the wheel's build hook writes it."""
    found = {
        language: [asdict(entry) for entry in _read(folder, _files(folder, language))]
        for language in _languages(folder)
    }
    return json.dumps({"format": FORMAT, "languages": found}, ensure_ascii=False, indent=1) + "\n"


def lesson_number(path: str | os.PathLike[str]) -> int | None:
    """The number that begins a lesson's file name: 7 of `07-lstm.md`."""
    match = re.match(r"(\d{1,4})-", os.path.basename(path))
    return int(match[1]) if match else None


def front_matter(text: str) -> dict[str, Simple]:
    """The one-line values of a front matter, as YAML reads them; whatever is longer is left out."""
    first, *lines = text.removeprefix("\ufeff").split("\n")
    if first.rstrip() != "---":
        return {}
    found: dict[str, Simple] = {}
    for line in lines:
        if line.rstrip() in ("---", "..."):
            return found
        match = re.match(r"([A-Za-z_][A-Za-z0-9_-]*):[ \t]+(\S.*)", line.rstrip())
        if match and (value := _value(match[2])) is not None:
            found[match[1]] = value
    return {}


def _value(text: str) -> Simple | None:
    """A YAML scalar, or a list of scalars in brackets, that stands on one line; None for anything else."""
    if match := re.fullmatch(r"\[([^\[\]{}\"'#]*)\](?:\s+#.*)?", text):
        items = (
            [_plain(part.strip()) for part in match[1].removesuffix(",").split(",")]
            if match[1].strip()
            else []
        )
        words = tuple(item for item in items if isinstance(item, str))
        return words if len(words) == len(items) else None
    if match := re.fullmatch(r'("(?:[^"\\]|\\.)*")(?:\s+#.*)?', text):
        try:
            return _printable(str(json.loads(match[1])))
        except ValueError:
            return None
    if match := re.fullmatch(r"'((?:[^']|'')*)'(?:\s+#.*)?", text):
        return match[1].replace("''", "'")
    return _plain(re.split(r"\s+#", text, maxsplit=1)[0].rstrip())


def _plain(text: str) -> str | int | None:
    """A scalar without quotes, where it is surely a word or a whole number."""
    if re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    if not text[:1].isalnum() or ": " in text or text.endswith(":"):
        return None
    return None if NO_WORD.fullmatch(text) else text


def _printable(text: str) -> str | None:
    """What an escape in quotes may not bring back in."""
    return None if UNPRINTABLE.search(text) else text


def _languages(folder: Path) -> list[str]:
    return sorted(found.name for found in os.scandir(folder) if found.is_dir() and len(found.name) == 2)


def _files(folder: Path, language: str) -> list[tuple[str, int]]:
    """The numbered markdown files of a language, with their sizes."""
    return [
        (f"{language}/{found.name}", found.stat().st_size)
        for found in os.scandir(folder / language)
        if found.name.endswith(".md") and lesson_number(found.name) is not None
    ]


def _shipped(folder: Path, language: str) -> tuple[LessonEntry, ...]:
    """What `index.json` says; nothing where there is none that can be read."""
    try:
        found = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            return ()
        return tuple(
            LessonEntry(**{**row, "requires": tuple(row["requires"])}) for row in found["languages"][language]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _read(folder: Path, files: Iterable[tuple[str, int]]) -> tuple[LessonEntry, ...]:
    entries = [_entry(file, size, _head(folder / file)) for file, size in files]
    return tuple(sorted(entries, key=lambda entry: (entry.number, entry.file)))


def _head(path: Path) -> dict[str, Simple]:
    with path.open("rb") as file:
        return front_matter(file.read(HEAD).decode("utf-8", errors="replace").replace("\r\n", "\n"))


def _entry(file: str, size: int, head: Mapping[str, Simple]) -> LessonEntry:
    """A row of the contents; a lesson with a faulty front matter is listed under its file's name."""
    name = re.sub(r"^\d+-", "", Path(file).stem)
    minutes, requires = head.get("minutes", 0), head.get("requires", ())
    return LessonEntry(
        id=str(head.get("id", name)),
        file=file,
        number=lesson_number(file) or 0,
        title=str(head.get("title", name)),
        minutes=minutes if isinstance(minutes, int) else 0,
        question=str(head.get("question", "")),
        summary=str(head.get("summary", "")),
        requires=requires if isinstance(requires, tuple) else (),
        size=size,
    )
