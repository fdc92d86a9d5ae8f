"""A lesson file as plain values: front matter, headings, live blocks, cues, and what is wrong with them.

Any markdown at all opens: without a front matter it is a text with a title and no live blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from markdown_it.token import Token

from seqtui.catalogue import Catalogue, catalogue
from seqtui.course.cue import Cue, read_cue
from seqtui.course.form import Form
from seqtui.course.index import front_matter, lesson_number
from seqtui.course.lab import Lab, Setting, check_point, lesson_scene, read_lab
from seqtui.course.located import MAX_LENGTH, Node, read_yaml
from seqtui.course.markdown import KINDS, MAX_LEVEL, kind_word, parser
from seqtui.course.problem import LocatedError, Report
from seqtui.course.source import cleaned, read_source
from seqtui.errors import LessonError, SceneError, nearest
from seqtui.scene import Scene, parse

FORMAT = 1
KEYS = ("format", "id", "title", "question", "summary", "minutes", "requires", "scene")
REQUIRED = ("format", "id", "title", "question", "summary", "minutes")
MAX_YAML = 4 * MAX_LENGTH
"""Characters of YAML in all blocks of a file together: what is read within a second."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading. slug: its name in a link, as GitHub makes it. line: from 1."""

    level: int
    text: str
    slug: str
    line: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """One file. text: its source as it is shown, \\n between lines. scene: the line its blocks start from.

    Without a front matter of ours id, question, summary and scene are "", minutes is 0. Blocks and cues
    that cannot be read are left out, and stand in problems.
    """

    path: str
    text: str
    title: str
    id: str = ""
    number: int | None = None
    question: str = ""
    summary: str = ""
    minutes: int = 0
    requires: tuple[str, ...] = ()
    scene: str = ""
    headings: tuple[Heading, ...] = ()
    blocks: tuple[Lab, ...] = ()
    cues: tuple[Cue, ...] = ()
    problems: tuple[LocatedError, ...] = ()

    def block(self, name: str) -> Lab | None:
        """The block of an id."""
        return next((block for block in self.blocks if block.id == name), None)


def read_lesson(path: Path | str, book: Catalogue | None = None) -> Lesson:
    """The lesson in a file; raises LessonError where it cannot be read, is too long, or is no text."""
    return parse_lesson(read_source(Path(path)), path, book)


def parse_lesson(text: str, path: Path | str, book: Catalogue | None = None) -> Lesson:
    """The lesson in a text. What is wrong is collected in `problems`, at its line and column.

    path: what messages call the file. Raises LessonError for a text that is too long or nested too deep.
    """
    report = Report(str(path))
    return _Reader(cleaned(text, report), report, book).lesson()


class _Reader:
    """Reads one file, top down."""

    def __init__(self, text: str, report: Report, book: Catalogue | None) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.report = report
        self._book = book
        self.tokens = parser().parse(text)
        self.yaml_left = MAX_YAML
        self.form: Form | None = None
        self.base: Scene | None = None
        self.required: tuple[str, ...] = ()
        self.blocks: list[Lab] = []
        self.seen: dict[str, int] = {}
        self.unread: set[str] = set()

    def lesson(self) -> Lesson:
        """All of it."""
        front = self.front_matter()
        headings = tuple(self.headings())
        for token in self.tokens:
            self.check(token)
            if token.type == "live_block":
                self.live_block(token)
        cues = tuple(self.cues())
        titles = (heading.text for heading in headings if heading.level == 1)
        return Lesson(
            path=self.report.path,
            text=self.text,
            title=front.get("title") or next(titles, "") or Path(self.report.path).stem,
            id=front.get("id", ""),
            number=lesson_number(self.report.path),
            question=front.get("question", ""),
            summary=front.get("summary", ""),
            minutes=(self.form and self.form.whole("minutes", 1, 120)) or 0,
            requires=self.required,
            scene=str(self.base) if self.base else "",
            headings=headings,
            blocks=tuple(self.blocks),
            cues=cues,
            problems=self.report.problems,
        )

    # ── front matter ──

    def front_matter(self) -> dict[str, str]:
        """The words of the front matter; sets `form` and `base` where it is one of ours."""
        token = next((token for token in self.tokens if token.type == "front_matter"), None)
        if token is None:
            if re.match(r"---[ \t]*\n(?:[^\n]*\n){0,20}?format[ \t]*:", self.text):
                self.report.add(
                    1, 1, "the front matter does not end", "close it with --- on a line of its own"
                )
            return {}
        one_line = front_matter(self.text)
        if "format" not in one_line and not self.is_live:
            title = one_line.get("title", "")
            return {"title": title} if isinstance(title, str) else {}
        node = self.yaml(token.content, 2, 1)
        if node is None:
            return {}
        self.form = Form(node, self.report, "the front matter", KEYS)
        self.form.require(*REQUIRED)
        self.check_format()
        words = {key: self.form.text(key) or "" for key in ("title", "question", "summary")}
        words["id"] = self.form.slug("id") or ""
        for key, value in words.items():
            if value and str(one_line.get(key)) != value:
                self.report.add(*self.form.at(key), f"{key} has to stand on one line", f'write {key}: "…"')
        required = self.form.texts("requires")
        self.required = tuple(name for name, _, _ in required or ())
        if required is not None and self.required != one_line.get("requires"):
            place = self.form.at("requires")
            self.report.add(*place, "requires has to stand on one line", "write requires: [one, two]")
        self.base = self.lesson_scene()
        return words

    @property
    def book(self) -> Catalogue:
        """The catalogue, read when the first scene asks for it."""
        return self._book or catalogue()

    @property
    def is_live(self) -> bool:
        """Whether there are live blocks: then the front matter must be ours."""
        return any(token.type == "live_block" for token in self.tokens)

    def check_format(self) -> None:
        """Whether this seqtui reads the file's format."""
        assert self.form is not None
        found = self.form.whole("format", 1, 1_000_000)
        if found is not None and found != FORMAT:
            place = self.form.at("format")
            self.report.add(*place, f"format {found} is newer than this seqtui", f"it reads format {FORMAT}")

    def lesson_scene(self) -> Scene | None:
        """What the blocks start from."""
        line = self.form.text("scene") if self.form else None
        if self.form is None or line is None:
            return None
        try:
            return lesson_scene(line, self.book)
        except SceneError as error:
            self.report.add_error(*self.form.at("scene"), error)
            return None

    # ── blocks ──

    def live_block(self, token: Token) -> None:
        """Read a block's YAML; ids are unique in a file."""
        assert token.map is not None
        first, last = token.map[0] + 1, token.map[1]
        indent = len(self.lines[first - 1]) - len(self.lines[first - 1].lstrip(" "))
        if len(token.info.split()) > 2:
            self.report.add(first, 1, f"{token.info.strip()!r} says more than its kind", "give it keys below")
        node = self.yaml(token.content, first + 1, indent + 1)
        if node is None:
            return
        faulty = self.form is not None and "scene" in self.form and self.base is None
        block = read_lab(node, (first, last), Setting(self.base, faulty, self.report, self.book))
        if block is None:
            named = node.value.get("id") if isinstance(node.value, dict) else None
            self.unread |= {str(named.value)} if named else set()
            return
        if block.id in self.seen:
            hint = f"it is the block in line {self.seen[block.id]}"
            self.report.add(first, 1, f"the id {block.id!r} is taken", hint)
            return
        self.seen[block.id] = first
        self.blocks.append(block)

    def yaml(self, text: str, line: int, column: int) -> Node | None:
        """A fence's YAML, as long as the file has not too much of it."""
        if len(text) > self.yaml_left:
            self.report.add(line, column, "too much YAML in one file", "split the lesson")
            return None
        self.yaml_left -= len(text)
        return read_yaml(text, line, column, self.report)

    def check(self, token: Token) -> None:
        """Note a fence that is nearly a live block, and what the parser leaves out."""
        line = token.map[0] + 1 if token.map else 1
        if token.level == MAX_LEVEL - 1 and token.type in ("blockquote_open", "list_item_open"):
            self.report.add(line, 1, f"nested deeper than {MAX_LEVEL} levels: what is inside is not shown")
        word = kind_word(token) if token.type == "fence" else ""
        if not re.fullmatch(r"[A-Za-z][A-Za-z-]*", word):
            return
        if word in KINDS:
            self.report.add(line, 1, f"a {word} block stands in a list or a quote", "put it on its own")
        elif self.form is not None or get_close_matches(word.lower(), KINDS, cutoff=0.6):
            self.report.add(line, 1, f"no block kind {word!r}", nearest(word.lower(), KINDS))

    # ── text ──

    def headings(self) -> Iterator[Heading]:
        """Every heading, with a slug that no other has."""
        taken: dict[str, int] = {}
        for token, inline in zip(self.tokens, self.tokens[1:], strict=False):
            if token.type != "heading_open" or token.map is None:
                continue
            text = "".join(child.content for child in inline.children or [] if child.type != "html_inline")
            slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
            count = taken.get(slug, 0)
            taken[slug] = count + 1
            slug = f"{slug}-{count}" if count else slug
            yield Heading(int(token.tag[1:]), text.strip(), slug, token.map[0] + 1)

    def cues(self) -> Iterator[Cue]:
        """Every link to a block. A link to a heading has no query and is left alone."""
        for token in self.tokens:
            if token.type != "inline" or token.map is None:
                continue
            first, last = token.map[0], token.map[1]
            offset = 0
            source = "\n".join(self.lines[first:last])
            for child in token.children or []:
                link = str(child.attrGet("href") or "") if child.type == "link_open" else ""
                if not link.startswith("#"):
                    continue
                found = source.find("(#", offset)
                offset = max(found, offset) + 1
                down = source.count("\n", 0, offset)
                column = offset - source.rfind("\n", 0, offset)
                cue = self.cue(link, first + 1, first + 1 + down, column)
                if cue is not None:
                    yield cue

    def cue(self, link: str, passage: int, line: int, column: int) -> Cue | None:
        """One cue, checked against its block."""
        try:
            cue = read_cue(link, passage)
            if cue is None:
                return None
            block = next((block for block in self.blocks if block.id == cue.block), None)
            if block is None:
                if "?" in link and cue.block not in self.unread:
                    raise LessonError(f"no block {cue.block!r}", nearest(cue.block, self.seen))
                return None
            check_point(parse(block.scene, self.book), block.show, cue.signal, cue.unit, self.book)
        except (LessonError, SceneError) as error:
            self.report.add_error(line, column, error)
            return None
        return cue
